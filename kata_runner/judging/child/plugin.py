"""The pytest plugin of a worker: reports the plan, each result as it happens, and the end."""

from __future__ import annotations

import functools
import gc
import importlib
import linecache
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from kata_runner.checking.calls import Case
from kata_runner.checking.failure import CheckFailed, NotDone
from kata_runner.checking.learner import is_traced_call
from kata_runner.checking.session import CheckSession
from kata_runner.files import not_utf8
from kata_runner.judging.child import OUTPUT_MARK, guard, reference

Job = dict[str, Any]
Emit = Callable[[dict[str, Any]], None]
BREAKPOINT = "breakpoint() has no terminal in a check; it has one in the case that fails by: kata debug"
Line = dict[str, Any]  # a line of the learner's code: file, line, text


class BreakpointReached(BaseException):
    """Raised by `breakpoint()`; no `except Exception` of the learner's is in the way."""


def refuse_breakpoint(*_: object, **__: object) -> None:
    """The `sys.breakpointhook` of a worker."""
    raise BreakpointReached


class Plugin:
    """Reports the plan, each result as it happens, and the end to the judge.

    It is registered before there is a job; `begin` is called in the worker.
    """

    def __init__(self) -> None:
        self._started = 0.0
        self._faulty = False
        self._n_planned = -1
        self._n_done = 0
        self._tampered = ""
        self._background: guard.Guard | None = None
        self._measured: list[reference.Measured] = []
        self._n_passed = 0
        self._n_failed = 0

    def begin(self, job: Job, checking: CheckSession, emit: Emit, wait_for_go: Callable[[], None]) -> None:
        """Take over a job. wait_for_go: returns when the learner's files may be read."""
        from _pytest.outcomes import OutcomeException
        from _pytest.reports import TestReport

        self._job = job
        self._checking = checking
        assert checking.settings is not None
        self._settings = checking.settings
        self._emit = emit
        self._wait_for_go = wait_for_go
        self._folders = tuple(f"{p}{os.sep}" for p in (job["folder"], *job["import_paths"]))
        # Kept from before the learner's code is imported.
        self._exit_now = os._exit
        self._report_type: Any = TestReport
        self._outcome_exception = OutcomeException

    def forget_costs(self) -> None:
        """Let nothing that was measured so far be measured again, beside the reference."""
        self._measured.clear()

    # pytest's hooks

    def pytest_collection(self, session: Any) -> bool:
        import pytest

        module = pytest.Module.from_parent(session, path=Path(self._job["hidden_test"]))
        items = list(session.genitems(module))
        only = self._job["only"]
        session.items = items if only is None else [item for item in items if item.name in only]
        session.testscollected = len(session.items)
        self._plan(session.items)
        return True

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self._faulty:
            self._faulty = True
            self._emit({"event": "fault", "message": _last_line(str(report.longrepr))})

    def _plan(self, items: list[Any]) -> None:
        if self._job.get("order_seed") is not None:
            import random

            random.Random(self._job["order_seed"]).shuffle(items)
        checks = [self._planned(item) for item in items]
        self._emit({"event": "plan", "checks": checks})

    def pytest_runtestloop(self, session: Any) -> bool | None:
        if self._faulty:
            self._emit_end()
            return True
        self._guard = guard.Guard(guard.judge_modules())
        if session.items:
            self._guard.watch("hidden_test", vars(session.items[0].module))
        guard.watch_run(self._guard, session, self)
        self._guard.watch_object("checking.session", self._checking)
        self._background = guard.Guard(guard.background_modules())
        self._background.watch_object("the judge's guard", self._guard, list(vars(self._guard)))
        self._n_planned = len(session.items)
        # What exists now stays: looking for garbage in it would take longer than many checks do.
        gc.freeze()
        gc.enable()
        self._settings.begin()
        self._wait_for_go()
        os.chdir(self._job["folder"])
        self._emit({"event": "importing"})
        _seed_everything(self._job["seed"])
        if not self._import_answer():
            self._emit_end()
            return True
        self._settings.put_back()
        self._emit({"event": "imported"})
        return None

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._checking.begin_check()
        self._settings.put_back()
        self._enter_folder()
        _seed_everything(self._job["seed"])
        name = nodeid.split("::", 1)[-1]
        _mark_output(name)
        self._started = time.perf_counter()
        self._emit({"event": "start", "name": name})

    def pytest_runtest_makereport(self, item: Any, call: Any) -> Any:
        """Report the result to the judge; the report for pytest is kept minimal, since nobody reads it."""
        self._report(item, call)
        outcome = "failed" if call.excinfo else "passed"
        return self._report_type(item.nodeid, item.location, {}, outcome, None, call.when, duration=call.duration)

    def _report(self, item: Any, call: Any) -> None:
        if call.when == "teardown" or (call.when == "setup" and call.excinfo is None):
            return
        duration_s = time.perf_counter() - self._started
        result = {"status": "passed"} if call.excinfo is None else self._explain(call.excinfo.value, call.excinfo.tb)
        self._tampered = self._tampered or self._guard.replaced()
        if self._tampered:
            result = {"status": "broke", "message": f"your code replaced {self._tampered}, which the verdict rests on"}
        self._n_done += 1
        if result["status"] == "passed":
            self._n_passed += 1
            self._note_costs(item, duration_s)
        self._emit({"event": "check", "name": item.name, "duration_s": duration_s, **result})

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        plt = sys.modules.get("matplotlib.pyplot")
        if plt is not None and plt.get_fignums():
            plt.close("all")

    def pytest_keyboard_interrupt(self, excinfo: Any) -> None:
        kind = type(excinfo.value).__name__
        what = {"Exit": "pytest.exit", "KeyboardInterrupt": "KeyboardInterrupt"}.get(kind, kind)
        where = self._line_of(excinfo.value.__traceback__)
        self._emit({"event": "stopped", "message": f"your code stopped the run ({what})", "where": where})

    def pytest_sessionfinish(self, session: Any) -> None:
        if self._n_planned == self._n_done:
            self._emit_end()
            self._exit_now(0)  # what pytest would still do is of no use to anybody

    # what is reported

    def _enter_folder(self) -> None:
        try:
            os.chdir(self._job["folder"])
        except OSError:
            message = "your code deleted the folder that it ran in, a copy; your own files are as you left them"
            self._emit({"event": "stopped", "message": message, "where": None})
            os._exit(72)

    def _planned(self, item: Any) -> dict[str, Any]:
        import inspect

        text = inspect.getdoc(item.function) or item.name.removeprefix("test_").replace("_", " ")
        requirement = " ".join(text.split("\n\n")[0].split())
        part = getattr(item.function, "kata_part", "")
        edges_line = item.module.__dict__.get("kata_edges_line", sys.maxsize)
        is_edge = item.function.__code__.co_firstlineno > edges_line
        return {"name": item.name, "requirement": requirement, "part": part, "is_edge": is_edge}

    def _note_costs(self, item: Any, duration_s: float) -> None:
        if self._checking.costs:
            given = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}
            again = functools.partial(item.function, **given)
            self._measured.append(reference.Measured(again, duration_s, self._checking.costs))

    def _emit_end(self) -> None:
        self._tampered = self._tampered or (self._background.replaced() if self._background else "")
        is_passed = not self._tampered and self._n_passed == self._n_planned
        cost = reference.beside_the_reference(self._job, self._checking, self._measured) if is_passed else ""
        flush_output()
        os.closerange(1, 3)  # so that the judge need not wait for this process to end
        self._emit(
            {
                "event": "end",
                "notes": list(self._checking.notes),
                "pictures": [str(path) for path in self._checking.pictures],
                "tampered": self._tampered,
                "cost": cost,
            }
        )

    def _import_answer(self) -> bool:
        """Import the learner's module; say what is wrong with it when that fails."""
        self._checking.allow_imports()
        module = self._job["module"]
        if not module:
            return True
        try:
            importlib.import_module(module)
            return True
        except SystemExit as error:
            message = f"your code ended the program while it was imported (sys.exit({error.code!r}))"
            where = self._line_of(error.__traceback__)
        except (SyntaxError, ValueError) as error:
            if message := self._badly_saved(error):
                where = None
            elif isinstance(error, SyntaxError):
                message, where = self._syntax_error(error)
            else:
                message, where = self._import_error(error)
        except BaseException as error:
            message, where = self._import_error(error)
        self._emit({"event": "import_failed", "message": message, "where": where})
        return False

    def _syntax_error(self, error: SyntaxError) -> tuple[str, Line | None]:
        file = error.filename or ""
        message = f"{os.path.basename(file) or 'your file'} is not valid Python: {error.msg}"
        if not file.startswith(self._folders):
            return message, self._line_of(error.__traceback__)
        where = {"file": self._relative(file), "line": error.lineno or 0, "text": (error.text or "").strip()}
        return message, where | _pointing(error)

    def _badly_saved(self, error: SyntaxError | ValueError) -> str:
        """What is wrong with the bytes of a file that could not be read; "" when that is not the error."""
        if not re.search("null byte|codec|encoding|UTF-8", str(error)):
            return ""
        file = getattr(error, "filename", None) or self._job["modules"][self._job["module"]]
        try:
            problem = not_utf8(Path(file).read_bytes())
        except OSError:
            return ""
        return f"{os.path.basename(file)} {problem}" if problem else ""

    def _import_error(self, error: BaseException) -> tuple[str, Line | None]:
        where = self._line_of(error.__traceback__)
        if _is_breakpoint(error):
            return BREAKPOINT, where
        if isinstance(error, ModuleNotFoundError) and error.name == self._job["module"]:
            file = os.path.basename(self._job["modules"][error.name])
            return f"there is no file {file} in the kata's folder; `kata reset` brings the stub back", None
        if isinstance(error, ModuleNotFoundError) and error.name:
            return f"your code imports {error.name}, which is not installed", where
        return f"importing your code raised {_in_words(error)}", where

    def _explain(self, error: BaseException, tb: TracebackType | None) -> dict[str, Any]:
        """Say what a raised exception means for the learner."""
        result: dict[str, Any] = {"call": self._checking.call.strip(), "where": self._line_of(tb)}
        case = self._checking.case
        if isinstance(error, CheckFailed):
            case = error.case
            result |= {"status": "failed", "message": error.message, "call": error.call.strip(), "got": error.got}
            result["expected"] = error.expected
            result["where"] = result["where"] or (error.line and self._line_at(*error.line))
        else:
            result["status"], result["message"] = self._meaning(error, list(_frames(tb)))
        return result | self._whole(case, result) if case else result

    def _whole(self, case: Case, result: dict[str, Any]) -> dict[str, str]:
        """The case in which a check failed, where there is something to see in it: as a text, or else as a file.

        There is one file: for the first check that fails, which is the one that is shown.
        """
        if result["status"] != "failed":
            return {}
        self._n_failed += 1
        if text := case.text():
            return {"case": text}
        if self._n_failed > 1:
            return {}
        told = [result["message"], *(f"{key}: {result[key]}" for key in ("got", "expected") if result.get(key))]
        return {"case_file": case.write(Path(self._job["folder"]), told, self._other_folders())}

    def _other_folders(self) -> list[str]:
        """Where, outside of the learner's folder, modules are found when they run the case by themselves."""
        folder, answer = self._job["folder"], self._job["modules"].get(self._job["module"], "")
        built = [] if answer.endswith(".py") else [os.path.dirname(answer)]
        return built + [os.path.join(os.path.dirname(folder), os.path.basename(p)) for p in self._job["import_paths"]]

    def _meaning(self, error: BaseException, frames: Sequence[tuple[FrameType, int]]) -> tuple[str, str]:
        """The status and the message for an exception that is not the finding of a check."""
        if _is_breakpoint(error):
            return "failed", BREAKPOINT
        is_from_theirs = self._passes_through_theirs(frames[-1:])
        if isinstance(error, NotDone) or (isinstance(error, NotImplementedError) and is_from_theirs):
            return "todo", str(error) or "not written yet"
        if isinstance(error, SystemExit):
            return "broke", f"your code called sys.exit({error.code!r})"
        if isinstance(error, MemoryError):
            return "broke", f"ran out of memory; {self._job['memory_mb']} MB are allowed"
        if isinstance(error, self._outcome_exception):
            kind = type(error).__name__
            if kind == "Failed" and not any(self._is_theirs(f.f_code.co_filename) for f, _ in frames):
                return "failed", str(error)
            word = {"Skipped": "skip", "Failed": "fail", "XFailed": "xfail"}.get(kind, kind)
            return "broke", f"your code called pytest.{word}; a check cannot be skipped"
        if self._passes_through_theirs(frames):
            return "failed", f"{self._checking.function or 'your code'} raised {_in_words(error)}"
        if isinstance(error, AssertionError) and str(error):
            return "failed", str(error)
        line = next((n for f, n in reversed(frames) if f.f_code.co_filename == self._job["hidden_test"]), 0)
        changed = f"; your code has changed {', '.join(self._settings.changed)}" if self._settings.changed else ""
        return "fault", f"hidden_test.py line {line}, {_in_words(error)}{changed}"

    def _passes_through_theirs(self, frames: Sequence[tuple[FrameType, int]]) -> bool:
        return any(self._is_theirs(frame.f_code.co_filename) for frame, _ in frames) or _raised_by_call(frames)

    def _is_theirs(self, file: str) -> bool:
        # Cython names its source as the compiler was given it, without a folder.
        is_bare = bool(file) and os.path.basename(file) == file and not file.startswith("<")
        return file.startswith(self._folders) or (is_bare and os.path.isfile(os.path.join(self._job["folder"], file)))

    def _line_of(self, tb: TracebackType | None) -> Line | None:
        """The innermost line of the learner's code in a traceback."""
        lines = (self._line_at(frame.f_code.co_filename, line) for frame, line in reversed(list(_frames(tb))))
        return next((line for line in lines if line), None)

    def _line_at(self, file: str, line: int) -> Line | None:
        """A line of a file, if that is the learner's."""
        if not self._is_theirs(file):
            return None
        file = os.path.join(self._job["folder"], file)
        return {"file": self._relative(file), "line": line, "text": linecache.getline(file, line).strip()}

    def _relative(self, file: str) -> str:
        for folder in self._folders:
            if file.startswith(folder):
                return file.removeprefix(folder)
        return os.path.basename(file)


def _pointing(error: SyntaxError) -> dict[str, str]:
    """The line of a syntax error, cut to what fits a screen, and a caret under the place."""
    line = (error.text or "").rstrip()
    indent = len(line) - len(line.lstrip())
    start = 0 if isinstance(error, IndentationError) else max(0, (error.offset or 1) - 1 - indent)
    width = (error.end_offset or 0) - (error.offset or 0) if error.end_lineno == error.lineno else 1
    first = indent + max(0, start - 40)
    caret = " " * min(start, 40) + "^" * max(1, min(width, 20))
    return {"text": line[first : first + 62], "caret": caret if line else ""}


def _frames(tb: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while tb is not None:
        yield tb.tb_frame, tb.tb_lineno
        tb = tb.tb_next


def _raised_by_call(frames: Sequence[tuple[FrameType, int]]) -> bool:
    """Whether the exception came out of the learner's function without a Python frame of it.

    A wrong number of arguments does so, and whatever a compiled module raises.
    """
    return bool(frames) and is_traced_call(frames[-1][0].f_code)


def _is_breakpoint(error: BaseException) -> bool:
    return isinstance(error, BreakpointReached) or type(error).__name__ == "BdbQuit"  # the latter by pdb.set_trace()


def _in_words(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except BaseException:
        text = ""
    if isinstance(error, RecursionError):
        text = "it calls itself without end"
    if isinstance(error, EOFError) and "reading a line" in text:
        text = "there is no keyboard in a check; take what you need as arguments"
    shown = text if len(text) <= 300 else f"{text[:299]}…"
    return f"{type(error).__name__}: {shown}" if shown else type(error).__name__


def flush_output() -> None:
    """Write out what was printed so far."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()


def _mark_output(name: str) -> None:
    """Write into the output that a check begins: see `verdict.printed`."""
    flush_output()
    with suppress(OSError):  # the learner's code has closed it
        os.write(1, f"{OUTPUT_MARK}{name}\n".encode())


def _seed_everything(seed: int) -> None:
    """Seed all generators as in a new process: forks of one parent would share its state of them."""
    import random

    random.seed(seed)
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)
        torch.set_num_threads(1)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (errors or lines or ["it could not be read"])[-1]
