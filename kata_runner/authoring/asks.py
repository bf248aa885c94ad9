"""Chooses the one check that the quick proof asks of each mistake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def choose_asks(
    fails: Mapping[str, Sequence[str]], timing: frozenset[str], seconds: Mapping[str, float]
) -> dict[str, str]:
    """Mistake -> the check to ask, so that together they cover as many checks as they can.

    fails: mistake -> the checks (and rules) that it fails; each at least one.
    timing: checks that measure time; asked only of mistakes that fail nothing else.
    seconds: check -> how long it takes with the reference; where there is a choice, the fastest is asked.
    """
    fit = {mistake: [c for c in names if c not in timing] or list(names) for mistake, names in fails.items()}
    mistakes_of: dict[str, list[str]] = {}
    for mistake, names in fit.items():
        for check in names:
            mistakes_of.setdefault(check, []).append(mistake)
    asks: dict[str, str] = {}
    # The rarest first: it has the fewest mistakes to choose from.
    for check in sorted(mistakes_of, key=lambda name: (len(mistakes_of[name]), name)):
        if free := [mistake for mistake in mistakes_of[check] if mistake not in asks]:
            asks[min(free, key=lambda mistake: (len(fit[mistake]), mistake))] = check
    for mistake, names in fit.items():
        asks.setdefault(mistake, min(names, key=lambda name: (seconds.get(name, 0.0), name)))
    return asks
