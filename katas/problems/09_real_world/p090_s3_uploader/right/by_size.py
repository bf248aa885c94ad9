"""The number of parts is known from the size; a class holds what belongs to one upload."""

import hashlib
import time
from pathlib import Path

import botocore.exceptions


class ChecksumError(Exception):
    pass


class _Upload:
    def __init__(self, client, bucket, key, max_attempts, sleep):
        self.client, self.where = client, {"Bucket": bucket, "Key": key}
        self.max_attempts, self.sleep = max_attempts, sleep

    def ask(self, name, check=None, **options):
        wait, attempt = 1, 0
        while True:
            attempt += 1
            try:
                answer = getattr(self.client, name)(**self.where, **options)
                if check:
                    check(answer)
                return answer
            except botocore.exceptions.ClientError as error:
                status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                if attempt >= self.max_attempts or (status < 500 and status != 429):
                    raise
            except (botocore.exceptions.BotoCoreError, ChecksumError):
                if attempt >= self.max_attempts:
                    raise
            self.sleep(wait)
            wait *= 2


def upload(client, path, bucket, key, *, part_size=8 * 2**20, max_attempts=3, on_progress=None, sleep=time.sleep):
    if part_size < 5 * 1024 * 1024 or max_attempts <= 0:
        raise ValueError("part_size or max_attempts is too small")
    size = Path(path).stat().st_size
    one = _Upload(client, bucket, key, max_attempts, sleep)
    parts, finished = [], False
    with Path(path).open("rb") as file:
        one.where["UploadId"] = one.ask("create_multipart_upload")["UploadId"]
        try:
            for number in range(1, max(1, -(-size // part_size)) + 1):
                file.seek((number - 1) * part_size)
                body = file.read(part_size)
                digest = '"' + hashlib.md5(body).hexdigest() + '"'

                def check(answer, digest=digest):
                    if answer["ETag"] != digest:
                        raise ChecksumError(digest)

                one.ask("upload_part", check, PartNumber=number, Body=body)
                parts.append({"ETag": digest, "PartNumber": number})
                if on_progress:
                    on_progress(min(number * part_size, size), size)
            answer = one.ask("complete_multipart_upload", MultipartUpload={"Parts": parts})
            finished = True
            return answer["ETag"].replace('"', "")
        finally:
            if not finished:
                try:
                    client.abort_multipart_upload(**one.where)
                except Exception as error:
                    print("the abort failed:", error)
