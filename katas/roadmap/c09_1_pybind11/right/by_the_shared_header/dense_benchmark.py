"""Collects all the times first, the untimed round among the others."""

import time


def best_times(candidates, repeats=5):
    measured = {name: [] for name in candidates}
    for is_timed in [False] + [True] * repeats:
        for name in candidates:
            start = time.perf_counter_ns()
            candidates[name]()
            if is_timed:
                measured[name].append((time.perf_counter_ns() - start) / 1e9)
    return {name: min(values) for name, values in measured.items()}


def speedups(times, baseline):
    return {name: times[baseline] / times[name] for name in times}
