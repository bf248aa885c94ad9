"""The commands about machines: what this one lacks, and progress that goes from one to another."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import asdict

from kata_runner.catalogue import needs
from kata_runner.cli.arguments import AsJson, ManyKatas, chosen, practice_of
from kata_runner.cli.output import ask, complain, plain, print_json, show
from kata_runner.errors import ExitCode, MachineError, UsageError
from kata_runner.files import replace
from kata_runner.model import Kata


def install(
    context: typer.Context,
    katas: ManyKatas = None,
    all_: Annotated[bool, typer.Option("--all", help="What any kata needs.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the command, install nothing.")] = False,
) -> None:
    """Install what a kata needs, at versions that are proven to work."""
    practice = practice_of(context)
    to_serve = chosen(practice, katas, practice.catalogue.katas if all_ else None)
    lacking = _lacking(to_serve)
    wanted = [name for name in lacking if _pip_brings(name)]
    for name in lacking:
        if name not in wanted:
            complain(needs.tool_advice(name))
    if not wanted:
        print("Nothing to install." if lacking else "Everything they need is here already.")
        raise typer.Exit(int(ExitCode.MACHINE_AT_FAULT if lacking else ExitCode.PASSED))
    command = needs.install_command(wanted)
    print(shlex.join(command), flush=True)
    if not dry_run:
        _install(command, to_serve)


def _lacking(katas: Iterable[Kata]) -> list[str]:
    """What the katas need and this machine lacks, each name once."""
    return list(dict.fromkeys(name for kata in katas for name in needs.missing(kata)))


def _pip_brings(name: str) -> bool:
    return name not in needs.TOOLS or len(needs.install_command([name])) > len(needs.install_command([]))


def _install(command: Sequence[str], katas: Iterable[Kata]) -> None:
    import importlib
    import subprocess

    code = subprocess.run(command, check=False).returncode
    if code:
        raise MachineError(f"pip ended with exit code {code}; its last lines say why. Then try again: kata install")
    importlib.invalidate_caches()
    if lacking := _lacking(katas):
        raise MachineError(f"still missing: {', '.join(sorted(lacking))}. See: kata doctor")
    print("Done. Go on: kata check")


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Say what this machine lacks, and the command that repairs it."""
    from kata_runner.cli.doctor import FAILURE, examine

    practice = practice_of(context)
    findings = list(examine(practice))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        from kata_runner.screen import lists

        show(lists.doctor(findings))
    if any(finding.level == FAILURE for finding in findings):
        raise typer.Exit(int(ExitCode.MACHINE_AT_FAULT))


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; - for standard output.")],
    force: Annotated[bool, typer.Option("--force", help="Write over any file.")] = False,
) -> None:
    """Write your progress into a file for another machine. It holds attempts with their code, hints and stars."""
    data = practice_of(context).export()
    if str(file) == "-":
        sys.stdout.buffer.write(data)
        return
    try:
        if not force and file.exists() and not _is_export(file):
            ask(f"{file} is not what kata export writes. Write over it?", "kata export FILE --force")
        replace(file.resolve(), data)
    except OSError as error:
        raise MachineError(f"cannot write {file}: {error.strerror}. Make room, or name another file.") from None
    print(plain(f"Your progress is in {file}. On the other machine: kata import {file.name}"))


def _is_export(file: Path) -> bool:
    from kata_runner.learner.exported import version_of

    return version_of(file.read_bytes()) is not None


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What kata export wrote; - for standard input.")],
) -> None:
    """Add the progress that was exported on another machine. What is here stays, also your files."""
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}. Nothing was changed.") from None
    n_attempts, n_marks = practice_of(context).take_over(data, str(file))
    from kata_runner.screen.text import plural

    if not n_attempts and not n_marks:
        print("Nothing new: all of it is here already.")
        return
    print(f"Added {plural(n_attempts, 'attempt')}, and {plural(n_marks, 'hint or skip', 'hints and skips')}.")
    print("Your files are as they were. To bring code back: kata history KATA, then kata restore KATA N")
