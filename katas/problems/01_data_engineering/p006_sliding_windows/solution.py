"""Cut a time series into overlapping windows without copying it."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray


def windows(series: NDArray[Any], size: int, step: int = 1) -> NDArray[Any]:
    """Every full window of `size` steps, one beginning every `step` steps.

    series: (n, d), or (n,) for d = 1.
    Returns (m, size, d), a view of the series: same dtype, same memory, writeable if the series is.
    m is 0 when the window is longer than the series.
    Raises ValueError, naming the argument, when size or step is below 1 or series has not 1 or 2 dimensions.
    """
    _require_positive("size", size)
    _require_positive("step", step)
    table = _as_table(series)  # (n, d)
    if size > len(table):
        # Nothing fits; a negative number of windows must never reach the shape.
        return np.empty((0, size, table.shape[1]), dtype=table.dtype)

    # NumPy puts the new axis last, (n - size + 1, d, size): time has to stand before the measurements.
    # writeable=True hands on what the series allows; by default the view would be read-only.
    view = sliding_window_view(table, size, axis=0, writeable=True).swapaxes(1, 2)
    # A slice with a step only makes the first stride longer: still no copy.
    return view[::step]


def supervised(series: NDArray[Any], size: int, horizon: int = 1) -> tuple[NDArray[Any], NDArray[Any]]:
    """Windows one step apart, and for each the step `horizon` steps after its last one.

    series: (n, d), or (n,) for d = 1.
    Returns X (m, size, d), a view as in `windows`, and y (m, d); m is 0 when nothing fits.
    Raises ValueError, naming the argument, when size or horizon is below 1 or series has not 1 or 2 dimensions.
    """
    _require_positive("horizon", horizon)
    inputs = windows(series, size)
    # Window 0 ends at step size - 1, so its target is step size - 1 + horizon, and so on, one further each time.
    y = _as_table(series)[size - 1 + horizon :]  # (m, d); a slice beyond the end is simply empty
    # The last `horizon` windows have no target: their number is that of the targets, never a negative one.
    return inputs[: len(y)], y


def _as_table(series: NDArray[Any]) -> NDArray[Any]:
    """The series as (n, d), without a copy."""
    if series.ndim not in (1, 2):
        raise ValueError(f"series must have 1 or 2 dimensions, got shape {series.shape}")
    # A new axis never copies, whatever the strides; reshape might.
    return series[:, np.newaxis] if series.ndim == 1 else series


def _require_positive(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")


# In real life: `torch.Tensor.unfold` makes the same view of a tensor, and `keras.utils.timeseries_dataset_from_array`
# also shuffles and batches. Before either, cut the series into training and test: windows that straddle the cut leak.
