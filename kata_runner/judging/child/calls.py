"""Sees each call that a check makes of the learner's code, for `kata debug`."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from kata_runner.checking.settings import Settings

Function = Callable[..., Any]


class Calls(Settings):
    """The settings of a run in which each call of the learner's functions, and of their classes' methods, is seen.

    folders: of the learner's code; the calls that it makes itself are not meant.
    on_call: called with the function that is about to be called; returns what to call in its place.
    """

    def __init__(self, folders: Sequence[str], on_call: Callable[[Function], Function]) -> None:
        super().__init__()
        self._folders = tuple(folders)
        self._on_call = on_call

    @property
    def are_changed(self) -> bool:
        return True  # for only then methods are called by way of `in_call`

    def in_call(self, function: Function, args: Any, kwargs: Any) -> Any:
        is_of_a_check = not self._is_in_call and threading.current_thread() is threading.main_thread()
        if is_of_a_check and not is_within(sys._getframe(), self._folders):
            function = self._on_call(function)
        return super().in_call(function, args, kwargs)


def is_within(frame: FrameType | None, folders: tuple[str, ...]) -> bool:
    """Whether this frame runs code in these folders, or was called by such code."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(folders):
            return True
        frame = frame.f_back
    return False
