"""What the learner's own tests are worth: three lines, the bugs as squares, and what to do next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from kata_runner.model import Bug, CodeLine, Kata, OwnTestResult, OwnTestsVerdict
from kata_runner.screen.text import MARKS, hanging, heading, plural, printable

RUNS_BEFORE_A_HINT = 3
_SHOWN = 3  # failures that are shown whole
_WIDTH = 18


def page(
    kata: Kata, shown: OwnTestsVerdict, n_runs: int, *, hint: bool = False, verbose: bool = False
) -> RenderableType:
    """The whole page. n_runs: how often valid tests were run; from the third run on, one bug that escapes is told."""
    return Group(heading(kata), Text(), *_lines(kata, shown, n_runs, hint=hint, verbose=verbose))


def _lines(kata: Kata, shown: OwnTestsVerdict, n_runs: int, *, hint: bool, verbose: bool) -> Iterator[RenderableType]:
    if shown.problem:
        yield _line("failed", "Your answer", shown.problem)
    elif not shown.n_tests:
        yield _line("todo", "Your tests", "there are none yet, so they catch nothing")
        yield Text(f"\nA test is a function test_… in test_{kata.module}.py that asserts what the task promises.")
    elif shown.flaky:
        names = ", ".join(shown.flaky)
        verb = "fails" if len(shown.flaky) == 1 else "fail"
        yield _line("failed", "Your tests", f"{names} {verb} only now and then, on one and the same answer")
        yield Text("\nSeed what is random, and ask for nothing that depends on the clock.")
    elif shown.own_failures:
        n_passed = shown.n_tests - len(shown.own_failures)
        yield _line("failed", "Your answer", f"passes {n_passed} of {plural(shown.n_tests, 'test')}")
        for test in shown.own_failures[:_SHOWN]:
            yield _failure(test, whole=verbose)
        yield Text(f"\nWho is right, the test or the answer? What the hidden test says: kata check {kata.short}")
    else:
        yield _line("passed", "Your answer", f"passes {plural(shown.n_tests, 'test')}")
        yield from _of_right_answers(shown, whole=verbose)
        if shown.is_valid:
            yield from _of_bugs(kata, shown, n_runs, hint=hint, verbose=verbose)


def _of_right_answers(shown: OwnTestsVerdict, *, whole: bool) -> Iterator[RenderableType]:
    if shown.is_valid:
        yield _line("passed", "Right answers", f"all {shown.n_right} are accepted: your tests are valid")
        return
    names = list(dict.fromkeys(refusal.test.name for refusal in shown.refusals))
    yield _line("failed", "Right answers", f"refused by {', '.join(names)}")
    for name in names[:_SHOWN]:
        refusal = next(one for one in shown.refusals if one.test.name == name)
        yield _failure(refusal.test, f" refuses {refusal.style}", whole=whole)
    yield Text("\nDoes the task promise this? Read it again: kata show. If it does not, ask for less.")
    yield Text("If it does, please report it: then the right answer on file is at fault.")


def _of_bugs(kata: Kata, shown: OwnTestsVerdict, n_runs: int, *, hint: bool, verbose: bool) -> Iterator[RenderableType]:
    n_caught = len(shown.bugs) - len(shown.escaped)
    status = "failed" if shown.escaped else "passed"
    yield _line(status, "Bugs", Text.assemble(squares(shown), f"  {n_caught} of {len(shown.bugs)} caught"))
    if verbose:
        yield Text()
        for number, bug in enumerate(shown.bugs, 1):
            told = Text("escapes")
            if bug.caught_by:
                told = Text.assemble(printable(bug.sentence), (f"  {_by(bug.caught_by)}", "dim"))
            yield Padding(hanging(Text(f"{'■' if bug.caught_by else '□'} {number}  "), told), (0, 0, 0, 2))
    if not shown.escaped:
        return
    if hint or n_runs >= RUNS_BEFORE_A_HINT:
        yield Text.assemble("\nOne that escapes: ", (shown.escaped[0].sentence, "italic"), _where(shown))
    else:
        yield Text("\nWhich promise of the task does no test ask for? One bug in words: kata test --hint")


def _by(names: Sequence[str]) -> str:
    """The functions that caught a bug, with how many of their cases did."""
    counts = Counter(name.partition("[")[0] for name in names)
    return ", ".join(f"{name} ({n} cases)" if n > 1 else name for name, n in counts.items())


def _where(shown: OwnTestsVerdict) -> str:
    """Where to look for the last bug."""
    if len(shown.escaped) > 1 or not shown.escaped[0].promises:
        return ""
    numbers = " and ".join(map(str, shown.escaped[0].promises))
    return f" It breaks promise {numbers} of the task."


def types(faults: Sequence[tuple[CodeLine, str]]) -> RenderableType:
    """What mypy says of an answer, one sentence for each fault with its line."""
    if not faults:
        return Text.assemble("\n", ("✓ ", "green"), "Types: mypy --strict has nothing to say.")
    lines = [Text.assemble("\n", ("✗ ", "bold red"), f"Types: {plural(len(faults), 'fault')}")]
    for where, sentence in faults:
        lines.append(Text(f"\n  {where.file} line {where.line}: {printable(sentence)}", overflow="fold"))
        lines.append(Text(f"    {printable(where.text)}", "dim"))
    return Group(*lines)


def in_short(shown: OwnTestsVerdict) -> Text:
    """All of it on one line, for the watch."""
    line = Text.assemble(("Your tests  ", "bold"), no_wrap=True, overflow="ellipsis")
    if shown.problem:
        return line.append(printable(shown.problem))
    if not shown.n_tests:
        return line.append("there are none yet")
    if shown.flaky:
        return line.append(f"{', '.join(shown.flaky)}: only now and then on the same answer")
    if shown.own_failures:
        first = shown.own_failures[0]
        return line.append(f"your answer fails {first.name}, line {first.line}; more: kata test")
    if shown.refusals:
        first = shown.refusals[0].test
        return line.append(f"a right answer fails {first.name}, line {first.line}; more: kata test")
    n_caught = len(shown.bugs) - len(shown.escaped)
    return line.append_text(squares(shown)).append(f"  {n_caught} of {len(shown.bugs)} bugs caught")


def squares(shown: OwnTestsVerdict) -> Text:
    """A square for each bug, filled when it is caught."""
    return Text.assemble(*map(_square, shown.bugs))


def _square(bug: Bug) -> tuple[str, str]:
    return ("■", "green") if bug.caught_by else ("□", "yellow")


def _line(status: str, what: str, said: str | Text) -> Text:
    mark, style = next(value for key, value in MARKS.items() if key.value == status)
    text = Text.assemble((f"{mark} ", style), f"{what:<{_WIDTH}}", said)
    text.overflow = "fold"
    return text


def _failure(test: OwnTestResult, more: str = "", *, whole: bool) -> RenderableType:
    """A test, the line where it failed, and pytest's message, of which a long line is cut unless `whole`."""
    where = f"  line {test.line}" if test.line else ""
    lines = [Text.assemble("\n", (f"{test.name}{more}", "bold"), (where, "dim"))]
    if test.source:
        lines.append(Text(f"    {printable(test.source)}", "dim"))
    for line in test.message.splitlines():
        if whole or not _NO_NEWS.match(line.strip()):
            text = Text(f"    {printable(line)}")
            text.no_wrap, text.overflow = not whole, "fold" if whole else "ellipsis"
            lines.append(text)
    return Group(*lines)


# How to see a longer difference in pytest; where a function in an assertion comes from.
_NO_NEWS = re.compile(r"Use -v to get|\+\s+(where|and)\s+<(function|built-in|class|ufunc|bound method)")
