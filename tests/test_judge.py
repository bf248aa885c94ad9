"""What the judge is asked for, all checks or some, in two groups; which mistake a failure is; what it shows."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from kata_runner.catalogue.load import load
from kata_runner.judging import judge, launch
from kata_runner.learner.workspace import make_submission, submission_of
from kata_runner.model import Kata, Outcome, Verdict
from kata_runner.places import CASE_FILE

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


def test_a_run_that_is_ended_leaves_no_temporary_files(
    kata: Kata, child: launch.Child | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    hangs = b"import tempfile\n\n\ndef double(x):\n    print(tempfile.mkdtemp())\n    while True: pass\n"
    limited = replace(kata, limits=replace(kata.limits, seconds=0.5))

    verdict = judge.judge(limited, make_submission(kata, tmp_path, {"toy.py": hangs}), child=child)

    assert str(tmp_path / "temporary") in verdict.log
    assert list((tmp_path / "temporary").iterdir()) == []


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


# --- what a failure shows ------------------------------------------------------------------------------------------

LONG_CASE = '''\
"""Hidden test."""

import numpy as np
from kata_runner.checking import assert_close, learner

work = learner("toy")


def test_sum() -> None:
    """The sum is right."""
    x = np.arange(600.0).reshape(200, 3) / 7
    assert_close(work.Sum(1).add(x), 600.0)
'''
SUM = "class Sum:\n    def __init__(self, n):\n        self.n = n\n    def add(self, x):\n        return {}\n"


@pytest.fixture
def long_case(kata: Kata, tmp_path: Path) -> Path:
    kata.hidden_test.write_text(LONG_CASE)
    return tmp_path / "answer" / CASE_FILE


def test_a_case_too_long_for_the_screen_is_a_program_that_can_be_run(
    judged: Callable[..., Verdict], long_case: Path
) -> None:
    (check,) = judged(SUM.format("x.sum() + x[199, 2]")).checks

    ran = subprocess.run([sys.executable, long_case], capture_output=True, text=True, check=True)
    assert (check.case, check.case_file) == ("", CASE_FILE)
    assert float(ran.stdout) == pytest.approx(sum(range(600)) / 7 + 599 / 7)
    assert f"got: {check.got}" in long_case.read_text()


def test_the_case_is_gone_once_the_answer_passes_and_is_no_part_of_it(
    kata: Kata, judged: Callable[..., Verdict], long_case: Path
) -> None:
    judged(SUM.format("None"))

    assert long_case.exists()
    assert list(submission_of(kata, long_case.parent).files) == ["toy.py"]
    assert judged(SUM.format("600.0")).passed
    assert not long_case.exists()


def test_a_file_of_that_name_that_is_the_learners_stays(judged: Callable[..., Verdict], long_case: Path) -> None:
    long_case.parent.mkdir()
    long_case.write_text("print('mine')")

    (check,) = judged(SUM.format("None")).checks

    assert (check.case_file, long_case.read_text()) == ("", "print('mine')")


def test_an_answer_is_not_blamed_for_what_a_package_replaces(judged: Callable[..., Verdict]) -> None:
    as_torch_does = "import inspect\ninspect.getfile = lambda thing: 'somewhere'\n"

    assert judged(as_torch_does + RIGHT).passed
    assert judged("import inspect\ninspect.isclass = bool\n" + RIGHT).outcome is Outcome.BROKE


def test_what_is_printed_is_known_by_the_check_that_printed_it(judged: Callable[..., Verdict]) -> None:
    verdict = judged("print('imported')\ndef double(x):\n    print('given', x)\n    return abs(x) * 2\n")

    assert [check.printed for check in verdict.checks] == ["given 3\n", "given -3\n", "given 0\n"]
    assert verdict.log == "imported\ngiven 3\ngiven -3\ngiven 0\n"


@pytest.mark.parametrize(
    ("code", "text", "pointed_at"),
    [
        ("def double(x):\n    return x +* 2\n", "return x +* 2", "*"),
        ("def double(x):\n    return double(\n", "return double(", "("),
        ("def double(x):\n    return x\n  print(1)\n", "print(1)", "p"),
        (f"x = '{'a' * 90}' + 3 4\n", "aaa' + 3 4", "4"),
    ],
)
def test_a_syntax_error_has_a_caret_under_its_place(
    judged: Callable[..., Verdict], code: str, text: str, pointed_at: str
) -> None:
    where = judged(code).where

    assert where is not None
    assert where.text.endswith(text)
    assert where.text[where.caret.index("^")] == pointed_at


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (RIGHT.encode("utf-16"), "toy.py is saved as UTF-16; save it as UTF-8"),
        (RIGHT.encode("utf-16-le"), "toy.py is saved as UTF-16; save it as UTF-8"),
        (b"x = 'caf\xe9'\n" + RIGHT.encode(), "toy.py is not saved as UTF-8 (byte 0xe9 in line 1); save it as UTF-8"),
        (RIGHT.encode() + b"#\0\n", "toy.py holds a NUL byte in line 3, which no text has; delete it"),
    ],
)
def test_an_answer_in_another_encoding_is_told_so(
    kata: Kata, child: launch.Child | None, tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "toy.py").write_bytes(content)

    verdict = judge.judge(kata, make_submission(kata, tmp_path, {"toy.py": content}), child=child)

    assert verdict.message == says
