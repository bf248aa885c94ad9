"""Hidden test of p088_dag_executor."""

import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from kata_runner.checking import (
    Shown,
    assert_equal,
    assert_raises,
    calling,
    edges,
    fail,
    learner,
    require,
    rng,
)

work = learner("dag_executor")

PATIENCE_S = 4.0  # what waits for another task takes a millisecond when that task runs
GIVE_UP_S = 15.0  # no run of these takes half a second


class Log:
    """Which tasks are called, with what, in the order of the calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def task(self, name: str, value: Any = None) -> Callable[..., Any]:
        """A task that returns `value`, or raises it where it is an exception."""

        def call(*args: Any) -> Any:
            self.calls.append((name, args))
            if isinstance(value, Exception):
                raise value
            return value

        call.__name__ = name
        return call

    def tasks(self, names: str) -> dict[str, Callable[..., Any]]:
        return {name: self.task(name, name.upper()) for name in names.split()}

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


def run(tasks: Mapping[str, Any], needs: Mapping[str, Sequence[str]], **options: Any) -> Any:
    """Call the learner's run in a thread, which can be given up where workers wait for one another forever."""
    ended: list[tuple[Any, BaseException | None]] = []

    def call() -> None:
        try:
            ended.append((work.run(tasks, needs, **options), None))
        except BaseException as error:  # it belongs to the check
            ended.append((None, error))

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(GIVE_UP_S)
    if not ended:
        fail(f"run has not returned after {GIVE_UP_S:g} s; what does it wait for?")
    report, error = ended[0]
    if error is not None:
        raise error
    return report


def report_of(tasks: Mapping[str, Any], needs: Mapping[str, Sequence[str]], **options: Any) -> Any:
    report = run(tasks, needs, **options)
    is_report = all(hasattr(report, name) for name in ("values", "errors", "skipped"))
    require(is_report, "run has to return a Report, with values, errors and skipped", got=report)
    return report


def values_of(tasks: Mapping[str, Any], needs: Mapping[str, Sequence[str]], **options: Any) -> dict[str, Any]:
    """The values of a run in which no task fails."""
    report = report_of(tasks, needs, **options)
    assert_equal(dict(report.errors), {}, what="errors")
    return dict(report.values)


def test_values_are_passed_on() -> None:
    """1. Each task is called with the values of what it needs, in that order, once these are done."""
    assert_equal(values_of({"a": lambda: 7}, {}), {"a": 7}, what="values")
    for names, needs in (
        ("load sort", {"sort": ["load"]}),
        ("load sort plot", {"sort": ["load"], "plot": ["sort", "load"]}),
        ("plot sort load", {"plot": ("load", "sort"), "sort": ("load",)}),  # what is needed may stand below
    ):
        log = Log()
        tasks = log.tasks(names)
        expected = {name: tuple(need.upper() for need in needs.get(name, ())) for name in tasks}
        values_of(tasks, needs)
        assert_equal(dict(log.calls), expected, what="the arguments of the calls")


def test_any_graph() -> None:
    """1. The values are right in any graph: here every task adds up what it is called with."""
    for size in (6, 30, 120):
        draw = rng(size)
        order = [f"t{i}" for i in range(size)]
        needs: dict[str, list[str]] = {}
        expected: dict[str, int] = {}
        for i, name in enumerate(order):
            n_needs = min(i, int(draw.integers(0, 5)))
            needs[name] = [order[j] for j in draw.choice(i, n_needs, replace=False)] if n_needs else []
            expected[name] = (i + 1 + sum((k + 2) * expected[need] for k, need in enumerate(needs[name]))) % 100_003
        add: dict[str, Callable[..., int]] = {
            name: lambda *args, i=i: (i + 1 + sum((k + 2) * arg for k, arg in enumerate(args))) % 100_003
            for i, name in enumerate(order)
        }
        tasks = {name: add[name] for name in draw.permutation(order).tolist()}
        assert_equal(values_of(tasks, needs), expected, what="values")


def test_each_task_once() -> None:
    """2. A task that several others need is called once."""
    log = Log()
    values_of(log.tasks("top left right bottom"), {"left": ["top"], "right": ["top"], "bottom": ["left", "right"]})
    assert_equal(sorted(log.names), ["bottom", "left", "right", "top"], what="the tasks that are called")
    log = Log()
    names = [f"t{i}" for i in range(40)]
    values_of(log.tasks(" ".join(names)), {name: names[max(0, i - 6) : i] for i, name in enumerate(names)})
    assert_equal(log.names, names, what="the tasks that are called, of 40 that need the six before")


class Meeting:
    """Tasks that wait for one another. late: those that waited in vain."""

    def __init__(self) -> None:
        self.late: list[str] = []
        self._events: dict[str, threading.Event] = {}

    def event(self, name: str) -> threading.Event:
        return self._events.setdefault(name, threading.Event())

    def task(self, name: str, waits_for: Sequence[str] = ()) -> Callable[..., str]:
        """A task that, once it is called, waits until the tasks `waits_for` have been called."""

        def call(*_: Any) -> str:
            self.event(name).set()
            for other in waits_for:
                if not self.late and not self.event(other).wait(PATIENCE_S):
                    self.late.append(f"{name} waited for {other}")
            return name

        call.__name__ = name
        return call

    def require_all(self, message: str) -> None:
        require(not self.late, message, got=Shown(", ".join(self.late)))


def test_independent_tasks_run_together() -> None:
    """3. Independent tasks run at the same time: each is called while the others are not done yet."""
    for names, workers in (("ab", 2), ("abcd", 4), ("abcdefg", 7)):
        meeting = Meeting()
        tasks = {name: meeting.task(name, names.replace(name, "")) for name in names}
        with calling(f"run(tasks, {{}}, workers={workers}), where each of {len(names)} tasks waits for the others"):
            values = values_of(tasks, {}, workers=workers)
            meeting.require_all("tasks that need nothing of each other do not run at the same time")
            assert_equal(values, {name: name for name in names}, what="values")
    # Four workers by default; the two in the middle of a diamond.
    meeting = Meeting()
    tasks = {
        "top": meeting.task("top"),
        "left": meeting.task("left", ["right"]),
        "right": meeting.task("right", ["left"]),
    }
    with calling("run of top, left and right, where left and right need top, and wait for each other"):
        values_of(tasks, {"left": ["top"], "right": ["top"]})
        meeting.require_all("tasks that need nothing of each other do not run at the same time")


def test_no_more_than_workers() -> None:
    """3. At most `workers` tasks run at the same time."""
    for workers, n_tasks in ((1, 3), (2, 6), (3, 8)):
        door = threading.Barrier(workers + 1)  # opens when one task too many is there
        together: list[int] = []

        def call(door: threading.Barrier = door, together: list[int] = together) -> int:
            try:
                together.append(door.wait(0.05))  # once it has been waited for in vain, it is broken for all
            except threading.BrokenBarrierError:
                return 0
            return 1

        tasks = {f"t{i}": call for i in range(n_tasks)}
        with calling(f"run of {n_tasks} independent tasks, workers={workers}"):
            values_of(tasks, {}, workers=workers)
            too_many = f"{workers + 1} tasks run at the same time, with workers={workers}"
            require(not together, too_many, expected=Shown(f"at most {workers}"))


def test_no_levels() -> None:
    """4. A task starts as soon as its needs are done and a worker is free; it waits for no other task."""
    meeting = Meeting()
    tasks = {"slow": meeting.task("slow", ["second"]), "first": meeting.task("first"), "second": meeting.task("second")}
    with calling("run of first, second that needs it, and slow that needs nothing and is done after second"):
        values_of(tasks, {"second": ["first"]}, workers=2)
        meeting.require_all("a task whose needs are done was not started while an unrelated task was running")
    meeting = Meeting()
    chain = [f"t{i}" for i in range(6)]
    tasks = {"slow": meeting.task("slow", ["t5"]), **{name: meeting.task(name) for name in chain}}
    with calling("run of a chain t0 … t5, and slow that needs nothing and is done after t5"):
        values_of(tasks, {name: [before] for before, name in pairwise(chain)})
        meeting.require_all("a task whose needs are done was not started while an unrelated task was running")
    # Of two needs, the one that ends last decides, whichever it is.
    for last in ("left", "right"):
        meeting = Meeting()
        other = "right" if last == "left" else "left"
        tasks = {name: meeting.task(name) for name in ("left", "right", "both", "after")}
        tasks[last] = meeting.task(last, ["after"])
        with calling(f"run of left, right, both that needs these, and after that needs {other}; {last} ends late"):
            values_of(tasks, {"both": ["left", "right"], "after": [other]}, workers=2)
            meeting.require_all("a task whose needs are done was not started while an unrelated task was running")


def test_no_worker_waits() -> None:
    """4. A worker is not occupied by a task that still waits for its needs."""
    meeting = Meeting()
    tasks = {name: meeting.task(name) for name in ("slow", "then", "free")}
    tasks["slow"] = meeting.task("slow", ["free"])
    with calling("run of slow, then that needs slow, and free that needs nothing, workers=2; slow waits for free"):
        values_of(tasks, {"then": ["slow"]}, workers=2)
        meeting.require_all("a task that needs nothing was not started although only one of two workers was busy")
    meeting = Meeting()
    tasks = {name: meeting.task(name) for name in ("t2", "t1", "t0", "free")}
    tasks["t0"] = meeting.task("t0", ["free"])
    with calling("run of t2 that needs t1, t1 that needs t0, t0 and free, workers=2; t0 waits for free"):
        values_of(tasks, {"t2": ["t1"], "t1": ["t0"]}, workers=2)
        meeting.require_all("a task that needs nothing was not started although only one of two workers was busy")


def test_only_what_needs_a_failed_task_is_skipped() -> None:
    """5. A failure skips what needs it, directly or through others; everything else runs."""
    log = Log()
    tasks = {"load": log.task("load", OSError("gone")), "sort": log.task("sort"), "other": log.task("other", 5)}
    report = report_of(tasks, {"sort": ["load"]})
    assert_equal(sorted(set(log.names)), ["load", "other"], what="the tasks that are called")
    assert_equal(dict(report.values), {"other": 5}, what="values")
    assert_equal(list(report.errors), ["load"], what="the names in errors")
    assert_equal(list(report.skipped), ["sort"], what="skipped")
    # a fails; b and c need it, d needs b and e; f needs e alone and g needs f.
    log = Log()
    tasks = {**log.tasks("e b c d f g"), "a": log.task("a", ValueError("no"))}
    report = report_of(tasks, {"b": ["a"], "c": ["e", "a"], "d": ["b", "e"], "f": ["e"], "g": ["f"]})
    assert_equal(sorted(set(log.names)), ["a", "e", "f", "g"], what="the tasks that are called")
    assert_equal(sorted(report.values), ["e", "f", "g"], what="the names in values")
    assert_equal(sorted(report.skipped), ["b", "c", "d"], what="skipped")
    # A failure late in the run, with one worker: what does not need it still runs.
    log = Log()
    tasks = {**log.tasks("a b"), "c": log.task("c", KeyError("no")), **log.tasks("d e")}
    report = report_of(tasks, {"b": ["a"], "c": ["b"], "d": ["c"], "e": ["b"]}, workers=1)
    assert_equal(sorted(set(log.names)), ["a", "b", "c", "e"], what="the tasks that are called")
    assert_equal(list(report.skipped), ["d"], what="skipped")


class Flaky:
    """A task that raises so many times before it returns "ok"."""

    def __init__(self, n_failures: int) -> None:
        self.n_failures = n_failures
        self.calls: list[tuple[Any, ...]] = []
        self.raised: list[Exception] = []

    def __repr__(self) -> str:
        return f"fails_{self.n_failures}_times"

    def __call__(self, *args: Any) -> str:
        self.calls.append(args)
        if len(self.calls) <= self.n_failures:
            self.raised.append(TimeoutError(f"call {len(self.calls)}"))
            raise self.raised[-1]
        return "ok"


def test_a_task_is_tried_again() -> None:
    """6. A task that raises is called again, up to `retries` times, until it returns."""
    for n_failures, retries, is_done in ((1, 1, True), (1, 0, False), (2, 1, False), (2, 3, True), (0, 3, True)):
        flaky = Flaky(n_failures)
        report = report_of({"load": flaky}, {}, retries=retries)
        n_calls = min(n_failures, retries) + 1
        assert_equal(len(flaky.calls), n_calls, what=f"the number of calls of a task that fails {n_failures} times")
        assert_equal(dict(report.values), {"load": "ok"} if is_done else {}, what="values")
        assert_equal(list(report.errors), [] if is_done else ["load"], what="the names in errors")
    # What it needs is not called again, and what needs it is called when it has returned.
    log, flaky = Log(), Flaky(2)
    tasks = {"load": log.task("load", 3), "train": flaky, "plot": log.task("plot", 4)}
    report = report_of(tasks, {"train": ["load"], "plot": ["train", "load"]}, retries=2)
    assert_equal(log.calls, [("load", ()), ("plot", ("ok", 3))], what="the calls of the other tasks")
    assert_equal(flaky.calls, [(3,)] * 3, what="the arguments of the calls of the task that fails 2 times")
    # Each task has its own retries.
    tasks = {name: Flaky(2) for name in "abc"}
    report = report_of(tasks, {"b": ["a"], "c": ["b"]}, retries=2)
    assert_equal(dict(report.values), dict.fromkeys("abc", "ok"), what="values")


def test_the_report() -> None:
    """7. values, errors and skipped name each task once, in the order of `tasks`."""
    log = Log()
    tasks = {
        "plot": log.task("plot", 1),
        "d": log.task("d", ValueError("d")),
        "test": log.task("test", 2),
        "b": log.task("b", ValueError("b")),
        "after b": log.task("after b"),
        "load": log.task("load", 3),
        "after d": log.task("after d"),
    }
    needs = {"plot": ["test"], "test": ["load"], "d": ["b2"], "after b": ["b"], "after d": ["d", "after b"]}
    tasks["b2"] = log.task("b2", 4)
    report = report_of(tasks, needs)
    assert_equal(list(report.values.items()), [("plot", 1), ("test", 2), ("load", 3), ("b2", 4)], what="values")
    assert_equal(list(report.errors), ["d", "b"], what="the names in errors")
    assert_equal(list(report.skipped), ["after b", "after d"], what="skipped")
    flaky = Flaky(9)
    report = report_of({"load": flaky}, {}, retries=2)
    error = report.errors.get("load")
    is_last = error is flaky.raised[-1]
    require(is_last, "errors holds another object than the exception of the last call", got=error, expected="call 3")


def test_a_cycle_is_named() -> None:
    """10. A cycle raises ValueError, which names its tasks and no others, before any task is called."""
    outside = "download archive monitor"
    for cycle, more in (
        (["clean", "train"], {}),
        (["clean", "train", "evaluate"], {"clean": ["download"], "monitor": ["evaluate"], "archive": ["download"]}),
        (["train"], {"train": ["download"], "monitor": ["train"]}),
    ):
        needs = {name: [cycle[i - 1]] for i, name in enumerate(cycle)}
        needs = {name: [*more.get(name, ()), *needs.get(name, ())] for name in {**more, **needs}}
        log = Log()
        tasks = log.tasks(f"{outside} {' '.join(cycle)}")
        error = assert_raises(ValueError, run, tasks, needs, mentions=cycle)
        for name in outside.split():
            is_clear = name not in str(error)
            require(is_clear, f"the message names {name}, which is on no cycle", got=Shown(str(error)))
        assert_equal(log.names, [], what="the tasks that are called before the error")


edges()


def test_a_need_that_is_no_task() -> None:
    """11. A name in `needs` that is no task raises ValueError, which names it, before any task is called."""
    for needs, unknown in (
        ({"train": ["laod"]}, "laod"),
        ({"train": ["load", "clean"]}, "clean"),
        ({"train": ["load"], "plto": ["train"]}, "plto"),
        ({"report": []}, "report"),
    ):
        log = Log()
        assert_raises(ValueError, run, log.tasks("load train"), needs, mentions=unknown)
        assert_equal(log.names, [], what="the tasks that are called before the error")


def test_any_value_is_a_value() -> None:
    """1. Any value is passed on, also None, False and an exception that is returned; a need may stand twice."""
    log = Log()
    values_of({"x": log.task("x", 3), "square": log.task("square", 9)}, {"square": ["x", "x"]})
    assert_equal(log.calls[-1], ("square", (3, 3)), what="the call with a need that stands twice")
    log = Log()
    returned = ValueError("returned, not raised")
    tasks = {"a": log.task("a"), "b": log.task("b", False), "c": lambda: returned, "d": log.task("d", 0)}
    values = values_of({**tasks, "all": log.task("all", "done")}, {"all": list("abcd"), "d": ["a"]})
    assert_equal(log.calls[-1][0], "all", what="the last task that is called")
    got = log.calls[-1][1]
    require(got[2] is returned, "another value than the one returned was passed on", got=got[2])
    assert_equal(got[:2] + got[3:], (None, False, 0), what="what is passed on of a, b and d")
    assert_equal(sorted(values), ["a", "all", "b", "c", "d"], what="the names in values")
    assert_equal(values_of({}, {}), {}, what="values without tasks")


def test_failures_meet() -> None:
    """5. What needs two failed tasks, or a skipped one besides, is skipped once, and nothing hangs."""
    log = Log()
    tasks: dict[str, Any] = {name: log.task(name, ValueError(name)) for name in "ab"}
    report = report_of({**tasks, **log.tasks("c d e")}, {"c": ["a", "b"], "d": ["c", "a"], "e": ["d", "c", "b"]})
    assert_equal(list(report.skipped), ["c", "d", "e"], what="skipped")
    assert_equal(sorted(set(log.names)), ["a", "b"], what="the tasks that are called")
    # A need that is done late does not revive what is skipped.
    meeting = Meeting()
    log = Log()
    tasks = {
        "fails": log.task("fails", ValueError("no")),
        "slow": meeting.task("slow", ["seen"]),
        "both": log.task("both"),
    }
    tasks |= {"seen": meeting.task("seen")}
    report = report_of(tasks, {"both": ["fails", "slow"]})
    assert_equal(sorted(set(log.names)), ["fails"], what="the tasks that are called, of fails and both")
    assert_equal(list(report.skipped), ["both"], what="skipped")


def chain(n: int) -> tuple[dict[str, Any], dict[str, list[str]]]:
    names = [f"t{i}" for i in range(n)]
    tasks: dict[str, Any] = {name: lambda value=0: value + 1 for name in names}
    return tasks, {name: [before] for before, name in pairwise(names)}


def test_a_long_chain() -> None:
    """8. A chain of 2,000 tasks runs, is refused where it is a ring, and is skipped where its first task fails."""
    n = 2000
    tasks, needs = chain(n)
    with calling(f"run of a chain of {n:,} tasks, each of which adds 1"):
        report = report_of(tasks, needs)
        assert_equal(report.values.get(f"t{n - 1}"), n, what="the last value")
    # The same given from its end, and the first of it fails.
    backward = {name: tasks[name] for name in reversed(tasks)}
    with calling(f"run of a chain of {n:,} tasks, the first of which fails"):
        report = report_of({**backward, "t0": lambda: 1 / 0}, needs)
        assert_equal(len(report.skipped), n - 1, what="the number of tasks that are skipped")
    with calling(f"run of a ring of {n:,} tasks"):
        assert_raises(ValueError, run, backward, {**needs, "t0": [f"t{n - 1}"]})


def test_threads_end() -> None:
    """9. When `run` returns, its threads have ended."""
    for workers in (1, 4):
        for fails in (False, True):
            before = set(threading.enumerate())
            log = Log()
            tasks = {**log.tasks("a b c d"), "e": log.task("e", ValueError("no") if fails else 1)}
            report_of(tasks, {"b": ["a"], "d": ["c"]}, workers=workers)
            left = [thread.name for thread in threading.enumerate() if thread not in before]
            require(not left, f"threads that are left when run has returned: {len(left)}", got=left)
