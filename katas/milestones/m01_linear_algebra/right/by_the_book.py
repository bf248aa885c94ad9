"""The same with index loops, pyplot, and the polynomial solved in complex numbers."""

import cmath

import matplotlib.pyplot as plt
import numpy as np


def add(a, b):
    if len(a) != len(b):
        raise ValueError("lengths")
    out = []
    for i in range(len(a)):
        out.append(a[i] + b[i])
    return out


def dot(a, b):
    if len(a) != len(b):
        raise ValueError("lengths")
    total = 0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


def matmul(a, b):
    for row in a:
        if len(row) != len(b):
            raise ValueError("shapes")
    width = len(b[0])
    for row in b:
        if len(row) != width:
            raise ValueError("ragged")
    return [[dot(row, [other[j] for other in b]) for j in range(width)] for row in a]


def add_np(a, b):
    a, b = np.array(a), np.array(b)
    if a.ndim != 1 or b.ndim != 1 or len(a) != len(b):
        raise ValueError("vectors")
    return np.add(a, b)


def dot_np(a, b):
    a, b = np.array(a), np.array(b)
    if a.ndim != 1 or b.ndim != 1 or len(a) != len(b):
        raise ValueError("vectors")
    return np.sum(a * b)


def matmul_np(a, b):
    a, b = np.array(a), np.array(b)
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError("matrices")
    return np.dot(a, b)


def rotate(v, angle):
    v = np.asarray(v, dtype=float)
    x, y = v[..., 0], v[..., 1]
    return np.stack([np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y], axis=-1)


def scale(v, sx, sy):
    return np.array(v, dtype=float) @ np.diag([float(sx), float(sy)])


def project(v, onto):
    onto = np.asarray(onto, dtype=float)
    length = np.hypot(*onto)
    if length == 0:
        raise ValueError("onto has no direction")
    unit = onto / length
    return np.asarray(v, dtype=float) @ np.outer(unit, unit)


def draw_transformations(v, angle, sx, sy, onto):
    fig, ax = plt.subplots()
    for name, w in [
        ("projected", project(v, onto)),
        ("onto", np.asarray(onto)),
        ("v", np.asarray(v)),
        ("rotated", rotate(v, angle)),
        ("scaled", scale(v, sx, sy)),
    ]:
        ax.plot((0.0, w[0]), (0.0, w[1]), label=name)
    ax.axis("equal")
    ax.legend()
    return fig


def eigen_2x2(m):
    m = np.array(m, dtype=float)
    if m.shape != (2, 2):
        raise ValueError("m: shape")
    if not np.all(np.isfinite(m)):
        raise ValueError("m: not finite")
    a, b, c, d = (float(v) for v in m.ravel())
    root = cmath.sqrt((a - d) ** 2 + 4 * b * c)
    values = np.array([(a + d + root) / 2, (a + d - root) / 2])
    columns = []
    for k, value in enumerate(values):
        if abs(b) >= abs(c) and b != 0:
            w = np.array([b, value - a])
        elif c != 0:
            w = np.array([value - d, c])
        elif a == d:
            w = np.array([1.0, 0.0]) if k == 0 else np.array([0.0, 1.0])
        else:
            w = np.array([1.0, 0.0]) if abs(value - a) < abs(value - d) else np.array([0.0, 1.0])
        columns.append(w / np.sqrt(np.sum(np.abs(w) ** 2)))
    vectors = np.array(columns, dtype=complex).T
    if root.imag == 0:
        return values.real.copy(), vectors.real.copy()
    return values, vectors
