"""Each room imports only from rooms below it, and no two modules import each other in a circle."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "kata_runner"
# From the ground up; rooms on one floor do not import each other.
FLOORS = (
    ("errors", "files", "model", "places", "processes"),
    ("checking",),
    ("catalogue",),
    ("learner",),
    ("judging",),
    ("practice",),
    ("screen",),
    ("authoring",),
    ("watch",),
    ("cli",),
    ("__main__",),
)


def modules() -> dict[str, Path]:
    """Dotted name below the package -> file; a package goes by its own name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name and "template" not in parts:
            found[name] = path
    return found


def imported(path: Path, known: set[str]) -> set[str]:
    """Modules of the package that a file imports, wherever the import stands, also only for types."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "kata_runner":
            base = str(node.module).partition(".")[2]
            names = [f"{base}.{alias.name}".lstrip(".") for alias in node.names]
            found |= {name if name in known else base for name in names}
        elif isinstance(node, ast.Import):
            found |= {a.name.partition(".")[2] for a in node.names if a.name.startswith("kata_runner.")}
    return found - {""}


def room(module: str) -> str:
    return module.partition(".")[0]


def test_every_room_stands_on_one_floor() -> None:
    rooms = {room(name) for name in modules()}

    assert sorted(name for floor in FLOORS for name in floor) == sorted(rooms)


def test_nothing_imports_upward() -> None:
    height = {name: level for level, floor in enumerate(FLOORS) for name in floor}
    known = modules()

    upward = [
        f"{name} imports {other}"
        for name, path in known.items()
        for other in imported(path, set(known))
        if room(other) != room(name) and height[room(other)] >= height[room(name)]
    ]

    assert upward == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    graph = {name: imported(path, set(known)) - {name} for name, path in known.items()}

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_commands_that_judge_nothing_import_neither_numpy_nor_pytest() -> None:
    code = (
        "import sys; from kata_runner.catalogue import load; from kata_runner.cli import app; load.load();"
        "print([m for m in ('numpy', 'pytest', 'rich.console', 'watchdog', 'sqlite3') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert ran.stdout.strip() == "[]"
