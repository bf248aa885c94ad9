"""Decide which variant of an experiment a user sees, without remembering anybody."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping


def assign(user: str, experiment: str, weights: Mapping[str, float], ramp: float = 1.0) -> str | None:
    """Return the variant of this user in this experiment, None for a user who takes no part.

    weights: variant -> its share of those who take part, relative to the other weights.
    ramp: the share of all users who take part, from 0 to 1.
    Raises ValueError for a ramp or weights that cannot be.
    """
    if not 0 <= ramp <= 1:  # NaN is not, either
        raise ValueError(f"ramp has to be from 0 to 1, not {ramp}")
    total = sum(weights.values())
    if not all(weight >= 0 for weight in weights.values()) or not 0 < total < math.inf:
        raise ValueError(f"weights have to be 0 or more, and not all 0: {dict(weights)}")
    # Step 1: who takes part. A larger ramp adds users above the old threshold, and keeps all below it.
    if _draw(user, experiment, "ramp") >= ramp:
        return None
    # Step 2: which variant, by a number of its own. With the one of step 1, which is below `ramp` here, a small ramp
    # would see nothing but the first variants.
    place = _draw(user, experiment, "variant") * total
    # Step 3: sorted, so that the order in a configuration file does not matter.
    names = sorted(name for name in weights if weights[name] > 0)
    for name in names[:-1]:
        place -= weights[name]
        if place < 0:
            return name
    return names[-1]  # also where rounding has left a little


def _draw(*names: str) -> float:
    """Return a number from 0 to 1, below 1, that looks random and is always the same for the same names."""
    # Not hash(), which Python salts with a new number in each process, and no checksum: crc32 of two experiments
    # differs by the same bits for many users. repr keeps the names apart: "a", "bc" is not "ab", "c".
    digest = hashlib.blake2b(repr(names).encode(), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / 2**53  # 53 bits are all that a float holds


# In real life LaunchDarkly, GrowthBook and Statsig do this in every client, in several languages, so the hash is part
# of their specification. Who has seen what is logged besides: only users who came to the page at all may be counted.
