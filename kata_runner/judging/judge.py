"""Submission → Verdict: starts a child or asks a given one, follows the run, and says what it means.

See docs/design.md, "The judge".
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from kata_runner.catalogue import needs, proof, wrong
from kata_runner.errors import BrokenKata, BuildError, MachineError
from kata_runner.judging import rules
from kata_runner.judging.copy import Copy, write
from kata_runner.judging.launch import Child, Event, start_child
from kata_runner.judging.run import OnEvent, Run, Seen, make_job, run_alone
from kata_runner.judging.verdict import failed_names, first_shown, machine_fault, source_line, verdict_of
from kata_runner.learner.workspace import file_of_tests
from kata_runner.model import CodeLine, Kata, Outcome, RuleBreach, Submission, Verdict

# CPython below 3.11.8 counts the depth of syntax trees for all threads together: two that parse at once may fail
# with a SystemError (gh-106905). Whoever parses where several threads judge holds this.
parsing = threading.RLock()
REST_SECONDS = 2.0  # for each of the checks that come after one that took too long
NOT_TO_ITS_END = (
    "your code was not judged to the end: every check had passed, but then the process that compares its cost with the "
    "reference's was ended ({}). Nothing was recorded.\nTry again; if it stays so, look at this machine: kata doctor"
)
Result = tuple[Seen, tuple[RuleBreach, ...]]  # what a run reported, and the rules that the text breaks


def judge(
    kata: Kata,
    submission: Submission,
    *,
    uses: Mapping[str, Mapping[str, bytes]] | None = None,
    seed: int = 0,
    order_seed: int | None = None,
    only: Sequence[str] | None = None,
    child: Child | None = None,
) -> Verdict:
    """Judge a submission in a process of its own.

    uses: id of each used kata -> the files of its solved answer, which the submission may import.
    seed: for everything random in the hidden test; order_seed: shuffles the checks.
    only: the names of the checks to run; None runs all of them.
    child: a child to ask; without one, a new one is started and ended.
    Raises MachineError when the machine lacks a tool (a compiler) that the kata needs, or the run did not come to the
    learner's code.
    """
    with KataJudge(kata, uses, child=child, seed=seed, order_seed=order_seed, only=only) as kata_judge:
        return kata_judge.check(submission)


class _Waiting(msgspec.Struct, frozen=True):
    """A worker that waits for the word, and the copy in which it will find the submission.

    ends: ends both. test: the state of the hidden test that the worker has read.
    """

    run: Run
    copy: Copy
    ends: contextlib.ExitStack
    test: object


class KataJudge:
    """Judges submissions of one kata, one after the other; `fork_ahead` prepares the next run.

    counts_calls: whether there is an event "call" for each call of the learner's code by a check.
    """

    def __init__(
        self,
        kata: Kata,
        uses: Mapping[str, Mapping[str, bytes]] | None = None,
        *,
        child: Child | None = None,
        seed: int = 0,
        order_seed: int | None = None,
        only: Sequence[str] | None = None,
        counts_calls: bool = False,
    ) -> None:
        self.kata = kata
        self._uses = uses or {}
        self._used: dict[str, Path] | None = None
        self._child = child
        self._own_child: Child | None = None
        self._choice: Event = {"seed": seed, "order_seed": order_seed, "only": only, "counts_calls": counts_calls}
        self._stack = contextlib.ExitStack()
        self._ahead: _Waiting | None = None
        self._end_run: Callable[[], None] | None = None
        self._is_cancelled = threading.Event()

    def fork_ahead(self) -> None:
        """Let a worker go through pytest's start for the next submission, and wait for the word."""
        if self._child is None or self.kata.build or not self._child.is_alive:
            return
        self._drop_ahead()
        self._ahead = self._start_worker(self._child)

    @property
    def has_forked_ahead(self) -> bool:
        """Whether a worker waits that has read the hidden test as it is now."""
        return self._ahead is not None and self._ahead.test == self._state_of_test()

    def check(
        self, submission: Submission, on_event: OnEvent | None = None, cancelled: threading.Event | None = None
    ) -> Verdict:
        """Judge one submission; see `judge`.

        on_event: called with each event ("plan", "start", "check", …) as it happens.
        cancelled: set by another thread, together with `cancel`, when the verdict is no longer wanted.
        """
        started = time.perf_counter()
        self._is_cancelled = cancelled or threading.Event()
        if lacking := needs.missing(self.kata):
            verdict = self._without_run(submission, Outcome.MISSING, _missing_message(self.kata, lacking))
        else:
            try:
                verdict = self._verdict(submission, self._build(submission), on_event)
            except BuildError as error:
                line = source_line(submission, error.file, error.line)
                where = CodeLine(error.file, error.line, line) if error.file else None
                what = {"where": where, "log": error.log[-20_000:]}
                verdict = self._without_run(submission, Outcome.BROKE, f"it does not compile: {error}", **what)
        return replace(verdict, duration_s=time.perf_counter() - started)

    def cancel(self) -> None:
        """End the current run, from another thread; its verdict is then BROKE, and means nothing."""
        end_run = self._end_run
        if end_run is not None:
            end_run()

    def _without_run(self, submission: Submission, outcome: Outcome, message: str, **what: Any) -> Verdict:
        return Verdict(kata_id=self.kata.id, digest=submission.digest, outcome=outcome, message=message, **what)

    def _build(self, submission: Submission) -> Path | None:
        if not self.kata.build:
            return None
        from kata_runner.judging import native

        return native.build(self.kata, submission, self._running)

    def _verdict(self, submission: Submission, built: Path | None, on_event: OnEvent | None) -> Verdict:
        seen, breaches = self._run(submission, built, on_event)
        if not (seen.has_begun or self._is_cancelled.is_set()):
            raise MachineError(machine_fault(seen))
        if seen.exceeded and seen.has_passed_all:
            raise MachineError(NOT_TO_ITS_END.format(seen.exceeded.rstrip(",")))
        if seen.timed_out and seen.still_to_run:
            seen.events += self._results_of_the_rest(submission, built, seen.still_to_run)
        verdict = verdict_of(self.kata, submission, seen, breaches)
        often_means: tuple[str, ...] = ()
        if verdict.outcome is Outcome.FAILED:
            often_means = _often_means(self.kata, verdict)
        return replace(verdict, often_means=often_means)

    def _results_of_the_rest(self, submission: Submission, built: Path | None, names: Sequence[str]) -> list[Event]:
        """The results of the checks that were still to run when one took too long, up to one that hangs too."""
        limits = replace(self.kata.limits, seconds=min(REST_SECONDS, self.kata.limits.seconds))
        kata = replace(self.kata, limits=limits)
        choice = self._choice | {"only": names}
        child = self._child or self._own_child
        with KataJudge(kata, self._uses, child=child, **choice) as rest, self._running(rest.cancel):
            rest._is_cancelled = self._is_cancelled
            seen, _ = rest._run(submission, built, None)
        return [event for event in seen.events if event["event"] == "check"]

    def _run(self, submission: Submission, built: Path | None, on_event: OnEvent | None) -> Result:
        if (ahead := self._take_ahead()) is not None:
            seen, breaches = self._follow(ahead, submission, on_event)
            # A worker that ended before the word came says nothing about the learner's code.
            if seen.has_begun or self._is_cancelled.is_set():
                return seen, breaches
        child = self._child or self._start_own()
        if child is not None:
            return self._follow(self._start_worker(child, built), submission, on_event)
        with Copy(self.kata.id) as copy:
            copy.fill(submission)
            seen = run_alone(self.kata, self.job(copy.folder, built, copy.temporary), on_event, self._running)
            return copy.taken_home(seen, submission.folder), self._breaches(submission)

    def _start_worker(self, child: Child, built: Path | None = None) -> _Waiting:
        test = self._state_of_test()
        with contextlib.ExitStack() as stack:
            copy = stack.enter_context(Copy(self.kata.id))
            run = stack.enter_context(Run(self.kata, self.job(copy.folder, built, copy.temporary), child))
            return _Waiting(run, copy, stack.pop_all(), test)

    def _take_ahead(self) -> _Waiting | None:
        if not self.has_forked_ahead:
            self._drop_ahead()
        ahead, self._ahead = self._ahead, None
        return ahead

    def _drop_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.ends.close()
            self._ahead = None

    def _follow(self, waiting: _Waiting, submission: Submission, on_event: OnEvent | None) -> Result:
        run, copy = waiting.run, waiting.copy
        with waiting.ends, self._running(run.cancel):
            copy.fill(submission)
            if not self._is_cancelled.is_set():
                run.go()
            breaches = self._breaches(submission)  # while the worker runs
            return copy.taken_home(run.finish(on_event), submission.folder), breaches

    @contextlib.contextmanager
    def _running(self, end_run: Callable[[], None]) -> Iterator[None]:
        """Let `cancel` end the run in this block; one that was cancelled before it began is ended at once."""
        self._end_run = end_run
        try:
            if self._is_cancelled.is_set():
                end_run()
            yield
        finally:
            self._end_run = None

    def _breaches(self, submission: Submission) -> tuple[RuleBreach, ...]:
        tests = file_of_tests(self.kata)  # the learner's own, for which the rules are not meant
        files = {name: content for name, content in submission.files.items() if name != tests}
        with parsing:
            return rules.breaches(self.kata, replace(submission, files=files), self._used or ())

    def _state_of_test(self) -> object:
        """What a worker that waits has read already: it is of no use when that has changed."""
        with contextlib.suppress(OSError):
            test = self.kata.hidden_test.stat()
            return test.st_mtime_ns, test.st_size
        return None

    def job(self, folder: Path, built: Path | None = None, temporary: Path | None = None) -> Event:
        """What a worker must know to run the answer that stands in `folder`."""
        if self._used is None:
            self._used = self._lay_out_uses()
        return make_job(self.kata, folder, self._used, built, temporary) | self._choice

    def _lay_out_uses(self) -> dict[str, Path]:
        """Write the modules of earlier katas where the worker can import them; returns module -> file."""
        if not self._uses:
            return {}
        base = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="kata-uses-"))).resolve()
        used: dict[str, Path] = {}
        for used_id, files in self._uses.items():
            write(base / used_id, files)
            used |= {n[:-3]: base / used_id / n for n in files if n.endswith(".py") and "/" not in n}
        return used

    def _start_own(self) -> Child | None:
        if self._own_child is None:
            self._own_child = start_child()
        return self._own_child

    def close(self) -> None:
        """End what this judge has started."""
        self._drop_ahead()
        if self._own_child is not None:
            self._own_child.close()
        self._stack.close()

    def __enter__(self) -> KataJudge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _missing_message(kata: Kata, lacking: Sequence[str]) -> str:
    verb = "is" if len(lacking) == 1 else "are"
    return f"{', '.join(lacking)} {verb} not installed, and this kata needs it: kata install {kata.short}"


def _often_means(kata: Kata, verdict: Verdict) -> tuple[str, ...]:
    """The sentence of the one known mistake that fails the same checks and shows the same; nothing where several do."""
    shown = first_shown(verdict.checks)
    failed = set(failed_names(verdict))
    try:
        known = proof.read(kata).mistakes
        alike = [name for name, seen in known.items() if seen.shows == shown and set(seen.fails) == failed]
        with parsing:
            sentences = set(wrong.sentences_of(kata, alike).values()) if shown and alike else set()
    except BrokenKata:  # the audit reports it to the author; the learner's verdict does not depend on it
        return ()
    return tuple(sentences) if len(sentences) == 1 else ()
