"""The best question a decision tree can ask: impurities, the gain of a split, and the search for the best one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Split(NamedTuple):
    """Rows with X[:, feature] <= threshold go left; gain is how much purer the children are."""

    feature: int
    threshold: float
    gain: float


def gini(y: NDArray[Any]) -> float:
    """1 minus the sum of the squared shares of the classes in y, (n,); 0 for no labels."""
    raise NotImplementedError


def entropy(y: NDArray[Any]) -> float:
    """Minus the sum of p log2(p) over the shares p of the classes in y, (n,); 0 for no labels."""
    raise NotImplementedError


def gain(y: NDArray[Any], goes_left: NDArray[np.bool_], criterion: str = "gini") -> float:
    """Impurity of y, (n,), minus the impurities of its two children, each weighted by its share of the rows.

    goes_left: (n,) bool. With an empty child the gain is 0.
    Raises ValueError unless criterion is "gini" or "entropy".
    """
    raise NotImplementedError


def best_split(X: NDArray[Any], y: NDArray[Any], criterion: str = "gini") -> Split | None:
    """The feature and midpoint threshold of the largest gain; None when nothing gains more than 1e-12.

    X: (n, d) numbers; y: (n,) labels. Ties go to the lowest feature, then to the lowest threshold; gains that differ
    by less than 1e-12 are a tie.
    Raises ValueError for NaN or infinity in X, y of another length, and any other criterion.
    """
    raise NotImplementedError
