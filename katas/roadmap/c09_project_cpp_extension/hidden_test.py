"""Hidden test of c09_project_cpp_extension."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    answer_path,
    answer_text,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_faster,
    assert_raises,
    assert_type,
    edges,
    fail,
    learner,
    learner_module,
    require,
    rng,
    temporary_folder,
    timing,
    todo,
    unchanged,
)

native = learner("fast_dense")
work = learner("network_speed")
Array = NDArray[Any]
STUB = Path(__file__).parent / "stub" / "CMakeLists.txt"
# A build type or flags of the learner's shell are no merit of the project.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("CMAKE_BUILD_TYPE", "CMAKE_GENERATOR", "CXXFLAGS")}


def product(*args: object) -> Any:
    """The C++ function; it leaves no Python frame, so "not written yet" is told here."""
    function = native.product
    try:
        return function(*args)
    except NotImplementedError:
        todo("product is not written yet")


def program(name: str) -> str | None:
    return shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)


@cache
def configured() -> str:
    """The command with which the learner's own project compiles fast_dense.cpp, configured outside of kata."""
    import pybind11

    text = answer_text("CMakeLists.txt")
    if text.split() == STUB.read_text(encoding="utf-8").split():
        todo("CMakeLists.txt is still the stub")
    with temporary_folder() as folder:
        for name in ("CMakeLists.txt", "fast_dense.cpp"):
            shutil.copy(answer_path(name), folder / name)
        command = [program("cmake") or "cmake", "-S", str(folder), "-B", str(folder / "build"), "-Wno-dev"]
        command += [f"-Dpybind11_DIR={pybind11.get_cmake_dir()}", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"]
        # Whichever way the project looks for Python, it is to be the one that runs here.
        command += [f"-D{name}_EXECUTABLE={sys.executable}" for name in ("Python", "Python3", "PYTHON")]
        command += ["-G", "Ninja"] if program("ninja") else []
        ran = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, env=ENVIRONMENT)
        if ran.returncode != 0:
            lines = [line.strip() for line in ran.stderr.splitlines() if line.strip()]
            first = next((" ".join(lines[i : i + 3]) for i, line in enumerate(lines) if "CMake Error" in line), "")
            fail("cmake -S . -B build fails", got=Shown(first[:300] or "no message"), call="cmake -S . -B build")
        path = folder / "build" / "compile_commands.json"
        entries = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        mine = [entry["command"] for entry in entries if entry["file"].endswith("fast_dense.cpp")]
        files = Shown(f"{len(entries)} files are compiled")
        require(bool(mine), "no target compiles fast_dense.cpp", got=files, call="cmake -S . -B build")
        named = any("CMakeFiles/fast_dense.dir" in command.replace("\\", "/") for command in mine)
        require(named, "there is no target named fast_dense", call="cmake -S . -B build")
        return str(mine[0])


def test_the_project_stands_by_itself() -> None:
    """1. CMakeLists.txt is a project of its own, with a target fast_dense that compiles fast_dense.cpp."""
    configured()


def test_it_is_compiled_optimised() -> None:
    """2. fast_dense.cpp is compiled optimised where no build type is named."""
    command = configured()
    given = re.findall(r"\s[-/](O\d|Os|Ofast|Od)\b", command)
    fast = bool(given) and given[-1] in ("O2", "O3", "Ofast")
    got = Shown(f"-{given[-1]}" if given else "no -O at all")
    require(fast, "without a build type it is not compiled optimised", got=got, expected=Shown("-O2 or -O3"), call=" ")


def loops(x: Array, w: Array) -> Array:
    out = np.zeros((len(x), len(w)))
    for i, j in np.ndindex(*out.shape):
        out[i, j] = sum(p * q for p, q in zip(x[i].tolist(), w[j].tolist(), strict=True))
    return out


def pair(n: int, d: int, h: int, stream: int) -> tuple[Array, Array]:
    source = rng(stream)
    return source.normal(size=(n, d)), source.normal(size=(h, d))


def test_rows_are_multiplied_by_rows() -> None:
    """3. product returns x @ w.T as a new float64 array, for any sizes."""
    for n, d, h in [(1, 1, 1), (1, 2, 2), (2, 3, 4), (4, 3, 2), (7, 1, 5), (3, 65, 9), (33, 4, 17), (2, 3000, 1)]:
        x, w = pair(n, d, h, 1)
        expected = loops(x, w)
        with unchanged(x=x, w=w):
            got = product(x, w)
        assert_close(got, expected, rtol=1e-9)
        assert_type(got, np.ndarray, what="product")
        assert_dtype(got, np.float64, what="product")
    x, w = pair(2, 3, 2, 2)
    first, second = product(x, w), product(-x, w)
    assert_close(first, loops(x, w), rtol=1e-9, what="the first result, after a second call,")
    require(not np.shares_memory(first, second), "the second call returned memory of the first result")


def test_another_kind_of_array_is_refused() -> None:
    """4. Another dtype or a list is a TypeError, another number of axes or of columns a ValueError."""
    x, w = pair(3, 2, 4, 3)
    for dtype in (np.float32, np.int64, np.dtype(np.float64).newbyteorder("S")):
        assert_raises(TypeError, product, x.astype(dtype), w, call=f"product(x, w)  # x is {np.dtype(dtype)}")
        assert_raises(TypeError, product, x, w.astype(dtype), call=f"product(x, w)  # w is {np.dtype(dtype)}")
    assert_raises(TypeError, product, x.tolist(), w, call="product(x, w)  # x is a list")
    assert_raises(TypeError, product, x, w.tolist(), call="product(x, w)  # w is a list")
    for one, two in ((x, w[:, :1]), (x[:, :1], w), (x[0], w), (x, w[0]), (x[..., None], w), (x, w[..., None])):
        assert_raises(ValueError, product, one, two, call=f"product(x, w)  # shapes {one.shape} and {two.shape}")


def slow_loops(x: list[list[float]], w: list[list[float]]) -> list[list[float]]:
    out = []
    for row in x:
        line = []
        for weights in w:
            total = 0.0
            for k in range(len(row)):
                total += row[k] * weights[k]
            line.append(total)
        out.append(line)
    return out


@timing
def test_much_faster_than_python() -> None:
    """5. product is at least 10 times as fast as the same loops in Python."""
    x, w = pair(30, 64, 30, 4)
    as_lists = (x.tolist(), w.tolist())
    as_array(product(x, w))
    bare = learner_module("fast_dense").product  # noting how it was called would take longer than the call
    assert_faster(lambda: bare(x, w), lambda: slow_loops(*as_lists), at_least=10)


def spin(seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def leaf_task() -> None:
    spin(0.004)


def middle_task() -> None:
    for _ in range(3):
        leaf_task()


def countdown(n: int) -> None:
    if n > 0:
        countdown(n - 1)


def renamed(name: str) -> Callable[[], None]:
    """A function of its own by the given name."""

    def function() -> None:
        pass

    function.__code__ = function.__code__.replace(co_name=name)
    return function


def rows_of(call: Callable[[], Any]) -> list[Any]:
    got = work.profile(call)
    assert_type(got, (list, tuple), what="profile")
    seconds = []
    for row in got:
        fields = all(hasattr(row, name) for name in ("name", "calls", "seconds"))
        require(fields, "profile must return Row(name, calls, seconds)", got=row)
        assert_type(row.name, str, what="row.name")
        assert_type(row.calls, (int, np.integer), what="row.calls")
        assert_type(row.seconds, (float, np.floating, int), what="row.seconds")
        seconds.append(float(row.seconds))
    require(seconds == sorted(seconds, reverse=True), "the row of most seconds has to come first", got=seconds)
    return list(got)


def profiled(call: Callable[[], Any]) -> dict[str, Any]:
    return {row.name: row for row in rows_of(call)}


def test_a_profile_counts_calls() -> None:
    """6. profile runs the call once and returns a row for each function, with how often it was called."""
    ran = []

    def outermost() -> None:
        ran.append(1)
        middle_task()
        middle_task()

    rows = profiled(outermost)
    require(len(ran) == 1, f"profile ran the call {len(ran)} times, expected once")
    call = "profile(outermost)  # calls middle_task twice, which calls leaf_task three times, which calls spin"
    for name, calls in (("outermost", 1), ("middle_task", 2), ("leaf_task", 6), ("spin", 6)):
        require(name in rows, f"there is no row for {name}", got=sorted(rows), call=call)
        assert_equal(int(rows[name].calls), calls, what=f"calls of {name}", call=call)
    rows = profiled(lambda: countdown(3))
    call = "profile(lambda: countdown(3))  # countdown(n) calls countdown(n - 1), down to 0"
    require("countdown" in rows, "there is no row for countdown", got=sorted(rows), call=call)
    assert_equal(int(rows["countdown"].calls), 4, what="calls of countdown", call=call)


def test_each_function_has_its_row() -> None:
    """6. However many functions run, each has a row, and so have two functions of one name."""
    names = [f"step_{'x' * i}" for i in range(40)]
    functions = [renamed(name) for name in names]
    rows = profiled(lambda: [function() for function in functions])
    missing = [name for name in names if name not in rows]
    call = "profile(call)  # calls 40 functions of different names, once each"
    require(not missing, "functions are left out", got=Shown(f"no row for {len(missing)} of 40 functions"), call=call)

    def twin() -> None:
        pass

    first = twin

    def twin() -> None:  # type: ignore[no-redef]
        first()
        first()

    twins = sorted(int(row.calls) for row in rows_of(twin) if row.name == "twin")
    call = "profile(twin)  # calls another function named twin twice"
    assert_equal(twins, [1, 2], what="calls of the two functions named twin", call=call)


@timing
def test_a_profile_counts_own_seconds() -> None:
    """6. The seconds are a function's own, without those of the functions it calls."""
    call = "profile(call)  # runs middle_task, which calls leaf_task three times, which calls spin, busy for 4 ms"
    rows, took, total = {}, 0.0, 0.0

    def watched() -> None:
        nonlocal took
        begin = time.perf_counter()
        middle_task()
        took = time.perf_counter() - begin

    for _ in range(5):
        rows = profiled(watched)
        total = sum(float(row.seconds) for row in rows.values())
        for name in ("middle_task", "leaf_task", "spin"):
            require(name in rows, f"there is no row for {name}", got=sorted(rows), call=call)
        # The busy loop itself, of three times 4 ms, is shared by spin and by the clock that it reads.
        # Own seconds are shares of the whole: together they make it up.
        if rows["middle_task"].seconds < 0.004 and 0.001 < rows["spin"].seconds < 1.0 and total > 0.8 * took:
            return
    each = f"{rows['middle_task'].seconds:.4f} s for middle_task, {rows['spin'].seconds:.4f} s for spin"
    told = Shown(f"{each}, {total:.4f} s for all rows together")
    wanted = Shown(f"almost nothing for middle_task, which only calls; some ms for spin; {took:.4f} s for all")
    message = "the seconds are not those of the functions themselves"
    fail(message, got=told, expected=wanted, call=call)


def network(n_in: int, n_1: int, n_2: int, n_out: int, stream: int) -> dict[str, Array]:
    source = rng(stream)
    params = {}
    for i, (before, after) in enumerate(((n_in, n_1), (n_1, n_2), (n_2, n_out)), start=1):
        params[f"W{i}"] = source.normal(size=(after, before)) / np.sqrt(before)
        params[f"b{i}"] = source.normal(size=after)
    return params


def test_a_profile_of_your_network() -> None:
    """6. A profile of your own network has rows for its forward and backward pass, and for the product in C++."""
    backprop = learner_module("backprop")
    params, X, T = network(64, 128, 64, 10, stream=19), rng(20).normal(size=(256, 64)), rng(21).normal(size=(256, 10))
    rows = profiled(lambda: backprop.backward(params, backprop.forward(params, X), T))
    call = "profile(lambda: backprop.backward(params, backprop.forward(params, X), T))"
    for name in ("forward", "backward"):
        require(name in rows, f"there is no row for {name}", got=sorted(rows), call=call)
        assert_equal(int(rows[name].calls), 1, what=f"calls of {name}", call=call)
    x, w = np.ones((2, 3)), np.ones((4, 3))
    product(x, w)
    bare = learner_module("fast_dense").product  # the one above is a function of Python
    rows = profiled(lambda: [bare(x, w) for _ in range(3)])
    calls = [int(row.calls) for name, row in rows.items() if "product" in name]
    call = "profile(lambda: [product(x, w) for _ in range(3)])"
    require(bool(calls), "there is no row for product, which is written in C++", got=sorted(rows), call=call)
    assert_equal(calls, [3], what="calls of product", call=call)


FIELDS = ("X", "z1", "a1", "z2", "a2", "output")


def assert_same_trace(got: Any, expected: Any) -> None:
    require(isinstance(got, type(expected)), "forward must return a Trace of your backprop", got=got)
    for name in FIELDS:
        assert_close(getattr(got, name), getattr(expected, name), rtol=1e-9, atol=1e-11, what=f"the trace's {name}")


def by_numpy(x: Array, w: Array) -> Array:
    return x @ w.T


def test_the_forward_pass_is_the_same() -> None:
    """7. forward returns the Trace of backprop.forward, by any product, and backward goes on from it."""
    backprop = learner_module("backprop")
    for sizes, n in (((1, 1, 1, 1), 1), ((2, 3, 4, 2), 5), ((6, 5, 3, 1), 7)):
        params, X = network(*sizes, stream=5), rng(6).normal(size=(n, sizes[0]))
        T = rng(7).normal(size=(n, sizes[-1]))
        expected = backprop.forward(params, X)
        with unchanged(X=X, **params):
            assert_same_trace(work.forward(params, X, by_numpy), expected)
        got = work.forward(params, X)
        assert_same_trace(got, expected)
        gradients = backprop.backward(params, got, T)
        for name, gradient in backprop.backward(params, expected, T).items():
            assert_close(gradients[name], gradient, rtol=1e-8, atol=1e-10, what=f"the gradient of {name}")


def test_every_layer_calls_the_product() -> None:
    """8. forward calls product once for each of the three layers, and computes with what it returns."""
    backprop = learner_module("backprop")
    params, X = network(4, 3, 5, 2, stream=8), rng(9).normal(size=(6, 4))
    calls: list[tuple[Any, Any]] = []

    def tenfold(x: Array, w: Array) -> Array:
        calls.append((x.shape, w.shape))
        return 10.0 * (x @ w.T)

    got = work.forward(params, X, product=tenfold)
    require(isinstance(got, backprop.Trace), "forward must return a Trace of your backprop", got=got)
    expected = [((6, 4), (3, 4)), ((6, 3), (5, 3)), ((6, 5), (2, 5))]
    assert_equal(calls, expected, what="the shapes with which product is called")
    tenfold_params = {name: value * (10.0 if name[0] == "W" else 1.0) for name, value in params.items()}
    wanted = backprop.forward(tenfold_params, X)
    assert_close(got.output, wanted.output, rtol=1e-9, what="output, by a product that returns ten times as much,")
    ran = 0

    def note(frame: Any, event: str, arg: Any) -> None:
        nonlocal ran
        ran += event == "c_call" and getattr(arg, "__name__", "") == "product"

    before = sys.getprofile()
    bare = learner_module("network_speed").forward
    sys.setprofile(note)
    try:
        bare(params, X)
    finally:
        sys.setprofile(before)
    message = f"without a product of its own, forward calls fast_dense.product {ran} times, expected 3"
    require(ran == 3, message, call="forward(params, X)")


class Clock:
    """A clock that stands still, but for the given seconds between each first and second reading."""

    def __init__(self, *seconds: float) -> None:
        self.seconds, self.reads, self.now = seconds, 0, 100.0

    def __call__(self) -> float:
        self.reads += 1
        if self.reads % 2 == 0:
            self.now += self.seconds[min(self.reads // 2, len(self.seconds)) - 1]
        return self.now


def test_the_race_keeps_the_least_seconds() -> None:
    """9. race returns the least seconds of both, which take turns, NumPy first; the clock is read around each."""
    params, X = network(3, 4, 3, 2, stream=10), rng(11).normal(size=(4, 3))
    for seconds in ((0.5, 0.25), (4.0, 1.0, 3.0, 2.0, 5.0, 0.5), (1.0, 8.0, 2.0, 7.0)):
        rounds, clock = len(seconds) // 2, Clock(*seconds)
        numpy, cpp = list(seconds[::2]), list(seconds[1::2])
        got = work.race(params, X, rounds=rounds, clock=clock)
        call = f"race(params, X, rounds={rounds}, clock=clock)  # seconds of NumPy: {numpy}, of C++: {cpp}"
        require(clock.reads == 4 * rounds, f"the clock was read {clock.reads} times, expected {4 * rounds}", call=call)
        assert_type(got, dict, what="race")
        assert_equal(got, {"numpy": min(numpy), "cpp": min(cpp)}, call=call)
    clock = Clock(1.0)
    work.race(params, X, clock=clock)
    require(clock.reads == 20, f"without rounds, the clock was read {clock.reads} times, expected 20")


def test_both_really_run() -> None:
    """9. In each round backprop.forward and forward, by C++, run once, each between two readings of the clock."""
    params, X = network(3, 4, 3, 2, stream=12), rng(13).normal(size=(4, 3))
    codes = {}
    for module, kind in (("backprop", "numpy"), ("network_speed", "cpp")):
        function: Any = learner_module(module).forward
        while hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        codes[function.__code__] = kind
    log: list[str] = []

    def clock() -> float:
        log.append("clock")
        return float(len(log))

    def note(frame: Any, event: str, called: Any) -> None:
        if event == "call" and frame.f_code in codes:
            log.append(codes[frame.f_code])
        elif event == "c_call" and getattr(called, "__name__", "") == "product":
            log.append("product")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work.race(params, X, rounds=2, clock=clock)
    finally:
        sys.setprofile(before)
    timed = log[log.index("clock") :] if "clock" in log else log  # an untimed call before the first round is no harm
    one_round = ["clock", "numpy", "clock", "clock", "cpp", "product", "product", "product", "clock"]
    assert_equal(timed, one_round * 2, what="the order of events")


def test_the_table_is_honest() -> None:
    """10. table returns headings and a line for each size: milliseconds, the ratio to NumPy, and a word for it."""
    assert_equal(work.table({}).split(), ["rows", "numpy", "cpp", "ratio"], what="the table of no times")
    several = {1: (0.00002, 0.00001), 512: (0.0031234, 0.0312), 8: (1.0, 1.0)}
    for seconds, lines in (
        ({64: (0.00025, 0.001)}, ["64 0.250 1.000 0.25 slower"]),
        (several, ["1 0.020 0.010 2.00 faster", "512 3.123 31.200 0.10 slower", "8 1000.000 1000.000 1.00 equal"]),
        ({7: (0.001, 0.001001), 3: (0.001001, 0.001)}, ["7 1.000 1.001 1.00 slower", "3 1.001 1.000 1.00 faster"]),
        ({5: (1.4e-6, 6e-7), 4: (1e-3, 1.0000001e-3)}, ["5 0.001 0.001 2.33 faster", "4 1.000 1.000 1.00 slower"]),
    ):
        times = {rows: {"numpy": numpy, "cpp": cpp} for rows, (numpy, cpp) in seconds.items()}
        text = work.table(times)
        assert_type(text, str, what="table")
        got = [" ".join(line.split()) for line in text.strip().splitlines()]
        assert_equal(got, ["rows numpy cpp ratio", *lines], what="the lines of table")


edges()


def test_any_strides() -> None:
    """3. Slices, transposes and reversed views give what their copies give; inputs may be read-only."""
    small = np.arange(8.0).reshape(4, 2)
    for text, view in (("[::2]", small[::2]), ("[:, ::-1]", small[:, ::-1]), ("[::-1]", small[::-1])):
        expected = loops(view, view)
        assert_close(product(view, view), expected, call=f"product(x, x)  # x = np.arange(8.0).reshape(4, 2){text}")
    x, w = pair(14, 6, 10, 14)
    x.flags.writeable = w.flags.writeable = False
    views = {
        "every second row": (x[::2], w[1::3]),
        "every second column": (x[:, ::2], w[:, ::2]),
        "transposed": (np.asfortranarray(x), np.asfortranarray(w)),
        "reversed": (x[::-1, ::-1], w[:, ::-1]),
        "rows without memory": (np.broadcast_to(x[:1], (5, 6)), w),
    }
    for name, (one, two) in views.items():
        assert_close(product(one, two), loops(one, two), rtol=1e-9, call=f"product(x, w)  # {name}")


def test_empty_arrays() -> None:
    """3. Any size may be 0; without columns all is 0."""
    for n, d, h in [(1, 0, 1), (3, 0, 2), (0, 3, 2), (2, 3, 0)]:
        x, w = pair(n, d, h, 15)
        assert_close(product(x, w), np.zeros((n, h)), call=f"product(x, w)  # shapes {x.shape} and {w.shape}")


def test_the_race_of_your_network() -> None:
    """9. The race of a tiny and of a larger network runs, and returns the seconds of both."""
    backprop = learner_module("backprop")
    params = network(64, 128, 64, 10, stream=16)
    X, T = rng(17).normal(size=(256, 64)), rng(18).normal(size=(256, 10))
    backward = backprop.backward
    for title, forward in (("NumPy", backprop.forward), ("C++", learner_module("network_speed").forward)):
        print(f"Your network on {title}, forward and backward:")
        rows = profiled(lambda forward=forward: backward(params, forward(params, X), T))  # type: ignore[misc]
        for row in list(rows.values())[:3]:
            print(f"    {row.name[:40]:<40} {row.calls:>3} calls {1000 * row.seconds:>8.3f} ms")
    for sizes in ((2, 4, 3, 1), (64, 128, 64, 10)):
        tiny_or_not = network(*sizes, stream=16)
        times = {}
        for n in (1, 16, 256):
            times[n] = work.race(tiny_or_not, np.ascontiguousarray(X[:n, : sizes[0]]), rounds=3)
            assert_type(times[n], dict, what="race")
            took = [times[n].get(name) for name in ("numpy", "cpp")]
            real = all(isinstance(seconds, float) and 0.0 < seconds < 20.0 for seconds in took)
            require(real, "race does not return the seconds of both", got=times[n])
        print(f"Forward alone, layers of {sizes}, milliseconds:")
        print(work.table(times))
