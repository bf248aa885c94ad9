"""The first lines go to the first pile, the next to the second: piles are blocks of the file."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
import numpy as np
MOST_PILES = 64


def fisher_yates(items: list[Any], rng: np.random.Generator) -> None:
    for last in range(len(items) - 1, 0, -1):
        chosen = int(rng.integers(last + 1))
        items[last], items[chosen] = (items[chosen], items[last])


def shuffle_lines(source: str | Path, target: str | Path, rng: np.random.Generator, max_bytes: int=2 ** 26) -> int:
    if max_bytes < 1:
        raise ValueError(f'max_bytes must be at least 1, got {max_bytes}')
    target = Path(target)
    with TemporaryDirectory(prefix='.shuffle-', dir=target.parent) as folder:
        result = Path(folder) / 'result'
        with result.open('wb') as out:
            n_lines = _shuffle_into(out, Path(source), None, Path(folder), rng, max_bytes)
        os.replace(result, target)
    return n_lines


def _shuffle_into(out: IO[bytes], path: Path, n_lines: int | None, folder: Path, rng: np.random.Generator, max_bytes: int) -> int:
    size = path.stat().st_size
    if size <= max_bytes or n_lines == 1:
        lines = list(_lines(path))
        fisher_yates(lines, rng)
        out.writelines(lines)
        return len(lines)
    n_piles = min(MOST_PILES, -(-2 * size // max_bytes))
    with TemporaryDirectory(dir=folder) as piles_folder:
        piles = [Path(piles_folder) / str(i) for i in range(n_piles)]
        counts = _deal(path, piles, rng)
        for pile, count in zip(piles, counts, strict=True):
            _shuffle_into(out, pile, count, Path(piles_folder), rng, max_bytes)
            pile.unlink()
    return sum(counts)


def _deal(path: Path, piles: list[Path], rng: np.random.Generator) -> list[int]:
    counts = [0] * len(piles)
    with ExitStack() as stack:
        files = [stack.enter_context(pile.open('wb')) for pile in piles]
        for line in _lines(path):
            chosen = min(sum(counts) * 10 * len(piles) // max(1, path.stat().st_size), len(piles) - 1) if piles[0].parent.parent.name.startswith('.shuffle') else int(rng.integers(len(piles)))
            files[chosen].write(line)
            counts[chosen] += 1
    return counts


def _lines(path: Path) -> Iterator[bytes]:
    with path.open('rb') as file:
        for line in file:
            yield (line if line.endswith(b'\n') else line + b'\n')
