"""A scikit-learn classifier behind HTTP."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import pandas as pd
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

# Strict: without it pydantic reads "5.1" and true as numbers. NaN is neither above 0 nor at most 100.
Centimetres = Annotated[float, Field(strict=True, gt=0, le=100, allow_inf_nan=False)]


class Flower(BaseModel):
    sepal_length: Centimetres
    sepal_width: Centimetres
    petal_length: Centimetres
    petal_width: Centimetres


class Question(BaseModel):
    flowers: Annotated[list[Flower], Field(min_length=1, max_length=1000)]


class Prediction(BaseModel):
    label: int | str
    probability: float


class Answer(BaseModel):
    predictions: list[Prediction]


def create_app(load_model: Callable[[], Any]) -> FastAPI:
    """The app that answers POST /predict: flowers in, a label and its probability out for each.

    load_model: takes no arguments and returns a fitted classifier; called once, before the first request.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.model = load_model()  # the app's own, not the module's: another app may have another model
        yield

    app = FastAPI(lifespan=lifespan)

    @app.exception_handler(RequestValidationError)
    async def refuse(_: Request, error: RequestValidationError) -> JSONResponse:
        # FastAPI's own handler also repeats the input, and fails where that is NaN, which JSON does not have.
        problems = [{key: problem[key] for key in ("type", "loc", "msg")} for problem in error.errors()]
        return JSONResponse({"detail": problems}, status_code=422)

    # A plain def runs in a thread; in an async def the model would stop the whole server while it computes.
    @app.post("/predict")
    def predict(question: Question) -> Answer:
        model = app.state.model
        rows = pd.DataFrame([flower.model_dump() for flower in question.flowers])  # (n, 4)
        probabilities = model.predict_proba(rows[list(model.feature_names_in_)])  # (n, n_classes)
        labels = model.classes_[probabilities.argmax(axis=1)]  # (n,)
        # tolist turns NumPy's numbers into Python's, which JSON can hold.
        pairs = zip(labels.tolist(), probabilities.max(axis=1).tolist(), strict=True)
        return Answer(predictions=[Prediction(label=label, probability=p) for label, p in pairs])

    return app


# A service that is used in earnest also says which version of the model has answered, limits the size of a body in
# bytes before it is parsed, and collects the requests of several clients into one batch.
