"""Imports and starts pytest without the parts that no check needs; these take a third of `import pytest`.

The package `pytest` names something of each of its plugins, and what writes to its terminal imports Pygments. While it
is imported, placeholders stand in for the modules listed here; `run` switches off the plugins among them.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

# Plugins of pytest that a hidden test does not need; each costs start-up time.
UNNEEDED = (
    *("cacheprovider", "terminal", "logging", "junitxml", "pastebin", "doctest", "unittest", "stepwise", "setuponly"),
    *("setupplan", "warnings", "faulthandler", "threadexception", "unraisableexception", "debugging", "legacypath"),
    *("subtests", "capture", "assertion", "skipping"),
)
_PLUGINS = ("cacheprovider", "capture", "doctest", "legacypath", "logging", "pytester", "subtests", "terminal")
STOOD_IN_FOR = frozenset(
    {
        *(f"_pytest.{name}" for name in _PLUGINS),
        *(f"_pytest.assertion.{name}" for name in ("rewrite", "truncate", "util")),
        *("pygments", "pygments.formatters", "pygments.formatters.terminal", "pygments.lexer", "pygments.lexers"),
        *("pygments.lexers.diff", "pygments.lexers.python", "pygments.util"),
        "py",  # the paths of old plugins
    }
)
# pytest keeps this module and looks into it later for installed plugins; by then it is the real one.
LATER = frozenset({"importlib.metadata"})


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


def run(kata_folder: str, plugins: Sequence[object]) -> None:
    """Start pytest for the hidden test in a folder; a plugin's `pytest_collection` says what is collected."""
    import pytest

    os.chdir(os.sep)  # pytest returns to where it was started, and other folders may be gone by then
    unneeded = [arg for name in UNNEEDED for arg in ("-p", f"no:{name}")]
    where = ["-c", os.devnull, "--rootdir", kata_folder, "--confcutdir", kata_folder, "--noconftest"]
    how = ["--import-mode=importlib", "-o", "addopts="]
    pytest.main([*where, *how, *unneeded], plugins=plugins)


@contextmanager
def _standing_in() -> Iterator[None]:
    """Put placeholders for modules that are not loaded yet; afterwards, an import of one gets the real module."""
    finder = _Finder((STOOD_IN_FOR | LATER) - sys.modules.keys())
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in finder.names & sys.modules.keys():
            del sys.modules[name]


class _Placeholder(type):
    """The class of all that such a module holds: each name of it is one more placeholder."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _placeholder(name)


def _placeholder(name: str) -> _Placeholder:
    return _Placeholder(name, (), {"__init__": lambda self, *_, **__: None})


class _Finder:
    """Finds modules whose every name is a placeholder, or, in `LATER`, is taken from the real module when needed."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if name in self.names else None  # type: ignore[arg-type]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return ModuleType(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        def stand_in(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            if module.__name__ not in LATER:
                return _placeholder(name)
            if sys.modules.get(module.__name__) is module:
                raise AttributeError(name)  # not while pytest is imported: then it would have to be there at once
            return getattr(importlib.import_module(module.__name__), name)

        module.__getattr__ = stand_in  # type: ignore[method-assign]
