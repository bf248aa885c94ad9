"""Hidden test of c09_2_gpu_concepts."""

import sys
from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Boxes,
    Shown,
    as_array,
    assert_answers,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    choice,
    edges,
    fail,
    learner,
    learner_module,
    number,
    numbers,
    read_answers,
    require,
    rng,
    unchanged,
)

work = learner("grid")
Array = NDArray[Any]
Pair = tuple[int, int]
whole = partial(number, rtol=0)
wholes = partial(numbers, rtol=0)
STUB = Path(__file__).parent / "stub" / "matmul.dot"

# What a box does -> the names it may bear; the task lists the same.
NAMES = {
    "host input": "host input, host inputs, cpu input",
    "copy to device": "copy to device, host to device, h2d",
    "global input": "global input, global inputs, device input",
    "block index": "block index, blockIdx",
    "thread index": "thread index, threadIdx",
    "element": "element, row and column",
    "load": "load, load tiles",
    "shared memory": "shared memory, shared tiles",
    "barrier": "barrier, syncthreads, sync",
    "multiply add": "multiply add, accumulate, fma",
    "register": "register, accumulator, running sum",
    "store": "store, write",
    "global output": "global output, device output",
    "copy to host": "copy to host, device to host, d2h",
    "host output": "host output, cpu output",
}


@cache
def drawing() -> Boxes:
    """The diagram, read once; not begun while the file is as it came."""
    return Boxes("matmul.dot", NAMES, stub=STUB)


def pair_of(got: Any, expected: Pair) -> None:
    """The learner's pair has these two numbers."""
    values = as_array(got)
    require(values.shape == (2,), "two numbers are expected", got=got, expected=expected)
    assert_equal([int(v) if float(v).is_integer() else float(v) for v in values], list(expected))


def plain_grid(shape: Pair, block: Pair) -> Pair:
    """Count blocks until the matrix is covered."""
    x = y = 0
    while x * block[0] < shape[1]:
        x += 1
    while y * block[1] < shape[0]:
        y += 1
    return x, y


def test_the_grid_covers_the_matrix() -> None:
    """1. grid_for returns the fewest blocks, (x, y), that cover a matrix of (rows, columns)."""
    cases = [((1, 1), (1, 1)), ((4, 6), (2, 2)), ((4, 6), (3, 2)), ((3, 5), (4, 2)), ((2, 3), (16, 8))]
    cases += [((1000, 600), (32, 8)), ((8, 33), (32, 8)), ((127, 1), (1, 64))]
    for shape, block in cases:
        pair_of(work.grid_for(shape, block), plain_grid(shape, block))


def test_each_thread_knows_its_element() -> None:
    """2. element_of returns the (row, column) of a thread's element, also where it lies outside C."""
    for block_idx, thread_idx, block in [
        ((0, 0), (0, 0), (4, 2)),
        ((0, 0), (3, 1), (4, 2)),
        ((1, 0), (0, 1), (4, 2)),
        ((0, 2), (1, 0), (4, 2)),
        ((13, 64), (5, 6), (32, 8)),
        ((2, 0), (7, 0), (256, 1)),
    ]:
        x, y = (block_idx[i] * block[i] + thread_idx[i] for i in (0, 1))
        pair_of(work.element_of(block_idx, thread_idx, block), (y, x))


def test_32_threads_form_a_warp() -> None:
    """3. lane_of returns the warp within the block and the place in the warp, threads numbered with x fastest."""
    for block, threads in (
        ((16, 4), [(0, 0), (1, 0), (15, 0), (0, 1), (15, 1), (0, 2), (1, 2), (15, 3)]),
        ((32, 2), [(31, 0), (0, 1), (31, 1)]),
        ((20, 3), [(19, 0), (11, 1), (12, 1), (19, 2)]),
        ((256, 1), [(31, 0), (32, 0), (255, 0)]),
    ):
        order = [(x, y) for y in range(block[1]) for x in range(block[0])]
        for thread_idx in threads:
            number = order.index(thread_idx)
            pair_of(work.lane_of(thread_idx, block), (number // 32, number % 32))


def test_every_thread_runs_once() -> None:
    """4. launch calls the kernel once for each thread of each block, with (x, y) of both."""
    for grid, block in (((1, 1), (1, 1)), ((1, 1), (3, 2)), ((3, 2), (1, 1)), ((2, 3), (4, 1)), ((3, 1), (2, 4))):
        expected = Counter(
            ((bx, by), (tx, ty))
            for bx in range(grid[0])
            for by in range(grid[1])
            for tx in range(block[0])
            for ty in range(block[1])
        )
        ran: Counter[Any] = Counter()

        def kernel(block_idx: Any, thread_idx: Any, ran: Counter[Any] = ran) -> None:
            ran[tuple(int(i) for i in block_idx), tuple(int(i) for i in thread_idx)] += 1

        work.launch(kernel, grid, block)
        n = sum(expected.values())
        for who in sorted((expected - ran) + (ran - expected)):
            what = Shown(f"block {who[0]}, thread {who[1]} ran {ran[who]} times")
            message = f"of {n} threads, {sum(ran.values())} ran"
            fail(message, got=what, expected=Shown(f"{expected[who]} times"), call=f"launch(kernel, {grid}, {block})")


def test_a_thread_writes_its_own_element() -> None:
    """5. thread_work writes the one element of c that is the thread's, and changes nothing else."""
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0, 7.0], [8.0, 9.0, 10.0]])
    cases = [(a, b, (0, 0), (0, 0), (1, 1)), (a, b, (1, 0), (0, 1), (2, 2)), (a, b, (0, 1), (2, 0), (3, 1))]
    big_a, big_b = rng(1).normal(size=(9, 7)), rng(2).normal(size=(7, 11))
    cases += [(big_a, big_b, (2, 1), (0, 3), (4, 5)), (big_a, big_b, (0, 8), (10, 0), (16, 1))]
    for one, two, block_idx, thread_idx, block in cases:
        x, y = (block_idx[i] * block[i] + thread_idx[i] for i in (0, 1))
        c = np.full((len(one), two.shape[1]), -7.0)
        expected = c.copy()
        expected[y, x] = sum(p * q for p, q in zip(one[y].tolist(), two[:, x].tolist(), strict=True))
        with unchanged(a=one, b=two):
            work.thread_work(one, two, c, block_idx, thread_idx, block)
        assert_close(c, expected, what="c")


def counted(call: Callable[[], Any]) -> tuple[Any, int]:
    """Run `call` and count how often the learner's thread_work began."""
    function: Any = getattr(learner_module("grid"), "thread_work", None)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    calls = 0

    def note(frame: FrameType, event: str, _: Any) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code is code

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        result = call()
    finally:
        sys.setprofile(before)
    return result, calls


def test_the_grid_multiplies_matrices() -> None:
    """6. matmul returns a @ b as a new float64 array, thread_work being run for every thread of the grid."""
    source = rng(3)
    cases = [(np.array([[2.0]]), np.array([[3.0]]), (1, 1))]
    for n, k, m, block in [(2, 2, 2, (2, 2)), (3, 2, 5, (4, 2)), (5, 4, 2, (1, 3)), (2, 3, 2, (16, 8))]:
        cases.append((source.normal(size=(n, k)), source.normal(size=(k, m)), block))
    cases.append((source.normal(size=(3, 2)).astype(np.float32), source.normal(size=(2, 3)).astype(np.float32), (2, 2)))
    cases.append((np.arange(6).reshape(2, 3), np.arange(6).reshape(3, 2), (2, 1)))
    for a, b, block in cases:
        expected = np.zeros((len(a), b.shape[1]))
        for i, j in np.ndindex(*expected.shape):
            expected[i, j] = sum(float(p) * float(q) for p, q in zip(a[i], b[:, j], strict=True))
        with unchanged(a=a, b=b):
            got, calls = counted(lambda a=a, b=b, block=block: work.matmul(a, b, block))
        assert_close(got, expected, rtol=1e-5 if a.dtype == np.float32 else 1e-9, atol=1e-6)
        assert_dtype(got, np.float64)
        grid = plain_grid(expected.shape, block)
        threads = grid[0] * grid[1] * block[0] * block[1]
        message = f"the grid has {threads} threads, but thread_work was called {calls} times"
        require(calls == threads, message, got=Shown(f"{calls} calls"), expected=Shown(f"{threads} calls"))


def test_every_box_is_a_step_of_the_product() -> None:
    """7. Every box has a name from the table; there are two barriers, and every other step comes once."""
    drawn = drawing()
    for key, kind in drawn.kinds.items():
        require(bool(kind), f"matmul.dot: the box {drawn.name(key)} has no name from the table in the task", call=" ")
    for kind in NAMES:
        require(bool(drawn.of(kind)), f"matmul.dot: there is no box for the step {kind!r}", call=" ")
    for kind in NAMES:
        if kind == "barrier":
            drawn.exactly(kind, 2, "there have to be two barriers")
        else:
            drawn.exactly(kind, 1, f"{kind!r} has to be there once")


def test_numbers_travel_from_cpu_to_cpu() -> None:
    """8. Data go from the CPU to the tiles and from the running sum back, in the right order."""
    drawn = drawing()
    road = [
        ("copy to device", ["host input"], "Where are A and B at first?"),
        ("global input", ["copy to device"], "How do A and B come into the memory of the GPU?"),
        ("shared memory", ["load"], "Who fills the tiles?"),
        ("store", ["element", "register"], "What is written, and where?"),
        ("global output", ["store"], "How does C come into the memory of the GPU?"),
        ("copy to host", ["global output"], "From where is C copied?"),
        ("host output", ["copy to host"], "How does C come into the memory of the CPU?"),
    ]
    for kind, expected, nudge in road:
        for key in drawn.of(kind):
            drawn.fed_by(key, expected, nudge)
    for key in drawn.of("load"):
        if not {"global input", "element"} <= set(drawn.sources(key)):
            drawn.wrong(key, "From where does a thread fetch its numbers, and how does it know which?")


def test_an_element_is_found_from_two_numbers() -> None:
    """8. The element is found from the right two numbers, and nothing flows into these or into the host's input."""
    drawn = drawing()
    for key in drawn.of("element"):
        drawn.fed_by(key, ["block index", "thread index"], "Which two places does element_of combine?")
    for kind in ("block index", "thread index", "host input"):
        for key in drawn.of(kind):
            require(not drawn.sources(key), f"matmul.dot: an arrow leads into {drawn.name(key)}", call=" ")
    for key in drawn.of("host output"):
        require(not drawn.diagram.successors(key), "matmul.dot: an arrow leads out of the host's output", call=" ")


def test_the_block_waits_twice() -> None:
    """9. The two barriers stand where they are needed, and the second leads on to the next tiles."""
    drawn = drawing()
    roads = []
    for key in drawn.exactly("barrier", 2, "there have to be two barriers"):
        after = sorted(drawn.kinds[b] for b in drawn.diagram.successors(key))
        roads.append((drawn.sources(key), after))
        # Before the products: behind the load or the tiles. After them: behind the products or the sum.
        is_first = drawn.sources(key) in (["load"], ["shared memory"]) and after == ["multiply add"]
        is_second = drawn.sources(key) in (["multiply add"], ["register"]) and after == ["load"]
        nudge = "Which work of all threads has to be over before it, and which begins after it?"
        if not is_first and not is_second:
            message = f"matmul.dot: the barrier {drawn.name(key)} does not stand where it is needed. {nudge}"
            fail(message, got=Shown(f"{', '.join(roads[-1][0])} -> barrier -> {', '.join(after)}"), call=" ")
    apart = "matmul.dot: both barriers wait for the same thing"
    require(len({tuple(after) for _, after in roads}) == 2, apart, got=[after for _, after in roads], call=" ")
    for key in drawn.of("load"):
        drawn.fed_by(key, ["barrier", "element", "global input"], "What must be over before the next tiles are loaded?")


def test_the_sum_goes_on_from_tile_to_tile() -> None:
    """9. Products are made of the tiles and the running sum, and go into the running sum."""
    drawn = drawing()
    for key in drawn.of("multiply add"):
        # The tiles come by way of the barrier, or straight from shared memory.
        if drawn.sources(key) not in (["barrier", "register"], ["barrier", "register", "shared memory"]):
            drawn.wrong(key, "What is multiplied once all have loaded, and to what are the products added?")
        known = {drawn.kinds[b] for b in drawn.diagram.predecessors(drawn.the_source(key, "barrier"))}
        reached = "shared memory" in known or "shared memory" in drawn.sources(key)
        require(reached, "matmul.dot: no arrow brings the tiles to the products", got=sorted(known), call=" ")
    for key in drawn.of("register"):
        drawn.fed_by(key, ["multiply add"], "What changes the running sum?")


def test_it_is_counted_who_computes_what() -> None:
    """11. Grid, element, block, thread, lane and the idle threads are worked out right."""
    a = read_answers()
    assert_answers(
        wholes(a, "grid", [19, 125], "The last column needs a thread, too. x runs along the columns."),
        wholes(a, "element", [42, 103], "Full blocks before this one, then its own place; y belongs to the row."),
        wholes(a, "block_of", [13, 64], "How many full blocks lie before column 421, and before row 518?"),
        wholes(a, "thread_of", [5, 6], "What is left once the full blocks before it are taken away?"),
        whole(a, "idle", 8000, "All threads of all blocks, minus those that have an element."),
        wholes(a, "lane", [4, 21], "Full rows of 16 threads come before it; then count by 32."),
    )


def test_traffic_is_counted() -> None:
    """11. Loads from global memory, bytes of shared memory and segments are counted right."""
    a = read_answers()
    assert_answers(
        whole(a, "plain_loads", 2 * 1024**3, "What does one thread need of A and of B for its element?"),
        whole(
            a,
            "tiled_loads",
            2 * 1024**3 / 16,
            "For one pair of tiles, what does a block load? How many pairs and blocks?",
        ),
        whole(a, "tile_bytes", 8192, "Two tiles, four bytes for each number."),
        whole(a, "segments_row", 1, "How many bytes from the first to the last of the 32 numbers?"),
        whole(a, "segments_column", 32, "How many bytes lie between A[row, k] and A[row + 1, k]?"),
    )


def test_room_and_time_are_worked_out() -> None:
    """11. Resident blocks, occupancy, and the times of copies and of the product are right."""
    a = read_answers()
    copy, product = 3 * 4096**2 * 4 / 25e9 * 1e3, 2 * 4096**3 / 20e12 * 1e3
    assert_answers(
        whole(a, "resident", 4, "Threads, registers and shared memory each set a limit, in whole blocks."),
        number(a, "occupancy", 0.5, "The threads of the blocks that are there, out of 2048."),
        number(a, "copy_ms", copy, "Two matrices there, one back; four bytes a number; milliseconds."),
        number(a, "compute_ms", product, "Operations through operations a second; milliseconds."),
    )


def test_threads_and_blocks_are_understood() -> None:
    """10. The questions on threads, warps and blocks are answered."""
    a = read_answers()
    assert_answers(
        choice(a, "shared", "b", "In the product with tiles, who reads a number that one thread has put there?"),
        choice(a, "order", "c", "A small GPU must be able to run the same grid as a large one."),
        choice(a, "block_sizes", "ac", "Multiply all three. Every letter that holds."),
        choice(a, "divergence", "a", "Work out the warps: does any of them have threads on both sides?"),
        choice(a, "coalescing", "c", "How far apart do the threads (0, 0) and (1, 0) write, either way?"),
        choice(a, "latency", "a", "Why is a high occupancy wanted at all?"),
    )


def test_tiles_are_understood() -> None:
    """10. The questions on tiles and barriers are answered."""
    a = read_answers()
    assert_answers(
        choice(a, "first_barrier", "d", "Follow two threads through one turn of the loop, one of them slower."),
        choice(a, "second_barrier", "b", "Follow two threads through two turns of the loop, one of them slower."),
        choice(a, "edge_tiles", "b", "For each answer: what becomes of the other threads of the block?"),
        choice(a, "why_tiles", "c", "Compare plain_loads with tiled_loads."),
    )


def test_when_it_pays_is_understood() -> None:
    """10. The questions on copies, timing and last digits are answered."""
    a = read_answers()
    assert_answers(
        choice(a, "pays", "abd", "Compare copies with operations, for each. Every letter that holds."),
        choice(a, "timing", "b", "Who reads the clock, and what has it done itself between the two readings?"),
        choice(a, "digits", "c", "For each answer: which digits would change? Would they be the same in every run?"),
    )


edges()


class Watched(np.ndarray):  # type: ignore[type-arg]
    """A matrix that counts how many of its numbers are read one by one."""

    reads = 0

    def __getitem__(self, key: Any) -> Any:
        got = super().__getitem__(key)
        Watched.reads += np.ndim(got) == 0
        return got


def test_threads_outside_do_nothing() -> None:
    """5. A thread outside C reads and writes nothing."""
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0, 7.0], [8.0, 9.0, 10.0]])
    for block_idx, thread_idx, block in (
        ((0, 0), (3, 0), (4, 4)),
        ((0, 0), (0, 2), (4, 4)),
        ((1, 0), (1, 1), (2, 2)),
        ((0, 1), (1, 0), (2, 2)),
        ((1, 1), (3, 3), (4, 4)),
    ):
        c = np.full((2, 3), -7.0)
        with unchanged(a=a, b=b):
            work.thread_work(a, b, c, block_idx, thread_idx, block)
        assert_close(c, np.full((2, 3), -7.0), what="c")
        Watched.reads = 0
        work.thread_work(a.view(Watched), b.view(Watched), c, block_idx, thread_idx, block)
        require(Watched.reads == 0, "a thread outside C reads numbers of A or B", got=Shown(f"{Watched.reads} read"))


def test_a_block_has_at_most_1024_threads() -> None:
    """4. A block of more than 1024 threads is a ValueError, and nothing runs."""
    ran = []

    def kernel(block_idx: Any, thread_idx: Any) -> None:
        ran.append((block_idx, thread_idx))

    work.launch(kernel, (1, 1), (32, 32))
    require(len(ran) == 1024, "a block of 1024 threads is allowed", got=Shown(f"{len(ran)} threads ran"))
    ran.clear()
    for block in ((1025, 1), (1, 1025), (64, 32), (33, 32)):
        assert_raises(ValueError, work.launch, kernel, (1, 1), block, call=f"launch(kernel, (1, 1), {block})")
        require(not ran, "launch raised ValueError after some threads had run", got=Shown(f"{len(ran)} threads ran"))


def test_shapes_have_to_fit() -> None:
    """6. matmul raises ValueError for a and b whose shapes do not fit."""
    for n, k, rows, m in ((2, 3, 2, 3), (2, 2, 3, 2), (3, 1, 2, 2)):
        assert_raises(ValueError, work.matmul, np.ones((n, k)), np.ones((rows, m)), (2, 2))
