"""Bagging: bootstrap samples, members trained on them, a majority vote, and the out-of-bag score."""

from __future__ import annotations

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
    raise NotImplementedError


def majority_vote(votes: NDArray[Any]) -> NDArray[Any]:
    """The most frequent label of each column; on a tie the smallest.

    votes: (t, m), t voters on m rows, left unchanged. Returns (m,).
    """
    raise NotImplementedError


class Bagging:
    """Copies of one estimator, each trained on its own bootstrap sample, that vote.

    After `fit`: estimators_ (list), samples_ (list of (in_bag, out_of_bag)), oob_score_ (float or NaN).
    """

    def __init__(self, estimator: Estimator, n_estimators: int = 10, seed: int = 0) -> None:
        raise NotImplementedError

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> Bagging:
        """Train all members, anew at each call, the prototype left as it was; returns the ensemble itself.

        X: (n, d); y: (n,), or ValueError, as for n_estimators below 1.
        """
        raise NotImplementedError

    def predict(self, X: NDArray[Any]) -> NDArray[Any]:
        """Majority vote of all members on each row of X (m, d). Returns (m,)."""
        raise NotImplementedError
