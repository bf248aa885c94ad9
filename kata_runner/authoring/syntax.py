"""Python sources as statements: which lines each one takes, and what of it counts when two answers are compared.

Comments, formatting, docstrings and the order of functions do not count. Annotations count only where the kata asks for
them. Imports and helpers of the right answer for which the wrong one has no use do not count either.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_BLOCKS = {"body", "orelse", "finalbody", "handlers"}


@dataclass(frozen=True)
class Unit:
    """A simple statement, or the head of a compound one.

    key: the same for units of the same meaning at the same depth.
    start, end: the lines it takes, counted from 0, end excluded; lines: these, as they stand in the source.
    kind: "import", "doc", "def" or "". name: of a function or class.
    """

    key: str
    start: int
    end: int
    lines: tuple[str, ...]
    depth: int
    kind: str = ""
    name: str = ""


class Source:
    """A Python source, taken apart.

    with_types: whether annotations count.
    Raises SyntaxError when the text is not Python.
    """

    def __init__(self, text: str, with_types: bool) -> None:
        self.lines = text.split("\n")
        self.with_types = with_types
        tree = ast.parse(text)
        self.tree: ast.Module = tree if with_types else _WithoutTypes().visit(tree)
        self.units = tuple(self._block(self.tree.body, 0, self.tree))
        _remove_docstrings(self.tree)

    def in_order_of(self, other: Source) -> Source:
        """The same source, those of its functions and classes that `other` has too in the order of `other`."""
        order = {node.name: index for index, node in enumerate(n for n in other.tree.body if isinstance(n, _DEFS))}
        ends = [node.end_lineno or node.lineno for node in self.tree.body]
        texts = [self.lines[start:end] for start, end in zip([0, *ends], ends)]
        names = [node.name if isinstance(node, _DEFS) else "" for node in self.tree.body]
        movable = [index for index, name in enumerate(names) if name in order]
        ranked = sorted(movable, key=lambda index: order[names[index]])
        moved = dict(zip(movable, ranked))
        lines = [line for index in range(len(texts)) for line in texts[moved.get(index, index)]]
        return self if ranked == movable else Source("\n".join([*lines, ""]), self.with_types)

    def _block(self, body: Sequence[ast.stmt], depth: int, owner: ast.AST) -> Iterator[Unit]:
        for index, node in enumerate(body):
            if index == 0 and _has_docstring(owner):
                yield self._unit("doc", node.lineno, node.end_lineno or node.lineno, depth, "doc")
            else:
                yield from self._statement(node, depth)

    def _statement(self, node: ast.stmt, depth: int, before: str = "") -> Iterator[Unit]:
        first, body = _first_line(node), getattr(node, "body", None)
        if not isinstance(body, list) or _first_line(body[0]) == node.lineno:
            kind = "import" if isinstance(node, _IMPORTS) and depth == 0 else ""
            yield self._unit(before + ast.dump(node), first, node.end_lineno or node.lineno, depth, kind)
            return
        kind, name = ("def", node.name) if isinstance(node, _DEFS) else ("", "")
        yield self._unit(before + _head(node), first, self._head_end(node.lineno, body[0]), depth, kind, name)
        yield from self._block(body, depth + 1, node)
        end = body[-1].end_lineno or 0
        for handler in getattr(node, "handlers", []):
            last = self._head_end(handler.lineno, handler.body[0])
            yield self._unit(_head(handler), handler.lineno, last, depth)
            yield from self._block(handler.body, depth + 1, handler)
            end = handler.end_lineno or end
        for block, word in (("orelse", "else"), ("finalbody", "finally")):
            if inner := getattr(node, block, []):
                yield from self._tail(inner, word, end, depth)
                end = inner[-1].end_lineno or end

    def _tail(self, body: Sequence[ast.stmt], word: str, after: int, depth: int) -> Iterator[Unit]:
        """An else, elif or finally whose block begins below line `after`."""
        if self.lines[body[0].lineno - 1].lstrip().startswith("elif"):
            yield from self._statement(body[0], depth, before="el")
            return
        line = next(n for n in range(after + 1, body[0].lineno + 1) if self.lines[n - 1].strip().startswith(word))
        yield self._unit(word, line, line, depth)
        yield from self._block(body, depth + 1, ast.Pass())

    def _head_end(self, first: int, inner: ast.stmt) -> int:
        """The last line of a head that begins on line `first`: above `inner`, comments and empty lines aside."""
        code = (n for n in range(_first_line(inner) - 1, first, -1) if self.lines[n - 1].strip()[:1] not in ("", "#"))
        return next(code, first)

    def _unit(self, key: str, first: int, last: int, depth: int, kind: str = "", name: str = "") -> Unit:
        return Unit(f"{depth} {key}", first - 1, last, tuple(self.lines[first - 1 : last]), depth, kind, name)


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _head(node: ast.AST) -> str:
    """A compound statement without its blocks, as text."""
    fields = {name: [] if name in _BLOCKS else value for name, value in ast.iter_fields(node)}
    return ast.dump(type(node)(**fields))


def _has_docstring(node: ast.AST) -> bool:
    if not isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or not node.body:
        return False
    first = node.body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def _remove_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if _has_docstring(node):
            node.body[:1] = [] if len(node.body) > 1 else [ast.Pass()]  # type: ignore[attr-defined]


class _WithoutTypes(ast.NodeTransformer):
    """Leaves annotations out; a field of a class keeps that it has one."""

    def __init__(self) -> None:
        self._in_class = False

    def _inside(self, node: ast.AST, in_class: bool) -> ast.AST:
        was, self._in_class = self._in_class, in_class
        self.generic_visit(node)
        self._in_class = was
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._inside(node, True)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self._inside(node, False)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        if self._in_class:
            node.annotation = ast.Constant(...)
            return node
        plain = ast.Assign([node.target], node.value) if node.value else ast.Pass()
        return ast.copy_location(plain, node)


# --- comparing ---------------------------------------------------------------------------------------------------


def same(result: Source, wrong: Source, public: Collection[str]) -> bool:
    """Whether `result` is the wrong answer, apart from what does not count.

    public: names that the module must define; a definition of one of them always counts.
    """
    wanted = _ordered(wrong.tree.body)
    used = {node.id for node in ast.walk(wrong.tree) if isinstance(node, ast.Name)} | set(public)
    spare = [n for n in result.tree.body if _bound(n) and not _bound(n) & used and ast.dump(n) not in wanted]
    found = _ordered([node for node in result.tree.body if node not in spare])
    extra = {name for _, name in bindings(result) - bindings(wrong)}
    return found == wanted and bindings(wrong) <= bindings(result) and not extra & used


def _bound(node: ast.stmt) -> set[str]:
    """The names that a statement of the module does nothing but bind; empty when it does more."""
    if isinstance(node, _DEFS):
        return {node.name}
    if isinstance(node, ast.Assign) and all(isinstance(target, ast.Name) for target in node.targets):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    # What runs only when the file is a program of its own.
    is_guard = isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"
    return {"__main__"} if is_guard else set()


def _ordered(body: Sequence[ast.stmt]) -> list[str]:
    """The statements of a module as text: imports left out, functions by name."""
    nodes = [node for node in body if not isinstance(node, _IMPORTS)]
    functions = sorted((n for n in nodes if isinstance(n, _DEFS)), key=lambda n: n.name)
    return [ast.dump(n) for n in [*(n for n in nodes if not isinstance(n, _DEFS)), *functions]]


def bindings(source: Source) -> set[tuple[str, str]]:
    """(what is imported, name that it gets) of each import of the module."""
    found = set()
    for node in source.tree.body:
        if isinstance(node, _IMPORTS):
            module = f"{'.' * node.level}{node.module}:" if isinstance(node, ast.ImportFrom) else ""
            found |= {(module + alias.name, alias.asname or alias.name.partition(".")[0]) for alias in node.names}
    return {pair for pair in found if source.with_types or not pair[0].startswith("__future__:")}
