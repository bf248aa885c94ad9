from __future__ import annotations

from pathlib import Path

import pytest

from kata_runner.judging import rules
from kata_runner.model import Kata, Rules, Submission


def told(code: str, held: Rules, name: str = "answer.py") -> list[tuple[str, int]]:
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
    assert {rule for rule, _ in told(code, Rules(no_loops=True))} == {"no_loops"}


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
    assert told(code, Rules(no_loops=True)) == []


def test_loops_are_forbidden_only_where_the_rule_says() -> None:
    code = "def fit(x):\n    for a in x: pass\n\nclass E:\n    def transform(self, x):\n        return [a for a in x]\n"

    assert told(code, Rules(no_loops=("E.transform",))) == [("no_loops", 6)]
    assert told(code, Rules(no_loops=("fit",))) == [("no_loops", 2)]


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
    ],
)
def test_other_packages_are_found_however_they_are_imported(code: str) -> None:
    assert {rule for rule, _ in told(code, Rules(imports=("numpy",)))} == {"imports"}


def test_helper_files_are_held_to_the_rules_too() -> None:
    assert told("import scipy", Rules(imports=("numpy",)), name="helper.py") == [("imports", 1)]


def test_allowed_packages_and_the_standard_library_are_no_breach() -> None:
    assert told("import numpy as np\nimport math\nfrom collections import Counter", Rules(imports=("numpy",))) == []


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

    assert {rule for rule, _ in told(code, held)} == {"forbid"}


def test_own_function_of_a_forbidden_name_is_allowed() -> None:
    assert told("def sorted(x):\n    return x\n\nsorted(3)", Rules(forbid=("sorted",))) == []


def test_missing_definition_is_found() -> None:
    assert told("def f(): ...", Rules(define=("f", "g"))) == [("define", 1)]
    assert told("f = g = 3", Rules(define=("f", "g"))) == []


def test_missing_types_are_found_in_public_signatures() -> None:
    code = "def f(x): ...\n\ndef _g(x): ...\n\nclass A:\n    def h(self, x: int): ...\n    def k(self) -> int: ...\n"

    assert told(code, Rules(typed=True)) == [("typed", 1), ("typed", 6)]


def test_hostile_source_does_not_stop_the_rules() -> None:
    assert told("(" * 5000, Rules(no_loops=True)) == []
    assert told("x = " + "-" * 100_000 + "1", Rules(no_loops=True)) == []


def test_breach_says_why_the_rule_is_there() -> None:
    kata = Kata("p9_x", "p9", Path(), "t", "g", "X", 1, 1, "answer", "x",
                rules=Rules(no_loops=True, why={"no_loops": "C is faster."}))  # fmt: skip
    found = rules.breaches(kata, Submission(kata.id, Path(), {"answer.py": b"\nfor x in y: pass"}, ""))

    assert [(b.file, b.line, b.why) for b in found] == [("answer.py", 2, "C is faster.")]
    assert "for loop" in found[0].message
