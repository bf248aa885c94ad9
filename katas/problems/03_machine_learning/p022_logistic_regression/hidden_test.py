"""Hidden test of p022_logistic_regression."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("logistic_regression")
Array = NDArray[Any]


def plain_sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def plain_cost(z: float, y: float) -> float:
    """-ln of the probability of the label that is true, from the score."""
    away = -z if y == 1 else z
    return max(away, 0.0) + math.log1p(math.exp(-abs(away)))


def plain_scores(X: Array, w: Array, b: float) -> list[float]:
    return [sum(v * c for v, c in zip(row, w.tolist(), strict=True)) + b for row in X.astype(float).tolist()]


def plain_loss(X: Array, y: Array, w: Array, b: float, l2: float = 0.0) -> float:
    costs = [plain_cost(z, t) for z, t in zip(plain_scores(X, w, b), y.astype(float).tolist(), strict=True)]
    return math.fsum(costs) / len(costs) + l2 / 2 * math.fsum(c * c for c in w.tolist())


def plain_gradient(X: Array, y: Array, w: Array, b: float, l2: float = 0.0) -> tuple[list[float], float]:
    errors = [plain_sigmoid(z) - t for z, t in zip(plain_scores(X, w, b), y.astype(float).tolist(), strict=True)]
    rows, n = X.astype(float).tolist(), len(X)
    by_w = [math.fsum(e * r[j] for e, r in zip(errors, rows, strict=True)) / n + l2 * c for j, c in enumerate(w)]
    return by_w, math.fsum(errors) / n


def plain_fit(X: Array, y: Array, rate: float, n_steps: int, l2: float = 0.0) -> tuple[Array, float, list[float]]:
    w, b = np.zeros(X.shape[1]), 0.0
    losses = [plain_loss(X, y, w, b, l2)]
    for _ in range(n_steps):
        by_w, by_b = plain_gradient(X, y, w, b, l2)
        w, b = w - rate * np.array(by_w), b - rate * by_b
        losses.append(plain_loss(X, y, w, b, l2))
    return w, b, losses


FEW = np.array([[1.0], [2.0], [4.0], [5.0]]), np.array([0, 0, 1, 1])


def case(stream: int, n: int, d: int) -> tuple[Array, Array]:
    X = rng(stream).normal(0.5, 1.5, (n, d))
    return X, (X[:, 0] + rng(stream + 500).normal(0, 1, n) > 0.3).astype(np.int64)


def fitted(X: Array, y: Array, **settings: Any) -> Any:
    """The learner's model, fitted to copies."""
    model = work.LogisticRegression(**settings)
    got = model.fit(X.copy(), y.copy())
    require(got is model, "fit must return the model itself; is `return self` missing?", got=got)
    return model


def parameters(model: Any, d: int) -> tuple[Array, float]:
    """coef_ and intercept_ of a fitted model."""
    coef, intercept = getattr(model, "coef_", None), getattr(model, "intercept_", None)
    assert_shape(coef, (d,), what="coef_")
    assert_type(intercept, (int, float, np.floating), what="intercept_")
    return as_array(coef, "coef_"), float(intercept)


def derivatives(X: Array, y: Array, w: Array, b: float, l2: float = 0.0) -> tuple[Any, Any]:
    got = work.gradient(X.copy(), y.copy(), w.copy(), b, l2)
    require(isinstance(got, tuple) and len(got) == 2, "gradient must return (grad_w, grad_b)", got=got)
    assert_type(got[1], (float, np.floating), what="grad_b")
    return got


def test_the_sigmoid_of_every_element() -> None:
    """sigmoid returns 1 / (1 + e^-z) of each element, in float64, for any shape, float32 and integers too."""
    assert_close(work.sigmoid(np.array([0.0, 1.0, -1.0])), [0.5, plain_sigmoid(1), plain_sigmoid(-1)])
    for dtype in (np.uint8, np.int8, np.int64, np.float32):
        # Tolerances are named: by itself assert_close allows float32 what float32 can hold.
        assert_close(work.sigmoid(np.array([0, 3], dtype=dtype)), [0.5, plain_sigmoid(3)], rtol=1e-9, atol=0.0)
    many = rng(1).normal(0, 8, (3, 127))
    assert_close(work.sigmoid(many.copy()), [[plain_sigmoid(z) for z in row] for row in many.tolist()])


def test_the_loss_is_a_mean_of_logarithms() -> None:
    """log_loss returns the mean over the samples of -(y ln p + (1 - y) ln(1 - p))."""
    X, y = FEW
    assert_close(work.log_loss(X.copy(), y.copy(), np.zeros(1), 0.0), math.log(2))
    for stream, (n, d) in enumerate([(1, 1), (2, 3), (129, 4)]):
        X, y = case(stream, n, d)
        w = rng(20 + stream).normal(size=d)
        assert_close(work.log_loss(X.copy(), y.copy(), w.copy(), 0.7), plain_loss(X, y, w, 0.7))


def test_the_gradient() -> None:
    """gradient returns the derivatives of the mean loss by w, of shape (d,), and by b, a float."""
    cases = [(*FEW, np.array([0.5]), 1.0)]
    for stream, (n, d) in enumerate([(1, 1), (2, 3), (128, 5)]):
        cases.append((*case(40 + stream, n, d), rng(60 + stream).normal(size=d), -0.4))
    for X, y, w, b in cases:
        by_w, by_b = plain_gradient(X, y, w, b)
        grad_w, grad_b = derivatives(X, y, w, b)
        assert_close(grad_w, by_w, what="grad_w")
        assert_close(grad_b, by_b, what="grad_b")


def test_the_penalty_spares_the_bias() -> None:
    """The loss holds l2/2 times the squared weights, not divided by n, and nothing for the bias; so its gradient."""
    X, y = FEW
    w = np.array([3.0])
    for b in (0.0, 5.0):
        for l2 in (0.1, 2.0):
            by_w, by_b = plain_gradient(X, y, w, b, l2)
            assert_close(work.log_loss(X.copy(), y.copy(), w.copy(), b, l2), plain_loss(X, y, w, b, l2))
            grad_w, grad_b = derivatives(X, y, w, b, l2)
            assert_close(grad_w, by_w, what="grad_w")
            assert_close(grad_b, by_b, what="grad_b")


def test_fit_walks_downhill_from_zero() -> None:
    """fit takes exactly n_steps steps from zero, w and b together against the same gradient."""
    cases = [(*FEW, 1, 0.0), (*FEW, 2, 0.0), (*case(72, 7, 2), 3, 0.5), (*case(73, 20, 2), 100, 0.01)]
    # A gradient of 1e-10 and a loss that does not fall are no reason to stop.
    cases.append((np.array([[0.0], [1e-9]]), np.array([0, 1]), 3, 0.0))
    for X, y, n_steps, l2 in cases:
        w, b, _ = plain_fit(X, y, 0.3, n_steps, l2)
        coef, intercept = parameters(fitted(X, y, learning_rate=0.3, n_steps=n_steps, l2=l2), X.shape[1])
        assert_close(coef, w, atol=0.0, what="coef_")
        assert_close(intercept, b, what="intercept_")


def test_every_loss_is_noted() -> None:
    """losses_ holds the loss, penalty included, before the first step and after each; here it falls."""
    for X, y, n_steps, l2 in ((*FEW, 1, 0.0), (*FEW, 2, 0.5), (*case(74, 30, 3), 20, 0.01)):
        _, _, losses = plain_fit(X, y, 0.1, n_steps, l2)
        model = fitted(X, y, n_steps=n_steps, l2=l2)
        got = as_array(getattr(model, "losses_", None), "losses_")
        assert_close(got, losses, what="losses_")
        require(bool((np.diff(got) < 0).all()), "the loss must fall with every step here", got=got)


def test_probabilities_and_the_classes_made_of_them() -> None:
    """predict_proba returns the probability of class 1, and predict returns 1 where that is at least 0.5."""
    X, y = FEW
    w, b, _ = plain_fit(X, y, 0.1, 30)
    model = fitted(X, y, n_steps=30)
    fresh = np.array([[-9.0], [2.0], [3.0], [20.0]])
    expected = [plain_sigmoid(z) for z in plain_scores(fresh, w, b)]
    assert_close(model.predict_proba(fresh.copy()), expected, what="predict_proba")
    got = as_array(model.predict(fresh.copy()), "predict")
    assert_equal(got, [int(p >= 0.5) for p in expected], what="predict")
    assert_dtype(got, "integer", what="predict")
    X, y = np.array([[-2.0], [-1.0], [1.0], [2.0]]), np.array([0, 0, 1, 1])
    assert_equal(as_array(fitted(X, y, n_steps=1).predict(np.array([[0.0], [0.1]])), "predict"), [1, 1])


def test_as_accurate_as_scikit_learn() -> None:
    """On the breast cancer data the accuracy on unseen rows is within 1 % of scikit-learn's."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.linear_model import LogisticRegression as Library

    data = load_breast_cancer()
    for split in (1, 2):
        order = rng(split).permutation(len(data.data))
        train, test = order[:400], order[400:]
        X = (data.data - data.data[train].mean(axis=0)) / data.data[train].std(axis=0)
        expected = Library(C=1 / (400 * 0.01)).fit(X[train], data.target[train]).score(X[test], data.target[test])
        model = fitted(X[train], data.target[train], learning_rate=0.5, n_steps=200, l2=0.01)
        got = as_array(model.predict(X[test]), "predict")
        assert_shape(got, (len(test),), what="predict")
        reached = float(np.mean(got == data.target[test]))
        wanted = Shown(f"at least {expected - 0.01:.3f}")
        require(reached >= expected - 0.01, "more than 1 % below scikit-learn", got=reached, expected=wanted)


edges()


def test_the_sigmoid_never_overflows() -> None:
    """Scores of ±10,000 return 0 and 1 without a warning, and small probabilities are not rounded to 0."""
    for z in (-50.0, -700.0, -1000.0, 1000.0, -1e4, 1e4):
        with no_warnings():
            got = work.sigmoid(np.array([z]))
        assert_close(got, [plain_sigmoid(z)], rtol=1e-9, atol=0.0)


def test_the_loss_of_large_scores_is_exact() -> None:
    """A score of 1000 costs 1000 where the label is 0, one of 50 costs 1.9e-22 where it is 1; nothing warns."""
    w = np.array([1.0])
    for score, label in ((1000.0, 0), (-1000.0, 1), (50.0, 1), (-50.0, 0), (1e4, 0), (-1e4, 1), (1e4, 1)):
        X, y = np.array([[score]]), np.array([label])
        with no_warnings():
            got = work.log_loss(X, y, w, 0.0)
        assert_close(got, plain_loss(X, y, w, 0.0), rtol=1e-9, atol=0.0)


def test_labels_of_any_type() -> None:
    """Labels count as 0 and 1 whether they are bools, uint8, other integers or floats."""
    X, y = FEW
    w = np.array([0.5])
    by_w, by_b = plain_gradient(X, y, w, 1.0)
    coef, _, _ = plain_fit(X, y, 0.1, 3)
    for dtype in (np.bool_, np.uint8, np.int8, np.float64):
        labels = y.astype(dtype)
        assert_close(work.log_loss(X.copy(), labels.copy(), w.copy(), 1.0), plain_loss(X, y, w, 1.0))
        grad_w, grad_b = derivatives(X, labels, w, 1.0)
        assert_close(grad_w, by_w, what="grad_w")
        assert_close(grad_b, by_b, what="grad_b")
        assert_close(parameters(fitted(X, labels, n_steps=3), 1)[0], coef, what="coef_")


def test_a_second_fit_starts_anew() -> None:
    """A second fit on the same model forgets the first."""
    X, y = FEW
    w, b, losses = plain_fit(X, y, 0.1, 2)
    model = fitted(-X, y, n_steps=2)
    model.fit(X.copy(), y.copy())
    coef, intercept = parameters(model, 1)
    assert_close(coef, w, what="coef_")
    assert_close(intercept, b, what="intercept_")
    assert_close(getattr(model, "losses_", None), losses, what="losses_")


def test_inputs_stay_as_they_were() -> None:
    """z, X, y and w are left as they were."""
    X, y, w, z = np.array([[1.0], [-2.0], [4.0]]), np.array([0.0, 1.0, 1.0]), np.array([0.5]), np.array([-1.0, 2.0])
    with unchanged(z=z):
        work.sigmoid(z)
    with unchanged(X=X, y=y, w=w):
        work.log_loss(X, y, w, 1.0, 0.5)
    with unchanged(X=X, y=y, w=w):
        work.gradient(X, y, w, 1.0, 0.5)
    model = work.LogisticRegression(n_steps=3)
    with unchanged(X=X, y=y):
        model.fit(X, y)
    with unchanged(X=X):
        model.predict_proba(X)
        model.predict(X)


def fit_anew(X: Array, y: Array) -> Any:
    return work.LogisticRegression(n_steps=3).fit(X, y)


def test_bad_input_is_refused() -> None:
    """NaN or infinity in X, a y not of shape (n,), and labels other than 0 and 1 raise ValueError."""
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0, 1, 1])
    cases = [(np.array([[0.0], [bad], [1.0]]), y) for bad in (np.nan, np.inf, -np.inf)]
    cases += [(X, y[:2]), (X, y[:1]), (X, y[:, None])]
    labels = ([-1, 1, 1], [1, 2, 2], [0.0, 0.5, 1.0], [0.0, np.nan, 1.0])
    cases += [(X, np.array(bad)) for bad in labels]
    for X, y in cases:
        call = f"LogisticRegression(n_steps=3).fit(np.array({X.tolist()}), np.array({y.tolist()}))"
        assert_raises(ValueError, fit_anew, X, y, call=call)
