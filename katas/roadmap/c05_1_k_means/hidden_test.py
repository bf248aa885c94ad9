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
    edges,
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


def plain_step(X: Array, centroids: list[list[float]]) -> Seen:
    """Nearest centroid of each point and the sum of squares, one number at a time."""
    labels, total = [], 0.0
    for p in X.tolist():
        gaps = [sum((a - b) ** 2 for a, b in zip(p, c, strict=True)) for c in centroids]
        labels.append(gaps.index(min(gaps)))
        total += min(gaps)
    return Seen(np.array(centroids), labels, total)


def plain_trace(X: Array, start: Array, max_iter: int = 100) -> list[Seen]:
    steps = [plain_step(X, start.tolist())]
    for _ in range(max_iter):
        last = steps[-1]
        means = []
        for j, old in enumerate(last.centroids.tolist()):
            own = [p for p, label in zip(X.tolist(), last.labels, strict=True) if label == j]
            means.append([sum(column) / len(own) for column in zip(*own, strict=True)] if own else old)
        steps.append(plain_step(X, means))
        if steps[-1].labels == last.labels:
            break
    return steps


def looked_at(got: Any, k: int, X: Array) -> list[Seen]:
    """The learner's steps as plain records, every field of the right kind."""
    assert_type(got, (list, tuple), what="trace")
    require(len(got) > 0, "trace returned no steps; step 0 is the start", got=got)
    seen = []
    for i, step in enumerate(got):
        where = f"trace(...)[{i}]"
        fields = [getattr(step, name, None) for name in ("centroids", "labels", "inertia")]
        centroids, labels = as_array(fields[0], f"{where}.centroids"), as_array(fields[1], f"{where}.labels")
        assert_shape(centroids, (k, X.shape[1]), what=f"{where}.centroids")
        assert_shape(labels, (len(X),), what=f"{where}.labels")
        assert_dtype(labels, "integer", what=f"{where}.labels")
        assert_type(fields[2], (int, float, np.floating), what=f"{where}.inertia")
        seen.append(Seen(centroids, [int(label) for label in labels], float(fields[2])))
    return seen


def traced(X: Array, start: Array, **settings: int) -> list[Seen]:
    return looked_at(work.trace(X.copy(), start.copy(), **settings), len(start), X)


def assert_same_step(i: int, got: Seen, expected: Seen) -> None:
    assert_close(got.centroids, expected.centroids, what=f"trace(...)[{i}].centroids")
    assert_equal(got.labels, expected.labels, what=f"trace(...)[{i}].labels")
    assert_close(got.inertia, expected.inertia, what=f"trace(...)[{i}].inertia")


def crowd(stream: int, n: int, d: int = 2) -> Array:
    return rng(stream).uniform(0.0, 10.0, (n, d))


def test_step_0_is_the_start() -> None:
    """Step 0 holds the start as centroids, the labels that assign returns for it, and the inertia of both."""
    X = crowd(1, 60, 3)
    for points, start in ((SQUARE, np.array([[0.0, 0.0], [1.0, 0.0]])), (X, X[:4])):
        expected = plain_step(points, start.tolist())
        assert_same_step(0, traced(points, start)[0], expected)


def test_every_step_follows_from_the_one_before() -> None:
    """Each further step holds the updated centroids, the labels that these have, and the inertia of both."""
    line = np.array([[0.0], [1.0], [2.0], [10.0]])
    cases = [(SQUARE, np.array([[0.0, 0.0], [1.0, 0.0]])), (line, line[:2])]
    for n, k, d in [(7, 2, 1), (60, 4, 2), (129, 5, 3)]:
        X = crowd(n, n, d)
        cases.append((X, X[:k]))
    for X, start in cases:
        expected = plain_trace(X, start)
        # Too short or too long a trace is the business of the next check.
        for i, (got, wanted) in enumerate(zip(traced(X, start), expected, strict=False)):
            assert_same_step(i, got, wanted)


def test_an_empty_cluster_stays_in_the_trace() -> None:
    """A centroid without points stays where it is through all steps, also with integer points and start."""
    X, start = np.array([[0, 0], [1, 0], [9, 0], [10, 0]]), np.array([[0, 0], [50, 50], [3, 0]])
    expected = plain_trace(X, start)
    got = traced(X, start)
    for i, (one, wanted) in enumerate(zip(got, expected, strict=False)):
        assert_same_step(i, one, wanted)


def assert_number(got: list[Seen], expected: int) -> None:
    message = f"trace returned {len(got)} steps, expected {expected}"
    shown = [Shown(f"{n} steps") for n in (len(got), expected)]
    require(len(got) == expected, message, got=shown[0], expected=shown[1])


def test_it_ends_when_no_label_changes() -> None:
    """The last step is the first whose labels equal those of the step before, or step max_iter."""
    resting = np.array([[0.0, 1.0], [10.0, 1.0]])
    assert_number(traced(SQUARE, resting), 2)
    assert_number(traced(SQUARE, np.array([[0.0, 0.0], [1.0, 0.0]]), max_iter=0), 1)
    X = crowd(2, 120)
    start = X[:6] * 0.1
    expected = len(plain_trace(X, start))
    for max_iter in (0, 1, 3):
        assert_number(traced(X, start, max_iter=max_iter), min(max_iter + 1, expected))
    assert_number(traced(X, start), expected)
    # Points without clusters settle slowly: the inertia hardly falls while labels still change.
    level = rng(21).random((500, 2))
    expected = len(plain_trace(level, level[:4]))
    assert_number(traced(level, level[:4]), expected)
    assert_number(traced(level * 1e-6, level[:4] * 1e-6), len(plain_trace(level * 1e-6, level[:4] * 1e-6)))


def counted(call: Callable[[], Any]) -> tuple[Any, Counter[str]]:
    """Run `call` and count how often each function of the learner's k_means began."""
    codes = {}
    for name in ("assign", "update", "inertia"):
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


def test_the_steps_come_from_your_own_k_means() -> None:
    """trace calls the assign, update and inertia of your own k_means for its steps."""
    X = crowd(4, 50)
    got, calls = counted(lambda: work.trace(X.copy(), X[:3].copy()))
    n = len(looked_at(got, 3, X))
    for name, least in (("assign", n), ("update", n - 1), ("inertia", n)):
        message = f"{n} steps were traced, but k_means.{name} was called {calls[name]} times"
        require(calls[name] >= least, message, expected=Shown(f"at least {least} calls of k_means.{name}"))


def make_steps(X: Array, start: Array, max_iter: int = 100) -> list[Any]:
    """Steps of the learner's own type, made by the plain loop."""
    made = []
    for step in plain_trace(X, start, max_iter):
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


def by_label(artists: Any, word: str) -> dict[str, Any]:
    """Artists of draw_clusters whose label begins with `word`, by label; one each."""
    found: dict[str, Any] = {}
    for artist in artists:
        label = str(artist.get_label())
        if label.startswith(word):
            require(label not in found, f"draw_clusters drew {label!r} more than once")
            found[label] = artist
    return found


def scatters(axes: Any) -> dict[str, Any]:
    from matplotlib.collections import PathCollection

    return by_label([c for c in axes.collections if isinstance(c, PathCollection)], "cluster")


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
    """The axes of the learner's picture of the clusters."""
    figure = as_figure(work.draw_clusters(X.copy(), steps, **names), "draw_clusters")
    require(len(figure.get_axes()) > 0, "draw_clusters drew no axes")
    return figure.get_axes()[0]


def petals() -> tuple[Array, Array]:
    """Petals of iris, and a start that puts all centroids into one kind."""
    from sklearn.datasets import load_iris

    X = load_iris().data[:, 2:]
    return X, X[[0, 13, 24]]


def test_each_cluster_is_drawn_in_its_colour() -> None:
    """Every cluster of the last step is one scatter of its own points, labelled, in a colour of its own."""
    row = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [10.0, 0.0]])
    # The second trace is cut off while labels still change: the last step differs from the one before.
    for X, start, max_iter in (
        (SQUARE, SQUARE[[0, 1]] + 0.1, 100),
        (row, row[:2], 1),
        (crowd(8, 80), crowd(8, 80)[:3], 100),
    ):
        steps = make_steps(X, start, max_iter)
        labels = np.array(steps[-1].labels)
        expected = [f"cluster {j}" for j in sorted(set(labels.tolist()))]
        found = scatters(drawn(X, steps))
        assert_equal(sorted(found), expected, what="the labels of the scatters")
        for name in expected:
            own = X[labels == int(name.split()[1])]
            assert_close(rows_sorted(found[name].get_offsets()), rows_sorted(own), what=f"the points of {name!r}")
    many = crowd(12, 30)
    steps = make_steps(many, many[:21], max_iter=0)  # each of the 21 has at least the point that it stands on
    found = scatters(drawn(many, steps))
    colours = {tuple(colour_of(c)) for c in found.values()}
    require(len(colours) == len(found), f"{len(found)} clusters have only {len(colours)} different colours")


def test_the_path_of_each_centroid_is_drawn() -> None:
    """The path of each centroid through all steps is one labelled line in the colour of its cluster."""
    X, start = petals()
    for points, begin, names in (
        (SQUARE, np.array([[0.0, 0.0], [1.0, 0.0]]), {}),
        (X, start, {"names": ("petal length (cm)", "petal width (cm)")}),
    ):
        steps = make_steps(points, begin)
        axes = drawn(points, steps, **names)
        lines, clouds = by_label(axes.get_lines(), "centroid"), scatters(axes)
        expected = [f"centroid {j}" for j in range(len(begin))]
        assert_equal(sorted(lines), expected, what="the labels of the lines")
        for j, name in enumerate(expected):
            path = np.array([step.centroids[j] for step in steps])
            assert_close(np.asarray(lines[name].get_xydata()), path, what=f"the line {name!r}")
            cloud = clouds.get(f"cluster {j}")
            if cloud is not None:
                same = colour_of(cloud) == rgb(lines[name].get_color())
                require(same, f"{name!r} and 'cluster {j}' have different colours")
    keep_picture(axes.figure, "iris")


def test_the_picture_can_be_read() -> None:
    """The picture has axis names, a legend, equal scales and the number of iterations in its title."""
    X = crowd(10, 70)
    steps = make_steps(X, X[:4])
    axes = drawn(X, steps, names=("petal length", "petal width"))
    assert_equal([axes.get_xlabel(), axes.get_ylabel()], ["petal length", "petal width"], what="the axis labels")
    require(axes.get_legend() is not None, "there is no legend")
    texts = [t.get_text() for t in axes.get_legend().get_texts()]
    for label in ("cluster 0", "centroid 0"):
        require(label in texts, f"the legend does not name {label!r}", got=texts)
    require(axes.get_aspect() in ("equal", 1.0), "the axes need equal scales", got=axes.get_aspect())
    title = str(axes.get_title() or axes.figure.get_suptitle())
    numbers = "".join(c if c.isdigit() else " " for c in title).split()
    n = len(steps) - 1
    require(str(n) in numbers, f"the title does not hold the number of iterations, {n}", got=title)
    plain = drawn(X, steps)
    assert_equal([plain.get_xlabel(), plain.get_ylabel()], ["x", "y"], what="the axis labels without names")


def convergence(steps: list[Any]) -> Any:
    figure = as_figure(work.draw_convergence(steps), "draw_convergence")
    require(len(figure.get_axes()) > 0, "draw_convergence drew no axes")
    return figure.get_axes()[0]


def test_the_convergence_is_drawn() -> None:
    """draw_convergence draws the inertia of every step over its number, with both axes named."""
    X, start = petals()
    for points, begin in ((SQUARE, np.array([[0.0, 0.0], [1.0, 0.0]])), (X, start)):
        steps = make_steps(points, begin)
        axes = convergence(steps)
        lines = axes.get_lines()
        require(len(lines) == 1, f"draw_convergence drew {len(lines)} lines, expected one")
        assert_close(np.asarray(lines[0].get_xdata(), dtype=float), np.arange(len(steps)), what="x of the line")
        wanted = [step.inertia for step in steps]
        assert_close(np.asarray(lines[0].get_ydata(), dtype=float), wanted, what="y of the line")
        require("iteration" in axes.get_xlabel().lower(), "the x label lacks 'iteration'", got=axes.get_xlabel())
        require("inertia" in axes.get_ylabel().lower(), "the y label lacks 'inertia'", got=axes.get_ylabel())
    keep_picture(axes.figure, "iris_convergence")


edges()


def test_the_past_is_kept() -> None:
    """X and start stay as they were, and a later change to start changes no step."""
    for X, start in ((SQUARE.copy(), np.array([[0.0, 0.0], [1.0, 0.0]])), (crowd(5, 40), crowd(5, 40)[:3].copy())):
        expected = start.copy()
        with unchanged(X=X, start=start):
            got = work.trace(X, start)
        looked_at(got, len(start), X)
        start[:] = 99.0
        kept = as_array(got[0].centroids, "trace(...)[0].centroids")
        message = "start was set to 99 after the call, and step 0 changed with it"
        require(np.array_equal(kept, expected), message, got=kept, expected=expected)


def test_an_empty_cluster_has_no_scatter() -> None:
    """A cluster without points in the last step has a path, but no scatter."""
    X = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0]])
    steps = make_steps(X, np.array([[0.0, 0.0], [50.0, 50.0], [9.0, 0.0]]))
    axes = drawn(X, steps)
    assert_equal(sorted(scatters(axes)), ["cluster 0", "cluster 2"], what="the labels of the scatters")
    expected = ["centroid 0", "centroid 1", "centroid 2"]
    assert_equal(sorted(by_label(axes.get_lines(), "centroid")), expected, what="the labels of the lines")


def test_each_call_returns_a_new_figure() -> None:
    """A second call, of either function, returns a figure of its own with one axes, and adds nothing to the first."""
    X = crowd(11, 30)
    steps = make_steps(X, X[:2])
    first, second = (as_figure(work.draw_clusters(X.copy(), steps), "draw_clusters") for _ in range(2))
    require(second is not first, "a second call of draw_clusters drew on the first figure")
    only_axes(second, "draw_clusters")
    first, second = (as_figure(work.draw_convergence(steps), "draw_convergence") for _ in range(2))
    require(second is not first, "a second call of draw_convergence drew on the first figure")
    only_axes(second, "draw_convergence")


def test_points_of_other_dimensions_are_refused() -> None:
    """draw_clusters raises ValueError when X does not have two columns."""
    for d in (3, 1):
        X = crowd(14, 10, d)
        steps = make_steps(X, X[:2])
        assert_raises(ValueError, work.draw_clusters, X.copy(), steps)
