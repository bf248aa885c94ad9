"""The wrong answers of a kata: entries of its `mistakes.md`, and what stands whole in `wrong/`."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from kata_runner.catalogue import edits
from kata_runner.catalogue.answers import answer_files, solution_path, variants
from kata_runner.errors import BrokenKata
from kata_runner.model import Kata


class WrongAnswer(msgspec.Struct, frozen=True):
    """A plausible wrong answer.

    sentence: the mistake in words, "" where the author wrote none. is_bug: fit for a learner to hunt.
    promises: the numbers of the task's promises that it breaks. where: for messages, "wrong/NAME.py" or
    "mistakes.md, NAME". files: path -> content of the whole answer, the stub's files included.
    """

    name: str
    sentence: str
    is_bug: bool
    promises: tuple[int, ...]
    where: str
    files: Mapping[str, bytes]


def wrong_answers(kata: Kata) -> tuple[WrongAnswer, ...]:
    """Every wrong answer of a kata, by name.

    Raises BrokenKata when `mistakes.md` cannot be understood, an edit does not fit, or two answers share a name.
    """
    found = [_whole(kata, variant) for variant in variants(kata, "wrong")]
    found += [_edited(kata, entry) for entry in entries(kata)]
    names = [wrong.name for wrong in found]
    if double := next((name for name in names if names.count(name) > 1), ""):
        raise BrokenKata(f"{kata.id} has two wrong answers named {double}; rename one")
    return tuple(sorted(found, key=lambda wrong: wrong.name))


def sentences_of(kata: Kata, names: Collection[str]) -> dict[str, str]:
    """Name -> the mistake in words, of those wrong answers that there are; no edit is applied.

    Raises BrokenKata when `mistakes.md` cannot be understood.
    """
    whole = {v.stem: sentence_of(v) for v in variants(kata, "wrong") if v.stem in names}
    return whole | {entry.name: entry.sentence for entry in entries(kata) if entry.name in names}


def entries(kata: Kata) -> tuple[edits.Entry, ...]:
    """The entries of the kata's `mistakes.md`; none where there is no such page."""
    path = kata.folder / edits.PAGE
    return edits.parse(path.read_text(encoding="utf-8"), kata.id) if path.is_file() else ()


def base_files(kata: Kata, base: str) -> dict[str, bytes]:
    """The whole right answer that an entry edits: "" for the solution, else "right/NAME" or "right/NAME.py".

    Raises BrokenKata when there is no such answer.
    """
    path = kata.folder / base if base else solution_path(kata)
    if not path.exists():
        raise BrokenKata(f"{kata.id} has no {base}, which an entry of {edits.PAGE} edits")
    return answer_files(kata, path)


def only_file(kata: Kata) -> str:
    """The file that a fence without a name means; "" where the answer is a folder."""
    return f"{kata.module}.py" if solution_path(kata).is_file() else ""


def sentence_of(variant: Path) -> str:
    """The mistake in words: the module docstring of a file, or the `mistake.md` of a folder."""
    if variant.is_dir():
        path = variant / "mistake.md"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    else:
        text = ast.get_docstring(ast.parse(variant.read_bytes())) or ""
    return " ".join(text.split("\n\n")[0].split())


def _whole(kata: Kata, variant: Path) -> WrongAnswer:
    files = answer_files(kata, variant)
    return WrongAnswer(variant.stem, sentence_of(variant), False, (), f"wrong/{variant.name}", files)


def _edited(kata: Kata, entry: edits.Entry) -> WrongAnswer:
    files = edits.apply(entry, base_files(kata, entry.base), only_file(kata), kata.id)
    where = f"{edits.PAGE}, {entry.name}"
    return WrongAnswer(entry.name, entry.sentence, entry.is_bug, entry.promises, where, files)
