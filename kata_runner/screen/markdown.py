"""Markdown for a terminal, so that what stands in a fence can be copied: no box around code, no blanks behind it."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown
from rich.syntax import Syntax


class _Heading(Heading):
    LEVEL_ALIGN = dict.fromkeys(Heading.LEVEL_ALIGN, "left")


class _Code(CodeBlock):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = Syntax("", self.lexer_name, theme=self.theme, background_color="default").highlight(str(self.text))
        code.rstrip()
        yield code


class _WholeCode(_Code):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for code in super().__rich_console__(console, options):
            code.no_wrap, code.overflow = True, "ignore"  # type: ignore[union-attr]
            yield code


class Folded(Markdown):
    """Lines of code that are too wide go on in the next line."""

    elements = {**Markdown.elements, "heading_open": _Heading, "fence": _Code, "code_block": _Code}  # noqa: RUF012


class Whole(Markdown):
    """Lines of code are left as they are, for the terminal to wrap."""

    elements = {**Folded.elements, "fence": _WholeCode, "code_block": _WholeCode}  # noqa: RUF012
