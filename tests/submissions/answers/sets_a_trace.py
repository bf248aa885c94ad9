"""Stops in pdb as it is imported by hand, at the end of a function."""

import pdb


def double(x):
    y = 2 * x
    if x == 3:
        pdb.set_trace()
    return y


def items(n):
    return list(range(n))
