"""The latency of a FastAPI app, for Prometheus."""

from fastapi import FastAPI
from prometheus_client import CollectorRegistry


def instrument(app: FastAPI, registry: CollectorRegistry) -> None:
    """Time every request of app in the histogram http_request_duration_seconds, and add GET /metrics.

    app: has not started yet; routes may still be added.
    registry: gets the histogram, with the labels method, route and status; /metrics returns all that is in it.
    """
    raise NotImplementedError
