"""Hidden test of m01_linear_algebra."""

import ast
import math
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
    part,
    require,
    rng,
    unchanged,
)

work = learner("linear_algebra")
Array = NDArray[Any]


def slow_dot(a: Any, b: Any) -> Any:
    total = 0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


def slow_matmul(a: Any, b: Any) -> list[list[Any]]:
    return [[slow_dot(row, [line[j] for line in b]) for j in range(len(b[0]))] for row in a]


def integers(stream: int, *shape: int) -> Any:
    return rng(stream).integers(-9, 10, shape).tolist()


def assert_plain(got: Any, expected: Any) -> None:
    """Exactly equal, and nothing but lists of plain Python numbers."""
    assert_equal(got, expected)
    for row in got if isinstance(got, list) else [got]:
        for number in row if isinstance(row, list) else [row]:
            is_plain = type(number) in (int, float, Fraction)
            require(is_plain, "the result must hold plain Python numbers", got=type(number).__name__)
    require(bool(got == expected), "the result is not exact", got=got, expected=expected)


@part("Products")
def test_vectors_in_pure_python() -> None:
    """1. add and dot return the sum and the dot product, as a list and a plain number."""
    for a, b in (([2], [7]), ([1, 2, 3], [4, -5, 6]), ((0.5, 1.5), (2.0, -1.0)), (integers(7, 7), integers(17, 7))):
        with unchanged(a=a, b=b):
            got = work.add(a, b)
        assert_type(got, list)
        assert_plain(got, [a[i] + b[i] for i in range(len(a))])
        assert_plain(work.dot(a, b), slow_dot(a, b))


@part("Products")
def test_matrices_in_pure_python() -> None:
    """1. matmul returns the product of two matrices of any fitting shapes, as lists."""
    shapes = ((2, 3, 3), (7, 3, 8))
    cases: list[Any] = [
        ([[3]], [[4]]),
        ([[1, 2, 3], [4, 5, 6]], [[1], [0], [-1]]),
        ([[1, 2], [3, 4]], [[0, 1], [2, 0]]),
    ]
    for a, b in [*cases, *((integers(n, n, k), integers(30 + n, k, m)) for n, k, m in shapes)]:
        with unchanged(a=a, b=b):
            got = work.matmul(a, b)
        assert_type(got, list)
        assert_plain(got, slow_matmul(a, b))


@part("Products")
def test_large_integers_are_exact() -> None:
    """1. Integers of any size stay exact, and fractions too."""
    large, other = [10**30, 1], [10**30, 3]
    assert_plain(work.add(large, other), [2 * 10**30, 4])
    assert_plain(work.dot(large, other), 10**60 + 3)
    assert_plain(work.matmul([large], [[10**30], [3]]), [[10**60 + 3]])
    assert_plain(work.dot([Fraction(1, 3)], [Fraction(1, 6)]), Fraction(1, 18))


@part("Products")
def test_pure_python_is_pure() -> None:
    """1. add, dot and matmul, and what they call, do without NumPy."""
    assert_equal(work.matmul([[2]], [[3]]), [[6]])
    tree = ast.parse(answer_text("linear_algebra.py"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    numpy = {name.asname or name.name for node in imports if "numpy" in ast.unparse(node) for name in node.names}
    reached = ["add", "dot", "matmul"]
    for name in reached:  # it grows by what they call
        require(name in functions, f"linear_algebra.py does not define {name} by def", call=" ")
        used = {node.id for line in functions[name].body for node in ast.walk(line) if isinstance(node, ast.Name)}
        require(not used & numpy, f"{name} uses NumPy", got=sorted(used & numpy), call=" ")
        reached += sorted(used & set(functions) - set(reached))


@part("Products")
def test_numpy_agrees() -> None:
    """2. The NumPy versions return arrays (dot_np a number) that agree with the plain sums, from lists and arrays."""
    for n in (1, 2, 7):
        a, b, c = rng(n).normal(0, 2, n), rng(n + 40).normal(0, 2, n), rng(n + 50).normal(0, 2, (n, n))
        for one, other, m in ((a, b, c), (a.tolist(), tuple(b.tolist()), c.tolist())):
            with unchanged(a=one, b=other, m=m):
                total, product, row = work.add_np(one, other), work.dot_np(one, other), work.matmul_np([one, other], m)
            assert_type(total, np.ndarray, what="add_np")
            assert_close(total, a + b, what="add_np")
            assert_close(product, slow_dot(a, b), what="dot_np")
            assert_type(row, np.ndarray, what="matmul_np")
            assert_close(row, slow_matmul([a, b], c), what="matmul_np")


@part("Products")
def test_what_does_not_fit_is_refused() -> None:
    """3. Vectors of different lengths and matrices that do not fit raise ValueError, in both versions."""
    for name in ("add", "dot", "add_np", "dot_np"):
        for a, b in (([1], [1, 2, 3]), ([1, 2, 3], [1, 2])):
            assert_raises(ValueError, getattr(work, name), a, b)
    for name in ("matmul", "matmul_np"):
        for left, right in (([[1, 2]], [[1, 2]]), ([[1, 2, 3]], [[1], [2]]), ([[1], [2]], [[1], [2]])):
            assert_raises(ValueError, getattr(work, name), left, right)


def assert_moves(m: Any, *moves: tuple[tuple[float, float], tuple[float, float]]) -> None:
    """The matrix moves each of the points to its place."""
    assert_shape(m, (2, 2))
    for before, after in moves:
        assert_close(
            as_array(m) @ np.array(before), np.array(after), rtol=1e-9, atol=1e-9, what=f"the place of {before}"
        )


@part("Transformations")
def test_rotation() -> None:
    """4. rotation turns counter-clockwise, by an angle in radians."""
    assert_moves(work.rotation(math.pi / 2), ((1, 0), (0, 1)), ((0, 2), (-2, 0)))
    for angle in (0.3, -1.0, 7.0):
        c, s = math.cos(angle), math.sin(angle)
        assert_moves(work.rotation(angle), ((1, 0), (c, s)), ((2, -3), (2 * c + 3 * s, 2 * s - 3 * c)))


@part("Transformations")
def test_scaling() -> None:
    """4. scaling stretches x by sx and y by sy."""
    for sx, sy in ((2, 0.5), (-1, 3), (0.0, 1.0)):
        assert_moves(work.scaling(sx, sy), ((1, 1), (sx, sy)), ((2, -3), (2 * sx, -3 * sy)))


@part("Transformations")
def test_projection() -> None:
    """5. projection moves to the nearest point on the line along onto, whatever its length."""
    assert_moves(work.projection([1, 0]), ((3, 1), (3, 0)))
    assert_moves(work.projection([2, 2]), ((3, 1), (2, 2)), ((1, -1), (0, 0)))
    for onto in (np.array([-3, 4]), np.array([-3e-9, 4e-9])):
        assert_moves(work.projection(onto), ((5, 5), (-0.6, 0.8)), ((1, 0), (0.36, -0.48)))


@part("Transformations")
def test_the_zero_vector_is_refused() -> None:
    """5. projection raises ValueError for the zero vector, and for no other."""
    assert_raises(ValueError, work.projection, [0.0, 0.0])
    assert_moves(work.projection([1e-200, 0.0]), ((1, 1), (1, 0)))


@part("Transformations")
def test_points_are_moved() -> None:
    """6. transform moves each row of the points by the matrix."""
    m = np.array([[1.0, 2.0], [0.0, 3.0]])
    small, many = np.array([[1, 0], [0, 1]]), rng(60).normal(0.0, 3.0, (7, 2))
    for points in (small[:1], small, many, many[::2, ::-1]):
        expected = [[x + 2 * y, 3 * y] for x, y in points.tolist()]
        with unchanged(points=points, m=m):
            got = work.transform(m, points)
        assert_close(got, expected)
    assert_close(work.transform([[0.5, 0], [0, 1]], np.array([[200, 100]], np.uint8)), [[100, 100]])


@part("Transformations")
def test_the_points_are_drawn() -> None:
    """7. Two labelled lines go through the points before and after, with a legend and equal scales, in a new figure."""
    figures: list[Any] = []
    for m, n in ((np.array([[0.0, -1.0], [1.0, 0.0]]), 4), (np.array([[1.0, 2.0], [0.0, 3.0]]), 7)):
        points = rng(61 + n).normal(0.0, 3.0, (n, 2))
        figure = as_figure(work.draw(m, points.copy()), "draw")
        require(all(figure is not other for other in figures), "a second call drew on an earlier figure")
        figures.append(figure)
        require(len(figure.get_axes()) == 1, "one axes is expected", got=len(figure.get_axes()))
        axes = figure.get_axes()[0]
        for label, expected in (("before", points), ("after", points @ m.T)):
            lines = [line for line in axes.get_lines() if line.get_label() == label]
            require(len(lines) == 1, f"expected one line labelled {label!r}, found {len(lines)}")
            got = np.column_stack([np.asarray(values, dtype=float) for values in lines[0].get_data()])
            assert_close(got, expected, what=f"the line {label!r}")
        require(axes.get_aspect() in ("equal", 1), "the axes have different scales", got=str(axes.get_aspect()))
        named = [text.get_text() for text in axes.get_legend().get_texts()] if axes.get_legend() else []
        require({"before", "after"} <= set(named), "the legend does not name the two lines", got=named)
    keep_picture(figures[0], "transformation")


def assert_eigen(m: Any, expected: Any, dtype: Any = "floating") -> Array:
    """The values are the expected ones, and each column of the vectors is a unit vector that belongs to its value."""
    matrix = np.array(m, dtype=float)
    result = work.eigen_2x2(m)
    assert_type(result, (tuple, list))
    require(len(result) == 2, "eigen_2x2 must return two arrays, values and vectors", got=len(result))
    values, columns = as_array(result[0], "values"), as_array(result[1], "vectors")
    assert_close(values, np.array(expected), rtol=1e-9, atol=1e-12, what="values")
    assert_dtype(values, dtype, what="values")
    assert_shape(columns, (2, 2), what="vectors")
    assert_dtype(columns, dtype, what="vectors")
    assert_close(np.sqrt((np.abs(columns) ** 2).sum(axis=0)), [1.0, 1.0], what="the lengths of the columns of vectors")
    for i in range(2):
        got, wanted = matrix @ columns[:, i], values[i] * columns[:, i]
        what = f"m @ vectors[:, {i}], against values[{i}] times it,"
        assert_close(got, wanted, rtol=1e-6, atol=1e-7 * float(np.abs(matrix).max()), what=what)
    return columns


@part("Eigenvalues")
def test_two_real_values() -> None:
    """8. Two real eigenvalues are floats, the larger first, each with a unit column; diagonal and triangular too."""
    assert_eigen([[5, 0], [0, 1]], [5, 1])
    assert_eigen([[1, 0], [0, 5]], [5, 1])
    assert_eigen([[2, 1], [1, 2]], [3, 1])
    assert_eigen([[-1, 0], [0, -4]], [-1, -4])
    assert_eigen([[2, 3], [0, -1]], [2, -1])
    assert_eigen([[2, 0], [3, -1]], [2, -1])
    assert_eigen([[0, 1], [1, 0]], [1, -1])
    assert_eigen([[1, 2], [2, 4]], [5, 0])
    assert_eigen(np.array([[200, 100], [100, 200]], dtype=np.uint8), [300, 100])
    for stream in range(4):
        one, other, c, s = rng(70 + stream).uniform(0.5, 4.0, 4)
        base = np.array([[1.0, c], [-s, 1.0]])
        m = base @ np.diag([one, -other]) @ np.linalg.inv(base)
        with unchanged(m=m):
            assert_eigen(m, [one, -other])


@part("Eigenvalues")
def test_digits_hold() -> None:
    """8. Digits hold: neither a small difference nor a small value is lost beside a large one."""
    assert_eigen([[1e8, 0.0], [0.0, 1e-8]], [1e8, 1e-8])
    assert_eigen([[-1e-8, 0.0], [0.0, -1e8]], [-1e-8, -1e8])
    assert_eigen([[1e8, 1.0], [1.0, 1e8]], [1e8 + 1, 1e8 - 1])


@part("Eigenvalues")
def test_a_complex_pair() -> None:
    """9. A complex pair comes as complex arrays, the positive imaginary part first, with complex unit columns."""
    for m, value in (
        ([[0, -1], [1, 0]], 1j),
        ([[0, 1], [-1, 0]], 1j),
        ([[1, 2], [-2, 1]], 1 + 2j),
        ([[1, -5], [1, -1]], 2j),
    ):
        assert_eigen(m, [value, np.conj(value)], np.complex128)


@part("Eigenvalues")
def test_a_repeated_value() -> None:
    """10. A repeated value comes twice; both columns hold its one direction."""
    cases = (([[2, 1], [0, 2]], 2, (1, 0)), ([[2, 0], [1, 2]], 2, (0, 1)), ([[3, -1], [1, 1]], 2, (1, 1)))
    for m, value, direction in (*cases, ([[0, 4], [0, 0]], 0, (1, 0))):
        columns = assert_eigen(m, [value, value])
        for i in range(2):
            across = columns[0, i] * direction[1] - columns[1, i] * direction[0]
            assert_close(across, 0.0, atol=1e-6, what=f"the part of vectors[:, {i}] across {direction}")


@part("Eigenvalues")
def test_a_multiple_of_the_identity() -> None:
    """10. A multiple of the identity has any two columns at a right angle."""
    for m, value in (([[3, 0], [0, 3]], 3), ([[0, 0], [0, 0]], 0), (-7 * np.eye(2), -7)):
        columns = assert_eigen(m, [value, value])
        assert_close(columns[:, 0] @ columns[:, 1], 0.0, atol=1e-9, what="the dot product of the two columns")
