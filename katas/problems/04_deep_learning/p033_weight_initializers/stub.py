"""Starting weights that keep the size of a signal: Xavier's and He's."""

import numpy as np
from numpy.typing import NDArray


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return (fan_in, fan_out) of weights of the shape (n_out, n_in) or (n_out, n_in, *kernel).

    Raises ValueError for a shape with fewer than two axes.
    """
    raise NotImplementedError


def xavier(shape: tuple[int, ...], rng: np.random.Generator, kind: str = "normal") -> NDArray[np.float64]:
    """Draw weights with mean 0 and variance 2 / (fan_in + fan_out), float64.

    kind: "normal" or "uniform".
    Raises ValueError for another kind, and as fans does.
    """
    raise NotImplementedError


def he(
    shape: tuple[int, ...], rng: np.random.Generator, kind: str = "normal", mode: str = "fan_in"
) -> NDArray[np.float64]:
    """Draw weights with mean 0 and variance 2 / fan, for layers with ReLU, float64.

    kind: "normal" or "uniform". mode: which fan, "fan_in" or "fan_out".
    Raises ValueError for another kind or mode, and as fans does.
    """
    raise NotImplementedError
