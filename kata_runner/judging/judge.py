"""Submission → Verdict: starts a child or asks a warm one, and holds the clock and the limits.

Nothing here believes what the learner's process prints or how it exits; see docs/design.md, "The judge".
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kata_runner.judging.launch import Child, Event, child_command, child_environment, kill_tree, start_child
from kata_runner.model import CheckResult, CodeLine, Kata, Outcome, RuleBreach, Status, Submission, Verdict

OnEvent = Callable[[Event], None]

START_LIMIT_S = 60.0  # until pytest has collected the hidden test; nothing of the learner's has run by then
IMPORT_EXTRA_S = 20.0  # importing torch on a busy machine is not the learner's fault
END_LIMIT_S = 15.0
OUTPUT_LIMIT_S = 0.05  # a program that the learner's code has started may hold on to the output
LINE_LIMIT = 1_000_000
RUN_MARK = "KATA_RUN"
# For every child that stays. NumPy imports the others when they are first used, which would be in every worker.
ALWAYS_PRELOADED = ("numpy", "numpy.random", "numpy.linalg", "numpy.testing")


# --- judging -----------------------------------------------------------------------------------------------------


def judge(
    kata: Kata,
    submission: Submission,
    *,
    uses: Mapping[str, Mapping[str, bytes]] | None = None,
    seed: int = 0,
    order_seed: int | None = None,
    on_event: OnEvent | None = None,
    child: Child | None = None,
) -> Verdict:
    """Judge a submission in a process of its own.

    uses: id of each used kata -> the files of its solved answer, which the submission may import.
    seed: for everything random in the hidden test; order_seed: shuffles the checks.
    on_event: told "plan", "start" and "check" as they happen.
    child: a child to ask; without one, a new one is started and ended.
    Raises MachineError when the machine lacks a tool (a compiler) that the kata needs.
    """
    with Bench(kata, uses, child=child, seed=seed, order_seed=order_seed) as bench:
        return bench.check(submission, on_event)


class Bench:
    """Where submissions of one kata are judged, one after the other; `arm` prepares the next run ahead."""

    def __init__(
        self,
        kata: Kata,
        uses: Mapping[str, Mapping[str, bytes]] | None = None,
        *,
        child: Child | None = None,
        seed: int = 0,
        order_seed: int | None = None,
    ) -> None:
        self.kata = kata
        self._uses = uses or {}
        self._used: dict[str, Path] | None = None
        self._child = child
        self._own_child: Child | None = None
        self._seeds = seed, order_seed
        self._stack = contextlib.ExitStack()
        self._armed: tuple[object, Prepared, Standby] | None = None
        self._end_run: Callable[[], None] | None = None
        self._is_cancelled = threading.Event()

    def arm(self, folder: Path) -> None:
        """Let a worker go through pytest's start for the next submission in `folder`, and wait for the word."""
        if self._child is None or self.kata.build or not self._child.is_alive:
            return
        self.disarm()
        prepared = self._prepare(folder, None, is_ahead=True)
        self._armed = (self._state(folder), prepared, Standby(prepared, self._child))

    @property
    def is_armed(self) -> bool:
        """Whether a worker waits that would serve for the folder and the hidden test as they are now."""
        try:
            return self._armed is not None and self._armed[0] == self._state(self._armed[1].folder)
        except OSError:
            return False

    def disarm(self) -> None:
        if self._armed is not None:
            self._armed[2].close()
            self._armed = None

    def check(
        self, submission: Submission, on_event: OnEvent | None = None, cancelled: threading.Event | None = None
    ) -> Verdict:
        """Judge one submission; see `judge`.

        cancelled: set by another thread, together with `cancel`, when the verdict is no longer wanted.
        """
        from kata_runner.catalogue import needs
        from kata_runner.errors import BuildError
        from kata_runner.judging import native

        started = time.perf_counter()
        self._is_cancelled = cancelled or threading.Event()
        kata = self.kata
        if lacking := needs.missing(kata):
            return _close(kata, submission, started, outcome=Outcome.MISSING, message=_missing_message(kata, lacking))
        try:
            built = native.build(kata, submission)
        except BuildError as error:
            line = _line_of(submission, error.file, error.line)
            where = CodeLine(error.file, error.line, line) if error.file else None
            message, log = f"it does not compile: {error}", error.log[-20_000:]
            return _close(kata, submission, started, outcome=Outcome.BROKE, message=message, where=where, log=log)
        seen, static = self._run(submission, built, on_event)
        verdict = verdict_of(kata, submission, seen, static)
        _put_back(submission)
        is_warm = self._child is not None and self._child.is_warm
        return replace(verdict, duration_s=time.perf_counter() - started, warm=is_warm)

    def cancel(self) -> None:
        """End the run that is under way, from another thread; its verdict is then BROKE, and means nothing."""
        end_run = self._end_run
        if end_run is not None:
            end_run()

    def _run(self, submission: Submission, built: Path | None, on_event: OnEvent | None) -> Result:
        if (armed := self._take_armed(submission)) is not None:
            seen, static = self._follow(armed, submission, on_event)
            # A worker that was gone before the word came says nothing about the learner's code.
            began = seen.last("importing") or seen.last("end") or seen.timed_out or seen.is_tampered
            if began or self._is_cancelled.is_set():
                return seen, static
        prepared = self._prepare(submission.folder, built)
        child = self._child or self._start_own()
        if child is None:
            return prepared.alone(on_event, self._running), _static_breaches(prepared, submission)
        return self._follow(Standby(prepared, child), submission, on_event)

    def _take_armed(self, submission: Submission) -> Standby | None:
        armed, self._armed = self._armed, None
        if armed is None:
            return None
        state, _, standby = armed
        if state == self._state(submission.folder):
            return standby
        standby.close()
        return None

    def _follow(self, standby: Standby, submission: Submission, on_event: OnEvent | None) -> Result:
        with standby, self._running(standby.cancel):
            if not self._is_cancelled.is_set():
                standby.go()
            # While the worker is at it.
            static = _static_breaches(standby.prepared, submission)
            _lay_out_records()
            seen = standby.finish(on_event)
        if self._child is not None and self._child.is_warm and (plan := seen.last("plan")):
            self._child.preload(plan["imported"])  # by the hidden test; the next worker has it from its parent
        return seen, static

    @contextlib.contextmanager
    def _running(self, end_run: Callable[[], None]) -> Iterator[None]:
        """Let `cancel` end the run inside; one that was cancelled before it began is ended at once."""
        self._end_run = end_run
        try:
            if self._is_cancelled.is_set():
                end_run()
            yield
        finally:
            self._end_run = None

    def _state(self, folder: Path) -> object:
        """What a worker that waits has already read: it does not serve when that has changed."""
        test = self.kata.hidden_test.stat()
        place = folder.stat()
        return folder, place.st_ino, test.st_mtime_ns, test.st_size

    def _prepare(self, folder: Path, built: Path | None, *, is_ahead: bool = False) -> Prepared:
        if self._used is None:
            self._used = self._lay_out_uses()
        return Prepared.of(self.kata, folder, self._used, built, *self._seeds, is_ahead=is_ahead)

    def _lay_out_uses(self) -> dict[str, Path]:
        """Write the modules of earlier katas where the worker can import them; module -> file."""
        if not self._uses:
            return {}
        base = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="kata-uses-"))).resolve()
        used: dict[str, Path] = {}
        for used_id, files in self._uses.items():
            _write(base / used_id, files)
            used |= {n[:-3]: base / used_id / n for n in files if n.endswith(".py") and "/" not in n}
        return used

    def _start_own(self) -> Child | None:
        if self._own_child is None:
            self._own_child = start_child()
        return self._own_child

    def close(self) -> None:
        self.disarm()
        if self._own_child is not None:
            self._own_child.close()
        self._stack.close()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@functools.cache
def _lay_out_records() -> None:
    """Have what a verdict is made of laid out (see `model.record`) before somebody waits for it."""
    CheckResult("", "", Status.NOT_RUN)
    CodeLine("", 0, "")
    Verdict("", Outcome.BROKE)


def _static_breaches(prepared: Prepared, submission: Submission) -> tuple[RuleBreach, ...]:
    from kata_runner.judging import rules

    return tuple(rules.breaches(prepared.kata, submission, prepared.used_modules))


def _close(kata: Kata, submission: Submission, started: float, **what: Any) -> Verdict:
    duration_s = time.perf_counter() - started
    return Verdict(kata_id=kata.id, digest=submission.digest, duration_s=duration_s, **what)


def _missing_message(kata: Kata, lacking: Sequence[str]) -> str:
    verb = "is" if len(lacking) == 1 else "are"
    return f"{', '.join(lacking)} {verb} not installed, and this kata needs it: kata install {kata.short}"


def _line_of(submission: Submission, file: str, line: int) -> str:
    lines = submission.files.get(file, b"").decode("utf-8", "replace").splitlines()
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


def _put_back(submission: Submission) -> None:
    """Give back files that the learner's own code removed while it ran."""
    for name, content in submission.files.items():
        path = submission.folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


# --- one run -----------------------------------------------------------------------------------------------------


Result = tuple["Seen", tuple[RuleBreach, ...]]  # what a run told, and the rules that the text breaks


@dataclass
class Seen:
    """All that one run told, and how it ended."""

    events: list[Event] = field(default_factory=list)
    is_tampered: bool = False
    timed_out: str = ""  # the phase or the check that took too long
    limit_s: float = 0.0
    exit_code: int | None = None  # negative for a signal; None when nobody could tell
    log: str = ""

    def last(self, kind: str) -> Event | None:
        return next((e for e in reversed(self.events) if e["event"] == kind), None)

    @property
    def is_complete(self) -> bool:
        """Whether the end was told, and a result of every check before it."""
        told = {e["name"] for e in self.events if e["event"] == "check"}
        plan = self.last("plan")
        return self.last("end") is not None and plan is not None and all(c["name"] in told for c in plan["checks"])


class Output:
    """The first and the last of what a worker prints, whatever the amount."""

    def __init__(self, fd: int, limit: int) -> None:
        self._fd = fd
        self._limit = limit
        self._head = b""
        self._tail = b""
        self.n_bytes = 0
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
            self.n_bytes += len(data)
            room = self._limit // 4 - len(self._head)
            if room > 0:
                self._head += data[:room]
                data = data[room:]
            self._tail = (self._tail + data)[-self._limit :]

    def ends_within(self, wait_s: float) -> bool:
        """Whether nobody holds the other end any more, now or in a moment."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def text(self, wait_s: float = 1.0) -> str:
        """What was printed, the middle left out when it is too much. Call it once the worker has ended."""
        self._thread.join(wait_s)
        left_out = self.n_bytes - len(self._head) - len(self._tail)
        middle = f"\n… {left_out:,} bytes left out …\n".encode() if left_out > 0 else b""
        return (self._head + middle + self._tail).decode("utf-8", "replace")


@dataclass
class Prepared:
    """A job for a worker: all that is known before the run."""

    kata: Kata
    job: Event
    secret: str
    used_modules: tuple[str, ...]
    folder: Path

    @classmethod
    def of(
        cls,
        kata: Kata,
        folder: Path,
        used: Mapping[str, Path],
        built: Path | None,
        seed: int,
        order_seed: int | None,
        *,
        is_ahead: bool = False,
    ) -> Prepared:
        """used: module of an earlier kata -> its file. is_ahead: the worker waits for a while before it is needed."""
        from kata_runner.catalogue import needs

        given, folder = folder, folder.resolve()
        modules = {name: str(path) for name, path in used.items()}
        if kata.module:
            modules[kata.module] = str(built or folder / f"{kata.module}.py")
        secret = secrets.token_hex(16)
        job = {
            "secret": secret,
            "kata_folder": str(kata.folder.resolve()),
            "hidden_test": str(kata.hidden_test.resolve()),
            "folder": str(folder),
            "module": kata.module,
            "modules": modules,
            "import_paths": sorted({str(path.parent) for path in used.values()}),
            "allowed_imports": None if kata.rules.imports is None else list(kata.rules.imports),
            "memory_mb": kata.limits.memory_mb,
            "seed": seed,
            "order_seed": order_seed,
            "is_ahead": is_ahead,
            "preloads": list(needs.preloads_of(kata)),
        }
        return cls(kata, job, secret, tuple(used), given)

    def alone(
        self, on_event: OnEvent | None, running: Callable[[Callable[[], None]], AbstractContextManager[None]]
    ) -> Seen:
        """Run in a process of its own, without fork; events come over a loopback connection.

        running: a block inside which what it is given ends the run.
        """
        with socket.create_server(("127.0.0.1", 0)) as server:
            job = json.dumps({**self.job, "port": server.getsockname()[1]}).encode() + b"\n"
            mark = secrets.token_hex(16)
            process = subprocess.Popen(
                child_command("main_once()"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**child_environment(), RUN_MARK: mark},
                cwd=self.job["folder"],
            )
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(job)
                process.stdin.close()
                output = Output(process.stdout.fileno(), self.kata.limits.output_kb * 1000)
                with running(lambda: kill_tree(process.pid)):
                    events = self._accept(server, process)
                    reader = Reader(events, self.secret, self.kata, on_event)
                    if events is not None:
                        with contextlib.suppress(OSError):
                            events.sendall(b"g")
                    seen = reader.read(lambda: None)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    seen.exit_code = process.wait(timeout=0.1 if seen.timed_out else 5)
            finally:
                kill_tree(process.pid)
                _kill_marked(mark)
                process.wait()
            seen.log = output.text()
            process.stdout.close()
            return seen

    @staticmethod
    def _accept(server: socket.socket, process: subprocess.Popen[bytes]) -> socket.socket | None:
        server.settimeout(0.2)
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(TimeoutError):
                return server.accept()[0]
        return None


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _kill_marked(mark: str) -> None:
    """Kill what a run without a parent of workers left behind: every process has inherited its mark."""
    import psutil

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            if process.pid != os.getpid() and process.environ().get(RUN_MARK) == mark:
                process.kill()


class Standby:
    """A worker that has gone through pytest's start and waits for the word; leaving the block ends it."""

    def __init__(self, prepared: Prepared, child: Child) -> None:
        self.prepared = prepared
        self._child = child
        self._events, event_end = socket.socketpair()
        read_end, write_end = os.pipe()
        self._read_end = read_end
        with event_end:
            try:
                self._run = child.begin(prepared.job, event_end.fileno(), write_end)
            except OSError:
                self._run = -1  # the child is gone: seen as a run without events
            finally:
                os.close(write_end)
        self._output = Output(read_end, prepared.kata.limits.output_kb * 1000)
        self._ended: Event | None = None
        self._is_closed = False

    def go(self) -> None:
        """Let the worker import the learner's code and run the checks."""
        with contextlib.suppress(OSError):
            self._events.sendall(b"g")

    def finish(self, on_event: OnEvent | None = None) -> Seen:
        """Follow the run to its end and give all that was seen."""
        reader = Reader(self._events, self.prepared.secret, self.prepared.kata, on_event)
        seen = reader.read(self._dump_stack)
        if seen.timed_out or seen.is_tampered:
            self._child.order("kill", self._run)
        elif seen.is_complete and self._output.ends_within(OUTPUT_LIMIT_S):
            # All is said; leaving our block ends the worker, and whatever it has left behind.
            seen.log = self._output.text()
            return seen
        if self._run >= 0:
            # After the end line the worker has nothing left to do but leave.
            self._ended = self._child.wait_ended(self._run, 2.0)
            if self._ended is None:
                self._child.order("kill", self._run)
                self._ended = self._child.wait_ended(self._run, 3.0)
        if self._ended is not None:
            seen.exit_code = self._ended["ended"]
        seen.log = self._output.text()
        return seen

    def cancel(self) -> None:
        """End the run at once."""
        self._child.order("kill", self._run)

    def _dump_stack(self) -> None:
        self._child.order("dump", self._run)
        time.sleep(0.15)

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        if self._run >= 0:
            if self._ended is None:
                self._child.order("kill", self._run)
            self._child.forget(self._run)
        self._events.close()
        self._output.text(0.2)
        with contextlib.suppress(OSError):
            os.close(self._read_end)

    def __enter__(self) -> Standby:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Reader:
    """Reads event lines, believes only those with the secret, and holds the clock of each phase."""

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


# --- what it means -----------------------------------------------------------------------------------------------


def verdict_of(kata: Kata, submission: Submission, seen: Seen, static: Iterable[RuleBreach]) -> Verdict:
    """Say what a run means; pure."""
    plan, end = seen.last("plan"), seen.last("end")
    checks = _checks(plan, seen)
    common: dict[str, Any] = {"kata_id": kata.id, "digest": submission.digest, "log": seen.log}
    fault = seen.last("fault")
    if fault or any(c.status is Status.FAULT for c in checks):
        message = fault["message"] if fault else next(c.message for c in checks if c.status is Status.FAULT)
        told = f"this check stumbled, not you ({message}). Nothing was recorded."
        return Verdict(outcome=Outcome.FAULT, checks=checks, message=told, **common)
    common |= {
        "notes": tuple(end["notes"]) if end else (),
        "pictures": tuple(Path(p) for p in end["pictures"]) if end else (),
        "breaches": _all_breaches(kata, seen, static),
    }
    if broken := _broken(seen, checks, kata):
        message, where = broken
        return Verdict(outcome=Outcome.BROKE, checks=checks, message=message, where=where, **common)
    outcome = _outcome(kata, submission, checks, common["breaches"])
    often = _often_means(kata, checks, common["breaches"]) if outcome in (Outcome.FAILED, Outcome.RULE) else ()
    message = "not written yet" if outcome is Outcome.TODO else ""
    return Verdict(outcome=outcome, checks=checks, message=message, often_means=often, **common)


def _checks(plan: Event | None, seen: Seen) -> tuple[CheckResult, ...]:
    """A result for each planned check; the first one told counts."""
    told: dict[str, Event] = {}
    for event in seen.events:
        if event["event"] == "check":
            told.setdefault(event["name"], event)
    started = [e["name"] for e in seen.events if e["event"] == "start"]
    running = started[-1] if started and started[-1] not in told else ""
    return tuple(_check(planned, told.get(planned["name"]), running) for planned in (plan or {}).get("checks", []))


def _check(planned: Event, event: Event | None, running: str) -> CheckResult:
    common = {"name": planned["name"], "requirement": planned["requirement"], "part": planned["part"]}
    if event is None:
        is_running = planned["name"] == running
        status = Status.BROKE if is_running else Status.NOT_RUN
        return CheckResult(status=status, message="the program did not come back from here" * is_running, **common)
    return CheckResult(
        status=Status(event["status"]),
        message=event.get("message", ""),
        call=event.get("call", ""),
        got=event.get("got", ""),
        expected=event.get("expected", ""),
        where=_code_line(event.get("where")),
        duration_s=event.get("duration_s", 0.0),
        **common,
    )


def _code_line(where: Event | None) -> CodeLine | None:
    return CodeLine(where["file"], where["line"], where["text"]) if where else None


def _all_breaches(kata: Kata, seen: Seen, static: Iterable[RuleBreach]) -> tuple[RuleBreach, ...]:
    from kata_runner.judging import rules

    found = list(static)
    named = {(b.file, b.line) for b in found if b.rule == "imports"}
    for told in (seen.last("end") or {}).get("imports", []):
        if (told["file"], told["line"]) not in named:
            named.add((told["file"], told["line"]))
            found.append(rules.import_breach(kata.rules, told["name"], told["file"], told["line"]))
    return tuple(found)


def _broken(seen: Seen, checks: Sequence[CheckResult], kata: Kata) -> tuple[str, CodeLine | None] | None:
    """What kept the run from its end, and where; None when it came to its end."""
    requirements = {c.name: c.requirement for c in checks}
    running = next((c for c in checks if c.status is Status.BROKE), None)
    place = f' in "{running.requirement}"' if running else " while it was imported" if seen.last("importing") else ""
    if seen.last("imported"):
        place = f' in "{running.requirement}"' if running else " after the last check"
    if seen.timed_out:
        return _timed_out(seen, requirements, kata)
    if seen.is_tampered:
        return f"your code wrote to the judge's private channel{place}; it may only write to files of its own", None
    if failed := seen.last("import_failed"):
        return failed["message"], _code_line(failed["where"])
    if stopped := seen.last("stopped"):
        return stopped["message"], _code_line(stopped["where"])
    end = seen.last("end")
    if end and end["tampered"]:
        return f"your code replaced {end['tampered']}, which the verdict rests on", None
    if broke := next((c for c in checks if c.status is Status.BROKE and c.message and c.name != _running(seen)), None):
        return f'{broke.message}, in "{broke.requirement}"', broke.where
    if end and all(c.status is not Status.NOT_RUN for c in checks):
        return None if checks else ("the hidden test has no checks", None)
    return _exit_in_words(seen, kata) + place, _line_in_log(seen.log, kata)


def _running(seen: Seen) -> str:
    told = {e["name"] for e in seen.events if e["event"] == "check"}
    started = [e["name"] for e in seen.events if e["event"] == "start"]
    return started[-1] if started and started[-1] not in told else ""


def _timed_out(seen: Seen, requirements: Mapping[str, str], kata: Kata) -> tuple[str, CodeLine | None]:
    where = _line_in_log(seen.log, kata)
    if seen.timed_out == "importing":
        return f"still running after {seen.limit_s:g} s while your file was imported; look for a loop", where
    if requirement := requirements.get(seen.timed_out):
        return f'still running after {seen.limit_s:g} s in "{requirement}"; look for a loop that never ends', where
    return f"the run did not get on within {seen.limit_s:g} s while {seen.timed_out}", where


def _exit_in_words(seen: Seen, kata: Kata) -> str:
    code = seen.exit_code
    if code is None:
        return "the process in which your code ran is gone"
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        told = {"SIGSEGV": "crashed with a segmentation fault", "SIGKILL": "was killed", "SIGABRT": "aborted"}
        memory = f"; {kata.limits.memory_mb} MB of memory are allowed" if name in ("SIGKILL", "SIGABRT") else ""
        return f"your code {told.get(name, 'was ended')} ({name}{memory})"
    if code == 71:
        return "your code closed the judge's private channel"
    return f"your code ended the program (exit code {code})"


def _line_in_log(log: str, kata: Kata) -> CodeLine | None:
    """The innermost line of the learner's in a stack that faulthandler wrote."""
    import re

    stacks = log.rpartition("most recent call first")[2]
    for match in re.finditer(r'File "([^"]+)", line (\d+) in', stacks):
        path = Path(match[1])
        if path.parent.name == kata.id or path.stem == kata.module:
            return CodeLine(path.name, int(match[2]), _text_at(path, int(match[2])))
    return None


def _text_at(path: Path, line: int) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError, IndexError):
        return path.read_text(encoding="utf-8").splitlines()[line - 1].strip()
    return ""


def _outcome(
    kata: Kata, submission: Submission, checks: Sequence[CheckResult], breaches: Sequence[RuleBreach]
) -> Outcome:
    statuses = {c.status for c in checks}
    if statuses == {Status.PASSED}:
        return Outcome.RULE if breaches else Outcome.PASSED
    if _is_stub(kata, submission) or (Status.TODO in statuses and not statuses & {Status.FAILED}):
        return Outcome.TODO
    return Outcome.FAILED


def _is_stub(kata: Kata, submission: Submission) -> bool:
    return all(submission.files.get(name) == content for name, content in kata.stub_files.items())


def _often_means(kata: Kata, checks: Sequence[CheckResult], breaches: Sequence[RuleBreach]) -> tuple[str, ...]:
    """The words of the known wrong answers that fail in the same way, when they are at most two.

    In the same way: the same checks and rules; of those, rather the ones that gave the very same result.
    """
    from kata_runner.catalogue.mistakes import mistakes_failing
    from kata_runner.errors import BrokenKata

    failed = {c.name for c in checks if not c.passed} | {f"rule:{b.rule}" for b in breaches}
    try:
        alike = mistakes_failing(kata, failed)
    except BrokenKata:  # the audit tells the author; the learner's verdict does not depend on it
        return ()
    got = first_got(checks)
    told = [m.words for m in alike if got and m.got == got] or [m.words for m in alike]
    return tuple(dict.fromkeys(told)) if len(set(told)) <= 2 else ()


def first_got(checks: Sequence[CheckResult]) -> str:
    """What came back in the first failed check, which is the same for the same mistake: cases are seeded."""
    return next((c.got or c.message for c in checks if not c.passed), "")


# --- many --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """One piece of work for `in_parallel`.

    run: does it, asking the child that it is given; modules: what that child should have imported before.
    """

    run: Callable[[Child | None], object]
    modules: tuple[str, ...] = ()


def in_parallel(tasks: Sequence[Task], n_workers: int) -> list[object]:
    """Run tasks on `n_workers` warm children; results in the order of the tasks.

    Tasks that need the same modules are done one after the other, so that few children import them.
    """
    results: list[object] = [None] * len(tasks)
    waiting = sorted(enumerate(tasks), key=lambda pair: pair[1].modules)
    lock = threading.Lock()
    errors: list[BaseException] = []

    def work() -> None:
        child: Child | None = None
        loaded: tuple[str, ...] | None = None
        try:
            while not errors:
                with lock:
                    if not waiting:
                        return
                    fitting = (i for i, (_, task) in enumerate(waiting) if task.modules == loaded)
                    index, task = waiting.pop(next(fitting, 0))
                if child is None or not child.is_alive or task.modules != loaded:
                    child = _replace_child(child, task.modules)
                    loaded = task.modules
                results[index] = task.run(child)
        except BaseException as error:
            errors.append(error)
        finally:
            if child is not None:
                child.close()

    threads = [threading.Thread(target=work) for _ in range(max(1, min(n_workers, len(tasks))))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def _replace_child(child: Child | None, modules: Sequence[str]) -> Child | None:
    if child is not None:
        child.close()
    fresh = start_child()
    if fresh is not None:
        fresh.is_warm = True
        fresh.preload([*ALWAYS_PRELOADED, *modules])
    return fresh
