"""Files that appear whole or not at all, at whatever moment the process is killed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

DRAFT_ENDING = ".kata-new"  # of a file that is still being written


def write_new(path: Path, content: bytes) -> None:
    """Write a file, and its folder where there is none; one that is there already is left as it is.

    Raises OSError when the system refuses.
    """
    if os.path.lexists(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path)
    try:
        write_to_disk(draft, content)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            if not os.path.lexists(path):
                draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def replace(path: Path, content: bytes) -> None:
    """Write a file over what is there, in one step, and keep its permissions; make its folder where there is none.

    A file that holds this content already is left alone; a link is replaced, not followed. Raises OSError when the
    system refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return
    draft = _draft(path)
    try:
        write_to_disk(draft, content)
        if path.is_file():
            draft.chmod(stat.S_IMODE(path.stat().st_mode))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_to_disk(path: Path, content: bytes) -> None:
    """Write a file that outlives a power cut; a process that is killed leaves a part of it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}{DRAFT_ENDING}")
