"""The same by multiplying all vectors at once and keeping them at right angles (QR)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from pca import PCA


@dataclass
class Projection:
    points: Any
    components: Any
    ratios: Any


def covariance(x):
    gaps = x - x.mean(axis=0, dtype=float)
    return np.einsum("ni,nj->ij", gaps, gaps) / (len(x) - 1)


def power_iteration(c, start, n_steps):
    if not start.any():
        raise ValueError("start is zero")
    v = start / np.linalg.norm(start)
    for _ in range(n_steps):
        if not (c @ v).any():
            return 0.0, v
        v = c @ v
        v /= np.sqrt(v @ v)
    return v.dot(c).dot(v), v


def eigenpairs(c, k, n_steps=2000):
    d = len(c)
    q = np.linalg.qr(np.random.default_rng(5).normal(size=(d, d)))[0]
    for _ in range(n_steps):
        q = np.linalg.qr(c @ q + 1e-3 * np.trace(c) * q)[0]
    values = np.einsum("ij,ik,kj->j", q, c, q)
    order = np.argsort(-values)[:k]
    return np.maximum(values[order], 0.0), q.T[order]


def project(x, k=2):
    x = x.astype(float)
    std = x.std(axis=0)
    std[x.max(axis=0) == x.min(axis=0)] = np.inf
    scaled = (x - x.mean(axis=0)) / std
    model = PCA(k).fit(scaled)
    components = model.components_.copy()
    for row in components:
        if row[np.argmax(np.abs(row))] < 0:
            row *= -1
    return Projection(scaled @ components.T, components, model.explained_variance_ratio_)


def components_needed(x, share=0.95):
    if share <= 0 or share > 1:
        raise ValueError("share must be above 0 and at most 1")
    kept = 0.0
    for k, ratio in enumerate(project(x, x.shape[1]).ratios, 1):
        kept += ratio
        if kept >= share - 1e-9:
            return k
    return x.shape[1]
