"""The learner's code and files, as a hidden test reaches them, and the marks of a check."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeVar

from kata_runner.checking.calls import SPECIAL
from kata_runner.checking.failure import CheckFailed
from kata_runner.checking.session import current
from kata_runner.checking.settings import Settings
from kata_runner.files import not_utf8

F = TypeVar("F", bound=Callable[..., Any])


class LearnerModule:
    """The learner's module, imported when one of its names is first used; what is called of it is noted."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._classes: dict[str, type] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not current().imports_allowed:
            raise AttributeError(name)
        try:
            value = getattr(importlib.import_module(self._name), name)
        except AttributeError:
            raise CheckFailed(f"{_file_of(self._name)} does not define {name}", call=" ") from None
        if inspect.isclass(value) and self._classes.get(name) is not value:
            self._classes[name] = value
            _trace_methods(value)
        return traced(value, name) if inspect.isroutine(value) else value


def _file_of(module: str) -> str:
    path = current().module_files.get(module)
    return path.name if path else f"{module}.py"


def learner(module: str) -> LearnerModule:
    """Return the learner's module by its name; it is imported when one of its names is first used.

    Its functions, and the methods of its classes, are traced: a later failure shows the call as the learner would
    write it, and how the object was made.
    A name that the module does not define fails the check.

    >>> work = learner("normalization")
    >>> work.zscore(x.copy())
    """
    return LearnerModule(module)


def learner_module(module: str) -> ModuleType:
    """Import and return the learner's real module object, for checks that look at the module itself."""
    return importlib.import_module(module)


def traced(function: F, name: str) -> F:
    """Wrap a function so that its last call can be shown."""
    module = getattr(function, "__module__", None) or ""

    def call(*args: Any, **kwargs: Any) -> Any:
        session = current()
        session.note_call(name, module, args, kwargs)
        if session.settings is None:
            return function(*args, **kwargs)
        return session.settings.in_call(function, args, kwargs)

    call.__name__ = name
    call.__doc__ = function.__doc__
    call.__wrapped__ = function  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]


def _trace_methods(cls: type) -> None:
    """Wrap the methods of a learner's class, in their places, so that calls of them can be shown."""
    for base in cls.__mro__:
        for name, method in list(vars(base).items()) if base.__module__ == cls.__module__ else ():
            is_open = name in SPECIAL or not name.startswith("_")
            if inspect.isfunction(method) and is_open and not is_traced_call(method.__code__):
                setattr(base, name, _traced_method(method, name, vars(sys.modules[base.__module__])))


def _traced_method(method: F, name: str, theirs: dict[str, Any]) -> F:
    """theirs: the namespace of the learner's module; what is called from there is not noted."""

    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if sys._getframe(1).f_globals is theirs:
            return method(self, *args, **kwargs)
        session = current()
        noted = session.note_method(self, name, args, kwargs)
        if session.settings is None or not session.settings.are_changed:
            result = method(self, *args, **kwargs)
        else:
            result = session.settings.in_call(method, (self, *args), kwargs)
        noted.note_result(result)
        return result

    return call  # type: ignore[return-value]


def is_traced_call(code: CodeType) -> bool:
    """Whether this is the code of a wrapper that is put around a learner's function."""
    is_wrapper = code.co_filename == __file__ and code.co_qualname.startswith(("traced.", "_traced_method."))
    return is_wrapper or code is Settings.in_call.__code__


@contextmanager
def calling(text: str) -> Iterator[None]:
    """Say in your own words what the block calls, where the calls that are traced do not say it all.

    A text that ends with a bracket gives way to the traced call; any other stays below it as a remark:
    "model.fit(X), a second time on the same model".

    A TypeError, AttributeError, LookupError or ValueError that the hidden test's own line raises inside the block
    (a method that is missing, a wrong number of arguments) fails the check.

    >>> with calling("KMeans(k=3).fit(X)"):
    ...     model = work.KMeans(k=3).fit(x.copy())
    """
    with current().telling(text):
        try:
            yield
        except (TypeError, AttributeError, LookupError, ValueError) as error:
            if _is_raised_by_the_test(error):
                raise CheckFailed(f"this cannot be done with your code: {type(error).__name__}: {error}") from error
            raise


def _is_raised_by_the_test(error: Exception) -> bool:
    """Whether the innermost frame is the hidden test itself."""
    tb = error.__traceback__
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    return tb is not None and Path(tb.tb_frame.f_code.co_filename).name == "hidden_test.py"


def answer_path(name: str) -> Path:
    """Return the path of a file of the answer; fails when the learner has removed it.

    name: relative to the kata's folder in the workspace.
    """
    path = current().folder / name
    if not path.is_file():
        raise CheckFailed(f"there is no file {name} in the kata's folder; `kata reset` brings the stub back")
    return path


def answer_text(name: str) -> str:
    """Return the text of a file of the answer; fails when it is gone or is not UTF-8."""
    path = answer_path(name)
    if problem := not_utf8(path.read_bytes()):
        raise CheckFailed(f"{name} {problem}", call=" ")
    return path.read_text(encoding="utf-8")


def keep_picture(picture: Any, name: str) -> Path:
    """Save what the learner's code drew in the kata's `pictures/` folder and return its path; the verdict shows it.

    picture: a matplotlib figure (saved as PNG), or the path of a picture file (copied under its own suffix).
    name: the file's name without a suffix.

    Fails when `picture` is anything else.
    """
    folder = current().folder / "pictures"
    folder.mkdir(exist_ok=True)
    if isinstance(picture, str | Path):
        source = Path(picture)
        path = folder / f"{name}{source.suffix}"
        path.write_bytes(source.read_bytes())
    elif hasattr(picture, "savefig"):
        path = folder / f"{name}.png"
        picture.savefig(path, dpi=100)
    else:
        raise CheckFailed(f"expected a matplotlib figure, got a {type(picture).__name__}")
    current().add_picture(path)
    return path


# --- marks -------------------------------------------------------------------------------------------------------


def part(name: str) -> Callable[[F], F]:
    """Mark a check as belonging to a part of a milestone; `kata.toml` lists the parts in order.

    >>> @part("Derivative")
    ... def test_a_parabola_has_a_straight_derivative() -> None: ...
    """

    def mark(check: F) -> F:
        check.kata_part = name  # type: ignore[attr-defined]
        return check

    return mark


def timing(check: F) -> F:
    """Mark a check that measures time: which wrong answers fail it may differ from run to run.

    >>> @timing
    ... def test_ten_times_the_rows_take_ten_times_as_long() -> None: ...
    """
    check.kata_timing = True  # type: ignore[attr-defined]
    return check


def edges() -> None:
    """Say that the checks below this line are about edges; those above it are about the idea of the kata.

    Called once in a hidden test, at module level, between two checks. The learner sees the two groups, the idea first.

    >>> edges()
    """
    caller = sys._getframe(1)
    caller.f_globals["kata_edges_line"] = caller.f_lineno
