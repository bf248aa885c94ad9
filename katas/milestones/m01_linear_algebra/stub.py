"""Vectors and matrices: multiply them, see what they do, and find what they leave alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

Vector = Sequence[Any]
Matrix = Sequence[Sequence[Any]]


def add(a: Vector, b: Vector) -> list[Any]:
    """Add two vectors in pure Python. Raises ValueError when their lengths differ."""
    raise NotImplementedError


def dot(a: Vector, b: Vector) -> Any:
    """Give the dot product in pure Python; 0 for empty vectors. Raises ValueError when the lengths differ."""
    raise NotImplementedError


def matmul(a: Matrix, b: Matrix) -> list[list[Any]]:
    """Multiply two matrices in pure Python. Raises ValueError when they do not fit, or a row has another length."""
    raise NotImplementedError


def add_np(a: ArrayLike, b: ArrayLike) -> NDArray[Any]:
    """Add two vectors in NumPy. Raises ValueError when lengths differ, or one is not one-dimensional."""
    raise NotImplementedError


def dot_np(a: ArrayLike, b: ArrayLike) -> Any:
    """Give the dot product in NumPy. Raises ValueError when lengths differ, or one is not one-dimensional."""
    raise NotImplementedError


def matmul_np(a: ArrayLike, b: ArrayLike) -> NDArray[Any]:
    """Multiply two matrices in NumPy. Raises ValueError when they do not fit, or one is not two-dimensional."""
    raise NotImplementedError


def rotate(v: NDArray[Any], angle: float) -> NDArray[np.float64]:
    """Turn vectors counter-clockwise by `angle` (radians). v: (2,) or (n, 2)."""
    raise NotImplementedError


def scale(v: NDArray[Any], sx: float, sy: float) -> NDArray[np.float64]:
    """Stretch vectors by sx along x and by sy along y. v: (2,) or (n, 2)."""
    raise NotImplementedError


def project(v: NDArray[Any], onto: NDArray[Any]) -> NDArray[np.float64]:
    """Project vectors onto the line along `onto`, (2,). v: (2,) or (n, 2).

    Raises ValueError naming onto when it is the zero vector.
    """
    raise NotImplementedError


def draw_transformations(v: NDArray[Any], angle: float, sx: float, sy: float, onto: NDArray[Any]) -> Figure:
    """Draw v, rotated, scaled, onto and projected as lines from the origin. v, onto: (2,)."""
    raise NotImplementedError


def eigen_2x2(m: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give the eigenvalues (2,) and, as columns of length 1, the eigenvectors (2, 2) of a real 2×2 matrix.

    The larger real value, or the one with the positive imaginary part, comes first.
    Raises ValueError naming m when it is not 2×2, or not finite.
    """
    raise NotImplementedError
