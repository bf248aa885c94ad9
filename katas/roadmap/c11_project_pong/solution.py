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
    grey = frame[field] @ np.array([0.299, 0.587, 0.114]) / 255  # (h, w)
    h, w = grey.shape
    # A mean of four pixels, not every second one: what is one pixel wide stays in the picture.
    return np.asarray(grey.reshape(h // 2, 2, w // 2, 2).mean(axis=(1, 3)), np.float32)


def probability(policy: Policy, X: Array) -> Any:
    """Return the probability of moving up, sigmoid(v . ReLU(W x)): (n,) for rows X, a number for one x (n_inputs,)."""
    logits = np.maximum(X @ policy.W.T, 0.0) @ policy.v
    # The same as 1 / (1 + exp(-logits)), which overflows for logits below -709.
    return 0.5 * (1.0 + np.tanh(0.5 * logits))


def gradient(policy: Policy, X: Array, up: Array, weights: Array) -> Policy:
    """Return the derivatives of the sum over t of weights[t] * log p(move t | X[t]) with respect to W and v.

    X: (n, n_inputs); up: (n,), 1.0 for up and 0.0 for down; weights: (n,).
    """
    z = X @ policy.W.T  # (n, n_hidden)
    # The derivative of log p by the logit is 1 - p for a move up, and -p for one down.
    back = weights * (up - probability(policy, X))  # (n,)
    hidden = np.outer(back, policy.v) * (z > 0)  # (n, n_hidden)
    return Policy(hidden.T @ X, np.maximum(z, 0.0).T @ back)


def discount(rewards: Array, gamma: float) -> Array:
    """Return for each step its reward plus gamma times the return of the next step, up to the point it leads to."""
    # A point ends a rally, and the next begins anew: no move before the point has a share in what follows.
    rallies = np.split(rewards, np.flatnonzero(rewards) + 1)
    return np.concatenate([returns(rally, gamma) for rally in rallies if len(rally)])


def standardize(values: Array) -> Array:
    """Return values with mean 0 and standard deviation 1; zeros where all are equal."""
    # Not by the spread: seven times 0.1 has one of 1e-17, as the mean is rounded.
    if np.all(values == values[0]):
        return np.zeros(len(values))
    return np.asarray((values - values.mean()) / values.std())


def play(env: Any, policy: Policy, field: slice, rng: np.random.Generator) -> Game:
    """Play one game, until it is terminated or truncated, with moves drawn from the policy.

    The policy sees the latest picture minus the one before, flattened; zeros at first.
    """
    X, up, rewards = [], [], []
    frame, _ = env.reset(seed=int(rng.integers(2**31)))
    before = now = preprocess(frame, field)
    is_over = False
    while not is_over:
        # One picture does not show where the ball flies to; the difference of two does.
        X.append((now - before).ravel())
        up.append(float(rng.random() < probability(policy, X[-1])))
        frame, reward, terminated, truncated, _ = env.step(UP if up[-1] else DOWN)
        rewards.append(float(reward))
        before, now = now, preprocess(frame, field)
        is_over = terminated or truncated
    return Game(np.array(X), np.array(up), np.array(rewards))


def train_batch(env: Any, training: Training, settings: Settings) -> Training:
    """Return the training after one more batch of games and one step of RMSProp; what it is given stays."""
    done = range(len(training.scores), len(training.scores) + settings.n_games)
    # A generator for each game, made of its number: a training that goes on draws what it would have drawn anyway.
    rngs = [np.random.default_rng([training.seed, i]) for i in done]
    games = [play(env, training.policy, settings.field, rng) for rng in rngs]
    gains = standardize(np.concatenate([discount(game.rewards, settings.gamma) for game in games]))
    parts = np.split(gains, np.cumsum([len(game.rewards) for game in games])[:-1])
    # Game by game, as the matrices of all of them together would be large.
    gradients = [gradient(training.policy, g.X, g.up, part) for g, part in zip(games, parts, strict=True)]
    policy, memory = [], []
    for weights, old, *slopes in zip(training.policy, training.memory, *gradients, strict=True):
        slope = sum(slopes)
        memory.append(settings.decay * old + (1 - settings.decay) * slope**2)
        # Plus: the sum is to rise.
        policy.append(weights + settings.learning_rate * slope / (np.sqrt(memory[-1]) + 1e-5))
    scores = training.scores + tuple(float(game.rewards.sum()) for game in games)
    return Training(training.seed, Policy(*policy), Policy(*memory), scores)


def save(path: str | Path, training: Training) -> None:
    """Write a checkpoint to path. Until the new file is whole, the old one stays."""
    unfinished = Path(f"{path}.unfinished")
    with unfinished.open("wb") as file:
        np.savez(
            file,
            seed=training.seed,
            scores=np.array(training.scores, dtype=float),
            **{f"policy_{name}": array for name, array in training.policy._asdict().items()},
            **{f"memory_{name}": array for name, array in training.memory._asdict().items()},
        )
    # Renaming is one step: whoever is killed here leaves either the old file or the new one.
    os.replace(unfinished, path)


def load(path: str | Path) -> Training:
    """Return the training of a checkpoint. Raises ValueError with the path for a file that is none."""
    try:
        with np.load(path) as arrays:
            policy, memory = (Policy(arrays[f"{part}_W"], arrays[f"{part}_v"]) for part in ("policy", "memory"))
            return Training(int(arrays["seed"]), policy, memory, tuple(arrays["scores"].tolist()))
    except (EOFError, KeyError, ValueError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is not a checkpoint: {error}") from error


def atari() -> Any:
    """Return the environment of Atari's Pong."""
    import gymnasium

    # The part before the colon is imported first: ale_py brings the games.
    return gymnasium.make("ale_py:ALE/Pong-v5")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train until --games games are played, from the checkpoint where there is one, and save it after each batch."""
    parser = argparse.ArgumentParser(description="Train an agent to play Pong. Stop it any time: it goes on from PATH.")
    parser.add_argument("path", type=Path, help="the checkpoint")
    parser.add_argument("--world", choices=["small", "atari"], default="small")
    parser.add_argument("--games", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    env, settings = (SmallPong(), SMALL) if options.world == "small" else (atari(), ATARI)
    if options.path.exists():
        try:
            training = load(options.path)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 1
    else:
        n_inputs = preprocess(env.reset()[0], settings.field).size
        training = begin(n_inputs, settings.n_hidden, options.seed)
    with Progress() as progress:
        bar = progress.add_task("games", total=options.games, completed=len(training.scores))
        while len(training.scores) < options.games:
            training = train_batch(env, training, settings)
            save(options.path, training)
            recent = np.mean(training.scores[-100:])
            progress.update(bar, completed=len(training.scores), description=f"games ({recent:+.2f})")
    latest = training.scores[-100:]
    print(f"{len(training.scores)} games; the last {len(latest)}: {np.mean(latest):+.2f} points a game")
    return 0


if __name__ == "__main__":
    sys.exit(main())


# This is Karpathy's agent of 2016, which beat Atari's own player after three nights: rewards come 40 moves late, and
# nothing but a mean tells which of them mattered. What came since: a second network that estimates the return (actor
# and critic), small steps that may be taken several times on the same games (PPO), and many games played at once.
