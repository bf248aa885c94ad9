"""Ends processes together with those that they have started."""

from __future__ import annotations

import os
from contextlib import suppress


def kill_session(pid: int) -> None:
    """Kill a process and, where it leads a group (as with `start_new_session`), all others in that.

    Does not wait for their end. Where there are no sessions (Windows), it kills the process and its descendants.
    """
    if not hasattr(os, "killpg"):
        kill_tree(pid)
        return
    import signal

    for kill in (os.killpg, os.kill):  # a process that has only just been started leads no group yet
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def kill_tree(pid: int) -> None:
    """Kill a process and all its descendants. Does not wait for their end."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in [*root.children(recursive=True), root]:
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                process.kill()


def kill_marked(name: str, value: str) -> None:
    """Kill all processes, except this one, that have an environment variable of this value: a mark is inherited.

    With a process that leads a group goes all of it at once, also what is being started just now.
    """
    import psutil

    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            if process.pid != os.getpid() and process.environ().get(name) == value:
                kill_session(process.pid)
