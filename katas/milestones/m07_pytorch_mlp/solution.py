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
    # cross_entropy takes labels as int64 only.
    X = torch.tensor(images, dtype=torch.float32).reshape(len(images), -1) / 255
    return X, torch.tensor(labels, dtype=torch.int64)


class MLP(nn.Module):
    """Linear layers between the sizes; after each but the last a ReLU and a Dropout. Returns logits."""

    def __init__(self, sizes: Sequence[int], dropout: float = 0.2) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise(sizes):
            layers += [nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(dropout)]
        # In a plain list, the layers would be unknown to parameters(). No ReLU and no Dropout at the end.
        self.layers = nn.Sequential(*layers[:-2])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits, (n, sizes[-1]), of the rows of x, (n, sizes[0])."""
        logits: torch.Tensor = self.layers(x)
        return logits


def train_epoch(
    model: nn.Module,
    X: torch.Tensor,
    y: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    batch_size: int,
    generator: torch.Generator,
) -> float:
    """Take one step for each batch of the shuffled rows, and return the mean loss over the rows."""
    model.train()
    total = 0.0
    for rows in torch.split(torch.randperm(len(X), generator=generator), batch_size):
        loss = nn.functional.cross_entropy(model(X[rows]), y[rows])
        optimizer.zero_grad()  # gradients add up; those of the last batch must go
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        # item() is a plain number. The tensor would keep the graph of the whole epoch alive.
        total += loss.item() * len(rows)
    return total / len(X)


def evaluate(model: nn.Module, X: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
    """Return the mean cross-entropy and the share of rows that are right, in evaluation mode."""
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = model(X)  # (n, classes)
    model.train(was_training)
    loss = nn.functional.cross_entropy(logits, y).item()
    return loss, (logits.argmax(dim=1) == y).float().mean().item()


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
    history: History = {"train_loss": [], "loss": [], "accuracy": []}
    # The start and the dropout draw from the global generator, which is put back at the end of the block.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = MLP([X.shape[1], *hidden, int(y.max()) + 1])
        optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
        generator = torch.Generator().manual_seed(seed)
        for _ in range(epochs):
            history["train_loss"].append(train_epoch(model, X, y, optimizer, batch_size, generator))
            loss, accuracy = evaluate(model, X_new, y_new)
            history["loss"].append(loss)
            history["accuracy"].append(accuracy)
    model.eval()
    return model, history


def draw_curves(history: History) -> Figure:
    """Draw the losses on the left and the accuracy on the right, over the epochs."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    left.plot(epochs, history["train_loss"], marker="o", label="train")
    left.plot(epochs, history["loss"], marker="o", label="new")
    left.set(xlabel="epoch", ylabel="loss")
    left.legend()
    right.plot(epochs, history["accuracy"], marker="o")
    right.set(xlabel="epoch", ylabel="accuracy")
    return figure


# Look at the curves: at first, "train" may lie above "new", as dropout makes training harder, and as its mean is taken
# while the network still learns. Where "new" turns upwards and "train" goes on falling, the network learns by heart:
# stop there (early stopping), and report the accuracy on a third set of rows, which has chosen nothing.
