"""The image of a Dockerfile is laid out as an engine would, and its command runs on these files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("dockerfile")

from kata_runner.checking import CheckFailed, NotDone
from kata_runner.checking.containers import Bench, Image, read_image
from kata_runner.checking.session import CheckSession, begin

SERVER = b"""\
import http.server, json, os

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(os.environ.get("GREETING")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    begin(CheckSession(folder))
    return folder


def image(home: Path, text: str, **files: str) -> Image:
    (home / "Dockerfile").write_text(text)
    folder = home.parent / "image"
    folder.mkdir()
    return read_image(folder, {name.replace("_", "."): content.encode() for name, content in files.items()})


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize(
    ("lines", "sent"),
    [
        ("", ["a/b/x.pyc", "a/x.pyc", "keep.py", "x.pyc"]),
        ("*.pyc", ["a/b/x.pyc", "a/x.pyc", "keep.py"]),
        ("*/*.pyc", ["a/b/x.pyc", "keep.py", "x.pyc"]),
        ("**/*.pyc", ["keep.py"]),
        ("a", ["keep.py", "x.pyc"]),
        ("*\n!keep.py", ["keep.py"]),
        ("# a\n/a/b/", ["a/x.pyc", "keep.py", "x.pyc"]),
    ],
)
def test_dockerignore_has_its_own_patterns(home: Path, lines: str, sent: list[str]) -> None:
    (home / "Dockerfile").write_text("FROM scratch\n")
    files = dict.fromkeys(("keep.py", "x.pyc", "a/x.pyc", "a/b/x.pyc"), b"")
    folder = home.parent / "image"
    folder.mkdir()

    found = read_image(folder, {**files, ".dockerignore": lines.encode()})

    assert sent == [n for n in names(found.context) if n not in ("Dockerfile", ".dockerignore")]


def test_stages_take_from_each_other(home: Path) -> None:
    text = "ARG P=3.12\nFROM python:${P} AS base\nENV PORT 8000\nCOPY app.py /srv/\nFROM base\nUSER 7:7\nWORKDIR /x\n"

    found = image(home, text + "COPY --from=0 /srv/app.py ./main.py\nCOPY --from=other:1 /y /y\n", app_py="")

    assert found.bases == [("python:3.12", 2), ("other:1", 9)]
    assert names(found.final.root) == ["srv/app.py", "x/main.py"]
    assert (found.final.user, found.final.workdir, found.final.env) == ("7:7", "/x", {"PORT": "8000"})


def test_a_run_sees_what_was_copied_and_mounted_before_it(home: Path) -> None:
    text = "FROM scratch\nCOPY a.txt ./\nRUN --mount=type=bind,source=b.txt,target=/b pip install x\nCOPY . .\n"

    (run,) = image(home, text, a_txt="", b_txt="").final.runs

    assert (run.line, run.files) == (3, ("a.txt", "b.txt"))


def test_copy_finds_nothing_where_dockerignore_keeps_it_out(home: Path) -> None:
    with pytest.raises(CheckFailed, match=r"line 2: COPY finds no a\.txt"):
        image(home, "FROM scratch\nCOPY a.txt ./\n", a_txt="", _dockerignore="*.txt")


def test_an_empty_dockerfile_is_to_do(home: Path) -> None:
    with pytest.raises(NotDone):
        image(home, "# still to write\n")


def test_a_command_without_a_list_is_run_by_a_shell(home: Path) -> None:
    words = image(home, 'FROM scratch\nENTRYPOINT ["tini", "--"]\nCMD python x.py\n').final.command()

    assert words == ["/bin/sh", "-c", "python x.py"]


@pytest.fixture
def bench(home: Path) -> Iterator[Bench]:
    lines = [
        "FROM scratch",
        "ENV GREETING=hello",
        "WORKDIR /srv",
        "COPY server.py .",
        'CMD ["python", "/srv/server.py"]',
    ]
    (home / "Dockerfile").write_text("\n".join([*lines, "HEALTHCHECK CMD exit $((PORT % 2))\n"]))
    bench = Bench({"server.py": SERVER})
    yield bench
    bench.close()


def test_the_command_runs_on_the_files_of_the_image(bench: Bench) -> None:
    server = bench.server()

    assert server.ask("GET", "/") == (200, "hello")
    assert bench.server() is server
    assert [server.health(port)[0] for port in (4, 5)] == [0, 1]


def test_a_server_that_ended_is_started_again(bench: Bench) -> None:
    bench.server().kill()

    assert bench.server().ask("GET", "/") == (200, "hello")


def test_a_server_that_never_came_up_is_not_tried_again(home: Path) -> None:
    (home / "Dockerfile").write_text('FROM scratch\nCOPY server.py /\nCMD ["python", "/server.py"]\n')
    bench = Bench({"server.py": b"raise SystemExit('no weights')"})

    with pytest.raises(CheckFailed, match="exit code 1") as first:
        bench.server()
    with pytest.raises(CheckFailed) as second:
        bench.server()

    assert first.value is second.value
    bench.close()
