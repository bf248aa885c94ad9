"""The `kata` command. Kept tiny, so that a check's child process starts before anything slow is imported."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from kata_runner.judge import Child

# Options of `kata` itself that take a value, so that `kata --workspace check check` is read rightly.
TAKES_VALUE = ("--workspace", "--catalogue")


def main() -> NoReturn:
    """Run one command and leave with its exit code."""
    # Next to nothing of what a command makes is garbage; looking for it takes a twentieth of its time.
    gc.set_threshold(50_000)
    argv = sys.argv[1:]
    word, child = first_word(argv), None
    if word == "check" and "--help" not in argv and "_KATA_COMPLETE" not in os.environ:
        from kata_runner import judge

        # Without a watch to ask, a new child imports pytest while this process imports Typer.
        child = warm_child(argv) or judge.start_child()
    from kata_runner import cli

    leave(cli.run(argv, word, child))


def leave(code: int) -> NoReturn:
    """End the process without taking the interpreter apart, which is a tenth of what a short command takes."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # closed, or nobody reads it: that was dealt with before
            stream.flush()
    os._exit(code)


def warm_child(argv: Sequence[str]) -> Child | None:
    """The child of a `kata watch` that runs in the same workspace; None when there is none to ask."""
    from kata_runner import judge, workspace

    if not judge.FORKS:
        return None
    try:
        space = workspace.locate(Path.cwd(), _named_workspace(argv))
        return judge.connect_child(judge.socket_path(space.root)) if space is not None else None
    except OSError:
        return None


def _named_workspace(argv: Sequence[str]) -> Path | None:
    for word, following in zip(argv, [*argv[1:], ""], strict=True):
        if word == "--workspace" and following:
            return Path(following)
        if word.startswith("--workspace="):
            return Path(word.partition("=")[2])
    return None


def first_word(argv: Sequence[str]) -> str:
    """The command in `argv`: the first word that is neither an option nor an option's value; "" when there is none."""
    words = iter(argv)
    for word in words:
        if word in TAKES_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


if __name__ == "__main__":
    main()
