"""Hidden test of c11_1_q_learning."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_equal,
    assert_shape,
    assert_type,
    calling,
    edges,
    fail,
    global_random_state_kept,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("q_learning")
Array = NDArray[np.float64]
# The worlds as the kata ships them: a learner may have changed the copy.
SPEC = importlib.util.spec_from_file_location("shipped_worlds", Path(__file__).parent / "stub" / "worlds.py")
worlds: Any = importlib.util.module_from_spec(SPEC)  # type: ignore[arg-type]
SPEC.loader.exec_module(worlds)  # type: ignore[union-attr]

# (state, action, reward, next state, terminated)
Step = tuple[int, int, float, int, bool]


class Dice:
    """A world of random steps and rewards, which keeps a record of every episode; `odds` of ending at each step."""

    def __init__(self, dice: np.random.Generator, n_states: int, n_actions: int, odds: float) -> None:
        self.dice, self.n_states, self.n_actions, self.odds = dice, n_states, n_actions, odds
        self.episodes: list[list[Step]] = []
        self.state = 0

    def reset(self) -> int:
        self.state = int(self.dice.integers(self.n_states))
        self.episodes.append([])
        return self.state

    def step(self, action: int) -> tuple[int, float, bool]:
        require(bool(self.episodes), "step was called before reset")
        steps = self.episodes[-1]
        require(not (steps and steps[-1][4]), "step was called after the episode had terminated")
        if isinstance(action, bool) or not isinstance(action, int | np.integer):
            fail("step was called with an action that is no whole number", got=action)
        require(0 <= action < self.n_actions, f"there are {self.n_actions} actions", got=action)
        after, reward = int(self.dice.integers(self.n_states)), round(float(self.dice.normal(1.0, 2.0)), 2)
        steps.append((self.state, int(action), reward, after, bool(self.dice.random() < self.odds)))
        self.state = after
        return after, reward, steps[-1][4]


def plain_update(q: Array, step: Step, alpha: float, gamma: float) -> None:
    state, action, reward, after, terminated = step
    target = reward if terminated else reward + gamma * max(q[after].tolist())
    q[state, action] += alpha * (target - q[state, action])


def plain_softmax(row: Array) -> Array:
    powers = [math.exp(v - max(row.tolist())) for v in row.tolist()]
    return np.array(powers) / math.fsum(powers)


def plain_returns(rewards: list[float], gamma: float) -> list[float]:
    return [math.fsum(gamma ** (k - t) * rewards[k] for k in range(t, len(rewards))) for t in range(len(rewards))]


def table(got: Any, world: Any, what: str) -> Array:
    array = as_array(got, what)
    assert_shape(array, (world.n_states, world.n_actions), what=what)
    return array


def updated(q: Array, state: int, action: int, reward: float, after: int, end: bool, *, gamma: float = 0.9) -> None:
    """Judge one update with alpha = 0.5 of a copy of q."""
    expected, got = q.copy(), q.copy()
    plain_update(expected, (state, action, reward, after, end), 0.5, gamma)
    work.q_update(got, state, action, reward, after, end, 0.5, gamma)
    assert_close(got, expected, what="q after q_update")


def test_one_entry_moves_towards_its_target() -> None:
    """1. q_update moves q[state, action] by alpha towards reward + gamma * max(q[next_state]); others stay."""
    updated(np.array([[0.0, 0.0], [2.0, 4.0]]), 0, 1, 1.0, 1, False)
    updated(np.array([[0.0, 0.0], [-2.0, -4.0]]), 0, 1, 1.0, 1, False)
    for case in range(20):
        q = rng(case).normal(0.0, 3.0, (4, 3))
        state, after = (int(v) for v in rng(100 + case).integers(4, size=2))
        updated(q, state, case % 3, float(rng(200 + case).normal()), after, False, gamma=case / 20)


def test_nothing_follows_a_terminal_state() -> None:
    """2. When terminated, the target is the reward alone, whatever the row of the next state holds."""
    for value in (5.0, -5.0, math.inf):
        updated(np.array([[1.0, 2.0], [value, value]]), 0, 0, 3.0, 1, True)


def chosen(values: Array, epsilon: float, n: int, stream: int) -> Array:
    """How often each action was chosen in n calls."""
    generator, counts = rng(stream), np.zeros(len(values))
    for _ in range(n):
        action = work.epsilon_greedy(values.copy(), epsilon, generator)
        assert_type(action, (int, np.integer), what="the action")
        require(0 <= action < len(values), f"there are {len(values)} actions", got=action)
        counts[action] += 1
    return counts


def assert_odds(counts: Array, odds: list[float], what: str) -> None:
    n = counts.sum()
    for action, odd in enumerate(odds):
        if abs(counts[action] - n * odd) > 6 * (n * odd * (1 - odd)) ** 0.5:
            shown = Shown(f"action {action} in {counts[action]:.0f} of {n:.0f} calls")
            fail(
                f"{what}: an action is not as frequent as it should be",
                got=shown,
                expected=Shown(f"about {n * odd:.0f}"),
            )


def test_epsilon_explores() -> None:
    """3. With probability epsilon any action is returned, the best one included, otherwise the best one."""
    assert_odds(chosen(np.array([1.0, 3.0, 2.0]), 0.0, 200, 1), [0.0, 1.0, 0.0], "epsilon 0")
    assert_odds(chosen(np.array([1.0, 3.0]), 1.0, 2000, 2), [0.5, 0.5], "epsilon 1")
    assert_odds(chosen(np.array([-1.0, -3.0, -2.0, -5.0]), 0.4, 3000, 3), [0.7, 0.1, 0.1, 0.1], "epsilon 0.4")


def test_ties_are_drawn() -> None:
    """4. Where several actions are best, each of them is equally likely."""
    assert_odds(chosen(np.zeros(4), 0.0, 2000, 4), [0.25] * 4, "four equal values")
    assert_odds(chosen(np.array([2.0, 7.0, 2.0, 7.0]), 0.0, 2000, 5), [0.0, 0.5, 0.0, 0.5], "two equal values")
    assert_odds(chosen(np.array([1.0, 1.0 + 1e-9]), 0.0, 100, 6), [0.0, 1.0], "two nearly equal values")


def replayed(world: Dice, alpha: float, gamma: float) -> Array:
    q = np.zeros((world.n_states, world.n_actions))
    for step in (step for steps in world.episodes for step in steps):
        plain_update(q, step, alpha, gamma)
    return q


def shown(world: Dice, call: str) -> str:
    """The call and what happened in it, where that is short enough to read."""
    steps = [step for steps in world.episodes for step in steps]
    story = f"{call} in a world where the steps (state, action, reward, next state, terminated) were"
    return f"{story} {world.episodes}" if len(steps) <= 6 else ""


def test_the_table_learns_from_each_step() -> None:
    """5. train_q begins with zeros and updates after each step, with all transitions in their order."""
    for case, (episodes, odds) in enumerate([(1, 1.0), (2, 0.5), (40, 0.2)]):
        world = Dice(rng(10 + case), 5, 3, odds)
        with global_random_state_kept():
            q = table(work.train_q(world, episodes, 0.3, 0.8, 0.5, rng(20 + case)), world, "the table")
        expected = replayed(world, 0.3, 0.8)
        assert_close(q, expected, what="the table", call=shown(world, "train_q"))


def test_training_explores() -> None:
    """5. train_q chooses its actions by epsilon_greedy from the table as it is at that step."""
    world = Dice(rng(30), 3, 2, 0.1)
    work.train_q(world, 60, 0.5, 0.8, 0.0, rng(31))
    q = np.zeros((3, 2))
    for i, step in enumerate(step for steps in world.episodes for step in steps):
        values = q[step[0]]
        message = f"with epsilon 0, step {i} took an action that is not the best of its state's values"
        require(values[step[1]] == values.max(), message, got=step[1], expected=Shown(f"the best of {values.tolist()}"))
        plain_update(q, step, 0.5, 0.8)
    world = Dice(rng(32), 3, 4, 0.1)
    work.train_q(world, 300, 0.5, 0.8, 1.0, rng(33))
    counts = np.bincount([step[1] for steps in world.episodes for step in steps], minlength=4)
    assert_odds(counts.astype(float), [0.25] * 4, "train_q with epsilon 1")


def assert_episodes(world: Dice, episodes: int, max_steps: int) -> None:
    """There were so many episodes, and each ended where it should."""
    assert_equal(len(world.episodes), episodes, what="the number of resets")
    for steps in world.episodes:
        require(len(steps) <= max_steps, f"an episode has {len(steps)} steps, max_steps is {max_steps}")
        complete = bool(steps) and (steps[-1][4] or len(steps) == max_steps)
        require(complete, f"an episode was left after {len(steps)} steps, max_steps is {max_steps}")


def test_a_cut_off_is_no_end() -> None:
    """6. An episode ends when terminated or after max_steps steps; the latter is no terminal state."""
    for case, max_steps in enumerate([1, 3, 4]):
        world = Dice(rng(40 + case), 4, 2, 0.2)
        q = table(work.train_q(world, 6, 0.5, 0.9, 0.5, rng(50 + case), max_steps=max_steps), world, "the table")
        assert_episodes(world, 6, max_steps)
        assert_close(
            q, replayed(world, 0.5, 0.9), what="the table", call=shown(world, f"train_q with max_steps={max_steps}")
        )
    world = Dice(rng(45), 2, 2, 0.0)
    work.train_q(world, 2, 0.5, 0.9, 0.5, rng(46))
    assert_episodes(world, 2, 200)


def best_values(world: Any, gamma: float) -> Array:
    """The table that no update changes, by sweeps over all states of a world whose state can be set."""
    q = np.zeros((world.n_states, world.n_actions))
    ends = {i for i, cell in enumerate("".join(world.rows)) if cell in "GX#"}
    for _ in range(60):
        for state in set(range(world.n_states)) - ends:
            for action in range(world.n_actions):
                world.state = state
                after, reward, terminated = world.step(action)
                q[state, action] = reward if terminated else reward + gamma * q[after].max()
    return q


def test_the_grid_world_is_solved() -> None:
    """7. After 500 episodes in GridWorld (alpha 0.5, gamma 0.95, epsilon 0.1) the greedy path is a shortest one."""
    world = worlds.GridWorld()
    best = best_values(worlds.GridWorld(), 0.95)
    for seed in range(2):
        q = table(work.train_q(world, 500, 0.5, 0.95, 0.1, rng(60 + seed)), world, "the table")
        path: list[int] = []
        state, terminated = world.reset(), False
        while not terminated and len(path) < 20:
            action = int(q[state].argmax())
            path.append(action)
            state, reward, terminated = world.step(action)
        solved = terminated and reward > 0 and len(path) == 7
        message = "following the best actions from the start does not reach the goal in 7 steps"
        require(
            solved, message, got=Shown(f"actions {path}"), expected=Shown("7 steps to G, such as [2, 2, 1, 1, ...]")
        )
        start = world.reset()
        assert_close(q[start].max(), best[start].max(), rtol=0.02, what="the best value of the start")


def test_returns_look_ahead() -> None:
    """8. The return of a step is its reward plus gamma times the return of the next step."""
    cases = [([1.0], 0.5), ([1.0, 2.0, 4.0], 0.5), ([0.0, 0.0, -1.0], 0.9), ([3.0, 1.0], 0.0), ([1.0, 1.0, 1.0], 1.0)]
    cases.append((rng(70).normal(size=30).tolist(), 0.97))
    for rewards, gamma in cases:
        assert_close(work.returns(rewards, gamma), plain_returns(rewards, gamma))
    assert_close(work.returns([1, 0, 1], 0.5), [1.25, 0.5, 1.0])


def test_preferences_become_probabilities() -> None:
    """9. action_probabilities is the softmax over the last axis, of one state or of a table."""
    row = np.array([0.0, 1.0, 3.0])
    many = rng(71).normal(0.0, 3.0, (4, 5))
    assert_close(work.action_probabilities(row.copy()), plain_softmax(row))
    assert_close(work.action_probabilities(many.copy()), [plain_softmax(r) for r in many])
    with unchanged(preferences=many):
        work.action_probabilities(many)


def by_differences(theta: Array, states: list[int], actions: list[int], weights: list[float]) -> Array:
    """The gradient by moving one entry after the other."""

    def objective(moved: Array) -> float:
        logs = [math.log(plain_softmax(moved[s])[a]) for s, a in zip(states, actions, strict=True)]
        return math.fsum(w * v for w, v in zip(weights, logs, strict=True))

    gradient, h = np.zeros(theta.shape), 1e-5
    for place in np.ndindex(theta.shape):
        up, down = theta.copy(), theta.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (objective(up) - objective(down)) / (2 * h)
    return gradient


def test_the_policy_gradient_agrees_with_finite_differences() -> None:
    """10. policy_gradient is the gradient of the sum of weights[t] * log p; a state may come more than once."""
    cases: list[tuple[Array, list[int], list[int], list[float]]] = [
        (np.zeros((1, 2)), [0], [1], [2.0]),
        (np.zeros((2, 2)), [0, 1], [1, 0], [1.0, -3.0]),
        (np.array([[0.0, 1.0, -1.0]]), [0, 0, 0], [1, 1, 0], [1.0, 2.0, -1.0]),
    ]
    for stream in (72, 73):
        g, n = rng(stream), 12
        steps = (g.integers(4, size=n).tolist(), g.integers(3, size=n).tolist(), g.normal(size=n).tolist())
        cases.append((g.normal(size=(4, 3)), *steps))
    for theta, states, actions, weights in cases:
        expected = by_differences(theta, states, actions, weights)
        with unchanged(theta=theta):
            got = work.policy_gradient(theta, states, actions, weights)
        assert_close(got, expected, rtol=1e-5, atol=1e-7)
        arrays = (np.array(states), np.array(actions), np.array(weights))
        assert_close(work.policy_gradient(theta.copy(), *arrays), expected, rtol=1e-5, atol=1e-7)


def ascended(world: Dice, alpha: float, gamma: float) -> tuple[Array, list[tuple[float, float]]]:
    """What REINFORCE makes of the recorded episodes, and for each action: whether it was 0, and the odds of 0."""
    theta = np.zeros((world.n_states, world.n_actions))
    seen: list[list[float]] = [[] for _ in range(world.n_states)]
    taken = [(0.0, 0.5)]
    for steps in world.episodes:
        gains = plain_returns([step[2] for step in steps], gamma)
        gradient = np.zeros(theta.shape)
        for (state, action, *_), gain in zip(steps, gains, strict=True):
            odds = plain_softmax(theta[state])
            taken.append((float(action == 0), float(odds[0])))
            weight = gain - (math.fsum(seen[state]) / len(seen[state]) if seen[state] else 0.0)
            gradient[state] += weight * (np.eye(world.n_actions)[action] - odds)
        for (state, *_), gain in zip(steps, gains, strict=True):
            seen[state].append(gain)
        theta += alpha * gradient
    return theta, taken


def test_each_episode_is_one_step_of_ascent() -> None:
    """11. train_policy adds alpha times the gradient after each episode; weights are returns minus the baseline."""
    for case, (episodes, n_states, odds) in enumerate([(1, 1, 1.0), (2, 2, 0.6), (3, 1, 0.5), (30, 4, 0.3)]):
        world = Dice(rng(80 + case), n_states, 3, odds)
        with global_random_state_kept():
            got = table(work.train_policy(world, episodes, 0.1, 0.8, rng(90 + case)), world, "the preferences")
        expected = ascended(world, 0.1, 0.8)[0]
        assert_close(got, expected, what="the preferences", call=shown(world, "train_policy"))


def test_actions_are_drawn_from_the_policy() -> None:
    """11. train_policy draws each action with the probabilities of the preferences as they are."""
    world = Dice(rng(85), 2, 2, 0.3)
    work.train_policy(world, 500, 0.1, 0.5, rng(86))
    taken, odds = (np.array(v) for v in zip(*ascended(world, 0.1, 0.5)[1], strict=True))
    # Of all actions, and of those that the policy prefers.
    for share in (np.ones(len(odds)), odds - 0.5):
        off = float(np.sum((taken - odds) * share)) / max(float(np.sum(odds * (1 - odds) * share**2)), 1e-9) ** 0.5
        require(abs(off) < 6.0, "actions are not drawn with the probabilities of the policy")


def test_bandit_and_corridor_are_learned() -> None:
    """11. train_policy finds the best of three slot machines, and the way through the corridor."""
    machines = worlds.Bandit((1.0, 2.0, 3.0), rng(95))
    theta = table(work.train_policy(machines, 1500, 0.1, 1.0, rng(96)), machines, "the preferences")
    best = float(plain_softmax(theta[0])[2])
    require(best > 0.9, "the best slot machine is not preferred after 1500 pulls", got=Shown(f"probability {best:.3f}"))
    corridor = worlds.Corridor(6)
    theta = table(work.train_policy(corridor, 500, 0.05, 0.9, rng(97)), corridor, "the preferences")
    right = min(float(plain_softmax(row)[1]) for row in theta[:-1])
    require(
        right > 0.8, "the agent does not go right in every cell of the corridor", got=Shown(f"probability {right:.3f}")
    )


edges()


def test_large_preferences_do_not_overflow() -> None:
    """9. Preferences of 1000 and -1000 lead to probabilities, without a warning."""
    with no_warnings():
        assert_close(work.action_probabilities(np.array([1000.0, 1000.0])), [0.5, 0.5])
        assert_close(
            work.action_probabilities(np.array([[-1000.0, -1001.0], [0.0, 1000.0]])),
            [plain_softmax(np.array([1.0, 0.0])), [0.0, 1.0]],
        )


def test_an_episode_of_the_policy_is_cut_off() -> None:
    """11. In train_policy too, an episode ends when terminated or after max_steps steps, and is learned from."""
    for case, max_steps in enumerate([1, 3]):
        world = Dice(rng(75 + case), 2, 2, 0.2)
        got = table(
            work.train_policy(world, 5, 0.1, 0.8, rng(78 + case), max_steps=max_steps), world, "the preferences"
        )
        assert_episodes(world, 5, max_steps)
        assert_close(got, ascended(world, 0.1, 0.8)[0], what="the preferences")
    world = Dice(rng(77), 2, 2, 0.0)
    work.train_policy(world, 1, 0.1, 0.8, rng(79))
    assert_episodes(world, 1, 200)


def test_no_call_remembers_another() -> None:
    """5. A second training begins with zeros again."""
    for name, options in (("train_q", (0.3, 0.8, 0.5)), ("train_policy", (0.3, 0.8))):
        results = []
        for _ in range(2):
            with calling(f"{name}(...), twice with equal worlds and generators"):
                results.append(as_array(getattr(work, name)(Dice(rng(98), 3, 2, 0.3), 5, *options, rng(99)), name))
        assert_close(results[1], results[0], what=f"the second result of {name}")
