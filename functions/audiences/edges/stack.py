"""The deployed stack seen from outside: what it consists of, and taking it away again."""

from __future__ import annotations

from botocore.exceptions import ClientError, WaiterError

from audiences.edges.aws import client
from audiences.errors import SetupError

RETAINED = "AccessLogBucket"  # template.yaml keeps it, as the record of who read what


def stack_buckets(stack: str) -> dict[str, str]:
    """Return the root stack's buckets, logical id to name. Raises SetupError when there is no such stack."""
    cloudformation = client("cloudformation")
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    try:
        cloudformation.describe_stacks(StackName=stack)  # a deleted stack's resources can still be listed
        resources = [item for page in pages for item in page["StackResourceSummaries"]]
    except ClientError as error:
        raise SetupError(
            f"There is no stack {stack} to delete.",
            error.response["Error"]["Message"],
            "Name another with STACK=…, or another Region with AWS_REGION=….",
        ) from error
    return {
        item["LogicalResourceId"]: item["PhysicalResourceId"]
        for item in resources
        if item["ResourceType"] == "AWS::S3::Bucket" and item.get("PhysicalResourceId")
    }


def empty_bucket(bucket: str) -> int:
    """Delete every version of every object, 1,000 at a time; return how many versions there were."""
    s3 = client("s3")
    gone = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [
            {"Key": item["Key"], "VersionId": item["VersionId"]}
            for item in page.get("Versions", []) + page.get("DeleteMarkers", [])
        ]
        for start in range(0, len(versions), 1000):
            batch = versions[start : start + 1000]
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
            if answer.get("Errors"):
                first = answer["Errors"][0]
                raise SetupError(
                    f"{len(answer['Errors'])} objects of {bucket} were not deleted.",
                    f"S3 says {first['Code']}.",
                    "Look at the bucket's policy and your own permissions, then repeat.",
                )
        gone += len(versions)
    return gone


def delete_stack(stack: str) -> None:
    """Delete the stack and wait until it is gone. Raises SetupError naming what could not be deleted."""
    cloudformation = client("cloudformation")
    cloudformation.delete_stack(StackName=stack)
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 5, "MaxAttempts": 360}
        )
    except WaiterError as error:
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        reasons = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
            for event in events
            if event["ResourceStatus"] == "DELETE_FAILED"
        ]
        raise SetupError(
            f"The stack {stack} was not deleted.", "; ".join(reasons[:3]), "Mend that, then repeat."
        ) from error
