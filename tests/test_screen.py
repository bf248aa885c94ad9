"""Every screen says in words and signs what its colours say, at any width."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from kata_runner.model import (
    CheckResult,
    CodeLine,
    HistoryRow,
    Kata,
    Outcome,
    Overview,
    OwnTestResult,
    OwnTestsVerdict,
    Progress,
    Row,
    RuleBreach,
    Status,
    Tally,
    Verdict,
)
from kata_runner.screen import lists, own_tests, progress, text, verdict

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def a_kata(**changes: object) -> Kata:
    settings: dict[str, object] = {
        "id": "p012_stable_softmax",
        "short": "p012",
        "folder": Path("/katas/p012_stable_softmax"),
        "track": "problems",
        "group": "Phase 2 · Mathematical foundations",
        "title": "Stable softmax",
        "difficulty": 2,
        "minutes": 20,
        "module": "softmax",
        "learned": "Moving every score alike leaves softmax unchanged.",
    }
    return Kata(**{**settings, **changes})  # type: ignore[arg-type]


def a_check(status: Status = Status.PASSED, requirement: str = "rows sum to one", **more: object) -> CheckResult:
    return CheckResult(name=requirement.replace(" ", "_"), requirement=requirement, status=status, **more)  # type: ignore[arg-type]


def a_verdict(outcome: Outcome, *checks: CheckResult, **more: object) -> Verdict:
    return Verdict(kata_id="p012_stable_softmax", outcome=outcome, checks=checks, duration_s=0.25, **more)  # type: ignore[arg-type]


FAILED = a_check(
    Status.FAILED,
    "large scores do not overflow",
    message="softmax gave other values than expected",
    call="softmax([1000.0, 0.0])",
    got="array([nan, 0.])",
    expected="array([1., 0.])",
    printed="first line\nlast line\n",
    where=CodeLine("softmax.py", 12, "return e / e.sum()"),
)


def drawn(renderable: RenderableType, width: int = 80, *, colour: bool = False, crop: bool = True) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, color_system="standard" if colour else None, highlight=False
    )
    console.print(renderable, crop=crop)
    return out.getvalue()


def words(renderable: RenderableType, width: int = 80) -> str:
    """The text without line breaks, for claims that should hold at any width."""
    return " ".join(drawn(renderable, width).split())


# --- a verdict -----------------------------------------------------------------------------------------------------


def test_the_first_failed_check_is_opened_and_the_next_is_not() -> None:
    other = a_check(Status.FAILED, "an axis may be named", message="axis was ignored", got="7")

    shown = drawn(verdict.verdict(a_kata(), a_verdict(Outcome.FAILED, a_check(), FAILED, other)))

    for part in ("softmax([1000.0, 0.0])", "array([nan, 0.])", "array([1., 0.])", "softmax.py:12  return e / e.sum()"):
        assert part in shown
    assert "axis was ignored" not in shown
    assert "1 of 3 checks" in shown


def test_verbose_opens_every_failed_check() -> None:
    other = a_check(Status.FAILED, "an axis may be named", message="axis was ignored")

    shown = drawn(verdict.verdict(a_kata(), a_verdict(Outcome.FAILED, FAILED, other), verbose=True))

    assert "axis was ignored" in shown
    assert "array([nan, 0.])" in shown


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_verdict_fits_any_width_and_loses_no_word(width: int) -> None:
    judged = a_verdict(
        Outcome.FAILED,
        a_check(requirement="a requirement so long that it has to be wrapped on every terminal of sixty columns"),
        FAILED,
        often_means=("exp overflows past 709 because the largest score was not subtracted before",),
        notes=("no Docker engine here: the image was not built",),
    )

    shown = drawn(verdict.verdict(a_kata(), judged), width)

    assert max(map(len, shown.splitlines())) <= width
    joined = "".join(shown.split())
    for part in ("ofsixtycolumns", "array([nan,0.])", "notsubtractedbefore", "theimagewasnotbuilt", "lastline"):
        assert part in joined


def test_marks_differ_without_colour() -> None:
    marks = [text.MARKS[s][0] for s in (Status.PASSED, Status.FAILED, Status.TODO, Status.NOT_RUN, Status.FAULT)]

    assert len(set(marks)) == 5
    assert len({text.to_ascii(mark) for mark in marks}) == 5


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (Outcome.PASSED, "PASSED"),
        (Outcome.FAILED, "NOT YET"),
        (Outcome.TODO, "TO DO"),
        (Outcome.BROKE, "BROKE"),
        (Outcome.RULE, "AGAINST A RULE"),
        (Outcome.MISSING, "MISSING"),
        (Outcome.FAULT, "KATA IS AT FAULT"),
    ],
)
def test_every_outcome_has_its_word_and_its_message(outcome: Outcome, word: str) -> None:
    shown = drawn(verdict.verdict(a_kata(), a_verdict(outcome, message="what happened")))

    assert word in shown
    assert "what happened" in shown


def test_a_message_said_of_the_run_is_not_said_twice() -> None:
    check = a_check(Status.BROKE, message="still running after 10 s")

    shown = drawn(verdict.verdict(a_kata(), a_verdict(Outcome.BROKE, check, message="still running after 10 s")))

    assert shown.count("still running after 10 s") == 1


def test_what_is_printed_stands_with_the_check_that_printed_it_and_in_full_when_verbose() -> None:
    lines = "\n".join(f"line {n}" for n in range(1, 21))
    quiet, loud = FAILED, a_check(Status.FAILED, "an axis may be named", message="wrong axis", printed=lines)
    judged = a_verdict(Outcome.FAILED, quiet, loud, log=f"imported\n{lines}")

    shown, all_of_it = (drawn(verdict.verdict(a_kata(), judged, verbose=how)) for how in (False, True))

    assert "last line" in shown
    assert "line 20" not in shown
    assert "line 1 " in all_of_it
    assert all_of_it.index("wrong axis") < all_of_it.index("line 20")


def test_a_case_is_shown_whole_or_its_file_is_named() -> None:
    whole, filed = (a_check(Status.FAILED, name, call="f(an array)", **more) for name, more in (
        ("one", {"case": "f(\n    array([1., 2.]),\n)"}), ("two", {"case_file": "failing_case.py"}))
    )  # fmt: skip

    shown = drawn(verdict.verdict(a_kata(), a_verdict(Outcome.FAILED, whole, filed), verbose=True))

    assert shown.count("f(an array)") == 1
    assert [line.strip() for line in shown.splitlines()][3:6] == ["call  f(", "array([1., 2.]),", ")"]
    assert "failing_case.py beside your answer: python failing_case.py" in shown


def test_a_caret_points_into_the_line() -> None:
    where = CodeLine("softmax.py", 3, "return x +* 2", "          ^")

    shown = drawn(verdict.verdict(a_kata(), a_verdict(Outcome.BROKE, message="not valid Python", where=where)))

    line, below = (line for line in shown.splitlines() if "^" in line or "+*" in line)
    assert below.index("^") == line.index("*")


def test_a_broken_run_shows_the_end_of_the_output_and_how_much_is_left_out() -> None:
    log = "\n".join(f"line {n}" for n in range(1, 101))

    shown = drawn(verdict.verdict(a_kata(), a_verdict(Outcome.BROKE, message="ended", log=log)))

    assert "line 100" in shown
    assert "line 1\n" not in shown
    assert "the last 8 of 100 lines" in shown


def test_lines_of_the_output_that_were_not_kept_are_counted() -> None:
    log = "one\ntw\n… 33,000 lines left out …\no\nthree\n"

    assert "the last 1 of 33,003 lines" in drawn(verdict.output_tail(log, 1))


def test_control_signs_of_the_learners_output_do_not_reach_the_terminal() -> None:
    log = "\x1b[2J\x1b]0;title\x07gone\x00\x08"

    shown = drawn(verdict.verdict(a_kata(), a_verdict(Outcome.BROKE, message="ended", log=log)), colour=True)

    assert "\x1b[2J" not in shown
    assert not {"\x07", "\x00", "\x08"} & set(shown)
    assert "gone" in shown


def test_brackets_in_values_are_not_taken_for_markup() -> None:
    check = a_check(Status.FAILED, "[bold]lists[/bold] survive", message="[red]no[/red]", got="[/] [a]")

    shown = drawn(verdict.verdict(a_kata(), a_verdict(Outcome.FAILED, check, notes=("[link=x]y[/link]",))))

    for part in ("[bold]lists[/bold] survive", "[red]no[/red]", "[/] [a]", "[link=x]y[/link]"):
        assert part in shown


def test_a_breach_names_line_and_reason() -> None:
    breach = RuleBreach("no_loops", 'a "for" loop', "softmax.py", 7, "NumPy loops in C.")

    shown = words(verdict.verdict(a_kata(), a_verdict(Outcome.RULE, a_check(), breaches=(breach,))))

    assert 'Rule: softmax.py:7 a "for" loop Why: NumPy loops in C.' in shown


def test_a_milestone_shows_its_health_whole_and_by_part_in_order() -> None:
    kata = a_kata(parts=("Derivative", "Descent"))
    checks = (
        a_check(Status.FAILED, "it falls", part="Descent"),
        a_check(Status.PASSED, "sin", part="Derivative"),
        a_check(Status.PASSED, "exp", part="Derivative"),
    )

    lines = drawn(verdict.verdict(kata, a_verdict(Outcome.FAILED, *checks))).splitlines()

    health = next(line for line in lines if line.startswith("Health"))
    assert health.split() == ["Health", "█" * 8 + "░" * 16, "1", "of", "3"]  # it falls with each check that passes
    by_part = [line.rstrip()[-6:] for line in lines if line.startswith(("Derivative ", "Descent "))]
    assert by_part[:2] == ["2 of 2", "0 of 1"]


def test_a_first_solution_says_what_was_learned_how_far_and_how_to_go_on() -> None:
    tally = Tally(n_solved=43, n_katas=149, n_attempts=3, first_solve=True)

    shown = words(verdict.verdict(a_kata(), a_verdict(Outcome.PASSED, a_check()), tally))

    assert "Learned: Moving every score alike leaves softmax unchanged." in shown
    assert "Solved, at attempt 3. 43 of 149 katas" in shown
    assert "kata next" in shown
    assert "kata solution" in shown


def test_a_failed_verdict_names_neither_reference_nor_next() -> None:
    shown = words(verdict.verdict(a_kata(), a_verdict(Outcome.FAILED, FAILED)))

    assert "kata solution" not in shown
    assert "kata next" not in shown
    assert "kata hint p012" in shown


def test_a_pass_shows_its_cost_beside_the_reference() -> None:
    judged = a_verdict(Outcome.PASSED, a_check(), cost="0.8 × the reference's time, 1.0 × its memory")

    assert "Cost: 0.8 × the reference's time, 1.0 × its memory" in drawn(verdict.verdict(a_kata(), judged))


def test_a_picture_is_a_link_on_a_terminal_and_a_path_elsewhere() -> None:
    judged = a_verdict(Outcome.PASSED, a_check(), pictures=(Path("/w/pictures/ranks.png"),))

    assert "/w/pictures/ranks.png" in drawn(verdict.verdict(a_kata(), judged))
    assert "file:///w/pictures/ranks.png" in drawn(verdict.verdict(a_kata(), judged), colour=True)


def test_a_line_of_many_says_id_outcome_and_the_first_failure() -> None:
    shown = drawn(verdict.verdict_line(a_kata(), a_verdict(Outcome.FAILED, a_check(), FAILED)), 200)

    assert "p012_stable_softmax  failed  1/2  large scores do not overflow" in shown


# --- signs ---------------------------------------------------------------------------------------------------------


def test_every_sign_of_a_screen_has_an_ascii_stand_in() -> None:
    tally = Tally(1, 2, 1, True)
    kata = a_kata(parts=("One",))
    shown = drawn(verdict.verdict(kata, a_verdict(Outcome.PASSED, a_check(part="One")), tally))
    shown += drawn(lists.catalogue([Row(kata, state, "Phase 1 · x") for state in text.STATE_MARKS]))
    shown += text.sparkline(range(9))

    assert "?" not in text.to_ascii(shown)
    assert text.to_ascii(shown).isascii()
    assert len(text.to_ascii(shown)) == len(shown)


@pytest.mark.parametrize(
    ("done", "total", "expected"),
    [
        (0, 10, "░░░░░░░░░░"),
        (10, 10, "██████████"),
        (1, 1000, "█░░░░░░░░░"),
        (999, 1000, "█████████░"),
        (0, 0, "░░░░░░░░░░"),
    ],
)
def test_a_bar_is_full_only_when_all_is_done(done: int, total: int, expected: str) -> None:
    assert text.bar(done, total, 10) == expected


@pytest.mark.parametrize(
    ("duration_s", "expected"),
    [(0.035, "35 ms"), (0.25, "0.2 s"), (59.0, "59.0 s"), (120, "2 min"), (7500, "2 h 5 min")],
)
def test_durations_read_as_people_say_them(duration_s: float, expected: str) -> None:
    assert text.seconds(duration_s) == expected


def test_a_sparkline_ends_at_the_highest_and_survives_no_counts() -> None:
    assert text.sparkline([0, 1, 7]) == "▁▂█"
    assert text.sparkline([0, 0]) == "▁▁"
    assert text.sparkline([]) == ""


# --- lists ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_list_has_one_line_for_each_kata_at_any_width(width: int) -> None:
    rows = [Row(a_kata(title="A long title " * 5, needs=("scikit-learn",)), "todo", "Arrays and slopes")] * 3

    lines = drawn(lists.catalogue(rows, width), width, crop=False).splitlines()

    assert [line[:6] for line in lines[1:4]] == ["○ p012"] * 3
    assert max(map(len, lines)) <= width


def test_a_narrow_list_keeps_id_title_and_state() -> None:
    rows = [Row(a_kata(needs=("scikit-learn",)), "solved", "Phase 2 · Mathematical foundations")]

    lines = drawn(lists.catalogue(rows, 60), 60).splitlines()

    assert lines[1].startswith("✓ p012  Stable softmax")
    assert max(map(len, lines)) <= 60


def test_a_wide_list_says_minutes_needs_and_which_is_current() -> None:
    rows = [Row(a_kata(needs=("scikit-learn",)), "started", "Arrays and slopes", is_current=True)]

    line = drawn(lists.catalogue(rows), 200).splitlines()[1]

    assert line.split() == ["◐", "p012", "Stable", "softmax", "★★☆☆☆", "20", "min", "current,", "scikit-learn"]


@pytest.mark.parametrize(
    ("needs", "shown"),
    [
        (("torch",), "torch"),
        (("torch", "pillow"), "torch, …"),
        (("scikit-learn",), "scikit-…"),
        ((), ""),
    ],
)
def test_needs_are_shortened_to_what_80_columns_leave(needs: tuple[str, ...], shown: str) -> None:
    title = "Matrix multiplication and its benchmark"
    rows = [
        Row(a_kata(short="c01_project", title=title, needs=needs), "todo", "Arrays and slopes"),
        Row(a_kata(), "solved", "Arrays and slopes"),
    ]

    line = drawn(lists.catalogue(rows, 80), 80).splitlines()[1]

    assert line.rstrip() == f"○ c01_project  {title}  ★★☆☆☆   20 min  {shown}".rstrip()
    assert len(line) <= 80


def test_a_kata_that_does_not_count_is_listed_and_not_counted() -> None:
    rows = [Row(a_kata(counted=False), "solved", "First steps"), Row(a_kata(), "todo", "Arrays and slopes")]

    shown = drawn(lists.catalogue(rows), 200)

    assert "First steps" in shown
    assert shown.endswith("0 of 1 kata solved\n")


def test_code_in_a_task_can_be_copied() -> None:
    long = f"print({'1, ' * 30})"
    task = f"# Toy\n\n```python\n>>> double(2)\n4\n```\n\n```python\n{long}\n```\n"

    whole = drawn(text.markdown(task, fold_code=False), 40, crop=False).splitlines()
    folded = drawn(text.markdown(task), 40, crop=False).splitlines()

    assert whole[2:4] == [">>> double(2)", "4"]
    assert long in whole
    assert max(map(len, folded)) <= 40


def test_an_empty_list_says_so() -> None:
    assert "no kata fits" in drawn(lists.catalogue([]))


def test_history_tells_judged_attempts_from_code_that_was_kept() -> None:
    judged = HistoryRow("p012", 1, NOW, Outcome.FAILED, "", 2, 5, 0.3, "d", borrowed=("p001_x",))
    kept = HistoryRow("p012", 2, NOW, None, "reset", 0, 0, 0.0, "d", is_kept=False)

    lines = drawn(lists.history([judged, kept])).splitlines()

    assert "failed, borrowed p001_x" in lines[1]
    assert "2/5" in lines[1]
    assert "kept before reset, code lost" in lines[2]


# --- progress ------------------------------------------------------------------------------------------------------


def a_progress(**changes: object) -> Progress:
    settings: dict[str, object] = {
        "n_solved": 3,
        "n_katas": 10,
        "stages": {"Arrays and slopes": (3, 5), "Structure without labels": (0, 5)},
        "per_week": (0, 1, 2),
        "streak_days": 4,
        "n_hints": 7,
        "n_attempts": 1234,
        "spent_s": 3720,
        "next_kata": a_kata(),
        "review": ("p001", "p003"),
    }
    return Progress(**{**settings, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_progress_shows_every_heading_and_figure(width: int) -> None:
    shown = words(progress.progress(a_progress(), width), width)

    for part in (
        "3 of 10 katas solved",
        "30 %",
        "Arrays and slopes",
        "3/5",
        "0/5",
        "0 1 2",
        "4 days",
        "1,234",
        "1 h 2 min",
        "p001, p003",
        "p012 Stable softmax kata next",
    ):
        assert part in shown


def test_progress_of_a_beginner_has_no_empty_chart() -> None:
    shown = drawn(progress.progress(a_progress(n_solved=0, per_week=(0, 0), spent_s=0.0, review=(), next_kata=None)))

    assert "per week" not in shown
    assert "another go" not in shown


def test_standing_says_kata_file_last_verdict_and_command() -> None:
    last = HistoryRow("p012", 2, NOW - timedelta(minutes=5), Outcome.FAILED, "", 2, 5, 0.3, "d")
    shown = words(progress.overview(Overview(a_kata(), Path("/w/softmax.py"), last, 3, 10, "kata check"), NOW))

    assert "Stable softmax p012" in shown
    assert "/w/softmax.py" in shown
    assert "✗ failed, 2 of 5 checks, 5 minutes ago" in shown
    assert shown.endswith("Now: kata check")


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(minutes=2), "2 minutes ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=12), "12 days ago"),
    ],
)
def test_since_is_rough(ago: timedelta, expected: str) -> None:
    assert text.since(NOW - ago, NOW) == expected


def test_the_doctor_names_level_and_remedy_in_words() -> None:
    from kata_runner.model import Finding

    findings = [Finding("Disk", "ok", "9 GB free"), Finding("CMake", "warning", "not found", "pip install cmake")]

    lines = drawn(lists.doctor(findings)).splitlines()

    assert "OK" in lines[0]
    assert "warning" in lines[1]
    assert "→ pip install cmake" in lines[2]


def test_the_audit_sums_up_and_lists_problems() -> None:
    from kata_runner.model import Report

    proven = Report("p001_a", n_checks=5, n_wrong=4, n_caught=4, n_right=1, n_accepted=1, seconds=0.2)
    faulty = Report(
        "p002_b", is_whole=False, n_checks=3, n_wrong=2, n_caught=1, problems=("x passes",), remarks=("signatures",)
    )
    skipped = Report("p003_c", skipped="needs torch")

    lines = [words(lists.audit_line(report), 120) for report in (proven, faulty, skipped)]
    totals = words(lists.audit_totals([proven, faulty, skipped]), 120)

    assert "✓ p001_a whole · 5 checks · 4 of 4 mistakes caught · 1 of 1 right answer accepted · 0.2 s" in lines[0]
    assert "✗ p002_b quick · 3 checks · 1 of 2 mistakes caught" in lines[1]
    assert lines[1].endswith("x passes signatures")
    assert "○ p003_c not tried: needs torch" in lines[2]
    assert "1 of 3 katas proven, 1 not tried · 8 checks · 5 of 6 mistakes caught · 1 of 1 right answer" in totals


def test_the_idea_comes_before_the_edges() -> None:
    edge = a_check(Status.FAILED, "far out", is_edge=True)
    idea = a_check(Status.PASSED, "the plain case")

    shown = words(verdict.verdict(a_kata(), a_verdict(Outcome.FAILED, edge, idea)))

    assert shown.index("The idea") < shown.index("the plain case") < shown.index("The edges") < shown.index("far out")


def test_control_signs_in_values_do_not_reach_the_terminal() -> None:
    evil = "a\x1b[2Jb"
    check = a_check(Status.FAILED, message="x" + evil, got=evil, call=evil, where=CodeLine("a.py", 1, evil))

    shown = drawn(verdict.verdict(a_kata(), a_verdict(Outcome.FAILED, check, message=evil)), colour=True)

    assert "\x1b[2J" not in shown
    assert shown.count(r"a\x1b[2Jb") == 5


# --- the learner's own tests ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("is_verbose", "n_rows"), [(False, 4), (True, 7)])
def test_a_long_line_of_pytests_message_is_cut_unless_all_is_asked_for(*, is_verbose: bool, n_rows: int) -> None:
    message = f"assert {'6' * 90} == 6\n+  where 6 = double(3)\n+    where <function double at 0x7> = double"
    failed = OwnTestResult("test_it", "failed", message, 4, "assert double(3) == 6")
    shown = OwnTestsVerdict(1, own_failures=(failed,))

    rows = drawn(own_tests.page(a_kata(), shown, 1, verbose=is_verbose), 60).splitlines()

    rows = rows[rows.index("test_it  line 4") : rows.index("", 5)]
    assert len(rows) == n_rows
    assert ("…" in rows[2], any("<function" in row for row in rows)) == (not is_verbose, is_verbose)
