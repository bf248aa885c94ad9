"""Hidden test of p012_stable_softmax."""

import math

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_shape,
    edges,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("softmax")

INF = math.inf


def plain_log(scores: list[float]) -> list[float]:
    """Log-probabilities of one group, one number after the other, with exactly rounded sums."""
    top = max(scores)
    if top == -INF:
        return [-INF] * len(scores)
    log_total = math.log(math.fsum(math.exp(s - top) for s in scores))
    return [s - top - log_total for s in scores]


def plain_log_softmax(x: NDArray[np.floating], axis: int = -1) -> NDArray[np.float64]:
    groups = np.moveaxis(x.astype(np.float64), axis, -1)
    flat = [plain_log(group) for group in groups.reshape(-1, groups.shape[-1]).tolist()]
    return np.moveaxis(np.array(flat).reshape(groups.shape), -1, axis)


def plain_softmax(x: NDArray[np.floating], axis: int = -1) -> NDArray[np.float64]:
    return np.exp(plain_log_softmax(x, axis))


def test_scores_become_probabilities() -> None:
    """Each score's probability is its exponential's share of the sum; log_softmax is its natural logarithm."""
    x = np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 6.0]])
    expected = [[0.125, 0.25, 0.625], [0.25, 0.25, 0.5]]
    assert_close(work.softmax(x.copy()), expected)
    expected_log = np.log(expected)
    assert_close(work.log_softmax(x.copy()), expected_log)
    for stream, shape in enumerate([(1,), (7,), (2, 1), (3, 3), (127, 2), (2, 129)]):
        scores = rng(stream).normal(0.0, 4.0, shape)
        wanted = plain_softmax(scores)
        assert_close(work.softmax(scores.copy()), wanted)


def test_groups_sum_to_one() -> None:
    """Every group sums to 1, however many scores it has and however far apart they lie."""
    for stream, (shape, spread) in enumerate([((3, 4), 1.0), ((2, 1000), 0.01), ((50, 7), 30.0)]):
        x = rng(10 + stream).normal(0.0, spread, shape)
        got = as_array(work.softmax(x.copy()))
        assert_shape(got, shape)
        assert_close(got.sum(axis=-1), np.ones(shape[0]), rtol=1e-12, what="the sum of each group")


def test_huge_scores_do_not_overflow() -> None:
    """Scores of 1e4 and -1e4 give the right probabilities and logarithms, without a warning."""
    near = [[710.0, 709.0], [1e4, 1e4 - 1], [-1e4, -1e4 - 1], [1e4, 1e4 - 1, 1e4 - 2]]
    for values in (*near, [1e4, 0.0, -1e4], [1e30, -1e30]):
        x = np.array(values)
        expected = plain_softmax(x)
        with no_warnings():
            assert_close(work.softmax(x.copy()), expected)
    for values in near:
        x = np.array(values)
        expected = plain_log_softmax(x)
        with no_warnings():
            assert_close(work.log_softmax(x.copy()), expected)


def test_log_softmax_stays_exact() -> None:
    """Natural logarithms are right where the probability itself is too small for a float, without a warning."""
    cases = [np.array(v) for v in ([0.0, -1e4], [0.0, -743.0], [1e4, -1e4, 9999.0], [0.0, -800.0])]
    for x in (*cases, rng(30).normal(0.0, 1000.0, 128)):
        expected = plain_log_softmax(x)
        with no_warnings():
            assert_close(work.log_softmax(x.copy()), expected)


def test_each_group_has_its_own_maximum() -> None:
    """A row around 1e4 leaves a row around -1e4 its own right probabilities and logarithms."""
    x = np.array([[1e4, 1e4 + 1], [-1e4, -1e4 + 1]])
    expected, expected_log = plain_softmax(x), plain_log_softmax(x)
    with no_warnings():
        assert_close(work.softmax(x.copy()), expected)
        assert_close(work.log_softmax(x.copy()), expected_log)


def test_any_axis() -> None:
    """The groups lie along the axis that is asked for, counted from either end; by default it is the last."""
    for stream, shape in enumerate([(2, 2), (3, 3), (2, 3, 4), (1, 7, 1, 2)]):
        x = rng(20 + stream).normal(0.0, 3.0, shape)
        for axis in range(-len(shape), len(shape)):
            expected, expected_log = plain_softmax(x, axis), plain_log_softmax(x, axis)
            assert_close(work.softmax(x.copy(), axis=axis), expected)
            assert_close(work.log_softmax(x.copy(), axis=axis), expected_log)
        expected_log = plain_log_softmax(x)
        assert_close(work.log_softmax(x.copy()), expected_log)


def test_masked_entries() -> None:
    """A score of -inf gets probability exactly 0 and log-probability -inf, without a warning."""
    for x in (np.array([0.0, -INF]), np.array([[0.0, -INF, 0.0], [-INF, -INF, -1e4], [5.0, 5.0, -INF]])):
        masked = np.isneginf(x)
        expected, expected_log = plain_softmax(x), plain_log_softmax(x)
        with no_warnings():
            got = as_array(work.softmax(x.copy()))
            assert_close(got, expected)
            zero = np.all(got[masked] == 0)
            require(zero, "a masked entry must have probability exactly 0", got=got, expected=expected)
            assert_close(work.log_softmax(x.copy()), expected_log)


edges()


def test_groups_masked_throughout() -> None:
    """A group of -inf throughout gives zeros in softmax and -inf in log_softmax, without a warning."""
    for axis, x in ((-1, np.array([[-INF, -INF], [0.0, 0.0]])), (0, np.array([[1.0, -INF], [1.0, -INF]]))):
        expected, expected_log = plain_softmax(x, axis), plain_log_softmax(x, axis)
        with no_warnings():
            assert_close(work.softmax(x.copy(), axis=axis), expected)
            assert_close(work.log_softmax(x.copy(), axis=axis), expected_log)


def test_floats_keep_their_dtype() -> None:
    """float16, float32 and float64 keep their dtype in both functions, and large scores cost no digits."""
    for dtype, large in ((np.float16, -1e4), (np.float32, -1e4), (np.float64, -1e17)):
        for values in ([large, large], [1.1, 1.2]):
            x = np.array(values, dtype=dtype)
            expected, expected_log = plain_softmax(x), plain_log_softmax(x)
            for function, wanted in ((work.softmax, expected), (work.log_softmax, expected_log)):
                got = as_array(function(x.copy()))
                assert_close(got, wanted)
                assert_dtype(got, dtype, what=f"{function.__name__} of {np.dtype(dtype)}")


def test_long_float16_groups() -> None:
    """A float16 group of thousands still sums to 1: 5,000 equal scores get 1/5000 each."""
    x = np.zeros((5000, 2), dtype=np.float16)
    expected, expected_log = np.full(x.shape, 1 / 5000), np.full(x.shape, -math.log(5000))
    assert_close(work.softmax(x.copy(), axis=0), expected, rtol=1e-2, atol=0.0)
    assert_close(work.log_softmax(x.copy(), axis=0), expected_log, rtol=1e-2)


def test_integers_become_float64() -> None:
    """Integers of any type, signed or not, give the same as the float64 of the same values."""
    for dtype in (np.uint8, np.int8, np.int64):
        for values in ([3, 5], [100, 1, 99]):
            x = np.array(values, dtype=dtype)
            expected, expected_log = plain_softmax(x), plain_log_softmax(x)
            for function, wanted in ((work.softmax, expected), (work.log_softmax, expected_log)):
                got = as_array(function(x.copy()))
                assert_close(got, wanted)
                assert_dtype(got, np.float64, what=f"{function.__name__} of {np.dtype(dtype)}")


def test_input_stays_as_it_was() -> None:
    """x is left as it was, also when it is a view of another array or holds masks."""
    base = rng(40).normal(0.0, 5.0, (3, 8))
    base[2, 3] = -INF
    for x in (base.copy(), base[:, ::2], base[::-1, 1:4]):
        expected, expected_log = plain_softmax(x), plain_log_softmax(x)
        for function, wanted in ((work.softmax, expected), (work.log_softmax, expected_log)):
            with unchanged(x=x, base=base):
                got = function(x)
            assert_close(got, wanted)
