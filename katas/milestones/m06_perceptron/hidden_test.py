"""Hidden test of m06_perceptron."""

import math
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    as_figure,
    assert_answers,
    assert_close,
    assert_equal,
    assert_shape,
    choice,
    keep_picture,
    learner,
    no_warnings,
    number,
    numbers,
    part,
    read_answers,
    require,
    rng,
    unchanged,
)

wholes = partial(numbers, rtol=0)  # shapes and counts
work = learner("perceptron")
Array = NDArray[Any]


A = 1 / (1 + math.exp(-1))


@part("By hand")
def test_the_way_there_by_hand() -> None:
    """1. z, a and the loss of one row are worked out."""
    a = read_answers()
    assert_answers(
        number(a, "z", 1, "Each weight meets its input; the bias comes on top."),
        number(a, "a", A, "1 over 1 plus e to the power of -z."),
        number(
            a, "loss", -math.log(1 - A), "y is 0: which of the two terms is left? The logarithm is the natural one."
        ),
    )


@part("By hand")
def test_the_way_back_by_hand() -> None:
    """1. The derivatives are worked out, from the loss back to weights, bias and inputs."""
    back = "What came back to z, times what z grows by when this one grows by 1."
    a = read_answers()
    assert_answers(
        number(a, "d_a", 1 / (1 - A), "The term that is left of the loss, differentiated by a; mind the inner minus."),
        number(
            a, "da_dz", A * (1 - A), "How steep is the sigmoid where it stands? Its slope can be told from a alone."
        ),
        number(a, "d_z", A, "The chain rule: two derivatives that you have already, multiplied."),
        numbers(a, "d_w", [2 * A, 4 * A], back),
        number(a, "d_b", A, back),
        numbers(a, "d_x", [A, -A / 2], back),
    )


@part("By hand")
def test_the_step_by_hand() -> None:
    """1. The weights and the bias after one step, and the new z of the same row, are worked out."""
    w, b = [1 - A, -0.5 - 2 * A], 1 - A / 2
    a = read_answers()
    assert_answers(
        numbers(a, "w_new", w, "Against the derivative, by half of it."),
        number(a, "b_new", b, "Against the derivative, by half of it."),
        number(a, "z_new", 2 * w[0] + 4 * w[1] + b, "The same row again, with everything that is new."),
    )


@part("By hand")
def test_two_losses_by_hand() -> None:
    """1. The derivatives by another loss, and those of a neuron that is sure and wrong, are worked out."""
    s = 1 / (1 + math.exp(10))
    a = read_answers()
    assert_answers(
        number(a, "d_z_squared", A * A * (1 - A), "Only the first link of the chain is new; the sigmoid stays."),
        number(a, "sure_cross_entropy", s - 1, "Mind the label, and the sign that comes with it."),
        number(a, "sure_squared", (s - 1) * s * (1 - s), "The same chain as for d_z_squared, at another place."),
    )


@part("By hand")
def test_the_chain_is_understood() -> None:
    """2. The questions on the chain from the loss to the weights are answered."""
    a = read_answers()
    assert_answers(
        choice(a, "cancels", "b", "Write down d_a for both labels, and da_dz, as formulas in a."),
        choice(a, "sure_and_wrong", "d", "Compare sure_squared with sure_cross_entropy."),
        choice(a, "zero_input", "a", "What is d_w of this row?"),
    )


@part("Layer")
def test_the_derivatives_of_a_layer_are_understood() -> None:
    """1, 2. The questions on shapes, and on what comes back where, are answered."""
    alike = "What does a derivative with respect to each of its entries look like as a whole?"
    a = read_answers()
    assert_answers(
        wholes(a, "shape_d_Z", [5, 2], alike),
        wholes(a, "shape_d_W", [2, 3], alike),
        wholes(a, "shape_d_b", [2], alike),
        wholes(a, "shape_d_X", [5, 3], alike),
        choice(a, "formula_d_W", "c", "Compare shapes first; then look for what is in d_Z already."),
        choice(a, "sum_over_rows", "a", "In how many places of Z does one entry of b stand?"),
        choice(a, "use_of_d_X", "b", "Put a second layer in front: what does it wait for?"),
        choice(a, "side_by_side", "abd", "Which entries of d_W hold something of neuron 2? Every letter that holds."),
    )


Case = tuple[Array, Array, Array]


def small_cases() -> list[Case]:
    """W, b and X of several sizes."""
    cases = [(np.array([[3.0, 4.0]]), np.array([-10.0]), np.array([[2.0, 1.5]]))]
    for i, (n, k, d) in enumerate([(3, 1, 1), (1, 2, 3), (4, 3, 2)]):
        source = rng(10 + i)
        cases.append((source.normal(size=(k, d)), source.normal(size=k), source.normal(size=(n, d))))
    return cases


def plain_scores(W: Array, b: Array, X: Array) -> Array:
    return np.array(
        [[math.fsum(u * v for u, v in zip(w, x, strict=True)) + c for w, c in zip(W, b, strict=True)] for x in X]
    )


def entry(layer: Any, name: str) -> Array:
    require(hasattr(layer, name), f"the layer has no {name}")
    return as_array(getattr(layer, name), f"layer.{name}")


@part("Layer")
def test_forward() -> None:
    """3. forward returns X · Wᵀ + b: a row for each row, a column for each neuron."""
    for W, b, X in small_cases():
        expected = plain_scores(W, b, X)
        with unchanged(W=W, b=b, X=X):
            got = work.Layer(W, b).forward(X)
        assert_close(got, expected, what="forward")


@part("Layer")
def test_backward() -> None:
    """4. backward leaves d_W and d_b, and returns d_X: the derivatives of the loss that d_Z belongs to."""
    for i, (W, b, X) in enumerate(small_cases()):
        d_Z = rng(20 + i).normal(size=(len(X), len(W)))
        # The scores are linear: a move of one entry by 1 changes Σ d_Z · Z by exactly the derivative.
        before = float((d_Z * plain_scores(W, b, X)).sum())
        expected = {"W": np.zeros(W.shape), "b": np.zeros(b.shape), "X": np.zeros(X.shape)}
        for name, values in expected.items():
            for place in np.ndindex(values.shape):
                moved = {"W": W.copy(), "b": b.copy(), "X": X.copy()}
                moved[name][place] += 1
                values[place] = (d_Z * plain_scores(moved["W"], moved["b"], moved["X"])).sum() - before
        layer = work.Layer(W.copy(), b.copy())
        layer.forward(X.copy())
        with unchanged(d_Z=d_Z):
            d_X = layer.backward(d_Z)
        for name, got in (("W", entry(layer, "d_W")), ("b", entry(layer, "d_b")), ("X", d_X)):
            assert_close(got, expected[name], rtol=1e-6, atol=1e-8, what=f"d_{name}")


@part("Layer")
def test_backward_replaces_and_moves_nothing() -> None:
    """4. A second backward is as good as the first: W and b have not moved, and earlier derivatives are gone."""
    W, b, X = small_cases()[3]
    d_Z, other = rng(30).normal(size=(4, 3)), rng(31).normal(size=(2, 2))
    layer = work.Layer(W.copy(), b.copy())
    layer.forward(X.copy())
    layer.backward(d_Z.copy())
    for name, was in (("W", W), ("b", b)):
        assert_close(entry(layer, name), was, what=f"layer.{name} after backward")
    again = layer.backward(d_Z.copy())
    for name, expected in (("d_W", d_Z.T @ X), ("d_b", d_Z.sum(axis=0))):
        assert_close(entry(layer, name), expected, what=f"layer.{name} after a second backward")
    assert_close(again, d_Z @ W, what="d_X of a second backward")
    # The X that counts is that of the last forward, in this layer and no other.
    layer.forward(other.copy())
    work.Layer(W.copy(), b.copy()).forward(X.copy())
    layer.backward(d_Z[:2].copy())
    assert_close(entry(layer, "d_W"), d_Z[:2].T @ other, what="layer.d_W after another forward")


@part("Layer")
def test_step() -> None:
    """5. step moves W and b against d_W and d_b, by the learning rate times these; the arrays passed in stay."""
    for i, (W, b, X) in enumerate(small_cases()):
        d_Z = rng(40 + i).normal(size=(len(X), len(W)))
        layer = work.Layer(W, b)
        with unchanged(W=W, b=b):
            layer.forward(X.copy())
            layer.backward(d_Z.copy())
            layer.step(0.5)
        assert_close(entry(layer, "W"), W - 0.5 * d_Z.T @ X, what="layer.W after step(0.5)")
        assert_close(entry(layer, "b"), b - 0.5 * d_Z.sum(axis=0), what="layer.b after step(0.5)")
    held = {"W": W.copy(), "b": b.copy()}
    layer = work.Layer(held["W"], held["b"])
    for name, was in (("W", W), ("b", b)):
        held[name] += 1
        assert_close(entry(layer, name), was, what=f"layer.{name}, after the array passed in has been changed,")


def plain_loss(Z: Array, Y: Array) -> float:
    """Neuron by neuron; exact where e^z would be too large or too small."""
    total = 0.0
    for zs, ys in zip(Z.tolist(), Y.tolist(), strict=True):
        for z, y in zip(zs, ys, strict=True):
            against = -z if y else z  # the loss is ln(1 + e^against)
            total += max(against, 0.0) + math.log1p(math.exp(-abs(against)))
    return total / len(Z)


def plain_slope(Z: Array, Y: Array) -> Array:
    rows = [[(math.exp(-np.logaddexp(0.0, -z)) - y) / len(Z) for z, y in zip(*r, strict=True)] for r in zip(Z, Y)]
    return np.array(rows)


def loss_of(Z: Array, Y: Array) -> tuple[Any, Any]:
    got = work.loss_and_slope(Z, Y)
    require(isinstance(got, tuple | list) and len(got) == 2, "loss_and_slope must return (loss, d_Z)", got=got)
    return got[0], got[1]


def score_cases() -> list[tuple[Array, Array]]:
    cases = [(np.array([[2.0]]), np.array([[1]])), (np.array([[2.0]]), np.array([[0]]))]
    cases += [(np.array([[1.0, -0.5, 2.0]]), np.array([[1, 0, 0]])), (np.array([[1.0], [-2.0]]), np.array([[1], [1]]))]
    return [*cases, (rng(50).normal(0.0, 3.0, (5, 3)), rng(51).integers(0, 2, (5, 3)))]


@part("Layer")
def test_the_loss() -> None:
    """6. The loss is the cross-entropy, summed over the neurons, and the mean over the rows."""
    for Z, Y in score_cases():
        expected = plain_loss(Z, Y)
        with unchanged(Z=Z, Y=Y):
            got = loss_of(Z, Y)
        assert_close(got[0], expected, what="the loss")


@part("Layer")
def test_the_slope_of_the_loss() -> None:
    """6. d_Z is the derivative of this loss with respect to each score."""
    for Z, Y in score_cases():
        expected = np.zeros(Z.shape)
        for place in np.ndindex(Z.shape):
            sides = []
            for h in (1e-5, -1e-5):
                moved = Z.copy()
                moved[place] += h
                sides.append(plain_loss(moved, Y))
            expected[place] = (sides[0] - sides[1]) / 2e-5
        assert_close(loss_of(Z.copy(), Y.copy())[1], expected, rtol=1e-6, atol=1e-9, what="d_Z")


@part("Layer")
def test_scores_up_to_1000() -> None:
    """6. Scores up to 1000 and -1000 have the right loss and derivative, without a warning."""
    for z in (40.0, 1000.0, -40.0, -1000.0):
        for y in (0, 1):
            Z, Y = np.array([[z]]), np.array([[y]])
            expected, slope = plain_loss(Z, Y), plain_slope(Z, Y)
            with no_warnings():
                got = loss_of(Z.copy(), Y.copy())
            assert_close(got[0], expected, atol=1e-12, what="the loss")
            assert_close(got[1], slope, atol=1e-12, what="d_Z")


@part("Training")
def test_what_one_layer_can_learn_is_understood() -> None:
    """1, 2. The questions on the start, on what a line can separate, and on the end of training are answered."""
    a = read_answers()
    assert_answers(
        choice(a, "start_at_zero", "b", "Work out d_Z and d_W of the first step, for two rows of your own."),
        choice(a, "separable", "abd", "Draw the four points, and try to lay a line. Every letter that holds."),
        number(a, "xor_loss", math.log(2), "Work out d_W and d_b of the first step, over all four rows."),
        number(a, "xor_share", 0.75, "How many of the four can one line have right?"),
        choice(
            a, "xor_cure", "bd", "Which of them can still be written as one line in x1 and x2? Every letter that holds."
        ),
        choice(a, "for_ever", "d", "Take weights that separate, and double them: is the loss larger or smaller?"),
    )


def plain_train(X: Array, Y: Array, learning_rate: float, max_steps: int) -> tuple[Array, Array, list[float]]:
    W, b, losses = np.zeros((Y.shape[1], X.shape[1])), np.zeros(Y.shape[1]), []
    while True:
        Z = plain_scores(W, b, X)
        losses.append(plain_loss(Z, Y))
        if len(losses) > max_steps or all(z > 0 if y == 1 else z < 0 for z, y in zip(Z.flat, Y.flat, strict=True)):
            return W, b, losses
        d_Z = plain_slope(Z, Y)
        W, b = W - learning_rate * d_Z.T @ X, b - learning_rate * d_Z.sum(axis=0)


CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AND_OR = np.array([[0, 0], [0, 1], [0, 1], [1, 1]])
XOR = np.array([[0], [1], [1], [0]])


def trained(X: Array, Y: Array, *settings: Any) -> tuple[Any, Array]:
    got = work.train(X, Y, *settings)
    require(isinstance(got, tuple | list) and len(got) == 2, "train must return (layer, losses)", got=got)
    losses = as_array(got[1], "losses")
    require(losses.ndim == 1, "losses must be a list of floats", got=got[1])
    return got[0], losses


def training_cases() -> list[tuple[Array, Array, float, int]]:
    tangled = (rng(60).normal(size=(6, 3)), rng(61).integers(0, 2, (6, 2)))
    return [
        (np.array([[1.0], [-1.0]]), np.array([[1], [0]]), 1.0, 50),
        (CORNERS, AND_OR, 1.0, 1),
        (CORNERS, AND_OR, 0.5, 100),
        (CORNERS[[0, 1, 1]], XOR[[0, 1, 0]], 0.5, 7),
        (CORNERS, XOR, 1.0, 3),
        (*tangled, 0.3, 0),
        (*tangled, 0.3, 12),
    ]


@part("Training")
def test_the_steps_of_training() -> None:
    """7. Training starts at zero, steps by all rows at once, and ends when all rows are right, or after max_steps."""
    for X, Y, learning_rate, max_steps in training_cases():
        W, b, losses = plain_train(X, Y, learning_rate, max_steps)
        with unchanged(X=X, Y=Y):
            layer, got = trained(X, Y, learning_rate, max_steps)
        steps, wanted = (Shown(f"{len(some) - 1} steps") for some in (got, losses))
        require(len(got) == len(losses), "training ends at another step", got=steps, expected=wanted)
        assert_close(entry(layer, "W"), W, rtol=1e-6, atol=1e-9, what="layer.W")
        assert_close(entry(layer, "b"), b, rtol=1e-6, atol=1e-9, what="layer.b")


@part("Training")
def test_a_score_of_0_is_on_neither_side() -> None:
    """7. A row with a score of exactly 0 is not separated yet, whatever its label."""
    for y in (0, 1):
        # The only row is at 0, so that its score is the bias, which starts at 0.
        layer, losses = trained(np.array([[0.0]]), np.array([[y]]))
        require(len(losses) == 2, "one step is needed, and is enough", got=Shown(f"{len(losses) - 1} steps"))
        assert_close(entry(layer, "b"), [0.5 if y else -0.5], what="layer.b")


@part("Training")
def test_the_losses_of_training() -> None:
    """8. losses holds the loss before each step, and the last one."""
    for X, Y, learning_rate, max_steps in training_cases():
        expected = plain_train(X, Y, learning_rate, max_steps)[2]
        assert_close(trained(X.copy(), Y.copy(), learning_rate, max_steps)[1], expected, rtol=1e-6, what="losses")


def apart(stream: int, n: int, k: int, room: float) -> tuple[Array, Array]:
    """Points between -2 and 2 and their sides of k lines, none of which is nearer than `room`."""
    source = rng(stream)
    angles = source.uniform(0, 2 * math.pi, k)
    W, b = np.column_stack([np.cos(angles), np.sin(angles)]), source.uniform(-0.8, 0.8, k)
    X = source.uniform(-2, 2, (40 * n, 2))
    X = X[(np.abs(X @ W.T + b) >= room).all(axis=1)][:n]
    return X, (X @ W.T + b > 0).astype(int)


@part("Training")
def test_separable_rows_are_separated() -> None:
    """9. By default, rows with 0.2 to either side of each line are separated; XOR ends after 2000 steps."""
    for stream, n, k in ((70, 12, 1), (71, 40, 2), (72, 80, 3)):
        X, Y = apart(stream, n, k, 0.2)
        layer, losses = trained(X.copy(), Y.copy())
        Z = plain_scores(entry(layer, "W"), entry(layer, "b"), X)
        wrong = int(((Z > 0) != (Y == 1)).any(axis=1).sum())
        require(
            wrong == 0, "rows are left on the wrong side", got=Shown(f"{wrong} of {n} rows"), expected=Shown("none")
        )
        require(len(losses) <= 2001, "there are more than 2000 steps by default", got=len(losses) - 1)
    layer, losses = trained(CORNERS.copy(), XOR.copy())
    assert_equal(len(losses), 2001, what="the number of losses")
    assert_close(losses[-1], math.log(2), rtol=1e-6, what="the last loss")


@part("Boundary")
def test_the_line_by_hand() -> None:
    """1. Where the line runs, and how far points are from it, is worked out."""
    a = read_answers()
    assert_answers(
        numbers(a, "meets_axes", [10 / 3, 2.5], "Set the other coordinate to 0 in 3 x1 + 4 x2 - 10 = 0."),
        number(a, "slope", -0.75, "Solve 3 x1 + 4 x2 - 10 = 0 for x2."),
        number(a, "distance", 8, "z tells how far in units of |w|: what is the length of w?"),
        number(a, "distance_of_90", math.log(9) / 5, "Which z has a = 0.9? Then as before."),
    )


@part("Boundary")
def test_the_line_is_understood() -> None:
    """2. The questions on what weights and bias do to the line are answered."""
    a = read_answers()
    assert_answers(
        choice(a, "doubled", "c", "Where is 2z = 0? And how does sigmoid(2z) compare with sigmoid(z)?"),
        choice(a, "direction", "b", "Go one step along w from a point of the line: how does z change?"),
        choice(a, "bias_grows", "d", "Do the points of the old line have a z above or below 0 now?"),
    )


def line_cases() -> list[Case]:
    """Slanted, horizontal and vertical lines, and three at once."""
    X = np.array([[-1.0, 0.0], [4.0, 3.0], [2.0, 1.5], [0.5, -2.0]])
    cases = [([[3.0, 4.0]], [-8.0]), ([[0.0, -0.5]], [0.5]), ([[2e-3, 0.0]], [-2e-3])]
    cases += [([[1.0, -1.0], [-2.0, 0.0], [30.0, 40.0]], [0.0, 3.0, 20.0]), ([[1e3, 1.0]], [-1200.0])]
    small = (np.array([[3e4, 4e4]]), np.array([-8.0]), 1e-4 * X)
    return [*((np.array(W), np.array(b), X) for W, b in cases), small]


def layer_and_labels(W: Array, b: Array, X: Array) -> tuple[Any, Array]:
    return work.Layer(W.copy(), b.copy()), (plain_scores(W, b, X) > 0).astype(int)


@part("Boundary")
def test_margins() -> None:
    """10. margins returns for each neuron the least distance of a row from its line, negative on the wrong side."""
    many = (rng(80).normal(size=(3, 4)), rng(81).normal(size=3), rng(82).normal(size=(7, 4)))
    for i, (W, b, X) in enumerate([*line_cases(), many]):
        layer, right = layer_and_labels(W, b, X)
        wrong = right.copy()
        wrong[1, 0] = 1 - wrong[1, 0]
        for Y in (right, wrong, 1 - right, rng(83 + i).integers(0, 2, right.shape)):
            distances = plain_scores(W, b, X) / [math.hypot(*w) for w in W.tolist()]
            signed = [[d if y else -d for d, y in zip(*column, strict=True)] for column in zip(distances.T, Y.T)]
            expected = [min(column) for column in signed]
            with unchanged(X=X, Y=Y):
                got = work.margins(layer, X, Y)
            assert_close(got, expected)


def drawn(W: Array, b: Array, X: Array) -> tuple[list[Any], Array]:
    """The axes of the learner's figure, one for each neuron, and the labels of the rows."""
    layer, Y = layer_and_labels(W, b, X)
    with unchanged(X=X, Y=Y):
        got = work.draw_boundary(layer, X, Y)
    axes = list(as_figure(got, "draw_boundary").get_axes())
    require(len(axes) == len(W), "draw_boundary must draw one axes for each neuron", got=len(axes), expected=len(W))
    return axes, Y


@part("Boundary")
def test_the_rows_are_drawn() -> None:
    """11. Each neuron has axes of its own, with the rows of label 0 and those of label 1, and a legend."""
    seen: list[Any] = []
    for W, b, X in line_cases()[0::3]:
        axes, Y = drawn(W, b, X)
        require(axes[0].figure not in seen, "a second call of draw_boundary drew on an earlier figure")
        seen.append(axes[0].figure)
        for i, one in enumerate(axes):
            for label in (0, 1):
                named = [c for c in one.collections if c.get_label() == str(label)]
                where = f"of neuron {i}"
                require(len(named) == 1, f"expected one scatter labelled '{label}' {where}, found {len(named)}")
                points = sorted(np.asarray(named[0].get_offsets(), dtype=float).tolist())
                expected = sorted(X[Y[:, i] == label].tolist())
                assert_shape(points, np.shape(expected), what=f"the points of label {label} {where}")
                assert_close(points, expected, what=f"the points of label {label} {where}")
            texts = [text.get_text() for text in one.get_legend().get_texts()] if one.get_legend() else []
            require({"0", "1", "boundary"} <= set(texts), "the legend must name 0, 1 and boundary", got=texts)
    X, Y = apart(90, 60, 2, 0.2)
    layer = trained(X.copy(), Y.copy())[0]
    keep_picture(work.draw_boundary(layer, X, Y), "boundaries")


def boundary_of(axes: Any, i: int) -> Array:
    """The points, (n, 2), of the line of neuron i."""
    found = [line for line in axes.get_lines() if line.get_label() == "boundary"]
    require(len(found) == 1, f"expected one line labelled 'boundary' of neuron {i}, found {len(found)}")
    return np.column_stack([np.asarray(values, dtype=float) for values in found[0].get_data()])


@part("Boundary")
def test_the_boundary_is_drawn() -> None:
    """11. The boundary is a line on which z = 0, from one edge of the axes to the other, even where it is vertical."""
    for W, b, X in line_cases()[1:]:
        for i, axes in enumerate(drawn(W, b, X)[0]):
            line, size = boundary_of(axes, i), float(np.linalg.norm(W[i]))
            off = np.abs(plain_scores(W[i : i + 1], b[i : i + 1], line)[:, 0]) / size
            where = f"neuron {i} with w = {W[i].tolist()}, b = {b[i]:g}"
            what = f"the boundary of {where} has points where z is not 0"
            require(bool((off <= 1e-6 * (1 + np.abs(line).max())).all()), what, got=line)
            # How far along the line the axes reach, and how far the drawn part does.
            along, across = np.array([-W[i, 1], W[i, 0]]) / size, -b[i] * W[i] / size**2
            first, last = -math.inf, math.inf
            for j, limits in enumerate((axes.get_xlim(), axes.get_ylim())):
                if abs(along[j]) > 1e-9:
                    cuts = sorted((limit - across[j]) / along[j] for limit in limits)
                    first, last = max(first, cuts[0]), min(last, cuts[1])
            at = (line - across) @ along
            room = 1e-6 * (1 + abs(first) + abs(last))
            reaches = bool(at.min() <= first + room and at.max() >= last - room)
            require(reaches, f"the boundary of {where} does not reach from edge to edge", got=line)


@part("Boundary")
def test_the_rows_fill_the_axes() -> None:
    """12. All rows lie within the limits of the axes, which are at most twice as wide and as high as the rows."""
    for W, b, X in line_cases()[3:]:
        for i, axes in enumerate(drawn(W, b, X)[0]):
            for name, limits, values in (("x", axes.get_xlim(), X[:, 0]), ("y", axes.get_ylim(), X[:, 1])):
                low, high = sorted(limits)
                shown, least = (Shown(f"{a:.4g} to {z:.4g}") for a, z in ((low, high), (min(values), max(values))))
                what = f"the {name} axis of neuron {i}, with w = {W[i].tolist()},"
                holds = bool(low <= values.min() and high >= values.max())
                require(holds, f"{what} does not hold all rows", got=shown, expected=least)
                fits = bool(high - low <= 2.001 * np.ptp(values))
                require(fits, f"{what} is more than twice as long as the rows need", got=shown, expected=least)
