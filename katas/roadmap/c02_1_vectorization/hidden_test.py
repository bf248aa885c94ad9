"""Hidden test of c02_1_vectorization."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_faster,
    assert_raises,
    assert_shape,
    assert_type,
    calling,
    fail,
    global_random_state_kept,
    learner,
    require,
    rng,
    timing,
    unchanged,
)

work = learner("vectorization")
Array = NDArray[Any]

PRODUCTS = ("matvec_loop", "matvec_broadcast")
SHAPES = [(2, 3), (1, 1), (3, 3), (1, 7), (7, 1), (17, 129), (128, 5)]


def plain_product(A: Array, x: Array) -> list[float]:
    return [sum((float(a) * float(b) for a, b in zip(row, x, strict=True)), 0.0) for row in A.tolist()]


def matrix(stream: int, shape: tuple[int, int]) -> Array:
    return rng(stream).normal(0.0, 10.0, shape)


def assert_refuses(name: str, function: Any, *args: Any, call: str = "") -> None:
    """ValueError whose message holds the argument's name as a word of its own."""
    error = assert_raises(ValueError, function, *args, call=call)
    told = Shown(f"ValueError: {error}")
    require(
        re.search(rf"(?<!\w){name}(?!\w)", str(error)) is not None,
        f"the message does not name {name}",
        got=told,
        call=call,
    )


def assert_floats(got: Any, expected: Any) -> None:
    assert_close(got, expected, rtol=1e-9, atol=1e-10)
    assert_type(got, np.ndarray)
    assert_dtype(got, np.float64)


def test_product_of_matrix_and_vector() -> None:
    """Both products give the sum of A[i, j] · x[j] for every row, whatever the shape."""
    for name in PRODUCTS:
        for stream, shape in enumerate(SHAPES):
            A, x = matrix(stream, shape).round(1), rng(20 + stream).normal(0.0, 2.0, shape[1]).round(1)
            expected = plain_product(A, x)
            assert_floats(getattr(work, name)(A.copy(), x.copy()), expected)


def test_integers_become_floats() -> None:
    """Integers of any type are computed as float64, so that nothing wraps around or is cut off."""
    A, v, u = np.array([[200, 3, 7], [255, 100, 9]]), np.array([200, 1, 100]), np.array([250, 9])
    for kind in (np.uint8, np.int64, np.int16, np.float32):
        small, x, y = A.astype(kind), v.astype(kind), u.astype(kind)
        for name in PRODUCTS:
            assert_floats(getattr(work, name)(small.copy(), x.copy()), plain_product(A, v))
            assert_floats(getattr(work, name)(small.copy(), x + 0.5), plain_product(A, x + 0.5))
        assert_floats(work.add_to_rows(small.copy(), x.copy()), [[400, 4, 107], [455, 101, 109]])
        assert_floats(work.add_to_columns(small.copy(), y.copy()), [[450, 253, 257], [264, 109, 18]])
        assert_floats(work.add_to_columns(small.copy(), y + 0.5), [[450.5, 253.5, 257.5], [264.5, 109.5, 18.5]])
        assert_floats(work.outer_sum(x.copy(), y.copy()), [[450, 209], [251, 10], [350, 109]])


def test_sizes_of_zero() -> None:
    """Sizes of 0 are allowed: no columns give a product of zeros, no rows give nothing."""
    for n, m in ((3, 0), (0, 3), (0, 0)):
        for name in PRODUCTS:
            assert_floats(getattr(work, name)(np.ones((n, m)), np.ones(m)), np.zeros(n))
        assert_floats(work.add_to_rows(np.ones((n, m)), np.ones(m)), np.ones((n, m)))
        assert_floats(work.add_to_columns(np.ones((n, m)), np.ones(n)), np.ones((n, m)))
        assert_floats(work.outer_sum(np.ones(n), np.ones(m)), np.ones((n, m)))


def test_added_to_rows_and_columns() -> None:
    """add_to_rows adds a vector to each row, add_to_columns to each column, also where the matrix is square."""
    for stream, (n, m) in enumerate([(2, 3), (2, 2), (3, 3), (1, 4), (4, 1), (7, 5)]):
        A, v, u = matrix(30 + stream, (n, m)).round(1), rng(40 + stream).normal(size=m), rng(50 + stream).normal(size=n)
        rows = [[a + v[j] for j, a in enumerate(row)] for row in A.tolist()]
        columns = [[a + u[i] for a in row] for i, row in enumerate(A.tolist())]
        assert_floats(work.add_to_rows(A.copy(), v.copy()), rows)
        assert_floats(work.add_to_columns(A.copy(), u.copy()), columns)


def test_all_sums() -> None:
    """outer_sum gives the table of all sums u[i] + v[j], one row for each u."""
    for n, m in ((2, 3), (3, 3), (1, 4), (4, 1), (17, 8)):
        u, v = rng(60 + n).normal(size=n).round(1), rng(70 + m).normal(size=m).round(1)
        expected = [[a + b for b in v.tolist()] for a in u.tolist()]
        assert_floats(work.outer_sum(u.copy(), v.copy()), expected)


def test_inputs_stay_as_they_were() -> None:
    """Inputs are left as they were, also when they are views, and results share no memory with them."""
    base = matrix(80, (6, 8))
    for A in (base.copy(), base[::2, ::-2], base.T):
        v, u = np.arange(float(A.shape[1])), np.arange(float(A.shape[0]))
        with unchanged(A=A, v=v, u=u, base=base):
            results = [getattr(work, name)(A, v) for name in PRODUCTS]
            tables = [work.add_to_rows(A, v), work.add_to_columns(A, u)]
            zeros = work.add_to_rows(A, v * 0)
        for got in results:
            assert_floats(got, plain_product(A, v))
        assert_floats(tables[0], [[a + b for a, b in zip(row, v, strict=True)] for row in A.tolist()])
        assert_floats(tables[1], [[a + u[i] for a in row] for i, row in enumerate(A.tolist())])
        assert_floats(zeros, A.copy())
        require(not np.shares_memory(zeros, A), "add_to_rows gave the memory of A itself, not a new array")


def test_nothing_is_stretched_in_silence() -> None:
    """A vector of another shape raises ValueError that names it, also one that NumPy would stretch."""
    A = np.ones((2, 3))
    for bad in (np.ones(2), np.ones(1), np.ones(4), np.array(1.0), np.ones((1, 3)), np.ones((3, 1)), np.ones((2, 3))):
        for name in PRODUCTS:
            assert_refuses("x", getattr(work, name), A.copy(), bad)
        assert_refuses("v", work.add_to_rows, A.copy(), bad)
    for bad in (np.ones(3), np.ones(1), np.array(1.0), np.ones((2, 1)), np.ones((1, 2))):
        assert_refuses("u", work.add_to_columns, A.copy(), bad)
    for bad in (np.array(1.0), np.ones((2, 1)), np.ones((1, 2))):
        assert_refuses("u", work.outer_sum, bad, np.ones(2))
        assert_refuses("v", work.outer_sum, np.ones(2), bad)


def test_other_matrices_are_refused() -> None:
    """An A that is not two-dimensional raises ValueError that names A."""
    for bad in (np.ones(3), np.ones((1, 1, 3)), np.array(2.0)):
        for name in PRODUCTS:
            assert_refuses("A", getattr(work, name), bad, np.ones(3))


class FakeClock:
    """A clock that moves only when a function of known cost is called; it notes what happened in which order."""

    def __init__(self) -> None:
        self.now = 500.0
        self.story = ""

    def __call__(self) -> float:
        self.story += "r"
        return self.now


class Costing:
    """A product whose calls take the given seconds, one after the other; it keeps what it was given."""

    def __init__(self, clock: FakeClock, costs: Sequence[float]) -> None:
        self.clock, self.costs = clock, list(costs)
        self.calls: list[tuple[Any, Any]] = []

    def __call__(self, A: Any, x: Any) -> None:
        if len(self.calls) == len(self.costs):
            fail(f"a function was called more often than {len(self.costs)} times")
        self.clock.now += self.costs[len(self.calls)]
        self.clock.story += "c"
        self.calls.append((A, x))


def race(costs: dict[str, list[list[float]]], repeats: int, seed: int = 0) -> tuple[Any, dict[str, Costing]]:
    """What time_matvec says of functions with these costs: name -> for each size, the warm-up and the timed calls."""
    clock = FakeClock()
    functions = {name: Costing(clock, [c for one in lists for c in one]) for name, lists in costs.items()}
    sizes = [2 + i for i in range(len(next(iter(costs.values()))))]
    told = "; ".join(f"{name} takes {lists} s" for name, lists in costs.items())
    with calling(f"time_matvec(..., sizes={sizes}, repeats={repeats}, clock=clock); {told}"):
        got = work.time_matvec(functions, sizes, np.random.default_rng(seed), repeats, clock)
        assert_type(got, dict)
    return got, functions


def test_median_after_a_warm_up() -> None:
    """A figure is the median of the timed calls of one function at one size; a first call is not counted."""
    cases = [
        [[9.0, 0.5]],
        [[9.0, 3.0, 90.0, 1.0, 4.0, 2.0]],
        [[0.1, 4.0, 1.0, 50.0, 2.0]],
        [[8.0, 1.0, 2.0, 6.0], [5.0, 7.0, 0.25, 3.0]],
    ]
    for lists in cases:
        expected = {"f": [statistics.median(one[1:]) for one in lists]}
        got, _ = race({"f": lists}, len(lists[0]) - 1)
        assert_equal(got, expected, what="time_matvec")


def test_each_call_is_timed_on_its_own() -> None:
    """The clock is read once before and once after each timed call, and not for the untimed one."""
    for n_sizes, repeats in ((1, 1), (1, 3), (2, 2)):
        _, functions = race({"f": [[1.0] * (repeats + 1)] * n_sizes}, repeats)
        got, expected = functions["f"].clock.story, ("c" + "rcr" * repeats) * n_sizes
        told = "the calls (c) of f and the readings (r) of the clock come in another order than expected"
        require(got == expected, told, got=Shown(got), expected=Shown(expected))


def test_every_function_at_every_size() -> None:
    """Every function is called once untimed and `repeats` times timed at each size; 5 repeats are the default."""
    costs = {"g": [[1.0, 0.5, 0.5], [1.0, 0.75, 0.75]], "f": [[2.0, 3.0, 3.0], [2.0, 4.0, 4.0]]}
    got, functions = race(costs, 2)
    assert_equal(got, {"g": [0.5, 0.75], "f": [3.0, 4.0]}, what="time_matvec")
    assert_equal(list(got), ["g", "f"], what="the order of the names")
    for name, function in functions.items():
        require(len(function.calls) == 6, f"{name} was called {len(function.calls)} times at 2 sizes, expected 6")
    clock = FakeClock()
    function = Costing(clock, [1.0] * 6)
    with calling("time_matvec({'f': f}, [3], rng, clock=clock)"):
        assert_equal(work.time_matvec({"f": function}, [3], rng(1), clock=clock), {"f": [1.0]})
        require(len(function.calls) == 6, f"f was called {len(function.calls)} times, expected 1 untimed and 5 timed")


def test_all_run_the_same_course() -> None:
    """For each size, A and then x are drawn once from rng, and all functions get the same."""
    with global_random_state_kept():
        _, functions = race({"f": [[0.0] * 3] * 3, "g": [[0.0] * 3] * 3}, 2, seed=5)
    source = np.random.default_rng(5)
    drawn = [(source.normal(size=(size, size)), source.normal(size=size)) for size in (2, 3, 4)]
    for name, function in functions.items():
        for i, (A, x) in enumerate(function.calls):
            expected_A, expected_x = drawn[i // 3]
            assert_close(A, expected_A, what=f"A of call {i + 1} of {name}")
            assert_close(x, expected_x, what=f"x of call {i + 1} of {name}")


def test_no_repeats_are_refused() -> None:
    """repeats below 1 raises ValueError that names repeats, before anything is called."""
    for repeats in (0, -1):
        clock = FakeClock()
        function = Costing(clock, [1.0] * 10)
        call = f"time_matvec({{'f': f}}, [2], rng, {repeats}, clock)"
        assert_refuses("repeats", work.time_matvec, {"f": function}, [2], rng(1), repeats, clock, call=call)
        require(not function.calls, "the function was called all the same", call=call)


def test_the_real_clock() -> None:
    """By default real seconds are measured, whether a function computes or waits."""

    def waits(A: Any, x: Any) -> None:
        time.sleep(0.02)

    with calling("time_matvec({'f': f}, [2], rng, 3), f sleeps 0.02 s"):
        got = work.time_matvec({"f": waits}, [2], rng(1), 3)
        assert_type(got, dict)
        require(list(got) == ["f"], "expected one entry, for f", got=got)
        assert_shape(got["f"], (1,), what="the figures of f")
        seconds = float(as_array(got["f"])[0])
        require(0.018 <= seconds <= 0.4, "that is not the time that was slept", got=seconds, expected=Shown("0.02 s"))


@timing
def test_broadcasting_is_faster() -> None:
    """matvec_broadcast is many times faster than a loop over 300 × 300 numbers."""
    A, x = matrix(90, (300, 300)), rng(91).normal(size=300)
    assert_floats(work.matvec_broadcast(A, x), A @ x)

    def loop() -> None:
        for row in A:
            total = 0.0
            for a, b in zip(row, x, strict=True):
                total += a * b

    assert_faster(lambda: work.matvec_broadcast(A, x), loop, 4)
