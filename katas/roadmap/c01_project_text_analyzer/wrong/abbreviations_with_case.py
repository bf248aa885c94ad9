"""Abbreviations are compared with their capitals and opening brackets, so that `Dr.` and `(e.g.` are not found."""


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

    n_characters: int
    n_words: int
    n_sentences: int
    counts: dict[str, int]


def analyze(lines: Iterable[str]) -> Report:
    n_characters = n_sentences = 0
    counts: dict[str, int] = {}
    is_open = False
    for line in lines:
        n_characters += len(line)
        for word in words(line):
            counts[word] = counts.get(word, 0) + 1
        for piece in line.split():
            is_open = is_open or bool(words(piece))
            if is_open and _ends_sentence(piece):
                n_sentences += 1
                is_open = False
    return Report(n_characters, sum(counts.values()), n_sentences + is_open, counts)


def _ends_sentence(piece: str) -> bool:
    bare = piece.rstrip(CLOSING)
    return bare.endswith((".", "!", "?")) and bare not in ABBREVIATIONS


def analyze_file(path: str | Path, encoding: str = "utf-8") -> Report:
    with open(path, encoding=encoding) as lines:
        return analyze(lines)


def render(report: Report, n: int = 10) -> str:
    return "\n".join(
        [
            f"characters: {report.n_characters}",
            f"words: {report.n_words}",
            f"sentences: {report.n_sentences}",
            "top words:",
            *(f"{count:>6} {word}" for word, count in most_common(report.counts, n)),
        ]
    )


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="text_analyzer", description="Count characters, words and sentences.")
    parser.add_argument("file", help="a text file")
    parser.add_argument("--top", type=_whole_number, default=10, metavar="N", help="how many words to show (10)")
    parser.add_argument("--encoding", default="utf-8", metavar="NAME", help="encoding of the file (utf-8)")
    arguments = parser.parse_args(argv)
    try:
        report = analyze_file(arguments.file, arguments.encoding)
    except OSError as error:
        return _complain(f"cannot read {arguments.file}: {error.strerror}")
    except UnicodeDecodeError:
        return _complain(f"{arguments.file} is not {arguments.encoding} text; try another --encoding")
    except LookupError:
        return _complain(f"cannot read {arguments.file}: Python knows no encoding {arguments.encoding}")
    print(render(report, arguments.top))
    return 0


def _whole_number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"must not be negative, got {number}")
    return number


def _complain(message: str) -> int:
    print(f"text_analyzer: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
