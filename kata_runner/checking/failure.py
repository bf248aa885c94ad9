"""How a check fails."""

from __future__ import annotations

from typing import Any, NoReturn

from kata_runner.checking.session import current
from kata_runner.checking.values import MISSING, Shown, apart


class CheckFailed(AssertionError):
    """A requirement that is not met, with the counterexample that shows it.

    message: what is wrong, in one sentence.
    got, expected: any values; they are kept as short texts that differ, "" when left out.
    call: the call as the learner would write it; by default the last one that was traced or named by `calling`.
    """

    def __init__(self, message: str, *, got: Any = MISSING, expected: Any = MISSING, call: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.got, self.expected = apart(got, expected)
        self.call = call or current().call
        self.case = None if call else current().case
        self.line: tuple[str, int] | None = None  # file and line, where they are not in the traceback


class NotDone(NotImplementedError):
    """This part of the answer is still the stub; the judge reports it as to do, not as wrong."""


def fail(message: str, *, got: Any = MISSING, expected: Any = MISSING, call: str = "") -> NoReturn:
    """End this check: the requirement is not met, and `message` says why.

    got, expected, call: see `CheckFailed`.
    """
    raise CheckFailed(message, got=got, expected=_in_words(got, expected), call=call)


def require(condition: object, message: str, *, got: Any = MISSING, expected: Any = MISSING, call: str = "") -> None:
    """Fail with `message` unless `condition` is exactly True (or NumPy's true).

    A condition of any other type fails too, so that an object of the learner's cannot pose as true.

    >>> require(isinstance(names, list), "names has to be a list", got=names)
    """
    if type(condition).__name__ not in ("bool", "bool_") or not condition:
        raise CheckFailed(message, got=got, expected=_in_words(got, expected), call=call)


def _in_words(got: Any, expected: Any) -> Any:
    """What is expected of a value that is no text is said in words: "about 100 changes", without quotes."""
    return Shown(expected) if isinstance(expected, str) and not isinstance(got, str) else expected


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
