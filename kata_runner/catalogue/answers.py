"""The files of a kata's answers: the stub, the solution, and the entries of `wrong/` and `right/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from kata_runner.errors import BrokenKata
from kata_runner.model import Kata


class StubFiles(Mapping[str, bytes]):
    """The files of a stub by relative posix path, read once, when first looked at.

    folder: the kata's; module: the name for a stub of one file, or "" where the kata has none.
    Looking at the files raises BrokenKata when there is no stub.
    """

    def __init__(self, folder: Path, module: str) -> None:
        self._folder = folder
        self._module = module

    @cached_property
    def _files(self) -> dict[str, bytes]:
        return _read(_either(self._folder, "stub"), self._module)

    def __getitem__(self, name: str) -> bytes:
        return self._files[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def names_to_write(kata: Kata) -> tuple[str, ...]:
    """What the learner writes: the functions and classes of the stub that are still to do, all of them where none is.

    The names of the stub's files where the answer is no Python module, or its stub cannot be parsed.
    """
    import ast

    source = kata.stub_files.get(f"{kata.module}.py")
    try:
        tree = ast.parse(source or b"")
    except SyntaxError:
        tree = ast.Module([], [])
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]
    to_do = [node for node in public if any(isinstance(inner, ast.Raise) for inner in ast.walk(node))]
    return tuple(node.name for node in to_do or public) or tuple(kata.stub_files)


def answer_files(kata: Kata, variant: Path) -> dict[str, bytes]:
    """The files of an answer: the stub's, with those of `variant` laid over them.

    variant: `solution_path(kata)` or an entry of `wrong/` or `right/`, file or folder.
    Raises BrokenKata when the kata has no stub, or `variant` is one file and the kata names no module.
    """
    return {**kata.stub_files, **_read(variant, kata.module)}


def solution_path(kata: Kata) -> Path:
    """The reference: `solution.py` or the folder `solution/`. Raises BrokenKata when there is neither."""
    return _either(kata.folder, "solution")


def variants(kata: Kata, kind: str) -> tuple[Path, ...]:
    """The entries of `wrong/` or `right/`, sorted by name."""
    folder = kata.folder / kind
    entries = folder.iterdir() if folder.is_dir() else iter(())
    kept = (p for p in entries if p.suffix == ".py" or (p.is_dir() and p.name != "__pycache__"))
    return tuple(sorted(kept))


def _either(folder: Path, name: str) -> Path:
    for path in (folder / f"{name}.py", folder / name):
        if path.exists():
            return path
    raise BrokenKata(f"{folder.name} has neither {name}.py nor a folder {name}/")


def _read(path: Path, module: str) -> dict[str, bytes]:
    if path.is_file():
        if not module:
            raise BrokenKata(f'{path}: an answer of one file needs a "module" in kata.toml')
        return {f"{module}.py": path.read_bytes()}
    files = {}
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if file.is_file() and "__pycache__" not in name and name != "mistake.md":
            files[name] = file.read_bytes()
    return files
