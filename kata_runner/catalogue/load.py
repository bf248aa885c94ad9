"""Reads a catalogue of katas from disk, in journey order, and finds one by any part of its name."""

from __future__ import annotations

import contextlib
import json
import os
import time
import zlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kata_runner import places
from kata_runner.catalogue.answers import StubFiles
from kata_runner.catalogue.wrong import sentences
from kata_runner.errors import BrokenKata, UnknownKata, UsageError
from kata_runner.model import Kata, Limits, Rules

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from kata_runner.model import record

TRACKS = ("journey", "problems", "milestones", "roadmap")
_KEYS = {"title", "difficulty", "minutes", "module", "learned", "needs", "uses", "parts", "build", "limits", "rules"}
_RULES = {"no_loops", "imports", "forbid", "define", "typed", "why"}
_LIMITS = {"seconds", "memory_mb", "output_kb"}
_SETTLED_NS = 2_000_000_000
_CACHE_FORMAT = 1
_BUILDS = {"", "pybind11", "cython", "cmake"}


@record(frozen=True)
class Catalogue:
    """All katas of one folder.

    katas: in journey order; those that the journey does not name follow, by id.
    stages: (title, ids) of the journey, ids of katas that exist.
    """

    root: Path
    name: str
    katas: tuple[Kata, ...]
    stages: tuple[tuple[str, tuple[str, ...]], ...]
    track_titles: Mapping[str, str]

    @cached_property
    def _by_id(self) -> dict[str, Kata]:
        return {kata.id: kata for kata in self.katas}

    def get(self, kata_id: str) -> Kata | None:
        """The kata with exactly this id, or None (a catalogue may lose katas that a history remembers)."""
        return self._by_id.get(kata_id)

    def find(self, query: str) -> Kata:
        """The one kata whose id, short id, or part of whose id is `query`.

        Raises UnknownKata when none or several match, with the nearest names.
        """
        wanted = query.strip().lower().rstrip("/")
        for kata in self.katas:
            if wanted in (kata.id.lower(), kata.short.lower()):
                return kata
        matches = [kata for kata in self.katas if wanted and wanted in kata.id.lower()]
        if len(matches) == 1:
            return matches[0]
        if matches:
            shown = ", ".join(kata.id for kata in matches[:6]) + (", …" if len(matches) > 6 else "")
            raise UnknownKata(f'"{query}" fits {len(matches)} katas: {shown}. Name one of them.')
        near = self._nearest(wanted)
        guess = f" (did you mean {' or '.join(near)}?)" if near else ""
        raise UnknownKata(f'no kata named "{query}"{guess}. See all: kata list')

    def _nearest(self, wanted: str) -> list[str]:
        names: dict[str, str] = {}
        for kata in self.katas:
            names |= {kata.id.lower(): kata.id, kata.short.lower(): kata.id}
            # "sofmax" is nearer to "softmax" than to "p012_stable_softmax"
            names |= {word: kata.id for word in kata.id.lower().split("_")[1:] if len(word) > 3}
            names |= {kata.id.lower().partition("_")[2]: kata.id}
        import difflib

        found = difflib.get_close_matches(wanted, names, n=4, cutoff=0.6)
        return list(dict.fromkeys(names[name] for name in found))[:2]

    def track(self, name: str) -> tuple[Kata, ...]:
        """The katas of a track in the order they are walked; "journey" is all of them."""
        if name == "journey":
            return self.katas
        if name not in self.track_titles:
            known = ", ".join(["journey", *self.track_titles])
            raise UsageError(f'no track named "{name}". Tracks: {known}')
        return tuple(sorted((k for k in self.katas if k.track == name), key=lambda k: _natural(k.id)))

    def groups(self) -> dict[str, tuple[Kata, ...]]:
        """Heading of each phase or chapter -> its katas by id, tracks in their order."""
        tracks = list(self.track_titles)
        ordered = sorted(self.katas, key=lambda k: (tracks.index(k.track), str(k.folder.parent), _natural(k.id)))
        found: dict[str, list[Kata]] = {}
        for kata in ordered:
            found.setdefault(kata.group, []).append(kata)
        return {name: tuple(katas) for name, katas in found.items()}

    def used_by(self, kata: Kata) -> tuple[Kata, ...]:
        """The katas whose modules this one imports, those that they import themselves included.

        Raises BrokenKata when one of them does not exist.
        """
        found: dict[str, Kata] = {}
        waiting = list(kata.uses)
        while waiting:
            used_id = waiting.pop(0)
            used = self.get(used_id)
            if used is None:
                raise BrokenKata(f"{kata.id} uses {used_id}, which this catalogue does not have")
            if used_id not in found:
                found[used_id] = used
                waiting += used.uses
        return tuple(found.values())

    def users_of(self, kata: Kata) -> tuple[Kata, ...]:
        """The katas that build on this one."""
        return tuple(k for k in self.katas if kata.id in k.uses)


def default_root() -> Path:
    """Where the katas of this release stand: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent / "katas"
    return checkout if (checkout / "catalogue.toml").is_file() else package / "_katas"


def load(root: Path | None = None) -> Catalogue:
    """Read every kata below `root` (the release's own by default).

    Raises UsageError when `root` is no catalogue, BrokenKata when a kata.toml cannot be understood.
    """
    root = (root or default_root()).resolve()
    if not root.is_dir():
        raise UsageError(f"no catalogue at {root}: the folder does not exist")
    tables = _tables(root)
    settings = tables.pop("catalogue.toml", {})
    katas = [_read(root, name, table, settings) for name, table in sorted(tables.items())]
    if not katas:
        raise UsageError(f"no catalogue at {root}: no folder in it holds a kata.toml")
    _refuse_doubles(katas)
    stages = tuple((stage["title"], _present(stage["katas"], katas)) for stage in settings.get("journey", []))
    walked = [kata_id for _, ids in stages for kata_id in ids]
    position = {kata_id: index for index, kata_id in enumerate(walked)}
    ordered = sorted(katas, key=lambda k: (position.get(k.id, len(position)), _natural(k.id)))
    titles = dict(settings.get("tracks", {}))
    titles |= {k.track: k.track.capitalize() for k in katas if k.track not in titles}
    return Catalogue(root, str(settings.get("name", root.name)), tuple(ordered), stages, titles)


def load_one(kata_id: str, root: Path | None = None) -> Kata | None:
    """The kata with exactly this id, without reading the others; None where the cache does not know where it stands.

    For commands about one kata, which should not take longer the more katas there are.
    """
    root = (root or default_root()).resolve()
    kept = _read_cache(_cache_file(root), root)
    name = next((name for name in kept if name.endswith(f"/{kata_id}/kata.toml")), None)
    if name is None or not all(_is_fresh(root / n, kept.get(n)) for n in (name, "catalogue.toml")):
        return None
    settings = kept["catalogue.toml"][2] if "catalogue.toml" in kept else {}
    return _read(root, name, kept[name][2], settings)


def _is_fresh(path: Path, entry: list[Any] | None) -> bool:
    try:
        state = path.stat()
    except FileNotFoundError:
        return entry is None
    return entry is not None and entry[:2] == [state.st_mtime_ns, state.st_size]


def journey_names(root: Path) -> list[str]:
    """Every name in the journey, also of katas that are not written yet."""
    settings = _read_toml(root / "catalogue.toml")
    return [name for stage in settings.get("journey", []) for name in stage["katas"]]


def short_id(kata_id: str) -> str:
    """The id as people say it: p012_stable_softmax -> p012, c05_1_k_means -> c05_1, c01_project_x -> c01_project."""
    head, _, rest = kata_id.partition("_")
    second = rest.partition("_")[0]
    return f"{head}_{second}" if head.startswith("c") and (second.isdigit() or second == "project") else head


def _present(names: list[str], katas: list[Kata]) -> tuple[str, ...]:
    by_name = {name: kata.id for kata in katas for name in (kata.short, kata.id)}
    return tuple(by_name[name] for name in names if name in by_name)


def _natural(kata_id: str) -> tuple[str, ...]:
    # Lessons of a chapter come before its project, as "1" < "2" < "project" sorts.
    return tuple(kata_id.split("_"))


def _read(root: Path, where: str, table: Mapping[str, Any], settings: Mapping[str, Any]) -> Kata:
    parts = tuple(where.split("/")[:-1])
    folder = root.joinpath(*parts)
    _refuse_unknown(table, _KEYS, where, "")
    _refuse_unknown(table.get("rules", {}), _RULES, where, "rules.")
    _refuse_unknown(table.get("limits", {}), _LIMITS, where, "limits.")
    track = parts[0] if len(parts) > 1 else "katas"
    try:
        return Kata(
            id=folder.name,
            short=short_id(folder.name),
            folder=folder,
            track=track,
            group=_group(parts, settings.get("groups", {}), track),
            title=_text(table, "title"),
            difficulty=_whole(table, "difficulty", 1, 5),
            minutes=_whole(table, "minutes", 1, 1000),
            module=str(table.get("module", "")),
            learned=_text(table, "learned"),
            needs=tuple(table.get("needs", ())),
            uses=tuple(table.get("uses", ())),
            parts=tuple(table.get("parts", ())),
            build=_one_of(table.get("build", ""), _BUILDS, "build"),
            limits=Limits(**table.get("limits", {})),
            rules=_rules(table.get("rules", {})),
            stub_files=StubFiles(folder, str(table.get("module", ""))),
        )
    except (TypeError, ValueError, KeyError) as error:
        raise BrokenKata(f"{where}: {error}") from None


def _group(parts: tuple[str, ...], groups: Mapping[str, str], track: str) -> str:
    """The heading whose folder, or beginning of an id, fits best."""
    path = "/".join(parts)
    fitting = [prefix for prefix in groups if path.startswith(prefix)]
    if fitting:
        return groups[max(fitting, key=len)]
    return parts[1].replace("_", " ") if len(parts) > 2 else track.capitalize()


def _rules(table: Mapping[str, Any]) -> Rules:
    loops = table.get("no_loops", False)
    imports = table.get("imports")
    return Rules(
        no_loops=loops if isinstance(loops, bool) else tuple(loops),
        imports=None if imports is None else tuple(imports),
        forbid=tuple(table.get("forbid", ())),
        define=tuple(table.get("define", ())),
        typed=bool(table.get("typed", False)),
        why=dict(table.get("why", {})),
    )


def _tables(root: Path) -> dict[str, dict[str, Any]]:
    """The parsed catalogue.toml and every kata.toml below `root`, by their path in it.

    Parsing 149 files takes longer than all the rest of `kata hint`, so parsed tables are kept in the user's cache
    with the time and size of their file; whatever is wrong with that cache, the files themselves are read.
    """
    cache = _cache_file(root)
    kept = _read_cache(cache, root)
    fresh: dict[str, list[Any]] = {}
    tables: dict[str, dict[str, Any]] = {}
    for name, modified_ns, size in _toml_files(root):
        entry = kept.get(name)
        if not (entry and entry[:2] == [modified_ns, size]):
            entry = [modified_ns, size, _read_toml(root / name)]
        tables[name] = entry[2]
        # A file changed a moment ago may change again within one tick of the file system's clock.
        if time.time_ns() - modified_ns > _SETTLED_NS:
            fresh[name] = entry
    if fresh != kept:
        _write_cache(cache, root, fresh)
    return tables


def _toml_files(root: Path) -> list[tuple[str, int, int]]:
    """(path below root, time of change in ns, size) of catalogue.toml and each kata.toml.

    A kata's own folders are not searched.
    """
    found: list[tuple[str, int, int]] = []
    pending = [""]
    while pending:
        prefix = pending.pop()
        below = []
        with os.scandir(root / prefix if prefix else root) as entries:
            for entry in entries:
                if entry.name == "kata.toml" or (entry.name == "catalogue.toml" and not prefix):
                    state = entry.stat()
                    found.append((prefix + entry.name, state.st_mtime_ns, state.st_size))
                elif entry.is_dir(follow_symlinks=False) and not entry.name.startswith((".", "__")):
                    below.append(f"{prefix}{entry.name}/")
        if not any(name == f"{prefix}kata.toml" for name, _, _ in found[-2:]):
            pending += below
    return found


def _cache_file(root: Path) -> Path | None:
    """Where the parsed tables of this catalogue are kept; None without a home folder."""
    folder = places.cache_folder()
    return folder / f"catalogue-{zlib.crc32(os.fsencode(root)):08x}.json" if folder else None


def _read_cache(path: Path | None, root: Path) -> dict[str, list[Any]]:
    try:
        stored = json.loads(path.read_bytes()) if path else {}
        # Two catalogues whose checksums meet share a file in turn: that costs time, not truth.
        mine = stored["format"] == _CACHE_FORMAT and stored["root"] == str(root)
        return dict(stored["files"]) if mine else {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _write_cache(path: Path | None, root: Path, files: dict[str, list[Any]]) -> None:
    if path is None:
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps({"format": _CACHE_FORMAT, "root": str(root), "files": files}), encoding="utf-8")
        draft.replace(path)
    except (OSError, TypeError):  # a read-only home, or a date in a kata.toml: slower, nothing worse
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _read_toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenKata(f"{path} is not valid TOML: {error}") from None


def _refuse_unknown(table: Mapping[str, Any], known: set[str], where: str, prefix: str) -> None:
    for key in table:
        if key not in known:
            import difflib

            near = difflib.get_close_matches(key, known, n=1)
            guess = f" (did you mean {prefix}{near[0]}?)" if near else ""
            raise BrokenKata(f'{where}: unknown key "{prefix}{key}"{guess}')


def _refuse_doubles(katas: list[Kata]) -> None:
    for what, key in (("id", "id"), ("module", "module")):
        seen: dict[str, Kata] = {}
        for kata in katas:
            value = getattr(kata, key)
            if value and value in seen:
                raise BrokenKata(f"{kata.folder} and {seen[value].folder} share the {what} {value!r}; rename one")
            seen[value] = kata


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f'"{key}" must be a text')
    return value


def _whole(table: Mapping[str, Any], key: str, low: int, high: int) -> int:
    value = table.get(key)
    if not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f'"{key}" must be a whole number from {low} to {high}')
    return value


def _one_of(value: str, known: set[str], key: str) -> str:
    if value not in known:
        raise ValueError(f'"{key}" must be one of {", ".join(sorted(known - {""}))}')
    return value


@record(frozen=True)
class Mistake:
    """A known wrong answer: its name, the mistake in words, and what the audit saw of it.

    fails: the checks (and rules, as "rule:NAME") that it fails. got: what its first failed check shows.
    """

    name: str
    words: str
    fails: tuple[str, ...]
    got: str


def known_mistakes(kata: Kata) -> tuple[Mistake, ...]:
    """What the audit noted of each wrong answer of the kata; empty before its first audit."""
    noted = noted_mistakes(kata)
    return tuple(
        Mistake(name, words, tuple(noted[name]["fails"]), str(noted[name]["got"]))
        for name, words in sorted(sentences(kata).items())
        if name in noted
    )


def noted_mistakes(kata: Kata) -> dict[str, dict[str, Any]]:
    """mistakes.json as it stands: wrong answer -> what it fails, and what its first failed check shows."""
    path = kata.folder / "mistakes.json"
    if not path.is_file():
        return {}
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): {"fails": list(entry["fails"]), "got": str(entry["got"])} for name, entry in noted.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BrokenKata(
            f"{path} cannot be read ({error!r}); write it anew: kata dev audit {kata.id} --write"
        ) from None
