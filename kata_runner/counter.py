"""Where other processes of the same user hand in checks while a watch runs; see `client`."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kata_runner import client, places
from kata_runner.judging import launch

REQUEST_S = 1.0
LONGEST_REQUEST = 100_000

Request = dict[str, Any]
Reply = dict[str, Any]
# Answers a request, or gives None when its sender had better do it; may ask whether the sender is gone.
Answer = Callable[[Request, Callable[[], bool]], Reply | None]


class Counter:
    """Listens on the socket of a workspace and answers each request in a thread of its own."""

    def __init__(self, workspace: Path, answer: Answer) -> None:
        """Raises OSError when the socket cannot be made."""
        self._answer = answer
        self._fingerprint = launch.fingerprint()
        self._whereabouts = client.whereabouts(os.environ)
        self._path = places.socket_path(workspace, places.CHECKS)
        self._socket = launch.listen(self._path)
        self._inode = self._path.stat().st_ino
        threading.Thread(target=self._serve, name="kata-counter", daemon=True).start()

    def stop(self) -> None:
        # Another watch may have taken the place since.
        with contextlib.suppress(OSError):
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._attend, args=(visitor,), name="kata-visitor", daemon=True).start()

    def _attend(self, visitor: socket.socket) -> None:
        with visitor, contextlib.suppress(OSError, ValueError):
            request = self._read(visitor)
            if request is None or not places.is_ours(visitor) or not self._judges_as(request):
                return
            visitor.sendall(b"\n")
            reply = self._answer(request, lambda: _is_gone(visitor))
            visitor.sendall(json.dumps(reply or {}).encode() + b"\n")

    def _read(self, visitor: socket.socket) -> Request | None:
        visitor.settimeout(REQUEST_S)
        data = b""
        while not data.endswith(b"\n"):
            more = visitor.recv(1 << 16)
            if not more or len(data) > LONGEST_REQUEST:
                return None
            data += more
        visitor.settimeout(None)
        request: Request = json.loads(data)
        return request

    def _judges_as(self, request: Request) -> bool:
        """Whether this process would judge as the visitor's: the same Python, packages, places and code of ours."""
        same = all(request.get(name) == value for name, value in self._whereabouts.items())
        return same and launch.fingerprint() == self._fingerprint


def _is_gone(visitor: socket.socket) -> bool:
    """Whether the other end was closed; it says nothing more before it has its answer."""
    return bool(select.select([visitor], [], [], 0)[0])
