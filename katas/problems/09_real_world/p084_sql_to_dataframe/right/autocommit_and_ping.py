"""Autocommit instead of transactions, a ping before each fetch, and rows by iterating the named cursor."""

import itertools
import time

import numpy as np
import pandas as pd
import psycopg

BY_OID = {16: "boolean", 20: "Int64", 21: "Int64", 23: "Int64", 700: "float64", 701: "float64"}
TEXT = {25, 1042, 1043}


class QueryRefused(Exception):
    pass


class DatabaseUnavailable(Exception):
    pass


class SqlFrames:
    def __init__(self, url, *, attempts=3, wait_s=0.2, sleep=time.sleep):
        self.url, self.attempts, self.wait_s, self.sleep = url, attempts, wait_s, sleep
        self.connection = None

    def fetch(self, query, params=None):
        def once():
            if not self._alive():
                self.connection = self._open()
            try:
                cursor = self.connection.execute(query, params)
            except psycopg.Error as error:
                self._sort(self.connection, error, query)
            return to_frame(cursor.description, cursor.fetchall())

        return self._with_patience(once)

    def chunks(self, query, params=None, *, rows=10_000):
        def once():
            connection = self._open()
            try:
                connection.execute("BEGIN")
                cursor = connection.cursor("stream")
                cursor.itersize = rows
                cursor.execute(query, params)
                reader = iter(cursor)
                return connection, cursor, reader, list(itertools.islice(reader, rows))
            except psycopg.Error as error:
                try:
                    self._sort(connection, error, query)
                finally:
                    connection.close()

        connection, cursor, reader, batch = self._with_patience(once)
        description = cursor.description
        try:
            ahead = batch
            first = True
            while ahead or first:
                first = False
                yield to_frame(description, ahead)
                try:
                    ahead = list(itertools.islice(reader, rows))
                except psycopg.Error as error:
                    if connection.closed:
                        raise DatabaseUnavailable("the stream broke") from error
                    raise QueryRefused(f"{query}: {error}") from error
        finally:
            connection.close()

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def _alive(self):
        if self.connection is None:
            return False
        try:
            self.connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def _open(self):
        return psycopg.connect(self.url, autocommit=True)

    def _sort(self, connection, error, query):
        if connection.broken or connection.closed:
            raise ConnectionError(str(error)) from error
        raise QueryRefused(f"{query}: {error}") from error

    def _with_patience(self, once):
        pause = self.wait_s
        left = self.attempts
        while True:
            try:
                return once()
            except (ConnectionError, psycopg.OperationalError) as error:
                left -= 1
                if not left:
                    raise DatabaseUnavailable(f"gave up after {self.attempts} attempts: {error}") from error
            self.sleep(pause)
            pause *= 2


def to_frame(description, rows):
    columns = list(zip(*rows)) or [()] * len(description)
    series = [to_series(c.type_code, v).rename(c.name) for c, v in zip(description, columns)]
    return pd.concat(series, axis=1)


def to_series(oid, values):
    if oid in BY_OID:
        return pd.Series(list(values), dtype=BY_OID[oid])
    if oid in TEXT:
        return pd.Series(list(values), dtype="string")
    if oid == 1184:
        return pd.Series(pd.to_datetime(list(values), utc=True)).astype("datetime64[us, UTC]")
    if oid == 1114:
        return pd.Series(list(values), dtype="datetime64[us]")
    box = np.empty(len(values), dtype=object)
    box[:] = list(values)
    return pd.Series(box, dtype=object)
