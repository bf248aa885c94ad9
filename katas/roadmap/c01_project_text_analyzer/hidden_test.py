"""Hidden test of c01_project_text_analyzer."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kata_runner.checking import (
    Ran,
    Shown,
    assert_equal,
    assert_memory,
    calling,
    edges,
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


def assert_counted(text: str, **expected: Any) -> None:
    """What analyze returns for the lines of a text, the named fields only."""
    lines = text.splitlines(keepends=True)
    call = f"analyze({lines})"
    with calling(call):
        got = work.analyze(lines)
    for name, value in expected.items():
        assert_equal(getattr(got, name, None), value, what=name, call=call)


def assert_sentences(cases: dict[str, int]) -> None:
    for text, expected in cases.items():
        assert_counted(text, n_sentences=expected)


def program(*args: str | Path) -> Ran:
    ran = run_python(*args, timeout_s=60)
    if "NotImplementedError" in ran.stderr:
        todo("a part of the program is still the stub")
    return ran


def shown(content: bytes | None, *args: str | Path) -> str:
    names = [arg.name if isinstance(arg, Path) else arg for arg in args]
    told = shlex.join(["python", "text_analyzer.py", *names])
    if content is None:
        return told
    return f"{told}, where the file {f'is {content!r}' if len(content) < 60 else f'ends with {content[-24:]!r}'}"


def last_lines(text: str) -> Shown:
    return Shown(text.strip()[-160:] or "nothing")


def assert_complains(content: bytes | None, *args: str | Path, mentions: tuple[str, ...]) -> None:
    """The program exits with 1 and says why on standard error; content: what the file holds, if there is one."""
    ran, call = program("text_analyzer.py", *args), shown(content, *args)
    require("Traceback" not in ran.stderr, "a traceback was printed", got=last_lines(ran.stderr), call=call)
    require(ran.code == 1, f"the exit code is {ran.code}, expected 1", got=last_lines(ran.stderr), call=call)
    require(not ran.stdout, "standard output should stay empty here", got=ran.stdout, call=call)
    for word in mentions:
        message = f"the message on standard error does not name {word}"
        require(word in ran.stderr.lower(), message, got=last_lines(ran.stderr), call=call)


def assert_prints(expected: str, content: bytes, *args: str | Path) -> Ran:
    with temporary_folder() as folder:
        path = folder / "to be.txt"
        path.write_bytes(content)
        # The option has Python warn where a file is opened in the encoding of the machine.
        ran = program("-X", "warn_default_encoding", "text_analyzer.py", path, *args)
        call = shown(content, path, *args)
    require(ran.code == 0, f"the exit code is {ran.code}, expected 0", got=last_lines(ran.stderr), call=call)
    assert_equal(ran.stdout.replace("\r\n", "\n"), expected + "\n", what="standard output", call=call)
    return ran


def test_characters() -> None:
    """Every character counts, blanks and line breaks included; a letter counts as one, whatever its bytes."""
    for text in ("To be.\n", "a b\tc ", "\n\n", "Ärger – 東京\n", " ", ""):
        assert_counted(text, n_characters=len(text))


def test_words() -> None:
    """Words are counted as your words returns them: case and punctuation aside. Each call starts from nothing."""
    cases = {
        "The cat.\nthe CAT\n": {"the": 2, "cat": 2},
        "To be. Not to be!\n": {"to": 2, "be": 2, "not": 1},
        "Don't stop; don’t -- state-of-the-art": {"don't": 2, "stop": 1, "state-of-the-art": 1},
        "3.14 e.g. x_y": {"3": 1, "14": 1, "e": 1, "g": 1, "x": 1, "y": 1},
        "": {},
    }
    for text, expected in cases.items():
        assert_counted(text, counts=expected, n_words=sum(expected.values()))


def test_ends_of_sentences() -> None:
    """A piece that ends with a dot, exclamation or question mark ends one sentence; a mark within it ends none."""
    assert_sentences(
        {
            "It works. Does it? Yes!": 3, "Really?! Yes.": 2, "Wait... what?": 2, "Stop!!! Now.": 2,
            "Pi is 3.14 here. Yes.": 2, "What?Yes.": 1, "We use Node.js here.": 1, "See www.example.org now.": 1,
        }
    )  # fmt: skip


def test_closing_marks() -> None:
    """All quotes and brackets after the mark are taken off before the end is looked at."""
    assert_sentences(
        {
            "“Is it?” he asked.": 2, "(It is.) So be it.": 2, '(He said "no.") Then more.': 2,
            'He said: "Go!" Then: \'Stay.\' Fine.': 3, "[“{«Ever?»}”] Never.": 2,
        }
    )  # fmt: skip


def test_abbreviations() -> None:
    """An abbreviation ends no sentence, whatever its case and the opening and closing marks around it."""
    assert_sentences(
        {
            "Fruit, e.g. apples. Eat.": 2, "Apples vs. pears etc. are fruit.": 1, "I met Dr. No. E.g. here.": 2,
            "The U.S. won.": 1, "MR. BOND won.": 1, "Figs ETC. are fruit.": 1,
            "Dogs (e.g. Rex) bark.": 1, "Nuts, figs (etc.) and more.": 1, "I met “Mr. Bond” and ('Prof. X').": 1,
            "Nuts (and figs, “etc.”) are good.": 1, "Nuts, etc.! Figs.": 2, "A cat sat. Be quick.": 2,
        }
    )  # fmt: skip


def test_sentences_over_lines() -> None:
    """A sentence may run over several lines, and what is left after the last end is one more."""
    assert_sentences(
        {
            "One\ntwo. Three.": 2, "no end at all": 1, "One that\nruns over\n\nfour lines. Two": 2, "An end.\n\n": 1,
            "An end.\nMore\n": 2, "We like e.g.": 1, "An end\n.": 1, HAMLET: 1,
        }
    )  # fmt: skip
    for case in range(6):
        picks = rng(case).integers(0, len(SENTENCES), 9).tolist()
        text = ["\n", " ", "  \n\t"][case % 3].join(SENTENCES[i] for i in picks)
        assert_sentences({text: len(picks)})


def test_lines_are_read_once() -> None:
    """The lines may come from any iterable, also from a generator, which can be gone through only once."""
    lines = HAMLET.splitlines(keepends=True)

    def made() -> Iterator[str]:
        yield from lines

    with calling(f"analyze(line for line in {lines})"):
        got = work.analyze(made())
        numbers = {name: getattr(got, name, None) for name in ("n_characters", "n_words", "n_sentences")}
        assert_equal(numbers, {"n_characters": len(HAMLET), "n_words": 10, "n_sentences": 1}, what="the report")
        assert_equal(getattr(got, "counts", {}).get("be", 0), 2, what='counts["be"]')


def test_rendered() -> None:
    """render returns the three numbers and at most n words, the highest count first, equal ones by their texts."""
    counts = {"to": 2, "question": 12, "be": 2, "or": 1, "not": 1}
    head = ["characters: 1234", "words: 18", "sentences: 3", "top words:"]
    tail = ["    12 question", "     2 be", "     2 to", "     1 not", "     1 or"]
    for n in (1, 3, 5, 10, 0):
        with calling(f"render(Report(1234, 18, 3, {counts}), {n})"):
            report = work.Report(1234, 18, 3, dict(counts))
        assert_equal(work.render(report, n), "\n".join(head + tail[:n]))
    many = {f"w{i:02}": 1 for i in range(12)}
    with calling(f"render(Report(0, 12, 0, {many}))"):
        report = work.Report(0, 12, 0, dict(many))
    lines = ["characters: 0", "words: 12", "sentences: 0", "top words:", *(f"     1 {word}" for word in many)]
    assert_equal(work.render(report), "\n".join(lines[:14]))


def test_the_program() -> None:
    """The program prints the report of a file and exits with 0; --top says how many words, by default ten."""
    letters = "".join(f"\n     1 {letter}" for letter in "abcdefghijkl")
    head = "characters: 23\nwords: 12\nsentences: 1\ntop words:"
    for args, n in (((), 10), (("--top", "2"), 2), (("--top", "0"), 0)):
        assert_prints(head + letters[: 9 * n], b"a b c d e f g h i j k l", *args)


def test_other_encodings() -> None:
    """--encoding says how the file is read; without it, it is UTF-8 on every machine."""
    # The words themselves are ASCII: in which encoding standard output is written is left open.
    text = "A “cake” – 5 €.\n"
    expected = f"characters: {len(text)}\nwords: 3\nsentences: 1\ntop words:\n     1 5\n     1 a\n     1 cake"
    assert_prints(expected, text.encode("utf-16"), "--encoding", "utf-16")
    ran = assert_prints(expected, text.encode("utf-8"))
    warned = [line for line in ran.stderr.splitlines() if "EncodingWarning" in line and "text_analyzer.py" in line]
    require(
        not warned,
        "the file is opened in the encoding of the machine, which is not UTF-8 everywhere",
        got=Shown("\n".join(warned)[-160:]),
        call="python -X warn_default_encoding text_analyzer.py cake.txt",
    )


edges()


def test_no_sentence_without_a_word() -> None:
    """An end, or a rest, without a word since the last end is no sentence."""
    assert_sentences({"...": 0, "Hi! ... ! Bye.": 2, "The end. * * *": 1, "... and so?": 1, "\n?! -- “”": 0, "": 0})


def test_a_large_file() -> None:
    """analyze_file counts 3 MB of text in 1 MB of memory."""
    line = "The fox" + " " * 700 + "slept.\n"
    n = 4200
    with temporary_folder() as folder:
        path = folder / "large.txt"
        path.write_bytes(line.encode() * n)
        with calling("analyze_file(a file of 4,200 lines, 3 MB)"):
            got = assert_memory(lambda: work.analyze_file(path), 1.0, what="analyze_file")
            numbers = [getattr(got, name, None) for name in ("n_characters", "n_words", "n_sentences")]
            assert_equal(numbers, [len(line) * n, 3 * n, n], what="[n_characters, n_words, n_sentences]")


def test_line_breaks_of_a_file() -> None:
    r"""In a file, a line break \r\n counts as one character."""
    content = b"To be\r\nor not.\r\n"
    with temporary_folder() as folder:
        path = folder / "windows.txt"
        path.write_bytes(content)
        with calling(f"analyze_file(a file of {content!r})"):
            got = work.analyze_file(path)
            assert_equal(getattr(got, "n_characters", None), 14, what="n_characters")


def test_files_that_cannot_be_read() -> None:
    """A missing file, or a folder, leads to exit code 1 and a message with its path on standard error."""
    with temporary_folder() as folder:
        assert_complains(None, folder / "missing.txt", mentions=("missing.txt",))
        (folder / "corpus").mkdir()
        assert_complains(None, folder / "corpus", mentions=("corpus",))


def test_files_of_another_encoding() -> None:
    """A file that is not text in the encoding leads to exit code 1 and a message that names path and encoding."""
    with temporary_folder() as folder:
        path = folder / "other.txt"
        late = b"plain at first\n" * 3000 + b"no letter in Windows: \x81\n"
        for content, encoding in ((late, "cp1252"), (b"no mark of UTF-16 in front\n", "utf-16")):
            path.write_bytes(content)
            assert_complains(content, path, "--encoding", encoding, mentions=("other.txt", encoding))


def test_an_unknown_encoding() -> None:
    """An encoding that Python does not know leads to exit code 1 and a message that names path and encoding."""
    with temporary_folder() as folder:
        path = folder / "plain.txt"
        path.write_bytes(b"Plain.\n")
        assert_complains(b"Plain.\n", path, "--encoding", "utf-99", mentions=("plain.txt", "utf-99"))
