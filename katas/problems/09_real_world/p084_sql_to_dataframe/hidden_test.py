"""Hidden test of p084_sql_to_dataframe: against a real PostgreSQL, started for this run."""

from __future__ import annotations

import datetime as dt
import select
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from decimal import Decimal
from typing import Any

import pandas as pd
import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from kata_runner.checking import (
    Shown,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    require,
    rng,
)
from kata_runner.checking.postgres import database

work = learner("sql_frames")

TABLES = """
CREATE TABLE people (id int PRIMARY KEY, name text, visits bigint);
INSERT INTO people VALUES (1, 'Ada', 9007199254740993), (2, 'O''Neil', NULL), (3, '50%', 7);
CREATE TABLE switch (is_on bool);
INSERT INTO switch VALUES (false);
CREATE FUNCTION hang_up() RETURNS void LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); END $$;
CREATE FUNCTION hang_up_while_on() RETURNS int LANGUAGE plpgsql AS $$
BEGIN IF (SELECT is_on FROM switch) THEN PERFORM hang_up(); END IF; RETURN 7; END $$;
CREATE FUNCTION hang_up_at(i int, place int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN IF i = place THEN PERFORM hang_up(); END IF; RETURN i; END $$;
CREATE FUNCTION refuse(code text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused with %', code USING ERRCODE = code; END $$;
"""

THREE_ROWS = "FROM (VALUES (1), (NULL), (3)) AS t(v)"

# Expression of v -> the dtype in the words of the task, and the values for 1, NULL and 3.
TYPES: dict[str, tuple[str, list[Any]]] = {
    "v::bigint * 9007199254740993": ("Int64", [9007199254740993, None, 27021597764222979]),
    "v::int": ("Int64", [1, None, 3]),
    "v::smallint": ("Int64", [1, None, 3]),
    "v > 1": ("boolean", [False, None, True]),
    "v::float8": ("float64", [1.0, None, 3.0]),
    "v::real": ("float64", [1.0, None, 3.0]),
    "v::text": ("str", ["1", None, "3"]),
    "v::varchar(9)": ("str", ["1", None, "3"]),
    "v::char(3)": ("str", ["1  ", None, "3  "]),
    "timestamp '2026-03-01 10:00:00.25' + v * interval '1 hour'": (
        "datetime64[us]",
        ["2026-03-01T11:00:00.250000", None, "2026-03-01T13:00:00.250000"],
    ),
    "timestamptz '2026-03-01 10:00:00+00' + v * interval '1 hour'": (
        "datetime64[us, UTC]",
        ["2026-03-01T11:00:00+00:00", None, "2026-03-01T13:00:00+00:00"],
    ),
    "v::numeric(12, 2)": ("object", [Decimal("1.00"), None, Decimal("3.00")]),
    "date '2026-03-01' + v": ("object", [dt.date(2026, 3, 2), None, dt.date(2026, 3, 4)]),
    "v * interval '1 hour'": ("object", [dt.timedelta(hours=1), None, dt.timedelta(hours=3)]),
    "CASE WHEN v > 0 THEN jsonb_build_object('v', v) END": ("object", [{"v": 1}, None, {"v": 3}]),
    "lpad(v::text, 32, '0')::uuid": ("object", [uuid.UUID(int=1), None, uuid.UUID(int=3)]),
}


class Server:
    """The server of this run: its URL, and a connection of ours that looks at the learner's."""

    url = ""
    admin: psycopg.Connection[Any]

    def run(self, query: str, *params: object) -> list[tuple[Any, ...]]:
        cursor = self.admin.execute(query, params or None)
        return cursor.fetchall() if cursor.description else []

    def sessions(self) -> list[tuple[Any, ...]]:
        """(process id, state) of every connection to the database that is not ours."""
        return self.run(
            "SELECT pid, state FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY pid"
        )

    def hang_up_all(self) -> None:
        for pid, _ in self.sessions():
            self.run("SELECT pg_terminate_backend(%s)", pid)
        self.session_count_settles_at(0)

    def session_count_settles_at(self, count: int) -> int:
        """How many sessions there are once there are `count`, or after three seconds: closing takes a moment."""
        deadline = time.monotonic() + 3.0
        while len(self.sessions()) != count and time.monotonic() < deadline:
            time.sleep(0.005)
        return len(self.sessions())


server = Server()


@pytest.fixture(scope="module", autouse=True)
def _one_server() -> Iterator[None]:
    with database() as url, psycopg.connect(url, autocommit=True) as admin:
        server.url, server.admin = url, admin
        server.run(TABLES)
        name = psycopg.sql.Identifier(admin.info.dbname)
        # A session's time zone must not reach the frame.
        admin.execute(psycopg.sql.SQL("ALTER DATABASE {} SET timezone = 'Asia/Kolkata'").format(name))
        yield


@contextmanager
def handler(url: str = "", **options: Any) -> Iterator[Any]:
    """A handler of the learner's that never really sleeps; no session of its kind is left for the next check."""
    options = {"sleep": lambda seconds: None, **options}
    with calling("SqlFrames(url)"):
        frames = work.SqlFrames(url or server.url, **options)
    try:
        yield frames
    finally:
        server.hang_up_all()


def fetched(frames: Any, query: str, params: Any = None) -> pd.DataFrame:
    """Fetch, look that a frame came, and name the call for what follows."""
    shown = f"{_one_line(query)!r}" + ("" if params is None else f", {params!r}")
    with calling(f"SqlFrames(url).fetch({shown})"):
        got = frames.fetch(query) if params is None else frames.fetch(query, params)
        assert_type(got, pd.DataFrame, what="fetch")
    return got


def _one_line(query: str) -> str:
    text = " ".join(query.split())
    return text if len(text) <= 150 else f"{text[:150]} …"


def streamed(frames: Any, query: str, rows: int) -> Iterator[pd.DataFrame]:
    with calling(f"SqlFrames(url).chunks({_one_line(query)!r}, rows={rows})"):
        got = frames.chunks(query, rows=rows)
        assert_type(got, Iterator, what="chunks")  # type: ignore[type-abstract]
    return got


def each(chunks: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    for number, frame in enumerate(chunks):
        require(number < 10_000, "chunks never ends")
        assert_type(frame, pd.DataFrame, what="chunks")
        yield frame


def ids(frame: pd.DataFrame, column: str = "id") -> list[Any]:
    require(column in frame.columns, f"the frame has no column {column!r}", got=Shown(str(list(frame.columns))))
    return list(frame[column])


def only(frame: pd.DataFrame, column: str = "id") -> Any:
    values = ids(frame, column)
    assert_equal(len(values), 1, what="the number of rows")
    return values[0]


def error_named(name: str) -> type[Exception]:
    found = getattr(work, name)
    if not (isinstance(found, type) and issubclass(found, Exception)):
        fail(f"{name} should be an exception class, as in the stub")
    return found


def kinds(frame: pd.DataFrame) -> dict[str, str]:
    """Column -> dtype in the words of the task."""
    return {str(name): _kind(dtype) for name, dtype in zip(frame.columns, frame.dtypes)}


def _kind(dtype: Any) -> str:
    return "str" if isinstance(dtype, pd.StringDtype) else str(dtype)


def values_of(frame: pd.DataFrame, kind: str) -> list[Any]:
    """The values of column "a": missing ones as None (in a column of objects as they are), moments as texts."""
    values = ids(frame, "a")
    if kind == "object":
        return values
    exact = [_exact(value) for value in values]
    if kind.startswith("datetime64"):
        return [None if value is None else pd.Timestamp(value).isoformat() for value in exact]
    return exact


def _exact(value: Any) -> Any:
    """A missing value as None, and a large float as the whole number that it is: no digit is forgiven."""
    if value is None or value is pd.NA or value != value:
        return None
    return int(value) if isinstance(value, float) and value > 1e9 else value


def test_fetch_returns_the_rows_and_columns_of_the_query() -> None:
    """`fetch` returns the columns in the query's order, every row in the server's order, and an index from 0."""
    count = int(rng(1).integers(5, 9))
    with handler() as frames:
        got = fetched(frames, "SELECT name, id FROM people ORDER BY id DESC")
        assert_equal([str(c) for c in got.columns], ["name", "id"], what="the columns")
        assert_equal(ids(got), [3, 2, 1], what='column "id"')
        assert_equal(ids(got, "name"), ["50%", "O'Neil", "Ada"], what='column "name"')
        assert_equal(list(got.index), [0, 1, 2], what="the index")
        numbers = fetched(frames, f"SELECT i * i AS square FROM generate_series(1, {count}) i")
        assert_equal(ids(numbers, "square"), [i * i for i in range(1, count + 1)], what='column "square"')
        equal = fetched(frames, "SELECT i / 2 AS half FROM generate_series(0, 3) i")
        assert_equal(ids(equal, "half"), [0, 0, 1, 1], what='column "half"')


def test_types_and_nulls_are_kept() -> None:
    """Every column has the dtype of the table in the task; a NULL costs no digit of its neighbours."""
    with handler() as frames:
        for expression, (kind, values) in TYPES.items():
            got = fetched(frames, f"SELECT {expression} AS a {THREE_ROWS}")
            assert_equal(values_of(got, kind), values, what='column "a"')
            assert_equal(kinds(got), {"a": kind}, what="the dtypes")


def test_values_never_become_sql() -> None:
    """A value of `params` is never read as SQL, whatever it holds, and arrives with its type."""
    by_name = "SELECT id FROM people WHERE name = %s ORDER BY id"
    with handler() as frames:
        assert_equal(ids(fetched(frames, by_name, ["Ada"])), [1], what='column "id"')
        assert_equal(ids(fetched(frames, by_name, ("O'Neil",))), [2], what='column "id"')
        for attack in ("x' OR '1'='1", "x'; DELETE FROM people; --", "' UNION SELECT 1 --", "\\' OR 1=1 --", "%s"):
            assert_equal(len(fetched(frames, by_name, (attack,))), 0, what="the number of rows")
        assert_equal(server.run("SELECT count(*) FROM people"), [(3,)], what="the number of people left")
        named = fetched(frames, "SELECT %(a)s::text AS a, %(n)s::int AS n, %(a)s::text AS b", {"a": "%s'", "n": None})
        assert_equal([str(only(named, name)) for name in ("a", "b")], ["%s'"] * 2, what="the values sent")
        require(bool(pd.isna(only(named, "n"))), "a parameter None should arrive as NULL", got=only(named, "n"))
        day = fetched(frames, "SELECT %s + 1 AS next", [dt.date(2026, 2, 28)])
        require(only(day, "next") == dt.date(2026, 3, 1), "a date should arrive as a date", got=only(day, "next"))
        with calling(f"""SqlFrames(url).chunks({by_name!r}, ["O'Neil"])"""):
            bound = frames.chunks(by_name, ["O'Neil"])
            assert_type(bound, Iterator, what="chunks")  # type: ignore[type-abstract]
            assert_equal([ids(part) for part in each(bound)], [[2]], what="the chunks")


def test_chunks_hold_every_row_once() -> None:
    """Chunks have `rows` rows each, the last one the rest; each has an index from 0, and none is empty."""
    with handler() as frames:
        for total, rows, lengths in ((2, 1, [1, 1]), (3, 5, [3]), (3, 2, [2, 1]), (6, 3, [3, 3])):
            query = f"SELECT i, i::text AS t, i / 4.0::float8 AS f FROM generate_series(1, {total}) i"
            parts = list(each(streamed(frames, query, rows)))
            assert_equal([len(p) for p in parts], lengths, what="the lengths of the chunks")
            assert_equal([i for p in parts for i in ids(p, "i")], list(range(1, total + 1)), what='column "i"')
            assert_equal([list(p.index) for p in parts], [list(range(n)) for n in lengths], what="the index of each")
            for part in parts:
                assert_equal(kinds(part), {"i": "Int64", "t": "str", "f": "float64"}, what="the dtypes")
        query = "SELECT i FROM generate_series(1, 10001) i"
        with calling(f"SqlFrames(url).chunks({query!r})"):
            parts = list(each(frames.chunks(query)))
            assert_equal([len(p) for p in parts], [10_000, 1], what="the lengths of the chunks without `rows`")


def test_chunks_are_one_run_of_the_query() -> None:
    """A row that another session deletes or adds meanwhile changes nothing in the chunks."""
    server.run("CREATE TABLE crowd AS SELECT i AS id FROM generate_series(1, 5) i")
    try:
        with handler() as frames:
            reading = each(streamed(frames, "SELECT id FROM crowd ORDER BY id", 2))
            seen_ids = ids(next(reading))
            server.run("DELETE FROM crowd WHERE id < 3")  # paging by OFFSET would now skip rows
            seen_ids += [i for part in reading for i in ids(part)]
    finally:
        server.run("DROP TABLE crowd")
    assert_equal(seen_ids, [1, 2, 3, 4, 5], what="the ids read while another session deletes 1 and 2")


def test_chunks_run_in_bounded_memory() -> None:
    """A result of 150 MB passes through `chunks` in less than 70 MB: the driver never holds it whole."""
    query = "SELECT i, repeat('x', 5000) AS t FROM generate_series(1, {}) i"
    with handler() as frames:
        for _ in each(streamed(frames, query.format(800), 400)):  # imports and buffers are paid here
            pass
        process, n_rows = psutil.Process(), 0
        before = process.memory_info().rss
        for part in each(streamed(frames, query.format(30_000), 400)):
            n_rows += len(part)
            grown_mb = (process.memory_info().rss - before) / 1e6
            if grown_mb > 70:
                fail(
                    "chunks holds far more than a chunk; does the cursor live on the server?",
                    got=Shown(f"{grown_mb:.0f} MB more after {n_rows} of 30,000 rows"),
                    expected=Shown("at most 70 MB more"),
                )
        assert_equal(n_rows, 30_000, what="the number of rows read")


def test_chunks_close_their_connection() -> None:
    """`chunks` reads on a connection of its own, which is closed when the reading ends, fails or breaks off."""
    query = "SELECT i FROM generate_series(1, 3) i"
    with handler() as frames:
        n = len(server.sessions())
        for _ in each(streamed(frames, query, 2)):
            pass
        assert_equal(server.session_count_settles_at(n), n, what="the number of connections after the last chunk")
        reading = streamed(frames, query, 2)
        assert_type(next(reading, None), pd.DataFrame, what="chunks")
        _close(reading)
        assert_equal(server.session_count_settles_at(n), n, what="the number of connections after chunks.close()")
        with calling("list(SqlFrames(url).chunks('SELECT 1 / (i - 3) AS q FROM generate_series(1, 3) i', rows=2))"):
            failing = streamed(frames, "SELECT 1 / (i - 3) AS q FROM generate_series(1, 3) i", 2)
            assert_raises(Exception, lambda: list(failing))
        assert_equal(server.session_count_settles_at(n), n, what="the number of connections after a query that fails")
        with calling("list(SqlFrames(url).chunks('SELECT 1 / 0 AS q'))"):
            failing = streamed(frames, "SELECT 1 / 0 AS q", 2)
            assert_raises(Exception, lambda: list(failing))
        assert_equal(server.session_count_settles_at(n), n, what="the connections after a query that fails at once")


def _close(chunks: Any) -> None:
    if not callable(getattr(chunks, "close", None)):
        fail("chunks should be a generator: breaking off must be able to close its connection")
    chunks.close()


def test_fetch_works_while_chunks_are_read() -> None:
    """`fetch` between two chunks returns its result, and the chunks go on."""
    with handler() as frames:
        reading = each(streamed(frames, "SELECT i FROM generate_series(1, 3) i", 2))
        assert_equal(ids(next(reading), "i"), [1, 2], what="the first chunk")
        assert_equal(ids(fetched(frames, "SELECT 5 AS id")), [5], what='column "id", fetched between two chunks')
        with calling("next(chunks)  # after a fetch in between"):
            assert_equal([ids(part, "i") for part in reading], [[3]], what="the chunks after that fetch")
        one, other = (streamed(frames, "SELECT i FROM generate_series(1, 3) i", 2) for _ in range(2))
        with calling("next(one), next(other), one.close(), list(other)  # two streams of one SqlFrames"):
            for stream in (one, other):
                assert_equal(ids(next(stream, pd.DataFrame({"i": []})), "i"), [1, 2], what="the first chunk")
            _close(one)
            assert_equal([ids(part, "i") for part in each(other)], [[3]], what="the chunks of the other stream")


def test_one_connection_is_kept_idle() -> None:
    """`fetch` opens one connection at its first call and uses it again, without an open transaction in between."""
    with handler() as frames:
        assert_equal(len(server.sessions()), 0, what="the number of connections before the first fetch")
        first = ids(fetched(frames, "SELECT pg_backend_pid() AS id"))
        states = [state for _, state in server.sessions()]
        assert_equal(states, ["idle"], what="the state of the connections after fetch")
        second = ids(fetched(frames, "SELECT pg_backend_pid() AS id"))
        assert_equal(second, first, what="the server process asked second")


def test_close_and_with_close_the_connection() -> None:
    """`close()`, once or twice, and the end of a `with` block close the connection; a later `fetch` opens another."""
    with handler(attempts=1) as frames:
        fetched(frames, "SELECT 1 AS id")
        with calling("SqlFrames(url, attempts=1).close()"):
            frames.close()
            assert_equal(server.session_count_settles_at(0), 0, what="the number of connections after close()")
            frames.close()
        assert_equal(ids(fetched(frames, "SELECT 8 AS id")), [8], what="fetch after close()")
    with handler() as frames, calling("with SqlFrames(url) as frames"):
        require(hasattr(type(frames), "__enter__"), "SqlFrames should work in a with statement")
        with frames as entered:
            require(entered is frames, "`with SqlFrames(url) as frames` should name the object itself", got=entered)
            assert_equal(len(server.sessions()), 0, what="the number of connections before the first fetch")
            fetched(frames, "SELECT 1 AS id")
        assert_equal(server.session_count_settles_at(0), 0, what="the number of connections after the with block")
    with handler() as frames, calling("with SqlFrames(url) as frames:  # a block that ends with an error"):
        try:
            with frames:
                fetched(frames, "SELECT 1 AS id")
                raise CallersOwnError
        except CallersOwnError:
            pass
        else:
            fail("the error of the with block was swallowed")
        assert_equal(server.session_count_settles_at(0), 0, what="the number of connections after the with block")


class CallersOwnError(Exception):
    """What a `with` block of the caller's ends with."""


def test_a_lost_connection_is_opened_again() -> None:
    """When the server drops the connection, between two calls or in the middle of one, the caller gets the result."""

    def mend(seconds: float) -> None:
        pauses.append(seconds)
        server.run("UPDATE switch SET is_on = false")

    pauses: list[float] = []
    query = "SELECT hang_up_while_on() AS id"
    with handler(sleep=mend) as frames:
        before = ids(fetched(frames, "SELECT pg_backend_pid() AS id"))
        server.hang_up_all()
        after = ids(fetched(frames, "SELECT pg_backend_pid() AS id"))
        require(len(after) == 1 and after != before, "fetch after the server hung up should come over a new connection")
        for _ in range(2):  # pauses and attempts are counted anew in each call
            pauses.clear()
            server.run("UPDATE switch SET is_on = true")
            with calling("SqlFrames(url).fetch(query)  # the server hangs up during its first attempt"):
                got = ids(fetched(frames, query))
                assert_equal(got, [7], what="the value of a query during which the server hung up once")
                assert_equal(pauses, [0.2], what="the pauses for one lost attempt")


def test_it_gives_up_after_the_attempts() -> None:
    """After `attempts` failures comes DatabaseUnavailable; each pause between them is twice the one before."""
    pauses: list[float] = []
    unavailable = error_named("DatabaseUnavailable")
    with nowhere() as port:
        for attempts, expected in ((1, []), (2, [0.5]), (4, [0.5, 1.0, 2.0]), (4, [40.0, 80.0, 160.0])):
            pauses.clear()
            url, wait_s = f"postgresql://kata@127.0.0.1:{port}/shop", (expected or [0.5])[0]
            with handler(url, attempts=attempts, wait_s=wait_s, sleep=pauses.append) as frames:
                call = f"SqlFrames({url!r}, attempts={attempts}, wait_s={wait_s}).fetch('SELECT 1')"
                assert_raises(unavailable, frames.fetch, "SELECT 1", call=f"{call}  # nobody listens there")
                assert_equal(pauses, expected, what="the pauses", call=f"{call}  # nobody listens there")
    pauses.clear()
    with handler(wait_s=1.0, sleep=pauses.append) as frames:
        call = "SqlFrames(url, wait_s=1.0).fetch('SELECT hang_up()')  # the server hangs up on every try"
        assert_raises(unavailable, frames.fetch, "SELECT hang_up()", call=call)
        assert_equal(pauses, [1.0, 2.0], what="the pauses", call=call)


@contextmanager
def nowhere() -> Iterator[int]:
    """A port that is bound but never listens: a connection is refused at once."""
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


def test_no_row_comes_twice_when_a_stream_breaks() -> None:
    """When the connection is lost after the first chunk, `chunks` raises DatabaseUnavailable, without a pause."""
    query = "SELECT hang_up_at(i, 5) AS id FROM generate_series(1, 8) i"
    seen_ids: list[Any] = []
    pauses: list[float] = []
    with handler(sleep=pauses.append) as frames:
        reading = each(streamed(frames, query, 2))

        def read() -> None:
            for part in reading:
                seen_ids.extend(ids(part))

        call = "for frame in SqlFrames(url).chunks(query, rows=2)  # the server hangs up at row 5"
        assert_raises(error_named("DatabaseUnavailable"), read, call=call)
        assert_equal(seen_ids, sorted(set(seen_ids)), what="the ids handed out before the error", call=call)
        n = len(seen_ids)
        require(2 <= n <= 4, "the chunks before the break should have been handed out", got=seen_ids, call=call)
        assert_equal(pauses, [], what="the pauses", call=call)


def test_a_refusal_is_not_tried_again() -> None:
    """A query that the server refuses raises QueryRefused at once; the message has the server's words and the query."""
    pauses: list[float] = []
    refused = error_named("QueryRefused")
    for query in (
        "SELECT 1 / 0 AS x",
        "SELECT * FROM nowhere",
        "SELEC 1",
        "SELECT 'a'::int AS x",
        "SELECT refuse('55P03') AS locked",  # the code of lock_timeout
        "SELECT 'told to the end, however long it may be,' AS a, 'in all its columns, to the last' AS b, 1 / 0 AS x",
    ):
        words = [query, _servers_words(query)]
        with handler(sleep=pauses.append) as frames:
            call = f"SqlFrames(url).fetch({query!r})"
            assert_raises(refused, frames.fetch, query, mentions=words, call=call)
            assert_equal(pauses, [], what="the pauses", call=call)
            call = f"list(SqlFrames(url).chunks({query!r}))"
            assert_raises(refused, lambda q=query: list(frames.chunks(q)), mentions=words, call=call)
            assert_equal(pauses, [], what="the pauses", call=call)
    query = "SELECT 10 / (4 - i) AS x FROM generate_series(1, 6) i"
    with handler(sleep=pauses.append) as frames:
        reading = streamed(frames, query, 2)
        call = f"list(SqlFrames(url).chunks({query!r}, rows=2))  # the second chunk divides by 0"
        assert_raises(refused, lambda: list(reading), mentions=[query, _servers_words(query)], call=call)
        assert_equal(pauses, [], what="the pauses", call=call)


def _servers_words(query: str) -> str:
    try:
        server.run(query)
    except psycopg.Error as error:
        return str(error.diag.message_primary)
    raise LookupError(query)


edges()


def test_two_columns_of_one_name_both_stay() -> None:
    """Of two columns with the same name, each keeps its place and its values."""
    with handler() as frames:
        got = fetched(frames, "SELECT 1 AS twin, 2 AS a, 3 AS twin")
        assert_equal([str(c) for c in got.columns], ["twin", "a", "twin"], what="the columns")
        assert_equal(len(got), 1, what="the number of rows")
        assert_equal([int(v) for v in got.iloc[0]], [1, 2, 3], what="the row")


def test_no_rows_and_only_nulls_keep_their_dtypes() -> None:
    """A result without rows, a column of nothing but NULL, and one without any NULL have the dtype of the table."""
    with handler() as frames:
        for expression, (kind, _) in TYPES.items():
            for end, n_rows in (("WHERE false", 0), ("WHERE v IS NULL", 1), ("WHERE v IS NOT NULL", 2)):
                got = fetched(frames, f"SELECT {expression} AS a {THREE_ROWS} {end}")
                assert_equal(len(got), n_rows, what="the number of rows")
                assert_equal(kinds(got), {"a": kind}, what="the dtypes")


def test_far_timestamps_keep_their_microseconds() -> None:
    """Timestamps of the years 1 and 9999 are right to the microsecond."""
    query = "SELECT {0} '0001-02-03 04:05:06.000007' AS early, {0} '9999-01-02 03:04:05.999999' AS late"
    with handler() as frames:
        for kind, end in (("timestamp", ""), ("timestamptz", "+00:00")):
            got = fetched(frames, query.format(kind).replace("' AS", f"{end}' AS"))
            moments = [str(only(got, column)) for column in ("early", "late")]
            wanted = [f"0001-02-03 04:05:06.000007{end}", f"9999-01-02 03:04:05.999999{end}"]
            assert_equal(moments, wanted, what="the two moments")


def test_a_percent_sign_without_params() -> None:
    """Without `params` a % in the query means itself, in `fetch` and in `chunks`."""
    with handler() as frames:
        assert_equal(ids(fetched(frames, "SELECT id FROM people WHERE name LIKE '50%'")), [3], what='column "id"')
        parts = each(streamed(frames, "SELECT id FROM people WHERE name LIKE '50%'", 2))
        assert_equal([i for part in parts for i in ids(part)], [3], what='column "id"')


def test_an_empty_result_is_one_empty_chunk() -> None:
    """`chunks` of a result without rows yields one frame, with the columns and no row."""
    with handler() as frames:
        parts = list(each(streamed(frames, "SELECT id, name FROM people WHERE false", 5)))
        assert_equal([len(part) for part in parts], [0], what="the lengths of the chunks of an empty result")
        assert_equal(kinds(parts[0]), {"id": "Int64", "name": "str"}, what="the dtypes of the empty chunk")


def test_no_transaction_is_left_after_a_refusal() -> None:
    """After a refused query no transaction is open on the kept connection, and the next call works."""
    with handler() as frames:
        call = "SqlFrames(url).fetch('SELECT 1 / 0')"
        assert_raises(error_named("QueryRefused"), frames.fetch, "SELECT 1 / 0", call=call)
        states = [state for _, state in server.sessions()]
        message = "the connection should be idle after a refused query"
        require(states in ([], ["idle"]), message, got=states, expected=["idle"], call=call)
        assert_equal(ids(fetched(frames, "SELECT 6 AS id")), [6], what="the fetch after a refused one")


def test_no_message_holds_the_password() -> None:
    """The message of DatabaseUnavailable never holds the password, whatever the form of the URL."""
    with nowhere() as port:
        for form in (
            "postgresql://kata:s3cret-w0rd@127.0.0.1:{}/shop",
            "postgresql://kata:s3cret%2Dw0rd@127.0.0.1:{}/shop",
            "postgresql://127.0.0.1:{}/shop?user=kata&password=s3cret-w0rd",
            "host=127.0.0.1 port={} user=kata password=s3cret-w0rd dbname=shop",
            "host=127.0.0.1 port={} user=kata password='s3cret w0rd' dbname=shop",
        ):
            url = form.format(port)
            with handler(url, attempts=1) as frames:
                for name, ask in (("fetch", frames.fetch), ("chunks", lambda query, f=frames: list(f.chunks(query)))):
                    call = f"SqlFrames({url!r}, attempts=1).{name}('SELECT 1')"
                    error = assert_raises(error_named("DatabaseUnavailable"), ask, "SELECT 1", call=call)
                    told = any(part in str(error) for part in ("s3cret", "w0rd"))
                    require(not told, "the message holds the password, or a part of it", got=str(error), call=call)


def test_a_connection_cut_without_words_is_lost() -> None:
    """A connection that is cut without a word from the server is lost too: the query is tried again."""
    pauses: list[float] = []
    query = "SELECT 7 AS id -- cut here"
    call = f"SqlFrames(url).fetch({query!r})  # the network cuts the connection during the first attempt"
    with cut_once(b"cut here") as url, handler(url, sleep=pauses.append) as frames, calling(call):
        assert_equal(ids(frames.fetch(query)), [7], what="the value of a query whose connection was cut once")
        assert_equal(pauses, [0.2], what="the pauses for one lost attempt")


@contextmanager
def cut_once(word: bytes) -> Iterator[str]:
    """The URL of a way to the server that ends without a word when a client first sends `word`."""
    parts = conninfo_to_dict(server.url)
    cut: list[bytes] = []

    def carry(client: socket.socket) -> None:
        with closing(client), closing(socket.socket(socket.AF_UNIX)) as inner, suppress(OSError):
            inner.connect(f"{parts['host']}/.s.PGSQL.{parts.get('port', 5432)}")
            while True:
                for source in select.select([client, inner], [], [])[0]:
                    data = source.recv(65_536)
                    if source is client and word in data and not cut:
                        cut.append(data)
                        return
                    if not data:
                        return
                    (inner if source is client else client).sendall(data)

    def welcome() -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                threading.Thread(target=carry, args=listener.accept()[:1], daemon=True).start()

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        threading.Thread(target=welcome, daemon=True).start()
        port = listener.getsockname()[1]
        yield f"host=127.0.0.1 port={port} user=kata dbname={parts['dbname']} sslmode=disable gssencmode=disable"
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for the next client


def test_a_stream_is_tried_again_before_its_first_chunk() -> None:
    """`chunks` tries again, like `fetch`, while no chunk has been handed out."""

    def mend(seconds: float) -> None:
        pauses.append(seconds)
        server.run("UPDATE switch SET is_on = false")

    pauses: list[float] = []
    server.run("UPDATE switch SET is_on = true")
    call = "SqlFrames(url).chunks(query)  # the server hangs up once, at the start"
    with handler(sleep=mend) as frames, calling(call):
        parts = each(streamed(frames, "SELECT hang_up_while_on() AS id", 5))
        got = [i for part in parts for i in ids(part)]
        assert_equal(got, [7], what="the rows of a stream during whose start the server hung up once")
        assert_equal(pauses, [0.2], what="the pauses for one lost attempt")
    pauses.clear()
    with nowhere() as port:
        url = f"postgresql://kata@127.0.0.1:{port}/shop"
        with handler(url, attempts=3, wait_s=0.5, sleep=pauses.append) as frames:
            call = f"list(SqlFrames({url!r}, attempts=3, wait_s=0.5).chunks('SELECT 1'))  # nobody listens there"
            assert_raises(error_named("DatabaseUnavailable"), lambda: list(frames.chunks("SELECT 1")), call=call)
            assert_equal(pauses, [0.5, 1.0], what="the pauses", call=call)


def test_a_cancelled_query_is_a_refusal() -> None:
    """A query that the server cancels for its timeout raises QueryRefused, and is not tried again."""
    pauses: list[float] = []
    name = psycopg.sql.Identifier(server.admin.info.dbname)
    server.admin.execute(psycopg.sql.SQL("ALTER DATABASE {} SET statement_timeout = 150").format(name))
    try:
        with handler(sleep=pauses.append) as frames:
            call = "SqlFrames(url).fetch('SELECT pg_sleep(3)')  # the server's statement_timeout is 150 ms"
            assert_raises(error_named("QueryRefused"), frames.fetch, "SELECT pg_sleep(3)", call=call)
    finally:
        server.admin.execute(psycopg.sql.SQL("ALTER DATABASE {} RESET statement_timeout").format(name))
    assert_equal(pauses, [], what="the pauses", call=call)
