"""The run that a check belongs to: what the judge says about it, and what the checks report back.

The judge's child calls `begin` before it collects the hidden test, `allow_imports` when the checks may start and
`begin_check` before each of them; afterwards it reads `call`, `function`, `notes` and `pictures`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class CheckSession:
    """One run of a hidden test.

    folder: the learner's folder of this kata; the current folder by default.
    seed: 0 for a learner; the audit uses others too.
    module_files: name of a learner's module -> its file.
    import_paths: folders besides `folder` in which the learner's modules are found.
    imports_allowed: False while pytest collects, when nothing of the learner's may be imported yet.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        seed: int = 0,
        module_files: Mapping[str, Path] | None = None,
        import_paths: Sequence[Path] = (),
        imports_allowed: bool = True,
    ) -> None:
        self.folder = folder or Path.cwd()
        self.seed = seed
        self.module_files = dict(module_files or {})
        self.import_paths = tuple(import_paths)
        self._imports_allowed = imports_allowed
        self._notes: list[str] = []
        self._pictures: list[Path] = []
        self._call: str | Callable[[], str] = ""
        self._function = ""

    # what the judge does

    def allow_imports(self) -> None:
        """From now on the learner's modules may be imported."""
        self._imports_allowed = True

    def begin_check(self) -> None:
        """Forget the last call: another check starts."""
        self._call = self._function = ""

    # what the checks report

    @property
    def imports_allowed(self) -> bool:
        """Whether the learner's modules may be imported."""
        return self._imports_allowed

    @property
    def call(self) -> str:
        """The last call as the learner would write it, "" before the first."""
        if not isinstance(self._call, str):
            self._call = self._call()
        return self._call

    @property
    def function(self) -> str:
        """The name of the function last called, "" before the first call."""
        return self._function

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be tried on this machine, one sentence each."""
        return tuple(self._notes)

    @property
    def pictures(self) -> tuple[Path, ...]:
        """Files of the pictures that were kept."""
        return tuple(self._pictures)

    def note_call(self, function: str, text: str | Callable[[], str]) -> None:
        """Note a call; `text` may be a function, because most calls are never shown and writing them out is slow."""
        self._call, self._function = text, function

    def add_note(self, message: str) -> None:
        """Add a note, unless it is there already."""
        if message not in self._notes:
            self._notes.append(message)

    def add_picture(self, path: Path) -> None:
        """Add the file of a picture, unless it is there already."""
        if path not in self._pictures:
            self._pictures.append(path)


_current = CheckSession()


def begin(session: CheckSession) -> None:
    """Make `session` the current one; the judge calls this once for each run."""
    global _current
    _current = session


def current() -> CheckSession:
    """Return the session of this run."""
    return _current
