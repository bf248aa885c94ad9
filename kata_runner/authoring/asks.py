"""Chooses the one check that the quick proof asks of each mistake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def choose_asks(
    fails: Mapping[str, Sequence[str]], timing: frozenset[str], seconds: Mapping[str, float]
) -> dict[str, str]:
    """Mistake -> the check to ask, so that together they cover every check that some mistake fails.

    fails: mistake -> the checks (and rules) that it fails; each at least one.
    timing: checks that measure time; asked only of mistakes that fail nothing else.
    seconds: check -> how long it takes with the reference; where there is a choice, the fastest is asked.
    """
    fit = {mistake: [c for c in names if c not in timing] or list(names) for mistake, names in fails.items()}
    asker = _match(fit)
    asks = {mistake: check for check, mistake in asker.items()}
    for mistake, names in fit.items():
        asks.setdefault(mistake, min(names, key=lambda name: (seconds.get(name, 0.0), name)))
    return asks


def _match(fit: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Check -> the mistake that stands for it; a largest matching (Kuhn's augmenting paths)."""
    mistakes_of: dict[str, list[str]] = {}
    for mistake in sorted(fit):
        for check in fit[mistake]:
            mistakes_of.setdefault(check, []).append(mistake)
    check_of: dict[str, str] = {}

    def place(check: str, seen: set[str]) -> bool:
        for mistake in mistakes_of[check]:
            if mistake in seen:
                continue
            seen.add(mistake)
            if mistake not in check_of or place(check_of[mistake], seen):
                check_of[mistake] = check
                return True
        return False

    # The rarest first: it has the fewest mistakes to choose from.
    for check in sorted(mistakes_of, key=lambda name: (len(mistakes_of[name]), name)):
        place(check, set())
    return {check: mistake for mistake, check in check_of.items()}
