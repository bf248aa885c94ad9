"""Multinomial naive Bayes: a text classifier from word counts."""

from __future__ import annotations

import re
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
        raise NotImplementedError

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> NaiveBayes:
        """Count the words of each class, anew at each call, and return the model itself.

        Raises ValueError for labels of another length and alpha not above 0, TypeError when texts is a single string.
        """
        raise NotImplementedError

    def log_prior(self, label: str) -> float:
        """ln of the share of training texts with this label."""
        raise NotImplementedError

    def log_likelihood(self, word: str, label: str) -> float:
        """ln of the smoothed probability of a word of the vocabulary in texts of this label."""
        raise NotImplementedError

    def log_scores(self, text: str) -> dict[str, float]:
        """Label -> ln prior plus the ln likelihoods of the known words of the text, repeats counted."""
        raise NotImplementedError

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities of the classes, (m, k), in the order of classes_; TypeError when texts is a single string."""
        raise NotImplementedError

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The label of the highest score of each text, the first in classes_ on a tie.

        Raises TypeError when texts is a single string.
        """
        raise NotImplementedError
