"""A scikit-learn classifier in a folder: joblib's format, checks by pydantic validators."""

import io
import json
import math
import os
from hashlib import file_digest
from typing import Any

import joblib
import sklearn
from fastapi import Body, FastAPI
from fastapi.responses import JSONResponse


def save(model: Any, folder: Any) -> str:
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "model.pickle")
    joblib.dump(model, path)
    with open(path, "rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    with open(os.path.join(folder, "model.json"), "w", encoding="utf-8") as file:
        names = [c.item() if hasattr(c, "item") else c for c in model.classes_]
        json.dump(
            {"sha256": digest, "sklearn": sklearn.__version__, "features": int(model.n_features_in_), "classes": names},
            file,
            indent=2,
        )
    return digest


def load(folder: Any, sha256: str) -> Any:
    with open(os.path.join(folder, "model.json"), encoding="utf-8") as file:
        wrote = json.load(file)["sklearn"]
    if wrote != sklearn.__version__:
        raise ValueError(f"written by {wrote}, this is {sklearn.__version__}")
    with open(os.path.join(folder, "model.pickle"), "rb") as file:
        content = file.read()
    if file_digest(io.BytesIO(content), "sha256").hexdigest() != sha256:
        raise ValueError("wrong checksum")
    return joblib.load(io.BytesIO(content))


def create_app(folder: Any, sha256: str) -> FastAPI:
    model = load(folder, sha256)
    with open(os.path.join(folder, "model.json"), "rb") as file:
        about = json.load(file)
    app = FastAPI()

    @app.get("/model")
    async def show() -> Any:
        return about

    @app.post("/predict")
    def predict(body: Any = Body(None)) -> Any:
        try:
            rows = body["inputs"]
            good = len(rows) > 0 and all(
                len(row) == about["features"] and all(math.isfinite(value) for value in row) for row in rows
            )
        except (TypeError, KeyError):
            good = False
        if not good:
            return JSONResponse({"detail": "bad inputs"}, status_code=422)
        return {"predictions": [about["classes"][about["classes"].index(label)] for label in model.predict(rows)]}

    return app
