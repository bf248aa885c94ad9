"""The syntax-tree rules that a kata declares ("no loops", "NumPy only"); see docs/design.md for kata.toml."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from kata_runner.judging.names import FunctionNode, Names, attribute_asked_for, members
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
# Those that go through what they are given, and so only a few times where that is a display.
PASSING_CALLS = {"map", "filter", "functools.reduce", "itertools.starmap", "itertools.accumulate"}
DYNAMIC_IMPORTS = {"__import__", "exec", "eval", "compile"}


@dataclass(frozen=True)
class Source:
    """One parsed file of the learner's."""

    name: str
    tree: ast.Module
    names: Names


def breaches(kata: Kata, submission: Submission, used_modules: Iterable[str] = ()) -> tuple[RuleBreach, ...]:
    """Every line of the submission that breaks a rule of the kata, in order.

    used_modules: names of the learner's modules of earlier katas, which may always be imported.
    Files that are not valid Python are left out: importing them tells what is wrong.
    """
    rules = kata.rules
    sources = _parse(submission, used_modules)
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
    return tuple(sorted(dict.fromkeys(found), key=lambda b: (b.file, b.line)))


def import_breach(rules: Rules, name: str, file: str, line: int) -> RuleBreach:
    """A package that was imported at run time although the kata does not allow it."""
    allowed = ", ".join(rules.imports or ()) or "the standard library"
    return RuleBreach("imports", f"imports {name}; allowed here: {allowed}", file, line, _why(rules, "imports"))


def _parse(submission: Submission, used_modules: Iterable[str]) -> list[Source]:
    trees: dict[str, ast.Module] = {}
    for name, content in submission.files.items():
        if name.endswith(".py"):
            with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                trees[name] = ast.parse(content)
    own = {name.removesuffix(".py").split("/")[0] for name in trees} | set(used_modules)
    classes = [n for tree in trees.values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    methods = {name for cls in classes for name in members(cls)}
    return [Source(name, tree, Names(tree, own, methods)) for name, tree in trees.items()]


def _why(rules: Rules, rule: str) -> str:
    return rules.why.get(rule, "")


# --- no loops ----------------------------------------------------------------------------------------------------


def _loop_breaches(rules: Rules, sources: list[Source]) -> Iterator[RuleBreach]:
    if not rules.no_loops:
        return
    for source in sources:
        for scope, name in _scopes(source.tree, rules.no_loops):
            for line, what in _loops_in(scope, source.names):
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


def _functions(tree: ast.Module) -> Iterator[tuple[str, FunctionNode]]:
    """(dotted name, node) of every function at the top level and of every method."""
    for node in tree.body:
        if isinstance(node, FunctionNode):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, FunctionNode):
                    yield f"{node.name}.{member.name}", member


def _loops_in(scope: ast.AST, names: Names) -> Iterator[tuple[int, str]]:
    harmless = {call.func for call in ast.walk(scope) if _passes_over_few(call, names)}  # type: ignore[attr-defined]
    for node in ast.walk(scope):
        if type(node) in LOOPS:
            if not _goes_over_few(node, names):
                yield node.lineno, LOOPS[type(node)]  # type: ignore[attr-defined]
        elif node not in harmless and (name := _looping_name(node, names)):
            yield node.lineno, f"{name}, which is a loop in disguise"  # type: ignore[attr-defined]
    functions = [f for _, f in _functions(scope)] if isinstance(scope, ast.Module) else [scope]
    for function in functions:
        if isinstance(function, FunctionNode):
            yield from _recursion(function, names)


def _goes_over_few(loop: ast.AST, names: Names) -> bool:
    """Whether a loop has as many rounds as the text says, as one that looks at each argument: it visits no data."""
    if isinstance(loop, ast.For):
        return names.is_few(loop.iter)
    generators = getattr(loop, "generators", [])
    return bool(generators) and all(names.is_few(generator.iter) for generator in generators)


def _passes_over_few(node: ast.AST, names: Names) -> bool:
    """The same for `map(np.asarray, (a, b))`."""
    if not isinstance(node, ast.Call) or len(node.args) < 2:
        return False
    over = node.args[1:] if isinstance(node.func, ast.Name | ast.Attribute) else []
    return set(names.full(node.func)) <= PASSING_CALLS and bool(over) and names.is_few(over[0])


def _looping_name(node: ast.AST, names: Names) -> str:
    if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return ""
    if full := next((name for name in names.full(node) if name in LOOPING_CALLS), ""):
        return full
    if isinstance(node, ast.Attribute) and f".{node.attr}" in LOOPING_CALLS:
        is_own = names.is_own_method(node.value, node.attr) or _dotted(node.value) == "self"
        return "" if is_own else f".{node.attr}"
    return ""


def _recursion(function: FunctionNode, names: Names) -> Iterator[tuple[int, str]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and names.means(node.func, function):
            yield node.lineno, f"{function.name} calls itself, which is a loop in disguise"


# --- imports and names -------------------------------------------------------------------------------------------


def _import_breaches(rules: Rules, sources: list[Source], own: set[str]) -> Iterator[RuleBreach]:
    allowed = {*(rules.imports or ()), *sys.stdlib_module_names, *own} - {"importlib"}
    for source in sources:
        for node in ast.walk(source.tree):
            for name in _imported(node):
                if name not in allowed:
                    yield import_breach(rules, name, source.name, node.lineno)  # type: ignore[attr-defined]
            full = source.names.full(node) if isinstance(node, ast.Name | ast.Attribute) else []
            if hidden := DYNAMIC_IMPORTS.intersection(full):
                message = f"{hidden.pop()} can import anything unseen; write a plain import"
                yield RuleBreach("imports", message, source.name, node.lineno, _why(rules, "imports"))  # type: ignore[attr-defined]
            if "sys.modules" in full:
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


def _forbidden(rules: Rules, sources: list[Source]) -> Iterator[RuleBreach]:
    """Uses of forbidden names: "np.sort" is found as numpy.sort, `from numpy import sort`, or under another alias.

    A name with a leading dot (".sort") forbids that method on anything that is not the learner's own; "@" forbids the
    matrix product operator.
    """
    wanted = {("numpy" + n[2:] if n.startswith("np.") else n): n for n in rules.forbid}
    for source in sources:
        for node in ast.walk(source.tree):
            if name := _forbidden_name(node, wanted, source.names):
                message = f"uses {name}, which this kata asks you to do without"
                yield RuleBreach("forbid", message, source.name, node.lineno, _why(rules, "forbid"))  # type: ignore[attr-defined]


def _forbidden_name(node: ast.AST, wanted: dict[str, str], names: Names) -> str:
    full: list[str] = []
    match node:
        case ast.BinOp(left=left, op=ast.MatMult()) | ast.AugAssign(target=left, op=ast.MatMult()):
            return "" if names.is_own_method(left, "__matmul__") else wanted.get("@", "")
        case ast.Import():
            full = [alias.name for alias in node.names]
        case ast.ImportFrom():
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            return _first(full, wanted) or _method(full, wanted)
        case ast.Name():
            full = names.full(node)
        case ast.Attribute():
            if f".{node.attr}" in wanted and not names.is_own_method(node.value, node.attr):
                return wanted[f".{node.attr}"]
            full = names.full(node)
        case ast.Call(func=ast.Name()) if names.full(node.func) == ["getattr"]:
            name = attribute_asked_for(node)
            if f".{name}" in wanted and not names.is_own_method(node.args[0], name):
                return wanted[f".{name}"]
            full = names.full(node)
    return _first(full, wanted)


def _first(full: Iterable[str], wanted: dict[str, str]) -> str:
    """The first forbidden name among full names; a forbidden package forbids all that is in it."""
    return next((wanted[part] for name in full for part in _beginnings(name) if part in wanted), "")


def _method(full: Iterable[str], wanted: dict[str, str]) -> str:
    """The forbidden method that is imported as a function, as by `from random import shuffle`."""
    return next((wanted[end] for name in full if (end := f".{name.rpartition('.')[2]}") in wanted), "")


def _beginnings(name: str) -> list[str]:
    """a.b.c -> a, a.b, a.b.c."""
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
