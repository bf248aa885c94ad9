"""The text is rebuilt as tokens by a generator; main ends the program by itself and returns nothing."""

import codecs
import sys
from argparse import ArgumentParser
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from collections_drill import words

ABBREVIATIONS = frozenset({"e.g.", "i.e.", "etc.", "vs.", "dr.", "mr.", "mrs.", "ms.", "prof.", "u.s."})
OPENING = "\"'“‘«([{"
CLOSING = "\"'”’»)]}"


@dataclass
class Report:
    n_characters: int = 0
    n_words: int = 0
    n_sentences: int = 0
    counts: dict = field(default_factory=lambda: defaultdict(int))


def analyze(lines):
    report = Report()

    def pieces():
        for line in lines:
            report.n_characters += len(line)
            yield from line.split()

    # The empty piece at the end closes what is still open.
    in_sentence = 0
    for piece in chain(pieces(), [None]):
        found = words(piece or "")
        in_sentence += len(found)
        report.n_words += len(found)
        for word in found:
            report.counts[word] += 1
        if in_sentence and (piece is None or ends(piece)):
            report.n_sentences += 1
            in_sentence = 0
    return report


def ends(piece):
    inner = piece.rstrip(CLOSING)
    return inner[-1:] in {".", "!", "?"} and inner.lstrip(OPENING).lower() not in ABBREVIATIONS


def analyze_file(path, encoding="utf-8"):
    with Path(path).open("r", encoding=encoding) as file:
        return analyze(file)


def render(report, n=10):
    ranked = sorted(report.counts, key=lambda word: (-report.counts[word], word))
    numbers = {"characters": report.n_characters, "words": report.n_words, "sentences": report.n_sentences}
    lines = [f"{name}: {number}" for name, number in numbers.items()] + ["top words:"]
    return "\n".join(lines + [str(report.counts[word]).rjust(6) + " " + word for word in ranked[:n]])


def main(argv=None):
    parser = ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--top", type=int, default=10)
    parser.add_argument("--encoding", default="utf-8")
    arguments = parser.parse_args(argv)
    try:
        codecs.lookup(arguments.encoding)
        report = analyze_file(arguments.file, arguments.encoding)
    except Exception as error:
        sys.exit(f"{arguments.file}: {type(error).__name__}: {error} ({arguments.encoding})")
    sys.stdout.write(render(report, arguments.top) + "\n")
    sys.exit()


if __name__ == "__main__":
    main()
