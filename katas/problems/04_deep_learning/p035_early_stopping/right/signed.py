"""Turns "max" into "min" by a sign, remembers all values, and copies deeply."""
import copy
import math


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0, mode="min"):
        if patience <= 0:
            raise ValueError(patience)
        if math.isnan(min_delta) or min_delta < 0:
            raise ValueError(min_delta)
        try:
            self.sign = {"min": 1, "max": -1}[mode]
        except KeyError:
            raise ValueError(mode) from None
        self.patience, self.min_delta = patience, min_delta
        self.values = []
        self.best, self.best_epoch, self.kept = self.sign * float("inf"), None, None

    def update(self, value, weights):
        self.values.append(value)
        gain = self.sign * (self.best - value)
        if not math.isnan(value) and gain > self.min_delta:
            self.best = value
            self.best_epoch = len(self.values) - 1
            self.kept = copy.deepcopy(weights)
        since = len(self.values) if self.best_epoch is None else len(self.values) - 1 - self.best_epoch
        return since >= self.patience

    def restore(self, weights):
        if self.kept is None:
            return
        for name in weights:
            weights[name][...] = self.kept[name]
