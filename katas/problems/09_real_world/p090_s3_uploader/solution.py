"""Upload a file to S3 in parts."""

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

MIN_PART_SIZE = 5 * 2**20  # S3 refuses a smaller part, unless it is the last


class ChecksumError(Exception):
    """What has arrived is not what was sent."""


def upload(
    client: Any,
    path: str | Path,
    bucket: str,
    key: str,
    *,
    part_size: int = 8 * 2**20,
    max_attempts: int = 3,
    on_progress: Callable[[int, int], object] | None = None,
    sleep: Callable[[float], object] = time.sleep,
) -> str:
    """Upload the file in parts of part_size bytes, and return the object's ETag without quotes.

    Each request is attempted up to max_attempts times, with sleep(1), sleep(2), sleep(4), … in between.
    on_progress(sent, total) is called after each part that is stored.
    Whatever stops the upload, it is aborted. Raises ChecksumError when a part keeps arriving damaged, and ValueError
    for a part_size below 5 MiB or max_attempts below 1.
    """
    if part_size < MIN_PART_SIZE:
        raise ValueError(f"part_size must be at least {MIN_PART_SIZE}, got {part_size}")
    if max_attempts < 1:
        raise ValueError(f"max_attempts must be at least 1, got {max_attempts}")

    def attempted(request: Callable[[], Any]) -> Any:
        for attempt in range(1, max_attempts):
            try:
                return request()
            except (BotoCoreError, ClientError, ChecksumError) as error:
                if not _may_pass(error):
                    raise
            # Longer each time: a server that is overloaded is not helped by everybody coming back at once.
            sleep(2 ** (attempt - 1))
        return request()  # the last attempt, whose error is the caller's

    with open(path, "rb") as file:  # first of all: a file that is missing leaves no upload behind
        total = os.fstat(file.fileno()).st_size
        created = attempted(partial(client.create_multipart_upload, Bucket=bucket, Key=key))
        target = {"Bucket": bucket, "Key": key, "UploadId": created["UploadId"]}
        try:
            parts: list[dict[str, Any]] = []
            sent = 0
            while (body := file.read(part_size)) or not parts:  # an empty file is one empty part
                number = len(parts) + 1
                etag = attempted(partial(_send, client, body, PartNumber=number, **target))
                parts.append({"PartNumber": number, "ETag": etag})
                sent += len(body)
                if on_progress is not None:
                    on_progress(sent, total)
            done = attempted(partial(client.complete_multipart_upload, MultipartUpload={"Parts": parts}, **target))
        except BaseException:  # Ctrl-C too: parts that are left behind are stored, and paid for, until somebody looks
            with suppress(BotoCoreError, ClientError):  # the caller is to see what went wrong first
                client.abort_multipart_upload(**target)
            raise
    return str(done["ETag"]).strip('"')


def _send(client: Any, body: bytes, **where: Any) -> str:
    """Send one part and return its ETag; raises ChecksumError when something else has arrived."""
    etag = str(client.upload_part(Body=body, **where)["ETag"])
    if etag.strip('"') != hashlib.md5(body, usedforsecurity=False).hexdigest():
        raise ChecksumError(f"part {where['PartNumber']} did not arrive as it was sent")
    return etag


def _may_pass(error: Exception) -> bool:
    if not isinstance(error, ClientError):
        return True
    status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return status == 429 or status >= 500  # others, such as 403, would be the same the next time


# boto3's upload_file does the same with several parts at a time, and adds a random share to each wait, so that many
# clients do not come back in step. S3 can compare better checksums than MD5 itself (ChecksumAlgorithm="SHA256"). And a
# lifecycle rule of the bucket (AbortIncompleteMultipartUpload) clears away what a client left that lost its power.
