"""A classifier of wines: trained, saved in one file, and served to whoever asks."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, ValidationError, create_model
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

MAX_WINES = 100
MAX_BYTES = 100_000


@dataclass(frozen=True)
class Bundle:
    """A fitted classifier, and what has to be known about it where it is used.

    names: of its columns, in order. low, high: the smallest and the largest value of each column in the training rows.
    accuracy: on rows that the model was not fitted on.
    """

    model: Any
    names: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    accuracy: float


def train(x: NDArray[Any], y: NDArray[Any], names: Sequence[str], seed: int = 0) -> Bundle:
    """Fit the model on three quarters of the rows of x (n, d) with labels y (n,), and measure it on the rest."""
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.25, stratify=y, random_state=seed)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x_train, y_train)
    return Bundle(
        model=model,
        names=tuple(names),
        # Of the training rows: what lies beyond them the model has never seen.
        low=tuple(x_train.min(axis=0).tolist()),
        high=tuple(x_train.max(axis=0).tolist()),
        accuracy=float(model.score(x_test, y_test)),
    )


def save(bundle: Bundle, path: str | Path) -> None:
    """Put the bundle into the file at `path`, which is the old one or the new one at any time, never half of one."""
    path = Path(path)
    # A dict, not the Bundle: pickle finds a class again by the name of its module. Where this file is the program that
    # is __main__, and in the process of the server __main__ is another program.
    content = pickle.dumps(vars(bundle))
    draft = path.with_name(f"{path.name}.draft")
    draft.write_bytes(content)
    os.replace(draft, path)  # in one step, as both names are in one folder


def load(path: str | Path) -> Bundle:
    """Return the bundle in the file. Raises ValueError that names the path if it holds none, or only half of one."""
    content = Path(path).read_bytes()
    try:
        return Bundle(**pickle.loads(content))
    except Exception as error:  # a pickle that is cut off can raise nearly anything
        raise ValueError(f"{path} does not hold a bundle: {error}") from error


def predict(bundle: Bundle, records: Sequence[Mapping[str, float]]) -> list[dict[str, Any]]:
    """Return {"label": …, "probability": …, "outside": […]} for each record, a mapping of names to numbers."""
    # By name: the order in a record is that of whoever wrote it.
    x = np.array([[record[name] for name in bundle.names] for record in records], dtype=np.float64)  # (n, d)
    probabilities = bundle.model.predict_proba(x)  # (n, classes)
    labels = bundle.model.classes_[probabilities.argmax(axis=1)].tolist()  # tolist: JSON knows no numbers of NumPy
    is_outside = (x < bundle.low) | (x > bundle.high)  # (n, d)
    return [
        {"label": label, "probability": probability, "outside": [bundle.names[i] for i in np.flatnonzero(row)]}
        for label, probability, row in zip(labels, probabilities.max(axis=1).tolist(), is_outside, strict=True)
    ]


def _request_for(names: Sequence[str]) -> Any:
    """Return the schema of a request, made when the names are known. Aliases may be any text, "od280/od315" too."""
    fields: dict[str, Any] = {f"x{i}": (float, Field(alias=name)) for i, name in enumerate(names)}
    # Strict: without it "1.5" and true are numbers. Forbid: a misspelled name would be silently left out.
    config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    wine = create_model("Wine", __config__=config, **fields)
    wines = Annotated[list[wine], Field(min_length=1, max_length=MAX_WINES)]  # type: ignore[valid-type]
    return create_model("Request", wines=(wines, ...))


def create_app(path: str | Path) -> FastAPI:
    """The app that serves the bundle in the file: GET /card, POST /predict. Raises what `load` raises."""
    bundle = load(path)
    request_type = _request_for(bundle.names)
    app = FastAPI()

    @app.get("/card")
    def card() -> dict[str, Any]:
        about = {name: value for name, value in vars(bundle).items() if name != "model"}
        return about | {"classes": bundle.model.classes_.tolist()}

    @app.post("/predict")
    async def answer(request: Request) -> dict[str, Any]:
        body = bytearray()
        # Counted while it comes: Content-Length may be missing, and then it may never end.
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BYTES:
                raise HTTPException(413, f"the body has more than {MAX_BYTES} bytes")
        try:
            asked = request_type.model_validate_json(bytes(body))
        except ValidationError as error:
            # Without the input, which may be NaN: that is not JSON, and the answer would become a 500.
            faults = [{"loc": ["body", *fault["loc"]], "msg": fault["msg"]} for fault in error.errors()]
            raise HTTPException(422, faults) from None
        records = [wine.model_dump(by_alias=True) for wine in asked.wines]
        # In a thread: here the model would stop the whole server while it computes.
        return {"predictions": await run_in_threadpool(predict, bundle, records)}

    return app


def main() -> None:
    """Train on scikit-learn's wines, save the bundle at the path in the command line, and print its accuracy."""
    wines = load_wine()
    bundle = train(wines.data, wines.target_names[wines.target], wines.feature_names)
    save(bundle, sys.argv[1])
    print(f"accuracy: {bundle.accuracy:.4f}")


if __name__ == "__main__":
    main()


# A file that survives a power cut needs os.fsync before it is renamed. A service in earnest also logs how often
# "outside" is not empty (p065), since a model whose inputs have moved is wrong without any error, and takes its
# model by digest (c10_1): a pickle from somebody else is a program from somebody else.
