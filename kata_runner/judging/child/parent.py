"""Runs inside the child: forks a worker per check, which loads pytest and our plugin and writes the event lines.

The child itself never imports a line of the learner's code: it imports what checks need, forks, waits, and cleans
up, so that it outlives whatever a worker does. Every event line of a worker starts with a secret that the judge
gave it; see docs/design.md, "The judge".
"""

from __future__ import annotations

import builtins
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import linecache
import operator
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType, TracebackType
from typing import Any, NoReturn

Job = dict[str, Any]
Emit = Callable[[dict[str, Any]], None]

# Parts of pytest that a hidden test does not need; each costs start-up time.
UNNEEDED = [
    *("cacheprovider", "terminal", "logging", "junitxml", "pastebin", "doctest", "unittest", "stepwise", "setuponly"),
    *("setupplan", "warnings", "faulthandler", "threadexception", "unraisableexception", "debugging", "legacypath"),
    *("subtests", "capture", "assertion", "skipping"),
]
# Packages that start threads when they are imported, which a fork does not take along: each worker imports them itself.
WITH_THREADS = ("dockerfile",)  # its runtime is Go's
# Parts of pytest that have done their work once the checks begin.
OF_THE_START = ("_pytest.config.", "_pytest.mark", "_pytest._io", "_pytest.assertion", "_pytest.terminal",
                "_pytest.capture", "_pytest.hookspec", "_pytest.helpconfig", "_pytest.debugging")  # fmt: skip
HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a `class` statement
EVENT_FD = 198  # out of the way of whatever the learner's code opens or closes in passing


# --- the child: a parent of workers ------------------------------------------------------------------------------


def main(control_fd: int) -> NoReturn:
    """Serve jobs on the control socket until it is closed."""
    # What is imported stays: looking for garbage in it would take a tenth of the time.
    gc.disable()
    control = socket.socket(fileno=control_fd)
    _adopt_orphans()
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    os.set_blocking(wake_read, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the judge decides when a check ends
    import_tools()
    watch_ahead()
    gc.freeze()
    Parent(control, (wake_read, wake_write)).run()


def import_tools() -> None:
    """Import what every worker needs, before the fork."""
    # For what the learner's code starts; set only now, so that byte code of our own modules is written and used.
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    import faulthandler  # noqa: F401

    from kata_runner.judging.child import slim_pytest as lean

    lean.import_pytest()
    with _suppress(ImportError):  # Windows
        import resource  # noqa: F401

    import pytest

    import kata_runner.checking  # noqa: F401

    pytest.hookimpl(trylast=True)(Plugin.pytest_sessionfinish)
    for plugin in (Plugin, Host):
        pytest.hookimpl(tryfirst=True)(plugin.pytest_collection)


class Connection:
    """One judge that speaks to the child, and the workers that it asked for."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.buffer = b""
        self.fds: list[int] = []
        self.workers: dict[int, int] = {}  # number of the run -> process id

    def send(self, message: dict[str, Any]) -> None:
        # A judge that is gone is noticed when its socket is read next.
        with _suppress(OSError):
            self.sock.sendall(json.dumps(message).encode() + b"\n")


class Order:
    """A job for a worker, and the descriptors that the worker writes to."""

    def __init__(self, connection: Connection, job: Job, event_fd: int, output_fd: int) -> None:
        self.connection = connection
        self.job = job
        self.event_fd = event_fd
        self.output_fd = output_fd

    def close(self) -> None:
        os.close(self.event_fd)
        os.close(self.output_fd)


class Work(BaseException):
    """Takes a new worker out of what its parent was doing, to where a worker's own part begins."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job


class Parent:
    """Forks workers for its connections, reports their end, and leaves no process behind.

    It serves from inside pytest, started for the kata at hand and about to collect: a worker goes on from there, and
    need not go through pytest's start itself. For another kata, pytest is left and started anew.
    """

    def __init__(self, control: socket.socket, wake: tuple[int, int]) -> None:
        self.control = control
        self.wake = wake
        self.connections = {control: Connection(control)}
        self._kata_folder = ""  # the one that pytest was started for, "" outside of pytest
        self._n_starts = 0
        self._waiting: list[Order] = []  # for pytest to be started for their kata

    def run(self) -> NoReturn:
        """Serve until the control socket is closed."""
        while True:
            self.serve()
            self._serve_inside(self._waiting[0].job["kata_folder"])

    def _serve_inside(self, kata_folder: str) -> None:
        if self._n_starts:
            # What the last start of pytest has left is garbage by now, and no worker should carry it along.
            gc.unfreeze()
            gc.collect()
        self._n_starts += 1
        self._kata_folder = kata_folder
        plugin = Plugin()
        host = Host(self, plugin)
        try:
            run_pytest(kata_folder, [plugin, host])  # the last one is asked first
        except Exception:
            import traceback

            traceback.print_exc()
        finally:
            if host.is_worker:
                _flush_output()
                os._exit(0)
        self._kata_folder = ""
        if not host.has_served:  # pytest has told why
            self._refuse(order for order in self._waiting if order.job["kata_folder"] == kata_folder)

    def serve(self) -> None:
        """Serve until a job needs pytest to be started for another kata; end when the control socket is closed.

        Raises Work in a worker, which has everything that is ours behind it.
        """
        waiting, self._waiting = self._waiting, []
        for order in waiting:
            self._begin(order)
        while self.control in self.connections and not self._waiting:
            sources: list[Any] = [*self.connections, self.wake[0]]
            ready = select.select(sources, [], [])[0]
            for source in ready:
                if source == self.wake[0]:
                    with _suppress(BlockingIOError):
                        os.read(self.wake[0], 4096)
                else:
                    self._read(self.connections[source])
            self._reap()
        if self.control not in self.connections:
            self._kill_leftovers()
            os._exit(0)  # nothing is left to be taken apart in order

    def _read(self, connection: Connection) -> None:
        try:
            data, fds, _, _ = socket.recv_fds(connection.sock, 65536, 8)
        except OSError:
            data, fds = b"", []
        connection.fds += fds
        if not data:
            self._drop(connection)
            return
        connection.buffer += data
        while b"\n" in connection.buffer:
            line, _, connection.buffer = connection.buffer.partition(b"\n")
            self._obey(connection, json.loads(line))

    def _drop(self, connection: Connection) -> None:
        """The judge is gone: so are its workers."""
        for pid in connection.workers.values():
            _kill_session(pid)
        for fd in connection.fds:
            os.close(fd)
        self._refuse(order for order in self._waiting if order.connection is connection)
        del self.connections[connection.sock]
        connection.sock.close()

    def _obey(self, connection: Connection, message: dict[str, Any]) -> None:
        match message["do"]:
            case "run":
                event_fd, output_fd = connection.fds[:2]
                del connection.fds[:2]
                self._begin(Order(connection, message, event_fd, output_fd))
            case "kill":
                if pid := connection.workers.get(message["run"]):
                    _kill_session(pid)
                same = (o for o in self._waiting if (o.connection, o.job["run"]) == (connection, message["run"]))
                self._refuse(same)
            case "dump":
                if (pid := connection.workers.get(message["run"])) and hasattr(signal, "SIGUSR1"):
                    with _suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGUSR1)
            case "preload":
                connection.send({"preloaded": _preload(message["modules"])})

    def _begin(self, order: Order) -> None:
        """Fork a worker, or keep the order until pytest is started for its kata; first come, first served."""
        if self._waiting or order.job["kata_folder"] != self._kata_folder:
            self._waiting.append(order)
            return
        pid = os.fork()
        if pid == 0:
            self._become_worker(order)
        order.close()
        order.connection.workers[order.job["run"]] = pid

    def _refuse(self, orders: Iterable[Order]) -> None:
        """Report orders as ended that were never begun."""
        for order in list(orders):
            self._waiting.remove(order)
            order.close()
            order.connection.send({"ended": 70, "run": order.job["run"]})

    def _become_worker(self, order: Order) -> NoReturn:
        try:
            event_fd, output_fd = order.event_fd, order.output_fd
            _die_with_parent()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.setsid()
            nowhere = os.open(os.devnull, os.O_RDONLY)
            for source, target in ((nowhere, 0), (output_fd, 1), (output_fd, 2), (event_fd, EVENT_FD)):
                os.dup2(source, target, inheritable=target < 3)
            keep = {0, 1, 2, EVENT_FD}
            known = [*(s.fileno() for s in self.connections), *self.wake, nowhere, output_fd, event_fd]
            known += [fd for c in self.connections.values() for fd in c.fds]
            known += [fd for other in self._waiting for fd in (other.event_fd, other.output_fd)]
            for fd in known:
                if fd not in keep:
                    os.close(fd)
            # Python objects of closed sockets must not close descriptors that the learner's code opens later.
            for sock in self.connections:
                sock.detach()
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(70)
        raise Work(order.job)

    def _reap(self) -> None:
        """Report the workers that have ended, then kill what they left behind."""
        ended = False
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            for connection in self.connections.values():
                for run, worker in list(connection.workers.items()):
                    if worker == pid:
                        del connection.workers[run]
                        _kill_session(pid)
                        self._kill_leftovers()
                        ended = True
                        code = os.waitstatus_to_exitcode(status)
                        connection.send({"ended": code, "run": run})
        if ended:
            self._kill_leftovers()

    def _kill_leftovers(self) -> None:
        """Kill processes that left a worker's session: being subreaper, we have become their parent."""
        for _ in range(50):  # each round brings the children of those killed before
            workers = {pid for c in self.connections.values() for pid in c.workers.values()}
            strays = [pid for pid in _children() if pid not in workers]
            if not strays:
                return
            for pid in strays:
                with _suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
                with _suppress(ChildProcessError):
                    os.waitpid(pid, 0)


class Host:
    """The plugin that the parent serves from: pytest has started and would now collect."""

    def __init__(self, parent: Parent, plugin: Plugin) -> None:
        self._parent = parent
        self._plugin = plugin  # which has no job until we are a worker
        self.has_served = False
        self.is_worker = False

    def pytest_collection(self, session: Any) -> bool:
        self.has_served = True
        gc.freeze()
        try:
            self._parent.serve()
        except Work as work:
            job = work.job
        else:
            return True
        self.is_worker = True
        try:
            prepare(self._plugin, job, EVENT_FD)
            return self._plugin.pytest_collection(session)
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(70)

    def pytest_runtestloop(self) -> bool | None:
        return None if self.is_worker else True


class _suppress:
    """contextlib.suppress, without its import."""

    def __init__(self, *errors: type[BaseException]) -> None:
        self.errors = errors

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, self.errors)


def _adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies (Linux), so that none escapes."""
    if sys.platform == "linux":
        import ctypes

        PR_SET_CHILD_SUBREAPER = 36
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _die_with_parent() -> None:
    """Let a killed child take its workers along (Linux): nobody else would end what the learner's code does."""
    if sys.platform == "linux":
        import ctypes

        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def _children() -> list[int]:
    """Process ids of our children, those adopted among them."""
    try:
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        return [int(pid) for pid in listed.split()]
    except OSError:
        import psutil

        return [child.pid for child in psutil.Process().children()]


def _kill_session(pid: int) -> None:
    with _suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with _suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _preload(modules: Iterable[str]) -> list[str]:
    """Import modules before workers are forked; gives those that could be imported."""
    loaded = _import(name for name in modules if name.partition(".")[0] not in WITH_THREADS)
    watch_ahead()
    gc.collect()
    _give_back_memory()
    gc.freeze()
    return loaded


def _import(modules: Iterable[str]) -> list[str]:
    loaded = []
    for name in modules:
        with _suppress(Exception):
            importlib.import_module(name)
            loaded.append(name)
    return loaded


def _give_back_memory() -> None:
    """Hand what imports have used in passing back to the system (glibc keeps it): every worker is a copy."""
    if sys.platform == "linux":
        import ctypes

        with _suppress(AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


# --- without fork: one child, one job ----------------------------------------------------------------------------


def main_once() -> NoReturn:
    """Read one job from standard input, connect to the judge's port for events, and be the worker."""
    job: Job = json.loads(sys.stdin.buffer.readline())
    import_tools()
    events = socket.create_connection(("127.0.0.1", job["port"]))
    fd = events.detach()
    with open(os.devnull) as nowhere:
        os.dup2(nowhere.fileno(), 0)
    if hasattr(os, "setsid") and os.getpid() != os.getpgrp():
        os.setsid()
    code = 70
    try:
        plugin = Plugin()
        prepare(plugin, job, fd)
        run_pytest(job["kata_folder"], [plugin])
        _flush_output()
        code = 0
    finally:
        os._exit(code)


# --- the worker --------------------------------------------------------------------------------------------------


def prepare(plugin: Plugin, job: Job, event_fd: int) -> None:
    """Make this process ready for one submission, and give the plugin its job."""
    emit = make_emit(event_fd, job["secret"])
    del job["secret"]
    folder = Path(job["folder"])
    os.chdir(folder)
    sys.argv = ["kata"]
    sys.dont_write_bytecode = True
    _limit_memory(job["memory_mb"])
    _dump_stack_on_request()
    _import(job["preloads"])  # so that an answer finds the same modules loaded in every child
    breaches = install_importer(job)
    begin_checking(job)
    plugin.begin(job, emit, _go_from(event_fd), breaches)


def make_emit(fd: int, secret: str) -> Emit:
    """A writer of event lines; it holds all it needs, so that code replaced later does not reach it."""
    encode = json.JSONEncoder(ensure_ascii=True).encode
    write, exit_now = (socket.socket(fileno=fd).send if os.name == "nt" else None), os._exit
    os_write = os.write

    def emit(event: dict[str, Any]) -> None:
        # The leading line break ends whatever somebody else has written to this descriptor.
        rest = f"\n{secret} {encode(event)}\n".encode()
        try:
            while rest:
                rest = rest[write(rest) if write else os_write(fd, rest) :]
        except OSError:
            exit_now(71)  # the judge sees that the end line is missing

    return emit


def make_let_go() -> Callable[[], None]:
    """Ends this process's output: whoever reads it then knows that there is no more, and need not wait for our end."""
    flush, open_, dup2, nowhere, write_only = _flush_output, os.open, os.dup2, os.devnull, os.O_WRONLY

    def let_go() -> None:
        flush()
        with _suppress(Exception):
            target = open_(nowhere, write_only)
            dup2(target, 1)
            dup2(target, 2)

    return let_go


def _go_from(fd: int) -> Callable[[], None]:
    """A wait for the judge's word to begin; what is done before it does not depend on the learner's files."""
    read, exit_now = os.read, os._exit

    def wait() -> None:
        if os.name == "nt":
            return
        if not read(fd, 1):
            exit_now(0)

    return wait


def _limit_memory(limit_mb: int) -> None:
    try:
        import resource
    except ImportError:
        return
    used = 0
    with _suppress(OSError, ValueError):
        status = Path("/proc/self/status").read_text()
        used = int(status.split("VmData:")[1].split()[0]) * 1024
    limit = used + limit_mb * 1_000_000
    with _suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _dump_stack_on_request() -> None:
    """Show the stack on a crash, and when the judge asks for it before it ends a run that hangs."""
    import faulthandler

    faulthandler.enable(file=2, all_threads=False)
    if hasattr(faulthandler, "register"):
        faulthandler.register(signal.SIGUSR1, file=2, all_threads=False)


def _seed_everything(seed: int) -> None:
    """Forks of one parent would all draw the same numbers, or other ones each time: seed as a cold run does."""
    import random

    random.seed(seed)
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)
        torch.set_num_threads(1)


def begin_checking(job: Job) -> None:
    from kata_runner.checking.session import CheckSession, begin

    begin(
        CheckSession(
            folder=Path(job["folder"]),
            seed=job["seed"],
            module_files={name: Path(path) for name, path in job["modules"].items()},
            import_paths=[Path(path) for path in job["import_paths"]],
            imports_allowed=False,
        )
    )


def run_pytest(kata_folder: str, plugins: Sequence[Plugin | Host]) -> None:
    """Start pytest for the hidden test in a folder; the plugins' own `pytest_collection` says what is collected."""
    import pytest

    os.chdir(os.sep)  # pytest goes back to where it was started, and other folders may be gone by then
    unneeded = [arg for name in UNNEEDED for arg in ("-p", f"no:{name}")]
    where = ["-c", os.devnull, "--rootdir", kata_folder, "--confcutdir", kata_folder, "--noconftest"]
    how = ["--import-mode=importlib", "-o", "addopts="]
    pytest.main([*where, *how, *unneeded], plugins=plugins)


def _flush_output() -> None:
    for stream in (sys.stdout, sys.stderr):
        with _suppress(Exception):
            stream.flush()


# --- the learner's modules ---------------------------------------------------------------------------------------


class FreshLoader(importlib.machinery.SourceFileLoader):
    """Compiles a learner's module from its source each time: byte code is neither read nor written."""

    watch_imports: list[Callable[[str, str, int], None]] = []  # noqa: RUF012  (one worker, one run)

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return compile(self.get_data(path), path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        for note in self.watch_imports:
            module.__dict__["__builtins__"] = _watched_builtins(note)
        super().exec_module(module)


def _watched_builtins(note: Callable[[str, str, int], None]) -> dict[str, Any]:
    """The builtins for one module, with an `__import__` that also notes modules already loaded by others."""
    original = builtins.__import__

    def __import__(name: str, *args: Any, **kwargs: Any) -> ModuleType:
        frame = sys._getframe(1)
        level = kwargs.get("level", args[3] if len(args) > 3 else 0)
        if not level:
            note(name, frame.f_code.co_filename, frame.f_lineno)
        return original(name, *args, **kwargs)

    return {**vars(builtins), "__import__": __import__}


class LearnerFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of the answer (and of the katas it uses) before anything else of that name."""

    def __init__(self, modules: dict[str, str]) -> None:
        self.modules = modules

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.modules or path is not None:
            return None
        file = self.modules[fullname]
        if not os.path.isfile(file):
            return None
        compiled = file.endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES))
        loader_type = importlib.machinery.ExtensionFileLoader if compiled else FreshLoader
        return importlib.util.spec_from_file_location(fullname, file, loader=loader_type(fullname, file))


def install_importer(job: Job) -> list[dict[str, Any]]:
    """Make the learner's modules importable; gives the list that imports against the rules are noted in."""
    breaches: list[dict[str, Any]] = []
    allowed = job["allowed_imports"]
    FreshLoader.watch_imports = [] if allowed is None else [_import_watcher(job, breaches)]
    folders = [job["folder"], *job["import_paths"]]

    def hook(path: str) -> importlib.machinery.FileFinder:
        if path not in folders:
            raise ImportError(path)
        extensions = (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
        return importlib.machinery.FileFinder(path, extensions, (FreshLoader, [".py"]))

    sys.path_hooks.insert(0, hook)
    for folder in folders:
        sys.path_importer_cache.pop(folder, None)
    # Last in line: a numpy.py in the learner's folder must not stand in for NumPy.
    sys.path[:] = [p for p in sys.path if p not in ("", *folders)] + folders
    sys.meta_path.insert(0, LearnerFinder(job["modules"]))
    for name in job["modules"]:
        sys.modules.pop(name, None)
    linecache.clearcache()
    return breaches


def _import_watcher(job: Job, breaches: list[dict[str, Any]]) -> Callable[[str, str, int], None]:
    allowed = {*job["allowed_imports"], *sys.stdlib_module_names, *job["modules"]}
    folder = Path(job["folder"])

    def note(name: str, file: str, line: int) -> None:
        top = name.partition(".")[0]
        # Files of the learner's own are held to the same rules, so importing them is no breach.
        if top not in allowed and not (folder / f"{top}.py").exists() and not (folder / top).is_dir():
            breaches.append({"name": top, "file": os.path.basename(file), "line": line})

    return note


# --- the guard ---------------------------------------------------------------------------------------------------


class Watched:
    """The functions and classes of one module as they were, the methods of its classes among them."""

    def __init__(self, where: str, namespace: dict[str, Any]) -> None:
        # Held since before the learner's code was imported, which could replace them, and by no class that it can name.
        self._tools: tuple[Any, ...] = (all, map, operator.is_, operator.attrgetter("__code__"))
        # Of the module and each class: its name, its names and what they stood for.
        self._kept: list[tuple[str, Any, list[str], list[Any]]] = []
        self._functions: list[Any] = []
        kept = {k: v for k, v in namespace.items() if callable(v)}
        self._keep(where, namespace, kept)
        for key, value in kept.items():
            # The methods of a class made in C cannot be replaced.
            if isinstance(value, type) and value.__module__ == where and value.__flags__ & HEAP_TYPE:
                members = vars(value)
                methods = {k: v for k, v in members.items() if callable(v) or isinstance(v, property | classmethod)}
                self._keep(f"{where}.{key}", members, methods)
        self._codes = [function.__code__ for function in self._functions]

    def _keep(self, where: str, namespace: Any, kept: dict[str, Any]) -> None:
        self._kept.append((where, namespace, list(kept), list(kept.values())))
        self._functions += [value for value in kept.values() if type(value) is FunctionType]

    def replaced(self) -> str:
        """The name of the first function or class that is no longer what it was, or ""."""
        all_, map_, is_, code_of = self._tools
        # One loop in C for each namespace: this runs after every check.
        for where, names, keys, values in self._kept:
            if not all_(map_(is_, map_(names.get, keys), values)):
                return next(f"{where}.{k}" for k, value in zip(keys, values, strict=True) if names.get(k) is not value)
        if not all_(map_(is_, map_(code_of, self._functions), self._codes)):
            changed = (f for f, code in zip(self._functions, self._codes, strict=True) if f.__code__ is not code)
            return next(f"{f.__module__}.{f.__qualname__}" for f in changed)
        return ""


# Made by the parent of workers: a worker that made them would touch, and so copy, the memory of every function.
_ahead: dict[str, Watched] = {}


def watch_ahead() -> None:
    """Note what pytest, NumPy, we and a part of the standard library are made of."""
    for name in (*judge_modules(), *background_modules()):
        if name not in _ahead:
            _ahead[name] = Watched(name, vars(sys.modules[name]))


def _watched(name: str) -> Watched:
    """A module as it is now. Packages replace parts of the standard library while they are imported (torch does)."""
    ahead = _ahead.get(name)
    is_standard = name.partition(".")[0] in sys.stdlib_module_names
    if ahead is None or (is_standard and ahead.replaced()):
        return Watched(name, vars(sys.modules[name]))
    return ahead


class Guard:
    """Knows what a verdict depends on, and names the function or class that was replaced."""

    def __init__(self, names: Iterable[str]) -> None:
        self._watched = [_watched(name) for name in names]

    def watch(self, where: str, namespace: dict[str, Any]) -> None:
        self._watched.append(Watched(where, namespace))

    def replaced(self) -> str:
        """The name of the first function or class that is no longer what it was, or ""."""
        for watched in self._watched:
            if name := watched.replaced():
                return name
        return ""


def judge_modules() -> list[str]:
    """The modules that take part in every result."""
    mine = ("_pytest.runner", "_pytest.python", "_pytest.outcomes", "_pytest.main", "_pytest.fixtures")
    ours = [name for name in sys.modules if name.startswith("kata_runner.checking")]
    return [n for n in (*mine, "pluggy._callers", "pluggy._hooks", *ours, __name__) if n in sys.modules]


def background_modules() -> list[str]:
    """Modules that a comparison leans on; looked at once, at the end."""
    found = ["builtins", "os", "math", "json", "json.encoder", "inspect", "importlib"]
    parts = [n for n in sys.modules if n.split(".")[0] in ("_pytest", "pluggy") and n not in judge_modules()]
    found += [n for n in parts if not n.startswith(OF_THE_START)]
    found += [n for n in ("numpy", "numpy.linalg", "numpy.testing", "tracemalloc", "time") if n in sys.modules]
    return [n for n in found if n in sys.modules]


# --- the plugin --------------------------------------------------------------------------------------------------


class Plugin:
    """Tells the judge the plan, each result as it happens, and the end."""

    def __init__(self) -> None:
        self._started = 0.0
        self._faulty = False
        self._n_planned = -1
        self._n_done = 0
        self._tampered = ""
        self._background: Guard | None = None

    def begin(self, job: Job, emit: Emit, wait: Callable[[], None], breaches: list[dict[str, Any]]) -> None:
        self._job = job
        self._emit = emit
        self._wait = wait
        self._breaches = breaches
        self._folders = tuple(f"{p}{os.sep}" for p in (job["folder"], *job["import_paths"]))
        self._known = frozenset(sys.modules)
        self._exit_now = os._exit
        self._report_type = _report_type()
        self._let_go_of_output = make_let_go()

    # pytest's hooks

    def pytest_collection(self, session: Any) -> bool:
        import pytest

        module = pytest.Module.from_parent(session, path=Path(self._job["hidden_test"]))
        session.items = list(session.genitems(module))
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
        self._emit({"event": "plan", "checks": checks, "imported": self._imported_by_the_test()})

    def _imported_by_the_test(self) -> list[str]:
        """What the parent of workers had better have imported before: modules that the hidden test brought in."""
        own = (self._job["kata_folder"] + os.sep, *self._folders)
        fresh = [name for name in sys.modules if name not in self._known]
        return [name for name in fresh if not str(getattr(sys.modules[name], "__file__", None)).startswith(own)]

    def pytest_runtestloop(self, session: Any) -> bool | None:
        if self._faulty:
            self._emit_end()
            return True
        self._guard = Guard(judge_modules())
        for item in session.items[:1]:
            self._guard.watch("hidden_test", vars(item.module))
        self._background = Guard(background_modules())
        _ahead.clear()  # nothing that the learner's code can name leads to them
        self._n_planned = len(session.items)
        if self._job["is_ahead"]:
            # Looking at these for the first time makes copies of their memory, while nobody waits yet.
            self._guard.replaced()
            self._background.replaced()
        # What is here now stays: looking for garbage in it would take longer than many a check.
        gc.freeze()
        gc.enable()
        self._wait()
        os.chdir(self._job["folder"])
        self._emit({"event": "importing"})
        _seed_everything(self._job["seed"])
        if not self._import_answer():
            self._emit_end()
            return True
        self._emit({"event": "imported"})
        return None

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        from kata_runner.checking import session

        session.current().begin_check()
        self._enter_folder()
        _seed_everything(self._job["seed"])
        self._started = time.perf_counter()
        self._emit({"event": "start", "name": _short_name(nodeid)})

    def pytest_runtest_makereport(self, item: Any, call: Any) -> Any:
        """Tell the result; the report that pytest is given says no more than how it went, since nobody reads it."""
        self._tell(item, call)
        outcome = "failed" if call.excinfo else "passed"
        return self._report_type(item.nodeid, item.location, {}, outcome, None, call.when, duration=call.duration)

    def _tell(self, item: Any, call: Any) -> None:
        if call.when == "teardown" or (call.when == "setup" and call.excinfo is None):
            return
        duration_s = time.perf_counter() - self._started
        result = _passed() if call.excinfo is None else self._explain(call.excinfo.value, call.excinfo.tb)
        self._tampered = self._tampered or self._guard.replaced()
        if self._tampered:
            result = {"status": "broke", "message": f"your code replaced {self._tampered}, which the verdict rests on"}
        self._n_done += 1
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
            self._exit_now(0)  # nothing of what pytest would still do is of use to anybody

    # what is told

    def _enter_folder(self) -> None:
        try:
            os.chdir(self._job["folder"])
        except OSError:
            message = "your code deleted the folder that it stands in; what was in it has been put back"
            self._emit({"event": "stopped", "message": message, "where": None})
            os._exit(72)

    def _planned(self, item: Any) -> dict[str, Any]:
        import inspect

        text = inspect.getdoc(item.function) or item.name.removeprefix("test_").replace("_", " ")
        requirement = " ".join(text.split("\n\n")[0].split())
        part = getattr(item.function, "kata_part", "")
        return {"name": item.name, "requirement": requirement, "part": part,
                "timing": bool(getattr(item.function, "kata_timing", False))}  # fmt: skip

    def _emit_end(self) -> None:
        from kata_runner.checking.session import current

        session = current()
        self._tampered = self._tampered or (self._background.replaced() if self._background else "")
        self._let_go_of_output()
        self._emit(
            {
                "event": "end",
                "notes": list(session.notes),
                "pictures": [str(path) for path in session.pictures],
                "imports": self._breaches,
                "tampered": self._tampered,
            }
        )

    def _import_answer(self) -> bool:
        """Import the learner's module; say what is wrong with it when that fails."""
        from kata_runner.checking import session

        session.current().allow_imports()
        module = self._job["module"]
        if not module:
            return True
        try:
            importlib.import_module(module)
            return True
        except SystemExit as error:
            message = f"your code ended the program while it was imported (sys.exit({error.code!r}))"
            where = self._line_of(error.__traceback__)
        except SyntaxError as error:
            message, where = self._syntax_error(error)
        except BaseException as error:
            message, where = self._import_error(error)
        self._emit({"event": "import_failed", "message": message, "where": where})
        return False

    def _syntax_error(self, error: SyntaxError) -> tuple[str, dict[str, Any] | None]:
        message = f"{os.path.basename(error.filename or 'your file')} is not valid Python: {error.msg}"
        if not error.filename or not error.filename.startswith(self._folders):
            return message, self._line_of(error.__traceback__)
        text = (error.text or "").strip()
        return message, {"file": self._relative(error.filename), "line": error.lineno or 0, "text": text}

    def _import_error(self, error: BaseException) -> tuple[str, dict[str, Any] | None]:
        where = self._line_of(error.__traceback__)
        if isinstance(error, ModuleNotFoundError) and error.name == self._job["module"]:
            file = os.path.basename(self._job["modules"][error.name])
            return f"there is no file {file} in the kata's folder; `kata reset` brings the stub back", None
        if isinstance(error, ModuleNotFoundError) and error.name:
            return f"your code imports {error.name}, which is not installed", where
        return f"importing your code raised {_in_words(error)}", where

    def _explain(self, error: BaseException, tb: TracebackType | None) -> dict[str, Any]:
        """Say what a raised exception means for the learner."""
        from kata_runner.checking import CheckFailed, NotDone, session

        frames = list(_frames(tb))
        theirs = [f for f in frames if self._is_theirs(f[0].f_code.co_filename)]
        result: dict[str, Any] = {"call": session.current().call.strip(), "where": self._line_of(tb)}
        if isinstance(error, CheckFailed):
            failed = {"message": error.message, "call": error.call.strip(), "got": error.got}
            return {**result, **failed, "status": "failed", "expected": error.expected}
        innermost_is_theirs = bool(frames) and self._is_theirs(frames[-1][0].f_code.co_filename)
        innermost_is_theirs = innermost_is_theirs or _raised_by_call(frames)
        if isinstance(error, NotDone) or (isinstance(error, NotImplementedError) and innermost_is_theirs):
            return {**result, "status": "todo", "message": str(error) or "not written yet"}
        if isinstance(error, SystemExit):
            return {**result, "status": "broke", "message": f"your code called sys.exit({error.code!r})"}
        if isinstance(error, MemoryError):
            limit = self._job["memory_mb"]
            return {**result, "status": "broke", "message": f"ran out of memory; {limit} MB are allowed"}
        if isinstance(error, _outcome_exceptions()):
            kind = type(error).__name__
            if theirs or kind != "Failed":
                word = {"Skipped": "skip", "Failed": "fail", "XFailed": "xfail"}.get(kind, kind)
                message = f"your code called pytest.{word}; a check cannot be skipped"
                return {**result, "status": "broke", "message": message}
            return {**result, "status": "failed", "message": str(error)}
        if theirs or _raised_by_call(frames):
            who = session.current().function or "your code"
            return {**result, "status": "failed", "message": f"{who} raised {_in_words(error)}"}
        if isinstance(error, AssertionError) and str(error):
            return {**result, "status": "failed", "message": str(error), "where": None}
        line = next((n for f, n in reversed(frames) if f.f_code.co_filename == self._job["hidden_test"]), 0)
        return {**result, "status": "fault", "message": f"hidden_test.py line {line}, {_in_words(error)}"}

    def _is_theirs(self, file: str) -> bool:
        # Cython names its source as the compiler was given it, without a folder.
        is_bare = bool(file) and os.path.basename(file) == file and not file.startswith("<")
        return file.startswith(self._folders) or (is_bare and os.path.isfile(os.path.join(self._job["folder"], file)))

    def _line_of(self, tb: TracebackType | None) -> dict[str, Any] | None:
        """The innermost line of the learner's code in a traceback."""
        found = None
        for frame, line in _frames(tb):
            file = frame.f_code.co_filename
            if self._is_theirs(file):
                file = file if os.path.isabs(file) else os.path.join(self._job["folder"], file)
                found = {"file": self._relative(file), "line": line, "text": linecache.getline(file, line).strip()}
        return found

    def _relative(self, file: str) -> str:
        for folder in self._folders:
            if file.startswith(folder):
                return file.removeprefix(folder)
        return os.path.basename(file)


def _report_type() -> Any:
    import pytest

    return pytest.TestReport


def _outcome_exceptions() -> type[BaseException]:
    from _pytest.outcomes import OutcomeException

    return OutcomeException


def _passed() -> dict[str, Any]:
    return {"status": "passed"}


def _frames(tb: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while tb is not None:
        yield tb.tb_frame, tb.tb_lineno
        tb = tb.tb_next


def _raised_by_call(frames: Sequence[tuple[FrameType, int]]) -> bool:
    """Whether the exception came out of the learner's function without a Python frame of it.

    Such are wrong numbers of arguments, and whatever a compiled module raises.
    """
    from kata_runner.checking import is_traced_call

    return bool(frames) and is_traced_call(frames[-1][0].f_code)


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


def _short_name(nodeid: str) -> str:
    return nodeid.split("::", 1)[-1]


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (told or lines or ["it could not be read"])[-1]


if __name__ == "__main__":
    main_once()
