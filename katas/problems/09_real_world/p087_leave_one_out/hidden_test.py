"""Hidden test of p087_leave_one_out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import mean_squared_error, r2_score
from sklearn.neighbors import KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_equal,
    assert_raises,
    assert_shape,
    calling,
    edges,
    fail,
    global_random_state_kept,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("leave_one_out")
Array = NDArray[Any]

# What the models and the metric of this file were given since the list was cleared: (kind, what, y).
SEEN: list[tuple[str, Array, Array]] = []
NO_Y = np.zeros(0)


class WeightedSum(BaseEstimator):  # type: ignore[misc]
    """A model that is fitted already: it predicts the sum of the columns times its weights."""

    def __init__(self, weights: tuple[float, ...] = (1.0,)) -> None:
        self.weights = weights

    def fit(self, X: Array, y: Array) -> WeightedSum:
        return self

    def predict(self, X: Array) -> Array:
        SEEN.append(("predict", np.array(X), NO_Y))
        return np.asarray(X @ np.array(self.weights))


class Counting(BaseEstimator):  # type: ignore[misc]
    """A linear model that remembers how often it was fitted, and notes what it was given."""

    def __init__(self, shift: float = 0.0) -> None:
        self.shift = shift

    def fit(self, X: Array, y: Array) -> Counting:
        SEEN.append(("fit", np.array(X), np.array(y)))
        self.n_fits_ = getattr(self, "n_fits_", 0) + 1
        self.inner_ = LinearRegression().fit(X, y)
        return self

    def predict(self, X: Array) -> Array:
        SEEN.append(("predict", np.array(X), NO_Y))
        return np.asarray(self.inner_.predict(X) + self.shift)


class FittedOnce(Counting):
    """Refuses to predict where it was not fitted exactly once."""

    def predict(self, X: Array) -> Array:
        fits = getattr(self, "n_fits_", 0)
        if fits != 1:
            fail("each model must be a new, unfitted clone of `model`, fitted once", got=Shown(f"fitted {fits} times"))
        return super().predict(X)


def agreement(y_true: Array, y_predicted: Array) -> float:
    """Greater is better, and y_true and y_predicted may not be exchanged."""
    SEEN.append(("metric", np.array(y_true), np.array(y_predicted)))
    return -float(np.mean(np.abs(y_true - y_predicted) * (1.0 + np.abs(y_true))))


def table(stream: int, n: int, d: int) -> Array:
    return rng(stream).normal(0.0, 2.0, (n, d))


def changed_column(shuffled: Array, X: Array) -> int | None:
    """The one column in which the tables differ, None where they are equal; fails where more columns differ."""
    columns = np.flatnonzero((shuffled != X).any(axis=0))
    if len(columns) > 1:
        fail("more than one column is shuffled in a table that predict was given", got=shuffled, expected=X)
    return int(columns[0]) if len(columns) else None


def tables_of(X: Array) -> list[Array]:
    """The tables that predict was given; several that were stacked are taken apart."""
    parts = []
    for kind, given, _ in SEEN:
        if kind == "predict":
            if given.ndim != 2 or given.shape[1] != X.shape[1] or len(given) % len(X):
                fail("predict was given a table of another shape than X", got=given.shape, expected=X.shape)
            parts.extend(given.reshape(-1, *X.shape))
    return parts


def permuted(
    X: Array, y: Array, n_repeats: int, stream: int, metric: Any = None, **direction: bool
) -> tuple[Array, list[tuple[int, Array]]]:
    """The learner's importances, and the tables it had predicted, each with the number of its shuffled column."""
    model = WeightedSum(tuple(float(j) for j in range(1, X.shape[1] + 1)))
    SEEN.clear()
    result = work.permutation_importance(
        model, X.copy(), y.copy(), metric or r2_score, rng(stream), n_repeats=n_repeats, **direction
    )
    got = as_array(result, "permutation_importance")
    shuffled = [(changed_column(t, X), t) for t in tables_of(X)]
    return got, [(j, t) for j, t in shuffled if j is not None]


def plain_r2(y: Array, predicted: Array) -> float:
    mean = sum(y.tolist()) / len(y)
    missed = sum((a - b) ** 2 for a, b in zip(y.tolist(), predicted.tolist(), strict=True))
    return 1 - missed / sum((a - mean) ** 2 for a in y.tolist())


def plain_drop(model: Any, tables: tuple[Array, ...], metric: Any) -> list[float]:
    """Before minus after, one column after the other; `model` makes a new model."""
    X_train, y_train, X_test, y_test = tables
    before = metric(y_test, model().fit(X_train, y_train).predict(X_test))
    found = []
    for j in range(X_train.shape[1]):
        fitted = model().fit(np.delete(X_train, j, axis=1), y_train)
        found.append(before - metric(y_test, fitted.predict(np.delete(X_test, j, axis=1))))
    return found


def split(stream: int, d: int = 3, n_train: int = 20, n_test: int = 9) -> tuple[Array, Array, Array, Array]:
    X = table(stream, n_train + n_test, d)
    y = X @ np.arange(1.0, d + 1) + rng(stream + 500).normal(0.0, 2.0, len(X))
    return X[:n_train].copy(), y[:n_train].copy(), X[n_train:].copy(), y[n_train:].copy()


def copies(tables: tuple[Array, ...]) -> list[Array]:
    return [t.copy() for t in tables]


def test_one_column_is_shuffled_at_a_time() -> None:
    """4. Column j alone is shuffled: its values are all kept, and the other columns stand as they were."""
    for stream, (n, d, n_repeats) in enumerate([(12, 2, 1), (20, 4, 3)]):
        X, y = table(stream, n, d), rng(stream + 10).normal(size=n)
        _, shuffled = permuted(X, y, n_repeats, stream)
        for j, t in shuffled:
            if not np.array_equal(np.sort(t[:, j]), np.sort(X[:, j])):
                fail(f"column {j} no longer holds the values that it had", got=t[:, j], expected=X[:, j])
        counts = [sum(1 for j, _ in shuffled if j == column) for column in range(d)]
        assert_equal(counts, [n_repeats] * d, what="the number of times that predict was given each column shuffled")


def test_importance_of_a_shuffled_column() -> None:
    """1. Entry [j, r] is by how much the metric falls when column j is shuffled, compared with the table as it is."""
    for stream, (n, d, n_repeats) in enumerate([(12, 1, 1), (12, 2, 1), (15, 3, 4), (40, 5, 2)]):
        X, y = table(20 + stream, n, d), rng(stream + 30).normal(size=n)
        got, shuffled = permuted(X, y, n_repeats, stream)
        assert_shape(got, (d, n_repeats), what="permutation_importance")
        weights = np.arange(1.0, d + 1)
        before = plain_r2(y, X @ weights)
        for j in range(d):
            wanted = sorted(before - plain_r2(y, t @ weights) for column, t in shuffled if column == j)
            assert_close(np.sort(got[j]), wanted, what=f"row {j} of permutation_importance, sorted,")


def test_the_fitted_model_stays_as_it_is() -> None:
    """3. The model that permutation_importance is given is neither fitted nor changed."""
    X, y = table(100, 15, 2), rng(101).normal(size=15)
    model = Counting(shift=0.5).fit(X, y)
    other = X[:, 0] - X[:, 1]
    before = dict(model.__dict__)
    work.permutation_importance(model, X.copy(), other.copy(), agreement, rng(102), n_repeats=2)
    fits, after = getattr(model, "n_fits_", 0), model.__dict__
    require(fits == 1, "permutation_importance fitted the model again", got=Shown(f"{fits} fits"))
    same = before.keys() == after.keys() and all(after[name] is value for name, value in before.items())
    require(same, "permutation_importance changed the model", got=Shown(str(after)), expected=Shown(str(before)))


def test_training_and_test_data_are_kept_apart() -> None:
    """7. Models are trained on rows of the training data alone, and the metric sees y_test and nothing else."""
    X_train, y_train, X_test, y_test = split(120, 2, 9, 5)
    SEEN.clear()
    work.drop_column_importance(Counting(), X_train.copy(), y_train.copy(), X_test.copy(), y_test.copy(), agreement)
    for kind, given, labels in SEEN:
        if kind == "fit":
            assert_equal(len(given), 9, what="the number of rows that fit was given")
            assert_equal(labels, y_train, what="the y that fit was given")
        elif kind == "predict":
            assert_equal(len(given), 5, what="the number of rows that predict was given")
        else:
            assert_equal(given, y_test, what="the first argument of the metric")


def test_importance_of_a_dropped_column() -> None:
    """6. Entry j is how much the metric falls when the model is trained without column j."""
    for stream, (make, d, n_train, n_test) in enumerate(
        [(LinearRegression, 2, 6, 4), (KNeighborsRegressor, 3, 20, 9), (LinearRegression, 6, 30, 12)]
    ):
        tables = split(40 + stream, d, n_train, n_test)
        expected = plain_drop(make, tables, r2_score)
        got = work.drop_column_importance(make(), *copies(tables), r2_score)
        assert_close(got, expected, rtol=1e-6, atol=1e-8)


def test_direction_of_the_metric() -> None:
    """1. With greater_is_better=False an importance is how much the metric rises: what matters is above 0 in both."""
    tables = split(50)
    X, y = tables[:2]
    expected = [-fall for fall in plain_drop(LinearRegression, tables, mean_squared_error)]
    got = work.drop_column_importance(LinearRegression(), *copies(tables), mean_squared_error, greater_is_better=False)
    assert_close(got, expected, rtol=1e-6, atol=1e-8)
    got, shuffled = permuted(X, y, 2, 51, metric=mean_squared_error, greater_is_better=False)
    assert_shape(got, (3, 2), what="permutation_importance")
    weights = np.arange(1.0, 4.0)
    for j in range(3):
        errors = sorted(mean_squared_error(y, t @ weights) for column, t in shuffled if column == j)
        wanted = np.array(errors) - mean_squared_error(y, X @ weights)
        assert_close(np.sort(got[j]), wanted, what=f"row {j} of permutation_importance, sorted,")


def test_both_find_the_planted_column() -> None:
    """1. Of eight columns, both find the one that y is made of."""
    for stream, make in enumerate([LinearRegression, DecisionTreeRegressor]):
        planted = int(rng(60 + stream).integers(8))
        X = table(65 + stream, 160, 8)
        y = 4 * X[:, planted] + rng(70 + stream).normal(size=160)
        if make is DecisionTreeRegressor:
            y = np.where(X[:, planted] > 0, 9.0, -9.0) + rng(70 + stream).normal(size=160)
        model = make().fit(X[:100], y[:100])
        found = as_array(
            work.permutation_importance(model, X[100:].copy(), y[100:].copy(), r2_score, rng(75), n_repeats=5)
        )
        assert_shape(found, (8, 5), what="permutation_importance")
        assert_equal(int(found.mean(axis=1).argmax()), planted, what="the column of the largest permutation importance")
        tables = (X[:100].copy(), y[:100].copy(), X[100:].copy(), y[100:].copy())
        dropped = as_array(work.drop_column_importance(make(), *tables, r2_score))
        assert_shape(dropped, (8,), what="drop_column_importance")
        assert_equal(int(dropped.argmax()), planted, what="the column of the largest drop-column importance")


def test_equal_columns_tell_them_apart() -> None:
    """6. Of two equal columns, shuffling either one costs a lot, and dropping either one costs nothing."""
    for stream in (80, 81):
        X = table(stream, 60, 3)
        X[:, 2] = X[:, 0]
        y = 6 * X[:, 0] + X[:, 1]
        model = LinearRegression().fit(X, y)
        shuffled = as_array(work.permutation_importance(model, X.copy(), y.copy(), r2_score, rng(stream)))
        assert_shape(shuffled, (3, 5), what="permutation_importance")
        both = shuffled.mean(axis=1)[[0, 2]]
        require(
            bool((both > 0.2).all()), "shuffling one of two equal columns that the model uses costs a lot", got=both
        )
        tables = (X[:40].copy(), y[:40].copy(), X[40:].copy(), y[40:].copy())
        dropped = as_array(work.drop_column_importance(LinearRegression(), *tables, r2_score))
        assert_shape(dropped, (3,), what="drop_column_importance")
        assert_close(dropped[[0, 2]], [0.0, 0.0], atol=1e-6, what="the drop-column importance of two equal columns")


edges()


def order_of(shuffled: Array, X: Array, j: int) -> tuple[int, ...]:
    where = {value: row for row, value in enumerate(X[:, j].tolist())}
    return tuple(where.get(value, -1) for value in shuffled[:, j].tolist())


def test_every_repeat_is_a_new_permutation() -> None:
    """5. Each repeat of each column is a permutation of its own; the same state of rng leads to the same result."""
    X, y = table(90, 20, 3), rng(91).normal(size=20)
    with global_random_state_kept():
        got, shuffled = permuted(X, y, 4, 92)
    orders = [order_of(t, X, j) for j, t in shuffled]
    assert_equal(len(set(orders)), 12, what="the number of different permutations of 4 repeats of 3 columns")
    again, _ = permuted(X, y, 4, 92)
    require(np.array_equal(got, again), "rng in the same state led to another result", got=again, expected=got)
    other, _ = permuted(X, y, 4, 93)
    require(not np.array_equal(got, other), "rng in another state led to the same result", got=other)


def test_all_permutations_are_equally_likely() -> None:
    """5. All n! permutations are equally likely, the one that moves nothing included."""
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 1.0, 10.0])
    falls = {
        21 - (a + 10 * b): (c, a, b) for c, a, b in [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    }
    got = as_array(
        work.permutation_importance(
            WeightedSum(), X.copy(), y.copy(), lambda t, p: float(np.asarray(t) @ p), rng(95), n_repeats=1200
        )
    )
    assert_shape(got, (1, 1200), what="permutation_importance")
    counts = {order: int((np.abs(got[0] - fall) < 0.5).sum()) for fall, order in falls.items()}
    if not all(120 < count < 280 for count in counts.values()):
        fail("1,200 shuffles of the column 0, 1, 2 should hold each order about 200 times", got=counts)


def test_models_without_a_column() -> None:
    """6. The models are trained on, and predict for, d columns once, and d - 1 columns for each column."""
    tables = split(110, 3)
    X_train, y_train, X_test, _ = tables
    SEEN.clear()
    work.drop_column_importance(Counting(), *copies(tables), agreement)
    for wanted, source in (("fit", X_train), ("predict", X_test)):
        given = [t for kind, t, _ in SEEN if kind == wanted]
        expected = [source] + [np.delete(source, j, axis=1) for j in range(3)]
        shapes = sorted(t.shape for t in given)
        assert_equal(shapes, sorted(t.shape for t in expected), what=f"the shapes of the tables given to {wanted}")
        for t in expected:
            if not any(np.array_equal(t, other) for other in given):
                fail(f"{wanted} was never given this table, which it should be", got=given[0], expected=t)
    for kind, _, labels in SEEN:
        if kind == "fit":
            assert_equal(labels, y_train, what="the y that fit was given")


def test_clones_are_fitted_once() -> None:
    """8. Each model is a new, unfitted clone with the settings of model, which is itself never fitted."""
    tables = split(130)
    expected = plain_drop(lambda: Ridge(alpha=50.0), tables, agreement)
    assert_close(work.drop_column_importance(Ridge(alpha=50.0), *copies(tables), agreement), expected, rtol=1e-6)
    # Fitted already, to other labels: what it has learned must not stand for the model with all columns.
    fitted = LinearRegression().fit(tables[0].copy(), -tables[1])
    expected = plain_drop(LinearRegression, tables, agreement)
    with calling("model was fitted already: LinearRegression().fit(X_train, -y_train), with other labels"):
        assert_close(work.drop_column_importance(fitted, *copies(tables), agreement), expected, rtol=1e-6, atol=1e-8)
    for was_fitted in (False, True):
        model = FittedOnce(shift=3.0)
        if was_fitted:
            model.fit(*copies(tables[:2]))
        expected = plain_drop(lambda: FittedOnce(shift=3.0), tables, agreement)
        before = dict(model.__dict__)
        got = work.drop_column_importance(model, *copies(tables), agreement)
        assert_close(got, expected, rtol=1e-6, atol=1e-8)
        after = model.__dict__
        same = before.keys() == after.keys() and all(after[name] is value for name, value in before.items())
        require(same, "drop_column_importance changed the model", got=Shown(str(after)), expected=Shown(str(before)))


def test_data_is_never_written_to() -> None:
    """2. X and y are never written to: they may be read-only, views of other arrays, or integers."""
    base = np.round(table(140, 30, 6) * 10)
    for X in (base.copy(), base[:, ::2], np.asfortranarray(base), base.astype(np.int64)):
        y = X[:, 0] * 2 + X[:, 1]
        model = LinearRegression().fit(X, y)
        with unchanged(X=X, base=base, y=y):
            work.permutation_importance(model, X, y, r2_score, rng(141), n_repeats=2)
        fixed = X.copy()
        parts = fixed[:20], y[:20], fixed[20:], y[20:]
        for part in (fixed, y, *parts):
            part.setflags(write=False)
        work.permutation_importance(model, fixed, y, r2_score, rng(141), n_repeats=2)
        with unchanged(X=fixed, y=y):
            work.drop_column_importance(LinearRegression(), *parts, r2_score)
    tables = split(142)
    with unchanged(X_train=tables[0], y_train=tables[1], X_test=tables[2], y_test=tables[3]):
        work.drop_column_importance(LinearRegression(), *tables, r2_score)


def test_no_repeats_are_refused() -> None:
    """9. n_repeats below 1 raises ValueError."""
    X, y = table(150, 6, 2), np.zeros(6)
    for n_repeats in (0, -1, -5):
        assert_raises(
            ValueError,
            work.permutation_importance,
            WeightedSum((1.0, 2.0)),
            X.copy(),
            y.copy(),
            agreement,
            rng(151),
            n_repeats=n_repeats,
        )
