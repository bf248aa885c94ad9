"""Q-learning and REINFORCE on tables: two ways to learn from rewards alone."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class World(Protocol):
    """What an agent lives in: states 0 to n_states - 1, actions 0 to n_actions - 1."""

    n_states: int
    n_actions: int

    def reset(self) -> int:
        """Begin an episode and return its first state."""

    def step(self, action: int) -> tuple[int, float, bool]:
        """Return the next state, the reward, and whether the episode has terminated there."""


def q_update(
    q: Array, state: int, action: int, reward: float, next_state: int, terminated: bool, alpha: float, gamma: float
) -> None:
    """Move q[state, action] in place by the share alpha towards its target, and change nothing else.

    q: (n_states, n_actions). The target is reward + gamma * max(q[next_state]), or the reward alone if terminated.
    """
    raise NotImplementedError


def epsilon_greedy(values: Array, epsilon: float, rng: np.random.Generator) -> int:
    """Return any action with probability epsilon, otherwise one of greatest value, ties drawn at random.

    values: (n_actions,).
    """
    raise NotImplementedError


def train_q(
    world: World,
    episodes: int,
    alpha: float,
    gamma: float,
    epsilon: float,
    rng: np.random.Generator,
    max_steps: int = 200,
) -> Array:
    """Learn a table of values (n_states, n_actions) from zeros, one update for each step.

    An episode ends when it has terminated, or is cut off after max_steps steps.
    """
    raise NotImplementedError


def returns(rewards: Any, gamma: float) -> Array:
    """Return for each step its reward plus gamma times the return of the next step: (n_steps,)."""
    raise NotImplementedError


def action_probabilities(preferences: Array) -> Array:
    """Return the softmax of preferences (..., n_actions) over the last axis, without overflow."""
    raise NotImplementedError


def policy_gradient(theta: Array, states: Any, actions: Any, weights: Any) -> Array:
    """Return the gradient with respect to theta of the sum over t of weights[t] * log p(actions[t] | states[t]).

    theta: preferences (n_states, n_actions), left unchanged; states, actions, weights: (n_steps,).
    """
    raise NotImplementedError


def train_policy(
    world: World, episodes: int, alpha: float, gamma: float, rng: np.random.Generator, max_steps: int = 200
) -> Array:
    """Learn preferences (n_states, n_actions) from zeros by REINFORCE, one step of ascent after each episode.

    The weight of a step is its return minus the mean return of its state over all earlier episodes, 0.0 at first.
    """
    raise NotImplementedError
