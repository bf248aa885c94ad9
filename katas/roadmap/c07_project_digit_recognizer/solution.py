"""Handwritten digits, read by a network of any depth in NumPy; a program at the end trains and tests it."""

from __future__ import annotations

import argparse
import gzip
import math
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Layers = list[tuple[Array, Array]]  # (W, b) of each layer: (n_out, n_in) and (n_out,)


def read_idx(path: str | Path) -> NDArray[np.uint8]:
    """Return the array of bytes in an IDX file, which may be compressed by gzip.

    Raises ValueError with the path for what is no IDX file of bytes, is damaged, too short or too long.
    """
    content = Path(path).read_bytes()
    # Two bytes say that it is gzip; the name may say something else.
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            raise ValueError(f"{path}: damaged gzip file ({error})") from error
    # Two zeros, the type (8: unsigned bytes), the number of axes; then their lengths, big end first.
    if len(content) < 4 or content[:3] != b"\x00\x00\x08" or len(content) < 4 + 4 * content[3]:
        raise ValueError(f"{path}: not an IDX file of unsigned bytes")
    n_axes = content[3]
    shape = struct.unpack_from(f">{n_axes}I", content, 4)
    data = np.frombuffer(content, np.uint8, offset=4 + 4 * n_axes)
    if data.size != math.prod(shape):
        raise ValueError(f"{path}: {data.size} bytes of data, expected {math.prod(shape)} for shape {shape}")
    return data.reshape(shape).copy()


def load(images: str | Path, labels: str | Path) -> tuple[Array, NDArray[np.int64]]:
    """Return X (n, pixels), from 0 to 1, and y (n,) of two IDX files. Raises ValueError when they do not match."""
    pictures, y = read_idx(images), read_idx(labels)
    # Their shapes, as labels and images may have been swapped.
    if y.shape != pictures.shape[:1]:
        raise ValueError(f"{labels} (shape {y.shape}) has no label for each image of {images} ({pictures.shape})")
    return pictures.reshape(len(pictures), -1) / 255, y.astype(np.int64)


def init(sizes: Sequence[int], rng: np.random.Generator) -> Layers:
    """Return layers from sizes[0] inputs to sizes[-1] outputs: weights of variance 2 / n_in from `rng`, biases 0."""
    # A ReLU halves the mean square; the 2 makes up for it, so that numbers keep their size at any depth.
    return [(rng.normal(0.0, math.sqrt(2 / n_in), (n_out, n_in)), np.zeros(n_out)) for n_in, n_out in pairwise(sizes)]


def forward(layers: Layers, X: Array) -> Array:
    """Return the logits of the rows of X: a ReLU follows each layer but the last."""
    return _stations(layers, X)[-1]


def _stations(layers: Layers, X: Array) -> list[Array]:
    """What goes into each layer, and behind them the logits."""
    stations = [X]
    for k, (W, b) in enumerate(layers):
        z = stations[-1] @ W.T + b  # (n, n_out)
        stations.append(np.maximum(z, 0.0) if k < len(layers) - 1 else z)
    return stations


def loss_and_gradients(layers: Layers, X: Array, y: NDArray[np.integer[Any]]) -> tuple[float, Layers]:
    """Return the mean cross-entropy of the rows, and its derivatives in the form of `layers`."""
    stations, rows = _stations(layers, X), np.arange(len(X))
    # The largest logit is taken off first, as exp overflows above 709.
    moved = stations[-1] - stations[-1].max(axis=1, keepdims=True)
    log_p = moved - np.log(np.exp(moved).sum(axis=1, keepdims=True))
    back = np.exp(log_p)  # (n, classes)
    back[rows, y] -= 1.0
    back /= len(X)
    gradients: Layers = []
    for (W, _), station in zip(reversed(layers), reversed(stations[:-1]), strict=True):
        gradients.append((back.T @ station, back.sum(axis=0)))
        # What a ReLU has let through is above 0. (For the first layer, this is computed and not needed.)
        back = back @ W * (station > 0)
    return float(-log_p[rows, y].mean()), gradients[::-1]


def step(layers: Layers, gradients: Layers, learning_rate: float) -> Layers:
    """Return new layers, one step of descent further; the old ones stay as they are."""
    return [
        (W - learning_rate * dW, b - learning_rate * db) for (W, b), (dW, db) in zip(layers, gradients, strict=True)
    ]


def batches(n: int, batch_size: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Yield the numbers 0 to n - 1 in a random order, `batch_size` at a time; the last batch may be smaller."""
    order = rng.permutation(n)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def train(
    X: Array,
    y: NDArray[np.integer[Any]],
    hidden: Sequence[int] = (64,),
    epochs: int = 20,
    batch_size: int = 16,
    learning_rate: float = 0.1,
    seed: int = 0,
) -> Layers:
    """Return layers, trained by stochastic descent; `hidden` has the neurons of each hidden layer."""
    rng = np.random.default_rng(seed)
    layers = init([X.shape[1], *hidden, int(y.max()) + 1], rng)
    for _ in range(epochs):
        for rows in batches(len(X), batch_size, rng):
            _, gradients = loss_and_gradients(layers, X[rows], y[rows])
            layers = step(layers, gradients, learning_rate)
    return layers


def main(arguments: Sequence[str] | None = None) -> int:
    """Train on two files, test on two others, print the share that is right, and draw the first misread digits."""
    parser = argparse.ArgumentParser(description="Train a network to read digits, and show what it misreads.")
    for name in ("train_images", "train_labels", "test_images", "test_labels"):
        parser.add_argument(name, type=Path, help="an IDX file, compressed by gzip or not")
    parser.add_argument("--hidden", type=int, nargs="*", default=[64], help="neurons of each hidden layer")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    try:
        X, y = load(options.train_images, options.train_labels)
        X_test, y_test = load(options.test_images, options.test_labels)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    layers = train(X, y, options.hidden, options.epochs, seed=options.seed)
    read = forward(layers, X_test).argmax(axis=1)
    wrong = np.flatnonzero(read != y_test)
    print(f"{len(y_test) - len(wrong)} of {len(y_test)} right ({1 - len(wrong) / len(y_test):.1%})")
    for i in wrong[:5]:
        print(f"\nimage {i}: {y_test[i]}, read as {read[i]}")
        for row in X_test[i].reshape(math.isqrt(X_test.shape[1]), -1):
            # Twice, as a character is about twice as high as it is wide.
            print("".join(" .:-=+*#%@"[round(v * 9)] * 2 for v in row))
    return 0


if __name__ == "__main__":
    sys.exit(main())


# A network that sees the digits as rows of pixels does not know which of them are neighbours: shift an image by two
# pixels, and it is another one. Convolutions know (m09), and read over 99 % of MNIST. What was left out here: momentum
# or Adam, a falling learning rate, weight decay, and a validation set to choose the depth by.
