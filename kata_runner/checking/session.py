"""The run that a check belongs to: what the judge says about it, and what the checks report back.

The judge's child calls `begin` before it collects the hidden test, `allow_imports` when the checks may start and
`begin_check` before each of them; afterwards it reads `call`, `case`, `function`, `notes` and `pictures`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kata_runner.checking.calls import Call, Calls, Case
from kata_runner.checking.settings import Settings

if TYPE_CHECKING:
    import numpy as np


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
    _calls: Calls = field(default_factory=Calls)
    _told: str = ""  # the call in the words of the hidden test
    _n_telling: int = 0  # how deep we are in blocks that tell
    _last_before: Call | None = None  # the last call before the block

    @property
    def call(self) -> str:
        """The last call on one line, in the words of the hidden test where there are any; "" before the first."""
        return self._told or (self._calls.last.short() if self._calls.last else "")

    @property
    def case(self) -> Case | None:
        """The last call, whole; None where none was traced."""
        if self._calls.last is None:
            return None
        # More than a call is a remark: "model.fit(X), a second time on the same model".
        is_told = self._told.endswith(")") and self._calls.last is not self._last_before
        return Case(self._calls.last, "" if is_told else self._told)

    def allow_imports(self) -> None:
        """From now on the learner's modules may be imported."""
        self.imports_allowed = True

    def begin_check(self) -> None:
        """Forget all calls: another check starts."""
        self._calls = Calls()
        self._told = self.function = ""
        self._n_telling = 0
        self.costs = []

    def note_call(self, name: str, module: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Note the call of a function."""
        self._calls.note(name, module, args, kwargs)
        self._noted(name)

    def note_method(self, thing: Any, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Call:
        """Note the call of a method of `thing`, and return it, to be told the result."""
        self._noted(type(thing).__name__ if name == "__init__" else name.strip("_"))
        return self._calls.note_method(thing, name, args, kwargs)

    def _noted(self, function: str) -> None:
        self.function = function
        if not self._n_telling:
            self._told = ""

    @contextmanager
    def telling(self, text: str) -> Iterator[None]:
        """Show the calls that the block makes by this text, until another one is made after it."""
        function = text.partition("(")[0].strip()
        self._last_before = self._calls.last
        self._told, self.function = text, function
        self._n_telling += 1
        try:
            yield
        finally:
            self._n_telling -= 1
            self._told, self.function = text, function

    def add_note(self, message: str) -> None:
        """Add a note, unless it is there already."""
        if message not in self.notes:
            self.notes.append(message)

    def note_cost(self, kind: str, amount: float) -> None:
        """Note what a call of the answer was measured to cost."""
        self.costs.append((kind, amount))

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
