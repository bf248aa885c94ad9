"""A graph as a matrix, dense and sparse, and what its products say."""

import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Csr = tuple[Array, Array, Array]
Edges = Sequence[tuple[Any, ...]]


def adjacency(nodes: Sequence[Hashable], edges: Edges, directed: bool = False) -> Array:
    """Return the matrix whose entry [i, j] is the weight of the edge from nodes[i] to nodes[j]: (n, n) float64.

    edges: tuples (source, target) or (source, target, weight); those listed several times are added up.
    Raises ValueError for bad weights and equal nodes, KeyError for unknown nodes.
    """
    rows, columns, weights = _entries(nodes, edges, directed)
    a = np.zeros((len(nodes), len(nodes)))
    np.add.at(a, (rows, columns), weights)  # a[rows, columns] += weights would keep one of several equal places
    return a


def to_csr(nodes: Sequence[Hashable], edges: Edges, directed: bool = False) -> Csr:
    """Return (data, indices, indptr): all weights row by row, their columns, and where each row begins.

    edges: as for adjacency.
    Raises ValueError for bad weights and equal nodes, KeyError for unknown nodes.
    """
    rows, columns, weights = _entries(nodes, edges, directed)
    n = len(nodes)
    # One number for each place. Sorted, they go row by row, and from left to right in each row.
    places, which = np.unique(rows * n + columns, return_inverse=True)
    data = np.zeros(len(places))
    np.add.at(data, which, weights)
    in_row = np.bincount(places // n, minlength=n)  # 0 for a node without edges
    return data, places % n, np.concatenate([[0], np.cumsum(in_row)])


def product(csr: Csr, x: Array) -> Array:
    """Return the matrix times x, of shape (n,) or (n, k): float64."""
    data, indices, indptr = csr
    n = len(indptr) - 1
    rows = np.repeat(np.arange(n), np.diff(indptr))  # the row of each entry
    out = np.zeros((n, *x.shape[1:]))
    # np.add.reduceat goes wrong for empty rows, and differences of one np.cumsum let a large row spoil the next.
    np.add.at(out, rows, (data * x[indices].T).T)  # .T: along the first axis, of one column or of k
    return out


def degrees(csr: Csr) -> tuple[Array, Array]:
    """Return the sums of the rows and those of the columns: what leaves each node, and what arrives."""
    data, indices, indptr = csr
    incoming = np.zeros(len(indptr) - 1)
    np.add.at(incoming, indices, data)
    return product(csr, np.ones_like(incoming)), incoming


def two_hops(a: Array) -> Array:
    """Return where two edges lead from i to j, but not one, and i is not j: (n, n) bool."""
    steps = (a > 0).astype(np.float64)  # weights might underflow when multiplied, and small integers wrap around
    n_ways = steps @ steps  # [i, j]: over how many nodes in between
    return np.asarray((n_ways > 0) & (steps == 0) & ~np.eye(len(a), dtype=bool))


def _entries(nodes: Sequence[Hashable], edges: Edges, directed: bool) -> tuple[Array, Array, Array]:
    """Return row, column and weight of each entry; places come several times where edges do."""
    index = {node: i for i, node in enumerate(nodes)}
    if len(index) < len(nodes):
        raise ValueError("nodes holds a name twice")
    rows, columns, weights = [], [], []
    for source, target, *given in edges:
        i, j, weight = index[source], index[target], *(given or [1.0])
        if not 0 < weight < math.inf:  # in this form NaN is refused too
            raise ValueError(f"a weight has to be above 0 and finite, got {weight} from {source} to {target}")
        ends = [(i, j)] if directed or i == j else [(i, j), (j, i)]  # a loop is its own way back
        for row, column in ends:
            rows.append(row)
            columns.append(column)
            weights.append(weight)
    return np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64), np.array(weights, dtype=np.float64)


# Graph libraries keep the edges themselves (PyTorch Geometric's edge_index is rows and columns), and gather and scatter
# along them like `product` does. For two hops of a large graph, the product of two sparse matrices stays sparse.
