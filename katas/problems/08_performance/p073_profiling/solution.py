"""Profiles of a program: how to take one, and what it says."""

import cProfile
import pstats
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Function = tuple[str, int, str]  # file, line and name, as a profile has them


def profile(function: Callable[[], T], path: str | Path) -> T:
    """Run function() under cProfile, save the profile at path, also after an error, and return its result."""
    profiler = cProfile.Profile()
    try:
        return profiler.runcall(function)  # is off again when it returns or raises
    finally:
        profiler.dump_stats(path)


def hotspots(path: str | Path, n: int = 5) -> list[tuple[str, int, float, float]]:
    """At most n (function, calls, own seconds, cumulative seconds), the largest own time first.

    Raises ValueError for an n below 1.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    # For each function: calls without and with recursion, own time, cumulative time, and who called it.
    rows = [(_told(function), calls, own, total) for function, (_, calls, own, total, _) in _stats(path).items()]
    return sorted(rows, key=lambda row: row[2], reverse=True)[:n]


def bottleneck(path: str | Path, folder: str | Path) -> str | None:
    """The function below folder with the most time: its own, and that of built-in functions on its behalf.

    None where no function lies below folder.
    """
    root = Path(folder).resolve()
    stats = _stats(path)
    times = {f: own for f, (_, _, own, _, _) in stats.items() if _lies_in(f[0], root)}
    for function, (_, _, _, _, callers) in stats.items():
        if function[0] == "~":
            for caller, (_, _, own, _) in callers.items():  # the part that each of its callers has caused
                if caller in times:
                    times[caller] += own
    return _told(max(times, key=times.__getitem__)) if times else None


def _stats(path: str | Path) -> dict[Function, tuple[int, int, float, float, dict[Function, Any]]]:
    stats: dict[Function, tuple[int, int, float, float, dict[Function, Any]]]
    stats = pstats.Stats(str(path)).stats  # type: ignore[attr-defined]
    return stats


def _lies_in(file: str, root: Path) -> bool:
    # "~" and "<string>" are no files; as relative paths they would lie in the current folder.
    return file != "~" and not file.startswith("<") and root in Path(file).resolve().parents


def _told(function: Function) -> str:
    file, line, name = function
    return f"built-in {name}" if file == "~" else f"{Path(file).name}:{line} {name}"


# pstats itself sorts and prints: Stats(path).sort_stats("tottime").print_stats(5), print_callers("sum").
