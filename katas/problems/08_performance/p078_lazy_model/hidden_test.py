"""Hidden test of p078_lazy_model."""

import gc
import importlib.util
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from kata_runner.checking import (
    assert_equal,
    assert_raises,
    calling,
    edges,
    learner,
    require,
    seed,
)

work = learner("lazy")
WAIT_S = 5.0  # for what another thread does at once
DEVICES = ("cpu", "cuda:0", "cuda:1")


class Model:
    """Adds up what it is given, and notes where it has been; to() returns a new object, as a tensor's does."""

    def __init__(self, devices: tuple[str, ...] = ()) -> None:
        self.devices = devices

    def to(self, device: str) -> "Model":
        return type(self)((*self.devices, device))

    def __call__(self, *numbers: float, plus: float = 0.0) -> tuple[float, tuple[str, ...]]:
        return sum(numbers) + plus, self.devices


class EmptyModel(Model):
    """False in an if, as torch.nn.Sequential() is."""

    def __len__(self) -> int:
        return 0


class Loader:
    """Returns a new model at each call, and counts them."""

    def __init__(self, kind: type[Model] = Model) -> None:
        self.kind = kind
        self.n = 0

    def __call__(self) -> Model:
        self.n += 1
        return self.kind()


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in a thread each, begun at the same moment, and return their results."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        futures: list[Future[Any]] = [pool.submit(run, call) for call in calls]
        return [future.result() for future in futures]


def test_only_a_call_loads() -> None:
    """1. Only a call loads: not the constructor, repr, is_loaded, device, to, unload or hasattr."""
    looks: dict[str, Callable[[Any], object]] = {
        "the constructor": lambda m: m,
        "repr": repr,
        "is_loaded": lambda m: m.is_loaded,
        "device": lambda m: m.device,
        "to": lambda m: m.to("cuda:1"),
        "unload": lambda m: m.unload(),
        "hasattr": lambda m: hasattr(m, "forward"),
    }
    for name, look in looks.items():
        load = Loader()
        with calling(f'm = LazyModel(load, "cpu", {DEVICES}), then {name}'):
            m = work.LazyModel(load, "cpu", DEVICES)
            look(m)
            assert_equal(load.n, 0, what="the number of loads")
            assert_equal(m.is_loaded, False, what="is_loaded")


def test_first_call_loads() -> None:
    """2. The first call loads, all others use the same model; arguments and results are passed on."""
    for kind in (Model, EmptyModel):
        load = Loader(kind)
        with calling("m = LazyModel(load), m(1, 2), m(3, plus=4), m()"):
            m = work.LazyModel(load)
            got = [m(1, 2)[0], m(3, plus=4)[0], m()[0]]
            assert_equal(got, [3, 7, 0], what="the results")
            assert_equal(load.n, 1, what="the number of loads")
            assert_equal(m.is_loaded, True, what="is_loaded")


def test_threads_load_once() -> None:
    """3. Threads that call at the same moment load once, and all get their result."""
    begun, another = threading.Event(), threading.Event()
    n_loads = 0

    def load() -> Model:
        nonlocal n_loads
        n_loads += 1
        (another if begun.is_set() else begun).set()
        another.wait(0.5)  # a second load, if there is one, begins meanwhile
        return Model()

    with calling("m = LazyModel(load), m(1) in four threads at once"):
        m = work.LazyModel(load)
        got = at_once(*[lambda: m(1)[0]] * 4)
        assert_equal(n_loads, 1, what="the number of loads")
        assert_equal(got, [1, 1, 1, 1], what="the results")


def test_device() -> None:
    """5. A loaded model is moved once, and what its to() returns is used; to() of LazyModel moves it at once."""
    for device in ("cpu", "cuda:1"):
        with calling(f'm = LazyModel(load, "{device}", …), m(1) twice'):
            m = work.LazyModel(Loader(), device, DEVICES)
            assert_equal(m.device, device, what="device")
            assert_equal([m(1)[1], m(1)[1]], [(device,), (device,)], what="where the model was moved to")
    with calling('m = LazyModel(load, "cpu", …), m.to("cuda:0"), m(1), m.to("cuda:1"), m.to("cuda:1"), m(1)'):
        m = work.LazyModel(Loader(), "cpu", DEVICES)
        require(m.to("cuda:0") is m, "to has to return the LazyModel itself")
        assert_equal(m(1)[1], ("cuda:0",), what="where the model was moved to")
        require(m.to("cuda:1") is m, "to has to return the LazyModel itself")
        m.to("cuda:1")
        assert_equal(m.device, "cuda:1", what="device")
        assert_equal(m(1)[1], ("cuda:0", "cuda:1"), what="where the model was moved to")
    # A layer of PyTorch behaves as the models above do. To import it takes two seconds: only the audit waits for it.
    if (seed() or "torch" in sys.modules) and importlib.util.find_spec("torch"):
        torch = importlib.import_module("torch")
        with calling('LazyModel(lambda: torch.nn.Linear(3, 2), "meta", …)(torch.ones(1, 3, device="meta"))'):
            m = work.LazyModel(lambda: torch.nn.Linear(3, 2), "meta", ("cpu", "meta"))
            got = m(torch.ones(1, 3, device="meta"))
            assert_equal(
                [str(got.device), list(got.shape)], ["meta", [1, 2]], what="the device and shape of the result"
            )


def test_unload() -> None:
    """6. After unload nothing refers to the model; the next call loads anew, onto the same device."""
    load = Loader()
    alive: list[weakref.ref[Model]] = []

    class Watched(Model):
        def __call__(self, *numbers: float, plus: float = 0.0) -> tuple[float, tuple[str, ...]]:
            alive.append(weakref.ref(self))
            return super().__call__(*numbers, plus=plus)

    load.kind = Watched
    with calling('m = LazyModel(load, "cpu", …), m.to("cuda:0"), m(1), m.unload(), m(2)'):
        m = work.LazyModel(load, "cpu", DEVICES)
        m.to("cuda:0")
        m(1)
        m.unload()
        gc.collect()
        assert_equal(m.is_loaded, False, what="is_loaded after unload")
        require(alive[0]() is None, "the model still lives after unload: something refers to it")
        assert_equal(m(2), (2, ("cuda:0",)), what="the result, and where the second model was moved to")
        assert_equal(load.n, 2, what="the number of loads")


edges()


def test_calls_do_not_wait() -> None:
    """4. Calls of a loaded model do not wait for each other, and is_loaded does not wait for a load."""
    together = threading.Barrier(2)

    class Meeting(Model):
        def __call__(self, *numbers: float, plus: float = 0.0) -> tuple[float, tuple[str, ...]]:
            if plus:
                together.wait(WAIT_S)
            return super().__call__(*numbers, plus=plus)

    with calling("m(1) in two threads at once, after the model was loaded"):
        m = work.LazyModel(Loader(Meeting))
        m(0)
        try:
            at_once(lambda: m(1, plus=1), lambda: m(1, plus=1))
        except threading.BrokenBarrierError:
            require(False, f"the second call did not reach the model within {WAIT_S:g} s, while the first was in it")

    begun, asked = threading.Event(), threading.Event()

    def load() -> Model:
        begun.set()
        asked.wait(WAIT_S)
        return Model()

    def ask() -> bool:
        begun.wait()
        said = bool(m.is_loaded)
        is_in_time.append(not finished.is_set())
        asked.set()
        return said

    def call() -> None:
        m(1)
        finished.set()

    is_in_time: list[bool] = []
    finished = threading.Event()
    with calling("m(1) in one thread, m.is_loaded in another one while load runs"):
        m = work.LazyModel(load)
        _, said = at_once(call, ask)
        require(is_in_time == [True], "is_loaded waited until the load was done")
        assert_equal(said, False, what="is_loaded while load runs")


def test_running_call_outlives_unload() -> None:
    """6. A call that runs while another thread unloads ends with its result."""
    inside, unloaded = threading.Event(), threading.Event()

    class Slow(Model):
        def __call__(self, *numbers: float, plus: float = 0.0) -> tuple[float, tuple[str, ...]]:
            inside.set()
            unloaded.wait(WAIT_S)
            return super().__call__(*numbers, plus=plus)

    def unload() -> None:
        inside.wait()
        m.unload()
        unloaded.set()

    with calling("m(1) in one thread, m.unload() in another one while the model runs"):
        m = work.LazyModel(Loader(Slow))
        got, _ = at_once(lambda: m(1)[0], unload)
        assert_equal(got, 1, what="the result")


def test_errors_are_not_kept() -> None:
    """7. An error of load, or of the model's to, reaches the caller, and nothing is kept of it."""
    n_loads = 0

    class Stuck(Model):
        def to(self, device: str) -> Model:
            if device == "cuda:1":
                raise MemoryError("cuda:1 is full")
            return super().to(device)

    def load() -> Model:
        nonlocal n_loads
        n_loads += 1
        if n_loads == 1:
            raise OSError("no such file")
        return Stuck()

    with calling('the first load raises OSError: m = LazyModel(load, "cpu", …), m(1), m(1)'):
        m = work.LazyModel(load, "cpu", DEVICES)
        assert_raises(OSError, m, 1)
        assert_equal(m.is_loaded, False, what="is_loaded after the error")
        assert_equal(m(1), (1, ("cpu",)), what="the result of the second call, and where the model was moved to")
    with calling('the model cannot be moved to "cuda:1": m(1), m.to("cuda:1"), m(2)'):
        assert_raises(MemoryError, m.to, "cuda:1")
        assert_equal(m.device, "cpu", what="device after the error")
        assert_equal(m(2), (2, ("cpu",)), what="the result afterwards, and where the model was moved to")
        assert_equal(n_loads, 2, what="the number of loads")
    with calling('the model cannot be moved to "cuda:1": m = LazyModel(load, "cuda:1", …), m(1)'):
        m = work.LazyModel(load, "cuda:1", DEVICES)
        assert_raises(MemoryError, m, 1)
        assert_equal(m.is_loaded, False, what="is_loaded after the error")


def test_unknown_devices() -> None:
    """8. ValueError for a device that is not in devices; the message names the device and all of devices."""
    assert_raises(ValueError, work.LazyModel, Loader(), "tpu", mentions=["tpu", "cpu"])
    assert_raises(ValueError, work.LazyModel, Loader(), "cuda", DEVICES, mentions=["cuda", *DEVICES])
    for is_loaded in (False, True):
        m = work.LazyModel(Loader(), "cuda:0", DEVICES)
        if is_loaded:
            m(1)
        assert_raises(ValueError, m.to, "cuda:7", mentions=["cuda:7", *DEVICES])
        with calling('m = LazyModel(load, "cuda:0", …), m.to("cuda:7"), m(1)'):
            assert_equal(m.device, "cuda:0", what="device after the error")
            assert_equal(m(1)[1], ("cuda:0",), what="where the model was moved to")
