"""A random forest: trees that see other rows, and ask each question of other columns, and vote."""

from __future__ import annotations

from typing import Any

import numpy as np
from bagging import bootstrap, majority_vote
from classifiers import DecisionTree
from numpy.typing import NDArray
from tree_splitter import Split


class RandomTree(DecisionTree):
    """A DecisionTree that looks at max_features columns, drawn anew by rng, for each question."""

    def __init__(
        self, max_features: int, rng: np.random.Generator, max_depth: int | None = None, min_samples: int = 2
    ) -> None:
        """Keep the settings; max_depth and min_samples mean what they mean for a DecisionTree."""
        raise NotImplementedError

    def find_split(self, x: NDArray[Any], y: NDArray[Any]) -> Split | None:
        """Return the best split among the drawn columns, its feature counted in all columns of x; or None."""
        raise NotImplementedError


class RandomForest:
    """Trees on bootstrap samples, with random columns at each question; they vote.

    After `fit`: classes_ (c,), trees_ (list of RandomTree) and samples_ (list of (n,), the rows of each tree).
    """

    classes_: NDArray[Any]
    trees_: list[RandomTree]
    samples_: list[NDArray[np.intp]]

    def __init__(
        self,
        n_trees: int = 100,
        max_features: int | str = "sqrt",
        max_depth: int | None = None,
        min_samples: int = 2,
        resample: bool = True,
        seed: int = 0,
    ) -> None:
        """Keep the settings. max_features: a number of columns, "sqrt" or "all"."""
        raise NotImplementedError

    def fit(self, x: NDArray[Any], y: NDArray[Any]) -> RandomForest:
        """Grow all trees anew on x (n, d) and the labels y (n,), and return the forest itself.

        Raises ValueError for n_trees below 1 and for max_features that d columns cannot fulfil.
        """
        raise NotImplementedError

    def predict(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return the label (m,) for which most trees vote, for each row of x (m, d); of tied labels the smallest."""
        raise NotImplementedError

    def vote_shares(self, x: NDArray[Any]) -> NDArray[np.float64]:
        """Return the share of the trees (m, c) that vote for each of classes_, for each row of x (m, d)."""
        raise NotImplementedError
