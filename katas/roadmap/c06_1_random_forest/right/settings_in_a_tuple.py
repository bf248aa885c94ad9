"""Draws by permutation, settings checked in a helper, votes by counting."""

from __future__ import annotations

import math

import bagging
import numpy as np
from classifiers import DecisionTree
from tree_splitter import Split, best_split


class RandomTree(DecisionTree):
    def __init__(self, max_features, rng, max_depth=None, min_samples=2):
        DecisionTree.__init__(self, max_depth, min_samples)
        self._count, self._rng = max_features, rng

    def find_split(self, x, y):
        drawn = sorted(self._rng.permutation(x.shape[1])[: self._count].tolist())
        found = best_split(x[:, drawn], y, criterion="entropy")
        return found and Split(drawn[found.feature], found.threshold, found.gain)


def _number(setting, d):
    count = {"sqrt": math.isqrt(d), "all": d}.get(setting, setting)
    if isinstance(count, str) or count < 1 or count > d:
        raise ValueError(f"max_features {setting!r} does not fit {d} columns")
    return count


class RandomForest:
    def __init__(self, n_trees=100, max_features="sqrt", max_depth=None, min_samples=2, resample=True, seed=0):
        self._settings = (n_trees, max_features, max_depth, min_samples, resample, seed)

    def fit(self, x, y):
        n_trees, max_features, max_depth, min_samples, resample, seed = self._settings
        count = _number(max_features, np.shape(x)[1])
        if n_trees < 1:
            raise ValueError("no trees")
        rng = np.random.default_rng(seed)
        x, y = np.array(x), np.array(y)
        self.classes_ = np.array(sorted(set(y.tolist())), dtype=y.dtype)
        if resample:
            self.samples_ = [bagging.bootstrap(len(y), rng)[0] for _ in range(n_trees)]
        else:
            self.samples_ = [np.arange(len(y)) for _ in range(n_trees)]
        self.trees_ = [
            RandomTree(count, rng, max_depth=max_depth, min_samples=min_samples).fit(x[rows], y[rows])
            for rows in self.samples_
        ]
        return self

    def vote_shares(self, x):
        out = np.zeros((len(x), len(self.classes_)))
        for tree in self.trees_:
            out[np.arange(len(x)), np.searchsorted(self.classes_, tree.predict(x))] += 1
        return out / len(self.trees_)

    def predict(self, x):
        return self.classes_[self.vote_shares(x).argmax(axis=1)]
