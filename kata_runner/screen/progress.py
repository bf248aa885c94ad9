"""How far the learner is: the page of `kata progress`, and what plain `kata` says."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from kata_runner.model import HistoryRow, Overview, Progress
from kata_runner.screen.text import bar, heading, outcome_mark, path_link, percent, plural, seconds, since, sparkline


def progress(shown: Progress, width: int = 80) -> RenderableType:
    """Bars for all katas and for each stage of the journey, then figures, then the next kata."""
    length = 24 if width >= 76 else 12
    names = max([cell_len(name) for name in shown.stages], default=0)
    names = max(12, min(names, width - length - 10))
    text = Text(no_wrap=True, overflow="ellipsis")
    done, total = shown.n_solved, shown.n_katas
    text.append(f"{done} of {plural(total, 'kata')} solved  ", "bold")
    text.append(bar(done, total, length), "green").append(f"  {percent(done, total)}\n\n")
    for name, (solved, of) in shown.stages.items():
        label = name if cell_len(name) <= names else set_cell_size(name, names - 1) + "…"
        text.append(f"  {set_cell_size(label, names)}  ")
        text.append(bar(solved, of, length), "green").append(f"  {solved}/{of}\n")
    return Group(text, _figures(shown))


def _figures(shown: Progress) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    if any(shown.per_week):
        numbers = " ".join(map(str, shown.per_week))
        grid.add_row("Solved per week", Text.assemble((sparkline(shown.per_week), "green"), f"  {numbers}"))
    if sum(shown.stars.values()) > shown.n_solved:  # more than the one that every solved kata has
        grid.add_row("Stars", _stars(shown))
    grid.add_row("Streak", plural(shown.streak_days, "day"))
    grid.add_row("Attempts", f"{shown.n_attempts:,}")
    grid.add_row("Hints taken", f"{shown.n_hints:,}")
    if shown.n_gave_up:
        grid.add_row("Solutions shown", f"{shown.n_gave_up} before solving")
    grid.add_row("Time spent", seconds(shown.spent_s) if shown.spent_s else "–")
    if shown.review:
        grid.add_row("Worth another go", ", ".join(shown.review[:5]) + (", …" if len(shown.review) > 5 else ""))
    if shown.next_kata:
        name = f"{shown.next_kata.short} {shown.next_kata.title}"
        grid.add_row(Text("Next", "bold"), Text.assemble(f"{name}  ", ("kata next", "bold cyan")))
    return grid


def _stars(shown: Progress) -> str:
    each = ", ".join(f"{n} {star}" for star, n in shown.stars.items())
    return f"{sum(shown.stars.values())} of {shown.n_stars:,}: {each}"


def all_solved(shown: Progress) -> RenderableType:
    """The end of the journey: all that was done, and what one can still do."""
    spent = f" in {seconds(shown.spent_s)}" if shown.spent_s >= 1 else ""
    hints = f"{shown.n_hints:,} hint" if shown.n_hints == 1 else f"{shown.n_hints:,} hints"
    grid = Table.grid(padding=(0, 2))
    for command, what in _AFTER_THE_END:
        grid.add_row("", Text(command, "bold cyan"), what)
    return Group(
        Text.assemble(("EVERY KATA IS SOLVED", "bold green"), f" · {shown.n_solved} of {shown.n_katas}"),
        Text(bar(shown.n_solved, shown.n_katas, 60), "green"),
        Text(f"\n{shown.n_attempts:,} attempts and {hints}{spent}, and what you wrote on the way is yours:"),
        Text("every answer is in the history, and later ones were built on earlier ones."),
        Text(f"Stars: {_stars(shown)}\n"),
        Text("From here", "bold"),
        grid,
    )


_AFTER_THE_END = (
    ("kata hunt", "a bug to find in code that you know"),
    ("kata test --new KATA", "your own tests, judged by the mistakes of others"),
    ("kata check --typed", "the types of an answer"),
    ("kata progress", "what is worth another go"),
    ("kata dev new ID", "a kata of your own (CONTRIBUTING.md)"),
)


def overview(shown: Overview, now: datetime) -> RenderableType:
    """What plain `kata` prints."""
    blocks: list[RenderableType] = []
    if shown.current:
        blocks.append(heading(shown.current))
        if shown.file:
            blocks.append(path_link(shown.file))
        blocks.append(_last_verdict(shown.last, now))
    how_far = f"{shown.n_solved} of {plural(shown.n_katas, 'kata')} solved"
    blocks.append(Text.assemble(f"{how_far}  ", (bar(shown.n_solved, shown.n_katas, 20), "green")))
    return Group(*blocks, Text.assemble("\nNow: ", (shown.command, "bold cyan")))


def _last_verdict(last: HistoryRow | None, now: datetime) -> Text:
    if last is None or last.outcome is None:
        return Text("Not checked yet.")
    mark, style = outcome_mark(last.outcome)
    counts = f", {last.n_passed} of {plural(last.n_checks, 'check')}" if last.n_checks else ""
    ago = since(last.at, now)
    return Text.assemble("Last verdict: ", (f"{mark} {last.outcome.value}", style), f"{counts}, {ago}")
