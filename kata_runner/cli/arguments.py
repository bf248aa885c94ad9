"""What commands take from the command line, how it is completed, and what they work with."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from kata_runner.catalogue.load import TRACKS, load
from kata_runner.errors import KataError, UsageError
from kata_runner.model import Kata
from kata_runner.practice import Practice

if TYPE_CHECKING:
    from kata_runner.judging.launch import Child

STATUSES = ("todo", "started", "solved", "skipped", "shown")


class Command(msgspec.Struct):
    """What one command works with: the learner's practice, and a child process started early for a check."""

    practice: Practice
    child: Child | None = None


def command_of(context: typer.Context) -> Command:
    command = context.obj
    assert isinstance(command, Command)
    return command


def practice_of(context: typer.Context) -> Practice:
    return command_of(context).practice


def chosen(practice: Practice, names: Sequence[str] | None, everything: Sequence[Kata] | None) -> Sequence[Kata]:
    """The katas that were named, or all of `everything` where `--all` was given, else the one at hand."""
    if everything is not None and names:
        raise UsageError("name katas or say --all, not both")
    if everything is not None:
        return everything
    return practice.find_all(names or []) or [practice.pick(None)]


def catalogue_folder(context: typer.Context) -> Path | None:
    """The folder of katas that was named; None for the release's own."""
    given = context.find_root().params.get("catalogue") or os.environ.get("KATA_CATALOGUE")
    return Path(given) if given else None


def _complete_kata(context: typer.Context, incomplete: str) -> list[str]:
    try:
        ids = load(catalogue_folder(context)).by_id
    except KataError:
        return []
    return [kata_id for kata_id in ids if kata_id.startswith(incomplete)]


def _one_of(words: Sequence[str]) -> Callable[[str], list[str]]:
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]


_NAME = "Id, folder, or a unique part of either."
KataName = Annotated[str | None, typer.Argument(metavar="[KATA]", help=_NAME, autocompletion=_complete_kata)]
OneKata = Annotated[str, typer.Argument(metavar="KATA", help=_NAME, autocompletion=_complete_kata)]
ManyKatas = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KATA]...", help="Ids, or unique parts of them.", autocompletion=_complete_kata),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs to read.")]
Track = Annotated[
    str | None,
    typer.Option("--track", help="journey, problems, milestones or roadmap.", autocompletion=_one_of(TRACKS)),
]
Status = Annotated[
    str | None, typer.Option("--status", help=f"{', '.join(STATUSES)}.", autocompletion=_one_of(STATUSES))
]
Borrow = Annotated[
    bool, typer.Option("--borrow", help="Use the reference of an earlier kata that you have not solved.")
]
