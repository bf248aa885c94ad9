"""The application: the commands in one Typer app, from argv to exit code. The one place that catches KataError."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from kata_runner.catalogue.load import Catalogue, load
from kata_runner.cli import dev, learn, look, machine
from kata_runner.cli.arguments import Command, catalogue_folder, command_of
from kata_runner.cli.output import allow_any_character, complain, failure_of_output, silence
from kata_runner.errors import ExitCode, KataError, UsageError, remedy
from kata_runner.practice import Practice

if TYPE_CHECKING:
    from kata_runner.judging.launch import Child

COMMANDS: dict[str, Callable[..., None]] = {
    "next": learn.next_,
    "start": learn.start,
    "skip": learn.skip,
    "check": learn.check,
    "watch": learn.watch,
    "debug": learn.debug,
    "test": learn.own_tests,
    "hunt": learn.hunt,
    "hint": learn.hint,
    "show": learn.show_,
    "solution": learn.solution,
    "list": look.list_,
    "progress": look.progress,
    "reset": learn.reset,
    "history": learn.history,
    "restore": learn.restore,
    "edit": learn.edit,
    "export": machine.export,
    "import": machine.import_,
    "install": machine.install,
    "doctor": machine.doctor,
}
DEV_COMMANDS: dict[str, Callable[..., None]] = {"audit": dev.audit, "new": dev.new, "mistake": dev.mistake}


def run(argv: Sequence[str], child: Child | None = None) -> int:
    """Run one command and return its exit code; whatever goes wrong is reported in words.

    child: one started early for a check, which is closed here.
    """
    command = Command(Practice(), child)
    allow_any_character()
    try:
        return _run(argv, command)
    except KataError as error:
        complain(str(error))
        return int(error.exit_code)
    except KeyboardInterrupt:
        complain("interrupted")
        return int(ExitCode.INTERRUPTED)
    except Exception as error:
        return _after(error, argv, command.practice)
    finally:
        if child is not None:
            child.close()


def _after(error: Exception, argv: Sequence[str], practice: Practice) -> int:
    """Say what an error means that is none of ours; returns the exit code."""
    if isinstance(error, OSError) and (trouble := failure_of_output()):
        silence()
        if isinstance(trouble, BrokenPipeError):
            return int(ExitCode.NO_READER)
        complain(f"the output cannot be written ({trouble.strerror}); what was recorded is kept. {remedy(trouble)}.")
    elif isinstance(error, OSError) and (what_to_do := remedy(error, "")):
        about = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        complain(f"the system refused ({about}). {what_to_do}.")
    else:
        complain(_crashed(argv, practice))
        return int(ExitCode.KATA_AT_FAULT)
    return int(ExitCode.MACHINE_AT_FAULT)


def _run(argv: Sequence[str], command: Command) -> int:
    code: object = 0
    try:
        build()(args=list(argv), prog_name="kata", obj=command)
    except SystemExit as leaving:
        code = leaving.code
    finally:
        if command.practice.problem:
            complain(command.practice.problem)
    sys.stdout.flush()
    return code if isinstance(code, int) else 0 if code is None else 1


class _Commands(TyperGroup):
    """The commands, and words that are none but mean one: `help`, `version`, and the name of a kata to start it."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # Click would end with 1, as if an answer were wrong
            ctx.exit(int(ExitCode.NO_READER))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args == ["help"]:
            print(ctx.get_help())
            ctx.exit()
        if args[0] == "version":
            _print_version()
            ctx.exit()
        if args[0] == "help":
            args = [*args[1:], "--help"]
        word = args[0]
        if word not in self.commands and not word.startswith("-"):
            catalogue = load(catalogue_folder(ctx))
            if not catalogue.named(word):
                raise UsageError(_no_such_command(word, list(self.commands), catalogue))
            args = ["start", *args]
        return super().resolve_command(ctx, args)


def _no_such_command(word: str, commands: Sequence[str], catalogue: Catalogue) -> str:
    import difflib

    if near := difflib.get_close_matches(word, commands, n=1, cutoff=0.7):
        return f'no command named "{word}" (did you mean kata {near[0]}?). See all: kata help'
    try:
        return f'no command named "{word}". To start that kata: kata start {catalogue.find(word).short}'
    except KataError:
        return f'neither a command nor a kata is named "{word}". See all: kata help, kata list'


def build() -> typer.Typer:
    app = typer.Typer(
        name="kata",
        cls=_Commands,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback(invoke_without_command=True)(_root)
    for name, function in COMMANDS.items():
        app.command(name)(function)
    group = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="For authors: begin and prove katas.")
    for name, function in DEV_COMMANDS.items():
        group.command(name)(function)
    app.add_typer(group, name="dev")
    return app


def _root(
    context: typer.Context,
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", metavar="DIR", envvar="KATA_CATALOGUE", help="Folder of katas.")
    ] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", metavar="DIR", envvar="KATA_WORKSPACE", help="Your own folder.")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Practice for AI and ML engineers: exercises, judged the moment you ask.

    Begin with `kata next`; it prints what to do.
    """
    practice = Practice(catalogue_dir=catalogue, workspace_dir=workspace)
    command_of(context).practice = practice
    if version:
        _print_version()
    elif context.invoked_subcommand is None:
        look.home(practice)


def _print_version() -> None:
    from kata_runner import __version__

    print(f"kata {__version__}")


def _crashed(argv: Sequence[str], practice: Practice) -> str:
    """Keep the traceback of the exception at hand in a file; returns the sentence that says where it is."""
    import tempfile
    import traceback
    from datetime import datetime

    trace = traceback.format_exc().strip()
    name = f"kata-crash-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    path = Path(tempfile.gettempdir(), name)
    with suppress(Exception):  # finding the workspace may be what went wrong
        path = practice.need_workspace().database.with_name(name)
    kept = f"The details, for a bug report, are in {path}"
    try:
        path.write_text(f"{shlex.join(['kata', *argv])}\n\n{trace}\n", encoding="utf-8")
    except OSError as error:
        kept = f"The details cannot be kept in {path}: {error.strerror}"
    return f"something in kata itself went wrong ({trace.splitlines()[-1]}). {kept}"
