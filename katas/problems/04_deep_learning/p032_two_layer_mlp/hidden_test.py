"""Hidden test of p032_two_layer_mlp."""

import importlib
import importlib.util
import math
from functools import cache
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
    no_warnings,
    not_tried,
    require,
    rng,
    seed,
    unchanged,
)

work = learner("mlp")
Array = NDArray[Any]
Params = dict[str, Array]
NAMES = ("W1", "b1", "W2", "b2")

SMALL: Params = {
    "W1": (np.arange(12.0).reshape(4, 3) - 5) / 10,
    "b1": np.array([0.1, -0.2, 0.3, 0.0]),
    "W2": (np.arange(8.0).reshape(2, 4) - 3) / 10,
    "b2": np.array([0.05, -0.05]),
}
SMALL_X, SMALL_Y = np.array([[1.0, -0.5, 2.0], [0.5, 1.5, -1.0]]), np.array([0, 1])
# Noted from PyTorch 2.13.0.
SMALL_LOSS = 0.8891461953942799
SMALL_GRADIENTS = {
    "W1": [[0, 0, 0], [0, 0, 0], *[[0.0924827855, -0.2055337804, 0.367014014]] * 2],
    "b1": [0, 0, 0.0469706747, 0.0469706747],
    "W2": [[0, 0, -0.2308423227, -0.3860865809], [0, 0, 0.2308423227, 0.3860865809]],
    "b2": [-0.1174266868, 0.1174266868],
}
# Rows, inputs, hidden neurons, classes.
SIZES = [(1, 1, 1, 2), (1, 3, 2, 2), (2, 2, 3, 4), (5, 3, 7, 2), (7, 4, 1, 3), (3, 5, 5, 5), (4, 1, 6, 1)]


def case(stream: int, n: int, n_in: int, n_hidden: int, n_out: int) -> tuple[Params, Array, Array]:
    generator = rng(stream)
    shapes = {"W1": (n_hidden, n_in), "b1": (n_hidden,), "W2": (n_out, n_hidden), "b2": (n_out,)}
    params = {name: generator.normal(size=shape) for name, shape in shapes.items()}
    params["b1"] = np.abs(params["b1"])  # so that most neurons are on
    return params, generator.normal(size=(n, n_in)), generator.integers(0, n_out, n)


def plain_logits(params: Params, X: Array) -> list[list[float]]:
    """One number after the other."""
    W1, b1, W2, b2 = (params[name].tolist() for name in NAMES)
    found = []
    for x in X.tolist():
        hidden = [max(sum(w * v for w, v in zip(ws, x, strict=True)) + b, 0.0) for ws, b in zip(W1, b1, strict=True)]
        found.append([sum(w * h for w, h in zip(ws, hidden, strict=True)) + b for ws, b in zip(W2, b2, strict=True)])
    return found


def plain_loss(params: Params, X: Array, y: Array) -> float:
    losses = []
    for logits, label in zip(plain_logits(params, X), y.tolist(), strict=True):
        top = max(logits)
        losses.append(math.log(sum(math.exp(v - top) for v in logits)) + top - logits[label])
    return math.fsum(losses) / len(losses)


def by_differences(params: Params, X: Array, y: Array) -> Params:
    """Central differences of the plain loss, one parameter at a time."""
    step, gradients = 1e-5, {}
    for name in NAMES:
        gradients[name] = np.zeros(params[name].shape)
        for place in np.ndindex(params[name].shape):
            sides = []
            for sign in (1, -1):
                moved = {n: p.copy() for n, p in params.items()}
                moved[name][place] += sign * step
                sides.append(plain_loss(moved, X, y))
            gradients[name][place] = (sides[0] - sides[1]) / (2 * step)
    return gradients


def copied(params: Params) -> Params:
    return {name: value.copy() for name, value in params.items()}


def both(params: Params, X: Array, y: Array) -> tuple[float, Params]:
    """Loss and gradients of copies, looked at for their kinds."""
    got = work.loss_and_gradients(copied(params), X.copy(), y.copy())
    assert_type(got, tuple, what="loss_and_gradients")
    require(len(got) == 2, "loss_and_gradients must return (loss, gradients)", got=got)
    loss, gradients = got
    assert_type(loss, (int, float, np.floating), what="the loss")
    return float(loss), named(gradients, "gradients")


def named(got: Any, what: str) -> Params:
    assert_type(got, dict, what=what)
    require(set(got) == set(NAMES), f"the names in {what} must be W1, b1, W2, b2", got=sorted(map(str, got)))
    return {name: as_array(got[name], f"{what}[{name!r}]") for name in NAMES}


@cache
def digits() -> tuple[Array, Array, Array, Array]:
    """Five sixths of the rows to train on, every sixth to look at."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    is_new = np.arange(len(X)) % 6 == 0
    return X[~is_new] / 16, y[~is_new], X[is_new] / 16, y[is_new]


def test_start() -> None:
    """1. init returns weights of the right shapes with variance 2 / fan_in, from rng, and biases of zero."""
    params = named(work.init(3, 5, 2, rng(1)), "params")
    for name, shape in (("W1", (5, 3)), ("b1", (5,)), ("W2", (2, 5)), ("b2", (2,))):
        assert_shape(params[name], shape, what=name)
        assert_dtype(params[name], np.float64, what=name)
    for name in ("b1", "b2"):
        assert_equal(params[name], np.zeros(params[name].shape), what=name)
    large = named(work.init(60, 200, 90, rng(2)), "params")
    for name, fan_in in (("W1", 60), ("W2", 200)):
        found, expected = float(large[name].var()), 2 / fan_in
        if abs(found / expected - 1) > 6 * (2 / large[name].size) ** 0.5:
            fail(f"the variance of {name} is wrong", got=found, expected=Shown(f"about {expected:.4f}"))
        beyond = float((np.abs(large[name]) > 2.0 * expected**0.5).mean())
        if not 0.03 < beyond < 0.065:
            fail(
                f"{name} is not normal: the share beyond two standard deviations is wrong",
                got=beyond,
                expected=Shown("about 0.046"),
            )
        mean = float(large[name].mean())
        if abs(mean) > 6 * (expected / large[name].size) ** 0.5:
            fail(f"the mean of {name} is far from 0", got=mean, expected=Shown("about 0"))
    generator = rng(1)
    again, second, other = (work.init(3, 5, 2, g) for g in (generator, generator, rng(3)))
    for name in ("W1", "W2"):
        require(
            not np.array_equal(second[name], again[name]), f"a second call with the same rng led to the same {name}"
        )
        require(np.array_equal(again[name], params[name]), f"the same generator led to another {name}")
        require(not np.array_equal(other[name], params[name]), f"another generator led to the same {name}")


def test_logits() -> None:
    """2. forward returns relu(X · W1ᵀ + b1) · W2ᵀ + b2."""
    for stream, size in enumerate(SIZES):
        params, X, _ = case(10 + stream, *size)
        expected = plain_logits(params, X)
        assert_close(work.forward(copied(params), X.copy()), expected)


def test_loss() -> None:
    """3. The loss is the mean over the rows of -log of the softmax at the label."""
    for stream, size in enumerate(SIZES):
        params, X, y = case(20 + stream, *size)
        expected = plain_loss(params, X, y)
        assert_close(both(params, X, y)[0], expected, what="the loss")


def test_gradients_agree_with_finite_differences() -> None:
    """4. The gradients of all four parameters agree with finite differences, also for a batch of one."""
    for stream, size in enumerate(SIZES):
        params, X, y = case(30 + stream, *size)
        expected = by_differences(params, X, y)
        _, gradients = both(params, X, y)
        for name in reversed(NAMES):  # the backward pass meets W2 first
            assert_close(gradients[name], expected[name], rtol=1e-5, atol=1e-8, what=f'gradients["{name}"]')


def test_gradients_are_those_of_pytorch() -> None:
    """4. Loss and gradients are those of PyTorch."""
    loss, gradients = both(SMALL, SMALL_X, SMALL_Y)
    assert_close(loss, SMALL_LOSS, what="the loss")
    for name in reversed(NAMES):
        assert_close(gradients[name], SMALL_GRADIENTS[name], rtol=1e-7, atol=1e-9, what=f'gradients["{name}"]')
    if not seed():
        return  # for a learner the noted numbers will do; the audit asks PyTorch itself
    if importlib.util.find_spec("torch") is None:
        not_tried("PyTorch is not installed: only numbers noted from it were compared")
        return
    params, X, y = case(40, 6, 5, 8, 3)
    torch = importlib.import_module("torch")
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in params.items()}
    hidden = torch.relu(torch.tensor(X) @ tensors["W1"].T + tensors["b1"])
    theirs = torch.nn.functional.cross_entropy(hidden @ tensors["W2"].T + tensors["b2"], torch.tensor(y))
    theirs.backward()
    loss, gradients = both(params, X, y)
    assert_close(loss, theirs.item(), what="the loss")
    for name in NAMES:
        assert_close(gradients[name], tensors[name].grad.numpy(), what=f'gradients["{name}"]')


def test_prediction() -> None:
    """6. predict returns the class with the largest logit as an integer, on a tie the lowest."""
    for stream, size in enumerate(SIZES):
        params, X, _ = case(50 + stream, *size)
        expected = [row.index(max(row)) for row in plain_logits(params, X)]
        got = as_array(work.predict(copied(params), X.copy()), "predict")
        assert_equal(got, expected)
        assert_dtype(got, "integer")
    flat = {name: np.zeros_like(value) for name, value in SMALL.items()}
    assert_equal(work.predict(flat, SMALL_X.copy()), [0, 0])


def test_it_reads_digits() -> None:
    """7. Trained on digits, it is right for over 95 % of those that it has not seen, from more than one seed."""
    X, y, X_new, y_new = digits()
    for s in (0, 1, 2, 3):
        params = named(work.train(X.copy(), y.copy(), seed=s), "params")
        hidden = np.maximum(X_new @ params["W1"].T + params["b1"], 0)
        found = (hidden @ params["W2"].T + params["b2"]).argmax(axis=1)
        share = float((found == y_new).mean())
        if not share > 0.95:
            message = f"seed {s}: too few of {len(y_new)} new digits are recognized"
            fail(message, got=Shown(f"{share:.1%}"), expected=Shown("over 95 %"))


edges()


def test_huge_logits() -> None:
    """3. The loss is right for logits of 1e4 and -1e4, without a warning, and the gradients are finite."""
    for scale in (1e4, -1e4):
        params = {
            "W1": np.eye(2),
            "b1": np.zeros(2),
            "W2": np.array([[1.0, 0.0], [0.0, 1.0]]) * scale,
            "b2": np.zeros(2),
        }
        X = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
        for y in (np.array([0, 1, 1]), np.array([1, 0, 0])):
            expected = plain_loss(params, X, y)
            with no_warnings():
                loss, gradients = both(params, X, y)
            assert_close(loss, expected, what="the loss")
            for name in NAMES:
                require(
                    bool(np.isfinite(gradients[name]).all()), f'gradients["{name}"] is not finite', got=gradients[name]
                )


def test_derivative_of_relu_at_zero() -> None:
    """4. Where the input of ReLU is exactly 0, nothing comes back through it."""
    params, _, y = case(60, 3, 2, 4, 3)
    params["b1"][:] = [0.0, 1.0, -1.0, 0.0]
    _, gradients = both(params, np.zeros((3, 2)), y)
    off = gradients["b1"][[0, 2, 3]]
    assert_equal(off, [0.0, 0.0, 0.0], what='gradients["b1"] of neurons that receive 0, -1 and 0')
    require(gradients["b1"][1] != 0, 'gradients["b1"] is 0 for a neuron that is on', got=gradients["b1"])


def test_nothing_is_changed_or_remembered() -> None:
    """5. No function changes params, X or y, and none remembers anything from one call to the next."""
    params, X, y = case(70, 4, 3, 5, 3)
    other, other_X, other_y = case(71, 4, 3, 5, 3)
    for function in (work.forward, work.predict):
        with unchanged(params=params, X=X):
            function(params, X)
    with unchanged(params=params, X=X, y=y):
        work.loss_and_gradients(params, X, y)
    with unchanged(X=X, y=y):
        work.train(X, y, n_hidden=3, n_epochs=1)
    first = named(work.train(X.copy(), y.copy(), n_hidden=3, n_epochs=1), "params")
    kept = copied(first)
    second = named(work.train(X.copy(), y.copy(), n_hidden=3, n_epochs=1), "params")
    for name in NAMES:
        assert_close(second[name], kept[name], rtol=1e-12, what=f'params["{name}"] of a second call of train')
        assert_close(first[name], kept[name], rtol=0.0, atol=0.0, what=f'params["{name}"] after a second call of train')
    _, gradients = both(params, X, y)
    kept = copied(gradients)
    both(other, other_X, other_y)
    for name in NAMES:
        assert_close(gradients[name], kept[name], rtol=0.0, atol=0.0, what=f'gradients["{name}"] after another call')
    expected = plain_loss(params, X, y)
    assert_close(both(params, X, y)[0], expected, what="the loss, asked again")


def test_sizes_of_training() -> None:
    """7. train makes a class for each label up to the largest, and takes fewer rows than a batch."""
    X, y = rng(80).normal(size=(5, 3)), np.array([0, 4, 1, 3, 0])
    params = named(work.train(X.copy(), y.copy(), n_hidden=6, n_epochs=1), "params")
    for name, shape in (("W1", (6, 3)), ("b1", (6,)), ("W2", (5, 6)), ("b2", (5,))):
        assert_shape(params[name], shape, what=name)
    start = plain_loss(named(work.train(X.copy(), y.copy(), n_hidden=16, n_epochs=1), "params"), X, y)
    end = plain_loss(named(work.train(X.copy(), y.copy(), n_hidden=16, n_epochs=200), "params"), X, y)
    require(
        end < start / 2, "200 epochs over five rows do not halve the loss that 1 epoch leaves", got=end, expected=start
    )


def test_same_seed_same_network() -> None:
    """8. The same call of train returns the same params, another seed others; the global state is left alone."""
    X, y = rng(81).normal(size=(40, 3)), rng(82).integers(0, 3, 40)
    with global_random_state_kept():
        first = copied(named(work.train(X.copy(), y.copy(), n_hidden=4, n_epochs=2, seed=3), "params"))
    again = named(work.train(X.copy(), y.copy(), n_hidden=4, n_epochs=2, seed=3), "params")
    other = named(work.train(X.copy(), y.copy(), n_hidden=4, n_epochs=2, seed=4), "params")
    for name in NAMES:
        assert_close(
            again[name], first[name], rtol=1e-12, what=f'params["{name}"] of the second call with the same seed'
        )
    require(not np.allclose(other["W1"], first["W1"]), "another seed led to the same W1", got=other["W1"])


def test_labels_that_are_no_class_are_refused() -> None:
    """9. A label below 0 or not below n_out raises ValueError or IndexError."""
    for bad in (-1, 2, -100):
        for y in (np.array([0, bad]), np.array([bad, 1])):
            assert_raises((ValueError, IndexError), work.loss_and_gradients, copied(SMALL), SMALL_X.copy(), y)
