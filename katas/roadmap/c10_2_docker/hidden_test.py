"""Hidden test of c10_2_docker: the Dockerfile, as the package dockerfile reads it, and its image."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from kata_runner.checking import (
    CheckFailed,
    Shown,
    answer_text,
    assert_equal,
    edges,
    fail,
    learner_module,
    not_tried,
    require,
    rng,
    seed,
    temporary_folder,
    todo,
)
from kata_runner.checking.containers import Bench, real_container, start

SECRETS = (".env", ".git/HEAD", ".venv/lib/site.py", "__pycache__/serve.cpython-312.pyc")
DEEPER = (
    "deploy/.env",
    "deploy/prod/eu/.env",
    "tools/.venv/x.py",
    "tools/lint/py/.venv/x.py",
    "tools/deep/__pycache__/x.nbi",
    "vendor/lib/.git/HEAD",
)


@cache
def model() -> Any:
    x, y = load_iris(return_X_y=True)
    names = [f"{name}-{seed() % 97}" for name in ("setosa", "versicolor", "virginica")]
    return LogisticRegression(max_iter=30, tol=0.1).fit(x, [names[n] for n in y])


@cache
def files() -> tuple[dict[str, bytes], str, dict[str, Any]]:
    """What lies in the build context beside the answer, the digest of the model, and the content of model.json."""
    store = learner_module("saved_model")
    with temporary_folder() as folder:
        sha256 = store.save(model(), folder)
        content = {f"model/{name}": (folder / name).read_bytes() for name in ("model.pickle", "model.json")}
    content["saved_model.py"] = Path(str(store.__file__)).read_bytes()
    return content, sha256, json.loads(content["model/model.json"])


@pytest.fixture(scope="module", autouse=True)
def _bench() -> Iterator[None]:
    global bench
    bench = Bench({**files()[0], **dict.fromkeys(SECRETS + DEEPER, b"")})
    yield
    bench.close()


bench: Bench


def server() -> Any:
    """The server of the image, started with the digest of its model."""
    bench.image.final.env["MODEL_SHA256"] = files()[1]
    return bench.server()


def test_the_container_predicts() -> None:
    """1. The container serves the app of c10_1 with the model: POST /predict and GET /model."""
    x = load_iris().data
    for n in (1, 2, 20):
        rows = x[rng(n).integers(0, len(x), n)]
        expected = {"predictions": model().predict(rows).tolist()}
        body = json.dumps({"inputs": rows.tolist()}).encode()
        got = server().ask("POST", "/predict", body)
        assert_equal(got, (200, expected), what="the answer", call=f"POST /predict with {n} flowers")
    assert_equal(server().ask("GET", "/model"), (200, files()[2]), what="the answer", call="GET /model")
    status, answer = server().ask("POST", "/predict", b'{"inputs": [[1, 2]]}')
    require(status == 422, f"the status is {status}, expected 422", got=answer, call="POST /predict with two numbers")
    with real_container(bench.image, 8000):
        pass


def test_everybody_reaches_it() -> None:
    """2. The server listens on 0.0.0.0 at the port in PORT, which the image sets to 8000."""
    assert_equal(bench.image.final.env.get("PORT"), "8000", what="ENV PORT in the Dockerfile", call=" ")
    running = server()
    addresses = sorted({address for address, port in running.listens_at() if port == running.port})
    why = "the server listens on the container's own loopback, where nobody outside reaches it"
    is_open = bool({"0.0.0.0", "::"} & set(addresses))
    require(is_open, why, got=Shown(", ".join(addresses)), expected=Shown("0.0.0.0"), call=running.call)


def test_another_model_is_not_served() -> None:
    """3. Without MODEL_SHA256, or with that of another model, it ends with an exit code other than 0."""
    server()  # with the right one it starts
    cases = (("0" * 64, "that of another model"), (None, "missing"))
    with ThreadPoolExecutor(len(cases)) as pool:
        ends = list(pool.map(lambda case: end_with(case[0]), cases))
    for (_, how), end in zip(cases, ends, strict=True):
        call = f"{' '.join(bench.image.final.command())}  # where MODEL_SHA256 is {how}"
        require(end != "", "it serves, although nobody has vouched for the model", call=call)
        is_ended = "ended at once" in end
        require(is_ended, "it does not end, although it has no model that it may serve", got=Shown(end), call=call)
        require("exit code 0" not in end, "it ends with exit code 0, as if all were well", call=call)


def end_with(sha256: str | None) -> str:
    """Why the container does not come up with this MODEL_SHA256; "" where it does."""
    stage = bench.image.final
    env = {name: value for name, value in stage.env.items() if name != "MODEL_SHA256"}
    if sha256 is not None:
        env["MODEL_SHA256"] = sha256
    try:
        start(replace(bench.image, stages=[replace(stage, env=env)])).kill()
    except CheckFailed as error:
        return str(error)
    return ""


def test_the_base_is_pinned() -> None:
    """5. Every base image has a version in its tag, for Python two numbers as in 3.12, or a digest."""
    for base, line in bench.image.bases:
        name, _, digest = base.partition("@")
        image, _, tag = name.rpartition("/")[2].partition(":")
        version = r"\d+\.\d+" if image == "python" else r"\d"
        if not digest and base != "scratch" and not re.search(version, tag):
            expected = Shown("python:3.12-slim, or @sha256:…")
            fail(f"line {line}: {base} will be another image one day", got=Shown(base), expected=expected, call=" ")


def test_packages_are_pinned() -> None:
    """5. requirements.txt lists fastapi, scikit-learn and uvicorn, and each line one exact version with ==."""
    text = re.sub(r"\\\n", " ", answer_text("requirements.txt"))
    lines = [re.split(r"(?:^|\s)#", line)[0].strip() for line in text.splitlines()]
    wanted = [re.split(r";| --", line)[0].strip() for line in lines if line and not line.startswith("-")]
    if not wanted:
        todo("requirements.txt lists nothing yet")
    for line in wanted:
        is_exact = re.fullmatch(r"[\w.-]+(\[.*\])?\s*(===?\s*\d[\w.+!]*|@\s*\S+)", line) is not None
        require(is_exact, "a requirement is not pinned to one exact version", got=line, call=" ")
    names = [re.split(r"[\[=@\s]", line)[0].lower().replace("_", "-").replace(".", "-") for line in wanted]
    for name in ("fastapi", "scikit-learn", "uvicorn"):
        require(name in names, f"requirements.txt does not list {name}", got=names, call=" ")


def test_packages_come_before_the_code() -> None:
    """6. When requirements.txt is installed, nothing else of yours is in the image yet."""
    runs = [run for stage in bench.image.stages for run in stage.runs]
    pattern = r"\b(pip3?|uv)\b.*\b(install|sync|wheel)\b.*requirements"
    installs = [run for run in runs if re.search(pattern, run.text, re.DOTALL)]
    require(bool(installs), "no RUN installs requirements.txt", call=" ")
    for run in installs:
        names = sorted({name.rpartition("/")[2] for name in run.files})
        early = [name for name in names if not name.startswith(("requirements", "constraints"))]
        where = f"line {run.line}: when the requirements are installed,"
        require(not early, f"{where} {', '.join(early[:3])} is in the image already", call=" ")
        require(bool(names), f"{where} requirements.txt is not in the image yet", call=" ")


def test_it_is_not_root() -> None:
    """7. The last USER of the image is a number other than 0."""
    user = bench.image.final.user
    require(bool(user), "the last stage has no USER, so the container runs as root", call=" ")
    is_number = user.partition(":")[0].isdigit() and int(user.partition(":")[0]) > 0
    require(is_number, "the last USER is not a number above 0", got=user, expected=Shown("as in USER 10001"), call=" ")


def test_no_shell_stands_in_between() -> None:
    """8. CMD, or ENTRYPOINT and CMD, start Python in exec form, as a JSON list."""
    words = bench.image.final.command()
    is_python = re.fullmatch(r"python[\d.]*", words[0].rpartition("/")[2]) is not None
    right = Shown('CMD ["python", …], in double quotes')
    require(is_python, "process 1 is not Python, and may keep SIGTERM to itself", got=words, expected=right, call=" ")


class Sick(BaseHTTPRequestHandler):
    """Answers GET /model with an error, and any other path with 200."""

    status = 503

    def do_GET(self) -> None:
        if self.path.partition("?")[0].strip("/") == "model":
            self.send_error(self.status)
            return
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def sick(status: int) -> Iterator[int]:
    """The port of a server that answers GET /model with this status."""
    Sick.status = status
    with ThreadingHTTPServer(("127.0.0.1", 0), Sick) as ill:
        Thread(target=ill.serve_forever, daemon=True).start()
        try:
            yield ill.server_port
        finally:
            ill.shutdown()


def test_the_health_check_asks_the_server() -> None:
    """9. HEALTHCHECK succeeds while GET /model is answered at PORT, and fails otherwise; it finds what it calls."""
    health, stage = bench.image.final.health, bench.image.final
    if health is None:
        fail("the last stage has no HEALTHCHECK", call=" ")
    text = " ".join(health.value[1:])
    for tool in re.findall(r"\b(?:curl|wget)\b", text):
        is_there = "slim" not in stage.base or any(tool in run.text for run in stage.runs)
        require(is_there, f"a slim image has no {tool}, and no RUN installs it", got=Shown(text), call=" ")
        if shutil.which(tool) is None:
            not_tried(f"no {tool} on this machine: the health check was not run")
            return
    running = server()
    code, words = running.health(running.port)
    require(code == 0, f"the exit code is {code} while the server answers", got=Shown(words), call=text)
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, never listening
        code, _ = running.health(nobody.getsockname()[1])
    require(code != 0, "the health check succeeds although no server is at the port in PORT", call=text)
    for status in (503, 404):
        with sick(status) as port:
            code, _ = running.health(port)
        require(code != 0, f"the health check succeeds although GET /model is answered with {status}", call=text)


def test_the_build_context_is_clean() -> None:
    """10. .dockerignore keeps out .git, .env, .venv and __pycache__, and lets in what the image needs."""
    if not re.search(r"^\s*[^#\s]", answer_text(".dockerignore"), re.MULTILINE):
        todo(".dockerignore is still empty")
    assert_sent("serve.py", "saved_model.py", "model/model.pickle", is_sent=True)
    assert_sent(*SECRETS, is_sent=False)


def assert_sent(*names: str, is_sent: bool) -> None:
    for name in names:
        got, expected = ("stays outside", "sent") if is_sent else ("sent to the build", "ignored")
        found = (bench.image.context / name).exists()
        require(found == is_sent, f"{name} {got}", got=Shown(f"{name} {got}"), expected=Shown(expected), call=" ")


edges()


def test_the_context_is_clean_at_any_depth() -> None:
    """10. .git, .env, .venv and __pycache__ stay outside at any depth."""
    assert_sent(*DEEPER, is_sent=False)


def test_the_digest_comes_from_outside() -> None:
    """1. MODEL_SHA256 is passed to the container: its value stands in no file of the answer."""
    bench.image.final.command()  # still to do where there is none
    for name in ("Dockerfile", "serve.py"):
        found = re.search(r"\b[0-9a-f]{64}\b", answer_text(name).replace("@sha256:", "@sha256_"))
        require(found is None, f"{name} holds a SHA-256; it is to come from outside", call=" ")


def test_it_stops_when_asked() -> None:
    """4. On SIGTERM the server ends within ten seconds, whoever is still connected."""
    if not hasattr(signal, "SIGKILL"):
        not_tried("no SIGTERM on this machine: stopping was not tried")
        return
    running = server()
    with closing(socket.create_connection(("127.0.0.1", running.port))) as silent:
        silent.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        silent.sendall(b"Content-Length: 100\r\n\r\n{")  # and no more
        running.ask("GET", "/model")  # answered after the client who never ends its request was accepted
        running.process.send_signal(signal.SIGTERM)
        try:
            code = running.process.wait(15.0)
        except subprocess.TimeoutExpired:
            fail("15 seconds after SIGTERM the server is still there; `docker stop` kills it", call=running.call)
    why = "the exit code after SIGTERM says that something went wrong"
    require(code in (0, -signal.SIGTERM, 128 + signal.SIGTERM), why, got=code, call=running.call)
