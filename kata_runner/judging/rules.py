"""The syntax-tree rules that a kata declares ("no loops", "NumPy only"); see docs/design.md for kata.toml."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import accumulate

import msgspec

from kata_runner.judging.names import FunctionNode, Names, attribute_asked_for, is_name, members
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
HIDDEN_IMPORTS = {"__import__", "exec", "eval", "compile", "sys.modules"}


class Source(msgspec.Struct, frozen=True):
    """One parsed file of the learner's."""

    name: str
    tree: ast.Module
    names: Names


Located = ast.expr | ast.stmt
# A line that breaks a rule: what it does, the file, the line.
Breach = tuple[str, str, int]


def breaches(kata: Kata, submission: Submission, used_modules: Iterable[str] = ()) -> tuple[RuleBreach, ...]:
    """Every line of the submission that breaks a rule of the kata, in order.

    used_modules: names of the learner's modules of earlier katas, which may always be imported.
    Files that are not valid Python are left out: importing them tells what is wrong.
    """
    rules = kata.rules
    sources = _parse(submission, used_modules)
    main = [source for source in sources if source.name == f"{kata.module}.py"]
    found: dict[str, Iterable[Breach]] = {
        "no_loops": _loops(rules, sources),
        "imports": _imports(rules, sources, {_package(source.name) for source in sources} | set(used_modules)),
        "forbid": _forbidden(rules, sources),
        "define": _undefined(rules, main),
    }
    lines = [RuleBreach(rule, *breach, rules.why.get(rule, "")) for rule, of in found.items() for breach in of]
    return tuple(sorted(dict.fromkeys(lines), key=lambda breach: (breach.file, breach.line)))


def functions(tree: ast.Module) -> Iterator[tuple[str, FunctionNode]]:
    """(dotted name, node) of every function at the top level and of every method."""
    for node in tree.body:
        if isinstance(node, FunctionNode):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, FunctionNode):
                    yield f"{node.name}.{member.name}", member


def _parse(submission: Submission, used_modules: Iterable[str]) -> list[Source]:
    trees: dict[str, ast.Module] = {}
    for name, content in submission.files.items():
        if name.endswith(".py"):
            with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                trees[name] = ast.parse(content)
    own = {_package(name) for name in trees} | set(used_modules)
    classes = [n for tree in trees.values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    methods = {name for cls in classes for name in members(cls)}
    sources = []
    for name, tree in trees.items():
        with suppress(RecursionError):
            sources.append(Source(name, tree, Names(tree, own, methods)))
    return sources


def _package(file: str) -> str:
    return file.removesuffix(".py").split("/")[0]


def _nodes(scope: ast.AST) -> Iterator[Located]:
    return (node for node in ast.walk(scope) if isinstance(node, Located))


# --- no loops ----------------------------------------------------------------------------------------------------


def _loops(rules: Rules, sources: Iterable[Source]) -> Iterator[Breach]:
    for source in sources:
        for scope, name in _scopes(source.tree, rules.no_loops):
            for line, what in _loops_in(scope, source.names):
                yield f"{what} in {name}" if name else what, source.name, line


def _scopes(tree: ast.Module, no_loops: bool | tuple[str, ...]) -> Iterator[tuple[ast.Module | FunctionNode, str]]:
    if no_loops is True:
        yield tree, ""
    else:
        yield from ((function, name) for name, function in functions(tree) if name in (no_loops or ()))


def _loops_in(scope: ast.Module | FunctionNode, names: Names) -> Iterator[tuple[int, str]]:
    harmless = {call.func for call in _nodes(scope) if isinstance(call, ast.Call) and _passes_over_few(call, names)}
    for node in _nodes(scope):
        if type(node) in LOOPS:
            if not _goes_over_few(node, names):
                yield node.lineno, LOOPS[type(node)]
        elif node not in harmless and (name := _looping_name(node, names)):
            yield node.lineno, f"{name}, which is a loop in disguise"
    for function in [f for _, f in functions(scope)] if isinstance(scope, ast.Module) else [scope]:
        for node in _nodes(function):
            if isinstance(node, ast.Call) and names.means(node.func, function):
                yield node.lineno, f"{function.name} calls itself, which is a loop in disguise"


def _goes_over_few(loop: ast.AST, names: Names) -> bool:
    """Whether a loop has as many rounds as the text says, as one that looks at each argument: it visits no data."""
    if isinstance(loop, ast.For):
        return names.is_few(loop.iter)
    generators = getattr(loop, "generators", [])
    return bool(generators) and all(names.is_few(generator.iter) for generator in generators)


def _passes_over_few(call: ast.Call, names: Names) -> bool:
    """The same for `map(np.asarray, (a, b))`."""
    full = set(names.full(call.func))
    return bool(full) and full <= PASSING_CALLS and len(call.args) > 1 and names.is_few(call.args[1])


def _looping_name(node: ast.AST, names: Names) -> str:
    if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return ""
    if full := next((name for name in names.full(node) if name in LOOPING_CALLS), ""):
        return full
    if isinstance(node, ast.Attribute) and f".{node.attr}" in LOOPING_CALLS:
        is_own = names.is_own_method(node.value, node.attr) or is_name(node.value, "self")
        return "" if is_own else f".{node.attr}"
    return ""


# --- imports and names -------------------------------------------------------------------------------------------


def _imports(rules: Rules, sources: Iterable[Source], own: set[str]) -> Iterator[Breach]:
    if rules.imports is None:
        return
    allowed = {*rules.imports, *sys.stdlib_module_names, *own} - {"importlib"}
    for source in sources:
        for node in _nodes(source.tree):
            for name in _imported(node):
                if name not in allowed:
                    among = ", ".join(rules.imports) or "the standard library"
                    yield f"imports {name}; allowed here: {among}", source.name, node.lineno
            full = source.names.full(node) if isinstance(node, ast.Name | ast.Attribute) else []
            for name in HIDDEN_IMPORTS.intersection(full):
                yield f"{name} can import anything unseen; write a plain import", source.name, node.lineno


def _imported(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module.partition(".")[0]]
    return []


def _forbidden(rules: Rules, sources: Iterable[Source]) -> Iterator[Breach]:
    """Uses of forbidden names: "np.sort" is found as numpy.sort, `from numpy import sort`, or under another alias.

    A name with a leading dot (".sort") forbids that method on anything that is not the learner's own; "@" forbids the
    matrix product operator.
    """
    wanted = {("numpy" + n[2:] if n.startswith("np.") else n): n for n in rules.forbid}
    for source in sources:
        for node in _nodes(source.tree):
            if name := _forbidden_name(node, wanted, source.names):
                yield f"uses {name}, which this kata asks you to do without", source.name, node.lineno


def _forbidden_name(node: ast.AST, wanted: dict[str, str], names: Names) -> str:
    full: list[str] = []
    match node:
        case ast.BinOp(left=left, op=ast.MatMult()) | ast.AugAssign(target=left, op=ast.MatMult()):
            return "" if names.is_own_method(left, "__matmul__") else wanted.get("@", "")
        case ast.Import():
            full = [alias.name for alias in node.names]
        case ast.ImportFrom():
            # `from random import shuffle` may be the forbidden method ".shuffle", too.
            full = [name for alias in node.names for name in (f"{node.module}.{alias.name}", f".{alias.name}")]
        case ast.Name():
            full = names.full(node)
        case ast.Attribute(value=owner, attr=name):
            full = [*names.full(node), *([] if names.is_own_method(owner, name) else [f".{name}"])]
        case ast.Call(func=ast.Name()) if (name := attribute_asked_for(node)) and names.full(node.func) == ["getattr"]:
            full = [*names.full(node), *([] if names.is_own_method(node.args[0], name) else [f".{name}"])]
    return next((wanted[part] for name in full for part in _beginnings(name) if part in wanted), "")


def _beginnings(name: str) -> Iterator[str]:
    """a.b.c -> a, a.b, a.b.c: a forbidden package forbids all that is in it."""
    return accumulate(name.split("."), "{}.{}".format)


def _undefined(rules: Rules, main: Iterable[Source]) -> Iterator[Breach]:
    for source in main:
        defined = members(source.tree) | {name for name, _ in functions(source.tree)}
        yield from ((f"{name} is not defined", source.name, 1) for name in rules.define if name not in defined)
