"""Hidden test of p085_feature_store."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

work = learner("feature_store")

NO_CLOCK = 1e9  # what the clock says where no call should ask it


def new_store(clock: Callable[[], float] = lambda: NO_CLOCK, **features: dict[str, Any]) -> Any:
    """A store of the learner's with features: name -> what define is called with besides."""
    store = work.FeatureStore(clock=clock)
    for name, options in features.items():
        store.define(name, **options)
    return store


def assert_reads(store: Any, entity: str, at: float | None, **expected: Any) -> None:
    assert_equal(store.read(entity, list(expected), at=at), expected, what="the dict")


def test_only_what_was_known() -> None:
    """1. A read returns the value of the latest moment up to and including `at`, and nothing that came later."""
    store = new_store(age={}, city={})
    store.write("ann", {"age": 30}, at=100)
    assert_reads(store, "ann", 100, age=30)
    assert_reads(store, "ann", 99, age=None)
    assert_reads(store, "ann", 5000.5, age=30)
    store.write("ann", {"age": 31}, at=200)
    for at, age in ((99.5, None), (100, 30), (150, 30), (199, 30), (200, 31), (300, 31)):
        assert_reads(store, "ann", at, age=age)
    store.write("ann", {"city": "Bern"}, at=150)
    store.write("bob", {"age": 5}, at=120)
    assert_reads(store, "ann", 160, age=30, city="Bern")
    assert_reads(store, "bob", 160, age=5, city=None)


def test_late_writes() -> None:
    """1. The order in which writes arrive does not matter."""
    store = new_store(age={})
    store.write("ann", {"age": 31}, at=200)
    store.write("ann", {"age": 30}, at=100)
    for at, age in ((99, None), (100, 30), (199, 30), (200, 31)):
        assert_reads(store, "ann", at, age=age)
    store = new_store(a={}, b={})
    written: list[tuple[str, str, float, int]] = []
    moments = [float(moment) for moment in 1 + rng(1).permutation(12)]
    for i, at in enumerate(moments):
        entity, name = "ann" if rng(20 + i).random() < 0.7 else "bob", "ab"[i % 2]
        store.write(entity, {name: i + 1}, at=at)
        written.append((entity, name, at, i + 1))
    for entity in ("ann", "bob"):
        for moment in (0.5, *range(1, 14)):
            expected: dict[str, Any] = {}
            for name in "ab":
                known = [(at, i) for e, n, at, i in written if (e, n) == (entity, name) and at <= moment]
                expected[name] = max(known)[1] if known else None
            assert_reads(store, entity, moment, **expected)


def test_defaults() -> None:
    """4. The default is returned where nothing was written up to that moment; None, 0, "" and False are values."""
    store = new_store(clicks={"default": 7}, city={"default": "?"}, age={})
    assert_reads(store, "ann", 100, clicks=7)
    store.write("ann", {"city": "Bern"}, at=50)
    assert_reads(store, "ann", 100, clicks=7, city="Bern", age=None)
    assert_reads(store, "ann", 49, clicks=7, city="?", age=None)
    assert_reads(store, "bob", 100, clicks=7, city="?", age=None)
    for value in (None, 0, "", False, []):
        store = new_store(clicks={"default": 7})
        store.write("ann", {"clicks": value}, at=50)
        assert_reads(store, "ann", 50, clicks=value)
        assert_reads(store, "ann", 49, clicks=7)


def test_clock() -> None:
    """3. Where `at` is None, it is what the clock says during the call."""
    now = [100]
    store = new_store(clock=lambda: now[0], age={})
    store.write("ann", {"age": 30})
    assert_reads(store, "ann", 100, age=30)
    assert_reads(store, "ann", 99, age=None)
    now[0] = 200
    store.write("ann", {"age": 31})
    assert_reads(store, "ann", 199, age=30)
    store.write("ann", {"age": 32}, at=300)
    assert_reads(store, "ann", None, age=31)
    assert_equal(store.read("ann", ["age"]), {"age": 31}, what="the dict")
    before = time.time()
    store = work.FeatureStore()
    store.define("age")
    store.write("ann", {"age": 30})
    assert_reads(store, "ann", before - 1, age=None)
    assert_reads(store, "ann", time.time() + 1, age=30)


def test_expiry() -> None:
    """5. A value more than ttl seconds old, at the moment of reading, gives way to the default; at ttl it holds."""
    store = new_store(clicks={"default": 0, "ttl": 60}, age={}, city={"default": "?", "ttl": 100})
    store.write("ann", {"clicks": 7, "age": 30, "city": "Bern"}, at=100)
    for at, clicks in ((159, 7), (160, 7), (160.5, 0), (1000, 0)):
        assert_reads(store, "ann", at, clicks=clicks)
    with calling('store.read("ann", ["clicks"], at=1000), then the same at=100'):
        assert_reads(store, "ann", 100, clicks=7)
    assert_reads(store, "ann", 180, clicks=0, age=30, city="Bern")
    assert_reads(store, "ann", 1e8, clicks=0, age=30, city="?")
    store.write("ann", {"clicks": 9}, at=130)
    for at, clicks in ((129, 7), (161, 9), (190, 9), (191, 0)):
        assert_reads(store, "ann", at, clicks=clicks)
    now = [500]
    store = new_store(clock=lambda: now[0], clicks={"default": 0, "ttl": 60})
    store.write("ann", {"clicks": 7}, at=450)
    assert_reads(store, "ann", None, clicks=7)
    now[0] = 511
    assert_reads(store, "ann", None, clicks=0)
    assert_reads(store, "ann", 505, clicks=7)


def test_batch() -> None:
    """6. read_batch returns one dict for each row, in the order of the rows, equal ones included."""
    store = new_store(age={}, clicks={"default": 0, "ttl": 60})
    assert_equal(store.read_batch([("ann", 100)], ["age"]), [{"age": None}])
    store.write("ann", {"age": 30, "clicks": 7}, at=100)
    store.write("ann", {"age": 31}, at=200)
    store.write("bob", {"age": 5}, at=100)
    rows = [("bob", 150), ("ann", 250), ("ann", 150), ("cy", 150), ("bob", 99), ("bob", 150)]
    expected = [
        {"age": 5, "clicks": 0},
        {"age": 31, "clicks": 0},
        {"age": 30, "clicks": 7},
        {"age": None, "clicks": 0},
        {"age": None, "clicks": 0},
        {"age": 5, "clicks": 0},
    ]
    assert_equal(store.read_batch(list(rows), ["age", "clicks"]), expected)
    assert_equal(store.read_batch(rows[::-1], ["clicks"]), [{"clicks": row["clicks"]} for row in expected[::-1]])
    assert_equal(store.read_batch([], ["age"]), [])
    with calling('store.read_batch([("ann", 150), ("ann", 150)], ["age"])'):
        first, second = store.read_batch([("ann", 150), ("ann", 150)], ["age"])
        require(first is not second, "each row needs a dict of its own, equal ones too", got=Shown("one dict twice"))


def test_nothing_leaks() -> None:
    """7. What the caller later does to a value changes nothing in the store or in another result."""
    with calling("write a list, append to it, read"):
        store, written = new_store(tags={}), ["new"]
        store.write("ann", {"tags": written}, at=100)
        written.append("changed")
        assert_reads(store, "ann", 100, tags=["new"])
    with calling("read a list, append to it, read again"):
        store.read("ann", ["tags"], at=100)["tags"].append("changed")
        assert_reads(store, "ann", 100, tags=["new"])
    with calling("define with the default [], append to a default that was read, read another entity"):
        store = new_store(tags={"default": []})
        store.read("ann", ["tags"], at=100)["tags"].append("changed")
        assert_reads(store, "bob", 100, tags=[])
    with calling("define with a list as the default, append to that list, read"):
        default = ["none"]
        store = new_store(tags={"default": default})
        default.append("changed")
        assert_reads(store, "ann", 100, tags=["none"])
    with calling("read_batch, append to a value of the first row, look at the second row"):
        for rows in ([("ann", 100), ("bob", 100)], [("ann", 200), ("ann", 200)]):
            store = new_store(tags={"default": []})
            store.write("ann", {"tags": []}, at=150)
            first, second = store.read_batch(rows, ["tags"])
            first["tags"].append("changed")
            assert_equal(second, {"tags": []}, what="the second row")
    with calling("change the dict of values after write, and the dict that read returns"):
        store, values = new_store(a={}, b={}), {"a": 1, "b": 2}
        store.write("ann", values, at=100)
        assert_equal(values, {"a": 1, "b": 2}, what="the dict of values after write")
        values["a"] = 10
        values.pop("b")
        store.read("ann", ["a", "b"], at=100)["a"] = 20
        assert_reads(store, "ann", 100, a=1, b=2)


edges()


def test_values_inside_values() -> None:
    """7. A list inside a dict inside a value cannot be changed from outside either."""
    with calling('write {"profile": {"pages": [1]}}, append 2 to the inner list, read'):
        store, inner = new_store(profile={}), [1]
        store.write("ann", {"profile": {"pages": inner}}, at=100)
        inner.append(2)
        assert_reads(store, "ann", 100, profile={"pages": [1]})
    with calling("read, change the inner list of what came back, read again"):
        store.read("ann", ["profile"], at=100)["profile"]["pages"].append(2)
        assert_reads(store, "ann", 100, profile={"pages": [1]})
    store = new_store(profile={"default": {7: (1, "a")}})
    assert_reads(store, "ann", 100, profile={7: (1, "a")})
    store.write("ann", {"profile": {8: [2.5]}}, at=150)
    assert_reads(store, "ann", 150, profile={8: [2.5]})
    with calling("define with a nested default, change an inner list that was read or defined, read"):
        default: dict[str, list[int]] = {"pages": []}
        store = new_store(profile={"default": default})
        store.read("ann", ["profile"], at=100)["profile"]["pages"].append(2)
        assert_reads(store, "ann", 100, profile={"pages": []})
        default["pages"].append(2)
        assert_reads(store, "ann", 100, profile={"pages": []})


def test_same_moment() -> None:
    """2. Of two writes for the same moment, the one that came last counts."""
    store = new_store(age={})
    store.write("ann", {"age": 30}, at=100)
    store.write("ann", {"age": 29}, at=100)
    assert_reads(store, "ann", 100, age=29)
    store.write("ann", {"age": 31}, at=200)
    store.write("ann", {"age": 28}, at=100.0)
    assert_reads(store, "ann", 150, age=28)
    assert_reads(store, "ann", 200, age=31)
    store.write("ann", {"age": "old"}, at=100)  # numbers and texts have no order between them
    store.write("ann", {"age": None}, at=100)
    assert_reads(store, "ann", 150, age=None)


def test_moment_zero() -> None:
    """3. Any number is a moment: 0 and numbers below it too."""
    store = new_store(clock=lambda: 50, age={})
    store.write("ann", {"age": 30}, at=0)
    assert_reads(store, "ann", 10, age=30)
    store.write("ann", {"age": 31}, at=20)
    assert_reads(store, "ann", 0, age=30)
    assert_equal(store.read_batch([("ann", 0), ("ann", 0.0)], ["age"]), [{"age": 30}, {"age": 30}])
    store.write("ann", {"age": 29}, at=-5)
    assert_reads(store, "ann", -1, age=29)
    assert_reads(store, "ann", -6, age=None)


def test_batch_has_one_present() -> None:
    """3. read_batch takes one present moment for all its rows, however the clock goes on meanwhile."""
    store = new_store(clock=lambda: 200, age={})
    store.write("ann", {"age": 30}, at=100)
    store.write("ann", {"age": 31}, at=150)
    assert_equal(store.read_batch([("ann", None), ("ann", 100)], ["age"]), [{"age": 31}, {"age": 30}])
    ticks = iter(range(100, 1000, 10))
    with calling('store.read_batch([("ann", None)] * 4, ["clicks"]) with a clock that goes on by 10 when it is asked'):
        store = new_store(clock=lambda: next(ticks), clicks={"default": 0, "ttl": 25})
        store.write("ann", {"clicks": 7}, at=90)
        assert_equal(store.read_batch([("ann", None)] * 4, ["clicks"]), [{"clicks": 7}] * 4, what="read_batch")


def test_undefined_names() -> None:
    """9. KeyError for a name that is not defined; a write with such a name stores nothing."""
    store = new_store(age={})
    assert_raises(KeyError, store.read, "ann", ["city"], at=100)
    assert_raises(KeyError, store.read, "ann", ["age", "city"], at=100)
    assert_raises(KeyError, store.read_batch, [("ann", 100)], ["age", "city"])
    for values in ({"city": "Bern"}, {"age": 30, "city": "Bern"}, {"city": "Bern", "age": 30}):
        assert_raises(KeyError, store.write, "ann", dict(values), at=100)
        assert_reads(store, "ann", 100, age=None)
    assert_raises(KeyError, store.read, "ann", ["city"], at=100)


def test_bad_ttl() -> None:
    """10. ValueError for a ttl of 0 or below."""
    store = new_store()
    for ttl in (0, -1, 0.0, -0.5):
        assert_raises(ValueError, store.define, "clicks", ttl=ttl)
    store.define("clicks", default=0, ttl=0.25)
    store.write("ann", {"clicks": 7}, at=100)
    assert_reads(store, "ann", 100.25, clicks=7)
    assert_reads(store, "ann", 100.5, clicks=0)


# --- threads -----------------------------------------------------------------------------------------------------
# No race is left to luck. Names tell when the store looks them up in a dict, and rows when it goes on to the next one:
# there the call is held up, and a second thread makes its own. Where the store has a lock, that one waits for it.

PATIENCE_S = 0.02  # a hundred times what the other thread's call takes
LIMIT_S = 10.0
at_lookup: list[Callable[[], None]] = []


class Name(str):
    def __hash__(self) -> int:
        for step_in in at_lookup:
            step_in()
        return super().__hash__()


class Rows(list[Any]):
    """Rows of a batch that tell when the store goes on to the next one."""

    def __iter__(self) -> Iterator[Any]:
        for row in super().__iter__():
            for step_in in at_lookup:
                step_in()
            yield row


A, B = Name("a"), Name("b")
BATCH = Rows([("ann", 100), ("ann", 100)])


@contextmanager
def meanwhile(other: Callable[[], object], n_lookups: int) -> Iterator[list[bool]]:
    """Have another thread call `other` at the n-th lookup of the block; yields a list that is filled when it has.

    The thread has ended when the block has.
    """
    thread, has_begun, errors = threading.current_thread(), threading.Event(), list[BaseException]()
    others: list[threading.Thread] = []
    seen: list[bool] = []

    def run() -> None:
        has_begun.set()
        try:
            other()
        except BaseException as error:  # it is told by the thread that checks
            errors.append(error)

    def step_in() -> None:
        if threading.current_thread() is not thread:
            return
        seen.append(True)
        if len(seen) == n_lookups:
            others.append(threading.Thread(target=run, daemon=True))
            others[0].start()
            has_begun.wait(LIMIT_S)
            others[0].join(PATIENCE_S)  # longer only where it waits for a lock that is ours

    at_lookup.append(step_in)
    stepped_in: list[bool] = []
    try:
        yield stepped_in
    finally:
        at_lookup.clear()
    if others:
        others[0].join(LIMIT_S)
        require(not others[0].is_alive(), f"the other thread still waits after {LIMIT_S:g} s; is a lock kept?")
        stepped_in.append(True)
    if errors:
        fail(f"the other thread's call raised {type(errors[0]).__name__}: {errors[0]}")


def interleaved(first: Callable[[Any], Any], other: Callable[[Any], Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Yield (store, what first returned, what other returned) for each moment at which other can step in."""
    for n_lookups in range(1, 20):
        store = work.FeatureStore(clock=lambda: NO_CLOCK)
        store.define(A)
        store.define(B)
        returned: list[Any] = []
        with meanwhile(lambda store=store, returned=returned: returned.append(other(store)), n_lookups) as stepped_in:
            got = first(store)
        if not stepped_in:
            return
        yield store, got, returned[0]


def put(value: int, at: float) -> Callable[[Any], Any]:
    return lambda store: store.write("ann", {A: value, B: value}, at=at)


def get(store: Any) -> Any:
    return store.read("ann", [A, B], at=100)


def assert_whole(row: Any, when: str) -> None:
    whole = [{"a": None, "b": None}, {"a": 1, "b": 1}]
    if row not in whole:
        fail(f"{when} sees half of a write", got=row, expected=Shown(" or ".join(map(str, whole))))


def test_threads() -> None:
    """8. Every read, a batch too, sees another thread's write as a whole or not at all, and no write is lost."""
    with calling('store.write("ann", {"a": 1, "b": 1}, at=100), and in another thread store.read("ann", ["a", "b"])'):
        for _, _, row in interleaved(put(1, at=100), get):
            assert_whole(row, "a read while the write is under way")
    with calling('store.read("ann", ["a", "b"]), and in another thread store.write("ann", {"a": 1, "b": 1}, at=100)'):
        for _, row, _ in interleaved(get, put(1, at=100)):
            assert_whole(row, "the read")
    with calling("store.write of a = b = 1 at 100, and in another thread of a = b = 2 at 200, then reads at both"):
        for store, _, _ in interleaved(put(1, at=100), put(2, at=200)):
            for value, at in ((1, 100), (2, 200)):
                assert_equal(store.read("ann", [A, B], at=at), {"a": value, "b": value}, what=f"the read at {at}")
    with calling('store.read_batch([("ann", 100), ("ann", 100)], ["a", "b"]), and in another thread store.write'):
        for _, rows, _ in interleaved(lambda store: store.read_batch(BATCH, [A, B]), put(1, at=100)):
            for row in rows:
                assert_whole(row, "the batch")
            message = "one row of the batch sees the write, the other does not"
            require(rows[0] == rows[1], message, got=rows, expected=Shown("two equal rows"))
