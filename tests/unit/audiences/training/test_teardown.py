"""Teardown: users before the used, schemas of others left alone (M9: nothing was ever deleted)."""

import pytest
from audiences.errors import RetryLater
from audiences.training.resources import KINDS
from audiences.training.teardown import tear_down

GROUP = "arn:dataset-group/shop"
USES = {  # what must be gone before the deletion of the key is accepted
    "arn:solution/affinity": ["arn:filter/f", "arn:campaign/c"],
    "arn:dataset/shop/ITEMS": ["arn:solution/affinity"],
    GROUP: ["arn:dataset/shop/ITEMS", "arn:filter/f", "arn:solution/affinity", "arn:event-tracker/t"],
    "arn:schema/items": ["arn:dataset/shop/ITEMS"],
    "arn:schema/shared": ["arn:dataset/other/USERS"],
}


class FakeService:
    """Deletes slowly, and refuses what is still used, as Personalize does."""

    def __init__(self, patience=2):
        self.patience = patience
        self.left = {}
        self.deleted = []
        for arn in (
            *USES,
            "arn:filter/f",
            "arn:campaign/c",
            "arn:event-tracker/t",
            "arn:dataset/other/USERS",
        ):
            self.left[arn] = None  # not asked to go
        self.left["arn:dataset/shop/USERS"] = None

    def list(self, kind, parent_arn=None):
        if kind.camel == "Campaign" and parent_arn != "arn:solution/affinity":
            return []
        mine = [arn for arn in self.left if arn.startswith(f"arn:{kind.path}/") and "/other/" not in arn]
        return [{kind.arn_key: arn} for arn in mine]

    def describe(self, _kind, arn):
        if arn not in self.left:
            return None
        if self.left[arn] == 0:
            del self.left[arn]
            return None
        if self.left[arn] is not None:
            self.left[arn] -= 1
            return {"status": "DELETE IN_PROGRESS"}
        schema = "arn:schema/shared" if arn.endswith("USERS") else "arn:schema/items"
        return {"status": "ACTIVE", "schemaArn": schema}

    def delete(self, kind, arn):
        if any(user in self.left for user in USES.get(arn, [])):
            raise RetryLater("busy", "still used")
        self.deleted.append(arn)
        if kind is KINDS["schema"]:
            del self.left[arn]
        else:
            self.left[arn] = self.patience
        return True


def test_everything_goes_in_order_and_what_others_use_stays():
    service, said = FakeService(), []
    gone = tear_down(service, GROUP, lambda: None, said.append, 10)
    assert set(service.left) == {"arn:schema/shared", "arn:dataset/other/USERS"}
    assert gone == len(service.deleted) == 8
    assert service.deleted[-2:] == [GROUP, "arn:schema/items"]
    assert "kept arn:schema/shared: another dataset uses it" in said


def test_what_does_not_go_is_named():
    with pytest.raises(RetryLater, match="arn:filter/f"):
        tear_down(FakeService(patience=99), GROUP, lambda: None, lambda _text: None, 3)


def test_a_second_teardown_finds_nothing():
    service = FakeService()
    tear_down(service, GROUP, lambda: None, lambda _text: None, 10)
    service.list = lambda _kind, _parent=None: []
    assert tear_down(service, GROUP, lambda: None, lambda _text: None, 10) == 0
