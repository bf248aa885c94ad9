"""The two threads behind a watch: one judges whatever was saved last on a warm child, one records what was shown."""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kata_runner.catalogue import needs
from kata_runner.errors import KataError, MachineError
from kata_runner.judging import judge, launch
from kata_runner.model import Kata, Outcome, Submission, Verdict

DRAWING_S = 0.02  # left to the screen before the next worker is made ready
IDLE_LOOK_S = 1.0  # how often an idle desk looks whether its child still serves
RETRY_S = 2.0  # how often a record that failed is tried again
LIVES = 3  # children that may die under one submission before that is said

Uses = tuple[Mapping[str, Mapping[str, bytes]], Sequence[str]]


@dataclass(frozen=True)
class Judged:
    """A verdict, the code it is about, and the katas whose reference was borrowed for it."""

    ticket: int
    submission: Submission
    verdict: Verdict
    borrowed: tuple[str, ...] = ()

    @property
    def is_recordable(self) -> bool:
        return self.verdict.outcome not in (Outcome.FAULT, Outcome.MISSING)


@dataclass(frozen=True)
class Trouble:
    """Why a submission could not be judged, in words."""

    ticket: int
    message: str


@dataclass(frozen=True)
class Saved:
    """What recording a verdict gave."""

    judged: Judged
    result: object


@dataclass(frozen=True)
class NotSaved:
    """Why the oldest of `n_waiting` verdicts could not be recorded; it is tried again."""

    n_waiting: int
    message: str


@dataclass(frozen=True)
class Crashed:
    """A thread came to an end that it should not have."""

    error: BaseException


Tell = Callable[[object], None]


@dataclass
class _Order:
    ticket: int
    kata: Kata
    submission: Submission
    cancelled: threading.Event = field(default_factory=threading.Event)
    events: list[launch.Event] = field(default_factory=list)


class Desk:
    """Judges the newest submission; one that is overtaken by a newer one is ended, and nothing is told of it.

    find_uses: the files of the katas that a kata builds on, and which of them are borrowed.
    tell: called from the desk's thread with Judged, Trouble or Crashed.
    """

    def __init__(self, find_uses: Callable[[Kata], Uses], tell: Tell) -> None:
        self._find_uses = find_uses
        self._tell = tell
        self._changed = threading.Condition()
        self._waiting: _Order | None = None
        self._running: _Order | None = None
        self._is_stopped = False
        self._n_tickets = 0
        self._place: tuple[Kata, Path] | None = None
        # What follows belongs to the desk's thread.
        self._open: tuple[Kata, Path] | None = None
        self._child: launch.Child | None = None
        self._bench: judge.Bench | None = None
        self._borrowed: tuple[str, ...] = ()
        self._fingerprint = ""
        self._thread = threading.Thread(target=self._serve, name="kata-desk", daemon=True)
        self._thread.start()

    # from other threads

    def sit_down(self, kata: Kata, folder: Path) -> None:
        """Get ready for a kata: what it builds on is looked up anew."""
        with self._changed:
            self._place = kata, folder
            self._drop_orders()
            self._changed.notify()

    def hand_in(self, kata: Kata, submission: Submission) -> int:
        """Judge a submission instead of any that waits or runs; gives the ticket under which its verdict is told."""
        with self._changed:
            self._drop_orders()
            self._n_tickets += 1
            self._waiting = _Order(self._n_tickets, kata, submission)
            self._changed.notify()
            return self._n_tickets

    def cancel(self) -> None:
        """Judge nothing that was handed in before."""
        with self._changed:
            self._drop_orders()

    def events(self) -> list[launch.Event]:
        """What the running check has told so far; not handed on one by one, which would slow it down."""
        running = self._running
        return list(running.events) if running is not None else []

    def stop(self, wait_s: float) -> None:
        """End whatever runs, and the child."""
        with self._changed:
            self._is_stopped = True
            self._drop_orders()
            self._changed.notify()
        self._thread.join(wait_s)

    @property
    def child_pid(self) -> int:
        return self._child.pid if self._child else 0

    def _drop_orders(self) -> None:
        self._waiting = None
        if self._running is not None:
            self._end_running(self._running)

    def _end_running(self, order: _Order) -> None:
        order.cancelled.set()
        if order is self._running and self._bench is not None:
            self._bench.cancel()

    # the desk's own thread

    def _serve(self) -> None:
        try:
            while not self._is_stopped:
                self._get_ready()
                with self._changed:
                    if self._waiting is None and not self._is_stopped:
                        self._changed.wait(IDLE_LOOK_S)
                    order, self._waiting = self._waiting, None
                    self._running = order
                if order is not None and not self._is_stopped:
                    self._judge(order)
                    with self._changed:
                        # First the verdict is drawn; a thread that works beside would make that take longer.
                        if self._waiting is None and not self._is_stopped:
                            self._changed.wait(DRAWING_S)
        except BaseException as error:
            self._tell(Crashed(error))
        finally:
            self._drop_child()

    def _get_ready(self) -> None:
        """Have a child and a worker that waits, so that the next save only has to say the word."""
        with self._changed:
            if self._place is None or self._waiting is not None:
                return
        # Told when a submission is judged, where somebody looks.
        with contextlib.suppress(KataError, OSError):
            bench = self._current_bench()
            if self._open is not None and not bench.is_armed:
                bench.arm(self._open[1])

    def _current_bench(self) -> judge.Bench:
        """A bench for the place on a child that would judge as a new one does."""
        fingerprint = launch.fingerprint()
        if self._child is not None and not (self._child.is_alive and fingerprint == self._fingerprint):
            importlib.invalidate_caches()  # packages may have come
            self._drop_child()
        place = self._place
        assert place is not None
        if self._bench is not None and place is not self._open:
            self._drop_bench()
        if self._bench is None:
            kata, _ = place
            uses, borrowed = self._find_uses(kata)
            if self._child is None:
                self._fingerprint = fingerprint
                self._child = launch.start_child()
            if self._child is not None:
                self._child.is_warm = True
                self._child.preload([*judge.ALWAYS_PRELOADED, *needs.preloads_of(kata)])
            self._open, self._borrowed = place, tuple(borrowed)
            self._bench = judge.Bench(kata, uses, child=self._child)
        return self._bench

    def _judge(self, order: _Order) -> None:
        try:
            verdict = self._verdict(order)
        except (KataError, OSError) as error:
            outcome: object = Trouble(order.ticket, str(error))
        else:
            if verdict is None:
                outcome = Trouble(order.ticket, _KEEPS_ENDING)
            else:
                outcome = Judged(order.ticket, order.submission, verdict, self._borrowed)
        with self._changed:
            self._running = None
            is_wanted = not order.cancelled.is_set()
        if is_wanted:
            self._tell(outcome)

    def _verdict(self, order: _Order) -> Verdict | None:
        """The verdict; None when child after child died under it."""

        for _ in range(LIVES):
            bench = self._current_bench()
            order.events = []
            verdict = bench.check(order.submission, order.events.append, order.cancelled)
            if self._child is None or self._child.is_alive or order.cancelled.is_set():
                return verdict
        return None

    def _drop_bench(self) -> None:
        with self._changed:
            bench, self._bench = self._bench, None
        if bench is not None:
            bench.close()

    def _drop_child(self) -> None:
        self._drop_bench()
        child, self._child = self._child, None
        if child is not None:
            child.close()


class Recorder:
    """Records each verdict once, in the order in which they were shown, however long the database is unusable.

    record: keeps one verdict; raises MachineError when that fails. tell: called with Saved, NotSaved or Crashed.
    """

    def __init__(self, record: Callable[[Judged], object], tell: Tell) -> None:
        self._record = record
        self._tell = tell
        self._changed = threading.Condition()
        self._pending: deque[Judged] = deque()
        self._is_stopped = False
        self._last_error = ""
        self._thread = threading.Thread(target=self._serve, name="kata-recorder", daemon=True)
        self._thread.start()

    def add(self, judged: Judged) -> None:
        with self._changed:
            self._pending.append(judged)
            self._changed.notify()

    def stop(self, wait_s: float) -> NotSaved | None:
        """Record what is left; gives what could not be."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()
        self._thread.join(wait_s)
        n_left = len(self._pending)
        return NotSaved(n_left, self._last_error or "the database is busy") if n_left else None

    def _serve(self) -> None:
        try:
            while True:
                with self._changed:
                    while not self._pending and not self._is_stopped:
                        self._changed.wait()
                    if not self._pending:
                        return
                if not self._record_all() and self._is_stopped:
                    return
                with self._changed:
                    if self._pending and not self._is_stopped:
                        self._changed.wait(RETRY_S)
        except BaseException as error:
            self._tell(Crashed(error))

    def _record_all(self) -> bool:
        while self._pending:
            judged = self._pending[0]
            try:
                result = self._record(judged)
            except MachineError as error:
                self._last_error = str(error)
                self._tell(NotSaved(len(self._pending), str(error)))
                return False
            self._pending.popleft()
            self._tell(Saved(judged, result))
        return True


_KEEPS_ENDING = (
    "the process that judges has ended three times in a row, and not by your code. "
    "Is memory short? Look at this machine: kata doctor. Then try again: r"
)
