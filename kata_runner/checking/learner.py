"""The learner's code and files, as a hidden test reaches them, and the marks of a check."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeVar

from kata_runner.checking.failure import CheckFailed, shorten_later
from kata_runner.checking.session import current

F = TypeVar("F", bound=Callable[..., Any])


class LearnerModule:
    """The learner's module, imported when one of its names is first used; its functions note their calls."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not current().imports_allowed:
            raise AttributeError(name)
        try:
            value = getattr(importlib.import_module(self._name), name)
        except AttributeError:
            raise CheckFailed(f"{_file_of(self._name)} does not define {name}", call=" ") from None
        return traced(value, name) if inspect.isroutine(value) else value


def _file_of(module: str) -> str:
    path = current().module_files.get(module)
    return path.name if path else f"{module}.py"


def learner(module: str) -> LearnerModule:
    """Return the learner's module by its name; it is imported when one of its names is first used.

    A function taken from it is traced: a later failure shows the call as the learner would write it.
    Classes are returned as they are; name what you do with them by `calling`.
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

    def call(*args: Any, **kwargs: Any) -> Any:
        parts = [shorten_later(a, 80) for a in args]
        named = {k: shorten_later(v, 60) for k, v in kwargs.items()}

        def text() -> str:
            return f"{name}({', '.join([*(p() for p in parts), *(f'{k}={v()}' for k, v in named.items())])})"

        current().note_call(name, text)
        return function(*args, **kwargs)

    call.__name__ = name
    call.__doc__ = function.__doc__
    call.__wrapped__ = function  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]


def is_traced_call(code: CodeType) -> bool:
    """Whether this is the code of the wrapper that `traced` puts around a learner's function."""
    return code.co_filename == __file__ and code.co_qualname.startswith("traced.")


@contextmanager
def calling(text: str) -> Iterator[None]:
    """Name the call that the block makes, where it is more than one plain function.

    A TypeError, AttributeError, LookupError or ValueError that the hidden test's own line raises inside the block
    (a method that is missing, a wrong number of arguments) fails the check.

    >>> with calling("KMeans(k=3).fit(X)"):
    ...     model = work.KMeans(k=3).fit(x.copy())
    """
    _note(text)
    try:
        yield
    except (TypeError, AttributeError, LookupError, ValueError) as error:
        if _is_raised_by_the_test(error):
            raise CheckFailed(f"this cannot be done with your code: {type(error).__name__}: {error}") from error
        raise
    finally:
        _note(text)


def _note(text: str) -> None:
    current().note_call(text.partition("(")[0].strip(), text)


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
    try:
        return answer_path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CheckFailed(f"{name} is not UTF-8 text: {error.reason} at byte {error.start}") from None


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
