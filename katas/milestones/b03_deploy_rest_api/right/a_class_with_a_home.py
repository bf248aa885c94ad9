"""The Bundle itself is pickled, from the module under its own name; FastAPI reads the body, and a wrapper counts it."""
import os
import pickle
import sys
from dataclasses import dataclass
from typing import Any, List

import numpy as np
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, create_model
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


@dataclass(frozen=True)
class Bundle:
    model: Any
    names: tuple
    low: tuple
    high: tuple
    accuracy: float


def train(x, y, names, seed=0):
    x1, x2, y1, y2 = train_test_split(x, y, test_size=0.25, stratify=y, random_state=seed)
    m = make_pipeline(StandardScaler(), LogisticRegression()).fit(x1, y1)
    return Bundle(m, tuple(names), tuple(map(float, x1.min(0))), tuple(map(float, x1.max(0))), m.score(x2, y2))


def save(bundle, path):
    new = f"{path}.{os.getpid()}"
    try:
        with open(new, "wb") as file:
            pickle.dump(bundle, file)
        os.replace(new, path)
    finally:
        if os.path.exists(new):
            os.remove(new)


def load(path):
    with open(path, "rb") as file:
        try:
            bundle = pickle.load(file)
        except Exception as error:
            raise ValueError(f"{path}: {error}")
    if not isinstance(bundle, Bundle):
        raise ValueError(f"{path} holds a {type(bundle)}")
    return bundle


def predict(bundle, records):
    x = np.array([[r[n] for n in bundle.names] for r in records], float)
    answers = []
    for row, p in zip(x, bundle.model.predict_proba(x)):
        best = p.argmax()
        beyond = np.logical_or(row < bundle.low, row > bundle.high)
        outside = [n for n, is_beyond in zip(bundle.names, beyond) if is_beyond]
        answers.append(dict(label=bundle.model.classes_.tolist()[best], probability=float(p[best]), outside=outside))
    return answers


class Limited:
    """Reads a whole body before the app does, up to the limit."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        body, more = b"", True
        while more and len(body) <= 100_000:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if len(body) > 100_000:
            return await JSONResponse({"detail": "too large"}, 413)(scope, receive, send)

        async def replay():
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, replay, send)


def create_app(path):
    bundle = load(path)
    settings = {"strict": True, "extra": "forbid", "allow_inf_nan": False}
    columns = {f"f{i}": (float, Field(alias=n)) for i, n in enumerate(bundle.names)}
    Wine = create_model("Wine", __config__=settings, **columns)

    class Body(BaseModel):
        wines: List[Wine] = Field(min_length=1, max_length=100)

    app = FastAPI()
    app.add_middleware(Limited)

    @app.exception_handler(RequestValidationError)
    def refuse(_, error):
        return JSONResponse({"detail": [{"loc": e["loc"]} for e in error.errors()]}, 422)

    @app.get("/card")
    def card():
        b = bundle
        classes = b.model.classes_.tolist()
        return {"names": b.names, "low": b.low, "high": b.high, "classes": classes, "accuracy": b.accuracy}

    def answer(body):
        return {"predictions": predict(bundle, [w.model_dump(by_alias=True) for w in body.wines])}

    answer.__annotations__["body"] = Body
    app.post("/predict")(answer)
    return app


def main():
    data = load_wine()
    bundle = train(data.data, data.target_names[data.target], data.feature_names)
    save(bundle, sys.argv[1])
    print(f"accuracy: {bundle.accuracy:.4f}")


if __name__ == "__main__":
    from wine_service import main  # this file under its own name, so that the pickle finds it again

    main()
