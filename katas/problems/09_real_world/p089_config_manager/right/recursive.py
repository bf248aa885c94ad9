"""Trees that are merged by recursion, and frozen by a NamedTuple-like class of slots."""

import copy
import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml


class Frozen:
    """Read-only attributes over a dict."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self.__dict__["_tree"] = tree

    def __getattr__(self, name: str) -> Any:
        try:
            value = self.__dict__["_tree"][name]
        except KeyError:
            raise AttributeError(name) from None
        return Frozen(value) if isinstance(value, dict) else value

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("read-only")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("read-only")

    def as_dict(self) -> dict[str, Any]:
        """A copy of the tree."""
        tree: dict[str, Any] = copy.deepcopy(self.__dict__["_tree"])
        return tree


def _paths(tree: dict[str, Any], before: str = "") -> list[str]:
    found = []
    for key, value in tree.items():
        found += _paths(value, before + key + ".") if isinstance(value, dict) else [before + key]
    return found


def _read(text: str, default: Any, where: str) -> Any:
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[text]
        if isinstance(default, (int, float)):
            return type(default)(text)
    except (KeyError, ValueError):
        raise ValueError(f"{where}: cannot read {text!r}") from None
    return text


def _merge(tree: dict[str, Any], new: dict[str, Any], top: dict[str, Any], before: str = "") -> None:
    for key, value in new.items():
        where = f"{before}{key}"
        if key not in tree:
            near = difflib.get_close_matches(where, _paths(top))
            raise ValueError(f"{where}: unknown" + (f"; did you mean {near[0]}?" if near else ""))
        old = tree[key]
        if isinstance(old, dict) != isinstance(value, dict):
            raise ValueError(f"{where}: a value where a section is, or the other way round")
        if isinstance(old, dict):
            _merge(old, value, top, where + ".")
            continue
        if type(old) is float and type(value) is str:
            value = _read(value, old, where)
        if type(old) is float and type(value) is int:
            try:
                value = float(value)
            except OverflowError:
                raise ValueError(f"{where}: too large for a float") from None
        if type(value) is not type(old):
            raise ValueError(f"{where}: {value!r} is a {type(value).__name__}")
        tree[key] = value


def load_config(
    defaults: Mapping[str, Any],
    path: str | Path | None = None,
    environ: Mapping[str, str] = {},
    arguments: Iterable[str] = (),
) -> Any:
    """The settings."""
    tree: dict[str, Any] = copy.deepcopy(dict(defaults))
    if path is not None:
        with open(path, encoding="utf-8") as file:
            try:
                new = yaml.load(file, Loader=yaml.SafeLoader)
            except yaml.YAMLError as error:
                raise ValueError(str(error)) from error
        if new is not None and not isinstance(new, dict):
            raise ValueError("the file is no mapping")
        _merge(tree, new or {}, tree)
    texts = [
        (name[len("MODEL_") :].lower().split("__"), text)
        for name, text in environ.items()
        if name.startswith("MODEL_")
    ]
    for argument in arguments:
        if "=" not in argument:
            raise ValueError(f"{argument} has no =")
        name, text = argument.split("=", 1)
        texts.append((name.split("."), text))
    for steps, text in texts:
        old: Any = tree
        for step in steps:
            old = old.get(step) if isinstance(old, dict) else None
        value = text if old is None or isinstance(old, dict) else _read(text, old, ".".join(steps))
        new_tree: Any = value
        for step in reversed(steps):
            new_tree = {step: new_tree}
        _merge(tree, new_tree, tree)
    return Frozen(tree)
