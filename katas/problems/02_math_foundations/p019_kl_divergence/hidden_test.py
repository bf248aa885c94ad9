"""Hidden test of p019_kl_divergence."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import assert_close, assert_raises, edges, learner, no_warnings, rng, unchanged

work = learner("kl_divergence")

Floats = NDArray[np.float64]


def plain_kl(p: list[float], q: list[float]) -> float:
    """One pair of probabilities after the other, by the standard library."""
    terms = [
        0.0 if a == 0 else math.inf if b == 0 else a * (math.log(a) - math.log(b))
        for a, b in zip(p, q, strict=True)
    ]  # fmt: skip
    return max(sum(terms), 0.0)


def plain(p: NDArray[Any], q: NDArray[Any], axis: int = -1) -> Floats:
    """All pairs of distributions along the axis of the broadcast shape."""
    p, q = np.broadcast_arrays(p.astype(float), q.astype(float))
    p, q = np.moveaxis(p, axis, -1), np.moveaxis(q, axis, -1)
    k = p.shape[-1]
    pairs = zip(p.reshape(-1, k).tolist(), q.reshape(-1, k).tolist(), strict=True)
    return np.array([plain_kl(a, b) for a, b in pairs]).reshape(p.shape[:-1])


def distributions(stream: int, shape: tuple[int, ...], axis: int = -1) -> Floats:
    weights = rng(stream).uniform(0.01, 1.0, shape) ** 3
    return weights / weights.sum(axis=axis, keepdims=True)


def assert_kl(p: NDArray[Any], q: NDArray[Any], *, atol: float = 1e-12, **options: int) -> None:
    expected = plain(p, q, **options)
    assert_close(work.kl_divergence(p.copy(), q.copy(), **options), expected, rtol=1e-9, atol=atol)


def test_two_distributions() -> None:
    """1. KL(p ‖ q) is the sum of p · log(p / q), with p in front and the natural logarithm: one number."""
    assert_kl(np.array([1.0]), np.array([1.0]))
    assert_kl(np.array([0.9, 0.1]), np.array([0.5, 0.5]))
    assert_kl(np.array([0.5, 0.5]), np.array([0.9, 0.1]))
    assert_kl(np.array([0.5001, 0.4999]), np.array([0.5, 0.5]))
    for stream, k in enumerate([3, 128, 1000]):
        assert_kl(distributions(stream, (k,)), distributions(20 + stream, (k,)))


def test_any_axis() -> None:
    """2. One number for each distribution along the axis that is asked for; by default it is the last."""
    assert_kl(np.array([[0.5, 0.5], [0.9, 0.1]]), np.array([[0.9, 0.1], [0.5, 0.5]]))
    assert_kl(np.array([[0.5, 0.9], [0.5, 0.1]]), np.array([[0.9, 0.5], [0.1, 0.5]]), axis=0)
    for stream, shape in enumerate([(3, 3), (2, 5), (5, 1), (2, 3, 4)]):
        for axis in range(-len(shape), len(shape)):
            assert_kl(distributions(40 + stream, shape, axis), distributions(60 + stream, shape, axis), axis=axis)


def test_terms_where_p_is_zero() -> None:
    """3. A term with p = 0 counts 0, whether q is 0 there or not, without a warning."""
    for p, q in (([0.0, 1.0], [0.5, 0.5]), ([0.0, 1.0], [0.0, 1.0]), ([0.0, 0.5, 0.5], [0.0, 0.25, 0.75])):
        with no_warnings():
            assert_kl(np.array(p), np.array(q))


def test_impossible_under_q() -> None:
    """4. Where q is 0 and p is not, that distribution, and no other, has the result inf, without a warning."""
    with no_warnings():
        assert_kl(np.array([0.5, 0.5]), np.array([1.0, 0.0]))
        assert_kl(np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([[1.0, 0.0], [0.25, 0.75]]))
        assert_kl(np.array([1e-9, 1.0 - 1e-9]), np.array([0.0, 1.0]))


def test_one_against_a_batch() -> None:
    """5. A single distribution (k,), as p or as q, is compared with each one of a batch."""
    batch, one = np.array([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]]), np.array([0.25, 0.75])
    assert_kl(batch, one)
    assert_kl(one, batch)


edges()


def test_small_probabilities_count() -> None:
    """6. Nothing is added or clipped: probabilities of 1e-13 and 1e-30 count as they are."""
    for small in (1e-9, 1e-13, 1e-30):
        one, half = np.array([small, 1.0 - small]), np.array([0.5, 0.5])
        assert_kl(half, one)
        assert_kl(one, np.array([0.0, 1.0]))
        assert_kl(one, np.array([1e-40, 1.0]), atol=0.0)


def test_never_below_zero() -> None:
    """7. No result is below 0: what rounding leaves there is 0."""
    assert_close(work.kl_divergence(np.array([0.49999, 0.5]), np.array([0.5, 0.5])), 0.0, atol=0.0)
    p = distributions(130, (200, 7))
    q = p * (1.0 + 1e-9 * rng(131).normal(size=p.shape))
    q /= q.sum(axis=1, keepdims=True)
    expected = np.zeros(200)
    got = work.kl_divergence(p.copy(), q.copy())
    assert_close(np.minimum(got, 0.0), expected, atol=0.0, what="the part of the results that is below 0")


def test_integers_and_float32() -> None:
    """8. Integers such as one-hot rows, and float32, are computed in float64."""
    hot = np.array([0, 1])
    for dtype in (np.int64, np.uint8):
        assert_kl(hot.astype(dtype), np.array([0.25, 0.75]))
    p, q = np.array([0.7, 0.3], np.float32), np.array([0.2, 0.8], np.float32)
    assert_close(np.float64(work.kl_divergence(p.copy(), q.copy())), plain(p, q), rtol=1e-10)


def test_inputs_stay_as_they_were() -> None:
    """9. p and q are left as they were."""
    p, q = np.array([0.0, 1.0, 0.0]), np.array([0.5, 0.5, 0.0])
    for first, second in ((p, q), (q, p)):
        with unchanged(p=first, q=second):
            work.kl_divergence(first, second)


def test_no_distribution_is_refused() -> None:
    """10. A negative value, NaN, a sum off 1 by more than 1e-4, or different lengths raise ValueError."""
    good = np.array([0.5, 0.5])
    for bad in ([1.5, -0.5], [math.nan, 1.0], [0.5, 0.6], [0.5, 0.4998], [0.0, 0.0], [1.0]):
        assert_raises(ValueError, work.kl_divergence, np.array(bad), good.copy())
        assert_raises(ValueError, work.kl_divergence, good.copy(), np.array(bad))
    batch = np.array([[0.5, 0.5], [0.25, 0.25]])
    assert_raises(ValueError, work.kl_divergence, batch, good.copy())
    near = np.array([0.5, 0.50005])
    assert_close(work.kl_divergence(near, good.copy()), plain(near, good), atol=1e-9)
