"""Splits, reorders and merges axes by NumPy alone, each function as reshape, transpose, reshape."""
import numpy as np


def patches(images, p):
    b, c, h, w = images.shape
    x = images.reshape(b, c, h // p, p, w // p, p)
    return x.transpose(0, 2, 4, 3, 5, 1).reshape(b, (h // p) * (w // p), p * p * c)


def split_qkv(x, n_heads):
    b, t, width = x.shape
    return x.reshape(b, t, 3, n_heads, width // (3 * n_heads)).transpose(2, 0, 3, 1, 4)


def join_heads(heads):
    b, h, t, d = heads.shape
    return np.moveaxis(heads, 1, 2).reshape(b, t, h * d)


def space_to_depth(x, r):
    b, c, h, w = x.shape
    x = x.reshape(b, c, h // r, r, w // r, r)
    return np.ascontiguousarray(x.transpose(0, 1, 3, 5, 2, 4)).reshape(b, c * r * r, h // r, w // r)


def channel_shuffle(x, groups):
    b, c, h, w = x.shape
    return x.reshape(b, groups, c // groups, h, w).swapaxes(1, 2).reshape(x.shape)


def windows(x, s):
    b, h, w, c = x.shape
    return x.reshape(b, h // s, s, w // s, s, c).swapaxes(2, 3).reshape(-1, s, s, c)
