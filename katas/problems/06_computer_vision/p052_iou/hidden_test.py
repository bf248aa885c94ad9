"""Hidden test of p052_iou."""

from fractions import Fraction
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
    rng,
    unchanged,
)

work = learner("iou")


def plain(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """Every pair by itself, in exact fractions."""

    def one(p: list[Fraction], q: list[Fraction]) -> Fraction:
        width = min(p[2], q[2]) - max(p[0], q[0])
        height = min(p[3], q[3]) - max(p[1], q[1])
        common = max(width, Fraction(0)) * max(height, Fraction(0))
        union = (p[2] - p[0]) * (p[3] - p[1]) + (q[2] - q[0]) * (q[3] - q[1]) - common
        return common / union if union else Fraction(0)

    rows, columns = ([[Fraction(v) for v in box] for box in boxes.tolist()] for boxes in (a, b))
    return np.array([[float(one(p, q)) for q in columns] for p in rows]).reshape(len(rows), len(columns))


def boxes(*rows: tuple[float, float, float, float]) -> NDArray[np.float64]:
    return np.array(rows, dtype=float).reshape(-1, 4)


def some(stream: int, n: int) -> NDArray[np.float64]:
    """Boxes that all overlap."""
    return np.hstack([rng(stream).uniform(0, 4, (n, 2)), rng(stream).uniform(5, 9, (n, 2))])


def agree(a: NDArray[Any], b: NDArray[Any], rtol: float = 1e-12) -> None:
    expected = plain(a, b)
    with no_warnings():
        got = as_array(work.iou(a.copy(), b.copy()))
    assert_close(got, expected, rtol=rtol, atol=0.0)


def test_intersection_over_union() -> None:
    """1. Entry [i, j] is the area of the intersection of a[i] and b[j] divided by that of their union."""
    agree(boxes((0, 0, 2, 2)), boxes((1, 0, 3, 2)))
    agree(boxes((0, 0, 4, 2)), boxes((0, 0, 4, 2)))
    agree(boxes((0, 0, 9, 9)), boxes((1, 3, 4, 5)))
    for stream, (n, m) in enumerate([(1, 3), (3, 1), (4, 4), (5, 7)]):
        agree(some(stream, n), some(20 + stream, m))


def test_boxes_apart() -> None:
    """2. Boxes that lie apart have 0: beside, above, and across the corner in every direction."""
    middle = boxes((0, 0, 2, 2))
    agree(middle, boxes((5, 0, 7, 2)))
    agree(middle, boxes((0, -7, 2, -5)))
    agree(middle, boxes((5, 5, 7, 7), (-7, 5, -5, 7), (5, -7, 7, -5), (-7, -7, -5, -5)))


def test_coordinates_are_lengths() -> None:
    """3. From 0 to 10 it is 10, and boxes that only touch have 0."""
    agree(boxes((0, 0, 1, 1)), boxes((0, 0, 1, 2)))
    agree(boxes((0, 0, 1, 1)), boxes((1, 0, 2, 1), (0, 1, 1, 2), (1, 1, 2, 2)))
    for dtype in (np.int64, np.uint8):
        agree(boxes((0, 0, 1, 1)).astype(dtype), boxes((1, 0, 2, 1), (0, 0, 1, 2)).astype(dtype))


edges()


def test_boxes_without_area() -> None:
    """4. A box without area has 0 with every box, itself included, without a warning."""
    points = boxes((1, 1, 1, 1), (0, 0, 0, 5), (0, 3, 5, 3))
    agree(boxes((1, 1, 1, 1)), boxes((1, 1, 1, 1)))
    agree(points, points)
    agree(points, boxes((0, 0, 9, 9)))


def test_small_and_distant_boxes() -> None:
    """5. Boxes may be smaller than 1e-5 across or far from 0."""
    for scale in (1e-6, 1e-9):
        agree(scale * boxes((0, 0, 2, 2)), scale * boxes((1, 0, 3, 2), (0, 0, 2, 2)), rtol=1e-9)
    far = 2.0**30
    agree(boxes((far, far, far + 2, far + 2)), boxes((far + 1, far, far + 3, far + 2)), rtol=1e-9)


def test_integers_and_float32() -> None:
    """6. Integers of any type and float32 are computed in float64: nothing wraps around."""
    for a, b, dtypes in (
        (boxes((0, 0, 2, 2)), boxes((1, 0, 3, 2)), (np.uint8, np.int8, np.int32)),
        (boxes((0, 0, 20, 20)), boxes((200, 200, 250, 250), (0, 0, 250, 250)), (np.uint8, np.uint16)),
        (boxes((0, 0, 60_000, 60_000)), boxes((20_000, 0, 60_000, 60_000)), (np.int32, np.uint16)),
        (boxes((0, 0, 4097, 4097)), boxes((0, 0, 4096, 4097)), (np.float32,)),
    ):
        for dtype in dtypes:
            agree(a.astype(dtype), b.astype(dtype))
            assert_dtype(as_array(work.iou(a.astype(dtype), b.astype(dtype))), np.float64)


def test_no_boxes() -> None:
    """7. n or m may be 0: the result has the shape (0, m), (n, 0) or (0, 0)."""
    for n, m in ((0, 3), (2, 0), (0, 0)):
        assert_shape(as_array(work.iou(some(40, n), some(41, m))), (n, m))


def test_boxes_stay_as_they_were() -> None:
    """8. a and b are left as they were, also where they are views."""
    base = some(50, 6)
    for a, b in ((base.copy(), base.copy()), (base[::2], base[::-1]), (base.T.copy().T, base)):
        expected = plain(a, b)
        with unchanged(a=a, b=b, base=base):
            got = work.iou(a, b)
        assert_close(got, expected, rtol=1e-9)


def test_other_shapes() -> None:
    """9. ValueError when a or b is not of shape (n, 4)."""
    good = some(60, 2)
    for bad in (np.zeros(4), np.zeros((2, 5)), np.zeros((4, 2)), np.zeros((1, 2, 4))):
        assert_raises(ValueError, work.iou, bad, good)
        assert_raises(ValueError, work.iou, good, bad)


def test_boxes_that_end_before_they_begin() -> None:
    """10. ValueError when a box of a or b has x2 < x1 or y2 < y1."""
    good = boxes((0, 0, 2, 2))
    for box in ((2.0, 0.0, 1.0, 3.0), (0.0, 2.0, 3.0, 1.0), (2.0, 2.0, 1.0, 1.0)):
        bad = boxes((0, 0, 1, 1), box)
        assert_raises(ValueError, work.iou, bad, good)
        assert_raises(ValueError, work.iou, good, bad)
    assert_raises(ValueError, work.iou, np.array([[5, 0, 3, 2]], dtype=np.uint8), good)
