"""The thread that judges whatever was saved last, on a child that stays warm."""

from __future__ import annotations

import contextlib
import importlib
import threading
import time
from collections.abc import Callable

import msgspec

from kata_runner.catalogue import needs
from kata_runner.errors import KataError, MachineError
from kata_runner.judging import launch
from kata_runner.judging.judge import KataJudge
from kata_runner.model import Kata, Submission, Verdict
from kata_runner.practice import UsedKatas
from kata_runner.watch import updated
from kata_runner.watch.events import Crashed, Event, Judged, Trouble

IDLE_LOOK_S = 1.0  # how often an idle thread looks whether its child is still usable
MAX_TRIES = 3  # a submission is judged again when its child has died


class _Job(msgspec.Struct):
    ticket: int
    kata: Kata
    submission: Submission
    cancelled: threading.Event = msgspec.field(default_factory=threading.Event)
    reports: list[launch.Event] = msgspec.field(default_factory=list)
    reported_at: float = msgspec.field(default_factory=time.monotonic)

    def take(self, report: launch.Event) -> None:
        self.reports.append(report)
        self.reported_at = time.monotonic()


class JudgeThread:
    """Judges the newest submission; the run of an older one is ended, and nothing is reported of it.

    find_used: the files of the katas that a kata builds on.
    send: called from this thread with Judged, Trouble or Crashed.
    """

    def __init__(self, find_used: Callable[[Kata], UsedKatas], send: Callable[[Event], None]) -> None:
        self._find_used = find_used
        self._send = send
        self._changed = threading.Condition()
        self._waiting: _Job | None = None
        self._running: _Job | None = None
        self._is_stopped = False
        self._wanted: Kata | None = None
        self._is_ready = False  # for the wanted kata
        # What follows belongs to this thread.
        self._child: launch.Child | None = None
        self._kata_judge: KataJudge | None = None
        self._borrowed: tuple[str, ...] = ()
        self._fingerprint = ""
        self._thread = threading.Thread(target=self._serve, name="kata-judge", daemon=True)
        self._thread.start()

    # from other threads

    def get_ready(self, kata: Kata) -> None:
        """Prepare for a kata; what it builds on is looked up again."""
        with self._changed:
            self._wanted, self._is_ready = kata, False
            self._drop_jobs()
            self._changed.notify()

    def judge(self, ticket: int, kata: Kata, submission: Submission) -> None:
        """Judge a submission instead of any that waits or runs; what comes of it carries the ticket."""
        with self._changed:
            self._drop_jobs()
            self._waiting = _Job(ticket, kata, submission)
            self._changed.notify()

    def cancel(self) -> None:
        """Judge nothing that was asked for before."""
        with self._changed:
            self._drop_jobs()

    def progress(self) -> tuple[list[launch.Event], float]:
        """What the current run has reported, and for how many seconds nothing; looked at, so that it slows no run."""
        running = self._running
        return (list(running.reports), time.monotonic() - running.reported_at) if running is not None else ([], 0.0)

    def stop(self, wait_s: float) -> None:
        """End whatever runs, and the child."""
        with self._changed:
            self._is_stopped = True
            self._drop_jobs()
            self._changed.notify()
        self._thread.join(wait_s)

    def _drop_jobs(self) -> None:
        self._waiting = None
        if self._running is not None:
            self._running.cancelled.set()
            if self._kata_judge is not None:
                self._kata_judge.cancel()

    # this thread

    def _serve(self) -> None:
        try:
            while not self._is_stopped:
                updated.refuse()
                self._fork_ahead()
                with self._changed:
                    if self._waiting is None and not self._is_stopped:
                        self._changed.wait(IDLE_LOOK_S)
                    job, self._waiting = self._waiting, None
                    self._running = job
                if job is not None and not self._is_stopped:
                    self._judge(job)
        except BaseException as error:
            self._send(Crashed(error))
        finally:
            self._drop_child()

    def _fork_ahead(self) -> None:
        """Have a child and a waiting worker, so that the next save only has to send one byte."""
        with self._changed:
            if self._wanted is None or self._waiting is not None:
                return
        # Reported when a submission is judged, where the learner looks.
        with contextlib.suppress(KataError, OSError):
            kata_judge = self._current_judge()
            if not kata_judge.has_forked_ahead:
                kata_judge.fork_ahead()

    def _current_judge(self) -> KataJudge:
        """A judge of the wanted kata, on a child that judges as a new one would."""
        fingerprint = launch.fingerprint()
        if self._child is not None and not (self._child.is_alive and fingerprint == self._fingerprint):
            importlib.invalidate_caches()  # packages may have been installed
            self._drop_child()
        with self._changed:
            kata, is_ready, self._is_ready = self._wanted, self._is_ready, True
        assert kata is not None
        if not is_ready:
            self._drop_judge()
        if self._kata_judge is None:
            used = self._find_used(kata)
            if self._child is None:
                self._fingerprint = fingerprint
                self._child = launch.start_child()
            if self._child is not None:
                self._child.preload([*launch.ALWAYS_PRELOADED, *needs.preloads_of(kata)])
            self._borrowed = used.borrowed
            self._kata_judge = KataJudge(kata, used.files, child=self._child)
        return self._kata_judge

    def _judge(self, job: _Job) -> None:
        try:
            outcome: Event = Judged(job.ticket, job.submission, self._verdict(job), self._borrowed)
        except (KataError, OSError) as error:
            outcome = Trouble(str(error), job.ticket)
        with self._changed:
            self._running = None
            is_wanted = not job.cancelled.is_set()
        if is_wanted:
            self._send(outcome)

    def _verdict(self, job: _Job) -> Verdict:
        for n_left in reversed(range(MAX_TRIES)):
            kata_judge = self._current_judge()
            job.reports = []
            try:
                verdict = kata_judge.check(job.submission, job.take, job.cancelled)
            except MachineError:
                if n_left == 0 or self._child is None or self._child.is_alive:
                    raise
            else:
                if self._child is None or self._child.is_alive or job.cancelled.is_set():
                    return verdict
        # What a child that died under it says would be taken for the learner's fault.
        raise MachineError(
            f"the process that judges ended {MAX_TRIES} times in a row, and not by your code. "
            "Is memory short? Look at this machine: kata doctor. Then try again: r"
        )

    def _drop_judge(self) -> None:
        with self._changed:
            kata_judge, self._kata_judge = self._kata_judge, None
        if kata_judge is not None:
            kata_judge.close()

    def _drop_child(self) -> None:
        self._drop_judge()
        child, self._child = self._child, None
        if child is not None:
            child.close()
