"""Facts that a real account would teach: each named with its source, our client against the stand-in."""

import io

import pytest
from audiences.errors import SetupError
from audiences.preparation.plan import Inputs
from audiences.preparation.prepare import prepare
from audiences.preparation.request import Request
from audiences.preparation.sources import Source

from tests.contract.world import PEOPLE, World


def test_microsofts_terms_are_accepted_with_the_upload_where_the_secret_says_so(tmp_path):
    """AcceptCustomerMatchTerm: Microsoft's page CustomerListUserData; its Apply answers 8003 without."""
    world = World("microsoft", tmp_path)
    folder = world.prepare(range(PEOPLE))
    client = world.delivery(folder).client
    made = client.create_audience("Lovers")
    world.stand_in.misbehave("terms_not_accepted", times=99)
    with pytest.raises(SetupError, match="accept_terms"):
        world.delivery(folder).run()
    world.secret = type(world.secret)({**world.secret.values, "accept_terms": "yes"})
    assert world.delivery(folder).run().status == "succeeded"
    assert len(world.stand_in.members(made.id)) == PEOPLE
    world.secret = type(world.secret)({**world.secret.values, "accept_terms": "perhaps"})
    with pytest.raises(SetupError, match="neither yes nor no"):
        world.deliver(range(PEOPLE + 1))


def test_a_pinterest_list_holds_addresses_and_mobile_ids_of_both_kinds(tmp_path):
    """`records`: any combination of emails, MAIDs, or IDFAs (PyPI pinterest-generated-client 0.1.12)."""
    world = World("pinterest", tmp_path)
    rows = "".join(f"u{n},p{n}@example.com,{n:08x}-03ee-455a-b3c4-e57283966239,\n" for n in range(3))
    rows += "".join(f"u{n},,,{n:08x}-03ee-455a-b3c4-e57283966239\n" for n in range(3, 5))
    prepare(
        Request(platform="pinterest", audience="Lovers"),
        Inputs(
            segments=[Source("s.csv", lambda: io.BytesIO(b"user_id\nu0\nu1\nu2\nu3\nu4\n"))],
            identities=[Source("i.csv", lambda: io.BytesIO(b"user_id,email,idfa,gaid\n" + rows.encode()))],
        ),
        tmp_path / "mixed",
    )
    receipt = world.delivery(tmp_path / "mixed").run().receipt
    assert receipt["status"] == "succeeded"
    assert len(world.members()) == 3 + 5
