"""The learner's code as a program: another Python process, and folders for what it writes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kata_runner.checking.failure import CheckFailed
from kata_runner.checking.session import current
from kata_runner.checking.values import Shown, shorten
from kata_runner.processes import kill_session


@dataclass(frozen=True)
class Ran:
    """What a program left behind: its exit code, and what it wrote to standard output and standard error."""

    code: int
    stdout: str
    stderr: str


def learner_environment() -> dict[str, str]:
    """Return the environment variables with which another Python process finds the learner's modules."""
    paths = [*map(str, (current().folder, *current().import_paths)), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONDONTWRITEBYTECODE": "1"}


def run_python(*args: str | Path, stdin: str = "", timeout_s: float = 8.0, cwd: Path | None = None) -> Ran:
    """Run `python ARGS` where the learner's modules can be imported, and return what it left behind.

    stdin: what the program reads.
    cwd: by default where the learner's files of this kata stand.

    Fails when the program does not end within `timeout_s` seconds; the program is killed then.

    >>> ran = run_python("text_analyzer.py", path)
    """
    command = [sys.executable, *map(str, args)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd or current().folder,
        env=learner_environment(),
        start_new_session=True,
    )
    try:
        out, err = process.communicate(stdin.encode(), timeout=timeout_s)
    except subprocess.TimeoutExpired:
        shown = " ".join(["python", *map(str, args)])
        raise CheckFailed(f"the program did not end within {timeout_s:g} s", call=shorten(Shown(shown))) from None
    finally:
        if process.poll() is None:
            kill_session(process.pid)
            process.communicate()
    return Ran(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def assert_encoding_named(code: str, *args: str | Path, call: str) -> None:
    """Fail when `code`, run in a Python process of its own, opens a text file without naming its encoding.

    On most machines the default encoding is UTF-8, so the result does not show it; Python itself tells who relies on
    that default (`-X warn_default_encoding`).

    code: lines that import the learner's module and use it. args: what they find in `sys.argv[1:]`.
    call: the call to show.

    >>> assert_encoding_named("import sys, work\\nwork.load(sys.argv[1])", path, call="load(path)")
    """
    strict = "import warnings\nwarnings.simplefilter('error', EncodingWarning)\n"
    ran = run_python("-X", "warn_default_encoding", "-c", strict + code, *args, timeout_s=60)
    if ran.code != 0:
        last = (ran.stderr.strip().splitlines() or [""])[-1]
        message = "a text file is opened in the default encoding of the machine; name the encoding"
        raise CheckFailed(message if "EncodingWarning" in last else "it fails in another process",
                          call=call, got=Shown(last))  # fmt: skip


@contextmanager
def temporary_folder() -> Generator[Path]:
    """Yield a new folder that is gone when the block ends, whatever is left in it."""
    with tempfile.TemporaryDirectory(prefix="kata-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
