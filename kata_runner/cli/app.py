"""The Typer commands: argv in, exit code out. The one place that prints and that catches KataError."""

from __future__ import annotations

import codecs
import io
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kata_runner.catalogue import load as catalog
from kata_runner.catalogue.answers import answer_files, solution_path
from kata_runner.errors import BrokenKata, ExitCode, KataError, MachineError, UsageError
from kata_runner.learner import workspace as workspaces
from kata_runner.learner.workspace import Workspace
from kata_runner.model import Kata, Outcome, Overview, Progress, Row, Submission, Tally, Verdict

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from kata_runner.judging.launch import Child
    from kata_runner.learner.plan import HowFar, Share
    from kata_runner.learner.store import History, KataState, Store
    from kata_runner.watch.judge_thread import Judged

Uses = Mapping[str, Mapping[str, bytes]]
Judging = Callable[[Kata, Submission, Uses], Verdict]

STATUSES = ("todo", "started", "solved", "skipped", "shown")
_EXIT_CODES = {
    Outcome.PASSED: ExitCode.PASSED,
    Outcome.MISSING: ExitCode.MACHINE_AT_FAULT,
    Outcome.FAULT: ExitCode.KATA_AT_FAULT,
}


# --- what every command works with ---------------------------------------------------------------------------------


class Session:
    """What one command was given: the catalogue, the workspace, and a child already started for a check."""

    # No dataclass, here and below: making one takes a millisecond of every command.
    def __init__(self, child: Child | None = None) -> None:
        self.catalogue_dir: Path | None = None
        self.workspace_dir: Path | None = None
        self.child = child
        self._store: Store | None = None

    @cached_property
    def cwd(self) -> Path:
        try:
            return Path.cwd()
        except FileNotFoundError:
            raise UsageError("the folder you are in is gone. Change to another one: cd") from None

    @cached_property
    def catalogue(self) -> catalog.Catalogue:
        return catalog.load(self.catalogue_dir)

    @cached_property
    def workspace(self) -> Workspace | None:
        return workspaces.locate(self.cwd, self.workspace_dir, os.environ)

    def need_workspace(self) -> Workspace:
        """The workspace, or a sentence that says how to get one."""
        if self.workspace is None:
            raise UsageError("no kata was started here yet. Begin with: kata next")
        return self.workspace

    def store(self) -> AbstractContextManager[Store]:
        """The store of attempts, opened once for the whole command."""
        if self._store is None:
            from kata_runner.learner import store as progress

            self._store = progress.open_store(self.need_workspace().database)
        return nullcontext(self._store)

    def close(self) -> None:
        self.end_child()
        if self._store is not None:
            self._store.close()
            self._store = None

    def find(self, name: str) -> Kata:
        """The kata of that name; a path into the workspace or with a closing slash serves too."""
        return self.catalogue.find(name.rstrip("/").replace(os.sep, "/").rpartition("/")[2])

    def find_all(self, names: Iterable[str]) -> list[Kata]:
        """The katas of these names, each once."""
        return list({kata.id: kata for kata in map(self.find, names)}.values())

    def here(self) -> Kata | None:
        """The kata in whose folder of the workspace the command was typed."""
        if self.workspace is None or not self.cwd.is_relative_to(self.workspace.root):
            return None
        parts = self.cwd.relative_to(self.workspace.root).parts
        return self.get(parts[0]) if parts else None

    def get(self, kata_id: str) -> Kata | None:
        """The kata of exactly this id; None where this catalogue does not have it."""
        return self.catalogue.get(kata_id)

    def end_child(self) -> None:
        if self.child is not None:
            self.child.close()
            self.child = None

    def pick(self, name: str | None) -> Kata:
        """The kata that was named, else the one whose folder this is, else the current one."""
        kata = self.find(name) if name else self.here()
        if kata is None:
            self.need_workspace()
            with self.store() as store:
                current = store.setting("current")
            kata = self.get(current) if current else None
        if kata is None:
            raise UsageError("no kata is current. Name one, or begin with: kata next")
        return kata


def _session(context: typer.Context) -> Session:
    session = context.obj
    assert isinstance(session, Session)
    return session


# --- completion ----------------------------------------------------------------------------------------------------


def _complete_kata(context: typer.Context, incomplete: str) -> list[str]:
    try:
        katas = catalog.load(_folder_option(context, "catalogue", "KATA_CATALOGUE")).katas
    except KataError:
        return []
    return [kata.id for kata in katas if kata.id.startswith(incomplete)]


def _folder_option(context: typer.Context, name: str, variable: str) -> Path | None:
    given = context.find_root().params.get(name) or os.environ.get(variable)
    return Path(given) if given else None


def _complete_track(incomplete: str) -> list[str]:
    return [track for track in catalog.TRACKS if track.startswith(incomplete)]


def _complete_status(incomplete: str) -> list[str]:
    return [status for status in STATUSES if status.startswith(incomplete)]


_KataName = Annotated[
    str | None,
    typer.Argument(metavar="[KATA]", help="Id, folder, or a unique part of either.", autocompletion=_complete_kata),
]
_OneKata = Annotated[
    str, typer.Argument(metavar="KATA", help="Id, folder, or a unique part of either.", autocompletion=_complete_kata)
]
_ManyKatas = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KATA]...", help="Ids, or unique parts of them.", autocompletion=_complete_kata),
]
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs to read.")]
_Track = Annotated[
    str | None,
    typer.Option("--track", help="journey, problems, milestones or roadmap.", autocompletion=_complete_track),
]


# --- kata ----------------------------------------------------------------------------------------------------------


def _root(
    context: typer.Context,
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", metavar="DIR", envvar="KATA_CATALOGUE", help="Folder of katas.")
    ] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", metavar="DIR", envvar="KATA_WORKSPACE", help="Your own folder.")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Practice for AI and ML engineers: small exercises, judged the moment you ask.

    Begin with `kata next`; it prints what to do.
    """
    session = context.ensure_object(Session)
    session.catalogue_dir, session.workspace_dir = catalogue, workspace
    if version:
        from kata_runner import __version__

        print(f"kata {__version__}")
    elif context.invoked_subcommand is None:
        _home(session)


def _home(session: Session) -> None:
    """What plain `kata` does: a welcome on first use, afterwards where the learner is."""
    if session.workspace is None:
        print(_WELCOME.format(n_katas=len(session.catalogue.katas)))
        return
    if _is_terminal() and (current := _to_watch(session, session.workspace)) is not None:
        _watch(session, session.workspace, current)
    _print_standing(session, session.workspace)


def _to_watch(session: Session, space: Workspace) -> Kata | None:
    """The kata that plain `kata` in a terminal watches: the current one, once it is started."""
    from kata_runner.watch import app as live

    with session.store() as store:
        current = session.get(store.setting("current") or "")
    return current if current is not None and space.is_started(current) and live.is_possible() else None


def _print_standing(session: Session, space: Workspace) -> None:
    from datetime import UTC, datetime

    from kata_runner.learner import plan
    from kata_runner.screen import verdict as screen

    with session.store() as store:
        current = session.catalogue.get(store.setting("current") or "")
        last = store.last_attempt(current.id) if current else None
        history = store.summary()
    share = plan.how_far(session.catalogue, history).overall
    open_ = current is not None and not history.state(current.id).is_solved
    shown = Overview(
        current,
        space.main_file(current) if current else None,
        last,
        share.n_solved,
        share.n_total,
        "kata check" if open_ else "kata next",
    )
    _show(screen.overview(shown, datetime.now(UTC)))


# --- walking -------------------------------------------------------------------------------------------------------


def next_(context: typer.Context, track: _Track = None) -> None:
    """Start the next unsolved kata: lay it out, print its task."""
    session = _session(context)
    if track and not session.catalogue.track(track):  # told before a workspace is made
        raise UsageError(f"the track {track} has no katas in this catalogue")
    session.workspace = session.workspace or _make_workspace(session)
    with session.store() as store:
        _tell_problem(store)
        current = store.setting("current")
        kata = None if track else _still_open(session, store, current)
        kata = kata or _choose_next(session, store, track, current)
        if kata is None:
            print(
                f"Every kata of {track} is solved. Another track: kata next --track journey" if track else _ALL_SOLVED
            )
            return
        if kata.id != current:
            _make_current(store, kata)
    _begin(session, kata)
    if kata.id == current:
        print("\nThis one is still open. Leave it for later: kata skip")


def _still_open(session: Session, store: Store, current: str) -> Kata | None:
    """The current kata while it is open: told apart from `_choose_next` since it spares reading the others."""
    state = store.summary().state(current)
    return session.get(current) if current and not state.is_solved and not state.is_skipped else None


def _choose_next(session: Session, store: Store, track: str | None, current: str) -> Kata | None:
    """The kata to work on; a track that was asked for is remembered until it is solved."""
    from kata_runner.learner import plan

    history = store.summary()
    if track:
        # To ask for another track is to leave the current kata for now.
        remembered = track
        kata = plan.next_kata(session.catalogue, history, track, None)
    else:
        remembered = store.setting("track", "journey")
        known = remembered if remembered in session.catalogue.track_titles else "journey"
        kata = plan.next_kata(session.catalogue, history, known, current or None)
        if kata is None and known != "journey":
            print(f"Every kata of {known} is solved; on with the journey.\n")
            remembered = "journey"
            kata = plan.next_kata(session.catalogue, history, "journey", None)
    if kata is not None:
        store.set_setting("track", remembered)
    return kata


def _make_workspace(session: Session) -> Workspace:
    made = workspaces.create(workspaces.place(session.cwd, session.workspace_dir, os.environ))
    print(f"Your katas live in {made.root}\n")
    return made


def start(context: typer.Context, kata: _OneKata) -> None:
    """Jump to a kata, whatever comes next."""
    session = _session(context)
    found = session.find(kata)
    session.workspace = session.workspace or _make_workspace(session)
    with session.store() as store:
        _tell_problem(store)
        _make_current(store, found)
    _begin(session, found)


def skip(context: typer.Context) -> None:
    """Leave the current kata for later and start the next one."""
    session = _session(context)
    kata = session.pick(None)
    with session.store() as store:
        if store.summary().state(kata.id).is_solved:
            raise UsageError(f"{kata.short} is solved already, there is nothing to skip. Go on: kata next")
        store.skip(kata.id)
        print(f"Left {kata.short} for later; come back any time: kata start {kata.short}\n")
        following = _choose_next(session, store, None, kata.id)
        if following is None or following.id == kata.id:
            print("Nothing else is open.")
            return
        _make_current(store, following)
    _begin(session, following)


def _make_current(store: Store, kata: Kata) -> None:
    store.set_setting("current", kata.id)
    store.unskip(kata.id)


def _begin(session: Session, kata: Kata) -> None:
    """Lay the kata out where it is not yet, and print its task and where to write."""
    space = session.need_workspace()
    space.start(kata)
    _print_task(kata)
    from kata_runner.catalogue import needs

    lacking = needs.missing(kata)
    if lacking:
        print(f"Needs {', '.join(lacking)}, which this machine lacks: kata install {kata.short}")
    print(f"Write in: {space.main_file(kata)}")
    print("Then:     kata check      Stuck: kata hint")


def show(context: typer.Context, kata: _KataName = None) -> None:
    """Print the task again."""
    session = _session(context)
    found = session.pick(kata)
    _print_task(found)
    if session.workspace and session.workspace.is_started(found):
        print(f"Write in: {session.workspace.main_file(found)}")


def _print_task(kata: Kata) -> None:
    _show_markdown(_read_part(kata, "task.md"))
    print()


def _read_part(kata: Kata, name: str) -> str:
    try:
        return (kata.folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenKata(f"{kata.id}: {name} cannot be read ({error}). Please tell the kata's author.") from None


# --- judging -------------------------------------------------------------------------------------------------------


def check(
    context: typer.Context,
    katas: _ManyKatas = None,
    all_: Annotated[bool, typer.Option("--all", help="Every kata that you have started.")] = False,
    as_json: _AsJson = False,
    borrow: Annotated[
        bool, typer.Option("--borrow", help="Use the reference of an earlier kata that you have not solved.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Open every failed check.")] = False,
) -> None:
    """Judge your answer. Exit code 0 when it passes, 1 when not yet."""
    session = _session(context)
    chosen = _to_check(session, katas or [], all_)
    if len(chosen) == 1:
        with _importing_meanwhile():
            checked = _check_one(session, chosen[0], borrow)
        _print_verdict(session, chosen[0], checked, as_json, verbose)
    else:
        _check_many(session, chosen, borrow, as_json)


def _to_check(session: Session, names: Sequence[str], all_: bool) -> list[Kata]:
    if not all_:
        return session.find_all(names) or [session.pick(None)]
    if names:
        raise UsageError("name katas or say --all, not both")
    space = session.need_workspace()
    started = [kata for kata in session.catalogue.katas if space.is_started(kata)]
    if not started:
        raise UsageError("no kata is started yet. Begin with: kata next")
    return started


@contextmanager
def _importing_meanwhile() -> Iterator[None]:
    """Import what records and shows a verdict while the child is at work, which takes as long."""
    import threading

    def load() -> None:
        with suppress(ImportError):  # met again, and told, where it is needed
            import sqlite3  # noqa: F401

            from kata_runner.screen import verdict as screen  # noqa: F401

            _console()

    thread = threading.Thread(target=load, name="kata-imports", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


class Checked:
    """A verdict, and what became of it in the store.

    problem: why it was not saved; warning: what is wrong with the store that it was saved in.
    """

    def __init__(self, verdict: Verdict, tally: Tally | None = None, problem: str = "", warning: str = "") -> None:
        self.verdict = verdict
        self.tally = tally
        self.problem = problem
        self.warning = warning

    @property
    def complaints(self) -> list[str]:
        told = [self.warning] if self.warning else []
        return [*told, f"this attempt was not saved: {self.problem}"] if self.problem else told

    @property
    def exit_code(self) -> int:
        code = _EXIT_CODES.get(self.verdict.outcome, ExitCode.NOT_PASSED)
        return ExitCode.MACHINE_AT_FAULT if self.problem and code is ExitCode.PASSED else code


def _check_one(session: Session, kata: Kata, borrow: bool, judged: Judging | None = None) -> Checked:
    """Judge one kata, on the session's child or by what is given, and record the verdict."""
    submission = session.need_workspace().submission(kata)
    files_by_used, borrowed = _used(session, kata, borrow)
    if judged is not None:
        return _saved(session, kata, submission, judged(kata, submission, files_by_used), borrowed)
    # What the verdict needs is got ready while the child starts; the child ends while the verdict is told.
    from kata_runner.screen import verdict as screen  # noqa: F401

    with suppress(MachineError):  # told when there is something to record
        session.store()
    verdict = _judged_on(session.child, kata, submission, files_by_used)
    if session.child is not None:
        session.child.let_go()
    return _saved(session, kata, submission, verdict, borrowed)


def _used(session: Session, kata: Kata, borrow: bool) -> tuple[dict[str, Mapping[str, bytes]], list[str]]:
    """Files of the katas that this one builds on, and which of them are borrowed from the reference."""
    files: dict[str, Mapping[str, bytes]] = {}
    borrowed: list[str] = []
    if not kata.uses:
        return files, borrowed
    with session.store() as store:
        for used_id in _all_used(session, kata):
            own = store.passing_files(used_id)
            used = session.catalogue.get(used_id)
            if own is not None:
                files[used_id] = own
            elif used is None:
                raise BrokenKata(f'{kata.id} uses "{used_id}", which is not in this catalogue')
            elif borrow:
                files[used_id] = answer_files(used, solution_path(used))
                borrowed.append(used_id)
            else:
                raise UsageError(
                    f"{kata.short} builds on your own {used.id}, which you have not solved yet. "
                    f"Solve it first: kata start {used.short}. "
                    f"Or use the reference for it: kata check {kata.short} --borrow"
                )
    return files, borrowed


def _all_used(session: Session, kata: Kata) -> list[str]:
    """The katas this one builds on, and those that they build on in turn."""
    found: dict[str, None] = {}
    pending = list(kata.uses)
    while pending:
        used_id = pending.pop(0)
        if used_id not in found:
            found[used_id] = None
            used = session.catalogue.get(used_id)
            pending += used.uses if used else ()
    return list(found)


def _saved(session: Session, kata: Kata, submission: Submission, verdict: Verdict, borrowed: Sequence[str]) -> Checked:
    """Record the verdict. Trouble with the database costs the record, never the verdict."""
    if verdict.outcome in (Outcome.FAULT, Outcome.MISSING):
        return Checked(verdict)

    try:
        with session.store() as store:
            recorded = store.record(verdict, submission, borrowed=borrowed)
            share = _how_far(session, store.summary()).overall if verdict.passed else None
            problem = store.problem
    except MachineError as error:
        return Checked(verdict, problem=str(error))
    if share is None:
        return Checked(verdict, warning=problem)
    tally = Tally(share.n_solved, share.n_total, recorded.n_attempts, recorded.first_solve)
    return Checked(verdict, tally, warning=problem)


def _how_far(session: Session, history: History) -> HowFar:
    from kata_runner.learner import plan

    return plan.how_far(session.catalogue, history)


def _print_verdict(session: Session, kata: Kata, checked: Checked, as_json: bool, verbose: bool) -> None:
    from kata_runner.screen import verdict as screen

    if as_json:
        _print_json(checked.verdict.to_json())
    else:
        _show(screen.verdict(kata, checked.verdict, checked.tally, verbose=verbose))
        show_pictures(checked.verdict.pictures)
    for complaint in checked.complaints:
        _complain(complaint)
    raise typer.Exit(int(checked.exit_code))


def _judged_on(child: Child | None, kata: Kata, submission: Submission, uses: Uses) -> Verdict:
    from kata_runner.judging import judge

    return judge.judge(kata, submission, uses=uses, child=child)


class _Lines:
    """Prints what is known of many katas in their order, each as soon as all before it are known."""

    def __init__(self, katas: Sequence[Kata], as_json: bool) -> None:
        import threading

        self.katas = katas
        self.as_json = as_json
        self.codes: list[int] = []
        self.objects: list[object] = []
        self._done: dict[str, Checked | KataError] = {}
        self._lock = threading.Lock()

    def add(self, kata: Kata, found: Checked | KataError) -> None:
        with self._lock:
            self._done[kata.id] = found
            while len(self.codes) < len(self.katas) and self.katas[len(self.codes)].id in self._done:
                following = self.katas[len(self.codes)]
                self._print(following, self._done[following.id])

    def _print(self, kata: Kata, found: Checked | KataError) -> None:
        self.codes.append(int(found.exit_code))
        if isinstance(found, KataError):
            _complain(f"{kata.id}: {found}")
            return
        self.objects.append(found.verdict.to_json())
        if not self.as_json:
            from kata_runner.screen import verdict as screen

            _show(screen.verdict_line(kata, found.verdict))
        for complaint in found.complaints:
            _complain(f"{kata.id}: {complaint}")


def _check_many(session: Session, katas: Sequence[Kata], borrow: bool, as_json: bool) -> None:
    """Judge several katas side by side; one that cannot be judged does not stop the rest."""
    from kata_runner.catalogue import needs
    from kata_runner.judging import judge

    lines = _Lines(katas, as_json)

    def task(kata: Kata) -> judge.Task:
        def work(child: Child | None) -> None:
            try:
                lines.add(kata, _check_one(session, kata, borrow, partial(_judged_on, child)))
            except KataError as error:
                lines.add(kata, error)

        return judge.Task(work, needs.preloads_of(kata))

    session.end_child()  # the workers below start their own
    judge.in_parallel([task(kata) for kata in katas], min(4, os.cpu_count() or 1))
    if as_json:
        _print_json(lines.objects)
    else:
        print(f"\n{lines.codes.count(0)} of {len(lines.codes)} pass")
    raise typer.Exit(max(lines.codes))


# --- watching ------------------------------------------------------------------------------------------------------


def watch(
    context: typer.Context,
    kata: _KataName = None,
    manual: Annotated[bool, typer.Option("--manual", help="Judge when you press r, not at each save.")] = False,
    borrow: Annotated[
        bool, typer.Option("--borrow", help="Use the reference of an earlier kata that you have not solved.")
    ] = False,
) -> None:
    """Judge your answer at each save, with the verdict on the screen at once."""
    from kata_runner.watch import app as live

    session = _session(context)
    if not live.is_possible():
        raise UsageError("kata watch needs a terminal that can be drawn on. Here, judge by hand: kata check")
    found = session.pick(kata)
    space = session.workspace = session.workspace or _make_workspace(session)
    if not space.is_started(found):
        _Office(session, space, borrow).begin(found)
    _watch(session, space, found, manual, borrow)


def _watch(session: Session, space: Workspace, kata: Kata, manual: bool = False, borrow: bool = False) -> None:
    from kata_runner.watch import app as live

    code, farewell = live.run(_Office(session, space, borrow), kata, is_manual=manual)
    if farewell:
        _complain(farewell)
    raise typer.Exit(code)


class _Standing:
    """Where the learner is with one kata, and over all; what the watch screen shows of the past."""

    def __init__(self, state: KataState, share: Share, last_digest: str) -> None:
        self.is_solved = state.is_solved
        self.may_see_solution = state.is_solved or state.gave_up
        self.spent_s = state.time_spent_s
        self.hints = state.hints
        self.n_solved = share.n_solved
        self.n_katas = share.n_total
        self.last_digest = last_digest


class _Office:
    """What the watch asks for; see `live.Office`."""

    def __init__(self, session: Session, workspace: Workspace, borrow: bool) -> None:
        import threading

        self.session = session
        self.workspace = workspace
        self.borrow = borrow
        self._opening = threading.Lock()

    def _store(self) -> AbstractContextManager[Store]:
        with self._opening:  # asked for by several threads
            return self.session.store()

    def rows(self) -> Sequence[Row]:
        return rows_of(self.session, quiet=True)

    def uses(self, kata: Kata) -> tuple[dict[str, Mapping[str, bytes]], list[str]]:
        if kata.uses:
            with self._store():
                return _used(self.session, kata, self.borrow)
        return {}, []

    def standing(self, kata: Kata) -> _Standing:
        with self._store() as store:
            history, last = store.summary(), store.last_attempt(kata.id)
        share = _how_far(self.session, history).overall
        return _Standing(history.state(kata.id), share, last.digest if last else "")

    def record(self, judged: Judged) -> tuple[Tally | None, str]:
        """Keep a verdict; gives how far the learner is when it passed, and what is wrong with the database."""

        with self._store() as store:
            recorded = store.record(judged.verdict, judged.submission, borrowed=judged.borrowed)
            history = store.summary() if judged.verdict.passed else None
            problem = store.problem
        if history is None:
            return None, problem
        share = _how_far(self.session, history).overall
        return Tally(share.n_solved, share.n_total, recorded.n_attempts, recorded.first_solve), problem

    def following(self, kata: Kata) -> Kata | None:
        from kata_runner.learner import plan

        with self._store() as store:
            history, track = store.summary(), store.setting("track", "journey")
        catalogue = self.session.catalogue
        known = track if track in catalogue.track_titles else "journey"
        return plan.next_kata(catalogue, history, known, None) or plan.next_kata(catalogue, history, "journey", None)

    def begin(self, kata: Kata) -> None:
        """Lay a kata out and make it the current one."""
        self.workspace.start(kata)
        with self._store() as store:
            _make_current(store, kata)

    def hint(self, kata: Kata, level: int) -> tuple[str, int, int]:
        """The hint of that level or the last one, its level, and how many there are; taking it is recorded."""
        hints = _hints(kata)
        level = min(level, len(hints))
        with self._store() as store:
            if not store.read_only:
                store.take_hint(kata.id, level)
        return hints[level - 1], level, len(hints)

    def solution(self, kata: Kata) -> list[tuple[str, str]]:
        return _reference(kata)

    def reset(self, kata: Kata) -> str:
        submission = self.workspace.submission(kata)
        with self._store() as store:
            number = store.keep(submission, "reset") or _newest(store, kata)
        self.workspace.reset(kata)
        return f"{kata.short} is back to its stub." + _how_to_bring_back(kata, number)


# --- help along the way --------------------------------------------------------------------------------------------


def hint(
    context: typer.Context,
    kata: _KataName = None,
    level: Annotated[int | None, typer.Option("--level", min=1, metavar="N", help="This hint, not the next.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every hint at once.")] = False,
) -> None:
    """Print the next hint; each call goes one step further."""
    session = _session(context)
    found = session.pick(kata)
    hints = _hints(found)
    if level is not None and level > len(hints):
        raise UsageError(f"{found.short} has {len(hints)} hints; there is no hint {level}")
    if session.workspace is None:
        last = len(hints) if all_ else level or 1
    else:
        with session.store() as store:
            _tell_problem(store)
            last = len(hints) if all_ else level or min(store.hints_taken(found.id) + 1, len(hints))
            if not store.read_only:
                store.take_hint(found.id, last)
    for number in range(1 if all_ else last, last + 1):
        _show_markdown(hints[number - 1])
        print()
    print(_hints_left(found, last, len(hints)))


def _hints(kata: Kata) -> list[str]:
    """The hints, each with its heading."""
    hints: list[list[str]] = []
    for line in _read_part(kata, "hint.md").splitlines():
        if line.startswith("## "):
            hints.append([line])
        elif hints:
            hints[-1].append(line)
    if not hints:
        raise BrokenKata(f'{kata.id}: hint.md holds no hint (no line starts with "## ")')
    return ["\n".join(lines).strip() for lines in hints]


def _hints_left(kata: Kata, last: int, n_hints: int) -> str:
    left = n_hints - last
    if left:
        return f"Hint {last} of {n_hints}; {left} left: kata hint {kata.short}"
    return f"Hint {last} of {n_hints}, the last one. To see the reference before solving: kata solution --give-up"


def solution(
    context: typer.Context,
    kata: _KataName = None,
    give_up: Annotated[bool, typer.Option("--give-up", help="Show it before you solved the kata; recorded.")] = False,
) -> None:
    """Print the reference, once you have solved the kata."""
    session = _session(context)
    found = session.pick(kata)
    with session.store() as store:
        solved = store.summary().state(found.id).is_solved
        if not solved and not give_up:
            raise UsageError(
                f"{found.short} is not solved yet, so its reference stays closed. A hint instead: "
                f"kata hint {found.short}. To see it all the same: kata solution {found.short} --give-up (is recorded)"
            )
        if not solved and not store.read_only:
            store.give_up(found.id)
    for name, text in _reference(found):
        _show_source(name, text)


def _reference(kata: Kata) -> list[tuple[str, str]]:
    """Names and texts of the reference's files, without those that the stub has already."""
    stub = kata.stub_files
    files = answer_files(kata, solution_path(kata))
    return [(name, text.decode("utf-8", "replace")) for name, text in files.items() if stub.get(name) != text]


# --- lists ---------------------------------------------------------------------------------------------------------


def list_(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="Only katas with this in their name or title.")] = "",
    track: _Track = None,
    status: Annotated[
        str | None,
        typer.Option("--status", help=f"{', '.join(STATUSES)}.", autocompletion=_complete_status),
    ] = None,
    as_json: _AsJson = False,
) -> None:
    """List katas with their state, difficulty, minutes and needs."""
    session = _session(context)
    if status is not None and status not in STATUSES:
        raise UsageError(f'no status named "{status}". Statuses: {", ".join(STATUSES)}')
    rows = [row for row in rows_of(session, track) if _fits(row, text, status)]
    if as_json:
        _print_json([row.to_json() for row in rows])
        return
    from kata_runner.screen import verdict as screen

    _show(screen.catalogue(rows, _width()))


def rows_of(session: Session, track: str | None = None, *, quiet: bool = False) -> list[Row]:
    """Every kata of a track with the learner's state, in the order of the track; without one, by heading.

    quiet: say nothing of a database that had to be mended.
    """
    from kata_runner.learner import store as progress

    history, current, laid_out = progress.History(), "", set[str]()
    if session.workspace is not None:
        with session.store() as store:
            if not quiet:
                _tell_problem(store)
            history, current = store.summary(), store.setting("current")
        laid_out = {entry.name for entry in os.scandir(session.workspace.root) if entry.is_dir()}
    stage = {kata_id: title for title, ids in session.catalogue.stages for kata_id in ids}
    walked = track == "journey"
    katas = session.catalogue.track(track) if track else [k for g in session.catalogue.groups().values() for k in g]
    rows = []
    for kata in katas:
        past = history.state(kata.id)
        begun = past.n_attempts > 0 or kata.id in laid_out
        state = "solved" if past.is_solved else "skipped" if past.is_skipped else "started" if begun else "todo"
        heading = stage.get(kata.id, kata.group) if walked else kata.group
        rows.append(Row(kata, state, heading, past.gave_up, kata.id == current))
    return rows


def _fits(row: Row, text: str, status: str | None) -> bool:
    wanted = text.lower()
    named = any(wanted in field.lower() for field in (row.kata.id, row.kata.title, row.group, *row.kata.needs))
    if status == "shown":
        return named and row.gave_up
    return named and status in (None, row.state)


def progress(context: typer.Context, as_json: _AsJson = False) -> None:
    """Show how far you are: by phase and chapter, by week, and what is next."""
    from kata_runner.screen import verdict as screen

    session = _session(context)
    shown = progress_of(session)
    if as_json:
        _print_json(shown.to_json())
    else:
        _show(screen.progress(shown, _width() or 100))


def progress_of(session: Session) -> Progress:
    """All figures of `kata progress`; those of a beginner where there is no workspace yet."""
    from datetime import date

    from kata_runner.learner import plan
    from kata_runner.learner.store import History

    history, track, current = History(), "journey", ""
    if session.workspace is not None:
        with session.store() as store:
            _tell_problem(store)
            history, current = store.summary(), store.setting("current")
            track = store.setting("track", "journey")
    catalogue, today = session.catalogue, date.today()
    share = plan.how_far(catalogue, history)
    known = track if track in ("journey", *catalogue.track_titles) else "journey"
    headings: dict[str, list[str]] = {}
    for name, katas in catalogue.groups().items():
        headings.setdefault(catalogue.track_titles[katas[0].track], []).append(name)
    return Progress(
        n_solved=share.overall.n_solved,
        n_katas=share.overall.n_total,
        groups={group.title: (group.n_solved, group.n_total) for group in share.groups},
        by_track=headings,
        per_week=[week.n_solved for week in plan.solved_per_week(history, today)],
        streak_days=plan.streak(history.passed_days, today),
        n_hints=history.n_hints,
        n_attempts=history.n_attempts,
        spent_s=history.time_spent_s,
        n_gave_up=sum(state.gave_up for state in history.katas.values()),
        next_kata=plan.next_kata(catalogue, history, known, current or None),
        review=[kata.short for kata in plan.due_for_review(catalogue, history, today)],
    )


# --- the learner's code --------------------------------------------------------------------------------------------


def reset(
    context: typer.Context,
    kata: _KataName = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Lay out a fresh stub; your code is kept in the history."""
    session = _session(context)
    found = session.pick(kata)
    submission = session.need_workspace().submission(found)
    if not yes:
        _ask(f"Begin {found.short} afresh? Your code is kept.", "kata reset --yes")
    with session.store() as store:
        number = store.keep(submission, "reset") or _newest(store, found)
    session.need_workspace().reset(found)
    print(f"{found.short} is back to its stub." + _how_to_bring_back(found, number))


def _newest(store: Store, kata: Kata) -> int | None:
    rows = store.attempts(kata.id, last=1)
    return rows[0].number if rows else None


def _how_to_bring_back(kata: Kata, number: int | None) -> str:
    return f" The code you had: kata restore {kata.short} {number}" if number else ""


def _ask(question: str, instead: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(f"nobody is there to ask. To go ahead without a question: {instead}")
    if not typer.confirm(question):
        print("Nothing was changed.")
        raise typer.Exit(0)


def history(context: typer.Context, kata: _KataName = None) -> None:
    """List your attempts at a kata: when, verdict, checks passed."""
    from kata_runner.screen import verdict as screen

    session = _session(context)
    found = session.pick(kata)
    with session.store() as store:
        _tell_problem(store)
        rows = store.attempts(found.id)
    if not rows:
        print(f"No attempt at {found.short} yet. Check your answer: kata check {found.short}")
        return
    _show(screen.heading(found))
    _show(screen.history(rows))
    print(f"\nBring one back: kata restore {found.short} N")


def restore(
    context: typer.Context,
    kata: _OneKata,
    number: Annotated[int, typer.Argument(metavar="N", help="Number of the attempt; see `kata history`.")],
) -> None:
    """Bring back the code of an attempt; what you have now is kept too."""
    session = _session(context)
    found = session.find(kata)
    space = session.need_workspace()
    with session.store() as store:
        files = store.files(found.id, number)
        kept = store.keep(space.submission(found), "restore") if space.is_started(found) else None
    space.restore(found, files)
    print(f"{found.short} is as it was in attempt {number}." + _how_to_bring_back(found, kept))


def edit(context: typer.Context, kata: _KataName = None) -> None:
    """Open your file in $VISUAL or $EDITOR."""
    import subprocess

    session = _session(context)
    found = session.pick(kata)
    space = session.need_workspace()
    space.start(found)
    path = space.main_file(found)
    try:
        command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    except ValueError as error:
        raise UsageError(f"VISUAL or EDITOR cannot be read as a command ({error}). The file to open: {path}") from None
    if not command:
        raise UsageError(f"no editor is set. Set one (export EDITOR=nano) or open the file yourself: {path}")
    try:
        code = subprocess.run([*command, str(path)], check=False).returncode
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"{command[0]} cannot be started ({reason}). Open the file yourself: {path}") from None
    if code:
        raise UsageError(f"{command[0]} ended with exit code {code}. The file to open: {path}")


# --- the machine ---------------------------------------------------------------------------------------------------


def install(
    context: typer.Context,
    katas: _ManyKatas = None,
    all_: Annotated[bool, typer.Option("--all", help="What any kata needs.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the command, install nothing.")] = False,
) -> None:
    """Install what a kata needs, at the versions this release was proven with."""
    from kata_runner.catalogue import needs

    session = _session(context)
    if all_ and katas:
        raise UsageError("name katas or say --all, not both")
    chosen = session.catalogue.katas if all_ else session.find_all(katas or []) or [session.pick(None)]
    lacking = list(dict.fromkeys(name for kata in chosen for name in needs.missing(kata)))
    for name in lacking:
        if name in needs.TOOLS and not _pip_brings(name):
            _complain(needs.tool_advice(name))
    wanted = [name for name in lacking if name not in needs.TOOLS or _pip_brings(name)]
    if not wanted:
        print("Nothing to install." if lacking else "Everything they need is here already.")
        raise typer.Exit(int(ExitCode.MACHINE_AT_FAULT if lacking else ExitCode.PASSED))
    command = needs.install_command(wanted)
    print(shlex.join(command), flush=True)
    if not dry_run:
        _install(command, chosen)


def _pip_brings(name: str) -> bool:
    from kata_runner.catalogue import needs

    command = needs.install_command([])
    return len(needs.install_command([name])) > len(command)


def _install(command: Sequence[str], katas: Iterable[Kata]) -> None:
    import importlib
    import subprocess

    from kata_runner.catalogue import needs

    code = subprocess.run(command, check=False).returncode
    if code:
        raise MachineError(f"pip ended with exit code {code}; its last lines say why. Then try again: kata install")
    importlib.invalidate_caches()
    lacking = sorted({name for kata in katas for name in needs.missing(kata)})
    if lacking:
        raise MachineError(f"still missing: {', '.join(lacking)}. See: kata doctor")
    print("Done. Go on: kata check")


def doctor(context: typer.Context, as_json: _AsJson = False) -> None:
    """Look at this machine: what is fine, what is missing, and the command that mends it."""
    from kata_runner.cli import doctor as doctor_module
    from kata_runner.screen import verdict as screen

    session = _session(context)
    findings = list(doctor_module.examine(session.catalogue, session.workspace, os.environ))
    if as_json:
        _print_json([finding.to_json() for finding in findings])
    else:
        _show(screen.doctor(findings))
    if any(finding.level == doctor_module.FAILURE for finding in findings):
        raise typer.Exit(int(ExitCode.MACHINE_AT_FAULT))


# --- for authors ---------------------------------------------------------------------------------------------------


def dev_audit(
    context: typer.Context,
    katas: _ManyKatas = None,
    n_workers: Annotated[int, typer.Option("-j", "--jobs", min=1, metavar="N", help="Katas audited at once.")] = 2,
    as_json: _AsJson = False,
    write: Annotated[bool, typer.Option("--write", help="Note in mistakes.json what each wrong answer fails.")] = False,
    lint: Annotated[bool, typer.Option("--lint/--no-lint", help="Run ruff and mypy over the solutions too.")] = True,
) -> None:
    """Prove katas: right answers pass, wrong ones are caught, every check earns its place."""
    from dataclasses import asdict

    from kata_runner.authoring import audit
    from kata_runner.screen import verdict as screen

    session = _session(context)
    chosen = session.find_all(katas or []) or list(session.catalogue.katas)
    done: list[audit.Report] = []

    def on_report(report: audit.Report) -> None:
        done.append(report)
        if sys.stderr.isatty():
            print(f"\r{len(done)} of {len(chosen)}  {report.kata_id:<40.40}", end="", file=sys.stderr, flush=True)

    reports = audit.audit(session.catalogue, chosen, n_workers=n_workers, on_report=on_report, write=write, lint=lint)
    if sys.stderr.isatty():
        print(f"\r{'':<60}\r", end="", file=sys.stderr, flush=True)
    if as_json:
        _print_json([asdict(report) for report in reports])
    else:
        _show(screen.audit(reports))
    if any(report.problems for report in reports):
        raise typer.Exit(int(ExitCode.KATA_AT_FAULT))


def dev_new(
    context: typer.Context,
    kata_id: Annotated[str, typer.Argument(metavar="ID", help="p101_name, c13_1_name, m11_name, ...")],
    folder: Annotated[
        str, typer.Option("--folder", metavar="DIR", help="Below the catalogue; guessed from the id where it can be.")
    ] = "",
) -> None:
    """Lay out a new kata, with what is to be written marked TODO."""
    from kata_runner.authoring import scaffold

    made = scaffold.create(_session(context).catalogue, kata_id, folder)
    print(f"Made {made}")
    print("Fill in what says TODO, then prove it: kata dev audit " + kata_id)


# --- printing ------------------------------------------------------------------------------------------------------


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _width() -> int | None:
    """The columns to fit into; None where the output goes to a file or a program and nobody said how wide."""
    if not _is_terminal() and "COLUMNS" not in os.environ:
        return None
    import shutil

    return shutil.get_terminal_size().columns


def _console() -> Console:
    from rich.console import Console

    # A pipe has no edge to wrap at; lines are then as long as what they say.
    return Console(width=_width() or 200, highlight=False, markup=False, emoji=False)


def _show(renderable: RenderableType) -> None:
    console = _console()
    if _is_terminal():
        console.print(renderable, crop=False)
        return
    with console.capture() as capture:
        console.print(renderable, crop=False)
    # Columns are filled up with blanks, which only a terminal has a use for.
    for line in capture.get().splitlines():
        print(line.rstrip())


def _show_markdown(text: str) -> None:
    """Markdown, rendered on a terminal and as it is elsewhere (which also spares the time to import Rich)."""
    if not _is_terminal():
        print(text.rstrip())
        return
    from kata_runner.screen import verdict as screen

    _show(screen.markdown(text))


def _show_source(name: str, text: str) -> None:
    if not _is_terminal():
        print(f"# {name}\n{text.rstrip()}")
        return
    from kata_runner.screen import verdict as screen

    print(name)
    _show(screen.source(name, text.rstrip()))


def show_pictures(paths: Iterable[Path]) -> None:
    """Draw pictures in terminals that can, where the library for it is installed; their paths are shown anyway."""
    if not _is_terminal() or not (paths := list(paths)):
        return
    try:
        from textual_image import renderable
    except ImportError:
        return
    # The library falls back to coloured blocks; those show nothing of a plot.
    if renderable.Image in (renderable.TGPImage, renderable.SixelImage):
        for path in paths:
            if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".gif"):
                _show(renderable.Image(path))


def _print_json(value: object) -> None:
    is_utf = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    print(json.dumps(value, indent=2, ensure_ascii=not is_utf))


def _complain(message: str) -> None:
    sys.stdout.flush()
    print(f"kata: {message}", file=sys.stderr, flush=True)


def _tell_problem(store: Store) -> None:
    if store.problem:
        _complain(store.problem)


# --- from argv to exit code ----------------------------------------------------------------------------------------

COMMANDS: dict[str, Callable[..., None]] = {
    "next": next_,
    "start": start,
    "skip": skip,
    "check": check,
    "watch": watch,
    "hint": hint,
    "show": show,
    "solution": solution,
    "list": list_,
    "progress": progress,
    "reset": reset,
    "history": history,
    "restore": restore,
    "edit": edit,
    "install": install,
    "doctor": doctor,
}
DEV_COMMANDS: dict[str, Callable[..., None]] = {"audit": dev_audit, "new": dev_new}


def build(only: str = "") -> typer.Typer:
    """The application; with the name of a command, only that one, since laying out all of them takes time."""
    app = typer.Typer(
        name="kata",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback(invoke_without_command=True)(_root)
    for name, function in COMMANDS.items():
        if only in ("", name) or only not in COMMANDS:
            app.command(name)(function)
    if only not in COMMANDS:
        dev = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="For authors: lay out and prove katas.")
        for name, function in DEV_COMMANDS.items():
            dev.command(name)(function)
        app.add_typer(dev, name="dev")
    return app


def run(argv: Sequence[str], word: str = "", child: Child | None = None) -> int:
    """Run one command and give its exit code; whatever goes wrong is told in words.

    word: the command in argv, where it is known; child: one started for a check.
    """
    session = Session(child=child)
    _mend_output()
    try:
        return _run(argv, word, session)
    except KataError as error:
        _complain(str(error))
        return int(error.exit_code)
    except KeyboardInterrupt:
        _complain("interrupted")
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        _silence_output()
        return int(ExitCode.NOT_PASSED)
    except Exception:
        _complain(_crashed(session))
        return int(ExitCode.KATA_AT_FAULT)
    finally:
        session.close()


def _run(argv: Sequence[str], word: str, session: Session) -> int:
    code: object = 0
    try:
        build(word)(args=list(argv), prog_name="kata", obj=session)
    except SystemExit as leaving:
        code = leaving.code
    sys.stdout.flush()
    return code if isinstance(code, int) else 0 if code is None else 1


def _mend_output() -> None:
    """Let no sign stop us that the terminal's encoding lacks: print one that looks like it."""

    def lookalike(error: UnicodeError) -> tuple[str, int]:
        from kata_runner.screen import verdict as screen

        if not isinstance(error, UnicodeEncodeError):
            raise error
        return screen.to_ascii(error.object[error.start : error.end]), error.end

    codecs.register_error("kata-lookalike", lookalike)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="kata-lookalike")


def _silence_output() -> None:
    # Python flushes stdout once more when it leaves, and would complain about the closed pipe.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _crashed(session: Session) -> str:
    """Keep the traceback of the exception at hand in a file, and say where it is."""
    import tempfile
    import traceback
    from datetime import datetime

    last = traceback.format_exc().strip().splitlines()[-1]
    folders = [Path(tempfile.gettempdir())]
    with suppress(Exception):  # whatever is broken may be just this
        if session.workspace is not None:
            folders.insert(0, session.workspace.database.parent)
    for folder in folders:
        path = folder / f"kata-crash-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.txt"
        with suppress(OSError):
            path.write_text(f"{shlex.join(sys.argv)}\n\n{traceback.format_exc()}", encoding="utf-8")
            return f"something in kata itself went wrong ({last}). The details, for a bug report, are in {path}"
    return f"something in kata itself went wrong ({last}), and no folder took the details"


_WELCOME = """\
Welcome to kata: {n_katas} small exercises for AI and ML engineers.

You write the code; hidden tests judge it and show you the first case that goes wrong.
Hints are there when you want them, and every attempt is kept.

Begin with: kata next"""

_ALL_SOLVED = "Every kata is solved. Well done! See them all: kata list. What is worth another go: kata progress"
