"""What a proof depends on, as digests: the kata's files, one wrong answer, the code that judges."""

from __future__ import annotations

import ast
import functools
import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from kata_runner import checking, judging
from kata_runner.catalogue import answers, needs
from kata_runner.catalogue.load import Catalogue
from kata_runner.judging import native
from kata_runner.model import Kata

# What a learner reads, and what is digested with each mistake.
_NOT_JUDGED = ("task.md", "hint.md", "kata.toml", "mistakes.md", "proof.json")
_WORDS_OF_KATA_TOML = ("title", "minutes", "difficulty", "learned", "why", "slow_because", "formerly")
_JUDGES_NOTHING = ("debugger", "own_tests")
_LENGTH = 16


def of_kata(catalogue: Catalogue, kata: Kata) -> str:
    """Digest of all files that decide what its checks say of an answer."""
    parts = {f"files/{name}": content for name, content in _judged_files(kata).items()}
    parts["kata.toml"] = repr(_declared(kata)).encode()
    for used in catalogue.used_by(kata):
        solution = answers.answer_files(used, answers.solution_path(used))
        parts |= {f"uses/{used.id}/{name}": content for name, content in solution.items()}
    parts["packages"] = "\n".join(needs.pins((*kata.needs, "numpy"))).encode()
    if kata.build:
        shared = _files_below(native.native_root())
        parts |= {f"native/{name}": content for name, content in shared.items() if name != "README.md"}
    return _digest(parts)


def of_mistake(kata_digest: str, files: Mapping[str, bytes]) -> str:
    """Digest of a wrong answer to a kata that has itself this digest."""
    return _digest({"": kata_digest.encode(), **{f"/{name}": content for name, content in files.items()}})


def of_judge(kata: Kata) -> str:
    """Digest of the code that judges this kata: comments, docstrings and layout do not count."""
    folder = Path(judging.__file__).parent
    paths = [
        *(folder / f"{name}.py" for name in ("verdict", "rules", "names")),
        *sorted(path for path in (folder / "child").glob("*.py") if path.stem not in _JUDGES_NOTHING),
    ]
    paths += sorted(_reached(kata.hidden_test))
    return _digest({path.name: _syntax(path) for path in paths})


def _judged_files(kata: Kata) -> dict[str, bytes]:
    files = _files_below(kata.folder)
    return {
        name: content for name, content in files.items() if name not in _NOT_JUDGED and not name.startswith("wrong/")
    }


def _files_below(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def _declared(kata: Kata) -> dict[str, object]:
    """kata.toml without what only people read."""
    table = tomllib.loads((kata.folder / "kata.toml").read_text(encoding="utf-8"))
    table["rules"] = {key: value for key, value in table.get("rules", {}).items() if key != "why"}
    return {key: table[key] for key in sorted(table) if key not in _WORDS_OF_KATA_TOML}


def _reached(hidden_test: Path) -> set[Path]:
    """The modules of `kata_runner.checking` that a hidden test uses, and those that they use in turn."""
    folder = Path(checking.__file__).parent
    home = _homes(folder / "__init__.py")
    found: set[Path] = set()
    waiting = [hidden_test]
    while waiting:
        for module in _imported(waiting.pop(), home):
            path = folder / f"{module}.py"
            if path.is_file() and path not in found:
                found.add(path)
                waiting.append(path)
    return found


@functools.cache
def _homes(init: Path) -> dict[str, str]:
    """Name that `kata_runner.checking` exports -> the module that it comes from."""
    tree = ast.parse(init.read_text(encoding="utf-8"))
    return {
        alias.asname or alias.name: str(node.module).rpartition(".")[2]
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("kata_runner.checking.")
        for alias in node.names
    }


def _imported(path: Path, home: Mapping[str, str]) -> Iterable[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "kata_runner.checking":
            yield from (home.get(alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("kata_runner.checking."):
            yield str(node.module).split(".")[2]


@functools.cache
def _syntax(path: Path) -> bytes:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:]
    return ast.dump(tree).encode()


def _digest(parts: Mapping[str, bytes]) -> str:
    found = hashlib.sha256()
    for name in sorted(parts):
        found.update(f"{name}\0{len(parts[name])}\0".encode())
        found.update(parts[name])
    return found.hexdigest()[:_LENGTH]
