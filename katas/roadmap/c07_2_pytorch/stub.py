"""The network of backprop in PyTorch: the same derivatives, and how long each takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from backprop import backward, forward
from numpy.typing import NDArray
from torch import nn

Array = NDArray[np.float64]
Params = dict[str, Array]  # W1, b1, W2, b2, W3, b3, as in backprop


class Race(NamedTuple):
    """The shortest time of each, in seconds: ours in NumPy, theirs in PyTorch."""

    ours: float
    theirs: float


def build(params: Params) -> nn.Sequential:
    """Return Linear, ReLU, Linear, ReLU, Linear in float64, with copies of these weights."""
    raise NotImplementedError


def loss(output: torch.Tensor, T: torch.Tensor) -> torch.Tensor:
    """Return half the sum of squares over the outputs, as the mean over the rows: a tensor of one number.

    Raises ValueError when T does not have the shape of the output.
    """
    raise NotImplementedError


def gradients(model: nn.Sequential, X: Array, T: Array) -> Params:
    """Return the derivatives of the loss with respect to each weight and bias, by their names in `params`."""
    raise NotImplementedError


def largest_difference(one: Params, other: Params) -> float:
    """Return the largest |a - b| over all entries; NaN when any of them is NaN."""
    raise NotImplementedError


def disagreement(params: Params, X: Array, T: Array) -> float:
    """Return the largest difference between the derivatives of backprop and those of PyTorch."""
    raise NotImplementedError


def race(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> Race:
    """Time both functions in turn, after one call of each that is not measured, and keep the shortest times."""
    raise NotImplementedError


def race_passes(
    params: Params, X: Array, T: Array, repeats: int = 5, clock: Callable[[], float] = time.perf_counter
) -> Race:
    """Race a forward and a backward pass in NumPy against one in PyTorch."""
    raise NotImplementedError


def sentence(race: Race) -> str:
    """Say which one is faster, and how many times."""
    raise NotImplementedError
