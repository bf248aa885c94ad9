"""A network for digits in PyTorch: built, trained, evaluated, and its curves drawn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import nn

History = dict[str, list[float]]


def prepare(images: NDArray[np.uint8], labels: NDArray[np.integer[Any]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return X, float32 (n, pixels) from 0 to 1, and y, int64 (n,)."""
    raise NotImplementedError


class MLP(nn.Module):
    """Linear layers between the sizes; after each but the last a ReLU and a Dropout. Returns logits."""

    def __init__(self, sizes: Sequence[int], dropout: float = 0.2) -> None:
        raise NotImplementedError

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits, (n, sizes[-1]), of the rows of x, (n, sizes[0])."""
        raise NotImplementedError


def train_epoch(
    model: nn.Module,
    X: torch.Tensor,
    y: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    batch_size: int,
    generator: torch.Generator,
) -> float:
    """Take one step for each batch of the shuffled rows, and return the mean loss over the rows."""
    raise NotImplementedError


def evaluate(model: nn.Module, X: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
    """Return the mean cross-entropy and the share of rows that are right, in evaluation mode."""
    raise NotImplementedError


def fit(
    X: torch.Tensor,
    y: torch.Tensor,
    X_new: torch.Tensor,
    y_new: torch.Tensor,
    hidden: Sequence[int] = (64,),
    epochs: int = 5,
    batch_size: int = 32,
    learning_rate: float = 0.003,
    seed: int = 0,
) -> tuple[MLP, History]:
    """Train an MLP by Adam, and evaluate it on the new rows after each epoch."""
    raise NotImplementedError


def draw_curves(history: History) -> Figure:
    """Draw the losses on the left and the accuracy on the right, over the epochs."""
    raise NotImplementedError
