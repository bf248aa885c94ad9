"""The commands that show how far the learner is: plain `kata`, `kata list` and `kata progress`."""

from __future__ import annotations

from typing import Annotated

import typer

from kata_runner.catalogue.load import letters
from kata_runner.cli.arguments import STATUSES, AsJson, Status, Track, practice_of
from kata_runner.cli.learn import run_watch
from kata_runner.cli.output import complain, is_terminal, print_json, show, show_paged, width
from kata_runner.errors import UsageError
from kata_runner.model import Kata, Row
from kata_runner.practice import Practice


def home(practice: Practice) -> None:
    """What plain `kata` does: welcome a newcomer, watch the current kata in a terminal, else say where they are."""
    if practice.workspace is None:
        practice.refuse_folder_above()
        print(_WELCOME.format(n_katas=sum(kata.counted for kata in practice.catalogue.katas)))
        return
    if is_terminal() and (current := _to_watch(practice)) is not None:
        run_watch(practice, current)
    from datetime import UTC, datetime

    from kata_runner.screen.progress import overview

    show(overview(practice.overview(), datetime.now(UTC)))


def _to_watch(practice: Practice) -> Kata | None:
    """The current kata, once it is started, where a watch can be shown."""
    from kata_runner.watch.app import is_possible

    current = practice.current()
    return current if current is not None and practice.is_started(current) and is_possible() else None


def list_(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="Only katas with this in their name or title.")] = "",
    track: Track = None,
    status: Status = None,
    as_json: AsJson = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Print all of it at once.")] = False,
) -> None:
    """List katas by stage, with their state, minutes and needs."""
    if status is not None and status not in STATUSES:
        raise UsageError(f'no status named "{status}". Statuses: {", ".join(STATUSES)}')
    practice = practice_of(context)
    rows = [row for row in practice.rows(track) if _fits(row, text, status)]
    for message in practice.catalogue.broken.values():
        complain(f"a kata is left out: {message}")
    if as_json:
        print_json([row.to_json() for row in rows])
        return
    from kata_runner.screen.lists import catalogue

    show_paged(catalogue(rows, width()), paged=not no_pager)


def _fits(row: Row, text: str, status: str | None) -> bool:
    wanted = letters(text)
    is_named = any(
        wanted in letters(field) for field in (row.kata.id, row.kata.title, row.group, row.kata.group, *row.kata.needs)
    )
    return is_named and (status in (None, row.state) or (status == "shown" and row.gave_up))


def progress(context: typer.Context, as_json: AsJson = False) -> None:
    """Show how far you are, by stage and by week, and what is next."""
    from datetime import date

    shown = practice_of(context).progress(date.today())
    if as_json:
        print_json(shown.to_json())
        return
    from kata_runner.screen import progress as screen

    show(screen.progress(shown, width() or 100))


_WELCOME = """\
Welcome to kata: {n_katas} exercises for AI and ML engineers.

You write the code; hidden tests judge it and show you the first case that goes wrong.
Hints are there when you want them, and every attempt is kept.

Begin with: kata next (two minutes, to see how it works)"""
