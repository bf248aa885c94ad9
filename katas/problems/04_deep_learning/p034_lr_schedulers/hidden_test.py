"""Hidden test of p034_lr_schedulers."""

import importlib
import importlib.util
import json
import math
from collections.abc import Callable
from typing import Any

from kata_runner.checking import (
    assert_close,
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    not_tried,
    require,
    seed,
    unchanged,
)

work = learner("schedulers")

STEPS: dict[str, Any] = {"base": 0.8, "step_size": 3, "gamma": 0.5}
COSINE: dict[str, Any] = {"base": 0.8, "t_max": 4, "minimum": 0.2}
RESTARTS: dict[str, Any] = {"base": 0.8, "t_0": 2, "t_mult": 2, "minimum": 0.2}

# Noted from PyTorch 2.13.0: StepLR, CosineAnnealingLR and CosineAnnealingWarmRestarts with these settings.
BY_STEPS = [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1]
BY_COSINE = [0.8, 0.712132034356, 0.5, 0.287867965644, 0.2]
BY_RESTARTS = [
    *(0.8, 0.5),
    *(0.8, 0.712132034356, 0.5, 0.287867965644),
    *(0.8, 0.777163859753, 0.712132034356, 0.61480502971),
]


def half_cosine(base: float, minimum: float, t: int, length: int) -> float:
    return minimum + (base - minimum) * (1 + math.cos(math.pi * t / length)) / 2


def plain_restarts(n: int, base: float, t_0: int, t_mult: int = 1, minimum: float = 0.0) -> list[float]:
    """The rates of n epochs, one after the other."""
    rates, t, length = [], 0, t_0
    for _ in range(n):
        rates.append(half_cosine(base, minimum, t, length))
        t += 1
        if t == length:
            t, length = 0, length * t_mult
    return rates


def plain_steps(n: int, base: float, step_size: int, gamma: float = 0.1) -> list[float]:
    rates, rate = [], base
    for t in range(n):
        rate = rate * gamma if t > 0 and t % step_size == 0 else rate
        rates.append(rate)
    return rates


def rates(scheduler: Any, epochs: Any) -> list[float]:
    """What at() returns, each found to be a number."""
    got = []
    for t in epochs:
        rate = scheduler.at(t)
        assert_type(rate, (int, float), what=f"at({t})")
        got.append(float(rate))
    return got


def close(scheduler: Any, epochs: Any, expected: list[float], rtol: float = 1e-10) -> None:
    for t, rate in zip(epochs, expected, strict=True):
        assert_close(scheduler.at(t), rate, rtol=rtol, atol=1e-14, what=f"the rate of epoch {t}")


def present(scheduler: Any) -> float:
    with calling("scheduler.lr"):
        rate = scheduler.lr
    require(not callable(rate), "lr must be an attribute or a property, not a method", got=rate)
    assert_type(rate, (int, float), what="lr")
    return float(rate)


def through_json(state: Any) -> Any:
    assert_type(state, dict, what="state()")
    try:
        return json.loads(json.dumps(state))
    except (TypeError, ValueError) as error:
        fail(f"json cannot write what state() returned: {error}", got=state)


def walked(scheduler: Any, n: int) -> list[float]:
    """The rates that a training loop of n epochs would use."""
    used = []
    for _ in range(n):
        used.append(present(scheduler))
        scheduler.step()
    return used


def each() -> list[Callable[[], Any]]:
    return [
        lambda: work.StepDecay(**STEPS),
        lambda: work.Cosine(**COSINE),
        lambda: work.WarmRestarts(**RESTARTS),
    ]


def test_step_decay() -> None:
    """1. The rate is multiplied by gamma in epoch step_size, 2 · step_size, … and stays the same in between."""
    close(work.StepDecay(0.8, 2, gamma=0.5), range(5), [0.8, 0.8, 0.4, 0.4, 0.2])
    for settings in ((1.0, 1), (0.3, 3), (2.0, 7, 0.9), (0.5, 4, 1.0)):
        close(work.StepDecay(*settings), range(30), plain_steps(30, *settings))


def test_cosine_falls_to_the_minimum() -> None:
    """2. The rate falls along half a cosine from base in epoch 0 to the minimum in epoch t_max."""
    for base, t_max, minimum in ((0.8, 4, 0.2), (0.8, 4, 0.0), (0.1, 1, 0.01), (3.0, 7, 0.5)):
        expected = [half_cosine(base, minimum, t, t_max) for t in range(t_max + 1)]
        close(work.Cosine(base, t_max, minimum=minimum), range(t_max + 1), expected)
    close(work.Cosine(0.8, 4), [4], [0.0])


def test_cosine_begins_anew() -> None:
    """3. Each cycle begins at base and falls along a cosine of its own length; lengths grow by t_mult."""
    for settings in ((0.8, 2, 2, 0.2), (0.8, 3), (1.0, 1, 2), (0.5, 2, 3, 0.1), (0.5, 1), (0.1, 4, 1, 0.01)):
        close(work.WarmRestarts(*settings), range(40), plain_restarts(40, *settings))


def test_a_loop_uses_the_rates_in_order() -> None:
    """4. A new scheduler stands in epoch 0; lr is the rate of the present epoch, and step moves on by one."""
    for make, expected in zip(each(), (BY_STEPS, BY_COSINE, BY_RESTARTS), strict=True):
        scheduler = make()
        for t, rate in enumerate(expected):
            assert_close(present(scheduler), rate, rtol=1e-9, what=f"lr in epoch {t}")
            scheduler.step()


def test_asking_changes_nothing() -> None:
    """4. lr and at can be asked any number of times, in any order; each scheduler has its own epoch."""
    for make in each():
        scheduler, other = make(), make()
        scheduler.step()
        expected = present(scheduler)
        asked = [rates(scheduler, [9, 0, 4, 4, 0, 9]), present(scheduler), present(other)]
        require(asked[0] == asked[0][::-1], "at returned two rates for the same epoch", got=asked[0])
        assert_close(asked[1], expected, what="lr, asked again after at(9), at(0), …")
        assert_close(asked[2], 0.8, what="lr of another scheduler, which was never moved,")


def test_a_state_does_not_change() -> None:
    """5. json can write a state, and steps that come later do not change it."""
    for make in each():
        scheduler = make()
        scheduler.step()
        state = scheduler.state()
        through_json(state)
        with unchanged(state=state):
            walked(scheduler, 4)


def test_a_saved_scheduler_goes_on() -> None:
    """6. After load, also through JSON, a new scheduler goes on exactly like the one that was saved."""
    small = [
        lambda: work.StepDecay(1e-4 / 3, 2, 1 / 7),
        lambda: work.Cosine(1e-4 / 3, 7, 1e-5 / 3),
        lambda: work.WarmRestarts(1e-4 / 3, 2, 2, 1e-5 / 3),
    ]
    for make in [*each(), *small]:
        for n_before in (0, 1, 5):
            scheduler, resumed = make(), make()
            walked(scheduler, n_before)
            saved = scheduler.state()
            resumed.load(through_json(saved))
            expected, got = walked(scheduler, 8), walked(resumed, 8)
            what = f"lr in the 8 epochs after load, saved in epoch {n_before},"
            assert_close(got, expected, rtol=1e-12, atol=0.0, what=what)


def test_rates_are_those_of_pytorch() -> None:
    """1. The rates of all three are those of PyTorch's schedulers, those of Cosine up to t_max."""
    noted = [BY_STEPS, BY_COSINE, BY_RESTARTS]
    for make, expected in zip(each(), noted, strict=True):
        close(make(), range(len(expected)), expected, rtol=1e-9)
    if not seed():
        return  # for a learner the noted numbers will do; the audit asks PyTorch itself
    if importlib.util.find_spec("torch") is None:
        not_tried("PyTorch is not installed: only numbers noted from it were compared")
        return
    for make, expected in zip(each(), by_pytorch(40), strict=True):
        close(make(), range(len(expected)), expected, rtol=1e-9)


def by_pytorch(n: int) -> list[list[float]]:
    torch = importlib.import_module("torch")
    schedules = torch.optim.lr_scheduler
    found = []
    for make, n_epochs in (
        (lambda optimizer: schedules.StepLR(optimizer, 3, 0.5), n),
        (lambda optimizer: schedules.CosineAnnealingLR(optimizer, 4, 0.2), 5),
        (lambda optimizer: schedules.CosineAnnealingWarmRestarts(optimizer, 2, 2, 0.2), n),
    ):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.8)
        scheduler, used = make(optimizer), []
        for _ in range(n_epochs):
            used.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        found.append(used)
    return found


edges()


def test_cosine_stays_at_the_minimum() -> None:
    """2. After t_max the rate stays at the minimum."""
    for t_max, minimum in ((4, 0.2), (5, 0.0), (1, 0.1)):
        epochs = [t_max + 1, t_max + 2, 2 * t_max, 2 * t_max + 1, 1000]
        close(work.Cosine(0.8, t_max, minimum), epochs, [minimum] * len(epochs))


def test_late_cycles_begin_on_time() -> None:
    """3. Late cycles begin in the right epoch too: 121 for t_0=1, t_mult=3, and 32767 for t_0=1, t_mult=2."""
    for t_0, t_mult, length in (
        (1, 3, 3**5),
        (1, 3, 3**10),
        (1, 2, 2**15),
        (1, 10, 10**3),
        (5, 7, 5 * 7**6),
        (7, 1, 7),
    ):
        begin = 7 * 300 if t_mult == 1 else (length - t_0) // (t_mult - 1)
        before = length // t_mult
        expected = [half_cosine(0.8, 0.2, before - 1, before), 0.8, half_cosine(0.8, 0.2, 1, length)]
        close(work.WarmRestarts(0.8, t_0, t_mult, 0.2), range(begin - 1, begin + 2), expected)


def test_settings_are_part_of_the_state() -> None:
    """6. A scheduler of the same class but with other settings goes on like the one that was saved."""
    others = [lambda: work.StepDecay(0.1, 1, 0.9), lambda: work.Cosine(0.1, 9, 0.05), lambda: work.WarmRestarts(0.1, 5)]
    for make, make_other in zip(each(), others, strict=True):
        for n_before in (1, 0):
            scheduler, resumed = make(), make_other()
            walked(scheduler, n_before)
            walked(resumed, 3)
            resumed.load(through_json(scheduler.state()))
            expected = walked(scheduler, 8)
            got = rates(resumed, range(n_before, n_before + 8))
            assert_close(got, expected, rtol=1e-12, atol=0.0, what="at of 8 epochs after load")
            assert_close(walked(resumed, 8), expected, rtol=1e-12, atol=0.0, what="lr in the 8 epochs after load")


def test_a_loaded_state_does_not_change() -> None:
    """6. A state that was loaded does not change, and does not tie two schedulers together."""
    for make in each():
        scheduler, one, other = make(), make(), make()
        scheduler.step()
        state = scheduler.state()
        expected = walked(scheduler, 4)
        with unchanged(state=state):
            one.load(state)
            other.load(state)
            walked(one, 4)
        assert_close(walked(other, 4), expected, what="lr in the 4 epochs after load")


def test_no_epochs_are_refused() -> None:
    """7. step_size, t_max, t_0 and t_mult below 1 raise ValueError."""
    for bad in (0, -1):
        assert_raises(ValueError, work.StepDecay, 0.1, bad)
        assert_raises(ValueError, work.Cosine, 0.1, bad)
        assert_raises(ValueError, work.WarmRestarts, 0.1, bad)
        assert_raises(ValueError, work.WarmRestarts, 0.1, 5, bad)
