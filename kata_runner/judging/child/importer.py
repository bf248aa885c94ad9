"""Finds the learner's modules."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import os
import sys
from typing import Any


class LearnerFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of the answer (and of the katas it uses) before anything else of that name."""

    def __init__(self, modules: dict[str, str]) -> None:
        self._modules = modules

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        file = self._modules.get(fullname, "") if path is None else ""
        return importlib.util.spec_from_file_location(fullname, file) if os.path.isfile(file) else None


def install(job: dict[str, Any]) -> None:
    """Make the learner's modules importable."""
    folders = [job["folder"], *job["import_paths"]]
    # Last: a numpy.py in the learner's folder must not be found instead of NumPy.
    sys.path[:] = [p for p in sys.path if p not in ("", *folders)] + folders
    sys.meta_path.insert(0, LearnerFinder(job["modules"]))
    for name in job["modules"]:
        sys.modules.pop(name, None)
    linecache.clearcache()
