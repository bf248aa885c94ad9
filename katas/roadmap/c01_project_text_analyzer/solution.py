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
    n_characters = n_sentences = 0
    counts: dict[str, int] = {}
    # All that one line has to pass on to the next: is a sentence open, with a word in it?
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
    # "end.)" ends like "end."; what stands behind the dot closes something that was opened before.
    bare = piece.rstrip(CLOSING)
    return bare.endswith((".", "!", "?")) and bare.lstrip(OPENING).lower() not in ABBREVIATIONS


def analyze_file(path: str | Path, encoding: str = "utf-8") -> Report:
    """Count a text file, one line after the other."""
    # A file is an iterable of its lines: nothing more is needed, and `read` would bring all of it into memory. The
    # encoding is always named: without it, the same file reads differently on another machine.
    with open(path, encoding=encoding) as lines:
        return analyze(lines)


def render(report: Report, n: int = 10) -> str:
    """The report as text, with the `n` most frequent words."""
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
    """Run the program and return its exit code.

    argv: the arguments; None stands for those of the command line.
    """
    parser = argparse.ArgumentParser(prog="text_analyzer", description="Count characters, words and sentences.")
    parser.add_argument("file", help="a text file")
    parser.add_argument("--top", type=int, default=10, metavar="N", help="how many words to show (10)")
    parser.add_argument("--encoding", default="utf-8", metavar="NAME", help="encoding of the file (utf-8)")
    arguments = parser.parse_args(argv)
    try:
        report = analyze_file(arguments.file, arguments.encoding)
    except OSError as error:
        return _complain(f"cannot read {arguments.file}: {error.strerror}")
    except UnicodeError:  # not UnicodeDecodeError alone: UTF-16 without its first two bytes is the wider kind
        return _complain(f"{arguments.file} is not {arguments.encoding} text; try another --encoding")
    except LookupError:
        return _complain(f"cannot read {arguments.file}: Python knows no encoding {arguments.encoding}")
    # Only printed once all is counted: whoever reads standard output gets a whole report or nothing.
    print(render(report, arguments.top))
    return 0


def _complain(message: str) -> int:
    print(f"text_analyzer: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())


# Rules for sentences are never complete: "He left the U.S. It was late." needs more than a list. spaCy and NLTK learn
# from text which dots end a sentence.
