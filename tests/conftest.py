"""A small catalogue of toy katas, and ways to run the command on it."""

from __future__ import annotations

import codecs
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

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
_MISTAKES = {
    "zero": {"fails": ["test_a_positive_number_is_doubled", "test_a_negative_number_is_doubled"], "got": "0"},
    "sign": {"fails": ["test_a_negative_number_is_doubled"], "got": "6"},
}


def _make_kata(
    root: Path,
    kata_id: str = "p900_toy",
    *,
    group: str = "problems/01_toys",
    files: Mapping[str, str] | None = None,
    **settings: Any,
) -> Path:
    """Lay out a complete kata below the catalogue `root`: write `double(x)`; gives its folder.

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
        "mistakes.json": json.dumps(_MISTAKES),
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
name = "toys"

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
    """The command in a process of its own, on a catalogue and a workspace of its own."""

    source = ROOT

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
        """Run `kata ARGS` without a terminal; keyword arguments are environment variables."""
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
        """Start `kata ARGS` without a terminal, and go on."""
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

    def solution(self, kata_id: str) -> str:
        """The text of a toy's reference."""
        return next(self.catalogue.rglob(f"{kata_id}/solution.py")).read_text(encoding="utf-8")


class Screen:
    """A command in a pseudo-terminal, and what stands on its screen.

    Knows as much of a terminal as the watch uses; a thread reads, so that the command never waits for us.
    """

    def __init__(self, command: list[str], cwd: Path, environ: Mapping[str, str], width: int, height: int) -> None:
        import pexpect

        known = {"TERM": "xterm-256color", **environ}
        self.process = pexpect.spawn(
            command[0], command[1:], cwd=str(cwd), env=known, dimensions=(height, width), timeout=60
        )
        self.process.delaybeforesend = None
        self.raw = b""
        self.is_alternate = False
        self.lines: list[str] = []
        self._rest = ""
        self._place = (1, 1)
        self._height = height
        self._came = threading.Condition()
        self._last_came = 0.0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.process.child_fd, 1 << 16)
            except OSError:
                return
            if not data:
                return
            with self._came:
                self.raw = (self.raw + data)[-1_000_000:]
                self._last_came = time.monotonic()
                self._rest = self._take(self._rest + self._decoder.decode(data))
                self._came.notify_all()

    def _take(self, text: str) -> str:
        """Carry out what the command wrote; gives the beginning of a control sequence that is not whole yet."""
        while text:
            if text[0] == "\x1b":
                found = _CONTROL.match(text)
                if found is None:
                    return text
                self._control(found[0])
                text = text[found.end() :]
            else:
                plain = text.partition("\x1b")[0]
                self._write(plain)
                text = text[len(plain) :]
        return ""

    def _control(self, sequence: str) -> None:
        if sequence in ("\x1b[?1049h", "\x1b[?1049l"):
            self.is_alternate = sequence.endswith("h")
            self.lines = []
        if sequence.endswith("H"):
            numbers = sequence[2:-1].split(";")
            self._place = (int(numbers[0] or 1), int(numbers[-1] or 1)) if sequence != "\x1b[H" else (1, 1)

    def _write(self, plain: str) -> None:
        row, column = self._place
        for part in re.split(r"(\r?\n|\r)", plain):
            if part in ("\n", "\r\n"):
                row, column = row + 1, 1
            elif part == "\r":
                column = 1
            elif part:
                self.lines += [""] * (row - len(self.lines))
                line = self.lines[row - 1].ljust(column - 1)
                self.lines[row - 1] = line[: column - 1] + part + line[column - 1 + len(part) :]
                column += len(part)
        self._place = (row, column)

    @property
    def text(self) -> str:
        with self._came:
            return "\n".join(line.rstrip() for line in self.lines)

    def send(self, keys: str) -> None:
        self.process.send(keys)

    def wait_for(self, *wanted: str, without: str = "", timeout_s: float = 60) -> str:
        """The screen, once all that is wanted stands on it, and nothing of `without`."""
        deadline = time.monotonic() + timeout_s
        while True:
            text = self.text
            is_drawn = time.monotonic() - self._last_came > 0.03 or not self._reader.is_alive()
            if is_drawn and all(word in text for word in wanted) and not (without and without in text):
                return text
            if time.monotonic() > deadline or (not self._reader.is_alive() and not self.process.isalive()):
                raise AssertionError(f"no {wanted} without {without!r} on the screen:\n{text}\n{self.raw[-500:]!r}")
            with self._came:
                self._came.wait(0.01)

    def resize(self, width: int, height: int) -> None:
        with self._came:
            self.lines = []
        self.process.setwinsize(height, width)

    def wait_end(self, timeout_s: float = 30) -> int:
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


_CONTROL = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[^\[\]])")


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
        if shell:  # which tells how the terminal was before and after, and outlives the command
            told = f"echo before: $(stty -g); {{ {shlex.join(command)}; code=$?; }}"
            command = ["bash", "-c", f"{told}; echo; echo code: $code; echo after: $(stty -g); sleep 30"]
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
