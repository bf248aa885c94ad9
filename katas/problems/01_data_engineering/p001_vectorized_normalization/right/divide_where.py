"""Divides only where there is something to divide by."""
import numpy as np


def zscore(x):
    if x.ndim != 2:
        raise ValueError(f"x must have 2 dimensions, not {x.ndim}")
    if x.shape[0] < 1:
        raise ValueError("x needs at least one row")
    table = np.array(x, dtype=np.float64)
    varied = np.ptp(table, axis=0) > 0
    table -= table.mean(axis=0, keepdims=True)
    spread = np.sqrt(np.einsum("ij,ij->j", table, table) / len(table))
    return np.divide(table, spread, out=np.zeros_like(table), where=np.broadcast_to(varied, table.shape))
