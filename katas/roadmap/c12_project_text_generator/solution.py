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

CELL, BLOCK = ("W_x", "W_h", "b"), ("Wq", "Wk", "Wv", "Wo")
WIDTH, N_HIDDEN, BATCH, LENGTH = 24, 48, 16, 24


def build_vocabulary(text: str) -> list[str]:
    """Return the different characters of a text, sorted."""
    return sorted(set(text))


def encode(text: str, vocabulary: Sequence[str]) -> Ids:
    """Return the place of each character in the vocabulary: (len(text),).

    Raises ValueError for a character that is not in it, and names it.
    """
    ids = {character: i for i, character in enumerate(vocabulary)}
    for character in text:
        if character not in ids:
            raise ValueError(f"the character {character!r} is not in the vocabulary")
    return np.array([ids[character] for character in text], dtype=np.intp)


def decode(ids: Ids, vocabulary: Sequence[str]) -> str:
    """Return the text of these places in the vocabulary."""
    return "".join(vocabulary[i] for i in ids)


def sample_windows(ids: Ids, n: int, length: int, rng: np.random.Generator) -> tuple[Ids, Ids]:
    """Return (inputs, targets), each (n, length): windows from random places, and the character after each of theirs.

    Raises ValueError where ids has no length + 1 characters.
    """
    n_places = len(ids) - length
    if n_places < 1:
        raise ValueError(f"a window of {length} characters and the next one do not fit into {len(ids)}")
    at = rng.integers(n_places, size=(n, 1)) + np.arange(length)  # (n, length)
    return ids[at], ids[at + 1]


def forward(params: Params, ids: Ids) -> tuple[Array, Array]:
    """Return the logits (n, t, v) of the character after each of ids (n, t), and the attention weights (n, t, t).

    Rows of E go through the recurrent network, its states through a causal block of one head, and its output
    through W_out and b_out.
    """
    _, _, out, weights = _states(params, ids)
    return out @ params["W_out"].T + params["b_out"], weights


def _states(params: Params, ids: Ids) -> tuple[Array, Array, Array, Array]:
    """What the way back needs: the rows of E, the states, the output of the block (n, t, h), the weights (n, t, t)."""
    rows = params["E"][ids]
    hs, _ = unroll(params, rows)
    # Causal: a state that saw the next character would have nothing left to learn.
    out, weights = block(params, hs, 1, causal=True)
    return rows, hs, out, weights[:, 0]


def loss_and_gradients(params: Params, ids: Ids, targets: Ids) -> tuple[float, Params]:
    """Return the mean cross-entropy over all n * t places, and its gradients: a dict like params."""
    rows, hs, out, _ = _states(params, ids)
    logits = out @ params["W_out"].T + params["b_out"]
    log_p = logits - logits.max(axis=-1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(axis=-1, keepdims=True))  # (n, t, v)

    one_hot = targets[..., None] == np.arange(logits.shape[-1])
    d_logits = (np.exp(log_p) - one_hot) / targets.size
    gradients = {"W_out": np.tensordot(d_logits, out, axes=((0, 1), (0, 1))), "b_out": d_logits.sum(axis=(0, 1))}
    # c08_2 goes the rest of the way: through the block, then through time.
    matrices, cell = ({name: params[name] for name in names} for names in (BLOCK, CELL))
    d_block, d_hs = block_backward(matrices, hs, 1, d_logits @ params["W_out"], causal=True)
    d_cell, d_rows, _ = unroll_backward(cell, rows, d_hs)
    gradients |= d_block | d_cell
    gradients["E"] = np.zeros_like(params["E"])
    np.add.at(gradients["E"], ids, d_rows)  # a character comes many times, and every time counts
    return float(-log_p[one_hot].mean()), gradients


def train(text: str, vocabulary: Sequence[str], n_steps: int = 300, seed: int = 0) -> Params:
    """Return the params of a model of the text after n_steps steps, from a start drawn by `seed`."""
    rng = np.random.default_rng(seed)
    ids = encode(text, vocabulary)
    v, d, h = len(vocabulary), WIDTH, N_HIDDEN
    shapes: dict[str, tuple[int, ...]] = {"E": (v, d), "W_x": (h, d), "W_h": (h, h), "W_out": (v, h)}
    shapes |= dict.fromkeys(BLOCK, (h, h))
    params = {name: rng.normal(0.0, shape[-1] ** -0.5, shape) for name, shape in shapes.items()}
    params |= {"b": np.zeros(h), "b_out": np.zeros(v)}
    # Adam: each parameter steps by its own scale, as a rare character's row of E seldom gets a gradient.
    mean, square = ({name: np.zeros_like(value) for name, value in params.items()} for _ in range(2))
    for step in range(1, n_steps + 1):
        inputs, targets = sample_windows(ids, BATCH, min(LENGTH, len(ids) - 1), rng)
        _, gradients = loss_and_gradients(params, inputs, targets)
        for name, gradient in clip(gradients, 1.0).items():
            mean[name] += 0.1 * (gradient - mean[name])
            square[name] += 0.01 * (gradient**2 - square[name])
            size = np.sqrt(square[name] / (1 - 0.99**step)) + 1e-8
            params[name] -= 0.01 * mean[name] / (1 - 0.9**step) / size
    return params


def probabilities(logits: Array, temperature: float) -> Array:
    """Return the softmax of the logits divided by the temperature, over the last axis.

    Raises ValueError where temperature is not above 0.
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    # The largest is moved to 0 before the division, which then can only make the others more negative.
    scaled = np.exp((logits - logits.max(axis=-1, keepdims=True)) / temperature)
    return np.asarray(scaled / scaled.sum(axis=-1, keepdims=True))


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
    if not seed_text:
        raise ValueError("seed_text must have at least one character to go on from")
    ids = encode(seed_text, vocabulary)
    for _ in range(n):
        logits, _ = forward(params, ids[None])
        drawn = rng.choice(len(vocabulary), p=probabilities(logits[0, -1], temperature))
        ids = np.append(ids, drawn)  # it reads what it has written
    return decode(ids[len(seed_text) :], vocabulary)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train on a file and print the seed text and what follows."""
    parser = argparse.ArgumentParser(description="Train a small language model on a text file, and let it write.")
    parser.add_argument("file", type=Path, help="the text to learn from, UTF-8")
    parser.add_argument("--seed-text", default="The ", help="what the text begins with (default: %(default)r)")
    parser.add_argument("--length", type=int, default=200, help="how many characters to write (default: %(default)s)")
    parser.add_argument(
        "--temperature", type=float, default=0.7, help="safer below 1, wilder above (default: %(default)s)"
    )
    parser.add_argument("--steps", type=int, default=300, help="steps of training (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of all that is random (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        text = options.file.read_text(encoding="utf-8")
        vocabulary = build_vocabulary(text)
        encode(options.seed_text, vocabulary)  # before the training, not after it
        params = train(text, vocabulary, options.steps, options.seed)
        rng = np.random.default_rng(options.seed)
        written = generate(params, vocabulary, options.seed_text, options.length, options.temperature, rng)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    sys.stdout.write(f"{options.seed_text}{written}\n")


if __name__ == "__main__":
    main()


# GPT is this with tokens for characters, no recurrent network, and dozens of blocks, each of many heads and with a
# small network of its own. When it writes, it keeps keys and values of all tokens before (the KV cache) instead of
# reading everything again for each new one, as generate does here.
