"""The message for text in another encoding leaves the name of the encoding to the error of Python, which calls many encodings just `charmap`."""

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
    """Count a text given line by line; goes through `lines` once and keeps none of them."""
    n_characters = n_words = n_sentences = 0
    counts: dict[str, int] = {}
    open_sentence = False
    for line in lines:
        n_characters += len(line)
        for word in words(line):
            n_words += 1
            counts[word] = counts.get(word, 0) + 1
        for piece in line.split():
            if words(piece):
                open_sentence = True
            bare = piece.rstrip(CLOSING)
            if not bare.endswith((".", "!", "?")):
                continue
            if bare.lstrip(OPENING).lower() in ABBREVIATIONS:
                continue
            if open_sentence:
                n_sentences += 1
            open_sentence = False
    if open_sentence:
        n_sentences += 1
    return Report(n_characters, n_words, n_sentences, counts)


def analyze_file(path: str | Path, encoding: str = "utf-8") -> Report:
    """Count a text file, holding one line at a time."""
    with open(path, encoding=encoding) as handle:
        return analyze(handle)


def render(report: Report, n: int = 10) -> str:
    """The report as lines of text, with the `n` most frequent words."""
    lines = [
        f"characters: {report.n_characters}",
        f"words: {report.n_words}",
        f"sentences: {report.n_sentences}",
        "top words:",
    ]
    lines += [f"{count:>6} {word}" for word, count in most_common(report.counts, n)]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and give its exit code; argv: the arguments, those of the command line when None."""
    def whole(text: str) -> int:
        number = int(text)
        if number < 0:
            raise argparse.ArgumentTypeError(f"must be 0 or more, not {number}")
        return number

    parser = argparse.ArgumentParser(prog="text_analyzer", description="Count a text file.")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--top", metavar="N", type=whole, default=10)
    parser.add_argument("--encoding", metavar="NAME", default="utf-8")
    try:
        args = parser.parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        report = analyze_file(args.file, args.encoding)
    except OSError as error:
        print(f"cannot read {args.file}: {error}", file=sys.stderr)
        return 1
    except (UnicodeError, LookupError) as error:
        print(f"cannot decode {args.file}: {error}", file=sys.stderr)
        return 1
    print(render(report, args.top))
    return 0


if __name__ == "__main__":
    sys.exit(main())
