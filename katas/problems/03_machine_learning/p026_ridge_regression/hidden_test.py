"""Hidden test of p026_ridge_regression."""

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
    learner,
    require,
    rng,
    unchanged,
)

work = learner("ridge")
Array = NDArray[Any]
FEW = np.array([[1.0], [2.0], [3.0]]), np.array([11.0, 12.0, 13.0])


def plain_residuals(X: Array, y: Array, w: Array, b: float) -> list[float]:
    rows, targets, weights = X.tolist(), y.tolist(), w.tolist()
    sums = [math.fsum(v * c for v, c in zip(row, weights, strict=True)) for row in rows]
    return [s + b - t for s, t in zip(sums, targets, strict=True)]


def plain_loss(X: Array, y: Array, w: Array, b: float, alpha: float) -> float:
    squares = [r * r for r in plain_residuals(X, y, w, b)] + [alpha * c * c for c in w.tolist()]
    return math.fsum(squares) / len(X)


def plain_gradient(X: Array, y: Array, w: Array, b: float, alpha: float) -> tuple[Array, float]:
    off = plain_residuals(X, y, w, b)
    pulls = [math.fsum(r * v for r, v in zip(off, column, strict=True)) for column in X.T.tolist()]
    return 2 / len(X) * (np.array(pulls) + alpha * w), 2 / len(X) * math.fsum(off)


def two(got: Any, d: int, what: str) -> tuple[Array, float]:
    """An array (d,) and a float, as they were returned."""
    require(isinstance(got, tuple) and len(got) == 2, f"{what} must return a tuple of two", got=got)
    assert_shape(got[0], (d,), what=f"the first of {what}")
    assert_type(got[1], (int, float, np.floating), what=f"the second of {what}")
    return as_array(got[0], what), float(got[1])


def fitted(X: Array, y: Array, alpha: float) -> tuple[Array, float]:
    return two(work.fit(X.copy(), y.copy(), alpha), X.shape[1], "fit")


def descended(X: Array, y: Array, alpha: float, rate: float, n_steps: int) -> tuple[Array, float]:
    return two(work.fit_by_descent(X.copy(), y.copy(), alpha, rate, n_steps), X.shape[1], "fit_by_descent")


def case(stream: int, n: int, d: int) -> tuple[Array, Array]:
    X = rng(stream).normal(1.0, 2.0, (n, d))
    return X, X @ np.arange(1.0, d + 1) + 5.0 + rng(stream + 500).normal(0.0, 0.5, n)


def points(stream: int) -> list[tuple[Array, Array, Array]]:
    """Cases with weights to try, the smallest first."""
    cases = [(*FEW, np.array([0.5]))]
    for i, (n, d) in enumerate([(1, 1), (2, 3), (129, 4)]):
        cases.append((*case(stream + i, n, d), rng(stream + 20 + i).normal(size=d)))
    return cases


def test_the_loss() -> None:
    """loss returns (1/n) times the sum of squared errors plus alpha times the squared weights, b not among them."""
    for X, y, w in points(0):
        for alpha in (0.0, 2.0):
            expected = plain_loss(X, y, w, 4.0, alpha)
            assert_close(work.loss(X.copy(), y.copy(), w.copy(), 4.0, alpha), expected)


def test_the_gradient() -> None:
    """gradient returns the derivatives of the loss: by w with the penalty, by b without it."""
    for X, y, w in points(50):
        for alpha in (0.0, 2.0):
            by_w, by_b = plain_gradient(X, y, w, 4.0, alpha)
            grad_w, grad_b = two(work.gradient(X.copy(), y.copy(), w.copy(), 4.0, alpha), len(w), "gradient")
            assert_close(grad_w, by_w, what="grad_w")
            assert_close(grad_b, by_b, what="grad_b")


def test_the_bias_is_free() -> None:
    """Adding 100 to y changes the b of fit by 100 and its w not at all."""
    for X, y in (FEW, case(100, 12, 3)):
        for alpha in (2.0, 100.0):
            w, b = fitted(X, y, alpha)
            moved_w, moved_b = fitted(X, y + 100.0, alpha)
            assert_close(moved_w, w, rtol=1e-6, atol=1e-8, what="w after adding 100 to y")
            assert_close(moved_b, b + 100.0, rtol=1e-6, what="b after adding 100 to y")


def test_fit_finds_the_minimum() -> None:
    """At the w and b of fit all derivatives of the loss are zero, for any alpha from 1e-9 to 1e9."""
    w, b = fitted(*FEW, 2.0)
    assert_close(w, [0.5], what="w")
    assert_close(b, 11.0, what="b")
    # Of what is centred, the sum of x·x is 5e-9 and that of x·y 6e-5.
    w, b = fitted(np.array([[0.0], [1e-4]]), np.array([0.0, 1.2]), 1e-9)
    assert_close(w, [1e4], what="w")
    assert_close(b, 0.1, what="b")
    w, b = fitted(*FEW, 1e9)
    assert_close(w, [2.0 / (2.0 + 1e9)], rtol=1e-4, atol=0.0, what="w")
    assert_close(b, 12.0, what="b")
    for stream, (n, d) in enumerate([(2, 1), (7, 2), (128, 3), (3, 7)]):
        X, y = case(110 + stream, n, d)
        for alpha in (0.01, 1.0, 50.0):
            w, b = fitted(X, y, alpha)
            by_w, by_b = plain_gradient(X, y, w, b, alpha)
            assert_close([*by_w, by_b], np.zeros(d + 1), atol=1e-8, what="the gradient at the w and b of fit")


def test_alpha_zero_is_least_squares() -> None:
    """With alpha=0 fit is ordinary least squares."""
    for X, y in (FEW, case(120, 7, 2), case(121, 127, 4)):
        expected = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y, rcond=None)[0]
        w, b = fitted(X, y, 0.0)
        assert_close(w, expected[:-1], rtol=1e-6, what="w")
        assert_close(b, expected[-1], rtol=1e-6, what="b")


def test_descent_takes_its_steps() -> None:
    """fit_by_descent takes exactly n_steps steps from zero, w and b together against the same gradient."""
    small = FEW[1] * 1e-9  # a gradient that is small from the start is no reason to stop
    cases = [(*FEW, 2.0, 1), (*FEW, 2.0, 2), (FEW[0], small, 2.0, 2)]
    cases += [(*case(130, 7, 3), 4.0, 5), (*case(131, 20, 2), 0.5, 200)]
    for X, y, alpha, n_steps in cases:
        w, b = np.zeros(X.shape[1]), 0.0
        for _ in range(n_steps):
            by_w, by_b = plain_gradient(X, y, w, b, alpha)
            w, b = w - 0.02 * by_w, b - 0.02 * by_b
        found_w, found_b = descended(X, y, alpha, 0.02, n_steps)
        assert_close(found_w, w, atol=0.0, what="w")
        assert_close(found_b, b, atol=0.0, what="b")


def test_both_ways_agree() -> None:
    """After enough steps fit_by_descent arrives at what fit returns, also where columns are equal."""
    X, y = case(140, 40, 2)
    X = (X - 1.0) / 2.0
    twice = np.column_stack([X, X[:, 0]])
    for table, alpha in ((X, 0.0), (X, 5.0), (twice, 2.0)):
        w, b = fitted(table, y, alpha)
        found_w, found_b = descended(table, y, alpha, 0.1, 300)
        assert_close(found_w, w, rtol=1e-4, atol=1e-5, what="w of fit_by_descent")
        assert_close(found_b, b, rtol=1e-4, atol=1e-5, what="b of fit_by_descent")


edges()


def test_singular_problems_have_one_answer() -> None:
    """With equal or constant columns, or too few rows, alpha=0 returns the shortest w of all minima."""
    line = np.array([0.0, 1.0, 2.0, 4.0])
    cases = [
        (np.column_stack([line, line]), [1.5, 1.5]),
        (np.column_stack([line, 2 * line]), [0.6, 1.2]),
        (np.column_stack([line, np.full(4, 7.0)]), [3.0, 0.0]),
    ]
    for X, weights in cases:
        w, b = fitted(X, 3.0 * line + 2.0, 0.0)
        assert_close(w, weights, rtol=1e-6, atol=1e-8, what="w")
        assert_close(b, 2.0, rtol=1e-6, what="b")
    # Less its mean, which rounds, this constant column is not quite 0.
    w, b = fitted(np.array([[0.0, 100.1], [1.0, 100.1], [3.0, 100.1]]), np.array([2.0, 4.0, 8.0]), 0.0)
    assert_close(w, [2.0, 0.0], rtol=1e-6, atol=1e-8, what="w")
    assert_close(b, 2.0, rtol=1e-6, what="b")
    for n, d in ((1, 1), (1, 3), (3, 7)):
        X, y = case(150 + d, n, d)
        expected = np.linalg.pinv(X - X.mean(axis=0), rcond=1e-10) @ (y - y.mean())
        w, b = fitted(X, y, 0.0)
        assert_close(w, expected, rtol=1e-6, atol=1e-8, what="w")
        assert_close(b, y.mean() - X.mean(axis=0) @ expected, rtol=1e-6, what="b")


def test_columns_of_different_sizes_and_nearly_equal_ones() -> None:
    """With alpha=0 fit is least squares to six digits, for columns 1e7 times as large and nearly equal ones too."""
    line, step = np.array([0.0, 1.0, 2.0, 4.0]), np.array([0.0, 1e-6, 0.0, 0.0])
    cases = [
        (np.array([[1e7, 0.0], [0.0, 1.0], [0.0, 0.0]]), [0.0, 1.0]),
        (np.column_stack([line, line + step]), [2.0, 1.0]),
    ]
    for X, weights in cases:
        w, b = fitted(X, X @ np.array(weights) + 2.0, 0.0)
        assert_close(w, weights, rtol=1e-6, atol=1e-6, what="w")
        assert_close(b, 2.0, rtol=1e-6, what="b")


def test_inputs_stay_as_they_were() -> None:
    """X, y and w are left as they were."""
    X, y = np.array([[1.0, 5.0], [2.0, 3.0], [4.0, 4.0]]), np.array([1.0, 2.0, 6.0])
    w = np.array([0.5, -1.0])
    with unchanged(X=X, y=y, w=w):
        work.loss(X, y, w, 1.0, 2.0)
    with unchanged(X=X, y=y, w=w):
        work.gradient(X, y, w, 1.0, 2.0)
    with unchanged(X=X, y=y):
        work.fit(X, y, 2.0)
    with unchanged(X=X, y=y):
        work.fit_by_descent(X, y, 2.0, 0.01, 3)


def test_bad_input_is_refused() -> None:
    """A y not of shape (n,), and in fit and fit_by_descent an alpha below 0 or NaN, raise ValueError."""
    X, y = FEW
    w = np.array([0.5])
    for bad in (y[:, None], y[:1], y[None, :], y[:2]):
        assert_raises(ValueError, work.loss, X.copy(), bad.copy(), w.copy(), 1.0, 2.0)
        assert_raises(ValueError, work.gradient, X.copy(), bad.copy(), w.copy(), 1.0, 2.0)
        assert_raises(ValueError, work.fit, X.copy(), bad.copy(), 2.0)
        assert_raises(ValueError, work.fit_by_descent, X.copy(), bad.copy(), 2.0)
    for alpha in (-0.1, math.nan):
        assert_raises(ValueError, work.fit, X.copy(), y.copy(), alpha)
        assert_raises(ValueError, work.fit_by_descent, X.copy(), y.copy(), alpha)
