"""Settings: defaults, a YAML file, the environment and the command line, merged and checked."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

PREFIX = "MODEL_"


def load_config(
    defaults: Mapping[str, Any],
    path: str | Path | None = None,
    environ: Mapping[str, str] = {},
    arguments: Iterable[str] = (),
) -> Any:
    """The settings, read-only: config.train.lr; config.as_dict() returns plain dicts.

    defaults: all keys, and their types. path: a YAML file. environ: MODEL_TRAIN__LR="0.1". arguments: "train.lr=0.1".
    Later ones win. Raises ValueError for an unknown key, a value of the wrong type, and YAML that is no safe mapping.
    """
    # One flat dict, dotted path -> value, makes a deep merge of a plain assignment.
    known = dict(_flat(defaults))
    values = dict(known)
    for key, value in _of_file(path, known):
        values[key] = _converted(key, value, known, is_text=False)
    named = {name.removeprefix(PREFIX): text for name, text in environ.items() if name.startswith(PREFIX)}
    texts = [(name.lower().replace("__", "."), text) for name, text in named.items()]
    for key, text in [*texts, *map(_split, arguments)]:
        values[key] = _converted(key, text, known, is_text=True)
    return _Settings(_nested(values))


class _Settings:
    """Attributes that cannot be set."""

    def __init__(self, values: dict[str, Any]) -> None:
        for key, value in values.items():
            # object's own method, as ours raises an error
            object.__setattr__(self, key, _Settings(value) if isinstance(value, dict) else value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"settings are read-only: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"settings are read-only: {name}")

    def as_dict(self) -> dict[str, Any]:
        """The settings as new dicts."""
        return {key: value.as_dict() if isinstance(value, _Settings) else value for key, value in vars(self).items()}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in values.items():
        *parents, key = path.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[key] = value
    return tree


def _of_file(path: str | Path | None, known: Mapping[str, Any]) -> list[tuple[str, Any]]:
    if path is None:
        return []
    try:
        # safe_load makes plain values only, whatever tags the file has
        tree = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if tree is None:
        return []
    if not isinstance(tree, dict):
        raise ValueError(f"{path} has to be a mapping, not a {type(tree).__name__}")
    return list(_flat(tree))


def _split(argument: str) -> tuple[str, str]:
    key, separator, text = argument.partition("=")
    if not separator:
        raise ValueError(f"{argument}: an argument is KEY=VALUE")
    return key, text


def _converted(key: str, value: Any, known: Mapping[str, Any], is_text: bool) -> Any:
    """The value in the type of its default."""
    if key not in known:
        if any(path.startswith(f"{key}.") for path in known):
            raise ValueError(f"{key}: has settings below it, and cannot be {value!r}")
        near = difflib.get_close_matches(key, known, n=1)
        raise ValueError(f"{key}: unknown" + (f"; did you mean {near[0]}?" if near else ""))
    kind = type(known[key])
    wrong = ValueError(f"{key}: {value!r} is no {kind.__name__}")
    if kind is bool and is_text and value in ("true", "false"):
        return value == "true"
    if kind in (int, float) and (is_text or (kind is float and type(value) in (int, str))):
        try:
            return kind(value)
        except (ValueError, OverflowError):
            raise wrong from None
    # type and not isinstance, for which True is an int
    if type(value) is not kind:
        raise wrong
    return value


# Hydra composes groups of such files; OmegaConf adds references from one setting to another (${train.lr}).
