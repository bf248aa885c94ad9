"""Hidden test of b03_deploy_rest_api."""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_equal,
    assert_raises,
    assert_type,
    edges,
    fail,
    learner,
    part,
    require,
    rng,
    run_python,
    temporary_folder,
    todo,
    unchanged,
)
from kata_runner.checking.servers import real_server

work = learner("wine_service")
Array = Any

LIMIT_S = 60.0  # for what takes a second on an idle machine
NAMES = ("ash", "hue", "od280/od315", "class")
ACCURACY = 0.734375
CALLS: list[str] = []


class Counted(LogisticRegression):
    """Notes its calls in a list of this module, which a pickle does not copy."""

    def predict(self, X: Any) -> Any:
        CALLS.append("predict")
        return super().predict(X)

    def predict_proba(self, X: Any) -> Any:
        CALLS.append("predict_proba")
        return super().predict_proba(X)


class Unwilling:
    """Cannot be pickled."""

    def __reduce__(self) -> Any:
        raise TypeError("cannot be pickled")


def cloud(stream: int, n: int = 60, d: int = 4) -> tuple[Array, Array]:
    """Rows of three classes, some of them wrong, in columns of different size."""
    draws = rng(stream)
    y = draws.permutation(np.arange(n) % 3)
    x = (draws.normal(size=(n, d)) + 1.2 * np.outer(y, np.cos(np.arange(d)))) * 10.0 ** np.arange(d)
    return x.round(3), np.array(["red", "white", "rosé"])[y]


@cache
def known(labels: tuple[Any, ...] = ("red", "white", "rosé")) -> tuple[Any, Array, Array]:
    """A fitted model that counts its calls, and the ends of its ranges."""
    x, y = cloud(1)
    numbers = np.searchsorted(np.unique(y), y)
    x = x / 10.0 ** np.arange(4)
    return Counted(max_iter=300).fit(x, np.array(labels)[numbers]), x.min(axis=0).round(1), x.max(axis=0).round(1)


def bundle_of(labels: tuple[Any, ...] = ("red", "white", "rosé"), names: tuple[str, ...] = NAMES) -> Any:
    model, low, high = known(labels)
    return work.Bundle(model=model, names=names, low=tuple(low.tolist()), high=tuple(high.tolist()), accuracy=ACCURACY)


def wines(n: int, stream: int, *, mixed: bool = False) -> list[dict[str, float]]:
    """Records, some with values beyond the ranges; mixed: each with its keys in another order."""
    draws = rng(stream)
    rows = draws.normal(0.5, 2.0, (n, 4)).round(2).tolist()
    orders = [draws.permutation(4) if mixed else np.arange(4) for _ in rows]
    return [{NAMES[i]: row[i] for i in order} for row, order in zip(rows, orders, strict=True)]


def plain(records: list[dict[str, float]], labels: tuple[Any, ...] = ("red", "white", "rosé")) -> list[dict[str, Any]]:
    """One record at a time."""
    model, low, high = known(labels)
    expected = []
    for record in records:
        row = [record[name] for name in NAMES]
        p = LogisticRegression.predict_proba(model, [row])[0]
        outside = [name for name, v, a, b in zip(NAMES, row, low, high, strict=True) if v < a or v > b]
        expected.append({"label": model.classes_[p.argmax()].item(), "probability": float(p.max()), "outside": outside})
    return expected


def assert_answers(got: Any, expected: list[dict[str, Any]], call: str, rtol: float = 1e-9) -> None:
    require(isinstance(got, list), "the predictions are no list", got=got, call=call)
    require(len(got) == len(expected), f"{len(got)} predictions, expected {len(expected)}", got=got, call=call)
    for i, (one, right) in enumerate(zip(got, expected, strict=True)):
        require(isinstance(one, dict), f"prediction {i} is no dict", got=one, expected=right, call=call)
        assert_equal(sorted(one), sorted(right), what=f"the keys of prediction {i}", call=call)
        for name in ("label", "outside"):
            assert_equal(one[name], right[name], what=f'"{name}" of prediction {i}', call=call)
        p = one["probability"]
        require(isinstance(p, float), f'"probability" of prediction {i} is no float', got=p, call=call)
        assert_close(p, right["probability"], rtol=rtol, what=f'"probability" of prediction {i}', call=call)
        require(
            type(one["label"]) in (str, int), f'"label" of prediction {i} is not for JSON', got=one["label"], call=call
        )


def probabilities(model: Any, x: Array, call: str) -> Array:
    """What a model of the learner's says."""
    try:
        return as_array(model.predict_proba(x), "predict_proba of the model")
    except Exception as error:
        fail(f"predict_proba of the model raises {type(error).__name__}: {str(error)[:100]}", call=call)


def fields_of(bundle: Any, d: int, call: str) -> dict[str, Any]:
    found = {name: getattr(bundle, name, None) for name in ("model", "names", "low", "high", "accuracy")}
    require(found["model"] is not None, "no Bundle with a model came back", got=bundle, call=call)
    for name in ("names", "low", "high"):
        is_long = isinstance(found[name], tuple | list | np.ndarray) and len(found[name]) == d
        require(is_long, f"{name} must have {d} entries", got=found[name], call=call)
    return found


@part("Train and save")
def test_the_model_is_fitted_on_the_training_rows() -> None:
    """1. The pipeline is fitted on the training rows alone, and its accuracy is that on the others."""
    for n, seed in ((40, 0), (63, 0), (60, 5)):
        x, y = cloud(2 + n, n)
        y = np.searchsorted(np.unique(y), y) if n == 63 else y
        x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.25, stratify=y, random_state=seed)
        right = make_pipeline(StandardScaler(), LogisticRegression()).fit(x_train, y_train)
        expected = right.predict_proba(x)
        call = f"train(x, y, names{f', seed={seed}' if seed else ''}), with {n} rows"
        with unchanged(x=x, y=y):
            bundle = work.train(x, y, list(NAMES), seed) if seed else work.train(x, y, list(NAMES))
        found = fields_of(bundle, 4, call)
        assert_equal(list(found["names"]), list(NAMES), what="names", call=call)
        got = probabilities(found["model"], x, call)
        assert_close(got, expected, rtol=1e-4, atol=1e-6, what="predict_proba of the model", call=call)
        classes = np.asarray(getattr(found["model"], "classes_", None)).tolist()
        assert_equal(classes, right.classes_.tolist(), what="classes_ of the model", call=call)
        assert_close(found["accuracy"], (right.predict(x_test) == y_test).mean(), what="accuracy", call=call)


@part("Train and save")
def test_the_ranges_are_those_of_the_training_rows() -> None:
    """2. low and high are the smallest and largest value of each column in the training rows."""
    for seed in (0, 3):
        x, y = cloud(70, 40)
        x = x / 7.0
        x[7:12] = x[7:12] * [[1.0], [-50.0], [50.0], [20.0], [-20.0]]
        x_train = train_test_split(x, y, test_size=0.25, stratify=y, random_state=seed)[0]
        call = f"train(x, y, names, seed={seed})"
        found = fields_of(work.train(x, y, list(NAMES), seed), 4, call)
        assert_close(found["low"], [min(column) for column in x_train.T], rtol=1e-12, what="low", call=call)
        assert_close(found["high"], [max(column) for column in x_train.T], rtol=1e-12, what="high", call=call)


REMOVED: list[list[str]] = []


def note(event: str, args: tuple[Any, ...]) -> None:
    if event == "os.remove" and REMOVED and isinstance(args[0], str | os.PathLike):
        REMOVED[-1].append(os.fspath(args[0]))


sys.addaudithook(note)


@contextmanager
def watched() -> Iterator[list[str]]:
    """The paths of the files that are removed meanwhile."""
    REMOVED.append([])
    try:
        yield REMOVED[-1]
    finally:
        REMOVED.pop()


@part("Train and save")
def test_a_saved_bundle_replaces_the_old_one() -> None:
    """3. save replaces the file in one step: the old content stays whole for whoever has it open."""
    for as_text in (False, True):
        with temporary_folder() as folder:
            path = folder / "wine.model"
            path.write_bytes(b"the old one")
            # A second name of the old file: it shows what somebody who has opened it goes on reading.
            os.link(path, folder / "opened")
            call = "save(bundle, path), where path holds an older file"
            with watched() as removed:
                work.save(bundle_of(), str(path) if as_text else path)
            require(str(path) not in removed, "for a moment there is no file: the old one is removed first", call=call)
            require(path.is_file() and path.read_bytes() != b"the old one", "the file is not replaced", call=call)
            old = (folder / "opened").read_bytes()
            why = "the old file was written over, and is half old, half new for a moment"
            require(old == b"the old one", why, got=Shown(f"{len(old)} bytes in the old file"), call=call)
            left = sorted(file.name for file in folder.iterdir())
            assert_equal(left, ["opened", "wine.model"], what="the files in the folder", call=call)


@part("Load and predict")
def test_what_is_loaded_is_what_was_saved() -> None:
    """4. load returns the Bundle that was saved, and its model predicts the same bit for bit."""
    bundle = bundle_of()
    for as_text in (False, True):
        with temporary_folder() as folder:
            path: Any = folder / "wine.model"
            path = str(path) if as_text else path
            work.save(bundle, path)
            loaded, call = work.load(path), "load(path), after save(bundle, path)"
        found = fields_of(loaded, 4, call)
        require(found["model"] is not known()[0], "load returns the object itself, not what the file holds", call=call)
        assert_equal(list(found["names"]), list(NAMES), what="names", call=call)
        for name in ("low", "high", "accuracy"):
            assert_close(found[name], getattr(bundle, name), rtol=0, atol=0, what=name, call=call)
        x = rng(4).normal(size=(50, 4))
        expected, got = known()[0].predict_proba(x), probabilities(found["model"], x, call)
        is_same = got.shape == expected.shape and bool((got == expected).all())
        require(is_same, "the probabilities are not the same, bit for bit", got=got, expected=expected, call=call)


@part("Load and predict")
def test_each_record_is_answered() -> None:
    """5. predict answers each record, in order and by name, with a label and its probability."""
    for labels in (("red", "white", "rosé"), (9, 20, 100)):
        bundle = bundle_of(labels)
        for n, mixed in ((1, False), (2, True), (40, True)):
            # Within the ranges: what lies outside is promise 6.
            draws, (_, low, high) = rng(n), known(labels)
            inside = draws.uniform(low, high, (n, 4)).tolist()
            records = [{NAMES[i]: row[i] for i in (draws.permutation(4) if mixed else range(4))} for row in inside]
            assert_answers(work.predict(bundle, [dict(r) for r in records]), plain(records, labels), "")


@part("Load and predict")
def test_the_model_is_called_once() -> None:
    """5. For many records the model is called once."""
    bundle = bundle_of()
    for n in (1, 30):
        CALLS.clear()
        work.predict(bundle, wines(n, 5))
        require(len(CALLS) == 1, f"the model was called {len(CALLS)} times", call=f"predict(bundle, {n} records)")


@part("Load and predict")
def test_what_lies_outside_is_named() -> None:
    """6. "outside" names, in the order of names, the measures below low or above high; the ends are inside."""
    bundle, (_, low, high) = bundle_of(), known()
    middle = dict(zip(NAMES, ((low + high) / 2).round(2).tolist(), strict=True))
    ends = [dict(zip(NAMES, end.tolist(), strict=True)) for end in (low, high)]
    just = [{**middle, "ash": low[0].item() - 1e-9}, {**middle, "hue": high[1].item() + 1e-9}]
    cases = [middle, *ends, *just, {**middle, "hue": 99.0}, {**middle, "class": -99.0}]
    cases += [{"class": 99.0, "od280/od315": -99.0, "hue": middle["hue"], "ash": 99.0}, *wines(20, 6, mixed=True)]
    for records in ([case] for case in cases):
        assert_answers(work.predict(bundle, [dict(r) for r in records]), plain(records), "")
    assert_answers(
        work.predict(bundle, [dict(r) for r in cases]), plain(cases), f"predict(bundle, {len(cases)} records)"
    )


def in_pieces(app: Any) -> Any:
    """The app, to which a body comes in pieces of 50,000 bytes, as from a server; TestClient sends it whole."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        waiting: list[dict[str, Any]] = []

        async def receive_a_piece() -> dict[str, Any]:
            if not waiting:
                message = await receive()
                body = message.get("body", b"")
                starts = range(0, max(len(body), 1), 50_000)
                waiting.extend({**message, "body": body[i : i + 50_000], "more_body": True} for i in starts)
                waiting[-1] = {**message, "body": body[starts[-1] :]}
            return waiting.pop(0)

        await app(scope, receive_a_piece if scope["type"] == "http" else receive, send)

    return wrapped


@contextmanager
def served(bundle: Any) -> Iterator[Any]:
    with temporary_folder() as folder:
        work.save(bundle, folder / "wine.model")
        app = work.create_app(folder / "wine.model")
        assert_type(app, FastAPI, what="create_app")
    # The file is gone: the model is in memory.
    with TestClient(in_pieces(app)) as client:
        yield client


def shown(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return f"POST /predict with {text if len(text) <= 240 else f'{len(body)} bytes: {text[:80]}…'}"


def ask(client: Any, method: str, path: str, body: Any = None, call: str = "") -> tuple[int, Any]:
    """Status and content of the answer."""
    call = call or (shown(body) if isinstance(body, bytes) else f"{method} {path}")
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


def assert_served(
    client: Any, records: list[dict[str, float]], expected: list[dict[str, Any]], rtol: float = 1e-9
) -> None:
    body = json.dumps({"wines": records}).encode()
    status, answer = ask(client, "POST", "/predict", body)
    require(status == 200, f"the status is {status}, expected 200", got=answer, call=shown(body))
    is_right = isinstance(answer, dict) and list(answer) == ["predictions"]
    require(is_right, 'the answer is not {"predictions": […]}', got=answer, call=shown(body))
    assert_answers(answer["predictions"], expected, shown(body), rtol)


def faults_in(answer: Any, call: str) -> list[dict[str, Any]]:
    detail: Any = answer.get("detail") if isinstance(answer, dict) else None
    is_list = isinstance(detail, list) and all(isinstance(d, dict) and "loc" in d for d in detail)
    require(is_list and len(detail) > 0, 'the answer is not {"detail": [{"loc": […], …}, …]}', got=answer, call=call)
    return list(detail or [])


def assert_refused(client: Any, body: bytes, *locs: list[Any], status: int = 422) -> Any:
    got, answer = ask(client, "POST", "/predict", body)
    require(got == status, f"the status is {got}, expected {status}", got=answer, call=shown(body))
    if locs:
        found = sorted((d["loc"] for d in faults_in(answer, shown(body))), key=str)
        assert_equal(found, sorted(locs, key=str), what="loc of each entry in detail", call=shown(body))
    return answer


def assert_wines_refused(client: Any, body: bytes) -> None:
    answer = assert_refused(client, body)
    for fault in faults_in(answer, shown(body)):
        begins = isinstance(fault["loc"], list) and fault["loc"][:2] == ["body", "wines"]
        require(begins, 'loc does not begin with ["body", "wines"]', got=answer, call=shown(body))


@part("Serve")
def test_the_app_answers_as_predict_does() -> None:
    """7. POST /predict answers what predict returns, by a bundle that is loaded once."""
    for labels in (("red", "white", "rosé"), (9, 20, 100)):
        with served(bundle_of(labels)) as client:
            for n in (1, 3, 100):
                records = wines(n, 10 + n, mixed=True)
                CALLS.clear()
                assert_served(client, records, plain(records, labels))
                call = f"POST /predict with {n} wines"
                require(len(CALLS) == 1, f"the model was called {len(CALLS)} times", call=call)


@part("Serve")
def test_the_card_tells_about_the_model() -> None:
    """8. GET /card answers names, low, high, classes and accuracy; two apps each have their own bundle."""
    (_, low, high), other = known(), ("a", "b", "c", "d")
    with temporary_folder() as folder:
        apps = []
        for bundle in (bundle_of(), bundle_of((9, 20, 100), other)):
            # The same path: the first app keeps what it has read there.
            work.save(bundle, folder / "wine.model")
            apps.append(work.create_app(folder / "wine.model"))
            assert_type(apps[-1], FastAPI, what="create_app")
    with TestClient(apps[0]) as client, TestClient(apps[1]) as second:
        for one, names, classes in ((client, NAMES, ["red", "rosé", "white"]), (second, other, [9, 20, 100])):
            status, card = ask(one, "GET", "/card")
            require(status == 200, f"the status is {status}, expected 200", got=card, call="GET /card")
            right = {"names": list(names), "low": low.tolist(), "high": high.tolist()}
            assert_equal(card, {**right, "classes": classes, "accuracy": ACCURACY}, what="the answer", call="GET /card")
        records = wines(2, 11)
        assert_served(client, records, plain(records))


PROGRAM = """
import uvicorn
from wine_service import create_app

uvicorn.run(create_app("wine.model"), host="127.0.0.1", port=0)
"""


def trained(path: Path, right: dict[str, Any]) -> bytes:
    """What the learner's program has saved."""
    call = "python wine_service.py wine.model"
    ran = run_python("wine_service.py", path, timeout_s=LIMIT_S)
    if "NotImplementedError" in ran.stderr:
        todo("wine_service.py is still the stub")
    last = Shown((ran.stderr.strip().splitlines() or ["no output"])[-1])
    require(ran.code == 0, f"the program ends with exit code {ran.code}", got=last, call=call)
    require(path.is_file(), "the program has saved no file at the path", call=call)
    assert_equal(ran.stdout.strip(), f"accuracy: {right['accuracy']:.4f}", what="what the program prints", call=call)
    return path.read_bytes()


@part("Serve")
def test_another_process_serves_what_the_program_has_saved() -> None:
    """9. python wine_service.py PATH trains, saves and prints; a real server in another process serves the file."""
    data = load_wine()
    names, y = data.feature_names, data.target_names[data.target]
    x_train, x_test, y_train, y_test = train_test_split(data.data, y, test_size=0.25, stratify=y, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x_train, y_train)
    low, high = x_train.min(axis=0), x_train.max(axis=0)
    card = {"names": list(names), "low": low.tolist(), "high": high.tolist()}
    card |= {"classes": model.classes_.tolist(), "accuracy": float(model.score(x_test, y_test))}
    with temporary_folder() as folder:
        content = trained(folder / "wine.model", card)
    rows = data.data[rng(12).integers(0, len(y), 5)]
    p, outside = model.predict_proba(rows), (rows < low) | (rows > high)
    expected = [
        {
            "label": model.classes_[q.argmax()].item(),
            "probability": float(q.max()),
            "outside": [name for name, is_out in zip(names, out, strict=True) if is_out],
        }
        for q, out in zip(p, outside, strict=True)
    ]
    records = [dict(zip(names, row, strict=True)) for row in rows.tolist()]
    call = 'uvicorn.run(create_app("wine.model")), in another process than python wine_service.py wine.model'
    with (
        real_server(PROGRAM, stub="create_app", call=call, files={"wine.model": content}) as server,
        httpx2.Client(base_url=server.address, timeout=LIMIT_S) as client,
    ):
        assert_equal(ask(client, "GET", "/card"), (200, card), what="status and answer", call="GET /card")
        assert_served(client, records, expected, rtol=1e-6)
        bad = [records[0], {**records[1], "ash": "much"}]
        assert_refused(client, json.dumps({"wines": bad}).encode(), ["body", "wines", 1, "ash"])
        assert_refused(client, b" " * 100_001, status=413)
        assert_served(client, records[:1], expected[:1], rtol=1e-6)


@part("Refuse")
def test_every_fault_of_a_wine_is_named() -> None:
    """10. A measure that is missing, unknown or no number is 422, with one entry for each fault."""
    good = wines(3, 20)
    with served(bundle_of()) as client:
        for i, name in enumerate(NAMES):
            at = i % 3
            for bad in ({k: v for k, v in good[at].items() if k != name}, {**good[at], name: "much"}):
                records = [*good[:at], bad, *good[at + 1 :]]
                assert_refused(client, json.dumps({"wines": records}).encode(), ["body", "wines", at, name])
        for unknown in ("hues", "Hue", " hue"):
            misspelled = [good[0], {**good[1], unknown: 1.0}]
            assert_refused(client, json.dumps({"wines": misspelled}).encode(), ["body", "wines", 1, unknown])
        several = [{**good[0], "ash": None, "hue": "1"}, good[1], {"ash": 1.0, "hue": 1.0, "class": [1.0], "x": 2}]
        locs = [(0, "ash"), (0, "hue"), (2, "od280/od315"), (2, "class"), (2, "x")]
        body = json.dumps({"wines": several}).encode()
        assert_refused(client, body, *(["body", "wines", i, name] for i, name in locs))
    any_text = {"ash": "_ash", "hue": "two words", "od280/od315": "copy", "class": "größe"}
    with served(bundle_of(names=tuple(any_text[name] for name in NAMES))) as client:
        record = {any_text[name]: value for name, value in good[0].items()}
        expected = [{**a, "outside": [any_text[name] for name in a["outside"]]} for a in plain(good[:1])]
        assert_served(client, [record], expected)
        for name in record:
            body = json.dumps({"wines": [{**record, name: "much"}]}).encode()
            assert_refused(client, body, ["body", "wines", 0, name])


edges()


@part("Refuse")
def test_what_is_no_number() -> None:
    """10. "1.5", true, null, NaN and infinity are no numbers; whole numbers, 0 and negative ones are."""
    good = wines(1, 21)[0]
    texts = ['"1.5"', "true", "false", "null", "[1]", "{}", "NaN", "Infinity", "-Infinity", "1e999", "1" + 400 * "0"]
    with served(bundle_of()) as client:
        for name in (NAMES[0], NAMES[2]):
            others = json.dumps({k: v for k, v in good.items() if k != name})[:-1]
            for text in texts:
                body = f'{{"wines": [{others}, "{name}": {text}}}]}}'.encode()
                assert_refused(client, body, ["body", "wines", 0, name])
            for value in (0, 2, -3, 1e-9, 1e9):
                records = [{**good, name: value}]
                assert_served(client, records, plain(records))


@part("Refuse")
def test_bad_bodies() -> None:
    """11. A body that is not JSON, and wines that are no list of 1 to 100 objects, are 422."""
    good = wines(1, 22)[0]
    with served(bundle_of()) as client:
        for value in ([], None, {}, "wines", 5, good, {"a": good}, [good] * 101):
            assert_wines_refused(client, json.dumps({"wines": value}).encode())
        assert_wines_refused(client, b"{}")
        for body in (b"", b"{", b'{"wines": [', b"null", b"[]", b"5", json.dumps([good]).encode()):
            assert_refused(client, body)
        for item in (None, 5, "red", [], [1.0, 2.0, 3.0, 4.0]):
            assert_wines_refused(client, json.dumps({"wines": [good, item]}).encode())
        assert_served(client, [good], plain([good]))


@part("Refuse")
def test_a_large_body_is_refused() -> None:
    """12. A body of more than 100,000 bytes is 413, whether its length is announced or not."""
    good = wines(1, 23)[0]
    text = json.dumps({"wines": [good]}).encode()
    with served(bundle_of()) as client:
        for size in (100_000, 100_001, 300_000):
            body = text + b" " * (size - len(text))
            for content, what in (
                (body, "announced"),
                (iter([body]), "not announced"),
            ):
                call = f"POST /predict with {size} bytes, their number {what}"
                status, answer = ask(client, "POST", "/predict", content, call)
                expected = 200 if size == 100_000 else 413
                require(status == expected, f"the status is {status}, expected {expected}", got=answer, call=call)
        assert_refused(client, b"x" * 200_000, status=413)
        # 60,000 letters, but more than 100,000 bytes.
        letters = json.dumps({"wines": [{**good, "é" * 60_000: 1.0}]}, ensure_ascii=False)
        assert_refused(client, letters.encode(), status=413)


@part("Train and save")
def test_what_cannot_be_saved_leaves_the_old_file() -> None:
    """3. Where the bundle cannot be pickled, save raises, and the old file is still there."""
    bundle = work.Bundle(model=Unwilling(), names=("a",), low=(0.0,), high=(1.0,), accuracy=1.0)
    with temporary_folder() as folder:
        path = folder / "wine.model"
        path.write_bytes(b"the old one")
        call = "save(bundle, path), where the model cannot be pickled"
        assert_raises((TypeError, ValueError, pickle.PicklingError, OSError), work.save, bundle, path, call=call)
        require(path.is_file() and path.read_bytes() == b"the old one", "the old file is not whole", call=call)
        left = sorted(file.name for file in folder.iterdir())
        assert_equal(left, ["wine.model"], what="the files in the folder", call=call)


@part("Load and predict")
def test_a_file_without_a_bundle_is_refused() -> None:
    """4. load and create_app raise ValueError that names the path where the file holds no whole bundle."""
    with temporary_folder() as folder:
        work.save(bundle_of(), folder / "whole.model")
        require((folder / "whole.model").is_file(), "save has written no file", call="save(bundle, path)")
        whole = (folder / "whole.model").read_bytes()
        others = {
            "a model alone": pickle.dumps(known()[0]),
            "another dict": pickle.dumps({"model": 1}),
            "a list": b"[]",
            "an object of a module that is not here": b"cnowhere_at_all\nThing\n.",
            "another text": b"In vino veritas\n",
        }
        cut = {f"the first {n} bytes of a bundle": whole[:n] for n in (0, 1, 2, 40, len(whole) // 2, len(whole) - 1)}
        for i, (what, content) in enumerate({**cut, **others, "text": b"wine", "None": pickle.dumps(None)}.items()):
            path = folder / f"bad{i}.model"
            path.write_bytes(content)
            for function in (work.load, work.create_app):
                call = f"{function.__name__}(path), where the file holds {what}"
                assert_raises(ValueError, function, path, mentions=str(path), call=call)
        absent = folder / "absent.model"
        assert_raises((OSError, ValueError), work.load, absent, mentions=absent.name, call="load(path) without a file")
