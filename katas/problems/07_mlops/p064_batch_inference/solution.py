"""Predicts for the files in a folder, batch by batch, into an SQLite database."""

from __future__ import annotations

import json
import math
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Report:
    """How many files of a run were predicted, moved to quarantine, or skipped since they had a row."""

    predicted: int
    quarantined: int
    skipped: int


def read_features(path: Path, n: int) -> list[float]:
    """Return the n numbers in a file; raises ValueError, OverflowError or RecursionError where it is bad."""
    values = json.loads(path.read_text(encoding="utf-8"))
    # NumPy would turn the text "1" into a number, and json accepts NaN. True is an int to isinstance.
    if not isinstance(values, list) or len(values) != n or not all(type(v) in (int, float) for v in values):
        raise ValueError(f"{path.name} is not a list of {n} numbers")
    if not all(math.isfinite(v) for v in values):
        raise ValueError(f"{path.name} holds NaN or infinity")
    return [float(v) for v in values]


def show(done: int, total: int) -> None:
    print(f"{done}/{total} files", file=sys.stderr, flush=True)


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
    inbox, tell = Path(inbox), progress or show
    n_predicted = n_quarantined = 0
    # closing: a connection's own `with` ends a transaction, and leaves the connection open.
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS predictions (file TEXT PRIMARY KEY, prediction)")
        # A committed row is the only mark of what is done: there is no second note that could disagree with it.
        finished = {name for (name,) in connection.execute("SELECT file FROM predictions")}
        found = sorted(path.name for path in inbox.glob("*.json"))
        waiting = [name for name in found if name not in finished]
        for start in range(0, len(waiting), batch_size):
            features_by_name: dict[str, list[float]] = {}
            for name in waiting[start : start + batch_size]:
                try:
                    features_by_name[name] = read_features(inbox / name, model.n_features_in_)
                except (ValueError, OverflowError, RecursionError):
                    (inbox / "quarantine").mkdir(exist_ok=True)
                    (inbox / name).rename(inbox / "quarantine" / name)
                    n_quarantined += 1
            if features_by_name:
                x = np.array(list(features_by_name.values()), dtype=np.float64)  # (files, n_features_in_)
                # tolist: sqlite3 takes an int64 of NumPy for bytes.
                rows = list(zip(features_by_name, model.predict(x).tolist(), strict=True))
                # The transaction begins only now, so that nobody waits for the model.
                with connection:
                    connection.executemany("INSERT INTO predictions (file, prediction) VALUES (?, ?)", rows)
                n_predicted += len(rows)
            tell(min(start + batch_size, len(waiting)), len(waiting))
    return Report(n_predicted, n_quarantined, len(found) - len(waiting))


# Several workers need a claim as well: a column "taken until", as in SELECT … FOR UPDATE SKIP LOCKED of PostgreSQL. A
# prediction belongs to a version of the model (p063), which a real table has as a second part of its key.
