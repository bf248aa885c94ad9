"""Lists: the catalogue, the history of a kata, what the doctor found, what the audit proved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from kata_runner.model import Finding, HistoryRow, Report, Row
from kata_runner.screen.text import STATE_MARKS, outcome_mark, plural, printable, seconds, stars

_LEVELS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failure": ("✗", "bold red")}


def catalogue(rows: Sequence[Row], width: int | None = None) -> RenderableType:
    """All katas under their headings, a line each; what does not fit in `width` is shortened. None: no limit."""
    if not rows:
        return Text("no kata fits; see all of them: kata list")
    ids = max(cell_len(r.kata.short) for r in rows)
    fixed = 2 + ids + 2 + len("  ★★☆☆☆   60 min")
    longest = max(cell_len(r.kata.title) for r in rows)
    titles = longest if width is None else max(12, min(longest, width - fixed))
    text = Text(no_wrap=True, overflow="ignore" if width is None else "ellipsis")
    group = None
    for row in rows:
        if row.group != group:
            text.append("\n" if group is not None else "").append(f"{row.group}\n", "bold")
            group = row.group
        _catalogue_row(text, row, ids, titles)
    counted = [row for row in rows if row.kata.counted]
    n_solved = sum(row.state == "solved" for row in counted)
    legend = "   ".join(f"{mark} {name}" for name, (mark, _) in STATE_MARKS.items())
    text.append(f"\n{legend}\n", "dim")
    text.append(f"{n_solved} of {plural(len(counted), 'kata')} solved")
    return Group(text)  # a Text alone is printed without its no_wrap


def _catalogue_row(text: Text, row: Row, ids: int, titles: int) -> None:
    kata = row.kata
    mark, style = STATE_MARKS[row.state]
    text.append(f"{mark} ", style)
    text.append(f"{kata.short:<{ids}}  ", "cyan")
    title = kata.title if cell_len(kata.title) <= titles else set_cell_size(kata.title, titles - 1) + "…"
    text.append(set_cell_size(title, titles), "bold" if row.is_current else "")
    text.append(f"  {stars(kata.difficulty)}", "yellow").append(f"  {kata.minutes:>3} min", "dim")
    text.append("".join(f"  {star}" for star in row.stars[1:]), "green")
    notes = [*(["current"] if row.is_current else []), *(["shown"] if row.gave_up and row.state != "solved" else [])]
    text.append(f"  {', '.join([*notes, *kata.needs])}".rstrip() + "\n", "dim")


def history(rows: Sequence[HistoryRow]) -> RenderableType:
    """The attempts at one kata and the code that was kept, oldest first."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("N", "when", "verdict", "checks", "time"):
        table.add_column(
            name, justify="right" if name in ("N", "checks", "time") else "left", no_wrap=name != "verdict"
        )
    for row in rows:
        judged = row.outcome is not None
        table.add_row(
            str(row.number),
            row.at.astimezone().strftime("%Y-%m-%d %H:%M"),
            _history_verdict(row),
            f"{row.n_passed}/{row.n_checks}" if row.n_checks else "–",
            seconds(row.duration_s) if judged else "–",
        )
    return table


def _history_verdict(row: HistoryRow) -> Text:
    if row.outcome is None:
        text = Text(f"○ kept before {row.reason}", "dim")
    else:
        mark, style = outcome_mark(row.outcome)
        text = Text(f"{mark} {row.outcome.value}", style)
    if row.borrowed:
        text.append(f", borrowed {', '.join(row.borrowed)}")
    return text if row.is_kept else text.append(", code lost")


def doctor(findings: Iterable[Finding]) -> RenderableType:
    """One line for each finding, with its remedy below it; the level is also shown as a word."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for finding in findings:
        mark, style = _LEVELS[finding.level]
        body = Text(printable(finding.message))
        if finding.remedy:
            body.append("\n→ ").append(finding.remedy, "bold cyan")
        label = "OK" if finding.level == "ok" else finding.level
        grid.add_row(Text(f"{mark} {label}", style), Text(finding.subject, "bold"), body)
    return grid


def audit_line(report: Report) -> Text:
    """What the audit found about one kata, with its problems and remarks below."""
    mark, style = ("○", "dim") if report.skipped else ("✗", "bold red") if report.problems else ("✓", "green")
    text = Text(no_wrap=False, overflow="fold")
    text.append(f"{mark} ", style).append(f"{report.kata_id}  ")
    if report.skipped:
        return text.append(f"not tried: {report.skipped}", "dim")
    how = "whole" if report.is_whole else "quick"
    text.append(f"{how} · {_counts(report)} · {seconds(report.seconds)}")
    for problem in report.problems:
        text.append(f"\n    {problem}")
    for remark in report.remarks:
        text.append(f"\n    {remark}", "dim")
    return text


def audit_totals(reports: Sequence[Report]) -> Text:
    """The last line of an audit."""
    proven = sum(not r.problems and not r.skipped for r in reports)
    skipped = sum(bool(r.skipped) for r in reports)
    text = Text(f"{proven} of {plural(len(reports), 'kata')} proven", "bold")
    text.append(f", {skipped} not tried" if skipped else "")
    return text.append(f" · {_counts(*reports)}")


def _counts(*reports: Report) -> str:
    n_wrong, n_right = sum(r.n_wrong for r in reports), sum(r.n_right for r in reports)
    return (
        f"{plural(sum(r.n_checks for r in reports), 'check')}"
        f" · {sum(r.n_caught for r in reports)} of {plural(n_wrong, 'mistake')} caught"
        f" · {sum(r.n_accepted for r in reports)} of {plural(n_right, 'right answer')} accepted"
    )
