"""A deep Q-network: replay buffer, target network, and the loop that trains them in a Gymnasium environment."""

import copy
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
        self.capacity = capacity
        self.rng = rng
        self._transitions: list[tuple[Any, int, float, Any, bool]] = []
        self._oldest = 0

    def __len__(self) -> int:
        return len(self._transitions)

    def add(self, state: Any, action: int, reward: float, next_state: Any, terminated: bool) -> None:
        """Keep one transition; the states are copied."""
        # Environments may write the next observation into the array that they returned before.
        transition = (np.array(state), action, reward, np.array(next_state), terminated)
        if len(self) < self.capacity:
            self._transitions.append(transition)
        else:
            self._transitions[self._oldest] = transition
            self._oldest = (self._oldest + 1) % self.capacity

    def sample(self, batch_size: int) -> Batch:
        """Draw batch_size different transitions: (states, actions, rewards, next_states, terminated).

        states, next_states: (B, ...) float32; actions: (B,) int64; rewards: (B,) float32; terminated: (B,) bool.
        Raises ValueError when the buffer holds fewer.
        """
        # Neighbouring steps are alike; drawn from a long memory, they no longer pull the network all one way.
        places = self.rng.choice(len(self), batch_size, replace=False)
        states, actions, rewards, next_states, terminated = zip(*(self._transitions[i] for i in places), strict=True)
        return (
            torch.as_tensor(np.stack(states), dtype=torch.float32),
            torch.as_tensor(actions, dtype=torch.int64),
            torch.as_tensor(rewards, dtype=torch.float32),
            torch.as_tensor(np.stack(next_states), dtype=torch.float32),
            torch.as_tensor(terminated, dtype=torch.bool),
        )


def q_network(n_inputs: int, n_actions: int) -> nn.Module:
    """Return a small network from states (B, n_inputs) to a value for each action (B, n_actions). Given."""
    return nn.Sequential(nn.Linear(n_inputs, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, n_actions))


def td_targets(target: nn.Module, rewards: Tensor, next_states: Tensor, terminated: Tensor, gamma: float) -> Tensor:
    """Return reward + gamma * max of target(next_state), the reward alone where terminated: (B,), no gradient."""
    with torch.no_grad():
        following = target(next_states).max(dim=1).values  # (B,)
    return torch.where(terminated, rewards, rewards + gamma * following)


def dqn_loss(online: nn.Module, target: nn.Module, batch: Batch, gamma: float) -> Tensor:
    """Return the mean Huber loss (delta 1) between online(state)[action] and the targets, a scalar."""
    states, actions, rewards, next_states, terminated = batch
    # Only the action that was taken has been seen; the values of the others get no gradient.
    values = online(states).gather(1, actions[:, None]).squeeze(1)  # (B,)
    return nn.functional.smooth_l1_loss(values, td_targets(target, rewards, next_states, terminated, gamma))


def epsilon_at(step: int, start: float = 1.0, end: float = 0.05, decay_steps: int = 2000) -> float:
    """Return the epsilon of a step: in a straight line from start at step 0 to end at decay_steps, then end."""
    return start + (end - start) * min(step / decay_steps, 1.0)


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
        self.online = q_network(n_inputs, n_actions)
        self.target = copy.deepcopy(self.online)
        self.buffer = ReplayBuffer(capacity, rng)
        self.n_actions = n_actions
        self.rng = rng
        self.gamma = gamma
        self.batch_size = batch_size
        self.warmup = warmup
        self.sync_every = sync_every
        self.optimizer = torch.optim.Adam(self.online.parameters(), lr=learning_rate)
        self.updates = 0

    def act(self, state: NDArray[Any], epsilon: float) -> int:
        """Return any action with probability epsilon, otherwise the one of greatest value by the online network."""
        if self.rng.random() < epsilon:
            return int(self.rng.integers(self.n_actions))
        with torch.no_grad():
            values = self.online(torch.as_tensor(state, dtype=torch.float32)[None])  # (1, n_actions)
        return int(values.argmax())

    def observe(self, state: Any, action: int, reward: float, next_state: Any, terminated: bool) -> None:
        """Keep a transition and, once the buffer holds warmup of them, update the online network on one batch.

        After each sync_every updates the target network takes over the weights of the online network.
        """
        self.buffer.add(state, action, reward, next_state, terminated)
        if len(self.buffer) < self.warmup:
            return
        loss = dqn_loss(self.online, self.target, self.buffer.sample(self.batch_size), self.gamma)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.updates += 1
        # Between these jumps the targets stand still; a network that chases its own output runs away.
        if self.updates % self.sync_every == 0:
            self.target.load_state_dict(self.online.state_dict())


def train(env: Any, agent: Any, n_steps: int, seed: int) -> list[float]:
    """Let the agent act and observe for n_steps steps; return the sum of rewards of each episode that ended.

    The epsilon of a step is epsilon_at of its number, from 0. Only the first reset gets the seed.
    """
    totals: list[float] = []
    total = 0.0
    state, _ = env.reset(seed=seed)
    for step in range(n_steps):
        action = agent.act(state, epsilon_at(step))
        next_state, reward, terminated, truncated, _ = env.step(action)
        # A truncated episode only ran out of time: what would have followed still counts, so it is no terminal state.
        agent.observe(state, action, reward, next_state, terminated)
        total += float(reward)
        state = next_state
        if terminated or truncated:
            totals.append(total)
            total = 0.0
            state, _ = env.reset()
    return totals


# Later work adds to each part: double DQN (the online network picks the action whose value the target network tells),
# prioritised replay, distributions in place of means; "Rainbow" is all of them together. On Atari the network is
# convolutional, and four frames make a state.
