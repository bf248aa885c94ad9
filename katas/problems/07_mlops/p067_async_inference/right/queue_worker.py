"""A worker reads requests from a queue; batches run as tasks; time-outs by wait_for."""

import asyncio
import inspect
from typing import Any


class Batcher:
    def __init__(self, predict: Any, max_batch: int = 8, max_wait_s: float = 0.01, max_running: int = 2) -> None:
        self.predict, self.max_batch, self.max_wait_s, self.max_running = predict, max_batch, max_wait_s, max_running
        self.worker: Any = None
        self.queue: Any = None
        self.n_open = 0
        self.closing = False

    async def infer(self, x: Any, timeout_s: float | None = None) -> Any:
        if self.closing:
            raise RuntimeError("closed")
        if self.worker is None:
            self.queue = asyncio.Queue()
            self.free = asyncio.Semaphore(self.max_running)
            self.batches: list[Any] = []
            self.worker = asyncio.create_task(self.work())
        future = asyncio.get_running_loop().create_future()
        self.queue.put_nowait((x, future))
        return await asyncio.wait_for(future, timeout_s)

    async def work(self) -> None:
        loop = asyncio.get_running_loop()
        is_over = False
        while not is_over:
            first = await self.queue.get()
            if first is None:
                return
            batch, until = [first], loop.time() + self.max_wait_s
            while len(batch) < self.max_batch:
                try:
                    item = await asyncio.wait_for(self.queue.get(), until - loop.time())
                except TimeoutError:
                    break
                if item is None:
                    is_over = True
                    break
                batch.append(item)
            self.batches = [task for task in self.batches if not task.done()]
            self.batches.append(asyncio.create_task(self.run(batch)))

    async def run(self, batch: list[Any]) -> None:
        async with self.free:
            alive = [pair for pair in batch if not pair[1].done()]
            answers = await self.ask([x for x, _ in alive]) if alive else []
            if isinstance(answers, Exception) and len(alive) > 1:
                for x, future in alive:
                    if not future.done():
                        self.fill(future, await self.ask([x]))
            elif isinstance(answers, Exception):
                self.fill(alive[0][1], answers)
            else:
                for (_, future), answer in zip(alive, answers, strict=True):
                    self.fill(future, [answer])

    async def ask(self, xs: list[Any]) -> Any:
        try:
            if inspect.iscoroutinefunction(self.predict):
                got = await self.predict(xs)
            else:
                got = await asyncio.get_running_loop().run_in_executor(None, self.predict, xs)
            if len(got) != len(xs):
                raise ValueError("another number of results")
            return got
        except Exception as error:
            return error

    def fill(self, future: Any, answer: Any) -> None:
        if future.done():
            return
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer[0])

    async def map(self, xs: Any) -> list[Any]:
        tasks = [asyncio.create_task(self.infer(x)) for x in xs]
        if tasks:
            await asyncio.wait(tasks)
        return [task.exception() or task.result() for task in tasks]

    async def close(self) -> None:
        self.closing = True
        if self.worker is not None:
            self.queue.put_nowait(None)
            await self.worker
            await asyncio.gather(*self.batches)
