"""Hidden test of c05_1_k_means."""

import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    as_figure,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    global_random_state_kept,
    keep_picture,
    learner,
    learner_module,
    require,
    rng,
    unchanged,
)

work = learner("clusters")
Array = NDArray[Any]

SQUARE = np.array([[0.0, 0.0], [0.0, 2.0], [10.0, 0.0], [10.0, 2.0]])


class Seen(NamedTuple):
    """One step of the learner's, looked at."""

    centroids: Array
    labels: list[int]
    inertia: float


def slow_step(X: Array, centroids: list[list[float]]) -> Seen:
    """Nearest centroid of each point and the sum of squares, one number at a time."""
    labels, total = [], 0.0
    for p in X.tolist():
        gaps = [sum((a - b) ** 2 for a, b in zip(p, c, strict=True)) for c in centroids]
        labels.append(gaps.index(min(gaps)))
        total += min(gaps)
    return Seen(np.array(centroids), labels, total)


def slow_trace(X: Array, start: Array, max_iter: int = 100) -> list[Seen]:
    steps = [slow_step(X, start.tolist())]
    for _ in range(max_iter):
        last = steps[-1]
        means = []
        for j, old in enumerate(last.centroids.tolist()):
            own = [p for p, label in zip(X.tolist(), last.labels, strict=True) if label == j]
            means.append([sum(column) / len(own) for column in zip(*own, strict=True)] if own else old)
        steps.append(slow_step(X, means))
        if steps[-1].labels == last.labels:
            break
    return steps


def looked_at(got: Any, k: int, X: Array, what: str) -> list[Seen]:
    """The learner's steps as plain records, every field of the right kind."""
    assert_type(got, (list, tuple), what=what)
    require(len(got) > 0, f"{what} gave no steps; step 0 is the start", got=got)
    seen = []
    for i, step in enumerate(got):
        where = f"{what}(...)[{i}]"
        fields = [getattr(step, name, None) for name in ("centroids", "labels", "inertia")]
        centroids, labels = as_array(fields[0], f"{where}.centroids"), as_array(fields[1], f"{where}.labels")
        assert_shape(centroids, (k, X.shape[1]), what=f"{where}.centroids")
        assert_shape(labels, (len(X),), what=f"{where}.labels")
        assert_dtype(labels, "integer", what=f"{where}.labels")
        assert_type(fields[2], (int, float, np.floating), what=f"{where}.inertia")
        seen.append(Seen(centroids, [int(label) for label in labels], float(fields[2])))
    return seen


def assert_same_steps(got: list[Seen], expected: list[Seen]) -> None:
    for i, (one, other) in enumerate(zip(got, expected, strict=False)):
        assert_close(one.centroids, other.centroids, what=f"trace(...)[{i}].centroids")
        assert_equal(one.labels, other.labels, what=f"trace(...)[{i}].labels")
        assert_close(one.inertia, other.inertia, what=f"trace(...)[{i}].inertia")


def crowd(stream: int, n: int, d: int = 2) -> Array:
    return rng(stream).uniform(0.0, 10.0, (n, d))


def counted(call: Callable[[], Any]) -> tuple[Any, Counter[str]]:
    """Run `call` and count how often each function of the learner's k_means began."""
    codes = {}
    for name in ("plus_plus", "assign", "update", "inertia"):
        function = getattr(learner_module("k_means"), name, None)
        while hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        if hasattr(function, "__code__"):
            codes[function.__code__] = name
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in codes:
            calls[codes[frame.f_code]] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        result = call()
    finally:
        sys.setprofile(before)
    return result, calls


def test_every_step_follows_from_the_one_before() -> None:
    """Step 0 is the start; each further step holds the means of the labels before, and the labels they give."""
    start = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert_same_steps(looked_at(work.trace(SQUARE.copy(), start.copy()), 2, SQUARE, "trace"), slow_trace(SQUARE, start))
    for n, k, d in [(7, 2, 1), (60, 4, 2), (129, 5, 3)]:
        X = crowd(n, n, d)
        expected = slow_trace(X, X[:k])
        given, begin = X.copy(), X[:k].copy()
        with unchanged(X=given, start=begin):
            got = work.trace(given, begin)
        begin[:] = 99.0  # the caller goes on; the steps keep arrays of their own
        assert_same_steps(looked_at(got, k, X, "trace"), expected)


def test_it_ends_when_no_label_changes() -> None:
    """The trace ends with the first step whose labels equal those before, or after max_iter iterations."""
    resting = np.array([[0.0, 1.0], [10.0, 1.0]])
    steps = looked_at(work.trace(SQUARE.copy(), resting), 2, SQUARE, "trace")
    require(len(steps) == 2, f"from a start at rest trace gave {len(steps)} steps, expected 2: the start and its equal")
    X = crowd(2, 120)
    start = X[:6] * 0.1
    n_steps = len(slow_trace(X, start))
    for max_iter in (0, 1, 3, 100):
        got = looked_at(work.trace(X.copy(), start.copy(), max_iter=max_iter), 6, X, "trace")
        expected = min(max_iter + 1, n_steps)
        require(
            len(got) == expected,
            f"trace kept {len(got)} steps, expected {expected}",
            got=Shown(f"{len(got)} steps"),
            expected=Shown(f"{expected} steps"),
        )
    # Points without clusters settle slowly: the inertia hardly falls while labels still change.
    level = rng(21).random((500, 2))
    expected = len(slow_trace(level, level[:4]))
    got = looked_at(work.trace(level.copy(), level[:4].copy()), 4, level, "trace")
    require(
        len(got) == expected,
        f"on 500 points without clusters trace kept {len(got)} steps, expected {expected}",
        got=Shown(f"{len(got)} steps"),
        expected=Shown(f"{expected} steps"),
    )


def test_the_inertia_never_rises() -> None:
    """The inertia of each step belongs to its own centroids and labels, and never rises."""
    X = crowd(3, 100)
    steps = looked_at(work.trace(X.copy(), X[:5].copy()), 5, X, "trace")
    values = [step.inertia for step in steps]
    rises = [i for i in range(1, len(values)) if values[i] > values[i - 1] + 1e-9]
    require(not rises, f"the inertia rose at step {rises[:1]}", got=values)
    for i, step in enumerate(steps):
        own = slow_step(X, step.centroids.tolist())
        assert_close(step.inertia, own.inertia, what=f"trace(...)[{i}].inertia")
        assert_equal(step.labels, own.labels, what=f"trace(...)[{i}].labels")


def test_an_emptied_cluster_stays_in_the_trace() -> None:
    """A centroid that never wins a point stays where it is through all steps; integer points and starts work."""
    X = np.array([[0, 0], [1, 0], [9, 0], [10, 0]])
    start = np.array([[0, 0], [50, 50], [3, 0]])
    expected = slow_trace(X, start)
    got = looked_at(work.trace(X.copy(), start.copy()), 3, X, "trace")
    require(len(got) == len(expected), f"trace kept {len(got)} steps, expected {len(expected)}")
    assert_same_steps(got, expected)


def test_the_steps_come_from_your_own_k_means() -> None:
    """trace and best_trace call the assign, update, inertia and plus_plus of your own k_means."""
    X = crowd(4, 50)
    got, calls = counted(lambda: work.trace(X.copy(), X[:3].copy()))
    n = len(looked_at(got, 3, X, "trace"))
    for name, least in (("assign", n), ("update", n - 1), ("inertia", n)):
        require(
            calls[name] >= least,
            f"{n} steps were traced, but k_means.{name} was called {calls[name]} times",
            expected=Shown(f"at least {least} calls of k_means.{name}"),
        )
    _, calls = counted(lambda: work.best_trace(X.copy(), 3, 4, rng(5)))
    require(calls["plus_plus"] >= 4, f"4 starts, but k_means.plus_plus was called {calls['plus_plus']} times")


def test_the_trace_that_ends_lowest_is_kept() -> None:
    """Of the n_starts traces the one that ends with the lowest inertia is given, from its start to its end."""
    X, n_starts = crowd(6, 80), 4
    for s in range(8):
        generator = np.random.default_rng([s, 21])
        draw = learner("k_means").plus_plus
        starts = [as_array(draw(X.copy(), 5, generator), "plus_plus") for _ in range(n_starts)]
        expected = min((slow_trace(X, start) for start in starts), key=lambda steps: steps[-1].inertia)
        got = work.best_trace(X.copy(), 5, n_starts, np.random.default_rng([s, 21]))
        steps = looked_at(got, 5, X, "best_trace")
        assert_close(steps[-1].inertia, expected[-1].inertia, what="the last inertia of best_trace")
        require(len(steps) == len(slow_trace(X, steps[0].centroids)), "best_trace did not give the whole trace")
        assert_same_steps(steps, slow_trace(X, steps[0].centroids))


def test_chance_comes_from_the_generator() -> None:
    """Equal generators give equal traces, others differ, and no start at all is refused by name."""
    X = crowd(7, 60)
    with global_random_state_kept():
        first, again = (
            looked_at(work.best_trace(X.copy(), 5, 2, np.random.default_rng(1)), 5, X, "best_trace") for _ in range(2)
        )
    require(len(first) == len(again), "two equal generators gave traces of different length")
    for i, (one, other) in enumerate(zip(first, again, strict=True)):
        assert_close(other.centroids, one.centroids, what=f"best_trace(...)[{i}].centroids, second time")
    starts = {
        looked_at(work.best_trace(X.copy(), 5, 1, rng(s)), 5, X, "best_trace")[0].centroids.tobytes() for s in range(6)
    }
    require(len(starts) > 1, "six different generators gave six times the same start")
    assert_raises(ValueError, work.best_trace, X, 5, 0, rng(1), mentions="n_starts")


def make_steps(X: Array, start: Array) -> list[Any]:
    """Steps of the learner's own type, made by the slow loop."""
    made = []
    for step in slow_trace(X, start):
        labels = np.array(step.labels, dtype=np.intp)
        one = work.Step(centroids=step.centroids, labels=labels, inertia=step.inertia)
        kept = getattr(one, "centroids", None)
        require(isinstance(kept, np.ndarray), "Step(centroids, labels, inertia) does not keep its fields")
        made.append(one)
    return made


def only_axes(figure: Any, what: str) -> Any:
    axes = figure.get_axes()
    require(len(axes) == 1, f"{what} drew {len(axes)} axes, expected one")
    return axes[0]


def by_label(artists: Any, word: str, what: str) -> dict[str, Any]:
    """Artists whose label begins with `word`, by label; one each."""
    found: dict[str, Any] = {}
    for artist in artists:
        label = str(artist.get_label())
        if label.startswith(word):
            require(label not in found, f"{what} drew {label!r} more than once")
            found[label] = artist
    return found


def scatters(axes: Any) -> dict[str, Any]:
    from matplotlib.collections import PathCollection

    return by_label([c for c in axes.collections if isinstance(c, PathCollection)], "cluster", "draw_clusters")


def rows_sorted(points: Any) -> Array:
    array = np.asarray(points, dtype=float)
    return array[np.lexsort(array.T[::-1])]


def rgb(colour: Any) -> list[float]:
    from matplotlib.colors import to_rgb

    return [round(v, 3) for v in to_rgb(colour)]


def colour_of(points: Any) -> list[float]:
    """The colour of a scatter: of its faces, or of the edges where the markers are hollow."""
    points.update_scalarmappable()  # colours given as numbers are settled when the picture is rendered
    colours = np.asarray(points.get_facecolor())
    colours = colours if len(colours) else np.asarray(points.get_edgecolor())
    require(len({tuple(c) for c in colours.tolist()}) == 1, "a cluster has several colours", got=colours)
    return rgb(colours[0])


def drawn(X: Array, steps: list[Any], **names: Any) -> Any:
    return only_axes(as_figure(work.draw_clusters(X.copy(), steps, **names), "draw_clusters"), "draw_clusters")


def test_each_cluster_is_drawn_in_its_colour() -> None:
    """Every cluster of the last step is one scatter of its own points, labelled, in a colour of its own."""
    X = crowd(8, 80)
    steps = make_steps(X, X[:3])
    found = scatters(drawn(X, steps))
    assert_equal(sorted(found), ["cluster 0", "cluster 1", "cluster 2"], what="the labels of the scatters")
    for j in range(3):
        own = X[np.array(steps[-1].labels) == j]
        offsets = found[f"cluster {j}"].get_offsets()
        assert_close(rows_sorted(offsets), rows_sorted(own), what=f"the points of 'cluster {j}'")
    colours = {tuple(colour_of(c)) for c in found.values()}
    require(len(colours) == 3, "three clusters must have three colours", got=sorted(colours))
    lonely = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0]])
    steps = make_steps(lonely, np.array([[0.0, 0.0], [50.0, 50.0], [9.0, 0.0]]))
    found = scatters(drawn(lonely, steps))
    assert_equal(sorted(found), ["cluster 0", "cluster 2"], what="the labels of the scatters")
    many = crowd(12, 90)
    found = scatters(drawn(many, make_steps(many, many[:12])))
    colours = {tuple(colour_of(c)) for c in found.values()}
    require(len(colours) == len(found), f"{len(found)} clusters share {len(colours)} colours")


def test_the_way_of_each_centroid_is_drawn() -> None:
    """The way of each centroid through all steps is one labelled line in the colour of its cluster."""
    X = crowd(9, 80)
    steps = make_steps(X, X[:3] * 0.2)
    axes = drawn(X, steps)
    keep_picture(axes.figure, "the_way_of_the_centroids")
    lines, points = by_label(axes.get_lines(), "centroid", "draw_clusters"), scatters(axes)
    assert_equal(sorted(lines), ["centroid 0", "centroid 1", "centroid 2"], what="the labels of the lines")
    for j in range(3):
        expected = np.array([step.centroids[j] for step in steps])
        line = lines[f"centroid {j}"]
        assert_close(np.asarray(line.get_xydata()), expected, what=f"the line 'centroid {j}'")
        cluster = points.get(f"cluster {j}")
        if cluster is not None:
            same = colour_of(cluster) == rgb(line.get_color())
            require(same, f"'centroid {j}' and 'cluster {j}' have different colours")


def test_the_picture_can_be_read() -> None:
    """The picture has axis names, a legend, equal scales and the number of iterations; each call a new figure."""
    X = crowd(10, 70)
    steps = make_steps(X, X[:4])
    axes = drawn(X, steps, names=("petal length", "petal width"))
    assert_equal([axes.get_xlabel(), axes.get_ylabel()], ["petal length", "petal width"], what="the axis labels")
    texts = [t.get_text() for t in axes.get_legend().get_texts()] if axes.get_legend() else []
    for label in ("cluster 0", "centroid 0"):
        require(label in texts, f"the legend does not name {label!r}", got=texts)
    require(axes.get_aspect() in ("equal", 1.0), "the axes need equal scales", got=axes.get_aspect())
    title = str(axes.get_title() or axes.figure.get_suptitle())
    numbers = "".join(c if c.isdigit() else " " for c in title).split()
    require(
        str(len(steps) - 1) in numbers, f"the title should hold the number of iterations, {len(steps) - 1}", got=title
    )
    second = drawn(X, steps)
    require(second.figure is not axes.figure, "a second call drew on the first figure")
    require(len(scatters(second)) == len(scatters(axes)) > 0, "a second call drew on top of the first")
    assert_equal([second.get_xlabel(), second.get_ylabel()], ["x", "y"], what="the axis labels without names")
    assert_raises(ValueError, work.draw_clusters, crowd(11, 10, 3), steps, mentions="X")


def test_the_convergence_is_drawn() -> None:
    """The inertia of every step is drawn over its number, with both axes named."""
    X = crowd(13, 90)
    for start in (X[:5], np.array([[5.0, 5.0]])):
        steps = make_steps(X, start)
        figure = as_figure(work.draw_convergence(steps), "draw_convergence")
        axes = only_axes(figure, "draw_convergence")
        lines = axes.get_lines()
        require(len(lines) == 1, f"draw_convergence drew {len(lines)} lines, expected one")
        assert_close(np.asarray(lines[0].get_xdata(), dtype=float), np.arange(len(steps)), what="x of the line")
        wanted = [step.inertia for step in steps]
        assert_close(np.asarray(lines[0].get_ydata(), dtype=float), wanted, what="y of the line")
        require("iteration" in axes.get_xlabel().lower(), "the x label lacks 'iteration'", got=axes.get_xlabel())
        require("inertia" in axes.get_ylabel().lower(), "the y label lacks 'inertia'", got=axes.get_ylabel())
    again = as_figure(work.draw_convergence(steps), "draw_convergence")
    require(
        again is not figure and len(only_axes(again, "draw_convergence").get_lines()) == 1,
        "a second call drew on the first figure",
    )


def test_iris_falls_into_its_three_kinds() -> None:
    """On the petals of iris your trace ends at rest, and its three clusters are the species but for a few flowers."""
    from sklearn.datasets import load_iris

    iris = load_iris()
    X = iris.data[:, 2:]
    got = work.best_trace(X.copy(), 3, 10, rng(14))
    steps = looked_at(got, 3, X, "best_trace")
    figure = as_figure(work.draw_clusters(X.copy(), got, names=("petal length (cm)", "petal width (cm)")))
    keep_picture(figure, "iris")
    keep_picture(as_figure(work.draw_convergence(got), "draw_convergence"), "iris_convergence")
    table = np.zeros((3, 3), dtype=int)
    np.add.at(table, (np.array(steps[-1].labels), iris.target), 1)
    right = int(table.max(axis=1).sum())
    require(right >= 140, "the clusters do not follow the species", got=Shown(f"{right} of 150 flowers agree"))
    require(len(steps) <= 30, f"iris took {len(steps) - 1} iterations; a dozen is usual")
    line = by_label(only_axes(figure, "draw_clusters").get_lines(), "centroid", "draw_clusters").get("centroid 0")
    require(line is not None, "draw_clusters drew no line 'centroid 0'")
    assert_close(np.asarray(line.get_xydata())[-1], steps[-1].centroids[0], what="the end of 'centroid 0'")
