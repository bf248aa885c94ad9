"""Write docs/checking.md, the page of what a hidden test may import, from its docstrings: `python docs/make_api.py`.

The signatures are taken from the source as they stand there, so the page is the same whichever Python writes it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOM = ROOT / "kata_runner" / "checking"
PAGE = ROOT / "docs" / "checking.md"

# The order of the page, and what each part of it is about.
MODULES = {
    "learner": "The learner's code and files",
    "compare": "Comparisons",
    "failure": "Failing in your own words",
    "values": "How a value reads",
    "session": "Random cases",
    "cost": "Memory and time",
    "programs": "Other processes",
    "diagram": "Questions and diagrams",
    "images": "Images",
    "mnist": "Handwritten digits",
    "postgres": "A database",
    "servers": "A real server",
    "containers": "A container",
}
# Imported from their own modules: most hidden tests need no server.
BY_THEMSELVES = {
    "images": {"keep_images", "photograph"},
    "mnist": {"mnist_digits"},
    "postgres": {"database"},
    "servers": {"RealServer", "real_server"},
    "containers": {"Bench", "Image", "Run", "Server", "Stage", "ask", "read_image", "real_container", "start"},
}

INTRO = """\
# What a hidden test may import

<!-- Written by `python docs/make_api.py` from the docstrings in kata_runner/checking; change them there. -->

A check is a `test_*` function of `hidden_test.py`; its docstring is the requirement as the learner reads it. It
computes what it expects, calls the learner's code with copies, and looks at what comes back with the functions of
this page:

```python
from kata_runner.checking import assert_close, learner, rng

work = learner("normalization")


def test_every_column_is_centred() -> None:
    \"\"\"Every column has mean 0 and standard deviation 1.\"\"\"
    x = rng(1).normal(5.0, 3.0, (127, 3))
    expected = (x - x.mean(axis=0)) / x.std(axis=0)
    assert_close(work.zscore(x.copy()), expected)
```

A function that "fails" raises `CheckFailed`: the learner sees one sentence, the call, what came back and what was
expected. Everything here is imported from `kata_runner.checking`, unless its section says otherwise.
"""

Definition = ast.FunctionDef | ast.ClassDef


def page() -> str:
    """Return the whole page."""
    offered = _offered()
    sections = [
        _section(module, title, offered | BY_THEMSELVES.get(module, set())) for module, title in MODULES.items()
    ]
    return "\n".join([INTRO, *sections])


def _offered() -> set[str]:
    """The names in `__all__` of the package."""
    for node in ast.parse((ROOM / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            return set(ast.literal_eval(node.value))
    raise LookupError("kata_runner/checking/__init__.py has no __all__")


def _section(module: str, title: str, offered: set[str]) -> str:
    source = (ROOM / f"{module}.py").read_text(encoding="utf-8")
    lines = source.splitlines()
    found = [n for n in ast.parse(source).body if isinstance(n, Definition) and n.name in offered]
    origin = f"\nImported from `kata_runner.checking.{module}`.\n" if module in BY_THEMSELVES else ""
    return "\n".join([f"## {title}\n{origin}", *(_entry(node, lines) for node in found)])


def _entry(node: Definition, lines: list[str]) -> str:
    code = "\n".join(_signature(node, lines))
    return f"### {node.name}\n\n```python\n{code}\n```\n\n{_as_markdown(ast.get_docstring(node) or '')}\n"


def _signature(node: ast.stmt, lines: list[str]) -> Iterator[str]:
    """The lines of a definition without its body; of a class, also its fields and methods."""
    if isinstance(node, Definition):
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        yield from lines[first - 1 : node.body[0].lineno - 1]
    if isinstance(node, ast.ClassDef):
        for member in node.body:
            if isinstance(member, ast.AnnAssign):
                yield lines[member.lineno - 1]
            elif isinstance(member, ast.FunctionDef) and (not member.name.startswith("_") or member.name == "__init__"):
                yield from _signature(member, lines)


def _as_markdown(docstring: str) -> str:
    """Arguments ("name: what it is") become a list, examples (">>> ") code, whatever else stays a paragraph."""
    blocks = []
    for paragraph in docstring.split("\n\n"):
        if paragraph.startswith(">>> "):
            code = "\n".join(line[4:] for line in paragraph.splitlines())
            blocks.append(f"```python\n{code}\n```")
        else:
            blocks.append(re.sub(r"^([a-z_]+(?:, [a-z_]+)*): ", _item, paragraph, flags=re.MULTILINE))
    return "\n\n".join(blocks)


def _item(match: re.Match[str]) -> str:
    names = ", ".join(f"`{name}`" for name in match[1].split(", "))
    return f"- {names}: "


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
