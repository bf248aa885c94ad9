"""Hidden test of b02_fool_the_classifier."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

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
    global_random_state_kept,
    keep_picture,
    learner,
    no_warnings,
    part,
    require,
    rng,
    unchanged,
)

work = learner("fool")
Array = NDArray[Any]
Params = dict[str, Array]

# A network that compares two pixels: class 0 where the first is larger, class 1 where the second is.
PAIR = {"W1": np.eye(2), "b1": np.zeros(2), "W2": np.eye(2), "b2": np.zeros(2)}


def copy(params: Params) -> Params:
    return {name: array.copy() for name, array in params.items()}


def network(stream: int, d: int, h: int, k: int) -> Params:
    generator = rng(stream)
    shapes = {"W1": (d, h), "b1": (h,), "W2": (h, k), "b2": (k,)}
    return {name: generator.normal(0.0, 1.0, shape) for name, shape in shapes.items()}


def logits_of(params: Params, X: Array) -> Array:
    h = X / 16.0 @ params["W1"] + params["b1"]
    return np.asarray(np.where(h > 0, h, 0.0) @ params["W2"] + params["b2"])


def classes_of(params: Params, X: Array) -> Array:
    return np.asarray(logits_of(params, X).argmax(axis=1))


def losses_of(params: Params, X: Array, y: Array) -> Array:
    logits = logits_of(params, X)
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y])


def slopes(params: Params, X: Array, y: Array) -> Array:
    """The derivatives by central differences, one pixel at a time."""
    step = 1e-5
    result = np.empty(X.shape)
    for j in range(X.shape[1]):
        up, down = X.copy(), X.copy()
        up[:, j] += step
        down[:, j] -= step
        result[:, j] = (losses_of(params, up, y) - losses_of(params, down, y)) / (2 * step)
    return result


def plain_gradient(params: Params, X: Array, y: Array) -> Array:
    """The derivatives by the chain rule, image by image."""
    result = np.zeros(X.shape)
    for i, image in enumerate(X):
        z = image / 16.0 @ params["W1"] + params["b1"]
        logits = logits_of(params, image[None])[0]
        p = np.exp(logits - logits.max())
        p /= p.sum()
        p[y[i]] -= 1.0
        result[i] = params["W1"] @ ((z > 0) * (params["W2"] @ p)) / 16.0
    return result


def moved(params: Params, X: Array, y: Array, epsilon: float) -> Array:
    """The images after the attack."""
    return np.clip(X + epsilon * np.sign(plain_gradient(params, X, y)), 0.0, 16.0)


@cache
def digits() -> tuple[Array, Array, Array, Array]:
    """Two thirds of the digits to learn from, and the last third: X, y, X_new, y_new."""
    found = load_digits()
    X, y = found.data, found.target
    is_new = np.arange(len(y)) % 3 == 0
    return X[~is_new], y[~is_new], X[is_new], y[is_new]


def trained(X: Array, y: Array, **options: Any) -> Params:
    """What train of the learner's returns, as plain arrays."""
    got = work.train(X.copy(), y.copy(), **options)
    require(isinstance(got, dict), "train has to return a dict of W1, b1, W2 and b2", got=type(got).__name__)
    require(set(map(str, got)) == set(PAIR), "train has to return W1, b1, W2 and b2", got=sorted(map(str, got)))
    return {name: as_array(got[name], name) for name in PAIR}


@cache
def classifier() -> Params:
    """The learner's network, trained by default on two thirds of the digits."""
    X, y, _, _ = digits()
    return trained(X, y)


@part("Classifier")
def test_predict() -> None:
    """1. predict returns the class of the largest logit: relu(X / 16 @ W1 + b1) @ W2 + b2, with pixels from 0 to 16."""
    cases = [(PAIR, np.array([[9.0, 8.0], [1.0, 8.0]]))]
    cases += [(network(10 + i, d, h, k), rng(20 + i).uniform(0, 16, (n, d))) for i, (n, d, h, k) in enumerate(SIZES)]
    cases += [(params, X / 3) for params, X in cases[-2:]]  # dark images: 16 stays the unit
    for params, X in cases:
        expected = classes_of(params, X)
        got = work.predict(copy(params), X.copy())
        assert_shape(got, expected.shape)
        assert_equal(as_array(got).tolist(), expected.tolist())


SIZES = [(1, 2, 3, 2), (40, 4, 3, 5), (60, 9, 6, 4)]


@part("Classifier")
def test_train() -> None:
    """2. train returns the network with the shapes asked for, and with its defaults reads over 93 % of new digits."""
    X, y, X_new, y_new = digits()
    few = trained(X[:50, :6], np.array([0, 1, 3])[np.arange(50) % 3], hidden=5, epochs=1)
    shapes = {"W1": (6, 5), "b1": (5,), "W2": (5, 4), "b2": (4,)}
    assert_equal({name: array.shape for name, array in few.items()}, shapes, what="the shapes")
    params = classifier()
    assert_equal(params["W1"].shape, (64, 32), what="the shape of W1 by default")
    share = float(np.mean(classes_of(params, X_new) == y_new))
    require(share > 0.93, f"train(X, y) on 1,198 digits reads {share:.1%} of 599 new ones, over 93 % is needed")
    # The loss of what it was trained on falls on and on, far below that of guessing, which is 2.3.
    longer = trained(X[:200], y[:200], epochs=20)
    first = trained(X[:200], y[:200], epochs=1)
    losses = [float(losses_of(params, X[:200], y[:200]).mean()) for params in (first, longer)]
    require(losses[1] < 0.5 * losses[0], "the loss does not fall from 1 epoch to 20", got=losses)
    require(all(np.ptp(params[name]) > 0 for name in PAIR), "some parameters are never changed")
    slow = trained(X[:200], y[:200], epochs=1, learning_rate=0.01)
    require(not np.allclose(slow["W2"], first["W2"]), "another learning_rate leads to the same network")
    losses = [float(losses_of(trained(X[:12], y[:12], epochs=n), X[:12], y[:12]).mean()) for n in (1, 100)]
    require(losses[1] < 0.7 * losses[0], "the loss of 12 images does not fall from 1 epoch to 100", got=losses)


@part("Classifier")
def test_the_seed() -> None:
    """3. The same call returns the same network, another seed another; inputs and NumPy's global state stay."""
    X, y = digits()[0][:90], digits()[1][:90]
    # Two seeds: who seeds the global generator leaves another state than an earlier check did.
    with unchanged(X=X, y=y), global_random_state_kept():
        work.train(X, y, epochs=2)
        work.train(X, y, epochs=2, seed=1)
    one, again = trained(X, y, epochs=2), trained(X, y, epochs=2, seed=0)
    for name in PAIR:
        assert_equal(again[name], one[name], what=f"{name} of the same call")
    other = trained(X, y, epochs=2, seed=1)
    require(not np.allclose(again["W1"], other["W1"]), "another seed returns the same network")


@part("Attack")
def test_pixel_gradient() -> None:
    """4. pixel_gradient is the derivative of each image's own loss by its own pixels, as they are, from 0 to 16."""
    for i, (n, d, h, k) in enumerate(SIZES):
        params, X = network(30 + i, d, h, k), rng(40 + i).uniform(0, 16, (n, d))
        # Where a ReLU is about to turn on or off, differences say nothing.
        X = X[np.all(np.abs(X / 16.0 @ params["W1"] + params["b1"]) > 1e-5, axis=1)]
        y = rng(50 + i).integers(0, k, len(X))
        expected = slopes(params, X, y)
        with unchanged(X=X, y=y, **params):
            got = work.pixel_gradient(params, X, y)
        assert_close(got, expected, rtol=1e-5, atol=1e-7)
    large = {name: 1e3 * array for name, array in network(33, 4, 3, 3).items()}
    X, y = rng(44).uniform(0, 16, (20, 4)), rng(45).integers(0, 3, 20)
    expected = plain_gradient(large, X, y)
    with no_warnings():
        assert_close(work.pixel_gradient(copy(large), X.copy(), y.copy()), expected, rtol=1e-6, atol=1e-3)


@part("Attack")
def test_attack() -> None:
    """5. attack moves each pixel by epsilon up its gradient, within 0 to 16; a pixel without gradient stays."""
    params = copy(PAIR)
    params["W1"] = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    X, y = np.array([[9.0, 8.0, 5.0], [1.0, 15.0, 5.0]]), np.array([0, 1])
    for epsilon, expected in (
        (2.0, [[7.0, 10.0, 5.0], [3.0, 13.0, 5.0]]),
        (0.5, [[8.5, 8.5, 5.0], [1.5, 14.5, 5.0]]),
        (0.0, X.tolist()),
        (12.0, [[0.0, 16.0, 5.0], [13.0, 3.0, 5.0]]),
    ):
        with unchanged(X=X, y=y, **params):
            got = work.attack(params, X, y, epsilon)
        assert_close(got, expected)
    sure = {**copy(PAIR), "W2": 30 * np.eye(2)}  # p[y] is nearly 1, so the gradient is small, but not 0
    assert_close(work.attack(sure, np.array([[14.0, 1.0]]), np.array([0]), 2.0), [[12.0, 3.0]])
    params, X, y = network(60, 9, 6, 4), rng(61).uniform(0, 16, (50, 9)), rng(62).integers(0, 4, 50)
    expected = moved(params, X, y, 3.0)
    assert_close(work.attack(copy(params), X.copy(), y.copy(), 3.0), expected)
    assert_raises(ValueError, work.attack, copy(PAIR), np.ones((1, 2)), np.array([0]), -1.0)


@part("Comparison")
def test_fooled() -> None:
    """6. fooled is the share misread after the change, of those read right before; ValueError where none was."""
    X = np.array([[9.0, 8.0], [9.0, 8.0], [9.0, 8.0], [1.0, 8.0], [1.0, 8.0], [1.0, 8.0]])
    after = np.array([[9.0, 8.0], [7.0, 8.0], [7.0, 8.0], [9.0, 8.0], [1.0, 8.0], [1.0, 9.0]])
    for y, expected in (
        ([0, 0, 0, 1, 1, 1], 3 / 6),
        ([0, 1, 0, 1, 1, 1], 2 / 5),  # the second is wrong before, and right after
        ([0, 0, 1, 0, 0, 0], 1 / 2),  # those at the end are wrong before and after
        ([0, 1, 1, 0, 1, 1], 0.0),
    ):
        got = work.fooled(copy(PAIR), X.copy(), np.array(y), after.copy())
        assert_type(got, (int, float, np.floating))
        assert_close(float(got), expected, call=f"fooled(params, X, y, changed) for y = {y}")
    assert_raises(ValueError, work.fooled, copy(PAIR), X.copy(), np.array([1, 1, 1, 0, 0, 0]), after.copy())


def rows_of(got: Any, n: int) -> list[list[float]]:
    require(isinstance(got, list | tuple), "compare has to return a list", got=got)
    array = as_array([list(row) if isinstance(row, list | tuple) else row for row in got], "compare")
    assert_shape(array, (n, 3), what="compare")
    rows: list[list[float]] = array.astype(float).tolist()
    return rows


@part("Comparison")
def test_compare() -> None:
    """7. compare returns (epsilon, fooled by attack, fooled by noise): noise moves each pixel by epsilon, at random."""
    n = 4000
    X, y = np.tile([9.0, 8.0], (n, 1)), np.zeros(n, dtype=int)
    # Apart by 1: a step of 0.4 each cannot turn that, one of 0.6 does where both go the wrong way, a quarter of all.
    epsilons = [0.6, 0.4, 2.0, 0.6]
    rows = rows_of(work.compare(copy(PAIR), X.copy(), y.copy(), list(epsilons)), 4)
    assert_close([row[0] for row in rows], epsilons, what="the epsilons")
    assert_close([row[1] for row in rows], [1.0, 0.0, 1.0, 1.0], what="the shares fooled by the attack")
    bound = 4.5 * np.sqrt(0.25 * 0.75 / n)
    assert_close(
        [row[2] for row in rows], [0.25, 0.0, 0.25, 0.25], atol=bound, rtol=0.0, what="the shares fooled by noise"
    )
    # White stays white where noise would add to it, so the second comes near enough for a network that favours it.
    biased = {**copy(PAIR), "b2": np.array([0.0, 0.05])}
    rows = rows_of(work.compare(biased, np.tile([16.0, 14.0], (n, 1)), y.copy(), [3.0]), 1)
    message = "the share fooled by noise, where white pixels cannot become whiter,"
    assert_close([row[2] for row in rows], [0.5], atol=1.5 * bound, rtol=0.0, what=message)
    # Only what was right before counts.
    y = np.arange(n) % 2
    rows = rows_of(work.compare(copy(PAIR), np.tile([9.0, 8.0], (n, 1)), y.copy(), (2.0,)), 1)
    assert_close(rows[0][1:], [1.0, 0.25], atol=1.5 * bound, rtol=0.0, what="the shares, where half was wrong before,")


@part("Comparison")
def test_noise_by_the_seed() -> None:
    """8. The same seed returns the same comparison, another seed another; inputs and NumPy's global state stay."""
    X, y = rng(70).uniform(6, 9, (400, 2)), np.zeros(400, dtype=int)
    y[X[:, 1] > X[:, 0]] = 1
    params = copy(PAIR)
    with unchanged(X=X, y=y, **params), global_random_state_kept():
        one = rows_of(work.compare(params, X, y, [0.5, 1.0, 2.0]), 3)
        work.compare(params, X, y, [0.5, 1.0, 2.0], seed=1)
    again = rows_of(work.compare(params, X, y, [0.5, 1.0, 2.0], seed=0), 3)
    assert_equal(again, one, what="the comparison of the same seed")
    other = rows_of(work.compare(params, X, y, [0.5, 1.0, 2.0], seed=1), 3)
    require([row[2] for row in other] != [row[2] for row in one], "another seed leads to the same noise")


@part("Comparison")
def test_your_own_classifier_is_fooled() -> None:
    """9. With epsilon = 3, the attack fools over 80 % of the new digits your network reads, noise fewer than 15 %."""
    _, _, X, y = digits()
    rows = rows_of(work.compare(classifier(), X.copy(), y.copy(), [0, 3]), 2)
    assert_close(rows[0], [0.0, 0.0, 0.0], what="the row of epsilon = 0")
    _, by_attack, by_noise = rows[1]
    require(by_attack > 0.8, f"the attack fools {by_attack:.0%} of the digits, over 80 % is needed")
    require(by_noise < 0.15, f"noise fools {by_noise:.0%} of the digits, below 15 % is needed")


def new_figure(got: Any, what: str, seen: list[Any]) -> Any:
    """A figure that was not seen before."""
    figure = as_figure(got, what)
    require(all(figure is not other for other in seen), f"a second call of {what} drew on an earlier figure")
    seen.append(figure)
    return figure


def images_of(figure: Any, n: int) -> list[tuple[Array, str, Any]]:
    """Pixels, title and the image of each axes, in the order of reading: from the top left."""
    axes = [one for one in figure.get_axes() if one.get_images()]
    shown = f"{n} images before, {n} changes and {n} images after"
    require(len(axes) == 3 * n, f"draw_fooled has to draw {shown}", got=Shown(f"{len(axes)} axes with an image"))
    axes.sort(key=lambda one: (-round(one.get_position().y0, 2), round(one.get_position().x0, 2)))
    found = []
    for one in axes:
        (image,) = one.get_images()[:1]
        found.append((np.asarray(image.get_array(), dtype=float), str(one.get_title()), image))
    return found


@cache
def some_digits() -> tuple[Params, Array, Array]:
    """A network fitted by centroids, so that it does not depend on the learner's, and images and labels."""
    X, y, X_new, y_new = digits()
    centres = np.array([X[y == c].mean(axis=0) for c in range(10)]) / 16
    # Class by class, the dot product with the centre, less half its square: the nearest centre wins. With a bias of
    # 0.1 no hidden number is 0, where the ReLU has no slope.
    b2 = -(centres**2).sum(axis=1) - 0.2 * centres.sum(axis=1)
    params = {"W1": np.eye(64), "b1": np.full(64, 0.1), "W2": 2 * centres.T, "b2": b2}
    return params, X_new[:60], y_new[:60]


def expected_picture(params: Params, X: Array, y: Array, epsilon: float, n: int) -> list[tuple[Array, Array, int, int]]:
    """Before, after, and what both are read as, of the first n that are fooled."""
    after = moved(params, X, y, epsilon)
    told = list(zip(X, after, classes_of(params, X).tolist(), classes_of(params, after).tolist(), strict=True))
    chosen = [row for row, label in zip(told, y, strict=True) if row[2] == label and row[3] != label]
    return chosen[:n]


@part("Pictures")
def test_before_and_after() -> None:
    """10. draw_fooled draws the first n fooled images, one below the other: before, the change, after."""
    params, X, y = some_digits()
    seen: list[Any] = []
    for epsilon, n in ((1.0, 2), (2.0, 5)):
        with calling(f"draw_fooled(params, X, y, {epsilon}, n={n})"):
            options = {} if n == 5 else {"n": n}
            figure = new_figure(
                work.draw_fooled(copy(params), X.copy(), y.copy(), epsilon, **options), "draw_fooled", seen
            )
            expected = expected_picture(params, X, y, epsilon, n)
            found = images_of(figure, n)
            for i, (before, after, _, _) in enumerate(expected):
                rows = ((0, before, "before"), (1, after - before, "the change"), (2, after, "after"))
                for row, pixels, what in rows:
                    got = found[row * n + i][0]
                    assert_close(got, pixels.reshape(8, 8), atol=1e-6, what=f"{what}, of fooled image {i},")


@part("Pictures")
def test_titles_and_scales() -> None:
    """11. Titles tell what is read before and after; images share a scale from 0 to 16, changes -epsilon to epsilon."""
    params, X, y = some_digits()
    X = np.minimum(X, 13.0)  # without white, so that limits that follow the image are not 0 to 16 by chance
    for epsilon, n in ((2.0, 3), (1.5, 1)):
        with calling(f"draw_fooled(params, X, y, {epsilon}, n={n})"):
            figure = as_figure(work.draw_fooled(copy(params), X.copy(), y.copy(), epsilon, n=n), "draw_fooled")
            found = images_of(figure, n)
            for i, (_, _, read, misread) in enumerate(expected_picture(params, X, y, epsilon, n)):
                for row, told in ((0, read), (2, misread)):
                    title = found[row * n + i][1]
                    numbers = "".join(c if c.isdigit() else " " for c in title).split()
                    message = "the title does not tell what the image is read as"
                    require(numbers == [str(told)], message, got=title, expected=Shown(f"a title with {told}"))
            for row, limits, what in (
                (0, (0, 16), "before"),
                (1, (-epsilon, epsilon), "change"),
                (2, (0, 16), "after"),
            ):
                for _, _, image in found[row * n : (row + 1) * n]:
                    assert_close(image.get_clim(), limits, what=f"the limits of the colours, {what},")
    keep_picture(as_figure(work.draw_fooled(classifier(), *digits()[2:], 3.0), "draw_fooled"), "fooled")


@part("Pictures")
def test_the_curves() -> None:
    """12. draw_comparison draws the share fooled over epsilon: a line for the attack, one for noise, and a legend."""
    seen: list[Any] = []
    for rows in ([(0.0, 0.0, 0.0), (1.0, 0.5, 0.25)], [(0.5, 0.2, 0.1), (1.0, 0.6, 0.125), (3.0, 0.9, 0.3)]):
        figure = new_figure(work.draw_comparison(list(rows)), "draw_comparison", seen)
        require(len(figure.get_axes()) == 1, "draw_comparison must draw one axes", got=len(figure.get_axes()))
        axes = figure.get_axes()[0]
        for column, name in ((1, "attack"), (2, "noise")):
            lines = [line for line in axes.get_lines() if str(line.get_label()) == name]
            require(len(lines) == 1, f"expected one line labelled {name!r}, found {len(lines)}")
            x, values = (np.asarray(numbers, dtype=float) for numbers in lines[0].get_data())
            assert_close(x, [row[0] for row in rows], what=f"x of the line {name!r}")
            assert_close(values, [row[column] for row in rows], what=f"y of the line {name!r}")
        named = [text.get_text() for text in axes.get_legend().get_texts()] if axes.get_legend() else []
        require({"attack", "noise"} <= set(named), "the legend must name attack and noise", got=named)
    keep_picture(figure, "comparison")
