"""The generator is made on construction and has moved on when fit is called again."""

from __future__ import annotations
import copy
from typing import Any, Protocol
import numpy as np
from numpy.typing import NDArray
Indices = NDArray[np.intp]

class Estimator(Protocol):

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> Any:
        ...

    def predict(self, X: NDArray[Any]) -> NDArray[Any]:
        ...

def bootstrap(n: int, rng: np.random.Generator) -> tuple[Indices, Indices]:
    if n < 1:
        raise ValueError(f'n must be at least 1, got {n}')
    in_bag = rng.integers(n, size=n)
    is_drawn = np.zeros(n, dtype=bool)
    is_drawn[in_bag] = True
    return (in_bag, np.flatnonzero(~is_drawn))

def majority_vote(votes: NDArray[Any]) -> NDArray[Any]:
    if votes.ndim != 2 or len(votes) == 0:
        raise ValueError(f'votes must be of shape (t, m) with at least one voter, got {votes.shape}')
    labels = np.unique(votes)
    if len(labels) == 0:
        return np.asarray(votes[0].copy())
    counts = (votes[:, :, None] == labels).sum(axis=0)
    return np.asarray(labels[counts.argmax(axis=1)])

class Bagging:

    def __init__(self, estimator: Estimator, n_estimators: int=10, seed: int=0) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.seed = seed
        self.rng = np.random.default_rng(seed)

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> Bagging:
        if X.ndim != 2 or len(X) == 0:
            raise ValueError(f'X must be of shape (n, d) with at least one row, got {X.shape}')
        if y.shape != (len(X),):
            raise ValueError(f'y must be of shape ({len(X)},), got {y.shape}')
        if self.n_estimators < 1:
            raise ValueError(f'n_estimators must be at least 1, got {self.n_estimators}')
        rng = self.rng
        self.samples_ = [bootstrap(len(X), rng) for _ in range(self.n_estimators)]
        self.estimators_ = [copy.deepcopy(self.estimator) for _ in self.samples_]
        for member, (in_bag, _) in zip(self.estimators_, self.samples_, strict=True):
            member.fit(X[in_bag], y[in_bag])
        self.oob_score_ = self._out_of_bag_accuracy(X, y)
        return self

    def predict(self, X: NDArray[Any]) -> NDArray[Any]:
        return majority_vote(np.array([member.predict(X) for member in self.estimators_]))

    def _out_of_bag_accuracy(self, X: NDArray[Any], y: NDArray[Any]) -> float:
        votes: list[list[Any]] = [[] for _ in range(len(X))]
        for member, (_, out_of_bag) in zip(self.estimators_, self.samples_, strict=True):
            if len(out_of_bag) == 0:
                continue
            for row, label in zip(out_of_bag.tolist(), member.predict(X[out_of_bag]), strict=True):
                votes[row].append(label)
        is_right = [bool(majority_vote(np.array(v)[:, None])[0] == y[row]) for row, v in enumerate(votes) if v]
        return float(np.mean(is_right)) if is_right else float('nan')
