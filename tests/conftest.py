"""A small catalogue of toy katas, and ways to run the command on it."""

from __future__ import annotations

import atexit
import io
import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import psutil
import pyte
import pytest

from kata_runner.learner import store

if TYPE_CHECKING:
    from kata_runner.judging.launch import Child

ROOT = Path(__file__).resolve().parent.parent

# A shell that starts the suite in the background has it ignore Ctrl-C, which all that it starts would inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run the quick suite side by side where nobody said how: its tests wait more than they compute."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ or hasattr(config, "workerinput")
    is_quick = config.option.markexpr == "not audit" and config.args_source is not pytest.Config.ArgsSource.ARGS
    is_open = config.pluginmanager.hasplugin("xdist") and config.option.numprocesses is None
    if is_quick and is_open and not is_worker:
        config.option.numprocesses = min(8, 2 * (os.cpu_count() or 1))
        config.option.dist = "worksteal"


@pytest.fixture(autouse=True)
def no_wait_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut is no part of any test, and the disk may be busy with other things."""
    connect = store._connect

    def connect_without_wait(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    monkeypatch.setattr(store, "_connect", connect_without_wait)


_TASK = """\
# {title}

Write `double(x)`: twice `x`, also of a negative number.

```python
>>> from {module} import double
>>> double(2)
4
```

Doubling is where every cost curve begins. Source: any arithmetic.
"""
_STUB = '''\
"""Doubling."""


def double(x: int) -> int:
    """Twice x."""
    raise NotImplementedError
'''
_SOLUTION = '''\
"""Doubling."""


def double(x: int) -> int:
    """Twice x."""
    # Adding is the plainest way to say it.
    return x + x
'''
_HIDDEN_TEST = '''\
"""Hidden test of {kata_id}."""

from kata_runner.checking import assert_equal, learner

work = learner("{module}")


def test_a_positive_number_is_doubled() -> None:
    """A positive number is doubled."""
    assert_equal(work.double(3), 6)


def test_a_negative_number_is_doubled() -> None:
    """A negative number is doubled."""
    assert_equal(work.double(-3), -6)
'''
_HINTS = """\
## A nudge

What does twice mean?

## The trap

`abs` loses the sign.

## Nearly the code

Add the number to itself.
"""
_WRONG = {
    "zero.py": '"""Zero is given for everything."""\n\n\ndef double(x: int) -> int:\n    return 0\n',
    "sign.py": '"""The sign is lost."""\n\n\ndef double(x: int) -> int:\n    return abs(x) * 2\n',
}
_PROOF = """\
{
"sign": {"digest": "0", "ask": "test_a_negative_number_is_doubled", "fails": ["test_a_negative_number_is_doubled"], \
"shows": "double(-3) -> 6"},
"zero": {"digest": "0", "ask": "test_a_positive_number_is_doubled", "fails": ["test_a_positive_number_is_doubled", \
"test_a_negative_number_is_doubled"], "shows": "double(3) -> 0"},
"~kata": {"kata": "0", "judge": "0", "seconds": 0.01}
}
"""


def _make_kata(
    root: Path,
    kata_id: str = "p900_toy",
    *,
    group: str = "problems/01_toys",
    files: Mapping[str, str] | None = None,
    **settings: Any,
) -> Path:
    """Lay out a complete kata below the catalogue `root`: write `double(x)`; returns its folder.

    files: path in the kata's folder -> text, instead of or beside the usual ones ("" leaves one out).
    settings: keys of kata.toml; `limits` and `rules` are tables.
    """
    folder = root / group / kata_id
    name = kata_id.partition("_")[2]
    settings = {
        "title": name.replace("_", " ").capitalize(),
        "difficulty": 2,
        "minutes": 5,
        "module": name,
        "learned": "Adding a number to itself doubles it.",
        **settings,
    }
    texts = {
        "task.md": _TASK,
        "stub.py": _STUB,
        "solution.py": _SOLUTION,
        "hidden_test.py": _HIDDEN_TEST,
        "hint.md": _HINTS,
        "proof.json": _PROOF,
        **{f"wrong/{name}": text for name, text in _WRONG.items()},
    }
    usual = {
        k: v.format(kata_id=kata_id, **settings) if k in ("task.md", "hidden_test.py") else v for k, v in texts.items()
    }
    for path, text in {**usual, "kata.toml": _toml(settings), **(files or {})}.items():
        if text:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    return folder


def _toml(settings: Mapping[str, Any]) -> str:
    plain = {k: v for k, v in settings.items() if not isinstance(v, dict)}
    tables = {k: v for k, v in settings.items() if isinstance(v, dict)}
    # A JSON value of this kind (text, number, truth, list of texts) is a TOML value too.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in plain.items()]
    for name, table in tables.items():
        below = {k: v for k, v in table.items() if isinstance(v, dict)}
        lines += [f"\n[{name}]", *(f"{k} = {json.dumps(v)}" for k, v in table.items() if k not in below)]
        for key, values in below.items():
            lines += [f"\n[{name}.{key}]", *(f"{k} = {json.dumps(v)}" for k, v in values.items())]
    return "\n".join(lines) + "\n"


def _make_catalogue(root: Path) -> Path:
    """Three toy katas in two groups: p900_toy, p901_next_toy, and p902_built_on, which uses p900_toy."""
    _make_kata(root, "p900_toy")
    _make_kata(root, "p901_next_toy", difficulty=4, minutes=20)
    built_on = (
        '"""Doubling, twice."""\n\nfrom toy import double as once\n\n\ndef double(x: int) -> int:\n    return once(x)\n'
    )
    _make_kata(
        root,
        "p902_built_on",
        group="problems/02_towers",
        uses=["p900_toy"],
        files={"solution.py": built_on},
    )
    settings = """\

[tracks]
problems = "Problems"

[groups]
"problems/01_toys" = "Phase 1 · Toys"
"problems/02_towers" = "Phase 2 · Towers"

[[journey]]
title = "All of them"
katas = ["p900", "p901", "p902"]
"""
    (root / "catalogue.toml").write_text(settings, encoding="utf-8")
    return root


class Kata:
    """The command on a catalogue and a workspace of its own, run in this process; `process` takes one of its own."""

    def __init__(self, folder: Path, byte_code: Path) -> None:
        self.folder = folder
        self.catalogue = _make_catalogue(folder / "catalogue")
        self.workspace = folder / "home" / "my-katas"
        self.home = folder / "home"
        self.home.mkdir()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("KATA_", "COLUMNS", "VISUAL", "EDITOR"))}
        self.environ = {
            **kept,
            "KATA_CATALOGUE": str(self.catalogue),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            # Compiled once for all tests, wherever byte code is otherwise not written.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(byte_code),
        }

    def __call__(self, *args: str, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run `kata ARGS` in this process, without a terminal; keyword arguments are environment variables.

        Answers are judged on a child process that all tests share.
        """
        from kata_runner.cli import app

        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        before = Path.cwd()
        with ExitStack() as stack:
            stack.enter_context(patch.dict(os.environ, {**self.environ, **environ}, clear=True))
            stack.enter_context(patch("sys.stdin", io.StringIO()))
            stack.enter_context(redirect_stdout(out))
            stack.enter_context(redirect_stderr(err))
            stack.callback(os.chdir, before)
            os.chdir(cwd or self.home)
            module = "own_tests" if args[:1] == ("test",) else "parent"
            code = app.run(args, _shared_child(module) if {"check", "debug", "hunt", "test"} & set(args) else None)
        texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
        return subprocess.CompletedProcess(args, code, *texts)

    def process(self, *args: str, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
        """The same in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "kata_runner", *args],
            cwd=cwd or self.home,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )

    def popen(self, *args: str, **environ: str) -> subprocess.Popen[str]:
        """Start `kata ARGS` in a process of its own, and go on."""
        return subprocess.Popen(
            [sys.executable, "-m", "kata_runner", *args],
            cwd=self.home,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def add(self, kata_id: str, root: Path | None = None, **settings: Any) -> Path:
        """Put one more kata into the catalogue; see the fixture `make_kata`."""
        return _make_kata(root or self.catalogue, kata_id, **settings)

    def write(self, code: str, kata_id: str = "p900_toy", name: str = "toy.py") -> Path:
        """Put `code` where the learner would write it."""
        path = self.workspace / kata_id / name
        path.write_text(code, encoding="utf-8")
        return path

    def solution(self, kata_id: str = "p900_toy") -> str:
        """The text of a toy's reference."""
        return next(self.catalogue.rglob(f"{kata_id}/solution.py")).read_text(encoding="utf-8")


class LentChild:
    """A child process that outlives the commands it is lent to."""

    def __init__(self, child: Child) -> None:
        self._child = child

    def __getattr__(self, name: str) -> Any:
        return getattr(self._child, name)

    def let_go(self) -> None: ...

    def close(self) -> None: ...


_shared: dict[str, Child] = {}


def _shared_child(module: str) -> Any:
    """The child on which all tests of this process judge, lent; None where there are none (see `start_child`)."""
    from kata_runner.judging import launch

    if module not in _shared or not _shared[module].is_alive:
        child = launch.start_child(module)
        if child is None:
            return None
        atexit.register(child.close)
        _shared[module] = child
    return LentChild(_shared[module])


class Terminal(pyte.Screen):
    """A terminal in memory. pyte has no alternate screen, so that entering or leaving it clears the only one."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(width, height)
        self.is_alternate = False

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        super().set_mode(*modes, **kwargs)
        self._switch(modes, to=True)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        super().reset_mode(*modes, **kwargs)
        self._switch(modes, to=False)

    def _switch(self, modes: tuple[int, ...], *, to: bool) -> None:
        if 1049 in modes:
            self.is_alternate = to
            self.erase_in_display(2)
            self.cursor_position()


class Screen:
    """A command in a pseudo-terminal, and what its screen shows.

    A thread reads, so that the command never waits for us. Every wait is for an event, with a limit that is long enough
    for a busy machine.
    """

    def __init__(self, command: list[str], cwd: Path, environ: Mapping[str, str], width: int, height: int) -> None:
        import pexpect

        known = {"TERM": "xterm-256color", **environ}
        self.process = pexpect.spawn(
            command[0], command[1:], cwd=str(cwd), env=known, dimensions=(height, width), timeout=60
        )
        self.process.delaybeforesend = None
        self.raw = b""
        self._terminal = Terminal(width, height)
        self._stream = pyte.ByteStream(self._terminal)
        self._came = threading.Condition()
        self._is_over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.process.child_fd, 1 << 16)
            except OSError:
                data = b""
            with self._came:
                self.raw = (self.raw + data)[-1_000_000:]
                self._stream.feed(data)
                self._is_over = not data
                self._came.notify_all()
            if not data:
                return

    @property
    def text(self) -> str:
        with self._came:
            return "\n".join(line.rstrip() for line in self._terminal.display)

    @property
    def is_alternate(self) -> bool:
        return self._terminal.is_alternate

    def send(self, keys: str) -> None:
        self.process.send(keys)

    def wait_for(self, *wanted: str, without: str = "", timeout_s: float = 60) -> str:
        """The screen, once it shows all that is wanted, and nothing of `without`."""

        def is_there() -> bool:
            text = self.text
            return all(word in text for word in wanted) and not (without and without in text)

        with self._came:
            if self._came.wait_for(lambda: is_there() or self._is_over, timeout_s) and is_there():
                return self.text
        raise AssertionError(f"no {wanted} without {without!r} on the screen:\n{self.text}\n{self.raw[-500:]!r}")

    def resize(self, width: int, height: int) -> None:
        with self._came:
            self._terminal.resize(height, width)
            self._terminal.erase_in_display(2)
        self.process.setwinsize(height, width)

    def wait_end(self, timeout_s: float = 60) -> int:
        """The exit code, negative for a signal."""
        deadline = time.monotonic() + timeout_s
        while self.process.isalive():
            assert time.monotonic() < deadline, f"still running:\n{self.text}"
            time.sleep(0.01)
        self._reader.join(5)
        return -self.process.signalstatus if self.process.signalstatus else self.process.exitstatus or 0

    def close(self) -> None:
        import pexpect

        try:
            self.process.close(force=True)
        except pexpect.ExceptionPexpect:  # on a busy machine even a killed process takes its time to be gone
            with suppress(psutil.NoSuchProcess):
                psutil.Process(self.process.pid).wait(10)
        self._reader.join(5)


@pytest.fixture
def on_screen() -> Iterator[Callable[..., Screen]]:
    """A function that runs `kata ARGS` in a pseudo-terminal: `on_screen(kata, "watch", width=80, height=24)`."""
    screens: list[Screen] = []

    def run(
        kata: Kata,
        *args: str,
        width: int = 80,
        height: int = 24,
        shell: bool = False,
        module: str = "kata_runner",
        prefix: Sequence[str] = (),
        job_control: bool = False,
        **environ: str,
    ) -> Screen:
        command = [*prefix, sys.executable, "-m", module, *args]
        if shell:  # which prints the state of the terminal before and after, and outlives the command
            script = f"echo before: $(stty -g); {{ {shlex.join(command)}; code=$?; }}; echo; echo code: $code"
            command = ["bash", "-c", f"{script}; echo after: $(stty -g); echo the end; sleep 300"]
        if job_control:  # a shell that is typed into
            typed, command = shlex.join(command), ["bash", "--norc", "-i"]
        screen = Screen(command, kata.home, {**kata.environ, **environ}, width, height)
        screens.append(screen)
        if job_control:
            screen.send(f"{typed}\r")
        return screen

    yield run
    for screen in screens:
        screen.close()


@pytest.fixture
def kata(tmp_path: Path, byte_code: Path) -> Kata:
    """The command, in front of three toy katas and no workspace yet."""
    return Kata(tmp_path, byte_code)


@pytest.fixture(scope="session")
def byte_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for compiled modules, shared by all processes that the tests start."""
    return tmp_path_factory.mktemp("byte-code")


@pytest.fixture
def make_kata() -> Callable[..., Path]:
    """A function that lays out a complete toy kata: `make_kata(root, "p900_toy", needs=["pandas"])`."""
    return _make_kata


@pytest.fixture
def make_catalogue() -> Callable[[Path], Path]:
    """A function that lays out three toy katas below a folder."""
    return _make_catalogue
