"""Wrong answers as edits: the page, its errors, and whole answers made into entries and back."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from kata_runner.authoring import convert
from kata_runner.catalogue import edits, load
from kata_runner.catalogue.wrong import sentences_of, wrong_answers
from kata_runner.errors import BrokenKata, UsageError
from kata_runner.model import Kata

BASE = textwrap.dedent("""\
    import math


    def mean(values):
        total = 0.0
        for value in values:
            total += value
        return total / len(values)


    def spread(values):
        total = 0.0
        for value in values:
            total += (value - mean(values)) ** 2
        return math.sqrt(total / len(values))
    """)
EDIT = """\
# Mistakes

## sample_spread
The squares are divided by
n - 1.
bug · promise 2 · promise 3

```diff
-    return math.sqrt(total / len(values))
+    return math.sqrt(total / (len(values) - 1))
```
"""


def page_of(*blocks: str, name: str = "slip") -> str:
    return f"# Mistakes\n\n## {name}\nIn words.\n\n" + "\n\n".join(blocks) + "\n"


def applied(page: str, base: str = BASE) -> str:
    (entry,) = edits.parse(page, "p900")
    return edits.apply(entry, {"stats.py": base.encode()}, "stats.py", "p900")["stats.py"].decode()


# --- the page ----------------------------------------------------------------------------------------------------


def test_an_entry_has_name_sentence_marks_and_edit() -> None:
    (entry,) = edits.parse(EDIT, "p900")

    assert (entry.name, entry.sentence) == ("sample_spread", "The squares are divided by n - 1.")
    assert (entry.is_bug, entry.promises) == (True, (2, 3))
    assert BASE.replace("total / len(values))", "total / (len(values) - 1))") == applied(EDIT)


def test_a_separator_stands_between_hunks_and_an_empty_line_is_context() -> None:
    page = page_of("```diff\n import math\n\n+ROUND = 3\n@@\n-def spread(values):\n+def spread(values, ddof=0):\n```")

    expected = BASE.replace("import math\n\n", "import math\n\nROUND = 3\n").replace("d(values):", "d(values, ddof=0):")

    assert expected == applied(page)


def test_blanks_at_the_end_of_a_line_do_not_count() -> None:
    page = page_of("```diff\n-import math   \n+import cmath as math\n```")

    assert BASE.replace("import math", "import cmath as math") == applied(page, BASE.replace("math\n", "math \n", 1))


def test_a_page_that_is_formatted_reads_the_same() -> None:
    second = page_of("```diff stats.py\n-import math\n```", "```new notes.md\ntext\n```").partition("\n\n")[2]
    entries = edits.parse(f"{EDIT}\n{second}", "p900")

    assert [entry.name for entry in entries] == ["sample_spread", "slip"]
    assert entries == edits.parse(edits.page(entries), "p900")


def test_a_new_file_may_hold_fences_and_headings() -> None:
    text = "## not an entry\n```\ncode\n```\n"
    entry = edits.Entry("slip", "In words.", new_files=(edits.NewFile("notes.md", text),))

    (read,) = edits.parse(edits.page([entry]), "p900")

    assert {"a.py": b"", "notes.md": text.encode()} == edits.apply(read, {"a.py": b""}, "a.py", "p900")


def test_an_entry_edits_named_files_of_another_right_answer() -> None:
    page = page_of("```diff right/plain/Dockerfile\n-USER app\n```", "```diff right/plain/app.py\n-x = 1\n+x = 2\n```")
    (entry,) = edits.parse(page, "p900")
    base = {"Dockerfile": b"FROM x\nUSER app\n", "app.py": b"x = 1\n"}

    assert entry.base == "right/plain"
    assert edits.apply(entry, base, "", "p900") == {"Dockerfile": b"FROM x\n", "app.py": b"x = 2\n"}


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (page_of("```diff\n+x = 1\n```"), "slip, hunk 1 has only + lines"),
        (page_of("```diff\n-import math\n@@\n def mean(values):\n```"), "hunk 2 changes nothing"),
        (page_of("```diff\n-import math\n?\n```"), "starts with none of"),
        (page_of("```diff\n-import math\n"), "never closed"),
        (page_of("```python\nx\n```"), "a fence says 'python'"),
        (page_of("```diff right/a.py\n-x\n```", "```diff\n-x\n```"), "edit different right answers"),
        (page_of(), "no fenced block"),
        (EDIT + EDIT.partition("\n\n")[2], "two mistakes are named sample_spread"),
        (page_of("```diff\n-x\n```", name="two words"), "'two words' is no name"),
    ],
)
def test_a_page_that_cannot_be_understood_says_where(page: str, said: str) -> None:
    with pytest.raises(BrokenKata, match=r"^p900, ") as caught:
        edits.parse(page, "p900")

    assert said in str(caught.value)


# --- where an edit fits ------------------------------------------------------------------------------------------


def test_an_edit_left_behind_by_its_solution_names_the_nearest_line() -> None:
    with pytest.raises(BrokenKata) as caught:
        applied(EDIT, BASE.replace("math.sqrt(total / len(values))", "math.sqrt(total / max(1, len(values)))"))

    assert str(caught.value) == (
        "p900, mistake sample_spread, hunk 1 fits nowhere in solution.py: it has "
        "'return math.sqrt(total / len(values))', "
        "the nearest line is 15, 'return math.sqrt(total / max(1, len(values)))'"
    )


def test_an_edit_that_fits_twice_names_both_lines() -> None:
    with pytest.raises(BrokenKata, match=r"hunk 1 fits twice in solution.py, at lines 5 and 12: 'total = 0.0'"):
        applied(page_of("```diff\n-    total = 0.0\n+    total = 1.0\n```"))


def test_overlapping_hunks_are_refused() -> None:
    page = page_of("```diff\n-import math\n+import cmath\n\n@@\n import math\n+import cmath\n```")

    with pytest.raises(BrokenKata, match=r"hunk 2 overlaps another hunk at line 1 of solution.py"):
        applied(page)


def test_hunks_are_looked_for_in_the_untouched_base() -> None:
    page = page_of(
        "```diff\n-import math\n+def spread(values):\n@@\n-def spread(values):\n+def spread(values, n):\n```"
    )

    assert applied(page).startswith("def spread(values):\n")


def test_a_file_that_the_answer_lacks_is_named() -> None:
    with pytest.raises(BrokenKata, match=r"the solution has no file 'Dockerfile'; its files: stats.py"):
        applied(page_of("```diff Dockerfile\n-x\n```"))


# --- a kata's wrong answers --------------------------------------------------------------------------------------


@pytest.fixture
def kata(tmp_path: Path, make_kata: Callable[..., Path]) -> Kata:
    """A toy whose solution is BASE, with two whole wrong answers: `sign` and `zero`."""
    make_kata(tmp_path / "katas", files={"stub.py": BASE, "solution.py": BASE})
    return load.load(tmp_path / "katas").katas[0]


def added(kata: Kata, wrong: str, name: str = "slip") -> list[list[str]]:
    """The hunks of a wrong answer that is added to the kata; checks that it stands for the same module."""
    path = kata.folder / f"{name}.py"
    path.write_text(f'"""{name} in words."""\n\n{wrong}', encoding="utf-8")
    entry = convert.add_mistake(kata, name, path)
    assert f"{name} in words." == entry.sentence
    return [list(hunk.lines) for patch in entry.patches for hunk in patch.hunks]


def test_comments_docstrings_and_blank_lines_are_no_part_of_an_entry(kata: Kata) -> None:
    wrong = BASE.replace("def mean(values):", 'def mean(values):\n    """The mean."""\n    # from zero\n')
    wrong = wrong.replace("        total += value\n", "        total += abs(value)  # never negative\n")

    assert added(kata, wrong) == [["-        total += value", "+        total += abs(value)  # never negative"]]


def test_lines_around_an_edit_make_it_unique(kata: Kata) -> None:
    wrong = BASE.replace("def spread(values):\n    total = 0.0", "def spread(values):\n    total = 1.0")

    expected = [" def spread(values):", "-    total = 0.0", "+    total = 1.0", "     for value in values:"]
    assert [[line.rstrip() for line in expected]] == added(kata, wrong)


def test_an_import_and_a_helper_come_with_the_edit(kata: Kata) -> None:
    wrong = BASE.replace("import math", "import math\nimport statistics").replace(
        "def spread", "def _half(x):\n    return x / 2\n\n\ndef spread"
    )

    lines = [line for hunk in added(kata, wrong.replace("math.sqrt", "_half")) for line in hunk]

    assert {"+import statistics", "+def _half(x):", "+    return _half(total / len(values))"} <= set(lines)
    assert wrong.replace("math.sqrt", "_half") == convert.whole_answer(kata, "slip")["toy.py"].decode()


def test_the_right_answer_with_the_smallest_edit_is_the_base(kata: Kata) -> None:
    other = "def mean(values):\n    return sum(values) / len(values)\n\n\ndef spread(values):\n    return max(values)\n"
    (kata.folder / "right").mkdir()
    (kata.folder / "right" / "short.py").write_text(other)

    assert added(kata, other.replace("max", "min")) == [["-    return max(values)", "+    return min(values)"]]
    assert "```diff right/short.py\n" in (kata.folder / edits.PAGE).read_text()


def test_files_of_a_folder_are_compared_by_what_they_mean(tmp_path: Path, make_kata: Callable[..., Path]) -> None:
    files = {"solution/answers.toml": "a = 1\nb = 'x'\n", "solution/Dockerfile": "FROM x\nUSER app\n"}
    folder = make_kata(tmp_path / "katas", files={"solution.py": "", "stub.py": "", "stub/answers.toml": "\n", **files})
    kata = load.load(tmp_path / "katas").katas[0]
    wrong = folder / "wrong" / "root"
    wrong.mkdir()
    for name, text in {
        "mistake.md": "It runs as root.\n",
        "answers.toml": "# mine\na = 1\n\nb = 'x'\n",
        "Dockerfile": "FROM x\n# no user\n",
        "notes.txt": "new\n",
    }.items():
        (wrong / name).write_text(text)

    entry = convert.add_mistake(kata, "root", wrong)

    assert (edits.Patch("Dockerfile", (edits.Hunk(("-USER app",)),)),) == entry.patches
    assert (edits.NewFile("notes.txt", "new\n"),) == entry.new_files
    assert not wrong.exists()


def test_a_wrong_answer_of_the_kata_is_moved_and_keeps_its_marks(kata: Kata) -> None:
    (kata.folder / "wrong" / "zero.py").write_text('"""Zero for everything."""\n\n' + BASE.replace("total / ", "0 * "))

    for _ in range(2):
        convert.add_mistake(kata, "zero", kata.folder / "wrong" / "zero.py")
        page = (kata.folder / edits.PAGE).read_text()
        (kata.folder / edits.PAGE).write_text(page.replace("everything.\n\n", "everything.\nbug\n\n"))
        assert not (kata.folder / "wrong" / "zero.py").exists()
        (kata.folder / "wrong" / "zero.py").write_bytes(convert.whole_answer(kata, "zero")["toy.py"])
    (kata.folder / "wrong" / "zero.py").unlink()

    edited, whole = sorted(wrong_answers(kata), key=lambda wrong: wrong.name, reverse=True)
    assert (edited.name, edited.is_bug, edited.where) == ("zero", True, "mistakes.md, zero")
    assert (whole.name, whole.where) == ("sign", "wrong/sign.py")
    assert sentences_of(kata, {"zero", "else"}) == {"zero": "Zero for everything."}


def test_two_wrong_answers_of_one_name_are_refused(kata: Kata) -> None:
    added(kata, BASE.replace("total / ", "0 * "), name="zero")

    with pytest.raises(BrokenKata, match="two wrong answers named zero"):
        wrong_answers(kata)


def test_what_no_edit_equals_is_refused_in_words(kata: Kata) -> None:
    (kata.folder / "slip.py").write_text('"""In words."""\n')
    (kata.folder / "solution.py").write_bytes(b"# coding: latin-1\nx = '\xff'\n")

    with pytest.raises(BrokenKata, match="Make the mistake in a copy of the solution"):
        convert.add_mistake(kata, "slip", kata.folder / "slip.py")


def test_an_unknown_mistake_is_answered_with_the_known_ones(kata: Kata) -> None:
    with pytest.raises(UsageError, match=r"no mistake named sing; its mistakes: sign, zero"):
        convert.whole_answer(kata, "sing")


def test_an_answer_without_a_sentence_is_not_added(kata: Kata, tmp_path: Path) -> None:
    silent = tmp_path / "silent.py"
    silent.write_text("def double(x):\n    return 0\n")

    with pytest.raises(UsageError, match="does not say the mistake in words"):
        convert.add_mistake(kata, "silent", silent)


def test_two_branches_that_each_add_a_mistake_merge(kata: Kata) -> None:
    def git(*args: str | Path) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *args],
            cwd=kata.folder,
            check=True,
            capture_output=True,
        )

    def add(name: str, mean: str) -> None:
        added(kata, BASE.replace("return total /", f"return {mean} /"), name)
        git("add", kata.folder / edits.PAGE)
        git("commit", "-qm", name)

    git("init", "-q", "-b", "main")
    for name, mean in (("b_middle", "1 + total"), ("d_last", "2 * total")):
        add(name, mean)
    git("checkout", "-qb", "other")
    add("c_other", "-total")
    git("checkout", "-q", "main")
    add("a_mine", "abs(total)")
    git("merge", "-q", "--no-edit", "other")

    page = (kata.folder / edits.PAGE).read_text()
    assert [entry.name for entry in edits.parse(page, "p900")] == ["a_mine", "b_middle", "c_other", "d_last"]
    assert page == edits.page(edits.parse(page, "p900"))
