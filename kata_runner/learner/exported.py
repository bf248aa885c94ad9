"""Progress as one readable file of JSON, which goes from one machine to another; no I/O happens here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kata_runner.errors import UsageError
from kata_runner.learner.workspace import digest_of, is_safe_name
from kata_runner.model import Text

FORMAT, VERSION = "kata progress", 1
At = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0, le=2**53)]


class Binary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Content that is no text in UTF-8."""

    base64: bytes


class Attempt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a history; see schema.sql. Its code stands in `Exported.code`, by the digest, where it is known."""

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


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A hint that was read, a kata that was given up, skipped or taken up again."""

    kata_id: Text
    kind: Literal["hint", "gave_up", "skip", "unskip"]
    level: Count
    at: At
    day: date


class Exported(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is known of a learner, the oldest first. code: digest -> name -> content."""

    settings: dict[str, str]
    attempts: tuple[Attempt, ...]
    marks: tuple[Mark, ...]
    code: dict[str, dict[str, str | Binary]]
    format: str = FORMAT
    version: int = VERSION

    def files(self, digest: str) -> dict[str, bytes] | None:
        """The code of this digest, None where it is not known."""
        found = self.code.get(digest)
        return None if found is None else {name: _as_bytes(content) for name, content in found.items()}


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


def from_json(data: bytes, name: str, former: Mapping[str, str]) -> Exported:
    """What a file of this name holds, with katas under the ids they have now. former: old id -> new id.

    Raises UsageError when it is no export, a damaged one, or one of a newer version.
    """
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
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} is damaged ({error}). Nothing was changed. Export it again: kata export") from None
    for attempt in exported.attempts:
        files = exported.files(attempt.digest)
        if files is not None and not _fits(attempt, files):
            about = f"the code of {attempt.kata_id}, {attempt.at:%Y-%m-%d %H:%M}, is not what was recorded"
            raise UsageError(f"{name} is damaged ({about}). Nothing was changed. Export it again: kata export")
    return _renamed(exported, former)


def _fits(attempt: Attempt, files: Mapping[str, bytes]) -> bool:
    return digest_of(attempt.kata_id, files) == attempt.digest and all(map(is_safe_name, files))


def _renamed(exported: Exported, former: Mapping[str, str]) -> Exported:
    attempts, code = [], dict(exported.code)
    for attempt in exported.attempts:
        kata_id, digest = former.get(attempt.kata_id, attempt.kata_id), attempt.digest
        files = exported.files(digest)
        if kata_id != attempt.kata_id and files is not None:
            digest = digest_of(kata_id, files)
            code[digest] = exported.code[attempt.digest]
        attempts.append(msgspec.structs.replace(attempt, kata_id=kata_id, digest=digest))
    marks = [msgspec.structs.replace(mark, kata_id=former.get(mark.kata_id, mark.kata_id)) for mark in exported.marks]
    settings = dict(exported.settings)
    if current := settings.get("current"):
        settings["current"] = former.get(current, current)
    return msgspec.structs.replace(exported, attempts=tuple(attempts), marks=tuple(marks), settings=settings, code=code)
