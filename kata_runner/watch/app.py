"""`kata watch`: one loop over saves, keys, the running check and the size of the terminal.

Between a save and its verdict on the screen nothing is done that can wait: the files are read, the waiting worker is
told to go, the verdict is drawn once; recording comes after.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kata_runner.errors import ExitCode, KataError
from kata_runner.learner.workspace import Workspace
from kata_runner.model import CheckResult, Kata, Row, Status, Submission, Tally
from kata_runner.screen import watch as watch_screen
from kata_runner.screen.watch import Chooser, Frame, Running, View
from kata_runner.watch import files as watch
from kata_runner.watch.judge_thread import Crashed, Desk, Judged, NotSaved, Recorder, Saved, Trouble, Uses

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from rich.console import Console, RenderableType

PROGRESS_AFTER_S = 0.15  # a check that is done before this shows nothing but its verdict
PROGRESS_EVERY_S = 0.1
ESCAPE_AFTER_S = 0.05  # an Escape that nothing follows is the key
NOTICE_S = 3.0
LOOK_AGAIN_S = 1.0  # how often the cause of a trouble is looked at again
STOP_WAIT_S = 3.0
TRACE = "KATA_WATCH_TRACE"


class Office(Protocol):
    """What the watch asks of the command that started it: everything about the catalogue and the past."""

    @property
    def workspace(self) -> Workspace: ...
    def rows(self) -> Sequence[Row]: ...
    def uses(self, kata: Kata) -> Uses: ...
    def standing(self, kata: Kata) -> Standing: ...
    def record(self, judged: Judged) -> tuple[Tally | None, str]: ...
    def following(self, kata: Kata) -> Kata | None: ...
    def begin(self, kata: Kata) -> None: ...
    def hint(self, kata: Kata, level: int) -> tuple[str, int, int]: ...
    def solution(self, kata: Kata) -> Sequence[tuple[str, str]]: ...
    def reset(self, kata: Kata) -> str: ...


class Standing(Protocol):
    """Where the learner is with one kata, and over all."""

    @property
    def is_solved(self) -> bool: ...
    @property
    def may_see_solution(self) -> bool: ...
    @property
    def last_digest(self) -> str: ...
    @property
    def spent_s(self) -> float: ...
    @property
    def hints(self) -> int: ...
    @property
    def n_solved(self) -> int: ...
    @property
    def n_katas(self) -> int: ...


def run(office: Office, kata: Kata, *, is_manual: bool = False) -> tuple[int, str]:
    """Watch until the learner leaves; gives the exit code and a last sentence for the shell, "" for none.

    is_manual: judge when `r` is pressed, not at each save.
    """
    live = Live(office, kata, is_manual)
    return asyncio.run(live.run())


# --- the terminal --------------------------------------------------------------------------------------------------


class Terminal:
    """The alternate screen and the keys, taken on entering and given back whatever happens inside."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console: Console = Console(highlight=False, markup=False, emoji=False)
        self.is_ours = False
        self._input: Input | None = None
        self._keys = contextlib.ExitStack()
        atexit.register(self.give_back)  # should whatever else fails

    def take(self) -> None:
        """Show the alternate screen; from now on no key is echoed, or stops us behind our back."""
        self.is_ours = True
        self._keys.callback(_still(sys.stdin.fileno()))
        self.console.set_alt_screen(True)
        self.console.show_cursor(False)

    def listen(self, on_keys: Callable[[Sequence[str]], None]) -> None:
        """Call `on_keys` with names of keys as they are pressed; the running loop waits for them."""
        from prompt_toolkit.input import create_input

        if self._input is None:
            self._input = create_input()
        source, loop = self._input, asyncio.get_running_loop()
        flushing: asyncio.TimerHandle | None = None

        def flush() -> None:
            on_keys([_key_name(press.key) for press in source.flush_keys()])

        def read() -> None:
            nonlocal flushing
            if flushing is not None:
                flushing.cancel()
            on_keys([_key_name(press.key) for press in source.read_keys()])
            if source.closed:
                on_keys(["hangup"])
            else:
                flushing = loop.call_later(ESCAPE_AFTER_S, flush)

        self._keys.enter_context(source.raw_mode())
        self._keys.enter_context(source.attach(read))

    def give_back(self) -> None:
        """Leave the terminal as it was. May be called twice, and on a terminal that is gone."""
        with contextlib.suppress(OSError, ValueError):
            self._keys.close()
        if self.is_ours:
            self.is_ours = False
            with contextlib.suppress(OSError, ValueError):
                self.console.show_cursor(True)
                self.console.set_alt_screen(False)

    def draw(self, frame: Callable[[int, int], Frame]) -> Frame:
        """Draw the frame made for (width, height)."""
        from rich.console import ConsoleDimensions
        from rich.segment import Segment

        console = self.console
        # Asked of the terminal itself: COLUMNS in the environment would stay as it is.
        width, height = os.get_terminal_size(sys.stdout.fileno())
        console.size = width, height = ConsoleDimensions(width or 80, height or 24)
        made = frame(width, height)
        lines = console.render_lines(made, console.options.update(width=width, height=None), pad=False)
        console.update_screen_lines(Segment.set_shape(lines, width, height))
        return made


def _still(fd: int) -> Callable[[], None]:
    """Keep keys for us until somebody reads them; gives what undoes it.

    The library that reads them takes a while to import, and does the same once it is there.
    """
    try:
        import termios
    except ImportError:  # Windows
        return lambda: None
    before = termios.tcgetattr(fd)
    still = termios.tcgetattr(fd)
    still[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    still[0] &= ~(termios.IXON | termios.ICRNL)
    termios.tcsetattr(fd, termios.TCSANOW, still)

    def undo() -> None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(fd, termios.TCSANOW, before)

    return undo


def _key_name(key: object) -> str:
    """`Keys.Up` as "up", letters as themselves."""
    return str(getattr(key, "value", key))


# --- the loop ------------------------------------------------------------------------------------------------------


class Live:
    """The state of one watch. Everything here runs in the main thread; other threads speak through `_tell`."""

    def __init__(self, office: Office, kata: Kata, is_manual: bool) -> None:
        self.office = office
        self.kata = kata
        self.is_manual = is_manual
        self.terminal = Terminal()
        self._left = asyncio.Event()
        self._exit_code = 0
        self._crash: BaseException | None = None
        self._trace = os.environ.get(TRACE, "")
        # The kata at hand.
        self._view = View(kata, Path(), "")
        self._submission: Submission | None = None  # the last one that was handed in or taken as known
        self._ticket = 0
        self._started_at = 0.0
        self._fresh: Judged | None = None  # a verdict that was not drawn yet
        self._is_trouble_ours = False
        self._standing: Standing | None = None
        self._known_ticket = 0  # of a submission whose verdict was recorded before
        self._is_away = False  # the editor has the terminal
        # What is on the screen instead of the kata.
        self._text: tuple[str, RenderableType] | None = None
        self._chooser: Chooser | None = None
        self._question: tuple[str, Callable[[], None]] | None = None
        self._offset = 0
        self._n_hidden = 0
        self._notices: dict[str, str] = {}
        self._progress_timer: asyncio.TimerHandle | None = None

    async def run(self) -> tuple[int, str]:
        self._loop = asyncio.get_running_loop()
        # First of all: its child imports while this process does.
        self._desk = Desk(self.office.uses, self._tell)
        self._recorder = Recorder(self.office.record, self._tell)
        self._watcher: watch.Watcher | None = None
        unsaved: NotSaved | None = None
        try:
            self._loop.set_exception_handler(self._on_crash)
            with self._signals():
                self.terminal.take()
                self._open(self.kata)
                self.terminal.listen(self._on_keys)
                self._loop.call_later(LOOK_AGAIN_S, self._look_again)
                await self._left.wait()
        finally:
            self.terminal.give_back()
            if self._watcher is not None:
                self._watcher.stop()
            unsaved = self._recorder.stop(STOP_WAIT_S)
            self._desk.stop(STOP_WAIT_S)
        if self._crash is not None:
            raise self._crash
        return self._exit_code, self._farewell(unsaved)

    def _leave(self, exit_code: int = 0) -> None:
        self._exit_code = exit_code
        self._left.set()

    def _on_crash(self, _: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException) and self._crash is None:
            self._crash = error
        self._leave(int(ExitCode.KATA_AT_FAULT))

    def _farewell(self, unsaved: NotSaved | None) -> str:
        if unsaved is not None:
            n = unsaved.n_waiting
            return f"{n} {'attempt was' if n == 1 else 'attempts were'} not saved: {unsaved.message}"
        return ""

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Leave in order when asked to end; redraw when the size changes or the process goes on after a stop."""
        handlers: dict[str, Callable[[], None]] = {
            # In the editor it is the editor's key.
            "SIGINT": lambda: None if self._is_away else self._leave(int(ExitCode.INTERRUPTED)),
            "SIGTERM": lambda: self._leave(128 + signal.SIGTERM),
            "SIGHUP": lambda: self._leave(128 + signal.SIGHUP),
            "SIGWINCH": self._draw,
            "SIGCONT": self._come_back,
        }
        with contextlib.ExitStack() as stack:
            for name, handler in handlers.items():
                number = getattr(signal, name, None)
                if number is None:
                    continue
                try:
                    self._loop.add_signal_handler(number, handler)
                    stack.callback(self._loop.remove_signal_handler, number)
                except NotImplementedError:  # Windows
                    if name in ("SIGINT", "SIGTERM"):
                        before = signal.signal(number, lambda *_, h=handler: self._loop.call_soon_threadsafe(h))
                        stack.callback(signal.signal, number, before)
            yield

    def _come_back(self) -> None:
        """After a stop the shell has had the terminal."""
        if not self._is_away:
            self.terminal.give_back()
            self._enter_again()

    def _enter_again(self) -> None:
        self.terminal.take()
        self.terminal.listen(self._on_keys)
        self._draw()

    def _tell(self, told: object) -> None:
        """Hand something over to the main thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._hear, told)

    def _hear(self, told: object) -> None:
        match told:
            case Judged() | Trouble() if told.ticket == self._ticket:
                self._on_outcome(told)
            case Saved():
                self._on_saved(told)
            case NotSaved():
                n = told.n_waiting
                what = "The last attempt is" if n == 1 else f"{n} attempts are"
                self._notice("store", f"{what} not saved yet: {told.message}")
            case Crashed():
                self._crash = told.error
                self._leave(int(ExitCode.KATA_AT_FAULT))

    # --- a kata ---

    def _open(self, kata: Kata) -> None:
        """Go over to a kata; its files are there."""
        self.kata = kata
        space = self.office.workspace
        folder = space.folder(kata)
        file = space.main_file(kata)
        act = "Press r" if self.is_manual else f"Save {file.name}"
        self._view = View(kata, file, _short(file), waiting_for=f"{act} to have it judged.")
        self._submission, self._ticket, self._fresh = None, 0, None
        self._standing, self._offset = None, 0
        self._notices.clear()
        self._desk.sit_down(kata, folder)
        self._take_standing()
        self._draw()
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher = None
        if not self.is_manual:
            self._watcher = watch.Watcher(kata, folder, self._on_change_elsewhere, self._on_notice_elsewhere)
        self._look_first()

    def _look_first(self) -> None:
        """Judge what is there already, unless nothing was written yet."""
        try:
            submission = self.office.workspace.submission(self.kata)
        except KataError as error:
            self._set_trouble(str(error), is_ours=True)
            return
        if submission.files == self.kata.stub_files or self.is_manual:
            self._submission = submission
            return
        self._hand_in(submission)
        if self._standing is not None and self._standing.last_digest == submission.digest:
            self._known_ticket = self._ticket

    def _take_standing(self) -> None:
        try:
            standing = self.office.standing(self.kata)
        except KataError as error:
            self._notice("store", str(error))
            return
        self._standing = standing
        reference = f"kata solution {self.kata.short}, or s" if standing.may_see_solution else ""
        self._view = replace(
            self._view,
            n_solved=standing.n_solved,
            n_katas=standing.n_katas,
            spent_s=standing.spent_s,
            reference=reference,
        )

    # --- saves ---

    def _on_change_elsewhere(self) -> None:
        self._call(self._on_change)

    def _on_notice_elsewhere(self, text: str) -> None:
        self._call(lambda: self._notice("watch", text[:1].upper() + text[1:] + "."))

    def _call(self, function: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function)

    def _on_change(self, *, is_asked: bool = False) -> None:
        """Read the files and have them judged, unless they are those that were judged last."""
        try:
            submission = self.office.workspace.submission(self.kata)
        except KataError as error:
            self._desk.cancel()
            self._ticket = 0
            self._set_trouble(self._in_words(error), is_ours=True)
            return
        known = self._submission
        if not is_asked and known is not None and known.digest == submission.digest and not self._view.trouble:
            self._notice("change", "Saved without a change.", NOTICE_S)
            return
        self._hand_in(submission)

    def _in_words(self, error: KataError) -> str:
        folder = self.office.workspace.folder(self.kata)
        if not folder.exists():
            return (
                f"{folder} is gone. Put it back and it is judged again. "
                f"Or lay the kata out afresh: kata start {self.kata.short}"
            )
        return f"{error}\nIt is looked at again every second."

    def _hand_in(self, submission: Submission) -> None:
        self._submission = submission
        self._is_trouble_ours = False
        self._notices.pop("change", None)
        self._started_at = time.monotonic()
        self._ticket = self._desk.hand_in(self.kata, submission)
        self._plan_progress(PROGRESS_AFTER_S)

    def _set_trouble(self, message: str, *, is_ours: bool = False) -> None:
        """is_ours: the files could not be read; they are looked at again until they can."""
        self._is_trouble_ours = is_ours
        if message != self._view.trouble or self._view.running:
            self._view = replace(self._view, trouble=message, running=None, verdict=None)
            self._draw()

    def _look_again(self) -> None:
        """Where something is in the way that no save would tell of, see whether it has gone."""
        self._loop.call_later(LOOK_AGAIN_S, self._look_again)
        if self._is_trouble_ours:
            self._on_change()

    # --- the running check ---

    def _plan_progress(self, after_s: float) -> None:
        if self._progress_timer is not None:
            self._progress_timer.cancel()
        self._progress_timer = self._loop.call_later(after_s, self._show_progress)

    def _show_progress(self) -> None:
        self._progress_timer = None
        if not self._ticket or not self._started_at:
            return
        running = progress_of(self._desk.events())
        if running != self._view.running:
            self._view = replace(self._view, running=running, trouble="")
            self._draw()
        self._plan_progress(PROGRESS_EVERY_S)

    def _on_outcome(self, told: Judged | Trouble) -> None:
        self._started_at = 0.0
        if self._progress_timer is not None:
            self._progress_timer.cancel()
            self._progress_timer = None
        self._offset = 0
        if isinstance(told, Trouble):
            self._set_trouble(told.message)
            return
        self._view = replace(self._view, verdict=told.verdict, running=None, trouble="", tally=None)
        self._fresh = told
        if self._text is not None or self._chooser is not None:
            self._notice("verdict", f"{self.kata.short}: {told.verdict.outcome.value}", draw=False)
        self._draw()
        self._fresh = None
        if told.is_recordable and told.ticket != self._known_ticket:
            self._recorder.add(told)

    def _on_saved(self, saved: Saved) -> None:
        self._forget_notice("store")
        assert isinstance(saved.result, tuple)
        tally, problem = saved.result
        if problem:
            self._notice("problem", problem)
        if saved.judged.submission.kata_id != self.kata.id:
            return
        if saved.judged.verdict.passed:
            self._take_standing()
        if saved.judged.ticket == self._ticket and tally is not None:
            self._view = replace(self._view, tally=tally)
            self._draw()

    # --- drawing ---

    def _notice(self, name: str, text: str, for_s: float = 0.0, *, draw: bool = True) -> None:
        """Say something above the keys; one thing under each name, `for_s` 0 until it is forgotten."""
        if self._notices.get(name) == text and not for_s:
            return
        self._notices[name] = text
        if for_s:
            self._loop.call_later(for_s, self._forget_notice, name, text)
        if draw:
            self._draw()

    def _forget_notice(self, name: str, text: str | None = None) -> None:
        """text: forget it only if that is what it says."""
        if name in self._notices and (text is None or text == self._notices[name]):
            del self._notices[name]
            self._draw()

    def _draw(self) -> None:
        if not self.terminal.is_ours:
            return
        try:
            made = self.terminal.draw(self._frame)
        except OSError:  # the terminal is gone
            self._leave(128 + getattr(signal, "SIGHUP", 1))
            return
        self._n_hidden = made.n_hidden
        if self._fresh is not None and self._trace:
            line = f"{time.perf_counter_ns()} {self._fresh.submission.digest} {self._fresh.verdict.outcome.value}\n"
            with contextlib.suppress(OSError), open(self._trace, "a", encoding="utf-8") as file:
                file.write(line)

    def _frame(self, width: int, height: int) -> Frame:
        if self._chooser is not None:
            return watch_screen.list_frame(self._chooser, height, width)
        if self._text is not None:
            from rich.text import Text

            title, text = self._text
            return watch_screen.text_frame(Text(title, "bold"), text, self._keys(), height, self._offset)
        notices = tuple(self._notices.values())
        if self._question is not None:
            notices = (*notices, self._question[0])
        view = replace(self._view, keys=self._keys(), notices=notices)
        return watch_screen.kata_frame(view, height, self._offset)

    def _keys(self) -> tuple[tuple[str, str], ...]:
        """Letter and word of each key that does something now."""
        if self._question is not None:
            return (("y", "yes"), ("n", "no"))
        shown = self._standing
        hint = ("h", "hint") if self._text is None or shown is None else ("h", "next hint")
        keys = [hint, ("l", "list"), ("r", "judge" if self.is_manual else "run again"), ("x", "reset")]
        if shown is not None and shown.may_see_solution:
            keys.insert(2, ("s", "solution"))
        if editor():
            keys.append(("e", "editor"))
        if self._may_go_on():
            keys.insert(0, ("n", "next"))
        if self._text is not None:
            keys = [("esc", "back"), *[k for k in keys if k[0] in "hs"]]
        return (*keys, ("q", "quit"))

    def _may_go_on(self) -> bool:
        verdict = self._view.verdict
        standing = self._standing
        return bool((verdict and verdict.passed) or (standing and standing.is_solved))

    # --- keys ---

    def _on_keys(self, keys: Sequence[str]) -> None:
        for key in keys:
            if key in ("c-c", "hangup"):
                self._leave(int(ExitCode.INTERRUPTED) if key == "c-c" else 128 + getattr(signal, "SIGHUP", 1))
                return
            try:
                self._on_key(key)
            except KataError as error:
                self._notice("key", str(error), 2 * NOTICE_S)

    def _on_key(self, key: str) -> None:
        if key == "c-z":
            self._suspend()
        elif key == "c-l":
            self._draw()
        elif self._question is not None:
            self._answer(key)
        elif self._chooser is not None:
            self._on_list_key(self._chooser, key)
        elif key == "q":
            self._leave()
        elif key in _SCROLL:
            self._scroll(_SCROLL[key])
        elif self._text is not None and key in ("escape", "c-m", "backspace", "c-h"):
            self._text, self._offset = None, 0
            self._notices.pop("verdict", None)
            self._draw()
        elif any(key == letter for letter, _ in self._keys()):
            self._offset = 0
            _ON_KEY[key](self)

    def _scroll(self, by: int) -> None:
        page = max(1, self.terminal.console.size.height - 8)
        offset = max(0, min(self._n_hidden, self._offset + (by if abs(by) == 1 else by * page // 2)))
        if offset != self._offset:
            self._offset = offset
            self._draw()

    def _answer(self, key: str) -> None:
        assert self._question is not None
        _, act = self._question
        if key in ("y", "n", "escape", "q"):
            self._question = None
            if key == "y":
                act()
            self._draw()

    def _next(self) -> None:
        kata = self.office.following(self.kata)
        if kata is None:
            self._notice("key", "Every kata is solved. Well done! What is worth another go: kata progress", 10.0)
        else:
            self._begin(kata)

    def _begin(self, kata: Kata) -> None:
        self.office.begin(kata)
        self._text = self._chooser = None
        self._open(kata)
        self._draw()

    def _hint(self) -> None:
        from kata_runner.screen import verdict as screen

        standing = self._standing
        taken = standing.hints if standing is not None else 0
        # On the kata the last hint that was taken shows first; from there, each press goes one further.
        level = taken + 1 if self._text is not None or not taken else taken
        text, level, n_hints = self.office.hint(self.kata, level)
        self._take_standing()
        self._text = f"Hint {level} of {n_hints} · {self.kata.title}", screen.markdown(text)
        self._draw()

    def _solution(self) -> None:
        from rich.console import Group
        from rich.text import Text

        from kata_runner.screen import verdict as screen

        blocks: list[RenderableType] = []
        for name, text in self.office.solution(self.kata):
            blocks += [Text(name, "cyan"), screen.source(name, text.rstrip()), Text("")]
        self._text = f"The reference · {self.kata.title}", Group(*blocks)
        self._draw()

    def _list(self) -> None:
        rows = tuple(self.office.rows())
        current = next((i for i, row in enumerate(rows) if row.kata.id == self.kata.id), 0)
        self._chooser = Chooser(rows, cursor=current)
        self._draw()

    def _on_list_key(self, chooser: Chooser, key: str) -> None:
        if chooser.is_typing:
            self._chooser = _typed(chooser, key)
        elif key == "q":
            self._leave()
            return
        elif key == "c-m" and chooser.chosen is not None:
            self._begin(chooser.chosen.kata)
            return
        elif key in ("escape", "l"):
            self._chooser = None
        else:
            self._chooser = _moved(chooser, key, max(1, self.terminal.console.size.height - 8))
        self._draw()

    def _again(self) -> None:
        self._desk.sit_down(self.kata, self.office.workspace.folder(self.kata))
        self._on_change(is_asked=True)

    def _ask_reset(self) -> None:
        self._question = f"Begin {self.kata.short} afresh? Your code is kept.", self._reset
        self._draw()

    def _reset(self) -> None:
        self._desk.cancel()
        told = self.office.reset(self.kata)
        self._ticket, self._started_at = 0, 0.0
        # The stub needs no verdict.
        self._submission = self.office.workspace.submission(self.kata)
        self._view = replace(self._view, verdict=None, running=None, trouble="", tally=None)
        self._is_trouble_ours = False
        self._notice("key", told, 2 * NOTICE_S)

    def _edit(self) -> None:
        """Hand the terminal to the editor; saves are judged meanwhile, and shown when it is left."""
        command = [*editor(), str(self._view.file)]
        self._is_away = True
        self.terminal.give_back()

        def edit() -> None:
            told = ""
            try:
                code = subprocess.run(command, check=False).returncode
                told = f"{command[0]} ended with exit code {code}." if code else ""
            except OSError as error:
                told = f"{command[0]} cannot be started ({error.strerror or error}). Open the file yourself."
            self._call(lambda: self._edited(told))

        # Not in the way of leaving, should the editor stay open.
        threading.Thread(target=edit, name="kata-editor", daemon=True).start()

    def _edited(self, told: str) -> None:
        self._is_away = False
        self._enter_again()
        if told:
            self._notice("key", told, 2 * NOTICE_S)

    def _suspend(self) -> None:
        """Ctrl-Z: back to the shell until `fg`."""
        if hasattr(signal, "SIGTSTP"):
            self.terminal.give_back()
            # Nobody stops where there is no shell to go back to; then this goes on. Else SIGCONT brings us back.
            self._loop.call_later(0.3, self._come_back)
            os.kill(0, signal.SIGTSTP)  # the whole job, as the terminal does it


_ON_KEY: dict[str, Callable[[Live], None]] = {
    "n": Live._next,
    "h": Live._hint,
    "l": Live._list,
    "s": Live._solution,
    "r": Live._again,
    "x": Live._ask_reset,
    "e": Live._edit,
}
# Lines, and halves of a page.
_SCROLL = {"up": -1, "down": 1, "k": -1, "j": 1, "pageup": -2, "pagedown": 2, " ": 2, "home": -1000, "end": 1000}


def progress_of(events: Iterable[Mapping[str, Any]]) -> Running:
    """How far a run has come by what it told."""
    checks: dict[str, CheckResult] = {}
    current = ""
    for event in events:
        match event:
            case {"event": "plan", "checks": planned}:
                for c in planned:
                    checks[c["name"]] = CheckResult(c["name"], c["requirement"], Status.NOT_RUN, part=c["part"])
            case {"event": "start", "name": name}:
                current = name
            case {"event": "check", "name": name, "status": status} if name in checks:
                checks[name] = replace(checks[name], status=Status(status))
                current = ""
    return Running(tuple(checks.values()), current)


def _typed(chooser: Chooser, key: str) -> Chooser:
    """The list after a key while a search is typed."""
    if key == "escape":
        return replace(chooser, wanted="", is_typing=False, cursor=0)
    if key == "c-m":
        return replace(chooser, is_typing=False)
    if key in ("backspace", "c-h"):
        return replace(chooser, wanted=chooser.wanted[:-1], cursor=0)
    if len(key) == 1 and key.isprintable():
        return replace(chooser, wanted=chooser.wanted + key, cursor=0)
    return chooser


def _moved(chooser: Chooser, key: str, page: int) -> Chooser:
    """The list after any other key."""
    if key == "/":
        return replace(chooser, is_typing=True)
    if key == "f":
        names = watch_screen.FILTERS
        return replace(chooser, status=names[(names.index(chooser.status) + 1) % len(names)], cursor=0)
    steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -page, "pagedown": page, "home": -(10**6), "end": 10**6}
    last = max(0, len(chooser.fitting) - 1)
    return replace(chooser, cursor=max(0, min(last, min(chooser.cursor, last) + steps.get(key, 0))))


def editor() -> list[str]:
    """The learner's editor as a command; empty when none is set, or what is set is no command."""
    try:
        return shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    except ValueError:
        return []


def _short(path: Path) -> str:
    """A path as people write it: from here, or from home, where that is shorter."""
    for base, prefix in ((Path.cwd(), ""), (Path.home(), "~/")):
        if path.is_relative_to(base):
            return prefix + str(path.relative_to(base))
    return str(path)


def is_possible() -> bool:
    """Whether a watch can be shown: both ends are a terminal that knows more than to print lines."""
    known = os.environ.get("TERM", "") not in ("dumb", "unknown") or os.name == "nt"
    return sys.stdin.isatty() and sys.stdout.isatty() and known
