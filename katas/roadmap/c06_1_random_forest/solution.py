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
        super().__init__(max_depth, min_samples)
        self.max_features = max_features
        self.rng = rng

    def find_split(self, x: NDArray[Any], y: NDArray[Any]) -> Split | None:
        """Return the best split among the drawn columns, its feature counted in all columns of x; or None."""
        # In order, so that the lowest of equally good columns still wins.
        drawn = np.sort(self.rng.choice(x.shape[1], self.max_features, replace=False))  # (max_features,)
        split = super().find_split(x[:, drawn], y)
        # Column 0 of what was drawn is another one in x.
        return None if split is None else split._replace(feature=int(drawn[split.feature]))


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
        self.n_trees = n_trees
        self.max_features = max_features
        self.max_depth = max_depth
        self.min_samples = min_samples
        self.resample = resample
        self.seed = seed

    def fit(self, x: NDArray[Any], y: NDArray[Any]) -> RandomForest:
        """Grow all trees anew on x (n, d) and the labels y (n,), and return the forest itself.

        Raises ValueError for n_trees below 1 and for max_features that d columns cannot fulfil.
        """
        n, d = x.shape
        n_features = self._n_features(d)
        if self.n_trees < 1:
            raise ValueError(f"n_trees must be at least 1, got {self.n_trees}")
        # All labels, for a bootstrap sample may miss a rare one.
        self.classes_ = np.unique(y)
        # One generator for all: rows and columns of every tree differ, and a second fit repeats the first.
        rng = np.random.default_rng(self.seed)
        self.samples_ = [bootstrap(n, rng)[0] if self.resample else np.arange(n) for _ in range(self.n_trees)]
        self.trees_ = []
        for rows in self.samples_:
            tree = RandomTree(n_features, rng, self.max_depth, self.min_samples)
            tree.fit(x[rows], y[rows])
            self.trees_.append(tree)
        return self

    def _n_features(self, d: int) -> int:
        """How many of d columns each question looks at."""
        wanted = {"sqrt": int(np.sqrt(d)), "all": d}.get(str(self.max_features), self.max_features)
        if not isinstance(wanted, (int, np.integer)) or not 1 <= wanted <= d:
            raise ValueError(f'max_features must be "sqrt", "all" or from 1 to {d}, got {self.max_features!r}')
        return int(wanted)

    def predict(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return the label (m,) for which most trees vote, for each row of x (m, d); of tied labels the smallest."""
        return majority_vote(self._votes(x))

    def vote_shares(self, x: NDArray[Any]) -> NDArray[np.float64]:
        """Return the share of the trees (m, c) that vote for each of classes_, for each row of x (m, d)."""
        return np.asarray((self._votes(x)[:, :, None] == self.classes_).mean(axis=0))

    def _votes(self, x: NDArray[Any]) -> NDArray[Any]:
        return np.array([tree.predict(x) for tree in self.trees_])  # (n_trees, m)


# scikit-learn's RandomForestClassifier averages the shares of the labels in the leaves where these trees vote, so that
# an unsure leaf counts less. Where the drawn columns separate nothing it goes on drawing, and its trees grow in
# parallel, each from a seed of its own.
