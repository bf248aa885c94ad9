"""Sliding windows with a stride, slices with a step, an index, and einsum to name the axes."""
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def _divides(part, *sizes):
    if any([size % part for size in (sizes[0], sizes[-1])]):
        raise ValueError(f"{part} does not divide {sizes}")


def windows(x, s):
    _divides(s, *x.shape[1:3])
    tiles = sliding_window_view(x, (s, s), axis=(1, 2))[:, ::s, ::s]  # (b, h, w, c, s, s)
    return np.einsum("bhwcij->bhwijc", tiles).reshape(-1, s, s, x.shape[3])


def patches(images, p):
    b, c, h, w = images.shape
    return windows(images.transpose(0, 2, 3, 1), p).reshape(b, -1, p * p * c)


def split_qkv(x, n_heads):
    if x.shape[2] % (3 * n_heads):
        raise ValueError("3 * n_heads")
    return np.einsum("btqhd->qbhtd", x.reshape(*x.shape[:2], 3, n_heads, -1))


def join_heads(heads):
    b, h, t, d = heads.shape
    return np.einsum("bhtd->bthd", heads).reshape(b, t, -1)


def space_to_depth(x, r):
    b, c, h, w = x.shape
    _divides(r, h, w)
    return np.einsum("bcyixj->bcijyx", x.reshape(b, c, h // r, r, w // r, r)).reshape(b, -1, h // r, w // r)


def channel_shuffle(x, groups):
    _divides(groups, x.shape[1])
    return x[:, np.arange(x.shape[1]).reshape(groups, -1).T.ravel()]
