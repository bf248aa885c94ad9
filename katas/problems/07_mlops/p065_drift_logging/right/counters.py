"""Loggers in a dict of the module's own, sums instead of rows, and plain ifs."""

import datetime
import json
import logging
import logging.handlers
import math
import os
import traceback

LOGGERS = {}


class Lines(logging.Formatter):
    """JSON."""

    def format(self, record):
        """One line."""
        when = datetime.datetime.fromtimestamp(record.created, tz=datetime.timezone.utc)
        line = {"time": when.isoformat(timespec="seconds"), "level": record.levelname, "event": record.getMessage()}
        line.update(getattr(record, "fields", None) or {})
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = "".join(traceback.format_exception(record.exc_info[1]))
        return json.dumps(line, default=str, ensure_ascii=False)


def open_log(path, max_bytes=1_000_000, backups=3):
    """Return the logger of a file."""
    name = os.path.realpath(path)
    logger = LOGGERS.setdefault(name, logging.Logger(name, logging.INFO))
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    handler = logging.handlers.RotatingFileHandler(
        name, maxBytes=max_bytes, backupCount=backups, encoding="utf-8", delay=True
    )
    handler.setFormatter(Lines())
    logger.addHandler(handler)
    return logger


class Monitor:
    """Counts and sums per feature."""

    def __init__(self, model, mean, std, logger, window=100):
        self.model, self.mean, self.std, self.logger, self.window = model, mean, std, logger, window
        self.start()

    def start(self):
        """Begin a window."""
        self.n = 0
        self.finite = [[] for _ in self.mean]

    def predict(self, features):
        """Ask the model and log."""
        try:
            result = self.model(features)
        except Exception as error:
            self.logger.error("failed", exc_info=error, extra={"fields": {"kind": type(error).__name__}})
            raise
        odd = []
        for i, x in enumerate(features):
            if not math.isfinite(x) or abs(x - self.mean[i]) > 4 * self.std[i]:
                odd.append(i)
            if math.isfinite(x):
                self.finite[i].append(x)
        if not math.isfinite(result):
            self.logger.log(logging.WARNING, "anomaly", extra={"fields": {"features": odd, "prediction": None}})
        elif odd:
            self.logger.log(logging.WARNING, "%s", "anomaly", extra={"fields": dict(prediction=float(result), features=odd)})
        else:
            self.logger.info("prediction", extra={"fields": {"prediction": float(result)}})
        self.n += 1
        if self.n == self.window:
            drifted = []
            for i, values in enumerate(self.finite):
                k = len(values)
                if k and abs(sum(values) / k - self.mean[i]) * k**0.5 > 4 * self.std[i]:
                    drifted.append(i)
            if drifted:
                self.logger.error("drift", extra={"fields": {"features": drifted}})
            self.start()
        return result
