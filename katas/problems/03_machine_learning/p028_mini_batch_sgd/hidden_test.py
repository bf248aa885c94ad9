"""Hidden test of p028_mini_batch_sgd."""

import math
from collections import Counter
from collections.abc import Iterable
from itertools import permutations
from typing import Any

import numpy as np
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
    calling,
    edges,
    fail,
    global_random_state_kept,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("mini_batches")
Array = NDArray[Any]


def epoch(n: int, batch_size: int, generator: np.random.Generator) -> list[list[int]]:
    """The rows of each batch of one epoch, as the learner cuts it."""
    got = work.batches(n, batch_size, generator)
    require(isinstance(got, Iterable), "batches must return a list or a generator of arrays", got=got)
    found = []
    for one in got:
        rows = as_array(one, "a batch")
        require(rows.ndim == 1, "a batch must be an array of one axis", got=rows)
        assert_dtype(rows, "integer", what="a batch")
        found.append(rows.tolist())
    return found


class Pulls:
    """The gradient of these checks: each row pulls each weight towards its one number. Notes what it is given."""

    def __repr__(self) -> str:
        return "sum_gradient"

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.answers: list[list[int]] = []

    def __call__(self, w: Any, X: Any, y: Any) -> Array:
        X, y = as_array(X, "X_batch"), as_array(y, "y_batch")
        require(X.ndim == 2 and y.ndim == 1, "sum_gradient needs X_batch of two axes and y_batch of one", got=X)
        self.batches.append([round(v) for v in X[:, 0].tolist()])
        self.answers.append([round(v) for v in y.tolist()])
        return pull(w, X)


def pull(w: Array, X: Array) -> Array:
    return np.asarray(len(X) * w - X.sum())


REMARK = "sgd, where sum_gradient(w, X, y) returns len(X) * w - X.sum() as an array"


def numbered(n: int) -> tuple[Array, Array]:
    """Rows that carry their own number, and ten times that as y."""
    X = np.arange(n, dtype=float)[:, None]
    return X, 10 * X[:, 0]


def watched(n: int, **settings: Any) -> Pulls:
    """What sum_gradient was given while sgd trained one weight on numbered rows."""
    pulls = Pulls()
    with calling(REMARK):
        work.sgd(pulls, np.zeros(1), *numbered(n), **settings)
    return pulls


def orders(n: int, **settings: Any) -> list[tuple[int, ...]]:
    """The order of the rows in each epoch of sgd."""
    flat = [i for rows in watched(n, **settings).batches for i in rows]
    return [tuple(flat[start : start + n]) for start in range(0, len(flat), n)]


def trained(w: Array, X: Array, y: Array, **settings: Any) -> tuple[Pulls, Array]:
    pulls = Pulls()
    with calling(REMARK):
        got = work.sgd(pulls, w, X, y, **settings)
        assert_shape(got, w.shape, what="sgd")
    return pulls, as_array(got)


def test_an_epoch_holds_each_row_once() -> None:
    """The batches hold each row number exactly once, and all have batch_size rows but the last: it has the rest."""
    for n, batch_size in [(1, 1), (2, 1), (3, 2), (3, 100), (6, 3), (6, 4), (5, 5), (127, 32), (128, 32), (129, 32)]:
        full, rest = divmod(n, batch_size)
        sizes = [batch_size] * full + [rest] * (rest > 0)
        found = epoch(n, batch_size, rng(n))
        seen = sorted(i for rows in found for i in rows)
        require(seen == list(range(n)), f"the rows 0 … {n - 1} are not there exactly once", got=found)
        assert_equal([len(rows) for rows in found], sizes, what="the sizes of the batches")


def test_every_order_is_equally_likely() -> None:
    """Every order of the rows is equally likely, across batches too, and comes from the generator that is given."""
    # So many that a naive shuffle, which reaches orders with 4/27 and 5/27 for 1/6, is 5.4 standard errors off.
    generator, n_epochs = rng(1), 12_000
    epoch(3, 2, generator)  # looks at the kinds of what comes back, once
    counts = Counter(tuple(i for b in work.batches(3, 2, generator) for i in b.tolist()) for _ in range(n_epochs))
    for order in permutations(range(3)):
        off = abs(counts[order] - n_epochs / 6) / math.sqrt(n_epochs / 6 * 5 / 6)
        if off > 4.5:
            fail(
                f"the order {list(order)} comes too often or too seldom",
                got=Shown(f"{counts[order]} of {n_epochs} epochs"),
                expected=Shown(f"about {n_epochs // 6}"),
            )
    firsts = Counter(i // 20 for _ in range(300) for rows in epoch(60, 20, generator)[:1] for i in rows[:1])
    require(
        min(firsts[i] for i in range(3)) > 50,
        "the first row of 300 epochs comes from some thirds of the rows too seldom",
        got=dict(firsts),
        expected=Shown("about 100 from each third"),
    )
    first, again = epoch(20, 8, np.random.default_rng(3)), epoch(20, 8, np.random.default_rng(3))
    assert_equal(again, first, what="batches from an equal generator")


def test_each_epoch_uses_each_row_once() -> None:
    """In each epoch sum_gradient is called once for each batch, the short one too, with rows of X and their own y."""
    for n, batch_size in [(1, 1), (2, 1), (3, 2), (4, 4), (3, 50), (33, 16)]:
        full, rest = divmod(n, batch_size)
        sizes = ([batch_size] * full + [rest] * (rest > 0)) * 3
        pulls = watched(n, batch_size=batch_size, n_epochs=3)
        assert_equal([len(rows) for rows in pulls.batches], sizes, what="the rows in each call of sum_gradient")
        for start in range(0, len(sizes), len(sizes) // 3):
            used = pulls.batches[start : start + len(sizes) // 3]
            seen = sorted(i for rows in used for i in rows)
            require(seen == list(range(n)), "an epoch did not use each row exactly once", got=used)
        assert_equal(pulls.answers, [[10 * i for i in rows] for rows in pulls.batches], what="the y of each batch")
    by_default = [len(rows) for rows in watched(40).batches]
    assert_equal(by_default, [32, 8] * 10, what="the rows in each call of sum_gradient, by default,")


def test_each_epoch_has_its_own_order() -> None:
    """Every epoch is shuffled anew, the first one too."""
    found = orders(10, batch_size=4, n_epochs=5)
    require(found[:1] != [tuple(range(10))], "the first epoch is not shuffled", got=found[:1])
    require(len(set(found)) == 5, "the orders of five epochs are not all different", got=found)


def test_each_step_divides_by_its_own_batch() -> None:
    """Each step starts from the newest weights and goes against the summed gradient over the size of its batch."""
    # Equal rows: each step halves the gap to 1, whatever the order.
    for n, batch_size, steps in [(1, 1, 1), (2, 2, 1), (2, 1, 2), (3, 2, 2)]:
        settings = {"batch_size": batch_size, "learning_rate": 0.5, "n_epochs": 1}
        got = trained(np.zeros(1), np.ones((n, 1)), np.ones(n), **settings)[1]
        assert_close(got, [1 - 0.5**steps], what="sgd")
    for n, batch_size, start in [(7, 3, np.array([1.0, -2.0])), (5, 8, np.ones((2, 3)))]:
        X, y = numbered(n)
        settings = {"batch_size": batch_size, "learning_rate": 0.3, "n_epochs": 2}
        pulls, got = trained(start.copy(), X, y, **settings)
        expected = start
        for rows in pulls.batches:  # the steps as they should be, in the learner's own order
            expected = expected - 0.3 * pull(expected, X[rows]) / len(rows)
        assert_close(got, expected, what="sgd")


def test_the_rate_decays_by_epoch() -> None:
    """decayed returns learning_rate / (1 + decay * epoch), and every step of sgd uses the rate of its epoch."""
    for rate, decay, number in [(0.1, 0.5, 0), (0.1, 0.5, 1), (0.1, 0.5, 2), (1.0, 0.0, 9), (0.3, 2.0, 7)]:
        got = work.decayed(rate, decay, number)
        assert_close(got, rate / (1 + decay * number))
        assert_type(got, (float, np.floating))
    # Full batches of equal rows: each step closes a part `rate` of the gap to 1, whatever the order.
    for n, n_epochs, decay in [(2, 1, 1.0), (2, 2, 1.0), (4, 3, 0.5)]:
        gap = 1.0
        for number in range(n_epochs):
            gap *= (1 - 0.8 / (1 + decay * number)) ** (n // 2)
        settings = {"batch_size": 2, "learning_rate": 0.8, "decay": decay, "n_epochs": n_epochs}
        assert_close(trained(np.zeros(1), np.ones((n, 1)), np.ones(n), **settings)[1], [1 - gap], what="sgd")


def test_the_same_seed_gives_the_same_order() -> None:
    """A seed repeats its weights, neighbouring seeds share no epoch, and the global random state is left alone."""
    X, y = numbered(10)
    settings = {"batch_size": 4, "n_epochs": 3}
    with global_random_state_kept():
        for seed in (0, 5):
            first = trained(np.zeros(1), X, y, seed=seed, **settings)[1]
            again = trained(np.zeros(1), X, y, seed=seed, **settings)[1]
            assert_close(again, first, rtol=0.0, atol=0.0, what="sgd, called again")
        for seed in (0, 5):
            one, other = orders(10, seed=seed, **settings), orders(10, seed=seed + 1, **settings)
            shared = sorted(set(one) & set(other))
            require(not shared, f"seed={seed} and seed={seed + 1} have an epoch in common", got=shared)


def test_it_finds_the_line() -> None:
    """Mini-batches with a decaying rate find the weights of a noisy line as well as least squares does."""
    X = np.column_stack([np.ones(130), rng(30).normal(size=(130, 2))])
    y = X @ np.array([1.0, 2.0, -3.0]) + rng(31).normal(0.0, 0.1, 130)
    expected = np.linalg.lstsq(X, y, rcond=None)[0]
    for seed in (1, 2):
        with calling("sgd, where sum_gradient(w, X, y) returns 2 * X.T @ (X @ w - y), the slope"):
            got = work.sgd(slope, np.zeros(3), X.copy(), y.copy(), 16, 0.1, 0.3, 60, seed)
            assert_close(got, expected, rtol=0.0, atol=0.03, what="sgd")


def slope(w: Array, X: Array, y: Array) -> Array:
    return np.asarray(2 * X.T @ (X @ w - y))


edges()


def test_nothing_passed_in_is_changed() -> None:
    """w, X, y and the arrays that sum_gradient returns are not changed."""
    w, (X, y) = np.array([3.0]), numbered(3)
    with unchanged(w=w, X=X, y=y):
        trained(w, X, y, batch_size=2, n_epochs=1)
    gradient = np.array([6.0])
    with calling("sgd, where sum_gradient returns one array of a single 6.0, the same each time"):
        work.sgd(always(gradient), np.zeros(1), X, y, batch_size=2, n_epochs=1)
        assert_close(gradient, [6.0], what="the array that sum_gradient returns")


def test_integers_train_as_floats() -> None:
    """Integers in w and in the gradients train as the floats of the same values do."""
    X, y = np.ones((2, 1)), np.ones(2)
    settings = {"batch_size": 2, "learning_rate": 0.5, "n_epochs": 2}
    assert_close(trained(np.array([3, 0]), X, y, **settings)[1], [1.5, 0.75], what="sgd")
    # 2^24 + 1 is no float32; with a rate of 0 the weights stay as they are.
    kept = trained(np.array([16_777_217]), X, y, batch_size=2, learning_rate=0.0, n_epochs=1)[1]
    assert_close(kept, [16_777_217.0], rtol=1e-12, atol=0.0, what="sgd")
    with calling("sgd, where sum_gradient returns an integer array of a single 3 each time"):
        got = work.sgd(always(np.array([3])), np.zeros(1), X, y, **settings)
        assert_close(got, [-1.5], what="sgd")


class always:
    """A sum_gradient that returns one and the same array."""

    def __init__(self, gradient: Array) -> None:
        self.gradient = gradient

    def __repr__(self) -> str:
        return "sum_gradient"

    def __call__(self, w: Any, X: Any, y: Any) -> Array:
        return self.gradient


def test_a_batch_size_below_one_is_refused() -> None:
    """batches and sgd raise ValueError for a batch_size below 1."""
    X, y = numbered(4)
    for batch_size in (0, -1, -5):
        assert_raises(ValueError, work.batches, 4, batch_size, rng(1))
        assert_raises(ValueError, work.sgd, slope, np.zeros(1), X, y, batch_size=batch_size)


def test_x_and_y_of_different_length_are_refused() -> None:
    """sgd raises ValueError when X and y differ in the number of rows."""
    X, y = numbered(4)
    for one, other in ((X, y[:3]), (X[:3], y)):
        assert_raises(ValueError, work.sgd, Pulls(), np.zeros(1), one, other)
