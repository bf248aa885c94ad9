"""All steps of an episode at once, and Gumbel noise to draw actions."""

import numpy as np


def q_update(q, state, action, reward, next_state, terminated, alpha, gamma):
    ahead = 0.0 if terminated else gamma * np.max(q[next_state])
    q[state, action] = (1 - alpha) * q[state, action] + alpha * (reward + ahead)


def epsilon_greedy(values, epsilon, rng):
    values = np.asarray(values)
    explores = rng.uniform() < epsilon
    noise = rng.random(values.size)
    if explores:
        return np.argmax(noise)
    return np.argmax(np.where(values == values.max(), noise, -1.0))


def train_q(world, episodes, alpha, gamma, epsilon, rng, max_steps=200):
    q = np.zeros((world.n_states, world.n_actions))
    for _ in range(episodes):
        state, terminated, n = world.reset(), False, 0
        while not terminated and n < max_steps:
            action = epsilon_greedy(q[state], epsilon, rng)
            after, reward, terminated = world.step(action)
            q_update(q, state, action, reward, after, terminated, alpha, gamma)
            state, n = after, n + 1
    return q


def returns(rewards, gamma):
    rewards = np.asarray(rewards, dtype=float)
    lag = np.arange(len(rewards)) - np.arange(len(rewards))[:, None]
    return np.where(lag >= 0, float(gamma) ** np.maximum(lag, 0), 0.0) @ rewards


def action_probabilities(preferences):
    shifted = preferences - np.max(preferences, axis=-1, keepdims=True)
    return np.exp(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def policy_gradient(theta, states, actions, weights):
    states, actions, weights = np.asarray(states), np.asarray(actions), np.asarray(weights, dtype=float)
    rows = np.eye(theta.shape[1])[actions] - action_probabilities(theta[states])
    gradient = np.zeros(theta.shape)
    np.add.at(gradient, states, weights[:, None] * rows)
    return gradient


def train_policy(world, episodes, alpha, gamma, rng, max_steps=200):
    theta = np.zeros((world.n_states, world.n_actions))
    mean, count = np.zeros(world.n_states), np.zeros(world.n_states)
    for _ in range(episodes):
        state, terminated, steps = world.reset(), False, []
        while not terminated and len(steps) < max_steps:
            action = int(np.argmax(theta[state] + rng.gumbel(size=world.n_actions)))
            after, reward, terminated = world.step(action)
            steps.append((state, action, reward))
            state = after
        states, actions, rewards = map(list, zip(*steps))
        gains = returns(rewards, gamma)
        theta = theta + alpha * policy_gradient(theta, states, actions, gains - mean[states])
        for s, g in zip(states, gains):
            count[s] += 1
            mean[s] += (g - mean[s]) / count[s]
    return theta
