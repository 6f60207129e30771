"""Salesforce CRM through Amazon AppFlow: the connection has the credentials, so there is no secret."""

from __future__ import annotations

from audiences.delivery.uploader import Uploader
from audiences.uploads.stepwise import ManagedClient

UPLOADER = Uploader(
    pattern="managed",
    base_url="",
    secret_fields=(),
    account="",
    make=ManagedClient,
)
