"""Contracts everything by einsum, with the heads as an axis of the matrices, and masks by adding -inf."""
import numpy as np


def split_heads(x, n_heads):
    if x.shape[-1] % n_heads:
        raise ValueError(f"{n_heads} heads do not fit {x.shape[-1]} columns")
    return np.stack(np.split(x, n_heads, axis=-1), axis=1)


def join_heads(heads):
    return np.concatenate([*heads.transpose(1, 0, 2, 3)], axis=-1)


def attention(q, k, v, hidden=None):
    scores = np.einsum("bhtw,bhsw->bhts", q, k) * q.dtype.type(q.shape[-1] ** -0.5)
    if hidden is None:
        hidden = np.False_
    bias = np.where(hidden, q.dtype.type(-np.inf), q.dtype.type(0))
    scores = scores + bias
    top = np.maximum(scores.max(-1, keepdims=True), np.finfo(q.dtype).min)
    e = np.exp(scores - top)
    total = e.sum(-1, keepdims=True)
    weights = np.divide(e, total, out=np.zeros_like(e), where=total > 0)
    return np.einsum("bhts,bhsu->bhtu", weights, v), weights


def multi_head(x, context, params, n_heads, is_padding=None, causal=False):
    (b, t, d), s = x.shape, context.shape[1]
    if d % n_heads != 0:
        raise ValueError("n_heads")
    Wq, Wk, Wv = (params[name].reshape(n_heads, d // n_heads, d) for name in ("Wq", "Wk", "Wv"))
    hidden = np.zeros((b, 1, t, s), dtype=bool)
    if is_padding is not None:
        if is_padding.dtype.kind != "b":
            raise ValueError("is_padding has to be bool")
        if is_padding.shape != (b, s):
            raise ValueError("is_padding has to be (b, s)")
        hidden[is_padding[:, None, None, :].repeat(t, 2)] = True
    if causal:
        hidden |= np.arange(s) > np.arange(t)[:, None]
    out, weights = attention(
        np.einsum("btd,hwd->bhtw", x, Wq),
        np.einsum("bsd,hwd->bhsw", context, Wk),
        np.einsum("bsd,hwd->bhsw", context, Wv),
        hidden,
    )
    return np.einsum("bhtw,ehw->bte", out, params["Wo"].reshape(d, n_heads, d // n_heads)), weights
