"""Two dicts, pickled; sorted by (-count, position)."""

import pickle

import numpy as np


class CategoryIds:
    def __init__(self, min_count=1):
        self.min_count = min_count
        self.to_id = {}

    def fit(self, values):
        seen = {}
        for position, v in enumerate(self.look_at(values)):
            count, first = seen.get(v, (0, position))
            seen[v] = (count + 1, first)
        ranked = sorted(((-c, first, v) for v, (c, first) in seen.items() if c >= self.min_count))
        self.to_id = {v: i for i, (_, _, v) in enumerate(ranked, 1)}
        self.to_name = {i: v for v, i in self.to_id.items()}
        self.to_name[0] = None
        return self

    def look_at(self, values):
        if isinstance(values, str):
            raise TypeError("one string")
        values = list(values)
        for v in values:
            if not isinstance(v, str):
                raise TypeError(type(v))
        return [str(v) for v in values]

    def transform(self, values):
        values = self.look_at(values)
        out = np.zeros(len(values), dtype=np.int64)
        for i, v in enumerate(values):
            if v in self.to_id:
                out[i] = self.to_id[v]
        return out

    def inverse_transform(self, ids):
        try:
            return [self.to_name[int(i)] for i in ids]
        except KeyError as e:
            raise IndexError(f"no id {e}") from None

    def __len__(self):
        return 1 + len(self.to_id)

    def save(self, path):
        with open(path, "wb") as f:
            pickle.dump(vars(self), f)

    @classmethod
    def load(cls, path):
        new = cls.__new__(cls)
        with open(path, "rb") as f:
            vars(new).update(pickle.load(f))
        return new
