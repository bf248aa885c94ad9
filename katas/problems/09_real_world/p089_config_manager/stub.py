"""Settings: defaults, a YAML file, the environment and the command line, merged and checked."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


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
    raise NotImplementedError
