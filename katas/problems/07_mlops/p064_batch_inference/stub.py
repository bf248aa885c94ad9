"""Predicts for the files in a folder, batch by batch, into an SQLite database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Report:
    """How many files of a run were predicted, moved to quarantine, or skipped since they had a row."""

    predicted: int
    quarantined: int
    skipped: int


def run(
    inbox: str | Path,
    database: str | Path,
    model: Any,
    batch_size: int = 64,
    progress: Callable[[int, int], object] | None = None,
) -> Report:
    """Predict for each *.json file in `inbox` that has no row in the table predictions (file, prediction) yet.

    Each batch of files is one transaction. Bad files are moved to inbox/quarantine.
    model: a fitted scikit-learn estimator.
    progress: called with (done, total) after each batch; by default "done/total" goes to standard error.
    """
    raise NotImplementedError
