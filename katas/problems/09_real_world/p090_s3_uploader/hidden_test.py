"""Hidden test of p090_s3_uploader: a real client asks moto's S3 over HTTP, and some requests fail on the way."""

from __future__ import annotations

import hashlib
import io
import itertools
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, ReadTimeoutError
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from kata_runner.checking import (
    Shown,
    assert_equal,
    assert_memory,
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    require,
    rng,
    temporary_folder,
)

work = learner("s3_uploader")
MIB = 2**20
PART = 5 * MIB


@dataclass
class Road:
    """Stands before moto's S3: notes each request, and lets those fail that `faults` names.

    faults: (operation, number of the part or 0) -> what happens to its requests, one after the other: a status,
    "lost" (no answer), "late" (S3 stores it, and the answer is lost) or "damaged" (a byte changes on the way).
    discards: parts are read and thrown away, so that only the learner's memory is measured.
    """

    s3: Any
    faults: dict[tuple[str, int], list[int | str]] = field(default_factory=dict)
    requests: list[tuple[str, int, int]] = field(default_factory=list)
    discards: bool = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
        number = int(query.get("partNumber", ["0"])[0])
        operation = {
            "POST": "create" if "uploads" in query else "complete",
            "PUT": "part" if number else "put",
            "DELETE": "abort",
        }.get(environ["REQUEST_METHOD"], "look")
        size = int(environ.get("CONTENT_LENGTH") or 0)
        if operation == "look":
            return self.s3(environ, start_response)
        self.requests.append((operation, number, size))
        if self.discards:
            return self.discard(operation, size, environ, start_response)
        body = environ["wsgi.input"].read(size)
        waiting = self.faults.get((operation, number), [])
        fault = waiting.pop(0) if waiting else None
        if isinstance(fault, int):
            code = {403: "AccessDenied", 404: "NoSuchUpload", 429: "TooManyRequests", 503: "SlowDown"}.get(
                fault, "Error"
            )
            return answer(start_response, f"{fault} {code}", f"<Error><Code>{code}</Code></Error>")
        if fault == "lost":
            self.hang_up(environ)
        if fault == "damaged":
            body = bytes([body[0] ^ 1]) + body[1:]
        answered = self.s3({**environ, "wsgi.input": io.BytesIO(body)}, start_response)
        if fault == "late":
            self.hang_up(environ)
        return answered

    def hang_up(self, environ: dict[str, Any]) -> None:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionError

    def discard(self, operation: str, size: int, environ: dict[str, Any], start_response: Any) -> Any:
        md5 = hashlib.md5(usedforsecurity=False)
        while size:
            piece = environ["wsgi.input"].read(min(size, 2**16))
            md5.update(piece)
            size -= len(piece)
        headers = [("ETag", f'"{md5.hexdigest()}"')]
        if operation == "create":
            return answer(start_response, "200 OK", "<R><UploadId>1</UploadId></R>")
        if operation == "complete":
            return answer(start_response, "200 OK", '<R><ETag>"d41d8cd98f00b204e9800998ecf8427e-1"</ETag></R>')
        return answer(start_response, "200 OK", "", headers)


def answer(start_response: Any, status: str, body: str, headers: list[tuple[str, str]] | None = None) -> list[bytes]:
    content = body.encode()
    start_response(
        status, [("Content-Type", "application/xml"), ("Content-Length", str(len(content))), *(headers or [])]
    )
    return [content]


@contextmanager
def running(app: Any) -> Iterator[str]:
    """The address of a server for the app; it has ended when the block does."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server: BaseWSGIServer = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module", autouse=True)
def _server() -> Iterator[None]:
    global road, address
    # moto's server is an app of flask and flask_cors.
    road = Road(DomainDispatcherApplication(create_backend_app))
    with running(road) as address:
        client.cache_clear()
        yield


road: Road
address: str
names = itertools.count()


@cache
def client() -> Any:
    config = Config(
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        read_timeout=60,
    )
    keys = {"aws_access_key_id": "kata", "aws_secret_access_key": "kata", "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=address, config=config, **keys)


@contextmanager
def a_bucket(faults: dict[tuple[str, int], list[int | str]] | None = None) -> Iterator[str]:
    """The name of a new bucket; from now on requests are noted anew, and fail as `faults` says."""
    name = f"models-{next(names)}"
    road.faults, road.discards = {}, False
    client().create_bucket(Bucket=name)
    road.faults, road.requests = {key: list(of) for key, of in (faults or {}).items()}, []
    yield name


@contextmanager
def a_file(content: bytes) -> Iterator[Path]:
    with temporary_folder() as folder:
        path = folder / "checkpoint.bin"
        path.write_bytes(content)
        yield path


def some_bytes(n: int, stream: int = 0) -> bytes:
    return rng(stream).bytes(n)


def no_sleep(_: float) -> None:
    """For those cases in which waiting is not the matter."""


def stored(bucket: str, key: str = "latest") -> bytes | None:
    try:
        return bytes(client().get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError:
        return None


def assert_stored(bucket: str, content: bytes, call: str = "") -> None:
    got = stored(bucket)
    if got is None:
        fail("no object is there after the upload", call=call)
    require(
        got == content,
        "the object does not hold the bytes of the file",
        got=Shown(f"{len(got)} bytes, {got[:8].hex(' ')} …"),
        expected=Shown(f"{len(content)} bytes, {content[:8].hex(' ')} …"),
        call=call,
    )


def numbers_of(operation: str) -> list[int]:
    return [number for asked, number, _ in road.requests if asked == operation]


def told(faults: dict[tuple[str, int], list[int | str]]) -> str:
    what = {"lost": "a lost connection", "late": "a lost answer", "damaged": "a changed byte"}
    return ", ".join(
        f"{f'part {number}' if number else operation} meets " + " and then ".join(str(what.get(str(f), f)) for f in of)
        for (operation, number), of in faults.items()
    )


def small_upload(
    faults: dict[tuple[str, int], list[int | str]], content: bytes = b"weights", **options: Any
) -> tuple[Any, str]:
    """What `upload` of a file of one part returned or raised, and its bucket."""
    with a_bucket(faults) as bucket, a_file(content) as path:
        with calling(
            f"upload(client, path, bucket, key): a file of {len(content)} bytes; {told(faults) or 'no fault'}"
        ):
            try:
                got = work.upload(client(), path, bucket, "latest", **{"sleep": no_sleep, **options})
            except NotImplementedError:
                raise
            except Exception as error:
                got = error
        return got, bucket


def assert_no_parts(bucket: str, call: str = "") -> None:
    left = client().list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    require(
        not left,
        "an upload that was begun is still there: it was not aborted",
        got=Shown(f"{len(left)} open"),
        call=call,
    )


def test_the_bytes_arrive() -> None:
    """1. The object holds the bytes of the file, and the ETag of S3 returns, without quotes."""
    for content in (b"weights", some_bytes(100_000, 1), some_bytes(2 * PART + 12_345, 2)):
        with a_bucket() as bucket, a_file(content) as path:
            with calling(f"upload(client, path, bucket, key, part_size=5 * 2**20): a file of {len(content)} bytes"):
                got = work.upload(client(), path, bucket, "latest", part_size=PART, sleep=no_sleep)
            assert_stored(bucket, content)
            expected = client().head_object(Bucket=bucket, Key="latest")["ETag"].strip('"')
            assert_equal(got, expected, what="upload")
            assert_type(got, str, what="upload")
            n_parts = -(-len(content) // PART)
            sizes = [size for asked, _, size in road.requests if asked == "part"]
            whole = [PART] * (n_parts - 1)
            assert_equal(sizes, [*whole, len(content) - sum(whole)], what="the sizes of the parts that were sent")
            assert_equal(numbers_of("part"), list(range(1, n_parts + 1)), what="the numbers of the parts")
            assert_equal(len(numbers_of("create")), 1, what="the number of uploads that were created")


def test_memory_stays_bounded() -> None:
    """2. Memory holds one part or two at a time, however large the file."""
    with a_bucket() as bucket, temporary_folder() as folder:
        path = folder / "checkpoint.bin"
        with path.open("wb") as file:
            file.truncate(60 * MIB)
        road.discards = True
        with calling("upload(client, path, bucket, key, part_size=5 * 2**20): a file of 60 MiB"):
            assert_memory(
                lambda: work.upload(client(), path, bucket, "latest", part_size=PART, sleep=no_sleep),
                limit_mb=30,
                what="upload",
            )
        sizes = {size for asked, _, size in road.requests if asked == "part"}
        require(
            max(sizes, default=0) <= PART,
            "a part is larger than part_size",
            got=Shown(f"{max(sizes, default=0)} bytes"),
        )


def test_a_part_that_fails_is_sent_again() -> None:
    """3. A part that is lost, or meets a status of 429, 500 or above, is sent again."""
    for fault, times in ((503, 1), ("lost", 2), ("late", 1), (500, 2), (429, 1)):
        faults: dict[Any, Any] = {("part", 1): [fault] * times}
        got, bucket = small_upload(faults)
        call = f"upload(client, path, bucket, key, max_attempts=3): {told(faults)}"
        if isinstance(got, Exception):
            fail(
                f"upload raised {type(got).__name__}, although a further attempt would have passed",
                got=got,
                call=call,
            )
        assert_stored(bucket, b"weights", call)
        assert_equal(numbers_of("part"), [1] * (times + 1), what="the parts that were sent", call=call)


def test_creating_and_completing_are_tried_again() -> None:
    """3. Creating and completing are tried again, too."""
    for operation, fault in (("create", 503), ("complete", "lost")):
        faults: dict[Any, Any] = {(operation, 0): [fault, fault]}
        got, bucket = small_upload(faults)
        call = f"upload(client, path, bucket, key, max_attempts=3): {told(faults)}"
        if isinstance(got, Exception):
            fail(
                f"upload raised {type(got).__name__}, although a further attempt would have passed", got=got, call=call
            )
        assert_stored(bucket, b"weights", call)
        assert_equal(len(numbers_of(operation)), 3, what=f"the number of attempts to {operation}", call=call)
        assert_equal(len(numbers_of("part")), 1, what="the number of parts sent", call=call)


def test_each_wait_is_twice_as_long() -> None:
    """4. sleep(1) comes before the second attempt, sleep(2) before the third, and so on; anew for each request."""
    for faults, max_attempts, expected in (
        ({("part", 1): [503]}, 3, [1]),
        ({("part", 1): [503, "lost", 500, 503]}, 5, [1, 2, 4, 8]),
        ({("create", 0): [503, 503], ("part", 1): [503], ("complete", 0): ["lost"]}, 3, [1, 2, 1, 1]),
        ({("part", 1): [503]}, 1, []),
    ):
        waits: list[float] = []
        small_upload(faults, max_attempts=max_attempts, sleep=waits.append)  # type: ignore[arg-type]
        call = f"upload(…, max_attempts={max_attempts}): {told(faults) or 'no fault'}"  # type: ignore[arg-type]
        assert_equal(waits, expected, what="the waits", call=call)


def test_a_refusal_is_not_tried_again() -> None:
    """5. Any other ClientError, such as 403, is not tried again, and reaches the caller."""
    for operation, status in (("part", 403), ("create", 404), ("complete", 400)):
        faults: dict[Any, Any] = {(operation, int(operation == "part")): [status]}
        waits: list[float] = []
        got, _ = small_upload(faults, sleep=waits.append)
        call = f"upload(client, path, bucket, key, max_attempts=3): {told(faults)}"
        require(isinstance(got, ClientError), "expected the ClientError of the client", got=got, call=call)
        assert_equal(len(numbers_of(operation)), 1, what=f"the number of attempts of {operation}", call=call)
        assert_equal(waits, [], what="the waits", call=call)


def test_a_damaged_part_is_sent_again() -> None:
    """6. A part whose ETag is not the MD5 of what was sent is sent again, and what arrives in the end is right."""
    for of in (["damaged"], ["damaged", 503]):
        waits: list[float] = []
        faults: dict[Any, Any] = {("part", 1): of}
        got, bucket = small_upload(faults, sleep=waits.append)
        call = f"upload(client, path, bucket, key, max_attempts=3): {told(faults)}"
        if isinstance(got, Exception):
            fail(
                f"upload raised {type(got).__name__}, although a further attempt would have passed", got=got, call=call
            )
        assert_stored(bucket, b"weights", call)
        assert_equal(waits, [1, 2][: len(of)], what="the waits", call=call)


def test_damage_that_lasts_is_an_error() -> None:
    """6. After the last attempt that arrives damaged, ChecksumError is raised."""
    for max_attempts in (1, 2):
        got, bucket = small_upload({("part", 1): ["damaged"] * max_attempts}, max_attempts=max_attempts)
        call = f"upload(…, max_attempts={max_attempts}): part 1 arrives damaged each time"
        raised = isinstance(got, Exception) and type(got).__name__ == "ChecksumError"
        require(raised, "expected ChecksumError", got=got, expected=Shown("ChecksumError"), call=call)
        assert_equal(numbers_of("part"), [1] * max_attempts, what="the parts that were sent", call=call)
        require(stored(bucket) is None, "there is an object, although a part is damaged", call=call)


def test_progress_is_told() -> None:
    """7. on_progress(sent, total) is called after each part that is stored, and not for an attempt that failed."""
    calls: list[Any] = []
    small_upload({("part", 1): [503, "damaged"]}, on_progress=lambda *of: calls.append(of))
    assert_equal(calls, [(7, 7)], what="the calls of on_progress")
    content = some_bytes(2 * PART + 77, 3)
    faults: dict[Any, Any] = {("part", 2): ["late"]}
    with a_bucket(faults) as bucket, a_file(content) as path:
        seen: list[Any] = []

        def progress(sent: int, total: int) -> None:
            seen.append((sent, total, len(set(numbers_of("part")))))

        with calling(
            "upload(client, path, bucket, key, part_size=5 * 2**20): 2 parts and 77 bytes; part 2 is sent twice"
        ):
            work.upload(client(), path, bucket, "latest", part_size=PART, on_progress=progress, sleep=no_sleep)
        expected = [(PART, len(content), 1), (2 * PART, len(content), 2), (len(content), len(content), 3)]
        assert_equal(seen, expected, what="(sent, total, parts that S3 had met) at each call of on_progress")
        assert_stored(bucket, content)
        assert_equal(numbers_of("part"), [1, 2, 2, 3], what="the parts that were sent")


def test_a_failed_upload_is_aborted() -> None:
    """8. An upload that fails is aborted: no part stays behind, no object is there, and the error is the caller's."""
    for faults, kind, name in (
        ({("part", 1): [503] * 3}, ClientError, "ClientError (503)"),
        ({("part", 1): ["lost"] * 3}, BotoCoreError, "ConnectionClosedError"),
        ({("part", 1): ["damaged"] * 3}, Exception, "ChecksumError"),
        ({("complete", 0): [403]}, ClientError, "ClientError (403)"),
    ):
        got, bucket = small_upload(faults)  # type: ignore[arg-type]
        call = f"upload(client, path, bucket, key, max_attempts=3): {told(faults)}"  # type: ignore[arg-type]
        require(isinstance(got, kind), f"expected {name}", got=got, expected=Shown(name), call=call)
        assert_no_parts(bucket, call)
        require(stored(bucket) is None, "there is an object, although the upload failed", call=call)
    faults = {("create", 0): [403]}
    small_upload(faults)  # type: ignore[arg-type]
    assert_equal(len(numbers_of("abort")), 0, what="the number of aborts, where nothing was created")


edges()


def test_an_empty_file() -> None:
    """1. An empty file becomes an empty object, of one empty part."""
    calls: list[Any] = []
    got, bucket = small_upload({}, b"", on_progress=lambda *of: calls.append(of))
    call = "upload(client, path, bucket, key): an empty file"
    if isinstance(got, Exception):
        fail(f"upload raised {type(got).__name__}", got=got, call=call)
    assert_stored(bucket, b"", call)
    assert_equal(numbers_of("part"), [1], what="the parts that were sent", call=call)


def test_a_file_of_whole_parts() -> None:
    """1. A file that is a whole number of parts has no empty part at its end."""
    content = some_bytes(PART, 4)
    with a_bucket() as bucket, a_file(content) as path:
        with calling("upload(client, path, bucket, key, part_size=5 * 2**20): a file of 5 * 2**20 bytes"):
            work.upload(client(), str(path), bucket, "latest", part_size=PART, sleep=no_sleep)
        assert_stored(bucket, content)
        assert_equal(numbers_of("part"), [1], what="the parts that were sent")


def test_other_errors_of_the_network() -> None:
    """3. Any BotoCoreError is tried again, a time-out too."""
    real = client()

    class Shaky:
        """The client, whose first call of each kind raises."""

        def __init__(self) -> None:
            self.raised: set[str] = set()

        def __getattr__(self, name: str) -> Any:
            def call(**options: Any) -> Any:
                if name not in self.raised:
                    self.raised.add(name)
                    raise error
                return getattr(real, name)(**options)

            return call

    url = "http://127.0.0.1"
    for error in (ReadTimeoutError(endpoint_url=url), ConnectionClosedError(endpoint_url=url), BotoCoreError()):
        with a_bucket() as bucket, a_file(b"weights") as path:
            with calling(f"upload(client, …), where the first call of each kind raises {type(error).__name__}"):
                try:
                    work.upload(Shaky(), path, bucket, "latest", sleep=no_sleep)
                except BotoCoreError as raised:
                    fail(f"upload raised {type(raised).__name__}, although a further attempt would have passed")
            assert_stored(bucket, b"weights")


def stopped_by(error: BaseException, faults: dict[Any, Any]) -> str:
    """The bucket of an upload that on_progress has stopped; fails when another error reaches the caller."""

    def stop(sent: int, total: int) -> None:
        raise error

    call = f"upload(…, on_progress=f), where f raises {type(error).__name__}" + (f"; {told(faults)}" if faults else "")
    with a_bucket(faults) as bucket, a_file(b"weights") as path:
        raised: BaseException | None = None
        try:
            work.upload(client(), path, bucket, "latest", on_progress=stop, sleep=no_sleep)
        except NotImplementedError:
            raise
        except BaseException as caught:
            raised = caught
        same = raised is error
        require(
            same, "the error that stopped the upload has to reach the caller", got=raised, expected=error, call=call
        )
        if not faults:
            assert_no_parts(bucket, call)
        assert_equal(len(numbers_of("complete")), 0, what="the number of completions", call=call)
        return bucket


def test_whatever_stops_it() -> None:
    """8. An error of on_progress aborts, and so does a KeyboardInterrupt; both reach the caller."""
    for error in (RuntimeError("the disk of the log is full"), ZeroDivisionError(), KeyboardInterrupt()):
        stopped_by(error, {})


def test_an_abort_that_fails() -> None:
    """8. When the abort fails, too, the caller still gets what stopped the upload."""
    for fault in (403, "lost"):
        stopped_by(RuntimeError("the disk of the log is full"), {("abort", 0): [fault] * 5})
        got, _ = small_upload({("part", 1): [400], ("abort", 0): [fault] * 5})
        status = got.response["ResponseMetadata"]["HTTPStatusCode"] if isinstance(got, ClientError) else got
        assert_equal(
            status, 400, what="the status of the error", call=f"upload(…): part 1 meets 400, the abort {fault}"
        )


def test_an_earlier_object_stays() -> None:
    """8. An object that was there under the same key stays as it was when the upload fails."""
    with a_bucket() as bucket, a_file(b"weights") as path:
        work.upload(client(), path, bucket, "latest", sleep=no_sleep)
        road.faults = {("part", 1): [403]}
        path.write_bytes(b"newer weights")
        call = "upload(client, path, bucket, key), where the key is there already; part 1 meets 403"
        assert_raises(ClientError, work.upload, client(), path, bucket, "latest", sleep=no_sleep, call=call)
        assert_stored(bucket, b"weights", call)


def test_bad_settings_are_refused() -> None:
    """9. A part_size below 5 MiB and max_attempts below 1 raise ValueError, before any request."""
    bad: list[dict[str, int]] = [{"part_size": PART - 1}, {"part_size": 0}, {"max_attempts": 0}, {"max_attempts": -2}]
    for options in bad:
        with a_bucket() as bucket, a_file(b"weights") as path:
            shown = ", ".join(f"{name}={value}" for name, value in options.items())
            call = f"upload(client, path, bucket, key, {shown})"
            assert_raises(ValueError, work.upload, client(), path, bucket, "latest", call=call, **options)
            assert_equal(len(road.requests), 0, what="the number of requests sent", call=call)


def test_a_missing_file_is_refused() -> None:
    """10. A file that cannot be opened raises OSError, before any request."""
    with a_bucket() as bucket, temporary_folder() as folder:
        for path in (folder / "missing.bin", folder):
            call = f"upload(client, {'a folder' if path == folder else 'a missing file'}, bucket, key)"
            assert_raises(OSError, work.upload, client(), path, bucket, "latest", sleep=no_sleep, call=call)
            assert_equal(len(road.requests), 0, what="the number of requests sent", call=call)
