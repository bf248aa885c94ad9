"""What `mypy --strict` says of an answer. mypy's own server stays between runs, so that the next one is quick."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from kata_runner.errors import MachineError, UsageError
from kata_runner.judging.copy import write
from kata_runner.learner.workspace import file_of_tests
from kata_runner.model import CodeLine, Kata, Submission

# As the audit asks of the references: packages without types are not the learner's fault.
_OPTIONS = ("--strict", "--ignore-missing-imports", "--allow-subclassing-any", "--allow-untyped-decorators",
            "--no-warn-unused-ignores", "--no-error-summary", "--hide-error-codes", "--no-pretty",
            "--no-color-output", "--config-file=")  # fmt: skip
_SERVER_S = 1800  # without work, after which the server ends
_LIMIT_S = 300


def faults(
    kata: Kata, submission: Submission, uses: Mapping[str, Mapping[str, bytes]], home: Path
) -> tuple[tuple[CodeLine, str], ...]:
    """Each fault in the types of an answer: the line, and mypy's sentence.

    uses: id of each used kata -> its files, which the answer may import. home: a folder for mypy's server and cache.
    Raises UsageError where the answer is no Python module, MachineError when mypy is missing or stumbles.
    """
    if not kata.module or f"{kata.module}.py" not in submission.files:
        raise UsageError(f"the answer to {kata.short} is no Python module, so there are no types to look at")
    if find_spec("mypy") is None:
        raise MachineError("mypy is not installed. Install it: pip install 'kata-runner[typed]'")
    own = {n: c for n, c in submission.files.items() if n.endswith(".py") and n != file_of_tests(kata)}
    others = {n: c for files in uses.values() for n, c in files.items() if n.endswith(".py") and n not in own}
    code = home / "code"
    code.mkdir(parents=True, exist_ok=True)
    for stale in code.iterdir():  # the server works in the folder, which therefore stays
        if stale.name not in own | others:
            shutil.rmtree(stale) if stale.is_dir() else stale.unlink()
    write(code, {**others, **own})
    server = [sys.executable, "-m", "mypy.dmypy", "--status-file", str(home / "dmypy.json")]
    command = [*server, "run", "--timeout", str(_SERVER_S), "--", *_OPTIONS, f"--cache-dir={home / 'cache'}"]
    try:
        ran = subprocess.run(
            [*command, *sorted(own)], cwd=code, capture_output=True, text=True, check=False, timeout=_LIMIT_S
        )
    except subprocess.TimeoutExpired:
        raise MachineError(f"mypy was not done after {_LIMIT_S} s. Try again") from None
    if ran.returncode not in (0, 1):
        last = (ran.stdout + ran.stderr).strip().splitlines()[-1:]
        raise MachineError(f"mypy stumbled: {''.join(last)}")
    found = []
    for line in ran.stdout.splitlines():
        if match := re.match(r"(.+?):(\d+)(?::\d+)?: error: (.+)", line):
            file, number = match[1], int(match[2])
            source = own.get(file, b"").decode("utf-8", "replace").splitlines()
            text = source[number - 1].strip() if number <= len(source) else ""
            found.append((CodeLine(file, number, text), match[3]))
    return tuple(found)
