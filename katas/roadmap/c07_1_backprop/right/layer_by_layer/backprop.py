"""One loop over the layers in each direction."""

from typing import NamedTuple

import numpy as np


class Trace(NamedTuple):
    X: np.ndarray
    z1: np.ndarray
    a1: np.ndarray
    z2: np.ndarray
    a2: np.ndarray
    output: np.ndarray


def forward(params, X):
    stations, a = [X], X
    for k in (1, 2, 3):
        z = np.einsum("ni,oi->no", a, params[f"W{k}"]) + params[f"b{k}"]
        a = np.where(z > 0, z, 0.0)
        stations += [z, a] if k < 3 else [z]
    return Trace(*stations)


def loss(output, T):
    if output.shape != T.shape:
        raise ValueError("shapes differ")
    return 0.5 * ((output - T) ** 2).sum(axis=1).mean()


def backward(params, trace, T):
    if trace.output.shape != T.shape:
        raise ValueError("shapes differ")
    back = (trace.output - T) / T.shape[0]
    inputs, before = (trace.X, trace.a1, trace.a2), (trace.z1, trace.z2)
    gradients = {}
    for k in (3, 2, 1):
        gradients[f"W{k}"] = np.einsum("no,ni->oi", back, inputs[k - 1])
        gradients[f"b{k}"] = np.ones(len(T)) @ back
        if k > 1:
            back = np.where(before[k - 2] > 0, back @ params[f"W{k}"], 0.0)
    return gradients


def numerical(params, X, T, h=1e-5):
    moved = {name: value.copy() for name, value in params.items()}
    gradients = {name: np.empty_like(value) for name, value in params.items()}
    for name, values in moved.items():
        for i in range(values.size):
            was = values.flat[i]
            values.flat[i] = was + h
            above = loss(forward(moved, X)[-1], T)
            values.flat[i] = was - h
            below = loss(forward(moved, X)[-1], T)
            values.flat[i] = was
            gradients[name].flat[i] = (above - below) / (2 * h)
    return gradients
