"""What may go wrong, in words, and the exit code each fault leaves behind."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the `kata` command returns to the shell."""

    PASSED = 0
    NOT_PASSED = 1
    USAGE = 2
    KATA_AT_FAULT = 3
    MACHINE_AT_FAULT = 4
    INTERRUPTED = 130


class KataError(Exception):
    """Something a person must read: what happened, to which thing, what to do now."""

    exit_code = ExitCode.USAGE


class UsageError(KataError):
    """The command was asked for something that cannot be done as asked."""


class UnknownKata(UsageError):
    """No kata, or more than one, goes by that name."""


class BrokenKata(KataError):
    """A kata's own files are at fault, not the learner's."""

    exit_code = ExitCode.KATA_AT_FAULT


class MachineError(KataError):
    """This machine lacks something: a compiler, a package, a usable database."""

    exit_code = ExitCode.MACHINE_AT_FAULT


class BuildError(KataError):
    """The learner's sources did not compile.

    file, line: where the compiler's first message points, if anywhere.
    """

    exit_code = ExitCode.NOT_PASSED

    def __init__(self, message: str, file: str = "", line: int = 0, log: str = "") -> None:
        super().__init__(message)
        self.file = file
        self.line = line
        self.log = log
