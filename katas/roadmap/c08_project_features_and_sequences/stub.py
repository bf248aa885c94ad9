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


@dataclass(frozen=True)
class Reader:
    """A trained reader: the id of each word that it knows, from 2 upwards, and the parameters."""

    vocabulary: dict[str, int]
    params: Params


def feature_maps(params: Params, image: Array) -> list[tuple[str, Array]]:
    """Return the name and the maps (channels, height, width) of each layer of c08_1's network, for one image (c, h, w).

    The names are "image", "conv 1", "pool 1", "conv 2" and "pool 2"; those of conv are taken after the ReLU.
    """
    raise NotImplementedError


def draw_feature_maps(params: Params, image: Array) -> Figure:
    """Return a figure with one axes and one imshow for each map, titled by layer and number: "conv 1: 0"."""
    raise NotImplementedError


def encode(texts: Sequence[str], vocabulary: dict[str, int]) -> tuple[Ids, Mask]:
    """Return (ids, is_padding), each (n, length of the longest text): words in lower case, split at white space.

    A word that is not in the vocabulary has the id 1; shorter texts are filled up with 0 at the end.
    Raises ValueError for a text without words.
    """
    raise NotImplementedError


def forward(params: Params, ids: Ids, is_padding: Mask) -> tuple[Array, Array]:
    """Return the logits (n, k), and the attention weights (n, t).

    Rows of E go through the recurrent network; `query` attends to its states, padding hidden; what it receives goes
    through W_out and b_out.
    """
    raise NotImplementedError


def loss_and_gradients(params: Params, ids: Ids, is_padding: Mask, labels: NDArray[Any]) -> tuple[float, Params]:
    """Return the mean cross-entropy of the logits, and its gradients: a dict like params."""
    raise NotImplementedError


def fit(texts: Sequence[str], labels: Sequence[int], seed: int = 0) -> Reader:
    """Return a reader that has learned the labels, 0, 1, … of the texts, from a start drawn by `seed`.

    Raises ValueError where there are not as many labels as texts.
    """
    raise NotImplementedError


def read(reader: Reader, texts: Sequence[str]) -> tuple[Ids, list[Array]]:
    """Return the class of each text, (n,), and for each text the weights of its words, in order."""
    raise NotImplementedError


def draw_attention(text: str, weights: Array) -> Figure:
    """Return a figure with one bar for each word, as high as its weight, named by the word."""
    raise NotImplementedError
