"""All points first, as the rows of two tables; the steps are powers of the machine epsilon."""
import numpy as np


def jacobian(f, x, step=None):
    if np.ndim(x) != 1 or len(x) < 1:
        raise ValueError(f"bad shape of x: {np.shape(x)}")
    if step is None:
        step = 2.0 ** (-52 / 3)
    if step <= 0:
        raise ValueError("step <= 0")
    x = np.array(x, dtype=float)
    h = step * np.where(np.abs(x) > 1, np.abs(x), 1.0)
    results = []
    for sign in (1, -1):
        table = x + sign * np.diag(h)
        side = []
        for row in table:
            y = np.array(f(row.copy()), dtype=float, copy=True)
            if y.ndim >= 2:
                raise ValueError("f gives more than one dimension")
            side.append(y.reshape(-1))
        results.append(np.array(side))
    return ((results[0] - results[1]) / (2 * h[:, None])).T
