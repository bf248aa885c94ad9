"""Hidden test of c04_project_modeling_pipeline."""

import contextlib
import io
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    learner_module,
    require,
    rng,
    run_python,
    temporary_folder,
    todo,
)

work = learner("modeling")
Array = NDArray[Any]


def written(folder: Path, names: list[str], rows: Array, name: str = "table.csv") -> Path:
    """A CSV file of the rows; NaN is an empty cell."""
    path = folder / name
    lines = [",".join("" if np.isnan(v) else repr(float(v)) for v in row) for row in rows]
    path.write_text("\n".join([",".join(names), *lines]) + "\n", encoding="utf-8")
    return path


def houses(stream: int, n: int = 60) -> tuple[list[str], Array]:
    """Prices of a plane with noise; one feature never varies, some cells are missing."""
    draws = rng(stream)
    x = draws.normal([50.0, 3.0, 1900.0], [20.0, 1.0, 40.0], (n, 3))
    price = x @ np.array([3.0, 20.0, -0.5]) + draws.normal(0.0, 15.0, n)
    x[draws.random((n, 3)) < 0.05] = np.nan
    return ["size", "country", "rooms", "year", "price"], np.column_stack([x[:, 0], np.full(n, 7.0), x[:, 1:], price])


def patients(stream: int, n: int = 80) -> tuple[list[str], Array]:
    """Labels that two features tell in part."""
    draws = rng(stream)
    x = draws.normal([120.0, 5.0, 0.0], [15.0, 1.0, 1.0], (n, 3))
    ill = (x[:, 0] / 15 + x[:, 1] + draws.normal(0.0, 1.5, n) > 13.7).astype(float)
    ill[:4] = 0, 1, 0, 1
    return ["pressure", "ill", "sugar", "noise"], np.column_stack([x[:, 0], ill, x[:, 1:]])


def prepared(path: Path, target: str, seed: int) -> tuple[Any, Array]:
    """What the learner's own preprocessor makes of the file, and which features vary over the training rows."""
    data = learner_module("preprocessor").prepare(path, target, seed)
    return data, np.array([len(set(column)) > 1 for column in data.x_train.T.tolist()])


def plane(x: Array, y: Array) -> tuple[Array, float]:
    mean = x.mean(axis=0)
    w = np.linalg.lstsq(x - mean, y - y.mean(), rcond=None)[0]
    return w, float(y.mean() - mean @ w)


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def most_likely(x: Array, y: Array, l2: float) -> tuple[Array, float]:
    a = np.column_stack([x, np.ones(len(x))])
    penalty = np.append(np.full(x.shape[1], l2), 0.0)
    v = np.zeros(a.shape[1])
    for _ in range(200):
        p = sigmoid(a @ v)
        step = np.linalg.solve((a.T * (p * (1 - p))) @ a + np.diag(penalty), a.T @ (y - p) - penalty * v)
        v = v + step * min(1.0, 1.0 / float(np.abs(step).max() + 1e-300))
    return v[:-1], float(v[-1])


def expected_report(path: Path, target: str, task: str, l2: float, seed: int) -> dict[str, Any]:
    data, varies = prepared(path, target, seed)
    x_train, x_test = data.x_train[:, varies], data.x_test[:, varies]
    y_train, y_test = data.y_train, data.y_test
    fields: dict[str, Any] = {
        "task": task,
        "n_train": len(y_train),
        "n_test": len(y_test),
        "left_out": [name for name, kept in zip(data.names, varies.tolist(), strict=True) if not kept],
        "confusion": None,
    }
    if task == "regression":
        w, b = plane(x_train, y_train)
        guesses = [x_train @ w + b, x_test @ w + b, np.full(len(y_test), y_train.mean())]
        truths = [y_train, y_test, y_test]
        scores = [float(((a - g) ** 2).mean()) for a, g in zip(truths, guesses, strict=True)]
    else:
        w, b = most_likely(x_train, y_train, l2)
        guesses = [x_train @ w + b >= 0, x_test @ w + b >= 0, np.full(len(y_test), 2 * y_train.sum() > len(y_train))]
        truths = [y_train, y_test, y_test]
        scores = [float((a == g).mean()) for a, g in zip(truths, guesses, strict=True)]
        pairs = list(zip(y_test.astype(int).tolist(), guesses[1].astype(int).tolist(), strict=True))
        fields["confusion"] = [[pairs.count((row, column)) for column in (0, 1)] for row in (0, 1)]
    return fields | dict(zip(("train", "test", "baseline"), scores, strict=True))


def reported(path: Path, target: str, task: str, **settings: Any) -> Any:
    text = ", ".join([f'"{path.name}"', f'"{target}"', f'"{task}"', *(f"{k}={v}" for k, v in settings.items())])
    with calling(f"run({text})"):
        got = work.run(path, target, task, **settings)
    for name in ("train", "test", "baseline", "gap"):
        assert_type(getattr(got, name, None), (float, int, np.floating), what=f"the field {name}")
    return got


def assert_fields(got: Any, expected: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        value, wanted = getattr(got, name, None), expected[name]
        if name == "confusion" and wanted is not None:
            value = as_array(value, "the field confusion").tolist()
        if isinstance(wanted, float):
            assert_close(value, wanted, rtol=1e-6, what=f"the field {name}")
        else:
            assert_equal(value, wanted, what=f"the field {name}")


def test_scores_follow_their_definitions() -> None:
    """1. mse is the mean of the squared differences, accuracy the share of equal labels."""
    draws = rng(1)
    values, guesses = draws.normal(size=30), draws.normal(size=30)
    small = (np.array([200, 0], dtype=np.uint8), np.array([0, 100], dtype=np.uint8))
    for y, predicted in ((np.array([1.0, 2.0, 4.0]), np.array([1.0, 0.0, 7.0])), (values, guesses), small):
        expected = sum((float(a) - float(b)) ** 2 for a, b in zip(y, predicted, strict=True)) / len(y)
        got = work.mse(y.copy(), predicted.copy())
        assert_type(got, (float, np.floating), what="mse")
        assert_close(got, expected)
    labels, answers = draws.integers(0, 2, 30), draws.integers(0, 2, 30)
    for y, predicted in ((np.array([0, 1, 1]), np.array([0, 1, 0])), (labels, answers.astype(float))):
        expected = sum(float(a) == float(b) for a, b in zip(y, predicted, strict=True)) / len(y)
        got = work.accuracy(y.copy(), predicted.copy())
        assert_type(got, (float, int, np.floating), what="accuracy")
        assert_close(got, expected)


def test_labels_are_rows_and_predictions_columns() -> None:
    """2. confusion_matrix counts the pairs: rows are labels, columns predictions, 2 x 2 always."""
    draws = rng(2)
    labels, answers = draws.integers(0, 2, 40), (draws.random(40) < 0.2).astype(int)
    ones = np.ones(3, dtype=int)
    for y, predicted in (
        (np.array([0, 0, 1]), np.array([1, 0, 1])),
        (labels, answers),
        (labels.astype(float), answers),
        (ones, ones),
        (ones, 0 * ones),
        (0 * ones, 0 * ones),
    ):
        pairs = list(zip(y.astype(int).tolist(), predicted.tolist(), strict=True))
        expected = [[pairs.count((row, column)) for column in (0, 1)] for row in (0, 1)]
        got = work.confusion_matrix(y.copy(), predicted.copy())
        assert_close(got, expected)
        assert_dtype(got, "integer", what="confusion_matrix")


def test_the_training_rows_are_what_is_learned_from() -> None:
    """3. run prepares the file with the seed, and leaves out features that do not vary over the training rows."""
    with temporary_folder() as folder:
        path = written(folder, *houses(3))
        # A feature that varies in one row alone: with some seeds, in no training row.
        names, rows = houses(4, 20)
        rows[:, 1] = np.where(np.arange(20) == 5, 8.0, 7.0)
        rare = written(folder, names, rows, "rare.csv")
        # Two that never vary, not in the order of the alphabet.
        names, rows = houses(3)
        level = written(folder, [*names[:4], "area", "price"], np.insert(rows, 4, 1.0, axis=1), "level.csv")
        cases = [(path, 0), (path, 3), (level, 0), *((rare, seed) for seed in range(12))]
        for table, seed in cases:
            expected = expected_report(table, "price", "regression", 1.0, seed)
            got = reported(table, "price", "regression", seed=seed)
            assert_fields(got, expected, ("task", "n_train", "n_test", "left_out"))


def test_a_regression_is_scored() -> None:
    """4. A regression is fitted by least squares and scored by the MSE, beside the mean of the training targets."""
    with temporary_folder() as folder:
        for stream, seed in ((5, 0), (6, 1)):
            path = written(folder, *houses(stream))
            expected = expected_report(path, "price", "regression", 1.0, seed)
            got = reported(path, "price", "regression", seed=seed)
            assert_fields(got, expected, ("train", "test", "baseline", "confusion"))


def seed_where(path: Path, right: Callable[[float, float], bool]) -> int:
    """A seed with which the shares of ill among the training and the test rows are as wanted."""
    for seed in range(200):
        data, _ = prepared(path, "ill", seed)
        if right(float(data.y_train.mean()), float(data.y_test.mean())):
            return seed
    return 0


def test_a_classification_is_scored() -> None:
    """5. A classification is fitted with its penalty and scored by accuracy and the confusion matrix."""
    with temporary_folder() as folder:
        for stream, settings in ((7, {}), (8, {"l2": 0.01, "seed": 2}), (9, {"l2": 20.0})):
            names, rows = patients(stream)
            if stream == 8:
                rows[:, 1] = 1 - rows[:, 1] * (np.arange(len(rows)) % 3 > 0)
            path = written(folder, names, rows)
            known: dict[str, Any] = {"l2": 1.0, "seed": 0, **settings}
            expected = expected_report(path, "ill", "classification", known["l2"], known["seed"])
            got = reported(path, "ill", "classification", **settings)
            assert_fields(got, expected, ("train", "test", "baseline", "confusion"))
        names, rows = patients(17, 41)
        rows[:, 1] = (rows[:, 0] + 8 * rows[:, 3] > np.median(rows[:, 0] + 8 * rows[:, 3])).astype(float)
        rows[:6, 1] = 1 - rows[:6, 1]
        path = written(folder, names, rows)
        # The most frequent label is another one in the test rows; then both are as frequent in the training rows.
        seeds = [seed_where(path, lambda train, test: (train > 0.5) != (test > 0.5))]
        rows[:, 1] = np.arange(41) % 8 > 3
        rows[0, 1] = 1
        tied = written(folder, names, rows[:40], "tied.csv")
        seeds += [seed_where(tied, lambda train, _: train == 0.5)]
        for table, seed in zip((path, tied), seeds, strict=True):
            expected = expected_report(table, "ill", "classification", 1.0, seed)
            got = reported(table, "ill", "classification", seed=seed)
            assert_fields(got, expected, ("train", "test", "baseline"))
        # Weights and bias of 0: each probability is exactly 0.5.
        with changed("logistic", lambda w, b: (0 * w, 0.0)):
            got = reported(path, "ill", "classification")
        labels = prepared(path, "ill", 0)[0].y_test.tolist()
        assert_fields(got, {"confusion": [[0, labels.count(0)], [0, labels.count(1)]]}, ("confusion",))


# What is wrong, and by how much in the bias and in the first weight.
CHANGES = [
    ("bias is 0.5 too large", 0.5, 0.0),
    ("bias is 0.5 too small", -0.5, 0.0),
    ("first weight is 3 too large", 0.0, 3.0),
]


@contextlib.contextmanager
def changed(function: str, change: Callable[[Array, float], tuple[Array, float]]) -> Iterator[None]:
    """The learner's own regression returns another w and b."""
    places = [learner_module(name) for name in ("regressions", "modeling")]
    original = getattr(places[0], function)

    def wrong(*args: Any, **settings: Any) -> Any:
        return change(*original(*args, **settings))

    kept = [(place, getattr(place, function)) for place in places if hasattr(place, function)]
    for place, _ in kept:
        setattr(place, function, wrong)
    try:
        yield
    finally:
        for place, value in kept:
            setattr(place, function, value)


def test_scikit_learn_finds_the_same() -> None:
    """6. gap is the largest difference to scikit-learn's predictions on the test rows, at most 1e-4."""
    cases: list[tuple[str, str, tuple[list[str], Array], dict[str, Any]]] = [
        ("regression", "price", houses(10), {}),
        ("classification", "ill", patients(11), {"l2": 0.5}),
        ("classification", "ill", patients(12), {}),
    ]
    with temporary_folder() as folder:
        for i, (task, target, table, settings) in enumerate(cases):
            path = written(folder, *table, f"{target}_{i}.csv")
            got = reported(path, target, task, **settings)
            message = "gap has to be from 0 to 1e-4: your model and scikit-learn's are the same"
            require(0 <= float(got.gap) <= 1e-4, message, got=got.gap)
            data, varies = prepared(path, target, 0)
            x_train, x_test = data.x_train[:, varies], data.x_test[:, varies]
            for change, by, off in CHANGES if i < 2 else CHANGES[:1]:
                first = off * np.eye(x_test.shape[1])[0]
                if task == "regression":
                    function, expected = "normal_equation", float(np.abs(x_test @ first + by).max())
                else:
                    w, b = most_likely(x_train, data.y_train, settings.get("l2", 1.0))
                    z = x_test @ w + b
                    far = np.abs(sigmoid(z + x_test @ first + by) - sigmoid(z))
                    function, expected = "logistic", float(far.max())
                with changed(function, lambda w, b, first=first, by=by: (w + first, b + by)):
                    got = reported(path, target, task, **settings)
                if not abs(float(got.gap) - expected) < 1e-3:
                    fail(
                        f"with a {function} whose {change}, the gap has to show it",
                        got=got.gap,
                        expected=Shown(f"about {expected:.4f}"),
                    )


def made(**fields: Any) -> Any:
    known: dict[str, Any] = {
        "task": "regression",
        "n_train": 48,
        "n_test": 12,
        "left_out": [],
        "train": 203.45678,
        "test": 250.0,
        "baseline": 1234.5,
        "confusion": None,
        "gap": 3.2e-13,
    }
    return work.Report(**(known | fields))


def test_the_report_reads_as_shown() -> None:
    """7. render returns the lines of the report."""
    table = np.array([[5, 2], [1, 4]])
    some = {"task": "classification", "train": 0.91234, "test": 0.75, "baseline": 2 / 3, "confusion": table}
    start = "rows: 48 for training, 12 for testing\nleft out: "
    cases = [
        (
            made(),
            f"task: regression\n{start}none\nmse: 203.4568 (training), 250.0000 (test)\n"
            "baseline: 1234.5000 (test)\nscikit-learn: agrees, largest difference 3.2e-13",
        ),
        (
            made(**some, left_out=["a", "b c"], gap=0.01),
            f"task: classification\n{start}a, b c\naccuracy: 0.9123 (training), 0.7500 (test)\n"
            "baseline: 0.6667 (test)\nconfusion: [[5, 2], [1, 4]]\nscikit-learn: differs, largest difference 1.0e-02",
        ),
    ]
    for gap, verdict in ((1e-4, "agrees"), (1.2e-4, "differs"), (0.0, "agrees")):
        text = cases[0][1].replace("agrees, largest difference 3.2e-13", f"{verdict}, largest difference {gap:.1e}")
        cases.append((made(gap=gap), text))
    for report, expected in cases:
        assert_equal(work.render(report), expected, what="render")


def ran(*args: str) -> tuple[Any, str, str]:
    """Exit code and output of main in this process."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            code = work.main(list(args))
        except SystemExit as end:
            code = end.code
    return code, out.getvalue(), errors.getvalue()


def code_of_file(*args: str) -> Any:
    """The exit code of modeling.py itself, run as a program in this process."""
    before = sys.argv
    sys.argv = ["modeling.py", *args]
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            runpy.run_path(str(learner_module("modeling").__file__), run_name="__main__")
    except SystemExit as end:
        # A message counts as 1, as in the shell.
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.argv = before
    return 0


def test_the_program_prints_the_report() -> None:
    """8. The program prints the rendered report of its options, and exits with 0."""
    with temporary_folder() as folder:
        for table, args, settings in (
            (houses(13), ("--target", "price"), ("price", "regression")),
            (houses(13), ("--target", "price", "--seed", "4", "--task", "regression"), ("price", "regression", 1.0, 4)),
            (patients(14), ("--target", "ill", "--task", "classification"), ("ill", "classification")),
            (
                patients(14),
                ("--target", "ill", "--task", "classification", "--l2", "9.5", "--seed", "2"),
                ("ill", "classification", 9.5, 2),
            ),
        ):
            path = written(folder, *table)
            # The last line holds rounding errors; all others are the same in each run.
            expected = str(work.render(work.run(path, *settings))).split("\n")[:-1]
            code, out, _ = ran(str(path), *args)
            call = " ".join(["python modeling.py table.csv", *args])
            assert_equal(code, 0, what="the exit code", call=call)
            lines = out.split("\n")
            require(
                len(lines) > 2 and lines[-1] == "", "the output must be the report and a line break", got=out, call=call
            )
            assert_equal(lines[:-2], expected, what="the lines printed", call=call)
            require(lines[-2].startswith("scikit-learn: agrees"), "the last line is missing", got=Shown(out), call=call)


def test_the_program_explains_itself() -> None:
    """8. python modeling.py --help prints all options and exits with 0."""
    done = run_python("modeling.py", "--help", timeout_s=60)
    if "NotImplementedError" in done.stderr:
        todo("main is still the stub")
    call = "python modeling.py --help"
    got = Shown(done.stdout + done.stderr)
    require(done.code == 0, f"the exit code is {done.code}, expected 0", got=got, call=call)
    for option in ("--target", "--task", "--l2", "--seed"):
        require(option in done.stdout, f"the help does not name {option}", got=got, call=call)


edges()


def test_arrays_of_different_shapes_are_refused() -> None:
    """9. mse, accuracy and confusion_matrix refuse arrays of different shapes."""
    y = np.array([0, 1, 1])
    for other in (y.reshape(3, 1), y[:1], y[:2], y.reshape(1, 3)):
        for function in (work.mse, work.accuracy, work.confusion_matrix):
            assert_raises(ValueError, function, y.copy(), other.copy())


def test_what_cannot_be_run_is_refused() -> None:
    """10. run refuses another task, and a file of fewer than 5 rows."""
    with temporary_folder() as folder:
        names, rows = houses(15)
        yes_or_no = written(folder, *patients(18), "yes_or_no.csv")
        for task in ("Regression", "clustering", ""):
            assert_raises(ValueError, work.run, yes_or_no, "ill", task)
        short = written(folder, names, rows[:4], "short.csv")
        assert_raises(ValueError, work.run, short, "price", "regression")
        five = np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 4.0], [3.0, 7.5], [5.0, 9.0]])
        reported(written(folder, ["x", "y"], five, "five.csv"), "y", "regression")


def test_what_goes_wrong_is_said_in_a_line() -> None:
    """11. What cannot be read or run ends with exit code 1 and a message on standard error that has the path."""
    with temporary_folder() as folder:
        names, rows = houses(16)
        path = written(folder, names, rows)
        short = written(folder, names, rows[:3], "short.csv")
        twice = written(folder, ["a", "b", "y"], rows[:, [0, 0, 4]], "twice.csv")
        latin = folder / "latin.csv"
        latin.write_bytes("größe,y\n1,2\n".encode("latin-1"))
        for args in (
            (str(folder / "missing.csv"), "--target", "price"),
            (str(folder), "--target", "price"),
            (str(path), "--target", "cost"),
            (str(path), "--target", "price", "--task", "classification"),
            (str(short), "--target", "price"),
            (str(twice), "--target", "y"),
            (str(latin), "--target", "y"),
        ):
            call = " ".join(["python modeling.py", Path(args[0]).name, *args[1:]])
            with calling(call):
                code, out, errors = ran(*args)
            assert_equal(code, 1, what="the exit code", call=call)
            assert_equal(out, "", what="standard output", call=call)
            said = args[0] in errors and "Traceback" not in errors
            require(said, "standard error must have a message with the path", got=Shown(errors or "nothing"), call=call)
        assert_equal(
            code_of_file(str(folder / "missing.csv"), "--target", "price"), 1, what="the exit code of the file"
        )
