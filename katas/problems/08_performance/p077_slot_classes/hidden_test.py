"""Hidden test of p077_slot_classes."""

import copy
import pickle
import tracemalloc
import weakref
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType
from typing import Any

from kata_runner.checking import (
    assert_close,
    assert_equal,
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

work = learner("slotted_boxes")

BOX = ("x1", "y1", "x2", "y2")
DETECTION = (*BOX, "label", "score")


def values_of(thing: Any, names: Iterable[str]) -> list[Any]:
    for name in names:
        require(hasattr(thing, name), f"the object has no attribute {name}")
    return [getattr(thing, name) for name in names]


def both() -> Iterator[tuple[Any, str, tuple[str, ...]]]:
    """(an object, its class's name, the names of its attributes), of one class after the other."""
    yield work.Box(1.0, 2.0, 4.0, 6.0), "Box", BOX
    yield work.Detection(1.0, 2.0, 4.0, 6.0, "cat", 0.5), "Detection", DETECTION


def test_arguments_become_attributes() -> None:
    """1. The arguments become attributes of the same names, by position or by name; they may be assigned later."""
    corners = [0.5, 1.5, 4.25, 3.0]
    box = work.Box(*corners)
    assert_equal(values_of(box, BOX), corners, what="x1, y1, x2, y2")
    box = work.Box(y2=3.0, x2=4.25, y1=1.5, x1=0.5)
    assert_equal(values_of(box, BOX), corners, what="x1, y1, x2, y2")
    found = work.Detection(*corners, "cat", 0.75)
    assert_equal(values_of(found, DETECTION), [*corners, "cat", 0.75], what="the attributes")
    found = work.Detection(score=0.25, label="dog", y2=3.0, x2=4.25, y1=1.5, x1=0.5)
    assert_equal(values_of(found, DETECTION), [*corners, "dog", 0.25], what="the attributes")
    found = work.Detection(*corners, "cat")
    assert_equal(found.score, 1.0, what="score, which is not given")
    box, other = work.Box(*corners), work.Box(*corners)
    for i, name in enumerate(BOX):
        with calling(f"box = Box(0.5, 1.5, 4.25, 3.0); box.{name} = {10.5 + i}"):
            setattr(box, name, 10.5 + i)
            assert_equal(getattr(box, name), 10.5 + i, what=name)
    found, fresh = work.Detection(*corners, "cat"), work.Detection(*corners, "cat")
    for name, value in {"x1": 7.0, "y2": 8.0, "label": "dog", "score": 0.5}.items():
        with calling(f"found = Detection(0.5, 1.5, 4.25, 3.0, 'cat'); found.{name} = {value!r}"):
            setattr(found, name, value)
            assert_equal(getattr(found, name), value, what=name)
    with calling("the attributes of another object were assigned meanwhile"):
        assert_equal(values_of(other, BOX), corners, what="x1, y1, x2, y2")
        assert_equal(values_of(fresh, DETECTION), [*corners, "cat", 1.0], what="the attributes")


def test_area_of_the_present_corners() -> None:
    """2. area is (x2 - x1) * (y2 - y1) of the present corners."""
    for corners in ([0, 0, 4, 3], [1.0, 2.0, 4.0, 2.5], [4.0, 0.0, 1.0, 2.0], [-1.0, -1.0, -3.0, -2.0]):
        x1, y1, x2, y2 = corners
        expected = (x2 - x1) * (y2 - y1)
        box = work.Box(*corners)
        with calling(f"Box{tuple(corners)}.area"):
            assert_close(box.area, expected, what="area")
    for name, value, expected in (("x1", 2, 6), ("y1", 1, 8), ("x2", 5, 15), ("y2", 2, 8)):
        box = work.Box(0, 0, 4, 3)
        first = box.area
        with calling(f"box = Box(0, 0, 4, 3); box.area; box.{name} = {value}; box.area"):
            assert_close(first, 12, what="the first area")
            setattr(box, name, value)
            assert_close(box.area, expected, what="area")


def test_detection_is_a_box() -> None:
    """3. Detection inherits from Box, and has its attributes and its area."""
    is_subclass = isinstance(work.Box, type) and isinstance(work.Detection, type)
    require(is_subclass and issubclass(work.Detection, work.Box), "Detection has to be a subclass of Box", call=" ")
    found = work.Detection(1, 2, 4, 6, "cat")
    with calling("Detection(1, 2, 4, 6, 'cat').area"):
        assert_close(found.area, 12, what="area")
    found.x2 = 5
    with calling("found = Detection(1, 2, 4, 6, 'cat'); found.x2 = 5; found.area"):
        assert_close(found.area, 16, what="area")


def test_no_dictionary() -> None:
    """4. Objects of neither class have a __dict__."""
    for thing, name, _ in both():
        require(not hasattr(thing, "__dict__"), f"an object of {name} has a __dict__")


def test_a_typo_is_an_error() -> None:
    """5. Assigning to a name that is no attribute raises AttributeError; so does assigning to area."""
    typos = {"Box": ("x3", "X1", "label", "area"), "Detection": ("lable", "Score", "x", "area", "colour")}
    for thing, name, _ in both():
        for typo in typos[name]:
            call = f"{name.lower()}.{typo} = 1"
            assert_raises(AttributeError, setattr, thing, typo, 1, call=call)


class PlainBox:
    def __init__(self, x1: float, y1: float, x2: float, y2: float) -> None:
        self.x1, self.y1, self.x2, self.y2 = x1, y1, x2, y2


class PlainDetection(PlainBox):
    def __init__(self, x1: float, y1: float, x2: float, y2: float, label: str, score: float = 1.0) -> None:
        super().__init__(x1, y1, x2, y2)
        self.label, self.score = label, score


def fill(places: Iterable[int], kept: list[Any], make: Callable[..., Any], values: tuple[Any, ...]) -> None:
    for i in places:
        kept[i] = make(*values)


def plain_bytes(make: Callable[[int], Any], n: int) -> float:
    """The memory of each of n objects that stay alive."""
    kept: list[Any] = [None] * n
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for i in range(n):
            kept[i] = make(i)
        return (tracemalloc.get_traced_memory()[0] - before) / n
    finally:
        tracemalloc.stop()


def test_less_memory() -> None:
    """6. 100,000 objects of either class take at most 88 % of the memory of such objects without slots."""
    n = 100_000
    corners = (1.0, 2.0, 4.0, 6.0)
    for name, plain, values in (("Box", PlainBox, corners), ("Detection", PlainDetection, (*corners, "cat", 0.5))):
        limit_mb = round(0.88 * plain_bytes(lambda i, plain=plain, values=values: plain(*values), n // 10) * n / 1e6, 2)
        kept: list[Any] = [None] * n
        cls = getattr(work, name)
        # What is called from the learner's own module is not noted: noting each object would take time and memory.
        quiet_fill = FunctionType(fill.__code__, vars(learner_module("slotted_boxes")))
        with calling(f"[{name}{values} for _ in range({n:,})]"):
            assert_memory(
                lambda kept=kept, cls=cls, values=values, fill=quiet_fill: fill(range(n), kept, cls, values),
                limit_mb,
                what=f"100,000 objects of {name}",
            )


class Note:
    def __init__(self, text: str) -> None:
        self.text = text


def check_bytes(make: Callable[[int], Any], n: int, text: str) -> None:
    expected = plain_bytes(make, n)
    with calling(f"bytes_each({text}, {n})"):
        got = work.bytes_each(make, n)
        assert_close(got, expected, rtol=0.0, atol=16.0, what="bytes_each")


def test_bytes_of_each_object() -> None:
    """9. bytes_each returns the bytes of an object with all that it holds, within 16."""
    check_bytes(lambda i: bytearray(1000), 500, "lambda i: bytearray(1000)")
    check_bytes(lambda i: [bytes(500), bytes(300)], 1000, "lambda i: [bytes(500), bytes(300)]")
    check_bytes(lambda i: Note("a note of its own: " + "x" * i), 600, "lambda i: Note('a note of its own: ' + 'x' * i)")
    sizes = rng(1).integers(1, 5000, 800).tolist()
    check_bytes(lambda i: bytes(sizes[i]), 800, "lambda i: bytes(sizes[i])")
    # What is made on the way, and not kept, is no part of the object.
    check_bytes(lambda i: bytes(bytearray(50_000)[:300]), 500, "lambda i: bytes(bytearray(50_000)[:300])")


def test_an_object_for_each_number() -> None:
    """9. bytes_each calls make(0), make(1), ..., make(n - 1), once each."""
    for n in (1, 2, 129):
        asked: list[Any] = []

        def make(i: int, asked: list[Any] = asked) -> bytes:
            asked.append(i)
            return bytes(8)

        with calling(f"bytes_each(make, {n})"):
            work.bytes_each(make, n)
        assert_equal(asked, list(range(n)), what="what make is called with")


edges()


def test_pickles_and_copies() -> None:
    """7. What is pickled or copied has the same class and values, and changes apart from the original."""
    ways: dict[str, Callable[[Any], Any]] = {
        "pickle.loads(pickle.dumps({}))": lambda thing: pickle.loads(pickle.dumps(thing)),
        "copy.copy({})": copy.copy,
        "copy.deepcopy({})": copy.deepcopy,
    }
    for thing, name, attributes in both():
        thing.y1 = -7.5
        expected = values_of(thing, attributes)
        for way, twin_of in ways.items():
            call = way.format(name.lower())
            with calling(call):
                try:
                    twin = twin_of(thing)
                except (TypeError, AttributeError, ValueError, LookupError, pickle.PicklingError) as error:
                    fail(f"{call.partition('(')[0]} raised {type(error).__name__}: {error}")
                require(type(twin) is type(thing), "the result has another class", got=type(twin), expected=type(thing))
                assert_equal(values_of(twin, attributes), expected, what="the attributes")
                twin.x1 = 100.0
                assert_equal(thing.x1, 1.0, what="x1 of the original, after x1 of the result was assigned")


def test_weak_references() -> None:
    """8. Objects of both classes can be the target of a weak reference."""
    for thing, name, _ in both():
        with calling(f"weakref.ref({name.lower()})"):
            try:
                reference = weakref.ref(thing)
            except TypeError as error:
                fail(f"weakref.ref raised TypeError: {error}")
            require(reference() is thing, "the weak reference leads to another object", got=reference())


def test_tracing_is_off_again() -> None:
    """10. Tracing is off again after bytes_each."""
    for n in (1, 100):
        work.bytes_each(lambda i: [i], n)
        is_tracing = tracemalloc.is_tracing()
        tracemalloc.stop()
        require(not is_tracing, "tracemalloc still traces, and slows down all that follows", got=is_tracing)
