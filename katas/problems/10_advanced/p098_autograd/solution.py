"""Reverse-mode automatic differentiation of single numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable


class Value:
    """A number that remembers what it was computed from.

    Has +, -, *, / and unary - with Values and numbers on either side, and ** with a number as exponent (TypeError
    for a Value).
    """

    def __init__(self, data: float) -> None:
        self.data = float(data)
        self.grad = 0.0
        # What it was computed from, each with the derivative of this value by it. They are known when the value is
        # computed, so that backward() only multiplies and adds.
        self._sources: tuple[tuple[Value, float], ...] = ()

    def __add__(self, other: Value | float) -> Value:
        other = _value(other)
        return _computed(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other: Value | float) -> Value:
        other = _value(other)
        return _computed(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, exponent: float) -> Value:
        if not isinstance(exponent, int | float):
            raise TypeError(f"the exponent has to be a number, not {type(exponent).__name__}")
        slope = exponent * self.data ** (exponent - 1) if exponent else 0.0  # 0 ** -1 would raise an error
        return _computed(self.data**exponent, (self, slope))

    def __neg__(self) -> Value:
        return _computed(-self.data, (self, -1.0))

    def __sub__(self, other: Value | float) -> Value:
        return self + -_value(other)

    def __truediv__(self, other: Value | float) -> Value:
        other = _value(other)
        return _computed(self.data / other.data, (self, 1 / other.data), (other, -self.data / other.data**2))

    # Python asks for these where the left side is a number: 2 - x is x.__rsub__(2).

    def __radd__(self, other: float) -> Value:
        return self + other

    def __rmul__(self, other: float) -> Value:
        return self * other

    def __rsub__(self, other: float) -> Value:
        return _value(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return _value(other) / self

    def exp(self) -> Value:
        """e to the power of this value."""
        power = math.exp(self.data)
        return _computed(power, (self, power))

    def log(self) -> Value:
        """The natural logarithm."""
        return _computed(math.log(self.data), (self, 1 / self.data))

    def tanh(self) -> Value:
        """The hyperbolic tangent."""
        t = math.tanh(self.data)
        return _computed(t, (self, 1 - t**2))

    def relu(self) -> Value:
        """This value where it is above 0, and 0 elsewhere, where its derivative is 0 too."""
        return _computed(max(self.data, 0.0), (self, 1.0 if self.data > 0 else 0.0))

    def backward(self) -> None:
        """Add the derivative of this value by v to v.grad, for every v that it was computed from."""
        order = self._with_all_sources()
        for value in order:
            if value._sources:  # leaves keep what they have, and collect
                value.grad = 0.0
        self.grad += 1.0
        # From the result to the leaves: when it is a value's turn, all that were computed from it have passed on
        # their part, and its gradient is complete.
        for value in reversed(order):
            for source, slope in value._sources:
                source.grad += slope * value.grad

    def _with_all_sources(self) -> list[Value]:
        """This value and all that it was computed from, each after its own sources."""
        order: list[Value] = []
        seen: set[Value] = set()
        stack = [(self, False)]  # a stack of our own: recursion would end after a thousand steps
        while stack:
            value, has_sources = stack.pop()
            if has_sources:
                order.append(value)
            elif value not in seen:
                seen.add(value)
                stack.append((value, True))
                stack += [(source, False) for source, _ in value._sources]
        return order


def zero_grad(values: Iterable[Value]) -> None:
    """Set the gradient of each of the values to 0."""
    for value in values:
        value.grad = 0.0


def _computed(data: float, *sources: tuple[Value, float]) -> Value:
    value = Value(data)
    value._sources = sources
    return value


def _value(number: Value | float) -> Value:
    return number if isinstance(number, Value) else Value(number)


# PyTorch keeps a function instead of a slope at each node, as the derivative of an array by an array would be a huge
# matrix; frees the graph after backward(); and keeps .grad only for leaves.
