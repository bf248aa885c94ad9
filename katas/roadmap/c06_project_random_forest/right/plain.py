"""The same with lists, pyplot and scikit-learn's scores."""

from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from bagging import majority_vote
from classification_scores import precision_recall_f1
from classifiers import DecisionTree
from forest import RandomForest
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier


class Result(NamedTuple):
    name: str
    accuracy: float
    precision: float
    recall: float


def stratified(y, seed=0):
    rng = np.random.default_rng(seed)
    train, test = [], []
    for label in sorted(set(y.tolist())):
        rows = [i for i, other in enumerate(y.tolist()) if other == label]
        rng.shuffle(rows)
        test += rows[: len(rows) // 3]
        train += rows[len(rows) // 3 :]
    return np.array(sorted(train)), np.array(sorted(test))


def judge(name, y_true, y_pred):
    p, r, _ = precision_recall_f1(list(y_true), list(y_pred), "macro")
    hits = sum(bool(a == b) for a, b in zip(y_true, y_pred, strict=True))
    return Result(name, hits / len(y_true), p, r)


def compare(x, y, n_trees=50, seed=0):
    train, test = stratified(y, seed)
    tree = DecisionTree().fit(x[train], y[train])
    forest = RandomForest(n_trees=n_trees, seed=seed).fit(x[train], y[train])
    theirs = DecisionTreeClassifier(criterion="entropy", random_state=seed).fit(x[train], y[train])
    woods = RandomForestClassifier(n_estimators=n_trees, criterion="entropy", random_state=seed).fit(x[train], y[train])
    names = ["tree", "forest", "sklearn tree", "sklearn forest"]
    return [judge(n, y[test], m.predict(x[test])) for n, m in zip(names, [tree, forest, theirs, woods], strict=True)]


def table(results):
    cells = [["model", "accuracy", "precision", "recall"]]
    cells += [[r.name] + [f"{100 * v:.1f}%" for v in r[1:]] for r in results]
    widths = [max(len(row[j]) for row in cells) for j in range(4)]
    return "\n".join("|".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).replace("|", " ") for row in cells)


def growth(forest, x, y):
    votes = [tree.predict(x) for tree in forest.trees_]
    return [float((majority_vote(np.stack(votes[: t + 1])) == y).mean()) for t in range(len(votes))]


def draw_growth(curve, tree_accuracy):
    figure, axes = plt.subplots()
    axes.plot(range(1, len(curve) + 1), curve, "o-", label="forest")
    axes.plot([1, len(curve)], [tree_accuracy, tree_accuracy], label="tree")
    axes.set_xlabel("trees")
    axes.set_ylabel("accuracy")
    axes.legend()
    plt.close(figure)
    return figure
