"""A real server for hidden tests: the learner's application in a process of its own, at a free port of loopback."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from kata_runner.checking.failure import fail, todo
from kata_runner.checking.programs import learner_environment, temporary_folder
from kata_runner.checking.values import Shown
from kata_runner.processes import kill_session

_START_LIMIT_S = 60.0  # for what takes a second on an idle machine


@dataclass(frozen=True)
class RealServer:
    """A server that listens. address: as in "http://127.0.0.1:41873"."""

    address: str
    process: subprocess.Popen[str]

    def send_line(self, line: str = "") -> None:
        """Write a line to the program's standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()


@contextmanager
def real_server(
    program: str, *, stub: str, call: str, files: Mapping[str, bytes] | None = None
) -> Generator[RealServer]:
    """Run a program that ends in `uvicorn.run(app, host="127.0.0.1", port=0)`; yield it once it listens.

    The program runs in an empty folder, can import the learner's modules, and is killed when the block ends, with
    all that it has started.

    stub: the function without which nothing can be served; while it raises NotImplementedError the check is to do.
    call: how a message shows the start. files: what lies in the folder, by name.

    Fails when the program ends before it listens, or does not listen within a minute.

    >>> with real_server(PROGRAM, stub="create_app", call="uvicorn.run(create_app(load_model))") as server:
    ...     httpx2.get(f"{server.address}/health")
    """
    with temporary_folder() as folder:
        for name, content in {"serve.py": program.encode(), **(files or {})}.items():
            (folder / name).write_bytes(content)
        process = subprocess.Popen(
            [sys.executable, "serve.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=learner_environment(),
            start_new_session=True,
            text=True,
            errors="replace",
        )
        too_late = threading.Timer(_START_LIMIT_S, kill_session, [process.pid])
        too_late.start()
        try:
            address = _address(process, stub, call)
            too_late.cancel()
            threading.Thread(target=lambda: [None for _ in process.stderr or ()], daemon=True).start()
            yield RealServer(address, process)
        finally:
            too_late.cancel()
            kill_session(process.pid)
            process.wait()


def _address(process: subprocess.Popen[str], stub: str, call: str) -> str:
    """Where uvicorn says that it listens."""
    last = "no output"
    for line in process.stderr or ():
        if found := re.search(r"running on (http://[\d.]+:\d+)", line):
            return found[1]
        last = line.strip() or last
    if "NotImplementedError" in last:
        todo(f"{stub} is still the stub")
    fail("the server ended before it listened, or did not within a minute", got=Shown(last), call=call)
