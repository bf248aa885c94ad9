"""Hidden test of c10_1_serialization_api."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import sklearn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from kata_runner.checking import (
    Shown,
    as_array,
    assert_equal,
    assert_raises,
    assert_type,
    edges,
    fail,
    learner,
    require,
    rng,
    temporary_folder,
)

work = learner("saved_model")

N_CALLS: list[str] = []


class Counted(LogisticRegression):
    """Notes its calls in a list of this module, which a pickle does not copy."""

    def predict(self, X: Any) -> Any:
        N_CALLS.append("predict")
        return super().predict(X)

    def predict_proba(self, X: Any) -> Any:
        N_CALLS.append("predict_proba")
        return super().predict_proba(X)


@cache
def models() -> dict[str, tuple[Any, Any]]:
    """Models with the rows that they are asked about."""
    x, y = load_iris(return_X_y=True)
    species = np.array(["setosa", "versicolor", "virginica"])[y]
    rows = x[rng(1).permutation(len(x))[:40]] + rng(2).normal(0, 0.2, (40, 4))
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)).fit(x, species)
    two = x[:, 2:]
    return {
        "a pipeline that predicts names": (pipeline, rows),
        "a tree that predicts 0, 1, 2 from two features": (
            DecisionTreeClassifier(random_state=0).fit(two, y),
            rows[:, 2:],
        ),
    }


def saved(model: Any, folder: Path) -> str:
    sha256 = work.save(model, folder)
    assert_type(sha256, str, what="save")
    return str(sha256)


def file_of(folder: Path, name: str) -> bytes:
    path = folder / name
    require(path.is_file(), f"save has written no {name}", got=sorted(p.name for p in folder.glob("*")))
    return path.read_bytes()


def info_of(folder: Path) -> dict[str, Any]:
    try:
        info = json.loads(file_of(folder, "model.json").decode("utf-8"))
    except ValueError as error:
        fail(f"model.json is not JSON: {error}")
    assert_type(info, dict, what="the content of model.json")
    return dict(info)


def answers(loaded: Any, rows: Any, call: str, method: str = "predict") -> Any:
    """What a loaded model predicts."""
    require(isinstance(loaded, BaseEstimator), "load does not return the model", got=loaded, call=call)
    try:
        return getattr(loaded, method)(rows)
    except Exception as error:
        fail(f"the loaded model raises {type(error).__name__}: {str(error)[:100]}", call=call)


def test_two_files() -> None:
    """1. save makes the folder and writes model.pickle and model.json; it returns the SHA-256 of the former."""
    for shown, (model, _) in models().items():
        with temporary_folder() as home:
            folder = home / "models" / "7"
            sha256 = saved(model, folder)
            expected = hashlib.sha256(file_of(folder, "model.pickle")).hexdigest()
            assert_equal(sha256, expected, what="what save returns", call=f"save(model, folder)  # {shown}")
            file_of(folder, "model.json")
    with temporary_folder() as folder:
        first, second = (saved(model, folder) for model, _ in models().values())
        require(first != second, "two models have one SHA-256", got=first)
        model, rows = list(models().values())[1]
        call = "load(folder, sha256), after a second save into the same folder"
        assert_equal(answers(work.load(folder, second), rows, call), model.predict(rows), what="predictions", call=call)
        assert_equal(info_of(folder).get("sha256"), second, what='"sha256" in model.json', call=call)


def test_what_is_noted() -> None:
    """2. model.json has the version of scikit-learn, the SHA-256, the number of features and the classes."""
    x, y = load_iris(return_X_y=True)
    narrow = make_pipeline(PCA(2), DecisionTreeClassifier(random_state=0)).fit(x, y)
    for shown, (model, rows) in [*models().items(), ("a pipeline whose last step has two features", (narrow, x))]:
        with temporary_folder() as folder:
            sha256, call = saved(model, folder), f"save(model, folder)  # {shown}"
            expected = {
                "sklearn": sklearn.__version__,
                "sha256": sha256,
                "features": rows.shape[1],
                "classes": model.classes_.tolist(),
            }
            info = info_of(folder)
            for name, value in expected.items():
                require(name in info, f'model.json has no "{name}"', got=info, call=call)
                assert_equal(info[name], value, what=f'"{name}" in model.json', call=call)


def test_same_predictions() -> None:
    """3. The loaded model predicts as the saved one, bit for bit."""
    for shown, (model, rows) in models().items():
        with temporary_folder() as folder:
            labels, probabilities = model.predict(rows), model.predict_proba(rows)
            sha256 = saved(model, folder)
            loaded = work.load(folder, sha256)
            require(loaded is not model, "load returns the object that was saved, not what the file holds", call="load")
            call = f"load(folder, save(model, folder))  # {shown}"
            assert_equal(answers(loaded, rows, call), labels, what="predict of the loaded model", call=call)
            got = as_array(answers(loaded, rows, call, "predict_proba"), "predict_proba of the loaded model")
            is_same = got.shape == probabilities.shape and bool((got == probabilities).all())
            require(
                is_same, "the probabilities are not the same, bit for bit", got=got, expected=probabilities, call=call
            )


class Trap:
    """Unpickling it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)

    def __reduce__(self) -> Any:
        return os.mkdir, (self.folder,)


def assert_not_unpickled(path: Path, call: str) -> None:
    require(not path.exists(), "the pickle was read, and the code in it has run", call=call)


def test_another_file_is_refused() -> None:
    """4. load raises ValueError, and unpickles nothing, unless the file has the SHA-256 of the caller."""
    model, _ = next(iter(models().values()))
    with temporary_folder() as home:
        for n, with_info in enumerate((False, True)):
            folder, mark = home / f"m{n}", home / f"mark{n}"
            sha256 = saved(model, folder)
            bad = pickle.dumps(Trap(mark))
            (folder / "model.pickle").write_bytes(bad)
            call = "load(folder, sha256), where model.pickle was replaced"
            if with_info:
                info = {**info_of(folder), "sha256": hashlib.sha256(bad).hexdigest()}
                (folder / "model.json").write_text(json.dumps(info), encoding="utf-8")
                call += ', and "sha256" in model.json fits it'
            try:
                assert_raises(ValueError, work.load, folder, sha256, call=call)
            finally:
                assert_not_unpickled(mark, call)
        folder = home / "whole"
        sha256 = saved(model, folder)
        for other in ("", "0" * 64, sha256[:-1], sha256[:32]):
            assert_raises(ValueError, work.load, folder, other, call=f'load(folder, "{other}"), another SHA-256')


def test_another_version_is_refused() -> None:
    """5. load raises ValueError that names both versions, and unpickles nothing, if another version wrote it."""
    model, _ = next(iter(models().values()))
    here = sklearn.__version__
    with temporary_folder() as home:
        for n, version in enumerate(("0.24.2", here.rpartition(".")[0] + ".99", here + ".post1", "99.0")):
            folder, mark = home / f"m{n}", home / f"mark{n}"
            saved(model, folder)
            content = pickle.dumps(Trap(mark))
            (folder / "model.pickle").write_bytes(content)
            sha256 = hashlib.sha256(content).hexdigest()
            info = {**info_of(folder), "sklearn": version, "sha256": sha256}
            (folder / "model.json").write_text(json.dumps(info), encoding="utf-8")
            call = f'load(folder, sha256), where "sklearn" in model.json is "{version}", and {here} is installed'
            try:
                assert_raises(ValueError, work.load, folder, sha256, mentions=(version, here), call=call)
            finally:
                assert_not_unpickled(mark, call)


@contextmanager
def served(model: Any) -> Iterator[Any]:
    with temporary_folder() as folder:
        app = work.create_app(folder, saved(model, folder))
        assert_type(app, FastAPI, what="create_app")
        with TestClient(app) as client:
            yield client


def ask(client: Any, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    """Status and content of the answer."""
    call = f"{method} {path}" + ("" if body is None else f" with {body[:120].decode('utf-8', 'replace')}")
    try:
        answer = client.request(method, path, content=body, headers={"Content-Type": "application/json"})
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


def test_the_api_predicts() -> None:
    """7. predictions has the label of each input, in order; the model is called once per request."""
    for shown, (model, rows) in models().items():
        with served(model) as client:
            for asked in (rows[:1], rows[:2], rows):
                body = json.dumps({"inputs": asked.tolist()}).encode()
                call = f"POST /predict with {len(asked)} inputs  # {shown}"
                status, answer = ask(client, "POST", "/predict", body)
                require(status == 200, f"the status is {status}, expected 200", got=answer, call=call)
                expected = {"predictions": model.predict(asked).tolist()}
                assert_equal(answer, expected, what="the answer", call=call)
                for label in answer["predictions"]:
                    assert_type(label, (str, int), what="a label in the answer")
    x, y = load_iris(return_X_y=True)
    with served(Counted(max_iter=200).fit(x, y)) as client:
        N_CALLS.clear()
        ask(client, "POST", "/predict", json.dumps({"inputs": x[:20].tolist()}).encode())
        n = len(N_CALLS)
        require(n == 1, f"the model was called {n} times", call="POST /predict with 20 inputs")


def test_the_api_names_its_model() -> None:
    """6. create_app loads the model, once; GET /model returns the content of model.json."""
    model, rows = next(iter(models().values()))
    body = json.dumps({"inputs": rows[:2].tolist()}).encode()
    with temporary_folder() as folder:
        sha256 = saved(model, folder)
        info = info_of(folder)
        app = work.create_app(folder, sha256)
        for name in ("model.pickle", "model.json"):
            (folder / name).unlink()
        with TestClient(app) as client:
            call = "GET /model, after the folder was emptied"
            assert_equal(ask(client, "GET", "/model"), (200, info), what="the answer", call=call)
            for _ in range(2):
                status, answer = ask(client, "POST", "/predict", body)
                call = "POST /predict, after the folder was emptied"
                require(status == 200, f"the status is {status}, expected 200", got=answer, call=call)
    with temporary_folder() as folder:
        sha256 = saved(model, folder)
        assert_raises(ValueError, work.create_app, folder, "0" * 64, call='create_app(folder, "000…"), another SHA-256')


edges()


def test_bad_inputs() -> None:
    """8. Inputs that are not one row or more of so many finite numbers are answered with 422."""
    good = "[1, 2, 3, 4]"
    rows = [
        "",
        "[1, 2, 3]",
        "[1, 2, 3, 4, 5]",
        f"{good}, [1]",
        "1, 2, 3, 4",
        "[[1, 2, 3, 4]]",
        "null",
        "[1, 2, 3, null]",
    ]
    rows += ["[NaN, 2, 3, 4]", f"{good}, [1, Infinity, 3, 4]", "[1, 2, 3, -1e999]", "[]", '[1, 2, 3, "x"]']
    bodies = [f'{{"inputs": [{row}]}}'.encode() for row in rows]
    model, _ = next(iter(models().values()))
    with served(model) as client:
        for body in [*bodies, b"{", b"", b"{}", b"[]", b'{"inputs": null}']:
            call = f"POST /predict with {body.decode() or 'an empty body'}"
            status, answer = ask(client, "POST", "/predict", body)
            require(status == 422, f"the status is {status}, expected 422", got=answer, call=call)
        body = f'{{"inputs": [{good}]}}'.encode()
        status, answer = ask(client, "POST", "/predict", body)
        require(status == 200, f"the status is {status}, expected 200", got=answer, call=f"POST /predict with {good}")


def test_two_apps() -> None:
    """6. Two apps in one process each have their own model."""
    (first, rows), (second, two) = models().values()
    with served(first) as one, served(second) as other:
        for client, model, asked in ((one, first, rows[:3]), (other, second, two[:3])):
            body = json.dumps({"inputs": asked.tolist()}).encode()
            expected = {"predictions": model.predict(asked).tolist()}
            got = ask(client, "POST", "/predict", body)
            assert_equal(got, (200, expected), what="the answer", call="POST /predict of one of two apps")


def test_paths_as_text() -> None:
    """1. The folder may be a text, and exist already."""
    model, rows = next(iter(models().values()))
    with temporary_folder() as folder:
        (folder / "notes.txt").write_text("mine", encoding="utf-8")
        sha256 = work.save(model, str(folder))
        call = "load(str(folder), save(model, str(folder)))"
        got = answers(work.load(str(folder), sha256), rows, call)
        assert_equal(got, model.predict(rows), what="predictions", call=call)
        is_kept = (folder / "notes.txt").exists()
        require(is_kept, "another file in the folder is gone", call="save(model, str(folder))")
