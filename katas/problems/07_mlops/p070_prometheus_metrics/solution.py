"""The latency of a FastAPI app, for Prometheus."""

from collections.abc import Awaitable, Callable
from time import perf_counter

from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # in seconds


def instrument(app: FastAPI, registry: CollectorRegistry) -> None:
    """Time every request of app in the histogram http_request_duration_seconds, and add GET /metrics.

    app: has not started yet; routes may still be added.
    registry: gets the histogram, with the labels method, route and status; /metrics returns all that is in it.
    """
    # Once for the app: a registry refuses a second metric of the same name.
    seconds = Histogram(
        "http_request_duration_seconds",
        "Time from the request to its answer.",
        ["method", "route", "status"],
        registry=registry,
        buckets=BUCKETS,
    )

    @app.middleware("http")
    async def measure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        start = perf_counter()  # unlike time.time(), it never goes back
        status = 500  # what the server makes of an exception
        try:
            response = await call_next(request)
            status = response.status_code
            return response
        finally:
            # Only known afterwards. The path itself would be a new series for each item, and each scan for holes.
            route = getattr(request.scope.get("route"), "path", "unmatched")
            method = request.method if request.method in METHODS else "OTHER"
            if route != "/metrics":
                seconds.labels(method, route, status).observe(perf_counter() - start)

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


# From the buckets, histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) estimates the
# slowest hundredth. Buckets of several servers can be added up; their averages and quantiles cannot.
