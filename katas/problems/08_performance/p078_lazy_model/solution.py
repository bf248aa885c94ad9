"""A stand-in for a model, which is loaded at the first call."""

import threading
from collections.abc import Callable, Sequence
from typing import Any


class LazyModel:
    """Calls the model that load() returns, on a device; loads it at the first call and not before.

    load: returns a callable with a method to(device), which returns the model to use. devices: what this machine has.
    Raises ValueError for a device that is not in devices.
    """

    def __init__(self, load: Callable[[], Any], device: str = "cpu", devices: Sequence[str] = ("cpu",)) -> None:
        self._load = load
        self._devices = tuple(devices)
        self._device = self._known(device)
        self._model: Any = None
        self._lock = threading.Lock()  # held while the model changes, not while it predicts

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the loaded model returns."""
        with self._lock:
            # Asked inside the lock: a thread that has waited for another one's load finds it done.
            if self._model is None:
                self._model = self._load().to(self._device)
            model = self._model
        # Our own reference: an unload() in another thread does not take the model away from a running call.
        return model(*args, **kwargs)

    @property
    def is_loaded(self) -> bool:
        """Whether the model is loaded."""
        return self._model is not None  # without the lock, so that a health check need not wait for a load

    @property
    def device(self) -> str:
        """The device on which the model is, or will be."""
        return self._device

    def to(self, device: str) -> "LazyModel":
        """Move the model, now or once it is loaded, and return self. Raises ValueError as the constructor does."""
        self._known(device)
        with self._lock:
            if self._model is not None and device != self._device:
                self._model = self._model.to(device)
            self._device = device  # only now: an error above leaves model and device as they were
        return self

    def unload(self) -> None:
        """Let the loaded model go; the next call loads anew."""
        with self._lock:
            self._model = None

    def _known(self, device: str) -> str:
        if device not in self._devices:
            raise ValueError(f"there is no device {device!r} here, only {', '.join(self._devices)}")
        return device


# With PyTorch, devices would be ["cpu"] and "cuda:0" … "cuda:n", by torch.cuda.device_count(); unload() would also call
# torch.cuda.empty_cache(), as PyTorch keeps freed memory for itself.
