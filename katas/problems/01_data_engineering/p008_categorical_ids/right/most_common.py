"""Counter.most_common and a NumPy file."""
import json
from collections import Counter

import numpy as np


class CategoryIds:
    def __init__(self, min_count=1):
        self.min_count = min_count
        self.table = None

    @staticmethod
    def _checked(values):
        values = values if isinstance(values, str) else list(values)
        if isinstance(values, str) or not all(isinstance(v, str) for v in values):
            raise TypeError("values: an iterable of str")
        return values

    def fit(self, values):
        pairs = Counter(self._checked(values)).most_common()
        self.table = {s: i + 1 for i, (s, c) in enumerate(pairs) if c >= self.min_count}
        return self

    def transform(self, values):
        return np.array([self.table.get(v, 0) for v in self._checked(values)], dtype=np.int64)

    def inverse_transform(self, ids):
        names = [None] + list(self.table)
        out = []
        for i in ids:
            if i < 0 or i >= len(names):
                raise ValueError(f"no such id: {i}")
            out.append(names[i])
        return out

    def __len__(self):
        return len(self.table) + 1

    def save(self, path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump([self.min_count, self.table], f, ensure_ascii=False)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as f:
            m, table = json.load(f)
        made = cls(m)
        made.table = table
        return made
