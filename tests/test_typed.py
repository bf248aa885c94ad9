"""`kata check --typed`: what mypy says of an answer, in sentences, and the star for a clean one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Kata

TYPED = "def double(x: int) -> int:\n    return x + x\n"
UNTYPED = "def double(x):\n    return x + x\n"


@pytest.fixture
def toy(kata: Kata) -> Iterator[Kata]:
    kata("start", "p900")
    yield kata
    status = kata.workspace / ".kata" / "typed" / "dmypy.json"
    if status.exists():
        subprocess.run([sys.executable, "-m", "mypy.dmypy", "--status-file", str(status), "kill"], check=False)


def test_the_server_stays_and_the_star_is_earned_once_nothing_is_wrong(toy: Kata) -> None:
    toy.write(UNTYPED)

    refused = toy("check", "--typed")

    assert refused.returncode == 1
    assert "toy.py line 1: Function is missing a type annotation" in refused.stdout
    assert "def double(x):" in refused.stdout
    status = toy.workspace / ".kata" / "typed" / "dmypy.json"
    server = json.loads(status.read_text())["pid"]

    toy.write(TYPED)
    clean = toy("check", "--typed")

    assert clean.returncode == 0
    assert 'The star "typed" is yours.' in clean.stdout
    assert json.loads(status.read_text())["pid"] == server
    assert json.loads(toy("list", "--json", "p900").stdout)[0]["stars"] == ["solved", "typed"]
    assert "typed" in toy("list", "p900").stdout


def test_an_answer_that_fails_earns_no_star(toy: Kata) -> None:
    toy.write(TYPED.replace("x + x", "x"))

    ran = toy("check", "--typed")

    assert (ran.returncode, "The star is yours once the answer passes." in ran.stdout) == (1, True)
    assert json.loads(toy("list", "--json", "p900").stdout)[0]["stars"] == []


def test_what_an_answer_imports_of_an_earlier_kata_is_known(toy: Kata) -> None:
    toy.write(TYPED)
    toy("check")
    toy("start", "p902")
    toy.write(
        "from toy import double as once\n\n\ndef double(x: int) -> str:\n    return once(x)\n",
        "p902_built_on",
        "built_on.py",
    )

    ran = toy("check", "p902", "--typed")

    assert 'built_on.py line 5: Incompatible return value type (got "int", expected "str")' in ran.stdout
    assert "1 fault" in ran.stdout


def test_the_learners_tests_need_no_types(toy: Kata) -> None:
    toy.write(TYPED)
    toy.write("def test_one():\n    pass\n", name="test_toy.py")

    assert toy("check", "--typed").returncode == 0


def test_without_mypy_its_installation_is_named(toy: Kata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kata_runner.judging.typed.find_spec", lambda name: None)
    toy.write(TYPED)

    ran = toy("check", "--typed")

    assert (ran.returncode, "pip install 'kata-runner[typed]'" in ran.stderr) == (4, True)


def test_types_are_looked_at_for_one_kata_at_a_time(toy: Kata) -> None:
    toy("start", "p901")

    ran = toy("check", "--all", "--typed")

    assert (ran.returncode, "one kata at a time" in ran.stderr) == (2, True)
