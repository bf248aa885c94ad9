"""A buffer of arrays, and the loop with episodes inside."""

import random

import numpy as np
import torch
from torch import nn


def q_network(n_inputs, n_actions):
    return nn.Sequential(nn.Linear(n_inputs, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, n_actions))


class ReplayBuffer:
    def __init__(self, capacity, rng):
        self.capacity, self.rng, self.n, self.columns = capacity, rng, 0, None

    def __len__(self):
        return min(self.n, self.capacity)

    def add(self, *transition):
        if self.columns is None:
            self.columns = [
                np.zeros((self.capacity, *np.shape(part)), dtype)
                for part, dtype in zip(transition, (np.float32, np.int64, np.float32, np.float32, bool))
            ]
        for column, part in zip(self.columns, transition):
            column[self.n % self.capacity] = part
        self.n += 1

    def sample(self, batch_size):
        if batch_size > len(self):
            raise ValueError(f"{batch_size} of {len(self)} transitions")
        places = self.rng.permutation(len(self))[:batch_size]
        return tuple(torch.from_numpy(column[places]) for column in self.columns)


def td_targets(target, rewards, next_states, terminated, gamma):
    return (rewards + gamma * target(next_states).amax(1) * (~terminated).float()).detach()


def dqn_loss(online, target, batch, gamma):
    states, actions, rewards, next_states, terminated = batch
    chosen = online(states)[torch.arange(len(actions)), actions]
    return nn.HuberLoss()(chosen, td_targets(target, rewards, next_states, terminated, gamma))


def epsilon_at(step, start=1.0, end=0.05, decay_steps=2000):
    return float(np.interp(step, [0, decay_steps], [start, end]))


class Agent:
    def __init__(
        self, n_inputs, n_actions, rng, gamma=0.98, capacity=10_000, batch_size=64, warmup=200, sync_every=100,
        learning_rate=1e-3,
    ):  # fmt: skip
        self.online, self.target = q_network(n_inputs, n_actions), q_network(n_inputs, n_actions)
        self.target.load_state_dict(self.online.state_dict())
        self.buffer = ReplayBuffer(capacity, rng)
        self.gamma, self.batch_size, self.warmup, self.sync_every = gamma, batch_size, warmup, sync_every
        self.dice = random.Random(int(rng.integers(2**32)))
        self.n_actions, self.count = n_actions, 0
        self.optimizer = torch.optim.Adam(self.online.parameters(), lr=learning_rate)

    def act(self, state, epsilon):
        if self.dice.random() < epsilon:
            return self.dice.randrange(self.n_actions)
        return self.online(torch.tensor(state, dtype=torch.float32)).argmax().item()

    def observe(self, *transition):
        self.buffer.add(*transition)
        if len(self.buffer) >= self.warmup:
            self.optimizer.zero_grad()
            dqn_loss(self.online, self.target, self.buffer.sample(self.batch_size), self.gamma).backward()
            self.optimizer.step()
            self.count += 1
            if self.count == self.sync_every:
                self.target.load_state_dict(self.online.state_dict())
                self.count = 0


def train(env, agent, n_steps, seed):
    returns, step, first = [], 0, {"seed": seed}
    while step < n_steps:
        (state, _), done, total = env.reset(**first), False, 0.0
        first = {}
        while not done and step < n_steps:
            action = agent.act(state, epsilon_at(step))
            after, reward, terminated, truncated, _ = env.step(action)
            agent.observe(state, action, reward, after, terminated)
            state, total, done, step = after, total + reward, terminated or truncated, step + 1
        if done:
            returns.append(total)
    return returns
