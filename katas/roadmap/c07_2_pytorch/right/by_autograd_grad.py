"""By torch.autograd.grad, which leaves .grad alone, and load_state_dict, which copies."""

import time
from typing import NamedTuple

import numpy as np
import torch
from backprop import backward, forward
from torch import nn


class Race(NamedTuple):
    ours: float
    theirs: float


def build(params):
    n_1, n_in = params["W1"].shape
    n_out, n_2 = params["W3"].shape
    model = nn.Sequential(nn.Linear(n_in, n_1), nn.ReLU(), nn.Linear(n_1, n_2), nn.ReLU(), nn.Linear(n_2, n_out))
    model = model.double()
    names = dict(zip(model.state_dict(), params, strict=True))
    model.load_state_dict({theirs: torch.tensor(params[ours]) for theirs, ours in names.items()})
    return model


def loss(output, T):
    if tuple(output.shape) != tuple(T.shape):
        raise ValueError("the shapes differ")
    return 0.5 * nn.functional.mse_loss(output, T, reduction="sum") / T.shape[0]


def gradients(model, X, T):
    found = torch.autograd.grad(loss(model(torch.tensor(X)), torch.tensor(T)), list(model.parameters()))
    return dict(zip(("W1", "b1", "W2", "b2", "W3", "b3"), (g.numpy() for g in found), strict=True))


def largest_difference(one, other):
    gaps = np.concatenate([np.abs(one[name] - other[name]).ravel() for name in sorted(one)])
    return gaps.max()


def disagreement(params, X, T):
    trace = forward(params, X)
    return largest_difference(gradients(build(params), X, T), backward(params, trace, T))


def race(ours, theirs, repeats=5, clock=time.perf_counter):
    ours(), theirs()
    laps = [(_lap(ours, clock), _lap(theirs, clock)) for _ in range(repeats)]
    return Race(min(a for a, _ in laps), min(b for _, b in laps))


def _lap(function, clock):
    before = clock()
    function()
    return clock() - before


def race_passes(params, X, T, repeats=5, clock=time.perf_counter):
    model = build(params)
    weights, x, t = list(model.parameters()), torch.tensor(X), torch.tensor(T)
    return race(
        lambda: backward(params, forward(params, X), T),
        lambda: torch.autograd.grad(loss(model(x), t), weights),
        repeats,
        clock,
    )


def sentence(race):
    if race.theirs <= race.ours:
        return f"PyTorch is {race.ours / race.theirs:.1f} times as fast as NumPy"
    return f"NumPy is {race.theirs / race.ours:.1f} times as fast as PyTorch"
