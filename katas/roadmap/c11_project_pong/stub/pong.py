"""Pong from pixels: an agent in NumPy that learns from points alone, and a program that trains it for hours."""

from __future__ import annotations

import argparse
import os
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from q_learning import returns
from rich.progress import Progress
from small_pong import SmallPong

Array = NDArray[Any]
UP, DOWN = 2, 3  # the actions, in both worlds


class Policy(NamedTuple):
    """A network with one hidden layer; also its gradient, and the memory of RMSProp, in the same form."""

    W: Array  # (n_hidden, n_inputs)
    v: Array  # (n_hidden,)


class Game(NamedTuple):
    """What happened in one game, step by step."""

    X: Array  # (n_steps, n_inputs): what the policy saw before it moved
    up: Array  # (n_steps,): 1.0 where it moved up, 0.0 where down
    rewards: Array  # (n_steps,)


@dataclass(frozen=True)
class Training:
    """All that a training has to know to go on."""

    seed: int
    policy: Policy
    memory: Policy
    scores: tuple[float, ...] = ()  # the sum of rewards of each game so far


@dataclass(frozen=True)
class Settings:
    """How a world is looked at and learned."""

    field: slice  # the rows of a frame that hold the field
    n_hidden: int
    n_games: int  # of a batch
    gamma: float
    learning_rate: float
    decay: float


SMALL = Settings(slice(4, 16), n_hidden=20, n_games=5, gamma=0.9, learning_rate=0.03, decay=0.9)
ATARI = Settings(slice(34, 194), n_hidden=200, n_games=10, gamma=0.99, learning_rate=1e-4, decay=0.99)


def begin(n_inputs: int, n_hidden: int, seed: int) -> Training:
    """Return a training that has not played yet. Given."""
    rng = np.random.default_rng(seed)
    W = rng.normal(0.0, (2 / n_inputs) ** 0.5, (n_hidden, n_inputs))
    policy = Policy(W, rng.normal(0.0, (1 / n_hidden) ** 0.5, n_hidden))
    return Training(seed, policy, Policy(np.zeros_like(policy.W), np.zeros_like(policy.v)))


def preprocess(frame: NDArray[np.uint8], field: slice) -> NDArray[np.float32]:
    """Return the rows `field` of a frame (h, w, 3) as a grey picture of half the size, float32 from 0 to 1."""
    raise NotImplementedError


def probability(policy: Policy, X: Array) -> Any:
    """Return the probability of moving up, sigmoid(v . ReLU(W x)): (n,) for rows X, a number for one x (n_inputs,)."""
    raise NotImplementedError


def gradient(policy: Policy, X: Array, up: Array, weights: Array) -> Policy:
    """Return the derivatives of the sum over t of weights[t] * log p(move t | X[t]) with respect to W and v.

    X: (n, n_inputs); up: (n,), 1.0 for up and 0.0 for down; weights: (n,).
    """
    raise NotImplementedError


def discount(rewards: Array, gamma: float) -> Array:
    """Return for each step its reward plus gamma times the return of the next step, up to the point it leads to."""
    raise NotImplementedError


def standardize(values: Array) -> Array:
    """Return values with mean 0 and standard deviation 1; zeros where all are equal."""
    raise NotImplementedError


def play(env: Any, policy: Policy, field: slice, rng: np.random.Generator) -> Game:
    """Play one game, until it is terminated or truncated, with moves drawn from the policy.

    The policy sees the latest picture minus the one before, flattened; zeros at first.
    """
    raise NotImplementedError


def train_batch(env: Any, training: Training, settings: Settings) -> Training:
    """Return the training after one more batch of games and one step of RMSProp; what it is given stays."""
    raise NotImplementedError


def save(path: str | Path, training: Training) -> None:
    """Write a checkpoint to path. Until the new file is whole, the old one stays."""
    raise NotImplementedError


def load(path: str | Path) -> Training:
    """Return the training of a checkpoint. Raises ValueError with the path for a file that is none."""
    raise NotImplementedError


def atari() -> Any:
    """Return the environment of Atari's Pong."""
    raise NotImplementedError


def main(arguments: Sequence[str] | None = None) -> int:
    """Train until --games games are played, from the checkpoint where there is one, and save it after each batch."""
    raise NotImplementedError


if __name__ == "__main__":
    sys.exit(main())
