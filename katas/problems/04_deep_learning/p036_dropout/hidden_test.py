"""Hidden test of p036_dropout."""

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
    calling,
    edges,
    fail,
    global_random_state_kept,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("dropout")
Array = NDArray[Any]


def forward(layer: Any, x: Array, **options: bool) -> Array:
    got = as_array(layer.forward(x, **options), "forward")
    assert_shape(got, x.shape, what="forward")
    return got


def backward(layer: Any, upstream: Array) -> Array:
    got = as_array(layer.backward(upstream), "backward")
    assert_shape(got, upstream.shape, what="backward")
    return got


def numbers(stream: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Numbers none of which is 0, so that zeros in the result were dropped."""
    return rng(stream).uniform(1.0, 2.0, shape)


def by_differences(p: float, x: Array, upstream: Array) -> NDArray[np.float64]:
    """The gradient of sum(forward(x) * upstream), one entry after the other, each time with the same mask."""
    gradient, step = np.zeros(x.shape), 1e-3
    for place in np.ndindex(x.shape):
        sums = []
        for sign in (1, -1):
            moved = x.copy()
            moved[place] += sign * step
            sums.append(np.sum(forward(work.Dropout(p, rng(7)), moved) * upstream))
        gradient[place] = (sums[0] - sums[1]) / (2 * step)
    return gradient


def test_entries_are_dropped_with_probability_p() -> None:
    """1. In training, each entry becomes 0 with probability p."""
    for p in (0.5, 0.25, 0.9):
        got = forward(work.Dropout(p, rng(1)), np.ones((100, 200)))
        found = float((got == 0).mean())
        if abs(found - p) > 6 * (p * (1 - p) / got.size) ** 0.5:
            fail("the share of zeros is wrong", got=Shown(f"{found:.3f} of all"), expected=Shown(f"{p} of all"))
    layer = work.Dropout(0.5, rng(3))
    found = float(np.mean([forward(layer, np.ones(1))[0] == 0 for _ in range(200)]))
    if abs(found - 0.5) > 0.2:
        fail("a single entry is not dropped half the time", got=Shown(f"{found:.2f} of 200 calls"), expected="half")


def test_kept_entries_are_scaled() -> None:
    """2. Kept entries are divided by 1 - p."""
    for stream, (p, shape) in enumerate([(0.5, (4,)), (0.2, (3, 5)), (0.9, (2, 1, 30)), (0.3, (7, 4, 3))]):
        x = numbers(10 + stream, shape)
        got = forward(work.Dropout(p, rng(stream)), x.copy())
        expected = np.where(got == 0, 0.0, x / (1 - p))
        assert_close(got, expected)


def test_each_call_draws_a_new_mask() -> None:
    """3. A second call draws another mask; a generator in the same state leads to the same result."""
    x, generator = numbers(20, (30, 30)), rng(21)
    layer = work.Dropout(0.5, generator)
    with global_random_state_kept():
        first = forward(layer, x.copy())
    second = forward(layer, x.copy())
    require(not np.array_equal(first, second), "the second call returned the same as the first", got=second)
    again = forward(work.Dropout(0.5, rng(21)), x.copy())
    require(np.array_equal(first, again), "a generator in the same state led to another result", got=again)
    for n in range(9):
        other = forward(work.Dropout(0.5, np.random.default_rng(n)), x.copy())
        require(not np.array_equal(first, other), "a generator with another seed led to the same result", got=other)


def test_layers_share_a_generator() -> None:
    """3. Two layers with the same rng draw one after the other, and so drop different entries."""
    x, generator = numbers(22, (30, 30)), rng(23)
    with calling("Dropout(0.5, generator).forward(x), with the same generator for two layers"):
        first, second = (forward(work.Dropout(0.5, generator), x.copy()) for _ in range(2))
    require(not np.array_equal(first, second), "both layers dropped the same entries", got=second)


def test_entries_are_dropped_independently() -> None:
    """1. Each entry is dropped independently: not whole rows, columns or channels, and not a fixed number."""
    layer = work.Dropout(0.5, rng(2))
    zeros = np.stack([forward(layer, np.ones((20, 12, 16))) == 0 for _ in range(30)])  # (30, 20, 12, 16)
    for axis, name in ((1, "first"), (2, "second"), (3, "last")):
        count = zeros.shape[axis]
        ratio = float(zeros.sum(axis=axis).var() / (count / 4))
        if not 0.8 < ratio < 1.25:
            fail(
                f"the numbers of zeros along the {name} axis of (20, 12, 16) vary {ratio:.2f} times as much as those "
                "of independent entries",
                got=Shown(f"variance {ratio * count / 4:.2f}"),
                expected=Shown(f"about {count / 4}"),
            )
    small = np.array([(forward(layer, np.ones((2, 5))) == 0).sum() for _ in range(400)])
    if not 0.6 < small.var() / 2.5 < 1.6:
        fail(
            "the number of zeros in (2, 5) entries varies wrongly from call to call",
            got=Shown(f"variance {small.var():.2f}"),
            expected=Shown("about 2.5"),
        )


def test_inference_changes_nothing() -> None:
    """4. With training=False the values of x come back, and nothing is drawn."""
    for shape in ((1,), (3, 4)):
        for p in (0.5, 0.2, 1.0):
            x, generator = numbers(30, shape), rng(31)
            layer = work.Dropout(p, generator)
            assert_equal(forward(layer, x.copy(), training=False), x)
            require(generator.random() == rng(31).random(), "forward with training=False drew from rng")
    x = np.array([1.0, np.nan, np.inf])
    assert_close(forward(work.Dropout(0.5, rng(32)), x.copy(), training=False), x)


def test_backward_agrees_with_finite_differences() -> None:
    """5. The gradient agrees with finite differences, at awkward sizes too."""
    for p, shape in ((0.5, (1, 3)), (0.5, (1, 1)), (0.25, (3, 5)), (0.8, (2, 1, 3, 3))):
        x, upstream = numbers(50, shape), rng(51).normal(size=shape)
        expected = by_differences(p, x, upstream)
        layer = work.Dropout(p, rng(7))
        forward(layer, x.copy())
        assert_close(backward(layer, upstream.copy()), expected, rtol=1e-7, atol=1e-9)


def test_backward_uses_the_mask_of_forward() -> None:
    """5. backward multiplies by 0 where forward dropped, and by 1 / (1 - p) elsewhere; also when called again."""
    for p, shape in ((0.5, (6,)), (0.2, (1, 9)), (0.7, (3, 4, 5))):
        x, upstream = numbers(40, shape), rng(41).normal(size=shape)
        layer = work.Dropout(p, rng(42))
        for _ in range(2):
            kept = forward(layer, x.copy()) != 0
            expected = np.where(kept, upstream / (1 - p), 0.0)
            for _ in range(2):
                assert_close(backward(layer, upstream.copy()), expected)


def test_backward_does_not_look_at_x() -> None:
    """5. An entry of x that is 0 is kept or dropped like any other, so half of them have a gradient for p = 0.5."""
    layer, x = work.Dropout(0.5, rng(43)), np.zeros(40)
    with calling("forward(zeros(40)), backward(ones(40))"):
        forward(layer, x)
        got = backward(layer, np.ones(40))
    require(
        got.any(), "an x of zeros has no gradient at all", got=got, expected=Shown("0 for some entries, 2 for others")
    )


def test_backward_after_inference() -> None:
    """5. After a forward with training=False, backward returns the values of upstream."""
    x, upstream = numbers(60, (3, 4)), rng(61).normal(size=(3, 4))
    layer = work.Dropout(0.5, rng(62))
    for n_before in (0, 1):
        for _ in range(n_before):
            forward(layer, x.copy())
        forward(layer, x.copy(), training=False)
        assert_equal(backward(layer, upstream.copy()), upstream)


edges()


def test_backward_belongs_to_its_own_layer() -> None:
    """5. Two layers, and calls with another shape, do not disturb each other; backward draws nothing."""
    x, generator = numbers(70, (4, 5)), rng(71)
    one, other = work.Dropout(0.5, generator), work.Dropout(0.5, rng(72))
    forward(one, numbers(73, (2, 3)))
    kept = forward(one, x.copy()) != 0
    forward(other, x.copy())
    before = generator.bit_generator.state
    with calling("one.forward(x), other.forward(x), one.backward(upstream)"):
        got = backward(one, np.ones((4, 5)))
    assert_close(got, np.where(kept, 2.0, 0.0))
    require(generator.bit_generator.state == before, "backward drew from rng")


def test_the_result_belongs_to_the_caller() -> None:
    """5. backward returns the same when the caller has overwritten the result of forward."""
    for value in (0.0, 1.0):
        layer = work.Dropout(0.5, rng(74))
        result = forward(layer, numbers(75, (12,)))
        expected = np.where(result != 0, 2.0, 0.0)
        if result.flags.writeable:
            result[:] = value
        with calling(f"y = forward(x), y[:] = {value}, backward(ones(12))"):
            got = backward(layer, np.ones(12))
        assert_close(got, expected)


def test_nothing_is_dropped_for_zero() -> None:
    """6. With p = 0 all entries are kept as they are, forward and backward."""
    x, upstream = numbers(80, (3, 400)), rng(81).normal(size=(3, 400))
    layer = work.Dropout(0, rng(82))
    with no_warnings():
        assert_close(forward(layer, x.copy()), x)
        assert_close(backward(layer, upstream.copy()), upstream)


def test_everything_is_dropped_for_one() -> None:
    """6. With p = 1 forward and backward return zeros, without a warning."""
    x = numbers(83, (3, 4))
    layer = work.Dropout(1, rng(84))
    with no_warnings():
        assert_equal(forward(layer, x.copy()), np.zeros((3, 4)))
        assert_equal(backward(layer, x.copy()), np.zeros((3, 4)))


def test_dropped_is_zero_whatever_it_was() -> None:
    """7. A dropped NaN or infinity becomes 0, forward and backward."""
    for p in (0.5, 1.0):
        for bad in (np.inf, -np.inf, np.nan):
            layer = work.Dropout(p, rng(90))
            dropped = forward(layer, np.ones(12)) == 0
            expected = np.where(dropped, 0.0, bad)
            assert_close(backward(layer, np.full(12, bad)), expected)
            got = forward(work.Dropout(p, rng(90)), np.full(12, bad))
            # The same generator draws the same mask.
            assert_close(got, expected)


def test_floats_keep_their_dtype() -> None:
    """8. float16, float32 and float64 keep their dtype in forward and backward, in training or not."""
    for dtype in (np.float16, np.float32, np.float64):
        x = np.ones((3, 4), dtype=dtype)
        for p in (0.5, 0, 1):
            for training in (True, False):
                layer = work.Dropout(p, rng(100))
                assert_dtype(forward(layer, x.copy(), training=training), dtype, what="forward")
                assert_dtype(backward(layer, x.copy()), dtype, what="backward")


def test_inputs_stay_as_they_were() -> None:
    """8. x and upstream are left unchanged, also when they hold NaN or are views of other arrays."""
    base = numbers(110, (6, 8))
    base[:, 3] = np.nan
    for x in (base.copy(), base[::2, 1::2]):
        for p in (0.5, 1):
            for training in (True, False):
                layer = work.Dropout(p, rng(111))
                with unchanged(x=x, base=base):
                    forward(layer, x, training=training)
                with unchanged(upstream=x, base=base):
                    backward(layer, x)


def test_bad_probabilities_are_refused() -> None:
    """9. A p that is below 0, above 1 or NaN raises ValueError."""
    for p in (-0.1, 1.1, np.nan, 50, np.inf, 1 + 1e-9, -1e-9):
        assert_raises(ValueError, work.Dropout, p, rng(120))
