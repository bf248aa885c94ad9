"""A decorator that lets each user call a function only so often."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

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
    raise NotImplementedError
