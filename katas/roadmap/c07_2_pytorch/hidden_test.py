"""Hidden test of c07_2_pytorch."""

import importlib
import math
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    learner,
    learner_module,
    require,
    rng,
    unchanged,
)

work = learner("torch_net")
Array = NDArray[Any]
Params = dict[str, Array]
NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")
# Rows, inputs, neurons of layer 1 and 2, outputs.
SIZES = [(1, 1, 1, 1, 1), (1, 2, 2, 3, 1), (2, 1, 3, 2, 4), (5, 3, 4, 2, 2), (3, 4, 1, 5, 3)]


def torch() -> Any:
    return importlib.import_module("torch")


def case(stream: int, n: int, n_in: int, n_1: int, n_2: int, n_out: int) -> tuple[Params, Array, Array]:
    generator = rng(stream)
    shapes = [(n_1, n_in), (n_1,), (n_2, n_1), (n_2,), (n_out, n_2), (n_out,)]
    params = {name: generator.normal(size=shape) for name, shape in zip(NAMES, shapes, strict=True)}
    for name in ("b1", "b2"):
        params[name] = np.abs(params[name])  # so that most neurons are on
    return params, generator.normal(size=(n, n_in)), generator.normal(size=(n, n_out))


def plain_output(params: Params, X: Array) -> Array:
    a = X
    for k in (1, 2, 3):
        a = a @ params[f"W{k}"].T + params[f"b{k}"]
        a = np.maximum(a, 0) if k < 3 else a
    return a


def plain_loss(output: Array, T: Array) -> float:
    return float(0.5 * ((output - T) ** 2).sum(axis=1).mean())


def by_differences(params: Params, X: Array, T: Array) -> Params:
    h, found = 1e-5, {}
    for name in NAMES:
        found[name] = np.zeros(params[name].shape)
        for place in np.ndindex(params[name].shape):
            sides = []
            for sign in (1, -1):
                moved = copied(params)
                moved[name][place] += sign * h
                sides.append(plain_loss(plain_output(moved, X), T))
            found[name][place] = (sides[0] - sides[1]) / (2 * h)
    return found


def copied(params: Params) -> Params:
    return {name: value.copy() for name, value in params.items()}


def built(params: Params) -> Any:
    model = work.build(params)
    require(isinstance(model, torch().nn.Sequential), "build must return an nn.Sequential", got=type(model).__name__)
    kinds = [type(layer).__name__ for layer in model]
    assert_equal(kinds, ["Linear", "ReLU", "Linear", "ReLU", "Linear"], what="the layers of the model")
    return model


def made(params: Params) -> Any:
    """A model that does not come from the learner."""
    nn = torch().nn
    layers: list[Any] = []
    for k in (1, 2, 3):
        layer = nn.Linear(*reversed(params[f"W{k}"].shape), dtype=torch().float64)
        layer.weight.data = torch().tensor(params[f"W{k}"])
        layer.bias.data = torch().tensor(params[f"b{k}"])
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def answer(model: Any, X: Array) -> Array:
    """The model's output for X, in whichever dtype its weights are."""
    return as_array(model(torch().tensor(X, dtype=next(model.parameters()).dtype)), "model(X)")


def tensors(*arrays: Array) -> list[Any]:
    return [torch().tensor(array) for array in arrays]


def named(got: Any, params: Params, what: str) -> Params:
    assert_type(got, dict, what=what)
    require(set(got) == set(NAMES), f"the names in the result of {what} are wrong", got=sorted(map(str, got)))
    for name in NAMES:
        where = f'{what}(...)["{name}"]'
        require(isinstance(got[name], np.ndarray), f"{where} must be a NumPy array", got=type(got[name]).__name__)
        assert_shape(got[name], params[name].shape, what=where)
    return dict(got)


def test_the_model() -> None:
    """1. build returns the five layers in float64, and the model's output is that of the network."""
    for i, size in enumerate(SIZES):
        params, X, _ = case(10 + i, *size)
        expected = plain_output(params, X)
        model = built(copied(params))
        for name, value in model.named_parameters():
            assert_equal(str(value.dtype), "torch.float64", what=f"the dtype of {name}")
        assert_close(answer(model, X), expected, what="model(X)")


def test_the_weights_are_copies() -> None:
    """2. The model has weights of its own: what changes one leaves the other as it was, in both directions."""
    params, X, _ = case(20, 3, 2, 4, 3, 2)
    kept, expected = copied(params), plain_output(params, X)
    model = built(params)
    require(all(p.requires_grad for p in model.parameters()), "the weights of the model do not ask for gradients")
    with torch().no_grad():
        for p in model.parameters():
            p += 1.0
    for name in NAMES:
        message = f"training the model changed params[{name!r}]"
        require(np.array_equal(params[name], kept[name]), message, got=params[name], expected=kept[name])
    model = built(params)
    for value in params.values():
        value += 1.0
    assert_close(answer(model, X), expected, what="model(X) after params was changed")


def test_loss() -> None:
    """3. loss is half the sum of squares over the outputs of a row, as the mean over the rows."""
    cases = [([[3.0]], [[1.0]]), ([[3.0, 0.0, 1.0]], [[1.0, 2.0, 1.0]]), ([[3.0], [0.0]], [[1.0], [0.0]])]
    for output, T in [*((np.array(o), np.array(t)) for o, t in cases), tuple(rng(30).normal(size=(2, 7, 3)))]:
        expected = plain_loss(output, T)
        theirs, targets = tensors(output, T)
        got = work.loss(theirs.requires_grad_(), targets)
        require(isinstance(got, torch().Tensor), "loss must return a tensor", got=type(got).__name__)
        assert_shape(got.detach(), (), what="loss")
        assert_close(got.detach(), expected)
        require(got.requires_grad, "the loss cannot be differentiated: it has left the graph")


def test_gradients() -> None:
    """4. gradients returns the derivatives of the loss with respect to each entry, as NumPy arrays."""
    for i, size in enumerate(SIZES):
        params, X, T = case(40 + i, *size)
        expected = by_differences(params, X, T)
        got = named(work.gradients(made(params), X.copy(), T.copy()), params, "gradients")
        for name in reversed(NAMES):
            assert_close(got[name], expected[name], rtol=1e-6, atol=1e-7, what=f'gradients(...)["{name}"]')
            assert_dtype(got[name], np.float64, what=f'gradients(...)["{name}"]')


def test_what_was_there_before_does_not_count() -> None:
    """4. A second call returns the same, whatever .grad holds; the weights stay as they are."""
    params, X, T = case(50, 4, 2, 3, 3, 2)
    expected = by_differences(params, X, T)
    model = made(params)
    for p in model.parameters():
        p.grad = torch().full_like(p, 7.0)
    for _ in range(2):
        got = named(work.gradients(model, X.copy(), T.copy()), params, "gradients")
        for name in NAMES:
            assert_close(got[name], expected[name], rtol=1e-6, atol=1e-7, what=f'gradients(...)["{name}"]')
    for (name, p), wanted in zip(model.named_parameters(), params.values(), strict=True):
        message = f"gradients changed the model's {name}"
        require(np.array_equal(p.detach().numpy(), wanted), message, got=p, expected=wanted)


def six(value: float) -> Params:
    shapes = [(2, 1), (2,), (1, 2), (1,), (1, 1), (1,)]
    return {name: np.full(shape, value) for name, shape in zip(NAMES, shapes, strict=True)}


def test_the_largest_difference() -> None:
    """6. largest_difference finds the largest |a - b|, in whichever array and of whichever sign; a float."""
    assert_equal(work.largest_difference(six(1.0), six(1.0)), 0.0)
    for name in NAMES:
        for change in (-3.0, 2.0):
            other = six(1.0)
            other[name].flat[-1] += change
            got = work.largest_difference(six(1.0), other)
            assert_type(got, (float, np.floating), what="largest_difference")
            assert_close(got, abs(change))
    one, other = six(1.0), six(1.5)
    one["b3"][0] = -1.0
    assert_close(work.largest_difference(one, other), 2.5)
    as_walked = {name: one[name].copy() for name in reversed(NAMES)}  # as a backward pass meets them
    assert_equal(work.largest_difference(one, as_walked), 0.0, what="the difference of equal dicts in another order")


def counted(call: Callable[[], Any]) -> tuple[Any, Counter[str]]:
    """Run `call` and count how often the learner's forward and backward of backprop began."""
    codes = {}
    for name in ("forward", "backward"):
        function = getattr(learner_module("backprop"), name, None)
        while hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        if hasattr(function, "__code__"):
            codes[function.__code__] = name
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in codes:
            calls[codes[frame.f_code]] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        result = call()
    finally:
        sys.setprofile(before)
    return result, calls


def test_both_agree() -> None:
    """7. disagreement compares your own backward with PyTorch; nothing but rounding is left."""
    for i, size in enumerate(SIZES):
        params, X, T = case(60 + i, *size)
        got, calls = counted(lambda p=params, x=X, t=T: work.disagreement(copied(p), x.copy(), t.copy()))
        assert_type(got, (float, np.floating), what="disagreement")
        require(calls["backward"] > 0, "disagreement did not call the backward of your backprop")
        require(0 <= got < 1e-9, "your own gradients and those of PyTorch differ", got=got, expected=Shown("< 1e-9"))


class Track:
    """A clock that stands still, two functions that move it, and a note of all that happened."""

    def __init__(self, ours: list[float], theirs: list[float]) -> None:
        self.laps = {"ours": list(ours), "theirs": list(theirs)}
        self.now, self.seen = 100.0, list[str]()

    def clock(self) -> float:
        self.seen.append("clock")
        return self.now

    def runner(self, name: str) -> Callable[[], None]:
        def run() -> None:
            self.seen.append(name)
            self.now += self.laps[name].pop(0) if self.laps[name] else 50.0

        return run


def raced(ours: list[float], theirs: list[float], **options: int) -> tuple[list[float], list[str]]:
    track = Track(ours, theirs)
    got = work.race(track.runner("ours"), track.runner("theirs"), clock=track.clock, **options)
    times = [getattr(got, name, None) for name in ("ours", "theirs")]
    for name, time in zip(("ours", "theirs"), times, strict=True):
        assert_type(time, (int, float, np.floating), what=f"{name} of the race")
    return [float(time) for time in times if time is not None], track.seen


def test_a_race_keeps_the_shortest_time() -> None:
    """8. The race holds the shortest measured time of each; the first call of each is not measured."""
    for ours, theirs, repeats in (
        ([1.0, 4.0], [1.0, 6.0], 1),
        ([9.0, 4.0, 2.0, 3.0], [8.0, 5.0, 7.0, 6.0], 3),
        ([0.5, 3.0, 4.0, 5.0, 6.0], [0.25, 9.0, 8.0, 7.0, 6.0], 4),
    ):
        got, _ = raced(ours, theirs, repeats=repeats)
        call = f"race, where ours takes {ours} s and theirs {theirs} s, repeats={repeats}"
        assert_close(got[0], min(ours[1:]), what="ours of the race", call=call)
        assert_close(got[1], min(theirs[1:]), what="theirs of the race", call=call)


def test_a_race_is_run_in_turn() -> None:
    """8. After a call of each without the clock, both are called in turn, `repeats` times, 5 by default."""
    for options in ({"repeats": 1}, {"repeats": 3}, {}):
        repeats = options.get("repeats", 5)
        _, seen = raced([1.0] * (repeats + 1), [2.0] * (repeats + 1), **options)
        expected = ["ours", "theirs"] + ["clock", "ours", "clock", "clock", "theirs", "clock"] * repeats
        assert_equal(seen, expected, what=f"what was called, repeats={repeats}")


def test_the_passes_race() -> None:
    """9. race_passes times your forward and backward against PyTorch's, and builds nothing meanwhile."""
    params, X, T = case(70, 3, 2, 4, 3, 2)
    nn = torch().nn
    seen: list[str] = []
    starts: list[str] = []

    def clock() -> float:
        seen.append("clock")
        return float(len(seen))

    def note(frame: FrameType, event: str, called: Any) -> None:
        name = names.get(frame.f_code)
        if event == "call" and name:
            seen.append(name)
        elif event == "c_call" and getattr(called, "__name__", "") in ("tensor", "as_tensor", "from_numpy", "numpy"):
            seen.append("conversion")

    backprop = learner_module("backprop")
    functions = {"backward": getattr(backprop, "backward", None), "forward": getattr(backprop, "forward", None)}
    functions |= {"a new Linear": nn.Linear.__init__, "model": nn.Sequential.forward, "torch": torch().Tensor.backward}
    functions["torch.grad"] = torch().autograd.grad
    names = {}
    for name, function in functions.items():
        while hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        names[getattr(function, "__code__", None)] = name
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        got = work.race_passes(params, X, T, repeats=2, clock=clock)
    finally:
        sys.setprofile(before)
    for name in ("ours", "theirs"):
        time = getattr(got, name, None)
        assert_type(time, (int, float, np.floating), what=f"{name} of the race")
    looks = [i for i, name in enumerate(seen) if name == "clock"]
    require(len(looks) == 8, f"with repeats=2 the clock was read {len(looks)} times, expected 8")
    laps = [seen[a + 1 : b] for a, b in zip(looks[::2], looks[1::2], strict=True)]
    starts = [name for lap in laps for name in lap if name == "a new Linear"]
    require(not starts, "the model is built while the clock runs", got=laps[1])
    slow = any("conversion" in lap for lap in laps[1::2])
    require(not slow, "while PyTorch's clock runs, arrays become tensors, or tensors arrays", got=laps[1])
    for lap in laps[::2]:
        is_pass = lap.count("forward") == 1 and lap.count("backward") == 1 and "model" not in lap
        require(is_pass, "a lap of ours is not one forward and one backward of your backprop", got=lap)
    for lap in laps[1::2]:
        walked = "torch" in lap or "torch.grad" in lap
        is_pass = lap.count("model") == 1 and walked and not {"forward", "backward"} & set(lap)
        require(is_pass, "a lap of theirs is not one forward and one backward pass of PyTorch", got=lap)


def test_the_sentence() -> None:
    """10. sentence names the faster one first, and how many times as fast it is."""
    for ours, theirs, expected in (
        (1.0, 0.5, "PyTorch is 2.0 times as fast as NumPy"),
        (0.5, 1.0, "NumPy is 2.0 times as fast as PyTorch"),
        (0.003, 0.002, "PyTorch is 1.5 times as fast as NumPy"),
        (1e-5, 1.234e-3, "NumPy is 123.4 times as fast as PyTorch"),
        (0.0104, 0.01, "PyTorch is 1.0 times as fast as NumPy"),
        (0.0198, 0.01, "PyTorch is 2.0 times as fast as NumPy"),
        (0.01, 0.0198, "NumPy is 2.0 times as fast as PyTorch"),
    ):
        assert_equal(work.sentence(work.Race(ours=ours, theirs=theirs)), expected)


edges()


def test_five_rounds_by_default() -> None:
    """9. Without `repeats`, race_passes measures each five times."""
    params, X, T = case(75, 2, 2, 3, 2, 1)
    looks: list[float] = []

    def clock() -> float:
        looks.append(float(len(looks)))
        return looks[-1]

    work.race_passes(params, X, T, clock=clock)
    require(len(looks) == 20, f"the clock was read {len(looks)} times, expected 20: before and after each of ten calls")


def test_earlier_results_stay() -> None:
    """5. What gradients has returned stays the same, whatever happens to .grad later; so do its inputs."""
    params, X, T = case(80, 3, 2, 4, 3, 2)
    model = made(params)
    with unchanged(X=X, T=T):
        first = named(work.gradients(model, X, T), params, "gradients")
    kept = copied(first)
    with torch().no_grad():
        for p in model.parameters():
            if p.grad is not None:
                p.grad += 5.0  # as another backward would, or zero_grad(set_to_none=False)
    work.gradients(model, X + 1.0, T - 2.0)
    for name in NAMES:
        message = f'"{name}" of an earlier result has changed: it shares its memory with .grad'
        require(np.array_equal(first[name], kept[name]), message, got=first[name], expected=kept[name])


def test_nan_is_not_lost() -> None:
    """6. A NaN in any array, on either side, makes the largest difference NaN."""
    for name in NAMES:
        for side in (0, 1):
            pair = [six(1.0), six(2.0)]
            pair[side][name].flat[-1] = math.nan
            assert_close(work.largest_difference(*pair), math.nan)


def test_targets_of_another_shape_are_refused() -> None:
    """11. T of another shape than the output raises ValueError, even if PyTorch can stretch it."""
    for shape, other in (((3, 1), (3,)), ((3, 1), (1, 1)), ((3, 1), (3, 2)), ((2, 3), (3,)), ((2, 3), (2, 1))):
        output, T = tensors(np.zeros(shape), np.ones(other))
        assert_raises(ValueError, work.loss, output, T)
