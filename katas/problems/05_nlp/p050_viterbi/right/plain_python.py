"""Plain loops over lists, with math.log."""
import math

import numpy as np


def viterbi(observations, start, transition, emission):
    def log(p):
        return math.log(p) if p > 0 else -math.inf

    k, m = emission.shape
    symbols = [int(o) for o in observations]
    if any(not 0 <= o < m for o in symbols):
        raise IndexError("symbol")
    steps = [[log(p) for p in row] for row in transition.tolist()]
    shows = [[log(p) for p in row] for row in emission.tolist()]
    best = [log(p) + shows[i][symbols[0]] for i, p in enumerate(start.tolist())]
    pointers = []
    for o in symbols[1:]:
        pointer, after = [], []
        for j in range(k):
            i = max(range(k), key=lambda i: best[i] + steps[i][j])
            pointer.append(i)
            after.append(best[i] + steps[i][j] + shows[j][o])
        pointers.append(pointer)
        best = after
    state = max(range(k), key=best.__getitem__)
    total = best[state]
    if total == -math.inf:
        raise ValueError("impossible")
    path = [state]
    for pointer in reversed(pointers):
        state = pointer[state]
        path.append(state)
    return np.array(path[::-1]), total
