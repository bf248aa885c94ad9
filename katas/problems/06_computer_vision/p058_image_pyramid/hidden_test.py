"""Hidden test of p058_image_pyramid."""

from itertools import pairwise
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
    assert_type,
    edges,
    learner,
    require,
    rng,
    unchanged,
)
from kata_runner.checking.images import keep_images, photograph

work = learner("pyramid")

SHAPES = ((1, 1), (1, 5), (4, 1), (2, 2), (5, 7), (6, 4), (1, 1, 1), (5, 6, 3))
PYRAMIDS = (((3, 4), 1), ((2, 2), 2), ((8, 8), 2), ((2, 2), 4), ((1, 8), 3), ((9, 13), 4), ((6, 5, 3), 3))


def plain_line(line: list[Any]) -> list[Any]:
    """One line of pixels blurred, each pixel a number or an array of channels."""

    def at(i: int) -> Any:
        return line[min(max(i, 0), len(line) - 1)]

    return [
        sum(w * at(i + k) for w, k in zip((1, 4, 6, 4, 1), range(-2, 3), strict=True)) / 16 for i in range(len(line))
    ]


def plain_long(line: list[Any], length: int) -> list[Any]:
    """One line of pixels stretched."""
    found = []
    for i, pixel in enumerate(line):
        found += [pixel, (pixel + line[min(i + 1, len(line) - 1)]) / 2]
    return found[:length]


def both_ways(image: NDArray[Any], change: Any, *lengths: int) -> NDArray[np.float64]:
    """A change of lines, down the columns and then along the rows."""
    rows = change(list(image.astype(float)), *lengths[:1])
    return np.array(change(list(np.array(rows).swapaxes(0, 1)), *lengths[1:])).swapaxes(0, 1)


def plain_blur(image: NDArray[Any]) -> NDArray[np.float64]:
    return both_ways(image, plain_line)


def plain_up(image: NDArray[Any], height: int, width: int) -> NDArray[np.float64]:
    return both_ways(image, plain_long, height, width)


def plain_gaussian(image: NDArray[Any], levels: int) -> list[NDArray[np.float64]]:
    found = [image.astype(float)]
    while len(found) < levels:
        found.append(plain_blur(found[-1])[::2, ::2])
    return found


def some(stream: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return rng(stream).uniform(0, 255, shape)


def same(got: Any, expected: NDArray[Any], what: str = "") -> None:
    array = as_array(got)
    assert_shape(array, expected.shape, what=what)
    assert_close(array, expected, rtol=1e-9, atol=1e-9, what=what)


def inner(stream: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """An image whose border is black, three pixels wide."""
    image = np.zeros((shape[0] + 6, shape[1] + 6, *shape[2:]))
    image[3:-3, 3:-3] = some(stream, shape)
    return image


def test_blur() -> None:
    """1. blur is the mean of five pixels with the weights (1, 4, 6, 4, 1) / 16, in both directions."""
    dot = np.zeros((7, 7))
    dot[3, 3] = 256.0
    for image in (dot, inner(1, (4, 5)), inner(2, (1, 1, 1)), inner(2, (2, 3, 3)), inner(2, (1, 2, 4))):
        expected = plain_blur(image)
        same(work.blur(image.copy()), expected)


def test_borders() -> None:
    """2. Beyond the border the nearest pixel is repeated: an image of one colour stays as it is."""
    for shape in SHAPES:
        even = np.full(shape, 200.0)
        same(work.blur(even.copy()), even)
        image = some(10, shape)
        expected = plain_blur(image)
        same(work.blur(image.copy()), expected)


def test_down() -> None:
    """3. down blurs, and keeps the pixels in even rows and columns, beginning with 0."""
    stripes = np.zeros((9, 12))
    stripes[3:6, 3:9:2] = 1.0
    for image in (stripes, inner(3, (3, 3)), inner(4, (4, 5)), inner(5, (2, 3, 3))):
        expected = plain_blur(image)[::2, ::2]
        same(work.down(image.copy()), expected)
    photo = photograph()[::2, ::2]
    keep_images(photo[::2, ::2], as_array(work.down(photo)) / 255, name="dropped_and_blurred")


def test_up() -> None:
    """4. up puts pixels into even rows and columns, and the mean of the neighbours between."""
    for shape, height, width in (((1, 2), 1, 3), ((2, 1), 3, 1), ((1, 2), 1, 4), ((3, 3), 5, 6), ((2, 3, 3), 4, 5)):
        image = some(6, shape)
        expected = plain_up(image, height, width)
        same(work.up(image.copy(), height, width), expected)


def levels_of(found: Any, n: int) -> list[Any]:
    assert_type(found, list)
    assert_equal(len(found), n, what="the number of levels")
    return list(found)


def test_gaussian_pyramid() -> None:
    """5. Level 0 is the image, and each further one down of the one before."""
    for shape, levels in PYRAMIDS:
        image = some(7, shape)
        expected = plain_gaussian(image, levels)
        for i, level in enumerate(levels_of(work.gaussian_pyramid(image.copy(), levels), levels)):
            same(level, expected[i], what=f"level {i}")


def test_laplacian_pyramid() -> None:
    """6. Each level is the Gaussian one minus the next brought up; the last one is the Gaussian one itself."""
    for shape, levels in PYRAMIDS:
        image = some(8, shape)
        gauss = plain_gaussian(image, levels)
        expected = [a - plain_up(b, *a.shape[:2]) for a, b in pairwise(gauss)] + gauss[-1:]
        for i, level in enumerate(levels_of(work.laplacian_pyramid(image.copy(), levels), levels)):
            same(level, expected[i], what=f"level {i}")


def plain_laplacian(image: NDArray[Any], levels: int) -> list[NDArray[np.float64]]:
    gauss = plain_gaussian(image, levels)
    return [a - plain_up(b, *a.shape[:2]) for a, b in pairwise(gauss)] + gauss[-1:]


def test_rebuild() -> None:
    """7. rebuild returns the image of a Laplacian pyramid, whatever its size, odd too."""
    for shape, levels in (((3, 4), 1), ((4, 4), 2), ((5, 7), 3), ((6, 8), 4), ((9, 13), 6), ((6, 5, 3), 3)):
        image = some(9, shape)
        pyramid = plain_laplacian(image, levels)
        same(work.rebuild(pyramid), image)


edges()


def test_any_size() -> None:
    """3. Of 5 rows 3 are left, of 1 row 1."""
    for shape in SHAPES:
        image = some(11, shape)
        expected = plain_blur(image)[::2, ::2]
        same(work.down(image.copy()), expected)


def test_nothing_is_rounded() -> None:
    """8. All results are float64, and nothing is rounded or cut, also of bytes and float32."""
    for dtype, least in ((np.uint8, 0), (np.int16, -200), (np.int64, 2**25), (np.float32, 2**23), (bool, -99)):
        image = (least + some(12, (5, 6)) // 1).astype(dtype)
        results = [
            (work.blur(image.copy()), plain_blur(image)),
            (work.down(image.copy()), plain_blur(image)[::2, ::2]),
            (work.up(image.copy(), 10, 12), plain_up(image, 10, 12)),
            (levels_of(work.gaussian_pyramid(image.copy(), 1), 1)[0], image.astype(float)),
            (levels_of(work.laplacian_pyramid(image.copy(), 1), 1)[0], image.astype(float)),
            (levels_of(work.laplacian_pyramid(image.copy(), 2), 2)[0], plain_laplacian(image, 2)[0]),
        ]
        for got, expected in results:
            same(got, expected)
            assert_dtype(as_array(got), np.float64)


def test_rebuild_of_any_numbers() -> None:
    """8. rebuild neither rounds nor cuts: images may be negative, above 255, or very small."""
    for image in (np.array([[-3.0]]), np.array([[300.0]]), np.array([[3e-12]]), some(15, (3, 4)) - 128.0):
        for levels in (1, 2):
            got = as_array(work.rebuild(plain_laplacian(image, levels)))
            assert_shape(got, image.shape)
            assert_close(got, image, rtol=0.0, atol=1e-9 * float(np.abs(image).max()))


def apart(result: Any, *given: NDArray[Any]) -> None:
    is_shared = any(np.shares_memory(result, array) for array in given)
    require(not is_shared, "a result shares memory with an argument: who writes into one, changes both")


def test_arguments_stay_as_they_were() -> None:
    """9. The image, the list pyramid and its arrays are left as they were, and share no memory with a result."""
    base = some(13, (8, 10, 3))
    for image in (np.array([[5.0]]), base.copy(), base[::2, ::-1], base[:, :, 0].T):
        with unchanged(image=image, base=base):
            apart(as_array(work.blur(image)), image)
            apart(as_array(work.down(image)), image)
            if image.shape == (1, 1):
                apart(as_array(work.up(image, 1, 1)), image)
            apart(as_array(work.up(image, image.shape[0] * 2, image.shape[1] * 2)), image)
            for levels in (1, 3):
                for level in (*work.gaussian_pyramid(image, levels), *work.laplacian_pyramid(image, levels)):
                    apart(as_array(level), image)
    for levels in (1, 2, 3):
        pyramid = plain_laplacian(base, levels)
        kept = [level.copy() for level in pyramid]
        apart(as_array(work.rebuild(pyramid)), *pyramid)
        for i, level in enumerate(pyramid):
            assert_equal(level.tolist(), kept[i].tolist(), what=f"level {i} of the pyramid afterwards")
        assert_equal(len(pyramid), levels, what="the length of the pyramid afterwards")


def test_no_such_size() -> None:
    """10. ValueError for levels below 1, and in up where the image is not half of the size, rounded up."""
    image = some(14, (3, 4))
    for levels in (0, -1):
        assert_raises(ValueError, work.gaussian_pyramid, image, levels)
        assert_raises(ValueError, work.laplacian_pyramid, image, levels)
    for height, width in ((7, 8), (4, 8), (6, 9), (5, 6), (3, 4), (0, 0)):
        assert_raises(ValueError, work.up, image, height, width)
