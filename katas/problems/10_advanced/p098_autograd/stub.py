"""Reverse-mode automatic differentiation of single numbers."""

from __future__ import annotations

from collections.abc import Iterable


class Value:
    """A number that remembers what it was computed from.

    Has +, -, *, / and unary - with Values and numbers on either side, and ** with a number as exponent (TypeError
    for a Value).
    """

    def __init__(self, data: float) -> None:
        self.data = float(data)
        self.grad = 0.0

    def __add__(self, other: Value | float) -> Value:
        raise NotImplementedError

    def __sub__(self, other: Value | float) -> Value:
        raise NotImplementedError

    def __mul__(self, other: Value | float) -> Value:
        raise NotImplementedError

    def __truediv__(self, other: Value | float) -> Value:
        raise NotImplementedError

    def __pow__(self, exponent: float) -> Value:
        raise NotImplementedError

    def __neg__(self) -> Value:
        raise NotImplementedError

    # Python asks for these where the left side is a number: 2 - x is x.__rsub__(2).

    def __radd__(self, other: float) -> Value:
        raise NotImplementedError

    def __rsub__(self, other: float) -> Value:
        raise NotImplementedError

    def __rmul__(self, other: float) -> Value:
        raise NotImplementedError

    def __rtruediv__(self, other: float) -> Value:
        raise NotImplementedError

    def exp(self) -> Value:
        """e to the power of this value."""
        raise NotImplementedError

    def log(self) -> Value:
        """The natural logarithm."""
        raise NotImplementedError

    def tanh(self) -> Value:
        """The hyperbolic tangent."""
        raise NotImplementedError

    def relu(self) -> Value:
        """This value where it is above 0, and 0 elsewhere, where its derivative is 0 too."""
        raise NotImplementedError

    def backward(self) -> None:
        """Add the derivative of this value by v to v.grad, for every v that it was computed from."""
        raise NotImplementedError


def zero_grad(values: Iterable[Value]) -> None:
    """Set the gradient of each of the values to 0."""
    raise NotImplementedError
