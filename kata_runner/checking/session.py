"""The run that a check belongs to: what the judge says about it, and what the checks report back.

The judge's child calls `begin` before it collects the hidden test, `allow_imports` when the checks may start and
`begin_check` before each of them; afterwards it reads `call`, `function`, `notes` and `pictures`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kata_runner.checking.settings import Settings

if TYPE_CHECKING:
    import numpy as np


class Enough(BaseException):
    """Ends a check of which only the costs were wanted."""


@dataclass
class CheckSession:
    """One run of a hidden test.

    folder: where the learner's files stand: a copy of their folder of this kata.
    seed: 0 for a learner; the audit uses others too.
    module_files: name of a learner's module -> its file.
    import_paths: folders besides `folder` in which the learner's modules are found.
    imports_allowed: False while pytest collects, when nothing of the learner's may be imported yet.
    function: the name of the function last called, "" before the first call.
    notes: what could not be tried on this machine, one sentence each.
    pictures: files of the pictures that were kept.
    costs: what the check that runs was measured to cost: ("time", seconds) or ("memory", MB), in order.
    settings: the settings of the process, the learner's kept apart; None where nothing of the learner's is judged.
    n_costs_wanted: how many costs are to be measured of the kata's own solution, which runs in place of the answer to
    be compared with; 0 for the answer itself.
    """

    folder: Path = field(default_factory=Path.cwd)
    seed: int = 0
    module_files: Mapping[str, Path] = field(default_factory=dict)
    import_paths: Sequence[Path] = ()
    imports_allowed: bool = True
    function: str = ""
    notes: list[str] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)
    costs: list[tuple[str, float]] = field(default_factory=list)
    settings: Settings | None = None
    n_costs_wanted: int = 0
    _call: str | Callable[[], str] = ""

    @property
    def call(self) -> str:
        """The last call as the learner would write it, "" before the first."""
        if not isinstance(self._call, str):
            self._call = self._call()
        return self._call

    def allow_imports(self) -> None:
        """From now on the learner's modules may be imported."""
        self.imports_allowed = True

    def begin_check(self) -> None:
        """Forget the last call: another check starts."""
        self._call = self.function = ""
        self.costs = []

    def note_call(self, function: str, text: str | Callable[[], str]) -> None:
        """Note a call; `text` may be a function, because most calls are never shown and writing them out is slow."""
        self._call, self.function = text, function

    def add_note(self, message: str) -> None:
        """Add a note, unless it is there already."""
        if message not in self.notes:
            self.notes.append(message)

    def note_cost(self, kind: str, amount: float) -> None:
        """Note what a call of the answer was measured to cost."""
        self.costs.append((kind, amount))
        if len(self.costs) == self.n_costs_wanted:
            raise Enough

    def add_picture(self, path: Path) -> None:
        """Add the file of a picture, unless it is there already."""
        if path not in self.pictures:
            self.pictures.append(path)


_current = CheckSession()


def begin(session: CheckSession) -> None:
    """Make `session` the current one; the judge calls this once for each run."""
    global _current
    _current = session


def current() -> CheckSession:
    """Return the session of this run."""
    return _current


# --- for hidden tests --------------------------------------------------------------------------------------------


def rng(stream: int = 0) -> np.random.Generator:
    """Return a generator for making cases: the same for every learner, another one in each run of the audit.

    stream: generators with different numbers are independent.

    >>> x = rng(1).normal(5.0, 3.0, (127, 3))
    """
    import numpy as np

    return np.random.default_rng([current().seed, stream])


def seed() -> int:
    """Return the run's seed: 0 for a learner; the audit uses others too."""
    return current().seed
