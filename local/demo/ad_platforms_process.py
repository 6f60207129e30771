"""The places the demo delivers to, in a process of their own: with DEMO_KEEP=1 they outlive the demo."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from local.child_process import ChildProcess
from local.demo.ad_platforms import Addresses, AdPlatforms, PlatformAccess
from local.emulator import ROOT, EmulatorError


class AdPlatformsProcess(PlatformAccess, ChildProcess):
    """A running child process: `with AdPlatformsProcess(slugs, audiences, log) as ads: ads.addresses`."""

    def __init__(self, slugs: set[str], audiences: set[str], log: Path) -> None:
        """Serve as AdPlatforms does; what goes wrong is written to `log`."""
        super().__init__(slugs)
        self._audiences, self._log = audiences, log

    def __enter__(self) -> AdPlatformsProcess:
        """Start it and wait until it has told its addresses."""
        with self._log.open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603  # our own module; keys are letters, digits and ._-
                [sys.executable, "-m", "local.demo.ad_platforms_process", *sorted(self._audiences)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                stdin=subprocess.DEVNULL,
            )
        with self._process.stdout as output:  # type: ignore[union-attr]  # PIPE was asked for
            told = output.readline()
        if not told:
            self.stop()
            raise EmulatorError(f"The stand-ins of the ad platforms did not start. Read {self._log}.")
        self.addresses = Addresses(**json.loads(told))
        return self


def main(audiences: list[str]) -> None:
    """Print the addresses as one line of JSON and serve until SIGTERM or Ctrl-C."""
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before threads start, so that only sigwait takes them
    with AdPlatforms(set(), set(audiences)) as ads:
        sys.stdout.write(json.dumps(asdict(ads.addresses)) + "\n")
        sys.stdout.flush()
        signal.sigwait(ends)


if __name__ == "__main__":
    main(sys.argv[1:])
