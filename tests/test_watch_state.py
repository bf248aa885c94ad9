"""The loop of the watch without a terminal: sequences of events, and the states and effects that they lead to."""

from __future__ import annotations

import io
import signal
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.console import Console

from kata_runner.model import (
    Bug,
    CheckResult,
    HistoryRow,
    Kata,
    Outcome,
    OwnTestsVerdict,
    Row,
    Status,
    Submission,
    Tally,
    Verdict,
)
from kata_runner.practice import KataStanding, OwnTestsRun
from kata_runner.screen.watch import Page, Running, View
from kata_runner.watch import events as on
from kata_runner.watch.events import Do, Effect, Event, Key, Later, Leave
from kata_runner.watch.state import COMMANDS, State, frame, keys_of, progress_of, step

STUB, WRONG, RIGHT = b"stub\n", b"wrong\n", b"right\n"
FILE = Path("/home/me/my-katas/p900_toy/toy.py")


def a_kata(number: int = 900) -> Kata:
    return Kata(
        id=f"p{number}_toy",
        short=f"p{number}",
        folder=Path(f"/katas/p{number}_toy"),
        track="problems",
        group="Phase 1 · Toys",
        title=f"Toy {number}",
        difficulty=2,
        minutes=5,
        module="toy",
        learned="Adding doubles.",
        stub_files={"toy.py": STUB},
    )


KATA, OTHER = a_kata(), a_kata(901)
VIEW = View(KATA, FILE, "toy.py", "Write `double(x)`.")
NEW = KataStanding(False, False, None, 0.0, 0, 0, 3)
SOLVED = KataStanding(True, True, None, 60.0, 1, 1, 3)
PAGE = Page("Hint 1 of 3 · Toy 900", "What does twice mean?", is_hint=True)


def submission(content: bytes = WRONG, kata: Kata = KATA) -> Submission:
    return Submission(kata.id, FILE.parent, {"toy.py": content}, content.decode().strip())


def judged(ticket: int = 1, outcome: Outcome = Outcome.FAILED, content: bytes = WRONG) -> on.Judged:
    return on.Judged(ticket, submission(content), Verdict(KATA.id, outcome))


def after(events: Iterable[Event], state: State | None = None) -> tuple[State, list[Effect]]:
    """The state after these events, and the effects of the last one."""
    state = state or State(VIEW)
    effects: tuple[Effect, ...] = ()
    for event in events:
        state, effects = step(state, event)
    return state, list(effects)


def opened(standing: KataStanding = NEW, content: bytes = STUB, view: View = VIEW, **how: Any) -> State:
    """A kata that is shown, with its files read."""
    events = [on.Opened(view), on.StandingRead(standing), on.FilesRead(submission(content), "opened")]
    return after(events, State(view, **how))[0]


def saved(content: bytes = WRONG) -> on.FilesRead:
    return on.FilesRead(submission(content), "saved")


def shown(state: State, width: int = 80, height: int = 24) -> str:
    console = Console(width=width, file=io.StringIO(), highlight=False, markup=False, emoji=False)
    lines = console.render_lines(frame(state, width, height), console.options.update(height=None), pad=False)
    return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)


def letters(state: State) -> str:
    return " ".join(key for key, _ in keys_of(state))


# --- opening -------------------------------------------------------------------------------------------------------


def test_a_kata_that_is_opened_is_prepared_read_and_drawn_once() -> None:
    assert [Do.GET_READY, Do.READ_STANDING, on.ReadFiles("opened"), Do.DRAW] == after([on.Opened(VIEW)])[1]


def test_a_stub_that_is_opened_needs_no_verdict_and_shows_the_task() -> None:
    state, effects = after([on.FilesRead(submission(STUB), "opened")])

    assert effects == []
    assert "Save toy.py to have it judged." in shown(state)
    assert "Write double(x)." in shown(state)


def test_what_is_there_already_is_judged_at_once() -> None:
    state, effects = after([on.FilesRead(submission(WRONG), "opened")])

    assert effects == [on.Judge(1, submission(WRONG))]
    assert "JUDGING" in shown(state)


@pytest.mark.parametrize(("outcome", "is_recorded"), [(Outcome.FAILED, False), (Outcome.PASSED, True)])
def test_what_was_recorded_before_with_this_outcome_is_shown_and_not_recorded_again(
    outcome: Outcome, is_recorded: bool
) -> None:
    last = HistoryRow(KATA.id, 1, datetime(2026, 1, 1), Outcome.FAILED, "", 1, 2, 0.1, "wrong")
    verdict = judged(1, outcome)

    effects = after([verdict], opened(replace(NEW, last=last), WRONG))[1]

    assert effects == [Do.DRAW, *([on.Record(verdict)] if is_recorded else [])]


def with_tests(content: bytes, code: bytes = WRONG) -> on.FilesRead:
    files = {"toy.py": code, "test_toy.py": content}
    return on.FilesRead(Submission(KATA.id, FILE.parent, files, f"{code!r} {content!r}"), "saved")


def test_tests_that_are_saved_are_run_and_the_answer_is_not_judged_again() -> None:
    run = OwnTestsRun(OwnTestsVerdict(2, n_right=1, bugs=(Bug("a", "", (), ("test_a",)), Bug("b", "", (), ()))), 1)
    state, effects = after([saved(), judged(), with_tests(b"one")], opened())

    assert effects[-1] == on.RunTests(2)
    assert (state.n_runs, state.view.verdict is not None) == (1, True)
    state, effects = after([on.OwnTestsJudged(1, OwnTestsRun(OwnTestsVerdict(0))), on.OwnTestsJudged(2, run)], state)
    assert (state.view.tests, effects) == (run, [Do.DRAW])
    assert "■□  1 of 2 bugs caught" in shown(state)


def test_an_answer_that_is_saved_with_its_tests_is_judged() -> None:
    assert after([saved(), judged(), with_tests(b"one", RIGHT)], opened())[1][-1] == on.Judge(
        2, with_tests(b"one", RIGHT).submission
    )
    assert after([saved(), judged(), with_tests(b"one"), with_tests(b"two")], opened())[1][-1] == on.RunTests(3)


def test_the_next_kata_keeps_nothing_of_the_last_but_the_count_of_runs() -> None:
    state, _ = after([saved(), judged(), on.PageRead(PAGE), on.Opened(replace(VIEW, kata=OTHER))], opened())

    assert state == State(replace(VIEW, kata=OTHER), n_runs=1, n_test_runs=2)


def test_manual_does_not_judge_until_r_is_pressed() -> None:
    state = opened(content=WRONG, view=replace(VIEW, is_manual=True))
    _, on_r = after([Key("r")], state)
    _, on_reading = after([on.FilesRead(submission(WRONG), "asked")], state)

    assert "Press r to have it judged." in shown(state)
    assert on_r == [Do.GET_READY, on.ReadFiles("asked")]
    assert on.Judge(1, submission(WRONG)) in on_reading


# --- saves ---------------------------------------------------------------------------------------------------------


def test_a_change_is_read_judged_drawn_and_recorded_in_this_order() -> None:
    state = opened()
    _, changed = after([on.FilesChanged()], state)
    state, read = after([saved()], state)
    state, verdict = after([judged()], state)

    assert changed == [on.ReadFiles("saved")]
    assert read == [on.Judge(1, submission())]
    assert verdict == [Do.DRAW, on.Record(judged())]
    assert "NOT YET" in shown(state)


def test_files_that_did_not_change_are_no_attempt_and_that_is_said_for_a_moment() -> None:
    state, effects = after([saved(), judged(), saved()], opened())
    before, (again,) = shown(state), [e for e in effects if isinstance(e, Later)]
    state, _ = after([again.event], state)

    assert not any(isinstance(e, on.Judge) for e in effects)
    assert "Saved without a change." in before
    assert "Saved without a change." not in shown(state)


def test_r_judges_the_same_files_again() -> None:
    state, effects = after([saved(), judged(), on.FilesRead(submission(), "asked")], opened())

    assert on.Judge(2, submission()) in effects
    assert on.Record(judged(2)) in after([judged(2)], state)[1]


def test_a_verdict_of_files_that_were_overtaken_is_neither_shown_nor_recorded() -> None:
    state, _ = after([saved(WRONG), saved(RIGHT)], opened())
    state, effects = after([judged(1)], state)

    assert effects == []
    assert state.view.verdict is None
    assert state.awaits(2)


def test_files_that_cannot_be_read_cancel_the_run_and_are_judged_once_they_return() -> None:
    state, effects = after([saved(), on.Trouble("toy.py is no text.")], opened())

    assert effects == [Do.CANCEL_RUNS, Do.DRAW]
    assert "CANNOT BE JUDGED" in shown(state)
    assert after([judged(1)], state)[1] == []
    assert on.Judge(2, submission()) in after([saved()], state)[1]


def test_a_submission_that_cannot_be_judged_says_why() -> None:
    state, effects = after([saved(), on.Trouble("memory is short", 1)], opened())

    assert Do.DRAW in effects
    assert "memory is short" in shown(state)


# --- a run in progress ---------------------------------------------------------------------------------------------

PLAN = [{"name": n, "requirement": n.upper(), "part": "", "is_edge": False} for n in ("a", "b")]
REPORTS: list[dict[str, Any]] = [
    {"event": "plan", "checks": PLAN},
    {"event": "start", "name": "a"},
    {"event": "check", "name": "a", "status": "failed"},
    {"event": "start", "name": "b"},
]


def test_how_far_a_run_is_follows_from_its_reports() -> None:
    running = progress_of(REPORTS)

    assert [c.status for c in running.checks] == [Status.FAILED, Status.NOT_RUN]
    assert running.current == "b"
    assert progress_of([]) == Running()


def test_a_run_that_takes_long_is_shown_and_looked_at_again() -> None:
    state = after([saved()], opened())[0]
    state, seen = after([on.RunSeen(1, REPORTS)], state)
    at_once = shown(state)
    _, seen_again = after([on.RunSeen(1, REPORTS, 0.9)], state)
    state, a_second_later = after([on.RunSeen(1, REPORTS, 4.2)], state)

    assert (seen, seen_again, a_second_later) == ([Do.DRAW], [], [Do.DRAW])
    assert "JUDGING · 1 of 2 checks\n" in at_once
    assert "JUDGING · 1 of 2 checks · 4 s, limit 10 s of computing · a save stops it" in shown(state)


@pytest.mark.parametrize("end", [judged(), on.Trouble("trouble", 1), saved(RIGHT), on.Trouble("gone")])
def test_a_run_that_is_over_is_not_looked_at(end: Event) -> None:
    state = after([saved(), end], opened())[0]

    assert after([on.RunSeen(1, REPORTS)], state)[1] == []


# --- records -------------------------------------------------------------------------------------------------------


def test_a_solved_kata_shows_the_tally_and_opens_the_reference_and_the_way_on() -> None:
    passed = judged(1, Outcome.PASSED, RIGHT)
    state, on_verdict = after([saved(RIGHT), passed], opened())
    before = letters(state)
    state, on_recorded = after([on.Recorded(passed, Tally(1, 3, 2, True))], state)
    state, _ = after([on.StandingRead(SOLVED)], state)

    assert on.Record(passed) in on_verdict
    assert before == "n t h l r ? q"
    assert on_recorded == [Do.READ_STANDING, Do.DRAW]
    assert letters(state) == "n t h s l r ? q"
    for text in ("Solved at attempt 2, after 1 min.", "kata solution p900, or s", "1 of 3 katas solved"):
        assert text in shown(state)


def test_a_pass_of_another_kata_changes_the_count_alone() -> None:
    state, _ = after([on.Opened(replace(VIEW, kata=OTHER)), on.StandingRead(NEW)])

    after_record = after([on.Recorded(judged(1, Outcome.PASSED), Tally(1, 3, 1, True))], state)

    assert after_record == (state, [Do.READ_STANDING, Do.DRAW])


def test_what_is_not_saved_yet_is_said_until_it_is_saved() -> None:
    state, _ = after([saved(), judged(), on.Notice(on.NOT_SAVED, "The last attempt is not saved yet.")], opened())
    before = shown(state)
    state, effects = after([on.Recorded(judged())], state)

    assert "The last attempt is not saved yet." in before
    assert "not saved yet" not in shown(state)
    assert effects == [Do.DRAW]


def test_a_record_of_a_failed_attempt_draws_nothing() -> None:
    assert after([saved(), judged(), on.Recorded(judged())], opened())[1] == []


# --- keys ----------------------------------------------------------------------------------------------------------


def test_every_key_does_something_where_it_is_possible() -> None:
    checks = tuple(CheckResult(name, name, Status.FAILED) for name in "ab")
    verdict = on.Judged(1, submission(), Verdict(KATA.id, Outcome.FAILED, checks))
    state, _ = after([saved(), verdict], opened(SOLVED, has_editor=True))

    assert letters(state) == "n t h f s e l r ? q"
    assert all(after([Key(command.key)], state)[1] for command in COMMANDS)


def test_a_key_that_is_not_shown_does_nothing() -> None:
    state = opened()

    assert letters(state) == "h l r ? q"
    assert [after([Key(key)], state) for key in "ntfse"] == [(state, [])] * 5


def test_the_page_of_keys_names_all_of_them() -> None:
    text = shown(after([Key("?")], opened())[0])

    assert all(command.explained in text for command in COMMANDS)


def test_t_shows_the_task_once_there_is_a_verdict_in_its_place() -> None:
    state, _ = after([saved(), judged(), Key("t")], opened())

    assert "The task · Toy 900" in shown(state)
    assert "Write double(x)." in shown(state)


def test_f_opens_one_failed_check_after_the_other() -> None:
    checks = tuple(CheckResult(n, n, Status.FAILED, call=f"call of {n}") for n in ("one", "two"))
    passed = CheckResult("three", "three", Status.PASSED)
    verdict = on.Judged(1, submission(), Verdict(KATA.id, Outcome.FAILED, (passed, *checks)))
    state, _ = after([saved(), verdict], opened())

    screens = []
    for _ in range(3):
        screens.append(shown(state))
        state, _ = after([Key("f")], state)

    assert ["call of one" in screen for screen in screens] == [True, False, True]
    assert ["call of two" in screen for screen in screens] == [False, True, False]


@pytest.mark.parametrize(
    ("key", "effect"),
    [("q", Leave(0)), ("c-c", Leave(130)), ("SIGQUIT", Leave(131)), ("c-z", Do.SUSPEND), ("c-l", Do.DRAW)],
)
def test_keys_that_work_whatever_runs(key: str, effect: Effect) -> None:
    assert after([saved(), Key(key)], opened())[1] == [effect]


@pytest.mark.parametrize("key", ["c-c", "SIGHUP", "c-z"])
def test_leaving_works_on_the_list_on_a_page_and_in_a_question_too(key: str) -> None:
    listed = after([on.RowsRead(rows())], opened())[0]
    on_page = after([on.PageRead(PAGE)], opened())[0]
    asked = after([Key("x")], opened())[0]

    assert len({tuple(after([Key(key)], state)[1]) for state in (listed, on_page, asked, opened())}) == 1


def test_h_shows_the_last_hint_that_was_taken_and_from_there_the_next() -> None:
    state = opened()
    _, first = after([Key("h")], state)
    state, shows = after([on.StandingRead(replace(NEW, hints=1)), on.PageRead(PAGE)], state)
    _, on_page = after([Key("h")], state)
    closed, _ = after([Key("escape")], state)
    _, again = after([Key("h")], closed)
    _, on_another_page = after([Key("?"), Key("h")], closed)

    assert [effects[0] for effects in (first, on_page)] == [on.TakeHint(None)] * 2
    assert [effects[0] for effects in (again, on_another_page)] == [on.TakeHint(1)] * 2
    assert shows == [Do.DRAW]
    assert "What does twice mean?" in shown(state)
    assert letters(state) == "esc t h ? q"
    assert closed.page is None


def test_a_verdict_that_comes_behind_a_page_is_said_on_it() -> None:
    state, effects = after([saved(), on.PageRead(PAGE), judged()], opened())

    assert on.Record(judged()) in effects
    assert "What does twice mean?" in shown(state)
    assert "p900: failed" in shown(state)
    assert after([Key("escape")], state)[0].notices == {}


def test_a_verdict_that_comes_behind_the_list_is_not_said_beside_itself() -> None:
    state, _ = after([saved(), on.RowsRead(rows()), judged(), Key("escape")], opened())

    assert "NOT YET" in shown(state)
    assert state.notices == {}


def test_s_shows_the_reference_once_it_may_be_seen() -> None:
    assert after([Key("s")], opened(SOLVED))[1] == [Do.READ_SOLUTION]
    assert after([Key("s")], opened())[1] == []


def test_n_goes_on_once_the_kata_is_solved() -> None:
    passed, _ = after([saved(RIGHT), judged(1, Outcome.PASSED, RIGHT)], opened())

    assert after([Key("n")], passed)[1] == [on.Start()]
    assert after([Key("n")], opened(SOLVED))[1] == [on.Start()]


def test_x_asks_and_resets_after_yes_only() -> None:
    asked, _ = after([saved(), judged(), Key("x")], opened())
    no, on_no = after([Key("n")], asked)
    other, on_other = after([Key("h")], asked)
    yes, on_yes = after([Key("y")], asked)
    reset, _ = after([on.WasReset("p900 is back to its stub.", submission(STUB))], yes)

    assert "Start p900 again from the stub? Your code is kept." in shown(asked)
    assert keys_of(asked) == (("y", "yes"), ("n", "no"))
    assert (no.is_asking, on_no) == (False, [Do.DRAW])
    assert (other, on_other) == (asked, [])
    assert on_yes == [Do.CANCEL_RUNS, Do.RESET]
    assert "p900 is back to its stub." in shown(reset)
    assert "NOT YET" not in shown(reset)
    assert not any(isinstance(e, on.Judge) for e in after([saved(STUB)], reset)[1])


def test_a_verdict_that_comes_after_a_reset_is_dropped() -> None:
    state, _ = after([saved(), Key("x"), Key("y"), on.WasReset("back", submission(STUB))], opened())

    assert after([judged()], state) == (state, [])


def test_a_notice_goes_after_its_time_unless_it_says_something_else_by_then() -> None:
    state, effects = after([on.Notice("key", "first", 6.0)], opened())
    state, _ = after([on.Notice("key", "second", 6.0)], state)
    kept, _ = after([on.NoticeOver("key", "first")], state)
    gone, _ = after([on.NoticeOver("key", "second")], state)

    assert effects == [Do.DRAW, Later(6.0, on.NoticeOver("key", "first"))]
    assert dict(kept.notices) == {"key": "second"}
    assert dict(gone.notices) == {}


def test_what_does_not_fit_is_scrolled_within_its_bounds() -> None:
    lines = "\n".join(f"line {i}" for i in range(60))
    state, _ = after([on.PageRead(Page("Hint", f"```text\n{lines}\n```")), on.Drawn(24, 42)], opened())
    down, _ = after([Key("down")], state)
    end, _ = after([Key("end")], state)
    beyond, effects = after([Key("down")], end)

    assert (down.offset, end.offset, beyond.offset) == (1, 42, 42)
    assert after([Key("pagedown")], state)[0].offset == 16
    assert effects == []
    assert "line 59" in shown(end)


# --- the list ------------------------------------------------------------------------------------------------------


def rows() -> tuple[Row, ...]:
    return tuple(Row(a_kata(900 + i), "started" if i == 1 else "todo", "Toys") for i in range(30))


def test_the_list_opens_at_the_kata_at_hand() -> None:
    _, effects = after([Key("l")], opened())
    state, _ = after([on.RowsRead(rows()[::-1])], opened())

    assert effects == [Do.READ_ROWS]
    assert state.chooser is not None
    assert state.chooser.chosen is not None
    assert state.chooser.chosen.kata.id == KATA.id


def test_the_list_is_searched_filtered_and_a_kata_started_from_it() -> None:
    listed, _ = after([on.RowsRead(rows())], opened())
    filtered, _ = after([Key("f"), Key("f")], listed)
    typing, _ = after([Key("/"), *map(Key, "912q"), Key("backspace")], listed)
    found, _ = after([Key("c-m")], typing)
    cleared, _ = after([Key("escape")], typing)

    assert "1 of 30" in shown(filtered)
    assert "Search: 912█" in shown(typing)
    assert after([Key("c-m")], found)[1] == [on.Start(a_kata(912))]
    assert "30 of 30" in shown(cleared)


def test_the_cursor_of_the_list_stays_within_it() -> None:
    state, _ = after([on.RowsRead(rows())], opened())

    cursors = []
    for key in ("up", "j", "pagedown", "end", "down", "home"):
        state, _ = after([Key(key)], state)
        assert state.chooser is not None
        cursors.append(state.chooser.cursor)

    assert cursors == [0, 1, 17, 29, 29, 0]


def test_the_list_is_left_as_it_was_opened() -> None:
    state = opened()
    listed, _ = after([on.RowsRead(rows())], state)

    assert after([Key("escape")], listed) == (state, [Do.DRAW])
    assert after([Key("l")], listed) == (state, [Do.DRAW])
    assert after([Key("q")], listed)[1] == [Leave(0)]


# --- the terminal --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "effect"), [("e", Do.OPEN_EDITOR), ("c", Do.CHECK_ALL)])
def test_nothing_is_drawn_while_a_command_has_the_terminal_and_all_of_it_afterwards(key: str, effect: Do) -> None:
    state, effects = after([Key(key)], opened(has_editor=True))
    state, on_verdict = after([saved(), judged()], state)
    back, on_closing = after([on.CommandEnded("vi ended with exit code 1.")], state)

    assert effects == [effect]
    assert on_verdict == [on.Record(judged())]
    assert on_closing[:3] == [Do.TAKE_TERMINAL, Do.READ_STANDING, Do.DRAW]
    assert "vi ended with exit code 1." in shown(back)
    assert "NOT YET" in shown(back)


@pytest.mark.parametrize(
    ("name", "here", "in_editor"),
    [
        ("SIGINT", [Leave(130)], []),
        ("SIGTERM", [Leave(143)], [Leave(143)]),
        ("SIGHUP", [Leave(129)], [Leave(129)]),
        ("SIGUSR1", [Leave(128 + signal.SIGUSR1)], [Leave(128 + signal.SIGUSR1)]),
        ("SIGWINCH", [Do.DRAW], []),
        ("SIGCONT", [Do.TAKE_TERMINAL, Do.DRAW], []),
    ],
)
def test_signals_end_or_redraw_and_leave_the_editor_alone(
    name: str, here: list[Effect], in_editor: list[Effect]
) -> None:
    away, _ = after([Key("e")], opened(has_editor=True))

    assert after([Key(name)], opened())[1] == here
    assert after([Key(name)], away)[1] == in_editor


def test_a_check_that_failed_is_open_on_the_screen() -> None:
    check = CheckResult("a", "It doubles.", Status.FAILED, "wrong", "double(-3)", "6", "-6")
    verdict = on.Judged(1, submission(), Verdict(KATA.id, Outcome.FAILED, (check,)))

    text = shown(after([saved(), verdict], opened())[0])

    for wanted in ("0 of 1 check", "double(-3)", "got       6", "expected  -6"):
        assert wanted in text
