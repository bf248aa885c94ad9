"""A classifier of wines: trained, saved in one file, and served to whoever asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from numpy.typing import NDArray

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
    raise NotImplementedError


def save(bundle: Bundle, path: str | Path) -> None:
    """Put the bundle into the file at `path`, which is the old one or the new one at any time, never half of one."""
    raise NotImplementedError


def load(path: str | Path) -> Bundle:
    """Return the bundle in the file. Raises ValueError that names the path if it holds none, or only half of one."""
    raise NotImplementedError


def predict(bundle: Bundle, records: Sequence[Mapping[str, float]]) -> list[dict[str, Any]]:
    """Return {"label": …, "probability": …, "outside": […]} for each record, a mapping of names to numbers."""
    raise NotImplementedError


def create_app(path: str | Path) -> FastAPI:
    """The app that serves the bundle in the file: GET /card, POST /predict. Raises what `load` raises."""
    raise NotImplementedError


def main() -> None:
    """Train on scikit-learn's wines, save the bundle at the path in the command line, and print its accuracy."""
    raise NotImplementedError


if __name__ == "__main__":
    main()
