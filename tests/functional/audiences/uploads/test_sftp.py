import csv
import hashlib
import io

import asyncssh
import pytest
from audiences.errors import SetupError


def deliver(uploads, connectors, connector_id, manifest, key="execution-1"):
    """Run the steps of send-files; returns (names of the steps, last answer)."""
    path = []
    for _ in range(20):
        outbox = uploads.step("stage_files", manifest, key)
        path.append("stage_files")
        if outbox["next"] == "finish":
            break
        asked = {
            "ConnectorId": connector_id,
            "SendFilePaths": outbox["paths"],
            "RemoteDirectoryPath": outbox["folder"],
        }
        transfer = connectors.start_file_transfer(asked)["TransferId"]
        told = connectors.list_file_transfer_results({"ConnectorId": connector_id, "TransferId": transfer})
        path += ["send", "record_transfer"]
        uploads.step("record_transfer", manifest, key, results=told["FileTransferResults"])
    return [*path, "write_receipt"], uploads.step("write_receipt", manifest, key)


def files(server):
    folder = server.root / "uploads" / "Action-lovers"
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_a_whole_audience_arrives_on_the_server_in_one_file(uploads, connectors, connector, server):
    manifest = uploads.prepare("liveramp", ["u1", "u2"], mode="mirror")

    path, told = deliver(uploads, connectors, connector(), manifest)

    assert path == ["stage_files", "send", "record_transfer", "stage_files", "write_receipt"]
    assert told == {"status": "succeeded"}
    ((name, text),) = files(server).items()
    assert name == "Action-lovers_20261122-090000-abc123-000001.csv"
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["email"] for row in rows} == {
        hashlib.sha256(f"person{n}@example.com".encode()).hexdigest() for n in (1, 2)
    }
    data = uploads.result()["data"]
    assert (data["received"], data["sent"], data["accepted"], data["pattern"]) == (2, 2, 2, "managed")
    assert uploads.keys("work/") == []


def test_adds_and_removals_are_files_of_their_own(uploads, connectors, connector, server):
    slug, connector_id = "salesforce_marketing_cloud", connector()
    deliver(uploads, connectors, connector_id, uploads.prepare(slug, ["u1", "u2"], mode="mirror"))
    uploads.settle(slug)
    later = uploads.prepare(slug, ["u2", "u3"], mode="mirror", run="20261123-090000-abc124")

    _, told = deliver(uploads, connectors, connector_id, later, "execution-2")

    names = [name.partition("abc124-")[2] for name in files(server) if "abc124" in name]
    assert names == ["000002_add_00001.csv", "000002_remove_00001.csv"]
    assert told == {"status": "succeeded"}


def test_more_than_ten_files_go_in_several_transfers(uploads, connectors, connector, server, monkeypatch):
    monkeypatch.setattr("stage_files.handler.MOST_PATHS", 1)
    monkeypatch.setattr("record_transfer.handler.MOST_PATHS", 1)
    slug, connector_id = "salesforce_marketing_cloud", connector()
    deliver(uploads, connectors, connector_id, uploads.prepare(slug, ["u1", "u2"], mode="mirror"))
    uploads.settle(slug)
    later = uploads.prepare(slug, ["u2", "u3"], mode="mirror", run="20261123-090000-abc124")

    path, _ = deliver(uploads, connectors, connector_id, later, "execution-2")

    assert path.count("send") == 2
    assert len(files(server)) == 3


def test_wrong_credentials_fail_the_delivery_with_their_reason(uploads, connectors, connector):
    manifest = uploads.prepare("liveramp", ["u1"], mode="mirror")

    with pytest.raises(SetupError, match="AUTHENTICATION_ERROR") as raised:
        deliver(uploads, connectors, connector(password="local-other"), manifest)

    assert "local-other" not in str(raised.value)


def test_an_unknown_host_key_is_not_trusted(uploads, connectors, connector, server):
    key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    other = " ".join(key.export_public_key("openssh").decode().split()[:2])
    manifest = uploads.prepare("liveramp", ["u1"], mode="mirror")

    with pytest.raises(SetupError, match="HOST_KEY_ERROR"):
        deliver(uploads, connectors, connector(host_keys=[other]), manifest)

    assert files(server) == {}


def test_a_folder_that_is_not_there_fails_the_delivery(uploads, connectors, connector, monkeypatch):
    monkeypatch.setenv("REMOTE_DIRECTORY", "/nowhere")
    manifest = uploads.prepare("liveramp", ["u1"], mode="mirror")

    with pytest.raises(SetupError, match="SFTP_ERROR"):
        deliver(uploads, connectors, connector(), manifest)


def test_a_repeat_after_a_lost_answer_overwrites_the_same_file(uploads, connectors, connector, server):
    connector_id = connector()
    manifest = uploads.prepare("liveramp", ["u1"], mode="mirror")
    outbox = uploads.step("stage_files", manifest)
    request = {
        "ConnectorId": connector_id,
        "SendFilePaths": outbox["paths"],
        "RemoteDirectoryPath": outbox["folder"],
    }
    connectors.start_file_transfer(request)  # and the execution ends here

    deliver(uploads, connectors, connector_id, manifest)

    assert len(files(server)) == 1


def test_a_connection_test_shows_the_key_to_trust(connectors, connector, server):
    told = connectors.test_connection({"ConnectorId": connector(host_keys=[])})

    assert told["Status"] == "ERROR"
    assert told["SftpConnectionDetails"]["HostKey"] == server.host_key
    assert connectors.test_connection({"ConnectorId": connector()})["Status"] == "OK"
