"""Known wrong answers of a kata, and what the audit noted of them in `mistakes.json`."""

from __future__ import annotations

from collections.abc import Set

import msgspec

from kata_runner.catalogue.wrong import sentences_of
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

    Raises BrokenKata when mistakes.json is damaged, or mistakes.md cannot be understood.
    """
    alike = {name: noted.got for name, noted in noted_mistakes(kata).items() if set(noted.fails) == failed}
    if not alike:
        return ()
    words = sentences_of(kata, alike.keys())
    return tuple(Mistake(words[name], got) for name, got in sorted(alike.items()) if name in words)
