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
    calling,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("logistic_regression")
Array = NDArray[Any]


def slow_sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def slow_cost(z: float, y: float) -> float:
    """-ln of the probability of the label that is true, from the score."""
    away = -z if y == 1 else z
    return max(away, 0.0) + math.log1p(math.exp(-abs(away)))


def slow_scores(X: Array, w: Array, b: float) -> list[float]:
    return [sum(v * c for v, c in zip(row, w.tolist(), strict=True)) + b for row in X.astype(float).tolist()]


def slow_loss(X: Array, y: Array, w: Array, b: float, l2: float) -> float:
    labels = y.astype(float).tolist()
    costs = [slow_cost(z, t) for z, t in zip(slow_scores(X, w, b), labels, strict=True)]
    return math.fsum(costs) / len(costs) + l2 / 2 * math.fsum(c * c for c in w.tolist())


def slow_gradient(X: Array, y: Array, w: Array, b: float, l2: float) -> tuple[list[float], float]:
    errors = [slow_sigmoid(z) - t for z, t in zip(slow_scores(X, w, b), y.astype(float).tolist(), strict=True)]
    rows = X.astype(float).tolist()
    n, weights = len(rows), w.tolist()
    by_w = [math.fsum(e * r[j] for e, r in zip(errors, rows, strict=True)) / n + l2 * weights[j] for j in range(len(w))]
    return by_w, math.fsum(errors) / n


def slow_fit(X: Array, y: Array, rate: float, n_steps: int, l2: float) -> tuple[Array, float, list[float]]:
    w, b = np.zeros(X.shape[1]), 0.0
    losses = [slow_loss(X, y, w, b, l2)]
    for _ in range(n_steps):
        by_w, by_b = slow_gradient(X, y, w, b, l2)
        w, b = w - rate * np.array(by_w), b - rate * by_b
        losses.append(slow_loss(X, y, w, b, l2))
    return w, b, losses


def case(stream: int, n: int, d: int) -> tuple[Array, Array]:
    X = rng(stream).normal(0.5, 1.5, (n, d))
    return X, (X[:, 0] + rng(stream + 500).normal(0, 1, n) > 0.3).astype(np.int64)


def fit(X: Array, y: Array, **settings: Any) -> Any:
    """Fit the learner's model and look at what it holds."""
    shown = ", ".join(f"{name}={value}" for name, value in settings.items())
    with calling(f"LogisticRegression({shown}).fit(X of shape {X.shape}, y)"):
        model = work.LogisticRegression(**settings)
        with unchanged(X=X, y=y):
            got = model.fit(X, y)
        require(got is model, "fit must give the model itself; is `return self` missing?")
        look_at(model, X.shape[1], settings.get("n_steps", 1000))
    return model


def look_at(model: Any, d: int, n_steps: int) -> None:
    assert_shape(getattr(model, "coef_", None), (d,), what="coef_")
    assert_type(getattr(model, "intercept_", None), (int, float, np.floating), what="intercept_")
    assert_shape(getattr(model, "losses_", None), (n_steps + 1,), what="losses_")


def test_the_sigmoid_of_every_element() -> None:
    """sigmoid gives 1 / (1 + e^-z) of every element, for any shape and for integers too."""
    assert_close(work.sigmoid(np.array([0.0, 1.0, -1.0, 3.0])), [slow_sigmoid(z) for z in (0.0, 1.0, -1.0, 3.0)])
    for dtype in (np.uint8, np.int8, np.int64, np.float32):
        z = np.array([[0, 1], [3, 100]], dtype=dtype)
        expected = [[0.5, slow_sigmoid(1)], [slow_sigmoid(3), slow_sigmoid(100)]]
        with unchanged(z=z):
            got = work.sigmoid(z)
        assert_dtype(as_array(got), np.float64)
        assert_close(got, expected)
    assert_close(work.sigmoid(2.0), slow_sigmoid(2.0))
    assert_close(work.sigmoid(np.zeros((0, 3))), np.zeros((0, 3)))
    many = rng(1).normal(0, 8, (3, 127))
    assert_close(work.sigmoid(many), [[slow_sigmoid(z) for z in row] for row in many.tolist()])


def test_the_sigmoid_never_overflows() -> None:
    """Scores of ±10,000 give 0 and 1 without a warning, and small probabilities are not rounded to 0."""
    with no_warnings():
        got = work.sigmoid(np.array([-1e4, -1000.0, 1000.0, 1e4]))
        assert_close(got, [0.0, 0.0, 1.0, 1.0])
        tiny = work.sigmoid(np.array([-30.0, -50.0, -700.0]))
    assert_close(tiny, [slow_sigmoid(z) for z in (-30.0, -50.0, -700.0)], rtol=1e-9, atol=0.0)


def test_the_loss_is_a_mean_of_logarithms() -> None:
    """The loss is the mean over the samples of -(y ln p + (1 - y) ln(1 - p)), for labels of any dtype."""
    X, y = np.array([[1.0], [2.0], [4.0]]), np.array([0, 0, 1])
    assert_close(work.log_loss(X.copy(), y.copy(), np.zeros(1), 0.0), math.log(2))
    for stream, (n, d) in enumerate([(1, 1), (2, 3), (7, 2), (129, 4)]):
        X, y = case(stream, n, d)
        w, b = rng(20 + stream).normal(size=d), 0.7
        expected = slow_loss(X, y, w, b, 0.0)
        for dtype in (np.int64, np.uint8, np.bool_, np.float64):
            labels = y.astype(dtype)
            with unchanged(X=X, y=labels, w=w):
                got = work.log_loss(X, labels, w, b)
            assert_type(got, (float, np.floating))
            assert_close(got, expected)


def test_the_loss_of_large_scores_is_exact() -> None:
    """A sample with score 1000 and label 0 costs 1000: no clipping, no infinity, no warning."""
    w = np.array([1.0])
    for scores, labels in (([1000.0], [0]), ([-1000.0], [1]), ([1e4, -1e4], [1, 0]), ([50.0, -1e4, 3.0], [0, 1, 1])):
        X, y = np.array(scores)[:, None], np.array(labels)
        expected = slow_loss(X, y, w, 0.0, 0.0)
        with no_warnings():
            assert_close(work.log_loss(X, y, w, 0.0), expected)


def test_the_penalty_spares_the_bias() -> None:
    """The penalty is l2/2 times the squared weights, once, not divided by n; the bias is not penalised."""
    X, y = case(30, 7, 2)
    w = np.array([3.0, -2.0])
    for b in (0.0, 50.0):
        for l2 in (0.1, 2.0):
            expected, by_hand = slow_loss(X, y, w, b, l2), slow_gradient(X, y, w, b, l2)
            assert_close(work.log_loss(X.copy(), y.copy(), w.copy(), b, l2), expected)
            grad_w, grad_b = pair(work.gradient(X.copy(), y.copy(), w.copy(), b, l2))
            assert_close(grad_w, by_hand[0], what="grad_w")
            assert_close(grad_b, by_hand[1], what="grad_b")


def pair(got: Any) -> tuple[Any, Any]:
    require(isinstance(got, tuple) and len(got) == 2, "gradient must give (grad_w, grad_b)", got=got)
    return got[0], got[1]


def test_the_gradient() -> None:
    """The gradient is that of the mean loss: derivatives by w of shape (d,) and by b, a float."""
    for stream, (n, d) in enumerate([(1, 1), (2, 3), (7, 2), (128, 5)]):
        X, y = case(40 + stream, n, d)
        w, b = rng(60 + stream).normal(size=d), -0.4
        by_w, by_b = slow_gradient(X, y, w, b, 0.0)
        for labels in (y, y.astype(np.uint8), y.astype(bool)):
            with unchanged(X=X, y=labels, w=w):
                got = pair(work.gradient(X, labels, w, b))
            assert_close(got[0], by_w, what="grad_w")
            assert_type(got[1], (float, np.floating), what="grad_b")
            assert_close(got[1], by_b, what="grad_b")


def test_fit_walks_downhill_from_zero() -> None:
    """fit takes exactly n_steps steps from zero, w and b together, and notes every loss, the first included."""
    for stream, (n, d, steps, l2) in enumerate([(4, 1, 0, 0.0), (4, 1, 1, 0.0), (7, 2, 3, 0.5), (30, 3, 20, 0.01)]):
        X, y = case(70 + stream, n, d)
        w, b, losses = slow_fit(X, y, 0.3, steps, l2)
        model = fit(X, y, learning_rate=0.3, n_steps=steps, l2=l2)
        assert_close(model.coef_, w, what="coef_")
        assert_close(model.intercept_, b, what="intercept_")
        assert_close(model.losses_, losses, what="losses_")
    falls = np.diff(as_array(model.losses_, "losses_"))
    require(bool((falls < 0).all()), "the loss must fall with every step here", got=model.losses_)
    pixels = np.array([[200, 0], [3, 1], [250, 2], [0, 9]], dtype=np.uint8)
    labels = np.array([True, False, True, False])
    w, b, _ = slow_fit(pixels, labels, 1e-4, 5, 0.0)
    model = fit(pixels, labels, learning_rate=1e-4, n_steps=5)
    assert_close(model.coef_, w, what="coef_ of uint8 X")


def test_a_second_fit_starts_anew() -> None:
    """A second fit on the same model forgets the first."""
    first, other = case(80, 20, 2), case(81, 25, 2)
    w, b, losses = slow_fit(*other, 0.1, 5, 0.0)
    model = fit(*first, n_steps=5)
    with calling("model.fit(X, y), a second time on the same model"):
        model.fit(*other)
        look_at(model, 2, 5)
        assert_close(model.coef_, w, what="coef_")
        assert_close(model.intercept_, b, what="intercept_")
        assert_close(model.losses_, losses, what="losses_")


def test_a_boundary_away_from_the_origin() -> None:
    """The bias puts the boundary where the classes part, also when that is far from 0 and l2 is large."""
    X = np.array([[9.0], [10.0], [11.0], [12.0]]) - 8.0
    y = np.array([0, 0, 1, 1])
    model = fit(X, y, learning_rate=0.5, n_steps=2000)
    with calling("model.predict([[2.2], [2.8]]), fitted to 1, 2 -> 0 and 3, 4 -> 1"):
        assert_equal(as_array(model.predict(np.array([[2.2], [2.8]])), "predict"), [0, 1])
    mostly_yes = np.array([1, 1, 1, 0])
    flat = fit(np.zeros((4, 1)), mostly_yes, learning_rate=0.5, n_steps=1000, l2=5.0)
    with calling("predict_proba of a model fitted to zeros, three labels of four 1, l2=5"):
        assert_close(flat.predict_proba(np.zeros((1, 1))), [0.75], rtol=1e-6)


def test_probabilities_and_the_classes_made_of_them() -> None:
    """predict_proba gives the probability of class 1, and predict gives 1 from 0.5 on; no rows give no answers."""
    X, y = case(90, 60, 3)
    model = fit(X, y, n_steps=30)
    w, b, _ = slow_fit(X, y, 0.1, 30, 0.0)
    fresh = rng(91).normal(0, 2, (127, 3))
    expected = [slow_sigmoid(z) for z in slow_scores(fresh, w, b)]
    with calling("model.predict_proba(X of shape (127, 3))"), unchanged(X=fresh):
        assert_close(model.predict_proba(fresh), expected, what="predict_proba")
    with calling("model.predict(X of shape (127, 3))"):
        got = as_array(model.predict(fresh), "predict")
        assert_dtype(got, "integer", what="predict")
        assert_equal(got, [int(p >= 0.5) for p in expected], what="predict")
        assert_shape(model.predict(np.zeros((0, 3))), (0,), what="predict")
        assert_shape(model.predict_proba(np.zeros((0, 3))), (0,), what="predict_proba")
    even = fit(np.array([[1.0], [1.0]]), np.array([0, 1]), n_steps=3)
    with calling("predict where the probability is exactly 0.5"):
        assert_equal(as_array(even.predict(np.array([[1.0], [7.0]])), "predict"), [1, 1])
    sure = fit(np.array([[1.0], [2.0]]), np.array([1, 1]), n_steps=5)
    with calling("predict of a model that saw class 1 only"):
        assert_equal(as_array(sure.predict(np.array([[1.0]])), "predict"), [1])


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
        model = fit(X[train], data.target[train], learning_rate=0.5, n_steps=400, l2=0.01)
        with calling("model.predict(unseen rows of the breast cancer data)"):
            got = as_array(model.predict(X[test]), "predict")
            assert_shape(got, (len(test),), what="predict")
        reached = float(np.mean(got == data.target[test]))
        require(
            reached >= expected - 0.01,
            "more than 1 % below scikit-learn",
            got=reached,
            expected=Shown(f"{expected:.3f}"),
        )


def build_and_fit(X: Array, y: Array, settings: dict[str, Any]) -> Any:
    return work.LogisticRegression(**settings).fit(X, y)


def test_bad_input_is_refused_by_name() -> None:
    """A bad X, y, learning_rate, n_steps or l2 raises ValueError with a message that names it."""
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0, 1, 1])
    cases: list[tuple[str, Array, Array, dict[str, Any]]] = [
        ("X", np.arange(3.0), y, {}),
        ("X", np.zeros((0, 2)), np.zeros(0), {}),
        ("X", np.array([[0.0], [np.nan], [1.0]]), y, {}),
        ("X", np.array([[0.0], [np.inf], [1.0]]), y, {}),
        ("y", X, y[:2], {}),
        ("y", X, y[:, None], {}),
        ("y", X, np.array([-1, 1, 1]), {}),
        ("y", X, np.array([1, 2, 2]), {}),
        ("y", X, np.array([0.0, 0.5, 1.0]), {}),
        ("y", X, np.array([0.0, np.nan, 1.0]), {}),
        ("learning_rate", X, y, {"learning_rate": 0.0}),
        ("learning_rate", X, y, {"learning_rate": -0.1}),
        ("n_steps", X, y, {"n_steps": -1}),
        ("l2", X, y, {"l2": -0.5}),
    ]
    for name, one, other, settings in cases:
        shown = ", ".join(f"{key}={value}" for key, value in settings.items())
        call = f"LogisticRegression({shown}).fit(X={one.tolist()}, y={other.tolist()})"
        assert_raises(ValueError, build_and_fit, one, other, settings, mentions=name, call=call)
