"""Hidden test of c03_1_distributions."""

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_raises,
    assert_shape,
    assert_type,
    global_random_state_kept,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("distributions")
Array = NDArray[Any]

# kind, parameters, probabilities of the counts 0, 1, 2, … (None: the normal distribution)
CASES: list[tuple[str, dict[str, Any]]] = [
    ("normal", {"mean": 3.0, "std": 2.0}),
    ("normal", {"mean": -100.0, "std": 0.5}),
    ("binomial", {"n": 10, "p": 0.5}),
    ("binomial", {"n": 12, "p": 0.2}),
    ("binomial", {"n": 1, "p": 0.9}),
    ("poisson", {"rate": 4.0}),
    ("poisson", {"rate": 0.3}),
]
SIZE = 20_000


def chances(kind: str, parameters: dict[str, Any]) -> Array:
    """Probabilities of the counts 0, 1, 2, … by their definition."""
    if kind == "binomial":
        n, p = parameters["n"], parameters["p"]
        return np.array([math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)])
    rate = parameters["rate"]
    return np.array([math.exp(-rate) * rate**k / math.factorial(k) for k in range(60)])


def slow_moments(kind: str, parameters: dict[str, Any]) -> tuple[float, float, float]:
    if kind == "normal":
        return parameters["mean"], parameters["std"] ** 2, 3 * parameters["std"] ** 4
    chance = chances(kind, parameters)
    counts = np.arange(len(chance))
    mean = float((chance * counts).sum())
    return mean, float((chance * (counts - mean) ** 2).sum()), float((chance * (counts - mean) ** 4).sum())


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


def slow_compare(values: list[float], mean: float, variance: float, fourth: float) -> list[float]:
    m = len(values)
    centre = math.fsum(values) / m
    spread = math.fsum((v - centre) ** 2 for v in values) / (m - 1)
    of_variance = math.sqrt((fourth - variance**2 * (m - 3) / (m - 1)) / m)
    return [centre, spread, (centre - mean) / math.sqrt(variance / m), (spread - variance) / of_variance]


def test_theory_is_stated() -> None:
    """moments gives mean, variance and fourth central moment of each of the three distributions."""
    extra: list[tuple[str, dict[str, Any]]] = [
        ("binomial", {"n": 5, "p": 0.0}),
        ("binomial", {"n": 3, "p": 1}),
        ("poisson", {"rate": 0.0}),
        ("normal", {"mean": 2, "std": 0}),
    ]
    for kind, parameters in CASES + extra:
        expected = slow_moments(kind, parameters)
        got = fields(work.moments(kind, **parameters), "mean", "variance", "fourth")
        assert_close(got, expected, rtol=1e-9, what=f"moments({kind!r}, …)")


def test_draws_follow_the_distribution() -> None:
    """Simulated draws have the shape, the kind of number and the probabilities of their distribution."""
    for stream, (kind, parameters) in enumerate(CASES):
        got = as_array(work.simulate(kind, SIZE, rng(stream), **parameters), "simulate")
        assert_shape(got, (SIZE,), what="simulate")
        assert_dtype(got, "floating" if kind == "normal" else "integer", what="simulate")
        if kind == "normal":
            sigmas = (got - parameters["mean"]) / parameters["std"]
            edges = [-2.0, -1.0, 0.0, 1.0, 2.0]
            shares = [float((sigmas <= edge).mean()) for edge in edges]
            wanted = [(1 + math.erf(edge / math.sqrt(2))) / 2 for edge in edges]
        else:
            wanted = list(chances(kind, parameters)[:8])
            shares = [float((got == k).mean()) for k in range(len(wanted))]
        errors = [math.sqrt(p * (1 - p) / SIZE) for p in wanted]
        off = [abs(s - p) > 5 * e + 1e-12 for s, p, e in zip(shares, wanted, errors, strict=True)]
        require(
            not any(off),
            f"the draws of {kind} with {parameters} do not have its probabilities (beyond 5 standard errors)",
            got=np.round(shares, 4),
            expected=np.round(wanted, 4),
        )


def test_draws_are_independent_and_replayed() -> None:
    """The same generator state gives the same draws, a second call new ones, and the global state stays."""
    for kind, parameters in (CASES[0], CASES[2], CASES[5]):
        one, two = np.random.default_rng(5), np.random.default_rng(5)
        with global_random_state_kept():
            first = as_array(work.simulate(kind, 500, one, **parameters), "simulate").copy()
            again = as_array(work.simulate(kind, 500, two, **parameters), "simulate")
            later = as_array(work.simulate(kind, 500, one, **parameters), "simulate")
        assert_close(again, first, what="simulate with the same generator state")
        assert_shape(later, (500,), what="simulate")
        require(bool((later != first).any()), "a second call with the same generator gave the same draws again")
        neighbours = np.corrcoef(first[:-1].astype(float), first[1:].astype(float))[0, 1]
        require(bool(abs(neighbours) < 0.25), "neighbouring draws depend on each other", got=float(neighbours))
        assert_shape(work.simulate(kind, 0, one, **parameters), (0,), what="simulate of size 0")


def assert_refuses(name: str, function: Any, *args: Any, **parameters: Any) -> None:
    """ValueError whose message holds the argument's name as a word of its own."""
    error = assert_raises(ValueError, function, *args, **parameters)
    named = re.search(rf"(?<!\w){name}(?!\w)", str(error)) is not None
    require(named, f"the message does not name {name}", got=Shown(f"ValueError: {error}"))


def test_bad_parameters_are_refused() -> None:
    """An unknown kind, and a parameter out of its range, raise ValueError that names it."""
    bad: list[tuple[str, dict[str, Any], str]] = [
        ("uniform", {}, "kind"),
        ("Normal", {"mean": 0.0, "std": 1.0}, "kind"),
        ("normal", {"mean": 0.0, "std": -1.0}, "std"),
        ("binomial", {"n": -1, "p": 0.5}, "n"),
        ("binomial", {"n": 5, "p": 1.01}, "p"),
        ("binomial", {"n": 5, "p": -0.1}, "p"),
        ("poisson", {"rate": -0.5}, "rate"),
    ]
    for kind, parameters, name in bad:
        assert_refuses(name, work.moments, kind, **parameters)
        assert_refuses(name, work.simulate, kind, 3, rng(10), **parameters)


def test_agreement_is_measured_in_standard_errors() -> None:
    """compare gives the samples' mean and variance (m - 1), and both distances in standard errors of theory."""
    cases = [([1.0, 4.0, 2.0, 3.0], (3.0, 2.0, 12.0)), ([0.0, 2.0], (0.0, 1.0, 3.0)), ([5.0] * 3, (4.0, 4.0, 52.0))]
    draws = rng(20).normal(10.0, 3.0, 129)
    cases.append((draws.tolist(), (10.2, 9.0, 243.0)))
    for values, theory in cases:
        expected = slow_compare(values, *theory)
        samples, moments = np.array(values), the_moments(*theory)
        with unchanged(samples=samples):
            result = work.compare(samples, moments)
        names = ("mean", "variance", "z_mean", "z_variance")
        for name, got, wanted in zip(names, fields(result, *names), expected, strict=True):
            assert_close(got, wanted, rtol=1e-9, atol=1e-12, what=f"the field {name}")
    whole = np.array([200, 250, 240], dtype=np.uint8)
    result = work.compare(whole, the_moments(230.0, 500.0, 750_000.0))
    assert_close(fields(result, "mean", "variance"), [230.0, 700.0], what="mean and variance of uint8 samples")


def test_nothing_to_compare_is_refused() -> None:
    """Fewer than two samples, and an expected variance of 0, raise ValueError by name."""
    some = the_moments(1.0, 2.0, 12.0)
    for samples in (np.array([]), np.array([1.0])):
        assert_raises(ValueError, work.compare, samples, some, mentions="samples")
    assert_raises(ValueError, work.compare, np.ones(5), the_moments(1.0, 0.0, 0.0), mentions="expected")


def drawn(counts: Any, means: Any, stds: Any, generator: np.random.Generator) -> tuple[Array, Array]:
    result = work.make_classes(counts, means, stds, generator)
    assert_type(result, (tuple, list), what="make_classes")
    require(len(result) == 2, "make_classes must give two arrays, x and y", got=len(result))
    x, y = as_array(result[0], "x"), as_array(result[1], "y")
    rows = int(sum(counts))
    assert_shape(x, (rows, np.shape(means)[1]), what="x")
    assert_shape(y, (rows,), what="y")
    assert_dtype(x, "floating", what="x")
    assert_dtype(y, "integer", what="y")
    return x, y


def test_each_row_belongs_to_its_label() -> None:
    """Each class has exactly its count of rows, around its own centre, and each row stands beside its label."""
    centres = np.array([[0.0, 0.0, 5.0], [100.0, -50.0, 0.0], [-30.0, 8.0, 1.0]])
    for counts in ([3, 5, 2], [40, 0, 7], [1, 1, 1], (0, 0, 0)):
        for stds in ([0.0, 0.0, 0.0], [0.1, 0.0, 0.2]):
            given = centres.copy()
            with unchanged(means=given):
                x, y = drawn(counts, given, stds, rng(30))
            assert_close(np.bincount(y.astype(int), minlength=3), counts, what="the rows of each class")
            assert_close(x, centres[y.astype(int)].reshape(x.shape), atol=2.0, what="x, beside the centres of y,")
    x, _ = drawn([3, 2, 4], centres.astype(np.int64), [1.0, 1.0, 1.0], rng(32))
    require(bool((x != np.round(x)).all()), "whole numbers as means made the draws whole numbers too", got=x)


def test_each_class_has_its_own_spread() -> None:
    """Each feature of a class has the class's mean and deviation, and is independent of the others."""
    counts, stds = [4000, 6000], [0.5, 3.0]
    centres = np.array([[1.0, -2.0], [4.0, 0.0]])
    x, y = drawn(counts, centres, np.array(stds), rng(31))
    for k in range(2):
        rows = x[y == k]
        assert_shape(rows, (counts[k], 2), what=f"x of class {k}")
        off = np.abs(rows.mean(axis=0) - centres[k]) / (stds[k] / math.sqrt(counts[k]))
        require(bool((off < 5).all()), f"the means of class {k} are off", got=rows.mean(axis=0), expected=centres[k])
        ratio = rows.std(axis=0) / stds[k]
        require(
            bool((np.abs(ratio - 1) < 5 / math.sqrt(2 * counts[k])).all()),
            f"the deviations of class {k} are off",
            got=rows.std(axis=0),
            expected=stds[k],
        )
        link = float(np.corrcoef(rows.T)[0, 1])
        require(abs(link) < 5 / math.sqrt(counts[k]), f"the features of class {k} move together", got=link)


def test_the_rows_are_shuffled() -> None:
    """The classes come in random order, another at each draw, the same from the same generator state."""
    centres = np.array([[0.0], [9.0]])
    one, two = np.random.default_rng(8), np.random.default_rng(8)
    with global_random_state_kept():
        x, y = drawn([100, 100], centres, [1.0, 1.0], one)
        again_x, again_y = drawn([100, 100], centres, [1.0, 1.0], two)
        _, later = drawn([100, 100], centres, [1.0, 1.0], one)
    assert_close(again_x, x, what="x from the same generator state")
    assert_close(again_y, y, what="y from the same generator state")
    require(bool((later != y).any()), "a second draw has its classes in the same order as the first")
    halves = [int(y[:100].sum()), int(later[:100].sum())]
    require(all(15 < h < 85 for h in halves), "the classes stand in blocks; shuffle the rows", got=halves)
    changes = int((np.diff(y) != 0).sum())
    require(60 < changes < 140, "the classes do not come in random order", got=changes, expected="about 100 changes")


def test_sets_that_do_not_fit_are_refused() -> None:
    """Counts, means or deviations that do not fit together, or are negative, raise ValueError by name."""
    centres = np.zeros((2, 3))
    assert_raises(ValueError, work.make_classes, [1, -1], centres, [1.0, 1.0], rng(40), mentions="counts")
    assert_raises(ValueError, work.make_classes, [1, 2], centres, [1.0, -0.1], rng(40), mentions="stds")
    assert_raises(ValueError, work.make_classes, [1, 2], np.zeros(2), [1.0, 1.0], rng(40), mentions="means")
    for counts, stds in (([1, 2, 3], [1.0, 1.0]), ([1, 2], [1.0]), ([5], [1.0, 1.0])):
        told = str(assert_raises(ValueError, work.make_classes, counts, centres, stds, rng(40)))
        named = any(name in told for name in ("counts", "means", "stds"))
        require(named, "the ValueError should name counts, means or stds", got=told)
