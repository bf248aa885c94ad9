"""What this machine lacks for katas, and the command that repairs it."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from kata_runner.catalogue import needs
from kata_runner.catalogue.load import Catalogue
from kata_runner.errors import KataError
from kata_runner.learner.workspace import Workspace
from kata_runner.model import Finding
from kata_runner.practice import Practice

OK, WARNING, FAILURE = "ok", "warning", "failure"
LEAST_FREE_MB, LITTLE_FREE_MB = 100, 1000


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
    yield from database(workspace)
    yield limits()
    yield editor(practice.editor())
    yield encoding()
    yield file_events()


# --- Python and packages -------------------------------------------------------------------------------------------


def python() -> Finding:
    kind = "virtual environment" if sys.prefix != sys.base_prefix else "interpreter"
    return Finding("Python", OK, f"{platform.python_version()}, {kind} at {sys.prefix}")


def core_packages() -> Finding:
    """The versions that a report of a fault needs; kata itself does not start without them."""
    return Finding("Core packages", OK, ", ".join(f"{name} {version(name)}" for name in ("numpy", "pytest", "rich")))


def katas(catalogue: Catalogue) -> Finding:
    """Katas that cannot be read, which all commands leave out."""
    if not catalogue.broken:
        return Finding("Katas", OK, f"all {len(catalogue.katas)} can be read, in {catalogue.root}")
    return Finding(
        "Katas", WARNING, "left out: " + "; ".join(catalogue.broken.values()), "repair or remove what is named"
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
    ran = _run([*command, "--version"])
    return Finding(subject, OK, first_line(ran.stdout) if ran else shlex.join(command))


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


# --- disk, database ------------------------------------------------------------------------------------------------


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


def database(workspace: Workspace | None) -> Iterator[Finding]:
    """The store of attempts opens and can be read."""
    from kata_runner.learner import store as progress

    if workspace is None:
        yield Finding("Workspace", WARNING, "none yet at this folder", "kata next")
        return
    yield Finding("Workspace", OK, str(workspace.root))
    try:
        store = progress.open_store(workspace.database)
        problem = store.problem
        store.summary()
    except KataError as error:
        yield Finding("Database", FAILURE, str(error), f"ls -l {shlex.quote(str(workspace.database.parent))}")
        return
    level = WARNING if problem else OK
    yield Finding("Database", level, problem or f"readable: {workspace.database}")


# --- what the platform can hold ------------------------------------------------------------------------------------


def limits(
    system: str = sys.platform, can_fork: bool = hasattr(os, "fork"), is_memory_limited: bool | None = None
) -> Finding:
    """What the judge cannot do on this machine. is_memory_limited: by the kernel; None to try it."""
    lacking = [] if can_fork else ["every check starts cold"]
    if not (_kernel_limits_memory() if is_memory_limited is None else is_memory_limited):
        lacking.append("memory is watched four times a second, not limited by the kernel")
    if system != "linux":
        lacking.append("a process that leaves its session may survive its check")
    if not lacking:
        return Finding("Limits", OK, "memory is limited by the kernel; every process of a check is ended")
    return Finding("Limits", WARNING, "; ".join(lacking), "use Linux or WSL 2 where this matters")


def _kernel_limits_memory() -> bool:
    """Whether a process that is limited as a check is cannot have more; macOS and some containers ignore it."""
    from kata_runner.judging.launch import child_command

    ran = _run(child_command("worker", "limit_memory(64); bytearray(256_000_000)"))
    return ran is not None and "MemoryError" in ran.stderr


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


def file_events() -> Finding:
    """Whether the system reports changes of files; without, `kata watch` looks at them by itself."""
    import threading

    from kata_runner.watch.files import observer

    with tempfile.TemporaryDirectory(prefix="kata-doctor-") as folder:
        try:
            observing = observer(Path(folder), threading.Event())
        except OSError as error:
            raise_limits = "sudo sysctl fs.inotify.max_user_instances=1024 fs.inotify.max_user_watches=524288"
            message = f"{error.strerror}; kata watch looks at your files itself, 20 times a second"
            return Finding("File events", WARNING, message, raise_limits if sys.platform == "linux" else "")
        observing.stop()
        observing.join()
    return Finding("File events", OK, "the system reports saves")
