"""Multinomial naive Bayes: a text classifier from word counts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def tokenize(text: str) -> list[str]:
    """Words of a text in lower case, repeats kept; given, nothing to do here."""
    return re.findall(r"\w+", text.lower())


class NaiveBayes:
    """Classifies texts by how often each class used their words.

    alpha: pseudo-count of every word in every class, above 0.
    After `fit`: classes_ and vocabulary_, both sorted.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        if not alpha > 0:  # NaN is not above 0 either
            raise ValueError(f"alpha must be above 0, got {alpha}")
        self.alpha = alpha

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> NaiveBayes:
        """Count the words of each class, anew at each call, and return the model itself.

        Raises ValueError for labels of another length and alpha not above 0, TypeError when texts is a single string.
        """
        _refuse_one_string(texts)
        if len(labels) != len(texts):
            raise ValueError(f"labels has {len(labels)} entries for {len(texts)} texts")
        tokens = [tokenize(text) for text in texts]
        self.classes_ = sorted(set(labels))
        self.vocabulary_ = sorted({word for words in tokens for word in words})
        self._row = {label: i for i, label in enumerate(self.classes_)}
        self._column = {word: j for j, word in enumerate(self.vocabulary_)}

        counts = np.zeros((len(self.classes_), len(self.vocabulary_)))  # (k, v)
        for words, label in zip(tokens, labels, strict=True):
            for word in words:
                counts[self._row[label], self._column[word]] += 1
        # One pseudo-count for every word of the vocabulary in every class: without it, a single word that a class never
        # used would rule the class out for good. It goes into both parts, so that each row still sums to one.
        smoothed = counts + self.alpha
        self._log_likelihoods = np.log(smoothed / smoothed.sum(axis=1, keepdims=True))  # (k, v)

        n_texts = Counter(labels)
        self._log_priors = np.log([n_texts[label] / len(texts) for label in self.classes_])  # (k,)
        return self

    def log_prior(self, label: str) -> float:
        """ln of the share of training texts with this label."""
        return float(self._log_priors[self._row[label]])

    def log_likelihood(self, word: str, label: str) -> float:
        """ln of the smoothed probability of a word of the vocabulary in texts of this label."""
        return float(self._log_likelihoods[self._row[label], self._column[word]])

    def log_scores(self, text: str) -> dict[str, float]:
        """Label -> ln prior plus the ln likelihoods of the known words of the text, repeats counted."""
        return dict(zip(self.classes_, self._scores(text).tolist(), strict=True))

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities of the classes, (m, k), in the order of classes_; TypeError when texts is a single string."""
        _refuse_one_string(texts)
        scores = np.array([self._scores(text) for text in texts])  # (m, k)
        # The scores of a long text lie near -50,000, where exp is 0 for every class. Only their differences matter:
        # with the largest moved to 0, one term of the sum is 1.
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The label of the highest score of each text, the first in classes_ on a tie.

        Raises TypeError when texts is a single string.
        """
        _refuse_one_string(texts)
        # argmax takes the first of equals, and scores are in the order of classes_.
        return [self.classes_[int(np.argmax(self._scores(text)))] for text in texts]

    def _scores(self, text: str) -> NDArray[np.float64]:
        """Joint log probability of the text with each class, (k,)."""
        # A word that no class has ever used says nothing about any of them.
        known = [self._column[word] for word in tokenize(text) if word in self._column]
        return np.asarray(self._log_priors + self._log_likelihoods[:, known].sum(axis=1))


def _refuse_one_string(texts: Sequence[str]) -> None:
    # A string is a sequence of strings too, each of one letter.
    if isinstance(texts, str):
        raise TypeError("texts must be a list of strings, got a single string; put it in a list")


# scikit-learn splits this in two: CountVectorizer makes a sparse table of counts (texts by words), MultinomialNB
# turns it into log probabilities, and scoring is one sparse matrix product. It can also learn in pieces
# (partial_fit), which needs no more than these counts. ComplementNB often does better where one class has far more
# text than the others.
