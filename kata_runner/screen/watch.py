"""What `kata watch` shows: records in, renderables of exactly the terminal's height out. Never prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from rich.cells import cell_len, set_cell_size
from rich.columns import Columns
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from kata_runner.model import CheckResult, Kata, Row, Status, Tally, Verdict
from kata_runner.practice import KataStanding, OwnTestsRun
from kata_runner.screen.own_tests import in_short
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
    check_rows,
    health,
    opened_check,
    parts,
    summary,
    worth_opening,
)

Lines = list[list[Segment]]
Keys = Sequence[tuple[str, str]]  # letter and word


def _lines(console: Console, options: ConsoleOptions, what: RenderableType) -> Lines:
    """The lines of a renderable, without blank ones at the end."""
    lines = console.render_lines(what, options, pad=False)
    while lines and not "".join(segment.text for segment in lines[-1]).strip():
        lines.pop()
    return lines


def _cut(lines: Iterable[Text]) -> Text:
    """These lines, each cut where it is too long."""
    text = Text("\n").join(lines)
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


class Squeezed(msgspec.Struct, frozen=True):
    """Checks for which there is little room: the names of as many as fit between two blocks; the rest is counted."""

    above: RenderableType
    checks: Sequence[CheckResult]
    below: RenderableType

    def lines(self, console: Console, options: ConsoleOptions, room: int) -> Lines:
        above, below = _lines(console, options, self.above), _lines(console, options, self.below)
        if below:
            below = [[], *below]
        n = max(0, room - len(above) - len(below))
        if n < len(self.checks):
            n = max(0, n - 1)  # a line counts the rest
        rows = [*(_short_line(c, MARKS[c.status]) for c in self.checks[:n]), *_counted(self.checks[n:])]
        return [*above, *_lines(console, options, _cut(rows)), *below]


class Frame(msgspec.Struct):
    """A head and a foot that always show, and between them the first of several bodies that fits.

    bodies: the same content in ever fewer lines, made as needed. The last one is cut, with a note, where it does not
    fit; offset: how many of its lines are scrolled away. n_hidden: lines that were cut, once rendered.
    """

    head: RenderableType
    bodies: Iterable[RenderableType | Squeezed]
    foot: RenderableType
    height: int
    offset: int = 0
    n_hidden: int = 0

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
            if isinstance(tight, Squeezed):
                body = tight.lines(console, options, room)
            else:
                body = _lines(console, options, tight)
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


class Running(msgspec.Struct, frozen=True):
    """How far a run is: every planned check, those not done yet as NOT_RUN, and the name of the current one.

    for_s: whole seconds since the last of them ended or began.
    """

    checks: tuple[CheckResult, ...] = ()
    current: str = ""
    for_s: int = 0


class View(msgspec.Struct, frozen=True):
    """The kata at hand, and what is known of it.

    file, shown_path: the learner's file, and how it is written on the screen. task: in Markdown, without its title.
    is_manual: judged when `r` is pressed, not at each save. picked: which of the failed checks is open.
    trouble: why nothing can be judged now. tally: after the verdict was recorded. tests: what the learner's own tests
    were worth when they were saved last.
    """

    kata: Kata
    file: Path
    shown_path: str
    task: str = ""
    is_manual: bool = False
    standing: KataStanding | None = None
    verdict: Verdict | None = None
    picked: int = 0
    running: Running | None = None
    trouble: str = ""
    tally: Tally | None = None
    tests: OwnTestsRun | None = None

    @property
    def shows_task(self) -> bool:
        return not (self.trouble or self.running or self.verdict)


def kata_frame(view: View, notices: Sequence[str], keys: Keys, height: int, offset: int = 0) -> Frame:
    """The screen of one kata: its last verdict, or how far the run is, or the task.

    notices: sentences above the keys. keys: those that do something now.
    """
    return Frame(_head(view), _bodies(view), _foot(notices, keys, view.standing, view.tests), height, offset)


def _head(view: View) -> RenderableType:
    blocks: list[RenderableType] = [heading(view.kata), path_link(view.file, view.shown_path), _status(view)]
    judged = view.verdict
    if view.kata.parts and judged and judged.checks and not view.running:
        blocks.append(health(judged, view.tally.stars if view.tally else ()))
    return Group(*blocks, Text(""))


def _status(view: View) -> Text:
    if view.trouble:
        return Text("CANNOT BE JUDGED", "bold magenta")
    if view.running:
        return _how_far(view.running, view)
    if view.verdict:
        n_failed = len(worth_opening(view.verdict, verbose=True))
        which = f" · open: {view.picked + 1} of {n_failed} that failed" if view.picked else ""
        return summary(view.verdict).append(which)
    return Text(f"{'Press r' if view.is_manual else f'Save {view.file.name}'} to have it judged.")


def _how_far(running: Running, view: View) -> Text:
    """`JUDGING · 3 of 12 checks · 4 s, limit 10 s of computing · a save stops it`; no clock in the first second."""
    line = Text.assemble(("JUDGING", "bold cyan"))
    if running.checks:
        done = sum(c.status is not Status.NOT_RUN for c in running.checks)
        line.append(f" · {done} of {plural(len(running.checks), 'check')}")
    if running.for_s:
        limit = f", limit {view.kata.limits.seconds:g} s of computing" if running.current else ""
        line.append(f" · {running.for_s} s{limit} · {'r starts again' if view.is_manual else 'a save stops it'}")
    return line


def _bodies(view: View) -> Iterator[RenderableType | Squeezed]:
    if view.trouble:
        yield Text(printable(view.trouble))
    elif view.running:
        yield _cut([_running_line(c, view.running.current) for c in view.running.checks])
    elif view.verdict is not None:
        yield from _verdict_bodies(view, view.verdict)
    else:
        yield markdown(view.task)


def _running_line(check: CheckResult, current: str) -> Text:
    if check.name == current:
        return _short_line(check, ("→", "bold cyan"))
    return _short_line(check, ("·", "dim") if check.status is Status.NOT_RUN else MARKS[check.status])


def _verdict_bodies(view: View, judged: Verdict) -> Iterator[RenderableType | Squeezed]:
    """All of it; else the opened check and the names of the others, those that passed last; else without the parts."""
    blank = Text("")
    solved = [*_solved(view), blank] if judged.passed else []
    of_parts = [parts(view.kata, judged), blank] if view.kata.parts and judged.checks else []
    opened = worth_opening(judged, verbose=True)[view.picked :][:1]
    after = after_the_checks(judged)
    yield Group(*solved, *of_parts, *check_rows(view.kata, judged, opened), blank, *after)
    in_full = [row for check in opened for row in opened_check(check, judged)]
    others = sorted((c for c in judged.checks if c not in opened), key=lambda c: c.passed)
    if of_parts:
        yield Squeezed(Group(*solved, *of_parts, *in_full), others, Group(*after))
    yield Squeezed(Group(*solved, *in_full), others, Group(*after))


def _short_line(check: CheckResult, mark: tuple[str, str]) -> Text:
    """One check on one line. mark: a sign and its style."""
    sign, style = mark
    return Text.assemble((f" {sign} ", style), check.requirement or check.name)


def _counted(checks: Sequence[CheckResult]) -> list[Text]:
    """`… more: 3 failed, 12 passed`, where there are any."""
    counts = Counter(check.status.value.replace("_", " ") for check in checks)
    said = ", ".join(f"{n} {word}" for word, n in counts.items())
    return [Text(f" … more: {said}", "dim")] if said else []


def _solved(view: View) -> list[RenderableType]:
    tally, standing = view.tally, view.standing
    again = "Solved again" if tally and not tally.first_solve else "Solved"
    tries = f" at attempt {tally.n_attempts:,}" if tally and tally.n_attempts else ""
    spent = f", after {seconds(standing.spent_s)}" if standing and standing.spent_s >= 1 else ""
    blocks: list[RenderableType] = [
        hanging(Text("Learned: ", "bold"), Text(view.kata.learned)),
        Text(f"{again}{tries}{spent}."),
    ]
    if standing and standing.may_see_solution:
        blocks.append(hanging(Text("Compare: ", "bold"), Text(f"kata solution {view.kata.short}, or s")))
    blocks.append(hanging(Text("Go on:   ", "bold"), Text.assemble(("n", "bold cyan"), " starts the next")))
    return blocks


def _foot(
    notices: Sequence[str], keys: Keys, standing: KataStanding | None = None, tests: OwnTestsRun | None = None
) -> RenderableType:
    blocks: list[RenderableType] = [Text("")]
    if tests:
        blocks.append(in_short(tests.tested))
    blocks += [hanging(Text("! ", "bold yellow"), Text(printable(notice))) for notice in notices]
    if standing:
        n, of = standing.n_solved, standing.n_katas
        blocks.append(Text.assemble(f"{n} of {plural(of, 'kata')} solved  ", (bar(n, of, 20), "green")))
    return Group(*blocks, KeyLine(keys))


class KeyLine(msgspec.Struct, frozen=True):
    """The keys that do something now, in columns where one line is not enough."""

    keys: Keys

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        keys = [Text.assemble((letter, "bold cyan"), f" {word}") for letter, word in self.keys]
        line = Text("  ").join(keys)
        yield line if line.cell_len <= options.max_width else Columns(keys, padding=(0, 2))


# --- pages ---------------------------------------------------------------------------------------------------------


class Page(msgspec.Struct, frozen=True):
    """A text to scroll through: the task or a hint in Markdown, the files of a reference, or what the keys do."""

    title: str
    markdown: str = ""
    files: Mapping[str, str] = msgspec.field(default_factory=dict)
    keys: Keys = ()
    is_hint: bool = False


def page_frame(page: Page, notices: Sequence[str], keys: Keys, height: int, offset: int) -> Frame:
    """The screen of a page."""
    blocks: list[RenderableType] = [markdown(page.markdown)] if page.markdown else []
    for name, text in page.files.items():
        blocks += [Text(name, "cyan"), source(name, text.rstrip()), Text("")]
    blocks += [hanging(Text(f"{key:>6}  ", "bold cyan"), Text(explained)) for key, explained in page.keys]
    head = Group(Text(page.title, "bold"), Text(""))
    return Frame(head, [Group(*blocks)], _foot(notices, keys), height, offset)


# --- the list ------------------------------------------------------------------------------------------------------

FILTERS = ("all", "todo", "started", "solved", "skipped")


class Chooser(msgspec.Struct, frozen=True):
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
    foot = Group(Text(""), KeyLine(keys))
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
    return _cut(lines[start : start + room])


def _list_line(row: Row, is_chosen: bool, ids: int, width: int) -> Text:
    mark, style = STATE_MARKS[row.state]
    line = Text.assemble(("▸ " if is_chosen else "  ", "bold cyan"), (f"{mark} ", style))
    line.append(f"{row.kata.short:<{ids}}  ", "cyan")
    room = max(8, width - cell_len(line.plain) - 9)
    title = row.kata.title if cell_len(row.kata.title) <= room else set_cell_size(row.kata.title, room - 1) + "…"
    line.append(title, "bold" if is_chosen or row.is_current else "")
    return line.append(f"  {stars(row.kata.difficulty)}", "yellow")
