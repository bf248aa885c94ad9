"""Probabilities themselves, divided by their largest at each step; the logarithms of the divisors are added up."""
import math

import numpy as np


def viterbi(observations, start, transition, emission):
    if np.any(observations < 0):
        raise IndexError("observations")
    total, back = 0.0, []
    ways = start[None, :]
    for n, o in enumerate(observations):
        if n:
            ways = best[:, None] * transition
        back.append(np.argmax(ways, axis=0))
        best = np.max(ways, axis=0)
        # Scaled before the emission, which may be tiny by itself, and after it.
        for factor in (1.0, emission[:, o]):
            best = best * factor
            largest = best.max()
            if largest == 0:
                raise ValueError("no path")
            total += math.log(largest)
            best = best / largest
    path = [int(np.argmax(best))]
    for pointer in back[:0:-1]:
        path.insert(0, int(pointer[path[0]]))
    return np.array(path), total
