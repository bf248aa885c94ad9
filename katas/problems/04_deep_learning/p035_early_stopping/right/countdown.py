"""Counts down what patience is left, and copies by np.copyto."""
import numpy as np


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0, mode="min"):
        if mode != "min" and mode != "max":
            raise ValueError("mode")
        if patience < 1:
            raise ValueError("patience")
        if not 0 <= min_delta:
            raise ValueError("min_delta")
        self.patience = self.left = patience
        self.min_delta = min_delta
        self.better = np.less if mode == "min" else np.greater
        self.shift = -min_delta if mode == "min" else min_delta
        self.best = np.inf if mode == "min" else -np.inf
        self.best_epoch = None
        self.epoch = -1
        self.weights = None

    def update(self, value, weights):
        self.epoch += 1
        if self.better(value, self.best + self.shift):
            self.best, self.best_epoch, self.left = float(value), self.epoch, self.patience
            self.weights = {k: np.array(v, copy=True) for k, v in weights.items()}
            return False
        self.left -= 1
        return self.left <= 0

    def restore(self, weights):
        for k, v in (self.weights or {}).items():
            np.copyto(weights[k], v)
