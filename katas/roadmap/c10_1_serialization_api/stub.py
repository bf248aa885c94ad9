"""A scikit-learn classifier in a folder, and behind HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI


def save(model: Any, folder: str | Path) -> str:
    """Write model.pickle and model.json into the folder; return the SHA-256 of the former, as hex digits."""
    raise NotImplementedError


def load(folder: str | Path, sha256: str) -> Any:
    """Return the saved model.

    Raises ValueError, without unpickling, if model.pickle has another SHA-256, or another scikit-learn wrote it.
    """
    raise NotImplementedError


def create_app(folder: str | Path, sha256: str) -> FastAPI:
    """The app that serves the model in the folder: GET /model, POST /predict. Raises what `load` raises."""
    raise NotImplementedError
