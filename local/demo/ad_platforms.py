"""The places the demo delivers to: stand-ins of the ad platforms, an SFTP server, a Salesforce connection."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from audiences.preparation.request import audience_key

from local.emulator import Emulator
from local.platforms import Platforms
from local.stand_in_access import secret_of
from local.transfer_connector.server import SftpServer

if TYPE_CHECKING:
    from local.platforms.base import StandIn

# Platform slug -> the name in the root template's parameters.
PARAMETERS = {
    "meta": "Meta",
    "google": "Google",
    "pinterest": "Pinterest",
    "snap": "Snap",
    "linkedin": "LinkedIn",
    "microsoft": "Microsoft",
    "klaviyo": "Klaviyo",
    "the_trade_desk": "TheTradeDesk",
    "tiktok": "TikTok",
    "amazon": "Amazon",
    "liveramp": "LiveRamp",
    "salesforce_marketing_cloud": "SalesforceMarketingCloud",
    "salesforce": "Salesforce",
}
_BY_SFTP = ("liveramp", "salesforce_marketing_cloud")
_USER, _PASSWORD, _CONNECTION = "relay", "relay-password", "demo"
_STACK = "audience-relay"


def wanted_by(activations: Path) -> tuple[set[str], set[str]]:
    """Return the platforms with an uploader, and the audiences, that activation files in a folder name."""
    platforms: set[str] = set()
    audiences: set[str] = set()
    for file in activations.glob("*.json"):
        try:
            activation = json.loads(file.read_text(encoding="utf-8-sig"))
            platforms |= set(activation["platforms"])
            audiences.add(audience_key(activation["audience"]))
        except (ValueError, KeyError, TypeError):
            continue  # the workflow says what is wrong with it
    return platforms & set(PARAMETERS), audiences


class AdPlatforms:
    """Stand-ins that listen on loopback from `with` on, and the credentials that reach them."""

    def __init__(self, slugs: set[str], audiences: set[str]) -> None:
        """Serve what `slugs` need, with a folder for each of the `audiences` (by key) on the SFTP server."""
        self._slugs, self._audiences = slugs, audiences
        self._open = ExitStack()

    def __enter__(self) -> AdPlatforms:
        """Listen."""
        self._ads: Any = self._open.enter_context(Platforms())
        self.folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="sftp-")))
        for audience in self._audiences:  # the platform's support makes it on a real server
            (self.folder / "uploads" / audience).mkdir(parents=True)
        self._sftp = self._open.enter_context(SftpServer(self.folder, _USER, _PASSWORD))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._open.close()

    @property
    def stand_ins(self) -> dict[str, StandIn]:
        """Return the stand-ins of the enabled platforms that have an API, by slug."""
        found: dict[str, StandIn] = self._ads.stand_ins
        return {slug: found[slug] for slug in sorted(self._slugs & set(found))}

    def parameters(self) -> dict[str, str]:
        """Return the root template's parameters that enable the uploaders."""
        found = {f"{PARAMETERS[slug]}Uploader": "Enabled" for slug in self._slugs}
        for slug in self._slugs & set(_BY_SFTP):
            found[f"{PARAMETERS[slug]}SftpUrl"] = self._sftp.url
            found[f"{PARAMETERS[slug]}HostKeys"] = self._sftp.host_key
        if "salesforce" in self._slugs:
            found["SalesforceConnectionName"] = _CONNECTION
        return found

    def connect(self, aws: Emulator) -> None:
        """Make what people make by hand before they deploy: the connection to Salesforce."""
        if "salesforce" in self._slugs:
            aws.client("appflow").create_connector_profile(
                connectorProfileName=_CONNECTION,
                connectorType="Salesforce",
                connectionMode="Public",
                connectorProfileConfig={
                    "connectorProfileProperties": {"Salesforce": {}},
                    "connectorProfileCredentials": {"Salesforce": {}},
                },
            )

    def fill_secrets(self, aws: Emulator) -> None:
        """Do what people do after they deployed: put-secret-value for each platform."""
        secrets = aws.client("secretsmanager")
        for slug in self._slugs - {"salesforce"}:
            if slug in _BY_SFTP:
                name, value = (
                    f"aws/transfer/{_STACK}-{slug}",
                    {"Username": _USER, "Password": _PASSWORD},
                )
            else:
                name, value = f"audience-relay/{_STACK}/{slug}", secret_of(slug, self._ads.url(slug))
            secrets.put_secret_value(SecretId=name, SecretString=json.dumps(value))
