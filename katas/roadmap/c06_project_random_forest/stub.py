"""A random forest on trial: against a single tree and scikit-learn, on rows that none of them has seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from bagging import majority_vote
from classification_scores import precision_recall_f1
from classifiers import DecisionTree
from forest import RandomForest
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[Any]


class Result(NamedTuple):
    """How a model does on the test rows; precision and recall are means over the classes."""

    name: str
    accuracy: float
    precision: float
    recall: float


def stratified(y: Array, seed: int = 0) -> tuple[Array, Array]:
    """Row numbers (train, test), both ascending: of each class with m rows, m // 3 drawn at random are for the test."""
    raise NotImplementedError


def judge(name: str, y_true: Array, y_pred: Array) -> Result:
    """Accuracy, macro precision and macro recall of the predictions y_pred (m,)."""
    raise NotImplementedError


def compare(x: Array, y: Array, n_trees: int = 50, seed: int = 0) -> list[Result]:
    """Fit four models to the same training rows, and judge them on the same test rows; in the order of the task."""
    raise NotImplementedError


def table(results: Sequence[Result]) -> str:
    """The results as text, a line for each below a line of headings, shares in percent; columns stand in line."""
    raise NotImplementedError


def growth(forest: RandomForest, x: Array, y: Array) -> NDArray[np.float64]:
    """The accuracy (n_trees,) on x (m, d) and y (m,) of the first tree, of the first two, …, of all of them."""
    raise NotImplementedError


def draw_growth(curve: Array, tree_accuracy: float) -> Figure:
    """Draw the accuracy over the number of trees from 1, and that of a single tree as a level line."""
    raise NotImplementedError
