"""Hidden test of p071_multiprocessing_loader."""

import importlib
import os
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from kata_runner.checking import (
    Shown,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_shape,
    calling,
    edges,
    fail,
    learner,
    learner_module,
    require,
    rng,
    temporary_folder,
)

work = learner("image_loader")

# A file holds what is to happen while it is loaded. The module is a file, so that a worker that is no copy of this
# process can import it.
HELPER = '''
import builtins
import os
import time
from pathlib import Path

WAIT_S = 6.0


class OnlyByTwo(Exception):
    """Its pickle cannot be read: it holds one argument."""

    def __init__(self, line, column):
        super().__init__(f"line {line}, column {column}")


class Cut(Exception):
    """Its pickle cannot be written."""

    def __reduce__(self):
        raise TypeError("a Cut stays where it is")


def wait_for(mark):
    """Whether the file appears before long; once one has not, no other is waited for."""
    in_vain = Path(mark).with_name("in_vain")
    end = time.monotonic() + WAIT_S
    while not os.path.exists(mark):
        if time.monotonic() > (end - WAIT_S + 0.5 if in_vain.exists() else end):
            in_vain.touch()
            return False
        time.sleep(0.002)
    return True


def act(path):
    """Do what the file says, and return its name, the process, and whether all that it waited for has come."""
    path = Path(path)
    path.with_suffix(".begun").touch()
    came = True
    for line in path.read_text().splitlines():
        verb, _, what = line.partition(" ")
        if verb == "wait":
            came = came and wait_for(path.parent / what)
        elif verb == "die":
            os._exit(9)
        elif verb == "two":
            raise OnlyByTwo(3, 14)
        elif verb == "cut":
            raise Cut("cut off")
        elif verb:
            raise getattr(builtins, verb)(what)
    path.with_suffix(".done").touch()
    return path.stem, os.getpid(), came


def same(value):
    return value
'''


in_vain: list[Path] = []  # marks of files that were waited for in vain, in this run


@contextmanager
def files(*contents: str) -> Iterator[tuple[Any, list[Path]]]:
    """A module that loads files, and a folder of files a.txt, b.txt, … with these contents."""
    with temporary_folder() as folder:
        (folder / "p071_files.py").write_text(HELPER, encoding="utf-8")
        sys.path.insert(0, str(folder))
        sys.modules.pop("p071_files", None)
        importlib.invalidate_caches()
        try:
            helper = importlib.import_module("p071_files")
            if in_vain:
                (folder / "in_vain").touch()  # one more would be waited for in vain, too
            paths = [folder / f"{'abcdefghijklmnop'[i]}.txt" for i in range(len(contents))]
            for path, text in zip(paths, contents, strict=True):
                path.write_text(text, encoding="utf-8")
            yield helper, paths
        finally:
            in_vain.extend(folder.glob("in_vain"))
            sys.path.remove(str(folder))
            sys.modules.pop("p071_files", None)


def workers() -> list[psutil.Process]:
    """The processes below this one that still run, without those that serve multiprocessing itself."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            line = " ".join(process.cmdline())
            if process.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in line and "forkserver" not in line:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def assert_no_worker_left(when: str) -> None:
    """What is ending has time to end."""
    end = time.monotonic() + 10
    while (left := workers()) and time.monotonic() < end:
        time.sleep(0.01)
    require(not left, f"worker processes are left {when}", got=len(left), expected=0)


def taken(generator: Any, n: int) -> list[Any]:
    require(isinstance(generator, Generator), "load_all has to be a generator", got=generator)
    return list(islice(generator, n))


def names(results: list[Any]) -> list[Any]:
    return [result[0] if isinstance(result, tuple) and result else result for result in results]


def test_images_are_read() -> None:
    """1. read_image returns an array (size, size, 3) of uint8: the image in RGB, resized by Pillow's default filter."""
    pixels = rng(1).integers(0, 256, (12, 20, 3), dtype=np.uint8)
    with temporary_folder() as folder:
        path = folder / "photo.png"
        for size in (4, 7, 32):
            image = Image.fromarray(pixels)
            image.save(path)
            expected = np.asarray(image.resize((size, size)))
            got = work.read_image(path, size)
            assert_shape(got, (size, size, 3))
            assert_close(got, expected)
            assert_dtype(got, np.uint8)


def test_results_are_in_order() -> None:
    """2. Results come in the order of paths, even where the first file is ready last."""
    with files("wait b.done", "", "", "wait e.done", "") as (helper, paths):
        told = "list(load_all(load, [a, b, c, d, e], 2)): a is ready after b, and d after e"
        with calling(told):
            got = taken(work.load_all(helper.act, paths, 2), 9)
            assert_equal(names(got), ["a", "b", "c", "d", "e"], what="the names of the files that were loaded")


def test_files_are_loaded_at_the_same_time() -> None:
    """3. n_workers other processes are at work at the same time: each file waits until all have begun."""
    for n, letters in ((2, "ab"), (3, "abc")):
        told = f"list(load_all(load, [{', '.join(letters)}], {n})): each file waits until all have begun"
        content = "\n".join(f"wait {letter}.begun" for letter in letters)
        with files(*[content] * n) as (helper, paths), calling(told):
            got = taken(work.load_all(helper.act, paths, n), 9)
            assert_equal(names(got), [path.stem for path in paths], what="the names of the files")
            require(os.getpid() not in {pid for _, pid, _ in got}, "files were loaded in this process itself")
            require(all(came for _, _, came in got), "the files were not loaded at the same time")
            require(len({pid for _, pid, _ in got}) == n, f"the files were not loaded by {n} processes")


def test_workers_are_used_again() -> None:
    """3. n_workers processes, no more, load all the files one after the other."""
    for n in (1, 2):
        with files(*[""] * 12) as (helper, paths), calling(f"list(load_all(load, [a, …, l], {n}))"):
            got = taken(work.load_all(helper.act, paths, n), 20)
            assert_equal(names(got), [path.stem for path in paths], what="the names of the files")
            n_seen = len({pid for _, pid, _ in got} - {os.getpid()})
            require(1 <= n_seen <= n, f"another number of processes than {n} has loaded the files", got=n_seen)


def test_workers_work_ahead() -> None:
    """4. While the caller is busy with a result, the next files are loaded."""
    told = "next(load_all(load, [a, b, c, d, e], 2)), then the caller is busy"
    with files("", "", "", "", "") as (helper, paths), calling(told):
        generator = work.load_all(helper.act, paths, 2)
        assert_equal(names(taken(generator, 1)), ["a"], what="the first file")
        for path in paths[1:3]:
            come = helper.wait_for(path.with_suffix(".done"))
            require(come, f"{path.stem} was not loaded while the caller was busy with the first result")
        assert_equal(names(taken(generator, 9)), ["b", "c", "d", "e"], what="the other files")


def test_workers_do_not_work_far_ahead() -> None:
    """5. With the k-th result, at most k + 2 * n_workers paths have been taken; paths may be endless."""
    with files() as (helper, _):
        for n in (1, 2):
            n_taken = 0

            def paths() -> Iterator[int]:
                nonlocal n_taken
                for i in count():
                    n_taken += 1
                    if n_taken > 500:
                        fail("load_all takes hundreds of paths from an endless generator for one result")
                    yield i

            with calling(f"load_all(load, itertools.count(), {n})"):
                generator = work.load_all(helper.same, paths(), n)
                for k in range(1, 8):
                    assert_equal(taken(generator, 1), [k - 1], what=f"result {k}")
                    bound = k + 2 * n
                    told, wanted = Shown(f"{n_taken} paths with result {k}"), Shown(f"at most {bound}")
                    require(n_taken <= bound, "too many paths have been taken from paths", got=told, expected=wanted)
                generator.close()


def test_no_process_is_left() -> None:
    """6. No worker process is left when the generator ends, raises an error, or is closed early."""
    with files("", "", "", "ValueError no header", "") as (helper, paths):
        with calling("list(load_all(load, [a, b, c], 2))"):
            generator = work.load_all(helper.act, paths[:3], 2)
            taken(generator, 9)
            assert_no_worker_left("after the last result")
        with calling("list(load_all(load, [d, e], 2)), where d raises a ValueError"):
            error = error_of(work.load_all(helper.act, paths[3:], 2))[1]
            assert_no_worker_left(f"after {type(error).__name__}")
        with calling("g = load_all(load, [a, b, c], 2), next(g), g.close()"):
            generator = work.load_all(helper.act, paths[:3], 2)
            assert_equal(names(taken(generator, 1)), ["a"], what="the first file")
            generator.close()
            assert_no_worker_left("after close()")
            assert_equal(taken(generator, 9), [], what="what comes after close()")


def error_of(generator: Any) -> tuple[list[Any], Any]:
    """The results before the LoadError, and the error."""
    results: list[Any] = []
    expected = work.LoadError
    require(isinstance(expected, type) and issubclass(expected, Exception), "LoadError is not the stub's any more")
    require(isinstance(generator, Generator), "load_all has to be a generator", got=generator)
    try:
        while len(results) < 20:
            results.append(next(generator))
    except StopIteration:
        pass
    except NotImplementedError:
        raise
    except expected as error:
        return results, error
    except Exception as error:
        fail("another error than LoadError was raised", got=error, expected=expected)
    return fail("no LoadError was raised", got=names(results))


def test_an_error_comes_with_its_path() -> None:
    """7. Where load raises an exception, the results before it come, then LoadError with the path, type and message."""
    for bad, kind in ((0, "ValueError"), (2, "KeyError"), (4, "OSError")):
        contents = ["" for _ in range(5)]
        contents[bad] = f"{kind} no header"
        with (
            files(*contents) as (helper, paths),
            calling(f"list(load_all(load, [a, b, c, d, e], 2)), where {paths[bad].stem} raises {kind}('no header')"),
        ):
            results, error = error_of(work.load_all(helper.act, paths, 2))
            before = [path.stem for path in paths[:bad]]
            assert_equal(names(results), before, what="the files whose results came first")
            assert_equal(str(getattr(error, "path", None)), str(paths[bad]), what="the path of the LoadError")
            for word in (paths[bad].name, kind, "no header"):
                require(word in str(error), f"the text of the LoadError lacks {word!r}", got=str(error))


edges()


def test_images_of_any_mode() -> None:
    """1. read_image converts grey, transparent and palette images to RGB before it resizes them."""
    pixels = rng(2).integers(0, 256, (9, 14, 3), dtype=np.uint8)
    colours = Image.fromarray(pixels)
    for mode in ("L", "RGBA", "1", "P", "LA"):
        with temporary_folder() as folder:
            path = folder / "image.png"
            colours.convert(mode).save(path)
            with Image.open(path) as image:
                expected = np.asarray(image.convert("RGB").resize((5, 5)))
            with calling(f"read_image(path, 5) of an image of mode {mode!r}"):
                assert_close(work.read_image(path, 5), expected)


def test_images_are_loaded_by_workers() -> None:
    """2. read_image and load_all work together."""
    with temporary_folder() as folder:
        expected, paths = [], []
        for i in range(3):
            paths.append(folder / f"{i}.png")
            pixels = rng(3 + i).integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(paths[-1])
            expected.append(np.asarray(Image.fromarray(pixels).resize((4, 4))))
        with calling("list(load_all(partial(read_image, size=4), paths))"):
            read_image = learner_module("image_loader").read_image  # itself: what is traced cannot be pickled
            got = taken(work.load_all(partial(read_image, size=4), paths), 9)
            assert_equal(len(got), 3, what="the number of images")
            for one, wanted in zip(got, expected, strict=True):
                assert_close(one, wanted)


def test_any_results_and_any_number_of_paths() -> None:
    """2. Each path has its result: none, fewer than workers, repeated paths, results that are false in an if."""
    with files() as (helper, _):
        cases: list[list[Any]] = [[], [3], [None, 0, "", None, [], 5], ["b", "a", "b", "b"], list(range(9))]
        for values in cases:
            for n in (2, 3):
                with calling(f"list(load_all(same, {values}, {n})): same returns its argument"):
                    assert_equal(taken(work.load_all(helper.same, values, n), 20), values)
        with calling("list(load_all(same, [ValueError('kept'), 1])): same returns its argument"):
            got = taken(work.load_all(helper.same, [ValueError("kept"), 1]), 20)
            is_kept = len(got) == 2 and type(got[0]) is ValueError and got[1] == 1
            require(is_kept, "an exception that load returns is not a result", got=got)


def test_any_error_comes_back() -> None:
    """8. An error that cannot be pickled, and StopIteration, end in LoadError too."""
    cases = [
        ("StopIteration no more", "raises StopIteration('no more')", "StopIteration: no more"),
        ("cut", "raises an error whose pickle cannot be written", "Cut: cut off"),
        ("two", "raises an error whose pickle cannot be read", "OnlyByTwo: line 3, column 14"),
    ]
    for content, what, text in cases:
        with files("", content, "") as (helper, paths):
            told = f"list(load_all(load, [a, b, c], 2)), where b {what}"
            with calling(told):
                results, error = before_long(lambda h=helper, p=paths: error_of(work.load_all(h.act, p, 2)))  # type: ignore[misc]
                assert_equal(names(results), ["a"], what="the files whose results came first")
                assert_equal(str(getattr(error, "path", None)), str(paths[1]), what="the path of the LoadError")
                require(text in str(error), f"the text of the LoadError lacks {text!r}", got=str(error))


def test_a_killed_worker_is_noticed() -> None:
    """9. A worker that is killed ends in LoadError, with the path of the first file whose result is missing."""
    for n, bad in ((1, 0), (2, 1)):
        contents = ["", "", ""]
        contents[bad] = "wait a.done\ndie" if bad else "die"
        with files(*contents) as (helper, paths):
            what = f"where the worker is killed while it loads {paths[bad].stem}"
            with calling(f"list(load_all(load, [a, b, c], {n})), {what}"):
                results, error = before_long(lambda h=helper, p=paths, n=n: error_of(work.load_all(h.act, p, n)))  # type: ignore[misc]
                # What another worker had ready may be lost together with the killed one's.
                n_before = len(results)
                require(n_before <= bad, "there are results after the file of the killed worker", got=names(results))
                path = str(paths[n_before])
                assert_equal(str(getattr(error, "path", None)), path, what="the path of the LoadError")
                assert_no_worker_left("after the LoadError")


def test_a_worker_is_killed_while_the_caller_is_busy() -> None:
    """9. Where a worker is killed between two results, LoadError comes at the first file whose result is missing."""
    with files("", "", "wait go\ndie", "", "", "", "") as (helper, paths):

        def run() -> tuple[list[Any], Any]:
            generator = work.load_all(helper.act, paths, 2)
            first = taken(generator, 1)
            helper.wait_for(paths[1].with_suffix(".done"))
            helper.wait_for(paths[2].with_suffix(".begun"))
            (paths[0].parent / "go").touch()
            end = time.monotonic() + 1
            while workers() and time.monotonic() < end:  # a pool ends them all; other answers keep some
                time.sleep(0.01)
            results, error = error_of(generator)
            return first + results, error

        with calling("load_all(load, [a, …, g], 2): the worker that loads c is killed after the first result"):
            results, error = before_long(run)
            # b may be lost together with c.
            require(len(results) in (1, 2), "another number of results came before the error", got=names(results))
            path = str(paths[len(results)])
            assert_equal(str(getattr(error, "path", None)), path, what="the path of the LoadError")


def before_long(call: Callable[[], Any]) -> Any:
    """The result of the call, which may wait for ever."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append((call(), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(WAIT_S)
    if not outcome:
        for process in workers():
            process.kill()
        fail(f"load_all still waits after {WAIT_S} s")
    result, error = outcome[0]
    if error:
        raise error
    return result


WAIT_S = 12
