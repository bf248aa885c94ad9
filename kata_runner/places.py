"""Where things are kept, found with next to no imports: the workspace, the cache."""

from __future__ import annotations

import os
from pathlib import Path

TYPE_CHECKING = False  # not from typing, whose import takes as long as all else here
if TYPE_CHECKING:
    from collections.abc import Mapping

MARKER = ".kata"
DEFAULT_NAME = "my-katas"
# In the folder of a kata: a case that is too long for the screen, and of its values what is too much for a text.
CASE_FILE = "failing_case.py"
HUNT = "hunt"  # the folder with the code in which a bug is hunted
CASE_DATA = "failing_case.pickle"
CASE_MARK = "# Written by kata: a case that your code fails. It goes when you pass.\n"  # its first line


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


def cache_folder() -> Path:
    """Where kata keeps what can be made again: $KATA_CACHE, or else the system's cache folder for this user.

    Raises RuntimeError when this user has no home folder.
    """
    if named := os.environ.get("KATA_CACHE"):
        return Path(named).absolute()
    import platformdirs  # here, as only few commands keep something

    return platformdirs.user_cache_path("kata", appauthor=False, opinion=False)
