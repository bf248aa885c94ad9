"""What a call costs: the memory it holds and the time it takes.

Time is the time of computing, which other processes on the machine do not lengthen as they do the time on the wall.
"""

from __future__ import annotations

import gc
import math
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from kata_runner.checking.failure import CheckFailed, not_tried, subject
from kata_runner.checking.session import current
from kata_runner.checking.values import Shown

T = TypeVar("T")

# A busy machine must not fail a right answer: a cost is measured so often before the check fails.
_MAX_ROUNDS = 15
# A measurement lasts so long at least, by repeating the call: below, clocks and caches decide.
_LEAST_S = 0.004 if time.get_clock_info("process_time").resolution < 1e-3 else 0.1
# Waiting, and what is computed where we cannot see it, costs this part of its time on the wall: a machine that is so
# many times overbooked changes no verdict, and sleeping is not free.
_MOST_BUSY = 10
# A call that takes so long shows it at the first time.
_LONG_S = 2.0
# What is this many times beyond its bound needs no further rounds, nor does what is this many times within.
_PLAINLY = 3
# A figure so near its bound is in doubt where the machine was busy.
_DOUBTFUL = 1.5


def assert_memory(call: Callable[[], T], limit_mb: float, *, what: str = "") -> T:
    """Return the result of `call`; fail when its peak of allocated memory is above `limit_mb` (MB of 10**6 bytes).

    what: the name to use in the message; by default the function last called.

    >>> total = assert_memory(lambda: work.running_sum(stream()), limit_mb=1)
    """
    gc.collect()
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        result = call()
        peak = (tracemalloc.get_traced_memory()[1] - before) / 1e6
    finally:
        if not was_tracing:
            tracemalloc.stop()
    current().note_cost("memory", peak)
    if peak > limit_mb:
        raise CheckFailed(
            f"{subject(what)} held {peak:.1f} MB at its peak; {limit_mb:g} MB is enough here",
            got=Shown(f"{peak:.1f} MB"),
            expected=Shown(f"at most {limit_mb:g} MB"),
        )
    return result


class _Probe:
    """Measures one call again and again; noise only ever adds time.

    The time is that of computing, of all threads of this process and of the children it waited for; a tenth of the
    time on the wall where that is more, so that waiting counts too.

    best_s: the least that it computed, per call; is_busy: whether other processes took its processor meanwhile.
    """

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._n_calls = 1
        self.best_s = math.inf
        self.is_busy = False

    def measure(self) -> float:
        """Measure once more, with as many calls as fill the least time; return the time per call."""
        while True:
            computed_s, wall_s = _timed(self._call, self._n_calls)
            spent_s = max(computed_s, wall_s / _MOST_BUSY)
            if spent_s >= _LEAST_S or self._n_calls >= 4096:
                break
            self._n_calls *= 2 if spent_s > _LEAST_S / 4 else 4
        self.is_busy = self.is_busy or wall_s > 1.3 * computed_s
        self.best_s = min(self.best_s, max(spent_s, 1e-9) / self._n_calls)
        return spent_s / self._n_calls


def _timed(call: Callable[[], object], n_calls: int) -> tuple[float, float]:
    """Seconds of computing and on the wall, of so many calls."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        computed_s, wall_s = _now()
        for _ in range(n_calls):
            call()
        computed_then_s, wall_then_s = _now()
    finally:
        if enabled:
            gc.enable()
    return computed_then_s - computed_s, wall_then_s - wall_s


def _now() -> tuple[float, float]:
    of_children_s = 0.0
    with suppress(ImportError):  # Windows
        import resource

        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        of_children_s = usage.ru_utime + usage.ru_stime
    return time.process_time() + of_children_s, time.perf_counter()


def assert_growth(
    make: Callable[[int], Callable[[], object]],
    small: int,
    large: int,
    at_most: float,
    *,
    message: str = "",
    call: str = "",
) -> None:
    """Fail when going from size `small` to `large` makes a call more than `at_most` times slower.

    make: size -> a call without arguments, its inputs built already.
    message: what to say instead of the measured ratio; call: the call to show, where it is not the last one.

    What is compared is the time of computing (waiting costs a tenth), best against best, of the two sizes in turn;
    what is near the bound is measured up to fifteen times. Choose sizes and bound so that right and wrong lie a factor
    of four from the bound: a machine under load takes half of that. Where it takes more, the check passes with a note.

    >>> assert_growth(lambda n: partial(work.unique, make_list(n)), small=1_000, large=8_000, at_most=20)
    """
    at_small, at_large = _Probe(make(small)), _Probe(make(large))
    for _ in range(3):  # the first call of anything is slow
        at_small.measure()
    ratio = _settled(at_large, at_small, at_most)
    if ratio <= at_most:
        return
    raise CheckFailed(
        message or f"{large / small:g} times the input takes {ratio:.1f} times as long",
        got=Shown(f"{ratio:.1f} times as long for {large:,} as for {small:,}"),
        expected=Shown(f"at most {at_most:g} times"),
        call=call,
    )


def assert_faster(
    fast: Callable[[], object],
    slow: Callable[[], object],
    at_least: float,
    *,
    message: str = "",
    call: str = "",
) -> None:
    """Fail when `fast` takes more than 1/`at_least` of the time of `slow`, a dull reference that computes the same.

    message: what to say instead of the measured ratio; call: the call to show, where it is not the last one.

    What is compared is the time of computing (waiting costs a tenth), best against best, of the two in turn; what is
    near the bound is measured up to fifteen times. Choose the reference and the bound so that right and wrong lie a
    factor of four from the bound, which may be below 1: then `fast` may take so many times the time of a plain loop
    that does no needless work, as it needs where the plain form is fast enough. In doubt on a busy machine the check
    passes with a note.

    >>> assert_faster(lambda: work.dot(a, b), lambda: dot_by_loop(a, b), at_least=20)
    """
    ratio = 1 / _settled(_Probe(fast), _Probe(slow), 1 / at_least)
    if ratio >= at_least:
        return
    if at_least < 1:
        words = f"{1 / ratio:.0f} times as long as the plain form", f"at most {1 / at_least:.3g} times as long"
    else:
        words = f"{ratio:.1f} times as fast as the plain form", f"at least {at_least:g} times"
    default = f"takes {words[0]}" if at_least < 1 else f"only {words[0]}"
    raise CheckFailed(message or default, got=Shown(words[0]), expected=Shown(words[1]), call=call)


def _settled(probe: _Probe, reference: _Probe, at_most: float) -> float:
    """The best time of `probe` in best times of `reference`, measured until it is clear whether that is too much.

    Returns `at_most` itself, with a note, where it stays in doubt.
    """
    ratio = math.inf
    for n_rounds in range(1, _MAX_ROUNDS + 1):
        probe.measure()
        reference.measure()
        ratio = probe.best_s / reference.best_s
        is_plain = not at_most / _PLAINLY < ratio < at_most * _PLAINLY
        # A slow moment can lengthen the reference too: what is not plain at once is measured five times before it
        # passes, and what is too much is measured to the end.
        is_warm = n_rounds >= 3 or probe.best_s > _LONG_S
        if (is_plain and is_warm) or (ratio <= at_most and n_rounds >= 5):
            break
    current().note_cost("time", probe.best_s)
    is_busy = probe.is_busy or reference.is_busy
    if at_most < ratio <= at_most * _DOUBTFUL and is_busy:
        not_tried("whether the cost is within its bound: other programs kept this machine too busy to measure it")
        return at_most
    return ratio
