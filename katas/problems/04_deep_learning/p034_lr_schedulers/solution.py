"""Learning rates that change while a network trains."""

import math
from typing import Any


class Scheduler:
    """What all three have in common: the present epoch, 0 at the start, and its rate."""

    epoch = 0

    def at(self, epoch: int) -> float:
        """Return the rate of an epoch, counted from 0; nothing is changed."""
        raise NotImplementedError

    @property
    def lr(self) -> float:
        """The rate of the present epoch."""
        # Computed from the epoch, not from the rate before: so nothing adds up, whoever asks how often.
        return self.at(self.epoch)

    def step(self) -> None:
        """Move on by one epoch."""
        self.epoch += 1

    def state(self) -> dict[str, Any]:
        """Return a dict for JSON, from which `load` can go on; it does not change later."""
        # A copy: `vars` is the object's own dict, and would change with the next step.
        return {"epoch": self.epoch, **vars(self)}

    def load(self, state: dict[str, Any]) -> None:
        """Go on like the scheduler of this class that `state` was saved from; `state` is left as it is."""
        vars(self).update(state)


class StepDecay(Scheduler):
    """The rate is multiplied by gamma every `step_size` epochs. Raises ValueError for a step_size below 1."""

    def __init__(self, base: float, step_size: int, gamma: float = 0.1) -> None:
        _require_at_least_one(step_size=step_size)
        self.base, self.step_size, self.gamma = base, step_size, gamma

    def at(self, epoch: int) -> float:
        """Return the rate of an epoch: whole steps only, so that it is a staircase and not a slope."""
        return float(self.base * self.gamma ** (epoch // self.step_size))


class Cosine(Scheduler):
    """The rate falls along half a cosine to `minimum` in epoch `t_max`, and stays. Raises ValueError for t_max < 1."""

    def __init__(self, base: float, t_max: int, minimum: float = 0.0) -> None:
        _require_at_least_one(t_max=t_max)
        self.base, self.t_max, self.minimum = base, t_max, minimum

    def at(self, epoch: int) -> float:
        """Return the rate of an epoch; past t_max the cosine would rise again, so it is stopped there."""
        return _half_cosine(self.base, self.minimum, min(epoch, self.t_max) / self.t_max)


class WarmRestarts(Scheduler):
    """The cosine in cycles of t_0, t_0 * t_mult, ... epochs. Raises ValueError for t_0 or t_mult below 1."""

    def __init__(self, base: float, t_0: int, t_mult: int = 1, minimum: float = 0.0) -> None:
        _require_at_least_one(t_0=t_0, t_mult=t_mult)
        self.base, self.t_0, self.t_mult, self.minimum = base, t_0, t_mult, minimum

    def at(self, epoch: int) -> float:
        """Return the rate of an epoch, by its place in the cycle that it lies in."""
        # Cycles are taken off in whole numbers. A logarithm would say which cycle it is in one go, and be off by a
        # rounding error just where a cycle begins: math.log(243, 3) is 4.999….
        start, length = 0, self.t_0
        while epoch >= start + length:
            start, length = start + length, length * self.t_mult
        return _half_cosine(self.base, self.minimum, (epoch - start) / length)


def _half_cosine(base: float, minimum: float, share: float) -> float:
    """Return the rate after this share of the way from base, at 0, to minimum, at 1."""
    return float(minimum + (base - minimum) * (1 + math.cos(math.pi * share)) / 2)


def _require_at_least_one(**numbers: int) -> None:
    for name, number in numbers.items():
        if number < 1:
            raise ValueError(f"{name} must be at least 1, got {number}")


# torch.optim.lr_scheduler writes the rate into the optimizer, one for each group of parameters, and computes most rates
# from the one before, so that schedulers can be chained. Today's usual schedule is a linear warm-up of some thousand
# steps and then one half cosine, moved on with every batch instead of every epoch.
