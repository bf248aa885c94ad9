"""What the benchmarks run on: a home, workspaces, made-up catalogues and databases, all in one temporary folder."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from benchmarks.processes import environment, kata_command
from kata_runner.catalogue.answers import answer_files, solution_path
from kata_runner.catalogue.load import Catalogue, load
from kata_runner.learner.store import open_store
from kata_runner.model import Kata

NUMPY_KATA = "p001_vectorized_normalization"
FAILING_KATA = "c03_project_preprocessor"
EMPTY_KATA = "p901_empty"
TORCH_KATA = "p902_softmax"
N_KATAS = 149
N_DAYS = 1000

Mistake = tuple[str, str]  # a piece of the reference, and what a wrong answer has in its place
FAILING_MISTAKE: Mistake = ('encoding="utf-8-sig"', 'encoding="utf-8"')  # the byte-order mark stays in the first name


class Scenery:
    """Folders that are made when they are first asked for, all below `base`."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.home = self._new("home")
        self.env = environment(self.home)
        self.catalogue = load()
        self.numpy_kata = self.catalogue.find(NUMPY_KATA)
        self.failing_kata = self.catalogue.find(FAILING_KATA)
        self._n_workspaces = 0

    def _new(self, name: str) -> Path:
        folder = self.base / name
        folder.mkdir(mode=0o700)
        return folder

    def workspace(self, kata: Kata, root: Path | None = None, mistake: Mistake | None = None) -> Path:
        """A new workspace in which `kata` is current, with its reference as the answer, or `mistake` in it."""
        self._n_workspaces += 1
        folder = self.base / f"workspace-{self._n_workspaces}"
        where = ["--catalogue", str(root)] if root else []
        command = [kata_command(), *where, "--workspace", str(folder), "start", kata.id]
        subprocess.run(command, cwd=self.base, env=self.env, check=True, stdout=subprocess.DEVNULL)
        write_answer(kata, folder / kata.id, mistake)
        return folder

    def beside_its_test(self, kata: Kata, name: str, mistake: Mistake | None = None) -> Path:
        """A folder with the hidden test and the answer, as somebody without kata would have them."""
        folder = self._new(name)
        shutil.copy(kata.hidden_test, folder / "test_answer.py")
        if (kata.folder / "data").is_dir():
            shutil.copytree(kata.folder / "data", folder / "data")
        write_answer(kata, folder, mistake)
        return folder

    @cached_property
    def toys(self) -> Catalogue:
        """A catalogue of an empty kata and a small one for torch."""
        root = self._new("toys")
        lay_out(root, EMPTY_KATA, _EMPTY_TEST, _EMPTY_STUB, _EMPTY_SOLUTION)
        lay_out(root, TORCH_KATA, _TORCH_TEST, _TORCH_STUB, _TORCH_SOLUTION, needs='needs = ["torch"]')
        return load(root)

    @cached_property
    def many_katas(self) -> Catalogue:
        """A catalogue of as many katas as the journey names."""
        root = self._new("many")
        for number in range(N_KATAS):
            kata_id = f"p{number:03}_made_up_{number}"
            lay_out(root, kata_id, _EMPTY_TEST, _EMPTY_STUB, _EMPTY_SOLUTION, f"problems/{number // 15:02}_phase")
        return load(root)

    def workspace_with(self, n_attempts: int) -> Path:
        """A workspace whose database holds this many attempts at `many_katas`."""
        folder = self._new(f"attempts-{n_attempts}")
        (folder / ".kata").mkdir()
        fill(folder / ".kata" / "progress.sqlite3", [kata.id for kata in self.many_katas.katas], n_attempts)
        return folder


def write_answer(kata: Kata, folder: Path, mistake: Mistake | None = None) -> None:
    """Write the kata's reference into `folder`, with `mistake` in it where there is one."""
    old, new = mistake or ("", "")
    contents = answer_files(kata, solution_path(kata))
    if not any(old.encode() in content for content in contents.values()):
        raise SystemExit(f"the solution of {kata.id} no longer holds {old}: choose another mistake in scenery.py")
    for name, content in contents.items():
        (folder / name).write_bytes(content.replace(old.encode(), new.encode()) if old else content)


def lay_out(
    root: Path, kata_id: str, test: str, stub: str, solution: str, group: str = "problems/01_toys", needs: str = ""
) -> None:
    """Write the files of a made-up kata."""
    folder = root / group / kata_id
    folder.mkdir(parents=True)
    module = kata_id.partition("_")[2]
    settings = _TOML.format(title=module.replace("_", " ").capitalize(), module=module, needs=needs)
    texts = {"kata.toml": settings, "hidden_test.py": test.format(module=module), "stub.py": stub}
    texts |= {"solution.py": solution, "task.md": "# Made up\n\nFor a benchmark.\n", "hint.md": "## None\n\nNone.\n"}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def fill(path: Path, kata_ids: list[str], n_attempts: int) -> None:
    """Make a database of progress with the attempts of `N_DAYS` days, inserted in one transaction."""
    store = open_store(path)
    store.set_setting("current", kata_ids[0])
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("INSERT INTO snapshot (id, digest) VALUES (1, 'made up')")
    connection.executemany(_INSERT, _attempts(kata_ids, n_attempts))
    connection.execute("COMMIT")
    connection.close()


def _attempts(kata_ids: list[str], n_attempts: int) -> Iterable[tuple[object, ...]]:
    dice = random.Random(1)
    began = datetime.now(UTC) - timedelta(days=N_DAYS)
    step = timedelta(days=N_DAYS) / n_attempts
    n_by_kata: dict[str, int] = {}
    for number in range(n_attempts):
        kata_id = kata_ids[number % len(kata_ids)]
        n_by_kata[kata_id] = n_by_kata.get(kata_id, 0) + 1
        at = began + number * step
        outcome = "passed" if dice.random() < 0.3 else "failed"
        yield kata_id, n_by_kata[kata_id], int(at.timestamp() * 1e6), at.date().isoformat(), outcome, f"{number}"


_INSERT = """
    INSERT INTO attempt (kata_id, number, at_us, day, outcome, n_passed, n_checks, duration_us, digest, snapshot_id)
    VALUES (?, ?, ?, ?, ?, 3, 5, 30000, ?, 1)
"""
_TOML = """\
title = "{title}"
difficulty = 2
minutes = 10
module = "{module}"
learned = "Nothing, for it is made up."
{needs}
"""
_EMPTY_STUB = '''\
def answer() -> int:
    """One."""
    raise NotImplementedError
'''
_EMPTY_SOLUTION = '''\
def answer() -> int:
    """One."""
    return 1
'''
_EMPTY_TEST = '''\
"""Hidden test of a kata in which nothing takes time."""

from kata_runner.checking import assert_equal, learner

work = learner("{module}")


def test_one() -> None:
    """The answer is one."""
    assert_equal(work.answer(), 1)
'''
_TORCH_STUB = '''\
import torch


def softmax(x: torch.Tensor) -> torch.Tensor:
    """Softmax along the last axis."""
    raise NotImplementedError
'''
_TORCH_SOLUTION = '''\
import torch


def softmax(x: torch.Tensor) -> torch.Tensor:
    """Softmax along the last axis."""
    # Moving every score alike leaves softmax unchanged, and exp within its range.
    weights = torch.exp(x - x.amax(dim=-1, keepdim=True))
    return weights / weights.sum(dim=-1, keepdim=True)
'''
_TORCH_TEST = '''\
"""Hidden test of a small kata for torch."""

import torch

from kata_runner.checking import learner, require

work = learner("{module}")


def cases() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(shape, generator=generator) for shape in ((3,), (2, 7), (4, 5, 129))]


def test_as_torch_has_it() -> None:
    """Softmax comes out as torch has it."""
    for x in cases():
        expected = torch.softmax(x, dim=-1)
        require(torch.allclose(work.softmax(x.clone()), expected), "softmax differs from torch's")


def test_gradients_flow() -> None:
    """Gradients flow through softmax."""
    for x in cases():
        x.requires_grad_(True)
        (expected,) = torch.autograd.grad(torch.softmax(x, dim=-1).square().sum(), x)
        (got,) = torch.autograd.grad(work.softmax(x).square().sum(), x)
        require(torch.allclose(got, expected, atol=1e-6), "the gradient differs from torch's")
'''
