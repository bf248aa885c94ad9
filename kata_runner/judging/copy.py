"""The copy of an answer in which it runs: the bytes that were read are judged, whatever is saved or moved meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec.structs import replace

from kata_runner.errors import MachineError
from kata_runner.judging.run import Seen
from kata_runner.model import Submission
from kata_runner.places import CASE_DATA, CASE_FILE, CASE_MARK

MEMORY = "/dev/shm"  # a file system in memory (Linux): deleting files on a busy disk takes milliseconds


class Copy:
    """A folder for one run, empty until the submission is known; leaving the block deletes it.

    Nothing is written into the learner's own folder but pictures and the file of a failing case.

    temporary: where the run makes its temporary files, which a run that is ended cannot delete.
    """

    def __init__(self, kata_id: str) -> None:
        with _explained():
            memory = MEMORY if os.access(MEMORY, os.W_OK) else None
            self._base = tempfile.TemporaryDirectory(prefix="kata-", dir=memory, ignore_cleanup_errors=True)
            self.folder = Path(self._base.name).resolve() / kata_id
            self.folder.mkdir()
            self._temporary = tempfile.TemporaryDirectory(prefix="kata-", ignore_cleanup_errors=True)
            self.temporary = Path(self._temporary.name).resolve()

    def fill(self, submission: Submission) -> None:
        """Write the files of a submission, and links to what lies beside them."""
        write(self.folder, submission.files)
        for name in submission.beside:
            link = self.folder / name
            with suppress(OSError):  # Windows does not let everybody make links
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to((submission.folder / name).absolute())

    def taken_home(self, seen: Seen, home: Path) -> Seen:
        """What was seen, in terms of the learner's folder `home`; pictures and the failing case are put there."""
        end = seen.last("end")
        for picture in map(Path, end["pictures"] if end else ()):
            target = home / picture.relative_to(self.folder)
            with suppress(OSError):  # a folder that is gone by now is not made anew
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(picture, target)
        ours, theirs = (json.dumps(str(folder))[1:-1] for folder in (self.folder, home))
        events = json.loads(json.dumps(seen.events).replace(ours, theirs))
        is_case_home = False
        with suppress(OSError):
            is_case_home = _take_case(self.folder, home)
        for event in events if not is_case_home else ():
            event.pop("case_file", None)
        return replace(seen, events=events, log=seen.log.replace(str(self.folder), str(home)))

    def __enter__(self) -> Copy:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.cleanup()
        self._temporary.cleanup()


def _take_case(made_in: Path, home: Path) -> bool:
    """Put the file of a failing case beside the answer, in place of an earlier one; whether it lies there now."""
    target = home / CASE_FILE
    if target.exists() and not target.read_bytes().startswith(CASE_MARK.encode()):
        return False  # the learner's own
    for name in (CASE_FILE, CASE_DATA):
        (home / name).unlink(missing_ok=True)
        if (made_in / name).exists():
            shutil.copyfile(made_in / name, home / name)
    return target.exists()


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their relative names. Raises MachineError when the system refuses."""
    with _explained():
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MachineError(f"your answer cannot be copied to where it is judged: {error}. Make room there.") from error
