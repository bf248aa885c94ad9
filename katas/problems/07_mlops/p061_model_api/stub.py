"""A scikit-learn classifier behind HTTP."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI


def create_app(load_model: Callable[[], Any]) -> FastAPI:
    """The app that answers POST /predict: flowers in, a label and its probability out for each.

    load_model: takes no arguments and returns a fitted classifier; called once, before the first request.
    """
    raise NotImplementedError
