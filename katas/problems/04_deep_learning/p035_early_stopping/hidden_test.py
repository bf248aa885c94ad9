"""Hidden test of p035_early_stopping."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    assert_close,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    edges,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("early_stopping")
NAN, INF = math.nan, math.inf


def plain(values: Sequence[float], patience: int, min_delta: float, mode: str) -> tuple[list[bool], float, int | None]:
    """What update returns for each value, the best, and its epoch: the definition, in terms of whole lists."""
    sign = 1 if mode == "min" else -1
    best, best_epoch, improved = sign * INF, None, []
    for epoch, value in enumerate(values):
        better = not math.isnan(value) and sign * value < sign * best - min_delta
        if better:
            best, best_epoch = value, epoch
        improved.append(better)
    stops = [
        epoch + 1 >= patience and not any(improved[epoch + 1 - patience : epoch + 1]) for epoch in range(len(values))
    ]
    return stops, best, best_epoch


def update(stopping: Any, value: float, weights: dict[str, NDArray[Any]] | None = None) -> bool:
    got = stopping.update(value, {"w": np.zeros(1)} if weights is None else weights)
    assert_type(got, (bool, np.bool_), what="update")
    return bool(got)


def improves(
    values: Sequence[float], min_delta: float = 0.0, mode: str = "min", patience: int = 9, only_epoch: bool = False
) -> None:
    """best_epoch and best after these values."""
    _, best, best_epoch = plain(values, patience, min_delta, mode)
    stopping = work.EarlyStopping(patience, min_delta=min_delta, mode=mode)
    for value in values:
        update(stopping, value)
    call = f"EarlyStopping({patience}, min_delta={min_delta}, mode={mode!r}), update with {list(values)} in turn"
    with calling(call):
        found, found_epoch = stopping.best, stopping.best_epoch
    assert_equal(found_epoch, best_epoch, what="best_epoch", call=call)
    # Where only the improvement is asked for, its epoch says it all.
    if not only_epoch:
        assert_equal(found, best, what="best", call=call)


def stops(values: Sequence[float], patience: int, mode: str = "min", min_delta: float = 0.0) -> None:
    """What update returns for each of these values."""
    expected, _, _ = plain(values, patience, min_delta, mode)
    stopping = work.EarlyStopping(patience, min_delta=min_delta, mode=mode)
    got = [update(stopping, value) for value in values]
    call = f"EarlyStopping({patience}, min_delta={min_delta}, mode={mode!r}), update with {list(values)} in turn"
    assert_equal(got, expected, what="what update returned", call=call)


def test_improvement_is_larger_than_min_delta() -> None:
    """1. A value is an improvement when it lies below best - min_delta, and not when it lies exactly there."""
    for values in ([1.0], [1.0, 0.5], [1.0, 0.75], [1.0, 1.0], [1.0, 2.0], [1.0, 0.25, 0.125], [-1.0, -2.0, -1.5]):
        improves(values, min_delta=0.25, only_epoch=True)
        improves(values, min_delta=0, only_epoch=True)
    improves([0.5, 0.5 - 1e-12], only_epoch=True)  # no tolerance
    for values in ([INF], [INF, 1.0], [1.0, INF]):  # a loss that has overflowed
        improves(values, only_epoch=True)


def test_compared_with_the_best() -> None:
    """2. A value is compared with the best so far, not with the one before; small steps count once they add up."""
    improves([])
    improves([0.1])
    improves([1.0, 3.0, 2.0])
    improves([3.0, 1.0, 2.0, 1.5, 1.0, 0.5, 2.0])
    improves([1.0, 0.875, 0.75, 0.625, 0.5], min_delta=0.25)
    improves([8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0], min_delta=2.0)


def test_larger_is_better_for_max() -> None:
    """3. With mode="max" a value above best + min_delta is an improvement, and best is -inf at first."""
    for values in ([0.5, 1.0], [0.5, 0.25], [0.5, 0.75], [-2.0, -1.0, -3.0], [0.5, 0.625, 0.75, 0.875], []):
        improves(values, mode="max")
        improves(values, mode="max", min_delta=0.25)


def test_patience() -> None:
    """4. update returns True with the patience-th value in a row without improvement, and not before."""
    for patience in (1, 2, 3, 5):
        stops([1.0, *[2.0] * 6], patience)
    stops([10.0, 9.5, 9.25], 2, min_delta=1)  # better than before, but by less than min_delta
    stops([INF, INF], 2)


def test_an_improvement_begins_the_count_anew() -> None:
    """4. The count begins anew with each improvement, and values without one after the stop return True again."""
    stops([5.0, 6.0, 4.0, 6.0, 3.0, 6.0, 6.0, 6.0], 2)
    stops([5.0, 6.0, 6.0, 6.0, 4.0, 6.0, 6.0], 2)
    for stream in range(6):
        values = [float(v) for v in rng(stream).integers(0, 30, 25)]
        stops(values, 3)
        stops(values, 4, mode="max")


def test_a_loop_goes_back_to_the_best_weights() -> None:
    """6. After training has changed the arrays in place, restore brings back those of the best epoch."""
    for best, mode in ((3, "min"), (0, "min"), (3, "max")):
        weights = {"w": np.array([0.0, 1.0]), "b": np.array([[5.0]])}
        sign = 1 if mode == "min" else -1
        stopping = work.EarlyStopping(2, mode=mode)
        for epoch in range(10):
            if update(stopping, float(sign * (epoch - best) ** 2), weights):
                break
            for array in weights.values():
                array += 1.0
        require(epoch == best + 2, f"mode {mode!r}, patience 2: the best is epoch {best}; when to stop?", got=epoch)
        with calling(f"restore(weights), with weights that grew by 1 in each epoch; epoch {best} was the best"):
            stopping.restore(weights)
        assert_close(weights["w"], [best, best + 1.0], what='weights["w"]')
        assert_close(weights["b"], [[best + 5.0]], what='weights["b"]')


edges()


def test_nan_is_no_improvement() -> None:
    """5. NaN is never an improvement, and counts as a value without one, also at the start."""
    for mode in ("min", "max"):
        for values in ([1.0, NAN], [NAN], [NAN, 1.0, 2.0], [1.0, NAN, NAN, NAN], [NAN, NAN, NAN, 1.0]):
            improves(values, mode=mode)
            stops(values, 3, mode=mode)
        stops([2.0, NAN, 1.0, 3.0, NAN, 3.0, 1.0], 2, mode=mode)


def test_restore_writes_into_the_arrays() -> None:
    """7. restore writes into the very arrays that it is given, so that whoever holds them sees it."""
    weights = {
        "w": np.array([1.0, 2.0]),
        "k": np.ones((2, 3), dtype=np.float32)[:, ::2],
        "scale": np.array(3.0),
    }
    held = dict(weights)
    stopping = work.EarlyStopping(1)
    update(stopping, 1.0, weights)
    for array in held.values():
        array[...] = 9.0
    stopping.restore(weights)
    for name, array in held.items():
        require(weights[name] is array, f"restore put another array in place of weights[{name!r}]", got=weights[name])
    assert_close(held["w"], [1.0, 2.0], what='the array of weights["w"]')
    assert_close(held["k"], np.ones((2, 2)), what='the array of weights["k"]')
    assert_close(held["scale"], 3.0, what='weights["scale"], an array of shape ()')


def test_restore_leaves_best_as_it_was() -> None:
    """2. After restore, best and best_epoch are still those of the latest improvement."""
    stopping = work.EarlyStopping(3)
    weights = {"w": np.zeros(1)}
    for value in (4.0, 2.0, 3.0):
        update(stopping, value, weights)
    stopping.restore(weights)
    with calling("restore, after the losses 4, 2, 3"):
        found, found_epoch = stopping.best, stopping.best_epoch
    assert_equal(found, 2.0, what="best")
    assert_equal(found_epoch, 1, what="best_epoch")


def test_the_copy_is_exact() -> None:
    """6. The copy is exact, for float64 and for float32."""
    for dtype in (np.float64, np.float32):
        w = np.array([0.1, 1e-300, 2.0**24 + 1.0]).astype(dtype)
        weights, stopping = {"w": w.copy()}, work.EarlyStopping(2)
        update(stopping, 1.0, weights)
        weights["w"][...] = 0.0
        stopping.restore(weights)
        assert_close(weights["w"], w, rtol=0.0, atol=0.0, what='weights["w"]')


def test_restore_can_be_called_again() -> None:
    """7. After restore and more training, restore brings the best weights back once more."""
    weights = {"w": np.array([1.0, 2.0])}
    stopping = work.EarlyStopping(1)
    update(stopping, 1.0, weights)
    for _ in range(3):
        weights["w"] += 5.0
        stopping.restore(weights)
        assert_close(weights["w"], [1.0, 2.0], what='weights["w"]')
    other = {"w": np.zeros(2)}
    stopping.restore(other)
    assert_close(other["w"], [1.0, 2.0], what='weights["w"] of another dict')


def test_restore_without_any_improvement() -> None:
    """7. Without any improvement, restore leaves the weights as they are."""
    for values in ([], [NAN, NAN]):
        weights = {"w": np.array([1.0, 2.0])}
        stopping = work.EarlyStopping(1)
        for value in values:
            update(stopping, value, {"w": np.array([3.0, 4.0])})
        with unchanged(weights=weights):
            stopping.restore(weights)


def test_only_improvements_are_kept() -> None:
    """6. The copy is that of the latest improvement by more than min_delta, and update leaves weights alone."""
    stopping = work.EarlyStopping(5, min_delta=0.5)
    for value, w in ((2.0, 1.0), (1.0, 2.0), (0.75, 3.0), (NAN, 4.0), (1.0, 5.0)):
        weights = {"w": np.array([w])}
        with unchanged(weights=weights):
            update(stopping, value, weights)
    got = {"w": np.zeros(1)}
    with calling("restore, after (loss, w) of (2, 1), (1, 2), (0.75, 3), (nan, 4), (1, 5) with min_delta=0.5"):
        stopping.restore(got)
    assert_close(got["w"], [2.0], what='weights["w"]')


def test_bad_settings_are_refused() -> None:
    """8. A patience below 1, a min_delta below 0 or NaN, and another mode raise ValueError."""
    for patience in (0, -1):
        assert_raises(ValueError, work.EarlyStopping, patience)
    for min_delta in (-0.1, NAN):
        assert_raises(ValueError, work.EarlyStopping, 2, min_delta=min_delta)
    for mode in ("auto", "MIN", ""):
        assert_raises(ValueError, work.EarlyStopping, 2, mode=mode)
