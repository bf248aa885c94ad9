"""How fast is the layer in C++, compared with NumPy, told honestly?"""

from collections.abc import Callable, Mapping


def best_times(candidates: Mapping[str, Callable[[], object]], repeats: int = 5) -> dict[str, float]:
    """Least wall-clock seconds of one call of each candidate.

    Each is called once untimed; then come `repeats` rounds that time every candidate once, in the order given.
    """
    raise NotImplementedError


def speedups(times: Mapping[str, float], baseline: str) -> dict[str, float]:
    """How many times as fast as the baseline each candidate is: 2.0 for half its time."""
    raise NotImplementedError
