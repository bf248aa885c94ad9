"""The files of a data set, split over processes that do not talk to each other."""

from collections.abc import Mapping


def shard(sizes: Mapping[str, int], rank: int, world: int) -> set[str]:
    """The paths that belong to one rank, balanced by size. sizes: path -> bytes.

    Raises ValueError for a world below 1, and for a rank that is not from 0 to world - 1.
    """
    raise NotImplementedError


def epoch_order(sizes: Mapping[str, int], rank: int, world: int, seed: int = 0, epoch: int = 0) -> list[str]:
    """The paths of one rank, shuffled by seed and epoch. Raises ValueError as shard does."""
    raise NotImplementedError


if __name__ == "__main__":
    raise NotImplementedError("print the order for: FOLDER --rank R --world W [--seed S] [--epoch E]")
