"""Kills itself by a signal."""

import os
import signal


def double(x):
    if x == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * x


def items(n):
    return list(range(n))
