"""Hidden test of c07_1_backprop."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    NotDone,
    as_array,
    assert_close,
    assert_equal,
    assert_number,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    learner,
    read_answers,
    require,
    rng,
    todo,
    unchanged,
)

work = learner("backprop")
Array = NDArray[Any]
Params = dict[str, Array]
NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")
STATIONS = ("X", "z1", "a1", "z2", "a2", "output")

# Rows, inputs, neurons of layer 1 and 2, outputs.
SIZES = [(1, 1, 1, 1, 1), (1, 2, 2, 3, 1), (2, 1, 3, 2, 4), (5, 3, 4, 2, 2), (3, 4, 1, 5, 3)]
SMALL: Params = {
    "W1": np.array([[2.0]]),
    "b1": np.array([0.5]),
    "W2": np.array([[1.5]]),
    "b2": np.array([-1.0]),
    "W3": np.array([[3.0]]),
    "b3": np.array([-4.0]),
}


def flat(value: Any) -> list[Any]:
    return [number for part in value for number in flat(part)] if isinstance(value, list) else [value]


def asked(question: str, right: Any, nudge: str) -> Callable[[], None]:
    def look() -> None:
        answers = read_answers()
        given = answers.get(question)
        if given in (None, "", [], [[]]):
            todo(f"{question} is not answered yet")
        wanted, found = flat(right), flat(given)
        if len(wanted) != len(found):
            what = "one number" if len(wanted) == 1 else f"{len(wanted)} numbers"
            require(False, f"{question} has {len(found)} numbers, expected {what}. {nudge}", got=given, call=" ")
        for n, number in enumerate(wanted):
            where = question if len(wanted) == 1 else f"{question}, number {n + 1}"
            assert_number({where: found[n]}, where, number, nudge)

    return look


def ask(*questions: Callable[[], None]) -> None:
    """Put all questions: a wrong answer counts before one that is still open."""
    still_open: NotDone | None = None
    for question in questions:
        try:
            question()
        except NotDone as error:
            still_open = still_open or error
    if still_open:
        raise still_open


def test_the_forward_pass_by_hand() -> None:
    """1. The numbers of the forward pass are right, from z1 to the loss."""
    ask(
        asked("z1", [2, 1], "Each row of W1 meets x, number by number; then b1 is added."),
        asked("a1", [2, 1], "ReLU leaves what is above 0."),
        asked("z2", [2, 3, -2], "Each row of W2 meets a1; then b2 is added."),
        asked("a2", [2, 3, 0], "ReLU turns what is below 0 into 0."),
        asked("output", -3, "W3 meets a2, and b3 is added; there is no ReLU behind it."),
        asked("loss", 2, "Half the square of output - target; the target is -5."),
    )


def test_the_last_layer_by_hand() -> None:
    """2. The derivatives of the output and of layer 3 are right."""
    ask(
        asked("d_output", 2, "The derivative of ½ (output - target)² with respect to the output."),
        asked("d_W3", [[4, 6, 0]], "d_output times what went in at each weight: a2."),
        asked("d_b3", [2], "The output grows by exactly as much as b3."),
    )


def test_the_second_layer_by_hand() -> None:
    """2. The derivatives of layer 2 are right, from a2 back to its weights."""
    ask(
        asked("d_a2", [2, -4, 6], "d_output times the weight that leads from each neuron to the output."),
        asked("d_z2", [2, -4, 0], "ReLU lets through what comes back where z2 is above 0, and nothing elsewhere."),
        asked("d_W2", [[4, 2], [-8, -4], [0, 0]], "Row i, column j: d_z2 of neuron i times number j of a1."),
        asked("d_b2", [2, -4, 0], "z2 grows by exactly as much as b2."),
    )


def test_the_first_layer_by_hand() -> None:
    """2. The derivatives of layer 1 are right, from a1 back to its weights."""
    ask(
        asked("d_a1", [-4, -6], "A sum over the neurons of layer 2: d_z2 of each, times the weight that leads to it."),
        asked("d_z1", [-4, -6], "ReLU lets through what comes back where z1 is above 0."),
        asked("d_W1", [[-4, -8], [-6, -12]], "Row i, column j: d_z1 of neuron i times number j of x."),
        asked("d_b1", [-4, -6], "z1 grows by exactly as much as b1."),
    )


def test_what_a_derivative_predicts() -> None:
    """3. The change of the loss is predicted by the derivative of the one weight that changes."""
    nudge = "The derivative of the loss with respect to that weight, times how much the weight has grown."
    assert_number(read_answers(), "change", -0.008, nudge, rtol=2e-3)


def case(stream: int, n: int, n_in: int, n_1: int, n_2: int, n_out: int) -> tuple[Params, Array, Array]:
    """Parameters, rows and targets; whatever is drawn, no number before a ReLU lies near 0."""
    generator = rng(stream)
    shapes = [(n_1, n_in), (n_1,), (n_2, n_1), (n_2,), (n_out, n_2), (n_out,)]
    while True:
        params = {name: generator.normal(size=shape) for name, shape in zip(NAMES, shapes, strict=True)}
        X, T = generator.normal(size=(n, n_in)), generator.normal(size=(n, n_out))
        trace = plain_forward(params, X)
        seen = [abs(v) for name in ("z1", "z2") for row in trace[name] for v in row]
        is_open = all(any(v > 0 for row in trace[name] for v in row) for name in ("z1", "z2"))
        if min(seen) > 1e-3 and is_open:
            return params, X, T


def plain_forward(params: Params, X: Array) -> dict[str, list[list[float]]]:
    """One number after the other."""
    W1, b1, W2, b2, W3, b3 = (params[name].tolist() for name in NAMES)

    def dense(rows: list[list[float]], W: list[list[float]], b: list[float]) -> list[list[float]]:
        return [
            [sum(w * v for w, v in zip(ws, row, strict=True)) + c for ws, c in zip(W, b, strict=True)] for row in rows
        ]

    def relu(rows: list[list[float]]) -> list[list[float]]:
        return [[max(v, 0.0) for v in row] for row in rows]

    z1 = dense(X.tolist(), W1, b1)
    z2 = dense(relu(z1), W2, b2)
    output = dense(relu(z2), W3, b3)
    return {"X": X.tolist(), "z1": z1, "a1": relu(z1), "z2": z2, "a2": relu(z2), "output": output}


def plain_loss(output: Any, T: Array) -> float:
    rows = zip(output, T.tolist(), strict=True)
    halves = [0.5 * math.fsum((o - t) ** 2 for o, t in zip(os, ts, strict=True)) for os, ts in rows]
    return math.fsum(halves) / len(halves)


def by_differences(params: Params, X: Array, T: Array, h: float = 1e-5) -> Params:
    gradients = {}
    for name in NAMES:
        gradients[name] = np.zeros(params[name].shape)
        for place in np.ndindex(params[name].shape):
            sides = []
            for sign in (1, -1):
                moved = copied(params)
                moved[name][place] += sign * h
                sides.append(plain_loss(plain_forward(moved, X)["output"], T))
            gradients[name][place] = (sides[0] - sides[1]) / (2 * h)
    return gradients


def copied(params: Params) -> Params:
    return {name: value.copy() for name, value in params.items()}


def traced(params: Params, X: Array) -> Any:
    """The learner's own kind of trace, made by the plain loops."""
    made = work.Trace(**{name: np.array(rows) for name, rows in plain_forward(params, X).items()})
    require(hasattr(made, "output"), "Trace(X=…, z1=…, …) does not keep its fields; leave the class as the stub has it")
    return made


def named(got: Any, params: Params, what: str) -> Params:
    assert_type(got, dict, what=what)
    require(set(got) == set(NAMES), f"the names in the result of {what} are wrong", got=sorted(map(str, got)))
    found = {}
    for name in reversed(NAMES):  # as the backward pass meets them
        found[name] = as_array(got[name], f'{what}(...)["{name}"]')
        assert_shape(found[name], params[name].shape, what=f'{what}(...)["{name}"]')
    return found


def assert_gradients(got: Any, expected: Params, what: str, rtol: float = 1e-6, atol: float = 1e-8) -> None:
    found = named(got, expected, what)
    for name in reversed(NAMES):
        assert_close(found[name], expected[name], rtol=rtol, atol=atol, what=f'{what}(...)["{name}"]')


def test_forward() -> None:
    """4. forward returns every station of every row: ReLU after layers 1 and 2, none after layer 3."""
    cases = [(SMALL, np.array([[1.0]])), (SMALL, np.array([[-1.0]]))]
    cases += [case(10 + i, *size)[:2] for i, size in enumerate(SIZES)]
    for params, X in cases:
        expected = plain_forward(params, X)
        got = work.forward(copied(params), X.copy())
        for name in STATIONS:
            require(hasattr(got, name), f"what forward returned has no {name}", got=type(got).__name__)
            station = as_array(getattr(got, name), f"forward(...).{name}")
            assert_close(station, expected[name], what=f"forward(...).{name}")


def test_loss() -> None:
    """5. loss is half the sum of squares over the outputs of a row, as the mean over the rows; a float."""
    cases = [([[3.0]], [[1.0]]), ([[3.0, 0.0, 1.0]], [[1.0, 2.0, 1.0]]), ([[3.0], [0.0]], [[1.0], [0.0]])]
    for output, T in [*((np.array(o), np.array(t)) for o, t in cases), tuple(rng(20).normal(size=(2, 7, 3)))]:
        expected = plain_loss(output.tolist(), T)
        got = work.loss(output.copy(), T.copy())
        assert_type(got, (int, float, np.floating), what="the loss")
        assert_close(got, expected)


def test_backward_for_one_example() -> None:
    """6. For a single example the derivatives agree with finite differences."""
    for i, size in enumerate([(1, 1, 1, 1, 1), (1, 2, 2, 3, 1), (1, 3, 2, 4, 2), (1, 4, 5, 2, 3)]):
        params, X, T = case(30 + i, *size)
        expected = by_differences(params, X, T)
        assert_gradients(work.backward(copied(params), traced(params, X), T.copy()), expected, "backward")


def test_backward_for_a_batch() -> None:
    """6. For several examples the derivatives are those of the mean over the rows."""
    for i, size in enumerate([(2, 1, 1, 1, 1), *SIZES[2:], (7, 2, 6, 3, 1)]):
        params, X, T = case(40 + i, *size)
        expected = by_differences(params, X, T)
        assert_gradients(work.backward(copied(params), traced(params, X), T.copy()), expected, "backward")


def test_backward_runs_nothing_forward() -> None:
    """7. backward takes the numbers of the forward pass from trace; of params, only W2 and W3 count."""
    params, X, T = case(50, 3, 2, 4, 3, 2)
    expected = by_differences(params, X, T)
    other = {
        name: value.copy() if name in ("W2", "W3") else np.full(value.shape, 9.0) for name, value in params.items()
    }
    trace = traced(params, X)
    assert_gradients(work.backward(other, trace, T.copy()), expected, "backward")


def test_numerical() -> None:
    """8. numerical returns the central differences of the loss, for every entry."""
    for i, size in enumerate(SIZES):
        params, X, T = case(60 + i, *size)
        expected = by_differences(params, X, T)
        assert_gradients(work.numerical(copied(params), X.copy(), T.copy()), expected, "numerical")


def test_both_agree() -> None:
    """6. Your backward pass agrees with your differences."""
    for i, size in enumerate(SIZES):
        params, X, T = case(70 + i, *size)
        by_numbers = named(work.numerical(copied(params), X.copy(), T.copy()), params, "numerical")
        trace = work.forward(copied(params), X.copy())
        assert_gradients(work.backward(copied(params), trace, T.copy()), by_numbers, "backward")


edges()


def test_the_step_is_honoured() -> None:
    """8. h is the step to each side: where a large one crosses the bend of a ReLU, the result shows it."""
    for h in (0.5, 2.0):
        for params, X, T in ((SMALL, np.array([[0.3]]), np.array([[1.0]])), case(80, 2, 2, 3, 2, 2)):
            expected = by_differences(params, X, T, h)
            assert_gradients(work.numerical(copied(params), X.copy(), T.copy(), h=h), expected, "numerical", 1e-7)


def test_the_step_is_small_by_default() -> None:
    """8. By default h is 1e-5: a ReLU whose input is 2e-4 does not come to its bend."""
    params = {**copied(SMALL), "b2": np.array([1.0])}
    X, T = np.array([[-0.2499]]), np.array([[1.0]])
    expected = by_differences(params, X, T)
    assert_gradients(work.numerical(copied(params), X.copy(), T.copy()), expected, "numerical")


def test_the_derivative_of_relu_at_0() -> None:
    """6. Nothing comes back through a ReLU whose input is exactly 0, in both layers."""
    for layer in (1, 2):
        params = {name: np.ones_like(value) for name, value in SMALL.items()}
        # The input of this layer's ReLU is 0: layer 1 receives 1 - 1, or layer 2 receives 2 - 2.
        params[f"b{layer}"] = np.array([-1.0 if layer == 1 else -2.0])
        X, T = np.array([[1.0]]), np.array([[5.0]])
        got = named(work.backward(copied(params), traced(params, X), T), params, "backward")
        for name in (f"W{layer}", f"b{layer}"):
            message = f"layer {layer} is exactly at the bend of its ReLU, and {name} has a derivative other than 0"
            require(not got[name].any(), message, got=got[name], expected=np.zeros_like(got[name]))


def test_nothing_is_changed_or_remembered() -> None:
    """9. No function changes what it is given, and none remembers anything from one call to the next."""
    params, X, T = case(90, 3, 2, 4, 3, 2)
    other, other_X, other_T = case(91, 2, 3, 2, 2, 1)
    with unchanged(params=params, X=X):
        trace = work.forward(params, X)
    kept = [np.array(as_array(getattr(trace, name, None), f"forward(...).{name}")) for name in STATIONS]
    output = np.array(plain_forward(params, X)["output"])
    with unchanged(output=output, T=T):
        work.loss(output, T)
    with unchanged(params=params, X=X, T=T):
        work.numerical(params, X, T)
    own = traced(params, X)
    stations = {name: getattr(own, name) for name in STATIONS}
    with unchanged(params=params, T=T, trace=stations):
        first = named(work.backward(params, own, T), params, "backward")
    before = copied(first)
    work.forward(other, other_X)
    named(work.backward(other, traced(other, other_X), other_T), other, "backward")
    named(work.backward(params, own, T + 1.0), params, "backward")
    for name in NAMES:
        require(np.array_equal(first[name], before[name]), f'a later call of backward changed the earlier "{name}"')
    assert_gradients(work.backward(params, own, T), before, "backward")
    for name, was in zip(STATIONS, kept, strict=True):
        require(np.array_equal(getattr(trace, name), was), f"a later call changed {name} of an earlier trace")


def test_targets_of_another_shape_are_refused() -> None:
    """10. T of another shape than the output raises ValueError in loss and backward, even if NumPy can stretch it."""
    params, X, _ = case(95, 3, 2, 2, 2, 1)
    trace = traced(params, X)
    output = np.array(plain_forward(params, X)["output"])
    for shape in ((3,), (1, 1), (3, 2), (1, 3)):
        assert_raises(ValueError, work.loss, output.copy(), np.ones(shape))
        assert_raises(ValueError, work.backward, copied(params), trace, np.ones(shape))
    # Here even the numbers of entries are equal, and all sizes fit together.
    params, X, _ = case(96, 1, 2, 2, 3, 3)
    for shape in ((3,), (3, 1)):
        assert_raises(ValueError, work.backward, copied(params), traced(params, X), np.ones(shape))
    wide = np.ones((2, 3))
    assert_raises(ValueError, work.loss, wide, np.ones(3))
    assert_raises(ValueError, work.loss, wide, np.ones((2, 1)))
    assert_equal(work.loss(wide, wide.copy()), 0.0, what="the loss of outputs that equal their targets")
