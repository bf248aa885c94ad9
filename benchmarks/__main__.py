"""`python -m benchmarks`: all rows in one run, as one table."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import report
from benchmarks.courses import COURSES
from benchmarks.measuring import Result, Row, in_turn
from benchmarks.rows import ROWS
from benchmarks.scenery import Scenery

# Rounds of each course; where one round takes long, fewer of them.
N_RUNS = {
    "numpy": 40,
    "failing": 40,
    "torch": 12,
    "fork": 100,
    "line": 40,
    "table": 30,
    "attempts": 30,
    "own-tests": 10,
    "audit": 1,
    "memory": 3,
}
QUICKER = 5
HERE = Path(__file__).parent


def main(argv: Sequence[str]) -> int:
    options = _parser().parse_args(argv)
    chosen = [row for row in ROWS if not options.only or row.name in options.only or row.course in options.only]
    if not chosen:
        print(f"no row or course named {', '.join(options.only)}. There are: {_names()}", file=sys.stderr)
        return 2
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="kata-bench-", ignore_cleanup_errors=True) as base:
        scenery = Scenery(Path(base).resolve())
        for course in dict.fromkeys(row.course for row in chosen):
            n_runs = options.runs or max(1, N_RUNS[course] // (QUICKER if options.quick else 1))
            results += run_course(scenery, course, [row for row in chosen if row.course == course], n_runs)
    ordered = sorted(results, key=lambda result: ROWS.index(result.row))
    print(report.plain(ordered))
    is_whole = not (options.only or options.quick or options.runs)
    if options.write or is_whole:
        path = Path(options.write or HERE / "RESULTS.md")
        path.write_text(report.markdown(ordered), encoding="utf-8")
        print(f"\nWritten to {path}")
    return 0


def run_course(scenery: Scenery, name: str, rows: Sequence[Row], n_runs: int) -> Iterator[Result]:
    """Measure the rows of one course, their contestants in turn."""
    wanted = dict.fromkeys(contestant for row in rows for contestant in (row.ours, row.other))
    with ExitStack() as stack:
        makers = COURSES[name](scenery, stack).makers()
        _show(f"{name}: getting ready")
        contestants = {contestant: makers[contestant]() for contestant in wanted}
        figures = in_turn(
            contestants,
            n_runs,
            lambda number: _show(f"{name}: round {number} of {n_runs}"),
            warm_up=name != "audit",
        )
    _show("")
    for row in rows:
        yield Result(row, figures[row.ours], figures[row.other])


def _show(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text:<60}", end="" if text else "\r", file=sys.stderr, flush=True)


def _names() -> str:
    return ", ".join(dict.fromkeys(_each(ROWS)))


def _each(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        yield row.course
        yield row.name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks", description="Ratios against the plain tools, in one run.")
    parser.add_argument("--quick", action="store_true", help="a fifth of the rounds, for a first look")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this row or course; repeatable")
    parser.add_argument("--runs", type=int, default=0, metavar="N", help="so many rounds of each course")
    help_ = "write the table as Markdown; a run of all rows and rounds writes RESULTS.md next to this program anyway"
    parser.add_argument("--write", default="", metavar="FILE", help=help_)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
