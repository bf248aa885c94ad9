"""Frozen records that the modules hand to each other; no I/O happens here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from datetime import datetime

Text = Annotated[str, Meta(pattern=r"\S", description="a text")]
Texts = Annotated[tuple[Text, ...], Meta(description="a list of texts")]


class Outcome(StrEnum):
    """What a check of a whole submission came to."""

    PASSED = "passed"
    FAILED = "failed"  # ran, wrong
    TODO = "todo"  # still the stub
    BROKE = "broke"  # raised on import, exited, crashed, hung, ate the memory, did not compile
    RULE = "rule"  # right, but breaks a declared rule
    MISSING = "missing"  # a package this kata needs is not installed
    FAULT = "fault"  # our hidden test stumbled; never recorded


class Status(StrEnum):
    """What one check came to."""

    PASSED = "passed"
    FAILED = "failed"
    TODO = "todo"
    BROKE = "broke"
    FAULT = "fault"
    NOT_RUN = "not_run"


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a submission may take: the table [limits] of kata.toml.

    seconds: the wall clock of one check. memory_mb: of the whole process. output_kb: what is kept of its output.
    """

    seconds: Annotated[float, Meta(gt=0, description="a number above 0")] = 10.0
    memory_mb: Annotated[int, Meta(ge=1, description="a whole number above 0")] = 2048
    output_kb: Annotated[int, Meta(ge=1, description="a whole number above 0")] = 256


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a kata must be solved: the table [rules] of kata.toml; see `judging.rules` for what each one forbids.

    no_loops: True for every function, or the names ("f", "Class.method") it holds for.
    imports: the only top-level packages allowed beside the standard library; None allows all.
    forbid: dotted names that may not be used, such as "np.linalg.eig" or "sorted".
    define: names the learner's module must define.
    typed: whether every public signature must be annotated.
    why: rule name -> one sentence for the learner.
    """

    no_loops: Annotated[bool | tuple[Text, ...], Meta(description="true, false or a list of texts")] = False
    imports: Annotated[tuple[Text, ...] | None, Meta(description="a list of texts")] = None
    forbid: Texts = ()
    define: Texts = ()
    typed: Annotated[bool, Meta(description="true or false")] = False
    why: Annotated[dict[str, str], Meta(description="a table of texts")] = {}


@dataclass(frozen=True)
class Kata:
    """One exercise as it stands on disk.

    id: the folder's name ("p012_stable_softmax"), unique in a catalogue.
    short: the id as people say it ("p012", "c05_1", "c01_project").
    track: "problems", "roadmap" or "milestones"; group: the heading it is listed under.
    module: the learner's Python module, or "" where the answer is no Python module.
    needs: package names as pip knows them, or "compiler", "cmake", "postgres".
    uses: ids of katas whose solved module the learner's code may import.
    build: "", "pybind11", "cython" or "cmake".
    stub_files: what the learner starts from, relative posix path -> content; the catalogue reads it when first used.
    """

    id: str
    short: str
    folder: Path
    track: str
    group: str
    title: str
    difficulty: int
    minutes: int
    module: str
    learned: str
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    build: str = ""
    limits: Limits = field(default_factory=Limits)
    rules: Rules = field(default_factory=Rules)
    stub_files: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    @property
    def hidden_test(self) -> Path:
        return self.folder / "hidden_test.py"


@dataclass(frozen=True)
class Submission:
    """The learner's files for one kata as they were when read.

    folder: where the code runs; files: relative posix path -> content; digest: sha256 over both.
    """

    kata_id: str
    folder: Path
    files: Mapping[str, bytes]
    digest: str


@dataclass(frozen=True)
class CodeLine:
    """A line of the learner's code."""

    file: str
    line: int
    text: str = ""


@dataclass(frozen=True)
class CheckResult:
    """One requirement and how the submission met it.

    call, got, expected: short texts, "" where there is nothing to show.
    """

    name: str
    requirement: str
    status: Status
    message: str = ""
    call: str = ""
    got: str = ""
    expected: str = ""
    where: CodeLine | None = None
    part: str = ""
    duration_s: float = 0.0

    @property
    def passed(self) -> bool:
        return self.status is Status.PASSED


@dataclass(frozen=True)
class RuleBreach:
    """A line that breaks a rule of the kata."""

    rule: str
    message: str
    file: str = ""
    line: int = 0
    why: str = ""


@dataclass(frozen=True)
class Verdict:
    """All that is known after one check of a submission.

    message: what happened, for outcomes that are about the whole run (BROKE, MISSING, FAULT, TODO).
    log: the last output of the learner's code; notes: what was not tried on this machine.
    cost: what a right answer costs beside the reference, where the kata measures it.
    often_means: sentences about known wrong answers that fail in the same way.
    """

    kata_id: str
    outcome: Outcome
    checks: tuple[CheckResult, ...] = ()
    breaches: tuple[RuleBreach, ...] = ()
    message: str = ""
    where: CodeLine | None = None
    often_means: tuple[str, ...] = ()
    log: str = ""
    notes: tuple[str, ...] = ()
    pictures: tuple[Path, ...] = ()
    cost: str = ""
    duration_s: float = 0.0
    digest: str = ""
    warm: bool = False

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASSED

    @property
    def n_passed(self) -> int:
        return sum(check.passed for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """The object that `kata check --json` prints."""
        record = msgspec.to_builtins(self, enc_hook=str)
        for check, entry in zip(self.checks, record["checks"], strict=True):
            entry["passed"] = check.passed
        return {"kata": record.pop("kata_id"), "rules": record.pop("breaches"), **record}


@dataclass(frozen=True)
class Attempt:
    """One recorded check of a submission; number counts from 1 within its kata."""

    kata_id: str
    number: int
    at: datetime
    outcome: Outcome
    n_passed: int
    n_checks: int
    duration_s: float
    digest: str


@dataclass(frozen=True)
class Recorded:
    """What recording a verdict changed: is this the first time, and how far is the learner now?"""

    first_solve: bool
    n_attempts: int


# --- what a screen shows of the past ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """How far the learner is after a verdict was recorded."""

    n_solved: int
    n_katas: int
    n_attempts: int = 0
    first_solve: bool = False


@dataclass(frozen=True)
class Row:
    """A kata in a list; state is one of STATES, group its heading, needs what it takes beyond the core."""

    kata: Kata
    state: str
    group: str
    gave_up: bool = False
    is_current: bool = False

    def to_json(self) -> dict[str, object]:
        """The object that `kata list --json` prints for each kata."""
        kata = self.kata
        return {
            "kata": kata.id,
            "short": kata.short,
            "title": kata.title,
            "track": kata.track,
            "group": self.group,
            "status": self.state,
            "difficulty": kata.difficulty,
            "minutes": kata.minutes,
            "needs": list(kata.needs),
            "uses": list(kata.uses),
            "gave_up": self.gave_up,
            "current": self.is_current,
        }


@dataclass(frozen=True)
class Progress:
    """Everything that `kata progress` shows.

    groups: heading -> (solved, all); by_track: title of a track -> its headings.
    per_week: solved per week, oldest first, the current week last.
    review: ids of katas solved so long ago that they are worth another go.
    """

    n_solved: int
    n_katas: int
    groups: Mapping[str, tuple[int, int]]
    by_track: Mapping[str, Sequence[str]]
    per_week: Sequence[int] = ()
    streak_days: int = 0
    n_hints: int = 0
    n_attempts: int = 0
    spent_s: float = 0.0
    n_gave_up: int = 0
    next_kata: Kata | None = None
    review: Sequence[str] = field(default=())

    def to_json(self) -> dict[str, object]:
        """The object that `kata progress --json` prints."""
        return {
            "solved": self.n_solved,
            "katas": self.n_katas,
            "groups": [{"group": name, "solved": s, "katas": n} for name, (s, n) in self.groups.items()],
            "solved_per_week": list(self.per_week),
            "streak_days": self.streak_days,
            "hints_taken": self.n_hints,
            "attempts": self.n_attempts,
            "time_spent_s": round(self.spent_s),
            "gave_up": self.n_gave_up,
            "next": self.next_kata.id if self.next_kata else None,
            "review": list(self.review),
        }


@dataclass(frozen=True)
class Overview:
    """Where the learner is: the current kata, its last attempt, how far, and the one command to type next."""

    current: Kata | None
    file: Path | None
    last: Attempt | None
    n_solved: int
    n_katas: int
    command: str
