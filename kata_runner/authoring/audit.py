"""Proves the katas: which of them whole and which quickly, on how many workers. See docs/design.md, "The audit"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from kata_runner.authoring import lint as linting
from kata_runner.authoring.proving import KataProof
from kata_runner.catalogue import needs, proof
from kata_runner.catalogue.load import Catalogue
from kata_runner.errors import BrokenKata
from kata_runner.judging import launch, pool
from kata_runner.model import Kata, Report

# What takes both cores by itself, or starts servers: never two of these at once.
HEAVY_NEEDS = {"torch", "jax", "numba", "postgres", "compiler", "cmake", "cython", "uvicorn", "redis"}


def audit(
    catalogue: Catalogue,
    katas: Sequence[Kata],
    *,
    is_quick: bool = False,
    write: bool = False,
    lint: bool = True,
    n_workers: int = 2,
    on_report: Callable[[Report], None] | None = None,
) -> tuple[Report, ...]:
    """Audit each of `katas`; reports in their order.

    is_quick: ask only one check of each mistake whose whole proof, of the same files, is noted in proof.json.
    write: note in proof.json what a whole proof has found.
    lint: run mypy over the solutions too.
    on_report: called with each report as soon as it is known, from another thread.
    """
    tried = [kata for kata in katas if not needs.missing(kata)]
    said = linting.lint_solutions(catalogue, tried) if lint else {}

    def task(kata: Kata) -> pool.Task:
        def run(child: launch.Child | None) -> Report:
            found = KataProof(catalogue, kata, child, is_quick=is_quick, write=write).report()
            report = replace(found, problems=(*found.problems, *said.get(kata.id, ())))
            if on_report is not None:
                on_report(report)
            return report

        return pool.Task(run, needs.preloads_of(kata), expected_s=_expected_s(kata), is_heavy=is_heavy(kata))

    results = pool.in_parallel([task(kata) for kata in katas], n_workers)
    return tuple(report for report in results if isinstance(report, Report))


def is_heavy(kata: Kata) -> bool:
    """Whether a kata takes the whole machine: it compiles, trains, or starts servers."""
    return bool(kata.build) or not HEAVY_NEEDS.isdisjoint(kata.needs)


def _expected_s(kata: Kata) -> float:
    """How long an audit of the kata takes, roughly: the longest begin first."""
    try:
        known = proof.read(kata)
    except BrokenKata:
        return 0.0
    return (known.seconds + 0.2) * (len(known.mistakes) + 6)


def about_other_judges(reports: Sequence[Report]) -> str:
    """Says how many katas rest on a whole proof by another judge, "" when none does."""
    others = [report.kata_id for report in reports if report.is_other_judge]
    if not others:
        return ""
    n = len(others)
    return (
        f"{n} {'kata was' if n == 1 else 'katas were'} last proven whole with another judge. "
        "Before a release: kata dev audit --write"
    )
