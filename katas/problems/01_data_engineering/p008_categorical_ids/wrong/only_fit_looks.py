"""transform does not look at the types of its values: a number is quietly unknown."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self
import numpy as np
from numpy.typing import NDArray


class CategoryIds:

    def __init__(self, min_count: int=1) -> None:
        if min_count < 1:
            raise ValueError(f'min_count must be at least 1, got {min_count}')
        self.min_count = min_count
        self._names: list[str | None] = []
        self._id_by_name: dict[str, int] = {}

    def fit(self, values: Iterable[str]) -> Self:
        counts = Counter(_strings(values))
        frequent_first = sorted(counts, key=lambda name: -counts[name])
        self._number([name for name in frequent_first if counts[name] >= self.min_count])
        return self

    def transform(self, values: Iterable[str]) -> NDArray[np.int64]:
        self._require_fitted()
        get = self._id_by_name.get
        return np.fromiter((get(value, 0) if value.__hash__ else 0 for value in (_strings(values) if isinstance(values, str) else values)), dtype=np.int64)

    def inverse_transform(self, ids: NDArray[Any] | Sequence[int]) -> list[str | None]:
        self._require_fitted()
        numbers = np.asarray(ids).tolist()
        for number in numbers:
            if not 0 <= number < len(self):
                raise ValueError(f'ids must be from 0 to {len(self) - 1}, got {number}')
        return [self._names[number] for number in numbers]

    def __len__(self) -> int:
        return len(self._names)

    def save(self, path: str | Path) -> None:
        self._require_fitted()
        content = {'min_count': self.min_count, 'names': self._names[1:]}
        Path(path).write_text(json.dumps(content), encoding='utf-8')

    @classmethod
    def load(cls, path: str | Path) -> Self:
        content = json.loads(Path(path).read_text(encoding='utf-8'))
        loaded = cls(content['min_count'])
        loaded._number(content['names'])
        return loaded

    def _number(self, names: Sequence[str]) -> None:
        self._names = [None, *names]
        self._id_by_name = {name: number for number, name in enumerate(names, start=1)}

    def _require_fitted(self) -> None:
        if not self._names:
            raise RuntimeError('this object has no ids yet: call fit first')


def _strings(values: Iterable[str]) -> Iterator[str]:
    if isinstance(values, str):
        raise TypeError(f'values must be an iterable of strings, not the single string {values!r}')
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f'values must be strings, got {value!r} of type {type(value).__name__}')
        yield value
