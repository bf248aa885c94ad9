"""The table: what is compared with what, and the ratio to reach."""

from __future__ import annotations

from benchmarks.measuring import Row
from benchmarks.saving import WAYS

COLD = "`python -m pytest` on the same test, cold"
LINE = "a Typer app that prints one line"
TABLE = "a Typer app that prints a Rich table of as many rows"

_WAY_NAMES = {way: f"save-{way.replace(chr(39), '').replace(' ', '-')}" for way in WAYS}

ROWS: tuple[Row, ...] = (
    Row("save", "save → verdict on screen, NumPy kata, warm", COLD, "numpy", "save in place", "pytest", 10, 6),
    *(
        Row(name, f"the same, saved by: {way}", COLD, "numpy", f"save {way}", "pytest", 8)
        for way, name in _WAY_NAMES.items()
    ),
    Row("save-ptw", "the same", "pytest-watcher (`ptw`)", "numpy", "save in place", "ptw", 9),
    Row("save-failing", "save → verdict for a failing answer, NumPy kata, warm", COLD, "failing", "save", "pytest", 4),
    Row("save-torch", "save → verdict, torch kata, warm", COLD, "torch", "save", "pytest", 35),
    Row(
        "fork",
        "fork-to-verdict, empty kata",
        "a bare `os.fork` that calls the tests by hand",
        "fork",
        "judge",
        "by hand",
        at_most=3,
    ),
    Row(
        "fork-ahead",
        "the same, worker forked ahead (as a watch does it)",
        "the same",
        "fork",
        "judge ahead",
        "by hand",
    ),
    Row(
        "own-tests",
        "`kata test` of p012: three tests on 14 answers, warm (at most 4, or 1 s)",
        "one check of p012, warm",
        "own-tests",
        "tests",
        "check",
    ),
    Row("check", "`kata check p001`, whole process, cold", COLD, "numpy", "check cold", "pytest", at_most=0.85),
    *(
        Row(f"{word}{suffix}", f"`kata {word}`{where}", LINE, "line", f"{word}{pipe}", f"bare{pipe}", at_most=3)
        for where, suffix, pipe in (("", "", ""), (" into a pipe", "-pipe", " | cat"))
        for word in ("hint", "show", "next")
    ),
    Row("progress", "`kata progress`, 149 katas", TABLE, "table", "progress", "bare", at_most=1.3),
    Row("list", "`kata list`, 149 katas", TABLE, "table", "list", "bare", at_most=1.3),
    Row(
        "attempts",
        "`kata progress`, 20,000 attempts at 149 katas",
        "the same with 1,000 attempts",
        "attempts",
        "many",
        "few",
        at_most=2,
    ),
    Row(
        "audit",
        "audit of all katas, two workers",
        "the same runs as cold pytest processes, added up",
        "audit",
        "audit",
        "pytest",
        6,
    ),
    Row("audit-checks", "its checks alone: all the rest taking no time", "the same", "audit", "checks", "pytest"),
    Row(
        "memory",
        "memory of an idle `kata watch`, NumPy kata",
        "one pytest process on the same test",
        "memory",
        "watch",
        "pytest",
        at_most=2,
        unit="MB",
    ),
)
