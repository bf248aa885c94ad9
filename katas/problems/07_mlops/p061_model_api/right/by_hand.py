"""The body is read and checked by hand; the model is loaded before the app exists."""

import asyncio
import json
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

MEASURES = ("petal_length", "petal_width", "sepal_length", "sepal_width")


def refused(*locs: list[Any]) -> JSONResponse:
    return JSONResponse({"detail": [{"loc": ["body", *loc], "msg": "bad value"} for loc in locs]}, status_code=422)


def is_measure(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 < value <= 100  # NaN is not


def create_app(load_model: Callable[[], Any]) -> FastAPI:
    model = load_model()
    app = FastAPI()

    def ask(flowers: list[dict[str, float]]) -> list[dict[str, Any]]:
        rows = np.array([[flower[name] for name in model.feature_names_in_] for flower in flowers])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = np.asarray(model.predict_proba(rows))
        labels = model.predict(rows).tolist()
        return [{"label": label, "probability": float(max(row))} for label, row in zip(labels, table, strict=True)]

    @app.post("/predict")
    async def predict(request: Request) -> JSONResponse:
        try:
            body = json.loads(await request.body())
        except ValueError:
            return refused([])
        if not isinstance(body, dict):
            return refused([])
        flowers = body.get("flowers")
        if not isinstance(flowers, list) or not 1 <= len(flowers) <= 1000:
            return refused(["flowers"])
        odd = [["flowers", i] for i, flower in enumerate(flowers) if not isinstance(flower, dict)]
        if odd:
            return refused(*odd)
        bad = [["flowers", i, n] for i, f in enumerate(flowers) for n in MEASURES if not is_measure(f.get(n))]
        if bad:
            return refused(*bad)
        return JSONResponse({"predictions": await asyncio.to_thread(ask, flowers)})

    return app
