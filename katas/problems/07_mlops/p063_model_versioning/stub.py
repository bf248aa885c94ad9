"""Models saved as versions, each with its time and the state of the code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Version:
    """A saved model: when, and from which commit; is_dirty where the files differ from it. None where unknown."""

    name: str
    saved_at: datetime
    commit: str | None
    is_dirty: bool | None


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def save(model: Any, folder: str | Path, repo: str | Path = ".", clock: Callable[[], datetime] = utc_now) -> Version:
    """Pickle the model as a new version below folder, whole or not at all, with the state of the code in repo."""
    raise NotImplementedError


def versions(folder: str | Path) -> list[Version]:
    """Return all versions by saved_at, in the order of saving where that is equal; [] where there are none."""
    raise NotImplementedError


def load(folder: str | Path, name: str | None = None) -> Any:
    """Return the model of this version, by default the latest. Raises LookupError where there is none."""
    raise NotImplementedError
