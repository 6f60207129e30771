"""A request above a platform's limit is refused and a full one is taken; the engine never sends one above."""

import dataclasses
import json

import pytest
from audiences.delivery.model import Batch
from audiences.errors import DataError, SetupError
from audiences.preparation.parts import PartWriter

from tests.contract.scenarios import each
from tests.contract.world import World
from tests.functional.local.platforms.drivers import DRIVERS, hashes


class Direct:
    """A platform's client without the engine in front of it."""

    def __init__(self, world: World):
        folder = world.prepare([1])
        self.delivery = world.delivery(folder)
        self.audience = self.delivery.open()
        self.before = len(world.http.sent)

    def send(self, data, rows):
        batch = Batch(
            number=1, of=1, operation="add", identifier="email", rows=rows, key="0" * 32, session=1,
            total_rows=rows, started="2026-11-22T10:00:00+00:00", read=lambda: data,
        )  # fmt: skip
        return self.delivery.client.send(self.audience, batch)


def part(world, values, folder):
    """Return a part of these e-mail addresses, as preparation would write it without a limit."""
    shape = dataclasses.replace(world.shape, max_rows=len(values), max_bytes=1 << 40)
    identifier = "email" if shape.one_identifier else None
    folder.mkdir()
    writer = PartWriter(folder, shape, "add", ["email"], identifier=identifier)
    for value in values:
        writer.write([value])
    writer.close()
    (made,) = writer.parts
    return (folder / made.file).read_bytes()


def values(world, number):
    plain = [f"person{n}@example.com" for n in range(number)]
    return plain if world.slug == "klaviyo" else hashes(number)


@each("refused_rows")
def test_one_row_above_the_limit_is_refused_and_a_full_request_is_taken(world, tmp_path):
    most = DRIVERS[world.slug].most_rows
    assert world.shape.max_rows <= most, "we would send more than the platform takes"
    direct = Direct(world)
    with pytest.raises((SetupError, DataError), match="refused"):
        direct.send(part(world, values(world, most + 1), tmp_path / "over"), most + 1)
    assert world.members() == []
    direct.send(part(world, values(world, most), tmp_path / "full"), most)
    assert len(world.members()) == most


FILE_BYTES, JOB_BYTES = 50_000_000, 5_000_000  # TikTok's customer file [K]; Klaviyo's import job


def tiktok_file(size):
    """Return a prepared file whose upload, without its header, has `size` bytes."""
    lines = f"{hashes(1)[0]}\n".encode() * (size // 65)
    return b"email_SHA256\n" + lines + b"\n" * (size % 65)


def klaviyo_profiles(size):
    """Return `size` bytes of profiles, as many as hold them."""
    profiles = [
        {"type": "profile", "attributes": {"email": f"person{n}@example.com", "first_name": "x" * 90_000}}
        for n in range(size // 90_100 + 1)
    ]
    less = len(json.dumps(profiles)) - size
    profiles[0]["attributes"]["first_name"] = "x" * (90_000 - less)
    return json.dumps(profiles).encode(), len(profiles)


@each("refused_bytes")
def test_one_byte_above_the_limit_is_refused_and_a_full_request_is_taken(world):
    direct = Direct(world)
    if world.slug == "tiktok":
        assert world.shape.max_bytes <= FILE_BYTES
        over, full, rows = tiktok_file(FILE_BYTES + 1), tiktok_file(FILE_BYTES), FILE_BYTES // 65
    else:
        direct.send(b'[{"type":"profile","attributes":{"email":"person0@example.com"}}]', 1)
        around = len(world.http.sent[-1].body) - 65
        (over, rows), (full, _) = (klaviyo_profiles(JOB_BYTES - around + more) for more in (1, 0))
        assert world.shape.max_bytes + around <= JOB_BYTES
    before = world.members()
    with pytest.raises((SetupError, DataError), match=r"refused|too large"):
        direct.send(over, rows)
    assert world.members() == before
    direct.send(full, rows)
    assert world.members()
