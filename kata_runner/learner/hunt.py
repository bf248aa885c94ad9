"""A bug to find in code that works otherwise: a right answer with one of the kata's mistakes in it."""

from __future__ import annotations

import difflib
import io
import tokenize
from collections.abc import Mapping, Sequence

import msgspec

from kata_runner.catalogue import edits, wrong
from kata_runner.errors import BrokenKata
from kata_runner.model import Kata

LEAST = 5  # mistakes that a kata must have to be hunted in


class Hunt(msgspec.Struct, frozen=True):
    """A hunt in one kata.

    name: of the mistake. is_own: whether it stands in the learner's own code. seen: mistakes of all hunts so far, the
    newest last. files: what was laid out. n_lines: how many lines the mistake changes. is_over: whether it was found.
    began: when it was laid out, in seconds since 1970.
    """

    name: str
    is_own: bool
    seen: tuple[str, ...]
    files: dict[str, str]
    n_lines: int
    began: float
    is_over: bool = False


def huntable(kata: Kata) -> tuple[edits.Entry, ...]:
    """The mistakes that can be hunted in a kata: edits of a right answer. None where they are too few."""
    found = [entry for entry in wrong.entries(kata) if entry.patches and not entry.new_files]
    return tuple(found) if len(found) >= LEAST else ()


def choose(kata: Kata, seen: Sequence[str]) -> edits.Entry | None:
    """A mistake that was not hunted yet, those marked `bug` first; when all were, the one hunted longest ago."""
    entries = sorted(huntable(kata), key=lambda entry: not entry.is_bug)
    fresh = [entry for entry in entries if entry.name not in seen]
    oldest = sorted(entries, key=lambda entry: max((i for i, n in enumerate(seen) if n == entry.name), default=-1))
    return next(iter(fresh or oldest), None)


def in_right_answer(kata: Kata, entry: edits.Entry) -> dict[str, bytes]:
    """The right answer that a mistake edits, with the mistake in it and without its comments, which would tell."""
    files = edits.apply(entry, wrong.base_files(kata, entry.base), wrong.only_file(kata), kata.id)
    return without_all_comments(files)


def in_own(kata: Kata, entry: edits.Entry, own: Mapping[str, bytes]) -> dict[str, bytes] | None:
    """The learner's own answer with the mistake in it; None where the edit does not fit."""
    try:
        return edits.apply(entry, own, wrong.only_file(kata), kata.id)
    except BrokenKata:
        return None


def n_lines_of(entry: edits.Entry) -> int:
    """How many lines a mistake changes."""
    hunks = [hunk for patch in entry.patches for hunk in patch.hunks]
    return sum(max(sum(line[0] == sign for line in hunk.lines) for sign in "+-") for hunk in hunks)


def n_changed(before: Mapping[str, str], after: Mapping[str, str]) -> int:
    """How many lines differ between two states of the same files."""
    return sum(_n_changed(before.get(name, ""), after.get(name, "")) for name in before.keys() | after.keys())


def _n_changed(before: str, after: str) -> int:
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal")


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The lines that were taken out and put in."""
    found: list[str] = []
    for name in sorted(before):
        lines = difflib.unified_diff(before[name].splitlines(), after.get(name, "").splitlines(), n=0, lineterm="")
        found += [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return found


def without_all_comments(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of an answer, those of Python without their comments."""
    return {name: without_comments(content) if name.endswith(".py") else content for name, content in files.items()}


def without_comments(content: bytes) -> bytes:
    """Python source without its comments; lines that hold nothing else go."""
    text = content.decode("utf-8")
    lines = text.splitlines(keepends=True)
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(text).readline))):
        if token.type == tokenize.COMMENT and not token.string.startswith("#!"):
            (row, column), line = token.start, lines[token.start[0] - 1]
            rest = line[:column].rstrip()
            lines[row - 1] = f"{rest}\n" if rest else ""
    return "".join(lines).encode()
