"""Hidden test of c05_2_pca."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_raises,
    assert_shape,
    assert_type,
    calling,
    edges,
    fail,
    global_random_state_kept,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("components")
Array = NDArray[Any]

SMALL = np.array([[1.0, 100.0], [2.0, 300.0], [3.0, 200.0], [4.0, 400.0]])


def plain_covariance(x: Array) -> Array:
    rows = x.astype(float)
    n, d = rows.shape
    means = [sum(rows[:, j]) / n for j in range(d)]
    gaps = [[row[j] - means[j] for j in range(d)] for row in rows.tolist()]
    return np.array([[sum(g[i] * g[j] for g in gaps) / (n - 1) for j in range(d)] for i in range(d)])


def table(stream: int, n: int = 40, d: int = 4) -> Array:
    """Columns that move together, in different units and far from zero."""
    draws = rng(stream)
    return draws.normal(size=(n, d)) @ draws.normal(size=(d, d)) * draws.uniform(1, 50, d) + draws.uniform(-99, 99, d)


def spread_out(stream: int, values: list[float]) -> tuple[Array, Array]:
    """A symmetric matrix with these eigenvalues, and its vectors as rows."""
    q, _ = np.linalg.qr(rng(stream).normal(size=(len(values), len(values))))
    return q @ np.diag(values) @ q.T, q.T


def pair(got: Any, names: str) -> tuple[Any, Any]:
    require(isinstance(got, tuple | list) and len(got) == 2, f"the result must be {names}", got=got)
    return got[0], got[1]


def iterated(c: Array, start: Array, n_steps: int) -> tuple[float, Array]:
    value, v = pair(work.power_iteration(c.copy(), start.copy(), n_steps), "(value, v)")
    assert_type(value, (float, int, np.floating), what="the value")
    return float(value), as_array(v, "v")


def test_the_covariance_is_that_of_the_columns() -> None:
    """1. covariance returns the covariances of the columns, divided by n - 1."""
    for x in (SMALL[:2], SMALL, table(1), table(2, 3, 5)):
        expected = plain_covariance(x)
        assert_close(work.covariance(x.copy()), expected, rtol=1e-9, atol=1e-9)


def test_every_step_multiplies_and_shortens() -> None:
    """2. power_iteration replaces v by c v of length 1, n_steps times, and returns vᵀ c v and v."""
    c = np.array([[2.0, 1.0], [1.0, 2.0]])
    big = plain_covariance(table(3)) * 1e6
    cases = [(c, np.array([1.0, 0.0])), (c, np.array([3.0, -1.0])), (-c, np.array([1.0, 0.0]))]
    cases += [(big, rng(4).normal(size=4))]
    for matrix, start in cases:
        for n_steps in (0, 1, 2, 7, 400):
            v = start / np.sqrt(sum(start**2))
            for _ in range(n_steps):
                v = matrix @ v
                v = v / np.sqrt(sum(v**2))
            expected = float(v @ matrix @ v)
            value, got = iterated(matrix, start, n_steps)
            assert_close(got, v, rtol=1e-7, atol=1e-9, what="v")
            assert_close(value, expected, what="the value")


def assert_pairs(c: Array, values: list[float], vectors: Array, k: int) -> None:
    """Values, and the vectors up to their signs, are those of the k largest; scale is that of the largest."""
    order = np.argsort(values)[::-1][:k]
    expected, wanted = np.array(values)[order], vectors[order]
    got_values, got_vectors = pair(work.eigenpairs(c.copy(), k), "(values, vectors)")
    got_values, got_vectors = as_array(got_values, "values"), as_array(got_vectors, "vectors")
    assert_shape(got_values, (k,), what="values")
    assert_shape(got_vectors, (k, len(c)), what="vectors")
    assert_close(got_values, expected, rtol=1e-6, atol=1e-10 * float(max(values)), what="values")
    products = got_vectors @ got_vectors.T
    assert_close(products, np.eye(k), rtol=1e-5, atol=1e-5, what="vectors @ vectors.T")
    for i in range(k):
        if expected[i] > 0:
            turned = wanted[i] if float(got_vectors[i] @ wanted[i]) > 0 else -wanted[i]
            if not float(np.abs(got_vectors[i] - turned).max()) < 1e-5:
                fail(f"vector {i} does not belong to eigenvalue {i}", got=got_vectors[i], expected=turned)


def test_the_largest_eigenvalues_come_first() -> None:
    """4. eigenpairs returns the k largest eigenvalues and their vectors, largest first."""
    c = np.array([[2.0, 1.0], [1.0, 2.0]])
    turned = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)
    for k in (1, 2):
        assert_pairs(c, [3.0, 1.0], turned, k)
    for stream, values in (
        (5, [9.0, 5.0, 2.0, 0.5]),
        (6, [1.0, 1.03, 7.0, 0.2, 4.0]),
        (7, [3e8, 1e8, 2e7]),
        (15, [3e-14, 1e-14, 2e-15]),
        (17, [2.0, 1e-7]),
    ):
        matrix, vectors = spread_out(stream, values)
        for k in (1, 2, len(values)):
            assert_pairs(matrix, values, vectors, k)
    # Two per cent apart.
    matrix, vectors = spread_out(16, [5.1, 5.0, 1.0])
    assert_pairs(matrix, [5.1, 5.0, 1.0], vectors, 2)


def projected(x: Array, **settings: Any) -> tuple[Array, Array, Array]:
    got = work.project(x.copy(), **settings)
    fields = [getattr(got, name, None) for name in ("points", "components", "ratios")]
    require(all(f is not None for f in fields), "project must return a Projection", got=got)
    k = settings.get("k", 2)
    arrays = [as_array(f, name) for f, name in zip(fields, ("points", "components", "ratios"), strict=True)]
    for array, shape, name in zip(
        arrays, ((len(x), k), (k, x.shape[1]), (k,)), ("points", "components", "ratios"), strict=True
    ):
        assert_shape(array, shape, what=name)
    return arrays[0], arrays[1], arrays[2]


def plain_projection(x: Array, k: int) -> tuple[Array, Array, Array]:
    """By the singular values of the standardised table; the largest entry of each component is positive."""
    values = x.astype(float)
    flat = np.ptp(values, axis=0) == 0
    scaled = np.where(flat, 0.0, (values - values.mean(axis=0)) / np.where(flat, 1.0, values.std(axis=0)))
    _, s, vt = np.linalg.svd(scaled, full_matrices=False)
    components = np.array([row if row[np.abs(row).argmax()] > 0 else -row for row in vt[:k]])
    return scaled @ components.T, components, s[:k] ** 2 / (s**2).sum()


def flowers() -> Array:
    from sklearn.datasets import load_iris

    return np.asarray(load_iris().data)


def test_a_table_is_seen_from_its_best_side() -> None:
    """6. project returns the leading directions of the standardised columns, the points, and the shares."""
    level = np.column_stack([flowers()[:, 0], np.full(150, 3.0), flowers()[:, 2]])
    cases = [(flowers(), 2), (flowers(), 3), (table(8), 1), (table(8) * [1e-3, 1.0, 1e3, 1.0], 2), (level, 2)]
    # The mean of 150 times 0.1 is not exactly 0.1.
    for x, k in (*cases, (np.where(level == 3.0, 0.1, level), 3)):
        points, components, ratios = plain_projection(x, k)
        got = projected(x, k=k)
        assert_close(np.abs(got[1]), np.abs(components), rtol=1e-5, atol=1e-7, what="components, signs aside")
        assert_close(got[2], ratios, rtol=1e-6, atol=1e-9, what="ratios")
        assert_close(np.abs(got[0]), np.abs(points), rtol=1e-5, atol=1e-6, what="points, signs aside")
    projected(flowers())


def test_the_signs_follow_a_rule() -> None:
    """7. In each component the entry of the largest absolute value is positive, and the points turn with it."""
    for stream in range(20, 32):
        x = table(stream, 30, 3)
        points, components, _ = plain_projection(x, 3)
        got = projected(x, k=3)
        assert_close(got[1], components, rtol=1e-5, atol=1e-7, what="components")
        assert_close(got[0], points, rtol=1e-5, atol=1e-6, what="points")


def test_enough_directions_are_counted() -> None:
    """8. components_needed returns the least k whose ratios add up to the share."""
    for x in (SMALL, flowers(), table(9, 50, 5)):
        total = np.cumsum(plain_projection(x, x.shape[1])[2])
        shares = [0.3, 0.5, 0.8, 0.9, 0.99, 1.0]
        for share in [s for s in shares if np.abs(total - s).min() > 1e-6 or s == 1.0]:
            expected = int(sum(total < share - 1e-9)) + 1
            got = work.components_needed(x.copy(), share)
            assert_type(got, (int, np.integer), what="components_needed")
            require(int(got) == expected, f"components_needed returned {got}, expected {expected}")
    # Just at a sum, and a little above it.
    first = float(plain_projection(flowers(), 4)[2][0])
    for share, expected in ((first + 1e-10, 1), (first - 1e-10, 1), (first + 1e-6, 2)):
        got = work.components_needed(flowers(), share)
        require(int(got) == expected, f"components_needed returned {got} for a share of {share}, expected {expected}")
    expected = int(sum(np.cumsum(plain_projection(flowers(), 4)[2]) < 0.95)) + 1
    got = work.components_needed(flowers())
    require(int(got) == expected, f"components_needed returned {got} for a share of 0.95, expected {expected}")


edges()


def test_digits_far_from_zero_are_kept() -> None:
    """1. The covariance of columns around 1e8 with a spread of 1 keeps its digits."""
    x = rng(10).integers(-2, 3, (30, 3)).astype(float)
    expected = plain_covariance(x)
    assert_close(work.covariance(x + 1e8), expected, rtol=1e-6, atol=1e-7)


def test_a_step_to_zero_stays_where_it_is() -> None:
    """3. Where c v is 0, power_iteration stays at v, without NaN and without a warning."""
    flat = np.array([[1.0, 0.0], [0.0, 0.0]])
    for c, start in ((np.zeros((2, 2)), np.array([3.0, 4.0])), (flat, np.array([0.0, -2.0]))):
        for n_steps in (1, 5):
            with no_warnings():
                value, v = iterated(c, start, n_steps)
            assert_close(v, start / np.sqrt(sum(start**2)), what="v")
            assert_close(value, 0.0, what="the value")
    # The first step leads to (1, 0), and the second would lead to 0.
    with no_warnings():
        value, v = iterated(np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([0.0, 1.0]), 3)
    assert_close(v, np.array([1.0, 0.0]), what="v")
    assert_close(value, 0.0, what="the value")
    # Small numbers are not 0, and entries that add up to 0 are a direction.
    value, v = iterated(np.array([[2e-14, 1e-14], [1e-14, 2e-14]]), np.array([1.0, 0.0]), 400)
    assert_close(v, np.ones(2) / np.sqrt(2), what="v")
    assert_close(iterated(np.eye(2), np.array([1.0, -1.0]), 1)[1], np.array([1.0, -1.0]) / np.sqrt(2), what="v")


def test_unlucky_starts_and_missing_directions() -> None:
    """5. eigenpairs finds leading vectors at right angles to usual starts, and returns 0 for what is not there."""
    assert_pairs(np.diag([1.0, 3.0, 2.0]), [1.0, 3.0, 2.0], np.eye(3), 3)
    # The leading vector is (1, -1) / √2, the other (1, 1) / √2.
    turned = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    for k in (1, 2):
        assert_pairs(np.array([[2.0, -1.0], [-1.0, 2.0]]), [3.0, 1.0], turned, k)
        assert_pairs(np.diag([1.0, 3.0, 2.0]), [1.0, 3.0, 2.0], np.eye(3), k)
    with no_warnings():
        assert_pairs(np.zeros((2, 2)), [0.0, 0.0], np.eye(2), 2)
    for stream, values in ((11, [4.0, 0.0]), (12, [4.0, 1.0, 0.0, 0.0]), (13, [2.0, 0.0, 0.0])):
        matrix, vectors = spread_out(stream, values)
        with no_warnings():
            assert_pairs(matrix, values, vectors, len(values))


def test_integers_count_with_their_values() -> None:
    """9. Integers count with their values."""
    assert_pairs(np.array([[2, 1], [1, 2]]), [3.0, 1.0], np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2), 2)
    x = np.array([[250, 1, 9], [240, 2, 7], [3, 200, 255], [7, 100, 8]], dtype=np.uint8)
    assert_close(work.covariance(x.copy()), plain_covariance(x))
    points, components, _ = plain_projection(x, 2)
    got = projected(x)
    assert_close(np.abs(got[1]), np.abs(components), rtol=1e-5, atol=1e-7, what="components, signs aside")
    assert_close(np.abs(got[0]), np.abs(points), rtol=1e-5, atol=1e-6, what="points, signs aside")


def test_nothing_else_changes() -> None:
    """9. Inputs and NumPy's global random state stay as they were."""
    x = table(14)
    c, start = plain_covariance(x), np.array([1.0, 2.0, 3.0, 4.0])
    with global_random_state_kept(), unchanged(x=x, c=c, start=start):
        work.covariance(x)
        with calling("power_iteration(c, start, 3)"):
            work.power_iteration(c, start, 3)
        work.eigenpairs(c, 3)
        work.project(x)
        work.components_needed(x, 0.5)


def test_what_has_no_answer_is_refused() -> None:
    """10. power_iteration refuses a start of zeros, components_needed a share outside 0 to 1."""
    for n_steps in (0, 3):
        assert_raises(ValueError, work.power_iteration, np.eye(2), np.zeros(2), n_steps)
    for share in (0.0, -0.5, 1.01, 95.0):
        assert_raises(ValueError, work.components_needed, SMALL.copy(), share)
