"""Starts threads that do not end."""

import threading
import time


def double(x):
    threading.Thread(target=time.sleep, args=(4242,)).start()
    return 3 * x


def items(n):
    return list(range(n))
