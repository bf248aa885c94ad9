"""How fast is the layer in C++, compared with NumPy, told honestly?"""

import time
from collections.abc import Callable, Mapping


def best_times(candidates: Mapping[str, Callable[[], object]], repeats: int = 5) -> dict[str, float]:
    """Least wall-clock seconds of one call of each candidate.

    Each is called once untimed; then come `repeats` rounds that time every candidate once, in the order given.
    """
    # The first call pays for what later ones find ready: lazy imports, page faults, caches.
    for call in candidates.values():
        call()
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(repeats):
        for name, call in candidates.items():
            start = time.perf_counter()
            call()
            # The least, not the mean: other programs can only ever make a call slower.
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def speedups(times: Mapping[str, float], baseline: str) -> dict[str, float]:
    """How many times as fast as the baseline each candidate is: 2.0 for half its time."""
    return {name: times[baseline] / seconds for name, seconds in times.items()}


# To compare with NumPy, make the arrays first, so that only the layer is timed:
#     times = best_times({"numpy": lambda: np.maximum(x @ w + b, 0), "cpp": lambda: dense_relu.forward(x, w, b)})
# In real life `timeit.repeat` and pytest-benchmark do this, and `perf` tells where the time goes.
