"""Random numbers for making cases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kata_runner.checking.failure import CheckFailed
from kata_runner.checking.session import current

if TYPE_CHECKING:
    import numpy as np


def rng(stream: int = 0) -> np.random.Generator:
    """Return a generator for making cases: the same for every learner, another one in each run of the audit.

    stream: generators with different numbers are independent.

    >>> x = rng(1).normal(5.0, 3.0, (127, 3))
    """
    import numpy as np

    return np.random.default_rng([current().seed, stream])


def seed() -> int:
    """Return the run's seed: 0 for a learner; the audit uses others too."""
    return current().seed


@contextmanager
def global_random_state_kept() -> Iterator[None]:
    """Fail when the block draws from, or seeds, the global generators of `random` and NumPy."""
    import numpy as np

    def state() -> str:
        with np.printoptions(threshold=10_000):
            return f"{random.getstate()} {np.random.get_state()}"

    before = state()
    yield
    if state() != before:
        raise CheckFailed("the global random state was changed; draw from the generator that you are given")
