"""One verdict, as `kata check` prints it, and the blocks of it that the watch shows too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kata_runner.model import CheckResult, CodeLine, Kata, Outcome, RuleBreach, Status, Tally, Verdict
from kata_runner.screen.text import (
    MARKS,
    bar,
    hanging,
    heading,
    outcome_mark,
    path_link,
    plural,
    printable,
    seconds,
)

_N_PRINTED = 8  # lines of what was printed
_MOST_SHOWN = 4000  # characters of them
_HEADLINES = {
    Outcome.PASSED: ("PASSED", "bold green"),
    Outcome.FAILED: ("NOT YET", "bold red"),
    Outcome.TODO: ("TO DO", "bold yellow"),
    Outcome.BROKE: ("BROKE", "bold red"),
    Outcome.RULE: ("RIGHT, BUT AGAINST A RULE", "bold yellow"),
    Outcome.MISSING: ("SOMETHING IS MISSING", "bold magenta"),
    Outcome.FAULT: ("THE KATA IS AT FAULT", "bold magenta"),
}


def verdict(kata: Kata, judged: Verdict, tally: Tally | None = None, *, verbose: bool = False) -> RenderableType:
    """The whole verdict, and the commands to use next; verbose: open every failed check instead of the first."""
    blocks: list[RenderableType] = [heading(kata), Text("")]
    if kata.parts and judged.checks:
        blocks += [health(judged, tally.stars if tally else ()), parts(kata, judged), Text("")]
    if judged.checks:
        blocks += [*check_rows(kata, judged, worth_opening(judged, verbose), verbose=verbose), Text("")]
    blocks += after_the_checks(judged, verbose=verbose)
    blocks.append(summary(judged))
    if judged.passed:
        blocks += _solved(kata, tally)
    return Group(*blocks, *_commands_to_use(kata, judged, tally))


def summary(judged: Verdict) -> Text:
    """The outcome in one line, as a word, with counts and time."""
    word, style = _HEADLINES[judged.outcome]
    line = Text.assemble((word, style))
    if judged.checks:
        line.append(f" · {judged.n_passed} of {plural(len(judged.checks), 'check')}")
    if judged.duration_s:
        line.append(f" · {seconds(judged.duration_s)}", "dim")
    return line


def health(judged: Verdict, stars: Sequence[str] = ()) -> Text:
    """The health of a boss: it falls with each check that passes. stars: that the learner has, beside it."""
    total = len(judged.checks)
    left = total - judged.n_passed
    won = f"  {', '.join(stars)}" if stars else ""
    return Text.assemble(("Health ", "bold"), (bar(left, total), "red"), f" {left} of {total}", (won, "green"))


def parts(kata: Kata, judged: Verdict) -> RenderableType:
    """A bar for each part of a milestone."""
    rows = Table.grid(padding=(0, 2))
    for name in kata.parts:
        of_part = [c for c in judged.checks if c.part == name]
        passed = sum(c.passed for c in of_part)
        rows.add_row(Text(name), Text(bar(passed, len(of_part), 12), "green"), f"{passed} of {len(of_part)}")
    return rows


def check_rows(
    kata: Kata, judged: Verdict, opened: Sequence[CheckResult], *, verbose: bool = False
) -> list[RenderableType]:
    """Each check on a line, the opened ones in full."""
    rows: list[RenderableType] = []
    for title, checks in groups_of(kata, judged.checks):
        if title:
            rows.append(Text(title, "bold"))
        for check in checks:
            rows += opened_check(check, judged, verbose=verbose) if check in opened else [check_line(check)]
    return rows


def opened_check(check: CheckResult, judged: Verdict, *, verbose: bool = False) -> list[RenderableType]:
    """One check in full; verbose: with all that was printed in it."""
    blocks = [counterexample(check, judged)]
    if check.printed.strip():
        blocks.append(output_tail(check.printed, None if verbose else _N_PRINTED))
    return [check_line(check), *(Padding(block, (0, 0, 0, 4), expand=False) for block in blocks)]


def worth_opening(judged: Verdict, verbose: bool) -> list[CheckResult]:
    """The checks to show in full: all that went wrong when verbose, else the first of them."""
    wrong = [c for c in judged.checks if c.status in (Status.FAILED, Status.BROKE, Status.FAULT)]
    todo = [c for c in judged.checks if c.status is Status.TODO and c.message]
    # Where everything is still the stub, the one line under the list says so.
    if not wrong and judged.outcome is not Outcome.TODO:
        wrong = todo
    return wrong if verbose else wrong[:1]


def groups_of(kata: Kata, checks: Sequence[CheckResult]) -> list[tuple[str, list[CheckResult]]]:
    """The checks in their groups: by the parts of a milestone, else the idea and the edges; one group has no title."""
    if kata.parts:
        of_parts = [(name, [c for c in checks if c.part == name]) for name in kata.parts]
        of_parts.append(("", [c for c in checks if c.part not in kata.parts]))
        return [(name, found) for name, found in of_parts if found]
    if not any(c.is_edge for c in checks):
        return [("", list(checks))]
    return [("The idea", [c for c in checks if not c.is_edge]), ("The edges", [c for c in checks if c.is_edge])]


def check_line(check: CheckResult) -> RenderableType:
    """One check: its mark and what it requires."""
    mark, style = MARKS[check.status]
    line = Text(check.requirement or check.name, "dim" if check.status is Status.NOT_RUN else "")
    if check.status is Status.NOT_RUN:
        line.append(" (not run)")
    return hanging(Text(f" {mark} ", style), line)


def counterexample(check: CheckResult, judged: Verdict) -> RenderableType:
    """One failed check in full: what went wrong, the call, its result, the expected result, the learner's line."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    whole = f"{check.case_file} beside your answer: python {check.case_file}" if check.case_file else ""
    call = check.case or check.call.strip()
    for label, value in (("call", call), ("whole", whole), ("got", check.got), ("expected", check.expected)):
        if value:
            grid.add_row(Text(label, "dim"), Text(printable(value)))
    if check.where:
        grid.add_row(Text("your line", "dim"), code_line(check.where))
    blocks: list[RenderableType] = []
    # The message of the whole run is shown once, below the checks.
    if check.message and check.message != judged.message:
        blocks.append(Text(printable(check.message)))
    return Group(*blocks, grid) if grid.row_count else Group(*blocks)


def code_line(where: CodeLine) -> Text:
    """`normalization.py:12` and the code of that line; on lines of their own where a caret points into it."""
    line = Text(printable(f"{where.file}:{where.line}"), "cyan")
    if where.caret:
        return line.append(f"\n{printable(where.text)}", "bold").append(f"\n{where.caret}", "bold red")
    if where.text.strip():
        line.append("  ").append(printable(where.text.strip()), "bold")
    return line


def after_the_checks(judged: Verdict, *, verbose: bool = False) -> list[RenderableType]:
    """What concerns the whole run: its message, the line, broken rules, known mistakes, output, notes, pictures."""
    blocks: list[RenderableType] = []
    if judged.message:
        blocks.append(Text(printable(judged.message)))
    opened = worth_opening(judged, verbose=False)
    if judged.where and not (opened and opened[0].where == judged.where):
        blocks.append(hanging(Text("your line  ", "dim"), code_line(judged.where)))
    blocks += [_breach(breach) for breach in judged.breaches]
    blocks += [hanging(Text("Often this means: ", "bold yellow"), Text(text)) for text in judged.often_means]
    is_told = any(check.printed.strip() for check in worth_opening(judged, verbose))  # in the check that is opened
    is_wanted = verbose or judged.outcome in (Outcome.BROKE, Outcome.FAULT)
    if judged.log.strip() and is_wanted and not is_told:
        blocks.append(output_tail(judged.log, None if verbose else _N_PRINTED))
    blocks += [hanging(Text("Not tried here: ", "dim"), Text(note)) for note in judged.notes]
    if judged.cost:
        blocks.append(hanging(Text("Cost: ", "dim"), Text(judged.cost)))
    blocks += [hanging(Text("Picture: ", "dim"), path_link(path)) for path in judged.pictures]
    return [*blocks, Text("")] if blocks else []


def _breach(breach: RuleBreach) -> RenderableType:
    place = f"{breach.file}:{breach.line}  " if breach.line else f"{breach.file}  " if breach.file else ""
    body: list[RenderableType] = [Text.assemble((printable(place), "cyan"), printable(breach.message))]
    if breach.why:
        body.append(Text(f"Why: {breach.why}", "dim"))
    return hanging(Text("Rule: ", "bold yellow"), Group(*body))


def output_tail(log: str, n_lines: int | None) -> RenderableType:
    """What the learner's code printed: the last lines, the others cost nothing; all of it where n_lines is None."""
    log = log.rstrip()
    last = log if n_lines is None else "\n".join(log.rsplit("\n", n_lines)[-n_lines:])[-_MOST_SHOWN:]
    n_printed = log.count("\n") + 1
    if " lines left out …" in log and (cut := re.search(r"^… ([\d,]+) lines left out …$", log, re.MULTILINE)):
        n_printed += int(cut[1].replace(",", "")) - 2  # the note, and the line that it stands in the middle of
    is_cut = n_lines is not None and n_printed > n_lines
    left_out = f" (the last {n_lines} of {n_printed:,} lines; all: kata check -v)" if is_cut else ""
    body = printable(Text.from_ansi(last).plain)
    return Group(
        Text(f"Your code printed{left_out}:", "dim"), Padding(Text(body, overflow="fold"), (0, 0, 0, 2), expand=False)
    )


def _solved(kata: Kata, tally: Tally | None) -> list[RenderableType]:
    blocks: list[RenderableType] = [hanging(Text("Learned: ", "bold"), Text(kata.learned))]
    if tally:
        again = "Solved" if tally.first_solve else "Solved again"
        tries = f", at attempt {tally.n_attempts}" if tally.n_attempts else ""
        how_far = f"{tally.n_solved} of {plural(tally.n_katas, 'kata')}"
        counts = f" {how_far}  {bar(tally.n_solved, tally.n_katas, 20)}" if kata.counted else ""
        blocks.append(Text(f"{again}{tries}.{counts}"))
    return blocks


def _commands_to_use(kata: Kata, judged: Verdict, tally: Tally | None) -> list[RenderableType]:
    if judged.passed:
        ways = [("Go on", "kata next"), ("Compare", f"kata solution {kata.short}")]
    elif judged.outcome in (Outcome.MISSING, Outcome.FAULT):
        return []  # the message says what to do; a hint does not help here
    else:
        ways = [("Stuck", f"kata hint {kata.short}"), ("The task", f"kata show {kata.short}")]
        if kata.is_python and judged.outcome in (Outcome.FAILED, Outcome.BROKE):
            ways.append(("Debug", f"kata debug {kata.short}"))
    parts = [part for name, command in ways for part in (f"{name}: ", (command, "bold cyan"), "   ")]
    return [Text.assemble(*parts[:-1]), *_stars_left(kata, judged, tally)]


def _stars_left(kata: Kata, judged: Verdict, tally: Tally | None) -> list[RenderableType]:
    """How to earn the stars that a solved kata does not have yet."""
    if not judged.passed or tally is None or not (kata.module and kata.counted):
        return []
    test = ("your own tests: ", ("kata test", "bold cyan"))
    types = ("types: ", ("kata check --typed", "bold cyan"))
    left = [way for star, way in (("typed", types), ("tested", test)) if star not in tally.stars]
    if not left:
        return [Text("All three stars are yours: solved, typed, tested.", "green")]
    parts = [part for way in left for part in (*way, "   ")]
    return [Text.assemble("More stars: ", *parts[:-1])]


def verdict_line(kata: Kata, judged: Verdict) -> Text:
    """One kata among several: mark, id, outcome, counts and the first failure."""
    mark, style = outcome_mark(judged.outcome)
    line = Text.assemble((f" {mark} ", style), f"{kata.id}  ", (judged.outcome.value, style))
    if judged.checks:
        line.append(f"  {judged.n_passed}/{len(judged.checks)}", "dim")
    wrong = next((c.requirement for c in judged.checks if c.status in (Status.FAILED, Status.BROKE)), "")
    reason = judged.message or wrong or (judged.breaches[0].message if judged.breaches else "")
    return line.append(f"  {reason}", "dim") if reason and not judged.passed else line
