"""Pure: from catalogue and history, what is next, what is due for review, and how far the learner is.

A history may name katas that the catalogue no longer has, or that belong to another one: they count for the days and
weeks on which they were solved, and nowhere else. Katas of two catalogues with the same id share their state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from datetime import UTC, date, datetime, timedelta

from kata_runner.catalogue.load import Catalogue
from kata_runner.learner.store import History
from kata_runner.model import Kata

# Days from the last pass to the next review, by the number of days on which the kata was passed so far. Gaps that
# grow about threefold keep most of what is learned for the least work.
REVIEW_AFTER_DAYS = (1, 3, 7, 21, 60)
_NEVER = datetime.min.replace(tzinfo=UTC)  # comes before all days on which a kata was skipped


def next_kata(catalogue: Catalogue, history: History, track: str) -> Kata | None:
    """The first kata of the track that is neither solved nor skipped.

    When only skipped ones are left, the one that was skipped the longest ago; None when all are solved. A kata that
    does not count is for beginners: it does not come once anything is solved.
    Raises UsageError when there is no such track.
    """
    is_beginner = not any(history.state(kata.id).is_solved for kata in catalogue.katas)
    pool = [kata for kata in catalogue.track(track) if kata.counted or is_beginner]
    unsolved = [kata for kata in pool if not history.state(kata.id).is_solved]
    return min(unsolved, key=lambda kata: history.state(kata.id).skipped_at or _NEVER, default=None)


def is_open(history: History, kata: Kata) -> bool:
    state = history.state(kata.id)
    return not state.is_solved and not state.is_skipped


def how_far(katas: Iterable[Kata], history: History) -> tuple[int, int]:
    """How many of these katas are solved, and how many there are; those that do not count are left out."""
    solved = [history.state(kata.id).is_solved for kata in katas if kata.counted]
    return sum(solved), len(solved)


def stars(katas: Iterable[Kata], history: History) -> dict[str, int]:
    """How many of these katas have each of the three stars; those that do not count are left out."""
    n_of = Counter(star for kata in katas if kata.counted for star in history.state(kata.id).all_stars)
    return {star: n_of[star] for star in ("solved", "typed", "tested")}


def n_stars(katas: Iterable[Kata]) -> int:
    """How many stars there are to earn: three for a Python module, one for any other answer."""
    return sum(3 if kata.module else 1 for kata in katas if kata.counted)


def by_stage(catalogue: Catalogue, history: History) -> dict[str, tuple[int, int]]:
    """The same by stage of the journey, of stages in which a kata counts."""
    found = {title: how_far(katas, history) for title, katas in catalogue.by_stage().items()}
    return {title: (n_solved, n_katas) for title, (n_solved, n_katas) in found.items() if n_katas}


def streak(days: Set[date], today: date) -> int:
    """Days in a row with a pass, up to today, or up to yesterday while there is no pass today."""
    day = today if today in days else today - timedelta(days=1)
    n_days = 0
    while day in days:
        n_days += 1
        day -= timedelta(days=1)
    return n_days


def solved_per_week(history: History, today: date, n_weeks: int = 8) -> tuple[int, ...]:
    """Katas solved for the first time in each of the last `n_weeks` weeks from Monday to Sunday, the oldest first."""
    n_by_monday: Counter[date] = Counter()
    for day, n_solved in history.n_solved_by_day.items():
        n_by_monday[_monday(day)] += n_solved
    return tuple(n_by_monday[_monday(today) - timedelta(weeks=back)] for back in reversed(range(n_weeks)))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def due_for_review(catalogue: Catalogue, history: History, today: date) -> tuple[Kata, ...]:
    """Solved katas whose last pass is long enough ago (see REVIEW_AFTER_DAYS), the most overdue first."""
    due = [(day, kata) for kata in catalogue.katas if (day := _review_day(history, kata)) is not None]
    overdue = [(day, kata) for day, kata in due if day <= today and kata.counted]
    return tuple(kata for _, kata in sorted(overdue, key=lambda pair: pair[0]))


def _review_day(history: History, kata: Kata) -> date | None:
    """The day from which a solved kata is due for review; None when it is not solved."""
    state = history.state(kata.id)
    if state.passed_day is None:
        return None
    step = min(max(state.n_passed_days, 1), len(REVIEW_AFTER_DAYS)) - 1
    return state.passed_day + timedelta(days=REVIEW_AFTER_DAYS[step])
