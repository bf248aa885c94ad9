"""One table of votes for all, masked where a member saw the row; lists in place of tuples."""

import copy

import numpy as np


def bootstrap(n, rng):
    in_bag = np.floor(rng.random(n) * n).astype(int)
    return [in_bag, np.array([i for i in range(n) if i not in in_bag], dtype=int)]


def majority_vote(votes):
    return _vote(votes, np.ones(votes.shape, dtype=bool))


def _vote(votes, counts_for):
    labels, codes = np.unique(votes, return_inverse=True)
    codes = codes.reshape(votes.shape)
    tally = np.array([((codes == k) & counts_for).sum(axis=0) for k in range(len(labels))])
    return labels[np.argmax(tally, axis=0)]


class Bagging:
    def __init__(self, estimator, n_estimators=10, seed=0):
        self.estimator, self.n_estimators, self.seed = estimator, n_estimators, seed

    def fit(self, X, y):
        if self.n_estimators < 1 or np.shape(y) != (len(X),):
            raise ValueError("no members, or y is not of shape (n,)")
        rng = np.random.default_rng(self.seed)
        self.estimators_, self.samples_ = [], []
        for _ in range(self.n_estimators):
            self.samples_.append(bootstrap(len(X), rng))
            self.estimators_.append(copy.deepcopy(self.estimator))
            self.estimators_[-1].fit(X[self.samples_[-1][0]], y[self.samples_[-1][0]])
        is_out = np.array([np.isin(np.arange(len(X)), out) for _, out in self.samples_])
        said = _vote(np.stack([m.predict(X) for m in self.estimators_]), is_out)
        judged = is_out.any(axis=0)
        self.oob_score_ = float((said == y)[judged].mean()) if judged.any() else float("nan")
        return self

    def predict(self, X):
        return majority_vote(np.stack([member.predict(X) for member in self.estimators_]))
