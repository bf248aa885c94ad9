"""Hidden test of p002_missing_data_imputer."""

import math
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
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
    """An imputer of the learner's that has learned from X."""
    with calling(f"GroupMedianImputer({group!r}).fit({shown(X)})"):
        imputer = work.GroupMedianImputer(group)
        got = imputer.fit(X.copy())
        require(got is imputer, "fit must give the imputer itself; is `return self` missing?")
    return imputer


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


def shown(X: pd.DataFrame) -> str:
    return str(X.to_dict("list")) if X.size <= 16 else f"a frame of {len(X)} rows"


def transform(imputer: Any, X: pd.DataFrame) -> pd.DataFrame:
    """What transform gives, found to have the rows and columns of X."""
    with calling(f"imputer.transform({shown(X)})"):
        return same_frame(imputer.transform(X), X)


def same_frame(got: Any, X: pd.DataFrame) -> pd.DataFrame:
    assert_type(got, pd.DataFrame, what="transform")
    assert_equal(list(got.columns), list(X.columns), what="the columns of the result")
    assert_equal(list(got.index), list(X.index), what="the index of the result")
    return got  # type: ignore[no-any-return]


def plain_median(values: list[float]) -> float:
    there = sorted(v for v in values if v == v)
    if not there:
        return nan
    middle = len(there) // 2
    return there[middle] if len(there) % 2 else (there[middle - 1] + there[middle]) / 2


def plain_fill(train: pd.DataFrame, new: pd.DataFrame, column: str, group: str = "kind") -> list[float]:
    """One value after the other, each group searched for anew."""
    known = list(zip(train[group].tolist(), train[column].astype(float).tolist(), strict=True))
    filled = []
    for own, value in zip(new[group].tolist(), new[column].astype(float).tolist(), strict=True):
        if value != value:
            value = plain_median([v for g, v in known if g == own])
        if value != value:
            value = plain_median([v for _, v in known])
        filled.append(value)
    return filled


def check_column(imputer: Any, train: pd.DataFrame, new: pd.DataFrame, *columns: str, group: str = "kind") -> None:
    """The learner's result agrees with the plain one in these columns."""
    expected = {column: plain_fill(train, new, column, group) for column in columns}
    got = transform(imputer, new.copy())
    for column in columns:
        assert_close(got[column], expected[column], what=f"column {column!r}")


def animals(stream: int, n: int) -> pd.DataFrame:
    """Two columns of numbers with gaps, five groups."""
    random = rng(stream)
    kinds = random.integers(0, 5, n)
    frame = pd.DataFrame({"kind": [f"k{k}" for k in kinds], "a": random.normal(size=n) + 10 * kinds})
    frame["b"] = random.integers(0, 90, n).astype(float)
    for column in ("a", "b"):
        frame.loc[random.random(n) < 0.3, column] = nan
    return frame


def test_gaps_get_the_median_of_their_group() -> None:
    """A gap is filled with the median of the row's group; what is there stays."""
    check_column(fitted(TRAIN), TRAIN, TRAIN, "kg")
    for stream, n in enumerate([5, 7, 128, 129]):
        train = animals(stream, n)
        check_column(fitted(train), train, train, "a", "b")


def test_medians_come_from_fit() -> None:
    """transform fills with what fit learned, however different the new data are, and for a single row."""
    new = pd.DataFrame({"kind": ["cow", "cow", "mouse", "cow", "mouse"], "kg": [1.0, nan, 7.0, 3.0, nan]})
    imputer = fitted(TRAIN)
    for _ in range(2):
        check_column(imputer, TRAIN, new, "kg")
    check_column(imputer, TRAIN, pd.DataFrame({"kind": ["mouse"], "kg": [nan]}), "kg")
    train, other = animals(10, 60), animals(11, 40)
    other[["a", "b"]] += 1000
    check_column(fitted(train), train, other, "a", "b")
    assert_equal(len(transform(imputer, TRAIN.iloc[:0])), 0, what="rows of no rows")


def test_groups_without_a_median_get_the_global_one() -> None:
    """An unseen group, a group without values and a missing group get the median of all training rows."""
    train = pd.DataFrame(
        {
            "kind": ["cow", "cow", "cow", "eel", "eel", None, "mouse"],
            "kg": [600.0, 800.0, 900.0, nan, nan, 2.0, 0.02],
        }
    )
    imputer = fitted(train)
    for kind in ("yak", "eel", None, "cow"):
        check_column(imputer, train, pd.DataFrame({"kind": [kind, "mouse"], "kg": [nan, nan]}), "kg")
    check_column(imputer, train, train, "kg")
    numbers = pd.DataFrame({"kind": [1.0, 1.0, 2.0, nan], "kg": [4.0, 6.0, nan, 100.0]})
    check_column(fitted(numbers), numbers, numbers, "kg")


def test_every_column_of_numbers_is_learned() -> None:
    """Columns that had no gap in fit are learned as well, integers too; a column without any value keeps its gaps."""
    train = pd.DataFrame(
        {"whole": [1, 2, 4, 9], "kind": ["a", "a", "b", "b"], "full": [0.5, 1.5, 2.5, 5.5], "none": [nan] * 4}
    )
    new = pd.DataFrame(
        {"whole": [nan, nan, 7.0], "kind": ["a", "b", "c"], "full": [nan, 1.0, nan], "none": [nan, 3.0, nan]}
    )
    check_column(fitted(train), train, new, "whole", "full", "none")


def test_everything_else_stays() -> None:
    """Text, dates, booleans, the group, new columns, and columns of numbers without a gap stay as they are."""
    train = pd.DataFrame(
        {
            "kind": [1, 1, 2],
            "count": np.array([1, 2, 3], dtype=np.int32),
            "small": np.array([1.5, 2.5, 3.5], dtype=np.float32),
            "name": ["x", None, "z"],
            "ok": [True, False, True],
            "day": pd.to_datetime(["2024-01-01", None, "2024-03-01"]),
            "kg": [1.0, nan, 3.0],
        }
    )
    new = train.iloc[[2, 0, 1]].assign(extra=[nan, 1.0, 2.0])
    got = transform(fitted(train), new.copy())
    for column in ("kind", "count", "small", "name", "ok", "day", "extra"):
        require(got[column].dtype == new[column].dtype, f"column {column!r} has become {got[column].dtype}")
        require(bool(got[column].equals(new[column])), f"column {column!r} has changed", got=got[column].tolist())
    assert_close(got["kg"], [3.0, 1.0, 1.0], what="column 'kg'")
    flags = new.assign(ok=pd.array([True, None, False], dtype="boolean"))
    found = transform(fitted(train), flags)["ok"]
    require(bool(found.equals(flags["ok"])), "column 'ok' of booleans has been filled", got=found.tolist())
    # What was not learned need not be there either.
    transform(fitted(train), new.drop(columns=["ok", "name", "day"]))
    gap = new.assign(kind=[nan, 1.0, 2.0])
    require(bool(transform(fitted(train), gap)["kind"].equals(gap["kind"])), "the group column has been filled")


def test_rows_and_index_stay_in_order() -> None:
    """Rows keep their order and their index labels, also where labels are there twice or groups alternate."""
    for index in ([5, 3, 9, 1, 7, 2], [0, 0, 1, 1, 0, 1], list("fbacde")):
        train = TRAIN.set_axis(index, axis=0)
        check_column(fitted(train), train, train, "kg")
        check_column(fitted(TRAIN), TRAIN, train.iloc[::-1], "kg")
    wide = TRAIN.assign(kg2=[nan, 1.0, 2.0, nan, 3.0, 5.0])[["kg2", "kind", "kg"]]
    check_column(fitted(wide), wide, wide, "kg", "kg2")


def test_input_stays_as_it_was() -> None:
    """X is left as it was by fit and by transform, and the result is a frame of its own."""
    X = animals(20, 30)
    with calling("imputer.fit(X), imputer.transform(X)"), unchanged(X=X):
        imputer = work.GroupMedianImputer("kind")
        imputer.fit(X)
        got = same_frame(imputer.transform(X), X)
        whole = X.dropna()
        again = same_frame(imputer.transform(whole), whole)
        require(again is not whole, "transform gave back X itself; it promises a new DataFrame")
        got.loc[:, "b"] = -1.0


def test_clone_and_parameters() -> None:
    """clone gives an imputer with the same parameter and nothing learned; set_params changes the group."""
    X = TRAIN.assign(other=["p", "p", "q", "q", "p", "q"])
    imputer = fitted(X)
    with inside_scikit_learn("clone(imputer)"):
        assert_equal(imputer.get_params(), {"group": "kind"}, what="get_params")
        copy = clone(imputer)
        require(copy is not imputer, "clone gave the imputer itself")
        assert_raises(NotFittedError, copy.transform, X, call="clone(imputer).transform(X)")
        assert_equal(copy.get_params(), {"group": "kind"}, what="get_params of the clone")
        copy.set_params(group="other")
        copy.fit(X)
    check_column(copy, X, X, "kg", group="other")
    check_column(imputer, X, X, "kg")


def test_in_a_pipeline() -> None:
    """It works in a Pipeline with a model behind it, under fit_transform, and under cross_val_score."""
    train, new = animals(30, 80), animals(31, 20)
    y = rng(32).normal(size=80)
    table = np.column_stack([plain_fill(train, train, c) for c in ("a", "b")])
    asked = np.column_stack([plain_fill(train, new, c) for c in ("a", "b")])
    expected = LinearRegression().fit(table, y).predict(asked)
    numbers = make_column_transformer(("passthrough", make_column_selector(dtype_include="number")))
    with inside_scikit_learn("Pipeline([('impute', GroupMedianImputer('kind')), ('model', …)]).fit(X, y)"):
        imputer = work.GroupMedianImputer("kind")
        together = same_frame(imputer.fit_transform(train.copy(), y), train)
        assert_close(together["a"], table[:, 0], what="fit_transform, column 'a'")
        steps = [("impute", work.GroupMedianImputer("kind")), ("numbers", numbers), ("model", LinearRegression())]
        pipeline = Pipeline(steps)
        pipeline.fit(train.copy(), y)
        got = pipeline.predict(new.copy())
        assert_close(got, expected, what="predict of the pipeline")
        scores = cross_val_score(make_pipeline(clone(imputer), numbers, LinearRegression()), train, y, cv=4)
        require(bool(np.isfinite(scores).all()), "a fold of cross_val_score gave no number", got=scores)


def test_fit_comes_first_and_begins_anew() -> None:
    """transform before fit raises NotFittedError; a second fit forgets the first."""
    with calling("GroupMedianImputer('kind')"):
        imputer = work.GroupMedianImputer("kind")
        assert_raises(NotFittedError, imputer.transform, TRAIN, call="GroupMedianImputer('kind').transform(X)")
        imputer.fit(TRAIN)
        second = pd.DataFrame({"kind": ["ant", "ant", "bee"], "cm": [1.0, 2.0, 5.0]})
        imputer.fit(second)
        assert_raises(NotFittedError, work.GroupMedianImputer("kind").transform, TRAIN)
    new = pd.DataFrame({"kind": ["cow", "ant", "bee"], "cm": [nan, nan, nan]})
    check_column(imputer, second, new, "cm")


def test_bad_input_is_named() -> None:
    """No DataFrame raises TypeError that names X; a missing column raises ValueError with the column's name."""
    imputer = fitted(TRAIN.assign(weight=1.0))
    with calling("imputer.fit(X)"):
        empty = work.GroupMedianImputer("species")
        for odd in (TRAIN.to_numpy(), TRAIN.to_dict("list"), TRAIN["kg"], None):
            names_x(assert_raises(TypeError, empty.fit, odd, call="imputer.fit(X) with an X that is no DataFrame"))
            names_x(assert_raises(TypeError, imputer.transform, odd, call="imputer.transform(X), X no DataFrame"))
        assert_raises(ValueError, empty.fit, TRAIN, mentions="species")
        for column in ("kind", "kg", "weight"):
            less = TRAIN.assign(weight=1.0).drop(columns=column)
            call = f"imputer.transform(X) with an X that has no column {column!r}"
            assert_raises(ValueError, imputer.transform, less, mentions=column, call=call)


def names_x(error: Exception) -> None:
    words = "".join(c if c.isalnum() else " " for c in str(error)).split()
    require("X" in words, "the message of the TypeError does not name X", got=str(error))
