"""How fast is the layer in C++, compared with NumPy, told honestly?"""

import time
from collections.abc import Callable, Mapping


def best_times(candidates: Mapping[str, Callable[[], object]], repeats: int = 5) -> dict[str, float]:
    """Least wall-clock seconds of one call of each candidate.

    Each is called once untimed; then come `repeats` rounds that time every candidate once, in the order given.
    Raises ValueError when repeats is below 1.
    """
    if repeats < 1:
        raise ValueError(f"repeats must be 1 or more, got {repeats}")
    for call in candidates.values():
        call()
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(repeats):
        for name, call in candidates.items():
            start = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def speedups(times: Mapping[str, float], baseline: str) -> dict[str, float]:
    """How many times as fast as the baseline each candidate is: 2.0 for half its time.

    Raises ValueError when baseline is not among the times.
    """
    if baseline not in times:
        raise ValueError(f"baseline {baseline!r} is not among {sorted(times)}")
    return {name: times[baseline] / seconds for name, seconds in times.items()}


def main() -> None:
    """Compare the module with NumPy on one layer."""
    import dense_relu
    import numpy as np

    rng = np.random.default_rng(0)
    x, w, b = (rng.standard_normal(shape).astype(np.float32) for shape in ((64, 256), (256, 128), (128,)))
    times = best_times({"numpy": lambda: np.maximum(x @ w + b, 0), "cpp": lambda: dense_relu.forward(x, w, b)})
    print(times, speedups(times, "numpy"))


if __name__ == "__main__":
    main()
