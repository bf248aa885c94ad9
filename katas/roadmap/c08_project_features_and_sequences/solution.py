"""What a convolutional network sees, drawn; and a reader of texts that shows which word it looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from attention import attention
from cnn import conv, max_pool
from matplotlib.figure import Figure
from numpy.typing import NDArray
from rnn import unroll
from sequences import attention_backward, clip, unroll_backward

Array = NDArray[Any]
Ids = NDArray[np.intp]
Mask = NDArray[np.bool_]
# E (v, d), W_x (h, d), W_h (h, h), b (h,), query (h,), W_out (k, h), b_out (k,)
Params = dict[str, Array]

PADDING, UNKNOWN = 0, 1
WIDTH, N_HIDDEN, N_EPOCHS, BATCH, RATE = 12, 16, 40, 20, 0.5


@dataclass(frozen=True)
class Reader:
    """A trained reader: the id of each word that it knows, from 2 upwards, and the parameters."""

    vocabulary: dict[str, int]
    params: Params


def feature_maps(params: Params, image: Array) -> list[tuple[str, Array]]:
    """Return the name and the maps (channels, height, width) of each layer of c08_1's network, for one image (c, h, w).

    The names are "image", "conv 1", "pool 1", "conv 2" and "pool 2"; those of conv are taken after the ReLU.
    """
    layers = [("image", image)]
    for i in "12":
        maps = np.maximum(conv(layers[-1][1][None], params[f"w{i}"], params[f"b{i}"], padding=1), 0.0)
        layers += [(f"conv {i}", maps[0]), (f"pool {i}", max_pool(maps, 2)[0])]
    return layers


def draw_feature_maps(params: Params, image: Array) -> Figure:
    """Return a figure with one axes and one imshow for each map, titled by layer and number: "conv 1: 0"."""
    layers = feature_maps(params, image)
    n_columns = max(len(maps) for _, maps in layers)
    figure = Figure(figsize=(n_columns, 1.3 * len(layers)), layout="constrained")
    for row, (name, maps) in enumerate(layers):
        for i, one in enumerate(maps):
            axes = figure.add_subplot(len(layers), n_columns, row * n_columns + i + 1)
            # One scale for a layer: a map that is nearly silent should look so.
            axes.imshow(one, cmap="gray", vmin=maps.min(), vmax=maps.max())
            axes.set_title(f"{name}: {i}", fontsize="small")
            axes.set_axis_off()
    return figure


def encode(texts: Sequence[str], vocabulary: dict[str, int]) -> tuple[Ids, Mask]:
    """Return (ids, is_padding), each (n, length of the longest text): words in lower case, split at white space.

    A word that is not in the vocabulary has the id 1; shorter texts are filled up with 0 at the end.
    Raises ValueError for a text without words.
    """
    rows = [[vocabulary.get(word, UNKNOWN) for word in text.lower().split()] for text in texts]
    if not all(rows):
        raise ValueError("a text without words cannot be read")
    lengths = np.array([len(row) for row in rows])
    is_padding = np.arange(lengths.max()) >= lengths[:, None]  # (n, t)
    ids = np.full(is_padding.shape, PADDING)
    ids[~is_padding] = np.concatenate(rows)
    return ids, is_padding


def forward(params: Params, ids: Ids, is_padding: Mask) -> tuple[Array, Array]:
    """Return the logits (n, k), and the attention weights (n, t).

    Rows of E go through the recurrent network; `query` attends to its states, padding hidden; what it receives goes
    through W_out and b_out.
    """
    _, _, pooled, weights = _states(params, ids, is_padding)
    return pooled @ params["W_out"].T + params["b_out"], weights


def _states(params: Params, ids: Ids, is_padding: Mask) -> tuple[Array, Array, Array, Array]:
    """What the way back needs: the words (n, t, d), the states (n, t, h), their weighted sum (n, h), the weights."""
    words = params["E"][ids]
    hs, _ = unroll(params, words)
    query = np.broadcast_to(params["query"], (len(ids), 1, 1, hs.shape[2]))
    states = hs[:, None]  # one head: (n, 1, t, h)
    output, weights = attention(query, states, states, is_padding[:, None, None])
    return words, hs, output[:, 0, 0], weights[:, 0, 0]


def loss_and_gradients(params: Params, ids: Ids, is_padding: Mask, labels: NDArray[Any]) -> tuple[float, Params]:
    """Return the mean cross-entropy of the logits, and its gradients: a dict like params."""
    words, hs, pooled, weights = _states(params, ids, is_padding)
    logits = pooled @ params["W_out"].T + params["b_out"]
    n, k = logits.shape
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    d_logits = (np.exp(log_p) - np.eye(k)[labels]) / n  # (n, k)
    gradients = {"W_out": d_logits.T @ pooled, "b_out": d_logits.sum(axis=0)}
    d_pooled = (d_logits @ params["W_out"])[:, None, None]  # (n, 1, 1, h)
    query, states = np.broadcast_to(params["query"], d_pooled.shape), hs[:, None]
    d_query, d_keys, d_values = attention_backward(query, states, states, weights[:, None, None], d_pooled)
    gradients["query"] = d_query.sum(axis=(0, 1, 2))
    # The states are keys and values at once.
    cell = {name: params[name] for name in ("W_x", "W_h", "b")}
    d_cell, d_words, _ = unroll_backward(cell, words, (d_keys + d_values)[:, 0])
    gradients |= d_cell
    gradients["E"] = np.zeros_like(params["E"])
    np.add.at(gradients["E"], ids, d_words)  # "+=" would count a word once that comes twice
    return float(-log_p[np.arange(n), labels].mean()), gradients


def fit(texts: Sequence[str], labels: Sequence[int], seed: int = 0) -> Reader:
    """Return a reader that has learned the labels, 0, 1, … of the texts, from a start drawn by `seed`.

    Raises ValueError where there are not as many labels as texts.
    """
    if len(texts) != len(labels):
        raise ValueError(f"{len(texts)} texts and {len(labels)} labels")
    words = sorted({word for text in texts for word in text.lower().split()})
    vocabulary = {word: i for i, word in enumerate(words, start=UNKNOWN + 1)}
    rng = np.random.default_rng(seed)
    y, k = np.asarray(labels), max(labels) + 1
    params = {
        "E": rng.normal(0.0, 0.5, (len(words) + 2, WIDTH)),
        "W_x": rng.normal(0.0, WIDTH**-0.5, (N_HIDDEN, WIDTH)),
        # The memory starts weak: a state tells of its own word first, and attention can find the word that matters.
        "W_h": rng.normal(0.0, 0.1 * N_HIDDEN**-0.5, (N_HIDDEN, N_HIDDEN)),
        "b": np.zeros(N_HIDDEN),
        "query": np.zeros(N_HIDDEN),  # at first, all words are looked at alike
        "W_out": rng.normal(0.0, N_HIDDEN**-0.5, (k, N_HIDDEN)),
        "b_out": np.zeros(k),
    }
    for _ in range(N_EPOCHS):
        order = rng.permutation(len(texts))
        for start in range(0, len(texts), BATCH):
            rows = order[start : start + BATCH]
            ids, is_padding = encode([texts[i] for i in rows], vocabulary)
            _, gradients = loss_and_gradients(params, ids, is_padding, y[rows])
            for name, gradient in clip(gradients, 1.0).items():
                params[name] -= RATE * gradient
    return Reader(vocabulary, params)


def read(reader: Reader, texts: Sequence[str]) -> tuple[Ids, list[Array]]:
    """Return the class of each text, (n,), and for each text the weights of its words, in order."""
    ids, is_padding = encode(texts, reader.vocabulary)
    logits, weights = forward(reader.params, ids, is_padding)
    return logits.argmax(axis=1), [row[~hidden] for row, hidden in zip(weights, is_padding, strict=True)]


def draw_attention(text: str, weights: Array) -> Figure:
    """Return a figure with one bar for each word, as high as its weight, named by the word."""
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    # Bars stand at numbers: standing at words, two bars of one word would be drawn in one place.
    places = range(len(weights))
    axes.bar(places, weights)
    axes.set_xticks(places, text.split(), rotation=45)
    axes.set(ylabel="attention", ylim=(0, 1))
    return figure


# With an encoder as large as BERT the picture is the same and says less: dozens of heads in a dozen layers look at the
# text, and what a head looks at need not be why the model decides (Jain and Wallace, "Attention is not explanation").
