"""What this machine lacks for katas, and the command that mends it."""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from errno import EMFILE, ENOSPC
from importlib import metadata
from pathlib import Path

from kata_runner.catalogue import needs
from kata_runner.catalogue.load import Catalogue
from kata_runner.errors import KataError
from kata_runner.learner.workspace import Workspace
from kata_runner.practice import Practice

OK, WARNING, FAILURE = "ok", "warning", "failure"
LEAST_FREE_MB, LITTLE_FREE_MB = 100, 1000


@dataclass(frozen=True)
class Finding:
    """One thing looked at. remedy: the command, or the one step, that mends it; "" where nothing needs mending."""

    subject: str
    level: str
    message: str
    remedy: str = ""

    def to_json(self) -> dict[str, str]:
        return {"subject": self.subject, "level": self.level, "message": self.message, "remedy": self.remedy}


def examine(practice: Practice) -> Iterator[Finding]:
    """Look at everything, one finding after the other as each is known."""
    catalogue, workspace = practice.catalogue, practice.workspace
    place = workspace.root if workspace else practice.cwd
    yield python()
    yield core_packages()
    yield katas(catalogue)
    yield kata_packages(catalogue)
    yield compiler()
    yield cmake()
    yield postgres(catalogue)
    yield disk(place)
    yield file_events(place)
    yield from database(workspace)
    yield limits()
    yield editor(practice.editor())
    yield encoding()


# --- Python and packages -------------------------------------------------------------------------------------------


def python() -> Finding:
    kind = "virtual environment" if sys.prefix != sys.base_prefix else "interpreter"
    return Finding("Python", OK, f"{platform.python_version()}, {kind} at {sys.prefix}")


def core_packages(names: Sequence[str] | None = None) -> Finding:
    """names: what this release needs whatever the kata; without them, what its own metadata says."""
    names = _required() if names is None else names
    missing = [name for name in names if version_of(name) is None]
    if missing:
        mend = shlex.join(needs.install_command(missing))
        return Finding("Core packages", FAILURE, f"missing: {', '.join(missing)}", mend)
    shown = ", ".join(f"{name} {version_of(name)}" for name in ("numpy", "pytest", "rich"))
    return Finding("Core packages", OK, f"all {len(names)} are installed ({shown})")


def _required() -> list[str]:
    try:
        lines = metadata.requires("kata-runner") or []
    except metadata.PackageNotFoundError:  # run from a checkout
        lines = ["numpy", "pytest", "rich"]
    return [re.split(r"[^\w.-]", line)[0] for line in lines if "extra ==" not in line]


def version_of(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def katas(catalogue: Catalogue) -> Finding:
    """Katas that cannot be read, which all commands leave out."""
    if not catalogue.broken:
        return Finding("Katas", OK, f"all {len(catalogue.katas)} can be read, in {catalogue.root}")
    return Finding(
        "Katas", WARNING, "left out: " + "; ".join(catalogue.broken.values()), "mend or remove what is named"
    )


def kata_packages(catalogue: Catalogue) -> Finding:
    """The packages that katas need beyond the core."""
    missing = Counter(name for kata in catalogue.katas for name in needs.missing(kata) if name not in needs.TOOLS)
    if not missing:
        return Finding("Kata packages", OK, "all that any kata needs are installed")
    shown = ", ".join(f"{name} ({n} {'kata' if n == 1 else 'katas'})" for name, n in sorted(missing.items()))
    return Finding("Kata packages", WARNING, f"missing: {shown}", "kata install --all")


# --- tools ---------------------------------------------------------------------------------------------------------


def compiler() -> Finding:
    """A C++ compiler, tried on a program of one line: a name on the path may still be a broken installation."""
    subject, advice = "C++ compiler", needs.tool_advice("compiler")
    if os.name == "nt":
        found = needs.msvc()
        return Finding(subject, OK, str(found)) if found else Finding(subject, WARNING, "none found", advice)
    command = needs.cxx_command()
    if command is None:
        return Finding(subject, WARNING, "none found; compiled katas cannot be checked", advice)
    with tempfile.TemporaryDirectory(prefix="kata-doctor-") as folder:
        source = Path(folder, "one.cpp")
        source.write_text("#include <vector>\nint main() { return std::vector<int>{}.empty() ? 0 : 1; }\n")
        ran = _run([*command, "-std=c++17", str(source), "-o", str(Path(folder, "one"))], timeout_s=60)
    if ran is None or ran.returncode != 0:
        why = first_line(ran.stderr) if ran else "it did not answer within a minute"
        return Finding(subject, WARNING, f"{shlex.join(command)} cannot compile: {why}", advice)
    version = _run([*command, "--version"])
    return Finding(subject, OK, first_line(version.stdout) if version else shlex.join(command))


def cmake() -> Finding:
    command = needs.program("cmake")
    ran = _run([command, "--version"]) if command else None
    if ran is None or ran.returncode != 0:
        return Finding("CMake", WARNING, "not found; the CMake katas cannot be built", needs.tool_advice("cmake"))
    return Finding("CMake", OK, first_line(ran.stdout))


def postgres(catalogue: Catalogue) -> Finding:
    """The embedded PostgreSQL, or a server that the environment names."""
    users = [kata for kata in catalogue.katas if "postgres" in kata.needs]
    shown = ", ".join(kata.short for kata in users)
    if any("postgres" in needs.missing(kata) for kata in users):
        advice = needs.tool_advice("postgres")
        return Finding("PostgreSQL", WARNING, f"not found; {shown} cannot be checked", advice)
    return Finding("PostgreSQL", OK, f"ready for {shown}" if users else "no kata here asks for it")


def _run(command: Sequence[str], timeout_s: float = 20) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=timeout_s, stdin=subprocess.DEVNULL, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


# --- disk, events, database ----------------------------------------------------------------------------------------


def disk(place: Path, free_mb: float | None = None) -> Finding:
    if free_mb is None:
        free_mb = shutil.disk_usage(place).free / 1e6
    shown = f"{free_mb / 1000:.1f} GB" if free_mb >= 1000 else f"{free_mb:.0f} MB"
    message = f"{shown} free at {place}"
    clear = "free some space: python -m pip cache purge"
    if free_mb < LEAST_FREE_MB:
        return Finding("Disk", FAILURE, f"{message}; attempts may not be saved", clear)
    if free_mb < LITTLE_FREE_MB:
        return Finding("Disk", WARNING, f"{message}; some katas write files of hundreds of MB", clear)
    if not os.access(place, os.W_OK):
        return Finding("Disk", FAILURE, f"{place} is read-only", f"chmod u+w {shlex.quote(str(place))}")
    return Finding("Disk", OK, message)


def file_events(place: Path, wait_s: float = 2.0) -> Finding:
    """Whether a save is reported here: network mounts, containers and WSL often stay silent."""
    subject = "File events"
    try:
        with tempfile.TemporaryDirectory(prefix=".kata-doctor-", dir=place) as folder:
            is_reported = _event_arrives(Path(folder), wait_s)
    except OSError as error:
        # This is how inotify says that other programs watch as many folders as this user may.
        mend = "sudo sysctl fs.inotify.max_user_watches=524288" if error.errno in (ENOSPC, EMFILE) else ""
        return Finding(subject, WARNING, f"could not be tried at {place}: {error.strerror or error}", mend)
    if is_reported:
        return Finding(subject, OK, f"a save at {place} is reported")
    return Finding(subject, WARNING, f"no report of a save at {place}; kata watch polls instead")


def _event_arrives(folder: Path, wait_s: float) -> bool:
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    seen = threading.Event()

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            seen.set()

    observer = Observer()
    observer.schedule(Handler(), str(folder))
    observer.start()
    try:
        (folder / "save.txt").write_text("x")
        return seen.wait(wait_s)
    finally:
        observer.stop()
        observer.join(5)


def database(workspace: Workspace | None) -> Iterator[Finding]:
    """The store of attempts opens and can be read."""
    from kata_runner.learner import store as progress

    if workspace is None:
        yield Finding("Workspace", WARNING, "none yet at this folder", "kata next")
        return
    yield Finding("Workspace", OK, str(workspace.root))
    try:
        with progress.open_store(workspace.database) as store:
            problem = store.problem
            store.summary()
    except KataError as error:
        yield Finding("Database", FAILURE, str(error), f"ls -l {shlex.quote(str(workspace.database.parent))}")
        return
    level = WARNING if problem else OK
    yield Finding("Database", level, problem or f"readable: {workspace.database}")


# --- what the platform can hold ------------------------------------------------------------------------------------


def limits(system: str = sys.platform, can_fork: bool = hasattr(os, "fork")) -> Finding:
    """What the judge cannot do on this platform. Nothing mends it but another platform."""
    lacking = [] if can_fork else ["every check starts cold"]
    if system != "linux":
        lacking += ["memory is watched, not limited", "a process that leaves its session may survive its check"]
    if not lacking:
        return Finding("Limits", OK, "memory is limited by the kernel; every process of a check is ended")
    return Finding("Limits", WARNING, "; ".join(lacking), "use Linux or WSL 2 where this matters")


def editor(command: Sequence[str], find: Callable[[str], str | None] = shutil.which) -> Finding:
    """command: what VISUAL or EDITOR holds, read as a command."""
    if not command:
        lacking = "neither VISUAL nor EDITOR holds a command; kata edit opens the first it finds"
        return Finding("Editor", WARNING, lacking, "export EDITOR=nano")
    if find(command[0]) is None:
        return Finding("Editor", WARNING, f"{command[0]} is not on the path", "export EDITOR=nano")
    return Finding("Editor", OK, shlex.join(command))


def encoding(name: str | None = None) -> Finding:
    name = name or getattr(sys.stdout, "encoding", None) or "unknown"
    if name.lower().replace("-", "").startswith("utf"):
        return Finding("Terminal", OK, f"{name}")
    return Finding("Terminal", WARNING, f"{name}: marks and bars are drawn in ASCII", "export PYTHONUTF8=1")
