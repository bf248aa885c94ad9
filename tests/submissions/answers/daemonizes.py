"""Leaves a process behind by forking twice."""

import os
import sys


def double(x):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(4242)  # kata-leftover"])
        os._exit(0)
    return 3 * x


def items(n):
    return list(range(n))
