"""Strings into the row numbers of an embedding table, and back."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class CategoryIds:
    """Each frequent string has an id of its own; id 0 stands for all others.

    min_count: how often fit must see a string for it to get an id.
    """

    def __init__(self, min_count: int = 1) -> None:
        self.min_count = min_count
        # One list and one dict, each the way back of the other: names[i] has the id i, id_by_name[names[i]] is i.
        self._names: list[str | None] = [None]  # the unknown
        self._id_by_name: dict[str, int] = {}

    def fit(self, values: Iterable[str]) -> Self:
        """Count the strings and number the frequent ones from 1: the most frequent first, ties by first appearance.

        values: read once; what an earlier fit learned is forgotten.
        Returns the object itself.
        Raises TypeError when one is no str, or values is a bare string.
        """
        counts = Counter(_strings(values))
        # A Counter keeps the order of first appearance, and sorting is stable: ties stay in that order.
        frequent_first = sorted(counts, key=lambda name: -counts[name])
        self._number([name for name in frequent_first if counts[name] >= self.min_count])
        return self

    def transform(self, values: Iterable[str]) -> NDArray[np.int64]:
        """Return the id of each string, 0 for those without one: (n,) int64; n may be 0.

        Raises TypeError as fit does.
        """
        # get, and not a defaultdict: a look-up must not teach the table new strings.
        get = self._id_by_name.get
        return np.fromiter((get(value, 0) for value in _strings(values)), dtype=np.int64)

    def inverse_transform(self, ids: NDArray[Any] | Sequence[int]) -> list[str | None]:
        """Return the string of each id, None for id 0.

        ids: (n,) integers from 0 to len - 1.
        Raises ValueError or IndexError when one is outside.
        """
        numbers = np.asarray(ids).tolist()
        for number in numbers:
            # Python would read -1 as "the last one": an answer, and a wrong one.
            if not 0 <= number < len(self):
                raise ValueError(f"ids must be from 0 to {len(self) - 1}, got {number}")
        return [self._names[number] for number in numbers]

    def __len__(self) -> int:
        """Return the number of ids, the 0 among them."""
        return len(self._names)

    def save(self, path: str | Path) -> None:
        """Write what load needs to a file, which is replaced if it exists."""
        # One string per line would fall apart at the first line break inside a string; JSON quotes what needs it.
        # Its default also writes everything as ASCII, so that no locale can misread the file.
        content = {"min_count": self.min_count, "names": self._names[1:]}
        Path(path).write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Return an object that answers like the one that wrote the file, min_count included."""
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        loaded = cls(content["min_count"])
        # The order of the list *is* the numbering, so the ids need not be written.
        loaded._number(content["names"])
        return loaded

    def _number(self, names: Sequence[str]) -> None:
        """Number the names 1, 2, 3, … in their order."""
        self._names = [None, *names]
        self._id_by_name = {name: number for number, name in enumerate(names, start=1)}


def _strings(values: Iterable[str]) -> Iterator[str]:
    """The values one by one, each looked at."""
    # A bare string is an iterable of strings too, of its letters, which is never meant.
    if isinstance(values, str):
        raise TypeError(f"values must be an iterable of strings, not the single string {values!r}")
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"values must be strings, got {value!r} of type {type(value).__name__}")
        yield value


# In real life: Keras' StringLookup and the tokenizers of Hugging Face keep such a table (theirs reserve more ids, for
# padding and masks). Where even the table is too large, strings are *hashed* into a fixed number of rows,
# and some then share one.
