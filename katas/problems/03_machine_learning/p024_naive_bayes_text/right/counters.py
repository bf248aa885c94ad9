"""Counters and math.log, no arrays until the end."""

import math
import re
from collections import Counter

import numpy as np


def tokenize(text):
    return re.findall(r"\w+", text.lower())


def strings(texts):
    if isinstance(texts, str):
        raise TypeError("texts is one string; a list of them is wanted")
    return list(texts)


class NaiveBayes:
    def __init__(self, alpha=1.0):
        if not alpha > 0:
            raise ValueError("alpha must be positive")
        self.alpha = alpha

    def fit(self, texts, labels):
        texts = strings(texts)
        if len(labels) != len(texts):
            raise ValueError("labels and texts differ in length")
        self.prior = Counter(labels)
        self.n = len(texts)
        self.counts = {label: Counter() for label in self.prior}
        for text, label in zip(texts, labels):
            self.counts[label].update(tokenize(text))
        self.classes_ = sorted(self.counts)
        self.vocabulary_ = sorted(set().union(*self.counts.values()))
        self.known = set(self.vocabulary_)
        self.totals = {c: sum(found.values()) + self.alpha * len(self.known) for c, found in self.counts.items()}
        return self

    def log_prior(self, label):
        return math.log(self.prior[label]) - math.log(self.n)

    def log_likelihood(self, word, label):
        return math.log((self.counts[label][word] + self.alpha) / self.totals[label])

    def log_scores(self, text):
        seen = Counter(w for w in tokenize(text) if w in self.known)
        return {
            c: self.log_prior(c) + sum(n * self.log_likelihood(w, c) for w, n in sorted(seen.items()))
            for c in self.classes_
        }

    def predict_proba(self, texts):
        rows = []
        for text in strings(texts):
            scores = np.array(list(self.log_scores(text).values()))
            rows.append(np.exp(scores - np.logaddexp.reduce(scores)))
        return np.array(rows) if rows else np.empty((0, len(self.classes_)))

    def predict(self, texts):
        chosen = []
        for text in strings(texts):
            scores = self.log_scores(text)
            chosen.append(max(scores, key=scores.get))
        return chosen
