"""Gathers requests that come one at a time into small batches for a model."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterable
from typing import Any

Predict = Callable[[list[Any]], Any]  # returns the results, or an awaitable of them
Request = tuple[Any, asyncio.Future[Any]]  # the input, and where the one who waits finds the result


class Batcher:
    """Sends requests to `predict` in batches, a bounded number of them at a time."""

    def __init__(self, predict: Predict, max_batch: int = 8, max_wait_s: float = 0.01, max_running: int = 2) -> None:
        """predict: an async function, or a plain one, which then runs in a thread."""

        async def in_thread(xs: list[Any]) -> Any:
            return await asyncio.to_thread(predict, xs)

        # Called in the event loop, a plain function would stop it, and with it all other requests.
        self._predict: Predict = predict if inspect.iscoroutinefunction(predict) else in_thread
        self._max_batch, self._max_wait_s = max_batch, max_wait_s
        self._places = asyncio.Semaphore(max_running)
        self._waiting: list[Request] = []
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def infer(self, x: Any, timeout_s: float | None = None) -> Any:
        """Return the result for x.

        Raises TimeoutError after timeout_s seconds, RuntimeError after `close`, and what predict raises for x alone.
        """
        if self._is_closed:
            raise RuntimeError("the batcher is closed")
        loop = asyncio.get_running_loop()
        result = loop.create_future()
        self._waiting.append((x, result))
        if len(self._waiting) == self._max_batch:
            self._send()
        elif self._timer is None:  # the first of a batch
            self._timer = loop.call_later(self._max_wait_s, self._send)
        # Time-out and cancellation end this future and nothing else: the batch has a task of its own.
        async with asyncio.timeout(timeout_s):
            return await result

    async def map(self, xs: Iterable[Any]) -> list[Any]:
        """Return the result, or the exception, of each of xs, in their order."""
        return await asyncio.gather(*map(self.infer, xs), return_exceptions=True)

    async def close(self) -> None:
        """Send what waits, and return when every request has its end."""
        self._is_closed = True
        self._send()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _send(self) -> None:
        if self._timer is not None:  # or it would send the next batch too early
            self._timer.cancel()
            self._timer = None
        batch, self._waiting = self._waiting, []
        task = asyncio.create_task(self._run(batch))
        self._tasks.add(task)  # the loop itself refers to its tasks only weakly
        task.add_done_callback(self._tasks.discard)

    async def _run(self, batch: list[Request]) -> None:
        async with self._places:  # first come, first served
            await self._answer(batch)

    async def _answer(self, batch: list[Request]) -> None:
        batch = [(x, result) for x, result in batch if not result.done()]  # some have gone meanwhile
        if not batch:
            return
        try:
            results = await self._predict([x for x, _ in batch])
            if len(results) != len(batch):
                raise ValueError(f"predict returned {len(results)} results for {len(batch)} inputs")
        except Exception as error:
            if len(batch) > 1:
                for request in batch:
                    await self._answer([request])
            elif not batch[0][1].done():
                batch[0][1].set_exception(error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)


# A model server also refuses when too many wait, as an answer that comes too late helps nobody; and for texts it
# batches by length, as the longest decides how long all take.
