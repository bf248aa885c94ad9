"""Where commands print: plain text for pipes and files, drawn with Rich on a terminal."""

from __future__ import annotations

import codecs
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kata_runner.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_LABELS = 11


def is_terminal() -> bool:
    return sys.stdout.isatty()


def width() -> int | None:
    """The columns to fit into; None where the output goes to a file or a program and COLUMNS is not set."""
    if not is_terminal() and "COLUMNS" not in os.environ:
        return None
    import shutil

    return shutil.get_terminal_size().columns


def _console() -> Console:
    from rich.console import Console

    # A pipe has no edge to wrap at: there, a line may be as long as its text.
    return Console(width=width() or 200, highlight=False, markup=False, emoji=False)


def show(renderable: RenderableType) -> None:
    console = _console()
    if is_terminal():
        console.print(renderable, crop=False)
        return
    with console.capture() as capture:
        console.print(renderable, crop=False)
    # Rich fills columns up with blanks, which are of use on a terminal only.
    for line in capture.get().splitlines():
        print(line.rstrip())


def show_paged(renderable: RenderableType, *, paged: bool = True) -> None:
    """The same, but on a terminal by way of a pager where there are more lines than rows; see `pager`.

    paged: False prints all of it at once all the same.
    """
    import shutil

    if not is_terminal():
        show(renderable)
        return
    console = _console()
    with console.capture() as capture:
        console.print(renderable, crop=False)
    text = re.sub(r" +(?=(\x1b\[0m)?\n)", "", capture.get())  # what Rich fills lines up with is of no use in a copy
    command = pager(os.environ) if paged and text.count("\n") >= shutil.get_terminal_size().lines else []
    if not command or not _page(text, command):
        print(text, end="")


def pager(environ: Mapping[str, str]) -> list[str]:
    """The learner's pager as a command that keeps colours; empty where there is none, or PAGER is set to nothing."""
    import shlex
    import shutil

    if environ.get("TERM", "") in ("", "dumb"):
        return []
    found = next(filter(shutil.which, ("less", "more")), "")
    with suppress(ValueError):
        command = shlex.split(environ.get("PAGER", found))
        return [*command, "-R"] if command and Path(command[0]).name == "less" else command
    return []


def _page(text: str, command: Sequence[str]) -> bool:
    """Show text in a pager until it ends; False when it cannot be started."""
    import subprocess

    try:
        # X: what was read stays on the terminal when the pager has ended.
        process = subprocess.Popen(command, stdin=subprocess.PIPE, env={"LESS": "FX", **os.environ})
    except OSError:
        return False
    assert process.stdin is not None
    with suppress(OSError, KeyboardInterrupt), process.stdin:
        process.stdin.write(text.encode(sys.stdout.encoding, "kata-lookalike"))
    while True:
        try:
            process.wait()
            return True
        except KeyboardInterrupt:  # meant for the pager, which goes on
            continue


def show_markdown(text: str, *, paged: bool = False) -> None:
    """Print Markdown, rendered on a terminal and unchanged elsewhere (which also saves the import of Rich)."""
    if is_terminal():
        from kata_runner.screen.text import markdown

        show_paged(markdown(text, fold_code=False), paged=paged)
    else:
        print(text.rstrip())


def show_rows(rows: Iterable[tuple[str, str]]) -> None:
    """Print labels and texts, broken so that each text stays in its column; a path is never broken."""
    import textwrap

    for label, text in rows:
        room = 1000 if os.sep in text else (width() or 1000) - _LABELS
        lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
        for i, line in enumerate(map(plain, lines)):
            print(f"{'' if i else label:<{_LABELS}}{line}")


def short_path(path: Path, cwd: Path) -> str:
    """A path as one would type it in `cwd`, or whole where that is shorter."""
    try:
        return plain(min(os.path.relpath(path, cwd), str(path), key=len))
    except ValueError:  # on another drive
        return plain(str(path))


def plain(text: str) -> str:
    """The text with an escape in place of what would control the terminal: a folder may have any name."""
    if text.isprintable():  # which saves the import of Rich
        return text
    from kata_runner.screen.text import printable

    return printable(text)


def ask(question: str, instead: str) -> None:
    """Go on after a yes; end the command after a no. instead: the command that needs no question."""
    import typer

    if not sys.stdin.isatty():
        raise UsageError(
            f"this needs an answer, and standard input is no terminal. To go ahead without a question: {instead}"
        )
    if not typer.confirm(question):
        print("Nothing was changed.")
        raise typer.Exit(0)


def show_source(name: str, text: str) -> None:
    """Print a file of code under its name, highlighted on a terminal."""
    if is_terminal():
        from kata_runner.screen.text import source

        print(name)
        show(source(name, text.rstrip()))
    else:
        print(f"# {name}\n{text.rstrip()}")


def show_pictures(paths: Iterable[Path]) -> None:
    """Draw pictures in terminals that can, where the library for it is installed; a verdict names them anyway."""
    if not is_terminal() or not (paths := list(paths)):
        return
    try:
        from textual_image import renderable
    except ImportError:
        return
    # Elsewhere the library falls back to coloured blocks, in which a plot cannot be recognised.
    if renderable.Image in (renderable.TGPImage, renderable.SixelImage):
        for path in paths:
            if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".gif"):
                show(renderable.Image(path))


def print_json(value: object) -> None:
    is_utf = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    print(json.dumps(value, indent=2, ensure_ascii=not is_utf))


def complain(message: str) -> None:
    """Print a message to stderr, after what was printed before, where either can be written."""
    with suppress(OSError):
        sys.stdout.flush()
    with suppress(OSError):
        print(f"kata: {plain(message)}", file=sys.stderr, flush=True)


def allow_any_character() -> None:
    """Print a look-alike for each character that the terminal's encoding lacks, instead of raising an error."""

    def lookalike(error: UnicodeError) -> tuple[str, int]:
        from kata_runner.screen.text import to_ascii

        if not isinstance(error, UnicodeEncodeError):
            raise error
        return to_ascii(error.object[error.start : error.end]), error.end

    codecs.register_error("kata-lookalike", lookalike)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="kata-lookalike")


def failure_of_output() -> OSError | None:
    """Why nothing can be printed; None where an empty line can."""
    try:
        print(flush=True)
        return None
    except OSError as error:
        return error


def silence() -> None:
    """Print nothing more: Python flushes stdout once again when it ends, and would complain about a closed pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
