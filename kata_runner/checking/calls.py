"""Calls of the learner's code: kept when a check makes them, written out whole when it fails."""

from __future__ import annotations

import pickle
import re
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from kata_runner.checking.values import WIDTH, code, describe, is_long, shorten
from kata_runner.places import CASE_DATA, CASE_FILE, CASE_MARK

_MOST_LINES = 20  # of a case on the screen
_MOST_KEPT = 2000  # numbers of an argument that is copied, in case it changes later; a larger one is trusted to stay
_MOST_CALLS = 8  # of one object
_MOST_MADE = 100  # objects of which the calls are known
_MOST_NOTED = 1000  # objects of one check that are noted: a chain of 100,000 nodes is no case to show
_MOST_DEEP = 20  # lists in lists
# How a call reads: {of} is the object, {cls} its class.
_FORMS = {
    "": ("{name}(", ")"),
    "__init__": ("{of} = {cls}(", ")"),
    "__call__": ("{of}(", ")"),
    "__getitem__": ("{of}[", "]"),
    "__len__": ("len({of}", ")"),
}
SPECIAL = frozenset(_FORMS) - {""}  # the methods with two underscores that are traced


@dataclass(eq=False)
class Made:
    """An object of the learner's, and what a check has called on it so far, beginning with what made it.

    get: returns the object, None once it is gone. questions: the methods that have returned something other than None
    and the object itself; of their calls only the last one is kept, as they leave the object as it is. So is the last
    one only of a method that raises an error again and again.
    """

    cls: type
    get: Callable[[], Any]
    calls: list[Call] = field(default_factory=list)
    questions: set[str] = field(default_factory=set)
    n_left_out: int = 0

    def __repr__(self) -> str:
        thing = self.get()
        return f"a {self.cls.__name__}" if thing is None else describe(thing)

    @property
    def name(self) -> str:
        """Its name in a case: k_means for a KMeans."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.cls.__name__).lower()

    def add(self, call: Call) -> None:
        self.calls = [c for c in self.calls if c.has_returned or c.name != call.name]
        if len(self.calls) > _MOST_CALLS:
            del self.calls[1]
            self.n_left_out += 1
        self.calls.append(call)

    def before(self, call: Call) -> list[Call]:
        """The calls that have made the object what it was at this one."""
        return [c for c in takewhile(lambda c: c is not call, self.calls) if c.name not in self.questions]


@dataclass(eq=False)
class Call:
    """One call. of: the object, where it is a method's; args, kwargs: as `keep` has kept them."""

    name: str
    module: str
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    of: Made | None = None
    has_returned: bool = False

    def note_result(self, result: Any) -> None:
        """Note what a method has returned."""
        self.has_returned = True
        if self.of and result is not None and result is not self.of.get():
            self.of.questions.add(self.name)
            n_before = len(self.of.calls)
            self.of.calls = [c for c in self.of.calls if c is self or c.name not in self.of.questions]
            self.of.n_left_out += n_before - len(self.of.calls)

    def short(self) -> str:
        """On one line, with large values shortened."""
        parts = [shorten(value, 80) for value in self.args]
        parts += [f"{name}={shorten(value, 60)}" for name, value in self.kwargs.items()]
        before, after = self._ends()
        return f"{before.rpartition(' = ')[2]}{', '.join(parts)}{after}"

    def whole(self, code_of: Callable[[Any], str]) -> str:
        """As Python, on several lines where it is long."""
        parts = [code_of(value) for value in self.args]
        parts += [f"{name}={_indented(code_of(value), len(name) + 1)}" for name, value in self.kwargs.items()]
        before, after = self._ends()
        line = f"{before}{', '.join(parts)}{after}"
        if len(line) <= WIDTH + 6 and "\n" not in line:
            return line
        return "\n".join([before, *(f"    {_indented(part, 4)}," for part in parts), after])

    def _ends(self) -> tuple[str, str]:
        of, cls = (self.of.name, self.of.cls.__name__) if self.of else ("", "")
        names = {"name": f"{of}.{self.name}" if of else self.name, "of": of, "cls": cls}
        before, after = _FORMS.get(self.name, _FORMS[""])
        return before.format(**names), after


_NOT_NOTED = Call("", "", (), {})


class Calls:
    """The calls that one check has made.

    last: the one that counts now, None when there is none.
    """

    def __init__(self) -> None:
        self.last: Call | None = None
        self._made: dict[int, Made] = {}
        self._n_made = 0
        self._held: list[Any] = []  # the learner's objects in the last call, which the check may have no name for

    def note(self, name: str, module: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Note the call of a function."""
        self.last = self._call(name, module, args, kwargs)

    def note_method(self, thing: Any, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Call:
        """Note the call of a method of `thing`."""
        self._n_made += name == "__init__"
        if name == "__init__" and self._n_made > _MOST_NOTED:
            self.last = None
            return _NOT_NOTED
        made = self._made_of(thing)
        if made is None or name == "__init__":
            made = self._add(thing)
            if name != "__init__" and made.cls.__init__ is object.__init__:  # type: ignore[misc]
                made.add(Call("__init__", made.cls.__module__, (), {}, made))
        self.last = self._call(name, made.cls.__module__, args, kwargs, made)
        made.add(self.last)
        return self.last

    def _call(
        self, name: str, module: str, args: Sequence[Any], kwargs: Mapping[str, Any], of: Made | None = None
    ) -> Call:
        self._held = [value for value in (*args, *kwargs.values()) if self._made_of(value)]
        kept = [keep(value, self._made_of) for value in args]
        return Call(name, module, kept, {k: keep(value, self._made_of) for k, value in kwargs.items()}, of)

    def _made_of(self, thing: Any) -> Made | None:
        made = self._made.get(id(thing))
        return made if made is not None and made.get() is thing else None

    def _add(self, thing: Any) -> Made:
        try:
            get: Callable[[], Any] = weakref.ref(thing)
        except TypeError:  # a class with __slots__
            get = lambda: thing  # noqa: E731
        made = self._made[id(thing)] = Made(type(thing), get)
        if len(self._made) > _MOST_MADE:
            del self._made[next(iter(self._made))]
        return made


def _indented(text: str, n_blanks: int) -> str:
    return text.replace("\n", "\n" + " " * n_blanks)


def keep(value: Any, made_of: Callable[[Any], Made | None], depth: int = 0) -> Any:
    """The value as it is now, where a copy costs little. made_of: what is known of an object of the learner's."""
    kind = type(value)
    if kind in (int, float, str, bool, type(None)):
        return value
    if kind in (list, tuple, set, dict):
        return _keep_items(value, made_of, depth + 1) if depth < _MOST_DEEP else value
    np = sys.modules.get("numpy")
    if np is not None and kind is np.ndarray:
        return value.copy("K") if value.size <= _MOST_KEPT else value
    if np is not None and kind is np.random.Generator:
        return _Generator(value.bit_generator.seed_seq, value.bit_generator.state)
    if kind.__module__.startswith("pandas") and hasattr(value, "size"):
        return value.copy() if value.size <= _MOST_KEPT else value
    return made_of(value) or value


def _keep_items(items: Any, made_of: Callable[[Any], Made | None], depth: int) -> Any:
    n = len(items)
    if n and type(first := next(iter(items))) in (list, tuple, dict):
        n *= len(first) or 1
    if n > _MOST_KEPT:
        return items
    if type(items) is dict:
        return {key: keep(item, made_of, depth) for key, item in items.items()}
    return type(items)(keep(item, made_of, depth) for item in items)


@dataclass(frozen=True)
class _Generator:
    """A NumPy generator as it was."""

    seeds: Any
    state: Any

    def __repr__(self) -> str:
        return "rng"

    def code(self) -> str:
        """How it was made, if it is as new; else ""."""
        import numpy as np

        entropy = getattr(self.seeds, "entropy", None)
        is_new = entropy is not None and np.random.default_rng(entropy).bit_generator.state == self.state
        return f"default_rng({entropy})" if is_new else ""


# --- a case --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """The call in which a check found a fault. remark: what the check says of it besides."""

    last: Call
    remark: str = ""

    def text(self) -> str:
        """All that is needed to make the call again, as Python; "" where that is too long for a screen."""
        calls = self._calls()
        if any(is_long(value) for call in calls for value in (*call.args, *call.kwargs.values())):
            return ""
        lines: list[str] = []
        for call in calls:
            lines += call.whole(lambda value: _code(value) or describe(value)).split("\n")
            lines += _left_out(call)
        lines += [f"# {self.remark}"] if self.remark else []
        n_lines = sum(1 + len(line) // (WIDTH + 7) for line in lines)
        return "\n".join(lines) if n_lines <= _MOST_LINES else ""

    def _calls(self) -> list[Call]:
        """The call, and before it what made the objects that take part, and what was called on them."""
        return list(_with_what_made_it(self.last, set()))

    def write(self, folder: Path, about: Sequence[str], paths: Sequence[str] = ()) -> str:
        """Write it as a program into the learner's folder; returns the file's name, "" where that cannot be.

        about: what to say of it. paths: where the learner's module is, if not in that folder.
        """
        path = folder / CASE_FILE
        try:
            text, data = self._program(about, paths)
            if data:
                (folder / CASE_DATA).write_bytes(_pickled(data))
            path.write_text(CASE_MARK + text, encoding="utf-8")
        except Exception:  # a full disk, a value that cannot be pickled: the verdict does without
            return ""
        return CASE_FILE

    def _program(self, about: Sequence[str], paths: Sequence[str]) -> tuple[str, list[Any]]:
        """The text of the program, and the values that are too much for it."""
        data: list[Any] = []

        def code_of(value: Any) -> str:
            if text := _code(value):
                return text
            data.append(value)
            return f"data[{len(data) - 1}]"

        calls = self._calls()
        if any(call.of and call.of.calls[0].name != "__init__" for call in calls):
            raise ValueError("it is not known how the object was made")
        body = [line for call in calls for line in (call.whole(code_of), *_left_out(call))]
        if self.last.name != "__init__":
            body[-1] = f"print({body[-1]})"
        lines = [f"# {line}" for text in (*about, self.remark) for line in text.split("\n") if line]
        lines += ["import sys", "", f"sys.path[:0] = {list(paths)}"] if paths else []
        lines += ["import pickle", "from pathlib import Path"] if data else []
        lines += [text for package, text in _IMPORTS.items() if package in sys.modules]
        lines += [f"from {self.last.module} import *"]
        lines += ["", f'data = pickle.loads(Path(__file__).with_name("{CASE_DATA}").read_bytes())'] if data else []
        return "\n".join([*lines, "", *body, ""]), data


def _with_what_made_it(call: Call, seen: set[int]) -> Iterator[Call]:
    for made in (call.of, *call.args, *call.kwargs.values()):
        if isinstance(made, Made) and id(made) not in seen:
            seen.add(id(made))
            for earlier in made.before(call):
                yield from _with_what_made_it(earlier, seen)
    yield call


def _left_out(call: Call) -> list[str]:
    """A comment on the calls between the first one on an object and the next that is kept."""
    n = call.of.n_left_out if call.of and call is call.of.calls[0] else 0
    return [f"# … {n} more {'call' if n == 1 else 'calls'}, left out"] if n else []


def _code(value: Any) -> str:
    return value.name if isinstance(value, Made) else value.code() if isinstance(value, _Generator) else code(value)


# By package: what the text of a case takes from it.
_IMPORTS = {
    "numpy": "import numpy as np\nfrom numpy import *  # array, nan, float32, …\nfrom numpy.random import default_rng",
    "pandas": "from pandas import DataFrame",
    "torch": "import torch\nfrom torch import tensor",
}


def _pickled(data: Sequence[Any]) -> bytes:
    """As bytes that a program of the learner's can read: no function or class of the hidden test's or of ours."""
    content = pickle.dumps(data)
    if b"hidden_test" in content or b"kata_runner" in content or len(content) > 50_000_000:
        raise ValueError
    return content
