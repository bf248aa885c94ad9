"""Fetch from PostgreSQL into data frames, and survive a server that hangs up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Self, TypeVar

import pandas as pd
import psycopg
from psycopg.conninfo import conninfo_to_dict

T = TypeVar("T")
Params = Sequence[Any] | Mapping[str, Any] | None
Rows = list[tuple[Any, ...]]

# The dtype follows from the column's type, which the server tells even when there is no row to look at.
_DTYPES = {
    "int2": "Int64",
    "int4": "Int64",
    "int8": "Int64",
    "bool": "boolean",
    "float4": "float64",
    "float8": "float64",
    "text": "str",
    "varchar": "str",
    "bpchar": "str",
    "timestamp": "datetime64[us]",
    "timestamptz": "datetime64[us, UTC]",
}


class QueryRefused(Exception):
    """The server answered, and the answer was no: trying again would change nothing."""


class DatabaseUnavailable(Exception):
    """No connection could be made, or it was lost, in every attempt."""


class _Lost(Exception):
    """One attempt ended because there is no connection, or no longer one."""


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
        self._url = url
        self._attempts = attempts
        self._wait_s = wait_s
        self._sleep = sleep
        self._kept: psycopg.Connection[tuple[Any, ...]] | None = None

    def fetch(self, query: str, params: Params = None) -> pd.DataFrame:
        """Return the whole result of a query, each column in the dtype of the task's table.

        params: values for %s (a sequence) or %(name)s (a mapping); None sends the query as it stands.
        Raises QueryRefused or DatabaseUnavailable.
        """
        return self._tried(lambda: self._fetch_once(query, params))

    def chunks(self, query: str, params: Params = None, *, rows: int = 10_000) -> Iterator[pd.DataFrame]:
        """Yield the result in frames of `rows` rows (the last may be shorter), in bounded memory.

        Reads from a server-side cursor, on a connection of its own that is closed when the reading ends.
        An empty result yields one empty frame. Raises as `fetch` does.
        """
        # Up to the first chunk nothing has been handed out, so the query may simply start again.
        connection, cursor, batch = self._tried(lambda: self._open(query, params, rows))
        # `closing` also runs when the caller breaks off: leaving a generator raises inside it.
        with closing(connection):
            yield _frame(cursor, batch)
            while len(batch) == rows:
                try:
                    with _told_apart(connection, query):
                        batch = cursor.fetchmany(rows)
                except _Lost as error:
                    # From here a new start would repeat rows that the caller has already used.
                    raise DatabaseUnavailable(f"{self._place()} any more, in the middle of: {query}") from error
                if batch:
                    yield _frame(cursor, batch)

    def close(self) -> None:
        """Close the connection that `fetch` keeps; a later call opens a new one."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _fetch_once(self, query: str, params: Params) -> pd.DataFrame:
        # Step 1: reuse the connection unless it is known to be dead; a new one costs a process on the server.
        if self._kept is None or self._kept.closed:
            self._kept = self._connect()
        # Step 2: a transaction around the query, ended either way: an open one holds locks and old rows.
        with _told_apart(self._kept, query), self._kept.transaction(), self._kept.cursor() as cursor:
            # Step 3: query and values travel apart. The server never reads a value as SQL.
            cursor.execute(query, params)
            return _frame(cursor, cursor.fetchall())

    def _open(
        self, query: str, params: Params, rows: int
    ) -> tuple[psycopg.Connection[tuple[Any, ...]], psycopg.ServerCursor[tuple[Any, ...]], Rows]:
        connection = self._connect()
        try:
            with _told_apart(connection, query):
                # A cursor with a name lives on the server, which hands over only what is fetched. Without
                # one, the driver takes in the whole result at `execute`, however little is then fetched.
                cursor = connection.cursor(name="chunks")
                cursor.execute(query, params)
                return connection, cursor, cursor.fetchmany(rows)
        except BaseException:
            connection.close()
            raise

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        try:
            return psycopg.connect(self._url)
        except psycopg.OperationalError as error:
            raise _Lost from error

    def _tried(self, action: Callable[[], T]) -> T:
        for failures in range(1, self._attempts + 1):
            try:
                return action()
            except _Lost as error:
                if failures == self._attempts:
                    cause = error.__cause__
                    raise DatabaseUnavailable(f"{self._place()} after {failures} attempts: {cause}") from cause
            # Doubling the pause gives a server that restarts room to breathe.
            self._sleep(self._wait_s * 2 ** (failures - 1))
        raise AssertionError("unreachable: attempts is 1 or more")

    def _place(self) -> str:
        """Which database, for messages: host and name, never the password that the URL may hold."""
        parts = conninfo_to_dict(self._url)
        return f"no connection to database {parts.get('dbname')} at {parts.get('host')}"


@contextmanager
def _told_apart(connection: psycopg.Connection[Any], query: str) -> Iterator[None]:
    """Turn an error of the driver into "lost, try again" or "refused, do not"."""
    try:
        yield
    except psycopg.Error as error:
        # The class does not tell: a cancelled query is an OperationalError too. The state of the connection does.
        if connection.closed:
            raise _Lost from error
        raise QueryRefused(f"{error} in: {query}") from error


def _frame(cursor: psycopg.Cursor[Any] | psycopg.ServerCursor[Any], rows: Rows) -> pd.DataFrame:
    columns = cursor.description or []
    frame = pd.DataFrame({i: _series(column, [row[i] for row in rows]) for i, column in enumerate(columns)})
    # Named last: in a dictionary by name, the second of two columns of one name would overwrite the first.
    return frame.set_axis([column.name for column in columns], axis=1)


def _series(column: psycopg.Column, values: list[Any]) -> pd.Series[Any]:
    kind = psycopg.adapters.types.get(column.type_code)
    dtype = _DTYPES.get(kind.name, "object") if kind else "object"
    return pd.Series(values, dtype=dtype)


# In real life SQLAlchemy's engine does much of this: a pool with `pool_pre_ping=True` replaces dead connections,
# and `pd.read_sql(query, connection, params=..., chunksize=..., dtype_backend="numpy_nullable")` makes the frames;
# without `execution_options(stream_results=True)` it, too, takes in the whole result first. ADBC's driver hands over
# Arrow columns, which keeps types and NULLs without a Python object per cell. Reading with a role that may do
# nothing else is the guard against a query that writes.
