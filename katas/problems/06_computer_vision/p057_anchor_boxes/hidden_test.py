"""Hidden test of p057_anchor_boxes."""

import math
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
    rng,
    unchanged,
)

work = learner("anchors")


def plain(height: int, width: int, stride: float, scales: Any, ratios: Any, clip: bool = False) -> NDArray[np.float64]:
    """One anchor after the other."""
    boxes = []
    for i in range(height):
        for j in range(width):
            for s in scales:
                for r in ratios:
                    w, h = float(s) / math.sqrt(r), float(s) * math.sqrt(r)
                    x, y = (j + 0.5) * stride, (i + 0.5) * stride
                    boxes.append([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
    found = np.array(boxes)
    if clip:
        found[:, 0::2] = np.minimum(np.maximum(found[:, 0::2], 0), width * stride)
        found[:, 1::2] = np.minimum(np.maximum(found[:, 1::2], 0), height * stride)
    return found


def agree(*args: Any, **options: Any) -> None:
    expected = plain(*args, **options)
    got = as_array(work.anchor_boxes(*args, **options))
    assert_shape(got, expected.shape)
    assert_close(got, expected, rtol=1e-9, atol=1e-9)


def test_centres() -> None:
    """1. The anchors of a cell have their centre in the middle of the cell."""
    for height, width, stride in ((1, 1, 16), (1, 3, 16), (2, 1, 8), (1, 2, 2.5)):
        expected = plain(height, width, stride, [4], [1.0])
        got = as_array(work.anchor_boxes(height, width, stride, [4], [1.0]))
        assert_shape(got, expected.shape)
        centres = np.array([got[:, 0] + got[:, 2], got[:, 1] + got[:, 3]]) / 2
        wanted = np.array([expected[:, 0] + expected[:, 2], expected[:, 1] + expected[:, 3]]) / 2
        assert_close(centres, wanted, what="the centres, x and y,")


def sides(boxes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    return boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]


def test_areas() -> None:
    """2. An anchor of scale s has the area s², whatever its ratio."""
    for scale, ratio in ((8, 1.0), (8, 4.0), (10, 0.5), (32.5, 2.0)):
        w, h = sides(as_array(work.anchor_boxes(1, 1, 16, [scale], [ratio])))
        assert_close(w * h, [scale**2], rtol=1e-9, what="the area")


def test_ratios() -> None:
    """3. The height of an anchor divided by its width is the ratio."""
    for scale, ratio in ((8, 1.0), (8, 4.0), (10, 0.5), (32.5, 3.0)):
        w, h = sides(as_array(work.anchor_boxes(1, 1, 16, [scale], [ratio])))
        assert_close(h / w, [ratio], rtol=1e-9, what="height divided by width")


def test_every_combination() -> None:
    """4. Every scale is combined with every ratio, in every cell."""
    for n_scales, n_ratios in ((1, 2), (2, 1), (2, 2), (3, 5)):
        scales, ratios = [8 * 2**i for i in range(n_scales)], [0.5 * 2**i for i in range(n_ratios)]
        expected = plain(1, 1, 16, scales, ratios)
        got = as_array(work.anchor_boxes(1, 1, 16, scales, ratios))
        assert_shape(got, expected.shape)
        w, h = sides(got)
        wanted = sorted((s, r) for s in scales for r in ratios)
        pairs = sorted((round(math.sqrt(a), 6), round(b, 6)) for a, b in zip(w * h, h / w, strict=True))
        assert_close(pairs, wanted, rtol=1e-5, what="the pairs of scale and ratio")
    for scales, ratios in (([8, 8], [1.0]), ([8], [2.0, 2.0])):
        assert_shape(as_array(work.anchor_boxes(1, 1, 16, scales, ratios)), (2, 4))


def test_order() -> None:
    """5. The order is by row, then column, then scale, then ratio, both as given; ratios change fastest."""
    agree(1, 1, 16, [8, 16], [0.5, 2.0])
    agree(1, 1, 16, [16, 8], [1.0])
    agree(1, 1, 16, [8], [1.0, 2.0, 0.5])
    agree(2, 3, 16, [8], [1.0])
    agree(3, 2, 16, [8, 16, 32], [0.5, 2.0])
    agree(4, 5, 7.5, [8, 16.5], [0.25, 1.0, 3.0])


edges()


def test_clip() -> None:
    """6. With clip the boxes are cut to the image, width · stride wide and height · stride high."""
    agree(1, 1, 16, [32], [1.0], clip=True)
    agree(1, 3, 16, [40, 8], [0.5, 2.0], clip=True)
    agree(3, 1, 16, [40, 8], [0.5, 2.0], clip=True)
    agree(2, 3, 16, [40], [1.0], clip=False)
    agree(2, 3, 16, [40], [1.0])


def test_integers_and_arrays() -> None:
    """4. scales and ratios are lists, tuples or arrays, of integers or floats; the boxes are float64."""
    for kind in (list, tuple, np.array):
        scales, ratios = kind([8, 300]), kind([1, 2, 4])
        agree(2, 2, 16, scales, ratios)
        assert_dtype(as_array(work.anchor_boxes(2, 2, 16, scales, ratios)), np.float64)
    agree(1, 2, 200, np.array([100, 250], dtype=np.uint8), np.array([1, 4], dtype=np.uint8))
    agree(1, 2, 16, np.array([0.1, 3.3], dtype=np.float32), np.array([3.0], dtype=np.float32))


def test_arguments_stay_as_they_were() -> None:
    """7. scales and ratios are left as they were."""
    for clip in (False, True):
        scales, ratios = rng(1).uniform(1, 50, 3), rng(2).uniform(0.2, 3, 4)
        with unchanged(scales=scales, ratios=ratios):
            work.anchor_boxes(2, 3, 16, scales, ratios, clip)


def test_nothing_below_zero() -> None:
    """8. ValueError when stride, a scale or a ratio is not above 0."""
    for stride, scales, ratios in (
        (0, [8], [1.0]),
        (-16, [8], [1.0]),
        (16, [8, 0], [1.0]),
        (16, [-8], [1.0]),
        (16, [8], [1.0, 0.0]),
        (16, [8], [-2.0, 1.0]),
    ):
        assert_raises(ValueError, work.anchor_boxes, 2, 2, stride, scales, ratios)
