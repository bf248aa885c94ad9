"""Morris walks that thread the tree and restore it, a merge sort over the runs that are there, one queue for levels."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf
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

    def scaled(self, values):
        if self.high > self.low:
            return [(value - self.low) / (self.high - self.low) for value in values]
        return [0 for _ in values]

    def restored(self, values):
        return [self.low + (self.high - self.low) * value for value in values]


def bubble_sort(items):
    result = [*items]
    todo, swapped = len(result) - 1, True
    while swapped:
        swapped = False
        for i in range(todo):
            if result[i] > result[i + 1]:
                result[i : i + 2] = result[i + 1], result[i]
                swapped = True
        todo -= 1
    return result


def merge_sort(items):
    runs = deque()
    for i, item in enumerate(items):
        if i and not item < items[i - 1]:
            runs[-1].append(item)
        else:
            runs.append([item])
    while len(runs) > 1:
        pairs = len(runs) // 2
        odd = len(runs) % 2
        for _ in range(pairs):
            runs.append(_merged(deque(runs.popleft()), deque(runs.popleft())))
        if odd:
            runs.append(runs.popleft())
    return runs[0] if runs else []


def _merged(left, right):
    result = []
    while left and right:
        result.append(right.popleft() if right[0] < left[0] else left.popleft())
    return [*result, *left, *right]


def _threaded(root, one, other):
    """Values of the walks (node, one, other) and (one, node, other)."""
    before, between = [], []
    node = root
    while node:
        last = getattr(node, one)
        if last is None:
            before.append(node.value)
            between.append(node.value)
            node = getattr(node, other)
            continue
        while getattr(last, other) not in (None, node):
            last = getattr(last, other)
        if getattr(last, other) is None:
            before.append(node.value)
            setattr(last, other, node)
            node = getattr(node, one)
        else:
            setattr(last, other, None)
            between.append(node.value)
            node = getattr(node, other)
    return before, between


def preorder(root):
    return _threaded(root, "left", "right")[0]


def inorder(root):
    return _threaded(root, "left", "right")[1]


def postorder(root):
    return _threaded(root, "right", "left")[0][::-1]


def level_order(root):
    queue = deque([root] if root else [])
    levels = []
    while queue:
        levels.append([])
        for _ in range(len(queue)):
            node = queue.popleft()
            levels[-1].append(node.value)
            queue.extend(child for child in (node.left, node.right) if child)
    return levels


def height(root):
    return len(level_order(root))


def learn_range(values):
    low, high = inf, -inf
    for value in values:
        if not -inf < value < inf:
            raise ValueError(value)
        low, high = min(low, value), max(high, value)
    if low > high:
        raise ValueError("nothing")
    return Range(low, high)
