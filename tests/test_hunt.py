"""`kata hunt`: one of the kata's mistakes in code that works otherwise, found by mending it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kata_runner.learner.hunt import difference, n_changed, without_comments

if TYPE_CHECKING:
    from conftest import Kata

SOLUTION = (
    '"""Doubling."""\n\n\ndef double(x: int) -> int:\n    """Twice x."""\n    # The plainest way.\n    return x + x\n'
)
ENTRY = "## {name}\nIt returns {value}.\n{mark}\n```diff\n-    return x + x\n+    return {value}\n```\n"
MISTAKES = "# Mistakes\n\n" + "\n".join(
    ENTRY.format(name=f"m{i}", value=value, mark="bug\n" if i == 3 else "")
    for i, value in enumerate(["abs(x) * 2", "x", "x * x", "x + 2", "0"])
)


@pytest.fixture
def toy(kata: Kata) -> Kata:
    """A solved kata with five mistakes."""
    folder = kata.add("p900_toy", files={"mistakes.md": MISTAKES, "solution.py": SOLUTION})
    for wrong in (folder / "wrong").iterdir():
        wrong.unlink()
    kata("start", "p900")
    kata.write("def double(x):\n    return 2 * x\n")
    kata("check")
    return kata


def code(kata: Kata) -> str:
    return (kata.workspace / "p900_toy" / "hunt" / "toy.py").read_text()


def mend(kata: Kata, text: str) -> None:
    (kata.workspace / "p900_toy" / "hunt" / "toy.py").write_text(text)


def test_a_hunt_from_beginning_to_end(toy: Kata) -> None:
    laid_out = toy("hunt")

    assert laid_out.returncode == 0
    assert "There is one bug in a right answer." in laid_out.stdout
    assert "This does not hold: A positive number is doubled." in laid_out.stdout
    assert "double(3)" in laid_out.stdout
    assert "It returns" not in laid_out.stdout
    assert code(toy) == SOLUTION.replace("    # The plainest way.\n", "").replace("x + x", "x + 2")
    still = toy("hunt")
    assert (still.returncode, "The bug is still there" in still.stdout) == (1, True)

    mend(toy, code(toy).replace("x + 2", "x * 2"))
    found = toy("hunt")

    assert found.returncode == 0
    assert "FOUND · 1 line changed" in found.stdout
    assert "The mistake: It returns x + 2." in found.stdout
    assert "-    return x + 2" in found.stdout
    assert "+    return x * 2" in found.stdout
    assert "Hunted in this kata: 1 of 5" in found.stdout
    assert "would have been enough" not in found.stdout


def test_a_larger_mend_passes_and_is_told_so(toy: Kata) -> None:
    toy("hunt")
    mend(toy, "def double(x):\n    y = x\n    return y + x\n")

    found = toy("hunt")

    assert (found.returncode, "It passes; 1 line would have been enough." in found.stdout) == (0, True)


def test_the_own_answer_is_used_where_the_edit_fits(toy: Kata) -> None:
    mine = "def double(x):  # mine\n    return x + x\n"
    toy.write(mine)
    toy("check")

    assert "There is one bug in your own answer." in toy("hunt").stdout
    assert code(toy) == mine.replace("x + x", "x + 2")


def test_no_mistake_comes_twice_before_all_were_seen(toy: Kata) -> None:
    toy("hunt")
    seen = [code(toy)]
    for _ in range(5):
        toy("hunt", "--next")
        seen.append(code(toy))

    assert len(set(seen[:5])) == 5
    assert seen[5] == seen[0]


def test_what_was_written_in_an_earlier_hunt_is_kept(toy: Kata) -> None:
    folder = toy.workspace / "p900_toy" / "hunt"
    folder.mkdir()
    (folder / "mine.py").write_text("my own\n")
    toy("hunt")
    mend(toy, "half a mend\n")

    toy("hunt", "--next")

    assert (folder / "earlier" / "1" / "mine.py").read_text() == "my own\n"
    assert (folder / "earlier" / "2" / "toy.py").read_text() == "half a mend\n"


def test_a_hunt_is_no_part_of_the_answer(toy: Kata) -> None:
    before = json.loads(toy("check", "--json").stdout)["digest"]

    toy("hunt")

    assert json.loads(toy("check", "--json").stdout)["digest"] == before


def test_only_a_solved_kata_is_hunted_in(toy: Kata) -> None:
    refused = toy("hunt", "p901")

    assert (refused.returncode, "solve p901 first" in refused.stderr) == (2, True)


def test_without_a_solved_kata_there_is_nothing_to_hunt(kata: Kata) -> None:
    kata("start", "p900")

    refused = kata("hunt")

    assert (refused.returncode, "a hunt needs a kata that you have solved" in refused.stderr) == (2, True)


def test_the_kata_hunted_longest_ago_comes_first(toy: Kata) -> None:
    folder = toy.add("p901_next_toy", files={"mistakes.md": MISTAKES})
    for wrong in (folder / "wrong").iterdir():
        wrong.unlink()
    toy("start", "p901")
    toy.write("def double(x):\n    return x + x\n", "p901_next_toy", "next_toy.py")
    toy("check", "p901")

    chosen = [toy("hunt", "--next").stdout.splitlines()[0] for _ in range(3)]

    assert ["p900" in line for line in chosen] == [True, False, True]


def test_too_few_mistakes_are_no_hunt(toy: Kata) -> None:
    toy("start", "p901")
    toy.write("def double(x):\n    return x + x\n", "p901_next_toy", "next_toy.py")
    toy("check", "p901")

    refused = toy("hunt", "p901")

    assert (refused.returncode, "too few mistakes" in refused.stderr) == (2, True)


def test_comments_go_and_nothing_else() -> None:
    source = b'#!/usr/bin/env python\nx = "# no comment"  # one\n# two\nif x:\n    # three\n    y = """\n# text\n"""\n'

    assert without_comments(source) == b'#!/usr/bin/env python\nx = "# no comment"\nif x:\n    y = """\n# text\n"""\n'


def test_lines_are_counted_as_a_reader_counts_them() -> None:
    before = {"a.py": "one\ntwo\nthree\n"}

    assert n_changed(before, {"a.py": "one\nthree\n"}) == 1
    assert n_changed(before, {"a.py": "one\n2\n2.5\nthree\n"}) == 2
    assert difference(before, {"a.py": "one\n2\nthree\n"}) == ["-two", "+2"]
