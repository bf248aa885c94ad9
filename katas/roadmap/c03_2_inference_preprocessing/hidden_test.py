"""Hidden test of c03_2_inference_preprocessing."""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kata_runner.checking import (
    Shown,
    as_array,
    assert_choice,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_type,
    global_random_state_kept,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("inference")
Array = NDArray[Any]

FLATS = """rooms,price,area,district,lift
3,250.5,70,north,True
NA,?,55,south,False
4, 410 ,,  ,True
2,NaN,41,NA,True
 ? ,180,90, west ,False
"""


def frame(got: Any, what: str) -> pd.DataFrame:
    assert_type(got, pd.DataFrame, what=what)
    return pd.DataFrame(got)


def numbers(table: pd.DataFrame, column: str, what: str) -> Array:
    require(column in list(table.columns), f"{what} lacks the column {column!r}", got=list(map(str, table.columns)))
    is_numeric = bool(pd.api.types.is_numeric_dtype(table[column]))
    require(is_numeric, f"{column!r} of {what} does not hold numbers", got=list(map(str, table[column])))
    return table[column].to_numpy(dtype=float)


def test_a_table_is_loaded_with_its_holes() -> None:
    """Empty cells, NA, NaN and ? are missing, with blanks around or without; texts keep no blanks."""
    path = Path("flats.csv")
    path.write_text(FLATS, encoding="utf-8")
    try:
        table = frame(work.load_table(str(path)), "load_table")
    finally:
        path.unlink()
    assert_equal(list(table.columns), ["rooms", "price", "area", "district", "lift"], what="the columns")
    nan = math.nan
    wanted = {"rooms": [3, nan, 4, 2, nan], "price": [250.5, nan, 410, nan, 180], "area": [70, 55, nan, 41, 90]}
    for column, values in wanted.items():
        assert_close(numbers(table, column, "load_table"), np.array(values, dtype=float), what=f"column {column!r}")
    require(len(table) == 5, "load_table gave another number of rows", got=len(table), expected=5)
    districts = ["missing" if missing else str(text).strip() for text, missing in
                 zip(table["district"], table["district"].isna(), strict=True)]  # fmt: skip
    assert_equal(districts, ["north", "south", "missing", "missing", "west"], what="column 'district'")


def test_missing_numbers_become_the_column_mean() -> None:
    """Each missing number becomes the mean of the present values of its own column; index and columns stay."""
    nan = math.nan
    values = {"size": [1.0, nan, 4.0, 4.0], "count": [7, 8, 9, 12], "rate": [nan, nan, 0.5, 1.5]}
    table = pd.DataFrame(values, index=[9, 2, 5, 0])
    got = frame(work.fill_missing(table.copy()), "fill_missing")
    assert_equal([str(c) for c in got.columns], ["size", "count", "rate"], what="the columns")
    assert_equal(got.index.tolist(), [9, 2, 5, 0], what="the index")
    for column, expected in (("size", [1, 3, 4, 4]), ("count", [7, 8, 9, 12]), ("rate", [1, 1, 0.5, 1.5])):
        assert_close(numbers(got, column, "fill_missing"), np.array(expected, dtype=float), what=f"column {column!r}")


def test_other_columns_keep_their_holes() -> None:
    """Texts and bools stay as they are, a column without a value stays empty, and the frame given is unchanged."""
    nan = math.nan
    table = pd.DataFrame(
        {
            "name": ["ada", None, "bob"],
            "code": ["01", None, "7"],
            "score": [1.0, nan, 2.0],
            "empty": [nan, nan, nan],
            "flag": [True, False, True],
            "maybe": pd.array([True, None, False], dtype="boolean"),
        }
    )
    with unchanged(table=table), no_warnings():
        got = frame(work.fill_missing(table), "fill_missing")
    assert_equal([str(c) for c in got.columns], list(table.columns), what="the columns")
    assert_close(numbers(got, "score", "fill_missing"), np.array([1.0, 1.5, 2.0]), what="column 'score'")
    assert_close(numbers(got, "empty", "fill_missing"), np.full(3, nan), what="column 'empty'")
    for column in ("name", "code", "flag", "maybe"):
        same = bool(got[column].equals(table[column]))
        require(same, f"column {column!r} was changed", got=got[column].tolist(), expected=table[column].tolist())


def slow_scaled(x: Array, is_min_max: bool) -> Array:
    result = np.full(x.shape, np.nan)
    for j in range(x.shape[1]):
        present = [float(v) for v in x[:, j] if not np.isnan(float(v))]
        if not present:
            continue
        if is_min_max:
            centre, span = min(present), max(present) - min(present)
        else:
            centre = math.fsum(present) / len(present)
            span = math.sqrt(math.fsum((v - centre) ** 2 for v in present) / len(present))
        for i in range(x.shape[0]):
            if not np.isnan(float(x[i, j])):
                result[i, j] = 0.0 if min(present) == max(present) else (float(x[i, j]) - centre) / span
    return result


def scaled(name: str, x: Array) -> Any:
    return (work.min_max if name == "min_max" else work.standardise)(x)


def test_each_column_is_scaled() -> None:
    """min_max brings each column to 0 … 1, standardise to mean 0 and deviation 1 over n, whatever the number type."""
    tables = [np.array([[1.0, 10.0], [2.0, 40.0], [4.0, 20.0]]), np.array([[250, 3], [5, 200], [130, 77]], np.uint8)]
    tables += [rng(1).normal(1e6, 3.0, (127, 3)), rng(2).integers(-9, 9, (7, 4)), np.asfortranarray(tables[0])[::-1]]
    for name in ("min_max", "standardise"):
        for x in tables:
            expected = slow_scaled(x, name == "min_max")
            with unchanged(x=x):
                got = scaled(name, x)
            assert_close(got, expected, rtol=1e-6, atol=1e-8)
            assert_dtype(got, "floating")


def test_holes_and_constants_are_scaled_quietly() -> None:
    """NaN stays and counts for nothing, a constant column becomes zeros, one of NaN alone stays: no warning."""
    nan = math.nan
    x = np.array([[1.0, 0.1, nan, nan], [nan, 0.1, nan, 5.0], [3.0, 0.1, nan, nan], [2.0, 0.1, nan, 5.0]])
    wide = np.column_stack([np.full(129, 0.3), np.where(rng(3).random(129) < 0.5, nan, rng(4).normal(0, 2, 129))])
    for name in ("min_max", "standardise"):
        for table in (x, wide, np.array([[7.0, nan]])):
            expected = slow_scaled(table, name == "min_max")
            with unchanged(x=table), no_warnings():
                got = scaled(name, table)
            assert_close(got, expected, rtol=1e-7, atol=1e-12)


def p_value(a: Array, b: Array, n: int, generator: np.random.Generator) -> float:
    got = work.permutation_test(a, b, n, generator)
    assert_type(got, (float, np.floating))
    p = float(got)
    require(0 < p <= 1, "a p-value lies above 0 and is at most 1", got=p)
    return p


def test_the_p_value_agrees_with_all_deals() -> None:
    """The p-value agrees, within chance, with that over every possible deal, for groups of unequal sizes too."""
    cases = [([1, 2, 3], [7, 8, 9]), ([1, 5, 2, 8], [3, 9]), ([0.1, 0.2, 0.3], [0.3, 0.1, 0.7, 0.2])]
    cases += [(rng(5).normal(0, 1, 3).tolist(), rng(6).normal(-1, 1, 5).tolist()), ([9, 9, 1], [1, 1, 2, 1])]
    cases += [([1e-12, 2e-12, 3e-12], [7e-12, 8e-12, 9e-12])]
    n = 2000
    for stream, (one, other) in enumerate(cases):
        a, b = np.array(one), np.array(other)
        exact = stats.permutation_test(
            (a.astype(float), b.astype(float)),
            lambda p, q: abs(p.mean() - q.mean()),
            alternative="greater",
            n_resamples=10**6,
        ).pvalue
        with unchanged(a=a, b=b):
            got = p_value(a, b, n, rng(10 + stream))
        room = 5 * math.sqrt(exact * (1 - exact) / n) + 1 / n
        require(
            abs(got - exact) <= room,
            "the p-value is further from that of all deals than chance allows",
            got=got,
            expected=f"{exact:.4f}, give or take {room:.4f}",
        )


def test_the_p_value_is_counted_as_stated() -> None:
    """The p-value is (count + 1) / (n + 1): never 0, and 1 where every deal is as far apart as the one observed."""
    far, near = np.arange(40.0), np.arange(40.0) + 1000.0
    for n in (1, 9, 99):
        assert_close(p_value(far, near, n, rng(20)), 1 / (n + 1), what=f"the p-value of n_permutations={n}")
        assert_close(p_value(near, far, n, rng(20)), 1 / (n + 1), what=f"the p-value of n_permutations={n}")
    for a, b in (([2.0, 2.0], [2.0, 2.0, 2.0]), ([0.1] * 3, [0.1] * 7), ([1.0], [4.0]), ([200], [100])):
        given_a, given_b = np.array(a), np.array(b)
        if given_a.dtype.kind == "i":
            given_a, given_b = given_a.astype(np.uint8), given_b.astype(np.uint8)
        assert_close(p_value(given_a, given_b, 49, rng(21)), 1.0, what="the p-value where all deals are alike")


def test_the_test_is_replayed_by_its_generator() -> None:
    """The same generator state gives the same p-value, a second call deals anew, and the global state stays."""
    a, b = rng(30).normal(0.0, 1.0, 12), rng(31).normal(0.3, 1.0, 15)
    one, two = np.random.default_rng(3), np.random.default_rng(3)
    with global_random_state_kept():
        values = [p_value(a, b, 150, one) for _ in range(6)]
        again = [p_value(a, b, 150, two) for _ in range(6)]
    assert_close(again, values, what="the p-values from the same generator state")
    require(len(set(values)) > 1, "six calls with one generator gave the same p-value", got=values)


def assert_refuses(name: str, function: Any, *args: Any) -> None:
    """ValueError whose message holds the argument's name as a word of its own."""
    error = assert_raises(ValueError, function, *args)
    named = re.search(rf"(?<!\w){name}(?!\w)", str(error)) is not None
    require(named, f"the message does not name {name}", got=Shown(f"ValueError: {error}"))


def test_groups_that_cannot_be_compared_are_refused() -> None:
    """Empty groups, NaN, and fewer than one permutation raise ValueError by name."""
    some, none, hole = np.array([1.0, 2.0]), np.array([]), np.array([1.0, math.nan])
    for bad in (none, hole):
        assert_refuses("a", work.permutation_test, bad, some, 9, rng(40))
        assert_refuses("b", work.permutation_test, some, bad, 9, rng(40))
    for n in (0, -5):
        assert_refuses("n_permutations", work.permutation_test, some, some, n, rng(40))


def line_taken_away(z: Array, x: Array) -> Array:
    columns = np.column_stack([np.ones(len(z)), z])
    return np.asarray(x - columns @ np.linalg.lstsq(columns, x, rcond=None)[0])


def test_a_third_thing_is_held_fixed() -> None:
    """correlations gives r of x and y, and r of what is left of both when their lines in z are taken away."""
    for stream, n in enumerate((4, 7, 128)):
        z = rng(50 + stream).normal(20.0, 5.0, n)
        own = rng(60 + stream).normal(0.0, 2.0, (4, n))
        for x, y in (
            (z + own[0], 3 - 2 * z + own[1]),
            (own[2], own[2] * 0.5 + own[3]),
            (z + own[0], z - own[0] * 3 + own[1]),
        ):
            expected = [float(np.corrcoef(x, y)[0, 1])]
            expected.append(float(np.corrcoef(line_taken_away(z, x), line_taken_away(z, y))[0, 1]))
            with unchanged(x=x, y=y, z=z):
                got = work.correlations(x, y, z)
            assert_type(got, (tuple, list))
            assert_close(as_array(list(got)), expected, rtol=1e-6, atol=1e-8)


def answers() -> dict[str, Any]:
    given = work.ANSWERS
    assert_type(given, dict, what="ANSWERS")
    return dict(given)


def test_correlation_is_not_causation() -> None:
    """The questions about causes are answered: ice cream, fire engines, the button and the films."""
    given = answers()
    assert_choice(given, "ice_cream", "c", "abcd", "What else rises on the days when both rise?")
    assert_choice(given, "fire_engines", "b", "abcd", "What was known before the engines were sent?")
    assert_choice(given, "button", "d", "abcd", "In which case can nothing but the button differ between the groups?")
    assert_choice(given, "films", "b", "abcd", "Think of who never made it into the sample.")


def test_what_a_p_value_says() -> None:
    """The questions about p-values are answered: what one says, and what twenty of them do."""
    given = answers()
    assert_choice(given, "p_value", "c", "abcd", "What was assumed while the labels were dealt again and again?")
    assert_choice(
        given, "twenty_tests", "b", "abcd", "How often does a useless feature pass by chance, and how many are there?"
    )
