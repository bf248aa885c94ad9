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
    if len(a[0]) != len(b):
        raise ValueError("shapes")
    return [[dot(row, [other[j] for other in b]) for j in range(len(b[0]))] for row in a]


def add_np(a, b):
    a, b = np.array(a), np.array(b)
    if len(a) != len(b):
        raise ValueError("vectors")
    return np.add(a, b)


def dot_np(a, b):
    return np.inner(a, b)


def matmul_np(a, b):
    return np.dot(a, b)


def rotation(angle):
    turn = np.exp(1j * angle)
    return np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])


def scaling(sx, sy):
    return np.diag([float(sx), float(sy)])


def projection(onto):
    onto = np.asarray(onto, dtype=float)
    largest = np.abs(onto).max()
    if largest == 0:
        raise ValueError("onto has no direction")
    onto = onto[:, None] / largest
    return onto @ onto.T / (onto.T @ onto)


def transform(m, points):
    return np.array([np.asarray(m, dtype=float) @ p for p in points])


def draw(m, points):
    fig, ax = plt.subplots()
    after = transform(m, points)
    ax.plot(after[:, 0], after[:, 1], "--", label="after")
    ax.plot(points[:, 0], points[:, 1], label="before")
    ax.axis("equal")
    ax.legend()
    return fig


def eigen_2x2(m):
    a, b, c, d = (float(v) for v in np.ravel(m))
    root = cmath.sqrt((a - d) ** 2 + 4 * b * c)
    if b == 0 or c == 0:
        values = np.array(sorted([a, d], reverse=True), dtype=complex)
    else:
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
