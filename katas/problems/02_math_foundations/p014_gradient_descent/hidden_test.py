"""Hidden test of p014_gradient_descent."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    fail,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("linear_descent")

Floats = NDArray[np.float64]
Table = NDArray[Any]


def plain_gradient(x: Table, y: Table, w: Table, b: float) -> tuple[Floats, float]:
    """One sample and one column after the other."""
    rows, targets, weights = x.astype(float).tolist(), y.astype(float).tolist(), w.astype(float).tolist()
    grad_w, grad_b = [0.0] * len(weights), 0.0
    for row, target in zip(rows, targets, strict=True):
        error = sum(v * u for v, u in zip(row, weights, strict=True)) + b - target
        grad_b += 2 * error / len(rows)
        for j, value in enumerate(row):
            grad_w[j] += 2 * error * value / len(rows)
    return np.array(grad_w), grad_b


def plain_loss(x: Table, y: Table, w: Table, b: float) -> float:
    pairs = zip(x.astype(float).tolist(), y.astype(float).tolist(), strict=True)
    errors = [sum(v * u for v, u in zip(row, w.tolist(), strict=True)) + b - target for row, target in pairs]
    return sum(e * e for e in errors) / len(errors)


def plain_fit(x: Table, y: Table, rate: float, n_steps: int) -> tuple[Floats, float, list[float]]:
    w, b = np.zeros(x.shape[1]), 0.0
    losses = [plain_loss(x, y, w, b)]
    for _ in range(n_steps):
        grad_w, grad_b = plain_gradient(x, y, w, b)
        w, b = w - rate * grad_w, b - rate * grad_b
        losses.append(plain_loss(x, y, w, b))
    return w, b, losses


def case(stream: int, n: int, d: int) -> tuple[Floats, Floats]:
    """A table whose columns are of ordinary size, and targets with a bias well away from 0."""
    draw = rng(stream)
    x = draw.normal(0.5, 1.0, (n, d))
    return x, x @ draw.normal(0.0, 2.0, d) + 3.0 + 0.1 * draw.normal(size=n)


def fitted(x: Table, y: Table, **options: float) -> tuple[Floats, float, Floats]:
    """What fit returns, taken apart."""
    got = work.fit(x, y, **options)
    assert_type(got, (tuple, list))
    if len(got) != 3:
        fail(f"fit returned {len(got)} values, expected three: w, b and losses", got=got)
    assert_shape(got[0], (x.shape[1],), what="the weights w of fit")
    return as_array(got[0], "the weights w of fit"), float(as_array(got[1], "the bias b of fit")), got[2]


def assert_gradient(x: Table, y: Table, w: Table, b: float) -> None:
    expected_w, expected_b = plain_gradient(x, y, w, b)
    got = work.gradient(x.copy(), y.copy(), w.copy(), b)
    assert_type(got, (tuple, list))
    if len(got) != 2:
        fail(f"gradient returned {len(got)} values, expected two: grad_w and grad_b", got=got)
    assert_close(got[0], expected_w, rtol=1e-9, what="grad_w")
    assert_close(got[1], expected_b, rtol=1e-9, what="grad_b")


def assert_steps(x: Table, y: Table, rate: float, n_steps: int) -> None:
    expected_w, expected_b, _ = plain_fit(x, y, rate, n_steps)
    w, b, _ = fitted(x.copy(), y.copy(), learning_rate=rate, n_steps=n_steps)
    assert_close(w, expected_w, rtol=1e-8, what=f"w after {n_steps} steps")
    assert_close(b, expected_b, rtol=1e-8, what=f"b after {n_steps} steps")


def test_gradient_of_the_mean_squared_error() -> None:
    """1. gradient returns both derivatives of the mean squared error, with the factor 2/n, at any w and b."""
    assert_gradient(np.array([[1.0], [3.0]]), np.array([1.0, 2.0]), np.array([0.0]), 0.0)
    assert_gradient(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([1.0, -1.0]), np.array([1.0, -1.0]), 2.0)
    for stream, (n, d) in enumerate([(1, 1), (3, 5), (127, 3)]):
        assert_gradient(*case(stream, n, d), rng(30 + stream).normal(size=d), float(rng(40 + stream).normal()))


def test_the_first_steps() -> None:
    """2. From w = 0 and b = 0, each step moves w and b together against the same gradient."""
    x, y = np.array([[1.0], [2.0]]), np.array([3.0, 5.0])
    assert_steps(x, y, 0.1, 1)
    assert_steps(x, y, 0.1, 2)
    assert_steps(*case(50, 7, 3), 0.05, 3)
    assert_steps(*case(51, 128, 2), 0.03, 10)


def test_agrees_with_least_squares() -> None:
    """2. After enough steps, w and b are the least-squares solution, the bias included."""
    for stream, (n, d) in enumerate([(40, 1), (127, 3)]):
        x, y = case(60 + stream, n, d)
        expected = np.linalg.lstsq(np.column_stack([x, np.ones(n)]), y, rcond=None)[0]
        w, b, _ = fitted(x, y, n_steps=2000)
        assert_close(w, expected[:-1], rtol=1e-4, atol=1e-4, what="w")
        assert_close(b, expected[-1], rtol=1e-4, atol=1e-4, what="b")


def test_history_of_the_loss() -> None:
    """4. losses holds n_steps + 1 values: the loss before the first step and after each one."""
    assert_close(fitted(np.array([[1.0], [2.0]]), np.array([3.0, 5.0]), n_steps=0)[2], [17.0], what="the losses")
    for stream, (n, d, n_steps) in enumerate([(2, 1, 1), (7, 3, 5), (128, 2, 30)]):
        x, y = case(70 + stream, n, d)
        expected = plain_fit(x, y, 0.03, n_steps)[2]
        losses = fitted(x.copy(), y.copy(), learning_rate=0.03, n_steps=n_steps)[2]
        assert_close(losses, expected, rtol=1e-8, what="the losses")


def test_divergence_is_reported() -> None:
    """5. A loss of more than ten times the first raises Diverged, slow or fast, also after the last step."""
    require(isinstance(work.Diverged, type), "Diverged must be an exception, as in the stub")
    x, y = np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 4.0, 7.0])
    # The largest curvature here is 11.1, so that rates above 0.1803 diverge: slowly at 0.185, fast at 2.
    for rate, n_steps in ((2.0, 1), (0.3, 5), (0.185, 200)):
        assert_raises(work.Diverged, work.fit, x.copy(), y.copy(), rate, n_steps)


edges()


def test_losses_that_are_not_finite() -> None:
    """5. A loss that is infinite or NaN raises Diverged."""
    x, y = np.array([[1.0], [2.0]]), np.array([2.0, 4.0])
    assert_raises(work.Diverged, work.fit, x.copy(), y.copy(), 1e200, 1)
    assert_raises(work.Diverged, work.fit, x.copy(), np.array([1e200, -1e200]), 0.1, 2)
    # Here w and b run to infinities of opposite signs, and the loss becomes NaN.
    x, y = np.array([[1.0], [2.0], [-3.0]]), np.array([2.0, 4.0, 7.0])
    assert_raises(work.Diverged, work.fit, x, y, 1e308, 3)


def test_what_is_no_divergence() -> None:
    """5. A loss of at most ten times the first is no divergence, nor is one that stays 0."""
    losses = fitted(np.array([[1.0], [2.0]]), np.zeros(2), n_steps=2)[2]
    assert_close(losses, np.zeros(3), what="the losses for a y of zeros")
    # A step too far makes the loss 4.9 times the first one.
    x, y = np.array([[1.0], [2.0]]), np.array([3.0, 5.0])
    assert_steps(x, y, 0.47, 1)
    assert_steps(np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 4.0, 7.0]), 0.17, 50)


def test_exactly_n_steps() -> None:
    """3. fit takes n_steps steps, however little the loss falls."""
    x, y = np.array([[0.0], [1.0], [2.0]]), np.array([1e-7, 3e-7, 5e-7])
    w, b, losses = fitted(x, y)
    assert_close(w, [2e-7], rtol=1e-5, atol=0.0, what="w")
    assert_close(b, 1e-7, rtol=1e-5, atol=0.0, what="b")
    assert_shape(losses, (1001,), what="the losses of 1000 steps")


def test_integers() -> None:
    """6. Integers of any type count with their true values."""
    for dtype in (np.uint8, np.int8, np.int64):
        x, y = np.array([[3], [100]], dtype=dtype), np.array([5, 90], dtype=dtype)
        assert_gradient(x, y, np.array([0.5]), 1.0)
        assert_steps(x, y, 1e-4, 3)
        expected = plain_fit(x, y, 1e-4, 3)[2]
        assert_close(fitted(x, y, learning_rate=1e-4, n_steps=3)[2], expected, rtol=1e-8, what="the losses")


def test_inputs_stay_as_they_were() -> None:
    """7. x, y and w are left as they were."""
    x, y, w = np.array([[1.0], [2.0]]), np.array([3.0, 5.0]), np.array([1.0])
    with unchanged(x=x, y=y, w=w):
        work.gradient(x, y, w, 1.0)
    with unchanged(x=x, y=y):
        work.fit(x, y, 0.1, 3)


def test_other_shapes_of_y_are_refused() -> None:
    """8. A y that is not of shape (n,) raises ValueError in both functions."""
    x = np.ones((3, 2))
    for y in (np.ones((3, 1)), np.ones((1, 3)), np.ones((3, 3)), np.ones(1), np.ones(2)):
        assert_raises(ValueError, work.gradient, x, y, np.zeros(2), 0.0)
        assert_raises(ValueError, work.fit, x, y)


def test_rates_not_above_zero_are_refused() -> None:
    """9. A learning_rate that is not above 0, or NaN, raises ValueError."""
    for rate in (0.0, -0.1, math.nan):
        assert_raises(ValueError, work.fit, np.ones((3, 1)), np.ones(3), learning_rate=rate)
