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
        raise NotImplementedError

    def restored(self, values: list[float]) -> list[float]:
        """Scaled `values` back on the old scale; all low where low equals high."""
        raise NotImplementedError


def bubble_sort(items: list[Any]) -> list[Any]:
    """A new list in ascending order, by swapping neighbours until a pass swaps none; stable."""
    raise NotImplementedError


def merge_sort(items: list[Any]) -> list[Any]:
    """A new list in ascending order, by merging sorted halves; stable."""
    raise NotImplementedError


def preorder(root: Node | None) -> list[Any]:
    """Values of the tree, each node before its left and its right side."""
    raise NotImplementedError


def inorder(root: Node | None) -> list[Any]:
    """Values of the tree, each node between its left and its right side."""
    raise NotImplementedError


def postorder(root: Node | None) -> list[Any]:
    """Values of the tree, each node after its left and its right side."""
    raise NotImplementedError


def level_order(root: Node | None) -> list[list[Any]]:
    """Values of the tree, one list for each level from the root down, each from left to right."""
    raise NotImplementedError


def height(root: Node | None) -> int:
    """Number of levels; 0 for an empty tree."""
    raise NotImplementedError


def learn_range(values: list[float]) -> Range:
    """The range of `values`.

    Raises ValueError when they are empty or not all finite.
    """
    raise NotImplementedError
