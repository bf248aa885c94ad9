"""Plain loops where the solution has matrices, and a checkpoint in JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
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
    """Add up four shifted views, and weigh the channels."""
    rows = frame[field].astype(np.float32)
    small = (rows[::2, ::2] + rows[1::2, ::2] + rows[::2, 1::2] + rows[1::2, 1::2]) / np.float32(4)
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    grey = np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue
    return np.asarray(grey / np.float32(255), np.float32)


def probability(policy: Policy, X: Array) -> Any:
    """Clip the logit where exp would overflow."""
    logits = np.maximum(X @ policy.W.T, 0.0) @ policy.v
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -700, 700)))


def gradient(policy: Policy, X: Array, up: Array, weights: Array) -> Policy:
    """Go through the steps one by one."""
    dW, dv = np.zeros_like(policy.W), np.zeros_like(policy.v)
    for x, move, weight in zip(X, up, weights, strict=True):
        z = policy.W @ x
        p = probability(policy, x)
        slope = weight * (1 - p) if move else -weight * p
        dv += slope * np.maximum(z, 0)
        dW += slope * np.outer(np.where(z > 0, policy.v, 0.0), x)
    return Policy(dW, dv)


def discount(rewards: Array, gamma: float) -> Array:
    """Go backwards, and forget what follows a point."""
    result = np.zeros(len(rewards))
    following = 0.0
    for t in range(len(rewards) - 1, -1, -1):
        if rewards[t] != 0:
            following = 0.0
        following = rewards[t] + gamma * following
        result[t] = following
    return result


def standardize(values: Array) -> Array:
    """A small number in the denominator makes zeros of equal values."""
    return (values - np.mean(values)) / (np.std(values) + 1e-8)


def play(env: Any, policy: Policy, field: slice, rng: np.random.Generator) -> Game:
    """Keep float64 rows, and begin with None as the picture before."""
    X: list[Array] = []
    up: list[float] = []
    rewards: list[float] = []
    before: Array | None = None
    frame, _ = env.reset(seed=int(rng.integers(2**31)))
    while True:
        now = preprocess(frame, field)
        x = np.zeros(now.size) if before is None else np.asarray(now - before, float).reshape(-1)
        action = UP if rng.random() < probability(policy, x) else DOWN
        before = now
        frame, reward, terminated, truncated, _ = env.step(action)
        X.append(x)
        up.append(1.0 if action == UP else 0.0)
        rewards.append(reward)
        if terminated or truncated:
            return Game(np.stack(X), np.asarray(up), np.asarray(rewards))


def train_batch(env: Any, training: Training, settings: Settings) -> Training:
    """One gradient over the rows of all games."""
    games = []
    for k in range(settings.n_games):
        rng = np.random.default_rng([training.seed, len(training.scores) + k])
        games.append(play(env, training.policy, settings.field, rng))
    gains = standardize(np.concatenate([discount(game.rewards, settings.gamma) for game in games]))
    X, up = np.concatenate([game.X for game in games]), np.concatenate([game.up for game in games])
    slopes = gradient(training.policy, X, up, gains)
    rate, decay = settings.learning_rate, settings.decay
    m_W = decay * training.memory.W + (1 - decay) * slopes.W**2
    m_v = decay * training.memory.v + (1 - decay) * slopes.v**2
    W = training.policy.W + rate * slopes.W / (np.sqrt(m_W) + 1e-5)
    v = training.policy.v + rate * slopes.v / (np.sqrt(m_v) + 1e-5)
    scores = [*training.scores, *(float(np.sum(game.rewards)) for game in games)]
    return Training(training.seed, Policy(W, v), Policy(m_W, m_v), tuple(scores))


def save(path: str | Path, training: Training) -> None:
    """JSON keeps every bit of a float."""
    content = {
        "seed": training.seed,
        "scores": training.scores,
        "policy": [array.tolist() for array in training.policy],
        "memory": [array.tolist() for array in training.memory],
    }
    with tempfile.NamedTemporaryFile("w", dir=Path(path).parent, delete=False, encoding="utf-8") as file:
        json.dump(content, file)
    os.replace(file.name, path)


def load(path: str | Path) -> Training:
    """Anything that is missing or not JSON is refused."""
    try:
        content = json.loads(Path(path).read_bytes())
        policy, memory = (Policy(*map(np.array, content[part])) for part in ("policy", "memory"))
        return Training(content["seed"], policy, memory, tuple(content["scores"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: no checkpoint") from error


def atari() -> Any:
    """Return the environment of Atari's Pong."""
    import ale_py
    import gymnasium

    gymnasium.register_envs(ale_py)
    return gymnasium.make("ALE/Pong-v5")


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
    n_batches = max(0, -(-(options.games - len(training.scores)) // settings.n_games))
    for _ in track(range(n_batches), description="batches"):
        training = train_batch(env, training, settings)
        save(options.path, training)
    latest = training.scores[-100:]
    print(f"{len(training.scores)} games; the last {len(latest)}: {np.mean(latest):+.2f} points a game")
    return 0


if __name__ == "__main__":
    sys.exit(main())
