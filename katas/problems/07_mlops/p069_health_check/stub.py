"""Liveness and readiness of a service with a model."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI


def create_app(load_model: Callable[[], Callable[[Any], float]], example: Any) -> FastAPI:
    """The app that answers GET /livez and GET /readyz.

    load_model: takes no arguments, takes its time, and returns the model, a function; called once, in the background.
    example: an input of the model; readiness is that the model returns a finite number for it.
    """
    raise NotImplementedError
