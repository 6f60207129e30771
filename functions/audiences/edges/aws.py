"""boto3 clients, made once per execution environment, with retries and time-outs fit for Lambda."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

# Adaptive retries slow down on throttling instead of hammering a shared quota:
# https://docs.aws.amazon.com/boto3/latest/guide/retries.html
_CONFIG = Config(
    retries={"mode": "adaptive", "max_attempts": 8},
    connect_timeout=5,
    read_timeout=60,
    user_agent_extra="audience-relay",
)


@cache
def client(service: str) -> Any:
    """Return the cached boto3 client for a service, e.g. `client("s3")`."""
    return boto3.client(service, config=_CONFIG)
