"""Records in, Rich renderables out: everything a person sees of a verdict, a list, or their progress. Never prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from kata_runner.model import (
    Attempt,
    CheckResult,
    CodeLine,
    Kata,
    Outcome,
    Overview,
    Progress,
    Row,
    RuleBreach,
    Status,
    Tally,
    Verdict,
)

if TYPE_CHECKING:
    from rich.markdown import Markdown
    from rich.syntax import Syntax

    from kata_runner.learner.store import HistoryRow

# A mark never stands for its meaning alone: its colour, its shape and a word or a legend say the same.
MARKS = {
    Status.PASSED: ("✓", "green"),
    Status.FAILED: ("✗", "bold red"),
    Status.BROKE: ("✗", "bold red"),
    Status.TODO: ("○", "yellow"),
    Status.FAULT: ("!", "magenta"),
    Status.NOT_RUN: ("–", "dim"),
}
_HEADLINES = {
    Outcome.PASSED: ("PASSED", "bold green"),
    Outcome.FAILED: ("NOT YET", "bold red"),
    Outcome.TODO: ("TO DO", "bold yellow"),
    Outcome.BROKE: ("BROKE", "bold red"),
    Outcome.RULE: ("RIGHT, BUT AGAINST A RULE", "bold yellow"),
    Outcome.MISSING: ("SOMETHING IS MISSING", "bold magenta"),
    Outcome.FAULT: ("THE KATA IS AT FAULT", "bold magenta"),
}
STATE_MARKS = {
    "todo": ("○", "dim"),
    "started": ("▸", "yellow"),
    "solved": ("✓", "green"),
    "skipped": ("»", "dim"),
}
STATES = tuple(STATE_MARKS)
_LEVELS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failure": ("✗", "bold red")}
# Stand-ins of the same width for terminals whose encoding has none of these.
_ASCII = {
    **dict(zip("✓✗○▸»★☆█░–—·…×→≤≥•⚑’“”", '+xo>>*.#.---.x><>*!\'""')),
    **dict(zip("▁▂▃▄▅▆▇", ".,-=+*%")),
    **dict(zip("↑↓\u00a0", "^v ")),
    **dict.fromkeys("─━", "-"),
    **dict.fromkeys("│┃▌", "|"),
}


def to_ascii(text: str) -> str:
    """The text with every sign that ASCII lacks replaced by one that looks like it, or "?"."""
    return "".join(c if c.isascii() else _ASCII.get(c, "?") for c in text)


def stars(difficulty: int) -> str:
    """Difficulty 1-5 at a glance: ★★☆☆☆."""
    return "★" * difficulty + "☆" * (5 - difficulty)


def bar(done: int, total: int, width: int = 24) -> str:
    """A bar that is full only when all is done, and empty only when nothing is."""
    if not total:
        return "░" * width
    filled = round(width * done / total)
    if 0 < done < total:
        filled = min(max(filled, 1), width - 1)
    return "█" * filled + "░" * (width - filled)


def percent(done: int, total: int) -> str:
    return f"{100 * done // total} %" if total else "0 %"


def seconds(duration_s: float) -> str:
    """A duration as people say it: 35 ms, 1.2 s, 3 min, 2 h 5 min."""
    if duration_s < 0.1:
        return f"{duration_s * 1000:.0f} ms"
    if duration_s < 60:
        return f"{duration_s:.1f} s"
    minutes = round(duration_s / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def plural(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"


# --- a verdict -----------------------------------------------------------------------------------------------------


def verdict(
    kata: Kata, judged: Verdict, tally: Tally | None = None, *, verbose: bool = False, commands: bool = True
) -> RenderableType:
    """The whole verdict.

    verbose: open every failed check instead of the first; commands: name the commands that lead on.
    """
    blocks: list[RenderableType] = [heading(kata), Text("")]
    if kata.parts and judged.checks:
        blocks += [health(kata, judged), Text("")]
    if judged.checks:
        blocks += [_checks(kata, judged, verbose), Text("")]
    blocks += after_the_checks(judged)
    blocks.append(summary(judged))
    if judged.passed:
        blocks += _solved(kata, tally)
    if commands:
        blocks += _lead_on(kata, judged)
    return Group(*blocks)


def heading(kata: Kata) -> Text:
    """Title, short id and difficulty on one line."""
    return Text.assemble((kata.title, "bold"), "  ", (kata.short, "cyan"), "  ", (stars(kata.difficulty), "yellow"))


def summary(judged: Verdict) -> Text:
    """The outcome in one line, as a word, with counts and time."""
    word, style = _HEADLINES[judged.outcome]
    line = Text.assemble((word, style))
    if judged.checks:
        line.append(f" · {judged.n_passed} of {plural(len(judged.checks), 'check')}")
    if judged.duration_s:
        line.append(f" · {seconds(judged.duration_s)}", "dim")
    return line


def health(kata: Kata, judged: Verdict) -> RenderableType:
    """A milestone's health bar, whole and by part."""
    rows = Table.grid(padding=(0, 2))
    done, total = judged.n_passed, len(judged.checks)
    rows.add_row(Text("Health", "bold"), Text(bar(done, total), "green"), percent(done, total))
    for name in kata.parts:
        of_part = [c for c in judged.checks if c.part == name]
        passed = sum(c.passed for c in of_part)
        rows.add_row(Text(name), Text(bar(passed, len(of_part)), "green"), f"{passed} of {len(of_part)}")
    return rows


def _checks(kata: Kata, judged: Verdict, verbose: bool) -> RenderableType:
    opened = worth_opening(judged, verbose)
    rows: list[RenderableType] = []
    for part, checks in by_part(kata, judged.checks):
        if part:
            rows.append(Text(part, "bold"))
        for check in checks:
            rows.append(check_line(check))
            if check in opened:
                rows.append(Padding(counterexample(check, judged), (0, 0, 0, 4), expand=False))
    return Group(*rows)


def worth_opening(judged: Verdict, verbose: bool) -> list[CheckResult]:
    """The checks to open. Failed ones come before those that broke off: the first tells the learner most."""
    wrong = [c for c in judged.checks if c.status in (Status.FAILED, Status.BROKE, Status.FAULT)]
    todo = [c for c in judged.checks if c.status is Status.TODO and c.message]
    # Where everything is still the stub, the one line under the list says it.
    if not wrong and judged.outcome is not Outcome.TODO:
        wrong = todo
    return wrong if verbose else wrong[:1]


def by_part(kata: Kata, checks: Sequence[CheckResult]) -> list[tuple[str, list[CheckResult]]]:
    """The checks under each part of a milestone; those of no part, and all of other katas, under ""."""
    known = [name for name in kata.parts if any(c.part == name for c in checks)]
    named = [(name, [c for c in checks if c.part == name]) for name in known]
    rest = [c for c in checks if c.part not in known]
    return [*named, *([("", rest)] if rest else [])]


def check_line(check: CheckResult) -> RenderableType:
    """One check: its mark and what it requires."""
    mark, style = MARKS[check.status]
    line = Text(check.requirement or check.name, "dim" if check.status is Status.NOT_RUN else "")
    if check.status is Status.NOT_RUN:
        line.append(" (not run)")
    return hanging(Text(f" {mark} ", style), line)


class _Hanging:
    """What `hanging` gives; a table would do the same ten times slower, and there is one for each check."""

    def __init__(self, label: Text, body: RenderableType) -> None:
        self._label = label
        self._body = body

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        indent = min(cell_len(self._label.plain), max(0, options.max_width - 1))
        inner = options.update(width=options.max_width - indent, height=None, overflow="fold")
        lines = console.render_lines(self._body, inner, pad=False)
        for i, line in enumerate(lines):
            if i == 0:
                yield from self._label.render(console)
            elif line:
                yield Segment(" " * indent)
            yield from line
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        indent = cell_len(self._label.plain)
        low, high = Measurement.get(console, options, self._body)
        return Measurement(low + indent, high + indent).clamp(max_width=options.max_width)


def hanging(label: Text, body: RenderableType) -> RenderableType:
    """A label, and a body whose lines wrap beside it rather than below it."""
    return _Hanging(label, body)


def counterexample(check: CheckResult, judged: Verdict | None = None) -> RenderableType:
    """One failed check opened: what went wrong, the call, what came back, what was expected, the learner's line."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    call = check.call.strip()
    for label, value in (("call", call), ("got", check.got), ("expected", check.expected)):
        if value:
            grid.add_row(Text(label, "dim"), Text(printable(value)))
    if check.where:
        grid.add_row(Text("your line", "dim"), code_line(check.where))
    blocks: list[RenderableType] = []
    # What is said of the whole run is said below, once.
    if check.message and not (judged and judged.message == check.message):
        blocks.append(Text(printable(check.message)))
    return Group(*blocks, grid) if grid.row_count else Group(*blocks)


def code_line(where: CodeLine) -> Text:
    """`normalization.py:12` and what stands there."""
    line = Text(f"{where.file}:{where.line}", "cyan")
    if where.text.strip():
        line.append("  ").append(printable(where.text.strip()), "bold")
    return line


def after_the_checks(judged: Verdict) -> list[RenderableType]:
    """What is said of the whole run: what happened, where, rules, known mistakes, output, pictures."""
    blocks: list[RenderableType] = []
    if judged.message:
        blocks.append(Text(printable(judged.message)))
    opened = worth_opening(judged, verbose=False)
    if judged.where and not (opened and opened[0].where == judged.where):
        blocks.append(hanging(Text("your line  ", "dim"), code_line(judged.where)))
    blocks += [_breach(breach) for breach in judged.breaches]
    blocks += [hanging(Text("Often this means: ", "bold yellow"), Text(text)) for text in judged.often_means]
    tail = {Outcome.BROKE: 12, Outcome.FAILED: 4, Outcome.FAULT: 12}.get(judged.outcome, 0)
    if tail and judged.log.strip():
        blocks.append(output_tail(judged.log, tail))
    blocks += [hanging(Text("Not tried here: ", "dim"), Text(note)) for note in judged.notes]
    blocks += [hanging(Text("Picture: ", "dim"), path_link(path)) for path in judged.pictures]
    return [*blocks, Text("")] if blocks else []


def _breach(breach: RuleBreach) -> RenderableType:
    place = f"{breach.file}:{breach.line}  " if breach.line else f"{breach.file}  " if breach.file else ""
    body: list[RenderableType] = [Text.assemble((place, "cyan"), breach.message)]
    if breach.why:
        body.append(Text(f"Why: {breach.why}", "dim"))
    return hanging(Text("Rule: ", "bold yellow"), Group(*body))


def output_tail(log: str, n_lines: int) -> RenderableType:
    """The last lines that the learner's code printed."""
    lines = Text.from_ansi(log.rstrip()).plain.splitlines()
    left_out = f" (the last {n_lines} of {len(lines):,} lines)" if len(lines) > n_lines else ""
    body = printable("\n".join(lines[-n_lines:]))
    return Group(
        Text(f"Your code printed{left_out}:", "dim"), Padding(Text(body, overflow="fold"), (0, 0, 0, 2), expand=False)
    )


def printable(text: str) -> str:
    """Text of the learner's making without the signs that steer a terminal."""
    return "".join(c if c.isprintable() or c in "\t\n" else "?" for c in text)


def path_link(path: Path) -> Text:
    """A path that terminals which know links make clickable."""
    return Text(str(path), Style(color="cyan", link=path.as_uri() if path.is_absolute() else None), overflow="fold")


def _solved(kata: Kata, tally: Tally | None) -> list[RenderableType]:
    blocks: list[RenderableType] = [hanging(Text("Learned: ", "bold"), Text(kata.learned))]
    if tally:
        again = "Solved" if tally.first_solve else "Solved again"
        tries = f", at attempt {tally.n_attempts}" if tally.n_attempts else ""
        how_far = f"{tally.n_solved} of {plural(tally.n_katas, 'kata')}"
        blocks.append(Text(f"{again}{tries}. {how_far}  {bar(tally.n_solved, tally.n_katas, 20)}"))
    return blocks


def _lead_on(kata: Kata, judged: Verdict) -> list[RenderableType]:
    if judged.passed:
        ways = [("Go on", "kata next"), ("Compare", f"kata solution {kata.short}")]
    elif judged.outcome in (Outcome.MISSING, Outcome.FAULT):
        return []  # what to do stands in the message; no hint helps here
    else:
        ways = [("Stuck", f"kata hint {kata.short}"), ("The task", f"kata show {kata.short}")]
    parts = [part for name, command in ways for part in (f"{name}: ", (command, "bold cyan"), "   ")]
    return [Text.assemble(*parts[:-1])]


def _outcome_mark(outcome: Outcome) -> tuple[str, str]:
    marks = {Outcome.PASSED: Status.PASSED, Outcome.TODO: Status.TODO, Outcome.MISSING: Status.TODO}
    return MARKS[marks.get(outcome, Status.FAULT if outcome is Outcome.FAULT else Status.FAILED)]


def verdict_line(kata: Kata, judged: Verdict) -> Text:
    """One kata of many: mark, id, outcome, counts and the first thing that failed."""
    mark, style = _outcome_mark(judged.outcome)
    line = Text.assemble((f" {mark} ", style), f"{kata.id}  ", (judged.outcome.value, style))
    if judged.checks:
        line.append(f"  {judged.n_passed}/{len(judged.checks)}", "dim")
    wrong = next((c.requirement for c in judged.checks if c.status in (Status.FAILED, Status.BROKE)), "")
    reason = judged.message or wrong or (judged.breaches[0].message if judged.breaches else "")
    return line.append(f"  {reason}", "dim") if reason and not judged.passed else line


# --- texts of a kata -----------------------------------------------------------------------------------------------


def markdown(text: str) -> Markdown:
    """A task or a hint as it reads on a terminal."""
    from rich.markdown import Markdown

    return Markdown(text, code_theme="ansi_dark", hyperlinks=True)


def source(name: str, text: str) -> Syntax:
    """A file of code with its syntax in colour."""
    from rich.syntax import Syntax

    lexer = Syntax.guess_lexer(name, text)
    return Syntax(text, lexer, theme="ansi_dark", word_wrap=True, background_color="default")


# --- lists ---------------------------------------------------------------------------------------------------------


def catalogue(rows: Sequence[Row], width: int | None = None) -> Text:
    """All rows under their headings; where `width` is narrow, columns go; None is as wide as it takes."""
    if not rows:
        return Text("no kata fits; see all of them: kata list")
    wide = width is None or width >= 76
    ids = max(cell_len(r.kata.short) for r in rows)
    fixed = 2 + ids + 2 + 7 + (9 + 8 if wide else 0)
    longest = max(cell_len(r.kata.title) for r in rows)
    titles = longest if width is None else max(12, min(longest, width - fixed - (12 if wide else 1)))
    text = Text(no_wrap=True, overflow="ignore" if width is None else "ellipsis")
    group = None
    for row in rows:
        if row.group != group:
            text.append("\n" if group is not None else "").append(f"{row.group}\n", "bold")
            group = row.group
        _catalogue_row(text, row, ids, titles, wide)
    n_solved = sum(row.state == "solved" for row in rows)
    legend = "   ".join(f"{mark} {name}" for name, (mark, _) in STATE_MARKS.items())
    text.append(f"\n{legend}\n", "dim")
    return text.append(f"{n_solved} of {plural(len(rows), 'kata')} solved")


def _catalogue_row(text: Text, row: Row, ids: int, titles: int, wide: bool) -> None:
    kata = row.kata
    mark, style = STATE_MARKS[row.state]
    text.append(f"{mark} ", style)
    text.append(f"{kata.short:<{ids}}  ", "cyan")
    title = kata.title if cell_len(kata.title) <= titles else set_cell_size(kata.title, titles - 1) + "…"
    text.append(set_cell_size(title, titles), "bold" if row.is_current else "")
    text.append(f"  {stars(kata.difficulty)}", "yellow")
    if wide:
        state = "shown" if row.gave_up and row.state != "solved" else row.state
        text.append(f"  {state:<7}", style).append(f"{kata.minutes:>4} min", "dim")
        if kata.needs:
            text.append(f"  {', '.join(kata.needs)}", "dim")
    text.append("\n")


def history(rows: Sequence[HistoryRow]) -> RenderableType:
    """The attempts at one kata and the code kept beside them, oldest first."""
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
        mark, style = _outcome_mark(row.outcome)
        text = Text(f"{mark} {row.outcome.value}", style)
    if row.borrowed:
        text.append(f", borrowed {', '.join(row.borrowed)}")
    return text if row.is_kept else text.append(", code lost")


# --- progress ------------------------------------------------------------------------------------------------------


def progress(shown: Progress, width: int = 80) -> RenderableType:
    """Bars for all katas and for each phase and chapter, then the figures, then what is next."""
    length = 24 if width >= 76 else 12
    names = max([cell_len(name) for name in shown.groups], default=0)
    names = max(12, min(names, width - length - 10))
    text = Text(no_wrap=True, overflow="ellipsis")
    done, total = shown.n_solved, shown.n_katas
    text.append(f"{done} of {plural(total, 'kata')} solved  ", "bold")
    text.append(bar(done, total, length), "green").append(f"  {percent(done, total)}\n")
    for title, groups in shown.by_track.items():
        text.append(f"\n{title}\n", "bold")
        for name in groups:
            solved, of = shown.groups[name]
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


def sparkline(counts: Sequence[int]) -> str:
    """Counts as little columns; the highest is full, zero is the lowest."""
    top = max(counts, default=0)
    return "".join("▁▂▃▄▅▆▇█"[round(7 * n / top)] if top else "▁" for n in counts)


# --- where I am ----------------------------------------------------------------------------------------------------


def overview(shown: Overview, now: datetime) -> RenderableType:
    """What plain `kata` says."""
    blocks: list[RenderableType] = []
    if shown.current:
        blocks.append(heading(shown.current))
        if shown.file:
            blocks.append(path_link(shown.file))
        blocks.append(_last_verdict(shown.last, now))
    how_far = f"{shown.n_solved} of {plural(shown.n_katas, 'kata')} solved"
    blocks.append(Text.assemble(f"{how_far}  ", (bar(shown.n_solved, shown.n_katas, 20), "green")))
    return Group(*blocks, Text.assemble("\nNow: ", (shown.command, "bold cyan")))


def _last_verdict(last: Attempt | None, now: datetime) -> Text:
    if last is None:
        return Text("Not checked yet.")
    mark, style = _outcome_mark(last.outcome)
    counts = f", {last.n_passed} of {plural(last.n_checks, 'check')}" if last.n_checks else ""
    ago = since(last.at, now)
    return Text.assemble("Last verdict: ", (f"{mark} {last.outcome.value}", style), f"{counts}, {ago}")


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


# --- the machine ---------------------------------------------------------------------------------------------------


class Finding(Protocol):
    """What the doctor found out about one thing; level is "ok", "warning" or "failure"."""

    @property
    def level(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def remedy(self) -> str: ...


def doctor(findings: Iterable[Finding]) -> RenderableType:
    """One line a finding, its remedy below it; the level is said in words as well."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for finding in findings:
        mark, style = _LEVELS[finding.level]
        body = Text(finding.message)
        if finding.remedy:
            body.append("\n→ ").append(finding.remedy, "bold cyan")
        label = "OK" if finding.level == "ok" else finding.level
        grid.add_row(Text(f"{mark} {label}", style), Text(finding.subject, "bold"), body)
    return grid


# --- the audit -----------------------------------------------------------------------------------------------------


class Report(Protocol):
    """What the audit says of one kata; see `audit.Report`."""

    @property
    def kata_id(self) -> str: ...
    @property
    def n_checks(self) -> int: ...
    @property
    def n_wrong(self) -> int: ...
    @property
    def n_caught(self) -> int: ...
    @property
    def n_right(self) -> int: ...
    @property
    def n_accepted(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def problems(self) -> Sequence[str]: ...
    @property
    def skipped(self) -> str: ...


def audit(reports: Sequence[Report]) -> RenderableType:
    """A line for each kata, its problems below it, and the sums."""
    ids = max([cell_len(r.kata_id) for r in reports], default=4)
    text = Text(no_wrap=False, overflow="fold")
    text.append(f"  {'kata':<{ids}}  checks   wrong caught  right accepted    time\n", "bold")
    for report in reports:
        _report_lines(text, report, ids)
    proven = sum(not r.problems and not r.skipped for r in reports)
    skipped = sum(bool(r.skipped) for r in reports)
    text.append(f"\n{proven} of {plural(len(reports), 'kata')} proven", "bold")
    text.append(f", {skipped} not tried" if skipped else "")
    n_checks, n_wrong = sum(r.n_checks for r in reports), sum(r.n_wrong for r in reports)
    text.append(
        f" · {plural(n_checks, 'check')} · {sum(r.n_caught for r in reports)} of {n_wrong} wrong answers caught"
    )
    n_right = sum(r.n_right for r in reports)
    return text.append(f" · {sum(r.n_accepted for r in reports)} of {n_right} right ones accepted")


def _report_lines(text: Text, report: Report, ids: int) -> None:
    mark, style = ("○", "dim") if report.skipped else ("✗", "bold red") if report.problems else ("✓", "green")
    text.append(f"{mark} ", style).append(f"{report.kata_id:<{ids}}  ")
    if report.skipped:
        text.append(f"not tried: {report.skipped}\n", "dim")
        return
    caught, accepted = f"{report.n_caught}/{report.n_wrong}", f"{report.n_accepted}/{report.n_right}"
    text.append(f"{report.n_checks:>6}  {caught:>13}  {accepted:>14}  {seconds(report.seconds):>6}\n")
    for problem in report.problems:
        text.append(f"    {problem}\n")
