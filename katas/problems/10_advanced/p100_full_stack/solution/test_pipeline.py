"""What must not break in pipeline.py; each test fails for one way in which it could."""

import json
import math
from pathlib import Path

from pipeline import Labels, Table, clean, evaluate, fetch, load, run, save, split, train

# Two measures; the label follows the first, except in every seventh row.
ROWS = [{"age": str(n), "dose": str(n % 5), "label": str(int((n > 30) != (n % 7 == 0)))} for n in range(60)]
X, Y = clean(ROWS)


class Constant:
    """A model that always answers 1."""

    def predict(self, x: Table) -> Labels:
        return [1 for _ in x]


def csv_file(folder: Path) -> str:
    """The address of a CSV file with ROWS in the folder."""
    lines = [",".join(ROWS[0]), *(",".join(row.values()) for row in ROWS)]
    path = folder / "rows.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path.as_uri()


def test_fetch_returns_all_rows(tmp_path: Path) -> None:
    assert fetch(csv_file(tmp_path)) == ROWS


def test_clean_keeps_equal_rows_once() -> None:
    assert clean(ROWS[:3] + ROWS[:4]) == clean(ROWS[:4])


def test_clean_leaves_a_hole_where_a_measure_is_missing() -> None:
    x, _ = clean([{"age": "", "dose": "2", "label": "1"}])

    assert math.isnan(x[0][0])
    assert x[0][1] == 2.0


def test_split_puts_each_row_into_one_part() -> None:
    x_train, _, x_test, _ = split(X, Y, 0)

    assert sorted(x_train + x_test) == sorted(X)


def test_split_is_the_same_for_the_same_seed() -> None:
    assert split(X, Y, 3) == split(X, Y, 3)
    assert split(X, Y, 3) != split(X, Y, 4)


def test_evaluate_tells_accuracy_from_recall() -> None:
    assert evaluate(Constant(), [[0.0]] * 4, [1, 0, 0, 0]) == {"accuracy": 0.25, "recall": 1.0}


def test_save_writes_numbers_and_the_model(tmp_path: Path) -> None:
    model = train(X, Y)
    save(model, {"accuracy": 0.5}, tmp_path / "new")

    assert json.loads((tmp_path / "new" / "metrics.json").read_text(encoding="utf-8")) == {"accuracy": 0.5}
    assert load(tmp_path / "new").predict(X).tolist() == model.predict(X).tolist()


def test_run_measures_the_test_rows(tmp_path: Path) -> None:
    for seed in range(3):
        x_train, y_train, x_test, y_test = split(X, Y, seed)
        metrics = run(csv_file(tmp_path), tmp_path / "out", seed)

        assert metrics == evaluate(train(x_train, y_train), x_test, y_test)
        assert json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8")) == metrics
