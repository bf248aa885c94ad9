"""Katas are read when they are asked for, errors name file and key, and names are found by any part."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kata_runner import places
from kata_runner.catalogue.answers import answer_files, names_to_write, solution_path, variants
from kata_runner.catalogue.load import Catalogue, load, short_id
from kata_runner.errors import BrokenKata, UnknownKata, UsageError
from kata_runner.model import Limits, Rules

BOTH = ["test_a_positive_number_is_doubled", "test_a_negative_number_is_doubled"]


@pytest.fixture
def root(tmp_path: Path, make_catalogue: Callable[[Path], Path]) -> Path:
    return make_catalogue(tmp_path / "katas")


@pytest.fixture
def toy(root: Path) -> Path:
    """The folder of p900_toy."""
    return root / "problems/01_toys/p900_toy"


def write_toml(path: Path, text: str) -> None:
    """Write a kata.toml that has all that a kata needs, and `text`."""
    needed = 'title = "Toy"\ndifficulty = 2\nminutes = 5\nmodule = "toy"\nlearned = "Adding."\n'
    lines = [line for line in needed.splitlines() if not text.startswith(line.partition(" ")[0])]
    path.write_text("\n".join([*lines, text]), encoding="utf-8")


# --- what is read ------------------------------------------------------------------------------------------------


def test_katas_come_in_journey_order_and_then_by_id(root: Path, make_kata: Callable[..., Path]) -> None:
    for kata_id in ("p905_late", "p904_last"):
        make_kata(root, kata_id)
    settings = root / "catalogue.toml"
    settings.write_text(settings.read_text().replace('"p900", "p901", "p902"', '"p902", "p900_toy", "p777", "p901"'))

    catalogue = load(root)

    assert [kata.short for kata in catalogue.katas] == ["p902", "p900", "p901", "p904", "p905"]
    assert catalogue.stages == (("All of them", ("p902_built_on", "p900_toy", "p901_next_toy")),)
    assert catalogue.track_titles == {"problems": "Problems"}


def test_a_kata_has_what_its_file_and_its_folder_say(toy: Path, root: Path) -> None:
    rules = '[rules]\nno_loops = ["fit"]\nimports = ["numpy"]\ndefine = ["fit"]\n[rules.why]\ndefine = "Of use."\n'
    write_toml(toy / "kata.toml", f'needs = ["numpy"]\n[limits]\nseconds = 3\n{rules}')

    kata = load(root).find("p900")

    assert ("p900_toy", "p900", toy, "problems") == (kata.id, kata.short, kata.folder, kata.track)
    assert (kata.group, kata.title, kata.difficulty, kata.needs) == ("Phase 1 · Toys", "Toy", 2, ("numpy",))
    assert Limits(seconds=3.0, memory_mb=2048, output_kb=256) == kata.limits
    assert Rules(no_loops=("fit",), imports=("numpy",), define=("fit",), why={"define": "Of use."}) == kata.rules


def test_a_broken_kata_is_named_and_stops_no_other(root: Path, toy: Path) -> None:
    for path in root.rglob("kata.toml"):
        if path.parent != toy:
            path.write_text("not TOML at all")
    catalogue = load(root)

    assert catalogue.get("p900_toy") is catalogue.find("p900")
    assert [kata.id for kata in catalogue.katas] == ["p900_toy"]
    assert list(catalogue.broken) == ["p901_next_toy", "p902_built_on"]
    assert "p901_next_toy/kata.toml is not valid TOML" in catalogue.broken["p901_next_toy"]
    with pytest.raises(BrokenKata, match=r"kata.toml is not valid TOML"):
        catalogue.find("p901")


def test_the_folders_of_a_kata_and_hidden_ones_are_not_searched(root: Path, toy: Path) -> None:
    for folder in (toy / "data", root / ".git", root / "__pycache__"):
        folder.mkdir()
        (folder / "kata.toml").write_text("not TOML at all")

    assert list(load(root).by_id) == ["p900_toy", "p901_next_toy", "p902_built_on"]


def test_a_folder_without_catalogue_toml_is_a_catalogue(root: Path) -> None:
    (root / "catalogue.toml").unlink()

    catalogue = load(root)

    assert catalogue.stages == ()
    assert [kata.group for kata in catalogue.katas] == ["01 toys", "01 toys", "02 towers"]


@pytest.mark.parametrize(("folder", "reason"), [("none", "does not exist"), ("empty", "no folder in it holds")])
def test_what_is_no_catalogue_is_refused(tmp_path: Path, folder: str, reason: str) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(UsageError, match=reason):
        load(tmp_path / folder)


def test_the_katas_of_the_release_can_all_be_read() -> None:
    catalogue = load()

    assert list(catalogue.by_id) == [kata.id for kata in catalogue.katas]
    assert all(catalogue.used_by(kata) or not kata.uses for kata in catalogue.katas)


# --- what is wrong with it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('needs = "pandas"', "Expected `array`, got `str` - at `needs`"),
        ('needs = ["pandas", 3]', "Expected `str`, got `int` - at `needs[1]`"),
        ('title = " "', "Expected `str` matching regex '\\\\S' - at `title`"),
        ("difficulty = 6", "Expected `int` <= 5 - at `difficulty`"),
        ("difficulty = true", "Expected `int`, got `bool` - at `difficulty`"),
        ("minutes = 1.5", "Expected `int`, got `float` - at `minutes`"),
        ('build = "make"', "Invalid enum value 'make' - at `build`"),
        ("limits = 3", "Expected `object`, got `int` - at `limits`"),
        ("[limits]\nmemory_mb = -5", "Expected `int` >= 1 - at `limits.memory_mb`"),
        ("[limits]\nseconds = 0", "Expected `float` > 0.0 - at `limits.seconds`"),
        ('[rules]\nimports = "numpy"', "Expected `array | null`, got `str` - at `rules.imports`"),
        ('[rules]\nno_loops = "fit"', "Expected `bool | array`, got `str` - at `rules.no_loops`"),
        ("minuets = 3", "Object contains unknown field `minuets` (did you mean minutes?)"),
        ("[limits]\nsecond = 3", "Object contains unknown field `second` - at `limits` (did you mean seconds?)"),
    ],
)
def test_an_error_names_the_file_and_the_key(root: Path, toy: Path, text: str, message: str) -> None:
    write_toml(toy / "kata.toml", text)

    with pytest.raises(BrokenKata) as caught:
        load(root).find("p900")

    assert f"{toy / 'kata.toml'}: {message}" == str(caught.value)


def test_a_key_that_is_missing_is_named(root: Path, toy: Path) -> None:
    (toy / "kata.toml").write_text('title = "Toy"\ndifficulty = 2\nminutes = 5\n')

    with pytest.raises(BrokenKata, match=r"kata.toml: Object missing required field `learned`"):
        load(root).find("p900")


@pytest.mark.parametrize("content", [b"title = ", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_named(root: Path, toy: Path, content: bytes) -> None:
    (toy / "kata.toml").write_bytes(content)

    with pytest.raises(BrokenKata, match=r"p900_toy/kata.toml is not valid TOML"):
        load(root).find("p900")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tracks = 3", "Expected `object`, got `int` - at `tracks`"),
        ('track = "x"', "Object contains unknown field `track` (did you mean tracks?)"),
        ('[[journey]]\ntitle = "All"', "Object missing required field `katas` - at `journey[0]`"),
    ],
)
def test_an_error_in_the_catalogues_own_file_is_named_too(root: Path, text: str, message: str) -> None:
    (root / "catalogue.toml").write_text(text)

    with pytest.raises(BrokenKata) as caught:
        load(root)

    assert f"{root / 'catalogue.toml'}: {message}" == str(caught.value)


def test_two_katas_of_one_id_are_refused(root: Path, make_kata: Callable[..., Path]) -> None:
    make_kata(root, "p900_toy", group="problems/02_towers")
    catalogue = load(root)

    assert [kata.id for kata in catalogue.katas] == ["p901_next_toy", "p902_built_on"]
    with pytest.raises(BrokenKata, match="share the id 'p900_toy'"):
        catalogue.find("p900")


def test_of_two_katas_of_one_module_the_later_is_broken(root: Path, make_kata: Callable[..., Path]) -> None:
    make_kata(root, "p905_more", module="toy")
    catalogue = load(root)

    assert [kata.id for kata in catalogue.katas] == ["p900_toy", "p901_next_toy", "p902_built_on"]
    assert "share the module 'toy'; rename one" in catalogue.broken["p905_more"]


def test_a_used_kata_that_does_not_exist_is_named(root: Path, make_kata: Callable[..., Path]) -> None:
    make_kata(root, "p905_more", uses=["p902_built_on", "p999_gone"])
    catalogue = load(root)

    assert [kata.id for kata in catalogue.used_by(catalogue.find("p902"))] == ["p900_toy"]
    with pytest.raises(BrokenKata, match="p905_more uses p999_gone"):
        catalogue.used_by(catalogue.find("p905"))


# --- names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["p900_toy", "P900", " p900_toy/ ", "900", "0_toy", "p900toy", "P900-Toy"])
def test_a_kata_is_found_by_any_part_of_its_id(root: Path, query: str) -> None:
    assert load(root).find(query).id == "p900_toy"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("toy", '"toy" fits 2 katas: p900_toy, p901_next_toy. Name one of them.'),
        ("biult_on", 'no kata named "biult_on" (did you mean p902_built_on?). See all: kata list'),
        ("towre", 'no kata named "towre". See all: kata list'),
        ("", 'no kata named "". See all: kata list'),
    ],
)
def test_a_name_that_fits_none_or_several_is_explained(root: Path, query: str, message: str) -> None:
    with pytest.raises(UnknownKata) as caught:
        load(root).find(query)

    assert message == str(caught.value)


@pytest.mark.parametrize(
    ("kata_id", "short"),
    [("p012_stable_softmax", "p012"), ("c05_1_k_means", "c05_1"), ("c01_project_x", "c01_project"), ("m01_x", "m01")],
)
def test_the_short_id_is_what_people_say(kata_id: str, short: str) -> None:
    assert short == short_id(kata_id)


def test_lessons_come_before_the_project_of_their_chapter(root: Path, make_kata: Callable[..., Path]) -> None:
    for kata_id in ("c01_project_z", "c01_2_b", "c01_1_a"):
        make_kata(root, kata_id, group="roadmap")
    catalogue: Catalogue = load(root)

    assert [kata.short for kata in catalogue.track("roadmap")] == ["c01_1", "c01_2", "c01_project"]
    with pytest.raises(UsageError, match=r'no track named "nowhere". Tracks: journey, problems, roadmap'):
        catalogue.track("nowhere")


def test_katas_that_no_stage_names_stand_under_where_they_come_from(root: Path, make_kata: Callable[..., Path]) -> None:
    make_kata(root, "c01_1_a", group="roadmap")
    catalogue = load(root)

    assert {title: [kata.short for kata in katas] for title, katas in catalogue.by_stage().items()} == {
        "All of them": ["p900", "p901", "p902"],
        "Roadmap": ["c01_1"],
    }


# --- answers -----------------------------------------------------------------------------------------------------


def test_the_stub_is_read_once(root: Path, toy: Path) -> None:
    kata = load(root).find("p900")
    before = dict(kata.stub_files)
    (toy / "stub.py").unlink()

    assert list(before) == ["toy.py"]
    assert before == kata.stub_files
    with pytest.raises(BrokenKata, match=r"p900_toy has neither stub.py nor a folder stub/"):
        load(root).find("p900")


def test_an_answer_is_laid_over_the_stub(root: Path, make_kata: Callable[..., Path]) -> None:
    files = {
        "stub.py": "",
        "stub/toml/a.toml": "a = 0",
        "stub/b.txt": "b",
        "solution.py": "",
        "solution/toml/a.toml": "a = 1",
        "wrong/zero.py": "",
        "wrong/none/mistake.md": "Nothing is written.",
        "wrong/none/b.txt": "",
    }
    make_kata(root, "p905_more", files=files)
    kata = load(root).find("p905")

    assert answer_files(kata, solution_path(kata)) == {"toml/a.toml": b"a = 1", "b.txt": b"b"}
    assert [path.name for path in variants(kata, "wrong")] == ["none", "sign.py"]
    assert variants(kata, "right") == ()


@pytest.mark.parametrize(
    ("stub", "names"),
    [
        ("def f():\n    raise NotImplementedError\n\n\ndef given():\n    return 1\n", ("f",)),
        (
            "class C:\n    def f(self):\n        raise NotImplementedError\n\n\ndef _g():\n    raise ValueError\n",
            ("C",),
        ),
        ("def nearly():\n    return 1\n", ("nearly",)),
        ("ANSWER = 0\n", ("toy.py",)),
        ("def broken(\n", ("toy.py",)),
    ],
)
def test_the_names_to_write_are_those_that_are_to_do(root: Path, toy: Path, stub: str, names: tuple[str, ...]) -> None:
    (toy / "stub.py").write_text(stub)

    assert names == names_to_write(load(root).find("p900"))


def test_one_file_needs_a_module(root: Path, make_kata: Callable[..., Path]) -> None:
    make_kata(root, "p905_more", module="")

    with pytest.raises(BrokenKata, match=r'stub.py: an answer of one file needs a "module" in kata.toml'):
        load(root).find("p905")


# --- imports and the cache ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "modules",
    [
        "kata_runner.judging.child.parent, kata_runner.checking",  # what a child imports
        "kata_runner.__main__, kata_runner.judging.launch",  # what `kata check` imports before it starts one
    ],
)
def test_a_child_starts_without_msgspec_and_platformdirs(modules: str) -> None:
    code = f"import sys, {modules}; print([m for m in ('msgspec', 'platformdirs') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert ran.stdout.strip() == "[]"


def test_the_cache_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATA_CACHE", str(tmp_path / "mine"))

    assert tmp_path / "mine" == places.cache_folder()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have their own folder")
def test_the_cache_is_otherwise_the_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KATA_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert tmp_path / "kata" == places.cache_folder()
