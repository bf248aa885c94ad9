"""A list of times for each user, cut by bisect; all users are looked at once in each window."""

import asyncio
import functools
import inspect
import threading
import time
from bisect import bisect_right


class RateLimited(Exception):
    def __init__(self, retry_after_s):
        super().__init__(f"wait {retry_after_s} seconds")
        self.retry_after_s = retry_after_s


class Gate:
    def __init__(self, calls, window_s, clock):
        self.calls, self.window_s, self.clock = calls, window_s, clock
        self.guard = threading.RLock()
        self.log = {}
        self.swept_at = None

    def __call__(self, who):
        with self.guard:
            now = self.clock()
            start = now - self.window_s
            if self.swept_at is None or self.swept_at <= start:
                self.log = {name: times for name, times in self.log.items() if times[-1] > start}
                self.swept_at = now
            times = self.log.pop(who, [])
            del times[: bisect_right(times, start)]
            if len(times) < self.calls:
                times.append(now)
                self.log[who] = times
                return
            self.log[who] = times
            raise RateLimited(times[0] - start)


def rate_limit(calls, window_s, *, user, clock=time.perf_counter):
    def decorator(function):
        gate = Gate(calls, window_s, clock)
        if asyncio.iscoroutinefunction(function) or inspect.iscoroutinefunction(function):

            async def wrapper(*args, **kwargs):
                gate(user(*args, **kwargs))
                return await function(*args, **kwargs)
        else:

            def wrapper(*args, **kwargs):
                gate(user(*args, **kwargs))
                return function(*args, **kwargs)

        return functools.update_wrapper(wrapper, function)

    return decorator
