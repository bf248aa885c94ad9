"""Hidden test of p063_model_versioning."""

import os
import signal
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unittest import mock

from kata_runner.checking import (
    Ran,
    assert_equal,
    assert_raises,
    calling,
    edges,
    fail,
    learner,
    not_tried,
    require,
    rng,
    run_python,
    temporary_folder,
)

work = learner("model_store")
NOON = datetime(2026, 5, 1, 12, 0, 0, 250, tzinfo=UTC)


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def seen(version: Any) -> tuple[Any, ...]:
    """The fields of a Version."""
    if not isinstance(version, work.Version):
        fail("this is no Version", got=version)
    return version.name, version.saved_at, version.commit, version.is_dirty


def listed(folder: Path) -> list[tuple[Any, ...]]:
    found = work.versions(folder)
    require(isinstance(found, list), "versions has to return a list", got=found)
    return [seen(version) for version in found]


@contextmanager
def quiet_git(folder: Path) -> Generator[None]:
    """No settings of this machine, and no repository above the folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    person = {f"GIT_{role}_{key}": "kata@example.org" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    above = {"GIT_CEILING_DIRECTORIES": os.pathsep.join({str(folder), str(folder.resolve())})}
    with mock.patch.dict(os.environ, {**kept, **person, **settings, **above}, clear=True):
        yield


def git(repo: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(repo), *arguments], capture_output=True, text=True, check=True, timeout=60
    ).stdout.strip()


@contextmanager
def repository(name: str = "code") -> Generator[tuple[Path, Path]]:
    """A repository with one commit, and a folder for models beside it."""
    with temporary_folder() as folder, quiet_git(folder):
        repo = folder / name
        (repo / "src").mkdir(parents=True)
        git(repo, "init", "-q")
        (repo / "src" / "train.py").write_text("print(1)\n", encoding="utf-8")
        (repo / "data.csv").write_text("1\n", encoding="utf-8")
        (repo / ".gitignore").write_text("*.log\n", encoding="utf-8")
        git(repo, "add", "-A")
        git(repo, "commit", "-q", "-m", "first")
        yield repo, folder / "models"


def test_saved_and_loaded() -> None:
    """1. save pickles the model into a new version below folder; load returns the model of this name."""
    with temporary_folder() as folder, quiet_git(folder):
        models = folder / "a" / "b"
        weights = rng(1).normal(size=3).tolist()
        saved = []
        for i, model in enumerate([{"w": weights}, [1, b"\n\x00\n"]]):
            version = work.save(model, models, folder, at(NOON + timedelta(days=i)))
            saved.append((seen(version)[0], model))
        for name, model in saved:
            require(isinstance(name, str), "the name has to be a str", got=name)
            assert_equal(work.load(models, name), model)
            assert_equal(work.load(str(models), name), model)
        require(not [p for p in folder.iterdir() if p.name != "a"], "there are files outside the folder of the models")


def test_listed_and_latest() -> None:
    """2. versions returns what each save returned, by saved_at, in any process; load without a name the last one."""
    with temporary_folder() as folder, quiet_git(folder):
        models = folder / "models"
        assert_equal(listed(models), [])
        saved = []
        for hour in (3, 1, 5, 4):
            version = work.save(f"of {hour}", models, folder, at(NOON + timedelta(hours=hour)))
            saved.append(seen(version))
            expected = sorted(saved, key=lambda v: v[1])
            got = listed(models)
            assert_equal(got, expected, what="(name, saved_at, commit, is_dirty) of versions(folder)")
            latest = max([3, 1, 5, 4][: len(saved)])
            assert_equal(work.load(models), f"of {latest}", call="load(folder)")
        code = "import sys, model_store as m\nfor v in m.versions(sys.argv[1]): print(v.name, v.saved_at.isoformat())\n"
        ran = run_python("-c", code + "print(m.load(sys.argv[1]))", models)
        with calling("versions(folder) and load(folder), in another process"):
            require(ran.code == 0, "it ends with an error", got=ran.stderr[-300:])
            expected_lines = [f"{name} {moment.isoformat()}" for name, moment, *_ in expected]
            assert_equal(ran.stdout.splitlines(), [*expected_lines, "of 5"], what="what is printed")


def test_utc() -> None:
    """3. saved_at is what the clock returns, in UTC and with its microseconds."""
    with temporary_folder() as folder, quiet_git(folder):
        for hours in (0, -5):
            local = NOON.astimezone(timezone(timedelta(hours=hours)))
            version = work.save(0, folder / "models", folder, at(local))
            for moment in (seen(version)[1], listed(folder / "models")[-1][1]):
                require(isinstance(moment, datetime), "saved_at has to be a datetime", got=moment)
                with calling(f"save(model, folder, clock=…), with the clock at {local.isoformat()}"):
                    assert_equal(moment.isoformat(), NOON.isoformat(), what="saved_at")
        before = datetime.now(UTC)
        moment = seen(work.save(0, folder / "models", folder))[1]
        require(before <= moment <= datetime.now(UTC), "without a clock, saved_at is not the time now", got=moment)


def test_same_moment() -> None:
    """4. Saves at the same moment make different versions, in the order of saving."""
    with temporary_folder() as folder, quiet_git(folder):
        models, n = folder / "models", 11
        saved = [seen(work.save(i, models, folder, at(NOON))) for i in range(n)]
        with calling(f"{n} saves with a clock that stands still"):
            require(len({version[0] for version in saved}) == n, "two versions have the same name", got=saved)
            assert_equal([work.load(models, version[0]) for version in saved], list(range(n)), what="the models")
            assert_equal([v[0] for v in listed(models)], [v[0] for v in saved], what="the names in versions(folder)")
            assert_equal(work.load(models), n - 1, what="load(folder)")
        for microsecond in (900, 500):  # within one second, and not in the order of saving
            work.save(microsecond, models, folder, at(NOON.replace(microsecond=microsecond)))
        with calling("load(folder), after saves at .000900 and then .000500 of this second"):
            assert_equal(work.load(models), 900)


def test_commit_and_dirty() -> None:
    """5. commit is HEAD's full hash; is_dirty is whether files are changed, staged, deleted or untracked."""
    with repository() as (repo, models):
        first = git(repo, "rev-parse", "HEAD")
        (repo / "run.log").write_text("ignored\n", encoding="utf-8")

        def assert_state(what: str, commit: str, is_dirty: bool, place: Path = repo) -> None:
            version = work.save(0, models, place, at(NOON))
            with calling(f"save(model, folder, repo), {what}"):
                assert_equal(seen(version)[2:], (commit, is_dirty), what="(commit, is_dirty)")
                assert_equal(listed(models)[-1][2:], (commit, is_dirty), what="(commit, is_dirty) in versions")

        assert_state("all files committed, from a folder of the repository", first, False, repo / "src")
        assert_state("all files committed but an ignored one", first, False)
        (repo / "src" / "train.py").write_text("print(2)\n", encoding="utf-8")
        assert_state("with a changed file", first, True)
        git(repo, "add", "-A")
        assert_state("with a staged file", first, True)
        git(repo, "commit", "-q", "-m", "second")
        second = git(repo, "rev-parse", "HEAD")
        assert_state("after a second commit", second, False)
        (repo / "new.py").write_text("", encoding="utf-8")
        assert_state("with an untracked file", second, True)
        (repo / "new.py").unlink()
        (repo / "data.csv").unlink()
        assert_state("with a deleted file, from another folder of the repository", second, True, repo / "src")


edges()


def test_outside_a_repository() -> None:
    """6. Outside a repository, before its first commit, and without git, commit and is_dirty are None."""
    with temporary_folder() as folder, quiet_git(folder):
        (folder / "new").mkdir()
        git(folder / "new", "init", "-q")
        (folder / "new" / "a.py").write_text("", encoding="utf-8")
        places = {"outside a repository": folder, "before the first commit": folder / "new"}
        for what, place in places.items():
            version = work.save(what, folder / "models", place, at(NOON))
            with calling(f"save(model, folder, repo), {what}"):
                assert_equal(seen(version)[2:], (None, None), what="(commit, is_dirty)")
                assert_equal(work.load(folder / "models"), what)
    with (
        temporary_folder() as folder,
        mock.patch.dict(os.environ, {"PATH": str(folder)}),
        calling("save(model, folder, repo), where git is not installed"),
    ):
        version = work.save(1, folder / "models", folder, at(NOON))
        assert_equal(seen(version)[2:], (None, None), what="(commit, is_dirty)")


def test_no_shell() -> None:
    """7. git is called without a shell, and any path works."""
    shells: list[Any] = []
    start = subprocess.Popen.__init__

    def noted(process: Any, args: Any, *rest: Any, **options: Any) -> None:
        shells.append(args if options.get("shell") else None)
        start(process, args, *rest, **options)

    name = "it's my; $HOME"
    with repository(name) as (repo, models):
        commit = git(repo, "rev-parse", "HEAD")
        with mock.patch.object(subprocess.Popen, "__init__", noted):
            version = work.save(0, models, repo, at(NOON))
        with calling(f"save(model, folder, repo), where the repository's folder is {name!r}"):
            for command in shells:
                require(command is None, "a shell is started", got=command)
            assert_equal(seen(version)[2:], (commit, False), what="(commit, is_dirty)")


KILLED = """
import resource, signal, sys, model_store
models, size, limit = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
model_store.save(b"n" * size, models, models)
"""


def killed_in_a_save(models: Path, size: int, limit: int) -> Ran:
    """A process that saves `size` bytes, and is killed as soon as it writes more than `limit` into a file."""
    return run_python("-B", "-c", KILLED, models, str(size), str(limit))


def test_killed_while_saving() -> None:
    """8. A process that is killed while it saves leaves versions and load as they were; later saves work."""
    if not hasattr(signal, "SIGXFSZ"):
        not_tried("no limits of file sizes on this system: the kill in mid-write was not tried")
        return
    # The model does not fit; or the model fits, and what is known about it does not.
    for size, limit in ((1_000_000, 100_000), (0, 40)):
        with temporary_folder() as folder, quiet_git(folder):
            models = folder / "models"
            work.save(1, models, folder, at(NOON))
            before = listed(models)
            ran = killed_in_a_save(models, size, limit)
            with calling(f"save of {size} bytes, killed when a file has {limit} bytes, and then versions and load"):
                if ran.code == 0:
                    continue  # it has written no file as long as this
                require("NotImplementedError" not in ran.stderr, "save fails in another process", got=ran.stderr[-300:])
                assert_equal(listed(models), before, what="versions(folder)")
                assert_equal(work.load(models), 1, what="load(folder)")
                later = seen(work.save("later", models, folder, at(NOON)))
                assert_equal(listed(models), [*before, later], what="versions(folder) after one more save")
                assert_equal(work.load(models), "later", what="load(folder) after one more save")


class Looks:
    """Lists the versions while it is being pickled."""

    folder: Path
    found: list[Any]

    def __reduce__(self) -> tuple[Any, ...]:
        Looks.found = listed(Looks.folder)
        return int, (7,)


def test_not_seen_before_it_is_whole() -> None:
    """8. While a model is being pickled, readers do not see its version."""
    with temporary_folder() as folder, quiet_git(folder):
        Looks.folder = folder / "models"
        before = [seen(work.save(1, Looks.folder, folder, at(NOON)))]
        with calling("save(model, folder), and versions(folder) while the model is being pickled"):
            work.save(Looks(), Looks.folder, folder, at(NOON))
            assert_equal(Looks.found, before, what="versions(folder) meanwhile")
            assert_equal(work.load(Looks.folder), 7, what="load(folder) afterwards")


class Unwilling:
    """Cannot be pickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        raise ArithmeticError("no")


def test_cannot_be_pickled() -> None:
    """9. A model that cannot be pickled raises its error, and leaves the folder's files as they were."""
    with temporary_folder() as folder, quiet_git(folder):
        models = folder / "models"
        work.save(1, models, folder, at(NOON))
        before = {path.name: path.read_bytes() for path in models.rglob("*") if path.is_file()}
        model = [b"w" * 100_000, Unwilling()]
        call = "save([b'w' * 100_000, an object that cannot be pickled], folder)"
        assert_raises(ArithmeticError, work.save, model, models, folder, at(NOON), call=call)
        with calling(call):
            after = {path.name: path.read_bytes() for path in models.rglob("*") if path.is_file()}
            assert_equal(sorted(after), sorted(before), what="the files of the folder")
            require(after == before, "a file of the folder has changed")
            assert_equal(work.load(models), 1, what="load(folder)")


def test_clock_without_zone() -> None:
    """10. A clock without a time zone raises ValueError; nothing is saved."""
    with temporary_folder() as folder, quiet_git(folder):
        call = "save(model, folder, clock=lambda: datetime(2026, 5, 1))"
        assert_raises(ValueError, work.save, 1, folder / "m", folder, at(datetime(2026, 5, 1)), call=call)
        with calling(call):
            assert_equal(listed(folder / "m"), [], what="versions(folder)")


def test_no_such_version() -> None:
    """11. load raises LookupError where there is no such version, or none at all."""
    with temporary_folder() as folder, quiet_git(folder):
        assert_raises(LookupError, work.load, folder / "none", call='load("none"), where there is no such folder')
        assert_raises(LookupError, work.load, folder, call="load(folder), of an empty folder")
        assert_raises(LookupError, work.load, folder, "v1", call='load(folder, "v1"), of an empty folder')
        name = seen(work.save(1, folder / "m", folder, at(NOON)))[0]
        for other in (f"{name}0", f"../m/{name}", "", "latest"):
            assert_raises(LookupError, work.load, folder / "m", other)
