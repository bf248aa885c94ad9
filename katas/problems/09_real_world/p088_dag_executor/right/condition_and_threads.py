"""Counts the needs that are missing; threads take what is ready from a list that a condition guards."""

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    values: dict
    errors: dict
    skipped: list


def find_cycle(tasks, needs):
    """The names on one cycle, [] without one."""
    state = dict.fromkeys(tasks, "new")
    for start in tasks:
        if state[start] != "new":
            continue
        path, todo = [start], [iter(needs.get(start, ()))]
        state[start] = "open"
        while todo:
            source = next(todo[-1], None)
            if source is None:
                state[path.pop()] = "closed"
                todo.pop()
            elif state[source] == "open":
                return path[path.index(source) :]
            elif state[source] == "new":
                state[source] = "open"
                path.append(source)
                todo.append(iter(needs.get(source, ())))
    return []


def run(tasks, needs, *, workers=4, retries=0):
    for name in needs:
        if name not in tasks:
            raise ValueError(f"there is no task {name}")
        for source in needs[name]:
            if source not in tasks:
                raise ValueError(f"there is no task {source}, which {name} needs")
    if cycle := find_cycle(tasks, needs):
        raise ValueError(" <- ".join(map(repr, cycle)))
    wanted_by = {name: [] for name in tasks}
    missing = {name: len(set(needs.get(name, ()))) for name in tasks}
    for name in tasks:
        for source in set(needs.get(name, ())):
            wanted_by[source].append(name)
    ready = [name for name in tasks if missing[name] == 0]
    values, errors, skipped = {}, {}, set()
    left = len(tasks)
    condition = threading.Condition()

    def finish(name):
        nonlocal left
        stack = [name]
        while stack:
            name = stack.pop()
            left -= 1
            for other in wanted_by[name]:
                missing[other] -= 1
                if name not in values:
                    skipped.add(other)
                if missing[other] == 0:
                    (stack if other in skipped else ready).append(other)
        condition.notify_all()

    def serve():
        while True:
            with condition:
                condition.wait_for(lambda: ready or not left)
                if not ready:
                    return
                name = ready.pop()
            value, error = None, None
            for _ in range(1 + retries):
                try:
                    value, error = tasks[name](*(values[source] for source in needs.get(name, ()))), None
                except Exception as problem:
                    error = problem
                else:
                    break
            with condition:
                if error is None:
                    values[name] = value
                else:
                    errors[name] = error
                finish(name)

    threads = [threading.Thread(target=serve) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Report(
        {name: values[name] for name in tasks if name in values},
        {name: errors[name] for name in tasks if name in errors},
        [name for name in tasks if name in skipped],
    )
