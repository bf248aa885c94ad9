"""For a diagonal matrix the values are put in order, but the columns stay the identity: with the larger value below, each column belongs to the other value."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure


def _same_length(a, b):
    if len(a) != len(b):
        raise ValueError("a and b differ in length")


def add(a, b):
    """a + b."""
    _same_length(a, b)
    return [x + y for x, y in zip(a, b)]


def dot(a, b):
    """a · b."""
    _same_length(a, b)
    total = 0
    for x, y in zip(a, b):
        total += x * y
    return total


def _width(m, name):
    width = len(m[0])
    for row in m:
        if len(row) != width:
            raise ValueError(f"the rows of {name} differ in length")
    return width


def matmul(a, b):
    """A B."""
    if _width(a, "a") != len(b):
        raise ValueError("a must have as many columns as b has rows")
    _width(b, "b")
    columns = list(zip(*b))
    return [[dot(row, column) for column in columns] for row in a]


def _vectors(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim != 1 or b.ndim != 1:
        raise ValueError("a and b must be one-dimensional")
    _same_length(a, b)
    return a, b


def add_np(a, b):
    """a + b."""
    a, b = _vectors(a, b)
    return a + b


def dot_np(a, b):
    """a · b."""
    a, b = _vectors(a, b)
    return a @ b


def matmul_np(a, b):
    """A B."""
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError("a and b must be two-dimensional")
    if a.shape[1] != b.shape[0]:
        raise ValueError("a must have as many columns as b has rows")
    return a @ b


def rotate(v, angle):
    """Turn."""
    v = np.asarray(v, dtype=np.float64)
    c, s = math.cos(angle), math.sin(angle)
    return v @ np.array([[c, s], [-s, c]])


def scale(v, sx, sy):
    """Stretch."""
    v = np.asarray(v, dtype=np.float64)
    return v * np.array([sx, sy])


def project(v, onto):
    """Nearest points on a line."""
    v, onto = np.asarray(v, dtype=np.float64), np.asarray(onto, dtype=np.float64)
    if not onto.any():
        raise ValueError("onto must not be the zero vector")
    unit = onto / np.hypot(*onto)
    return (v @ unit)[..., None] * unit


def draw_transformations(v, angle, sx, sy, onto):
    """Five lines."""
    figure = Figure()
    axes = figure.subplots()
    tips = {"v": v, "rotated": rotate(v, angle), "scaled": scale(v, sx, sy), "onto": onto, "projected": project(v, onto)}
    for label, tip in tips.items():
        axes.plot([0, float(tip[0])], [0, float(tip[1])], label=label)
    axes.set_aspect("equal")
    axes.legend()
    return figure


def _direction(m, value):
    """A vector of length 1 that m - value turns to 0."""
    (a, b), (c, d) = m
    first, second = np.array([b, value - a]), np.array([value - d, c])
    best = first if np.linalg.norm(first) >= np.linalg.norm(second) else second
    return best / np.linalg.norm(best)


def eigen_2x2(m):
    """Eigenvalues and eigenvectors."""
    m = np.asarray(m)
    if m.shape != (2, 2):
        raise ValueError("m must be 2x2")
    m = m.astype(np.float64)
    if not np.isfinite(m).all():
        raise ValueError("m must be finite")
    (a, b), (c, d) = m.tolist()
    middle, half = a + (d - a) / 2, (a - d) / 2
    under = half * half + b * c
    if b == 0 and c == 0:
        if a >= d:
            return np.array([a, d]), np.eye(2)
        return np.array([d, a]), np.eye(2)
    if under == 0:
        direction = _direction(m, middle)
        return np.array([middle, middle]), np.column_stack([direction, direction])
    if under < 0:
        root = math.sqrt(-under)
        values = np.array([complex(middle, root), complex(middle, -root)])
        columns = [np.array([b, complex(-half, sign * root)]) for sign in (1, -1)]
    else:
        root = math.sqrt(under)
        values = np.array([middle + root, middle - root])
        columns = []
        for sign in (1, -1):
            first, second = np.array([b, sign * root - half]), np.array([sign * root + half, c])
            columns.append(first if np.linalg.norm(first) >= np.linalg.norm(second) else second)
    return values, np.column_stack([column / np.linalg.norm(column) for column in columns])
