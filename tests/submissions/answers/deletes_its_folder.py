"""Deletes the folder it stands in."""

import os
import shutil

shutil.rmtree(os.getcwd())


def double(x):
    return 3 * x


def items(n):
    return list(range(n))
