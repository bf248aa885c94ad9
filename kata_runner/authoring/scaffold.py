"""Lays out a new kata for its author: every file is there and says what belongs in it."""

from __future__ import annotations

import re
from pathlib import Path

from kata_runner.catalogue.load import Catalogue, short_id
from kata_runner.errors import MachineError, UsageError


def create(catalogue: Catalogue, kata_id: str, folder: str = "") -> Path:
    """Make the folder of a new kata; `folder` is below the catalogue, by default where its nearest relative stands.

    Raises UsageError when the id will not do or is taken.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", kata_id):
        raise UsageError(f'"{kata_id}" will not do as an id: small letters, digits and _, such as p101_beam_search')
    for kata in catalogue.katas:
        if kata.id == kata_id or kata.short == short_id(kata_id):
            raise UsageError(f"{kata.id} is there already, in {kata.folder}. Choose another number.")
    above = catalogue.root / folder if folder else _beside(catalogue, kata_id)
    made = above / kata_id
    if not made.resolve().is_relative_to(catalogue.root):
        raise UsageError(f"{made} is not below the catalogue {catalogue.root}")
    try:
        (made / "wrong").mkdir(parents=True)
        for name, text in _FILES.items():
            (made / name).write_text(_filled(text, kata_id), encoding="utf-8")
    except FileExistsError:
        raise UsageError(f"{made} is there already; nothing was changed") from None
    except OSError as error:
        raise MachineError(f"cannot make {made}: {error.strerror or error}") from error
    return made


def _beside(catalogue: Catalogue, kata_id: str) -> Path:
    """The folder of the kata whose id sorts just before, out of those that begin alike."""
    kin = [kata for kata in catalogue.katas if kata.id[0] == kata_id[0]]
    if not kin:
        raise UsageError(f"no kata begins like {kata_id}, so say where it belongs: --folder problems/NAME")
    before = [k for k in kin if k.id < kata_id]
    nearest = max(before, key=lambda k: k.id) if before else min(kin, key=lambda k: k.id)
    return nearest.folder.parent


def _filled(text: str, kata_id: str) -> str:
    name = kata_id.removeprefix(short_id(kata_id)).strip("_") or kata_id
    title = name.replace("_", " ").capitalize()
    return text.replace("@ID@", kata_id).replace("@MODULE@", name).replace("@TITLE@", title)


_FILES = {
    "kata.toml": """\
title = "@TITLE@"
difficulty = 1                      # TODO 1-5
minutes = 15                        # TODO
module = "@MODULE@"                 # TODO unique over all katas; leave it out where the answer is no Python module
learned = "TODO: what one takes away, in one line."
# needs = ["pandas"]                # packages beyond the core; also "compiler", "cmake", "postgres"
# uses = ["p021_k_means"]           # katas whose solved module may be imported

# [rules]
# no_loops = true
# [rules.why]
# no_loops = "TODO: why the rule is there, for the learner."
""",
    "task.md": """\
# @TITLE@

TODO: what to write (names, shapes, dtypes), conventions, edge cases, errors. Read in two minutes.

```python
>>> from @MODULE@ import answer
>>> answer(2)
TODO: a worked example; the audit runs it
```

TODO: where an engineer meets this, in two sentences, and a source to read on.
""",
    "stub.py": '''\
"""TODO: what this module is for, in one line."""


def answer(x: float) -> float:
    """TODO: what it gives the caller; shapes, units, errors."""
    raise NotImplementedError
''',
    "solution.py": '''\
"""TODO: what this module is for, in one line."""


def answer(x: float) -> float:
    """TODO: what it gives the caller; shapes, units, errors."""
    # TODO: the reference, told step by step for a learner.
    raise NotImplementedError
''',
    "hidden_test.py": '''\
"""Hidden test of @ID@."""

from kata_runner.checking import fail, learner

work = learner("@MODULE@")


def test_todo() -> None:
    """TODO: the requirement as the learner reads it."""
    # Expected first, call second; every check must catch at least one entry of wrong/.
    got = work.answer(2.0)
    fail("TODO: this check is not written yet", got=got)
''',
    "hint.md": """\
## TODO: a nudge

## TODO: the trap

## TODO: nearly the code
""",
    "wrong/todo.py": '''\
"""TODO: a plausible mistake, in words that the learner will read."""


def answer(x: float) -> float:
    raise NotImplementedError  # TODO: the answer with that mistake
''',
}
