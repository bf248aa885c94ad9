"""`postorder` remembers the values it has given, not the nodes: where a value occurs twice, nodes are lost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Node:
    """A node of a binary tree."""

    value: Any
    left: Node | None = None
    right: Node | None = None


@dataclass(frozen=True)
class Range:
    """The lowest and the highest of the values it was learned from."""

    low: float
    high: float

    def scaled(self, values: Sequence[float]) -> list[float]:
        """`values` moved and stretched so that low becomes 0.0 and high 1.0; all 0.0 where low equals high."""
        span = self.high - self.low
        if span == 0:
            return [0.0 for _ in values]
        return [(value - self.low) / span for value in values]

    def restored(self, values: Sequence[float]) -> list[float]:
        """Scaled `values` back on the old scale; all low where low equals high."""
        span = self.high - self.low
        if span == 0:
            return [self.low for _ in values]
        return [self.low + value * span for value in values]


def bubble_sort(items: Sequence[Any]) -> list[Any]:
    """A new list in rising order, by swapping neighbours until a pass swaps none; stable."""
    result = list(items)
    end = len(result) - 1
    swapped = True
    while swapped and end > 0:
        swapped = False
        for i in range(end):
            if result[i + 1] < result[i]:
                result[i], result[i + 1] = result[i + 1], result[i]
                swapped = True
        end -= 1
    return result


def merge_sort(items: Sequence[Any]) -> list[Any]:
    """A new list in rising order, by merging sorted halves; stable."""
    result = list(items)
    if len(result) < 2:
        return result
    middle = len(result) // 2
    left, right = merge_sort(result[:middle]), merge_sort(result[middle:])
    merged: list[Any] = []
    i = j = 0
    while i < len(left) and j < len(right):
        if right[j] < left[i]:
            merged.append(right[j])
            j += 1
        else:
            merged.append(left[i])
            i += 1
    return merged + left[i:] + right[j:]


def preorder(root: Node | None) -> list[Any]:
    """Values of the tree, each node before its left and its right side."""
    values: list[Any] = []
    stack = [root] if root is not None else []
    while stack:
        node = stack.pop()
        values.append(node.value)
        if node.right is not None:
            stack.append(node.right)
        if node.left is not None:
            stack.append(node.left)
    return values


def inorder(root: Node | None) -> list[Any]:
    """Values of the tree, each node between its left and its right side."""
    values: list[Any] = []
    stack: list[Node] = []
    node = root
    while stack or node is not None:
        while node is not None:
            stack.append(node)
            node = node.left
        node = stack.pop()
        values.append(node.value)
        node = node.right
    return values


def postorder(root: Node | None) -> list[Any]:
    """Values of the tree, each node after its left and its right side."""
    values: list[Any] = []
    done: set[Any] = set()
    stack = [root] if root is not None else []
    while stack:
        node = stack[-1]
        waiting = [child for child in (node.right, node.left) if child is not None and child.value not in done]
        if waiting:
            stack.extend(waiting)
        else:
            stack.pop()
            done.add(node.value)
            values.append(node.value)
    return values


def level_order(root: Node | None) -> list[list[Any]]:
    """Values of the tree, one list for each level from the root down, each from left to right."""
    levels: list[list[Any]] = []
    level = [root] if root is not None else []
    while level:
        levels.append([node.value for node in level])
        level = [child for node in level for child in (node.left, node.right) if child is not None]
    return levels


def height(root: Node | None) -> int:
    """Number of levels; 0 for an empty tree."""
    return len(level_order(root))


def learn_range(values: Sequence[float]) -> Range:
    """The range of `values`.

    Raises ValueError, naming values, when they are empty or not all finite.
    """
    if len(values) == 0:
        raise ValueError("values must not be empty")
    if not all(math.isfinite(value) for value in values):
        raise ValueError("values must be finite numbers")
    return Range(float(min(values)), float(max(values)))
