"""TF-IDF: how typical each word is of a text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
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
        _refuse_one_string(texts)
        # The set makes a word count once for each text that holds it, however often it stands there.
        df = Counter(word for text in texts for word in set(tokenize(text)))
        words = sorted(df)
        self.vocabulary_ = {word: column for column, word in enumerate(words)}
        # As if one more text held every word: no division by 0. The 1 at the end keeps words that are in all texts.
        self.idf_ = np.log((1 + len(texts)) / (1 + np.array([df[word] for word in words]))) + 1  # (v,)
        return self

    def transform(self, texts: Sequence[str]) -> csr_array:
        """Counts times idf_ for m texts, each row divided by its Euclidean norm: a CSR array, (m, v), of float64.

        Words that are not in vocabulary_ are skipped; only words that stand in a text are stored.
        Raises TypeError when texts is a single string.
        """
        _refuse_one_string(texts)
        values: list[float] = []
        columns: list[int] = []
        starts = [0]  # row i is what lies between starts[i] and starts[i + 1]
        for text in texts:
            counts = Counter(word for word in tokenize(text) if word in self.vocabulary_)
            held = [self.vocabulary_[word] for word in counts]
            weights = np.array(list(counts.values())) * self.idf_[held]
            # Without known words there is nothing to divide, and the row stays empty.
            values.extend(weights / np.linalg.norm(weights))
            columns.extend(held)
            starts.append(len(columns))
        return csr_array((np.array(values), columns, starts), shape=(len(texts), len(self.vocabulary_)))


def _refuse_one_string(texts: Sequence[str]) -> None:
    # A string is a sequence of strings too, each of one letter.
    if isinstance(texts, str):
        raise TypeError("texts must be a list of strings, got a single string; put it in a list")


# scikit-learn's TfidfVectorizer counts with CountVectorizer and multiplies by a sparse diagonal matrix of idf. It can
# drop rare and common words (min_df, max_df), count n-grams, and take 1 + ln(count) for the count (sublinear_tf).
# As rows have norm 1, X @ X.T holds the cosine of every pair of texts. Search engines use BM25, in which repeats of a
# word count less and less, and long texts are not preferred.
