"""A heap of ranks, NumPy's seed sequence for the order, and sys.argv for the program."""

import heapq
import os
import sys
from collections.abc import Mapping

import numpy as np


def shard(sizes: Mapping[str, int], rank: int, world: int) -> set[str]:
    """The paths that belong to one rank."""
    return set(_plan(sizes, rank, world))


def _plan(sizes: Mapping[str, int], rank: int, world: int) -> list[str]:
    if world <= 0 or rank < 0 or rank >= world:
        raise ValueError(f"rank {rank} of {world}")
    heap = [(0, 0, r) for r in range(world)]
    mine = []
    for size, path in sorted((-size, path) for path, size in sizes.items()):
        load, n_files, r = heapq.heappop(heap)
        heapq.heappush(heap, (load - size, n_files + 1, r))
        if r == rank:
            mine.append(path)
    return mine


def epoch_order(sizes: Mapping[str, int], rank: int, world: int, seed: int = 0, epoch: int = 0) -> list[str]:
    """The paths of one rank, shuffled."""
    mine = _plan(sizes, rank, world)
    rng = np.random.default_rng([seed, epoch])
    return [mine[i] for i in rng.permutation(len(mine))]


if __name__ == "__main__":
    folder, *rest = sys.argv[1:]
    settings = {name.lstrip("-"): int(value) for name, value in zip(rest[::2], rest[1::2], strict=True)}
    found = {}
    for here, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(here, name)
            found[os.path.relpath(path, folder).replace(os.sep, "/")] = os.path.getsize(path)
    sys.stdout.buffer.write("".join(f"{path}\n" for path in epoch_order(found, **settings)).encode())
