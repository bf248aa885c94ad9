"""Where things are kept, found with next to no imports: the workspace, the cache."""

from __future__ import annotations

import os
import sys
from pathlib import Path

TYPE_CHECKING = False  # not from typing, whose import takes as long as all else here
if TYPE_CHECKING:
    from collections.abc import Mapping

MARKER = ".kata"
DEFAULT_NAME = "my-katas"
# What Rich looks at in the environment, beside COLUMNS, to know what a terminal can do.
TERMINAL = ("TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


def named_workspace(start: Path, explicit: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The workspace that was named, by `--workspace` or else by KATA_WORKSPACE."""
    name = explicit or environ.get("KATA_WORKSPACE")
    return start.absolute() / Path(name).expanduser() if name else None


def find_workspace(start: Path, explicit: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The root of the workspace that a command typed in `start` belongs to; see `workspace.locate`."""
    named = named_workspace(start, explicit, environ)
    if named is not None:
        return named if (named / MARKER).is_dir() else None
    start = start.absolute()
    for folder in (start, *start.parents, start / DEFAULT_NAME):
        if (folder / MARKER).is_dir():
            return folder
    return None


def cache_folder() -> Path | None:
    """Where kata keeps what can be made anew; None without a home folder."""
    try:
        if os.name == "nt":
            base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return base / "kata"
