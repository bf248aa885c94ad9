"""Hidden test of p007_out_of_core_shuffle."""

import importlib
import math
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, suppress
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np

from kata_runner.checking import (
    Shown,
    assert_equal,
    assert_memory,
    assert_raises,
    assert_type,
    calling,
    edges,
    global_random_state_kept,
    learner,
    not_tried,
    require,
    seed,
    shorten,
)

work = learner("disk_shuffle")


def fresh(number: int) -> np.random.Generator:
    """A generator for the learner's code."""
    return np.random.default_rng([seed(), 77, number])


def chi_square(seen: Counter[Any], orders: list[Any], n: int) -> float:
    expected = n / len(orders)
    return sum((seen[order] - expected) ** 2 / expected for order in orders)


def bound(n_orders: int) -> float:
    """What chi-square exceeds by chance in fewer than one of a million runs (Wilson and Hilferty's approximation)."""
    k = n_orders - 1
    return k * (1 - 2 / (9 * k) + 4.8 * math.sqrt(2 / (9 * k))) ** 3


def lines_of(n: int, width: int = 100) -> list[bytes]:
    return [b"%0*d\n" % (width - 1, i) for i in range(n)]


def shuffled(source: Path, target: Path, number: int, *, n: int, max_bytes: int) -> list[bytes]:
    """The lines of target after the learner's shuffle; the number that is returned is looked at."""
    with calling(f"shuffle_lines({source.name!r}, {target.name!r}, rng, max_bytes={max_bytes}), {n} lines"):
        got = work.shuffle_lines(source, target, fresh(number), max_bytes)
    assert_type(got, (int, np.integer), what="shuffle_lines")
    assert_equal(int(got), n, what="the number of lines returned")
    require(target.is_file(), "shuffle_lines has not written the target")
    return target.read_bytes().splitlines(keepends=True)


def same_lines(got: list[bytes], expected: list[bytes]) -> None:
    seen, wanted = Counter(got), Counter(expected)
    for line in wanted:
        require(
            seen[line] == wanted[line],
            f"this line is in the target {seen[line]} times, expected {wanted[line]}",
            got=line,
        )
    extra = next((line for line in seen if line not in wanted), b"")
    require(len(got) == len(expected), "the target has a line that the source has not", got=extra)


class Watched(np.random.Generator):
    """A generator that calls `before_draw` whenever something is drawn from it."""

    def __init__(self, before_draw: Callable[[], None]) -> None:
        super().__init__(np.random.PCG64(5))
        self.before_draw = before_draw


def watched_method(name: str) -> Any:
    def method(self: Watched, *args: Any, **kwargs: Any) -> Any:
        self.before_draw()
        return getattr(np.random.Generator, name)(self, *args, **kwargs)

    return method


for drawing in ("integers", "random", "uniform", "choice", "bytes", "standard_normal", "normal", "exponential"):
    setattr(Watched, drawing, watched_method(drawing))


class PowerCut(RuntimeError, OSError):
    """What a generator raises in the middle of the work, as a disk might; of both kinds, as either may be swallowed."""


def unlucky(draws: int) -> Watched:
    """A generator that fails after so many draws."""
    left = draws

    def fail_at_last() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise PowerCut("power cut")

    return Watched(fail_at_last)


@contextmanager
def own_temporary_folder(folder: Path) -> Iterator[None]:
    """Temporary files that are made without naming a folder go to this one."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def folders(base: Path, *which: str) -> list[Path]:
    for name in which:
        (base / name).mkdir()
    return [base / name for name in which]


def test_every_order_of_a_list_is_equally_likely() -> None:
    """fisher_yates brings a list into each of its orders equally often, in place, and returns None."""
    random, n = fresh(1), 3600
    for size in (3, 4):
        seen: Counter[Any] = Counter()
        for _ in range(n):
            items = list(range(size))
            got = work.fisher_yates(items, random)
            require(got is None, "fisher_yates returned something, expected None: it shuffles in place", got=got)
            seen[tuple(items)] += 1
        orders = list(permutations(range(size)))
        strange = [order for order in seen if order not in orders]
        require(not strange, "after fisher_yates the list holds other items", got=strange[:1])
        never = [order for order in orders if seen[order] == 0]
        require(not never, f"in {n} shuffles of {size} items this order never came up", got=Shown(str(never[:1])[1:-1]))
        off = chi_square(seen, orders, n)
        most, least = seen.most_common()[0], seen.most_common()[-1]
        require(
            off < bound(len(orders)),
            f"in {n} shuffles of {size} items some orders come far more often than others",
            got=Shown(f"{most[0]} {most[1]} times, {least[0]} {least[1]} times"),
            expected=Shown(f"each about {n // len(orders)} times"),
        )


def test_every_line_once(tmp_path: Path) -> None:
    """The target has every line of the source once, the number of lines comes back, and the source is as it was."""
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    for n, max_bytes in [(1, 100), (2, 1), (7, 20), (127, 200), (128, 10**6)]:
        lines = lines_of(n, 10)
        source.write_bytes(b"".join(lines))
        same_lines(shuffled(source, target, n, n=n, max_bytes=max_bytes), lines)
        require(source.is_file() and source.read_bytes() == b"".join(lines), "the source has changed")
    with chdir(tmp_path), calling("shuffle_lines('in.txt', 'other.txt', rng), paths given as str"):
        got = work.shuffle_lines("in.txt", "other.txt", fresh(1))
    assert_equal(got, 128, what="the number of lines returned")
    same_lines((tmp_path / "other.txt").read_bytes().splitlines(keepends=True), lines_of(128, 10))


def test_every_order_of_a_file_is_equally_likely(tmp_path: Path) -> None:
    """The lines of a small file come in each order equally often, although they do not fit into memory together."""
    source, target, n = tmp_path / "in.txt", tmp_path / "out.txt", 72
    source.write_bytes(b"1\n2\n3\n")
    seen: Counter[Any] = Counter()
    for number in range(n):
        with calling("shuffle_lines('in.txt', 'out.txt', rng, max_bytes=4), in.txt = b'1\\n2\\n3\\n'"):
            work.shuffle_lines(source, target, fresh(number), 4)
        require(target.is_file(), "shuffle_lines has not written the target")
        seen[target.read_bytes().decode("latin-1").replace("\n", "")] += 1
    orders = ["".join(order) for order in permutations("123")]
    off = chi_square(seen, orders, n)
    told = ", ".join(f"{order} {seen[order]}" for order in orders)
    require(
        off < bound(len(orders)),
        f"in {n} shuffles of three lines, of which two fit into memory, the orders do not come equally often",
        got=Shown(told),
        expected=Shown(f"each about {n // len(orders)} times"),
    )


def test_lines_travel_through_the_whole_file(tmp_path: Path) -> None:
    """A line may end up anywhere in the file, also when only a twentieth of it fits into memory."""
    source, target, n = tmp_path / "in.txt", tmp_path / "out.txt", 2000
    source.write_bytes(b"".join(lines_of(n, 10)))
    table = np.zeros((10, 10))
    uneven = 0.0
    for number in range(5):
        got = shuffled(source, target, number, n=n, max_bytes=1000)
        same_lines(got, lines_of(n, 10))
        order = np.array([int(line) for line in got])
        one = np.zeros((10, 10))
        np.add.at(one, (np.arange(n) * 10 // n, order * 10 // n), 1)
        table += one
        uneven += float(((one - 20) ** 2 / 20).sum())
        neighbours = int((np.diff(order) == 1).sum())
        require(neighbours < 15, f"{neighbours} lines still follow the line before them; expected about one")
    off = float(((table - 100) ** 2 / 100).sum())
    row, column = (int(i) for i in np.unravel_index(np.abs(table - 100).argmax(), table.shape))
    require(
        off < bound(82),  # ten by ten cells with fixed sums along both axes have 81 degrees of freedom
        f"lines come too often or too rarely from tenth {column + 1} of the source to tenth {row + 1} of the target",
        got=Shown(f"{int(table[row, column])} lines in five shuffles of {n}"),
        expected=Shown("about 100"),
    )
    # Piles of a set size favour no place on the average over many shuffles, but within each of them.
    require(
        uneven < bound(5 * 81 + 1),
        "in single shuffles the lines from one tenth of the source heap up in some tenths of the target; does a full "
        "pile hand lines on to another?",
        got=Shown(f"a spread {uneven / 405:.1f} times as large as by chance"),
        expected=Shown("about as large as by chance"),
    )
    # 405 is the mean and 29 the standard deviation for a fair shuffle.
    require(
        uneven > 200,
        "in single shuffles each tenth of the source is spread over the target more evenly than by chance; does a line "
        "avoid the pile of the line before it?",
        got=Shown(f"a spread {uneven / 405:.1f} times as large as by chance"),
        expected=Shown("about as large as by chance"),
    )


def test_the_seed_decides(tmp_path: Path) -> None:
    """The same seed writes the same bytes wherever the files lie, another seed others; no global state is touched."""
    lines = lines_of(200, 10)
    results = []
    for name, number in (("a", 1), ("b", 1), ("b", 1), ("c", 2)):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / f"in-{name}.txt").write_bytes(b"".join(lines))
        with global_random_state_kept():
            results.append(shuffled(folder / f"in-{name}.txt", folder / f"{name}.out", number, n=200, max_bytes=300))
    require(results[0] == results[1], "the same seed wrote another order in another folder")
    require(results[1] == results[2], "the same seed wrote another order in a second call")
    require(results[0] != results[3], "two seeds wrote the same order")
    random, orders = fresh(9), []
    for _ in range(2):
        orders.append(list(range(50)))
        with global_random_state_kept():
            work.fisher_yates(orders[-1], random)
    require(orders[0] != orders[1], "two shuffles with one generator made the same order")
    again = list(range(50))
    work.fisher_yates(again, fresh(9))
    require(orders[0] == again, "the same seed made another order of a list")


def test_few_files_and_long_lines(tmp_path: Path) -> None:
    """With a max_bytes far below the file, and below a single line, no more than 100 files are open at once."""
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    lines = [*lines_of(300, 10), b"a" * 30_000 + b"\n", b"b" * 30_000 + b"\n"]
    source.write_bytes(b"".join(lines))
    with few_open_files(100):
        same_lines(shuffled(source, target, 1, n=len(lines), max_bytes=60), lines)


@contextmanager
def few_open_files(most: int) -> Iterator[None]:
    """No more than `most` files can be opened beside those that are open already."""
    try:
        resource: Any = importlib.import_module("resource")
        open_now = max(int(path.name) for path in Path("/dev/fd").iterdir()) + 1
    except (ImportError, OSError, ValueError):
        not_tried("how many files are open at once cannot be limited on this system")
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(open_now + most, before[1]), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_memory_is_bounded(tmp_path: Path) -> None:
    """Files much larger than max_bytes are shuffled within four times max_bytes and 1 MB."""
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    work.fisher_yates([1, 2], fresh(1))
    # In the second case a few piles that are held whole are no bound either.
    for n, width, max_bytes in ((12_000, 100, 30_000), (1_200, 5_000, 80_000)):
        source.write_bytes(b"".join(lines_of(n, width)))
        limit_mb = (4 * max_bytes + 1_000_000) / 1e6
        what = f"shuffle_lines, with {n * width / 1e6} MB of lines and max_bytes={max_bytes:_},"
        with calling(f"shuffle_lines('in.txt', 'out.txt', rng, max_bytes={max_bytes:_})"):
            assert_memory(partial(work.shuffle_lines, source, target, fresh(1), max_bytes), limit_mb, what=what)


def test_target_is_replaced_by_a_rename(tmp_path: Path) -> None:
    """The target, be it the source or another file, is replaced by a rename at the very end."""
    place, elsewhere = folders(tmp_path, "data", "links")
    lines = lines_of(60, 10)
    for case, (name, max_bytes) in enumerate((("old.txt", 100), ("in.txt", 100), ("in.txt", 10**6))):
        (place / "in.txt").write_bytes(b"".join(lines))
        (place / "old.txt").write_bytes(b"old\n" * 500)
        target, link = place / name, elsewhere / str(case)
        old = target.read_bytes()
        try:
            os.link(target, link)
        except OSError:
            not_tried("this file system has no hard links: whether the target is renamed was not tried")
            link.write_bytes(old)
        early: list[str] = []

        def look(target: Path = target, old: bytes = old, early: list[str] = early) -> None:
            if not target.is_file() or target.read_bytes() != old:
                early.append("changed" if target.is_file() else "gone")

        with calling(f"shuffle_lines('in.txt', {name!r}, rng, max_bytes={max_bytes}), 60 lines of 10 bytes"):
            work.shuffle_lines(place / "in.txt", target, Watched(look), max_bytes)
        require(not early, f"the target {name} is {''.join(early[:1])} already while numbers are still drawn")
        same_lines(target.read_bytes().splitlines(keepends=True), lines)
        kept = link.read_bytes() == old
        require(kept, f"{name} was written into, expected a rename: a hard link to the file of before shows it")


def test_all_or_nothing(tmp_path: Path) -> None:
    """When rng fails in the middle, source and target are as they were, and the error reaches the caller."""
    (place,) = folders(tmp_path, "data")
    lines = b"".join(lines_of(12, 10))
    for name in ("old.txt", "new.txt", "in.txt"):
        for draws in (0, 1, 5, 11, 12, 17, 23):
            (place / "in.txt").write_bytes(lines)
            (place / "old.txt").write_bytes(b"old\n")
            (place / "new.txt").unlink(missing_ok=True)
            told = f"shuffle_lines('in.txt', {name!r}, rng that raises after {draws} draws, max_bytes=30)"
            if not completed(place / "in.txt", place / name, draws, told):
                for file, before in (("in.txt", lines), ("old.txt", b"old\n")):
                    after = (place / file).read_bytes() if (place / file).is_file() else b""
                    require((place / file).is_file(), f"{file} is gone although the shuffle failed", call=told)
                    message = f"{file} has changed although the shuffle failed"
                    require(after == before, message, got=after, expected=before, call=told)
                require(not (place / "new.txt").exists(), "new.txt is there although the shuffle failed", call=told)


def completed(source: Path, target: Path, draws: int, told: str) -> bool:
    """Whether the shuffle came to its end before the generator failed."""
    has_failed = False
    generator = unlucky(draws)
    fail_at_last = generator.before_draw

    def note() -> None:
        nonlocal has_failed
        try:
            fail_at_last()
        except PowerCut:
            has_failed = True
            raise

    generator.before_draw = note
    try:
        work.shuffle_lines(source, target, generator, 30)
    except PowerCut:
        return False
    require(not has_failed, "rng raised an error that has not reached the caller of shuffle_lines", call=told)
    return True


edges()


def test_lists_of_any_length() -> None:
    """fisher_yates keeps every item of a list of any length, equal ones too."""
    for n in (0, 1, 2, 7, 128, 1000):
        items = [i // 2 for i in range(n)]
        expected = sorted(items)
        work.fisher_yates(items, fresh(n))
        assert_equal(sorted(items), expected, what="the sorted list after fisher_yates")
    items = list(range(1000))
    work.fisher_yates(items, fresh(2))
    stayed = sum(i == item for i, item in enumerate(items))
    require(stayed < 12, f"{stayed} of 1000 items are where they were, expected about one")


def test_lines_are_bytes(tmp_path: Path) -> None:
    r"""Only \n ends a line: all other bytes stay, blank and repeated lines too, and a last line gets its \n."""
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    odd = [b"a\r\n", b"\n", b"\n", b"b\rc\n", b"\xff\xfe\x00\n", b"d\x0be\x0cf\n", "g\u2028h\x85i\n".encode(), b" x \n"]
    odd.append(odd[0])
    cases = [(odd, b"".join(odd)), ([b"a\n", b"b\n"], b"a\nb"), ([b"\n"], b"\n"), ([], b""), ([b"z\n"], b"z")]
    for lines, raw in cases:
        for max_bytes in (4, 1000):
            source.write_bytes(raw)
            with calling(f"shuffle_lines('in.txt', 'out.txt', rng, max_bytes={max_bytes}), in.txt = {shorten(raw)}"):
                got = work.shuffle_lines(source, target, fresh(3), max_bytes)
            assert_equal(got, len(lines), what="the number of lines returned")
            require(target.is_file(), "shuffle_lines has not written the target")
            found = target.read_bytes()
            ends = found.endswith(b"\n") or not found
            require(ends, "the last line of the target has no line end", got=found[-20:])
            same_lines([line + b"\n" for line in found.split(b"\n")[:-1]], lines)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """Files on the way lie in the target's folder, and are gone afterwards, also when the shuffle fails."""
    origin, place, scratch = folders(tmp_path, "from", "to", "system's temporary folder")
    lines = b"".join(lines_of(12, 10))
    (origin / "in.txt").write_bytes(lines)
    for draws in (1000, 0, 5, 12, 17):
        (place / "out.txt").write_bytes(b"old\n")
        before = {origin: ["in.txt"], place: ["out.txt"], scratch: []}
        strange: list[str] = []
        generator = unlucky(draws)
        fail_at_last = generator.before_draw

        def look(strange: list[str] = strange, fail_at_last: Callable[[], None] = fail_at_last) -> None:
            strange.extend(str(path.relative_to(tmp_path)) for path in scratch.iterdir())
            strange.extend(f"from/{name}" for name in names(origin) if name != "in.txt")
            fail_at_last()

        generator.before_draw = look
        luck = f"rng that raises after {draws} draws" if draws < 1000 else "rng"
        told = f"shuffle_lines('from/in.txt', 'to/out.txt', {luck}, max_bytes=30)"
        with own_temporary_folder(scratch), calling(told), suppress(PowerCut):
            work.shuffle_lines(origin / "in.txt", place / "out.txt", generator, 30)
        require(not strange, "a file on the way is not in the target's folder", got=strange[:1], call=told)
        for folder, expected in before.items():
            assert_equal(names(folder), expected, what=f"afterwards, what lies in {folder.name!r},", call=told)


def test_bad_arguments(tmp_path: Path) -> None:
    """A max_bytes below 1 raises ValueError, a source that is not there FileNotFoundError."""
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_bytes(b"a\nb\n")
    for bad in (0, -5):
        assert_raises(ValueError, work.shuffle_lines, source, target, fresh(1), bad)
    assert_raises(FileNotFoundError, work.shuffle_lines, tmp_path / "none.txt", target, fresh(1), 100)
    assert_raises(FileNotFoundError, work.shuffle_lines, tmp_path / "none.txt", target, fresh(1))
