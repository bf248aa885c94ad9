"""Every way in which editors save is noticed, and not before the file is whole; also where no events come."""

from __future__ import annotations

import errno
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from watchdog.observers.api import BaseObserver

from kata_runner.catalogue import load
from kata_runner.errors import KataError
from kata_runner.learner.workspace import submission_of
from kata_runner.model import Kata
from kata_runner.watch import files

ANSWER = "toy.py"
BEFORE, AFTER = b"before = 1\n", b"after = 2\n"
LIMIT_S = 60


@pytest.fixture
def toy(make_kata: Callable[..., Path], tmp_path: Path) -> Kata:
    make_kata(tmp_path / "catalogue", "p900_toy")
    (tmp_path / "catalogue" / "catalogue.toml").write_text('[tracks]\nproblems = "Problems"\n')
    return load.load(tmp_path / "catalogue").find("p900")


class Watched:
    """A watched folder, and what the answer was each time that a change was reported; None: not readable."""

    def __init__(self, kata: Kata, folder: Path) -> None:
        self.kata, self.folder, self.file = kata, folder, folder / ANSWER
        self.answers: list[bytes | None] = []
        self._came = threading.Condition()
        self.watcher = files.Watcher(kata, folder, self._on_change)

    def _on_change(self) -> None:
        try:
            answer = submission_of(self.kata, self.folder).files.get(ANSWER)
        except KataError:
            answer = None
        with self._came:
            self.answers.append(answer)
            self._came.notify_all()

    def wait_for(self, is_so: Callable[[], object]) -> None:
        with self._came:
            assert self._came.wait_for(is_so, LIMIT_S), self.answers

    def wait_for_answer(self, answer: bytes | None) -> None:
        """Until the last change that was reported left this answer."""
        self.wait_for(lambda: self.answers[-1:] == [answer])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "p900_toy"
    folder.mkdir(parents=True)
    (folder / ANSWER).write_bytes(BEFORE)
    return folder


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """So long a wait for a file to be whole that a test's own pauses never exceed it, however busy the machine is."""
    monkeypatch.setattr(files, "REST_S", 0.2)
    monkeypatch.setattr(files, "REST_LIMIT_S", LIMIT_S)


@pytest.fixture(params=["events", "no events"])
def watched(
    request: pytest.FixtureRequest, toy: Kata, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watched]:
    if request.param == "no events":
        monkeypatch.setattr(BaseObserver, "schedule", refuse)
    watched = Watched(toy, folder)
    yield watched
    watched.watcher.stop()


def refuse(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "inotify watch limit reached")


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
    time.sleep(0.05)
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


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("save", WAYS, ids=lambda save: save.__name__)
def test_each_way_of_saving_reports_the_whole_file(save: Callable[[Path, bytes], None], watched: Watched) -> None:
    save(watched.file, AFTER)
    watched.wait_for_answer(AFTER)

    assert set(watched.answers) <= {BEFORE, AFTER}  # never half of it


def test_same_size_within_the_same_moment_is_reported(watched: Watched) -> None:
    in_place(watched.file, b"before = 7\n")

    watched.wait_for_answer(b"before = 7\n")


def test_files_that_are_no_part_of_the_answer_report_nothing(watched: Watched) -> None:
    (watched.folder / "task.md").write_text("# Toy\n")
    (watched.folder / ".toy.py.swp").write_text("swap")
    (watched.folder / "__pycache__").mkdir()
    (watched.folder / "__pycache__" / "toy.pyc").write_text("code")
    in_place(watched.file, b"before = 7\n")
    watched.wait_for_answer(b"before = 7\n")

    assert BEFORE not in watched.answers


def test_a_file_beside_the_stub_is_part_of_the_answer(watched: Watched) -> None:
    (watched.folder / "helper.py").write_text("x = 1\n")

    watched.wait_for_answer(BEFORE)


def test_an_emptied_file_is_reported_when_it_stays_empty(watched: Watched) -> None:
    watched.file.write_bytes(b"")

    watched.wait_for_answer(b"")


def test_changed_permissions_are_reported(watched: Watched) -> None:
    watched.file.chmod(0o600)

    watched.wait_for(lambda: watched.answers)


def test_a_deleted_folder_is_reported_and_so_is_its_return(watched: Watched) -> None:
    shutil.rmtree(watched.folder)
    watched.wait_for_answer(None)
    watched.folder.mkdir()
    watched.file.write_bytes(b"back = 1\n")
    watched.wait_for_answer(b"back = 1\n")
    in_place(watched.file, b"again = 1\n")
    watched.wait_for_answer(b"again = 1\n")


def test_a_folder_that_is_moved_away_and_back_is_followed(watched: Watched) -> None:
    away = watched.folder.with_name("elsewhere")

    watched.folder.rename(away)
    watched.wait_for_answer(None)
    away.rename(watched.folder)
    watched.wait_for_answer(b"before = 1\n")
    in_place(watched.file, b"again = 1\n")
    watched.wait_for_answer(b"again = 1\n")


def test_a_file_that_a_link_leads_to_is_watched(watched: Watched) -> None:
    target = watched.file.rename(watched.folder.parent / "mine.py")
    watched.file.symlink_to(target)
    watched.wait_for_answer(BEFORE)

    in_place(target, AFTER)

    watched.wait_for_answer(AFTER)


def test_a_save_of_which_no_event_arrives_is_reported(toy: Kata, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a network mount: the system takes the request, and is silent."""
    nowhere = folder.parent / "nowhere"
    nowhere.mkdir()
    schedule = BaseObserver.schedule
    monkeypatch.setattr(
        BaseObserver, "schedule", lambda self, handler, path, **k: schedule(self, handler, str(nowhere), **k)
    )
    watched = Watched(toy, folder)
    in_place(watched.file, AFTER)
    watched.wait_for_answer(AFTER)
    watched.watcher.stop()


def test_without_events_it_says_why(toy: Kata, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseObserver, "schedule", refuse)
    watcher = files.Watcher(toy, folder, lambda: None)
    watcher.stop()

    assert watcher.problem == "inotify watch limit reached"


def test_stopping_leaves_no_thread_and_no_descriptor(toy: Kata, folder: Path) -> None:
    process = psutil.Process()
    Watched(toy, folder).watcher.stop()
    before = threading.active_count(), process.num_fds()
    for _ in range(5):
        Watched(toy, folder).watcher.stop()

    assert (threading.active_count(), process.num_fds()) == before
