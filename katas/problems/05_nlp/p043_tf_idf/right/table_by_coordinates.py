"""Counts collected as coordinates, weighed by a diagonal matrix, divided by norms found by scipy; count / length."""
import re

import numpy as np
from scipy import sparse


def tokenize(text):
    return re.findall(r"\w+", text.lower())


class TfIdf:
    def fit(self, texts):
        if isinstance(texts, str):
            raise ValueError("texts must be a list")
        df = {}
        for text in texts:
            for word in dict.fromkeys(tokenize(text)):
                df[word] = df.get(word, 0) + 1
        self.vocabulary_ = dict(zip(sorted(df), range(len(df))))
        self.idf_ = np.array([1 + np.log((len(texts) + 1) / (df[word] + 1)) for word in self.vocabulary_])
        return self

    def transform(self, texts):
        if isinstance(texts, str):
            raise ValueError("texts must be a list")
        rows, columns, values = [], [], []
        for i, text in enumerate(texts):
            tokens = tokenize(text)
            for word in tokens:
                j = self.vocabulary_.get(word)
                if j is not None:
                    rows.append(i)
                    columns.append(j)
                    values.append(1 / len(tokens))
        shape = (len(texts), len(self.vocabulary_))
        counts = sparse.coo_matrix((np.array(values, dtype=float), (rows, columns)), shape=shape).tocsr()
        weighed = counts @ sparse.diags(self.idf_)
        norms = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
        return (sparse.diags(1 / np.where(norms == 0, 1, norms)) @ weighed).tocsr()
