"""The `kata` command. Kept tiny, so that a check's child process starts before anything slow is imported."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

LEAST_FILES = 256  # that this process, the child and a worker may each have open


def main() -> NoReturn:
    """Run one command and leave with its exit code."""
    _clean_up_when_ended()
    try:
        _open_closed_streams()
        if (n_files := _allow_files()) < LEAST_FILES:
            print(f"kata: only {n_files} files may be open here. Allow more: ulimit -n 1024", file=sys.stderr)
            sys.exit(4)
        sys.exit(_run(sys.argv[1:]))
    except KeyboardInterrupt:  # while something was imported; later, `cli.run` sees to it
        print("kata: interrupted", file=sys.stderr)
        sys.exit(130)


def _clean_up_when_ended() -> None:
    """Let `kill`, or a terminal that is closed, end this process as Ctrl-C does: nothing stays running or on disk."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores it
            signal.signal(number, signal.default_int_handler)


def _open_closed_streams() -> None:
    """Have streams that were closed (`>&-`) lead nowhere: the next file to be opened would take their place."""
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None and os.open(os.devnull, os.O_RDWR) == descriptor:
            os.set_inheritable(descriptor, True)
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8"))


def _allow_files() -> int:
    """How many files may be open at once, after asking for what is needed."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return LEAST_FILES
    soft, hard = (LEAST_FILES if n < 0 else n for n in resource.getrlimit(resource.RLIMIT_NOFILE))  # -1: without limit
    if soft < LEAST_FILES <= hard:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (LEAST_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
            return LEAST_FILES
    return soft


def _run(argv: Sequence[str]) -> int:
    child = None
    words = {"check", "debug", "hunt", "test"} & set(argv)
    if words and "--help" not in argv and "_KATA_COMPLETE" not in os.environ:
        from kata_runner.judging import launch

        # The child imports pytest while this process imports Typer.
        child = launch.start_child("own_tests" if words == {"test"} else "parent")
    from kata_runner.cli import app as cli

    return cli.run(argv, child)


if __name__ == "__main__":
    main()
