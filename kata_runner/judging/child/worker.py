"""Makes a process ready for one submission: its limits, its way to report, its imports. Also the child without fork."""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from kata_runner.checking import session
from kata_runner.checking.settings import Settings
from kata_runner.judging.child import importer
from kata_runner.judging.child.plugin import Emit, Job, Plugin, flush_output, refuse_breakpoint

# Plugins of pytest that a hidden test does not need; each costs start-up time.
UNNEEDED = (
    *("cacheprovider", "terminal", "logging", "junitxml", "pastebin", "doctest", "unittest", "stepwise", "setuponly"),
    *("setupplan", "warnings", "faulthandler", "threadexception", "unraisableexception", "debugging", "legacypath"),
    *("subtests", "capture", "assertion", "skipping"),
)


def import_tools() -> None:
    """Import what every worker needs."""
    # For programs that the learner's code starts; set only now, so that our own modules have their byte code written.
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    import faulthandler  # noqa: F401

    with suppress(ImportError):  # Windows
        import resource  # noqa: F401

    import pytest

    pytest.hookimpl(trylast=True)(Plugin.pytest_sessionfinish)


def import_modules(modules: Iterable[str]) -> None:
    """Import modules, except those that cannot be imported."""
    for name in modules:
        with suppress(Exception):
            importlib.import_module(name)


def run_pytest(kata_folder: str, plugins: Sequence[object]) -> None:
    """Start pytest for the hidden test in a folder; a plugin's `pytest_collection` says what is collected."""
    import pytest

    os.chdir(os.sep)  # pytest returns to where it was started, and other folders may be gone by then
    unneeded = [arg for name in UNNEEDED for arg in ("-p", f"no:{name}")]
    where = ["-c", os.devnull, "--rootdir", kata_folder, "--confcutdir", kata_folder, "--noconftest"]
    how = ["--import-mode=importlib", "-o", "addopts="]
    pytest.main([*where, *how, *unneeded], plugins=plugins)


def prepare(plugin: Plugin, job: Job, event_fd: int) -> None:
    """Make this process ready for one submission, and hand the job to the plugin."""
    emit = make_emit(event_fd, job["secret"], folders_of(job))
    del job["secret"]
    sys.breakpointhook = refuse_breakpoint
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # what is printed before a crash is shown
    limit_memory(job["memory_mb"])
    _dump_stack_on_request()
    settings = _counted(job, emit) if job["counts_calls"] else Settings()
    plugin.begin(job, begin_session(job, settings), emit, _wait_for_go(event_fd))


def begin_session(job: Job, settings: Settings) -> session.CheckSession:
    """Make the learner's modules importable, and begin the session of their checks."""
    os.chdir(job["folder"])
    if job["temporary"]:
        for variable in ("TMPDIR", "TEMP", "TMP"):
            os.environ[variable] = job["temporary"]
        tempfile.tempdir = None  # read anew: what has been imported may have asked for it
    sys.argv = ["kata"]
    sys.dont_write_bytecode = True
    import_modules(job["preloads"])  # so that an answer finds the same modules loaded in every child
    importer.install(job)
    checking = session.CheckSession(
        folder=Path(job["folder"]),
        seed=job["seed"],
        module_files={name: Path(path) for name, path in job["modules"].items()},
        import_paths=[Path(path) for path in job["import_paths"]],
        imports_allowed=False,
        settings=settings,
    )
    session.begin(checking)
    return checking


def folders_of(job: Job) -> tuple[str, ...]:
    """What the paths of all files of the learner's begin with."""
    return tuple(f"{folder}{os.sep}" for folder in (job["folder"], *job["import_paths"]))


def _counted(job: Job, emit: Emit) -> Settings:
    """Settings that report each call of the learner's code."""
    from kata_runner.judging.child.calls import Calls, Function

    def on_call(function: Function) -> Function:
        emit({"event": "call"})
        return function

    return Calls(folders_of(job), on_call)


def make_emit(fd: int, secret: str, folders: tuple[str, ...]) -> Emit:
    """A writer of event lines. It holds all it needs, so that code that is replaced later does not reach it.

    folders: what the learner's paths begin with. A line that is written on behalf of their code goes without the
    secret, which the judge notes.
    """
    encode = json.JSONEncoder(ensure_ascii=True).encode
    write, exit_now = (socket.socket(fileno=fd).send if os.name == "nt" else None), os._exit
    os_write, getpid, frame_of, thread_id = os.write, os.getpid, sys._getframe, threading.get_ident
    pid, thread = os.getpid(), threading.get_ident()

    def is_ours() -> bool:
        frame: FrameType | None = frame_of(1)
        while frame is not None:
            if frame.f_code.co_filename.startswith(folders):
                return False
            frame = frame.f_back
        return thread_id() == thread

    def emit(event: dict[str, Any]) -> None:
        if getpid() != pid:
            exit_now(0)  # a copy that the learner's code has forked and let return
        # The leading line break ends whatever the learner's code has written to this descriptor.
        rest = f"\n{secret if is_ours() else 'forged'} {encode(event)}\n".encode()
        try:
            while rest:
                rest = rest[write(rest) if write else os_write(fd, rest) :]
        except OSError:
            exit_now(71)  # the judge sees that the end line is missing

    return emit


def _wait_for_go(fd: int) -> Callable[[], None]:
    """A function that waits for the judge's word to begin; nothing before it depends on the learner's files."""
    read, exit_now = os.read, os._exit

    def wait() -> None:
        if os.name != "nt" and not read(fd, 1):
            exit_now(0)

    return wait


def limit_memory(limit_mb: int) -> None:
    """Allow `limit_mb` on top of what the imports take."""
    try:
        import resource
    except ImportError:
        return
    used = 0
    with suppress(OSError, ValueError):
        status = Path("/proc/self/status").read_text()
        used = int(status.split("VmData:")[1].split()[0]) * 1024
    limit = used + limit_mb * 1_000_000
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _dump_stack_on_request() -> None:
    """Print the stack after a crash, and when the judge asks for it before it ends a run that hangs."""
    import faulthandler

    faulthandler.enable(file=2, all_threads=False)
    if hasattr(faulthandler, "register"):
        faulthandler.register(signal.SIGUSR1, file=2, all_threads=False)


# --- without fork: one child, one job ----------------------------------------------------------------------------


def main_once() -> NoReturn:
    """Read one job from standard input, connect to the judge's port for events, and be the worker."""
    job: Job = json.loads(sys.stdin.buffer.readline())
    import_tools()
    events = socket.create_connection(("127.0.0.1", job["port"]))
    fd = events.detach()
    with open(os.devnull) as nowhere:
        os.dup2(nowhere.fileno(), 0)
    if hasattr(os, "setsid") and os.getpid() != os.getpgrp():
        os.setsid()
    code = 70
    try:
        plugin = Plugin()
        prepare(plugin, job, fd)
        run_pytest(job["kata_folder"], [plugin])
        flush_output()
        code = 0
    finally:
        os._exit(code)
