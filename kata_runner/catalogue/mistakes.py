"""Known wrong answers of a kata, and what the audit noted of them in `mistakes.json`."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

import msgspec

from kata_runner.catalogue.answers import variants
from kata_runner.errors import BrokenKata
from kata_runner.model import Kata


class Noted(msgspec.Struct, frozen=True):
    """What the audit saw of a wrong answer.

    fails: the checks (and rules, as "rule:NAME") that it fails. got: what its first failed check shows.
    """

    fails: tuple[str, ...]
    got: str


class Mistake(msgspec.Struct, frozen=True):
    """A known wrong answer: the mistake in words, and what its first failed check shows."""

    words: str
    got: str


def noted_mistakes(kata: Kata) -> dict[str, Noted]:
    """mistakes.json as it stands, by name of the wrong answer; empty before the first audit.

    Raises BrokenKata when the file is damaged.
    """
    path = kata.folder / "mistakes.json"
    if not path.is_file():
        return {}
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Noted])
    except msgspec.DecodeError as error:
        raise BrokenKata(f"{path} cannot be read ({error}); write it again: kata dev audit {kata.id} --write") from None


def mistakes_failing(kata: Kata, failed: Set[str]) -> tuple[Mistake, ...]:
    """The wrong answers that fail exactly these checks and rules; of the others not even the words are read.

    Raises BrokenKata when mistakes.json is damaged.
    """
    alike = {name: noted.got for name, noted in noted_mistakes(kata).items() if set(noted.fails) == failed}
    if not alike:
        return ()
    wrongs = variants(kata, "wrong")
    return tuple(Mistake(mistake_words(wrong), alike[wrong.stem]) for wrong in wrongs if wrong.stem in alike)


def mistake_words(variant: Path) -> str:
    """The mistake in words: the first paragraph of a file's module docstring, or of a folder's `mistake.md`."""
    if variant.is_dir():
        path = variant / "mistake.md"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    else:
        import ast

        text = ast.get_docstring(ast.parse(variant.read_bytes())) or ""
    return " ".join(text.split("\n\n")[0].split())
