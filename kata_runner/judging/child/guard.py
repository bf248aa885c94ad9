"""Notices when the learner's code replaces a function, a class or a part of an object that a result rests on."""

from __future__ import annotations

import functools
import operator
import sys
from collections.abc import Iterable
from types import FunctionType
from typing import Any

# Parts of pytest that have done their work once the checks begin.
OF_THE_START = ("_pytest.config.", "_pytest.mark", "_pytest._io", "_pytest.assertion", "_pytest.terminal",
                "_pytest.capture", "_pytest.hookspec", "_pytest.helpconfig", "_pytest.debugging")  # fmt: skip
REPLACED_BY_PACKAGES = ("inspect.getfile",)  # by torch, when it is imported; no result rests on it
HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a `class` statement


class Guard:
    """Keeps the functions and classes of modules, with the methods of these classes, as they are now.

    names: of modules that are loaded. Objects are added by `watch_object` and `watch_list`.
    """

    def __init__(self, names: Iterable[str]) -> None:
        # Kept from before the learner's code is imported, which could replace the originals.
        self._tools: tuple[Any, ...] = (all, map, operator.is_, operator.attrgetter("__code__"), len)
        # For each module and class: where it is, its namespace, the names in it and their values.
        self._kept: list[tuple[str, Any, list[str], list[Any]]] = []
        self._functions: list[Any] = []
        self._codes: list[Any] = []
        self._lists: list[tuple[str, list[Any], list[Any]]] = []
        self._attributes: list[tuple[str, Any, list[Any], list[Any]]] = []
        # For each object: where it is, what it holds, and names of its class that it must not hold itself.
        self._objects: list[tuple[str, Any, frozenset[str]]] = []
        loaded = {name: sys.modules[name] for name in names}
        self._keep("sys.modules", sys.modules, loaded)
        for name, module in loaded.items():
            self.watch(name, vars(module))

    def watch(self, where: str, namespace: dict[str, Any]) -> None:
        """Keep what is in the namespace of a module, too. where: the name that is shown for it."""
        kept = {k: v for k, v in namespace.items() if callable(v) and f"{where}.{k}" not in REPLACED_BY_PACKAGES}
        self._keep(where, namespace, kept)
        for key, value in kept.items():
            # Methods of a class written in C cannot be replaced.
            if isinstance(value, type) and value.__module__ == where and value.__flags__ & HEAP_TYPE:
                members = vars(value)
                methods = {k: v for k, v in members.items() if callable(v) or isinstance(v, property | classmethod)}
                self._keep(f"{where}.{key}", members, methods)

    def watch_object(self, where: str, thing: object, names: Iterable[str] = ()) -> None:
        """Keep these attributes of an object, and see to it that no other one stands before a method of its class."""
        held = vars(thing)
        self._keep(where, held, {name: held[name] for name in names if name in held})
        self._objects.append((where, held, _methods(type(thing)) - held.keys()))  # type: ignore[arg-type]

    def watch_list(self, where: str, items: list[Any]) -> None:
        """Keep what is in a list."""
        self._lists.append((where, items, list(items)))

    def watch_attribute(self, where: str, things: Iterable[Any], name: str) -> None:
        """Keep one attribute of several objects."""
        get, those = operator.attrgetter(name), list(things)
        self._attributes.append((where, get, those, [get(thing) for thing in those]))

    def _keep(self, where: str, namespace: Any, kept: dict[str, Any]) -> None:
        self._kept.append((where, namespace, list(kept), list(kept.values())))
        functions = [value for value in kept.values() if type(value) is FunctionType]
        self._functions += functions
        self._codes += [function.__code__ for function in functions]

    def replaced(self) -> str:
        """The name of the first function or class that is no longer what it was, or ""."""
        all_, map_, is_, code_of, len_ = self._tools
        # One loop in C for each namespace: this runs after every check.
        for where, names, keys, values in self._kept:
            if not all_(map_(is_, map_(names.get, keys), values)):
                return next(f"{where}.{k}" for k, value in zip(keys, values, strict=True) if names.get(k) is not value)
        if not all_(map_(is_, map_(code_of, self._functions), self._codes)):
            changed = (f for f, code in zip(self._functions, self._codes, strict=True) if f.__code__ is not code)
            return next(f"{f.__module__}.{f.__qualname__}" for f in changed)
        for where, held, of_class in self._objects:
            if not of_class.isdisjoint(held):
                return f"{where}.{next(name for name in held if name in of_class)}"
        for where, items, kept in self._lists:
            if len_(items) != len_(kept) or not all_(map_(is_, items, kept)):
                return where
        for where, get, things, values in self._attributes:
            if not all_(map_(is_, map_(get, things), values)):
                return where
        return ""


@functools.cache
def _methods(cls: type) -> frozenset[str]:
    kinds = (property, classmethod, staticmethod)
    members = (item for base in cls.__mro__ for item in vars(base).items())
    return frozenset(name for name, value in members if callable(value) or isinstance(value, kinds))


def watch_run(guard: Guard, session: Any, plugin: object) -> None:
    """Keep the objects that pytest and our plugin make a result with: the plugin, the session, its items, its hooks."""
    manager = session.config.pluginmanager
    of_plugin = vars(plugin).keys() - {
        "_started",
        "_faulty",
        "_n_planned",
        "_n_done",
        "_n_passed",
        "_n_failed",
        "_tampered",
        "_background",
    }
    guard.watch_object("the plugin", plugin, of_plugin)
    guard.watch_object("session", session, ("items", "config", "_setupstate", "_fixturemanager"))
    guard.watch_object("config", session.config, ("pluginmanager", "hook"))
    guard.watch_object("config.pluginmanager", manager, ("hook", "_inner_hookexec", "_name2plugin"))
    guard.watch_list("session.items", session.items)
    for item in session.items:
        guard.watch_object(f"the item {item.name}", item, ("_obj", "_fixtureinfo", "originalname", "_instance"))
    for name, hook in vars(manager.hook).items():
        if name.startswith(("pytest_runtest", "pytest_pyfunc", "pytest_fixture", "pytest_session")):
            guard.watch_list(f"config.hook.{name}", hook._hookimpls)
            guard.watch_attribute(f"config.hook.{name}", hook._hookimpls, "function")
            guard.watch_attribute(f"config.hook.{name}", [hook], "_hookimpls")
            guard.watch_attribute(f"config.hook.{name}", [hook], "_hookexec")
    guard.watch_object("config.hook", manager.hook, list(vars(manager.hook)))


def judge_modules() -> list[str]:
    """The modules that take part in every result: looked at after each check."""
    of_pytest = ("_pytest.runner", "_pytest.python", "_pytest.outcomes", "_pytest.main", "_pytest.fixtures")
    ours = [name for name in sys.modules if name.startswith("kata_runner.")]
    return [
        name
        for name in (*of_pytest, "pluggy._callers", "pluggy._caller", "pluggy._hooks", *ours)
        if name in sys.modules
    ]


def background_modules() -> list[str]:
    """Modules that a comparison relies on: looked at once, at the end."""
    found = ["builtins", "os", "math", "json", "json.encoder", "inspect", "importlib"]
    others = set(sys.modules) - set(judge_modules())
    parts = [name for name in sys.modules if name.split(".")[0] in ("_pytest", "pluggy") and name in others]
    found += [name for name in parts if not name.startswith(OF_THE_START)]
    found += ["numpy", "numpy.linalg", "numpy.testing", "tracemalloc", "time"]
    return [name for name in found if name in sys.modules]
