"""Predicts for the files in a folder, batch by batch; transactions by hand, rows by cursor."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Report = namedtuple("Report", "predicted quarantined skipped")


def load(path: str, n: int) -> np.ndarray | None:
    try:
        with open(path, "rb") as file:
            values = json.loads(file.read().decode("utf-8"))
        if type(values) is not list or {type(v) for v in values} - {int, float}:
            return None
        row = np.array([float(v) for v in values])
    except (ValueError, OverflowError, RecursionError):
        return None
    return row if row.shape == (n,) and np.isfinite(row).all() else None


def run(
    inbox: str | Path,
    database: str | Path,
    model: Any,
    batch_size: int = 64,
    progress: Callable[[int, int], object] | None = None,
) -> Any:
    db = sqlite3.connect(database, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE IF NOT EXISTS predictions (file TEXT NOT NULL UNIQUE, prediction REAL NOT NULL)")
        everything = sorted(name for name in os.listdir(inbox) if name.endswith(".json"))
        todo = [f for f in everything if not db.execute("SELECT 1 FROM predictions WHERE file = ?", (f,)).fetchone()]
        bad_count = done = 0
        while done < len(todo):
            batch = todo[done : done + batch_size]
            rows = [(name, load(os.path.join(inbox, name), model.n_features_in_)) for name in batch]
            good = [(name, row) for name, row in rows if row is not None]
            if good:
                y = model.predict(np.stack([row for _, row in good]))
                db.execute("BEGIN")
                try:
                    for (name, _), value in zip(good, y, strict=True):
                        db.execute("INSERT INTO predictions VALUES (:file, :value)", {"file": name, "value": float(value)})
                    db.execute("COMMIT")
                except BaseException:
                    db.execute("ROLLBACK")
                    raise
            for name, row in rows:
                if row is None:
                    os.makedirs(os.path.join(inbox, "quarantine"), exist_ok=True)
                    os.replace(os.path.join(inbox, name), os.path.join(inbox, "quarantine", name))
                    bad_count += 1
            done += len(batch)
            if progress:
                progress(done, len(todo))
            else:
                sys.stderr.write(f"\r{done}/{len(todo)}")
        return Report(len(todo) - bad_count, bad_count, len(everything) - len(todo))
    finally:
        db.close()
