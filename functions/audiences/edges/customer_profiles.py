"""Talks to Amazon Connect Customer Profiles: upload jobs, segment definitions and estimates."""

from __future__ import annotations

import base64
import binascii
import hashlib
import http.client
import urllib.error
import urllib.request
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from audiences.edges.aws import client
from audiences.edges.s3_files import s3_errors, split_uri
from audiences.errors import DataError, RetryLater, SetupError
from audiences.imports.upload_plan import attribute_of, segment_groups

_LATER = ("ThrottlingException", "InternalServerException")
ENDED = ("SUCCEEDED", "PARTIALLY_SUCCEEDED", "FAILED", "STOPPED")
_KEY = "x-amz-server-side-encryption-customer-"
_TIMEOUT_SECONDS = 120
_ANSWER_BYTES = 1 << 16  # S3 answers a PUT with nothing


def _call(operation: str, *, may_be_absent: bool = False, **arguments: Any) -> dict[str, Any]:
    """Return the answer; an empty one for what is not there and may be absent. Errors become ours."""
    try:
        answer: dict[str, Any] = getattr(client("customer-profiles"), operation)(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if may_be_absent and code == "ResourceNotFoundException":
            return {}
        if code in _LATER:
            raise RetryLater("Customer Profiles is busy.", f"It says {code}.") from error
        if code == "BadRequestException":
            raise DataError(
                f"Customer Profiles refused {operation}.", f"It says {code}.", "See the log."
            ) from error
        raise SetupError(
            f"Customer Profiles refused {operation}.",
            f"It says {code}.",
            "Check that the domain exists in this account and Region and that the role may use it.",
        ) from error
    except BotoCoreError as error:
        raise RetryLater("Customer Profiles could not be reached.", type(error).__name__) from error
    return answer


def upload_part(domain: str, uri: str, *, title: str, plan: dict[str, Any], expiry_days: int) -> str:
    """Create an upload job, send it the object at `uri` (streamed, encrypted with the job's key), start it.

    Returns the job's id. https://docs.aws.amazon.com/connect/latest/APIReference/API_connect-customer-profiles_GetUploadJobPath.html
    """
    job = _call(
        "create_upload_job",
        DomainName=domain,
        DisplayName=title[:255],
        Fields=plan["fields"],
        UniqueKey=plan["unique_key"],
        DataExpiry=expiry_days,
    )["JobId"]
    path = _call("get_upload_job_path", DomainName=domain, JobId=job)
    _put(uri, path["Url"], path.get("ClientToken", ""))
    _call("start_upload_job", DomainName=domain, JobId=job)
    return str(job)


def encryption_headers(token: str) -> dict[str, str]:
    """Return the SSE-C headers for a data key: the key in base64, and the MD5 of the key's bytes in base64.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
    """
    try:
        key = base64.b64decode(token, validate=True)
    except binascii.Error:
        key = token.encode()
        token = base64.b64encode(key).decode()
    digest = hashlib.md5(key, usedforsecurity=False).digest()  # the protocol asks for MD5, as a checksum
    return {
        f"{_KEY}algorithm": "AES256",
        f"{_KEY}key": token,
        f"{_KEY}key-MD5": base64.b64encode(digest).decode(),
    }


def _put(uri: str, url: str, token: str) -> None:
    """Stream an object to a pre-signed URL. The URL is a secret: it appears in no message."""
    bucket, key = split_uri(uri)
    with s3_errors(uri):
        source = client("s3").get_object(Bucket=bucket, Key=key)
    headers = {"Content-Length": str(source["ContentLength"]), "Content-Type": "text/csv"}
    if token:
        headers |= encryption_headers(token)
    request = urllib.request.Request(url, data=source["Body"], headers=headers, method="PUT")  # noqa: S310  # URL from AWS
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310  # the same URL
            answer.read(_ANSWER_BYTES)
    except urllib.error.HTTPError as error:
        raise RetryLater(
            "The upload to Customer Profiles was refused.", f"HTTP status {error.code}."
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:  # they may hold the URL, or the key
        raise RetryLater("The upload to Customer Profiles broke off.", type(error).__name__) from None


def get_upload_job(domain: str, job: str) -> dict[str, Any]:
    """Return the state of an upload job: Status, StatusReason and ResultsSummary."""
    found = _call("get_upload_job", DomainName=domain, JobId=job)
    return {
        name: found[name] for name in ("JobId", "Status", "StatusReason", "ResultsSummary") if name in found
    }


def ensure_segment(domain: str, segment: str, description: str) -> str:
    """Return the ARN of the one lasting definition of a segment, made if it is not there yet.

    Raises SetupError when a definition of this name selects something else.
    """
    found = _call(
        "get_segment_definition", may_be_absent=True, DomainName=domain, SegmentDefinitionName=segment
    )
    if not found:
        found = _call(
            "create_segment_definition",
            DomainName=domain,
            SegmentDefinitionName=segment,
            DisplayName=segment,
            Description=description[:4000] or segment,
            SegmentGroups=segment_groups(segment),
        )
        return str(found["SegmentDefinitionArn"])
    if attribute_of(segment) not in str(found.get("SegmentGroups")):
        raise SetupError(
            f"The segment definition {segment} is not ours.",
            f"It does not select by {attribute_of(segment)}.",
            f"Rename or delete the definition {segment} in domain {domain}.",
        )
    return str(found["SegmentDefinitionArn"])


def start_estimate(domain: str, segment: str) -> str:
    """Ask for the size of a segment and return the estimate's id."""
    answer = _call("create_segment_estimate", DomainName=domain, SegmentQuery=segment_groups(segment))
    return str(answer["EstimateId"])


def get_estimate(domain: str, estimate: str) -> tuple[str, int | None]:
    """Return (RUNNING | SUCCEEDED | FAILED, size in profiles or None)."""
    answer = _call("get_segment_estimate", DomainName=domain, EstimateId=estimate)
    size = str(answer.get("Estimate", ""))
    return str(answer["Status"]), int(float(size)) if size.replace(".", "", 1).isdigit() else None
