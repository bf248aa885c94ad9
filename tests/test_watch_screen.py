"""What the watch shows fits every terminal, and what failed is cut last."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.console import Console

from kata_runner.model import CheckResult, CodeLine, Kata, Outcome, Row, Status, Tally, Verdict
from kata_runner.screen import watch as watch_screen
from kata_runner.screen.watch import Chooser, Frame, Running, View

KATA = Kata(
    *("p900_toy", "p900", Path("/katas/p900_toy"), "problems", "Phase 1 · Toys", "Toy", 2, 5, "toy", "Adding doubles.")
)
FAILED = CheckResult(
    *("test_it", "A negative number is doubled.", Status.FAILED, "double gave 6, expected -6", "double(-3)", "6", "-6"),
    where=CodeLine("toy.py", 2, "return abs(x) * 2"),
)
PASSED = [CheckResult(f"test_{i}", f"Requirement number {i} is met.", Status.PASSED) for i in range(30)]
LOST = [CheckResult(f"test_lost_{i}", f"Requirement {i} is not met.", Status.FAILED) for i in range(30)]
VERDICT = Verdict("p900_toy", Outcome.FAILED, (*PASSED, FAILED, *LOST), often_means=("The sign is lost.",))
VIEW = View(KATA, Path("/home/me/my-katas/p900_toy/toy.py"), "my-katas/p900_toy/toy.py", "Write it.\n" * 50)
SIZES = [(80, 24), (60, 20), (120, 40), (30, 10), (20, 5), (10, 1)]


def kata_frame(view: View, height: int, offset: int = 0) -> Frame:
    return watch_screen.kata_frame(view, ("Something to know.",), (("q", "quit"),), height, offset)


def drawn(frame: Frame, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), highlight=False, markup=False, emoji=False)
    lines = console.render_lines(frame, console.options.update(height=None), pad=False)
    return ["".join(segment.text for segment in line) for line in lines]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(
    "view",
    [
        VIEW,
        replace(VIEW, verdict=VERDICT),
        replace(VIEW, running=Running(VERDICT.checks, "test_it")),
        replace(VIEW, trouble="The folder is gone. " * 20),
        replace(VIEW, verdict=Verdict("p900_toy", Outcome.PASSED, tuple(PASSED)), tally=Tally(1, 3, 2, True)),
        replace(VIEW, verdict=Verdict("p900_toy", Outcome.BROKE, message="it crashed", log="line\n" * 50)),
    ],
    ids=["waiting", "failed", "running", "trouble", "solved", "broke"],
)
def test_every_frame_is_exactly_as_high_as_the_terminal(view: View, width: int, height: int) -> None:
    lines = drawn(kata_frame(view, height), width)

    assert len(lines) == height
    assert max(map(len, lines)) <= width


def test_the_failed_check_is_whole_where_the_rest_does_not_fit_and_names_of_others_fill_the_room() -> None:
    lines = drawn(kata_frame(replace(VIEW, verdict=VERDICT), 20), 60)
    text = " ".join(" ".join(lines).split())

    for wanted in (
        "double(-3)",
        "got 6",
        "expected -6",
        "toy.py:2",
        "✗ Requirement 3 is not",
        "more: 26 failed, 30 passed",
    ):
        assert wanted in text
    assert [line.strip() for line in lines].count("") == 3  # below the head, the checks and the body
    assert "Often this means" in text
    assert "q quit" in text


def test_everything_is_told_where_there_is_room() -> None:
    frame = kata_frame(replace(VIEW, verdict=VERDICT), 100)
    text = "\n".join(drawn(frame, 80))

    assert all(check.requirement in text for check in VERDICT.checks)
    assert frame.n_hidden == 0


def test_what_is_cut_is_said_and_can_be_scrolled_to() -> None:
    view = replace(VIEW, verdict=replace(VERDICT, outcome=Outcome.BROKE, log="\n".join(map(str, range(50)))))

    top = drawn(kata_frame(view, 14), 60)
    frame = kata_frame(view, 14, offset=1000)
    bottom = drawn(frame, 60)

    assert any("more below: ↑ ↓" in line for line in top)
    assert any(line.strip() == "49" for line in bottom)
    assert any("more above: ↑ ↓" in line for line in bottom)
    assert frame.n_hidden > 0


def test_nothing_to_tell_is_no_cut() -> None:
    assert not any("more" in line for line in drawn(kata_frame(replace(VIEW, task=""), 24), 80))


def test_health_of_a_milestone_is_shown_whole_and_by_part() -> None:
    kata = replace(KATA, parts=("Slope", "Descent"))
    checks = (replace(PASSED[0], part="Slope"), replace(FAILED, part="Descent"))
    view = replace(VIEW, kata=kata, verdict=Verdict("p900_toy", Outcome.FAILED, checks))

    text = "\n".join(drawn(kata_frame(view, 40), 80))

    assert "Health ████████████░░░░░░░░░░░░ 1 of 2" in text
    assert "Slope    ████████████  1 of 1" in text
    assert "Descent  ░░░░░░░░░░░░  0 of 1" in text


@pytest.mark.parametrize(("width", "height"), SIZES[:4])
@pytest.mark.parametrize("cursor", [0, 70, 148, 10_000])
def test_the_list_keeps_its_cursor_on_the_screen(width: int, height: int, cursor: int) -> None:
    katas = [replace(KATA, id=f"p{i:03}_toy", short=f"p{i:03}", group=f"Phase {i // 20}") for i in range(149)]
    rows = tuple(Row(kata, "todo", kata.group) for kata in katas)

    lines = drawn(watch_screen.list_frame(Chooser(rows, cursor=cursor), height, width), width)

    assert len(lines) == height
    assert max(map(len, lines)) <= width
    assert any(f"▸ ○ p{min(cursor, 148):03}" in line for line in lines)


def test_the_list_is_narrowed_by_words_and_state() -> None:
    other = replace(KATA, id="p901_softmax", short="p901", title="Softmax", needs=("torch",))
    rows = (Row(KATA, "solved", "Toys"), Row(other, "todo", "Toys"))

    assert [r.kata.short for r in Chooser(rows, wanted="soft").fitting] == ["p901"]
    assert [r.kata.short for r in Chooser(rows, wanted="TORCH soft").fitting] == ["p901"]
    assert [r.kata.short for r in Chooser(rows, status="solved").fitting] == ["p900"]
    assert Chooser(rows, wanted="nothing").chosen is None
