"""Hidden test of p028_mini_batch_sgd."""

import math
from collections import Counter
from itertools import permutations
from types import GeneratorType
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
    """The batches of one epoch, looked at: each row once, the sizes right."""
    with calling(f"batches(n={n}, batch_size={batch_size}, rng)"):
        got = work.batches(n, batch_size, generator)
        assert_type(got, (list, tuple, GeneratorType), what="batches")
        found = []
        for one in got:
            rows = as_array(one, "a batch")
            require(rows.ndim == 1, "a batch must be an array of one axis", got=rows)
            assert_dtype(rows, "integer", what="a batch")
            found.append(rows.tolist())
        full, rest = divmod(n, batch_size)
        sizes = [batch_size] * full + [rest] * (rest > 0)
        assert_equal([len(rows) for rows in found], sizes, what="batches, by their sizes,")
        seen = sorted(i for rows in found for i in rows)
        require(seen == list(range(n)), "an epoch must hold each row exactly once", got=seen)
    return found


class Recorder:
    """A gradient function that notes what it is asked, and answers something that depends on all of it."""

    def __repr__(self) -> str:
        return "sum_gradient"

    def __init__(self) -> None:
        self.weights: list[Array] = []
        self.rows: list[list[int]] = []
        self.mismatched = 0

    def __call__(self, w: Any, X: Any, y: Any) -> Array:
        w, X, y = as_array(w, "w given to sum_gradient"), as_array(X, "X_batch"), as_array(y, "y_batch")
        self.weights.append(w.copy())
        require(X.ndim == 2 and y.shape == (len(X),), "sum_gradient needs X (b, d) and y (b,)", got=X)
        self.rows.append([int(v) for v in X[:, 0]])
        self.mismatched += int((y != 10 * X[:, 0]).sum())
        return answer(w, X)


def answer(w: Array, X: Array) -> Array:
    """A sum over the rows: each pulls w towards its own second column."""
    pulls = w.reshape(1, -1) * len(X) - X[:, 1].sum()
    return np.asarray(pulls.reshape(w.shape), dtype=np.float64)


def numbered(n: int) -> tuple[Array, Array]:
    """Rows that carry their own number, and ten times that as y."""
    X = np.column_stack([np.arange(n, dtype=float), np.sin(np.arange(n))])
    return X, 10 * X[:, 0]


def train(n: int, w: Array, **settings: Any) -> tuple[Recorder, Array]:
    """Run sgd on numbered rows; gives what the gradient saw, and the weights, looked at."""
    X, y = numbered(n)
    recorder = Recorder()
    shown = ", ".join(f"{name}={value}" for name, value in settings.items())
    with calling(f"sgd(sum_gradient, w of shape {w.shape}, X of shape {X.shape}, y, {shown})"):
        with unchanged(w=w, X=X, y=y):
            got = work.sgd(recorder, w, X, y, **settings)
        assert_shape(got, w.shape, what="sgd")
        assert_dtype(as_array(got), np.float64, what="sgd")
        sizes = settings.get("batch_size", 32)
        n_calls = settings.get("n_epochs", 10) * math.ceil(n / sizes)
        require(
            len(recorder.rows) == n_calls,
            "sum_gradient must be called once for each batch",
            got=Shown(f"{len(recorder.rows)} calls"),
            expected=Shown(f"{n_calls} calls"),
        )
    return recorder, as_array(got)


def epochs_of(recorder: Recorder, n: int, batch_size: int) -> list[list[int]]:
    """The order of the rows in each epoch."""
    flat = [i for rows in recorder.rows for i in rows]
    return [flat[start : start + n] for start in range(0, len(flat), n)]


def replay(recorder: Recorder, n: int, w: Array, rates: list[float]) -> tuple[list[Array], Array]:
    """The weights before each recorded batch, and after the last, when every step is as it should be."""
    X, _ = numbered(n)
    per_epoch = len(recorder.rows) // max(len(rates), 1)
    current, before = w.astype(float), []
    for step, rows in enumerate(recorder.rows):
        before.append(current)
        current = current - rates[step // per_epoch] * answer(current, X[rows]) / len(rows)
    return before, current


def test_an_epoch_holds_each_row_once() -> None:
    """The batches of an epoch hold each row exactly once, the last batch having what is left."""
    for n, batch_size in [(7, 3), (1, 1), (6, 3), (6, 1), (5, 4), (5, 5), (3, 100), (129, 32), (128, 32), (127, 32)]:
        epoch(n, batch_size, rng(n))


def test_every_order_is_equally_likely() -> None:
    """The rows come in any order with the same chance, drawn from the generator that is given."""
    generator = rng(1)
    n_epochs = 1200
    counts = Counter(tuple(i for rows in epoch(3, 2, generator) for i in rows) for _ in range(n_epochs))
    for order in permutations(range(3)):
        off = abs(counts[order] - n_epochs / 6) / math.sqrt(n_epochs / 6 * 5 / 6)
        if off > 5:
            fail(
                f"the order {list(order)} comes too often or too seldom",
                got=Shown(f"{counts[order]} of {n_epochs} epochs"),
                expected=Shown(f"about {n_epochs // 6}"),
                call=f"batches(3, 2, rng), {n_epochs} times",
            )
    first, again = epoch(50, 8, np.random.default_rng(3)), epoch(50, 8, np.random.default_rng(3))
    assert_equal(again, first, what="batches from an equal generator")
    firsts = Counter(epoch(60, 20, generator)[0][0] // 20 for _ in range(300))
    require(min(firsts[i] for i in range(3)) > 50, "rows are only moved within their own batch", got=dict(firsts))


def test_the_rate_decays_by_epoch() -> None:
    """The rate of an epoch is learning_rate / (1 + decay * epoch), the first epoch being number 0."""
    for rate, decay, number in [(0.1, 0.5, 0), (0.1, 0.5, 1), (0.1, 0.5, 2), (1.0, 0.0, 9), (0.3, 2.0, 7)]:
        got = work.decayed(rate, decay, number)
        assert_type(got, (float, np.floating))
        assert_close(got, rate / (1 + decay * number))


def test_each_epoch_uses_each_row_once() -> None:
    """In every epoch sum_gradient sees each row once, the last short batch included, with its own y."""
    for n, batch_size in [(7, 3), (5, 1), (4, 4), (3, 50), (33, 16)]:
        recorder, _ = train(n, np.zeros(2), batch_size=batch_size, n_epochs=3)
        for order in epochs_of(recorder, n, batch_size):
            require(sorted(order) == list(range(n)), "an epoch did not use each row exactly once", got=order)
        require(recorder.mismatched == 0, "rows of X were given with the y of other rows", got=recorder.mismatched)
        sizes = sorted({len(rows) for rows in recorder.rows})
        assert_equal(sizes, sorted({min(batch_size, n), n % batch_size or batch_size} if n > batch_size else {n}))
    recorder, _ = train(70, np.zeros(2))
    assert_equal([len(rows) for rows in recorder.rows[:3]], [32, 32, 6], what="sgd's first batches")


def test_each_epoch_has_its_own_order() -> None:
    """Every epoch is shuffled anew, the first one too."""
    recorder, _ = train(20, np.zeros(2), batch_size=6, n_epochs=5)
    orders = epochs_of(recorder, 20, 6)
    require(orders[0] != list(range(20)), "the first epoch is not shuffled", got=orders[0])
    require(len({tuple(order) for order in orders}) == 5, "two epochs have the same order", got=orders[:2])


def test_the_gradient_is_averaged_over_its_batch() -> None:
    """Each step goes against the summed gradient divided by the number of rows in its own batch."""
    for n, batch_size, start in [(3, 2, np.zeros(1)), (7, 3, np.array([1.0, -2.0])), (5, 8, np.ones((2, 3)))]:
        recorder, got = train(n, start, batch_size=batch_size, learning_rate=0.5, n_epochs=2)
        _, expected = replay(recorder, n, start, [0.5, 0.5])
        assert_close(got, expected, what="sgd")


def test_each_batch_starts_from_the_newest_weights() -> None:
    """sum_gradient is asked at the weights as the batch before has left them."""
    start = np.array([4.0, 1.0])
    recorder, _ = train(9, start, batch_size=2, learning_rate=0.3, n_epochs=2)
    before, _ = replay(recorder, 9, start, [0.3, 0.3])
    for number, (seen, expected) in enumerate(zip(recorder.weights, before, strict=True)):
        assert_close(seen, expected, what=f"the weights given to sum_gradient for batch {number}")


def test_the_decay_reaches_the_steps() -> None:
    """All steps of an epoch use that epoch's rate, the first epoch the full learning rate."""
    start = np.array([3.0, -1.0])
    recorder, got = train(7, start, batch_size=3, learning_rate=0.8, decay=0.5, n_epochs=4)
    _, expected = replay(recorder, 7, start, [0.8, 0.8 / 1.5, 0.8 / 2, 0.8 / 2.5])
    assert_close(got, expected, what="sgd")


def test_the_start_is_left_alone() -> None:
    """The weights given are not modified, integers become floats, and no epochs give a copy."""
    start = np.array([3, 1])
    recorder, got = train(5, start, batch_size=2, learning_rate=0.1, n_epochs=2)
    _, expected = replay(recorder, 5, start, [0.1, 0.1])
    assert_close(got, expected, what="sgd from integer weights")
    train(5, start, n_epochs=0)
    train(5, start.astype(np.float32), batch_size=2, n_epochs=1)
    zero = np.array([3.0, 1.0])
    _, got = train(5, zero, n_epochs=0)
    assert_close(got, [3.0, 1.0], what="sgd without epochs")
    got[0] = 99.0
    assert_close(zero, [3.0, 1.0], what="w, after the result of sgd was written to,")


def test_the_same_seed_gives_the_same_order() -> None:
    """The same seed gives the same orders and weights, other seeds others; the global random state is untouched."""
    with global_random_state_kept():
        first, got = train(15, np.zeros(2), batch_size=4, n_epochs=3, seed=0)
        again, same = train(15, np.zeros(2), batch_size=4, n_epochs=3, seed=0)
        others = [train(15, np.zeros(2), batch_size=4, n_epochs=3, seed=s)[0].rows for s in (1, 2)]
    assert_equal(again.rows, first.rows, what="the order of a second call with the same seed")
    assert_close(same, got, what="sgd, called again,")
    require(first.rows not in others and others[0] != others[1], "other seeds gave the same order")


def test_it_finds_the_line() -> None:
    """Mini-batches find the weights of a noisy line as well as least squares does."""
    X = np.column_stack([np.ones(130), rng(30).normal(size=(130, 2))])
    y = X @ np.array([1.0, 2.0, -3.0]) + rng(31).normal(0.0, 0.1, 130)
    expected = np.linalg.lstsq(X, y, rcond=None)[0]
    for s in (1, 2):
        with calling("sgd(gradient of the squared errors, zeros, X of shape (130, 3), y)"):
            got = work.sgd(slope, np.zeros(3), X.copy(), y.copy(), 16, 0.1, 0.3, 60, s)
            assert_close(got, expected, rtol=0.0, atol=0.03, what="sgd")


def slope(w: Array, X: Array, y: Array) -> Array:
    return np.asarray(2 * X.T @ (X @ w - y))


def test_bad_input_is_refused_by_name() -> None:
    """A bad n, batch_size, X, y, learning_rate, decay or n_epochs raises ValueError with a message that names it."""
    for name, n, batch_size in [("n", 0, 2), ("n", -3, 2), ("batch_size", 5, 0), ("batch_size", 5, -2)]:
        assert_raises(ValueError, work.batches, n, batch_size, rng(1), mentions=name)
    X, y = numbered(4)
    cases: list[tuple[str, Array, Array, dict[str, Any]]] = [
        ("X", X[:0], y[:0], {}),
        ("y", X, y[:3], {}),
        ("y", X[:3], y, {}),
        ("batch_size", X, y, {"batch_size": 0}),
        ("learning_rate", X, y, {"learning_rate": 0.0}),
        ("learning_rate", X, y, {"learning_rate": -1.0}),
        ("decay", X, y, {"decay": -0.1}),
        ("n_epochs", X, y, {"n_epochs": -1}),
    ]
    for name, one, other, settings in cases:
        assert_raises(ValueError, work.sgd, slope, np.zeros(2), one, other, mentions=name, **settings)
