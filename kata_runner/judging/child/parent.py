"""The child: a parent that forks a worker for each run, which loads pytest and our plugin and writes the event lines.

The child itself never imports a line of the learner's code: it imports what checks need, forks, waits, and cleans
up, so that it outlives whatever a worker does. Every event line of a worker starts with a secret that the judge
has chosen; see docs/design.md, "The judge".
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from kata_runner.judging.child import worker
from kata_runner.judging.child.plugin import Job, Plugin, flush_output
from kata_runner.processes import kill_session

# Packages that start threads when they are imported, which a fork does not copy: each worker imports them itself.
WITH_THREADS = ("dockerfile",)  # its runtime is Go's
EVENT_FD = 198  # away from what the learner's code opens or closes


def main(control_fd: int, kind: type[Parent] | None = None) -> NoReturn:
    """Serve runs on the control socket until it is closed. kind: the class that serves them."""
    control = socket.socket(fileno=control_fd)
    _adopt_orphans()
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    os.set_blocking(wake_read, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    worker.import_tools()
    (kind or Parent)(control, (wake_read, wake_write)).run()


@dataclass(frozen=True)
class Request:
    """A run that the judge asks for: the job, and the descriptors that the worker writes to."""

    job: Job
    event_fd: int
    output_fd: int

    def close(self) -> None:
        os.close(self.event_fd)
        os.close(self.output_fd)


class Forked(BaseException):
    """Takes a new worker out of its parent's loop, to where a worker's own part begins."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job


class Parent:
    """Forks workers, reports their end, and leaves no process behind.

    It serves from inside pytest, started for the kata at hand and about to collect: a worker goes on from there, and
    need not go through pytest's start itself. For another kata, pytest is left and started again.
    """

    def __init__(self, control: socket.socket, wake: tuple[int, int]) -> None:
        self._control = control
        self._wake = wake
        self._buffer = b""
        self._fds: list[int] = []  # received with requests that are not complete yet
        self._is_closed = False
        self._workers: dict[int, int] = {}  # number of the run -> process id
        self._next: Request | None = None  # waits for pytest to be started for its kata
        self._kata_folder = ""  # the one that pytest was started for, "" outside of pytest

    def run(self) -> NoReturn:
        """Serve until the control socket is closed."""
        while True:
            self.serve()
            assert self._next is not None
            self._serve_inside(self._next)

    def _serve_inside(self, first: Request) -> None:
        self._kata_folder = first.job["kata_folder"]
        plugin = Plugin()
        host = Host(self, plugin)
        try:
            worker.run_pytest(self._kata_folder, [plugin, host])  # the last one is asked first
        except Exception:
            import traceback

            traceback.print_exc()
        finally:
            if host.is_worker:
                flush_output()
                os._exit(0)
        self._kata_folder = ""
        gc.collect()  # what pytest has left
        if self._next is first:  # pytest did not start, and has said why
            self._next = None
            first.close()
            self._send({"ended": 70, "run": first.job["run"]})

    def serve(self) -> None:
        """Serve until a run needs pytest to be started for another kata; exit when the control socket is closed.

        Raises Forked in a worker, which has put everything of its parent's aside.
        """
        if self._next is not None:
            request, self._next = self._next, None
            self._begin(request)
        self._obey_received()
        while not self._is_closed and self._next is None:
            sources: list[Any] = [self._control, self._wake[0]]
            ready = select.select(sources, [], [])[0]
            if self._wake[0] in ready:
                with suppress(BlockingIOError):
                    os.read(self._wake[0], 4096)
            if self._control in ready:
                self._receive()
            self._reap()
        if self._is_closed:
            self._leave()

    def _leave(self) -> NoReturn:
        for pid in self._workers.values():
            kill_session(pid)
        self._workers.clear()
        self._kill_leftovers()
        os._exit(0)  # there is nothing else to close

    def _receive(self) -> None:
        try:
            data, fds, _, _ = socket.recv_fds(self._control, 65536, 8)
        except OSError:
            data, fds = b"", []
        self._is_closed = not data
        self._fds += fds
        self._buffer += data
        self._obey_received()

    def _obey_received(self) -> None:
        """Obey in order; what comes after a run for another kata waits until that has begun."""
        while b"\n" in self._buffer and self._next is None:
            line, _, self._buffer = self._buffer.partition(b"\n")
            self._obey(json.loads(line))

    def _send(self, message: dict[str, Any]) -> None:
        with suppress(OSError):  # that the judge is gone is noticed at the next read
            self._control.sendall(json.dumps(message).encode() + b"\n")

    def _obey(self, message: dict[str, Any]) -> None:
        match message["do"]:
            case "run":
                event_fd, output_fd = self._fds[:2]
                del self._fds[:2]
                self._begin(Request(message, event_fd, output_fd))
            case "kill":
                if pid := self._workers.get(message["run"]):
                    kill_session(pid)
            case "dump":
                if pid := self._workers.get(message["run"]):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGUSR1)
            case "preload":
                worker.import_modules(n for n in message["modules"] if n.partition(".")[0] not in WITH_THREADS)

    def _begin(self, request: Request) -> None:
        """Fork a worker, or keep the request until pytest is started for its kata."""
        if request.job["kata_folder"] != self._kata_folder:
            self._next = request
            return
        pid = os.fork()
        if pid == 0:
            self._become_worker(request)
        request.close()
        self._workers[request.job["run"]] = pid

    def _become_worker(self, request: Request) -> NoReturn:
        try:
            event_fd, output_fd = request.event_fd, request.output_fd
            _die_with_parent()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            nowhere = os.open(os.devnull, os.O_RDONLY)
            for source, target in ((nowhere, 0), (output_fd, 1), (output_fd, 2), (event_fd, EVENT_FD)):
                os.dup2(source, target, inheritable=target < 3)
            # Detached: a closed socket's Python object must not close a descriptor that the learner's code opens later.
            for fd in (self._control.detach(), *self._wake, nowhere, output_fd, event_fd, *self._fds):
                if fd not in (0, 1, 2, EVENT_FD):
                    os.close(fd)
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(70)
        raise Forked(request.job)

    def _reap(self) -> None:
        """Kill what ended workers have left behind, and report their end."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            run = next((run for run, worker_pid in self._workers.items() if worker_pid == pid), None)
            if run is not None:
                del self._workers[run]
                kill_session(pid)
                self._kill_leftovers()
                self._send({"ended": os.waitstatus_to_exitcode(status), "run": run})

    def _kill_leftovers(self) -> None:
        """Kill processes that left a worker's session: they are our children now, since we adopt orphans."""
        for _ in range(50):  # each round finds the children of those that the last one killed
            strays = [pid for pid in _children() if pid not in self._workers.values()]
            if not strays:
                return
            for pid in strays:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
                with suppress(ChildProcessError):
                    os.waitpid(pid, 0)


class Host:
    """The pytest plugin that the parent serves from, when pytest has started and is about to collect."""

    def __init__(self, parent: Parent, plugin: Plugin) -> None:
        self._parent = parent
        self._plugin = plugin  # has no job until we are a worker
        self.is_worker = False

    def pytest_collection(self, session: Any) -> bool:
        try:
            self._parent.serve()
        except Forked as forked:
            job = forked.job
        else:
            return True
        self.is_worker = True
        try:
            worker.prepare(self._plugin, job, EVENT_FD)
            return self._plugin.pytest_collection(session)
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(70)

    def pytest_runtestloop(self) -> bool | None:
        return None if self.is_worker else True


# --- the system ---------------------------------------------------------------------------------------------------


def _adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends (Linux), so that none escapes."""
    PR_SET_CHILD_SUBREAPER = 36
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def _die_with_parent() -> None:
    """Let workers end with a child that is killed (Linux): nobody else would end what the learner's code does."""
    PR_SET_PDEATHSIG = 1
    _prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _children() -> list[int]:
    """Process ids of our children, including adopted ones, which there are on Linux only."""
    try:
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    except OSError:
        return []
    return [int(pid) for pid in listed.split()]
