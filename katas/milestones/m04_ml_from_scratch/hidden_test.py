"""Hidden test of m04_ml_from_scratch."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    as_figure,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_shape,
    calling,
    global_random_state_kept,
    keep_picture,
    learner,
    part,
    require,
    rng,
    unchanged,
)

work = learner("from_scratch")
Array = NDArray[Any]
Make = Callable[[int, np.random.Generator], tuple[Array, Array]]


def pair_of(got: Any, what: str, names: tuple[str, str]) -> tuple[Any, Any]:
    require(isinstance(got, tuple | list) and len(got) == 2, f"{what} must return ({', '.join(names)})", got=got)
    return got[0], got[1]


def data_of(got: Any, what: str, n: int, d: int) -> tuple[Array, Array]:
    """The learner's (X, y), as arrays of the right shapes."""
    X, y = (as_array(value, name) for value, name in zip(pair_of(got, what, ("X", "y")), "Xy", strict=True))
    assert_shape(X, (n, d), what="X")
    assert_shape(y, (n,), what="y")
    return X, y


def assert_normal(values: Array, deviation: float, what: str) -> None:
    """Mean, deviation and shape of a sample are within five standard errors of a normal distribution's."""
    z, n = values / deviation, len(values)
    mean, spread = float(z.mean()) * deviation, float(z.std()) * deviation
    room = 5 * deviation / math.sqrt(n)
    why = f"the standard deviation of {what} is more than five standard errors off"
    require(abs(spread - deviation) <= room / math.sqrt(2), why, got=spread, expected=deviation)
    require(abs(mean) <= room, f"the mean of {what} is more than five standard errors off", got=mean, expected=0.0)
    inside, p = float(np.mean(np.abs(z) <= 1)), math.erf(1 / math.sqrt(2))
    why = f"{what}: the share within one standard deviation is not that of a normal distribution"
    require(abs(inside - p) <= 5 * math.sqrt(p * (1 - p) / n), why, got=inside, expected=p)


def assert_unrelated(one: Array, two: Array, what: str) -> None:
    share = float(np.corrcoef(one, two)[0, 1])
    require(
        abs(share) <= 5 / math.sqrt(len(one)), f"{what} depend on each other", got=Shown(f"correlation {share:.3g}")
    )


@part("Data")
def test_the_line_holds() -> None:
    """1. y is X·w + b, and the noise around it is normal, of the standard deviation asked for, and new in each row."""
    for d, (w, b, noise) in enumerate([([3.0], -2.0, 2.0), ([2.0, -1.0], 0.5, 0.3), ([0.0, 5.0, -7.0], 40.0, 1.5)]):
        weights = np.array(w)
        with unchanged(w=weights):
            got = work.line_data(4000, weights, b, noise, rng(d))
        X, y = data_of(got, "line_data", 4000, d + 1)
        rest = y - np.array([sum(u * v for u, v in zip(row, w, strict=True)) + b for row in X.tolist()])
        assert_normal(rest, noise, "y - (X·w + b)")
        for column in X.T:
            assert_unrelated(rest, column, "the noise and a column of X")
        assert_unrelated(rest[1:], rest[:-1], "the noise of a row and that of the next")


@part("Data")
def test_the_features_of_the_line() -> None:
    """1. X is standard normal, in each column by itself, whatever the line is like."""
    for d, w in enumerate(([3.0], [20.0, -1.0, 0.0])):
        X, _ = data_of(work.line_data(4000, np.array(w), 0.5, 0.3, rng(10 + d)), "line_data", 4000, len(w))
        for j, column in enumerate(X.T):
            assert_normal(column, 1.0, f"column {j} of X")
            assert_unrelated(column[1:], column[:-1], "neighbouring rows of X")
            if j:
                assert_unrelated(column, X[:, 0], "two columns of X")


CLOUDS = (
    (np.array([[0.0], [1.0]]), 0.5),
    (np.array([[-1.0, 0.0], [1.0, 0.0]]), 1.0),
    (np.array([[1.0, 8.0, -20.0], [3.0, 0.0, 2.0]]), 2.5),
)


@part("Data")
def test_the_labels_are_tossed() -> None:
    """2. Labels are the integers 0 and 1, each with probability 1/2, in no order, their number left to chance."""
    _, y = data_of(work.cloud_data(4000, CLOUDS[1][0].copy(), 1.0, rng(20)), "cloud_data", 4000, 2)
    assert_dtype(y, "integer", what="y")
    assert_equal(sorted(set(y.tolist())), [0, 1], what="the labels")
    share = float(y.mean())
    require(abs(share - 0.5) <= 2.5 / math.sqrt(4000), "0 and 1 are not equally likely", got=share, expected=0.5)
    assert_unrelated(y, np.arange(4000), "a label and its place")
    assert_unrelated(y[1:], y[:-1], "neighbouring labels")
    generator = rng(21)
    ones = [int(as_array(work.cloud_data(10, CLOUDS[0][0].copy(), 1.0, generator)[1]).sum()) for _ in range(40)]
    require(len(set(ones)) > 1, "of ten rows, the same number has the label 1 each time", got=ones)


@part("Data")
def test_the_clouds_surround_their_centres() -> None:
    """2. A row is the centre of its label plus normal noise of the standard deviation asked for, in each column."""
    for i, (centres, spread) in enumerate(CLOUDS):
        d = centres.shape[1]
        with unchanged(centres=centres):
            got = work.cloud_data(6000, centres, spread, rng(22 + i))
        X, y = data_of(got, "cloud_data", 6000, d)
        for label in (0, 1):
            rest = X[y == label] - centres[label]
            for j, column in enumerate(rest.T):
                assert_normal(column, spread, f"column {j} of the rows of label {label}, less their centre,")
                assert_unrelated(column[1:], column[:-1], "the noise of a row and that of the next")
                if j:
                    assert_unrelated(column, rest[:, 0], "the noise of one column and that of another")


@part("Data")
def test_data_are_replayed_by_their_generator() -> None:
    """1, 2. The same state of rng returns the same data, and a second call new ones, by rng alone."""
    arguments = {"line_data": (np.array([1.0, 2.0]), 0.5, 1.0), "cloud_data": CLOUDS[1]}
    for name, rest in arguments.items():
        one, two = np.random.default_rng(9), np.random.default_rng(9)
        with global_random_state_kept():
            draws = [data_of(getattr(work, name)(50, *rest, g), name, 50, 2) for g in (one, two, one)]
        for k, what in enumerate("Xy"):
            assert_close(draws[1][k], draws[0][k], what=f"{what}, from the same state of rng,")
            again = draws[2][k].tolist() == draws[0][k].tolist()
            require(not again, f"a second call of {name} returned the same {what} again")
        noises = [
            X @ rest[0] - y if name == "line_data" else X - rest[0][y.astype(int)] for X, y in (draws[0], draws[2])
        ]
        again = np.allclose(noises[0], noises[1])
        require(not again, f"a second call of {name} has the same noise again; all draws come from rng")


def plain_predict(kind: str, w: Any, b: float, X: Array) -> Array:
    z = np.array([math.fsum(u * v for u, v in zip(row, w, strict=True)) + b for row in X.tolist()])
    return 0.5 * (1 + np.tanh(z / 2)) if kind == "logistic" else z


def plain_fit(X: Array, y: Array, kind: str, learning_rate: float = 0.1, n_steps: int = 500) -> tuple[Array, float]:
    """The bias as the weight of a column of ones."""
    ones = np.c_[X, np.ones(len(X))]
    v = np.zeros(ones.shape[1])
    for _ in range(n_steps):
        z = ones @ v
        slopes = ones * ((0.5 * (1 + np.tanh(z / 2)) if kind == "logistic" else z) - y)[:, None]
        v = v - learning_rate * slopes.sum(axis=0) / len(X)
    return v[:-1], float(v[-1])


def plain_score(kind: str, w: Any, b: float, X: Array, y: Array) -> float:
    pairs = list(zip(plain_predict(kind, w, b, X).tolist(), y.tolist(), strict=True))
    if kind == "linear":
        return math.fsum((p - t) ** 2 for p, t in pairs) / len(pairs)
    return sum((p >= 0.5) == (t == 1) for p, t in pairs) / len(pairs)


def made(kind: str, w: list[float], b: float) -> Any:
    model = work.Model(kind, np.array(w), b)
    require(hasattr(model, "w") and hasattr(model, "b"), "leave the class Model as the stub has it")
    return model


def assert_model(got: Any, kind: str, w: Array, b: float, rtol: float = 1e-7) -> None:
    for name in ("kind", "w", "b"):
        require(hasattr(got, name), f"a Model is expected; what came back has no {name}", got=got)
    assert_equal(got.kind, kind, what="model.kind")
    assert_close(got.w, w, rtol=rtol, atol=1e-9, what="model.w")
    assert_close(got.b, b, rtol=rtol, atol=1e-9, what="model.b")


@part("Descent")
def test_predictions() -> None:
    """3. predict returns X·w + b for a linear model, the sigmoid of it for a logistic one."""
    cases = [([2.0], 1.0, np.array([[1.0], [-3.0]])), ([2.0, -1.0, 0.5], -0.7, rng(30).normal(size=(5, 3)))]
    for w, b, X in cases:
        for kind in ("linear", "logistic"):
            expected = plain_predict(kind, w, b, X)
            model = made(kind, w, b)
            with unchanged(X=X):
                got = work.predict(model, X)
            assert_close(got, expected)


def small_data(kind: str) -> list[tuple[Array, Array]]:
    x = np.array([[0.0], [1.0], [2.0], [5.0]])
    X = rng(31).normal(0.5, 1.0, (7, 3))
    if kind == "linear":
        return [(x, np.array([1.0, 3.0, 4.0, 11.0])), (X, rng(32).normal(3.0, 2.0, 7))]
    return [(x, np.array([0, 0, 1, 1])), (X, np.array([1, 0, 0, 1, 1, 1, 0]))]


def assert_steps(kind: str) -> None:
    for X, y in small_data(kind):
        for learning_rate, n_steps in ((0.1, 0), (0.1, 1), (0.02, 2), (0.05, 40)):
            w, b = plain_fit(X, y, kind, learning_rate, n_steps)
            with unchanged(X=X, y=y):
                got = work.fit(X, y, kind, learning_rate, n_steps)
            assert_model(got, kind, w, b)


@part("Descent")
def test_the_line_is_learned_step_by_step() -> None:
    """4. A linear model takes n_steps steps from zero, w and b together, against the mean of (prediction - y)·x."""
    assert_steps("linear")


@part("Descent")
def test_probabilities_are_learned_step_by_step() -> None:
    """4. A logistic model takes the same steps, its prediction being a probability."""
    assert_steps("logistic")


@part("Descent")
def test_the_default_settings() -> None:
    """4. By default there are 500 steps at a learning rate of 0.1."""
    for kind in ("linear", "logistic"):
        X, y = rng(33).normal(size=(20, 2)), rng(34).integers(0, 2, 20)
        assert_model(work.fit(X.copy(), y.copy(), kind), kind, *plain_fit(X, y, kind), rtol=1e-6)


@part("Descent")
def test_the_score_of_a_line() -> None:
    """5. The score of a linear model is the mean squared error."""
    cases = [([1.0], 0.0, np.array([[2.0]]), np.array([5.0]))]
    cases += [([2.0, -1.0], 0.5, rng(35).normal(size=(6, 2)), rng(36).normal(size=6))]
    for w, b, X, y in cases:
        expected = plain_score("linear", w, b, X, y)
        model = made("linear", w, b)
        with unchanged(X=X, y=y):
            got = work.score(model, X, y)
        assert_close(got, expected)


@part("Descent")
def test_the_score_of_probabilities() -> None:
    """5. The score of a logistic model is its accuracy, a probability from 0.5 on meaning 1."""
    x = np.array([[-2.0], [-1.0], [0.5], [3.0], [0.0]])
    cases = [([1.0], 0.0, x[:4], np.array([0, 1, 1, 1])), ([1.0], 0.0, x, np.array([0, 0, 1, 1, 1]))]
    cases += [([0.0], 0.0, x, np.array([1, 1, 1, 1, 1])), ([0.0], 0.0, x, np.array([0, 0, 0, 0, 0]))]
    cases += [([2.0, -1.0], 0.5, rng(37).normal(size=(11, 2)), rng(38).integers(0, 2, 11))]
    for w, b, X, y in cases:
        expected = plain_score("logistic", w, b, X, y)
        assert_close(work.score(made("logistic", w, b), X.copy(), y.copy()), expected)


def log_odds(x: Array, centres: Array, spread: float) -> float:
    """By the two densities at x, column by column; what they have in common is left out."""
    logs = [math.fsum(-0.5 * ((v - m) / spread) ** 2 for v, m in zip(x, centre, strict=True)) for centre in centres]
    return logs[1] - logs[0]


@part("The best possible")
def test_the_best_model() -> None:
    """6. The predictions of the best model are the probabilities of label 1, by the densities of the two clouds."""
    plane = np.array([[1.0, 2.0], [3.0, -1.0]])
    for centres, spread in (*CLOUDS[:2], (plane, 1.0), (plane, 0.5), (plane[::-1], 2.0), CLOUDS[2]):
        d = centres.shape[1]
        b = log_odds(np.zeros(d), centres, spread)
        w = np.array([log_odds(unit, centres, spread) - b for unit in np.eye(d)])
        with unchanged(centres=centres):
            got = work.best_model(centres, spread)
        assert_model(got, "logistic", w, b)


@part("The best possible")
def test_the_best_accuracy() -> None:
    """7. best_accuracy is the accuracy of the best model on infinitely many rows, 0.5 where the clouds coincide."""
    plane = np.array([[1.0, 2.0], [4.0, -2.0]])
    same = np.array([[1.0, 2.0], [1.0, 2.0]])
    for centres, spread in (*CLOUDS[:2], (plane, 2.0), (plane, 5.0), (plane[::-1], 2.0), (same, 1.0), CLOUDS[2]):
        # Along the line through both centres, half of each cloud's density, whichever is larger: added up in steps.
        distance = math.dist(*centres.tolist()) / spread
        z = np.arange(-10, 10 + distance, 1e-3)
        larger = np.maximum(np.exp(-(z**2) / 2), np.exp(-((z - distance) ** 2) / 2))
        expected = float(larger.sum()) * 1e-3 / math.sqrt(2 * math.pi) / 2
        assert_close(work.best_accuracy(centres.copy(), spread), expected, rtol=1e-6)


class Maker:
    """A make that notes how it is called; the n-th call draws from a world of its own."""

    def __init__(self, kind: str) -> None:
        self.kind, self.asked, self.given = kind, [], []  # type: str, list[int], list[tuple[Array, Array]]
        self.generators: list[Any] = []

    def __repr__(self) -> str:
        return "make"

    def __call__(self, n: int, generator: np.random.Generator) -> tuple[Array, Array]:
        self.asked.append(n)
        self.generators.append(generator)
        X = generator.normal(size=(n, 2))
        # What is learned from the rows of one call is mostly wrong in those of the next.
        y = X @ np.array([2.0, -1.0]) * (-1) ** len(self.asked) + generator.normal(0.5, 1.0, n)
        self.given.append((X, (y > 0).astype(int) if self.kind == "logistic" else y))
        return self.given[-1][0].copy(), self.given[-1][1].copy()


def plain_trial(make: Make, n: int, n_new: int, kind: str, generator: np.random.Generator) -> tuple[float, float]:
    X, y = make(n, generator)
    w, b = plain_fit(X, y, kind)
    return plain_score(kind, w, b, X, y), plain_score(kind, w, b, *make(n_new, generator))


@part("The fight")
def test_a_trial_makes_its_data_in_order() -> None:
    """8. trial makes n rows, then n_new, both by make and rng, and nothing else."""
    for kind, n, n_new in (("linear", 5, 9), ("logistic", 8, 3)):
        maker, generator = Maker(kind), np.random.default_rng(40)
        work.trial(maker, n, n_new, kind, generator)
        assert_equal(maker.asked, [n, n_new], what="the numbers of rows that make was asked for")
        same = all(one is generator for one in maker.generators)
        require(same, "make must be handed rng itself, not another generator")


@part("The fight")
def test_a_trial_scores_what_was_learned() -> None:
    """8. The model learns from the first rows alone; its scores on these, and on the new ones, are returned."""
    for kind, n, n_new in (("linear", 5, 9), ("logistic", 8, 7)):
        expected = plain_trial(Maker(kind), n, n_new, kind, np.random.default_rng(41))
        got = pair_of(work.trial(Maker(kind), n, n_new, kind, np.random.default_rng(41)), "trial", ("training", "new"))
        assert_close(got[0], expected[0], rtol=1e-6, what="the training score")
        assert_close(got[1], expected[1], rtol=1e-6, what="the score on new rows")


@part("The fight")
def test_the_learning_curve() -> None:
    """9. Each size, in order, has the mean scores of its repeats, each with new training rows and new new ones."""
    for kind, sizes, n_new, repeats in (("linear", [4, 3], 5, 1), ("logistic", [6, 2], 4, 3)):
        maker, generator = Maker(kind), np.random.default_rng(42)
        scores = [[plain_trial(maker, n, n_new, kind, generator) for _ in range(repeats)] for n in sizes]
        asked, maker = maker.asked, Maker(kind)
        call = work.learning_curve(maker, list(sizes), kind, np.random.default_rng(42), n_new, repeats)
        got = pair_of(call, "learning_curve", ("training", "new"))
        assert_equal(maker.asked, asked, what="the numbers of rows that make was asked for")
        for k, what in enumerate(("training", "new")):
            expected = [math.fsum(one[k] for one in trials) / repeats for trials in scores]
            assert_close(got[k], expected, rtol=1e-6, what=f"the scores '{what}'")


@part("The fight")
def test_the_curve_repeats_20_times_by_default() -> None:
    """9. By default there are 20 repeats, with 1000 new rows each."""
    maker = Maker("linear")
    work.learning_curve(maker, [2], "linear", np.random.default_rng(43))
    assert_equal(maker.asked, [2, 1000] * 20, what="the numbers of rows that make was asked for")


@part("The fight")
def test_the_line_comes_near_the_best() -> None:
    """10. From 500 rows of a line, the mean squared error on 20,000 new ones is below 1.1 · noise²."""
    w, b, noise = np.array([1.5, -2.0, 0.5]), 4.0, 0.7

    def make(n: int, generator: np.random.Generator) -> Any:
        return work.line_data(n, w.copy(), b, noise, generator)

    with calling("trial(lambda n, rng: line_data(n, w, 4.0, 0.7, rng), 500, 20_000, 'linear', rng)"):
        got = pair_of(work.trial(make, 500, 20_000, "linear", rng(44)), "trial", ("training", "new"))
    error = float(as_array(got[1], "the score on new rows"))
    limit = Shown(f"between {0.9 * noise**2:.4g} and {1.1 * noise**2:.4g}")
    near = 0.9 * noise**2 < error < 1.1 * noise**2
    require(near, "the mean squared error on new rows is not near noise²", got=error, expected=limit)


@part("The fight")
def test_the_clouds_are_told_apart() -> None:
    """10. From 500 rows of two clouds, the accuracy on 20,000 new ones is above best_accuracy - 0.02."""
    centres, spread = np.array([[-1.0, 0.5], [1.0, -0.5]]), 1.2
    best = (1 + math.erf(math.sqrt(5) / 2 / spread / math.sqrt(2))) / 2

    def make(n: int, generator: np.random.Generator) -> Any:
        return work.cloud_data(n, centres.copy(), spread, generator)

    with calling("trial(lambda n, rng: cloud_data(n, centres, 1.2, rng), 500, 20_000, 'logistic', rng)"):
        got = pair_of(work.trial(make, 500, 20_000, "logistic", rng(45)), "trial", ("training", "new"))
    accuracy = float(as_array(got[1], "the score on new rows"))
    limit = Shown(f"between {best - 0.02:.4f} and {best + 0.02:.4f}")
    near = best - 0.02 < accuracy < best + 0.02
    require(near, "the accuracy on new rows is not near the best possible", got=accuracy, expected=limit)


def the_axes(got: Any, what: str, seen: list[Any]) -> Any:
    """The only axes of a figure that was not seen before."""
    figure = as_figure(got, what)
    require(all(figure is not other for other in seen), f"a second call of {what} drew on an earlier figure")
    seen.append(figure)
    require(len(figure.get_axes()) == 1, f"{what} must draw one axes", got=len(figure.get_axes()))
    return figure.get_axes()[0]


def lines_of(axes: Any, label: str) -> list[Array]:
    """The points, (n, 2), of each line of this label; those of `hlines` too."""
    lines = [
        np.column_stack([np.asarray(values, dtype=float) for values in line.get_data()])
        for line in axes.get_lines()
        if line.get_label() == label
    ]
    bundles = [bundle for bundle in axes.collections if bundle.get_label() == label and hasattr(bundle, "get_segments")]
    return lines + [np.asarray(path) for bundle in bundles for path in bundle.get_segments()]


def the_line(axes: Any, label: str) -> Array:
    found = lines_of(axes, label)
    require(len(found) == 1, f"expected one line labelled {label!r}, found {len(found)}")
    return found[0]


def assert_legend(axes: Any, what: str, *labels: str) -> None:
    named = [text.get_text() for text in axes.get_legend().get_texts()] if axes.get_legend() else []
    require(set(labels) <= set(named), f"the legend of {what} must name {' and '.join(labels)}", got=named)


def one_feature() -> list[tuple[Array, Array, str, list[float], float]]:
    x = np.array([[3.0], [-1.0], [2.0]])
    X = rng(46).normal(1.0, 2.0, (60, 1))
    noisy = 0.8 * X[:, 0] - 1 + rng(47).normal(0.0, 0.5, 60)
    return [
        (x, np.array([7.0, -1.0, 4.0]), "linear", [2.0], 1.0),
        (x, np.array([1, 0, 1]), "logistic", [2.0], -1.0),
        (X, noisy, "linear", [0.8], -1.0),
        (X, (noisy > 0).astype(int), "logistic", [3.0], -3.5),
    ]


@part("The fight")
def test_the_rows_are_drawn() -> None:
    """11. draw_fit draws the rows by scatter, labelled data, in a new figure with a legend."""
    seen: list[Any] = []
    for X, y, kind, w, b in one_feature():
        model = made(kind, w, b)
        with unchanged(X=X, y=y):
            axes = the_axes(work.draw_fit(X, y, model), "draw_fit", seen)
        points = [np.asarray(c.get_offsets(), dtype=float) for c in axes.collections if c.get_label() == "data"]
        require(len(points) == 1, f"expected one scatter labelled 'data', found {len(points)}")
        expected = np.column_stack([X[:, 0], y])
        assert_close(sorted(points[0].tolist()), sorted(expected.tolist()), what="the points of 'data'")
        assert_legend(axes, "draw_fit", "data", "model")


@part("The fight")
def test_the_model_is_drawn() -> None:
    """11. draw_fit draws the predictions over the whole range of x, in order, by 100 points or more."""
    for X, y, kind, w, b in one_feature():
        axes = the_axes(work.draw_fit(X.copy(), y.copy(), made(kind, w, b)), "draw_fit", [])
        line = the_line(axes, "model")
        require(len(line) >= 100, "the line 'model' must have 100 points or more", got=len(line))
        x = line[:, 0]
        require(bool((np.diff(x) > 0).all()), "the line 'model' does not run from left to right", got=x)
        ends = [float(x[0]), float(x[-1])]
        assert_close(ends, [float(X.min()), float(X.max())], what="the ends of the line 'model'")
        assert_close(line[:, 1], plain_predict(kind, w, b, x[:, None]), rtol=1e-6, what="y of the line 'model'")
    keep_picture(axes.figure, "fit")


@part("The fight")
def test_the_learning_curve_is_drawn() -> None:
    """12. Both scores are lines over the sizes, with a horizontal line at the best, over a logarithmic x axis."""
    sizes = [5, 10, 20, 50, 100]

    def make(n: int, generator: np.random.Generator) -> Any:
        return work.line_data(n, np.array([2.0, -1.0]), 0.5, 1.0, generator)

    curve = work.learning_curve(make, sizes, "linear", rng(48), 200, 2)
    seen: list[Any] = []
    cases = [([2, 4, 40], np.array([0.5, 1.5, 2.0]), np.array([9.0, 4.0, 2.5]), 2.2)]
    cases += [
        (
            sizes,
            *(as_array(one, "learning_curve") for one in pair_of(curve, "learning_curve", ("training", "new"))),
            1.0,
        )
    ]
    for where, training, new, best in cases:
        axes = the_axes(work.draw_learning_curve(list(where), training, new, best), "draw_learning_curve", seen)
        for label, values in (("training", training), ("new", new)):
            expected = np.column_stack([where, values])
            assert_close(the_line(axes, label), expected, what=f"the points of the line {label!r}")
        level = the_line(axes, "best possible")[:, 1]
        assert_close(level, np.full(len(level), best), what="y of the line 'best possible'")
        for axis, scale, wanted in (("x", axes.get_xscale(), "log"), ("y", axes.get_yscale(), "linear")):
            require(scale == wanted, f"the scale of the {axis} axis is wrong", got=str(scale), expected=wanted)
        assert_legend(axes, "draw_learning_curve", "training", "new", "best possible")
    keep_picture(seen[-1], "learning_curve")
