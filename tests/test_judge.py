"""What the judge is asked for: all checks or some, in two groups; which known mistake a failure is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kata_runner.catalogue.load import load
from kata_runner.judging import judge, launch
from kata_runner.learner.workspace import make_submission
from kata_runner.model import Kata, Outcome, Verdict

HIDDEN_TEST = '''\
"""Hidden test."""

from kata_runner.checking import assert_equal, edges, learner

work = learner("toy")


def test_positive() -> None:
    """A positive number is doubled."""
    assert_equal(work.double(3), 6)


edges()


def test_negative() -> None:
    """A negative number is doubled."""
    assert_equal(work.double(-3), -6)


def test_zero() -> None:
    """Zero stays zero."""
    assert_equal(work.double(0), 0)
'''
RIGHT = "def double(x):\n    return x + x\n"
SIGN_IS_LOST = "def double(x):\n    return abs(x) * 2\n"


@pytest.fixture(scope="module")
def child() -> Iterator[launch.Child | None]:
    child = launch.start_child()
    yield child
    if child is not None:
        child.close()


@pytest.fixture
def kata(make_kata: Callable[..., Path], tmp_path: Path) -> Kata:
    make_kata(tmp_path / "catalogue", "p900_toy", files={"hidden_test.py": HIDDEN_TEST})
    return load(tmp_path / "catalogue").find("p900")


@pytest.fixture
def judged(kata: Kata, child: launch.Child | None, tmp_path: Path) -> Callable[..., Verdict]:
    def run(code: str, **options: object) -> Verdict:
        folder = tmp_path / "answer"
        folder.mkdir(exist_ok=True)
        (folder / "toy.py").write_text(code)
        submission = make_submission(kata, folder, {"toy.py": code.encode()})
        return judge.judge(kata, submission, child=child, **options)  # type: ignore[arg-type]

    return run


def test_checks_below_edges_are_edges(judged: Callable[..., Verdict]) -> None:
    verdict = judged(RIGHT)

    assert [(check.name, check.is_edge) for check in verdict.checks] == [
        ("test_positive", False),
        ("test_negative", True),
        ("test_zero", True),
    ]


def test_only_the_checks_that_are_asked_for_run(judged: Callable[..., Verdict]) -> None:
    verdict = judged(SIGN_IS_LOST, only=["test_positive", "test_zero"])

    assert (verdict.outcome, [check.name for check in verdict.checks]) == (
        Outcome.PASSED,
        ["test_positive", "test_zero"],
    )


PROOF = """\
{
"sign": {"digest": "0", "ask": "test_negative", "fails": ["test_negative"], "shows": "double(-3) -> 6"},
%s"~kata": {"kata": "0", "judge": "0", "seconds": 0.01}
}
"""
ANOTHER = '"zero": {"digest": "0", "ask": "test_negative", "fails": ["test_negative"], "shows": "double(-3) -> 6"},\n'


def test_a_known_mistake_is_named(kata: Kata, judged: Callable[..., Verdict]) -> None:
    (kata.folder / "proof.json").write_text(PROOF % "")

    assert judged(SIGN_IS_LOST).often_means == ("The sign is lost.",)


def test_a_mistake_that_shows_something_else_is_not_named(kata: Kata, judged: Callable[..., Verdict]) -> None:
    (kata.folder / "proof.json").write_text(PROOF % "")

    assert judged("def double(x):\n    return max(2 * x, -5)\n").often_means == ()


def test_nothing_is_named_where_two_mistakes_show_the_same(kata: Kata, judged: Callable[..., Verdict]) -> None:
    (kata.folder / "proof.json").write_text(PROOF % ANOTHER)

    assert judged(SIGN_IS_LOST).often_means == ()


def test_a_damaged_proof_costs_no_verdict(kata: Kata, judged: Callable[..., Verdict]) -> None:
    (kata.folder / "proof.json").write_text("<<<<<<<")

    verdict = judged(SIGN_IS_LOST)

    assert (verdict.outcome, verdict.often_means) == (Outcome.FAILED, ())
