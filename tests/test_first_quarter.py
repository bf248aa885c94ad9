"""What a learner meets in the first quarter of an hour, and an author with the first kata."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kata_runner.catalogue.load import load
from kata_runner.cli import learn, output
from kata_runner.practice import Practice

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Kata, Screen

SIGN_LOST = '"""Doubling."""\n\n\ndef double(x):\n    return abs(x) * 2\n'


def solve(kata: Kata, kata_id: str = "p900_toy", name: str = "toy.py") -> None:
    kata.write(kata.solution(kata_id), kata_id, name)


# --- the first screen ----------------------------------------------------------------------------------------------


def test_the_first_screen_names_what_to_write_where_and_how_to_go_on(kata: Kata) -> None:
    shown = kata("next").stdout

    for part in ("\nWrite      double\n", "\nThen       kata watch ", " kata show ", "p900 · 2 of 5 stars · 5 minutes"):
        assert part in shown
    assert ">>>" not in shown


def test_the_path_is_relative_to_where_i_am(kata: Kata) -> None:
    kata("next")

    shown = kata("start", "p901", cwd=kata.workspace / "p900_toy").stdout

    assert f"\nIn         {Path('..', 'p901_next_toy', 'next_toy.py')}\n" in shown


def test_every_kata_of_the_release_starts_on_a_screen_of_24_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    monkeypatch.setattr(output, "width", lambda: 80)
    practice = Practice(cwd=tmp_path, environ={})
    n_lines: dict[str, int] = {}
    for found in practice.catalogue.katas:
        learn._print_started(practice, practice.start(found), is_new=True)
        n_lines[found.id] = capsys.readouterr().out.count("\n")

    assert {name: n for name, n in n_lines.items() if n > 23} == {}


def test_start_says_which_katas_come_first(kata: Kata) -> None:
    shown = kata("start", "p902").stdout

    assert "Builds on  p900 Toy; not solved yet\nFirst      kata start p900" in shown
    kata("start", "p900")
    solve(kata)
    kata("check")
    assert "Builds on" not in kata("start", "p902").stdout


def test_the_folder_above_my_workspace_is_explained(kata: Kata) -> None:
    kata("next")

    for words in ([], ["next"], ["check"]):
        ran = kata(*words, KATA_WORKSPACE=str(kata.home))

        assert ran.returncode == 2
        assert f"there is one in {kata.workspace}. Name that: KATA_WORKSPACE={kata.workspace}" in ran.stderr


# --- kata zero -----------------------------------------------------------------------------------------------------


def test_a_stub_that_is_nearly_right_is_failed_and_not_to_do(kata: Kata) -> None:
    kata.add("p903_nearly", stub="nearly right", counted=False, files={"stub.py": SIGN_LOST})
    kata("start", "p903")

    ran = kata("check")
    solve(kata, "p903_nearly", "nearly.py")
    passed = kata("check")

    assert "NOT YET · 1 of 2 checks" in ran.stdout
    assert "Solved, at attempt 2.\n" in passed.stdout
    assert json.loads(kata("progress", "--json").stdout)["katas"] == 3


def test_kata_zero_comes_first_under_a_heading_of_its_own_and_is_not_counted() -> None:
    catalogue = load()

    zero, *others = catalogue.katas

    assert (zero.id, zero.stub, zero.counted) == ("c00_first_steps", "nearly right", False)
    assert catalogue.by_stage()["First steps"] == (zero,)
    assert [kata.id for kata in others if not kata.counted] == []


def test_the_readme_counts_what_stands() -> None:
    """One sentence of README says how many katas there are; it is read here as a learner reads it."""
    catalogue = load()
    counted = [kata for kata in catalogue.katas if kata.counted]
    n_problems, n_roadmap, n_milestones = (
        sum(kata.track == track for kata in counted) for track in ("problems", "roadmap", "milestones")
    )
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")

    assert (
        f"{len(counted)} katas: {n_problems} problems, {n_roadmap} lessons and projects, "
        f"{n_milestones} milestones and bosses" in " ".join(readme.split())
    )
    assert [line for line in readme.splitlines() if len(line) > 110] == []


# --- what is meant -------------------------------------------------------------------------------------------------


def test_check_takes_the_file_of_an_answer(kata: Kata) -> None:
    kata("next")
    kata("start", "p901")

    shown = json.loads(kata("check", "my-katas/p900_toy/toy.py", "--json").stdout)
    elsewhere = kata("check", str(kata.catalogue / "catalogue.toml"))

    assert shown["kata"] == "p900_toy"
    assert (elsewhere.returncode, "belongs to no kata" in elsewhere.stderr) == (2, True)


def test_a_kata_alone_starts_it(kata: Kata) -> None:
    assert "# Next toy" in kata("p901").stdout
    assert "# Toy" in kata("P900_Toy").stdout
    assert (kata.workspace / "p901_next_toy").is_dir()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("lsit", 'no command named "lsit" (did you mean kata list?)'),
        ("next_toy", "To start that kata: kata start p901"),
        ("frobnicate", "neither a command nor a kata"),
    ],
)
def test_a_word_that_is_no_command_says_what_may_be_meant(kata: Kata, word: str, expected: str) -> None:
    ran = kata(word)

    assert (ran.returncode, expected in ran.stderr) == (2, True), ran.stderr
    assert not kata.workspace.exists()


@pytest.mark.parametrize("words", [["--help"], ["dev", "--help"]])
def test_no_commands_help_is_cut_on_a_terminal_of_80_columns(words: list[str], kata: Kata) -> None:
    at_80, at_50 = (kata(*words, COLUMNS=columns).stdout.partition("Commands:")[2] for columns in ("80", "50"))

    assert "..." not in at_80
    assert "..." in at_50


def test_help_and_version_do_as_their_options(kata: Kata) -> None:
    assert kata("--help").stdout == kata("help").stdout
    assert kata("check", "--help").stdout == kata("help", "check").stdout
    assert kata("dev", "new", "--help").stdout == kata("help", "dev", "new").stdout
    assert kata("--version").stdout == kata("version").stdout
    assert 'no command named "chekc" (did you mean kata check?)' in kata("help", "chekc").stderr


def test_restore_takes_a_number_alone_for_the_current_kata(kata: Kata) -> None:
    kata("next")
    path = kata.write(SIGN_LOST)
    kata("check")
    kata.write("# later thoughts\n")

    assert "p900 is as it was in attempt 1" in kata("restore", "1").stdout
    assert path.read_text() == SIGN_LOST
    for words in (["p900"], ["p900", "first"]):
        ran = kata("restore", *words)
        assert (ran.returncode, "kata history p900" in ran.stderr) == (2, True)


@pytest.mark.skipif(sys.platform == "win32", reason="no scripts with a first line that names who runs them")
def test_edit_takes_what_is_there_where_no_editor_is_set_and_says_so(kata: Kata, tmp_path: Path) -> None:
    kata("next")
    nano = tmp_path / "nano"
    nano.write_text(f"#!{sys.executable}\nimport sys; print('edited', sys.argv[1:])\n")
    nano.chmod(0o755)

    ran = kata.process("edit", PATH=str(tmp_path))

    assert ran.stdout.splitlines() == [
        "EDITOR is not set; this opens nano. To choose another: export EDITOR=NAME",
        f"edited ['{kata.workspace / 'p900_toy' / 'toy.py'}']",
    ]


# --- the list ------------------------------------------------------------------------------------------------------


def test_list_finds_a_name_without_its_separators(kata: Kata) -> None:
    for text in ("nexttoy", "Next-Toy", "next toy", "NEXT_TOY"):
        assert [row["kata"] for row in json.loads(kata("list", text, "--json").stdout)] == ["p901_next_toy"], text


def test_list_is_in_the_order_of_the_journey_under_its_stages(kata: Kata) -> None:
    settings = kata.catalogue / "catalogue.toml"
    settings.write_text(settings.read_text().replace('"p900", "p901", "p902"', '"p902", "p900", "p901"'))

    lines = kata("list").stdout.splitlines()
    shown = kata("show", "p902").stdout

    assert lines[0] == "All of them"
    assert [line.split()[1] for line in lines[1:4]] == ["p902", "p900", "p901"]
    assert "Phase 1 · Toys" in kata("list", "--track", "problems").stdout
    assert "Stage      All of them\nFrom       Phase 2 · Towers\nBuilds on  p900 Toy\n" in shown


def test_one_broken_kata_stops_no_other_command(kata: Kata) -> None:
    kata("next")
    kata.add("p903_double_module", module="toy")
    broken = kata.catalogue / "problems/01_toys/p901_next_toy/kata.toml"
    broken.write_text("not TOML at all")

    for words in (["next"], ["check"], ["hint"], ["progress"], ["install", "--all"], ["check", "--all"], []):
        assert kata(*words).returncode in (0, 1), words
    listed = kata("list")
    assert (listed.returncode, "p900" in listed.stdout) == (0, True)
    for part in ("p901_next_toy/kata.toml is not valid TOML", "share the module 'toy'"):
        assert part in listed.stderr
        assert part in kata("doctor", "--json").stdout
        assert part in kata("dev", "audit", "--no-lint").stdout
    started = kata("start", "p901")
    assert (started.returncode, str(broken) in started.stderr) == (3, True)


# --- long texts ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals here")
def test_a_long_task_goes_through_the_pager_and_a_short_one_does_not(
    kata: Kata, on_screen: Callable[..., Screen]
) -> None:
    def shown(*args: str, pager: str) -> str:
        screen = on_screen(kata, "show", *args, PAGER=pager)
        assert screen.wait_end() == 0
        return screen.raw.decode()

    words = "\n\n".join(f"Paragraph {n}." for n in range(40))
    kata.add("p903_long", files={"task.md": f"# Long\n\n{words}\n"})
    marked = f"{sys.executable} -c \"import sys; print('PAGED', sys.stdin.read())\""

    long, short = shown("p903", pager=marked), shown("p900", pager=marked)
    unpaged, without = shown("p903", "--no-pager", pager=marked), shown("p903", pager="no-such-pager")

    assert "PAGED" in long
    assert "PAGED" not in short + unpaged + without
    for text in (long, unpaged, without):
        assert text.index("Paragraph 39.") < text.index("From       Phase 1")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm", "PAGER": "less -S"}, ["less", "-S", "-R"]),
        ({"TERM": "xterm", "PAGER": "bat --plain"}, ["bat", "--plain"]),
        ({"TERM": "xterm", "PAGER": ""}, []),
        ({"TERM": "xterm", "PAGER": "'open"}, []),
        ({"TERM": "dumb", "PAGER": "less"}, []),
        ({}, []),
    ],
)
def test_the_pager_is_the_learners(environ: dict[str, str], expected: list[str]) -> None:
    assert expected == output.pager(environ)


# --- an author's first kata ----------------------------------------------------------------------------------------


def test_dev_new_begins_an_empty_catalogue(kata: Kata, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()

    ran = kata("--catalogue", str(own), "dev", "new", "mine_1")

    assert ran.returncode == 0
    assert f"kata --catalogue {own} dev audit mine_1" in ran.stdout
    assert kata("--catalogue", str(own), "dev", "new", "p102_class").returncode == 0
    rows = json.loads(kata("--catalogue", str(own), "list", "--json").stdout)
    assert [row["kata"] for row in rows] == ["mine_1", "p102_class"]


def test_dev_new_asks_before_it_writes_into_the_releases_own_catalogue(
    kata: Kata, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kata_runner.cli.dev.default_root", lambda: kata.catalogue)

    refused = kata("dev", "new", "p950_beam_search")
    taken = kata("dev", "new", "p950_toy")

    assert (refused.returncode, "kata dev new p950_beam_search --yes" in refused.stderr) == (2, True)
    assert "name a folder: kata --catalogue FOLDER dev new" in refused.stdout
    assert "p900_toy has the module toy already; take another name, such as p950_toy_2" in taken.stderr
    assert list(kata.catalogue.rglob("p950*")) == []
    assert kata("dev", "new", "p950_beam_search", "--yes").returncode == 0
