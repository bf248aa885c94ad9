"""Hidden test of p098_autograd."""

import math
from collections.abc import Callable
from typing import Any

from kata_runner.checking import (
    assert_close,
    assert_equal,
    assert_growth,
    assert_raises,
    assert_type,
    calling,
    edges,
    learner,
    rng,
    timing,
)

work = learner("autograd")

# Name -> (the formula in Values, the same in floats, the numbers to put in).
Formula = tuple[Callable[..., Any], Callable[..., float], tuple[float, ...]]
FORMULAS: dict[str, Formula] = {
    "x + y": (lambda x, y: x + y, lambda x, y: x + y, (3.0, -2.0)),
    "x - y": (lambda x, y: x - y, lambda x, y: x - y, (3.0, -2.0)),
    "x * y": (lambda x, y: x * y, lambda x, y: x * y, (3.0, -2.0)),
    "x / y": (lambda x, y: x / y, lambda x, y: x / y, (3.0, -2.0)),
    "-x": (lambda x: -x, lambda x: -x, (3.0,)),
    "x + 2": (lambda x: x + 2, lambda x: x + 2, (3.0,)),
    "2 + x": (lambda x: 2 + x, lambda x: 2 + x, (3.0,)),
    "x - 2": (lambda x: x - 2, lambda x: x - 2, (3.0,)),
    "2 - x": (lambda x: 2 - x, lambda x: 2 - x, (3.0,)),
    "x * 2.5": (lambda x: x * 2.5, lambda x: x * 2.5, (3.0,)),
    "2.5 * x": (lambda x: 2.5 * x, lambda x: 2.5 * x, (3.0,)),
    "x / 4": (lambda x: x / 4, lambda x: x / 4, (3.0,)),
    "4 / x": (lambda x: 4 / x, lambda x: 4 / x, (3.0,)),
    "x ** 3": (lambda x: x**3, lambda x: x**3, (-2.0,)),
    "x ** -2": (lambda x: x**-2, lambda x: x**-2, (-2.0,)),
    "x ** 0.5": (lambda x: x**0.5, lambda x: x**0.5, (2.0,)),
    "x ** 0": (lambda x: x**0, lambda x: x**0, (0.0,)),
    "x ** 1": (lambda x: x**1, lambda x: x**1, (0.0,)),
    "x ** 2": (lambda x: x**2, lambda x: x**2, (0.0,)),
    "x.exp()": (lambda x: x.exp(), math.exp, (0.5,)),
    "x.log()": (lambda x: x.log(), math.log, (0.5,)),
    "x.tanh()": (lambda x: x.tanh(), math.tanh, (0.5,)),
    "x.relu(), x = 2": (lambda x: x.relu(), lambda x: max(x, 0.0), (2.0,)),
    "x.relu(), x = -2": (lambda x: x.relu(), lambda x: max(x, 0.0), (-2.0,)),
    "sum([x, y])": (lambda x, y: sum([x, y]), lambda x, y: x + y, (3.0, -2.0)),
}


def slopes(formula: Callable[..., float], numbers: tuple[float, ...]) -> list[float]:
    """The derivatives by each number, by central differences."""
    h = 1e-5
    moved = [
        [formula(*(number + sign * h * (i == j) for j, number in enumerate(numbers))) for sign in (1, -1)]
        for i in range(len(numbers))
    ]
    return [(above - below) / (2 * h) for above, below in moved]


def assert_gradients(name: str, formula: Formula) -> None:
    in_values, in_floats, numbers = formula
    expected = slopes(in_floats, numbers)
    with calling(f"y = {name}, y.backward(), for {', '.join(f'{number:g}' for number in numbers)}"):
        leaves = [work.Value(number) for number in numbers]
        result = in_values(*leaves)
        result.backward()
        for letter, leaf, slope in zip("xyz", leaves, expected, strict=False):
            assert_close(leaf.grad, slope, rtol=1e-6, atol=1e-7, what=f"{letter}.grad")
        assert_close(result.grad, 1.0, what="the .grad of the result")


def test_data() -> None:
    """1. .data is what Python computes with floats; numbers may stand on either side."""
    for name, (in_values, in_floats, numbers) in FORMULAS.items():
        expected = in_floats(*numbers)
        with calling(f"({name}).data for {', '.join(f'{number:g}' for number in numbers)}"):
            result = in_values(*(work.Value(number) for number in numbers))
            assert_close(result.data, expected, rtol=1e-12, what=".data")
            assert_type(result.data, float, what=".data")
    assert_type(work.Value(3).data, float, what="Value(3).data")


def test_single_operations() -> None:
    """2. After y.backward() each .grad is the derivative, as finite differences show; that of y itself is 1."""
    for name, formula in FORMULAS.items():
        assert_gradients(name, formula)


def test_values_used_several_times() -> None:
    """3. A value that is used several times, also twice in one operation, collects the sum over all its uses."""
    shared: dict[str, Formula] = {
        "x + x": (lambda x: x + x, lambda x: x + x, (3.0,)),
        "x * x": (lambda x: x * x, lambda x: x * x, (3.0,)),
        "x / x": (lambda x: x / x, lambda x: x / x, (3.0,)),
        "x * y + x": (lambda x, y: x * y + x, lambda x, y: x * y + x, (3.0, -2.0)),
        "x * x * x - x": (lambda x: x * x * x - x, lambda x: x * x * x - x, (3.0,)),
    }
    for name, formula in shared.items():
        assert_gradients(name, formula)

    def on_product(of_product: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x, y: of_product(x * y)

    diamonds: dict[str, tuple[Callable[..., Any], Callable[[float], float]]] = {
        "m * m + m": (lambda m: m * m + m, lambda m: m * m + m),
        "m + m.exp()": (lambda m: m + m.exp(), lambda m: m + math.exp(m)),
        "m.exp() + m": (lambda m: m.exp() + m, lambda m: m + math.exp(m)),
    }
    for name, (in_values, in_floats) in diamonds.items():
        assert_gradients(f"{name} with m = x * y", (on_product(in_values), on_product(in_floats), (0.5, 0.7)))


def test_long_formulas() -> None:
    """2. The chain rule holds through formulas of several operations."""
    a, b = rng(1).uniform(0.5, 2.0, 2).tolist()
    chained: dict[str, Formula] = {
        "(x * 2).exp()": (lambda x: (x * 2).exp(), lambda x: math.exp(2 * x), (0.3,)),
        "((x + 1) ** 2).log()": (lambda x: ((x + 1) ** 2).log(), lambda x: math.log((x + 1) ** 2), (0.3,)),
        "((x * y).tanh() / (x + y.exp())).relu()": (
            lambda x, y: ((x * y).tanh() / (x + y.exp())).relu(),
            lambda x, y: max(math.tanh(x * y) / (x + math.exp(y)), 0.0),
            (a, b),
        ),
    }
    for name, formula in chained.items():
        assert_gradients(name, formula)


def test_backward_adds() -> None:
    """6. backward again adds to the .grad of values made by Value(…); results in between begin at 0 each time."""
    with calling("z = (x * y) ** 2, z.backward() twice, for x = 3, y = -2"):
        x, y = work.Value(3.0), work.Value(-2.0)
        z = (x * y) ** 2
        z.backward()
        z.backward()
        assert_equal([x.grad, y.grad], [48.0, -72.0], what="[x.grad, y.grad]")
        assert_equal(z.grad, 1.0, what="z.grad")
    with calling("m = x * 3, (m * 2).backward(), (m * m).backward(), for x = 2"):
        x = work.Value(2.0)
        m = x * 3
        (m * 2).backward()
        (m * m).backward()
        assert_equal(m.grad, 12.0, what="m.grad")
        assert_equal(x.grad, 42.0, what="x.grad")
    with calling("x.backward() twice, for x = Value(2)"):
        x = work.Value(2.0)
        x.backward()
        x.backward()
        assert_equal(x.grad, 2.0, what="x.grad")


def test_zero_grad() -> None:
    """7. After zero_grad(values), backward starts from nothing for these values; others keep theirs."""
    x, y, z = work.Value(3.0), work.Value(-2.0), work.Value(5.0)
    with calling("(x * y * z).backward(), zero_grad([x, y]), (x * y).backward()"):
        (x * y * z).backward()
        work.zero_grad([x, y])
        assert_equal([x.grad, y.grad, z.grad], [0.0, 0.0, -6.0], what="[x.grad, y.grad, z.grad] after zero_grad")
        (x * y).backward()
        assert_equal([x.grad, y.grad, z.grad], [-2.0, 3.0, -6.0], what="[x.grad, y.grad, z.grad]")
    with calling("y = x * 3, y.backward(), zero_grad([y]), for x = 2"):
        x = work.Value(2.0)
        y = x * 3
        y.backward()
        work.zero_grad([y])
        assert_equal([x.grad, y.grad], [3.0, 0.0], what="[x.grad, y.grad]")


edges()


def test_relu_at_zero() -> None:
    """4. The derivative of relu at 0 is 0."""
    for zero in (0.0, -0.0):
        with calling("x.relu().backward() for x = 0"):
            x = work.Value(zero)
            x.relu().backward()
            assert_equal(x.grad, 0.0, what="x.grad")


def test_long_chains() -> None:
    """8. 10,000 operations in a row work with Python's own recursion limit."""
    with calling("y = x, then y = y * 1 + 1 five thousand times, y.backward()"):
        x = work.Value(1.0)
        y = x
        for _ in range(5_000):
            y = y * 1 + 1
        y.backward()
        assert_equal([y.data, x.grad], [5_001.0, 1.0], what="[y.data, x.grad]")


@timing
def test_every_value_passes_on_once() -> None:
    """5. The time grows with the number of operations, not with the number of paths."""
    with calling("y = x, then y = y + y four times, y.backward()"):
        x = work.Value(1.0)
        y = x
        for _ in range(4):
            y = y + y
        y.backward()
        assert_equal(x.grad, 16.0, what="x.grad")

    def make(n: int) -> Callable[[], object]:
        y = work.Value(1.0)
        for _ in range(n):
            y = y + y
        return lambda: y.backward()

    message = "twice as many operations take more than eight times as long: every path is walked by itself"
    assert_growth(make, small=8, large=16, at_most=8, message=message)

    def make_chain(n: int) -> Callable[[], object]:
        y = work.Value(1.0)
        for _ in range(n):
            y = y + 1
        return lambda: y.backward()

    assert_growth(make_chain, small=200, large=3_200, at_most=64)


def test_data_stays_as_it_was() -> None:
    """9. Computing and backward change no .data."""
    with calling("y = x ** 2, z = y.tanh() + y.exp() / y, z.backward(), for x = 0.5"):
        x = work.Value(0.5)
        y = x**2
        z = y.tanh() + y.exp() / y
        z.backward()
        assert_equal([x.data, y.data], [0.5, 0.25], what="[x.data, y.data]")
    with calling("y = x, y += 1, y -= 3, y *= 2, for x = 0.5"):
        x = work.Value(0.5)
        y = x
        y += 1
        y -= 3
        y *= 2
        assert_equal([x.data, y.data], [0.5, -3.0], what="[x.data, y.data]")


def test_value_as_exponent() -> None:
    """10. TypeError for a Value in the exponent."""
    x, y = work.Value(2.0), work.Value(3.0)
    assert_raises(TypeError, lambda: x**y, call="Value(2.0) ** Value(3.0)")
    assert_raises(TypeError, lambda: 2**x, call="2 ** Value(2.0)")
