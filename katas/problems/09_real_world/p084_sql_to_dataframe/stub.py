"""Fetch from PostgreSQL into data frames, and survive a server that hangs up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

import pandas as pd
import psycopg

Params = Sequence[Any] | Mapping[str, Any] | None


class QueryRefused(Exception):
    """The server answered, and the answer was no: trying again would change nothing."""


class DatabaseUnavailable(Exception):
    """No connection could be made, or it was lost, in every attempt."""


class SqlFrames:
    """Reads from one database. Opens no connection before it is needed."""

    def __init__(
        self,
        url: str,
        *,
        attempts: int = 3,
        wait_s: float = 0.2,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Remember how to reach the database.

        url: what `psycopg.connect` takes; it may hold a password.
        attempts: how often a call is tried in all, 1 or more.
        wait_s: pause after the first lost attempt, in seconds; doubled after each further one.
        sleep: called with each pause.
        """
        raise NotImplementedError

    def fetch(self, query: str, params: Params = None) -> pd.DataFrame:
        """Return the whole result of a query, each column in the dtype of the task's table.

        params: values for %s (a sequence) or %(name)s (a mapping); None sends the query as it stands.
        Raises QueryRefused or DatabaseUnavailable.
        """
        raise NotImplementedError

    def chunks(self, query: str, params: Params = None, *, rows: int = 10_000) -> Iterator[pd.DataFrame]:
        """Yield the result in frames of `rows` rows (the last may be shorter), in bounded memory.

        Reads from a server-side cursor, on a connection of its own that is closed when the reading ends.
        An empty result yields one empty frame. Raises as `fetch` does.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close the connection that `fetch` keeps; a later call opens a new one."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(self, *exception: object) -> None:
        raise NotImplementedError
