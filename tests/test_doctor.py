"""Each finding has its level, and a remedy wherever something can be mended."""

from __future__ import annotations

import os
import shlex
import sqlite3
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from kata_runner.cli import doctor
from kata_runner.learner import workspace
from kata_runner.practice import Practice
from kata_runner.watch import files

if TYPE_CHECKING:
    from conftest import Kata


def test_packages_that_katas_wait_for_are_a_warning(tmp_path: Path, make_kata: Callable[..., Path]) -> None:
    make_kata(tmp_path, "p900_toy")
    make_kata(tmp_path, "p901_needy", needs=["no-such-package-as-this", "numpy"])

    found = {f.subject: f for f in doctor.examine(Practice(cwd=tmp_path, catalogue_dir=tmp_path, environ={}))}

    assert any("no-such-package-as-this" in f.message + f.remedy for f in found.values())


@pytest.mark.skipif(os.name == "nt", reason="a compiler is looked for elsewhere")
def test_a_compiler_that_cannot_compile_is_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "fake-c++"
    fake.write_text("#!/bin/sh\necho 'no headers here' >&2\nexit 1\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CXX", shlex.quote(str(fake)))

    finding = doctor.compiler()

    assert finding.level == doctor.WARNING
    assert "no headers here" in finding.message
    assert finding.remedy


@pytest.mark.parametrize(("free_mb", "level"), [(50.0, doctor.FAILURE), (500.0, doctor.WARNING), (50_000.0, doctor.OK)])
def test_disk(tmp_path: Path, free_mb: float, level: str) -> None:
    finding = doctor.disk(tmp_path, free_mb)

    assert finding.level == level
    assert bool(finding.remedy) == (level != doctor.OK)


def test_no_workspace_is_a_warning_with_the_command() -> None:
    [finding] = doctor.database(None)

    assert (finding.level, finding.remedy) == (doctor.WARNING, "kata next")


def test_a_sound_database_is_fine_and_one_from_a_newer_version_a_failure(tmp_path: Path) -> None:
    space = workspace.create(tmp_path / "w")
    sound = list(doctor.database(space))
    with sqlite3.connect(space.database) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()

    newer = list(doctor.database(space))

    assert [f.level for f in sound] == [doctor.OK, doctor.OK]
    assert newer[-1].level == doctor.FAILURE


def test_limits_that_a_platform_cannot_hold_are_a_warning() -> None:
    watched = doctor.limits("darwin", can_fork=True, is_memory_limited=False)

    assert doctor.limits("linux", can_fork=True, is_memory_limited=True).level == doctor.OK
    assert (watched.level, "memory is watched" in watched.message) == (doctor.WARNING, True)
    assert "starts cold" in doctor.limits("win32", can_fork=False, is_memory_limited=False).message


@pytest.mark.skipif(sys.platform != "linux", reason="what other systems do with the limit is theirs")
def test_doctor_tries_whether_the_kernel_limits_memory() -> None:
    assert "limited by the kernel; every" in doctor.limits().message


@pytest.mark.parametrize(("error", "level"), [(None, doctor.OK), (OSError(24, "no instance is left"), doctor.WARNING)])
def test_a_system_that_reports_no_saves_is_a_warning(
    error: OSError | None, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "observer", Mock(side_effect=error))

    finding = doctor.file_events()

    assert finding.level == level
    assert error is None or "no instance is left" in finding.message


@pytest.mark.parametrize(
    ("command", "level"), [([], doctor.WARNING), (["gone", "--wait"], doctor.WARNING), (["here", "-w"], doctor.OK)]
)
def test_editor(command: list[str], level: str) -> None:
    finding = doctor.editor(command, find=lambda name: f"/bin/{name}" if name == "here" else None)

    assert finding.level == level
    assert bool(finding.remedy) == (level != doctor.OK)


def test_encoding() -> None:
    assert doctor.encoding("utf-8").level == doctor.OK
    assert doctor.encoding("ascii").remedy == "export PYTHONUTF8=1"


def test_the_command_exits_4_when_something_core_fails(kata: Kata) -> None:
    kata("next")
    fine = kata("doctor", EDITOR=sys.executable)
    database = kata.workspace / ".kata" / "progress.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()

    failing = kata("doctor", "--json")

    assert fine.returncode == 0
    assert "✓ OK" in fine.stdout
    assert failing.returncode == 4
    assert '"level": "failure"' in failing.stdout
