"""What a call costs: the memory it holds and the time it takes."""

from __future__ import annotations

import gc
import math
import tracemalloc
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from kata_runner.checking.failure import CheckFailed, Shown, subject

T = TypeVar("T")

# A busy machine must not fail a right answer: a cost is measured so often before the check fails.
_MAX_TIMINGS = 15


def peak_memory_mb(call: Callable[[], T]) -> tuple[T, float]:
    """Run `call`; return its result and the peak of Python and NumPy allocations while it ran, in MB (10**6 bytes)."""
    gc.collect()
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        result = call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        if not was_tracing:
            tracemalloc.stop()
    return result, (peak - before) / 1e6


def assert_memory(call: Callable[[], T], limit_mb: float, *, what: str = "") -> T:
    """Return the result of `call`; fail when its peak of allocated memory is above `limit_mb` (MB of 10**6 bytes).

    what: the name to use in the message; by default the function last called.

    >>> total = assert_memory(lambda: work.running_sum(stream()), limit_mb=1)
    """
    result, peak = peak_memory_mb(call)
    if peak > limit_mb:
        raise CheckFailed(
            f"{subject(what)} held {peak:.1f} MB at its peak; {limit_mb:g} MB is enough here",
            got=Shown(f"{peak:.1f} MB"),
            expected=Shown(f"at most {limit_mb:g} MB"),
        )
    return result


def best_time_s(call: Callable[[], object], repeats: int = 5) -> float:
    """Return the least wall-clock time of `repeats` calls, in seconds; noise only ever adds time."""
    return min(_time_once(call) for _ in range(repeats))


def _time_once(call: Callable[[], object]) -> float:
    enabled = gc.isenabled()
    gc.disable()
    try:
        start = perf_counter()
        call()
        return perf_counter() - start
    finally:
        if enabled:
            gc.enable()


def assert_growth(
    make: Callable[[int], Callable[[], object]], small: int, large: int, at_most: float, *, message: str = ""
) -> None:
    """Fail when going from size `small` to `large` makes a call more than `at_most` times slower.

    make: size -> a call without arguments, its inputs built already.
    message: what to say instead of the measured ratio.

    The two sizes are timed in turn and the best time of each counts, so that a slow moment of the machine does not;
    they are timed up to fifteen times before the check fails.

    >>> assert_growth(lambda n: partial(work.unique, make_list(n)), small=1_000, large=8_000, at_most=20)
    """
    at_small, at_large = make(small), make(large)
    best_small = best_time_s(at_small, 4)
    best_large = ratio = math.inf
    for _ in range(_MAX_TIMINGS):
        best_large = min(best_large, _time_once(at_large))
        best_small = min(best_small, _time_once(at_small))
        ratio = best_large / max(best_small, 1e-9)
        if ratio <= at_most:
            return
    raise CheckFailed(
        message or f"{large / small:g} times the input takes {ratio:.1f} times as long",
        got=Shown(f"{ratio:.1f} times as long for {large:,} as for {small:,}"),
        expected=Shown(f"at most {at_most:g} times"),
    )


def assert_faster(
    fast: Callable[[], object], slow: Callable[[], object], at_least: float, *, message: str = ""
) -> None:
    """Fail when `fast` takes more than 1/`at_least` of the time of `slow`.

    message: what to say instead of the measured ratio.

    Both are timed in turn, and the best time of each counts; they are timed up to fifteen times before the check fails.

    >>> assert_faster(lambda: work.dot(a, b), lambda: dot_by_loop(a, b), at_least=20)
    """
    best_fast = best_slow = math.inf
    ratio = 0.0
    for n_times in range(1, _MAX_TIMINGS + 1):
        best_fast = min(best_fast, _time_once(fast))
        best_slow = min(best_slow, _time_once(slow))
        ratio = best_slow / max(best_fast, 1e-9)
        # A slow moment of the machine can make `slow` slower still: what is not plain at once is timed five times.
        if ratio >= (at_least if n_times >= 5 else 2 * at_least) and n_times > 1:
            return
    raise CheckFailed(
        message or f"only {ratio:.1f} times as fast as the plain form",
        got=Shown(f"{ratio:.1f} times as fast"),
        expected=Shown(f"at least {at_least:g} times"),
    )
