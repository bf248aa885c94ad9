"""The ids are kept in a defaultdict, which stores each unknown string that transform asks for. save writes these
as well, and after load they have ids."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class CategoryIds:
    """Gives each frequent string an id of its own; id 0 stands for all others."""

    def __init__(self, min_count: int = 1) -> None:
        if min_count < 1:
            raise ValueError(f"min_count must be at least 1, not {min_count}")
        self.min_count = min_count
        self._strings: list[str] | None = None
        self._ids: dict[str, int] = {}

    def fit(self, values: Iterable[str]) -> Self:
        """Count the strings and number the frequent ones from 1."""
        counts: dict[str, int] = {}
        for value in _checked(values):
            counts[value] = counts.get(value, 0) + 1
        frequent = [value for value in counts if counts[value] >= self.min_count]
        self._learn(sorted(frequent, key=counts.__getitem__, reverse=True))
        return self

    def transform(self, values: Iterable[str]) -> NDArray[np.int64]:
        """The id of each string, 0 for those without one."""
        self._check_fitted()
        return np.array([self._ids[value] for value in _checked(values)], dtype=np.int64)

    def inverse_transform(self, ids: NDArray[Any] | Sequence[int]) -> list[str | None]:
        """The string of each id, None for id 0."""
        self._check_fitted()
        ids = np.asarray(ids)
        if ids.size and (ids.min() < 0 or ids.max() >= len(self)):
            raise ValueError(f"ids must lie between 0 and {len(self) - 1}")
        return [self._strings[i - 1] if i else None for i in ids.tolist()]

    def __len__(self) -> int:
        """Number of ids, the 0 among them."""
        self._check_fitted()
        return len(self._strings) + 1

    def save(self, path: str | Path) -> None:
        """Write what load needs to a file, which is replaced if it exists."""
        self._check_fitted()
        text = json.dumps({"min_count": self.min_count, "strings": list(self._ids)}, ensure_ascii=False)
        Path(path).write_bytes(text.encode("utf-8", "surrogatepass"))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """An object that answers like the one that wrote the file, min_count included."""
        saved = json.loads(Path(path).read_bytes().decode("utf-8", "surrogatepass"))
        result = cls(saved["min_count"])
        result._learn(saved["strings"])
        return result

    def _learn(self, strings: list[str]) -> None:
        self._strings = [str(value) for value in strings]
        self._ids = defaultdict(int, {value: i for i, value in enumerate(self._strings, start=1)})

    def _check_fitted(self) -> None:
        if self._strings is None:
            raise RuntimeError("call fit first")


def _checked(values: Iterable[str]) -> Iterator[str]:
    if isinstance(values, str):
        raise TypeError("values must be an iterable of strings, not a string")
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"values must be strings, not {type(value).__name__}")
        yield value
