"""Folds heads into the batch, as PyTorch does, and mends the rows without a key afterwards."""
import numpy as np


def split_heads(x, n_heads):
    b, t, d = x.shape
    if d % n_heads:
        raise ValueError("d % n_heads")
    return np.moveaxis(np.reshape(x, (b, t, n_heads, -1)), 2, 1).copy()


def join_heads(heads):
    b, h, t, w = heads.shape
    return np.ascontiguousarray(heads.transpose(0, 2, 1, 3)).reshape(b, t, -1)


def attention(q, k, v, hidden=None):
    b, h, t, w = q.shape
    s, u = v.shape[2:]
    scores = np.matmul(q.reshape(b * h, t, w), k.reshape(b * h, s, w).transpose(0, 2, 1))
    scores = scores.reshape(b, h, t, s)
    scores /= w**0.5
    dead = np.zeros((b, h, t, s), bool) if hidden is None else np.broadcast_to(hidden, scores.shape)
    scores[dead] = -np.inf
    with np.errstate(invalid="ignore"):
        weights = np.exp(scores - scores.max(axis=3, keepdims=True))
        weights /= weights.sum(axis=3, keepdims=True)
    weights = np.nan_to_num(weights, nan=0.0)
    return np.matmul(weights.reshape(b * h, t, s), v.reshape(b * h, s, u)).reshape(b, h, t, u), weights


def multi_head(x, context, params, n_heads, is_padding=None, causal=False):
    if is_padding is not None and (is_padding.dtype != np.bool_ or is_padding.shape != context.shape[:2]):
        raise ValueError("is_padding")
    can_see = np.ones((len(x), 1, x.shape[1], context.shape[1]), dtype=bool)
    if causal:
        can_see &= np.tril(np.ones(can_see.shape[2:], dtype=bool))
    if is_padding is not None:
        can_see &= np.logical_not(is_padding).reshape(len(x), 1, 1, -1)
    q = split_heads(np.matmul(x, params["Wq"].T), n_heads)
    k = split_heads(np.matmul(context, params["Wk"].T), n_heads)
    v = split_heads(np.matmul(context, params["Wv"].T), n_heads)
    heads, weights = attention(q, k, v, ~can_see)
    return np.dot(join_heads(heads), params["Wo"].T), weights
