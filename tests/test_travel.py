"""Progress goes to another machine, and to the new name of a kata, without loss."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

RIGHT = "def double(x: int) -> int:\n    return 2 * x\n"
WRONG = "def double(x: int) -> int:\n    return abs(x) * 2\n"


@pytest.fixture
def file(kata: Any) -> Path:
    """The progress of a learner with two attempts at p900, one of them right, a hint, a skip and code kept."""
    kata("start", "p900")
    kata.write(WRONG)
    kata("check")
    kata("hint")
    kata.write(f"{RIGHT}# \x1b\r\n")
    (kata.workspace / "p900_toy" / "data.bin").write_bytes(b"\xff\x00")
    kata("check")
    kata("next")
    kata("skip")
    path: Path = kata.home / "progress.json"
    assert kata("export", str(path)).returncode == 0
    return path


def elsewhere(kata: Any, name: str = "elsewhere") -> dict[str, str]:
    """The environment of a workspace of its own, empty."""
    return {"KATA_WORKSPACE": str(kata.home / name)}


def summary(kata: Any, **environ: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kata("progress", "--json", **environ).stdout)
    return found


def test_an_empty_workspace_takes_over_everything(kata: Any, file: Path) -> None:
    there = elsewhere(kata)

    done = kata("import", str(file), **there)

    assert done.stdout.startswith("Added 2 attempts, and 2 hints and skips.\nYour files are as they were. ")
    assert summary(kata, **there) == summary(kata)
    assert kata("history", "p900", **there).stdout == kata("history", "p900").stdout
    assert [path.name for path in (kata.home / "elsewhere").iterdir()] == [".kata"]
    kata("restore", "p900", "2", **there)
    for name in ("toy.py", "data.bin"):
        before, after = (root / "p900_toy" / name for root in (kata.workspace, kata.home / "elsewhere"))
        assert after.read_bytes() == before.read_bytes()
    assert kata("check", "p902", "--json", **there).returncode == 2, "not started"
    kata("export", str(kata.home / "again.json"), **there)
    assert (kata.home / "again.json").read_bytes() == file.read_bytes()


def test_importing_twice_adds_nothing(kata: Any, file: Path) -> None:
    before = summary(kata)

    assert kata("import", str(file)).stdout == "Nothing new: all of it is here already.\n"

    assert summary(kata) == before


def test_two_histories_are_merged(kata: Any, file: Path) -> None:
    there = elsewhere(kata)
    kata("start", "p901", **there)
    (kata.home / "elsewhere" / "p901_next_toy" / "next_toy.py").write_text(RIGHT)
    kata("check", **there)
    kata("start", "p900", **there)
    kata("check", **there)
    before = (kata.home / "elsewhere" / "p900_toy" / "toy.py").read_bytes()

    kata("import", str(file), **there)

    merged = summary(kata, **there)
    assert (merged["solved"], merged["attempts"], merged["next"]) == (2, 4, "p902_built_on")
    assert (kata.home / "elsewhere" / "p900_toy" / "toy.py").read_bytes() == before
    history = kata("history", "p900", **there).stdout
    assert [line.split()[0] for line in history.splitlines() if line[:1].strip().isdigit()] == ["1", "2", "3"]


def test_of_two_machines_the_newer_pass_is_built_on(kata: Any, file: Path) -> None:
    newer = f"{RIGHT}# newer\n"
    there = elsewhere(kata)
    kata("start", "p900", **there)
    (kata.home / "elsewhere" / "p900_toy" / "toy.py").write_text(newer)
    kata("check", **there)

    kata("import", str(file), **there)

    from kata_runner.learner.store import open_store

    store = open_store(kata.home / "elsewhere" / ".kata" / "progress.sqlite3")
    assert store.passing_files("p900_toy") == {"toy.py": newer.encode()}


def test_standard_output_and_input_serve_too(kata: Any, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = kata("export", "-").stdout
    assert out == file.read_text(encoding="utf-8")

    from kata_runner.cli import machine

    class Streams:
        stdin = io.TextIOWrapper(io.BytesIO(out.encode()))

    monkeypatch.setattr(machine, "sys", Streams)
    assert kata("import", "-", **elsewhere(kata)).stdout.startswith("Added 2 attempts")


def test_what_cannot_be_taken_over_changes_nothing(kata: Any, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    said = {
        text[:-100]: "is not what kata export writes, or not all of it",
        "# notes": "is not what kata export writes",
        '{"format": "other", "version": 2}': "is not what kata export writes",
        text.replace('"version": 2', '"version": 3'): "was written by a newer kata (format 3, this one knows 2)",
        text.replace("abs(x)", "abs(y)"): "is damaged (toy.py of p900_toy, ",
        text.replace('"n_checks": 2', '"n_checks": "two"', 1): "is damaged (Expected `int`",
        text.replace('"toy.py"', '"../toy.py"'): "is damaged (../toy.py of p900_toy, ",
    }
    for damaged, sentence in said.items():
        file.write_text(damaged, encoding="utf-8")

        done = kata("import", str(file), **elsewhere(kata))

        assert done.returncode == 2
        assert sentence in done.stderr
        assert "Nothing was changed" in done.stderr
        assert not (kata.home / "elsewhere").exists()


def test_only_an_export_is_written_over(kata: Any, file: Path) -> None:
    notes = kata.home / "notes.md"
    notes.write_text("mine")

    refused = kata("export", str(notes))

    assert refused.returncode == 2
    assert "kata export FILE --force" in refused.stderr
    assert notes.read_text() == "mine"
    assert kata("export", str(file)).returncode == 0
    assert kata("export", str(notes), "--force").returncode == 0
    assert notes.read_bytes() == file.read_bytes()


# --- new names ---------------------------------------------------------------------------------------------------


def rename(kata: Any, old: str = "p900_toy", new: str = "p905_doubling") -> None:
    folder = next(kata.catalogue.rglob(f"{old}/kata.toml")).parent
    text = (folder / "kata.toml").read_text()
    (folder / "kata.toml").write_text(f'formerly = ["{old}"]\n{text}')
    folder.rename(folder.with_name(new))


def test_a_renamed_kata_keeps_history_folder_and_place(kata: Any, file: Path) -> None:
    kata("start", "p900")
    before = summary(kata)
    rows = kata("history").stdout.splitlines()[1:-1]
    code = (kata.workspace / "p900_toy" / "toy.py").read_bytes()

    rename(kata)

    assert {**summary(kata), "stages": before["stages"]} == before
    assert kata("history").stdout.splitlines()[1:-1] == rows
    assert kata("history").stdout.startswith("Toy  p905")
    assert (kata.workspace / "p905_doubling" / "toy.py").read_bytes() == code
    assert not (kata.workspace / "p900_toy").exists()
    assert "p905" in kata("start", "p900_toy").stdout
    kata("start", "p902")
    (kata.workspace / "p902_built_on" / "built_on.py").write_text(kata.solution("p902_built_on"))
    assert kata("check", "p902").returncode == 0, "it uses p900_toy"
    kata("restore", "p905", "1")
    assert (kata.workspace / "p905_doubling" / "toy.py").read_text() == WRONG


def test_what_was_exported_under_the_old_name_is_imported_under_the_new_one(kata: Any, file: Path) -> None:
    rename(kata)

    assert kata("import", str(file)).stdout == "Nothing new: all of it is here already.\n"
    kata("import", str(file), **elsewhere(kata))
    assert summary(kata, **elsewhere(kata)) == summary(kata)
    assert kata("restore", "p905", "2", **elsewhere(kata)).returncode == 0


def test_two_katas_with_one_former_id_are_named(kata: Any) -> None:
    for kata_id in ("p910_one", "p911_two"):
        kata.add(kata_id, formerly=["p009_old"])
    kata.add("p912_three", formerly=["p900_toy"])

    said = " ".join(kata("list").stderr.split())

    assert "p911_two and " in said
    assert "p910_one share the former id 'p009_old'; rename one" in said
    assert "p912_three was formerly 'p900_toy', but that kata is there, too" in said
