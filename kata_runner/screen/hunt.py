"""A hunt: what a colleague says of the code, and what the bug was once it is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from kata_runner.learner.hunt import difference, n_changed
from kata_runner.practice import Hunted
from kata_runner.screen.text import heading, plural, printable
from kata_runner.screen.verdict import counterexample, worth_opening


def page(shown: Hunted, folder: str) -> RenderableType:
    """The whole page. folder: where the code is, as the learner writes it."""
    return Group(heading(shown.kata), Text(), *_lines(shown, folder))


def _lines(shown: Hunted, folder: str) -> Iterator[RenderableType]:
    if shown.mended is not None:
        yield from _found(shown, shown.mended)
        return
    whose = "your own answer" if shown.hunt.is_own else "a right answer"
    if shown.is_new:
        yield Text(f"There is one bug in {whose}. Somebody who uses it says:\n")
    else:
        yield Text("The bug is still there, or there is a new one. What is wrong now:\n")
    yield from _what_is_wrong(shown)
    files = ", ".join(shown.hunt.files)
    yield Text(f"\nFind it in {folder}: {files}")
    yield Text(f"Mend it in {plural(shown.hunt.n_lines, 'line')}, then: kata hunt    Another bug: kata hunt --next")


def _what_is_wrong(shown: Hunted) -> Iterator[RenderableType]:
    """The first check that fails, with its case."""
    opened = worth_opening(shown.verdict, verbose=False)
    for check in opened:
        yield Text.assemble("This does not hold: ", (printable(check.requirement), "bold"))
        yield Padding(counterexample(check, shown.verdict), (0, 0, 0, 4), expand=False)
    if not opened:
        yield Text(printable(shown.verdict.message or "; ".join(b.message for b in shown.verdict.breaches)))


def _found(shown: Hunted, mended: Mapping[str, str]) -> Iterator[RenderableType]:
    n_lines = n_changed(shown.hunt.files, mended)
    yield Text.assemble(("FOUND", "bold green"), f" · {plural(n_lines, 'line')} changed\n")
    if n_lines > shown.hunt.n_lines:
        yield Text(f"It passes; {plural(shown.hunt.n_lines, 'line')} would have been enough.\n")
    yield Text(f"The mistake: {printable(shown.sentence)}")
    for line in difference(shown.hunt.files, mended)[:20]:
        yield Text(f"    {printable(line)}", "green" if line.startswith("+") else "red")
    yield Text(f"\nHunted in this kata: {shown.n_hunted} of {shown.n_mistakes}    Another bug: kata hunt --next")
