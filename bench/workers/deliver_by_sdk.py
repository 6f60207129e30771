"""The same upload as Meta's documentation shows it: 10,000 addresses a call, hashed by the SDK.

https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.customaudience import CustomAudience
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession

from local.stand_in_access import ACCOUNT, secret_of


def main() -> None:
    """Upload the addresses of the file argv[1] to the stand-in at argv[2]; print the seconds."""
    url = sys.argv[2]
    FacebookSession.GRAPH = url
    secret = secret_of("meta", url)
    FacebookAdsApi.init(access_token=secret["access_token"], app_secret=secret["app_secret"])
    started = time.perf_counter()
    people = Path(sys.argv[1]).read_text().splitlines()
    made = AdAccount(f"act_{ACCOUNT}").create_custom_audience(
        fields=[],
        params={"name": "SDK", "subtype": "CUSTOM", "customer_file_source": "USER_PROVIDED_ONLY"},
    )
    audience = CustomAudience(made["id"])
    for start in range(0, len(people), 10_000):
        audience.add_users(schema=CustomAudience.Schema.email_hash, users=people[start : start + 10_000])
    print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
