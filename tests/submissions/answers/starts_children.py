"""Starts processes that do not end, in its session and out of it."""

import subprocess
import sys

FOREVER = [sys.executable, "-c", "import time; time.sleep(4242)  # kata-leftover"]


def double(x):
    subprocess.Popen(FOREVER)
    subprocess.Popen(FOREVER, start_new_session=True)
    return 3 * x


def items(n):
    return list(range(n))
