"""Hidden test of p005_dataframe_memory."""

import math
from typing import Any

import numpy as np
import pandas as pd

from kata_runner.checking import (
    Shown,
    assert_equal,
    assert_type,
    edges,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("frame_memory")
nan = math.nan


def shrink(df: pd.DataFrame) -> pd.DataFrame:
    """What shrink returns for a copy of df, found to be a frame of the same shape."""
    got = work.shrink(df.copy())
    assert_type(got, pd.DataFrame, what="shrink")
    assert_equal(list(got.columns), list(df.columns), what="the columns of the result")
    require(len(got) == len(df), f"shrink returned {len(got)} rows, expected {len(df)}")
    return got  # type: ignore[no-any-return]


def same_values(got: pd.DataFrame, df: pd.DataFrame) -> None:
    """Every value is what it was, and missing where it was."""
    for name in df.columns:
        found, expected = got[name].astype(object).tolist(), df[name].astype(object).tolist()
        for row, (one, other) in enumerate(zip(found, expected, strict=True)):
            same = one is other or equal(one, other) or (missing(one) and missing(other))
            require(same, f"column {name!r}, row {row}: the value has changed", got=one, expected=other)


def equal(one: Any, other: Any) -> bool:
    return isinstance(one, type(other)) and isinstance(other, type(one)) and bool(one == other)


def missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def one_column(values: Any, dtype: Any = None) -> pd.DataFrame:
    return pd.DataFrame({"x": pd.Series(values, dtype=dtype)})


def expect_dtype(got: pd.DataFrame, dtype: Any, name: Any = "x") -> None:
    found = got[name].dtype
    require(bool(found == dtype), f"column {name!r} has another dtype than expected", got=Shown(str(found)),
            expected=Shown(str(dtype)))  # fmt: skip


def takes_bytes(values: Any, dtype: Any, size: int) -> None:
    """The column of these integers keeps its values, as integers of this many bytes."""
    df = one_column(values, dtype)
    got = shrink(df)
    same_values(got, df)
    found = got["x"].dtype
    require(isinstance(found, np.dtype) and found.kind in "iu", f"integers have become {found}")
    require(found.itemsize == size, f"{found} takes {found.itemsize} bytes per number; all values fit into {size}")


def test_integers_take_the_fewest_bytes() -> None:
    """1. Integers take the type with the fewest bytes that holds them all, and every one is what it was."""
    cases: list[tuple[list[int], int]] = [
        ([5], 1), ([-1], 1), ([0, 127], 1), ([0, 128], 1), ([0, 255], 1), ([0, 256], 2), ([300, 1], 2),
        ([-128, 127], 1), ([-128, 128], 2), ([-129, 0], 2), ([-1, 255], 2), ([65_535, 0], 2), ([65_536, 0], 4),
        ([-32_768, 32_767], 2), ([-1, 32_768], 4), ([-32_769, 5], 4), ([2**31 - 1, -1], 4), ([2**31, 0], 4),
        ([2**31, -1], 8), ([2**32 - 1, 7], 4), ([2**32, 7], 8), ([-(2**31), 0], 4), ([-(2**31) - 1, 0], 8),
        ([2**63 - 1, -(2**63)], 8), ([7] * 2000 + [300], 2),
    ]  # fmt: skip
    for values, size in cases:
        takes_bytes(values, np.int64, size)


def test_floats_are_halved_where_nothing_is_lost() -> None:
    """2. float64 becomes float32 exactly when every value comes back, without a warning."""
    cases = [
        ([0.5], True), ([0.1], False), ([0.5, nan], True), ([nan, nan], True), ([0.5, nan, 0.1], False),
        ([math.inf, -math.inf], True), ([0.5, -2.25, 1e10], True), ([2.0**24, 0.5], True), ([2.0**24 + 1, 0.5], False),
        ([1e300], False), ([-1e39, math.inf], False), ([1.7976931348623157e308], False), ([1e-300], False),
        ([1e-46], False), ([1.0 + 2.0**-30], False), ([2.0**-149, 2.0**127], True),
    ]  # fmt: skip
    for values, fits in cases:
        df = one_column(values, np.float64)
        with no_warnings():
            got = shrink(df)
        same_values(got, df)
        expect_dtype(got, np.float32 if fits else np.float64)


def test_repeated_strings_become_categories() -> None:
    """4. Strings of which at most half are distinct become a category, as str and as object, and every one is kept."""
    for dtype in ("str", object):
        for values in (
            ["a", "a"],
            ["a", "b", "a", "b"],
            ["x", "", " x", "X", "x", "x", " x", ""],
            ["ü", "ü", "1", "1"],
        ):
            df = one_column(values, dtype)
            got = shrink(df)
            same_values(got, df)
            expect_dtype(got, "category")


def test_many_distinct_strings_stay() -> None:
    """4. Strings of which more than half are distinct stay as they are."""
    for dtype in ("str", object):
        for values in (["a"], ["a", "b", "a"], [f"id{i}" for i in range(127)]):
            df = one_column(values, dtype)
            got = shrink(df)
            same_values(got, df)
            expect_dtype(got, df["x"].dtype)


def test_missing_strings_stay_missing() -> None:
    """5. A missing string stays missing and is no category."""
    for dtype in ("str", object):
        for values in (["a", None, "a"], ["a", None, "a", "nan", "nan"], [None, "a", nan, "a", None, "None"]):
            df = one_column(values, dtype)
            got = shrink(df)
            same_values(got, df)
            kinds = list(got["x"].cat.categories) if got["x"].dtype == "category" else []
            require(all(isinstance(k, str) for k in kinds), "a category is no string", got=kinds)


def test_all_other_columns_stay() -> None:
    """6. Booleans, dates, categories, nullable types and mixed object columns keep their dtype and values."""
    days = ["2024-01-01", None, "2024-01-01", "2024-01-01"]
    df = pd.DataFrame(
        {
            "bool": [True, False, True, True],
            "day": pd.to_datetime(days),
            "zone": pd.to_datetime(days).tz_localize("UTC"),
            "span": pd.to_timedelta([1, 2, 2, 2], unit="s"),
            "grade": pd.Categorical(["b", "a", "b", "b"], categories=["c", "b", "a"], ordered=True),
            "Int": pd.array([1, None, 3, 1], dtype="Int64"),
            "Whole": pd.array([1, 2, 3, 1], dtype="Int64"),
            "Halves": pd.array([0.5, 1.5, 0.5, 1.5], dtype="Float64"),
            "maybe": pd.array([True, None, True, True], dtype="boolean"),
            "mixed": pd.Series(["a", 1, "a", "a"], dtype=object),
            "lists": pd.Series([[1], [1], [2], None], dtype=object),
            "numbers": pd.Series([1, 1, 1, 1], dtype=object),
            "flags": pd.Series([True, None, True, True], dtype=object),
        }
    )
    late = pd.DataFrame({"late": pd.Series(["a"] * 2000 + [1], dtype=object)})
    for frame in [*(df[[name]] for name in df.columns), late]:
        got = shrink(frame)
        same_values(got, frame)
        expect_dtype(got, frame.dtypes.iloc[0], frame.columns[0])


def test_less_than_half_the_memory() -> None:
    """7. A table of integers, floats and repeated words takes less than half the memory."""
    random, n = rng(1), 5_000
    towns = np.array(["Amsterdam", "Oslo", "Rome", "Reykjavik"])
    df = pd.DataFrame(
        {
            "age": random.integers(0, 120, n),
            "change": random.integers(-30_000, 30_000, n),
            "price": random.integers(0, 10_000, n) / 4,
            "town": towns[random.integers(0, 4, n)],
            "sold": random.random(n) < 0.5,
        }
    )
    before = int(df.memory_usage(deep=True).sum())
    got = shrink(df)
    after = int(got.memory_usage(deep=True).sum())
    require(after * 2 < before, f"{after:,} bytes of {before:,} are left; less than half is asked for")


edges()


def test_integers_of_other_types() -> None:
    """1. Unsigned and short integers are shrunk as well, up to 2**64 - 1."""
    for values, dtype, size in [
        ([1, 2], np.int32, 1), ([7, 255], np.uint64, 1), ([1, 2], np.uint8, 1), ([-5, 300], np.int16, 2),
        ([200, 300], np.uint16, 2), ([2**40, 1], np.uint64, 8), ([2**63, 1], np.uint64, 8),
        ([2**64 - 1, 0], np.uint64, 8),
    ]:  # fmt: skip
        takes_bytes(values, dtype, size)


def test_floats_stay_floats() -> None:
    """3. Whole numbers in a float column stay floats, and float32 and float16 stay what they are."""
    for values in ([0.0, 1.0], [1.0, 2.0, 3.0], [1.0, nan, 3.0]):
        expect_dtype(shrink(one_column(values)), np.float32)
    expect_dtype(shrink(one_column([1.5, 2.5], np.float16)), np.float16)
    expect_dtype(shrink(one_column([1.5, 2.0**100], np.float32)), np.float32)


def test_missing_values_count_as_rows() -> None:
    """4. A missing value counts as a row, but not as one more distinct string."""
    for dtype in ("str", object):
        expect_dtype(shrink(one_column(["a", "b", None, None], dtype)), "category")
        df = one_column(["a", "b", "c", None], dtype)
        expect_dtype(shrink(df), df["x"].dtype)


def test_rows_and_columns_stay() -> None:
    """8. Index and columns keep their labels and order, also labels that are there twice and names like 0."""
    base = pd.DataFrame({"b": [1, 500, 3, 4], "a": ["x", "y", "x", None], 0: [0.5, nan, 0.5, 1.0]})
    for index in (pd.Index([3, 1, 2, 0]), pd.Index([3, 1, 3, 1], name="row"), pd.Index(list("zaza"))):
        df = base.set_index(index)
        got = shrink(df)
        require(bool(got.index.equals(df.index)), "the index has changed", got=list(got.index), expected=list(df.index))
        assert_equal(got.index.name, df.index.name, what="the name of the index")
        same_values(got, df)


def test_empty_frames() -> None:
    """9. Frames without rows, or without columns, come back as such."""
    rows = pd.DataFrame({"i": [1, 2], "f": [0.1, 0.5], "s": ["a", "a"], "o": pd.Series(["a", [1]], dtype=object)})
    for name in rows.columns:
        shrink(rows[[name]].iloc[:0])
    shrink(pd.DataFrame())
    shrink(pd.DataFrame(index=[1, 2]))


def test_input_stays_as_it_was() -> None:
    """10. df is left as it was, types and all, also where nothing can be shrunk and the result is written to."""
    for df in (pd.DataFrame({"i": [1, 2, 3], "s": ["a", "a", "a"]}), pd.DataFrame({"g": [0.1, 0.2]})):
        types = list(df.dtypes)
        with unchanged(df=df):
            got = work.shrink(df)
            assert_type(got, pd.DataFrame, what="shrink")
            require(list(df.dtypes) == types, "the columns of df have other types now")
            require(got is not df, "shrink returned df itself, expected a new frame")
            got.iloc[0, 0] = 99
    words = pd.DataFrame({"o": pd.Series(["a", None, "a"], dtype=object)})
    work.shrink(words)
    assert_equal(words["o"].tolist(), ["a", None, "a"], what="after the call, df['o'].tolist()")
