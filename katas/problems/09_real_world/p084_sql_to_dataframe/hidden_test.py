"""Hidden test of p084_sql_to_dataframe: against a real PostgreSQL, started for this run."""

from __future__ import annotations

import datetime as dt
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from typing import Any

import pandas as pd
import psutil
import psycopg
import pytest

from kata_runner.checking import (
    Shown,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
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
CREATE SEQUENCE counter;
CREATE FUNCTION hang_up() RETURNS void LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); END $$;
CREATE FUNCTION hang_up_while_on() RETURNS int LANGUAGE plpgsql AS $$
BEGIN IF (SELECT is_on FROM switch) THEN PERFORM hang_up(); END IF; RETURN 7; END $$;
CREATE FUNCTION hang_up_at(i int, place int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN IF i = place THEN PERFORM hang_up(); END IF; RETURN i; END $$;
"""

COLUMNS = """SELECT v::smallint AS small, v::int AS whole, v::bigint * 9007199254740993 AS big, (v > 0) AS flag,
    v::real AS single, v::float8 AS double, v::numeric(12, 2) AS price, v::text AS label, v::varchar(9) AS short_label,
    v::char(3) AS code,
    timestamp '2026-03-01 10:00:00.25' + v * interval '1 hour' AS local_time,
    timestamptz '2026-03-01 10:00:00+00' + v * interval '1 hour' AS moment,
    date '2026-03-01' + v::int AS day, v * interval '1 hour' AS span,
    CASE WHEN v > 0 THEN jsonb_build_object('v', v) END AS extra
FROM (VALUES (1), (NULL), (3)) AS t(v)"""


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
            self.run("SELECT pg_terminate_backend(%s, 5000)", pid)

    def session_count_settles_at(self, count: int) -> int:
        """How many sessions there are once there are `count`, or after a second: a closed one takes a moment to go."""
        deadline = time.monotonic() + 1.0
        while len(self.sessions()) != count and time.monotonic() < deadline:
            time.sleep(0.02)
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
    return text if len(text) <= 90 else f"{text[:90]} …"


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


def error_named(name: str) -> type[Exception]:
    found = getattr(work, name)
    if not (isinstance(found, type) and issubclass(found, Exception)):
        fail(f"{name} should be an exception class, as in the stub")
    return found


def kinds(frame: pd.DataFrame) -> dict[str, str]:
    """Column -> dtype in the words of the task."""
    return {str(name): _kind(dtype) for name, dtype in zip(frame.columns, frame.dtypes)}


def _kind(dtype: Any) -> str:
    if isinstance(dtype, pd.StringDtype):
        return "str"
    if isinstance(dtype, pd.DatetimeTZDtype):
        return f"datetime64, {dtype.tz}"
    return "datetime64" if dtype.kind == "M" else str(dtype)


KINDS = {
    "small": "Int64",
    "whole": "Int64",
    "big": "Int64",
    "flag": "boolean",
    "single": "float64",
    "double": "float64",
    "price": "object",
    "label": "str",
    "short_label": "str",
    "code": "str",
    "local_time": "datetime64",
    "moment": "datetime64, UTC",
    "day": "object",
    "span": "object",
    "extra": "object",
}


def test_fetch_gives_the_rows_and_columns_of_the_query() -> None:
    """`fetch` gives the columns in the query's order, every row in the server's order, and an index from 0."""
    count = int(rng(1).integers(5, 9))
    with handler() as frames:
        got = fetched(frames, "SELECT name, id FROM people ORDER BY id DESC")
        assert_equal([str(c) for c in got.columns], ["name", "id"], what="the columns")
        assert_equal(ids(got), [3, 2, 1], what='column "id"')
        assert_equal(ids(got, "name"), ["50%", "O'Neil", "Ada"], what='column "name"')
        assert_equal(list(got.index), [0, 1, 2], what="the index")
        numbers = fetched(frames, f"SELECT i * i AS square FROM generate_series(1, {count}) i")
        assert_equal(ids(numbers, "square"), [i * i for i in range(1, count + 1)], what='column "square"')


def test_types_and_nulls_are_kept() -> None:
    """Every column has the dtype of the table in the task; a NULL costs no digit of its neighbours."""
    with handler() as frames:
        got = fetched(frames, COLUMNS)
        assert_equal(kinds(got), KINDS, what="the dtypes")
        assert_equal([bool(got[c].isna()[1]) for c in KINDS], [True] * len(KINDS), what="isna() of the row of NULLs")
        assert_equal([int(v) for v in got["big"].dropna()], [9007199254740993, 27021597764222979], what='column "big"')
        assert_equal([bool(v) for v in got["flag"].dropna()], [True, True], what='column "flag"')
        assert_equal([float(v) for v in got["double"].dropna()], [1.0, 3.0], what='column "double"')
        prices = list(got["price"].dropna())
        require(
            prices == [Decimal("1.00"), Decimal("3.00")] and type(prices[0]) is Decimal, "numeric should stay Decimal"
        )
        assert_equal([str(v) for v in got["label"].dropna()], ["1", "3"], what='column "label"')
        moments = [pd.Timestamp(v).isoformat() for v in got["moment"].dropna()]
        assert_equal(moments, ["2026-03-01T11:00:00+00:00", "2026-03-01T13:00:00+00:00"], what='column "moment"')
        local = [pd.Timestamp(v).isoformat() for v in got["local_time"].dropna()]
        assert_equal(local, ["2026-03-01T11:00:00.250000", "2026-03-01T13:00:00.250000"], what='column "local_time"')
        require(
            list(got["day"].dropna()) == [dt.date(2026, 3, 2), dt.date(2026, 3, 4)], "date should stay datetime.date"
        )
        require(
            all(got[column][1] is None for column in ("price", "day", "span")),
            "NULL in a column of dtype object should be None",
        )
        require(
            list(got["span"].dropna()) == [dt.timedelta(hours=1), dt.timedelta(hours=3)],
            "interval should stay datetime.timedelta",
        )
        require(list(got["extra"].dropna()) == [{"v": 1}, {"v": 3}], "jsonb should come as a dict")


def test_an_empty_result_keeps_its_columns() -> None:
    """A result without rows, or a column of NULLs only, still has every column in its dtype."""
    empty, nulls = f"SELECT * FROM ({COLUMNS}) q WHERE false", f"SELECT * FROM ({COLUMNS}) q WHERE whole IS NULL"
    with handler() as frames:
        for query, n_rows in ((empty, 0), (nulls, 1)):
            got = fetched(frames, query)
            assert_equal(len(got), n_rows, what="the number of rows")
            assert_equal(kinds(got), KINDS, what="the dtypes")
        parts = list(each(streamed(frames, empty, 5)))
        assert_equal([len(part) for part in parts], [0], what="the lengths of the chunks of an empty result")
        assert_equal(kinds(parts[0]), KINDS, what="the dtypes of the empty chunk")


def test_parameters_are_bound_not_pasted() -> None:
    """A value is never read as SQL, whatever it holds; it keeps its type; a bare % works in a query without params."""
    by_name = "SELECT id FROM people WHERE name = %s ORDER BY id"
    with handler() as frames:
        assert_equal(ids(fetched(frames, by_name, ["Ada"])), [1], what='column "id"')
        assert_equal(ids(fetched(frames, by_name, ["O'Neil"])), [2], what='column "id"')
        for attack in ("x' OR '1'='1", "x'; DELETE FROM people; --", "' UNION SELECT 1 --", "\\' OR 1=1 --", "%s"):
            assert_equal(ids(fetched(frames, by_name, (attack,))), [], what='column "id"')
        assert_equal(server.run("SELECT count(*) FROM people"), [(3,)], what="the number of people left")
        named = fetched(
            frames, "SELECT %(a)s::text AS a, %(n)s::int AS n, %(a)s::text AS again", {"a": "%s'", "n": None}
        )
        assert_equal([str(v) for v in (named["a"][0], named["again"][0])], ["%s'"] * 2, what="the values sent")
        require(bool(named["n"].isna()[0]), "a parameter None should arrive as NULL")
        day = fetched(frames, "SELECT %s + 1 AS next", [dt.date(2026, 2, 28)])
        require(list(day["next"]) == [dt.date(2026, 3, 1)], "a date should arrive as a date", got=list(day["next"]))
        assert_equal(ids(fetched(frames, "SELECT id FROM people WHERE name LIKE '%\\%'")), [3], what='column "id"')
        assert_equal([len(p) for p in each(streamed(frames, "SELECT id FROM people WHERE 7 % 4 = 3", 2))], [2, 1])
        with calling(f"SqlFrames(url).chunks({by_name!r}, ['Ada'])"):
            bound = frames.chunks(by_name, ["Ada"])
            assert_type(bound, Iterator, what="chunks")  # type: ignore[type-abstract]
            assert_equal([ids(part) for part in each(bound)], [[1]], what="the chunks")


def test_chunks_hold_every_row_once() -> None:
    """Chunks have `rows` rows each but the last, none is empty, and together they are one run of the query."""
    with handler() as frames:
        for total, rows, lengths in ((7, 3, [3, 3, 1]), (6, 3, [3, 3]), (3, 5, [3]), (2, 1, [1, 1])):
            parts = list(each(streamed(frames, f"SELECT i, i::text AS t FROM generate_series(1, {total}) i", rows)))
            assert_equal([len(p) for p in parts], lengths, what="the lengths of the chunks")
            assert_equal([i for p in parts for i in ids(p, "i")], list(range(1, total + 1)), what='column "i"')
            assert_equal([list(p.index) for p in parts], [list(range(n)) for n in lengths], what="the index of each")
            assert_equal(kinds(parts[-1]), {"i": "Int64", "t": "str"}, what="the dtypes")
        server.run("CREATE TABLE crowd AS SELECT i AS id FROM generate_series(1, 9) i")
        reading = each(streamed(frames, "SELECT id FROM crowd ORDER BY id", 4))
        seen = ids(next(reading))
        server.run("DELETE FROM crowd WHERE id < 4")  # paging by OFFSET would now skip rows
        seen += [i for part in reading for i in ids(part)]
        server.run("DROP TABLE crowd")
        assert_equal(seen, list(range(1, 10)), what="the ids read while another session deletes rows")


def test_chunks_run_in_bounded_memory() -> None:
    """A result of 150 MB passes through `chunks` in a few MB: the driver never holds it whole."""
    query = "SELECT i, repeat('x', 1000) AS t FROM generate_series(1, {}) i"
    with handler() as frames:
        for _ in each(streamed(frames, query.format(4000), 2000)):  # imports and buffers are paid here
            pass
        process, n_rows = psutil.Process(), 0
        before = process.memory_info().rss
        for part in each(streamed(frames, query.format(150_000), 2000)):
            n_rows += len(part)
            grown_mb = (process.memory_info().rss - before) / 1e6
            if grown_mb > 70:
                fail(
                    "chunks holds far more than a chunk; does the cursor live on the server?",
                    got=Shown(f"{grown_mb:.0f} MB more after {n_rows} of 150,000 rows"),
                    expected=Shown("at most 70 MB more"),
                )
        assert_equal(n_rows, 150_000, what="the number of rows read")


def test_chunks_close_their_connection() -> None:
    """The connection of `chunks` is closed when reading ends, breaks off or fails; `fetch` works meanwhile."""
    query = "SELECT i FROM generate_series(1, 10) i"
    with handler() as frames:
        for _ in each(streamed(frames, query, 4)):
            pass
        assert_equal(server.session_count_settles_at(0), 0, what="the number of connections left after the last chunk")
        reading = streamed(frames, query, 4)
        assert_type(next(reading, None), pd.DataFrame, what="chunks")
        assert_equal(ids(fetched(frames, "SELECT 5 AS id")), [5], what='column "id", fetched between two chunks')
        assert_type(next(reading, None), pd.DataFrame, what="chunks, after a fetch in between,")
        _close(reading)
        assert_equal(
            server.session_count_settles_at(1), 1, what="the number of connections after close() of the chunks"
        )
        with calling("list(SqlFrames(url).chunks('SELECT 1 / (i - 6) ...', rows=4))"):
            failing = streamed(frames, "SELECT 1 / (i - 6) AS q FROM generate_series(1, 10) i", 4)
            assert_raises(error_named("QueryRefused"), lambda: list(failing))
        assert_equal(server.session_count_settles_at(1), 1, what="the number of connections after a failed query")


def _close(chunks: Any) -> None:
    if not callable(getattr(chunks, "close", None)):
        fail("chunks should be a generator: breaking off must be able to close its connection")
    chunks.close()


def test_one_connection_is_kept_idle() -> None:
    """`fetch` keeps one connection from its first call until `close`, without an open transaction."""
    with handler() as frames:
        assert_equal(len(server.sessions()), 0, what="the number of connections before the first fetch")
        first = ids(fetched(frames, "SELECT pg_backend_pid() AS id"))
        assert_equal(
            ids(fetched(frames, "SELECT pg_backend_pid() AS id")), first, what="the server process asked second"
        )
        states = [state for _, state in server.sessions()]
        assert_equal(states, ["idle"], what="the state of the connections after fetch")
        with calling("SqlFrames(url).close()"):
            frames.close()
            frames.close()
        assert_equal(server.session_count_settles_at(0), 0, what="the number of connections after close()")
        assert_equal(ids(fetched(frames, "SELECT 8 AS id")), [8], what="fetch after close()")
    with handler() as frames, calling("with SqlFrames(url) as frames"):
        require(hasattr(type(frames), "__enter__"), "SqlFrames should work in a with statement")
        with frames as entered:
            require(entered is frames, "`with SqlFrames(url) as frames` should give the handler itself", got=entered)
            fetched(frames, "SELECT 1 AS id")
        assert_equal(server.session_count_settles_at(0), 0, what="the number of connections after the with block")


def test_a_lost_connection_is_opened_again() -> None:
    """When the server drops the connection, between two calls or in the middle of one, the caller gets the result."""

    def mend(seconds: float) -> None:
        pauses.append(seconds)
        server.run("UPDATE switch SET is_on = false")

    pauses: list[float] = []
    with handler(sleep=mend) as frames:
        before = ids(fetched(frames, "SELECT pg_backend_pid() AS id"))
        server.hang_up_all()
        after = ids(fetched(frames, "SELECT pg_backend_pid() AS id"))
        require(len(after) == 1 and after != before, "fetch after the server hung up should come over a new connection")
        for what, call in _ways(frames, "SELECT hang_up_while_on() AS id"):
            pauses.clear()
            server.run("UPDATE switch SET is_on = true")
            with calling(what):
                assert_equal(call(), [7], what="the value of a query during which the server hung up once")
            assert_equal(pauses, [0.2], what="the pauses for one lost attempt")


def _ways(frames: Any, query: str) -> list[tuple[str, Callable[[], list[Any]]]]:
    return [
        ("SqlFrames(url).fetch(query)", lambda: ids(fetched(frames, query))),
        ("SqlFrames(url).chunks(query)", lambda: [i for p in each(streamed(frames, query, 5)) for i in ids(p)]),
    ]


def test_it_gives_up_after_the_attempts() -> None:
    """After `attempts` lost tries comes DatabaseUnavailable: doubling pauses between, no password in the message."""
    pauses: list[float] = []
    unavailable = error_named("DatabaseUnavailable")
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))  # bound, never listening: a connection is refused
        port = unused.getsockname()[1]
        for url, attempts, expected in (
            ("postgresql://kata:s3cret-word@127.0.0.1:{}/shop", 4, [0.5, 1.0, 2.0]),
            ("postgresql://127.0.0.1:{}/shop?user=kata&password=s3cret-word", 1, []),
            ("host=127.0.0.1 port={} user=kata password=s3cret-word dbname=shop", 2, [0.5]),
        ):
            pauses.clear()
            with handler(url.format(port), attempts=attempts, wait_s=0.5, sleep=pauses.append) as frames:
                call = f"SqlFrames({url.format(port)!r}, attempts={attempts}, wait_s=0.5).fetch('SELECT 1')"
                error = assert_raises(unavailable, frames.fetch, "SELECT 1", call=call)
                assert_equal(pauses, expected, what="the pauses", call=call)
                texts = [str(error), str(error.__cause__ or "")]
                require(
                    not any("s3cret-word" in t for t in texts),
                    "the message holds the password",
                    got=texts[0],
                    call=call,
                )
    pauses.clear()
    with handler(wait_s=1.0, sleep=pauses.append) as frames:
        call = "SqlFrames(url, wait_s=1.0).fetch('SELECT hang_up()')"
        assert_raises(unavailable, frames.fetch, "SELECT hang_up()", call=call)
        assert_equal(pauses, [1.0, 2.0], what="the pauses when the server hangs up on every try", call=call)


def test_no_row_comes_twice_when_a_stream_breaks() -> None:
    """When the connection is lost after the first chunk, `chunks` raises DatabaseUnavailable and repeats no row."""
    query = "SELECT hang_up_at(i, 25) AS id FROM generate_series(1, 40) i"
    seen: list[Any] = []
    with handler() as frames:
        reading = each(streamed(frames, query, 10))

        def read() -> None:
            for part in reading:
                seen.extend(ids(part))

        call = "for frame in SqlFrames(url).chunks(query, rows=10)  # the server hangs up at row 25"
        assert_raises(error_named("DatabaseUnavailable"), read, call=call)
        n = len(seen)
        assert_equal(seen, list(range(1, n + 1)), what="the ids handed out before the error", call=call)
        require(10 <= n <= 20, "the chunks before the break should have been handed out", got=seen, call=call)


def test_a_refusal_is_not_tried_again() -> None:
    """A query that the server refuses or cancels raises QueryRefused at once; one that writes is always refused."""
    pauses: list[float] = []
    refused = error_named("QueryRefused")
    name = psycopg.sql.Identifier(server.admin.info.dbname)
    bad = {"SELECT 1 / 0 AS x": "", "SELECT * FROM nowhere": "nowhere", "SELEC 1": "", "SELECT 'a'::int AS x": ""}
    with handler(sleep=pauses.append) as frames:
        for query, word in bad.items():
            call = f"SqlFrames(url).fetch({query!r})"
            words = [word, query, _servers_words(query)]
            error = assert_raises(refused, frames.fetch, query, mentions=words, call=call)
            require(isinstance(error.__cause__, psycopg.Error), "raise it `from` the driver's error", call=call)
            stream_call = f"list(SqlFrames(url).chunks({query!r}))"
            assert_raises(refused, lambda q=query: list(frames.chunks(q)), mentions=words, call=stream_call)
            assert_equal(ids(fetched(frames, "SELECT 6 AS id")), [6], what="the fetch after a refused one")
        # A cursor on the server takes no DELETE whatever its transaction, but a SELECT may write too.
        for query in (
            "DELETE FROM people RETURNING id",
            "CREATE TABLE mine AS SELECT 1 AS id",
            "SELECT nextval('counter') AS id",
        ):
            assert_raises(refused, frames.fetch, query, call=f"SqlFrames(url).fetch({query!r})")
            stream_call = f"list(SqlFrames(url).chunks({query!r}))"
            assert_raises(refused, lambda q=query: list(frames.chunks(q)), call=stream_call)
        assert_equal(server.run("SELECT count(*) FROM people"), [(3,)], what="the number of people left")
    server.admin.execute(psycopg.sql.SQL("ALTER DATABASE {} SET statement_timeout = 150").format(name))
    try:
        with handler(sleep=pauses.append) as frames:
            call = "SqlFrames(url).fetch('SELECT pg_sleep(3)')  # the server's statement_timeout is 150 ms"
            assert_raises(refused, frames.fetch, "SELECT pg_sleep(3)", call=call)
    finally:
        server.admin.execute(psycopg.sql.SQL("ALTER DATABASE {} RESET statement_timeout").format(name))
    assert_equal(pauses, [], what="the pauses", call="SqlFrames(url).fetch(a query that the server refuses)")


def _servers_words(query: str) -> str:
    try:
        server.run(query)
    except psycopg.Error as error:
        return str(error.diag.message_primary)
    raise LookupError(query)


def test_bad_arguments_are_named() -> None:
    """ValueError names `attempts` or `rows` below 1, and a column name that the query gives twice."""
    assert_raises(
        ValueError, work.SqlFrames, server.url, attempts=0, mentions="attempts", call="SqlFrames(url, attempts=0)"
    )
    with handler() as frames:
        call = "next(SqlFrames(url).chunks('SELECT 1 AS a', rows=0))"
        assert_raises(ValueError, frames.chunks, "SELECT 1 AS a", rows=0, mentions="rows", call=call)
        doubled = "SELECT 1 AS a, 2 AS twin, 3 AS twin"
        call = f"SqlFrames(url).fetch({doubled!r})"
        assert_raises(ValueError, frames.fetch, doubled, mentions="twin", call=call)
        states = [state for _, state in server.sessions()]
        require(
            states in ([], ["idle"]),
            "a transaction is left open after the ValueError for two columns of one name",
            got=Shown(f"connections that are {', '.join(states)}"),
            expected=Shown("idle"),
            call=call,
        )
        assert_raises(ValueError, frames.chunks, doubled, mentions="twin", call=call.replace("fetch", "chunks"))
        assert_equal(ids(fetched(frames, "SELECT 6 AS id")), [6], what="the fetch after a refused one")
