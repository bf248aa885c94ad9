"""One run of a submission: what is given to a worker, what comes back, and the clock that is held meanwhile.

Nothing here believes what the learner's process prints or how it exits; see docs/design.md, "The judge".
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import msgspec

from kata_runner import processes
from kata_runner.catalogue import needs
from kata_runner.judging.launch import Child, Event, child_command, child_environment
from kata_runner.model import Kata, Limits, Status
from kata_runner.processes import Usage

OnEvent = Callable[[Event], None]

IMPORT_EXTRA_S = 20.0  # of computing: importing torch is not the learner's fault
# What waits has so long on the clock, or as long as it may compute where that is more; each second in which it does
# compute adds ten, since others may keep the machine so busy.
WAITING_S = 60.0
MOST_BUSY = 10
MOST_PROCESSES = 100  # at once: a copy that forks copies of itself would soon stop the whole machine
LOOK_S = 0.25  # how often we look what a run takes
STACK = b"most recent call first"  # what faulthandler writes above the innermost line
DUMP_LIMIT_S = 2.0  # for a process that answers no signal any more
OUTPUT_LIMIT_S = 0.05  # a program that the learner's code has started may keep the output open
LINE_LIMIT = 1_000_000
RUN_MARK = "KATA_RUN"
GO = b"g"  # the word that a worker waits for


class Seen(msgspec.Struct):
    """All that one run reported, and how it ended.

    exceeded: the limit for which we end it, in words, "" where it ends by itself; timed_out: whether it is that of
    computing. exit_code: negative for a signal; None when it is not known.
    """

    events: list[Event] = msgspec.field(default_factory=list)
    is_tampered: bool = False
    exceeded: str = ""
    timed_out: bool = False
    exit_code: int | None = None
    log: str = ""

    def last(self, kind: str) -> Event | None:
        """The newest event of a kind."""
        return next((e for e in reversed(self.events) if e["event"] == kind), None)

    @property
    def running(self) -> str:
        """The name of the check that has started and reported no result, "" when there is none."""
        last = next((e for e in reversed(self.events) if e["event"] == "start"), None)
        return last["name"] if last and last["name"] not in self._done() else ""

    @property
    def still_to_run(self) -> list[str]:
        """The names of the checks that have not started, where one has."""
        plan = self.last("plan")
        names = [check["name"] for check in plan["checks"]] if plan and self.running else []
        return [name for name in names if name not in self._done() and name != self.running]

    @property
    def has_begun(self) -> bool:
        """Whether it came to the learner's code, or to what is wrong with the hidden test."""
        return bool(self.last("importing") or self.last("fault"))

    @property
    def is_complete(self) -> bool:
        """Whether the end was reported, and a result of every check."""
        plan = self.last("plan")
        return self.last("end") is not None and plan is not None and {c["name"] for c in plan["checks"]} <= self._done()

    @property
    def has_passed_all(self) -> bool:
        """Whether a pass was reported of every check; what runs after that is not the learner's code."""
        plan = self.last("plan")
        passed = {e["name"] for e in self.events if e["event"] == "check" and e["status"] == Status.PASSED}
        return plan is not None and {c["name"] for c in plan["checks"]} <= passed

    def _done(self) -> set[str]:
        return {e["name"] for e in self.events if e["event"] == "check"}


class Output:
    """Reads what a worker prints; keeps the beginning and the end of it.

    limit: bytes to keep of the end; of the beginning it keeps a quarter of that.
    """

    def __init__(self, fd: int, limit: int) -> None:
        self._fd = fd
        self._limit = limit
        self._head = b""
        self._tail = b""
        self._n_bytes = 0
        self._n_lines = 0
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        while True:
            try:
                data = os.read(self._fd, 1 << 16)
            except OSError:
                return
            if not data:
                return
            self._n_bytes += len(data)
            self._n_lines += data.count(b"\n")
            room = self._limit // 4 - len(self._head)
            if room > 0:
                self._head += data[:room]
                data = data[room:]
            self._tail = (self._tail + data)[-self._limit :]

    def ends_within(self, wait_s: float) -> bool:
        """Whether nobody has the other end open any more, now or within `wait_s`."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def wait_for(self, text: bytes, wait_s: float) -> None:
        """Wait until a line with this text has come, and a moment for what follows it."""
        deadline = time.monotonic() + wait_s
        while text not in self._head + self._tail and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.02)

    def text(self, wait_s: float = 1.0) -> str:
        """What was printed, without the middle when it is too much. Call it once the worker has ended."""
        self._thread.join(wait_s)
        is_whole = self._n_bytes == len(self._head) + len(self._tail)
        n_left_out = self._n_lines - self._head.count(b"\n") - self._tail.count(b"\n")
        middle = b"" if is_whole else f"\n… {n_left_out:,} lines left out …\n".encode()
        return (self._head + middle + self._tail).decode("utf-8", "replace")


def make_job(
    kata: Kata,
    folder: Path,
    used: Mapping[str, Path],
    built: Path | None,
    temporary: Path | None,
) -> Event:
    """What a worker must know to run the submission in `folder`.

    used: module of an earlier kata -> its file. built: the compiled module, if the kata has one.
    temporary: where it makes its temporary files; None for where all do.
    `KataJudge` adds which checks to run, in which order and from which seed.
    """
    folder = folder.resolve()
    modules = {name: str(path) for name, path in used.items()}
    if kata.module:
        modules[kata.module] = str(built or folder / f"{kata.module}.py")
    return {
        "secret": secrets.token_hex(16),
        "kata_folder": str(kata.folder.resolve()),
        "hidden_test": str(kata.hidden_test.resolve()),
        "folder": str(folder),
        "module": kata.module,
        "modules": modules,
        "temporary": str(temporary or ""),
        "import_paths": sorted({str(path.parent) for path in used.values()}),
        "memory_mb": kata.limits.memory_mb,
        "preloads": list(needs.preloads_of(kata)),
    }


class Run:
    """A worker that goes through pytest's start and waits for the word to begin; leaving the block ends it."""

    def __init__(self, kata: Kata, job: Event, child: Child) -> None:
        self._limits = kata.limits
        self._secret = job["secret"]
        self._child = child
        self._events, event_end = socket.socketpair()
        self._read_end, write_end = os.pipe()
        self._number = -1  # stays so when the child is gone, which is seen as a run without events
        with event_end:
            try:
                self._number = child.begin(job, event_end.fileno(), write_end)
            except OSError:
                pass
            finally:
                os.close(write_end)
        self._output = Output(self._read_end, kata.limits.output_kb * 1000)
        self._is_closed = False

    def go(self) -> None:
        """Let the worker import the learner's code and run the checks."""
        with contextlib.suppress(OSError):
            self._events.sendall(GO)

    def finish(self, on_event: OnEvent | None = None) -> Seen:
        """Follow the run to its end, and return all that was seen."""
        child = self._child
        reader = Reader(self._events, self._secret, self._limits, on_event, partial(processes.usage, child.pid))
        seen = reader.read(lambda: child.is_alive, self._dump_stack)
        if seen.exceeded and not seen.has_begun:
            child.give_up()
        if seen.exceeded or seen.is_tampered:
            self.cancel()
        elif seen.is_complete and self._output.ends_within(OUTPUT_LIMIT_S):
            # All is reported; leaving our block ends the worker, and whatever it has left behind.
            seen.log = self._output.text()
            return seen
        if self._number >= 0 and child.is_alive:
            # After the end line the worker has nothing left to do but exit.
            seen.exit_code = child.exit_code(self._number, 2.0)
            if seen.exit_code is None:
                self.cancel()
                seen.exit_code = child.exit_code(self._number, 3.0)
        seen.log = self._output.text() if seen.has_begun else self._output.text() + child.last_words()
        return seen

    def cancel(self) -> None:
        """End the run at once."""
        self._child.kill(self._number)

    def _dump_stack(self) -> None:
        self._child.dump_stack(self._number)
        self._output.wait_for(STACK, DUMP_LIMIT_S)

    def close(self) -> None:
        """End the worker, if it has not ended yet."""
        if self._is_closed:
            return
        self._is_closed = True
        self.cancel()
        self._events.close()
        self._output.text(0.2)
        with contextlib.suppress(OSError):
            os.close(self._read_end)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Reader:
    """Reads event lines, believes only those with the secret, and keeps the limits.

    look: says what the process that runs takes, together with its descendants. clock: seconds that only grow.
    base_mb: what the imports take, on top of which memory is allowed; None to look at the process that forked the run.
    """

    def __init__(
        self,
        sock: socket.socket | None,
        secret: str,
        limits: Limits,
        on_event: OnEvent | None,
        look: Callable[[], Usage],
        clock: Callable[[], float] = time.monotonic,
        base_mb: float | None = None,
    ) -> None:
        self._sock = sock
        self._secret = f"{secret} ".encode()
        self._limits = limits
        self._on_event = on_event
        self._look = look
        self._clock = clock
        self._base_mb = base_mb
        self._computed_before_s: float | None = None  # when the phase was looked at first, a moment after its beginning
        self._enter_phase()
        self.seen = Seen()

    def read(self, is_served: Callable[[], bool], before_end: Callable[[], None]) -> Seen:
        """Read to the end line, the end of the connection, or the end of the time.

        is_served: whether the child that starts the run reacts. before_end: called when a limit is reached, before
        the run is ended.
        """
        buffer = b""
        while self._sock is not None:
            self._sock.settimeout(LOOK_S)
            try:
                data = self._sock.recv(1 << 16)
            except TimeoutError:
                if not self.seen.has_begun and not is_served():
                    break
                self._keep_limits()
                if self.seen.exceeded:
                    before_end()
                    break
                continue
            except OSError:
                break
            if not data:
                break
            buffer += data
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                self._take(line)
            if len(buffer) > LINE_LIMIT:
                self.seen.is_tampered, buffer = True, b""
            if self.seen.is_tampered or self.seen.last("end"):
                break
        return self.seen

    def _keep_limits(self) -> None:
        """Look at the run, and note the limit that it has reached, if any."""
        usage = self._look()
        clock_s = self._clock() - self._since_s
        if self._base_mb is None or not self.seen.has_begun:
            self._base_mb = usage.own_mb
        if self._computed_before_s is None:
            self._computed_before_s = usage.computed_s
        computed_s = usage.computed_s - self._computed_before_s
        if min(clock_s, computed_s) >= self._limit_s:
            self.seen.exceeded = f"too slow: still running after {self._limit_s:g} s of computing"
            self.seen.timed_out = True
        elif clock_s >= self._waiting_s + MOST_BUSY * computed_s:
            self.seen.exceeded = f"not done after {clock_s:.0f} s, {computed_s:.1f} s of them computing,"
        # Where the kernel keeps the limit, the learner's code has had a MemoryError before.
        elif usage.largest_mb - self._base_mb > self._limits.memory_mb:
            self.seen.exceeded = f"ran out of memory; {self._limits.memory_mb} MB are allowed,"
        elif usage.n_processes > MOST_PROCESSES:
            self.seen.exceeded = f"started more than {MOST_PROCESSES} processes"

    def _take(self, line: bytes) -> None:
        """Note one line, an event that starts another phase."""
        if not line:
            return
        if not line.startswith(self._secret):
            self.seen.is_tampered = True
            return
        event: Event = json.loads(line[len(self._secret) :])
        self.seen.events.append(event)
        match event["event"]:
            case "importing":
                self._enter_phase(self._limits.seconds + IMPORT_EXTRA_S)
            case "start":
                self._enter_phase(self._limits.seconds)
            case "check" | "imported":
                self._enter_phase()
        if self._on_event is not None:
            self._on_event(event)

    def _enter_phase(self, limit_s: float | None = None) -> None:
        """Begin a start, an import, a check, or what is between them. limit_s: of computing, if that is limited."""
        self._limit_s = limit_s or math.inf
        self._waiting_s = max(WAITING_S, limit_s or 0.0)
        self._since_s = self._clock()
        self._computed_before_s = None


# --- without fork -------------------------------------------------------------------------------------------------


def run_alone(
    kata: Kata,
    job: Event,
    on_event: OnEvent | None,
    running: Callable[[Callable[[], None]], AbstractContextManager[None]],
) -> Seen:
    """Run in a process of its own, without fork; events come over a loopback connection.

    running: returns a block in which a call of its argument may end the run.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        request = json.dumps({**job, "port": server.getsockname()[1]}).encode() + b"\n"
        mark = secrets.token_hex(16)
        process = subprocess.Popen(
            child_command("worker", "main_once()"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**child_environment(), RUN_MARK: mark},
            cwd=job["folder"],
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(request)
            process.stdin.close()
            output = Output(process.stdout.fileno(), kata.limits.output_kb * 1000)
            with running(lambda: processes.kill_tree(process.pid)):
                events = _accept(server, process)
                look = partial(processes.usage, process.pid)
                reader = Reader(events, job["secret"], kata.limits, on_event, look, base_mb=look().own_mb)
                if events is not None:
                    with contextlib.suppress(OSError):
                        events.sendall(GO)
                seen = reader.read(lambda: True, lambda: None)
            with contextlib.suppress(subprocess.TimeoutExpired):
                seen.exit_code = process.wait(timeout=0.1 if seen.exceeded else 5)
        finally:
            processes.kill_marked(RUN_MARK, mark)  # the process itself, and whatever it has left behind
            process.wait()
        seen.log = output.text()
        process.stdout.close()
        return seen


def _accept(server: socket.socket, process: subprocess.Popen[bytes]) -> socket.socket | None:
    server.settimeout(0.2)
    deadline = time.monotonic() + WAITING_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(TimeoutError):
            return server.accept()[0]
    return None
