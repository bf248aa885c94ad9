"""What a learner does, without a command line, a terminal or a judge."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kata_runner.errors import BrokenKata, MachineError, UnknownKata, UsageError
from kata_runner.learner.store import Store
from kata_runner.model import CheckResult, Kata, Outcome, Status, Tally, Verdict
from kata_runner.practice import Hint, Practice, UsedKatas, how_to_bring_back

TODAY = date.today()


@pytest.fixture
def home(tmp_path: Path, make_catalogue: Callable[[Path], Path]) -> Path:
    """A folder without a workspace, beside three toy katas: p902_built_on uses p900_toy."""
    make_catalogue(tmp_path / "catalogue")
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def open_practice(home: Path) -> Callable[..., Practice]:
    """A function that stands for one command after the other: each call opens the same practice again."""

    def open_one(cwd: Path = home, **environ: str) -> Practice:
        return Practice(cwd=cwd, catalogue_dir=home.parent / "catalogue", environ=environ)

    return open_one


@pytest.fixture
def practice(open_practice: Callable[..., Practice]) -> Practice:
    return open_practice()


@pytest.fixture
def toy(practice: Practice) -> Kata:
    return practice.find("p900")


def record(practice: Practice, kata: Kata, outcome: Outcome = Outcome.PASSED) -> Tally | None:
    """Record a verdict on what is laid out, as if it had been judged."""
    status = Status.PASSED if outcome is Outcome.PASSED else Status.FAILED
    verdict = Verdict(kata.id, outcome, (CheckResult("test_it", "It works.", status),))
    return practice.record(practice.submission(kata), verdict)


def solve(practice: Practice, kata: Kata) -> None:
    practice.start(kata)
    record(practice, kata)


def write(practice: Practice, kata: Kata, code: str) -> Path:
    path = practice.need_workspace().main_file(kata)
    path.write_text(code, encoding="utf-8")
    return path


def make_unusable(practice: Practice) -> None:
    """Turn the store into one of a later release, which this one may not touch."""
    with sqlite3.connect(practice.need_workspace().database) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()


# --- which kata ----------------------------------------------------------------------------------------------------


def test_a_new_practice_has_no_workspace_and_makes_none(practice: Practice, home: Path) -> None:
    assert practice.workspace is None
    assert practice.current() is None
    assert practice.progress(TODAY).n_katas == 3
    assert list(home.iterdir()) == []


def test_without_a_workspace_it_says_how_to_begin(practice: Practice) -> None:
    for act in (practice.need_workspace, practice.store, practice.overview, lambda: practice.pick(None)):
        with pytest.raises(UsageError, match="kata next"):
            act()


def test_a_kata_is_found_by_part_path_and_once(practice: Practice) -> None:
    assert practice.find("my-katas/p900_toy/").id == "p900_toy"
    assert [kata.id for kata in practice.find_all(["p900", "P900_TOY", "next_t"])] == ["p900_toy", "p901_next_toy"]
    with pytest.raises(UnknownKata, match="did you mean p902_built_on"):
        practice.find("bulit_on")


def test_a_file_belongs_to_the_kata_in_whose_folder_it_lies(
    open_practice: Callable[..., Practice], home: Path, tmp_path: Path
) -> None:
    """The file, its folder or the whole workspace may be links."""
    practice = open_practice()
    practice.start(practice.find("p900"))
    root = practice.need_workspace().root
    (tmp_path / "elsewhere").mkdir()
    (root / "p900_toy" / "toy.py").rename(tmp_path / "elsewhere" / "toy.py")
    (root / "p900_toy" / "toy.py").symlink_to(tmp_path / "elsewhere" / "toy.py")
    (tmp_path / "by-link").symlink_to(root)

    assert open_practice().find("my-katas/p900_toy/toy.py").id == "p900_toy"
    assert open_practice(root / "p900_toy").find("toy.py").id == "p900_toy"
    assert open_practice().find(str(tmp_path / "by-link" / "p900_toy" / "toy.py")).id == "p900_toy"
    (root / "p900_toy" / "toy.py").unlink()
    assert open_practice().find("my-katas/p900_toy/toy.py").id == "p900_toy"
    assert open_practice(root / "p900_toy").find("../p901").id == "p901_next_toy"
    with pytest.raises(UnknownKata, match=r"elsewhere/toy.py belongs to no kata: answers are the files in"):
        open_practice().find(str(tmp_path / "elsewhere" / "toy.py"))


def test_the_folder_above_the_workspace_is_no_workspace(open_practice: Callable[..., Practice], home: Path) -> None:
    open_practice().next()
    above = open_practice(KATA_WORKSPACE=str(home))

    for act in (above.need_workspace, above.make_workspace, above.refuse_folder_above):
        with pytest.raises(
            UsageError, match=f"no workspace in {home}; there is one in {home}/my-katas. Name that: KATA_"
        ):
            act()
    assert not (home / ".kata").exists()


def test_next_goes_on_where_the_current_kata_is_broken(open_practice: Callable[..., Practice], home: Path) -> None:
    open_practice().next()
    (home.parent / "catalogue/problems/01_toys/p900_toy/kata.toml").write_text("not TOML at all")

    started = open_practice().next()

    assert started is not None
    assert started.kata.id == "p901_next_toy"
    assert open_practice().progress(TODAY).next_kata == started.kata


def test_starting_says_what_is_not_solved_yet_of_what_it_builds_on(practice: Practice, toy: Kata) -> None:
    built_on = practice.find("p902")

    before = practice.start(built_on).unsolved
    solve(practice, toy)

    assert before == (toy,)
    assert practice.start(built_on).unsolved == ()


def test_the_folder_decides_before_the_current_kata(open_practice: Callable[..., Practice]) -> None:
    first = open_practice()
    first.next()
    first.start(first.find("p901"))
    root = first.need_workspace().root

    assert open_practice(root / "p900_toy").pick(None).id == "p900_toy"
    assert open_practice(root).pick(None).id == "p901_next_toy"
    assert open_practice(root / "p900_toy").pick("p902").id == "p902_built_on"


def test_the_editor_is_read_as_a_command(open_practice: Callable[..., Practice]) -> None:
    assert open_practice(VISUAL="code --wait", EDITOR="vi").editor() == ["code", "--wait"]
    assert open_practice(EDITOR="'open").editor() == []
    assert open_practice().editor() == []


def test_an_editor_at_hand_is_found_where_none_is_set(open_practice: Callable[..., Practice], tmp_path: Path) -> None:
    for name in ("vi", "nano"):
        (tmp_path / name).touch(mode=0o755)

    assert open_practice(PATH=str(tmp_path)).editor_at_hand() == ["nano"]
    assert open_practice(PATH=str(tmp_path), EDITOR="'open").editor_at_hand() == []
    assert open_practice(PATH=str(tmp_path / "none")).editor_at_hand() == []


# --- going on ------------------------------------------------------------------------------------------------------


def test_next_makes_the_workspace_and_lays_the_first_kata_out(practice: Practice, home: Path) -> None:
    started = practice.next()

    assert started is not None
    assert started.kata.id == "p900_toy"
    assert (home / "my-katas" / "p900_toy" / "toy.py").is_file()
    assert not started.is_open_already
    assert practice.current() == started.kata


def test_next_stays_at_an_open_kata(open_practice: Callable[..., Practice]) -> None:
    open_practice().next()

    started = open_practice().next()

    assert started is not None
    assert (started.kata.id, started.is_open_already) == ("p900_toy", True)


def test_next_goes_on_after_a_pass_and_ends_when_all_are_solved(practice: Practice) -> None:
    seen = []
    while (started := practice.next()) is not None:
        seen.append(started.kata.id)
        record(practice, started.kata)

    assert seen == ["p900_toy", "p901_next_toy", "p902_built_on"]
    assert practice.following() is None


def test_an_unknown_or_empty_track_is_refused_before_a_workspace_is_made(practice: Practice, home: Path) -> None:
    with pytest.raises(UsageError, match="no track named"):
        practice.next("problms")
    assert list(home.iterdir()) == []


def test_a_finished_track_leads_back_to_the_journey_and_is_named(
    practice: Practice, make_kata: Callable[..., Path]
) -> None:
    make_kata(practice.catalogue.root, "m01_milestone", group="milestones")
    del practice.catalogue  # read again
    first = practice.next("milestones")
    assert first is not None
    record(practice, first.kata)

    second = practice.next()
    third = practice.next()

    assert first.kata.id == "m01_milestone"
    assert second is not None
    assert (second.kata.id, second.finished_track) == ("p900_toy", "milestones")
    assert third is not None
    assert third.finished_track == ""


def test_what_is_skipped_comes_back_when_nothing_else_is_open(practice: Practice) -> None:
    practice.next()
    came = []
    for _ in range(3):
        started = practice.skip(practice.pick(None))
        assert started is not None
        came.append(started.kata.id)

    assert came == ["p901_next_toy", "p902_built_on", "p900_toy"]


def test_the_only_open_kata_is_skipped_for_nothing(practice: Practice) -> None:
    for name in ("p900", "p901"):
        solve(practice, practice.find(name))
    practice.next()

    assert practice.skip(practice.pick(None)) is None


def test_a_solved_kata_is_not_skipped(practice: Practice, toy: Kata) -> None:
    solve(practice, toy)

    with pytest.raises(UsageError, match="solved already"):
        practice.skip(toy)


def test_start_reports_what_the_machine_lacks(practice: Practice, make_kata: Callable[..., Path]) -> None:
    make_kata(practice.catalogue.root, "p903_needy", needs=["no-such-package-as-this"])
    del practice.catalogue

    assert practice.start(practice.find("p903")).lacking == ("no-such-package-as-this",)


# --- judging -------------------------------------------------------------------------------------------------------


def test_a_recorded_pass_returns_how_far_the_learner_is(practice: Practice, toy: Kata) -> None:
    practice.start(toy)

    assert record(practice, toy, Outcome.FAILED) is None
    write(practice, toy, "# right\n")
    assert record(practice, toy) == Tally(n_solved=1, n_katas=3, n_attempts=2, first_solve=True, stars=("solved",))
    assert record(practice, toy) == Tally(n_solved=1, n_katas=3, n_attempts=2, first_solve=False, stars=("solved",))


@pytest.mark.parametrize("outcome", [Outcome.FAULT, Outcome.MISSING])
def test_what_is_not_the_learners_doing_is_not_recorded(practice: Practice, toy: Kata, outcome: Outcome) -> None:
    practice.start(toy)

    assert record(practice, toy, outcome) is None
    assert practice.history(toy) == ()


def test_a_verdict_that_the_store_refuses_is_an_error(open_practice: Callable[..., Practice], toy: Kata) -> None:
    first = open_practice()
    first.start(toy)
    make_unusable(first)

    with pytest.raises(MachineError):
        record(open_practice(), toy)


def test_several_threads_record_through_one_store(open_practice: Callable[..., Practice], toy: Kata) -> None:
    open_practice().start(toy)
    practice = open_practice()  # the first thread opens its store
    threads = [threading.Thread(target=record, args=(practice, toy)) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [row.number for row in practice.history(toy)] == list(range(1, 9))


def test_used_katas_are_the_last_passing_code(practice: Practice, toy: Kata) -> None:
    built_on = practice.find("p902")
    practice.start(toy)
    write(practice, toy, "# right\n")
    record(practice, toy)
    write(practice, toy, "# broken since\n")
    record(practice, toy, Outcome.BROKE)

    assert practice.used(built_on) == UsedKatas({"p900_toy": {"toy.py": b"# right\n"}})
    assert practice.used(toy) == UsedKatas({})


def test_an_unsolved_used_kata_is_refused_or_borrowed(practice: Practice) -> None:
    built_on = practice.find("p902")
    practice.start(built_on)

    with pytest.raises(UsageError, match="kata check p902 --borrow"):
        practice.used(built_on)
    used = practice.used(built_on, borrow=True)

    assert used.borrowed == ("p900_toy",)
    assert b"x + x" in used.files["p900_toy"]["toy.py"]


# --- help along the way --------------------------------------------------------------------------------------------


def test_hints_go_one_further_each_time_and_stay_at_the_last(practice: Practice, toy: Kata) -> None:
    practice.start(toy)

    taken = [practice.hint(toy) for _ in range(4)]

    assert [hint.level for hint in taken] == [1, 2, 3, 3]
    assert taken[1] == Hint("## The trap\n\n`abs` loses the sign.", level=2, n_hints=3)
    assert practice.standing(toy).hints == 3


def test_a_hint_without_a_workspace_is_the_first_and_makes_none(practice: Practice, toy: Kata) -> None:
    assert [practice.hint(toy).level for _ in range(2)] == [1, 1]
    assert practice.hint(toy, 2).level == 2
    assert practice.workspace is None


def test_a_level_that_is_not_there_is_refused(practice: Practice, toy: Kata) -> None:
    with pytest.raises(UsageError, match="there is no hint 4"):
        practice.hint(toy, 4)


def test_unreadable_parts_are_the_katas_fault(practice: Practice, toy: Kata) -> None:
    (toy.folder / "task.md").unlink()
    (toy.folder / "hint.md").write_text("no heading\n")

    with pytest.raises(BrokenKata, match=r"task\.md cannot be read"):
        practice.task(toy)
    with pytest.raises(BrokenKata, match="holds no hint"):
        practice.hints(toy)


def test_the_reference_opens_by_solving_or_by_giving_up_once(practice: Practice, toy: Kata) -> None:
    other = practice.find("p901")
    solve(practice, other)
    practice.start(toy)

    with pytest.raises(UsageError, match="--give-up"):
        practice.solution(toy)
    files = practice.solution(toy, give_up=True)

    assert list(files) == ["toy.py"]
    assert "return x + x" in files["toy.py"]
    assert practice.solution(toy) == files
    assert practice.solution(other, give_up=True)
    assert practice.progress(TODAY).n_gave_up == 1


# --- the learner's code --------------------------------------------------------------------------------------------


def test_reset_keeps_the_code_and_restore_brings_it_back(practice: Practice, toy: Kata) -> None:
    practice.start(toy)
    path = write(practice, toy, "# mine\n")

    number = practice.reset(toy)
    fresh = path.read_text()
    kept = practice.restore(toy, 1)

    assert (number, kept) == (1, 2)
    assert "NotImplementedError" in fresh
    assert path.read_text() == "# mine\n"
    assert [row.reason for row in practice.history(toy)] == ["reset", "restore"]


def test_reset_of_code_that_was_judged_names_that_attempt(practice: Practice, toy: Kata) -> None:
    practice.start(toy)
    write(practice, toy, "# mine\n")
    record(practice, toy, Outcome.FAILED)

    assert practice.reset(toy) == 1
    assert len(practice.history(toy)) == 1


@pytest.mark.parametrize("replace", [lambda p, toy: p.reset(toy), lambda p, toy: p.restore(toy, 1)])
def test_what_is_saved_while_code_is_being_kept_is_kept_too(
    practice: Practice, toy: Kata, monkeypatch: pytest.MonkeyPatch, replace: Callable[[Practice, Kata], object]
) -> None:
    practice.start(toy)
    record(practice, toy, Outcome.TODO)
    write(practice, toy, "# before\n")
    keep, saves = Store.keep, ["# meanwhile\n"]

    def keep_while_saving(*args: Any) -> int | None:
        number = keep(*args)
        if saves:
            write(practice, toy, saves.pop())
        return number

    monkeypatch.setattr(Store, "keep", keep_while_saving)
    replace(practice, toy)

    assert [practice.store().files(toy.id, n)["toy.py"] for n in (2, 3)] == [b"# before\n", b"# meanwhile\n"]


def test_restore_of_no_attempt_changes_nothing(practice: Practice, toy: Kata) -> None:
    practice.start(toy)
    path = write(practice, toy, "# mine\n")

    with pytest.raises(UsageError, match="no code to bring back"):
        practice.restore(toy, 7)
    assert path.read_text() == "# mine\n"


def test_how_to_bring_back_names_the_number(toy: Kata) -> None:
    assert how_to_bring_back(toy, 3) == "The code you had: kata restore p900 3"
    assert how_to_bring_back(toy, None) == ""


# --- how far -------------------------------------------------------------------------------------------------------


def test_rows_show_the_state_of_each_kata(practice: Practice, toy: Kata) -> None:
    solve(practice, toy)
    practice.start(practice.find("p901"))

    rows = practice.rows()

    assert [(row.kata.short, row.state, row.is_current) for row in rows] == [
        ("p900", "solved", False),
        ("p901", "started", True),
        ("p902", "todo", False),
    ]
    assert {row.group for row in rows} == {"All of them"}
    assert [row.group for row in practice.rows("problems")] == ["Phase 1 · Toys", "Phase 1 · Toys", "Phase 2 · Towers"]


def test_progress_counts_what_was_done(practice: Practice, toy: Kata) -> None:
    solve(practice, toy)
    practice.hint(practice.find("p901"), 2)

    shown = practice.progress(TODAY)

    assert (shown.n_solved, shown.n_katas, shown.n_attempts, shown.n_hints) == (1, 3, 1, 2)
    assert shown.stages == {"All of them": (1, 3)}
    assert shown.next_kata == practice.find("p901")
    assert practice.progress(TODAY + timedelta(days=30)).review == ["p900"]


def test_the_overview_names_the_command_to_type(practice: Practice, toy: Kata) -> None:
    practice.start(toy)
    open_ = practice.overview()
    record(practice, toy)
    solved = practice.overview()

    assert (open_.current, open_.last, open_.command) == (toy, None, "kata check")
    assert (solved.n_solved, solved.n_katas, solved.command) == (1, 3, "kata next")
    assert solved.last is not None
    assert solved.last.outcome is Outcome.PASSED


def test_the_standing_of_one_kata(practice: Practice, toy: Kata) -> None:
    practice.start(toy)
    before = practice.standing(toy)
    record(practice, toy)
    after = practice.standing(toy)

    assert (before.is_solved, before.may_see_solution, before.last) == (False, False, None)
    assert (after.is_solved, after.may_see_solution, after.n_solved) == (True, True, 1)
    assert after.last is not None
    assert after.last.digest == practice.submission(toy).digest


def test_a_current_kata_that_the_catalogue_lost_is_none(open_practice: Callable[..., Practice], toy: Kata) -> None:
    open_practice().start(toy)
    (toy.folder / "kata.toml").unlink()

    later = open_practice()

    assert later.current() is None
    assert later.overview().current is None
    with pytest.raises(UsageError, match="no kata is current"):
        later.pick(None)
