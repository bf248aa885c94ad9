"""Hidden test of p038_rnn_cell."""

import importlib
import importlib.util
import math
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    learner,
    no_warnings,
    not_tried,
    require,
    rng,
    seed,
    unchanged,
)

work = learner("rnn")
Array = NDArray[Any]
Params = dict[str, Array]
NAMES = ("b", "W_x", "W_h")  # the simplest first

SMALL: Params = {
    "W_x": np.array([[0.5, -1.0], [0.25, 0.75], [-0.5, 0.1]]),
    "W_h": np.array([[0.2, -0.4, 0.6], [0.8, 0.1, -0.3], [-0.7, 0.5, 0.0]]),
    "b": np.array([0.1, -0.2, 0.3]),
}
SMALL_XS = np.array([[[1.0, 0.5], [-1.0, 2.0], [0.0, 0.25]], [[0.5, 0.0], [2.0, -0.5], [-1.5, 1.0]]])
SMALL_H = np.array([[0.5, -0.5, 0.0], [0.1, 0.2, 0.3]])
SMALL_UPSTREAM = np.array([[1.0, -2.0, 0.5], [0.25, 0.5, -1.0]])
# Noted from PyTorch 2.13.0: RNN(2, 3, batch_first=True), and for the gradients of the first step RNNCell(2, 3).
SMALL_HS = [
    [
        [0.379948962255, 0.649827463672, -0.635148952387],
        [-0.994697456886, 0.923084125335, 0.78526145078],
        [-0.242111870087, -0.740474022084, 0.901996905831],
    ],
    [
        [0.438199314833, -0.0649086127746, 0.0798297691111],
        [0.942670433881, 0.240325616661, -0.796583713804],
        [-0.966454765463, 0.831242630079, 0.544333671298],
    ],
]
SMALL_GRADIENTS = {
    "b": [1.0576341262, -0.657555098922, -0.695334303823],
    "W_x": [[0.956636456141, 0.427819393041], [-0.906501816919, -0.577724267458], [-0.198520699841, 0.14914645207]],
    "W_h": [
        [0.448018927053, -0.387420325017, 0.060598602036],
        [-0.527934923858, 0.677302954656, 0.149368030798],
        [0.049783731274, -0.347871893663, -0.298088162389],
    ],
    "d_x": [[-0.0101891927586, -1.69239589685], [0.72228463304, 0.072062016079]],
    "d_h": [[-0.962036103615, -0.308653915854, 0.860017832123], [1.13425286239, -0.52782239643, -0.0281708267261]],
}
# Sequences, inputs, units.
SIZES = [(1, 1, 1), (2, 1, 2), (1, 3, 2), (2, 1, 3), (5, 3, 7), (3, 4, 4), (4, 4, 4), (2, 5, 1)]


def weights(stream: int, n_in: int, n_hidden: int) -> Params:
    generator = rng(stream)
    shapes = {"W_x": (n_hidden, n_in), "W_h": (n_hidden, n_hidden), "b": (n_hidden,)}
    return {name: generator.normal(0.0, 0.6, shape) for name, shape in shapes.items()}


def numbers(stream: int, *shape: int) -> NDArray[np.float64]:
    return rng(stream).uniform(-1.0, 1.0, shape)


def plain_step(params: Params, x: Array, h: Array) -> NDArray[np.float64]:
    """One unit of one sequence after the other, in Python's own numbers."""
    W_x, W_h, b = (params[name].tolist() for name in ("W_x", "W_h", "b"))

    def unit(k: int, reads: list[float], remembers: list[float]) -> float:
        read = sum(w * value for w, value in zip(W_x[k], reads, strict=True))
        remembered = sum(w * value for w, value in zip(W_h[k], remembers, strict=True))
        return math.tanh(read + remembered + b[k])

    rows = zip(x.tolist(), h.tolist(), strict=True)
    return np.array([[unit(k, reads, remembers) for k in range(len(b))] for reads, remembers in rows])


def plain_unroll(params: Params, xs: Array, h0: Array | None = None) -> NDArray[np.float64]:
    h = np.zeros((len(xs), len(params["b"]))) if h0 is None else h0
    states = []
    for t in range(xs.shape[1]):
        h = plain_step(params, xs[:, t], h)
        states.append(h)
    return np.stack(states, axis=1)


def by_differences(params: Params, x: Array, h: Array, upstream: Array) -> dict[str, Array]:
    """Central differences of sum(step * upstream) by the plain definition, one number at a time."""
    change, inputs, gradients = 1e-5, {**params, "d_x": x, "d_h": h}, {}
    for name, values in inputs.items():
        gradients[name] = np.zeros(values.shape)
        for place in np.ndindex(values.shape):
            sums = []
            for sign in (1, -1):
                moved = {n: v.astype(np.float64) for n, v in inputs.items()}
                moved[name][place] += sign * change
                sums.append(float((plain_step(moved, moved["d_x"], moved["d_h"]) * upstream).sum()))
            gradients[name][place] = (sums[0] - sums[1]) / (2 * change)
    return gradients


def copied(params: Params) -> Params:
    return {name: value.copy() for name, value in params.items()}


def step(params: Params, x: Array, h: Array) -> Array:
    got = as_array(work.step(copied(params), x.copy(), h.copy()), "step")
    assert_shape(got, (len(x), len(params["b"])), what="step")
    return got


def unroll(params: Params, xs: Array, *h0: Array) -> tuple[Array, Array]:
    """All states, looked at for their shape, and the last one."""
    return looked_at(work.unroll(copied(params), xs.copy(), *(h.copy() for h in h0)), params, xs)


def looked_at(got: Any, params: Params, xs: Array) -> tuple[Array, Array]:
    assert_type(got, tuple, what="unroll")
    require(len(got) == 2, "unroll must return (hs, last)", got=got)
    hs, last = as_array(got[0], "hs"), as_array(got[1], "last")
    assert_shape(hs, (*xs.shape[:2], len(params["b"])), what="hs")
    return hs, last


def backward(params: Params, x: Array, h: Array, upstream: Array) -> dict[str, Array]:
    """The gradients of params, with d_x and d_h beside them, looked at for their shapes."""
    return all_five(work.step_backward(copied(params), x.copy(), h.copy(), upstream.copy()), params, x)


def all_five(got: Any, params: Params, x: Array) -> dict[str, Array]:
    assert_type(got, tuple, what="step_backward")
    require(len(got) == 3, "step_backward must return (gradients, d_x, d_h)", got=got)
    gradients, d_x, d_h = got
    assert_type(gradients, dict, what="gradients")
    require(set(gradients) == set(NAMES), "the names in gradients must be W_x, W_h and b", got=sorted(gradients))
    found = {name: as_array(gradients[name], said(name)) for name in NAMES}
    for name in NAMES:
        assert_shape(found[name], params[name].shape, what=said(name))
    found |= {"d_x": as_array(d_x, "d_x"), "d_h": as_array(d_h, "d_h")}
    assert_shape(found["d_x"], x.shape, what="d_x")
    assert_shape(found["d_h"], (len(x), len(params["b"])), what="d_h")
    return found


def said(name: str) -> str:
    return f'gradients["{name}"]' if name in NAMES else name


def test_one_step() -> None:
    """1. step returns tanh(x · W_xᵀ + h · W_hᵀ + b), one row for each sequence."""
    for stream, (n, n_in, n_hidden) in enumerate(SIZES):
        params = weights(10 + stream, n_in, n_hidden)
        x, h = numbers(20 + stream, n, n_in), numbers(30 + stream, n, n_hidden)
        expected = plain_step(params, x, h)
        assert_close(step(params, x, h), expected)


def test_nothing_is_remembered_between_calls() -> None:
    """4. The same call of unroll returns the same again, whatever was read in between."""
    for n, n_in, n_hidden in ((1, 1, 1), (2, 3, 4)):
        params, xs = weights(180, n_in, n_hidden), numbers(181, n, 3, n_in)
        for h0 in ((), (numbers(182, n, n_hidden),)):
            first, _ = unroll(params, xs, *h0)
            unroll(params, numbers(183, n, 4, n_in))
            unroll(params, numbers(184, n, 3, n_in), numbers(185, n, n_hidden))
            assert_close(unroll(params, xs, *h0)[0], first, what="hs of the same call, made again after two others,")


def test_a_sequence_is_read_in_order() -> None:
    """2. unroll reads step after step, each with the hidden state of the one before, beginning with zeros."""
    for stream, (n, n_in, n_hidden) in enumerate(SIZES):
        for n_steps in (1, 2, 3, 7):
            params, xs = weights(40 + stream, n_in, n_hidden), numbers(50 + stream, n, n_steps, n_in)
            expected = plain_unroll(params, xs)
            assert_close(unroll(params, xs)[0], expected, what="hs")


def test_it_begins_with_h0() -> None:
    """2. With h0, the first step gets that hidden state."""
    for stream, (n, n_in, n_hidden) in enumerate(SIZES):
        for n_steps in (1, 4):
            params, xs = weights(60 + stream, n_in, n_hidden), numbers(70 + stream, n, n_steps, n_in)
            h0 = numbers(80 + stream, n, n_hidden)
            expected = plain_unroll(params, xs, h0)
            assert_close(unroll(params, xs, h0)[0], expected, what="hs")


def test_last() -> None:
    """3. last is the hidden state after the last step."""
    for stream, (n, n_in, n_hidden) in enumerate(SIZES):
        for n_steps in (1, 2, 5):
            params, xs = weights(90 + stream, n_in, n_hidden), numbers(100 + stream, n, n_steps, n_in)
            expected = plain_unroll(params, xs)[:, -1]
            assert_close(unroll(params, xs)[1], expected, what="last")


def test_a_state_is_carried_on() -> None:
    """4. A sequence read in two calls, the second with the last state of the first, is as if read in one."""
    for stream, (n, n_in, n_hidden) in enumerate(SIZES):
        params, xs = weights(110 + stream, n_in, n_hidden), numbers(120 + stream, n, 5, n_in)
        expected = plain_unroll(params, xs)
        for k in (1, 3):
            hs, last = unroll(params, xs[:, :k])
            assert_close(hs, expected[:, :k], what="hs of the first part")
            hs, last = unroll(params, xs[:, k:], last)
            assert_close(hs, expected[:, k:], what="hs of the second part")
            assert_close(last, expected[:, -1], what="last of the second part")


def test_gradients_agree_with_finite_differences() -> None:
    """6. The gradients of b, W_x, W_h, x and h agree with finite differences, also for a batch of one."""
    for stream, (n, n_in, n_hidden) in enumerate(SIZES):
        params = weights(130 + stream, n_in, n_hidden)
        x, h = numbers(140 + stream, n, n_in), numbers(150 + stream, n, n_hidden)
        upstream = rng(160 + stream).normal(size=(n, n_hidden))
        expected = by_differences(params, x, h, upstream)
        got = backward(params, x, h, upstream)
        for name in (*NAMES, "d_x", "d_h"):
            assert_close(got[name], expected[name], rtol=1e-6, atol=1e-8, what=said(name))


def test_it_agrees_with_pytorch() -> None:
    """5. States and gradients agree with torch.nn.RNN and RNNCell (noted from PyTorch 2.13.0)."""
    hs, last = unroll(SMALL, SMALL_XS, SMALL_H)
    assert_close(hs, SMALL_HS, rtol=1e-8, atol=1e-9, what="hs")
    assert_close(last, np.array(SMALL_HS)[:, -1], rtol=1e-8, atol=1e-9, what="last")
    got = backward(SMALL, SMALL_XS[:, 0], SMALL_H, SMALL_UPSTREAM)
    for name, gradient in SMALL_GRADIENTS.items():
        assert_close(got[name], gradient, rtol=1e-8, atol=1e-9, what=said(name))
    if not seed() and "torch" not in sys.modules:
        return  # for a learner the noted numbers will do, as the import takes seconds; the audit asks PyTorch itself
    if importlib.util.find_spec("torch") is None:
        not_tried("PyTorch is not installed: only numbers noted from it were compared")
        return
    compare_with_pytorch(n=3, n_steps=6, n_in=5, n_hidden=4)


def compare_with_pytorch(n: int, n_steps: int, n_in: int, n_hidden: int) -> None:
    torch = importlib.import_module("torch")
    params, xs, h0 = weights(170, n_in, n_hidden), numbers(171, n, n_steps, n_in), numbers(172, n, n_hidden)
    rnn = torch.nn.RNN(n_in, n_hidden, batch_first=True, dtype=torch.float64)
    cell = torch.nn.RNNCell(n_in, n_hidden, dtype=torch.float64)
    share = rng(173).normal(size=n_hidden)  # theirs has two biases
    values = [params["W_x"], params["W_h"], params["b"] - share, share]
    with torch.no_grad():
        for theirs in (rnn, cell):
            for parameter, value in zip(theirs.parameters(), values, strict=True):
                parameter.copy_(torch.tensor(value))
        expected_hs, expected_last = rnn(torch.tensor(xs), torch.tensor(h0)[None])
    hs, last = unroll(params, xs, h0)
    assert_close(hs, expected_hs.numpy(), what="hs")
    assert_close(last, expected_last[0].numpy(), what="last")

    upstream = rng(174).normal(size=(n, n_hidden))
    x, h = torch.tensor(xs[:, 0], requires_grad=True), torch.tensor(h0, requires_grad=True)
    cell(x, h).backward(torch.tensor(upstream))
    expected = {"W_x": cell.weight_ih.grad, "W_h": cell.weight_hh.grad, "b": cell.bias_ih.grad}
    got = backward(params, xs[:, 0], h0, upstream)
    for name, gradient in {**expected, "d_x": x.grad, "d_h": h.grad}.items():
        assert_close(got[name], gradient.numpy(), what=said(name))


edges()


def test_large_inputs() -> None:
    """7. Inputs of 1e4 and -1e4 make the right states and gradients, without a warning, and are not clipped."""
    params = {"W_x": np.array([[1.0], [-1.0]]), "W_h": np.array([[0.5, 0.0], [0.0, 0.25]]), "b": np.zeros(2)}
    for value in (1e4, -1e4, 400.0):
        x, h = np.array([[value], [0.0]]), np.array([[0.5, 0.5], [0.5, 0.5]])
        xs = np.array([[[value], [-value]], [[0.0], [value]]])
        expected = plain_step(params, x, h), plain_unroll(params, xs)
        with no_warnings():
            assert_close(step(params, x, h), expected[0])
            assert_close(unroll(params, xs)[0], expected[1], what="hs")
            got = backward(params, x, h, np.ones((2, 2)))
        # The row of the large input adds nothing; the other, of 0, reads only what it remembers.
        steepness = 1 - np.tanh([0.25, 0.125]) ** 2
        assert_close(got["b"], steepness, what='gradients["b"]')
        assert_close(got["W_x"], np.zeros((2, 1)), what='gradients["W_x"]')
        assert_close(got["d_h"], np.array([[0.0, 0.0], steepness * [0.5, 0.25]]), what="d_h")
    # A small weight leaves such an input in the middle of tanh, where it counts in full.
    params = {"W_x": np.array([[1e-4]]), "W_h": np.zeros((1, 1)), "b": np.zeros(1)}
    for value in (1e4, -1e4):
        x, h = np.array([[value]]), np.zeros((1, 1))
        state = math.tanh(1e-4 * value)
        steepness = 1 - state**2
        assert_close(step(params, x, h), np.array([[state]]))
        assert_close(unroll(params, x[None])[0], np.array([[[state]]]), what="hs")
        got = backward(params, x, h, np.ones((1, 1)))
        assert_close(got["W_x"], np.array([[steepness * value]]), what='gradients["W_x"]')
        assert_close(got["d_x"], np.array([[steepness * 1e-4]]), what="d_x")


def test_one_hot_rows() -> None:
    """8. x may hold integers, as one-hot rows do; the results are float64 and not rounded."""
    params, h = weights(200, 4, 3), numbers(201, 2, 3)
    for dtype in (np.int64, np.uint8, np.float32):
        xs = np.eye(4, dtype=dtype)[[[0, 3, 1], [2, 2, 0]]]  # (2, 3, 4)
        expected = plain_unroll(params, xs), plain_step(params, xs[:, 0], h)
        hs, last = unroll(params, xs)
        assert_close(hs, expected[0], what="hs")
        got = step(params, xs[:, 0], h)
        assert_close(got, expected[1])
        gradients = backward(params, xs[:, 0], h, np.ones((2, 3)))
        gradients_expected = by_differences(params, xs[:, 0], h, np.ones((2, 3)))
        for name, value in gradients.items():
            assert_close(value, gradients_expected[name], rtol=1e-6, atol=1e-8, what=said(name))
        for what, value in {"hs": hs, "last": last, "step": got}.items():
            assert_dtype(value, np.float64, what=what)
        for name, value in gradients.items():
            assert_dtype(value, np.float64, what=said(name))


def test_nothing_is_changed() -> None:
    """9. No function changes its arguments or the result of an earlier call, also where they are views."""
    base, states = numbers(210, 6, 8, 3), numbers(211, 6, 4)
    params = weights(212, 3, 4)
    for xs, h in ((base.copy(), states.copy()), (base[::2, 1::2], states[::2])):
        upstream = numbers(213, len(xs), 4)
        with unchanged(params=params, x=xs, h=h, base=base, states=states):
            one = as_array(work.step(params, xs[:, 0], h), "step")
        with unchanged(params=params, xs=xs, h0=h, base=base, states=states):
            hs, last = looked_at(work.unroll(params, xs, h), params, xs)
        with unchanged(params=params, x=xs, h=h, upstream=upstream, base=base, states=states):
            gradients = all_five(work.step_backward(params, xs[:, 0], h, upstream), params, xs[:, 0])
        results = {"step": one, "hs": hs, "last": last, **{said(n): v for n, v in gradients.items()}}
        kept = {name: value.copy() for name, value in results.items()}
        other_xs, other_h = numbers(214, *xs.shape), numbers(215, *h.shape)
        step(params, other_xs[:, 0], other_h)
        unroll(params, other_xs, other_h)
        backward(params, other_xs[:, 0], other_h, upstream + 1.0)
        for name, value in results.items():
            assert_equal(value, kept[name], what=f"the earlier result {name}, after another call,")


def test_other_states_are_refused() -> None:
    """10. A hidden state of another shape than (n, n_hidden) raises ValueError in step and unroll, never broadcast."""
    params, xs = weights(220, 2, 3), numbers(221, 4, 5, 2)
    for shape in ((1, 3), (3,), (4, 2), (4, 1), (1, 4, 3), (5, 3)):
        h = numbers(222, *shape)
        assert_raises(ValueError, work.step, copied(params), xs[:, 0].copy(), h.copy())
        assert_raises(ValueError, work.unroll, copied(params), xs.copy(), h.copy())
    several = numbers(223, 4, 3)
    assert_raises(ValueError, work.step, copied(params), xs[:1, 0].copy(), several.copy())
    assert_raises(ValueError, work.unroll, copied(params), xs[:1].copy(), several.copy())
