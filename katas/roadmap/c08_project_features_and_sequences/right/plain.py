"""The same by loops over the texts, drawn by pyplot."""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from cnn import conv, max_pool
from rnn import unroll
from sequences import unroll_backward


@dataclass(frozen=True)
class Reader:
    vocabulary: dict
    params: dict


def feature_maps(params, image):
    c1 = np.maximum(conv(image[None], params["w1"], params["b1"], 1), 0)
    p1 = max_pool(c1, 2)
    c2 = np.maximum(conv(p1, params["w2"], params["b2"], 1), 0)
    p2 = max_pool(c2, 2)
    return [("image", image), ("conv 1", c1[0]), ("pool 1", p1[0]), ("conv 2", c2[0]), ("pool 2", p2[0])]


def draw_feature_maps(params, image):
    found = [(f"{name}: {i}", one) for name, maps in feature_maps(params, image) for i, one in enumerate(maps)]
    figure, axes = plt.subplots(6, -(-len(found) // 6), figsize=(9, 9), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, (title, one) in zip(axes.flat, found):
        ax.imshow(one)
        ax.set_title(title)
    plt.close(figure)
    return figure


def encode(texts, vocabulary):
    rows = [[vocabulary.get(w, 1) for w in text.lower().split()] for text in texts]
    if min(len(row) for row in rows) == 0:
        raise ValueError("empty text")
    ids = np.zeros((len(rows), max(len(row) for row in rows)), dtype=int)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
    return ids, ids == 0


def cell_of(params):
    return {name: params[name] for name in ("W_x", "W_h", "b")}


def weights_of(params, hs, is_padding):
    scores = hs @ params["query"] / np.sqrt(hs.shape[-1])
    scores = np.where(is_padding, -1e300, scores)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def forward(params, ids, is_padding):
    hs, _ = unroll(cell_of(params), params["E"][ids])
    a = weights_of(params, hs, is_padding)
    return np.einsum("nt,nth->nh", a, hs) @ params["W_out"].T + params["b_out"], a


def loss_and_gradients(params, ids, is_padding, labels):
    n = len(ids)
    rows = params["E"][ids]
    hs, _ = unroll(cell_of(params), rows)
    logits, a = forward(params, ids, is_padding)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[range(n), labels]).mean()
    p[range(n), labels] -= 1
    p /= n
    pooled = np.einsum("nt,nth->nh", a, hs)
    d_pooled = p @ params["W_out"]
    d_a = np.einsum("nh,nth->nt", d_pooled, hs)
    d_s = a * (d_a - (a * d_a).sum(axis=1, keepdims=True)) / np.sqrt(hs.shape[-1])
    d_hs = a[..., None] * d_pooled[:, None] + d_s[..., None] * params["query"]
    g, d_rows, _ = unroll_backward(cell_of(params), rows, d_hs)
    g["W_out"], g["b_out"], g["query"] = p.T @ pooled, p.sum(axis=0), np.einsum("nt,nth->h", d_s, hs)
    g["E"] = np.zeros(params["E"].shape)
    for i, d in zip(ids.ravel(), d_rows.reshape(-1, d_rows.shape[-1])):
        g["E"][i] += d
    return loss, g


def fit(texts, labels, seed=0):
    if len(labels) != len(texts):
        raise ValueError("one label for each text")
    rng = np.random.default_rng(seed)
    vocabulary = {}
    for text in texts:
        for word in text.lower().split():
            vocabulary.setdefault(word, len(vocabulary) + 2)
    h, k = 12, max(labels) + 1
    params = {
        "E": rng.normal(0, 0.5, (len(vocabulary) + 2, h)),
        "W_x": rng.normal(0, 0.3, (h, h)),
        "W_h": rng.normal(0, 0.02, (h, h)),
        "b": np.zeros(h),
        "query": rng.normal(0, 0.01, h),
        "W_out": rng.normal(0, 0.3, (k, h)),
        "b_out": np.zeros(k),
    }
    ids, is_padding = encode(texts, vocabulary)
    labels = np.array(labels)
    for _ in range(40):
        order = rng.permutation(len(ids))
        for i in range(0, len(ids), 16):
            batch = order[i : i + 16]
            for name, g in loss_and_gradients(params, ids[batch], is_padding[batch], labels[batch])[1].items():
                params[name] = params[name] - 0.5 * g
    return Reader(vocabulary, params)


def read(reader, texts):
    ids, is_padding = encode(texts, reader.vocabulary)
    logits, a = forward(reader.params, ids, is_padding)
    return np.argmax(logits, axis=1), [a[i, : len(text.split())] for i, text in enumerate(texts)]


def draw_attention(text, weights):
    figure, ax = plt.subplots()
    ax.bar(range(len(weights)), weights, tick_label=text.split())
    plt.close(figure)
    return figure
