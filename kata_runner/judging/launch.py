"""Starts the child, the parent of workers. See docs/design.md, "The judge".

Imports little: `kata check` starts its child with this before anything else.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from pathlib import Path

# What it takes to import typing, socket or subprocess would be waited for before the child can start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from typing import Any, TypeAlias

Event: TypeAlias = "dict[str, Any]"

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE.parent
FORKS = hasattr(os, "fork") and hasattr(os, "posix_spawn")
CONTROL_FD = 196  # the child's end of the control socket, under a number that nothing else has there


def child_environment() -> dict[str, str]:
    """The environment in which the learner's code runs: one thread budget, no byte code, nothing of Python's own."""
    ours = ("PYTHONUTF8", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON") or k in ours}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
    fixed = {
        # The same order of sets in every run, so that a failing case can be replayed.
        "PYTHONHASHSEED": "0",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "",
        "MPLBACKEND": "Agg",
    }
    return kept | threads | fixed


def child_command(call: str) -> list[str]:
    # -P keeps the current folder off the path; our own package may not be installed, only beside us.
    boot = f"import sys; sys.path.append({str(ROOT)!r}); from kata_runner.judging.child import parent; parent.{call}"
    return [sys.executable, "-P", "-c", boot]


class Process:
    """A process that we have started."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._has_ended = False

    def has_ended(self) -> bool:
        if not self._has_ended:
            with contextlib.suppress(ChildProcessError):  # another thread was told
                if os.waitpid(self.pid, os.WNOHANG)[0] == 0:
                    return False
            self._has_ended = True
        return True

    def ends_within(self, wait_s: float) -> bool:
        deadline = time.monotonic() + wait_s
        while not self.has_ended():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.001)
        return True


class Child:
    """A process that forks a worker per check. Not shared between threads."""

    def __init__(self, process: Process, control: socket.socket) -> None:
        self._process = process
        self._control = control
        self._buffer = b""
        self._n_runs = 0
        self._awaited: set[int] = set()  # runs whose end somebody may ask for
        self._ended: dict[int, Event] = {}
        self._preloaded: set[str] = set()
        self._is_gone = False
        self.is_warm = False

    @property
    def is_alive(self) -> bool:
        return not self._is_gone and not self._process.has_ended()

    @property
    def pid(self) -> int:
        return self._process.pid

    def begin(self, job: Event, event_end: int, output_end: int) -> int:
        """Ask for a worker; gives the number of its run."""
        import json
        import socket

        self._hear()
        self._n_runs += 1
        message = json.dumps({"do": "run", "run": self._n_runs, **job}).encode() + b"\n"
        socket.send_fds(self._control, [message], [event_end, output_end])
        self._awaited.add(self._n_runs)
        return self._n_runs

    def order(self, what: str, run: int) -> None:
        import json

        with contextlib.suppress(OSError):
            self._control.sendall(json.dumps({"do": what, "run": run}).encode() + b"\n")

    def preload(self, modules: Sequence[str]) -> None:
        """Import modules in the child, for all workers to come; each is asked for once. Does not wait for it."""
        import json

        fresh = [name for name in modules if name not in self._preloaded]
        self._preloaded.update(fresh)
        if fresh:
            with contextlib.suppress(OSError):
                self._control.sendall(json.dumps({"do": "preload", "modules": fresh}).encode() + b"\n")

    def wait_ended(self, run: int, timeout_s: float) -> Event | None:
        """The message that the worker of this run has ended, or None when none came in time or the child died."""
        deadline = time.monotonic() + timeout_s
        while run not in self._ended:
            message = self._receive(deadline - time.monotonic())
            if message is None:
                return None
            self._note(message)
        return self._ended.pop(run)

    def forget(self, run: int) -> None:
        """Nobody will ask for the end of this run."""
        self._awaited.discard(run)
        self._ended.pop(run, None)

    def _hear(self) -> None:
        """Take in what the child has sent: one whose messages nobody reads would come to wait for us."""
        while message := self._receive(0.0):
            self._note(message)

    def _note(self, message: Event) -> None:
        if "ended" in message and message["run"] in self._awaited:
            self._ended[message["run"]] = message

    def _receive(self, timeout_s: float) -> Event | None:
        """The child's next message, or None when the time is over or the child is gone."""
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self._buffer:
            try:
                self._control.settimeout(max(0.0, deadline - time.monotonic()))
                data = self._control.recv(65536)
            except (TimeoutError, BlockingIOError):
                return None
            except OSError:
                data = b""
            finally:
                with contextlib.suppress(OSError):
                    self._control.settimeout(None)
            if not data:
                self._is_gone = True
                return None
            self._buffer += data
        import json

        line, _, self._buffer = self._buffer.partition(b"\n")
        message: Event = json.loads(line)
        return message

    def let_go(self) -> None:
        """Ask nothing more of the child, which then ends; `close` waits for that."""
        self._control.close()

    def close(self) -> None:
        """End the child and every worker of it."""
        self.let_go()
        if not self._process.ends_within(3):
            kill_tree(self._process.pid)
            self._process.ends_within(3)

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start_child() -> Child | None:
    """Start a child that imports pytest meanwhile; None where there is no fork (each check then starts its own)."""
    if not FORKS or os.environ.get("KATA_NO_FORK"):
        return None
    import _socket  # the part in C; the rest of it is imported while the child starts

    ours, theirs = _socket.socketpair()
    command = child_command(f"main({CONTROL_FD})")
    actions: list[Any] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, theirs.fileno(), CONTROL_FD),
    ]
    spawn = functools.partial(os.posix_spawn, command[0], command, child_environment(), file_actions=actions)
    try:
        pid = spawn(setsid=True)
    except NotImplementedError:  # an old C library; the child looks after Ctrl-C itself
        pid = spawn()
    theirs.close()
    import socket

    return Child(Process(pid), socket.socket(fileno=ours.detach()))


def fingerprint() -> str:
    """What a child depends on: this Python, the installed packages, and our own code."""
    stamps = []
    for folder in dict.fromkeys(path for path in sys.path if path.endswith("-packages")):
        with contextlib.suppress(OSError):
            stamps.append(os.stat(folder).st_mtime_ns)
    ours = sorted((str(file), file.stat().st_mtime_ns) for file in PACKAGE.rglob("*.py"))
    return f"{sys.executable} {sys.version_info[:3]} {hash((*stamps, *(stamp for _, stamp in ours)))}"


def kill_tree(pid: int) -> None:
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in [*root.children(recursive=True), root]:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                process.kill()
