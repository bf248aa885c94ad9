"""Decide which variant of an experiment a user sees, without remembering anybody."""

from __future__ import annotations

from collections.abc import Mapping


def assign(user: str, experiment: str, weights: Mapping[str, float], ramp: float = 1.0) -> str | None:
    """Return the variant of this user in this experiment, None for a user who takes no part.

    weights: variant -> its share of those who take part, relative to the other weights.
    ramp: the share of all users who take part, from 0 to 1.
    Raises ValueError for a ramp or weights that cannot be.
    """
    raise NotImplementedError
