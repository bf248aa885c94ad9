"""The process of `kata debug`: runs a check as the judge does, but with a terminal, and one call of it in pdb."""

from __future__ import annotations

import bdb
import importlib
import inspect
import json
import os
import pdb
import signal
import sys
import textwrap
import traceback
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn

from kata_runner.checking import session, shorten
from kata_runner.checking.settings import Settings
from kata_runner.errors import ExitCode
from kata_runner.judging.child import worker
from kata_runner.judging.child.calls import Calls, Function, is_within
from kata_runner.judging.child.plugin import Job, Plugin, flush_output

PACKAGE = str(Path(__file__).resolve().parents[2])
KEYS = "(n: next line, s: step into, p NAME: show a value, c: go on, q: leave, h: help)"


class Left(BaseException):
    """Ends a check in which the learner has left the debugger."""


class Debugger(pdb.Pdb):
    """pdb in the learner's code and what that calls: it neither stops in the hidden test nor shows anything of it.

    exit_code: None until the learner has left.
    """

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._theirs = worker.folders_of(job)
        self._hidden = (job["kata_folder"] + os.sep, PACKAGE + os.sep)
        self.exit_code: int | None = None
        self._is_interrupted = False

    def call(self, function: Function, *args: Any, **kwargs: Any) -> Any:
        """Call a function of the learner's step by step, and say what it returned."""
        self.reset()
        sys.settrace(self.trace_dispatch)
        try:
            returned = function(*args, **kwargs)
        except Left:
            raise
        except bdb.BdbQuit:  # another debugger, which the learner's code has started, was left
            self.leave(ExitCode.PASSED)
        except BaseException as error:
            self.look_back_at(error)
            if isinstance(error, KeyboardInterrupt):
                self.leave(ExitCode.INTERRUPTED)
            raise
        if not (inspect.isgenerator(returned) or inspect.isawaitable(returned) or inspect.isasyncgen(returned)):
            sys.settrace(None)  # of those, the code runs only now
            self.message(f"{function.__qualname__} returned {shorten(returned)}")
        return returned

    def look_back_at(self, error: BaseException) -> None:
        """Stop at the learner's line that an exception came from."""
        sys.settrace(None)
        self.message("".join(traceback.format_exception_only(error)).rstrip())
        if any(self._is_shown(frame) for frame, _ in traceback.walk_tb(error.__traceback__)):
            self.reset()
            self.interaction(None, error.__traceback__)

    def leave(self, code: int) -> NoReturn:
        sys.settrace(None)
        self.exit_code = code
        raise Left

    def _is_shown(self, frame: FrameType) -> bool:
        return is_within(frame, self._theirs) and not frame.f_code.co_filename.startswith(self._hidden)

    # what pdb asks and does

    def stop_here(self, frame: FrameType) -> bool:
        return bool(super().stop_here(frame)) and self._is_shown(frame)

    def get_stack(self, f: FrameType | None, t: TracebackType | None) -> tuple[list[tuple[FrameType, int]], int]:
        stack, at = super().get_stack(f, t)
        shown = [entry for entry in stack if self._is_shown(entry[0])]
        theirs = [entry for entry in shown if entry[0].f_code.co_filename.startswith(self._theirs)]
        # After an exception: at the learner's line, not at that of a library below it.
        return shown, shown.index(theirs[-1] if f is None else stack[at])

    def user_call(self, frame: FrameType, argument_list: None) -> None:
        """Stop at the first line of a function, not once more before it."""

    def set_quit(self) -> None:
        self.leave(ExitCode.PASSED)

    def sigint_handler(self, signum: int, frame: FrameType | None) -> None:
        """Stop at the next line. Nothing is printed here: the learner's own print may be what was interrupted."""
        self._is_interrupted = True
        self.set_step()
        self.set_trace(frame)

    def interaction(self, *args: Any) -> None:
        try:
            if self._is_interrupted:
                self._is_interrupted = False
                self.message("\nInterrupted. (c: go on, Ctrl-C: leave)")
            super().interaction(*args)
        except KeyboardInterrupt:
            self.message("")
            self.leave(ExitCode.INTERRUPTED)

    def _cmdloop(self) -> None:
        self.cmdloop()


def main() -> NoReturn:
    """Do the job in the file that was named, and exit."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    job: Job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    debugger = Debugger(job)
    try:
        if job["stop_at"]:
            Debugging(job, debugger).run()
        else:
            _debug_import(job, debugger)
    except KeyboardInterrupt:
        debugger.exit_code = ExitCode.INTERRUPTED
    flush_output()
    os._exit(debugger.exit_code or 0)


def _debug_import(job: Job, debugger: Debugger) -> None:
    _let_break(debugger)
    worker.begin_session(job, Settings()).allow_imports()
    print(f"This imports {job['module']}. Ctrl-C stops it where it is.", flush=True)
    try:
        importlib.import_module(job["module"])
        print("It is imported without an error.")
    except Left:
        pass
    except BaseException as error:
        with suppress(Left):
            debugger.look_back_at(error)


class Debugging:
    """A check, in which the call number `job["stop_at"]` is debugged; what is printed before it is not shown."""

    def __init__(self, job: Job, debugger: Debugger) -> None:
        self._job = job
        self._debugger = debugger
        self._n_calls = 0
        self._requirement = ""
        self._terminal = [os.dup(fd) for fd in range(3)]
        self._plugin = Plugin()

    def run(self) -> None:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for fd in range(3):
            os.dup2(nowhere, fd)
        sys.breakpointhook = lambda *_, **__: None
        try:
            checking = worker.begin_session(self._job, Calls(worker.folders_of(self._job), self._on_call))
            self._plugin.begin(self._job, checking, self._on_event, lambda: None)
            worker.run_pytest(self._job["kata_folder"], [self._plugin])
        finally:
            self._take_terminal()

    def _take_terminal(self) -> None:
        flush_output()
        for fd, terminal in enumerate(self._terminal):
            os.dup2(terminal, fd)

    def _on_call(self, function: Function) -> Function:
        self._n_calls += 1
        if self._n_calls != self._job["stop_at"]:
            return function
        self._take_terminal()
        checking = session.current()
        whole = checking.case.text() if checking.case else ""
        print(self._requirement, textwrap.indent(whole or checking.call, "  "), sep="\n", flush=True)
        if self._job["port"]:
            return partial(_call_in_editor, self._job, self._debugger, function)
        _let_break(self._debugger)
        print(KEYS, flush=True)
        return partial(self._debugger.call, function)

    def _on_event(self, event: dict[str, Any]) -> None:
        match event["event"]:
            case "plan":
                self._requirement = event["checks"][0]["requirement"]
            case "stopped":
                raise KeyboardInterrupt
            case "check":
                self._plugin.forget_costs()
                if self._debugger.exit_code is None:
                    self._take_terminal()
                    print(*self._what_became_of(event), sep="\n")
            case "end":
                os._exit(self._debugger.exit_code or 0)

    def _what_became_of(self, result: dict[str, Any]) -> Iterator[str]:
        if self._n_calls < self._job["stop_at"]:
            yield "The call that failed was not made this time."
        if result["status"] == "passed":
            yield "The check passes."
            return
        yield f"The check: {result['message']}"
        if result.get("expected"):
            yield f"  got       {result['got']}\n  expected  {result['expected']}"


def _call_in_editor(job: Job, debugger: Debugger, function: Function, *args: Any, **kwargs: Any) -> Any:
    """Call a function of the learner's once an editor waits at its first line."""
    # What "just my code" means to debugpy, which reads this when it is imported.
    os.environ["IDE_PROJECT_ROOTS"] = os.pathsep.join(worker.folders_of(job))
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # a warning about Python's own frozen modules
    import debugpy

    port = job["port"]
    try:
        debugpy.listen(("127.0.0.1", port))
        print(f"Attach your editor to port {port} (VS Code: Start Debugging, Remote Attach).", flush=True)
        debugpy.wait_for_client()
    except RuntimeError as error:
        print(f"port {port} cannot be used ({error}). Name another: kata debug --debugpy --port PORT", file=sys.stderr)
        debugger.leave(ExitCode.MACHINE_AT_FAULT)
    except KeyboardInterrupt:
        debugger.leave(ExitCode.INTERRUPTED)
    import pydevd

    def stop_in_theirs(frame: FrameType, event: str, _: object) -> None:
        if frame.f_code.co_filename.startswith(worker.folders_of(job)):
            sys.setprofile(None)
            pydevd.settrace(stop_at_frame=frame, trace_only_current_thread=True)

    sys.breakpointhook = debugpy.breakpoint
    sys.setprofile(stop_in_theirs)
    try:
        return function(*args, **kwargs)
    finally:
        sys.setprofile(None)


def _let_break(debugger: Debugger) -> None:
    """Let `breakpoint()` and `pdb.set_trace()` of the learner's open this debugger."""

    def stop(*_: object, **__: object) -> None:
        debugger.set_trace(sys._getframe(1))

    sys.breakpointhook = pdb.set_trace = stop
