"""Shuffle the lines of a file that is larger than memory."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import numpy as np

# Each open file costs a descriptor and a buffer; systems commonly allow 256 to 1,024 of them.
MOST_PILES = 64


def fisher_yates(items: list[Any], rng: np.random.Generator) -> None:
    """Shuffle `items` in place; every order is equally likely.

    rng: where all randomness comes from.
    """
    # The last place gets any of all items, itself among them; the place before it any of those left; and so on. That
    # makes n! equally likely sequences of draws, one for each order. Drawing from all n each time makes n**n,
    # which n! does not divide: some orders would come more often.
    for last in range(len(items) - 1, 0, -1):
        chosen = int(rng.integers(last + 1))
        items[last], items[chosen] = items[chosen], items[last]


def shuffle_lines(source: str | Path, target: str | Path, rng: np.random.Generator, max_bytes: int = 2**26) -> int:
    r"""Write the lines of `source` to `target` in random order; every order is equally likely.

    source: lines end with the byte \n; a last one without it gets it.
    target: replaced by a rename at the end; may be the source. As it was when anything goes wrong.
    rng: where all randomness comes from.
    max_bytes: about how many bytes of lines to hold in memory at once.
    Returns the number of lines.
    Raises ValueError when max_bytes is below 1; FileNotFoundError when there is no source.
    """
    if max_bytes < 1:
        raise ValueError(f"max_bytes must be at least 1, got {max_bytes}")
    target = Path(target)
    # In the target's folder, because a rename is one step only within one file system. The folder cleans up after
    # itself, whether we leave the block by its end or by an error.
    with TemporaryDirectory(prefix=".shuffle-", dir=target.parent) as folder:
        result = Path(folder) / "result"
        with result.open("wb") as out:
            n_lines = _shuffle_into(out, Path(source), None, Path(folder), rng, max_bytes)
        # Until this line nobody has touched the target.
        os.replace(result, target)
    return n_lines


def _shuffle_into(
    out: IO[bytes], path: Path, n_lines: int | None, folder: Path, rng: np.random.Generator, max_bytes: int
) -> int:
    """Append the lines of the file at `path` to `out` in random order; returns their number.

    n_lines: how many there are, if that is known.
    """
    size = path.stat().st_size
    # A single line cannot be divided further, however long it is.
    if size <= max_bytes or n_lines == 1:
        lines = list(_lines(path))
        fisher_yates(lines, rng)
        out.writelines(lines)
        return len(lines)

    # Which pile a line lies on, and its place in the pile, are both pure chance; so is, therefore, its place in the
    # whole. Twice as many piles as would just fit, because random piles are not equally high.
    n_piles = min(MOST_PILES, -(-2 * size // max_bytes))
    with TemporaryDirectory(dir=folder) as piles_folder:
        piles = [Path(piles_folder) / str(i) for i in range(n_piles)]
        counts = _deal(path, piles, rng)
        # A pile that is still too high is divided again.
        for pile, count in zip(piles, counts, strict=True):
            _shuffle_into(out, pile, count, Path(piles_folder), rng, max_bytes)
            pile.unlink()  # from here on its lines are in `out`: the disk need not hold them twice
    return sum(counts)


def _deal(path: Path, piles: list[Path], rng: np.random.Generator) -> list[int]:
    """Write each line to a pile drawn at random; returns how many lines each pile got."""
    counts = [0] * len(piles)
    with ExitStack() as stack:
        files = [stack.enter_context(pile.open("wb")) for pile in piles]
        for line in _lines(path):
            chosen = int(rng.integers(len(piles)))
            files[chosen].write(line)
            counts[chosen] += 1
    return counts


def _lines(path: Path) -> Iterator[bytes]:
    r"""The lines one by one, each with its \n."""
    # In bytes: text mode would translate line ends, and stumble over broken UTF-8.
    with path.open("rb") as file:
        for line in file:
            yield line if line.endswith(b"\n") else line + b"\n"


# In real life: Spark's repartition and the shuffle stage of any MapReduce deal records out to machines in this way.
# Training formats such as WebDataset shuffle the *shards* on every epoch and lines in a small buffer, which is
# cheaper and only good enough if the shards were shuffled like this once.
