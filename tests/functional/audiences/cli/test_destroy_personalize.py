"""The teardown command asks first, and says what it did."""

import io

import pytest
from audiences.cli import destroy_personalize
from audiences.errors import SetupError


class FakeService:
    """One dataset group, alone; gone at once."""

    def __init__(self):
        self.there = True

    def list(self, kind, _parent=None):
        group = {"name": "shop", "datasetGroupArn": "arn:shop"}
        return [group] if kind.camel == "DatasetGroup" and self.there else []

    def describe(self, _kind, _arn):
        return {"status": "ACTIVE"} if self.there else None

    def delete(self, _kind, _arn):
        self.there = False
        return True


@pytest.fixture
def service(monkeypatch):
    service = FakeService()
    monkeypatch.setattr(destroy_personalize, "Personalize", lambda: service)
    return service


def run(answer="", *arguments):
    out = io.StringIO()
    options = ["--dataset-group", "shop", "--wait-seconds", "0", *arguments]
    return destroy_personalize.main(options, io.StringIO(answer), out), out.getvalue()


def test_the_name_confirms(service):
    code, said = run("shop\n")
    assert (code, service.there) == (0, False)
    assert "arn:shop" in said
    assert "1 resources are gone" in said


def test_anything_else_deletes_nothing(service):
    code, said = run("yes\n")
    assert (code, service.there) == (1, True)
    assert "Nothing was deleted" in said


def test_yes_does_not_ask(service):
    assert run("", "--yes")[0] == 0
    assert not service.there


def test_no_such_group_is_a_success(service):
    service.there = False
    assert run("", "--yes")[0] == 0


def test_a_refusal_is_told(service, monkeypatch):
    def refuse(_kind, _arn):
        raise SetupError("Refused.", "No permission.")

    monkeypatch.setattr(service, "delete", refuse)
    code, said = run("", "--yes")
    assert code == 1
    assert "No permission" in said
