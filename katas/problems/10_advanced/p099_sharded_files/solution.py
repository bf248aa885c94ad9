"""The files of a data set, split over processes that do not talk to each other."""

import argparse
import random
import sys
from collections.abc import Mapping
from pathlib import Path


def shard(sizes: Mapping[str, int], rank: int, world: int) -> set[str]:
    """The paths that belong to one rank, balanced by size. sizes: path -> bytes.

    Raises ValueError for a world below 1, and for a rank that is not from 0 to world - 1.
    """
    if world < 1:
        raise ValueError(f"world must be at least 1, got {world}")
    if not 0 <= rank < world:
        raise ValueError(f"rank must be from 0 to {world - 1}, got {rank}")
    shards: list[set[str]] = [set() for _ in range(world)]
    loads = [0] * world
    # Every rank computes the whole plan. Large files first: the small ones then fill what is uneven.
    for path in sorted(sizes, key=lambda path: (-sizes[path], path)):
        target = min(range(world), key=lambda r: (loads[r], len(shards[r])))  # the first of equal ones
        shards[target].add(path)
        loads[target] += sizes[path]
    return shards[rank]


def epoch_order(sizes: Mapping[str, int], rank: int, world: int, seed: int = 0, epoch: int = 0) -> list[str]:
    """The paths of one rank, shuffled by seed and epoch. Raises ValueError as shard does."""
    order = sorted(shard(sizes, rank, world))  # a set has another order in each process
    # A text as the seed keeps both numbers apart, where seed + epoch would meet its neighbours. Random hashes it by
    # SHA-512, the same in every process, unlike hash().
    random.Random(f"{seed} {epoch} {rank}").shuffle(order)
    return order


def main() -> None:
    """Print the order of one rank for the files below a folder."""
    parser = argparse.ArgumentParser(description="Print which files a rank reads, and in which order.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--world", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epoch", type=int, default=0)
    options = parser.parse_args()
    files = [path for path in options.folder.rglob("*") if path.is_file()]
    sizes = {path.relative_to(options.folder).as_posix(): path.stat().st_size for path in files}
    try:
        order = epoch_order(sizes, options.rank, options.world, options.seed, options.epoch)
    except ValueError as error:
        sys.exit(f"sharding: {error}")
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a pipe's encoding may be another
    for path in order:
        print(path)


if __name__ == "__main__":
    main()


# Real systems cut large files into shards of equal size first, so that any split is balanced; and they stop all ranks
# at the same number of batches, as a rank that goes on alone waits for gradients that never come.
