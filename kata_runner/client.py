"""Hands `kata check` to a `kata watch` that runs in the same workspace, which has everything imported already.

Imports next to nothing: this is most of what such a check costs.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from kata_runner import places

ANSWER_S = 1.0  # a watch that does not even begin to answer in this time is not waited for
_FLAGS = {"--json": "json", "--borrow": "borrow", "--verbose": "verbose", "-v": "verbose"}
_TERMINAL = (*places.TERMINAL, "COLUMNS")
_IN_PLACE = ("KATA_CATALOGUE", "KATA_WORKSPACE", "KATA_NO_FORK", "VIRTUAL_ENV", "PATH")


def ask(argv: Sequence[str]) -> tuple[int, list[Path]] | None:
    """Have a watch judge what `kata check` with these arguments names, and print its answer.

    Gives the exit code and the pictures that were drawn; None when no watch is there, or this process had better
    do it: several katas, an option of `kata` itself, a terminal that does not speak UTF-8.
    """
    request = read(argv)
    if request is None:
        return None
    try:
        with _connect() as watch:
            watch.sendall(json.dumps({**request, **_here(sys.stdout.isatty())}).encode() + b"\n")
            reply = _receive(watch)
    except OSError:
        return None
    if not reply or "code" not in reply:
        return None
    sys.stdout.write(reply["out"])
    sys.stdout.flush()
    sys.stderr.write(reply["err"])
    return int(reply["code"]), [Path(path) for path in reply["pictures"]]


def read(argv: Sequence[str]) -> dict[str, Any] | None:
    """What `check [KATA] [--json] [--borrow] [-v]` asks for; None for anything else, which Typer reads."""
    if not argv or argv[0] != "check":
        return None
    asked: dict[str, Any] = {"kata": None, "json": False, "borrow": False, "verbose": False}
    for word in argv[1:]:
        if word in _FLAGS:
            asked[_FLAGS[word]] = True
        elif word.startswith("-") or asked["kata"] is not None:
            return None
        else:
            asked["kata"] = word
    return asked


def whereabouts(environ: Mapping[str, str]) -> dict[str, Any]:
    """What must be the same here and in the watch for it to judge as this process would."""
    return {
        "python": [sys.executable, list(sys.version_info[:3]), __file__],
        "places": {name: environ.get(name) for name in _IN_PLACE},
    }


def _here(is_terminal: bool) -> dict[str, Any]:
    columns = 0
    if is_terminal:
        with suppress(OSError):
            columns = os.get_terminal_size(sys.stdout.fileno()).columns
    terminal = {name: os.environ[name] for name in _TERMINAL if name in os.environ}
    return {
        **whereabouts(os.environ),
        "cwd": os.getcwd(),
        "is_terminal": is_terminal,
        "columns": columns,
        "terminal": terminal,
    }


def _connect() -> socket.socket:
    """A connection to the watch of this workspace; raises OSError when there is none."""
    if (sys.stdout.encoding or "").lower().replace("-", "") != "utf8":
        raise OSError("the watch writes UTF-8")
    root = places.find_workspace(Path.cwd(), None, os.environ)
    if root is None:
        raise OSError("there is no workspace")
    watch = socket.socket(socket.AF_UNIX)
    try:
        watch.settimeout(ANSWER_S)
        watch.connect(str(places.socket_path(root, places.CHECKS)))
    except OSError:
        watch.close()
        raise
    return watch


def _receive(watch: socket.socket) -> dict[str, Any] | None:
    """The watch's reply: a blank line at once when it takes the check on, then the verdict when it is there."""
    data = b""
    while not data.endswith(b"}\n"):
        more = watch.recv(1 << 16)
        if not more:
            return None
        watch.settimeout(None)  # it is at work; the judge in the watch holds the clock
        data += more
    reply: dict[str, Any] = json.loads(data)
    return reply
