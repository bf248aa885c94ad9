"""How a check fails, and how the values in its message read."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from kata_runner.checking.session import current

MISSING: Any = type("Missing", (), {"__repr__": lambda self: ""})()


class CheckFailed(AssertionError):
    """A requirement that is not met, with the counterexample that shows it.

    message: what is wrong, in one sentence.
    got, expected: any values; they are kept as short texts, "" when left out.
    call: the call as the learner would write it; by default the last one that was traced or named by `calling`.
    """

    def __init__(self, message: str, *, got: Any = MISSING, expected: Any = MISSING, call: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.got = "" if got is MISSING else shorten(got)
        self.expected = "" if expected is MISSING else shorten(expected)
        self.call = call or current().call


class NotDone(NotImplementedError):
    """This part of the answer is still the stub; the judge reports it as to do, not as wrong."""


def fail(message: str, *, got: Any = MISSING, expected: Any = MISSING, call: str = "") -> NoReturn:
    """End this check: the requirement is not met, and `message` says why.

    got, expected, call: see `CheckFailed`.
    """
    raise CheckFailed(message, got=got, expected=expected, call=call)


def require(condition: object, message: str, *, got: Any = MISSING, expected: Any = MISSING, call: str = "") -> None:
    """Fail with `message` unless `condition` is exactly True (or NumPy's true).

    A condition of any other type fails too, so that an object of the learner's cannot pose as true.

    >>> require(isinstance(names, list), "names has to be a list", got=names)
    """
    if type(condition).__name__ not in ("bool", "bool_") or not condition:
        raise CheckFailed(message, got=got, expected=expected, call=call)


def todo(message: str) -> NoReturn:
    """End this check as not begun, for answers that are not Python: an empty answer, an untouched file."""
    raise NotDone(message)


def not_tried(message: str) -> None:
    """Tell the learner what could not be tried on this machine; the check goes on.

    >>> not_tried("no Docker engine here: the image was not built")
    """
    current().add_note(message)


def subject(what: str = "") -> str:
    """Return what a message is about: `what`, or the function last called."""
    return what or current().function or "the result"


# --- how a value reads -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A value that is the text to show already: `fail("too large", got=Shown("a file of 100 MB"))`."""

    text: str


def shorten(value: Any, limit: int = 160) -> str:
    """Return a text of any value that is read at a glance, at most `limit` characters long.

    Small arrays are shown whole, large ones by shape and dtype; long texts and collections are cut.
    """
    text = describe(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shorten_later(value: Any, limit: int) -> Callable[[], str]:
    """Return a function that does `shorten`, for a value that may be changed before anybody reads the text.

    Writing out a small array takes NumPy a thousand times as long as copying it.
    """
    np = sys.modules.get("numpy")
    if np is not None and type(value) is np.ndarray and value.size <= 24 and not value.dtype.hasobject:
        kept = value.copy()
        return lambda: shorten(kept, limit)
    text = shorten(value, limit)
    return lambda: text


def describe(value: Any) -> str:
    """Return a text of any value; parts of a collection are counted where there are many."""
    np = sys.modules.get("numpy")
    if isinstance(value, Shown):
        return value.text
    if np is not None and isinstance(value, np.ndarray):
        if value.size <= 24 and value.dtype.names is None:
            with np.printoptions(precision=5, threshold=30, linewidth=10_000, suppress=False):
                body = np.array2string(value, separator=", ").replace("\n", "")
            kind = "" if value.dtype in (np.dtype(float), np.dtype(int)) else f", {value.dtype}"
            return f"array({body}{kind})" if value.size else f"empty array of shape {value.shape}{kind}"
        return f"array of shape {value.shape}, {value.dtype}"
    if np is not None and isinstance(value, np.generic):
        return describe(value.item()) if value.dtype.kind in "biufU" else repr(value)
    if isinstance(value, float):
        return repr(value) if value == 0 or (1e-4 <= abs(value) < 1e7 and len(repr(value)) < 10) else f"{value:.6g}"
    if isinstance(value, str):
        return repr(value) if len(value) <= 120 else f"{value[:100]!r}… ({len(value)} characters)"
    if isinstance(value, bytes):
        return repr(value) if len(value) <= 60 else f"{value[:40]!r}… ({len(value)} bytes)"
    if type(value) in (list, tuple, set, frozenset):
        return _describe_items(value)
    if type(value) is dict:
        pairs = [f"{describe(k)}: {describe(v)}" for k, v in list(value.items())[:8]]
        return "{" + ", ".join(pairs) + (f", … ({len(value)} keys)" if len(value) > 8 else "") + "}"
    module = type(value).__module__
    if module.startswith("torch") and hasattr(value, "shape"):
        small = value.numel() <= 16
        return f"tensor({value.tolist()})" if small else f"tensor of shape {tuple(value.shape)}, {value.dtype}"
    if module.startswith("pandas") and hasattr(value, "shape"):
        return f"{type(value).__name__} of shape {value.shape}" if value.size > 24 else str(value.to_dict())
    if inspect.isgenerator(value):
        return "a generator"
    if np is not None and isinstance(value, np.random.Generator):
        return "rng"
    if inspect.isfunction(value) or inspect.isclass(value):
        return str(getattr(value, "__name__", "a function"))
    return _plain_repr(value)


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
        return f"a {type(value).__name__} whose repr raises {type(error).__name__}"
    return text if text.isprintable() and len(text) < 200 else f"a {type(value).__name__}"
