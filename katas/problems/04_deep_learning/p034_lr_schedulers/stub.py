"""Learning rates that change while a network trains."""

from typing import Any


class Scheduler:
    """What all three have in common: the present epoch, 0 at the start, and its rate."""

    def at(self, epoch: int) -> float:
        """Return the rate of an epoch, counted from 0; nothing is changed."""
        raise NotImplementedError

    @property
    def lr(self) -> float:
        """The rate of the present epoch."""
        raise NotImplementedError

    def step(self) -> None:
        """Move on by one epoch."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return a dict for JSON, from which `load` can go on; it does not change later."""
        raise NotImplementedError

    def load(self, state: dict[str, Any]) -> None:
        """Go on like the scheduler of this class that `state` was saved from; `state` is left as it is."""
        raise NotImplementedError


class StepDecay(Scheduler):
    """The rate is multiplied by gamma every `step_size` epochs. Raises ValueError for a step_size below 1."""

    def __init__(self, base: float, step_size: int, gamma: float = 0.1) -> None:
        raise NotImplementedError


class Cosine(Scheduler):
    """The rate falls along half a cosine to `minimum` in epoch `t_max`, and stays. Raises ValueError for t_max < 1."""

    def __init__(self, base: float, t_max: int, minimum: float = 0.0) -> None:
        raise NotImplementedError


class WarmRestarts(Scheduler):
    """The cosine in cycles of t_0, t_0 * t_mult, ... epochs. Raises ValueError for t_0 or t_mult below 1."""

    def __init__(self, base: float, t_0: int, t_mult: int = 1, minimum: float = 0.0) -> None:
        raise NotImplementedError
