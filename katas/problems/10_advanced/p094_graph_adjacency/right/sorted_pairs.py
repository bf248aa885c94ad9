"""A dict of entries, sorted; sums by row with np.bincount."""
import numpy as np


def _entries(nodes, edges, directed):
    if len(set(nodes)) != len(nodes):
        raise ValueError("nodes")
    place = dict(zip(nodes, range(len(nodes))))
    entries = {}
    for edge in edges:
        weight = edge[2] if len(edge) > 2 else 1
        if not (np.isfinite(weight) and weight > 0):
            raise ValueError(f"weight {weight}")
        i, j = place[edge[0]], place[edge[1]]
        for key in {(i, j)} if directed else {(i, j), (j, i)}:
            entries[key] = entries.get(key, 0.0) + weight
    return sorted(entries.items())


def adjacency(nodes, edges, directed=False):
    a = np.zeros((len(nodes), len(nodes)))
    for place, weight in _entries(nodes, edges, directed):
        a[place] = weight
    return a


def to_csr(nodes, edges, directed=False):
    entries = _entries(nodes, edges, directed)
    rows = [i for (i, _), _ in entries]
    return (
        np.array([w for _, w in entries], dtype=float),
        np.array([j for (_, j), _ in entries], dtype=np.int32),
        np.searchsorted(np.array(rows, dtype=int), np.arange(len(nodes) + 1)).astype(np.int32),
    )


def product(csr, x):
    data, indices, indptr = csr
    n = indptr.size - 1
    k = int(np.prod(x.shape[1:]))
    rows = np.repeat(np.arange(n), indptr[1:] - indptr[:-1])
    values = data[:, None] * x.reshape(len(x), k)[indices]
    flat = np.bincount((rows[:, None] * k + np.arange(k)).ravel(), values.ravel(), minlength=n * k)
    return flat.reshape(n, *x.shape[1:])


def degrees(csr):
    data, indices, indptr = csr
    incoming = np.zeros(indptr.size - 1)
    np.add.at(incoming, indices, data)
    return product(csr, np.ones(indptr.size - 1)), incoming


def two_hops(a):
    one = a > 0
    two = np.matmul(one, one)
    two &= ~one
    np.fill_diagonal(two, False)
    return two
