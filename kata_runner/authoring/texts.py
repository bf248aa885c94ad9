"""What is wrong with the texts of a kata: task, hints, hidden test, declarations. Nothing is run."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from kata_runner.catalogue import answers, needs
from kata_runner.catalogue.load import Catalogue
from kata_runner.errors import BrokenKata
from kata_runner.judging import rules
from kata_runner.model import Kata

LEAST_HINTS = 3
# What a hidden test and a solution may import without saying so.
CORE_MODULES = {
    *("numpy", "pytest", "rich", "typer", "watchdog", "psutil", "pydot", "pybind11", "setuptools"),
    *("prompt_toolkit", "msgspec", "platformdirs"),
}


def timing_checks(kata: Kata) -> frozenset[str]:
    """Names of the checks that are marked @timing."""
    tree = ast.parse(kata.hidden_test.read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(d, ast.Name) and d.id == "timing" for d in node.decorator_list)
    )


def declared_rules(kata: Kata) -> tuple[str, ...]:
    said = kata.rules
    is_held = {
        "no_loops": said.no_loops,
        "imports": said.imports is not None,  # an empty list allows the standard library alone
        "forbid": said.forbid,
        "define": said.define,
    }
    return tuple(name for name, held in is_held.items() if held)


def hints_of(kata: Kata) -> tuple[tuple[str, str], ...]:
    """(heading, text) of each level of hint.md."""
    path = kata.folder / "hint.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    levels = re.split(r"^## +", text, flags=re.MULTILINE)[1:]
    return tuple((level.partition("\n")[0].strip(), level.partition("\n")[2].strip()) for level in levels)


def problems(kata: Kata) -> list[str]:
    """What is wrong with the texts of a kata."""
    found = []
    for name in ("task.md", "hint.md", "hidden_test.py"):
        path = kata.folder / name
        if not path.is_file() or not path.read_text(encoding="utf-8").strip():
            found.append(f"{name} is missing or empty")
    if found:
        raise BrokenKata("; ".join(found))
    if not (kata.folder / "task.md").read_text(encoding="utf-8").startswith("# "):
        found.append("task.md does not start with a title (# …)")
    hints = hints_of(kata)
    if len(hints) < LEAST_HINTS:
        found.append(f"hint.md has {len(hints)} levels (## …), at least {LEAST_HINTS}")
    code = _telling_lines(kata)
    for heading, text in hints[:-1]:
        flat = " ".join(text.split())
        if shown := next((line for line in code if line in flat), None):
            found.append(f"the hint {heading!r} holds a line of the solution: {shown}")
    found += _test_problems(kata)
    if kata.rules.why.keys() - set(declared_rules(kata)):
        found.append("kata.toml explains a rule that it does not declare")
    found += [f"kata.toml does not say why the rule {r} is there" for r in declared_rules(kata)
                 if r not in kata.rules.why]  # fmt: skip
    return found


def _telling_lines(kata: Kata) -> list[str]:
    """Lines of the solution that would give it away: statements inside functions that the stub does not have."""
    solution = answers.answer_files(kata, answers.solution_path(kata))
    stub = b"\n".join(kata.stub_files.values()).decode("utf-8", "replace")
    found = []
    for name, content in solution.items():
        if not name.endswith((".py", ".pyx")):
            continue
        for line in content.decode("utf-8", "replace").splitlines():
            code = " ".join(line.partition("  #")[0].split())
            is_telling = len(code) > 24 and ("=" in code or code.startswith("return ")) and code not in stub
            if is_telling and not code.startswith(("#", "def ", "class ", '"""', ">>>")):
                found.append(code)
    return found


def _test_problems(kata: Kata) -> list[str]:
    tree = ast.parse(kata.hidden_test.read_text(encoding="utf-8"))
    problems = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.msg is None:
            problems.append(f"hidden_test.py line {node.lineno}: assert without a sentence")
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            if not ast.get_docstring(node):
                problems.append(f"hidden_test.py: {node.name} has no docstring, which is what the learner reads")
            decorators = " ".join(ast.unparse(d) for d in node.decorator_list)
            if kata.parts and "part(" not in decorators:
                problems.append(f"hidden_test.py: {node.name} belongs to no part of the milestone")
    parts = {str(a.value) for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "part"
             for a in n.args if isinstance(a, ast.Constant)}  # fmt: skip
    problems += [f"kata.toml does not list the part {p!r}" for p in sorted(parts - set(kata.parts))]
    problems += [f"no check belongs to the part {p!r}" for p in kata.parts if p not in parts]
    return problems


def declaration_problems(catalogue: Catalogue, kata: Kata) -> list[str]:
    """Packages and katas that are declared but not used, or used but not declared."""
    ours = {"kata_runner", "__future__"} | CORE_MODULES
    by_module = {k.module: k.id for k in catalogue.katas if k.module}
    declared = set(needs.modules_of(kata))
    files = _python_files(kata)
    own = {Path(name).stem for name in files} | {kata.module}
    used = set().union(*(_imports(text) for text in files.values())) - own
    in_solution = set().union(*(_imports(t) for n, t in files.items() if n != "hidden_test.py"))
    packages = {m for m in used if m not in sys.stdlib_module_names and m not in ours and m not in by_module}
    problems = [f"imports {m}, which kata.toml does not declare in needs" for m in sorted(packages - declared)]
    words = " ".join(files.values()) + " ".join(_other_texts(kata))
    problems += [
        f"kata.toml needs {m}, which nothing imports"
        for m in sorted(declared - packages)
        if m not in ours and m.replace("_", "-") not in words and m not in words
    ]
    borrowed = {by_module[m] for m in in_solution - own if m in by_module}
    problems += [f"imports the module of {i}, which kata.toml does not declare in uses" for i in sorted(borrowed)
                 if i not in kata.uses]  # fmt: skip
    problems += [f"kata.toml uses {i}, which the solution does not import" for i in kata.uses if i not in borrowed]
    return problems


def _python_files(kata: Kata) -> dict[str, str]:
    solution = answers.answer_files(kata, answers.solution_path(kata))
    texts = {n: c.decode("utf-8", "replace") for n, c in solution.items() if n.endswith((".py", ".pyx"))}
    return texts | {"hidden_test.py": kata.hidden_test.read_text(encoding="utf-8")}


def _other_texts(kata: Kata) -> Iterable[str]:
    solution = answers.answer_files(kata, answers.solution_path(kata))
    return (c.decode("utf-8", "replace") for n, c in solution.items() if not n.endswith(".py"))


def _imports(text: str) -> set[str]:
    """Top-level names of all that a file imports (by its lines, so that Cython can be read too)."""
    found = re.findall(r"^\s*(?:from|c?import)\s+([A-Za-z_]\w*)", text, re.MULTILINE)
    return set(found) - {"libc", "libcpp", "cpython", "cython"}  # what Cython brings itself


# --- stub and solution -------------------------------------------------------------------------------------------


def remarks(kata: Kata) -> list[str]:
    """Where stub and solution differ in what they promise: signatures and docstrings."""
    solution = answers.answer_files(kata, answers.solution_path(kata))
    found = []
    for file, content in kata.stub_files.items():
        if file.endswith(".py") and file in solution:
            promised, kept = _promises(content), _promises(solution[file])
            if names := sorted(name for name in promised if promised[name] != kept.get(name)):
                found.append(f"{file}: signature or docstring differs between stub and solution: {', '.join(names)}")
    return found


def _promises(source: bytes) -> dict[str, object]:
    """Qualified name of each public function -> its parameters, what it returns, its docstring."""
    return {
        name: (ast.unparse(node.args), node.returns and ast.unparse(node.returns), ast.get_docstring(node))
        for name, node in rules.functions(ast.parse(source))
        if not any(part.startswith("_") and part != "__init__" for part in name.split("."))
    }
