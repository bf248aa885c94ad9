"""Finds and loads the learner's modules, and notes imports that the kata's rules do not allow."""

from __future__ import annotations

import builtins
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

Note = Callable[[str, str, int], None]  # (module, file, line) of an import


class FreshLoader(importlib.machinery.SourceFileLoader):
    """Compiles a learner's module from its source each time: byte code is neither read nor written.

    note: called for each import in the module; None where the kata allows every import.
    """

    def __init__(self, fullname: str, path: str, note: Note | None = None) -> None:
        super().__init__(fullname, path)
        self._note = note

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return compile(self.get_data(path), path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        if self._note is not None:
            module.__dict__["__builtins__"] = _watched_builtins(self._note)
        super().exec_module(module)


def _watched_builtins(note: Note) -> dict[str, Any]:
    """The builtins for one module, with an `__import__` that also notes modules that others have loaded already."""
    original = builtins.__import__

    def __import__(name: str, *args: Any, **kwargs: Any) -> ModuleType:
        frame = sys._getframe(1)
        level = kwargs.get("level", args[3] if len(args) > 3 else 0)
        if not level:
            note(name, frame.f_code.co_filename, frame.f_lineno)
        return original(name, *args, **kwargs)

    return {**vars(builtins), "__import__": __import__}


class LearnerFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of the answer (and of the katas it uses) before anything else of that name."""

    def __init__(self, modules: dict[str, str], note: Note | None) -> None:
        self._modules = modules
        self._note = note

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._modules or path is not None:
            return None
        file = self._modules[fullname]
        if not os.path.isfile(file):
            return None
        loader: importlib.machinery.ExtensionFileLoader | FreshLoader
        if file.endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES)):
            loader = importlib.machinery.ExtensionFileLoader(fullname, file)
        else:
            loader = FreshLoader(fullname, file, self._note)
        return importlib.util.spec_from_file_location(fullname, file, loader=loader)


def install(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Make the learner's modules importable.

    Returns a list to which imports against the kata's rules are added while the learner's code runs.
    """
    breaches: list[dict[str, Any]] = []
    note = None if job["allowed_imports"] is None else _import_note(job, breaches)
    folders = [job["folder"], *job["import_paths"]]

    def hook(path: str) -> importlib.machinery.FileFinder:
        if path not in folders:
            raise ImportError(path)
        extensions = (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
        loader: Any = functools.partial(FreshLoader, note=note)
        return importlib.machinery.FileFinder(path, extensions, (loader, [".py"]))

    sys.path_hooks.insert(0, hook)
    for folder in folders:
        sys.path_importer_cache.pop(folder, None)
    # Last: a numpy.py in the learner's folder must not be found instead of NumPy.
    sys.path[:] = [p for p in sys.path if p not in ("", *folders)] + folders
    sys.meta_path.insert(0, LearnerFinder(job["modules"], note))
    for name in job["modules"]:
        sys.modules.pop(name, None)
    linecache.clearcache()
    return breaches


def _import_note(job: dict[str, Any], breaches: list[dict[str, Any]]) -> Note:
    allowed = {*job["allowed_imports"], *sys.stdlib_module_names, *job["modules"]}
    folder = Path(job["folder"])

    def note(name: str, file: str, line: int) -> None:
        top = name.partition(".")[0]
        # The learner's own files must keep the same rules, so importing them is no breach.
        if top not in allowed and not (folder / f"{top}.py").exists() and not (folder / top).is_dir():
            breaches.append({"name": top, "file": os.path.basename(file), "line": line})

    return note
