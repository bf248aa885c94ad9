"""The learner's files: laid out, read, reset and brought back; nothing is overwritten silently."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from kata_runner.errors import MachineError, UsageError
from kata_runner.model import Kata, Submission
from kata_runner.places import DEFAULT_NAME, MARKER, find_workspace, named_workspace

MAX_FILES = 500
MAX_FILE_BYTES = 1_000_000
_TASK = "task.md"
_PICTURES = "pictures"
_BUILD_PRODUCTS = (".so", ".o", ".pyd", ".pyc", ".obj", ".dll", ".dylib")
_UNFINISHED = ".kata-new"  # ending of a file that is still being written


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


def create(root: Path) -> Workspace:
    """Make a workspace at `root`, or complete the one that is there.

    Raises MachineError when the folder cannot be made.
    """
    inner = root.absolute() / MARKER
    with _told("make the workspace", root, "Name another folder: --workspace FOLDER"):
        inner.mkdir(parents=True, exist_ok=True)
        _write_new(inner / "README.md", _README.encode())
        _write_new(inner / ".gitignore", b"*\n")
    return Workspace(inner.parent)


@dataclass(frozen=True)
class Workspace:
    """One folder of katas: a folder for each that was started, and .kata/ with what happened."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / MARKER / "progress.sqlite3"

    def folder(self, kata: Kata) -> Path:
        return self.root / kata.id

    def is_started(self, kata: Kata) -> bool:
        folder = self.folder(kata)
        with _told("read", folder):
            return folder.is_dir() and any((folder / name).exists() for name in (_TASK, *kata.stub_files))

    def start(self, kata: Kata) -> tuple[Path, ...]:
        """Lay out the stub and the task, leaving every file that exists as it is; give the learner's files."""
        stub, folder = kata.stub_files, self.folder(kata)
        with _told("lay out", folder):
            if not folder.exists():
                self._appear_whole(kata, stub)
            for name, content in stub.items():
                _write_new(_inside(folder, name), content)
        self.refresh_task(kata)
        return tuple(folder / name for name in stub)

    def main_file(self, kata: Kata) -> Path:
        """The file to open first: the module's, else the first of the stub that is no README."""
        names = list(kata.stub_files)
        module = f"{kata.module}.py"
        if module in names:
            return self.folder(kata) / module
        plain = [n for n in names if not PurePosixPath(n).name.lower().startswith(("readme", "."))]
        return self.folder(kata) / (plain or names or [_TASK])[0]

    def submission(self, kata: Kata) -> Submission:
        """The learner's files as they are now. Raises UsageError when the kata was not started."""
        if not self.is_started(kata):
            raise UsageError(
                f"{kata.id} is not started yet, so there is nothing to check. Start it: kata start {kata.short}"
            )
        return submission_of(kata, self.folder(kata))

    def reset(self, kata: Kata) -> tuple[Path, ...]:
        """Lay out the stub afresh. The caller has recorded the old code before.

        Of the files that are not the stub's only those are removed that were part of the submission.
        """
        stub = kata.stub_files
        self.restore(kata, stub)
        self.refresh_task(kata)
        return tuple(self.folder(kata) / name for name in stub)

    def restore(self, kata: Kata, files: Mapping[str, bytes]) -> None:
        """Make the submission be exactly `files`; what is no part of a submission is left alone.

        Raises MachineError, before anything is touched, when a name leads out of the kata's folder.
        """
        folder = self.folder(kata)
        for name in files:
            _inside(folder, name)
        with _told("write", folder):
            folder.mkdir(parents=True, exist_ok=True)
            for name in submission_of(kata, folder).files.keys() - files.keys():
                _remove(folder, name)
            for name, content in files.items():
                _replace(_inside(folder, name), content)

    def refresh_task(self, kata: Kata) -> None:
        """Bring task.md up to date with the release, unless the learner wrote into it."""
        source, target = kata.folder / _TASK, self.folder(kata) / _TASK
        laid_out = self.root / MARKER / "tasks" / f"{kata.id}.sha256"
        if not source.is_file():
            return
        with _told("write", target):
            task = source.read_bytes()
            if not target.exists() or _read_text(laid_out) == _sha256(target.read_bytes()):
                if not target.exists() or target.read_bytes() != task:
                    _replace(target, task)
                _note(laid_out, _sha256(task))

    def _appear_whole(self, kata: Kata, stub: Mapping[str, bytes]) -> None:
        import shutil

        # Laid out beside and moved into place, so that a kata interrupted while starting is not half there.
        made = self.root / MARKER / "starting" / f"{kata.id}.{os.getpid()}"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        try:
            for name, content in stub.items():
                _write_new(_inside(made, name), content)
            with suppress(FileExistsError):  # another kata process was faster
                made.rename(self.folder(kata))
        finally:
            shutil.rmtree(made, ignore_errors=True)


def submission_of(kata: Kata, folder: Path) -> Submission:
    """The files of an answer in any folder.

    Left out: task.md, pictures/, byte code and build products, hidden files that the stub does not have, files
    over 1 MB, links that lead out of the folder or to a folder, and whatever is no regular file.
    Raises UsageError when there are more than MAX_FILES, or one of the stub's own files is over 1 MB.
    """
    stub = kata.stub_files.keys()
    files: dict[str, bytes] = {}
    for name, path in _walk(folder, folder.resolve(), stub):
        content = _content(path, name, is_stub=name in stub)
        if content is not None:
            files[name] = content
        if len(files) > MAX_FILES:
            raise UsageError(
                f"{folder} holds more than {MAX_FILES} files, too many for an answer. Move out what is none."
            )
    return make_submission(kata, folder, files)


def answer_paths(kata: Kata, folder: Path) -> tuple[Path, ...]:
    """The files that would be part of a submission, unread; empty when the folder is gone or closed to us."""
    try:
        return tuple(path for _, path in _walk(folder, folder.resolve(), kata.stub_files.keys()))
    except (MachineError, OSError):
        return ()


def make_submission(kata: Kata, folder: Path, files: Mapping[str, bytes]) -> Submission:
    """A submission of `files`, as if they had been read from `folder`."""
    ordered = dict(sorted(files.items()))
    return Submission(kata.id, folder, ordered, digest_of(kata.id, ordered))


def digest_of(kata_id: str, files: Mapping[str, bytes]) -> str:
    """sha256 over the kata's id and every name and content, each with its length so that none runs into the next."""
    import hashlib

    digest = hashlib.sha256()
    for text in (kata_id.encode(), *(part for name in sorted(files) for part in (name.encode(), files[name]))):
        digest.update(len(text).to_bytes(8, "big"))
        digest.update(text)
    return digest.hexdigest()


def is_safe_name(name: str) -> bool:
    """Whether a relative posix path stays inside the folder it is joined to, on every system."""
    windows = PureWindowsPath(name)
    if not name or "\0" in name or name.startswith("/") or windows.drive or windows.root:
        return False
    return not {"", ".", ".."} & set(name.split("/")) and ".." not in windows.parts


def _walk(folder: Path, inside: Path, stub: Set[str], prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Names and paths of what may belong to an answer, folder by folder, in order."""
    with _told("read", folder):
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except FileNotFoundError:  # gone since its parent was listed
            return
    for entry in entries:
        name, path = prefix + entry.name, Path(entry.path)
        if name in (_TASK, _PICTURES) or entry.name == "__pycache__" or not _is_storable(name):
            continue
        if entry.name.startswith(".") and not any(f"{stubbed}/".startswith(f"{name}/") for stubbed in stub):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path, inside, stub, f"{name}/")
        elif not entry.name.endswith((*_BUILD_PRODUCTS, _UNFINISHED)) and _stays(path, inside):
            yield name, path


def _is_storable(name: str) -> bool:
    # What could not be brought back is not taken; a name that is no UTF-8 can be neither stored nor shown.
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return is_safe_name(name)


def _stays(path: Path, inside: Path) -> bool:
    try:
        return not path.is_symlink() or path.resolve(strict=True).is_relative_to(inside)
    except (OSError, RuntimeError):  # a link that leads nowhere, or to itself
        return False


def _content(path: Path, name: str, *, is_stub: bool) -> bytes | None:
    """What a file holds, or None when it is no part of an answer."""
    with _told("read", path):
        try:
            about = path.stat()
            # A named pipe would be waited for without end.
            if not stat.S_ISREG(about.st_mode):
                return None
            if about.st_size <= MAX_FILE_BYTES:
                return path.read_bytes()
        except FileNotFoundError:  # gone since it was listed: an editor at work
            return None
    if is_stub:
        raise UsageError(
            f"{name} has {about.st_size / 1e6:.1f} MB; an answer's file may have 1 MB. Make {path} smaller."
        )
    return None


def _inside(folder: Path, name: str) -> Path:
    """The path of a submission's file; refuses one that would lead out of `folder`, also by a link on the way."""
    path = folder / name
    if is_safe_name(name) and path.parent.resolve().is_relative_to(folder.resolve()):
        return path
    raise MachineError(f'refused to write "{name}": it leads out of {folder}. No file was changed by it.')


def _remove(folder: Path, name: str) -> None:
    path = folder / name
    path.unlink(missing_ok=True)
    for parent in path.relative_to(folder).parents[:-1]:
        with suppress(OSError):  # not empty
            (folder / parent).rmdir()


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}{_UNFINISHED}")


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all, and never over one that is there."""
    if os.path.lexists(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = _unfinished(path)
    try:
        _write(unfinished, content)
        try:
            os.link(unfinished, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            if not os.path.lexists(path):
                unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    """Write a file over what is there, in one step; one that holds this already is left alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return
    unfinished = _unfinished(path)
    try:
        _write(unfinished, content)
        if path.is_file():
            unfinished.chmod(stat.S_IMODE(path.stat().st_mode))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _note(path: Path, text: str) -> None:
    if _read_text(path) != text:
        _replace(path, text.encode())


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


@contextmanager
def _told(doing: str, what: Path, now: str = "Mend that and try again") -> Iterator[None]:
    """Turn what the system refuses into words."""
    try:
        yield
    except OSError as error:
        # The name in the error is the one to look at: a parent may be the culprit.
        culprit = f" ({error.filename})" if error.filename and str(error.filename) != str(what) else ""
        raise MachineError(f"cannot {doing} {what}: {error.strerror or error}{culprit}. {now}.") from error


_README = """\
# What kata keeps here

progress.sqlite3 holds your attempts with the code as it was, the hints you took and your settings. Back it up by
copying this folder while no kata command runs. Without it your katas still work; what you solved is then unknown.

A file named progress.damaged-DATE.sqlite3 was unreadable in part. What could be read was taken over; delete it
when you miss nothing.
"""
