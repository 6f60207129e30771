"""Servers, users and workflows; connectors are `local.transfer_connector`'s, so this is all of Transfer Family."""

from __future__ import annotations

import contextvars
import json
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from local.cloud import AssumeRoleDenied
from local.modelled import ServiceError
from local.transfer_connector import TransferConnectors
from local.transfer_server.listener import Listener, NotStored, public_key
from local.transfer_server.steps import PRINCIPAL, Execution, Upload

if TYPE_CHECKING:
    from local.modelled import Response

_SERVER_FACTS = (
    "Domain",
    "EndpointType",
    "IdentityProviderType",
    "LoggingRole",
    "Protocols",
    "SecurityPolicyName",
    "StructuredLogDestinations",
    "Tags",
    "WorkflowDetails",
)
_USER_FACTS = ("HomeDirectory", "HomeDirectoryMappings", "HomeDirectoryType", "Role", "Tags", "UserName")
_ONLY = {
    "Domain": "S3",
    "EndpointType": "PUBLIC",
    "IdentityProviderType": "SERVICE_MANAGED",
    "Protocols": ["SFTP"],
}
_STEP_TYPES = ("COPY", "CUSTOM", "TAG", "DELETE")
Kind = TypeVar("Kind")


@dataclass
class Server:
    """One server: what the API tells of it, its users by name, and its listener."""

    described: dict[str, Any]
    listener: Listener
    users: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Workflow:
    """One workflow and its executions by id."""

    described: dict[str, Any]
    executions: dict[str, Execution] = field(default_factory=dict)


class TransferFamily(TransferConnectors):
    """AWS Transfer Family: connectors, and servers whose uploads start managed workflows."""

    def reset(self) -> None:
        """Forget everything, and stop listening."""
        super().reset()
        for server in getattr(self, "servers", {}).values():
            server.listener.close()
        self.servers: dict[str, Server] = {}
        self.workflows: dict[str, Workflow] = {}

    def iam_resources(self, operation: str, request: dict[str, Any]) -> list[str]:
        """Return the ARN IAM is asked about: the user's, the server's, the workflow's or the connector's."""
        if request.get("ServerId") and request.get("UserName"):
            return [self.cloud.arn("transfer", f"user/{request['ServerId']}/{request['UserName']}")]
        if request.get("WorkflowId"):
            return [self.cloud.arn("transfer", f"workflow/{request['WorkflowId']}")]
        return super().iam_resources(operation, request)

    async def handle_address(self, method: str, path: str, *_: Any) -> Response:
        """Tell where a server really listens: `GET /_local/sftp/<server id>` gives `{host, port, host_key}`."""
        server = self.servers.get(path.rpartition("/")[2]) if method == "GET" else None
        if server is None:
            return 404, {"Content-Type": "application/json"}, b'{"message": "no such server"}'
        listener = server.listener
        place = {"host": "127.0.0.1", "port": listener.port, "host_key": listener.host_key}
        return 200, {"Content-Type": "application/json"}, json.dumps(place).encode()

    # --- servers -------------------------------------------------------------------------------------------
    def create_server(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make a server for SFTP and S3, and listen on loopback."""
        for name, value in _ONLY.items():
            if request.get(name, value) != value:
                raise ServiceError(
                    "InvalidRequestException", f"not implemented here: {name} other than {value}"
                )
        self._check_workflows(request)
        server_id = f"s-{uuid.uuid4().hex[:17]}"
        described = _ONLY | {name: request[name] for name in _SERVER_FACTS if name in request}
        described |= {
            "Arn": self.cloud.arn("transfer", f"server/{server_id}"),
            "ServerId": server_id,
            "State": "ONLINE",
        }
        context = contextvars.copy_context()  # account and Region, for uploads

        def store(user: str, path: str, file: Path, session: str) -> None:
            context.copy().run(self._store, server_id, user, path, file, session)

        listener = Listener(lambda user, key: self._may_log_in(server_id, user, key), store)
        self.servers[server_id] = Server(described, listener)
        return {"ServerId": server_id}

    def update_server(self, request: dict[str, Any]) -> dict[str, Any]:
        """Change what is named."""
        self._check_workflows(request)
        changes = {name: request[name] for name in _SERVER_FACTS if name in request}
        self._server(request).described.update(changes)
        return {"ServerId": request["ServerId"]}

    def describe_server(self, request: dict[str, Any]) -> dict[str, Any]:
        """Tell everything about a server."""
        server = self._server(request)
        return {"Server": {**server.described, "UserCount": len(server.users)}}

    def list_servers(self, request: dict[str, Any]) -> dict[str, Any]:
        """List the servers."""
        del request
        names = ("Arn", "Domain", "EndpointType", "IdentityProviderType", "ServerId", "State")
        return {
            "Servers": [
                {**{name: one.described[name] for name in names}, "UserCount": len(one.users)}
                for one in self.servers.values()
            ]
        }

    def delete_server(self, request: dict[str, Any]) -> None:
        """Delete a server with its users."""
        self._server(request).listener.close()
        del self.servers[request["ServerId"]]

    # --- users ---------------------------------------------------------------------------------------------
    def create_user(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make a user whose home is a folder of a bucket."""
        server = self._server(request)
        name = request["UserName"]
        if name in server.users:
            raise ServiceError("ResourceExistsException", f"User {name} exists.")
        user = {key: request[key] for key in _USER_FACTS if key in request}
        user["Arn"] = self.cloud.arn("transfer", f"user/{request['ServerId']}/{name}")
        user["SshPublicKeys"] = []
        home_of(user)
        server.users[name] = user
        if "SshPublicKeyBody" in request:
            self.import_ssh_public_key(request)
        return {"ServerId": request["ServerId"], "UserName": name}

    def import_ssh_public_key(self, request: dict[str, Any]) -> dict[str, Any]:
        """Let a key log in as the user."""
        body = request["SshPublicKeyBody"].strip()
        if len(body.split()) < 2:
            raise ServiceError("InvalidRequestException", "Unsupported or invalid SSH public key format")
        key_id = f"key-{uuid.uuid4().hex[:17]}"
        self._user(request)["SshPublicKeys"].append(
            {"SshPublicKeyId": key_id, "SshPublicKeyBody": body, "DateImported": 0}
        )
        return {name: request[name] for name in ("ServerId", "UserName")} | {"SshPublicKeyId": key_id}

    def describe_user(self, request: dict[str, Any]) -> dict[str, Any]:
        """Tell everything about a user."""
        return {"ServerId": request["ServerId"], "User": self._user(request)}

    def list_users(self, request: dict[str, Any]) -> dict[str, Any]:
        """List the users of a server."""
        users = [
            {"Arn": user["Arn"], "UserName": name, "SshPublicKeyCount": len(user["SshPublicKeys"])}
            for name, user in self._server(request).users.items()
        ]
        return {"ServerId": request["ServerId"], "Users": users}

    def delete_user(self, request: dict[str, Any]) -> None:
        """Delete a user."""
        self._user(request)
        del self._server(request).users[request["UserName"]]

    # --- workflows -----------------------------------------------------------------------------------------
    def create_workflow(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make a workflow of the steps there are."""
        for step in [*request["Steps"], *request.get("OnExceptionSteps", [])]:
            if step.get("Type") not in _STEP_TYPES:
                raise ServiceError(
                    "InvalidRequestException", f"not implemented here: step {step.get('Type')}"
                )
            if f"{step['Type'].title()}StepDetails" not in step:
                raise ServiceError("InvalidRequestException", f"A {step['Type']} step needs its details.")
        workflow_id = f"w-{uuid.uuid4().hex[:17]}"
        kept = ("Description", "Steps", "OnExceptionSteps", "Tags")
        described = {name: request[name] for name in kept if name in request}
        described |= {"WorkflowId": workflow_id, "Arn": self.cloud.arn("transfer", f"workflow/{workflow_id}")}
        self.workflows[workflow_id] = Workflow(described)
        return {"WorkflowId": workflow_id}

    def describe_workflow(self, request: dict[str, Any]) -> dict[str, Any]:
        """Tell everything about a workflow."""
        return {"Workflow": self._workflow(request).described}

    def list_workflows(self, request: dict[str, Any]) -> dict[str, Any]:
        """List the workflows."""
        del request
        return {
            "Workflows": [
                {name: one.described[name] for name in ("Arn", "WorkflowId")}
                for one in self.workflows.values()
            ]
        }

    def delete_workflow(self, request: dict[str, Any]) -> None:
        """Delete a workflow."""
        self._workflow(request)
        del self.workflows[request["WorkflowId"]]

    def list_executions(self, request: dict[str, Any]) -> dict[str, Any]:
        """List the executions of a workflow, oldest first."""
        executions = self._workflow(request).executions.values()
        return {"WorkflowId": request["WorkflowId"], "Executions": [one.listed() for one in executions]}

    def describe_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        """Tell how an execution fares, step by step."""
        described = self._execution(request).described()
        return {"WorkflowId": request["WorkflowId"], "Execution": described}

    def send_workflow_step_state(self, request: dict[str, Any]) -> None:
        """Take the answer of the custom step that waits for it."""
        execution = self._execution(request)
        if request["Token"] != execution.token:
            raise ServiceError("InvalidRequestException", "The token is not that of a step that waits.")
        execution.answer = request["Status"]
        execution.answered.set()

    # --- uploads -------------------------------------------------------------------------------------------
    def _may_log_in(self, server_id: str, user: str, key: str) -> bool:
        with self.lock:
            server = self.servers.get(server_id)
            found = server.users.get(user) if server else None
            known = found["SshPublicKeys"] if found else []
            return any(public_key(one["SshPublicKeyBody"]) == key for one in known)

    def _store(self, server_id: str, name: str, path: str, file: Path, session: str) -> None:
        """Put an uploaded file into S3 as its user's role, and start the server's workflow on it."""
        with self.lock:
            server = self.servers[server_id]
            user = dict(server.users[name])
        bucket, folder = home_of(user)
        key = f"{folder}{path}".lstrip("/")
        try:
            s3 = self.cloud.client("s3", user["Role"], PRINCIPAL)
            with file.open("rb") as body:
                stored = s3.put_object(Bucket=bucket, Key=key, Body=body)
        except (AssumeRoleDenied, ClientError, BotoCoreError) as error:
            raise NotStored("S3 did not take the file.") from error
        etag = stored["ETag"].strip('"')
        upload = Upload(bucket, key, stored.get("VersionId"), etag, name, server_id, session)
        for detail in (server.described.get("WorkflowDetails") or {}).get("OnUpload", []):
            with self.lock:
                workflow = self._workflow(detail)
                execution = Execution(workflow.described, detail["ExecutionRole"], upload)
                workflow.executions[execution.id] = execution
            self.cloud.run(lambda one=execution: one.run(self.cloud), name=f"workflow-{execution.id}")  # type: ignore[misc]  # a default binds the loop's value

    # --- what requests name --------------------------------------------------------------------------------
    def _check_workflows(self, request: dict[str, Any]) -> None:
        for detail in (request.get("WorkflowDetails") or {}).get("OnUpload", []):
            self._workflow(detail)

    def _server(self, request: dict[str, Any]) -> Server:
        return _known(self.servers, request["ServerId"], "server")

    def _user(self, request: dict[str, Any]) -> dict[str, Any]:
        return _known(self._server(request).users, request["UserName"], "user")

    def _workflow(self, request: dict[str, Any]) -> Workflow:
        return _known(self.workflows, request["WorkflowId"], "workflow")

    def _execution(self, request: dict[str, Any]) -> Execution:
        return _known(self._workflow(request).executions, request["ExecutionId"], "execution")


def _known(places: dict[str, Kind], name: str, kind: str) -> Kind:
    if name not in places:
        raise ServiceError("ResourceNotFoundException", f"Unknown {kind}: {name}")
    return places[name]


def home_of(user: dict[str, Any]) -> tuple[str, str]:
    """Return bucket and folder of a user: one mapping of `/`, or a home directory."""
    if user.get("HomeDirectoryType") == "LOGICAL":
        mappings = user.get("HomeDirectoryMappings") or []
        if [one["Entry"] for one in mappings] != ["/"]:
            raise ServiceError("InvalidRequestException", "not implemented here: mappings other than of /")
        home = mappings[0]["Target"]
    else:
        home = user.get("HomeDirectory", "")
    bucket, _, folder = home.strip("/").partition("/")
    if not bucket:
        raise ServiceError("InvalidRequestException", "The user has no home directory.")
    return bucket, folder
