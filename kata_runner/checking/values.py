"""How a value reads in a message: at a glance, or as Python that makes it again."""

from __future__ import annotations

import dataclasses
import inspect
import os
import pprint
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

WIDTH = 60  # columns of a value on several lines: with what stands before it, they fit into 80
MISSING: Any = type("Missing", (), {"__repr__": lambda self: ""})()
_SMALL = 24  # so many numbers are read at a glance
_MOST_CODE = 20_000  # characters of a value as Python
_MOST_ITEMS = 2000
_PLAIN = (type(None), bool, int, float, complex, str, bytes, range)


@dataclass(frozen=True)
class Shown:
    """A value that is the text to show already: `fail("too large", got=Shown("a file of 100 MB"))`."""

    text: str


def shorten(value: Any, limit: int = 160) -> str:
    """Return a text of any value that is read at a glance, at most `limit` characters long.

    Small arrays are shown whole, large ones by shape and dtype; long texts and collections are cut.
    """
    return _cut(describe(value), limit)


def describe(value: Any) -> str:
    """Return a text of any value; parts of a collection are counted where there are many."""
    try:
        return _describe(value)
    except RecursionError:  # a list that holds itself
        return _named(value)


def _describe(value: Any) -> str:
    np = sys.modules.get("numpy")
    if isinstance(value, Shown):
        return value.text
    if np is not None and isinstance(value, np.ndarray):
        return _describe_array(value)
    if np is not None and isinstance(value, np.generic):
        return describe(value.item()) if value.dtype.kind in "biufU" else repr(value)
    if isinstance(value, float):
        return repr(value) if value == 0 or (1e-4 <= abs(value) < 1e7 and len(repr(value)) < 10) else f"{value:.6g}"
    if isinstance(value, str):
        value = _without_folder(value)
        return repr(value) if len(value) <= 120 else f"{value[:100]!r}… ({len(value)} characters)"
    if isinstance(value, bytes):
        return repr(value) if len(value) <= 60 else f"{value[:40]!r}… ({len(value)} bytes)"
    if isinstance(value, PurePath):
        return f"Path({value.name!r})"
    if type(value) in (list, tuple, set, frozenset):
        return _describe_items(value)
    if type(value) is dict:
        pairs = [f"{describe(k)}: {describe(v)}" for k, v in list(value.items())[:8]]
        return "{" + ", ".join(pairs) + (f", … ({len(value)} keys)" if len(value) > 8 else "") + "}"
    if _is_of("torch", value) and hasattr(value, "shape"):
        small = value.numel() <= 16
        return f"tensor({value.tolist()})" if small else f"tensor of shape {tuple(value.shape)}, {value.dtype}"
    if _is_of("pandas", value) and hasattr(value, "shape"):
        whole = "" if value.size > _SMALL else re.sub(r"\s*\n\s*", " ", _table_code(value))
        return whole or f"{type(value).__name__} of shape {value.shape}"
    if inspect.isgenerator(value):
        return "a generator"
    if np is not None and isinstance(value, np.random.Generator):
        return "rng"
    if inspect.isfunction(value) or inspect.isclass(value):
        return str(getattr(value, "__name__", "a function"))
    return _plain_repr(value)


def _without_folder(text: str) -> str:
    """A path in the folder of a check by its name: the folder says nothing, and differs from run to run."""
    return PurePath(text).name if text.startswith(tempfile.gettempdir() + os.sep) else text


def _is_of(package: str, value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == package


def _describe_array(value: Any) -> str:
    np = sys.modules["numpy"]
    if value.size > _SMALL or value.dtype.names is not None:
        return f"array of shape {value.shape}, {value.dtype}"
    with np.printoptions(precision=5, threshold=30, linewidth=10_000, suppress=False):
        body = re.sub(r"\s*\n\s*", " ", np.array2string(value, separator=", "))
    kind = "" if value.dtype in (np.dtype(float), np.dtype(int)) else f", {value.dtype}"
    return f"array({body}{kind})" if value.size else f"empty array of shape {value.shape}{kind}"


def _describe_items(value: Any) -> str:
    opening, closing = "[]" if type(value) is list else "()" if type(value) is tuple else "{}"
    items = [describe(item) for item in list(value)[:12]]
    more = f", … ({len(value)} items)" if len(value) > 12 else ""
    comma = "," if type(value) is tuple and len(value) == 1 else ""
    return opening + ", ".join(items) + more + comma + closing


def _plain_repr(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as error:  # a learner's __repr__ may do anything
        return f"{_named(value)} whose repr raises {type(error).__name__}"
    return text if text.isprintable() and len(text) < 200 and " object at 0x" not in text else _named(value)


def _named(value: Any) -> str:
    name = type(value).__name__
    return f"an {name}" if name[:1] in "AEIOUaeio" or name == "ndarray" else f"a {name}"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


# --- as Python ---------------------------------------------------------------------------------------------------


def code(value: Any) -> str:
    """Return Python that makes the value again, to the last digit, on several lines where it is long.

    "" where there is none, or it is long beyond reading. It takes `array`, `DataFrame`, … to be imported by name.
    """
    try:
        if _is_of("pandas", value):
            return _table_code(value)
        if _is_of("torch", value):
            return f"tensor({value.tolist()}, dtype={value.dtype})" if value.numel() <= _MOST_CODE / 20 else ""
        if _is_of("numpy", value) and getattr(value, "size", 1) == 0:
            return f"empty({value.shape}, {str(value.dtype)!r})"
        if type(value) is str:
            value = _without_folder(value)
        text = _exact_repr(value, lambda v: pprint.pformat(v, width=WIDTH, compact=True, sort_dicts=False))
        return _without_alignment(text, value) if text.startswith("array(") else text
    except Exception:  # whatever a learner's object does
        return ""


def is_long(value: Any) -> bool:
    """Whether a value is data, of which no more than a part is read: it is shown by its shape, or cut."""
    has_size = any(_is_of(package, value) for package in ("numpy", "pandas", "torch")) and hasattr(value, "shape")
    return (has_size or isinstance(value, list | tuple | dict | set | str | bytes)) and not code(value)


def _exact_repr(value: Any, make: Callable[[Any], str] = repr) -> str:
    """The repr of a value that makes it again, with all digits; "" for no such, or one that is too long."""
    if not _is_plain(value):
        return ""
    short = repr(value)  # in which NumPy leaves out most of a large array
    if len(short) > _MOST_CODE or re.search(r"[,\n]\s*\.\.\.,", short):
        return ""
    np = sys.modules.get("numpy")
    if np is None:
        return make(value)
    with np.printoptions(threshold=sys.maxsize, floatmode="unique", linewidth=WIDTH, suppress=False):
        return make(value)


def _without_alignment(text: str, value: Any) -> str:
    """The code of an array on one line, where it fits there, and without a dtype that its texts have by themselves."""
    if value.dtype.kind == "U":
        return text.replace(f", dtype='{value.dtype.str}'", "")
    line = re.sub(r"(?<=[\[,])\s+", " ", text).replace("[ ", "[")
    line = re.sub(r"\s+(?=[\],])", "", line)
    return line if len(line) <= WIDTH and "'" not in line else text


def _is_plain(value: Any) -> bool:
    """Whether the repr of a value is Python that makes it again, of a length that may be read."""
    if type(value) in _PLAIN:
        return True
    if type(value) is dict:
        return len(value) <= _MOST_ITEMS and all(_is_plain(part) for item in value.items() for part in item)
    if type(value) in (list, tuple, set, frozenset) or (isinstance(value, tuple) and hasattr(value, "_fields")):
        return len(value) <= _MOST_ITEMS and all(map(_is_plain, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return all(_is_plain(getattr(value, field.name)) for field in dataclasses.fields(value))
    np = sys.modules.get("numpy")
    if np is None or type(value) is not np.ndarray:
        return np is not None and isinstance(value, np.generic)
    return not value.dtype.hasobject or (value.dtype.names is None and all(map(_is_plain, value.flat)))


def _table_code(value: Any) -> str:
    """A DataFrame or a Series by its values, with the dtypes and the index that these do not make by themselves."""
    import pandas as pd

    if type(value) not in (pd.DataFrame, pd.Series) or value.size > _MOST_CODE / 20:
        return ""
    frame = value.to_frame() if type(value) is pd.Series else value
    columns = {name: [_cell(cell, pd.NA) for cell in column] for name, column in frame.items()}
    index = [] if frame.index.equals(pd.RangeIndex(len(frame))) else [_cell(name, pd.NA) for name in frame.index]
    if len(columns) < frame.shape[1] or not _is_plain([columns, index]):
        return ""
    made = pd.DataFrame(columns)
    kinds = {name: str(kind) for name, kind in frame.dtypes.items() if made[name].dtype != kind}
    text = pprint.pformat(columns, width=WIDTH - 10, compact=True, sort_dicts=False).replace("\n", "\n" + " " * 10)
    parts = [f"DataFrame({text}" + (f",\n          index={index})" if index else ")")]
    parts += [f".astype({kinds})"] if kinds else []
    parts += [f".rename_axis(index={frame.index.name!r})"] if frame.index.name else []
    parts += [f".rename_axis(columns={frame.columns.name!r})"] if frame.columns.name else []
    parts += [] if frame is value else [f"[{frame.columns[0]!r}]"]
    return "".join(parts) if sum(map(len, parts)) <= WIDTH else "\n".join(parts)


def _cell(cell: Any, not_available: Any) -> Any:
    cell = cell.item() if type(cell).__module__ == "numpy" else cell
    return None if cell is not_available else cell if _is_plain(cell) else str(cell)


# --- two that differ ---------------------------------------------------------------------------------------------


def apart(got: Any, expected: Any, limit: int = 160) -> tuple[str, str]:
    """Return short texts of two values that differ, of which the texts differ too.

    Where they would be alike there are more digits, the place of the first difference, or the types.
    """
    are_words = isinstance(got, Shown) and isinstance(expected, Shown)
    if are_words or got is MISSING or expected is MISSING:
        return shorten(got, limit), shorten(expected, limit)
    pairs = (pair for pair in _pairs(got, expected) if not _read_alike(*pair))
    one, other = next(pairs, (_typed(got), _typed(expected)))
    return _around_the_difference(one, other, limit)


def _read_alike(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other


def _pairs(got: Any, expected: Any) -> Iterator[tuple[str, str]]:
    one, other = describe(got), describe(expected)
    if type(got) is not type(expected) or "…" not in one + other:
        yield one, other
    yield _at_first_difference(got, expected)
    yield _exact(got), _exact(expected)


def place_of(index: Any) -> str:
    """An index into an array, as it is written: [2, 0]."""
    return f"[{', '.join(map(str, index))}]"


def _at_first_difference(got: Any, expected: Any) -> tuple[str, str]:
    """The first values in which two large arrays differ."""
    np = sys.modules.get("numpy")
    if np is None or type(got) is not np.ndarray or type(expected) is not np.ndarray or got.size <= _SMALL:
        return "", ""
    if got.shape != expected.shape or not {got.dtype.kind, expected.dtype.kind} <= set("biufc"):
        return "", ""
    differs = np.argwhere((got != expected) & ~((got != got) & (expected != expected)))
    if not len(differs):
        return "", ""
    index = tuple(map(int, differs[0]))
    one, other = apart(got[index], expected[index])
    return f"{place_of(index)} = {one}", f"{place_of(index)} = {other}"


def _exact(value: Any) -> str:
    np = sys.modules.get("numpy")
    value = value.item() if np is not None and isinstance(value, np.generic) else value
    try:
        return re.sub(r"\s*\n\s*", " ", _exact_repr(value)) or describe(value)
    except Exception:  # whatever a learner's object does
        return describe(value)


def _typed(value: Any) -> str:
    np = sys.modules.get("numpy")
    kind = f", {value.dtype}" if np is not None and isinstance(value, np.ndarray) else ""
    return f"{_exact(value)} ({type(value).__name__}{kind})"


def _around_the_difference(one: str, other: str, limit: int) -> tuple[str, str]:
    n_alike = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = n_alike - limit // 3
    if max(len(one), len(other)) <= limit or start <= limit // 3:
        return _cut(one, limit), _cut(other, limit)
    return f"…{_cut(one[start:], limit - 1)}", f"…{_cut(other[start:], limit - 1)}"
