"""Bagging: bootstrap samples, members trained on them, a majority vote, and the out-of-bag score."""

from __future__ import annotations

import copy
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]


class Estimator(Protocol):
    """What can be bagged."""

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> Any: ...

    def predict(self, X: NDArray[Any]) -> NDArray[Any]: ...


def bootstrap(n: int, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Draw n of the rows 0 … n - 1 with replacement.

    Returns (in_bag, out_of_bag): the n draws, and the rows never drawn, ascending.
    """
    # A row is missed by all n draws with probability (1 - 1/n)^n, which goes to 1/e: 36.8 % are out of bag.
    in_bag = rng.integers(n, size=n)  # (n,)
    is_drawn = np.zeros(n, dtype=bool)
    is_drawn[in_bag] = True
    return in_bag, np.flatnonzero(~is_drawn)


def majority_vote(votes: NDArray[Any]) -> NDArray[Any]:
    """The most frequent label of each column; on a tie the smallest.

    votes: (t, m), t voters on m rows, left unchanged. Returns (m,).
    """
    labels = np.unique(votes)  # (u,), ascending
    counts = (votes[:, :, None] == labels).sum(axis=0)  # (m, u)
    # argmax takes the first of equals, which is the smallest label.
    return np.asarray(labels[counts.argmax(axis=1)])


class Bagging:
    """Copies of one estimator, each trained on its own bootstrap sample, that vote.

    After `fit`: estimators_ (list), samples_ (list of (in_bag, out_of_bag)), oob_score_ (float or NaN).
    """

    def __init__(self, estimator: Estimator, n_estimators: int = 10, seed: int = 0) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.seed = seed

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> Bagging:
        """Train all members, anew at each call, the prototype left as it was; returns the ensemble itself.

        X: (n, d); y: (n,), or ValueError, as for n_estimators below 1.
        """
        # A y of shape (n, 1) would go through here, and break the votes in many an estimator.
        if y.shape != (len(X),):
            raise ValueError(f"y must be of shape ({len(X)},), got {y.shape}")
        if self.n_estimators < 1:
            raise ValueError(f"n_estimators must be at least 1, got {self.n_estimators}")
        # Made here, not in __init__, so that a second fit draws the same samples; and one for all, not one a member,
        # which with equal seeds would give every member the same sample and the vote nothing to decide.
        rng = np.random.default_rng(self.seed)
        self.samples_ = [bootstrap(len(X), rng) for _ in range(self.n_estimators)]
        # Deep copies: with shallow ones, members would share any list or array that the prototype holds.
        self.estimators_ = [copy.deepcopy(self.estimator) for _ in self.samples_]
        for member, (in_bag, _) in zip(self.estimators_, self.samples_, strict=True):
            member.fit(X[in_bag], y[in_bag])
        self.oob_score_ = self._out_of_bag_accuracy(X, y)
        return self

    def predict(self, X: NDArray[Any]) -> NDArray[Any]:
        """Majority vote of all members on each row of X (m, d). Returns (m,)."""
        return majority_vote(np.array([member.predict(X) for member in self.estimators_]))

    def _out_of_bag_accuracy(self, X: NDArray[Any], y: NDArray[Any]) -> float:
        """Share of right votes, each row judged only by the members that never saw it."""
        votes: list[list[Any]] = [[] for _ in range(len(X))]
        for member, (_, out_of_bag) in zip(self.estimators_, self.samples_, strict=True):
            if len(out_of_bag) == 0:  # a model may refuse to predict for no rows
                continue
            for row, label in zip(out_of_bag.tolist(), member.predict(X[out_of_bag]), strict=True):
                votes[row].append(label)
        is_right = [bool(majority_vote(np.array(v)[:, None])[0] == y[row]) for row, v in enumerate(votes) if v]
        return float(np.mean(is_right)) if is_right else float("nan")


# scikit-learn's BaggingClassifier works like this, in parallel, and can also draw features, or samples smaller than n.
# It averages predicted probabilities where the estimator has them and votes only where it does not. Its `clone` copies
# the settings of an estimator without what it learned, which needs no deep copy of fitted state.
