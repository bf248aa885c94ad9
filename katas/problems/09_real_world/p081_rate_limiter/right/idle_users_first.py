"""Users in the order of their last call; those in front have been idle longest. One closure holds it all."""

import time
from collections import OrderedDict, deque
from functools import wraps
from inspect import iscoroutinefunction
from threading import Condition


class RateLimited(Exception):
    def __init__(self, retry_after_s):
        self.retry_after_s = retry_after_s


def rate_limit(calls, window_s, *, user, clock=None):
    clock = clock or time.monotonic

    def decorator(function):
        users = OrderedDict()
        lock = Condition()

        def check(args, kwargs):
            name = user(*args, **kwargs)
            lock.acquire()
            try:
                now = clock()
                while users:
                    idle, last = next(iter(users.items()))
                    if last[-1] + window_s > now:
                        break
                    del users[idle]
                times = users.get(name)
                if times is None:
                    times = users[name] = deque(maxlen=calls)
                if len(times) == calls and now < times[0] + window_s:
                    raise RateLimited(times[0] + window_s - now)
                times.append(now)  # pushes out the oldest one
                users.move_to_end(name)
            finally:
                lock.release()

        @wraps(function)
        def wrapper(*args, **kwargs):
            check(args, kwargs)
            return function(*args, **kwargs)

        @wraps(function)
        async def async_wrapper(*args, **kwargs):
            check(args, kwargs)
            return await function(*args, **kwargs)

        return async_wrapper if iscoroutinefunction(function) else wrapper

    return decorator
