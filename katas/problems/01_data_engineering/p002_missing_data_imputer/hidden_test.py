"""Hidden test of p002_missing_data_imputer."""

import math
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline

from kata_runner.checking import (
    CheckFailed,
    assert_close,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("group_imputer")
nan = math.nan
TRAIN = pd.DataFrame(
    {"kind": ["mouse", "cow", "mouse", "cow", "mouse", "cow"], "kg": [0.02, 600.0, nan, 800.0, 0.04, 900.0]}
)


def fitted(X: pd.DataFrame, group: str = "kind") -> Any:
    """An imputer of the learner's that has learned from a copy of X."""
    imputer = work.GroupMedianImputer(group)
    imputer.fit(X.copy())
    return imputer


def transform(imputer: Any, X: pd.DataFrame) -> pd.DataFrame:
    return frame(imputer.transform(X.copy()))


def frame(got: Any) -> pd.DataFrame:
    assert_type(got, pd.DataFrame, what="transform")
    return got  # type: ignore[no-any-return]


def column_of(got: pd.DataFrame, column: str) -> pd.Series:
    require(column in got.columns, f"column {column!r} is not in the result", got=list(got.columns))
    return got[column]


def filled(imputer: Any, X: pd.DataFrame, column: str) -> list[Any]:
    """The column of the learner's result, in the order of X's rows if these can be told by their labels."""
    values = column_of(transform(imputer, X), column)
    if values.index.is_unique and set(values.index) == set(X.index):
        values = values.loc[X.index]
    return values.tolist()


def plain_median(values: list[float]) -> float:
    there = sorted(v for v in values if v == v)
    if not there:
        return nan
    middle = len(there) // 2
    return there[middle] if len(there) % 2 else (there[middle - 1] + there[middle]) / 2


def plain_fill(train: pd.DataFrame, new: pd.DataFrame, column: str, group: str = "kind") -> list[float]:
    """One value after the other, each group searched for anew."""
    known = list(zip(train[group].tolist(), train[column].astype(float).tolist(), strict=True))
    result = []
    for own, value in zip(new[group].tolist(), new[column].astype(float).tolist(), strict=True):
        if value != value:
            value = plain_median([v for g, v in known if g == own])
        if value != value:
            value = plain_median([v for _, v in known])
        result.append(value)
    return result


def check(train: pd.DataFrame, new: pd.DataFrame, *columns: str) -> None:
    """What the learner's imputer, fitted to train, fills into these columns of new."""
    imputer = fitted(train)
    for column in columns:
        expected = plain_fill(train, new, column)
        assert_close(filled(imputer, new, column), expected, what=f"column {column!r}")


def animals(stream: int, n: int) -> pd.DataFrame:
    """Two columns of numbers with gaps, three groups with at least one value each."""
    random = rng(stream)
    kinds = random.permutation(np.arange(n) % 3)
    frame = pd.DataFrame({"kind": [f"k{k}" for k in kinds], "a": random.normal(size=n) + 10 * kinds})
    frame["b"] = random.integers(0, 90, n).astype(float)
    for column in ("a", "b"):
        frame.loc[(random.random(n) < 0.3) & frame.duplicated("kind"), column] = nan
    return frame


@contextmanager
def inside_scikit_learn(text: str) -> Iterator[None]:
    """What scikit-learn cannot do with the learner's class counts as the learner's, with its own words."""
    with calling(text):
        try:
            yield
        except (CheckFailed, NotImplementedError):
            raise
        except Exception as error:
            files = {Path(frame.filename).name for frame in traceback.extract_tb(error.__traceback__)}
            if "group_imputer.py" in files:
                raise
            fail(f"scikit-learn cannot work with it: {type(error).__name__}: {str(error).splitlines()[0]}")


def test_gaps_get_the_median_of_their_group() -> None:
    """A gap is filled with the median of the row's group; missing values do not count, and what is there stays."""
    check(TRAIN, TRAIN, "kg")
    even = pd.DataFrame({"kind": ["a"] * 5 + ["b"], "kg": [1.0, 2.0, 4.0, 9.0, nan, 3.0]})
    check(even, even, "kg")
    for stream, n in enumerate([5, 7, 128, 129]):
        train = animals(stream, n)
        check(train, train, "a", "b")


def test_medians_come_from_fit() -> None:
    """transform fills with what fit learned, whatever the new data hold, and for a single row."""
    check(TRAIN, pd.DataFrame({"kind": ["mouse"], "kg": [nan]}), "kg")
    new = pd.DataFrame({"kind": ["cow", "cow", "mouse", "cow", "mouse"], "kg": [1.0, nan, 7.0, 3.0, nan]})
    imputer = fitted(TRAIN)
    expected = plain_fill(TRAIN, new, "kg")
    for _ in range(2):
        assert_close(filled(imputer, new, "kg"), expected, what="column 'kg'")
    train, other = animals(10, 60), animals(11, 40)
    other[["a", "b"]] += 1000
    check(train, other, "a", "b")
    check(TRAIN, TRAIN.iloc[:0], "kg")


def test_groups_without_a_median_get_the_global_one() -> None:
    """An unseen group, a group without a value and a missing group get the median of all rows of fit."""
    train = pd.DataFrame({"kind": ["cow", "cow", "cow", "eel", "mouse"], "kg": [600.0, 800.0, 900.0, nan, 0.02]})
    for kind in ("yak", "eel", None):
        check(train, pd.DataFrame({"kind": [kind, "mouse"], "kg": [nan, 5000.0]}), "kg")
        check(train, pd.DataFrame({"kind": [kind], "kg": [nan]}), "kg")
        # The new data have a value for the group, but they teach nothing.
        check(train, pd.DataFrame({"kind": [kind, kind], "kg": [nan, 5000.0]}), "kg")
    check(train, train, "kg")
    # Rows without a group count for the global median, and only for that.
    lost = pd.DataFrame({"kind": ["cow", "cow", None, None, "eel"], "kg": [600.0, 800.0, 2.0, 4.0, nan]})
    check(lost, lost.assign(kg=nan), "kg")


def test_every_column_of_numbers_is_learned() -> None:
    """Columns without a gap in fit are learned too, integers as well; one without any value keeps its gaps."""
    train = pd.DataFrame({"kind": ["a", "a", "b"], "full": [0.5, 1.5, 5.5]})
    check(train, pd.DataFrame({"kind": ["a", "b"], "full": [nan, 1.0]}), "full")
    train = train.assign(whole=[1, 2, 9])
    check(train, pd.DataFrame({"kind": ["a", "b"], "full": [2.5, 1.0], "whole": [nan, 7.0]}), "whole")
    for dtype in (np.int8, np.uint16, np.float32):
        numbers = pd.DataFrame({"kind": ["a", "a", "b"], "kg": np.array([100, 101, 3], dtype=dtype)})
        check(numbers, pd.DataFrame({"kind": ["a", "b"], "kg": [nan, nan]}), "kg")
    check(train.assign(none=nan), train.assign(none=[nan, 3.0, nan]), "none")


edges()


def test_rows_columns_and_index_stay_in_order() -> None:
    """The result has the rows, the index and the columns of X, in their order, however they are labelled."""
    same(TRAIN, TRAIN)
    for index in ([5, 3, 9, 1, 7, 2], [0, 0, 1, 1, 0, 1], list("fbacde")):
        train = TRAIN.set_axis(index, axis=0)
        same(TRAIN, train)
        same(train, train.iloc[::-1])
    wide = TRAIN.assign(cm=[nan, 1.0, 2.0, nan, 3.0, 5.0], name="x")
    for order in (["cm", "kind", "kg", "name"], ["name", "kg", "cm", "kind"]):
        same(wide, wide[order])
    # A missing group and one that is not known lose no row.
    same(TRAIN, TRAIN.assign(kind=["yak", "cow", "mouse", "cow", None, "mouse"]))


def same(train: pd.DataFrame, X: pd.DataFrame) -> None:
    """Rows, index, columns, and the values in these rows."""
    expected = plain_fill(train, X, "kg")
    got = transform(fitted(train), X)
    assert_equal(list(got.index), list(X.index), what="the index of the result")
    assert_equal(list(got.columns), list(X.columns), what="the columns of the result")
    assert_close(got["kg"].tolist(), expected, what="column 'kg'")


def test_everything_else_stays() -> None:
    """Text, dates, durations, booleans, the group, new columns and numbers without a gap keep gaps and dtype."""
    kept = {
        "name": ["x", None, "z"],
        "day": pd.to_datetime(["2024-01-01", None, "2024-03-01"]),
        "wait": pd.to_timedelta(["1 h", None, "3 h"]),
        "ok": [True, False, True],
        "count": np.array([1, 2, 3], dtype=np.int32),
        "small": np.array([1.5, 2.5, 3.5], dtype=np.float32),
    }
    for column, values in kept.items():
        train = pd.DataFrame({"kind": ["a", "a", "b"], "kg": [1.0, nan, 3.0], column: values})
        stays(train, train.iloc[[2, 0, 1]], column)
    train = pd.DataFrame({"kind": ["a", "a", "b"], "kg": [1.0, nan, 3.0], "ok": [True, False, False]})
    stays(train, train.assign(ok=pd.Series([True, None, False], dtype=object)), "ok")
    stays(train, train.assign(extra=[nan, 1.0, 2.0]), "extra")
    stays(train, train.assign(kind=["a", None, "b"]), "kind")
    numbers = pd.DataFrame({"kind": [1, 1, 2], "kg": [1.0, nan, 3.0]})
    stays(numbers, numbers, "kind")
    stays(numbers, numbers.assign(kind=[1.0, nan, 2.0]), "kind")


def stays(train: pd.DataFrame, new: pd.DataFrame, column: str) -> None:
    expected, dtype = without_nan(new[column]), new[column].dtype
    found = column_of(transform(fitted(train), new), column)
    assert_equal(without_nan(found), expected, what=f"column {column!r}")
    require(found.dtype == dtype, f"column {column!r} has the dtype {found.dtype}, in X it has {dtype}")


def without_nan(column: pd.Series) -> list[Any]:
    """The values, None for each gap, of whichever kind."""
    return [None if pd.isna(value) else value for value in column.tolist()]


def test_filled_columns_are_floats() -> None:
    """A filled column is one of floats, also where X held nothing but None, or None among numbers, in it."""
    for values in ([nan, 2.0], [None, None], [None, 2]):
        column = pd.Series(values, dtype=float if nan in values else object)
        new = pd.DataFrame({"kind": ["cow", "mouse"], "kg": column})
        expected = plain_fill(TRAIN, new, "kg")
        got = column_of(transform(fitted(TRAIN), new), "kg")
        assert_close(got.tolist(), expected, what="column 'kg'")
        require(is_float_dtype(got.dtype), f"column 'kg' has the dtype {got.dtype}, expected floats", got=got.tolist())


def test_groups_of_integers() -> None:
    """Integer groups are found again where pandas has made floats of them because one is missing."""
    whole = pd.DataFrame({"kind": [1, 1, 2, 2], "kg": [1.0, 3.0, 10.0, 30.0]})
    broken = pd.DataFrame({"kind": [1.0, 2.0, nan], "kg": [4.0, 10.0, 100.0]})
    check(whole, whole.assign(kg=nan), "kg")
    check(whole, broken.assign(kg=[nan, nan, 100.0]), "kg")
    check(broken, whole.assign(kg=nan), "kg")


def test_input_stays_as_it_was() -> None:
    """X is left as it was by fit and by transform, and the result is a frame of its own."""
    for X in (TRAIN.copy(), animals(20, 30)):
        imputer = work.GroupMedianImputer("kind")
        with unchanged(X=X):
            imputer.fit(X)
        with unchanged(X=X):
            overwrite(frame(imputer.transform(X)))
        whole = X.dropna()
        with unchanged(X=whole):
            got = imputer.transform(whole)
            require(got is not whole, "transform returned X itself where nothing is missing, expected a new DataFrame")
            overwrite(frame(got))


def overwrite(got: pd.DataFrame) -> None:
    for column in got.select_dtypes("number"):
        got.loc[:, column] = -1.0


def test_a_second_fit_forgets_the_first() -> None:
    """A second fit forgets the columns, the groups and the values of the first."""
    first = pd.DataFrame({"kind": ["x", "y"], "kg": [1.0, 5.0]})
    for second, new in (
        (pd.DataFrame({"kind": ["x", "y"], "cm": [3.0, 4.0]}), pd.DataFrame({"kind": ["x", "y"], "cm": [nan, 7.0]})),
        (pd.DataFrame({"kind": ["y", "y"], "kg": [2.0, 4.0]}), pd.DataFrame({"kind": ["x", "y"], "kg": [nan, nan]})),
    ):
        column = second.columns[1]
        expected = plain_fill(second, new, column)
        imputer = fitted(first)
        imputer.fit(second.copy())
        assert_close(filled(imputer, new, column), expected, what=f"column {column!r}")


def test_clone_and_parameters() -> None:
    """fit returns the imputer; clone has the same parameter and nothing learned; set_params changes the group."""
    X = TRAIN.assign(other=["p", "p", "q", "q", "p", "q"])
    expected, expected_other = plain_fill(X, X, "kg"), plain_fill(X, X, "kg", "other")
    imputer = work.GroupMedianImputer("kind")
    got = imputer.fit(X.copy())
    require(got is imputer, "fit must return the imputer itself; is `return self` missing?", got=got)
    with inside_scikit_learn("clone(imputer)"):
        copy = clone(imputer)
        assert_equal(imputer.get_params(), {"group": "kind"}, what="get_params")
        assert_equal(copy.get_params(), {"group": "kind"}, what="get_params of the clone")
        # Which error it is, another check asks.
        assert_raises(
            (NotFittedError, AttributeError, TypeError), copy.transform, X, call="clone(imputer).transform(X)"
        )
    with inside_scikit_learn("clone(imputer).set_params(group='other').fit(X)"):
        copy.set_params(group="other").fit(X.copy())
    assert_close(filled(copy, X, "kg"), expected_other, what="column 'kg'")
    assert_close(filled(imputer, X, "kg"), expected, what="column 'kg'")


def test_in_a_pipeline() -> None:
    """It works in a Pipeline with a model behind it, under fit_transform, and under cross_val_score; y is ignored."""
    train, new = animals(30, 80), animals(31, 20)
    y = rng(32).normal(size=80)
    table = np.column_stack([plain_fill(train, train, c) for c in ("a", "b")])
    asked = np.column_stack([plain_fill(train, new, c) for c in ("a", "b")])
    expected = LinearRegression().fit(table, y).predict(asked)
    numbers = make_column_transformer(("passthrough", make_column_selector(dtype_include="number")))
    with inside_scikit_learn("GroupMedianImputer('kind').fit_transform(X, y)"):
        together = frame(work.GroupMedianImputer("kind").fit_transform(train.copy(), y))
        assert_close(together["a"].tolist(), table[:, 0], what="fit_transform, column 'a'")
    two, gap = pd.DataFrame({"kind": ["a", "a"], "kg": [1.0, 3.0]}), pd.DataFrame({"kind": ["a"], "kg": [nan]})
    for unknown in (np.array([0.0, nan]), np.array(["small", None], dtype=object)):
        imputer = work.GroupMedianImputer("kind")
        imputer.fit(two.copy(), unknown)
        assert_close(filled(imputer, gap, "kg"), [2.0], what="column 'kg'")
    with inside_scikit_learn("Pipeline([('impute', GroupMedianImputer('kind')), ('model', …)]).fit(X, y)"):
        steps = [("impute", work.GroupMedianImputer("kind")), ("numbers", numbers), ("model", LinearRegression())]
        pipeline = Pipeline(steps)
        pipeline.fit(train.copy(), y)
        got = pipeline.predict(new.copy())
        assert_close(got, expected, what="predict of the pipeline")
        folds = make_pipeline(work.GroupMedianImputer("kind"), numbers, LinearRegression())
        scores = cross_val_score(folds, train, y, cv=4)
        require(bool(np.isfinite(scores).all()), "a fold of cross_val_score has no score", got=scores)


def test_transform_before_fit_is_refused() -> None:
    """transform before fit raises scikit-learn's NotFittedError, also after another imputer was fitted."""
    for _ in range(2):
        assert_raises(NotFittedError, work.GroupMedianImputer("kind").transform, TRAIN.copy())
        fitted(TRAIN)


def test_missing_columns_are_refused() -> None:
    """A group column or a learned column that is not there raises KeyError or ValueError with its name."""
    imputer = work.GroupMedianImputer("species")
    assert_raises((KeyError, ValueError), imputer.fit, TRAIN.copy(), mentions="species")
    train = TRAIN.assign(weight=1.0)
    for column in ("kind", "kg", "weight"):
        less = train.drop(columns=column)
        assert_raises((KeyError, ValueError), fitted(train).transform, less, mentions=column)
