"""Predictions in a log that a program can read: one JSON object a line, and a level that says who has to look."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path


def open_log(path: str | Path, max_bytes: int = 1_000_000, backups: int = 3) -> logging.Logger:
    """Return the logger that writes to this file, a JSON object a line, in at most backups + 1 files of max_bytes.

    A line has "time" (UTC), "level", "event", the items of the record's `fields`, and "exception" where there is one.
    """
    raise NotImplementedError


class Monitor:
    """A model whose predictions are logged: "prediction" (INFO), "anomaly" (WARNING), "drift", "failed" (ERROR)."""

    def __init__(
        self,
        model: Callable[[Sequence[float]], float],
        mean: Sequence[float],
        std: Sequence[float],
        logger: logging.Logger,
        window: int = 100,
    ) -> None:
        """mean, std: of each feature in training; window: how many predictions are compared with them at once."""
        raise NotImplementedError

    def predict(self, features: Sequence[float]) -> float:
        """Return model(features), and log it, but not the features' values; log and raise again what it raises."""
        raise NotImplementedError
