"""Imports pytest without the parts that no check needs; they are a third of what `import pytest` takes.

The package `pytest` names something of each of its plugins, and what writes to its terminal imports Pygments. While it
is imported, the modules listed here are stood in for; the plugins among them are switched off (`child.UNNEEDED`).
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

STOOD_IN_FOR = frozenset(
    {
        *(f"_pytest.{name}" for name in ("cacheprovider", "doctest", "legacypath", "logging", "pytester", "subtests")),
        *("pygments", "pygments.formatters", "pygments.formatters.terminal", "pygments.lexer", "pygments.lexers"),
        *("pygments.lexers.diff", "pygments.lexers.python", "pygments.util"),
        "py",  # the paths of old plugins
    }
)
LATER = "importlib.metadata"  # loaded when somebody looks into it, as pytest does for plugins that are installed


def import_pytest() -> None:
    """Import pytest, whole if it is a release that cannot do without what is left out here."""
    before = set(sys.modules)
    try:
        with _standing_in():
            importlib.import_module("pytest")
    except Exception:
        for name in set(sys.modules) - before:
            if name.partition(".")[0] in ("pytest", "_pytest", "pluggy"):
                del sys.modules[name]
        importlib.import_module("pytest")


@contextmanager
def _standing_in() -> Iterator[None]:
    """Stand in for what is not loaded yet; afterwards, whoever imports one of these modules gets the real one."""
    finder = _Finder(STOOD_IN_FOR - sys.modules.keys())
    sys.meta_path.insert(0, finder)
    try:
        _load_later(LATER)
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in finder.names & sys.modules.keys():
            del sys.modules[name]
            parent, _, last = name.rpartition(".")
            if parent in sys.modules and last in vars(sys.modules[parent]):
                delattr(sys.modules[parent], last)


class _Placeholder(type):
    """The class of all that a stood-in module holds: any name of it is one more placeholder."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _placeholder(name)


def _placeholder(name: str) -> _Placeholder:
    return _Placeholder(name, (), {"__init__": lambda self, *_, **__: None})


class _Finder:
    """Finds modules in which every name is a placeholder."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if name in self.names else None  # type: ignore[arg-type]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return ModuleType(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        def placeholder(name: str) -> _Placeholder:
            if name.startswith("__"):
                raise AttributeError(name)
            return _placeholder(name)

        module.__getattr__ = placeholder  # type: ignore[method-assign]


def _load_later(name: str) -> None:
    if name in sys.modules:
        return
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    parent, _, last = name.rpartition(".")
    setattr(sys.modules[parent], last, module)
