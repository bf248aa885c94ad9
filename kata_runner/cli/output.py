"""Where commands print: plain text for pipes and files, drawn with Rich on a terminal."""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


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


def show_markdown(text: str) -> None:
    """Print Markdown, rendered on a terminal and unchanged elsewhere (which also saves the import of Rich)."""
    if is_terminal():
        from kata_runner.screen.text import markdown

        show(markdown(text))
    else:
        print(text.rstrip())


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
    """Print a message to stderr, after what was printed before."""
    sys.stdout.flush()
    print(f"kata: {message}", file=sys.stderr, flush=True)


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


def silence() -> None:
    """Print nothing more: Python flushes stdout once again when it ends, and would complain about a closed pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
