"""Results as a table, for the terminal and as Markdown."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from benchmarks.measuring import Result, Row, p95

HEAD = ("what", "against", "to reach", "median", "p95", "ours", "other", "runs", "reached")
VERSIONS = ("pytest", "numpy", "typer", "rich", "watchdog", "pytest-watcher")


def rows(results: Iterable[Result]) -> list[tuple[str, ...]]:
    """The cells of the table, in the order of HEAD."""
    return [
        (
            result.row.what,
            result.row.against,
            goal(result.row),
            _ratio(result, result.ratio),
            _ratio(result, result.p95_ratio) if len(result.ours) >= 20 else "–",
            _size(result.ours, result.row.unit),
            _size(result.other, result.row.unit),
            str(len(result.ours)),
            {True: "yes", False: "no", None: "–"}[result.is_reached],
        )
        for result in results
    ]


def goal(row: Row) -> str:
    if row.at_most:
        return f"at most {row.at_most:g}"
    if not row.at_least:
        return "for information"
    tail = f", p95 {row.p95_at_least:g}" if row.p95_at_least else ""
    return f"{row.at_least:g} times faster{tail}"


def _ratio(result: Result, ratio: float) -> str:
    return f"{ratio:.1f} times faster" if result.is_faster_by else f"{ratio:.2f}"


def _size(values: Sequence[float], unit: str) -> str:
    middle, high = statistics.median(values), p95(values)
    digits = 1 if middle < 20 else 0
    tail = f" (p95 {high:,.{digits}f})" if len(values) >= 20 else ""
    return f"{middle:,.{digits}f} {unit}{tail}"


def plain(results: Iterable[Result]) -> str:
    """The table with aligned columns."""
    cells = [HEAD, *rows(results)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(HEAD))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in cells)


def markdown(results: Sequence[Result]) -> str:
    """The table with what it was measured on."""
    lines = [HEAD, tuple("---" for _ in HEAD), *rows(results)]
    table = "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
    versions = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    return _PAGE.format(
        date=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        machine=f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        python=f"{platform.python_implementation()} {sys.version.split()[0]}",
        versions=versions,
        load=" ".join(f"{load:.1f}" for load in os.getloadavg()),
        table=table,
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


_PAGE = """\
# Results

Written by `python -m benchmarks`; see README.md for what each row means.

- date: {date}
- machine: {machine}
- Python: {python}; {versions}
- load of the machine at the end (1, 5, 15 minutes): {load}

Ratios are of medians measured in turn in one run; p95 is ours at its slowest twentieth against the other's median.
Milliseconds belong to this machine and this hour, ratios travel.

{table}
"""
