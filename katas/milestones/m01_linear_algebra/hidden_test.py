"""Hidden test of m01_linear_algebra."""

import ast
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    answer_text,
    as_array,
    as_figure,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    keep_picture,
    learner,
    no_warnings,
    part,
    require,
    rng,
    unchanged,
)

work = learner("linear_algebra")
Array = NDArray[Any]
PURE = ("add", "dot", "matmul")


def slow_matmul(a: Any, b: Any) -> list[list[Any]]:
    result = []
    for row in a:
        result.append([])
        for j in range(len(b[0])):
            total = 0
            for k in range(len(b)):
                total += row[k] * b[k][j]
            result[-1].append(total)
    return result


def integers(stream: int, *shape: int) -> Any:
    return rng(stream).integers(-9, 10, shape).tolist()


def plain(got: Any, what: str) -> None:
    """Nothing but lists of plain Python numbers."""
    if isinstance(got, list):
        for item in got:
            plain(item, what)
    else:
        whole = type(got) in (int, float, Fraction)
        require(whole, f"{what} must give plain Python numbers", got=type(got).__name__)


@part("Products")
def test_vectors_in_pure_python() -> None:
    """add and dot give what is right, as lists and plain numbers, for integers of any size and for no elements."""
    cases: list[tuple[Any, Any]] = [([1, 2, 3], [4, -5, 6]), ((2,), (7,)), ([], []), ([0.5, 1.5], [2.0, -1.0])]
    cases += [([10**30, 1], [10**30, 3]), ([Fraction(1, 3)], [Fraction(1, 6)])]
    cases += [(integers(n, n), integers(n + 10, n)) for n in (7, 128)]
    for a, b in cases:
        total = [a[i] + b[i] for i in range(len(a))]
        product = 0
        for i in range(len(a)):
            product += a[i] * b[i]
        with unchanged(a=a, b=b):
            got = work.add(a, b)
        assert_type(got, list)
        plain(got, "add")
        require([*got] == total, "add gave another sum", got=got, expected=total)
        got = work.dot(a, b)
        plain(got, "dot")
        require(bool(got == product), "dot gave another number", got=got, expected=product)


@part("Products")
def test_matrices_in_pure_python() -> None:
    """matmul multiplies matrices of any fitting shapes, into lists of plain numbers."""
    cases = [([[1, 2, 3], [4, 5, 6]], [[1], [0], [-1]]), ([[3]], [[4]]), ([[1], [2]], [[5, 6, 7]])]
    cases += [([[10**20, 1]], [[10**20], [1]]), (((1, 2), (3, 4)), ((0, 1), (1, 0)))]
    cases += [(integers(20 + n, n, 3), integers(30 + n, 3, n + 1)) for n in (2, 7)]
    for a, b in cases:
        expected = slow_matmul(a, b)
        with unchanged(a=a, b=b):
            got = work.matmul(a, b)
        assert_type(got, list)
        plain(got, "matmul")
        assert_equal(got, expected)


@part("Products")
def test_numpy_agrees() -> None:
    """The NumPy versions give arrays (dot_np a number) that agree with the plain sums, from lists and arrays."""
    for n in (1, 2, 7, 129):
        a, b = rng(n).normal(0.0, 2.0, n), rng(n + 40).normal(0.0, 2.0, n)
        total, product = [x + y for x, y in zip(a.tolist(), b.tolist(), strict=True)], math.fsum(a * b)
        for one, other in ((a, b), (a.tolist(), b.tolist()), (a[::-1][::-1], tuple(b.tolist()))):
            with unchanged(a=one, b=other):
                got = work.add_np(one, other)
            assert_type(got, np.ndarray)
            assert_close(got, total, rtol=1e-12)
            assert_close(work.dot_np(one, other), product, rtol=1e-9, atol=1e-9)
    assert_shape(work.add_np([], []), (0,))
    assert_close(work.dot_np([], []), 0.0)
    for n, k, m in ((1, 1, 1), (2, 2, 2), (2, 3, 4), (7, 2, 5), (1, 8, 1)):
        a, b = rng(n).normal(0.0, 2.0, (n, k)), rng(m + 50).normal(0.0, 2.0, (k, m))
        expected = slow_matmul(a.tolist(), b.tolist())
        for one, other in ((a, b), (a.tolist(), b.tolist()), (np.asfortranarray(a), b)):
            with unchanged(a=one, b=other):
                got = work.matmul_np(one, other)
            assert_type(got, np.ndarray)
            assert_close(got, expected, rtol=1e-9, atol=1e-9)


@part("Products")
def test_what_does_not_fit_is_refused() -> None:
    """Vectors of unequal length and matrices that do not fit raise ValueError, in both versions."""
    for name in ("add", "dot", "add_np", "dot_np"):
        for a, b in (([1, 2, 3], [1, 2]), ([1], [1, 2, 3]), ([], [1])):
            assert_raises(ValueError, getattr(work, name), a, b)
    for name in ("matmul", "matmul_np"):
        for left, right in (([[1, 2]], [[1, 2]]), ([[1, 2, 3]], [[1], [2]]), ([[1], [2]], [[1], [2]])):
            assert_raises(ValueError, getattr(work, name), left, right)
        for left, right in (([[1, 2], [3]], [[1], [2]]), ([[1, 2]], [[1, 2], [3]]), ([[1, 2], [3, 4, 5]], [[1], [2]])):
            assert_raises(ValueError, getattr(work, name), left, right)
    table = np.ones((2, 2))
    for name in ("add_np", "dot_np"):
        for a, b in ((table, table), (np.ones(2), table), (np.array(1.0), np.array(2.0)), (np.array(3.0), np.ones(2))):
            assert_raises(ValueError, getattr(work, name), a, b)
    for a, b in ((np.ones(2), table), (table, np.ones(2)), (np.ones((1, 2, 2)), table), (np.ones(2), np.ones(2))):
        assert_raises(ValueError, work.matmul_np, a, b)


def numpy_names(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.asname or a.name.split(".")[0] for a in node.names if a.name.split(".")[0] == "numpy"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "numpy":
            found |= {a.asname or a.name for a in node.names}
    return found


def reached(functions: dict[str, ast.FunctionDef], start: str) -> Iterator[ast.FunctionDef]:
    """The function and all functions of the file that it uses."""
    seen, pending = {start}, [start]
    while pending:
        function = functions[pending.pop()]
        yield function
        names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} & set(functions)
        pending += sorted(names - seen)
        seen |= names


@part("Products")
def test_pure_python_is_pure() -> None:
    """add, dot and matmul, and what they call, do without NumPy."""
    assert_equal(work.add([1], [2]), [3])
    assert_equal(work.dot([2], [3]), 6)
    assert_equal(work.matmul([[2]], [[3]]), [[6]])
    tree = ast.parse(answer_text("linear_algebra.py"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    banned = numpy_names(tree)
    for name in PURE:
        require(name in functions, f"linear_algebra.py does not define {name} by def", call=" ")
        for function in reached(functions, name):
            used = {node.id for line in function.body for node in ast.walk(line) if isinstance(node, ast.Name)} & banned
            require(not used, f"{name} uses NumPy, in {function.name}", got=sorted(used), call=" ")


def slow_map(v: Array, move: Any) -> Array:
    if v.ndim == 1:
        return np.array(move(float(v[0]), float(v[1])), dtype=float)
    return np.array([move(float(x), float(y)) for x, y in v], dtype=float).reshape(v.shape)


def vectors() -> list[Array]:
    many = rng(60).normal(0.0, 3.0, (7, 2))
    whole = [np.array([[1, 2], [0, 3]]), np.array([200, 100], dtype=np.uint8)]
    return [np.array([1.0, 0.0]), np.array([2.0, -3.0]), many, many[::2, ::-1], many[:2], np.zeros((0, 2)), *whole]


@part("Transformations")
def test_vectors_are_rotated() -> None:
    """rotate turns one vector or many counter-clockwise, by an angle in radians."""
    for v in vectors():
        for angle in (math.pi / 2, 0.3, -1.0, 0, 7.0):
            c, s = math.cos(angle), math.sin(angle)
            expected = slow_map(v, lambda x, y, c=c, s=s: (c * x - s * y, s * x + c * y))
            with unchanged(v=v):
                got = work.rotate(v, angle)
            assert_close(got, expected, rtol=1e-9, atol=1e-9)


@part("Transformations")
def test_vectors_are_scaled() -> None:
    """scale stretches x by sx and y by sy, in floats."""
    for v in vectors():
        for sx, sy in ((2.0, 0.5), (-1, 3), (0.0, 1.0)):
            expected = slow_map(v, lambda x, y, sx=sx, sy=sy: (sx * x, sy * y))
            with unchanged(v=v):
                got = work.scale(v, sx, sy)
            assert_close(got, expected, rtol=1e-9, atol=1e-9)
            assert_dtype(got, "floating")


@part("Transformations")
def test_vectors_are_projected() -> None:
    """project gives the nearest point on the line along onto, whatever its length; a zero vector is refused."""
    for v in vectors():
        for onto in (np.array([1.0, 0.0]), np.array([2.0, 2.0]), np.array([-3, 4]), np.array([1e-6, 2e-6])):
            p, q = map(float, onto)
            length = math.hypot(p, q)
            p, q = p / length, q / length
            expected = slow_map(v, lambda x, y, p=p, q=q: ((x * p + y * q) * p, (x * p + y * q) * q))
            with unchanged(v=v, onto=onto):
                got = work.project(v, onto)
            assert_close(got, expected, rtol=1e-9, atol=1e-9)
    assert_raises(ValueError, work.project, np.ones(2), np.zeros(2), mentions="onto")


@part("Transformations")
def test_the_transformations_are_drawn() -> None:
    """Five labelled lines go from the origin to their tips, in a new figure with a legend and equal scales."""
    earlier = []
    for v, angle, sx, sy, onto in (
        (np.array([2.0, 1.0]), math.pi / 3, 1.5, -0.5, np.array([3.0, -1.0])),
        (np.array([-1.0, 4.0]), -0.5, 0.2, 2.0, np.array([0.0, 2.0])),
    ):
        c, s = math.cos(angle), math.sin(angle)
        reach = float(v @ onto) / float(onto @ onto)
        tips = {"v": v, "rotated": [c * v[0] - s * v[1], s * v[0] + c * v[1]], "scaled": [sx * v[0], sy * v[1]]}
        tips |= {"onto": onto, "projected": [reach * onto[0], reach * onto[1]]}
        with unchanged(v=v, onto=onto):
            figure = as_figure(work.draw_transformations(v, angle, sx, sy, onto), "draw_transformations")
        require(all(figure is not other for other in earlier), "a second call drew on an earlier figure")
        earlier.append(figure)
        require(len(figure.get_axes()) == 1, "one axes is expected", got=len(figure.get_axes()))
        axes = figure.get_axes()[0]
        for label, tip in tips.items():
            lines = [line for line in axes.get_lines() if line.get_label() == label]
            require(len(lines) == 1, f"expected one line labelled {label!r}, found {len(lines)}")
            ends = np.column_stack([np.asarray(axis, dtype=float) for axis in lines[0].get_data()])
            assert_close(ends, np.array([[0.0, 0.0], tip], dtype=float), what=f"the line {label!r}", atol=1e-9)
        require(axes.get_aspect() in ("equal", 1, 1.0), "the axes have different scales", got=str(axes.get_aspect()))
        named = [text.get_text() for text in axes.get_legend().get_texts()] if axes.get_legend() else []
        require(set(tips) <= set(named), "the legend does not name the five lines", got=named)
        keep_picture(figure, f"transformations_{len(earlier)}")


def eigen(m: Any) -> tuple[Array, Array]:
    result = work.eigen_2x2(m)
    assert_type(result, (tuple, list))
    require(len(result) == 2, "eigen_2x2 must give two arrays, values and vectors", got=len(result))
    values, columns = as_array(result[0], "values"), as_array(result[1], "vectors")
    assert_shape(values, (2,), what="values")
    assert_shape(columns, (2, 2), what="vectors")
    return values, columns


def assert_eigen(m: Any, expected: Any, kind: Any) -> Array:
    """The values are the expected ones, and each column of the vectors is a unit vector that belongs to its value."""
    matrix = np.array(m, dtype=float)
    with no_warnings():
        values, columns = eigen(m)
    assert_dtype(values, kind, what="values")
    assert_dtype(columns, kind, what="vectors")
    scale = max(1.0, float(np.abs(matrix).max()))
    assert_close(values, np.array(expected), rtol=1e-9, atol=1e-9 * scale, what="values")
    assert_close(np.sqrt((np.abs(columns) ** 2).sum(axis=0)), [1.0, 1.0], what="the lengths of the columns of vectors")
    for i in range(2):
        got, wanted = matrix @ columns[:, i], values[i] * columns[:, i]
        assert_close(
            got, wanted, rtol=1e-7, atol=1e-7 * scale, what=f"m @ vectors[:, {i}], against values[{i}] times it,"
        )
    return columns


@part("Eigenvalues")
def test_two_real_values() -> None:
    """Two real eigenvalues come as floats, the larger first, each with a unit column; diagonal and triangular too."""
    cases: list[tuple[Any, Any]] = [
        ([[2, 1], [1, 2]], [3, 1]),
        ([[1, 0], [0, 5]], [5, 1]),
        ([[5, 0], [0, 1]], [5, 1]),
        ([[-1, 0], [0, -4]], [-1, -4]),
        ([[2, 3], [0, -1]], [2, -1]),
        ([[2, 0], [3, -1]], [2, -1]),
        ([[0, 1], [1, 0]], [1, -1]),
        ([[1, 2], [2, 4]], [5, 0]),
        (np.array([[200, 100], [100, 200]], dtype=np.uint8), [300, 100]),
        ([[1e8, 1.0], [1.0, 1e8]], [1e8 + 1, 1e8 - 1]),
    ]
    for m, expected in cases:
        assert_eigen(m, expected, "floating")
    values, _ = eigen([[1e8, 1.0], [1.0, 1e8]])
    assert_close(values - 1e8, [1.0, -1.0], rtol=1e-6, what="values - 1e8")
    for stream in range(6):
        one, other, angle = rng(70 + stream).normal(0.0, 4.0), rng(80 + stream).normal(0.0, 4.0), 0.4 + 0.2 * stream
        base = np.array([[1.0, math.cos(angle)], [0.0, math.sin(angle)]])
        m = base @ np.diag([one, other]) @ np.linalg.inv(base)
        with unchanged(m=m):
            assert_eigen(m, sorted([one, other], reverse=True), "floating")


@part("Eigenvalues")
def test_a_repeated_value() -> None:
    """A repeated value comes twice, as floats; its one direction stands in both columns, or two at a right angle."""
    for m, value, direction in (
        ([[2, 1], [0, 2]], 2, (1.0, 0.0)),
        ([[2, 0], [1, 2]], 2, (0.0, 1.0)),
        ([[3, -1], [1, 1]], 2, (1.0, 1.0)),
        ([[0, 4], [0, 0]], 0, (1.0, 0.0)),
    ):
        columns = assert_eigen(m, [value, value], "floating")
        for i in range(2):
            across = columns[0, i] * direction[1] - columns[1, i] * direction[0]
            assert_close(across, 0.0, atol=1e-6, what=f"the part of vectors[:, {i}] across {direction}")
    for m, value in (([[3, 0], [0, 3]], 3), ([[0, 0], [0, 0]], 0), (-7 * np.eye(2), -7)):
        columns = assert_eigen(m, [value, value], "floating")
        assert_close(columns[:, 0] @ columns[:, 1], 0.0, atol=1e-9, what="the dot product of the two columns")


@part("Eigenvalues")
def test_a_complex_pair() -> None:
    """A complex pair comes as complex arrays, the positive imaginary part first, with complex unit columns."""
    cases: list[tuple[Any, Any]] = [([[0, -1], [1, 0]], [1j, -1j]), ([[1, 2], [-2, 1]], [1 + 2j, 1 - 2j])]
    cases += [([[0, 1], [-1, 0]], [1j, -1j]), ([[1, -5], [1, -1]], [2j, -2j])]
    for angle in (0.3, 2.5, -1.2):
        c, s = math.cos(angle), math.sin(angle)
        cases.append(([[3 * c, -3 * s], [3 * s, 3 * c]], [3 * complex(c, abs(s)), 3 * complex(c, -abs(s))]))
    for m, expected in cases:
        assert_eigen(m, expected, np.complex128)


@part("Eigenvalues")
def test_other_matrices_are_refused() -> None:
    """What is not 2×2, or holds NaN or infinity, raises ValueError that names m."""
    for m in (np.ones((2, 3)), np.eye(3), np.ones(2), np.ones(4), np.ones((1, 2, 2))):
        assert_raises(ValueError, work.eigen_2x2, m, mentions="m")
    for value in (math.nan, math.inf, -math.inf):
        assert_raises(ValueError, work.eigen_2x2, [[1.0, value], [0.0, 1.0]], mentions="m")
