"""Where things are kept, found with next to no imports: the workspace, its sockets, the cache."""

from __future__ import annotations

import os
import sys
from pathlib import Path

TYPE_CHECKING = False  # not from typing, whose import takes as long as all else here
if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

MARKER = ".kata"
CHECKS = "check"  # the ending of the socket on which a watch takes checks
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


def sockets_folder() -> Path:
    """Where the sockets of this user's watches lie: not in the workspace, whose path may be too long for a socket."""
    base = os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("TMPDIR") or "/tmp"
    return Path(base) / f"kata-{os.getuid()}"


def socket_path(workspace: Path, what: str) -> Path:
    """The socket for `what` in a workspace: the same for whoever names that folder, whichever way.

    Raises OSError when there is no such folder, PermissionError when the folder of sockets is open to others.
    """
    folder = sockets_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} can be entered by others")
    root = workspace.stat()
    return folder / f"{root.st_dev:x}-{root.st_ino:x}.{what}"


def may_be_watched() -> bool:
    """Whether any watch of this user has left a socket for checks."""
    if not hasattr(os, "getuid"):
        return False
    try:
        return any(name.endswith(f".{CHECKS}") for name in os.listdir(sockets_folder()))
    except OSError:
        return False


def is_ours(sock: socket.socket) -> bool:
    """Whether the process at the other end belongs to the same user; the folder's mode says so already."""
    import socket
    import struct

    if not hasattr(socket, "SO_PEERCRED"):
        return True
    _, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return bool(uid == os.getuid())


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
