"""Reports when the files of a kata have changed, once they rest."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kata_runner.learner.workspace import answer_paths
from kata_runner.model import Kata

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

LOOK_S = 0.05  # events come late or never on network mounts, in containers, and after the folder was replaced
REST_S = 0.010  # an editor's second write comes within a few milliseconds
# How long to wait for the rest: a folder that never rests is judged all the same, and so is a file that stays empty.
REST_LIMIT_S = 0.300

State = dict[Path, tuple[int, int, int, int]]


class Watcher:
    """Calls `on_change` from a thread of its own whenever the files of an answer have changed and rest.

    An event only says when to look, and a look is taken every LOOK_S without one. What is compared is the state of
    the files, so that every way of saving counts. Files that go away are a change, and so is their return.
    """

    def __init__(self, kata: Kata, folder: Path, on_change: Callable[[], None]) -> None:
        self._kata = kata
        self._folder = folder
        self._stub = {folder / name for name, content in kata.stub_files.items() if content}
        self._on_change = on_change
        self._wake = threading.Event()
        self._is_stopped = False
        self._state = self._look()
        self.problem = ""  # why no events come
        self._observer: BaseObserver | None = None
        try:
            self._observer = observer(folder, self._wake)
        except OSError as error:
            self.problem = error.strerror or str(error)
        self._thread = threading.Thread(target=self._follow, name="kata-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_stopped = True
        self._wake.set()
        self._thread.join(2)
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(2)

    def _look(self) -> State:
        """Inode, time, size and time of status change (for permissions) of each file; of the folder its inode only."""
        state: State = {}
        with contextlib.suppress(OSError):
            state[self._folder] = self._folder.stat().st_ino, 0, 0, 0
        for path in answer_paths(self._kata, self._folder):
            with contextlib.suppress(OSError):
                stat = path.stat()
                state[path] = stat.st_ino, stat.st_mtime_ns, stat.st_size, stat.st_ctime_ns
        return state

    def _follow(self) -> None:
        while not self._is_stopped:
            self._wake.wait(LOOK_S)
            self._wake.clear()
            state = self._look()
            if state == self._state:
                continue
            state = self._rested(state)
            if state != self._state and not self._is_stopped:
                self._state = state
                self._on_change()

    def _rested(self, state: State) -> State:
        """Look again until two looks agree on whole files."""
        deadline = time.monotonic() + REST_LIMIT_S
        while time.monotonic() < deadline and not self._is_stopped:
            time.sleep(REST_S)
            before, state = state, self._look()
            if state == before and not self._is_half_saved(state):
                break
        return state

    def _is_half_saved(self, state: State) -> bool:
        """Whether a file of the stub has gone or is empty: most likely the editor is about to write it."""
        return bool(self._stub & _filled(self._state) - _filled(state))


def _filled(state: State) -> set[Path]:
    return {path for path, (_, _, size, _) in state.items() if size}


def observer(folder: Path, wake: threading.Event) -> BaseObserver:
    """Sets `wake` at each event below the folder. Raises OSError where the system has no events for it."""
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    class Waker(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            # Our own reading and that of the judge are events too.
            if event.event_type not in ("opened", "closed_no_write"):
                wake.set()

    observer = Observer()
    observer.schedule(Waker(), str(folder), recursive=True)
    observer.start()
    return observer
