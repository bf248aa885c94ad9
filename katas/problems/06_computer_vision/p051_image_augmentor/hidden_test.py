"""Hidden test of p051_image_augmentor."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_faster,
    assert_raises,
    assert_shape,
    calling,
    edges,
    fail,
    global_random_state_kept,
    learner,
    require,
    rng,
    timing,
    unchanged,
)
from kata_runner.checking.images import keep_images, photograph

work = learner("augment")

Array = NDArray[Any]
SHAPES = ((1, 1), (2, 2), (3, 3), (2, 3), (4, 3), (5, 7), (1, 4), (6, 1), (3, 4, 3), (5, 5, 2), (3, 3, 1))


def floats(stream: int, shape: tuple[int, ...], dtype: Any = np.float64) -> Array:
    return rng(stream).uniform(0.05, 1.0, shape).astype(dtype)


def whole(stream: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return rng(stream).integers(0, 256, shape).astype(np.uint8)


def plain_rotate(image: Array, degrees: float) -> NDArray[np.float64]:
    """Pixel by pixel, in Python's own numbers; each pixel is a number or a list of channels."""
    h, w = image.shape[:2]
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    pixels = image.reshape(h, w, -1).tolist()
    n = len(pixels[0][0])
    out = []
    for i in range(h):
        for j in range(w):
            # A picture's rows count downwards: up is (h - 1) / 2 - i.
            up, right = (h - 1) / 2 - i, j - (w - 1) / 2
            y = (h - 1) / 2 - (cos * up - sin * right)
            x = (w - 1) / 2 + (cos * right + sin * up)
            total = [0.0] * n
            for row in (math.floor(y), math.floor(y) + 1):
                for column in (math.floor(x), math.floor(x) + 1):
                    if 0 <= row < h and 0 <= column < w:
                        share = (1 - abs(y - row)) * (1 - abs(x - column))
                        total = [t + share * v for t, v in zip(total, pixels[row][column], strict=True)]
            out.append(total)
    return np.array(out).reshape(image.shape)


def plain_brighten(image: Array, amount: float) -> NDArray[np.float64]:
    white = 255.0 if image.dtype == np.uint8 else 1.0
    return np.array([min(max(v + amount * white, 0.0), white) for v in image.ravel().tolist()]).reshape(image.shape)


def same(got: Any, expected: Array, atol: float = 1e-9) -> Array:
    array = as_array(got)
    assert_shape(array, expected.shape)
    assert_close(array, expected, rtol=0, atol=atol)
    return array


def rounded(got: Any, exact: NDArray[np.float64]) -> None:
    """The nearest whole numbers; a half may go either way."""
    array = as_array(got)
    assert_shape(array, exact.shape)
    is_near = np.abs(array.astype(np.float64) - exact) <= 0.5 + 1e-3
    require(bool(is_near.all()), "a value is not the nearest whole number", got=array, expected=exact)


def test_flips() -> None:
    """1. Left and right, top and bottom change places; channels keep their order."""
    for shape in ((1, 2), (2, 1), (2, 3), (1, 2, 3), (2, 1, 3), (3, 4, 3), (3, 3, 2)):
        image = floats(1, shape)
        rows = image.tolist()
        same(work.flip_left_right(image.copy()), np.array([row[::-1] for row in rows]))
        same(work.flip_top_bottom(image.copy()), np.array(rows[::-1]))


def test_rotation_turns_counterclockwise() -> None:
    """2. rotate turns counterclockwise around the centre, by any angle, and keeps the shape."""
    for h, w in ((3, 3), (5, 5), (4, 4), (3, 5), (4, 7)):
        dot = np.zeros((h, w))
        dot[h // 2, w - 1] = 1.0
        for degrees in (90, -90, 450):
            same(work.rotate(dot.copy(), degrees), plain_rotate(dot, degrees))
    photo = photograph()[::4, ::4]
    got = as_array(work.rotate(photo.copy(), 20))
    assert_shape(got, photo.shape)
    keep_images(photo, got, name="rotated")


def test_pixels_are_interpolated() -> None:
    """3. Each pixel is the bilinear mean of the four around the place it comes from; those outside count as 0."""
    for shape in ((1, 2), (2, 2), (3, 3), (2, 3), (5, 7), (6, 4)):
        image = floats(2, shape)
        for degrees in (30, 45, -10, 135, 261.5, 1000.25, 1e-3):
            same(work.rotate(image.copy(), degrees), plain_rotate(image, degrees))
    small = photograph()[::12, ::12] / 255.0
    same(work.rotate(small.copy(), 33), plain_rotate(small, 33))
    image = np.array([[0.0, 0.1, 0.9, 0.3], [0.5, 0.2, 0.8, 0.6], [0.7, 1.0, 0.4, 0.0]])
    noted = [  # from SciPy 1.17.1
        [0.026915, 0.489359, 0.668301, 0.396178],
        [0.125, 0.218542, 0.679904, 0.220337],
        [0.366747, 0.662676, 0.654311, 0.107661],
    ]
    same(work.rotate(image, 30), np.array(noted), 1e-6)


def test_brightness_is_clipped() -> None:
    """5. brighten adds amount times white, 255 or 1.0, and clips to 0 and white: nothing wraps around."""
    for values in ([[250]], [[5]], [[0, 100, 255], [20, 128, 230]]):
        image = np.array(values, dtype=np.uint8)
        for amount in (0.2, -0.2, 1.0, -1.0, 0.0, 3.0):
            rounded(work.brighten(image.copy(), amount), plain_brighten(image, amount))
    for shape in ((1, 2), (3, 4, 3)):
        image = floats(4, shape)
        for amount in (0.25, -0.4, 0.9, -1.0, 0.0):
            same(work.brighten(image.copy(), amount), plain_brighten(image, amount))
    photo = photograph()[::4, ::4]
    got = as_array(work.brighten(photo.copy(), 0.3))
    rounded(got, plain_brighten(photo, 0.3))
    keep_images(photo, got, name="brightened")


def plus(number: int) -> Callable[[Array, np.random.Generator], Array]:
    """A step that writes a digit behind those that the image holds."""

    def step(image: Array, _: np.random.Generator) -> Array:
        return np.asarray(10 * image + number)

    return step


def test_compose() -> None:
    """8. compose takes the steps in order, the first one first, each with the same rng; without steps it copies."""
    zeros = np.zeros((1, 2))
    cases: list[tuple[tuple[int, ...], int]] = [((1,), 1), ((1, 2), 12), ((3, 1, 2), 312), ((), 0)]
    for numbers, expected in cases:
        with calling(f"compose({', '.join(f'times_10_plus_{n}' for n in numbers)})(image, rng)"):
            step = work.compose(*[plus(n) for n in numbers])
            for _ in range(2):  # a step may be taken again and again
                same(step(zeros.copy(), rng(5)), np.full((1, 2), expected))
    with calling("compose(compose(times_10_plus_1, times_10_plus_2), times_10_plus_3)(image, rng)"):
        nested = work.compose(work.compose(plus(1), plus(2)), plus(3))
        same(nested(zeros.copy(), rng(5)), np.full((1, 2), 123))

    def drawing(image: Array, generator: np.random.Generator) -> Array:
        return np.asarray(10 * image + generator.random())

    generator = rng(6)
    expected_sum = drawing(drawing(zeros, generator), generator)
    with calling("compose(add_a_draw, add_a_draw)(image, rng)"):
        same(work.compose(drawing, drawing)(zeros.copy(), rng(6)), expected_sum)


def share_of(title: str, found: float, expected: float, n: int) -> None:
    if abs(found - expected) > 6 * math.sqrt(expected * (1 - expected) / n):
        fail(title, got=Shown(f"{found:.3f} of all"), expected=Shown(f"{expected:.3f} of all"))


def test_steps_at_random() -> None:
    """9. sometimes takes its step with probability p; uniformly draws evenly; anew in every call, from rng alone."""
    image, n = np.zeros((2, 3)), 1500
    for p in (0.5, 0.1, 0.8):
        with calling(f"sometimes({p}, times_10_plus_1)(image, rng), {n} times"), global_random_state_kept():
            step, generator = work.sometimes(p, plus(1)), rng(7)
            results = [as_array(step(image.copy(), generator)) for _ in range(n)]
            for result in results:
                is_either = result.shape == image.shape and result.min() == result.max() and result.min() in (0, 1)
                require(is_either, "sometimes must return what the step returns, or a copy of the image", got=result)
            share_of("the step was taken too often or too rarely", float(np.mean(results)), p, n)
    for p in (0.0, 1.0):
        with calling(f"sometimes({p}, times_10_plus_1)(image, rng)"):
            step, generator = work.sometimes(p, plus(1)), rng(8)
            for _ in range(100):
                same(step(image.copy(), generator), image + p)

    values: list[Any] = []

    def noted(image: Array, value: Any) -> Array:
        values.append(value)
        return np.asarray(image + value)

    for low, high in ((-20.0, 20.0), (0.5, 0.75), (3.0, 3.0)):
        values.clear()
        with calling(f"uniformly(add, {low}, {high})(image, rng), {n} times"), global_random_state_kept():
            step, generator = work.uniformly(noted, low, high), rng(9)
            for _ in range(n):
                got = step(image.copy(), generator)
                require(np.ndim(values[-1]) == 0, "change must be called with a number", got=values[-1])
                same(got, image + values[-1])
            assert_equal(len(values), n, what="the number of calls of change")
            drawn = np.array(values, dtype=float)
            beyond = drawn[(drawn < low) | (drawn > high)].tolist()
            require(not beyond, f"a value is not between {low} and {high}", got=beyond[:1])
            for quarter in range(4 if low < high else 0):
                ends = [low + (high - low) * k / 4 for k in (quarter, quarter + 1)]
                found = float(np.mean((drawn >= ends[0]) & (drawn < ends[1])))
                share_of(f"too many or too few of the values lie between {ends[0]} and {ends[1]}", found, 0.25, n)
    same_seed_same_image()


def same_seed_same_image() -> None:
    photo = photograph()[::8, ::8]

    def mirrored(image: Array, _: np.random.Generator) -> Array:
        return np.asarray(work.flip_left_right(image))

    step = work.compose(
        work.sometimes(0.5, mirrored), work.uniformly(work.rotate, -30, 30), work.uniformly(work.brighten, -0.3, 0.3)
    )
    text = "compose(sometimes(0.5, mirrored), uniformly(rotate, -30, 30), uniformly(brighten, -0.3, 0.3))(image, rng)"
    with calling(text):
        generator = np.random.default_rng(3)
        first, second = (as_array(step(photo.copy(), generator)) for _ in range(2))
        again = as_array(step(photo.copy(), np.random.default_rng(3)))
        require(np.array_equal(first, again), "a generator in the same state led to another image", got=again)
        require(not np.array_equal(first, second), "the second call returned the same as the first", got=second)
        other = as_array(step(photo.copy(), np.random.default_rng(4)))
        require(not np.array_equal(first, other), "a generator with another seed led to the same image", got=other)
    images = [photo, *(as_array(step(photo.copy(), np.random.default_rng(n))) for n in range(4))]
    if all(image.shape == photo.shape for image in images):
        keep_images(*images, name="augmented")


edges()


def test_quarter_turns() -> None:
    """4. Whole turns return the image, quarter turns of a square agree with np.rot90, half turns with both flips."""
    for shape in ((1, 1), (2, 2), (3, 3), (6, 6), (5, 5, 3)):
        for image in (floats(10, shape), whole(11, shape)):
            for turns in (1, 2, 3, -1, 5):
                same(work.rotate(image.copy(), 90 * turns), np.rot90(image, turns))
    for shape in SHAPES:
        for image in (floats(12, shape), whole(13, shape), np.full(shape, 255, dtype=np.uint8)):
            for degrees in (0, 360, -360, 1080):
                same(work.rotate(image.copy(), degrees), image)
            same(work.rotate(image.copy(), 180), image[::-1, ::-1])


def test_channels_and_dtypes() -> None:
    """6. Gray and colour, bytes and floats: shape and dtype are kept, and bytes are rounded."""
    for shape in SHAPES:
        image = whole(14, shape)
        for degrees in (45, 200.5):
            got = work.rotate(image.copy(), degrees)
            rounded(got, plain_rotate(image, degrees))
            assert_dtype(got, np.uint8)
        for amount in (0.33, -0.15):
            got = work.brighten(image.copy(), amount)
            rounded(got, plain_brighten(image, amount))
            assert_dtype(got, np.uint8)
        for dtype, atol in ((np.float64, 1e-9), (np.float32, 1e-5)):
            image = floats(15, shape, dtype)
            assert_dtype(same(work.rotate(image.copy(), 75), plain_rotate(image, 75), atol), dtype)
            assert_dtype(same(work.brighten(image.copy(), 0.3), plain_brighten(image, 0.3), atol), dtype)
        for image in (whole(16, shape), floats(17, shape, np.float32)):
            assert_dtype(same(work.flip_left_right(image.copy()), image[:, ::-1]), image.dtype)
            assert_dtype(same(work.flip_top_bottom(image.copy()), image[::-1]), image.dtype)


@timing
def test_rotation_is_fast() -> None:
    """7. rotate is at least eight times as fast as visiting each pixel in Python."""
    image = floats(18, (90, 120))
    assert_faster(lambda: work.rotate(image, 25), lambda: plain_rotate(image, 25), at_least=8)


def test_image_stays_as_it_was() -> None:
    """10. image is left as it was, also where it is a view, and shares no memory with a result."""
    work_on: list[tuple[str, Callable[[Array], Any]]] = [
        ("flip_left_right(image)", lambda image: work.flip_left_right(image)),
        ("flip_top_bottom(image)", lambda image: work.flip_top_bottom(image)),
        ("rotate(image, 0)", lambda image: work.rotate(image, 0)),
        ("rotate(image, 90)", lambda image: work.rotate(image, 90)),
        ("rotate(image, 30)", lambda image: work.rotate(image, 30)),
        ("brighten(image, 0.0)", lambda image: work.brighten(image, 0.0)),
        ("brighten(image, 0.5)", lambda image: work.brighten(image, 0.5)),
        ("compose()(image, rng)", lambda image: work.compose()(image, rng(1))),
        ("sometimes(0.0, step)(image, rng)", lambda image: work.sometimes(0.0, plus(1))(image, rng(1))),
    ]
    for base in (whole(19, (8, 9, 3)), floats(20, (8, 9, 3)), floats(21, (8, 9, 3), np.float32)):
        for image in (base, base[::2, ::-1, 1:], base[:, :, 0], base.transpose(1, 0, 2)):
            for text, call in work_on:
                plain = np.ascontiguousarray(image)
                expected = as_array(call(plain.copy()))
                with calling(text), unchanged(image=image, base=base):
                    got = as_array(call(image))
                is_shared = np.shares_memory(got, base)
                require(not is_shared, "the result shares memory with image: who writes into one, changes both")
                assert_close(got, expected, rtol=0, atol=1e-5, what="the result for a view")


def test_what_is_no_image() -> None:
    """11. ValueError in flips and rotate for four axes; ValueError or TypeError in brighten for other integers."""
    for shape in ((1, 2, 2, 3), (2, 4, 4, 1)):
        for image in (np.zeros(shape), np.zeros(shape, dtype=np.uint8)):
            assert_raises(ValueError, work.flip_left_right, image)
            assert_raises(ValueError, work.flip_top_bottom, image)
            assert_raises(ValueError, work.rotate, image, 10)
    for dtype in (np.int64, np.uint16, np.int8):
        assert_raises((ValueError, TypeError), work.brighten, np.full((2, 2), 100, dtype=dtype), 0.1)
