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
    if not os.path.lexists(path):
        replace(path, content)


def replace(path: Path, content: bytes) -> None:
    """Write a file over what is there, in one step, and keep its permissions; make its folder where there is none.

    A file that holds this content already is left alone; a link is replaced, not followed. Raises OSError when the
    system refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}{DRAFT_ENDING}")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # it outlives a power cut
        if path.is_file():
            draft.chmod(stat.S_IMODE(path.stat().st_mode))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
