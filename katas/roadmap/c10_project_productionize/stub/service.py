"""Serves the classifier of irises over HTTP; this is what the container runs."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI


def create_service(folder: str | Path, sha256: str) -> FastAPI:
    """The app that answers POST /classify with the model in the folder. Raises what `load` of saved_model raises."""
    raise NotImplementedError


def main() -> None:
    """Serve the folder model on 0.0.0.0, at the port that PORT names; MODEL_SHA256 is the model's digest."""
    raise NotImplementedError


if __name__ == "__main__":
    main()
