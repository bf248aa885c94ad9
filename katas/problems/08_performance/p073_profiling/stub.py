"""Profiles of a program: how to take one, and what it says."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def profile(function: Callable[[], T], path: str | Path) -> T:
    """Run function() under cProfile, save the profile at path, also after an error, and return its result."""
    raise NotImplementedError


def hotspots(path: str | Path, n: int = 5) -> list[tuple[str, int, float, float]]:
    """At most n (function, calls, own seconds, cumulative seconds), the largest own time first.

    Raises ValueError for an n below 1.
    """
    raise NotImplementedError


def bottleneck(path: str | Path, folder: str | Path) -> str | None:
    """The function below folder with the most time: its own, and that of built-in functions on its behalf.

    None where no function lies below folder.
    """
    raise NotImplementedError
