"""`kata watch` in a real pseudo-terminal, by keys and by saves."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from kata_runner.model import Status
from kata_runner.screen import watch as watch_screen
from kata_runner.watch import app as live

RIGHT = "def double(x: int) -> int:\n    return 2 * x\n"
WRONG = "def double(x: int) -> int:\n    return abs(x) * 2\n"
HANGS = "import time\n\n\ndef double(x: int) -> int:\n    while True:\n        time.sleep(0.01)\n"

OnScreen = Callable[..., Any]


@pytest.fixture
def started(kata: Any) -> Any:
    """The command, with p900_toy laid out."""
    kata("start", "p900")
    return kata


def outcomes(kata: Any) -> list[str]:
    """What the database holds of judged attempts, oldest first."""
    with sqlite3.connect(kata.workspace / ".kata" / "progress.sqlite3") as connection:
        return [row[0] for row in connection.execute("SELECT outcome FROM attempt WHERE outcome NOT NULL ORDER BY id")]


def wait_until(is_so: Callable[[], object], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_each_save_is_judged_shown_and_recorded_once(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py to have it judged")

    started.write(WRONG)
    failed = screen.wait_for("NOT YET", "q\u00a0quit")
    started.write(RIGHT)
    solved = screen.wait_for("PASSED", "Solved at attempt 2", "n\u00a0next")
    wait_until(lambda: len(outcomes(started)) == 2)
    time.sleep(0.5)

    for wanted in ("double(-3)", "got       6", "expected  -6", "Often this means: The sign is lost.", "1 of 2 checks"):
        assert wanted in failed
    assert "n\u00a0next" not in failed
    assert "Adding a number to itself doubles it." in solved
    assert outcomes(started) == ["failed", "passed"]


def test_what_is_there_already_is_judged_at_the_start_but_not_recorded_twice(started: Any, on_screen: OnScreen) -> None:
    started.write(WRONG)
    for _ in range(2):
        screen = on_screen(started, "watch")
        screen.wait_for("NOT YET")
        screen.send("q")
        assert screen.wait_end() == 0

    assert outcomes(started) == ["failed"]


def test_a_touch_without_a_change_is_no_attempt(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    file = started.write(WRONG)
    screen.wait_for("NOT YET")

    file.touch()
    screen.wait_for("Saved without a change")
    screen.wait_for("NOT YET", without="Saved without a change")

    assert outcomes(started) == ["failed"]


def test_r_runs_the_same_again(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    started.write(WRONG)
    screen.wait_for("NOT YET")
    wait_until(lambda: len(outcomes(started)) == 1)

    screen.send("r")

    wait_until(lambda: outcomes(started) == ["failed", "failed"])


def test_manual_waits_for_r(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch", "--manual")
    screen.wait_for("Press r to have it judged", "r\u00a0judge")

    started.write(WRONG)
    time.sleep(0.7)
    before = screen.text
    screen.send("r")

    assert "NOT YET" in screen.wait_for("NOT YET")
    assert "NOT YET" not in before


def test_a_save_during_a_check_ends_it_and_judges_the_new_files(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    started.write(HANGS)
    screen.wait_for("JUDGING", "0 of 2 checks", "A positive number")

    began = time.monotonic()
    started.write(RIGHT)
    screen.wait_for("PASSED")
    took_s = time.monotonic() - began
    wait_until(lambda: len(outcomes(started)) == 1)

    assert took_s < 8  # the limit of a check is 10 s
    assert outcomes(started) == ["passed"]


def test_q_leaves_at_once_while_a_check_hangs(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    started.write(HANGS)
    screen.wait_for("JUDGING")

    began = time.monotonic()
    screen.send("q")

    assert screen.wait_end() == 0
    assert time.monotonic() - began < 5
    assert outcomes(started) == []


def test_keys_work_while_a_check_hangs(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    started.write(HANGS)
    screen.wait_for("JUDGING")

    screen.send("h")
    screen.wait_for("Hint 1 of 3", "What does twice mean?")
    screen.send("\x1b")
    screen.wait_for("JUDGING")
    screen.send("l")
    screen.wait_for("Katas  3 of 3")


def test_h_goes_up_the_ladder_and_is_remembered(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("h\u00a0hint")

    screen.send("h")
    screen.wait_for("Hint 1 of 3")
    screen.send("h")
    screen.wait_for("Hint 2 of 3")
    screen.send("\x1b")
    screen.wait_for("Save toy.py")
    screen.send("h")

    assert "abs loses the sign" in screen.wait_for("Hint 2 of 3")
    assert "Hint 3 of 3" in started("hint").stdout


def test_list_is_searched_filtered_and_a_kata_started_from_it(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("l\u00a0list")

    screen.send("l")
    everything = screen.wait_for("Katas  3 of 3", "Built on")
    screen.send("f")
    todo = screen.wait_for("Katas  2 of 3")
    screen.send("/next")
    found = screen.wait_for("Katas  1 of 3", "Search: next")
    screen.send("\r\r")
    screen.wait_for("Save next_toy.py to have it judged")

    assert "▸ ▸ p900  Toy" in everything
    assert "p900" not in todo
    assert "Next toy" in found
    assert (started.workspace / "p901_next_toy" / "next_toy.py").is_file()
    assert "p901" in started("show").stdout or "Next toy" in started("show").stdout


def test_n_goes_on_once_solved_and_not_before(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    screen.send("n")
    time.sleep(0.3)
    before = screen.text
    started.write(RIGHT)
    screen.wait_for("PASSED", "Solved at attempt 1")

    screen.send("n")

    assert "Next toy  p901" in screen.wait_for("Save next_toy.py")
    assert "Save toy.py" in before


def test_s_shows_the_reference_once_solved(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    assert "s\u00a0solution" not in screen.wait_for("Save toy.py", "q\u00a0quit")
    screen.send("s")
    started.write(RIGHT)
    solved = screen.wait_for("s\u00a0solution")

    screen.send("s")

    assert "kata solution p900" in solved
    assert "Adding is the plainest way to say it" in screen.wait_for("return x + x")


def test_x_asks_and_keeps_the_old_code(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    started.write(WRONG)
    screen.wait_for("NOT YET")
    wait_until(lambda: len(outcomes(started)) == 1)

    screen.send("x")
    screen.wait_for("Begin p900 afresh?", "y\u00a0yes")
    screen.send("n")
    screen.wait_for("NOT YET", without="afresh")
    kept = (started.workspace / "p900_toy" / "toy.py").read_text()
    screen.send("xy")
    screen.wait_for("back to its stub", "kata restore p900 1", "Save toy.py")
    time.sleep(0.5)

    assert kept == WRONG
    assert "NotImplementedError" in (started.workspace / "p900_toy" / "toy.py").read_text()
    assert outcomes(started) == ["failed"]


def test_e_hands_the_terminal_to_the_editor_and_takes_it_back(
    started: Any, on_screen: OnScreen, tmp_path: Path
) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text(
        f"import sys, pathlib\nprint('EDITING', sys.argv[1], flush=True)\ninput()\n"
        f"pathlib.Path(sys.argv[1]).write_text({RIGHT!r})\n"
    )
    screen = on_screen(started, "watch", EDITOR=f"{sys.executable} {editor}")
    screen.wait_for("e\u00a0editor")

    screen.send("e")
    screen.wait_for("EDITING")
    in_editor = screen.is_alternate
    screen.send("\r")
    screen.wait_for("PASSED", "e\u00a0editor")

    assert not in_editor
    assert screen.is_alternate


def test_no_editor_no_key(started: Any, on_screen: OnScreen) -> None:
    assert "editor" not in on_screen(started, "watch").wait_for("q\u00a0quit")


def test_the_size_of_the_terminal_is_followed(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    started.write(WRONG)
    screen.wait_for("NOT YET", "q\u00a0quit")

    screen.resize(60, 20)
    small = screen.wait_for("NOT YET", "got       6", "expected  -6", "q\u00a0quit")
    screen.resize(120, 40)
    large = screen.wait_for("NOT YET", "q\u00a0quit")

    assert len(small.splitlines()) <= 20
    assert max(map(len, small.splitlines())) <= 60
    assert len(large.splitlines()) == 40


@pytest.mark.parametrize(
    ("name", "value"), [("NO_COLOR", "1"), ("TERM", "vt100"), ("PYTHONIOENCODING", "ascii"), ("COLUMNS", "300")]
)
def test_poor_terminals_show_the_same(started: Any, on_screen: OnScreen, name: str, value: str) -> None:
    screen = on_screen(started, "watch", width=60, height=20, **{name: value})
    screen.wait_for("Save toy.py")
    started.write(WRONG)

    text = screen.wait_for("NOT YET", "expected  -6", "quit")

    assert max(map(len, text.splitlines())) <= 60
    if name == "NO_COLOR":
        assert b"\x1b[31m" not in screen.raw
        assert b"\x1b[1;31m" not in screen.raw
    if name == "PYTHONIOENCODING":
        assert text.isascii()
        assert "x A negative number is doubled." in text
        assert "h hint  l list" in text


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda screen, _: screen.send("q"), 0),
        (lambda screen, _: screen.send("\x03"), 130),
        (lambda _, pid: os.kill(pid, signal.SIGINT), 130),
        (lambda _, pid: os.kill(pid, signal.SIGTERM), 143),
        (lambda _, pid: os.kill(pid, signal.SIGHUP), 129),
    ],
    ids=["q", "ctrl-c", "SIGINT", "SIGTERM", "SIGHUP"],
)
def test_the_terminal_is_given_back(
    started: Any, on_screen: OnScreen, end: Callable[[Any, int], None], code: int
) -> None:
    # A shell, so that the terminal outlives the command.
    screen = on_screen(started, "watch", shell=True)
    screen.wait_for("Save toy.py", "q\u00a0quit")
    (command,) = psutil.Process(screen.process.pid).children()

    end(screen, command.pid)
    screen.wait_for(f"code: {code}", "after: ")

    raw = screen.raw.decode()
    before, after = raw.split("before: ")[1].split("\r\n")[0], raw.split("after: ")[1].split("\r\n")[0]
    assert before == after
    assert not screen.is_alternate
    assert screen.raw.rindex(b"\x1b[?25h") > screen.raw.rindex(b"\x1b[?25l")


def test_a_crash_gives_the_terminal_back_and_says_where_the_details_are(started: Any, on_screen: OnScreen) -> None:
    (started.folder / "broken_kata.py").write_text(
        "from kata_runner import __main__, live\n\n\n"
        "def boom(self):\n    raise RuntimeError('boom')\n\n\n"
        "live._ON_KEY['h'] = boom\n__main__.main()\n"
    )
    path = f"{started.folder}{os.pathsep}{started.environ['PYTHONPATH']}"
    screen = on_screen(started, "watch", module="broken_kata", PYTHONPATH=path)
    screen.wait_for("h\u00a0hint")

    screen.send("h")

    assert screen.wait_end() == 3
    assert not screen.is_alternate
    assert "boom" in screen.text
    assert "kata-crash" in screen.text.replace("\n", "")


def test_plain_kata_watches_once_a_kata_is_started(kata: Any, on_screen: OnScreen) -> None:
    welcome = on_screen(kata)
    welcome.wait_for("Welcome to kata")
    assert welcome.wait_end() == 0
    kata("start", "p900")

    screen = on_screen(kata)
    screen.wait_for("Save toy.py to have it judged")
    screen.send("q")

    assert screen.wait_end() == 0


def test_without_a_terminal_it_says_what_to_do(started: Any) -> None:
    ran = started("watch")

    assert ran.returncode == 2
    assert "kata check" in ran.stderr


def test_an_edited_hidden_test_counts_at_the_next_run(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    started.write(RIGHT)
    screen.wait_for("PASSED")
    hidden = next(started.catalogue.rglob("p900_toy/hidden_test.py"))

    hidden.write_text(hidden.read_text().replace("work.double(3), 6", "work.double(3), 7"))
    screen.send("r")

    screen.wait_for("NOT YET", "expected  7")


def test_no_process_is_left_when_the_watch_ends(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    started.write(HANGS)
    screen.wait_for("JUDGING")
    family = psutil.Process(screen.process.pid).children(recursive=True)

    os.kill(screen.process.pid, signal.SIGKILL)
    screen.wait_end()

    assert family
    assert psutil.wait_procs(family, timeout=10)[1] == []


def test_progress_of_a_run_is_told_from_its_events() -> None:
    plan = [{"name": n, "requirement": n.upper(), "part": ""} for n in ("a", "b")]
    events: list[dict[str, Any]] = [
        {"event": "plan", "checks": plan},
        {"event": "start", "name": "a"},
        {"event": "check", "name": "a", "status": "failed"},
        {"event": "start", "name": "b"},
    ]

    running = live.progress_of(events)

    assert [c.status for c in running.checks] == [Status.FAILED, Status.NOT_RUN]
    assert running.current == "b"
    assert live.progress_of([]) == watch_screen.Running()


def test_command_is_found_by_help() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "kata_runner", "watch", "--help"], capture_output=True, text=True, check=True
    )

    assert "--manual" in ran.stdout


def test_ctrl_z_goes_back_to_the_shell_and_fg_returns(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch", job_control=True)
    screen.wait_for("Save toy.py", "q\u00a0quit")

    screen.send("\x1a")
    screen.wait_for("Stopped")
    in_shell = screen.is_alternate
    started.write(WRONG)
    screen.send("fg\r")
    screen.wait_for("NOT YET", "q\u00a0quit")

    assert not in_shell
    assert screen.is_alternate
    screen.send("q")  # a shell that is ended takes no stopped job along
    wait_until(lambda: not screen.is_alternate)


def test_without_fork_each_save_is_judged_cold(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch", KATA_NO_FORK="1")
    screen.wait_for("Save toy.py")
    started.write(HANGS)
    screen.wait_for("JUDGING", "0 of 2 checks")

    began = time.monotonic()
    started.write(RIGHT)
    screen.wait_for("PASSED")

    assert time.monotonic() - began < 8
    screen.send("q")
    assert screen.wait_end() == 0
    assert outcomes(started) == ["passed"]
