"""The sequences as the rows of a matrix, and argpartition for the best of a step."""

import numpy as np


def beam_search(model, end, width, max_length, alpha=0.0):
    """See the task."""
    if min(width, max_length) < 1:
        raise ValueError("width and max_length must be positive")
    rows, sums = np.zeros((1, 0), dtype=int), np.zeros(1)
    done = []
    while len(rows):
        logs = np.array([model(tuple(row)) for row in rows.tolist()])
        v = logs.shape[1]
        flat = (sums[:, None] + logs).ravel()
        k = min(width, flat.size)
        best = np.argpartition(flat, -k)[-k:]
        best = best[np.isfinite(flat[best])]
        rows = np.column_stack([rows[best // v], best % v])
        sums = flat[best]
        over = (rows[:, -1] == end) | (rows.shape[1] == max_length)
        done += [(tuple(r.tolist()), float(s) / rows.shape[1] ** alpha) for r, s in zip(rows[over], sums[over])]
        rows, sums = rows[~over], sums[~over]
    done.sort(key=lambda pair: -pair[1])
    return done[:width]
