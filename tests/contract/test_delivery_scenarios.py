"""What is asked of a delivery, and what can come between: for every platform that it can happen to."""

import gzip
import json
from collections import Counter

import pytest
from audiences.delivery import find_uploader
from audiences.delivery.model import BatchResult
from audiences.errors import DataError, SetupError
from audiences.preparation.ledger import parts_of
from audiences.uploads.drop_client import PlaceExpiredError

from tests.contract.scenarios import each
from tests.contract.world import PEOPLE, World, as_hex, digests, manifest, row


def several(world, monkeypatch):
    """Let ten people be a request, so that a delivery is several of them."""
    world.limit(monkeypatch, max_rows=10)


@each("add")
def test_people_are_added_to_those_who_are_there(world):
    world.deliver(range(PEOPLE), "add")
    receipt = world.deliver(range(PEOPLE - 10, PEOPLE + 10), "add")
    assert world.holds(range(PEOPLE + 10))
    assert (receipt["sent"], receipt["unchanged"]) == (10, 10)


@each("remove")
def test_people_are_removed_and_the_others_stay(world):
    world.deliver(range(PEOPLE), "add")
    assert world.deliver(range(10), "remove")["status"] == "succeeded"
    assert world.holds(range(10, PEOPLE))


def filled_by_somebody_else(world):
    """Leave an audience of the name with twenty people in it, of which we know nothing."""
    world.deliver(range(PEOPLE, PEOPLE + 20), "add")
    for path in [*(world.folder / "home").rglob("ledger*"), *(world.folder / "home").glob("audience.json")]:
        if path.is_file():
            path.unlink()


@each("replace")
def test_a_mirror_of_an_audience_that_somebody_else_filled_takes_it_over_where_the_platform_can(world):
    filled_by_somebody_else(world)
    receipt = world.deliver(range(PEOPLE), ledger=False)
    if world.slug == "amazon":  # which lists no audiences: it is another one then
        assert world.audiences() == 2
    elif find_uploader(world.slug).replace:
        assert world.holds(range(PEOPLE))
    else:
        assert world.holds(range(PEOPLE + 20))
        assert "existed before" in receipt["platform_says"]["warnings"][0]


@each("deleted_audience")
@pytest.mark.parametrize("mode", ["add", "mirror"])
def test_after_an_audience_was_deleted_everybody_is_sent_to_the_new_one(world, mode):
    world.deliver(range(PEOPLE), mode)
    deleted(world)
    (world.folder / "home/audience.json").unlink()
    plain = world.slug == "klaviyo"  # it takes addresses plain, and the ledger has only their digests
    if plain:
        with pytest.raises(DataError, match=r"(?s)only a difference was prepared[\s\S]*Delete .*ledger"):
            world.deliver(range(5, PEOPLE + 5), mode)
        for path in (world.folder / "home").glob("ledger.*"):
            path.unlink()
    receipt = world.deliver(range(5, PEOPLE + 5), mode)
    assert world.holds(range(5 if mode == "mirror" or plain else 0, PEOPLE + 5))
    if not world.shape.whole and not plain:
        assert "everybody was sent again" in receipt["platform_says"]["warnings"][0]
    again = world.deliver(range(5, PEOPLE + 5), mode)
    assert world.shape.whole or again["sent"] == 0


def deleted(world):
    """Delete the audience at the platform by hand."""
    world.stand_in.audiences.clear()


@pytest.mark.parametrize("slug", ["meta", "google", "snap", "microsoft"])
def test_a_deleted_audience_is_told_in_plain_words_and_the_advice_ends_it(slug, tmp_path):
    world = World(slug, tmp_path)
    world.deliver(range(PEOPLE), "add")
    deleted(world)
    folder = world.prepare(range(PEOPLE + 5), "add")
    with pytest.raises(SetupError, match=r"(?s)not on \w+ any more[\s\S]*Delete .*audience.json"):
        world.delivery(folder).run()
    (world.folder / "home/audience.json").unlink()
    assert world.delivery(folder).run().status == "succeeded"
    assert world.holds(range(PEOPLE + 5))


def test_what_a_deleted_audience_had_taken_of_a_broken_run_is_sent_again(tmp_path, monkeypatch):
    world = World("meta", tmp_path)
    several(world, monkeypatch)
    world.deliver(range(PEOPLE), "add")
    folder = world.prepare(range(PEOPLE + 30), "add")
    delivery = world.delivery(folder)
    audience = delivery.open()
    delivery._send_one(audience, delivery.steps(audience)[0].batches[0])
    deleted(world)
    (world.folder / "home/audience.json").unlink()
    assert world.delivery(folder).run().status == "succeeded"
    assert world.holds(range(PEOPLE + 30))


@each("duplicates")
def test_people_named_twice_and_shared_addresses_are_sent_once(world):
    twin = row(3).replace("u3,", "u300,", 1)
    folder = world.prepare([*range(PEOPLE), *range(10), 300], customers=f"{twin}\n")
    for part in manifest(folder)["parts"]:
        data = (folder / part["file"]).read_bytes()
        rows = json.loads(data) if data[:1] in b"[{" else data.decode().splitlines()
        rows = rows["data"] if isinstance(rows, dict) else rows
        again = [one for one, times in Counter(json.dumps(one) for one in rows).items() if times > 1]
        assert not again
    receipt = world.delivery(folder).run().receipt
    assert receipt["status"] == "succeeded"
    assert receipt["received"] == PEOPLE + 11
    assert world.holds(range(PEOPLE))


@each("empty")
def test_nothing_to_send_sends_nothing(world):
    receipt = world.deliver(
        range(1000, 1003), customers="".join(f"u{n},,,yes,US\n" for n in range(1000, 1003))
    )
    assert (receipt["received"], receipt["sent"], receipt["rejected"]) == (3, 0, 3)
    assert receipt["batches"] == 0
    assert world.uploads() == []
    assert world.members() == []


@each("over_rows")
def test_one_row_too_many_is_another_request(world, monkeypatch):
    world.limit(monkeypatch, max_rows=PEOPLE - 1)
    folder = world.prepare(range(PEOPLE), "add")
    kinds = Counter(part["identifier"] for part in manifest(folder)["parts"])
    assert set(kinds.values()) == {2}
    assert max(part["rows"] for part in manifest(folder)["parts"]) == PEOPLE - 1
    assert world.delivery(folder).run().status == "succeeded"
    assert world.holds(range(PEOPLE))


@each("over_bytes")
def test_one_byte_too_many_is_another_request(world, monkeypatch):
    whole = manifest(world.prepare(range(PEOPLE), "add"))["parts"]
    size = max(part["bytes"] for part in whole)
    world.limit(monkeypatch, max_bytes=size - 1)
    folder = world.prepare(range(PEOPLE), "add")
    parts = manifest(folder)["parts"]
    assert len(parts) > len(whole)
    assert all((folder / part["file"]).stat().st_size < size for part in parts)
    assert world.delivery(folder).run().status == "succeeded"
    assert world.holds(range(PEOPLE))


@each("cut")
def test_an_answer_lost_at_any_point_loses_and_doubles_nobody(world, tmp_path, monkeypatch):
    several(world, monkeypatch)
    for number, trial in trials(world, tmp_path):
        trial.stand_in.misbehave("cut", skip=number)
        receipt = trial.deliver(range(PEOPLE))
        assert receipt["status"] == "succeeded"
        assert (receipt["accepted"], receipt["refused"]) == (PEOPLE, 0)
        assert trial.holds(range(PEOPLE))
        trial.stand_in.misbehave("cut", skip=1)
        trial.deliver(range(10, PEOPLE + 10))
        assert trial.holds(range(10, PEOPLE + 10))


@each("cut_at_creation")
def test_an_answer_lost_at_any_point_makes_no_second_audience(world, tmp_path):
    for number, trial in trials(world, tmp_path):
        trial.stand_in.misbehave("cut", skip=number)
        trial.deliver(range(PEOPLE))
        assert trial.audiences() == 1


SIGNED = {"authorization", "access-token", "ttd-auth"}


def trials(world, tmp_path, *, only_signed=False):
    """Yield (number, fresh world) for every request that a delivery makes, or every one with a token."""
    world.deliver(range(PEOPLE), "add" if only_signed else "mirror")
    asked = [one for one in world.http.sent if not only_signed or SIGNED & set(one.headers)]
    for number in range(len(asked)):
        yield number, World(world.slug, tmp_path / f"trial{number}")


def same_session(world, folder):
    """Check that every batch was taken once, whatever came between, and of one session."""
    assert world.delivery(folder).run().status == "succeeded"
    assert world.holds(range(PEOPLE))
    assert not [body for body, times in Counter(world.taken()).items() if times > 1]
    for one in world.stand_in.audiences.values():
        assert [entry["done"] for entry in one.info.get("sessions", {}).values()] in ([], [True])


@each("token_renewed")
def test_a_token_that_ends_at_any_point_is_renewed_and_the_session_goes_on(world, tmp_path, monkeypatch):
    several(world, monkeypatch)
    for number, trial in trials(world, tmp_path, only_signed=True):
        trial.stand_in.misbehave("token_expired", skip=number)
        same_session(trial, trial.prepare(range(PEOPLE), "add"))
        assert trial.secret.get("access_token") != world.secret.get("access_token")


@each("token_replaced")
def test_a_token_that_a_person_must_replace_stops_and_the_session_goes_on_later(world, tmp_path, monkeypatch):
    several(world, monkeypatch)
    for number, trial in trials(world, tmp_path, only_signed=True):
        folder = trial.prepare(range(PEOPLE), "add")
        trial.stand_in.misbehave("token_expired", times=2, skip=number)
        with pytest.raises(SetupError, match="refused the") as error:
            trial.delivery(folder).run()
        assert "rotate-a-secret" in error.value.fix
        trial.stand_in.troubles.clear()
        same_session(trial, folder)


@each("refresh_fails")
def test_a_token_that_cannot_be_renewed_asks_for_a_person_and_the_session_goes_on_later(world, monkeypatch):
    several(world, monkeypatch)
    folder = world.prepare(range(PEOPLE), "add")
    world.stand_in.misbehave("token_expired", skip=3)
    world.stand_in.misbehave("refresh_fails", times=0)
    with pytest.raises(SetupError, match="does not renew") as error:
        world.delivery(folder).run()
    assert "refresh_token" in error.value.fix
    with pytest.raises(SetupError, match="does not renew"):
        world.delivery(folder).run()
    world.stand_in.troubles.clear()
    same_session(world, folder)


@each("not_ready")
def test_an_audience_that_is_not_ready_is_waited_for_or_told(world):
    world.stand_in.misbehave("not_ready", times=3)
    started = world.now
    receipt = world.deliver(range(PEOPLE))
    told = receipt["platform_says"]
    assert receipt["status"] == "succeeded"
    assert world.holds(range(PEOPLE))
    match world.slug:
        case "meta":
            assert told["state"] == "updating"
        case "snap":
            assert (told["upload"], told["usable"]) == ("PROCESSING", "NOT_READY")
        case "linkedin":
            assert world.now - started >= 3 * 20
        case _:
            assert world.now - started >= 3


CARRIED = {"tiktok": "forbidden"}  # an error of the whole request; the others refuse rows


@each("error_in_success")
def test_an_error_inside_http_200_is_no_success(world):
    folder = world.prepare(range(PEOPLE))
    scenario = CARRIED.get(world.slug, "row_rejects")
    world.stand_in.misbehave(scenario, times=1, rows=PEOPLE)
    try:
        receipt = world.delivery(folder).run().receipt
    except SetupError as error:
        assert "40001" in error.what  # noqa: PT017  # one of two ways to say no
        assert world.members() == []
    else:
        assert receipt["rows"]["rejected"] >= PEOPLE
        assert receipt["status"] in ("partial", "failed")
    assert {answer.status for answer in world.http.answered} <= {200, 201}


@each("drop_url_expired")
def test_an_expired_address_is_replaced_and_the_same_bytes_are_sent(world):
    world.stand_in.misbehave("drop_url_expired", times=2)
    receipt = world.deliver(range(PEOPLE))
    puts = [request for request in world.http.sent if request.method == "PUT"]
    assert len({request.path for request in puts}) == len(puts) == 4  # e-mails at the third, then phones
    assert len({request.body for request in puts[:3]}) == 1
    assert receipt["status"] == "succeeded"
    assert world.holds(range(PEOPLE))


@each("drop_url_expired")
def test_an_address_ends_after_an_hour(world):
    delivery = world.delivery(world.prepare(range(PEOPLE)))
    audience = delivery.open()
    batch = delivery.steps(audience)[0].batches[0]
    place = delivery.client.open_place(audience, batch)
    world.now += 3_601
    with pytest.raises(PlaceExpiredError):
        delivery.client.publish(audience, batch, place)
    assert world.members() == []


@each("consent_denied")
def test_who_says_no_is_not_sent_and_is_taken_out(world):
    refused = f"{row(1, consent='no')}\n"
    assert world.deliver(range(PEOPLE), customers=refused)["reject_reasons"] == {"consent_denied": 1}
    assert world.holds([0, *range(2, PEOPLE)])
    world.deliver(range(PEOPLE), customers=f"{row(2, consent='no')}\n")
    assert world.holds([0, 1, *range(3, PEOPLE)])


@each("consent_missing")
def test_who_was_not_asked_in_the_eea_is_not_sent(world):
    rows = "".join(
        f"{row(n, consent='', country=place)}\n" for n, place in ((1, "DE"), (2, "NO"), (3, "GB"), (4, "US"))
    )
    receipt = world.deliver(range(PEOPLE), customers=rows)
    assert receipt["reject_reasons"] == {"consent_missing": 3}
    assert world.holds([0, *range(4, PEOPLE)])


TOO_SMALL = {
    "linkedin": ("state", "BUILDING"),
    "meta": ("usable", "Too small."),
    "pinterest": ("state", "TOO_SMALL"),
    "snap": ("usable", "TOO_FEW_USERS"),
    "tiktok": ("is_valid", False),
}  # what these tell; the others tell nothing of it


@each("below_minimum")
def test_too_few_people_are_warned_of_or_not_prepared(world):
    world.stand_in.polls = 0  # or Snap is still busy when it is asked
    folder = world.prepare(range(PEOPLE))
    assert f"of the {world.shape.minimum:,} people" in manifest(folder)["warnings"][0]
    told = world.delivery(folder).run().receipt["platform_says"]
    name, word = TOO_SMALL.get(world.slug, ("", None))
    assert told.get(name) == word
    with pytest.raises(DataError, match="would have"):
        world.prepare(range(PEOPLE), minimum=world.shape.minimum)


@each("cut")
def test_an_answer_lost_while_an_audience_is_taken_over_loses_and_doubles_nobody(
    world, tmp_path, monkeypatch
):
    several(world, monkeypatch)
    for number, trial in trials(world, tmp_path):
        filled_by_somebody_else(trial)
        trial.stand_in.misbehave("cut", skip=number)
        receipt = trial.deliver(range(PEOPLE), ledger=False)
        assert receipt["status"] == "succeeded"
        if find_uploader(trial.slug).replace:
            assert trial.holds(range(PEOPLE))


@each("held_back")
@pytest.mark.parametrize(
    ("mode", "people", "guards"),
    [
        ("mirror", range(3), {"fuse": 0.5}),
        ("mirror", range(PEOPLE + 5), {"minimum": PEOPLE + 20}),
        ("add", range(PEOPLE + 5), {"minimum": PEOPLE + 20}),
    ],
)
def test_what_a_guard_holds_back_keeps_nobody_who_said_no(world, monkeypatch, mode, people, guards):
    several(world, monkeypatch)
    world.deliver(range(PEOPLE), "add")
    said_no = f"{row(1, consent='no')}\n{row(PEOPLE - 1, consent='no')}\n"
    folder = world.prepare(people, mode, customers=said_no, optouts=(0, PEOPLE - 2), **guards)
    receipt = world.delivery(folder).run().receipt
    stay = range(2, PEOPLE - 2)
    assert receipt["status"] == "succeeded"
    assert world.holds(stay)
    assert held_by_ledger(world) == digests(world, stay)
    counts = [receipt[name] for name in ("sent", "rejected", "unchanged", "suppressed")]
    assert receipt["received"] == len(people) == sum(counts)
    assert receipt["reject_reasons"].get("held_back", 0) == max(0, len(people) - PEOPLE)
    again = world.deliver([*stay, PEOPLE + 7], "mirror", customers=said_no, optouts=(0, PEOPLE - 2))
    assert world.holds([*stay, PEOPLE + 7])
    assert again["sent"] == (1 if not world.shape.whole else PEOPLE - 3)


@each("held_back")
def test_what_others_delivered_meanwhile_stays_when_a_guard_holds_back(world):
    world.deliver(range(PEOPLE), "add")
    held = world.prepare(range(3), "mirror", optouts=(0,), fuse=0.5)
    newer = world.prepare(range(PEOPLE + 5), "add", optouts=(0,))
    world.delivery(newer).run()
    world.delivery(held).run()
    assert world.holds(range(1, PEOPLE + 5))
    assert held_by_ledger(world) == digests(world, range(1, PEOPLE + 5))


def held_by_ledger(world):
    """Return every digest the ledger has."""
    lines = gzip.decompress((world.folder / "home/ledger.tsv.gz").read_bytes()).decode().splitlines()
    return {
        as_hex(part.partition("=")[2].removeprefix("sha256:")) for line in lines for part in parts_of(line)
    }


def delete_ledger(world):
    for path in (world.folder / "home").glob("ledger.*"):
        path.unlink()


def damage(world, how):
    """Do to the ledger what people do."""
    ledger, home = world.folder / "home/ledger.tsv.gz", world.folder / "home"
    if how == "changed":  # its metadata as they were
        lines = gzip.decompress(ledger.read_bytes()).splitlines(keepends=True)
        ledger.write_bytes(gzip.compress(b"".join(lines[:5])))
        return
    metadata = json.loads((home / "ledger.metadata.json").read_text())
    delete_ledger(world)
    if how == "emptied":
        ledger.write_bytes(gzip.compress(b""))
    if how == "foreign":
        ledger.write_bytes(gzip.compress(b"f" * 64 + b"\temail=" + b"f" * 64 + b"\n"))
        (home / "ledger.metadata.json").write_text(
            json.dumps({**metadata, "sha256": "0" * 64, "home": "elsewhere/Others", "delivered_at": "2027"})
        )


@each("lost_ledger")
@pytest.mark.parametrize("how", ["gone", "emptied", "foreign", "changed"])
def test_a_copy_stands_in_for_a_ledger_that_is_not_what_was_written(world, how):
    world.deliver(range(PEOPLE), "add")
    damage(world, how)
    if how == "changed":
        with pytest.raises(DataError, match=r"(?s)not what the last delivery wrote.*Delete it and upload"):
            world.prepare(range(5, PEOPLE + 5))
        delete_ledger(world)
    with pytest.raises(DataError, match=f"would shrink from {PEOPLE} to 3 people"):
        world.prepare(range(3), fuse=0.5)
    folder = world.prepare(range(5, PEOPLE + 5), optouts=(6,))
    assert "the copy" in " ".join(manifest(folder)["warnings"])
    world.delivery(folder).run()
    stay = [5, *range(7, PEOPLE + 5)]
    assert world.holds(stay)
    assert held_by_ledger(world) == digests(world, stay)
    again = world.prepare(stay)
    assert "the copy" not in " ".join(manifest(again)["warnings"])
    assert world.shape.whole or manifest(again)["counts"]["unchanged"] == len(stay)


def lose(world):
    """Let the ledger be gone, and every copy expired."""
    damage(world, "gone")
    for path in [*(world.folder / "home/ledgers").glob("*"), *world.folder.glob("run*/manifest.json")]:
        path.unlink()


@each("lost_ledger")
def test_a_lost_list_is_replaced_or_asks_for_a_new_audience_and_then_all_is_well(world):
    world.deliver(range(PEOPLE), "add")
    lose(world)
    with pytest.raises(
        DataError, match=rf"(?s)shrink from {PEOPLE} to 3 people|is lost.*left {PEOPLE} people"
    ):
        world.prepare(range(3), fuse=0.5)
    if find_uploader(world.slug).replace:
        folder = world.prepare(range(5, PEOPLE + 5))
        assert "replaced by the segment as a whole" in " ".join(manifest(folder)["warnings"])
        world.delivery(folder).run()
    else:
        with pytest.raises(DataError, match="is lost"):
            world.prepare(range(5, PEOPLE + 5))
        begin_anew(world)
    assert world.holds(range(5, PEOPLE + 5))
    assert held_by_ledger(world) == digests(world, range(5, PEOPLE + 5))
    world.deliver(range(7, PEOPLE + 7), optouts=(8,))
    assert world.holds([7, *range(9, PEOPLE + 7)])


def begin_anew(world):
    """Do what the error says."""
    deleted(world)
    delete_ledger(world)
    (world.folder / "home/audience.json").unlink()
    with pytest.raises(DataError, match=f"would shrink from {PEOPLE} to 3 people"):
        world.prepare(range(3), fuse=0.5)
    assert world.deliver(range(5, PEOPLE + 5), fuse=0.5)["sent"] == PEOPLE


@each("lost_ledger")
def test_adding_to_a_lost_list_asks_for_a_new_audience_and_then_all_is_well(world):
    if world.shape.whole:
        return
    world.deliver(range(PEOPLE), "add")
    lose(world)
    for mode in ("add", "remove"):
        with pytest.raises(DataError, match="is lost"):
            world.prepare(range(5, PEOPLE + 5), mode)
    begin_anew(world)
    assert world.holds(range(5, PEOPLE + 5))
    assert world.deliver(range(5, PEOPLE + 6), "add")["sent"] == 1


@each("lost_ledger")
def test_a_ledger_lost_between_preparation_and_delivery_stops_or_costs_nobody(world):
    world.deliver(range(PEOPLE), "add")
    folder = world.prepare(range(5, PEOPLE + 5), "add")
    damage(world, "gone")
    world.delivery(folder).run()
    assert world.holds(range(PEOPLE + 5))
    assert held_by_ledger(world) == digests(world, range(PEOPLE + 5))


@each("removal_refused")
def test_whom_the_platform_would_not_let_go_is_taken_out_by_the_next_run(world, monkeypatch):
    several(world, monkeypatch)
    world.deliver(range(PEOPLE), "add")
    delivery = world.delivery(world.prepare(range(PEOPLE + 1), "mirror", optouts=range(3)))
    send = delivery.client.send

    def refuse_removals(audience, batch):
        if batch.operation != "remove":
            return send(audience, batch)
        named = tuple((row, "not now") for row in range(batch.rows))
        return BatchResult(accepted=0, rejected=batch.rows, reasons={"not now": batch.rows}, refused=named)

    monkeypatch.setattr(delivery.client, "send", refuse_removals)
    receipt = delivery.run().receipt
    assert receipt["status"] == "partial"
    assert receipt["rejects"]
    assert world.holds(range(PEOPLE + 1))
    assert held_by_ledger(world) == digests(world, range(PEOPLE + 1))
    world.deliver(range(PEOPLE + 1), "mirror", optouts=range(3))
    assert world.holds(range(3, PEOPLE + 1))
    assert held_by_ledger(world) == digests(world, range(3, PEOPLE + 1))
