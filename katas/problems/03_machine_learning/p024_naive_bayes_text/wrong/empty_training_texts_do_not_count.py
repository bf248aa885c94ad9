"""Training texts without a word are skipped altogether, so they are missing from the prior."""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np


def tokenize(text):
    """Words of a text in lower case, repeats kept."""
    return re.findall(r"\w+", text.lower())


def _refuse_string(texts):
    if isinstance(texts, str):
        raise TypeError("texts must be a list of strings, not a single string")


class NaiveBayes:
    """Multinomial naive Bayes."""

    def __init__(self, alpha=1.0):
        self.alpha = alpha
        self._counts = {}

    def fit(self, texts, labels):
        """Count."""
        _refuse_string(texts)
        if not self.alpha > 0:
            raise ValueError("alpha must be above 0")
        if len(texts) == 0:
            raise ValueError("texts must not be empty")
        if len(labels) != len(texts):
            raise ValueError("labels must be as many as texts")
        self.classes_ = sorted(set(labels))
        self._counts = {label: Counter() for label in self.classes_}
        self._texts = Counter()
        for text, label in zip(texts, labels):
            words = tokenize(text)
            if not words:
                continue
            self._texts[label] += 1
            self._counts[label].update(words)
        self._vocabulary = {word for label in self.classes_ for word in self._counts[label]}
        self.vocabulary_ = sorted(self._vocabulary)
        self._n_texts = sum(self._texts.values())
        return self

    def log_prior(self, label):
        """ln of the share."""
        return math.log(self._texts[label] / self._n_texts)

    def log_likelihood(self, word, label):
        """ln of the smoothed probability."""
        counts = self._counts[label]
        total = sum(counts.values()) + self.alpha * len(self._vocabulary)
        return math.log((counts[word] + self.alpha) / total)

    def log_scores(self, text):
        """Label -> score."""
        words = Counter(w for w in tokenize(text) if w in self._vocabulary)
        scores = {}
        for label in self.classes_:
            score = self.log_prior(label)
            for word, times in words.items():
                score += times * self.log_likelihood(word, label)
            scores[label] = score
        return scores

    def predict_proba(self, texts):
        """(m, k)."""
        _refuse_string(texts)
        rows = [[self.log_scores(t)[label] for label in self.classes_] for t in texts]
        scores = np.array(rows, dtype=float).reshape(len(texts), len(self.classes_))
        if len(texts) == 0:
            return scores
        scores = scores - scores.max(axis=1, keepdims=True)
        p = np.exp(scores)
        return p / p.sum(axis=1, keepdims=True)

    def predict(self, texts):
        """Labels."""
        _refuse_string(texts)
        answers = []
        for text in texts:
            scores = self.log_scores(text)
            answers.append(max(self.classes_, key=lambda label: scores[label]))
        return answers
