"""Hidden test of c01_project_text_analyzer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kata_runner.checking import (
    Shown,
    assert_equal,
    assert_memory,
    assert_raises,
    assert_type,
    calling,
    learner,
    require,
    rng,
    run_python,
    temporary_folder,
    todo,
)

work = learner("text_analyzer")

HAMLET = "To be, or not to be:\nthat is the question.\n"
# Each holds one sentence and its end.
SENTENCES = [
    "It works.", "Does it work?!", "Stop!!!", "Dogs (e.g. Rex) bark.", "Pi is 3.14 or so...", "“Is it?”", "(It is.)",
    "Dr. No\nmet Mr. Bond.", "We use Node.js, i.e. JavaScript, etc. a lot.", "Don't!", "Wait\n\n...",
    "'Me vs. Prof. X?'",
]  # fmt: skip


class Seen(NamedTuple):
    n_characters: int
    n_words: int
    n_sentences: int
    counts: dict[str, int]


def looked_at(got: Any) -> Seen:
    fields = [getattr(got, name, None) for name in Seen._fields]
    for name, value in zip(Seen._fields, fields, strict=True):
        assert_type(value, dict if name == "counts" else int, what=f"the report's {name}")
    return Seen(*fields)


def analyzed(text: str) -> Seen:
    return looked_at(work.analyze(text.splitlines(keepends=True)))


def assert_sentences(cases: dict[str, int]) -> None:
    for text, expected in cases.items():
        assert_equal(analyzed(text).n_sentences, expected, what="n_sentences", call=f"analyze({text!r} as lines)")


def program(*args: str | Path) -> Any:
    ran = run_python("text_analyzer.py", *args)
    if "NotImplementedError" in ran.stderr:
        todo("a part of the program is still the stub")
    return ran


def shown(*args: str | Path) -> str:
    told = [arg.name if isinstance(arg, Path) else arg for arg in args]
    return " ".join(["python text_analyzer.py", *told])


def assert_complains(code: int, *args: str | Path, mentions: tuple[str, ...] = ()) -> None:
    ran = program(*args)
    call = shown(*args)
    require(
        ran.code == code, f"exit code {ran.code}, expected {code}", got=Shown(ran.stderr[-120:] or "nothing"), call=call
    )
    require(not ran.stdout, "standard output should stay empty here", got=ran.stdout, call=call)
    require("Traceback" not in ran.stderr, "a traceback was printed", got=Shown(ran.stderr[-120:]), call=call)
    require(bool(ran.stderr.strip()), "nothing was said on standard error", call=call)
    for word in mentions:
        require(word in ran.stderr.lower(), f"the message does not name {word}", got=ran.stderr, call=call)


def assert_prints(expected: str, *args: str | Path) -> None:
    ran = program(*args)
    call = shown(*args)
    require(ran.code == 0, f"exit code {ran.code}, expected 0", got=Shown(ran.stderr[-120:] or "nothing"), call=call)
    got = ran.stdout.replace("\r\n", "\n")
    assert_equal(got, expected + "\n", what="standard output", call=call)


def test_characters() -> None:
    """Every character counts, blanks and line breaks included, and letters count as one whatever their bytes."""
    for text in ("To be.\n", "a b\tc", "\n\n", "Ärger – 東京\n", " "):
        assert_equal(analyzed(text).n_characters, len(text), what="n_characters", call=f"analyze({text!r} as lines)")


def test_words() -> None:
    """Words are counted as your words gives them: case and punctuation aside."""
    cases = {
        "The cat. The hat!\nthe CAT\n": {"the": 3, "cat": 2, "hat": 1},
        "Don't stop; don’t -- state-of-the-art": {"don't": 2, "stop": 1, "state-of-the-art": 1},
        "3.14 e.g. x_y": {"3": 1, "14": 1, "e": 1, "g": 1, "x": 1, "y": 1},
    }
    for text, expected in cases.items():
        got = analyzed(text)
        call = f"analyze({text!r} as lines)"
        assert_equal(got.counts, expected, what="counts", call=call)
        assert_equal(got.n_words, sum(expected.values()), what="n_words", call=call)


def test_ends_of_sentences() -> None:
    """A run of dots, exclamation and question marks ends one sentence, also with quotes or brackets behind it."""
    assert_sentences(
        {
            "It works. Does it? Yes!": 3, "Really?! Yes.": 2, "Wait... what?": 2, "Stop!!! Now.": 2,
            "“Is it?” he asked.": 2, "(It is.) So be it.": 2,
            'He said: "Go!" Then: \'Stay.\' Fine.': 3, "What?Yes.": 1, "Wait ... what?": 2,
        }
    )  # fmt: skip


def test_dots_that_end_nothing() -> None:
    """Dots within 3.14 or e.g., and those of the abbreviations, end no sentence."""
    assert_sentences(
        {
            "Pi is 3.14 here. Yes.": 2, "Take fruit, e.g. apples. Eat.": 2, "Node.js (i.e. JavaScript) runs.": 1,
            "I met Dr. No and “Mr. Bond” (Prof. X vs. Mrs. Y).": 1, "E.g. this one. In the U.S. it rains.": 2,
            "Nuts, figs (etc.) and more.": 1, "Go to www.example.org now.": 1, "Nuts, etc.! Figs.": 2,
            "A cat sat. Be quick.": 2,
        }
    )  # fmt: skip


def test_sentences_over_lines() -> None:
    """A sentence may run over several lines, and one without an end at the close of the text counts too."""
    assert_sentences(
        {
            "One that\nruns over\n\nfour lines. Two": 2, "no end at all": 1, "An end.\n\n": 1, "An end.\nMore\n": 2,
            "We like e.g.": 1, "An end\n.": 1, HAMLET: 1,
        }
    )  # fmt: skip
    for case in range(6):
        picks = rng(case).integers(0, len(SENTENCES), 9).tolist()
        text = ["\n", " ", "  \n\t"][case % 3].join(SENTENCES[i] for i in picks)
        assert_sentences({text: len(picks)})


def test_nothing_to_count() -> None:
    """A text without words has no sentence, and an empty one has no characters either."""
    for text in ("", "\n", "... !\n?! -- “”", "_ *"):
        got, call = analyzed(text), f"analyze({text!r} as lines)"
        assert_equal(list(got), [len(text), 0, 0, {}], what="the report", call=call)
    assert_sentences({"Hi! ... ! Bye.": 2, "... and so?": 1, "... -- !": 0})


def test_lines_are_read_once() -> None:
    """analyze goes once through any iterable of lines, and starts from nothing at every call."""

    def lines() -> Iterator[str]:
        yield from HAMLET.splitlines(keepends=True)

    for _ in range(2):
        with calling("analyze(a generator of two lines)"):
            got = looked_at(work.analyze(lines()))
        assert_equal([got.n_characters, got.n_words, got.n_sentences], [len(HAMLET), 10, 1], what="the report")
        assert_equal(got.counts.get("be", 0), 2, what='counts["be"]')


def test_rendered() -> None:
    """render gives the three numbers and the n most frequent words, equal counts in the order of the alphabet."""
    counts = {"to": 2, "question": 12, "be": 2, "or": 1, "not": 1}
    head = ["characters: 1234", "words: 18", "sentences: 3", "top words:"]
    tail = ["    12 question", "     2 be", "     2 to", "     1 not", "     1 or"]
    with calling("Report(1234, 18, 3, counts)"):
        report = work.Report(1234, 18, 3, dict(counts))
    for n in (3, 5, 10, 0):
        assert_equal(work.render(report, n), "\n".join(head + tail[:n]))
    with calling("Report(0, 30, 0, counts of twelve words)"):
        report = work.Report(0, 30, 0, {f"w{i:02}": 1 for i in range(12)})
    lines = ["characters: 0", "words: 30", "sentences: 0", "top words:", *(f"     1 w{i:02}" for i in range(10))]
    assert_equal(work.render(report), "\n".join(lines))


def test_a_large_file() -> None:
    """analyze_file reads line by line: 3 MB of text are counted in 1 MB of memory."""
    line = "The fox" + " " * 700 + "slept.\r\n"
    n = 4200
    with temporary_folder() as folder:
        path = folder / "large.txt"
        path.write_bytes(line.encode() * n)
        got = looked_at(assert_memory(lambda: work.analyze_file(path), 1.0, what="analyze_file of 3 MB"))
    assert_equal(got.n_characters, (len(line) - 1) * n, what="n_characters (a line break counts as one)")
    assert_equal([got.n_words, got.n_sentences], [3 * n, n], what="n_words and n_sentences")


def test_the_program() -> None:
    """The program prints the report of a file and exits with 0; --top says how many words it shows."""
    head = f"characters: {len(HAMLET)}\nwords: 10\nsentences: 1\ntop words:"
    words = [
        "     2 be",
        "     2 to",
        "     1 is",
        "     1 not",
        "     1 or",
        "     1 question",
        "     1 that",
        "     1 the",
    ]
    with temporary_folder() as folder:
        path = folder / "hamlet to be.txt"
        path.write_bytes(HAMLET.encode())
        assert_prints("\n".join([head, *words]), path)
        assert_prints("\n".join([head, *words[:3]]), path, "--top", "3")
        path.write_bytes(b"a b c d e f g h i j k l")
        assert_prints("characters: 23\nwords: 12\nsentences: 1\ntop words:\n" + "\n".join(
            f"     1 {letter}" for letter in "abcdefghij"), path)  # fmt: skip


def test_other_encodings() -> None:
    """--encoding says how the file is to be read; without it, it is UTF-8."""
    text = "Café, café: größer.\n"
    expected = f"characters: {len(text)}\nwords: 3\nsentences: 1\ntop words:"
    with temporary_folder() as folder:
        path = folder / "cafe.txt"
        path.write_bytes(text.encode("utf-8"))
        assert_prints(expected, path, "--top", "0")
        path.write_bytes(text.encode("utf-16"))
        assert_prints(expected, path, "--top", "0", "--encoding", "utf-16")


def test_files_that_cannot_be_read() -> None:
    """A missing file, or a folder, gives exit code 1 and a message with its path on standard error."""
    with temporary_folder() as folder:
        assert_complains(1, folder / "missing.txt", mentions=("missing.txt",))
        assert_raises(OSError, work.analyze_file, folder / "missing.txt")
        (folder / "corpus").mkdir()
        assert_complains(1, folder / "corpus", mentions=("corpus",))


def test_files_of_another_encoding() -> None:
    """A file that is not text in the encoding, or an unknown encoding, gives exit code 1 and names both."""
    with temporary_folder() as folder:
        path = folder / "latin.txt"
        path.write_bytes(b"plain at first\n" * 3000 + "Café\n".encode("latin-1"))
        assert_complains(1, path, mentions=("latin.txt", "utf-8"))
        assert_raises(UnicodeDecodeError, work.analyze_file, path)
        assert_complains(1, path, "--encoding", "ascii", mentions=("latin.txt", "ascii"))
        assert_complains(1, path, "--encoding", "utf-99", mentions=("utf-99",))
        path.write_bytes(b"no letter in Windows: \x81\n")
        assert_complains(1, path, "--encoding", "cp1252", mentions=("latin.txt", "cp1252"))


def test_wrong_arguments() -> None:
    """No file, or a --top that is not a whole number from 0 up, gives exit code 2 and a message."""
    with temporary_folder() as folder:
        path = folder / "text.txt"
        path.write_bytes(b"One.\n")
        assert_complains(2)
        assert_complains(2, path, "--top", "many")
        assert_complains(2, path, "--top=-1")
