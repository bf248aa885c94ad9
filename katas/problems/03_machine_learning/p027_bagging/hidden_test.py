"""Hidden test of p027_bagging."""

import math
from collections import Counter
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

work = learner("bagging")
Array = NDArray[Any]


class Nearest:
    """An estimator that knows by heart what it was given: one nearest neighbour, in the first column."""

    def __init__(self) -> None:
        self.log: list[int] = []

    def fit(self, X: Array, y: Array) -> None:
        self.log.append(len(X))
        self.X, self.y = X.copy(), y.copy()

    def predict(self, X: Array) -> Array:
        return np.array([self.y[int(np.abs(self.X[:, 0] - v).argmin())] for v in X[:, 0]], dtype=self.y.dtype)


class Says:
    """An estimator that answers the label of the row it saw first, whatever is asked."""

    def fit(self, X: Array, y: Array) -> "Says":
        self.label = y[0]
        return self

    def predict(self, X: Array) -> Array:
        return np.full(len(X), self.label)


def slow_vote(votes: list[Any]) -> Any:
    counts = Counter(votes)
    return min(label for label, n in counts.items() if n == max(counts.values()))


def sample(got: Any, n: int) -> tuple[Array, Array]:
    """The two arrays of a bootstrap sample, looked at."""
    require(isinstance(got, tuple) and len(got) == 2, "bootstrap must give (in_bag, out_of_bag)", got=got)
    in_bag, out_of_bag = as_array(got[0], "in_bag"), as_array(got[1], "out_of_bag")
    assert_shape(in_bag, (n,), what="in_bag")
    assert_dtype(in_bag, "integer", what="in_bag")
    require(bool(((in_bag >= 0) & (in_bag < n)).all()), f"in_bag holds a number outside 0 to {n - 1}", got=in_bag)
    missing = sorted(set(range(n)) - set(in_bag.tolist()))
    assert_equal(out_of_bag, missing, what="out_of_bag")
    if missing:
        assert_dtype(out_of_bag, "integer", what="out_of_bag")
    return in_bag, out_of_bag


def fit(X: Array, y: Array, estimator: Any, **settings: int) -> Any:
    """Fit the learner's ensemble and look at what it holds."""
    shown = ", ".join(["estimator", *(f"{name}={value}" for name, value in settings.items())])
    with calling(f"Bagging({shown}).fit(X of shape {X.shape}, y)"):
        model = work.Bagging(estimator, **settings)
        with unchanged(X=X, y=y):
            got = model.fit(X, y)
        require(got is model, "fit must give the model itself; is `return self` missing?")
        look_at(model, len(X), settings.get("n_estimators", 10))
    return model


def look_at(model: Any, n: int, t: int) -> None:
    assert_type(getattr(model, "estimators_", None), list, what="estimators_")
    assert_type(getattr(model, "samples_", None), list, what="samples_")
    require(len(model.estimators_) == t, f"estimators_ must hold {t} members", got=len(model.estimators_))
    require(len(model.samples_) == t, f"samples_ must hold {t} samples", got=len(model.samples_))
    for one in model.samples_:
        sample(one, n)
    assert_type(getattr(model, "oob_score_", None), (float, np.floating), what="oob_score_")


def data(stream: int, n: int) -> tuple[Array, Array]:
    """Rows that carry their own number in the first column, and labels that can be told from it."""
    X = np.column_stack([np.arange(n, dtype=float), rng(stream).normal(size=n)])
    return X, rng(stream + 100).integers(0, 3, n) * 10


def members_hold(model: Any, X: Array, y: Array, kind: type) -> None:
    """Every member was fitted once, to the rows that samples_ names, each with its own label."""
    for member, (in_bag, _) in zip(model.estimators_, model.samples_, strict=True):
        require(type(member) is kind, "estimators_ must hold copies of the estimator", got=member)
        require(hasattr(member, "X"), "a member of estimators_ was never fitted")
        assert_equal(member.X[:, 0], X[in_bag, 0], what="the rows that a member was fitted to, against its in_bag,")
        assert_equal(member.y, y[in_bag], what="the labels that a member was fitted to, against its in_bag,")
        assert_equal(member.log, [len(X)], what="the sizes of all fits of a member")


def test_a_bootstrap_draws_with_replacement() -> None:
    """bootstrap gives n row numbers drawn with replacement, and the rows never drawn in ascending order."""
    for n in (1, 2, 7, 127):
        for stream in range(4):
            sample(work.bootstrap(n, rng(stream)), n)
    repeats = [len(set(sample(work.bootstrap(50, rng(10 + s)), 50)[0].tolist())) for s in range(5)]
    require(max(repeats) < 50, "no row was drawn twice in five samples of 50; draw with replacement", got=repeats)
    generator = rng(20)
    first, second = (sample(work.bootstrap(50, generator), 50)[0].tolist() for _ in range(2))
    require(first != second, "two samples from the same generator are equal; do the draws come from rng?")
    again = sample(work.bootstrap(50, rng(20)), 50)[0]
    assert_equal(again, first, what="bootstrap from an equal generator")


def test_every_row_is_equally_likely() -> None:
    """Each draw is any row with the same chance, and about 36.8 % of the rows end up out of bag."""
    generator = rng(30)
    n, n_samples = 5, 1500
    draws = np.array([sample(work.bootstrap(n, generator), n)[0] for _ in range(n_samples)])
    for place in (0, 2, 4):
        counts = np.bincount(draws[:, place], minlength=n)
        off = np.abs(counts - n_samples / n).max() / math.sqrt(n_samples / n * (1 - 1 / n))
        if off > 5:
            fail(
                f"draw number {place} favours some rows",
                got=counts,
                expected=Shown(f"about {n_samples // n} each"),
                call=f"bootstrap({n}, rng), {n_samples} times",
            )
    pairs = float(np.mean(draws[:, 0] == draws[:, 1]))
    require(
        abs(pairs - 1 / n) < 5 * 0.4 / math.sqrt(n_samples), "two draws of a sample depend on each other", got=pairs
    )
    shares = [len(sample(work.bootstrap(1000, rng(40 + s)), 1000)[1]) / 1000 for s in range(10)]
    require(abs(float(np.mean(shares)) - 0.3677) < 0.02, "the out-of-bag share should be 36.8 %", got=shares)


def test_the_most_frequent_label_wins() -> None:
    """majority_vote gives the most frequent label of each column, integers of any sign and strings alike."""
    cases = [
        np.array([[0, 2], [2, 2], [2, 0]]),
        np.array([["b", "a"], ["b", "a"], ["a", "b"]]),
        np.array([[7, -3, 900]]),
    ]
    cases += [rng(50).integers(-2, 3, (9, 20)), rng(51).integers(0, 2, (128, 7)), rng(52).integers(0, 5, (7, 6)).T]
    for votes in cases:
        expected = [slow_vote(column) for column in votes.T.tolist()]
        with unchanged(votes=votes):
            got = as_array(work.majority_vote(votes))
        assert_shape(got, (votes.shape[1],))
        assert_equal(got, expected)
    assert_shape(work.majority_vote(np.zeros((3, 0), dtype=int)), (0,))


def test_a_tied_vote_goes_to_the_smallest_label() -> None:
    """On a tie the smallest of the tied labels wins, whatever was said first, last, or by others."""
    for column in ([2, 1], [1, 2], [5, 9, 9, 5], [9, 9, 5, 5, 0], [3, -4, 7], ["z", "a"], ["y", "x", "x", "y", "a"]):
        expected = slow_vote(column)
        assert_equal(as_array(work.majority_vote(np.array(column)[:, None])), [expected])


def test_x_and_y_stay_together() -> None:
    """Each member is fitted once, to the rows of X and the labels of y that its in_bag names."""
    X, y = data(60, 30)
    members_hold(fit(X, y, Nearest(), n_estimators=7), X, y, Nearest)
    names = np.array(["ant", "bee", "cow"])[y // 10]
    members_hold(fit(X, names, Nearest(), n_estimators=3, seed=5), X, names, Nearest)


def test_each_member_has_its_own_sample() -> None:
    """The members are trained on different samples, ten members unless told otherwise."""
    X, y = data(61, 25)
    with calling("Bagging(estimator).fit(X of shape (25, 2), y)"):
        model = work.Bagging(Nearest()).fit(X.copy(), y.copy())
        look_at(model, 25, 10)
    bags = {tuple(np.asarray(in_bag).tolist()) for in_bag, _ in model.samples_}
    require(len(bags) == 10, f"ten members share {len(bags)} samples", got=len(bags), expected=10)


def test_each_member_is_a_fresh_copy() -> None:
    """Members are deep copies that share nothing, and the prototype itself is never fitted."""
    X, y = data(62, 12)
    prototype = Nearest()
    model = fit(X, y, prototype, n_estimators=4)
    require(not hasattr(prototype, "X") and prototype.log == [], "the prototype itself was fitted", got=prototype.log)
    require(len({id(m) for m in model.estimators_}) == 4, "the same object is in estimators_ more than once")
    require(all(m is not prototype for m in model.estimators_), "the prototype itself is in estimators_")
    require(len({id(m.log) for m in model.estimators_}) == 4, "members share a list that the prototype held")
    members_hold(model, X, y, Nearest)


def test_predictions_are_votes() -> None:
    """predict gives the majority vote of the members, the smallest label on a tie, as an array of labels."""
    X, y = data(63, 40)
    for labels in (y, np.array(["ant", "bee", "cow"])[y // 10]):
        for t in (1, 2, 9):
            model = fit(X, labels, Nearest(), n_estimators=t)
            fresh = rng(64).uniform(0, 40, (17, 2))
            votes = [m.predict(fresh).tolist() for m in model.estimators_]
            expected = [slow_vote(list(column)) for column in zip(*votes, strict=True)]
            with calling(f"model.predict(X of shape (17, 2)), {t} members"), unchanged(X=fresh):
                got = as_array(model.predict(fresh), "predict")
                assert_equal(got, expected, what="predict")


def test_the_out_of_bag_score_is_honest() -> None:
    """oob_score_ is the accuracy over rows judged only by the members that never saw them, by majority vote."""
    for stream, (n, t) in enumerate([(7, 1), (12, 3), (40, 15)]):
        X, y = data(70 + stream, n)
        model = fit(X, y, Nearest(), n_estimators=t, seed=stream)
        right = []
        for row in range(n):
            judges = [m for m, (_, out) in zip(model.estimators_, model.samples_, strict=True) if row in out]
            if judges:
                right.append(slow_vote([m.predict(X[row : row + 1])[0] for m in judges]) == y[row])
        expected = sum(right) / len(right) if right else math.nan
        assert_close(model.oob_score_, expected, what="oob_score_")


def test_no_row_to_judge_gives_nan() -> None:
    """With a single row nothing is ever out of bag, and oob_score_ is NaN."""
    model = fit(np.zeros((1, 2)), np.array([4]), Says(), n_estimators=3)
    assert_close(model.oob_score_, math.nan, what="oob_score_")
    with calling("predict of members that saw one row, label 4"):
        assert_equal(as_array(model.predict(np.zeros((2, 2))), "predict"), [4, 4])


def bags_of(model: Any) -> list[list[int]]:
    return [np.asarray(in_bag).tolist() for in_bag, _ in model.samples_]


def test_the_same_seed_gives_the_same_samples() -> None:
    """The same seed gives the same samples, also on a second fit; other seeds differ; global state stays untouched."""
    X, y = data(80, 20)
    with global_random_state_kept():
        first = fit(X, y, Nearest(), n_estimators=3, seed=0)
        before = bags_of(first)
        assert_equal(bags_of(fit(X, y, Nearest(), n_estimators=3, seed=0)), before, what="in_bag of an equal ensemble")
        with calling("model.fit(X, y), a second time on the same model"):
            first.fit(X.copy(), y.copy())
            look_at(first, 20, 3)
            assert_equal(bags_of(first), before, what="in_bag after a second fit")
            members_hold(first, X, y, Nearest)
        others = [bags_of(fit(X, y, Nearest(), n_estimators=3, seed=s)) for s in (1, 2)]
    require(before not in others and others[0] != others[1], "other seeds gave the same samples")
    for bag in others[0]:
        require(
            bag not in before,
            "a sample of seed=1 came with seed=0 too; does one generator serve the whole fit?",
            got=bag,
            call="Bagging(estimator, n_estimators=3, seed=1).fit(X of shape (20, 2), y)",
        )


def build_and_fit(X: Array, y: Array, t: int) -> Any:
    return work.Bagging(Says(), n_estimators=t).fit(X, y)


def test_bad_input_is_refused_by_name() -> None:
    """A bad X, y, n_estimators, n or votes raises ValueError with a message that names it."""
    X, y = np.zeros((3, 1)), np.array([0, 1, 1])
    cases: list[tuple[str, Array, Array, int]] = [
        ("X", np.zeros(3), y, 2),
        ("X", np.zeros((0, 2)), np.zeros(0), 2),
        ("y", X, y[:2], 2),
        ("y", X, y[:, None], 2),
        ("n_estimators", X, y, 0),
    ]
    for name, one, other, t in cases:
        call = f"Bagging(estimator, n_estimators={t}).fit(X={one.tolist()}, y={other.tolist()})"
        assert_raises(ValueError, build_and_fit, one, other, t, mentions=name, call=call)
    for n in (0, -1):
        assert_raises(ValueError, work.bootstrap, n, rng(90), mentions="n")
    for votes in (np.array([1, 2]), np.zeros((0, 3)), np.zeros((1, 1, 1))):
        assert_raises(ValueError, work.majority_vote, votes, mentions="votes")
