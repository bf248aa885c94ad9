"""The `kata` command. Kept tiny, so that a check's child process starts before anything slow is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

# Options of `kata` itself that take a value, so that `kata --workspace check check` is read rightly.
TAKES_VALUE = ("--workspace", "--catalogue")


def main() -> NoReturn:
    """Run one command and leave with its exit code."""
    try:
        sys.exit(_run(sys.argv[1:]))
    except KeyboardInterrupt:  # while something was imported; later, `cli.run` sees to it
        print("kata: interrupted", file=sys.stderr)
        sys.exit(130)


def _run(argv: Sequence[str]) -> int:
    child = None
    if first_word(argv) == "check" and "--help" not in argv and "_KATA_COMPLETE" not in os.environ:
        from kata_runner.judging import launch

        # The child imports pytest while this process imports Typer.
        child = launch.start_child()
    from kata_runner.cli import app as cli

    return cli.run(argv, child)


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
