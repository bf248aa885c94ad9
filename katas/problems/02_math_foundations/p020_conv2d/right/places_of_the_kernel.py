"""A short loop over the places of the kernel, all pixels at once."""
import numpy as np


def conv2d(x, kernel, stride=1, padding=0):
    if kernel.shape[1] != x.shape[0]:
        raise ValueError("kernel: other channels than the image")
    sh, sw = stride if isinstance(stride, tuple) else (stride, stride)
    if sh < 1 or sw < 1:
        raise ValueError("stride below 1")
    ph, pw = padding if isinstance(padding, tuple) else (padding, padding)
    if ph < 0 or pw < 0:
        raise ValueError("padding below 0")
    kind = np.int64 if x.dtype.kind in "iu" and kernel.dtype.kind in "iu" else np.float64
    c, h, w = x.shape
    o, _, kh, kw = kernel.shape
    big = np.zeros((c, h + 2 * ph, w + 2 * pw), dtype=kind)
    big[:, ph : ph + h, pw : pw + w] = x
    if kh > big.shape[1] or kw > big.shape[2]:
        raise ValueError("kernel too large")
    oh, ow = (big.shape[1] - kh) // sh + 1, (big.shape[2] - kw) // sw + 1
    out = np.zeros((o, oh, ow), dtype=kind)
    for u in range(kh):
        for v in range(kw):
            part = big[:, u : u + sh * oh : sh, v : v + sw * ow : sw]
            out += (kernel[:, :, u, v].astype(kind)[:, :, None, None] * part[None]).sum(axis=1)
    return out
