"""What may go wrong, in words, and the exit code each fault leaves behind."""

from __future__ import annotations

import errno
from enum import IntEnum


class ExitCode(IntEnum):
    """What the `kata` command returns to the shell."""

    PASSED = 0
    NOT_PASSED = 1
    USAGE = 2
    KATA_AT_FAULT = 3
    MACHINE_AT_FAULT = 4
    INTERRUPTED = 130
    NO_READER = 141  # as a shell says it of other programs whose output nobody reads


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


def remedy(error: OSError, otherwise: str = "Fix that and try again") -> str:
    """What to do now about a refusal of the system; `otherwise` where it says enough itself."""
    return _REMEDIES.get(error.errno or 0, otherwise)


_ELSEWHERE = "or name another workspace: --workspace FOLDER"
_ROOM = "Make room and try again"
_MORE_FILES = "Allow more open files, and try again: ulimit -n 1024"
_REMEDIES = {
    errno.ENOSPC: _ROOM,
    errno.EFBIG: _ROOM,
    getattr(errno, "EDQUOT", errno.ENOSPC): _ROOM,
    errno.EACCES: f"Make it readable and writable, {_ELSEWHERE}",
    errno.EROFS: f"Make the disk writable, {_ELSEWHERE}",
    errno.EMFILE: _MORE_FILES,
    errno.ENFILE: _MORE_FILES,
}
