"""Hidden test of p020_conv2d."""

import importlib
import re
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
    fail,
    learner,
    rng,
    timing,
    unchanged,
)

work = learner("conv2d")


def plain(x: NDArray[Any], kernel: NDArray[Any], stride: Any = 1, padding: Any = 0) -> NDArray[Any]:
    """One output after the other, in Python's own numbers."""
    sh, sw = stride if isinstance(stride, tuple) else (stride, stride)
    ph, pw = padding if isinstance(padding, tuple) else (padding, padding)
    c, h, w = x.shape
    n_out, _, kh, kw = kernel.shape
    image, weights = x.tolist(), kernel.tolist()

    def pixel(a: int, row: int, column: int) -> Any:
        row, column = row - ph, column - pw
        return image[a][row][column] if 0 <= row < h and 0 <= column < w else 0

    def output(k: int, i: int, j: int) -> Any:
        places = [(a, u, v) for a in range(c) for u in range(kh) for v in range(kw)]
        return sum(weights[k][a][u][v] * pixel(a, i * sh + u, j * sw + v) for a, u, v in places)

    height, width = (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1
    return np.array([[[output(k, i, j) for j in range(width)] for i in range(height)] for k in range(n_out)])


def numbers(stream: int, *shape: int) -> NDArray[np.float64]:
    return rng(stream).normal(size=shape)


def agree(x: NDArray[Any], kernel: NDArray[Any], **options: Any) -> None:
    expected = plain(x, kernel, **options)
    assert_close(work.conv2d(x.copy(), kernel.copy(), **options), expected, rtol=1e-9, atol=1e-11)


def test_kernel_is_not_flipped() -> None:
    """Each output is the sum of the products of the kernel, as it stands, with the window below it."""
    x = np.arange(12.0).reshape(1, 3, 4)
    for kernel in ([[1.0, 0.0], [0.0, -10.0]], [[1.0, 2.0], [0.0, 0.0]], [[0.0, 3.0], [1.0, 0.0]]):
        agree(x, np.array([[kernel]]))
    agree(numbers(1, 1, 6, 7), numbers(2, 1, 1, 3, 3))


def test_size_of_the_output() -> None:
    """Height and width are h - kh + 1 and w - kw + 1, neither swapped nor kept."""
    sizes = [((4, 7), (2, 3)), ((7, 4), (3, 1)), ((5, 5), (1, 4)), ((1, 6), (1, 2))]
    for stream, (size, kernel_size) in enumerate(sizes):
        x, kernel = numbers(10 + stream, 1, *size), numbers(20 + stream, 1, 1, *kernel_size)
        expected = plain(x, kernel)
        got = work.conv2d(x.copy(), kernel.copy())
        assert_shape(got, expected.shape)
        assert_close(got, expected, rtol=1e-9, atol=1e-11)


def test_kernel_as_large_as_the_image() -> None:
    """A kernel of the image's own size gives one number; one of 1 x 1 scales every pixel."""
    agree(numbers(30, 1, 3, 5), numbers(31, 1, 1, 3, 5))
    agree(numbers(32, 2, 4, 3), numbers(33, 3, 2, 1, 1))
    agree(numbers(34, 1, 1, 1), numbers(35, 1, 1, 1, 1))
    agree(numbers(36, 1, 2, 1), numbers(37, 1, 1, 4, 3), padding=1)


def test_stride() -> None:
    """A stride skips windows, for both directions or as (vertical, horizontal); an unfilled window is left out."""
    x = np.arange(30.0).reshape(1, 5, 6)
    kernel = np.array([[[[1.0, 0.5], [0.0, 2.0]]]])
    for stride in (2, 3, (1, 2), (2, 1), (3, 2), (4, 5), 7):
        agree(x, kernel, stride=stride)
    agree(numbers(40, 1, 9, 8), numbers(41, 1, 1, 3, 2), stride=(2, 3))


def test_padding() -> None:
    """Padding adds zeros on both sides, for both directions or as (vertical, horizontal)."""
    x = np.arange(1.0, 7.0).reshape(1, 2, 3)
    kernel = np.array([[[[1.0, 2.0], [3.0, 5.0]]]])
    for padding in (1, 2, (1, 0), (0, 1), (0, 3)):
        agree(x, kernel, padding=padding)
    agree(numbers(50, 1, 4, 6), numbers(51, 1, 1, 3, 3), padding=(2, 1))


def test_stride_and_padding_together() -> None:
    """The output has (h + 2·padding - kernel) // stride + 1 rows and columns, all of them right."""
    sizes = [((5, 8), (3, 2)), ((8, 5), (2, 3)), ((7, 7), (3, 3)), ((6, 9), (1, 4))]
    for stream, (size, kernel_size) in enumerate(sizes):
        x, kernel = numbers(60 + stream, 1, *size), numbers(70 + stream, 1, 1, *kernel_size)
        for stride, padding in ((2, 1), ((2, 3), (1, 0)), ((3, 1), 2), (3, (0, 2))):
            agree(x, kernel, stride=stride, padding=padding)


def test_several_channels() -> None:
    """Channels are summed, each with its own part of the kernel, and each output has a kernel of its own."""
    for stream, (c, o) in enumerate([(3, 1), (1, 3), (2, 4), (3, 2), (2, 2)]):
        agree(numbers(80 + stream, c, 5, 6), numbers(90 + stream, o, c, 2, 3))
        agree(numbers(80 + stream, c, 5, 6), numbers(90 + stream, o, c, 2, 3), stride=2, padding=1)


def test_integers_and_floats() -> None:
    """Integers in both give exact int64; floats in either give float64, nothing cut off."""
    pixels = np.array([[[200, 255, 3], [7, 250, 100]]])
    weights = np.array([[[[2, -1], [0, 100]]]])
    expected = plain(pixels, weights)
    # NumPy's own common type of uint64 and int64 would be float64.
    for one, other in ((np.uint8, np.int8), (np.int64, np.int64), (np.uint8, np.int64), (np.uint64, np.int64)):
        got = as_array(work.conv2d(pixels.astype(one), weights.astype(other)))
        assert_dtype(got, np.int64)
        assert_equal(got, expected)
    large = np.array([[[2**53 + 1, 1]]])
    assert_equal(as_array(work.conv2d(large, np.array([[[[1]]]]))), [[[2**53 + 1, 1]]])
    cases = [(pixels.astype(np.uint8), weights * 0.25), (pixels * 0.5, weights.astype(np.int8))]
    cases += [((pixels / 7).astype(np.float32), (weights / 3).astype(np.float32))]
    for x, kernel in cases:
        for options in ({}, {"padding": 1}):
            expected = plain(x, kernel, **options)
            got = as_array(work.conv2d(x.copy(), kernel.copy(), **options))
            assert_dtype(got, np.float64)
            assert_close(got, expected, rtol=1e-12)


def test_agrees_with_scipy() -> None:
    """On a larger image the result agrees with the plain sums, and with SciPy's correlate2d where it is."""
    x, kernel = numbers(110, 2, 33, 20), numbers(111, 2, 2, 5, 4)
    agree(x, kernel, stride=(3, 2), padding=(2, 3))
    try:
        signal = importlib.import_module("scipy.signal")
    except ImportError:
        return
    padded = np.pad(x, ((0, 0), (2, 2), (3, 3)))
    full = [sum(signal.correlate2d(padded[a], kernel[k, a], mode="valid") for a in range(2)) for k in range(2)]
    expected = np.array(full)[:, ::3, ::2]
    got = work.conv2d(x.copy(), kernel.copy(), stride=(3, 2), padding=(2, 3))
    assert_close(got, expected, rtol=1e-9, atol=1e-11)


def test_inputs_stay_as_they_were() -> None:
    """x and kernel are left as they were, also when they are views of other arrays."""
    base, weights = numbers(120, 4, 8, 9), numbers(121, 3, 4, 3, 3)
    views = [(base.copy(), weights.copy()), (base[::2, ::-1, 1:], weights[:, :2, ::-1])]
    views += [(base.transpose(0, 2, 1), weights)]
    for x, kernel in views:
        for options in ({}, {"stride": 2, "padding": 1}):
            expected = plain(x, kernel, **options)
            with unchanged(x=x, kernel=kernel, base=base, weights=weights):
                got = work.conv2d(x, kernel, **options)
            assert_close(got, expected, rtol=1e-9, atol=1e-11)


def named(argument: str, x: NDArray[Any], kernel: NDArray[Any], **options: Any) -> None:
    error = assert_raises(ValueError, work.conv2d, x, kernel, **options)
    if not re.search(rf"\b{argument}\b", str(error)):
        fail(f"the message of the ValueError does not name {argument}", got=str(error))


def test_bad_arguments_are_refused() -> None:
    """Shapes that do not fit, a stride below 1 and a padding below 0 raise ValueError that names the argument."""
    x, kernel = np.ones((2, 4, 5)), np.ones((3, 2, 2, 3))
    for bad in (x[0], x[None], np.ones(5)):
        named("x", bad, kernel)
    for bad in (kernel[0], kernel[0, 0], kernel[None], np.ones((3, 1, 2, 3)), np.ones((2, 3, 2, 3))):
        named("kernel", x, bad)
    for stride in (0, -1, (1, 0), (-1, 2)):
        named("stride", x, kernel, stride=stride)
    for padding in (-1, (0, -1), (-1, 3)):
        named("padding", x, kernel, padding=padding)


def test_kernel_that_does_not_fit() -> None:
    """A kernel larger than the padded image, in height or in width, raises ValueError that names kernel."""
    x = np.ones((1, 3, 4))
    for size in ((4, 1), (1, 5), (5, 6)):
        named("kernel", x, np.ones((1, 1, *size)))
    named("kernel", x, np.ones((1, 1, 6, 4)), padding=1)
    named("kernel", x, np.ones((1, 1, 4, 5)), padding=(1, 0), stride=2)
    assert_shape(work.conv2d(x, np.ones((1, 1, 5, 6)), padding=1), (1, 1, 1))


@timing
def test_no_loop_over_pixels() -> None:
    """At least eight times as fast as a Python loop that visits each output."""
    x, kernel = numbers(130, 1, 66, 66), numbers(131, 1, 1, 3, 3)

    def pixel_by_pixel() -> object:
        out = np.zeros((64, 64))
        for i in range(64):
            for j in range(64):
                out[i, j] = (x[0, i : i + 3, j : j + 3] * kernel[0, 0]).sum()
        return out

    assert_shape(work.conv2d(x, kernel), (1, 64, 64))
    assert_faster(lambda: work.conv2d(x, kernel), pixel_by_pixel, at_least=8)
