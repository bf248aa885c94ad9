"""Three classes without a common base; lr is an attribute that step sets, state lists its entries."""
import math


class StepDecay:
    def __init__(self, base, step_size, gamma=0.1):
        if step_size < 1:
            raise ValueError("step_size")
        self.base, self.step_size, self.gamma = base, step_size, gamma
        self.t = 0
        self.lr = float(base)

    def at(self, epoch):
        rate = float(self.base)
        for _ in range(epoch // self.step_size):
            rate *= self.gamma
        return rate

    def step(self):
        self.t += 1
        if self.t % self.step_size == 0:
            self.lr *= self.gamma

    def state(self):
        return {"settings": [self.base, self.step_size, self.gamma], "t": self.t, "lr": self.lr}

    def load(self, state):
        self.base, self.step_size, self.gamma = state["settings"]
        self.t, self.lr = state["t"], state["lr"]


class Cosine:
    def __init__(self, base, t_max, minimum=0.0):
        if not t_max >= 1:
            raise ValueError(f"{t_max=}")
        self.settings = {"base": base, "t_max": t_max, "minimum": minimum}
        self.t = 0

    def at(self, epoch):
        base, t_max, minimum = self.settings.values()
        if epoch >= t_max:
            return float(minimum)
        return minimum + 0.5 * (base - minimum) * (1 + math.cos(epoch * math.pi / t_max))

    @property
    def lr(self):
        return self.at(self.t)

    def step(self):
        self.t = self.t + 1

    def state(self):
        return {"settings": dict(self.settings), "t": self.t}

    def load(self, state):
        self.settings = {name: state["settings"][name] for name in ("base", "t_max", "minimum")}
        self.t = state["t"]


class WarmRestarts(Cosine):
    def __init__(self, base, t_0, t_mult=1, minimum=0.0):
        if min(t_0, t_mult) < 1:
            raise ValueError("t_0 and t_mult must be at least 1")
        self.settings = {"base": base, "t_0": t_0, "t_mult": t_mult, "minimum": minimum}
        self.t = 0

    def at(self, epoch):
        base, t_0, t_mult, minimum = self.settings.values()
        if t_mult == 1:
            return Cosine(base, t_0, minimum).at(epoch % t_0)
        while epoch >= t_0:
            epoch -= t_0
            t_0 *= t_mult
        return Cosine(base, t_0, minimum).at(epoch)

    def load(self, state):
        self.settings = {name: state["settings"][name] for name in ("base", "t_0", "t_mult", "minimum")}
        self.t = state["t"]
