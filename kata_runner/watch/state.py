"""The loop of `kata watch` as a pure step: a state and an event in, the next state and its effects out.

There is no terminal, no clock and no file here. `app` carries out the effects and turns their results into events.
To add a key, add a row to `COMMANDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kata_runner.errors import ExitCode
from kata_runner.model import CheckResult, Kata, Outcome, Status, Submission
from kata_runner.practice import KataStanding
from kata_runner.screen import watch as screen
from kata_runner.screen.watch import Chooser, Frame, Page, Running, View
from kata_runner.watch import events as on
from kata_runner.watch.events import Do, Effect, Event, Later

PROGRESS_AFTER_S = 0.15  # a run that ends before this shows nothing but its verdict
PROGRESS_EVERY_S = 0.1
NOTICE_S = 3.0
LONG_NOTICE_S = 6.0
LOOK_AGAIN_S = 1.0  # how often files that could not be read are read again
SIGHUP, SIGTERM = 1, 15  # Windows has no name for the first

Effects = tuple[Effect, ...]


@dataclass(frozen=True)
class Question:
    """A question above the keys, and what is done after "yes"."""

    text: str
    effects: Effects


@dataclass(frozen=True)
class State:
    """Everything that a watch knows.

    view: the kata at hand and its last verdict, without what is added at each drawing (keys and notices).
    submission: the last one that was judged, or that needs no verdict. ticket: of the run whose verdict counts, 0 for
    none. known_ticket: of the code of the last recorded attempt. n_tickets: how many were handed out.
    is_unreadable: the files could not be read. is_away: the editor has the terminal.
    page, chooser: shown instead of the kata. offset: lines scrolled away. height, n_hidden: of the last frame.
    notices: name -> sentence above the keys.
    """

    view: View
    is_manual: bool = False
    has_editor: bool = False
    standing: KataStanding | None = None
    submission: Submission | None = None
    ticket: int = 0
    known_ticket: int = 0
    n_tickets: int = 0
    is_judging: bool = False
    is_unreadable: bool = False
    is_away: bool = False
    page: Page | None = None
    chooser: Chooser | None = None
    question: Question | None = None
    offset: int = 0
    height: int = 24
    n_hidden: int = 0
    notices: Mapping[str, str] = field(default_factory=dict)

    @property
    def kata(self) -> Kata:
        return self.view.kata

    @property
    def may_see_solution(self) -> bool:
        return self.standing is not None and self.standing.may_see_solution

    @property
    def may_go_on(self) -> bool:
        verdict = self.view.verdict
        return bool((verdict and verdict.passed) or (self.standing and self.standing.is_solved))


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
        case on.FilesUnreadable(message):
            state, effects = _with_trouble(replace(state, ticket=0, is_judging=False, is_unreadable=True), message)
            return state, (Do.CANCEL_RUNS, *effects)
        case on.Judged() if event.ticket == state.ticket:
            return _on_verdict(state, event)
        case on.Trouble() if event.ticket == state.ticket:
            return _with_trouble(replace(state, is_judging=False, offset=0), event.message)
        case on.RunSeen(ticket) if state.is_judging and ticket == state.ticket:
            return _on_run(state, event)
        case on.Recorded():
            return _on_recorded(state, event)
        case on.NotRecorded(n, message):
            attempts = "The last attempt is" if n == 1 else f"{n} attempts are"
            return _notice(state, "store", f"{attempts} not saved yet: {message}")
        case on.Drawn(height, n_hidden):
            return replace(state, height=height, n_hidden=n_hidden), ()
        case on.Tick():
            again = (on.ReadFiles("saved"),) if state.is_unreadable else ()
            return state, (*again, Later(LOOK_AGAIN_S, event))
        case on.Notice(name, text, for_s):
            return _notice(state, name, text, for_s)
        case on.NoticeOver(name, text):
            return _forget(state, name, text)
    return _on_answer(state, event)


def _on_answer(state: State, event: Event) -> Step:
    """Events that answer a key."""
    match event:
        case on.Opened():
            return _on_opened(state, event)
        case on.StandingRead(standing, page):
            return _drawn(replace(_with_standing(state, standing), page=page or state.page))
        case on.RowsRead(rows):
            current = next((i for i, row in enumerate(rows) if row.kata.id == state.kata.id), 0)
            return _drawn(replace(state, chooser=Chooser(rows, cursor=current)))
        case on.WasReset(message, submission):
            view = replace(state.view, verdict=None, running=None, trouble="", tally=None)
            state = replace(state, view=view, submission=submission, is_unreadable=False)  # a stub needs no verdict
            return _notice(state, "key", message, LONG_NOTICE_S)
        case on.EditorClosed(problem):
            state = replace(state, is_away=False)
            state, effects = _notice(state, "key", problem, LONG_NOTICE_S) if problem else _drawn(state)
            return state, (Do.TAKE_TERMINAL, *effects)
    return state, ()


# --- a kata and its files ------------------------------------------------------------------------------------------


def _on_opened(state: State, opened: on.Opened) -> Step:
    act = "Press r" if state.is_manual else f"Save {opened.file.name}"
    view = View(opened.kata, opened.file, opened.shown_path, waiting_for=f"{act} to have it judged.")
    fresh = State(view, state.is_manual, state.has_editor, n_tickets=state.n_tickets, height=state.height)
    watched = () if state.is_manual else (Do.WATCH_FILES,)
    return fresh, (Do.GET_READY, Do.READ_STANDING, *watched, on.ReadFiles("opened"))


def _with_standing(state: State, standing: KataStanding) -> State:
    reference = f"kata solution {state.kata.short}, or s" if standing.may_see_solution else ""
    n_solved, n_katas, spent_s = standing.n_solved, standing.n_katas, standing.spent_s
    view = replace(state.view, n_solved=n_solved, n_katas=n_katas, spent_s=spent_s, reference=reference)
    return replace(state, standing=standing, view=view)


def _on_files(state: State, read: on.FilesRead) -> Step:
    """Have the files judged, unless they are those that were judged last, or nothing was written yet."""
    submission, known = read.submission, state.submission
    if read.why == "opened" and (state.is_manual or dict(submission.files) == dict(state.kata.stub_files)):
        return replace(state, submission=submission), ()
    is_same = known is not None and known.digest == submission.digest
    if read.why == "saved" and is_same and not state.view.trouble:
        return _notice(state, "change", "Saved without a change.", NOTICE_S)
    ticket = state.n_tickets + 1
    last = state.standing.last if state.standing is not None else None
    is_known = read.why == "opened" and last is not None and last.digest == submission.digest
    state = replace(
        state,
        submission=submission,
        ticket=ticket,
        n_tickets=ticket,
        known_ticket=ticket if is_known else state.known_ticket,
        is_judging=True,
        is_unreadable=False,
        notices=_without(state.notices, "change"),
    )
    return state, (on.Judge(ticket, submission), on.LookAtRun(ticket, PROGRESS_AFTER_S))


def _with_trouble(state: State, message: str) -> Step:
    if message == state.view.trouble and not state.view.running:
        return state, ()
    return _drawn(replace(state, view=replace(state.view, trouble=message, running=None, verdict=None)))


# --- runs and records ----------------------------------------------------------------------------------------------


def _on_run(state: State, seen: on.RunSeen) -> Step:
    running = progress_of(seen.reports)
    again = on.LookAtRun(seen.ticket, PROGRESS_EVERY_S)
    if running == state.view.running:
        return state, (again,)
    state, effects = _drawn(replace(state, view=replace(state.view, running=running, trouble="")))
    return state, (*effects, again)


def progress_of(reports: Iterable[Mapping[str, Any]]) -> Running:
    """How far a run is by what it has reported."""
    checks: dict[str, CheckResult] = {}
    current = ""
    for report in reports:
        match report:
            case {"event": "plan", "checks": planned}:
                for c in planned:
                    checks[c["name"]] = CheckResult(
                        c["name"], c["requirement"], Status.NOT_RUN, part=c["part"], is_edge=c["is_edge"]
                    )
            case {"event": "start", "name": name}:
                current = name
            case {"event": "check", "name": name, "status": status} if name in checks:
                checks[name] = replace(checks[name], status=Status(status))
                current = ""
    return Running(tuple(checks.values()), current)


def _on_verdict(state: State, judged: on.Judged) -> Step:
    """Draw the verdict first; the rest can wait."""
    verdict = judged.verdict
    notices = state.notices
    if state.page is not None or state.chooser is not None:
        notices = {**notices, "verdict": f"{state.kata.short}: {verdict.outcome.value}"}
    view = replace(state.view, verdict=verdict, running=None, trouble="", tally=None)
    state, effects = _drawn(replace(state, view=view, notices=notices, is_judging=False, offset=0))
    if not state.is_away:
        effects = (*effects, on.Trace(judged.submission.digest, verdict.outcome))
    if verdict.outcome not in (Outcome.FAULT, Outcome.MISSING) and not _is_known(state, judged):
        effects = (*effects, on.Record(judged))
    return state, effects


def _is_known(state: State, judged: on.Judged) -> bool:
    """Whether the last attempt was the same code with the same outcome; it may pass now that a kata it uses does."""
    last = state.standing.last if state.standing is not None else None
    return judged.ticket == state.known_ticket and last is not None and last.outcome is judged.verdict.outcome


def _on_recorded(state: State, recorded: on.Recorded) -> Step:
    judged = recorded.judged
    before = state
    state = replace(state, notices=_without(state.notices, "store"))
    if recorded.problem:
        state = replace(state, notices={**state.notices, "problem": recorded.problem})
    is_here = judged.submission.kata_id == state.kata.id
    if is_here and judged.ticket == state.ticket and recorded.tally is not None:
        state = replace(state, view=replace(state.view, tally=recorded.tally))
    if is_here and judged.verdict.passed:
        return state, (Do.READ_STANDING,)
    return (state, ()) if state == before else _drawn(state)


# --- notices and drawing -------------------------------------------------------------------------------------------


def _drawn(state: State) -> Step:
    return state, () if state.is_away else (Do.DRAW,)


def _notice(state: State, name: str, text: str, for_s: float = 0.0) -> Step:
    """Say something above the keys: one sentence for each name, `for_s` seconds long, or until it is forgotten."""
    if state.notices.get(name) == text and not for_s:
        return state, ()
    state, effects = _drawn(replace(state, notices={**state.notices, name: text}))
    return state, (*effects, Later(for_s, on.NoticeOver(name, text))) if for_s else effects


def _forget(state: State, name: str, text: str) -> Step:
    if state.notices.get(name) != text:
        return state, ()
    return _drawn(replace(state, notices=_without(state.notices, name)))


def _without(notices: Mapping[str, str], name: str) -> Mapping[str, str]:
    return {key: text for key, text in notices.items() if key != name}


def frame(state: State, width: int, height: int) -> Frame:
    """What the screen shows of the state."""
    if state.chooser is not None:
        return screen.list_frame(state.chooser, height, width)
    keys = keys_of(state)
    if state.page is not None:
        return screen.page_frame(state.page, keys, height, state.offset)
    question = (state.question.text,) if state.question else ()
    view = replace(state.view, keys=keys, notices=(*state.notices.values(), *question))
    return screen.kata_frame(view, height, state.offset)


# --- keys ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """A key that is shown, and what it does.

    word: its name on the screen, "" where the key does nothing now. is_on_pages: also on a hint or the reference.
    """

    key: str
    word: Callable[[State], str]
    act: Callable[[State], Step]
    is_on_pages: bool = False


def keys_of(state: State) -> tuple[tuple[str, str], ...]:
    """Letter and word of each key that does something now."""
    if state.question is not None:
        return (("y", "yes"), ("n", "no"))
    back = (("esc", "back"),) if state.page is not None else ()
    return (*back, *((c.key, c.word(state)) for c in _commands(state)))


def _commands(state: State) -> list[Command]:
    return [c for c in COMMANDS if (c.is_on_pages or state.page is None) and c.word(state)]


def _on_key(state: State, key: str) -> Step:
    if key in _ENDS:
        return state, _ENDS[key]
    if state.is_away:  # SIGINT is the editor's key
        return state, ()
    if key in _ALWAYS:
        return state, _ALWAYS[key]
    if state.question is not None:
        return _on_reply(state, state.question, key)
    if state.chooser is not None:
        return _on_list_key(state, state.chooser, key)
    if key in _SCROLL:
        return _scrolled(state, _SCROLL[key])
    if state.page is not None and key in ("escape", "c-m", "backspace", "c-h"):
        return _drawn(replace(state, page=None, offset=0, notices=_without(state.notices, "verdict")))
    for command in _commands(state):
        if command.key == key:
            return command.act(replace(state, offset=0))
    return state, ()


_ENDS: dict[str, Effects] = {"SIGTERM": (on.Leave(128 + SIGTERM),), "SIGHUP": (on.Leave(128 + SIGHUP),)}
_ALWAYS: dict[str, Effects] = {
    "c-c": (on.Leave(int(ExitCode.INTERRUPTED)),),
    "SIGINT": (on.Leave(int(ExitCode.INTERRUPTED)),),
    "c-z": (Do.SUSPEND,),
    "c-l": (Do.DRAW,),
    "SIGWINCH": (Do.DRAW,),
    "SIGCONT": (Do.TAKE_TERMINAL, Do.DRAW),
}
# Lines, and halves of a page.
_SCROLL = {"up": -1, "down": 1, "k": -1, "j": 1, "pageup": -2, "pagedown": 2, " ": 2, "home": -1000, "end": 1000}


def _scrolled(state: State, by: int) -> Step:
    page = max(1, state.height - 8)
    offset = max(0, min(state.n_hidden, state.offset + (by if abs(by) == 1 else by * page // 2)))
    return (state, ()) if offset == state.offset else _drawn(replace(state, offset=offset))


def _on_reply(state: State, question: Question, key: str) -> Step:
    if key not in ("y", "n", "escape", "q"):
        return state, ()
    state, effects = _drawn(replace(state, question=None))
    if key != "y":
        return state, effects
    return replace(state, ticket=0, is_judging=False), (*question.effects, *effects)


def _do(*effects: Effect) -> Callable[[State], Step]:
    """The act of a command that has the same effects in every state."""
    return lambda state: (state, effects)


def _hint(state: State) -> Step:
    """On the kata the last hint that was taken shows first; from there, each press goes one further."""
    taken = state.standing.hints if state.standing is not None else 0
    level = None if state.page is not None or not taken else taken
    return state, (on.TakeHint(level),)


def _ask_reset(state: State) -> Step:
    text = f"Start {state.kata.short} again from the stub? Your code is kept."
    return _drawn(replace(state, question=Question(text, (Do.CANCEL_RUNS, Do.RESET))))


def _edit(state: State) -> Step:
    """Saves are judged meanwhile, and shown when the editor is closed."""
    return replace(state, is_away=True), (Do.OPEN_EDITOR,)


COMMANDS = (
    Command("n", lambda state: "next" if state.may_go_on else "", _do(Do.START_NEXT)),
    Command("h", lambda state: "next hint" if state.page and state.standing else "hint", _hint, is_on_pages=True),
    Command("l", lambda _: "list", _do(Do.READ_ROWS)),
    Command("s", lambda state: "solution" if state.may_see_solution else "", _do(Do.READ_SOLUTION), is_on_pages=True),
    Command("r", lambda state: "judge" if state.is_manual else "run again", _do(Do.GET_READY, on.ReadFiles("asked"))),
    Command("x", lambda _: "reset", _ask_reset),
    Command("e", lambda state: "editor" if state.has_editor else "", _edit),
    Command("q", lambda _: "quit", _do(on.Leave()), is_on_pages=True),
)


# --- the list ------------------------------------------------------------------------------------------------------


def _on_list_key(state: State, chooser: Chooser, key: str) -> Step:
    if chooser.is_typing:
        return _drawn(replace(state, chooser=_typed(chooser, key)))
    if key == "q":
        return state, (on.Leave(),)
    if key == "c-m" and chooser.chosen is not None:
        return state, (on.StartKata(chooser.chosen.kata),)
    if key in ("escape", "l"):
        return _drawn(replace(state, chooser=None))
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
