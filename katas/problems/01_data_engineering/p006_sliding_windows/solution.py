"""Cut a time series into overlapping windows without copying it."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray


def windows(series: NDArray[Any], size: int, step: int = 1) -> NDArray[Any]:
    """Every full window of `size` steps, one beginning every `step` steps.

    series: (n, d), or (n,) for d = 1.
    Returns (m, size, d), a view of the series; m is 0 when the window is longer than the series.
    Raises ValueError when size or step is below 1.
    """
    if size < 1 or step < 1:
        raise ValueError(f"size and step must be at least 1, got {size} and {step}")
    table = _as_table(series)  # (n, d)
    if size > len(table):
        # Nothing fits; a negative number of windows must never reach the shape.
        return np.empty((0, size, table.shape[1]), dtype=table.dtype)

    # NumPy puts the new axis last, (n - size + 1, d, size): time has to stand before the measurements.
    view = sliding_window_view(table, size, axis=0).swapaxes(1, 2)  # (n - size + 1, size, d)
    # A slice with a step only makes the first stride longer: still no copy.
    return view[::step]  # (m, size, d)


def supervised(series: NDArray[Any], size: int, horizon: int = 1) -> tuple[NDArray[Any], NDArray[Any]]:
    """Windows one step apart, and for each the step `horizon` steps after its last one.

    series: (n, d), or (n,) for d = 1.
    Returns X (m, size, d), a view as in `windows`, and y (m, d); m is 0 when nothing fits.
    Raises ValueError when size or horizon is below 1.
    """
    if horizon < 1:
        raise ValueError(f"horizon must be at least 1, got {horizon}")
    inputs = windows(series, size)  # (n - size + 1, size, d)
    # Window 0 ends at step size - 1, so its target is step size - 1 + horizon, and so on, one further each time.
    y = _as_table(series)[size - 1 + horizon :]  # (m, d); a slice beyond the end is simply empty
    # The last `horizon` windows have no target: the number of targets counts them, and is never negative.
    return inputs[: len(y)], y


def _as_table(series: NDArray[Any]) -> NDArray[Any]:
    """The series as (n, d), without a copy."""
    # A new axis never copies, whatever the strides; reshape might.
    return series[:, np.newaxis] if series.ndim == 1 else series


# In real life: `torch.Tensor.unfold` makes the same view of a tensor, and `keras.utils.timeseries_dataset_from_array`
# also shuffles and batches. Before either, cut the series into training and test: windows that straddle the cut leak.
