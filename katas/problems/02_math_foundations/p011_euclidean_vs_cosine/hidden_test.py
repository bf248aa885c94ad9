"""Hidden test of p011_euclidean_vs_cosine."""

import math
import re

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_faster,
    assert_memory,
    assert_raises,
    assert_shape,
    assert_type,
    fail,
    learner,
    no_warnings,
    require,
    rng,
    timing,
    unchanged,
)

work = learner("distances")

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
SHAPES = [(1, 1, 1), (2, 2, 2), (1, 7, 3), (7, 1, 2), (3, 5, 129), (40, 33, 4)]


def plain_euclidean(x: NDArray, y: NDArray) -> NDArray[np.float64]:
    """One pair after the other, by the standard library."""
    rows, others = x.astype(float).tolist(), y.astype(float).tolist()
    return np.array([[math.dist(a, b) for b in others] for a in rows]).reshape(len(x), len(y))


def plain_cosine(x: NDArray, y: NDArray) -> NDArray[np.float64]:
    rows, others = x.astype(float).tolist(), y.astype(float).tolist()
    return np.array([[_one_cosine(a, b) for b in others] for a in rows]).reshape(len(x), len(y))


def _one_cosine(a: list[float], b: list[float]) -> float:
    lengths = math.hypot(*a) * math.hypot(*b)
    return 1.0 - math.fsum(s * t for s, t in zip(a, b, strict=True)) / lengths if lengths else 1.0


def test_euclidean_for_all_pairs() -> None:
    """euclidean gives the length of the difference for every row of x with every row of y."""
    x, y = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 4.0], [3.0, 0.0], [-3.0, -4.0]])
    expected = plain_euclidean(x, y)
    assert_close(work.euclidean(x.copy(), y.copy()), expected, atol=1e-6)
    for stream, (n, m, d) in enumerate(SHAPES):
        x, y = rng(stream).normal(0.0, 2.0, (n, d)), rng(50 + stream).normal(1.0, 2.0, (m, d))
        expected = plain_euclidean(x, y)
        assert_close(work.euclidean(x.copy(), y.copy()), expected, rtol=1e-6, atol=1e-6)


def test_cosine_for_all_pairs() -> None:
    """cosine gives 1 minus the cosine of the angle, a distance, for every row of x with every row of y."""
    x, y = np.array([[1.0, 0.0], [3.0, 4.0]]), np.array([[2.0, 0.0], [0.0, 5.0], [-6.0, -8.0]])
    expected = plain_cosine(x, y)
    assert_close(work.cosine(x.copy(), y.copy()), expected, atol=1e-6)
    for stream, (n, m, d) in enumerate(SHAPES):
        x, y = rng(stream).normal(0.0, 2.0, (n, d)), rng(50 + stream).normal(1.0, 2.0, (m, d))
        expected = plain_cosine(x, y)
        assert_close(work.cosine(x.copy(), y.copy()), expected, rtol=1e-6, atol=1e-6)


def test_equal_rows_are_at_distance_zero() -> None:
    """Equal rows are at Euclidean distance 0 up to rounding: never NaN, never a warning."""
    for stream, (n, d) in enumerate([(2, 3), (60, 7), (129, 30)]):
        x = rng(100 + stream).uniform(-3.0, 3.0, (n, d))
        expected = plain_euclidean(x, x)
        with no_warnings():
            got = as_array(work.euclidean(x.copy(), x.copy()))
        assert_close(got, expected, rtol=1e-6, atol=1e-6)
        require(np.all(got >= 0), "a distance is negative or NaN", got=got)


def test_cosine_stays_between_0_and_2() -> None:
    """No cosine distance leaves the range from 0 to 2, not by a rounding error."""
    for stream, d in enumerate([2, 3, 5, 7, 30]):
        x = rng(110 + stream).normal(0.0, 1.0, (200, d))
        for y in (x * 3.0, x * -0.7):
            got = as_array(work.cosine(x.copy(), y))
            assert_shape(got, (200, 200))
            low, high = got.min(), got.max()
            require(bool(low >= 0.0), "a cosine distance is below 0", got=low)
            require(bool(high <= 2.0), f"a cosine distance is above 2, by {high - 2.0:.2g}", got=high)


def test_rows_of_zeros() -> None:
    """A row of zeros is at cosine distance 1 from every row, another row of zeros too, without a warning."""
    x, y = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 0.0], [2.0, 2.0], [-1.0, 0.0]])
    expected = plain_cosine(x, y)
    expected_lengths = plain_euclidean(x, y)
    with no_warnings():
        assert_close(work.cosine(x.copy(), y.copy()), expected, atol=1e-6)
        assert_close(work.euclidean(x.copy(), y.copy()), expected_lengths, atol=1e-6)


def test_short_rows_have_a_direction() -> None:
    """Rows of tiny numbers (1e-9) get the same cosine distances as their multiples."""
    x, y = np.array([[3.0, 4.0], [1.0, -1.0]]), np.array([[4.0, 3.0], [-3.0, -4.0]])
    expected = plain_cosine(x, y)
    for scale in (1e-9, 1e-5, 1e5):
        assert_close(work.cosine(x * scale, y * scale), expected, atol=1e-6)
        assert_close(work.cosine(x * scale, y.copy()), expected, atol=1e-6)


def test_integers_count_with_their_true_values() -> None:
    """Integers of any type, uint8 too, neither wrap around nor cut the result to whole numbers."""
    values, others = [[1, 200], [2, 7], [0, 0]], [[2, 100], [255, 1]]
    for dtype in (np.uint8, np.int16, np.int64):
        x, y = np.array(values, dtype=dtype), np.array(others, dtype=dtype)
        for function, plain in ((work.euclidean, plain_euclidean), (work.cosine, plain_cosine)):
            expected = plain(x, y)
            got = as_array(function(x.copy(), y.copy()))
            assert_dtype(got, "floating")
            assert_close(got, expected, rtol=1e-6, atol=1e-6)


def test_inputs_stay_as_they_were() -> None:
    """x and y are left as they were, also when they are views of another array."""
    base = rng(120).normal(0.0, 2.0, (12, 8))
    base[4] = 0.0
    for x, y in ((base.copy(), base[:3].copy()), (base[::2, ::-2], base[1:4, :4]), (base.T, base[::-1, :5].T)):
        for function, plain in ((work.euclidean, plain_euclidean), (work.cosine, plain_cosine)):
            expected = plain(x, y)
            with unchanged(x=x, y=y, base=base):
                got = function(x, y)
            assert_close(got, expected, rtol=1e-6, atol=1e-6)


def test_no_rows_and_bad_shapes() -> None:
    """No rows give an empty result of the right shape; a wrong shape raises ValueError that names the argument."""
    good = np.ones((2, 3))
    for function in (work.euclidean, work.cosine):
        assert_shape(function(np.zeros((0, 3)), good), (0, 2))
        assert_shape(function(good, np.zeros((0, 3))), (2, 0))
        for bad in (np.ones(3), np.ones((1, 2, 3)), np.array(1.0)):
            for name, args in (("x", (bad, good)), ("y", (good, bad))):
                error = assert_raises(ValueError, function, *args)
                if not re.search(rf"\b{name}\b", str(error)):
                    fail(f"the message of the ValueError does not name {name}", got=str(error))
        assert_raises(ValueError, function, good, np.ones((2, 2)))
        assert_raises(ValueError, function, good, np.ones((4, 1)))


def test_memory_grows_with_the_result() -> None:
    """600 rows against 600 in 100 columns stay within 40 MB: no n x m x d intermediate."""
    x, y = rng(130).normal(size=(600, 100)), rng(131).normal(size=(600, 100))
    for function, plain in ((work.euclidean, plain_euclidean), (work.cosine, plain_cosine)):
        expected = plain(x[:3], y[:3])
        got = as_array(assert_memory(lambda f=function: f(x, y), limit_mb=40))
        assert_shape(got, (600, 600))
        assert_close(got[:3, :3], expected, rtol=1e-6)


@timing
def test_faster_than_nested_loops() -> None:
    """All pairs together take at most a fifth of the time of two nested Python loops."""
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
    """choose_metric names the metric that fits each scenario."""
    for scenario, (metric, _) in CHOICES.items():
        given, reason = chosen(scenario)
        if given != metric:
            nudge = "write down vectors of it that should be close, and some that should be far, and try both metrics"
            fail(f"{scenario}: this metric does not fit; {nudge}", got=(given, reason))


def test_the_reason_decides() -> None:
    """choose_metric gives, for each scenario, the reason that decides."""
    for scenario, (_, reason) in CHOICES.items():
        given = chosen(scenario)
        if given[1] != reason:
            nudge = "ask which reason, were it not so, would change the choice here"
            fail(f"{scenario}: this is not what decides; {nudge}", got=given)


def test_unknown_scenarios_are_refused() -> None:
    """A name that is no scenario raises ValueError."""
    for name in ("", "Texts", "distance"):
        assert_raises(ValueError, work.choose_metric, name)
