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
    """Add two vectors in pure Python."""
    _check_lengths(a, b)
    return [x + y for x, y in zip(a, b, strict=True)]


def dot(a: Vector, b: Vector) -> Any:
    """Give the dot product in pure Python; 0 for empty vectors."""
    _check_lengths(a, b)
    return sum(x * y for x, y in zip(a, b, strict=True))


def matmul(a: Matrix, b: Matrix) -> list[list[Any]]:
    """Multiply two matrices in pure Python."""
    for matrix in (a, b):
        if any(len(row) != len(matrix[0]) for row in matrix):
            raise ValueError("the rows of a matrix must be of one length")
    if len(a[0]) != len(b):
        raise ValueError(f"{len(a[0])} columns do not fit {len(b)} rows")
    # Entry (i, j) is row i of a times column j of b; zip(*b) gives the columns.
    columns = list(zip(*b, strict=True))
    return [[dot(row, column) for column in columns] for row in a]


def _check_lengths(a: Vector, b: Vector) -> None:
    if len(a) != len(b):
        raise ValueError(f"vectors of lengths {len(a)} and {len(b)} do not fit")


def add_np(a: ArrayLike, b: ArrayLike) -> NDArray[Any]:
    """Add two vectors in NumPy."""
    x, y = _two_vectors(a, b)
    return np.asarray(x + y)


def dot_np(a: ArrayLike, b: ArrayLike) -> Any:
    """Give the dot product in NumPy."""
    x, y = _two_vectors(a, b)
    return x @ y


def matmul_np(a: ArrayLike, b: ArrayLike) -> NDArray[Any]:
    """Multiply two matrices in NumPy."""
    x, y = np.asarray(a), np.asarray(b)
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[0]:
        raise ValueError(f"matrices of shapes {x.shape} and {y.shape} do not fit")
    return np.asarray(x @ y)


def _two_vectors(a: ArrayLike, b: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    x, y = np.asarray(a), np.asarray(b)
    # Asked by hand: broadcasting would stretch (1,) to (3,) without a word.
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"vectors of shapes {x.shape} and {y.shape} do not fit")
    return x, y


def rotate(v: NDArray[Any], angle: float) -> NDArray[np.float64]:
    """Turn vectors counter-clockwise by `angle` (radians)."""
    c, s = math.cos(angle), math.sin(angle)
    # The columns of this matrix are where (1, 0) and (0, 1) go.
    turn = np.array([[c, -s], [s, c]])
    # Vectors lie in the rows of v, so the matrix stands to the right, transposed.
    return np.asarray(np.asarray(v, dtype=np.float64) @ turn.T)  # (2,) or (n, 2)


def scale(v: NDArray[Any], sx: float, sy: float) -> NDArray[np.float64]:
    """Stretch vectors by sx along x and by sy along y."""
    # A diagonal matrix does no more than multiply each coordinate.
    return np.asarray(v, dtype=np.float64) * np.array([sx, sy], dtype=np.float64)


def project(v: NDArray[Any], onto: NDArray[Any]) -> NDArray[np.float64]:
    """Project vectors onto the line along `onto`, (2,)."""
    u = np.asarray(onto, dtype=np.float64)
    if not u.any():
        raise ValueError("onto is the zero vector, which has no direction")
    # Divided by u · u: once for the length of u in v · u, once for the length of u itself.
    share = np.asarray(v, dtype=np.float64) @ u / (u @ u)  # () or (n,)
    return np.asarray(share[..., None] * u)


def draw_transformations(v: NDArray[Any], angle: float, sx: float, sy: float, onto: NDArray[Any]) -> Figure:
    """Draw v, rotated, scaled, onto and projected as lines from the origin."""
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    tips = {
        "v": v,
        "rotated": rotate(v, angle),
        "scaled": scale(v, sx, sy),
        "onto": onto,
        "projected": project(v, onto),
    }
    for label, tip in tips.items():
        axes.plot([0, tip[0]], [0, tip[1]], marker="o", markevery=[1], label=label)
    # Without the same scale on both axes a right angle does not look like one.
    axes.set_aspect("equal", adjustable="datalim")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def eigen_2x2(m: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give the eigenvalues (2,) and, as columns of length 1, the eigenvectors (2, 2) of a real 2×2 matrix."""
    matrix = np.asarray(m, dtype=np.float64)
    if matrix.shape != (2, 2) or not np.isfinite(matrix).all():
        raise ValueError("m must be a 2×2 matrix of finite numbers")
    (a, b), (c, d) = matrix.tolist()
    # λ² - (a + d) λ + (ad - bc) = 0. Its discriminant, (a + d)² - 4 (ad - bc), is written as (a - d)² + 4bc: the
    # difference of two huge squares would lose the digits that matter.
    middle, half = (a + d) / 2, (a - d) / 2
    inside = half**2 + b * c
    root = complex(0, math.sqrt(-inside)) if inside < 0 else math.sqrt(inside)
    values = np.array([middle + root, middle - root])
    if b == c == half == 0:
        return values, np.eye(2)  # a multiple of the identity: every direction is its own
    return values, np.column_stack([_direction(a, b, c, d, value) for value in values])


def _direction(a: float, b: float, c: float, d: float, value: complex) -> NDArray[Any]:
    """The eigenvector of length 1 that belongs to a value."""
    # (m - λ) v = 0: v is at a right angle to the rows (a - λ, b) and (c, d - λ). One row may vanish, as in a diagonal
    # matrix, so the longer candidate is taken.
    candidates = [np.array([b, value - a]), np.array([value - d, c])]
    longest = max(candidates, key=lambda v: float(np.linalg.norm(v)))
    return np.asarray(longest / np.linalg.norm(longest))


# np.linalg.eig calls LAPACK, which for large matrices turns them step by step into triangular ones (the QR algorithm):
# beyond 4×4 there is no formula. For symmetric matrices use np.linalg.eigh, which is faster and always real.
