"""One-hot labels, explicit loops, and a file read piece by piece."""

import argparse
import gzip
import sys
import zlib

import numpy as np


def read_idx(path):
    with open(path, "rb") as file:
        raw = file.read()
    if raw.startswith(bytes([0x1F, 0x8B])):
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{path} cannot be unpacked: {error}") from None
    if raw[:3] != bytes([0, 0, 8]) or len(raw) < 4:
        raise ValueError(f"{path} has the wrong magic number")
    end = 4 + 4 * raw[3]
    shape = [int.from_bytes(raw[at : at + 4], "big") for at in range(4, end, 4)]
    total = 1
    for length in shape:
        total *= length
    if len(raw) != end + total:
        raise ValueError(f"{path} has {len(raw)} bytes, its header says {end + total}")
    return np.array(list(raw[end:]), dtype=np.uint8).reshape(shape)


def load(images, labels):
    X, y = read_idx(images).astype(float), read_idx(labels).astype(int)
    if y.ndim > 1 or X.shape[0] != y.shape[0]:
        raise ValueError(f"{X.shape[0]} images, {y.shape[0]} labels: {images}, {labels}")
    return X.reshape(X.shape[0], -1) / 255.0, y


def init(sizes, rng):
    layers = []
    for k in range(len(sizes) - 1):
        W = rng.standard_normal((sizes[k + 1], sizes[k])) * np.sqrt(2.0 / sizes[k])
        layers.append([W, np.zeros(sizes[k + 1])])
    return layers


def forward(layers, X):
    for W, b in layers[:-1]:
        X = np.maximum(0, np.dot(X, W.T) + b)
    W, b = layers[-1]
    return np.dot(X, W.T) + b


def loss_and_gradients(layers, X, y):
    inputs = [X]
    for k in range(1, len(layers)):
        inputs.append(np.maximum(0, forward(layers[:k], X)))
    logits = forward(layers, X)
    wanted = np.eye(logits.shape[1])[y]
    top = logits.max(axis=1, keepdims=True)
    log_total = top + np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    loss = ((log_total - logits) * wanted).sum() / len(X)
    back = (np.exp(logits - log_total) - wanted) / len(X)
    gradients = [None] * len(layers)
    for k in range(len(layers) - 1, -1, -1):
        gradients[k] = [back.T @ inputs[k], np.ones(len(X)) @ back]
        back = np.where(inputs[k] > 0, back @ layers[k][0], 0)
    return loss, gradients


def step(layers, gradients, learning_rate):
    return [
        [W - learning_rate * gradients[k][0], b - learning_rate * gradients[k][1]] for k, (W, b) in enumerate(layers)
    ]


def batches(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    return [order[at : at + batch_size] for at in range(0, n, batch_size)]


def train(X, y, hidden=(64,), epochs=20, batch_size=16, learning_rate=0.1, seed=0):
    rng = np.random.default_rng(seed)
    layers = init([X.shape[1]] + list(hidden) + [max(y) + 1], rng)
    for _ in range(epochs):
        for rows in batches(len(X), batch_size, rng):
            layers = step(layers, loss_and_gradients(layers, X[rows], y[rows])[1], learning_rate)
    return layers


def main(arguments=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs=4)
    parser.add_argument("--hidden", nargs="+", type=int, default=(64,))
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    try:
        data = load(*args.files[:2]), load(*args.files[2:])
    except Exception as error:
        sys.exit(str(error))
    layers = train(*data[0], hidden=args.hidden, epochs=args.epochs, seed=args.seed)
    X, y = data[1]
    told = forward(layers, X).argmax(axis=1)
    right = int((told == y).sum())
    print(f"{right} of {len(y)} right ({100 * right / len(y):.1f}%)")
    shown = 0
    for i in range(len(y)):
        if told[i] != y[i] and shown < 5:
            shown += 1
            print(f"image {i}: {y[i]}, read as {told[i]}")
            side = round(X.shape[1] ** 0.5)
            for row in X[i].reshape(side, side):
                print("".join("#" if v > 0.6 else "+" if v > 0.2 else " " for v in row))


if __name__ == "__main__":
    main()
