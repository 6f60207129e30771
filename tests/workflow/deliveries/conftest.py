"""The real stack with uploaders of ten platforms, deployed once; runs that several tests look at.

Most of a fault's time is waiting, so faults that need no quiet begin together and are looked at one by one.
"""

import json
import threading
import time
from types import SimpleNamespace

import pytest

from local import emulator
from local.demo import ad_platforms
from local.emulator import ROOT
from tests.workflow.deployed.relay import Relay, wait_for

from . import people
from .places import Places
from .world import UPLOADERS, World

LOVERS = "Film lovers"
FIRST = range(103)  # three of them may not be sent
LEFT, JOINED = range(3, 8), range(103, 108)
SECOND = [n for n in range(108) if n not in LEFT]
WANTED = SECOND[3:]  # without the three
OLDER, NEWER, UNREAD = range(10, 40), range(25, 60), range(3, 33)
IN_A_BATCH, BEFORE_THE_RECEIPT, IN_A_STEP = range(110, 140), range(140, 170), range(170, 200)
MULTI_STEP = ("the_trade_desk", "tiktok", "amazon")


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deliveries")
    with (
        ad_platforms.AdPlatforms(set(UPLOADERS), {LOVERS.replace(" ", "-")}) as ads,
        emulator.Emulator(folder / "emulator.log") as aws,
    ):
        ads.connect(aws)
        # Waits are shortened here and visibility time-outs are not: 8 hours pass before a kill is made good.
        parameters = {**ads.parameters(), "RunDeadlineHours": "24"}
        outputs = aws.deploy(ROOT / ".venv-sam/bin/sam", folder / "deploy.log", parameters)
        ads.fill_secrets(aws)
        yield World(Relay(aws, outputs), Places(ads, aws))


def tells_of(members):
    """Match the request that brings these people, whatever its form."""
    return lambda request: people.told_of(request.body) == set(members)


@pytest.fixture(scope="session")
def killed(world):
    """Deliveries whose function is killed (by its time-out) after the platform did what it was asked.

    Once before the answer to a batch arrives, once after the batch is noted and before the receipt is
    written, once in a step of a workflow. A minute stands for the quarter of an hour that functions have.
    """
    gone = threading.Event()
    world.hurry("meta", 58, side_by_side=6)
    world.relay.client("lambda").update_function_configuration(
        FunctionName=world.physical("tiktok", "PublishDataFunction"), Timeout=30
    )
    meta = world.stand_in("meta")

    def asks_for_the_size(request):
        ids = [one["id"] for one in meta.list_audiences() if one["name"] == "Before the receipt"]
        return request.method == "GET" and bool(ids) and ids[0] in request.path

    def makes_the_audience(request):
        return b'"In a workflow step"' in request.body

    begun = {}
    for audience, members, platform, matches in (
        ("In a batch", IN_A_BATCH, "meta", tells_of(IN_A_BATCH)),
        ("Before the receipt", BEFORE_THE_RECEIPT, "meta", asks_for_the_size),
        ("In a workflow step", IN_A_STEP, "tiktok", makes_the_audience),
    ):
        struck = world.wire(platform).hold(matches, gone)
        world.activate(audience, platform)
        begun[audience] = SimpleNamespace(struck=struck, key=world.upload(audience, members))
    yield begun
    gone.set()


@pytest.fixture(scope="session")
def first(world, killed):
    """A segment reaches ten platforms."""
    world.activate(LOVERS, *UPLOADERS)
    return world.run(world.upload(LOVERS, FIRST))


@pytest.fixture(scope="session")
def second(world, first):
    """The same segment after five in a hundred have left and five others have joined; what was sent then.

    Sent of its people: killed deliveries to other audiences are made good meanwhile, sooner or later.
    """
    since = {slug: len(wire.heard) for slug, wire in world.places.wires.items()}
    run = world.run(world.upload(LOVERS, SECOND))
    lovers = {*FIRST, *SECOND}
    told = {slug: wire.told_of(since[slug]) & lovers for slug, wire in world.places.wires.items()}
    return SimpleNamespace(**vars(run), told_of=told)


@pytest.fixture(scope="session")
def faults(world, second):
    """Faults of every kind begin, each on platforms of its own; returns the segment files by audience."""
    world.stand_in("pinterest").misbehave("rate_limited", times=6, retry_after=120)
    world.stand_in("pinterest").misbehave("rate_limited_bare", times=2)
    world.stand_in("pinterest").misbehave("server_error", times=0)
    world.stand_in("google").misbehave("token_expired", on="ingest")
    world.stand_in("klaviyo").misbehave("token_expired")
    for slug in MULTI_STEP:
        world.wire(slug).cut(tells_of(NEWER))
    keys = {}
    for audience, platforms in (
        ("Storm", ["pinterest"]),
        ("Token", ["google"]),
        ("Refused", ["klaviyo"]),
        ("Cut connection", MULTI_STEP),
    ):
        world.activate(audience, *platforms)
        keys[audience] = world.upload(audience, NEWER)
    return keys


@pytest.fixture(scope="session")
def jumbled(world, faults):
    """Snap's messages come three times, late, and the older list after the newer, with poison among them."""
    with world.paused("snap") as take:
        world.activate("Jumbled", "snap")
        older = world.upload("Jumbled", OLDER)
        (first_manifest,) = world.manifest("snap", "Jumbled")
        time.sleep(1.1)  # S3 tells times in whole seconds, and they are what makes one list newer
        newer = world.upload("Jumbled", NEWER)
        (second_manifest,) = set(world.manifest("snap", "Jumbled", 2)) - {first_manifest}
        world.activate("Unread", "snap")
        unread = world.upload("Unread", UNREAD)
        (torn,) = world.manifest("snap", "Unread")
        late, early, whole = sorted(take(3), key=lambda body: _place(body, first_manifest, second_manifest))
        world.relay.put("AudienceBucketName", torn, b'{"platform": "snap", "audi')
        take(1)  # the event of the torn manifest: the one of the whole manifest is enough
        lost = json.dumps(
            {"detail": {"bucket": {"name": world.relay.outputs["AudienceBucketName"]},
                        "object": {"key": "prepared/snap/Jumbled/20261122-000000-000000-000000/manifest.json"}}}
        )  # fmt: skip
        poison = ["no JSON at all", "[]", lost, whole]
        world.send("snap", poison[0], early, early)
    wait_for(lambda: world.receipt_of(second_manifest), "the newer list's receipt")
    world.send("snap", late, poison[1], early, late, delay=300)
    world.send("snap", poison[2], late, poison[3], delay=900)
    return SimpleNamespace(older=older, newer=newer, unread=unread, poison=poison)


def _place(body, *keys):
    found = json.loads(body)["detail"]["object"]["key"]
    return keys.index(found) if found in keys else len(keys)
