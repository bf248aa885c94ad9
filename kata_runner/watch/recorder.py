"""The thread that records verdicts after they were shown."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from kata_runner.errors import MachineError
from kata_runner.watch.events import NOT_SAVED, Crashed, Event, Judged, Notice, Recorded

RETRY_S = 2.0  # how often a record that failed is tried again


class Recorder:
    """Records each verdict once, in the order in which they were shown, however long the database is unusable.

    record: records one verdict; raises MachineError when that fails.
    send: called from the recorder's thread with Recorded, a Notice, or Crashed.
    """

    def __init__(self, record: Callable[[Judged], Recorded], send: Callable[[Event], None]) -> None:
        self._record = record
        self._send = send
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

    def stop(self, wait_s: float) -> str:
        """Record what is left; returns a sentence about what could not be recorded, "" for none."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()
        self._thread.join(wait_s)
        n = len(self._pending)
        attempts = "1 attempt was" if n == 1 else f"{n} attempts were"
        return f"{attempts} not saved: {self._last_error or 'the database is busy'}" if n else ""

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
            self._send(Crashed(error))

    def _record_all(self) -> bool:
        while self._pending:
            try:
                recorded = self._record(self._pending[0])
            except MachineError as error:
                self._last_error = str(error)
                n = len(self._pending)
                attempts = "The last attempt is" if n == 1 else f"{n} attempts are"
                self._send(Notice(NOT_SAVED, f"{attempts} not saved yet: {error}"))
                return False
            self._pending.popleft()
            self._send(recorded)
        return True
