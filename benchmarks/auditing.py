"""The audit of all katas, and a sample of the same runs one by one as cold pytest processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.processes import wait_for
from kata_runner.authoring import audit
from kata_runner.catalogue import needs
from kata_runner.catalogue.load import Catalogue
from kata_runner.judging import judge
from kata_runner.model import Kata, Submission, Verdict

# Every so many-th run is made cold, and stands for the others: all of them would take an hour.
SAMPLED = 20
N_WORKERS = 2
LEFT_OUT = shutil.ignore_patterns("wrong", "right", "stub*", "solution*", "__pycache__", "*.md", "*.json", "*.toml")


@dataclass(frozen=True)
class Run:
    """One submission that the audit judged: what pytest needs to do the same."""

    kata: Kata
    files: Mapping[str, bytes]
    uses: Mapping[str, Mapping[str, bytes]]
    hidden_test: bytes
    checks_ms: float  # what the checks themselves took


def possible(catalogue: Catalogue) -> list[Kata]:
    """The katas that this machine can audit."""
    return [kata for kata in catalogue.katas if not needs.missing(kata)]


def time_audit(catalogue: Catalogue, katas: Sequence[Kata]) -> tuple[float, list[Run]]:
    """Milliseconds of an audit with so many workers, without ruff and mypy, and the runs that it made."""
    runs: list[Run] = []
    judge_one = judge.judge

    def noted(kata: Kata, submission: Submission, **more: Any) -> Verdict:
        uses, hidden_test = more.get("uses") or {}, kata.hidden_test.read_bytes()
        verdict = judge_one(kata, submission, **more)
        checks_ms = 1000 * sum(check.duration_s for check in verdict.checks)
        runs.append(Run(kata, submission.files, uses, hidden_test, checks_ms))
        return verdict

    with mock.patch.object(judge, "judge", noted):
        started = time.perf_counter()
        audit.audit(catalogue, katas, n_workers=N_WORKERS, lint=False)
        took = time.perf_counter() - started
    return took * 1000, runs


def time_cold(runs: Sequence[Run], env: Mapping[str, str]) -> float:
    """Milliseconds of all pytest processes together, one after the other; laying out the files is not counted."""
    sample = runs[SAMPLED // 2 :: SAMPLED] or runs
    return sum(_time_one(run, env) for run in sample) * len(runs) / len(sample)


def _time_one(run: Run, env: Mapping[str, str]) -> float:
    with tempfile.TemporaryDirectory(prefix="kata-cold-", ignore_cleanup_errors=True) as base:
        # By the kata's own name, which a hidden test may look at.
        folder = Path(base) / run.kata.id
        if run.kata.folder.is_dir():
            shutil.copytree(run.kata.folder, folder, ignore=LEFT_OUT)
        folder.mkdir(exist_ok=True)
        for files in (*run.uses.values(), run.files):
            for name, content in files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content)
        (folder / "hidden_test.py").write_bytes(run.hidden_test)
        return _time_pytest(folder, {**env, "PYTHONPATH": str(folder)}, run.kata.limits.seconds)


def _time_pytest(folder: Path, env: Mapping[str, str], limit_s: float) -> float:
    command = [sys.executable, "-m", "pytest", "-q", "hidden_test.py"]
    with open(os.devnull, "wb") as nowhere:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=nowhere, stderr=nowhere)
        wait_for(process, limit_s)  # pytest alone has no limit for an answer that never ends: it gets the kata's own
        return (time.perf_counter() - started) * 1000
