"""Hidden test of p054_sobel."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_faster,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    learner,
    no_warnings,
    rng,
    timing,
    unchanged,
)
from kata_runner.checking.images import keep_images, photograph

work = learner("sobel")

KERNEL = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
PLACES = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]


def plain(image: NDArray[Any]) -> tuple[list[list[float]], list[list[float]]]:
    """One pixel after the other."""
    rows = image.tolist()
    h, w = image.shape

    def at(y: int, x: int) -> float:
        return rows[min(max(y, 0), h - 1)][min(max(x, 0), w - 1)]

    def both(y: int, x: int) -> tuple[float, float]:
        near = [(at(y + i, x + j), i, j) for i, j in PLACES]
        return sum(v * KERNEL[i + 1][j + 1] for v, i, j in near), sum(v * KERNEL[j + 1][i + 1] for v, i, j in near)

    found = [[both(y, x) for x in range(w)] for y in range(h)]
    return [[gx for gx, _ in row] for row in found], [[gy for _, gy in row] for row in found]


def pair(result: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    assert_type(result, tuple)
    assert_equal(len(result), 2, what="the number of results")
    return as_array(result[0]), as_array(result[1])


def agree(image: NDArray[Any], *, rtol: float = 1e-9) -> None:
    gx, gy = plain(image)
    scale = float(np.abs(image.astype(float)).max())
    got = pair(work.gradients(image.copy()))
    assert_close(got[0], gx, rtol=rtol, atol=rtol * scale, what="gx")
    assert_close(got[1], gy, rtol=rtol, atol=rtol * scale, what="gy")


def test_change_to_the_right() -> None:
    """1. gx is the sum of the products with its kernel: brightness that rises to the right is positive."""
    for rows in ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[0, 0, 8, 8]] * 3, [[5, 3, 0], [9, 1, 0], [2, 2, 7]]):
        image = np.array(rows, dtype=float)
        expected = np.array(plain(image)[0])[1:-1, 1:-1]
        assert_close(pair(work.gradients(image.copy()))[0][1:-1, 1:-1], expected, what="gx, inside,")


def test_change_downwards() -> None:
    """2. gy is the sum of the products with the other kernel: brightness that rises downwards is positive."""
    for rows in (
        [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
        [[0, 0, 0]] * 2 + [[8, 8, 8]] * 2,
        [[5, 3, 0], [9, 1, 0], [2, 2, 7]],
    ):
        image = np.array(rows, dtype=float)
        expected = np.array(plain(image)[1])[1:-1, 1:-1]
        assert_close(pair(work.gradients(image.copy()))[1][1:-1, 1:-1], expected, what="gy, inside,")


def test_strength() -> None:
    """5. The magnitude is the length of the vector (gx, gy)."""
    for image in (np.array([[0.0, 0.0, 3.0], [0.0, 0.0, 3.0], [4.0, 4.0, 7.0]]), rng(20).normal(size=(5, 6))):
        expected = np.hypot(*plain(image))[1:-1, 1:-1]
        got = pair(work.edges(image.copy()))[0][1:-1, 1:-1]
        assert_close(got, expected, rtol=1e-9, atol=1e-12, what="the magnitude inside")
    stripes = np.array([[0, 0, 255], [0, 0, 255], [0, 0, 255]], dtype=np.uint8)
    assert_close(pair(work.edges(stripes))[0][1, 1], 1020.0, what="the magnitude in the middle")
    photo = photograph().mean(axis=2)
    magnitude, _ = pair(work.edges(photo))
    keep_images(photo / 255, magnitude / 800, name="edges")


def test_direction() -> None:
    """6. The direction is the angle in degrees: 0 to the right, 90 downwards, 180 to the left, -90 upwards."""
    right = np.array([[0.0, 1.0, 2.0]] * 3)
    cases = ((right, 0.0), (right.T, 90.0), (right[:, ::-1], 180.0), (right[::-1].T[::-1], -90.0), (right * 0, 0.0))
    for image, angle in (*cases, (right + right.T, 45.0), (right[:, ::-1] - right.T, -135.0)):
        with no_warnings():
            _, direction = pair(work.edges(image.copy()))
        assert_close(direction[1, 1], angle, atol=1e-9, what="the direction in the middle")
    image = rng(30).normal(size=(5, 6))
    gx, gy = plain(image)
    expected = np.degrees([[math.atan2(b, a) for a, b in zip(*r, strict=True)] for r in zip(gx, gy, strict=True)])
    got = pair(work.edges(image.copy()))[1][1:-1, 1:-1]
    assert_close(got, expected[1:-1, 1:-1], rtol=1e-7, what="the direction inside")


edges()


def test_borders() -> None:
    """3. Beyond the border the nearest pixel is repeated; one row, one column and one pixel are images, too."""
    agree(np.array([[1.0, 5.0], [2.0, 9.0]]))
    agree(np.full((2, 3), 7.0))
    for shape in ((1, 1), (1, 4), (4, 1), (2, 1), (4, 4), (8, 5)):
        image = rng(40).normal(size=shape)
        agree(image)
        for result in pair(work.edges(image.copy())):
            assert_shape(result, shape)


def test_integers_and_float32() -> None:
    """4. Integers of any type and float32 are computed in float64; nothing is scaled or clipped."""
    steps = np.array([[0, 200, 250, 3], [255, 0, 7, 250], [9, 255, 255, 0]])
    for dtype in (np.uint8, np.int16, np.uint16, np.int64):
        image = steps.astype(dtype)
        agree(image)
        for result in (*pair(work.gradients(image.copy())), *pair(work.edges(image.copy()))):
            assert_dtype(result, np.float64)
    agree(np.array([[0, 100, 0]], dtype=np.int8))
    wide = np.array([[-1.0, 2.0**24]], dtype=np.float32)
    assert_equal(pair(work.gradients(wide.copy()))[0].tolist(), [[2.0**26 + 4.0] * 2], what="gx")
    agree((2.0**23 + steps).astype(np.float32), rtol=1e-12)
    agree(np.array([[0, 2**31, 5]], dtype=np.uint32))


def test_image_stays_as_it_was() -> None:
    """7. image is left as it was, also where it is a view of another one."""
    base = rng(50).normal(size=(8, 9))
    for image in (base.copy(), base[::2, ::-1], base.T):
        gx, _ = plain(image)
        with unchanged(image=image, base=base):
            got = pair(work.gradients(image))
            work.edges(image)
        assert_close(got[0], gx, rtol=1e-9, atol=1e-12, what="gx")


@timing
def test_no_loop_over_pixels() -> None:
    """8. A picture of 60 × 60 takes at most a fiftieth of the time of the plain loop over pixels in Python."""
    image = rng(60).random((60, 60))
    assert_faster(lambda: work.gradients(image), lambda: plain(image), at_least=50)


def test_what_is_no_gray_image() -> None:
    """9. ValueError when image does not have two dimensions, or has no pixel."""
    for shape in ((4,), (4, 4, 3), (4, 4, 1), (0, 3), (3, 0), ()):
        for function in (work.gradients, work.edges):
            assert_raises(ValueError, function, np.zeros(shape))
