"""The terminal of a watch: the alternate screen, the keys, and drawing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kata_runner.screen.watch import Frame

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from rich.console import Console

ESCAPE_AFTER_S = 0.05  # an Escape that nothing follows is the key of that name


class Terminal:
    """The alternate screen and the keys: taken by `take`, and given back whatever happens."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console: Console = Console(highlight=False, markup=False, emoji=False)
        self.is_ours = False
        self._input: Input | None = None
        self._keys = contextlib.ExitStack()

    def take(self, on_keys: Callable[[Sequence[str]], None]) -> None:
        """Show the alternate screen, and call `on_keys` with the names of keys, from the running loop.

        Keys are neither echoed nor do they stop the process.
        """
        from prompt_toolkit.input import create_input

        if self._input is None:
            self._input = create_input()
        source, loop = self._input, asyncio.get_running_loop()
        flushing: asyncio.TimerHandle | None = None

        def flush() -> None:
            on_keys([_key_name(press.key) for press in source.flush_keys()])

        def read() -> None:
            nonlocal flushing
            if flushing is not None:
                flushing.cancel()
            on_keys([_key_name(press.key) for press in source.read_keys()])
            if source.closed:
                on_keys(["SIGHUP"])
            else:
                flushing = loop.call_later(ESCAPE_AFTER_S, flush)

        self._keys.enter_context(source.raw_mode())
        self._keys.enter_context(source.attach(read))
        self.is_ours = True
        self.console.set_alt_screen(True)
        self.console.show_cursor(False)

    def give_back(self) -> None:
        """Leave the terminal as it was. May be called twice, and on a terminal that is gone."""
        with contextlib.suppress(OSError, ValueError):
            self._keys.close()
        if self.is_ours:
            self.is_ours = False
            with contextlib.suppress(OSError, ValueError):
                self.console.show_cursor(True)
                self.console.set_alt_screen(False)

    def draw(self, frame: Callable[[int, int], Frame]) -> Frame:
        """Draw the frame made for (width, height). Raises OSError when the terminal is gone."""
        from rich.console import ConsoleDimensions
        from rich.segment import Segment

        console = self.console
        # Asked of the terminal itself: COLUMNS in the environment would stay as it is.
        width, height = os.get_terminal_size(sys.stdout.fileno())
        console.size = width, height = ConsoleDimensions(width or 80, height or 24)
        made = frame(width, height)
        lines = console.render_lines(made, console.options.update(width=width, height=None), pad=False)
        console.update_screen_lines(Segment.set_shape(lines, width, height))
        return made


def _key_name(key: object) -> str:
    """`Keys.Up` as "up", letters as themselves."""
    return str(getattr(key, "value", key))
