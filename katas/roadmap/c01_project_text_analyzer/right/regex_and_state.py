"""Sentences by a small state machine over pieces, counts by a Counter."""

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ABBREVIATIONS = {"e.g.", "i.e.", "etc.", "vs.", "dr.", "mr.", "mrs.", "ms.", "prof.", "u.s."}
OPENING = "\"'“‘«([{"
CLOSING = "\"'”’»)]}"
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass
class Report:
    n_characters: int
    n_words: int
    n_sentences: int
    counts: dict


class Sentences:
    def __init__(self):
        self.n, self.words = 0, 0

    def feed(self, piece):
        self.words += len(WORD.findall(piece))
        while piece and piece[-1] in CLOSING:
            piece = piece[:-1]
        last = piece[-1:]
        while piece and piece[0] in OPENING:
            piece = piece[1:]
        if last in (".", "!", "?") and piece.lower() not in ABBREVIATIONS and self.words:
            self.n, self.words = self.n + 1, 0


def analyze(lines):
    counter, sentences, characters = Counter(), Sentences(), 0
    for line in lines:
        characters += len(line)
        counter.update(w.lower().replace("’", "'") for w in WORD.findall(line))
        for match in re.finditer(r"\S+", line):
            sentences.feed(match.group())
    if sentences.words:
        sentences.n += 1
    return Report(characters, counter.total(), sentences.n, dict(counter))


def analyze_file(path, encoding="utf-8"):
    with Path(path).open(encoding=encoding) as file:
        return analyze(line for line in file)


def render(report, n=10):
    text = f"characters: {report.n_characters}\nwords: {report.n_words}\nsentences: {report.n_sentences}\ntop words:"
    for word, count in sorted(report.counts.items(), key=lambda e: (-e[1], e[0]))[:n]:
        text += f"\n{count:6d} {word}"
    return text


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--top", type=int, default=10)
    parser.add_argument("--encoding", default="utf-8")
    args = parser.parse_args(argv)
    try:
        print(render(analyze_file(args.file, args.encoding), args.top))
    except (OSError, UnicodeError, LookupError) as error:
        sys.exit(f"{args.file} ({args.encoding}): {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
