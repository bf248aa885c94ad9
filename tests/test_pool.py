"""Many katas on several children."""

from __future__ import annotations

from pathlib import Path

import pytest

from kata_runner.judging import pool
from kata_runner.judging.launch import Child
from kata_runner.model import Kata

KATAS = [Kata(f"p{n}", f"p{n}", Path(), "problems", "g", "X", 1, 1, "x", "x") for n in range(5)]


@pytest.fixture(autouse=True)
def no_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "start_child", lambda: None)


def test_results_come_in_the_order_of_the_katas() -> None:
    assert pool.in_parallel(KATAS, lambda kata, _: kata.id, 2) == ["p0", "p1", "p2", "p3", "p4"]


def test_an_error_is_raised() -> None:
    def fail(kata: Kata, child: Child | None) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        pool.in_parallel(KATAS, fail, 2)
