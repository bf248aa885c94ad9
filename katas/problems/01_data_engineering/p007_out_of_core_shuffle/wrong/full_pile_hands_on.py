"""So that no bucket grows beyond memory, a line meant for a full bucket goes to the next one with room. That
makes some orders likelier than others."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

MOST_FILES = 64


def fisher_yates(items: list[Any], rng: np.random.Generator) -> None:
    """Shuffle `items` in place; every order is equally likely."""
    for i in range(len(items) - 1, 0, -1):
        j = int(rng.integers(i + 1))
        items[i], items[j] = items[j], items[i]


def shuffle_lines(source: str | Path, target: str | Path, rng: np.random.Generator, max_bytes: int = 2**26) -> int:
    """Write the lines of `source` to `target` in random order; every order is equally likely."""
    if max_bytes < 1:
        raise ValueError(f"max_bytes must be at least 1, not {max_bytes}")
    source, target = Path(source), Path(target)
    size = source.stat().st_size
    folder = Path(tempfile.mkdtemp(prefix=".shuffle-", dir=target.parent))
    try:
        with open(folder / "result", "wb") as result:
            n = _shuffle(source, size, result, folder, rng, max_bytes)
        os.replace(folder / "result", target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return n


def _shuffle(
    path: Path, size: int, result: BinaryIO, folder: Path, rng: np.random.Generator, max_bytes: int, one: bool = False
) -> int:
    """Append the lines of the file at `path` to `result` in random order."""
    if size <= max_bytes or one:
        with open(path, "rb") as file:
            lines = [line if line.endswith(b"\n") else line + b"\n" for line in file]
        fisher_yates(lines, rng)
        result.writelines(lines)
        return len(lines)
    k = min(MOST_FILES, max(2, -(-size // max_bytes)))
    parts = Path(tempfile.mkdtemp(dir=folder))
    paths = [parts / str(i) for i in range(k)]
    sizes, counts = [0] * k, [0] * k
    files: list[BinaryIO] = []
    try:
        for part in paths:
            files.append(open(part, "wb", buffering=4096))
        with open(path, "rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    line += b"\n"
                i = int(rng.integers(k))
                for step in range(k):
                    if sizes[(i + step) % k] + len(line) <= max_bytes:
                        i = (i + step) % k
                        break
                files[i].write(line)
                sizes[i] += len(line)
                counts[i] += 1
    finally:
        for file in files:
            file.close()
    n = 0
    for i, part in enumerate(paths):
        if counts[i]:
            n += _shuffle(part, sizes[i], result, folder, rng, max_bytes, counts[i] == 1)
        part.unlink()
    return n
