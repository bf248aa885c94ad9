"""A small convolutional network for digits: its sizes, its training, and pictures of what it has found."""

from __future__ import annotations

import math

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import nn


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """Return the height (or width) of what a convolution or a pooling returns.

    Raises ValueError where the kernel is larger than the padded input.
    """
    raise NotImplementedError


class CNN(nn.Module):
    """Conv 5×5, ReLU, MaxPool, Conv 3×3, ReLU, MaxPool, Flatten, Linear; returns logits."""

    def __init__(self, side: int = 28, channels: tuple[int, int] = (8, 16), n_classes: int = 10) -> None:
        raise NotImplementedError

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits, (n, n_classes), of the images x, (n, 1, side, side)."""
        raise NotImplementedError


def to_images(images: NDArray[np.uint8]) -> torch.Tensor:
    """Return float32 (n, 1, side, side) from 0 to 1 of uint8 images (n, side, side) or (n, side · side)."""
    raise NotImplementedError


def accuracy(model: nn.Module, X: torch.Tensor, y: torch.Tensor) -> float:
    """Return the share of the rows whose largest logit is at the label, in evaluation mode."""
    raise NotImplementedError


def train(
    X: torch.Tensor,
    y: torch.Tensor,
    epochs: int = 4,
    batch_size: int = 32,
    learning_rate: float = 0.005,
    seed: int = 0,
) -> CNN:
    """Return a CNN, trained on X, (n, 1, side, side), and y, (n,), by Adam."""
    raise NotImplementedError


def feature_maps(model: CNN, image: torch.Tensor) -> list[torch.Tensor]:
    """Return what comes out of each ReLU for one image, (1, side, side): (channels, height, width) each."""
    raise NotImplementedError


def draw_feature_maps(model: CNN, image: torch.Tensor) -> Figure:
    """Draw the image and each feature map, those of a layer with one colour scale."""
    raise NotImplementedError
