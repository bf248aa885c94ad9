"""Every way in which editors save is noticed, once, and not before the file is whole; also where no events come."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kata_runner.catalogue import load as catalog
from kata_runner.learner.workspace import submission_of
from kata_runner.model import Kata
from kata_runner.watch import files as watch

ANSWER = "toy.py"


@pytest.fixture
def toy(make_kata: Callable[..., Path], tmp_path: Path) -> Kata:
    make_kata(tmp_path / "catalogue", "p900_toy")
    (tmp_path / "catalogue" / "catalogue.toml").write_text('name = "toys"\n[tracks]\nproblems = "Problems"\n')
    return catalog.load(tmp_path / "catalogue").find("p900")


class Told:
    """A watched folder, and what the answer was each time that a change was told."""

    def __init__(self, kata: Kata, folder: Path, force_polling: bool = False) -> None:
        self.kata, self.folder = kata, folder
        self.answers: list[bytes | None] = []
        self.notices: list[str] = []
        self.came = threading.Event()
        self.watcher = watch.Watcher(kata, folder, self._note, self.notices.append, force_polling=force_polling)

    def _note(self) -> None:
        try:
            self.answers.append(submission_of(self.kata, self.folder).files.get(ANSWER))
        except Exception:
            self.answers.append(None)
        self.came.set()

    def after(self, change: Callable[[], object], rest_s: float = 0.4) -> list[bytes | None]:
        """What was told of a change, until nothing more comes for `rest_s`."""
        self.answers.clear()
        self.came.clear()
        change()
        self.came.wait(10)
        while True:
            n_told = len(self.answers)
            time.sleep(rest_s)
            if n_told == len(self.answers):
                return list(self.answers)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "p900_toy"
    folder.mkdir(parents=True)
    (folder / ANSWER).write_bytes(b"before = 1\n")
    return folder


@pytest.fixture(params=["events", "polling"])
def told(request: pytest.FixtureRequest, toy: Kata, folder: Path) -> Iterator[Told]:
    told = Told(toy, folder, request.param == "polling")
    with told.watcher:
        yield told


def in_place(path: Path, text: bytes) -> None:
    with path.open("r+b") as file:
        file.write(text)
        file.truncate()


def rename_over(path: Path, text: bytes) -> None:
    path.with_name(".toy.py.tmp").write_bytes(text)
    path.with_name(".toy.py.tmp").rename(path)


def vim_backup_dance(path: Path, text: bytes) -> None:
    path.with_name("4913").touch()
    path.with_name("4913").unlink()
    path.rename(path.with_name(".toy.py~"))
    time.sleep(0.03)
    path.write_bytes(text)
    path.with_name(".toy.py~").unlink()


def moved_out_of_the_folder(path: Path, text: bytes) -> None:
    path.rename(path.parent.parent / "old")
    path.write_bytes(text)


def two_writes(path: Path, text: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        file.write(text[:4])
        time.sleep(0.002)
        file.write(text[4:])


def truncate_then_write(path: Path, text: bytes) -> None:
    path.write_bytes(b"")
    time.sleep(0.05)  # longer than the debounce
    path.write_bytes(text)


def deleted_then_written(path: Path, text: bytes) -> None:
    path.unlink()
    time.sleep(0.05)
    path.write_bytes(text)


def through_a_copy(path: Path, text: bytes) -> None:
    shutil.copy2(path, path.with_name(".copy"))
    path.with_name(".copy").write_bytes(text)
    shutil.move(path.with_name(".copy"), path)


WAYS = [
    in_place,
    rename_over,
    vim_backup_dance,
    moved_out_of_the_folder,
    two_writes,
    truncate_then_write,
    deleted_then_written,
    through_a_copy,
]


@pytest.mark.parametrize("save", WAYS, ids=lambda save: save.__name__)
def test_each_way_of_saving_tells_the_whole_file(save: Callable[[Path, bytes], None], told: Told) -> None:
    after = b"after = 2\n"

    answers = told.after(lambda: save(told.folder / ANSWER, after))

    assert answers[-1] == after
    assert set(answers) <= {b"before = 1\n", after}  # never half of it
    assert told.notices == []


def test_same_size_within_the_same_moment_is_told(told: Told) -> None:
    answers = told.after(lambda: in_place(told.folder / ANSWER, b"before = 7\n"))

    assert answers[-1] == b"before = 7\n"


def test_several_files_at_once_are_told_together(told: Told) -> None:
    def save_all() -> None:
        for name in ("helper.py", "other.py"):
            (told.folder / name).write_text("x = 1\n")
        (told.folder / ANSWER).write_bytes(b"import helper, other\n")

    answers = told.after(save_all)

    assert answers[-1] == b"import helper, other\n"
    assert len(answers) <= 2


def test_files_that_are_no_part_of_the_answer_tell_nothing(told: Told) -> None:
    told.after(lambda: in_place(told.folder / ANSWER, b"x = 1\n"))

    def noise() -> None:
        (told.folder / "task.md").write_text("# Toy\n")
        (told.folder / ".toy.py.swp").write_text("swap")
        (told.folder / "__pycache__").mkdir()
        (told.folder / "__pycache__" / "toy.pyc").write_text("code")
        told.came.set()

    assert told.after(noise) == []


def test_an_emptied_file_is_told_when_it_stays_empty(told: Told) -> None:
    assert told.after(lambda: (told.folder / ANSWER).write_bytes(b""))[-1] == b""


def test_a_deleted_folder_is_told_and_so_is_its_return(told: Told) -> None:
    gone = told.after(lambda: shutil.rmtree(told.folder))

    def bring_back() -> None:
        told.folder.mkdir()
        (told.folder / ANSWER).write_bytes(b"back = 1\n")

    back = told.after(bring_back, rest_s=0.8)
    again = told.after(lambda: in_place(told.folder / ANSWER, b"again = 1\n"))

    assert (gone[-1], back[-1], again[-1]) == (None, b"back = 1\n", b"again = 1\n")
    assert told.notices == []


def test_a_folder_that_is_moved_away_and_back_is_followed(told: Told) -> None:
    away = told.folder.with_name("elsewhere")

    gone = told.after(lambda: told.folder.rename(away), rest_s=1.2)
    back = told.after(lambda: away.rename(told.folder), rest_s=1.2)
    again = told.after(lambda: in_place(told.folder / ANSWER, b"again = 1\n"))

    assert (gone[-1], back[-1], again[-1]) == (None, b"before = 1\n", b"again = 1\n")


def test_changed_permissions_are_told(told: Told) -> None:
    assert told.after(lambda: (told.folder / ANSWER).chmod(0o600)) != []


def test_events_that_never_arrive_are_noticed_and_said(
    toy: Kata, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network mount: the system takes the request, and is silent."""
    nowhere = folder.parent / "nowhere"
    nowhere.mkdir()
    from watchdog.observers.api import BaseObserver

    schedule = BaseObserver.schedule
    monkeypatch.setattr(
        BaseObserver, "schedule", lambda self, handler, path, **k: schedule(self, handler, str(nowhere), **k)
    )
    told = Told(toy, folder)
    with told.watcher:
        first = told.after(lambda: in_place(folder / ANSWER, b"x = 1\n"), rest_s=1.2)
        second = told.after(lambda: in_place(folder / ANSWER, b"x = 2\n"), rest_s=1.2)
        began = time.monotonic()
        told.came.clear()
        in_place(folder / ANSWER, b"x = 3\n")
        told.came.wait(5)
        took_s = time.monotonic() - began

    assert (first[-1], second[-1]) == (b"x = 1\n", b"x = 2\n")
    assert len(told.notices) == 1
    assert "file events do not arrive here" in told.notices[0]
    assert told.watcher.is_polling
    assert took_s < watch.SAFETY_POLL_S


def test_exhausted_watches_are_said_and_polled(toy: Kata, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchdog.observers.api import BaseObserver

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    monkeypatch.setattr(BaseObserver, "schedule", refuse)
    told = Told(toy, folder)
    with told.watcher:
        answers = told.after(lambda: in_place(folder / ANSWER, b"x = 1\n"))

    assert answers[-1] == b"x = 1\n"
    assert told.notices == [
        "file events cannot be had here (inotify watch limit reached); looking at the files every 0.25 s instead"
    ]


def test_stopping_leaves_no_thread_and_no_descriptor(toy: Kata, folder: Path) -> None:
    def open_now() -> int:
        return len(os.listdir("/proc/self/fd"))

    with Told(toy, folder).watcher:
        pass
    threads, fds = threading.active_count(), open_now()
    for _ in range(5):
        with Told(toy, folder).watcher:
            pass

    assert threads == threading.active_count()
    assert fds == open_now()
