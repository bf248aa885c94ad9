"""Notices when the learner's code replaces a function or a class that a result rests on."""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable
from types import FunctionType
from typing import Any

# Parts of pytest that have done their work once the checks begin.
OF_THE_START = ("_pytest.config.", "_pytest.mark", "_pytest._io", "_pytest.assertion", "_pytest.terminal",
                "_pytest.capture", "_pytest.hookspec", "_pytest.helpconfig", "_pytest.debugging")  # fmt: skip
HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a `class` statement


class Guard:
    """Keeps the functions and classes of modules, with the methods of these classes, as they are now.

    names: of modules that are loaded.
    """

    def __init__(self, names: Iterable[str]) -> None:
        # Kept from before the learner's code is imported, which could replace the originals.
        self._tools: tuple[Any, ...] = (all, map, operator.is_, operator.attrgetter("__code__"))
        # For each module and class: where it is, its namespace, the names in it and their values.
        self._kept: list[tuple[str, Any, list[str], list[Any]]] = []
        self._functions: list[Any] = []
        self._codes: list[Any] = []
        for name in names:
            self.watch(name, vars(sys.modules[name]))

    def watch(self, where: str, namespace: dict[str, Any]) -> None:
        """Keep what is in the namespace of a module, too. where: the name that is shown for it."""
        kept = {k: v for k, v in namespace.items() if callable(v)}
        self._keep(where, namespace, kept)
        for key, value in kept.items():
            # Methods of a class written in C cannot be replaced.
            if isinstance(value, type) and value.__module__ == where and value.__flags__ & HEAP_TYPE:
                members = vars(value)
                methods = {k: v for k, v in members.items() if callable(v) or isinstance(v, property | classmethod)}
                self._keep(f"{where}.{key}", members, methods)

    def _keep(self, where: str, namespace: Any, kept: dict[str, Any]) -> None:
        self._kept.append((where, namespace, list(kept), list(kept.values())))
        functions = [value for value in kept.values() if type(value) is FunctionType]
        self._functions += functions
        self._codes += [function.__code__ for function in functions]

    def replaced(self) -> str:
        """The name of the first function or class that is no longer what it was, or ""."""
        all_, map_, is_, code_of = self._tools
        # One loop in C for each namespace: this runs after every check.
        for where, names, keys, values in self._kept:
            if not all_(map_(is_, map_(names.get, keys), values)):
                return next(f"{where}.{k}" for k, value in zip(keys, values, strict=True) if names.get(k) is not value)
        if not all_(map_(is_, map_(code_of, self._functions), self._codes)):
            changed = (f for f, code in zip(self._functions, self._codes, strict=True) if f.__code__ is not code)
            return next(f"{f.__module__}.{f.__qualname__}" for f in changed)
        return ""


def judge_modules() -> list[str]:
    """The modules that take part in every result: looked at after each check."""
    of_pytest = ("_pytest.runner", "_pytest.python", "_pytest.outcomes", "_pytest.main", "_pytest.fixtures")
    ours = [name for name in sys.modules if name.startswith("kata_runner.")]
    return [name for name in (*of_pytest, "pluggy._callers", "pluggy._hooks", *ours) if name in sys.modules]


def background_modules() -> list[str]:
    """Modules that a comparison relies on: looked at once, at the end."""
    found = ["builtins", "os", "math", "json", "json.encoder", "inspect", "importlib"]
    others = set(sys.modules) - set(judge_modules())
    parts = [name for name in sys.modules if name.split(".")[0] in ("_pytest", "pluggy") and name in others]
    found += [name for name in parts if not name.startswith(OF_THE_START)]
    found += ["numpy", "numpy.linalg", "numpy.testing", "tracemalloc", "time"]
    return [name for name in found if name in sys.modules]
