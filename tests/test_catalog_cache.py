"""The cache of parsed tables makes a catalogue quick to read and never another one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kata_runner.catalogue import load as catalog
from kata_runner.errors import BrokenKata


@pytest.fixture
def root(tmp_path: Path, make_catalogue: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    return make_catalogue(tmp_path / "katas")


def cache_file(tmp_path: Path) -> Path:
    [path] = (tmp_path / "cache").rglob("catalogue-*.json")
    return path


def no_toml(path: Path) -> dict[str, object]:
    raise AssertionError(f"{path} was parsed again")


def test_a_second_look_parses_nothing_and_gives_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = catalog.load(root)
    monkeypatch.setattr(catalog, "_read_toml", no_toml)

    assert catalog.load(root) == first


def test_an_edited_file_is_read_again(root: Path) -> None:
    catalog.load(root)
    path = root / "problems/01_toys/p900_toy/kata.toml"
    path.write_text(path.read_text().replace('"Toy"', '"Boy"'))  # the same size

    assert catalog.load(root).find("p900").title == "Boy"


def test_a_file_changed_a_moment_ago_is_not_kept(root: Path) -> None:
    """Two edits of the same size within a tick of the clock look alike."""
    path = root / "problems/01_toys/p900_toy/kata.toml"
    path.touch()
    catalog.load(root)
    about = path.stat()
    path.write_text(path.read_text().replace('"Toy"', '"Boy"'))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))

    assert catalog.load(root).find("p900").title == "Boy"


def test_removed_and_added_katas_are_noticed(root: Path, make_kata: Callable[..., Path]) -> None:
    catalog.load(root)
    (root / "problems/01_toys/p901_next_toy/kata.toml").unlink()
    make_kata(root, "p905_more")

    assert [kata.short for kata in catalog.load(root).katas] == ["p900", "p902", "p905"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1}', b"\xff\xfe", b'{"format": 1, "files": 3}'])
def test_a_spoilt_cache_is_made_anew(root: Path, tmp_path: Path, content: bytes) -> None:
    first = catalog.load(root)
    cache_file(tmp_path).write_bytes(content)

    assert catalog.load(root) == first
    assert b"p900_toy" in cache_file(tmp_path).read_bytes()


def test_a_cache_that_cannot_be_written_costs_only_time(root: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")

    assert len(catalog.load(root).katas) == 3


def test_one_kata_is_read_without_the_others(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = catalog.load(root)
    for kata in whole.katas[1:]:
        (kata.folder / "kata.toml").write_text("not TOML at all")

    assert catalog.load_one("p900_toy", root) == whole.katas[0]
    with pytest.raises(BrokenKata, match="not valid TOML"):
        catalog.load(root)


@pytest.mark.parametrize("change", ["kata", "catalogue", "none"])
def test_one_kata_is_not_taken_from_a_cache_that_is_out_of_date(root: Path, change: str) -> None:
    catalog.load(root)
    path = root / {"kata": "problems/01_toys/p900_toy/kata.toml", "catalogue": "catalogue.toml"}.get(change, "")
    if change != "none":
        path.touch()

    assert (catalog.load_one("p900_toy", root) is None) == (change != "none")
    assert catalog.load_one("p999_unknown", root) is None
