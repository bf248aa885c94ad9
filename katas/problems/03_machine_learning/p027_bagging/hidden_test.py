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
    edges,
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
    """An estimator that remembers what it was given: one nearest neighbour, in the first column."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def fit(self, X: Array, y: Array) -> None:
        self.sizes.append(len(X))
        self.X, self.y = X.copy(), y.copy()

    def predict(self, X: Array) -> Array:
        return np.array([self.y[int(np.abs(self.X[:, 0] - v).argmin())] for v in X[:, 0]], dtype=self.y.dtype)


NEAREST = "a Nearest predicts the label of that row of its sample which is nearest in the first column"


def slow_vote(votes: list[Any]) -> Any:
    counts = Counter(votes)
    return min(label for label, n in counts.items() if n == max(counts.values()))


def drawn(got: Any, n: int) -> Array:
    """The in_bag of a bootstrap sample, looked at."""
    pair = isinstance(got, (tuple, list)) and len(got) == 2
    require(pair, "bootstrap must return the two arrays (in_bag, out_of_bag)", got=got)
    in_bag = as_array(got[0], "in_bag")
    assert_shape(in_bag, (n,), what="in_bag")
    assert_dtype(in_bag, "integer", what="in_bag")
    require(bool(((in_bag >= 0) & (in_bag < n)).all()), f"in_bag holds a number outside 0 to {n - 1}", got=in_bag)
    return in_bag


def fitted(X: Array, y: Array, **settings: int) -> Any:
    """The learner's ensemble of nearest neighbours, fitted to copies of X and y."""
    model = work.Bagging(Nearest(), **settings)
    model.fit(X.copy(), y.copy())
    look_at(model, len(X), settings.get("n_estimators", 10))
    return model


def look_at(model: Any, n: int, t: int) -> None:
    """The members and the samples are there, and as many as asked for."""
    for name in ("estimators_", "samples_"):
        held = getattr(model, name, None)
        assert_type(held, (list, tuple), what=name)
        require(len(held) == t, f"{name} holds {len(held)} items after fit, expected {t}")
    for one in model.samples_:
        drawn(one, n)


def bags_of(model: Any) -> list[list[int]]:
    return [np.asarray(in_bag).tolist() for in_bag, _ in model.samples_]


def data(stream: int, n: int) -> tuple[Array, Array]:
    """Rows that carry their own number in the first column, and labels of which neighbours differ."""
    return np.arange(n)[:, None] * [1.0, -0.5], rng(stream).integers(0, 3, n) * 10


def test_a_bootstrap_draws_with_replacement() -> None:
    """in_bag is n row numbers drawn with replacement, all of them from rng."""
    for n in (1, 2, 7, 127):
        drawn(work.bootstrap(n, rng(n)), n)
    repeats = [len(set(drawn(work.bootstrap(50, rng(10 + s)), 50).tolist())) for s in range(5)]
    require(max(repeats) < 50, "no row was drawn twice in a sample of 50; draw with replacement", got=Shown("50 rows"))
    generator = rng(20)
    first, second = (drawn(work.bootstrap(50, generator), 50).tolist() for _ in range(2))
    require(first != second, "two samples from the same generator are equal; do the draws come from rng?")
    assert_equal(drawn(work.bootstrap(50, rng(20)), 50), first, what="in_bag from an equal generator")


def test_every_row_is_equally_likely() -> None:
    """Each of the n draws is any row with the same chance, whatever the others are."""
    generator = rng(30)
    n, n_samples = 5, 1500
    draws = np.array([drawn(work.bootstrap(n, generator), n) for _ in range(n_samples)])
    call = f"bootstrap({n}, rng), {n_samples} times"
    for place in (0, 2, 4):
        counts = np.bincount(draws[:, place], minlength=n)
        off = np.abs(counts - n_samples / n).max() / math.sqrt(n_samples / n * (1 - 1 / n))
        if off > 5:
            expected = Shown(f"about {n_samples // n} each")
            fail(f"in_bag[{place}] is not each row equally often", got=counts, expected=expected, call=call)
    for one, other in ((0, 1), (1, 2), (3, 4)):
        pairs = float(np.mean(draws[:, one] == draws[:, other]))
        message = f"the share of samples in which in_bag[{one}] and in_bag[{other}] are equal is off"
        usual = abs(pairs - 1 / n) < 5 * 0.4 / math.sqrt(n_samples)
        require(usual, message, got=pairs, expected=Shown("about 0.2"), call=call)


def test_out_of_bag_rows_were_never_drawn() -> None:
    """out_of_bag is the rows that were never drawn, ascending; about 36.8 % of a long sample, or none."""
    for n, streams in ((1, 1), (2, 6), (7, 4), (127, 2), (1000, 2)):
        for stream in range(streams):
            got = work.bootstrap(n, rng(stream))
            expected = sorted(set(range(n)) - set(drawn(got, n).tolist()))
            out_of_bag = as_array(got[1], "out_of_bag")
            assert_equal(out_of_bag, expected, what="out_of_bag")
            assert_dtype(out_of_bag, "integer", what="out_of_bag")


def test_the_most_frequent_label_wins() -> None:
    """majority_vote returns the most frequent label of each column, integers of any sign and strings alike."""
    cases = [
        np.array([[0, 2], [2, 2], [2, 0]]),
        np.array([[1], [2], [2], [3]]),
        np.array([[0], [0], [2], [2], [2]]),
        np.array([["b", "a"], ["b", "a"], ["a", "b"]]),
        np.array([[7, -3, 900]]),
        np.array([[-2], [-2], [10**12]]),
        np.array([["no", "yes", "no"], ["no", "yes", "perhaps"], ["no", "no", "perhaps"]]),
    ]
    # An odd number of votes on two labels cannot be tied.
    cases += [rng(50).integers(0, 2, (9, 20)) * 2 - 1, rng(51).integers(0, 2, (127, 7))]
    for votes in cases:
        expected = [slow_vote(column) for column in votes.T.tolist()]
        got = as_array(work.majority_vote(votes.copy()))
        assert_shape(got, (votes.shape[1],))
        assert_equal(got, expected)


def test_a_tied_vote_goes_to_the_smallest_label() -> None:
    """On a tie the smallest of the tied labels wins, whichever was said first or last."""
    for column in (
        [2, 1],
        [1, 2],
        [9, 10],
        [5, 9, 9, 5],
        [9, 9, 5, 5, 0],
        [3, -4, 7],
        ["z", "a"],
        ["y", "x", "x", "y", "a"],
    ):
        expected = slow_vote(column)
        assert_equal(as_array(work.majority_vote(np.array(column)[:, None])), [expected])
    # Several columns whose ties are between different labels.
    votes = np.array([[3, 9, 0], [1, 8, 9], [3, 9, 9], [1, 8, 0]])
    assert_equal(as_array(work.majority_vote(votes)), [1, 8, 0])


def test_members_are_fresh_copies() -> None:
    """Members are deep copies that share nothing, each fitted once, and the prototype itself is never fitted."""
    X, y = data(62, 12)
    prototype = Nearest()
    model = work.Bagging(prototype, n_estimators=4)
    got = model.fit(X.copy(), y.copy())
    require(got is model, "fit must return the ensemble itself; is `return self` missing?", got=got)
    look_at(model, 12, 4)
    members = model.estimators_
    require(len({id(m) for m in members}) == 4, "the same object is in estimators_ more than once")
    require(all(m is not prototype for m in members), "the prototype itself is in estimators_")
    require(all(type(m) is Nearest for m in members), "estimators_ must hold copies of the estimator", got=members)
    require(not hasattr(prototype, "X"), "the prototype itself was fitted")
    shared = "members share a list with the prototype, or with each other; the copies have to be deep"
    require(len({id(m.sizes) for m in (*members, prototype)}) == 5 and prototype.sizes == [], shared)
    for member in members:
        times = len(member.sizes)
        require(times == 1, f"a member was fitted {times} times, expected once")
        require(len(member.X) == 12, f"a member was fitted to {len(member.X)} rows, expected 12")


def test_x_and_y_stay_together() -> None:
    """Each member is fitted to the rows of X and the labels of y that its in_bag names."""
    X, y = np.arange(5)[:, None] * [1.0, -0.5], np.array([10, 11, 12, 13, 14])
    holds_its_sample(fitted(X, y, n_estimators=1), X, y)
    X, y = data(60, 30)
    holds_its_sample(fitted(X, y, n_estimators=7), X, y)
    names = np.array(["ant", "bee", "cow"])[y // 10]
    holds_its_sample(fitted(X, names, n_estimators=3, seed=5), X, names)


def holds_its_sample(model: Any, X: Array, y: Array) -> None:
    for number, (member, (in_bag, out_of_bag)) in enumerate(zip(model.estimators_, model.samples_, strict=True)):
        missing = sorted(set(range(len(X))) - set(np.asarray(in_bag).tolist()))
        assert_equal(out_of_bag, missing, what=f"the out_of_bag of samples_[{number}]")
        assert_equal(member.X[:, 0], X[in_bag, 0], what=f"X[:, 0] as estimators_[{number}] was fitted to it")
        assert_equal(member.y, y[in_bag], what=f"y as estimators_[{number}] was fitted to it")


def test_each_member_has_its_own_sample() -> None:
    """The members are trained on different samples; there are ten of them unless another number is asked for."""
    X, y = data(61, 25)
    n_bags = len({tuple(bag) for bag in bags_of(fitted(X, y))})
    require(n_bags == 10, f"ten members have {n_bags} different samples, expected 10")


class Says:
    """An estimator that says the same label for every row."""

    def __init__(self, label: Any = None) -> None:
        self.label = label

    def __repr__(self) -> str:
        return f"Says({self.label!r})"

    def fit(self, X: Array, y: Array) -> None:
        self.label = y[0].item()

    def predict(self, X: Array) -> Array:
        return np.array([self.label] * len(X))


SAYS = "a Says predicts, for each row, the first label of its sample, in an array as wide as that label"


def test_predictions_are_votes() -> None:
    """predict returns the majority vote of all members, as an array of labels."""
    # Members whose arrays of strings differ in width: the seed is one where the first says "a", the others "bbb".
    y = np.array(["a", "bbb", "bbb", "bbb"])
    for seed in range(50):
        model = work.Bagging(Says(), n_estimators=3, seed=seed)
        model.fit(np.zeros((4, 1)), y.copy())
        look_at(model, 4, 3)
        said = [str(member.label) for member in model.estimators_]
        if said == ["a", "bbb", "bbb"]:
            with calling(f"{SAYS}; here they say {said}"):
                assert_equal(as_array(model.predict(np.zeros((1, 1))), "predict"), ["bbb"], what="predict")
            break
    X, y = data(63, 12)
    for labels in (y, np.array(["ant", "bee", "cow"])[y // 10]):
        for t, n_asked in ((1, 2), (3, 5), (2, 17), (9, 17)):
            model = fitted(X, labels, n_estimators=t)
            fresh = rng(64).uniform(0, 12, (n_asked, 2)).round(1)
            votes = [m.predict(fresh).tolist() for m in model.estimators_]
            expected = [slow_vote(list(column)) for column in zip(*votes, strict=True)]
            with calling(NEAREST):
                got = as_array(model.predict(fresh.copy()), "predict")
                assert_equal(got, expected, what="predict")


def test_the_out_of_bag_score_is_honest() -> None:
    """oob_score_ is the accuracy over rows judged only by the members that never saw them, by majority vote."""
    # The last cases have so few members that many rows are judged by a tie.
    for stream, (n, t) in enumerate([(7, 1), (12, 3), (40, 15), (40, 4), (41, 5)]):
        X, y = data(70 + stream, n)
        model = fitted(X, y, n_estimators=t, seed=stream)
        right = []
        for row in range(n):
            judges = [m for m, bag in zip(model.estimators_, bags_of(model), strict=True) if row not in bag]
            if judges:
                right.append(slow_vote([m.predict(X[row : row + 1])[0] for m in judges]) == y[row])
        expected = sum(right) / len(right) if right else math.nan
        with calling(NEAREST):
            assert_type(getattr(model, "oob_score_", None), (float, np.floating), what="oob_score_")
            assert_close(model.oob_score_, expected, what="oob_score_")


edges()


def test_no_row_to_judge_gives_nan() -> None:
    """With a single row nothing is ever out of bag, and oob_score_ is NaN."""
    model = fitted(np.zeros((1, 2)), np.array([4]), n_estimators=3)
    assert_close(getattr(model, "oob_score_", None), math.nan, what="oob_score_")


def test_the_seed_decides() -> None:
    """The same seed makes the same samples; seeds side by side share none; the global random state is left alone."""
    X, y = data(80, 8)
    with global_random_state_kept():
        first = bags_of(fitted(X, y, n_estimators=3, seed=0))
        assert_equal(bags_of(fitted(X, y, n_estimators=3, seed=0)), first, what="each in_bag with an equal seed")
        for s in (1, 2):
            with calling(f"the in_bag of samples_, against seed={s - 1}"):
                other = bags_of(fitted(X, y, n_estimators=3, seed=s))
                shared = next((bag for bag in other if bag in first), None)
            message = f"a sample of seed={s} was drawn with seed={s - 1} too; one generator has to serve the whole fit"
            require(shared is None, message, got=shared)
            first = other


def test_a_second_fit_starts_anew() -> None:
    """A second fit draws the same samples again, and keeps nothing of the first, also with other data."""
    X, y = data(81, 8)
    model = fitted(X, y, n_estimators=3)
    before = bags_of(model)
    model.fit(X.copy(), y.copy())
    look_at(model, 8, 3)
    assert_equal(bags_of(model), before, what="each in_bag after a second fit")
    model.fit(X[:5].copy(), y[:5])
    look_at(model, 5, 3)
    for member in model.estimators_:
        require(member.sizes == [5], "after a second fit, to 5 rows, a member was fitted to", got=member.sizes)


def test_inputs_stay_as_they_were() -> None:
    """X, y and votes are left as they were."""
    votes = rng(90).integers(0, 4, (7, 5))
    with unchanged(votes=votes):
        work.majority_vote(votes)
    X, y = data(91, 20)
    X, y = X[::-1], y[::-1]
    model = work.Bagging(Nearest(), n_estimators=3)
    with unchanged(X=X, y=y):
        model.fit(X, y)
    with unchanged(X=X):
        model.predict(X)


def test_bad_input_is_refused() -> None:
    """n_estimators below 1, and a y that is not of shape (n,), raise ValueError."""
    X = np.zeros((3, 1))
    for t in (0, -1):
        with calling(f"Bagging(estimator, n_estimators={t}).fit(X, y)"):
            assert_raises(ValueError, build_and_fit, X, np.array([0, 1, 1]), t)
    for y in (np.array([0, 1]), np.array([0, 1, 1, 0]), np.array([[0], [1], [1]])):
        with calling(f"Bagging(estimator, n_estimators=2).fit(X of shape (3, 1), y of shape {y.shape})"):
            assert_raises(ValueError, build_and_fit, X, y, 2)


def build_and_fit(X: Array, y: Array, t: int) -> Any:
    return work.Bagging(Nearest(), n_estimators=t).fit(X.copy(), y)
