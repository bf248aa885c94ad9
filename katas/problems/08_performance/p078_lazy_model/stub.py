"""A stand-in for a model, which is loaded at the first call."""

from collections.abc import Callable, Sequence
from typing import Any


class LazyModel:
    """Calls the model that load() returns, on a device; loads it at the first call and not before.

    load: returns a callable with a method to(device), which returns the model to use. devices: what this machine has.
    Raises ValueError for a device that is not in devices.
    """

    def __init__(self, load: Callable[[], Any], device: str = "cpu", devices: Sequence[str] = ("cpu",)) -> None:
        raise NotImplementedError

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the loaded model returns."""
        raise NotImplementedError

    @property
    def is_loaded(self) -> bool:
        """Whether the model is loaded."""
        raise NotImplementedError

    @property
    def device(self) -> str:
        """The device on which the model is, or will be."""
        raise NotImplementedError

    def to(self, device: str) -> "LazyModel":
        """Move the model, now or once it is loaded, and return self. Raises ValueError as the constructor does."""
        raise NotImplementedError

    def unload(self) -> None:
        """Let the loaded model go; the next call loads anew."""
        raise NotImplementedError
