"""The files of a kata's answers: the stub, the solution, and the entries of `wrong/` and `right/`."""

from __future__ import annotations

from pathlib import Path

from kata_runner.errors import BrokenKata
from kata_runner.model import Kata


def stub_files(folder: Path, module: str) -> dict[str, bytes]:
    """The files of the stub in a kata's folder, by relative posix path.

    module: the name for a stub of one file, or "" where the kata has none. Raises BrokenKata when there is no stub.
    """
    return _read(_either(folder, "stub"), module)


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
    Raises BrokenKata when `variant` is one file and the kata names no module.
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


def style_of(variant: Path) -> str:
    """A line on the style of an entry of `right/`: the first of its docstring, or else its name."""
    import ast

    text = ast.get_docstring(ast.parse(variant.read_bytes())) if variant.is_file() else ""
    return text.partition("\n")[0] if text else f"{variant.stem.replace('_', ' ').capitalize()}."


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
