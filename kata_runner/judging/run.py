"""One run of a submission: what is given to a worker, what comes back, and the clock that is held meanwhile.

Nothing here believes what the learner's process prints or how it exits; see docs/design.md, "The judge".
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from kata_runner import processes
from kata_runner.catalogue import needs
from kata_runner.judging.launch import Child, Event, child_command, child_environment
from kata_runner.model import Kata

OnEvent = Callable[[Event], None]

START_LIMIT_S = 60.0  # until pytest has collected the hidden test; nothing of the learner's has run by then
IMPORT_EXTRA_S = 20.0  # importing torch on a busy machine is not the learner's fault
END_LIMIT_S = 60.0  # between two checks; little of the learner's runs then, so this long is a hang
OUTPUT_LIMIT_S = 0.05  # a program that the learner's code has started may keep the output open
LINE_LIMIT = 1_000_000
RUN_MARK = "KATA_RUN"
GO = b"g"  # the word that a worker waits for


@dataclass
class Seen:
    """All that one run reported, and how it ended."""

    events: list[Event] = field(default_factory=list)
    is_tampered: bool = False
    timed_out: str = ""  # the phase or the check that took too long
    limit_s: float = 0.0
    exit_code: int | None = None  # negative for a signal; None when it is not known
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
    def is_complete(self) -> bool:
        """Whether the end was reported, and a result of every check."""
        plan = self.last("plan")
        return self.last("end") is not None and plan is not None and {c["name"] for c in plan["checks"]} <= self._done()

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
) -> Event:
    """What a worker must know to run the submission in `folder`.

    used: module of an earlier kata -> its file. built: the compiled module, if the kata has one.
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
        "import_paths": sorted({str(path.parent) for path in used.values()}),
        "memory_mb": kata.limits.memory_mb,
        "preloads": list(needs.preloads_of(kata)),
    }


class Run:
    """A worker that goes through pytest's start and waits for the word to begin; leaving the block ends it."""

    def __init__(self, kata: Kata, job: Event, child: Child) -> None:
        self._kata = kata
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
        seen = Reader(self._events, self._secret, self._kata, on_event).read(self._dump_stack)
        if seen.timed_out or seen.is_tampered:
            self.cancel()
        elif seen.is_complete and self._output.ends_within(OUTPUT_LIMIT_S):
            # All is reported; leaving our block ends the worker, and whatever it has left behind.
            seen.log = self._output.text()
            return seen
        if self._number >= 0:
            # After the end line the worker has nothing left to do but exit.
            seen.exit_code = self._child.exit_code(self._number, 2.0)
            if seen.exit_code is None:
                self.cancel()
                seen.exit_code = self._child.exit_code(self._number, 3.0)
        seen.log = self._output.text()
        return seen

    def cancel(self) -> None:
        """End the run at once."""
        self._child.kill(self._number)

    def _dump_stack(self) -> None:
        self._child.dump_stack(self._number)
        time.sleep(0.15)  # for the stack to be written

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
    """Reads event lines, believes only those with the secret, and keeps the time limit of each phase."""

    def __init__(self, sock: socket.socket | None, secret: str, kata: Kata, on_event: OnEvent | None) -> None:
        self._sock = sock
        self._secret = f"{secret} ".encode()
        self._kata = kata
        self._on_event = on_event
        self._phase = "starting"
        self._limit_s = START_LIMIT_S
        self.seen = Seen()

    def read(self, before_end: Callable[[], None]) -> Seen:
        """Read to the end line, the end of the connection, or the end of the time.

        before_end: called when the time is over, before the run is ended.
        """
        buffer = b""
        deadline = time.monotonic() + self._limit_s
        while self._sock is not None:
            self._sock.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = self._sock.recv(1 << 16)
            except TimeoutError:
                self.seen.timed_out, self.seen.limit_s = self._phase, self._limit_s
                before_end()
                break
            except OSError:
                break
            if not data:
                break
            buffer += data
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                if self._take(line):
                    deadline = time.monotonic() + self._limit_s
            if len(buffer) > LINE_LIMIT:
                self.seen.is_tampered, buffer = True, b""
            if self.seen.is_tampered or self.seen.last("end"):
                break
        return self.seen

    def _take(self, line: bytes) -> bool:
        """Note one line; True when it is an event, which starts another phase."""
        if not line:
            return False
        if not line.startswith(self._secret):
            self.seen.is_tampered = True
            return False
        event: Event = json.loads(line[len(self._secret) :])
        self.seen.events.append(event)
        self._advance(event)
        if self._on_event is not None:
            self._on_event(event)
        return True

    def _advance(self, event: Event) -> None:
        limit_s = self._kata.limits.seconds
        match event["event"]:
            case "importing":
                self._phase, self._limit_s = "importing", limit_s + IMPORT_EXTRA_S
            case "start":
                self._phase, self._limit_s = event["name"], limit_s
            case "check" | "imported":
                self._phase, self._limit_s = "ending", END_LIMIT_S


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
                reader = Reader(events, job["secret"], kata, on_event)
                if events is not None:
                    with contextlib.suppress(OSError):
                        events.sendall(GO)
                seen = reader.read(lambda: None)
            with contextlib.suppress(subprocess.TimeoutExpired):
                seen.exit_code = process.wait(timeout=0.1 if seen.timed_out else 5)
        finally:
            processes.kill_marked(RUN_MARK, mark)  # the process itself, and whatever it has left behind
            process.wait()
        seen.log = output.text()
        process.stdout.close()
        return seen


def _accept(server: socket.socket, process: subprocess.Popen[bytes]) -> socket.socket | None:
    server.settimeout(0.2)
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(TimeoutError):
            return server.accept()[0]
    return None
