"""Files that appear whole or not at all, at whatever moment the process is killed; and what is wrong with a text."""

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


def not_utf8(content: bytes) -> str:
    """In words, how a text file is saved if not as UTF-8; "" when it is."""
    n_nul = content.count(b"\0")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or n_nul > len(content) // 3:
        return "is saved as UTF-16; save it as UTF-8"
    if n_nul:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        return f"holds a NUL byte in line {line}, which no text has; delete it"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return f"is not saved as UTF-8 (byte 0x{content[error.start]:02x} in line {line}); save it as UTF-8"
    return ""
