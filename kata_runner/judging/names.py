"""What the names in a file of the learner's stand for, as far as reading tells: imports, assignments, own classes."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Module)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_BUILTINS = frozenset(vars(builtins))


@dataclass(frozen=True)
class Instance:
    """An object of a class of the learner's own."""

    of: ast.ClassDef


class _Mark:
    """What is known of a value that has no name."""


OTHER = _Mark()  # certainly no object of the learner's own: a number, a list, what NumPy returned
UNKNOWN = _Mark()  # reading does not tell

# A text is the full name of something from outside: "numpy.linalg.svd", "sorted".
Meaning = str | FunctionNode | ast.ClassDef | Instance | _Mark
_Bound = ast.expr | ast.arg | Meaning  # an expression stands for what it means where it stands


@dataclass
class _Scope:
    """The names that are bound in one module, class, function or comprehension.

    stars: modules of which all names were imported.
    """

    node: ast.AST
    outer: _Scope | None
    bound: dict[str, list[_Bound]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)

    def bind(self, name: str, value: _Bound) -> None:
        self.bound.setdefault(name, []).append(value)


class Names:
    """The meanings of expressions in one file.

    own_modules: names of the learner's other files; own_methods: names of all methods in all of them.
    """

    def __init__(self, tree: ast.Module, own_modules: Iterable[str] = (), own_methods: Iterable[str] = ()) -> None:
        self._tree = tree
        self._own_modules = frozenset(own_modules)
        self._own_methods = frozenset(own_methods)
        self._scope_of: dict[ast.AST, _Scope] = {}
        self._attributes: dict[tuple[ast.ClassDef, str], list[ast.expr]] = {}  # what is assigned to self.NAME
        self._varargs: set[ast.AST] = set()
        self._known: dict[tuple[int, str], set[Meaning]] = {}
        self._in_progress: set[tuple[object, str]] = set()
        self._visit(tree, _Scope(tree, None))

    def full(self, node: ast.AST) -> list[str]:
        """The full names, from outside the file, that an expression may stand for."""
        return sorted(m for m in self._safe_meanings(node) if isinstance(m, str))

    def means(self, node: ast.AST, function: FunctionNode) -> bool:
        """Whether an expression is a function of this file."""
        return function in self._safe_meanings(node)

    def is_own_method(self, owner: ast.AST, name: str) -> bool:
        """Whether the attribute `name` of `owner` is, for all that is known, one that the learner wrote."""
        return name in self._own_methods and all(self._has_own(m, name) for m in self._safe_meanings(owner))

    def _has_own(self, meaning: Meaning, name: str) -> bool:
        if isinstance(meaning, Instance | ast.ClassDef):
            return self._member(meaning.of if isinstance(meaning, Instance) else meaning, name) is not None
        if isinstance(meaning, str):
            return meaning.partition(".")[0] in self._own_modules
        return meaning is UNKNOWN

    def _safe_meanings(self, node: ast.AST) -> set[Meaning]:
        try:
            return self._meanings(node) or {UNKNOWN}
        except RecursionError:
            return {UNKNOWN}

    # --- what an expression means ---------------------------------------------------------------------------------

    def _meanings(self, node: ast.AST) -> set[Meaning]:
        match node:
            case ast.Name():
                return self._of_name(node.id, self._scope_of.get(node))
            case ast.Attribute():
                return self._of_attribute(node.value, node.attr)
            case ast.Call():
                return self._of_call(node)
            case ast.IfExp():
                return self._meanings(node.body) | self._meanings(node.orelse)
            case ast.BoolOp():
                return {m for value in node.values for m in self._meanings(value)}
            case ast.NamedExpr():
                return self._meanings(node.value)
            case ast.Constant() | ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.JoinedStr():
                return {OTHER}
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return {OTHER}
        return {UNKNOWN}

    def _of_name(self, name: str, scope: _Scope | None) -> set[Meaning]:
        is_innermost, is_own, stars = True, False, list[str]()
        while scope is not None:
            if name in scope.bound and (is_innermost or not isinstance(scope.node, ast.ClassDef)):
                # A name whose value is itself, as in `sorted = sorted`, stands for that of the scope around.
                if found := self._in_scope(name, scope):
                    return found
                is_own = True
            stars += scope.stars
            scope, is_innermost = scope.outer, False
        found = {f"{module}.{name}" for module in stars}
        return found | {name} if name in _BUILTINS or not (found or is_own) else found

    def _in_scope(self, name: str, scope: _Scope) -> set[Meaning]:
        key = (id(scope), name)
        if key in self._in_progress:
            return set()
        if key not in self._known:
            self._in_progress.add(key)
            try:
                self._known[key] = {m for value in scope.bound[name] for m in self._of_bound(value)}
            finally:
                self._in_progress.discard(key)
        return self._known[key]

    def _of_bound(self, value: _Bound) -> set[Meaning]:
        if isinstance(value, ast.arg):
            return self._of_parameter(value)
        return self._meanings(value) if isinstance(value, ast.expr) else {value}

    def _of_parameter(self, parameter: ast.arg) -> set[Meaning]:
        annotation: ast.AST | None = parameter.annotation
        if annotation is None:
            return {UNKNOWN}
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value, mode="eval").body
            except SyntaxError:
                return {UNKNOWN}
        scope = self._scope_of.get(parameter)
        within = [self._of_name(n.id, scope) for n in ast.walk(annotation) if isinstance(n, ast.Name)]
        classes = [m for found in within for m in found if isinstance(m, ast.ClassDef)]
        if isinstance(annotation, ast.Name) and classes:
            return {Instance(c) for c in classes}
        return {UNKNOWN} if classes else {OTHER}

    def _of_attribute(self, owner: ast.AST, name: str) -> set[Meaning]:
        found: set[Meaning] = set()
        for meaning in self._meanings(owner):
            if isinstance(meaning, str):
                found.add(name if meaning in ("builtins", "__builtins__") else f"{meaning}.{name}")
            elif isinstance(meaning, Instance | ast.ClassDef):
                cls = meaning.of if isinstance(meaning, Instance) else meaning
                found |= self._of_member(cls, name)
            else:
                found.add(OTHER if meaning is OTHER else UNKNOWN)
        return found

    def _of_member(self, cls: ast.ClassDef, name: str) -> set[Meaning]:
        member = self._member(cls, name)
        if isinstance(member, ast.expr):
            return self._meanings(member)
        if member is not None:
            return {member}
        key = (cls, name)
        if key in self._in_progress:
            return set()
        self._in_progress.add(key)
        try:
            return {m for value in self._attributes.get(key, []) for m in self._meanings(value)} or {UNKNOWN}
        finally:
            self._in_progress.discard(key)

    def _member(self, cls: ast.ClassDef, name: str, depth: int = 0) -> FunctionNode | ast.expr | None:
        """What the body of a class, or of one of its bases in this file, calls by that name."""
        if (member := members(cls).get(name)) is not None or depth > 20:
            return member
        bases = (m for base in cls.bases for m in self._meanings(base) if isinstance(m, ast.ClassDef) and m is not cls)
        return next((found for base in bases if (found := self._member(base, name, depth + 1)) is not None), None)

    def _of_call(self, node: ast.Call) -> set[Meaning]:
        found: set[Meaning] = set()
        for meaning in self._meanings(node.func):
            if isinstance(meaning, ast.ClassDef):
                found.add(Instance(meaning))
            elif meaning == "getattr" and (name := attribute_asked_for(node)):
                found |= self._of_attribute(node.args[0], name)
            else:
                is_other = meaning.partition(".")[0] in _OUTSIDE if isinstance(meaning, str) else meaning is OTHER
                found.add(OTHER if is_other else UNKNOWN)
        return found

    # --- few rounds -----------------------------------------------------------------------------------------------

    def is_few(self, node: ast.AST) -> bool:
        """Whether an expression has as many items as the text says: a display, the arguments, a shape; never data."""
        match node:
            case ast.Tuple() | ast.List() | ast.Set():
                return all(self.is_few(e.value) if isinstance(e, ast.Starred) else True for e in node.elts)
            case ast.Dict():
                return all(self.is_few(v) for k, v in zip(node.keys, node.values, strict=True) if k is None)
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
        scope = self._scope_of.get(node)
        while scope is not None and node.id not in scope.bound:
            scope = scope.outer
        if scope is None:
            return False
        key = (scope.node, f"few {node.id}")
        if key in self._in_progress:
            return False
        self._in_progress.add(key)
        try:
            return all(self._is_few_bound(value, node.id) for value in scope.bound[node.id])
        finally:
            self._in_progress.discard(key)

    def _is_few_bound(self, value: _Bound, name: str) -> bool:
        if isinstance(value, ast.arg):
            return value in self._varargs
        is_fixed = isinstance(value, ast.Tuple | ast.Constant | ast.Attribute)
        return isinstance(value, ast.expr) and self.is_few(value) and (is_fixed or not self._grows(name))

    def _grows(self, name: str) -> bool:
        """Whether something may be added to the list or dict of that name."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Attribute | ast.Subscript) and _is_name(node.value, name):
                read = {"items", "keys", "values", "get", "index", "count"}
                is_read = isinstance(node.ctx, ast.Load) and (isinstance(node, ast.Subscript) or node.attr in read)
                if not is_read:
                    return True
        return False

    def _is_few_call(self, node: ast.Call) -> bool:
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("items", "keys", "values"):
            return self.is_few(node.func.value)
        names = self.full(node.func)
        name = names[0] if len(names) == 1 else ""
        if name == "zip":
            return any(map(self.is_few, node.args))
        if name == "range":
            of = node.args[-1] if len(node.args) < 3 else node
            counts = isinstance(of, ast.Call) and self.full(of.func) == ["len"] and all(map(self.is_few, of.args))
            return counts or (isinstance(of, ast.Attribute) and of.attr == "ndim")
        if name in ("locals", "numpy.shape"):
            return True
        return name in _AS_MANY and bool(node.args) and all(map(self.is_few, node.args))

    # --- scopes ---------------------------------------------------------------------------------------------------

    def _visit(self, node: ast.AST, scope: _Scope) -> None:
        """Note the scope of every expression, and what is bound in each scope. Without recursion, which has an end."""
        waiting = [(node, scope)]
        while waiting:
            node, scope = waiting.pop()
            self._scope_of[node] = scope
            self._bind(node, scope)
            inner = self._inner(node, scope)
            waiting += [(child, inner if in_inner else scope) for child, in_inner in _parts(node)]

    def _inner(self, node: ast.AST, scope: _Scope) -> _Scope:
        if not isinstance(node, _SCOPES + _COMPREHENSIONS) or isinstance(node, ast.Module):
            return scope
        inner = _Scope(node, scope)
        if isinstance(node, (*_FUNCTIONS, ast.Lambda)):
            self._bind_parameters(node, inner)
        return inner

    def _bind_parameters(self, node: FunctionNode | ast.Lambda, inner: _Scope) -> None:
        plain = [*node.args.posonlyargs, *node.args.args]
        collecting = [a for a in (node.args.vararg, node.args.kwarg) if a]
        self._varargs.update(collecting)
        for parameter in (*plain, *node.args.kwonlyargs, *collecting):
            self._scope_of[parameter] = inner.outer or inner
            inner.bind(parameter.arg, parameter)
        defaults = zip(reversed(plain), reversed(node.args.defaults), strict=False)
        by_name = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        for parameter, default in (*defaults, *by_name):
            if isinstance(default, ast.Name | ast.Attribute):
                inner.bind(parameter.arg, default)
        cls = inner.outer.node if inner.outer else None
        if isinstance(cls, ast.ClassDef) and isinstance(node, _FUNCTIONS) and plain:
            decorators = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
            if "staticmethod" not in decorators:
                inner.bound[plain[0].arg] = [cls if "classmethod" in decorators else Instance(cls)]

    def _bind(self, node: ast.AST, scope: _Scope) -> None:
        match node:
            case ast.Import():
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    scope.bind(alias.asname or top, alias.name if alias.asname else top)
            case ast.ImportFrom():
                self._bind_imported(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                scope.bind(node.name, node)
            case ast.Assign():
                for target in node.targets:
                    self._bind_target(target, node.value, scope)
            case ast.AnnAssign(value=ast.expr()) | ast.NamedExpr():
                self._bind_target(node.target, node.value, scope)  # type: ignore[arg-type]
            case ast.Global() | ast.Nonlocal():
                self._share(node, scope)
            case ast.AugAssign(target=ast.Name()):
                scope.bind(node.target.id, UNKNOWN)  # type: ignore[union-attr]
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                scope.bind(name, OTHER)
            case ast.Name(ctx=ast.Store()) if node.id not in scope.bound:
                scope.bind(node.id, UNKNOWN)  # the target of a loop, of `with`, of an unpacking

    def _share(self, node: ast.Global | ast.Nonlocal, scope: _Scope) -> None:
        """Let `global` and `nonlocal` names be those of the scope that they belong to."""
        owner = scope.outer or scope
        while owner.outer and (isinstance(node, ast.Global) or not isinstance(owner.node, _FUNCTIONS)):
            owner = owner.outer
        for name in node.names:
            scope.bound[name] = owner.bound.setdefault(name, [])

    def _bind_imported(self, node: ast.ImportFrom, scope: _Scope) -> None:
        module = f"{'.' * node.level}{node.module or ''}"
        for alias in node.names:
            if alias.name == "*":
                scope.stars.append(module)
            else:
                name = alias.name if module == "builtins" else f"{module}.{alias.name}"
                scope.bind(alias.asname or alias.name, name)

    def _bind_target(self, target: ast.expr, value: ast.expr, scope: _Scope) -> None:
        if isinstance(target, ast.Name):
            scope.bind(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            if len(target.elts) == len(value.elts):
                for one, other in zip(target.elts, value.elts, strict=True):
                    self._bind_target(one, other, scope)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            for meaning in self._of_name(target.value.id, scope):
                if isinstance(meaning, Instance):
                    self._attributes.setdefault((meaning.of, target.attr), []).append(value)


# Builtins and modules whose functions return no object of the learner's own (`next`, `max` and others may).
_OUTSIDE = frozenset(
    {"numpy", "math", "random", "list", "dict", "set", "tuple", "str", "int", "float", "bytes", "sorted"}
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


def members(cls: ast.ClassDef) -> dict[str, FunctionNode | ast.expr]:
    found: dict[str, FunctionNode | ast.expr] = {}
    for node in cls.body:
        if isinstance(node, _FUNCTIONS):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found |= {t.id: node.value for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
            found[node.target.id] = node.value
    return found


def _parts(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """The children of a node, last first, and whether each stands inside the scope that the node opens."""
    inside = _inside(node)
    children = list(ast.iter_child_nodes(node))
    return ((child, child in inside) for child in reversed(children))


def _inside(node: ast.AST) -> set[ast.AST]:
    if isinstance(node, ast.Lambda):
        return {node.body}
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        return set(node.body)
    if isinstance(node, _COMPREHENSIONS):
        return set(ast.iter_child_nodes(node))
    return set()


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
