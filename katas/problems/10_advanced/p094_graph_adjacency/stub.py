"""A graph as a matrix, dense and sparse, and what its products say."""

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
    raise NotImplementedError


def to_csr(nodes: Sequence[Hashable], edges: Edges, directed: bool = False) -> Csr:
    """Return (data, indices, indptr): all weights row by row, their columns, and where each row begins.

    edges: as for adjacency.
    Raises ValueError for bad weights and equal nodes, KeyError for unknown nodes.
    """
    raise NotImplementedError


def product(csr: Csr, x: Array) -> Array:
    """Return the matrix times x, of shape (n,) or (n, k): float64."""
    raise NotImplementedError


def degrees(csr: Csr) -> tuple[Array, Array]:
    """Return the sums of the rows and those of the columns: what leaves each node, and what arrives."""
    raise NotImplementedError


def two_hops(a: Array) -> Array:
    """Return where two edges lead from i to j, but not one, and i is not j: (n, n) bool."""
    raise NotImplementedError
