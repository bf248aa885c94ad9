"""Hidden test of m10_end_to_end."""

import base64
import contextlib
import csv
import functools
import importlib
import json
import math
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import numpy as np
from matplotlib.image import imread
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

from kata_runner.checking import (
    Shown,
    as_array,
    as_figure,
    assert_close,
    assert_equal,
    assert_type,
    calling,
    fail,
    keep_picture,
    learner,
    part,
    require,
    rng,
    seed,
    temporary_folder,
    todo,
    unchanged,
)
from kata_runner.checking.programs import learner_environment

work = learner("end_to_end")
Array = NDArray[Any]
Rows = list[tuple[list[float], str]]
NAN = math.nan

# A kernel takes seconds to start, and is started only for an answer that passes all checks which need none: their
# outcomes are kept here, and those that have not run yet are run before.
quick: dict[str, Callable[[], None]] = {}
passed: dict[str, bool] = {}


def without_kernel(check: Callable[[], None]) -> Callable[[], None]:
    """Keep the outcome of a check."""

    @functools.wraps(check)
    def kept() -> None:
        passed[check.__name__] = False
        check()
        passed[check.__name__] = True

    quick[check.__name__] = kept
    return kept


def is_ready() -> bool:
    """Whether all checks without a kernel pass."""
    for name, check in quick.items():
        if name not in passed:
            with contextlib.suppress(Exception):
                check()
        if not passed[name]:
            return False
    return True


# --- data ---------------------------------------------------------------------------------------------------------


def written(path: Path, rows: Rows, names: list[str] | None = None) -> Path:
    """A CSV file of the rows; NaN is an empty cell."""
    names = names or [f"x{k}" for k in range(len(rows[0][0]))]
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*names, "label"]])
        csv.writer(file).writerows([*("" if math.isnan(v) else repr(v) for v in row), label] for row, label in rows)
    return path


def cancer(stream: int, n: int, d: int = 10) -> Rows:
    """Real patients of scikit-learn's data, d measurements each; some cells and labels are lost, some rows twice."""
    data, draws = load_breast_cancer(), rng(stream)
    X = data.data[:, :d].copy()
    X[draws.random(X.shape) < 0.04] = NAN
    labels = [str(data.target_names[k]) if draws.random() > 0.03 else "" for k in data.target]
    rows = [(X[k].tolist(), labels[k]) for k in draws.permutation(len(X))[:n]]
    return rows + [rows[k] for k in draws.integers(0, n, n // 10)]


def table_of(rows: Rows, names: list[str] | None = None) -> Any:
    X = np.array([row for row, _ in rows], dtype=float)
    return work.Table(names or [f"x{k}" for k in range(X.shape[1])], X, np.array([label for _, label in rows]))


def looked_at(table: Any, what: str) -> Rows:
    """The rows of a table of the learner's."""
    for name in ("names", "X", "y"):
        require(hasattr(table, name), f"{what} must be a Table; it has no {name}", got=table)
    X, y = as_array(table.X, f"X of {what}"), np.asarray(table.y)
    require(X.ndim == 2, f"X of {what} must have rows and columns", got=X)
    require(y.shape == (len(X),), f"y of {what} must have one label for each row of X", got=y.shape, expected=len(X))
    return [(row, str(label)) for row, label in zip(X.astype(float).tolist(), y.tolist(), strict=True)]


def assert_rows(got: Rows, expected: Rows, what: str) -> None:
    require(len(got) == len(expected), f"{what} has another number of rows", got=len(got), expected=len(expected))
    assert_close([row for row, _ in got], [row for row, _ in expected], what=f"X of {what}")
    assert_equal([label for _, label in got], [label for _, label in expected], what=f"y of {what}")


def shown(function: str, rows: Rows) -> str:
    """A call with a table, whose rows are told where they are few."""
    told = f" of the rows {', '.join(f'{row} {label!r}' for row, label in rows)}" if len(rows) < 6 else ""
    return f"{function}, a table{told or f' of {len(rows)} rows'}"


def cleaned(rows: Rows) -> Rows:
    """The rows that are kept, found by comparing each with all before it."""
    kept: Rows = []
    for row, label in rows:
        if label and not any(label == b and np.array_equal(row, a, equal_nan=True) for a, b in kept):
            kept.append((row, label))
    return kept


@part("Data")
@without_kernel
def test_a_file_is_loaded() -> None:
    """1. load reads names, floats and labels; an empty cell is NaN, an empty label stays empty."""
    small: Rows = [([1.0, NAN], "b"), ([-2.5, 3e4], ""), ([NAN, 0.0], "a, b")]
    with temporary_folder() as folder:
        for rows, names in ((small, ["size, mm", "größe"]), (cancer(10, 30), [f"m{k}" for k in range(10)])):
            path = written(folder / "table.csv", rows, names)
            for given in (path, str(path)):
                with calling("load(path)"):
                    got = work.load(given)
                assert_rows(looked_at(got, "load(path)"), rows, "load(path)")
                assert_equal(got.names, names, what="names")


@part("Data")
@without_kernel
def test_rows_without_label_and_copies_go() -> None:
    """2. clean keeps the rows with a label, of equal rows the first, in their order; NaN is equal to NaN."""
    for rows in (
        [([1.0], "a"), ([2.0], "")],
        [([2.0, 1.0], "b"), ([1.0, 1.0], "b"), ([2.0, 1.0], "b")],
        [([1.0, NAN], "a"), ([1.0, 0.0], "a"), ([NAN, 1.0], "a"), ([1.0, NAN], "a")],
        [([1.0, 1.0], "a"), ([1.0, 1.0], "b"), ([1.0, 1.0], ""), ([0.0, 1.0], "a")],
        cancer(12, 60),
    ):
        expected = cleaned(rows)
        names = [f"m{k}" for k in range(len(rows[0][0]))]
        with calling(shown("clean(table)", rows)):
            got = work.clean(table_of(rows, names))
        assert_rows(looked_at(got, "clean(table)"), expected, "clean(table)")
        assert_equal(got.names, names, what="names")


@part("Data")
@without_kernel
def test_the_table_stays_as_it_was() -> None:
    """2. clean leaves the table that it is given as it was."""
    table = table_of([([1.0, NAN], "a"), ([1.0, NAN], "a"), ([0.0, 2.0], ""), ([0.0, 3.0], "b")])
    with unchanged(X=table.X, y=table.y):
        work.clean(table)


def halves(table: Any, **settings: Any) -> list[Any]:
    got = work.split(table, **settings)
    require(isinstance(got, tuple | list) and len(got) == 2, "split must return two tables", got=got)
    return list(got)


def numbered(*counts: int) -> Rows:
    labels = [label for label, count in zip("abc", counts, strict=False) for _ in range(count)]
    return [([float(k), 0.5], label) for k, label in enumerate(labels)]


@part("Data")
@without_kernel
def test_a_quarter_is_for_testing() -> None:
    """3. A quarter of the rows, rounded up, is for testing; each label has its share, to less than one row."""
    for counts, number in (((4, 4), 0), ((9, 4), 0), *(((20, 8, 5), number) for number in range(5))):
        rows = numbered(*counts)
        names = ["number", "half"]
        both = halves(table_of(rows, names), seed=number) if number else halves(table_of(rows, names))
        training, testing = (looked_at(one, "a table of split") for one in both)
        assert_equal(len(testing), math.ceil(len(rows) / 4), what="the number of test rows")
        assert_equal(sorted(training + testing), rows, what="the rows of both tables")
        assert_equal([list(one.names) for one in both], [names, names], what="the names of both tables")
        for label, count in zip("abc", counts, strict=False):
            wanted = count / len(rows) * len(testing)
            told = sum(b == label for _, b in testing)
            if abs(told - wanted) >= 1:
                message = f"of {count} rows with label {label} in {len(rows)} there are for testing"
                fail(message, got=told, expected=Shown(f"{wanted:.3g}, rounded up or down"))


@part("Data")
@without_kernel
def test_the_seed_decides_the_split() -> None:
    """3. The same seed returns the same tables, another seed others."""
    table = table_of(numbered(30, 30))
    first = looked_at(halves(table, seed=0)[1], "the test table")
    assert_equal(looked_at(halves(table, seed=0)[1], "the test table"), first, what="the test rows of a second call")
    for other in (1, 2):
        second = looked_at(halves(table, seed=other)[1], "the test table")
        require(sorted(second) != sorted(first), f"seed={other} has the same test rows as seed=0")


# --- model --------------------------------------------------------------------------------------------------------


def probabilities(rows: Rows, new: Array) -> Array:
    """Of the second label: medians, standardising and the fit, one after the other."""
    X, y = np.array([row for row, _ in rows]), np.array([label for _, label in rows])
    medians = np.array([np.median(column[~np.isnan(column)]) for column in X.T])
    filled, new = (np.where(np.isnan(one), medians, one) for one in (X, new))
    mean, deviation = filled.mean(axis=0), filled.std(axis=0)
    model = LogisticRegression(tol=1e-8, max_iter=1000).fit((filled - mean) / deviation, y)
    return np.asarray(model.predict_proba((new - mean) / deviation)[:, 1])


@part("Model")
@without_kernel
def test_the_model_learns_from_its_rows() -> None:
    """4. train returns a Pipeline: medians, mean, deviation and weights are those of the rows of its table."""
    draws = rng(20)
    skewed = np.exp(draws.normal([0.0, 5.0, -3.0], 1.2, (60, 3)))
    labels = np.where(np.log(skewed).sum(axis=1) + draws.normal(0.0, 2.0, 60) > 2.0, "ill", "healthy")
    skewed[draws.random(skewed.shape) < 0.3] = NAN
    for rows in (list(zip(skewed.tolist(), labels.tolist(), strict=True)), cleaned(cancer(22, 120))):
        new = np.array([row for row, _ in rows[:6]])
        new[0, :2] = NAN
        expected = probabilities(rows, new)
        model = work.train(table_of(rows))
        require(type(model).__name__ == "Pipeline", "train must return a Pipeline of scikit-learn", got=model)
        call = "train(table).predict_proba(X), X with NaN"
        told = [asked(model, new.copy(), call), *(asked(model, row[None].copy(), call) for row in new)]
        classes = sorted({label for _, label in rows})
        assert_equal([str(label) for label in model.classes_], classes, what="the labels of the model", call=call)
        assert_close(told[0], expected, atol=2e-3, what="the probabilities of the second label", call=call)
        alone = np.concatenate(told[1:])
        assert_close(alone, expected, atol=2e-3, what="the probabilities, row by row,", call=call)


def asked(model: Any, X: Array, call: str) -> Array:
    """The probabilities of the second label."""
    try:
        return as_array(model.predict_proba(X), "predict_proba")[:, 1]
    except ValueError as error:
        fail(f"predict_proba raised {str(error).partition('.')[0]}", got=X, call=call)


class Echo(ClassifierMixin, BaseEstimator):
    """Takes column 0 for the probability of the second label."""

    def __init__(self, labels: tuple[str, ...] = ("no", "yes")) -> None:
        self.labels = labels
        self.classes_ = np.array(labels)

    def fit(self, X: Any, y: Any) -> "Echo":
        fail("a fitted model is fitted again")

    def predict_proba(self, X: Any) -> Array:
        return np.column_stack([1 - np.asarray(X)[:, 0], np.asarray(X)[:, 0]])

    def predict(self, X: Any) -> Array:
        return self.classes_[(np.asarray(X)[:, 0] >= 0.5).astype(int)]


def told(stream: int, n: int) -> Rows:
    """Probabilities that know something, some of them equal, and labels."""
    draws = rng(stream)
    labels = ["yes", "no", *draws.choice(["no", "yes"], n - 2).tolist()]
    return [([round(min(max(draws.normal(0.6 if b == "yes" else 0.4, 0.25), 0), 1), 1), 7.0], b) for b in labels]


def scores(rows: Rows) -> dict[str, Any]:
    pairs = [(b, "yes" if row[0] >= 0.5 else "no") for row, b in rows]
    higher = [
        (a[0] > b[0]) + 0.5 * (a[0] == b[0]) for a, label in rows if label == "yes" for b, lb in rows if lb == "no"
    ]
    return {
        "rows": len(rows),
        "accuracy": sum(a == b for a, b in pairs) / len(pairs),
        "auc": sum(higher) / len(higher),
        "labels": ["no", "yes"],
        "confusion": [[pairs.count((a, b)) for b in ("no", "yes")] for a in ("no", "yes")],
    }


SMALL: Rows = [([0.9, 7.0], "yes"), ([0.4, 7.0], "no"), ([0.2, 7.0], "no"), ([0.7, 7.0], "yes"), ([0.1, 7.0], "yes")]


@part("Model")
@without_kernel
def test_the_metrics_of_a_table() -> None:
    """5. evaluate returns rows, accuracy, auc, labels and confusion, whose rows are the true labels."""
    for rows in (SMALL, told(30, 40), told(31, 25), [([0.9, 1.0], "no"), ([0.8, 1.0], "yes"), ([0.7, 1.0], "no")]):
        expected = scores(rows)
        with calling(shown("evaluate(model, table), column 0 is the probability of yes", rows)):
            got = work.evaluate(Echo(), table_of(rows))
        require(isinstance(got, dict), "evaluate must return a dict", got=got)
        assert_equal(sorted(got), sorted(expected), what="the keys")
        for name, value in expected.items():
            assert_equal(got[name], value, what=f"metrics[{name!r}]")


@part("Model")
@without_kernel
def test_the_metrics_are_plain_values() -> None:
    """5. json can write what evaluate returns."""
    got = work.evaluate(Echo(), table_of(SMALL))
    require(isinstance(got, dict), "evaluate must return a dict", got=got)
    try:
        json.dumps(got)
    except TypeError as error:
        fail("json.dumps cannot write what evaluate returned", got=Shown(f"TypeError: {error}"))


def corners(rows: Rows) -> Array:
    """The ROC curve: for each threshold the shares of no and of yes at or above it."""
    by_label = {label: np.array([row[0] for row, b in rows if b == label]) for label in ("no", "yes")}
    thresholds = [math.inf, *sorted({row[0] for row, _ in rows}, reverse=True)]
    return np.array([[np.mean(by_label[b] >= t) for b in ("no", "yes")] for t in thresholds])


@part("Model")
@without_kernel
def test_the_roc_curve_is_drawn() -> None:
    """6. plot draws the ROC curve of the second label as a line from (0, 0) to (1, 1) in a new figure."""
    figures: list[Any] = []
    for rows in (SMALL, told(32, 30)):
        with calling(shown("plot(model, table), column 0 is the probability of yes", rows)):
            figure = as_figure(work.plot(Echo(), table_of(rows)), "plot")
        require(all(figure is not other for other in figures), "a second call of plot drew on an earlier figure")
        figures.append(figure)
        lines = [np.column_stack(line.get_data()).astype(float) for axes in figure.get_axes() for line in axes.lines]
        require(bool(lines), "plot draws no line")
        curve = max(lines, key=len)
        # Corners on a straight line may be left out: all that is drawn are corners, and the area is the AUC.
        ends, expected = curve[[0, -1]], corners(rows)
        assert_close(ends, [[0.0, 0.0], [1.0, 1.0]], what="the ends of the curve")
        far = [point for point in curve if np.abs(expected - point).max(axis=1).min() > 1e-9]
        require(not far, "the curve has a point that is no corner of the ROC curve", got=far[:1], expected=expected)
        area = float(np.sum(np.diff(curve[:, 0]) * (curve[1:, 1] + curve[:-1, 1]) / 2))
        assert_close(area, scores(rows)["auc"], what="the area below the curve")


@part("Model")
@without_kernel
def test_the_figure_names_the_auc() -> None:
    """6. The title of the figure holds the AUC with three decimals."""
    for rows in (SMALL, told(33, 30)):
        axes = as_figure(work.plot(Echo(), table_of(rows)), "plot").get_axes()[0]
        title, number = str(axes.get_title() or axes.figure.get_suptitle()), f"{scores(rows)['auc']:.3f}"
        require(number in title, "the title lacks the AUC", got=title, expected=Shown(f"a title with {number}"))


# --- run ----------------------------------------------------------------------------------------------------------


def composed(path: Path, number: int) -> tuple[Any, Any, dict[str, Any]]:
    """Model, test table and metrics of the learner's own steps, one after the other."""
    training, testing = halves(work.clean(work.load(path)), seed=number)
    model = work.train(training)
    return model, testing, work.evaluate(model, testing)


def content(path: Path) -> bytes:
    require(path.is_file(), f"run wrote no {path.name}", got=sorted(one.name for one in path.parent.glob("*")))
    return path.read_bytes()


@part("Run")
@without_kernel
def test_one_call_runs_all_steps() -> None:
    """7. run goes from the file to the metrics of the test rows, by your steps and the seed."""
    with temporary_folder() as folder:
        for stream, number in ((40, 0), (41, 3)):
            path = written(folder / "table.csv", cancer(stream, 150))
            _, _, expected = composed(path, number)
            with calling(f'run(path, "out", seed={number})'):
                got = work.run(path, folder / "out", seed=number)
            assert_equal(got, expected, what="the metrics")


def picture(model: Any, table: Any, path: Path) -> Array:
    """The pixels of the learner's own figure for a table."""
    as_figure(work.plot(model, table), "plot").savefig(path)
    return np.asarray(imread(path))


@part("Run")
@without_kernel
def test_the_results_are_files() -> None:
    """8. The folder has the metrics as JSON, the model, which predicts as before, and the figure of the test rows."""
    with temporary_folder() as folder:
        path, out = written(folder / "table.csv", cancer(42, 150)), folder / "new" / "out"
        with calling('run(path, "new/out")'):
            metrics = work.run(str(path), str(out))
            text = content(out / "metrics.json").decode("utf-8", "replace")
            try:
                got = json.loads(text)
            except json.JSONDecodeError as error:
                fail("metrics.json is no JSON", got=Shown(f"{text[:80]}: {error}"))
            assert_equal(got, metrics, what="the content of metrics.json")
            model, testing, _ = composed(path, 0)
            try:
                loaded = pickle.loads(content(out / "model.pkl"))
            except (pickle.UnpicklingError, EOFError) as error:
                fail("pickle cannot load model.pkl", got=Shown(str(error)))
            call, X = "the loaded model.pkl, asked about the test rows", np.asarray(testing.X)
            assert_close(asked(loaded, X, call), asked(model, X, call), what="the answer", call=call)
            content(out / "roc.png")
            image = imread(out / "roc.png")
            require(image.shape[0] > 100 and image[..., :3].std() > 0.01, "roc.png is an empty picture")
            training, _ = halves(work.clean(work.load(path)), seed=0)
            # Another size or resolution is as good: only the very picture of the training rows is refused.
            of_training, of_testing = (picture(model, one, folder / "own.png") for one in (training, testing))
            is_wrong = np.array_equal(image, of_training) and not np.array_equal(image, of_testing)
            require(not is_wrong, "roc.png shows the ROC curve of the training rows, not of the test rows")


@part("Run")
@without_kernel
def test_a_run_can_be_repeated() -> None:
    """8. A second run with the same seed, into the same folder, writes the same metrics.json."""
    with temporary_folder() as folder:
        path, out = written(folder / "table.csv", cancer(43, 120)), folder / "out"
        with calling('run(path, "out", seed=5), twice'):
            work.run(path, out, seed=5)
            first = content(out / "metrics.json")
            work.run(path, out, seed=5)
            require(content(out / "metrics.json") == first, "the second metrics.json differs from the first")


@part("Run")
@without_kernel
def test_real_patients_are_told_apart() -> None:
    """7. Over 90 % of the test rows of the breast cancer data are right."""
    with temporary_folder() as folder:
        path = written(folder / "cancer.csv", cancer(44, 569, d=30))
        with calling(f'run("cancer.csv", "out", seed={seed()})'):
            metrics = work.run(path, folder / "out", seed=seed())
            assert_type(metrics["accuracy"], (float, int), what='metrics["accuracy"]')
            share = float(metrics["accuracy"])
            require(share > 0.9, "too few test rows are right", got=share, expected=Shown("over 0.9"))


# --- notebook -----------------------------------------------------------------------------------------------------


SECTIONS = ["Load", "Clean", "Split", "Train", "Evaluate", "Plot"]
HEADING = re.compile(r"^##[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


def notebook_of(path: Path, **settings: Any) -> Any:
    got = work.make_notebook(path, **settings)
    if not isinstance(got, nbformat.NotebookNode):
        fail("make_notebook must return a notebook of nbformat", got=got)
    try:
        nbformat.validate(got)
    except nbformat.ValidationError as error:
        fail("nbformat.validate refuses the notebook", got=Shown(str(error).partition("\n")[0]))
    require(got.nbformat == 4, "the notebook must have format 4", got=got.nbformat)
    return got


def cells_by_section(notebook: Any) -> dict[str, list[Any]]:
    """The code cells below each heading of the second level."""
    found: dict[str, list[Any]] = {}
    title = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for title in HEADING.findall(cell.source):
                found.setdefault(title, [])
        elif cell.cell_type == "code" and title:
            found[title].append(cell)
    return found


@part("Notebook")
@without_kernel
def test_the_notebook_has_its_sections() -> None:
    """9. The notebook begins with a title; its six sections stand in order, each with code."""
    with temporary_folder() as folder:
        notebook = notebook_of(written(folder / "table.csv", cancer(50, 40)))
    first = notebook.cells[0] if notebook.cells else None
    has_title = first is not None and first.cell_type == "markdown" and first.source.startswith("# ")
    require(has_title, "the first cell must be Markdown that begins with a title: # …", got=first)
    sections = cells_by_section(notebook)
    titles = [title for title in sections if title in SECTIONS]
    require(
        titles == SECTIONS, "the six headings (## …) must stand in their order", got=list(sections), expected=SECTIONS
    )
    for title in SECTIONS:
        cells = sections[title]
        require(any(cell.source.strip() for cell in cells), f"the section {title} has no code")


@part("Notebook")
@without_kernel
def test_the_notebook_is_not_executed_yet() -> None:
    """9. No cell has an output or an execution count yet."""
    with temporary_folder() as folder:
        notebook = notebook_of(written(folder / "table.csv", cancer(51, 40)))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            is_new = not cell.outputs and cell.execution_count is None
            require(is_new, "a cell has an output or an execution count", got=Shown(cell.source))


class Executed:
    """The notebook for a file that has changed since it was made, as a clean kernel in an empty folder leaves it."""

    def __init__(self) -> None:
        self.notebook: Any = None
        self.error = ""
        self.number = 0
        self.accuracy = ""

    def execute(self) -> None:
        with temporary_folder() as folder:
            for name in ("it's data", "elsewhere"):
                (folder / name).mkdir()
            path = written(folder / "it's data" / "table.csv", cancer(52, 60))
            self.number, self.accuracy = telling_seed(path, written(folder / "new.csv", self.all_rows()))
            with contextlib.chdir(folder):
                relative = path.relative_to(folder)
                with calling(f'make_notebook("it\'s data/table.csv", seed={self.number})'):
                    self.notebook = notebook_of(relative, seed=self.number)
            written(path, self.all_rows())
            self.error = execute(self.notebook, folder / "elsewhere")

    @functools.cached_property
    def sizes(self) -> tuple[int, int, int, int]:
        """Rows loaded, kept, for training and for testing."""
        kept = len(cleaned(self.all_rows()))
        return len(self.all_rows()), kept, kept - math.ceil(kept / 4), math.ceil(kept / 4)

    def all_rows(self) -> Rows:
        return cancer(53, 130)

    def cells(self, title: str) -> list[Any]:
        return cells_by_section(self.notebook).get(title, [])

    def text(self, title: str) -> str:
        """All text that the cells of a section have printed or returned."""
        found = []
        for output in (o for cell in self.cells(title) for o in cell.outputs):
            data = output.get("data", {})
            found.append(str(output.get("text", "") or data.get("text/plain", "")))
        return "\n".join(found)


def telling_seed(old: Path, new: Path) -> tuple[int, str]:
    """A seed whose accuracy on the test rows of the new file, also returned, is no other that could be shown."""
    number, accuracy = 0, ""
    unseeded = f"{composed(new, 0)[2]['accuracy']:.3f}"
    for number in range(2, 30):
        training, testing = halves(work.clean(work.load(new)), seed=number)
        model = work.train(training)
        accuracy, of_training = (f"{work.evaluate(model, one)['accuracy']:.3f}" for one in (testing, training))
        if accuracy not in (unseeded, of_training, f"{composed(old, number)[2]['accuracy']:.3f}"):
            break
    return number, accuracy


def execute(notebook: Any, folder: Path) -> str:
    """Execute all cells by a new kernel that works in the folder; return what went wrong, or ""."""
    specs = importlib.import_module("jupyter_client.kernelspec")
    managers = importlib.import_module("jupyter_client.manager")

    class ThisPython(specs.KernelSpecManager):
        """The kernel is this very Python, whatever kernels are installed for the user."""

        def get_kernel_spec(self, kernel_name: str) -> Any:
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return specs.KernelSpec(argv=command, display_name=kernel_name, language="python")

    with temporary_folder() as private:
        manager = managers.AsyncKernelManager(
            kernel_spec_manager=ThisPython(), connection_file=str(private / "kernel.json"), shutdown_wait_time=2.0
        )
        client = nbclient.NotebookClient(
            notebook,
            km=manager,
            timeout=60,
            startup_timeout=60,
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(folder)}},
        )
        # Start-up files and the history of the user's own IPython stay out of it.
        env = learner_environment() | {"IPYTHONDIR": str(private), "JUPYTER_RUNTIME_DIR": str(private)}
        env.pop("MPLBACKEND", None)
        try:
            client.execute(cleanup_kc=True, env=env, stderr=subprocess.DEVNULL)
        except nbclient.exceptions.CellExecutionError as error:
            return f"{error.ename}: {error.evalue}"
        except nbclient.exceptions.CellTimeoutError:
            return "a cell did not end within a minute"
        except nbclient.exceptions.DeadKernelError:
            return "the kernel has died"
    return ""


@functools.cache
def executed() -> Executed:
    """The executed notebook; the kernel is started once for all checks."""
    if not is_ready():
        todo("the notebook is executed once all checks before it pass")
    found = Executed()
    found.execute()
    return found


def finished() -> Executed:
    found = executed()
    if found.error:
        todo("the notebook does not run to its end yet")
    return found


HOW = "the notebook of make_notebook(path, seed), executed in another folder, the file changed since"


@part("Notebook")
def test_the_notebook_runs_from_top_to_bottom() -> None:
    """10. A clean kernel executes the notebook to its end, in any folder, without an error."""
    with temporary_folder() as folder:
        name = "it's.csv" if os.name == "nt" else 'it\'s "new".csv'  # Windows allows no such quotes in a name
        for cell in notebook_of(written(folder / name, cancer(54, 40))).cells:
            if cell.cell_type == "code" and not re.search(r"^\s*[%!]", cell.source, re.MULTILINE):
                try:
                    compile(cell.source, "cell", "exec")
                except SyntaxError as error:
                    got = Shown(f"{error.msg}: {error.text}")
                    fail(f"where the file is called {name}, a cell is no Python", got=got)
    found = executed()
    require(not found.error, "the notebook does not run to its end", got=Shown(found.error), call=HOW)


def assert_numbers(title: str, numbers: tuple[int, ...]) -> None:
    text = finished().text(title)
    found = re.findall(r"(?<![\d.])\d+(?![\d.]*\d)", text)
    wanted = Shown(" and ".join(map(str, numbers)))
    holds = all(str(number) in found for number in numbers)
    require(holds, f"below {title} there is not the number of rows", got=Shown(text), expected=wanted, call=HOW)


@part("Notebook")
def test_the_numbers_of_rows_are_shown() -> None:
    """11. Below Load, Clean and Split stand the numbers of rows, of the file as it is when a cell runs."""
    n_loaded, n_kept, n_training, n_testing = finished().sizes
    for title, numbers in (("Load", (n_loaded,)), ("Clean", (n_kept,)), ("Split", (n_training, n_testing))):
        assert_numbers(title, numbers)


@part("Notebook")
def test_the_accuracy_is_shown() -> None:
    """11. Below Evaluate stands the accuracy of the test rows with three decimals, as run returns it for the seed."""
    found = finished()
    text, call = found.text("Evaluate"), HOW.replace("seed", f"seed={found.number}")
    wanted = Shown(found.accuracy)
    require(
        found.accuracy in text, "below Evaluate there is not the accuracy", got=Shown(text), expected=wanted, call=call
    )


@part("Notebook")
def test_the_figure_is_shown() -> None:
    """11. Below Plot the figure is shown as a picture."""
    outputs = [o for cell in finished().cells("Plot") for o in cell.outputs]
    pictures = [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]
    if not pictures:
        fail("below Plot there is no picture (image/png)", got=Shown(finished().text("Plot") or "nothing"), call=HOW)
    with temporary_folder() as folder:
        path = folder / "roc.png"
        path.write_bytes(base64.b64decode(pictures[0]))
        image = imread(path)
        require(image.shape[0] > 100 and image[..., :3].std() > 0.01, "the picture below Plot is empty", call=HOW)
        keep_picture(path, "notebook")
