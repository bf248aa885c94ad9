"""A convolutional network that learns: its layers, their gradients, and training."""

from __future__ import annotations

from typing import Any

import numpy as np
from conv2d import conv2d
from numpy.typing import NDArray

Array = NDArray[np.float64]
# w1 (f1, c, 3, 3), b1 (f1,), w2 (f2, f1, 3, 3), b2 (f2,), w3 (k, f2 * (h // 4) * (w // 4)), b3 (k,)
Params = dict[str, Array]
N_EPOCHS, BATCH, RATE = 8, 20, 0.08


def conv(x: Array, w: Array, b: Array, padding: int = 0) -> Array:
    """Return conv2d of each image, plus the bias of each output channel: (n, o, oh, ow).

    x: (n, c, h, w); w: (o, c, kh, kw); b: (o,).
    """
    return np.stack([conv2d(image, w, padding=padding) for image in x]) + b[:, None, None]


def conv_backward(upstream: Array, x: Array, w: Array, padding: int = 0) -> tuple[Array, Array, Array]:
    """Return the gradients (d_x, d_w, d_b) of conv, each of the shape of what it belongs to.

    upstream: (n, o, oh, ow), the gradient with respect to what conv(x, w, b, padding) returns.
    """
    kh, kw = w.shape[2:]
    # What a weight has met: it slid over the padded image, so the upstream gradient slides over it in its place.
    # Images take the part of channels, as they are what is summed away.
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    above = upstream.swapaxes(0, 1)  # (o, n, oh, ow)
    d_w = np.stack([conv2d(channel, above) for channel in padded.swapaxes(0, 1)], axis=1)  # (o, c, kh, kw)
    # Whom a pixel has reached: the outputs up and left of it, and the first of them by the last weight. So the kernel
    # is turned round here, its two channel axes change places, and every output that has seen the pixel is in reach.
    turned = w[:, :, ::-1, ::-1].swapaxes(0, 1)  # (c, o, kh, kw)
    d_padded = np.stack([conv2d(image, turned, padding=(kh - 1, kw - 1)) for image in upstream])
    h, width = x.shape[2:]
    d_x = d_padded[:, :, padding : padding + h, padding : padding + width]  # the padding was no part of x
    return d_x, d_w, upstream.sum(axis=(0, 2, 3))


def max_pool(x: Array, size: int) -> Array:
    """Return the largest number of each window of size x size: (n, c, h // size, w // size).

    Windows do not overlap; rows and columns at the far end that fill none are left out.
    """
    return np.asarray(_windows(x, size).max(axis=-1))


def max_pool_backward(upstream: Array, x: Array, size: int) -> Array:
    """Return the gradient (n, c, h, w) of max_pool: that of a window goes to its first largest number."""
    windows = _windows(x, size)
    n, c, oh, ow, _ = windows.shape
    # argmax returns the first of equals. After a ReLU whole windows are zeros: a mask of "equal to the largest" would
    # hand their gradient out four times.
    is_first = np.arange(size * size) == windows.argmax(axis=-1)[..., None]
    d_windows = (is_first * upstream[..., None]).reshape(n, c, oh, ow, size, size)
    d_x = np.zeros(x.shape)
    d_x[:, :, : oh * size, : ow * size] = d_windows.swapaxes(3, 4).reshape(n, c, oh * size, ow * size)
    return d_x


def _windows(x: Array, size: int) -> Array:
    """The numbers of each window, in reading order: (n, c, oh, ow, size * size)."""
    n, c, h, w = x.shape
    oh, ow = h // size, w // size
    split = x[:, :, : oh * size, : ow * size].reshape(n, c, oh, size, ow, size)
    return split.swapaxes(3, 4).reshape(n, c, oh, ow, size * size)


def forward(params: Params, x: Array) -> Array:
    """Return the logits (n, k) of images (n, c, h, w).

    Twice a conv with padding 1, a ReLU and a max_pool of size 2; then x @ w3.T + b3 on the flattened features.
    """
    return _layers(params, x)[-1]


def _layers(params: Params, x: Array) -> tuple[Array, Array, Array, Array, Array]:
    """What the way back needs: both results of conv, the first pooled features, the flattened ones, the logits."""
    before1 = conv(x, params["w1"], params["b1"], padding=1)  # (n, f1, h, w)
    pooled = max_pool(np.maximum(before1, 0.0), 2)  # (n, f1, h // 2, w // 2)
    before2 = conv(pooled, params["w2"], params["b2"], padding=1)  # (n, f2, h // 2, w // 2)
    features = max_pool(np.maximum(before2, 0.0), 2).reshape(len(x), -1)  # (n, f2 * (h // 4) * (w // 4))
    return before1, pooled, before2, features, features @ params["w3"].T + params["b3"]


def loss_and_gradients(params: Params, x: Array, labels: NDArray[Any]) -> tuple[float, Params]:
    """Return the mean cross-entropy of the logits, and its gradients: a dict like params.

    labels: (n,) integers. Raises ValueError for one that is no class.
    """
    before1, pooled, before2, features, logits = _layers(params, x)
    n, k = logits.shape
    if labels.min() < 0 or labels.max() >= k:  # -1 would be the last class without a word
        raise ValueError(f"labels must be from 0 to {k - 1}, got {labels.min()} to {labels.max()}")

    # Moved so that the largest logit is 0: exp cannot overflow, and the softmax stays the same.
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # (n, k)
    loss = -log_p[np.arange(n), labels].mean()

    d_logits = (np.exp(log_p) - np.eye(k)[labels]) / n  # (n, k)
    gradients = {"w3": d_logits.T @ features, "b3": d_logits.sum(axis=0)}
    # The same way back: each layer hands on the gradient of what it was given.
    relu2 = np.maximum(before2, 0.0)
    d_pooled2 = (d_logits @ params["w3"]).reshape(n, -1, relu2.shape[2] // 2, relu2.shape[3] // 2)
    d_before2 = max_pool_backward(d_pooled2, relu2, 2) * (before2 > 0)
    d_pooled1, gradients["w2"], gradients["b2"] = conv_backward(d_before2, pooled, params["w2"], padding=1)
    d_before1 = max_pool_backward(d_pooled1, np.maximum(before1, 0.0), 2) * (before1 > 0)
    _, gradients["w1"], gradients["b1"] = conv_backward(d_before1, x, params["w1"], padding=1)
    return float(loss), gradients


def fit(x: Array, labels: NDArray[Any], n_classes: int, seed: int = 0) -> Params:
    """Return the params of a network that has learned the labels of the images, from a start drawn by `seed`."""
    rng = np.random.default_rng(seed)
    n, c, h, w = x.shape
    f1, f2 = 8, 16
    shapes = {"w1": (f1, c, 3, 3), "w2": (f2, f1, 3, 3), "w3": (n_classes, f2 * (h // 4) * (w // 4))}
    params: Params = {}
    for name, shape in shapes.items():
        # He: a variance of 2 / (inputs of one output) keeps the size of the numbers from layer to layer.
        params[name] = rng.normal(0.0, np.sqrt(2.0 / np.prod(shape[1:])), shape)
        params[name.replace("w", "b")] = np.zeros(shape[0])

    speed = {name: np.zeros_like(value) for name, value in params.items()}
    for epoch in range(N_EPOCHS):
        rate = RATE * (1 - epoch / N_EPOCHS)  # long steps first, short ones to settle
        order = rng.permutation(n)  # other batches in each epoch
        for start in range(0, n, BATCH):
            rows = order[start : start + BATCH]
            _, gradients = loss_and_gradients(params, x[rows], labels[rows])
            for name, gradient in gradients.items():
                speed[name] = 0.9 * speed[name] - rate * gradient  # momentum: most steps point the same way
                params[name] += speed[name]
    return params


def predict(params: Params, x: Array) -> NDArray[np.intp]:
    """Return the class of the largest logit of each image: (n,)."""
    return np.asarray(forward(params, x).argmax(axis=1))


# PyTorch's Conv2d does the same on a batch at once, its autograd keeps what _layers returns, and MaxPool2d notes the
# places of the largest numbers on the way forward. Networks in use add batch normalisation after each convolution,
# and often drop the pooling for a convolution of stride 2.
