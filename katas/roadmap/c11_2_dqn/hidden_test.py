"""Hidden test of c11_2_dqn."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    require,
    rng,
    seed,
)

work = learner("dqn")
FIELDS = ("states", "actions", "rewards", "next_states", "terminated")
DTYPES = (torch.float32, torch.int64, torch.float32, torch.float32, torch.bool)
# (state, action, reward, next state, terminated)
Transition = tuple[NDArray[np.float32], int, float, NDArray[np.float32], bool]


def transition(i: int, width: int = 3) -> Transition:
    """A transition all of whose parts tell its number."""
    g = rng(1000 + i)
    state, after = (g.normal(size=width).astype(np.float32) for _ in range(2))
    return state, i % 2, float(i), after, i % 3 == 0


def sampled(buffer: Any, batch_size: int) -> list[Tensor]:
    got = buffer.sample(batch_size)
    require(isinstance(got, tuple | list) and len(got) == 5, "sample must return five tensors", got=got)
    for name, tensor, dtype in zip(FIELDS, got, DTYPES, strict=True):
        assert_type(tensor, Tensor, what=name)
        shape = (batch_size, *tensor.shape[1:]) if "states" in name else (batch_size,)
        require(tuple(tensor.shape) == shape, f"{name} has another shape", got=tuple(tensor.shape), expected=shape)
        require(tensor.dtype == dtype, f"{name} has another dtype", got=str(tensor.dtype), expected=str(dtype))
    return list(got)


def numbers(buffer: Any, batch_size: int) -> list[int]:
    """The numbers of the transitions of one batch, each of which must be whole."""
    batch = sampled(buffer, batch_size)
    found = [round(reward) for reward in batch[2].tolist()]
    for row, i in enumerate(found):
        for name, part, wanted in zip(FIELDS, batch, transition(i), strict=True):
            assert_close(
                part[row].double(), np.asarray(wanted, dtype=float), what=f"{name} of transition {i}", rtol=1e-6
            )
    return found


def filled(capacity: int, n: int, stream: int = 1) -> Any:
    buffer = work.ReplayBuffer(capacity, rng(stream))
    for i in range(n):
        buffer.add(*transition(i))
    return buffer


def test_the_latest_transitions_are_kept() -> None:
    """1. The buffer keeps the latest `capacity` transitions, and len counts them."""
    for capacity, n in ((3, 1), (3, 3), (3, 4), (3, 5), (4, 11), (1, 3)):
        buffer = filled(capacity, n)
        kept = min(capacity, n)
        with calling(f"ReplayBuffer({capacity}, rng) after {n} transitions"):
            assert_equal(len(buffer), kept, what="len(buffer)")
            assert_equal(sorted(numbers(buffer, kept)), list(range(n - kept, n)), what="the transitions")


def test_a_batch_is_drawn_uniformly() -> None:
    """2. sample draws from rng different transitions, each equally likely, in any place of the buffer."""
    buffer, counts = filled(10, 10), np.zeros(10)
    for _ in range(400):
        found = numbers(buffer, 3)
        require(len(set(found)) == 3, "a batch holds a transition twice", got=found)
        counts[found] += 1
    worst = int(abs(counts - 120).argmax())
    shown = Shown(f"transition {worst} in {counts[worst]:.0f} of 400 batches of 3")
    require(bool(abs(counts - 120).max() < 60), "transitions are not equally likely", got=shown, expected=Shown("120"))
    buffer, pairs = filled(5, 5), set()
    for _ in range(300):
        pairs.add(tuple(sorted(numbers(buffer, 2))))
    message = "some pairs of five transitions are never in one batch (300 batches of 2)"
    require(len(pairs) == 10, message, got=Shown(f"the pairs {sorted(pairs)}"), expected=Shown("all ten pairs"))
    again = [numbers(filled(10, 10, stream=7), 5) for _ in range(2)]
    require(again[0] == again[1], "a generator in the same state led to another batch", got=again[1], expected=again[0])


def small_net(stream: int, n_actions: int = 2) -> Any:
    """A network of two layers whose weights come from rng."""
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, n_actions))
    g = rng(stream)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.as_tensor(g.normal(size=tuple(p.shape))))
    return net


def plain_targets(net: Any, rewards: list[float], after: Tensor, ends: list[bool], gamma: float) -> list[float]:
    rows = net(after).tolist()
    return [r if e else r + gamma * max(row) for r, row, e in zip(rewards, rows, ends, strict=True)]


def a_batch(stream: int, n: int, n_actions: int = 2) -> tuple[Tensor, ...]:
    g = rng(stream)
    return (
        torch.as_tensor(g.normal(size=(n, 3)), dtype=torch.float32),
        torch.as_tensor(g.integers(n_actions, size=n)),
        torch.as_tensor(g.normal(0.0, 3.0, n), dtype=torch.float32),
        torch.as_tensor(g.normal(size=(n, 3)), dtype=torch.float32),
        torch.as_tensor(np.arange(n) % 3 == 1),
    )


def targets(*args: Any) -> Tensor:
    got = work.td_targets(*args)
    assert_type(got, Tensor, what="the targets")
    return got  # type: ignore[no-any-return]


def test_targets_look_ahead_by_the_target_network() -> None:
    """3. A target is reward + gamma * max of the target network's values of the next state; it has no gradient."""
    for n, gamma in ((1, 0.5), (7, 0.9)):
        net, (_, _, rewards, after, _) = small_net(n), a_batch(n, n)
        expected = plain_targets(net, rewards.tolist(), after, [False] * n, gamma)
        got = targets(net, rewards, after, torch.zeros(n, dtype=torch.bool), gamma)
        assert_close(got.detach(), expected, rtol=1e-5, atol=1e-5)
        require(not got.requires_grad, "the targets carry a gradient into the target network")


def test_nothing_follows_a_terminal_state() -> None:
    """4. Where terminated, the target is the reward alone."""
    net, (_, _, rewards, after, ends) = small_net(3), a_batch(3, 8)
    expected = plain_targets(net, rewards.tolist(), after, ends.tolist(), 0.9)
    assert_close(targets(net, rewards, after, ends, 0.9).detach(), expected, rtol=1e-5, atol=1e-5)


def plain_loss(online: Any, target: Any, batch: tuple[Tensor, ...], gamma: float) -> Tensor:
    states, actions, rewards, after, ends = batch
    targets = plain_targets(target, rewards.tolist(), after, ends.tolist(), gamma)
    terms = []
    for row, action, wanted in zip(online(states), actions.tolist(), targets, strict=True):
        off = (row[action] - wanted).abs()
        terms.append(0.5 * off**2 if off < 1 else off - 0.5)
    return torch.stack(terms).mean()


def test_the_loss_is_of_the_actions_taken() -> None:
    """5. dqn_loss is the mean Huber loss of online(state)[action]; only the online network gets a gradient."""
    for stream, n, n_actions in ((1, 1, 2), (2, 2, 2), (3, 9, 4)):
        online, target, batch = (
            small_net(10 + stream, n_actions),
            small_net(20 + stream, n_actions),
            a_batch(30 + stream, n, n_actions),
        )
        expected = plain_loss(online, target, batch, 0.9)
        wanted = torch.autograd.grad(expected, list(online.parameters()))
        got = work.dqn_loss(online, target, batch, 0.9)
        assert_type(got, Tensor, what="the loss")
        assert_close(got.detach(), expected.detach(), rtol=1e-5, atol=1e-5)
        require(got.requires_grad, "the loss has no gradient")
        got.backward()
        for p, gradient in zip(online.parameters(), wanted, strict=True):
            found = torch.zeros_like(p) if p.grad is None else p.grad
            assert_close(found, gradient, rtol=1e-4, atol=1e-5, what="a gradient of the online network")
        touched = any(p.grad is not None and bool(p.grad.any()) for p in target.parameters())
        require(not touched, "the target network got a gradient")


def test_epsilon_falls_in_a_straight_line() -> None:
    """6. epsilon_at goes in a straight line from start to end, and stays there."""
    for step, expected in ((0, 1.0), (500, 0.7625), (1000, 0.525), (2000, 0.05), (9000, 0.05)):
        assert_close(work.epsilon_at(step), expected)
    assert_close(work.epsilon_at(5, start=0.5, end=0.1, decay_steps=20), 0.4)


def agent_of(stream: int, **settings: Any) -> Any:
    torch.manual_seed(stream)
    agent = work.Agent(3, 2, rng(stream), **settings)
    for name in ("online", "target"):
        net = getattr(agent, name, None)
        require(isinstance(net, nn.Module), f"the agent's {name} must be a torch module", got=net)
    return agent


def weights(net: Any) -> list[NDArray[Any]]:
    require(isinstance(net, nn.Module), "the agent's networks must be torch modules", got=net)
    return [as_array(p.detach().clone()) for p in net.parameters()]


def same(a: list[NDArray[Any]], b: list[NDArray[Any]]) -> bool:
    return all(np.allclose(x, y, rtol=1e-4, atol=1e-6) for x, y in zip(a, b, strict=True))


def test_the_agent_acts() -> None:
    """7. act returns with probability epsilon any action, otherwise the best one by the online network."""
    agent = agent_of(40)
    g = rng(42)
    with torch.no_grad():
        for p in agent.online.parameters():  # other weights than those of the target network
            p.add_(torch.as_tensor(g.normal(0.0, 0.3, tuple(p.shape)), dtype=p.dtype))
    for i in range(40):
        state = transition(i)[0] * 5
        values = agent.online(torch.as_tensor(state)[None])[0].tolist()
        action = agent.act(state.copy(), 0.0)
        assert_type(action, (int, np.integer), what="the action")
        require(action == values.index(max(values)), f"the values are {values}", got=action, expected=Shown("the best"))
    state = transition(0)[0]
    best = agent.act(state, 0.0)
    for epsilon in (1.0, 0.4):
        taken = [int(agent.act(state, epsilon)) for _ in range(600)]
        found, odds = sum(a != best for a in taken) / 600, epsilon / 2
        message = f"with epsilon {epsilon}, the action that is not the best is not as frequent as it should be"
        require(abs(found - odds) < 6 * (odds * (1 - odds) / 600) ** 0.5, message, got=found, expected=odds)
    third = work.Agent(3, 3, rng(43))
    taken = [int(third.act(state, 1.0)) for _ in range(300)]
    found = [taken.count(a) for a in range(3)]
    message = "with epsilon 1 and three actions, they are not equally likely"
    require(min(found) > 50, message, got=found, expected=Shown("about 100 each"))


def followed(n: int, sync_every: int, warmup: int = 4) -> None:
    """Judge n calls of observe, with a buffer that is one batch, beside the same in plain steps."""
    agent = agent_of(50, gamma=0.9, capacity=4, batch_size=4, warmup=warmup, sync_every=sync_every, learning_rate=0.01)
    online = copy.deepcopy(agent.online)
    target = copy.deepcopy(online)
    optimizer, updates = torch.optim.Adam(online.parameters(), lr=0.01), 0
    for i in range(n):
        with calling(f"agent.observe(...), call {i + 1}, with batch_size 4, warmup {warmup}, sync_every {sync_every}"):
            agent.observe(*transition(i))
            if i + 1 >= warmup:
                rows = [transition(k) for k in range(i - 3, i + 1)]
                batch = tuple(torch.as_tensor(np.stack([r[f] for r in rows])).to(DTYPES[f]) for f in range(5))
                optimizer.zero_grad()
                plain_loss(online, target, batch, 0.9).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                updates += 1
                if updates % sync_every == 0:
                    target.load_state_dict(online.state_dict())
            for name, wanted in (("online", online), ("target", target)):
                message = f"after {i + 1} transitions and {updates} updates the {name} network has other weights"
                got, expected = weights(getattr(agent, name)), weights(wanted)
                require(same(got, expected), message, got=got[-1], expected=expected[-1])


def test_one_update_follows_each_transition() -> None:
    """8. From the transition on with which the buffer holds warmup, observe makes one Adam step on one batch."""
    followed(4, 100)
    followed(8, 100)


def test_the_target_network_follows_in_jumps() -> None:
    """9. The target network begins equal, and takes over the online weights after each sync_every updates alone."""
    agent = agent_of(41)
    require(same(weights(agent.target), weights(agent.online)), "target and online begin with different weights")
    followed(5, 1)
    followed(11, 4)


class Walk:
    """A Gymnasium environment, recorded: episodes end after 3 steps, by turns terminated and truncated."""

    def __init__(self) -> None:
        self.seeds: list[Any] = []
        self.calls: list[tuple[int, int, bool]] = []
        self.state = np.zeros(1, dtype=np.float32)
        self.n = 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        self.seeds.append(seed)
        self.n = 0
        self.state = np.array([100.0 * len(self.seeds)], dtype=np.float32)
        return self.state.copy(), {}

    def step(self, action: int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        require(self.n < 3, "step was called after an episode had ended")
        self.n += 1
        self.state = self.state + 1
        odd = len(self.seeds) % 2 == 1
        return self.state.copy(), float(action), self.n == 3 and odd, self.n == 3 and not odd, {}


class Notebook:
    """An agent that notes what it is asked and told."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, float]] = []
        self.told: list[tuple[float, int, float, float, bool]] = []

    def act(self, state: Any, epsilon: float) -> int:
        self.asked.append((float(state[0]), float(epsilon)))
        return len(self.asked)

    def observe(self, state: Any, action: int, reward: float, next_state: Any, terminated: bool) -> None:
        self.told.append((float(state[0]), action, float(reward), float(next_state[0]), bool(terminated)))


def walked(n_steps: int) -> tuple[Walk, Notebook, list[Any]]:
    env, agent = Walk(), Notebook()
    with calling(f"train(env, agent, {n_steps}, seed=5), where episodes end after 3 steps"):
        got = work.train(env, agent, n_steps, 5)
        assert_type(got, list, what="the returns")
    return env, agent, got


def test_the_loop_acts_and_observes() -> None:
    """10. train takes n_steps steps over all episodes, each by act and observe; the first reset alone has the seed."""
    env, agent, got = walked(10)
    states = [100.0 * (1 + i // 3) + i % 3 for i in range(10)]
    assert_equal([s for s, _ in agent.asked], states, what="the states that act was asked for")
    assert_close([e for _, e in agent.asked], [1 - 0.95 * i / 2000 for i in range(10)], what="the epsilons")
    told = [row[:4] for row in agent.told]
    assert_equal(told, [(s, i + 1, i + 1, s + 1) for i, s in enumerate(states)], what="what observe was told")
    assert_equal(env.seeds, [5, None, None, None], what="the seeds of the resets")
    assert_close(got, [6.0, 15.0, 24.0], what="the returns")


def test_a_time_limit_is_not_an_end() -> None:
    """10. observe is told terminated; an episode that was truncated is no terminal state."""
    _, agent, _ = walked(9)
    expected = [i in (2, 8) for i in range(9)]
    assert_equal([row[4] for row in agent.told], expected, what="terminated, as observe was told")


class Learned(Exception):
    """The pole has stayed up long enough: the rest of the steps can be saved."""


class Watched:
    """CartPole, left by Learned as soon as ten episodes in a row have 75 steps on average."""

    def __init__(self) -> None:
        import gymnasium

        self.env = gymnasium.make("CartPole-v1")
        self.lengths: list[int] = []

    def reset(self, **options: Any) -> Any:
        self.lengths.append(0)
        return self.env.reset(**options)

    def step(self, action: int) -> Any:
        self.lengths[-1] += 1
        if len(self.lengths) >= 10 and sum(self.lengths[-10:]) >= 750:
            raise Learned
        return self.env.step(action)


def test_cartpole_improves() -> None:
    """11. On CartPole, within 4000 steps ten episodes in a row have 75 steps on average, from either of two seeds."""
    # A training with a part that is wrong says nothing new, and takes long.
    for part in PARTS:
        part()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for number in (seed() + 1, seed() + 2):
            env = Watched()
            torch.manual_seed(number)
            agent = work.Agent(4, 2, np.random.default_rng(number))
            try:
                work.train(env, agent, 4000, number)
            except Learned:
                continue
            best = max(sum(env.lengths[i : i + 10]) / 10 for i in range(len(env.lengths)))
            fail(
                "the pole does not stay up much longer than at the start",
                got=Shown(f"at best {best:.0f} steps on average"),
                expected=Shown("75 or more; without learning it is about 35"),
            )
    finally:
        torch.set_num_threads(threads)


edges()


def test_states_are_copied() -> None:
    """1. A state that is overwritten after add does not change the buffer."""
    buffer = work.ReplayBuffer(2, rng(2))
    state, _, _, after, _ = transition(5)
    first, second = state.copy(), after.copy()
    with calling("buffer.add(state, 1, 5.0, next_state, False), state[:] = 9, next_state[:] = 9, buffer.sample(1)"):
        buffer.add(first, 1, 5.0, second, False)
        first[:] = second[:] = 9.0
        batch = sampled(buffer, 1)
    assert_close(batch[0][0], state, what="states")
    assert_close(batch[3][0], after, what="next_states")


def test_too_large_a_batch_is_refused() -> None:
    """2. A batch larger than what the buffer holds raises ValueError."""
    assert_raises(ValueError, filled(10, 3).sample, 4, call="buffer.sample(4) of 3 transitions")


PARTS = (
    test_the_latest_transitions_are_kept,
    test_a_batch_is_drawn_uniformly,
    test_targets_look_ahead_by_the_target_network,
    test_nothing_follows_a_terminal_state,
    test_the_loss_is_of_the_actions_taken,
    test_epsilon_falls_in_a_straight_line,
    test_the_agent_acts,
    test_one_update_follows_each_transition,
    test_the_target_network_follows_in_jumps,
    test_the_loop_acts_and_observes,
    test_a_time_limit_is_not_an_end,
    test_states_are_copied,
    test_too_large_a_batch_is_refused,
)
