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
    """Return the sum of two vectors, in pure Python. Raises ValueError when their lengths differ."""
    raise NotImplementedError


def dot(a: Vector, b: Vector) -> Any:
    """Return the dot product of two vectors, in pure Python. Raises ValueError when their lengths differ."""
    raise NotImplementedError


def matmul(a: Matrix, b: Matrix) -> list[list[Any]]:
    """Return the product of two matrices, in pure Python. Raises ValueError when they do not fit."""
    raise NotImplementedError


def add_np(a: ArrayLike, b: ArrayLike) -> NDArray[Any]:
    """Return the sum of two vectors, by NumPy. Raises ValueError when their lengths differ."""
    raise NotImplementedError


def dot_np(a: ArrayLike, b: ArrayLike) -> Any:
    """Return the dot product of two vectors, by NumPy. Raises ValueError when their lengths differ."""
    raise NotImplementedError


def matmul_np(a: ArrayLike, b: ArrayLike) -> NDArray[Any]:
    """Return the product of two matrices, by NumPy. Raises ValueError when they do not fit."""
    raise NotImplementedError


def rotation(angle: float) -> NDArray[np.float64]:
    """Return the (2, 2) matrix that turns counter-clockwise by `angle` (radians)."""
    raise NotImplementedError


def scaling(sx: float, sy: float) -> NDArray[np.float64]:
    """Return the (2, 2) matrix that stretches x by sx and y by sy."""
    raise NotImplementedError


def projection(onto: ArrayLike) -> NDArray[np.float64]:
    """Return the (2, 2) matrix that projects onto the line along `onto`, (2,). Raises ValueError for a zero vector."""
    raise NotImplementedError


def transform(m: ArrayLike, points: NDArray[Any]) -> NDArray[np.float64]:
    """Return the points, (n, 2), each moved by the matrix m, (2, 2)."""
    raise NotImplementedError


def draw(m: ArrayLike, points: NDArray[Any]) -> Figure:
    """Draw the points, (n, 2), before and after the transformation m."""
    raise NotImplementedError


def eigen_2x2(m: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the eigenvalues (2,) and, as columns of length 1, the eigenvectors (2, 2) of a real 2×2 matrix.

    The larger real value, or the one with the positive imaginary part, comes first.
    """
    raise NotImplementedError
