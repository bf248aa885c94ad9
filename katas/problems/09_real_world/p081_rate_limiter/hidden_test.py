"""Hidden test of p081_rate_limiter."""

import asyncio
import inspect
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from kata_runner.checking import (
    Shown,
    assert_close,
    assert_equal,
    assert_growth,
    assert_memory,
    assert_raises,
    calling,
    edges,
    fail,
    learner,
    learner_module,
    require,
    rng,
)

work = learner("rate_limiter")

PATIENCE_S = 4.0  # what waits for another call takes a millisecond when that call is let in
GIVE_UP_S = 12.0
GLIMPSE_S = 0.01  # how long one thread stands still so that another one can pass, unless it is locked out


@pytest.fixture(scope="module", autouse=True)
def _nobody_sleeps() -> Iterator[None]:
    """A clock that stands still would be waited for forever."""
    real = time.sleep

    def sleep(seconds: float) -> None:
        if sys._getframe(1).f_globals.get("__name__") == "rate_limiter":
            fail("time.sleep is called, but nothing is to be waited for: what is too early raises RateLimited")
        real(seconds)

    time.sleep = sleep
    yield
    time.sleep = real


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def __repr__(self) -> str:
        return "clock"


def first(name: Any, *_: Any, **__: Any) -> Any:
    """Whose call it is."""
    return name


def ask(name: Any, question: str = "why") -> str:
    """Answer a question."""
    return f"{question}!"


def decorator_of(calls: int, window_s: float, **options: Any) -> Any:
    decorator = work.rate_limit(calls, window_s, **options)
    require(callable(decorator), "what rate_limit returns cannot be called with a function", got=decorator)
    return decorator


def decorated(function: Callable[..., Any], calls: int, window_s: float, **options: Any) -> Any:
    limited = decorator_of(calls, window_s, **options)(function)
    require(callable(limited), "what the decorator returns cannot be called", got=limited)
    return limited


def limit(calls: int, window_s: float, clock: Clock, function: Callable[..., Any] = ask) -> Any:
    return decorated(function, calls, window_s, user=first, clock=clock)


def retry_after(limited: Callable[..., Any], name: Any) -> float | None:
    """None when the call is let through, else what the exception says."""
    try:
        limited(name)
    except work.RateLimited as error:
        return error.retry_after_s  # type: ignore[no-any-return]
    return None


def pass_through(limited: Callable[..., Any], name: Any) -> None:
    require(retry_after(limited, name) is None, f"a call of {name!r} is refused, with fewer than `calls` in the window")


def let_through(limited: Callable[..., Any], clock: Clock, times: Sequence[float]) -> list[bool]:
    """Whether each call of one user is let through."""
    passed = []
    for clock.now in times:
        passed.append(retry_after(limited, "ada") is None)
    return passed


def plainly(calls: int, window_s: float, times: Sequence[float], names: Sequence[str] = ()) -> list[bool]:
    """The same, by looking at all earlier calls each time."""
    noted: list[tuple[float, str]] = []
    passed = []
    for now, name in zip(times, names or "a" * len(times), strict=True):
        recent = [t for t, other in noted if other == name and now - window_s < t <= now]
        passed.append(len(recent) < calls)
        if passed[-1]:
            noted.append((now, name))
    return passed


def check_times(calls: int, window_s: float, times: Sequence[float], start: float = 0.0) -> None:
    times = [start + t for t in times]
    expected = plainly(calls, window_s, times)
    clock = Clock(times[0])
    with calling(f"rate_limit({calls}, {window_s}, …); calls of one user at the times {times}"):
        got = let_through(limit(calls, window_s, clock), clock, times)
        assert_equal(got, expected, what="whether they are let through")


def test_a_sliding_window() -> None:
    """1. A call is let through if fewer than `calls` were let through in the last window_s seconds."""
    check_times(1, 1.0, [0.0, 0.75])
    check_times(1, 1.0, [0.0, 1.0])  # one window ago is too old to count
    check_times(2, 10.0, [0.0, 4.0, 10.0, 13.75])
    check_times(2, 10.0, [0.0, 4.0, 10.0, 14.0, 20.0, 24.0])
    check_times(3, 4.0, [3.5, 3.5, 3.5, 4.0])  # around the end of a fixed window
    check_times(3, 4.0, [0.0, 3.5, 3.5, 4.0, 7.25])
    check_times(4, 8.0, [0.0, 0.0, 0.0, 0.0, 2.0])  # a token bucket has one again
    check_times(4, 8.0, [0.0, 2.0, 4.0, 6.0, 8.0, 9.75])


def test_a_refused_call_counts_for_nothing() -> None:
    """2. A refused call raises RateLimited, does not call the function, and counts for nothing."""
    clock, asked = Clock(), []
    limited = limit(1, 4.0, clock, lambda name: asked.append(name))
    with calling("rate_limit(1, 4.0, …); calls of one user at the times [0.0, 1.0]"):
        limited("ada")
        clock.now = 1.0
        assert_raises(work.RateLimited, limited, "ada")
        assert_equal(asked, ["ada"], what="the calls of the function that is decorated")
    check_times(1, 4.0, [0.0, 1.0, 2.0, 3.0, 4.0])
    check_times(2, 4.0, [0.0, 2.0, 3.0, 3.75, 4.0, 5.0, 6.0])


def test_each_user_and_each_function() -> None:
    """4. Users do not share a limit, nor do two functions."""
    clock = Clock()
    limited = limit(1, 10.0, clock)
    for name in ("ada", "bob", 7, ("team", 7), None, frozenset({7})):
        with calling(f"the first call of {name!r}, after those of others"):
            require(retry_after(limited, name) is None, "a user is refused because of the calls of others")
        with calling(f"the second call of {name!r}"):
            require(retry_after(limited, name) is not None, "a user's second call was let through, with calls=1")
    once = decorator_of(1, 10.0, user=first, clock=clock)
    one, two = once(ask), once(lambda name: name)
    with calling("once = rate_limit(1, 10.0, …); f = once(f); g = once(g); f('ada'); g('ada')"):
        one("ada")
        require(retry_after(two, "ada") is None, "a function is refused because of the calls of another one")
        require(retry_after(one, "ada") is not None, "a user's second call was let through, with calls=1")


def test_user_is_asked_with_all_arguments() -> None:
    """4. Whose call it is says user(...), called with all arguments of the call."""
    seen: list[Any] = []

    def user(*args: Any, **kwargs: Any) -> Any:
        seen.append((args, kwargs))
        return kwargs.get("name", "nobody")

    limited = decorated(lambda *args, **kwargs: None, 1, 10.0, user=user, clock=Clock())
    with calling("f(3, 'why', name='ada', n=2) of a decorated f(*args, **kwargs)"):
        limited(3, "why", name="ada", n=2)
        assert_equal(seen[:1], [((3, "why"), {"name": "ada", "n": 2})], what="what user is called with")
        limited(3, "why", name="bob", n=2)


def test_any_times() -> None:
    """1. Any calls of any users at any times are let through, or refused, as if all earlier calls were looked at."""
    for n, calls, window_s in ((12, 2, 2.0), (60, 3, 2.5), (400, 5, 3.0)):
        draw = rng(n)
        times = (draw.integers(0, 2, n).cumsum() * draw.choice([0.25, 0.5])).tolist()
        names = draw.choice(["ada", "bob", "eve"], n, p=[0.6, 0.3, 0.1]).tolist()
        expected = plainly(calls, window_s, times, names)
        clock = Clock()
        limited = limit(calls, window_s, clock)
        got = []
        for clock.now, name in zip(times, names, strict=True):
            got.append(retry_after(limited, name) is None)
        events = ", ".join(f"{name} {t}" for t, name in list(zip(times, names, strict=True))[:60])
        with calling(f"rate_limit({calls}, {window_s}, …); calls: {events}"):
            assert_equal(got, expected, what="whether they are let through")


def test_when_to_try_again() -> None:
    """3. retry_after_s is the time until the user's next call would be let through."""
    for calls, window_s, times, now in (
        (1, 10.0, [1.0], 5.0),
        (2, 10.0, [1.0, 5.0], 5.0),
        (3, 8.0, [1.0, 4.0, 5.0, 9.0], 10.5),
        (1, 60.0, [100.0], 159.5),
    ):
        clock = Clock()
        limited = limit(calls, window_s, clock)
        clock.now = times[0] - 0.5
        pass_through(limited, "bob")
        let_through(limited, clock, times)
        expected = next(t for t in (now + i / 4 for i in range(100)) if plainly(calls, window_s, [*times, t])[-1]) - now
        clock.now = now
        with calling(
            f"rate_limit({calls}, {window_s}, …); calls of one user at the times {[*times, now]}, another's before"
        ):
            got = retry_after(limited, "ada")
            require(got is not None, "the last call was let through", expected="RateLimited")
            assert_close(got, expected, what="retry_after_s")
        with calling(f"the same, and one more call {expected} s later"):
            clock.now = now + expected
            require(retry_after(limited, "ada") is None, "the call after retry_after_s was refused")


def test_all_times_come_from_the_clock() -> None:
    """5. All times come from `clock`, whatever time it shows at first; by default from a clock that never goes back."""
    for start in (0.0, -50.0, 1e6):
        check_times(2, 8.0, [0.0, 3.0, 7.75], start)
        check_times(2, 8.0, [0.0, 3.0, 8.0, 10.75], start)
    default = inspect.signature(work.rate_limit).parameters["clock"].default
    is_wall = default is time.time or default is time.time_ns
    require(not is_wall, "the default clock can be set, and goes back", got=Shown("time.time"), call=" ")
    limited = decorated(ask, 1, 1000.0, user=first)
    real = time.time
    with calling("rate_limit(1, 1000.0, user=…): two calls of one user, and the machine's clock is set between them"):
        limited("ada")
        try:
            time.time = lambda: real() + 1e5
            got = retry_after(limited, "ada")
        finally:
            time.time = real
        require(got is not None, "the second call was let through")
        assert_close(got, 970.0, atol=30.0, what="retry_after_s")


class Model:
    """Something with a method."""

    def __init__(self, name: str) -> None:
        self.name = name

    def predict(self, name: str, x: float = 1.0) -> tuple[str, float]:
        """Return a pair."""
        return self.name, x


def test_what_the_function_does() -> None:
    """6. What the function returns and raises comes back; name, docstring and signature stay; methods work."""
    clock, thing = Clock(), object()
    with calling("f('ada') of a decorated f"):
        require(limit(1, 10.0, clock, lambda name: thing)("ada") is thing, "another object than the function's")
    limited = limit(2, 10.0, clock)
    assert_equal(limited("ada", question="how"), "how!", what="f('ada', question='how')")
    with calling("@rate_limit(…) def ask(name, question='why')"):
        assert_equal(limited.__name__, "ask", what="__name__")
        assert_equal(limited.__doc__, ask.__doc__, what="__doc__")
        got = str(inspect.signature(limited))
        assert_equal(got, str(inspect.signature(ask)), what="the signature")

    def broken(name: str) -> None:
        raise KeyError(name)

    limited = limit(1, 10.0, clock, broken)
    with calling("f('ada') of a decorated f that raises KeyError"):
        assert_raises(KeyError, limited, "ada")
        is_refused = retry_after(limited, "ada") is not None
        require(is_refused, "a call that raised does not count", got=Shown("the second call was let through"))

    predict = decorated(Model.predict, 1, 10.0, user=lambda self, name, x=1.0: name, clock=clock)
    limited_model = type("LimitedModel", (Model,), {"predict": predict})
    with calling("model.predict('ada', x=2.0) of a decorated method"):
        assert_equal(limited_model("net").predict("ada", x=2.0), ("net", 2.0), what="the result")


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Run a coroutine in an event loop of its own, which can be given up where it is blocked forever."""
    ended: list[BaseException | None] = []

    def call() -> None:
        try:
            asyncio.run(main())  # type: ignore[arg-type]
            ended.append(None)
        except BaseException as error:  # it belongs to the check
            ended.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(GIVE_UP_S)
    if not ended:
        fail("the event loop stands still: a call blocks the thread in which all others run")
    if ended[0] is not None:
        raise ended[0]


async def ask_async(name: str, question: str = "why") -> str:
    """Answer a question after a while."""
    await asyncio.sleep(0)
    if question == "who":
        raise KeyError(question)
    return f"{question}!"


async def retry_after_async(call: Awaitable[Any]) -> float | None:
    try:
        await call
    except work.RateLimited as error:
        return error.retry_after_s  # type: ignore[no-any-return]
    return None


def test_async_functions() -> None:
    """7. An async function stays one; its call counts, or is refused, when it is awaited."""
    clock = Clock()
    limited = limit(2, 10.0, clock, ask_async)
    with calling("@rate_limit(2, 10.0, …) async def ask(name, question='why')"):
        is_async = inspect.iscoroutinefunction(limited)
        require(is_async, "inspect.iscoroutinefunction says that it is no async function any more", got=limited)
        assert_equal(limited.__name__, "ask_async", what="__name__")

    async def results() -> None:
        with calling("await ask('ada', 'how'); await ask('ada'); await ask('ada')"):
            answer = await limited("ada", "how")
            require(not inspect.iscoroutine(answer), "await returned a coroutine; is another await missing?")
            assert_equal(answer, "how!", what="the first result")
            assert_equal(await limited("ada"), "why!", what="the second result")
            got = await retry_after_async(limited("ada"))
            require(got is not None, "a user's third call was let through, with calls=2")
            assert_close(got, 10.0, what="retry_after_s")
        with calling("await ask('bob', 'who'), which raises KeyError; await ask('bob'); await ask('bob')"):
            try:
                await limited("bob", "who")
            except KeyError:
                pass
            else:
                fail("the exception of the function did not come out", expected=Shown("KeyError"))
            require(await retry_after_async(limited("bob")) is None, "a user's second call was refused, with calls=2")
            got = await retry_after_async(limited("bob"))
            require(got is not None, "a user's third call was let through: the call that raised does not count")

    async def awaited_late() -> None:
        once = limit(1, 10.0, clock, ask_async)
        with calling("early = ask('ada'); await ask('ada'); await early, with calls=1"):
            early = once("ada")
            is_made = inspect.isawaitable(early)
            require(is_made, "the call returns nothing to await", got=early)
            require(
                await retry_after_async(once("ada")) is None, "a coroutine that nobody has awaited counts as a call"
            )
            require(await retry_after_async(early) is not None, "it was not refused when it was awaited")

    run(results)
    run(awaited_late)


def in_threads(*calls: Callable[[], Any]) -> None:
    """Each of the calls in a thread of its own; an error of one belongs to the check."""
    errors: list[BaseException] = []

    def run_one(call: Callable[[], Any]) -> None:
        try:
            call()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run_one, args=(call,), daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(GIVE_UP_S)
    if errors:
        raise errors[0]
    if any(thread.is_alive() for thread in threads):
        fail("a call has not returned: its thread waits forever")


def test_one_limit_for_all_threads() -> None:
    """8. No more than `calls` are let through, in whichever threads they are made."""
    limited, passed = limit(100, 10.0, Clock()), []

    def call_often(start: threading.Barrier) -> None:
        start.wait(PATIENCE_S)
        passed.extend(retry_after(limited, "ada") is None for _ in range(30))

    start = threading.Barrier(8)
    with calling("rate_limit(100, 10.0, …); 30 calls of one user in each of 8 threads"):
        in_threads(*[lambda: call_often(start)] * 8)
        assert_equal(sum(passed), 100, what="how many calls are let through")


def interleaved(call: Callable[[], Any], other: Callable[[], Any], line: int) -> bool:
    """Make `call` in a thread that stands still before its `line`-th line of the learner's code, while another thread
    makes the other call, as far as it is not locked out. Returns whether there are so many lines."""
    file = learner_module("rate_limiter").__file__
    go, started, done = threading.Event(), threading.Event(), threading.Event()
    n_lines = 0

    def trace(frame: Any, event: str, _: Any) -> Any:
        nonlocal n_lines
        if frame.f_code.co_filename != file:
            return None
        if event == "line":
            n_lines += 1
            if n_lines == line:
                go.set()
                started.wait(PATIENCE_S)
                done.wait(GLIMPSE_S)
        return trace

    def make_call() -> None:
        sys.settrace(trace)
        try:
            call()
        finally:
            sys.settrace(None)
            go.set()

    def make_other() -> None:
        go.wait(PATIENCE_S)
        started.set()
        other()
        done.set()

    in_threads(make_call, make_other)
    return n_lines >= line


def test_threads_at_the_same_moment() -> None:
    """8. A call that comes while another one is being decided changes nothing: none too many, and none lost."""
    for calls in (1, 2):
        for line in range(1, 60):
            clock, passed = Clock(), []
            limited = limit(calls, 10.0, clock)

            def call(limited: Any = limited, passed: list[bool] = passed) -> None:
                passed.append(retry_after(limited, "ada") is None)

            with calling(f"rate_limit({calls}, 10.0, …); two threads call for one user at the same moment"):
                is_inside = interleaved(call, call, line)
                assert_equal(sum(passed), calls, what="how many calls are let through")
            with calling(f"rate_limit({calls}, 10.0, …); two threads at the same moment, and a third call after them"):
                require(retry_after(limited, "ada") is not None, "the third call was let through: one has been lost")
            if not is_inside:
                break


def test_a_slow_call_holds_up_nobody() -> None:
    """9. A slow call holds up no other, of the same user or another one."""
    for names in (["ada", "bob"], ["ada", "ada"]):
        inside = threading.Barrier(2)
        late: list[Any] = []

        def slow(name: str, inside: threading.Barrier = inside, late: list[Any] = late) -> None:
            try:
                inside.wait(PATIENCE_S)
            except threading.BrokenBarrierError:
                late.append(name)

        limited = limit(2, 10.0, Clock(), slow)
        with calling(f"calls of {names[0]} and {names[1]} in two threads, the first one slow"):
            in_threads(*[partial(limited, name) for name in names])
            require(not late, "the second call did not get in while the first one was running")

    async def meet(names: Sequence[str]) -> None:
        everybody, n_inside = asyncio.Event(), 0

        async def slow_async(name: str) -> None:
            nonlocal n_inside
            n_inside += 1
            if n_inside == 2:
                everybody.set()
            await asyncio.wait_for(everybody.wait(), PATIENCE_S)

        limited = limit(2, 10.0, Clock(), slow_async)
        with calling(f"calls of {names[0]} and {names[1]} in one event loop, the first one slow"):
            try:
                await asyncio.gather(*[limited(name) for name in names])
            except TimeoutError:
                fail("the second call did not get in while the first one was running")

    run(lambda: meet(["ada", "bob"]))
    run(lambda: meet(["ada", "ada"]))


edges()


def test_other_users_at_the_same_moment() -> None:
    """8. Calls of other users at the same moment, when old ones are forgotten, change nothing."""
    for line in range(1, 80):
        clock, passed = Clock(), []
        limited = limit(1, 4.0, clock)
        for clock.now, name in zip((0.0, 0.0, 3.0), "xyz", strict=True):
            pass_through(limited, name)
        clock.now = 5.0

        def call(name: str, limited: Any = limited, passed: list[bool] = passed) -> None:
            passed.append(retry_after(limited, name) is None)

        with calling("rate_limit(1, 4.0, …); x and y call at 0.0, z at 3.0; x and z at the same moment at 5.0"):
            is_inside = interleaved(lambda call=call: call("x"), lambda call=call: call("z"), line)
            assert_equal(sum(passed), 1, what="how many of the last two calls are let through")
        with calling("the same, and x again"):
            require(retry_after(limited, "x") is not None, "a call has been lost: x is let through twice")
        with calling("the same, and z again"):
            require(retry_after(limited, "z") is not None, "the call of z at 3.0 is forgotten too early")
        if not is_inside:
            break


def test_idle_users_take_no_memory() -> None:
    """10. Users who have been idle for two windows take no memory."""
    clock = Clock()
    limited = limit(2, 10.0, clock)

    def many_users() -> None:
        for i in range(5000):
            clock.now = i / 5
            pass_through(limited, f"user {i}")

    with calling("rate_limit(2, 10.0, …); one call of each of 5,000 users, five in a second"):
        assert_memory(many_users, 0.3, what="the limiter")


def test_more_users_cost_nothing() -> None:
    """11. A call takes no longer when there are more users."""

    def make(n: int) -> Callable[[], object]:
        limited = limit(1, 10.0, Clock())
        for i in range(n):
            pass_through(limited, i)
        return lambda: [retry_after(limited, i) for i in range(40)]  # refused, so that nothing changes

    text = "calls within one window, after those of 8,000 users"
    assert_growth(make, 500, 8000, at_most=4, message="a call takes longer the more users there are", call=text)
