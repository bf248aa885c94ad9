"""A decorator that lets each user call a function only so often."""

from __future__ import annotations

import functools
import inspect
import time
from collections import deque
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


class RateLimited(Exception):
    """A call that came too early. (Nothing is missing here.)

    retry_after_s: seconds until a call of this user is let through again.
    """

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"try again in {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


def rate_limit(
    calls: int, window_s: float, *, user: Callable[..., Hashable], clock: Callable[[], float] = time.monotonic
) -> Callable[[F], F]:
    """Return a decorator that lets through at most `calls` calls of each user in any `window_s` seconds.

    user: called with the arguments of a call, returns whose call it is.
    clock: returns the time in seconds.
    Other calls raise RateLimited. Functions, methods and async functions can be decorated.
    """

    def decorate(function: F) -> F:
        window = _Window(calls, window_s, clock)  # made here: each decorated function has its own

        # The lock is released before the function runs, so a slow call holds up nobody.
        @functools.wraps(function)
        def limited(*args: Any, **kwargs: Any) -> Any:
            window.enter(user(*args, **kwargs))
            return function(*args, **kwargs)

        # What is called when a coroutine function is called only makes a coroutine. The call begins with `await`.
        @functools.wraps(function)
        async def limited_async(*args: Any, **kwargs: Any) -> Any:
            window.enter(user(*args, **kwargs))
            return await function(*args, **kwargs)

        return cast(F, limited_async if inspect.iscoroutinefunction(function) else limited)

    return decorate


class _Window:
    """The calls of the last `window_s` seconds that were let through."""

    def __init__(self, calls: int, window_s: float, clock: Callable[[], float]) -> None:
        self._calls, self._window_s, self._clock = calls, window_s, clock
        self._lock = Lock()
        self._recent: deque[tuple[float, Hashable]] = deque()  # of all users, the oldest first
        self._times: dict[Hashable, deque[float]] = {}  # the same by user; nobody who has been idle is in it

    def enter(self, user: Hashable) -> None:
        """Note a call of this user, or raise RateLimited."""
        # One lock around looking and noting: between the two, another thread would see a free place, too.
        with self._lock:
            now = self._clock()
            # Step 1: forget what is too old, whosever it is. Each call is added once and removed once, so this takes
            # no longer with more users.
            while self._recent and now - self._recent[0][0] >= self._window_s:
                _, other = self._recent.popleft()
                self._times[other].popleft()
                if not self._times[other]:
                    del self._times[other]
            # Step 2: full? The user may come again when their oldest call leaves the window.
            times = self._times.get(user, deque())
            if len(times) >= self._calls:
                raise RateLimited(times[0] + self._window_s - now)
            # Step 3: only what is let through is noted.
            self._recent.append((now, user))
            self._times.setdefault(user, times).append(now)


# In real life several processes share the limit, so the window is kept in Redis, where a script does the three steps
# as one. A token bucket keeps two numbers for each user instead of a list of times, and lets through up to twice as
# many calls in some windows. Servers answer with status 429 and the header Retry-After.
