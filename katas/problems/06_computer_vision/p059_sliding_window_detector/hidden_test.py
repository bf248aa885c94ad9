"""Hidden test of p059_sliding_window_detector."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_memory,
    assert_raises,
    assert_shape,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    require,
    rng,
    unchanged,
)
from kata_runner.checking.images import keep_images, photograph

work = learner("windows")


def plain_starts(length: int, size: int, step: int) -> list[int]:
    found, at = [], 0
    while at + size < length:
        found.append(at)
        at += step
    return [*found, length - size] if length >= size else []


def plain_places(shape: tuple[int, ...], size: int, step: int) -> list[tuple[int, int]]:
    return [(y, x) for y in plain_starts(shape[0], size, step) for x in plain_starts(shape[1], size, step)]


def plain_shrink(image: NDArray[Any], factor: int) -> NDArray[np.float64]:
    h, w = image.shape[0] // factor, image.shape[1] // factor
    blocks = [
        [image[factor * i : factor * i + factor, factor * j : factor * j + factor] for j in range(w)] for i in range(h)
    ]
    means = [[np.asarray(block, dtype=float).mean(axis=(0, 1)) for block in row] for row in blocks]
    return np.array(means).reshape(h, w, *image.shape[2:])


def looked(image: NDArray[Any], size: int, step: int) -> list[tuple[int, int, NDArray[Any]]]:
    """All that sliding yields, at most 1,000 of it."""
    with calling(f"list(sliding(image of shape {image.shape}, {size}, {step}))"):
        found = list(islice(work.sliding(image, size, step), 1000))
        for item in found:
            assert_type(item, tuple, what="an item")
            assert_equal(len(item), 3, what="the length of an item")
            for number, name in zip(item, "yx", strict=False):
                assert_type(number, (int, np.integer), what=name)
    return found


def assert_places(shape: tuple[int, ...], size: int, step: int) -> None:
    found = looked(np.zeros(shape), size, step)
    assert_equal([(int(y), int(x)) for y, x, _ in found], plain_places(shape, size, step), what="the corners (y, x)")


def detected(image: NDArray[Any], size: int, step: int, factors: list[int], score: Any, threshold: float) -> list[Any]:
    text = f"list(detect(image of shape {image.shape}, {size}, {step}, {factors}, score, {threshold:g}))"
    with calling(text):
        found = list(islice(work.detect(image, size, step, factors, score, threshold), 1000))
        for item in found:
            assert_type(item, tuple, what="an item")
            assert_equal(len(item), 5, what="the length of an item")
    return found


def plain_detect(image: NDArray[Any], size: int, step: int, factors: list[int], score: Any, threshold: float) -> Any:
    found = []
    for f in factors:
        small = plain_shrink(image, f)
        for y, x in plain_places(small.shape, size, step):
            s = score(small[y : y + size, x : x + size])
            if s >= threshold:
                found.append((f * x, f * y, f * (x + size), f * (y + size), s))
    return found


def brightness(window: NDArray[Any]) -> float:
    return float(np.asarray(window, dtype=float).mean())


def test_rows_of_windows() -> None:
    """1. Windows begin at (0, 0) and move by step, first along a row of windows, then down."""
    for shape, size, step in (((2, 4), 2, 1), ((4, 2), 2, 1), ((4, 6), 2, 2), ((3, 3), 1, 1), ((9, 6), 3, 3)):
        assert_places(shape, size, step)
        image = rng(1).random(shape)
        for y, x, window in looked(image, size, step):
            assert_equal(np.asarray(window).tolist(), image[y : y + size, x : x + size].tolist(), what="a window")


def test_means_of_blocks() -> None:
    """6. shrink returns the mean of each block, channel by channel; what does not fill a block is left out."""
    for rows in ([[0, 4], [8, 8]], [[0, 4, 1], [8, 8, 1], [1, 1, 1]]):
        image = np.array(rows, dtype=float)
        expected = plain_shrink(image, 2)
        assert_close(work.shrink(image.copy(), 2), expected)
    for shape, factor in (((7, 5), 1), ((7, 5), 2), ((9, 10), 3), ((6, 4, 3), 2), ((2, 2), 5), ((5, 8, 1), 2)):
        image = rng(2).random(shape)
        expected = plain_shrink(image, factor)
        got = as_array(work.shrink(image.copy(), factor))
        assert_shape(got, expected.shape)
        assert_close(got, expected)


def test_boxes_in_the_original_image() -> None:
    """8. Windows of at least threshold come with their box in pixels of the original image, and their score."""
    image = np.zeros((8, 12))
    image[2:6, 4:8] = 8.0
    for size, step, factors, threshold in (
        (4, 2, [1], 8.0),
        (2, 1, [2], 8.0),
        (1, 1, [4], 2.0),
        (2, 1, [1, 2, 3], 5.0),
        (2, 3, [2], 0.0),
    ):
        expected = plain_detect(image, size, step, factors, brightness, threshold)
        got = detected(image.copy(), size, step, factors, brightness, threshold)
        assert_equal([item[:4] for item in got], [item[:4] for item in expected], what="the boxes")
        assert_close([item[4] for item in got], [item[4] for item in expected], what="the scores")
        for item in got:
            for number in item[:4]:
                assert_type(number, int, what="a coordinate")
    for shape, size, step in (((5, 5), 2, 1), ((2, 6), 1, 3)):
        image = rng(6).random(shape)
        expected = plain_detect(image, size, step, [2], brightness, 0.0)
        got = detected(image.copy(), size, step, [2], brightness, 0.0)
        assert_equal([item[:4] for item in got], [item[:4] for item in expected], what="the boxes")
    photo = photograph()[::2, ::2].mean(axis=2) / 255
    keep_images(photo, as_array(work.shrink(photo, 2)), as_array(work.shrink(photo, 4)), name="shrunk")


def test_factors_in_order() -> None:
    """7. The factors come in the order given; score sees each window of each shrunken image once, in order."""
    image = np.round(rng(3).random((8, 7)), 2)
    cases = (
        (np.zeros((1, 2)), 1, 1, [1]),
        (image, 2, 1, [1, 2]),
        (image, 2, 1, [2, 1]),
        (image, 2, 1, [3]),
        (image, 2, 1, [2, 2]),
        (image, 2, 2, [2]),
        (image, 2, 2, [1]),
        (image, 2, 1, []),
        ((100 * image).astype(np.uint8), 2, 3, [1]),
    )
    for pixels, size, step, factors in cases:
        seen: list[Any] = []

        def score(window: NDArray[Any], seen: list[Any] = seen) -> float:
            seen.append(np.array(window))
            return 0.0

        small = [plain_shrink(pixels, f) for f in factors]
        expected = [im[y : y + size, x : x + size] for im in small for y, x in plain_places(im.shape, size, step)]
        assert_equal(detected(pixels.copy(), size, step, factors, score, 1.0), [], what="what is below threshold")
        assert_equal(len(seen), len(expected), what="the number of windows that score has seen")
        for got, wanted in zip(seen, expected, strict=True):
            assert_close(got, wanted, what="a window that score has seen")
            assert_dtype(got, np.float64, what="a window that score has seen")


edges()


def test_flush_with_the_border() -> None:
    """2. Where the last step leaves a rest, one more window ends at the border; no window comes twice."""
    for shape, size, step in (((2, 5), 2, 2), ((5, 2), 2, 2), ((7, 8), 3, 3), ((3, 4), 3, 9), ((5, 5), 2, 4)):
        assert_places(shape, size, step)


def test_windows_are_views() -> None:
    """3. Each window is a view of the image, gray and colour, of any dtype and order in memory."""
    pixels = rng(4).integers(0, 255, (5, 6, 3))
    for image in (pixels[:, :, 0].astype(float), pixels.astype(float), pixels.astype(np.uint8), pixels[:, :, 1].T):
        for _, _, window in looked(image, 2, 2):
            assert_shape(np.asarray(window), (2, 2, *image.shape[2:]))
            require(np.shares_memory(window, image), "a window is a copy, not a view of the image")


def test_small_images() -> None:
    """4. An image smaller than the window yields nothing; one of its size yields one window."""
    for shape in ((1, 5), (5, 1), (2, 2), (0, 4)):
        assert_places(shape, 3, 1)
    assert_places((3, 3), 3, 1)
    image = np.ones((3, 3))
    assert_equal(detected(image, 3, 1, [2], brightness, 0.5), [], what="what detect yields")
    assert_equal(detected(image, 3, 1, [2, 1], brightness, 0.5), [(0, 0, 3, 3, 1.0)], what="what detect yields")


def test_nothing_is_looked_at_too_early() -> None:
    """5. sliding and detect are generators: nothing is looked at before it is asked for."""
    calls = []

    def score(window: NDArray[Any]) -> float:
        calls.append(1)
        if len(calls) > 3:
            fail("detect has scored more windows than it was asked for", call="next(detect(…)), three times")
        return 1.0

    image = np.ones((40, 40))
    for items in (work.sliding(image, 2, 1), work.detect(image, 2, 1, [1, 2], score, 0.5)):
        assert_type(items, Iterator)
        assert_equal(len(calls), 0, what="the number of calls of score before the first item")
        assert_equal(len(list(islice(items, 3))), 3, what="the number of items asked for")
    assert_equal(len(calls), 3, what="the number of calls of score for three items")


def test_windows_come_one_by_one() -> None:
    """5. sliding does not cut all windows before it yields the first."""
    image = np.zeros((400, 400), dtype=np.uint8)
    # A list of the 159,201 windows takes more than 30 MB; a list of all corners would still fit.
    with calling("next(sliding(image of shape (400, 400), 2, 1))"):
        assert_memory(lambda: list(islice(work.sliding(image, 2, 1), 1)), limit_mb=20, what="sliding")


def test_detect_waits_for_the_first_item() -> None:
    """5. detect does not look at the image before the first item is asked for."""
    image = np.zeros((2, 2))
    with calling("items = detect(image, 1, 1, [2], score, 0), image[:] = 8, next(items)"):
        items = work.detect(image, 1, 1, [2], brightness, 0.0)
        image[:] = 8.0
        found = list(islice(items, 1))
    assert_equal(found, [(0, 0, 2, 2, 8.0)], what="what is asked for")


def test_any_score() -> None:
    """8. Scores and threshold may be negative; NaN is not at least threshold."""
    image = np.array([[1.0, -2.0, -3.0]])

    def not_a_number(window: NDArray[Any]) -> float:
        return float("nan")

    for threshold in (-2.5, 0.0, 1.5):
        expected = plain_detect(image, 1, 1, [1], brightness, threshold)
        assert_equal(detected(image.copy(), 1, 1, [1], brightness, threshold), expected, what="what detect yields")
    assert_equal(detected(image.copy(), 1, 1, [1], not_a_number, 0.0), [], what="what detect yields")


def test_bytes() -> None:
    """6. Sums of small integers do not wrap around, and the means are float64."""
    image = np.array([[250, 251, 0], [252, 254, 0]], dtype=np.uint8)
    expected = plain_shrink(image, 2)
    got = as_array(work.shrink(image.copy(), 2))
    assert_close(got, expected)
    assert_dtype(got, np.float64)
    signed = np.array([[-100, -101], [-102, 127]], dtype=np.int8)
    expected = plain_shrink(signed, 2)
    assert_close(work.shrink(signed.copy(), 2), expected)
    for dtype in (np.uint8, np.float32, bool):
        assert_dtype(as_array(work.shrink(image.astype(dtype), 1)), np.float64)


def test_image_stays_as_it_was() -> None:
    """9. image is left as it was, also where it is a view of another one."""
    base = rng(5).random((9, 11, 3))
    for image in (base.copy(), base[::2, ::-1], base[:, :, 0], base[:, :, 1].T):
        expected = plain_shrink(image, 2)
        with unchanged(image=image, base=base):
            assert_close(work.shrink(image, 2), expected)
            looked(image, 2, 2)
            detected(image, 2, 1, [1, 2], brightness, 0.5)


def test_numbers_below_one() -> None:
    """10. ValueError for a size, step or factor below 1, at the latest when the first item is asked for."""
    image = np.ones((4, 4))

    def first(items: Any) -> Any:
        return next(iter(items), None)

    for size, step in ((0, 1), (2, 0), (-1, 1), (2, -2), (9, 0)):
        assert_raises(ValueError, lambda size=size, step=step: first(work.sliding(image, size, step)))
        for factors in ([1], []):
            assert_raises(
                ValueError,
                lambda size=size, step=step, fs=factors: first(work.detect(image, size, step, fs, brightness, 0.0)),
            )
    for factor in (0, -2):
        assert_raises(ValueError, work.shrink, image, factor)
        for factors in ([factor], [1, factor]):
            assert_raises(ValueError, lambda fs=factors: first(work.detect(image, 2, 1, fs, brightness, 0.0)))
