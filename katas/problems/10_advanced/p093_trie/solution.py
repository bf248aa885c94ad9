"""A trie: words that share their beginnings, and the best completions of a prefix."""

from __future__ import annotations

from collections.abc import Iterator


class Trie:
    """Words with counts."""

    def __init__(self) -> None:
        self._root = _Node()

    def insert(self, word: str, count: int = 1) -> None:
        """Add count to the count of a word. Raises ValueError for an empty word and a count below 1."""
        if not word:
            raise ValueError("word is empty")
        if count < 1:
            raise ValueError(f"count must be at least 1, got {count}")
        node = self._root
        for character in word:
            node = node.children.setdefault(character, _Node())
        node.count += count

    def count(self, word: str) -> int:
        """The count of a word, 0 for what is not in the trie."""
        node = self._find(word)
        return node.count if node else 0

    def delete(self, word: str) -> bool:
        """Remove a word and the nodes that only it needed; return whether it was there."""
        path = [self._root]
        for character in word:
            if character not in path[-1].children:
                return False
            path.append(path[-1].children[character])
        if not path[-1].count:
            return False
        path[-1].count = 0
        # Back towards the root, as long as nothing else ends at a node or passes through it.
        for parent, character in zip(reversed(path[:-1]), reversed(word), strict=True):
            child = parent.children[character]
            if child.count or child.children:
                break
            del parent.children[character]
        return True

    def complete(self, prefix: str, k: int = 5) -> list[tuple[str, int]]:
        """At most k words that begin with prefix, with their counts: the largest first, equal ones sorted.

        Raises ValueError for a k below 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        start = self._find(prefix)
        words = [(prefix + ending, node.count) for ending, node in _walk(start) if node.count] if start else []
        return sorted(words, key=lambda pair: (-pair[1], pair[0]))[:k]

    def n_nodes(self) -> int:
        """The number of nodes, the root included."""
        return sum(1 for _ in _walk(self._root))

    def __len__(self) -> int:
        """The number of different words."""
        return sum(node.count > 0 for _, node in _walk(self._root))

    def _find(self, prefix: str) -> _Node | None:
        node = self._root
        for character in prefix:
            if character not in node.children:
                return None
            node = node.children[character]
        return node


class _Node:
    """A place in the tree. count: that of the word that ends here, 0 where none does."""

    __slots__ = ("children", "count")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.count = 0


def _walk(start: _Node) -> Iterator[tuple[str, _Node]]:
    """Each node from start on, with the characters that lead to it; a stack, as recursion ends after a thousand."""
    stack = [("", start)]
    while stack:
        ending, node = stack.pop()
        yield ending, node
        stack += [(ending + character, child) for character, child in node.children.items()]


# A double-array trie (as in MeCab) holds the same tree in two arrays of integers; a radix tree joins chains of single
# children into one edge; the package pygtrie offers a trie with the interface of a dict.
