"""Bottom-up merging, one marked stack for every walk."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import isfinite
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
        if self.low == self.high:
            return [0.0 for _ in values]
        return [(v - self.low) / (self.high - self.low) for v in values]

    def restored(self, values):
        return [v * (self.high - self.low) + self.low for v in values]


def bubble_sort(items):
    a = [x for x in items]
    end = len(a) - 1
    while end > 0:
        last_swap = 0
        for i in range(end):
            if a[i] > a[i + 1]:
                a[i], a[i + 1] = a[i + 1], a[i]
                last_swap = i
        end = last_swap
    return a


def merge_sort(items):
    runs = deque([[x] for x in items])
    if not runs:
        return []
    width, a = 1, list(items)
    while width < len(a):
        merged = []
        for s in range(0, len(a), 2 * width):
            one, two = a[s : s + width], a[s + width : s + 2 * width]
            i = j = 0
            while i < len(one) and j < len(two):
                if one[i] <= two[j]:
                    merged.append(one[i])
                    i += 1
                else:
                    merged.append(two[j])
                    j += 1
            merged.extend(one[i:])
            merged.extend(two[j:])
        a, width = merged, 2 * width
    return a


def _walk(root, order):
    found, stack = [], [("node", root)]
    while stack:
        kind, thing = stack.pop()
        if kind == "value":
            found.append(thing)
        elif thing is not None:
            parts = {"N": ("value", thing.value), "L": ("node", thing.left), "R": ("node", thing.right)}
            stack.extend(parts[c] for c in reversed(order))
    return found


def preorder(root):
    return _walk(root, "NLR")


def inorder(root):
    return _walk(root, "LNR")


def postorder(root):
    return _walk(root, "LRN")


def level_order(root):
    found, queue = [], deque([(0, root)])
    while queue:
        depth, node = queue.popleft()
        if node is None:
            continue
        if depth == len(found):
            found.append([])
        found[depth].append(node.value)
        queue.append((depth + 1, node.left))
        queue.append((depth + 1, node.right))
    return found


def height(root):
    best, stack = 0, [(root, 1)]
    while stack:
        node, depth = stack.pop()
        if node is not None:
            best = depth if depth > best else best
            stack += [(node.left, depth + 1), (node.right, depth + 1)]
    return best


def learn_range(values):
    if len(values) == 0:
        raise ValueError("no values")
    if any(not isfinite(v) for v in values):
        raise ValueError("values that are not finite")
    ordered = merge_sort(values)
    return Range(float(ordered[0]), float(ordered[-1]))
