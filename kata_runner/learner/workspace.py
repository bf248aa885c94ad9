"""The learner's files: laid out, read, reset and brought back; nothing is overwritten silently."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath, PureWindowsPath

import msgspec

from kata_runner.errors import MachineError, UsageError, remedy
from kata_runner.files import DRAFT_ENDING, replace, write_new
from kata_runner.model import Kata, Submission
from kata_runner.places import CASE_DATA, CASE_FILE, DEFAULT_NAME, HUNT, MARKER, find_workspace, named_workspace

MAX_FILES = 500
MAX_FILE_BYTES = 1_000_000
_TASK = "task.md"
# What kata itself writes into the folder of a kata.
_OURS = (_TASK, "pictures", CASE_FILE, CASE_DATA, HUNT)
_BUILD_PRODUCTS = (".so", ".o", ".pyd", ".pyc", ".obj", ".dll", ".dylib")


def locate(start: Path, explicit: Path | None = None, environ: Mapping[str, str] = os.environ) -> Workspace | None:
    """The workspace a command typed in `start` belongs to, or None when there is none yet (see `place`).

    What was named (`--workspace`, then KATA_WORKSPACE) counts alone; else the nearest folder upward that
    holds .kata/, else my-katas/ below `start`.
    """
    root = find_workspace(start, explicit, environ)
    return Workspace(root) if root is not None else None


def place(start: Path, explicit: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Where `create` should make the workspace when `locate` finds none."""
    return named_workspace(start, explicit, environ) or start.absolute() / DEFAULT_NAME


def workspaces_in(folder: Path) -> list[Path]:
    """The workspaces directly below a folder, the one of the usual name first."""
    try:
        found = [entry.parent for entry in folder.glob(f"*/{MARKER}")]
    except OSError:
        return []
    return sorted(found, key=lambda root: (root.name != DEFAULT_NAME, root.name))


def create(root: Path) -> Workspace:
    """Make a workspace at `root`, or complete the one that is there.

    Raises MachineError when the folder cannot be made.
    """
    inner = root.absolute() / MARKER
    with _explained("make the workspace", root, "Name another folder: --workspace FOLDER"):
        inner.mkdir(parents=True, exist_ok=True)
        write_new(inner / "README.md", _README.encode())
        write_new(inner / ".gitignore", b"*\n")
    return Workspace(inner.parent)


class Workspace(msgspec.Struct, frozen=True):
    """A folder with one folder for each kata that was started, and .kata/ with what happened."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / MARKER / "progress.sqlite3"

    def folder(self, kata: Kata) -> Path:
        return self.root / kata.id

    def is_started(self, kata: Kata) -> bool:
        folder = self.folder(kata)
        with _explained("read", folder):
            return folder.is_dir() and any((folder / name).exists() for name in (_TASK, *kata.stub_files))

    def start(self, kata: Kata) -> tuple[Path, ...]:
        """Lay out the stub and the task, leaving every file that exists as it is.

        Returns the learner's files. Raises MachineError when they cannot be written.
        """
        stub, folder = kata.stub_files, self.folder(kata)
        with _explained("lay out", folder):
            for name, content in stub.items():
                write_new(_inside(folder, name), content)
        self.refresh_task(kata)
        return tuple(folder / name for name in stub)

    def main_file(self, kata: Kata) -> Path:
        """The file to open first: the module's, else the first file of the stub that is not a README."""
        names = list(kata.stub_files)
        module = f"{kata.module}.py"
        if module in names:
            return self.folder(kata) / module
        plain = [n for n in names if not PurePosixPath(n).name.lower().startswith(("readme", "."))]
        return self.folder(kata) / (plain or names or [_TASK])[0]

    def submission(self, kata: Kata) -> Submission:
        """The learner's files as they are now.

        Raises UsageError when the kata was not started, and as `submission_of` does.
        """
        if not self.is_started(kata):
            raise UsageError(
                f"{kata.id} is not started yet, so there is nothing to check. Start it: kata start {kata.short}"
            )
        return submission_of(kata, self.folder(kata))

    def reset(self, kata: Kata) -> tuple[Path, ...]:
        """Make the submission be the stub and return the learner's files. The caller has kept the old code before."""
        self.restore(kata, kata.stub_files)
        self.refresh_task(kata)
        return tuple(self.folder(kata) / name for name in kata.stub_files)

    def restore(self, kata: Kata, files: Mapping[str, bytes]) -> None:
        """Make the submission be exactly `files`; what is not part of a submission is left alone.

        A file that is a link stays one: what it leads to is written. Raises MachineError when a name leads out of the
        kata's folder, or a link leads to nothing, before anything is changed.
        """
        folder = self.folder(kata)
        with _explained("write", folder):
            targets = {name: _behind_link(_inside(folder, name)) for name in files}
            folder.mkdir(parents=True, exist_ok=True)
            kept = {*files, file_of_tests(kata)}  # tests are no part of an answer that was judged
            for name in submission_of(kata, folder).files.keys() - kept:
                _remove(folder, name)
            for name, content in files.items():
                replace(targets[name], content)

    def rename(self, old: str, new: str) -> None:
        """Give the folder of a kata the id that the kata has now; where there is one of that name, both stay."""
        notes = self.root / MARKER / "tasks"
        for source, target in (
            (self.root / old, self.root / new),
            (notes / f"{old}.sha256", notes / f"{new}.sha256"),
        ):
            with _explained("rename", source):
                if source.exists() and not target.exists():
                    source.rename(target)

    def refresh_task(self, kata: Kata) -> None:
        """Bring task.md up to date with the release, unless the learner wrote into it."""
        source, target = kata.folder / _TASK, self.folder(kata) / _TASK
        laid_out = self.root / MARKER / "tasks" / f"{kata.id}.sha256"
        if not source.is_file():
            return
        with _explained("write", target):
            task = source.read_bytes()
            known = laid_out.read_bytes() if laid_out.exists() else b""
            if not target.exists() or known == _sha256(target.read_bytes()):
                replace(target, task)
                replace(laid_out, _sha256(task))


def submission_of(kata: Kata, folder: Path) -> Submission:
    """Read the files of an answer in any folder.

    Links to files are read, wherever they lead. Left out: what kata writes (task.md, pictures/, a failing case), byte
    code and build products, hidden files that the stub does not have, and, noted as `beside`: files over 1 MB, links
    to a folder and whatever is not a regular file.
    Raises UsageError when there are more than MAX_FILES or one of the stub's own files is over 1 MB, MachineError
    when a file cannot be read.
    """
    stub = kata.stub_files.keys()
    files: dict[str, bytes] = {}
    beside: list[str] = []
    for name, path in _walk(folder, stub):
        with _explained("read", path), _unless_gone():
            content = _content(path, name, is_stub=name in stub)
            if content is None:
                beside.append(name)
            else:
                files[name] = content
        if len(files) > MAX_FILES:
            raise UsageError(
                f"{folder} holds more than {MAX_FILES} files, too many for an answer. Move out what is not part of it."
            )
    return make_submission(kata, folder, files, beside)


def file_of_tests(kata: Kata) -> str:
    """The file for the learner's own tests, "" where the answer is no Python module."""
    return f"test_{kata.module}.py" if kata.module else ""


def answer_paths(kata: Kata, folder: Path) -> tuple[Path, ...]:
    """The files that would be part of a submission, unread; empty when the folder is gone or cannot be read."""
    try:
        return tuple(path for _, path in _walk(folder, kata.stub_files.keys()))
    except (MachineError, OSError):
        return ()


def make_submission(kata: Kata, folder: Path, files: Mapping[str, bytes], beside: Sequence[str] = ()) -> Submission:
    """A submission of `files` as if they had been read from `folder`."""
    ordered = dict(sorted(files.items()))
    return Submission(kata.id, folder, ordered, digest_of(kata.id, ordered), beside)


def digest_of(kata_id: str, files: Mapping[str, bytes]) -> str:
    """sha256 over the kata's id and every name and content, each with its length so that none merges with the next."""
    import hashlib

    digest = hashlib.sha256()
    for text in (kata_id.encode(), *(part for name in sorted(files) for part in (name.encode(), files[name]))):
        digest.update(len(text).to_bytes(8, "big"))
        digest.update(text)
    return digest.hexdigest()


def is_safe_name(name: str) -> bool:
    """Whether a relative posix path stays inside the folder it is joined to, on every system."""
    windows = PureWindowsPath(name)
    # A name that is not UTF-8 can neither be stored nor shown.
    is_text = name.encode(errors="ignore").decode() == name and "\0" not in name
    if not is_text or windows.drive or windows.root:
        return False
    return not {"", ".", ".."} & set(name.split("/")) and ".." not in windows.parts


def _walk(folder: Path, stub: Set[str], prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Names and paths of what may belong to an answer, folder by folder, in order."""
    with _explained("read", folder):
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except FileNotFoundError:  # gone since its parent was listed
            return
    for entry in entries:
        name, path = prefix + entry.name, Path(entry.path)
        if name in _OURS or entry.name == "__pycache__" or not is_safe_name(name):
            continue
        if entry.name.startswith(".") and not any(f"{stubbed}/".startswith(f"{name}/") for stubbed in stub):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path, stub, f"{name}/")
        elif not entry.name.endswith((*_BUILD_PRODUCTS, DRAFT_ENDING)):
            yield name, path


@contextmanager
def _unless_gone() -> Iterator[None]:
    """Leave the block where a file is gone since it was listed (an editor at work), or a link leads to nothing."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            raise


def _content(path: Path, name: str, *, is_stub: bool) -> bytes | None:
    """What a file holds, or None when it is not part of an answer."""
    about = path.stat()
    # Reading a named pipe would wait forever.
    if not stat.S_ISREG(about.st_mode):
        return None
    if about.st_size <= MAX_FILE_BYTES:
        return path.read_bytes()
    if is_stub:
        raise UsageError(
            f"{name} has {about.st_size / 1e6:.1f} MB; an answer's file may have 1 MB. Make {path} smaller."
        )
    return None


def _inside(folder: Path, name: str) -> Path:
    """The path of a submission's file.

    Raises MachineError when it would lead out of `folder`, also through a link on the way.
    """
    path = folder / name
    if is_safe_name(name) and path.parent.resolve().is_relative_to(folder.resolve()):
        return path
    raise MachineError(f'refused to write "{name}": it leads out of {folder}. Nothing was written there.')


def _behind_link(path: Path) -> Path:
    """Where a file really stands. Raises OSError when a link leads to nothing."""
    return Path(os.path.realpath(path, strict=True)) if path.is_symlink() else path


def _remove(folder: Path, name: str) -> None:
    path = folder / name
    path.unlink(missing_ok=True)
    for parent in path.relative_to(folder).parents[:-1]:
        with suppress(OSError):  # not empty
            (folder / parent).rmdir()


def _sha256(content: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(content).hexdigest().encode()


@contextmanager
def _explained(doing: str, what: Path, now: str = "Fix that and try again") -> Iterator[None]:
    """Turn an OSError into a MachineError that says what was being done to which file."""
    try:
        yield
    except OSError as error:
        # The error may name another file than `what`, such as a parent folder.
        culprit = f" ({error.filename})" if error.filename and str(error.filename) != str(what) else ""
        raise MachineError(
            f"cannot {doing} {what}: {error.strerror or error}{culprit}. {remedy(error, now)}."
        ) from error


_README = """\
# What kata keeps here

progress.sqlite3 holds your attempts with the code as it was, the hints you took and your settings. Without it your
katas still work, but what you solved is unknown.

progress-backup-DATE.sqlite3 is a copy that kata makes about once an hour while you work; the newest three are kept
and used when progress.sqlite3 is damaged or missing. To begin again from nothing, delete all of them.

progress.damaged-DATE.sqlite3 is a damaged file that was set aside; delete it when you miss nothing.
"""
