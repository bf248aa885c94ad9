"""Turns a wrong answer written as a whole into an entry of `mistakes.md`, and proves that the two are equal.

The lines in which it differs from a right answer become hunks; comments, docstrings and blank lines do not count.
Python is compared by syntax tree, TOML by its values, everything else by its lines.
"""

from __future__ import annotations

import ast
import io
import re
import shutil
import tokenize
import tomllib
from collections.abc import Mapping
from difflib import SequenceMatcher, unified_diff
from pathlib import Path

from msgspec.structs import replace

from kata_runner.catalogue import edits
from kata_runner.catalogue.answers import answer_files, variants
from kata_runner.catalogue.edits import Entry, Hunk, NewFile, Patch
from kata_runner.catalogue.wrong import base_files, entries, only_file, sentence_of, wrong_answers
from kata_runner.errors import BrokenKata, UsageError
from kata_runner.model import Kata

# A line of comment outside Python, but for the directives of Cython and of Docker.
_COMMENT = re.compile(r"\s*(# |//)(?! *(cython|distutils|syntax|escape)\b)")
_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def add_mistake(kata: Kata, name: str, path: Path) -> Entry:
    """Add a wrong answer, written as a whole file or folder, to the kata's `mistakes.md`, and return the new entry.

    The sentence is the file's docstring or the folder's `mistake.md`. An entry of that name is replaced and keeps its
    marks. What lies in the kata's own `wrong/` under that name is moved: deleted once the entry is written.
    Raises UsageError when it has no sentence, BrokenKata when no entry equals it.
    """
    known = {entry.name: entry for entry in entries(kata)}
    sentence = sentence_of(path) or (known[name].sentence if name in known else "")
    if not sentence:
        where = "mistake.md in the folder" if path.is_dir() else "docstring of the file"
        raise UsageError(f"{path} does not say the mistake in words; write a sentence as the {where}")
    wrong = answer_files(kata, path)
    bases = ["", *(f"right/{variant.name}" for variant in variants(kata, "right"))]
    found = [entry for base in bases if (entry := entry_of(kata, name, wrong, base))]
    if not found:
        raise BrokenKata(
            f"{name}: no edit of a right answer was found that equals it. Make the mistake in a copy of the solution, "
            "or, if it is another approach or not UTF-8, keep it whole in wrong/."
        )
    entry = min(found, key=lambda entry: sum(len(hunk.lines) for patch in entry.patches for hunk in patch.hunks))
    marks = known.get(name, entry)
    entry = replace(entry, sentence=sentence, is_bug=marks.is_bug, promises=marks.promises)
    (kata.folder / edits.PAGE).write_text(edits.page({**known, name: entry}.values()), encoding="utf-8")
    if path.resolve() in [variant.resolve() for variant in variants(kata, "wrong") if variant.stem == name]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return entry


def whole_answer(kata: Kata, name: str) -> dict[str, bytes]:
    """The whole wrong answer of that name: path -> content, the stub's files included.

    Raises UsageError when the kata has none of that name.
    """
    known = {wrong.name: dict(wrong.files) for wrong in wrong_answers(kata)}
    if name not in known:
        raise UsageError(f"{kata.id} has no mistake named {name}; its mistakes: {', '.join(known)}")
    return known[name]


def entry_of(kata: Kata, name: str, wrong: Mapping[str, bytes], base: str) -> Entry | None:
    """The entry, without a sentence, that makes the wrong answer of one right answer; None when no entry equals it."""
    right, only = base_files(kata, base), only_file(kata)
    patches: list[Patch] = []
    new_files: list[NewFile] = []
    try:
        for path, content in sorted(wrong.items()):
            if path not in right:
                new_files.append(NewFile(path, content.decode()))
            elif content != right[path] and (hunks := _hunks(path, right[path].decode(), content.decode())):
                patches.append(Patch(base if path == only else f"{base}/{path}".lstrip("/"), hunks))
        written = edits.format_entry(Entry(name, "", patches=tuple(patches), new_files=tuple(new_files)))
        (entry,) = edits.parse(written, kata.id)
        return entry if _equal(edits.apply(entry, right, only, kata.id), wrong) else None
    except (UnicodeDecodeError, SyntaxError, tomllib.TOMLDecodeError, BrokenKata):
        return None


def _equal(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> bool:
    return one.keys() == other.keys() and all(
        one[path] == other[path] or _meaning(path, one[path].decode()) == _meaning(path, other[path].decode())
        for path in one
    )


def _meaning(path: str, text: str) -> object:
    """What counts of a file, to be compared."""
    if path.endswith(".toml"):
        return tomllib.loads(text)
    if not path.endswith(".py"):
        return list(_code_of(path, text).values())
    tree = ast.parse(text)
    for node in _documented(tree):
        node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)


def _documented(tree: ast.Module) -> list[ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """The module, classes and functions that have a docstring, their first statement."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [n for n in ast.walk(tree) if isinstance(n, kinds) and ast.get_docstring(n) is not None]


def _code_of(path: str, text: str) -> dict[int, str]:
    """Index -> line, of the lines that are more than a comment, a docstring or blank; Python without its comments."""
    lines = text.split("\n")
    if not path.endswith(".py"):
        return {i: line.rstrip() for i, line in enumerate(lines) if line.strip() and not _COMMENT.match(line)}
    first_statements = [node.body[0] for node in _documented(ast.parse(text))]
    docs = {index for doc in first_statements for index in range(doc.lineno - 1, doc.end_lineno or 0)}
    code: dict[int, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        first, last = token.start[0] - 1, token.end[0]
        if token.type not in _LAYOUT:
            code |= {index: lines[index].rstrip() for index in range(first, last) if index not in docs}
        elif token.type == tokenize.COMMENT and first in code:
            code[first] = lines[first][: token.start[1]].rstrip()
    return code


def _hunks(path: str, base: str, wrong: str) -> tuple[Hunk, ...]:
    """Hunks that give the base the code of the wrong answer, with as many lines around as make each stand once."""
    old, new = base.split("\n"), _with_code_of(path, base, wrong)
    for n_around in range(len(old) + 1):
        hunks: list[list[str]] = []
        for line in list(unified_diff(old, new, n=n_around, lineterm=""))[2:]:
            if line.startswith("@@"):
                hunks.append([])
            else:
                hunks[-1].append(line)
        found = tuple(Hunk(tuple(lines)) for lines in hunks)
        if all(hunk.old and len(edits.places_of(old, hunk.old)) == 1 for hunk in found):
            return found
    return ()


def _with_code_of(path: str, base: str, wrong: str) -> list[str]:
    """The lines of the base with the code of the wrong answer, the rest as it is."""
    ours, theirs = _code_of(path, base), _code_of(path, wrong)
    old, new = base.split("\n"), wrong.split("\n")
    # Where each line of code stands; after the last one, the end of the file.
    at, there = [*ours, len(old)], [*theirs, len(new)]
    opcodes = SequenceMatcher(None, [*ours.values()], [*theirs.values()], autojunk=False).get_opcodes()
    for tag, i1, i2, j1, j2 in reversed(opcodes):
        start, first = at[i1], there[j1]
        if tag == "insert":
            # With the blank lines above it, and above those that the base has in that place.
            while start > 0 and not old[start - 1].strip():
                start -= 1
            while first > 0 and not new[first - 1].strip():
                first -= 1
        if tag != "equal":
            old[start : at[i2 - 1] + 1 if i1 < i2 else start] = new[first : there[j2 - 1] + 1 if j1 < j2 else first]
    return old
