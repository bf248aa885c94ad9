"""Frozen records that the modules hand to each other; no I/O happens here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from datetime import datetime
else:
    T = TypeVar("T")
    _making = Lock()

    def record(*, frozen: bool) -> Callable[[type[T]], type[T]]:
        """`dataclass`, put off until the first instance: making all of them takes a tenth of what `kata hint` takes."""

        def put_off(cls: type[T]) -> type[T]:
            is_made = False

            def __new__(made: type[T], *_: object, **__: object) -> T:
                nonlocal is_made
                if not is_made:
                    with _making:
                        if not is_made:  # no other thread was faster
                            dataclass(frozen=frozen)(cls)
                            is_made = True
                return object.__new__(made)

            cls.__new__ = __new__
            return cls

        return put_off


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


@record(frozen=True)
class Limits:
    """What a submission may take; the clock is held per check."""

    seconds: float = 10.0
    memory_mb: int = 2048
    output_kb: int = 256


@record(frozen=True)
class Rules:
    """How a kata must be solved; see `rules` for what each one forbids.

    no_loops: True for every function, or the names ("f", "Class.method") it holds for.
    imports: the only top-level packages allowed beside the standard library; None allows all.
    forbid: dotted names that may not be used, such as "np.linalg.eig" or "sorted".
    define: names the learner's module must define.
    typed: whether every public signature must be annotated.
    why: rule name -> one sentence for the learner.
    """

    no_loops: bool | tuple[str, ...] = False
    imports: tuple[str, ...] | None = None
    forbid: tuple[str, ...] = ()
    define: tuple[str, ...] = ()
    typed: bool = False
    why: Mapping[str, str] = field(default_factory=dict)


@record(frozen=True)
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


@record(frozen=True)
class Submission:
    """The learner's files for one kata as they were when read.

    folder: where the code runs; files: relative posix path -> content; digest: sha256 over both.
    """

    kata_id: str
    folder: Path
    files: Mapping[str, bytes]
    digest: str


@record(frozen=True)
class CodeLine:
    """A line of the learner's code."""

    file: str
    line: int
    text: str = ""


@record(frozen=True)
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


@record(frozen=True)
class RuleBreach:
    """A line that breaks a rule of the kata."""

    rule: str
    message: str
    file: str = ""
    line: int = 0
    why: str = ""


@record(frozen=True)
class Verdict:
    """All that is known after one check of a submission.

    message: what happened, for outcomes that are about the whole run (BROKE, MISSING, FAULT, TODO).
    log: the last output of the learner's code; notes: what was not tried on this machine.
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
        return {
            "kata": self.kata_id,
            "outcome": self.outcome.value,
            "duration_s": round(self.duration_s, 4),
            "checks": [
                {
                    "name": c.name,
                    "requirement": c.requirement,
                    "passed": c.passed,
                    "status": c.status.value,
                    "message": c.message,
                    "call": c.call,
                    "got": c.got,
                    "expected": c.expected,
                    "where": {"file": c.where.file, "line": c.where.line} if c.where else None,
                    "part": c.part,
                }
                for c in self.checks
            ],
            "rules": [
                {"rule": b.rule, "file": b.file, "line": b.line, "message": b.message, "why": b.why}
                for b in self.breaches
            ],
            "message": self.message,
            "often_means": list(self.often_means),
            "notes": list(self.notes),
            "pictures": [str(p) for p in self.pictures],
            "log": self.log,
        }


@record(frozen=True)
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


@record(frozen=True)
class Recorded:
    """What recording a verdict changed: is this the first time, and how far is the learner now?"""

    first_solve: bool
    n_attempts: int


# --- what a screen shows of the past ----------------------------------------------------------------------------------


@record(frozen=True)
class Tally:
    """How far the learner is after a verdict was recorded."""

    n_solved: int
    n_katas: int
    n_attempts: int = 0
    first_solve: bool = False


@record(frozen=True)
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


@record(frozen=True)
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


@record(frozen=True)
class Overview:
    """Where the learner is: the current kata, its last attempt, how far, and the one command to type next."""

    current: Kata | None
    file: Path | None
    last: Attempt | None
    n_solved: int
    n_katas: int
    command: str
