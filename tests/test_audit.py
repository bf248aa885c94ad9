"""The audit must notice each way in which a kata can be unproven."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kata_runner.authoring import audit
from kata_runner.catalogue import load as catalog
from kata_runner.judging import judge, launch
from kata_runner.model import Report

TOYS = Path(__file__).parent / "submissions" / "catalogue"


@pytest.fixture(scope="module")
def child() -> launch.Child | None:
    return launch.start_child()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue of one proven kata, to be spoiled."""
    shutil.copytree(TOYS, tmp_path / "katas")
    return tmp_path / "katas" / "problems" / "toys" / "p000_toy"


def report(folder: Path, child: launch.Child | None, write: bool = False) -> Report:
    catalogue = catalog.load(folder.parents[2])
    return audit.KataAudit(catalogue, catalogue.katas[0], child, write).report()


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))

    return spoil


def add(name: str, text: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    return spoil


def test_proven_kata_has_no_problems(folder: Path, child: launch.Child | None) -> None:
    found = report(folder, child)

    assert found.problems == ()
    assert (found.n_checks, found.n_wrong, found.n_caught) == (3, 5, 5)


def give_away(folder: Path) -> None:
    replace("solution.py", "return list(range(n))", "every_number = list(range(n))\n    return every_number")(folder)
    replace("hint.md", "itself again.", "itself again; every_number = list(range(n)) does the rest.")(folder)


RIGHT = '"""Right."""\n\n\ndef double(x):\n    return x + x\n\n\ndef items(n):\n    return [*range(n)]\n'
SPOILED: dict[str, tuple[Callable[[Path], None], str]] = {
    "wrong answer that passes": (add("wrong/right.py", RIGHT), "wrong/right.py is passed"),
    "wrong answer without words": (replace("wrong/square.py", "The number is squared, not doubled.", ""), "in words"),
    "edit that passes": (
        add("mistakes.md", "## shift\nBits are moved.\n\n```diff\n-    return 2 * x\n+    return x << 1\n```\n"),
        "mistakes.md, shift is passed",
    ),
    "edit left behind by the solution": (
        add("mistakes.md", "## old\nOf old.\n\n```diff\n-    return x * 2\n+    return x\n```\n"),
        "p000_toy, mistake old, hunk 1 fits nowhere in solution.py",
    ),
    "right answer that fails": (add("right/off.py", RIGHT.replace("x + x", "x")), "right/off.py is failed"),
    "solution that fails": (replace("solution.py", "2 * x", "2 + x"), "the solution is failed"),
    "stub that is written": (
        replace("stub.py", '"""Twice x."""\n    raise NotImplementedError', '"""Twice x."""\n    return 2 * x'),
        "the stub passes test_two",
    ),
    "check that catches nothing": (
        replace(
            "hidden_test.py",
            "def test_items",
            'def test_free() -> None:\n    """Free."""\n    assert_type(work.double(2), int)\n\n\ndef test_items',
        ),
        "no wrong answer fails test_free",
    ),
    "check that stumbles over None": (
        replace("hidden_test.py", "    assert_type(got, list)", "    len(got)"),
        "an answer that returns None is fault",
    ),
    "assert without a sentence": (
        replace("hidden_test.py", "    assert_type(got, list)", "    assert got"),
        "without a sentence",
    ),
    "check without a docstring": (replace("hidden_test.py", '    """Two doubled is four."""\n', ""), "no docstring"),
    "example that is wrong": (replace("task.md", "\n4\n", "\n5\n"), "example in task.md does not run"),
    "task without an example": (replace("task.md", ">>> ", "x "), "no ```python example"),
    "too few hints": (replace("hint.md", "## The trap", "### The trap"), "2 levels"),
    "hint that gives it away": (give_away, "holds a line of the solution"),
    "package that is not declared": (
        replace("solution.py", '"""Two small functions."""', '"""Two."""\nimport rich\nimport click'),
        "imports click, which kata.toml does not declare",
    ),
    "rule that nothing breaks": (
        replace("kata.toml", "[limits]", "[rules]\nno_loops = true\n\n[limits]"),
        "no wrong answer breaks the rule no_loops",
    ),
    "rule without a reason": (
        replace("kata.toml", "[limits]", "[rules]\nno_loops = true\n\n[limits]"),
        "does not say why",
    ),
    "notes out of date": (replace("mistakes.json", "test_three", "test_two"), "out of date"),
    "notes that are no notes": (lambda folder: (folder / "mistakes.json").write_text('["x"]'), "cannot be read"),
    "notes that are missing": (lambda folder: (folder / "mistakes.json").unlink(), "there is no mistakes.json"),
    "solution that gives other results by seed": (
        replace(
            "hidden_test.py",
            "assert_equal(work.double(3), 6)",
            "from kata_runner.checking import seed\n    assert_equal(work.double(3), 6 + seed())",
        ),
        "from another seed",
    ),
}


@pytest.mark.parametrize("what", sorted(SPOILED))
def test_spoiled_kata_is_found_out(what: str, folder: Path, child: launch.Child | None) -> None:
    spoil, says = SPOILED[what]
    spoil(folder)

    assert any(says in problem for problem in report(folder, child).problems), report(folder, child).problems


def test_threads_in_the_parent_of_workers_are_found_out(
    folder: Path, child: launch.Child | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert audit.n_threads(child) == 1
    monkeypatch.setattr(audit, "n_threads", lambda _: 3)

    assert any("starts threads: 3 in the parent" in problem for problem in report(folder, child).problems)


def test_unknown_key_suggests_the_nearest(folder: Path) -> None:
    replace("kata.toml", "minutes", "minuets")(folder)

    with pytest.raises(catalog.BrokenKata, match=r'unknown key "minuets" \(did you mean minutes\?\)'):
        catalog.load(folder.parents[2]).find("p000")


def test_agreeable_answer_that_is_believed_is_found_out(folder: Path, child: launch.Child | None) -> None:
    path = folder / "hidden_test.py"
    text = path.read_text().replace("assert_equal(work.double(2), 4)", 'assert work.double(2) == 4, "two"')
    text = text.replace("assert_equal(work.double(3), 6)", 'assert work.double(3) == 6, "three"')
    text = text.split("def test_items")[0]
    path.write_text(text)

    assert any("what equals everything is passed" in p for p in report(folder, child).problems)


def test_notes_are_written_on_demand(folder: Path, child: launch.Child | None) -> None:
    (folder / "mistakes.json").unlink()

    assert report(folder, child, write=True).problems == ()
    assert report(folder, child).problems == ()


def test_notes_are_not_written_beside_a_solution_that_fails(folder: Path, child: launch.Child | None) -> None:
    replace("solution.py", "2 * x", "2 + x")(folder)
    before = (folder / "mistakes.json").read_bytes()

    report(folder, child, write=True)

    assert (folder / "mistakes.json").read_bytes() == before


def test_known_mistake_is_named_to_the_learner(folder: Path, child: launch.Child | None) -> None:
    kata = catalog.load(folder.parents[2]).katas[0]
    from kata_runner.learner.workspace import make_submission

    place = folder.parent / "answer"
    place.mkdir()
    code = b"def double(x):\n    return x ** 2\n\n\ndef items(n):\n    return list(range(n))\n"
    (place / "answer.py").write_bytes(code)
    verdict = judge.judge(kata, make_submission(kata, place, {"answer.py": code}), child=child)

    assert verdict.often_means == ("The number is squared, not doubled.",)


def test_solutions_are_held_to_ruff_and_mypy(folder: Path) -> None:
    path = folder / "solution.py"
    path.write_text(path.read_text().replace("def double(x: int) -> int", "import os\n\n\ndef double(x)"))
    catalogue = catalog.load(folder.parents[2])

    told = " ".join(audit.lint_solutions(catalogue, catalogue.katas)["p000_toy"])

    assert "ruff" in told
    assert "F401" in told
    assert "mypy" in told


def test_a_kata_that_cannot_be_tried_has_no_problems_with_its_lint(folder: Path) -> None:
    """Without a kata's packages mypy sees Any in place of their types, and complains about what is right."""
    replace("kata.toml", "\n[limits]", '\nneeds = ["no-such-package-as-this"]\n\n[limits]')(folder)
    replace("solution.py", "def double(x: int) -> int", "import os\n\n\ndef double(x)")(folder)
    catalogue = catalog.load(folder.parents[2])

    (found,) = audit.audit(catalogue, catalogue.katas, n_workers=1)

    assert found.skipped == "needs no-such-package-as-this"
    assert found.problems == ()
