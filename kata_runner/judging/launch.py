"""Starts the child, the parent of workers, and speaks with it. See docs/design.md, "The judge".

Imports little: `kata check` starts its child with this before anything else.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

TYPE_CHECKING = False  # not from typing, whose import would be waited for before the child can start
if TYPE_CHECKING:
    from typing import Any, TypeAlias

Event: TypeAlias = "dict[str, Any]"

ROOT = Path(__file__).resolve().parents[2]
# Of the variables that steer Python: where its modules are, and how it reads and compiles them.
KEPT = ("PYTHONUTF8", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "PYTHONPLATLIBDIR",
        "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")  # fmt: skip
# For every child that stays. NumPy imports the others when they are first used, which would be in every worker.
ALWAYS_PRELOADED = ("numpy", "numpy.random", "numpy.linalg", "numpy.testing")


def child_environment() -> dict[str, str]:
    """The environment in which the learner's code runs: one thread, and of what steers Python only where modules are.

    Nothing steers pytest: plugins and options of another project are of no use here.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST")) or k in KEPT}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
    fixed = {
        # The same order of sets in every run, so that a failing case can be repeated.
        "PYTHONHASHSEED": "0",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "MPLBACKEND": "Agg",
    }
    return kept | _module_paths() | threads | fixed


def _module_paths() -> dict[str, str]:
    """PYTHONPATH for a process that starts elsewhere, without the current folder, which may be the learner's."""
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path not in ("", os.curdir)]
    return {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, paths))}


def child_command(module: str, call: str) -> list[str]:
    """The command that calls a function of a module of `child` in a new process."""
    # -P keeps the current folder off the path; our own package may not be installed, only beside us.
    # What is imported stays: looking for garbage in it would take a tenth of the time.
    boot = f"import gc, sys; gc.disable(); sys.path.append({str(ROOT)!r})"
    return [sys.executable, "-P", "-c", f"{boot}; from kata_runner.judging.child import {module}; {module}.{call}"]


class Child:
    """A process that forks a worker per run. Not shared between threads."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process = process
        self._control = control
        self._buffer = b""
        self._n_runs = 0
        self._exit_codes: dict[int, int] = {}  # of the runs that have ended, by number
        self._is_gone = False

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked for runs: it has not ended, and it reacts."""
        return not self._is_gone and self._process.poll() is None and not self._is_stopped()

    @property
    def pid(self) -> int:
        return self._process.pid

    def begin(self, job: Event, event_end: int, output_end: int) -> int:
        """Ask for a worker that writes to these descriptors; returns the number of its run.

        Raises OSError when the child is gone.
        """
        # A child whose messages nobody reads would wait for us in the end.
        while message := self._receive(0.0):
            self._exit_codes[message["run"]] = message["ended"]
        self._n_runs += 1
        request = json.dumps({"do": "run", "run": self._n_runs, **job}).encode() + b"\n"
        socket.send_fds(self._control, [request], [event_end, output_end])
        return self._n_runs

    def kill(self, run: int) -> None:
        """End the worker of a run, if it has not ended yet."""
        self._send({"do": "kill", "run": run})

    def dump_stack(self, run: int) -> None:
        """Have the worker of a run print its stack."""
        self._send({"do": "dump", "run": run})

    def preload(self, modules: Sequence[str]) -> None:
        """Import modules in the child, for all workers to come. Does not wait for it."""
        self._send({"do": "preload", "modules": list(modules)})

    def exit_code(self, run: int, timeout_s: float) -> int | None:
        """The exit code of the worker of a run; None when it does not end in time or the child is gone."""
        deadline = time.monotonic() + timeout_s
        while run not in self._exit_codes:
            message = self._receive(deadline - time.monotonic())
            if message is None:
                return None
            self._exit_codes[message["run"]] = message["ended"]
        return self._exit_codes[run]

    def last_words(self) -> str:
        """What the child itself has printed, which says why it does not work."""
        if self._process.stdout is None:
            return ""
        fd = self._process.stdout.fileno()
        os.set_blocking(fd, False)
        with contextlib.suppress(BlockingIOError):
            return os.read(fd, 65536).decode("utf-8", "replace")
        return ""

    def give_up(self) -> None:
        """Ask no more of a child that does not react; it is then taken for dead."""
        self._is_gone = True

    def let_go(self) -> None:
        """Ask nothing more of the child, which then ends; `close` waits for that."""
        self._control.close()

    def close(self) -> None:
        """End the child and all its workers."""
        self.let_go()
        try:
            self._process.wait(0 if self._is_stopped() else 3)
        except subprocess.TimeoutExpired:
            from kata_runner.processes import kill_tree

            kill_tree(self._process.pid)
            self._process.wait(3)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _is_stopped(self) -> bool:
        """Whether a signal has stopped it."""
        if not hasattr(os, "waitid"):  # macOS with Python below 3.13, Windows
            return False
        with contextlib.suppress(ChildProcessError):
            return os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
        return False

    def _send(self, message: Event) -> None:
        with contextlib.suppress(OSError):  # the child is gone, which the next read shows
            self._control.sendall(json.dumps(message).encode() + b"\n")

    def _receive(self, timeout_s: float) -> Event | None:
        """The child's next message; None when the time is over or the child is gone."""
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
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: Event = json.loads(line)
        return message


def start_child(module: str = "parent") -> Child | None:
    """Start a child that imports pytest meanwhile; None where there is no fork (each run then starts a process).

    module: of `child`, whose `main` it runs.
    """
    if not hasattr(os, "fork") or os.environ.get("KATA_NO_FORK"):
        return None
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            child_command(module, f"main({theirs.fileno()})"),
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # a screen may be drawn where ours goes
            stderr=subprocess.STDOUT,
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # a Ctrl-C is for us: we decide when a run ends
        )
    return Child(process, ours)


def fingerprint() -> str:
    """Changes when packages are installed or removed: a child that was started before must not go on."""
    stamps = []
    for folder in dict.fromkeys(path for path in sys.path if path.endswith("-packages")):
        with contextlib.suppress(OSError):
            stamps.append(os.stat(folder).st_mtime_ns)
    return str(stamps)
