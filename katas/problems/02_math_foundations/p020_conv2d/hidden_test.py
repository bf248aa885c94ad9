"""Hidden test of p020_conv2d."""

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
    edges,
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
    """1. Each output is the sum of the products of the kernel, as it stands, with the window below it."""
    agree(np.array([[[1.0, 2.0]]]), np.array([[[[1.0, 10.0]]]]))
    agree(np.array([[[1.0], [2.0]]]), np.array([[[[1.0], [10.0]]]]))
    agree(np.array([[[1.0, 2.0], [3.0, 4.0]]]), np.array([[[[1.0, 10.0], [100.0, 1000.0]]]]))


def test_size_of_the_output() -> None:
    """2. Height and width are h - kh + 1 and w - kw + 1, neither swapped nor kept."""
    sizes = [((1, 3), (1, 2)), ((3, 1), (2, 1)), ((4, 7), (2, 3)), ((7, 4), (3, 1)), ((5, 5), (1, 4))]
    for stream, (size, kernel_size) in enumerate(sizes):
        x, kernel = numbers(10 + stream, 1, *size), numbers(20 + stream, 1, 1, *kernel_size)
        expected = plain(x, kernel)
        got = work.conv2d(x.copy(), kernel.copy())
        assert_shape(got, expected.shape)
        assert_close(got, expected, rtol=1e-9, atol=1e-11)


def test_agrees_with_scipy() -> None:
    """1. With one channel, the numbers are those of SciPy's correlate2d."""
    x, kernel = np.arange(20).reshape(1, 4, 5) * 7 % 11, np.array([[[[1, 2, 0], [0, -1, 3]]]])
    got = work.conv2d(x, kernel)
    assert_close(got, [[[20, 11, 46], [41, 21, 34], [29, 20, 11]]])  # noted from SciPy 1.17.1


def test_several_channels() -> None:
    """5. Channels are summed, each with its own part of the kernel, and each output has a kernel of its own."""
    agree(np.array([[[1.0]], [[2.0]]]), np.array([[[[1.0]], [[10.0]]]]))
    agree(np.array([[[1.0]]]), np.array([[[[1.0]]], [[[10.0]]]]))
    for stream, (c, o) in enumerate([(3, 1), (1, 3), (2, 4), (3, 2), (2, 2)]):
        agree(numbers(80 + stream, c, 5, 6), numbers(90 + stream, o, c, 2, 3))


def test_stride() -> None:
    """3. A stride skips windows, for both directions or as (vertical, horizontal); an unfilled window is left out."""
    agree(np.array([[[1.0, 2.0, 3.0]]]), np.array([[[[1.0]]]]), stride=2)
    agree(np.array([[[1.0, 2.0], [3.0, 4.0]]]), np.array([[[[1.0]]]]), stride=(1, 2))
    x = np.arange(30.0).reshape(1, 5, 6)
    kernel = np.array([[[[1.0, 0.5], [0.0, 2.0]]]])
    for stride in (2, 3, (1, 2), (2, 1), (3, 2), (4, 5), 7):
        agree(x, kernel, stride=stride)
    agree(numbers(40, 1, 9, 8), numbers(41, 1, 1, 3, 2), stride=(2, 3))
    agree(x, kernel, stride=np.int64(2))


def test_padding() -> None:
    """4. Padding adds zeros on both sides, for both directions or as (vertical, horizontal)."""
    agree(np.array([[[1.0]]]), np.array([[[[2.0]]]]), padding=1)
    agree(np.array([[[1.0]]]), np.array([[[[2.0]]]]), padding=(1, 0))
    agree(np.array([[[2.0]]]), np.array([[[[1.0, 10.0], [100.0, 1000.0]]]]), padding=1)
    x = np.arange(1.0, 7.0).reshape(1, 2, 3)
    kernel = np.array([[[[1.0, 2.0], [3.0, 5.0]]]])
    for padding in (1, 2, (1, 0), (0, 1), (0, 3)):
        agree(x, kernel, padding=padding)
    agree(numbers(50, 1, 4, 6), numbers(51, 1, 1, 3, 3), padding=(2, 1))
    agree(x, kernel, padding=np.int64(1))


edges()


def test_stride_and_padding_together() -> None:
    """2. With both, the output has (h + 2·padding - kernel) // stride + 1 rows and columns, all of them right."""
    # Divided one by one, the parts lose the second window: (3 - 2) // 3 and 2 // 3 are both 0.
    agree(np.array([[[1.0, 2.0, 3.0]]]), np.array([[[[1.0, 10.0]]]]), stride=(1, 3), padding=(0, 1))
    sizes = [((5, 8), (3, 2)), ((8, 5), (2, 3)), ((7, 7), (3, 3)), ((6, 9), (1, 4))]
    for stream, (size, kernel_size) in enumerate(sizes):
        x, kernel = numbers(60 + stream, 1, *size), numbers(70 + stream, 1, 1, *kernel_size)
        for stride, padding in ((2, 1), ((2, 3), (1, 0)), ((3, 1), 2), (3, (0, 2))):
            agree(x, kernel, stride=stride, padding=padding)


def test_kernel_as_large_as_the_image() -> None:
    """2. A kernel of the image's own size gives one number; one of 1 x 1 scales every pixel."""
    agree(numbers(34, 1, 1, 1), numbers(35, 1, 1, 1, 1))
    agree(numbers(30, 1, 3, 5), numbers(31, 1, 1, 3, 5))
    agree(numbers(32, 2, 4, 3), numbers(33, 3, 2, 1, 1))


def test_integers_and_floats() -> None:
    """6. Integers in both give exact int64; floats in either give float64, nothing cut off."""
    small = np.array([[[200, 200]]]), np.array([[[[1, 1]]]])
    large = np.array([[[2**53 + 1, 1]]]), np.array([[[[1]]]])
    pixels, weights = np.array([[[200, 255, 3], [7, 250, 100]]]), np.array([[[[2, -1], [0, 100]]]])
    integers = [(x.astype(np.uint8), kernel.astype(np.uint8)) for x, kernel in [small]]
    # NumPy's own common type of uint64 and int64 would be float64.
    pairs = [(np.uint8, np.int8), (np.int64, np.int64), (np.uint8, np.int64), (np.uint64, np.int64)]
    integers += [large, *((pixels.astype(one), weights.astype(other)) for one, other in pairs)]
    for x, kernel in integers:
        expected = plain(x, kernel)
        got = as_array(work.conv2d(x.copy(), kernel.copy()))
        assert_equal(got, expected)
        assert_dtype(got, np.int64)
    cases = [(pixels.astype(np.uint8), weights * 0.25), (pixels * 0.5, weights.astype(np.int8))]
    cases += [((pixels / 7).astype(np.float32), (weights / 3).astype(np.float32))]
    for x, kernel in cases:
        for options in ({}, {"padding": 1}):
            expected = plain(x, kernel, **options)
            got = as_array(work.conv2d(x.copy(), kernel.copy(), **options))
            assert_close(got, expected, rtol=1e-12)
            assert_dtype(got, np.float64)


def test_inputs_stay_as_they_were() -> None:
    """8. x and kernel are left as they were, also when they are views of other arrays."""
    base, weights = numbers(120, 4, 8, 9), numbers(121, 3, 4, 3, 3)
    for x, kernel in [(base, weights), (base[::2, ::-1, 1:], weights[:, :2, ::-1])]:
        for options in ({}, {"stride": 2, "padding": 1}):
            with unchanged(x=x, kernel=kernel, base=base, weights=weights):
                work.conv2d(x, kernel, **options)


def test_kernel_that_does_not_fit() -> None:
    """9. A kernel with other channels, or larger than the padded image in height or width, raises ValueError."""
    x = np.ones((2, 3, 4))
    for channels in (1, 3):
        assert_raises(ValueError, work.conv2d, x.copy(), np.ones((1, channels, 2, 2)))
        assert_raises(ValueError, work.conv2d, x[:1].copy(), np.ones((1, channels + 1, 2, 2)))
    for size in ((4, 1), (1, 5), (5, 6)):
        assert_raises(ValueError, work.conv2d, x.copy(), np.ones((1, 2, *size)))
    assert_raises(ValueError, work.conv2d, x.copy(), np.ones((1, 2, 6, 4)), padding=1)
    assert_raises(ValueError, work.conv2d, x.copy(), np.ones((1, 2, 4, 5)), padding=(1, 0), stride=2)
    assert_shape(work.conv2d(x.copy(), np.ones((1, 2, 5, 6)), padding=1), (1, 1, 1))


def test_bad_steps_are_refused() -> None:
    """10. A stride below 1 or a padding below 0, in either direction, raises ValueError."""
    x, kernel = np.ones((2, 4, 5)), np.ones((3, 2, 2, 3))
    for stride in (0, -1, (1, 0), (0, 1), (-1, 2), (2, -1)):
        assert_raises(ValueError, work.conv2d, x.copy(), kernel.copy(), stride=stride)
    for padding in (-1, (0, -1), (-1, 3)):
        assert_raises(ValueError, work.conv2d, x.copy(), kernel.copy(), padding=padding)


@timing
def test_no_loop_over_pixels() -> None:
    """7. At least eight times as fast as a Python loop that visits each output."""
    x, kernel = numbers(130, 1, 66, 66), numbers(131, 1, 1, 3, 3)

    def pixel_by_pixel() -> object:
        out = np.zeros((64, 64))
        for i in range(64):
            for j in range(64):
                out[i, j] = (x[0, i : i + 3, j : j + 3] * kernel[0, 0]).sum()
        return out

    assert_shape(work.conv2d(x.copy(), kernel.copy()), (1, 64, 64))
    assert_faster(lambda: work.conv2d(x, kernel), pixel_by_pixel, at_least=8)
