"""The same with loops, permutations and Python's own counting."""

from collections import Counter

import numpy as np
from bagging import bootstrap
from classifiers import DecisionTree
from tree_splitter import Split, best_split


class RandomTree(DecisionTree):
    def __init__(self, max_features, rng, max_depth=None, min_samples=2):
        DecisionTree.__init__(self, max_depth=max_depth, min_samples=min_samples)
        self.max_features, self.rng = max_features, rng

    def find_split(self, x, y):
        best = None
        for j in sorted(self.rng.permutation(x.shape[1])[: self.max_features].tolist()):
            one = best_split(x[:, [j]], y, "entropy")
            if one is not None and (best is None or one.gain > best.gain + 1e-12):
                best = Split(j, one.threshold, one.gain)
        return best


class RandomForest:
    def __init__(self, n_trees=100, max_features="sqrt", max_depth=None, min_samples=2, resample=True, seed=0):
        self.n_trees, self.max_features, self.max_depth = n_trees, max_features, max_depth
        self.min_samples, self.resample, self.seed = min_samples, resample, seed

    def fit(self, x, y):
        n, d = x.shape
        k = self.max_features
        if k == "sqrt":
            k = int(d**0.5)
        elif k == "all":
            k = d
        if isinstance(k, str) or k < 1 or k > d or self.n_trees < 1:
            raise ValueError("n_trees or max_features does not fit")
        rng = np.random.default_rng(self.seed)
        self.classes_ = np.array(sorted(set(y.tolist())))
        self.trees_, self.samples_ = [], []
        for _ in range(self.n_trees):
            rows = np.arange(n)
            if self.resample:
                rows, _ = bootstrap(n, rng)
            self.samples_.append(rows)
            self.trees_.append(RandomTree(k, rng, self.max_depth, self.min_samples).fit(x[rows], y[rows]))
        return self

    def predict(self, x):
        labels = []
        for column in np.array([tree.predict(x) for tree in self.trees_]).T.tolist():
            counts = Counter(column)
            labels.append(min(counts, key=lambda label: (-counts[label], label)))
        return np.array(labels)

    def vote_shares(self, x):
        shares = np.zeros((len(x), len(self.classes_)))
        for tree in self.trees_:
            for i, label in enumerate(tree.predict(x)):
                shares[i, list(self.classes_).index(label)] += 1 / self.n_trees
        return shares
