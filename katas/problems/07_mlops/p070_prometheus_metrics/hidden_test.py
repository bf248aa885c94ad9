"""Hidden test of p070_prometheus_metrics."""

from __future__ import annotations

import datetime as datetime_module
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import httpx2
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY, CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families

from kata_runner.checking import (
    Shown,
    assert_equal,
    edges,
    fail,
    learner,
    learner_module,
    require,
    rng,
)
from kata_runner.checking.servers import real_server

work = learner("metrics")

NAME = "http_request_duration_seconds"
LIMIT_S = 60.0  # for what takes a second on an idle machine
HELD_S = 0.05


@dataclass
class Series:
    """One series of the histogram. buckets: upper bound -> number of requests up to it."""

    count: float = 0.0
    sum: float = 0.0
    buckets: dict[float, float] = field(default_factory=dict)


class OurError(Exception):
    """What the endpoint raises."""


def our_app(registry: CollectorRegistry, hold: Callable[[], object] = lambda: None) -> FastAPI:
    """An app with a few routes, some of them from before it was instrumented."""
    app = FastAPI()

    @app.get("/items/{item_id}")
    def item(item_id: int) -> dict[str, int]:
        if item_id == 404:
            raise HTTPException(404, "no such item")
        if item_id == 500:
            raise OurError("the item is broken")
        return {"item": item_id}

    work.instrument(app, registry)

    @app.post("/items", status_code=201)
    async def create() -> dict[str, str]:
        return {"created": "yes"}

    @app.get("/slow")
    def slow() -> dict[str, str]:
        hold()
        return {"slow": "yes"}

    @app.get("/metrics_of_items")
    def metrics_of_items() -> dict[str, int]:
        return {"items": 3}

    return app


@contextmanager
def served(hold: Callable[[], object] = lambda: None, registry: CollectorRegistry | None = None) -> Iterator[Any]:
    with TestClient(our_app(registry or CollectorRegistry(), hold)) as client:
        yield client


def ask(client: Any, method: str, path: str, expected: int) -> Any:
    call = f"{method} {path}"
    try:
        response = client.request(method, path)
    except (NotImplementedError, OurError):
        raise
    except httpx2.HTTPError as error:
        fail(f"no answer came ({type(error).__name__})", call=call)
    except Exception as error:
        fail(f"the answer would be 500, as your code raises {type(error).__name__}: {error}", call=call)
    status = response.status_code
    require(
        status == expected, f"the status is {status}, expected {expected}", got=Shown(response.text[:200]), call=call
    )
    return response


def ask_broken(client: Any) -> None:
    """Ask for the item whose endpoint raises."""
    with suppress(OurError):
        client.get("/items/500")


def families(client: Any) -> dict[str, Any]:
    text = ask(client, "GET", "/metrics", 200).text
    try:
        return {family.name: family for family in text_string_to_metric_families(text)}
    except ValueError as error:
        fail(f"the parser of prometheus-client cannot read it: {error}", got=Shown(text[:300]), call="GET /metrics")


def series(client: Any) -> dict[tuple[str, str, str], Series]:
    """(method, route, status) -> what the histogram on /metrics holds for it."""
    found = families(client)
    if NAME not in found:
        names = [name for name in found if not name.endswith("_created")]
        fail(f"there is no {NAME}", got=names, expected=[NAME], call="GET /metrics")
    family = found[NAME]
    require(family.type == "histogram", f"{NAME} is a {family.type}, and not a histogram", call="GET /metrics")
    result: dict[tuple[str, str, str], Series] = {}
    for sample in family.samples:
        labels = {name: value for name, value in sample.labels.items() if name != "le"}
        if set(labels) != {"method", "route", "status"}:
            expected = ["method", "route", "status"]
            fail("these are not the labels", got=sorted(labels), expected=expected, call="GET /metrics")
        one = result.setdefault((labels["method"], labels["route"], labels["status"]), Series())
        if sample.name.endswith("_bucket"):
            one.buckets[float(sample.labels["le"])] = sample.value
        elif sample.name.endswith("_count"):
            one.count = sample.value
        elif sample.name.endswith("_sum"):
            one.sum = sample.value
    return result


def assert_counts(client: Any, expected: dict[tuple[str, str, str], int], call: str, *, pages: bool = False) -> None:
    """Fail unless these requests were observed and no others; pages: also those for /metrics count."""
    got = {labels: int(one.count) for labels, one in series(client).items() if pages or labels[1] != "/metrics"}
    assert_equal(got, expected, what="the number of requests by (method, route, status)", call=call)


def test_each_request_is_observed() -> None:
    """1. Each request is observed once, with its method, route and status."""
    with served() as client:
        ask(client, "GET", "/slow", 200)
        assert_counts(client, {("GET", "/slow", "200"): 1}, "GET /slow")
        ask(client, "GET", "/slow", 200)
        for _ in range(3):
            ask(client, "POST", "/items", 201)
        expected = {("GET", "/slow", "200"): 2, ("POST", "/items", "201"): 3}
        assert_counts(client, expected, "GET /slow, twice, and POST /items, three times")


def test_seconds() -> None:
    """2. What is observed is the time in seconds."""
    with served(lambda: threading.Event().wait(HELD_S)) as client:
        start = time.perf_counter()
        ask(client, "GET", "/slow", 200)
        at_most = time.perf_counter() - start
        got = series(client).get(("GET", "/slow", "200"), Series()).sum
        expected = Shown(f"from {HELD_S} to {at_most:.4f} seconds")
        is_it = 0.9 * HELD_S <= got <= at_most
        require(is_it, "the sum of one request is not its time", got=got, expected=expected, call="GET /slow")


def test_buckets() -> None:
    """3. 8 to 30 buckets, from at most 0.01 to between 5 and 60 seconds, each at most 4 times the one before."""
    with served() as client:
        ask(client, "GET", "/items/1", 200)
        found = series(client)
    require(bool(found), "the request was not observed", call="GET /items/1")
    bounds = sorted(bound for bound in next(iter(found.values())).buckets if bound != float("inf"))
    call = f"the finite bounds of {NAME}"
    require(8 <= len(bounds) <= 30, f"there are {len(bounds)} buckets, expected 8 to 30", got=bounds, call=call)
    require(0 < bounds[0] <= 0.01, "the smallest bound is above 0.01 s", got=bounds, call=call)
    require(5 <= bounds[-1] <= 60, "the largest bound is not from 5 to 60 s", got=bounds, call=call)
    wide = [(a, b) for a, b in itertools.pairwise(bounds) if b > 4.0001 * a]
    require(not wide, "a bound is more than 4 times the one before", got=wide, call=call)


def test_few_routes() -> None:
    """4. route is the template of the route, and "unmatched" where there is none."""
    with served() as client:
        for item_id in rng(1).integers(10, 400, 5):
            ask(client, "GET", f"/items/{item_id}", 200)
        for path in ("/admin.php", "/nowhere", "/items/1/2"):
            ask(client, "GET", path, 404)
        expected = {("GET", "/items/{item_id}", "200"): 5, ("GET", "unmatched", "404"): 3}
        assert_counts(client, expected, "five different items, and three paths that no route fits")


def test_errors_are_timed() -> None:
    """5. Errors are timed too; an exception of the endpoint is 500, and goes on as it would have."""
    with served() as client:
        ask(client, "GET", "/items/404", 404)
        ask(client, "GET", "/items/one", 422)
        route = "/items/{item_id}"
        expected = {("GET", route, "404"): 1, ("GET", route, "422"): 1}
        assert_counts(client, expected, "GET /items/404, answered with 404, and GET /items/one, with 422")
        try:
            ask_it = client.get("/items/500")
        except OurError:
            pass
        else:
            fail("the exception of the endpoint was swallowed", got=ask_it.status_code, call="GET /items/500")
        expected["GET", route, "500"] = 1
        assert_counts(client, expected, "GET /items/404, /items/one, and /items/500, whose endpoint raises")
        ask_broken(client)
        require(series(client)["GET", route, "500"].sum > 0, "the time of an error is 0", call="GET /items/500")


def test_page() -> None:
    """6. GET /metrics returns all of registry in Prometheus' text format, and is not timed."""
    registry = CollectorRegistry()
    trained = Counter("trained", "Models trained.", registry=registry)
    trained.inc(7)
    with served(registry=registry) as client:
        for _ in range(2):
            ask(client, "GET", "/metrics", 200)
        ask(client, "GET", "/items/1", 200)
        assert_counts(
            client, {("GET", "/items/{item_id}", "200"): 1}, "GET /metrics, twice, and GET /items/1", pages=True
        )
        ask(client, "GET", "/metrics_of_items", 200)
        expected_counts = {("GET", "/items/{item_id}", "200"): 1, ("GET", "/metrics_of_items", "200"): 1}
        assert_counts(client, expected_counts, "GET /items/1, and GET /metrics_of_items", pages=True)
        found = families(client)
        require("trained" in found, "a counter of the same registry is missing", got=sorted(found), call="GET /metrics")
        kind = ask(client, "GET", "/metrics", 200).headers.get("content-type", "")
        is_it = kind.startswith(("text/plain; version=", "application/openmetrics-text; version="))
        expected = Shown("prometheus_client.CONTENT_TYPE_LATEST")
        require(is_it, "the Content-Type is not Prometheus'", got=kind, expected=expected, call="GET /metrics")


def test_overlapping_requests() -> None:
    """7. Requests that overlap are each timed by themselves."""
    is_running, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        is_running.set()
        may_end.wait(LIMIT_S)

    with served(hold) as client, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask, client, "GET", "/slow", 200)
        try:
            while not is_running.wait(0.01) and not slow.done():
                pass
            threading.Event().wait(HELD_S)
            ask(client, "GET", "/items/1", 200)
        finally:
            may_end.set()
        slow.result()
        got = series(client).get(("GET", "/slow", "200"), Series()).sum
        why = "the time of a slow request is too short, as another one came while it ran"
        expected = Shown(f"at least {HELD_S}")
        require(got >= 0.9 * HELD_S, why, got=got, expected=expected, call="GET /slow, and GET /items/1 meanwhile")


def test_two_apps() -> None:
    """8. Two apps, each with a registry of its own, do not mix."""
    with served() as first, served() as second:
        ask(first, "GET", "/items/1", 200)
        ask(second, "POST", "/items", 201)
        ask(second, "POST", "/items", 201)
        call = "GET /items/1 of one app, and POST /items, twice, of another"
        assert_counts(first, {("GET", "/items/{item_id}", "200"): 1}, call)
        assert_counts(second, {("POST", "/items", "201"): 2}, call)
    names = {family.name for family in REGISTRY.collect()}
    require(NAME not in names, f"{NAME} is in the global registry too", call="instrument(app, registry)")


PROGRAM = """
import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from metrics import instrument

app = FastAPI()
instrument(app, CollectorRegistry())


@app.get("/items/{item_id}")
def item(item_id: int):
    return 1 // item_id


uvicorn.run(app, host="127.0.0.1", port=0)
"""


def test_real_server() -> None:
    """9. A real server answers the same way."""
    # uvicorn closes the connection after an exception of the endpoint, so each request has one of its own.
    options: dict[str, Any] = {"timeout": LIMIT_S, "headers": {"Connection": "close"}}
    call = 'uvicorn.run(app, host="127.0.0.1")'
    with (
        real_server(PROGRAM, stub="instrument", call=call) as server,
        httpx2.Client(base_url=server.address, **options) as client,
    ):
        for path, status in (("/items/1", 200), ("/items/0", 500), ("/items/1", 200)):
            ask(client, "GET", path, status)
        route = "/items/{item_id}"
        expected = {("GET", route, "200"): 2, ("GET", route, "500"): 1}
        assert_counts(client, expected, "GET /items/1, twice, and GET /items/0, whose endpoint raises")


edges()


class SetBack(datetime):
    """A datetime whose now() is that of a clock that was set back by an hour."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) - timedelta(hours=1)


def set_back_clocks() -> ExitStack:
    """Set back the clock of the machine, also where metrics.py has imported it by name; undone when it is closed."""
    real_time, real_ns = time.time, time.time_ns
    earlier: dict[Any, Any] = {
        real_time: lambda: real_time() - 3600.0,
        real_ns: lambda: real_ns() - 3600 * 10**9,
        datetime: SetBack,
    }
    module, patches = learner_module("metrics"), ExitStack()
    for place in (time, datetime_module, module):
        for name, value in list(vars(place).items()):
            if any(value is real for real in earlier):
                patches.enter_context(mock.patch.object(place, name, earlier[value]))
    return patches


def test_a_clock_that_is_set_back() -> None:
    """2. The time is right also when the clock of the machine is set back during the request."""
    with ExitStack() as patches, served(lambda: patches.push(set_back_clocks())) as client:
        ask(client, "GET", "/slow", 200)
        got = series(client).get(("GET", "/slow", "200"), Series()).sum
    call = "GET /slow, while the clock is set back by an hour"
    require(0 <= got < LIMIT_S, "the time is not right", got=got, expected=Shown("at least 0"), call=call)


def test_few_methods() -> None:
    """4. A method other than GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS is "OTHER"."""
    usual = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    with served() as client:
        for method in (*usual, "BREW", "PROPFIND"):
            ask(client, method, "/nowhere", 404)
        expected = {(method, "unmatched", "404"): 1 for method in usual} | {("OTHER", "unmatched", "404"): 2}
        assert_counts(client, expected, "nine methods for a path that no route fits: the usual, BREW and PROPFIND")
