"""A trie: words that share their beginnings, and the best completions of a prefix."""


class Trie:
    """Words with counts."""

    def insert(self, word: str, count: int = 1) -> None:
        """Add count to the count of a word. Raises ValueError for an empty word and a count below 1."""
        raise NotImplementedError

    def count(self, word: str) -> int:
        """The count of a word, 0 for what is not in the trie."""
        raise NotImplementedError

    def delete(self, word: str) -> bool:
        """Remove a word and the nodes that only it needed; return whether it was there."""
        raise NotImplementedError

    def complete(self, prefix: str, k: int = 5) -> list[tuple[str, int]]:
        """At most k words that begin with prefix, with their counts: the largest first, equal ones sorted.

        Raises ValueError for a k below 1.
        """
        raise NotImplementedError

    def n_nodes(self) -> int:
        """The number of nodes, the root included."""
        raise NotImplementedError

    def __len__(self) -> int:
        """The number of different words."""
        raise NotImplementedError
