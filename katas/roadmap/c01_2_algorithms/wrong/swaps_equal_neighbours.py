"""Equal neighbours are swapped too, which turns their order round."""


from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Node:

    value: Any
    left: Node | None = None
    right: Node | None = None


@dataclass(frozen=True)
class Range:

    low: float
    high: float

    def scaled(self, values: Sequence[float]) -> list[float]:
        width = self.high - self.low
        return [(value - self.low) / width if width else 0.0 for value in values]

    def restored(self, values: Sequence[float]) -> list[float]:
        return [self.low + value * (self.high - self.low) for value in values]


def bubble_sort(items: Sequence[Any]) -> list[Any]:
    result = list(items)
    for end in range(len(result) - 1, 0, -1):
        swapped = False
        for i in range(end):
            if result[i + 1] <= result[i]:
                result[i], result[i + 1] = result[i + 1], result[i]
                swapped = True
    return result


def merge_sort(items: Sequence[Any]) -> list[Any]:
    if len(items) < 2:
        return list(items)
    middle = len(items) // 2
    return _merged(merge_sort(items[:middle]), merge_sort(items[middle:]))


def _merged(left: list[Any], right: list[Any]) -> list[Any]:
    result = []
    i = j = 0
    while i < len(left) and j < len(right):
        if right[j] < left[i]:
            result.append(right[j])
            j += 1
        else:
            result.append(left[i])
            i += 1
    return result + left[i:] + right[j:]


def preorder(root: Node | None) -> list[Any]:
    values = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node is not None:
            values.append(node.value)
            waiting += [node.right, node.left]
    return values


def inorder(root: Node | None) -> list[Any]:
    values = []
    waiting: list[Node] = []
    node = root
    while node is not None or waiting:
        while node is not None:
            waiting.append(node)
            node = node.left
        node = waiting.pop()
        values.append(node.value)
        node = node.right
    return values


def postorder(root: Node | None) -> list[Any]:
    values = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node is not None:
            values.append(node.value)
            waiting += [node.left, node.right]
    return values[::-1]


def level_order(root: Node | None) -> list[list[Any]]:
    levels = []
    level = [root] if root is not None else []
    while level:
        levels.append([node.value for node in level])
        level = [child for node in level for child in (node.left, node.right) if child is not None]
    return levels


def height(root: Node | None) -> int:
    return len(level_order(root))


def learn_range(values: Sequence[float]) -> Range:
    if not values or not all(math.isfinite(value) for value in values):
        raise ValueError("values must be finite numbers, at least one")
    return Range(float(min(values)), float(max(values)))
