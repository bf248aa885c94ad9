"""The loop of `kata watch` as a pure step: a state and an event in, the next state and its effects out.

There is no terminal, no clock and no file here. `app` carries out the effects and turns their results into events.
To add a key, add a row to `COMMANDS`.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from kata_runner.errors import ExitCode
from kata_runner.learner.workspace import file_of_tests
from kata_runner.model import CheckResult, Kata, Status, Submission, Verdict
from kata_runner.screen import watch as screen
from kata_runner.screen.verdict import worth_opening
from kata_runner.screen.watch import Chooser, Frame, Page, Running, View
from kata_runner.watch import events as on
from kata_runner.watch.events import NOT_SAVED, Do, Effect, Event, Later

NOTICE_S = 3.0
LONG_NOTICE_S = 6.0

Effects = tuple[Effect, ...]


class State(msgspec.Struct, frozen=True):
    """Everything that a watch knows.

    view: the kata at hand and its last verdict. submission: the last one that was judged, or that needs no verdict.
    n_runs: how many were begun, which is the ticket of the newest; only its verdict counts, and only while is_judging.
    n_test_runs: the same of the learner's own tests. is_known: its code is that of the last recorded attempt.
    is_away: a command has the terminal.
    page, chooser: shown instead of the kata. is_asking: whether to reset. offset: lines scrolled away.
    height, n_hidden: of the last frame. notices: name -> sentence above the keys.
    """

    view: View
    has_editor: bool = False
    submission: Submission | None = None
    n_runs: int = 0
    n_test_runs: int = 0
    is_judging: bool = False
    is_known: bool = False
    is_away: bool = False
    page: Page | None = None
    chooser: Chooser | None = None
    is_asking: bool = False
    offset: int = 0
    height: int = 24
    n_hidden: int = 0
    notices: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def kata(self) -> Kata:
        return self.view.kata

    @property
    def failed(self) -> list[CheckResult]:
        """The checks of the verdict on the screen that are worth opening."""
        verdict = self.view.verdict
        return worth_opening(verdict, verbose=True) if verdict and not self.view.running else []

    def awaits(self, ticket: int) -> bool:
        """Whether the run with this ticket is the one whose verdict counts."""
        return self.is_judging and ticket == self.n_runs


Step = tuple[State, Effects]


def step(state: State, event: Event) -> Step:
    """The state after the event, and what is to be done, in this order."""
    match event:
        case on.Key(name):
            return _on_key(state, name)
        case on.FilesChanged():
            return state, (on.ReadFiles("saved"),)
        case on.FilesRead():
            return _on_files(state, event)
        case on.Judged() if state.awaits(event.ticket):
            return _on_verdict(state, event)
        case on.Trouble(message, ticket) if ticket is None or state.awaits(ticket):
            return _with_trouble(state, message)
        case on.RunSeen(ticket, reports, for_s) if state.awaits(ticket):
            return _shown_running(state, progress_of(reports, for_s))
        case on.OwnTestsJudged(ticket) if ticket == state.n_test_runs:
            return _on_tests(state, event)
        case on.Recorded():
            return _on_recorded(state, event)
        case on.Drawn(height, n_hidden):
            return replace(state, height=height, n_hidden=n_hidden), ()
        case on.Notice(name, text, for_s):
            return _notice(state, name, text, for_s)
        case on.NoticeOver(name, text) if state.notices.get(name) == text:
            return _forget(state, name)
    return _on_answer(state, event)


def _on_answer(state: State, event: Event) -> Step:
    """Events that answer a key."""
    match event:
        case on.Opened(view):
            n_runs, n_test_runs = state.n_runs, state.n_test_runs + 1
            state = State(view, state.has_editor, n_runs=n_runs, n_test_runs=n_test_runs, height=state.height)
            return state, (Do.GET_READY, Do.READ_STANDING, on.ReadFiles("opened"), Do.DRAW)
        case on.StandingRead(standing):
            return replace(state, view=replace(state.view, standing=standing)), ()
        case on.PageRead(page):
            return _with_page(state, page)
        case on.RowsRead(rows):
            current = next((i for i, row in enumerate(rows) if row.kata.id == state.kata.id), 0)
            return _drawn(replace(state, chooser=Chooser(rows, cursor=current)))
        case on.WasReset(message, submission):
            view = replace(state.view, verdict=None, running=None, trouble="", tally=None)
            return _notice(replace(state, view=view, submission=submission), "key", message, LONG_NOTICE_S)
        case on.CommandEnded(problem):
            state = replace(state, is_away=False)
            state, effects = _notice(state, "key", problem, LONG_NOTICE_S) if problem else _drawn(state)
            return state, (Do.TAKE_TERMINAL, Do.READ_STANDING, *effects)
    return state, ()


# --- files and runs ------------------------------------------------------------------------------------------------


def _on_files(state: State, read: on.FilesRead) -> Step:
    """Have the files judged, unless they are those that were judged last, or nothing was written yet."""
    submission, view = read.submission, state.view
    is_first = read.why == "opened"
    last = view.standing.last if view.standing is not None else None
    if is_first and (view.is_manual or dict(submission.files) == dict(state.kata.stub_files)):
        return replace(state, submission=submission), ()
    is_same = state.submission is not None and state.submission.digest == submission.digest
    if read.why == "saved" and is_same and not view.trouble:
        return _notice(state, "change", "Saved without a change.", NOTICE_S)
    if read.why == "saved" and _only_tests_changed(state, submission):
        state = replace(state, submission=submission, n_test_runs=state.n_test_runs + 1)
        state, effects = _notice(state, "tests", "Your tests are run …")
        return state, (*effects, on.RunTests(state.n_test_runs))
    state = replace(
        state,
        view=replace(view, running=Running()) if is_first else view,
        submission=submission,
        n_runs=state.n_runs + 1,
        is_judging=True,
        is_known=is_first and last is not None and last.digest == submission.digest,
        notices=_without(state.notices, "change"),
    )
    return state, (on.Judge(state.n_runs, submission),)


def _only_tests_changed(state: State, submission: Submission) -> bool:
    """Whether the learner's own tests are what was saved."""
    name, before = file_of_tests(state.kata), state.submission
    if before is None or submission.files.get(name) in (None, before.files.get(name)):
        return False
    return {**submission.files, name: b""} == {**before.files, name: b""}


def _on_tests(state: State, judged: on.OwnTestsJudged) -> Step:
    state = replace(state, view=replace(state.view, tests=judged.run), notices=_without(state.notices, "tests"))
    return _notice(state, "key", judged.problem, LONG_NOTICE_S) if judged.problem else _drawn(state)


def _with_trouble(state: State, message: str) -> Step:
    """Nothing can be judged now, and the run at hand does not count."""
    view = replace(state.view, trouble=message, running=None, verdict=None)
    state, effects = _drawn(replace(state, view=view, is_judging=False, offset=0))
    return state, (Do.CANCEL_RUNS, *effects)


def _shown_running(state: State, running: Running) -> Step:
    if running == state.view.running:
        return state, ()
    return _drawn(replace(state, view=replace(state.view, running=running, trouble="")))


def progress_of(reports: Sequence[Mapping[str, Any]], for_s: float = 0.0) -> Running:
    """How far a run is by what it has reported; for_s: since the last report."""
    planned = next((report["checks"] for report in reports if report["event"] == "plan"), ())
    done = {report["name"]: Status(report["status"]) for report in reports if report["event"] == "check"}
    started = [report["name"] for report in reports if report["event"] == "start"]
    checks = (CheckResult(c["name"], c["requirement"], done.get(c["name"], Status.NOT_RUN)) for c in planned)
    current = started[-1] if started and started[-1] not in done else ""
    return Running(tuple(checks), current, int(for_s))


def _on_verdict(state: State, judged: on.Judged) -> Step:
    """Draw the verdict first; the rest can wait."""
    verdict = judged.verdict
    notices = state.notices
    if state.page is not None or state.chooser is not None:
        notices = {**notices, "verdict": f"{state.kata.short}: {verdict.outcome.value}"}
    view = replace(state.view, verdict=verdict, picked=0, running=None, trouble="", tally=None)
    state, effects = _drawn(replace(state, view=view, notices=notices, is_judging=False, offset=0))
    return state, effects if _is_known(state, verdict) else (*effects, on.Record(judged))


def _is_known(state: State, verdict: Verdict) -> bool:
    """Whether the last attempt was the same code with the same outcome; it may pass now that a kata it uses does."""
    last = state.view.standing.last if state.view.standing is not None else None
    return state.is_known and last is not None and last.outcome is verdict.outcome


def _on_recorded(state: State, recorded: on.Recorded) -> Step:
    verdict = recorded.judged.verdict
    if verdict == state.view.verdict:
        state = replace(state, view=replace(state.view, tally=recorded.tally))
    state, effects = _forget(state, NOT_SAVED)
    return (state, (Do.READ_STANDING, *_drawn(state)[1])) if verdict.passed else (state, effects)


# --- notices and drawing -------------------------------------------------------------------------------------------


def _drawn(state: State) -> Step:
    return state, () if state.is_away else (Do.DRAW,)


def _with_page(state: State, page: Page | None) -> Step:
    return _drawn(replace(state, page=page, offset=0, notices=_without(state.notices, "verdict")))


def _notice(state: State, name: str, text: str, for_s: float = 0.0) -> Step:
    """Say something above the keys: one sentence for each name, `for_s` seconds long, or until it is forgotten."""
    if state.notices.get(name) == text and not for_s:
        return state, ()
    state, effects = _drawn(replace(state, notices={**state.notices, name: text}))
    return state, (*effects, Later(for_s, on.NoticeOver(name, text))) if for_s else effects


def _forget(state: State, name: str) -> Step:
    return _drawn(replace(state, notices=_without(state.notices, name))) if name in state.notices else (state, ())


def _without(notices: Mapping[str, str], name: str) -> Mapping[str, str]:
    return {key: text for key, text in notices.items() if key != name}


def frame(state: State, width: int, height: int) -> Frame:
    """What the screen shows of the state."""
    if state.chooser is not None:
        return screen.list_frame(state.chooser, height, width)
    notices = [*state.notices.values()]
    if state.is_asking:
        notices.append(f"Start {state.kata.short} again from the stub? Your code is kept.")
    if state.page is not None:
        return screen.page_frame(state.page, notices, keys_of(state), height, state.offset)
    return screen.kata_frame(state.view, notices, keys_of(state), height, state.offset)


# --- keys ----------------------------------------------------------------------------------------------------------


class Command(msgspec.Struct, frozen=True):
    """A key, and what it does.

    word: its name on the screen, "" where only the page of keys shows it. explained: what that page says.
    is_possible: whether it does something now. is_on_pages: also on the task, a hint or the reference.
    """

    key: str
    word: str
    explained: str
    act: Callable[[State], Step]
    is_possible: Callable[[State], bool] = lambda _: True
    is_on_pages: bool = False


def keys_of(state: State) -> tuple[tuple[str, str], ...]:
    """Letter and word of the keys to show: each does something now."""
    if state.is_asking:
        return (("y", "yes"), ("n", "no"))
    back = (("esc", "back"),) if state.page is not None else ()
    return (*back, *((c.key, c.word) for c in _commands(state) if c.word))


def _commands(state: State) -> list[Command]:
    return [c for c in COMMANDS if (c.is_on_pages or state.page is None) and c.is_possible(state)]


def _on_key(state: State, key: str) -> Step:
    if key in _ENDS:
        return state, (on.Leave(128 + _ENDS[key]),)
    if state.is_away:  # SIGINT is a key of the command that has the terminal
        return state, ()
    if key in _ALWAYS:
        return state, _ALWAYS[key]
    if state.is_asking:
        return _on_reply(state, key)
    if state.chooser is not None:
        return _on_list_key(state, state.chooser, key)
    if key in _SCROLL:
        return _scrolled(state, _SCROLL[key])
    if state.page is not None and key in ("escape", "c-m", "backspace", "c-h"):
        return _with_page(state, None)
    for command in _commands(state):
        if command.key == key:
            return command.act(replace(state, offset=0))
    return state, ()


# Signals that would end the process and leave the terminal as it is; each system has some of them.
_ENDING = "HUP QUIT TRAP USR1 USR2 ALRM TERM XCPU VTALRM PROF IO PWR SYS"
_ENDS = {f"SIG{name}": int(getattr(signal, f"SIG{name}", 0)) for name in _ENDING.split()}
_ALWAYS: dict[str, Effects] = {
    "c-c": (on.Leave(int(ExitCode.INTERRUPTED)),),
    "SIGINT": (on.Leave(int(ExitCode.INTERRUPTED)),),
    "c-z": (Do.SUSPEND,),
    "c-l": (Do.DRAW,),
    "SIGWINCH": (Do.DRAW,),
    "SIGCONT": (Do.TAKE_TERMINAL, Do.DRAW),
}
SIGNALS = (*_ENDS, "SIGINT", "SIGWINCH", "SIGCONT")  # that are handled as keys
# Lines, and halves of a page.
_SCROLL = {"up": -1, "down": 1, "k": -1, "j": 1, "pageup": -2, "pagedown": 2, " ": 2, "home": -1000, "end": 1000}


def _scrolled(state: State, by: int) -> Step:
    page = max(1, state.height - 8)
    offset = max(0, min(state.n_hidden, state.offset + (by if abs(by) == 1 else by * page // 2)))
    return (state, ()) if offset == state.offset else _drawn(replace(state, offset=offset))


def _on_reply(state: State, key: str) -> Step:
    if key not in ("y", "n", "escape", "q"):
        return state, ()
    state = replace(state, is_asking=False)
    if key != "y":
        return _drawn(state)
    view = replace(state.view, running=None)
    return replace(state, view=view, is_judging=False), (Do.CANCEL_RUNS, Do.RESET)


def _do(*effects: Effect) -> Callable[[State], Step]:
    """The act of a command that has the same effects in every state."""
    return lambda state: (state, effects)


def _hand_over(effect: Effect) -> Callable[[State], Step]:
    """The act of a command that has the terminal for a while; saves are judged meanwhile, and shown afterwards."""
    return lambda state: (replace(state, is_away=True), (effect,))


def _may_go_on(state: State) -> bool:
    verdict, standing = state.view.verdict, state.view.standing
    return bool((verdict and verdict.passed) or (standing and standing.is_solved))


def _may_see_solution(state: State) -> bool:
    return state.view.standing is not None and state.view.standing.may_see_solution


def _may_show_task(state: State) -> bool:
    return state.page is not None or not state.view.shows_task


def _has_more_failed(state: State) -> bool:
    return len(state.failed) > 1


def _has_editor(state: State) -> bool:
    return state.has_editor


def _hint(state: State) -> Step:
    """On the kata the last hint that was taken shows first; from there, each press goes one further."""
    taken = state.view.standing.hints if state.view.standing is not None else 0
    is_next = not taken or (state.page is not None and state.page.is_hint)
    return state, (on.TakeHint(None if is_next else taken), Do.READ_STANDING)


def _task(state: State) -> Step:
    return _with_page(state, Page(f"The task · {state.kata.title}", state.view.task))


def _next_failed(state: State) -> Step:
    picked = (state.view.picked + 1) % len(state.failed)
    return _drawn(replace(state, view=replace(state.view, picked=picked)))


def _ask_reset(state: State) -> Step:
    return _drawn(replace(state, is_asking=True))


def _keys(state: State) -> Step:
    return _with_page(state, Page("The keys", keys=(*((c.key, c.explained) for c in COMMANDS), *MORE_KEYS)))


COMMANDS = (
    Command("n", "next", "the next kata, once this one is solved", _do(on.Start()), _may_go_on),
    Command("t", "task", "the task", _task, _may_show_task, is_on_pages=True),
    Command("h", "hint", "a hint; on a hint, the next one", _hint, is_on_pages=True),
    Command("f", "failed", "the next check that failed, in full", _next_failed, _has_more_failed),
    Command("s", "solution", "the reference, once solved", _do(Do.READ_SOLUTION), _may_see_solution, is_on_pages=True),
    Command("e", "editor", "your file in an editor", _hand_over(Do.OPEN_EDITOR), _has_editor),
    Command("l", "list", "the list of all katas; enter starts one", _do(Do.READ_ROWS)),
    Command("r", "run", "run the checks again", _do(Do.GET_READY, on.ReadFiles("asked"))),
    Command("c", "", "check all started katas", _hand_over(Do.CHECK_ALL)),
    Command("x", "", "start again from the stub; your code is kept", _ask_reset),
    Command("?", "keys", "this page", _keys, is_on_pages=True),
    Command("q", "quit", "leave; so does ctrl-c", _do(on.Leave()), is_on_pages=True),
)
MORE_KEYS = (
    ("↑ ↓", "scroll by a line; so do k and j"),
    ("space", "scroll by a page; so do page down and page up"),
    ("ctrl-z", "back to the shell until fg"),
)


# --- the list ------------------------------------------------------------------------------------------------------


def _on_list_key(state: State, chooser: Chooser, key: str) -> Step:
    if chooser.is_typing:
        return _drawn(replace(state, chooser=_typed(chooser, key)))
    if key == "q":
        return state, (on.Leave(),)
    if key == "c-m" and chooser.chosen is not None:
        return state, (on.Start(chooser.chosen.kata),)
    if key in ("escape", "l"):
        return _with_page(replace(state, chooser=None), None)
    return _drawn(replace(state, chooser=_moved(chooser, key, max(1, state.height - 8))))


def _typed(chooser: Chooser, key: str) -> Chooser:
    """The list after a key while a search is typed."""
    if key == "escape":
        return replace(chooser, wanted="", is_typing=False, cursor=0)
    if key == "c-m":
        return replace(chooser, is_typing=False)
    if key in ("backspace", "c-h"):
        return replace(chooser, wanted=chooser.wanted[:-1], cursor=0)
    if len(key) == 1 and key.isprintable():
        return replace(chooser, wanted=chooser.wanted + key, cursor=0)
    return chooser


def _moved(chooser: Chooser, key: str, page: int) -> Chooser:
    """The list after any other key."""
    if key == "/":
        return replace(chooser, is_typing=True)
    if key == "f":
        names = screen.FILTERS
        return replace(chooser, status=names[(names.index(chooser.status) + 1) % len(names)], cursor=0)
    steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -page, "pagedown": page, "home": -(10**6), "end": 10**6}
    last = max(0, len(chooser.fitting) - 1)
    return replace(chooser, cursor=max(0, min(last, min(chooser.cursor, last) + steps.get(key, 0))))
