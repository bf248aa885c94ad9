"""Hidden test of p030_roc_auc."""

import importlib
import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    assert_close,
    assert_faster,
    assert_raises,
    edges,
    learner,
    require,
    rng,
    seed,
    timing,
    unchanged,
)

work = learner("roc_auc")
Array = NDArray[Any]
NAMES = ("fpr", "tpr", "thresholds")


def slow_curve(y_true: Array, scores: Array) -> list[list[float]]:
    """Every threshold in turn, every sample looked at."""
    labels, values = y_true.astype(int).tolist(), scores.astype(float).tolist()
    thresholds = [math.inf, *sorted(set(values), reverse=True)]
    hits = [sum(y == 1 and s >= t for y, s in zip(labels, values, strict=True)) for t in thresholds]
    alarms = [sum(y == 0 and s >= t for y, s in zip(labels, values, strict=True)) for t in thresholds]
    return [[a / labels.count(0) for a in alarms], [h / labels.count(1) for h in hits], thresholds]


def slow_area(y_true: Array, scores: Array) -> float:
    """The share of pairs in the right order, a tie counting half."""
    values, labels = scores.astype(float).tolist(), y_true.astype(int).tolist()
    ones = [s for s, y in zip(values, labels, strict=True) if y == 1]
    zeros = [s for s, y in zip(values, labels, strict=True) if y == 0]
    return sum((a > b) + (a == b) / 2 for a in ones for b in zeros) / (len(ones) * len(zeros))


def curve_is(y_true: Array, scores: Array) -> None:
    expected = slow_curve(y_true, scores)
    got = work.roc_curve(y_true.copy(), scores.copy())
    require(isinstance(got, tuple) and len(got) == 3, "roc_curve must return (fpr, tpr, thresholds)", got=got)
    for name, found, wanted in zip(NAMES, got, expected, strict=True):
        assert_close(found, wanted, what=name)


def area_is(y_true: Array, scores: Array) -> None:
    expected = slow_area(y_true, scores)
    assert_close(work.roc_auc_score(y_true.copy(), scores.copy()), expected, what="roc_auc_score")


def case(stream: int, n: int, levels: int = 0) -> tuple[Array, Array]:
    """Labels of both kinds, and scores that lean on them; `levels` of them where there are to be ties."""
    y = (rng(stream).random(n) < 0.4).astype(np.int64)
    y[:2] = [0, 1]
    scores = rng(stream + 100).normal(size=n) + y
    return y, np.round(scores * levels / 4) if levels else scores


def test_the_points_of_the_curve() -> None:
    """The curve has a point for infinity and for each different score, falling, with score >= threshold positive."""
    curve_is(np.array([0, 1]), np.array([0.2, 0.7]))
    for labels in ([0, 1, 0], [1, 0, 1]):
        curve_is(np.array(labels), np.array([0.2, 0.5, 0.7]))
    curve_is(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    for stream, n in enumerate([2, 7, 40, 127]):
        scores = rng(stream).normal(size=n)
        # 0 and 1 in turn, so that the curve goes straight on nowhere: the next check looks at that.
        curve_is((scores.argsort().argsort() + stream) % 2, scores)


def test_no_point_is_left_out() -> None:
    """Points stay where the curve goes straight on, from (0, 0) at infinity to (1, 1) at the lowest score."""
    curve_is(np.array([1, 0]), np.array([5.0, -3.0]))
    curve_is(np.array([1, 1, 0]), np.array([6.0, 5.0, 4.0]))
    curve_is(np.array([0, 0, 0, 1, 1, 1]), np.array([6.0, 5.0, 4.0, 3.0, 2.0, 1.0]))
    for stream, n in enumerate([7, 40, 127]):
        curve_is(*case(10 + stream, n))


def test_equal_scores_go_together() -> None:
    """Samples with equal scores make one point, whatever order they come in."""
    curve_is(np.array([1, 0]), np.array([0.5, 0.5]))
    curve_is(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.4, 0.8]))
    for stream, (n, levels) in enumerate([(6, 2), (20, 3), (129, 8)]):
        y, scores = case(20 + stream, n, levels)
        curve_is(y, scores)
        curve_is(y[::-1], scores[::-1])


def test_the_trapezoid_rule() -> None:
    """auc adds up the trapezoids between the points, for any x that never falls."""
    cases = [([0.0, 1.0], [0.0, 1.0]), ([0, 0, 1], [0, 1, 1]), ([-2, 0, 3, 3, 7], [1, 5, -2, 4, 0])]
    cases.append((np.sort(rng(30).random(50)).tolist(), rng(31).normal(size=50).tolist()))
    for x, y in cases:
        pairs = list(zip(x, y, strict=True))
        expected = sum((c - a) * (b + d) / 2 for (a, b), (c, d) in pairwise(pairs))
        assert_close(work.auc(np.array(x), np.array(y)), expected)


def test_the_area_is_the_share_of_ordered_pairs() -> None:
    """The AUC is the chance that a 1 scores higher than a 0."""
    y = np.array([0, 0, 1, 1])
    for scores in ([1.0, 2.0, 3.0, 4.0], [0.1, 0.4, 0.35, 0.8]):
        area_is(y, np.array(scores))
    for stream, n in enumerate([7, 40, 128]):
        area_is(*case(40 + stream, n))


def test_the_wrong_order_shows() -> None:
    """Scores that order everything the wrong way round have an area of 0.0; nothing is turned over."""
    area_is(np.array([1, 0]), np.array([1.0, 2.0]))
    area_is(np.array([0, 0, 1, 1]), np.array([-1.0, -3.0, -2.0, -4.0]))


def test_a_tie_counts_half() -> None:
    """Tied scores count half in the AUC; a constant score has an area of 0.5, however the labels are sorted."""
    for y in (np.array([1, 0]), np.array([1, 1, 0]), np.array([0, 1, 1]), np.array([0, 1] * 4)):
        area_is(y, np.zeros(len(y)))
    for stream, (n, levels) in enumerate([(5, 2), (30, 3), (128, 6)]):
        y, scores = case(50 + stream, n, levels)
        by_label = np.argsort(y)
        for order in (np.arange(n), by_label, by_label[::-1]):
            area_is(y[order], scores[order])


# Noted from scikit-learn 1.9.1. Importing it can take longer than all else here, so that a learner's run compares
# with these numbers, and only a run from another seed (the audit's) asks the library itself.
LABELS = [0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0]
SCORES = [1, 3, 2, 2, 5, 1, 3, 3, 0, 4, 1, 2]
LIBRARY_CURVE = {
    "fpr": [0.0, 0.0, 0.0, 1 / 6, 3 / 6, 5 / 6, 1.0],
    "tpr": [0.0, 1 / 6, 2 / 6, 4 / 6, 5 / 6, 1.0, 1.0],
    "thresholds": [math.inf, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0],
}
LIBRARY_AREA = 0.8055555555555556


def test_agrees_with_scikit_learn() -> None:
    """Curve and area agree with scikit-learn's, no intermediate point dropped."""
    y, scores = np.array(LABELS), np.array(SCORES)
    curve_is(y, scores)
    area_is(y, scores)
    for found, (name, wanted) in zip(work.roc_curve(y.copy(), scores.copy()), LIBRARY_CURVE.items(), strict=True):
        assert_close(found, wanted, what=name)
    assert_close(work.roc_auc_score(y.copy(), scores.copy()), LIBRARY_AREA)
    if (metrics := scikit_learn_metrics()) is None:
        return
    for y, scores in (case(80, 100), case(81, 100, 5)):
        library = metrics.roc_curve(y, scores, drop_intermediate=False)
        got = work.roc_curve(y.copy(), scores.copy())
        for name, found, wanted in zip(NAMES, got, library, strict=True):
            assert_close(found, wanted, what=name)
        assert_close(work.roc_auc_score(y.copy(), scores.copy()), metrics.roc_auc_score(y, scores))


def scikit_learn_metrics() -> Any:
    try:
        return importlib.import_module("sklearn.metrics") if seed() else None
    except ImportError:
        return None


edges()


def test_close_scores_are_different() -> None:
    """Scores 1e-12 apart are different: each has a point of its own."""
    y, close = np.array([1, 0, 0, 1]), np.array([1.0, 3.0, 2.0, 4.0]) * 1e-12
    for scores in (close, close + 1.0):
        curve_is(y, scores)
        area_is(y, scores)


def test_scores_and_labels_of_any_dtype() -> None:
    """Integer scores of any type are ordered by their values; labels may be bool, integers or floats."""
    curve_is(np.array([0, 1]), np.array([-128, 0], dtype=np.int8))  # in int8, minus -128 is -128
    y, scores = np.array([0, 1, 0, 1, 1, 0]), np.array([0, 200, 3, 100, 0, 250])
    for dtype in (np.uint8, np.uint64, np.int16, np.float32):
        curve_is(y, scores.astype(dtype))
        area_is(y, scores.astype(dtype))
    for kind in (bool, np.uint8, np.int8, float):
        curve_is(y.astype(kind), scores / 7)
        area_is(y.astype(kind), scores / 7)
    y, scores = np.repeat([0, 1, 1], [1, 100, 300]), np.repeat([0.0, 1.0, 2.0], [1, 100, 300])
    for kind in (np.uint8, np.int8):  # more 1s than the type can count
        curve_is(y.astype(kind), scores)
        area_is(y.astype(kind), scores)


def one_walk(y_true: Array, scores: Array) -> list[list[float]]:
    """The curve by one walk over the sorted samples in plain Python: as much work as is needed, and no more."""
    ranked = sorted(zip(scores.tolist(), y_true.tolist(), strict=True), reverse=True)
    hits = alarms = 0
    tpr, fpr, thresholds = [0.0], [0.0], [math.inf]
    for (score, label), (following, _) in pairwise([*ranked, (-math.inf, 0)]):
        hits, alarms = hits + label, alarms + 1 - label
        if following != score:
            tpr.append(float(hits))
            fpr.append(float(alarms))
            thresholds.append(score)
    return [[a / alarms for a in fpr], [h / hits for h in tpr], thresholds]


@timing
def test_cost_grows_like_sorting() -> None:
    """Many samples cost about what sorting them costs: no threshold has all samples looked at again."""
    area_is(*case(71, 50))
    # The small sizes are for a table of pairs, which at the large one would not fit into memory, and for slow loops.
    # NumPy compares one score with thousands in microseconds: a fast loop over thresholds or samples shows only at the
    # large size, and best where the scores are sorted already, which leaves Python nothing to do but walk.
    sizes = (("roc_auc_score", 8_000), ("roc_curve", 16_000), ("roc_auc_score", 60_000), ("roc_curve", 60_000))
    for name, n in sizes:
        function = getattr(work, name)
        y, scores = rng(70).integers(0, 2, n), np.sort(rng(71).normal(size=n))
        assert_faster(
            lambda function=function, y=y, scores=scores: function(y, scores),
            lambda y=y, scores=scores: one_walk(y, scores),
            at_least=1 / 6,
            message="far slower than sorting once and walking; is every sample looked at for every threshold?",
            call=f"{name} of {n:,} samples",
        )


def test_inputs_stay_as_they_were() -> None:
    """Labels, scores and points are left as they were."""
    y, scores = case(60, 40)
    for function in (work.roc_curve, work.roc_auc_score):
        with unchanged(y_true=y, scores=scores):
            function(y, scores)
    heights = rng(61).random(40)
    widths = np.sort(scores)
    with unchanged(x=widths, y=heights):
        work.auc(widths, heights)
    area_is(y, scores)


def test_one_class_only_is_refused() -> None:
    """A y_true with one class only raises ValueError."""
    for labels in ([1], [0, 0], [1, 1, 1]):
        y = np.array(labels, dtype=int)
        for function in (work.roc_curve, work.roc_auc_score):
            assert_raises(ValueError, function, y.copy(), np.linspace(0.0, 1.0, len(y)))


def test_bad_input_is_refused() -> None:
    """Labels other than 0 and 1, scores of NaN or infinity, and an x that rises and falls raise ValueError."""
    y, scores = np.array([0, 1, 1]), np.array([0.1, 0.2, 0.3])
    for function in (work.roc_curve, work.roc_auc_score):
        for labels in ([0, 1, 2], [-1, 0, 1], [0.0, 0.5, 1.0]):
            assert_raises(ValueError, function, np.array(labels), scores.copy())
        for odd in (np.nan, np.inf, -np.inf):
            assert_raises(ValueError, function, y.copy(), np.array([0.1, odd, 0.3]))
    for scale in (1.0, 1e-12):
        assert_raises(ValueError, work.auc, scale * np.array([0.0, 2.0, 1.0]), np.array([0.0, 1.0, 2.0]))
