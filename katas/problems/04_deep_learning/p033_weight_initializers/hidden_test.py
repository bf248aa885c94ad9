"""Hidden test of p033_weight_initializers."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    edges,
    fail,
    global_random_state_kept,
    learner,
    require,
    rng,
)

work = learner("initializers")

# Fan-in and fan-out, counted by hand.
FANS = {
    (4, 3): (3, 4),
    (6, 1): (1, 6),
    (1, 7): (7, 1),
    (2, 3, 4): (12, 8),
    (3, 2, 2, 5): (20, 30),
    (16, 3, 5, 5): (75, 400),
    (2, 5, 1, 3, 2): (30, 12),
}
DENSE, CONVOLUTION = (40, 30), (6, 4, 2, 5)


def drawn(initializer: Any, shape: tuple[int, ...], generator: np.random.Generator, **options: str) -> NDArray[Any]:
    got = as_array(initializer(shape, generator, **options))
    assert_shape(got, shape)
    return got


def many(initializer: Any, shape: tuple[int, ...], **options: str) -> NDArray[np.float64]:
    """24,000 weights in one row: one call would show too few."""
    generator = rng(1)
    n_calls = 24_000 // int(np.prod(shape))
    return np.concatenate([drawn(initializer, shape, generator, **options).ravel() for _ in range(n_calls)])


def has_mean_and_variance(initializer: Any, shape: tuple[int, ...], variance: float, **options: str) -> None:
    """Mean and mean square of many weights lie within six standard errors of a normal sample."""
    weights = many(initializer, shape, **options)
    size, found, mean = len(weights), float(np.mean(weights**2)), float(weights.mean())
    if abs(found / variance - 1) > 6 * (2 / size) ** 0.5:
        message = f"the variance of {size} weights is {found / variance:.3f} times what it must be"
        fail(message, got=Shown(f"variance {found:.4f}"), expected=Shown(f"variance {variance:.4f}"))
    if abs(mean) > 6 * (variance / size) ** 0.5:
        fail(f"the mean of {size} weights is far from 0", got=mean, expected=Shown("about 0"))


def relu(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(x, 0.0)


def test_fan_in_and_fan_out() -> None:
    """1. fan_in is n_in times the places in the kernel, fan_out is n_out times the same."""
    for shape, expected in FANS.items():
        assert_equal(work.fans(shape), expected)


def test_all_draws_come_from_the_generator() -> None:
    """6. The same seed returns the same weights, a second call others; the global random state is left alone."""
    for initializer in (work.xavier, work.he):
        for kind in ("normal", "uniform"):
            generator = rng(4)
            with global_random_state_kept():
                first = drawn(initializer, (2, 3), generator, kind=kind)
            second = drawn(initializer, (2, 3), generator, kind=kind)
            require(not np.array_equal(first, second), "a second call returned the same weights", got=second)
            again = drawn(initializer, (2, 3), rng(4), kind=kind)
            require(np.array_equal(first, again), "the same seed returned other weights", got=again, expected=first)
            for n in range(9):
                other = drawn(initializer, (2, 3), np.random.default_rng(n), kind=kind)
                require(not np.array_equal(first, other), "another seed returned the same weights", got=other)


def test_variance_of_xavier() -> None:
    """2. The weights of xavier have mean 0 and variance 2 / (fan_in + fan_out)."""
    has_mean_and_variance(work.xavier, DENSE, 2 / 70)
    has_mean_and_variance(work.xavier, CONVOLUTION, 2 / 100)


def test_variance_of_he() -> None:
    """3. The weights of he have mean 0 and variance 2 / fan_in."""
    has_mean_and_variance(work.he, DENSE, 2 / 30)
    has_mean_and_variance(work.he, CONVOLUTION, 2 / 40)


def test_variance_by_fan_out() -> None:
    """3. With mode="fan_out" the variance of he is 2 / fan_out, with mode="fan_in" 2 / fan_in."""
    for mode, variance in (("fan_out", 2 / 60), ("fan_in", 2 / 40)):
        has_mean_and_variance(work.he, CONVOLUTION, variance, mode=mode)


def test_shape_of_the_two_distributions() -> None:
    """4. "uniform" fills the range from -b to b evenly, "normal" (the default) has tails; both have that variance."""
    shares = {"uniform": [0, 0.25, 0.25, 0.25, 0.25, 0], "normal": [0.042, 0.152, 0.307, 0.307, 0.152, 0.042]}
    for initializer, variance in ((work.xavier, 2 / 100), (work.he, 2 / 40)):
        deviation, bound = variance**0.5, (3 * variance) ** 0.5
        # Shares below -b, in the four quarters from -b to b, and above b; the last place of a float is let pass.
        edges_of_bins = [-np.inf, -bound * (1 + 1e-9), -bound / 2, 0, bound / 2, bound * (1 + 1e-9), np.inf]
        for kind, options in (("uniform", {"kind": "uniform"}), ("normal", {"kind": "normal"}), ("normal", {})):
            expected = shares[kind]
            weights = many(initializer, CONVOLUTION, **options)
            found = np.histogram(weights, bins=edges_of_bins)[0] / len(weights)
            if np.abs(found - expected).max() > 0.02 or (kind == "uniform" and found[0] + found[-1] > 0):
                message = (
                    f"not {kind} with the variance asked for: with b = {bound:.3f}, the shares of weights below -b, "
                    "in the four quarters from -b to b, and above b are wrong"
                )
                fail(message, got=found.round(3), expected=np.array(expected))
            if kind == "normal" and np.abs(weights).max() < 3.3 * deviation:
                message = f"of {len(weights)} weights none is larger than 3.3 standard deviations"
                largest = Shown(f"largest {np.abs(weights).max() / deviation:.2f} deviations")
                fail(message, got=largest, expected=Shown("about 4"))


def test_weights_are_drawn_independently() -> None:
    """5. No weight follows from another: none has the size of another, and the variance of a call is left to chance."""
    for initializer in (work.xavier, work.he):
        for kind in ("normal", "uniform"):
            for shape in ((2, 2), (4, 3), (4, 3, 5, 5)):
                weights = drawn(initializer, shape, rng(8), kind=kind)
                sizes = len(np.unique(np.abs(weights)))
                message = f"{weights.size} weights have only {sizes} different sizes"
                require(sizes == weights.size, message, got=weights)
            generator = rng(9)
            single = [abs(float(drawn(initializer, (1, 1), generator, kind=kind)[0, 0])) for _ in range(8)]
            message = "a single weight has the same size, or is no number, in several of 8 calls"
            require(len({size for size in single if size < np.inf}) == 8, message, got=single)


def test_a_signal_keeps_its_size() -> None:
    """5. Through 20 layers of 400 neurons, he with ReLU and xavier without it keep the size of a signal."""
    for initializer, kind, activation in (
        (work.he, "normal", relu),
        (work.he, "uniform", relu),
        (work.xavier, "uniform", np.array),
    ):
        generator = rng(2)
        start = x = rng(3).normal(size=(8, 400))
        for _ in range(20):
            x = activation(x) @ drawn(initializer, (400, 400), generator, kind=kind).T
        ratio = float(np.mean(x**2) / np.mean(start**2))
        if not 0.04 < ratio < 25:
            message = f"20 layers of 400 neurons change the mean square of a signal {ratio:.3g} times"
            fail(message, got=Shown(f"{ratio:.3g} times"), expected=Shown("between 0.04 and 25 times"))


edges()


def test_weights_are_float64() -> None:
    """2. Both functions return float64."""
    for initializer in (work.xavier, work.he):
        for kind in ("normal", "uniform"):
            assert_dtype(drawn(initializer, (2, 3), rng(5), kind=kind), np.float64)


def test_shapes_without_fans_are_refused() -> None:
    """7. A shape with fewer than two axes raises ValueError."""
    for shape in ((3,), ()):
        assert_raises(ValueError, work.fans, shape)
        for initializer in (work.xavier, work.he):
            assert_raises(ValueError, initializer, shape, rng(6))


def test_other_kinds_and_modes_are_refused() -> None:
    """7. Another kind or another mode raises ValueError."""
    for kind in ("gaussian", "Normal", "unit", ""):
        for initializer in (work.xavier, work.he):
            assert_raises(ValueError, partial(initializer, (2, 3), rng(7), kind=kind), call=f"kind={kind!r}")
    for mode in ("fan_avg", "in", ""):
        for kind in ("normal", "uniform"):
            assert_raises(ValueError, work.he, (2, 3), rng(7), kind=kind, mode=mode)
