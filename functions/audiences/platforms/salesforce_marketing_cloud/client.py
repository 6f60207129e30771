"""Salesforce Marketing Cloud file drop over SFTP: Automation Studio imports what arrives."""

from __future__ import annotations

from audiences.delivery.uploader import Field, Uploader
from audiences.platforms.salesforce_marketing_cloud.version import DOCS
from audiences.uploads.stepwise import ManagedClient

UPLOADER = Uploader(
    pattern="managed",
    base_url="",
    secret_fields=(
        Field("Username", "User name", "Of the FTP account in Setup, FTP Accounts.", DOCS),
        Field("Password", "Password", "Of the same account; or PrivateKey.", DOCS, required=False),
        Field("PrivateKey", "Private key", "An SSH key in PEM, instead of a password.", DOCS, required=False),
    ),
    account="",
    settings=("directory",),
    make=ManagedClient,
)
