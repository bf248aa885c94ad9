"""`kata debug`: finds the call of the learner's code that fails, and makes it again in a debugger with the terminal."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kata_runner.catalogue import needs
from kata_runner.catalogue.load import letters
from kata_runner.errors import BrokenKata, MachineError, UsageError
from kata_runner.judging.judge import KataJudge
from kata_runner.judging.launch import Child, Event, child_command, child_environment
from kata_runner.model import CheckResult, Kata, Outcome, Status, Submission, Verdict


def debug(
    kata: Kata,
    submission: Submission,
    uses: Mapping[str, Mapping[str, bytes]],
    child: Child | None,
    words: str = "",
    port: int = 0,
) -> int:
    """Debug the first check that fails, or the one with these words; returns the exit code.

    The last call that the check makes is the one that fails: what comes after it is not made any more.
    port: where to wait for an editor; 0 for pdb in the terminal.
    Raises UsageError where nothing fails, or nothing can be stepped through.
    """
    if not kata.is_python:
        raise UsageError(f"the answer to {kata.short} is not Python, so there is nothing to step through")
    if port and not needs.present("debugpy"):
        raise MachineError("debugpy is not installed, and your editor needs it: pip install debugpy")
    with KataJudge(kata, uses, child=child) as judge:
        check = _to_debug(kata, judge.check(submission), words)
        job = judge.job(submission.folder) | {"stop_at": 0, "port": port}
        if check is not None:
            job |= {"only": [check.name], "stop_at": _n_calls(kata, submission, uses, child, check)}
        return _run(job)


def _to_debug(kata: Kata, verdict: Verdict, words: str) -> CheckResult | None:
    """The check to debug; None where the answer cannot be imported."""
    if verdict.outcome is Outcome.FAULT:
        raise BrokenKata(verdict.message)
    if verdict.outcome is Outcome.MISSING:
        raise MachineError(verdict.message)
    if all(check.status is Status.NOT_RUN for check in verdict.checks):
        return None
    if words:
        found = [check for check in verdict.checks if letters(words) in letters(f"{check.name} {check.requirement}")]
    else:
        found = [check for check in verdict.checks if check.status not in (Status.PASSED, Status.NOT_RUN)]
    if found:
        return found[0]
    what = f'has "{words}" in its sentence' if words else "fails"
    sentences = "".join(f"\n  {check.requirement}" for check in verdict.checks)
    raise UsageError(f"no check of {kata.short} {what}. To step through one: kata debug --check WORDS, of{sentences}")


def _n_calls(
    kata: Kata, submission: Submission, uses: Mapping[str, Mapping[str, bytes]], child: Child | None, check: CheckResult
) -> int:
    """How often a check calls the learner's code, until it fails or is over."""
    seen: list[str] = []
    with KataJudge(kata, uses, child=child, only=[check.name], counts_calls=True) as judge:
        judge.check(submission, lambda event: seen.append(event["event"]))
    of_the_check = itertools.takewhile(lambda kind: kind != "check", seen)  # later ones are to be timed
    n_calls = sum(kind == "call" for kind in of_the_check)
    if not n_calls:
        raise UsageError(f'"{check.requirement}" calls nothing of yours that can be stepped through: {check.message}')
    return n_calls


def _run(job: Event) -> int:
    """Run the debugger with our terminal, to its end."""
    with tempfile.TemporaryDirectory(prefix="kata-debug-") as folder:
        path = Path(folder, "job.json")
        path.write_text(json.dumps(job), encoding="utf-8")
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the debugger, once that is there
        try:
            command = [*child_command("debugger", "main()"), str(path)]
            code = subprocess.run(command, env=child_environment(), check=False).returncode
        finally:
            signal.signal(signal.SIGINT, before)
    if code < 0:
        raise UsageError(f"your code ended the debugger ({signal.Signals(-code).name})")
    return code
