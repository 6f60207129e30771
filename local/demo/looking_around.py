"""What the demo says when it leaves everything running: how to look around, deliver more, and stop it all."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from local.demo.ad_platforms import BY_SFTP
from local.demo.ad_platforms_process import AdPlatformsProcess
from local.emulator import Emulator


def leave_running(aws: Emulator, ads: AdPlatformsProcess, output: Path) -> list[str]:
    """Leave both processes running; return lines with commands. `output` is the folder with the results."""
    cli = " ".join([*(f"{name}={value}" for name, value in aws.environment.items()), "aws"])
    lines = [
        "",
        "It is still running (DEMO_KEEP=1): the embedded AWS and the stand-ins of the ad platforms.",
        "Look around with (.venv-sam/bin/aws is an AWS CLI, if you have none):",
        f"  {cli} s3 ls",
        f"  {cli} stepfunctions list-state-machines",
        f"  {cli} personalize list-batch-segment-jobs",
        f"  {cli} customer-profiles list-domains",
        *_explain_how_to_deliver(aws, ads, cli, output),
    ]
    return [*lines, f"Stop everything with: kill {aws.detach()} {ads.detach()}"]


def _explain_how_to_deliver(aws: Emulator, ads: AdPlatformsProcess, cli: str, output: Path) -> list[str]:
    """Return lines on what platforms hold, and on one more file of a segment that was delivered."""
    served = sorted(ads.slugs & set(ads.addresses.platforms))
    manifests = sorted((output / "manifests").glob("*.json"))
    if not served or not manifests:
        return []
    bucket = aws.outputs()["AudienceBucketName"]
    delivered = json.loads(manifests[0].read_text(encoding="utf-8"))["segments"][0]["file"]
    more = shlex.quote(f"s3://{bucket}/{delivered.rpartition('/')[0]}/more.csv")
    files = f"{shlex.quote(str(output / 'segments'))}/*.csv"
    lines = [
        "What each platform holds (a member is an identifier; a person may have several):",
        f"  curl -s -w ' %{{url_effective}}\\n' '{ads.addresses.admin}/audiences/{{{','.join(served)}}}'",
        "Deliver more, the people of all segments together, and look again some seconds later:",
        f"  awk 'NR == 1 || FNR > 1' {files} | {cli} s3 cp - {more}",
        f"Activations to change: s3://{bucket}/activations/ (docs/how-to/activate-a-segment.md).",
    ]
    if ads.slugs & set(BY_SFTP):
        folder = f"{ads.addresses.folder}/uploads"
        lines.append(
            f"Files that came by SFTP: {folder}/ (make a folder `Comedy-fans` for an audience `Comedy fans`)."
        )
    return lines
