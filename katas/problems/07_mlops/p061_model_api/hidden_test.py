"""Hidden test of p061_model_api."""

from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx2
import numpy as np
import pandas as pd
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from kata_runner.checking import (
    Shown,
    assert_close,
    assert_equal,
    assert_type,
    edges,
    fail,
    learner,
    require,
    rng,
)
from kata_runner.checking.servers import real_server

work = learner("model_api")

NAMES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
SPECIES = ("setosa", "versicolor", "virginica")
JSON = {"Content-Type": "application/json"}
LIMIT_S = 60.0  # for what takes a second on an idle machine
BLOCKED_S = 10.0


class Watched(LogisticRegression):
    """Counts its calls, and does something first.

    single: probabilities in float32.
    """

    n_calls = 0
    before: Callable[[], object] = staticmethod(lambda: None)
    single = False

    def predict_proba(self, X: Any) -> Any:
        self.n_calls += 1
        self.before()
        probabilities = super().predict_proba(X)
        return probabilities.astype(np.float32) if self.single else probabilities

    def predict(self, X: Any) -> Any:
        self.n_calls += 1
        self.before()
        return super().predict(X)


@cache
def measured() -> tuple[pd.DataFrame, Any]:
    data = load_iris()
    return pd.DataFrame(data.data, columns=list(NAMES)), data.target


def fitted(columns: Any = NAMES, labels: Any = SPECIES) -> Watched:
    x, y = measured()
    return Watched(max_iter=30, tol=0.1).fit(x[list(columns)], np.array(labels)[y])


def flowers(n: int, stream: int = 0, *, mixed: bool = False) -> list[dict[str, Any]]:
    """Flowers of all species; mixed: each with its keys in another order."""
    random, x = rng(stream), measured()[0]
    rows = x.iloc[random.integers(0, len(x), n)].to_dict("records")
    return [{str(k): row[k] for k in (random.permutation(NAMES) if mixed else NAMES)} for row in rows]


def expected_of(model: Watched, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = pd.DataFrame(asked)[list(model.feature_names_in_)]
    p = LogisticRegression.predict_proba(model, rows)
    return [{"label": model.classes_[row.argmax()].item(), "probability": float(row.max())} for row in p]


@contextmanager
def served(model: Any, load_model: Callable[[], Any] | None = None, **options: Any) -> Iterator[Any]:
    app = work.create_app(load_model or (lambda: model))
    assert_type(app, FastAPI, what="create_app")
    with TestClient(app, **options) as client:
        yield client


def shown(body: object) -> str:
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else json.dumps(body)
    return f"POST /predict with {text if len(text) <= 300 else text[:200] + '…' or 'an empty body'}"


def post(client: Any, body: object) -> tuple[int, Any]:
    """Status and content of the answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        response = client.post("/predict", content=content, headers=JSON)
    except NotImplementedError:
        raise
    except httpx2.HTTPError as error:
        fail(f"no answer came ({type(error).__name__})", call=shown(body))
    except Exception as error:
        text = str(error).strip().partition("\n")[0]
        fail(f"the answer would be 500, as your code raises {type(error).__name__}: {text[:300]}", call=shown(body))
    try:
        return response.status_code, response.json()
    except ValueError:
        return response.status_code, Shown(response.text[:200])


def predictions(client: Any, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    body = {"flowers": asked}
    status, answer = post(client, body)
    require(status == 200, f"the status is {status}, expected 200", got=answer, call=shown(body))
    assert_type(answer, dict, what="the answer")
    got = answer.get("predictions")
    is_list = isinstance(got, list) and all(isinstance(p, dict) and {"label", "probability"} <= p.keys() for p in got)
    why = 'the answer is not {"predictions": [{"label": …, "probability": …}, …]}'
    require(is_list, why, got=answer, call=shown(body))
    return list(got)


def assert_predicts(client: Any, model: Watched, asked: list[dict[str, Any]], rtol: float = 1e-6) -> None:
    expected, got = expected_of(model, asked), predictions(client, asked)
    call = shown({"flowers": asked}) + f"\nmodel.feature_names_in_ is {model.feature_names_in_.tolist()}"
    assert_equal([p["label"] for p in got], [p["label"] for p in expected], what="the labels", call=call)
    values = [p["probability"] for p in got]
    assert_close(values, [p["probability"] for p in expected], rtol=rtol, what="the probabilities", call=call)


def assert_refused(client: Any, body: object, *locs: list[Any]) -> None:
    status, answer = post(client, body)
    why = f"the status is {status}, expected 422"
    require(status == 422, why, got=answer, expected=Shown("422"), call=shown(body))
    if locs:
        detail = answer.get("detail") if isinstance(answer, dict) else None
        is_list = isinstance(detail, list) and all(isinstance(d, dict) and "loc" in d for d in detail)
        require(is_list, 'the answer is not {"detail": [{"loc": […], …}, …]}', got=answer, call=shown(body))
        found = sorted((d["loc"] for d in detail), key=str)
        assert_equal(found, sorted(locs, key=str), what="loc of each entry in detail", call=shown(body))


def test_predicts() -> None:
    """1. Each flower is answered with the label of the highest probability, and that probability."""
    model = fitted()
    with served(model) as client:
        for n in (1, 2, 50, 1000):
            assert_predicts(client, model, flowers(n, n))


def test_columns_by_name() -> None:
    """2. The columns reach the model in the order of feature_names_in_, whatever the order in the body."""
    for columns in (NAMES, NAMES[::-1], rng(10).permutation(NAMES).tolist()):
        model = fitted(columns)
        with served(model) as client:
            assert_predicts(client, model, flowers(1, 20))
            assert_predicts(client, model, flowers(1, 21, mixed=True))
            assert_predicts(client, model, flowers(9, 22, mixed=True))


def test_json_types() -> None:
    """3. Labels are JSON texts or whole numbers as in classes_, and probabilities JSON numbers, also from float32."""
    for labels, kind, single in (((0, 1, 2), int, False), ((7, -3, 1000), int, True), (("0", "1", "2"), str, True)):
        model = fitted(labels=labels)
        model.single = single
        asked = flowers(8, 40)
        with served(model) as client:
            for prediction in predictions(client, asked):
                for name, type_ in (("label", kind), ("probability", float)):
                    why = f"{name} is a JSON {type(prediction[name]).__name__}, expected {type_.__name__}"
                    call = shown({"flowers": asked[:1]}) + f"\nmodel.classes_ is {model.classes_.tolist()}"
                    require(type(prediction[name]) is type_, why, got=prediction, call=call)
            assert_predicts(client, model, asked, rtol=1e-5)


def test_one_call_for_all() -> None:
    """4. A request of many flowers calls the model as often as a request of one."""
    model = fitted()
    counts = []
    with served(model) as client:
        for n in (1, 2, 1000):
            before = model.n_calls
            asked = flowers(n, 50)
            predictions(client, asked)
            counts.append(model.n_calls - before)
            why = f"the model was called {counts[-1]} times for {n} flowers, and {counts[0]} times for one"
            require(counts[-1] == counts[0], why, call=f"POST /predict with {n} flowers")


def test_loaded_once() -> None:
    """5. load_model is called once, before the first request, and two apps each keep their own model."""
    model, n_loads = fitted(), 0

    def load() -> Watched:
        nonlocal n_loads
        n_loads += 1
        return model

    with served(model, load) as client:
        require(
            n_loads == 1, f"load_model was called {n_loads} times when the app had started", call="create_app(load)"
        )
        for stream in range(3):
            assert_predicts(client, model, flowers(2, 60 + stream))
        require(n_loads == 1, f"load_model was called {n_loads} times after three requests", call="create_app(load)")
    first, second = fitted(labels=("a", "b", "c")), fitted(labels=("d", "e", "f"))
    with served(first) as one, served(second) as two:
        for client, its in ((one, first), (two, second), (one, first)):
            assert_predicts(client, its, flowers(2, 65))


def test_others_are_answered() -> None:
    """6. While one prediction runs, other requests are answered."""
    model, is_running, may_end = fitted(), threading.Event(), threading.Event()

    def wait() -> None:
        is_running.set()
        may_end.wait(2 * BLOCKED_S)

    model.before = wait
    with served(model) as client, ThreadPoolExecutor(2) as pool:
        try:
            slow = pool.submit(predictions, client, flowers(1, 70))
            while not is_running.wait(0.05):
                if slow.done():
                    slow.result()
                    fail("an answer came, although the model was not called", call="POST /predict")
            other = pool.submit(post, client, {"flowers": [{}]})
            other.result(timeout=BLOCKED_S)
        except TimeoutError:
            why = "a bad request got no answer while the model was computing for another client"
            fail(why, call="POST /predict, while another POST /predict waits for the model")
        finally:
            may_end.set()
        slow.result()


PROGRAM = """
import pickle
import threading

import uvicorn

from model_api import create_app



def load_model():
    with open("model.pickle", "rb") as file:
        return pickle.load(file)


uvicorn.run(create_app(load_model), host="127.0.0.1", port=0)
"""


def test_real_server() -> None:
    """7. A real server on loopback answers the same way."""
    x, y = measured()
    model = LogisticRegression(max_iter=30, tol=0.1).fit(x[list(NAMES[::-1])], np.array(SPECIES)[y])
    how: dict[str, Any] = {"stub": "create_app", "call": 'uvicorn.run(create_app(load_model), host="127.0.0.1")'}
    how["files"] = {"model.pickle": pickle.dumps(model)}
    with real_server(PROGRAM, **how) as server, httpx2.Client(base_url=server.address, timeout=LIMIT_S) as client:
        for n in (1, 20):
            assert_predicts(client, model, flowers(n, 80))


def test_bad_measures() -> None:
    """8. A bad measure is 422, with the number of the flower and the name of the measure in loc."""
    good = flowers(3, 90)
    with served(fitted()) as client:
        for i, name in enumerate(NAMES):
            bad = [dict(flower) for flower in good]
            at = i % 3
            del bad[at][name]
            assert_refused(client, {"flowers": bad}, ["body", "flowers", at, name])
            for value in ("wide", -1, 0):
                bad[at][name] = value
                assert_refused(client, {"flowers": bad}, ["body", "flowers", at, name])
        bad = [good[0], {**good[1], "petal_width": "wide"}, {**good[2], "sepal_width": -1.5, "petal_length": None}]
        locs = [(1, "petal_width"), (2, "sepal_width"), (2, "petal_length")]
        assert_refused(client, {"flowers": bad}, *(["body", "flowers", at, name] for at, name in locs))


edges()


def test_measures_at_the_limits() -> None:
    """8. A measure is a JSON number x with 0 < x <= 100; "5.1", true, null, NaN and Infinity are none."""
    model, good = fitted(), flowers(1, 100)[0]
    with served(model) as client:
        for value in (100, 1, 1e-9, 99.9):
            assert_predicts(client, model, [{**good, "petal_width": value}])
        texts = ["0", "0.0", "-1e-9", "100.001", "101", '"5.1"', "true", "null", "[1]", "{}", "1e39"]
        texts += ["NaN", "Infinity", "-Infinity", "1e999", "1" + 400 * "0"]
        for name in NAMES:
            others = json.dumps({k: v for k, v in good.items() if k != name})[:-1]
            for text in texts:
                body = f'{{"flowers": [{others}, "{name}": {text}}}]}}'.encode()
                assert_refused(client, body, ["body", "flowers", 0, name])


def test_bad_bodies() -> None:
    """9. A body that is not JSON, and flowers that are no list of 1 to 1000 objects, are 422."""
    good = flowers(1, 110)[0]
    model = fitted()
    with served(model) as client:
        for flower_list in ([], None, {}, "flowers", 5, good, [good] * 1001):
            assert_refused(client, {"flowers": flower_list}, ["body", "flowers"])
        assert_refused(client, {}, ["body", "flowers"])
        for body in (b"", b"{", b'{"flowers": [', b"null", b"[]", b"5", [good]):
            assert_refused(client, body)
        for item in (None, 5, "setosa", [], [5.1, 3.5, 1.4, 0.2]):
            assert_refused(client, {"flowers": [good, item]})
        assert_predicts(client, model, [good])


def test_errors_of_the_model() -> None:
    """10. An error inside the model is 500, whatever its type, and the next request is answered again."""
    model = fitted()
    for error in (RuntimeError("no memory"), ValueError("X has 3 features"), KeyError("petal_width")):

        def raises(error: Exception = error) -> None:
            raise error

        with served(model, raise_server_exceptions=False) as client:
            model.before = raises
            call = f"POST /predict while the model raises {type(error).__name__}"
            status, answer = post(client, {"flowers": flowers(1, 120)})
            require(status == 500, f"the status is {status}, expected 500", got=answer, call=call)
            model.before = lambda: None
            assert_predicts(client, model, flowers(1, 121))
