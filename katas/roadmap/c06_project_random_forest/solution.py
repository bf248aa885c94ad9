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
    rng = np.random.default_rng(seed)
    # Class by class: of a rare one, a plain shuffle can put every row on the same side.
    test = [rng.permutation(np.flatnonzero(y == label))[: np.sum(y == label) // 3] for label in np.unique(y)]
    is_test = np.zeros(len(y), dtype=bool)
    is_test[np.concatenate(test)] = True
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def judge(name: str, y_true: Array, y_pred: Array) -> Result:
    """Accuracy, macro precision and macro recall of the predictions y_pred (m,)."""
    precision, recall, _ = precision_recall_f1(y_true, y_pred, average="macro")
    return Result(name, float(np.mean(y_true == y_pred)), float(precision), float(recall))


def compare(x: Array, y: Array, n_trees: int = 50, seed: int = 0) -> list[Result]:
    """Fit four models to the same training rows, and judge them on the same test rows; in the order of the task."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.tree import DecisionTreeClassifier

    train, test = stratified(y, seed)
    models = {
        "tree": DecisionTree(),
        "forest": RandomForest(n_trees, seed=seed),
        # The same criterion and seed, or the comparison would be one of settings.
        "sklearn tree": DecisionTreeClassifier(criterion="entropy", random_state=seed),
        "sklearn forest": RandomForestClassifier(n_trees, criterion="entropy", random_state=seed),
    }
    results = []
    for name, model in models.items():
        model.fit(x[train], y[train])
        results.append(judge(name, y[test], np.asarray(model.predict(x[test]))))
    return results


def table(results: Sequence[Result]) -> str:
    """The results as text, a line for each below a line of headings, shares in percent; columns stand in line."""
    width = max(len("model"), *(len(result.name) for result in results))
    lines = [f"{'model':<{width}}  accuracy  precision  recall"]
    for name, accuracy, precision, recall in results:
        lines.append(f"{name:<{width}}  {accuracy:>8.1%}  {precision:>9.1%}  {recall:>6.1%}")
    return "\n".join(lines)


def growth(forest: RandomForest, x: Array, y: Array) -> NDArray[np.float64]:
    """The accuracy (n_trees,) on x (m, d) and y (m,) of the first tree, of the first two, …, of all of them."""
    # Each tree is asked once; the votes of the first t are the first t rows.
    votes = np.array([tree.predict(x) for tree in forest.trees_])  # (n_trees, m)
    return np.array([np.mean(majority_vote(votes[:t]) == y) for t in range(1, len(votes) + 1)])


def draw_growth(curve: Array, tree_accuracy: float) -> Figure:
    """Draw the accuracy over the number of trees from 1, and that of a single tree as a level line."""
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    axes.plot(np.arange(1, len(curve) + 1), curve, label="forest")
    axes.axhline(tree_accuracy, color="grey", linestyle="--", label="tree")
    axes.set(xlabel="number of trees", ylabel="accuracy on rows kept aside")
    axes.legend()
    return figure


# A split is one draw of luck: on 60 test rows a single one is 1.7 %. scikit-learn's cross_validate repeats this on
# several splits and returns the spread, without which two models can hardly be told apart.
