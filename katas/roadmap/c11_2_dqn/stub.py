"""A deep Q-network: replay buffer, target network, and the loop that trains them in a Gymnasium environment."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Batch = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


class ReplayBuffer:
    """The latest `capacity` transitions; when it is full, each new one takes the place of the oldest.

    rng: what `sample` draws from.
    """

    def __init__(self, capacity: int, rng: np.random.Generator) -> None:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def add(self, state: Any, action: int, reward: float, next_state: Any, terminated: bool) -> None:
        """Keep one transition; the states are copied."""
        raise NotImplementedError

    def sample(self, batch_size: int) -> Batch:
        """Draw batch_size different transitions: (states, actions, rewards, next_states, terminated).

        states, next_states: (B, ...) float32; actions: (B,) int64; rewards: (B,) float32; terminated: (B,) bool.
        Raises ValueError when the buffer holds fewer.
        """
        raise NotImplementedError


def q_network(n_inputs: int, n_actions: int) -> nn.Module:
    """Return a small network from states (B, n_inputs) to a value for each action (B, n_actions). Given."""
    return nn.Sequential(nn.Linear(n_inputs, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, n_actions))


def td_targets(target: nn.Module, rewards: Tensor, next_states: Tensor, terminated: Tensor, gamma: float) -> Tensor:
    """Return reward + gamma * max of target(next_state), the reward alone where terminated: (B,), no gradient."""
    raise NotImplementedError


def dqn_loss(online: nn.Module, target: nn.Module, batch: Batch, gamma: float) -> Tensor:
    """Return the mean Huber loss (delta 1) between online(state)[action] and the targets, a scalar."""
    raise NotImplementedError


def epsilon_at(step: int, start: float = 1.0, end: float = 0.05, decay_steps: int = 2000) -> float:
    """Return the epsilon of a step: in a straight line from start at step 0 to end at decay_steps, then end."""
    raise NotImplementedError


class Agent:
    """An online network that learns, a target network that follows in jumps, and a replay buffer.

    online and target begin with the same weights. rng: what `act` and the buffer draw from.
    """

    def __init__(
        self,
        n_inputs: int,
        n_actions: int,
        rng: np.random.Generator,
        gamma: float = 0.98,
        capacity: int = 10_000,
        batch_size: int = 64,
        warmup: int = 200,
        sync_every: int = 100,
        learning_rate: float = 1e-3,
    ) -> None:
        raise NotImplementedError

    def act(self, state: NDArray[Any], epsilon: float) -> int:
        """Return any action with probability epsilon, otherwise the one of greatest value by the online network."""
        raise NotImplementedError

    def observe(self, state: Any, action: int, reward: float, next_state: Any, terminated: bool) -> None:
        """Keep a transition and, once the buffer holds warmup of them, update the online network on one batch.

        After each sync_every updates the target network takes over the weights of the online network.
        """
        raise NotImplementedError


def train(env: Any, agent: Any, n_steps: int, seed: int) -> list[float]:
    """Let the agent act and observe for n_steps steps; return the sum of rewards of each episode that ended.

    The epsilon of a step is epsilon_at of its number, from 0. Only the first reset gets the seed.
    """
    raise NotImplementedError
