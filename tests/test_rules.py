from __future__ import annotations

from pathlib import Path

import pytest

from kata_runner.judging import rules
from kata_runner.model import Kata, Rules, Submission


def breaches_of(code: str, held: Rules, name: str = "answer.py") -> list[tuple[str, int]]:
    kata = Kata("p900_x", "p900", Path(), "problems", "g", "X", 1, 1, "answer", "x", rules=held)
    submission = Submission(kata.id, Path(), {name: code.encode()}, "")
    return [(b.rule, b.line) for b in rules.breaches(kata, submission)]


@pytest.mark.parametrize(
    "code",
    [
        "for x in y: pass",
        "while True: pass",
        "[a for a in b]",
        "{a for a in b}",
        "{a: a for a in b}",
        "sum(a for a in b)",
        "list(map(f, xs))",
        "import numpy as np\nnp.vectorize(f)(x)",
        "import numpy as np\nnp.apply_along_axis(f, 0, x)",
        "from numpy import vectorize as quick\nquick(f)",
        "import numpy\nf = numpy.frompyfunc",
        "import functools\nfunctools.reduce(f, xs)",
        "from functools import reduce\nreduce(f, xs)",
        "m = map",
        "exec('for x in y: pass')",
        "frame.apply(f)",
        "def f(x):\n    return f(x - 1)",
        "class A:\n    def f(self, x):\n        return self.f(x - 1)",
    ],
)
def test_loops_and_disguised_loops_are_found(code: str) -> None:
    assert {rule for rule, _ in breaches_of(code, Rules(no_loops=True))} == {"no_loops"}


@pytest.mark.parametrize(
    "code",
    [
        "import numpy as np\nnp.add.reduce(x)",
        "import numpy as np\nnp.maximum.accumulate(x)",
        "x.mean(axis=0)",
        "self.apply(x)",
        "def f(x):\n    return g(x)",
    ],
)
def test_vectorized_code_is_no_loop(code: str) -> None:
    assert breaches_of(code, Rules(no_loops=True)) == []


def test_loops_are_forbidden_only_where_the_rule_says() -> None:
    code = "def fit(x):\n    for a in x: pass\n\nclass E:\n    def transform(self, x):\n        return [a for a in x]\n"

    assert breaches_of(code, Rules(no_loops=("E.transform",))) == [("no_loops", 6)]
    assert breaches_of(code, Rules(no_loops=("fit",))) == [("no_loops", 2)]


@pytest.mark.parametrize(
    "code",
    [
        "import scipy",
        "import scipy.linalg as la",
        "from scipy import linalg",
        "def f():\n    import scipy",
        "__import__('sci' + 'py')",
        "import importlib\nimportlib.import_module('scipy')",
        "import sys\nsys.modules['scipy']",
        "exec('import scipy')",
        "import builtins\nbuiltins.__import__('scipy')",
        "run = eval\nrun('1')",
        "from sys import modules\nmodules['scipy']",
    ],
)
def test_other_packages_are_found_however_they_are_imported(code: str) -> None:
    assert {rule for rule, _ in breaches_of(code, Rules(imports=("numpy",)))} == {"imports"}


def test_helper_files_are_held_to_the_rules_too() -> None:
    assert breaches_of("import scipy", Rules(imports=("numpy",)), name="helper.py") == [("imports", 1)]


def test_allowed_packages_and_the_standard_library_are_no_breach() -> None:
    assert (
        breaches_of("import numpy as np\nimport math\nfrom collections import Counter", Rules(imports=("numpy",))) == []
    )


@pytest.mark.parametrize(
    "code",
    [
        "import numpy as np\nnp.linalg.eig(x)",
        "import numpy\nnumpy.linalg.eig(x)",
        "from numpy.linalg import eig\neig(x)",
        "from numpy import linalg\nlinalg.eig(x)",
        "import numpy.linalg as la\nla.eig(x)",
        "from sklearn.metrics import accuracy_score",
        "import sklearn.metrics as m",
        "sorted(x)",
        "x.sort()",
        "a @ b",
        "a @= b",
    ],
)
def test_forbidden_names_are_found_under_any_alias(code: str) -> None:
    held = Rules(forbid=("np.linalg.eig", "sorted", ".sort", "@", "sklearn"))

    assert {rule for rule, _ in breaches_of(code, held)} == {"forbid"}


@pytest.mark.parametrize(
    "code",
    [
        "import numpy as np\nla = np.linalg\nla.svd(X)",
        "import numpy as np\n\ndef f(X):\n    la = np.linalg\n    return la.svd(X)",
        "import numpy\nnp = numpy\nla = np.linalg\nla.svd(X)",
        "import numpy as np\nla, f = np.linalg, 3\nla.svd(X)",
        "from numpy.linalg import *\nsvd(X)",
        "from numpy import *\nlinalg.svd(X)",
        "def f(X):\n    from numpy import linalg\n    return linalg.svd(X)",
        "import numpy as np\ngetattr(np, 'linalg').svd(X)",
        "import numpy as np\ngetattr(np.linalg, 'svd')(X)",
        "import numpy as np\n\ndef f(X, la=np.linalg):\n    return la.svd(X)",
        "import numpy as np\n\nclass A:\n    la = np.linalg\n\n    def f(self, X):\n        return self.la.svd(X)",
        "import numpy as np\n\nclass A:\n    def __init__(self):\n        self.la = np.linalg\n\n"
        "    def f(self, X):\n        return self.la.svd(X)",
        "import builtins\nbuiltins.sorted(x)",
        "from builtins import sorted as order\norder(x)",
        "s = sorted\ns(x)",
        "sorted = sorted\nsorted(x)",
        "getattr(x, 'sort')()",
        "from numpy import sort",
        "class Own:\n    def dot(self, o): ...\n\nimport numpy as np\nx = np.zeros(3)\nx.sort()",
        "class Own:\n    def sort(self): ...\n\nimport numpy as np\nx = np.zeros(3)\nx.sort()",
        "import numpy as np\n\nclass Own(np.ndarray): ...\n\nOwn((3,)).sort()",
    ],
)
def test_forbidden_names_are_followed_through_assignments(code: str) -> None:
    held = Rules(forbid=("np.linalg.svd", "sorted", ".sort"))

    assert {rule for rule, _ in breaches_of(code, held)} == {"forbid"}


def test_each_line_is_named_once() -> None:
    code = "import numpy as np\nla = np.linalg\nla.svd(X)\nla.svd(la.svd(X))"

    assert breaches_of(code, Rules(forbid=("np.linalg.svd",))) == [("forbid", 3), ("forbid", 4)]


@pytest.mark.parametrize(
    "code",
    [
        "def sorted(x):\n    return x\n\nsorted(3)",
        "def f(sorted):\n    return sorted(3)",
        "def f(x, sorted=True):\n    return x if sorted else -x",
        "def f(x):\n    def sorted(x): ...\n    return sorted(x)",
        "def f(x):\n    la = x.linalg\n    return la.svd(x)\n\nimport numpy as np\n\ndef g():\n    la = np.linalg\n",
    ],
)
def test_own_function_of_a_forbidden_name_is_allowed(code: str) -> None:
    assert breaches_of(code, Rules(forbid=("sorted", "np.linalg.svd"))) == []


# Right answers that were taken for a breach, in short: what stands in a method of NumPy's name is the learner's own.
OWN_METHODS = {
    "p007, a deck with a shuffle of its own": """
class Deck:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def shuffle(self, rng: np.random.Generator) -> "Deck":
        for i in range(len(self.lines) - 1, 0, -1):
            j = int(rng.integers(i + 1))
            self.lines[i], self.lines[j] = self.lines[j], self.lines[i]
        return self

def shuffle_lines(source, target, rng: np.random.Generator, chunk: int) -> int:
    deck = Deck(source.read_text().splitlines())
    deck.shuffle(rng).shuffle(rng)
    Deck([]).shuffle(rng)
    for one in [Deck(["a"]), deck]:
        one.shuffle(rng)
    decks = {0: deck}
    decks[0].shuffle(rng)
    return len(deck.lines)
""",
    "p007, a shuffle that calls another method of its own": """
class Shuffler:
    def __init__(self, rng: np.random.Generator) -> None:
        self.deck = Deck(rng)

    def shuffle(self, items: list[str]) -> list[str]:
        return self.permutation(items)

    def permutation(self, items: list[str]) -> list[str]:
        return self.deck.shuffle(items)

class Deck(Shuffler): ...
""",
    "p015, a matrix with a dot and an @ of its own": """
class Matrix:
    def __init__(self, rows: list[list[float]]) -> None:
        self.rows = rows

    def dot(self, other: "Matrix") -> "Matrix":
        return Matrix(product(self.rows, other.rows))

    def __matmul__(self, other: "Matrix") -> "Matrix":
        return self.dot(other)

def matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    left, right = Matrix(a.tolist()), Matrix(b.tolist())
    return np.array((left @ right).rows) + np.array(left.dot(right).rows)
""",
    "p015, a plain function": """
def dot(a, b):
    return sum(x * y for x, y in zip(a, b))

def matmul(a, b):
    return [[dot(row, column) for column in zip(*b)] for row in a]
""",
}


@pytest.mark.parametrize("name", sorted(OWN_METHODS))
def test_own_methods_are_not_taken_for_those_of_numpy(name: str) -> None:
    held = Rules(forbid=("@", ".dot", "np.dot", ".shuffle", ".permutation", ".__matmul__"))

    assert breaches_of("import numpy as np\n" + OWN_METHODS[name], held) == []


def test_functions_of_own_files_are_own() -> None:
    kata = Kata("p9_x", "p9", Path(), "t", "g", "X", 1, 1, "answer", "x", rules=Rules(forbid=(".dot",)))
    files = {
        "answer.py": b"import helper\nfrom helper import Matrix\nhelper.dot(a, b)\nMatrix(a).dot(b)",
        "helper.py": b"def dot(a, b): ...\n\nclass Matrix:\n    def dot(self, b): ...",
    }

    assert rules.breaches(kata, Submission(kata.id, Path(), files, "")) == ()


# Right answers that were taken for a loop, in short: a look at each argument is none over the data.
LOOKS_AT_ARGUMENTS = {
    "p006, pairs of names and values": """
def supervised(series: np.ndarray, width: int, horizon: int):
    for name, value in (("width", width), ("horizon", horizon)):
        if value < 1:
            raise ValueError(f"{name} must be positive")
    return series
""",
    "c02_1, both arguments in turn": """
def outer_sum(u, v):
    for name, value in (("u", u), ("v", v)):
        if value.ndim != 1:
            raise ValueError(name)
    u, v = [np.asarray(value) for value in (u, v)]
    return u[:, None] + v
""",
    "p001, every side of the shape": """
def zscore(x):
    if any(side == 0 for side in x.shape) or not all(n > 0 for n in np.shape(x)):
        raise ValueError("x")
    for name, value in {"x": x}.items():
        print(name)
    return x
""",
    "p004, a table of what is asked": """
CHECKS = {"X": 2, "y": 1}
NAMES = ("X", "y")

class OneHot:
    def fit(self, X, y):
        for (name, ndim), value in zip(CHECKS.items(), (X, y), strict=True):
            if value.ndim != ndim:
                raise ValueError(name)
        wrong = [name for name, value in zip(NAMES, (X, y)) if value is None]
        a, b = map(np.asarray, (X, y))
        return self.same(X, y)

    def same(self, *arrays, **named):
        assert all(len(a) == len(arrays[0]) for a in arrays)
        for i in range(len(arrays)):
            print(i)
        for axis in range(arrays[0].ndim):
            print(axis)
        return {name: value for name, value in named.items()}
""",
}


@pytest.mark.parametrize("name", sorted(LOOKS_AT_ARGUMENTS))
def test_a_look_at_each_argument_is_no_loop(name: str) -> None:
    assert breaches_of("import numpy as np\n" + LOOKS_AT_ARGUMENTS[name], Rules(no_loops=True)) == []


@pytest.mark.parametrize(
    "code",
    [
        "for row in X:\n    if row is None: raise ValueError",
        "any(v is None for v in values)",
        "for i in range(len(X)): pass",
        "for name, row in zip(names, X): pass",
        "for v in [*X]: pass",
        "out = []\nout.extend(X)\nfor v in out: pass",
        "out = ()\nout += tuple(X)\nfor v in out: pass",
        "[v for part in (a, b) for v in part]",
        "for part in (a, b):\n    for v in part: pass",
        "list(map(f, X))",
        "while len(X) > 1: pass",
    ],
)
def test_a_loop_over_data_is_one_however_it_is_written(code: str) -> None:
    assert [rule for rule, _ in breaches_of(code, Rules(no_loops=True))][:1] == ["no_loops"]


@pytest.mark.parametrize(
    "code",
    [
        "def mean(x):\n    return x.mean()\n\nclass A:\n    def mean(self):\n        return mean(3)",
        "def map(f, x):\n    return f(x)\n\nmap(f, x)",
        "def f(x, filter):\n    return filter(x)",
        "def f(x):\n    def f(y): ...\n    return f(x)",
        "class Table:\n    def apply(self, f):\n        return f(3)\n\nt = Table()\nt.apply(abs)",
    ],
)
def test_own_names_are_no_loop(code: str) -> None:
    assert breaches_of(code, Rules(no_loops=True)) == []


def test_disguised_loops_are_followed_through_assignments() -> None:
    for code in ("import builtins\nbuiltins.map(f, x)", "from functools import *\nreduce(f, x)", "v = np.vectorize"):
        assert [r for r, _ in breaches_of("import numpy as np\n" + code, Rules(no_loops=True))][:1] == ["no_loops"], (
            code
        )


def test_many_assignments_to_one_name_are_read_in_no_time() -> None:
    steps = "\n".join(f"    x = x.a{i}(x)\n    y = (x if y else y).b{i}()" for i in range(2000))

    assert breaches_of(f"def f(x, y):\n{steps}\n    return y.dot(x)", Rules(forbid=(".dot",))) == [("forbid", 4002)]


def test_own_functions_called_eval_or_compile_are_no_import() -> None:
    code = "def compile(x): ...\n\ndef f(eval):\n    return compile(eval(3))"

    assert breaches_of(code, Rules(imports=("numpy",))) == []


def test_missing_definition_is_found() -> None:
    assert breaches_of("def f(): ...", Rules(define=("f", "g"))) == [("define", 1)]
    assert breaches_of("f = g = 3", Rules(define=("f", "g"))) == []


def test_hostile_source_does_not_stop_the_rules() -> None:
    assert breaches_of("(" * 5000, Rules(no_loops=True)) == []
    assert breaches_of("x = " + "-" * 100_000 + "1", Rules(no_loops=True)) == []


def test_breach_says_why_the_rule_is_there() -> None:
    kata = Kata("p9_x", "p9", Path(), "t", "g", "X", 1, 1, "answer", "x",
                rules=Rules(no_loops=True, why={"no_loops": "C is faster."}))  # fmt: skip
    found = rules.breaches(kata, Submission(kata.id, Path(), {"answer.py": b"\nfor x in y: pass"}, ""))

    assert [(b.file, b.line, b.why) for b in found] == [("answer.py", 2, "C is faster.")]
    assert "for loop" in found[0].message
