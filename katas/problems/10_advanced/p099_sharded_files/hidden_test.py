"""Hidden test of p099_sharded_files."""

from pathlib import Path

from kata_runner.checking import (
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    edges,
    global_random_state_kept,
    learner,
    require,
    rng,
    run_python,
    temporary_folder,
    unchanged,
)

work = learner("sharding")


def plan(sizes: dict[str, int], world: int) -> list[set[str]]:
    """The paths of all ranks, by the rule of the task."""
    shards: list[list[str]] = [[] for _ in range(world)]
    left = list(sizes)
    while left:
        path = min(left, key=lambda path: (-sizes[path], path))
        left.remove(path)
        load = [(sum(sizes[other] for other in shard), len(shard), r) for r, shard in enumerate(shards)]
        shards[min(load)[2]].append(path)
    return [set(shard) for shard in shards]


def some_sizes(stream: int, n: int, largest: int = 1_000) -> dict[str, int]:
    return {f"part-{i:03}.bin": int(size) for i, size in enumerate(rng(stream).integers(1, largest, n))}


SMALL = {"a.bin": 9, "b.bin": 5, "c.bin": 4, "d.bin": 1}
EQUAL = {f"{letter}.bin": 7 for letter in "abcdefghij"}


def shard(sizes: dict[str, int], rank: int, world: int) -> set[str]:
    got = work.shard(sizes, rank, world)
    assert_type(got, set)
    return set(got)


def assert_plan(sizes: dict[str, int], world: int) -> None:
    expected = plan(sizes, world)
    for rank in range(world):
        got = shard(dict(sizes), rank, world)
        assert_equal(sorted(got), sorted(expected[rank]), what=f"sorted(shard(…, {rank}, {world}))")


def test_every_path_has_one_rank() -> None:
    """1. Every path belongs to exactly one rank."""
    for sizes, world in ((SMALL, 1), (SMALL, 2), (EQUAL, 4), (some_sizes(1, 23), 4)):
        paths = [path for rank in range(world) for path in shard(dict(sizes), rank, world)]
        assert_equal(sorted(paths), sorted(sizes), what=f"the paths of all {world} ranks, sorted")


def test_bytes_are_balanced() -> None:
    """2. From the largest file on, each goes to the rank with the fewest bytes, then files, then to the lowest."""
    for sizes, world in ((SMALL, 2), ({"a": 30, "b": 22, "c": 21, "d": 20}, 2), ({"a": 1, "b": 10, "c": 2}, 2)):
        assert_plan(sizes, world)
    assert_plan({"large": 10, "z1": 0, "z2": 0, "z3": 0, "z4": 0}, 3)  # no bytes: the fewest files decide
    for stream, n, world in ((2, 23, 4), (3, 40, 3), (4, 9, 5)):
        assert_plan(some_sizes(stream, n), world)


def test_order_of_an_epoch() -> None:
    """6. The same seed and epoch lead to the same order, another seed or another epoch to another one."""
    sizes = some_sizes(5, 60)
    for rank in (0, 3):
        orders = {
            (seed, epoch): work.epoch_order(dict(sizes), rank, 4, seed, epoch)
            for seed in range(4)
            for epoch in range(4)
        }
        for order in orders.values():
            assert_type(order, list)
            assert_equal(len(order), len(set(order)), what=f"the number of different paths of rank {rank}")
        again = work.epoch_order(dict(sizes), rank, 4, seed=2, epoch=3)
        assert_equal(again, orders[2, 3], what="the second order for seed=2, epoch=3")
        default = work.epoch_order(dict(sizes), rank, 4)
        assert_equal(default, orders[0, 0], what="the order without seed and epoch")
        seen: dict[tuple[str, ...], tuple[int, int]] = {}
        for (seed, epoch), order in orders.items():
            twin = seen.setdefault(tuple(order), (seed, epoch))
            require(
                twin == (seed, epoch),
                f"(seed, epoch) = {twin} and {(seed, epoch)} have the same order of {len(order)} files",
                got=order,
            )


def test_four_processes() -> None:
    """8. Four processes print their files: each file once in all, in the order that epoch_order returns here."""
    with temporary_folder() as folder:
        sizes = {**some_sizes(6, 13, 300), "sub/deep/x.bin": 40, "sub/y z.bin": 500, "é.txt": 7}
        for name, size in sizes.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(bytes(size))
        printed: list[str] = []
        for rank in range(4):
            expected = work.epoch_order(dict(sizes), rank, 4, seed=3, epoch=2)
            lines = program(folder, "--rank", str(rank), "--world", "4", "--seed", "3", "--epoch", "2")
            assert_equal(lines, expected, what=f"the lines of rank {rank}")
            printed += lines
        assert_equal(sorted(printed), sorted(sizes), what="the lines of all ranks, sorted")
        expected = work.epoch_order(dict(sizes), 1, 2)
        assert_equal(program(folder, "--rank", "1", "--world", "2"), expected, what="the lines without seed and epoch")


# With another seed for hash(), as every process has in real life.
LAUNCH = """
import os, subprocess, sys
environment = {**os.environ, "PYTHONHASHSEED": "7"}
sys.exit(subprocess.run([sys.executable, *sys.argv[1:]], env=environment).returncode)
"""


def program(folder: Path, *options: str) -> list[str]:
    ran = run_python("-c", LAUNCH, "sharding.py", folder, *options, timeout_s=60)
    with calling(f"python sharding.py FOLDER {' '.join(options)}"):
        require(ran.code == 0, f"it ends with status {ran.code}: {ran.stderr.strip()[-200:]}")
    return ran.stdout.splitlines()


edges()


def test_plan_depends_on_paths_and_sizes() -> None:
    """4. The plan does not depend on the order of the dict, nor on seed and epoch."""
    sizes = {**EQUAL, **SMALL, **some_sizes(7, 20, 5)}
    names = sorted(sizes)
    for rank in range(4):
        first = sorted(shard({name: sizes[name] for name in names}, rank, 4))
        for stream in (8, 9):
            shuffled = {names[i]: sizes[names[i]] for i in rng(stream).permutation(len(names))}
            assert_equal(sorted(shard(shuffled, rank, 4)), first, what="the sorted paths for the dict in another order")
            for seed, epoch in ((0, 0), (1, 2)):
                order = work.epoch_order(dict(sizes), rank, 4, seed, epoch)
                assert_equal(sorted(order), first, what="the sorted order")
                other = work.epoch_order(shuffled, rank, 4, seed, epoch)
                assert_equal(other, order, what="the order for the dict in another order")


def test_equal_sizes() -> None:
    """3. Files of equal size are taken in the order of their paths, as Python sorts strings."""
    for names in ("ba", "jihgfedcba", "bBaA", ("10", "9", "1")):
        assert_plan(dict.fromkeys(names, 7), 2)
    assert_plan({"b": 5, "a": 5, "d": 3, "c": 3, "e": 8}, 3)


def test_more_ranks_than_files() -> None:
    """5. There may be more ranks than files; some then have none."""
    for sizes, world in ((SMALL, 6), ({"a": 1}, 4), ({}, 2)):
        assert_plan(sizes, world)
    assert_equal(work.epoch_order({"a": 1}, 3, 4), [], what="the order of a rank without files")


def test_nothing_else_changes() -> None:
    """7. Python's and NumPy's global generators are left alone, and so is sizes."""
    sizes = some_sizes(10, 12)
    with unchanged(sizes=sizes), global_random_state_kept():
        work.shard(sizes, 1, 4)
        work.epoch_order(sizes, 1, 4, seed=5, epoch=6)
    assert_equal(list(sizes), sorted(sizes), what="the order of sizes afterwards")
    got = work.shard(sizes, 0, 2)
    assert_type(got, set)
    got.clear()
    assert_plan(sizes, 2)


def test_ranks_that_do_not_exist() -> None:
    """9. ValueError for a world below 1 and a rank not from 0 to world - 1; the program ends with an error."""
    for rank, world in ((0, 0), (0, -1), (4, 4), (-1, 4), (5, 4)):
        assert_raises(ValueError, work.shard, dict(SMALL), rank, world)
        assert_raises(ValueError, work.epoch_order, dict(SMALL), rank, world)
        assert_raises(ValueError, work.shard, {}, rank, world)
    with temporary_folder() as folder:
        (folder / "a.bin").write_bytes(b"a")
        ran = run_python("sharding.py", folder, "--rank", "4", "--world", "4", timeout_s=60)
        with calling("python sharding.py FOLDER --rank 4 --world 4"):
            require(ran.code != 0, "it ends with status 0", got=ran.stdout)
            require(bool(ran.stderr.strip()), "nothing is written to standard error")
