"""A negative discriminant is set to 0, so a complex pair becomes a wrong real value."""

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
    _check_lengths(a, b)
    return [x + y for x, y in zip(a, b, strict=True)]


def dot(a: Vector, b: Vector) -> Any:
    _check_lengths(a, b)
    return sum((x * y for x, y in zip(a, b, strict=True)))


def matmul(a: Matrix, b: Matrix) -> list[list[Any]]:
    for matrix in (a, b):
        if any((len(row) != len(matrix[0]) for row in matrix)):
            raise ValueError("the rows of a matrix must be of one length")
    if len(a[0]) != len(b):
        raise ValueError(f"{len(a[0])} columns do not fit {len(b)} rows")
    columns = list(zip(*b, strict=True))
    return [[dot(row, column) for column in columns] for row in a]


def _check_lengths(a: Vector, b: Vector) -> None:
    if len(a) != len(b):
        raise ValueError(f"vectors of lengths {len(a)} and {len(b)} do not fit")


def add_np(a: ArrayLike, b: ArrayLike) -> NDArray[Any]:
    x, y = _two_vectors(a, b)
    return np.asarray(x + y)


def dot_np(a: ArrayLike, b: ArrayLike) -> Any:
    x, y = _two_vectors(a, b)
    return x @ y


def matmul_np(a: ArrayLike, b: ArrayLike) -> NDArray[Any]:
    x, y = (np.asarray(a), np.asarray(b))
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[0]:
        raise ValueError(f"matrices of shapes {x.shape} and {y.shape} do not fit")
    return np.asarray(x @ y)


def _two_vectors(a: ArrayLike, b: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    x, y = (np.asarray(a), np.asarray(b))
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"vectors of shapes {x.shape} and {y.shape} do not fit")
    return (x, y)


def rotate(v: NDArray[Any], angle: float) -> NDArray[np.float64]:
    c, s = (math.cos(angle), math.sin(angle))
    turn = np.array([[c, -s], [s, c]])
    return np.asarray(np.asarray(v, dtype=np.float64) @ turn.T)


def scale(v: NDArray[Any], sx: float, sy: float) -> NDArray[np.float64]:
    return np.asarray(v, dtype=np.float64) * np.array([sx, sy], dtype=np.float64)


def project(v: NDArray[Any], onto: NDArray[Any]) -> NDArray[np.float64]:
    u = np.asarray(onto, dtype=np.float64)
    if not u.any():
        raise ValueError("onto is the zero vector, which has no direction")
    share = np.asarray(v, dtype=np.float64) @ u / (u @ u)
    return np.asarray(share[..., None] * u)


def draw_transformations(v: NDArray[Any], angle: float, sx: float, sy: float, onto: NDArray[Any]) -> Figure:
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
    axes.set_aspect("equal", adjustable="datalim")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def eigen_2x2(m: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    matrix = np.asarray(m, dtype=np.float64)
    if matrix.shape != (2, 2) or not np.isfinite(matrix).all():
        raise ValueError("m must be a 2×2 matrix of finite numbers")
    (a, b), (c, d) = matrix.tolist()
    middle, half = ((a + d) / 2, (a - d) / 2)
    inside = half**2 + b * c
    root = math.sqrt(max(inside, 0.0))
    values = np.array([middle + root, middle - root])
    if b == c == half == 0:
        return (values, np.eye(2))
    return (values, np.column_stack([_direction(a, b, c, d, value) for value in values]))


def _direction(a: float, b: float, c: float, d: float, value: complex) -> NDArray[Any]:
    candidates = [np.array([b, value - a]), np.array([value - d, c])]
    longest = max(candidates, key=lambda v: float(np.linalg.norm(v)))
    return np.asarray(longest / np.linalg.norm(longest))
