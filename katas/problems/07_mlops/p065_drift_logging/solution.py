"""Predictions in a log that a program can read: one JSON object a line, and a level that says who has to look."""

import json
import logging
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from statistics import fmean

LIMIT = 4.0  # standard deviations


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)  # without default a Path in the fields would lose the whole line


def open_log(path: str | Path, max_bytes: int = 1_000_000, backups: int = 3) -> logging.Logger:
    """Return the logger that writes to this file, a JSON object a line, in at most backups + 1 files of max_bytes.

    A line has "time" (UTC), "level", "event", the items of the record's `fields`, and "exception" where there is one.
    """
    path = Path(path).resolve()
    logger = logging.getLogger(f"predictions.{path}")  # logging keeps one logger for each name
    if not logger.handlers:  # a second handler would write every line twice
        handler = RotatingFileHandler(path, maxBytes=max_bytes, backupCount=backups, encoding="utf-8")
        handler.setFormatter(_JsonLines())
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)  # without a level it has the root logger's, WARNING
        logger.propagate = False  # nor do the root logger's handlers write it a second time
    return logger


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
        self._model = model
        self._training = list(zip(mean, std, strict=True))
        self._logger = logger
        self._window = window
        self._rows: list[list[float]] = []  # of this window

    def predict(self, features: Sequence[float]) -> float:
        """Return model(features), and log it, but not the features' values; log and raise again what it raises."""
        try:
            prediction = self._model(features)
        except Exception:
            self._logger.exception("failed")  # only inside except is there a traceback to log
            raise
        self._log_prediction(features, float(prediction))  # JSON does not know NumPy's numbers
        self._rows.append(list(features))
        if len(self._rows) == self._window:
            self._log_drift()
            self._rows.clear()
        return prediction

    def _log_prediction(self, features: Sequence[float], prediction: float) -> None:
        # Every comparison with NaN is False: "not within the limit" is true of it, "beyond the limit" is not.
        odd = [
            i for i, (x, (mean, std)) in enumerate(zip(features, self._training)) if not abs(x - mean) <= LIMIT * std
        ]
        if math.isfinite(prediction) and not odd:
            self._logger.info("prediction", extra={"fields": {"prediction": prediction}})
        else:
            logged = prediction if math.isfinite(prediction) else None
            self._logger.warning("anomaly", extra={"fields": {"prediction": logged, "features": odd}})

    def _log_drift(self) -> None:
        drifted = []
        for i, (mean, std) in enumerate(self._training):
            values = [row[i] for row in self._rows if math.isfinite(row[i])]
            # The mean of k values varies less than one value, by the factor √k.
            if values and abs(fmean(values) - mean) > LIMIT * std / math.sqrt(len(values)):
                drifted.append(i)
        if drifted:
            self._logger.error("drift", extra={"fields": {"features": drifted}})


# In production, a QueueHandler hands the records to a thread that writes, so that no prediction waits for the disk.
