"""The commands with which a learner works on a kata."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kata_runner.catalogue.answers import names_to_write
from kata_runner.cli.arguments import (
    AsJson,
    Borrow,
    Command,
    KataName,
    ManyKatas,
    OneKata,
    Track,
    chosen,
    command_of,
    practice_of,
)
from kata_runner.cli.output import (
    ask,
    complain,
    is_terminal,
    print_json,
    short_path,
    show,
    show_markdown,
    show_paged,
    show_pictures,
    show_rows,
    show_source,
)
from kata_runner.errors import ExitCode, KataError, MachineError, UsageError
from kata_runner.model import Kata, Outcome
from kata_runner.practice import Checked, Practice, Started, how_to_bring_back

if TYPE_CHECKING:
    from kata_runner.judging.launch import Child

_STAR_OF_TESTS = 'Every bug is caught: the star "tested" is yours.'
_STAR_OF_TYPES = 'The star "typed" is yours.'
_EXIT_CODES = {
    Outcome.PASSED: ExitCode.PASSED,
    Outcome.MISSING: ExitCode.MACHINE_AT_FAULT,
    Outcome.FAULT: ExitCode.KATA_AT_FAULT,
}

# --- going on ------------------------------------------------------------------------------------------------------


def next_(context: typer.Context, track: Track = None) -> None:
    """Start the next unsolved kata. It is laid out; what it asks for and where to write is shown."""
    practice = practice_of(context)
    is_new = practice.workspace is None
    started = practice.next(track)
    if started is None:
        if track:
            print(f"Every kata of {track} is solved. Another track: kata next --track journey")
        else:
            from datetime import date

            from kata_runner.screen.progress import all_solved

            show(all_solved(practice.progress(date.today())))
        return
    _print_started(practice, started, is_new=is_new)


def start(context: typer.Context, kata: OneKata) -> None:
    """Jump to a kata, whatever comes next."""
    practice = practice_of(context)
    is_new = practice.workspace is None
    _print_started(practice, practice.start(practice.find(kata)), is_new=is_new)


def skip(context: typer.Context) -> None:
    """Leave the current kata for later and start the next one."""
    practice = practice_of(context)
    kata = practice.pick(None)
    started = practice.skip(kata)
    print(f"Left {kata.short} for later; come back any time: kata start {kata.short}\n")
    if started is None:
        print("Nothing else is open.")
    else:
        _print_started(practice, started)


def _print_started(practice: Practice, started: Started, *, is_new: bool = False) -> None:
    """What fits on a screen of 24 lines. is_new: the workspace was made for it."""
    if is_new:
        print(f"Your katas live in {short_path(practice.need_workspace().root, practice.cwd)}{os.sep}\n")
    if started.finished_track:
        print(f"Every kata of {started.finished_track} is solved; on with the journey.\n")
    kata = started.kata
    show_markdown(practice.first_paragraph(kata))
    print()
    show_rows(_what_and_where(practice, kata))
    show_rows(_what_stands_in_the_way(started))
    again = [("", "kata skip    leaves this one, which is still open, for later")]
    show_rows([*_AFTER_A_START, *(again if started.is_open_already else [])])


def _what_and_where(practice: Practice, kata: Kata) -> Iterator[tuple[str, str]]:
    minutes = f"{kata.minutes} minute{'s' * (kata.minutes != 1)}"
    yield "Kata", f"{kata.short} · {kata.difficulty} of 5 stars · {minutes}"
    yield "Write", ", ".join(names_to_write(kata))
    if practice.is_started(kata):
        yield "In", short_path(practice.need_workspace().main_file(kata), practice.cwd)


def _what_stands_in_the_way(started: Started) -> Iterator[tuple[str, str]]:
    """What the learner should know before they begin: katas to solve first, packages to install."""
    if started.unsolved:
        names = ", ".join(f"{kata.short} {kata.title}" for kata in started.unsolved)
        yield "Builds on", f"{names}; not solved yet"
        yield "First", f"kata start {started.unsolved[0].short}   (or check with the reference: kata check --borrow)"
    if started.lacking:
        lacking = ", ".join(started.lacking)
        yield "Needs", f"{lacking}, which this machine lacks: kata install {started.kata.short}"


def show_(
    context: typer.Context,
    kata: KataName = None,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Print all of it at once.")] = False,
) -> None:
    """Show the task again, whole; a long one in $PAGER."""
    practice = practice_of(context)
    found = practice.pick(kata)
    show_markdown(practice.task(found), paged=not no_pager)
    print()
    show_rows([*_what_and_where(practice, found), *_where_it_stands(practice, found)])


def _where_it_stands(practice: Practice, kata: Kata) -> Iterator[tuple[str, str]]:
    """The stage of the journey, and the phase or chapter that the kata comes from."""
    if stage := practice.catalogue.stage_of(kata):
        yield "Stage", stage
    yield "From", kata.group
    if kata.uses:
        yield "Builds on", ", ".join(f"{used.short} {used.title}" for used in practice.catalogue.used_by(kata))
    if kata.needs:
        yield "Needs", ", ".join(kata.needs)


# --- judging -------------------------------------------------------------------------------------------------------


def check(
    context: typer.Context,
    katas: ManyKatas = None,
    all_: Annotated[bool, typer.Option("--all", help="Every kata that you have started.")] = False,
    as_json: AsJson = False,
    borrow: Borrow = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Open every failed check.")] = False,
    typed: Annotated[bool, typer.Option("--typed", help="Look at the types too, by mypy --strict.")] = False,
) -> None:
    """Judge your answer. Exit code 0 when it passes, 1 when not yet."""
    command = command_of(context)
    to_check = chosen(command.practice, katas, command.practice.started() if all_ else None)
    if not to_check:
        raise UsageError("no kata is started yet. Begin with: kata next")
    if len(to_check) > 1:
        if typed:
            raise UsageError("--typed looks at one kata at a time. Name one: kata check KATA --typed")
        _check_many(command, to_check, borrow, as_json)
    checked = _check_one(command, to_check[0], borrow)
    if as_json:
        print_json(checked.verdict.to_json())
    else:
        from kata_runner.screen.verdict import verdict

        show(verdict(to_check[0], checked.verdict, checked.tally, verbose=verbose))
        show_pictures(checked.verdict.pictures)
    _complain_of(checked)
    code = _exit_code(checked)
    if typed and not as_json:
        code = _look_at_types(command, to_check[0], checked, borrow) or code
    raise typer.Exit(code)


def _look_at_types(command: Command, kata: Kata, checked: Checked, borrow: bool) -> int:
    """Say what is wrong with the types; returns the exit code, 0 where nothing is."""
    from kata_runner.screen.own_tests import types

    found = command.practice.typed(kata, passed=checked.verdict.passed, borrow=borrow)
    show(types(found.faults))
    if found.faults:
        return int(ExitCode.NOT_PASSED)
    print(_STAR_OF_TYPES if checked.verdict.passed else "The star is yours once the answer passes.")
    return 0


def _check_one(command: Command, kata: Kata, borrow: bool) -> Checked:
    # The child needs longer to start than this takes; after the verdict it would be waited for.
    from kata_runner.screen import verdict  # noqa: F401

    with suppress(MachineError):  # reported when there is something to record
        command.practice.store()
    checked = command.practice.check(kata, command.child, borrow=borrow)
    if command.child is not None:
        command.child.let_go()  # it ends while the verdict is drawn
    return checked


def _check_many(command: Command, katas: Sequence[Kata], borrow: bool, as_json: bool) -> None:
    """Judge several katas side by side; one that cannot be judged does not stop the rest."""
    import threading

    from kata_runner.catalogue import needs
    from kata_runner.judging import pool

    found: dict[str, Checked | KataError] = {}
    codes: list[int] = []
    printing = threading.Lock()

    def work(kata: Kata, child: Child | None) -> None:
        result: Checked | KataError
        try:
            result = command.practice.check(kata, child, borrow=borrow)
        except KataError as error:
            result = error
        with printing:
            found[kata.id] = result
            # In the order of the katas, each as soon as all before it are known.
            while len(codes) < len(katas) and (following := katas[len(codes)]).id in found:
                codes.append(_print_line(following, found[following.id], as_json))

    tasks = [pool.Task(partial(work, kata), needs.preloads_of(kata)) for kata in katas]
    pool.in_parallel(tasks, min(4, os.cpu_count() or 1))
    if as_json:
        results = (found[kata.id] for kata in katas)
        print_json([result.verdict.to_json() for result in results if isinstance(result, Checked)])
    else:
        print(f"\n{codes.count(0)} of {len(codes)} pass")
    raise typer.Exit(max(codes))


def _print_line(kata: Kata, result: Checked | KataError, as_json: bool) -> int:
    """Print one kata of many; returns its exit code."""
    if isinstance(result, KataError):
        complain(f"{kata.id}: {result}")
        return int(result.exit_code)
    if not as_json:
        from kata_runner.screen.verdict import verdict_line

        show(verdict_line(kata, result.verdict))
    _complain_of(result, f"{kata.id}: ")
    return _exit_code(result)


def _complain_of(checked: Checked, about: str = "") -> None:
    if checked.problem:
        complain(f"{about}this attempt was not saved: {checked.problem}")
    if checked.read_at:
        stood = f"judged is what stood at {checked.read_at:%H:%M:%S}"
        complain(f"{about}you saved while this ran; {stood}. Check again: kata check")


def _exit_code(checked: Checked) -> int:
    code = _EXIT_CODES.get(checked.verdict.outcome, ExitCode.NOT_PASSED)
    return int(ExitCode.MACHINE_AT_FAULT if checked.problem and code is ExitCode.PASSED else code)


def watch(
    context: typer.Context,
    kata: KataName = None,
    manual: Annotated[bool, typer.Option("--manual", help="Judge when you press r, not at each save.")] = False,
    borrow: Borrow = False,
) -> None:
    """Judge your answer at each save, with the verdict on the screen."""
    from kata_runner.watch.app import is_possible

    if not is_possible():
        raise UsageError("kata watch needs a terminal that can be drawn on. Here, judge by hand: kata check")
    practice = practice_of(context)
    found = practice.pick(kata)
    if not practice.is_started(found):
        practice.start(found)
    run_watch(practice, found, is_manual=manual, borrow=borrow)


def debug(
    context: typer.Context,
    kata: KataName = None,
    check: Annotated[str, typer.Option("--check", metavar="WORDS", help="The check with these words.")] = "",
    debugpy: Annotated[bool, typer.Option("--debugpy", help="Wait for your editor instead.")] = False,
    port: Annotated[int, typer.Option("--port", metavar="PORT", help="Where to wait for it.")] = 5678,
    borrow: Borrow = False,
) -> None:
    """Step through the case that fails in pdb. It stops at the first line of your function, with its arguments."""
    command = command_of(context)
    found = command.practice.pick(kata)
    if is_terminal():
        print("Looking for the case that fails …", flush=True)
    port = port if debugpy else 0
    raise typer.Exit(command.practice.debug(found, command.child, check=check, port=port, borrow=borrow))


def own_tests(
    context: typer.Context,
    kata: KataName = None,
    new: Annotated[bool, typer.Option("--new", help="Lay out an empty file for your tests.")] = False,
    hint: Annotated[bool, typer.Option("--hint", help="Say what one of the bugs that escape does.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Which test catches which bug; full lines.")] = False,
    as_json: AsJson = False,
    borrow: Borrow = False,
) -> None:
    """Judge your own pytest tests by right answers and by bugs."""
    command = command_of(context)
    found = command.practice.pick(kata)
    if new:
        path = command.practice.new_tests(found)
        print(f"Your tests go into {short_path(path, command.practice.cwd)}\nRun them: kata test {found.short}")
        return
    ran = command.practice.test(found, command.child, borrow=borrow)
    if as_json:
        print_json(ran.tested.to_json())
    else:
        from kata_runner.screen.own_tests import page

        show(page(found, ran.tested, ran.n_runs, hint=hint, verbose=verbose))
        if ran.tested.is_complete:
            later = f"The star is yours once the kata is solved: kata check {found.short}"
            print(_STAR_OF_TESTS if ran.is_solved else later)
    raise typer.Exit(ExitCode.PASSED if ran.tested.is_complete else ExitCode.NOT_PASSED)


def hunt(
    context: typer.Context,
    kata: KataName = None,
    next_: Annotated[bool, typer.Option("--next", help="Another bug, though this one is not found.")] = False,
) -> None:
    """Find the bug in code that works otherwise. The first call lays it out, the next ones judge your mend."""
    command = command_of(context)
    practice = command.practice
    found = practice.hunt(practice.find(kata) if kata else None, command.child, another=next_)
    from kata_runner.screen.hunt import page

    show(page(found, short_path(found.folder, practice.cwd)))
    raise typer.Exit(ExitCode.PASSED if found.is_new or found.mended is not None else ExitCode.NOT_PASSED)


def run_watch(practice: Practice, kata: Kata, *, is_manual: bool = False, borrow: bool = False) -> None:
    """Watch a kata that is started, until the learner leaves."""
    from kata_runner.watch.app import run

    code, farewell = run(practice, kata, is_manual=is_manual, borrow=borrow)
    if farewell:
        complain(farewell)
    raise typer.Exit(code)


# --- help along the way --------------------------------------------------------------------------------------------


def hint(
    context: typer.Context,
    kata: KataName = None,
    level: Annotated[int | None, typer.Option("--level", min=1, metavar="N", help="This hint, not the next.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every hint at once.")] = False,
) -> None:
    """Print the next hint; each call goes one step further."""
    practice = practice_of(context)
    found = practice.pick(kata)
    hints = practice.hints(found)
    taken = practice.hint(found, len(hints) if all_ else level)
    for text in hints if all_ else [taken.text]:
        show_markdown(text)
        print()
    said = f"Hint {taken.level} of {taken.n_hints}"
    if left := taken.n_hints - taken.level:
        print(f"{said}; {left} left: kata hint {found.short}")
    else:
        print(f"{said}, the last one. To see the reference before solving: kata solution --give-up")


def solution(
    context: typer.Context,
    kata: KataName = None,
    give_up: Annotated[bool, typer.Option("--give-up", help="Show it before you solved the kata; recorded.")] = False,
    others: Annotated[bool, typer.Option("--others", help="Other right answers instead, in another style.")] = False,
) -> None:
    """Print the reference, once you have solved the kata."""
    practice = practice_of(context)
    found = practice.pick(kata)
    if not others:
        _show_files(practice.solution(found, give_up=give_up))
        return
    answers = practice.other_solutions(found, give_up=give_up)
    for style, files in answers:
        print(style)
        _show_files(files)
        print()
    if not answers:
        print(f"{found.short} has no other right answer on file. The reference: kata solution {found.short}")


def _show_files(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        show_source(name, text)


# --- the learner's code --------------------------------------------------------------------------------------------


def reset(
    context: typer.Context,
    kata: KataName = None,
    all_: Annotated[bool, typer.Option("--all", help="Every kata that you have started.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Start again from the stub; your code is kept in the history."""
    practice = practice_of(context)
    katas = chosen(practice, [kata] if kata else None, practice.started() if all_ else None)
    # What cannot be read is reported before the question.
    changed = [kata for kata in katas if practice.submission(kata).files != kata.stub_files]
    if not changed:
        print("Nothing is changed since the stub, so there is nothing to reset.")
        return
    if not yes:
        what = f"{changed[0].short} again from the stub"
        if changed[1:]:
            what = f"{len(changed)} katas again from their stubs"
        ask(f"Start {what}? Your code is kept.", f"kata reset{' --all' * all_} --yes")
    for found in changed:
        print(f"{found.short} is back to its stub. {how_to_bring_back(found, practice.reset(found))}".rstrip())


def history(
    context: typer.Context,
    kata: KataName = None,
    all_: Annotated[bool, typer.Option("--all", help="Not only the newest.")] = False,
) -> None:
    """List your attempts at a kata: when, verdict, checks passed."""
    practice = practice_of(context)
    found = practice.pick(kata)
    rows = practice.history(found, None if all_ else _NEWEST)
    if not rows:
        print(f"No attempt at {found.short} yet. Check your answer: kata check {found.short}")
        return
    from kata_runner.screen import lists, text

    show(text.heading(found))
    if n_earlier := rows[0].number - 1:
        print(f"{n_earlier:,} earlier: kata history {found.short} --all")
    show_paged(lists.history(rows))
    print(f"\nBring one back: kata restore {found.short} N")


def restore(
    context: typer.Context,
    kata: OneKata,
    n: Annotated[str, typer.Argument(metavar="N", help="Number of the attempt; see `kata history`.")] = "",
) -> None:
    """Bring back the code of an attempt. What you have now is kept too. `kata restore N`: of the current kata."""
    practice = practice_of(context)
    name, n = (kata, n) if n else (None, kata)
    if not n.isdecimal():
        raise UsageError(f'"{n}" is no number of an attempt. See them: kata history {name or n}')
    found, number = practice.pick(name), int(n)
    kept = practice.restore(found, number)
    print(f"{found.short} is as it was in attempt {number}. {how_to_bring_back(found, kept)}".rstrip())


def edit(context: typer.Context, kata: KataName = None) -> None:
    """Open your file in $VISUAL, $EDITOR or an editor that is there."""
    import subprocess

    practice = practice_of(context)
    found = practice.pick(kata)
    space = practice.need_workspace()
    space.start(found)
    path, command = space.main_file(found), practice.editor()
    if not command and (command := practice.editor_at_hand()):
        print(f"EDITOR is not set; this opens {command[0]}. To choose another: export EDITOR=NAME", flush=True)
    if not command:
        raise UsageError(
            f"neither VISUAL nor EDITOR holds a command. Set one (export EDITOR=nano) or open the file yourself: {path}"
        )
    try:
        code = subprocess.run([*command, str(path)], check=False).returncode
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"{command[0]} cannot be started ({reason}). Open the file yourself: {path}") from None
    if code:
        raise UsageError(f"{command[0]} ended with exit code {code}. The file to open: {path}")


_NEWEST = 15  # attempts in a history that fits a screen of 24 lines
_AFTER_A_START = [
    ("Then", "kata watch   judges at every save (kata check: once)"),
    ("", "kata show    the whole task"),
    ("", "kata hint    one hint at a time"),
]
