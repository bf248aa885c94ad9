"""What `kata watch` shows: records in, renderables of exactly the terminal's height out. Never prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from kata_runner.model import CheckResult, Kata, Row, Status, Tally, Verdict
from kata_runner.screen.text import (
    MARKS,
    STATE_MARKS,
    bar,
    hanging,
    heading,
    markdown,
    path_link,
    plural,
    printable,
    seconds,
    source,
    stars,
)
from kata_runner.screen.verdict import (
    after_the_checks,
    check_line,
    check_rows,
    health,
    opened_check,
    parts,
    summary,
    worth_opening,
)

Lines = list[list[Segment]]


class Frame:
    """A head and a foot that always show, and between them the first of several bodies that fits.

    bodies: the same content in ever fewer lines, made as needed. The last one is cut, with a note, where it does not
    fit; offset: how many of its lines are scrolled away.
    """

    def __init__(
        self, head: RenderableType, bodies: Iterable[RenderableType], foot: RenderableType, height: int, offset: int = 0
    ) -> None:
        self.head = head
        self.bodies = bodies
        self.foot = foot
        self.height = max(1, height)
        self.offset = offset
        self.n_hidden = 0  # lines that were cut, once rendered

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        options = options.update(height=None)
        head = console.render_lines(self.head, options, pad=False)
        foot = console.render_lines(self.foot, options, pad=False)
        room = self.height - len(head) - len(foot)
        if room < 3:  # hardly a terminal: what failed matters more than the keys
            foot = []
            room = self.height - len(head)
        body = self._fitting(console, options, max(0, room))
        lines = [*head, *body, *([[]] * (room - len(body))), *foot][: self.height]
        for line in lines:
            yield from line
            yield Segment.line()

    def _fitting(self, console: Console, options: ConsoleOptions, room: int) -> Lines:
        body: Lines = []
        for tight in self.bodies:
            body = console.render_lines(tight, options, pad=False)
            while body and not "".join(segment.text for segment in body[-1]).strip():
                body.pop()
            if len(body) <= room:
                return body
        if room < 1 or not body:
            return []
        kept = room - 1
        start = max(0, min(self.offset, len(body) - kept))
        self.n_hidden = len(body) - kept
        above, below = start, len(body) - kept - start
        hidden = [f"{n} more {where}" for n, where in ((above, "above"), (below, "below")) if n]
        note = Text(f"… {', '.join(hidden)}: ↑ ↓", "dim")
        return [*body[start : start + kept], *console.render_lines(note, options, pad=False)[:1]]


# --- the kata ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Running:
    """How far a run is: every planned check, those not done yet as NOT_RUN, and the name of the current one."""

    checks: tuple[CheckResult, ...] = ()
    current: str = ""


@dataclass(frozen=True)
class View:
    """All that the screen of one kata shows.

    file, shown_path: the learner's file, and how it is written on the screen. trouble: why nothing can be judged now.
    keys: letter and word of each key that does something. notices: sentences above the keys.
    spent_s: time spent on the kata so far; tally: after the verdict was recorded.
    """

    kata: Kata
    file: Path
    shown_path: str
    verdict: Verdict | None = None
    running: Running | None = None
    trouble: str = ""
    tally: Tally | None = None
    spent_s: float = 0.0
    n_solved: int = 0
    n_katas: int = 0
    keys: tuple[tuple[str, str], ...] = ()
    notices: tuple[str, ...] = ()
    waiting_for: str = "Waiting for your first save."
    reference: str = ""


def kata_frame(view: View, height: int, offset: int = 0) -> Frame:
    """The screen of one kata: its last verdict, or how far the run is, or what it waits for."""
    return Frame(_head(view), _bodies(view), _foot(view), height, offset)


def _head(view: View) -> RenderableType:
    blocks: list[RenderableType] = [heading(view.kata), path_link(view.file, view.shown_path), _status(view)]
    judged = view.verdict
    if view.kata.parts and judged and judged.checks and not view.running:
        blocks.append(health(judged))
    return Group(*blocks, Text(""))


def _status(view: View) -> Text:
    if view.trouble:
        return Text("CANNOT BE JUDGED", "bold magenta")
    if view.running:
        done = sum(c.status is not Status.NOT_RUN for c in view.running.checks)
        of = f" · {done} of {plural(len(view.running.checks), 'check')}" if view.running.checks else ""
        return Text.assemble(("JUDGING", "bold cyan"), of)
    if view.verdict:
        return summary(view.verdict)
    return Text(view.waiting_for)


def _bodies(view: View) -> Iterator[RenderableType]:
    if view.trouble:
        yield Text(printable(view.trouble))
    elif view.running:
        yield Group(*(_running_line(c, view.running.current) for c in view.running.checks))
    elif view.verdict is not None:
        for tightness in range(4):
            yield Group(*_verdict_blocks(view, view.verdict, tightness))


def _running_line(check: CheckResult, current: str) -> RenderableType:
    if check.status is not Status.NOT_RUN:
        return check_line(check)
    mark, style = ("▸", "bold cyan") if check.name == current else ("·", "dim")
    return hanging(Text(f" {mark} ", style), Text(check.requirement or check.name, "dim"))


def _verdict_blocks(view: View, judged: Verdict, tightness: int) -> list[RenderableType]:
    """tightness: 0 shows all, 1 folds what passed, 2 folds all but the opened check, 3 also leaves out blank lines."""
    blank: list[RenderableType] = [Text("")] if tightness < 3 else []
    blocks: list[RenderableType] = []
    if judged.passed:
        blocks += [*_solved(view), *blank]
    if view.kata.parts and judged.checks and tightness < 2:
        blocks += [parts(view.kata, judged), *blank]
    if judged.checks:
        rows = check_rows(view.kata, judged, only_open=tightness == 1) if tightness < 2 else _opened_alone(judged)
        if tightness == 1 and judged.n_passed:
            rows.append(_folded(Status.PASSED, judged.n_passed, "passes", "pass"))
        blocks += [*rows, *blank]
    return blocks + after_the_checks(judged)


def _opened_alone(judged: Verdict) -> list[RenderableType]:
    """The first failed check in full; of the others only how many there are."""
    opened = worth_opening(judged, verbose=False)
    rows: list[RenderableType] = []
    for check in opened:
        rows += opened_check(check, judged)
    words = {
        Status.FAILED: ("fails too", "fail too"),
        Status.BROKE: ("broke off", "broke off"),
        Status.TODO: ("is to do", "are to do"),
        Status.FAULT: ("stumbled", "stumbled"),
        Status.NOT_RUN: ("was not run", "were not run"),
        Status.PASSED: ("passes", "pass"),
    }
    for status, (one, many) in words.items():
        n = sum(c.status is status and c not in opened for c in judged.checks)
        rows += [_folded(status, n, one, many)] if n else []
    return rows


def _folded(status: Status, n: int, one: str, many: str) -> RenderableType:
    mark, style = MARKS[status]
    return hanging(Text(f" {mark} ", style), Text(f"{plural(n, 'check')} {one if n == 1 else many}"))


def _solved(view: View) -> list[RenderableType]:
    tally = view.tally
    again = "Solved again" if tally and not tally.first_solve else "Solved"
    tries = f" at attempt {tally.n_attempts:,}" if tally and tally.n_attempts else ""
    spent = f", after {seconds(view.spent_s)}" if view.spent_s >= 1 else ""
    blocks: list[RenderableType] = [
        hanging(Text("Learned: ", "bold"), Text(view.kata.learned)),
        Text(f"{again}{tries}{spent}."),
    ]
    if view.reference:
        blocks.append(hanging(Text("Compare: ", "bold"), Text(view.reference)))
    if any(letter == "n" for letter, _ in view.keys):
        blocks.append(hanging(Text("Go on:   ", "bold"), Text.assemble(("n", "bold cyan"), " starts the next")))
    return blocks


def _foot(view: View) -> RenderableType:
    blocks: list[RenderableType] = [Text("")]
    blocks += [hanging(Text("! ", "bold yellow"), Text(printable(notice))) for notice in view.notices]
    how_far = f"{view.n_solved} of {plural(view.n_katas, 'kata')} solved  "
    blocks.append(Text.assemble(how_far, (bar(view.n_solved, view.n_katas, 20), "green")))
    return Group(*blocks, key_line(view.keys))


def key_line(keys: Iterable[tuple[str, str]]) -> Text:
    """The keys that do something now; wraps between keys only."""
    line = Text()
    for i, (letter, word) in enumerate(keys):
        # A no-break space holds letter and word together.
        line.append("  " if i else "").append(letter, "bold cyan").append("\u00a0" + word.replace(" ", "\u00a0"))
    return line


# --- pages ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """A text to scroll through: a hint in Markdown, or the files of a reference."""

    title: str
    markdown: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


def page_frame(page: Page, keys: Iterable[tuple[str, str]], height: int, offset: int) -> Frame:
    """The screen of a page."""
    blocks: list[RenderableType] = [markdown(page.markdown)] if page.markdown else []
    for name, text in page.files.items():
        blocks += [Text(name, "cyan"), source(name, text.rstrip()), Text("")]
    head, foot = Group(Text(page.title, "bold"), Text("")), Group(Text(""), key_line(keys))
    return Frame(head, [Group(*blocks)], foot, height, offset)


# --- the list ------------------------------------------------------------------------------------------------------

FILTERS = ("all", "todo", "started", "solved", "skipped")


@dataclass(frozen=True)
class Chooser:
    """The list of katas with a cursor; `wanted` narrows it by words, `status` by state."""

    rows: tuple[Row, ...]
    wanted: str = ""
    status: str = "all"
    cursor: int = 0
    is_typing: bool = False

    @property
    def fitting(self) -> list[Row]:
        words = self.wanted.lower().split()
        return [r for r in self.rows if self.status in ("all", r.state) and all(w in _searched(r) for w in words)]

    @property
    def chosen(self) -> Row | None:
        fitting = self.fitting
        return fitting[min(self.cursor, len(fitting) - 1)] if fitting else None


def _searched(row: Row) -> str:
    return " ".join((row.kata.id, row.kata.title, row.group, *row.kata.needs)).lower()


def list_frame(chooser: Chooser, height: int, width: int) -> Frame:
    """The katas that fit around the cursor, under their headings."""
    fitting = chooser.fitting
    filters = Text()
    for name in FILTERS:
        filters.append(f" {name} ", "reverse" if name == chooser.status else "dim").append(" ")
    search = Text.assemble(("Search: ", "bold"), chooser.wanted, ("█" if chooser.is_typing else "", "cyan"))
    title = Text.assemble(("Katas  ", "bold"), f"{len(fitting)} of {len(chooser.rows)}")
    head = Group(title, filters, search, Text(""))
    if chooser.is_typing:
        keys = [("enter", "done"), ("esc", "clear")]
    else:
        keys = [("↑↓", "move"), ("enter", "start"), ("/", "search"), ("f", "filter"), ("esc", "back"), ("q", "quit")]
    foot = Group(Text(""), key_line(keys))
    room = max(1, height - 6 - (2 if width < 60 else 1))
    body = _list_lines(chooser, fitting, room, width) if fitting else Text("No kata fits.")
    return Frame(head, [body], foot, height)


def _list_lines(chooser: Chooser, fitting: Sequence[Row], room: int, width: int) -> Text:
    cursor = min(chooser.cursor, len(fitting) - 1)
    lines: list[Text] = []
    at = 0
    ids = max(cell_len(row.kata.short) for row in fitting)
    for i, row in enumerate(fitting):
        if i == 0 or row.group != fitting[i - 1].group:
            lines.append(Text(row.group, "bold"))
        if i == cursor:
            at = len(lines)
        lines.append(_list_line(row, i == cursor, ids, width))
    start = max(0, min(at - room // 2, len(lines) - room))
    shown = Text("\n", no_wrap=True, overflow="ellipsis").join(lines[start : start + room])
    shown.no_wrap, shown.overflow = True, "ellipsis"
    return shown


def _list_line(row: Row, is_chosen: bool, ids: int, width: int) -> Text:
    mark, style = STATE_MARKS[row.state]
    line = Text.assemble(("▸ " if is_chosen else "  ", "bold cyan"), (f"{mark} ", style))
    line.append(f"{row.kata.short:<{ids}}  ", "cyan")
    room = max(8, width - cell_len(line.plain) - 9)
    title = row.kata.title if cell_len(row.kata.title) <= room else set_cell_size(row.kata.title, room - 1) + "…"
    line.append(title, "bold" if is_chosen or row.is_current else "")
    return line.append(f"  {stars(row.kata.difficulty)}", "yellow")
