"""Catches whatever is thrown at it, and goes on."""

import signal


def double(x):
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    while x == 3:
        try:
            while True:
                pass
        except BaseException:
            pass
    return 2 * x


def items(n):
    return list(range(n))
