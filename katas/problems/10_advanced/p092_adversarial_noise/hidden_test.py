"""Hidden test of p092_adversarial_noise."""

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_raises,
    assert_shape,
    edges,
    global_random_state_kept,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)
from kata_runner.checking.images import keep_images

work = learner("adversarial")

Case = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]  # w, b, x, y


def log_softmax(logits: NDArray[Any]) -> NDArray[Any]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def slopes(w: NDArray[Any], b: NDArray[Any], x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """The derivatives by central differences, one pixel at a time."""
    h = 1e-5
    result = np.empty_like(x)
    for i, j in np.ndindex(x.shape):
        losses = []
        for step in (h, -h):
            image = x[i : i + 1].copy()
            image[0, j] += step
            losses.append(-log_softmax(image @ w + b)[0, y[i]])
        result[i, j] = (losses[0] - losses[1]) / (2 * h)
    return result


def case(stream: int, n: int, d: int, k: int) -> Case:
    generator = rng(stream)
    w, b = generator.normal(0.0, 1.0, (d, k)), generator.normal(0.0, 1.0, k)
    return w, b, generator.uniform(0.3, 0.7, (n, d)), generator.integers(0, k, n)


def copies(arrays: Case) -> Case:
    w, b, x, y = arrays
    return w.copy(), b.copy(), x.copy(), y.copy()


@functools.cache
def trained() -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """A softmax regression after 300 steps on two thirds of the digits: w, b, and the digits held out."""
    digits = load_digits()
    x, y = digits.data / 16.0, digits.target
    is_train = np.arange(len(y)) % 3 > 0
    w, b = np.zeros((64, 10)), np.zeros(10)
    for _ in range(300):
        error = np.exp(log_softmax(x[is_train] @ w + b))
        error[np.arange(len(error)), y[is_train]] -= 1.0
        w -= 1.0 * x[is_train].T @ error / len(error)
        b -= 1.0 * error.mean(axis=0)
    return w, b, x[~is_train], y[~is_train]


def share_right(w: NDArray[Any], b: NDArray[Any], x: NDArray[Any], y: NDArray[Any]) -> float:
    return float(np.mean((x @ w + b).argmax(axis=1) == y))


def test_images_are_independent() -> None:
    """7. Images do not influence each other; one alone, (1, d), works."""
    w, b, x, y = case(50, 6, 5, 4)
    whole = as_array(work.input_gradient(w.copy(), b.copy(), x.copy(), y.copy()))
    for i in range(6):
        alone = as_array(work.input_gradient(w.copy(), b.copy(), x[i : i + 1].copy(), y[i : i + 1].copy()))
        assert_shape(alone, (1, 5))
        assert_close(whole[i], alone[0], what=f"row {i} of the gradient of all images, beside that of it alone,")


def test_gradient() -> None:
    """1. input_gradient is the derivative of each image's own loss by its own pixels."""
    for stream, (n, d, k) in enumerate([(1, 1, 2), (1, 3, 2), (2, 3, 4), (5, 7, 3)]):
        arrays = case(stream, n, d, k)
        expected = slopes(*arrays)
        got = as_array(work.input_gradient(*copies(arrays)))
        assert_shape(got, (n, d))
        assert_close(got, expected, rtol=1e-6, atol=1e-8)


def test_step_up_the_gradient() -> None:
    """3. fgsm adds epsilon where the gradient is above 0, and subtracts it where it is below."""
    for stream, (n, d, k) in enumerate([(1, 2, 2), (3, 4, 3), (6, 5, 10)]):
        arrays = case(10 + stream, n, d, k)
        gradient = slopes(*arrays)
        for epsilon in (0.1, 0.25, 0.0):
            expected = arrays[2] + np.where(gradient > 0, epsilon, -epsilon)
            assert_close(work.fgsm(*copies(arrays), epsilon), expected)


def test_noise() -> None:
    """6. noise adds or subtracts epsilon, each with probability 1/2, for each pixel on its own, from rng alone."""
    x = np.full((40, 50), 0.5)
    with global_random_state_kept():
        got = as_array(work.noise(x.copy(), 0.25, rng(20)))
    assert_shape(got, (40, 50))
    is_up, is_down = got == 0.75, got == 0.25
    require(bool((is_up | is_down).all()), "a pixel moved by something else than epsilon", got=got)
    # Four and a half standard deviations, of all pixels, of neighbours that move alike, and of rows and columns.
    for share, n, what in (
        (is_up.mean(), 2000, "of all pixels move up"),
        ((is_up[:, 1:] == is_up[:, :-1]).mean(), 1960, "of neighbours in a row move alike"),
        ((is_up[1:] == is_up[:-1]).mean(), 1950, "of neighbours in a column move alike"),
    ):
        require(abs(share - 0.5) <= 4.5 * 0.5 / np.sqrt(n), f"{share:.0%} {what}, about half should")
    again = as_array(work.noise(x.copy(), 0.25, rng(20)))
    require(bool((again == got).all()), "the same generator leads to other noise")
    other = as_array(work.noise(x.copy(), 0.25, rng(21)))
    require(bool((other != got).any()), "another generator leads to the same noise")


def test_a_trained_model_is_fooled() -> None:
    """3. With epsilon = 0.2 a model reads fewer than 20 % of the digits after fgsm, over 80 % after noise."""
    w, b, x, y = trained()
    attacked = as_array(work.fgsm(w.copy(), b.copy(), x.copy(), y.copy(), 0.2))
    noisy = as_array(work.noise(x.copy(), 0.2, rng(30)))
    assert_shape(attacked, x.shape)
    assert_shape(noisy, x.shape)
    rows = [np.hstack([image.reshape(8, 8) for image in images[:8]]) for images in (x, attacked, noisy)]
    keep_images(np.kron(np.vstack(rows), np.ones((6, 6))), name="digits, attacked, noisy")
    fooled, random = share_right(w, b, attacked, y), share_right(w, b, noisy, y)
    require(fooled < 0.2, f"{fooled:.0%} of the digits are still read after fgsm")
    require(random > 0.8, f"{random:.0%} of the digits are read after noise")


edges()


def test_large_logits() -> None:
    """2. The gradient is right for logits of 10,000 and -10,000, too."""
    for size in (10_000.0, -10_000.0):
        w = np.array([[size, 0.0], [0.0, 1.0]])
        x = np.array([[1.0, 0.5]])
        for label in (0, 1):
            is_certain = (size > 0) == (label == 0)
            winner = 0 if size > 0 else 1
            expected = np.zeros((1, 2)) if is_certain else w[:, winner] - w[:, label]
            with no_warnings():
                got = work.input_gradient(w.copy(), np.zeros(2), x.copy(), np.array([label]))
            assert_close(got, np.reshape(expected, (1, 2)))
    # Beside an image with a logit of 10,000 one with logits of 0 and 0.5.
    w, x = np.array([[10_000.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 0.5], [0.0, 0.5]])
    p = 1 / (1 + np.exp(-0.5))
    with no_warnings():
        got = work.input_gradient(w.copy(), np.zeros(2), x.copy(), np.array([0, 0]))
    assert_close(got, [[0.0, 0.0], [-10_000.0 * p, p]], atol=1e-6)


def test_pixels_without_gradient_stay() -> None:
    """4. Where the gradient is exactly 0, the pixel stays."""
    w = np.array([[1.0, -1.0], [0.0, 0.0]])
    x = np.array([[0.5, 0.25]])
    for label, moved in ((1, 0.6), (0, 0.4)):
        got = work.fgsm(w.copy(), np.zeros(2), x.copy(), np.array([label]), 0.1)
        assert_close(got, [[moved, 0.25]])
    # A gradient of -5.6e-12 is not 0.
    assert_close(work.fgsm(np.array([[30.0, -30.0]]), np.zeros(2), np.array([[0.5]]), np.array([0]), 0.1), [[0.4]])


def test_pixels_stay_in_their_range() -> None:
    """5. No pixel of the results of fgsm and noise leaves the range from 0 to 1."""
    w, b, _, _ = case(40, 1, 6, 3)
    x = np.array([[0.0, 1.0, 0.05, 0.95, 0.5, 1.0]] * 4)
    y = np.array([0, 1, 2, 0])
    gradient = slopes(w, b, x, y)
    for epsilon in (0.1, 0.6, 3.0):
        expected = np.clip(x + epsilon * np.where(gradient > 0, 1, -1), 0, 1)
        assert_close(work.fgsm(w.copy(), b.copy(), x.copy(), y.copy(), epsilon), expected)
        got = as_array(work.noise(x.copy(), epsilon, rng(41)))
        up, down = np.clip(x + epsilon, 0, 1), np.clip(x - epsilon, 0, 1)
        is_one = np.isclose(got, up) | np.isclose(got, down)
        require(bool(is_one.all()), "a pixel is not x + epsilon or x - epsilon, cut to 0 … 1", got=got, expected=up)


def test_inputs_stay_as_they_were() -> None:
    """8. The inputs are left as they were."""
    w, b, x, y = case(60, 3, 4, 3)
    with unchanged(w=w, b=b, x=x, y=y):
        work.input_gradient(w, b, x, y)
    with unchanged(w=w, b=b, x=x, y=y):
        work.fgsm(w, b, x, y, 0.4)
    with unchanged(x=x):
        work.noise(x, 0.4, rng(61))


def test_negative_epsilon() -> None:
    """9. ValueError for a negative epsilon; 0 is none, and moves nothing."""
    assert_close(work.noise(np.full((2, 3), 0.5), 0.0, rng(72)), np.full((2, 3), 0.5))
    assert_raises(ValueError, work.fgsm, *case(70, 2, 3, 2), -0.1)
    assert_raises(ValueError, work.noise, np.full((2, 3), 0.5), -0.1, rng(71))
