"""Hidden test of p065_drift_logging."""

import json
import logging
import math
import os
import statistics
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from kata_runner.checking import (
    assert_close,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    require,
    rng,
    temporary_folder,
)

work = learner("prediction_log")
NAN, INF = math.nan, math.inf
STANDARD = set(vars(logging.makeLogRecord({})))  # what every record has


class Kept(logging.Handler):
    """Keeps the records."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def total(features: Sequence[float]) -> float:
    return float(sum(features))


def monitor(
    model: Callable[[Sequence[float]], float], mean: list[float], std: list[float], **options: int
) -> tuple[Any, Kept]:
    """The learner's monitor, and what its logger is told."""
    logger, kept = logging.Logger("monitored"), Kept()
    logger.addHandler(kept)
    return work.Monitor(model, list(mean), list(std), logger, **options), kept


def told(kept: Kept) -> list[tuple[str, str, Any]]:
    """(level, event, fields) of each record since the last time."""
    records, kept.records = kept.records, []
    return [(record.levelname, record.getMessage(), getattr(record, "fields", {})) for record in records]


@contextmanager
def logger_of(path: str | Path, **options: int) -> Generator[logging.Logger]:
    """The learner's logger, closed at the end."""
    logger = work.open_log(path, **options)
    try:
        require(isinstance(logger, logging.Logger), "open_log has to return a logging.Logger", got=logger)
        yield logger
    finally:
        for handler in list(logger.handlers) if isinstance(logger, logging.Logger) else []:
            logger.removeHandler(handler)
            handler.close()


def no_json(name: str) -> None:
    raise ValueError(name)


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects in the lines of a file."""
    if not path.exists():
        fail(f"there is no file {path.name}")
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line, parse_constant=no_json))
        except ValueError:
            fail("a line of the file is not JSON", got=line)
        require(isinstance(found[-1], dict), "a line of the file is not a JSON object", got=line)
    return found


def test_lines() -> None:
    """1. Each record is one line, a JSON object: time in UTC, level, event, and the record's fields."""
    with temporary_folder() as folder, logger_of(folder / "model.log") as logger:
        with calling('logger.info("loaded")'):
            logger.info("loaded")
            (line,) = lines(folder / "model.log") or [{}]
            assert_equal({key: line.get(key) for key in ("level", "event")}, {"level": "INFO", "event": "loaded"})
            assert_equal(sorted(line), ["event", "level", "time"], what="the keys of the line")
        with calling('logger.warning("%d rows of\\n%s", 3, "Zoë", extra={"fields": {"version": 3, "tags": ["a"]}})'):
            logger.warning("%d rows of\n%s", 3, "Zoë", extra={"fields": {"version": 3, "tags": ["a"]}})
            found = lines(folder / "model.log")
            require(len(found) == 2, "two records are not two lines", got=found)
            found[1].pop("time", None)
            expected = {"level": "WARNING", "event": "3 rows of\nZoë", "version": 3, "tags": ["a"]}
            assert_equal(found[1], expected, what="the second line, without its time")


def test_rotation() -> None:
    """2. The file never exceeds max_bytes; the older lines are in path.1 to path.N."""
    for backups in (1, 3):
        with (
            temporary_folder() as folder,
            logger_of(folder / "m.log", max_bytes=600, backups=backups) as logger,
            calling(f'open_log("m.log", max_bytes=600, backups={backups}), and 60 records'),
        ):
            for i in range(60):
                logger.info("a record", extra={"fields": {"i": i, "text": "x" * (i % 7)}})
            names = ["m.log", *(f"m.log.{n}" for n in range(1, backups + 1))]
            assert_equal(sorted(path.name for path in folder.iterdir()), names, what="the files")
            for name in names:
                size = (folder / name).stat().st_size
                require(size <= 600, f"{name} is larger than max_bytes", got=size)
            kept = [line.get("i") for name in reversed(names) for line in lines(folder / name)]
            assert_equal(kept, list(range(60 - len(kept), 60)), what="i in the lines, the oldest file first")
            require(len(kept) > backups * 2, "the files hold hardly a line", got=kept)


def test_opened_again() -> None:
    """3. open_log of the same file returns the same logger, which writes each line once; other files have others."""
    with temporary_folder() as folder, logger_of(folder / "a.log") as first:
        for path in (folder / "a.log", str(folder / "a.log"), folder / "sub" / ".." / "a.log"):
            again = work.open_log(path)
            with calling(f"open_log({str(path)!r}), a second time"):
                require(again is first, "the second call returns another logger", got=again, expected=first)
                again.info("once")
        before = Path.cwd()
        os.chdir(folder)
        try:
            again = work.open_log("a.log")
            require(again is first, "a relative path to the same file gets another logger", got=again, expected=first)
        finally:
            os.chdir(before)
        first.info("last")
        with calling("open_log, five times for one file, and four records"):
            assert_equal([line.get("event") for line in lines(folder / "a.log")], ["once"] * 3 + ["last"])
        with logger_of(folder / "a") as second, calling('open_log("a.log"), then open_log("a")'):
            require(second is not first, "two files have the same logger", got=second)
            second.info("of a")
            first.info("of a.log")
            assert_equal([line.get("event") for line in lines(folder / "a")], ["of a"], what="the events in a")
            events = [line.get("event") for line in lines(folder / "a.log")]
            assert_equal(events[4:], ["of a.log"], what="the events in a.log since")


def test_root_logger() -> None:
    """4. INFO and above are written, whatever the root logger's level; the root logger is left alone."""
    root, kept = logging.getLogger(), Kept()
    handlers, level = list(root.handlers), root.level
    try:
        for root_level in (logging.WARNING, logging.DEBUG, logging.CRITICAL):
            for ours in ([kept], []):
                root.handlers[:] = ours
                root.setLevel(root_level)
                name = logging.getLevelName(root_level)
                with (
                    temporary_folder() as folder,
                    logger_of(folder / "model.log") as logger,
                    calling(f"open_log(path), with {len(ours)} handlers and {name} at the root logger"),
                ):
                    for write in (logger.debug, logger.info, logger.error):
                        write("event")
                    levels = [line.get("level") for line in lines(folder / "model.log")]
                    assert_equal(levels, ["INFO", "ERROR"], what="the levels in the file")
                    require(root.handlers == ours, "the root logger has other handlers now", got=root.handlers)
                    assert_equal(root.level, root_level, what="the root logger's level")
                    require(not kept.records, "the root logger's handlers receive the records", got=kept.records)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def test_predictions() -> None:
    """5. predict calls the model once, returns what it returned, and logs "prediction" at INFO."""
    calls: list[list[float]] = []

    def model(features: Sequence[float]) -> Any:
        calls.append(list(features))
        return np.float32(sum(features))

    watched, kept = monitor(model, [0.0, 10.0], [1.0, 2.0])
    for features in ([0.5, 11.0], [-1.25, 9.0]):
        got = watched.predict(list(features))
        assert_close(got, sum(features))
        assert_type(got, np.float32)
        assert_equal(calls, [features], what="what the model was called with")
        calls.clear()
        records = told(kept)
        assert_equal(records, [("INFO", "prediction", {"prediction": sum(features)})], what="(level, event, fields)")
        assert_type(records[0][2]["prediction"], float, what='the field "prediction"')
        require(type(records[0][2]["prediction"]) is float, 'the field "prediction" has to be a Python float')


def test_anomalies() -> None:
    """6. "anomaly" at WARNING instead, where a feature is NaN, infinite, or more than 4 std from its mean."""
    cases: list[tuple[list[float], list[int]]] = [
        ([9.0, 10.0, 5.0], [0]),
        ([-4.5, 10.0, 5.0], [0]),
        ([0.0, 18.5, 5.0], [1]),
        ([4.0, 2.0, 5.0], []),  # 4 std exactly
        ([0.0, 10.0, 5.001], [2]),  # std 0
        ([-9.0, 10.0, 50.0], [0, 2]),
        ([NAN, 10.0, 5.0], [0]),
        ([0.0, INF, 5.0], [1]),
        ([0.0, -INF, NAN], [1, 2]),
    ]
    for features, odd in cases:
        watched, kept = monitor(lambda _: 0.5, [0.0, 10.0, 5.0], [1.0, 2.0, 0.0])
        watched.predict(list(features))
        fields = {"prediction": 0.5, "features": odd} if odd else {"prediction": 0.5}
        expected = ("WARNING", "anomaly", fields) if odd else ("INFO", "prediction", fields)
        assert_equal(told(kept), [expected], what="(level, event, fields)")


def test_drift() -> None:
    """7. "drift" at ERROR with every window-th prediction, where a feature's mean is more than 4 std / √k off."""
    for value, drifts in ((2.5, [1]), (-2.5, [1]), (2.0, []), (0.0, [])):  # 4 · 1 / √4 is 2
        watched, kept = monitor(lambda _: 0.5, [5.0, 0.0], [1.0, 1.0], window=4)
        features = [5.0, value]
        expected: list[Any] = [("INFO", "prediction", {"prediction": 0.5})] * 4
        expected += [("ERROR", "drift", {"features": drifts})] if drifts else []
        with calling(f"Monitor(model, [5.0, 0.0], [1.0, 1.0], logger, window=4), and 4 times predict({features})"):
            for _ in range(3):
                watched.predict(list(features))
            records = told(kept)
            assert_equal(records, expected[:3], what="(level, event, fields) of the first three")
            watched.predict(list(features))
            assert_equal(records + told(kept), expected, what="(level, event, fields)")
    random = rng(7)
    watched, kept = monitor(total, [0.0, 1.0, -2.0], [1.0, 0.5, 2.0], window=9)
    for offset in ([0.0, 0.0, 0.0], [1.7, 0.0, 0.0], [0.0, 0.0, 0.0], [-1.7, 0.85, -3.4]):
        rows = (np.array([0.0, 1.0, -2.0]) + offset + [0.01, 0.005, 0.02] * random.normal(size=(9, 3))).tolist()
        # The last row alone would say the opposite.
        rows[-1] = [0.0 if offset[0] else 3.5, 1.0 if offset[1] else 2.75, -2.0 if offset[2] else 5.0]
        drifted = [i for i in range(3) if offset[i]]
        row = [0.0, 0.0, 0.0]
        with calling(f"the same list filled anew for each predict, window=9, with rows as {rows[0]}"):
            for values in rows:
                row[:] = values
                watched.predict(row)
                assert_equal(row, values, what="the list of features")
            events = [record for record in told(kept) if record[1] == "drift"]
            expected = [("ERROR", "drift", {"features": drifted})] if drifted else []
            assert_equal(events, expected, what="the records of drift in this window")


edges()


def test_time_and_exceptions() -> None:
    """1. The time is when the record was made; an exception's traceback and values that JSON does not know are kept."""
    zone = os.environ.get("TZ")
    try:
        if hasattr(time, "tzset"):
            os.environ["TZ"] = "Asia/Tokyo"
            time.tzset()
        with temporary_folder() as folder, logger_of(folder / "model.log") as logger:
            record = logging.makeLogRecord({"msg": "late", "levelno": 20, "levelname": "INFO", "created": 86400.25})
            with calling("logger.handle(a record made at 1970-01-02 00:00:00.25 UTC)"):
                logger.handle(record)
                text = (lines(folder / "model.log") or [{}])[-1].get("time")
                require(isinstance(text, str), '"time" has to be a text', got=text)
                try:
                    moment = datetime.fromisoformat(text)
                except ValueError:
                    fail('"time" is not ISO 8601', got=text)
                require(moment.utcoffset() == timedelta(0), '"time" is not in UTC, with its offset', got=text)
                require(abs(moment.timestamp() - 86400.25) < 1.001, '"time" is not when it was made', got=text)
    finally:
        if hasattr(time, "tzset"):
            os.environ.pop("TZ", None)
            if zone is not None:
                os.environ["TZ"] = zone
            time.tzset()
    with temporary_folder() as folder, logger_of(folder / "model.log") as logger:
        with calling('logger.exception("failed"), while ZeroDivisionError is handled'):
            try:
                print(1 // int("0"))
            except ZeroDivisionError:
                logger.exception("failed")
            (line,) = lines(folder / "model.log") or [{}]
            assert_equal(line.get("event"), "failed", what='"event"')
            for part in ("Traceback", "hidden_test", "ZeroDivisionError"):
                require(part in str(line.get("exception")), '"exception" is not the traceback', got=line)
        with calling('logger.info("loaded", extra={"fields": {"path": Path("model.pt"), "n": 1}})'):
            logger.info("loaded", extra={"fields": {"path": Path("model.pt"), "n": 1}})
            found = lines(folder / "model.log")
            require(len(found) == 2, "the line is missing: JSON does not know a Path", got=found)
            assert_equal((found[1].get("path"), found[1].get("n")), ("model.pt", 1), what='"path" and "n"')


def test_predictions_that_are_not_finite() -> None:
    """6. A prediction that is NaN or infinite is an anomaly, and is logged as None."""
    for prediction in (NAN, INF, -INF):
        for features, odd in (([0.0, 1.0], []), ([0.0, NAN], [1])):
            watched, kept = monitor(lambda _, p=prediction: p, [0.0, 0.0], [1.0, 1.0])
            got = watched.predict(list(features))
            require(str(got) == str(prediction), "what the model returned is not returned", got=got)
            expected = [("WARNING", "anomaly", {"prediction": None, "features": odd})]
            with calling(f"predict({features}), where the model returns {prediction}"):
                assert_equal(told(kept), expected, what="(level, event, fields)")


def test_drift_with_missing_values() -> None:
    """7. Only the finite values count in the mean and in k, outliers too; a window starts empty."""
    cases: list[tuple[list[float], bool]] = [
        ([2.5, NAN, 2.5, 2.5], True),  # 4 / √3 is 2.31
        ([2.2, NAN, 2.2, 2.2], False),  # but beyond 4 / √4
        ([3.5, INF, -INF, NAN], False),
        ([4.5, INF, -INF, NAN], True),
        ([NAN, NAN, NAN, NAN], False),
        ([0.0, 0.0, 0.0, 9.0], True),
        ([0.0, 0.0, 0.0, 7.0], False),
        ([9.0, 0.0, 0.0, 0.0], True),
        ([1e9, -1e9, 0.0, 1.0], False),
        ([2.0, 3.0, 2.0, 3.0], True),
    ]
    watched, kept = monitor(lambda _: 0.5, [0.0], [1.0], window=4)
    other, other_kept = monitor(lambda _: 0.5, [0.0], [1.0], window=4)
    for values, has_drifted in cases:
        finite = [x for x in values if math.isfinite(x)]
        if finite:
            bound = 4 / math.sqrt(len(finite))
            require((abs(statistics.fmean(finite)) > bound) == has_drifted, "the case of this check is wrong")
        with calling(f"a window of 4 predictions with the features {values}, after other windows"):
            for x in values:
                watched.predict([x])
                other.predict([0.0])
            events = [record for record in told(kept) if record[1] == "drift"]
            assert_equal(events, [("ERROR", "drift", {"features": [0]})] * has_drifted, what="the records of drift")
            events = [record for record in told(other_kept) if record[1] == "drift"]
            assert_equal(events, [], what="the records of drift of another monitor, which sees zeros")
    watched, kept = monitor(lambda _: 0.5, [0.0], [1.0])
    with calling("100 times predict([2.0]), with the default window"):
        for _ in range(100):
            watched.predict([2.0])
        assert_equal([record[1] for record in told(kept)], ["prediction"] * 100 + ["drift"], what="the events")


def test_errors_of_the_model() -> None:
    """9. An error of the model is logged as "failed" with its traceback, and raised again; it does not count."""
    error = LookupError("no such token")

    def model(features: Sequence[float]) -> float:
        if features[0] < 0:
            raise error
        return 0.5

    watched, kept = monitor(model, [0.0], [1.0], window=2)
    watched.predict([2.9])
    told(kept)
    raised = assert_raises(LookupError, watched.predict, [-1.0], call="predict([-1.0]), where the model raises")
    require(raised is error, "another error is raised than the model's", got=raised)
    with calling("predict([-1.0]), where the model raises LookupError"):
        found = [record.exc_info for record in kept.records]
        assert_equal([record[:2] for record in told(kept)], [("ERROR", "failed")], what="(level, event)")
        require(bool(found[0]) and found[0][1] is error, "the record has no traceback of the error", got=found[0])
    with calling("predict([2.9]), a call for which the model raises, and predict([2.9]), with window=2"):
        watched.predict([2.9])
        assert_equal([record[1] for record in told(kept)], ["prediction", "drift"], what="the events of the last call")
    watched, kept = monitor(model, [0.0], [1.0], window=2)
    with calling("a call for which the model raises, predict([2.9]) and predict([2.9]), with window=2"):
        assert_raises(LookupError, watched.predict, [-1.0])
        told(kept)
        for events in (["prediction"], ["prediction", "drift"]):
            watched.predict([2.9])
            assert_equal([record[1] for record in told(kept)], events, what="the events of predict([2.9])")


def test_values_are_not_logged() -> None:
    """8. The values of the features are in no record."""
    for features in ([71234.0, 71234.25], [71234.0, NAN], [0.0, 71234.25]):

        def model(_: Sequence[float], fails: bool = features[0] == 0.0) -> float:
            if fails:
                raise ArithmeticError("too small")
            return 0.5

        for mean in ([71234.0, 71234.0], [0.0, 0.0]):
            watched, kept = monitor(model, mean, [1.0, 1.0], window=1)
            with calling(f"predict({features})"):
                with suppress(ArithmeticError):
                    watched.predict(list(features))
                for record in kept.records:
                    extra = {name: value for name, value in vars(record).items() if name not in STANDARD}
                    text = f"{record.getMessage()} {record.args} {extra}"
                    require("7123" not in text, "a record holds the value of a feature", got=text)
