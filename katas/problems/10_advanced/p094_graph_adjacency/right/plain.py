"""Building by loops over plain lists; products by reduceat over the rows that have entries."""
import math

import numpy as np


def rows_of(nodes, edges, directed):
    rows = [{} for _ in nodes]
    for i, node in enumerate(nodes):
        if nodes.index(node) != i:
            raise ValueError(f"{node} twice")
    where = {node: i for i, node in enumerate(nodes)}
    for edge in edges:
        source, target, weight = edge if len(edge) == 3 else (*edge, 1.0)
        if weight <= 0 or math.isnan(weight) or math.isinf(weight):
            raise ValueError(weight)
        if source not in where or target not in where:
            raise ValueError(edge)
        i, j = where[source], where[target]
        rows[i][j] = rows[i].get(j, 0.0) + weight
        if not directed and i != j:
            rows[j][i] = rows[j].get(i, 0.0) + weight
    return rows


def adjacency(nodes, edges, directed=False):
    return np.array([[row.get(j, 0.0) for j in range(len(nodes))] for row in rows_of(nodes, edges, directed)])


def to_csr(nodes, edges, directed=False):
    data, indices, indptr = [], [], [0]
    for row in rows_of(nodes, edges, directed):
        for j in sorted(row):
            data.append(row[j])
            indices.append(j)
        indptr.append(len(indices))
    return np.array(data, dtype=float), np.array(indices, dtype=int), np.array(indptr)


def product(csr, x):
    data, indices, indptr = csr
    out = np.zeros((len(indptr) - 1,) + x.shape[1:])
    filled = np.diff(indptr) > 0
    if len(data):
        weights = data.reshape(-1, *[1] * (x.ndim - 1))
        out[filled] = np.add.reduceat(weights * x[indices], indptr[:-1][filled], axis=0)
    return out


def degrees(csr):
    data, indices, indptr = csr
    n = len(indptr) - 1
    turned = np.argsort(indices, kind="stable")
    rows = np.repeat(np.arange(n), np.diff(indptr))
    starts = np.searchsorted(indices[turned], np.arange(n + 1))
    return product(csr, np.ones(n)), product((data[turned], rows[turned], starts), np.ones(n))


def two_hops(a):
    near = np.logical_or(a, np.eye(len(a)))
    return np.logical_and(np.sign(a) @ np.sign(a), ~near)
