"""Models saved as versions, each with its time and the state of the code."""

import json
import os
import pickle
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
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
    now = clock()
    if now.tzinfo is None:
        raise ValueError("the clock has to return a datetime with a time zone")
    content = pickle.dumps(model)  # before any file is touched
    commit = _git(repo, "rev-parse", "--verify", "HEAD")
    status = None if commit is None else _git(repo, "status", "--porcelain")
    # A number, and not the time, makes the name: two saves may have the same time.
    n = 1 + max((_number(version) for version in versions(folder)), default=0)
    version = Version(f"v{n}", now.astimezone(UTC), commit, None if status is None else status != "")

    # A line of JSON and the pickle in one file: one rename brings both, or neither.
    path = Path(folder, f"{version.name}.model")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        file.write(json.dumps(asdict(version), default=str).encode() + b"\n" + content)
        file.flush()
        os.fsync(file.fileno())  # the content is on the disk before the name is
    unfinished.replace(path)
    return version


def versions(folder: str | Path) -> list[Version]:
    """Return all versions by saved_at, in the order of saving where that is equal; [] where there are none."""
    found = []
    for path in Path(folder).glob("*.model"):
        with path.open("rb") as file:
            entry = json.loads(file.readline())
        found.append(Version(**{**entry, "saved_at": datetime.fromisoformat(entry["saved_at"])}))
    return sorted(found, key=lambda version: (version.saved_at, _number(version)))


def load(folder: str | Path, name: str | None = None) -> Any:
    """Return the model of this version, by default the latest. Raises LookupError where there is none."""
    names = [version.name for version in versions(folder)]
    if not names or (name is not None and name not in names):
        raise LookupError(f"no version {name or ''} in {folder}")
    with Path(folder, f"{name or names[-1]}.model").open("rb") as file:
        file.readline()
        return pickle.load(file)


def _number(version: Version) -> int:
    return int(version.name[1:])  # "v10" comes after "v9"


def _git(repo: str | Path, *arguments: str) -> str | None:
    """What git prints; None where it fails (no repository, no commit) or is not installed."""
    try:
        ran = subprocess.run(["git", *arguments], cwd=repo, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return ran.stdout.strip()


# MLflow and DVC store the packages' versions and the data's hash, too. A pickle runs code when it is loaded: only load
# your own.
