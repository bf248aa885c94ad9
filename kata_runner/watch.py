"""File events → "this kata changed", debounced; notices by itself when events do not arrive, and polls."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from kata_runner.model import Kata
from kata_runner.workspace import answer_paths

DEBOUNCE_S = 0.010  # an editor's second write comes within a few milliseconds
DEBOUNCE_LIMIT_S = 0.200  # a folder that never rests is judged all the same
SAFETY_POLL_S = 1.0  # while events arrive
POLL_S = 0.25  # when they do not
# Two changes in a row that only the poll noticed: events do not arrive here.
MISSED_LIMIT = 2

State = tuple[tuple[str, int, int, int], ...]


def state_of(paths: Iterable[Path]) -> State:
    """Name, inode, time and size of each file that is there."""
    found = []
    for path in paths:
        with contextlib.suppress(OSError):
            stat = path.stat()
            found.append((str(path), stat.st_ino, stat.st_mtime_ns, stat.st_size))
    return tuple(found)


class Watcher:
    """Calls `on_change` from a thread of its own whenever the files of an answer have changed and rest.

    Every way of saving counts, because not events are compared but the state of the folder: an event only says
    when to look. on_notice: told once, in words, when events do not arrive and the folder is polled instead.
    """

    def __init__(
        self,
        kata: Kata,
        folder: Path,
        on_change: Callable[[], None],
        on_notice: Callable[[str], None] = lambda _: None,
        *,
        force_polling: bool = False,
    ) -> None:
        self.kata = kata
        self.folder = folder
        self.is_polling = force_polling
        self._on_change = on_change
        self._on_notice = on_notice
        self._wake = threading.Event()
        self._stopped = False
        self._state = self._look()
        self._n_missed = 0
        self._observer = None if force_polling else self._observe()
        self._thread = threading.Thread(target=self._follow, name="kata-watch", daemon=True)
        self._thread.start()

    def _observe(self) -> object | None:
        """Ask the system for events; None, with a notice, when it has none to give."""
        from watchdog.events import FileSystemEvent, FileSystemEventHandler
        from watchdog.observers import Observer

        wake = self._wake

        class Waker(FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                # Our own reading and that of the judge are events too.
                if event.event_type not in ("opened", "closed_no_write"):
                    wake.set()

        _do_not_wait_for_pairs()
        observer = Observer()
        try:
            observer.schedule(Waker(), str(self.folder), recursive=True)
            observer.start()
        except OSError as error:
            self._poll_from_now(f"file events cannot be had here ({error.strerror or error})")
            return None
        return observer

    def _look(self) -> State:
        return state_of(answer_paths(self.kata, self.folder))

    def _poll_from_now(self, why: str) -> None:
        self.is_polling = True
        self._on_notice(f"{why}; looking at the files every {POLL_S:g} s instead")

    def _follow(self) -> None:
        while not self._stopped:
            is_told = self._wake.wait(POLL_S if self.is_polling else SAFETY_POLL_S)
            if self._stopped:
                return
            if is_told:
                self._rest()
            state = self._look()
            if state == self._state:
                continue
            if not is_told:
                state = self._settle(state)
                self._count_missed()
            self._state = state
            self._on_change()

    def _rest(self) -> None:
        """Wait until no event has come for a moment."""
        deadline = time.monotonic() + DEBOUNCE_LIMIT_S
        while time.monotonic() < deadline:
            self._wake.clear()
            if not self._wake.wait(DEBOUNCE_S):
                return

    def _settle(self, state: State) -> State:
        """The same without events: look again until two looks agree."""
        for _ in range(20):
            time.sleep(DEBOUNCE_S)
            before, state = state, self._look()
            if before == state:
                break
        return state

    def _count_missed(self) -> None:
        self._n_missed += 1
        if self._n_missed == MISSED_LIMIT and not self.is_polling:
            self._poll_from_now("file events do not arrive here")

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()
        if self._observer is not None:
            self._observer.stop()  # type: ignore[attr-defined]
            self._observer.join(2)  # type: ignore[attr-defined]
        if threading.current_thread() is not self._thread:
            self._thread.join(2)

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _do_not_wait_for_pairs() -> None:
    """watchdog holds back a file that was moved away for half a second, in case it turns up elsewhere in the folder.

    Everything behind it waits too, which makes the way in which some editors save ten times slower. We look at
    the folder, not at the events, so a pair tells us nothing.
    """
    with contextlib.suppress(ImportError):
        from watchdog.observers.inotify_move_event_grouper import InotifyMoveEventGrouper

        InotifyMoveEventGrouper.delay = 0.0
