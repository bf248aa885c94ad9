"""A language model of characters, a recurrent network with attention, and a program that lets it write."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rnn import unroll
from sequences import block, block_backward, clip, unroll_backward

Array = NDArray[Any]
Ids = NDArray[np.intp]
# E (v, d), W_x (h, d), W_h (h, h), b (h,), Wq, Wk, Wv, Wo (h, h), W_out (v, h), b_out (v,)
Params = dict[str, Array]


def build_vocabulary(text: str) -> list[str]:
    """Return the different characters of a text, sorted."""
    raise NotImplementedError


def encode(text: str, vocabulary: Sequence[str]) -> Ids:
    """Return the place of each character in the vocabulary: (len(text),).

    Raises ValueError for a character that is not in it, and names it.
    """
    raise NotImplementedError


def decode(ids: Ids, vocabulary: Sequence[str]) -> str:
    """Return the text of these places in the vocabulary."""
    raise NotImplementedError


def sample_windows(ids: Ids, n: int, length: int, rng: np.random.Generator) -> tuple[Ids, Ids]:
    """Return (inputs, targets), each (n, length): windows from random places, and the character after each of theirs.

    Raises ValueError where ids has no length + 1 characters.
    """
    raise NotImplementedError


def forward(params: Params, ids: Ids) -> tuple[Array, Array]:
    """Return the logits (n, t, v) of the character after each of ids (n, t), and the attention weights (n, t, t).

    Rows of E go through the recurrent network, its states through a causal block of one head, and its output
    through W_out and b_out.
    """
    raise NotImplementedError


def loss_and_gradients(params: Params, ids: Ids, targets: Ids) -> tuple[float, Params]:
    """Return the mean cross-entropy over all n * t places, and its gradients: a dict like params."""
    raise NotImplementedError


def train(text: str, vocabulary: Sequence[str], n_steps: int = 300, seed: int = 0) -> Params:
    """Return the params of a model of the text after n_steps steps, from a start drawn by `seed`."""
    raise NotImplementedError


def probabilities(logits: Array, temperature: float) -> Array:
    """Return the softmax of the logits divided by the temperature, over the last axis.

    Raises ValueError where temperature is not above 0.
    """
    raise NotImplementedError


def generate(
    params: Params,
    vocabulary: Sequence[str],
    seed_text: str,
    n: int,
    temperature: float,
    rng: np.random.Generator,
) -> str:
    """Return n characters that go on where seed_text ends, each drawn by its probability after all before it.

    Raises ValueError for an empty seed_text, and as encode and probabilities do.
    """
    raise NotImplementedError


def main(arguments: Sequence[str] | None = None) -> None:
    """Train on a file and print the seed text and what follows."""
    raise NotImplementedError


if __name__ == "__main__":
    main()
