"""A scikit-learn classifier in a folder, and behind HTTP."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel


def save(model: Any, folder: str | Path) -> str:
    """Write model.pickle and model.json into the folder; return the SHA-256 of the former, as hex digits."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    content = pickle.dumps(model)
    info = {
        "sklearn": sklearn.__version__,
        "sha256": hashlib.sha256(content).hexdigest(),
        "features": model.n_features_in_,
        "classes": model.classes_.tolist(),
    }
    (folder / "model.pickle").write_bytes(content)
    (folder / "model.json").write_text(json.dumps(info), encoding="utf-8")
    return str(info["sha256"])


def read_info(folder: str | Path) -> dict[str, Any]:
    return dict(json.loads((Path(folder) / "model.json").read_text(encoding="utf-8")))


def load(folder: str | Path, sha256: str) -> Any:
    """Return the saved model.

    Raises ValueError, without unpickling, if model.pickle has another SHA-256, or another scikit-learn wrote it.
    """
    content = (Path(folder) / "model.pickle").read_bytes()
    # Whoever can change the pickle can change model.json beside it; the caller has the SHA-256 from elsewhere.
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"model.pickle in {folder} is not the file that was saved")
    version = read_info(folder)["sklearn"]
    if version != sklearn.__version__:
        raise ValueError(f"scikit-learn {version} wrote the model, and {sklearn.__version__} is installed")
    return pickle.loads(content)  # the bytes that were checked: the file may have changed meanwhile


class Question(BaseModel):
    inputs: list[list[float]]


def create_app(folder: str | Path, sha256: str) -> FastAPI:
    """The app that serves the model in the folder: GET /model, POST /predict. Raises what `load` raises."""
    model, info = load(folder, sha256), read_info(folder)
    app = FastAPI()

    @app.get("/model")
    def about() -> dict[str, Any]:
        return info

    @app.post("/predict")
    def predict(question: Question) -> dict[str, Any]:
        n, rows = info["features"], question.inputs
        # The JSON parser of Python accepts NaN and Infinity; 1e999 is infinite, too.
        if not rows or any(len(row) != n or not np.isfinite(row).all() for row in rows):
            raise HTTPException(422, f"inputs have to be one row or more of {n} finite numbers each")
        # tolist: JSON knows no scalars of NumPy.
        return {"predictions": model.predict(np.array(rows)).tolist()}

    return app


# A checksum tells that the file is the one that was saved, not that it was harmless then. ONNX and skops store a model
# without code in it; a signature (sigstore) says who saved it.
