"""The real stack, deployed once into an embedded AWS with IAM enforced; runs that several tests look at."""

import json
from types import SimpleNamespace

import pytest

from local.emulator import ROOT, Emulator

from . import films
from .audiences import by_custom_channel, by_lambda, by_spark, people  # noqa: F401  # fixtures, found by name
from .relay import Relay, wait_for


@pytest.fixture(scope="session")
def relay(tmp_path_factory):
    folder = tmp_path_factory.mktemp("relay")
    with Emulator(folder / "emulator.log") as aws:
        outputs = aws.deploy(ROOT / ".venv-sam/bin/sam", folder / "deploy.log")
        yield Relay(aws, outputs)


def upload_training(relay, group, folder, config, **queries):
    """Upload data, then queries (job_config.json by solution), then the configuration that starts the run."""
    relay.put("PersonalizeBucketName", f"train/{folder}/interactions.csv", films.interactions(group))
    relay.put("PersonalizeBucketName", f"train/{folder}/items.csv", films.items())
    for solution, text in queries.items():
        relay.put("PersonalizeBucketName", f"batch/{group}/{solution}/job_config.json", text)
    return relay.put("PersonalizeBucketName", f"train/{folder}/config.json", config)


@pytest.fixture(scope="session")
def known_viewers(relay):
    """The import of an endpoint file, which makes the viewers known to Pinpoint and Customer Profiles."""
    key = "pinpoint/viewers.csv"
    relay.put("SegmentImportBucket", key, films.endpoints("films"))
    return relay.run_of("pinpoint-import", key)


@pytest.fixture(scope="session")
def ten_segments(relay, known_viewers):
    """A run with 10 queries in one job_config.json, whose data arrives after the configuration."""
    queries = [films.query(genre) for genre in films.GENRES[:10]]
    relay.put("PersonalizeBucketName", "batch/films/ten/job_config.json", films.job_config(*queries))
    relay.put("PersonalizeBucketName", "train/films/config.json", films.config("films", ten=[films.job()]))

    def waits():
        found = [e for e in relay.executions("PersonalizeTraining/TrainPersonalize") if "films" in e["name"]]
        return [e["executionArn"] for e in found if "RetryLater" in str(relay.history(e["executionArn"]))]

    (execution,) = wait_for(waits, "a training that waits for its data")
    relay.put("PersonalizeBucketName", "train/films/interactions.csv", films.interactions("films"))
    relay.put("PersonalizeBucketName", "train/films/items.csv", films.items())
    run = relay.run_of("personalize-training", "films")
    return SimpleNamespace(**vars(run), queries=queries, execution=execution)


@pytest.fixture(scope="session")
def nine_of_ten(relay):
    """A run with 10 queries of which one asks for an attribute that the items do not have."""
    good = [films.query(genre) for genre in films.GENRES[:9]]
    bad = 'ITEMS.DIRECTOR = "Nobody"'
    jobs = [films.job(*good[:4], bad, *good[4:])]
    upload_training(relay, "unknown", "nine", films.config("unknown", nine=jobs))
    run = relay.run_of("personalize-training", "nine")
    return SimpleNamespace(**vars(run), good=good, bad=bad)


@pytest.fixture(scope="session")
def not_csv(relay):
    """The import of a file that is no CSV at all, for both services."""
    key = "pinpoint/picture.csv"
    relay.put("SegmentImportBucket", key, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64))
    return relay.run_of("pinpoint-import", key)


@pytest.fixture(scope="session")
def lost_job(relay):
    """Post-processing of a batch segment job that somebody deleted."""
    event = job_event("arn:aws:personalize:us-east-1:000000000000:batch-segment-job/gone")
    relay.start("SegmentPostprocessing/PostprocessSegments", event, "gone-1")
    return relay.run_of("segment-postprocessing", "gone")


@pytest.fixture(scope="session")
def post_process(relay, nine_of_ten):
    """Post-process a finished job with any output: `post_process(name, *lines)` returns the run."""
    name = nine_of_ten.report["training"]["segment_jobs"][0]
    arn = f"arn:aws:personalize:us-east-1:000000000000:batch-segment-job/{name}"
    personalize = relay.client("personalize")
    like = personalize.describe_batch_segment_job(batchSegmentJobArn=arn)["batchSegmentJob"]

    def run_job(job, *lines):
        target = f"s3://{relay.outputs['PersonalizeBucketName']}/batch/by-hand/{job}/"
        made = personalize.create_batch_segment_job(
            jobName=job, solutionVersionArn=like["solutionVersionArn"], jobInput=like["jobInput"],
            jobOutput={"s3DataDestination": {"path": target}}, roleArn=like["roleArn"],
        )["batchSegmentJobArn"]  # fmt: skip
        wait_for(lambda: is_active(personalize, made), f"the batch segment job {job}")
        output = "".join(json.dumps(line) + "\n" for line in lines)
        relay.put("PersonalizeBucketName", f"batch/by-hand/{job}/job_config.json.out", output)
        relay.start("SegmentPostprocessing/PostprocessSegments", job_event(made), job)
        return relay.run_of("segment-postprocessing", job)

    return run_job


def is_active(personalize, arn):
    job = personalize.describe_batch_segment_job(batchSegmentJobArn=arn)["batchSegmentJob"]
    return job["status"] == "ACTIVE"


def output_line(query, *users, error=None):
    """A line of a batch segment job's output."""
    output = None if error else {"usersList": list(users)}
    return {"input": {"itemAttributes": query}, "output": output, "error": error}


def job_event(arn):
    return {
        "source": "solutions.aws.personalize", "time": "2026-11-22T10:15:00Z", "id": "1",
        "detail-type": "Personalize Batch Segment Job State Change",
        "detail": {"Arn": arn, "Status": "ACTIVE"},
    }  # fmt: skip
