"""The syntax-tree rules that a kata declares ("no loops", "NumPy only"); see docs/design.md for kata.toml."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kata_runner.model import Kata, RuleBreach, Rules, Submission

LOOPS: dict[type[ast.AST], str] = {
    ast.For: "a for loop",
    ast.AsyncFor: "an async for loop",
    ast.While: "a while loop",
    ast.ListComp: "a list comprehension",
    ast.SetComp: "a set comprehension",
    ast.DictComp: "a dict comprehension",
    ast.GeneratorExp: "a generator expression",
}
# Functions that run Python code once per element, by full name; with a leading dot, as a method of anything.
LOOPING_CALLS = {
    "map", "filter", "eval", "exec", "functools.reduce", "itertools.starmap", "itertools.accumulate",
    "numpy.vectorize", "numpy.apply_along_axis", "numpy.apply_over_axes", "numpy.frompyfunc", "numpy.fromiter",
    "numpy.fromfunction", "numpy.piecewise", "numpy.nditer", "numpy.ndenumerate", ".apply", ".applymap",
}  # fmt: skip
DYNAMIC_IMPORTS = {"__import__", "importlib", "exec", "eval", "compile"}


@dataclass(frozen=True)
class Source:
    """One parsed file of the learner's."""

    name: str
    tree: ast.Module


def breaches(kata: Kata, submission: Submission, used_modules: Iterable[str] = ()) -> tuple[RuleBreach, ...]:
    """Every line of the submission that breaks a rule of the kata, in order.

    used_modules: names of the learner's modules of earlier katas, which may always be imported.
    Files that are not valid Python are left out: importing them tells what is wrong.
    """
    rules = kata.rules
    sources = list(_parse(submission))
    main = [s for s in sources if s.name == f"{kata.module}.py"]
    found: list[RuleBreach] = []
    found += _loop_breaches(rules, sources)
    if rules.imports is not None:
        own = {s.name.removesuffix(".py").split("/")[0] for s in sources}
        found += _import_breaches(rules, sources, own | set(used_modules))
    found += _forbidden(rules, sources)
    if main or rules.define:
        found += _undefined(rules, main)
    if rules.typed:
        found += _untyped(rules, main)
    return tuple(sorted(found, key=lambda b: (b.file, b.line)))


def import_breach(rules: Rules, name: str, file: str, line: int) -> RuleBreach:
    """A package that was imported at run time although the kata does not allow it."""
    allowed = ", ".join(rules.imports or ()) or "the standard library"
    return RuleBreach("imports", f"imports {name}; allowed here: {allowed}", file, line, _why(rules, "imports"))


def _parse(submission: Submission) -> Iterator[Source]:
    for name, content in submission.files.items():
        if name.endswith(".py"):
            try:
                yield Source(name, ast.parse(content))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue


def _why(rules: Rules, rule: str) -> str:
    return rules.why.get(rule, "")


# --- no loops ----------------------------------------------------------------------------------------------------


def _loop_breaches(rules: Rules, sources: list[Source]) -> Iterator[RuleBreach]:
    if not rules.no_loops:
        return
    for source in sources:
        for scope, name in _scopes(source.tree, rules.no_loops):
            for line, what in _loops_in(scope, source.tree):
                where = f" in {name}" if name else ""
                yield RuleBreach("no_loops", f"{what}{where}", source.name, line, _why(rules, "no_loops"))


def _scopes(tree: ast.Module, no_loops: bool | tuple[str, ...]) -> Iterator[tuple[ast.AST, str]]:
    if no_loops is True:
        yield tree, ""
        return
    wanted = set(no_loops or ())
    for name, function in _functions(tree):
        if name in wanted:
            yield function, name


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """(dotted name, node) of every function at the top level and of every method."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{node.name}.{member.name}", member


def _loops_in(scope: ast.AST, tree: ast.Module) -> Iterator[tuple[int, str]]:
    names = _full_names(tree)
    for node in ast.walk(scope):
        if type(node) in LOOPS:
            yield node.lineno, LOOPS[type(node)]  # type: ignore[attr-defined]
        elif name := _looping_name(node, names):
            yield node.lineno, f"{name}, which is a loop in disguise"  # type: ignore[attr-defined]
    if isinstance(scope, ast.Module):
        for name, function in _functions(scope):
            yield from _recursion(name, function)
    elif isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from _recursion(scope.name, scope)


def _looping_name(node: ast.AST, names: dict[str, str]) -> str:
    if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return ""
    head, dot, rest = _dotted(node).partition(".")
    full = names.get(head, head) + dot + rest
    if full in LOOPING_CALLS:
        return full
    is_method = isinstance(node, ast.Attribute) and f".{node.attr}" in LOOPING_CALLS and head != "self"
    return f".{node.attr}" if is_method and isinstance(node, ast.Attribute) else ""


def _recursion(name: str, function: ast.AST) -> Iterator[tuple[int, str]]:
    own = name.rpartition(".")[2]
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and _dotted(node.func) in (own, f"self.{own}"):
            yield node.lineno, f"{own} calls itself, which is a loop in disguise"


# --- imports and names -------------------------------------------------------------------------------------------


def _import_breaches(rules: Rules, sources: list[Source], own: set[str]) -> Iterator[RuleBreach]:
    allowed = {*(rules.imports or ()), *sys.stdlib_module_names, *own} - {"importlib"}
    for source in sources:
        for node in ast.walk(source.tree):
            for name in _imported(node):
                if name not in allowed:
                    yield import_breach(rules, name, source.name, node.lineno)  # type: ignore[attr-defined]
            if isinstance(node, ast.Name) and node.id in DYNAMIC_IMPORTS - {"importlib"}:
                message = f"{node.id} can import anything unseen; write a plain import"
                yield RuleBreach("imports", message, source.name, node.lineno, _why(rules, "imports"))
            if _dotted(node) == "sys.modules":
                line = node.lineno  # type: ignore[attr-defined]
                message = "sys.modules reaches packages that are not allowed here; write a plain import"
                yield RuleBreach("imports", message, source.name, line, _why(rules, "imports"))


def _imported(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module.partition(".")[0]]
    return []


def _dotted(node: ast.AST) -> str:
    """ "np.linalg.eig" for the expression np.linalg.eig, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def _full_names(tree: ast.Module) -> dict[str, str]:
    """Local name -> full dotted name: np -> numpy, eig -> numpy.linalg.eig."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0]
                      for a in node.names}  # fmt: skip
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


def _forbidden(rules: Rules, sources: list[Source]) -> Iterator[RuleBreach]:
    """Uses of forbidden names: "np.sort" is found as numpy.sort, `from numpy import sort`, or under another alias.

    A name with a leading dot (".sort") forbids that method on anything; "@" forbids the matrix product operator.
    """
    wanted = {("numpy" + n[2:] if n.startswith("np.") else n): n for n in rules.forbid}
    for source in sources:
        names = _full_names(source.tree)
        defined = {name for name, _ in _functions(source.tree)}
        for node in ast.walk(source.tree):
            if name := _forbidden_name(node, wanted, names, defined):
                message = f"uses {name}, which this kata asks you to do without"
                yield RuleBreach("forbid", message, source.name, node.lineno, _why(rules, "forbid"))  # type: ignore[attr-defined]


def _forbidden_name(node: ast.AST, wanted: dict[str, str], names: dict[str, str], defined: set[str]) -> str:
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult):
        return wanted.get("@", "")
    if isinstance(node, ast.Attribute) and f".{node.attr}" in wanted:
        return wanted[f".{node.attr}"]
    if isinstance(node, ast.Import):
        full = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        full = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        dotted = _dotted(node) if isinstance(node, ast.Name | ast.Attribute) else ""
        head, dot, rest = dotted.partition(".")
        full = [names.get(head, head) + dot + rest] if dotted and dotted not in defined else []
    return next((wanted[part] for name in full for part in _beginnings(name) if part in wanted), "")


def _beginnings(name: str) -> list[str]:
    """a.b.c -> a, a.b, a.b.c: a forbidden package forbids all that is in it."""
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


# --- definitions and types ---------------------------------------------------------------------------------------


def _undefined(rules: Rules, main: list[Source]) -> Iterator[RuleBreach]:
    for source in main:
        functions = {name for name, _ in _functions(source.tree)}
        top = {n.name for n in source.tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
        assigned = {t.id for n in source.tree.body if isinstance(n, ast.Assign) for t in n.targets
                    if isinstance(t, ast.Name)}  # fmt: skip
        assigned |= {n.target.id for n in source.tree.body if isinstance(n, ast.AnnAssign)
                     and isinstance(n.target, ast.Name)}  # fmt: skip
        for name in rules.define:
            if name not in functions | top | assigned:
                yield RuleBreach("define", f"{name} is not defined", source.name, 1, _why(rules, "define"))


def _untyped(rules: Rules, main: list[Source]) -> Iterator[RuleBreach]:
    for source in main:
        for name, function in _functions(source.tree):
            plain = name.rpartition(".")[2]
            if plain.startswith("_") and plain != "__init__":
                continue
            if missing := _missing_annotation(function, is_method="." in name):
                message = f"{name}: {missing} has no type"
                yield RuleBreach("typed", message, source.name, function.lineno, _why(rules, "typed"))


def _missing_annotation(function: ast.FunctionDef | ast.AsyncFunctionDef, is_method: bool) -> str:
    arguments = [*function.args.posonlyargs, *function.args.args]
    is_static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)
    if is_method and not is_static:
        arguments = arguments[1:]
    arguments += function.args.kwonlyargs
    arguments += [a for a in (function.args.vararg, function.args.kwarg) if a]
    for argument in arguments:
        if argument.annotation is None:
            return f"the parameter {argument.arg}"
    return "" if function.returns is not None or function.name == "__init__" else "what it returns"
