"""Hidden test of p074_memory_leak."""

import gc
import sys
import textwrap
import threading
import tracemalloc
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    assert_close,
    assert_equal,
    assert_memory,
    assert_raises,
    calling,
    edges,
    learner,
    require,
    rng,
    temporary_folder,
)

work = learner("leak_finder")

HEAD = """
    n = 0
    kept = []
    def step():
        global n
        n += 1
"""


class Program:
    """A program with a function step, written into folder/app/NAME; what it imports lies in folder/app_tools."""

    def __init__(self, folder: Path, source: str, name: str = "train.py", head: str = HEAD) -> None:
        path = folder / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.source = (
            textwrap.dedent(head) + textwrap.indent(textwrap.dedent(source).strip(), "    " * bool(head))
        ).strip()
        self.name = name
        path.write_text(self.source, encoding="utf-8")
        self.module = imported(path)
        self.step: Callable[[], object] = self.module.step

    def place(self, mark: str = "# here") -> str:
        """The line with that mark, as leaks tells it."""
        lines = self.source.splitlines()
        (line,) = [i for i, text in enumerate(lines, 1) if text.endswith(mark)]
        return f"{self.name}:{line}"


def imported(path: Path) -> Any:
    """The module at that path."""
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    SourceFileLoader(path.stem, str(path)).exec_module(module)
    return module


@contextmanager
def quick_collector() -> Generator[None]:
    """The collector sleeps unless it is called, so that chance decides nothing, and leaves all older objects alone."""
    was_on = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


@contextmanager
def running(source: str, options: str = "", **program: str) -> Generator[tuple[Path, Program]]:
    """A program in a folder of its own, and that folder."""
    with temporary_folder() as base, quick_collector():
        made = Program(base, source, **program)
        with calling(f"leaks(step, folder, calls=3{options}), where folder holds {made.name}:\n{made.source}"):
            yield base / "app", made


def found(step: Callable[[], object], folder: str | Path, **options: Any) -> list[tuple[str, float]]:
    """What leaks of the learner's returns, as plain pairs."""
    return pairs(shallow(lambda: work.leaks(step, folder, **{"calls": 3, **options})))


def shallow(call: Callable[[], Any]) -> Any:
    """What call returns, made in a thread: tracemalloc walks up the callers at each allocation, here they are few."""
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as error:  # is raised again, where the judge sees it
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def pairs(got: Any) -> list[tuple[str, float]]:
    require(isinstance(got, list), "leaks has to return a list", got=got)
    for row in got:
        require(isinstance(row, tuple | list) and len(row) == 2, "each leak has to be a pair", got=row)
        require(isinstance(row[0], str), "the first of a pair has to be a text", got=row)
        is_number = isinstance(row[1], int | float | np.number)
        require(is_number, "the second of a pair has to be a number of bytes", got=row)
    return [(row[0], float(row[1])) for row in got]


def assert_places(got: list[tuple[str, float]], expected: list[str]) -> None:
    assert_equal([place for place, _ in got], expected, what="the places that leaks returned")


KINDS = {
    "a list": """
        block = bytearray(5000)  # here
        kept.append(block)
    """,
    "a dict by number": """
        rows = [0.5] * 1000  # here
        vars(step).setdefault("cache", {})[n] = rows
    """,
    "a function that is kept": """
        batch = bytes(5000)  # here
        kept.append(lambda: batch)
    """,
    "an exception that is kept": """
        try:
            raw = b"x" * (5000 + n)  # here
            raise ValueError("bad batch")
        except ValueError as error:
            kept.append(error)
    """,
    "a default argument": """
        def history(x, seen=kept):
            seen.append(x)
        history(bytearray(5000))  # here
    """,
    "a view of an array": """
        import numpy as np
        batch = np.zeros(1000) + n  # here
        kept.append(batch[:1])
    """,
    "a generator that never ends": """
        def numbers():
            table = bytes(5000 + n)  # here
            yield from table
        stream = numbers()
        next(stream)
        kept.append(stream)
    """,
}


def test_planted_leak() -> None:
    """1. leaks returns the place of the line whose memory grows with each round, whoever keeps it; [] for none."""
    for source in KINDS.values():
        decoy = "scratch = bytearray(90_000)\nscratch.clear()\n"
        with running(decoy + textwrap.dedent(source)) as (folder, program):
            assert_places(found(program.step, folder), [program.place()])
    for source in ("return n", "scratch = [bytes(5000) for _ in range(9)]\nreturn sum(map(len, scratch))"):
        with running(source) as (folder, program):
            assert_places(found(program.step, str(folder)), [])
    with running(KINDS["a list"], name="nets/loss.py") as (folder, program):
        assert_places(found(program.step, str(folder)), [program.place()])


def test_innermost_line_of_folder() -> None:
    """2. What a library allocates counts for the innermost line of folder that called it, all of it together."""
    library = "def one(): return bytes(300)\ndef two(): return bytes(300)\ndef deep(f): return f()\n"
    library += "def far(n): return far(n - 1) if n else bytes(5000)"
    source = """
        import importlib.util, json, sys
        from pathlib import Path
        spec = importlib.util.spec_from_file_location("tools", Path(__file__).parent.parent / "app_tools" / "tools.py")
        tools = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(tools)
        kept = []
        def parsed():
            return json.loads('"' + "abcde" * 1000 + '"')  # json
        def both():
            return tools.one(), tools.two()  # both
        def from_far():
            return tools.far(20)  # far
        def below(n):
            return below(n - 1) if n else bytes(5000)  # below
        def step():
            kept.append([{call}])
            return None
    """
    for call, mark in (
        ("parsed()", "# json"),
        ("tools.deep(parsed)", "# json"),
        ("both()", "# both"),
        ("below(5)", "# below"),
        ("from_far()", "# far"),
    ):
        with temporary_folder() as base, quick_collector():
            (base / "app_tools").mkdir()
            (base / "app_tools" / "tools.py").write_text(library, encoding="utf-8")
            program = Program(base, source.format(call=call), head="")
            text = program.source.split("kept = []\n")[1]
            with calling(
                f"leaks(step, folder, calls=3), where folder holds train.py, and tools lies elsewhere:\n…\n{text}"
            ):
                assert_places(found(program.step, base / "app"), [program.place(mark)])


def test_bytes_per_call() -> None:
    """3. A line leaks above limit bytes per call; told is the mean of the counted rounds, the largest first."""
    size = sys.getsizeof(b"") + 1000
    source = """
        small = bytes(1000)  # small
        large = bytes(3000)  # large
        other = bytes(2000)  # other
        kept.extend([small, large, other])
    """
    with running(source) as (folder, program):
        got = found(program.step, folder)
        assert_places(got, [program.place(f"# {name}") for name in ("large", "other", "small")])
        assert_close([bytes_ for _, bytes_ in got], [size + 2000, size + 1000, size], rtol=1e-3, what="bytes per call")
    alone = "small = bytes(1000)  # here\nkept.append(small)"
    for limit, is_leak in ((size - 1, True), (size, False), (size + 1, False)):
        with running(alone, f", limit={limit}") as (folder, program):
            assert_places(found(program.step, folder, limit=limit), [program.place()] * is_leak)
    # Grows by 1000 bytes more at each call: call 4 is the first that counts.
    with running("more = bytes(1000 * n)  # here\nkept.append(more)", ", rounds=2") as (folder, program):
        got = found(program.step, folder, rounds=2)
        expected = np.mean([1000 * n for n in range(4, 10)]) + size - 1000
        assert_close([bytes_ for _, bytes_ in got], [expected], rtol=1e-3, what="bytes per call")


edges()


def test_growth_in_some_rounds_only() -> None:
    """4. A line that does not grow in each counted round is no leak: a cache that is full, a table that grew once."""
    full = """
        from collections import deque
        recent = vars(step).setdefault("recent", deque(maxlen=3))
        block = bytearray(5000)
        recent.append(block)
    """
    for rounds in (1, 3):
        with running(full, f", rounds={rounds}") as (folder, program):
            assert_places(found(program.step, folder, rounds=rounds), [])
    for calls in ([8], [5, 8], [4, 5, 6, 12], [5, 11]):
        with running(f"if n in {calls}:\n    kept.append(bytearray(100_000))") as (folder, program):
            assert_places(found(program.step, folder), [])
    emptied = """
        if n == 10:
            kept.clear()
        block = bytearray(5000)
        kept.append(block)
    """
    with running(emptied) as (folder, program):
        assert_places(found(program.step, folder), [])


def test_what_is_not_kept() -> None:
    """5. What step returns, and what only waits for the garbage collector, is no leak."""
    for result in ("bytearray(5000)", "bytearray(5000 * n)"):
        with running(f"return {result}") as (folder, program):
            assert_places(found(program.step, folder), [])
    cycle = """
        node = {"block": bytearray(5000)}
        node["self"] = node
    """
    with running(cycle) as (folder, program):
        assert_places(found(program.step, folder), [])


def test_own_memory() -> None:
    """6. What leaks itself allocates is not listed, also where a file in folder calls it."""
    source = """
        kept = []
        def step():
            block = bytearray(5000)  # here
            kept.append(block)
        def main(leaks, folder, **options):
            return leaks(step, folder, **options)
    """
    for options in ({"calls": 3}, {"rounds": 1, "calls": 1, "limit": 60}):
        with temporary_folder() as base, quick_collector():
            program = Program(base, source, head="")
            told = "".join(f", {name}={value}" for name, value in options.items())
            with calling(f"main(leaks, folder{told}), where folder holds train.py:\n{program.source}"):
                got = shallow(
                    lambda program=program, base=base, options=options: program.module.main(
                        work.leaks, base / "app", **options
                    )
                )
                assert_places(pairs(got), [program.place()])


def test_calls_errors_and_tracing() -> None:
    """7. step is called calls · (1 + rounds) times; its error reaches the caller; tracing is as it was before."""
    for options in ({}, {"rounds": 1, "calls": 1}, {"rounds": 2, "calls": 7}):
        seen: list[int] = []
        with temporary_folder() as folder, quick_collector():
            shallow(
                lambda seen=seen, folder=folder, options=options: work.leaks(lambda: seen.append(1), folder, **options)
            )
        expected = (1 + options.get("rounds", 3)) * options.get("calls", 10)
        assert_equal(len(seen), expected, what="the number of calls of step")

    def broken() -> None:
        raise KeyError("loss")

    for was_on in (False, True):
        for step in (list, broken):
            if was_on:
                tracemalloc.start()
            try:
                with temporary_folder() as folder, quick_collector():
                    if step is broken:
                        assert_raises(KeyError, work.leaks, step, folder, call="leaks(step, folder), step raises")
                    else:
                        work.leaks(step, folder)
                is_on = tracemalloc.is_tracing()
            finally:
                tracemalloc.stop()
            after = "still traces, which slows down all that follows" if is_on else "does not trace any more"
            require(is_on == was_on, f"tracemalloc {after}; before it was {'on' if was_on else 'off'}")


class Loader:
    """Returns the batch of a key, made from its number, and notes what was loaded; the keys in bad are not finite."""

    def __init__(self, n: int = 5, d: int = 3, bad: tuple[int, ...] = (), missing: tuple[int, ...] = ()) -> None:
        self.n, self.d, self.bad, self.missing = n, d, bad, missing
        self.keys: list[int] = []

    def __call__(self, key: int) -> Any:
        self.keys.append(key)
        rows = self.rows(key)
        if key in self.missing:
            raise ValueError(f"no batch {key}")
        if key in self.bad:
            rows[-1, 0] = np.nan
        return rows

    def rows(self, key: int) -> NDArray[Any]:
        return rng(100 + key).normal(key, 1.0 + key, (self.n + key % 2, self.d))


def test_pipeline_does_what_it_did() -> None:
    """8. Pipeline returns and reports what the leaky one does: batches, rows, variance, errors, the last messages."""
    load = Loader(bad=(3, 6, 9), missing=(4, 8))
    with calling("p = Pipeline(load), p.report()"):
        p = work.Pipeline(load)
        assert_report(p.report(), 0, None, [])
    squares, n_rows, messages = np.zeros(3), 0, []
    for key in (0, 1, 3, 2, 4, 5, 6, 8, 9, 7):
        with calling(f"p({key}), after others"):
            got = p(key)
            if key in load.bad or key in load.missing:
                messages.append(
                    f"no batch {key}" if key in load.missing else f"batch {key} has values that are not finite"
                )
                require(got is None, "a bad batch has to return None", got=got)
            else:
                rows = load.rows(key)
                centred = rows - rows.mean(axis=0)
                squares, n_rows = squares + (centred**2).sum(axis=0), n_rows + len(rows)
                assert_close(got, centred, what=f"p({key})")
        with calling(f"p.report(), the last batch was {key}"):
            assert_report(p.report(), n_rows, squares / n_rows, messages)
    load = Loader()
    with calling("p = Pipeline(load), got = p(0), got *= 2, then p(0)"):
        p, rows = work.Pipeline(load), load.rows(0)
        got = p(0)
        got *= 2
        assert_close(p(0), rows - rows.mean(axis=0), what="p(0)")
        assert_report(p.report(), 10, rows.var(axis=0), [])
    assert_raises(
        KeyError, work.Pipeline({}.__getitem__), 1, call="p = Pipeline(load), p(1), where load raises KeyError"
    )
    with calling("p = Pipeline(load), p(0), where load returns lists of integers"):
        assert_close(work.Pipeline(lambda key: [[1, 2], [2, 6]])(0), [[-0.5, -2.0], [0.5, 2.0]], what="p(0)")


def assert_report(got: Any, n_rows: int, variance: NDArray[Any] | None, messages: list[str]) -> None:
    names = ["errors", "last_errors", "rows", "variance"]
    require(isinstance(got, dict), "report has to return a dict", got=got)
    require(sorted(map(str, got)) == names, "the report has other keys", got=sorted(map(str, got)), expected=names)
    assert_equal(got["rows"], n_rows, what='report()["rows"]')
    if variance is None:
        require(
            got["variance"] is None, 'report()["variance"] has to be None before the first batch', got=got["variance"]
        )
    else:
        assert_close(got["variance"], variance, what='report()["variance"]')
    assert_equal(got["errors"], len(messages), what='report()["errors"]')
    assert_equal(got["last_errors"], messages[-3:], what='report()["last_errors"]')


def test_recent_batches_are_not_loaded_again() -> None:
    """9. The recent batches that were used last are not loaded again; a bad one is; pipelines share nothing."""
    for recent, keys in ((1, [0, 0, 0]), (2, [0, 1, 0, 1]), (3, [0, 1, 2, 0, 3, 0, 2]), (6, [0, 1, 2, 3, 4, 5] * 2)):
        load = Loader()
        with calling(f"p = Pipeline(load, recent={recent}), then p(key) for the keys {keys}"):
            p = work.Pipeline(load, recent=recent)
            again = 0
            for i, key in enumerate(keys):
                before = len(load.keys)
                assert_close(p(key), load.rows(key) - load.rows(key).mean(axis=0), what=f"p({key})")
                again += key in keys[:i] and len(load.keys) > before
            assert_equal(again, 0, what="the number of batches that were loaded again")
    with calling("p = Pipeline(load), q = Pipeline(other), then p and q for the keys 0, 1, 2, 3, twice"):
        load, other = Loader(), Loader(n=7)
        p, q = work.Pipeline(load), work.Pipeline(other)
        for key in (0, 1, 2, 3) * 2:
            for pipeline, loader in ((p, load), (q, other)):
                rows = loader.rows(key)
                assert_close(pipeline(key), rows - rows.mean(axis=0), what=f"the batch {key}")
        assert_equal([len(load.keys), len(other.keys)], [4, 4], what="the number of loads")
    with calling("p = Pipeline(load, recent=2), then p(key) for the keys 0, 1, 2, 3, 0, 1, of which 2 and 3 are bad"):
        load = Loader(bad=(2,), missing=(3,))
        p = work.Pipeline(load, recent=2)
        for key in (0, 1, 2, 3, 0, 1):
            p(key)
        assert_equal(load.keys, [0, 1, 2, 3], what="the keys that were loaded")
    with calling("p = Pipeline(load), p(0), p(0), where load raises ValueError at its first call"):
        load = Loader(missing=(0,))
        p = work.Pipeline(load)
        p(0)
        load.missing = ()
        require(p(0) is not None, "a batch that was bad once has to be loaded again", got=None)


def test_memory_holds() -> None:
    """10. Over 300 batches of 40 kB, good or bad, the pipeline holds no more than the recent ones."""
    every = tuple(range(1000))
    cases = {
        "good ones": Loader(1250, 4),
        "with NaN": Loader(1250, 4, bad=every),
        "load raises ValueError": Loader(1250, 4, missing=every),
    }
    for what, load in cases.items():
        with calling(f"p = Pipeline(load), then p(key) for 300 keys: {what}"):
            p = work.Pipeline(load)

            def run(p: Any = p) -> None:
                for key in range(300):
                    p(key)
                    if key % 10 == 0:
                        p.report()
                        gc.collect()

            with quick_collector():
                assert_memory(run, 1.0, what="the pipeline")


def test_no_more_than_the_recent_ones() -> None:
    """10. What is held in the end is at most `recent` batches, the last bad ones included."""
    size = 5000 * 4 * 8
    for recent in (1, 3):
        load = Loader(5000, 4, bad=(7, 8, 9))
        with calling(f"p = Pipeline(load, recent={recent}), then p(key) for the keys 0 to 9, of which 7 to 9 are bad"):
            with quick_collector():
                tracemalloc.start()
                try:
                    p = work.Pipeline(load, recent=recent)
                    for key in range(10):
                        p(key)
                    gc.collect()
                    held = tracemalloc.get_traced_memory()[0] / size
                finally:
                    tracemalloc.stop()
            require(
                held < recent + 0.5,
                "the pipeline holds more than the recent batches",
                got=Shown(f"the memory of {held:.1f} batches"),
                expected=Shown(f"at most {recent}"),
            )


def test_pipelines_are_let_go() -> None:
    """11. When nobody refers to a pipeline any more, nothing keeps it alive, or what it held."""
    load = Loader(1250, 4, bad=(2,))
    with calling("p = Pipeline(load), p(0), p(1), p(2), del p, a hundred times, with batches of 40 kB"):

        def run() -> None:
            for i in range(100):
                p = work.Pipeline(load if i % 2 else Loader(1250, 4))
                for key in (0, 1, 2):
                    p(key)
                del p
                if i % 5 == 0:
                    gc.collect()

        with quick_collector():
            assert_memory(run, 2.0, what="pipelines that are let go")
    with calling("p = Pipeline(load), p(0), p(1), p(2), del p"):
        p = work.Pipeline(load)
        for key in (0, 1, 2):
            p(key)
        if hasattr(p, "__weakref__"):  # a class with __slots__ may have none
            gone = weakref.ref(p)
            del p
            gc.collect()
            require(gone() is None, "something still refers to the pipeline", got=Shown("it is still there"))


def test_rounds_and_calls_below_one() -> None:
    """12. ValueError for rounds or calls below 1."""
    with temporary_folder() as folder:
        for options in ({"rounds": 0}, {"calls": 0}, {"rounds": -1}, {"calls": -1}):
            assert_raises(ValueError, work.leaks, list, folder, **options)
