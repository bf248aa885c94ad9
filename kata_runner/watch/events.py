"""What happens in a watch (events), and what is to be done about it (effects)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Any, Literal

from msgspec import Struct

from kata_runner.model import Kata, Row, Submission, Tally, Verdict
from kata_runner.practice import KataStanding, OwnTestsRun
from kata_runner.screen.watch import Page, View

NOT_SAVED = "not saved"  # the notice of verdicts that are not recorded yet
Why = Literal["opened", "saved", "asked"]  # the reason for which files are read


class Event(Struct, frozen=True):
    """Something that has happened."""


class Key(Event, frozen=True):
    """A key or a signal by its name: "h", "up", "escape", "c-c", "SIGWINCH"."""

    name: str


class Opened(Event, frozen=True):
    """From now on this kata is shown; its files are laid out, and watched where saves count."""

    view: View


class FilesChanged(Event, frozen=True):
    """Files of the answer may have changed."""


class FilesRead(Event, frozen=True):
    submission: Submission
    why: Why


class RunSeen(Event, frozen=True):
    """What the run with this ticket has reported so far, and how many seconds ago the last report came."""

    ticket: int
    reports: Sequence[Mapping[str, Any]]
    for_s: float = 0.0


class Judged(Event, frozen=True):
    """A verdict, the code it is about, and the katas whose reference was borrowed for it."""

    ticket: int
    submission: Submission
    verdict: Verdict
    borrowed: tuple[str, ...] = ()


class OwnTestsJudged(Event, frozen=True):
    """What the learner's own tests are worth, with the ticket of their run; problem: why they could not be judged."""

    ticket: int
    run: OwnTestsRun | None = None
    problem: str = ""


class Trouble(Event, frozen=True):
    """Why the submission with this ticket could not be judged, or the files not be read."""

    message: str
    ticket: int | None = None


class Recorded(Event, frozen=True):
    """tally: how far the learner is when the kata was solved."""

    judged: Judged
    tally: Tally | None = None


class StandingRead(Event, frozen=True):
    standing: KataStanding


class PageRead(Event, frozen=True):
    """A hint, or the reference, to show."""

    page: Page


class RowsRead(Event, frozen=True):
    rows: tuple[Row, ...]


class WasReset(Event, frozen=True):
    """The stub is laid out again; message: how to bring the old code back."""

    message: str
    submission: Submission


class CommandEnded(Event, frozen=True):
    """The command that had the terminal has ended."""

    problem: str = ""


class Notice(Event, frozen=True):
    """Something to say above the keys: one sentence for each name, for_s seconds long, 0 for as long as it is true."""

    name: str
    text: str
    for_s: float = 0.0


class NoticeOver(Event, frozen=True):
    name: str
    text: str


class Drawn(Event, frozen=True):
    """A frame of `height` lines is on the screen; `n_hidden` lines did not fit."""

    height: int
    n_hidden: int


class Crashed(Event, frozen=True):
    """A thread has ended that should not have."""

    error: BaseException


class Do(Enum):
    """Effects on the kata at hand that need no further data."""

    GET_READY = auto()  # prepare the judge thread; look up again what the kata builds on
    CANCEL_RUNS = auto()
    DRAW = auto()  # then Drawn
    READ_STANDING = auto()  # then StandingRead
    READ_SOLUTION = auto()  # then PageRead
    READ_ROWS = auto()  # the list of all katas: RowsRead
    RESET = auto()  # keep the code and lay the stub out again: WasReset
    OPEN_EDITOR = auto()  # it has the terminal until CommandEnded
    CHECK_ALL = auto()  # judge all started katas by a command, which has the terminal until CommandEnded
    TAKE_TERMINAL = auto()  # back from a command or the shell
    SUSPEND = auto()  # stop, as Ctrl-Z does; then SIGCONT


class Start(Struct, frozen=True):
    """Lay a kata out and make it the current one, None for the one that follows: Opened, or a Notice."""

    kata: Kata | None = None


class ReadFiles(Struct, frozen=True):
    """Read the answer: FilesRead, or Trouble."""

    why: Why


class Judge(Struct, frozen=True):
    """Judge this submission instead of any other: RunSeen now and then, and Judged or Trouble."""

    ticket: int
    submission: Submission


class RunTests(Struct, frozen=True):
    """Judge the learner's own tests, beside the answer: OwnTestsJudged."""

    ticket: int


class Record(Struct, frozen=True):
    """Record a verdict, however long that takes: a Notice for as long as that fails, and Recorded."""

    judged: Judged


class TakeHint(Struct, frozen=True):
    """The hint of that level, None for the one after the highest taken: PageRead."""

    level: int | None


class Later(Struct, frozen=True):
    after_s: float
    event: Event


class Leave(Struct, frozen=True):
    exit_code: int = 0


Effect = Do | Start | ReadFiles | Judge | RunTests | Record | TakeHint | Later | Leave
