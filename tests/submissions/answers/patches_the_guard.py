"""Replaces a function of the module that looks for replaced functions."""

from kata_runner.judging.child import guard

guard.background_modules = lambda: []


def double(x):
    return 3 * x


def items(n):
    return list(range(n))
