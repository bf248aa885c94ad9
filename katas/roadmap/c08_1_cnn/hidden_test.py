"""Hidden test of c08_1_cnn."""

import math
import sys
from functools import partial
from types import FrameType
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
    edges,
    fail,
    global_random_state_kept,
    learner,
    learner_module,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("cnn")
Array = NDArray[Any]
Params = dict[str, Array]
NAMES = ("w1", "b1", "w2", "b2", "w3", "b3")
# Images, channels, height, width; outputs, height and width of the kernel; padding.
LAYERS = [
    ((1, 1, 1, 2), (1, 1, 2), 0),
    ((1, 1, 3, 3), (1, 2, 2), 0),
    ((1, 1, 2, 3), (1, 3, 3), 1),
    ((2, 1, 4, 3), (1, 2, 1), 0),
    ((1, 3, 3, 4), (2, 2, 3), 0),
    ((3, 2, 5, 4), (4, 3, 2), 1),
    ((2, 2, 3, 5), (3, 1, 3), 2),
    ((1, 1, 9, 8), (1, 3, 2), 0),
]


def numbers(stream: int, *shape: int) -> Array:
    return rng(stream).normal(size=shape)


def layer(stream: int, case: tuple[Any, Any, int]) -> tuple[Array, Array, Array, int]:
    size, (o, kh, kw), padding = case
    return numbers(stream, *size), numbers(stream + 1, o, size[1], kh, kw), numbers(stream + 2, o), padding


def plain_conv(x: Array, w: Array, b: Array, padding: int) -> Array:
    """One place of the kernel after the other."""
    n, c, h, width = x.shape
    o, _, kh, kw = w.shape
    padded = np.zeros((n, c, h + 2 * padding, width + 2 * padding))
    padded[:, :, padding : padding + h, padding : padding + width] = x
    oh, ow = padded.shape[2] - kh + 1, padded.shape[3] - kw + 1
    out = np.zeros((n, o, oh, ow))
    for k, a, i, j in np.ndindex(o, c, kh, kw):
        out[:, k] += w[k, a, i, j] * padded[:, a, i : i + oh, j : j + ow]
    return out + b[:, None, None]


def plain_pool(x: Array, size: int) -> Array:
    n, c, h, w = x.shape
    out = np.zeros((n, c, h // size, w // size))
    for at in np.ndindex(out.shape):
        i, j = at[2] * size, at[3] * size
        out[at] = max(x[at[0], at[1], i : i + size, j : j + size].ravel().tolist())
    return out


def plain_logits(params: Params, x: Array) -> Array:
    for name in "12":
        x = plain_pool(np.maximum(plain_conv(x, params[f"w{name}"], params[f"b{name}"], 1), 0), 2)
    features = np.array([image.ravel() for image in x])
    return features @ params["w3"].T + params["b3"]


def plain_loss(params: Params, x: Array, labels: Array) -> float:
    losses = []
    for logits, label in zip(plain_logits(params, x).tolist(), labels.tolist(), strict=True):
        top = max(logits)
        losses.append(math.log(math.fsum(math.exp(v - top) for v in logits)) + top - logits[label])
    return math.fsum(losses) / len(losses)


def loss_where(name: str, params: Params, x: Array, labels: Array, moved: Array) -> float:
    return plain_loss({**params, name: moved}, x, labels)


def slope(function: Any, array: Array, place: tuple[int, ...], step: float = 1e-6) -> float:
    """Central difference of a function of the array, by one of its entries."""
    sides = []
    for sign in (1, -1):
        moved = array.copy()
        moved[place] += sign * step
        sides.append(float(function(moved)))
    return (sides[0] - sides[1]) / (2 * step)


def slopes(function: Any, array: Array) -> Array:
    return np.array([slope(function, array, at, 1e-4) for at in np.ndindex(array.shape)]).reshape(array.shape)


def network(stream: int, n: int, c: int, h: int, w: int, f1: int, f2: int, k: int) -> tuple[Params, Array, Array]:
    shapes = {
        "w1": (f1, c, 3, 3),
        "b1": (f1,),
        "w2": (f2, f1, 3, 3),
        "b2": (f2,),
        "w3": (k, f2 * (h // 4) * (w // 4)),
        "b3": (k,),
    }
    generator = rng(stream)
    params = {name: generator.normal(0, 0.6, shape) for name, shape in shapes.items()}
    return params, generator.normal(size=(n, c, h, w)), generator.integers(0, k, n)


# Images, channels, height, width, filters of both layers, classes.
NETWORKS = [(1, 1, 4, 4, 1, 1, 2), (2, 1, 4, 8, 2, 3, 3), (3, 2, 9, 6, 3, 2, 4)]


def copied(params: Params) -> Params:
    return {name: value.copy() for name, value in params.items()}


def named(got: Any, what: str) -> Params:
    assert_type(got, dict, what=what)
    require(set(got) == set(NAMES), f"the names in {what} must be {', '.join(NAMES)}", got=sorted(map(str, got)))
    return {name: as_array(got[name], f'{what}["{name}"]') for name in NAMES}


def both(params: Params, x: Array, labels: Array) -> tuple[float, Params]:
    got = work.loss_and_gradients(copied(params), x.copy(), labels.copy())
    assert_type(got, tuple, what="loss_and_gradients")
    require(len(got) == 2, "loss_and_gradients must return (loss, gradients)", got=got)
    assert_type(got[0], (int, float, np.floating), what="the loss")
    return float(got[0]), named(got[1], "gradients")


def back(upstream: Array, x: Array, w: Array, padding: int) -> list[Any]:
    got = work.conv_backward(upstream.copy(), x.copy(), w.copy(), padding)
    assert_type(got, (tuple, list), what="conv_backward")
    require(len(got) == 3, "conv_backward must return (d_x, d_w, d_b)", got=got)
    return [as_array(one, name) for one, name in zip(got, ("d_x", "d_w", "d_b"), strict=True)]


def test_convolution() -> None:
    """1. conv returns the convolution of each image with w, not flipped, plus the bias of each output channel."""
    for stream, case in enumerate(LAYERS):
        x, w, b, padding = layer(10 * stream, case)
        for used in (np.zeros_like(b), b):
            expected = plain_conv(x, w, used, padding)
            got = work.conv(x.copy(), w.copy(), used.copy(), padding)
            assert_close(got, expected, rtol=1e-9, atol=1e-11)
    x, w, b, _ = layer(100, LAYERS[5])
    assert_close(work.conv(x.copy(), w.copy(), b.copy()), plain_conv(x, w, b, 0), rtol=1e-9, atol=1e-11)


def test_convolution_is_your_own() -> None:
    """1. conv calls the conv2d that you wrote in p020."""
    function = getattr(learner_module("conv2d"), "conv2d", None)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code, calls = getattr(function, "__code__", None), 0

    def note(frame: FrameType, event: str, _: Any) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code is code

    x, w, b, padding = layer(110, LAYERS[5])
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        got = work.conv(x.copy(), w.copy(), b.copy(), padding)
    finally:
        sys.setprofile(before)
    assert_close(got, plain_conv(x, w, b, padding), rtol=1e-9, atol=1e-11)
    require(calls > 0, "conv does not call your conv2d")


def test_gradients_of_the_convolution() -> None:
    """2. conv_backward returns the gradients by the bias, the weights and x, each agreeing with finite differences."""
    for i, name in reversed(list(enumerate(("d_x", "d_w", "d_b")))):
        for stream, case in enumerate(case for case in LAYERS if not case[2]):
            x, w, b, _ = layer(200 + 10 * stream, case)
            assert_slopes(x, w, b, 0, 209 + 10 * stream, i, name)


def assert_slopes(x: Array, w: Array, b: Array, padding: int, stream: int, i: int, name: str) -> None:
    upstream = numbers(stream, *plain_conv(x, w, b, padding).shape)
    arrays = [x, w, b]

    def loss(moved: Array) -> float:
        return float((plain_conv(*arrays[:i], moved, *arrays[i + 1 :], padding) * upstream).sum())

    expected = slopes(loss, arrays[i])
    assert_close(back(upstream, x, w, padding)[i], expected, rtol=1e-6, atol=1e-7, what=name)


def test_gradients_of_a_padded_convolution() -> None:
    """2. With padding too, d_x has the shape of x, and d_x and d_w agree with finite differences."""
    for i, name in ((1, "d_w"), (0, "d_x")):
        for stream, case in enumerate(case for case in LAYERS if case[2]):
            x, w, b, padding = layer(300 + 10 * stream, case)
            assert_slopes(x, w, b, padding, 309 + 10 * stream, i, name)


# Images, channels, height, width, size of the windows.
POOLS = [(1, 1, 2, 2, 2), (1, 1, 2, 4, 2), (2, 3, 4, 6, 2), (1, 2, 6, 3, 3), (2, 1, 3, 2, 1), (1, 1, 4, 8, 4)]
LEFT_OVER = [(1, 1, 2, 3, 2), (1, 1, 3, 2, 2), (2, 2, 5, 7, 2), (1, 1, 8, 5, 3)]


def test_pooling() -> None:
    """3. max_pool returns the largest number of each window, each channel of each image on its own."""
    assert_equal(work.max_pool(np.array([[[[-3.0, -1.0], [-2.0, -4.0]]]]), 2), [[[[-1.0]]]])
    for stream, (*shape, size) in enumerate(POOLS):
        x = numbers(400 + stream, *shape) - 3
        assert_close(work.max_pool(x.copy(), size), plain_pool(x, size), rtol=0, atol=0)


def plain_pool_back(upstream: Array, x: Array, size: int) -> Array:
    d_x = np.zeros(x.shape)
    for at in np.ndindex(upstream.shape):
        i, j = at[2] * size, at[3] * size
        window = x[at[0], at[1], i : i + size, j : j + size].ravel().tolist()
        first = window.index(max(window))
        d_x[at[0], at[1], i + first // size, j + first % size] = upstream[at]
    return d_x


def assert_pool_back(x: Array, size: int, stream: int) -> None:
    upstream = numbers(stream, *plain_pool(x, size).shape)
    expected = plain_pool_back(upstream, x, size)
    assert_close(work.max_pool_backward(upstream.copy(), x.copy(), size), expected, rtol=0, atol=0)


def test_gradient_of_the_pooling() -> None:
    """4. The gradient of a window goes to its largest number, whatever its sign; all others get 0."""
    for stream, (*shape, size) in enumerate(POOLS):
        assert_pool_back(numbers(500 + stream, *shape), size, 520 + stream)


def test_logits() -> None:
    """5. forward returns the logits: conv, ReLU, pooling, twice, and the dense layer."""
    for stream, sizes in enumerate(NETWORKS):
        params, x, _ = network(600 + stream, *sizes)
        assert_close(work.forward(copied(params), x.copy()), plain_logits(params, x), rtol=1e-9, atol=1e-11)


def test_loss() -> None:
    """6. The loss is the mean cross-entropy of the softmax of the logits."""
    for stream, sizes in enumerate(NETWORKS):
        params, x, labels = network(610 + stream, *sizes)
        expected = plain_loss(params, x, labels)
        assert_close(both(params, x, labels)[0], expected, what="the loss")


def test_gradients_of_the_network() -> None:
    """6. The gradients of all six parameters agree with finite differences of the loss."""
    for stream, sizes in enumerate(NETWORKS):
        params, x, labels = network(620 + stream, *sizes)
        gradients = both(params, x, labels)[1]
        for name in reversed(NAMES):  # the way back meets b3 first
            loss = partial(loss_where, name, params, x, labels)
            assert_shape(gradients[name], params[name].shape, what=f'gradients["{name}"]')
            places = list(np.ndindex(params[name].shape))
            for i in rng(630 + stream).permutation(len(places))[:6].tolist():
                at = places[i]
                what = f'gradients["{name}"][{", ".join(map(str, at))}]'
                assert_close(gradients[name][at], slope(loss, params[name], at), rtol=1e-4, atol=1e-7, what=what)


def test_it_reads_digits() -> None:
    """8. Trained on 600 digits of 8 x 8 with any seed, it is right on over 90 % of 500 that it has not seen."""
    from sklearn.datasets import load_digits

    data = load_digits()
    order = rng(700).permutation(len(data.target))
    x, labels = data.images[order][:, None] / 16, data.target[order]
    seed = int(rng(701).integers(1, 1000))
    params = named(work.fit(x[:600].copy(), labels[:600].copy(), 10, seed=seed), "params")
    found = plain_logits(params, x[600:1100]).argmax(axis=1)
    share = float((found == labels[600:1100]).mean())
    if not share > 0.9:
        fail("too few of 500 new digits are recognised", got=Shown(f"{share:.1%}"), expected=Shown("over 90 %"))


edges()


def test_rows_that_fill_no_window() -> None:
    """3. Rows and columns at the far end that fill no window are left out."""
    for stream, (*shape, size) in enumerate(LEFT_OVER):
        x = numbers(410 + stream, *shape)
        assert_close(work.max_pool(x.copy(), size), plain_pool(x, size), rtol=0, atol=0)


def test_gradient_of_what_is_left_out() -> None:
    """4. The gradient of the pooling has the shape of x, with 0 where x was left out."""
    for stream, (*shape, size) in enumerate(LEFT_OVER):
        assert_pool_back(numbers(530 + stream, *shape), size, 540 + stream)


def test_ties() -> None:
    """4. Of equal largest numbers, the first in reading order gets the whole gradient."""
    for window in ([[0, 0], [0, 0]], [[1, 2], [2, 0]], [[1, 1], [2, 2]], [[0, 3], [1, 3]]):
        assert_pool_back(np.array([[window]], dtype=float), 2, 550)
    assert_pool_back(np.array([[[[1.0, 1.0 + 1e-9], [0.5, 1.0]]]]), 2, 553)  # nearly equal is not equal
    assert_pool_back(rng(551).integers(0, 3, (2, 2, 6, 6)).astype(float), 3, 552)


def test_huge_logits() -> None:
    """7. The loss is right for logits of 1e4 and -1e4, without a warning, and the gradients are finite."""
    for factor in (1e4, -1e4):
        params, x, labels = network(640, 3, 1, 4, 4, 2, 2, 3)
        params["b2"][:] = 2.0  # so that the features are not all 0
        params["b3"][:] = np.array([0.0, factor, factor / 2])
        expected = plain_loss(params, x, labels)
        with no_warnings():
            loss, gradients = both(params, x, labels)
        assert_close(loss, expected, what="the loss")
        for name in NAMES:
            require(bool(np.isfinite(gradients[name]).all()), f'gradients["{name}"] is not finite', got=gradients[name])
    # The logits of the second image are about 1e4, and those of the first, which is empty, are 0 and 1.
    params, _, labels = network(645, 2, 1, 4, 4, 1, 1, 2)
    params = {name: np.zeros(value.shape) for name, value in params.items()}
    params["w1"][..., 1, 1], params["w2"][..., 1, 1], params["w3"][:], params["b3"][0] = 1.0, 1.0, 1.0, 1.0
    x = np.zeros((2, 1, 4, 4))
    x[1] = 1e4
    expected = plain_loss(params, x, labels)
    with no_warnings():
        loss, gradients = both(params, x, labels)
    assert_close(loss, expected, what="the loss of two images whose logits are 1e4 apart")
    for name in NAMES:
        require(bool(np.isfinite(gradients[name]).all()), f'gradients["{name}"] is not finite', got=gradients[name])


def test_prediction() -> None:
    """9. predict returns the class of the largest logit as an integer."""
    for stream, sizes in enumerate(NETWORKS):
        params, x, _ = network(650 + stream, *sizes)
        expected = [row.index(max(row)) for row in plain_logits(params, x).tolist()]
        got = as_array(work.predict(copied(params), x.copy()), "predict")
        assert_equal(got, expected)
        assert_dtype(got, "integer")


def test_same_seed_same_network() -> None:
    """9. The same call of fit returns the same params, another seed others; the global state is left alone."""
    _, x, labels = network(660, 24, 2, 4, 8, 1, 1, 3)
    with global_random_state_kept():
        first = copied(named(work.fit(x.copy(), labels.copy(), 5, seed=0), "params"))
    require(first["w1"].ndim == 4, "w1 must have four axes", got=first["w1"])
    f1, f2 = len(first["w1"]), len(first["w2"])
    for name, shape in (("w1", (f1, 2, 3, 3)), ("w2", (f2, f1, 3, 3)), ("w3", (5, f2 * 2)), ("b3", (5,))):
        assert_shape(first[name], shape, what=f'params["{name}"]')
    again = named(work.fit(x.copy(), labels.copy(), 5), "params")  # 0 is the seed where none is given
    other = named(work.fit(x.copy(), labels.copy(), 5, seed=4), "params")
    for name in NAMES:
        what = f'params["{name}"] of a second call, without a seed after one with the seed 0,'
        assert_close(again[name], first[name], rtol=1e-9, what=what)
    require(not np.allclose(other["w1"], first["w1"]), "another seed led to the same w1", got=other["w1"])


def test_inputs_stay_as_they_were() -> None:
    """10. No function changes what it is given."""
    x, w, b, padding = layer(120, LAYERS[5])
    upstream = numbers(123, *plain_conv(x, w, b, padding).shape)
    with unchanged(x=x, w=w, b=b):
        work.conv(x, w, b, padding)
    with unchanged(upstream=upstream, x=x, w=w):
        work.conv_backward(upstream, x, w, padding)
    pooled = numbers(124, *plain_pool(x, 2).shape)
    with unchanged(x=x):
        work.max_pool(x, 2)
    with unchanged(upstream=pooled, x=x):
        work.max_pool_backward(pooled, x, 2)
    params, x, labels = network(670, *NETWORKS[2])
    for function in (work.forward, work.predict):
        with unchanged(params=params, x=x):
            function(params, x)
    with unchanged(params=params, x=x, labels=labels):
        work.loss_and_gradients(params, x, labels)
    with unchanged(x=x, labels=labels):
        work.fit(x, labels, 4)


def test_labels_that_are_no_class_are_refused() -> None:
    """11. A label below 0 or not below k raises ValueError or IndexError."""
    params, x, _ = network(680, 2, 1, 4, 4, 2, 2, 3)
    for bad in (-1, 3):
        for labels in (np.array([0, bad]), np.array([bad, 1])):
            assert_raises((ValueError, IndexError), work.loss_and_gradients, copied(params), x.copy(), labels)
