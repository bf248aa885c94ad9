"""Hidden test of p015_matmul_benchmark."""

import math
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
    assert_raises,
    calling,
    edges,
    fail,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("matmul")


def plain_product(a: NDArray[Any], b: NDArray[Any]) -> list[list[Any]]:
    """Entry after entry, in Python's own numbers."""
    rows, columns = a.tolist(), [b[:, j].tolist() for j in range(b.shape[1])]
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in rows]


class FakeClock:
    """A clock that moves only when a function of known cost is called."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.log: list[str] = []

    def __call__(self) -> float:
        self.log.append("clock")
        return self.now

    def costing(self, warm_up: float, costs: Sequence[float]) -> "Costing":
        return Costing(self, [warm_up, *costs])


class Costing:
    """A function whose calls take the given times, one after the other; more calls than those fail the check."""

    def __init__(self, clock: FakeClock, costs: Sequence[float]) -> None:
        self.clock, self.costs, self.calls = clock, list(costs), []

    def __call__(self, *args: Any) -> None:
        self.calls.append(args)
        self.clock.log.append("warm-up" if len(self.calls) == 1 else "call")
        if len(self.calls) > len(self.costs):
            fail(f"a function was called more than {len(self.costs)} times: once untimed, {len(self.costs) - 1} timed")
        self.clock.now += self.costs[len(self.calls) - 1]


def figures(got: object) -> tuple[float, float, float]:
    """first_s, second_s and speedup of a Comparison."""
    values = []
    for name in ("first_s", "second_s", "speedup"):
        value = getattr(got, name, None)
        if not isinstance(value, int | float | np.floating) or isinstance(value, bool):
            fail(f"expected a Comparison whose {name} is a number", got=got)
        values.append(float(value))
    return values[0], values[1], values[2]


def race(first: Sequence[float], second: Sequence[float], warm_up: float = 0.5) -> tuple[float, float, float]:
    """What compare_speed says of two functions whose timed calls take these times."""
    clock = FakeClock()
    one, other = clock.costing(warm_up, first), clock.costing(warm_up, second)
    shown = f"compare_speed(f, g, (), repeats={len(first)}, clock); f takes {list(first)} s, g takes {list(second)} s"
    with calling(shown):
        return figures(work.compare_speed(one, other, (), len(first), clock))


def neighbours(log: Sequence[str], event: str) -> list[tuple[str, str]]:
    """What stands before and after each such event."""
    framed = ["start", *log, "end"]
    return [(framed[i - 1], framed[i + 1]) for i in range(1, len(framed) - 1) if framed[i] == event]


def assert_figures(got: tuple[float, float, float], expected: tuple[float, float, float]) -> None:
    for name, value, wanted in zip(("first_s", "second_s", "speedup"), got, expected, strict=True):
        assert_close(value, wanted, rtol=1e-6, what=name)


def test_product_of_two_matrices() -> None:
    """1. Entry [i, j] is the sum of row i of a times column j of b, for matrices of any shapes that fit."""
    a, b = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]]), np.array([[1.0, 0.0], [2.0, 4.0], [-1.0, 2.0]])
    expected = plain_product(a, b)
    assert_close(work.matmul(a.copy(), b.copy()), expected)
    for stream, (n, k, m) in enumerate([(1, 1, 1), (2, 2, 2), (1, 7, 1), (7, 1, 7), (3, 2, 5), (5, 3, 2), (17, 9, 23)]):
        a, b = rng(stream).normal(size=(n, k)), rng(20 + stream).normal(size=(k, m))
        expected = plain_product(a, b)
        assert_close(work.matmul(a.copy(), b.copy()), expected, rtol=1e-9, atol=1e-12)


def test_integers_stay_exact() -> None:
    """2. Integers of any type return int64, without wrapping around or losing a digit."""
    kinds = [(np.uint8, np.uint8), (np.int64, np.uint8), (np.int16, np.int32), (np.uint16, np.int16)]
    # NumPy's own common type of these two would be float64.
    kinds += [(np.uint64, np.int64), (np.int8, np.uint64)]
    b = np.array([[100, 1], [50, 100]])
    for one, other in kinds:
        a = np.array([[100, 3], [120, 100]] if one is np.int8 else [[200, 3], [255, 100]])
        expected = plain_product(a, b)
        got = as_array(work.matmul(a.astype(one), b.astype(other)))
        assert_close(got, expected)
        assert_dtype(got, np.int64)
    large, unit = np.array([[2**53 + 1]]), np.array([[1]])  # as a float64 it is 2**53
    for one, other in ((np.int64, np.int64), (np.uint64, np.int64), (np.int64, np.uint64)):
        assert_equal(as_array(work.matmul(large.astype(one), unit.astype(other))), [[2**53 + 1]])
        assert_equal(as_array(work.matmul(unit.astype(one), large.astype(other))), [[2**53 + 1]])
    assert_equal(as_array(work.matmul(np.array([[2**53 + 1, -(2**53)]]), np.array([[1], [0]]))), [[2**53 + 1]])


def test_floats_keep_their_digits() -> None:
    """3. Where either matrix holds floats, the result is computed in float64, with all that stands after the point."""
    floats, integers = np.array([[0.5, 0.25], [1.75, -0.5]]), np.array([[1, 2], [3, 200]])
    large = np.array([[16777216.0, 1.0]], np.float32)  # beside 2**24, float32 loses the 1
    for a, b in (
        (integers, floats),
        (floats, integers),
        (floats.astype(np.float32), integers.astype(np.uint8)),
        (large, np.ones((2, 1), np.float32)),
        (rng(40).normal(size=(3, 129)).astype(np.float32), rng(41).normal(size=(129, 2)).astype(np.float32)),
    ):
        expected = plain_product(a, b)
        got = as_array(work.matmul(a.copy(), b.copy()))
        assert_close(got, expected, rtol=1e-12)
        assert_dtype(got, np.float64)


def test_a_reading_before_and_after_each_call() -> None:
    """6. Each timed call lies between two readings of the clock that are its own."""
    for repeats in (1, 2, 3):
        clock = FakeClock()
        one, other = clock.costing(1.0, [0.1] * repeats), clock.costing(1.0, [0.2] * repeats)
        shown = f"compare_speed(f, g, (), repeats={repeats}, clock)"
        with calling(shown):
            work.compare_speed(one, other, (), repeats, clock)
        # Readings around a warm-up do no harm: its time may be taken and thrown away.
        log = ", ".join(clock.log)
        own = all(before == after == "clock" for before, after in neighbours(clock.log, "call"))
        shared = "call, clock, call" in log
        wanted = ", ".join(["clock", "call", "clock"] * 2)
        message = "the clock is to be read once before and once after each timed call of f and of g"
        require(own and not shared, message, got=Shown(log), expected=Shown(f"{wanted}, ..."), call=shown)


def test_one_untimed_call_first() -> None:
    """5. The first call of each function is not counted, however long, and exactly `repeats` timed ones follow."""
    slower = max(race([0.25], [0.5], warm_up=1e6)[:2])
    require(slower < 1000, "the first call was counted, which took 1,000,000 s", got=slower, expected=0.5)
    for repeats in (1, 2, 7):
        clock = FakeClock()
        one, other = clock.costing(9.0, [0.1] * repeats), clock.costing(9.0, [0.2] * repeats)
        with calling(f"compare_speed(f, g, (), repeats={repeats}, clock)"):
            figures(work.compare_speed(one, other, (), repeats, clock))
            for function in (one, other):
                n_calls = len(function.calls)
                wanted = f"expected {repeats + 1}: one untimed, then {repeats}"
                require(n_calls == repeats + 1, f"a function was called {n_calls} times, {wanted}")


def test_arguments_are_handed_on() -> None:
    """5. Both functions get the arguments in their order at every call; 5 repeats are the default."""
    clock = FakeClock()
    one, other = clock.costing(1.0, [0.1] * 5), clock.costing(1.0, [0.2] * 5)
    args = ("left", 2, None)
    with calling('compare_speed(f, g, ("left", 2, None), clock=clock)'):
        work.compare_speed(one, other, args, clock=clock)
        for function in (one, other):
            assert_equal(function.calls, [args] * 6, what="the arguments of the six calls")


def test_median_of_the_calls() -> None:
    """7. Each figure is the median of the timed calls, and speedup is first_s / second_s."""
    assert_figures(race([2.0, 2.0, 2.0], [0.5, 0.5, 0.5]), (2.0, 0.5, 4.0))
    assert_figures(race([3.0, 90.0, 1.0, 4.0, 2.0], [6.0, 0.1, 7.0, 60.0, 8.0]), (3.0, 7.0, 3.0 / 7.0))
    assert_figures(race([4.0, 1.0, 50.0, 2.0], [9.0, 1.0, 1.0, 2.0]), (3.0, 1.5, 2.0))


def test_the_real_clock() -> None:
    """6. By default real seconds are measured, also while a function only waits."""
    start = time.perf_counter()
    with calling("compare_speed(f, g, (), repeats=1), f sleeps 0.04 s, g 0.01 s"):
        first_s, second_s, _ = figures(work.compare_speed(lambda: time.sleep(0.04), lambda: time.sleep(0.01), (), 1))
        elapsed = time.perf_counter() - start
        for name, got, slept in (("first_s", first_s, 0.04), ("second_s", second_s, 0.01)):
            require(0.9 * slept <= got <= elapsed, f"{name} is not the time that was slept", got=got, expected=slept)


edges()


def test_inputs_stay_as_they_were() -> None:
    """4. a and b are left as they were, also when they are views of another array, or the same one."""
    row, column = np.array([[2, 3]]), np.array([[4], [5]])
    # Already of the type of the result, so that a cast need not copy.
    for kind in (np.float64, np.int64):
        for a, b in ((row.astype(kind), column.astype(kind)), (column.astype(kind), row.astype(kind))):
            with unchanged(a=a, b=b):
                work.matmul(a, b)
    base = rng(50).normal(size=(6, 8))
    square = base[:6, :6]
    for a, b in ((base.copy(), base.T.copy()), (base[::2, ::-2], base[:4, 1:]), (base.T, base), (square, square)):
        expected = plain_product(a, b)
        with unchanged(a=a, b=b, base=base):
            got = work.matmul(a, b)
        assert_close(got, expected)


def test_shapes_that_do_not_fit() -> None:
    """9. Inner sizes that differ raise ValueError, also where one of them is 1."""
    for one, other in [((2, 3), (2, 3)), ((2, 3), (2, 2)), ((3, 1), (3, 1)), ((1, 2), (1, 5)), ((2, 3), (4, 2))]:
        assert_raises(ValueError, work.matmul, np.ones(one), np.ones(other))


def test_other_dimensions_are_refused() -> None:
    """9. An a or b that is not two-dimensional raises ValueError."""
    good = np.ones((2, 2))
    for bad in (np.ones(2), np.ones((2, 2, 2))):
        assert_raises(ValueError, work.matmul, bad, good)
        assert_raises(ValueError, work.matmul, good, bad)


def test_no_time_at_all() -> None:
    """8. Where the second function takes 0 s by the clock, speedup is infinite, whatever the first takes."""
    assert_figures(race([2.0], [0.0]), (2.0, 0.0, math.inf))
    assert_figures(race([0.0], [0.0]), (0.0, 0.0, math.inf))


def test_repeats_below_one() -> None:
    """10. repeats below 1 raises ValueError, before anything is called."""
    for repeats in (0, -1):
        clock = FakeClock()
        function = clock.costing(1.0, [1.0] * 10)
        call = f"compare_speed(f, f, (), repeats={repeats}, clock)"
        assert_raises(ValueError, work.compare_speed, function, function, (), repeats, clock, call=call)
        require(not function.calls, "the function was called all the same", call=call)
