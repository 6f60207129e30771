"""An audience is remembered with its name, and no other name is delivered to it."""

import pytest
from audiences.delivery.known import refuse_foreign, remember
from audiences.delivery.model import Prepared
from audiences.delivery.outcome import unreadable_result
from audiences.errors import SetupError

MANIFEST = {
    "platform": "meta", "audience": "Film lovers", "audience_key": "Film-lovers", "mode": "add", "counts": {},
    "removals": {}, "audience_size": {"before": 0, "after": 0}, "parts": [], "files": {}, "activation": "films",
}  # fmt: skip


class Store:
    def __init__(self):
        self.written = []

    def audience(self):
        return self.written[-1] if self.written else None

    def keep_audience(self, known):
        self.written.append(known)


def prepared(**change):
    return Prepared.from_json({**MANIFEST, **change}, run="r-1", prepared_at="2026-11-21")


def test_a_foreign_name_stops():
    with pytest.raises(SetupError, match=r"(?s)'Horror'.*another name"):
        refuse_foreign(prepared(), {"id": "1", "account": "", "name": "Horror"}, "audience.json")
    refuse_foreign(prepared(), {"id": "1", "account": "", "name": "Film lovers"}, "audience.json")
    refuse_foreign(prepared(), {"id": "1", "account": ""}, "audience.json")  # of a former version


def test_what_is_remembered_grows_and_loses_nothing():
    store = Store()
    remember(prepared(), store, "1", "act")
    first = {"id": "1", "account": "act", "name": "Film lovers", "activations": ["films"]}
    assert store.written == [first]
    store.written.append({**first, "more": 1})
    remember(prepared(activation="cinema"), store, "1", "act")
    assert store.written[2:] == [{**first, "activations": ["cinema", "films"], "more": 1}]
    for again in (None, "films"):
        remember(prepared(activation=again), store, "1", "act")
    assert len(store.written) == 3


@pytest.mark.parametrize("end", ["-abcdef", "-0123456789ab"])
def test_the_run_of_an_unreadable_manifest_is_read_from_its_folder(end):
    key = f"prepared/meta/Film-lovers/20261121-100001-abcdef{end}/manifest.json"
    assert unreadable_result(key, {"what": "w"})[0] == "20261121-100001-abcdef"
