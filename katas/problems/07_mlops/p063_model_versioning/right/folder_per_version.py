"""A folder for each version, named by time and a counter, made beside and renamed."""

import dataclasses
import datetime
import json
import os
import pickle
import shutil
import subprocess
import tempfile


@dataclasses.dataclass(frozen=True)
class Version:
    """A saved model."""

    name: str
    saved_at: datetime.datetime
    commit: str | None
    is_dirty: bool | None


def utc_now():
    """The time, in UTC."""
    return datetime.datetime.now(datetime.timezone.utc)


def state_of(repo):
    """(commit, is_dirty)"""
    if shutil.which("git") is None:
        return None, None
    head = subprocess.run(["git", "-C", os.fspath(repo), "log", "-1", "--format=%H"], capture_output=True)
    if head.returncode != 0:
        return None, None
    lines = subprocess.check_output(["git", "-C", os.fspath(repo), "status", "--short"]).splitlines()
    return head.stdout.decode().strip(), len(lines) > 0


def save(model, folder, repo=".", clock=utc_now):
    """Save a version."""
    moment = clock()
    if moment.utcoffset() is None:
        raise ValueError("no time zone")
    moment = moment.astimezone(datetime.timezone.utc)
    commit, is_dirty = state_of(repo)
    content = pickle.dumps(model)
    os.makedirs(folder, exist_ok=True)
    stamp = moment.strftime("%Y%m%dT%H%M%S.%fZ")
    n = 0
    while os.path.exists(os.path.join(folder, f"{stamp}-{n:06d}")):
        n += 1
    version = Version(f"{stamp}-{n:06d}", moment, commit, is_dirty)
    beside = tempfile.mkdtemp(prefix=".new-", dir=folder)
    with open(os.path.join(beside, "model.pkl"), "wb") as file:
        file.write(content)
    with open(os.path.join(beside, "about.json"), "w", encoding="utf-8") as file:
        json.dump({"at": moment.isoformat(), "commit": commit, "is_dirty": is_dirty}, file)
    os.rename(beside, os.path.join(folder, version.name))
    return version


def versions(folder):
    """All versions."""
    if not os.path.isdir(folder):
        return []
    found = []
    for name in sorted(os.listdir(folder)):
        if not name.startswith("."):
            with open(os.path.join(folder, name, "about.json"), encoding="utf-8") as file:
                about = json.load(file)
            moment = datetime.datetime.fromisoformat(about["at"])
            found.append(Version(name, moment, about["commit"], about["is_dirty"]))
    return found


def load(folder, name=None):
    """A model."""
    names = [version.name for version in versions(folder)]
    if name is None and names:
        name = names[-1]
    if name not in names:
        raise KeyError(name)
    with open(os.path.join(folder, name, "model.pkl"), "rb") as file:
        return pickle.loads(file.read())
