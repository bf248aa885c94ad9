"""The learner's files are laid out, read, reset and brought back without anything being lost or reached outside."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kata_runner.errors import ExitCode, MachineError, UsageError
from kata_runner.learner.workspace import (
    MAX_FILE_BYTES,
    MAX_FILES,
    Workspace,
    create,
    digest_of,
    locate,
    place,
    submission_of,
)
from kata_runner.model import Kata

STUB = {"norm.py": b"def norm():\n    raise NotImplementedError\n"}
SEVERAL = {".dockerignore": b"\n", "Dockerfile": b"FROM x\n", "README.md": b"read\n", "app/main.py": b"pass\n"}


def make_kata(root: Path, kata_id: str = "p001_norm", module: str = "norm", stub: dict[str, bytes] = STUB) -> Kata:
    folder = root / "catalogue" / kata_id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "task.md").write_bytes(b"# Norm\n")
    return Kata(
        kata_id, kata_id.split("_")[0], folder, "katas", "Katas", "Norm", 1, 5, module, "Something.", stub_files=stub
    )


@pytest.fixture
def kata(tmp_path: Path) -> Kata:
    return make_kata(tmp_path)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create(tmp_path / "work")


def names(workspace: Workspace, kata: Kata) -> list[str]:
    return list(workspace.submission(kata).files)


# --- where it is -------------------------------------------------------------------------------------------------


def test_a_workspace_is_found_from_any_folder_inside(tmp_path: Path) -> None:
    made = create(tmp_path / "work")
    deep = made.root / "p001" / "src"
    deep.mkdir(parents=True)

    assert locate(deep, environ={}) == made
    assert locate(made.root, environ={}) == made


def test_the_default_workspace_below_the_current_folder_is_found(tmp_path: Path) -> None:
    assert locate(tmp_path, environ={}) is None
    assert place(tmp_path, environ={}) == tmp_path / "my-katas"

    made = create(place(tmp_path, environ={}))

    assert locate(tmp_path, environ={}) == made


def test_a_named_workspace_goes_before_one_around(tmp_path: Path) -> None:
    around, named, explicit = (create(tmp_path / name) for name in ("around", "named", "explicit"))
    environ = {"KATA_WORKSPACE": str(named.root)}

    assert locate(around.root, environ={}) == around
    assert locate(around.root, environ=environ) == named
    assert locate(around.root, explicit.root, environ) == explicit


def test_a_named_workspace_that_is_not_made_yet_is_none_rather_than_another(tmp_path: Path) -> None:
    around = create(tmp_path / "around")

    assert locate(around.root, Path("new"), {}) is None
    assert place(around.root, Path("new"), {}) == around.root / "new"


def test_create_twice_keeps_what_is_there(tmp_path: Path) -> None:
    made = create(tmp_path / "work")
    made.database.write_bytes(b"kept")
    (made.root / ".kata" / "README.md").write_text("mine")

    again = create(tmp_path / "work")

    assert again == made
    assert made.database.read_bytes() == b"kept"
    assert (made.root / ".kata" / "README.md").read_text() == "mine"
    assert (made.root / ".kata" / ".gitignore").read_text() == "*\n"


def test_create_where_a_file_stands_says_which(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file")

    with pytest.raises(MachineError, match=r"cannot make the workspace .*work.*--workspace") as caught:
        create(tmp_path / "work")

    assert caught.value.exit_code == ExitCode.MACHINE_AT_FAULT


# --- start -------------------------------------------------------------------------------------------------------


def test_start_lays_out_the_stub_and_the_task(workspace: Workspace, kata: Kata) -> None:
    assert not workspace.is_started(kata)

    files = workspace.start(kata)

    folder = workspace.folder(kata)
    assert files == (folder / "norm.py",)
    assert (folder / "norm.py").read_bytes() == STUB["norm.py"]
    assert (folder / "task.md").read_bytes() == b"# Norm\n"
    assert workspace.is_started(kata)
    assert sorted(p.name for p in folder.iterdir()) == ["norm.py", "task.md"]


def test_start_never_overwrites_what_exists_and_adds_what_is_missing(tmp_path: Path, workspace: Workspace) -> None:
    kata = make_kata(tmp_path, "p062_docker", "", SEVERAL)
    workspace.start(kata)
    folder = workspace.folder(kata)
    (folder / "Dockerfile").write_text("FROM mine\n")
    (folder / "app" / "main.py").unlink()

    workspace.start(kata)

    assert (folder / "Dockerfile").read_text() == "FROM mine\n"
    assert (folder / "app" / "main.py").read_bytes() == b"pass\n"


def test_start_does_not_write_through_a_dangling_link(workspace: Workspace, kata: Kata, tmp_path: Path) -> None:
    folder = workspace.folder(kata)
    folder.mkdir()
    (folder / "norm.py").symlink_to(tmp_path / "elsewhere.py")

    workspace.start(kata)

    assert not (tmp_path / "elsewhere.py").exists()


def test_start_in_a_folder_that_is_a_file_says_so(workspace: Workspace, kata: Kata) -> None:
    workspace.folder(kata).write_text("in the way")

    with pytest.raises(MachineError, match=r"cannot lay out .*p001_norm"):
        workspace.start(kata)


def test_the_main_file_is_the_module_or_the_first_that_is_no_readme(tmp_path: Path, workspace: Workspace) -> None:
    several = make_kata(tmp_path, "p062_docker", "", SEVERAL)
    single = make_kata(tmp_path)

    assert workspace.main_file(single) == workspace.root / "p001_norm" / "norm.py"
    assert workspace.main_file(several) == workspace.root / "p062_docker" / "Dockerfile"


# --- the task ----------------------------------------------------------------------------------------------------


def test_a_task_that_was_not_edited_follows_the_release(workspace: Workspace, kata: Kata) -> None:
    workspace.start(kata)
    (kata.folder / "task.md").write_bytes(b"# Norm, in better words\n")

    workspace.refresh_task(kata)

    assert (workspace.folder(kata) / "task.md").read_bytes() == b"# Norm, in better words\n"


def test_a_task_with_the_learners_notes_stays(workspace: Workspace, kata: Kata) -> None:
    workspace.start(kata)
    (workspace.folder(kata) / "task.md").write_bytes(b"# Norm\nmy notes\n")
    (kata.folder / "task.md").write_bytes(b"# Norm, in better words\n")

    workspace.start(kata)

    assert (workspace.folder(kata) / "task.md").read_bytes() == b"# Norm\nmy notes\n"


# --- submission --------------------------------------------------------------------------------------------------


def test_a_kata_that_was_not_started_names_the_command(workspace: Workspace, kata: Kata) -> None:
    with pytest.raises(UsageError, match="kata start p001"):
        workspace.submission(kata)


def test_only_what_is_an_answer_is_submitted(workspace: Workspace, kata: Kata, tmp_path: Path) -> None:
    workspace.start(kata)
    folder = workspace.folder(kata)
    for name in (
        "pictures/a.png",
        "failing_case.py",
        "failing_case.pickle",
        "__pycache__/norm.pyc",
        "sub/__pycache__/x.py",
        ".venv/lib.py",
        ".secret",
        "fast.so",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    (folder / "big.bin").write_bytes(b"0" * (MAX_FILE_BYTES + 1))
    (folder / "sub" / "help.py").write_bytes(b"y = 1\n")
    (folder / "sub" / "task.md").write_bytes(b"mine")

    assert names(workspace, kata) == ["norm.py", "sub/help.py", "sub/task.md"]


def test_a_hidden_file_of_the_stub_is_submitted(tmp_path: Path, workspace: Workspace) -> None:
    kata = make_kata(tmp_path, "p062_docker", "", SEVERAL | {".github/ci.yml": b"on: push\n"})
    workspace.start(kata)
    (workspace.folder(kata) / ".hidden").write_text("x")

    assert names(workspace, kata) == [".dockerignore", ".github/ci.yml", "Dockerfile", "README.md", "app/main.py"]


def test_links_to_files_are_read_wherever_they_lead(workspace: Workspace, kata: Kata, tmp_path: Path) -> None:
    workspace.start(kata)
    folder = workspace.folder(kata)
    (tmp_path / "mine.py").write_text("mine")
    (folder / "out.py").symlink_to(tmp_path / "mine.py")
    (folder / "outside").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "nowhere").symlink_to(tmp_path / "mine.py" / "nothing")
    (folder / "alias.py").symlink_to(folder / "norm.py")
    (folder / "large").write_bytes(b"0" * (MAX_FILE_BYTES + 1))

    submission = workspace.submission(kata)

    assert submission.files == {"alias.py": STUB["norm.py"], "norm.py": STUB["norm.py"], "out.py": b"mine"}
    assert submission.beside == ["large", "outside"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_named_pipe_is_not_waited_for(workspace: Workspace, kata: Kata) -> None:
    workspace.start(kata)
    os.mkfifo(workspace.folder(kata) / "pipe.py")

    assert names(workspace, kata) == ["norm.py"]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text on this system")
def test_a_name_that_could_not_be_brought_back_is_left_out(workspace: Workspace, kata: Kata) -> None:
    workspace.start(kata)
    with open(bytes(workspace.folder(kata)) + b"/\xff.py", "wb") as file:
        file.write(b"x")
    (workspace.folder(kata) / "a\\..\\b.py").write_bytes(b"could not be restored on every system")

    assert names(workspace, kata) == ["norm.py"]


def test_too_many_files_are_refused_in_words(workspace: Workspace, kata: Kata) -> None:
    workspace.start(kata)
    for n in range(MAX_FILES + 1):
        (workspace.folder(kata) / f"f{n}.txt").touch()

    with pytest.raises(UsageError, match=f"more than {MAX_FILES} files"):
        workspace.submission(kata)


def test_an_answer_that_grew_too_large_is_named_rather_than_missed(workspace: Workspace, kata: Kata) -> None:
    workspace.start(kata)
    (workspace.folder(kata) / "norm.py").write_bytes(b"#" * 3_000_000)

    with pytest.raises(UsageError, match=r"norm\.py has 3\.0 MB"):
        workspace.submission(kata)


def test_the_digest_depends_on_where_names_and_contents_end() -> None:
    digests = {
        digest_of("p1", {"a": b"bc"}),
        digest_of("p1", {"ab": b"c"}),
        digest_of("p1", {"a": b"b", "c": b""}),
        digest_of("p1a", {"": b"bc"}),
        digest_of("p2", {"a": b"bc"}),
    }

    assert len(digests) == 5
    assert digest_of("p", {"a": b"1", "b": b"2"}) == digest_of("p", {"b": b"2", "a": b"1"})


# --- reset and restore -------------------------------------------------------------------------------------------


def test_reset_brings_back_the_stub_and_leaves_other_files(workspace: Workspace, kata: Kata) -> None:
    workspace.start(kata)
    folder = workspace.folder(kata)
    (folder / "norm.py").write_text("mine")
    (folder / "lib" / "deep").mkdir(parents=True)
    (folder / "lib" / "deep" / "help.py").write_text("help")
    (folder / "pictures").mkdir()
    (folder / "pictures" / "a.png").write_bytes(b"png")
    (folder / ".notes").write_text("notes")

    assert workspace.reset(kata) == (folder / "norm.py",)

    assert (folder / "norm.py").read_bytes() == STUB["norm.py"]
    assert sorted(p.name for p in folder.iterdir()) == [".notes", "norm.py", "pictures", "task.md"]
    assert (folder / "pictures" / "a.png").read_bytes() == b"png"


def test_restore_brings_back_exactly_the_files_of_an_attempt(workspace: Workspace, kata: Kata) -> None:
    workspace.start(kata)
    folder = workspace.folder(kata)
    (folder / "src").write_text("a file where the attempt has a folder")
    wanted = {"norm.py": b"old", "src/help.py": b"\xff\x00"}

    workspace.restore(kata, wanted)

    assert workspace.submission(kata).files == wanted


@pytest.mark.parametrize(
    "name", ["../x", "/tmp/x", "a/../../x", "", ".", "a//b", "C:/x", "C:x", "\\x", "a\\..\\..\\x", "a\0b"]
)
def test_a_name_that_leads_out_is_refused_before_anything_changes(workspace: Workspace, kata: Kata, name: str) -> None:
    workspace.start(kata)
    before = sorted(p for p in workspace.root.rglob("*"))

    with pytest.raises(MachineError, match="refused"):
        workspace.restore(kata, {"norm.py": b"new", name: b"x"})

    assert workspace.submission(kata).files == STUB
    assert sorted(p for p in workspace.root.rglob("*")) == before


def test_restore_does_not_follow_a_linked_folder(workspace: Workspace, kata: Kata, tmp_path: Path) -> None:
    workspace.start(kata)
    (tmp_path / "victim").mkdir()
    (workspace.folder(kata) / "lib").symlink_to(tmp_path / "victim")

    with pytest.raises(MachineError, match="refused"):
        workspace.restore(kata, {"lib/x.py": b"x"})

    assert not list((tmp_path / "victim").iterdir())


@pytest.mark.parametrize("what", ["norm.py", "."])
def test_an_answer_that_is_a_link_stays_one(workspace: Workspace, kata: Kata, tmp_path: Path, what: str) -> None:
    """The file, or the whole folder, stands in the learner's own repository."""
    workspace.start(kata)
    link = workspace.folder(kata) / what
    mine = link.rename(tmp_path / "mine")
    link.symlink_to(mine)

    workspace.restore(kata, {"norm.py": b"new", "help.py": b"help"})
    restored = workspace.submission(kata).files
    workspace.reset(kata)

    assert restored == {"norm.py": b"new", "help.py": b"help"}
    assert workspace.submission(kata).files == STUB
    assert link.is_symlink()
    assert (mine if mine.is_file() else mine / "norm.py").read_bytes() == STUB["norm.py"]


def test_restore_through_a_link_to_nothing_is_refused_before_anything_changes(
    workspace: Workspace, kata: Kata, tmp_path: Path
) -> None:
    workspace.start(kata)
    folder = workspace.folder(kata)
    (folder / "help.py").symlink_to(tmp_path / "away" / "help.py")

    with pytest.raises(MachineError, match=r"No such file .*away"):
        workspace.restore(kata, {"norm.py": b"new", "help.py": b"help"})

    assert workspace.submission(kata).files == STUB
    assert not (tmp_path / "away").exists()


def test_a_file_keeps_its_permissions_over_a_restore(workspace: Workspace, kata: Kata) -> None:
    workspace.start(kata)
    path = workspace.folder(kata) / "norm.py"
    path.chmod(0o755)

    workspace.restore(kata, {"norm.py": b"new"})

    assert path.stat().st_mode & 0o777 == 0o755


def test_the_snapshot_of_any_folder_is_the_same_answer(workspace: Workspace, kata: Kata, tmp_path: Path) -> None:
    workspace.start(kata)
    other = tmp_path / "other"
    other.mkdir()
    (other / "norm.py").write_bytes(STUB["norm.py"])

    assert submission_of(kata, other).digest == workspace.submission(kata).digest
