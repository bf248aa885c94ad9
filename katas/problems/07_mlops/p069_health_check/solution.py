"""Liveness and readiness of a service with a model."""

import logging
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any

from fastapi import FastAPI, Response

log = logging.getLogger(__name__)


def create_app(load_model: Callable[[], Callable[[Any], float]], example: Any) -> FastAPI:
    """The app that answers GET /livez and GET /readyz.

    load_model: takes no arguments, takes its time, and returns the model, a function; called once, in the background.
    example: an input of the model; readiness is that the model returns a finite number for it.
    """
    model: Callable[[Any], float] | None = None
    has_failed = False

    def load() -> None:
        nonlocal model, has_failed
        try:
            model = load_model()
        except Exception:
            log.exception("the model could not be loaded")
            has_failed = True

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # What stands before the yield holds up the start. A daemon does not hold up the end either.
        Thread(target=load, daemon=True).start()
        yield

    def state() -> str:
        if has_failed:
            return "failed"
        if model is None:
            return "loading"
        try:
            return "ready" if math.isfinite(model(example)) else "failing"
        except Exception:
            log.exception("the model fails")
            return "failing"

    app = FastAPI(lifespan=lifespan)

    # async: answered by the event loop itself. Plain functions share 40 threads, and slow models may hold them all.
    @app.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    # Not async: the model computes in a thread, while the event loop answers others.
    @app.get("/readyz")
    def readyz(response: Response) -> dict[str, str]:
        status = state()
        response.status_code = 200 if status == "ready" else 503
        return {"status": status}

    return app


# With a startupProbe on /readyz, Kubernetes waits for a slow load before it asks for anything else. How long a probe
# may take (timeoutSeconds, one second unless told) and how many have to fail in a row stands in the pod.
