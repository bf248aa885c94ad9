"""Keeps what Rich made of a text: to import its Markdown takes longer than all the rest of `kata hint`."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from kata_runner import __version__, places


def shown(text: str, width: int, environ: Mapping[str, str], render: Callable[[], str]) -> str:
    """What `render` makes of `text` on a terminal of this width: kept from the last time, else made now and kept.

    One rendering of each text is kept, so that the cache does not grow with the widths of a terminal.
    """
    path = _place(text)
    if path is None:
        return render()
    key = f"{__version__} {_rich_stamp()} {width} {[environ.get(name) for name in places.TERMINAL]}\0{text}\0"
    with suppress(OSError, UnicodeDecodeError):
        kept = path.read_bytes().decode()
        if kept.startswith(key):
            return kept.removeprefix(key)
    made = render()
    _keep(path, key + made)
    return made


def _place(text: str) -> Path | None:
    if os.name == "nt":  # old consoles there take no control characters
        return None
    folder = places.cache_folder()
    return folder / "rendered" / f"{zlib.crc32(text.encode()):08x}" if folder else None


def _rich_stamp() -> int:
    """Changes when another Rich is installed."""
    spec = find_spec("rich")
    return os.stat(spec.origin).st_mtime_ns if spec is not None and spec.origin else 0


def _keep(path: Path, content: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content.encode())
        draft.replace(path)
    except OSError:  # a read-only home: slower, nothing worse
        with suppress(OSError):
            draft.unlink(missing_ok=True)
