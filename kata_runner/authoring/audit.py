"""Proves the katas: which of them whole and which quickly, on how many workers. See docs/design.md, "The audit"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kata_runner.authoring import lint as linting
from kata_runner.authoring.proving import KataProof
from kata_runner.catalogue import needs, proof
from kata_runner.catalogue.load import Catalogue
from kata_runner.errors import BrokenKata
from kata_runner.judging import launch, pool
from kata_runner.model import Kata, Report


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

    def work(kata: Kata, child: launch.Child | None) -> Report:
        found = KataProof(catalogue, kata, child, is_quick=is_quick, write=write).report()
        report = replace(found, problems=(*found.problems, *said.get(kata.id, ())))
        if on_report is not None:
            on_report(report)
        return report

    longest_first = sorted(katas, key=_expected_s, reverse=True)
    reports = {report.kata_id: report for report in pool.in_parallel(longest_first, work, n_workers)}
    return tuple(reports[kata.id] for kata in katas)


def _expected_s(kata: Kata) -> float:
    """How long an audit of the kata takes, roughly."""
    try:
        known = proof.read(kata)
    except BrokenKata:
        return 0.0
    return (known.seconds + 0.2) * (len(known.mistakes) + 6)
