"""Hidden test of p053_non_max_suppression."""

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
    assert_shape,
    assert_type,
    edges,
    learner,
    no_warnings,
    rng,
    timing,
    unchanged,
)

work = learner("suppression")


def overlap(p: list[float], q: list[float]) -> float:
    width, height = min(p[2], q[2]) - max(p[0], q[0]), min(p[3], q[3]) - max(p[1], q[1])
    common = max(width, 0) * max(height, 0)
    return common / ((p[2] - p[0]) * (p[3] - p[1]) + (q[2] - q[0]) * (q[3] - q[1]) - common)


def plain_nms(boxes: Any, scores: Any, threshold: float = 0.5, classes: Any = None) -> list[int]:
    """One pair after the other."""
    rows = boxes.tolist()
    labels = [0] * len(rows) if classes is None else classes.tolist()
    kept: list[int] = []
    for i in sorted(range(len(rows)), key=lambda i: -scores[i]):
        if all(labels[i] != labels[k] or overlap(rows[i], rows[k]) <= threshold for k in kept):
            kept.append(i)
    return kept


def plain_soft(boxes: Any, scores: Any, sigma: float = 0.5, least: float = 0.001) -> tuple[list[int], list[float]]:
    rows, now = boxes.tolist(), dict(enumerate(scores.tolist()))
    order, new = [], []
    while now and max(now.values()) >= least:
        best = max(now, key=lambda i: now[i])
        order.append(best)
        new.append(now.pop(best))
        now = {i: s * math.exp(-(overlap(rows[i], rows[best]) ** 2) / sigma) for i, s in now.items()}
    return order, new


def row(*starts: float) -> NDArray[np.float64]:
    """Boxes of 10 by 10 that begin at these heights."""
    return np.array([[0.0, y, 10.0, y + 10.0] for y in starts]).reshape(-1, 4)


def heaps(stream: int, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """n boxes of about 10 by 10 in heaps, and scores that are all different."""
    centres = rng(stream).uniform(0, 4 * math.sqrt(n), (max(1, n // 5), 2))
    begin = centres[rng(stream + 1).integers(0, len(centres), n)] + rng(stream + 2).normal(0, 2, (n, 2))
    boxes = np.hstack([begin, begin + rng(stream + 3).uniform(7, 13, (n, 2))])
    return boxes, rng(stream + 4).permutation(np.linspace(0.01, 1, n))


def agree(boxes: NDArray[Any], scores: NDArray[Any], **options: Any) -> None:
    expected = plain_nms(boxes, scores, **options)
    with no_warnings():
        got = as_array(work.nms(boxes.copy(), scores.copy(), **options))
    assert_equal(got.tolist(), expected)


def agree_softly(boxes: NDArray[Any], scores: NDArray[Any], **options: Any) -> None:
    order, new = plain_soft(boxes, scores, **options)
    with no_warnings():
        got = work.soft_nms(boxes.copy(), scores.copy(), **options)
    assert_type(got, tuple)
    assert_equal(len(got), 2, what="the number of results")
    assert_equal(as_array(got[0]).tolist(), order, what="the indices")
    assert_close(got[1], new, rtol=1e-9, what="the scores")


def test_the_best_is_kept() -> None:
    """1. The highest score is kept, and what overlaps it by more than threshold is dropped; then the next."""
    agree(row(0, 1), np.array([0.8, 0.9]))
    agree(row(0, 50, 2), np.array([0.5, 0.8, 0.9]))
    agree(row(0, 4), np.array([0.9, 0.8]))
    agree(row(0, 4), np.array([0.9, 0.8]), threshold=0.3)
    agree(np.array([[0, 0, 10, 10], [0, 0, 4, 10], [20, 20, 30, 30]]), np.array([0.9, 0.8, 0.7]))


def test_only_kept_boxes_drop() -> None:
    """2. Only kept boxes drop others: a box that was dropped itself drops nothing."""
    agree(row(0, 3, 6), np.array([0.9, 0.8, 0.7]))
    agree(row(0, 3, 6, 9, 12), np.array([0.9, 0.8, 0.7, 0.6, 0.5]))
    for stream, n in enumerate((1, 5, 30, 60)):
        for threshold in (0.2, 0.5, 0.8):
            agree(*heaps(10 * stream, n), threshold=threshold)


def test_soft_scores() -> None:
    """7. Each box that is taken multiplies every score that is left by exp(-overlap² / sigma)."""
    agree_softly(row(0, 5), np.array([0.9, 0.8]))
    agree_softly(row(0, 5), np.array([0.9, 0.8]), sigma=0.1)
    agree_softly(row(0, 4, 8), np.array([0.9, 0.8, 0.7]), sigma=2.0)
    agree_softly(row(0, 30, 60), np.array([0.9, 0.8, 0.7]))


def test_soft_order() -> None:
    """8. The next box is the highest by the scores as they are then; it ends where that is below least."""
    agree_softly(row(0, 1, 50), np.array([0.9, 0.8, 0.7]))
    agree_softly(row(0, 1, 50), np.array([0.9, 0.8, 0.2]), least=0.25)
    agree_softly(row(0, 30), np.array([0.9, 0.5]), least=0.5)
    for stream, n in enumerate((1, 6, 40)):
        agree_softly(*heaps(100 + 10 * stream, n))


edges()


def test_exactly_the_threshold() -> None:
    """3. An overlap of exactly threshold drops nothing."""
    half = np.array([[0, 0, 2, 2], [0, 0, 2, 1], [8, 8, 10, 10], [8, 8, 12, 12]])
    agree(half, np.array([0.9, 0.8, 0.7, 0.6]))
    agree(half, np.array([0.9, 0.8, 0.7, 0.6]), threshold=0.25)
    agree(row(0, 0, 50), np.array([0.9, 0.8, 0.7]), threshold=1.0)
    agree(row(0, 10, 20), np.array([0.9, 0.8, 0.7]), threshold=0.0)


def test_equal_scores() -> None:
    """4. Among equal scores the lower index comes first."""
    agree(row(0, 1), np.array([0.5, 0.5]))
    agree(row(0, 30, 60, 90), np.array([0.5, 0.7, 0.5, 0.7]))
    agree(row(*range(0, 40, 2)), np.full(20, 0.5))
    # Unstable sorts leave up to sixteen values in order, and many that are all equal.
    agree(row(*range(0, 600, 10)), rng(40).choice([0.5, 0.7, 0.9], 60))


def test_classes() -> None:
    """5. Boxes of different classes never drop each other, wherever they lie; the order is by score over all."""
    agree(row(0, 1), np.array([0.9, 0.8]), classes=np.array([0, 1]))
    agree(row(0, 1, 2, 3), np.array([0.6, 0.7, 0.8, 0.9]), classes=np.array([7, 2, 7, 2]))
    boxes, scores = heaps(200, 40)
    for shift in (0, -1000, 1e6):
        agree(boxes + shift, scores, classes=rng(205).integers(0, 3, 40))
    agree(np.array([[-90, -90, 5, 5], [-90, -90, 5, 5]]), np.array([0.9, 0.8]), classes=np.array([1, 0]))


@timing
def test_hundreds_of_boxes() -> None:
    """6. 300 boxes that are all kept take at most half the time of the plain loop over pairs in Python."""
    boxes, scores = row(*range(0, 2400, 8)), rng(300).permutation(np.linspace(0.01, 1, 300))
    agree(boxes, scores)
    assert_faster(lambda: work.nms(boxes, scores), lambda: plain_nms(boxes, scores), at_least=2)


def test_no_boxes_and_integers() -> None:
    """9. n may be 0, boxes of any integer type are computed in float64, and the indices are integers (np.intp)."""
    for n in (0, 1, 3):
        boxes, scores = row(*range(0, 30 * n, 30)), np.linspace(0.9, 0.8, n)
        got = as_array(work.nms(boxes.copy(), scores.copy()))
        assert_shape(got, (n,))
        assert_dtype(got, np.intp)
        indices, new = (as_array(part) for part in work.soft_nms(boxes.copy(), scores.copy()))
        assert_shape(indices, (n,), what="the indices")
        assert_dtype(indices, np.intp, what="the indices")
        assert_shape(new, (n,), what="the scores")
    assert_shape(as_array(work.nms(row(), np.zeros(0), classes=np.zeros(0, dtype=int))), (0,))
    apart = np.array([[0, 0, 1, 10], [245, 0, 255, 30]], dtype=np.uint8)  # in uint8 1 - 245 is 12, an overlap of 0.63
    large = np.array([[0, 0, 60_000, 60_000], [0, 0, 60_000, 50_000]], dtype=np.int32)
    for whole in (apart, large):
        agree(whole, np.array([0.9, 0.8]))
        agree_softly(whole, np.array([0.9, 0.8]))


def test_arguments_stay_as_they_were() -> None:
    """10. boxes, scores and classes are left as they were."""
    boxes, scores = heaps(400, 12)
    classes = rng(405).integers(0, 3, 12)
    for given in (boxes, np.rint(boxes).astype(np.int32)):
        with unchanged(boxes=given, scores=scores, classes=classes):
            work.nms(given, scores, 0.5, classes)
        with unchanged(boxes=given, scores=scores):
            work.soft_nms(given, scores)
