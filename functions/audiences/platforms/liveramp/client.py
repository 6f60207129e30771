"""LiveRamp files over SFTP: the whole audience each time, in one file that overwrites nothing else."""

from __future__ import annotations

from audiences.delivery.uploader import Field, Uploader
from audiences.platforms.liveramp.version import DOCS
from audiences.uploads.stepwise import ManagedClient

UPLOADER = Uploader(
    pattern="managed",
    base_url="",
    secret_fields=(
        Field("Username", "User name", "Of the SFTP account that LiveRamp made.", DOCS),
        Field("Password", "Password", "Of the same account; or PrivateKey.", DOCS, required=False),
        Field("PrivateKey", "Private key", "An SSH key in PEM, instead of a password.", DOCS, required=False),
    ),
    account="",
    settings=("directory",),
    make=ManagedClient,
    replace="session",  # every file is the whole audience
)
