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
    model = nn.Sequential()
    for k in (1, 2, 3):
        W, b = params[f"W{k}"], params[f"b{k}"]
        # Linear keeps its weight as (n_out, n_in), as we do. PyTorch's default is float32, with half the digits.
        layer = nn.Linear(W.shape[1], W.shape[0], dtype=torch.float64)
        with torch.no_grad():
            # from_numpy shares the memory of the array; copy_ puts the numbers into the layer's own.
            layer.weight.copy_(torch.from_numpy(W))
            layer.bias.copy_(torch.from_numpy(b))
        model.append(layer)
        if k < 3:
            model.append(nn.ReLU())
    return model


def loss(output: torch.Tensor, T: torch.Tensor) -> torch.Tensor:
    """Return half the sum of squares over the outputs, as the mean over the rows: a tensor of one number.

    Raises ValueError when T does not have the shape of the output.
    """
    # nn.MSELoss would also divide by the number of outputs, and stretch a T of another shape.
    if output.shape != T.shape:
        raise ValueError(f"T has shape {tuple(T.shape)}, the output {tuple(output.shape)}")
    return ((output - T) ** 2).sum() / (2 * len(T))


def gradients(model: nn.Sequential, X: Array, T: Array) -> Params:
    """Return the derivatives of the loss with respect to each weight and bias, by their names in `params`."""
    # backward adds to .grad; what an earlier call has left there must go first.
    model.zero_grad()
    loss(model(torch.from_numpy(X)), torch.from_numpy(T)).backward()  # type: ignore[no-untyped-call]
    names = ("W1", "b1", "W2", "b2", "W3", "b3")  # the order of parameters()
    # detach().numpy() shares the memory of the tensor, so that the next backward would write into our result.
    return {name: np.array(p.grad) for name, p in zip(names, model.parameters(), strict=True)}


def largest_difference(one: Params, other: Params) -> float:
    """Return the largest |a - b| over all entries; NaN when any of them is NaN."""
    # NumPy's max keeps a NaN, Python's max loses it: every comparison with NaN is False.
    return float(np.max([np.abs(one[name] - other[name]).max() for name in one]))


def disagreement(params: Params, X: Array, T: Array) -> float:
    """Return the largest difference between the derivatives of backprop and those of PyTorch."""
    return largest_difference(backward(params, forward(params, X), T), gradients(build(params), X, T))


def race(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> Race:
    """Time both functions in turn, after one call of each that is not measured, and keep the shortest times."""
    # The first call pays for what is made once: memory, threads, caches.
    for function in (ours, theirs):
        function()
    shortest = [float("inf"), float("inf")]
    # In turn, so that a busy minute of the machine hits both. The shortest, as noise only ever adds.
    for _ in range(repeats):
        for i, function in enumerate((ours, theirs)):
            start = clock()
            function()
            shortest[i] = min(shortest[i], clock() - start)
    return Race(*shortest)


def race_passes(
    params: Params, X: Array, T: Array, repeats: int = 5, clock: Callable[[], float] = time.perf_counter
) -> Race:
    """Race a forward and a backward pass in NumPy against one in PyTorch."""
    model, X_theirs, T_theirs = build(params), torch.from_numpy(X), torch.from_numpy(T)

    def ours() -> None:
        backward(params, forward(params, X), T)

    def theirs() -> None:
        model.zero_grad()
        loss(model(X_theirs), T_theirs).backward()  # type: ignore[no-untyped-call]

    return race(ours, theirs, repeats, clock)


def sentence(race: Race) -> str:
    """Say which one is faster, and how many times."""
    names = ("NumPy", "PyTorch") if race.ours < race.theirs else ("PyTorch", "NumPy")
    return f"{names[0]} is {max(race) / min(race):.1f} times as fast as {names[1]}"


# Small networks are often faster in NumPy: recording a graph costs some microseconds for each operation. With layers
# of hundreds of neurons nearly all time goes into the same matrix products; then threads, float32 and a GPU decide,
# none of which changes a line of the model.
