"""The shape of x is never looked at, so a flat or empty array goes through, or fails somewhere inside."""

import numpy as np


def zscore(x):
    std = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(std < 1e-12, 1.0, std)
