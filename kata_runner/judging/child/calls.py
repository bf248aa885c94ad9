"""Sees each call that a check makes of the learner's code, for `kata debug`."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

from kata_runner.checking import cost
from kata_runner.checking.settings import Settings

Function = Callable[..., Any]


class Calls(Settings):
    """The settings of a run in which each call of the learner's functions, and of their classes' methods, is seen.

    Of calls that are repeated to be timed, as often as there is time for, only the first is.
    folders: of the learner's code; the calls that it makes itself are not meant.
    on_call: called with the function that is about to be called; returns what to call in its place.
    """

    def __init__(self, folders: Sequence[str], on_call: Callable[[Function], Function]) -> None:
        super().__init__()
        self._folders = tuple(folders)
        self._on_call = on_call
        self._is_timed = False

    @property
    def are_changed(self) -> bool:
        return True  # for only then methods are called by way of `in_call`

    def in_call(self, function: Function, args: Any, kwargs: Any) -> Any:
        is_of_a_check = not self._is_in_call and threading.current_thread() is threading.main_thread()
        if is_of_a_check and not is_within(sys._getframe(), self._folders):
            was_timed = self._is_timed
            self._is_timed = any(frame.f_code is cost._timed.__code__ for frame in _callers(sys._getframe()))
            if not (was_timed and self._is_timed):
                function = self._on_call(function)
        return super().in_call(function, args, kwargs)


def is_within(frame: FrameType, folders: tuple[str, ...]) -> bool:
    """Whether this frame runs code in these folders, or was called by such code."""
    return any(caller.f_code.co_filename.startswith(folders) for caller in _callers(frame))


def _callers(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back
