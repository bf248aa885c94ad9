"""Row numbers are made by rounding random fractions of n - 1, so the first and the last row are drawn half as often as the others."""

from __future__ import annotations

import copy

import numpy as np


def bootstrap(n, rng):
    """In the bag and out of it."""
    if n < 1:
        raise ValueError("n must be at least 1")
    in_bag = np.rint(rng.random(n) * (n - 1)).astype(np.intp)
    seen = np.zeros(n, dtype=bool)
    seen[in_bag] = True
    return in_bag, np.flatnonzero(~seen)


def majority_vote(votes):
    """The most frequent label of each column."""
    votes = np.asarray(votes)
    if votes.ndim != 2 or len(votes) == 0:
        raise ValueError("votes must be 2-D with at least one row")
    labels, codes = np.unique(votes, return_inverse=True)
    codes = codes.reshape(votes.shape)
    counts = np.zeros((len(labels), votes.shape[1]), dtype=int)
    np.add.at(counts, (codes, np.arange(votes.shape[1])), 1)
    if votes.shape[1] == 0:
        return votes[0].copy()
    return labels[counts.argmax(axis=0)]


class Bagging:
    """Copies that vote."""

    def __init__(self, estimator, n_estimators=10, seed=0):
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.seed = seed

    def fit(self, X, y):
        """Train all members."""
        X, y = np.asarray(X), np.asarray(y)
        if X.ndim != 2 or len(X) == 0:
            raise ValueError("X must be 2-D with at least one row")
        if y.shape != (len(X),):
            raise ValueError("y must be of shape (n,)")
        if self.n_estimators < 1:
            raise ValueError("n_estimators must be at least 1")
        n = len(X)
        rng = np.random.default_rng(self.seed)
        self.estimators_ = [copy.deepcopy(self.estimator) for _ in range(self.n_estimators)]
        self.samples_ = [bootstrap(n, rng) for _ in range(self.n_estimators)]
        ballots = [[] for _ in range(n)]
        for member, (in_bag, out_of_bag) in zip(self.estimators_, self.samples_):
            member.fit(X[in_bag], y[in_bag])
            if len(out_of_bag):
                for row, label in zip(out_of_bag, member.predict(X[out_of_bag])):
                    ballots[row].append(label)
        judged = [row for row in range(n) if ballots[row]]
        right = sum(majority_vote(np.array(ballots[row])[:, None])[0] == y[row] for row in judged)
        self.oob_score_ = float(right / len(judged)) if judged else float("nan")
        return self

    def predict(self, X):
        """The vote of all."""
        return majority_vote(np.array([member.predict(X) for member in self.estimators_]))
