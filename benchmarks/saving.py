"""The ways in which editors save a file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

Save = Callable[[Path, str], None]


def in_place(path: Path, text: str) -> None:
    """Truncate and write, as nano and most simple editors do."""
    path.write_text(text, encoding="utf-8")


def rename_over(path: Path, text: str) -> None:
    """Write a new file and move it over the old one, as VS Code's atomic save, Helix and JetBrains do."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def backup_dance(path: Path, text: str) -> None:
    """Vim with `backupcopy=no`: move the old file aside, write the new one, remove the old."""
    backup = path.with_name(f"{path.name}~")
    path.rename(backup)
    path.write_text(text, encoding="utf-8")
    backup.unlink()


def two_writes(path: Path, text: str) -> None:
    """Write a part, and the rest five milliseconds later."""
    middle = len(text) // 2
    with path.open("w", encoding="utf-8") as file:
        file.write(text[:middle])
        file.flush()
        os.fsync(file.fileno())
        time.sleep(0.005)
        file.write(text[middle:])


def moved_away(path: Path, text: str) -> None:
    """Move the old file out of the folder (into a trash) and write a new one."""
    path.replace(path.parent.parent / f"{path.name}.trash")
    path.write_text(text, encoding="utf-8")


WAYS: dict[str, Save] = {
    "in place": in_place,
    "rename over": rename_over,
    "vim's backup dance": backup_dance,
    "two writes": two_writes,
    "old file moved away": moved_away,
}
