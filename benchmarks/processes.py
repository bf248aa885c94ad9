"""Commands as a learner runs them: in a terminal, timed from start to end, or watching."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import sysconfig
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil
from ptyprocess import PtyProcess  # type: ignore[import-untyped]

from benchmarks.saving import Save
from kata_runner.learner.workspace import digest_of

TIMEOUT_S = 120.0
REST_S = 0.25  # between two saves; people take longer
SCRIPTS = Path(sysconfig.get_path("scripts"))
SIZE = (40, 120)  # rows and columns


def kata_command() -> str:
    """The installed command. It is not run as a module, since that is not how learners start it."""
    path = SCRIPTS / "kata"
    if not path.exists():
        raise SystemExit("kata is not installed for this Python. Install it: python -m pip install -e .")
    return str(path)


def environment(home: Path) -> dict[str, str]:
    """A learner's environment: a home folder of its own, byte code kept, no plugins but pytest's own."""
    left_out = ("PYTHON", "KATA", "PYTEST", "COLUMNS", "LINES", "NO_COLOR", "CI", "XDG", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {
        **kept,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "PATH": f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}",
        "TERM": "xterm-256color",
        # Without this, pytest would also load whatever plugins happen to be installed here, and be slower.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PAGER": "",  # nobody turns its pages
    }


def time_in_terminal(command: Sequence[str], cwd: Path, env: Mapping[str, str], code: int = 0) -> float:
    """Milliseconds from before the start to after the end of a command that writes to a terminal."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, SIZE)
    printed = bytearray()
    drain = threading.Thread(target=_drain, args=(master, printed), daemon=True)
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=env, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    drain.start()
    ended = wait_for(process, TIMEOUT_S)
    took = time.perf_counter() - started
    drain.join(5)
    os.close(master)
    _expect(command, code, ended, bytes(printed))
    return took * 1000


def wait_for(process: subprocess.Popen[bytes], limit_s: float) -> int:
    """The exit code, as soon as there is one; killed after the limit. `wait` with a timeout looks only every 50 ms."""
    limit = threading.Timer(limit_s, process.kill)
    limit.start()
    try:
        return process.wait()
    finally:
        limit.cancel()


def _drain(fd: int, into: bytearray) -> None:
    while True:
        try:
            data = os.read(fd, 1 << 16)
        except OSError:  # the other end is closed
            return
        if not data:
            return
        into += data


def time_in_pipe(command: Sequence[str], cwd: Path, env: Mapping[str, str], code: int = 0) -> float:
    """The same for a command that writes into a pipe."""
    started = time.perf_counter()
    ran = subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S)
    took = time.perf_counter() - started
    _expect(command, code, ran.returncode, ran.stdout + ran.stderr)
    return took * 1000


def _expect(command: Sequence[str], code: int, ended: int, printed: bytes) -> None:
    # A command that fails is fast.
    if ended != code:
        output = printed.decode("utf-8", "replace")[-2000:]
        raise SystemExit(f"{' '.join(map(str, command))} ended with exit code {ended}, expected {code}:\n{output}")


class Watching:
    """A program in a terminal of its own that watches files; what it prints is read all the time."""

    def __init__(self, command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        self.process = PtyProcess.spawn(list(command), cwd=str(cwd), env=dict(env), dimensions=SIZE)
        self.printed = bytearray()
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        while True:
            try:
                data = self.process.read(1 << 16)
            except (EOFError, OSError, ValueError):
                return
            self.seen(data)

    def seen(self, data: bytes) -> None:
        self.printed += data

    def wait_until(self, what: str, ready: Callable[[], object]) -> None:
        """Wait until `ready()` is true; `what` is named when it does not happen."""
        deadline = time.monotonic() + TIMEOUT_S
        while not ready():
            if time.monotonic() > deadline or not self.process.isalive():
                raise SystemExit(f"{what} did not come:\n{bytes(self.printed[-3000:]).decode('utf-8', 'replace')}")
            time.sleep(0.005)

    def end(self) -> None:
        self.process.write(b"q")
        deadline = time.monotonic() + 10
        while self.process.isalive() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.process.close(force=True)


class KataWatch(Watching):
    """`kata watch` on one kata; its trace says when each verdict was drawn. expected: the outcome of every save."""

    def __init__(
        self, workspace: Path, kata_id: str, env: Mapping[str, str], trace: Path, expected: str = "passed"
    ) -> None:
        trace.touch()
        self.trace = trace
        self.kata_id = kata_id
        self.expected = expected
        super().__init__([kata_command(), "watch", kata_id], workspace, {**env, "KATA_WATCH_TRACE": str(trace)})

    def time_save(self, save: Save, path: Path, text: str) -> float:
        """Milliseconds from before `save(path, text)` until the verdict on just this text was drawn."""
        digest = digest_of(self.kata_id, {path.name: text.encode()})
        started = time.perf_counter_ns()
        save(path, text)
        self.wait_until(f"the verdict on {path.name}", lambda: digest in self.trace.read_text(encoding="utf-8"))
        line = next(line for line in self.trace.read_text(encoding="utf-8").splitlines() if digest in line)
        drawn_at, _, outcome = line.split()
        if outcome != self.expected:
            raise SystemExit(f"the watch judged an answer to {self.kata_id} as {outcome}, expected {self.expected}")
        time.sleep(REST_S)
        return (int(drawn_at) - started) / 1e6

    def memory_mb(self) -> float:
        """Proportional set size of all its processes together."""
        main = psutil.Process(self.process.pid)
        processes = [main, *main.children(recursive=True)]
        return sum(process.memory_full_info().pss for process in processes) / 1e6


class PytestWatcher(Watching):
    """`ptw`, as it comes, in a folder with a test and the module it tests."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.ended_at: list[float] = []
        super().__init__([sys.executable, "-m", "pytest_watcher", ".", "--now"], folder, env)
        self.wait_until("the first run of ptw", lambda: self.ended_at)
        time.sleep(REST_S)

    def seen(self, data: bytes) -> None:
        now = time.perf_counter()
        super().seen(data)
        n_ended = len(re.findall(rb"\d+ passed", self.printed))
        self.ended_at += [now] * (n_ended - len(self.ended_at))

    def time_save(self, save: Save, path: Path, text: str) -> float:
        """Milliseconds from before the save until pytest's last line is on the screen."""
        n_before = len(self.ended_at)
        started = time.perf_counter()
        save(path, text)
        self.wait_until("pytest's last line", lambda: len(self.ended_at) > n_before)
        took = (self.ended_at[n_before] - started) * 1000
        time.sleep(2 * REST_S)  # it may run once more for the same save
        return took
