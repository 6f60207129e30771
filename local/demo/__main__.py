"""The demo's steps, in the order a person would take them on AWS (README, "Deploy it to AWS")."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from audiences.report.text import figure

from local.demo.ad_platforms import PlatformAccess, wanted_by
from local.demo.ad_platforms_process import AdPlatformsProcess
from local.demo.evidence import keep
from local.demo.looking_around import leave_running
from local.demo.watch import Expected, Watcher
from local.emulator import ROOT, Emulator, EmulatorError

TIMEOUT_SECONDS = 600
TRAINING = Expected("personalize-training", "the training run")
IMPORT = Expected("customer-profiles-import", "the import of the endpoint files")


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # this is a command-line program


class Steps:
    """Says what is going on and how long it took."""

    def __init__(self) -> None:
        """Start the clock."""
        self.began = time.monotonic()

    def __call__(self, text: str) -> None:
        """Announce a step with the seconds since the start."""
        say(f"{time.monotonic() - self.began:5.1f} s  {text}")


def main() -> int:
    """Run the demo and return the exit code: 0 only if every stage succeeded."""
    parser = argparse.ArgumentParser(
        prog="make demo",
        description="Run the whole pipeline in the embedded AWS.",
        epilog=(
            "Environment: DEMO_DATA=<folder shaped like data/>; DEMO_DELIVER=0 to deliver to no stand-in of "
            "an ad platform; DEMO_KEEP=1 to leave it running."
        ),
    )
    parser.add_argument(
        "--sam", type=Path, default=ROOT / ".venv-sam/bin/sam", help="the SAM CLI to deploy with"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "build/demo", help="where the results go")
    options = parser.parse_args()
    data = Path(os.environ.get("DEMO_DATA") or ROOT / "data").resolve()
    if not any((data / part).is_dir() for part in ("personalize", "pinpoint")):
        say(f"{data} has neither personalize/ nor pinpoint/. Set DEMO_DATA to a folder shaped like data/.")
        return 2
    options.output.mkdir(parents=True, exist_ok=True)
    step = Steps()
    try:
        deliver = os.environ.get("DEMO_DELIVER") != "0"
        slugs, audiences = wanted_by(data / "audience/activations") if deliver else (set(), set())
        ads = AdPlatformsProcess(slugs, audiences, options.output / "ad-platforms.log")
        with ads, Emulator(options.output / "emulator.log") as aws:
            step(f"The embedded AWS runs on {aws.endpoint}, with IAM enforced.")
            status = run(aws, ads, step, data, options.sam, options.output)
            if os.environ.get("DEMO_KEEP") == "1":
                say("\n".join(leave_running(aws, ads, options.output)))
            return status
    except (EmulatorError, TimeoutError) as error:
        step(f"FAILED. {error}")
        say(f"       The embedded AWS's log: {options.output / 'emulator.log'}")
        return 1


def run(aws: Emulator, ads: PlatformAccess, step: Steps, data: Path, sam: Path, output: Path) -> int:
    """Deploy, upload, wait, and keep the evidence. Return the exit code."""
    build_log = output / "deploy.log"
    build_log.write_bytes(b"")
    ads.connect(aws)
    outputs = aws.deploy(sam, build_log, ads.parameters())
    ads.fill_secrets(aws)
    step("The stack is deployed (sam build, sam deploy).")
    watcher = Watcher(aws.client("s3"), outputs["AudienceBucketName"], say)
    reports: list[dict[str, Any]] = []
    if (data / "pinpoint").is_dir():
        files = aws.upload_folder(data / "pinpoint", outputs["SegmentImportBucket"], "pinpoint/")
        step(f"{files} endpoint file(s) uploaded to {outputs['SegmentImportBucket']}/pinpoint/.")
        reports += watcher.wait([IMPORT], TIMEOUT_SECONDS).values()
    if (data / "audience").is_dir():
        files = _upload_audience_files(aws, data / "audience", outputs["AudienceBucketName"])
        step(f"{files} identity, suppression and activation files uploaded.")
    if (data / "personalize").is_dir():
        files = aws.upload_folder(data / "personalize", outputs["PersonalizeBucketName"])
        step(f"{files} training files uploaded to {outputs['PersonalizeBucketName']}; training begins.")
        reports += watcher.wait([TRAINING], TIMEOUT_SECONDS).values()
    mails = _wait_for_mails(aws, len(reports))
    step(f"{len(mails)} mail(s) sent.")
    report = dict(reports[-1])
    report["emails"] = [{"subject": m["subject"], "body": m["body"]} for m in mails]
    report["failures"] = [failure for one in reports for failure in one["failures"]]
    report["duration_seconds"] = round(time.monotonic() - step.began, 1)
    keep(report, mails, aws.client("s3"), output)
    _show(report, output)
    return 0 if all(one["status"] == "succeeded" for one in reports) else 1


def _upload_audience_files(aws: Emulator, folder: Path, bucket: str) -> int:
    """Upload who is who and who opted out before the activations that need them."""
    parts = [part for part in ("identities", "suppressions", "activations") if (folder / part).is_dir()]
    return sum(aws.upload_folder(folder / part, bucket, f"{part}/") for part in parts)


def _wait_for_mails(aws: Emulator, wanted: int) -> list[dict[str, str]]:
    """Wait for the mails: a report is written just before its mail is sent."""
    deadline = time.monotonic() + 30
    while len(aws.mail()) < wanted:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{wanted} mails should have been sent; only {len(aws.mail())} were.")
        time.sleep(0.2)
    return aws.mail()


def _show(report: dict[str, Any], output: Path) -> None:
    say("")
    for segment in report["segments"]:
        sizes = ", ".join(f"{t['service']} {t['size']} ({t['status']})" for t in segment["targets"])
        say(f"  {segment['name']:<34} {segment['users']:>6} users   {sizes}")
    for audience in report["audiences"]:
        counts = ", ".join(
            f"{figure(audience[key])} {key}"
            for key in ("received", "sent", "rejected", "suppressed", "unchanged")
        )
        say(f"  {audience['platform']} / {audience['audience']}: {counts}")
    for failure in report["failures"]:
        say(f"  PROBLEM in {failure['stage']}: {failure['what']} {failure['why']} {failure['fix']}")
    say("")
    say(f"The report: {output / 'report.html'}")


if __name__ == "__main__":
    sys.exit(main())
