"""Settings of the process that the learner's code may change: in force in its own calls, put back for the checks.

`np.seterr(all="raise")` at the top of an answer is the learner's right, and must not make a check's own code stumble.
"""

from __future__ import annotations

import decimal
import locale
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One of them.

    name: as the learner would write it. of: the package that it belongs to, when that is loaded.
    is_quick: read after each call of the learner's, the others before each check.
    is_theirs: in force again in the learner's own calls; else it is only put back.
    """

    name: str
    get: Callable[[], Any]
    put: Callable[[Any], object]
    of: str = ""
    is_quick: bool = False
    is_theirs: bool = True


def _module(name: str) -> Any:
    return sys.modules[name]


def _put_filters(value: tuple[Any, ...]) -> None:
    warnings.filters[:], warnings.showwarning = list(value[0]), value[1]  # type: ignore[index]
    with suppress(AttributeError):
        warnings._filters_mutated()  # type: ignore[attr-defined]


def _environment() -> dict[str, str | None]:
    found: dict[str, str | None] = {**os.environ, "TZ": os.environ.get("TZ")}
    found.pop("PYTEST_CURRENT_TEST", None)  # pytest's own
    return found


def _put_environment(value: dict[str, str | None]) -> None:
    for name, text in value.items():
        if text is None:
            os.environ.pop(name, None)
        elif os.environ.get(name) != text:
            os.environ[name] = text
    if hasattr(time, "tzset"):
        time.tzset()


def _put_stream(name: str) -> Callable[[Any], None]:
    return lambda value: setattr(sys, name, value)


def _signals() -> dict[int, Any]:
    """Of the signals that running a program rests on."""
    numbers = [getattr(signal, name) for name in ("SIGCHLD", "SIGPIPE") if hasattr(signal, name)]
    return {number: handler for number in numbers if (handler := signal.getsignal(number)) is not None}


def _put_signals(value: dict[int, Any]) -> None:
    for number, handler in value.items():
        signal.signal(number, handler)


def _print_options() -> dict[str, Any]:
    return dict(_module("numpy").get_printoptions())


SETTINGS = (
    Setting("sys.setrecursionlimit", sys.getrecursionlimit, sys.setrecursionlimit, is_quick=True),
    Setting("sys.stdout", lambda: sys.stdout, _put_stream("stdout"), is_quick=True),
    Setting("sys.stderr", lambda: sys.stderr, _put_stream("stderr"), is_quick=True),
    Setting("np.seterr", lambda: _module("numpy").geterr(), lambda v: _module("numpy").seterr(**v), "numpy", True),
    Setting("np.seterrcall", lambda: _module("numpy").geterrcall(), lambda v: _module("numpy").seterrcall(v), "numpy"),
    Setting("np.set_printoptions", _print_options, lambda v: _module("numpy").set_printoptions(**v), "numpy"),
    Setting("the decimal context", lambda: decimal.getcontext().copy(), decimal.setcontext),
    Setting("locale.setlocale", lambda: locale.setlocale(locale.LC_ALL), lambda v: locale.setlocale(locale.LC_ALL, v)),
    Setting("warnings.filters", lambda: (list(warnings.filters), warnings.showwarning), _put_filters, is_theirs=False),
    Setting("os.environ", _environment, _put_environment, is_theirs=False),
    Setting("signal.signal", _signals, _put_signals, is_theirs=False),
    Setting("sys.set_int_max_str_digits", sys.get_int_max_str_digits, sys.set_int_max_str_digits),
    Setting("torch.set_default_dtype", lambda: _module("torch").get_default_dtype(),
            lambda v: _module("torch").set_default_dtype(v), "torch"),
    Setting("torch.set_grad_enabled", lambda: _module("torch").is_grad_enabled(),
            lambda v: _module("torch").set_grad_enabled(v), "torch", True),
    Setting("torch.use_deterministic_algorithms", lambda: _module("torch").are_deterministic_algorithms_enabled(),
            lambda v: _module("torch").use_deterministic_algorithms(v), "torch"),
    Setting("plt.rcParams", lambda: dict.copy(_module("matplotlib").rcParams),
            lambda v: dict.update(_module("matplotlib").rcParams, v), "matplotlib"),
)  # fmt: skip


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, decimal.Context):
        return repr(one) == repr(other)
    return bool(one == other)


class Settings:
    """The settings as they are for the checks, and as the learner's code has left them.

    changed: the names of all that the learner's code has ever changed.
    """

    def __init__(self) -> None:
        self._ours: dict[Setting, Any] = {}
        self._theirs: dict[Setting, Any] = {}
        self._quick: list[Setting] = []
        self._is_in_call = False
        self.changed: dict[str, None] = {}

    @property
    def are_changed(self) -> bool:
        """Whether the learner's code has settings of its own."""
        return bool(self._theirs)

    def begin(self) -> None:
        """Keep the settings as they are, before anything of the learner's has run."""
        for setting in SETTINGS:
            if not setting.of or setting.of in sys.modules:
                with suppress(Exception):  # a package that was imported in part
                    self._ours[setting] = setting.get()
        self._quick = [setting for setting in self._ours if setting.is_quick]

    def put_back(self) -> None:
        """Keep what the learner's code has changed for its own calls, and put back what the checks rest on."""
        for setting, ours in self._ours.items():
            self._put_back(setting, ours)

    def _put_back(self, setting: Setting, ours: Any) -> None:
        with suppress(Exception):
            found = setting.get()
            if isinstance(ours, dict):
                found = {key: found.get(key) for key in ours}  # what was added stays
            if _equal(found, ours):
                return
            self.changed[setting.name] = None
            if setting.is_theirs:
                self._theirs[setting] = found
            setting.put(ours)

    def in_call(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Call a function of the learner's under its own settings; afterwards, those of now are in force again."""
        if self._is_in_call:
            return function(*args, **kwargs)
        self._is_in_call = True
        # Not always ours: a check may have set one itself, as by `with np.errstate(...)`.
        before = [(setting, setting.get()) for setting in dict.fromkeys((*self._quick, *self._theirs))]
        pid = os.getpid()
        try:
            for setting, value in self._theirs.items():
                setting.put(value)
            return function(*args, **kwargs)
        finally:
            if os.getpid() != pid:
                os._exit(0)  # a copy that the learner's code has forked and let return
            self._is_in_call = False
            for setting, value in before:
                self._theirs.pop(setting, None)
                self._put_back(setting, value)
