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
    """How many times as fast as the baseline each candidate is: 2.0 for half its time.

    Raises ValueError when baseline is not among the times.
    """
    if baseline not in times:
        raise ValueError(f"baseline {baseline!r} is not among {', '.join(times)}")
    return {name: times[baseline] / seconds for name, seconds in times.items()}


def main() -> None:
    """Print the comparison for one layer of a usual size; arrays are made before the clock starts."""
    import dense_relu  # type: ignore[import-not-found]
    import numpy as np

    rng = np.random.default_rng(0)
    x, w, b = (rng.normal(size=size).astype(np.float32) for size in [(256, 784), (784, 128), (128,)])
    times = best_times({"numpy": lambda: np.maximum(x @ w + b, 0), "cpp": lambda: dense_relu.forward(x, w, b)})
    for name, ratio in speedups(times, "numpy").items():
        print(f"{name:>6}: {times[name] * 1e3:8.3f} ms, {ratio:.2f} times as fast as NumPy")


if __name__ == "__main__":
    main()
