"""`kata test`: the learner's own tests have to be valid before the bugs that they catch count, whatever they try."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kata_runner.catalogue.load import load
from kata_runner.judging.own_tests import bugs_of

if TYPE_CHECKING:
    from conftest import Kata

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

MISTAKES = """\
# Mistakes

## sign
The sign is lost.
bug · promise 2

```diff
-    return x + x
+    return abs(x) * 2
```

## square
The number is squared.
bug · promise 1

```diff
-    return x + x
+    return x * x
```

## tripled
The number is tripled.

```diff
-    return x + x
+    return x + x + x
```
"""
BY_MULTIPLYING = '"""By multiplying."""\n\n\ndef double(x: int) -> int:\n    return 2 * x\n'
RIGHT = "def double(x: int) -> int:\n    return x + x\n"
BOTH = """\
from toy import double


def test_a_positive_number() -> None:
    assert double(3) == 6


def test_a_negative_number() -> None:
    assert double(-3) == -6
"""
POSITIVE = BOTH[: BOTH.index("\n\n\ndef test_a_neg")] + "\n"


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the child that all tests share."""
    monkeypatch.setattr("kata_runner.judging.own_tests.N_AT_ONCE", 1)


@pytest.fixture
def toy(kata: Kata) -> Kata:
    """A kata with two bugs and another right answer; the learner has written the reference."""
    files = {
        "mistakes.md": MISTAKES,
        "right/by_multiplying.py": BY_MULTIPLYING,
    }
    folder = kata.add("p900_toy", files=files)
    for wrong in (folder / "wrong").iterdir():
        wrong.unlink()
    kata("start", "p900")
    kata.write(RIGHT)
    return kata


@pytest.fixture
def tested(toy: Kata) -> Callable[..., dict[str, object]]:
    """What `kata test --json` prints of a file of tests."""

    def run(tests: str) -> dict[str, object]:
        toy.write(tests, name="test_toy.py")
        ran = toy("test", "--json")
        assert ran.stderr == ""
        found: dict[str, object] = json.loads(ran.stdout)
        assert ran.returncode == (0 if found["complete"] else 1)
        return found

    return run


def test_good_tests_catch_every_bug_and_earn_the_star(toy: Kata) -> None:
    toy("check")
    toy.write(BOTH, name="test_toy.py")

    ran = toy("test")

    assert ran.returncode == 0
    assert "✓ Your answer       passes 2 tests" in ran.stdout
    assert "✓ Right answers     all 2 are accepted: your tests are valid" in ran.stdout
    assert "✓ Bugs              ■■  2 of 2 caught" in ran.stdout
    assert 'the star "tested" is yours' in ran.stdout
    assert json.loads(toy("list", "--json", "p900").stdout)[0]["stars"] == ["solved", "tested"]
    assert "solved, 0 typed, 1 tested" in toy("progress").stdout


def test_the_star_waits_until_the_kata_is_solved(toy: Kata) -> None:
    toy.write(BOTH, name="test_toy.py")

    assert "The star is yours once the kata is solved: kata check p900" in toy("test").stdout
    assert json.loads(toy("list", "--json", "p900").stdout)[0]["stars"] == []
    toy("check")
    assert json.loads(toy("list", "--json", "p900").stdout)[0]["stars"] == ["solved", "tested"]


def test_a_bug_that_escapes_is_not_named_before_the_third_run(toy: Kata) -> None:
    toy.write(POSITIVE, name="test_toy.py")

    first, _, third = (toy("test").stdout for _ in range(3))

    assert "□■  1 of 2 caught" in first
    assert "The sign is lost" not in first
    assert "kata test --hint" in first
    assert "The sign is lost. It breaks promise 2 of the task." in third


def test_a_hint_and_what_catches_what_are_shown_when_asked_for(toy: Kata) -> None:
    toy.write(POSITIVE, name="test_toy.py")

    assert "The sign is lost." in toy("test", "--hint").stdout
    told = toy("test", "--verbose").stdout
    assert "□ 1  escapes" in told
    assert "■ 2  The number is squared.  test_a_positive_number" in told
    escaped = json.loads(toy("test", "--json").stdout)["bugs"][0]
    assert escaped == {"name": None, "caught_by": []}


def test_a_test_that_refuses_a_right_answer_is_named_with_its_line(toy: Kata) -> None:
    """Here it looks at how the answer is made, which the task does not promise."""
    strict = "\n\ndef test_it_adds() -> None:\n    assert 2 not in double.__code__.co_consts\n"
    toy.write(BOTH + strict, name="test_toy.py")

    ran = toy("test")

    assert ran.returncode == 1
    assert "✗ Right answers     refused by test_it_adds" in ran.stdout
    assert "test_it_adds refuses another right answer (By multiplying)  line 13" in ran.stdout
    assert "assert 2 not in" in ran.stdout
    assert "Does the task promise this?" in ran.stdout
    assert "2 * x" not in ran.stdout
    assert "Bugs" not in ran.stdout


def test_a_test_that_the_own_answer_fails_is_shown_first(toy: Kata) -> None:
    toy.write(RIGHT.replace("x + x", "x + 1"))
    toy.write(BOTH, name="test_toy.py")

    ran = toy("test")

    assert "✗ Your answer       passes 0 of 2 tests" in ran.stdout
    assert "assert 4 == 6" in ran.stdout
    assert "where 4 = double(3)" in ran.stdout
    assert "kata check p900" in ran.stdout


@pytest.mark.parametrize("tests", ["", "import toy\n", "import pytest\n\n\ndef test_one():\n    pytest.skip()\n"])
def test_no_test_catches_nothing(tests: str, tested: Callable[..., dict[str, object]]) -> None:
    found = tested(tests)

    assert (found["n_tests"], found["valid"], found["bugs"]) == (0, False, [])


def test_an_empty_test_catches_nothing(tested: Callable[..., dict[str, object]]) -> None:
    found = tested("from toy import double\n\n\ndef test_nothing():\n    print(double(3))\n")

    assert found["valid"]
    assert [bug["caught_by"] for bug in found["bugs"]] == [[], []]  # type: ignore[attr-defined, index]


def test_a_test_that_fails_now_and_then_is_named(tested: Callable[..., dict[str, object]], tmp_path: Path) -> None:
    counts = f"""
import os


def test_every_other_time():
    with open({str(tmp_path / "count")!r}, "a+") as file:
        file.write("x")
        file.flush()
        assert os.fstat(file.fileno()).st_size % 2
"""
    found = tested(BOTH + counts)

    assert found["flaky"] == ["test_every_other_time"]
    assert not found["valid"]


def test_chance_is_the_same_in_every_run(tested: Callable[..., dict[str, object]]) -> None:
    """So that a test that draws without a seed is judged on one draw, and not on luck."""
    found = tested("import random\n\n\ndef test_luck():\n    assert random.random() > 2 or random.random() != 0.5\n")

    assert (found["valid"], found["complete"]) == (True, False)


READS = """
from pathlib import Path


def test_reads():
    assert "x + x" in Path(__file__).with_name("toy.py").read_text()
"""
OF_THE_SOURCE = """
import inspect

import toy


def test_source():
    assert "x + x" in inspect.getsource(toy)
"""
OF_THE_CATALOGUE = """
import toy
from pathlib import Path


def test_steals():
    text = Path({page!r}).read_text()
    assert text
"""
FORGES = """
import gc


def test_forges():
    for thing in gc.get_objects():
        if type(thing).__name__ == "Reporter":
            thing.pytest_runtest_logreport = lambda report: None
"""
REPLACES = """
import _pytest.runner


def test_replaces():
    _pytest.runner.call_and_report = lambda *args, **kwargs: None
"""


@pytest.mark.parametrize(
    ("tests", "says"),
    [
        ("import os\n\n\ndef test_one():\n    os._exit(0)\n", "the tests ended the program"),
        ("import sys\n\nsys.exit(0)\n", "the tests ended the program"),
        ("def test_one():\n    import sys\n\n    sys.exit(0)\n", ""),
        ("def test_one(:\n", "cannot be imported"),
        ("import nothing_of_that_name\n", "nothing_of_that_name"),
        (FORGES, "replaced a part of pytest or of kata"),
        (REPLACES, "replaced a part of pytest or of kata"),
    ],
)
def test_tests_that_misbehave_win_nothing(tests: str, says: str, tested: Callable[..., dict[str, object]]) -> None:
    found = tested(tests)

    assert not found["valid"]
    assert says in str(found["problem"])


@pytest.mark.parametrize("tests", [READS, OF_THE_SOURCE])
def test_the_text_that_a_test_reads_is_always_the_learners_own(
    tests: str, tested: Callable[..., dict[str, object]]
) -> None:
    found = tested(tests)

    assert found["valid"]
    assert [bug["caught_by"] for bug in found["bugs"]] == [[], []]  # type: ignore[attr-defined, index]


def test_the_catalogue_is_closed_to_tests(toy: Kata, tested: Callable[..., dict[str, object]]) -> None:
    found = tested(OF_THE_CATALOGUE.format(page=str(next(toy.catalogue.rglob("p900_toy/mistakes.md")))))

    assert not found["valid"]
    assert "the answers are closed to tests" in str(found["own_failures"])


STEALS_BY_THE_PATH = """
import sys
from pathlib import Path

import toy


def test_steals():
    folder = Path(sys.path[0])
    if folder.name == "answer":
        assert (folder / "toy.py").read_text()
"""
STEALS_BY_A_RELATIVE_PATH = """
import os

import toy


def test_steals():
    os.chdir("..")
    if os.path.exists("answer"):
        assert open("answer/toy.py").read()
"""


@pytest.mark.parametrize("tests", [STEALS_BY_THE_PATH, STEALS_BY_A_RELATIVE_PATH])
def test_the_folder_of_the_answer_is_closed_to_tests(tests: str, tested: Callable[..., dict[str, object]]) -> None:
    found = tested(tests)

    assert not found["valid"]
    assert "the answers are closed to tests" in str(found["refusals"])


def test_processes_that_a_test_starts_meet_the_same_answer(tested: Callable[..., dict[str, object]]) -> None:
    found = tested("""
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from toy import double


def test_double():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(double, [3, -3])) == [6, -6]
""")

    assert (found["valid"], found["complete"]) == (True, True)


def test_an_endless_test_is_ended(kata: Kata) -> None:
    folder = kata.add("p906_slow", limits={"seconds": 0.5}, module="slow", files={"mistakes.md": MISTAKES})
    for wrong in (folder / "wrong").iterdir():
        wrong.unlink()
    kata("start", "p906")
    kata.write(RIGHT, "p906_slow", "slow.py")
    kata.write("def test_one():\n    while True: pass\n", "p906_slow", "test_slow.py")

    assert "still running after 0.5 s of computing" in kata("test", "p906").stdout


def test_the_file_of_tests_is_laid_out_once(toy: Kata) -> None:
    made = toy("test", "--new")
    again = toy("test", "--new")

    assert made.returncode == 0
    assert "from toy import double" in (toy.workspace / "p900_toy" / "test_toy.py").read_text()
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


def test_without_tests_it_is_said_how_to_begin(toy: Kata) -> None:
    ran = toy("test")

    assert (ran.returncode, "kata test --new p900" in ran.stderr) == (2, True)


def test_an_answer_that_is_no_module_has_no_tests(toy: Kata) -> None:
    toy.add("p907_files", module="", files={"stub.py": "", "stub/Dockerfile": "FROM scratch\n"})
    toy("start", "p907")

    ran = toy("test", "p907")

    assert ran.returncode == 2
    assert "p907 asks for" in ran.stderr
    assert "Dockerfile" in ran.stderr


def test_tests_stay_when_the_answer_is_reset(toy: Kata) -> None:
    toy.write(BOTH, name="test_toy.py")

    toy("reset", "--yes")

    assert (toy.workspace / "p900_toy" / "test_toy.py").read_text() == BOTH
    assert "NotImplementedError" in (toy.workspace / "p900_toy" / "toy.py").read_text()


def test_rules_are_for_the_answer_not_for_its_tests(kata: Kata) -> None:
    kata.add("p907_ruled", module="ruled", rules={"forbid": ["math.pi"]})
    kata("start", "p907")
    kata.write(RIGHT, "p907_ruled", "ruled.py")
    kata.write("import math\n\n\ndef test_one():\n    assert math.pi\n", "p907_ruled", "test_ruled.py")

    assert kata("check", "p907").returncode == 0


def test_eight_bugs_at_most_are_chosen_over_the_promises(make_kata: Callable[..., Path], tmp_path: Path) -> None:
    entry = "## {name}\nA mistake.\nbug · promise {promise}\n\n```diff\n-    return x + x\n+    return {value}\n```\n"
    page = "# Mistakes\n\n" + "\n".join(
        entry.format(name=f"m{i:02}", promise=1 if i < 9 else 2, value=i) for i in range(11)
    )
    make_kata(tmp_path / "catalogue", files={"mistakes.md": page})

    chosen = [bug.name for bug in bugs_of(load(tmp_path / "catalogue").find("p900"))]

    assert chosen == ["m00", "m01", "m02", "m03", "m04", "m05", "m06", "m09"]
