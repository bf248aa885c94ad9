"""Two sorts, walks through trees of any depth, and a range that can be used again."""

from __future__ import annotations

import math
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

    def scaled(self, values: list[float]) -> list[float]:
        """`values` moved and stretched so that low becomes 0 and high 1; all 0 where low equals high."""
        width = self.high - self.low
        return [(value - self.low) / width if width else 0.0 for value in values]

    def restored(self, values: list[float]) -> list[float]:
        """Scaled `values` back on the old scale; all low where low equals high."""
        # A width of 0 needs no special case here: whatever is multiplied by it, low remains.
        return [self.low + value * (self.high - self.low) for value in values]


def bubble_sort(items: list[Any]) -> list[Any]:
    """A new list in ascending order, by swapping neighbours until a pass swaps none; stable."""
    result = list(items)
    # After each pass the largest of what was left stands at the end of it, so that the next may stop before.
    for end in range(len(result) - 1, 0, -1):
        swapped = False
        for i in range(end):
            # Only a truly smaller right neighbour moves: swapping equal ones would turn their order round.
            if result[i + 1] < result[i]:
                result[i], result[i + 1] = result[i + 1], result[i]
                swapped = True
        if not swapped:
            break
    return result


def merge_sort(items: list[Any]) -> list[Any]:
    """A new list in ascending order, by merging sorted halves; stable."""
    if len(items) < 2:
        return list(items)
    middle = len(items) // 2
    # Halving makes this recursion only log2(n) deep: 17 calls for 100,000 items.
    return _merged(merge_sort(items[:middle]), merge_sort(items[middle:]))


def _merged(left: list[Any], right: list[Any]) -> list[Any]:
    result = []
    i = j = 0
    while i < len(left) and j < len(right):
        # On a tie the left one goes first: it came first.
        if right[j] < left[i]:
            result.append(right[j])
            j += 1
        else:
            result.append(left[i])
            i += 1
    # One side is used up; what the other has left is larger than all so far.
    return result + left[i:] + right[j:]


def preorder(root: Node | None) -> list[Any]:
    """Values of the tree, each node before its left and its right side."""
    values = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node is not None:
            values.append(node.value)
            # What is pushed last is popped first, so that the left side comes first.
            waiting += [node.right, node.left]
    return values


def inorder(root: Node | None) -> list[Any]:
    """Values of the tree, each node between its left and its right side."""
    values = []
    waiting: list[Node] = []
    node = root
    while node is not None or waiting:
        # Down the left edge first; the nodes passed on the way wait for their left side to be done.
        while node is not None:
            waiting.append(node)
            node = node.left
        node = waiting.pop()
        values.append(node.value)
        node = node.right
    return values


def postorder(root: Node | None) -> list[Any]:
    """Values of the tree, each node after its left and its right side."""
    values = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node is not None:
            values.append(node.value)
            waiting += [node.left, node.right]
    # This was node, right, left; read backwards it is left, right, node.
    return values[::-1]


def level_order(root: Node | None) -> list[list[Any]]:
    """Values of the tree, one list for each level from the root down, each from left to right."""
    levels = []
    level = [root] if root is not None else []
    while level:
        levels.append([node.value for node in level])
        level = [child for node in level for child in (node.left, node.right) if child is not None]
    return levels


def height(root: Node | None) -> int:
    """Number of levels; 0 for an empty tree."""
    return len(level_order(root))


def learn_range(values: list[float]) -> Range:
    """The range of `values`.

    Raises ValueError when they are empty or not all finite.
    """
    if not values or not all(math.isfinite(value) for value in values):
        raise ValueError("values must be finite numbers, at least one")
    return Range(float(min(values)), float(max(values)))


# Python's own sorted() is Timsort: a stable merge sort that finds runs which are in order already and merges those, so
# that a sorted list costs n - 1 comparisons, like a bubble sort. scikit-learn's MinMaxScaler is `Range` per column.
