"""`proof.json`: what was proven of a kata and from which files. `kata dev audit --write` writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from kata_runner.errors import BrokenKata
from kata_runner.model import Kata

NAME = "proof.json"
# The entry about the kata itself comes last, so that every line about a mistake ends alike and branches merge.
_KATA = "~kata"


class Proven(msgspec.Struct, frozen=True):
    """What was seen of one mistake.

    digest: of the kata and the wrong answer that were judged.
    fails: the checks (and rules, as "rule:NAME") that it fails, in the order of the hidden test.
    shows: what its first failed check shows; "" where that differs from run to run.
    ask: the one check or rule that the quick proof looks at.
    """

    digest: str
    fails: tuple[str, ...]
    shows: str = ""
    ask: str = ""


class Proof(msgspec.Struct, frozen=True):
    """What was proven of one kata; `Proof()` where nothing was yet.

    kata: digest of its files. judge: digest of the code that judged all of it.
    seconds: of the hidden test with the reference.
    """

    kata: str = ""
    judge: str = ""
    seconds: float = 0.0
    mistakes: Mapping[str, Proven] = msgspec.field(default_factory=dict)


def read(kata: Kata) -> Proof:
    """The proof of a kata as it stands on disk.

    Raises BrokenKata when the file is damaged.
    """
    path = kata.folder / NAME
    if not path.is_file():
        return Proof()
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        about = table.pop(_KATA)
        mistakes = {str(name): _proven(entry) for name, entry in table.items()}
        return Proof(str(about["kata"]), str(about["judge"]), float(about["seconds"]), mistakes)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BrokenKata(
            f"{path} cannot be read ({error!r}); write it again: kata dev audit {kata.id} --write"
        ) from None


def _proven(entry: Mapping[str, Any]) -> Proven:
    return Proven(str(entry["digest"]), tuple(entry["fails"]), str(entry.get("shows", "")), str(entry["ask"]))


def write(path: Path, proof: Proof) -> None:
    """Write a proof, one line for each mistake."""
    about = {"kata": proof.kata, "judge": proof.judge, "seconds": proof.seconds}
    entries = {name: _entry(proof.mistakes[name]) for name in sorted(proof.mistakes)} | {_KATA: about}
    lines = (f"{json.dumps(name)}: {json.dumps(entry, ensure_ascii=False)}" for name, entry in entries.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _entry(proven: Proven) -> dict[str, Any]:
    entry: dict[str, Any] = {"digest": proven.digest, "ask": proven.ask, "fails": list(proven.fails)}
    return entry | ({"shows": proven.shows} if proven.shows else {})
