"""Serves the classifier of irises over HTTP; this is what the container runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from saved_model import load

Measure = Annotated[float, Field(gt=0, le=100)]


class Flower(BaseModel):
    """In the order in which the model was fitted."""

    sepal_length: Measure
    sepal_width: Measure
    petal_length: Measure
    petal_width: Measure


def create_service(folder: str | Path, sha256: str) -> FastAPI:
    """The app that answers POST /classify with the model in the folder. Raises what `load` of saved_model raises."""
    model = load(folder, sha256)
    app = FastAPI()

    @app.exception_handler(RequestValidationError)
    def refuse(_: Request, error: RequestValidationError) -> JSONResponse:
        # FastAPI's own answer repeats the input, and JSON has no NaN: that would be a 500.
        return JSONResponse({"detail": [{"loc": e["loc"], "msg": e["msg"]} for e in error.errors()]}, 422)

    @app.post("/classify")
    def classify(flower: Flower) -> dict[str, Any]:
        row = [flower.sepal_length, flower.sepal_width, flower.petal_length, flower.petal_width]
        probabilities = model.predict_proba([row])[0]  # (species,)
        best = probabilities.argmax()
        return {"species": str(model.classes_[best]), "probability": float(probabilities[best])}

    return app


def main() -> None:
    """Serve the folder model on 0.0.0.0, at the port that PORT names; MODEL_SHA256 is the model's digest."""
    app = create_service("model", os.environ["MODEL_SHA256"])
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ["PORT"]), timeout_graceful_shutdown=5)


if __name__ == "__main__":
    main()

# Next would come what the katas of this stage have built: health checks (p069), metrics (p070), a log of drift (p065).
