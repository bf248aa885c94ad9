"""A decision tree by information gain, a test of k nearest neighbours, and a linear SVM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from nearest_neighbours import KNNClassifier
from numpy.typing import NDArray
from tree_splitter import Split, best_split

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Leaf:
    """An end of the tree: every row that arrives here has this label."""

    label: Any


@dataclass(frozen=True)
class Node:
    """A question: rows with x[:, feature] <= threshold go left, all others right."""

    feature: int
    threshold: float
    left: Node | Leaf
    right: Node | Leaf


class DecisionTree:
    """A tree that asks for the split of largest information gain; fit leaves root_, a Node or a Leaf."""

    root_: Node | Leaf

    def __init__(self, max_depth: int | None = None, min_samples: int = 2) -> None:
        """Allow max_depth questions on the way to a leaf (None: any number), and split min_samples rows or more."""
        raise NotImplementedError

    def find_split(self, x: NDArray[Any], y: NDArray[Any]) -> Split | None:
        """Return the split of a node with the rows x (n, d) and labels y (n,), or None."""
        raise NotImplementedError

    def fit(self, x: NDArray[Any], y: NDArray[Any]) -> DecisionTree:
        """Grow the tree on x (n, d) and the labels y (n,), and return it."""
        raise NotImplementedError

    def predict(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return the label (m,) of the leaf where each row of x (m, d) arrives."""
        raise NotImplementedError


def rules(tree: DecisionTree, names: Sequence[str]) -> list[str]:
    """Return one line for each leaf of a fitted tree, from left to right; names: of the features."""
    raise NotImplementedError


def leave_one_out(x: NDArray[Any], y: NDArray[Any], k: int) -> float:
    """Return the share of rows whose label the k nearest of all other rows predict.

    Raises ValueError unless k is from 1 to n - 1.
    """
    raise NotImplementedError


def hinge_loss(x: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> float:
    """Return the mean of max(0, 1 - y z), z = x·w + b, plus l2/2 Σ w²; y (n,) holds -1 and 1.

    Raises ValueError for other labels.
    """
    raise NotImplementedError


def hinge_gradient(x: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> tuple[Array, float]:
    """Return the derivatives of `hinge_loss` by w, (d,), and by b; rows with y z of exactly 1 add nothing.

    Raises ValueError for other labels than -1 and 1.
    """
    raise NotImplementedError


def fit_svm(
    x: NDArray[Any], y: NDArray[Any], l2: float = 0.01, learning_rate: float = 1.0, n_steps: int = 1000
) -> tuple[Array, float]:
    """Return the weights (d,) and the bias of the lowest loss on a walk downhill from zero.

    Raises ValueError for other labels than -1 and 1.
    """
    raise NotImplementedError
