"""What the system refuses costs no verdict and no record, and is said in one sentence."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a shell, permissions and devices of POSIX")
RIGHT = "def double(x: int) -> int:\n    return 2 * x\n"


def shell(kata: Any, script: str, *, is_root: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a script in which `$kata` is the command; is_root: with root's right to read and write everywhere."""
    command = shlex.join([sys.executable, "-m", "kata_runner"])
    prefix: list[str] = []
    if not is_root and os.getuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root reads everything, and setpriv is not there to change that")
        prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    return subprocess.run(
        [*prefix, "bash", "-c", script],
        cwd=kata.home,
        env={**kata.environ, "kata": command},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("$kata check >&-", 0, ""),
        ("$kata check >&- 2>&- <&-", 0, ""),
        ("$kata check nothing 2>&-", 2, ""),
        ("$kata check nothing 2>/dev/full", 2, ""),
        ("$kata check >/dev/full", 4, "kata: the output cannot be written (No space left on device)"),
        ("$kata list >/dev/full 2>/dev/full", 4, ""),
        ("set -o pipefail; $kata check | true", 141, ""),
        ("set -o pipefail; $kata check --json | true", 141, ""),
        ("ulimit -Sn 24; $kata check", 0, ""),
        ("ulimit -n 24; $kata check", 4, "kata: only 24 files may be open here. Allow more: ulimit -n 1024\n"),
    ],
)
def test_no_answer_is_wrong_because_of_the_output(kata: Any, command: str, code: int, said: str) -> None:
    kata("start", "p900")
    kata.write(RIGHT)

    done = shell(kata, command)

    assert (done.returncode, done.stderr[: len(said)]) == (code, said)
    assert bool(done.stderr) == bool(said)
    is_judged = "check" in command and "nothing" not in command and "-n 24" not in command
    assert ("passed" in kata("history", "p900").stdout) == is_judged


@pytest.mark.parametrize("what", ["my-katas", "my-katas/.kata"])
def test_a_folder_that_may_not_be_read_is_named(kata: Any, what: str) -> None:
    kata("start", "p900")
    folder = kata.home / what
    folder.chmod(0)
    try:
        for command in ("check", "next", "list"):
            done = shell(kata, f"$kata {command}", is_root=False)

            assert done.returncode == 4
            assert str(folder) in done.stderr
            assert "Permission denied" in done.stderr
            assert "Make it readable and writable, or name another workspace" in done.stderr
            assert done.stderr.count("\n") == 1
    finally:
        folder.chmod(0o755)


@pytest.fixture
def disk(kata: Any) -> Iterator[Path]:
    """A small disk that holds the workspace."""
    kata.workspace.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(kata.workspace)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here (not root)")
    kata("start", "p900", KATA_WORKSPACE=str(kata.workspace))
    kata.write(RIGHT)
    yield kata.workspace
    subprocess.run(["umount", "-l", str(kata.workspace)], check=True)


@pytest.mark.parametrize(
    ("why", "remedy"),
    [("No space left on device", "Make room and try again"), ("Read-only file system", "Make the disk writable")],
)
def test_what_a_disk_refuses_is_said_and_costs_no_verdict(kata: Any, disk: Path, why: str, remedy: str) -> None:
    if why.startswith("No space"):
        subprocess.run(["dd", "if=/dev/zero", f"of={disk / 'fill'}", "bs=1k"], capture_output=True, check=False)
    else:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

    checked, started, skipped = kata("check"), kata("start", "p901"), kata("skip")

    assert "PASSED" in checked.stdout
    assert {checked.returncode, started.returncode, skipped.returncode} == {4}
    for done in (checked, started, skipped):
        assert f"{why}" in done.stderr
        assert f"{remedy}" in done.stderr
        assert "writable" not in done.stderr or why.startswith("Read-only")
    assert "What does twice mean?" in kata("hint").stdout, "although it cannot be recorded"


def test_two_commands_may_begin_the_same_workspace(kata: Any) -> None:
    both = [kata.popen("next") for _ in range(2)]

    assert [process.communicate(timeout=60)[1] for process in both] == ["", ""]
    assert [process.returncode for process in both] == [0, 0]


def test_names_do_not_reach_the_terminal_raw(kata: Any) -> None:
    """A folder may be named by an archive that was unpacked."""
    root = kata.home / "a\x1b[31mb"
    environ = {"KATA_WORKSPACE": str(root)}
    begun = kata("next", **environ)
    (root / "p900_toy" / "toy.py").write_bytes(b"#" * 2_000_000)

    shown = [begun, *(kata(command, **environ) for command in ("check", "doctor", "edit", "")), kata("show", "a\x1b")]

    assert not any("\x1b" in done.stdout + done.stderr for done in shown)
    assert "a\\x1b[31mb" in begun.stdout
    assert "a\\x1b[31mb" in shown[1].stderr
