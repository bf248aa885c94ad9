"""All points first, as the rows of two tables."""
import numpy as np


def jacobian(f, x, step=6e-6):
    if np.ndim(x) != 1 or not step > 0:
        raise ValueError(f"x of shape {np.shape(x)}, step {step}")
    x = np.array(x, dtype=float)
    h = step * np.where(np.abs(x) > 1, np.abs(x), 1.0)
    ahead, behind = (
        np.array([np.array(f(row.copy()), dtype=float).reshape(-1) for row in x + moves])
        for moves in (np.diag(h), -np.diag(h))
    )
    return ((ahead - behind) / (2 * h[:, None])).T
