"""Hidden test of c03_2_inference_preprocessing."""

import math
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
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
    global_random_state_kept,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("inference")
Array = NDArray[Any]
NAN = math.nan


def assert_filled(table: pd.DataFrame, **expected: list[float]) -> pd.DataFrame:
    """The frame that fill_missing returns, whose columns hold the expected numbers."""
    got = work.fill_missing(table.copy())
    assert_type(got, pd.DataFrame)
    assert_equal([str(c) for c in got.columns], list(table.columns), what="the columns")
    for name, values in expected.items():
        assert_close(pd.Series(got[name]).astype("float64").to_numpy(), values, what=f"column {name!r}")
    return pd.DataFrame(got)


def test_missing_numbers_become_the_column_mean() -> None:
    """1. Each missing number becomes the mean of the present values of its own column."""
    assert_filled(pd.DataFrame({"size": [1.0, NAN, 4.0, 4.0]}), size=[1, 3, 4, 4])
    table = pd.DataFrame({"size": [1.0, NAN, 5.0], "rate": [NAN, NAN, 0.5], "count": [7, 8, 9]})
    assert_filled(table, size=[1, 3, 5], rate=[0.5, 0.5, 0.5], count=[7, 8, 9])


def test_other_columns_keep_their_holes() -> None:
    """2. Columns that are not numbers stay as they are."""
    table = pd.DataFrame({"score": [1.0, NAN, 2.0], "name": ["ada", None, "bob"], "flag": [True, False, True]})
    got = assert_filled(table, score=[1, 1.5, 2])
    for name in ("name", "flag"):
        assert_same_column(got, table, name)


def assert_same_column(got: pd.DataFrame, expected: pd.DataFrame, name: str) -> None:
    texts = [[str(value) for value in table[name].tolist()] for table in (got, expected)]
    require(bool(got[name].equals(expected[name])), f"column {name!r} was changed", got=texts[0], expected=texts[1])


def slow_scaled(x: Array, name: str) -> Array:
    result = np.full(x.shape, NAN)
    for j in range(x.shape[1]):
        present = [v for v in x[:, j].astype(float).tolist() if v == v]
        centre, span = min(present), max(present) - min(present)
        if name == "standardise":
            centre = math.fsum(present) / len(present)
            span = math.sqrt(math.fsum((v - centre) ** 2 for v in present) / len(present))
        for i in range(x.shape[0]):
            if x[i, j] == x[i, j]:
                result[i, j] = (float(x[i, j]) - centre) / span if min(present) < max(present) else 0.0
    return result


def assert_scaled(name: str, *tables: Array) -> None:
    for x in tables:
        expected = slow_scaled(x, name)
        got = getattr(work, name)(x.copy())
        assert_close(got, expected, rtol=1e-6, atol=1e-8)
        assert_dtype(got, "floating")


def tables() -> list[Array]:
    small = np.array([[1.0, 10.0], [2.0, 40.0], [4.0, 20.0]])
    unsigned = np.array([[250, 3], [5, 200], [130, 77]], np.uint8)
    signed = np.array([[-100, 3], [100, 5], [20, -77]], np.int8)
    return [small, unsigned, signed, rng(1).normal(1e6, 3.0, (127, 3))]


def test_columns_are_moved_to_0_and_1() -> None:
    """3. min_max moves the least value of each column to 0 and the greatest to 1, in floats."""
    assert_scaled("min_max", *tables())


def test_columns_are_standardised() -> None:
    """4. standardise moves each column to mean 0 and standard deviation 1 over n, in floats."""
    assert_scaled("standardise", *tables())


def exact_p(a: list[float], b: list[float]) -> float:
    """The share of all deals whose means are at least as far apart."""
    pool, n = a + b, len(a)

    def distance(chosen: tuple[int, ...]) -> float:
        one = math.fsum(pool[i] for i in chosen) / n
        return abs(one - math.fsum(v for i, v in enumerate(pool) if i not in chosen) / len(b))

    observed = distance(tuple(range(n)))
    deals = [distance(chosen) for chosen in combinations(range(len(pool)), n)]
    return sum(d >= observed * (1 - 1e-9) for d in deals) / len(deals)


def assert_p(a: list[float], b: list[float], stream: int, n: int = 2000) -> None:
    exact = exact_p(a, b)
    got = as_array(work.permutation_test(np.array(a), np.array(b), n, rng(stream)))
    assert_shape(got, ())
    room = 5 * math.sqrt(exact * (1 - exact) / n) + 1 / n
    expected = Shown(f"{exact:.4f}, give or take {room:.4f}")
    why = "the p-value is further from that of all possible deals than chance allows"
    require(bool(abs(got - exact) <= room), why, got=float(got), expected=expected)


def test_the_p_value_is_that_of_all_deals() -> None:
    """7. The p-value agrees, within chance, with that over every possible deal, for groups of unequal sizes too."""
    assert_p([1, 2, 3], [7, 8, 9], 10)
    assert_p([1], [2, 3, 4, 5, 6, 7], 15)
    assert_p([7, 8, 9], [1, 2, 3], 11)
    assert_p([1, 5, 2, 8], [3, 9], 12)
    assert_p([9, 9, 1], [1, 1, 2, 1], 13)
    assert_p(rng(5).normal(0, 1, 3).tolist(), rng(6).normal(-1, 1, 5).tolist(), 14)


def test_the_p_value_is_counted_as_stated() -> None:
    """7. The p-value is (count + 1) / (n_permutations + 1): never 0, and 1 where all values are equal."""
    for n in (1, 9, 99):
        assert_close(work.permutation_test(np.arange(40.0), np.arange(40.0) + 1000, n, rng(20)), 1 / (n + 1))
    assert_close(work.permutation_test(np.full(2, 2.0), np.full(3, 2.0), 9, rng(21)), 1.0)


edges()


def test_numbers_of_other_types_are_filled() -> None:
    """1. A hole in a column of dtype Int64 or float32 is filled too, with a mean that is no whole number."""
    assert_filled(pd.DataFrame({"rooms": pd.array([1, None, 2], dtype="Int64")}), rooms=[1, 1.5, 2])
    assert_filled(pd.DataFrame({"size": np.array([1, NAN, 2], dtype=np.float32)}), size=[1, 1.5, 2])


def test_what_looks_like_numbers_is_left() -> None:
    """2. Holes in durations, in bools and in texts of digits stay."""
    columns: dict[str, Any] = {
        "maybe": pd.array([True, None, False], dtype="boolean"),
        "flag": [True, None, False],
        "wait": pd.to_timedelta([1, None, 3], unit="s"),
        "code": ["01", None, "3"],
    }
    for name, values in columns.items():
        assert_same_column(assert_filled(pd.DataFrame({name: values})), pd.DataFrame({name: values}), name)


def test_index_and_columns_stay() -> None:
    """2. The index, with its name, and the order of the columns stay."""
    table = pd.DataFrame({"name": ["ada", "bob", "eve"], "score": [1.0, NAN, 2.0]}, pd.Index([9, 2, 5], name="id"))
    got = assert_filled(table, score=[1, 1.5, 2])
    assert_equal(got.index.tolist(), [9, 2, 5], what="the index")
    assert_equal(got.index.name, "id", what="the name of the index")


def test_nan_counts_for_nothing() -> None:
    """5. In min_max and standardise NaN stays NaN, and the other values of its column are scaled without it."""
    x = np.array([[1.0, 7.0], [NAN, 5.0], [3.0, NAN], [2.0, 5.0]])
    for name in ("min_max", "standardise"):
        assert_scaled(name, x[:, :1], x)


def test_equal_values_become_zeros() -> None:
    """6. In min_max and standardise a column of equal values becomes zeros."""
    for name in ("min_max", "standardise"):
        assert_scaled(name, np.full((2, 1), 7.0), np.full((3, 1), 0.1), np.full((129, 1), 0.3))


def test_nan_stays_among_equal_values() -> None:
    """5. NaN stays NaN in a column of equal values, too."""
    for name in ("min_max", "standardise"):
        assert_scaled(name, np.array([[5.0], [NAN], [5.0]]))


def test_a_small_spread_is_no_equality() -> None:
    """6. Only equal values become zeros, not those that are merely close."""
    for name in ("min_max", "standardise"):
        assert_scaled(name, np.array([[1e-100], [3e-100], [2e-100]]))


def test_equal_distances_count_whatever_their_last_digit() -> None:
    """8. Distances that differ by rounding alone are equal; others are not, however small or large they are."""
    assert_p([1.1, 2.2, 3.3], [4.4, 5.5, 6.6], 31, n=8000)
    assert_p([1e-12, 2e-12, 3e-12], [7e-12, 8e-12, 9e-12], 32)
    assert_p([10_000_001], [0, -10_000_000], 33)


def test_the_test_is_replayed_by_its_generator() -> None:
    """9. The same state gives the same p-value, a second call deals anew, and no other chance is used."""
    a, b = rng(40).normal(0.0, 1.0, 12), rng(41).normal(0.3, 1.0, 15)
    generator = np.random.default_rng(3)
    state = generator.bit_generator.state
    with global_random_state_kept():
        values = [as_array(work.permutation_test(a, b, 150, generator)) for _ in range(6)]
        generator.bit_generator.state = state
        again = [as_array(work.permutation_test(a, b, 150, generator)) for _ in range(6)]
    assert_close(again, values, what="the p-values from the same generator state")
    require(len(np.unique(values)) > 1, "six calls with one generator gave the same p-value", got=values)


def test_groups_that_cannot_be_compared_are_refused() -> None:
    """10. A group that is empty or holds NaN raises ValueError."""
    some = np.array([1.0, 2.0])
    for bad in (np.array([]), np.array([1.0, NAN])):
        assert_raises(ValueError, work.permutation_test, bad, some, 9, rng(50))
        assert_raises(ValueError, work.permutation_test, some, bad, 9, rng(50))


def test_inputs_are_left_as_they_were() -> None:
    """No function changes what it is given."""
    table, x, a = pd.DataFrame({"size": [1.0, NAN]}), np.array([[1.0], [3.0]]), np.array([4.0, 1.0])
    b = np.array([2.0, 0.0, 1.0])
    with unchanged(table=table):
        work.fill_missing(table)
    with unchanged(x=x):
        work.min_max(x)
    with unchanged(x=x):
        work.standardise(x)
    with unchanged(a=a, b=b):
        work.permutation_test(a, b, 5, rng(60))
