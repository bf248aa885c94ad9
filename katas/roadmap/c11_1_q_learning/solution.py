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
    # Nothing follows a terminal state, whatever the table says about it.
    target = reward if terminated else reward + gamma * q[next_state].max()
    q[state, action] += alpha * (target - q[state, action])


def epsilon_greedy(values: Array, epsilon: float, rng: np.random.Generator) -> int:
    """Return any action with probability epsilon, otherwise one of greatest value, ties drawn at random.

    values: (n_actions,).
    """
    if rng.random() < epsilon:
        return int(rng.integers(len(values)))
    # argmax would always take the first of equals: on a table of zeros the agent would only ever go up.
    return int(rng.choice(np.flatnonzero(values == values.max())))


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
    q = np.zeros((world.n_states, world.n_actions))
    for _ in range(episodes):
        state = world.reset()
        for _ in range(max_steps):
            action = epsilon_greedy(q[state], epsilon, rng)
            next_state, reward, terminated = world.step(action)
            # A cut-off is our impatience, not the world's end: only `terminated` goes into the update.
            q_update(q, state, action, reward, next_state, terminated, alpha, gamma)
            if terminated:
                break
            state = next_state
    return q


def returns(rewards: Any, gamma: float) -> Array:
    """Return for each step its reward plus gamma times the return of the next step: (n_steps,)."""
    result = np.zeros(len(rewards))
    following = 0.0
    for t in reversed(range(len(rewards))):
        following = result[t] = rewards[t] + gamma * following
    return result


def action_probabilities(preferences: Array) -> Array:
    """Return the softmax of preferences (..., n_actions) over the last axis, without overflow."""
    # The greatest exponent is then 0; a shift of all preferences changes no probability.
    exponentials = np.exp(preferences - preferences.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def policy_gradient(theta: Array, states: Any, actions: Any, weights: Any) -> Array:
    """Return the gradient with respect to theta of the sum over t of weights[t] * log p(actions[t] | states[t]).

    theta: preferences (n_states, n_actions), left unchanged; states, actions, weights: (n_steps,).
    """
    gradient = np.zeros(theta.shape)
    for state, action, weight in zip(states, actions, weights, strict=True):
        # d log softmax(x)[a] / dx = onehot(a) - softmax(x). A state may come again, so its terms are added up.
        gradient[state] -= weight * action_probabilities(theta[state])
        gradient[state, action] += weight
    return gradient


def train_policy(
    world: World, episodes: int, alpha: float, gamma: float, rng: np.random.Generator, max_steps: int = 200
) -> Array:
    """Learn preferences (n_states, n_actions) from zeros by REINFORCE, one step of ascent after each episode.

    The weight of a step is its return minus the mean return of its state over all earlier episodes, 0.0 at first.
    """
    theta = np.zeros((world.n_states, world.n_actions))
    total, count = np.zeros(world.n_states), np.zeros(world.n_states)
    for _ in range(episodes):
        states, actions, rewards = _episode(world, theta, rng, max_steps)
        gains = returns(rewards, gamma)
        # The baseline does not depend on the action, so it leaves the expected gradient alone, and takes noise out:
        # without it, every action that earns anything at all is reinforced.
        baseline = total / np.maximum(count, 1)  # (n_states,)
        theta += alpha * policy_gradient(theta, states, actions, gains - baseline[states])
        np.add.at(total, states, gains)
        np.add.at(count, states, 1)
    return theta


def _episode(
    world: World, theta: Array, rng: np.random.Generator, max_steps: int
) -> tuple[list[int], list[int], list[float]]:
    """Play one episode with the actions drawn from the policy; return its states, actions and rewards."""
    states: list[int] = []
    actions: list[int] = []
    rewards: list[float] = []
    state, terminated = world.reset(), False
    while not terminated and len(states) < max_steps:
        action = int(rng.choice(world.n_actions, p=action_probabilities(theta[state])))
        next_state, reward, terminated = world.step(action)
        states.append(state)
        actions.append(action)
        rewards.append(reward)
        state = next_state
    return states, actions, rewards


# Where states are too many for a table, a network takes its place: the deep Q-network of the next kata, and a policy
# network trained with this same gradient, which is what PPO refines.
