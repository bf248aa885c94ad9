"""Hidden test of c03_1_distributions."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    fail,
    learner,
    require,
    rng,
)

work = learner("distributions")
Array = NDArray[Any]

CASES: list[tuple[str, dict[str, Any]]] = [
    ("normal", {"mean": 3.0, "std": 2.0}),
    ("normal", {"mean": -100.0, "std": 0.5}),
    ("binomial", {"n": 1, "p": 0.9}),
    ("binomial", {"n": 10, "p": 0.5}),
    ("binomial", {"n": 12, "p": 0.2}),
    ("poisson", {"rate": 0.3}),
    ("poisson", {"rate": 4.0}),
]
SIZE = 20_000


def chances(kind: str, parameters: dict[str, Any]) -> Array:
    """Probabilities of the counts 0, 1, 2, … by their definition."""
    if kind == "binomial":
        n, p = parameters["n"], parameters["p"]
        return np.array([math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)])
    rate = parameters["rate"]
    return np.array([math.exp(-rate) * rate**k / math.factorial(k) for k in range(60)])


def plain_moments(kind: str, parameters: dict[str, Any]) -> list[float]:
    if kind == "normal":
        return [parameters["mean"], parameters["std"] ** 2, 3 * parameters["std"] ** 4]
    chance = chances(kind, parameters)
    counts = np.arange(len(chance))
    mean = float((chance * counts).sum())
    return [mean, float((chance * (counts - mean) ** 2).sum()), float((chance * (counts - mean) ** 4).sum())]


def fields(result: Any, *names: str) -> list[float]:
    """The named numbers of a record of the learner's."""
    values = []
    for name in names:
        value = getattr(result, name, None)
        assert_type(value, (int, float, np.floating, np.integer), what=f"the field {name}")
        values.append(float(value))
    return values


def the_moments(mean: float, variance: float, fourth: float) -> Any:
    made = work.Moments(mean=mean, variance=variance, fourth=fourth)
    fields(made, "mean", "variance", "fourth")
    return made


def plain_mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def plain_variance(values: list[float]) -> float:
    centre = plain_mean(values)
    return math.fsum((v - centre) ** 2 for v in values) / (len(values) - 1)


def assert_moments(kind: str, parameters: dict[str, Any]) -> None:
    expected = plain_moments(kind, parameters)
    got = fields(work.moments(kind, **parameters), "mean", "variance", "fourth")
    for name, value, wanted in zip(("mean", "variance", "fourth"), got, expected, strict=True):
        assert_close(value, wanted, rtol=1e-9, atol=0.0, what=f"the field {name}")


def assert_share(share: float, chance: float, draws: str) -> None:
    """A share of SIZE draws is within five standard errors of its probability; two draws more where it is small."""
    error = math.sqrt(chance * (1 - chance) / SIZE)
    if abs(share - chance) > 5 * error + (2 / SIZE if chance else 0.0):
        message = f"a share of {share:.4f} of the {SIZE} draws is {draws}; the probability is {chance:.4f}"
        fail(f"{message} (more than 5 standard errors away)")


def test_theory_is_stated() -> None:
    """moments returns mean, variance and fourth central moment of each of the three distributions."""
    for kind, parameters in CASES:
        assert_moments(kind, parameters)


def test_draws_follow_the_distribution() -> None:
    """The draws have shape (size,), the probabilities of their distribution, and are floats or integers."""
    for stream, (kind, parameters) in enumerate(CASES):
        assert_shape(work.simulate(kind, 3, rng(stream), **parameters), (3,), what="simulate")
        got = as_array(work.simulate(kind, SIZE, rng(stream), **parameters), "simulate")
        assert_shape(got, (SIZE,), what="simulate")
        if kind == "normal":
            mean, std = parameters["mean"], parameters["std"]
            for sigmas in (-2.0, -1.0, 0.0, 1.0, 2.0):
                bound = mean + sigmas * std
                share = float((got <= bound).mean())
                assert_share(share, (1 + math.erf(sigmas / math.sqrt(2))) / 2, f"at most {bound}")
        else:
            # Single counts only where a hundred draws or more are expected: rarer ones do not scatter like a normal.
            usual = [(k, p) for k, p in enumerate(chances(kind, parameters).tolist()) if SIZE * p >= 100]
            for k, p in usual:
                assert_share(float((got == k).mean()), p, f"equal to {k}")
            others = f"none of {', '.join(str(k) for k, _ in usual)}"
            rest = 1 - sum(p for _, p in usual)
            assert_share(float((~np.isin(got, [k for k, _ in usual])).mean()), rest if rest > 1e-12 else 0.0, others)
        assert_dtype(got, "floating" if kind == "normal" else "integer", what="simulate")


def test_draws_are_independent() -> None:
    """A draw says nothing about the next one, nor about those far from it."""
    sums = [float(as_array(work.simulate("normal", 2, rng(60 + s), mean=0.0, std=1.0)).sum()) for s in range(40)]
    # The standard deviation of the sum of two independent ones is 1.41; forty sums show it to within 0.16.
    spread = float(np.std(sums))
    message = f"the sums of two draws, over 40 seeds, have a standard deviation of {spread:.2f}, expected about 1.41"
    require(0.5 < spread < 2.6, message)
    for kind, parameters in (CASES[0], CASES[3], CASES[6]):
        got = as_array(work.simulate(kind, 2000, rng(8), **parameters), "simulate").astype(float)
        assert_shape(got, (2000,), what="simulate")
        for lag in (1, 2, 1000):
            link = float(np.corrcoef(got[:-lag], got[lag:])[0, 1])
            # Six standard errors of the correlation of independent draws.
            message = f"the correlation of each draw with the one {lag} places on is {link:.2f}, expected about 0"
            require(abs(link) < 6 / math.sqrt(2000 - lag), message)


COMPARED: list[tuple[list[float], tuple[float, float, float]]] = [
    ([0.0, 2.0], (0.0, 1.0, 3.0)),
    ([1.0, 4.0, 2.0, 3.0], (3.0, 2.0, 12.0)),
    ([5.0, 5.0, 5.0], (4.0, 4.0, 52.0)),
]


def compared_draws() -> tuple[list[float], tuple[float, float, float]]:
    return rng(20).normal(10.0, 3.0, 129).tolist(), (10.2, 9.0, 250.0)


def test_samples_have_mean_and_variance() -> None:
    """compare returns the mean of the samples and their variance, with m - 1 in the denominator."""
    for values, theory in [*COMPARED, compared_draws()]:
        expected_mean, expected_variance = plain_mean(values), plain_variance(values)
        moments = the_moments(*theory)
        mean, variance = fields(work.compare(np.array(values), moments), "mean", "variance")
        assert_close(mean, expected_mean, rtol=1e-9, what="the field mean")
        assert_close(variance, expected_variance, rtol=1e-9, what="the field variance")


def test_distances_are_in_standard_errors() -> None:
    """z_mean and z_variance are signed distances from theory, divided by the standard errors of theory."""
    for values, (mean, variance, fourth) in [*COMPARED, compared_draws()]:
        m = len(values)
        error_of_mean = math.sqrt(variance / m)
        error_of_variance = math.sqrt((fourth - variance**2 * (m - 3) / (m - 1)) / m)
        expected = (plain_mean(values) - mean) / error_of_mean, (plain_variance(values) - variance) / error_of_variance
        moments = the_moments(mean, variance, fourth)
        result = work.compare(np.array(values), moments)
        for name, got, wanted in zip(
            ("z_mean", "z_variance"), fields(result, "z_mean", "z_variance"), expected, strict=True
        ):
            assert_close(got, wanted, rtol=1e-9, what=f"the field {name}")


def drawn(counts: Any, means: Any, stds: Any, generator: np.random.Generator) -> tuple[Array, Array]:
    """The learner's x and y, of the right shapes."""
    result = work.make_classes(counts, means, stds, generator)
    assert_type(result, (tuple, list), what="make_classes")
    require(len(result) == 2, "make_classes must return two arrays, x and y", got=len(result))
    x, y = as_array(result[0], "x"), as_array(result[1], "y")
    rows = int(sum(counts))
    assert_shape(x, (rows, np.shape(means)[1]), what="x")
    assert_shape(y, (rows,), what="y")
    return x, y


def test_each_row_belongs_to_its_label() -> None:
    """Each class has exactly its count of rows, each beside its label: integers 0, 1, 2, …"""
    centres = np.array([[0.0, 0.0], [100.0, -50.0], [-30.0, 8.0]])
    for counts in ([1, 1, 1], [3, 5, 2], [40, 0, 7], (30, 10, 60)):
        x, y = drawn(counts, centres.copy(), [0.0, 0.0, 0.0], rng(30))
        per_class = [int((y == k).sum()) for k in range(3)]
        require(per_class == list(counts), "classes with other counts of rows", got=per_class, expected=list(counts))
        message = "with all deviations 0, a row of x is not the mean of the class that stands beside it in y"
        expected = centres[y.astype(int)]
        require(bool((x == expected).all()), message, got=x[:12], expected=expected[:12])
        assert_dtype(y, "integer", what="y")


def test_each_class_has_its_own_spread() -> None:
    """Each feature of a class is normal around the class's mean, with its deviation, independent of the others."""
    counts, stds = [4000, 6000], [0.5, 3.0]
    centres = np.array([[1.0, -2.0], [4.0, 0.0]])
    x, y = drawn(counts, centres.copy(), stds, rng(31))
    for k, (count, std) in enumerate(zip(counts, stds, strict=True)):
        rows = x[y == k]
        assert_shape(rows, (count, 2), what=f"x of class {k}")
        means, deviations = rows.mean(axis=0), rows.std(axis=0)
        error = std / math.sqrt(count)
        near = bool((np.abs(means - centres[k]) < 5 * error).all())
        require(
            near, f"the features of class {k} have other means (by 5 standard errors)", got=means, expected=centres[k]
        )
        near = bool((np.abs(deviations - std) < 5 * error / math.sqrt(2)).all())
        wanted = np.full(2, std)
        require(near, f"the features of class {k} have other deviations", got=deviations, expected=wanted)
        within = float((np.abs(rows - centres[k]) < std).mean())
        message = f"a share of {within:.3f} of class {k} lies within one deviation; of a normal, it is 0.683"
        require(abs(within - 0.6827) < 0.025, message)
        link = float(np.corrcoef(rows.T)[0, 1])
        message = f"the features of class {k} move together: their correlation is {link:.2f}, expected about 0"
        require(abs(link) < 5 / math.sqrt(count), message)


def test_the_rows_are_shuffled() -> None:
    """The rows come in random order, not class by class and not in turn."""
    _, y = drawn([100, 100], np.array([[0.0], [9.0]]), [1.0, 1.0], rng(33))
    first_half = int((y[:100] == 1).sum())
    message = f"of the first 100 of 200 rows {first_half} belong to the second class; expected about 50"
    require(25 < first_half < 75, message)
    changes = int((np.diff(y) != 0).sum())
    message = f"the label changes {changes} times from row to row; in random order it is about 100 times"
    require(60 < changes < 140, message)


def test_chance_comes_from_the_generator() -> None:
    """The same state of rng returns the same draws and orders, a second call new ones."""
    for kind, parameters in (CASES[0], CASES[3], CASES[6]):
        one, two = np.random.default_rng(5), np.random.default_rng(5)
        first = as_array(work.simulate(kind, 100, one, **parameters), "simulate").copy()
        again = as_array(work.simulate(kind, 100, two, **parameters), "simulate")
        require(np.array_equal(again, first), "the same state of rng returned other draws", got=again, expected=first)
        later = as_array(work.simulate(kind, 100, one, **parameters), "simulate")
        require(not np.array_equal(later, first), "a second call with the same generator returned the same draws")
    centres = np.array([[0.0], [9.0]])
    one, two = np.random.default_rng(8), np.random.default_rng(8)
    x, y = drawn([50, 50], centres.copy(), [1.0, 1.0], one)
    again_x, again_y = drawn([50, 50], centres.copy(), [1.0, 1.0], two)
    require(np.array_equal(again_y, y), "the same state of rng returned another order", got=again_y, expected=y)
    require(np.array_equal(again_x, x), "the same state of rng returned another x", got=again_x, expected=x)
    later_x, later_y = drawn([50, 50], centres.copy(), [1.0, 1.0], one)
    require(not np.array_equal(later_y, y), "a second call with the same generator returned the same order")
    require(not np.array_equal(np.sort(later_x, axis=0), np.sort(x, axis=0)), "a second call drew the same rows")


edges()


def test_compare_computes_in_float64() -> None:
    """compare computes in float64: uint8 does not wrap around, and float32 numbers around 1e6 keep their digits."""
    for dtype, values in (("uint8", [200, 250, 240]), ("float32", [1e6, 1e6 + 1, 1e6 + 3])):
        numbers = [float(v) for v in values]
        theory = the_moments(plain_mean(numbers) + 1, 500.0, 750_000.0)
        expected_mean, expected_variance = plain_mean(numbers), plain_variance(numbers)
        mean, variance = fields(work.compare(np.array(values, dtype=dtype), theory), "mean", "variance")
        assert_close(mean, expected_mean, rtol=1e-9, what="the field mean")
        assert_close(variance, expected_variance, rtol=1e-9, what="the field variance")


def test_integer_means_give_floats() -> None:
    """x is made of floats with their fractions, even where means are integers."""
    x, _ = drawn([3, 2], np.array([[0, 5], [7, 1]]), [1.0, 1.0], rng(32))
    require(bool((x != np.round(x)).all()), "the draws have lost their fractions", got=x)
    assert_dtype(x, "floating", what="x")


def test_zero_is_fine() -> None:
    """A std, n, p or rate of 0 and a p of 1 are accepted: the draws are all alike, and their variance is 0."""
    for kind, parameters, value in (
        ("poisson", {"rate": 0.0}, 0),
        ("binomial", {"n": 0, "p": 0.5}, 0),
        ("binomial", {"n": 5, "p": 0.0}, 0),
        ("binomial", {"n": 3, "p": 1}, 3),
        ("normal", {"mean": 2, "std": 0}, 2),
    ):
        assert_moments(kind, parameters)
        assert_close(work.simulate(kind, 4, rng(9), **parameters), np.full(4, value))


def test_bad_parameters_are_refused() -> None:
    """moments and simulate refuse an unknown kind, and a parameter that is out of its range or NaN."""
    bad: list[tuple[str, dict[str, Any]]] = [
        ("uniform", {}),
        ("Normal", {"mean": 0.0, "std": 1.0}),
        ("normal", {"mean": 0.0, "std": -1.0}),
        ("binomial", {"n": -1, "p": 0.5}),
        ("binomial", {"n": 5, "p": 1.01}),
        ("binomial", {"n": 5, "p": -0.1}),
        ("poisson", {"rate": -0.5}),
        ("normal", {"mean": 0.0, "std": math.nan}),
        ("binomial", {"n": math.nan, "p": 0.5}),
        ("binomial", {"n": 5, "p": math.nan}),
        ("poisson", {"rate": math.nan}),
    ]
    for kind, parameters in bad:
        assert_raises(ValueError, work.moments, kind, **parameters)
        assert_raises(ValueError, work.simulate, kind, 3, rng(10), **parameters)


def test_nothing_to_compare_is_refused() -> None:
    """compare refuses fewer than two samples, and an expected variance of 0."""
    some, none = the_moments(1.0, 2.0, 12.0), the_moments(1.0, 0.0, 0.0)
    for samples in (np.array([]), np.array([1.0])):
        assert_raises(ValueError, work.compare, samples, some)
    for samples in (np.ones(5), np.array([1.0, 2.0])):
        assert_raises(ValueError, work.compare, samples, none)


def test_sets_that_do_not_fit_are_refused() -> None:
    """make_classes refuses counts or stds that are negative or not one number per row of means."""
    centres = np.zeros((2, 3))
    for counts, stds in (
        ([1, -1], [1.0, 1.0]),
        ([1, 2], [1.0, -0.1]),
        ([5], [1.0, 1.0]),
        ([1, 2], [1.0]),
        ([1, 2, 3], [1.0, 1.0]),
        ([1, 2], [1.0, 1.0, 1.0]),
    ):
        assert_raises(ValueError, work.make_classes, counts, centres.copy(), stds, rng(40))
