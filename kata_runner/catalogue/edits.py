"""Wrong answers as edits: reads and writes `mistakes.md`, and applies an entry to a right answer.

An entry is a heading (the name), the mistake in one sentence, optional marks, and fenced blocks: `diff` holds hunks,
`new PATH` a whole file. Nothing here touches the disk.
"""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kata_runner.errors import BrokenKata

PAGE = "mistakes.md"
_SEPARATOR = "@@"
_WIDTH = 118
_NAME = re.compile(r"[A-Za-z0-9_]+")
_MARK = re.compile(r"bug|promise [1-9][0-9]*")
_FENCE = re.compile(r"(`{3,})([^`]*)")


class Hunk(msgspec.Struct, frozen=True):
    """Lines to find in a file and what to put in their place.

    lines: as on the page, each with its sign: "-" taken out, "+" put in, " " kept.
    """

    lines: tuple[str, ...]

    @property
    def old(self) -> tuple[str, ...]:
        """The lines that must stand in the file, without their signs."""
        return tuple(line[1:] for line in self.lines if line[:1] != "+")

    @property
    def new(self) -> tuple[str, ...]:
        """The lines that replace them."""
        return tuple(line[1:] for line in self.lines if line[:1] != "-")


class Patch(msgspec.Struct, frozen=True):
    """The hunks of one fenced block.

    target: what the fence names: "" (the kata's only file), a file of the whole answer, "right/NAME.py", or
    "right/NAME/FILE".
    """

    target: str
    hunks: tuple[Hunk, ...]

    @property
    def base(self) -> str:
        """The right answer that the block edits: "" for the solution, else "right/NAME" or "right/NAME.py"."""
        return "/".join(self.target.split("/")[:2]) if self.target.startswith("right/") else ""

    @property
    def file(self) -> str:
        """The file that the block edits; "" for the kata's only one."""
        return self.target[len(self.base) :].lstrip("/")


class NewFile(msgspec.Struct, frozen=True):
    """A whole file that the answer has, in place of the base's if that has one too."""

    path: str
    text: str


class Entry(msgspec.Struct, frozen=True):
    """One mistake of the page.

    sentence: the mistake in words, for learners. is_bug: fit for a learner to hunt.
    promises: the numbers of the task's promises that it breaks.
    """

    name: str
    sentence: str
    is_bug: bool = False
    promises: tuple[int, ...] = ()
    patches: tuple[Patch, ...] = ()
    new_files: tuple[NewFile, ...] = ()

    @property
    def base(self) -> str:
        """The right answer that the entry edits: "" for the solution, else "right/NAME" or "right/NAME.py"."""
        return next((patch.base for patch in self.patches), "")

    @property
    def marks(self) -> str:
        """The marks as the page has them: "bug · promise 2", or ""."""
        return " · ".join([*(["bug"] if self.is_bug else []), *(f"promise {n}" for n in self.promises)])


# --- reading -----------------------------------------------------------------------------------------------------


def parse(text: str, where: str) -> tuple[Entry, ...]:
    """The entries of a page, in its order.

    where: what an error names, usually the kata's id.
    Raises BrokenKata when the page cannot be understood, or has two entries of one name.
    """
    entries: list[Entry] = []
    for heading, lines in _sections(text, where):
        if not _NAME.fullmatch(heading):
            raise BrokenKata(f"{where}, {PAGE}: {heading!r} is no name (letters, digits and _ only)")
        if heading in {entry.name for entry in entries}:
            raise BrokenKata(f"{where}, {PAGE}: two mistakes are named {heading}")
        entries.append(_entry(heading, lines, f"{where}, mistake {heading}"))
    return tuple(entries)


def _sections(text: str, where: str) -> list[tuple[str, list[str]]]:
    """(heading, lines below it) of each `## `; those inside fences are none."""
    found: list[tuple[str, list[str]]] = []
    fence = ""
    for line in text.splitlines():
        if fence:
            fence = "" if line.rstrip() == fence else fence
        elif opening := _FENCE.fullmatch(line):
            fence = opening[1]
        elif line.startswith("## "):
            found.append((line[3:].strip(), []))
            continue
        if found:
            found[-1][1].append(line)
        elif line.strip() and not line.startswith("# "):
            raise BrokenKata(f"{where}, {PAGE}: {line.strip()[:60]!r} stands above the first mistake (## name)")
    return found


def _entry(name: str, lines: Sequence[str], where: str) -> Entry:
    words: list[str] = []
    patches: list[Patch] = []
    new_files: list[NewFile] = []
    rest = iter(lines)
    for line in rest:
        if not (opening := _FENCE.fullmatch(line)):
            words.append(line.strip())
            continue
        body = _fenced(rest, opening[1], where)
        kind, _, target = opening[2].strip().partition(" ")
        if kind == "diff":
            n_before = sum(len(patch.hunks) for patch in patches)
            patches.append(Patch(target, _hunks(body, n_before, where)))
        elif kind == "new" and target:
            new_files.append(NewFile(target, "".join(f"{line}\n" for line in body)))
        else:
            raise BrokenKata(f'{where}: a fence says {opening[2]!r}; expected "diff", "diff FILE" or "new PATH"')
    is_bug, promises = _marks(words)
    entry = Entry(name, " ".join(filter(None, words)), is_bug, promises, tuple(patches), tuple(new_files))
    if not patches and not new_files:
        raise BrokenKata(f"{where}: there is no fenced block, so nothing is changed")
    if len({patch.base for patch in patches}) > 1:
        raise BrokenKata(f"{where}: its blocks edit different right answers; choose one")
    return entry


def _fenced(lines: Iterable[str], fence: str, where: str) -> list[str]:
    body: list[str] = []
    for line in lines:
        if line.rstrip() == fence:
            return body
        body.append(line)
    raise BrokenKata(f"{where}: a block is never closed by {fence}")


def _marks(words: list[str]) -> tuple[bool, tuple[int, ...]]:
    """Take the line of marks out of `words`, if there is one."""
    for index in reversed(range(len(words))):
        marks = [mark.strip() for mark in words[index].split("·")]
        if all(_MARK.fullmatch(mark) for mark in marks):
            del words[index]
            return "bug" in marks, tuple(int(mark.split()[1]) for mark in marks if mark != "bug")
    return False, ()


def _hunks(body: Sequence[str], n_before: int, where: str) -> tuple[Hunk, ...]:
    """The hunks of one block; `n_before` stand in blocks above it."""
    groups: list[list[str]] = [[]]
    for line in body:
        if line.rstrip() == _SEPARATOR:
            groups.append([])
        else:
            groups[-1].append(line or " ")
    for number, group in enumerate(groups, n_before + 1):
        if odd := next((line for line in group if line[0] not in "+- "), None):
            raise BrokenKata(f'{where}, hunk {number}: a line starts with none of "+", "-" and " ": {odd!r}')
        if not any(line[0] in "+-" for line in group):
            raise BrokenKata(f"{where}, hunk {number} changes nothing")
        if all(line[0] == "+" for line in group):
            raise BrokenKata(f"{where}, hunk {number} has only + lines; add a line beside which they stand")
    return tuple(Hunk(tuple(group)) for group in groups)


# --- applying ----------------------------------------------------------------------------------------------------


def apply(entry: Entry, base: Mapping[str, bytes], only_file: str, where: str) -> dict[str, bytes]:
    """The whole wrong answer that an entry stands for.

    base: path -> content of the right answer that the entry edits, the stub's files included; left unchanged.
    only_file: the path in `base` that a fence without a file means; "" where it must name one.
    where: what an error names, usually the kata's id.
    Raises BrokenKata when a hunk fits nowhere, fits twice, or overlaps another.
    """
    where = f"{where}, mistake {entry.name}"
    hunks: dict[str, list[Hunk]] = {}
    for patch in entry.patches:
        file = patch.file or only_file
        if file not in base:
            known = ", ".join(sorted(base))
            raise BrokenKata(f"{where}: {entry.base or 'the solution'} has no file {file!r}; its files: {known}")
        hunks.setdefault(file, []).extend(patch.hunks)
    number = 1
    answer = dict(base)
    for file, of_file in hunks.items():
        shown = (entry.base or "solution.py") if file == only_file else file
        answer[file] = _edited(base[file], of_file, number, shown, where)
        number += len(of_file)
    return answer | {new.path: new.text.encode() for new in entry.new_files}


def _edited(content: bytes, hunks: Sequence[Hunk], first: int, file: str, where: str) -> bytes:
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    spots: list[tuple[int, int, tuple[str, ...]]] = []
    for number, hunk in enumerate(hunks, first):
        start = _only_place(lines, hunk.old, f"{where}, hunk {number}", file)
        end = start + len(hunk.old)
        if any(start < other_end and other_start < end for other_start, other_end, _ in spots):
            raise BrokenKata(f"{where}, hunk {number} overlaps another hunk at line {start + 1} of {file}")
        spots.append((start, end, hunk.new))
    for start, end, new in sorted(spots, reverse=True):
        lines[start:end] = new
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _only_place(lines: Sequence[str], old: Sequence[str], where: str, file: str) -> int:
    """The index in `lines` where `old` begins."""
    found = places_of(lines, old)
    if len(found) > 1:
        at = ", ".join(str(index + 1) for index in found[:-1]) + f" and {found[-1] + 1}"
        times = "twice" if len(found) == 2 else f"{len(found)} times"
        raise BrokenKata(f"{where} fits {times} in {file}, at lines {at}: {old[0].strip()!r}; add lines around it")
    if not found:
        raise BrokenKata(f"{where} fits nowhere in {file}: {_nearest(lines, old)}")
    return found[0]


def places_of(lines: Sequence[str], old: Sequence[str]) -> list[int]:
    """Every index at which the lines of `old` stand in `lines`, blanks at their ends aside."""
    bare, wanted = [line.rstrip() for line in lines], [line.rstrip() for line in old]
    n = len(wanted)
    return [i for i in range(len(bare) - n + 1) if bare[i] == wanted[0] and bare[i : i + n] == wanted]


def _nearest(lines: Sequence[str], old: Sequence[str]) -> str:
    """Where the hunk would fit best, and the first line that differs there."""
    bare, wanted = [line.strip() for line in lines], [line.strip() for line in old]

    def likeness(start: int) -> float:
        pairs = zip(bare[start : start + len(wanted)], wanted)
        return sum(difflib.SequenceMatcher(None, a, b).ratio() for a, b in pairs if a and b)

    start = max(range(max(1, len(bare) - len(wanted) + 1)), key=likeness)
    for offset, line in enumerate(old):
        there = lines[start + offset] if start + offset < len(lines) else ""
        if there.rstrip() != line.rstrip():
            return f"it has {line.strip()!r}, the nearest line is {start + offset + 1}, {there.strip()!r}"
    return f"the nearest line is {start + 1}"


# --- writing -----------------------------------------------------------------------------------------------------


def page(entries: Iterable[Entry]) -> str:
    """The whole page, entries by name: two branches that each add one then rarely touch the same lines."""
    ordered = sorted(entries, key=lambda entry: entry.name)
    return "\n".join(["# Mistakes\n", *map(format_entry, ordered)])


def format_entry(entry: Entry) -> str:
    """One entry as the page has it, with a newline at its end."""
    words = textwrap.wrap(entry.sentence, _WIDTH, break_long_words=False, break_on_hyphens=False)
    head = [f"## {entry.name}", *words, *filter(None, [entry.marks])]
    blocks = [_block(f"diff {p.target}".strip(), _patch_lines(p)) for p in entry.patches]
    blocks += [_block(f"new {new.path}", new.text.splitlines()) for new in entry.new_files]
    return "\n\n".join(["\n".join(head), *blocks]) + "\n"


def _patch_lines(patch: Patch) -> list[str]:
    return [line.rstrip() for hunk in patch.hunks for line in (_SEPARATOR, *hunk.lines)][1:]


def _block(info: str, lines: Sequence[str]) -> str:
    longest = max((len(line) - len(line.lstrip("`")) for line in lines), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([fence + info, *lines, fence])
