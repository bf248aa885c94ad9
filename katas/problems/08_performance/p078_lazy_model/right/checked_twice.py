"""Double-checked locking: after the load, a call takes no lock at all; the model is kept in a list of at most one."""

import threading
from collections.abc import Callable, Sequence
from typing import Any


class LazyModel:
    """A stand-in for a model."""

    def __init__(self, load: Callable[[], Any], device: str = "cpu", devices: Sequence[str] = ("cpu",)) -> None:
        self.load, self.devices, self.held = load, list(devices), ()  # type: tuple[Any, ...]
        self.guard = threading.RLock()
        self.where = ""
        self.to(device)

    def _get(self) -> Any:
        for model in self.held:
            return model
        with self.guard:
            if not self.held:
                self.held = (self.load().to(self.where),)
            return self.held[0]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the model returns."""
        return self._get()(*args, **kwargs)

    @property
    def is_loaded(self) -> bool:
        """Whether the model is loaded."""
        return len(self.held) == 1

    @property
    def device(self) -> str:
        """Where it is."""
        return self.where

    def to(self, device: str) -> "LazyModel":
        """Move the model."""
        if device not in self.devices:
            raise ValueError(f"unknown device {device}; known are {self.devices}")
        with self.guard:
            if self.held and self.where != device:
                self.held = (self.held[0].to(device),)
            self.where = device
        return self

    def unload(self) -> None:
        """Let it go."""
        with self.guard:
            self.held = ()
