"""Reads a catalogue of katas from disk, in journey order, and finds one by any part of its name."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from kata_runner.catalogue.answers import stub_files
from kata_runner.errors import BrokenKata, UnknownKata, UsageError
from kata_runner.model import Kata, Limits, Rules, Text

TRACKS = ("journey", "problems", "milestones", "roadmap")
T = TypeVar("T", bound=msgspec.Struct)


# --- a catalogue -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Catalogue:
    """All katas of one folder.

    by_id: every kata that is not broken, in journey order; those that the journey does not name follow, by id.
    stages: (title, ids) of the journey, ids of katas that exist. track_titles: name of a track -> its title.
    broken: id -> what is wrong, of katas that cannot be read, or share an id, a module or a former id with another.
    """

    root: Path
    by_id: Mapping[str, Kata]
    stages: tuple[tuple[str, tuple[str, ...]], ...]
    track_titles: Mapping[str, str]
    broken: Mapping[str, str] = field(default_factory=dict)

    @property
    def katas(self) -> tuple[Kata, ...]:
        return tuple(self.by_id.values())

    @property
    def former(self) -> Mapping[str, str]:
        """Id that a kata had before -> its id."""
        return {old: kata.id for kata in self.katas for old in kata.formerly}

    @property
    def _ids(self) -> tuple[str, ...]:
        return *self.by_id, *self.broken

    def _read(self, kata_id: str) -> Kata:
        if kata_id in self.broken:
            raise BrokenKata(self.broken[kata_id])
        return self.by_id[kata_id]

    def get(self, kata_id: str) -> Kata | None:
        """The kata that has, or had, exactly this id; None where a catalogue has lost what a history remembers.

        Raises BrokenKata when it cannot be read.
        """
        known = kata_id if kata_id in self._ids else self.former.get(kata_id)
        return self._read(known) if known else None

    def find(self, query: str) -> Kata:
        """The one kata whose id, short id, or part of whose id is `query`; without separators too ("kmeans").

        Raises UnknownKata when none or several match, with the nearest names, and BrokenKata when the kata cannot be
        read.
        """
        wanted = query.strip().lower().rstrip("/")
        if exact := self.named(wanted):
            return self._read(exact)
        matches = [kata_id for kata_id in self._ids if wanted and wanted in kata_id.lower()]
        if not matches and (bare := letters(wanted)):
            matches = [kata_id for kata_id in self._ids if bare in letters(kata_id)]
        if len(matches) == 1:
            return self._read(matches[0])
        if renamed := self.former.get(wanted):
            return self.by_id[renamed]
        if matches:
            shown = ", ".join(matches[:6]) + (", …" if len(matches) > 6 else "")
            raise UnknownKata(f'"{query}" fits {len(matches)} katas: {shown}. Name one of them.')
        near = self._nearest(wanted)
        guess = f" (did you mean {' or '.join(near)}?)" if near else ""
        raise UnknownKata(f'no kata named "{query}"{guess}. See all: kata list')

    def named(self, name: str) -> str:
        """The id of the kata whose id or short id is exactly `name`, in small or capital letters; "" without one."""
        wanted = name.lower()
        return next((i for i in self._ids if wanted in (i.lower(), short_id(i).lower())), "")

    def _nearest(self, wanted: str) -> list[str]:
        import difflib

        id_by_name: dict[str, str] = {}
        for kata_id in self._ids:
            lower = kata_id.lower()
            names = [lower, short_id(lower), lower.partition("_")[2]]
            # "sofmax" is nearer to "softmax" than to "p012_stable_softmax"
            names += [word for word in lower.split("_")[1:] if len(word) > 3]
            id_by_name |= dict.fromkeys(names, kata_id)
        found = difflib.get_close_matches(wanted, id_by_name, n=4, cutoff=0.6)
        return list(dict.fromkeys(id_by_name[name] for name in found))[:2]

    def track(self, name: str) -> tuple[Kata, ...]:
        """The katas of a track in the order they are walked; "journey" is all of them."""
        if name == "journey":
            return self.katas
        if name not in self.track_titles:
            known = ", ".join(["journey", *self.track_titles])
            raise UsageError(f'no track named "{name}". Tracks: {known}')
        return tuple(sorted((k for k in self.katas if k.track == name), key=lambda k: _natural(k.id)))

    def by_stage(self) -> dict[str, tuple[Kata, ...]]:
        """Title of each stage of the journey -> its katas; those that no stage names follow, by where they are from."""
        found: dict[str, list[Kata]] = {}
        for kata in self.katas:
            found.setdefault(self.stage_of(kata) or kata.group, []).append(kata)
        return {name: tuple(katas) for name, katas in found.items()}

    def stage_of(self, kata: Kata) -> str:
        """The title of the stage that a kata belongs to; "" where the journey does not name it."""
        return self._stage_by_id.get(kata.id, "")

    @cached_property
    def _stage_by_id(self) -> Mapping[str, str]:
        return {kata_id: title for title, ids in self.stages for kata_id in ids}

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


def short_id(kata_id: str) -> str:
    """The id as people say it: p012_stable_softmax -> p012, c05_1_k_means -> c05_1, c01_project_x -> c01_project."""
    head, _, rest = kata_id.partition("_")
    second = rest.partition("_")[0]
    return f"{head}_{second}" if head.startswith("c") and (second.isdigit() or second == "project") else head


def letters(text: str) -> str:
    """The letters and digits of a text alone, in small letters, so that "kmeans" finds "K-means" and "k_means"."""
    return "".join(c for c in text.casefold() if c.isalnum())


def _natural(kata_id: str) -> tuple[str, ...]:
    # Lessons of a chapter come before its project, as "1" < "2" < "project" sorts.
    return tuple(kata_id.split("_"))


# --- from disk ---------------------------------------------------------------------------------------------------


def default_root() -> Path:
    """Where the katas of this release are: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent / "katas"
    return checkout if (checkout / "catalogue.toml").is_file() else package / "_katas"


def load(root: Path | None = None, *, may_be_empty: bool = False) -> Catalogue:
    """The catalogue below `root` (the release's own by default).

    Raises UsageError when `root` is no catalogue, BrokenKata when catalogue.toml cannot be understood.
    """
    root = (root or default_root()).resolve()
    if not root.is_dir():
        raise UsageError(f"no catalogue at {root}: the folder does not exist")
    folders = _folders(root)
    if not folders and not may_be_empty:
        raise UsageError(f"no catalogue at {root}: no folder in it holds a kata.toml")
    path = root / "catalogue.toml"
    settings = _decoded(path, _CatalogueFile) if path.is_file() else _CatalogueFile()
    id_by_name = {name: kata_id for kata_id in folders for name in (kata_id, short_id(kata_id))}
    stages = tuple(
        (stage.title, tuple(id_by_name[name] for name in stage.katas if name in id_by_name))
        for stage in settings.journey
    )
    ordered = dict.fromkeys([*(kata_id for _, ids in stages for kata_id in ids), *sorted(folders, key=_natural)])
    tracks = sorted({_track(folder.relative_to(root)) for (folder, *_) in folders.values()})
    by_id: dict[str, Kata] = {}
    broken: dict[str, str] = {}
    owners: dict[str, Kata] = {}
    for kata_id in ordered:
        try:
            kata = _read(folders[kata_id], root, settings.groups)
            _refuse_clashes(kata, owners, folders)
        except BrokenKata as error:
            broken[kata_id] = str(error)
        else:
            by_id[kata_id] = kata
            owners |= dict.fromkeys(_own_names(kata), kata)
    titles = {track: track.capitalize() for track in tracks} | settings.tracks
    return Catalogue(root, by_id, stages, titles, broken)


def _folders(root: Path) -> dict[str, list[Path]]:
    """The folders below `root` that hold a kata.toml, by kata id. A kata's own folders are not searched."""
    found: dict[str, list[Path]] = {}
    for folder, names, files in os.walk(root):
        if "kata.toml" in files:
            found.setdefault(Path(folder).name, []).append(Path(folder))
            names.clear()
        else:
            names[:] = sorted(name for name in names if not name.startswith((".", "__")))
    return found


def _read(folders: Sequence[Path], root: Path, groups: Mapping[str, str]) -> Kata:
    folder, *others = folders
    if others:
        raise BrokenKata(f"{others[0]} and {folder} share the id {folder.name!r}; rename one")
    table = _decoded(folder / "kata.toml", _KataFile)
    below = folder.relative_to(root)
    return Kata(
        id=folder.name,
        short=short_id(folder.name),
        folder=folder,
        track=_track(below),
        group=_group(below, groups),
        stub_files=stub_files(folder, table.module),
        **msgspec.structs.asdict(table),
    )


def _refuse_clashes(kata: Kata, owners: Mapping[str, Kata], ids: Container[str]) -> None:
    """Raise BrokenKata when this kata claims what another one has."""
    for name in _own_names(kata):
        if name in owners:
            raise BrokenKata(f"{kata.folder} and {owners[name].folder} share the {name}; rename one")
    for old in kata.formerly:
        if old in ids:
            raise BrokenKata(
                f"{kata.folder} was formerly {old!r}, but that kata is there, too; take it out of `formerly`"
            )


def _own_names(kata: Kata) -> list[str]:
    """What no two katas may share, in words."""
    return [f"module {kata.module!r}"] * bool(kata.module) + [f"former id {old!r}" for old in kata.formerly]


def _track(below: Path) -> str:
    return below.parts[0] if len(below.parts) > 1 else "katas"


def _group(below: Path, groups: Mapping[str, str]) -> str:
    """The heading whose folder, or beginning of an id, fits best."""
    fitting = [prefix for prefix in groups if below.as_posix().startswith(prefix)]
    if fitting:
        return groups[max(fitting, key=len)]
    return below.parts[1].replace("_", " ") if len(below.parts) > 2 else _track(below).capitalize()


# --- TOML --------------------------------------------------------------------------------------------------------


class _KataFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """kata.toml; see `Kata` for what the keys mean."""

    title: Text
    difficulty: Annotated[int, Meta(ge=1, le=5)]
    minutes: Annotated[int, Meta(ge=1, le=1000)]
    learned: Text
    module: str = ""
    needs: tuple[Text, ...] = ()
    uses: tuple[Text, ...] = ()
    parts: tuple[Text, ...] = ()
    formerly: tuple[Text, ...] = ()
    build: Literal["", "pybind11", "cython", "cmake"] = ""
    stub: Literal["to do", "nearly right"] = "to do"
    counted: bool = True
    slow_because: str = ""
    limits: Limits = Limits()
    rules: Rules = Rules()


class _Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    katas: tuple[str, ...]


class _CatalogueFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """catalogue.toml. tracks: name -> title; groups: folder or beginning of an id -> heading."""

    tracks: dict[str, str] = {}
    groups: dict[str, str] = {}
    journey: tuple[_Stage, ...] = ()


def _decoded(path: Path, record: type[T]) -> T:
    """A TOML file as a record of this type. Raises BrokenKata that names the file and the key at fault."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=record)
    except msgspec.ValidationError as error:
        message = str(error).replace("$.", "")
        raise BrokenKata(f"{path}: {message}{_nearest_key(message)}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BrokenKata(f"{path} is not valid TOML: {error}") from None


def _nearest_key(message: str) -> str:
    """The key that an unknown one probably stands for, as the end of a sentence."""
    import difflib

    unknown = re.search(r"unknown field `(\w+)`", message)
    known = {name for record in (_KataFile, Limits, Rules, _CatalogueFile) for name in record.__struct_fields__}
    near = difflib.get_close_matches(unknown[1], known, n=1) if unknown else []
    return f" (did you mean {near[0]}?)" if near else ""
