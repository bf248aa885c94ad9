"""Shuffle the lines of a file that is larger than memory."""

from pathlib import Path
from typing import Any

import numpy as np


def fisher_yates(items: list[Any], rng: np.random.Generator) -> None:
    """Shuffle `items` in place; every order is equally likely.

    rng: where all randomness comes from.
    """
    raise NotImplementedError


def shuffle_lines(source: str | Path, target: str | Path, rng: np.random.Generator, max_bytes: int = 2**26) -> int:
    r"""Write the lines of `source` to `target` in random order; every order is equally likely.

    source: lines end with the byte \n; a last one without it gets it.
    target: replaced by a rename at the end; may be the source. As it was when anything goes wrong.
    rng: where all randomness comes from.
    max_bytes: about how many bytes of lines to hold in memory at once.
    Returns the number of lines.
    Raises ValueError when max_bytes is below 1; FileNotFoundError when there is no source.
    """
    raise NotImplementedError
