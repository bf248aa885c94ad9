"""Hidden test of p011_euclidean_vs_cosine."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_faster,
    assert_memory,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    fail,
    learner,
    no_warnings,
    require,
    rng,
    timing,
    unchanged,
)

work = learner("distances")

Table = NDArray[Any]
METRICS = ("euclidean", "cosine", "either", "neither")
REASONS = (
    "size_is_noise", "size_is_signal", "same_order", "triangle_inequality", "scale_first", "many_columns", "cheaper",
)  # fmt: skip
CHOICES = {
    "texts": ("cosine", "size_is_noise"),
    "shelves": ("euclidean", "size_is_signal"),
    "motors": ("euclidean", "size_is_signal"),
    "listeners": ("cosine", "size_is_noise"),
    "embeddings": ("either", "same_order"),
    "ball_tree": ("euclidean", "triangle_inequality"),
    "customers": ("neither", "scale_first"),
}
SHAPES = [(2, 2, 2), (1, 7, 3), (7, 1, 2), (3, 5, 129), (40, 33, 4)]


def one_cosine(a: list[float], b: list[float]) -> float:
    lengths = (math.hypot(*a), math.hypot(*b))
    if 0.0 in lengths:
        return 1.0
    return 1.0 - math.fsum(s / lengths[0] * (t / lengths[1]) for s, t in zip(a, b, strict=True))


def plain(one: Callable[[list[float], list[float]], float], x: Table, y: Table) -> NDArray[np.float64]:
    """One pair after the other, by the standard library."""
    others = y.astype(float).tolist()
    return np.array([[one(a, b) for b in others] for a in x.astype(float).tolist()])


def assert_euclidean(x: Table, y: Table) -> None:
    expected = plain(math.dist, x, y)
    assert_close(work.euclidean(x.copy(), y.copy()), expected, rtol=1e-6, atol=1e-6)


def assert_cosine(x: Table, y: Table) -> None:
    expected = plain(one_cosine, x, y)
    assert_close(work.cosine(x.copy(), y.copy()), expected, rtol=1e-6, atol=1e-6)


def test_euclidean_for_all_pairs() -> None:
    """1. euclidean returns the length of the difference for every row of x with every row of y."""
    assert_euclidean(np.array([[3.0, 4.0]]), np.array([[0.0, 1.0]]))
    assert_euclidean(np.array([[0.0]]), np.array([[5e-6]]))
    assert_euclidean(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 4.0], [3.0, 0.0], [-3.0, -4.0]]))
    for stream, (n, m, d) in enumerate(SHAPES):
        assert_euclidean(rng(stream).uniform(-2.0, 2.0, (n, d)), rng(50 + stream).uniform(-1.0, 2.0, (m, d)))


def test_cosine_for_all_pairs() -> None:
    """2. cosine returns 1 minus the cosine of the angle, a distance, for every row of x with every row of y."""
    assert_cosine(np.array([[3.0, 4.0]]), np.array([[0.0, 5.0]]))
    assert_cosine(np.array([[1.0, 0.0]]), np.array([[1.0, 0.003]]))  # 4.5e-6
    assert_cosine(np.array([[1.0, 0.0], [3.0, 4.0]]), np.array([[2.0, 0.0], [0.0, 5.0], [-6.0, -8.0]]))
    for stream, (n, m, d) in enumerate(SHAPES):
        assert_cosine(rng(stream).normal(0.0, 2.0, (n, d)), rng(50 + stream).normal(1.0, 2.0, (m, d)))


@timing
def test_faster_than_nested_loops() -> None:
    """7. All pairs together take at most a fifth of the time of two nested Python loops."""
    x, y = rng(140).normal(size=(60, 16)), rng(141).normal(size=(60, 16))

    def nested_euclidean() -> object:
        return [[np.sqrt(((a - b) ** 2).sum()) for b in y] for a in x]

    def nested_cosine() -> object:
        return [[1 - a @ b / (np.sqrt(a @ a) * np.sqrt(b @ b)) for b in y] for a in x]

    for function, nested in ((work.euclidean, nested_euclidean), (work.cosine, nested_cosine)):
        assert_shape(function(x, y), (60, 60))
        assert_faster(lambda f=function: f(x, y), nested, at_least=5)


def chosen(scenario: str) -> tuple[str, str]:
    got = work.choose_metric(scenario)
    assert_type(got, (tuple, list))
    if len(got) != 2 or not all(type(item) is str for item in got):
        fail("expected a pair of texts (metric, reason)", got=got)
    if got[0] not in METRICS or got[1] not in REASONS:
        fail("choose one of METRICS and a key of REASONS, spelled as there", got=got)
    return got[0], got[1]


def test_the_metric_fits_the_scenario() -> None:
    """9. choose_metric names the metric that fits each scenario."""
    for scenario, (metric, _) in CHOICES.items():
        given, reason = chosen(scenario)
        if given != metric:
            nudge = "write down vectors of it that should be close, and some that should be far, and try both metrics"
            fail(f"{scenario}: this metric does not fit; {nudge}", got=(given, reason))


def test_the_reason_decides() -> None:
    """9. choose_metric names, for each scenario, the reason that decides."""
    for scenario, (_, reason) in CHOICES.items():
        given = chosen(scenario)
        if given[1] != reason:
            nudge = "ask which reason, were it not so, would change the choice here"
            fail(f"{scenario}: this is not what decides; {nudge}", got=given)


edges()


def test_rounding_of_euclidean() -> None:
    """3. No Euclidean distance is negative or NaN, also between equal rows, and there is no warning."""
    for stream, (n, d) in enumerate([(2, 3), (60, 7), (129, 30)]):
        x = rng(100 + stream).uniform(-3.0, 3.0, (n, d))
        with no_warnings():
            got = as_array(work.euclidean(x.copy(), x.copy()))
        assert_shape(got, (n, n))
        require(np.all(got >= 0), "a distance is negative or NaN", got=got)


def test_rounding_of_cosine() -> None:
    """3. No cosine distance leaves the range from 0 to 2, not by a rounding error."""
    for stream, (n, d) in enumerate([(10, 2), (200, 3), (200, 5), (200, 7), (200, 30)]):
        x = rng(110 + stream).normal(0.0, 1.0, (n, d))
        for y in (x * 3.0, x * -0.7):
            got = as_array(work.cosine(x.copy(), y))
            assert_shape(got, (n, n))
            low, high = got.min(), got.max()
            require(bool(low >= 0.0), "a cosine distance is below 0", got=low)
            require(bool(high <= 2.0), f"a cosine distance is above 2, by {high - 2.0:.2g}", got=high)


def test_rows_of_zeros() -> None:
    """4. A row of zeros is at cosine distance 1 from every row, another row of zeros too, without a warning."""
    zero, one = np.array([[0.0, 0.0]]), np.array([[1.0, 1.0]])
    with no_warnings():
        for x, y in ((zero, one), (one, zero), (zero, zero), (np.vstack([zero, one]), np.vstack([one, zero]))):
            assert_cosine(x, y)
        assert_close(work.cosine(zero, zero), [[1.0]])  # x and y are one and the same array


def test_short_and_long_rows_have_a_direction() -> None:
    """5. Rows of length 1e-100 or 1e100 have the same cosine distances as their multiples."""
    x, y = np.array([[3.0, 4.0]]), np.array([[4.0, 3.0], [-3.0, -4.0]])
    for scale in (1e-9, 1e-40, 1e-100, 1e40, 1e100):
        assert_cosine(x * scale, y)
        assert_cosine(y, x * scale)
        assert_cosine(x * scale, y * scale)
    assert_cosine(np.vstack([x * 1e100, x * 1e-100]), y)
    assert_cosine(y, np.vstack([x * 1e-100, x * 1e100]))


def test_computed_in_float64() -> None:
    """6. Integers of any type, uint8 too, and float32 are computed in float64."""
    for dtype in (np.uint8, np.int64):
        assert_euclidean(np.array([[1, 20]], dtype=dtype), np.array([[2, 9]], dtype=dtype))
        assert_cosine(np.array([[1, 200]], dtype=dtype), np.array([[2, 100], [255, 1]], dtype=dtype))
    low = np.array([[-128, 0]], dtype=np.int8)  # 128 is no int8
    assert_euclidean(low, np.array([[-127, 1]], dtype=np.int8))
    assert_cosine(low, np.array([[1, 1]], dtype=np.int8))
    assert_euclidean(np.array([[30.0, 0.001]], dtype=np.float32), np.array([[29.999, 0.0]], dtype=np.float32))


def test_memory_grows_with_the_result() -> None:
    """7. 600 rows against 600 in 100 columns need at most 40 MB: no n x m x d intermediate."""
    x, y = rng(130).normal(size=(600, 100)), rng(131).normal(size=(600, 100))
    for function in (work.euclidean, work.cosine):
        got = as_array(assert_memory(lambda f=function: f(x, y), limit_mb=40))
        assert_shape(got, (600, 600))


def test_inputs_stay_as_they_were() -> None:
    """8. x and y are left as they were."""
    x, y = np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[1.0, 2.0]])
    for function in (work.euclidean, work.cosine):
        with unchanged(x=x, y=y):
            function(x, y)


def test_other_shapes_are_refused() -> None:
    """10. An x or y that is not two-dimensional, and different numbers of columns, raise ValueError."""
    good = np.ones((1, 2))
    for function in (work.euclidean, work.cosine):
        for bad in (np.ones(2), np.ones((2, 2, 2)), np.ones((3, 1)), np.ones((1, 3))):
            assert_raises(ValueError, function, good, bad)
            assert_raises(ValueError, function, bad, good)
