"""Gathers requests that come one at a time into small batches for a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Predict = Callable[[list[Any]], Any]  # returns the results, or an awaitable of them


class Batcher:
    """Sends requests to `predict` in batches, a bounded number of them at a time."""

    def __init__(self, predict: Predict, max_batch: int = 8, max_wait_s: float = 0.01, max_running: int = 2) -> None:
        """predict: an async function, or a plain one, which then runs in a thread."""
        raise NotImplementedError

    async def infer(self, x: Any, timeout_s: float | None = None) -> Any:
        """Return the result for x.

        Raises TimeoutError after timeout_s seconds, RuntimeError after `close`, and what predict raises for x alone.
        """
        raise NotImplementedError

    async def map(self, xs: Iterable[Any]) -> list[Any]:
        """Return the result, or the exception, of each of xs, in their order."""
        raise NotImplementedError

    async def close(self) -> None:
        """Send what waits, and return when every request has its end."""
        raise NotImplementedError
