"""A new kata has every file, with its names filled in; an id that is not valid or already taken changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from kata_runner.authoring import scaffold
from kata_runner.catalogue.load import Catalogue, load
from kata_runner.catalogue.wrong import wrong_answers
from kata_runner.errors import UsageError


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """A catalogue of one kata, p010_first, in the group 01_start."""
    folder = tmp_path / "problems" / "01_start" / "p010_first"
    folder.mkdir(parents=True)
    (folder / "kata.toml").write_text(
        'title = "First"\ndifficulty = 1\nminutes = 5\nmodule = "first"\nlearned = "One."\n'
    )
    (folder / "stub.py").write_text("def answer(): ...\n")
    return load(tmp_path)


def test_every_file_of_the_template_arrives_with_the_names_filled_in(catalogue: Catalogue) -> None:
    created = scaffold.create(catalogue, "p011_beam_search")

    texts = {path.relative_to(created).as_posix(): path.read_text() for path in created.rglob("*") if path.is_file()}
    assert {
        "kata.toml", "task.md", "stub.py", "solution.py", "hidden_test.py", "hint.md", "mistakes.md",
    } == set(texts)  # fmt: skip
    assert texts["task.md"].startswith("# Beam search\n")
    assert 'learner("beam_search")' in texts["hidden_test.py"]
    assert [name for name, text in texts.items() if "@" in text] == []
    kata = load(catalogue.root).find("p011")
    assert kata.module == "beam_search"
    assert [wrong.name for wrong in wrong_answers(kata)] == ["todo"]


def test_a_new_kata_goes_beside_its_nearest_relative(catalogue: Catalogue) -> None:
    created = scaffold.create(catalogue, "p009_zero")

    assert catalogue.root / "problems" / "01_start" / "p009_zero" == created


@pytest.mark.parametrize(
    ("kata_id", "module"),
    [
        ("p011_beam_search", "beam_search"),
        ("p011_class", "p011_class"),
        ("p011_2d", "p011_2d"),
        ("mine_1", "mine_1"),
        ("p011_json", "p011_json"),  # would stand in for Python's own
        ("p011_numpy", "p011_numpy"),
    ],
)
def test_the_module_of_a_new_kata_can_be_imported_and_hides_no_other(kata_id: str, module: str) -> None:
    assert module == scaffold.module_of(kata_id)


@pytest.mark.parametrize(
    ("kata_id", "folder", "message"),
    [
        ("../evil", "", "not a valid id"),
        ("p010_other", "", "p010_first already exists; take another number"),
        ("p012_first", "", "p010_first has the module first already; take another name, such as p012_first_2"),
        ("p011_out", "../..", "not below the catalogue"),
        ("z1_new", "", "--folder"),
    ],
)
def test_what_cannot_be_created_is_refused_and_changes_nothing(
    kata_id: str, folder: str, message: str, catalogue: Catalogue
) -> None:
    before = sorted(catalogue.root.rglob("*"))

    with pytest.raises(UsageError, match=message):
        scaffold.create(catalogue, kata_id, folder)

    assert sorted(catalogue.root.rglob("*")) == before
