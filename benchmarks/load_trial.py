"""Judges all right answers, and the mistakes about cost and waiting, again and again beside busy processes.

No right answer may be refused and no mistake missed: `python -m benchmarks.load_trial`.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kata_runner.authoring.proving import why
from kata_runner.catalogue import answers, needs, proof
from kata_runner.catalogue.load import Catalogue, load
from kata_runner.catalogue.wrong import wrong_answers
from kata_runner.errors import KataError
from kata_runner.judging.judge import judge
from kata_runner.judging.launch import ALWAYS_PRELOADED, Child, start_child
from kata_runner.learner.workspace import make_submission
from kata_runner.model import Kata

# What a check uses that measures, waits, or starts processes and threads.
MEASURING = {"assert_faster", "assert_growth", "timing", "time", "run_python", "subprocess",
             "threading", "multiprocessing", "DataLoader", "socket", "http", "database"}  # fmt: skip
N_RIGHT, N_MEASURED, N_MISTAKES = 2, 10, 3


@dataclass(frozen=True)
class Trial:
    """One answer: how often it is judged, by which checks (None: by all), and whether it must pass."""

    name: str
    files: Mapping[str, bytes]
    n_runs: int
    only: tuple[str, ...] | None = None
    must_pass: bool = True


def trials_of(kata: Kata) -> list[Trial]:
    """What is to be judged of a kata."""
    measuring = measuring_checks(kata.hidden_test.read_text(encoding="utf-8"))
    right = [answers.solution_path(kata), *answers.variants(kata, "right")]
    n_runs = N_MEASURED if measuring else N_RIGHT
    trials = [Trial(path.stem, answers.answer_files(kata, path), n_runs) for path in right]
    asked = {name: known.ask for name, known in proof.read(kata).mistakes.items()}
    return trials + [
        Trial(mistake.name, mistake.files, N_MISTAKES, (asked[mistake.name],), must_pass=False)
        for mistake in wrong_answers(kata)
        if asked.get(mistake.name) in measuring
    ]


def measuring_checks(hidden_test: str) -> set[str]:
    """The checks that measure or wait, by themselves or by way of the module's own functions and classes."""
    tree = ast.parse(hidden_test)
    uses = {
        node.name: {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    found = set(MEASURING)
    while more := {name for name, used in uses.items() if name not in found and used & found}:
        found |= more
    return {name for name in found & uses.keys() if name.startswith("test_")}


def try_kata(catalogue: Catalogue, kata: Kata) -> list[str]:
    """A line of the table, and one for each verdict that is wrong."""
    trials = trials_of(kata)
    found: list[tuple[Trial, str]] = []
    uses = {used.id: answers.answer_files(used, answers.solution_path(used)) for used in catalogue.used_by(kata)}
    with ExitStack() as stack:
        child = start_child()
        if child is not None:
            stack.enter_context(child).preload([*ALWAYS_PRELOADED, *needs.preloads_of(kata)])
        for trial in trials:
            said = [try_once(kata, trial, uses, child) for _ in range(trial.n_runs)]
            found += [(trial, what) for what in said if what]
    counts: list[int] = []
    for must_pass in (True, False):
        of_kind = [trial for trial in trials if trial.must_pass is must_pass]
        n_wrong = sum(trial.must_pass is must_pass for trial, _ in found)
        counts += [len(of_kind), sum(trial.n_runs for trial in of_kind), n_wrong]
    return [ROW.format(kata.short, *counts), *(f"  {trial.name} is {what}" for trial, what in found)]


def try_once(kata: Kata, trial: Trial, uses: Mapping[str, Mapping[str, bytes]], child: Child | None) -> str:
    """Judge an answer once; the verdict in words where it is wrong, else ""."""
    with tempfile.TemporaryDirectory(prefix="kata-load-", ignore_cleanup_errors=True) as base:
        folder = Path(base).resolve() / kata.id
        for name, content in trial.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        submission = make_submission(kata, folder, trial.files)
        try:
            verdict = judge(kata, submission, uses=uses, only=trial.only, child=child)
        except KataError as error:
            return f"not judged: {error}"
    return "" if verdict.passed == trial.must_pass else f"{verdict.outcome.value}: {why(verdict)}"


@contextmanager
def busy(n_processes: int) -> Iterator[None]:
    """Keep so many processors busy."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n_processes)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


ROW = "{:<12}{:>7}{:>7}{:>9}{:>10}{:>7}{:>8}"


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.load_trial", description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="this kata; repeatable")
    parser.add_argument("--busy", type=int, default=2, metavar="N", help="busy processes beside it (default: 2)")
    options = parser.parse_args(argv)
    catalogue = load()
    katas = [catalogue.find(name) for name in options.only] or list(catalogue.katas)
    n_wrong = 0
    print(ROW.format("kata", "right", "runs", "refused", "mistakes", "runs", "missed"))
    with busy(options.busy):
        for kata in katas:
            if lacking := needs.missing(kata):
                print(f"{kata.short:<12}left out: needs {', '.join(lacking)}")
                continue
            lines = try_kata(catalogue, kata)
            print("\n".join(lines), flush=True)
            n_wrong += len(lines) - 1
    print(f"\n{n_wrong} wrong verdicts" if n_wrong else "\nno right answer refused, no mistake missed")
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
