"""TF-IDF: how typical each word is of a text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scipy.sparse import csr_array


def tokenize(text: str) -> list[str]:
    """Words of a text in lower case, repeats kept; given, nothing to do here."""
    return re.findall(r"\w+", text.lower())


class TfIdf:
    """Turns texts into rows of weights, one column for each word of the texts it was fitted to.

    After `fit`: vocabulary_, word -> column, in sorted order; idf_, (v,), ln((1 + n) / (1 + df)) + 1.
    """

    def fit(self, texts: Sequence[str]) -> TfIdf:
        """Learn the words of n texts, anew at each call, and in how many texts each stands; return the model itself.

        Raises TypeError when texts is a single string.
        """
        raise NotImplementedError

    def transform(self, texts: Sequence[str]) -> csr_array:
        """Counts times idf_ for m texts, each row divided by its Euclidean norm: a CSR array, (m, v), of float64.

        Words that are not in vocabulary_ are skipped; only words that stand in a text are stored.
        Raises TypeError when texts is a single string.
        """
        raise NotImplementedError
