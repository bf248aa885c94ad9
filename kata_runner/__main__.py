"""The `kata` command. Kept tiny, so that a check's child process starts before anything slow is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn


def main() -> NoReturn:
    """Run one command and leave with its exit code."""
    try:
        sys.exit(_run(sys.argv[1:]))
    except KeyboardInterrupt:  # while something was imported; later, `cli.run` sees to it
        print("kata: interrupted", file=sys.stderr)
        sys.exit(130)


def _run(argv: Sequence[str]) -> int:
    child = None
    if {"check", "debug"} & set(argv) and "--help" not in argv and "_KATA_COMPLETE" not in os.environ:
        from kata_runner.judging import launch

        # The child imports pytest while this process imports Typer.
        child = launch.start_child()
    from kata_runner.cli import app as cli

    return cli.run(argv, child)


if __name__ == "__main__":
    main()
