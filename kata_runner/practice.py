"""Everything a learner does, as plain calls that return records: no arguments are parsed and nothing is printed here.

Commands and the watch share one `Practice`. What the screens draw of its answers (`Row`, `Tally`, `Progress`,
`Overview`) stands in `model`; the other records stand here. sqlite3 and the judge are imported when they are needed.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kata_runner.catalogue.answers import answer_files, names_to_write, solution_path, style_of, variants
from kata_runner.catalogue.load import Catalogue, load
from kata_runner.errors import BrokenKata, KataError, MachineError, UnknownKata, UsageError
from kata_runner.files import write_new
from kata_runner.learner import workspace as workspaces
from kata_runner.learner.workspace import Workspace
from kata_runner.model import (
    CodeLine,
    HistoryRow,
    Kata,
    Outcome,
    Overview,
    OwnTestsVerdict,
    Progress,
    Row,
    Submission,
    Tally,
    Verdict,
)
from kata_runner.places import HUNT, MARKER, named_workspace

if TYPE_CHECKING:
    from kata_runner.judging.launch import Child
    from kata_runner.learner.hunt import Hunt
    from kata_runner.learner.store import History, Store

JOURNEY = "journey"
EDITORS = ("code", "nano", "vim", "vi", "notepad")
_TESTS = """\
\"\"\"My tests of {module}.py, run by `kata test`: each says in its name what must hold, and asks for one thing.\"\"\"

{imports}

# def test_one_value_is_worked_out_by_hand() -> None:
#     assert {first}(...) == ...
"""
NEVER_RECORDED = (Outcome.FAULT, Outcome.MISSING)  # they say nothing about the learner's code


class Started(msgspec.Struct, frozen=True):
    """A kata that is laid out and is the current one.

    lacking: what the kata needs and this machine lacks.
    unsolved: the katas that it builds on and that are not solved yet, in the order in which to solve them.
    is_open_already: it was the current one before, too. finished_track: the track that had been asked for and is
    solved now, so that the journey goes on; "" otherwise.
    """

    kata: Kata
    lacking: tuple[str, ...] = ()
    unsolved: tuple[Kata, ...] = ()
    is_open_already: bool = False
    finished_track: str = ""


class UsedKatas(msgspec.Struct, frozen=True):
    """What a kata builds on: kata id -> its files, and the ids whose reference stands in for the learner's code."""

    files: Mapping[str, Mapping[str, bytes]]
    borrowed: tuple[str, ...] = ()


class Checked(msgspec.Struct, frozen=True):
    """A verdict, and what became of it.

    tally: how far the learner is when it passed. problem: why it was not saved, "" if it was.
    read_at: when the files were read, where the learner has saved others meanwhile.
    """

    verdict: Verdict
    tally: Tally | None = None
    problem: str = ""
    read_at: datetime | None = None


class Hunted(msgspec.Struct, frozen=True):
    """Where a hunt stands.

    verdict: of the code in `folder`. is_new: whether it was laid out just now. mended: the files as the learner made
    them, once the bug is found; sentence: what it was. n_hunted: how many of the kata's `n_mistakes` were laid
    out so far.
    """

    kata: Kata
    hunt: Hunt
    verdict: Verdict
    folder: Path
    is_new: bool = False
    mended: Mapping[str, str] | None = None
    sentence: str = ""
    n_hunted: int = 0
    n_mistakes: int = 0


class Typed(msgspec.Struct, frozen=True):
    """Faults in the types of an answer, each with its line; has_new_star: whether the star "typed" is new."""

    faults: tuple[tuple[CodeLine, str], ...]
    has_new_star: bool = False


class OwnTestsRun(msgspec.Struct, frozen=True):
    """What the learner's tests are worth.

    n_runs: how often they were valid, this time among them. has_new_star: whether the star "tested" is new.
    """

    tested: OwnTestsVerdict
    n_runs: int = 0
    has_new_star: bool = False
    is_solved: bool = False


class Hint(msgspec.Struct, frozen=True):
    """One hint in Markdown, with its heading; levels count from 1."""

    text: str
    level: int
    n_hints: int


class KataStanding(msgspec.Struct, frozen=True):
    """Where the learner is with one kata, and over all.

    last: the last judged attempt. hints: the highest level taken.
    """

    is_solved: bool
    may_see_solution: bool
    last: HistoryRow | None
    spent_s: float
    hints: int
    n_solved: int
    n_katas: int


class Practice:
    """One learner in front of one catalogue; for one command, or for one watch.

    Every call may raise a KataError. `used`, `record` and whatever else reads or writes the store may be called from
    several threads.
    """

    def __init__(
        self,
        *,
        cwd: Path | None = None,
        catalogue_dir: Path | None = None,
        workspace_dir: Path | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._cwd = cwd
        self._catalogue_dir = catalogue_dir
        self._workspace_dir = workspace_dir
        self._environ = environ
        self._store: Store | None = None
        self._opening = threading.Lock()

    # --- what it works with --------------------------------------------------------------------------------------

    @cached_property
    def cwd(self) -> Path:
        """The folder in which the learner is."""
        try:
            return self._cwd or Path.cwd()
        except FileNotFoundError:
            raise UsageError("the folder you are in is gone. Change to another one: cd") from None

    @cached_property
    def catalogue(self) -> Catalogue:
        return load(self._catalogue_dir)

    @cached_property
    def workspace(self) -> Workspace | None:
        """The learner's workspace; None until `next`, `start` or `make_workspace` has made one."""
        return workspaces.locate(self.cwd, self._workspace_dir, self._environ)

    def need_workspace(self) -> Workspace:
        """The workspace, or a sentence that says how to get one."""
        if self.workspace is None:
            self.refuse_folder_above()
            raise UsageError("no kata was started here yet. Begin with: kata next")
        return self.workspace

    def refuse_folder_above(self) -> None:
        """Raise UsageError when the folder that was named is no workspace, but one in it is."""
        named = named_workspace(self.cwd, self._workspace_dir, self._environ)
        if named is None or self.workspace is not None or not (inner := workspaces.workspaces_in(named)):
            return
        explicit = self._workspace_dir and str(self._workspace_dir)
        how = "--workspace" if explicit and explicit != self._environ.get("KATA_WORKSPACE") else "KATA_WORKSPACE"
        raise UsageError(f"no workspace in {named}; there is one in {inner[0]}. Name that: {how}={inner[0]}")

    def make_workspace(self) -> Workspace:
        """The workspace, made if there is none."""
        if self.workspace is None:
            self.refuse_folder_above()
            self.workspace = workspaces.create(workspaces.place(self.cwd, self._workspace_dir, self._environ))
        return self.workspace

    def store(self) -> Store:
        """The store of attempts, opened once."""
        with self._opening:
            if self._store is None:
                from kata_runner.learner.store import open_store

                self._store = open_store(self.need_workspace().database)
                self._follow_new_ids(self._store)
            return self._store

    def _follow_new_ids(self, store: Store) -> None:
        """Carry history and folders of renamed katas over, where the ids of the katas are not those of last time."""
        known = ids_in_short(self.catalogue)
        with suppress(MachineError):  # tried again by the next command
            if store.setting("katas") != known:
                for old, new in self.catalogue.former.items():
                    self.need_workspace().rename(old, new)
                store.rename(self.catalogue.former)
                store.set_setting("katas", known)

    @property
    def problem(self) -> str:
        """What is wrong with the store of attempts, in one sentence; "" when nothing is, or it was not opened."""
        return self._store.problem if self._store is not None else ""

    def editor(self) -> list[str]:
        """The learner's editor as a command; empty when none is set, or what is set cannot be read as a command."""
        try:
            return shlex.split(self._environ.get("VISUAL") or self._environ.get("EDITOR") or "")
        except ValueError:
            return []

    def editor_at_hand(self) -> list[str]:
        """The first well-known editor on the path, as a command; empty where there is none, or the learner set one."""
        if (self._environ.get("VISUAL") or self._environ.get("EDITOR") or "").strip():
            return []
        path = self._environ.get("PATH", os.defpath)
        return next(([name] for name in EDITORS if shutil.which(name, path=path)), [])

    # --- which kata ----------------------------------------------------------------------------------------------

    def find(self, name: str) -> Kata:
        """The kata of that name; the path of its folder, or of a file in it, is understood too.

        Raises UnknownKata when none or several match.
        """
        path, last = self.cwd / name, name.rstrip("/").replace(os.sep, "/").rpartition("/")[2]
        is_file = path.is_file() and not self.catalogue.named(name)
        if (is_file or last != name) and (kata := self._kata_at(path)):
            return kata
        if is_file:
            root = self.need_workspace().root
            raise UnknownKata(f"{path} belongs to no kata: answers are the files in the katas' folders below {root}")
        return self.catalogue.find(last.removesuffix(".py"))

    def _kata_at(self, path: Path) -> Kata | None:
        """The kata in whose folder of the workspace a path leads."""
        if self.workspace is None:
            return None
        root, whole = self.workspace.root.resolve(), Path(os.path.abspath(path))
        # A kata's folder, and the file, may be links that lead out of the workspace.
        folder = next((folder for folder in (whole, *whole.parents) if folder.parent.resolve() == root), None)
        return self.catalogue.get(folder.name) if folder is not None else None

    def find_all(self, names: Iterable[str]) -> list[Kata]:
        """The katas of these names, each once."""
        return list({kata.id: kata for kata in map(self.find, names)}.values())

    def here(self) -> Kata | None:
        """The kata in whose folder of the workspace the learner is."""
        if self.workspace is None or not self.cwd.is_relative_to(self.workspace.root):
            return None
        parts = self.cwd.relative_to(self.workspace.root).parts
        return self.catalogue.get(parts[0]) if parts else None

    def current(self) -> Kata | None:
        """The kata that was started last; None before the first, and where this catalogue does not have it.

        Raises BrokenKata when it cannot be read.
        """
        if self.workspace is None:
            return None
        current = self.store().setting("current")
        return self.catalogue.get(current) if current else None

    def pick(self, name: str | None) -> Kata:
        """The kata that was named, else the one whose folder this is, else the current one."""
        kata = self.find(name) if name else self.here()
        if kata is None:
            self.need_workspace()
            kata = self.current()
        if kata is None:
            raise UsageError("no kata is current. Name one, or begin with: kata next")
        return kata

    def is_started(self, kata: Kata) -> bool:
        return self.workspace is not None and self.workspace.is_started(kata)

    def started(self) -> list[Kata]:
        """The katas whose files are laid out, in journey order."""
        space = self.need_workspace()
        return [kata for kata in self.catalogue.katas if space.is_started(kata)]

    # --- going on ------------------------------------------------------------------------------------------------

    def next(self, track: str | None = None) -> Started | None:
        """Start the next kata: the current one while it is open, else the next open one; None when all are solved.

        track: go over to this track, now and from now on until it is solved.
        Raises UsageError when there is no such track or it is empty.
        """
        if track and not self.catalogue.track(track):  # before a workspace is made
            raise UsageError(f"the track {track} has no katas in this catalogue")
        self.make_workspace()
        current = None if track else self._open_current()
        return self._started(current, is_open_already=True) if current else self._start_following(track)

    def start(self, kata: Kata) -> Started:
        """Lay a kata out, where it is not yet, and make it the current one."""
        self.make_workspace()
        return self._started(kata)

    def skip(self, kata: Kata) -> Started | None:
        """Leave a kata for later and start the next one; None when no other is open."""
        if self.store().summary().state(kata.id).is_solved:
            raise UsageError(f"{kata.short} is solved already, there is nothing to skip. Go on: kata next")
        self.store().skip(kata.id)
        return self._start_following(None, unlike=kata)

    def following(self) -> Kata | None:
        """The kata to go on with: the next open one of the track that was asked for, else of the journey.

        One that was skipped when nothing else is open; None when all are solved.
        """
        return self._choose(None)[0]

    def _start_following(self, track: str | None, unlike: Kata | None = None) -> Started | None:
        kata, of_track, finished = self._choose(track)
        if kata is None or kata == unlike:
            return None
        self.store().set_setting("track", of_track)
        return self._started(kata, finished_track=finished)

    def _choose(self, track: str | None) -> tuple[Kata | None, str, str]:
        """The kata to go on with, its track, and the track that was asked for before and is solved now."""
        from kata_runner.learner import plan

        history = self._history()
        wanted = track or self._track()
        kata = plan.next_kata(self.catalogue, history, wanted)
        if kata is not None or track or wanted == JOURNEY:
            return kata, wanted, ""
        return plan.next_kata(self.catalogue, history, JOURNEY), JOURNEY, wanted

    def _track(self) -> str:
        """The track that was asked for last; the journey when this catalogue does not have it."""
        track = self.store().setting("track", JOURNEY) if self.workspace is not None else JOURNEY
        return track if track in self.catalogue.track_titles else JOURNEY

    def _open_current(self) -> Kata | None:
        """The current kata while it is neither solved nor skipped, and can be read."""
        from kata_runner.learner import plan

        with suppress(BrokenKata):
            current = self.current()
            return current if current and plan.is_open(self._history(), current) else None
        return None

    def _started(self, kata: Kata, *, is_open_already: bool = False, finished_track: str = "") -> Started:
        from kata_runner.catalogue import needs

        self.need_workspace().start(kata)
        if not is_open_already:
            self.store().set_setting("current", kata.id)
            self.store().unskip(kata.id)
        return Started(kata, needs.missing(kata), self._unsolved(kata), is_open_already, finished_track)

    def _unsolved(self, kata: Kata) -> tuple[Kata, ...]:
        """The katas that this one builds on, directly or through another, and that are not solved, in journey order."""
        if not kata.uses:
            return ()
        history, used = self.store().summary(), self.catalogue.used_by(kata)
        return tuple(one for one in self.catalogue.katas if one in used and not history.state(one.id).is_solved)

    # --- judging -------------------------------------------------------------------------------------------------

    def check(self, kata: Kata, child: Child | None = None, *, borrow: bool = False) -> Checked:
        """Judge the learner's files as they are now, on `child` or a new one, and record the verdict.

        Trouble with the database costs the record, never the verdict.
        """
        from kata_runner.judging import judge

        now, submission = datetime.now(), self.submission(kata)
        used = self.used(kata, borrow=borrow)
        verdict = judge.judge(kata, submission, uses=used.files, child=child)
        read_at = now if self._is_saved_since(kata, submission) else None
        try:
            return Checked(verdict, self.record(submission, verdict, used.borrowed), read_at=read_at)
        except MachineError as error:
            return Checked(verdict, problem=str(error), read_at=read_at)

    def _is_saved_since(self, kata: Kata, submission: Submission) -> bool:
        with suppress(KataError):  # a folder that is gone by now
            return self.submission(kata).digest != submission.digest
        return False

    def debug(
        self, kata: Kata, child: Child | None = None, *, check: str = "", port: int = 0, borrow: bool = False
    ) -> int:
        """Run the case that fails again in a debugger, with the terminal; returns the exit code. Nothing is recorded.

        check: words of the sentence of another check. port: where to wait for an editor, 0 for pdb.
        """
        from kata_runner.judging import debug

        return debug.debug(kata, self.submission(kata), self.used(kata, borrow=borrow).files, child, check, port)

    # --- the learner's own tests -----------------------------------------------------------------------------------

    def new_tests(self, kata: Kata) -> Path:
        """Lay out a file for the learner's tests; returns it. Raises UsageError when it is there already."""
        from kata_runner.judging.own_tests import named_file

        path = self.need_workspace().folder(kata) / named_file(kata)
        self.submission(kata)  # says what to do when the kata is not started
        if path.exists():
            raise UsageError(f"{path} is there already. Run your tests: kata test {kata.short}")
        reference = answer_files(kata, solution_path(kata)).get(f"{kata.module}.py", b"").decode()
        names = sorted(name for name in names_to_write(kata) if re.search(rf"^(def|class) {name}\b", reference, re.M))
        imports = f"from {kata.module} import {', '.join(names)}" if names else f"import {kata.module}"
        first = names[0] if names else f"{kata.module}.function"
        write_new(path, _TESTS.format(module=kata.module, imports=imports, first=first).encode())
        return path

    def test(self, kata: Kata, child: Child | None = None, *, borrow: bool = False) -> OwnTestsRun:
        """Judge the learner's own tests of a kata; a star that they earn is recorded."""
        from kata_runner.judging import own_tests

        tested = own_tests.judge_tests(kata, self.submission(kata), self.used(kata, borrow=borrow).files, child)
        if not tested.is_valid:
            return OwnTestsRun(tested)
        name = f"tests:{kata.id}"
        n_runs = int(self.store().setting(name, "0")) + 1
        self.store().set_setting(name, str(n_runs))
        is_new = tested.is_complete and self.store().add_star(kata.id, "tested")
        is_solved = self.store().summary().state(kata.id).is_solved
        return OwnTestsRun(tested, n_runs, is_new, is_solved)

    # --- bugs to hunt ------------------------------------------------------------------------------------------------

    def hunt(self, kata: Kata | None, child: Child | None = None, *, another: bool = False) -> Hunted:
        """Go on with a hunt: judge what the learner made of the code in `hunt/`; or lay out a new one.

        kata: None for the kata whose hunt is open, else for the solved one that was hunted longest ago.
        another: begin a new hunt although one is open. Raises UsageError where there is nothing to hunt.
        """
        from kata_runner.learner import hunt

        kata = kata or self._kata_to_hunt_in(another)
        state = self.store().summary().state(kata.id)
        if not (state.is_solved or state.gave_up):
            raise UsageError(f"a hunt shows the reference, so solve {kata.short} first: kata start {kata.short}")
        found = self._open_hunt(kata)
        folder = self.need_workspace().folder(kata) / HUNT
        if found is None or found.is_over or another or not any((folder / name).exists() for name in found.files):
            found, verdict = self._new_hunt(kata, found.seen if found else (), child)
            return Hunted(kata, found, verdict, folder, is_new=True)
        files = {name: content.encode() for name, content in found.files.items()}
        files |= {name: (folder / name).read_bytes() for name in files if (folder / name).is_file()}
        verdict = self._judge_hunt(kata, files, child)
        if not verdict.passed:
            return Hunted(kata, found, verdict, folder)
        texts = {name: content.decode("utf-8", "replace") for name, content in files.items()}
        self._keep_hunt(kata, msgspec.structs.replace(found, is_over=True))
        names = {entry.name for entry in hunt.huntable(kata)}
        n_hunted, sentence = len(names & set(found.seen)), self._sentence(kata, found.name)
        return Hunted(
            kata, found, verdict, folder, mended=texts, sentence=sentence, n_hunted=n_hunted, n_mistakes=len(names)
        )

    def _kata_to_hunt_in(self, another: bool) -> Kata:
        """The kata whose hunt is open, else the solved one that was hunted longest ago."""
        from kata_runner.learner import hunt

        last = self.catalogue.get(self.store().setting("hunt"))
        if last is not None and not another and (found := self._open_hunt(last)) and not found.is_over:
            return last
        history = self._history()
        solved = [kata for kata in self.catalogue.katas if history.state(kata.id).is_solved and hunt.huntable(kata)]
        if not solved:
            raise UsageError("a hunt needs a kata that you have solved. Go on: kata next")
        began = {kata.id: found.began for kata in solved if (found := self._open_hunt(kata))}
        return min(solved, key=lambda kata: began.get(kata.id, 0.0))

    def _new_hunt(self, kata: Kata, seen: tuple[str, ...], child: Child | None) -> tuple[Hunt, Verdict]:
        """Lay out the next mistake: in the learner's own code where it fits and is one there, else in the reference."""
        from kata_runner.learner import hunt

        entry = hunt.choose(kata, seen)
        if entry is None:
            raise UsageError(f"{kata.short} has too few mistakes to hunt. Choose another: kata hunt")
        files = hunt.in_own(kata, entry, self.store().passing_files(kata.id) or {})
        verdict = self._judge_hunt(kata, files, child) if files else None
        is_own = verdict is not None and not verdict.passed
        if files is None or verdict is None or not is_own:
            files = hunt.in_right_answer(kata, entry)
            verdict = self._judge_hunt(kata, files, child)
        names = [name for name in files if name.endswith(".py") or kata.stub_files.get(name) != files[name]]
        texts = {name: files[name].decode("utf-8", "replace") for name in names}
        texts.pop(workspaces.file_of_tests(kata), None)
        began = datetime.now().timestamp()
        found = hunt.Hunt(entry.name, is_own, (*seen, entry.name), texts, hunt.n_lines_of(entry), began)
        folder = self.need_workspace().folder(kata) / HUNT
        _put_aside(folder)
        for name, text in texts.items():
            write_new(folder / name, text.encode())
        self._keep_hunt(kata, found)
        self.store().set_setting("hunt", kata.id)
        return found, verdict

    def _judge_hunt(self, kata: Kata, files: Mapping[str, bytes], child: Child | None) -> Verdict:
        from kata_runner.judging import judge

        folder = self.need_workspace().folder(kata) / HUNT
        submission = workspaces.make_submission(kata, folder, {**kata.stub_files, **files})
        return judge.judge(kata, submission, uses=self.used(kata, borrow=True).files, child=child)

    def _open_hunt(self, kata: Kata) -> Hunt | None:
        """The last hunt in a kata; None when there was none, or it cannot be read."""
        from kata_runner.learner.hunt import Hunt

        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(self.store().setting(f"hunt:{kata.id}"), type=Hunt)
        return None

    def _keep_hunt(self, kata: Kata, found: Hunt) -> None:
        self.store().set_setting(f"hunt:{kata.id}", msgspec.json.encode(found).decode())

    def _sentence(self, kata: Kata, name: str) -> str:
        from kata_runner.catalogue import wrong

        return wrong.sentences_of(kata, [name]).get(name, "")

    # --- types -----------------------------------------------------------------------------------------------------

    def typed(self, kata: Kata, *, passed: bool, borrow: bool = False) -> Typed:
        """What `mypy --strict` says of the learner's answer; a star that a passing one earns is recorded."""
        from kata_runner.judging import typed

        home = self.need_workspace().root / MARKER / "typed"
        uses = self.used(kata, borrow=borrow).files
        faults = typed.faults(kata, self.submission(kata), uses, home)
        is_new = passed and not faults and self.store().add_star(kata.id, "typed")
        return Typed(faults, is_new)

    def submission(self, kata: Kata) -> Submission:
        """The learner's files for a kata as they are now. Raises UsageError when it was not started."""
        return self.need_workspace().submission(kata)

    def used(self, kata: Kata, *, borrow: bool = False) -> UsedKatas:
        """The learner's last passing code for each kata that this one builds on, directly or through another.

        borrow: take the reference where the learner has not solved one; without it that is a UsageError.
        """
        files: dict[str, Mapping[str, bytes]] = {}
        borrowed: list[str] = []
        for used in self.catalogue.used_by(kata):
            own = self.store().passing_files(used.id)
            if own is None and not borrow:
                raise UsageError(
                    f"{kata.short} builds on your own {used.id}, which you have not solved yet. "
                    f"Solve it first: kata start {used.short}. "
                    f"Or use the reference for it: kata check {kata.short} --borrow"
                )
            if own is None:
                own = answer_files(used, solution_path(used))
                borrowed.append(used.id)
            files[used.id] = own
        return UsedKatas(files, tuple(borrowed))

    def record(
        self, submission: Submission, verdict: Verdict, borrowed: Sequence[str] = (), *, is_watch: bool = False
    ) -> Tally | None:
        """Record a verdict; returns how far the learner is when it passed, else None.

        A kata at fault or a missing package is not recorded. Raises MachineError when the database refuses.
        """
        if verdict.outcome in NEVER_RECORDED:
            return None
        recorded = self.store().record(verdict, submission, borrowed, is_watch=is_watch)
        if not verdict.passed:
            return None
        history = self.store().summary()
        stars = history.state(verdict.kata_id).all_stars
        return Tally(*self._how_far(history), recorded.n_attempts, recorded.first_solve, stars)

    def _how_far(self, history: History) -> tuple[int, int]:
        from kata_runner.learner import plan

        return plan.how_far(self.catalogue.katas, history)

    # --- help along the way --------------------------------------------------------------------------------------

    def task(self, kata: Kata) -> str:
        """The task in Markdown."""
        return _read_part(kata, "task.md")

    def first_paragraph(self, kata: Kata) -> str:
        """The title of the task, and its first paragraph, in Markdown."""
        title, _, rest = self.task(kata).partition("\n")
        paragraph = rest.strip().split("\n\n")[0]
        return f"{title}\n\n{paragraph}"

    def hints(self, kata: Kata) -> tuple[str, ...]:
        """All hints in Markdown, each with its heading; none is recorded as taken."""
        levels = re.split(r"^(?=## )", _read_part(kata, "hint.md"), flags=re.MULTILINE)[1:]
        if not levels:
            raise BrokenKata(f'{kata.id}: hint.md holds no hint (no line starts with "## ")')
        return tuple(level.strip() for level in levels)

    def hint(self, kata: Kata, level: int | None = None) -> Hint:
        """Take a hint: the one of that level, or the one after the highest taken (the last one again at the end).

        It is recorded where there is a workspace. Raises UsageError when there is no such level.
        """
        hints = self.hints(kata)
        if level is not None and not 1 <= level <= len(hints):
            raise UsageError(f"{kata.short} has {len(hints)} hints; there is no hint {level}")
        if self.workspace is None:
            level = level or 1
        else:
            level = level or min(self.store().hints_taken(kata.id) + 1, len(hints))
            with suppress(MachineError):  # it is shown where nothing can be recorded, too
                self.store().take_hint(kata.id, level)
        return Hint(hints[level - 1], level, len(hints))

    def solution(self, kata: Kata, *, give_up: bool = False) -> dict[str, str]:
        """Name and text of the files of the reference that differ from the stub's.

        give_up: show them although the kata is not solved, which is recorded. Raises UsageError when it is neither
        solved nor given up, now or before.
        """
        self._open_answers(kata, give_up=give_up)
        return _texts(kata, solution_path(kata))

    def other_solutions(self, kata: Kata, *, give_up: bool = False) -> list[tuple[str, dict[str, str]]]:
        """The same for each other right answer, with a line on its style."""
        self._open_answers(kata, give_up=give_up)
        return [(style_of(path), _texts(kata, path)) for path in variants(kata, "right")]

    def _open_answers(self, kata: Kata, *, give_up: bool) -> None:
        store = self.store()
        state = store.summary().state(kata.id)
        if not (state.is_solved or state.gave_up or give_up):
            raise UsageError(
                f"{kata.short} is not solved yet, so its reference stays closed. A hint instead: "
                f"kata hint {kata.short}. To see it all the same: kata solution {kata.short} --give-up (is recorded)"
            )
        if not (state.is_solved or state.gave_up):
            with suppress(MachineError):  # it is shown where nothing can be recorded, too
                store.give_up(kata.id)

    # --- the learner's code --------------------------------------------------------------------------------------

    def reset(self, kata: Kata) -> int | None:
        """Bring back the stub; returns the number under which the code is kept, None when there was none."""
        number = self._keep(kata, "reset")
        if number is None:  # the newest row holds the same code
            newest = self.store().attempts(kata.id, last=1)
            number = newest[0].number if newest else None
        self.need_workspace().reset(kata)
        return number

    def _keep(self, kata: Kata, reason: str) -> int | None:
        """Keep the code that is about to be replaced; what is saved meanwhile is kept, too."""
        number, now = None, self.submission(kata)
        while True:
            kept = now
            number = self.store().keep(kept, reason) or number
            now = self.submission(kata)
            if now.digest == kept.digest:
                return number

    def restore(self, kata: Kata, number: int) -> int | None:
        """Bring back the code of an attempt; returns the number under which the present code is kept.

        None when there was no code, or the newest row of the history holds it. Raises UsageError when there is no
        such attempt.
        """
        space, store = self.need_workspace(), self.store()
        files = store.files(kata.id, number)
        kept = self._keep(kata, "restore") if space.is_started(kata) else None
        space.restore(kata, files)
        return kept

    def history(self, kata: Kata, last: int | None = None) -> tuple[HistoryRow, ...]:
        """The attempts at a kata and the code kept beside them, oldest first; only the newest `last` where given."""
        return self.store().attempts(kata.id, last)

    # --- on another machine --------------------------------------------------------------------------------------

    def export(self) -> bytes:
        """All that happened, as a file for `take_over`."""
        from kata_runner.learner import exported

        return exported.to_json(self.store().exported())

    def take_over(self, data: bytes, name: str) -> tuple[int, int]:
        """Add what was exported elsewhere; returns how many attempts, and how many hints and skips, are new here.

        name: of the file, for a sentence about it. Raises UsageError when it is no export.
        """
        from kata_runner.learner import exported

        found = exported.from_json(data, name)
        self.make_workspace()
        return self.store().merge(found, self.catalogue.former)

    # --- how far -------------------------------------------------------------------------------------------------

    def rows(self, track: str | None = None) -> list[Row]:
        """Every kata of a track with the learner's state, in the order of the track; without one, of the journey."""
        history, current = self._history(), ""
        laid_out: set[str] = set()
        if self.workspace is not None:
            current = self.store().setting("current")
            laid_out = {entry.name for entry in os.scandir(self.workspace.root) if entry.is_dir()}
        track = track or JOURNEY
        rows = []
        for kata in self.catalogue.track(track):
            past = history.state(kata.id)
            begun = past.n_attempts > 0 or kata.id in laid_out
            state = "solved" if past.is_solved else "skipped" if past.is_skipped else "started" if begun else "todo"
            heading = self.catalogue.stage_of(kata) if track == JOURNEY else ""
            rows.append(Row(kata, state, heading or kata.group, past.gave_up, kata.id == current, past.all_stars))
        return rows

    def progress(self, today: date) -> Progress:
        """All figures of `kata progress`; those of a beginner where there is no workspace yet."""
        from kata_runner.learner import plan

        history = self._history()
        n_solved, n_katas = self._how_far(history)
        return Progress(
            n_solved=n_solved,
            n_katas=n_katas,
            stages=plan.by_stage(self.catalogue, history),
            per_week=plan.solved_per_week(history, today),
            streak_days=plan.streak(history.passed_days, today),
            n_hints=history.n_hints,
            n_attempts=history.n_attempts,
            spent_s=history.time_spent_s,
            n_gave_up=sum(state.gave_up for state in history.katas.values()),
            stars=plan.stars(self.catalogue.katas, history),
            n_stars=plan.n_stars(self.catalogue.katas),
            next_kata=self._open_current() or self.following(),
            review=[kata.short for kata in plan.due_for_review(self.catalogue, history, today)],
        )

    def overview(self) -> Overview:
        """Where the learner is: the current kata and its last attempt, how far, and the command to type next."""
        space, current, history = self.need_workspace(), self.current(), self._history()
        n_solved, n_katas = self._how_far(history)
        is_open = current is not None and not history.state(current.id).is_solved
        return Overview(
            current,
            space.main_file(current) if current else None,
            self.store().last_attempt(current.id) if current else None,
            n_solved,
            n_katas,
            "kata check" if is_open else "kata next",
        )

    def standing(self, kata: Kata) -> KataStanding:
        """Where the learner is with one kata, and over all."""
        history, last = self._history(), self.store().last_attempt(kata.id)
        state, (n_solved, n_katas) = history.state(kata.id), self._how_far(history)
        return KataStanding(
            is_solved=state.is_solved,
            may_see_solution=state.is_solved or state.gave_up,
            last=last,
            spent_s=state.time_spent_s,
            hints=state.hints,
            n_solved=n_solved,
            n_katas=n_katas,
        )

    def _history(self) -> History:
        """All that happened; that of a beginner where there is no workspace yet."""
        from kata_runner.learner.store import History

        return self.store().summary() if self.workspace is not None else History()


def ids_in_short(catalogue: Catalogue) -> str:
    """A short text that differs where the ids of the katas do."""
    import hashlib

    return hashlib.sha256("\n".join(sorted(catalogue.by_id)).encode()).hexdigest()[:16]


def how_to_bring_back(kata: Kata, number: int | None) -> str:
    """How to get code back that was kept under `number`; "" when none was kept."""
    return f"The code you had: kata restore {kata.short} {number}" if number else ""


def _put_aside(folder: Path) -> None:
    """Move what lies in the folder of hunts into `earlier/N` there: it may hold what the learner wrote."""
    earlier = folder / "earlier"
    entries = [entry for entry in folder.iterdir() if entry != earlier] if folder.is_dir() else []
    if entries:
        target = earlier / str(1 + (len(list(earlier.iterdir())) if earlier.is_dir() else 0))
        target.mkdir(parents=True)
        for entry in entries:
            entry.rename(target / entry.name)


def _texts(kata: Kata, answer: Path) -> dict[str, str]:
    """The files of an answer that differ from the stub's."""
    files = answer_files(kata, answer)
    return {n: content.decode("utf-8", "replace") for n, content in files.items() if kata.stub_files.get(n) != content}


def _read_part(kata: Kata, name: str) -> str:
    try:
        return (kata.folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenKata(f"{kata.id}: {name} cannot be read ({error}). Please tell the kata's author.") from None
