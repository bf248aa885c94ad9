"""Hidden test of c04_1_regression."""

import math
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    fail,
    learner,
    learner_module,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("regressions")
Array = NDArray[Any]

LINE = np.array([[0.0], [1.0], [2.0], [5.0]])
MIXED = np.array([0, 1, 0, 1])


def as_line(got: Any, d: int, n_parts: int = 2) -> tuple[Array, float, Any]:
    """What a fit returned: w (d,), b, and the rest, each of the right kind."""
    parts = "(w, b)" if n_parts == 2 else "(w, b, losses)"
    right = isinstance(got, tuple | list) and len(got) == n_parts
    require(right, f"the result must be {parts}", got=got)
    w = as_array(got[0], "w")
    assert_shape(w, (d,), what="w")
    assert_type(got[1], (float, int, np.floating), what="b")
    return w, float(got[1]), got[2] if n_parts == 3 else None


def assert_line(got: tuple[Array, float, Any], w: Array, b: float, size: Any = 1.0, rtol: float = 1e-6) -> None:
    """The weights, each measured in the size of its column, and the bias are as expected, to six digits."""
    expected = np.append(w * size, b)
    scale = float(np.abs(expected).max())
    off = np.abs(np.append(got[0] * size, got[1]) - expected).max()
    if not off <= rtol * scale:
        # The whole of it at once: a wrong bias comes with wrong weights.
        fail(
            "w and b are not those of the best fit",
            got=Shown(f"w = {got[0].tolist()}, b = {got[1]}"),
            expected=Shown(f"w = {w.tolist()}, b = {b}"),
        )


def least_squares(x: Array, y: Array) -> tuple[Array, float]:
    """By singular values of centred columns of equal size."""
    values, wanted = x.astype(float), y.astype(float)
    mean, spread = values.mean(axis=0), values.std(axis=0)
    w = np.linalg.lstsq((values - mean) / spread, wanted - wanted.mean(), rcond=None)[0] / spread
    return w, float(wanted.mean() - mean @ w)


def plain_probability(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def plain_likelihood(x: Array, y: Array, w: Array, b: float) -> float:
    total = 0.0
    for row, label in zip(x.tolist(), y.tolist(), strict=True):
        z = sum(float(a) * c for a, c in zip(row, w.tolist(), strict=True)) + b
        own = z if label else -z
        # ln(1 / (1 + e^-own)), without overflow.
        total -= max(-own, 0.0) + math.log1p(math.exp(-abs(own)))
    return total


def table(stream: int, n: int, d: int) -> tuple[Array, Array]:
    """Rows around a plane."""
    draws = rng(stream)
    x = draws.normal(1.0, 2.0, (n, d))
    return x, x @ draws.uniform(1.0, 3.0, d) + 4.0 + draws.normal(0.0, 0.5, n)


def labelled(stream: int, n: int, d: int) -> tuple[Array, Array]:
    """Rows of two classes that overlap: each kind of row comes with both labels."""
    draws = rng(stream)
    half = draws.normal(0.5, 1.0, (n // 2, d))
    x = np.vstack([half, half])
    y = np.concatenate([np.ones(n // 2, int), (draws.random(n // 2) < 0.4).astype(int)])
    y[n // 2] = 0
    order = draws.permutation(len(x))
    return x[order], y[order]


def most_likely(x: Array, y: Array, l2: float) -> tuple[Array, float]:
    """Where the penalised likelihood is largest, by bounded Newton steps on standardised columns."""
    mean, spread = x.mean(axis=0), x.std(axis=0)
    a = np.column_stack([(x - mean) / spread, np.ones(len(x))])
    penalty = np.append(l2 / spread**2, 0.0)
    v = np.zeros(a.shape[1])
    for _ in range(300):
        p = np.array([plain_probability(z) for z in (a @ v).tolist()])
        step = np.linalg.solve((a.T * (p * (1 - p))) @ a + np.diag(penalty), a.T @ (y - p) - penalty * v)
        v = v + step * min(1.0, 1.0 / float(np.abs(step).max() + 1e-300))
    w = v[:-1] / spread
    return w, float(v[-1] - mean @ w)


def plain_walk(x: Array, y: Array, rate: float, n_steps: int) -> tuple[Array, float, list[float]]:
    """Descent on the mean squared error from zero."""
    w, b, losses = np.zeros(x.shape[1]), 0.0, []
    for _ in range(n_steps + 1):
        error = x @ w + b - y
        losses.append(float((error**2).mean()))
        last = w, b
        w, b = w - rate * 2 / len(x) * (x.T @ error), b - rate * 2 * float(error.mean())
    return last[0], last[1], losses


def plain_limit(x: Array) -> float:
    """By the largest singular value of the columns with one of ones: its square is an eigenvalue."""
    a = np.column_stack([x.astype(float), np.ones(len(x))])
    return len(x) / float(np.linalg.svd(a, compute_uv=False)[0]) ** 2


def test_the_normal_equation_solves_least_squares() -> None:
    """1. normal_equation returns the w and b with the least squared error."""
    cases = [(LINE, np.array([1.0, 3.0, 5.0, 11.0])), (LINE, np.array([1.0, 0.0, 4.0, 4.0]))]
    cases += [table(1, 20, 2), table(2, 60, 5), table(3, 5, 4)]
    for x, y in cases:
        w, b = least_squares(x, y)
        assert_line(as_line(work.normal_equation(x.copy(), y.copy()), x.shape[1]), w, b)


def test_the_rate_limit_divides_the_walks() -> None:
    """3. rate_limit returns 2 / λ: the learning rate at which descent begins to run away."""
    for x in (LINE, LINE * 10, LINE / 10, table(4, 30, 3)[0], table(5, 3, 6)[0]):
        expected = plain_limit(x)
        got = work.rate_limit(x.copy())
        assert_type(got, (float, np.floating), what="rate_limit")
        assert_close(got, expected, rtol=1e-6)


def counted_fits(call: Callable[[], Any]) -> tuple[Any, int]:
    """Run `call` and count how often the `fit` of the learner's p014 began."""
    function = getattr(learner_module("linear_descent"), "fit", None)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code, calls = getattr(function, "__code__", None), 0

    def note(frame: FrameType, event: str, _: Any) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code is code

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        result = call()
    finally:
        sys.setprofile(before)
    return result, calls


def test_descend_walks_on_standardised_columns() -> None:
    """4. descend walks by your fit on standardised columns, and returns w and b for x itself, and the losses."""
    # The last two: the sizes differ, and a constant column.
    x, y = table(6, 40, 2)
    level = np.column_stack([x[:, 0], np.full(40, 0.1), x[:, 1]])
    cases = [(LINE, np.array([1.0, 3.0, 5.0, 11.0]), 0), (LINE, np.array([1.0, 3.0, 5.0, 11.0]), 3)]
    cases += [(x, y, 20), (x * [1e-3, 1e3] + [0.0, 1e4], y, 500), (level, y, 20)]
    for x, y, n_steps in cases:
        mean, flat = x.mean(axis=0), np.ptp(x, axis=0) == 0
        spread = np.where(flat, 1.0, x.std(axis=0))
        scaled = np.where(flat, 0.0, (x - mean) / spread)
        w, b, losses = plain_walk(scaled, y, plain_limit(scaled) / 2, n_steps)
        got, calls = counted_fits(lambda x=x, y=y, n_steps=n_steps: work.descend(x.copy(), y.copy(), n_steps))
        found = as_line(got, x.shape[1], 3)
        require(len(found[2]) == n_steps + 1, f"descend returned {len(found[2])} losses, expected {n_steps + 1}")
        assert_close(as_array(found[2], "losses"), losses, rtol=1e-6, atol=1e-9, what="losses")
        if n_steps:
            assert_line(found, w / spread, b - float(mean @ (w / spread)), spread)
        require(calls == 1, f"descend called linear_descent.fit {calls} times, expected once")
    # The default.
    expected = plain_walk((LINE - 2.0) / LINE.std(), MIXED, plain_limit((LINE - 2.0) / LINE.std()) / 2, 1000)
    losses = as_line(work.descend(LINE.copy(), MIXED.copy()), 1, 3)[2]
    require(len(losses) == 1001, f"descend returned {len(losses)} losses, expected 1001", expected=expected[2][-1])


def test_probabilities_follow_the_sigmoid() -> None:
    """5. probabilities returns 1 / (1 + exp(-z)), also for large scores, without a warning."""
    cases = [(LINE, np.array([0.7]), -1.0), (table(7, 9, 3)[0], np.array([0.5, -1.0, 0.2]), 0.3)]
    cases += [(np.array([[-50.0], [50.0], [0.0], [-1000.0], [1000.0]]), np.ones(1), 0.0)]
    for x, w, b in cases:
        expected = [plain_probability(z) for z in (x @ w + b).tolist()]
        with no_warnings():
            got = work.probabilities(x.copy(), w.copy(), b)
        assert_close(got, expected, rtol=1e-9, atol=0.0)


def test_the_log_likelihood_is_a_sum_of_logarithms() -> None:
    """6. log_likelihood returns the sum of ln p over label 1 and of ln(1 - p) over label 0."""
    rows, labels = labelled(8, 30, 2)
    for x, y, w, b in (
        (LINE[:1], MIXED[1:2], np.array([0.7]), -1.0),
        (LINE[:1], MIXED[:1], np.array([0.7]), -1.0),
        (LINE, MIXED, np.array([0.7]), -1.0),
        (rows, labels, np.array([0.4, -1.5]), 0.2),
    ):
        expected = plain_likelihood(x, y, w, b)
        got = work.log_likelihood(x.copy(), y.copy(), w.copy(), b)
        assert_type(got, (float, np.floating), what="log_likelihood")
        assert_close(got, expected, rtol=1e-9)


def test_logistic_finds_the_maximum() -> None:
    """7. logistic returns the w and b where the log-likelihood is largest."""
    cases = [(LINE, MIXED), labelled(9, 40, 2), labelled(10, 120, 4)]
    x, y = labelled(11, 60, 2)
    # In small units and far from zero, and with rows far out.
    cases += [(x * [1e-3, 1.0] + [0.0, 30.0], y)]
    steep = np.array([[-9.0], [-1.0], [-0.1], [0.1], [0.2], [1.0], [30.0]])
    cases += [(steep, np.array([0, 0, 1, 0, 1, 1, 1]))]
    for x, y in cases:
        w, b = most_likely(x, y, 0.0)
        assert_line(as_line(work.logistic(x.copy(), y.copy()), x.shape[1]), w, b, x.std(axis=0))


def test_the_penalty_holds_the_weights_down() -> None:
    """7. With l2, logistic returns the maximum of log_likelihood - l2/2 Σ w²; the bias is not penalised."""
    rows, labels = labelled(12, 60, 2)
    cases = [(LINE, MIXED, 1.0), (LINE + 3.0, np.array([0, 1, 1, 1]), 0.5)]
    for x, y, l2 in (*cases, (rows, labels, 30.0), (rows - 5.0, labels, 1e-3)):
        w, b = most_likely(x, y, l2)
        assert_line(as_line(work.logistic(x.copy(), y.copy(), l2=l2), x.shape[1]), w, b)
    # Two rows lie far out: a whole step of Newton's leads downhill here.
    far = np.array(
        [[-0.3, -1.4], [3.6, 114.2], [-125.3, 37.1], [0.3, -0.1], [0.6, -0.7], [-1.0, -0.4], [0.2, -1.4], [2.3, -0.5]]
    )
    y = np.array([0, 1, 0, 1, 0, 1, 1, 1])
    w, b = most_likely(far, y, 0.01)
    assert_line(as_line(work.logistic(far.copy(), y.copy(), l2=0.01), 2), w, b)
    # Classes that a point separates, and a column twice, have a maximum under a penalty.
    apart = np.array([0, 0, 1, 1])
    w, b = most_likely(LINE, apart, 2.0)
    assert_line(as_line(work.logistic(LINE.copy(), apart.copy(), l2=2.0), 1), w, b)
    w, b = most_likely(LINE, MIXED, 1.0)
    twice = np.hstack([LINE, LINE])
    # Two equal weights share the penalty: half the sum of squares for the same sum.
    got = as_line(work.logistic(twice.copy(), MIXED.copy(), l2=2.0), 2)
    assert_line(got, np.array([w[0], w[0]]) / 2, b)


edges()


def test_units_do_not_matter() -> None:
    """2. normal_equation solves columns in different units, of deviations from 1e-4 to 1e4."""
    for stream, size in ((13, [1e-4, 1e4]), (14, [1e4, 1.0, 1e-4]), (15, [1e-4, 1e-4])):
        x, y = table(stream, 30, len(size))
        x = x * np.array(size)
        w, b = least_squares(x, y)
        assert_line(as_line(work.normal_equation(x.copy(), y.copy()), len(size)), w, b, np.array(size))


def test_sure_misses_cost_what_they_should() -> None:
    """6. Nothing is clipped: z = 1000 costs 1000 where y = 0, and nothing warns."""
    for z, label in ((1000.0, 0), (-1000.0, 1), (1000.0, 1), (40.0, 0), (50.0, 1), (-50.0, 0)):
        x, y = np.array([[z]]), np.array([label])
        expected = plain_likelihood(x, y, np.ones(1), 0.0)
        with no_warnings():
            got = work.log_likelihood(x, y, np.ones(1), 0.0)
        assert_close(got, expected, rtol=1e-9, atol=0.0)
    # Many rows, each of a probability around a half: their product is below the smallest float.
    expected = 4000 * math.log(0.5)
    got = work.log_likelihood(np.zeros((4000, 1)), np.arange(4000) % 2, np.ones(1), 0.0)
    assert_close(got, expected, rtol=1e-9)


def test_integers_count_with_their_values() -> None:
    """8. Integers and bools in x and y count with their values."""
    x = np.array([[0, 200], [100, 0], [250, 30], [90, 255], [10, 10]], dtype=np.uint8)
    y = np.array([250, 3, 200, 7, 100], dtype=np.uint8)
    wide = x.astype(float)
    w, b = least_squares(x, y)
    assert_line(as_line(work.normal_equation(x.copy(), y.copy()), 2), w, b, wide.std(axis=0))
    expected = plain_limit(wide)
    assert_close(work.rate_limit(x.copy()), expected, rtol=1e-6)
    scaled = (wide - wide.mean(axis=0)) / wide.std(axis=0)
    losses = plain_walk(scaled, y.astype(float), plain_limit(scaled) / 2, 5)[2]
    got = as_line(work.descend(x.copy(), y.copy(), 5), 2, 3)[2]
    assert_close(as_array(got, "losses"), losses, rtol=1e-6, what="losses")
    for dtype in (np.uint8, bool, float):
        labels = np.array([0, 1, 1, 0, 1]).astype(dtype)
        expected = plain_likelihood(x, labels, np.array([0.01, -0.02]), 0.5)
        assert_close(work.log_likelihood(x.copy(), labels.copy(), np.array([0.01, -0.02]), 0.5), expected)
        marks = MIXED.astype(dtype)
        w, b = most_likely(LINE, MIXED, 1.0)
        assert_line(as_line(work.logistic(LINE.astype(np.uint8), marks.copy(), l2=1.0), 1), w, b)


def test_inputs_stay_as_they_are() -> None:
    """8. No function changes x, y or w."""
    x, y = labelled(16, 20, 2)
    x, y, w = x.astype(float), y.astype(float), np.array([0.3, -0.4])
    with unchanged(x=x, y=y):
        work.normal_equation(x, y)
    with unchanged(x=x):
        work.rate_limit(x)
    with unchanged(x=x, y=y):
        work.descend(x, y, 3)
    with unchanged(x=x, w=w):
        work.probabilities(x, w, 0.1)
    with unchanged(x=x, y=y, w=w):
        work.log_likelihood(x, y, w, 0.1)
    with unchanged(x=x, y=y):
        work.logistic(x, y, l2=1.0)


def dependent() -> list[Array]:
    """Tables with columns that can be computed from one another."""
    draws = rng(17)
    t = draws.random(12)
    s = draws.random(12)
    return [
        np.column_stack([LINE, LINE]),
        np.column_stack([LINE, np.full(4, 5.0)]),
        np.column_stack([LINE, np.zeros(4)]),
        np.column_stack([t, 3 * t]),
        np.column_stack([t, 0.1 - 7 * t]),
        np.column_stack([t, s, t + s]),
        np.column_stack([t, np.full(12, 0.1)]),
        np.column_stack([1e4 * t, s, 1e-4 * t]),
        draws.random((3, 3)),
        draws.random((4, 7)),
    ]


def test_many_best_lines_are_refused() -> None:
    """9. normal_equation refuses columns that can be computed from each other and a constant, and no others."""
    for x in dependent():
        assert_raises(ValueError, work.normal_equation, x.copy(), np.arange(len(x)) * 1.5)
    t = rng(18).normal(size=30)
    x = np.column_stack([t, t + 1e-4 * rng(19).normal(size=30)])
    y = t + rng(20).normal(size=30)
    w, b = least_squares(x, y)
    assert_line(as_line(work.normal_equation(x.copy(), y.copy()), 2), w, b, rtol=1e-4)


def test_a_likelihood_without_a_maximum_is_refused() -> None:
    """10. Without a penalty, logistic refuses such columns and classes that a plane separates."""
    for x in dependent():
        assert_raises(ValueError, work.logistic, x.copy(), np.arange(len(x)) % 2)
    cases = [(LINE, np.array([0, 0, 1, 1])), (LINE, np.array([1, 1, 1, 0]))]
    cases += [(np.array([[-0.001], [0.001], [5.0], [-7.0]]), np.array([0, 1, 1, 0]))]
    rows = rng(21).normal(size=(40, 3))
    cases += [(rows, (rows @ np.array([1.0, -2.0, 0.5]) > 0.3).astype(int))]
    for x, y in cases:
        assert_raises(ValueError, work.logistic, x.copy(), y.copy())


def test_one_class_alone_is_refused() -> None:
    """10. logistic refuses one class alone, with a penalty too."""
    for label in (0, 1):
        for l2 in (0.0, 1.0):
            assert_raises(ValueError, work.logistic, LINE.copy(), np.full(4, label), l2=l2)


def test_a_y_that_does_not_fit_is_refused() -> None:
    """11. normal_equation and logistic refuse a y that is not of shape (n,); logistic other labels than 0 and 1."""
    for y in (MIXED.reshape(4, 1), MIXED[:3], MIXED.reshape(1, 4), np.array([0, 1, 0, 1, 1])):
        assert_raises(ValueError, work.normal_equation, LINE.copy(), y.astype(float))
        assert_raises(ValueError, work.logistic, LINE.copy(), y.copy(), l2=1.0)
    for y in (np.array([-1, 1, -1, 1]), np.array([1, 2, 1, 2]), np.array([0.0, 0.5, 0.0, 1.0])):
        assert_raises(ValueError, work.logistic, LINE.copy(), y, l2=1.0)
