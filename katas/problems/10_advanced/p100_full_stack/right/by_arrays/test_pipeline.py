"""Tests in classes, by fixtures and a small server."""

import json
import math
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError

import numpy as np
import pytest

import pipeline

N = 120


@pytest.fixture
def rows() -> list[pipeline.Row]:
    generator = np.random.default_rng(5)
    values = generator.normal(size=(N, 3))
    labels = values @ [2.0, -1.0, 0.0] + generator.normal(size=N) > 0
    return [
        {"label": str(int(label)), **{name: f"{v:.4f}" for name, v in zip("abc", line, strict=True)}}
        for label, line in zip(labels, values, strict=True)
    ]


@pytest.fixture
def address(rows: list[pipeline.Row], tmp_path: Path) -> Iterator[str]:
    lines = [list(row) for row in rows[:1]] + [list(row.values()) for row in rows]
    (tmp_path / "rows.csv").write_text("".join(",".join(line) + "\n" for line in lines), encoding="utf-8")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class TestData:
    def test_fetch(self, rows: list[pipeline.Row], address: str) -> None:
        assert pipeline.fetch(f"{address}/rows.csv") == rows
        with pytest.raises(HTTPError):
            pipeline.fetch(f"{address}/missing.csv")

    def test_equal_rows(self, rows: list[pipeline.Row]) -> None:
        assert len(pipeline.clean([*rows, *rows])[0]) == N

    @pytest.mark.parametrize("text", ["", "?", "inf"])
    def test_missing(self, text: str) -> None:
        assert math.isnan(pipeline.clean([{"a": text, "label": "0"}])[0][0][0])

    def test_split(self, rows: list[pipeline.Row]) -> None:
        x, y = pipeline.clean(rows)
        x_train, y_train, x_test, y_test = pipeline.split(x, y, 1)
        assert len(x_train) + len(x_test) == len(y_train) + len(y_test) == N
        assert pipeline.split(x, y, 1)[2] == x_test


class TestModel:
    def test_evaluate(self, rows: list[pipeline.Row]) -> None:
        x, y = pipeline.clean(rows)
        model = pipeline.train(x, y)
        expected = {"accuracy": model.score(x, y), "recall": np.mean(model.predict(x)[np.array(y) == 1])}
        assert pipeline.evaluate(model, x, y) == pytest.approx(expected)
        assert expected["accuracy"] != pytest.approx(expected["recall"])

    def test_run(self, rows: list[pipeline.Row], address: str, tmp_path: Path) -> None:
        metrics = pipeline.run(f"{address}/rows.csv", tmp_path / "a" / "b", seed=2)
        assert json.loads((tmp_path / "a" / "b" / "metrics.json").read_text(encoding="utf-8")) == metrics

        x_train, y_train, x_test, y_test = pipeline.split(*pipeline.clean(rows), 2)
        assert metrics == pipeline.evaluate(pipeline.load(tmp_path / "a" / "b"), x_test, y_test)
        assert metrics != pipeline.evaluate(pipeline.train(x_train, y_train), x_train, y_train)
