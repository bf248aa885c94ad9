"""The audit must notice each way in which a kata can be unproven."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from msgspec import structs

from kata_runner.authoring import audit, texts
from kata_runner.authoring.lint import lint_solutions
from kata_runner.authoring.proving import KataProof
from kata_runner.catalogue.load import load
from kata_runner.errors import BrokenKata
from kata_runner.judging import judge, launch
from kata_runner.model import Report, Rules

TOYS = Path(__file__).parent / "submissions" / "catalogue"
KATA = Path("problems/toys/p000_toy")


@pytest.fixture(scope="module")
def child() -> launch.Child | None:
    return launch.start_child()


@pytest.fixture(scope="module")
def proven(child: launch.Child | None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of one proven kata."""
    katas = tmp_path_factory.mktemp("proven") / "katas"
    shutil.copytree(TOYS, katas)
    assert report(katas / KATA, child, write=True).problems == ()
    return katas


@pytest.fixture
def folder(proven: Path, tmp_path: Path) -> Path:
    """The folder of a proven kata, to be spoiled."""
    shutil.copytree(proven, tmp_path / "katas")
    return tmp_path / "katas" / KATA


def report(folder: Path, child: launch.Child | None, *, write: bool = False, quick: bool = False) -> Report:
    catalogue = load(folder.parents[2])
    return KataProof(catalogue, catalogue.katas[0], child, is_quick=quick, write=write).report()


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
    "wrong answer without words": (
        replace("wrong/square.py", "The number is squared, not doubled.", ""),
        "wrong/square.py has no sentence",
    ),
    "edit that passes": (
        add("mistakes.md", "## shift\nBits are moved.\n\n```diff\n-    return 2 * x\n+    return x << 1\n```\n"),
        "mistakes.md, shift is passed",
    ),
    "edit that is not valid Python": (
        add("mistakes.md", "## half\nA bracket is missing.\n\n```diff\n-    return 2 * x\n+    return (2 * x\n```\n"),
        "mistakes.md, half fails no check, it only breaks: answer.py is not",
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
        "no mistake fails test_free",
    ),
    "check that stumbles over None": (
        replace("hidden_test.py", "    assert_type(got, list)", "    len(got)"),
        "an answer that returns None is fault",
    ),
    "example that is wrong": (replace("task.md", "\n4\n", "\n5\n"), "example in task.md does not run"),
    "task without an example": (replace("task.md", ">>> ", "x "), "no ```python example"),
    "rule that nothing breaks": (
        replace("kata.toml", "[limits]", "[rules]\nno_loops = true\n\n[limits]"),
        "no mistake breaks the rule no_loops",
    ),
    "proof that says something else": (
        replace("proof.json", '["test_three"]', '["test_two"]'),
        "proof.json says test_two",
    ),
    "proof of another test": (add("data.txt", "1"), "proof.json is out of date"),
    "proof that is none": (lambda folder: (folder / "proof.json").write_text('["x"]'), "cannot be read"),
    "proof that is missing": (lambda folder: (folder / "proof.json").unlink(), "proof.json is out of date"),
    "solution that gives other results by seed": (
        replace(
            "hidden_test.py",
            "assert_equal(work.double(3), 6)",
            "from kata_runner.checking import seed\n    assert_equal(work.double(3), 6 + seed())",
        ),
        "from another seed",
    ),
}
TEXTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "assert without a sentence": (
        replace("hidden_test.py", "    assert_type(got, list)", "    assert got"),
        "without a sentence",
    ),
    "check without a docstring": (replace("hidden_test.py", '    """Two doubled is four."""\n', ""), "no docstring"),
    "too few hints": (replace("hint.md", "## The trap", "### The trap"), "2 levels"),
    "hint that gives it away": (give_away, "holds a line of the solution"),
    "package that is not declared": (
        replace("solution.py", '"""Two small functions."""', '"""Two."""\nimport rich\nimport click'),
        "imports click, which kata.toml does not declare",
    ),
    "rule without a reason": (
        replace("kata.toml", "[limits]", "[rules]\nno_loops = true\n\n[limits]"),
        "does not say why",
    ),
}


@pytest.mark.parametrize("what", sorted(SPOILED))
def test_spoiled_kata_is_found_out(what: str, folder: Path, child: launch.Child | None) -> None:
    spoil, says = SPOILED[what]
    spoil(folder)

    assert any(says in problem for problem in report(folder, child).problems), report(folder, child).problems


@pytest.mark.parametrize("what", sorted(TEXTS))
def test_spoiled_text_is_found_out(what: str, folder: Path) -> None:
    spoil, says = TEXTS[what]
    spoil(folder)
    catalogue = load(folder.parents[2])
    (kata,) = catalogue.katas

    found = [*texts.problems(kata), *texts.declaration_problems(catalogue, kata)]

    assert any(says in problem for problem in found), found


def test_threads_in_the_parent_of_workers_are_found_out(
    folder: Path, child: launch.Child | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil.Process, "num_threads", lambda _: 3)

    assert any("starts threads: 3 in the parent" in problem for problem in report(folder, child).problems)


def test_unknown_key_suggests_the_nearest(folder: Path) -> None:
    replace("kata.toml", "minutes", "minuets")(folder)

    with pytest.raises(BrokenKata, match=r"unknown field `minuets` \(did you mean minutes\?\)"):
        load(folder.parents[2]).find("p000")


def test_agreeable_answer_that_is_believed_is_found_out(folder: Path, child: launch.Child | None) -> None:
    path = folder / "hidden_test.py"
    text = path.read_text().replace("assert_equal(work.double(2), 4)", 'assert work.double(2) == 4, "two"')
    text = text.replace("assert_equal(work.double(3), 6)", 'assert work.double(3) == 6, "three"')
    text = text.split("def test_items")[0]
    path.write_text(text)

    assert any("what equals everything is passed" in p for p in report(folder, child).problems)


def test_a_proof_is_written_on_demand(folder: Path, child: launch.Child | None) -> None:
    (folder / "proof.json").unlink()

    assert report(folder, child, write=True).problems == ()
    assert report(folder, child).problems == ()


def test_a_proof_is_not_written_next_to_a_solution_that_fails(folder: Path, child: launch.Child | None) -> None:
    replace("solution.py", "2 * x", "2 + x")(folder)
    before = (folder / "proof.json").read_bytes()

    report(folder, child, write=True)

    assert (folder / "proof.json").read_bytes() == before


def test_a_second_proof_leaves_the_file_as_it_is(folder: Path, child: launch.Child | None) -> None:
    report(folder, child, write=True)
    before = (folder / "proof.json").read_bytes()

    report(folder, child, write=True)

    assert (folder / "proof.json").read_bytes() == before


# --- the quick proof -----------------------------------------------------------------------------------------------


def test_a_quick_proof_asks_one_check_of_each_mistake(folder: Path, child: launch.Child | None) -> None:
    found = report(folder, child, quick=True)

    assert (found.problems, found.is_whole, found.n_caught) == ((), False, 5)


def test_a_quick_proof_of_changed_files_is_a_whole_one(folder: Path, child: launch.Child | None) -> None:
    replace("solution.py", "Two small functions.", "Two short functions.")(folder)

    found = report(folder, child, quick=True)

    assert found.is_whole
    assert any("out of date" in problem for problem in found.problems)


def test_a_new_mistake_is_proven_whole_by_a_quick_proof(folder: Path, child: launch.Child | None) -> None:
    add("mistakes.md", "## minus\nThe sign is turned.\n\n```diff\n-    return 2 * x\n+    return -2 * x\n```\n")(folder)

    found = report(folder, child, quick=True)

    assert found.fails["minus"] == ("test_two", "test_three")
    assert found.problems == ("proof.json is out of date for minus: kata dev audit p000 --write",)


def test_a_quick_proof_runs_the_other_checks_when_the_one_it_asks_passes(
    folder: Path, child: launch.Child | None
) -> None:
    replace("proof.json", '"ask": "test_three"', '"ask": "test_two"')(folder)

    found = report(folder, child, quick=True)

    assert found.n_caught == 5
    assert any("passes test_two, which was to catch it" in remark for remark in found.remarks)


def test_a_quick_proof_by_another_judge_is_whole_for_canaries_only(folder: Path, child: launch.Child | None) -> None:
    path = folder / "proof.json"
    path.write_text(re.sub(r'"judge": "\w+"', '"judge": "another"', path.read_text()))
    before = report(folder, child, quick=True)
    (folder.parents[2] / "catalogue.toml").write_text('canaries = ["p000"]\n')

    canary = report(folder, child, quick=True)

    assert (before.is_whole, before.is_other_judge, before.problems) == (False, True, ())
    assert (canary.is_whole, canary.is_other_judge) == (True, False)


def test_an_audit_in_which_no_check_ran_has_proven_nothing(folder: Path, child: launch.Child | None) -> None:
    (folder / "hidden_test.py").write_text('"""Nothing."""\n')

    assert "no check ran, so nothing is proven" in report(folder, child).problems


def test_known_mistake_is_named_to_the_learner(folder: Path, child: launch.Child | None) -> None:
    kata = load(folder.parents[2]).katas[0]
    from kata_runner.learner.workspace import make_submission

    place = folder.parent / "answer"
    place.mkdir()
    code = b"def double(x):\n    return x ** 2\n\n\ndef items(n):\n    return list(range(n))\n"
    (place / "answer.py").write_bytes(code)
    verdict = judge.judge(kata, make_submission(kata, place, {"answer.py": code}), child=child)

    assert verdict.often_means == ("The number is squared, not doubled.",)


def test_solutions_are_held_to_mypy(folder: Path) -> None:
    path = folder / "solution.py"
    path.write_text(path.read_text().replace("def double(x: int) -> int", "def double(x)"))
    catalogue = load(folder.parents[2])

    said = " ".join(lint_solutions(catalogue, catalogue.katas)["p000_toy"])

    assert "mypy: line" in said


def test_a_kata_that_cannot_be_tried_has_no_problems_with_its_lint(folder: Path) -> None:
    """Without a kata's packages mypy sees Any in place of their types, and complains about what is right."""
    replace("kata.toml", "\n[limits]", '\nneeds = ["no-such-package-as-this"]\n\n[limits]')(folder)
    replace("solution.py", "def double(x: int) -> int", "import os\n\n\ndef double(x)")(folder)
    catalogue = load(folder.parents[2])

    (found,) = audit.audit(catalogue, catalogue.katas, n_workers=1)

    assert found.skipped == "needs no-such-package-as-this"
    assert found.problems == ()


def test_an_empty_list_of_imports_is_a_rule(proven: Path) -> None:
    """It allows the standard library alone."""
    kata = load(proven).find("p000_toy")

    assert texts.declared_rules(structs.replace(kata, rules=Rules(imports=()))) == ("imports",)
    assert texts.declared_rules(structs.replace(kata, rules=Rules())) == ()


def test_a_time_noted_on_a_busy_machine_fails_no_budget(folder: Path, child: launch.Child | None) -> None:
    replace("proof.json", '"seconds": ', '"seconds": 1000')(folder)

    assert report(folder, child).problems == ()
