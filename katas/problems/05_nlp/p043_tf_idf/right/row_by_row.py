"""One dict of weights for each text, without NumPy's functions on rows."""
import math
import re
from collections import defaultdict

import numpy as np
from scipy.sparse import csr_matrix


def tokenize(text):
    return re.findall(r"\w+", text.lower())


class TfIdf:
    def fit(self, texts):
        self._check(texts)
        holders = defaultdict(set)
        for i, text in enumerate(texts):
            for word in tokenize(text):
                holders[word].add(i)
        self.vocabulary_ = {}
        idf = []
        for word in sorted(holders):
            self.vocabulary_[word] = len(idf)
            idf.append(math.log((1 + len(texts)) / (1 + len(holders[word]))) + 1)
        self.idf_ = np.array(idf)
        return self

    def transform(self, texts):
        self._check(texts)
        data, indices, indptr = [], [], [0]
        for text in texts:
            row = {}
            for word in tokenize(text):
                if word in self.vocabulary_:
                    j = self.vocabulary_[word]
                    row[j] = row.get(j, 0.0) + float(self.idf_[j])
            norm = math.sqrt(sum(value**2 for value in row.values()))
            for j in sorted(row):
                indices.append(j)
                data.append(row[j] / norm)
            indptr.append(len(data))
        shape = (len(texts), len(self.vocabulary_))
        return csr_matrix((data, indices, indptr), shape=shape, dtype=np.float64)

    def _check(self, texts):
        if isinstance(texts, str):
            raise TypeError("a list of texts, please")
