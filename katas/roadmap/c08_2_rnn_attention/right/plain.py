"""The same by einsum, the states kept in a list."""

import numpy as np
from attention import attention, join_heads, split_heads
from rnn import step


def unroll_backward(params, xs, d_hs, h0=None):
    n, n_steps, _ = xs.shape
    states = [np.zeros((n, len(params["b"]))) if h0 is None else h0]
    for t in range(n_steps):
        states.append(step(params, xs[:, t], states[-1]))
    if d_hs.shape != (n, n_steps, len(params["b"])):
        raise ValueError("d_hs must have one gradient for each state")
    g = {name: np.zeros(np.shape(p)) for name, p in params.items()}
    d_xs, carried = np.zeros(xs.shape), 0.0
    for t in range(n_steps, 0, -1):
        d_z = (d_hs[:, t - 1] + carried) * (1 - states[t] ** 2)
        g["W_x"] += np.einsum("nh,ni->hi", d_z, xs[:, t - 1])
        g["W_h"] += np.einsum("nh,nk->hk", d_z, states[t - 1])
        g["b"] += d_z.sum(axis=0)
        d_xs[:, t - 1] = d_z @ params["W_x"]
        carried = d_z @ params["W_h"]
    return g, d_xs, carried


def clip(gradients, limit):
    if limit <= 0:
        raise ValueError("limit must be positive")
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients.values()]))
    return {name: g / max(norm / limit, 1.0) for name, g in gradients.items()}


def attention_backward(q, k, v, weights, upstream):
    g = np.einsum("bhtu,bhsu->bhts", upstream, v)
    mean = np.einsum("bhts,bhts->bht", weights, g)[..., None]
    g = weights * (g - mean) / np.sqrt(q.shape[-1])
    return (
        np.einsum("bhts,bhsw->bhtw", g, k),
        np.einsum("bhts,bhtw->bhsw", g, q),
        np.einsum("bhts,bhtu->bhsu", weights, upstream),
    )


def run(params, x, n_heads, is_padding, causal):
    t = x.shape[1]
    hidden = np.zeros((1, 1, t, t), dtype=bool)
    if causal:
        hidden = hidden | (np.arange(t) > np.arange(t)[:, None])
    if is_padding is not None:
        hidden = hidden | is_padding[:, None, None]
    q, k, v = [split_heads(x @ params[name].T, n_heads) for name in ("Wq", "Wk", "Wv")]
    output, weights = attention(q, k, v, hidden)
    return q, k, v, join_heads(output), weights


def block(params, x, n_heads, is_padding=None, causal=False):
    *_, joined, weights = run(params, x, n_heads, is_padding, causal)
    return x + joined @ params["Wo"].T, weights


def block_backward(params, x, n_heads, upstream, is_padding=None, causal=False):
    q, k, v, joined, weights = run(params, x, n_heads, is_padding, causal)
    d_q, d_k, d_v = map(join_heads, attention_backward(q, k, v, weights, split_heads(upstream @ params["Wo"], n_heads)))
    d_x = upstream + d_q @ params["Wq"] + d_k @ params["Wk"] + d_v @ params["Wv"]
    pairs = {"Wq": (d_q, x), "Wk": (d_k, x), "Wv": (d_v, x), "Wo": (upstream, joined)}
    return {name: np.einsum("bto,bti->oi", up, given) for name, (up, given) in pairs.items()}, d_x
