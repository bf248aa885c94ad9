"""A plain ASGI middleware, with the buckets of the client library."""

import time
from typing import Any

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Histogram, make_asgi_app

KNOWN = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Measured:
    def __init__(self, app: Any, registry: CollectorRegistry) -> None:
        self.app = app
        self.page = make_asgi_app(registry)
        self.latency = Histogram(
            "http_request_duration_seconds", "Latency.", ("method", "route", "status"), registry=registry
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"] == "/metrics":
            await self.page(scope, receive, send)
            return
        status = "500"

        async def note(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        start = time.monotonic()
        try:
            await self.app(scope, receive, note)
        finally:
            found = scope.get("route")
            labels = {
                "method": scope["method"] if scope["method"] in KNOWN else "OTHER",
                "route": found.path if found else "unmatched",
                "status": status,
            }
            self.latency.labels(**labels).observe(time.monotonic() - start)


def instrument(app: FastAPI, registry: CollectorRegistry) -> None:
    app.add_middleware(Measured, registry=registry)
