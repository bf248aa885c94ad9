"""`kata debug` stops in the call that fails, at the first line of the learner's function, and shows nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from kata_runner.checking.cost import _timed
from kata_runner.judging.child.calls import Calls

if TYPE_CHECKING:
    from conftest import Kata, Screen

SIGN_LOST = "def double(x: int) -> int:\n    size = abs(x)\n    return size * 2\n"
OF_A_CLASS = '''\
from kata_runner.checking import assert_equal, learner

work = learner("counting")


def test_it_counts() -> None:
    """It counts on."""
    counter = work.Counter(41)
    counter.add(1)
    assert_equal(counter.add(2), 44)
'''
COUNTER = """\
class Counter:
    def __init__(self, start):
        self.total = start

    def add(self, n):
        self.total = self._sum(n)
        return self.total - 1

    def _sum(self, n):
        return self.total + n
"""
OF_LATER = '''\
import asyncio

from kata_runner.checking import assert_equal, learner

work = learner("later")


def test_pairs() -> None:
    """Pairs come in order."""
    assert_equal(list(work.pairs([1, 2, 3])), [(1, 2), (2, 3)])


def test_waiting() -> None:
    """It waits."""
    assert_equal(asyncio.run(work.wait(3)), 3)
'''
LATER = """\
async def wait(n):
    half = n // 2
    return half * 2


def pairs(items):
    last = len(items)
    for i in range(last):
        yield items[i], items[0]
"""


@pytest.fixture
def debug(kata: Kata) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function that types keys at `kata debug`, each on a line: `debug("n, c", "p900")`."""

    def run(keys: str, *words: str, kata: Kata = kata) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kata_runner", "debug", *words],
            cwd=kata.home,
            env=kata.environ,
            input="".join(f"{key}\n" for key in keys.split(", ")),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )

    return run


@pytest.fixture
def toy(kata: Kata) -> Kata:
    kata("start", "p900")
    kata.write(SIGN_LOST)
    return kata


Debug = Callable[..., subprocess.CompletedProcess[str]]


def add(kata: Kata, kata_id: str, test: str, answer: str) -> None:
    module = kata_id.partition("_")[2]
    kata.add(kata_id, module=module, files={"hidden_test.py": test})
    kata("start", kata_id)
    kata.write(answer, kata_id, f"{module}.py")


def test_it_stops_in_the_call_that_fails_and_says_what_was_expected(toy: Kata, debug: Debug) -> None:
    toy.write(f"print('imported')\n{SIGN_LOST}")

    ran = debug("p x, n, p size, w, up, c")

    assert ran.returncode == 0
    assert ran.stdout.startswith("A negative number is doubled.\n  double(-3)\n")
    shown, *answers = ran.stdout.split("(Pdb) ")
    assert shown.endswith("toy.py(3)double()\n-> size = abs(x)\n")
    assert (answers[0], answers[2]) == ("-3\n", "3\n")
    assert "Oldest frame" in answers[4]
    assert answers[5].splitlines()[0] == "double returned 6"
    assert "expected  -6" in answers[5]
    assert not [word for word in ("hidden_test", "kata_runner", "imported") if word in ran.stdout]
    assert "No attempt" in toy("history").stdout


def test_it_stops_in_the_method_that_fails_with_the_object_as_it_was(kata: Kata, debug: Debug) -> None:
    add(kata, "p903_counting", OF_A_CLASS, COUNTER)

    ran = debug("p self.total n, p self.total, s, s, n, w, c")

    shown, _, *answers = ran.stdout.split("(Pdb) ")
    assert shown.startswith("It counts on.\n  counter = Counter(41)\n")
    assert "  counter.add(2)\n" in shown
    assert shown.endswith("(6)add()\n-> self.total = self._sum(n)\n")
    assert answers[0] == "42\n"
    assert "_sum()\n-> return self.total + n" in answers[1], "nothing of ours is stepped through"
    assert "add returned 43" in ran.stdout
    assert "kata_runner" not in ran.stdout


def test_generators_and_coroutines_stop_when_they_run(kata: Kata, debug: Debug) -> None:
    add(kata, "p904_later", OF_LATER, LATER)

    of_a_generator, of_a_coroutine = debug("n, p last, c"), debug("n, p half, n, n, n", "--check", "waits")

    assert "pairs()\n-> last = len(items)\n(Pdb) " in of_a_generator.stdout
    assert "(Pdb) 3\n" in of_a_generator.stdout
    assert "wait()\n-> half = n // 2\n(Pdb) " in of_a_coroutine.stdout
    assert "(Pdb) 1\n" in of_a_coroutine.stdout
    assert "expected  3" in of_a_coroutine.stdout
    assert "asyncio" not in of_a_coroutine.stdout


def test_an_exception_is_looked_back_at_from_the_learners_line(toy: Kata, debug: Debug) -> None:
    toy.write("import json\n\n\ndef double(x):\n    text = '{'\n    return json.loads(text)\n")

    ran = debug("c, p text, w, q")

    assert ran.returncode == 0
    answers = ran.stdout.split("(Pdb) ")
    assert answers[1].startswith("json.decoder.JSONDecodeError: ")
    assert answers[1].endswith("double()\n-> return json.loads(text)\n")
    assert answers[2] == "'{'\n"
    assert "hidden_test" not in ran.stdout
    assert ran.stderr == ""


@pytest.mark.parametrize(
    ("code", "keys", "parts"),
    [
        ("n = 1\nm = n.size\n", "p n, q", ["AttributeError", "<module>()\n-> m = n.size\n(Pdb) 1\n"]),
        ("def double(x)\n    return x\n", "q", ["toy.py", "def double(x)\n", "^\nSyntaxError: expected ':'"]),
        ("n = 1\nbreakpoint()\nm = 2\n", "p n, c", ["-> m = 2\n(Pdb) 1\n", "without an error"]),
    ],
    ids=["raises", "syntax", "breakpoint"],
)
def test_an_answer_that_cannot_be_imported_is_debugged_there(
    toy: Kata, debug: Debug, code: str, keys: str, parts: list[str]
) -> None:
    toy.write(code)

    ran = debug(keys)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert [part for part in parts if part not in ran.stdout] == []


def test_the_learners_own_breakpoints_stop_too(toy: Kata, debug: Debug) -> None:
    stops = "    breakpoint()\n    size *= 2\n    import pdb\n    pdb.set_trace()\n"
    toy.write(f"def double(x):\n    size = abs(x)\n{stops}    return size\n")

    ran = debug("c, p size, c, p size, w, c")

    assert "double(3)" in ran.stdout
    assert "-> size *= 2\n(Pdb) 3\n" in ran.stdout
    assert "-> return size\n(Pdb) 6\n" in ran.stdout
    assert "hidden_test" not in ran.stdout
    assert "The check passes." in ran.stdout


def test_a_call_that_is_repeated_to_be_timed_is_seen_once() -> None:
    """How often it is repeated differs from run to run."""
    seen: list[object] = []
    calls = Calls(("/elsewhere/",), lambda function: seen.append(function) or function)

    _timed(lambda: calls.in_call(abs, (-1,), {}), 3)
    calls.in_call(len, ("",), {})

    assert seen == [abs, len]


def test_what_cannot_be_debugged_is_said(toy: Kata, debug: Debug) -> None:
    toy.add("p905_text", module="", files={"stub.py": "", "stub/Dockerfile": "FROM scratch\n"})
    toy("start", "p905")
    no_module, unknown = toy("debug"), toy("debug", "p900", "--check", "triples")
    toy.write(toy.solution())
    passes, chosen = toy("debug", "p900"), debug("p x, q", "p900", "--check", "Negative")

    assert (no_module.returncode, "is not Python" in no_module.stderr) == (2, True)
    assert (unknown.returncode, 'has "triples" in its sentence' in unknown.stderr) == (2, True)
    assert (passes.returncode, "no check of p900 fails" in passes.stderr) == (2, True)
    assert "--check WORDS, of\n  A positive number is doubled.\n" in passes.stderr
    assert "(Pdb) -3\n" in chosen.stdout


def test_a_crash_is_one_sentence(toy: Kata, debug: Debug) -> None:
    toy.write("import ctypes\n\n\ndef double(x):\n    return ctypes.string_at(0)\n")

    ran = debug("c")

    assert ran.returncode == 2
    assert ran.stderr.startswith("kata: your code ended the debugger (SIG")


def test_without_debugpy_its_installation_is_named(toy: Kata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kata_runner.catalogue.needs.present", lambda name: name != "debugpy")

    ran = toy("debug", "--debugpy")

    assert (ran.returncode, "pip install debugpy" in ran.stderr) == (4, True)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_ctrl_c_stops_an_endless_loop_where_it_is_and_then_leaves(kata: Kata, on_screen: Callable[..., Screen]) -> None:
    kata.add("p906_endless", limits={"seconds": 0.5}, module="endless")
    kata("start", "p906")
    code = "def double(x):\n    n = 0\n    print('be' + 'gun', flush=True)\n    while True: n += 1\n"
    kata.write(code, "p906_endless", "endless.py")
    screen = on_screen(kata, "debug")
    screen.wait_for("(Pdb)", "-> n = 0")

    screen.send("c\r")
    screen.wait_for("begun")  # "(Pdb) c" is only the terminal's echo: pdb may not have read it yet
    screen.send("\x03")
    screen.wait_for("Interrupted.", "-> while True: n += 1\n(Pdb)")  # only at the prompt does Ctrl-C leave
    screen.send("\x03")

    assert screen.wait_end() == 130
    assert "Traceback" not in screen.text
