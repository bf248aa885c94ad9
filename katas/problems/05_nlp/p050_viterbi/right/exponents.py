"""Probabilities themselves, as a fraction and an exponent of 2 of any size."""

from math import frexp, log

import numpy as np


class Prob:
    """mantissa * 2**exponent; the exponent is an int, so it never underflows."""

    def __init__(self, value, exponent=0):
        mantissa, more = frexp(value)
        self.key = (mantissa > 0, exponent + more if mantissa > 0 else 0, mantissa)

    def times(self, p):
        possible, exponent, mantissa = self.key
        return Prob(mantissa * p, exponent) if possible and p > 1e-200 else self._careful(p)

    def _careful(self, p):
        possible, exponent, mantissa = self.key
        other, more = frexp(p)
        return Prob(mantissa * other, exponent + more)

    def log(self):
        _, exponent, mantissa = self.key
        return log(mantissa) + exponent * log(2)


def viterbi(observations, start, transition, emission):
    symbols = [int(o) for o in observations]
    k, m = len(start), len(emission[0])
    if any(not 0 <= o < m for o in symbols):
        raise IndexError("no such symbol")
    start, transition, emission = start.tolist(), transition.tolist(), emission.tolist()
    column = [Prob(start[i]).times(emission[i][symbols[0]]) for i in range(k)]
    pointers = []
    for o in symbols[1:]:
        new, came = [], []
        for j in range(k):
            ways = [column[i].times(transition[i][j]) for i in range(k)]
            i = max(range(k), key=lambda i: ways[i].key)
            came.append(i)
            new.append(ways[i].times(emission[j][o]))
        column = new
        pointers.append(came)
    state = max(range(k), key=lambda i: column[i].key)
    if not column[state].key[0]:
        raise ValueError("impossible")
    answer = column[state].log()
    path = [state]
    for came in reversed(pointers):
        path.append(came[path[-1]])
    return np.array(path[::-1]), answer
