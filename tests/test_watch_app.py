"""`kata watch` in a real pseudo-terminal: what only the wiring of threads, signals and the terminal can get wrong.

What the watch does at which event is tested without a terminal in test_watch_state.py.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from kata_runner.practice import Practice

RIGHT = "def double(x: int) -> int:\n    return 2 * x\n"
WRONG = "def double(x: int) -> int:\n    return abs(x) * 2\n"
HANGS = "import time\n\n\ndef double(x: int) -> int:\n    while True:\n        time.sleep(0.01)\n"

OnScreen = Callable[..., Any]


@pytest.fixture
def started(kata: Any) -> Any:
    """The command, with p900_toy laid out; a check of it may take ten minutes."""
    kata.add("p900_toy", limits={"seconds": 600})
    practice = Practice(cwd=kata.home, catalogue_dir=kata.catalogue, environ={})
    practice.start(practice.find("p900"))
    return kata


def outcomes(kata: Any) -> list[str]:
    """What the database holds of judged attempts, oldest first."""
    with sqlite3.connect(kata.workspace / ".kata" / "progress.sqlite3") as connection:
        return [row[0] for row in connection.execute("SELECT outcome FROM attempt WHERE outcome NOT NULL ORDER BY id")]


def wait_until(is_so: Callable[[], object], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_each_save_is_judged_shown_traced_and_recorded_once_and_n_goes_on(
    started: Any, on_screen: OnScreen, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    screen = on_screen(started, "watch", KATA_WATCH_TRACE=str(trace))
    screen.wait_for("Save toy.py to have it judged", "0 of 3 katas solved", "q quit")

    started.write(WRONG)
    screen.wait_for("NOT YET", "1 of 2 checks", "double(-3)", "got       6", "expected  -6")
    screen.wait_for("Often this means: The sign is lost.")
    started.write(RIGHT)
    screen.wait_for("PASSED", "Solved at attempt 2", "Adding a number to itself", "1 of 3 katas solved", "n next")
    screen.send("s")
    screen.wait_for("The reference · Toy", "Adding is the plainest way to say it", "return x + x")
    screen.send("\x1b")
    screen.wait_for("PASSED", "kata solution p900, or s")
    screen.send("n")
    screen.wait_for("Next toy  p901", "Save next_toy.py to have it judged", "Write double(x)", "1 of 3 katas solved")
    screen.send("q")

    assert screen.wait_end() == 0
    assert outcomes(started) == ["failed", "passed"]
    assert [line.split()[2] for line in trace.read_text().splitlines()] == ["failed", "passed"]


def test_what_is_there_already_is_judged_at_the_start_but_not_recorded_twice(started: Any, on_screen: OnScreen) -> None:
    started.write(WRONG)
    for _ in range(2):
        screen = on_screen(started, "watch")
        screen.wait_for("NOT YET")
        screen.send("q")
        assert screen.wait_end() == 0

    assert outcomes(started) == ["failed"]


def test_while_a_check_hangs_keys_work_and_a_save_ends_it(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    started.write(HANGS)
    screen.wait_for("JUDGING", "0 of 2 checks", "→ A positive number", "· A negative number")
    screen.wait_for(" s, limit 600 s of computing · a save stops it")

    screen.send("h")
    screen.wait_for("Hint 1 of 3", "What does twice mean?")
    screen.send("h")
    screen.wait_for("Hint 2 of 3", "abs loses the sign")
    screen.send("\x1b")
    screen.wait_for("JUDGING")
    started.write(RIGHT)
    screen.wait_for("PASSED", "Solved at attempt 1")

    assert outcomes(started) == ["passed"]
    practice = Practice(cwd=started.home, catalogue_dir=started.catalogue, environ={})
    assert practice.standing(practice.find("p900")).hints == 2


def test_q_leaves_while_a_check_hangs_and_no_process_stays(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    started.write(HANGS)
    screen.wait_for("JUDGING", "0 of 2 checks")
    family = psutil.Process(screen.process.pid).children(recursive=True)

    screen.send("q")

    assert screen.wait_end() == 0
    assert family
    assert psutil.wait_procs(family, timeout=60)[1] == []
    assert outcomes(started) == []


def test_no_process_stays_when_the_watch_is_killed(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    started.write(HANGS)
    screen.wait_for("JUDGING", "0 of 2 checks")
    family = psutil.Process(screen.process.pid).children(recursive=True)

    os.kill(screen.process.pid, signal.SIGKILL)
    screen.wait_end()

    assert family
    assert psutil.wait_procs(family, timeout=60)[1] == []


def test_a_kata_is_started_from_the_list(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("l list")

    screen.send("l")
    screen.wait_for("Katas  3 of 3", "▸ ◐ p900  Toy", "Built on")
    screen.send("/next")
    screen.wait_for("Katas  1 of 3", "Search: next", "Next toy")
    screen.send("\r\r")
    screen.wait_for("Next toy  p901", "Save next_toy.py to have it judged")
    started.write(RIGHT, "p901_next_toy", "next_toy.py")
    screen.wait_for("PASSED", "1 of 3 katas solved")

    practice = Practice(cwd=started.home, catalogue_dir=started.catalogue, environ={})
    assert practice.pick(None).short == "p901"


def test_x_asks_and_keeps_the_old_code(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    file = started.write(WRONG)
    screen.wait_for("NOT YET")
    wait_until(lambda: len(outcomes(started)) == 1)

    screen.send("x")
    screen.wait_for("Start p900 again from the stub?", "y yes")
    screen.send("n")
    screen.wait_for("NOT YET", without="from the stub")
    kept = file.read_text()
    screen.send("xy")
    screen.wait_for("back to its stub", "kata restore p900 1", "Save toy.py")

    assert kept == WRONG
    assert "NotImplementedError" in file.read_text()
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
    screen.wait_for("e editor")

    screen.send("e")
    screen.wait_for("EDITING")
    in_editor = screen.is_alternate
    screen.send("\r")
    screen.wait_for("PASSED", "e editor")

    assert not in_editor
    assert screen.is_alternate


def test_c_checks_all_started_katas_and_enter_returns(started: Any, on_screen: OnScreen) -> None:
    started.write(RIGHT)
    screen = on_screen(started, "watch")
    screen.wait_for("PASSED", "1 of 3 katas solved")
    started("start", "p901")
    started.write(RIGHT, "p901_next_toy", "next_toy.py")

    screen.send("c")
    screen.wait_for("p900_toy  passed", "p901_next_toy  passed", "2 of 2 pass", "Back to the watch: Enter")
    screen.send("\r")
    screen.wait_for("PASSED", "2 of 3 katas solved")


def test_an_edited_hidden_test_counts_at_the_next_run(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch")
    screen.wait_for("Save toy.py")
    started.write(RIGHT)
    screen.wait_for("PASSED")
    hidden = next(started.catalogue.rglob("p900_toy/hidden_test.py"))

    hidden.write_text(hidden.read_text().replace("work.double(3), 6", "work.double(3), 7"))
    screen.send("r")

    screen.wait_for("NOT YET", "expected  7")


def test_without_fork_each_save_is_judged_cold(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch", KATA_NO_FORK="1")
    screen.wait_for("Save toy.py")
    started.write(HANGS)
    screen.wait_for("JUDGING", "0 of 2 checks")

    started.write(RIGHT)
    screen.wait_for("PASSED")
    wait_until(lambda: outcomes(started) == ["passed"])


# --- the terminal --------------------------------------------------------------------------------------------------


def test_the_size_of_the_terminal_is_followed(started: Any, on_screen: OnScreen) -> None:
    started.write(WRONG)
    screen = on_screen(started, "watch")
    screen.wait_for("NOT YET", "q quit")

    screen.resize(60, 20)
    screen.wait_for("NOT YET", "got       6", "expected  -6", "q quit")
    screen.resize(120, 40)
    large = screen.wait_for("NOT YET", "Often this means", "q quit")

    assert "q quit" in large.splitlines()[39]


@pytest.mark.parametrize(
    "environ", [{"NO_COLOR": "1", "COLUMNS": "300"}, {"TERM": "vt100", "PYTHONIOENCODING": "ascii"}], ids=" ".join
)
def test_poor_terminals_show_the_same(started: Any, on_screen: OnScreen, environ: dict[str, str]) -> None:
    started.write(WRONG)
    screen = on_screen(started, "watch", width=60, height=20, **environ)

    text = screen.wait_for("NOT YET", "A negative number is doubled.", "expected  -6", "quit")

    if "NO_COLOR" in environ:
        assert b"\x1b[31m" not in screen.raw
        assert b"\x1b[1;31m" not in screen.raw
    else:
        assert text.isascii()
        assert "x A negative number is doubled." in text
        assert "t task  h hint" in text


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda screen, _: screen.send("q"), 0),
        (lambda screen, _: screen.send("\x03"), 130),
        (lambda _, pid: os.kill(pid, signal.SIGTERM), 143),
        (lambda _, pid: os.kill(pid, signal.SIGQUIT), 131),
        (lambda _, pid: os.kill(pid, signal.SIGUSR1), 128 + signal.SIGUSR1),
    ],
    ids=["q", "ctrl-c", "SIGTERM", "SIGQUIT", "SIGUSR1"],
)
def test_the_terminal_is_given_back(
    started: Any, on_screen: OnScreen, end: Callable[[Any, int], None], code: int
) -> None:
    # A shell, so that the terminal outlives the command.
    screen = on_screen(started, "watch", shell=True)
    screen.wait_for("Save toy.py", "q quit")
    (command,) = psutil.Process(screen.process.pid).children()

    end(screen, command.pid)
    screen.wait_for(f"code: {code}", "after: ", "the end")

    raw = screen.raw.decode()
    before, after = raw.split("before: ")[1].split("\r\n")[0], raw.split("after: ")[1].split("\r\n")[0]
    assert before == after
    assert not screen.is_alternate
    assert screen.raw.rindex(b"\x1b[?25h") > screen.raw.rindex(b"\x1b[?25l")


def test_a_crash_gives_the_terminal_back_and_says_where_the_details_are(started: Any, on_screen: OnScreen) -> None:
    (started.folder / "broken_kata.py").write_text(
        "from kata_runner import __main__\nfrom kata_runner.watch import state\n\n\n"
        "def boom(state):\n    raise RuntimeError('boom')\n\n\n"
        "state.COMMANDS = (state.Command('h', 'hint', '', boom),)\n__main__.main()\n"
    )
    path = f"{started.folder}{os.pathsep}{started.environ['PYTHONPATH']}"
    screen = on_screen(started, "watch", module="broken_kata", PYTHONPATH=path)
    screen.wait_for("h hint")

    screen.send("h")

    assert screen.wait_end() == 3
    assert not screen.is_alternate
    assert "boom" in screen.text
    assert "kata-crash" in screen.text.replace("\n", "")


def test_a_system_that_reports_no_saves_is_named_and_they_are_noticed(started: Any, on_screen: OnScreen) -> None:
    (started.folder / "deaf_kata.py").write_text(
        "from watchdog.observers.api import BaseObserver\nfrom kata_runner import __main__\n\n\n"
        "def refuse(*_, **__):\n    raise OSError(24, 'inotify instance limit reached')\n\n\n"
        "BaseObserver.schedule = refuse\n__main__.main()\n"
    )
    path = f"{started.folder}{os.pathsep}{started.environ['PYTHONPATH']}"
    screen = on_screen(started, "watch", module="deaf_kata", PYTHONPATH=path)

    screen.wait_for("The system reports no saves (inotify instance limit reached)")
    started.write(RIGHT)
    screen.wait_for("PASSED")


@pytest.mark.parametrize("then", [lambda _: None, lambda screen: screen.send("l")], ids=["waiting", "at a key"])
def test_an_update_of_kata_ends_the_watch_with_a_sentence(
    started: Any, on_screen: OnScreen, tmp_path: Path, then: Callable[[Any], None]
) -> None:
    package = tmp_path / "site" / "kata_runner"
    shutil.copytree(Path(__file__).parent.parent / "kata_runner", package)
    screen = on_screen(started, "watch", PYTHONPATH=str(package.parent))
    screen.wait_for("Save toy.py", "q quit")

    package.rename(package.with_name("old"))
    then(screen)

    assert screen.wait_end() == 4
    assert "kata was updated. Start it again: kata watch" in screen.text
    assert "Traceback" not in screen.text


def test_ctrl_z_goes_back_to_the_shell_and_fg_returns(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started, "watch", job_control=True)
    screen.wait_for("Save toy.py", "q quit")

    screen.send("\x1a")
    screen.wait_for("Stopped")
    in_shell = screen.is_alternate
    started.write(WRONG)
    screen.send("fg\r")
    screen.wait_for("NOT YET", "q quit")

    assert not in_shell
    assert screen.is_alternate
    screen.send("q")  # a shell that is ended takes no stopped job along
    wait_until(lambda: not screen.is_alternate)


def test_plain_kata_watches_the_current_kata(started: Any, on_screen: OnScreen) -> None:
    screen = on_screen(started)
    screen.wait_for("Save toy.py to have it judged")
    screen.send("q")

    assert screen.wait_end() == 0


def test_without_a_terminal_it_says_what_to_do(started: Any) -> None:
    ran = started("watch")

    assert ran.returncode == 2
    assert "kata check" in ran.stderr
