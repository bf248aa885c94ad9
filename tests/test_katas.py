"""The katas themselves: `kata dev audit` over all of them, and what holds for the catalogue as a whole."""

from __future__ import annotations

import os

import pytest

from kata_runner.authoring import audit
from kata_runner.catalogue.load import load
from kata_runner.judging.own_tests import bugs_of
from kata_runner.learner.hunt import huntable
from kata_runner.model import Report

CATALOGUE = load()


def test_journey_names_every_kata_once() -> None:
    walked = [kata_id for _, ids in CATALOGUE.stages for kata_id in ids]

    assert sorted(CATALOGUE.by_id) == sorted(walked)


def test_used_katas_come_earlier_in_the_journey() -> None:
    position = {kata.id: index for index, kata in enumerate(CATALOGUE.katas)}
    late = [
        (kata.id, used.id)
        for kata in CATALOGUE.katas
        for used in CATALOGUE.used_by(kata)
        if position[used.id] > position[kata.id]
    ]

    assert late == []


def test_every_kata_has_a_heading_of_the_catalogue() -> None:
    assert [kata.id for kata in CATALOGUE.katas if "·" not in kata.group and kata.track != "milestones"] == []


def test_every_module_has_bugs_to_catch_and_to_hunt() -> None:
    katas = [kata for kata in CATALOGUE.katas if kata.counted and kata.module]

    assert [kata.id for kata in katas if len(bugs_of(kata)) < 5 or not huntable(kata)] == []


@pytest.mark.audit
def test_every_kata_is_proven(capsys: pytest.CaptureFixture[str]) -> None:
    """The quick proof of all, and the whole one of what differs from proof.json: see docs/design.md, "The audit"."""

    def on_report(report: Report) -> None:
        with capsys.disabled():
            print(f"\n{report.kata_id}: {'whole' if report.is_whole else 'quick'}", end="", flush=True)

    reports = audit.audit(CATALOGUE, CATALOGUE.katas, is_quick=True, on_report=on_report)

    problems = [f"{report.kata_id}: {problem}" for report in reports for problem in report.problems]
    skipped = [f"{report.kata_id}: {report.skipped}" for report in reports if report.skipped]
    assert problems == []
    if skipped and not os.environ.get("KATA_AUDIT_MAY_SKIP"):
        pytest.fail(f"not proven here, packages are missing: {skipped}; pip install -e '.[all,test]'")
