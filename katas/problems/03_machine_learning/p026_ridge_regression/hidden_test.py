"""Hidden test of p026_ridge_regression."""

import importlib
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
    learner,
    no_warnings,
    require,
    rng,
    seed,
    unchanged,
)

work = learner("ridge")
Array = NDArray[Any]


def residuals(X: Array, y: Array, w: list[float], b: float) -> list[float]:
    rows, targets = X.astype(float).tolist(), y.astype(float).tolist()
    return [math.fsum(v * c for v, c in zip(r, w, strict=True)) + b - t for r, t in zip(rows, targets, strict=True)]


def slow_loss(X: Array, y: Array, w: list[float], b: float, alpha: float) -> float:
    squares = [r * r for r in residuals(X, y, w, b)] + [alpha * c * c for c in w]
    return math.fsum(squares) / len(X)


def slow_gradient(X: Array, y: Array, w: list[float], b: float, alpha: float) -> tuple[list[float], float]:
    off, columns = residuals(X, y, w, b), X.astype(float).T.tolist()
    pulls = [math.fsum(r * v for r, v in zip(off, column, strict=True)) for column in columns]
    return [2 / len(X) * (p + alpha * c) for p, c in zip(pulls, w, strict=True)], 2 / len(X) * math.fsum(off)


def weights(got: Any, d: int, what: str) -> tuple[Array, float]:
    """(w, b) as they came, looked at."""
    require(isinstance(got, tuple) and len(got) == 2, f"{what} must give a tuple of two", got=got)
    w = as_array(got[0], "w")
    assert_shape(w, (d,), what="the weights")
    assert_type(got[1], (int, float, np.floating), what="the bias")
    return w, float(got[1])


def fit(X: Array, y: Array, alpha: float) -> tuple[Array, float]:
    with unchanged(X=X, y=y), no_warnings():
        got = work.fit(X, y, alpha)
    return weights(got, X.shape[1], "fit")


def case(stream: int, n: int, d: int) -> tuple[Array, Array]:
    X = rng(stream).normal(1.0, 2.0, (n, d))
    return X, X @ np.arange(1.0, d + 1) + 5.0 + rng(stream + 500).normal(0.0, 0.5, n)


def test_the_loss() -> None:
    """The loss is (1/n) times the sum of squared errors plus alpha times the squared weights, b not among them."""
    X, y = np.array([[1.0], [2.0], [3.0]]), np.array([11.0, 12.0, 13.0])
    assert_close(work.loss(X.copy(), y.copy(), np.array([0.5]), 11.0, 2.0), 1 / 3)
    for stream, (n, d) in enumerate([(1, 1), (2, 3), (7, 2), (129, 4)]):
        X, y = case(stream, n, d)
        w = rng(20 + stream).normal(size=d)
        for alpha in (0.0, 0.3, 12.0):
            expected = slow_loss(X, y, w.tolist(), 4.0, alpha)
            with unchanged(X=X, y=y, w=w):
                got = work.loss(X, y, w, 4.0, alpha)
            assert_type(got, (float, np.floating))
            assert_close(got, expected)


def test_the_gradient() -> None:
    """The gradient is that of the loss: by w, of shape (d,), with the penalty; by b, a float, without it."""
    for stream, (n, d) in enumerate([(1, 1), (2, 3), (7, 2), (128, 4)]):
        X, y = case(30 + stream, n, d)
        w = rng(50 + stream).normal(size=d)
        for alpha in (0.0, 0.3, 12.0):
            by_w, by_b = slow_gradient(X, y, w.tolist(), 4.0, alpha)
            with unchanged(X=X, y=y, w=w):
                got = work.gradient(X, y, w, 4.0, alpha)
            grad_w, grad_b = weights(got, d, "gradient")
            assert_close(grad_w, by_w, what="grad_w")
            assert_close(grad_b, by_b, what="grad_b")


def test_fit_finds_the_minimum() -> None:
    """At the weights and bias of fit the gradient of the loss is zero, for any alpha above 0."""
    X, y = np.array([[1.0], [2.0], [3.0]]), np.array([11.0, 12.0, 13.0])
    w, b = fit(X, y, 2.0)
    assert_close(w, [0.5], what="the weights of fit")
    assert_close(b, 11.0, what="the bias of fit")
    for stream, (n, d) in enumerate([(2, 1), (7, 2), (30, 5), (128, 3)]):
        X, y = case(60 + stream, n, d)
        for alpha in (0.01, 1.0, 50.0):
            w, b = fit(X, y, alpha)
            by_w, by_b = slow_gradient(X, y, w.tolist(), b, alpha)
            assert_close([*by_w, by_b], np.zeros(d + 1), atol=1e-8, what="the gradient at the result of fit")


def test_the_bias_is_free() -> None:
    """Adding a constant to y moves b alone, and a huge alpha leaves weights of 0 and the mean of y."""
    X, y = case(70, 12, 3)
    for alpha in (0.5, 100.0):
        w, b = fit(X, y, alpha)
        moved_w, moved_b = fit(X, y + 1000.0, alpha)
        assert_close(moved_w, w, rtol=1e-6, what="the weights after adding 1,000 to y")
        assert_close(moved_b, b + 1000.0, what="the bias after adding 1,000 to y")
    w, b = fit(X, y, 1e12)
    assert_close(w, np.zeros(3), atol=1e-6, what="the weights at alpha=1e12")
    assert_close(b, y.mean(), rtol=1e-6, what="the bias at alpha=1e12")
    far = X + 1000.0
    w, b = fit(far, y, 2.0)
    near_w, near_b = fit(X, y, 2.0)
    assert_close(w, near_w, rtol=1e-6, what="the weights for X moved by 1,000")
    assert_close(b, near_b - 1000.0 * near_w.sum(), rtol=1e-6, what="the bias for X moved by 1,000")


def test_alpha_zero_is_least_squares() -> None:
    """With alpha=0 fit gives ordinary least squares."""
    for stream, (n, d) in enumerate([(2, 1), (7, 2), (127, 4)]):
        X, y = case(80 + stream, n, d)
        expected = np.linalg.lstsq(np.column_stack([X, np.ones(n)]), y, rcond=None)[0]
        w, b = fit(X, y, 0.0)
        assert_close(w, expected[:-1], rtol=1e-6, what="the weights of fit")
        assert_close(b, expected[-1], rtol=1e-6, what="the bias of fit")


def test_singular_problems_have_one_answer() -> None:
    """Repeated or constant columns, few rows: the shortest weights of all minima, no error, no warning."""
    line = np.array([0.0, 1.0, 2.0, 4.0])
    y = 3.0 * line + 2.0
    for X, expected in (
        (np.column_stack([line, line]), [1.5, 1.5]),
        (np.column_stack([line, 2 * line]), [0.6, 1.2]),
        (np.column_stack([line, np.full(4, 7.0)]), [3.0, 0.0]),
        (np.column_stack([np.zeros(4), line, line]), [0.0, 1.5, 1.5]),
    ):
        w, b = fit(X, y, 0.0)
        assert_close(w, expected, rtol=1e-6, what="the weights of fit")
        bias = 2.0
        assert_close(b, bias, rtol=1e-6, what="the bias of fit")
        regular, _ = fit(X, y, 1.0)
        by_w, _ = slow_gradient(X, y, regular.tolist(), float(np.mean(y - X @ regular)), 1.0)
        assert_close(by_w, np.zeros(X.shape[1]), atol=1e-8, what="the gradient at the result of fit with alpha=1")
    for n in (3, 7, 10):
        y = np.arange(n) % 3 + 2.0
        w, b = fit(np.full((n, 2), [0.1, 0.7]), y, 0.0)
        assert_close(w, [0.0, 0.0], atol=1e-6, what="the weights of fit to constant columns")
        assert_close(b, y.mean(), rtol=1e-6, what="the bias of fit to constant columns")
    for n, d in ((1, 1), (1, 3), (3, 7)):
        X, y = case(90 + d, n, d)
        centred = X - X.mean(axis=0)
        expected = np.linalg.pinv(centred, rcond=1e-10) @ (y - y.mean())
        w, b = fit(X, y, 0.0)
        assert_close(w, expected, rtol=1e-6, atol=1e-8, what="the weights of fit")
        assert_close(b, y.mean() - X.mean(axis=0) @ expected, rtol=1e-6, what="the bias of fit")


def test_descent_takes_its_steps() -> None:
    """fit_by_descent takes exactly n_steps steps from zero, w and b together, with the penalty in each."""
    for stream, (n, d, steps, alpha) in enumerate([(3, 1, 0, 1.0), (7, 2, 1, 1.0), (7, 3, 5, 4.0), (20, 2, 12, 0.0)]):
        X, y = case(100 + stream, n, d)
        w, b = [0.0] * d, 0.0
        for _ in range(steps):
            by_w, by_b = slow_gradient(X, y, w, b, alpha)
            w, b = [c - 0.02 * g for c, g in zip(w, by_w, strict=True)], b - 0.02 * by_b
        with unchanged(X=X, y=y):
            got = work.fit_by_descent(X, y, alpha, 0.02, steps)
        found_w, found_b = weights(got, d, "fit_by_descent")
        assert_close(found_w, w, what="the weights of fit_by_descent")
        assert_close(found_b, b, what="the bias of fit_by_descent")


def test_both_ways_agree() -> None:
    """After enough steps the descent arrives where fit is, also where the columns repeat."""
    X = rng(110).normal(0.5, 1.0, (40, 3))
    y = X @ np.array([2.0, -1.0, 0.5]) + 3.0 + rng(111).normal(0.0, 0.3, 40)
    twice = np.column_stack([X, X[:, 0]])
    for table, alpha in ((X, 0.0), (X, 5.0), (twice, 0.0), (twice, 2.0)):
        w, b = fit(table, y, alpha)
        got = work.fit_by_descent(table.copy(), y.copy(), alpha, 0.1, 3000)
        found_w, found_b = weights(got, table.shape[1], "fit_by_descent")
        assert_close(found_w, w, rtol=1e-4, atol=1e-5, what="the weights of fit_by_descent")
        assert_close(found_b, b, rtol=1e-4, atol=1e-5, what="the bias of fit_by_descent")


def test_integers_and_views() -> None:
    """Integers, uint8 too, are computed as floats, and views of other arrays are taken as they are."""
    X = np.array([[200, 1], [3, 90], [250, 7], [10, 0], [90, 40]], dtype=np.uint8)
    y = np.array([1, 250, 3, 40, 200], dtype=np.uint8)
    w, b = fit(X, y, 3.0)
    by_w, by_b = slow_gradient(X, y, w.tolist(), b, 3.0)
    assert_close([*by_w, by_b], np.zeros(3), atol=1e-6, what="the gradient at the result of fit")
    start = np.array([1.0, 2.0])
    expected = slow_loss(X, y, [1.0, 2.0], -3.0, 1.0)
    assert_close(work.loss(X.copy(), y.copy(), start, -3.0, 1.0), expected)
    base, target = case(120, 20, 6)
    views = base[::2, ::-2], target[::-2]
    w, b = fit(*views, 1.0)
    by_w, by_b = slow_gradient(*views, w.tolist(), b, 1.0)
    assert_close([*by_w, by_b], np.zeros(4), atol=1e-8, what="the gradient at the result of fit")


# Noted from scikit-learn 1.9.1. Importing it can take longer than all else here, so that a learner's run compares
# with these numbers, and only a run from another seed (the audit's) asks the library itself.
LIBRARY_X = [[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, 4.0], [6.0, 3.0]]
LIBRARY_Y = [1.0, 2.0, 0.0, 4.0, 7.0]
LIBRARY_FITS = {
    1.0: ([1.3790322580645162, -0.717741935483871], 0.540322580645161),
    0.1: ([1.5046617260339463, -0.8438919435811617], 0.5167583074348561),
    30.0: ([0.4148273910582908, -0.07685342388228636], 1.7031126202603282),
}


def test_agrees_with_scikit_learn() -> None:
    """fit agrees with scikit-learn's Ridge of the same alpha, which is 1 where none is named."""
    X, y = np.array(LIBRARY_X), np.array(LIBRARY_Y)
    for alpha, (expected_w, expected_b) in LIBRARY_FITS.items():
        w, b = fit(X, y, alpha) if alpha != 1.0 else weights(work.fit(X.copy(), y.copy()), 2, "fit")
        assert_close(w, expected_w, rtol=1e-6, what="the weights of fit")
        assert_close(b, expected_b, rtol=1e-6, what="the bias of fit")
    X, y = case(130, 50, 4)
    for alpha in LIBRARY_FITS:
        w, b = fit(X, y, alpha)
        if (library := scikit_learn_ridge(alpha)) is not None:
            assert_close(w, library.fit(X, y).coef_, rtol=1e-5, what="the weights of fit")
            assert_close(b, library.intercept_, rtol=1e-5, what="the bias of fit")


def scikit_learn_ridge(alpha: float) -> Any:
    try:
        return importlib.import_module("sklearn.linear_model").Ridge(alpha) if seed() else None
    except ImportError:
        return None


def test_bad_input_is_refused_by_name() -> None:
    """A bad X, y, alpha, learning_rate or n_steps raises ValueError with a message that names it."""
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 1.0, 1.0])
    cases: list[tuple[str, Array, Array, float]] = [
        ("X", np.arange(3.0), y, 1.0),
        ("X", np.zeros((0, 2)), np.zeros(0), 1.0),
        ("X", np.array([[0.0], [np.nan], [1.0]]), y, 1.0),
        ("X", np.array([[0.0], [np.inf], [1.0]]), y, 1.0),
        ("y", X, y[:2], 1.0),
        ("y", X, y[:, None], 1.0),
        ("y", X, np.array([0.0, np.nan, 1.0]), 1.0),
        ("y", X, np.array([0.0, 1.0, -np.inf]), 1.0),
        ("alpha", X, y, -0.1),
    ]
    for name, one, other, alpha in cases:
        assert_raises(ValueError, work.fit, one.copy(), other.copy(), alpha, mentions=name)
        assert_raises(ValueError, work.fit_by_descent, one.copy(), other.copy(), alpha, mentions=name)
        w = np.zeros(one.shape[1] if one.ndim == 2 else 1)
        assert_raises(ValueError, work.loss, one.copy(), other.copy(), w, 0.0, alpha, mentions=name)
        assert_raises(ValueError, work.gradient, one.copy(), other.copy(), w, 0.0, alpha, mentions=name)
    for rate in (0.0, -0.1):
        assert_raises(ValueError, work.fit_by_descent, X, y, 1.0, rate, 5, mentions="learning_rate")
    assert_raises(ValueError, work.fit_by_descent, X, y, 1.0, 0.1, -1, mentions="n_steps")
