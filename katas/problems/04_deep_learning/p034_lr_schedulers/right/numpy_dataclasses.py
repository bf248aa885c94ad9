"""Dataclasses, NumPy's cosine, and states made by dataclasses.asdict."""
from dataclasses import asdict, dataclass

import numpy as np


class _Common:
    def __post_init__(self):
        for name in ("step_size", "t_max", "t_0", "t_mult"):
            if getattr(self, name, 1) < 1:
                raise ValueError(f"{name} is below 1")

    @property
    def lr(self):
        return self.at(self.now)

    def step(self):
        self.now += 1

    def state(self):
        return asdict(self)

    def load(self, state):
        for name, value in state.items():
            setattr(self, name, value)

    def _wave(self, share):
        return self.minimum + (self.base - self.minimum) * np.cos(np.pi * share / 2) ** 2


@dataclass
class StepDecay(_Common):
    base: float
    step_size: int
    gamma: float = 0.1
    now: int = 0

    def at(self, epoch):
        return self.base * self.gamma ** np.floor(epoch / self.step_size)


@dataclass
class Cosine(_Common):
    base: float
    t_max: int
    minimum: float = 0.0
    now: int = 0

    def at(self, epoch):
        return self._wave(np.clip(epoch / self.t_max, 0, 1))


@dataclass
class WarmRestarts(_Common):
    base: float
    t_0: int
    t_mult: int = 1
    minimum: float = 0.0
    now: int = 0

    def at(self, epoch):
        begins = [0]
        length = self.t_0
        while begins[-1] + length <= epoch:
            begins.append(begins[-1] + length)
            length *= self.t_mult
        return self._wave((epoch - begins[-1]) / length)
