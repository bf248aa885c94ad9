"""What a run means: events and exit code in, `Verdict` out. Pure."""

from __future__ import annotations

import math
import re
import signal
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kata_runner.judging.child import OUTPUT_MARK
from kata_runner.judging.launch import Event
from kata_runner.judging.run import Seen
from kata_runner.model import CheckResult, CodeLine, Kata, Outcome, RuleBreach, Status, Submission, Verdict


def verdict_of(kata: Kata, submission: Submission, seen: Seen, static: Iterable[RuleBreach]) -> Verdict:
    """Say what a run means.

    static: the rules that the text of the submission breaks.
    """
    end = seen.last("end")
    outputs = printed(seen.log if seen.is_complete else _STACK.sub("", seen.log))
    checks = _checks(seen, outputs)
    log = "".join(outputs.values())
    common: dict[str, Any] = {"kata_id": kata.id, "digest": submission.digest, "log": log, "checks": checks}
    if fault := _fault(seen, checks):
        message = f"this check stumbled, not you ({fault}). Nothing was recorded."
        return Verdict(outcome=Outcome.FAULT, message=message, **common)
    breaches = tuple(static)
    common |= {
        "notes": tuple(end["notes"]) if end else (),
        "cost": end["cost"] if end else "",
        "pictures": tuple(Path(p) for p in end["pictures"]) if end else (),
        "breaches": breaches,
    }
    if broken := _broken(kata, submission, seen, checks):
        message, where = broken
        return Verdict(outcome=Outcome.BROKE, message=message, where=where, **common)
    outcome = _outcome(kata, submission, checks, breaches)
    return Verdict(outcome=outcome, message="not written yet" if outcome is Outcome.TODO else "", **common)


def printed(log: str) -> dict[str, str]:
    """What was printed by each check, by its name, and before the first by ""."""
    before, *rest = log.split(OUTPUT_MARK)
    return {"": before} | {name: text for name, _, text in (part.partition("\n") for part in rest)}


def first_shown(checks: Sequence[CheckResult]) -> str:
    """What the first failed check shows: the call and its result. Cases are seeded: a mistake shows the same again."""
    first = next((c for c in checks if not c.passed), None)
    return " -> ".join(text for text in (first.call, first.got or first.message) if text) if first else ""


def failed_names(verdict: Verdict) -> tuple[str, ...]:
    """The checks that failed or broke and the rules that were broken (as "rule:NAME"), as proof.json has them."""
    checks = [c.name for c in verdict.checks if not c.passed and c.status is not Status.NOT_RUN]
    return (*checks, *sorted({f"rule:{b.rule}" for b in verdict.breaches}))


def source_line(submission: Submission, file: str, line: int) -> str:
    """The text of a line of the submission, "" where there is none. line: from 1."""
    lines = submission.files.get(file, b"").decode("utf-8", "replace").splitlines()
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


# --- the checks ---------------------------------------------------------------------------------------------------


def _checks(seen: Seen, outputs: Mapping[str, str]) -> tuple[CheckResult, ...]:
    """A result for each planned check; if several came for one, the first counts."""
    results: dict[str, Event] = {}
    for event in seen.events:
        if event["event"] == "check":
            results.setdefault(event["name"], event)
    plan = seen.last("plan")
    planned = plan["checks"] if plan else ()
    return tuple(_check(c, results.get(c["name"]), seen.running, outputs.get(c["name"], "")) for c in planned)


def _check(planned: Event, event: Event | None, running: str, output: str) -> CheckResult:
    common = {key: planned[key] for key in ("name", "requirement", "part", "is_edge")} | {"printed": output}
    if event is None:
        if planned["name"] != running:
            return CheckResult(status=Status.NOT_RUN, **common)
        return CheckResult(status=Status.BROKE, message="the program did not come back from here", **common)
    return CheckResult(
        status=Status(event["status"]),
        message=event.get("message", ""),
        call=event.get("call", ""),
        got=event.get("got", ""),
        expected=event.get("expected", ""),
        case=event.get("case", ""),
        case_file=event.get("case_file", ""),
        where=_code_line(event.get("where")),
        duration_s=event.get("duration_s", 0.0),
        **common,
    )


def _code_line(where: Event | None) -> CodeLine | None:
    return CodeLine(**where) if where else None


def _fault(seen: Seen, checks: Sequence[CheckResult]) -> str:
    """What is wrong with the hidden test, "" when nothing is."""
    if fault := seen.last("fault"):
        return str(fault["message"])
    return next((c.message for c in checks if c.status is Status.FAULT), "")


# --- a run that did not reach its end -----------------------------------------------------------------------------


def _broken(
    kata: Kata, submission: Submission, seen: Seen, checks: Sequence[CheckResult]
) -> tuple[str, CodeLine | None] | None:
    """What kept the run from its end, and where; None when it came to its end."""
    end = seen.last("end")
    place = _place(seen, checks)
    where = _line_in_log(seen.log, kata, submission)
    if seen.exceeded:
        advice = _about_loop(submission, where) if seen.timed_out else ""
        return f"{seen.exceeded}{place}{advice}", where
    if seen.is_tampered:
        return f"your code wrote to the judge's private channel{place}; it may only write to files of its own", None
    if stopped := seen.last("import_failed") or seen.last("stopped"):
        return stopped["message"], _code_line(stopped["where"])
    if end and end["tampered"]:
        return f"your code replaced {end['tampered']}, which the verdict rests on", None
    if broke := next((c for c in checks if c.status is Status.BROKE and c.name != seen.running), None):
        return f'{broke.message}, in "{broke.requirement}"', broke.where
    if end and all(c.status is not Status.NOT_RUN for c in checks):
        return None if checks else ("the hidden test has no checks", None)
    return _exit_in_words(seen, kata) + place, where


def _place(seen: Seen, checks: Sequence[CheckResult]) -> str:
    """Where the run was last, as the end of a sentence."""
    if running := next((c for c in checks if c.name == seen.running), None):
        return f' in "{running.requirement}"'
    if seen.last("imported"):
        return " after the last check"
    return " while it was imported" if seen.last("importing") else ""


def _about_loop(submission: Submission, where: CodeLine | None) -> str:
    """What to look for, where the line that was running stands in a `while` of its function."""
    lines = submission.files.get(where.file, b"").decode("utf-8", "replace").splitlines()[: where.line] if where else []
    depth = math.inf
    for line in reversed(lines):
        text = line.lstrip()
        if text and len(line) - len(text) < depth:
            depth = len(line) - len(text)
            if text.startswith("while "):
                return "; look for a loop that never ends"
            if text.startswith("def "):
                break
    return ""


def machine_fault(seen: Seen) -> str:
    """Why a run ended before it came to the learner's code, and the last that it printed."""
    ended = "did not begin in time" if seen.exceeded else "ended or was stopped before it began"
    said = "".join(f"\n  {line}" for line in seen.log.strip().splitlines()[-5:])
    return (
        f"your code was not judged: the process that was to run it {ended}. Nothing was recorded.{said}\n"
        "Try again; if it stays so, look at this machine: kata doctor"
    )


def _exit_in_words(seen: Seen, kata: Kata) -> str:
    code = seen.exit_code
    if code is None:
        return "the process in which your code ran is gone"
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        words = {"SIGSEGV": "crashed with a segmentation fault", "SIGKILL": "was killed", "SIGABRT": "aborted"}
        memory = f"; {kata.limits.memory_mb} MB of memory are allowed" if name in ("SIGKILL", "SIGABRT") else ""
        return f"your code {words.get(name, 'was ended')} ({name}{memory})"
    if code == 71:
        return "your code closed the judge's private channel"
    return f"your code ended the program (exit code {code})"


# What faulthandler writes after a crash, and when the judge asks where a run is before it ends it.
_STACK = re.compile(
    r"(Fatal Python error: .*\n+)?(Current thread|Thread|Stack) .*\(most recent call first\):\n(  (File|\.\.\.).*\n)*"
    r"(\n*Extension modules: .*\n?)?"
)


def _line_in_log(log: str, kata: Kata, submission: Submission) -> CodeLine | None:
    """The innermost line of the learner's in a stack that faulthandler wrote."""
    stacks = log.rpartition("most recent call first")[2]
    for match in re.finditer(r'File "([^"]+)", line (\d+) in', stacks):
        path, line = Path(match[1]), int(match[2])
        if path.parent.name == kata.id or path.stem == kata.module:
            return CodeLine(path.name, line, source_line(submission, path.name, line))
    return None


# --- a run that did -----------------------------------------------------------------------------------------------


def _outcome(
    kata: Kata, submission: Submission, checks: Sequence[CheckResult], breaches: Sequence[RuleBreach]
) -> Outcome:
    statuses = {c.status for c in checks}
    if statuses == {Status.PASSED}:
        return Outcome.RULE if breaches else Outcome.PASSED
    is_stub = all(submission.files.get(name) == content for name, content in kata.stub_files.items())
    if (is_stub and kata.stub == "to do") or (Status.TODO in statuses and Status.FAILED not in statuses):
        return Outcome.TODO
    return Outcome.FAILED
