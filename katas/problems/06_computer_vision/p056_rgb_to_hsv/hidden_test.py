"""Hidden test of p056_rgb_to_hsv."""

import colorsys
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_raises,
    assert_shape,
    edges,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)
from kata_runner.checking.images import keep_images, photograph

work = learner("hsv")

# Every colour of six levels: reds, oranges, grays, black and white among them.
COLOURS = np.array(list(product((0.0, 0.2, 0.4, 0.6, 0.8, 1.0), repeat=3)))


def plain(rgb: NDArray[Any]) -> NDArray[np.float64]:
    """Pixel by pixel, by the standard library; the hue 1.0, which it may return after rounding, is 0.0."""
    rows = [colorsys.rgb_to_hsv(*pixel) for pixel in rgb.reshape(-1, 3).tolist()]
    return np.array([(h % 1.0, s, v) for h, s, v in rows]).reshape(rgb.shape)


def assert_hsv(rgb: NDArray[Any], expected: NDArray[Any]) -> None:
    """Hues are compared around the circle."""
    with no_warnings():
        got = as_array(work.rgb_to_hsv(rgb.copy()))
    assert_shape(got, rgb.shape)
    around = np.array(expected, dtype=float)
    around[..., 0] += np.round(got[..., 0] - around[..., 0])
    assert_close(got, around, rtol=1e-9, atol=1e-9)


def test_the_table() -> None:
    """1. Hue, saturation and value follow the table; where two channels are the largest, both lines agree."""
    for pixel in ([0.8, 0.4, 0.2], [0.2, 0.8, 0.4], [0.4, 0.2, 0.8], [1.0, 0.0, 0.0]):
        rgb = np.array(pixel)
        assert_hsv(rgb, plain(rgb))
    for pixel in ([0.6, 0.6, 0.2], [0.2, 0.6, 0.6], [0.6, 0.2, 0.6]):
        rgb = np.array(pixel)
        assert_hsv(rgb, plain(rgb))
    strong = COLOURS[(COLOURS.max(axis=1) > COLOURS.min(axis=1)) & (COLOURS[:, 1] >= COLOURS[:, 2])]
    assert_hsv(strong, plain(strong))


def test_hues_go_around() -> None:
    """2. Hues below 0 go around: every hue is at least 0 and below 1."""
    reds = np.array([[1.0, 0.0, 0.5], [1.0, 0.0, 1e-9], [1.0, 0.0, 1e-17], [0.9, 0.1, 0.2]])
    for rgb in (reds[:1], reds, rng(1).random((50, 3))):
        expected = plain(rgb)
        hues = as_array(work.rgb_to_hsv(rgb.copy()))[..., 0]
        in_range = bool(np.all((hues >= 0.0) & (hues < 1.0)))
        require(in_range, "a hue is below 0 or not below 1", got=hues, expected=expected[..., 0])
        assert_hsv(rgb, expected)


def test_there_and_back() -> None:
    """5. hsv_to_rgb goes back: r, g and b return within 1e-9, for every colour."""
    for rgb in (np.array([0.2, 0.8, 0.4]), COLOURS, rng(2).random((50, 3))):
        hsv = plain(rgb)
        with no_warnings():
            assert_close(work.hsv_to_rgb(hsv.copy()), rgb, rtol=0, atol=1e-9)
    photo = photograph()[::4, ::4]
    turned = plain(photo / 255.0)
    turned[..., 0] = (turned[..., 0] + 0.4) % 1.0
    keep_images(photo, as_array(work.hsv_to_rgb(turned)), name="hue_turned")


edges()


def test_gray_pixels() -> None:
    """3. A gray pixel has h = 0 and s = 0, black and white too, without a warning."""
    for rgb in (np.zeros(3), np.array([[0.3, 0.3, 0.3], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.2, 0.4, 0.4]])):
        expected = plain(rgb)
        with no_warnings():
            assert_close(work.rgb_to_hsv(rgb.copy()), expected, rtol=1e-12, atol=1e-15)


def test_bytes_and_floats() -> None:
    """4. uint8 is divided by 255, float32 and float64 are taken as they are; the result is float64."""
    for whole in ([[0, 0, 1]], [[1, 1, 1]], [[255, 10, 3], [0, 128, 255]]):
        rgb = np.array(whole, dtype=np.uint8)
        assert_hsv(rgb, plain(rgb / 255.0))
    for dtype in (np.float64, np.float32):
        rgb = np.array([[0, 0, 1], [1, 1, 1]], dtype=dtype)
        assert_hsv(rgb, plain(rgb))
        third = np.array([[0.5, 0.25, 0.125]], dtype=dtype)
        assert_hsv(third, plain(third))
        assert_dtype(as_array(work.rgb_to_hsv(third.copy())), np.float64)
        assert_dtype(as_array(work.hsv_to_rgb(third.copy())), np.float64)


def test_any_hue() -> None:
    """6. In hsv_to_rgb hues go around: 1.0 and -2.0 are 0.0."""
    for turns in (1.0, -2.0, 3.0):
        hsv = np.array([[0.0, 1.0, 1.0], [0.25, 0.5, 0.8], [0.75, 0.5, 0.8]])
        expected = [colorsys.hsv_to_rgb(*pixel) for pixel in hsv.tolist()]
        hsv[:, 0] += turns
        assert_close(work.hsv_to_rgb(hsv.copy()), expected, rtol=0, atol=1e-9)


def test_any_shape() -> None:
    """7. The last axis holds the channels, whatever stands before it: (3,), (n, 3), (h, w, 3)."""
    for shape in ((3,), (1, 3), (3, 3), (2, 3, 3), (3, 2, 1, 3), (0, 3)):
        rgb = rng(3).random(shape)
        hsv = plain(rgb) if rgb.size else rgb
        if rgb.size:
            assert_hsv(rgb, hsv)
        assert_shape(as_array(work.rgb_to_hsv(rgb.copy())), shape)
        got = as_array(work.hsv_to_rgb(hsv.copy()))
        assert_shape(got, shape)
        assert_close(got, rgb, rtol=0, atol=1e-9)


def test_arguments_stay_as_they_were() -> None:
    """8. Both leave their argument as it was, also where it is a view."""
    base = rng(4).random((6, 8, 3))
    for pixels in (base.copy(), base[::2, ::-1], np.asfortranarray(base)):
        for function in (work.rgb_to_hsv, work.hsv_to_rgb):
            with unchanged(pixels=pixels, base=base):
                function(pixels)
    around = np.array([[1.25, 1.0, 1.0], [-2.0, 0.5, 0.8]])  # hues that go around
    with unchanged(hsv=around):
        work.hsv_to_rgb(around)


def test_other_numbers_of_channels() -> None:
    """9. ValueError when the last axis does not have length 3."""
    for shape in ((4,), (2, 4), (3, 1), (3, 2, 2), (2, 0), ()):
        for function in (work.rgb_to_hsv, work.hsv_to_rgb):
            assert_raises(ValueError, function, np.zeros(shape))


def test_floats_out_of_range() -> None:
    """10. ValueError for floats of rgb below 0 or above 1."""
    for bad in (1.5, 255.0, -0.1, -1e-9, 1 + 1e-9):
        for place in range(3):
            rgb = np.full((2, 3), 0.5)
            rgb[1, place] = bad
            assert_raises(ValueError, work.rgb_to_hsv, rgb)
    assert_raises(ValueError, work.rgb_to_hsv, np.array([0.0, 2.0, 1.0], dtype=np.float32))
