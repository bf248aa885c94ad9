"""Hidden test of p062_dockerized_predictor: the Dockerfile, as the package dockerfile reads it, and its image."""

from __future__ import annotations

import io
import json
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import torch
from torch import nn

from kata_runner.checking import (
    Shown,
    answer_text,
    as_array,
    assert_close,
    assert_equal,
    assert_type,
    edges,
    fail,
    not_tried,
    require,
    rng,
    seed,
    todo,
)
from kata_runner.checking.containers import Bench, ask, real_container

SECRETS = (".env", ".git/HEAD", ".venv/lib/site.py", "__pycache__/predictor.cpython-312.pyc")
DEEPER = (
    "deploy/.env",
    "deploy/prod/eu/.env",
    "tools/.venv/x.py",
    "tools/deep/__pycache__/x.nbi",  # not only .pyc: Numba keeps its compiled functions there
    "vendor/lib/.git/HEAD",
)


def our_net() -> nn.Module:
    """A classifier whose weights are not those in the kata's folder."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4062 + seed())
        return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3)).eval()


def weights() -> bytes:
    file = io.BytesIO()
    torch.save(our_net().state_dict(), file)
    return file.getvalue()


@pytest.fixture(scope="module", autouse=True)
def _bench() -> Iterator[None]:
    global bench
    bench = Bench({"model.pt": weights(), **dict.fromkeys(SECRETS + DEEPER, b"")})
    yield
    bench.close()


bench: Bench


def cases() -> list[tuple[list[list[float]], torch.Tensor]]:
    """Inputs of one, two and seven rows, with the probabilities that our net has for them."""
    batches = [rng(n).normal(0, 2, (n, 4)).round(3).tolist() for n in (1, 2, 7)]
    with torch.inference_mode():
        return [(batch, our_net()(torch.tensor(batch)).softmax(dim=1)) for batch in batches]


def assert_predicts(port: int, inputs: Any, probabilities: torch.Tensor, patience_s: float = 0.0) -> None:
    body = json.dumps({"inputs": inputs}).encode()
    call = f"POST /predict with the body {body.decode()[:80]}"
    status, answer = ask(port, "POST", "/predict", body, patience_s=patience_s)
    require(status == 200, f"the status is {status}, expected 200", got=answer, call=call)
    assert_type(answer, dict, what="the answer")
    got = as_array(answer.get("probabilities"), "probabilities")
    assert_close(got, probabilities.numpy(), rtol=1e-4, atol=1e-5, what="probabilities", call=call)
    assert_equal(answer.get("classes"), probabilities.argmax(dim=1).tolist(), what="classes", call=call)


def test_the_container_predicts() -> None:
    """1. POST /predict answers with the probabilities and the class of each input."""
    expected = cases()
    for inputs, probabilities in expected:
        assert_predicts(bench.server().port, inputs, probabilities)
    with real_container(bench.image, 8000) as port:
        if port is not None:
            assert_predicts(port, *expected[1], patience_s=60.0)


def test_the_answer_stays() -> None:
    """1. The same input gets the same answer, also when the file of weights is gone: it was read at the start."""
    (inputs, probabilities), server = cases()[0], bench.server()
    files = list(server.stage.root.rglob("*.pt"))
    for path in files:
        path.rename(path.with_suffix(".away"))
    try:
        for _ in range(4):  # Dropout left on would answer differently
            assert_predicts(server.port, inputs, probabilities)
    finally:
        for path in files:
            path.with_suffix(".away").rename(path)


def test_everybody_reaches_it() -> None:
    """3. The server listens on 0.0.0.0 at the port in PORT, which the image sets to 8000."""
    assert_equal(bench.image.final.env.get("PORT"), "8000", what="ENV PORT in the Dockerfile", call=" ")
    server = bench.server()
    addresses = sorted({address for address, port in server.listens_at() if port == server.port})
    why = "the server listens on the container's own loopback, where nobody outside reaches it"
    is_open = bool({"0.0.0.0", "::"} & set(addresses))
    require(is_open, why, got=Shown(", ".join(addresses)), expected=Shown("0.0.0.0"), call=server.call)


def test_health_is_answered() -> None:
    """3. GET /health answers {"status": "ok"}."""
    assert_equal(bench.server().ask("GET", "/health"), (200, {"status": "ok"}), what="GET /health", call=" ")


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
    """5. requirements.txt lists torch, and each line names one exact version with ==."""
    text = re.sub(r"\\\n", " ", answer_text("requirements.txt"))
    lines = [re.split(r"(?:^|\s)#", line)[0].strip() for line in text.splitlines()]
    wanted = [re.split(r";| --", line)[0].strip() for line in lines if line and not line.startswith("-")]
    if not wanted:
        todo("requirements.txt lists nothing yet")
    for line in wanted:
        is_exact = re.fullmatch(r"[\w.-]+(\[.*\])?\s*(===?\s*\d[\w.+!]*|@\s*\S+)", line) is not None
        require(is_exact, "a requirement is not pinned to one exact version", got=line, call=" ")
    names = [re.split(r"[\[=@\s]", line)[0].lower() for line in wanted]
    require("torch" in names, "requirements.txt does not list torch", got=names, call=" ")


def test_packages_come_before_the_code() -> None:
    """6. When requirements.txt is installed, nothing else of yours is in the image yet."""
    runs = [run for stage in bench.image.stages for run in stage.runs]
    installs = [
        r for r in runs if re.search(r"\b(pip3?|uv)\b.*\b(install|sync|wheel)\b.*requirements", r.text, re.DOTALL)
    ]
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


def test_the_health_check_asks_the_server() -> None:
    """9. HEALTHCHECK succeeds while the server answers at PORT, fails when nobody does, and finds what it calls."""
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
    server = bench.server()
    code, words = server.health(server.port)
    require(code == 0, f"the exit code is {code} while the server answers", got=Shown(words), call=text)
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, never listening
        code, _ = server.health(nobody.getsockname()[1])
    require(code != 0, "the health check succeeds although no server is at the port in PORT", call=text)


def test_the_build_context_is_clean() -> None:
    """10. .dockerignore keeps out .git, .env, .venv and __pycache__, and lets in what the image needs."""
    if not re.search(r"^\s*[^#\s]", answer_text(".dockerignore"), re.MULTILINE):
        todo(".dockerignore is still empty")
    assert_sent("predictor.py", "model.pt", is_sent=True)
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


def test_a_bad_body_is_refused() -> None:
    """2. A body that is not as promised gets 400 with an error, and the server answers on."""
    bodies: list[bytes | None] = [b"{", b"", None, b"[]", b"{}", b'{"inputs": null}', b'{"inputs": []}']
    rows = ["1, 2, 3, 4", "[1, 2, 3]", "[1, 2, 3, 4], [1]", '["1", 2, 3, 4]', "[NaN, 2, 3, 4]", "[1, 2, 3, 1e999]"]
    rows += ["[1, 2, 3, 1e39]", f"[1, 2, 3, {10**400}]"]  # too large for float32, and for float64
    for body in [*bodies, *(f'{{"inputs": [{row}]}}'.encode() for row in rows)]:
        what = "no Content-Length" if body is None else f"the body {body.decode()[:60] or '(empty)'}"
        call = f"POST /predict with {what}"
        status, answer = bench.server().ask("POST", "/predict", body)
        require(status == 400, f"the status is {status}, expected 400", got=answer, call=call)
        has_error = isinstance(answer, dict) and isinstance(answer.get("error"), str)
        require(has_error, 'the answer to a bad body holds no "error" with a text', got=answer, call=call)
    assert_equal(bench.server().ask("GET", "/health")[0], 200, what="GET /health after these", call=" ")


class Sick(BaseHTTPRequestHandler):
    """Answers each request with an error."""

    status = 503

    def do_GET(self) -> None:
        self.send_error(self.status)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def test_a_sick_server_is_not_healthy() -> None:
    """9. HEALTHCHECK fails when the server at PORT answers with an error."""
    if bench.image.final.health is None:
        fail("the last stage has no HEALTHCHECK", call=" ")
    for status in (503, 404):
        Sick.status = status
        with ThreadingHTTPServer(("127.0.0.1", 0), Sick) as sick:
            Thread(target=sick.serve_forever, daemon=True).start()
            code, _ = bench.server().health(sick.server_port)
            sick.shutdown()
        require(code != 0, f"the health check succeeds although the server answers with {status}", call=" ")


def test_a_silent_client_holds_up_nobody() -> None:
    """3. GET /health is answered while another client is connected and says nothing."""
    server = bench.server()
    with closing(socket.create_connection(("127.0.0.1", server.port))):
        assert_equal(server.ask("GET", "/health"), (200, {"status": "ok"}), what="GET /health", call=" ")


def test_it_stops_when_asked() -> None:
    """4. On SIGTERM the server ends with exit code 0, whoever is still connected."""
    if not hasattr(signal, "SIGKILL"):
        not_tried("no SIGTERM on this machine: stopping was not tried")
        return
    server = bench.server()
    with closing(socket.create_connection(("127.0.0.1", server.port))):
        server.ask("GET", "/health")  # answered after the silent client was accepted
        server.process.send_signal(signal.SIGTERM)
        try:
            code = server.process.wait(30.0)
        except subprocess.TimeoutExpired:
            fail("half a minute after SIGTERM the server is still there; `docker stop` kills it", call=server.call)
    why = "nothing handles SIGTERM; as process 1 of a container the server would not even notice it"
    require(code != -signal.SIGTERM, why, call=server.call)
    assert_equal(code, 0, what="the exit code after SIGTERM", call=server.call)
