"""Hidden test of b01_pca_visualized."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    as_figure,
    assert_close,
    assert_equal,
    assert_shape,
    assert_type,
    edges,
    keep_picture,
    learner,
    no_warnings,
    part,
    require,
    rng,
    unchanged,
)

work = learner("pca_map")
Array = NDArray[Any]

SMALL = np.array([[2.0, 0.0], [0.0, 2.0], [4.0, 2.0], [2.0, 4.0], [7.0, 7.0]])
NAMES = ["oak", "elm", "ash", "fir"]


class Plain(NamedTuple):
    """What the singular values of the centred table say; components in any sign."""

    mean: Array
    components: Array
    variances: Array
    ratios: Array


def plain_fit(x: Array, k: int) -> Plain:
    mean = x.mean(axis=0)
    _, s, vt = np.linalg.svd(x - mean, full_matrices=False)
    variances = s**2 / (len(x) - 1)
    return Plain(mean, vt[:k], variances[:k], variances[:k] / variances.sum())


def plain_kept(fitted: Plain, x: Array, k: int) -> float:
    """Row by row, by the distances themselves."""
    lost = whole = 0.0
    for row in x.astype(float):
        away = row - fitted.mean
        near = sum(((away @ c) * c for c in fitted.components[:k]), np.zeros(len(row)))
        lost, whole = lost + float(((away - near) ** 2).sum()), whole + float((away**2).sum())
    return 1 - lost / whole


def table(stream: int, n: int = 40, d: int = 5) -> Array:
    """A cloud away from zero, with another spread along each of some slanting directions."""
    draws = rng(stream)
    slanted = np.linalg.qr(draws.normal(size=(d, d)))[0]
    return draws.normal(size=(n, d)) * 2.0 ** np.arange(d)[::-1] @ slanted + draws.uniform(5.0, 20.0, d)


def flat_table(stream: int, noise: float = 0.0) -> Array:
    """Three columns, the last of which follows from the others: one direction has no spread, or hardly any."""
    a = rng(stream).normal(size=(30, 2)) * [3.0, 1.0]
    return np.column_stack([a, 2.0 * a[:, 0] + 0.5 * a[:, 1] + noise * (-1.0) ** np.arange(30)])


def tables() -> list[tuple[Array, int]]:
    return [(SMALL, 1), (SMALL, 2), (table(1), 2), (table(2, 6, 9), 4), (1e-6 * table(3), 5)]


def looked_at(m: Any, k: int, d: int) -> Plain:
    """The arrays of the learner's map."""
    require(m is not None, "fit_map returned None; is a return missing?")
    shapes = {"mean": (d,), "components": (k, d), "variances": (k,), "ratios": (k,)}
    fields = {name: as_array(getattr(m, name, None), f"m.{name}") for name in shapes}
    for name, shape in shapes.items():
        assert_shape(fields[name], shape, what=f"m.{name}")
    return Plain(**fields)


def fitted(x: Array, k: int = 2, **settings: Any) -> tuple[Any, Plain]:
    """The learner's map and its arrays."""
    m = work.fit_map(x.copy(), k, **settings)
    return m, looked_at(m, k, x.shape[1])


@part("Axes")
def test_the_map_has_the_leading_directions() -> None:
    """1. The map holds mean, k leading directions, variances and ratios of the columns as they are."""
    for x, k in tables():
        expected = plain_fit(x, k)
        _, got = fitted(x, k)
        assert_close(got.mean, expected.mean, what="m.mean")
        assert_close(got.variances, expected.variances, rtol=1e-6, atol=1e-20, what="m.variances")
        assert_close(got.ratios, expected.ratios, rtol=1e-6, what="m.ratios")
        # The sign is promise 2: here each direction is turned to the one that is expected.
        turned = got.components * np.sign((got.components * expected.components).sum(axis=1))[:, None]
        assert_close(turned, expected.components, rtol=1e-5, atol=1e-6, what="m.components, up to sign")


@part("Axes")
def test_the_settings_of_a_map() -> None:
    """1. A map has two components and does not whiten, unless told otherwise; whitening changes no direction."""
    x = table(4)
    m = work.fit_map(x.copy())
    plain = looked_at(m, 2, 5)
    assert_equal(getattr(m, "whiten", None), False, what="m.whiten")
    white, got = fitted(x, 2, whiten=True)
    assert_equal(getattr(white, "whiten", None), True, what="m.whiten")
    for name in Plain._fields:
        assert_close(getattr(got, name), getattr(plain, name), what=f"m.{name} of a map that whitens")


@part("Axes")
def test_the_signs_are_pinned() -> None:
    """2. In each component the entry of the largest absolute value is positive."""
    for x, k in [(np.array([[1.0, 2.0], [2.0, 0.0], [4.0, -3.0]]), 2), *((table(s, 30, 6), 6) for s in range(5, 15))]:
        _, got = fitted(x, k)
        for component in got.components:
            largest = component[np.abs(component).argmax()]
            require(bool(largest > 0), "the largest entry of a component is negative", got=component)


@part("Points")
def test_points_are_counted_from_the_training_mean() -> None:
    """3. A row is placed along the components from the mean of the training rows, whatever it comes with."""
    for x, k in tables():
        m, known = fitted(x, k)
        for rows in (x[:1], x[-2:], x, x[:3] + 10.0, np.zeros((2, x.shape[1])), x[::-2]):
            expected = np.array([[float((row - known.mean) @ c) for c in known.components] for row in rows])
            assert_close(work.place(m, rows.copy()), expected, rtol=1e-6, atol=1e-9)


@part("Points")
def test_whitened_points_have_one_spread() -> None:
    """4. A map that whitens divides each coordinate by the deviation of the training points along its direction."""
    for x, k in tables():
        deviation = np.sqrt(plain_fit(x, k).variances)
        m, known = fitted(x, k, whiten=True)
        for rows in (x, x[:1], x[1:3] + 10.0):
            expected = np.array([[(row - known.mean) @ c for c in known.components] / deviation for row in rows])
            assert_close(work.place(m, rows.copy()), expected, rtol=1e-5, atol=1e-7)
        got = as_array(work.place(m, x.copy()), "place")
        assert_close(got.std(axis=0, ddof=1), np.ones(k), rtol=1e-5, what="the deviations of the training points")


@part("Points")
def test_points_go_back_to_the_nearest_rows() -> None:
    """5. rebuild returns the nearest rows that k directions reach; with all directions, the rows themselves."""
    for x, k in tables():
        known = plain_fit(x, k)
        for whiten in (False, True):
            m, _ = fitted(x, k, whiten=whiten)
            for rows in (x[:1], x, x[:3] + 1.0):
                expected = (rows - known.mean) @ known.components.T @ known.components + known.mean
                got = work.rebuild(m, as_array(work.place(m, rows.copy()), "place"))
                assert_close(got, expected, rtol=1e-6, atol=1e-9)


@part("What is kept")
def test_what_a_map_keeps_is_measured() -> None:
    """6. kept is 1 - the squared distances to the rebuilt rows over those to the mean of the map."""
    for x, k in tables():
        known = plain_fit(x, k)
        for whiten in (False, True):
            m, _ = fitted(x, k, whiten=whiten)
            for rows in (x, x[:1], 1.5 * x[:4] + 1e-6, x[::-1] - x.mean()):
                expected = plain_kept(known, rows, k)
                got = work.kept(m, rows.copy())
                assert_close(got, expected, rtol=1e-6, atol=1e-9)
                assert_type(got, (float, np.floating), what="kept")


@part("What is kept")
def test_of_the_training_rows_the_ratios_are_kept() -> None:
    """6. Of the training rows a map keeps the sum of its ratios."""
    for x, k in tables():
        m, known = fitted(x, k)
        assert_close(work.kept(m, x.copy()), known.ratios.sum(), rtol=1e-6, atol=1e-9)


@part("What is kept")
def test_more_components_keep_more() -> None:
    """7. kept_curve returns what 1, 2, …, k components, fitted on x alone, keep of x and of x_new."""
    for x, x_new, k in [(SMALL, SMALL[:2] + 1, 2), (table(16, 12, 6), table(17, 30, 6), 4), (table(18), table(19), 5)]:
        known = plain_fit(x, k)
        got = work.kept_curve(x.copy(), x_new.copy(), k)
        two = isinstance(got, tuple | list) and len(got) == 2
        require(two, "kept_curve must return two arrays", got=got)
        for curve, rows, what in zip(got, (x, x_new), ("what is kept of x", "what is kept of x_new"), strict=True):
            expected = [plain_kept(known, rows, i) for i in range(1, k + 1)]
            assert_close(as_array(curve, what), expected, rtol=1e-6, atol=1e-9, what=what)


def the_axes(figure: Any, what: str) -> Any:
    axes = as_figure(figure, what).get_axes()
    require(len(axes) == 1, f"{what} must draw one axes", got=len(axes))
    return axes[0]


def legend_of(axes: Any) -> list[str]:
    """The names in the legend, be it of the axes or of the whole figure."""
    legends = [legend for legend in (axes.get_legend(), *axes.figure.legends) if legend is not None]
    return [text.get_text() for legend in legends for text in legend.get_texts()]


class Dots(NamedTuple):
    label: str
    points: Array
    colour: tuple[float, ...]
    marker: str


def scatters(axes: Any) -> list[Dots]:
    """What scatter has drawn; a hollow marker counts as another one than a filled one."""
    from matplotlib.collections import PathCollection

    found = []
    for artist in axes.collections:
        if isinstance(artist, PathCollection):
            artist.update_scalarmappable()
            faces = [c for c in np.atleast_2d(artist.get_facecolor()) if len(c) == 4 and c[3] > 0]
            edged = [c for c in np.atleast_2d(artist.get_edgecolor()) if len(c) == 4]
            colours = {tuple(np.round(c[:3], 3).tolist()) for c in faces or edged}
            points = np.ma.filled(artist.get_offsets(), np.nan).astype(float).reshape(-1, 2)
            require(len(colours) <= 1, "one scatter has points of several colours", got=str(artist.get_label()))
            marker = repr([(path.vertices.round(6).tolist(), bool(faces)) for path in artist.get_paths()])
            found.append(Dots(str(artist.get_label()), points, colours.pop() if colours else (), marker))
    return found


def sorted_rows(points: Array) -> Array:
    return points[np.lexsort(points.T)]


def holds(points: Array, expected: Array) -> bool:
    near = points.shape == expected.shape
    return near and bool(np.allclose(sorted_rows(points), sorted_rows(expected), rtol=1e-6, atol=1e-7))


def class_of(axes: Any, name: str, expected: Array) -> Dots:
    """The one scatter with the name of a class."""
    found = [dots for dots in scatters(axes) if dots.label == name]
    require(len(found) == 1, f"expected one scatter labelled {name!r}, found {len(found)}")
    told = Shown(f"the {len(expected)} training points of {name!r}")
    require(
        holds(found[0].points, expected), f"the scatter {name!r} has other points", got=found[0].points, expected=told
    )
    return found[0]


def forest() -> tuple[Array, Array, Array, Array]:
    """Rows of four classes and new ones."""
    x, x_new = table(20, 41, 6), table(21, 23, 6)
    return x, rng(22).permutation(np.arange(41) % 4), x_new, rng(23).permutation(np.arange(23) % 4)


def plane(m: Any, rows: Array) -> Array:
    """The first two coordinates that the learner's place has for these rows."""
    return np.asarray(as_array(work.place(m, rows.copy()), "place")[:, :2], dtype=float)


@part("Pictures")
def test_each_class_is_a_scatter() -> None:
    """8. Class j is one scatter of its training points, labelled names[j], in a colour of its own."""
    x, labels, _, _ = forest()
    for k, whiten in ((2, False), (3, False), (2, True)):
        m, _ = fitted(x, k, whiten=whiten)
        points = plane(m, x)
        axes = the_axes(work.draw_map(m, x.copy(), labels.copy(), list(NAMES)), "draw_map")
        colours = [class_of(axes, name, points[labels == j]).colour for j, name in enumerate(NAMES)]
        require(len(set(colours)) == len(NAMES), "two classes share a colour", got=colours)


@part("Pictures")
def test_new_rows_have_another_marker() -> None:
    """8. New rows are placed on the same map, in the colours of their classes, with one other marker."""
    x, labels, x_new, labels_new = forest()
    m, _ = fitted(x)
    points, points_new = plane(m, x), plane(m, x_new)
    figure = work.draw_map(m, x.copy(), labels.copy(), list(NAMES), x_new.copy(), labels_new.copy())
    axes = the_axes(figure, "draw_map")
    markers, others = set(), set()
    for j, name in enumerate(NAMES):
        known, expected = class_of(axes, name, points[labels == j]), points_new[labels_new == j]
        found = [dots for dots in scatters(axes) if dots.label not in NAMES and holds(dots.points, expected)]
        require(
            len(found) == 1, f"expected one scatter of the {len(expected)} new points of {name!r}, found {len(found)}"
        )
        same = found[0].colour == known.colour
        require(same, f"the new points of {name!r} have another colour than the training points")
        markers, others = markers | {known.marker}, others | {found[0].marker}
    require(len(markers) == len(others) == 1, "the classes have different markers")
    require(markers != others, "new rows have the marker of training rows")


@part("Pictures")
def test_the_map_can_be_read() -> None:
    """9. The names of the axes hold their ratios, one unit is equally long on both, a legend names the classes."""
    x, labels, x_new, labels_new = forest()
    for whiten in (False, True):
        m, known = fitted(x, 3, whiten=whiten)
        axes = the_axes(work.draw_map(m, x, labels, list(NAMES), x_new, labels_new), "draw_map")
        for text, ratio, what in zip((axes.get_xlabel(), axes.get_ylabel()), known.ratios, "xy", strict=False):
            told = Shown(f"a name with {ratio:.1%}")
            require(f"{ratio:.1%}" in text, f"the {what} axis lacks its share of the variance", got=text, expected=told)
        aspect = axes.get_aspect()
        require(aspect == 1.0, "one unit is not equally long on both axes", got=aspect, expected="equal")
        texts = legend_of(axes)
        require(bool(texts), "draw_map has no legend")
        once = all(texts.count(name) == 1 for name in NAMES)
        require(once, "the legend must name each class once", got=texts, expected=NAMES)


def line_of(axes: Any, label: str) -> tuple[Array, Array]:
    found = [line for line in axes.get_lines() if line.get_label() == label]
    require(len(found) == 1, f"expected one line labelled {label!r}, found {len(found)}")
    x, y = (np.asarray(values, dtype=float) for values in found[0].get_data())
    return x, y


def assert_scree(axes: Any, x: Array, x_new: Array, k: int) -> None:
    known, numbers = plain_fit(x, k), np.arange(1, k + 1)
    bars = sorted((bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in axes.patches)
    require(len(bars) == k, f"expected {k} bars, found {len(bars)}")
    assert_close([at for at, _ in bars], numbers, what="where the bars stand")
    assert_close([height for _, height in bars], known.ratios, rtol=1e-6, what="the heights of the bars")
    for label, rows in (("training", x), ("new", x_new)):
        at, share = line_of(axes, label)
        assert_close(at, numbers, what=f"x of the line {label!r}")
        expected = [plain_kept(known, rows, i) for i in range(1, k + 1)]
        assert_close(share, expected, rtol=1e-6, atol=1e-9, what=f"y of the line {label!r}")


@part("Pictures")
def test_the_scree_is_drawn() -> None:
    """10. A bar shows the ratio of each component, two lines what is kept of training and of new rows."""
    seen: list[Any] = []
    for x, x_new, k in (
        (table(24, 15, 6), table(25, 9, 6), 3),
        (rng(26).normal(size=(60, 30)), rng(27).normal(size=(9, 30)), 10),
    ):
        figure = work.draw_scree(x.copy(), x_new.copy(), k) if k != 10 else work.draw_scree(x.copy(), x_new.copy())
        axes = the_axes(figure, "draw_scree")
        require(
            all(axes.figure is not other for other in seen), "a second call of draw_scree drew on an earlier figure"
        )
        seen.append(axes.figure)
        assert_scree(axes, x, x_new, k)
        low, high = sorted(axes.get_ylim())
        require(bool(low <= 0 and high >= 1), "the y axis must reach from 0 to 1", got=(low, high))
        named = legend_of(axes)
        require({"training", "new"} <= set(named), "the legend must name training and new", got=named)
        require(axes.get_xlabel() != "" and axes.get_ylabel() != "", "draw_scree leaves an axis without a name")


@part("Pictures")
def test_the_digits_are_fought() -> None:
    """11. fight draws both pictures of the first n_train digits and the n_new that follow."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    for n_train, n_new in ((50, 30), (300, 300)):
        x, x_new = digits.data[:n_train], digits.data[n_train : n_train + n_new]
        labels, labels_new = digits.target[:n_train], digits.target[n_train : n_train + n_new]
        m = work.fit_map(x.copy())
        points, points_new = plane(m, x), plane(m, x_new)
        got = work.fight(n_train, n_new) if n_train == 50 else work.fight()
        two = isinstance(got, tuple | list) and len(got) == 2
        require(two, "fight must return two figures", got=got)
        axes = the_axes(got[0], "the first figure of fight")
        dots = scatters(axes)
        colours = set()
        for j in range(10):
            colours.add(class_of(axes, str(j), points[labels == j]).colour)
            expected = points_new[labels_new == j]
            found = any(holds(each.points, expected) for each in dots if each.label != str(j))
            require(found, f"the picture lacks the {len(expected)} new points of the digit {j}")
        require(len(colours) == 10, "the ten digits do not have ten colours", got=sorted(colours))
        assert_scree(the_axes(got[1], "the second figure of fight"), x, x_new, 10)
    keep_picture(got[0], "digits_on_a_map")
    keep_picture(got[1], "what_is_kept")


edges()


@part("Points")
def test_a_flat_direction_is_not_whitened() -> None:
    """4. Along a direction of at most 1e-10 of the largest variance, a whitened coordinate is 0 for every row."""
    cases = [(flat_table(30, 3e-5), 3, 1), (flat_table(31), 3, 1), (1e-8 * flat_table(32), 3, 1)]
    cases += [(np.full((4, 3), 2.0), 2, 2)]
    for x, k, n_flat in cases:
        m, _ = fitted(x, k, whiten=True)
        for rows in (x, x + rng(33).normal(size=x.shape) * 1e-3):
            with no_warnings():
                got = as_array(work.place(m, rows.copy()), "place")
            assert_shape(got, (len(rows), k), what="place")
            call = "place(m, rows) along a direction without spread"
            assert_close(got[:, k - n_flat :], np.zeros((len(rows), n_flat)), what="the last coordinates", call=call)
            with no_warnings():
                back = work.rebuild(m, got)
            if rows is x:
                assert_close(back, x, rtol=1e-4, atol=1e-4 * x.std())
    # Small beside the largest, but a thousand times above what counts as flat.
    x = table(35, 50, 2) @ np.diag([1.0, 1e-4])
    m, _ = fitted(x, 2, whiten=True)
    spread = as_array(work.place(m, x.copy()), "place").std(axis=0, ddof=1)
    assert_close(spread, np.ones(2), rtol=1e-3, what="the deviations of the training points")


@part("Points")
def test_integers_are_rows_like_others() -> None:
    """3. Rows of integers count with their values."""
    x = rng(34).integers(0, 17, (30, 6))
    m, known = fitted(x)
    for dtype in (np.int64, np.uint8, np.int8):
        rows = x[:5].astype(dtype)
        expected = (x[:5].astype(float) - known.mean) @ known.components.T
        assert_close(work.place(m, rows), expected, rtol=1e-6, atol=1e-9)
        assert_close(looked_at(work.fit_map(x.astype(dtype)), 2, 6).mean, x.mean(axis=0), what="m.mean")
        assert_close(work.kept(m, rows), plain_kept(plain_fit(x, 2), rows, 2), rtol=1e-6, atol=1e-9)


@part("Points")
def test_rows_and_maps_stay_as_they_were() -> None:
    """3. Rows, labels and maps stay as they were."""
    x, labels, x_new, labels_new = forest()
    for whiten in (False, True):
        m, known = fitted(x, whiten=whiten)
        before = {name: array.copy() for name, array in known._asdict().items()}
        with unchanged(x=x, labels=labels, x_new=x_new, labels_new=labels_new):
            work.fit_map(x)
            points = as_array(work.place(m, x), "place")
            with unchanged(points=points):
                work.rebuild(m, points)
            work.kept(m, x_new)
            work.kept_curve(x, x_new, 3)
            work.draw_map(m, x, labels, NAMES, x_new, labels_new)
            work.draw_scree(x, x_new, 2)
        for name, array in before.items():
            assert_close(getattr(m, name), array, what=f"m.{name}, afterwards", rtol=0, atol=0)


@part("Pictures")
def test_pictures_of_their_own() -> None:
    """8. A class may be without rows, and each call returns a new figure."""
    x, labels, x_new, labels_new = forest()
    m, _ = fitted(x)
    names = [*NAMES, "yew"]
    points = plane(m, x)
    seen: list[Any] = []
    for left_out in (math.nan, 1):
        some = labels_new != left_out
        figure = as_figure(work.draw_map(m, x, labels, names, x_new[some], labels_new[some]), "draw_map")
        require(all(figure is not other for other in seen), "a second call of draw_map drew on an earlier figure")
        seen.append(figure)
        axes = the_axes(figure, "draw_map")
        for j, name in enumerate(names):
            class_of(axes, name, points[labels == j])
