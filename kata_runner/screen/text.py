"""Small pieces of text that several screens share: marks, bars, durations, headings, labels, Markdown and code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from kata_runner.model import Kata, Outcome, Status

if TYPE_CHECKING:
    from rich.markdown import Markdown
    from rich.syntax import Syntax

# A mark is never the only sign: its colour, its shape, and a word or a legend say the same.
MARKS = {
    Status.PASSED: ("✓", "green"),
    Status.FAILED: ("✗", "bold red"),
    Status.BROKE: ("✗", "bold red"),
    Status.TODO: ("○", "yellow"),
    Status.FAULT: ("!", "magenta"),
    Status.NOT_RUN: ("–", "dim"),
}
STATE_MARKS = {
    "todo": ("○", "dim"),
    "started": ("◐", "yellow"),
    "solved": ("✓", "green"),
    "skipped": ("»", "dim"),
}
# Stand-ins of the same width for terminals whose encoding has none of these.
_ASCII = {
    **dict(zip("✓✗○◐▸»★☆█░–—·…×→≤≥•⚑’“”■□", '+xo~>>*.#.---.x><>*!\'""#.')),
    **dict(zip("▁▂▃▄▅▆▇", ".,-=+*%")),
    **dict(zip("↑↓", "^v")),
    **dict.fromkeys("─━", "-"),
    **dict.fromkeys("│┃▌", "|"),
}


def to_ascii(text: str) -> str:
    """The text with every non-ASCII character replaced by one that looks like it, or "?"."""
    return "".join(c if c.isascii() else _ASCII.get(c, "?") for c in text)


def stars(difficulty: int) -> str:
    """Difficulty 1-5 at a glance: ★★☆☆☆."""
    return "★" * difficulty + "☆" * (5 - difficulty)


def bar(done: int, total: int, width: int = 24) -> str:
    """A bar that is full only when everything is done, and empty only when nothing is."""
    if not total:
        return "░" * width
    filled = round(width * done / total)
    if 0 < done < total:
        filled = min(max(filled, 1), width - 1)
    return "█" * filled + "░" * (width - filled)


def percent(done: int, total: int) -> str:
    return f"{100 * done // total} %" if total else "0 %"


def sparkline(counts: Sequence[int]) -> str:
    """Counts as small columns; the largest count is a full column, zero the lowest."""
    top = max(counts, default=0)
    return "".join("▁▂▃▄▅▆▇█"[round(7 * n / top)] if top else "▁" for n in counts)


def seconds(duration_s: float) -> str:
    """A duration as people say it: 35 ms, 1.2 s, 3 min, 2 h 5 min."""
    if duration_s < 0.1:
        return f"{duration_s * 1000:.0f} ms"
    if duration_s < 60:
        return f"{duration_s:.1f} s"
    minutes = round(duration_s / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def since(then: datetime, now: datetime) -> str:
    """How long ago, roughly: just now, 5 minutes ago, yesterday, 12 days ago."""
    passed_s = (now - then).total_seconds()
    if passed_s < 90:
        return "just now"
    if passed_s < 5400:
        return f"{plural(round(passed_s / 60), 'minute')} ago"
    if passed_s < 129_600:
        return f"{plural(round(passed_s / 3600), 'hour')} ago"
    return f"{plural(round(passed_s / 86_400), 'day')} ago"


def plural(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def heading(kata: Kata) -> Text:
    """Title, short id and difficulty on one line."""
    return Text.assemble((kata.title, "bold"), "  ", (kata.short, "cyan"), "  ", (stars(kata.difficulty), "yellow"))


def printable(text: str) -> str:
    """Text that the learner made, or a name on disk: what would control the terminal is shown as an escape: \\x1b."""
    return "".join(c if c.isprintable() or c in "\t\n" else c.encode("unicode_escape").decode() for c in text)


def path_link(path: Path, shown: str = "") -> Text:
    """A path, clickable in terminals that support links; shown: how it is written, when not in full."""
    link = path.as_uri() if path.is_absolute() else None
    return Text(printable(shown or str(path)), Style(color="cyan", link=link), overflow="fold")


def hanging(label: Text, body: RenderableType) -> RenderableType:
    """A label, and a body whose wrapped lines stay to the right of it."""
    grid = Table.grid()
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(label, body)
    return grid


def markdown(text: str, *, fold_code: bool = True) -> Markdown:
    """A task or a hint, formatted for a terminal.

    fold_code: break lines of code that are too wide; otherwise that is left to the terminal, and they can be copied.
    """
    from kata_runner.screen.markdown import Folded, Whole

    return (Folded if fold_code else Whole)(text, code_theme="ansi_dark", hyperlinks=True)


def source(name: str, text: str) -> Syntax:
    """A file of code with syntax colours."""
    from rich.syntax import Syntax

    lexer = Syntax.guess_lexer(name, text)
    return Syntax(text, lexer, theme="ansi_dark", word_wrap=True, background_color="default")


def outcome_mark(outcome: Outcome) -> tuple[str, str]:
    marks = {Outcome.PASSED: Status.PASSED, Outcome.TODO: Status.TODO, Outcome.MISSING: Status.TODO}
    return MARKS[marks.get(outcome, Status.FAULT if outcome is Outcome.FAULT else Status.FAILED)]
