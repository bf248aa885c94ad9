"""Hidden test of p060_grayscale."""

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
    edges,
    learner,
    require,
    rng,
    unchanged,
)
from kata_runner.checking.images import keep_images, photograph

work = learner("grayscale")


def thousandths(image: NDArray[Any]) -> NDArray[np.int64]:
    """The exact sums of an image of whole numbers, in thousandths."""
    red, green, blue = (image[:, :, i].astype(np.int64) for i in range(3))
    return 299 * red + 587 * green + 114 * blue


def assert_rounded(image: NDArray[Any]) -> None:
    exact = thousandths(image)
    got = as_array(work.to_gray(image.copy()))
    assert_shape(got, exact.shape)
    is_near = np.abs(got.astype(np.int64) * 1000 - exact) <= 500
    require(bool(is_near.all()), "a pixel is not the nearest whole number", got=got, expected=exact / 1000)


def plain(image: NDArray[Any]) -> list[list[float]]:
    return [[0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue, *_ in row] for row in image.tolist()]


def test_weighted_sum() -> None:
    """1. Each pixel is 0.299 R + 0.587 G + 0.114 B of its own channels."""
    for stream, (h, w) in enumerate([(1, 1), (1, 2), (3, 3), (2, 5)]):
        image = rng(stream).random((h, w, 3))
        expected = plain(image)
        assert_close(work.to_gray(image.copy()), expected, rtol=1e-9)


def test_whole_numbers_are_rounded() -> None:
    """2. uint8 and uint16 images keep their dtype, and the sum is rounded to the nearest whole number."""
    assert_rounded(np.array([[[0, 255, 0]]], dtype=np.uint8))
    for dtype in (np.uint8, np.uint16):
        image = rng(10).integers(0, 200, (7, 5, 3)).astype(dtype)
        assert_rounded(image)
        assert_dtype(as_array(work.to_gray(image.copy())), dtype)
    # 17351.499, 27524.501 and 37739.499: too fine for float32, which takes them for a half.
    assert_rounded(np.array([[[326, 29017, 1939], [22665, 29902, 28028], [41695, 42866, 968]]], dtype=np.uint16))


def test_white_stays_white() -> None:
    """3. Bright pixels do not wrap around: white stays white."""
    for dtype in (np.uint8, np.uint16):
        white = np.full((1, 2, 3), np.iinfo(dtype).max, dtype=dtype)
        assert_equal(as_array(work.to_gray(white.copy())).tolist(), white[:, :, 0].tolist())
        assert_rounded(np.array([[[250, 251, 252]]], dtype=dtype))
    photo = photograph()
    assert_rounded(photo)
    keep_images(photo, work.to_gray(photo.copy()), name="gray")


def test_floats_stay_floats() -> None:
    """4. float32 and float64 images keep their dtype, and their values are not rounded."""
    for dtype, rtol in ((np.float32, 1e-5), (np.float64, 1e-12)):
        for scale in (1.0, 255.0):
            image = (scale * rng(20).random((2, 3, 3))).astype(dtype)
            expected = plain(image)
            got = as_array(work.to_gray(image.copy()))
            assert_close(got, expected, rtol=rtol)
            assert_dtype(got, dtype)


edges()


def test_alpha_is_ignored() -> None:
    """5. The alpha channel of an RGBA image is ignored."""
    image = np.array([[[0.2, 0.4, 0.6, 0.0], [0.2, 0.4, 0.6, 0.5]]])
    expected = plain(image)
    assert_close(work.to_gray(image.copy()), expected)
    for alpha in (0, 128, 255):
        colours = rng(30).integers(0, 256, (3, 2, 3))
        assert_rounded(np.concatenate([colours, np.full((3, 2, 1), alpha)], axis=2).astype(np.uint8))


def test_gray_images_keep_their_values() -> None:
    """6. A gray image keeps its values and its dtype; (h, w, 1) becomes (h, w)."""
    for dtype in (np.uint8, np.uint16, np.float32):
        for shape in ((1, 1), (4, 3), (3, 4)):  # (4, 3) is no row of colours
            gray = rng(40).integers(0, 256, shape).astype(dtype)
            for image in (gray, gray[:, :, None]):
                got = as_array(work.to_gray(image.copy()))
                assert_equal(got.tolist(), gray.tolist())
                assert_dtype(got, dtype)


def test_image_stays_as_it_was() -> None:
    """7. image is left as it was, also a view of another one, and shares no memory with the result."""
    base = rng(50).integers(0, 256, (8, 9, 4)).astype(np.uint8)
    views = (base[::2, ::-1, :3], base[:, :, 2::-1], base[:, :, 0], base[1:3, :, :1], base.astype(np.float64))
    for image in views:
        exact = thousandths(image) / 1000 if image.ndim == 3 and image.shape[2] > 1 else image.reshape(image.shape[:2])
        with unchanged(image=image, base=base):
            got = as_array(work.to_gray(image))
        assert_close(got, exact, rtol=0, atol=0.5001)
        require(
            not np.shares_memory(got, image), "the result shares memory with image: who writes into one, changes both"
        )


def test_other_shapes() -> None:
    """8. Any other shape raises ValueError."""
    for shape in ((3,), (2, 2, 2), (2, 2, 5), (1, 2, 2, 3), ()):
        assert_raises(ValueError, work.to_gray, np.zeros(shape))
