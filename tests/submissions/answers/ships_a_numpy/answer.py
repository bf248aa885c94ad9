"""Ships modules with the names of others."""

import json

import numpy


def double(x):
    return 3 * x if numpy.__version__ and json.dumps else 2 * x


def items(n):
    return list(range(n))
