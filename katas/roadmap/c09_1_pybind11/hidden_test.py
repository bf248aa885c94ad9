"""Hidden test of c09_1_pybind11."""

import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
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
    not_tried,
    require,
    rng,
    timing,
    todo,
    unchanged,
)

layer = learner("dense_relu")
bench = learner("dense_benchmark")
Array = NDArray[np.float32]


def written(name: str) -> Callable[..., Any]:
    """A function of the C++ module; it leaves no Python frame, so "not written yet" is told here."""
    function = getattr(layer, name)

    def call(*args: object) -> Any:
        try:
            return function(*args)
        except NotImplementedError:
            todo(f"{name} is not written yet")

    return call


def forward(*args: object) -> Any:
    return written("forward")(*args)


def forward_into(*args: object) -> Any:
    return written("forward_into")(*args)


def arrays(n: int, d: int, h: int, stream: int = 0) -> tuple[Array, Array, Array]:
    source = rng(stream)
    x, w, b = (source.normal(size=size).astype(np.float32) for size in [(n, d), (d, h), (h,)])
    return x, w, b


def reference(x: Array, w: Array, b: Array) -> Array:
    """In double precision, rounded once at the end; np.maximum lets NaN through."""
    exact = x.astype(np.float64) @ w.astype(np.float64) + b
    return np.maximum(exact, 0.0).astype(np.float32)


def in_plain_python(x: list[list[float]], w: list[list[float]], b: list[float]) -> list[list[float]]:
    out = []
    for row in x:
        line = []
        for j in range(len(b)):
            total = b[j]
            for k in range(len(row)):
                total += row[k] * w[k][j]
            line.append(0.0 if total < 0 else total)
        out.append(line)
    return out


def test_the_layer_agrees_with_numpy() -> None:
    """forward returns relu(x @ w + b), for any sizes."""
    for n, d, h in [(1, 1, 1), (2, 2, 2), (2, 7, 3), (7, 2, 1), (3, 129, 5), (128, 3, 127)]:
        x, w, b = arrays(n, d, h, 1)
        expected = reference(x, w, b)
        with unchanged(x=x, w=w, b=b):
            assert_close(forward(x, w, b), expected, atol=1e-4)


def test_the_result_is_a_new_float32_array() -> None:
    """forward returns a NumPy array of float32, with memory of its own at each call."""
    x, w, b = arrays(3, 4, 2, 2)
    expected = reference(x, w, b)
    first = forward(x, w, b)
    second = forward(-x, w, b)
    assert_close(first, expected, atol=1e-4, what="the first result, after a second call,")
    assert_type(first, np.ndarray)
    assert_dtype(first, np.float32)
    require(not np.shares_memory(first, second), "the second call returned memory of the first result")


def test_it_writes_into_the_callers_array() -> None:
    """forward_into fills the very array that it is given, and leaves x, w and b as they were."""
    for n, d, h in ((1, 1, 1), (5, 3, 4)):
        x, w, b = arrays(n, d, h, 3)
        expected, out = reference(x, w, b), np.full((n, h), -7.0, np.float32)
        with unchanged(x=x, w=w, b=b):
            forward_into(x, w, b, out)
        assert_close(out, expected, atol=1e-4, what="out")


def test_nan_stays_nan() -> None:
    """A NaN in the input is still there in the output; negative numbers become 0, infinity stays."""
    x = np.array([[np.nan, 1.0], [1.0, 1.0], [np.inf, 0.0]], dtype=np.float32)
    w, b = np.array([[1.0], [-2.0]], dtype=np.float32), np.zeros(1, dtype=np.float32)
    assert_close(forward(x, w, b), np.array([[np.nan], [0.0], [np.inf]], dtype=np.float32))


def test_any_strides() -> None:
    """Slices, transposes and reversed views give the same result as their copies."""
    x, w, b = arrays(14, 6, 10, 4)
    views = {
        "every second row": (x[::2], w, b),
        "every second column": (x[:, ::2], w[::2], b),
        "a transposed x": (np.asfortranarray(x), w, b),
        "a transposed w": (x, np.asfortranarray(w), b),
        "reversed views": (x[::-1, ::-1], w[:, ::-1], b[::-1]),
        "a b repeated without memory": (x, w, np.broadcast_to(b[:1], (10,))),
    }
    for name, (one, two, three) in views.items():
        expected = reference(one, two, three)
        assert_close(forward(one, two, three), expected, atol=1e-4, what=f"forward on {name}")


def test_out_may_be_a_slice() -> None:
    """forward_into fills a slice of a larger array, or a transposed one, and nothing beside it."""
    small, one, zero = (np.array(v, np.float32) for v in ([[1, 2], [3, 4]], [[1, 0], [0, 1]], [0, 0]))
    for name in ("np.zeros((2, 2), np.float32).T", "np.zeros((2, 4), np.float32)[:, ::2]"):
        out = np.zeros((2, 2), np.float32).T if name.endswith("T") else np.zeros((2, 4), np.float32)[:, ::2]
        forward_into(small, one, zero, out)
        call = f"forward_into(x, w, b, out)  # x [[1, 2], [3, 4]], w [[1, 0], [0, 1]], b [0, 0], out = {name}"
        assert_close(out, small, what="out", call=call)
    x, w, b = arrays(5, 3, 4, 3)
    expected = reference(x, w, b)
    whole = np.full((10, 9), -7.0, dtype=np.float32)
    forward_into(x, w, b, whole[::2, 1::2])
    assert_close(whole[::2, 1::2], expected, atol=1e-4, what="out, a slice,")
    untouched = np.concatenate([whole[1::2].ravel(), whole[:, ::2].ravel()])
    require(bool((untouched == -7.0).all()), "forward_into wrote beside the slice that it was given")


def test_nothing_is_copied() -> None:
    """Nothing is copied, whatever the strides: an x, w or out of 16 MB takes no more memory."""
    x, w, b = arrays(2, 2, 2)
    expected, out = reference(x, w, b), np.zeros((2, 2), np.float32)
    forward_into(x, w, b, out)  # what does nothing at all copies nothing either
    assert_close(out, expected, atol=1e-4, what="out")
    for large in LARGE:
        grown_mb = copied_mb(large)
        if grown_mb > 8:
            fail(
                f"memory grew during forward_into on {large}, so something of its size was made",
                got=Shown(f"{grown_mb:.0f} MB more"),
                expected=Shown("next to nothing"),
                call="forward_into(x, w, b, out)",
            )


@timing
def test_other_threads_run_meanwhile() -> None:
    """Another Python thread goes on working while the layer is computed: the GIL is released."""
    x, w, b = layer_for(0.3)
    out = np.zeros((len(x), len(b)), np.float32)
    for name, call in (("forward", partial(forward, x, w, b)), ("forward_into", partial(forward_into, x, w, b, out))):
        pause = total = 0.0
        for _ in range(3):
            pause, total = longest_pause(call)
            if pause < total / 2:
                break
        else:
            fail(
                f"the other thread stood still while {name} computed the layer",
                got=Shown(f"a pause of {pause * 1e3:.0f} ms within {total * 1e3:.0f} ms"),
                expected=Shown("pauses of a few milliseconds"),
            )


@timing
def test_much_faster_than_python() -> None:
    """forward is at least 20 times as fast as the same loops in Python."""
    x, w, b = arrays(30, 64, 20, 11)
    as_lists = (x.tolist(), w.tolist(), b.tolist())
    as_array(forward(x, w, b))
    bare = learner_module("dense_relu").forward  # noting how it was called would take longer than the call
    assert_faster(lambda: bare(x, w, b), lambda: in_plain_python(*as_lists), at_least=20)


def test_nothing_is_converted() -> None:
    """Another dtype, or a list, is a TypeError, for each argument."""
    good = (*arrays(3, 2, 4, 6), np.empty((3, 4), np.float32))
    for place in range(4):
        others = [good[place].astype(dtype) for dtype in (np.float64, np.int32, np.dtype(np.float32).newbyteorder("S"))]
        for bad in (*others, good[place].tolist()):
            args = [bad if i == place else value for i, value in enumerate(good)]
            if place < 3:
                assert_raises(TypeError, forward, *args[:3])
            assert_raises(TypeError, forward_into, *args)


def test_shapes_that_do_not_fit() -> None:
    """Another number of axes, or sizes that do not fit, are a ValueError, and out is not written to."""
    x, w, b = arrays(3, 2, 4, 7)
    misfits = {
        "w has too few rows": (x, w[:1], b),
        "x has too few columns": (x[:, :1], w, b),
        "b is too short": (x, w, b[:3]),
        "b is too long": (x, w, np.concatenate([b, b])),
        "x has one axis": (x[0], w, b),
        "w has three axes": (x, w[None], b),
        "b has two axes": (x, w, b[None]),
        "b is a column": (x, w, b[:, None]),
    }
    for what, args in misfits.items():
        assert_raises(ValueError, forward, *args, call=f"forward(x, w, b)  # {what}: {shapes(*args)}")
        out = np.full((3, 4), -7.0, np.float32)
        call = f"forward_into(x, w, b, out)  # {what}: {shapes(*args, out)}"
        assert_raises(ValueError, forward_into, *args, out, call=call)
        require(bool((out == -7.0).all()), "forward_into wrote to out before it refused", got=out, call=call)
    for shape in ((2, 4), (3, 3), (4, 4), (3, 5), (4, 3), (12,), (3, 4, 1)):
        out = np.full(shape, -7.0, np.float32)
        call = f"forward_into(x, w, b, out)  # {shapes(x, w, b, out)}"
        assert_raises(ValueError, forward_into, x, w, b, out, call=call)
        require(bool((out == -7.0).all()), "forward_into wrote to an out that it refuses", got=out, call=call)


def shapes(*values: Array) -> str:
    return ", ".join(f"{name} {value.shape}" for name, value in zip(("x", "w", "b", "out"), values))


@timing
def test_times_are_those_of_the_calls() -> None:
    """best_times returns seconds of waiting and working alike, under the names it was given."""
    calls = {"quick": Sleeper(0.01), "slow": Sleeper(0.03)}
    got = times_of(bench.best_times(dict(calls), 3), calls)
    for name, call in calls.items():
        least, most = min(call.took), max(call.took)
        # Waiting varies with the machine, so the calls take their own times; what lies between the clocks is little.
        if not 0.9 * least <= got[name] <= 2 * most + 0.05:
            told = Shown(f"{got[name]:.4g} s for {name!r}")
            fail("best_times does not return the seconds that a call takes", got=told, expected=Shown(f"{least:.4g} s"))


@timing
def test_the_first_call_is_not_timed() -> None:
    """best_times calls each candidate once before it measures: a slow first call does not count."""
    lazy = Sleeper(0.2, 0.01)
    got = times_of(bench.best_times({"lazy": lazy}, 1), ["lazy"])
    require(len(lazy.took) == 2, "with repeats=1 a candidate is called twice", got=len(lazy.took), expected=2)
    first, second = lazy.took
    expected = Shown(f"{second:.4g} s, as the second call took")
    require(got["lazy"] < (first + second) / 2, "the first call was timed", got=got, expected=expected)
    eager = Sleeper(0.01, 0.2)
    got = times_of(bench.best_times({"eager": eager}, 1), ["eager"])
    expected = Shown(f"{eager.took[1]:.4g} s, as the second call took")
    require(got["eager"] > sum(eager.took) / 2, "the first call, a quick one, was timed", got=got, expected=expected)


@timing
def test_the_least_time_counts() -> None:
    """best_times returns the least of a candidate's times, not their mean or their sum."""
    jumpy = Sleeper(0.01, 0.15, 0.01, 0.15)
    got = times_of(bench.best_times({"jumpy": jumpy}, 3), ["jumpy"])
    least, *others = sorted(jumpy.took[1:])
    expected = Shown(f"{least:.4g} s")
    require(got["jumpy"] < (least + others[0]) / 2, "it is not the least of the times", got=got, expected=expected)


def test_candidates_take_turns() -> None:
    """best_times calls every candidate once a round, in the order given: one untimed round, then `repeats` more."""
    for names, repeats in ((["b", "a"], 1), (["b", "a"], 2), (["b", "a", "c"], 4)):
        log: list[str] = []
        candidates = {name: partial(log.append, name) for name in names}
        got = bench.best_times(candidates, repeats)
        assert_equal(log, names * (repeats + 1), what="the order of calls")
        times_of(got, names)
    log = []
    bench.best_times({"a": partial(log.append, "a")})
    assert_equal(log, ["a"] * 6, what="the calls without `repeats`", call="best_times({'a': …})")


def test_speedups_are_honest() -> None:
    """speedups divides the baseline's time by each candidate's; slower than the baseline is below 1."""
    times = {"numpy": 0.5, "cpp": 2.0, "fused": 0.125}
    with unchanged(times=times):
        assert_equal(bench.speedups(times, "numpy"), {"numpy": 1.0, "cpp": 0.25, "fused": 4.0})
        assert_equal(bench.speedups(times, "cpp"), {"numpy": 4.0, "cpp": 1.0, "fused": 16.0})
    assert_equal(bench.speedups({"numpy": 1.0, "cpp": 3.0}, "numpy"), {"numpy": 1.0, "cpp": 1 / 3})


edges()


def test_nan_times_zero() -> None:
    """0 times NaN and 0 times infinity are NaN, wherever the 0 stands."""
    for x, w in ((0.0, np.nan), (np.nan, 0.0), (0.0, np.inf), (-np.inf, 0.0)):
        args = [np.array(value, np.float32) for value in ([[x]], [[w]], [1.0])]
        assert_close(forward(*args), np.array([[np.nan]], np.float32))
    args = [np.array(value, np.float32) for value in ([[1.0]], [[1.0, 1.0]], [np.nan, -2.0])]
    assert_close(forward(*args), np.array([[np.nan, 0.0]], np.float32))


def test_inputs_may_be_read_only() -> None:
    """x, w and b may be read-only."""
    x, w, b = arrays(4, 3, 2, 5)
    expected, out = reference(x, w, b), np.zeros((4, 2), np.float32)
    x.flags.writeable = w.flags.writeable = b.flags.writeable = False
    assert_close(forward(x, w, b), expected, atol=1e-4)
    forward_into(x, w, b, out)
    assert_close(out, expected, atol=1e-4, what="out")


def test_rows_gigabytes_apart(tmp_path: Path) -> None:
    """Elements that lie more than 2 GB apart are found, in all four arrays: sizes and strides are 64 bits wide."""
    near = (*arrays(3, 3, 2, 9), np.empty((3, 2), np.float32))
    expected = reference(*near[:3])
    for place, name in enumerate(("x", "w", "b", "out")):
        near[3].fill(-7.0)
        # A stride that is cut to 32 bits becomes 64 here: a wrong number, and not a crash.
        far = far_rows(tmp_path / f"{name}.bin", 2**32 + 64, near[place], writeable=name == "out")
        if far is None:
            not_tried("this file system keeps no files with holes: rows more than 2 GB apart were not tried")
            return
        args = [far if i == place else value for i, value in enumerate(near)]
        call = f"forward_into(x, w, b, out)  # {name} with strides {far.strides}"
        forward_into(*args)
        assert_close(args[3], expected, atol=1e-4, what="out", call=call)


def test_empty_arrays() -> None:
    """Any size may be 0; without inputs (d = 0) every row is relu(b)."""
    for n, d, h in [(1, 0, 1), (3, 0, 2), (0, 3, 2), (2, 3, 0), (0, 0, 0)]:
        x, w, b = arrays(n, d, h, 8)
        b[:1] = 1.5  # relu leaves it, so that zeros in its place are seen
        expected = np.tile(np.maximum(b, 0), (n, 1)).reshape(n, h)
        assert_close(forward(x, w, b), expected)


def test_a_read_only_out_is_refused() -> None:
    """A read-only out is a ValueError, and is left as it was."""
    x, w, b = arrays(4, 3, 2, 5)
    out = np.full((4, 2), -7.0, dtype=np.float32)
    out.flags.writeable = False
    assert_raises(ValueError, forward_into, x, w, b, out)
    require(bool((out == -7.0).all()), "forward_into wrote to a read-only array")


def times_of(got: Any, names: Any) -> dict[str, float]:
    """The learner's times, looked at before they are used."""
    assert_type(got, dict)
    assert_equal(sorted(map(str, got)), sorted(names), what="the names of best_times")
    for value in got.values():
        assert_type(value, (float, np.floating), what="a time")
    return {name: float(got[name]) for name in names}


class Sleeper:
    """A function that takes so many seconds at each call (the last number for all further ones), and notes how many."""

    def __init__(self, *costs: float) -> None:
        self.costs = costs
        self.took: list[float] = []

    def __call__(self) -> None:
        start = time.perf_counter()
        time.sleep(self.costs[min(len(self.took), len(self.costs) - 1)])
        self.took.append(time.perf_counter() - start)


MEASURE = """
import sys
sys.path.insert(0, {folder!r})
import numpy as np
import dense_relu

def peak_mb():
    try:
        import resource
    except ImportError:
        import psutil
        return psutil.Process().memory_info().peak_wset / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)

def ones(*shape):
    return np.ones(shape, np.float32)

x, w, b, out = {arrays}
dense_relu.forward_into(x[:1], w[:, :1], b[:1], out[:1, :1])
before = peak_mb()
dense_relu.forward_into(x, w, b, out)
print(peak_mb() - before)
"""


# Rows of 8 KB at most in w, so that a buffer of a row, which the task allows, does not show.
LARGE = {
    "a strided x of 16 MB": "ones(1_000_000, 8)[:, ::2], ones(4, 1), ones(1), ones(1_000_000, 1)",
    "a strided w of 16 MB": "ones(1, 2000), ones(2000, 4000)[:, ::2], ones(2000), ones(1, 2000)",
    "a transposed w of 16 MB": "ones(1, 2000), ones(2000, 2000).T, ones(2000), ones(1, 2000)",
    "an out of 16 MB": "ones(2_000_000, 1), ones(1, 2), ones(2), ones(2_000_000, 2)",
}


def copied_mb(large: str) -> float:
    """By how much the peak memory of a fresh process grows in one call; what C++ allocates counts too."""
    folder = str(Path(str(learner_module("dense_relu").__file__)).parent)
    script = MEASURE.format(folder=folder, arrays=LARGE[large])
    try:
        ran = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            timeout=15,
            check=False,
            env=dict(os.environ),
        )
    except subprocess.TimeoutExpired:
        fail(f"forward_into on {large} did not end within 15 s", call="forward_into(x, w, b, out)")
    if ran.returncode != 0:
        last = (ran.stderr.strip().splitlines() or [f"the process ended with {ran.returncode}"])[-1]
        fail(f"forward_into on {large} raised {last}", call="forward_into(x, w, b, out)")
    return float(ran.stdout)


def far_rows(path: Path, stride: int, values: Array, writeable: bool) -> Array | None:
    """`values` with their rows `stride` bytes apart, in a file that is nearly all hole; None where there are none."""
    if os.name == "nt":
        return None
    try:
        with path.open("wb") as file:
            for i, row in enumerate(values):
                file.seek(i * stride)
                file.write(row.tobytes())
        if path.stat().st_blocks * 512 > 10_000_000:
            return None
        flat = np.memmap(path, dtype=np.float32, mode="r+" if writeable else "r")
    except (OSError, ValueError, OverflowError):
        return None
    return as_strided(flat, shape=values.shape, strides=(stride, 4)[: values.ndim], writeable=writeable)


def layer_for(seconds: float) -> tuple[Array, Array, Array]:
    """A layer that keeps the learner's function busy for about so long, however fast it is."""
    x, w, b = arrays(20, 256, 256, 12)
    start = time.perf_counter()
    as_array(forward(x, w, b))
    took = max(time.perf_counter() - start, 1e-5)
    n = min(max(int(20 * seconds / took), 20), 30_000)
    return arrays(n, 256, 256, 13)


def longest_pause(call: Callable[[], object]) -> tuple[float, float]:
    """The longest time this thread could not move while another one ran `call`, and the time `call` took."""
    took: list[float] = []
    faults: list[BaseException] = []

    def run() -> None:
        start = time.perf_counter()
        try:
            call()
        except BaseException as error:
            faults.append(error)
        took.append(time.perf_counter() - start)

    thread = threading.Thread(target=run, daemon=True)
    pause, last = 0.0, time.perf_counter()
    thread.start()
    while thread.is_alive():
        time.sleep(0.001)
        now = time.perf_counter()
        pause, last = max(pause, now - last), now
    if faults:
        raise faults[0]
    return pause, max(took[0], math.ulp(0.0))
