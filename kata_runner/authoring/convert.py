"""Turns a wrong answer written as a whole into an entry of `mistakes.md`, and proves that the two are equal.

The entry edits the right answer that needs the smallest edit. Python is compared by syntax tree (see `syntax`), TOML by
its values, everything else by its lines without comments.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path

from kata_runner.authoring import syntax
from kata_runner.authoring.syntax import Source, Unit
from kata_runner.catalogue import edits
from kata_runner.catalogue.answers import answer_files, variants
from kata_runner.catalogue.edits import Entry, Hunk, NewFile, Patch
from kata_runner.catalogue.wrong import base_files, entries, only_file, sentence_of, wrong_answers
from kata_runner.errors import BrokenKata, UsageError
from kata_runner.model import Kata

# A comment that is more than one: directives of Cython and of Docker.
_DIRECTIVE = re.compile(r"# *(cython|distutils|syntax|escape)\b")
_SLASHES = (".cpp", ".hpp", ".h", ".c", ".dot")
# How much larger an edit of the solution may be than one of another right answer.
_PREFERENCE = 1


@dataclass(frozen=True)
class Base:
    """A right answer that may be edited.

    name: as a fence has it: "" for the solution, else "right/NAME" or "right/NAME.py".
    files: of the whole answer. only_file: the path that a fence without a file means, or "".
    """

    name: str
    files: Mapping[str, bytes]
    only_file: str


@dataclass(frozen=True)
class Language:
    """What counts when two answers of a kata are compared.

    with_types: whether annotations do. public: names that the kata's module must define.
    """

    with_types: bool = False
    public: Collection[str] = ()


def add_mistake(kata: Kata, name: str, path: Path) -> Entry:
    """Add a wrong answer, written as a whole file or folder, to the kata's `mistakes.md`; returns the new entry.

    An entry of that name is replaced and keeps its marks. The sentence is the file's docstring or the folder's
    `mistake.md`; the file itself stays where it is.
    Raises UsageError when there is nothing at `path`, BrokenKata when no right answer can be edited into it.
    """
    if not path.exists():
        raise UsageError(f"no wrong answer at {path}")
    known = {entry.name: entry for entry in entries(kata)}
    sentence = sentence_of(path) or (known[name].sentence if name in known else "")
    if not sentence:
        where = "mistake.md in the folder" if path.is_dir() else "docstring of the file"
        raise UsageError(f"{path} does not say the mistake in words; write a sentence as the {where}")
    entry = entry_of(name, sentence, answer_files(kata, path), bases_of(kata), language_of(kata))
    if name in known:
        entry = replace(entry, is_bug=known[name].is_bug, promises=known[name].promises)
    page = edits.page({**known, name: entry}.values())
    edits.parse(page, kata.id)
    (kata.folder / edits.PAGE).write_text(page, encoding="utf-8")
    return entry


def whole_answer(kata: Kata, name: str) -> dict[str, bytes]:
    """The whole wrong answer of that name: path -> content, the stub's files included.

    Raises UsageError when the kata has none of that name.
    """
    known = {wrong.name: dict(wrong.files) for wrong in wrong_answers(kata)}
    if name not in known:
        near = get_close_matches(name, known, n=1)
        guess = f" (did you mean {near[0]}?)" if near else ""
        raise UsageError(f"{kata.id} has no mistake named {name}{guess}")
    return known[name]


def bases_of(kata: Kata) -> list[Base]:
    """The right answers of a kata, the solution first."""
    names = ["", *(f"right/{path.name}" for path in variants(kata, "right"))]
    return [Base(name, base_files(kata, name), only_file(kata)) for name in names]


def language_of(kata: Kata) -> Language:
    """What counts in the answers of a kata."""
    trees = [ast.parse(content) for name, content in kata.stub_files.items() if name.endswith(".py")]
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = {node.name for tree in trees for node in tree.body if isinstance(node, functions)}
    return Language(kata.rules.typed, names)


def entry_of(name: str, sentence: str, wrong: Mapping[str, bytes], bases: Sequence[Base], language: Language) -> Entry:
    """The smallest entry that makes the wrong answer of one of `bases`, the solution (first) preferred.

    wrong: path -> content of the whole answer, the stub's files included.
    Raises BrokenKata when none can be edited into it.
    """
    found: list[tuple[int, Entry]] = []
    for base in bases:
        entry = _from_base(name, sentence, wrong, base, language)
        if entry is not None:
            found.append((n_changed(entry) + (_PREFERENCE if base.name else 0), entry))
    if not found:
        raise BrokenKata(f"{name}: no right answer can be edited into this one; keep it whole in wrong/")
    return min(found, key=lambda pair: pair[0])[1]


def n_changed(entry: Entry) -> int:
    """How many lines an entry adds and removes."""
    lines = [line for patch in entry.patches for hunk in patch.hunks for line in hunk.lines]
    return sum(line[0] in "+-" for line in lines) + sum(new.text.count("\n") for new in entry.new_files)


def equal(one: Mapping[str, bytes], other: Mapping[str, bytes], language: Language) -> bool:
    """Whether two whole answers are the same, apart from what does not count."""
    return one.keys() == other.keys() and all(_equal(n, one[n], other[n], language) for n in one)


def _equal(name: str, one: bytes, other: bytes, language: Language) -> bool:
    if one == other:
        return True
    try:
        if name.endswith(".py"):
            mine, theirs = (Source(content.decode(), language.with_types) for content in (one, other))
            return syntax.same(mine, theirs, language.public)
        if name.endswith(".toml"):
            return tomllib.loads(one.decode()) == tomllib.loads(other.decode())
        return [u.key for u in _lines_of(name, one.decode())] == [u.key for u in _lines_of(name, other.decode())]
    except (UnicodeDecodeError, SyntaxError, tomllib.TOMLDecodeError):
        return False


def _from_base(name: str, sentence: str, wrong: Mapping[str, bytes], base: Base, language: Language) -> Entry | None:
    if not base.files.keys() <= wrong.keys():
        return None
    patches: list[Patch] = []
    new_files: list[NewFile] = []
    for path, content in sorted(wrong.items()):
        if path in base.files and _equal(path, base.files[path], content, language):
            continue
        try:
            text = content.decode()
            hunks = _hunks(path, base.files[path].decode(), text, language) if path in base.files else None
        except UnicodeDecodeError:
            return None
        if hunks is not None:
            target = base.name if path == base.only_file else f"{base.name}/{path}".lstrip("/")
            patches.append(Patch(target, hunks))
        elif path not in base.files or not path.endswith(".py"):
            new_files.append(NewFile(path, text))
        else:
            return None
    entry = Entry(name, sentence, patches=tuple(patches), new_files=tuple(new_files))
    try:
        proven = equal(edits.apply(entry, base.files, base.only_file, "the entry"), wrong, language)
    except BrokenKata:
        return None
    # Only a block of hunks can name another base than the solution.
    return entry if proven and (patches or (new_files and not base.name)) else None


# --- one file ----------------------------------------------------------------------------------------------------


def _hunks(path: str, base: str, wrong: str, language: Language) -> tuple[Hunk, ...] | None:
    """Hunks that make a file equal to the wrong one, or None."""
    before = base.split("\n")
    drafts = _python_drafts(base, wrong, language) if path.endswith(".py") else _text_drafts(path, base, wrong)
    proven = [d for d in drafts if _equal(path, "\n".join(d).encode(), wrong.encode(), language)]
    found = [hunks for draft in proven if (hunks := hunks_between(before, draft))]
    return min(found, key=lambda hunks: sum(len(h.lines) for h in hunks), default=None)


def _text_drafts(path: str, base: str, wrong: str) -> Iterator[list[str]]:
    lines = base.split("\n")
    yield _with(lines, _replacements(_lines_of(path, base), _lines_of(path, wrong), frozenset()))
    yield wrong.split("\n")


def _python_drafts(base: str, wrong: str, language: Language) -> Iterator[list[str]]:
    """The base with statements of the wrong answer in it, from the most of the base kept to the least."""
    try:
        ours = Source(base, language.with_types)
        theirs = Source(wrong, language.with_types).in_order_of(ours)
    except SyntaxError:
        return
    imports = _import_lines(ours, theirs)
    n_head = next((i for i, u in enumerate(ours.units) if u.kind not in ("doc", "import")), len(ours.units))
    after_imports = ours.units[n_head - 1].end if n_head else 0
    bare = [unit for unit in theirs.units if unit.kind not in ("doc", "import")]
    for kept in (_spare_of(ours.units, bare), frozenset[int]()):
        found = _replacements(ours.units, bare, kept | {i for i, u in enumerate(ours.units) if u.kind == "import"})
        yield _with(ours.lines, [(after_imports, after_imports, imports), *found] if imports else found)
    yield _with(ours.lines, _replacements(ours.units, [u for u in theirs.units if u.kind != "doc"], frozenset()))


def _import_lines(ours: Source, theirs: Source) -> list[str]:
    """Lines that import what the wrong answer has beyond the base."""
    lines = []
    for what, name in sorted(syntax.bindings(theirs) - syntax.bindings(ours)):
        module, _, member = what.rpartition(":")
        plain = f"from {module} import {member}" if module else f"import {member}"
        lines.append(plain if name == (member if module else member.partition(".")[0]) else f"{plain} as {name}")
    return lines


def _spare_of(ours: Sequence[Unit], theirs: Sequence[Unit]) -> frozenset[int]:
    """Indices of the units of whole statements of the module of which the wrong answer has nothing."""
    wanted = {unit.key for unit in theirs} | {unit.name for unit in theirs if unit.kind == "def"}
    spare: set[int] = set()
    tops = [i for i, unit in enumerate(ours) if unit.depth == 0 and unit.key.split()[1] not in ("else", "finally")]
    for start, end in zip(tops, [*tops[1:], len(ours)]):
        if ours[start].key not in wanted and ours[start].name not in wanted:
            spare |= set(range(start, end))
    return frozenset(spare)


Replacement = tuple[int, int, Sequence[str]]


def _replacements(ours: Sequence[Unit], theirs: Sequence[Unit], kept: Collection[int]) -> list[Replacement]:
    """What to do with the lines of the base, as (start, end, new lines), so that it has the units of the wrong answer.

    kept: indices of units of the base that stay whatever the wrong answer has. Docstrings stay with their function.
    """
    places = [i for i, unit in enumerate(ours) if unit.kind != "doc" and i not in kept]
    removed: set[int] = set()
    texts: dict[int, list[str]] = {}
    added: list[Replacement] = []
    for mine, other in _differences([ours[i] for i in places], theirs):
        gone = [places[i] for i in mine]
        text = _text([theirs[j] for j in other], is_first=not gone)
        if gone:
            removed |= set(gone)
            texts[gone[0]] = text
            is_renamed = bool(other) and theirs[other[0]].kind == "def"
            removed |= {i + 1 for i in gone[is_renamed:] if i + 1 < len(ours) and ours[i + 1].kind == "doc"}
        else:
            at = _end_of_unit_before(ours, places, mine.start)
            added.append((at, at, text))
    runs: list[list[int]] = []
    for index in sorted(removed):
        if runs and runs[-1][-1] == index - 1 and index not in texts:
            runs[-1].append(index)
        else:
            runs.append([index])
    return sorted([(ours[run[0]].start, ours[run[-1]].end, texts.get(run[0], [])) for run in runs] + added)


def _end_of_unit_before(ours: Sequence[Unit], places: Sequence[int], position: int) -> int:
    """The line below which units go that stand before the one at `position` of `places`."""
    if position == 0:
        return ours[places[0]].start if places else (ours[-1].end if ours else 0)
    index = places[position - 1]
    has_doc = index + 1 < len(ours) and ours[index + 1].kind == "doc"
    return ours[index + has_doc].end


def _differences(ours: Sequence[Unit], theirs: Sequence[Unit]) -> Iterator[tuple[range, range]]:
    """Stretches of both that differ; heads of functions of the same name are stretches of their own."""
    matcher = SequenceMatcher(None, [u.key for u in ours], [u.key for u in theirs], autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        heads = {(u.depth, u.name): j for j, u in enumerate(theirs[j1:j2], j1) if u.kind == "def"}
        for i in range(i1, i2):
            j = heads.get((ours[i].depth, ours[i].name), -1) if ours[i].kind == "def" else -1
            if j < j1:
                continue
            if i > i1 or j > j1:
                yield range(i1, i), range(j1, j)
            if ours[i].key != theirs[j].key:
                yield range(i, i + 1), range(j, j + 1)
            i1, j1 = i + 1, j + 1
        if i2 > i1 or j2 > j1:
            yield range(i1, i2), range(j1, j2)


def _text(units: Sequence[Unit], is_first: bool) -> list[str]:
    """The lines of units, with the usual empty lines around functions."""
    lines: list[str] = []
    for index, unit in enumerate(units):
        ends_function = index > 0 and unit.depth == 0 and units[index - 1].depth > 0
        if (unit.kind == "def" or ends_function) and (index > 0 or is_first):
            lines += [""] * (2 if unit.depth == 0 else 1)
        lines += unit.lines
    return lines


def _with(lines: Sequence[str], replacements: Sequence[Replacement]) -> list[str]:
    edited = list(lines)
    for start, end, new in sorted(replacements, key=lambda r: r[:2], reverse=True):
        edited[start:end] = new
    return edited


def _lines_of(path: str, text: str) -> tuple[Unit, ...]:
    """The lines of a file that is not Python, each a unit; empty ones and comments are none."""
    mark = "//" if path.endswith(_SLASHES) else "#"
    found = []
    for index, line in enumerate(text.split("\n")):
        is_comment = line.lstrip().startswith(mark) and not _DIRECTIVE.match(line.lstrip())
        code = re.sub(rf"\s+{mark}[^\"']*$", "", line).rstrip()
        if code and not is_comment:
            found.append(Unit(code, index, index + 1, (line,), 1))
    return tuple(found)


# --- hunks -------------------------------------------------------------------------------------------------------


def hunks_between(before: Sequence[str], after: Sequence[str]) -> tuple[Hunk, ...]:
    """The smallest hunks that turn one text into the other, each with as many lines around it as make it unique."""
    before, after = [line.rstrip() for line in before], [line.rstrip() for line in after]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    changes = [(i1, i2, tuple(after[j1:j2])) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"]
    groups: list[tuple[int, int, list[tuple[int, int, tuple[str, ...]]]]] = []
    for change in changes:
        start, end = _unique_span(before, *change[:2])
        within = [change]
        while groups and start <= groups[-1][1]:
            start, end = min(start, groups[-1][0]), max(end, groups[-1][1])
            within = groups.pop()[2] + within
        groups.append((start, end, within))
    return tuple(_hunk(before, *group) for group in groups)


def _unique_span(lines: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """The fewest lines around start:end that stand in `lines` only once; rather lines above it than below."""
    for n_more in range(len(lines) + 1):
        for above in range(min(n_more, start), -1, -1):
            low, high = start - above, end + n_more - above
            if low < high <= len(lines) and len(edits.places_of(lines, lines[low:high])) == 1:
                return low, high
    return 0, len(lines)


def _hunk(lines: Sequence[str], start: int, end: int, changes: Sequence[tuple[int, int, tuple[str, ...]]]) -> Hunk:
    found: list[str] = []
    at = start
    for low, high, new in changes:
        found += [f" {line}" for line in lines[at:low]]
        found += [f"-{line}" for line in lines[low:high]]
        found += [f"+{line}" for line in new]
        at = high
    return Hunk((*found, *(f" {line}" for line in lines[at:end])))
