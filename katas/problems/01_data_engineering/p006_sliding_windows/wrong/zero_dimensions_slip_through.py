"""Only more than two dimensions are refused. A single number without dimensions ends in an IndexError from
NumPy."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.typing import NDArray


def windows(series: NDArray[Any], size: int, step: int = 1) -> NDArray[Any]:
    """Every full window of `size` steps, one beginning every `step` steps."""
    series = _table(series)
    _positive(size=size, step=step)
    n, d = series.shape
    m = max(0, (n - size) // step + 1)
    by_step, by_column = series.strides
    return as_strided(
        series[: m and n], (m, size, d), (by_step * step, by_step, by_column), writeable=series.flags.writeable
    )


def supervised(series: NDArray[Any], size: int, horizon: int = 1) -> tuple[NDArray[Any], NDArray[Any]]:
    """Windows one step apart, and for each the step `horizon` steps after its last one."""
    series = _table(series)
    _positive(size=size, horizon=horizon)
    last = max(0, len(series) - horizon)
    return windows(series[:last], size), series[size + horizon - 1 :]


def _table(series: NDArray[Any]) -> NDArray[Any]:
    if series.ndim > 2:
        raise ValueError(f"series must have one or two dimensions, not {series.ndim}")
    return series if series.ndim == 2 else series[:, np.newaxis]


def _positive(size: int, step: int = 1, horizon: int = 1) -> None:
    if size < 1:
        raise ValueError(f"size must be at least 1, not {size}")
    if step < 1:
        raise ValueError(f"step must be at least 1, not {step}")
    if horizon < 1:
        raise ValueError(f"horizon must be at least 1, not {horizon}")
