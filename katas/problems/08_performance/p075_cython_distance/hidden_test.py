"""Hidden test of p075_cython_distance."""

import math
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_faster,
    assert_memory,
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    learner_module,
    require,
    rng,
    timing,
    todo,
)

work = learner("cython_distance")
Array = NDArray[np.float64]


def reference(a: Array, b: Array, p: float = 2.0) -> Array:
    """Row by row, so that the oracle needs no (n, m, d) array either."""
    rows = [(np.abs(row - b) ** p).sum(axis=1) ** (1 / p) for row in a]
    return np.array(rows).reshape(len(a), len(b))


def in_plain_python(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    out = []
    for x in a:
        row = []
        for y in b:
            total = 0.0
            for k in range(len(x)):
                difference = x[k] - y[k]
                total += difference * difference
            row.append(math.sqrt(total))
        out.append(row)
    return out


def called(*args: object) -> Any:
    """Call the learner's function; compiled code leaves no Python frame, so what it raises is put in words here."""
    try:
        return work.pairwise(*args)
    except NotImplementedError:
        todo("pairwise is not written yet")
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [f.lineno for f in frames if f.filename.endswith("cython_distance.pyx")]
        where = f" (cython_distance.pyx line {lines[-1]})" if lines else ""
        fail(f"pairwise raised {type(error).__name__}: {error}{where}")


def refused(errors: type[Exception] | tuple[type[Exception], ...], *args: object) -> None:
    """The call raises one of `errors`; a function that is not written yet has refused nothing."""

    def call() -> object:
        try:
            return work.pairwise(*args)
        except NotImplementedError:
            todo("pairwise is not written yet")

    assert_raises(errors, call)


def test_euclidean_distances_agree_with_numpy() -> None:
    """The Euclidean distances agree with NumPy's, for any numbers of rows and features."""
    for n, m, d in [(1, 1, 1), (1, 1, 2), (2, 7, 3), (7, 2, 1), (3, 5, 127), (128, 129, 2), (1, 40, 8)]:
        a, b = rng(1).normal(size=(n, d)), rng(2).normal(size=(m, d))
        expected = reference(a, b)
        got = as_array(called(a, b))
        assert_close(got, expected)
        require(
            bool(np.allclose(got, expected, rtol=1e-12, atol=0.0)),
            "the distances are right to about 7 digits only; is every sum a double?",
            got=Shown(f"{float(got[0, 0])!r} at [0, 0]"),
            expected=Shown(f"{float(expected[0, 0])!r} at [0, 0]"),
        )


def test_the_result_is_a_new_float64_array() -> None:
    """The result is a NumPy array of float64, a new one at each call."""
    a, b = rng(7).normal(size=(3, 2)), rng(8).normal(size=(4, 2))
    expected = reference(a, b)
    first = called(a, b)
    assert_close(first, expected)
    assert_type(first, np.ndarray)
    assert_dtype(first, np.float64)
    called(a + 1.0, b)
    assert_close(first, expected, what="the first result, after a second call of the same shapes,")


def test_the_order_is_a_real_number() -> None:
    """Any real order p from 1 on counts as it is: 1, 1.1, 1.5, 2.0005, 3."""
    small, other = np.array([[0.0, 3.0]]), np.array([[4.0, 0.0]])
    a, b = rng(3).normal(size=(7, 5)), rng(4).normal(size=(4, 5))
    for one, two in ((small, other), (a, b)):
        for p in (1.0, 3, 1.5, 2.5, 2.0005, 2.00001, 1.00001):
            expected = reference(one, two, p)
            assert_close(called(one, two, p), expected, rtol=1e-11, atol=0.0)
    # As a C float of 32 bits, 1.1 would be 1.1000000238.
    expected = np.array([[50 ** (1 / 1.1)]])
    got = as_array(called(np.zeros((1, 50)), np.ones((1, 50)), 1.1))
    assert_close(got, expected)
    require(
        bool(np.allclose(got, expected, rtol=1e-12, atol=0.0)),
        "the distance is right to 7 digits only; is p a double, and everything computed from it?",
        got=Shown(str(got[0, 0])),
        expected=Shown(str(expected[0, 0])),
    )


@timing
def test_much_faster_than_python() -> None:
    """Euclidean distances are at least 10 times as fast as by loops over lists: 60 by 60 rows, 32 features."""
    a, b = rng(19).normal(size=(60, 32)), rng(20).normal(size=(60, 32))
    expected, as_lists = reference(a, b), (a.tolist(), b.tolist())
    assert_close(called(a, b), expected)
    bare = learner_module("cython_distance").pairwise  # noting how it was called would be timed too
    assert_faster(lambda: bare(a, b), lambda: in_plain_python(*as_lists), at_least=10)


@timing
def test_other_threads_run_meanwhile() -> None:
    """Another Python thread gets on with its work while distances of any order are computed: the GIL is released."""
    for p in (2.0, 1.0, 2.5):
        a = rows_for(0.12, p)
        require_pauses_are_short(a, p)


def require_pauses_are_short(a: Array, p: float) -> None:
    pause = total = 0.0
    for _ in range(3):
        pause, total = longest_pause(lambda: called(a, a, p))
        if pause < total / 2:
            return
    fail(
        f"the other thread stood still while the distances were computed, at p={p:g}",
        got=Shown(f"a pause of {pause * 1e3:.0f} ms within {total * 1e3:.0f} ms"),
        expected=Shown("pauses of a few milliseconds"),
    )


def rows_for(seconds: float, p: float) -> Array:
    """As many rows as keep the learner's function busy for about so long, however fast it is."""
    trial = rng(21).normal(size=(150, 64))
    start = time.perf_counter()
    as_array(called(trial, trial, p))
    took = max(time.perf_counter() - start, 1e-4)
    n = int(150 * math.sqrt(seconds / took))
    return rng(22).normal(size=(min(max(n, 150), 4000), 64))


def longest_pause(call: Callable[[], object]) -> tuple[float, float]:
    """The longest time this thread could not move while another one ran `call`, and the time `call` took."""
    took: list[float] = []
    faults: list[BaseException] = []

    def run() -> None:
        start = time.perf_counter()
        try:
            call()
        except BaseException as error:
            faults.append(error)
        took.append(time.perf_counter() - start)

    thread = threading.Thread(target=run, daemon=True)
    pause, last = 0.0, time.perf_counter()
    thread.start()
    while thread.is_alive():
        time.sleep(0.001)
        now = time.perf_counter()
        pause, last = max(pause, now - last), now
    if faults:
        raise faults[0]
    return pause, took[0]


def test_any_strides() -> None:
    """Transposes, every second row or column, and reversed views give the same distances as their copies."""
    base = rng(9).normal(size=(14, 10))
    b = rng(10).normal(size=(5, 10))
    views = {
        "every second row": (base[::2], b),
        "every second column": (base[:, ::2], b[:, 1::2]),
        "a transpose": (np.asfortranarray(base), b.T.copy().T),
        "reversed": (base[::-1, ::-1], b),
    }
    for name, (one, other) in views.items():
        expected = reference(one.copy(), other.copy())
        with calling(f"pairwise(a, b) on {name}"):
            assert_close(called(one, other), expected, what=f"pairwise on {name}")


def test_read_only_arrays() -> None:
    """Read-only arrays are accepted."""
    a, b = rng(11).normal(size=(4, 3)), rng(12).normal(size=(2, 3))
    expected = reference(a, b)
    a.flags.writeable = b.flags.writeable = False
    assert_close(called(a, b), expected)


def test_only_the_result_is_allocated() -> None:
    """Only the result grows: 7 kB for 30 by 30 rows with 400 features, whatever their strides."""
    a, b = rng(17).normal(size=(30, 400)), rng(18).normal(size=(30, 400))
    expected = reference(a, b)
    transposed, every_second = np.asfortranarray(a), np.repeat(b, 2, axis=1)[:, ::2]
    for what, one, other in (
        ("", a, b),
        (" on a transpose", transposed, b),
        (" on every second column", a, every_second),
    ):
        got = assert_memory(lambda x=one, y=other: called(x, y), limit_mb=0.05, what=f"pairwise{what}")
        assert_close(got, expected)


def test_close_points_far_from_the_origin() -> None:
    """Points a millimetre apart keep their distance when they lie a thousand kilometres from the origin."""
    one, other = np.array([[1e6]]), np.array([[1e6 + 0.001]])
    gap = other - one
    assert_close(called(one, other), gap, rtol=1e-7, atol=0.0)
    a = 1e6 + rng(5).uniform(-1, 1, (6, 3)) * 1e-3
    b = 1e6 + rng(6).uniform(-1, 1, (5, 3)) * 1e-3
    expected = reference(a, b)
    assert_close(called(a, b), expected, rtol=1e-7, atol=0.0)


edges()


def test_empty_arrays() -> None:
    """Without rows the result is empty, of shape (0, m) or (n, 0); without features every distance is 0."""
    for n, m, d in [(0, 3, 2), (3, 0, 2), (0, 0, 2), (2, 3, 0)]:
        for p in (2.0, 3.0):
            assert_close(called(np.empty((n, d)), np.empty((m, d)), p), np.zeros((n, m)))


def test_nothing_is_converted() -> None:
    """Another dtype, another number of axes, a list or None raises TypeError or ValueError."""
    good = rng(13).normal(size=(3, 2))
    others = [good.astype(t) for t in (np.float32, np.int64, np.complex128, object)]
    for bad in [*others, good[0], good[None], good.tolist(), None]:
        refused((TypeError, ValueError), bad, good)
        refused((TypeError, ValueError), good, bad)
    # Two absent arrays have the same number of features, so that no comparison of shapes refuses them.
    refused((TypeError, ValueError), None, None)


def test_different_numbers_of_features() -> None:
    """A different number of features in a and b raises ValueError."""
    for d_a, d_b in [(2, 3), (3, 2), (1, 2), (0, 1)]:
        a, b = rng(14).normal(size=(4, d_a)), rng(15).normal(size=(4, d_b))
        refused(ValueError, a, b)


def test_impossible_orders() -> None:
    """An order p below 1, infinite or NaN raises ValueError."""
    a = rng(16).normal(size=(2, 2))
    for p in (0.99, 0.99999999, 0.0, -2.0, math.inf, math.nan):
        refused(ValueError, a, a, p)
