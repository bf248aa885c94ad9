"""Ends processes together with those that they have started, and says what they take."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass


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


@dataclass(frozen=True)
class Usage:
    """What a process takes together with its descendants.

    n_processes: how many they are. computed_s: the time of computing, also of descendants that have ended. own_mb,
    largest_mb: the resident memory of the process itself, and of the largest of them all.
    """

    n_processes: int = 0
    computed_s: float = 0.0
    own_mb: float = 0.0
    largest_mb: float = 0.0


def usage(pid: int) -> Usage:
    """What a process and its descendants take by now; nothing when it is gone."""
    import psutil

    computed_s, sizes = 0.0, [0.0]
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            with suppress(psutil.Error):
                computed_s += sum(process.cpu_times()[:4])  # the last two: of its children that have ended
                sizes.append(process.memory_info().rss / 1e6)
    return Usage(len(sizes) - 1, computed_s, sizes[min(1, len(sizes) - 1)], max(sizes))
