"""Creates the folder of a new kata: every file exists and says what belongs in it."""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from pathlib import Path

from kata_runner.catalogue.load import Catalogue, short_id
from kata_runner.errors import MachineError, UsageError

TEMPLATE = Path(__file__).parent / "template"


def create(catalogue: Catalogue, kata_id: str, folder: str = "") -> Path:
    """Create the folder of a new kata from the files in `template/`, and return it.

    folder: below the catalogue's root; by default the group of the kata whose id sorts just before.
    Raises UsageError as `refuse_what_is_taken` does, MachineError when the folder cannot be written.
    """
    refuse_what_is_taken(catalogue, kata_id)
    group = catalogue.root / folder if folder else _nearest_group(catalogue, kata_id)
    created = group / kata_id
    if not created.resolve().is_relative_to(catalogue.root):
        raise UsageError(f"{created} is not below the catalogue {catalogue.root}")
    try:
        _write_template(created, kata_id)
    except FileExistsError:
        raise UsageError(f"{created} already exists; nothing was changed") from None
    except OSError as error:
        raise MachineError(f"cannot create {created}: {error.strerror or error}") from error
    return created


def refuse_what_is_taken(catalogue: Catalogue, kata_id: str) -> None:
    """Raise UsageError when the id is not valid, or it or its module exists already."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", kata_id):
        raise UsageError(f'"{kata_id}" is not a valid id: use small letters, digits and _, as in p101_beam_search')
    if taken := catalogue.named(kata_id) or catalogue.named(short_id(kata_id)):
        raise UsageError(f"{taken} already exists; take another number")
    module = module_of(kata_id)
    if owner := next((kata.id for kata in catalogue.katas if kata.module == module), ""):
        raise UsageError(f"{owner} has the module {module} already; take another name, such as {kata_id}_2")


def module_of(kata_id: str) -> str:
    """The module of a new kata: what follows the number in its id, or all of the id where that cannot be imported.

    Nor may a module stand in for one of Python's own or of an installed package: learners' files come first.
    """
    name = kata_id.removeprefix(short_id(kata_id)).strip("_")
    is_free = name.isidentifier() and not keyword.iskeyword(name) and name not in sys.stdlib_module_names
    return name if is_free and importlib.util.find_spec(name) is None else kata_id


def _nearest_group(catalogue: Catalogue, kata_id: str) -> Path:
    """The folder that holds the kata whose id sorts just before, among those with the same first letter.

    The catalogue itself where all of its katas lie there, or it has none.
    """
    if {kata.folder.parent for kata in catalogue.katas} <= {catalogue.root}:
        return catalogue.root
    alike = [kata for kata in catalogue.katas if kata.id[0] == kata_id[0]]
    if not alike:
        raise UsageError(f"no kata's id starts like {kata_id}, so say where it belongs: --folder problems/NAME")
    before = [kata for kata in alike if kata.id < kata_id]
    nearest = max(before, key=lambda kata: kata.id) if before else min(alike, key=lambda kata: kata.id)
    return nearest.folder.parent


def _write_template(folder: Path, kata_id: str) -> None:
    """Copy the template into `folder`, which must not exist yet, with the kata's names filled in."""
    module = module_of(kata_id)
    words = kata_id.removeprefix(short_id(kata_id)).replace("_", " ").strip()
    title = words if any(c.isalpha() for c in words) else kata_id.replace("_", " ")
    names = {"@ID@": kata_id, "@MODULE@": module, "@TITLE@": title.capitalize()}
    folder.mkdir(parents=True)
    for source in sorted(path for path in TEMPLATE.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        text = source.read_text(encoding="utf-8")
        for placeholder, name in names.items():
            text = text.replace(placeholder, name)
        target = folder / source.relative_to(TEMPLATE)
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")
