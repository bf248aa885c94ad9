"""How much worse a model gets when a column is shuffled, and when it is trained without the column."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

Array = NDArray[Any]
Metric = Callable[[Array, Array], float]


def permutation_importance(
    model: Any,
    X: Array,
    y: Array,
    metric: Metric,
    rng: np.random.Generator,
    n_repeats: int = 5,
    greater_is_better: bool = True,
) -> NDArray[np.float64]:
    """Return how much worse the fitted model gets when column j alone is shuffled, for each repeat: (d, n_repeats).

    X: (n, d), y: (n,), left unchanged. metric: takes y and the predictions.
    rng: each repeat of each column is a new permutation from it. Raises ValueError for n_repeats below 1.
    """
    if n_repeats < 1:
        raise ValueError(f"n_repeats must be at least 1, got {n_repeats}")
    after = np.empty((X.shape[1], n_repeats))
    for j in range(X.shape[1]):
        for r in range(n_repeats):
            # A new copy of the whole table each time: what was shuffled before must not stay shuffled.
            shuffled = X.copy()
            # Shuffling keeps the distribution of the column, and breaks its ties to y and to the other columns.
            shuffled[:, j] = rng.permutation(X[:, j])
            after[j, r] = metric(y, model.predict(shuffled))
    return _worse(metric(y, model.predict(X)), after, greater_is_better)


def drop_column_importance(
    model: Any,
    X_train: Array,
    y_train: Array,
    X_test: Array,
    y_test: Array,
    metric: Metric,
    greater_is_better: bool = True,
) -> NDArray[np.float64]:
    """Return how much worse a clone of model is on the test data when it is trained without column j: (d,).

    model: never fitted itself. All tables are left unchanged.
    """

    def score(columns: list[int]) -> float:
        # clone copies the settings and nothing that was learned: no model starts from what another one found.
        fitted = clone(model).fit(X_train[:, columns], y_train)
        # Judged on other rows than those it was trained on: there, every column seems to help.
        return metric(y_test, fitted.predict(X_test[:, columns]))

    every = list(range(X_train.shape[1]))
    after = np.array([score([c for c in every if c != j]) for j in every], dtype=np.float64)
    return _worse(score(every), after, greater_is_better)


def _worse(before: float, after: NDArray[np.float64], greater_is_better: bool) -> NDArray[np.float64]:
    """Return by how much the metric got worse."""
    return before - after if greater_is_better else after - before


# sklearn.inspection.permutation_importance works on several cores, takes several metrics and sample weights. Neither
# question has one answer where columns say the same: cluster them first, and shuffle or drop whole groups.
