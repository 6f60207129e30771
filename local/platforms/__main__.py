"""`python -m local.platforms --port N` prints the stand-ins' addresses and serves them until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import signal
import sys

from local.platforms.server import Platforms


def main() -> None:
    """Serve on loopback."""
    parser = argparse.ArgumentParser(prog="python -m local.platforms", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="common port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--own-ports", action="store_true", help="also give each platform a port of its own")
    arguments = parser.parse_args()
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before threads start, so that only sigwait takes them
    with Platforms(arguments.port) as ads:
        addresses = {slug: ads.url(slug) for slug in ads.stand_ins}
        told = {"admin": ads.admin_url, "platforms": addresses}
        if arguments.own_ports:
            told["own_ports"] = {slug: ads.origin(slug) for slug in ads.stand_ins}
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
        sys.stdout.flush()
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
