"""Softmax and backward pass by hand, full batches with momentum, subplots of pyplot."""

import math

import matplotlib.pyplot as plt
import numpy as np


def train(X, y, hidden=32, epochs=30, learning_rate=0.2, seed=0):
    rng = np.random.default_rng(seed)
    k = int(max(y)) + 1
    W1 = rng.uniform(-1, 1, (X.shape[1], hidden)) * math.sqrt(6 / (X.shape[1] + hidden))
    W2 = rng.uniform(-1, 1, (hidden, k)) * math.sqrt(6 / (hidden + k))
    b1, b2 = np.zeros(hidden), np.zeros(k)
    x = X / 16
    for _ in range(epochs):
        order = np.arange(len(x))
        rng.shuffle(order)
        for rows in np.array_split(order, max(1, len(x) // 16)):
            a = x[rows]
            z = a @ W1 + b1
            h = z * (z > 0)
            p = softmax(h @ W2 + b2)
            p[range(len(rows)), y[rows]] -= 1
            p = p / len(rows)
            q = (p @ W2.T) * (z > 0)
            W2 = W2 - learning_rate * (h.T @ p)
            b2 = b2 - learning_rate * p.sum(0)
            W1 = W1 - learning_rate * (a.T @ q)
            b1 = b1 - learning_rate * q.sum(0)
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def softmax(z):
    e = np.exp(z - z.max(axis=1)[:, None])
    return e / e.sum(axis=1)[:, None]


def logits(params, X):
    z = (X / 16) @ params["W1"] + params["b1"]
    return z, (z * (z > 0)) @ params["W2"] + params["b2"]


def predict(params, X):
    return logits(params, X)[1].argmax(1)


def pixel_gradient(params, X, y):
    z, out = logits(params, X)
    p = softmax(out)
    t = np.zeros_like(p)
    for i in range(len(y)):
        t[i, y[i]] = 1
    return ((p - t) @ params["W2"].T * (z > 0)) @ params["W1"].T / 16


def attack(params, X, y, epsilon):
    if epsilon < 0:
        raise ValueError("epsilon is negative")
    g = pixel_gradient(params, X, y)
    moved = np.where(g > 0, X + epsilon, np.where(g < 0, X - epsilon, X))
    return np.minimum(np.maximum(moved, 0), 16)


def fooled(params, X, y, changed):
    right = total = 0
    for a, b, label in zip(predict(params, X), predict(params, changed), y, strict=True):
        if a == label:
            total += 1
            right += b == label
    if not total:
        raise ValueError("nothing was right before")
    return 1 - right / total


def compare(params, X, y, epsilons, seed=0):
    rows = []
    for epsilon in epsilons:
        rng = np.random.default_rng(seed)
        signs = np.where(rng.random(X.shape) < 0.5, -1, 1)
        noisy = np.clip(X + epsilon * signs, 0, 16)
        rows.append([epsilon, fooled(params, X, y, attack(params, X, y, epsilon)), fooled(params, X, y, noisy)])
    return rows


def draw_fooled(params, X, y, epsilon, n=5):
    after = attack(params, X, y, epsilon)
    a, b = predict(params, X), predict(params, after)
    found = [i for i in range(len(X)) if a[i] == y[i] and b[i] != y[i]][:n]
    side = math.isqrt(X.shape[1])
    figure, axes = plt.subplots(3, len(found), squeeze=False)
    for j, i in enumerate(found):
        axes[0, j].imshow(X[i].reshape(side, side), vmin=0, vmax=16)
        axes[1, j].imshow((after[i] - X[i]).reshape(side, side), vmin=-epsilon, vmax=epsilon)
        axes[2, j].imshow(after[i].reshape(side, side), vmin=0, vmax=16)
        axes[0, j].set_title(f"a {a[i]}")
        axes[2, j].set_title(f"a {b[i]}?")
    plt.close(figure)
    return figure


def draw_comparison(rows):
    figure, axes = plt.subplots()
    rows = np.array(rows)
    for column, name in enumerate(["attack", "noise"], 1):
        axes.plot(rows[:, 0], rows[:, column], label=name)
    axes.legend()
    plt.close(figure)
    return figure
