"""S3 as Personalize uses it: acting as the role it was given, finding files by prefix, streaming text.

A location is a prefix: `s3://b/folder` also takes `folder_test/…`. An exact key is just that object, and a
location that ends in `/` is that folder
(https://docs.aws.amazon.com/personalize/latest/dg/prepare-input-data-user-segment.html).
"""

from __future__ import annotations

import codecs
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from local.cloud import AssumeRoleDenied, Cloud
from local.personalize.errors import JobFailed
from local.personalize.tables import text_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

PRINCIPAL = "personalize.amazonaws.com"
DENIED = "Insufficient privileges for accessing data in S3."
_BLOCK = 1 << 20  # bytes


class Location(NamedTuple):
    """A bucket and a key or key prefix."""

    bucket: str
    key: str

    @property
    def folder(self) -> str:
        """The key with a slash at its end, unless it is the whole bucket."""
        return self.key if not self.key or self.key.endswith("/") else self.key + "/"


def parse_location(path: str) -> Location:
    """Split `s3://bucket/key`. Raises ValueError on anything else."""
    found = re.fullmatch(r"s3://([^/]+)(?:/(.*))?", path)
    if found is None:
        raise ValueError(f"Invalid Data location: {path}. Use s3://<bucket>/<folder path>/<file name>.")
    return Location(found[1], found[2] or "")


@contextmanager
def access(cloud: Cloud, role_arn: str) -> Iterator[Any]:
    """Give an S3 client acting as the role; what S3 or the role refuses becomes JobFailed."""
    try:
        yield cloud.client("s3", role_arn, PRINCIPAL)
    except AssumeRoleDenied as error:
        raise JobFailed(f"{DENIED} {error}") from error
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in ("AccessDenied", "AccessDeniedException", "AllAccessDisabled", "403"):
            raise JobFailed(
                f"{DENIED} {error.operation_name} was denied to {role_arn}. "
                "Fix the bucket policy and the role's permissions: "
                "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html"
            ) from error
        raise JobFailed(f"Amazon S3 answered {code} to {error.operation_name}.") from error


def find_files(s3: Any, location: Location, *, deep: bool) -> list[str]:
    """Return the keys a location means, sorted. Raises JobFailed when there are none.

    With `deep` false a folder (`…/`) gives its first level only, as dataset imports do.
    """
    keys: list[str] = []
    token: str | None = None
    while True:
        more = {} if token is None else {"ContinuationToken": token}
        page = s3.list_objects_v2(Bucket=location.bucket, Prefix=location.key, **more)
        keys += [found["Key"] for found in page.get("Contents", []) if not found["Key"].endswith("/")]
        token = page.get("NextContinuationToken")
        if not token:
            break
    if location.key in keys:
        return [location.key]
    if not deep and location.key.endswith("/"):
        keys = [key for key in keys if "/" not in key[len(location.key) :]]
    if not keys:
        raise JobFailed(f"Invalid Data location: no files found at s3://{location.bucket}/{location.key}.")
    return sorted(keys)


def read_lines(s3: Any, bucket: str, key: str) -> Iterator[str]:
    """Stream the lines of a UTF-8 object. Raises JobFailed when it is another encoding."""
    body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    decoder = codecs.getincrementaldecoder("utf-8")()

    def chunks() -> Iterator[str]:
        while block := body.read(_BLOCK):
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)

    try:
        yield from text_lines(chunks())
    except UnicodeDecodeError as error:
        raise JobFailed(f"The file {key} is not encoded in UTF-8.") from error
