"""Hidden test of p014_gradient_descent."""

import re

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_raises,
    assert_shape,
    assert_type,
    fail,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("linear_descent")

Floats = NDArray[np.float64]
SHAPES = [(1, 1), (2, 2), (7, 1), (3, 5), (127, 3), (128, 2)]


def plain_gradient(x: NDArray, y: NDArray, w: NDArray, b: float) -> tuple[Floats, float]:
    """One sample and one column after the other."""
    rows, targets, weights = x.astype(float).tolist(), y.astype(float).tolist(), w.astype(float).tolist()
    grad_w, grad_b = [0.0] * len(weights), 0.0
    for row, target in zip(rows, targets, strict=True):
        error = sum(v * u for v, u in zip(row, weights, strict=True)) + b - target
        grad_b += 2 * error / len(rows)
        for j, value in enumerate(row):
            grad_w[j] += 2 * error * value / len(rows)
    return np.array(grad_w), grad_b


def plain_loss(x: NDArray, y: NDArray, w: NDArray, b: float) -> float:
    pairs = zip(x.astype(float).tolist(), y.astype(float).tolist(), strict=True)
    errors = [sum(v * u for v, u in zip(row, w.tolist(), strict=True)) + b - target for row, target in pairs]
    return sum(e * e for e in errors) / len(errors)


def plain_fit(x: NDArray, y: NDArray, rate: float, n_steps: int) -> tuple[Floats, float, list[float]]:
    w, b = np.zeros(x.shape[1]), 0.0
    losses = [plain_loss(x, y, w, b)]
    for _ in range(n_steps):
        grad_w, grad_b = plain_gradient(x, y, w, b)
        w, b = w - rate * grad_w, b - rate * grad_b
        losses.append(plain_loss(x, y, w, b))
    return w, b, losses


def solved(x: NDArray, y: NDArray) -> tuple[Floats, float]:
    """The least-squares solution."""
    found = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y, rcond=None)[0]
    return found[:-1], float(found[-1])


def case(stream: int, n: int, d: int) -> tuple[Floats, Floats]:
    """A table whose columns are of ordinary size, and targets with a bias well away from 0."""
    draw = rng(stream)
    x = draw.normal(0.5, 1.0, (n, d))
    return x, x @ draw.normal(0.0, 2.0, d) + 3.0 + 0.1 * draw.normal(size=n)


def fitted(x: NDArray, y: NDArray, **options: float) -> tuple[Floats, float, Floats]:
    """What fit gives, taken apart."""
    got = work.fit(x, y, **options)
    assert_type(got, (tuple, list))
    if len(got) != 3:
        fail(f"fit gave {len(got)} values, expected three: w, b and losses", got=got)
    assert_type(got[1], (float, np.floating), what="the bias b of fit")
    assert_shape(got[0], (x.shape[1],), what="the weights w of fit")
    return as_array(got[0], "the weights w of fit"), float(got[1]), as_array(got[2], "the losses of fit")


def gradients(x: NDArray, y: NDArray, w: NDArray, b: float) -> tuple[Floats, float]:
    got = work.gradient(x, y, w, b)
    assert_type(got, (tuple, list))
    if len(got) != 2:
        fail(f"gradient gave {len(got)} values, expected two: grad_w and grad_b", got=got)
    assert_type(got[1], (float, np.floating), what="grad_b")
    return as_array(got[0], "grad_w"), float(got[1])


def names(argument: str, error: Exception) -> None:
    if not re.search(rf"\b{argument}\b", str(error)):
        fail(f"the message of the {type(error).__name__} does not name {argument}", got=str(error))


def test_gradient_of_the_mean_squared_error() -> None:
    """gradient gives both derivatives of the mean squared error, with the factor 2/n, at any w and b."""
    x, y = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 1.0]]), np.array([1.0, -1.0, 2.0])
    cases = [(x, y, np.zeros(2), 0.0), (x, y, np.array([1.0, -1.0]), 2.0)]
    for stream, (n, d) in enumerate(SHAPES):
        cases.append((*case(stream, n, d), rng(30 + stream).normal(size=d), float(rng(40 + stream).normal())))
    for x, y, w, b in cases:
        expected_w, expected_b = plain_gradient(x, y, w, b)
        grad_w, grad_b = gradients(x.copy(), y.copy(), w.copy(), b)
        assert_close(grad_w, expected_w, rtol=1e-9, what="grad_w")
        assert_close(grad_b, expected_b, rtol=1e-9, what="grad_b")


def test_the_first_steps() -> None:
    """From w = 0 and b = 0, each step moves w and b together against the same gradient."""
    x, y = np.array([[1.0], [2.0]]), np.array([3.0, 5.0])
    cases = [(x, y, 0.1, 1), (x, y, 0.1, 2), (*case(50, 7, 3), 0.05, 3), (*case(51, 128, 2), 0.03, 10)]
    for x, y, rate, n_steps in cases:
        expected_w, expected_b, _ = plain_fit(x, y, rate, n_steps)
        w, b, _ = fitted(x.copy(), y.copy(), learning_rate=rate, n_steps=n_steps)
        assert_close(w, expected_w, rtol=1e-9, what=f"w after {n_steps} steps")
        assert_close(b, expected_b, rtol=1e-9, what=f"b after {n_steps} steps")


def test_agrees_with_least_squares() -> None:
    """After enough steps, w and b are the least-squares solution, the bias included."""
    for stream, (n, d) in enumerate([(40, 1), (127, 3), (200, 5)]):
        x, y = case(60 + stream, n, d)
        expected_w, expected_b = solved(x, y)
        w, b, _ = fitted(x.copy(), y.copy(), n_steps=3000)
        assert_close(w, expected_w, rtol=1e-5, atol=1e-6, what="w")
        assert_close(b, expected_b, rtol=1e-5, atol=1e-6, what="b")


def test_bias_alone() -> None:
    """Where x says nothing, the bias is the mean of y and the weights stay 0."""
    x, y = np.zeros((4, 2)), np.array([7.0, 9.0, 8.0, 12.0])
    w, b, _ = fitted(x, y)
    assert_close(b, 9.0, atol=1e-6, what="b")
    assert_close(w, np.zeros(2), atol=1e-9, what="w")


def test_history_of_the_loss() -> None:
    """losses has n_steps + 1 values: the mean squared error before the first step and after each one, falling."""
    for stream, (n, d, n_steps) in enumerate([(2, 1, 1), (7, 3, 5), (128, 2, 30)]):
        x, y = case(70 + stream, n, d)
        expected = plain_fit(x, y, 0.03, n_steps)[2]
        losses = fitted(x.copy(), y.copy(), learning_rate=0.03, n_steps=n_steps)[2]
        assert_close(losses, expected, rtol=1e-8, what="the losses")
    x, y = case(79, 50, 3)
    losses = fitted(x, y)[2]
    assert_shape(losses, (1001,), what="the losses of 1000 steps")
    require(bool(np.all(np.diff(losses) <= 1e-12 * losses[0])), "the loss rises on the way", got=losses)


def test_more_rows_take_the_same_steps() -> None:
    """The same rows ten times over give the same weights, bias and losses."""
    x, y = case(80, 30, 2)
    expected_w, expected_b, expected = plain_fit(x, y, 0.1, 20)
    w, b, losses = fitted(np.tile(x, (10, 1)), np.tile(y, 10), n_steps=20)
    assert_close(w, expected_w, rtol=1e-8, what="w")
    assert_close(b, expected_b, rtol=1e-8, what="b")
    assert_close(losses, expected, rtol=1e-8, what="the losses")


def test_divergence_is_reported() -> None:
    """A learning rate that is too large raises Diverged, naming learning_rate, also where the loss becomes NaN."""
    diverged = work.Diverged
    assert_type(diverged, type, what="Diverged")
    require(issubclass(diverged, Exception), "Diverged must be an exception, as in the stub")
    x, y = np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 4.0, 7.0])
    # The largest curvature here is 11.1, so that rates above 0.1803 diverge: slowly at 0.185, fast at 2.
    # The loss after the last step counts as well: at 2, a single step makes it hundreds of times the first.
    for rate, n_steps in ((0.185, 200), (0.3, 5), (2.0, 1), (2.0, 1000), (1e9, 1000), (1e200, 3)):
        assert_raises(diverged, work.fit, x.copy(), y.copy(), rate, n_steps, mentions="learning_rate")
    # Here w and b run to infinities of opposite signs, and the loss becomes NaN.
    x = np.array([[1.0], [2.0], [-3.0]])
    assert_raises(diverged, work.fit, x.copy(), y.copy(), 1e308, 3, mentions="learning_rate")


def test_a_large_stable_rate_is_no_divergence() -> None:
    """A learning rate just below the limit is taken as it is, though the weights swing from side to side."""
    x, y = np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 4.0, 7.0])
    expected_w, expected_b, _ = plain_fit(x, y, 0.17, 50)
    w, b, _ = fitted(x, y, learning_rate=0.17, n_steps=50)
    assert_close(w, expected_w, rtol=1e-8, what="w")
    assert_close(b, expected_b, rtol=1e-8, what="b")
    w, b, losses = fitted(x, np.zeros(3), n_steps=2)
    assert_close(losses, np.zeros(3), what="the losses for a y of zeros")


def test_no_steps() -> None:
    """Zero steps give w = 0, b = 0 and the one loss before any step."""
    x, y = case(90, 3, 2)
    expected = [plain_loss(x, y, np.zeros(2), 0.0)]
    w, b, losses = fitted(x, y, n_steps=0)
    assert_close(w, np.zeros(2), what="w")
    assert_close(b, 0.0, what="b")
    assert_close(losses, expected, what="the losses")


def test_integers() -> None:
    """Integers of any type count with their true values and give floats."""
    for dtype in (np.uint8, np.int8, np.int64):
        x, y = np.array([[0, 3], [2, 1], [1, 100]], dtype=dtype), np.array([5, 1, 90], dtype=dtype)
        start = np.array([1, 2], dtype=dtype)
        expected_w, expected_b = plain_gradient(x, y, start, 1.0)
        grad_w, grad_b = gradients(x.copy(), y.copy(), start.copy(), 1.0)
        assert_close(grad_w, expected_w, what="grad_w")
        assert_close(grad_b, expected_b, what="grad_b")
        expected_w, expected_b, _ = plain_fit(x, y, 1e-4, 5)
        w, b, _ = fitted(x.copy(), y.copy(), learning_rate=1e-4, n_steps=5)
        assert_dtype(w, "floating", what="w")
        assert_close(w, expected_w, what="w")
        assert_close(b, expected_b, what="b")


def test_inputs_stay_as_they_were() -> None:
    """x, y and w are left as they were, views too, and the same call gives the same result again."""
    base, targets = case(100, 12, 6)
    few = targets[:6]
    cases = [(base.copy(), targets.copy()), (base[::2, ::-2], few), (base.T, few), (base, base[:, 0])]
    for x, y in cases:
        w = rng(101).normal(size=12)[: x.shape[1]]
        expected_w, expected_b, _ = plain_fit(x, y, 0.01, 10)
        expected_grad, _ = plain_gradient(x, y, w, 1.0)
        with unchanged(x=x, y=y, w=w, base=base):
            grad, _ = gradients(x, y, w, 1.0)
            first = fitted(x, y, learning_rate=0.01, n_steps=10)
            again = fitted(x, y, learning_rate=0.01, n_steps=10)
        assert_close(grad, expected_grad, what="grad_w")
        for w, b, _ in (first, again):
            assert_close(w, expected_w, rtol=1e-8, what="w")
            assert_close(b, expected_b, rtol=1e-8, what="b")


def test_bad_arguments_are_refused() -> None:
    """A wrong shape, a rate that is not above 0 and a negative number of steps raise ValueError by name."""
    x, y, w = np.ones((3, 2)), np.ones(3), np.zeros(2)
    for bad in (np.ones(3), np.ones((3, 2, 1)), np.ones((0, 2))):
        names("x", assert_raises(ValueError, work.fit, bad, y))
        names("x", assert_raises(ValueError, work.gradient, bad, y, w, 0.0))
    for bad in (np.ones((3, 1)), np.ones(2), np.ones(1), np.ones((1, 3)), np.array(1.0)):
        names("y", assert_raises(ValueError, work.fit, x, bad))
        names("y", assert_raises(ValueError, work.gradient, x, bad, w, 0.0))
    for rate in (0.0, -0.1):
        names("learning_rate", assert_raises(ValueError, work.fit, x, y, learning_rate=rate))
    names("n_steps", assert_raises(ValueError, work.fit, x, y, n_steps=-1))
