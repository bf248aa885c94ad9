"""Counters for the votes, set differences for the bags."""

from collections import Counter
from copy import deepcopy

import numpy as np


def bootstrap(n, rng):
    drawn = rng.choice(n, size=n, replace=True)
    return drawn, np.setdiff1d(np.arange(n), drawn)


def winner(column):
    counts = Counter(column)
    return sorted(counts, key=lambda label: (-counts[label], label))[0]


def majority_vote(votes):
    votes = np.asarray(votes)
    return np.array([winner(column) for column in votes.T.tolist()], dtype=votes.dtype)


class Bagging:
    def __init__(self, estimator, n_estimators=10, seed=0):
        if n_estimators < 1:
            raise ValueError("n_estimators must be positive")
        self.estimator, self.n_estimators, self.seed = estimator, n_estimators, seed

    def fit(self, X, y):
        if y.shape != X.shape[:1]:
            raise ValueError("y must have one label a row")
        rng = np.random.default_rng(self.seed)
        self.estimators_, self.samples_ = [], []
        heard = {}
        for _ in range(self.n_estimators):
            inside, outside = bootstrap(len(X), rng)
            member = deepcopy(self.estimator)
            member.fit(X.take(inside, axis=0), y.take(inside))
            self.estimators_.append(member)
            self.samples_.append((inside, outside))
            if outside.size:
                for row, said in zip(outside, member.predict(X[outside]).tolist()):
                    heard.setdefault(int(row), []).append(said)
        hits = [winner(said) == y[row] for row, said in heard.items()]
        self.oob_score_ = sum(hits) / len(hits) if hits else np.nan
        return self

    def predict(self, X):
        return majority_vote(np.stack([m.predict(X) for m in self.estimators_]))
