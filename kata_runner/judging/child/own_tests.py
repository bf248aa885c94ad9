"""The child of `kata test`: runs the learner's own tests, each answer that they meet in a process of its own.

The sources of an answer that is ours come with the job, and are compiled and dropped before the tests are imported.
To whoever asks for its source, a module looks as if it were the learner's own. Processes that it starts import it from
a folder, which is as closed to the tests as the catalogue is.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NoReturn

from kata_runner.checking import session as checking
from kata_runner.checking.settings import Settings
from kata_runner.judging.child import guard, parent, worker
from kata_runner.judging.child.plugin import Emit, Job, _last_line, _seed_everything, flush_output, refuse_breakpoint

# Plugins of pytest that cost time or would write into the folder; its assertions, fixtures and captures are there.
UNNEEDED = (
    *("cacheprovider", "terminal", "junitxml", "pastebin", "doctest", "stepwise", "setuponly", "setupplan"),
    *("faulthandler", "threadexception", "unraisableexception", "debugging", "legacypath"),
)
STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")
READS = ("open", "os.listdir", "os.scandir", *STARTS)
N_LINES = 8  # of pytest's message


def main(control_fd: int) -> NoReturn:
    """Serve runs on the control socket until it is closed."""
    parent.main(control_fd, Server)


class Server(parent.Parent):
    """Forks workers from inside a pytest that has its assertions, and was started for the kata at hand."""

    def _serve_inside(self, first: parent.Request) -> None:
        self._kata_folder = first.job["kata_folder"]
        host = Host(self)
        os.chdir(os.sep)
        unneeded = [arg for name in UNNEEDED for arg in ("-p", f"no:{name}")]
        where = ["-c", os.devnull, "--rootdir", self._kata_folder, "--noconftest", "--import-mode=importlib"]
        how = ["--capture=sys", "-o", "addopts=", "-o", "xfail_strict=true"]
        try:
            import pytest

            pytest.main([*where, *how, *unneeded], plugins=[host])
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            if host.is_worker:
                flush_output()
                os._exit(0)
        self._kata_folder = ""


class Host:
    """The pytest plugin from which the server serves; in a worker it collects the tests and reports them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.is_worker = False

    def pytest_collection(self, session: Any) -> bool:
        try:
            self._server.serve()
        except parent.Forked as forked:
            self.is_worker = True
            collect(forked.job, session)
        return True

    def pytest_runtestloop(self) -> bool | None:
        return None if self.is_worker else True


class AnswerFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of an answer that is not the learner's."""

    def __init__(self, sources: dict[str, str], folder: str) -> None:
        self._codes: dict[str, CodeType] = {}
        for name, source in sources.items():
            self._codes[name] = compile(source, os.path.join(folder, f"{name}.py"), "exec", dont_inherit=True)

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._codes:
            return None
        file = self._codes[fullname].co_filename
        spec = importlib.util.spec_from_loader(fullname, self, origin=file)
        assert spec is not None
        spec.has_location = True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        exec(self._codes[module.__name__], vars(module))


def collect(job: Job, session: Any) -> None:
    """Make this process ready for the tests in the file `job["test"]`, and collect them."""
    import pytest

    emit = worker.make_emit(parent.EVENT_FD, job["secret"], worker.folders_of(job))
    wait = worker._wait_for_go(parent.EVENT_FD)
    del job["secret"]
    sys.breakpointhook = refuse_breakpoint
    worker.limit_memory(job["memory_mb"])
    worker._dump_stack_on_request()
    wait()
    worker.begin_session(job, Settings())
    checking.current().allow_imports()
    if sources := job.pop("sources"):
        sys.meta_path.insert(0, AnswerFinder(sources, job["folder"]))
        del sources
        sys.path.insert(0, job["answer"])
    close(job["closed"])
    _seed_everything(0)
    reporter = Reporter(job, emit)
    session.config.pluginmanager.register(reporter)
    emit({"event": "importing"})
    module = pytest.Module.from_parent(session, path=Path(job["test"]))
    session.items = list(session.genitems(module))
    session.testscollected = len(session.items)
    reporter.begin(session)


def close(folders: Sequence[str]) -> None:
    """Refuse to read these folders, which hold the answers, from now on."""
    inside = [folder + os.sep for folder in folders]

    def look(event: str, args: tuple[Any, ...]) -> None:
        if event not in READS:
            return
        texts = [os.fsdecode(arg) for arg in _flat(args) if isinstance(arg, str | bytes | os.PathLike)]
        if event not in STARTS:
            texts = [os.path.realpath(text) for text in texts[:1]]
        if any(folder in f"{text}{os.sep}" for text in texts for folder in inside):
            raise PermissionError("the answers are closed to tests")

    sys.addaudithook(look)


def _flat(args: Sequence[Any]) -> list[Any]:
    return [inner for arg in args for inner in (arg if isinstance(arg, list | tuple) else [arg])]


class Reporter:
    """The pytest plugin that reports the tests, each result, and the end."""

    def __init__(self, job: Job, emit: Emit) -> None:
        self._test = job["test"]
        self._emit = emit
        self._results: dict[str, dict[str, Any]] = {}

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            text = str(report.longrepr)
            at = re.search(rf"{re.escape(os.path.basename(self._test))}:(\d+)", text)
            self._emit({"event": "import_failed", "message": _last_line(text), "line": int(at[1]) if at else 0})

    def begin(self, session: Any) -> None:
        """Report what was collected."""
        self._guard = guard.Guard(guard.judge_modules())
        guard.watch_run(self._guard, session, self)
        self._emit({"event": "imported"})
        self._emit({"event": "plan", "checks": [{"name": _name(item.nodeid)} for item in session.items]})

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._emit({"event": "start", "name": _name(nodeid)})

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note what a test came to: failed when its set-up, its call or its end did."""
        name = _name(report.nodeid)
        result = self._results.setdefault(name, {"event": "check", "name": name, "status": "passed"})
        if report.failed and result["status"] != "failed":
            result |= {"status": "failed", **self._told(report)}
        elif report.skipped and result["status"] == "passed":
            result["status"] = "skipped"
        if report.when == "teardown":
            self._emit(result)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        flush_output()
        replaced = self._guard.replaced() if hasattr(self, "_guard") else ""
        self._emit({"event": "end", "exit": int(exitstatus), "tampered": replaced})
        os._exit(0)

    def _told(self, report: Any) -> dict[str, Any]:
        """pytest's message, and the line of the tests that it is about."""
        longrepr = report.longrepr
        crash = getattr(longrepr, "reprcrash", None)
        text = crash.message if crash else str(longrepr)
        lines = [line.rstrip() for line in text.splitlines() if line.strip()]
        line = 0
        entries = getattr(getattr(longrepr, "reprtraceback", None), "reprentries", ())
        for entry in entries:
            at = getattr(entry, "reprfileloc", None)
            if at is not None and os.path.basename(at.path) == os.path.basename(self._test):
                line = at.lineno
        source = ""
        with suppress(OSError, IndexError, UnicodeDecodeError):
            source = Path(self._test).read_text(encoding="utf-8").splitlines()[line - 1].strip() if line else ""
        return {"message": "\n".join(lines[:N_LINES]) or "failed", "line": line, "source": source}


def _name(nodeid: str) -> str:
    """A test without its file, which is outside of pytest's root and named in full or not at all."""
    return nodeid.partition(".py::")[2] or nodeid
