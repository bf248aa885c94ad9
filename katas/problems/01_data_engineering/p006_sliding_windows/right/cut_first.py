"""Cuts the series before the windows; `np.moveaxis` brings time to the front."""
import numpy as np


def windows(series, size, step=1):
    if any(number < 1 for number in (size, step)):
        raise ValueError("numbers from 1 on, please")
    if len(series) < size:
        return np.zeros((0, size, *(series.shape[1:] or (1,))), series.dtype)
    view = np.lib.stride_tricks.sliding_window_view(series, size, axis=0, writeable=True)
    view = view[..., None] if series.ndim == 1 else np.moveaxis(view, -1, 1)
    return view[0 : len(series) - size + 1 : step]


def supervised(series, size, horizon=1):
    if horizon < 1:
        raise ValueError("the target would lie inside its window")
    seen = series[: max(0, len(series) - horizon)]
    y = series[size + horizon - 1 :]
    return windows(seen, size), y if y.ndim == 2 else y[:, None]
