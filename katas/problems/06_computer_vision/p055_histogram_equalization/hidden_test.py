"""Hidden test of p055_histogram_equalization."""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    edges,
    learner,
    require,
    rng,
    unchanged,
)
from kata_runner.checking.images import keep_images, photograph

work = learner("equalization")


def plain_table(gray: NDArray[Any]) -> list[Fraction]:
    """The exact table, level by level; for an image of one level, the levels themselves."""
    counts = [0] * 256
    for row in gray.tolist():
        for level in row:
            counts[level] += 1
    n, first = gray.size, next(c for c in counts if c)
    if first == n:
        return [Fraction(level) for level in range(256)]
    sums = [sum(counts[: level + 1]) for level in range(256)]
    return [Fraction(255 * max(c - first, 0), n - first) for c in sums]


def assert_table(gray: NDArray[Any]) -> None:
    exact = plain_table(gray)
    got = as_array(work.level_table(gray.copy()))
    assert_shape(got, (256,))
    for level, (new, wanted) in enumerate(zip(got.tolist(), exact, strict=True)):
        is_near = abs(new - wanted) <= Fraction(1, 2)
        require(is_near, f"the new value of level {level} is wrong", got=new, expected=float(wanted))


def assert_gray(gray: NDArray[Any]) -> None:
    exact = plain_table(gray)
    got = as_array(work.equalize(gray.copy()))
    assert_shape(got, gray.shape)
    for new, old in zip(got.ravel().tolist(), gray.ravel().tolist(), strict=True):
        is_near = abs(new - exact[old]) <= Fraction(1, 2)
        require(is_near, f"a pixel of level {old} has the wrong value", got=got, expected=float(exact[old]))


def fog(stream: int, *shape: int) -> NDArray[np.uint8]:
    """Levels from 90 to 140, most of them around 110."""
    return np.clip(rng(stream).normal(110, 8, shape), 90, 140).astype(np.uint8)


def of_levels(*rows: list[int]) -> NDArray[np.uint8]:
    return np.array(rows, dtype=np.uint8)


def test_the_table() -> None:
    """1. The table holds 255 (c(v) - c₀) / (n - c₀), rounded; levels below the lowest have 0."""
    for gray in (of_levels([7, 9]), of_levels([50, 50, 60], [60, 70, 200]), of_levels([3, 3, 3, 4, 5, 5, 8])):
        assert_table(gray)
    for stream, shape in enumerate([(5, 5), (20, 31)]):
        assert_table(fog(stream, *shape))


def test_gray_images() -> None:
    """2. Every pixel is replaced by its entry in the table: the lowest level becomes 0, the highest 255."""
    for gray in (of_levels([7, 9]), of_levels([50, 50, 60], [60, 70, 200]), fog(10, 6, 7)):
        assert_gray(gray)
        new = as_array(work.equalize(gray.copy()))
        assert_equal((int(new.min()), int(new.max())), (0, 255), what="the lowest and the highest value")


def plain_colour(image: NDArray[Any]) -> list[list[int]]:
    """What each channel of each pixel is, with every half of the brightness rounded up."""
    gray = np.array([[(299 * r + 587 * g + 114 * b + 500) // 1000 for r, g, b in row] for row in image.tolist()])
    exact = plain_table(gray)
    steps = [[round(exact[y]) - y for y in row] for row in gray.tolist()]
    pairs = zip(image.tolist(), steps, strict=True)
    return [[min(max(c + s, 0), 255) for p, s in zip(*pair, strict=True) for c in p] for pair in pairs]


def assert_colour(image: NDArray[Any]) -> None:
    """One more or less may come from a half, of the brightness or of the table."""
    expected = np.array(plain_colour(image)).reshape(image.shape)
    got = as_array(work.equalize(image.copy()))
    assert_shape(got, image.shape)
    is_near = bool((np.abs(got.astype(int) - expected) <= 1).all())
    require(is_near, "a channel did not get the step of its pixel's brightness", got=got, expected=expected)


def test_colour_images() -> None:
    """5. Each channel of a colour image gets y' - y added, and is cut to 0 to 255."""
    assert_colour(np.array([[[100, 20, 20], [30, 30, 120]]], dtype=np.uint8))
    assert_colour(np.array([[[100, 100, 100], [140, 90, 95], [90, 140, 95], [95, 100, 140]]], dtype=np.uint8))
    assert_colour(np.array([[[250, 0, 0], [0, 0, 250], [200, 210, 220]]], dtype=np.uint8))
    assert_colour(fog(20, 5, 6, 3))
    photo = photograph()
    foggy = (photo // 4 + 90).astype(np.uint8)
    keep_images(foggy, as_array(work.equalize(foggy)), name="equalized")


edges()


def test_one_level() -> None:
    """3. An image of one level stays as it is, gray and colour."""
    for level in (0, 77, 255):
        gray = np.full((3, 2), level, dtype=np.uint8)
        assert_equal(as_array(work.equalize(gray.copy())).tolist(), gray.tolist())
        colour = np.full((2, 2, 3), level, dtype=np.uint8)
        assert_equal(as_array(work.equalize(colour.copy())).tolist(), colour.tolist())


def test_all_levels_count() -> None:
    """4. All 256 levels count, 0 and 255 too, in images of any size."""
    for gray in (of_levels([0, 255]), of_levels([0, 1, 254, 255]), of_levels([254, 255, 255]), of_levels([0, 0, 1])):
        assert_table(gray)
        assert_gray(gray)
    every = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert_gray(every)
    assert_table(rng(30).integers(0, 256, (300, 300)).astype(np.uint8))


def test_image_stays_as_it_was() -> None:
    """6. image is left as it was, also where it is a view, and shares no memory with the result."""
    gray, colour, flat = fog(40, 8, 9), fog(41, 6, 5, 3), np.full((4, 4), 9, dtype=np.uint8)
    for image in (gray, gray[::2, ::-1], colour, colour[:, :, ::-1], gray.T, flat):
        with unchanged(image=image, gray=gray, colour=colour):
            got = as_array(work.equalize(image))
        require(not np.shares_memory(got, image), "the result shares memory with image")
        assert_dtype(got, np.uint8)
    with unchanged(gray=gray):
        assert_dtype(as_array(work.level_table(gray)), np.uint8, what="the table")


def test_what_is_no_image() -> None:
    """7. ValueError when the dtype is not uint8, the shape is another one, or there is no pixel."""
    good = fog(60, 3, 3)
    for bad in (good.astype(float), good.astype(np.int64), good.astype(np.uint16), good.astype(bool)):
        assert_raises(ValueError, work.equalize, bad)
        assert_raises(ValueError, work.level_table, bad)
    for shape in ((3,), (3, 3, 4), (3, 3, 1), (1, 3, 3, 3), (0, 3), (0, 3, 3)):
        assert_raises(ValueError, work.equalize, np.zeros(shape, dtype=np.uint8))
    assert_raises(ValueError, work.equalize, np.zeros((2, 2, 3)))
    assert_raises(ValueError, work.level_table, np.zeros((2, 2, 3), dtype=np.uint8))
