"""Hidden test of c05_project_clustering_pipeline."""

import contextlib
import io
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
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
    assert_raises,
    assert_shape,
    assert_type,
    calling,
    edges,
    global_random_state_kept,
    keep_picture,
    learner,
    learner_module,
    require,
    rng,
    temporary_folder,
    unchanged,
)

work = learner("iris_clusters")
Array = NDArray[Any]

LABELS = np.array([2, 2, 2, 0, 0, 1, 1, 1])
TRUTH = np.array([0, 0, 0, 1, 1, 1, 2, 2])


def crowd(stream: int, n: int = 50) -> Array:
    """Points without clear clusters, so that starts end in different places."""
    return rng(stream).uniform(0.0, 10.0, (n, 2))


def plain_best(X: Array, k: int, n_init: int, seed: int) -> Any:
    """By the learner's own solved katas: the trace of lowest final inertia."""
    plus_plus, trace = learner_module("k_means").plus_plus, learner_module("clusters").trace
    generator = np.random.default_rng(seed)
    traces = [trace(X, plus_plus(X, k, generator)) for _ in range(n_init)]
    return min(traces, key=lambda steps: steps[-1].inertia)


def plain_table(labels: Array, truth: Array, k: int) -> list[list[int]]:
    pairs = list(zip(labels.tolist(), truth.tolist(), strict=True))
    return [[pairs.count((i, j)) for j in range(k)] for i in range(k)]


def plain_hits(labels: Array, truth: Array, k: int) -> int:
    """The most rows that can be equal under any one-to-one renaming."""
    table = plain_table(labels, truth, k)
    return max(sum(table[i][name] for i, name in enumerate(names)) for names in permutations(range(k)))


def groupings() -> list[tuple[Array, Array, int]]:
    """Clusters and classes; in the third, taking the largest count first is not the best way."""
    draws = rng(1)
    greedy = np.repeat([0, 0, 1, 1], [10, 9, 9, 1]), np.repeat([0, 1, 0, 1], [10, 9, 9, 1])
    cases = [(LABELS, TRUTH, 3), ((TRUTH + 1) % 3, TRUTH, 3), (*greedy, 2)]
    # Two clusters of the same class: only one of them may have its name.
    cases += [(np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 0, 0, 0, 1]), 3)]
    cases += [(draws.integers(0, k, 40), draws.integers(0, k, 40), k) for k in (2, 3, 4, 5)]
    # Fewer clusters than k occur.
    return [*cases, (np.zeros(4, dtype=int), np.array([2, 2, 1, 0]), 3)]


def last_start_wins(X: Array, k: int, n_init: int) -> int:
    """The first seed with which the last of n_init starts ends lower than all before it."""
    for seed in range(200):
        before, all_of_them = (plain_best(X, k, n, seed)[-1].inertia for n in (n_init - 1, n_init))
        if all_of_them < before * 0.999:
            return seed
    return 0


def test_the_best_of_several_starts_is_kept() -> None:
    """1. best_trace returns the trace of lowest final inertia of n_init starts from one generator."""
    small = crowd(2, 8)
    cases: list[tuple[Array, dict[str, int]]] = [
        (small, {"k": 2, "n_init": 1}),
        (small, {"k": 3, "n_init": 2, "seed": last_start_wins(small, 3, 2)}),
        (crowd(3), {"k": 5, "n_init": 4}),
    ]
    cases += [(crowd(4), {"k": 4, "n_init": 6, "seed": 3}), (crowd(5), {"k": 6, "seed": 1}), (crowd(6), {})]
    for X, settings in cases:
        known = {"k": 3, "n_init": 10, "seed": 0, **settings}
        expected = plain_best(X, known["k"], known["n_init"], known["seed"])
        got = work.best_trace(X.copy(), **settings)
        require(isinstance(got, list | tuple) and len(got) > 0, "best_trace must return a list of Step", got=got)
        fields = [getattr(got[-1], name, None) for name in ("centroids", "inertia")]
        require(fields[0] is not None, "best_trace must return a list of Step", got=got)
        assert_close(fields[1], expected[-1].inertia, what="the inertia of the last step")
        assert_close(as_array(fields[0], "centroids"), expected[-1].centroids, what="the centroids of the last step")
        require(len(got) == len(expected), f"the trace has {len(got)} steps, expected {len(expected)}")


def test_clusters_are_rows_and_classes_columns() -> None:
    """2. contingency counts the rows of each cluster (row) and class (column)."""
    for labels, truth, k in groupings():
        expected = plain_table(labels, truth, k)
        got = work.contingency(labels.copy(), truth.copy(), k)
        assert_close(got, expected)
        assert_dtype(got, "integer", what="contingency")


def test_clusters_are_renamed_one_to_one() -> None:
    """3. match renames the clusters one-to-one, so that as many labels as possible equal truth."""
    for labels, truth, k in groupings():
        hits = plain_hits(labels, truth, k)
        got = as_array(work.match(labels.copy(), truth.copy(), k), "match")
        assert_shape(got, labels.shape, what="match")
        names = {(int(a), float(b)) for a, b in zip(labels, got, strict=True)}
        one_to_one = len(names) == len({a for a, _ in names}) == len({b for _, b in names})
        require(one_to_one, "each cluster must have one name, and no two the same", got=got)
        require(set(got.tolist()) <= set(range(k)), f"the names must be from 0 to {k - 1}", got=got)
        found = int((got == truth).sum())
        require(found == hits, f"{found} labels equal truth after the matching; {hits} can", got=got)


def test_the_names_of_clusters_do_not_matter() -> None:
    """4. agreement returns the share of equal rows after the best matching."""
    for labels, truth, k in groupings():
        expected = plain_hits(labels, truth, k) / len(labels)
        for shift in range(k):
            got = work.agreement((labels + shift) % k, truth.copy(), k)
            assert_type(got, (float, int, np.floating), what="agreement")
            assert_close(got, expected)


def cloud() -> tuple[Array, Array, Array, list[str]]:
    points = crowd(7, 30)
    truth = (points[:, 0] // 3.4).astype(int)
    labels = (np.where(points[:, 1] > 8, 0, truth) + 1) % 3
    truth[:3] = 0, 1, 2
    labels[:3] = 1, 2, 0
    return points, labels, truth, ["oak", "elm", "ash"]


def six_classes() -> tuple[Array, Array, Array, list[str]]:
    truth = np.arange(18) % 6
    return crowd(9, 18), (truth + 1) % 6, truth, ["oak", "elm", "ash", "fir", "yew", "box"]


def drawn(points: Array, labels: Array, truth: Array, names: list[str]) -> tuple[Any, Any, Any]:
    figure = as_figure(work.draw(points.copy(), labels.copy(), truth.copy(), list(names)), "draw")
    axes = figure.get_axes()
    require(len(axes) == 2, f"draw drew {len(axes)} axes, expected two")
    boxes = [a.get_position() for a in axes]
    beside = boxes[0].x0 < boxes[1].x0 and abs(boxes[0].y0 - boxes[1].y0) < 0.1
    require(beside, "the two axes must stand side by side, that of the clusters on the left")
    return figure, axes[0], axes[1]


def scatters(axes: Any, side: str) -> dict[str, tuple[list[list[float]], Any]]:
    """Label -> (points in order, colour)."""
    from matplotlib.collections import PathCollection

    found: dict[str, tuple[list[list[float]], Any]] = {}
    for artist in axes.collections:
        if not isinstance(artist, PathCollection):
            continue
        artist.update_scalarmappable()
        colours = {tuple(np.round(c[:3], 3).tolist()) for c in np.asarray(artist.get_facecolor())}
        label = str(artist.get_label())
        require(label not in found, f"the {side} axes have two scatters labelled {label!r}")
        found[label] = sorted(np.asarray(artist.get_offsets(), dtype=float).tolist()), sorted(colours)
    return found


def assert_groups(left: Any, right: Any, points: Array, labels: Array, truth: Array, names: list[str]) -> None:
    """Both axes show the points of each class in one scatter; the labels are those of clusters that have one match."""
    k = len(names)
    way = max(permutations(range(k)), key=lambda way: int(sum(np.array(way)[labels] == truth)))
    for side, axes, groups in (("left", left, np.array(way)[labels]), ("right", right, truth)):
        found = scatters(axes, side)
        assert_equal(sorted(found), sorted(names), what=f"the labels of the scatters on the {side}")
        for j, name in enumerate(names):
            expected = sorted(points[groups == j].tolist())
            require(len(found[name][0]) == len(expected), f"{name!r} on the {side} has the points of another class")
            assert_close(np.array(found[name][0]), np.array(expected), what=f"the points of {name!r} on the {side}")


def test_both_groupings_are_drawn_side_by_side() -> None:
    """5. draw shows the matched clusters on the left and the labels on the right, each class in one colour."""
    for points, labels, truth, names in (cloud(), six_classes()):
        _, left, right = drawn(points, labels, truth, names)
        assert_groups(left, right, points, labels, truth, names)
        colours = [scatters(axes, "")[name][1] for name in names for axes in (left, right)]
        require(all(len(c) == 1 for c in colours), "a class has several colours")
        require(colours[0::2] == colours[1::2], "a class has different colours on the left and on the right")
        require(len({str(c) for c in colours}) == len(names), f"of {len(names)} classes, two share a colour")


def test_the_pictures_can_be_compared() -> None:
    """6. Both axes have the same limits, a legend, names and a title."""
    figure, left, right = drawn(*cloud())
    for axes, word in ((left, "clusters"), (right, "labels")):
        require(word in axes.get_title().lower(), f"the title lacks {word!r}", got=axes.get_title())
        require(axes.get_legend() is not None, f"the axes of the {word} have no legend")
        texts = [t.get_text() for t in axes.get_legend().get_texts()]
        assert_equal(sorted(texts), sorted(cloud()[3]), what=f"the legend of the {word}")
        require(axes.get_xlabel() != "" and axes.get_ylabel() != "", f"the axes of the {word} have no names")
    assert_close(left.get_xlim() + left.get_ylim(), right.get_xlim() + right.get_ylim(), what="the limits on the left")
    second = as_figure(work.draw(*cloud()), "draw")
    require(second is not figure and len(second.get_axes()) == 2, "a second call must return a new figure")


@contextlib.contextmanager
def quick_pictures() -> Iterator[list[Any]]:
    """Figure.savefig writes an empty picture: what takes time is the rendering, which one run does in earnest.

    Yields the figures that were to be saved.
    """
    from matplotlib.figure import Figure

    original = Figure.savefig
    saved: list[Any] = []

    def savefig(figure: Any, target: Any, *args: Any, **settings: Any) -> None:
        saved.append(figure)
        blank = io.BytesIO()
        original(Figure(figsize=(1, 1)), blank, format="png")
        if hasattr(target, "write"):
            target.write(blank.getvalue())
        else:
            Path(target).write_bytes(blank.getvalue())

    Figure.savefig = savefig  # type: ignore[assignment, method-assign]
    try:
        yield saved
    finally:
        Figure.savefig = original  # type: ignore[method-assign]


def ran(*args: str, quick: bool = True) -> tuple[Any, str, str, list[Any]]:
    """Exit code and output of main in this process, and the figures that it has saved, where that is quick."""
    saved: list[Any] = []
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(errors))
        if quick:
            saved = stack.enter_context(quick_pictures())
        try:
            code = work.main(list(args))
        except SystemExit as end:
            code = 0 if end.code is None else end.code
    return code, out.getvalue(), errors.getvalue(), saved


def test_the_program_compares_the_flowers() -> None:
    """7. The program clusters Iris, writes the picture, and prints the agreement and the table."""
    from sklearn.datasets import load_iris

    iris = load_iris()
    points = learner_module("components").project(iris.data, 2).points
    with temporary_folder() as folder, contextlib.chdir(folder):
        for name, args, seed in (("iris.png", [], 0), ("flowers.png", ["--out", "flowers.png", "--seed", "1"], 1)):
            labels = plain_best(points, 3, 10, seed)[-1].labels
            ways = max(permutations(range(3)), key=lambda way: sum(np.array(way)[labels] == iris.target))
            matched = np.array(ways)[labels]
            expected = [f"agreement: {plain_hits(labels, iris.target, 3) / 150:.4f}"]
            for flower, row in zip(iris.target_names, plain_table(matched, iris.target, 3), strict=True):
                expected.append(f"{flower}: {row[0]} {row[1]} {row[2]}")
            call = " ".join(["python iris_clusters.py", *args])
            with calling(call):
                code, out, _, saved = ran(*args, quick=name == "flowers.png")
            assert_equal(code, 0, what="the exit code", call=call)
            assert_equal(out.split("\n"), [*expected, ""], what="the lines printed", call=call)
            path = Path(name)
            whole = path.is_file() and path.read_bytes().startswith(b"\x89PNG")
            require(whole, f"{name} is no PNG picture, or was not written", call=call)
            for figure in saved:
                axes = figure.get_axes()
                require(len(axes) == 2, f"the figure in {name} has {len(axes)} axes, expected two", call=call)
                with calling(call):
                    assert_groups(axes[0], axes[1], points, labels, iris.target, iris.target_names.tolist())
        keep_picture(folder / "iris.png", "iris")


def test_the_program_explains_itself() -> None:
    """7. --help prints both options and exits with 0."""
    call = "python iris_clusters.py --help"
    code, out, _, _ = ran("--help")
    require(code == 0, f"the exit code is {code}, expected 0", got=Shown(out), call=call)
    for option in ("--out", "--seed"):
        require(option in out, f"the help does not name {option}", got=Shown(out), call=call)


edges()


def test_nothing_else_changes() -> None:
    """8. Inputs and NumPy's global random state stay as they were."""
    points, labels, truth, names = cloud()
    with global_random_state_kept(), unchanged(points=points, labels=labels, truth=truth):
        work.best_trace(points, 3, n_init=2, seed=11)
        work.contingency(labels, truth, 3)
        work.match(labels, truth, 3)
        work.agreement(labels, truth, 3)
        work.draw(points, labels, truth, names)


def test_what_does_not_fit_is_refused() -> None:
    """9. Arrays of different lengths, and points without two columns, are refused."""
    for truth in (TRUTH[:7], TRUTH[:1], np.append(TRUTH, 0)):
        for function in (work.contingency, work.match, work.agreement):
            assert_raises(ValueError, function, LABELS.copy(), truth.copy(), 3)
    for d in (1, 3):
        points = rng(8).normal(size=(8, d))
        assert_raises(ValueError, work.draw, points, LABELS.copy(), TRUTH.copy(), ["a", "b", "c"])


def test_a_picture_that_cannot_be_written_is_said() -> None:
    """10. A path that cannot be written ends with exit code 1 and a message with the path."""
    with temporary_folder() as folder:
        (folder / "taken.png").mkdir()
        for path in (folder / "missing" / "iris.png", folder / "taken.png"):
            call = f"python iris_clusters.py --out {path.name}"
            with calling(call):
                code, out, errors, _ = ran("--out", str(path))
            assert_equal(code, 1, what="the exit code", call=call)
            assert_equal(out, "", what="standard output", call=call)
            said = str(path) in errors and "Traceback" not in errors
            require(said, "standard error must have a message with the path", got=Shown(errors or "nothing"), call=call)
