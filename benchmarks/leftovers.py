"""`python -m benchmarks.leftovers`: whatever a run of a kata starts is gone afterwards, however the run ended.

Tries each kata that starts processes or threads: a right answer, wrong ones, a run that stops dead until its time is
over, and Ctrl-C at random moments.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.processes import kata_command
from benchmarks.scenery import Scenery
from kata_runner.catalogue import answers, needs
from kata_runner.catalogue.wrong import wrong_answers
from kata_runner.judging.copy import MEMORY
from kata_runner.model import Kata

# What a hidden test, or an answer, starts processes by, or threads: a process waits for these before it ends.
STARTERS = ("subprocess", "multiprocessing", "run_python", "database", "real_server", "Executor", "read_image",
            "DataLoader", "assert_encoding_named", "nbclient", "TestClient", "Thread(",
            "to_thread")  # fmt: skip
N_WRONG, N_INTERRUPTED = 3, 5
EXIT_CODES = {"passed": 0, "failed": 1}  # of `kata check`; the other runs may have ended before they were stopped
GRACE_S = 5.0  # for the system to clear away what was killed
ROW = "{:<12}{:<22}{:>6}{:>11}{:>9}  {}"


class Trial:
    """One kata in a workspace of its own. What belongs to it is known by its home folder, which children inherit."""

    def __init__(self, scenery: Scenery, kata: Kata) -> None:
        self.kata, self.home = kata, str(scenery.home)
        self.temporary = scenery.base / f"tmp-{kata.id}"
        self.temporary.mkdir()
        self.env = {**scenery.env, "TMPDIR": str(self.temporary)}
        self.workspace = scenery.workspace(kata)
        borrow = ["--borrow"] if kata.uses else []  # what it builds on is not solved here
        self.command = [kata_command(), "--workspace", str(self.workspace), "check", kata.id, *borrow]
        self.seen: set[str] = set()
        self.earlier: set[str] = set()

    def write(self, path: Path, blank_lines: int = 0) -> None:
        """Write an answer. blank_lines: at its end, for sources that are to be built anew."""
        for name, content in answers.answer_files(self.kata, path).items():
            self.write_file(name, content + b"\n" * blank_lines)

    def write_file(self, name: str, content: bytes) -> None:
        target = self.workspace / self.kata.id / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def processes(self) -> list[psutil.Process]:
        """All that has our home folder."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("HOME") == self.home and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def in_memory(self) -> set[str]:
        """Copies of this kata's answers, and semaphores, in shared memory. Other people's count too."""
        memory = Path(MEMORY)
        return {
            str(path.relative_to(memory)) for path in (*memory.glob(f"kata-*/{self.kata.id}"), *memory.glob("sem.*"))
        }

    def run(self, stop_after_s: float | None = None, interrupt_after_s: float | None = None) -> tuple[int, float]:
        """`kata check`, stopped dead or interrupted after a while; its exit code, and how long it took."""
        self.earlier = self.in_memory()
        began = time.monotonic()
        how = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        process = subprocess.Popen(self.command, env=self.env, start_new_session=True, **how)  # type: ignore[call-overload]
        while process.poll() is None:
            age_s = time.monotonic() - began
            for started in self.processes():
                with suppress(psutil.Error):
                    self.seen.add(name_of(started))
            if interrupt_after_s is not None and age_s > interrupt_after_s:
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does
                interrupt_after_s = None
            if stop_after_s is not None and age_s > stop_after_s:
                for started in self.processes():
                    if started.pid != process.pid:
                        with suppress(psutil.Error):
                            started.suspend()
                stop_after_s = None
            time.sleep(0.05)
        return process.returncode, time.monotonic() - began

    def left(self) -> tuple[list[str], list[str]]:
        """Processes and files that are still there; the processes are ended."""
        deadline = time.monotonic() + GRACE_S
        while (processes := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        names = []
        for process in processes:
            with suppress(psutil.Error):
                names.append(name_of(process))
                process.kill()
        return names, sorted({path.name for path in self.temporary.iterdir()} | (self.in_memory() - self.earlier))


def name_of(process: psutil.Process) -> str:
    """The program, and of Python's the module or file that it runs."""
    name, words = Path(process.name()).name, process.cmdline()
    script = next((word for word in words[1:] if word.endswith(".py") or word == "-m"), "")
    return f"{name} {Path(script).name}".strip()


def courses(trial: Trial, dice: random.Random) -> Iterator[tuple[str, int]]:
    """Run the kata in every way; yields how, and with which exit code it ended."""
    solution = answers.solution_path(trial.kata)
    trial.write(solution)
    code, took_s = trial.run()
    yield "passed", code
    mistakes = wrong_answers(trial.kata)
    for mistake in dice.sample(mistakes, min(N_WRONG, len(mistakes))):
        for name, content in mistake.files.items():
            trial.write_file(name, content)
        yield "failed", trial.run()[0]
    trial.write(solution)
    for n in range(N_INTERRUPTED):
        if trial.kata.build:
            trial.write(solution, blank_lines=n + 1)
        yield "Ctrl-C", trial.run(interrupt_after_s=dice.uniform(0.2, 0.95) * took_s)[0]
    if trial.kata.build:
        trial.write(solution, blank_lines=N_INTERRUPTED + 1)
    yield "time-out", trial.run(stop_after_s=dice.uniform(0.4, 0.8) * took_s)[0]


def starts_processes(kata: Kata) -> bool:
    contents = [kata.hidden_test.read_bytes(), *answers.answer_files(kata, answers.solution_path(kata)).values()]
    return any(name.encode() in content for name in STARTERS for content in contents)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.leftovers", description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="this kata; repeatable")
    options = parser.parse_args(argv)
    dice, n_left, n_void = random.Random(1), 0, 0
    with tempfile.TemporaryDirectory(prefix="kata-left-", ignore_cleanup_errors=True) as base:
        scenery = Scenery(Path(base).resolve())
        chosen = [scenery.catalogue.find(name) for name in options.only]
        katas = chosen or [kata for kata in scenery.catalogue.katas if starts_processes(kata)]
        print(ROW.format("kata", "ended by", "exit", "processes", "files", "left"))
        for kata in katas:
            if lacking := needs.missing(kata):
                print(f"{kata.short:<12}left out: needs {', '.join(lacking)}")
                continue
            trial = Trial(scenery, kata)
            for how, code in courses(trial, dice):
                processes, files = trial.left()
                n_left += len(processes)
                n_void += code != EXIT_CODES.get(how, code)
                print(
                    ROW.format(kata.short, how, code, len(processes), len(files), ", ".join([*processes, *files])),
                    flush=True,
                )
            print(f"{'':<12}started: {', '.join(sorted(trial.seen))}", flush=True)
    print(f"\n{n_left} processes left" if n_left else "\nnothing was left running")
    if n_void:
        print(f"{n_void} runs ended otherwise than their names say, and show nothing")
    return int(n_left + n_void > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
