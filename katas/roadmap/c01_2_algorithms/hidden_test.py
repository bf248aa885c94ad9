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
    learner,
    require,
    rng,
    unchanged,
)

work = learner("sorting_and_trees")

SORTS = ("bubble_sort", "merge_sort")
WALKS = ("preorder", "inorder", "postorder", "level_order", "height")
SMALL: list[list[Any]] = [
    [3, 1, 2], [], [7], [2, 1], [5, 4, 3, 2, 1], [1, 1, 1], [2, -1, 0, 2, -1], ["pear", "fig", "apple"],
    [1.5, -2, 0.25, 9], [(2, "b"), (1, "z"), (2, "a")],
]  # fmt: skip


class Card:
    """Compared by rank alone; counts every comparison of its pack."""

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


def comparisons(name: str, ranks: list[int]) -> int:
    cards = [Card(rank, place) for place, rank in enumerate(ranks)]
    Card.compared = 0
    got = getattr(work, name)(cards)
    taken = Card.compared
    assert_equal(sorted(places(got, len(ranks))), list(range(len(ranks))), what=f"the items that {name} gave")
    return taken


def assert_at_most(name: str, ranks: list[int], limit: int, told: str) -> None:
    taken = comparisons(name, ranks)
    require(
        taken <= limit,
        f"{name} made {taken} comparisons for {told}",
        got=Shown(f"{taken} comparisons"),
        expected=Shown(f"at most {limit}"),
    )


# A tree as plain tuples (value, left, right), for the oracle and for the messages.
Plain = Any
TREES: list[Plain] = [
    None,
    (1, None, None),
    (4, (2, (1, None, None), (3, None, None)), (6, None, None)),
    (1, None, (2, (3, None, None), None)),
    (0, (0, None, ("", None, None)), (None, (2, None, None), None)),
    (5, (7, None, None), (6, (7, None, None), None)),
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
    for told in ("", ", called a second time for the same tree"):
        got = getattr(work, name)(root)
        assert_type(got, int if name == "height" else list, what=name)
        assert_equal(got, expected, what=name + told, call=f"{name}({shown(tree)})")


def chain(turns: str, n: int) -> Any:
    """A tree of the values 0 to n - 1, each the only child of the one before, by the given turns again and again."""
    new = work.Node
    root = node = new(0)
    for i in range(1, n):
        child = new(i)
        setattr(node, "left" if turns[i % len(turns)] == "L" else "right", child)
        node = child
    return root


def test_sorted_in_rising_order() -> None:
    """Both sorts give a list of all items in rising order, for any length and any items that can be compared."""
    cases = [*SMALL, *(rng(n).integers(-50, 50, n).tolist() for n in (17, 127, 128))]
    for name in SORTS:
        for items in cases:
            expected = sorted(items)
            got = getattr(work, name)(list(items))
            assert_type(got, list)
            assert_equal(got, expected)


def test_equal_items_stay_in_order() -> None:
    """Both sorts are stable: equal items stay in the order in which they came."""
    for ranks in ([2, 1, 2, 1], [1, 1, 1], [3, 1, 3, 2, 3, 1], rng(1).integers(0, 6, 60).tolist()):
        cards = [Card(rank, place) for place, rank in enumerate(ranks)]
        expected = [card.place for card in sorted(cards, key=lambda card: card.rank)]
        for name in SORTS:
            got = getattr(work, name)(list(cards))
            if places(got, len(cards)) != expected:
                wanted = Shown(repr([cards[place] for place in expected]))
                require(False, f"{name} changed the order of equal items", got=Shown(repr(got)), expected=wanted)


def test_the_given_list_stays() -> None:
    """The list that is given stays as it was; the result is a new one, also for one item or none."""
    for name in SORTS:
        for items in ([3, 1, 2], [2, 1], [5], [], list(range(40, 0, -1))):
            with unchanged(items=items):
                got = getattr(work, name)(items)
            assert_type(got, list)
            require(got is not items, f"{name} gave the very list that it was given")
            assert_equal(got, sorted(items))


def test_cost_of_bubble_sort() -> None:
    """bubble_sort makes at most n(n - 1)/2 comparisons, and at most n - 1 for a list that is sorted already."""
    for n in (1, 2, 7, 40):
        assert_at_most("bubble_sort", list(range(n)), n - 1, f"{n} sorted items")
        assert_at_most("bubble_sort", [1] * n, n - 1, f"{n} equal items")
    for n in (2, 7, 40):
        assert_at_most("bubble_sort", list(range(n, 0, -1)), n * (n - 1) // 2, f"{n} items in falling order")


def test_cost_of_merge_sort() -> None:
    """merge_sort makes at most n·⌈log₂ n⌉ comparisons, whatever the order was."""
    for n in (2, 7, 128, 1000):
        limit = n * math.ceil(math.log2(n))
        orders = {"falling": list(range(n, 0, -1)), "any": rng(n).permutation(n).tolist(), "rising": list(range(n))}
        for told, ranks in orders.items():
            assert_at_most("merge_sort", ranks, limit, f"{n} items in {told} order")


def test_walks_through_a_tree() -> None:
    """preorder, inorder and postorder give every value, each node before, between or after its two sides."""
    for tree in [*TREES, random_tree(2, 7), random_tree(3, 60)]:
        for name in ("preorder", "inorder", "postorder"):
            assert_walks(name, tree)


def test_levels_of_a_tree() -> None:
    """level_order gives one list for each level, from left to right, and height is their number."""
    for tree in [*TREES, random_tree(4, 7), random_tree(5, 60)]:
        for name in ("level_order", "height"):
            assert_walks(name, tree)


def test_chains_of_100_000_nodes() -> None:
    """Every walk comes to the end of a chain of 100,000 nodes, whichever way it turns."""
    for turns, n in (("LR", 100_000), ("L", 20_000), ("R", 20_000)):
        root = chain(turns, n)
        for name in WALKS:
            got = getattr(work, name)(root)
            call = f"{name}(a chain of {n:,} nodes)"
            if name == "height":
                assert_equal(got, n, call=call)
                continue
            require(type(got) is list, f"{name} gave no list", got=got, call=call)
            require(len(got) == n, f"{name} gave {len(got):,} items for {n:,} nodes", call=call)
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


def looked_at(values: list[float]) -> Any:
    with calling(f"learn_range({values})" if len(values) < 9 else f"learn_range(a list of {len(values)} numbers)"):
        got = work.learn_range(values)
        for name, expected in (("low", min(values)), ("high", max(values))):
            assert_type(getattr(got, name, None), float, what=f"learn_range(...).{name}")
            assert_equal(getattr(got, name), float(expected), what=f"learn_range(...).{name}")
    return got


def assert_gives(method: str, seen: Any, values: list[float], expected: list[float]) -> None:
    function: Callable[[list[float]], Any] | None = getattr(seen, method, None)
    call = f"Range({seen.low}, {seen.high}).{method}({values if len(values) < 9 else '…'})"
    with calling(call), unchanged(values=values):
        require(callable(function), f"a Range has no {method}")
        got = function(values)  # type: ignore[misc]
        assert_type(got, list, what=method)
        assert_close(got, expected, what=method)
        for one in got:
            assert_type(one, float, what=f"an item of {method}")


def test_a_range_scales() -> None:
    """A range learned from one list scales any other: low to 0, high to 1, and values outside go beyond."""
    seen = looked_at([10, 30, 20])
    assert_gives("scaled", seen, [10, 15, 30], [0.0, 0.25, 1.0])
    assert_gives("scaled", seen, [40, 0], [1.5, -0.5])
    assert_gives("scaled", seen, [], [])
    for n in (1, 2, 127):
        values = rng(10 + n).normal(5.0, 3.0, n + 1).tolist()
        low, high = min(values), max(values)
        others = rng(20 + n).normal(0.0, 9.0, 8).tolist()
        assert_gives("scaled", looked_at(values), others, [(v - low) / (high - low) for v in others])


def test_a_range_leads_back() -> None:
    """restored undoes scaled."""
    seen = looked_at([-3.5, 2, 0.5])
    assert_gives("restored", seen, [0.0, 0.5, 1.0, 2.0, -1.0], [-3.5, -0.75, 2.0, 7.5, -9.0])
    assert_gives("restored", seen, [0, 1], [-3.5, 2.0])
    values = rng(30).normal(100.0, 20.0, 7).tolist()
    low, high = min(values), max(values)
    assert_gives("restored", looked_at(values), [(v - low) / (high - low) for v in values], values)


def test_a_range_without_width() -> None:
    """Where low equals high, every value is scaled to 0.0 and restored to low."""
    for values in ([4, 4, 4], [0.1], [0]):
        seen = looked_at(values)
        assert_gives("scaled", seen, [values[0], 7.0, -2.0], [0.0, 0.0, 0.0])
        assert_gives("restored", seen, [0.0, 0.5, 1.0], [float(values[0])] * 3)


def test_no_range_of_nothing() -> None:
    """No values, or a value that is NaN or infinite, raise ValueError that names values."""
    for values in ([], [math.nan], [1.0, math.nan, 2.0], [math.inf, 1.0], [0.0, -math.inf]):
        assert_raises(ValueError, work.learn_range, values, mentions="values")
