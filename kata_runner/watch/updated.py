"""Notices that kata itself was replaced while a watch runs: what is imported from then on is other code."""

from __future__ import annotations

from pathlib import Path

from kata_runner.errors import MachineError

PACKAGE = Path(__file__).resolve().parents[1]
_FILES = list(PACKAGE.rglob("*.py"))


def refuse() -> None:
    """Raise MachineError when a file of the package is no longer the one that it was at the start."""
    if _look() != _AT_START:
        raise MachineError("this watch ends, for kata was updated. Start it again: kata watch")


def _look() -> list[tuple[int, int]]:
    """Inode and time of each file; none where one is gone."""
    try:
        return [(stat.st_ino, stat.st_mtime_ns) for stat in map(Path.stat, _FILES)]
    except OSError:
        return []


_AT_START = _look()
