"""Wrong answers as edits: the page, its errors, and whole answers made into entries and back."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from kata_runner.authoring import convert
from kata_runner.authoring.convert import Base, Language
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
        (page_of("```diff ../x.py\n-x\n```"), "no path inside the answer"),
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


# --- whole answers made into entries -----------------------------------------------------------------------------


def entry_of(wrong: str, *others: str, base: str = BASE) -> edits.Entry:
    """The entry for a wrong answer, from `base` or other right answers."""
    right = {f"right/r{i}.py": text for i, text in enumerate(others)}
    bases = [Base(name, {"stats.py": text.encode()}, "stats.py") for name, text in {"": base, **right}.items()]
    language = Language(public={"mean", "spread"})
    return convert.entry_of("slip", "In words.", {"stats.py": wrong.encode()}, bases, language)


def hunks(entry: edits.Entry) -> list[list[str]]:
    return [list(hunk.lines) for patch in entry.patches for hunk in patch.hunks]


def test_comments_docstrings_formatting_and_types_are_no_part_of_an_entry() -> None:
    base = BASE.replace("def mean(values):", 'def mean(values: list[float]) -> float:\n    """The mean."""')

    wrong = BASE.replace("        total += value\n", "        # never negative\n        total += abs(value)\n")
    found = entry_of(wrong, base=base)
    assert hunks(found) == [["-        total += value", "+        total += abs(value)"]]


def test_lines_around_an_edit_make_it_unique() -> None:
    found = entry_of(BASE.replace("def spread(values):\n    total = 0.0", "def spread(values):\n    total = 1.0"))

    assert hunks(found) == [[" def spread(values):", "-    total = 0.0", "+    total = 1.0"]]


def test_the_right_answer_with_the_smallest_edit_is_the_base() -> None:
    other = "def mean(values):\n    return sum(values) / len(values)\n\n\ndef spread(values):\n    return max(values)\n"

    found = entry_of(other.replace("max", "min"), other)

    assert found.base == "right/r0.py"
    assert hunks(found) == [["-    return max(values)", "+    return min(values)"]]


def test_an_import_and_a_helper_come_with_the_edit() -> None:
    wrong = BASE.replace("import math", "import math\nimport statistics").replace(
        "def spread", "def _half(x):\n    return x / 2\n\n\ndef spread"
    )
    found = entry_of(wrong.replace("return total / len(values)", "return _half(statistics.mean(values))"))

    lines = [line for hunk in hunks(found) for line in hunk]
    assert {"+import statistics", "+def _half(x):", "+    return _half(statistics.mean(values))"} <= set(lines)


def test_a_function_that_the_task_asks_for_is_taken_out_where_the_answer_lacks_it() -> None:
    found = entry_of(BASE.partition("\n\n\ndef spread")[0].replace("import math\n\n\n", "") + "\n")

    assert "-def spread(values):" in hunks(found)[-1]


def test_toml_is_compared_by_its_values() -> None:
    base = Base("", {"answers.toml": b'# why\na = 1\nb = "x"\n'}, "")

    found = convert.entry_of("slip", "In words.", {"answers.toml": b"b = 'x'\n\na = 2\n"}, [base], Language())

    assert convert.equal(edits.apply(found, base.files, "", "p900"), {"answers.toml": b'a = 2\nb = "x"\n'}, Language())


def test_what_is_not_utf8_stays_whole() -> None:
    base = Base("", {"notes.txt": b"a\n"}, "")

    with pytest.raises(BrokenKata, match="keep it whole in wrong/"):
        convert.entry_of("slip", "In words.", {"notes.txt": b"\xff\xfe\n"}, [base], Language())


# --- a kata's wrong answers --------------------------------------------------------------------------------------


@pytest.fixture
def kata(tmp_path: Path, make_kata: Callable[..., Path]) -> Kata:
    """A toy with two whole wrong answers, `sign` and `zero`."""
    make_kata(tmp_path / "katas")
    return load.load(tmp_path / "katas").katas[0]


def test_edited_and_whole_wrong_answers_stand_side_by_side(kata: Kata) -> None:
    before = {wrong.name: wrong for wrong in wrong_answers(kata)}

    convert.add_mistake(kata, "nothing", kata.folder / "wrong" / "zero.py")
    (kata.folder / "wrong" / "zero.py").unlink()

    after = {wrong.name: wrong for wrong in wrong_answers(kata)}
    assert list(after) == ["nothing", "sign"]
    assert sentences_of(kata, {"nothing", "else"}) == {"nothing": "Zero is given for everything."}
    assert convert.equal(before["zero"].files, after["nothing"].files, convert.language_of(kata))
    assert after["nothing"].where == "mistakes.md, nothing"
    assert dict(after["nothing"].files) == convert.whole_answer(kata, "nothing")


def test_two_wrong_answers_of_one_name_are_refused(kata: Kata) -> None:
    convert.add_mistake(kata, "zero", kata.folder / "wrong" / "zero.py")

    with pytest.raises(BrokenKata, match="two wrong answers named zero"):
        wrong_answers(kata)


def test_an_unknown_mistake_is_answered_with_the_nearest_name(kata: Kata) -> None:
    with pytest.raises(UsageError, match=r"no mistake named sing \(did you mean sign\?\)"):
        convert.whole_answer(kata, "sing")


def test_an_answer_without_a_sentence_is_not_added(kata: Kata, tmp_path: Path) -> None:
    silent = tmp_path / "silent.py"
    silent.write_text("def double(x):\n    return 0\n")

    with pytest.raises(UsageError, match="does not say the mistake in words"):
        convert.add_mistake(kata, "silent", silent)


def test_two_branches_that_each_add_a_mistake_merge(kata: Kata, tmp_path: Path) -> None:
    def git(*args: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *args],
            cwd=kata.folder,
            check=True,
            capture_output=True,
        )

    def add(name: str, body: str) -> None:
        path = tmp_path / f"{name}.py"
        path.write_text(f'"""{name} in words."""\n\n\ndef double(x):\n    return {body}\n')
        convert.add_mistake(kata, name, path)
        git("add", "-A")
        git("commit", "-qm", name)

    git("init", "-q", "-b", "main")
    for name, body in (("b_middle", "x + 1"), ("d_last", "x")):
        add(name, body)
    git("checkout", "-qb", "other")
    add("c_other", "x - 1")
    git("checkout", "-q", "main")
    add("a_mine", "x * 3")
    git("merge", "-q", "--no-edit", "other")

    page = (kata.folder / edits.PAGE).read_text()
    assert [entry.name for entry in edits.parse(page, "p900")] == ["a_mine", "b_middle", "c_other", "d_last"]
    assert page == edits.page(edits.parse(page, "p900"))
