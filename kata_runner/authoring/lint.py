"""What mypy --strict says of the solutions; ruff looks at them with all else in the repository."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path

from kata_runner.catalogue import answers
from kata_runner.catalogue.load import Catalogue
from kata_runner.errors import KataError
from kata_runner.model import Kata

_OPTIONS = ("--strict", "--ignore-missing-imports", "--allow-subclassing-any", "--allow-untyped-decorators",
            "--no-error-summary", "--config-file=", "--no-warn-unused-ignores",
            f"--cache-dir={Path(tempfile.gettempdir()) / 'kata-mypy-cache'}")  # fmt: skip


def lint_solutions(catalogue: Catalogue, katas: Sequence[Kata]) -> dict[str, tuple[str, ...]]:
    """What mypy --strict says of the solutions; kata id -> its first five messages."""
    with tempfile.TemporaryDirectory(prefix="kata-lint-") as base:
        owner = _gather(Path(base), catalogue)
        wanted = {kata.id for kata in katas}
        files = sorted(name for name, kata_id in owner.items() if kata_id in wanted)
        found: dict[str, list[str]] = {}
        for line in _mypy(Path(base), files) if files else ():
            if match := re.match(r"(.+?):(\d+): error: (.+)", line):
                found.setdefault(owner.get(match[1], ""), []).append(f"mypy: line {match[2]} {match[3]}")
    return {kata_id: tuple(messages[:5]) for kata_id, messages in found.items()}


def _gather(base: Path, catalogue: Catalogue) -> dict[str, str]:
    """Lay the modules of all solutions side by side, as later katas import them; file -> kata id."""
    owner: dict[str, str] = {}
    for kata in catalogue.katas:
        for name, content in answers.answer_files(kata, answers.solution_path(kata)).items():
            if not name.endswith(".py"):
                continue
            flat = name if name == f"{kata.module}.py" else f"{kata.id}__{name.replace('/', '__')}"
            (base / flat).write_bytes(content)
            owner[flat] = kata.id
    return owner


def _mypy(base: Path, files: Sequence[str]) -> list[str]:
    command = [sys.executable, "-m", "mypy", *_OPTIONS, *files]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=base)
    if "No module named mypy" in ran.stderr:
        raise KataError("mypy is not installed, and the audit needs it: pip install 'kata-runner[test]'")
    if ran.returncode not in (0, 1):
        raise KataError(f"mypy stumbled: {textwrap.shorten(ran.stdout + ran.stderr, 400)}")
    return ran.stdout.splitlines()
