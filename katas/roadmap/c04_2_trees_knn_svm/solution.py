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
        self.max_depth = max_depth
        self.min_samples = min_samples

    def find_split(self, x: NDArray[Any], y: NDArray[Any]) -> Split | None:
        """Return the split of a node with the rows x (n, d) and labels y (n,), or None."""
        # Information gain is the entropy of the node minus that of its children, weighted by their rows.
        return best_split(x, y, "entropy")

    def fit(self, x: NDArray[Any], y: NDArray[Any]) -> DecisionTree:
        """Grow the tree on x (n, d) and the labels y (n,), and return it."""
        self.root_ = self._grow(x, y, 0)
        return self

    def _grow(self, x: NDArray[Any], y: NDArray[Any], depth: int) -> Node | Leaf:
        labels, counts = np.unique(y, return_counts=True)
        # "== max_depth" is never true for None. Without a split the rows cannot be told apart by one question.
        may_split = depth != self.max_depth and len(y) >= self.min_samples and len(labels) > 1
        split = self.find_split(x, y) if may_split else None
        if split is None:
            return Leaf(labels[counts.argmax()])  # labels are sorted, and argmax takes the first of equals
        left = x[:, split.feature] <= split.threshold  # (n,)
        # Each side is the same task again, with fewer rows.
        return Node(
            split.feature,
            split.threshold,
            self._grow(x[left], y[left], depth + 1),
            self._grow(x[~left], y[~left], depth + 1),
        )

    def predict(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return the label (m,) of the leaf where each row of x (m, d) arrives."""
        return np.array([_label_of(row, self.root_) for row in x])  # (m,)


def _label_of(row: NDArray[Any], place: Node | Leaf) -> Any:
    while isinstance(place, Node):
        place = place.left if row[place.feature] <= place.threshold else place.right
    return place.label


def rules(tree: DecisionTree, names: Sequence[str]) -> list[str]:
    """Return one line for each leaf of a fitted tree, from left to right; names: of the features."""
    return _rules(tree.root_, names, ())


def _rules(place: Node | Leaf, names: Sequence[str], so_far: tuple[str, ...]) -> list[str]:
    if isinstance(place, Leaf):
        return [f"{' and '.join(so_far) or 'always'}: {place.label}"]
    name, threshold = names[place.feature], f"{place.threshold:g}"
    return [
        *_rules(place.left, names, (*so_far, f"{name} <= {threshold}")),
        *_rules(place.right, names, (*so_far, f"{name} > {threshold}")),
    ]


def leave_one_out(x: NDArray[Any], y: NDArray[Any], k: int) -> float:
    """Return the share of rows whose label the k nearest of all other rows predict.

    Raises ValueError unless k is from 1 to n - 1.
    """
    n = len(x)
    if not 1 <= k < n:
        raise ValueError(f"k must be from 1 to {n - 1}, got {k}")
    hits = 0
    for i in range(n):
        # Remembering is the whole of k-NN's training, so n of them cost nothing. A row that is not left out is its own
        # nearest neighbour.
        model = KNNClassifier(k).fit(np.delete(x, i, axis=0), np.delete(y, i))
        hits += bool(model.predict(x[i : i + 1])[0] == y[i])
    return hits / n


def hinge_loss(x: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> float:
    """Return the mean of max(0, 1 - y z), z = x·w + b, plus l2/2 Σ w²; y (n,) holds -1 and 1.

    Raises ValueError for other labels.
    """
    _check(y)
    # A row costs nothing once it is on its own side by a margin of 1: not 0, so that rows push the plane away.
    return float(np.maximum(0.0, 1.0 - y * (x @ w + b)).mean() + l2 / 2 * np.sum(w**2))


def hinge_gradient(x: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> tuple[Array, float]:
    """Return the derivatives of `hinge_loss` by w, (d,), and by b; rows with y z of exactly 1 add nothing.

    Raises ValueError for other labels than -1 and 1.
    """
    _check(y)
    # Each row inside the margin pulls by its own label with the same force, however far it is on the wrong side.
    pull = np.where(y * (x @ w + b) < 1.0, -1.0 * y, 0.0)  # (n,)
    return x.T @ pull / len(x) + l2 * w, float(pull.mean())


def fit_svm(
    x: NDArray[Any], y: NDArray[Any], l2: float = 0.01, learning_rate: float = 1.0, n_steps: int = 1000
) -> tuple[Array, float]:
    """Return the weights (d,) and the bias of the lowest loss on a walk downhill from zero.

    Raises ValueError for other labels than -1 and 1.
    """
    w: Array = np.zeros(x.shape[1])
    b = 0.0
    best = hinge_loss(x, y, w, b, l2), w, b
    for t in range(1, n_steps + 1):
        grad_w, grad_b = hinge_gradient(x, y, w, b, l2)
        # At a kink the slope does not shrink towards the minimum, so the steps have to.
        rate = learning_rate / np.sqrt(t)
        w, b = w - rate * grad_w, b - rate * grad_b
        loss = hinge_loss(x, y, w, b, l2)
        # Such a step can also lead uphill: the last place is rarely the lowest.
        if loss < best[0]:
            best = loss, w, b
    return best[1], float(best[2])


def _check(y: NDArray[Any]) -> None:
    # With labels of 0 and 1, every row of class 0 would cost 1 wherever it lies, and pull at nothing.
    if not np.isin(y, (-1, 1)).all():
        raise ValueError("y must hold -1 and 1 only; turn other labels into these first")


# scikit-learn's DecisionTreeClassifier also splits where nothing is gained, and prunes by ccp_alpha. LinearSVC solves
# the dual problem by default, with a squared hinge, and penalises the bias a little; SVC bends the plane by kernels.
