"""What is next, how far, which days in a row: from plain records, without a disk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from kata_runner.catalogue.load import Catalogue
from kata_runner.errors import UsageError
from kata_runner.learner.plan import (
    REVIEW_AFTER_DAYS,
    by_stage,
    due_for_review,
    how_far,
    n_stars,
    next_kata,
    solved_per_week,
    streak,
)
from kata_runner.learner.store import History, KataState
from kata_runner.model import Kata

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
TODAY = NOW.date()


def kata(kata_id: str, track: str = "problems", group: str = "Phase 1") -> Kata:
    return Kata(kata_id, kata_id, Path(track) / kata_id, track, group, kata_id, 1, 5, kata_id, "Something.")


CATALOGUE = Catalogue(
    Path("katas"),
    # The journey mixes the tracks.
    {k.id: k for k in (kata("c1", "roadmap", "Chapter 1"), kata("p2"), kata("p1"), kata("p3", group="Phase 2"))},
    (("Begin", ("c1", "p2")), ("Go on", ("p1", "lost"))),
    {"problems": "Problems", "roadmap": "Roadmap", "milestones": "Milestones"},
)


def history(*states: KataState) -> History:
    return History(katas={state.kata_id: state for state in states})


def solved(kata_id: str, days_ago: int = 0, n_days: int = 1) -> KataState:
    day = TODAY - timedelta(days=days_ago)
    return KataState(kata_id, 1, solved_day=day, passed_day=day, n_passed_days=n_days)


def skipped(kata_id: str, minutes_ago: int = 0) -> KataState:
    return KataState(kata_id, skipped_at=NOW - timedelta(minutes=minutes_ago))


def next_id(past: History, track: str = "journey") -> str | None:
    found = next_kata(CATALOGUE, past, track)
    return found and found.id


def test_the_journey_begins_with_its_first_kata() -> None:
    assert next_id(History()) == "c1"


def test_a_track_is_walked_in_its_own_order() -> None:
    assert next_id(History(), "problems") == "p1"
    assert next_id(history(solved("p1")), "problems") == "p2"


def test_when_only_skipped_ones_are_left_the_one_skipped_longest_ago_is_next() -> None:
    past = history(solved("c1"), solved("p1"), skipped("p2", minutes_ago=1), skipped("p3", minutes_ago=9))

    assert next_id(past) == "p3"


def test_a_kata_that_was_skipped_and_solved_does_not_come_back() -> None:
    both = solved("p2")._replace(skipped_at=NOW)

    assert next_id(history(solved("c1"), solved("p1"), solved("p3"), both)) is None


def test_a_track_that_is_not_there_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match='no track named "nonsense"'):
        next_kata(CATALOGUE, History(), "nonsense")


def test_how_far_counts_in_all_and_by_stage_and_leaves_out_lost_katas() -> None:
    past = history(solved("p1"), solved("c1"), solved("of_another_catalogue"), skipped("p2"))

    assert how_far(CATALOGUE.katas, past) == (2, 4)
    assert by_stage(CATALOGUE, past) == {"Begin": (1, 2), "Go on": (1, 1), "Phase 2": (0, 1)}


def test_a_kata_that_does_not_count_comes_first_and_to_beginners_only() -> None:
    zero = replace(kata("c0", "roadmap"), counted=False)
    stages = (("First steps", ("c0",)), *CATALOGUE.stages)
    catalogue = replace(CATALOGUE, by_id={"c0": zero, **CATALOGUE.by_id}, stages=stages)

    first, then = (next_kata(catalogue, past, "journey") for past in (History(), history(solved("p3"))))
    past = history(solved("c0"))

    assert (zero, "c1") == (first, then and then.id)
    assert how_far(catalogue.katas, past) == (0, 4)
    assert list(by_stage(catalogue, past)) == ["Begin", "Go on", "Phase 2"]
    assert due_for_review(catalogue, history(solved("c0", days_ago=9)), TODAY) == ()


def test_an_answer_that_is_no_module_has_one_star_and_what_does_not_count_has_none() -> None:
    katas = [kata("p1"), replace(kata("p2"), module=""), replace(kata("p3"), counted=False)]

    assert n_stars(katas) == 4


def days(*ago: int) -> set[date]:
    return {TODAY - timedelta(days=n) for n in ago}


@pytest.mark.parametrize(
    ("active", "expected"),
    [
        (days(), 0),
        (days(0), 1),
        (days(0, 1, 2), 3),
        (days(1, 2), 2),  # today may still bring one
        (days(2, 3), 0),
        (days(0, 2, 3), 1),
        (days(-1, 0, 1), 2),  # a day to come, from a clock that was wrong
    ],
)
def test_a_streak_lives_until_the_end_of_the_day_after_the_last_solve(active: set[date], expected: int) -> None:
    assert streak(active, TODAY) == expected


def test_a_streak_crosses_the_end_of_a_year() -> None:
    assert streak({date(2025, 12, 31), date(2026, 1, 1)}, date(2026, 1, 2)) == 2


def test_weeks_begin_on_monday_and_idle_ones_are_shown() -> None:
    past = History(n_solved_by_day={date(2026, 3, 2): 2, TODAY: 1, date(2026, 3, 1): 4, date(2026, 2, 1): 9})

    weeks = solved_per_week(past, TODAY, n_weeks=3)

    assert weeks == (0, 4, 3)


def test_a_week_may_begin_in_one_year_and_end_in_the_next() -> None:
    past = History(n_solved_by_day={date(2026, 12, 31): 1, date(2027, 1, 1): 1})

    assert solved_per_week(past, date(2027, 1, 2), n_weeks=1) == (2,)


@pytest.mark.parametrize(("n_days", "gap"), [*enumerate(REVIEW_AFTER_DAYS, start=1), (9, 60)])
def test_a_review_is_due_after_gaps_that_grow_with_each_day_of_passing(n_days: int, gap: int) -> None:
    early, due = history(solved("p1", gap - 1, n_days)), history(solved("p1", gap, n_days))

    assert due_for_review(CATALOGUE, early, TODAY) == ()
    assert [k.id for k in due_for_review(CATALOGUE, due, TODAY)] == ["p1"]


def test_the_most_overdue_comes_first_and_lost_katas_do_not_come() -> None:
    past = history(solved("c1", 2), solved("p2", 40), solved("p1", 2), solved("lost", 90), KataState("p3", 4))

    assert [k.id for k in due_for_review(CATALOGUE, past, TODAY)] == ["p2", "c1", "p1"]
