"""Nothing imports upward: a module may import only those above it in the table of docs/design.md."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "kata_runner"


def floors() -> list[str]:
    """The modules in the order of the table."""
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    table = text.split("| module | owns |")[1].split("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def imported(path: Path) -> set[str]:
    """Modules of the package that a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "kata_runner":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kata_runner."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("kata_runner.")}
    return found - {"__version__"}


def test_every_module_stands_in_the_table() -> None:
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}

    assert set(floors()) == modules


def test_nothing_imports_upward() -> None:
    order = floors()
    upward = [
        f"{name} imports {other}"
        for name in order
        for other in imported(PACKAGE / f"{name}.py")
        if order.index(other) >= order.index(name)
    ]

    assert upward == []


def test_commands_that_judge_nothing_import_neither_numpy_nor_pytest() -> None:
    code = (
        "import sys; from kata_runner import cli, catalog; catalog.load();"
        "print([m for m in ('numpy', 'pytest', 'rich.console', 'watchdog', 'sqlite3') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert ran.stdout.strip() == "[]"
