"""Pretends that the learner pressed Ctrl-C."""


def double(x):
    raise KeyboardInterrupt


def items(n):
    return list(range(n))
