"""Waits for the first of the futures that run."""

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Report:
    values: dict[str, Any]
    errors: dict[str, Exception]
    skipped: list[str]


def attempt(function, args, retries):
    while True:
        try:
            return function(*args)
        except Exception:
            if retries == 0:
                raise
            retries -= 1


def check(tasks, needs):
    unknown = {*needs, *(source for sources in needs.values() for source in sources)} - {*tasks}
    if unknown:
        raise ValueError("no such task: " + ", ".join(sorted(unknown)))
    rest = {name: set(needs.get(name, ())) for name in tasks}
    free = [name for name in rest if not rest[name]]
    users = {name: [] for name in tasks}
    for name, sources in rest.items():
        for source in sources:
            users[source].append(name)
    while free:
        source = free.pop()
        del rest[source]
        for name in users[source]:
            rest[name].discard(source)
            if not rest[name]:
                free.append(name)
    if rest:  # walking along what is needed stays inside, and comes to a cycle
        seen, name = [], next(iter(rest))
        places = {}
        while name not in places:
            places[name] = len(seen)
            seen.append(name)
            name = min(rest[name])
        raise ValueError(f"a cycle: {seen[places[name] :]}")


def run(tasks, needs, *, workers=4, retries=0):
    check(tasks, needs)
    values, errors, skipped = {}, {}, set()
    users = {name: [] for name in tasks}
    for name, sources in needs.items():
        for source in sources:
            users[source].append(name)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        running = {}
        ask = [*tasks]
        while ask or running:
            for name in ask:
                sources = needs.get(name, ())
                if name not in skipped and name not in running.values() and all(s in values for s in sources):
                    running[pool.submit(attempt, tasks[name], [values[s] for s in sources], retries)] = name
            ask = []
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                if error := future.exception():
                    errors[name] = error
                    stack = [*users[name]]
                    while stack:
                        other = stack.pop()
                        if other not in skipped:
                            skipped.add(other)
                            stack.extend(users[other])
                else:
                    values[name] = future.result()
                    ask.extend(dict.fromkeys(users[name]))
    return Report(
        {name: values[name] for name in tasks if name in values},
        {name: errors[name] for name in tasks if name in errors},
        [name for name in tasks if name in skipped],
    )
