"""Hidden test of p069_health_check."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from contextlib import contextmanager, suppress
from typing import Any

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kata_runner.checking import (
    Shown,
    assert_equal,
    assert_type,
    edges,
    fail,
    learner,
    require,
    rng,
)
from kata_runner.checking.servers import real_server

work = learner("health")

LIMIT_S = 60.0  # for what takes a second on an idle machine
BLOCKED_S = 5.0
N_SLOW = 45  # more than FastAPI has threads for plain functions

ALIVE = (200, {"status": "alive"})
LOADING = (503, {"status": "loading"})
READY = (200, {"status": "ready"})
FAILING = (503, {"status": "failing"})
FAILED = (503, {"status": "failed"})


class Model:
    """A model that counts its calls; `answer` is what it returns, or raises."""

    def __init__(self, answer: Any = 0.5) -> None:
        self.answer = answer
        self.inputs: list[Any] = []
        self.before: Callable[[], object] = lambda: None

    def __call__(self, x: Any) -> Any:
        self.inputs.append(x)
        self.before()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Loader:
    """A load_model that takes until `release`; it gives up where everybody would wait for it."""

    patience_s = BLOCKED_S

    def __init__(self, model: Any) -> None:
        self.model = model
        self.n_calls = 0
        self.is_called = threading.Event()
        self.release = threading.Event()
        self.held_up = False

    def __call__(self) -> Any:
        self.n_calls += 1
        self.is_called.set()
        if is_in_the_way() or not self.release.wait(Loader.patience_s):
            self.held_up, Loader.patience_s = True, 0.5
        if isinstance(self.model, Exception):
            raise self.model
        return self.model


def is_in_the_way() -> bool:
    """Whether this thread is the one that makes the app, or the one of its event loop."""
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        return True
    return threading.current_thread() is threading.main_thread()


@contextmanager
def served(load_model: Callable[[], Any], example: Any = 1.0) -> Iterator[Any]:
    app = work.create_app(load_model, example)
    assert_type(app, FastAPI, what="create_app")
    with TestClient(app) as client:
        yield client


@contextmanager
def loading(loader: Loader) -> Iterator[Any]:
    """The client of an app whose model loads until the block ends, or before."""
    try:
        with served(loader) as client:
            require(not loader.held_up, "the app does not start before load_model has returned")
            yield client
            loader.release.set()
    finally:
        loader.release.set()


def probe(client: Any, path: str, when: str = "") -> tuple[int, Any]:
    """Status and content of the answer to a probe."""
    call = f"GET {path}{when}"
    try:
        response = client.get(path, follow_redirects=False)
    except NotImplementedError:
        raise
    except httpx2.HTTPError as error:
        fail(f"no answer came ({type(error).__name__})", call=call)
    except Exception as error:
        fail(f"the answer would be 500, as your code raises {type(error).__name__}: {error}", call=call)
    try:
        return response.status_code, response.json()
    except ValueError:
        return response.status_code, Shown(response.text[:200])


def assert_probe(client: Any, path: str, expected: tuple[int, Any], when: str = "") -> None:
    got, call = probe(client, path, when), f"GET {path}{when}"
    why = f"the status is {got[0]}, expected {expected[0]}"
    require(got[0] == expected[0], why, got=got[1], expected=Shown(f"{expected[0]} {expected[1]}"), call=call)
    assert_equal(got[1], expected[1], what="the answer", call=call)


def wait_until_loaded(client: Any) -> None:
    """Ask until readiness is no longer "loading"."""
    deadline = time.monotonic() + Loader.patience_s
    while probe(client, "/readyz") == LOADING:
        if time.monotonic() > deadline:
            Loader.patience_s = 0.5
            fail('the answer is still "loading" long after load_model has ended', call="GET /readyz")
        threading.Event().wait(0.01)


@contextmanager
def loaded(model: Any, example: Any = 1.0) -> Iterator[Any]:
    with served(lambda: model, example) as client:
        wait_until_loaded(client)
        yield client


@contextmanager
def loaded_badly(error: Exception, later: Any = None) -> Iterator[Any]:
    """later: the model that load_model would return if it were called again; without it, it raises again."""
    loader = Loader(error)
    loader.release.set()
    with served(loader) as client:
        require(loader.is_called.wait(BLOCKED_S), "the app has started, and load_model was not called")
        wait_until_loaded(client)
        loader.model = later or error
        yield client


def test_the_start_does_not_wait() -> None:
    """1. The app starts without waiting for load_model, which is called once, in the background."""
    loader = Loader(Model())
    with loading(loader) as client:
        require(loader.is_called.wait(BLOCKED_S), "the app has started, and load_model was not called")
        for path in ("/livez", "/readyz", "/livez", "/readyz"):
            probe(client, path, " while load_model runs")
        require(not loader.held_up, "a probe waits until load_model has returned", call="GET /livez, GET /readyz")
        loader.release.set()
        wait_until_loaded(client)
        for path in ("/livez", "/readyz"):
            probe(client, path)
    require(loader.n_calls == 1, f"load_model was called {loader.n_calls} times")
    loader = Loader(OSError("no such file"))
    loader.release.set()
    with served(loader) as client:
        require(loader.is_called.wait(BLOCKED_S), "the app has started, and load_model was not called")
        for _ in range(10):
            probe(client, "/readyz", " after load_model has raised OSError")
    why = f"load_model was called {loader.n_calls} times"
    require(loader.n_calls == 1, why, call="GET /readyz, ten times, after load_model has raised OSError")


def test_loading_is_not_ready() -> None:
    """4. /readyz answers 503 "loading" until load_model returns."""
    loader, model = Loader(Model()), Model()
    loader.model = model
    with loading(loader) as client:
        for _ in range(2):
            assert_probe(client, "/readyz", LOADING, " while load_model runs")
        loader.release.set()
        wait_until_loaded(client)


def test_ready() -> None:
    """5. Once loaded, each /readyz calls model(example) once, and answers 200 "ready"."""
    for example, answer in ((1.0, 0.5), ([5.1, 3.5], 2), ("text", 0.0), (None, -1e300)):
        model = Model(answer)
        with loaded(model, example) as client:
            model.inputs.clear()
            for n in (1, 2, 3):
                assert_probe(client, "/readyz", READY, f"; the model returns {answer!r}")
                why = f"the model was called {len(model.inputs)} times by {n} probes of readiness"
                require(len(model.inputs) == n, why, call="GET /readyz")
            assert_equal(model.inputs, [example] * 3, what="what the model was called with", call="GET /readyz")
    for answer in (RuntimeError("out of memory"), math.nan):
        model = Model()
        with loaded(model) as client:
            model.inputs.clear()
            model.answer = answer
            with suppress(RuntimeError):  # what is answered is the matter of the failing model
                client.get("/readyz")
            why = f"the model was called {len(model.inputs)} times by one probe of readiness"
            how = "returns NaN" if isinstance(answer, float) else "raises RuntimeError"
            require(len(model.inputs) == 1, why, call=f"GET /readyz while the model {how}")


def test_failing() -> None:
    """6. A model that raises is 503 "failing", and ready again as soon as it succeeds."""
    model = Model()
    with loaded(model) as client:
        for error in (RuntimeError("out of memory"), ValueError("password=1234"), KeyError("x"), OSError(28, "full")):
            model.answer = error
            for _ in range(2):
                assert_probe(client, "/readyz", FAILING, f" while the model raises {type(error).__name__}")
            model.answer = 0.5
            assert_probe(client, "/readyz", READY, " after the model has recovered")


def test_failed() -> None:
    """7. If load_model raises, /readyz answers 503 "failed" from then on."""
    for error in (OSError("no such file"), RuntimeError("size mismatch"), KeyError("weights")):
        with loaded_badly(error) as client:
            for _ in range(3):
                assert_probe(client, "/readyz", FAILED, f" after load_model has raised {type(error).__name__}")
    with loaded_badly(OSError("no such file"), later=Model()) as client:
        for _ in range(10):
            assert_probe(client, "/readyz", FAILED, " after load_model has raised OSError, and would now succeed")


def test_alive() -> None:
    """2. /livez answers 200 "alive" while the model loads, when it has failed, and when it fails."""
    loader = Loader(Model())
    with loading(loader) as client:
        assert_probe(client, "/livez", ALIVE, " while load_model runs")
    model = Model()
    with loaded(model) as client:
        assert_probe(client, "/livez", ALIVE, " when the model is ready")
        model.answer = RuntimeError("out of memory")
        probe(client, "/readyz")
        assert_probe(client, "/livez", ALIVE, " when the model raises")
    with loaded_badly(OSError("no such file")) as client:
        assert_probe(client, "/livez", ALIVE, " after load_model has raised")


def test_liveness_leaves_the_model_alone() -> None:
    """3. /livez never calls the model."""
    model = Model()
    with loaded(model) as client:
        model.inputs.clear()
        for _ in range(3):
            probe(client, "/livez")
        require(not model.inputs, f"three probes called the model {len(model.inputs)} times", call="GET /livez")


PROGRAM = """
import sys
import threading

import uvicorn

from health import create_app

release = threading.Event()


def read():
    sys.stdin.readline()
    release.set()


def load_model():
    if threading.current_thread() is not threading.main_thread():
        release.wait(5)
    return float


threading.Thread(target=read, daemon=True).start()
uvicorn.run(create_app(load_model, "2.5"), host="127.0.0.1", port=0)
"""


def test_real_server() -> None:
    """9. A real server is alive while it loads, and ready afterwards."""
    call = 'uvicorn.run(create_app(load_model, example), host="127.0.0.1")'
    with (
        real_server(PROGRAM, stub="create_app", call=call) as server,
        httpx2.Client(base_url=server.address, timeout=LIMIT_S) as client,
    ):
        assert_probe(client, "/livez", ALIVE, " while load_model runs")
        assert_probe(client, "/readyz", LOADING, " while load_model runs")
        server.send_line()
        wait_until_loaded(client)
        assert_probe(client, "/readyz", READY, " after load_model has returned")


edges()


def test_no_number_is_failing() -> None:
    """6. A model that returns NaN or infinity is 503 "failing"."""
    model = Model()
    with loaded(model) as client:
        for answer in (math.nan, math.inf, -math.inf):
            model.answer = answer
            assert_probe(client, "/readyz", FAILING, f" while the model returns {answer}")
        model.answer = float(rng(1).normal())
        assert_probe(client, "/readyz", READY, " after the model has recovered")


def test_two_apps() -> None:
    """9. Two apps in one process do not disturb each other."""
    loader = Loader(Model())
    with loading(loader) as first, loaded(Model()) as second, loaded_badly(OSError("no such file")) as third:
        call = ", of the first of three apps"
        assert_probe(first, "/readyz", LOADING, call)
        assert_probe(second, "/readyz", READY, ", of the second of three apps")
        assert_probe(third, "/readyz", FAILED, ", of the third of three apps")


def test_a_slow_model_does_not_hold_up_liveness() -> None:
    """8. /livez is answered however many /readyz are waiting for a slow model."""
    model, may_end = Model(), threading.Event()
    with loaded(model) as client, ThreadPoolExecutor(N_SLOW + 1) as pool:
        model.inputs.clear()
        model.before = lambda: may_end.wait(2 * BLOCKED_S)
        try:
            slow = [pool.submit(probe, client, "/readyz") for _ in range(N_SLOW)]
            deadline = time.monotonic() + 2.0  # all that can be there are there by now, or fewer are let in
            while len(model.inputs) < 40 and time.monotonic() < deadline:
                threading.Event().wait(0.01)
            alive = pool.submit(probe, client, "/livez")
            assert_equal(alive.result(timeout=BLOCKED_S), ALIVE, what="the answer", call="GET /livez")
        except TimeoutError:
            fail(
                "no answer came while readiness was waiting for a slow model", call=f"GET /livez after {N_SLOW} /readyz"
            )
        finally:
            may_end.set()
        for question in slow:
            question.result()
