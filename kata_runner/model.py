"""Frozen records that the modules hand to each other; no I/O happens here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from datetime import datetime

Text = Annotated[str, Meta(pattern=r"\S")]


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

    seconds: of computing, in one check. memory_mb: of a process, on top of what the imports take. output_kb: what is
    kept of its output.
    """

    seconds: Annotated[float, Meta(gt=0)] = 10.0
    memory_mb: Annotated[int, Meta(ge=1)] = 2048
    output_kb: Annotated[int, Meta(ge=1)] = 256


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a kata must be solved: the table [rules] of kata.toml; see `judging.rules` for what each one forbids.

    no_loops: True for every function, or the names ("f", "Class.method") it holds for.
    imports: the only top-level packages allowed beside the standard library; None allows all.
    forbid: dotted names that may not be used, such as "np.linalg.eig" or "sorted".
    define: names the learner's module must define.
    why: rule name -> one sentence for the learner.
    """

    no_loops: bool | tuple[Text, ...] = False
    imports: tuple[Text, ...] | None = None
    forbid: tuple[Text, ...] = ()
    define: tuple[Text, ...] = ()
    why: dict[str, str] = {}


class Kata(msgspec.Struct, frozen=True):
    """One exercise as it stands on disk.

    id: the folder's name ("p012_stable_softmax"), unique in a catalogue.
    short: the id as people say it ("p012", "c05_1", "c01_project").
    track: "problems", "roadmap" or "milestones"; group: the heading it is listed under.
    module: the learner's Python module, or "" where the answer is no Python module.
    needs: package names as pip knows them, or "compiler", "cmake", "postgres", "git".
    uses: ids of katas whose solved module the learner's code may import.
    build: "", "pybind11", "cython" or "cmake".
    stub: what the stub is: "to do", or "nearly right" where the learner repairs code.
    counted: whether it counts when it is said how far the learner is.
    slow_because: why the audit of this kata may take longer than others, "" where it does not.
    stub_files: what the learner starts from, relative posix path -> content.
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
    formerly: tuple[str, ...] = ()
    build: str = ""
    stub: str = "to do"
    counted: bool = True
    slow_because: str = ""
    limits: Limits = msgspec.field(default_factory=Limits)
    rules: Rules = msgspec.field(default_factory=Rules)
    stub_files: Mapping[str, bytes] = msgspec.field(default_factory=dict)

    @property
    def is_python(self) -> bool:
        """Whether the answer is a Python module, which is not compiled."""
        return bool(self.module) and not self.build

    @property
    def hidden_test(self) -> Path:
        return self.folder / "hidden_test.py"


class Submission(msgspec.Struct, frozen=True):
    """The learner's files for one kata as they were when read.

    folder: the learner's. files: relative posix path -> content. digest: sha256 over the kata's id and the files.
    beside: paths in the folder that are no part of the answer, which the learner's code may still read (large data).
    """

    kata_id: str
    folder: Path
    files: Mapping[str, bytes]
    digest: str
    beside: Sequence[str] = ()


class CodeLine(msgspec.Struct, frozen=True):
    """A line of the learner's code. caret: what stands below the text, to point at a place in it."""

    file: str
    line: int
    text: str = ""
    caret: str = ""


class CheckResult(msgspec.Struct, frozen=True):
    """One requirement and how the submission met it.

    call, got, expected: short texts, "" where there is nothing to show. case: the call as Python, with all that it
    takes, on several lines; "" where that is too long. case_file: the file of the learner's folder that it is in then.
    printed: what was printed while the check ran.
    part: of a milestone. is_edge: whether it is about an edge, not about the idea of the kata.
    """

    name: str
    requirement: str
    status: Status
    message: str = ""
    call: str = ""
    got: str = ""
    expected: str = ""
    case: str = ""
    case_file: str = ""
    printed: str = ""
    where: CodeLine | None = None
    part: str = ""
    is_edge: bool = False
    duration_s: float = 0.0

    @property
    def passed(self) -> bool:
        return self.status is Status.PASSED


class RuleBreach(msgspec.Struct, frozen=True):
    """A line that breaks a rule of the kata."""

    rule: str
    message: str
    file: str = ""
    line: int = 0
    why: str = ""


class Verdict(msgspec.Struct, frozen=True):
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


class HistoryRow(msgspec.Struct, frozen=True):
    """One row of a kata's history: a judged attempt, or code kept before it was replaced.

    number: counts from 1 within its kata. outcome: None where the code was kept for `reason` ("reset", "restore", …).
    borrowed: see `Store.record`. is_kept: whether the code is still known; where 0.1.0 repaired a damaged file it may
    not be.
    """

    kata_id: str
    number: int
    at: datetime
    outcome: Outcome | None
    reason: str
    n_passed: int
    n_checks: int
    duration_s: float
    digest: str
    borrowed: tuple[str, ...] = ()
    is_kept: bool = True


class Recorded(msgspec.Struct, frozen=True):
    """What recording a verdict changed: is this the first time, and how far is the learner now?"""

    first_solve: bool
    n_attempts: int


# --- the learner's own tests ------------------------------------------------------------------------------------------


class OwnTestResult(msgspec.Struct, frozen=True):
    """What one test came to on one answer.

    status: "passed", "failed" or "skipped". message: pytest's, where it failed. line, source: of the test file.
    """

    name: str
    status: str
    message: str = ""
    line: int = 0
    source: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """A right answer that the tests refuse. style: what is known of it, without its code."""

    style: str
    test: OwnTestResult


class Bug(msgspec.Struct, frozen=True):
    """A wrong answer, and the tests that caught it."""

    name: str
    sentence: str
    promises: tuple[int, ...]
    caught_by: tuple[str, ...]


class OwnTestsVerdict(msgspec.Struct, frozen=True):
    """What the learner's tests are worth; each step is looked at only when the one before it is passed.

    problem: why the tests could not be run to their end, on the learner's own answer. n_tests: without the skipped.
    """

    n_tests: int
    problem: str = ""
    own_failures: tuple[OwnTestResult, ...] = ()
    flaky: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    n_right: int = 0
    bugs: tuple[Bug, ...] = ()

    @property
    def is_valid(self) -> bool:
        return bool(self.n_tests) and not (self.problem or self.own_failures or self.flaky or self.refusals)

    @property
    def escaped(self) -> tuple[Bug, ...]:
        return tuple(bug for bug in self.bugs if not bug.caught_by)

    @property
    def is_complete(self) -> bool:
        """Whether the star is earned: valid, and every bug caught."""
        return self.is_valid and bool(self.bugs) and not self.escaped

    def to_json(self) -> dict[str, object]:
        """The object that `kata test --json` prints; a bug that escapes has no name."""
        fields = msgspec.to_builtins(self)
        bugs = [{"name": bug.name if bug.caught_by else None, "caught_by": list(bug.caught_by)} for bug in self.bugs]
        return {**fields, "bugs": bugs, "valid": self.is_valid, "complete": self.is_complete}


# --- what a screen shows of the past ----------------------------------------------------------------------------------


class Tally(msgspec.Struct, frozen=True):
    """How far the learner is after a verdict was recorded; stars: those of the kata."""

    n_solved: int
    n_katas: int
    n_attempts: int = 0
    first_solve: bool = False
    stars: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True):
    """A kata in a list; state is todo, started, solved or skipped, group its stage or where it comes from."""

    kata: Kata
    state: str
    group: str
    gave_up: bool = False
    is_current: bool = False
    stars: tuple[str, ...] = ()

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
            "stars": list(self.stars),
        }


class Progress(msgspec.Struct, frozen=True):
    """Everything that `kata progress` shows.

    stages: title of each stage of the journey -> (solved, all).
    per_week: solved per week, oldest first, the current week last.
    stars: "solved", "typed", "tested" -> how many katas have that star; n_stars: how many there are to earn in all.
    review: ids of katas solved so long ago that they are worth another go.
    """

    n_solved: int
    n_katas: int
    stages: Mapping[str, tuple[int, int]]
    per_week: Sequence[int] = ()
    streak_days: int = 0
    n_hints: int = 0
    n_attempts: int = 0
    spent_s: float = 0.0
    n_gave_up: int = 0
    stars: Mapping[str, int] = msgspec.field(default_factory=dict)
    n_stars: int = 0
    next_kata: Kata | None = None
    review: Sequence[str] = ()

    def to_json(self) -> dict[str, object]:
        """The object that `kata progress --json` prints."""
        return {
            "solved": self.n_solved,
            "katas": self.n_katas,
            "stages": [{"stage": name, "solved": s, "katas": n} for name, (s, n) in self.stages.items()],
            "solved_per_week": list(self.per_week),
            "streak_days": self.streak_days,
            "hints_taken": self.n_hints,
            "attempts": self.n_attempts,
            "time_spent_s": round(self.spent_s),
            "gave_up": self.n_gave_up,
            "stars": dict(self.stars),
            "stars_to_earn": self.n_stars,
            "next": self.next_kata.id if self.next_kata else None,
            "review": list(self.review),
        }


class Overview(msgspec.Struct, frozen=True):
    """Where the learner is: the current kata, its last attempt, how far, and the one command to type next."""

    current: Kata | None
    file: Path | None
    last: HistoryRow | None
    n_solved: int
    n_katas: int
    command: str


class Finding(msgspec.Struct, frozen=True):
    """One thing that the doctor looked at.

    level: "ok", "warning" or "failure". remedy: the command, or the one step, that repairs it; "" where nothing needs
    mending.
    """

    subject: str
    level: str
    message: str
    remedy: str = ""


class Report(msgspec.Struct, frozen=True):
    """What the audit of one kata found.

    is_whole: whether every check ran on every mistake. seconds: of the hidden test with the reference.
    problems: sentences, those of mypy among them; none means proven.
    remarks: sentences that keep no kata from being proven. skipped: why nothing could be tried, or "".
    fails: mistake -> the checks and rules that it fails.
    """

    kata_id: str
    is_whole: bool = True
    is_other_judge: bool = False
    n_checks: int = 0
    n_wrong: int = 0
    n_caught: int = 0
    n_right: int = 0
    n_accepted: int = 0
    seconds: float = 0.0
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    skipped: str = ""
    fails: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
