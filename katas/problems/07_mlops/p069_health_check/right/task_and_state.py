"""A task of the event loop instead of a thread, and the state in the app."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from fastapi import FastAPI
from fastapi.responses import JSONResponse


async def load(app: FastAPI, load_model: Callable[[], Any]) -> None:
    try:
        app.state.model = await asyncio.to_thread(load_model)
        app.state.status = "loaded"
    except Exception:
        app.state.status = "failed"


def create_app(load_model: Callable[[], Any], example: Any) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(load(app, load_model))
        yield
        task.cancel()

    app = FastAPI(lifespan=lifespan)
    app.state.status = "loading"
    one_at_a_time = anyio.CapacityLimiter(2)

    @app.get("/livez")
    async def livez() -> JSONResponse:
        return JSONResponse({"status": "alive"})

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        if app.state.status != "loaded":
            return JSONResponse({"status": app.state.status}, status_code=503)
        try:
            y = await anyio.to_thread.run_sync(app.state.model, example, limiter=one_at_a_time)
        except Exception:
            return JSONResponse({"status": "failing"}, status_code=503)
        if not abs(y) < float("inf"):
            return JSONResponse({"status": "failing"}, status_code=503)
        return JSONResponse({"status": "ready"})

    return app
