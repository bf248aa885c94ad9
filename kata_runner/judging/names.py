"""What the names in a file of the learner's stand for, as far as reading tells: imports, assignments, own classes."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

import msgspec

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_BUILTINS = frozenset(vars(builtins))

# A text is something from outside, by its full name ("numpy.linalg.svd", "sorted"), or "" where it has none, as a
# number or what NumPy returned. A class stands for its objects, too. None: reading does not tell.
Meaning = str | FunctionNode | ast.ClassDef | None
_Bound = ast.expr | Meaning  # an expression stands for what it means where it stands


class _Scope(msgspec.Struct, eq=False):
    """The names that are bound in one module, class, function or comprehension.

    stars: modules of which all names were imported.
    """

    node: ast.AST
    outer: _Scope | None
    bound: dict[str, list[_Bound]] = msgspec.field(default_factory=dict)
    stars: list[str] = msgspec.field(default_factory=list)

    def bind(self, name: str, value: _Bound) -> None:
        self.bound.setdefault(name, []).append(value)


class Names(ast.NodeVisitor):
    """The meanings of expressions in one file.

    own_modules: names of the learner's other files; own_methods: names of all methods in all of them.
    """

    def __init__(self, tree: ast.Module, own_modules: Iterable[str] = (), own_methods: Iterable[str] = ()) -> None:
        self._own_modules = frozenset(own_modules)
        self._own_methods = frozenset(own_methods)
        self._scope = _Scope(tree, None)
        self._scope_of: dict[ast.AST, _Scope] = {}
        self._classes: dict[ast.ClassDef, _Scope] = {}
        self._known: dict[tuple[_Scope, str], set[Meaning]] = {}
        self._in_progress: set[tuple[_Scope, str]] = set()
        self.visit(tree)

    def full(self, node: ast.AST) -> list[str]:
        """The full names, from outside the file, that an expression may stand for."""
        return sorted(meaning for meaning in self._safe_meanings(node) if isinstance(meaning, str) and meaning)

    def means(self, node: ast.AST, function: FunctionNode) -> bool:
        """Whether an expression is a function of this file."""
        return function in self._safe_meanings(node)

    def is_own_method(self, owner: ast.AST, name: str) -> bool:
        """Whether the attribute `name` of `owner` is, for all that is known, one that the learner wrote."""
        from_outside = [meaning for meaning in self._safe_meanings(owner) if isinstance(meaning, str)]
        return name in self._own_methods and all(m.partition(".")[0] in self._own_modules for m in from_outside)

    def _safe_meanings(self, node: ast.AST) -> set[Meaning]:
        try:
            return self._meanings(node)
        except RecursionError:
            return {None}

    # --- what an expression means ---------------------------------------------------------------------------------

    def _meanings(self, node: ast.AST) -> set[Meaning]:
        match node:
            case ast.Name():
                return self._of_name(node.id, self._scope_of[node])
            case ast.Attribute():
                return self._of_attribute(node.value, node.attr)
            case ast.Call():
                return self._of_call(node)
            case ast.Constant() | ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.JoinedStr():
                return {""}
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return {""}
        return {None}

    def _of_name(self, name: str, of: _Scope) -> set[Meaning]:
        is_own, stars = False, list[str]()
        scope: _Scope | None = of
        while scope is not None:
            if name in scope.bound and (scope is of or not isinstance(scope.node, ast.ClassDef)):
                # A name whose value is itself, as in `sorted = sorted`, stands for that of the scope around.
                if found := self._in_scope(name, scope):
                    return found
                is_own = True
            stars += scope.stars
            scope = scope.outer
        found = {f"{module}.{name}" for module in stars}
        return found | {name} if name in _BUILTINS or not (found or is_own) else found

    def _in_scope(self, name: str, scope: _Scope) -> set[Meaning]:
        key = scope, name
        if key in self._in_progress:
            return set()
        if key not in self._known:
            self._in_progress.add(key)
            try:
                values = [self._meanings(v) if isinstance(v, ast.expr) else {v} for v in scope.bound[name]]
                self._known[key] = set[Meaning]().union(*values)
            finally:
                self._in_progress.discard(key)
        return self._known[key]

    def _of_attribute(self, owner: ast.AST, name: str) -> set[Meaning]:
        found: set[Meaning] = set()
        for meaning in self._meanings(owner):
            if meaning in ("builtins", "__builtins__"):
                found.add(name)
            elif isinstance(meaning, str):
                found.add(meaning and f"{meaning}.{name}")
            else:
                found |= self._of_member(meaning, name) if isinstance(meaning, ast.ClassDef) else {None}
        return found

    def _of_member(self, cls: ast.ClassDef, name: str) -> set[Meaning]:
        """What a class, or one of its bases in this file, calls by that name, in its body or by `self.NAME = …`."""
        scope = self._classes[cls]
        if name in scope.bound:
            return self._in_scope(name, scope)
        bases = [base for expression in cls.bases for base in self._meanings(expression)]
        found = [self._of_member(base, name) for base in bases if isinstance(base, ast.ClassDef) and base is not cls]
        return set[Meaning]().union(*found) or {None}

    def _of_call(self, node: ast.Call) -> set[Meaning]:
        found: set[Meaning] = set()
        for meaning in self._meanings(node.func):
            if isinstance(meaning, ast.ClassDef):
                found.add(meaning)
            elif meaning == "getattr" and (name := attribute_asked_for(node)):
                found |= self._of_attribute(node.args[0], name)
            else:
                found.add("" if isinstance(meaning, str) and meaning.partition(".")[0] in _OUTSIDE else None)
        return found

    # --- few rounds -----------------------------------------------------------------------------------------------

    def is_few(self, node: ast.AST) -> bool:
        """Whether an expression has as many items as the text says: a display, the arguments, a shape; never data.

        An empty list or dict is there to be filled.
        """
        match node:
            case ast.Tuple():
                return all(self.is_few(item.value) for item in node.elts if isinstance(item, ast.Starred))
            case ast.List() | ast.Set():
                return bool(node.elts) and self.is_few(ast.Tuple(node.elts))
            case ast.Dict():
                return bool(node.keys) and all(node.keys)
            case ast.Constant():
                return isinstance(node.value, str | bytes)
            case ast.Name():
                return self._is_few_name(node)
            case ast.Attribute():
                return node.attr == "shape"
            case ast.Call():
                return self._is_few_call(node)
        return False

    def _is_few_name(self, node: ast.Name) -> bool:
        scope: _Scope | None = self._scope_of[node]
        while scope is not None and node.id not in scope.bound:
            scope = scope.outer
        if scope is None or (key := (scope, f"few {node.id}")) in self._in_progress:
            return False
        self._in_progress.add(key)
        try:
            return all(isinstance(value, ast.expr) and self.is_few(value) for value in scope.bound[node.id])
        finally:
            self._in_progress.discard(key)

    def _is_few_call(self, node: ast.Call) -> bool:
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("items", "keys", "values"):
            return self.is_few(node.func.value)
        match self.full(node.func), node.args:
            case ["locals" | "numpy.shape"], _:
                return True
            case ["range"], [*_, ast.Attribute(attr="ndim")]:
                return True
            case ["range"], [*_, ast.Call(args=[counted]) as call]:
                return self.full(call.func) == ["len"] and self.is_few(counted)
            case ["zip"], items:
                return any(map(self.is_few, items))
            case [name], [_, *_] as items:
                return name in _AS_MANY and all(map(self.is_few, items))
        return False

    # --- scopes: visits every node once, and notes its scope and what it binds ---------------------------------------

    def visit(self, node: ast.AST) -> None:
        self._scope_of[node] = self._scope
        super().visit(node)

    def _visit_in(self, inner: _Scope, nodes: Iterable[ast.AST]) -> None:
        outer, self._scope = self._scope, inner
        for node in nodes:
            self.visit(node)
        self._scope = outer

    def _visit_around(self, node: FunctionNode | ast.ClassDef) -> None:
        """What a definition binds, and what of it stands outside: decorators, bases, defaults, annotations."""
        self._scope.bind(node.name, node)
        body = set(node.body)
        self._visit_in(self._scope, (child for child in ast.iter_child_nodes(node) if child not in body))

    def visit_FunctionDef(self, node: FunctionNode) -> None:
        self._visit_around(node)
        inner = self._with_parameters(node)
        cls, first = self._scope.node, [*node.args.posonlyargs, *node.args.args][:1]
        if isinstance(cls, ast.ClassDef) and first and not any(is_name(d, "staticmethod") for d in node.decorator_list):
            inner.bound[first[0].arg] = [cls]
        self._visit_in(inner, node.body)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        self._visit_in(self._with_parameters(node), [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_around(node)
        self._classes[node] = _Scope(node, self._scope)
        self._visit_in(self._classes[node], node.body)

    def visit_ListComp(self, node: ast.AST) -> None:
        self._visit_in(_Scope(node, self._scope), ast.iter_child_nodes(node))

    visit_AsyncFunctionDef = visit_FunctionDef
    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def _with_parameters(self, node: FunctionNode | ast.Lambda) -> _Scope:
        inner, arguments = _Scope(node, self._scope), node.args
        plain = [*arguments.posonlyargs, *arguments.args]
        defaults = [*zip(reversed(plain), reversed(arguments.defaults), strict=False),
                    *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]  # fmt: skip
        for parameter in (*plain, *arguments.kwonlyargs):
            inner.bind(parameter.arg, None)
        for collecting in filter(None, (arguments.vararg, arguments.kwarg)):
            inner.bind(collecting.arg, ast.Tuple([]))
        for parameter, default in defaults:
            if isinstance(default, ast.Name | ast.Attribute):
                inner.bind(parameter.arg, default)
        return inner

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self._scope.bind(alias.asname or top, alias.name if alias.asname else top)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = f"{'.' * node.level}{node.module or ''}"
        for alias in node.names:
            if alias.name == "*":
                self._scope.stars.append(module)
            else:
                name = alias.name if module == "builtins" else f"{module}.{alias.name}"
                self._scope.bind(alias.asname or alias.name, name)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._bind_target(target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign | ast.NamedExpr) -> None:
        if node.value is not None:
            self._bind_target(node.target, node.value)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._scope.bind(node.target.id, None)
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler | ast.MatchAs) -> None:
        if node.name:
            self._scope.bind(node.name, "")
        self.generic_visit(node)

    visit_NamedExpr = visit_AnnAssign
    visit_MatchAs = visit_ExceptHandler

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store) and node.id not in self._scope.bound:
            self._scope.bind(node.id, None)  # the target of a loop, of `with`, of an unpacking

    def _bind_target(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._scope.bind(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            if len(target.elts) == len(value.elts):
                for one, other in zip(target.elts, value.elts, strict=True):
                    self._bind_target(one, other)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            for owner in self._scope.bound.get(target.value.id, ()):
                if isinstance(owner, ast.ClassDef):
                    self._classes[owner].bind(target.attr, value)


# Builtins and modules whose functions return no object of the learner's own (`next`, `max` and others may); "" is
# what those return.
_OUTSIDE = frozenset(
    {"numpy", "math", "random", "list", "dict", "set", "tuple", "str", "int", "float", "bytes", "sorted", ""}
)
# Calls that have as many items as their arguments.
_AS_MANY = frozenset(
    {"enumerate", "reversed", "sorted", "list", "tuple", "set", "iter", "map", "filter",
     "itertools.pairwise", "itertools.combinations", "itertools.product", "itertools.chain"}
)  # fmt: skip


def attribute_asked_for(node: ast.AST) -> str:
    """ "svd" for getattr(np.linalg, "svd"), "" for anything else. Whether it is the builtin is not looked at."""
    match node:
        case ast.Call(args=[_, ast.Constant(value=str(name)), *_]):
            return name
    return ""


def members(of: ast.ClassDef | ast.Module) -> set[str]:
    """The names that the body of a class or a module defines or assigns."""
    found = set()
    for node in of.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
