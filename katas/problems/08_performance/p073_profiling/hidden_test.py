"""Hidden test of p073_profiling."""

import contextlib
import cProfile
import marshal
import pstats
import sys
import textwrap
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from kata_runner.checking import (
    assert_close,
    assert_equal,
    assert_raises,
    calling,
    edges,
    fail,
    learner,
    require,
    temporary_folder,
)

work = learner("hotspots")

Function = tuple[str, int, str]
Entry = tuple[int, int, float, float, dict[Function, tuple[int, int, float, float]]]


def save(folder: Path, entries: dict[Function, Entry]) -> Path:
    """A profile with these entries: calls without and with recursion, own, cumulative, callers."""
    path = folder / "run.prof"
    path.write_bytes(marshal.dumps(entries))
    return path


def a_profile(folder: Path) -> tuple[Path, Path]:
    """The profile of a training that was written by hand, and the folder of its files."""
    code = folder / "code"
    main, step = (str(code / "train.py"), 30, "main"), (str(code / "train.py"), 12, "step")
    loss, clip = (str(code / "nets" / "loss.py"), 4, "loss"), (str(code / "nets" / "loss.py"), 9, "clip")
    other = (str(folder / "lib" / "fast.py"), 7, "fast")
    total, dot = ("~", 0, "<built-in method builtins.sum>"), ("~", 0, "<method 'dot' of 'numpy.ndarray' objects>")
    entries: dict[Function, Entry] = {
        main: (1, 1, 0.25, 20.0, {}),
        step: (10, 10, 1.5, 19.75, {main: (10, 10, 1.5, 19.75)}),
        loss: (10, 10, 1.0, 9.25, {step: (10, 10, 1.0, 9.25)}),
        clip: (4, 64, 2.0, 2.0, {step: (4, 4, 0.5, 2.0), clip: (60, 60, 1.5, 1.75)}),
        other: (10, 10, 7.0, 7.0, {step: (10, 10, 7.0, 7.0)}),
        total: (50, 50, 4.25, 4.25, {loss: (40, 40, 4.0, 4.0), clip: (10, 10, 0.25, 0.25)}),
        dot: (20, 20, 4.0, 4.0, {loss: (1, 1, 0.25, 0.25), other: (19, 19, 3.75, 3.75)}),
    }
    return save(folder, entries), code


def imported(path: Path) -> Any:
    """The module at that path."""
    module = ModuleType(path.stem)
    SourceFileLoader(path.stem, str(path)).exec_module(module)
    return module


def test_profile() -> None:
    """1. profile returns what function returns, and saves a profile that pstats.Stats(path) reads."""

    def triple() -> int:
        return sum([1, 1, 1])

    with temporary_folder() as folder:
        path = folder / "run.prof"
        with calling("profile(triple, path)"):
            assert_equal(work.profile(triple, path), 3, what="what profile returns")
            calls = calls_by_name(path)
            assert_equal(calls.get("triple"), 1, what="the calls of triple in the profile")
            assert_equal(calls.get("<built-in method builtins.sum>"), 1, what="the calls of sum in the profile")


def calls_by_name(path: str | Path) -> dict[str, int]:
    if not Path(path).is_file():
        fail("no file was saved")
    try:
        stats: dict[Function, Entry] = pstats.Stats(str(path)).stats  # type: ignore[attr-defined]
    except (TypeError, ValueError, EOFError) as error:
        fail(f"pstats cannot read the file: {error}")
    return {name: entry[1] for (_, _, name), entry in stats.items()}


def test_own_time_first() -> None:
    """4. hotspots has the largest own time first, and stops after n."""
    rows = [
        ("fast.py:7 fast", 10, 7.0, 7.0),
        ("built-in <built-in method builtins.sum>", 50, 4.25, 4.25),
        ("built-in <method 'dot' of 'numpy.ndarray' objects>", 20, 4.0, 4.0),
        ("loss.py:9 clip", 64, 2.0, 2.0),
        ("train.py:12 step", 10, 1.5, 19.75),
        ("loss.py:4 loss", 10, 1.0, 9.25),
        ("train.py:30 main", 1, 0.25, 20.0),
    ]
    with temporary_folder() as folder:
        path, _ = a_profile(folder)
        for n in (1, 2, 7, 50):
            got = work.hotspots(path, n)
            require(isinstance(got, list), "hotspots has to return a list", got=got)
            names = [[*row][:1] + [*row][2:] for row in rows[:n]]
            with calling(f"hotspots(path, {n})"):
                assert_equal([[*row][:1] + [*row][2:] for row in got], names, what="function, own and cumulative")
        assert_equal(len(work.hotspots(str(path))), 5, what="the number of rows without n")


def test_built_in_functions_count_for_their_callers() -> None:
    """6. bottleneck counts a function's own time and that of built-in functions on its behalf, in folder alone."""
    with temporary_folder() as folder:
        path, code = a_profile(folder)
        # loss: 1 + 4 + 0.25; clip: 2 + 0.25; step: 1.5; fast lies elsewhere.
        assert_equal(work.bottleneck(path, code), "loss.py:4 loss")
        assert_equal(work.bottleneck(str(path), str(code / "nets")), "loss.py:4 loss")
        assert_equal(work.bottleneck(path, folder / "lib"), "fast.py:7 fast")
        assert_equal(work.bottleneck(path, folder), "fast.py:7 fast")
        first, second = (str(code / "a.py"), 1, "first"), (str(code / "a.py"), 5, "second")
        builtin = ("~", 0, "<built-in method builtins.sorted>")
        library = (str(folder / "lib" / "b.py"), 2, "helper")
        entries: dict[Function, Entry] = {
            first: (1, 1, 1.0, 9.0, {}),
            second: (1, 1, 1.5, 2.0, {}),
            library: (1, 1, 5.0, 8.0, {first: (1, 1, 5.0, 8.0)}),
            builtin: (9, 9, 3.5, 3.5, {library: (8, 8, 3.0, 3.0), second: (1, 1, 0.5, 0.5)}),
        }
        with calling("bottleneck(path, folder): sorted is called by a library that `first` calls, and by `second`"):
            assert_equal(work.bottleneck(save(folder, entries), code), "a.py:5 second")
        entries = {
            first: (1, 1, 3.0, 3.5, {}),
            second: (1, 1, 1.0, 5.0, {}),
            builtin: (10, 10, 4.5, 4.5, {first: (9, 9, 0.5, 0.5), second: (1, 1, 4.0, 4.0)}),
        }
        with calling("bottleneck(path, folder): sorted takes 0.5 s for `first` in 9 calls, 4 s for `second` in one"):
            assert_equal(work.bottleneck(save(folder, entries), code), "a.py:5 second")
        entries = {
            first: (1, 1, 1.0, 9.0, {}),
            second: (1, 1, 2.0, 2.5, {}),
            library: (9, 9, 5.0, 5.0, {builtin: (9, 9, 5.0, 5.0)}),
            builtin: (2, 2, 0.75, 5.75, {first: (1, 1, 0.5, 5.5), second: (1, 1, 0.25, 0.25)}),
        }
        with calling("bottleneck(path, folder): sorted, called by `first`, takes 0.5 s, and its key function 5 s"):
            assert_equal(work.bottleneck(save(folder, entries), code), "a.py:5 second")


def test_training_that_was_not_seen() -> None:
    """7. In a training that really runs, the planted function is found, not main, which only waits for it."""
    source = """
        def load(): return [i % 7 for i in range(300)]
        def {slow}(rows):
            total = 0
            for _ in range({times}):
                total += {work}
            return total
        def update(total): return total * 0.5
        def epoch():
            rows = load()
            return update({slow}(rows))
        def main():
            for _ in range(3):
                epoch()
    """
    for slow, times, what in (
        ("loss_of", 500, "sum(rows)"),
        ("shuffled", 40_000, "_ * 2"),
        ("rank", 300, "sorted(rows)[0]"),
    ):
        with temporary_folder() as folder:
            module = folder / "training.py"
            module.write_text(textwrap.dedent(source).format(slow=slow, times=times, work=what), encoding="utf-8")
            main: Callable[[], None] = imported(module).main
            with calling(f"profile(main, path), bottleneck(path, folder): {slow} has a loop with {what}"):
                work.profile(main, folder / "run.prof")
                assert_equal(work.bottleneck(folder / "run.prof", folder), f"training.py:3 {slow}")


edges()


def test_errors() -> None:
    """2. An error of function reaches the caller; the profile up to there is saved."""

    def broken() -> None:
        sum([1])
        raise KeyError("loss")

    with temporary_folder() as folder:
        assert_raises(KeyError, work.profile, broken, folder / "run.prof", call="profile(broken, path)")
        with calling("profile(broken, path)"):
            assert_equal(calls_by_name(folder / "run.prof").get("broken"), 1, what="the calls of broken in the profile")

    def stopped() -> None:
        raise KeyboardInterrupt

    with temporary_folder() as folder, calling("profile(stopped, path), where stopped raises KeyboardInterrupt"):
        try:
            work.profile(stopped, folder / "run.prof")
            fail("the KeyboardInterrupt did not reach the caller")
        except KeyboardInterrupt:
            pass
        assert_equal(calls_by_name(folder / "run.prof").get("stopped"), 1, what="the calls of stopped in the profile")


def test_nothing_else_is_profiled() -> None:
    """3. What runs before and after function is in no profile, and profiling is off afterwards, also after an error."""

    def one() -> int:
        return 1

    def two() -> None:
        raise ValueError("two")

    with temporary_folder() as folder:
        for function in (one, two):
            path = folder / f"{function.__name__}.prof"
            with calling(f"profile({function.__name__}, path)"):
                with contextlib.suppress(ValueError):
                    work.profile(function, str(path))
                is_on = sys.getprofile() is not None
                sys.setprofile(None)
                require(not is_on, "profiling is still on afterwards")
                probe = cProfile.Profile()
                try:
                    probe.enable()  # since Python 3.12, an error where another profiler is on
                    probe.disable()
                except ValueError:
                    fail("profiling is still on afterwards")
                names = calls_by_name(path)
                others = {
                    name for name in names if name not in (function.__name__, "runcall") and "disable" not in name
                }
                require(not others, "the profile has functions that do not belong to it", got=sorted(others))
        with calling("profile(one, path), profile(one, path)"):
            work.profile(one, folder / "again.prof")
            work.profile(one, folder / "again.prof")
            assert_equal(calls_by_name(folder / "again.prof").get("one"), 1, what="the calls of one in the profile")


def test_recursive_calls() -> None:
    """5. calls are all calls, those that a recursive function makes of itself too."""
    with temporary_folder() as folder:
        path, _ = a_profile(folder)
        rows = work.hotspots(path, 10)
        require(isinstance(rows, list), "hotspots has to return a list", got=rows)
        calls = {row[0]: row[1] for row in rows}
        assert_equal(calls.get("loss.py:9 clip"), 64, what="the calls of clip, 60 of them by itself")
        expected = {"fast.py:7 fast": 10, "train.py:12 step": 10, "train.py:30 main": 1, "loss.py:4 loss": 10}
        for name, number in expected.items():
            assert_equal(calls.get(name), number, what=f"the calls of {name}")
        own = {row[0]: row[2] for row in rows}
        assert_close(own["loss.py:9 clip"], 2.0, what="the own time of clip")


def test_no_function_in_the_folder() -> None:
    """8. bottleneck returns None where no function lies in folder."""
    with temporary_folder() as folder:
        path, code = a_profile(folder)
        for place in (folder / "nothing", code / "train", folder / "cod"):
            assert_equal(work.bottleneck(path, place), None)


def test_the_current_folder() -> None:
    """6. folder may be relative; what has no file lies in no folder."""
    with temporary_folder() as made:
        folder = made.resolve()
        path, _ = a_profile(folder)
        with contextlib.chdir(folder):
            for place in ("code", Path("code", "nets", "..")):
                assert_equal(work.bottleneck(path, place), "loss.py:4 loss")
        text, sleep = ("<string>", 1, "<module>"), ("~", 0, "<built-in method time.sleep>")
        step = (str(folder / "train.py"), 12, "step")
        entries: dict[Function, Entry] = {
            text: (1, 1, 5.0, 15.0, {}),
            step: (1, 1, 1.0, 1.0, {text: (1, 1, 1.0, 1.0)}),
            sleep: (1, 1, 9.0, 9.0, {text: (1, 1, 9.0, 9.0)}),
        }
        save(folder, entries)
        with contextlib.chdir(folder), calling('bottleneck("run.prof", "."): `<string>` is no file of the folder'):
            assert_equal(work.bottleneck("run.prof", "."), "train.py:12 step")


def test_n_below_one() -> None:
    """9. ValueError for an n below 1."""
    with temporary_folder() as folder:
        path, _ = a_profile(folder)
        for n in (0, -1):
            assert_raises(ValueError, work.hotspots, path, n)
