"""Hidden test of c01_2_algorithms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from kata_runner.checking import (
    Shown,
    assert_close,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("sorting_and_trees")

SORTS = ("bubble_sort", "merge_sort")
WALKS = ("preorder", "inorder", "postorder", "level_order", "height")
SMALL: list[list[Any]] = [
    [2, 1], [3, 1, 2], [], [7], [5, 4, 3, 2, 1], [1, 1, 1], [2, -1, 0, 2, -1], ["pear", "fig", "apple"],
    [1.5, -2, 0.25, 9], [(2, "b"), (1, "z"), (2, "a")],
]  # fmt: skip


class Card:
    """Compared by rank alone; counts every comparison of its pack. Shown as its rank and the letter of its place."""

    compared = 0

    def __init__(self, rank: int, place: int) -> None:
        self.rank, self.place = rank, place

    def __lt__(self, other: Card) -> bool:
        Card.compared += 1
        return self.rank < other.rank

    def __gt__(self, other: Card) -> bool:
        Card.compared += 1
        return self.rank > other.rank

    def __le__(self, other: Card) -> bool:
        Card.compared += 1
        return self.rank <= other.rank

    def __ge__(self, other: Card) -> bool:
        Card.compared += 1
        return self.rank >= other.rank

    def __repr__(self) -> str:
        return f"{self.rank}{chr(97 + self.place % 26)}"


def places(got: Any, n: int) -> list[int]:
    """Where each card of the result stood before."""
    assert_type(got, list)
    require(len(got) == n and all(type(card) is Card for card in got), f"expected a list of the {n} items", got=got)
    return [card.place for card in got]


def assert_at_most(name: str, ranks: list[int], limit: int, told: str) -> None:
    cards = [Card(rank, place) for place, rank in enumerate(ranks)]
    Card.compared = 0
    got = getattr(work, name)(cards)
    taken = Card.compared
    call = f"{name}({ranks})" if len(ranks) < 9 else f"{name}(…)"
    assert_equal(sorted(places(got, len(ranks))), list(range(len(ranks))), what=f"the items that {name} returned")
    require(
        taken <= limit,
        f"{name} made too many comparisons for {told}",
        got=Shown(f"{taken} comparisons"),
        expected=Shown(f"at most {limit}"),
        call=call,
    )


# A tree as plain tuples (value, left, right), for the oracle and for the messages.
Plain = Any
TREES: list[Plain] = [
    (1, None, None),
    (1, (2, None, None), (3, None, None)),
    (4, (2, (1, None, None), (3, None, None)), (6, None, None)),
    (1, None, (2, (3, None, None), None)),
    (5, (7, None, None), (6, (7, None, None), None)),
    (1, (0, None, ("", None, None)), (None, (0, None, None), None)),
    None,
]


def random_tree(stream: int, n: int) -> Plain:
    """A search tree of random numbers; some occur twice."""
    tree: Any = None
    for value in rng(stream).integers(0, 2 * n, n).tolist():
        tree = inserted(tree, value)
    return tree


def inserted(tree: Plain, value: int) -> Plain:
    if tree is None:
        return (value, None, None)
    own, left, right = tree
    return (own, inserted(left, value), right) if value < own else (own, left, inserted(right, value))


def built(tree: Plain) -> Any:
    return None if tree is None else work.Node(tree[0], built(tree[1]), built(tree[2]))


def shown(tree: Plain) -> str:
    if tree is None:
        return "None"
    value, left, right = tree
    rest = "" if left is None and right is None else f", {shown(left)}" + (f", {shown(right)}" if right else "")
    return f"Node({value!r}{rest})"


def plain_walk(name: str, tree: Plain) -> Any:
    """By recursion, which is all that small trees need."""
    if name == "level_order":
        return plain_levels(tree)
    if name == "height":
        return len(plain_levels(tree))
    if tree is None:
        return []
    value, left, right = tree
    one, other = plain_walk(name, left), plain_walk(name, right)
    return {"preorder": [value, *one, *other], "inorder": [*one, value, *other]}.get(name, [*one, *other, value])


def plain_levels(tree: Plain) -> list[list[Any]]:
    levels, level = [], [tree] if tree else []
    while level:
        levels.append([node[0] for node in level])
        level = [child for node in level for child in node[1:] if child]
    return levels


def assert_walks(name: str, tree: Plain) -> None:
    expected, root = plain_walk(name, tree), built(tree)
    with calling(f"{name}({shown(tree)})"):
        got = getattr(work, name)(root)
    assert_equal(got, expected, what=name, call=f"{name}({shown(tree)})")


def chain(turns: str, n: int) -> Any:
    """A tree of the values 0 to n - 1, each the only child of the one before, by the given turns again and again."""
    new = work.Node
    root = node = new(0)
    for i in range(1, n):
        child = new(i)
        setattr(node, "left" if turns[i % len(turns)] == "L" else "right", child)
        node = child
    return root


def test_sorted_in_ascending_order() -> None:
    """Both sorts return a list of all items in ascending order, for any length and any items with an order."""
    cases = [*SMALL, *(rng(n).integers(-50, 50, n).tolist() for n in (17, 127, 128))]
    for name in SORTS:
        for items in cases:
            expected = sorted(items)
            got = getattr(work, name)(list(items))
            assert_equal(got, expected)
            assert_type(got, list)


def test_equal_items_keep_their_order() -> None:
    """Both sorts are stable: items of which neither is smaller keep the order in which they came."""
    for ranks in ([1, 1], [2, 1, 2, 1], [3, 1, 3, 2, 3, 1], rng(1).integers(0, 6, 60).tolist()):
        cards = [Card(rank, place) for place, rank in enumerate(ranks)]
        expected = [card.place for card in sorted(cards, key=lambda card: card.rank)]
        for name in SORTS:
            got = getattr(work, name)(list(cards))
            if places(got, len(cards)) != expected:
                wanted = Shown(repr([cards[place] for place in expected]))
                fail(
                    f"{name} changed the order of equal items (compared by their number; the letter tells them apart)",
                    got=Shown(repr(got)),
                    expected=wanted,
                )


def test_cost_of_bubble_sort() -> None:
    """bubble_sort makes at most n(n - 1)/2 comparisons, and at most n - 1 when the items are in order already."""
    for n in (2, 3, 7, 40, 1):
        assert_at_most("bubble_sort", list(range(n)), n - 1, f"{n} items that are in order")
        assert_at_most("bubble_sort", list(range(n, 0, -1)), n * (n - 1) // 2, f"{n} items in falling order")
        assert_at_most("bubble_sort", [1] * n, n - 1, f"{n} equal items")


def test_cost_of_merge_sort() -> None:
    """merge_sort makes at most n·⌈log₂ n⌉ comparisons, whatever the order was."""
    for n in (2, 7, 128, 1000):
        limit = n * math.ceil(math.log2(n))
        orders = {"falling": list(range(n, 0, -1)), "random": rng(n).permutation(n).tolist(), "rising": list(range(n))}
        for told, ranks in orders.items():
            assert_at_most("merge_sort", ranks, limit, f"{n} items in {told} order")


def test_walks_through_a_tree() -> None:
    """preorder, inorder and postorder return every value: a node before, between or after its two sides."""
    for tree in [*TREES, random_tree(2, 7), random_tree(3, 60)]:
        for name in ("preorder", "inorder", "postorder"):
            assert_walks(name, tree)


def test_levels_of_a_tree() -> None:
    """level_order returns a list for each level, from left to right, and height is the number of levels."""
    for tree in [*TREES, random_tree(4, 7), random_tree(5, 60)]:
        for name in ("level_order", "height"):
            assert_walks(name, tree)


def test_chains_of_100_000_nodes() -> None:
    """All five walks reach the end of a chain of 100,000 nodes, whichever way it turns."""
    for turns, n in (("LR", 100_000), ("L", 5_000), ("R", 5_000)):
        root = chain(turns, n)
        for name in ("preorder", "postorder", "level_order", "height", "inorder"):
            call = f"{name}(a chain of {n:,} nodes)"
            try:
                got = getattr(work, name)(root)
            except RecursionError:
                fail("RecursionError: too many calls within each other", call=call)
            if name == "height":
                assert_equal(got, n, call=call)
                continue
            require(type(got) is list, f"{name} returned no list", got=got, call=call)
            require(len(got) == n, f"{name} returned {len(got):,} items for {n:,} nodes", call=call)
            expected = walk_of_chain(name, turns, n)
            for place in (0, 1, n // 2, n - 1):
                assert_equal(got[place], expected[place], what=f"{name}(...)[{place}]", call=call)


def walk_of_chain(name: str, turns: str, n: int) -> Any:
    if name == "level_order":
        return [[i] for i in range(n)]
    if name == "preorder":
        return range(n)
    if name == "postorder":
        return range(n - 1, -1, -1)
    # inorder: a node stands before its right child and after its left one.
    turn = turns * (n // len(turns) + 2)
    before = [i for i in range(n - 1) if turn[i + 1] == "R"]
    return before + [i for i in range(n - 1, -1, -1) if i == n - 1 or turn[i + 1] == "L"]


def learned(values: list[float]) -> Any:
    """The range learned from values, whose two ends are right."""
    low, high = min(values), max(values)
    call = f"learn_range({values})" if len(values) < 9 else f"learn_range(a list of {len(values)} numbers)"
    with calling(call):
        got = work.learn_range(list(values))
        ends = [getattr(got, name, None) for name in ("low", "high")]
        assert_equal(ends, [low, high], what="[low, high]")
    return got


def assert_maps(method: str, known: list[float], values: list[float], expected: list[float]) -> None:
    seen = learned(known)
    ends = f"{min(known)}, {max(known)}"
    given = values if len(values) < 9 else "…"
    with calling(f"learn_range([{ends}]).{method}({given})"):
        function: Callable[[list[float]], Any] | None = getattr(seen, method, None)
        require(callable(function), f"a Range has no {method}")
        assert_close(function(list(values)), expected, what=method)  # type: ignore[misc]


def test_a_range_scales() -> None:
    """The range of one list scales any other: low to 0, high to 1, and values outside go beyond."""
    assert_maps("scaled", [10, 30, 20], [10, 15, 30], [0.0, 0.25, 1.0])
    assert_maps("scaled", [10, 30, 20], [40, 0], [1.5, -0.5])
    assert_maps("scaled", [10, 30, 20], [15], [0.25])
    assert_maps("scaled", [10, 30, 20], [], [])
    for n in (2, 127):
        values = rng(10 + n).normal(5.0, 3.0, n).tolist()
        low, high = min(values), max(values)
        others = rng(20 + n).normal(0.0, 9.0, 8).tolist()
        assert_maps("scaled", values, others, [(v - low) / (high - low) for v in others])


def test_a_range_leads_back() -> None:
    """restored undoes scaled."""
    assert_maps("restored", [-3.5, 2, 0.5], [0, 1], [-3.5, 2.0])
    assert_maps("restored", [-3.5, 2, 0.5], [0.5, 2.0, -1.0], [-0.75, 7.5, -9.0])
    values = rng(30).normal(100.0, 20.0, 7).tolist()
    low, high = min(values), max(values)
    assert_maps("restored", values, [(v - low) / (high - low) for v in values], values)


edges()


def test_a_range_without_width() -> None:
    """Where low equals high, every value is scaled to 0 and restored to low."""
    for known in ([4, 4, 4], [0.1], [0]):
        assert_maps("scaled", known, [known[0], 7.0, -2.0], [0.0, 0.0, 0.0])
        assert_maps("restored", known, [0.0, 0.5, 1.0], [float(known[0])] * 3)


def test_a_narrow_range() -> None:
    """A range is without width only where low equals high exactly, however near they are."""
    assert_maps("scaled", [0.0, 1e-20], [0.0, 1e-20], [0.0, 1.0])
    assert_maps("scaled", [1.7e9, 1.7e9 + 1], [1.7e9, 1.7e9 + 1], [0.0, 1.0])


def test_no_range_of_nothing() -> None:
    """learn_range refuses no values, NaN and infinities with ValueError."""
    for values in ([], [math.nan], [1.0, math.nan, 2.0], [1.0, math.inf], [0.0, -math.inf]):
        assert_raises(ValueError, work.learn_range, values)


def test_the_given_list_stays() -> None:
    """Both sorts leave the list as it was and return a new one, also for one item or none."""
    for name in SORTS:
        for items in ([2, 1], [3, 1, 2], [1, 2], [5], [], list(range(40, 0, -1))):
            with unchanged(items=items):
                got = getattr(work, name)(items)
            require(got is not items, f"{name} returned the very list that it was given")


def test_the_tree_stays() -> None:
    """All five walks leave the tree as it was."""
    for tree in TREES:
        for name in WALKS:
            root = built(tree)
            getattr(work, name)(root)
            got = seen(root)
            require(
                got == tree,
                f"{name} changed the tree",
                got=Shown(shown(got)),
                expected=Shown(shown(tree)),
                call=f"{name}({shown(tree)})",
            )


def seen(node: Any, depth: int = 0) -> Plain:
    """The tree of nodes as plain tuples; a loop that was left in it is cut off."""
    if node is None or depth > 50:
        return None
    return (node.value, seen(node.left, depth + 1), seen(node.right, depth + 1))
