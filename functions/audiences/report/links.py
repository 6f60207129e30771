"""Makes links that open an object in the AWS console, in every partition."""

from __future__ import annotations

from urllib.parse import quote


def console_link(region: str, bucket: str, key: str) -> str:
    """Return the console's address of an S3 object, e.g. for region `eu-central-1`."""
    domain = "console.aws.amazon.com"
    if region.startswith("cn-"):
        domain = "console.amazonaws.cn"
    elif region.startswith("us-gov-"):
        domain = "console.amazonaws-us-gov.com"
    return f"https://{domain}/s3/object/{bucket}?region={region}&prefix={quote(key)}"
