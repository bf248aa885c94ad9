"""What a proof depends on, as digests: the kata's files, one wrong answer, the code that judges."""

from __future__ import annotations

import ast
import functools
import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path

from kata_runner import checking, judging
from kata_runner.catalogue import answers, needs
from kata_runner.catalogue.load import Catalogue
from kata_runner.judging import native
from kata_runner.model import Kata

# What a learner reads, and what is digested with each mistake.
_NOT_JUDGED = ("task.md", "hint.md", "kata.toml", "mistakes.md", "proof.json")
_WORDS_OF_KATA_TOML = ("title", "minutes", "difficulty", "learned", "why", "slow_because", "formerly")
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


@functools.cache
def of_judge() -> str:
    """Digest of the code that decides what a check says: comments, docstrings and layout do not count."""
    folders = [Path(judging.__file__).parent, Path(checking.__file__).parent]
    paths = [folders[0] / f"{name}.py" for name in ("verdict", "rules", "names")]
    paths += [*(folders[0] / "child").glob("*.py"), *folders[1].glob("*.py")]
    return _digest({f"{path.parent.name}/{path.name}": _syntax(path) for path in paths})


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
