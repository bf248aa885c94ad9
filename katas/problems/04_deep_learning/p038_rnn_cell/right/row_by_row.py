"""One sequence after the other, in plain loops."""
import math

import numpy as np


def step(params, x, h):
    n_hidden = params["b"].shape[0]
    if h.ndim != 2 or h.shape[0] != x.shape[0] or h.shape[1] != n_hidden:
        raise ValueError("hidden state")
    out = np.zeros((x.shape[0], n_hidden))
    for i in range(x.shape[0]):
        for k in range(n_hidden):
            out[i, k] = math.tanh(params["W_x"][k] @ x[i] + params["W_h"][k] @ h[i] + params["b"][k])
    return out


def unroll(params, xs, h0=None):
    n, n_steps, _ = xs.shape
    n_hidden = params["b"].shape[0]
    hs = np.zeros((n, n_steps, n_hidden))
    for t in range(n_steps):
        if t > 0:
            before = hs[:, t - 1]
        else:
            before = np.zeros((n, n_hidden)) if h0 is None else h0
        hs[:, t, :] = step(params, xs[:, t, :], before)
    return hs, hs[:, -1, :]


def step_backward(params, x, h, upstream):
    new = step(params, x, h)
    gradients = {name: np.zeros(value.shape) for name, value in params.items()}
    d_x, d_h = np.zeros(x.shape), np.zeros(h.shape)
    for i in range(x.shape[0]):
        dz = upstream[i] * (1 - new[i] * new[i])
        gradients["W_x"] += np.outer(dz, x[i])
        gradients["W_h"] += np.outer(dz, h[i])
        gradients["b"] += dz
        d_x[i] = params["W_x"].T @ dz
        d_h[i] = params["W_h"].T @ dz
    return gradients, d_x, d_h
