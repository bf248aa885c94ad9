import time


def best_times(candidates, repeats=5):
    if repeats <= 0:
        raise ValueError("repeats must be at least 1")
    measured = {name: [] for name in candidates}
    for is_timed in [False] + [True] * repeats:
        for name in candidates:
            start = time.perf_counter_ns()
            candidates[name]()
            if is_timed:
                measured[name].append((time.perf_counter_ns() - start) / 1e9)
    return {name: min(values) for name, values in measured.items()}


def speedups(times, baseline):
    try:
        of_baseline = times[baseline]
    except KeyError:
        raise ValueError(f"there is no time of {baseline}") from None
    return {name: of_baseline / value for name, value in times.items()}
