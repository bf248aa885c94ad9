"""proof.json: the file, and the digests that say what it was proven from."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from kata_runner.authoring import digests
from kata_runner.catalogue import load, proof
from kata_runner.catalogue.load import Catalogue
from kata_runner.catalogue.proof import Proof, Proven
from kata_runner.errors import BrokenKata
from kata_runner.model import Kata

TOYS = Path(__file__).parent / "submissions" / "catalogue"


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    shutil.copytree(TOYS, tmp_path / "toys")
    return load.load(tmp_path / "toys")


@pytest.fixture
def kata(catalogue: Catalogue) -> Kata:
    return catalogue.find("p000")


def test_a_proof_is_read_as_it_was_written(kata: Kata) -> None:
    written = Proof(
        "k",
        "j",
        0.2,
        {"b": Proven("1", ("test_x",), "got 3", "test_x"), "a": Proven("2", ("rule:typed",), "", "rule:typed")},
    )

    proof.write(kata.folder / proof.NAME, written)

    assert proof.read(kata) == written


def test_a_kata_without_a_proof_has_an_empty_one(kata: Kata) -> None:
    (kata.folder / proof.NAME).unlink(missing_ok=True)

    assert proof.read(kata) == Proof()


def test_a_damaged_proof_names_the_file_and_the_command(kata: Kata) -> None:
    (kata.folder / proof.NAME).write_text("<<<<<<< ours", encoding="utf-8")

    with pytest.raises(BrokenKata, match=rf"{proof.NAME}.*kata dev audit {kata.id} --write"):
        proof.read(kata)


def test_branches_that_each_add_a_mistake_merge(tmp_path: Path) -> None:
    def git(*args: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
        subprocess.run(["git", *who, *args], cwd=tmp_path, check=True, capture_output=True)

    path = tmp_path / proof.NAME
    base = {name: Proven(name, ("test_x",), "", "test_x") for name in ("b", "d", "f", "h")}

    def commit(branch: str, *extra: str) -> None:
        if branch != "main":
            git("checkout", "-B", branch, "main")
        proof.write(path, Proof("k", "j", 0.1, base | dict.fromkeys(extra, base["b"])))
        git("add", ".")
        git("commit", "-m", branch)

    git("init")
    commit("main")
    commit("one", "a", "z")
    commit("two", "e")
    git("merge", "one")

    names = [line.split('"')[1] for line in path.read_text().splitlines() if line.startswith('"')]
    assert names == ["a", "b", "d", "e", "f", "h", "z", "~kata"]


@pytest.mark.parametrize("name", ["hidden_test.py", "solution.py", "stub.py"])
def test_a_kata_digest_follows_the_files_that_are_judged(catalogue: Catalogue, kata: Kata, name: str) -> None:
    before = digests.of_kata(catalogue, kata)
    path = kata.folder / name

    path.write_text(path.read_text() + "\n# changed\n")

    again = load.load(catalogue.root)
    assert digests.of_kata(again, again.find(kata.id)) != before


@pytest.mark.parametrize("name", ["task.md", "hint.md", "mistakes.md", "proof.json"])
def test_a_kata_digest_does_not_follow_what_only_people_read(catalogue: Catalogue, kata: Kata, name: str) -> None:
    before = digests.of_kata(catalogue, kata)

    (kata.folder / name).write_text("changed\n")

    assert digests.of_kata(catalogue, kata) == before


def test_a_kata_digest_follows_limits_and_rules_but_not_the_title(catalogue: Catalogue, kata: Kata) -> None:
    before = digests.of_kata(catalogue, kata)
    path = kata.folder / "kata.toml"
    text = path.read_text()

    path.write_text(text.replace(kata.title, "Another title"))
    renamed = digests.of_kata(catalogue, kata)
    path.write_text(text.replace("[limits]", "[limits]\noutput_kb = 100"))

    assert renamed == before
    assert digests.of_kata(catalogue, kata) != before


def test_a_judge_digest_does_not_follow_comments_and_docstrings(tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text('"""Says this."""\n\n\ndef f():\n    """And that."""\n    return 1\n')
    two.write_text("# a comment\ndef f():\n    return 1\n")

    assert digests._syntax(one) == digests._syntax(two)


def test_a_judge_digest_follows_the_modules_of_checking_that_a_test_reaches(tmp_path: Path) -> None:
    test = tmp_path / "hidden_test.py"
    test.write_text("from kata_runner.checking import assert_close\n")

    names = {path.name for path in digests._reached(test)}

    assert "compare.py" in names
    assert "diagram.py" not in names
