"""The commands for authors: begin and prove katas."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from kata_runner.catalogue.load import default_root, load
from kata_runner.cli.arguments import ManyKatas, OneKata, catalogue_folder, practice_of
from kata_runner.cli.output import ask, show
from kata_runner.errors import ExitCode
from kata_runner.model import Report


def audit(
    context: typer.Context,
    katas: ManyKatas = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Ask one check of each mistake that was proven whole before.")
    ] = False,
    n_workers: Annotated[int, typer.Option("-j", "--jobs", min=1, metavar="N", help="Katas audited at once.")] = 2,
    write: Annotated[bool, typer.Option("--write", help="Note in proof.json what was proven.")] = False,
    lint: Annotated[bool, typer.Option("--lint/--no-lint", help="Run mypy over the solutions too.")] = True,
) -> None:
    """Prove that right answers pass and every mistake is caught. Each check has to catch one."""
    from kata_runner.authoring import audit as auditing
    from kata_runner.screen import lists

    practice = practice_of(context)
    to_audit = practice.find_all(katas or []) or list(practice.catalogue.katas)
    broken = {} if katas else practice.catalogue.broken

    def on_report(report: Report) -> None:
        show(lists.audit_line(report))
        sys.stdout.flush()

    reports = auditing.audit(
        practice.catalogue,
        to_audit,
        is_quick=quick,
        write=write,
        lint=lint,
        n_workers=n_workers,
        on_report=on_report,
    )
    for kata_id, message in broken.items():
        reports += (Report(kata_id, problems=(message,)),)
        on_report(reports[-1])
    show(lists.audit_totals(reports))
    if said := auditing.about_other_judges(reports):
        print(said)
    if any(report.problems for report in reports):
        raise typer.Exit(int(ExitCode.KATA_AT_FAULT))


def new(
    context: typer.Context,
    kata_id: Annotated[str, typer.Argument(metavar="ID", help="p101_name, c13_1_name, m11_name, ...")],
    folder: Annotated[
        str, typer.Option("--folder", metavar="DIR", help="Below the catalogue; guessed from the id where it can be.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Lay out a new kata, with TODO where something is to be written. An empty folder becomes a catalogue."""
    from kata_runner.authoring import scaffold

    named = catalogue_folder(context)
    catalogue = load(named, may_be_empty=True)
    scaffold.refuse_what_is_taken(catalogue, kata_id)
    if catalogue.root == default_root() and not yes:
        print(f"This adds a kata to kata's own, in {catalogue.root}")
        print(f"For a catalogue of your own, name a folder: kata --catalogue FOLDER dev new {kata_id}")
        ask("Add it to kata's own?", f"kata dev new {kata_id} --yes")
    made = scaffold.create(catalogue, kata_id, folder)
    option = f"--catalogue {shlex.quote(str(named))} " if named else ""
    print(f"Made {made}")
    print(f"Fill in what says TODO, then prove it: kata {option}dev audit {kata_id}")


def mistake(
    context: typer.Context,
    name: OneKata,
    mistake_name: Annotated[str, typer.Argument(metavar="NAME", help="Of the mistake: letters, digits and _.")],
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[PATH]", exists=True, help="A wrong answer, file or folder, to be added by that name."),
    ] = None,
) -> None:
    """Add a wrong answer to a kata's mistakes.md, as an edit. Without PATH, the whole answer is printed."""
    from kata_runner.authoring import convert
    from kata_runner.catalogue import edits

    kata = practice_of(context).catalogue.find(name)
    if path is None:
        for file, content in convert.whole_answer(kata, mistake_name).items():
            print(f"# {file}\n{content.decode('utf-8', 'replace')}")
    else:
        print(edits.format_entry(convert.add_mistake(kata, mistake_name, path)), end="")
        print(f"\nAdded to {kata.folder / edits.PAGE}; see what it fails: kata dev audit {kata.short} --write")
