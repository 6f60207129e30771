"""Connectors and their transfers."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.cloud import AssumeRoleDenied
from local.modelled import ModelledService, ServiceError
from local.transfer_connector.sftp import ConnectorError, Target, put_files, read_host_key, test_login

PRINCIPAL = "transfer.amazonaws.com"
SECRET_PREFIX = "aws/transfer/"  # noqa: S105  # the start of a name: the service reads no other secrets
SECONDS_OF_A_TRANSFER = 20.0


@dataclass
class Connector:
    """One connector, and its transfers by id: a list of file results each."""

    described: dict[str, Any]
    transfers: dict[str, list[dict[str, str]]] = field(default_factory=dict)


class TransferConnectors(ModelledService):
    """AWS Transfer Family's SFTP connectors."""

    service = "transfer"
    passed_to = PRINCIPAL
    validation_error = "InvalidRequestException"

    def reset(self) -> None:
        """Forget every connector."""
        self.connectors: dict[str, Connector] = {}

    def iam_resources(self, operation: str, request: dict[str, Any]) -> list[str]:
        """Return the ARN IAM is asked about: the connector's or the server's."""
        del operation
        for name, kind in (("ConnectorId", "connector"), ("ServerId", "server")):
            if request.get(name):
                return [self.cloud.arn("transfer", f"{kind}/{request[name]}")]
        return ["*"]

    def create_connector(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make a connector for an SFTP server."""
        if "SftpConfig" not in request or not request.get("Url", "").startswith("sftp://"):
            raise ServiceError("InvalidRequestException", "not implemented here: connectors other than SFTP")
        if not request["SftpConfig"].get("UserSecretId"):
            raise ServiceError("InvalidRequestException", "SftpConfig needs UserSecretId.")
        connector_id = f"c-{uuid.uuid4().hex[:17]}"
        kept = ("Url", "AccessRole", "LoggingRole", "SftpConfig", "SecurityPolicyName", "Tags")
        described = {name: request[name] for name in kept if name in request}
        arn = self.cloud.arn("transfer", f"connector/{connector_id}")
        described |= {
            "Arn": arn,
            "ConnectorId": connector_id,
            "Status": "ACTIVE",
            "EgressType": "SERVICE_MANAGED",
        }
        self.connectors[connector_id] = Connector(described)
        return {"ConnectorId": connector_id}

    def update_connector(self, request: dict[str, Any]) -> dict[str, Any]:
        """Change what is named; the rest of the SFTP settings stays."""
        described = self._connector(request).described
        changes = {name: value for name, value in request.items() if name != "ConnectorId"}
        if "SftpConfig" in changes:
            changes["SftpConfig"] = {**described["SftpConfig"], **changes["SftpConfig"]}
        described.update(changes)
        return {"ConnectorId": request["ConnectorId"]}

    def describe_connector(self, request: dict[str, Any]) -> dict[str, Any]:
        """Tell everything about a connector."""
        return {"Connector": self._connector(request).described}

    def list_connectors(self, request: dict[str, Any]) -> dict[str, Any]:
        """List the connectors."""
        del request
        return {
            "Connectors": [
                {name: one.described[name] for name in ("Arn", "ConnectorId", "Url")}
                for one in self.connectors.values()
            ]
        }

    def delete_connector(self, request: dict[str, Any]) -> None:
        """Delete a connector."""
        self._connector(request)
        del self.connectors[request["ConnectorId"]]

    def test_connection(self, request: dict[str, Any]) -> dict[str, Any]:
        """Try to log in; tells the server's host key, so that it can be trusted."""
        described = self._connector(request).described
        answer = {"ConnectorId": request["ConnectorId"], "Status": "ERROR", "StatusMessage": ""}
        try:
            host_key = read_host_key(described["Url"])
            answer["SftpConnectionDetails"] = {"HostKey": host_key}
            test_login(self._target(described))
        except ConnectorError as error:
            return {**answer, "StatusMessage": error.message}
        return {**answer, "Status": "OK", "StatusMessage": "Connection succeeded"}

    def start_file_transfer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send files in the background; the same name on the server is overwritten."""
        connector = self._connector(request)
        paths = request.get("SendFilePaths") or []
        if not paths or request.get("RetrieveFilePaths"):
            raise ServiceError(
                "InvalidRequestException", "not implemented here: transfers other than SendFilePaths"
            )
        transfer_id = str(uuid.uuid4())
        results = [{"FilePath": path, "StatusCode": "QUEUED"} for path in paths]
        connector.transfers[transfer_id] = results
        folder = request.get("RemoteDirectoryPath", "/")
        self.cloud.run(lambda: self._send(connector, folder, results), name=f"transfer-{transfer_id}")
        return {"TransferId": transfer_id}

    def list_file_transfer_results(self, request: dict[str, Any]) -> dict[str, Any]:
        """Tell how each file of a transfer fares."""
        results = self._connector(request).transfers.get(request["TransferId"])
        if results is None:
            raise ServiceError("ResourceNotFoundException", f"Unknown transfer {request['TransferId']}")
        start, size = int(request.get("NextToken", "0")), int(request.get("MaxResults", 1000))
        more = {"NextToken": str(start + size)} if start + size < len(results) else {}
        return {"FileTransferResults": results[start : start + size], **more}

    def _connector(self, request: dict[str, Any]) -> Connector:
        found = self.connectors.get(request["ConnectorId"])
        if found is None:
            raise ServiceError("ResourceNotFoundException", f"Unknown connector {request['ConnectorId']}")
        return found

    def _send(self, connector: Connector, folder: str, results: list[dict[str, str]]) -> None:
        with self.lock:
            for result in results:
                result["StatusCode"] = "IN_PROGRESS"
        self.cloud.wait(SECONDS_OF_A_TRANSFER)
        names = {result["FilePath"]: result["FilePath"].rpartition("/")[2] for result in results}
        try:
            s3 = self._client("s3", connector.described)
            outcome = put_files(
                self._target(connector.described), folder, names, lambda path: _read(s3, path)
            )
        except ConnectorError as error:
            outcome = dict.fromkeys(names, error)
        with self.lock:
            for result in results:
                problem = outcome[result["FilePath"]]
                result["StatusCode"] = "FAILED" if problem else "COMPLETED"
                if problem:
                    result.update(FailureCode=problem.code, FailureMessage=problem.message)

    def _client(self, service: str, described: dict[str, Any]) -> Any:
        try:
            return self.cloud.client(service, described["AccessRole"], PRINCIPAL)
        except AssumeRoleDenied as error:
            raise ConnectorError("ACCESS_DENIED", str(error)) from error

    def _target(self, described: dict[str, Any]) -> Target:
        config = described["SftpConfig"]
        try:
            answer = self._client("secretsmanager", described).get_secret_value(
                SecretId=config["UserSecretId"]
            )
            values = json.loads(answer["SecretString"])
        except (ClientError, BotoCoreError, ValueError) as error:
            raise ConnectorError(
                "SECRET_ERROR", f"The secret cannot be used: {type(error).__name__}."
            ) from error
        if not answer["Name"].startswith(SECRET_PREFIX):
            raise ConnectorError("SECRET_ERROR", f"The secret's name does not begin with {SECRET_PREFIX}.")
        if not values.get("Username"):
            raise ConnectorError("SECRET_ERROR", "The secret has no Username.")
        keys = tuple(config.get("TrustedHostKeys") or ())
        return Target(
            described["Url"], values["Username"], values.get("Password"), values.get("PrivateKey"), keys
        )


def _read(s3: Any, path: str) -> bytes:
    bucket, _, key = path.lstrip("/").partition("/")
    try:
        body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except (ClientError, BotoCoreError) as error:
        raise ConnectorError(
            "ACCESS_DENIED", f"The file cannot be read from S3: {type(error).__name__}."
        ) from error
    return body
