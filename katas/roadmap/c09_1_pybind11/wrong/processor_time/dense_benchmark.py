"""How fast is the layer in C++, compared with NumPy, told honestly?"""

import time
from collections.abc import Callable, Mapping


def best_times(candidates: Mapping[str, Callable[[], object]], repeats: int = 5) -> dict[str, float]:
    """Least wall-clock seconds of one call of each candidate.

    Each is called once untimed; then come `repeats` rounds that time every candidate once, in the order given.
    Raises ValueError when repeats is below 1.
    """
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, got {repeats}")
    for call in candidates.values():
        call()
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(repeats):
        for name, call in candidates.items():
            start = time.process_time()
            call()
            best[name] = min(best[name], time.process_time() - start)
    return best


def speedups(times: Mapping[str, float], baseline: str) -> dict[str, float]:
    """How many times as fast as the baseline each candidate is: 2.0 for half its time.

    Raises ValueError when baseline is not among the times.
    """
    if baseline not in times:
        raise ValueError(f"baseline {baseline!r} is not among {', '.join(times)}")
    return {name: times[baseline] / seconds for name, seconds in times.items()}
