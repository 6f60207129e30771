"""The places the demo delivers to: stand-ins of the ad platforms, an SFTP server, a Salesforce connection."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from audiences.preparation.keys import audience_key

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
BY_SFTP = ("liveramp", "salesforce_marketing_cloud")
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


@dataclass(frozen=True)
class Addresses:
    """Where the places are: `admin` tells what the platforms hold, `folder` is the SFTP server's root."""

    admin: str
    platforms: dict[str, str]
    sftp: str
    host_key: str
    folder: str


class PlatformAccess:
    """What a deployment needs to deliver to the places; the addresses are known once they listen."""

    addresses: Addresses

    def __init__(self, slugs: set[str]) -> None:
        """Deliver to `slugs`."""
        self.slugs = slugs

    def parameters(self) -> dict[str, str]:
        """Return the root template's parameters that enable the uploaders."""
        found = {f"{PARAMETERS[slug]}Uploader": "Enabled" for slug in self.slugs}
        for slug in self.slugs & set(BY_SFTP):
            found[f"{PARAMETERS[slug]}SftpUrl"] = self.addresses.sftp
            found[f"{PARAMETERS[slug]}HostKeys"] = self.addresses.host_key
        if "salesforce" in self.slugs:
            found["SalesforceConnectionName"] = _CONNECTION
        return found

    def connect(self, aws: Emulator) -> None:
        """Make what people make by hand before they deploy: the connection to Salesforce."""
        if "salesforce" in self.slugs:
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
        for slug in self.slugs - {"salesforce"}:
            if slug in BY_SFTP:
                name, value = (
                    f"aws/transfer/{_STACK}-{slug}",
                    {"Username": _USER, "Password": _PASSWORD},
                )
            else:
                name, value = (
                    f"audience-relay/{_STACK}/{slug}",
                    secret_of(slug, self.addresses.platforms[slug]),
                )
            secrets.put_secret_value(SecretId=name, SecretString=json.dumps(value))


class AdPlatforms(PlatformAccess):
    """Places in this process, which listen on loopback from `with` on; tests look into them."""

    def __init__(self, slugs: set[str], audiences: set[str]) -> None:
        """Serve what `slugs` need, with a folder for each of the `audiences` (by key) on the SFTP server."""
        super().__init__(slugs)
        self._audiences = audiences
        self._open = ExitStack()

    def __enter__(self) -> AdPlatforms:
        """Listen."""
        self._ads: Any = self._open.enter_context(Platforms())
        self.folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="sftp-")))
        for audience in self._audiences:  # the platform's support makes it on a real server
            (self.folder / "uploads" / audience).mkdir(parents=True)
        sftp = self._open.enter_context(SftpServer(self.folder, _USER, _PASSWORD))
        urls = {slug: self._ads.url(slug) for slug in self._ads.stand_ins}
        self.addresses = Addresses(self._ads.admin_url, urls, sftp.url, sftp.host_key, str(self.folder))
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
        return {slug: found[slug] for slug in sorted(self.slugs & set(found))}
