"""Reads a catalogue of katas from disk, in journey order, and finds one by any part of its name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
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


class Catalogue(msgspec.Struct, frozen=True, dict=True):
    """All katas of one folder.

    by_id: in journey order; katas that the journey does not name follow, by id. Each is read when first asked for;
    one that cannot be read raises BrokenKata then.
    stages: (title, ids) of the journey, ids of katas that exist.
    track_titles: name of a track -> its title.
    canaries: short ids of katas that are proven whole whenever the judge has changed, one of each kind.
    """

    root: Path
    by_id: Mapping[str, Kata]
    stages: tuple[tuple[str, tuple[str, ...]], ...]
    track_titles: Mapping[str, str]
    canaries: tuple[str, ...] = ()

    @cached_property
    def katas(self) -> tuple[Kata, ...]:
        """Every kata that is not broken, in journey order."""
        return self._read_all[0]

    @property
    def broken(self) -> Mapping[str, str]:
        """Id -> what is wrong, of the katas that cannot be read or have the module or a former id of an earlier one."""
        return self._read_all[1]

    @cached_property
    def former(self) -> Mapping[str, str]:
        """Id that a kata had before -> its id. All katas are read to know them."""
        return {old: kata.id for kata in self.katas for old in kata.formerly}

    @cached_property
    def _read_all(self) -> tuple[tuple[Kata, ...], Mapping[str, str]]:
        katas: list[Kata] = []
        broken: dict[str, str] = {}
        owners: dict[str, Kata] = {}
        for kata_id in self.by_id:
            try:
                kata = self.by_id[kata_id]
            except BrokenKata as error:
                broken[kata_id] = str(error)
                continue
            if problem := self._clash(kata, owners):
                broken[kata_id] = problem
            else:
                katas.append(kata)
                owners |= dict.fromkeys(_own_names(kata), kata)
        return tuple(katas), broken

    def _clash(self, kata: Kata, owners: Mapping[str, Kata]) -> str:
        """What this kata claims although another one has it, in one sentence; "" for nothing."""
        for name in _own_names(kata):
            if name in owners:
                return f"{kata.folder} and {owners[name].folder} share the {name}; rename one"
        for old in kata.formerly:
            if old in self.by_id:
                return f"{kata.folder} was formerly {old!r}, but that kata is there, too; take it out of `formerly`"
        return ""

    def get(self, kata_id: str) -> Kata | None:
        """The kata that has, or had, exactly this id; None where a catalogue has lost what a history remembers.

        Raises BrokenKata when it cannot be read.
        """
        return self.by_id.get(kata_id if kata_id in self.by_id else self.former.get(kata_id, ""))

    def find(self, query: str) -> Kata:
        """The one kata whose id, short id, or part of whose id is `query`; without separators too ("kmeans").

        Raises UnknownKata when none or several match, with the nearest names, and BrokenKata when the kata cannot be
        read.
        """
        wanted = query.strip().lower().rstrip("/")
        if exact := self.named(wanted):
            return self.by_id[exact]
        matches = [kata_id for kata_id in self.by_id if wanted and wanted in kata_id.lower()]
        if not matches and (bare := letters(wanted)):
            matches = [kata_id for kata_id in self.by_id if bare in letters(kata_id)]
        if len(matches) == 1:
            return self.by_id[matches[0]]
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
        return next((i for i in self.by_id if wanted in (i.lower(), short_id(i).lower())), "")

    def _nearest(self, wanted: str) -> list[str]:
        import difflib

        id_by_name: dict[str, str] = {}
        for kata_id in self.by_id:
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


def _own_names(kata: Kata) -> list[str]:
    """What no two katas may share, in words."""
    return [f"module {kata.module!r}"] * bool(kata.module) + [f"former id {old!r}" for old in kata.formerly]


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
    """The catalogue below `root` (the release's own by default); each kata.toml is read when its kata is asked for.

    Raises UsageError when `root` is no catalogue, BrokenKata when catalogue.toml cannot be understood.
    """
    root = (root or default_root()).resolve()
    if not root.is_dir():
        raise UsageError(f"no catalogue at {root}: the folder does not exist")
    folders, doubles = _folders(root)
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
    tracks = sorted({_track(folder.relative_to(root)) for folder in folders.values()})
    return Catalogue(
        root=root,
        by_id=_KatasOnDisk(
            {i: folders[i] for i in ordered}, doubles, lambda folder: _read(folder, root, settings.groups)
        ),
        stages=stages,
        canaries=settings.canaries,
        track_titles={**settings.tracks, **{t: t.capitalize() for t in tracks if t not in settings.tracks}},
    )


class _KatasOnDisk(Mapping[str, Kata]):
    """Katas by id, each read when it is first asked for. doubles: id -> another folder of this id."""

    def __init__(self, folders: Mapping[str, Path], doubles: Mapping[str, Path], read: Callable[[Path], Kata]) -> None:
        self._folders = folders
        self._doubles = doubles
        self._read = cache(read)

    def __getitem__(self, kata_id: str) -> Kata:
        folder = self._folders[kata_id]
        if double := self._doubles.get(kata_id):
            raise BrokenKata(f"{double} and {folder} share the id {kata_id!r}; rename one")
        return self._read(folder)

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)


def _folders(root: Path) -> tuple[dict[str, Path], dict[str, Path]]:
    """The folders below `root` that hold a kata.toml, by kata id, and further ones whose id one of them has.

    A kata's own folders are not searched.
    """
    found: dict[str, Path] = {}
    doubles: dict[str, Path] = {}
    for folder, names, files in os.walk(root):
        if "kata.toml" in files:
            path = Path(folder)
            (doubles if path.name in found else found)[path.name] = path
            names.clear()
        else:
            names[:] = sorted(name for name in names if not name.startswith((".", "__")))
    return found, doubles


def _read(folder: Path, root: Path, groups: Mapping[str, str]) -> Kata:
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
    """catalogue.toml. tracks: name -> title; groups: folder or beginning of an id -> heading.

    canaries: see `Catalogue`.
    """

    tracks: dict[str, str] = {}
    groups: dict[str, str] = {}
    canaries: tuple[Text, ...] = ()
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
