"""Finds and loads the learner's modules."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import os
import sys
from types import CodeType
from typing import Any


class FreshLoader(importlib.machinery.SourceFileLoader):
    """Compiles a learner's module from its source each time: byte code is neither read nor written."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return compile(self.get_data(path), path, "exec", dont_inherit=True)


class LearnerFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of the answer (and of the katas it uses) before anything else of that name."""

    def __init__(self, modules: dict[str, str]) -> None:
        self._modules = modules

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
            loader = FreshLoader(fullname, file)
        return importlib.util.spec_from_file_location(fullname, file, loader=loader)


def install(job: dict[str, Any]) -> None:
    """Make the learner's modules importable."""
    folders = [job["folder"], *job["import_paths"]]

    def hook(path: str) -> importlib.machinery.FileFinder:
        if path not in folders:
            raise ImportError(path)
        extensions = (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
        return importlib.machinery.FileFinder(path, extensions, (FreshLoader, [".py"]))

    sys.path_hooks.insert(0, hook)
    for folder in folders:
        sys.path_importer_cache.pop(folder, None)
    # Last: a numpy.py in the learner's folder must not be found instead of NumPy.
    sys.path[:] = [p for p in sys.path if p not in ("", *folders)] + folders
    sys.meta_path.insert(0, LearnerFinder(job["modules"]))
    for name in job["modules"]:
        sys.modules.pop(name, None)
    linecache.clearcache()
