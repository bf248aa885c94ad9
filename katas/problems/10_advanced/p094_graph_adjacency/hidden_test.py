"""Hidden test of p094_graph_adjacency."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_memory,
    assert_raises,
    assert_shape,
    calling,
    edges,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("graph")
Array = NDArray[Any]
Graph = tuple[list[Any], list[tuple[Any, ...]]]
NAMES = ["dan", "ann", "cy", "bob"]  # in no order


def plain(nodes: Sequence[Any], listed: Sequence[tuple[Any, ...]], directed: bool = False) -> list[list[float]]:
    """The matrix, one edge after the other."""
    a = [[0.0] * len(nodes) for _ in nodes]
    for edge in listed:
        i, j = nodes.index(edge[0]), nodes.index(edge[1])
        weight = float(edge[2]) if len(edge) == 3 else 1.0
        a[i][j] += weight
        if not directed and i != j:
            a[j][i] += weight
    return a


def plain_csr(a: list[list[float]]) -> tuple[list[float], list[int], list[int]]:
    entries = [[(j, weight) for j, weight in enumerate(row) if weight != 0] for row in a]
    starts = [sum(map(len, entries[:i])) for i in range(len(a) + 1)]
    return [weight for row in entries for _, weight in row], [j for row in entries for j, _ in row], starts


def csr_of(a: list[list[float]]) -> tuple[Array, Array, Array]:
    """CSR arrays to hand to the learner's functions."""
    data, indices, indptr = plain_csr(a)
    return np.array(data, dtype=float), np.array(indices, dtype=np.int64), np.array(indptr, dtype=np.int64)


def random_graph(stream: int, n: int, n_edges: int) -> Graph:
    """A graph with edges listed several times, loops, weights and none, and nodes without edges."""
    random = rng(stream)
    nodes = [f"node {number}" for number in random.permutation(n)]
    listed: list[tuple[Any, ...]] = []
    for _ in range(n_edges):
        source, target = random.integers(0, max(2, n - 2), 2)
        weight = () if random.random() < 0.3 else (float(random.integers(1, 9)) / 4,)
        listed.append((nodes[source], nodes[target], *weight))
    return nodes, listed


def assert_adjacency(nodes: list[Any], listed: list[tuple[Any, ...]], **options: Any) -> None:
    expected = plain(nodes, listed, **options)
    got = as_array(work.adjacency(list(nodes), list(listed), **options))
    assert_close(got, expected, rtol=1e-12, what="adjacency")
    assert_dtype(got, np.float64, what="adjacency")


def to_csr(nodes: list[Any], listed: list[tuple[Any, ...]], **options: Any) -> tuple[Array, Array, Array]:
    got = work.to_csr(list(nodes), list(listed), **options)
    is_triple = isinstance(got, tuple | list) and len(got) == 3
    require(is_triple, "to_csr has to return three arrays: data, indices, indptr", got=got)
    data, indices, indptr = (as_array(part, what=name) for part, name in zip(got, ("data", "indices", "indptr")))
    return data, indices, indptr


def assert_csr(nodes: list[Any], listed: list[tuple[Any, ...]], **options: Any) -> None:
    expected = plain_csr(plain(nodes, listed, **options))
    data, indices, indptr = to_csr(nodes, listed, **options)
    assert_equal(indptr, expected[2], what="indptr")
    assert_equal(indices, expected[1], what="indices")
    assert_close(data, expected[0], rtol=1e-12, what="data")
    assert_dtype(data, np.float64, what="data")


def test_directions() -> None:
    """2. Undirected, each edge stands in both directions, and directed only in its own; the default is undirected."""
    nodes, listed = ["a", "b"], [("a", "b")]
    for options in ({}, {"directed": False}):
        got = as_array(work.adjacency(list(nodes), list(listed), **options))
        assert_close(got, [[0.0, 1.0], [1.0, 0.0]], what="adjacency")
    got = as_array(work.adjacency(list(nodes), list(listed), directed=True))
    assert_shape(got, (2, 2), what="adjacency")
    require(np.count_nonzero(got) == 1, "a directed edge stands in one place of the matrix", got=got)
    nodes, listed = ["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a")]
    assert_close(work.adjacency(list(nodes), list(listed)), plain(nodes, listed), what="adjacency")


def test_directed_edges() -> None:
    """1. Entry [i, j] is the weight of the edge from nodes[i] to nodes[j], in the order of nodes."""
    assert_adjacency(["a", "b"], [("a", "b")], directed=True)
    assert_adjacency(["b", "a"], [("a", "b")], directed=True)
    assert_adjacency(["a", "b"], [("a", "b", 2.5)], directed=True)
    for directed in (True, False):
        assert_adjacency(NAMES, [("ann", "bob", 2), ("bob", "dan"), ("dan", "ann", 0.25)], directed=directed)
    assert_adjacency([30, 10, 20], [(10, 20), (30, 10)], directed=True)
    assert_adjacency([(1, "x"), (0, "y")], [((0, "y"), (1, "x"), 4)], directed=True)


def test_nodes_without_edges() -> None:
    """1. A node without edges keeps its row and its column, wherever it stands."""
    assert_adjacency(["a"], [])
    assert_adjacency(["a", "b", "c"], [])
    for nodes in (["c", "a", "b"], ["a", "c", "b"], ["a", "b", "c"]):
        for directed in (False, True):
            assert_adjacency(nodes, [("b", "a", 3.0)], directed=directed)


def test_loops() -> None:
    """3. A loop stands on the diagonal once, its weight not doubled."""
    for directed in (False, True):
        assert_adjacency(["a"], [("a", "a")], directed=directed)
        assert_adjacency(["a", "b"], [("b", "b", 2.5), ("a", "b")], directed=directed)


def test_edges_listed_several_times() -> None:
    """4. The weights of an edge that is listed several times are added up; undirected in either direction."""
    for directed in (False, True):
        assert_adjacency(["a", "b"], [("a", "b", 2.0), ("a", "b", 3.0)], directed=directed)
        assert_adjacency(["a", "b"], [("a", "b", 2.0), ("b", "a", 3.0)], directed=directed)
        assert_adjacency(["a", "b"], [("a", "a", 2.0), ("a", "a"), ("a", "b"), ("a", "a", 0.5)], directed=directed)
        for stream in range(4):
            assert_adjacency(*random_graph(10 + stream, 6, 20), directed=directed)


def test_csr() -> None:
    """5. CSR holds the same matrix: where rows begin, the columns of their entries in ascending order, the weights."""
    assert_csr(["a", "b"], [("a", "b", 2.5)], directed=True)
    assert_csr(["a", "b"], [("a", "b", 2.5)])
    assert_csr(["a", "b", "c"], [("a", "c", 3), ("a", "b"), ("c", "a")], directed=True)
    assert_csr(NAMES, [("bob", "dan", 2), ("bob", "cy"), ("ann", "bob")])
    for directed in (False, True):
        assert_csr(["a", "b"], [("b", "b", 2.5), ("a", "b")], directed=directed)
    _, indices, indptr = to_csr(["a", "b"], [("a", "b")])
    assert_dtype(indices, "integer", what="indices")
    assert_dtype(indptr, "integer", what="indptr")


def test_csr_with_empty_rows() -> None:
    """5. A row without entries begins where the next one does, also the first and the last."""
    assert_csr(["a", "b", "c"], [("b", "b")], directed=True)
    assert_csr(["a", "b", "c", "d"], [("b", "a", 3.0)])
    assert_csr(["a", "b", "c", "d"], [("d", "b", 3.0)], directed=True)
    for directed in (False, True):
        assert_csr(["a", "b"], [], directed=directed)


def test_csr_adds_up() -> None:
    """5. Each column comes once in a row, also where an edge is listed several times."""
    for directed in (False, True):
        assert_csr(["a", "b"], [("a", "b", 2.0), ("a", "b", 3.0)], directed=directed)
        assert_csr(["a", "b"], [("a", "b", 2.0), ("b", "a", 3.0)], directed=directed)
        for stream in range(4):
            assert_csr(*random_graph(20 + stream, 7, 25), directed=directed)


def test_product() -> None:
    """7. product is the matrix times x, of one column or of several."""
    a = [[0.0, 2.0], [0.0, 0.0]]
    assert_close(work.product(csr_of(a), np.array([10.0, 100.0])), [200.0, 0.0], what="product")
    for stream in range(6):
        a = plain(*random_graph(30 + stream, 6, 12), directed=stream % 2 == 0)
        for shape in ((6,), (6, 1), (6, 3), (6, 6)):
            x = rng(40 + stream).normal(size=shape)
            expected = [
                [sum(w * v for w, v in zip(row, column, strict=True)) for column in x.reshape(6, -1).T] for row in a
            ]
            got = as_array(work.product(csr_of(a), x.copy()))
            assert_close(got, np.reshape(expected, shape), rtol=1e-9, atol=1e-12, what="product")
            assert_dtype(got, np.float64, what="product")


def test_degrees() -> None:
    """8. Out-degrees are the sums of the rows, in-degrees those of the columns; a loop counts once in each."""
    graphs: list[Graph] = [
        (["a", "b"], [("a", "b")]),
        (["a", "b"], [("a", "b", 2.5)]),
        (["a", "b", "c"], [("a", "b", 2.5), ("a", "c"), ("a", "a", 3)]),
        *(random_graph(50 + stream, 6, 12) for stream in range(4)),
    ]
    for nodes, listed in graphs:
        for directed in (True, False):
            a = plain(nodes, listed, directed)
            got = work.degrees(csr_of(a))
            is_pair = isinstance(got, tuple | list) and len(got) == 2
            require(is_pair, "degrees has to return two arrays, out-degrees and in-degrees", got=got)
            assert_close(got[0], [sum(row) for row in a], rtol=1e-12, what="the out-degrees")
            assert_close(got[1], [sum(column) for column in zip(*a, strict=True)], rtol=1e-12, what="the in-degrees")
            for part in got:
                assert_dtype(part, np.float64, what="degrees")


def assert_two_hops(a: list[list[float]]) -> None:
    n = len(a)

    def leads(i: int, j: int) -> bool:
        return any(a[i][k] > 0 and a[k][j] > 0 for k in range(n))

    expected = [[i != j and a[i][j] == 0 and leads(i, j) for j in range(n)] for i in range(n)]
    got = as_array(work.two_hops(np.array(a)))
    assert_close(got, expected, what="two_hops")
    assert_dtype(got, "bool", what="two_hops")


def test_two_hops() -> None:
    """9. two_hops is True where two steps lead from i to j, while one does not, and i is not j."""
    assert_two_hops(plain("abc", [("a", "b"), ("b", "c")], directed=True))
    assert_two_hops(plain("abc", [("a", "b"), ("a", "c")], directed=True))  # siblings: no way between them
    assert_two_hops(plain("abc", [("a", "b"), ("b", "c")]))
    assert_two_hops(plain("abc", [("a", "b"), ("b", "c"), ("a", "c")]))
    assert_two_hops(plain("ab", [("a", "a"), ("a", "b")]))
    assert_two_hops(plain("abcd", [("a", "b"), ("b", "c"), ("c", "d")]))
    for stream in range(6):
        assert_two_hops(plain(*random_graph(60 + stream, 9, 11), directed=stream % 2 == 0))


edges()


def test_product_with_empty_rows() -> None:
    """7. A row without entries has the product 0, also the first and the last, and where all rows are empty."""
    for listed in ([("b", "c")], [("a", "c")], [("c", "a")], []):
        a = plain("abcd", listed, directed=True)
        for x in (np.array([1.0, 2.0, 3.0, 4.0]), np.array([[1.0], [2.0], [3.0], [4.0]])):
            expected = np.array(a) @ x
            assert_close(work.product(csr_of(a), x.copy()), expected, what="product")
        outgoing = [sum(row) for row in a]
        assert_close(work.degrees(csr_of(a))[0], outgoing, what="the out-degrees")


def test_product_is_exact() -> None:
    """7. product is exact to the last digits of each row, whatever the other rows hold."""
    a = [[0.0, 1e17, 0.0], [0.0, 0.0, 0.25], [1e-17, 0.0, 0.0]]
    got = work.product(csr_of(a), np.ones(3))
    assert_close(got, [1e17, 0.25, 1e-17], rtol=1e-12, atol=0.0, what="product")
    got = work.product(csr_of(a), np.array([1, 2, 3], dtype=np.int8))
    assert_close(got, [2e17, 0.75, 1e-17], rtol=1e-12, atol=0.0, what="product")


def test_two_hops_of_any_weight() -> None:
    """9. The size of the weights, and the number of the ways, do not matter."""
    assert_two_hops(plain("abc", [("a", "b", 1e-200), ("b", "c", 1e-200)]))
    assert_two_hops(plain("abc", [("a", "b", 0.3), ("b", "c", 0.4)]))
    n = 258  # two people who have 256 friends in common
    a = np.zeros((n, n))
    a[:2, 2:], a[2:, :2] = 1.0, 1.0
    with calling("two_hops of two people who have 256 friends in common"):
        got = as_array(work.two_hops(a.copy()))
        assert_shape(got, (n, n), what="two_hops")
        require(bool(got[0, 1]), "with 256 ways of two steps from 0 to 1, entry [0, 1] has to be True", got=got[0, 1])
        require(not got[0, 2], "a direct friend is no friend of a friend: entry [0, 2] has to be False", got=got[0, 2])


def test_many_nodes() -> None:
    """6. to_csr takes memory for nodes and edges only."""
    n = 8_000
    nodes = list(range(n))
    ends = rng(70).integers(0, n, (n, 2)).tolist()
    listed = [(source, target) for source, target in ends]
    expected = np.zeros(n)
    for source, target in listed:
        for node in {source, target}:
            expected[node] += 1
    with calling(f"to_csr of {n:,} nodes and {len(listed):,} edges"):
        data, _, indptr = assert_memory(lambda: to_csr(nodes, listed), limit_mb=30)
        assert_shape(indptr, (n + 1,), what="indptr")
        sums = np.array([data[start:end].sum() for start, end in itertools.pairwise(indptr.tolist())])
        assert_close(sums, expected, what="the sums of the rows")


def test_inputs_stay_as_they_were() -> None:
    """10. What is handed in is left as it was."""
    for nodes, listed in ((["b", "a"], [("b", "a"), ("a", "a")]), random_graph(80, 6, 12)):
        with unchanged(nodes=nodes, edges=listed):
            work.adjacency(nodes, listed)
            work.to_csr(nodes, listed)
    data, indices, indptr = csr_of(plain(nodes, listed))
    x, a = rng(81).normal(size=(6, 2)), np.array(plain(nodes, listed))
    with unchanged(data=data, indices=indices, indptr=indptr, x=x, a=a):
        work.product((data, indices, indptr), x)
        work.product((data, indices, indptr), x[:, 0])
        work.degrees((data, indices, indptr))
        work.two_hops(a)


def test_bad_edges() -> None:
    """11. ValueError for a bad weight or a name twice in nodes; KeyError or ValueError for an unknown name."""
    for function in (work.adjacency, work.to_csr):
        for weight in (0, -1.0, float("nan"), float("inf")):
            assert_raises(ValueError, function, ["a", "b"], [("a", "b"), ("b", "a", weight)])
        assert_raises(ValueError, function, ["a", "b", "a"], [("a", "b")])
        for edge in (("a", "c"), ("c", "a")):
            assert_raises((KeyError, ValueError), function, ["a", "b"], [("a", "b"), edge])
