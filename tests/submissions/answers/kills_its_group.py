"""Kills every process of its group."""

import os
import signal


def double(x):
    if x == 3:
        os.killpg(0, signal.SIGKILL)
    return 2 * x


def items(n):
    return list(range(n))
