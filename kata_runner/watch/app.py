"""`kata watch`: carries out the effects of `state.step` and turns what happens into events.

Between a save and its verdict on the screen nothing is done that can wait: the files are read, the waiting worker is
started, the verdict is drawn once. It is recorded afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kata_runner.errors import ExitCode, KataError
from kata_runner.model import Kata, Verdict
from kata_runner.practice import Practice, how_to_bring_back
from kata_runner.screen.watch import Page, View
from kata_runner.watch import events as on
from kata_runner.watch import state, updated
from kata_runner.watch.events import Do, Effect, Event, Key, Notice
from kata_runner.watch.files import Watcher
from kata_runner.watch.judge_thread import JudgeThread
from kata_runner.watch.recorder import Recorder
from kata_runner.watch.terminal import Terminal

PROGRESS_AFTER_S = 0.15  # a run that ends before this shows nothing but its verdict
PROGRESS_EVERY_S = 0.1
STOP_WAIT_S = 3.0
SUSPEND_S = 0.3
TRACE = "KATA_WATCH_TRACE"


def run(practice: Practice, kata: Kata, *, is_manual: bool = False, borrow: bool = False) -> tuple[int, str]:
    """Watch until the learner leaves; returns the exit code and a last sentence for the shell, "" for none.

    kata: its files are laid out. is_manual: judge when `r` is pressed, not at each save. borrow: use the reference
    of an earlier kata that is not solved.
    """
    return asyncio.run(Watch(practice, kata, is_manual, borrow).run())


def is_possible() -> bool:
    """Whether a watch can be shown: both ends are a terminal that can do more than print lines."""
    known = os.environ.get("TERM", "") not in ("dumb", "unknown") or os.name == "nt"
    return sys.stdin.isatty() and sys.stdout.isatty() and known


class Watch:
    """Everything here runs in the main thread; other threads send events through `_send`."""

    def __init__(self, practice: Practice, kata: Kata, is_manual: bool, borrow: bool) -> None:
        self._practice = practice
        self._is_manual = is_manual
        self._borrow = borrow
        self._space = practice.need_workspace()
        self._editor = practice.editor() or practice.editor_at_hand()
        self._state = state.State(View(kata, Path(), ""), has_editor=bool(self._editor))
        self._terminal = Terminal()
        self._watcher: Watcher | None = None
        self._trace = os.environ.get(TRACE, "")
        self._traced: Verdict | None = None
        self._testing = threading.Lock()
        self._left = asyncio.Event()
        self._exit_code = 0
        self._crash: BaseException | None = None

    async def run(self) -> tuple[int, str]:
        self._loop = asyncio.get_running_loop()
        # First of all: its child imports while this process does.
        self._judge_thread = JudgeThread(lambda kata: self._practice.used(kata, borrow=self._borrow), self._send)
        self._recorder = Recorder(self._record, self._send)
        try:
            self._loop.set_exception_handler(self._on_loop_error)
            self._take_signals()
            self._terminal.take(self._on_keys)
            self._handle(self._open(self._state.kata))
            await self._left.wait()
        finally:
            self._terminal.give_back()
            if self._watcher is not None:
                self._watcher.stop()
            farewell = self._recorder.stop(STOP_WAIT_S)
            self._judge_thread.stop(STOP_WAIT_S)
        if self._crash is not None:
            updated.refuse()  # whatever else went wrong then
            raise self._crash
        return self._exit_code, farewell

    # --- events ---

    def _handle(self, event: Event) -> None:
        """Take one step. What an effect reports back is handled before the next effect."""
        self._state, effects = state.step(self._state, event)
        for effect in effects:
            try:
                answer = self._carry_out(effect)
            except KataError as error:
                answer = Notice("key", str(error), state.LONG_NOTICE_S)
            if answer is not None:
                self._handle(answer)

    def _send(self, event: Event) -> None:
        """Hand an event over to the main thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._on_sent, event)

    def _on_sent(self, event: Event) -> None:
        if isinstance(event, on.Crashed):
            self._crash = self._crash or event.error
            self._leave(int(ExitCode.KATA_AT_FAULT))
        else:
            self._handle(event)

    def _on_keys(self, names: Sequence[str]) -> None:
        for name in names:
            if not self._left.is_set():
                self._handle(Key(name))

    def _on_loop_error(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._on_sent(on.Crashed(context.get("exception") or RuntimeError(context["message"])))

    def _leave(self, exit_code: int) -> None:
        self._exit_code = exit_code
        self._left.set()

    def _take_signals(self) -> None:
        """Handle signals as keys until the loop is closed."""
        for name in state.SIGNALS:
            if hasattr(signal, name):
                with contextlib.suppress(NotImplementedError):  # Windows
                    self._loop.add_signal_handler(getattr(signal, name), self._handle, Key(name))

    # --- effects ---

    def _carry_out(self, effect: Effect) -> Event | None:
        """Do it; returns what came of it, where that is known at once."""
        kata = self._state.kata
        match effect:
            case Do.DRAW:
                return self._draw()
            case on.ReadFiles(why):
                return self._read_files(kata, why)
            case on.Judge(ticket, submission):
                self._judge_thread.judge(ticket, kata, submission)
                self._loop.call_later(PROGRESS_AFTER_S, self._look_at_run, ticket)
            case on.Record(judged):
                self._recorder.add(judged)
            case on.RunTests(ticket):
                threading.Thread(target=self._run_tests, args=(ticket, kata), name="kata-tests", daemon=True).start()
            case on.Later(after_s, event):
                self._loop.call_later(after_s, self._handle, event)
            case on.Leave(exit_code):
                self._leave(exit_code)
            case Do.CANCEL_RUNS:
                self._judge_thread.cancel()
            case Do.GET_READY:
                self._judge_thread.get_ready(kata)
            case Do.TAKE_TERMINAL:
                self._terminal.give_back()
                self._terminal.take(self._on_keys)
            case Do.OPEN_EDITOR:
                self._hand_over([*self._editor, str(self._state.view.file)])
            case Do.CHECK_ALL:
                self._hand_over(self._check_all(), stays=True)
            case Do.SUSPEND:
                self._suspend()
            case _:
                return self._ask(effect, kata)
        return None

    def _ask(self, effect: Effect, kata: Kata) -> Event | None:
        """What the practice answers."""
        practice = self._practice
        match effect:
            case Do.READ_STANDING:
                return on.StandingRead(practice.standing(kata))
            case Do.READ_ROWS:
                return on.RowsRead(tuple(practice.rows()))
            case Do.READ_SOLUTION:
                return on.PageRead(Page(f"The reference · {kata.title}", files=practice.solution(kata)))
            case on.TakeHint(level):
                hint = practice.hint(kata, level)
                title = f"Hint {hint.level} of {hint.n_hints} · {kata.title}"
                return on.PageRead(Page(title, hint.text, is_hint=True))
            case Do.RESET:
                kept = how_to_bring_back(kata, practice.reset(kata))
                return on.WasReset(f"{kata.short} is back to its stub. {kept}".rstrip(), practice.submission(kata))
            case on.Start(chosen):
                following = chosen or practice.following()
                if following is None:
                    return Notice("key", ALL_SOLVED, 10.0)
                practice.start(following)
                return self._open(following)
        return None

    def _open(self, kata: Kata) -> Event:
        """Follow the files of a kata that is laid out, and show it."""
        file = self._space.main_file(kata)
        task = self._practice.task(kata).partition("\n")[2]  # the title stands above it anyway
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher = None
        if not self._is_manual:
            self._watcher = Watcher(kata, self._space.folder(kata), lambda: self._send(on.FilesChanged()))
            if self._watcher.problem:
                self._send(Notice("events", NO_EVENTS.format(self._watcher.problem), state.LONG_NOTICE_S))
        return on.Opened(View(kata, file, _short(file, self._practice.cwd), task, self._is_manual))

    def _record(self, judged: on.Judged) -> on.Recorded:
        """Called by the recorder, from its thread."""
        tally = self._practice.record(judged.submission, judged.verdict, judged.borrowed, is_watch=True)
        if self._practice.problem:
            self._send(Notice("problem", self._practice.problem))
        return on.Recorded(judged, tally)

    def _run_tests(self, ticket: int, kata: Kata) -> None:
        """Judge the learner's own tests, in a thread of its own; of two runs only the newer one counts."""
        with self._testing:
            if ticket != self._state.n_test_runs:
                return
            try:
                self._send(on.OwnTestsJudged(ticket, self._practice.test(kata, borrow=self._borrow)))
            except (KataError, OSError) as error:
                self._send(on.OwnTestsJudged(ticket, problem=str(error)))

    def _read_files(self, kata: Kata, why: on.Why) -> Event:
        try:
            return on.FilesRead(self._practice.submission(kata), why)
        except KataError as error:
            folder = self._space.folder(kata)
            if folder.exists():
                return on.Trouble(f"{error}\nOnce it can be read, it is judged.")
            return on.Trouble(
                f"{folder} is gone. Put it back and it is judged again. "
                f"Or start again from the stub: kata start {kata.short}"
            )

    def _look_at_run(self, ticket: int) -> None:
        if self._state.awaits(ticket):
            self._handle(on.RunSeen(ticket, *self._judge_thread.progress()))
            self._loop.call_later(PROGRESS_EVERY_S, self._look_at_run, ticket)

    def _draw(self) -> Event | None:
        if not self._terminal.is_ours:
            return None
        try:
            made = self._terminal.draw(lambda width, height: state.frame(self._state, width, height))
        except OSError:  # the terminal is gone
            return Key("SIGHUP")
        verdict = self._state.view.verdict
        if self._trace and verdict is not None and verdict is not self._traced:
            self._traced = verdict
            with contextlib.suppress(OSError), open(self._trace, "a", encoding="utf-8") as file:
                file.write(f"{time.perf_counter_ns()} {verdict.digest} {verdict.outcome.value}\n")
        return on.Drawn(made.height, made.n_hidden)

    def _check_all(self) -> list[str]:
        """The command that checks all started katas."""
        folders = ["--catalogue", str(self._practice.catalogue.root), "--workspace", str(self._space.root)]
        # -P: the folder in which the learner is may hold a numpy.py.
        command = [sys.executable, "-P", "-m", "kata_runner", *folders, "check", "--all"]
        return [*command, "--borrow"] if self._borrow else command

    def _hand_over(self, command: Sequence[str], *, stays: bool = False) -> None:
        """Let a command have the terminal, from a thread that is not in the way of leaving.

        stays: what it has printed is left on the screen until Enter, and its exit code is no problem.
        """
        self._terminal.give_back()

        def run() -> None:
            problem = ""
            try:
                code = subprocess.run(command, check=False).returncode
                problem = f"{command[0]} ended with exit code {code}." if code and not stays else ""
            except OSError as error:
                problem = f"{command[0]} cannot be started ({error.strerror or error}). Open the file yourself."
            if stays:
                print("\nBack to the watch: Enter", flush=True)
                os.read(sys.stdin.fileno(), 1000)
            self._send(on.CommandEnded(problem))

        threading.Thread(target=run, name="kata-command", daemon=True).start()

    def _suspend(self) -> None:
        """Go back to the shell until `fg`."""
        if hasattr(signal, "SIGTSTP"):
            self._terminal.give_back()
            # Nothing stops where there is no shell to go back to; then this goes on. Else SIGCONT brings us back.
            self._loop.call_later(SUSPEND_S, self._handle, Key("SIGCONT"))
            os.kill(0, signal.SIGTSTP)  # the whole job, as the terminal does it


def _short(path: Path, cwd: Path) -> str:
    """A path as people write it: from here, or from home, where that is shorter."""
    for base, prefix in ((cwd, ""), (Path.home(), "~/")):
        if path.is_relative_to(base):
            return prefix + str(path.relative_to(base))
    return str(path)


NO_EVENTS = "The system reports no saves ({}): kata looks at your files itself, 20 times a second. See: kata doctor"
ALL_SOLVED = "Every kata is solved. Well done! What is worth another go: kata progress"
