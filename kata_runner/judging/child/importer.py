"""Finds the learner's modules."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import os
import sys
from types import CodeType
from typing import Any


class SourceLoader(importlib.machinery.SourceFileLoader):
    """Compiles from source each time: byte code that lies there may be that of an earlier save in the same second."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class LearnerFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of the answer (and of the katas it uses) before anything else of that name."""

    def __init__(self, modules: dict[str, str]) -> None:
        self._modules = modules

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        file = self._modules.get(fullname, "") if path is None else ""
        if not os.path.isfile(file):
            return None
        loader = SourceLoader(fullname, file) if file.endswith(".py") else None
        return importlib.util.spec_from_file_location(fullname, file, loader=loader)


def install(job: dict[str, Any]) -> None:
    """Make the learner's modules importable."""
    folders = [job["folder"], *job["import_paths"]]
    # Last: a numpy.py in the learner's folder must not be found instead of NumPy.
    sys.path[:] = [p for p in sys.path if p not in ("", *folders)] + folders
    sys.meta_path.insert(0, LearnerFinder(job["modules"]))
    _compile_in(folders)
    for name in job["modules"]:
        sys.modules.pop(name, None)
    linecache.clearcache()


def _compile_in(folders: list[str]) -> None:
    """Let other modules in these folders be compiled from source, too."""
    extensions = importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES
    find = importlib.machinery.FileFinder.path_hook(extensions, (SourceLoader, [".py"]))

    def hook(path: str) -> Any:
        if path not in folders:
            raise ImportError(path)
        return find(path)

    sys.path_hooks.insert(0, hook)
    for folder in folders:
        sys.path_importer_cache.pop(folder, None)
