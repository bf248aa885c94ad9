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
    free = size + 2 * padding - kernel  # how far the kernel can move
    if free < 0:
        raise ValueError(f"a kernel of {kernel} does not fit into {size} with padding {padding}")
    return free // stride + 1


class CNN(nn.Module):
    """Conv 5×5, ReLU, MaxPool, Conv 3×3, ReLU, MaxPool, Flatten, Linear; returns logits."""

    def __init__(self, side: int = 28, channels: tuple[int, int] = (8, 16), n_classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, channels[0], 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(channels[0], channels[1], 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        for kernel in (5, 3):
            side = output_size(output_size(side, kernel), kernel=2, stride=2)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(channels[1] * side * side, n_classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits, (n, n_classes), of the images x, (n, 1, side, side)."""
        logits: torch.Tensor = self.head(self.features(x))
        return logits


def to_images(images: NDArray[np.uint8]) -> torch.Tensor:
    """Return float32 (n, 1, side, side) from 0 to 1 of uint8 images (n, side, side) or (n, side · side)."""
    side = math.isqrt(images[0].size)
    # A convolution expects an axis for the channels, here one: grey.
    return torch.tensor(images, dtype=torch.float32).reshape(-1, 1, side, side) / 255


def accuracy(model: nn.Module, X: torch.Tensor, y: torch.Tensor) -> float:
    """Return the share of the rows whose largest logit is at the label, in evaluation mode."""
    was_training = model.training
    model.eval()
    with torch.no_grad():
        told = model(X).argmax(dim=1)  # (n,)
    model.train(was_training)
    share: float = (told == y).float().mean().item()
    return share


def train(
    X: torch.Tensor,
    y: torch.Tensor,
    epochs: int = 4,
    batch_size: int = 32,
    learning_rate: float = 0.005,
    seed: int = 0,
) -> CNN:
    """Return a CNN, trained on X, (n, 1, side, side), and y, (n,), by Adam."""
    # All randomness, the start and the order, comes from the seed; the generator of everybody else is put back.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = CNN(side=X.shape[-1], n_classes=int(y.max()) + 1)
        optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for rows in torch.split(torch.randperm(len(X)), batch_size):
                loss = nn.functional.cross_entropy(model(X[rows]), y[rows])
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
    return model.eval()


def feature_maps(model: CNN, image: torch.Tensor) -> list[torch.Tensor]:
    """Return what comes out of each ReLU for one image, (1, side, side): (channels, height, width) each."""
    maps, x = [], image[None]  # a batch of one
    with torch.no_grad():
        for layer in model.features:
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                maps.append(x[0])
    return maps


def draw_feature_maps(model: CNN, image: torch.Tensor) -> Figure:
    """Draw the image and each feature map, those of a layer with one colour scale."""
    layers = feature_maps(model, image)
    columns = max(len(maps) for maps in layers)
    figure = Figure(figsize=(1.2 * columns, 5), layout="constrained")
    grid = figure.add_gridspec(1 + len(layers), columns)
    axes = figure.add_subplot(grid[0, 0])
    axes.imshow(image[0].numpy(), cmap="gray")
    axes.set_title("input", fontsize="x-small")
    for line, maps in enumerate(layers, start=1):
        # With a scale of its own, a map that has found next to nothing would look as full as any other.
        brightest = maps.max().item()
        for channel, one in enumerate(maps):
            axes = figure.add_subplot(grid[line, channel])
            axes.imshow(one.numpy(), cmap="gray", vmin=0.0, vmax=brightest)
            axes.set_title(f"conv {line}, channel {channel}", fontsize="x-small")
    for axes in figure.get_axes():
        axes.set_axis_off()
    return figure


# The first filters find edges and strokes in one direction, the second put them together to corners and arcs. A map
# that is black for every image belongs to a filter that has died. Real networks add padding, batch norm and shortcuts
# around pairs of layers, and end in a mean over each map in place of a large Linear: so they take images of any size.
