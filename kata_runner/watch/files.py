"""Reports when the files of a kata have changed, once they rest; polls where file events do not arrive."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from kata_runner.learner.workspace import answer_paths
from kata_runner.model import Kata

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

DEBOUNCE_S = 0.010  # an editor's second write comes within a few milliseconds
CLOSED_S = 0.003  # where the editor has closed the file, only another file can follow
DEBOUNCE_LIMIT_S = 0.200  # a folder that never rests is judged all the same
# A file of the stub that is gone or empty is most likely half way through being saved.
HALF_SAVED_LIMIT_S = 0.300
SAFETY_POLL_S = 1.0  # while events arrive
POLL_S = 0.25  # when they do not
LATE_EVENT_S = 0.25
# Two changes in a row that only the poll noticed: events do not arrive here.
MISSED_LIMIT = 2

State = tuple[tuple[str, int, int, int, int], ...]


def state_of(paths: Iterable[Path]) -> State:
    """Name, inode, time, size and time of status change (for permissions) of each file that is there."""
    found = []
    for path in paths:
        with contextlib.suppress(OSError):
            stat = path.stat()
            found.append((str(path), stat.st_ino, stat.st_mtime_ns, stat.st_size, stat.st_ctime_ns))
    return tuple(found)


class Watcher:
    """Calls `on_change` from a thread of its own whenever the files of an answer have changed and rest.

    An event only says when to look; what is compared is the state of the folder, so that every way of saving counts.
    A folder that is moved away or deleted is a change, and so is its return.
    on_notice: called once with a sentence when events do not arrive and the folder is polled instead.
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
        self._stub = {str(folder / name) for name, content in kata.stub_files.items() if content}
        self._on_change = on_change
        self._on_notice = on_notice
        self._wake = threading.Event()
        self._open: set[str] = set()  # files that somebody writes to, as far as events tell
        self._stopped = False
        self._n_missed = 0
        self._observer: BaseObserver | None = None
        self._observed = _place(folder)
        if not force_polling:
            self._observe()
        self._state = self._look()
        self._thread = threading.Thread(target=self._follow, name="kata-watch", daemon=True)
        self._thread.start()

    def _observe(self) -> None:
        """Ask the system for events; where it has none, give notice and poll from now on."""
        from watchdog.events import FileSystemEvent, FileSystemEventHandler
        from watchdog.observers import Observer

        wake, open_files = self._wake, self._open

        class Waker(FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                # Our own reading and that of the judge are events too.
                if event.event_type in ("opened", "closed_no_write"):
                    return
                if event.event_type in ("created", "modified") and not event.is_directory:
                    open_files.add(str(event.src_path))
                else:
                    open_files.discard(str(event.src_path))
                wake.set()

        _do_not_wait_for_pairs()
        observer = Observer()
        try:
            observer.schedule(Waker(), str(self.folder), recursive=True)
            observer.start()
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return  # the folder is away; `_observe_anew` tries again when it is back
        except OSError as error:
            self._poll_from_now(f"file events are not available here ({error.strerror or error})")
            return
        self._observer = observer

    def _observe_anew(self) -> None:
        """Events belong to a folder, not to its name: ask again when another folder has that name."""
        place = _place(self.folder)
        if place == self._observed:
            return
        self._observed = place
        self._end_observer()
        if place is not None and not self.is_polling:
            self._observe()
            self._wake.set()  # something may have changed before

    def _look(self) -> State:
        return state_of((self.folder, *answer_paths(self.kata, self.folder)))

    def _poll_from_now(self, why: str) -> None:
        self.is_polling = True
        self._on_notice(f"{why}; looking at the files every {POLL_S:g} s instead")

    def _follow(self) -> None:
        while not self._stopped:
            has_event = self._wake.wait(POLL_S if self.is_polling or self._observed is None else SAFETY_POLL_S)
            if self._stopped:
                return
            if has_event:
                self._rest()
            state = self._look()
            if _files(state) == _files(self._state):
                self._state = state
                self._observe_anew()
                continue
            if not has_event:
                state = self._settle(state)
            state = self._whole(state)
            if self._stopped:
                return
            was_observed = self._observer is not None and _place(self.folder) == self._observed
            self._observe_anew()
            self._state = state
            self._on_change()
            # On a busy machine the event may come after the look.
            if has_event or self.is_polling or self._wake.wait(LATE_EVENT_S):
                self._n_missed = 0
            elif was_observed:
                self._count_missed()

    def _rest(self) -> None:
        """Wait until no event has come for a moment."""
        deadline = time.monotonic() + DEBOUNCE_LIMIT_S
        while time.monotonic() < deadline:
            self._wake.clear()
            if not self._wake.wait(DEBOUNCE_S if self._open else CLOSED_S):
                break
        # Where no event says that a file was closed (macOS, Windows, a change of times), it counts as open only once.
        self._open.clear()

    def _settle(self, state: State) -> State:
        """The same without events: look again until two looks agree."""
        for _ in range(20):
            time.sleep(DEBOUNCE_S)
            before, state = state, self._look()
            if before == state:
                break
        return state

    def _whole(self, state: State) -> State:
        """Give an editor that has moved or emptied a file the time to write the new one."""
        deadline = time.monotonic() + HALF_SAVED_LIMIT_S
        while self._is_half_saved(state) and time.monotonic() < deadline and not self._stopped:
            self._wake.wait(DEBOUNCE_S)
            self._rest()
            state = self._look()
        return state

    def _is_half_saved(self, state: State) -> bool:
        before = {path for path, _, _, size, _ in self._state if size} & self._stub
        return not before <= {path for path, _, _, size, _ in state if size}

    def _count_missed(self) -> None:
        self._n_missed += 1
        if self._n_missed == MISSED_LIMIT and not self.is_polling:
            self._poll_from_now("file events do not arrive here")
            self._end_observer()

    def _end_observer(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join(2)

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(2)
        self._end_observer()

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _place(folder: Path) -> tuple[int, int] | None:
    """Device and inode of the folder at a path; None when there is none."""
    try:
        stat = folder.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _files(state: State) -> object:
    """What is compared: all of each file, but of the folder itself only its inode and whether it may be read."""
    return [entry if i else (entry[1], os.access(entry[0], os.R_OK | os.X_OK)) for i, entry in enumerate(state)]


def _do_not_wait_for_pairs() -> None:
    """watchdog holds back the event of a file that was moved away, half a second, until it turns up elsewhere.

    Everything behind it waits too, which makes saving ten times slower with some editors. We look at the folder,
    not at the events, and need no pairs.
    """
    import importlib

    # Its name before watchdog 7, and since.
    names = {"inotify_buffer": "InotifyBuffer", "inotify_move_event_grouper": "InotifyMoveEventGrouper"}
    for module, name in names.items():
        with contextlib.suppress(ImportError, OSError):
            getattr(importlib.import_module(f"watchdog.observers.{module}"), name).delay = 0.0
