"""The file read by marshal, which is all that a profile is; enable and disable by hand."""

import cProfile
import marshal
import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def profile(function: Callable[[], T], path: str | Path) -> T:
    """Run function() under cProfile."""
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        result = function()
    finally:
        profiler.disable()
        profiler.create_stats()
        with open(path, "wb") as file:
            marshal.dump(profiler.stats, file)  # type: ignore[attr-defined]
    return result


def _read(path: str | Path) -> dict[Any, Any]:
    with open(path, "rb") as file:
        found: dict[Any, Any] = marshal.load(file)
    return found


def _name(key: tuple[str, int, str]) -> str:
    if key[0] == "~":
        return "built-in " + key[2]
    return f"{os.path.basename(key[0])}:{key[1]} {key[2]}"


def hotspots(path: str | Path, n: int = 5) -> list[tuple[str, int, float, float]]:
    """The largest own times."""
    if n <= 0:
        raise ValueError("n")
    entries = sorted(_read(path).items(), key=lambda entry: -entry[1][2])
    return [(_name(key), nc, tt, ct) for key, (_, nc, tt, ct, _) in entries[:n]]


def bottleneck(path: str | Path, folder: str | Path) -> str | None:
    """The function below folder with the most time."""
    base = os.path.realpath(folder) + os.sep
    cost: dict[Any, float] = defaultdict(float)
    for key, (_, _, tt, _, callers) in _read(path).items():
        if key[0] != "~":
            cost[key] += tt
            continue
        for caller in callers:
            cost[caller] += callers[caller][2]
    files = {key: cost[key] for key in cost if key[0][0] not in "~<"}
    mine = [(seconds, key) for key, seconds in files.items() if os.path.realpath(key[0]).startswith(base)]
    return _name(max(mine)[1]) if mine else None
