"""Hidden test of m05_sklearn_sprint."""

import importlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from kata_runner.checking import (
    Shown,
    as_array,
    as_figure,
    assert_close,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    calling,
    fail,
    keep_picture,
    learner,
    part,
    require,
    rng,
    seed,
)

work = learner("wine_sprint")
Array = NDArray[Any]


# --- split --------------------------------------------------------------------------------------------------------


def labelled(stream: int, *counts: int) -> tuple[Array, Array]:
    """Rows that begin with their number, and so many labels of each class in random order."""
    y = rng(stream).permutation(np.repeat(np.arange(len(counts)), counts))
    return np.column_stack([np.arange(len(y)), rng(stream + 1).normal(size=(len(y), 2))]), y


def parts_of(X: Array, y: Array, **settings: Any) -> list[Array]:
    got = work.split(X.copy(), y.copy(), **settings)
    require(isinstance(got, tuple | list) and len(got) == 4, "split must return four arrays", got=got)
    X_train, X_test = (as_array(one, name) for one, name in zip(got, ("X_train", "X_test"), strict=False))
    y_train, y_test = (np.asarray(one) for one in got[2:])
    for name, rows, labels in (("train", X_train, y_train), ("test", X_test, y_test)):
        require(rows.ndim == 2, f"X_{name} must have rows and columns", got=rows)
        n_rows, n_labels = Shown(f"{len(rows)} rows"), Shown(f"labels of shape {labels.shape}")
        require(labels.shape == (len(rows),), f"X_{name} and y_{name} differ", got=n_labels, expected=n_rows)
    return [X_train, X_test, y_train, y_test]


def rows_of(X: Array) -> list[int]:
    return [int(number) for number in X[:, 0]]


@part("Split")
def test_a_quarter_is_for_testing() -> None:
    """1. A quarter of the rows, rounded up, is for testing; each row is in one part, with its own label."""
    for stream, counts in ((10, (4, 4)), (12, (5, 6)), (14, (20, 30, 13))):
        X, y = labelled(stream, *counts)
        X_train, X_test, y_train, y_test = parts_of(X, y)
        assert_equal(len(X_test), math.ceil(len(X) / 4), what="the number of test rows")
        numbers = rows_of(X_train) + rows_of(X_test)
        assert_equal(sorted(numbers), list(range(len(X))), what="the rows of both parts")
        rows = np.concatenate([X_train, X_test])
        assert_close(rows, X[numbers], what="the rows of both parts")
        got = np.concatenate([y_train, y_test])
        assert_equal(got.tolist(), y[numbers].tolist(), what="the labels of both parts")


@part("Split")
def test_each_class_keeps_its_share() -> None:
    """1. Each class has its share in both parts, to less than one row."""
    for stream, counts in ((20, (16, 4)), (22, (30, 6, 4)), (24, (45, 7, 23))):
        X, y = labelled(stream, *counts)
        y_test = parts_of(X, y, seed=stream)[3]
        for label, count in enumerate(counts):
            wanted, told = count / len(y) * math.ceil(len(y) / 4), int(np.sum(y_test == label))
            if abs(told - wanted) >= 1:
                fail(f"y has {count} rows of class {label} in {len(y)}; of these the test rows have",
                     got=told, expected=Shown(f"{wanted:.4g}, rounded up or down"))  # fmt: skip


@part("Split")
def test_the_seed_decides_the_split() -> None:
    """2. The same seed returns the same parts, another seed others; seed is 0 by default."""
    X, y = labelled(30, 30, 30)
    first = rows_of(parts_of(X, y, seed=0)[1])
    for settings in ({"seed": 0}, {}):
        assert_equal(rows_of(parts_of(X, y, **settings)[1]), first, what="the test rows of a second call")
    for other in (1, 2):
        second = rows_of(parts_of(X, y, seed=other)[1])
        require(sorted(second) != sorted(first), f"seed={other} has the same test rows as seed=0", got=second)


# --- contenders ---------------------------------------------------------------------------------------------------


NAMES = ["logistic", "neighbours", "forest"]


def models(**settings: Any) -> dict[str, Any]:
    got = work.contenders(**settings)
    require(isinstance(got, dict), "contenders must return a dict", got=got)
    assert_equal(list(got), NAMES, what="the names of the contenders")
    for name, model in got.items():
        has_both = hasattr(model, "fit") and hasattr(model, "predict_proba") and not isinstance(model, type)
        require(has_both, f"the contender {name!r} is no classifier of scikit-learn", got=model)
    return got


def kind_of(model: Any) -> str:
    """The name of the class of a model, or of the last step of a pipeline."""
    return type(model[-1] if type(model).__name__ == "Pipeline" else model).__name__


@part("Contenders")
def test_three_models() -> None:
    """3. A logistic regression, nearest neighbours and a forest of 30 trees, in this order."""
    got = models()
    kinds = ["LogisticRegression", "KNeighborsClassifier", "RandomForestClassifier"]
    assert_equal([kind_of(model) for model in got.values()], kinds, what="the classifiers")
    forest = got["forest"]
    forest = forest[-1] if type(forest).__name__ == "Pipeline" else forest
    settings = forest.get_params()
    for name, value in RandomForestClassifier(n_estimators=30).get_params().items():
        if name not in ("random_state", "n_jobs", "verbose"):
            assert_equal(settings.get(name), value, what=f"{name} of the forest")


@part("Contenders")
def test_new_models_each_time() -> None:
    """3. Each call returns new models that are not fitted."""
    X, y = labelled(40, 10, 10)
    for name, model in models().items():
        require(not hasattr(model, "classes_"), f"the contender {name!r} is fitted already")
        model.fit(X, y)
    for name, model in models().items():
        require(not hasattr(model, "classes_"), f"the contender {name!r} of a second call is that of the first")


def cities(stream: int, n: int) -> Array:
    """Two columns in very different units, and not around 0."""
    return rng(stream).normal([5.0, 3e4], [1.0, 5e3], (n, 2))


@part("Contenders")
def test_the_scaler_is_in_the_model() -> None:
    """4. logistic and neighbours standardise by mean and deviation of the rows that they are fitted on."""
    X, new = cities(50, 40), cities(51, 6)
    y = (X[:, 0] - 5.0 + (X[:, 1] - 3e4) / 5e3 + rng(52).normal(size=40) > 0).astype(int)
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    Z, z = (X - mean) / deviation, (new - mean) / deviation

    nearest = [np.argsort(((Z - row) ** 2).sum(axis=1))[:5] for row in z]
    by_neighbours = np.array([np.mean(y[five]) for five in nearest])
    by_logistic = LogisticRegression(tol=1e-8).fit(Z, y).predict_proba(z)[:, 1]
    for name, expected in (("neighbours", by_neighbours), ("logistic", by_logistic)):
        with calling(f'contenders()["{name}"].fit(X, y).predict_proba(new), where X has columns around 5 and 30000'):
            model = models()[name].fit(X.copy(), y.copy())
            together = as_array(model.predict_proba(new.copy()))
            alone = np.concatenate([as_array(model.predict_proba(row[None].copy())) for row in new])
        assert_close(alone[:, 1], expected, atol=2e-3, what="the probabilities of class 1, row by row,")
        assert_close(together[:, 1], expected, atol=2e-3, what="the probabilities of class 1")


@part("Contenders")
def test_the_forest_has_a_seed() -> None:
    """4. The forest is grown by the seed: the same one again, another one for another seed."""
    X, y = labelled(60, 25, 25)

    def grown(number: int) -> Array:
        with calling(f'contenders(seed={number})["forest"].fit(X, y).predict_proba(X)'):
            return as_array(models(seed=number)["forest"].fit(X, y).predict_proba(X))

    first = grown(3)
    assert_close(grown(3), first, what="the answer of a second forest with seed=3")
    require(not np.allclose(grown(4), first), "the forest of seed=4 is that of seed=3")


# --- race ---------------------------------------------------------------------------------------------------------


def pairs_of(y: Array, **settings: Any) -> list[tuple[list[int], list[int]]]:
    got = work.folds(y.copy(), **settings)
    require(isinstance(got, list | tuple), "folds must return a list of pairs", got=type(got).__name__)
    pairs = []
    for k, pair in enumerate(got):
        require(isinstance(pair, tuple | list) and len(pair) == 2, f"fold {k} must be a pair of arrays", got=pair)
        numbers = [as_array(one, f"fold {k}") for one in pair]
        whole = all(one.ndim == 1 and np.issubdtype(one.dtype, np.integer) for one in numbers)
        require(whole, f"fold {k} must hold row numbers", got=pair)
        pairs.append((numbers[0].tolist(), numbers[1].tolist()))
    return pairs


@part("Race")
def test_each_row_validates_once() -> None:
    """5. There are n_folds pairs; each row is in one validation part, and in the training part of all others."""
    for stream, counts, n_folds in ((70, (2, 2), 2), (72, (6, 6), 3), (74, (17, 9, 11), 5)):
        y = labelled(stream, *counts)[1]
        pairs = pairs_of(y, n_folds=n_folds) if n_folds != 5 else pairs_of(y)
        assert_equal(len(pairs), n_folds, what="the number of folds")
        validated = [row for _, valid in pairs for row in valid]
        assert_equal(sorted(validated), list(range(len(y))), what="all validation rows")
        for k, (train, valid) in enumerate(pairs):
            rest = sorted(set(range(len(y))) - set(valid))
            assert_equal(sorted(train), rest, what=f"the training rows of fold {k}")


@part("Race")
def test_each_fold_has_each_class() -> None:
    """5. Each class has the same number of rows in all validation parts, give or take one."""
    for stream, counts, n_folds in ((80, (9, 3), 3), (82, (40, 5), 5), (84, (30, 12, 6), 4)):
        y = labelled(stream, *counts)[1]
        for y_of, how in ((y, "mixed"), (np.sort(y), "sorted")):
            for k, (_, valid) in enumerate(pairs_of(y_of, n_folds=n_folds, seed=stream)):
                for label, count in enumerate(counts):
                    told = sum(int(y_of[row]) == label for row in valid)
                    if abs(told - count / n_folds) >= 1:
                        fail(f"of {count} {how} rows of class {label}, fold {k} of {n_folds} validates",
                             got=told, expected=Shown(f"{count / n_folds:.3g}, rounded up or down"))  # fmt: skip


@part("Race")
def test_the_seed_decides_the_folds() -> None:
    """5. The rows are shuffled by the seed: the same one, 0 by default, returns the same folds again."""
    y = np.sort(labelled(90, 20, 20)[1])
    first = [sorted(valid) for _, valid in pairs_of(y, seed=0)]
    for settings in ({"seed": 0}, {}):
        again = [sorted(valid) for _, valid in pairs_of(y, **settings)]
        assert_equal(again, first, what="the validation rows of a second call")
    for other in (1, 2):
        second = [sorted(valid) for _, valid in pairs_of(y, seed=other)]
        require(second != first, f"seed={other} has the same folds as seed=0", got=Shown(f"{second[0]} first"))


@part("Race")
def test_too_few_rows_of_a_class() -> None:
    """6. folds raises ValueError where a class has fewer rows than there are folds."""
    for counts, n_folds in (((6, 2), 3), ((2, 2), 3), ((4, 30), 5), ((9, 1, 9), 2)):
        y = np.repeat(np.arange(len(counts)), counts)
        assert_raises(ValueError, work.folds, y, n_folds=n_folds)
    for counts, n_folds in (((6, 3), 3), ((5, 30), 5)):
        pairs_of(np.repeat(np.arange(len(counts)), counts), n_folds=n_folds)


class Spy(ClassifierMixin, BaseEstimator):
    """Notes the rows that it is fitted on; predicts whether column 1 is positive, turned around for mark -1."""

    fits: list[tuple[int, Array]] = []  # noqa: RUF012 (one list for all clones)

    def __init__(self, mark: int = 1) -> None:
        self.mark = mark

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        return f"<notes its rows, predicts column 1 {'>' if self.mark > 0 else '<'} 0>"

    def fit(self, X: Any, y: Any) -> "Spy":
        require(not hasattr(self, "classes_"), "race fits one model twice; each fold needs a clone of its own")
        self.classes_ = np.unique(y)
        Spy.fits.append((self.mark, np.array(X)))
        return self

    def predict(self, X: Any) -> Array:
        return (self.mark * np.asarray(X)[:, 1] > 0).astype(int)


@contextmanager
def watched() -> Iterator[list[tuple[int, Array]]]:
    """The fits of all spies within the block; also where an answer asks for several workers."""
    Spy.fits = []
    with importlib.import_module("joblib").parallel_config(backend="threading"):
        yield Spy.fits


def scores_of(given: dict[str, Any], X: Array, y: Array, **settings: Any) -> dict[str, Array]:
    got = work.race(given, X.copy(), y.copy(), **settings)
    require(isinstance(got, dict), "race must return a dict", got=got)
    assert_equal(list(got), list(given), what="the names of the scores")
    return {name: as_array(one, f"the scores of {name!r}") for name, one in got.items()}


@part("Race")
def test_no_row_is_seen_too_early() -> None:
    """7. For each of your folds, race fits a clone on the training rows of X as they are; the models stay unfitted."""
    for stream, counts, n_folds in ((110, (3, 2), 2), (112, (12, 9), 3)):
        X, y = labelled(stream, *counts)
        pairs = pairs_of(y, n_folds=n_folds)
        given = {"one": Spy(1)} if n_folds == 2 else {"one": Spy(1), "two": Spy(-1)}
        with watched() as fits:
            scores_of(given, X, y, n_folds=n_folds)
        expected = sorted(sorted(train) for train, _ in pairs)
        for name, model in given.items():
            require(not hasattr(model, "classes_"), f"the model {name!r} that was given is fitted now")
            rows = [seen for mark, seen in fits if mark == model.mark]
            for seen in rows:
                numbers = [round(float(number)) for number in seen[:, 0]] if seen.ndim == 2 else []
                is_known = bool(numbers) and min(numbers) >= 0 and max(numbers) < len(X)
                if not is_known or seen.shape[1] != 3 or not np.allclose(seen, X[numbers]):
                    message = f"{name!r} is fitted on rows that are not rows of X: what changed them has seen all rows"
                    fail(message, got=seen[:2], expected=X[:2])
            told = sorted(sorted(rows_of(seen)) for seen in rows)
            assert_equal(told, expected, what=f"the numbers of the rows that {name!r} is fitted on")


@part("Race")
def test_accuracies_of_the_folds() -> None:
    """8. Each model has the accuracies on its validation rows, one for each fold, in order."""
    for stream, counts, settings in (
        (100, (4, 4), {"n_folds": 2}),
        (102, (20, 31), {"n_folds": 3, "seed": 4}),
        (104, (30, 30), {}),
    ):
        X, y = labelled(stream, *counts)
        pairs = pairs_of(y, **settings)
        right = (X[:, 1] > 0).astype(int) == y
        shares = np.array([right[valid].mean() for _, valid in pairs])
        with watched():
            got = scores_of({"one": Spy(1), "two": Spy(-1)}, X, y, **settings)
        for name, expected in (("one", shares), ("two", 1 - shares)):
            assert_close(got[name], expected, what=f"the scores of {name!r}")


@part("Race")
def test_the_highest_mean_wins() -> None:
    """9. winner returns the name with the highest mean, on a tie the first."""
    for scores, expected in (
        ({"a": [0.5, 0.5], "b": [1.0, 0.25], "c": [0.25, 0.5]}, "b"),
        ({"c": [0.75, 0.5], "a": [0.5, 0.75], "b": [1.0, 0.0]}, "c"),
        ({"only": [0.0, 0.0]}, "only"),
    ):
        given = {name: np.array(values) for name, values in scores.items()}
        assert_equal(work.winner(given), expected)


# --- leak ---------------------------------------------------------------------------------------------------------


def best_columns(X: Array, y: Array, n_columns: int) -> list[int]:
    """The columns whose classes differ most, by the F statistic, written out."""
    groups = [X[y == label] for label in np.unique(y)]
    between = sum(len(g) * (g.mean(axis=0) - X.mean(axis=0)) ** 2 for g in groups) / (len(groups) - 1)
    within = sum(((g - g.mean(axis=0)) ** 2).sum(axis=0) for g in groups) / (len(X) - len(groups))
    return [int(column) for column in np.argsort(-between / within)[:n_columns]]


def share_right(X: Array, y: Array, train: list[int], valid: list[int]) -> float:
    mean, deviation = X[train].mean(axis=0), X[train].std(axis=0)
    model = LogisticRegression().fit((X[train] - mean) / deviation, y[train])
    return float(np.mean(model.predict((X[valid] - mean) / deviation) == y[valid]))


@part("Leak")
def test_the_leak_is_measured() -> None:
    """10. leak returns the mean accuracy with the columns selected before the race, and within each fold."""
    cases = [(120, 20, 60, 3, 0), (122, 24, 200, 6, 2)]
    for stream, half, d, n_columns, number in cases:
        y = rng(stream).permutation(np.repeat([0, 1], half))
        X = rng(stream + 1).normal(size=(2 * half, d)) * rng(stream + 2).uniform(0.1, 50.0, d)
        pairs = pairs_of(y, seed=number)
        all_rows = best_columns(X, y, n_columns)
        outside = np.mean([share_right(X[:, all_rows], y, *pair) for pair in pairs])
        inside = np.mean([share_right(X[:, best_columns(X[t], y[t], n_columns)], y, t, v) for t, v in pairs])
        expected = np.array([outside, inside])
        got = work.leak(X.copy(), y.copy(), n_columns, seed=number)
        require(isinstance(got, tuple | list) and len(got) == 2, "leak must return two numbers", got=got)
        told = as_array(got, "leak")
        assert_shape(told, (2,), what="leak")
        for k, what in enumerate(("selected before the race", "selected in each fold")):
            assert_close(told[k], expected[k], atol=0.6 / len(y), what=f"the mean accuracy, {what},")


# --- finish -------------------------------------------------------------------------------------------------------


class Echo(ClassifierMixin, BaseEstimator):
    """Predicts what stands in column 0; it notes what it was fitted on."""

    fits: list[tuple[Array, Array]] = []  # noqa: RUF012

    def fit(self, X: Any, y: Any) -> "Echo":
        self.classes_ = np.unique(y)
        Echo.fits.append((np.array(X), np.array(y)))
        return self

    def predict(self, X: Any) -> Array:
        return np.asarray(X)[:, 0].astype(int)


def evaluated(model: Any, *rows: Array) -> tuple[float, Array]:
    got = work.evaluate(model, *(one.copy() for one in rows))
    require(isinstance(got, tuple | list) and len(got) == 2, "evaluate must return accuracy and matrix", got=got)
    assert_type(got[0], (float, int, np.floating), what="the accuracy")
    return float(got[0]), as_array(got[1], "the confusion matrix")


@part("Finish")
def test_true_labels_are_rows() -> None:
    """11. evaluate returns accuracy and confusion matrix of the test rows: a row is a true label."""
    labels = [2, 5, 9]
    train = np.array([[5.0], [6.0], [7.0]]), np.array([9, 2, 5])
    draws = rng(130)
    for y, predicted in (
        ([2, 2, 5, 9], [5, 2, 5, 9]),
        (draws.choice(labels, 40).tolist(), draws.choice(labels, 40).tolist()),
        ([9, 9, 2], [2, 2, 2]),  # label 5 is missing here
        ([5, 5], [5, 5]),
    ):
        pairs = list(zip(y, predicted, strict=True))
        table = [[pairs.count((row, column)) for column in labels] for row in labels]
        share = sum(a == b for a, b in pairs) / len(pairs)
        X_test = np.array(predicted, dtype=float)[:, None]
        with calling(f"evaluate(model, X_train, y_train, X_test, y_test), y_test {y[:6]}, predicted {predicted[:6]}"):
            accuracy, got = evaluated(Echo(), *train, X_test, np.array(y))
        assert_shape(got, (3, 3), what="the confusion matrix")
        assert_close(got, table, what="the confusion matrix")
        assert_close(accuracy, share, what="the accuracy")


@part("Finish")
def test_training_rows_are_fitted() -> None:
    """11. evaluate fits a clone on the training rows alone."""
    X, y = labelled(140, 3, 4)
    X_test = np.array([[0.0, 9.0, 9.0], [1.0, 9.0, 9.0]])
    model, Echo.fits = Echo(), []
    evaluated(model, X, y, X_test, np.array([0, 1]))
    require(not hasattr(model, "classes_"), "the model that was given to evaluate is fitted now")
    require(len(Echo.fits) == 1, f"evaluate fitted {len(Echo.fits)} times, expected once")
    assert_close(Echo.fits[0][0], X, what="the rows that were fitted")
    assert_equal(Echo.fits[0][1].tolist(), y.tolist(), what="the labels that were fitted")


@cache
def finished() -> tuple[int, Any]:
    """A seed, and what sprint returns for it."""
    number = seed() + 3
    got = work.sprint(seed=number)
    for name in ("scores", "winner", "accuracy", "confusion"):
        require(hasattr(got, name), f"sprint must return a Report; it has no {name}", got=got)
    return number, got


@part("Finish")
def test_the_sprint_is_run() -> None:
    """12. sprint races on the training rows of the wine data; the winner is evaluated on its test rows."""
    X, y = load_wine(return_X_y=True)
    number, got = finished()
    call = f"sprint(seed={number})"
    require(isinstance(got.scores, dict), "scores must be a dict", got=got.scores, call=call)
    X_train, X_test, y_train, y_test = parts_of(X, y, seed=number)
    contenders = models(seed=number)
    for name, expected in scores_of(contenders, X_train, y_train, seed=number).items():
        what = f"the scores of {name!r} in the report"
        require(name in got.scores, f"the scores lack {name!r}", got=got.scores, call=call)
        assert_close(got.scores[name], expected, what=what, call=call)
    name = max(contenders, key=lambda one: float(np.mean(as_array(got.scores[one]))))
    assert_equal(got.winner, name, what="the winner", call=call)
    accuracy, table = evaluated(contenders[name], X_train, y_train, X_test, y_test)
    assert_close(got.accuracy, accuracy, what="the accuracy of the winner on the test rows", call=call)
    assert_close(got.confusion, table, what="the confusion matrix of the test rows", call=call)


@part("Finish")
def test_the_winner_knows_wine() -> None:
    """12. The winner is right on over 90 % of the test rows."""
    number, got = finished()
    share, call = as_array(got.accuracy, "the accuracy"), f"sprint(seed={number})"
    require(float(share) > 0.9, "too few test rows are right", got=share, expected=Shown("over 0.9"), call=call)


def axes_of(got: Any, what: str, seen: list[Any]) -> Any:
    """The axes of a figure that was not seen before; those of a colour bar are left out."""
    figure = as_figure(got, what)
    require(all(figure is not other for other in seen), f"a second call of {what} drew on an earlier figure")
    seen.append(figure)
    found = [axes for axes in figure.get_axes() if axes.get_label() != "<colorbar>"]
    require(len(found) == 1, f"{what} must draw one axes", got=len(found))
    return found[0]


@part("Finish")
def test_the_scores_are_drawn() -> None:
    """13. draw_scores draws one line for each model over the folds 1, 2, …; its label has name and mean."""
    seen: list[Any] = []
    for scores in (
        {"b": [0.5, 1.0], "a": [0.75, 0.5]},
        {name: rng(150 + k).random(5).tolist() for k, name in enumerate(NAMES)},
    ):
        axes = axes_of(work.draw_scores({k: np.array(v) for k, v in scores.items()}), "draw_scores", seen)
        lines = axes.get_lines()
        require(len(lines) == len(scores), "draw_scores must draw one line for each model", got=len(lines))
        for (name, values), line in zip(scores.items(), lines, strict=True):
            x, y = (np.asarray(one, dtype=float) for one in line.get_data())
            assert_close(x, np.arange(1, len(values) + 1), what=f"x of the line of {name!r}")
            assert_close(y, values, what=f"y of the line of {name!r}")
        named = [text.get_text() for text in axes.get_legend().get_texts()] if axes.get_legend() else []
        require(len(named) == len(scores), "the legend must name each model", got=named)
        for (name, values), label in zip(scores.items(), named, strict=True):
            told = Shown(f"a label with {name!r} and {sum(values) / len(values):.3f}")
            holds = name in label and f"{sum(values) / len(values):.3f}" in label
            require(holds, "a label of the legend lacks the name or the mean", got=label, expected=told)
    keep_picture(seen[-1], "scores")


@part("Finish")
def test_the_confusion_matrix_is_drawn() -> None:
    """14. draw_confusion draws the matrix by imshow, with each count as a text in its cell."""
    seen: list[Any] = []
    for table in (np.array([[3, 1], [0, 12]]), np.array([[14, 0, 1], [2, 15, 0], [0, 5, 11]])):
        names = ["red", "white", "pink"][: len(table)]
        axes = axes_of(work.draw_confusion(table.copy(), names), "draw_confusion", seen)
        images = axes.get_images()
        require(len(images) == 1, "draw_confusion must draw one image", got=len(images))
        assert_close(np.asarray(images[0].get_array(), dtype=float), table, what="the image")
        texts = {}
        for text in axes.texts:
            column, row = (float(at) for at in text.get_position())
            texts[round(row), round(column)] = text.get_text().strip()
        for row, column in np.ndindex(*table.shape):
            what = f"the text at x = {column}, y = {row}"
            assert_equal(texts.get((row, column), ""), str(table[row, column]), what=what)


@part("Finish")
def test_the_confusion_matrix_can_be_read() -> None:
    """14. Both axes have the names of the classes; the x axis is labelled predicted, the y axis true."""
    table, names = np.array([[14, 0, 1], [2, 15, 0], [0, 5, 11]]), ["red", "white", "pink"]
    axes = axes_of(work.draw_confusion(table.copy(), names), "draw_confusion", [])
    for axis, letter, word in ((axes.xaxis, "x", "predicted"), (axes.yaxis, "y", "true")):
        at = {round(float(place)): text.get_text() for place, text in zip(axis.get_ticklocs(), axis.get_ticklabels())}
        assert_equal([at.get(k) for k in range(3)], names, what=f"the tick labels of the {letter} axis")
        label = str(axis.get_label_text())
        require(word in label.lower(), f"the label of the {letter} axis lacks {word!r}", got=label)
    keep_picture(axes.figure, "confusion")
