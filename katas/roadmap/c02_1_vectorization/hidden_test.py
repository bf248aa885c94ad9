"""Hidden test of c02_1_vectorization."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from functools import partial
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
    edges,
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


def plain_product(A: Array, x: Array) -> list[float]:
    return [sum(float(a) * float(b) for a, b in zip(row, x, strict=True)) for row in A.tolist()]


def plain_rows(A: Array, v: Array) -> list[list[float]]:
    return [[a + b for a, b in zip(row, v.tolist(), strict=True)] for row in A.tolist()]


def plain_columns(A: Array, u: Array) -> list[list[float]]:
    return [[a + b for a in row] for row, b in zip(A.tolist(), u.tolist(), strict=True)]


def plain_table(u: Array, v: Array) -> list[list[float]]:
    return [[a + b for b in v.tolist()] for a in u.tolist()]


def numbers(stream: int, *shape: int) -> Array:
    return rng(stream).normal(0.0, 10.0, shape).round(1)


def test_product_of_matrix_and_vector() -> None:
    """Entry i of both products is the sum of A[i, j] · x[j], whatever the shape."""
    for name in PRODUCTS:
        for stream, (n, m) in enumerate([(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (17, 129), (128, 5)]):
            A, x = numbers(stream, n, m), numbers(20 + stream, m)
            expected = plain_product(A, x)
            assert_close(getattr(work, name)(A.copy(), x.copy()), expected)


SHAPES = [(1, 2), (2, 1), (2, 2), (2, 3), (3, 3), (7, 5)]


def test_added_to_rows_and_columns() -> None:
    """add_to_rows adds v to each row, add_to_columns adds u to each column, also where A is square."""
    for stream, (n, m) in enumerate(SHAPES):
        A, v, u = numbers(30 + stream, n, m), numbers(40 + stream, m), numbers(50 + stream, n)
        rows, columns = plain_rows(A, v), plain_columns(A, u)
        assert_close(work.add_to_rows(A.copy(), v.copy()), rows)
        assert_close(work.add_to_columns(A.copy(), u.copy()), columns)


def test_all_sums() -> None:
    """outer_sum returns the table of all sums u[i] + v[j], one row for each entry of u."""
    for n, m in SHAPES:
        u, v = numbers(60 + n, n), numbers(70 + m, m)
        expected = plain_table(u, v)
        assert_close(work.outer_sum(u.copy(), v.copy()), expected)


@timing
def test_broadcasting_is_faster() -> None:
    """For 300 × 300 numbers matvec_broadcast is at least four times as fast as the Python loops of matvec_loop."""
    A, x = numbers(90, 300, 300), numbers(91, 300)
    expected = A @ x
    for name in PRODUCTS:
        assert_close(getattr(work, name)(A, x), expected, rtol=1e-9, atol=1e-9)
    told = "matvec_broadcast is not four times as fast as matvec_loop: both loop in Python, or neither does"
    assert_faster(partial(work.matvec_broadcast, A, x), partial(work.matvec_loop, A, x), 4, message=told)


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


def race(
    costs: dict[str, list[list[float]]], repeats: int, seed: int = 0, *, costs_matter: bool = True
) -> tuple[Any, dict[str, Costing]]:
    """What time_matvec says of functions with these costs: name -> for each size, the untimed and the timed calls."""
    clock = FakeClock()
    functions = {name: Costing(clock, [c for one in lists for c in one]) for name, lists in costs.items()}
    sizes = [2 + i for i in range(len(next(iter(costs.values()))))]
    told = "".join(f"; {name}'s calls take {' and then '.join(map(str, lists))} s" for name, lists in costs.items())
    names = ", ".join(f"{name!r}: {name}" for name in costs)
    with calling(f"time_matvec({{{names}}}, {sizes}, rng, {repeats}, clock){told if costs_matter else ''}"):
        got = work.time_matvec(functions, sizes, np.random.default_rng(seed), repeats, clock)
    return got, functions


def figures(got: Any, expected: dict[str, list[float]]) -> None:
    """The figures by value alone: a dict that only looks alike passes here, but not in the check of promise 8."""
    for name, wanted in expected.items():
        try:
            one = got[name]
        except (TypeError, LookupError, ValueError):
            fail(f"the result holds no figures of {name!r}", got=got, expected=expected)
        assert_close(one, wanted, what=f"the figures of {name!r}")


def test_the_same_work_for_all() -> None:
    """For each size, A and then x are drawn once from rng, and all functions get the same."""
    with global_random_state_kept():
        _, functions = race({"f": [[0.0] * 3] * 2, "g": [[0.0] * 3] * 2}, 2, seed=5, costs_matter=False)
    source = np.random.default_rng(5)
    drawn = [(source.normal(size=(size, size)), source.normal(size=size)) for size in (2, 3)]
    given: dict[int, tuple[Any, Any]] = {}
    for name, function in functions.items():
        # By the size of what came, so that a call too many or too few is not taken for another draw.
        for A, x in function.calls:
            size = len(as_array(A, f"the A that {name} was given"))
            require(size in (2, 3), f"{name} was called with an A of another size", got=size, expected=Shown("2 or 3"))
            first = given.setdefault(size, (A, x))
            same = np.array_equal(A, first[0]) and np.array_equal(x, first[1])
            require(same, f"not all calls with size {size} were given the same A and x", got=A, expected=first[0])
    for size, (A, x) in sorted(given.items()):
        assert_close(A, drawn[size - 2][0], what=f"the A of size {size}")
        assert_close(x, drawn[size - 2][1], what=f"the x of size {size}")


def test_each_call_is_timed_on_its_own() -> None:
    """Each function is called once untimed and `repeats` times between two readings of the clock, at each size."""
    for n_sizes, repeats in ((1, 1), (1, 3), (2, 2)):
        _, functions = race({"f": [[1.0] * (repeats + 3)] * n_sizes}, repeats, costs_matter=False)
        got, expected = functions["f"].clock.story, ("c" + "rcr" * repeats) * n_sizes
        told = "the calls (c) of f and the readings (r) of the clock do not come in the order asked for"
        require(got == expected, told, got=Shown(got), expected=Shown(expected))


def test_the_median() -> None:
    """A figure is the median of the timed calls; for an even number of them the mean of the middle two."""
    for seconds in ([9.0, 0.5], [9.0, 3.0, 90.0, 1.0], [0.1, 4.0, 1.0, 50.0, 2.0], [8.0, 6.0, 2.0, 1.0, 7.0, 9.0]):
        expected = statistics.median(seconds[1:])
        got, _ = race({"f": [seconds]}, len(seconds) - 1)
        figures(got, {"f": [expected]})


def test_a_table_by_name_and_size() -> None:
    """The result is a dict: each name has a list of its own figures, one for each size."""
    one = {"f": [[1.0, 2.0, 2.0]]}
    two = {"g": [[1.0, 0.5, 0.5], [1.0, 0.75, 0.75]], "f": [[2.0, 3.0, 3.0], [2.0, 4.0, 4.0]]}
    for costs in (one, two):
        expected = {name: [calls[-1] for calls in lists] for name, lists in costs.items()}
        got, _ = race(costs, 2)
        assert_equal(got, expected, what="time_matvec")
        assert_type(got, dict)
        for name in costs:
            assert_type(got[name], list, what=f"the figures of {name!r}")


edges()


def test_by_default_five_times_by_the_wall_clock() -> None:
    """By default `repeats` is 5, and the clock is time.perf_counter, which also counts what a function waits."""
    calls: list[Any] = []

    def waits(A: Any, x: Any) -> None:
        calls.append(A)
        time.sleep(0.02)

    with calling("time_matvec({'f': f}, [2], rng), f sleeps 0.02 s"):
        got = work.time_matvec({"f": waits}, [2], rng(1))
    require(len(calls) == 6, "f is called once untimed and 5 times timed", got=len(calls), expected=6)
    with calling("time_matvec({'f': f}, [2], rng), f sleeps 0.02 s"):
        assert_shape(got["f"], (1,), what="the figures of f")
        seconds = float(as_array(got["f"])[0])
        # However busy the machine: never less than was slept, and nobody waits a minute for it.
        told = Shown("0.02 s or a little more")
        require(0.015 <= seconds <= 60.0, "that is not the time that was slept", got=seconds, expected=told)


def test_other_dtypes_become_float64() -> None:
    """Integers and float32 are computed in and returned as float64: nothing wraps around, no digit is lost."""
    small = ([[200, 3], [255, 100]], [100, 255], [250, 9])
    large = ([[2**24, 1], [1, 2**24]], [1, 1], [1, 2**24])
    for kind, values in ((np.uint8, small), (np.int16, small), (np.int64, small), (np.float32, large)):
        A, v, u = (np.array(one, dtype=kind) for one in values)
        wide, w, y = A.astype(float), v.astype(float), u.astype(float)
        for name, args, expected in (
            ("matvec_loop", (A, v), plain_product(wide, w)),
            ("matvec_broadcast", (A, v), plain_product(wide, w)),
            ("add_to_rows", (A, v), plain_rows(wide, w)),
            ("add_to_columns", (A, u), plain_columns(wide, y)),
            ("outer_sum", (v, u), plain_table(w, y)),
        ):
            got = getattr(work, name)(*(one.copy() for one in args))
            # float64 holds all of these exactly, whereas 2**24 + 1 is 2**24 in float32.
            assert_close(got, expected, rtol=1e-12, atol=0.0)
            assert_dtype(got, np.float64, what=f"{name} of {np.dtype(kind)}")
    A, x = np.array([[200, 3]], dtype=np.uint8), np.array([0.5, 0.25])
    for name in PRODUCTS:
        assert_close(getattr(work, name)(A, x), [100.75])


def test_inputs_stay_as_they_were() -> None:
    """Inputs stay as they were, also when they are views of another array."""
    base = numbers(80, 6, 8)
    for A in (base[:2, :3].copy(), base[::2, ::-2], base.T):
        v, u = numbers(81, A.shape[1]), numbers(82, A.shape[0])
        with unchanged(A=A, v=v, u=u, base=base):
            for name in (*PRODUCTS, "add_to_rows"):
                getattr(work, name)(A, v)
            work.add_to_columns(A, u)
            work.outer_sum(u, v)


def test_nothing_is_stretched_in_silence() -> None:
    """A vector of another shape raises ValueError, also one that NumPy would stretch."""
    A = np.ones((2, 3))
    for bad in (np.ones(1), np.ones(2), np.ones(4), np.array(1.0), np.ones((1, 3)), np.ones((3, 1)), np.ones((2, 1))):
        for name in (*PRODUCTS, "add_to_rows"):
            assert_raises(ValueError, getattr(work, name), A.copy(), bad)
    for bad in (np.ones(1), np.ones(3), np.array(1.0), np.ones((2, 1)), np.ones((1, 2)), np.ones((1, 3))):
        assert_raises(ValueError, work.add_to_columns, A.copy(), bad)
    for bad in (np.array(1.0), np.ones((2, 1)), np.ones((1, 2))):
        assert_raises(ValueError, work.outer_sum, bad, np.ones(2))
        assert_raises(ValueError, work.outer_sum, np.ones(2), bad)
