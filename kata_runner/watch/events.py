"""What happens in a watch (events), and what is to be done about it (effects)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any, Literal

from kata_runner.model import Kata, Outcome, Row, Submission, Tally, Verdict
from kata_runner.practice import KataStanding
from kata_runner.screen.watch import Page

Why = Literal["opened", "saved", "asked"]  # the reason for which files are read


class Event:
    """Something that has happened."""


@dataclass(frozen=True)
class Opened(Event):
    """From now on this kata is shown; its files are laid out."""

    kata: Kata
    file: Path
    shown_path: str


@dataclass(frozen=True)
class StandingRead(Event):
    """Where the learner is now; page: a hint or the reference that is to be shown."""

    standing: KataStanding
    page: Page | None = None


@dataclass(frozen=True)
class FilesChanged(Event):
    """Files of the answer may have changed."""


@dataclass(frozen=True)
class FilesRead(Event):
    submission: Submission
    why: Why


@dataclass(frozen=True)
class FilesUnreadable(Event):
    message: str


@dataclass(frozen=True)
class RunSeen(Event):
    """Everything that the run with this ticket has reported so far."""

    ticket: int
    reports: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Judged(Event):
    """A verdict, the code it is about, and the katas whose reference was borrowed for it."""

    ticket: int
    submission: Submission
    verdict: Verdict
    borrowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trouble(Event):
    """Why the submission with this ticket could not be judged."""

    ticket: int
    message: str


@dataclass(frozen=True)
class Recorded(Event):
    """tally: how far the learner is when the kata was solved; problem: what is wrong with the database."""

    judged: Judged
    tally: Tally | None = None
    problem: str = ""


@dataclass(frozen=True)
class NotRecorded(Event):
    """Why the oldest of `n_waiting` verdicts could not be recorded; the recorder tries again."""

    n_waiting: int
    message: str


@dataclass(frozen=True)
class Key(Event):
    """A key or a signal by its name: "h", "up", "escape", "c-c", "SIGWINCH"."""

    name: str


@dataclass(frozen=True)
class RowsRead(Event):
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class WasReset(Event):
    """The stub is laid out again; message: how to bring the old code back."""

    message: str
    submission: Submission


@dataclass(frozen=True)
class EditorClosed(Event):
    problem: str = ""


@dataclass(frozen=True)
class Notice(Event):
    """Something to say above the keys: one sentence for each name, for_s seconds long, 0 for as long as it is true."""

    name: str
    text: str
    for_s: float = 0.0


@dataclass(frozen=True)
class NoticeOver(Event):
    name: str
    text: str


@dataclass(frozen=True)
class Drawn(Event):
    """A frame of `height` lines is on the screen; `n_hidden` lines did not fit."""

    height: int
    n_hidden: int


@dataclass(frozen=True)
class Crashed(Event):
    """A thread has ended that should not have."""

    error: BaseException


@dataclass(frozen=True)
class Tick(Event):
    """LOOK_AGAIN_S have passed."""


class Do(Enum):
    """Effects on the kata at hand that need no further data."""

    GET_READY = auto()  # prepare the judge thread; look up again what the kata builds on
    WATCH_FILES = auto()  # report changes of this kata's files: FilesChanged
    CANCEL_RUNS = auto()
    DRAW = auto()  # then Drawn
    READ_STANDING = auto()  # then StandingRead
    READ_SOLUTION = auto()  # then StandingRead with a page
    READ_ROWS = auto()  # the list of all katas: RowsRead
    START_NEXT = auto()  # the kata that follows: Opened, or a Notice that there is none
    RESET = auto()  # keep the code and lay the stub out again: WasReset
    OPEN_EDITOR = auto()  # it has the terminal until EditorClosed
    TAKE_TERMINAL = auto()  # back from the editor or the shell
    SUSPEND = auto()  # stop, as Ctrl-Z does; then SIGCONT


@dataclass(frozen=True)
class StartKata:
    """Lay the kata out and make it the current one: Opened."""

    kata: Kata


@dataclass(frozen=True)
class ReadFiles:
    """Read the answer: FilesRead, or FilesUnreadable."""

    why: Why


@dataclass(frozen=True)
class Judge:
    """Judge this submission instead of any other: Judged or Trouble."""

    ticket: int
    submission: Submission


@dataclass(frozen=True)
class LookAtRun:
    """See how far the run with this ticket is then: RunSeen."""

    ticket: int
    after_s: float


@dataclass(frozen=True)
class Trace:
    """Note in the trace file that this verdict has just been drawn."""

    digest: str
    outcome: Outcome


@dataclass(frozen=True)
class Record:
    """Record a verdict, however long that takes: Recorded, NotRecorded."""

    judged: Judged


@dataclass(frozen=True)
class TakeHint:
    """The hint of that level, None for the one after the highest taken: StandingRead with a page."""

    level: int | None


@dataclass(frozen=True)
class Later:
    after_s: float
    event: Event


@dataclass(frozen=True)
class Leave:
    exit_code: int = 0


Effect = Do | StartKata | ReadFiles | Judge | LookAtRun | Trace | Record | TakeHint | Later | Leave
