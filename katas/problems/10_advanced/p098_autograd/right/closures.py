"""A closure per operation, as in micrograd, and the order by counting uses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any


class Value:
    """A number that remembers what it was computed from."""

    def __init__(
        self, data: float, parents: tuple[Value, ...] = (), spread: Callable[[float], Any] | None = None
    ) -> None:
        self.data = float(data)
        self.grad = 0.0
        self.parents = parents
        self.spread = spread

    def _make(self, data: float, *pairs: tuple[Value, float]) -> Value:
        def spread(grad: float) -> None:
            for parent, local in pairs:
                parent.grad += grad * local

        return Value(data, tuple(parent for parent, _ in pairs), spread)

    def __add__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return self._make(self.data + other.data, (self, 1), (other, 1))

    def __mul__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return self._make(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, n: Any) -> Value:
        if isinstance(n, Value):
            return NotImplemented
        return self._make(self.data**n, (self, n * self.data ** (n - 1) if n else 0.0))

    def __neg__(self) -> Value:
        return self * -1

    def __sub__(self, other: Any) -> Value:
        return self + (-other)

    def __truediv__(self, other: Any) -> Value:
        return self * other**-1

    def __radd__(self, other: Any) -> Value:
        return self + other

    def __rmul__(self, other: Any) -> Value:
        return self * other

    def __rsub__(self, other: Any) -> Value:
        return -self + other

    def __rtruediv__(self, other: Any) -> Value:
        return self**-1 * other

    def exp(self) -> Value:
        """e to the power of this value."""
        return self._make(math.exp(self.data), (self, math.exp(self.data)))

    def log(self) -> Value:
        """The natural logarithm."""
        return self._make(math.log(self.data), (self, 1 / self.data))

    def tanh(self) -> Value:
        """The hyperbolic tangent."""
        return self._make(math.tanh(self.data), (self, 1 - math.tanh(self.data) ** 2))

    def relu(self) -> Value:
        """max(x, 0)."""
        return self._make(self.data, (self, 1)) if self.data > 0 else self._make(0.0, (self, 0))

    def backward(self) -> None:
        """Values whose users have all spoken are ready."""
        uses: dict[int, int] = {id(self): 0}
        found = [self]
        for value in found:
            for parent in value.parents:
                if id(parent) not in uses:
                    uses[id(parent)] = 0
                    found.append(parent)
                uses[id(parent)] += 1
        for value in found:
            if value.parents:
                value.grad = 0.0
        self.grad = self.grad + 1.0
        ready = [self]
        while ready:
            value = ready.pop()
            if value.spread is not None:
                value.spread(value.grad)
            for parent in value.parents:
                uses[id(parent)] -= 1
                if uses[id(parent)] == 0:
                    ready.append(parent)


def zero_grad(values: Iterable[Value]) -> None:
    """Set the gradient of each of the values to 0."""
    for value in values:
        value.grad = 0.0
