"""Hidden test of p019_kl_divergence."""

import importlib
import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_raises,
    assert_shape,
    fail,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("kl_divergence")

INF = math.inf
Floats = NDArray[np.float64]


def plain_kl(p: list[float], q: list[float]) -> float:
    """One pair of probabilities after the other, by the standard library."""
    terms = [0.0 if a == 0 else INF if b == 0 else a * (math.log(a) - math.log(b)) for a, b in zip(p, q, strict=True)]
    return max(math.fsum(terms), 0.0) if INF not in terms else INF


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


def test_two_distributions() -> None:
    """KL(p ‖ q) is the sum of p · log(p / q), with the natural logarithm, as a single number."""
    for p, q in (([0.5, 0.5], [0.25, 0.75]), ([0.1, 0.2, 0.7], [0.3, 0.3, 0.4]), ([1.0], [1.0])):
        expected = plain_kl(p, q)
        got = work.kl_divergence(np.array(p), np.array(q))
        assert_shape(got, ())
        assert_close(got, expected, rtol=1e-9, atol=1e-12)
    for stream, k in enumerate([2, 7, 128, 1000]):
        p, q = distributions(stream, (k,)), distributions(20 + stream, (k,))
        expected = plain(p, q)
        assert_close(work.kl_divergence(p.copy(), q.copy()), expected, rtol=1e-9, atol=1e-12)


def test_the_order_of_p_and_q() -> None:
    """The divergence is not symmetric: p, in front, is what truly happens."""
    p, q = np.array([0.9, 0.1]), np.array([0.5, 0.5])
    expected, swapped = plain(p, q), plain(q, p)
    assert_close(work.kl_divergence(p.copy(), q.copy()), expected)
    assert_close(work.kl_divergence(q.copy(), p.copy()), swapped)


def test_terms_where_p_is_zero() -> None:
    """A term with p = 0 counts 0, whether q is 0 there or not, without a warning."""
    for p, q in (([0.0, 1.0], [0.5, 0.5]), ([0.0, 0.5, 0.5], [0.0, 0.25, 0.75]), ([1.0, 0.0, 0.0], [0.2, 0.0, 0.8])):
        expected = plain_kl(p, q)
        with no_warnings():
            assert_close(work.kl_divergence(np.array(p), np.array(q)), expected)


def test_impossible_under_q() -> None:
    """Where q is 0 and p is not, the result is inf, without a warning, and other distributions are not touched."""
    p = np.array([[0.5, 0.5], [0.5, 0.5], [1e-9, 1.0 - 1e-9], [0.0, 1.0]])
    q = np.array([[1.0, 0.0], [0.25, 0.75], [0.0, 1.0], [0.0, 1.0]])
    expected = plain(p, q)
    with no_warnings():
        assert_close(work.kl_divergence(p.copy(), q.copy()), expected)


def test_tiny_probabilities() -> None:
    """Probabilities down to 1e-300 and below count as they are, also where p / q is too large for a float."""
    half = [0.5, 0.5]
    cases = [(half, [1e-300, 1.0]), ([1e-300, 1.0], half), (half, [1e-310, 1.0]), (half, [1e-13, 1.0])]
    cases += [([1e-12, 1.0 - 1e-12], [1e-300, 1.0]), ([1e-9, 1.0 - 1e-9], half)]
    for p, q in cases:
        expected = plain_kl(p, q)
        with no_warnings():
            assert_close(work.kl_divergence(np.array(p), np.array(q)), expected, rtol=1e-9, atol=1e-15)


def test_any_axis() -> None:
    """One number for each distribution along the axis that is asked for; by default it is the last."""
    for stream, shape in enumerate([(2, 2), (3, 3), (2, 5), (5, 1), (2, 3, 4), (4, 1, 3)]):
        for axis in range(-len(shape), len(shape)):
            p, q = distributions(40 + stream, shape, axis), distributions(60 + stream, shape, axis)
            expected = plain(p, q, axis)
            assert_close(work.kl_divergence(p.copy(), q.copy(), axis=axis), expected, rtol=1e-9, atol=1e-12)
    p, q = distributions(80, (7, 3)), distributions(81, (7, 3))
    assert_close(work.kl_divergence(p.copy(), q.copy()), plain(p, q), rtol=1e-9, atol=1e-12)


def test_one_against_a_batch() -> None:
    """A single distribution on either side meets every one of a batch."""
    cases = [((5, 3), (3,), -1), ((3,), (5, 3), -1), ((3,), (5, 3), 1), ((1, 4), (6, 4), -1), ((2, 1, 3), (4, 3), -1)]
    cases += [((3, 1), (3, 5), 0), ((3, 5), (3, 1), -2), ((1,), (4, 1), 1)]
    for stream, (one, other, axis) in enumerate(cases):
        own = axis if axis < 0 else axis - 2
        p, q = distributions(90 + stream, one, own), distributions(110 + stream, other, own)
        expected = plain(p, q, axis)
        assert_close(work.kl_divergence(p.copy(), q.copy(), axis=axis), expected, rtol=1e-9, atol=1e-12)


def test_never_below_zero() -> None:
    """No result is below 0, not by rounding, and equal distributions give 0."""
    p = distributions(130, (200, 7))
    q = p * (1.0 + 1e-9 * rng(131).normal(size=p.shape))
    for other in (p, q / q.sum(axis=1, keepdims=True)):
        got = as_array(work.kl_divergence(p.copy(), other.copy()))
        assert_close(got, np.zeros(200), atol=1e-12)
        low = got.min()
        require(bool(low >= 0), "a divergence is below 0", got=low)
    # Sums within the slack, p's below q's: what comes out below 0 is cut to 0, neither kept nor turned round.
    for off, dtype in ((1e-4, np.float32), (1e-7, np.float64)):
        low, high = np.full(3, 1 / 3 - off, dtype=dtype), np.full(3, 1 / 3 + off, dtype=dtype)
        got = as_array(work.kl_divergence(low, high)).astype(float)
        assert_close(got, 0.0, atol=1e-12, what="the divergence of a p whose sum is a little below that of q")


def test_other_types() -> None:
    """Integers such as one-hot rows, and float32, are computed as float64."""
    q = distributions(140, (2, 3))
    for dtype in (np.int64, np.uint8):
        p = np.array([[1, 0, 0], [0, 0, 1]], dtype=dtype)
        expected, back = plain(p, q), plain(q, p)
        assert_close(work.kl_divergence(p.copy(), q.copy()), expected)
        assert_close(work.kl_divergence(q.copy(), p.copy()), back)
    p, q = distributions(141, (4, 50)).astype(np.float32), distributions(142, (4, 50)).astype(np.float32)
    expected = plain(p, q)
    got = as_array(work.kl_divergence(p.copy(), q.copy()))
    assert_close(got.astype(float), expected, rtol=1e-10)
    third = np.full(3, 1 / 3 + 1e-4, dtype=np.float32)
    assert_close(as_array(work.kl_divergence(third, third)).astype(float), 0.0, atol=1e-12)


def refused(name: str, p: NDArray[Any], q: NDArray[Any], **options: int) -> None:
    error = assert_raises(ValueError, work.kl_divergence, p, q, **options)
    if not re.search(rf"\b{name}\b", str(error)):
        fail(f"the message of the ValueError does not name {name}", got=str(error))


def test_no_probabilities() -> None:
    """A sum off 1, a negative or a NaN value raises ValueError that names p or q."""
    good = np.array([0.5, 0.5])
    for bad in ([0.5, 0.6], [1.0, 1.0], [0.5, 0.49999], [0.0, 0.0], [1.5, -0.5], [math.nan, 1.0], [2.0, 1.0]):
        refused("p", np.array(bad), good.copy())
        refused("q", good.copy(), np.array(bad))
    batch = np.array([[0.5, 0.5], [0.25, 0.25]])
    refused("p", batch, good.copy())
    refused("q", np.full((2, 2), 0.5), np.array([[0.3, 0.7], [0.5, 0.5]]), axis=0)
    refused("p", np.array([1, 1]), good.copy())
    near = np.array([0.5, 0.5 + 5e-7])
    assert_close(work.kl_divergence(near, good.copy()), 0.0, atol=1e-6)


def test_shapes_that_do_not_go_together() -> None:
    """Shapes that do not broadcast, or that stretch one number along the axis, raise ValueError."""
    cases = [((3,), (4,), -1), ((2, 3), (3, 3), -1), ((5, 3), (5, 1), -1), ((1,), (3,), -1), ((3,), (1, 1), -1)]
    for stream, (one, other, axis) in enumerate(cases):
        p, q = distributions(150 + stream, one), distributions(160 + stream, other)
        assert_raises(ValueError, work.kl_divergence, p, q, axis=axis)
    # Stretched along the axis, each of these would become columns that sum to 1 all the same.
    columns = distributions(170, (3, 3), 0)
    for row in (np.full(3, 1 / 3), np.full((1, 3), 1 / 3)):
        assert_raises(ValueError, work.kl_divergence, columns.copy(), row.copy(), axis=0)
        assert_raises(ValueError, work.kl_divergence, row.copy(), columns.copy(), axis=0)


def test_inputs_stay_as_they_were() -> None:
    """p and q are left as they were, also when they are views; an empty batch gives an empty result."""
    base = distributions(170, (8, 4))
    base[1], base[3] = [0.0, 1.0, 0.0, 0.0], [0.5, 0.0, 0.5, 0.0]
    for p, q in ((base.copy(), base[::-1].copy()), (base[::2, ::-1], base[1::2]), (base, base[0])):
        expected = plain(p, q)
        with unchanged(p=p, q=q, base=base):
            got = work.kl_divergence(p, q)
        assert_close(got, expected, rtol=1e-9, atol=1e-12)
    assert_shape(work.kl_divergence(np.zeros((0, 3)), np.zeros((0, 3))), (0,))
    assert_shape(work.kl_divergence(np.zeros((0, 3)), np.array([0.5, 0.25, 0.25])), (0,))


def test_agrees_with_scipy() -> None:
    """On a large batch with zeros, the result agrees with the sum of the single terms (SciPy's, where it is)."""
    p, q = distributions(180, (60, 129)), distributions(181, (60, 129))
    p[:, :40] = 0.0
    p /= p.sum(axis=1, keepdims=True)
    q[::3, :20] = 0.0
    q[::3] /= q[::3].sum(axis=1, keepdims=True)
    q[0], q[0, 50] = 0.0, 1.0
    expected = plain(p, q)
    assert_close(work.kl_divergence(p.copy(), q.copy()), expected, rtol=1e-9, atol=1e-12)
    try:
        special = importlib.import_module("scipy.special")
    except ImportError:
        return
    expected = special.rel_entr(p, q).sum(axis=1)
    assert_close(work.kl_divergence(p.copy(), q.copy()), expected, rtol=1e-9, atol=1e-12)
