"""The `kata` command. Kept tiny, so that a check's child process starts before anything slow is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

# Options of `kata` itself that take a value, so that `kata --workspace check check` is read rightly.
TAKES_VALUE = ("--workspace", "--catalogue")


def main() -> None:
    """Run one command and leave with its exit code."""
    argv = sys.argv[1:]
    word, child = first_word(argv), None
    if word == "check" and "--help" not in argv and "_KATA_COMPLETE" not in os.environ:
        from kata_runner import judge

        # It imports pytest while this process imports Typer.
        child = judge.start_child()
    from kata_runner import cli

    sys.exit(cli.run(argv, word, child))


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
