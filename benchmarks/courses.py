"""Where contestants run: each course makes the ones it is asked for, and they run in turn."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from benchmarks import auditing
from benchmarks.measuring import Contestant
from benchmarks.processes import (
    KataWatch,
    PytestWatcher,
    Watching,
    kata_command,
    time_in_pipe,
    time_in_terminal,
)
from benchmarks.saving import WAYS, Save
from benchmarks.scenery import EMPTY_KATA, FAILING_MISTAKE, N_KATAS, TORCH_KATA, Mistake, Scenery
from kata_runner.catalogue import needs
from kata_runner.catalogue.load import load
from kata_runner.judging import judge, launch, own_tests
from kata_runner.learner.workspace import Workspace
from kata_runner.model import Kata

BARE = Path(__file__).parent / "bare"
PYTEST = [sys.executable, "-m", "pytest", "test_answer.py"]
IDLE_S = 3.0

Makers = dict[str, Callable[[], Contestant]]


class Course:
    """The contestants of one course, by name; what they keep open is closed by `stack`."""

    def __init__(self, scenery: Scenery, stack: ExitStack) -> None:
        self.scenery = scenery
        self.stack = stack
        self.kata = kata_command()

    def makers(self) -> Makers:
        raise NotImplementedError

    def in_terminal(self, *words: str, cwd: Path) -> Contestant:
        return lambda: time_in_terminal([self.kata, *words], cwd, self.scenery.env)

    def python(self, script: str, *words: str) -> Contestant:
        command = [sys.executable, str(BARE / script), *words]
        return lambda: time_in_terminal(command, self.scenery.base, self.scenery.env)

    def pytest(self, kata: Kata, mistake: Mistake | None = None) -> Contestant:
        """`python -m pytest` on the hidden test and the answer, side by side in one folder."""
        folder = self.scenery.beside_its_test(kata, f"plain-{kata.short}", mistake)
        env = {**self.scenery.env, "PYTHONPATH": str(folder)}
        return lambda: time_in_terminal(PYTEST, folder, env, code=1 if mistake else 0)

    def watch(self, kata: Kata, root: Path | None = None, mistake: Mistake | None = None) -> tuple[KataWatch, Path]:
        """A running watch, and the file whose saves it judges."""
        workspace = self.scenery.workspace(kata, root, mistake)
        env = {**self.scenery.env, **({"KATA_CATALOGUE": str(root)} if root else {})}
        expected = "failed" if mistake else "passed"
        watch = KataWatch(workspace, kata.id, env, workspace / ".kata" / "trace", expected)
        self.stack.callback(watch.end)
        return watch, workspace / kata.id / f"{kata.module}.py"

    def saves(self, watch: Watching, save: Save, path: Path) -> Contestant:
        """Saves of the answer, each with another comment at its end."""
        assert isinstance(watch, KataWatch | PytestWatcher)
        plain = path.read_text(encoding="utf-8")

        def once() -> float:
            return watch.time_save(save, path, f"{plain}# saved at {time.time_ns()}\n")

        return once


class NumpyCourse(Course):
    """Everything that judges p001: a watch, `kata check`, pytest, pytest-watcher."""

    def makers(self) -> Makers:
        numpy_kata = self.scenery.numpy_kata
        opened: list[tuple[KataWatch, Path]] = []

        def watch() -> tuple[KataWatch, Path]:
            if not opened:
                opened.append(self.watch(numpy_kata))
            return opened[0]

        def saves(way: str) -> Contestant:
            running, path = watch()
            return self.saves(running, WAYS[way], path)

        def ptw() -> Contestant:
            folder = self.scenery.beside_its_test(numpy_kata, "ptw")
            running = PytestWatcher(folder, self.scenery.env)
            self.stack.callback(running.end)
            return self.saves(running, WAYS["in place"], folder / f"{numpy_kata.module}.py")

        def check(cwd: Path) -> Contestant:
            return self.in_terminal("check", "p001", cwd=cwd)

        ways: Makers = {f"save {way}": lambda way=way: saves(way) for way in WAYS}  # type: ignore[misc]
        return {
            **ways,
            "check cold": lambda: check(self.scenery.workspace(numpy_kata)),
            "ptw": ptw,
            "pytest": lambda: self.pytest(numpy_kata),
        }


class FailingCourse(Course):
    """A wrong answer to a kata with some thirty known mistakes: by a watch, and by pytest."""

    def makers(self) -> Makers:
        kata, mistake = self.scenery.failing_kata, FAILING_MISTAKE

        def save() -> Contestant:
            watch, path = self.watch(kata, mistake=mistake)
            return self.saves(watch, WAYS["in place"], path)

        return {"save": save, "pytest": lambda: self.pytest(kata, mistake)}


class TorchCourse(Course):
    """A small kata for torch: by a watch, and by pytest."""

    def makers(self) -> Makers:
        toys = self.scenery.toys
        torch_kata = toys.find(TORCH_KATA)

        def save() -> Contestant:
            watch, path = self.watch(torch_kata, toys.root)
            return self.saves(watch, WAYS["in place"], path)

        return {"save": save, "pytest": lambda: self.pytest(torch_kata)}


class ForkCourse(Course):
    """A kata in which nothing takes time: by a warm child, and by a fork that calls the test functions by hand."""

    def makers(self) -> Makers:
        kata = self.scenery.toys.find(EMPTY_KATA)

        def judged(ahead: bool) -> Contestant:
            space = Workspace(self.scenery.workspace(kata, self.scenery.toys.root))
            child = launch.start_child()
            assert child is not None, "this system has no fork"
            self.stack.callback(child.close)
            child.preload([*launch.ALWAYS_PRELOADED, *needs.preloads_of(kata)])
            kata_judge = self.stack.enter_context(judge.KataJudge(kata, child=child))
            return lambda: _time_check(kata_judge, space, kata, ahead)

        return {
            "judge": lambda: judged(False),
            "judge ahead": lambda: judged(True),
            "by hand": lambda: self._by_hand(kata),
        }

    def _by_hand(self, kata: Kata) -> Contestant:
        folder = self.scenery.beside_its_test(kata, "by-hand")
        modules = ",".join(["pytest", "kata_runner.checking", *launch.ALWAYS_PRELOADED])
        parent = subprocess.Popen(
            [sys.executable, str(BARE / "fork.py"), str(folder), modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.scenery.env,
        )
        words, answers = parent.stdin, parent.stdout
        assert words is not None
        assert answers is not None
        self.stack.callback(parent.wait)
        self.stack.callback(words.close)

        def once() -> float:
            print(file=words, flush=True)
            return float(answers.readline())

        return once


def _time_check(kata_judge: judge.KataJudge, space: Workspace, kata: Kata, ahead: bool) -> float:
    submission = space.submission(kata)
    if ahead:
        kata_judge.fork_ahead()
        time.sleep(0.1)
    started = time.perf_counter()
    verdict = kata_judge.check(submission)
    took = time.perf_counter() - started
    assert verdict.passed, verdict
    return took * 1000


TESTS = b"""\
import numpy as np
import pytest
from softmax import log_softmax, softmax


def test_probabilities_sum_to_one_in_each_row():
    assert softmax(np.array([[1.0, 2.0], [3.0, 0.0]])).sum(axis=1).tolist() == pytest.approx([1, 1])


def test_large_scores_do_not_overflow():
    assert softmax(np.array([710.0, 709.0])).tolist() == pytest.approx([0.731059, 0.268941], rel=1e-5)


def test_the_logarithm_of_a_tiny_probability_is_finite():
    assert log_softmax(np.array([0.0, -10000.0])).tolist() == [0, -10000]
"""


class OwnTestsCourse(Course):
    """The learner's own tests on eleven or more answers, and one check of the same kata, both by warm children."""

    def makers(self) -> Makers:
        kata = load().find("p012")
        space = Workspace(self.scenery.workspace(kata))
        (space.folder(kata) / "test_softmax.py").write_bytes(TESTS)

        def tests() -> Contestant:
            bench = self.stack.enter_context(own_tests.Bench(kata, space.submission(kata), {}, None))

            def once() -> float:
                started = time.perf_counter()
                assert own_tests.judged_on(bench).is_valid
                return (time.perf_counter() - started) * 1000

            return once

        def check() -> Contestant:
            child = launch.start_child()
            assert child is not None, "this system has no fork"
            self.stack.callback(child.close)
            child.preload([*launch.ALWAYS_PRELOADED, *needs.preloads_of(kata)])
            kata_judge = self.stack.enter_context(judge.KataJudge(kata, child=child))
            return lambda: _time_check(kata_judge, space, kata, ahead=False)

        return {"tests": tests, "check": check}


class LineCourse(Course):
    """Commands that print a text, against a Typer app that prints one line."""

    def makers(self) -> Makers:
        workspace = self.scenery.workspace(self.scenery.numpy_kata)
        folder = workspace / self.scenery.numpy_kata.id
        bare = [sys.executable, str(BARE / "line.py")]

        def pipe(*command: str) -> Contestant:
            return lambda: time_in_pipe(command, folder, self.scenery.env)

        made: Makers = {"bare": lambda: self.python("line.py"), "bare | cat": lambda: pipe(*bare)}
        for word in ("hint", "show", "next"):
            made[word] = lambda word=word: self.in_terminal(word, cwd=folder)  # type: ignore[misc]
            made[f"{word} | cat"] = lambda word=word: pipe(self.kata, word)  # type: ignore[misc]
        return made


class TableCourse(Course):
    """Commands that print about all katas, against a Typer app that prints a Rich table."""

    def makers(self) -> Makers:
        root = str(self.scenery.many_katas.root)
        workspace = self.scenery.workspace_with(300)
        return {
            "list": lambda: self.in_terminal("--catalogue", root, "list", cwd=workspace),
            "progress": lambda: self.in_terminal("--catalogue", root, "progress", cwd=workspace),
            "bare": lambda: self.python("table.py", str(N_KATAS)),
        }


class AttemptsCourse(Course):
    """`kata progress` over databases of different sizes."""

    def makers(self) -> Makers:
        root = str(self.scenery.many_katas.root)

        def progress(n_attempts: int) -> Contestant:
            workspace = self.scenery.workspace_with(n_attempts)
            return self.in_terminal("--catalogue", root, "progress", cwd=workspace)

        return {"many": lambda: progress(20_000), "few": lambda: progress(1000)}


class AuditCourse(Course):
    """The audit of all katas, against a cold pytest for each of its runs."""

    def makers(self) -> Makers:
        katas = auditing.possible(self.scenery.catalogue)
        runs: list[auditing.Run] = []

        def audit() -> float:
            took, seen = auditing.time_audit(self.scenery.catalogue, katas)
            runs[:] = seen
            return took

        return {
            "audit": lambda: audit,
            "pytest": lambda: lambda: auditing.time_cold(runs, self.scenery.env),
            "checks": lambda: lambda: sum(run.checks_ms for run in runs) / auditing.N_WORKERS,
        }


class MemoryCourse(Course):
    """Proportional set size of a watch that has nothing to do, against a pytest process at its end."""

    def makers(self) -> Makers:
        numpy_kata = self.scenery.numpy_kata

        def watch() -> float:
            with ExitStack() as stack:
                running, path = NumpyCourse(self.scenery, stack).watch(numpy_kata)
                once = self.saves(running, WAYS["in place"], path)
                once()
                time.sleep(IDLE_S)
                return running.memory_mb()

        def pytest() -> float:
            folder = self.scenery.base / "weighed"
            if not folder.exists():
                self.scenery.beside_its_test(numpy_kata, "weighed")
            weight = folder / "weight"
            added = {"PYTHONPATH": f"{folder}:{BARE}", "KATA_BENCHMARK_WEIGHT": str(weight)}
            time_in_terminal([*PYTEST, "-p", "weigh"], folder, {**self.scenery.env, **added})
            return float(weight.read_text())

        return {"watch": lambda: watch, "pytest": lambda: pytest}


COURSES: Mapping[str, type[Course]] = {
    "numpy": NumpyCourse,
    "failing": FailingCourse,
    "torch": TorchCourse,
    "fork": ForkCourse,
    "own-tests": OwnTestsCourse,
    "line": LineCourse,
    "table": TableCourse,
    "attempts": AttemptsCourse,
    "audit": AuditCourse,
    "memory": MemoryCourse,
}
