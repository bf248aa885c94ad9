"""Hidden test of c10_project_productionize: train.py, service.py, and the image, as the package dockerfile reads it."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kata_runner.checking import (
    CheckFailed,
    Shown,
    answer_path,
    answer_text,
    as_array,
    assert_close,
    assert_equal,
    assert_raises,
    assert_type,
    edges,
    fail,
    learner,
    learner_module,
    require,
    rng,
    run_python,
    temporary_folder,
    todo,
)
from kata_runner.checking.containers import Bench, real_container, start
from kata_runner.checking.servers import real_server

training = learner("train")
serving = learner("service")

LIMIT_S = 60.0
NAMES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
SECRETS = (
    ".env",
    ".git/HEAD",
    ".venv/lib/site.py",
    "__pycache__/x.cpython-312.pyc",
    "old/__pycache__/x.pyc",
    "old/.env",
    "old/vendor/.git/HEAD",
    "old/tools/.venv/lib/site.py",
)


@cache
def reference() -> tuple[Any, Any, float]:
    """Our own model, the test rows, and its accuracy on them."""
    data = load_iris()
    species = data.target_names[data.target]
    x, x_test, y, y_test = train_test_split(data.data, species, test_size=30, stratify=species, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y)
    return model, x_test, float((model.predict(x_test) == y_test).mean())


@cache
def our_files() -> tuple[Path, str]:
    """A folder with our own model, saved by the learner's c10_1, and its digest; the service does not need train.py."""
    folder = Path(tempfile.mkdtemp(prefix="kata-"))
    return folder, learner_module("saved_model").save(reference()[0], folder)


@pytest.fixture(scope="module", autouse=True)
def _bench() -> Iterator[None]:
    global bench
    folder, _ = our_files()
    files = {f"model/{name}": (folder / name).read_bytes() for name in ("model.pickle", "model.json")}
    files["saved_model.py"] = Path(str(learner_module("saved_model").__file__)).read_bytes()
    bench = Bench({**files, **dict.fromkeys(SECRETS, b"")})
    yield
    bench.close()
    shutil.rmtree(folder, ignore_errors=True)
    our_files.cache_clear()


bench: Bench


def flowers(n: int, stream: int) -> list[list[float]]:
    x = load_iris().data
    return [[float(v) for v in row] for row in x[rng(stream).integers(0, len(x), n)].round(1)]


def body_of(row: list[float], order: tuple[str, ...] = NAMES) -> bytes:
    by_name = dict(zip(NAMES, row, strict=True))
    return json.dumps({name: by_name[name] for name in order}).encode()


def answer_to(row: list[float]) -> tuple[str, float]:
    probabilities = reference()[0].predict_proba([row])[0]
    return str(reference()[0].classes_[probabilities.argmax()]), float(probabilities.max())


def assert_classified(status: int, answer: Any, row: list[float], call: str) -> None:
    species, probability = answer_to(row)
    require(status == 200, f"the status is {status}, expected 200", got=answer, call=call)
    assert_type(answer, dict, what="the answer")
    assert_equal(answer.get("species"), species, what='"species"', call=call)
    got = answer.get("probability")
    require(isinstance(got, float), '"probability" is no number', got=got, expected=probability, call=call)
    assert_close(got, probability, rtol=1e-6, what='"probability"', call=call)


def ask(client: Any, body: bytes) -> tuple[int, Any]:
    """Status and content of the answer to POST /classify."""
    call = f"POST /classify with {body.decode('utf-8', 'replace')[:150] or 'an empty body'}"
    try:
        answer = client.post("/classify", content=body, headers={"Content-Type": "application/json"})
    except NotImplementedError:
        raise
    except httpx2.HTTPError as error:
        fail(f"no answer came ({type(error).__name__})", call=call)
    except Exception as error:
        text = str(error).strip().partition("\n")[0]
        fail(f"the answer would be 500, as your code raises {type(error).__name__}: {text[:200]}", call=call)
    try:
        return answer.status_code, answer.json()
    except ValueError:
        return answer.status_code, Shown(answer.text[:200])


@contextmanager
def served() -> Iterator[Any]:
    app = serving.create_service(*our_files())
    assert_type(app, FastAPI, what="create_service")
    with TestClient(app) as client:
        yield client


def loaded(folder: Path, sha256: Any) -> Any:
    """The model that train has saved, as the learner's c10_1 loads it."""
    try:
        model = learner_module("saved_model").load(folder, sha256)
    except (OSError, TypeError, ValueError) as error:
        fail(
            f"the folder does not hold the model of this digest: {error}", got=sorted(p.name for p in folder.glob("*"))
        )
    require(isinstance(model, BaseEstimator), "what is saved is no model of scikit-learn", got=model)
    return model


def test_the_model() -> None:
    """1. The pipeline is fitted on the training rows alone, and saved by saved_model."""
    ours, x_test, _ = reference()
    with temporary_folder() as home:
        folder = home / "model"
        result = training.train(folder)
        model = loaded(folder, getattr(result, "sha256", None))
        call = "load(folder, train(folder).sha256)"
        labels = sorted(map(str, getattr(model, "classes_", [])))
        assert_equal(labels, ["setosa", "versicolor", "virginica"], what="the labels of the model", call=call)
        try:
            got = as_array(model.predict_proba(x_test), "predict_proba of the saved model")
        except Exception as error:
            fail(f"predict_proba of the saved model raises {type(error).__name__}: {error}", call=call)
        what = "predict_proba of the saved model for the test rows"
        assert_close(got, ours.predict_proba(x_test), rtol=1e-5, atol=1e-8, what=what, call=call)


def test_the_accuracy() -> None:
    """2. accuracy is that of the model on the 30 test rows, a float."""
    with temporary_folder() as folder:
        result = training.train(str(folder))
        got = getattr(result, "accuracy", None)
        require(type(got) is float, "accuracy is no float", got=got, expected=reference()[2])
        assert_close(got, reference()[2], what="accuracy")


def test_the_program() -> None:
    """3. python train.py FOLDER prints one line of JSON to standard output, and saves the model."""
    with temporary_folder() as folder:
        call = "python train.py FOLDER"
        ran = run_python(answer_path("train.py"), folder / "model", timeout_s=LIMIT_S)
        last = Shown((ran.stderr.strip().splitlines() or ["no output"])[-1])
        if "NotImplementedError" in ran.stderr:
            todo("train.py is still the stub")
        require(ran.code == 0, f"the program ends with exit code {ran.code}", got=last, call=call)
        try:
            result = json.loads(ran.stdout)
        except ValueError:
            fail("standard output is not one line of JSON", got=Shown(ran.stdout[:200]), call=call)
        is_line = isinstance(result, dict) and len(ran.stdout.strip().splitlines()) == 1
        require(is_line, "standard output is not one line with a JSON object", got=Shown(ran.stdout[:200]), call=call)
        assert_equal(sorted(result), ["accuracy", "sha256"], what="the keys", call=call)
        assert_equal(result["accuracy"], reference()[2], what='"accuracy"', call=call)
        loaded(folder / "model", result["sha256"])


def test_the_service_classifies() -> None:
    """4. /classify answers with the species of the highest probability, and that probability."""
    with served() as client:
        for row in flowers(6, 1):
            body = body_of(row)
            assert_classified(*ask(client, body), row, f"POST /classify with {body.decode()}")
        row = [6.0, 3.0, 4.8, 1.7]
        for order in (NAMES[::-1], tuple(rng(2).permutation(NAMES).tolist())):
            body = body_of(row, order)
            assert_classified(*ask(client, body), row, f"POST /classify with {body.decode()}")


def test_the_model_is_loaded_once() -> None:
    """6. create_service loads the model by saved_model, once, and raises what that raises."""
    folder, sha256 = our_files()
    with temporary_folder() as home:
        copy = home / "model"
        shutil.copytree(folder, copy)
        for other, shown in (("0" * 64, "another SHA-256"), (sha256.upper()[:-1] + "x", "another SHA-256")):
            assert_raises(ValueError, serving.create_service, copy, other, call=f"create_service(folder, …), {shown}")
        nowhere = home / "nowhere"
        try:
            learner_module("saved_model").load(nowhere, sha256)
        except Exception as error:
            call = "create_service(a folder that is missing, sha256)"
            assert_raises(type(error), serving.create_service, nowhere, sha256, call=call)
        app = serving.create_service(str(copy), sha256)
        shutil.rmtree(copy)
        with TestClient(app) as client:
            for row in flowers(2, 3):
                call = "POST /classify, after the folder is gone"
                assert_classified(*ask(client, body_of(row)), row, call)


PROGRAM = """
import sys

import uvicorn
from service import create_service

if "train" in sys.modules:
    sys.exit("importing service imports train")
with open("digest", encoding="utf-8") as file:
    app = create_service("model", file.read())
uvicorn.run(app, host="127.0.0.1", port=0)
"""


def test_a_real_server() -> None:
    """7. A real server, run by uvicorn, answers over HTTP."""
    folder, sha256 = our_files()
    call = 'uvicorn.run(create_service("model", sha256), host="127.0.0.1")'
    with temporary_folder() as home:
        shutil.copytree(folder, home / "model")
        program = PROGRAM.replace('"model"', repr(str(home / "model")))
        files = {"digest": sha256.encode()}
        with (
            real_server(program, stub="create_service", call=call, files=files) as server,
            httpx2.Client(base_url=server.address, timeout=LIMIT_S) as client,
        ):
            for row in flowers(3, 4):
                assert_classified(*ask(client, body_of(row)), row, f"POST /classify with {body_of(row).decode()}")
            status, answer = ask(client, b"{}")
            require(status == 422, f"the status is {status}, expected 422", got=answer, call="POST /classify with {}")


def container() -> Any:
    bench.image.final.env["MODEL_SHA256"] = our_files()[1]
    return bench.server()


def test_the_container() -> None:
    """8. The container serves the model on 0.0.0.0 at the port in PORT, with the digest from MODEL_SHA256."""
    assert_equal(bench.image.final.env.get("PORT"), "8000", what="ENV PORT in the Dockerfile", call=" ")
    server = container()
    for row in flowers(3, 5):
        body = body_of(row)
        status, answer = server.ask("POST", "/classify", body)
        assert_classified(status, answer, row, f"POST /classify with {body.decode()}")
    addresses = sorted({address for address, port in server.listens_at() if port == server.port})
    why = "the server listens on the container's own loopback, where nobody outside reaches it"
    is_open = bool({"0.0.0.0", "::"} & set(addresses))
    require(is_open, why, got=Shown(", ".join(addresses)), expected=Shown("0.0.0.0"), call=server.call)
    with real_container(bench.image, 8000):
        pass


def test_the_image_is_pinned_and_not_root() -> None:
    """9. requirements.txt is pinned and installed first; USER is a number; the command starts Python itself."""
    image = bench.image
    lines = [re.split(r"(?:^|\s)#", line)[0].strip() for line in answer_text("requirements.txt").splitlines()]
    wanted = [line for line in lines if line and not line.startswith("-")]
    if not wanted:
        todo("requirements.txt lists nothing yet")
    for line in wanted:
        is_exact = re.fullmatch(r"[\w.-]+(\[.*\])?\s*===?\s*\d[\w.+!]*( *;.*)?", line) is not None
        require(is_exact, "a requirement is not pinned to one exact version", got=line, call=" ")
    runs = [run for stage in image.stages for run in stage.runs]
    installs = [r for r in runs if re.search(r"\b(pip3?|uv)\b.*\b(install|sync)\b.*requirements", r.text, re.DOTALL)]
    require(bool(installs), "no RUN installs requirements.txt", call=" ")
    for run in installs:
        names = sorted({name.rpartition("/")[2] for name in run.files})
        where = f"line {run.line}: when the requirements are installed,"
        early = [name for name in names if not name.startswith(("requirements", "constraints"))]
        require(not early, f"{where} {', '.join(early[:3])} is in the image already", call=" ")
        require(bool(names), f"{where} requirements.txt is not in the image yet", call=" ")
    user = image.final.user.partition(":")[0]
    is_number = user.isdigit() and int(user) > 0
    require(is_number, "the last USER is not a number above 0", got=image.final.user, call=" ")
    words = image.final.command()
    is_python = re.fullmatch(r"python[\d.]*", words[0].rpartition("/")[2]) is not None
    right = Shown('CMD ["python", …], in double quotes')
    require(is_python, "process 1 is not Python, and may keep SIGTERM to itself", got=words, expected=right, call=" ")


edges()


def test_only_what_is_needed() -> None:
    """10. Neither train.py nor .env, .git, .venv and __pycache__ are in the image."""
    root = bench.image.final.root
    held = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    unwanted = re.compile(r"(^|/)(train\.py|\.env|\.git/.*|\.venv/.*|__pycache__/.*)$")
    for name in held:
        require(not unwanted.search(name), f"/{name} is in the image", got=[f"/{n}" for n in held], call=" ")
    require(any(name.endswith("service.py") for name in held), "service.py is not in the image", got=held, call=" ")


def test_another_model_is_not_served() -> None:
    """8. With the digest of another model, the container serves nothing."""
    container()
    stage = replace(bench.image.final, env={**bench.image.final.env, "MODEL_SHA256": "0" * 64})
    call = f"{' '.join(stage.command())}  # where MODEL_SHA256 is that of another model"
    try:
        running = start(replace(bench.image, stages=[stage]))
    except CheckFailed as error:
        require("ended at once" in str(error), "it does not end, although it has no model that it may serve", call=call)
        return
    running.kill()
    fail("it serves, although nobody has vouched for the model", call=call)


def test_bad_measures() -> None:
    """5. A measure that is missing, or not a number x with 0 < x <= 100, is answered with 422."""
    good = dict.fromkeys(NAMES, "1.5")
    cases = [{**good, name: value} for name in NAMES for value in ("0", "-1.5", "100.5", "NaN", "null")]
    cases += [{**good, "petal_width": value} for value in ("Infinity", "-Infinity", "1e999", '"x"', "[1.5]", "{}")]
    cases += [{n: v for n, v in good.items() if n != name} for name in NAMES]
    bodies = ["{" + ", ".join(f'"{n}": {v}' for n, v in case.items()) + "}" for case in cases]
    with served() as client:
        for body in [*bodies, "", "{", "[]", "null", "[1.5, 1.5, 1.5, 1.5]"]:
            status, answer = ask(client, body.encode())
            call = f"POST /classify with {body or 'an empty body'}"
            require(status == 422, f"the status is {status}, expected 422", got=answer, call=call)
        for value in (100.0, 0.001):
            row = [value, 1.0, 1.0, 1.0]
            assert_classified(*ask(client, body_of(row)), row, f"POST /classify with {body_of(row).decode()}")
