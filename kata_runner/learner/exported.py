"""Progress as one readable file of JSON, which goes from one machine to another; no I/O happens here."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kata_runner.errors import UsageError
from kata_runner.learner.workspace import is_safe_name
from kata_runner.model import Text

VERSION = 2  # of the format; 1 knew no stars
At = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0, le=2**53)]


class Binary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Content that is no text in UTF-8."""

    base64: bytes


class Attempt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a history; see schema.sql. files: name -> sha256 of the content; None where the code is lost."""

    kata_id: Text
    at: At
    day: date
    outcome: Literal["passed", "failed", "todo", "broke", "rule"] | None
    reason: str
    n_passed: Count
    n_checks: Count
    duration_us: Count
    borrowed: str
    digest: str
    files: dict[str, str] | None = None


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A hint that was read, or a kata that was given up, skipped or taken up again."""

    kata_id: Text
    kind: Literal["hint", "gave_up", "skip", "unskip"]
    level: Count
    at: At
    day: date


class Star(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A star beside that of the solved kata."""

    kata_id: Text
    kind: Literal["typed", "tested"]
    at: At
    day: date


class Exported(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is known of a learner, the oldest first. contents: sha256 -> content of a file."""

    settings: dict[str, str]
    attempts: tuple[Attempt, ...]
    marks: tuple[Mark, ...]
    contents: dict[str, str | Binary]
    stars: tuple[Star, ...] = ()
    format: Literal["kata progress"] = "kata progress"
    version: int = VERSION

    def files(self, attempt: Attempt) -> dict[str, bytes] | None:
        """The code of an attempt."""
        if attempt.files is None:
            return None
        return {name: _as_bytes(self.contents[digest]) for name, digest in attempt.files.items()}


class _Head(msgspec.Struct):
    format: Literal["kata progress"]
    version: int


def as_text(content: bytes) -> str | Binary:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return Binary(content)


def _as_bytes(content: str | Binary) -> bytes:
    return content.encode() if isinstance(content, str) else content.base64


def to_json(exported: Exported) -> bytes:
    return msgspec.json.format(msgspec.json.encode(exported, order="sorted"), indent=1) + b"\n"


def version_of(data: bytes) -> int | None:
    """The version of the format of what some kata exported; None when this is something else, or cut off."""
    try:
        return msgspec.json.decode(data, type=_Head).version
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def from_json(data: bytes, name: str) -> Exported:
    """What a file of this name holds. Raises UsageError when it is no export, a damaged one, or of a newer version."""
    version = version_of(data)
    if version is None:
        raise UsageError(f"{name} is not what kata export writes, or not all of it. Nothing was changed.")
    if version > VERSION:
        raise UsageError(
            f"{name} was written by a newer kata (format {version}, this one knows {VERSION}). Nothing was changed. "
            "Update kata: pip install --upgrade kata-runner"
        )
    try:
        exported = msgspec.json.decode(data, type=Exported)
        problem = _problem_of(exported)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = str(error)
    if problem:
        raise UsageError(f"{name} is damaged ({problem}). Nothing was changed. Export it again: kata export")
    return exported


def _problem_of(exported: Exported) -> str:
    """What does not fit together, in words; "" for nothing."""
    whole = {
        digest for digest, content in exported.contents.items() if sha256(_as_bytes(content)).hexdigest() == digest
    }
    for attempt in exported.attempts:
        for name, digest in (attempt.files or {}).items():
            if digest not in whole or not is_safe_name(name):
                return f"{name} of {attempt.kata_id}, {attempt.at:%Y-%m-%d %H:%M}, is not what was recorded"
    return ""
