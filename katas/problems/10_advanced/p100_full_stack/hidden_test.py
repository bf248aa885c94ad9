"""Hidden test of p100_full_stack."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import random
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError

from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kata_runner.checking import (
    Shown,
    answer_text,
    as_array,
    assert_close,
    assert_equal,
    assert_raises,
    calling,
    edges,
    fail,
    global_random_state_kept,
    learner,
    require,
    rng,
    run_python,
    temporary_folder,
    todo,
    unchanged,
)

work = learner("pipeline")
LIMIT_S = 50.0
MODULES = ("pipeline", "test_pipeline")
FILES = ("pipeline.py", "test_pipeline.py")
PYTEST = "pytest test_pipeline.py"


class Files(BaseHTTPRequestHandler):
    """Answers with the texts of the server, by path; 404 for any other."""

    def do_GET(self) -> None:
        content = self.server.contents.get(self.path)  # type: ignore[attr-defined]
        self.send_response(200 if content is not None else 404)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: Any) -> None:
        """Nothing is written."""


@contextmanager
def served(content: str) -> Iterator[str]:
    """The address of a server that has the content at /data.csv; it has ended when the block does."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    server.contents = {"/data.csv": content.encode()}  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def patients(n: int, stream: int) -> list[dict[str, str]]:
    """Rows of two measures with holes, on very different scales, and a label that depends on both."""
    random = rng(stream)
    measured = random.normal([50.0, 3e4], [12.0, 9e3], (n, 2)).round(3)
    noise = random.normal(0.0, 0.8, n)
    rows = []
    for (age, dose), e in zip(measured, noise, strict=True):
        label = int((age - 50) / 12 - (dose - 3e4) / 9e3 + e > 0)
        rows.append({"age": str(age), "dose": str(dose), "label": str(label)})
    for i in range(0, n, 7):
        rows[i]["dose"] = ""
    return rows


def as_csv(rows: list[dict[str, str]]) -> str:
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]) + "\n"


def slow_clean(rows: list[dict[str, str]]) -> tuple[list[list[float]], list[int]]:
    x, y, seen = [], [], []
    for row in rows:
        if row in seen or row["label"] not in ("0", "1"):
            continue
        seen.append(row)
        values = []
        for name, text in row.items():
            if name != "label":
                try:
                    value = float(text)
                except ValueError:
                    value = math.nan
                values.append(value if math.isfinite(value) else math.nan)
        x.append(values)
        y.append(int(row["label"]))
    return x, y


def reference(x: Any, y: Any) -> Any:
    steps = SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression()
    return make_pipeline(*steps).fit(x, y)


def parts_of(got: Any, what: str, n: int) -> list[Any]:
    require(isinstance(got, tuple) and len(got) == n, f"{what} must return a tuple of {n}", got=got)
    return list(got)


def predicts(model: Any, x: Any) -> Any:
    require(hasattr(model, "predict_proba"), "train must return a fitted scikit-learn pipeline", got=model)
    return as_array(model.predict_proba(x), "model.predict_proba")


def test_fetch() -> None:
    """1. fetch downloads a CSV file: one dict for each row, from the names in the header to strings."""
    for text, expected in (
        ("age,label\n41,1\n", [{"age": "41", "label": "1"}]),
        ("age,label\n41,1\n30,0", [{"age": "41", "label": "1"}, {"age": "30", "label": "0"}]),
        ("größe,label\n1.5,1\n,0\n", [{"größe": "1.5", "label": "1"}, {"größe": "", "label": "0"}]),
        (
            'name,label\n"Doe, J.",1\r\n"two\r\nlines",0\r\n',
            [{"name": "Doe, J.", "label": "1"}, {"name": "two\r\nlines", "label": "0"}],
        ),
        ("name,label\na\u2028b,1\n", [{"name": "a\u2028b", "label": "1"}]),  # no line break of a CSV file
        (as_csv(patients(300, 1)), patients(300, 1)),
    ):
        with served(text) as address, calling(f"fetch(url), where {text[:60]!r} lies at url"):
            got = work.fetch(f"{address}/data.csv")
            assert_equal(got, expected, what="fetch")


def test_clean_keeps_each_good_row_once() -> None:
    """2. clean keeps the rows labelled 0 or 1, in order, and of equal rows only the first."""
    for labels in (["1"], ["1", "0"], ["?", "1"], ["0", "", "2", "1", "01", "1.0", " 1"]):
        rows = [{"age": str(n), "label": label} for n, label in enumerate(labels)]
        expected = slow_clean(rows)
        x, y = parts_of(work.clean([dict(row) for row in rows]), "clean", 2)
        assert_equal(y, expected[1], what="y")
        assert_equal(x, expected[0], what="x")
    a, b, c = ({"age": age, "label": label} for age, label in (("41", "1"), ("30", "0"), ("41", "0")))
    hole, same_number = {"age": "", "label": "1"}, {"age": "41.0", "label": "1"}
    for rows in ([a, a], [a, b, a], [b, a, a, c, b, c], [c, a, b], [hole, b, hole], [a, same_number]):
        expected = slow_clean(rows)
        x, y = parts_of(work.clean([dict(row) for row in rows]), "clean", 2)
        assert_equal(x, expected[0], what="x")
        assert_equal(y, expected[1], what="y")


def test_clean_makes_numbers() -> None:
    """3. x holds the other columns as floats, in the order of the header, NaN where there is no finite number."""
    for row in (
        {"age": "41", "dose": "2.5", "label": "1"},
        {"label": "1", "dose": "2.5", "age": "41"},
        {"dose": "", "label": "0", "age": "-1e3"},
        {"age": "unknown", "label": "0", "weight": "7", "dose": "0"},
    ):
        (expected,) = slow_clean([row])[0]
        x, _ = parts_of(work.clean([dict(row)]), "clean", 2)
        assert_close(x, [expected], what="x")
        require(all(isinstance(value, float) for values in x for value in values), "x must hold floats", got=x)
    for text in ("nan", "inf", "-inf", "1e999", "1,5", " "):
        x, _ = parts_of(work.clean([{"age": text, "dose": "1", "label": "1"}]), "clean", 2)
        assert_close(x, [[math.nan, 1.0]], what="x")


def split_parts(x: list[list[float]], y: list[int], seed: int) -> list[Any]:
    got = parts_of(work.split([list(row) for row in x], list(y), seed), "split", 4)
    for name, values in zip(("x_train", "y_train", "x_test", "y_test"), got, strict=True):
        require(hasattr(values, "__len__"), f"{name} must be a list", got=values)
    return [values.tolist() if hasattr(values, "tolist") else list(values) for values in got]


def test_split_divides_the_rows() -> None:
    """4. round(n / 5) rows form the test set and all others the training set, each with its own label."""
    for n in (5, 10, 23, 52, 101):
        x = [[float(i), float(-i)] for i in range(n)]
        y = rng(n).integers(0, 2, n).tolist()
        x_train, y_train, x_test, y_test = split_parts(x, y, n)
        assert_equal(len(x_test), round(n / 5), what=f"the number of test rows for {n} rows")
        assert_equal(sorted(x_train + x_test), x, what="the rows of both parts, sorted")
        for rows, labels, name in ((x_train, y_train, "y_train"), (x_test, y_test, "y_test")):
            assert_equal(labels, [y[int(row[0])] for row in rows], what=name)


def test_split_is_shuffled_by_the_seed() -> None:
    """4. split shuffles the rows: only the seed decides, and the global generator is left alone."""
    n = 200
    x, y = [[float(i)] for i in range(n)], [i % 2 for i in range(n)]
    with global_random_state_kept():
        first = split_parts(x, y, 7)
    random.seed(1)
    assert_equal(split_parts(x, y, 7), first, what="a second split with the same seed")
    others = [split_parts(x, y, seed)[2] for seed in (0, 1, 8)]
    require(all(other != first[2] for other in others), "another seed leads to the same split", got=Shown("equal"))
    for test_rows in (first[2], *others):
        quarters = {int(row[0]) // 50 for row in test_rows}
        require(
            quarters == {0, 1, 2, 3}, "no test row comes from a whole quarter of the table", got=sorted(test_rows)[:9]
        )


def test_train() -> None:
    """5. train fits the median for missing values, a StandardScaler and a LogisticRegression."""
    for n, stream in ((20, 10), (90, 11)):
        x, y = slow_clean(patients(n, stream))
        new = slow_clean(patients(30, 12))[0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = reference(x, y).predict_proba(new)
        model = work.train(x, y)
        assert_close(predicts(model, new), expected, rtol=1e-3, atol=1e-4, what="predict_proba of the trained model")


def test_evaluate() -> None:
    """6. evaluate returns the accuracy, and the recall of label 1, as floats."""
    x, y = slow_clean(patients(60, 20))
    one = DummyClassifier(strategy="constant", constant=1).fit(x, y)
    zero = DummyClassifier(strategy="constant", constant=0).fit(x, y)
    for model, text in ((one, "always 1"), (zero, "always 0"), (reference(x, y), "trained")):
        for labels in ([1, 0, 0, 0], [1, 1, 1, 0], [0, 0, 0, 0], y):
            rows = x[: len(labels)]
            predicted = [int(value) for value in model.predict(rows)]
            right = sum(p == label for p, label in zip(predicted, labels, strict=True))
            found = sum(p == label == 1 for p, label in zip(predicted, labels, strict=True))
            expected = {"accuracy": right / len(labels), "recall": found / max(1, sum(labels))}
            with calling(f"evaluate(model, x, y) with a model that is {text}, for y = {labels}"):
                got = work.evaluate(model, rows, list(labels))
            require(isinstance(got, dict), "evaluate must return a dict", got=got)
            assert_equal(got, expected, what="evaluate")
            require(all(isinstance(value, float) for value in got.values()), "the metrics must be floats", got=got)


def test_save_and_load() -> None:
    """7. save creates the folder and writes the model and metrics.json; load returns a model that predicts the same."""
    x, y = slow_clean(patients(40, 30))
    models = [reference(x, y), reference(x, [1 - label for label in y])]
    metrics = [{"accuracy": 0.75, "recall": 1.0}, {"accuracy": 0.5, "recall": 0.125}]
    with temporary_folder() as folder:
        for i in (0, 1):
            with calling("save(model, metrics, folder), where folder is new"):
                work.save(models[i], dict(metrics[i]), folder / "models" / str(i))
        for i in (0, 1, 0):
            place = folder / "models" / str(i)
            require((place / "metrics.json").is_file(), "save wrote no metrics.json")
            written = parsed(place / "metrics.json")
            assert_equal(written, metrics[i], what="metrics.json")
            with calling("load(folder)"):
                got = predicts(work.load(str(place) if i else place), x)
            assert_close(got, models[i].predict_proba(x), what="predict_proba of the loaded model")
        with calling("save(model, metrics, folder), a second time into the same folder"):
            work.save(models[1], dict(metrics[1]), str(folder / "models" / "0"))
        with calling("load(folder), after a second save into the same folder"):
            got = predicts(work.load(folder / "models" / "0"), x)
        assert_close(got, models[1].predict_proba(x), what="predict_proba of the loaded model")


def parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        fail(f"metrics.json is not JSON: {error}")


def test_run() -> None:
    """8. run learns from the training rows only; it saves and returns the metrics of the test rows."""
    for n, stream, seed in ((40, 40, 0), (61, 41, 5)):
        rows = patients(n, stream)
        with temporary_folder() as folder, served(as_csv([*rows, rows[0]])) as address:
            x, y = slow_clean(rows)
            x_train, y_train, x_test, y_test = split_parts(x, y, seed)
            expected_model = reference(x_train, y_train)
            expected = expected_model.predict_proba(x)
            with calling(f"run(url, folder, {seed}), of {n} rows"):
                arguments = (seed,) if seed else ()
                metrics = work.run(f"{address}/data.csv", folder / "out", *arguments)
            with calling(f"load(folder) after run(url, folder, {seed}), of {n} rows"):
                got = predicts(work.load(folder / "out"), x)
            assert_close(got, expected, rtol=1e-3, atol=1e-4, what="predict_proba of the saved model, for all rows,")
            predicted = [int(value) for value in expected_model.predict(x_test)]
            right = sum(p == label for p, label in zip(predicted, y_test, strict=True))
            found = sum(p == label == 1 for p, label in zip(predicted, y_test, strict=True))
            told = {"accuracy": right / len(y_test), "recall": found / max(1, sum(y_test))}
            assert_equal(metrics, told, what="run", call=f"run(url, folder, {seed}), of {n} rows")
            require((folder / "out" / "metrics.json").is_file(), "run wrote no metrics.json")
            assert_equal(parsed(folder / "out" / "metrics.json"), told, what="metrics.json")


# Appended to the learner's pipeline.py: a name that is bound again is what every caller finds, in the module too.
BROKEN = {
    "fetch loses the last row": """
_whole = fetch
def fetch(url):
    return _whole(url)[:-1]
""",
    "clean keeps every copy of equal rows": """
_whole = clean
def clean(rows):
    parts = [_whole([row]) for row in rows]
    return [r for x, _ in parts for r in x], [l for _, y in parts for l in y]
""",
    "clean writes 0 for missing values": """
_whole = clean
def clean(rows):
    x, y = _whole(rows)
    return [[v if v == v else 0.0 for v in row] for row in x], y
""",
    "split trains on a test row as well": """
_whole = split
def split(x, y, seed):
    a, b, c, d = _whole(x, y, seed)
    return list(a) + list(c[:1]), list(b) + list(d[:1]), c, d
""",
    "split returns another split at each call": """
_whole = split
_calls = []
def split(x, y, seed):
    _calls.append(seed)
    return _whole(x, y, seed + len(_calls))
""",
    "evaluate swaps accuracy and recall": """
_whole = evaluate
def evaluate(model, x, y):
    metrics = _whole(model, x, y)
    return {"accuracy": metrics["recall"], "recall": metrics["accuracy"]}
""",
    "save writes the metrics as strings": """
_whole = save
def save(model, metrics, folder):
    _whole(model, {name: str(value) for name, value in metrics.items()}, folder)
""",
    "run returns and saves the metrics of the training rows": """
def run(url, folder, seed=0):
    x_train, y_train, _, _ = split(*clean(fetch(url)), seed)
    model = train(x_train, y_train)
    metrics = evaluate(model, x_train, y_train)
    save(model, metrics, folder)
    return metrics
""",
}

# Each run of pytest begins as if it were the first: no options, plugins or leftovers of another project.
OPTIONS = ("-x", "-q", "--tb=line", "--noconftest", "-p", "no:cacheprovider", "-c", os.devnull, "--basetemp", "tmp")
PROGRAM = f"""
import os, pytest, sys
os.environ["COLUMNS"] = "160"
for folder in sys.argv[1:]:
    os.chdir(folder)
    sys.path.insert(0, folder)
    for name in {MODULES}:
        sys.modules.pop(name, None)
    code = int(pytest.main([*{OPTIONS}, "--rootdir", folder, "{FILES[1]}"]))
    sys.path.remove(folder)
    with open("code", "w") as file:
        file.write(str(code))
"""


def run_program(folder: Path) -> None:
    """Run the program in this process, for a folder; what it prints goes to the file `output` there."""
    log = os.open(folder / "output", os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    # The copies in the folder are meant, not the learner's own files.
    sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("kata_runner")]
    sys.argv = ["", str(folder)]
    exec(PROGRAM, {})


def run_own_tests(*folders: Path) -> tuple[list[int], str]:
    """Run pytest in each folder; return its codes, and what was printed in the last."""
    output = ""
    if sys.platform == "linux":
        for folder in folders:
            # A fork has scikit-learn loaded already, and what the tests do to it ends with the process.
            process = multiprocessing.get_context("fork").Process(target=run_program, args=(folder,))
            process.start()
            process.join(LIMIT_S)
            if process.exitcode is None:
                process.kill()
                process.join()
                fail(f"your tests did not end within {LIMIT_S:g} s", call=PYTEST)
            output = (folder / "output").read_text(encoding="utf-8", errors="replace")
    else:  # where there is no fork, or libraries do not survive it
        output = run_python("-c", PROGRAM, *folders, timeout_s=LIMIT_S).stdout
    return [int((folder / "code").read_text()) if (folder / "code").is_file() else 1 for folder in folders], output


def laid_out(folder: Path, pipeline: str) -> Path:
    """The folder, which holds this pipeline and the learner's tests."""
    folder.mkdir()
    (folder / FILES[0]).write_text(pipeline, encoding="utf-8")
    (folder / FILES[1]).write_text(answer_text(FILES[1]), encoding="utf-8")
    return folder


@cache
def codes_of_own_tests() -> tuple[int, str, dict[str, int]]:
    """The code and the output of the learner's tests with their code, and the code with each broken version of it."""
    pipeline = answer_text(FILES[0])
    with temporary_folder() as base:
        (code,), output = run_own_tests(laid_out(base / "whole", pipeline))
        if code != 0:  # then a test that fails with a broken version would say nothing
            return code, output, {}
        broken = [laid_out(base / str(i), f"{pipeline}\n\n{BROKEN[name]}") for i, name in enumerate(BROKEN)]
        return code, output, dict(zip(BROKEN, run_own_tests(*broken)[0], strict=True))


def codes_when_whole_passes(otherwise: str) -> dict[str, int]:
    """The code of pytest for each broken version; the check fails, with a message, unless the tests pass at first."""
    if "def test" not in answer_text(FILES[1]):
        todo("test_pipeline.py holds no test yet")
    code, output, broken = codes_of_own_tests()
    if code == 5:
        todo("test_pipeline.py holds no test yet")
    if code != 0:
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        telling = [line for line in lines if line.startswith(("FAILED", "ERROR"))] or lines or ["nothing was printed"]
        fail(otherwise, got=Shown(telling[0]), call=PYTEST)
    return broken


def test_types() -> None:
    """9. mypy --strict --ignore-missing-imports reports nothing, and is not told to ignore anything."""
    if "def test" not in answer_text("test_pipeline.py"):
        todo("test_pipeline.py holds no test yet")
    for name in FILES:
        for number, line in enumerate(answer_text(name).splitlines(), 1):
            comment = line.partition("#")[2].replace(" ", "")
            asked = "type:ignore" in comment or comment.startswith("mypy:")
            require(
                not asked, f"{name} line {number} tells mypy to ignore something", got=Shown(line.strip()), call=" "
            )
    with temporary_folder() as folder:
        for name in FILES:
            (folder / name).write_text(answer_text(name), encoding="utf-8")
        options = ("--strict", "--ignore-missing-imports", "--config-file=", "--no-error-summary")
        ran = run_python("-m", "mypy", *options, "--cache-dir", folder / "cache", *FILES, timeout_s=LIMIT_S, cwd=folder)
    lines = (ran.stdout.strip() or ran.stderr.strip() or "no output").splitlines()
    errors = [line for line in lines if ": error: " in line] or lines
    n = len(errors)
    call = "mypy --strict --ignore-missing-imports pipeline.py test_pipeline.py"
    require(ran.code == 0, f"mypy reports {n} error{'s' * (n > 1)}", got=Shown(" | ".join(errors[:2])), call=call)


def test_own_tests_pass() -> None:
    """10. Your tests pass with your code."""
    codes_when_whole_passes("your own tests do not pass with your code")


def assert_noticed(*functions: str) -> None:
    codes = codes_when_whole_passes("no broken version was tried: your tests do not pass with your own code yet")
    for name, code in codes.items():
        if name.split()[0] in functions:
            require(code in (1, 2), f"your tests pass although {name}", call=PYTEST)


def test_broken_data_is_noticed() -> None:
    """11. Your tests notice when fetch, clean or split is broken."""
    assert_noticed("fetch", "clean", "split")


def test_broken_measures_are_noticed() -> None:
    """11. Your tests notice when evaluate, save or run is broken."""
    assert_noticed("evaluate", "save", "run")


edges()


def test_fetch_lets_errors_pass() -> None:
    """1. Errors of urlopen reach the caller: an HTTPError where the server answers 404."""
    with served("age,label\n41,1\n") as address:
        assert_raises(HTTPError, work.fetch, f"{address}/other.csv", call="fetch(url), where the server answers 404")


def test_inputs_stay() -> None:
    """4. clean and split do not change what they are given."""
    rows = patients(12, 50)
    with unchanged(rows=rows):
        work.clean(rows)
    x, y = slow_clean(rows)
    with unchanged(x=x, y=y):
        work.split(x, y, 1)
