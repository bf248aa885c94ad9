"""Where nothing fits the empty array has the dtype float64, whatever the series has."""

from typing import Any
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray


def windows(series: NDArray[Any], size: int, step: int=1) -> NDArray[Any]:
    _require_positive('size', size)
    _require_positive('step', step)
    table = _as_table(series)
    if size > len(table):
        return np.empty((0, size, table.shape[1]))
    view = sliding_window_view(table, size, axis=0, writeable=True).swapaxes(1, 2)
    return view[::step]


def supervised(series: NDArray[Any], size: int, horizon: int=1) -> tuple[NDArray[Any], NDArray[Any]]:
    _require_positive('horizon', horizon)
    inputs = windows(series, size)
    y = _as_table(series)[size - 1 + horizon:]
    return (inputs[:len(y)], y)


def _as_table(series: NDArray[Any]) -> NDArray[Any]:
    if series.ndim not in (1, 2):
        raise ValueError(f'series must have 1 or 2 dimensions, got shape {series.shape}')
    return series[:, np.newaxis] if series.ndim == 1 else series


def _require_positive(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f'{name} must be at least 1, got {value}')
