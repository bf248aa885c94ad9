"""What ruff and mypy say of the solutions."""

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


def lint_solutions(catalogue: Catalogue, katas: Sequence[Kata]) -> dict[str, tuple[str, ...]]:
    """What ruff and mypy --strict say of the solutions; kata id -> messages."""
    with tempfile.TemporaryDirectory(prefix="kata-lint-") as base:
        owner = _gather(Path(base), catalogue)
        wanted = {kata.id for kata in katas}
        files = sorted(name for name, kata_id in owner.items() if kata_id in wanted)
        if not files:
            return {}
        found: dict[str, list[str]] = {}
        for name, message in (*_ruff(katas), *_mypy(Path(base), files)):
            kata_id = owner.get(name, name)
            found.setdefault(kata_id, []).append(message)
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


def _ruff(katas: Sequence[Kata]) -> list[tuple[str, str]]:
    paths = [str(answers.solution_path(kata)) for kata in katas]
    lines = _tool("ruff", "check", "--no-cache", "--output-format=concise", *paths)
    found = []
    for line in lines:
        if match := re.match(r"(.+?):(\d+):\d+: (.+)", line):
            kata_id = next((k.id for k in katas if f"/{k.id}/" in match[1].replace("\\", "/")), match[1])
            found.append((kata_id, f"ruff: {Path(match[1]).name}:{match[2]} {match[3]}"))
    return found


def _mypy(base: Path, files: Sequence[str]) -> list[tuple[str, str]]:
    options = ["--strict", "--ignore-missing-imports", "--allow-subclassing-any", "--allow-untyped-decorators",
               "--no-error-summary", "--config-file=", "--no-warn-unused-ignores",
               f"--cache-dir={Path(tempfile.gettempdir()) / 'kata-mypy-cache'}"]  # fmt: skip
    lines = _tool("mypy", *options, *files, cwd=base)
    matches = (re.match(r"(.+?):(\d+): error: (.+)", line) for line in lines)
    return [(m[1], f"mypy: line {m[2]} {m[3]}") for m in matches if m]


def _tool(name: str, *args: str, cwd: Path | None = None) -> list[str]:
    ran = subprocess.run([sys.executable, "-m", name, *args], capture_output=True, text=True, check=False, cwd=cwd)
    if f"No module named {name}" in ran.stderr:
        raise KataError(f"{name} is not installed, and the audit needs it: pip install 'kata-runner[test]'")
    if ran.returncode not in (0, 1):
        raise KataError(f"{name} stumbled: {textwrap.shorten(ran.stdout + ran.stderr, 400)}")
    return ran.stdout.splitlines()
