"""Files appear whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kata_runner.files import replace, write_new


@pytest.mark.parametrize("write", [write_new, replace])
def test_a_file_is_written_with_its_folder_and_nothing_else(
    tmp_path: Path, write: Callable[[Path, bytes], None]
) -> None:
    path = tmp_path / "deep" / "norm.py"

    write(path, b"new")

    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_write_new_leaves_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "norm.py"
    path.write_bytes(b"mine")
    link = tmp_path / "link.py"
    link.symlink_to(tmp_path / "elsewhere.py")

    write_new(path, b"new")
    write_new(link, b"new")

    assert path.read_bytes() == b"mine"
    assert not (tmp_path / "elsewhere.py").exists()


def test_replace_keeps_the_permissions(tmp_path: Path) -> None:
    path = tmp_path / "run.sh"
    path.write_bytes(b"old")
    path.chmod(0o755)

    replace(path, b"new")

    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o755


def test_replace_leaves_a_file_alone_that_holds_the_same(tmp_path: Path) -> None:
    path = tmp_path / "norm.py"
    path.write_bytes(b"same")
    before = path.stat()

    replace(path, b"same")

    assert path.stat().st_ino == before.st_ino
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_what_cannot_be_put_in_place_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "norm.py"
    path.mkdir()

    with pytest.raises(OSError, match=r"norm\.py"):
        replace(path, b"new")

    assert list(tmp_path.iterdir()) == [path]
