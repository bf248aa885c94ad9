"""Count the characters, words and sentences of a text file, and show its most frequent words."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from collections_drill import most_common, words

ABBREVIATIONS = frozenset({"e.g.", "i.e.", "etc.", "vs.", "dr.", "mr.", "mrs.", "ms.", "prof.", "u.s."})
OPENING = "\"'“‘«([{"
CLOSING = "\"'”’»)]}"


@dataclass(frozen=True)
class Report:
    """What was counted; counts: word -> how often."""

    n_characters: int
    n_words: int
    n_sentences: int
    counts: dict[str, int]


def analyze(lines: Iterable[str]) -> Report:
    """Count a text given line by line; `lines` is gone through once."""
    raise NotImplementedError


def analyze_file(path: str | Path, encoding: str = "utf-8") -> Report:
    """Count a text file, one line after the other."""
    raise NotImplementedError


def render(report: Report, n: int = 10) -> str:
    """The report as text, with the `n` most frequent words."""
    raise NotImplementedError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    argv: the arguments; None stands for those of the command line.
    """
    raise NotImplementedError


if __name__ == "__main__":
    sys.exit(main())
