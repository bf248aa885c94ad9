"""Nested dicts with the count under the key "", and completions by heapq."""

import heapq
from typing import Any


class Trie:
    """Words with counts."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self.n_words = 0
        self.nodes = 1

    def insert(self, word: str, count: int = 1) -> None:
        """Add count to the count of a word."""
        if word == "" or count <= 0:
            raise ValueError("needs a word and a count of at least 1")
        level = self.root
        for letter in word:
            if letter not in level:
                level[letter] = {}
                self.nodes += 1
            level = level[letter]
        self.n_words += "" not in level
        level[""] = level.get("", 0) + count

    def _level(self, prefix: str) -> dict[str, Any] | None:
        level = self.root
        for letter in prefix:
            if letter not in level:
                return None
            level = level[letter]
        return level

    def count(self, word: str) -> int:
        """The count of a word."""
        level = self._level(word)
        return int(level.get("", 0)) if level is not None else 0

    def delete(self, word: str) -> bool:
        """Remove a word: the last branching on its path decides where to cut."""
        if not self.count(word):
            return False
        level, cut, at = self.root, self.root, 0
        for i, letter in enumerate(word):
            if len(level) > 1 or level is self.root:
                cut, at = level, i
            level = level[letter]
        del level[""]
        self.n_words -= 1
        if not level:
            del cut[word[at]]
            self.nodes -= len(word) - at
        return True

    def complete(self, prefix: str, k: int = 5) -> list[tuple[str, int]]:
        """At most k words that begin with prefix."""
        if k <= 0:
            raise ValueError("k has to be positive")
        start = self._level(prefix)
        found: list[tuple[int, str]] = []
        todo = [(prefix, start)] if start is not None else []
        while todo:
            word, level = todo.pop()
            for letter, below in level.items():
                if letter == "":
                    found.append((-below, word))
                else:
                    todo.append((word + letter, below))
        return [(word, -count) for count, word in heapq.nsmallest(k, found)]

    def n_nodes(self) -> int:
        """The number of nodes."""
        return self.nodes

    def __len__(self) -> int:
        """The number of words."""
        return self.n_words
