"""Hidden test of p064_batch_inference."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from kata_runner.checking import (
    Shown,
    as_array,
    assert_dtype,
    assert_equal,
    assert_raises,
    calling,
    edges,
    fail,
    learner,
    require,
    rng,
    run_python,
    temporary_folder,
    todo,
)

work = learner("batch_job")

WEIGHTS = (1.0, 100.0)


def answer_to(features: Sequence[float]) -> float:
    return sum(w * v for w, v in zip(WEIGHTS, features, strict=True))


class Model:
    """A model of two features that keeps what it is given; `before` is called with the number of the call."""

    n_features_in_ = 2

    def __init__(self, dtype: Any = np.float64) -> None:
        self.batches: list[Any] = []
        self.dtype = dtype
        self.before: Callable[[int], object] = lambda _: None

    def predict(self, X: Any) -> Any:
        self.batches.append(X)
        self.before(len(self.batches))
        return np.array([answer_to(row) for row in X], dtype=self.dtype)


class Job:
    """An inbox and a database in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.inbox = folder / "inbox"
        self.inbox.mkdir()
        self.database = folder / "results.db"
        self.features: dict[str, list[float]] = {}

    def put(self, name: str, features: list[float]) -> None:
        self.features[name] = features
        (self.inbox / name).write_text(json.dumps(features), encoding="utf-8")

    def spoil(self, name: str, content: bytes) -> None:
        (self.inbox / name).write_bytes(content)

    def run(self, model: Any, *, progress: Callable[[int, int], object] = lambda *_: None, **how: Any) -> Any:
        with calling(f"run(inbox, database, model{''.join(f', {k}={v}' for k, v in how.items())})  # {self.shown()}"):
            return work.run(self.inbox, self.database, model, progress=progress, **how)

    def shown(self) -> str:
        names = sorted(path.name for path in self.inbox.glob("*.json"))
        return f"{len(names)} files in the inbox: " + ", ".join(names[:4]) + (", …" if len(names) > 4 else "")

    def rows(self) -> list[tuple[Any, Any]]:
        """The rows in the database, as another process sees them."""
        if not self.database.exists():
            return []
        with closing(sqlite3.connect(self.database)) as connection:
            try:
                return connection.execute("SELECT file, prediction FROM predictions ORDER BY file").fetchall()
            except sqlite3.Error as error:
                fail(f"the table cannot be read: {error}", call="SELECT file, prediction FROM predictions")

    def assert_rows(self, names: Sequence[str], when: str = "") -> None:
        """Exactly these files have a row, each with the prediction for its own numbers."""
        expected = [(name, answer_to(self.features[name])) for name in sorted(names)]
        got = self.rows()
        what = f"the rows of predictions{when}"
        assert_equal([name for name, _ in got], [name for name, _ in expected], what=f"the files in {what}", call=" ")
        assert_equal(got, expected, what=what, call=" ")


@contextmanager
def job(n: int = 0, stream: int = 0) -> Iterator[Job]:
    """A job with n good files, made in no order."""
    draw = rng(100 + stream)
    with temporary_folder() as folder:
        made = Job(folder)
        for number in draw.permutation(n):
            made.put(f"{number:02}.json", draw.integers(1, 100, 2).tolist())
        yield made


def names(*numbers: int) -> list[str]:
    return [f"{number:02}.json" for number in numbers]


def sizes(model: Model) -> list[int]:
    return [len(batch) for batch in model.batches]


def is_locked(database: Path) -> bool:
    """Whether another connection would have to wait before it writes."""
    with closing(sqlite3.connect(database, timeout=0.0)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        other.execute("ROLLBACK")
        return False


def test_every_file_gets_its_row() -> None:
    """1. Each good file gets one row: its name, and the model's prediction for its own numbers."""
    for n, batch_size in ((1, 2), (2, 2), (5, 2), (7, 3), (6, 64)):
        with job(n, n) as one:
            one.run(Model(), batch_size=batch_size)
            one.assert_rows(names(*range(n)))


def test_batches() -> None:
    """2. Files are taken by name, batch_size at a time; the model is called once for each batch."""
    for n, batch_size, expected in ((3, 2, [2, 1]), (4, 2, [2, 2]), (7, 3, [3, 3, 1]), (2, 5, [2])):
        with job(n, n) as one:
            model = Model()
            one.run(model, batch_size=batch_size)
            assert_equal(sizes(model), expected, what="the number of files in each call of model.predict")
            seen = [as_array(batch, "X of model.predict") for batch in model.batches]
            for batch in seen:
                require(batch.ndim == 2, "X of model.predict has to be (files, n_features_in_)", got=batch)
                assert_dtype(batch, np.float64, what="X of model.predict")
            in_order = [one.features[name] for name in names(*range(n))]
            assert_equal(np.concatenate(seen).tolist(), in_order, what="what the model was given, batch after batch")
    with job() as one:
        for name in ("9.json", "10.json", "B.json", "a.json"):
            one.put(name, [len(one.features), 0])
        model = Model()
        one.run(model)
        order = [row[0] for row in as_array(model.batches[0] if model.batches else None, "X of model.predict")]
        assert_equal(order, [1, 0, 2, 3], what="the first number of 10.json, 9.json, B.json and a.json, as they came")


def test_predictions_are_numbers() -> None:
    """1. A prediction is an SQL number, for the classes of a classifier too."""
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(random_state=0).fit([[0, 0], [1, 0], [2, 0]], [3, 1, 2])
    for model, shown in ((tree, "a DecisionTreeClassifier"), (Model(np.float32), "a model that returns float32")):
        with job() as one:
            for number, value in enumerate((2, 0, 1)):
                one.put(f"{number:02}.json", [value, 0])
            one.run(model, batch_size=2)
            expected = [2, 3, 1] if model is tree else [2, 0, 1]
            for (file, got), number in zip(one.rows(), expected, strict=False):
                call = f"SELECT prediction FROM predictions WHERE file = '{file}'  -- {shown}"
                why = f"the prediction is stored as {type(got).__name__}, not as a number"
                require(isinstance(got, int | float), why, got=got, expected=number, call=call)
                require(got == number, "the prediction differs", got=got, expected=number, call=call)
            require(len(one.rows()) == 3, "a file has no row", got=one.rows(), call=" ")


def test_one_transaction_a_batch() -> None:
    """3. All rows of a batch are stored, or none; it is committed before the next is predicted."""
    with job(6) as one:
        model, seen = Model(), []
        model.before = lambda _: seen.append(len(one.rows()))
        one.run(model, batch_size=2)
        assert_equal(seen, [0, 2, 4], what="how many rows others see when the model is called, batch after batch")
    with job(2) as one:
        one.run(Model(), batch_size=4)
        for number in range(2, 10):
            one.put(f"{number:02}.json", [number, 1])
        with closing(sqlite3.connect(one.database)) as connection:  # the 3rd row of the 2nd batch cannot be written
            condition = "NEW.file = '08.json' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            connection.execute(f"CREATE TRIGGER full BEFORE INSERT ON predictions WHEN {condition}")
            connection.commit()
        call = "run(inbox, database, model, batch_size=4), where the database refuses the row of 08.json"
        error = assert_raises(sqlite3.Error, work.run, one.inbox, one.database, Model(), 4, lambda *_: None, call=call)
        one.assert_rows(names(*range(6)), " after the second batch could not be written whole")
        require(not is_locked(one.database), "the database is still locked after the run has failed", call=call)
        del error


def test_the_second_run_does_what_is_new() -> None:
    """5. Files that have a row are skipped; only new ones are predicted."""
    with job(5) as one:
        one.run(Model(), batch_size=2)
        again = Model()
        one.run(again, batch_size=2)
        require(not again.batches, f"the second run called the model {len(again.batches)} times, for nothing new")
        one.assert_rows(names(*range(5)), " after a second run")
        kept = one.features["03.json"]
        one.put("03.json", [-1, -1])
        one.features["03.json"] = kept  # the row stays as it is
        one.put("015.json", [7, 8])
        one.put("99.json", [9, 8])
        third = Model()
        one.run(third, batch_size=2)
        given = [np.asarray(batch).tolist() for batch in third.batches]
        assert_equal(given, [[[7, 8], [9, 8]]], what="what the model was given after two files were added")
        one.assert_rows(sorted(one.features), " after two files were added")


CHILD = """
import os, signal, sys
from batch_job import run

calls = 0

def die_at(place):
    global calls
    if place == sys.argv[3]:
        calls += 1
        if calls == int(sys.argv[4]):
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

class Model:
    n_features_in_ = 2

    def predict(self, X):
        die_at("predict")
        return X @ [1.0, 100.0]

if sys.argv[3] == "nowhere":
    run(sys.argv[1], sys.argv[2], Model(), 3)
else:
    run(sys.argv[1], sys.argv[2], Model(), 3, lambda *_: die_at("progress"))
"""


def process(one: Job, place: str, n: int = 0) -> tuple[int, str]:
    """Exit code and standard error of a process of its own that runs the job, and is killed at a place."""
    ran = run_python("-c", CHILD, one.inbox, one.database, place, str(n), timeout_s=50)
    if "NotImplementedError" in ran.stderr:
        todo("run is still the stub")
    return ran.code, ran.stderr


def test_a_killed_run_goes_on() -> None:
    """6. When the process is killed, the next run does the rest: nothing is lost, nothing comes twice."""
    for place, n, n_kept in (("predict", 3, 6), ("progress", 2, 6)):
        with job(11, n) as one:
            how = {
                "predict": "while the model computes its third batch",
                "progress": "when progress is called the second time",
            }
            call = f"run(inbox, database, model, 3) in a process that is killed by SIGKILL {how[place]}"
            code, stderr = process(one, place, n)
            if hasattr(signal, "SIGKILL") and code != -signal.SIGKILL:
                last = Shown((stderr.strip().splitlines() or ["no output"])[-1])
                fail(f"it was not killed there: the process ended with exit code {code}", got=last, call=call)
            with calling(call):
                one.assert_rows(names(*range(n_kept)), " after the process was killed in the third batch")
            model = Model()
            one.run(model, batch_size=3)
            one.assert_rows(names(*range(11)), " after a second run")
            given = [np.asarray(batch).tolist() for batch in model.batches]
            rest = [one.features[name] for name in names(*range(n_kept, 11))]
            assert_equal([row for batch in given for row in batch], rest, what="what the second run gave to the model")


def test_a_bad_file_is_quarantined() -> None:
    """7. A bad file is moved to inbox/quarantine and has no row; the others of its batch are not affected."""
    for content in (b"{broken", b"", b"[1, 2, 3]", b"[1, NaN]", b'["1", "2"]', b'{"a": 1, "b": 2}'):
        assert_quarantined(content)


def assert_quarantined(content: bytes) -> None:
    with job(3) as one:
        one.spoil("01x.json", content)
        model = Model()
        call = f"run(inbox, database, model, batch_size=2)  # 01x.json holds {content[:40]!r}"
        with calling(call):
            one.run(model, batch_size=2)
            moved = one.inbox / "quarantine" / "01x.json"
            why = "the bad file is not in inbox/quarantine"
            require(moved.is_file(), why, got=files_below(one.inbox), call=call)
            require(moved.read_bytes() == content, "the bad file was changed", call=call)
            require(not (one.inbox / "01x.json").exists(), "the bad file is still in the inbox", call=call)
            one.assert_rows(names(0, 1, 2), f", where 01x.json holds {content[:40]!r}")
            assert_equal(sizes(model), [2, 1], what="the good files in each call of model.predict", call=call)
            one.run(model, batch_size=2)
        require(len(model.batches) == 2, "a second run called the model again", call=f"{call}, twice")


def files_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_progress() -> None:
    """9. After each committed batch, progress(done, total) is called, by default a line on standard error."""
    with job(5) as one:
        one.spoil("07.json", b"bad")
        one.spoil("08.json", b"bad")
        calls: list[Any] = []
        rows: list[int] = []
        one.run(Model(), batch_size=2, progress=lambda *a: (calls.append(a), rows.append(len(one.rows()))))
        assert_equal(calls, [(2, 7), (4, 7), (6, 7), (7, 7)], what="the calls of progress")
        assert_equal(rows, [2, 4, 5, 5], what="how many rows are committed when progress is called")
        calls.clear()
        one.put("09.json", [1, 2])
        one.run(Model(), batch_size=2, progress=lambda *a: calls.append(a))
        assert_equal(calls, [(1, 1)], what="the calls of progress, of a second run after one file was added")
    with job(7) as one:
        code, stderr = process(one, "nowhere")
        call = "run(inbox, database, model, 3)  # 7 files, without progress"
        require(code == 0, f"the process ended with exit code {code}", got=Shown(stderr[-200:]), call=call)
        got = re.findall(r"\d+/\d+", stderr)
        assert_equal(got, ["3/7", "6/7", "7/7"], what="done/total on standard error", call=call)


def test_report() -> None:
    """10. The report counts the files of this run: predicted, quarantined, skipped."""
    with job(4) as one:
        one.spoil("01x.json", b"[1]")
        assert_report(one.run(Model(), batch_size=2), (4, 1, 0), "the first report")
        one.put("05.json", [1, 2])
        assert_report(one.run(Model(), batch_size=2), (1, 0, 4), "the report of a second run after one file was added")
    with job() as one:
        assert_report(one.run(Model()), (0, 0, 0), "the report of an empty inbox")


def assert_report(got: Any, expected: tuple[int, int, int], what: str) -> None:
    for name, number in zip(("predicted", "quarantined", "skipped"), expected, strict=True):
        assert_equal(getattr(got, name, None), number, what=f"{name} in {what}")


edges()


def test_nobody_waits_for_the_model() -> None:
    """4. The database is not locked while the model computes."""
    with job(6) as one:
        model, locked = Model(), []
        model.before = lambda _: locked.append(one.database.exists() and is_locked(one.database))
        for _ in range(2):
            one.run(model, batch_size=2)
            why = "another connection cannot write while the model computes"
            require(not any(locked), why, got=[f"batch {i + 1}" for i, is_so in enumerate(locked) if is_so])
            require(not is_locked(one.database), "another connection cannot write after the run")
            one.put("99.json", [1, 2])


def test_an_error_of_the_model() -> None:
    """8. An error of the model ends the run and is raised; good files stay where they are."""

    class OutOfMemoryError(Exception):
        """Nothing that anybody foresees."""

    for error in (OutOfMemoryError("12 GB"), ValueError("Input X contains NaN."), sqlite3.OperationalError("no")):
        with job(6) as one:
            model = Model()

            def fail_second(n: int, error: Exception = error) -> None:
                if n == 2:
                    raise error

            model.before = fail_second
            call = f"run(inbox, database, model, batch_size=2), where the second call raises {type(error).__name__}"
            raised = assert_raises(type(error), work.run, one.inbox, one.database, model, 2, lambda *_: None, call=call)
            require(raised is error, "another error is raised than the model's own", got=raised, call=call)
            assert_equal(sizes(model), [2, 2], what="the files in each call of model.predict", call=call)
            one.assert_rows(names(0, 1), " after the model has failed in the second batch")
            require(not is_locked(one.database), "another connection cannot write afterwards", call=call)
            assert_equal(files_below(one.inbox), names(*range(6)), what="the files in the inbox", call=call)


def test_more_bad_files() -> None:
    """7. Bad is what is not UTF-8, or not a JSON list of exactly n_features_in_ finite numbers."""
    contents = [b"[1, Infinity]", b"[1, 1e999]", f"[1, {10**400}]".encode(), b"[1]", b"[[1, 2]]", b"[1, null]"]
    for content in [*contents, b"null", b"3", b'"ab"', b'["\xff", 2]', b"\xff\xfe", b'[1, "2"]', b"[1, [2]]", b"[1, 2"]:
        assert_quarantined(content)
    for content in ("[1, 2]".encode("utf-16"), 100_000 * b"["):  # deeper than Python's stack
        assert_quarantined(content)
    with job() as one:  # a batch of bad files alone, in the middle
        for number in (1, 2, 5, 6):
            one.put(f"{number:02}.json", [number, 0])
        one.spoil("03.json", b"[")
        one.spoil("04.json", b"")
        model = Model()
        one.run(model, batch_size=2)
        assert_equal(sizes(model), [2, 2], what="the good files in each call of model.predict; a batch has none")
        one.assert_rows(names(1, 2, 5, 6), " where 03.json and 04.json are bad")


def test_good_values_of_any_kind() -> None:
    """1. Integers, negative, tiny and large numbers are good; other files are left alone."""
    with job() as one:
        for number, features in enumerate(([0, 0], [-1, 2.5], [1e-300, -0.0], [1e300, 1], [2**60, 3])):
            one.put(f"{number:02}.json", features)
        one.spoil("upload.json.part", b"[1, 2")
        one.spoil("readme.txt", b"[1, 2]")
        one.run(Model(), batch_size=2)
        one.assert_rows(names(*range(5)))
        left = [name for name in ("upload.json.part", "readme.txt") if not (one.inbox / name).is_file()]
        require(not left, "a file that is not *.json was moved", got=left)


def test_names_of_any_kind() -> None:
    """1. A file's name may hold quotes, blanks and letters of any alphabet."""
    with job() as one:
        for name in ("o'neil.json", "a b.json", "'); DROP TABLE predictions; --.json", "größe.json", "100%.json"):
            one.put(name, [len(name), 1])
        one.run(Model(), batch_size=2)
        one.assert_rows(sorted(one.features))
        again = Model()
        one.run(again, batch_size=2)
        require(not again.batches, "a second run called the model, for nothing new")
