"""Hidden test of p067_async_inference: in a loop whose time is virtual, so that nothing is waited for."""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from kata_runner.checking import Shown, assert_equal, edges, fail, learner, require, rng

work = learner("async_inference")

LIMIT_S = 10.0  # real seconds, for what takes milliseconds
STEP_S = 0.001  # of virtual time, by which one that looks again and again may be late


class StuckError(Exception):
    """Nothing is ready, and no timer runs."""


class Selector(selectors.DefaultSelector):  # type: ignore[valid-type,misc]
    """Does not wait: it moves the time of its loop on."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0)
        if not events and timeout is None:
            raise StuckError
        if not events and timeout and timeout > 0:
            self.now += timeout
        return events


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time passes at once."""

    def __init__(self) -> None:
        self._virtual = Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


def play(story: Callable[[], Coroutine[Any, Any, Any]], call: str) -> Any:
    """What the story returns, in virtual time; fails when it waits for what never comes."""
    runner = asyncio.Runner(loop_factory=Loop)
    try:
        return runner.run(story())
    except StuckError:
        fail("a request waits forever: nothing runs any more, and no timer either", call=call)
    finally:
        with suppress(StuckError):
            runner.close()


def now() -> float:
    return asyncio.get_running_loop().time() - 1000.0


class BadInputError(Exception):
    """What predict raises for an input that is bad."""


class Model:
    """Answers x with 10 x after `takes_s` virtual seconds; raises where one of the inputs is in `bad`."""

    def __init__(self, takes_s: float = 1.0, bad: Sequence[int] = ()) -> None:
        self.takes_s = takes_s
        self.bad = bad
        self.batches: list[list[int]] = []
        self.started: list[float] = []
        self.running = self.most = self.n_cancelled = 0

    async def predict(self, xs: Any) -> list[int]:
        self.batches.append(list(xs))
        self.started.append(round(now(), 6))
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(self.takes_s)
        except asyncio.CancelledError:
            self.n_cancelled += 1
            raise
        finally:
            self.running -= 1
        for x in xs:
            if x in self.bad:
                raise BadInputError(x)
        return [10 * x for x in xs]


async def at(when: float, b: Any, x: int, timeout_s: float | None = None) -> tuple[Any, float]:
    """The end of a request that comes at a time: its result or exception, and when that was."""
    await asyncio.sleep(when)
    try:
        got = await (b.infer(x) if timeout_s is None else b.infer(x, timeout_s=timeout_s))
    except (NotImplementedError, StuckError):
        raise
    except Exception as error:
        got = error
    return got, round(now(), 6)


def shown(got: Any) -> Any:
    return Shown(f"{type(got).__name__}: {got}") if isinstance(got, BaseException) else got


def assert_end(end: tuple[Any, float], expected: Any, when: float, what: str, call: str) -> None:
    """A result that is equal, or an exception of this type; at this time."""
    got, at_s = end
    if isinstance(expected, type):
        require(isinstance(got, expected), f"{what} does not raise {expected.__name__}", got=shown(got), call=call)
    else:
        require(not isinstance(got, BaseException), f"{what} raises", got=shown(got), expected=expected, call=call)
        assert_equal(got, expected, what=f"the result of {what}", call=call)
    why = f"{what} ends after {at_s:g} s, expected {when:g} s"
    require(abs(at_s - when) < 5 * STEP_S, why, call=call)


def test_each_gets_its_own() -> None:
    """1. infer(x) returns the result of this x, whoever else is in the batch."""
    for n, max_batch in ((1, 1), (2, 2), (5, 2), (7, 8)):

        async def story(n: int = n, max_batch: int = max_batch) -> Any:
            b = work.Batcher(Model().predict, max_batch=max_batch)
            return await asyncio.gather(*(at(0.0, b, x) for x in range(n)))

        call = f"b.infer(0), …, b.infer({n - 1}) at once, where max_batch={max_batch}"
        for x, (got, _) in enumerate(play(story, call)):
            require(not isinstance(got, BaseException), f"infer({x}) raises", got=shown(got), call=call)
            assert_equal(got, 10 * x, what=f"the result of infer({x})", call=call)


def test_batches() -> None:
    """2. A batch is sent when it is full, or when its first request has waited for max_wait_s."""
    cases: tuple[tuple[tuple[float, ...], list[list[int]], list[float]], ...] = (
        ((0.0,), [[0]], [0.5]),
        ((0.0, 0.0, 0.0), [[0, 1, 2]], [0.0]),
        ((0.0, 0.0, 0.0, 0.0), [[0, 1, 2], [3]], [0.0, 0.5]),
        ((0.0, 0.3), [[0, 1]], [0.5]),
        ((0.0, 0.3, 0.6), [[0, 1], [2]], [0.5, 1.1]),
        ((0.0, 0.1, 0.2, 0.4), [[0, 1, 2], [3]], [0.2, 0.9]),
        ((0.0, 0.4, 0.4, 0.45, 0.6), [[0, 1, 2], [3, 4]], [0.4, 0.95]),
        ((0.0, 1.0, 2.0), [[0], [1], [2]], [0.5, 1.5, 2.5]),
    )
    for times, batches, starts in cases:
        model = Model(takes_s=3.0)

        async def story(model: Model = model, times: Sequence[float] = times) -> Any:
            b = work.Batcher(model.predict, max_batch=3, max_wait_s=0.5, max_running=9)
            return await asyncio.gather(*(at(when, b, x) for x, when in enumerate(times)))

        call = "infer " + ", ".join(f"({x}) at {when:g} s" for x, when in enumerate(times))
        call += ", where max_batch=3 and max_wait_s=0.5"
        play(story, call)
        assert_equal(model.batches, batches, what="the batches that predict was called with", call=call)
        for got, expected in zip(model.started, starts, strict=True):
            why = "a batch is sent at another time"
            require(abs(got - expected) < 5 * STEP_S, why, got=model.started, expected=starts, call=call)


def test_concurrency_is_bounded() -> None:
    """3. At most max_running batches are in predict at a time, and so many are where enough wait."""
    for max_running, n, max_batch in ((1, 3, 1), (3, 10, 1), (2, 12, 2)):
        model = Model(takes_s=1.0)

        async def story(
            model: Model = model, max_running: int = max_running, n: int = n, max_batch: int = max_batch
        ) -> Any:
            b = work.Batcher(model.predict, max_batch=max_batch, max_running=max_running)
            return await asyncio.gather(*(at(0.0, b, x) for x in range(n)))

        call = f"{n} calls of infer at once, where max_batch={max_batch} and max_running={max_running}"
        ends = play(story, call)
        assert_equal(model.most, max_running, what="how many batches were in predict at a time", call=call)
        in_order = [list(range(x, x + max_batch)) for x in range(0, n, max_batch)]
        assert_equal(model.batches, in_order, what="the batches that predict was called with", call=call)
        for x, end in enumerate(ends):
            round_ = x // max_batch // max_running + 1
            assert_end(end, 10 * x, round_ * 1.0, f"infer({x})", call)


def test_one_failure() -> None:
    """4. If predict raises for a batch, its requests are sent again alone; only a bad one fails."""
    for n, bad in ((1, (0,)), (2, (1,)), (4, (2,)), (4, (0, 3)), (3, (0, 1, 2))):
        model = Model(takes_s=1.0, bad=bad)

        async def story(model: Model = model, n: int = n) -> Any:
            b = work.Batcher(model.predict, max_batch=n, max_running=1)
            ends = await asyncio.gather(*(at(0.0, b, x) for x in range(n)))
            return ends, await at(0.0, b, 7)

        call = (
            f"infer of {list(range(n))} at once, where max_batch={n}, max_running=1, and predict raises for {list(bad)}"
        )
        ends, later = play(story, call)
        for x, (got, _) in enumerate(ends):
            if x in bad:
                require(isinstance(got, BadInputError), f"infer({x}) does not raise", got=shown(got), call=call)
                assert_equal(got.args, (x,), what=f"what the exception of infer({x}) names", call=call)
            else:
                require(not isinstance(got, BaseException), f"infer({x}) raises", got=shown(got), call=call)
                assert_equal(got, 10 * x, what=f"the result of infer({x})", call=call)
        calls = [list(range(n)), *([[x] for x in range(n)] if n > 1 else []), [7]]
        assert_equal(sorted(model.batches), sorted(calls), what="the calls of predict, sorted", call=call)
        assert_equal(model.most, 1, what="how many calls of predict ran at a time", call=call)
        assert_equal(later[0], 70, what="a request after that", call=call)


def test_time_out() -> None:
    """6. infer raises TimeoutError after timeout_s; others in the same batch are not affected."""
    model = Model(takes_s=5.0)

    async def story() -> Any:
        b = work.Batcher(model.predict, max_batch=3)
        wants = (None, 2.0, 60.0)
        return await asyncio.gather(*(at(0.0, b, x, timeout_s) for x, timeout_s in enumerate(wants)))

    call = "infer(0), infer(1, timeout_s=2), infer(2, timeout_s=60) in one batch, where predict takes 5 s"
    first, second, third = play(story, call)
    assert_end(second, TimeoutError, 2.0, "infer(1, timeout_s=2)", call)
    assert_end(first, 0, 5.0, "infer(0)", call)
    assert_end(third, 20, 5.0, "infer(2, timeout_s=60)", call)
    require(model.n_cancelled == 0, "predict was cancelled, although others wait for its results", call=call)


def test_cancellation() -> None:
    """7. A request whose task is cancelled leaves the others of its batch alone."""
    for wait, where in ((0.0, "before it is sent"), (1.0, "while predict runs")):
        model = Model(takes_s=5.0)

        async def story(model: Model = model, wait: float = wait) -> Any:
            b = work.Batcher(model.predict, max_batch=4, max_wait_s=0.5)
            tasks = [asyncio.create_task(at(0.0, b, x)) for x in range(3)]
            await asyncio.sleep(0.1 + wait)
            tasks[1].cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            return ends, await at(0.0, b, 7)

        call = f"infer(0), infer(1), infer(2) in one batch; the task of infer(1) is cancelled {where}"
        ends, later = play(story, call)
        is_cancelled = isinstance(ends[1], asyncio.CancelledError)
        require(is_cancelled, "the task that was cancelled has another end", got=shown(ends[1]), call=call)
        for x in (0, 2):
            require(isinstance(ends[x], tuple), f"infer({x}) was cancelled too", got=shown(ends[x]), call=call)
            assert_end(ends[x], 10 * x, 5.5, f"infer({x})", call)
        require(model.n_cancelled == 0, "predict was cancelled, although others wait for its results", call=call)
        sent = [[0, 2], [7]] if wait == 0.0 else [[0, 1, 2], [7]]
        assert_equal(model.batches, sent, what="the batches that predict was called with", call=call)
        assert_equal(later[0], 70, what="the result of a request after that", call=call)


def test_map() -> None:
    """8. map sends all at the same time; results and exceptions stand in the order of xs."""
    xs = rng(1).permutation(9).tolist()
    for bad in ((), (4, 0)):
        model = Model(takes_s=1.0, bad=bad)

        async def story(model: Model = model) -> Any:
            b = work.Batcher(model.predict, max_batch=1, max_running=9)
            return await b.map(iter(xs)), now()

        call = f"b.map({xs}), where max_batch=1, max_running=9" + (
            f" and predict raises for {list(bad)}" if bad else ""
        )
        got, took_s = play(story, call)
        require(isinstance(got, list), "map has to return a list", got=got, call=call)
        simple = [got_x.args if isinstance(got_x, BadInputError) else got_x for got_x in got]
        assert_equal(simple, [(x,) if x in bad else 10 * x for x in xs], what="the list of map", call=call)
        require(took_s < 1.5, f"it takes {took_s:g} s; all at the same time take 1 s", call=call)

    async def nothing() -> Any:
        return await work.Batcher(Model().predict).map([])

    assert_equal(play(nothing, "b.map([])"), [], what="the list of map", call="b.map([])")


def real(story: Callable[[], Coroutine[Any, Any, Any]], call: str) -> Any:
    """What the story returns in real time, as threads take part."""

    async def bounded() -> Any:
        async with asyncio.timeout(LIMIT_S):
            return await story()

    try:
        return asyncio.run(bounded())
    except TimeoutError:
        fail("there is no result", call=call)


def test_a_plain_function_runs_in_a_thread() -> None:
    """9. A plain predict runs in a thread; the event loop goes on meanwhile."""
    call = "infer(1), where predict is a plain function that computes until another task says so"
    go_on, held_up = threading.Event(), []

    def predict(xs: Any) -> list[int]:
        with suppress(RuntimeError):
            asyncio.get_running_loop()
            held_up.append("the event loop")
        if not held_up and not go_on.wait(LIMIT_S / 2):
            held_up.append("the event loop")
        return [10 * x for x in xs]

    async def story() -> Any:
        b = work.Batcher(predict, max_batch=1)
        request = asyncio.ensure_future(b.infer(1))
        for _ in range(20):
            await asyncio.sleep(0)
        go_on.set()
        return await request, await b.map([2, 3])

    got = real(story, call)
    require(not held_up, "predict stops the event loop, and with it all other tasks", call=call)
    assert_equal(got, (10, [20, 30]), what="the results of infer(1) and map([2, 3])", call=call)


def test_close() -> None:
    """10. close sends what waits at once, returns when all have their end, and later requests raise."""
    model = Model(takes_s=1.0)

    async def story() -> Any:
        b = work.Batcher(model.predict, max_batch=2, max_wait_s=60.0, max_running=1)
        tasks = [asyncio.create_task(at(0.0, b, x)) for x in range(5)]
        await asyncio.sleep(0.1)
        await b.close()
        closed_at = now()
        is_done = [task.done() for task in tasks]
        await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task(), *tasks}
        ends = await asyncio.gather(*tasks)
        return ends, is_done, closed_at, len(left), await at(0.0, b, 7)

    call = "five calls of infer, then close, where max_batch=2, max_wait_s=60, max_running=1 and predict takes 1 s"
    ends, _, closed_at, n_left, later = play(story, call)
    for x, end in enumerate(ends):
        assert_end(end, 10 * x, (1.0, 1.0, 2.0, 2.0, 3.0)[x], f"infer({x})", call)
    require(abs(closed_at - 3.0) < 5 * STEP_S, f"close returns after {closed_at:g} s, expected 3 s", call=call)
    require(n_left == 0, f"{n_left} task is left after close", call=call)
    is_refused = isinstance(later[0], RuntimeError)
    require(is_refused, "infer after close does not raise RuntimeError", got=shown(later[0]), call=call)
    assert_equal(model.batches, [[0, 1], [2, 3], [4]], what="the batches that predict was called with", call=call)

    async def idle() -> None:
        b = work.Batcher(Model().predict)
        await b.infer(1)
        await b.close()

    play(idle, "await b.infer(1), await b.close(): nothing waits")

    async def given_up() -> Any:
        b = work.Batcher(Model(takes_s=1.0).predict)
        await at(0.0, b, 1, timeout_s=0.5)
        await b.close()
        return len(asyncio.all_tasks() - {asyncio.current_task()})

    call = "await b.close() while predict still computes for a request that has timed out"
    n_left = play(given_up, call)
    require(n_left == 0, f"{n_left} task is left after close", call=call)


edges()


def test_gone_before_they_are_sent() -> None:
    """7. Requests that have timed out or been cancelled are not sent; an empty batch is no call."""
    model = Model(takes_s=5.0)

    async def story() -> Any:
        b = work.Batcher(model.predict, max_batch=2, max_wait_s=0.5, max_running=1)
        first = [asyncio.create_task(at(0.0, b, x)) for x in (0, 1)]
        queued = [asyncio.create_task(at(0.1, b, x, timeout_s)) for x, timeout_s in ((2, 1.0), (3, None))]
        gone = [asyncio.create_task(at(0.2, b, x, 1.0)) for x in (4, 5)]
        ends = await asyncio.gather(*first, *queued, *gone)
        return ends, await at(0.0, b, 7)

    call = "infer(0), infer(1), which take 5 s; meanwhile infer(2, timeout_s=1), infer(3), infer(4, timeout_s=1), "
    call += "infer(5, timeout_s=1), where max_batch=2 and max_running=1"
    ends, later = play(story, call)
    for x, end in enumerate(ends):
        expected, when = ((TimeoutError, 1.1 if x == 2 else 1.2) if x in (2, 4, 5)
                          else (10 * x, 5.0 if x < 2 else 10.0))  # fmt: skip
        assert_end(end, expected, when, f"infer({x})", call)
    assert_equal(model.batches, [[0, 1], [3], [7]], what="the batches that predict was called with", call=call)
    assert_equal(later[0], 70, what="the result of a request after that", call=call)


def test_no_time_at_all() -> None:
    """6. With timeout_s=0 infer raises TimeoutError at once, unless it is None."""
    model = Model(takes_s=5.0)

    async def story() -> Any:
        b = work.Batcher(model.predict, max_wait_s=0.5)
        return await asyncio.gather(at(0.0, b, 0), at(0.0, b, 1, 0.0))

    call = "infer(0), infer(1, timeout_s=0), where predict takes 5 s and max_wait_s=0.5"
    first, second = play(story, call)
    assert_end(second, TimeoutError, 0.0, "infer(1, timeout_s=0)", call)
    assert_end(first, 0, 5.5, "infer(0)", call)


def test_gone_ones_are_not_sent_again() -> None:
    """7. A request that has gone when its batch fails, or while it waits to be sent again, is not sent again."""
    for gone_after in (0.5, 1.5):
        model = Model(takes_s=1.0, bad=(0,))

        async def story(model: Model = model, gone_after: float = gone_after) -> Any:
            b = work.Batcher(model.predict, max_batch=3, max_running=1)
            tasks = [asyncio.create_task(at(0.0, b, x)) for x in range(3)]
            await asyncio.sleep(gone_after)
            tasks[2].cancel()
            return (await asyncio.gather(*tasks, return_exceptions=True))[1], await at(0.0, b, 7)

        call = "infer of 0, 1 and 2 in one batch, where predict takes 1 s and raises for 0; "
        call += f"the task of infer(2) is cancelled after {gone_after:g} s"
        second, later = play(story, call)
        require(isinstance(second, tuple), "infer(1) has no result", got=shown(second), call=call)
        assert_equal(second[0], 10, what="the result of infer(1)", call=call)
        assert_equal(model.batches, [[0, 1, 2], [0], [1], [7]], what="the batches of predict", call=call)
        assert_equal(later[0], 70, what="the result of a request after that", call=call)


def test_gone_while_the_batch_is_sent_again() -> None:
    """6. A time-out in a batch that fails leaves the others alone."""
    model = Model(takes_s=1.0, bad=(0,))

    async def story() -> Any:
        b = work.Batcher(model.predict, max_batch=3)
        return await asyncio.gather(at(0.0, b, 0, 1.5), at(0.0, b, 1), at(0.0, b, 2, 0.5))

    call = "infer(0, timeout_s=1.5), infer(1), infer(2, timeout_s=0.5), where predict takes 1 s and raises for 0"
    first, second, third = play(story, call)
    assert_end(first, TimeoutError, 1.5, "infer(0, timeout_s=1.5)", call)
    assert_end(third, TimeoutError, 0.5, "infer(2, timeout_s=0.5)", call)
    require(second[0] == 10, "infer(1) has no result", got=shown(second[0]), expected=10, call=call)


def test_number_of_results() -> None:
    """5. Another number of results than inputs is a ValueError of that call, handled like any other."""
    for n_extra in (-1, 1):
        calls = []

        async def predict(xs: Any, n_extra: int = n_extra, calls: list[Any] = calls) -> list[int]:
            calls.append(list(xs))
            results = [10 * x for x in xs]
            if len(xs) == 1 and xs[0] != 1:
                return results
            return results[:n_extra] if n_extra < 0 else [*results, 0]

        async def story(predict: Any = predict) -> Any:
            b = work.Batcher(predict, max_batch=3)
            return await asyncio.gather(*(at(0.0, b, x) for x in range(3)))

        count = "one result too few" if n_extra < 0 else "one result too many"
        call = f"infer of [0, 1, 2] at once, where predict returns {count}, but for 0 and 2 alone"
        ends = play(story, call)
        for x in (0, 2):
            got = ends[x][0]
            require(not isinstance(got, BaseException), f"infer({x}) raises", got=shown(got), call=call)
            assert_equal(got, 10 * x, what=f"the result of infer({x})", call=call)
        got = ends[1][0]
        require(isinstance(got, ValueError), "infer(1) does not raise ValueError", got=shown(got), call=call)


def test_two_batchers() -> None:
    """1. Two batchers do not share requests."""
    models = Model(), Model()

    async def story() -> Any:
        first, second = (work.Batcher(model.predict, max_batch=2) for model in models)
        return await asyncio.gather(at(0.0, first, 1), at(0.0, second, 2), at(0.0, first, 3))

    call = "infer(1) and infer(3) of one batcher, infer(2) of another, at once"
    play(story, call)
    assert_equal([model.batches for model in models], [[[1, 3]], [[2]]], what="the batches of each", call=call)


def test_closed_without_a_request() -> None:
    """10. A batcher that was never asked is closed at once, and calls nothing."""
    model = Model()

    async def story() -> Any:
        b = work.Batcher(model.predict)
        await b.close()
        await b.close()
        return await at(0.0, b, 1)

    end = play(story, "await b.close(), twice, before any request")
    is_refused = isinstance(end[0], RuntimeError)
    require(is_refused, "infer after close does not raise RuntimeError", got=shown(end[0]), call="b.infer(1)")
    assert_equal(model.batches, [], what="the calls of predict", call="await b.close(), twice")
