"""Vectors and matrices: multiply them, see what they do, and find what they leave alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

Vector = Sequence[Any]
Matrix = Sequence[Sequence[Any]]


def add(a: Vector, b: Vector) -> list[Any]:
    """Return the sum of two vectors, in pure Python. Raises ValueError when their lengths differ."""
    # Without strict, zip stops at the shorter one without a word.
    return [x + y for x, y in zip(a, b, strict=True)]


def dot(a: Vector, b: Vector) -> Any:
    """Return the dot product of two vectors, in pure Python. Raises ValueError when their lengths differ."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def matmul(a: Matrix, b: Matrix) -> list[list[Any]]:
    """Return the product of two matrices, in pure Python. Raises ValueError when they do not fit."""
    # Entry (i, j) is row i of a times column j of b; zip(*b) returns the columns.
    columns = list(zip(*b, strict=True))
    return [[dot(row, column) for column in columns] for row in a]


def add_np(a: ArrayLike, b: ArrayLike) -> NDArray[Any]:
    """Return the sum of two vectors, by NumPy. Raises ValueError when their lengths differ."""
    x, y = np.asarray(a), np.asarray(b)
    # Asked by hand: broadcasting would stretch (1,) to (3,) without a word.
    if x.shape != y.shape:
        raise ValueError(f"vectors of shapes {x.shape} and {y.shape} do not fit")
    return np.asarray(x + y)


def dot_np(a: ArrayLike, b: ArrayLike) -> Any:
    """Return the dot product of two vectors, by NumPy. Raises ValueError when their lengths differ."""
    return np.asarray(a) @ np.asarray(b)


def matmul_np(a: ArrayLike, b: ArrayLike) -> NDArray[Any]:
    """Return the product of two matrices, by NumPy. Raises ValueError when they do not fit."""
    return np.asarray(np.asarray(a) @ np.asarray(b))


def rotation(angle: float) -> NDArray[np.float64]:
    """Return the (2, 2) matrix that turns counter-clockwise by `angle` (radians)."""
    c, s = math.cos(angle), math.sin(angle)
    # The columns of a matrix are where (1, 0) and (0, 1) go.
    return np.array([[c, -s], [s, c]])


def scaling(sx: float, sy: float) -> NDArray[np.float64]:
    """Return the (2, 2) matrix that stretches x by sx and y by sy."""
    return np.array([[sx, 0.0], [0.0, sy]])


def projection(onto: ArrayLike) -> NDArray[np.float64]:
    """Return the (2, 2) matrix that projects onto the line along `onto`, (2,). Raises ValueError for a zero vector."""
    u = np.asarray(onto, dtype=np.float64)
    length = math.hypot(*u)  # u @ u would underflow to 0 for 1e-200
    if length == 0:
        raise ValueError("onto is the zero vector, which has no direction")
    u = u / length
    # (u · v) u is how far v reaches along u, as a step along u: the matrix u uᵀ.
    return np.outer(u, u)


def transform(m: ArrayLike, points: NDArray[Any]) -> NDArray[np.float64]:
    """Return the points, (n, 2), each moved by the matrix m, (2, 2)."""
    # Points lie in rows, so the matrix stands to the right, transposed.
    return matmul_np(points, np.asarray(m, dtype=np.float64).T)


def draw(m: ArrayLike, points: NDArray[Any]) -> Figure:
    """Draw the points, (n, 2), before and after the transformation m."""
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    for label, (x, y) in (("before", points.T), ("after", transform(m, points).T)):
        axes.plot(x, y, marker="o", label=label)
    # Without the same scale on both axes a right angle does not look like one.
    axes.set_aspect("equal", adjustable="datalim")
    axes.legend()
    return figure


def eigen_2x2(m: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the eigenvalues (2,) and, as columns of length 1, the eigenvectors (2, 2) of a real 2×2 matrix.

    The larger real value, or the one with the positive imaginary part, comes first.
    """
    (a, b), (c, d) = np.asarray(m, dtype=np.float64).tolist()
    if b == c == 0 and a == d:
        return np.array([a, a]), np.eye(2)  # a multiple of the identity: every direction is its own
    # λ² - (a + d) λ + (ad - bc) = 0. Its discriminant, (a + d)² - 4 (ad - bc), is written as (a - d)² + 4bc: the
    # difference of two huge squares would lose the digits that matter.
    middle, half = (a + d) / 2, (a - d) / 2
    inside = half * half + b * c
    root = math.sqrt(abs(inside))
    if inside < 0:
        values = np.array([complex(middle, root), complex(middle, -root)])
    elif inside == 0:
        values = np.array([middle, middle])
    else:
        # One of middle ± root may cancel. The other does not, and the product of both is the determinant.
        large = middle + math.copysign(root, middle)
        small = (a * d - b * c) / large
        values = np.array([max(large, small), min(large, small)])
    return values, np.column_stack([_direction(a, b, c, d, value) for value in values])


def _direction(a: float, b: float, c: float, d: float, value: complex) -> NDArray[Any]:
    """Return the eigenvector of length 1 that belongs to a value."""
    # (m - λ) v = 0: v is at a right angle to the rows (a - λ, b) and (c, d - λ). One row may vanish, as in a diagonal
    # matrix, so the longer candidate is taken.
    candidates = [np.array([b, value - a]), np.array([value - d, c])]
    longest = max(candidates, key=lambda v: float(np.linalg.norm(v)))
    return np.asarray(longest / np.linalg.norm(longest))


# np.linalg.eig calls LAPACK, which for large matrices turns them step by step into triangular ones (the QR algorithm):
# beyond 4×4 there is no formula. For symmetric matrices use np.linalg.eigh, which is faster and always real.
