"""The learner's own tests, judged: on their answer, on the right answers, and on the kata's bugs.

After Brown University's Examplar: tests first have to be valid, that is pass with every right answer; only then do
the bugs that they catch count. See docs/design.md, "The learner's own tests".
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import msgspec

from kata_runner.catalogue import needs, wrong
from kata_runner.catalogue.answers import answer_files, solution_path, style_of, variants
from kata_runner.catalogue.wrong import WrongAnswer
from kata_runner.errors import MachineError, UsageError
from kata_runner.judging.copy import Copy, write
from kata_runner.judging.judge import KataJudge
from kata_runner.judging.launch import ALWAYS_PRELOADED, Child, start_child
from kata_runner.judging.run import Run, Seen
from kata_runner.judging.verdict import machine_fault
from kata_runner.learner.workspace import file_of_tests
from kata_runner.model import Bug, Kata, OwnTestResult, OwnTestsVerdict, Refusal, Submission

MOST_BUGS = 8
N_AT_ONCE = 2
_TO_THE_END = (0, 1, 5)  # pytest's exit codes: all passed, some failed, no tests
N_RUNS_OF_OWN = 3  # a test that fails only now and then is found


class Ran(msgspec.Struct, frozen=True):
    """One run of all tests on one answer.

    problem: why it did not come to its end, "" when it did. timed_out: whether a limit is the reason.
    """

    tests: tuple[OwnTestResult, ...] = ()
    problem: str = ""
    timed_out: bool = False
    running: str = ""

    @property
    def failed(self) -> tuple[OwnTestResult, ...]:
        return tuple(test for test in self.tests if test.status == "failed")

    @property
    def catches(self) -> tuple[str, ...]:
        """The names of the tests by which this run shows that the answer is wrong."""
        names = [test.name for test in self.failed]
        return tuple([*names, self.running] if self.timed_out and self.running else names)


def named_file(kata: Kata) -> str:
    """The name of the learner's file of tests. Raises UsageError where there is nothing to test."""
    if not (name := file_of_tests(kata)):
        files = ", ".join(kata.stub_files)
        raise UsageError(f"kata test is for an answer that is one Python module; {kata.short} asks for {files}")
    return name


def bugs_of(kata: Kata) -> tuple[WrongAnswer, ...]:
    """The mistakes that tests should catch: those marked `bug`, at most eight, over as many promises as they break."""
    marked = [answer for answer in wrong.wrong_answers(kata) if answer.is_bug]
    chosen: list[WrongAnswer] = []
    seen: set[int] = set()
    for answer in marked:
        if not seen.issuperset(answer.promises):
            chosen.append(answer)
            seen.update(answer.promises)
    chosen += [answer for answer in marked if answer not in chosen]
    return tuple(sorted(chosen[:MOST_BUGS], key=lambda answer: answer.name))


def judge_tests(
    kata: Kata, submission: Submission, uses: Mapping[str, Mapping[str, bytes]], child: Child | None = None
) -> OwnTestsVerdict:
    """Run the tests in a submission on the answer beside them, on right answers, and on bugs.

    Raises UsageError when there is no file of tests, MachineError when a package is missing or there is no fork.
    """
    name = named_file(kata)
    if name not in submission.files:
        raise UsageError(f"there is no {name} in {submission.folder}. Lay one out: kata test --new {kata.short}")
    if lacking := needs.missing(kata):
        raise MachineError(f"{', '.join(lacking)} is not installed, and this kata needs it: kata install {kata.short}")
    with Bench(kata, submission, uses, child) as bench:
        return judged_on(bench)


def judged_on(bench: Bench) -> OwnTestsVerdict:
    """What the tests of a bench are worth, step by step."""
    kata = bench.kata
    own = bench.run_all([None])[0]
    n_tests = sum(test.status != "skipped" for test in own.tests)
    if own.problem:
        return OwnTestsVerdict(n_tests, own.problem)
    if own.failed or not n_tests:
        again = bench.run_all([None] * (N_RUNS_OF_OWN - 1)) if n_tests else []
        flaky = _differing([own, *again])
        return OwnTestsVerdict(n_tests, own_failures=tuple(t for t in own.failed if t.name not in flaky), flaky=flaky)
    rights = [solution_path(kata), *variants(kata, "right")]
    answers = [answer_files(kata, path) for path in rights]
    bugs = bugs_of(kata)
    # All at once, the bugs too: most tests are valid, and those that are not learn nothing of the bugs.
    n_again = N_RUNS_OF_OWN - 1
    runs = bench.run_all([*answers, *[None] * n_again, *(bug.files for bug in bugs)])
    of_right, again, of_bugs = runs[: len(rights)], runs[len(rights) :][:n_again], runs[len(rights) + n_again :]
    flaky = _differing([own, *again])
    refusals: list[Refusal] = []
    for path, files, ran in zip(rights, answers, of_right, strict=True):
        if not (ran.failed or ran.problem):
            continue
        once_more = bench.run_all([files] * (N_RUNS_OF_OWN - 1)) if ran.failed else []
        now_and_then = _differing([ran, *once_more])
        flaky += tuple(name for name in now_and_then if name not in flaky)
        style = "the reference" if path == rights[0] else f"another right answer ({style_of(path).rstrip('.')})"
        failed = [test for test in ran.failed if test.name not in flaky]
        if ran.problem:
            failed.append(OwnTestResult(ran.running or "the tests", "failed", ran.problem))
        refusals += [Refusal(style, test) for test in failed]
    found = OwnTestsVerdict(n_tests, flaky=flaky, refusals=tuple(refusals), n_right=len(rights))
    if not found.is_valid:
        return found
    caught = (Bug(b.name, b.sentence, b.promises, r.catches) for b, r in zip(bugs, of_bugs, strict=True))
    return msgspec.structs.replace(found, bugs=tuple(caught))


def _differing(runs: Sequence[Ran]) -> tuple[str, ...]:
    """The names of the tests that passed in one run on an answer and failed in another."""
    failed = [frozenset(test.name for test in ran.failed) for ran in runs if not ran.problem]
    ever = frozenset[str]().union(*failed)
    return tuple(sorted(name for name in ever if not all(name in names for names in failed)))


class Bench:
    """Runs the tests of one submission on answers, a few side by side; leaving the block ends what it has started.

    child: one to ask, started by `start_child("own_tests")`; without one, a new one is started.
    """

    def __init__(
        self, kata: Kata, submission: Submission, uses: Mapping[str, Mapping[str, bytes]], child: Child | None
    ) -> None:
        self.kata = kata
        self._submission = submission
        self._uses = uses
        self._child = child
        self._stack = ExitStack()
        self._free: list[tuple[Child, KataJudge]] = []
        self._lock = threading.Lock()

    def run_all(self, answers: Iterable[Mapping[str, bytes] | None]) -> list[Ran]:
        """Run the tests on each of these answers; None stands for the learner's own."""
        with ThreadPoolExecutor(N_AT_ONCE) as executor:
            return list(executor.map(self._run, answers))

    def _run(self, answer: Mapping[str, bytes] | None) -> Ran:
        with self._lock:
            child, jobs = self._free.pop() if self._free else self._new_child()
        try:
            return self._run_on(child, jobs, answer)
        finally:
            with self._lock:
                self._free.append((child, jobs))

    def _new_child(self) -> tuple[Child, KataJudge]:
        child, self._child = self._child, None
        if child is None:
            child = start_child("own_tests")
            if child is None:
                raise MachineError("kata test needs a system with fork (Linux, macOS, WSL)")
            self._stack.enter_context(child)
        child.preload([*ALWAYS_PRELOADED, *needs.preloads_of(self.kata)])
        return child, self._stack.enter_context(KataJudge(self.kata, self._uses))

    def _run_on(self, child: Child, jobs: KataJudge, answer: Mapping[str, bytes] | None) -> Ran:
        kata, name = self.kata, file_of_tests(self.kata)
        modules = {n[:-3]: c.decode() for n, c in (answer or {}).items() if n.endswith(".py") and "/" not in n}
        built = None
        if kata.build:
            from kata_runner.judging import native

            files = self._submission.files if answer is None else answer
            built = native.build(kata, msgspec.structs.replace(self._submission, files=files), jobs._running)
        with Copy(kata.id) as copy:
            copy.fill(self._submission)
            beside = copy.folder.parent / "answer"  # for processes that the answer starts
            write(beside, {f"{module}.py": source.encode() for module, source in modules.items()})
            job = jobs.job(copy.folder, built, copy.temporary) | {
                "test": str(copy.folder / name),
                "sources": modules,
                "answer": str(beside) if modules else "",
                "closed": [str(_catalogue_of(kata)), str(beside)],
            }
            with Run(kata, job, child) as run:
                run.go()
                return _ran(run.finish(), name)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _catalogue_of(kata: Kata) -> Path:
    """The folder of all katas, which hold the answers."""
    parents = kata.folder.resolve().parents
    return next((folder for folder in parents if (folder / "catalogue.toml").is_file()), parents[0])


def _ran(seen: Seen, name: str) -> Ran:
    tests = tuple(
        OwnTestResult(e["name"], e["status"], e.get("message", ""), e.get("line", 0), e.get("source", ""))
        for e in seen.events
        if e["event"] == "check"
    )
    broken = seen.last("import_failed")
    end = seen.last("end")
    if not seen.has_begun:
        raise MachineError(machine_fault(seen))
    if broken:
        where = f", line {broken['line']}" if broken["line"] else ""
        return Ran(tests, f"{name}{where} cannot be imported: {broken['message']}")
    if seen.exceeded:
        return Ran(tests, seen.exceeded.rstrip(","), timed_out=True, running=seen.running)
    if seen.is_tampered or (end and end["tampered"]):
        return Ran(tests, "the tests replaced a part of pytest or of kata, so their results do not count")
    if not seen.is_complete or end is None or end["exit"] not in _TO_THE_END:
        return Ran(tests, "the tests ended the program before they were done", running=seen.running)
    return Ran(tests)
