"""Every change made to MiniStack, and why. Nothing in templates or workflows bends to the emulator instead.

Written against MiniStack 1.5.33 (pinned). Each function below is one patch.
"""

from __future__ import annotations

import contextvars
import hashlib
import json
import logging
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime, router
from ministack.services import eventbridge, glue, lambda_svc, s3, sns, sqs, stepfunctions
from ministack.services.cloudformation import engine, provisioners

from local.cloud import Cloud, _trusts
from local.glue_jobs import run_job
from local.key_use import KeyDenied, KeyUse
from local.modelled import ModelledService, ServiceError
from local.step_functions_sdk import PRINCIPAL, TaskError, call
from local.workflow_rules import MOST_EVENTS, MOST_STATE_BYTES, find_refusals, size_of, too_large_variables

log = logging.getLogger("local")


def add_service(service: ModelledService) -> None:
    """Serve one stand-in: MiniStack has no Personalize, Pinpoint or Customer Profiles."""
    name = service.signing_name
    app.SERVICE_HANDLERS[name] = service.handle_request
    patterns: dict[str, Any] = {"credential_scope": name}
    if service.model.protocol == "json":
        patterns["target_prefixes"] = [service.model.metadata["targetPrefix"]]
    router.SERVICE_PATTERNS[name] = patterns
    iam_actions.SERVICE_TO_IAM_NAMESPACE[name] = name


def authorise_stand_ins(services: Mapping[str, ModelledService]) -> None:
    """Ask IAM about stand-ins' requests: MiniStack derives action and resource for its own services only."""
    original_action = iam_actions.extract_iam_action
    original_arn = iam_actions.extract_resource_arn

    def action(service: str, method: str, path: str, headers: Any, body: bytes, query: Any) -> str | None:
        stand_in = services.get(service)
        if stand_in is None:
            return original_action(service, method, path, headers, body, query)  # type: ignore[no-any-return]  # untyped
        matched = stand_in.match(method, path, headers)
        return f"{service}:{matched[0]}" if matched else None

    def arn(service: str, method: str, path: str, headers: Any, body: bytes, query: Any, *scope: str) -> str:
        stand_in = services.get(service)
        if stand_in is None:
            return str(original_arn(service, method, path, headers, body, query, *scope))
        try:
            operation, request = stand_in.parse(method, path, headers, body, query)
        except ServiceError:
            return "*"  # an unreadable request is refused by the service itself
        return stand_in.iam_resources(operation.name, request)[0]

    iam_actions.extract_iam_action = action
    iam_actions.extract_resource_arn = arn
    for name, service in services.items():
        app.SERVICE_HANDLERS[name] = _ask_for_the_rest(service)


def _ask_for_the_rest(service: ModelledService) -> Callable[..., Any]:
    """Ask IAM about a request's other resources, and about passing each role that it names."""

    async def handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        try:
            operation, request = service.parse(method, path, headers, body, query)
        except ServiceError:
            return await service.handle_request(method, path, headers, body, query)
        key = router.extract_access_key_id(headers, query)
        region = service.cloud.region
        asked: list[tuple[str, str, dict[str, str]]] = [
            (f"{service.signing_name}:{operation.name}", arn, {})
            for arn in service.iam_resources(operation.name, request)[1:]
        ]
        asked += [
            ("iam:PassRole", role, {"iam:PassedToService": service.passed_to}) for role in _roles_in(request)
        ]
        for action, arn, context in asked:
            if iam_evaluator.enforce(key, action, service.signing_name, region, arn, context):
                message = f"You are not authorized to perform: {action} on resource: {arn}"
                return ServiceError("AccessDeniedException", message, 403).as_response()
        return await service.handle_request(method, path, headers, body, query)

    return handle


def _roles_in(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    own = [v for k, v in value.items() if k.lower() == "rolearn" and isinstance(v, str)]
    return own + [role for v in value.values() for role in _roles_in(v)]


_ERROR = "__audience_relay_error__"


def name_lambda_errors() -> None:
    """Report a raised exception as AWS does: its class as errorType, and the environment stays warm.

    MiniStack says Runtime.HandlerError, which no `"ErrorEquals": ["RetryLater"]` matches, and discards the
    worker process, so that every retry would pay a cold start.
    """
    raised = '{"status": "error", "error": str(e), "trace": traceback.format_exc()}'
    named = (
        '{"status": "ok", "result": {"' + _ERROR + '": {"errorMessage": str(e), '
        '"errorType": type(e).__name__, "stackTrace": traceback.format_exc().splitlines()}}}'
    )
    if raised not in lambda_runtime._PYTHON_WORKER_SCRIPT:
        raise RuntimeError("MiniStack's worker script changed: look at name_lambda_errors again")
    lambda_runtime._PYTHON_WORKER_SCRIPT = lambda_runtime._PYTHON_WORKER_SCRIPT.replace(raised, named)
    original = lambda_svc._execute_function_warm

    def execute(func: Any, event: Any, request_id: str) -> Any:
        result = original(func, event, request_id)
        body = result.get("body")
        if isinstance(body, dict) and _ERROR in body:
            error = body[_ERROR]
            log.info("a function raised %s", error["errorType"])
            return {"body": error, "error": True, "log": result.get("log", "")}
        return result

    lambda_svc._execute_function_warm = execute


def share_unpacked_code(folder: Path) -> None:
    """Unpack each code zip once: MiniStack does it for every worker, which then compiles every module again."""
    lock = threading.Lock()

    class SharedZip(zipfile.ZipFile):
        """A zip whose content is linked from a folder named by its digest."""

        def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
            digest = hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()[:16]
            shared = folder / f"code-{digest}"
            with lock:
                if not shared.exists():
                    super().extractall(shared, members, pwd)
            Path(path).rmdir()
            Path(path).symlink_to(shared)

    lambda_runtime.zipfile = SimpleNamespace(
        ZipFile=SharedZip, BadZipFile=zipfile.BadZipFile, LargeFileError=zipfile.LargeZipFile
    )


def give_expressions_time() -> None:
    """Let JSONata take a minute: MiniStack's second of wall time also ends when a busy machine stands still.

    A workflow of a thousand looks, such as a run's report, then failed for no reason of its own.
    """
    compiled = stepfunctions.jsonata.Jsonata.jsonata

    def patient(expression: str, **given: Any) -> Any:
        return compiled(expression, **{**given, "timeout": 60_000})

    stepfunctions.jsonata.Jsonata.jsonata = patient


def hold_workflows_to_what_aws_allows() -> None:
    """Refuse, evaluate and limit as Step Functions does."""
    refuse_definitions_as_aws_does()
    give_succeed_states_an_output()
    limit_executions_as_aws_does()


def refuse_definitions_as_aws_does() -> None:
    """Check a state machine when it is made: MiniStack looks only whether its expressions can be read."""
    validate, substituted = stepfunctions._validate_definition_jsonata, provisioners._sfn_definition

    def validate_more(definition: Any) -> str | None:
        unread = validate(definition)
        return unread or "; ".join(find_refusals(definition or "{}")) or None

    def substitute_and_validate(properties: Any) -> str:
        definition = substituted(properties)
        refusal = validate_more(definition)
        if refusal:
            raise ValueError(f"Invalid State Machine Definition: {refusal}")
        return str(definition)

    stepfunctions._validate_definition_jsonata = validate_more
    provisioners._sfn_definition = substitute_and_validate


def give_succeed_states_an_output() -> None:
    """Evaluate the Output of a Succeed state: MiniStack hands its input on.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html (Output, JSONata)
    """
    apply = stepfunctions._apply_output_path

    def apply_or_evaluate(state: dict[str, Any], data: Any, ctx: Any = None) -> Any:
        jsonata = stepfunctions._state_query_language(state, ctx) == "JSONata"
        if state.get("Type") == "Succeed" and jsonata and "Output" in state:
            return stepfunctions._apply_jsonata_output(state, data, ctx)
        return apply(state, data, ctx)

    stepfunctions._apply_output_path = apply_or_evaluate


def limit_executions_as_aws_does() -> None:
    """Fail an execution whose data, variables or history are larger than Step Functions holds."""
    assign, add_event = stepfunctions._apply_state_assign, stepfunctions._add_event

    def assign_within_limits(state: Any, raw_input: Any, ctx: Any, **named: Any) -> None:
        assign(state, raw_input, ctx, **named)
        problem = too_large_variables((ctx or {}).get("variables") or {})
        if problem:
            raise stepfunctions._ExecutionError("States.DataLimitExceeded", problem)

    def add_event_within_limits(execution: Any, kind: str, *rest: Any, **named: Any) -> Any:
        if len(execution["events"]) >= MOST_EVENTS and not kind.startswith("Execution"):
            raise stepfunctions._ExecutionError(
                "States.Runtime", f"More than {MOST_EVENTS:,} history events."
            )
        return add_event(execution, kind, *rest, **named)

    stepfunctions._apply_state_assign = assign_within_limits
    stepfunctions._add_event = add_event_within_limits
    for name in ("_execute_pass", "_execute_task", "_execute_map", "_execute_parallel", "_execute_choice"):
        setattr(stepfunctions, name, _limiting_output(getattr(stepfunctions, name)))


def _limiting_output(execute: Callable[..., Any]) -> Callable[..., Any]:
    def execute_within_limits(*given: Any, **named: Any) -> Any:
        output, following = execute(*given, **named)
        if (size := size_of(output)) > MOST_STATE_BYTES:
            raise stepfunctions._ExecutionError(
                "States.DataLimitExceeded", f"The output has {size:,} bytes, {MOST_STATE_BYTES:,} at most."
            )
        return output, following

    return execute_within_limits


def scale_queue_delays(scale: float) -> None:
    """Hold delayed messages as much shorter as workflows wait: MiniStack holds them in real time."""
    send = sqs._act_send_message

    def send_scaled(data: dict[str, Any], url: str) -> Any:
        answer = send(data, url)
        for message in sqs._get_q(data.get("QueueUrl", url), "sqs:SendMessage")["messages"]:
            if message["id"] == answer["MessageId"] and not message["receive_count"]:
                message["visible_at"] = message["sent_at"] + scale * (
                    message["visible_at"] - message["sent_at"]
                )
        return answer

    sqs._act_send_message = sqs._HANDLERS["SendMessage"] = send_scaled


def add_version_ids() -> None:
    """Put the object's version into S3's EventBridge events, as AWS does for versioned buckets."""
    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event
    version: contextvars.ContextVar[str | None] = contextvars.ContextVar("version", default=None)

    def fire_with_version(*args: Any, **named: Any) -> None:
        token = version.set(named.get("version_id"))
        try:
            fire(*args, **named)
        finally:
            version.reset(token)

    def dispatch_with_version(event: dict[str, Any], *rest: Any) -> Any:
        if event.get("Source") == "aws.s3" and version.get():
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version.get()
            event = {**event, "Detail": json.dumps(detail)}
        return dispatch(event, *rest)

    s3._fire_s3_event = fire_with_version
    eventbridge._dispatch_event = dispatch_with_version


def refuse_long_keys() -> None:
    """Refuse object keys above 1,024 bytes of UTF-8, as S3 does: MiniStack takes any.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html (the limit),
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Error.html (KeyTooLongError, 400)
    """
    dispatch = s3._dispatch

    def dispatch_if_short(method: str, bucket: str, key: str, *rest: Any) -> Any:
        size = len(key.encode("utf-8", "surrogatepass"))
        if size <= 1_024:
            return dispatch(method, bucket, key, *rest)
        told = {"Size": str(size), "MaxSizeAllowed": "1024"}
        return s3._error("KeyTooLongError", "Your key is too long", 400, f"/{bucket}", told)

    s3._dispatch = dispatch_if_short


_role: contextvars.ContextVar[str | None] = contextvars.ContextVar("state_machine_role", default=None)


def run_state_machines_as_their_role(cloud: Cloud) -> None:
    """Enforce the state machine's role on each task: MiniStack calls targets inside the process, unasked."""
    execute_task = stepfunctions._execute_task
    invoke = stepfunctions._invoke_resource

    def execute(state_def: Any, raw_input: Any, execution: Any, ctx: Any) -> Any:
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"])
        token = _role.set(machine["roleArn"] if machine else None)
        try:
            return execute_task(state_def, raw_input, execution, ctx)
        finally:
            _role.reset(token)

    def invoke_as_role(resource: str, arguments: Any) -> Any:
        role = _role.get()
        if role is None:
            return invoke(resource, arguments)
        service, _, action = resource.rpartition(":::")[2].rpartition(":")
        try:
            integration = _integration(service, action)
            if integration:
                return integration(cloud, role, arguments)
        except TaskError as error:
            raise stepfunctions._ExecutionError(error.error, error.cause) from error
        if service == "lambda":
            function = lambda_svc._get_func_record_for_ref(arguments["FunctionName"])[1] or {}
            _require(cloud, role, "lambda:InvokeFunction", function.get("FunctionArn", "*"), "Lambda")
        if service == "states":
            _require(cloud, role, "states:StartExecution", arguments["StateMachineArn"], "StepFunctions")
        return invoke(resource, arguments)

    stepfunctions._execute_task = execute
    stepfunctions._invoke_resource = invoke_as_role


def _integration(service: str, action: str) -> Callable[[Cloud, str, Any], Any] | None:
    """Return how an integration is made with the role's credentials; None for those MiniStack makes."""
    if service.startswith("aws-sdk:"):
        return lambda cloud, role, given: call(cloud, role, service.removeprefix("aws-sdk:"), action, given)
    if (service, action) == ("events", "putEvents"):
        return _put_events
    if (service, action) == ("glue", "startJobRun.sync"):
        return _run_glue_job
    if service in ("sns", "sqs"):
        return lambda cloud, role, given: call(cloud, role, service, action, given)
    return None


def _put_events(cloud: Cloud, role: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Put events as the optimised integration does: Detail may be an object, a refusal fails the task."""
    entries = [
        {
            **entry,
            "Detail": entry["Detail"] if isinstance(entry["Detail"], str) else json.dumps(entry["Detail"]),
        }
        for entry in arguments["Entries"]
    ]
    result = call(cloud, role, "eventbridge", "putEvents", {"Entries": entries})
    if result.get("FailedEntryCount"):
        raise TaskError("EventBridge.FailedEntry", json.dumps(result["Entries"]))
    return result


def _require(cloud: Cloud, role_arn: str, action: str, resource: str, prefix: str) -> None:
    name = role_arn.rsplit("/", 1)[-1]
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{cloud.account}:assumed-role/{name}/states",
        principal_type="AssumedRole",
        principal_account=cloud.account,
        action=action,
        resource_arn=resource,
        region=cloud.region,
    )
    policies = iam_evaluator._gather_role_policies(name, cloud.account)
    if iam_evaluator.evaluate(context, policies).decision != "Allow":
        raise stepfunctions._ExecutionError(
            f"{prefix}.AccessDeniedException",
            f"{context.principal_arn} is not authorized to perform: {action} on resource: {resource}",
        )


def deliver_events_asynchronously() -> None:
    """Invoke Lambda targets of rules as AWS does: ask permission, retry twice, then the dead-letter queue."""

    def dispatch(arn: str, payload: str) -> None:
        func, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if not func or not config:
            log.warning("EventBridge target %s does not exist", arn)
            return
        found = lambda_svc.function_policy_for_arn(arn)
        statements = (found[0] if found else {}).get("Statement", [])
        allowed = any(
            s.get("Effect") == "Allow" and (s.get("Principal") or {}).get("Service") == "events.amazonaws.com"
            for s in statements
        )
        if not allowed:
            log.error("EventBridge may not invoke %s: it has no AWS::Lambda::Permission", arn)
            return
        record = lambda_svc._execution_record_for_config(func, config)
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))

    eventbridge._dispatch_to_lambda = dispatch


_denied_key: contextvars.ContextVar[tuple[str, str] | None] = contextvars.ContextVar(
    "denied_key", default=None
)


def ask_for_customer_keys(keys: KeyUse) -> None:
    """Let only those use something encrypted who may use its key: MiniStack asks about the thing alone."""
    handlers = provisioners._RESOURCE_HANDLERS
    for kind in ("AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::SecretsManager::Secret"):
        handlers[kind] = {**handlers[kind], "create": _noting(keys, kind, handlers[kind]["create"])}
    logs = handlers["AWS::Logs::LogGroup"]
    handlers["AWS::Logs::LogGroup"] = {**logs, "create": _checking_logs(keys, logs["create"])}
    iam_actions.access_denied_response = _naming_the_key(iam_actions.access_denied_response)
    iam_evaluator.enforce = _enforcing_key(keys, iam_evaluator.enforce)
    eventbridge._dispatch_to_sqs = _sending_encrypted(keys, eventbridge._dispatch_to_sqs)


def _enforcing_key(keys: KeyUse, enforce: Callable[..., Any]) -> Callable[..., Any]:
    def enforce_with_key(
        access_key: str,
        action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        denied = enforce(access_key, action, service, region, resource_arn, service_context)
        _denied_key.set(None)
        for needed, key in [] if denied else keys.needs(action, resource_arn):
            denied = enforce(access_key, needed, "kms", region, key)
            if denied:
                _denied_key.set((needed, key))
                break
        return denied

    return enforce_with_key


def _naming_the_key(refuse: Callable[..., Any]) -> Callable[..., Any]:
    def refuse_naming_the_key(
        service: str, action: str, principal: str, request_id: str, **named: Any
    ) -> Any:
        found = _denied_key.get()
        if found:
            named["message"] = str(KeyDenied(principal, *found))
            _denied_key.set(None)
        return refuse(service, action, principal, request_id, **named)

    return refuse_naming_the_key


def _sending_encrypted(keys: KeyUse, send: Callable[..., Any]) -> Callable[..., Any]:
    def send_encrypted(spec: Any, payload: Any, *rest: Any) -> None:
        key = keys.key_of(str(spec))
        try:
            if key:
                keys.require("events", key)
        except KeyDenied as denied:  # on AWS nobody hears of it, either
            log.error("EventBridge could not send to %s: %s", spec, denied)  # noqa: TRY400  # no bug here
            return
        send(spec, payload, *rest)

    return send_encrypted


def _checking_logs(keys: KeyUse, create: Callable[..., Any]) -> Callable[..., Any]:
    def create_if_allowed(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        if properties.get("KmsKeyId"):
            arn = keys.cloud.arn("logs", f"log-group:{properties.get('LogGroupName', '')}")
            keys.require("logs", properties["KmsKeyId"], context={"aws:logs:arn": arn})
        return create(logical_id, properties, stack)

    return create_if_allowed


def _noting(keys: KeyUse, kind: str, create: Callable[..., Any]) -> Callable[..., Any]:
    def create_and_note(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        name, attributes = create(logical_id, properties, stack)
        keys.note(kind, properties, name, attributes)
        return name, attributes

    return create_and_note


def expand_nested_templates() -> None:
    """Apply the SAM transform to nested stacks: MiniStack applies it to the stack deployed directly only."""
    parse = engine._parse_template

    def parse_and_expand(body: str) -> Any:
        return engine._apply_transforms(parse(body))

    # Nested stacks take the name from the engine; stacks deployed directly are expanded by their handler.
    engine._parse_template = parse_and_expand


def add_resource_types(handlers_by_type: dict[str, dict[str, Callable[..., Any]]]) -> None:
    """Provision CloudFormation types that MiniStack does not know."""
    provisioners._RESOURCE_HANDLERS.update(handlers_by_type)


def archive_handlers() -> dict[str, dict[str, Callable[..., Any]]]:
    """Return the handler of AWS::Events::Archive, which MiniStack has without CloudFormation."""

    def create(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        name = props.get("ArchiveName") or f"{stack_name}-{logical_id}"[:48]
        request = {
            "ArchiveName": name,
            "EventSourceArn": props["SourceArn"],
            "RetentionDays": int(props.get("RetentionDays", 0)),
            "EventPattern": json.dumps(props["EventPattern"]) if "EventPattern" in props else "",
        }
        status, _, body = eventbridge._create_archive(request)
        if status >= 400:
            raise ValueError(body.decode())
        return name, {"Arn": json.loads(body)["ArchiveArn"], "ArchiveName": name}

    def delete(physical_id: str, props: dict[str, Any]) -> None:
        del props
        eventbridge._delete_archive({"ArchiveName": physical_id})

    return {"AWS::Events::Archive": {"create": create, "delete": delete}}


def treat_loopback_as_tls() -> None:
    """Count loopback requests as TLS: there is no TLS here, and TLS-only policies hold here too."""
    pin = app.pin_request_origin

    def pin_secure(source_ip: str, secure_transport: bool) -> None:
        del secure_transport
        pin(source_ip, True)

    app.pin_request_origin = pin_secure


def run_glue_jobs(cloud: Cloud) -> None:
    """Run Spark jobs as subprocesses: without Docker, MiniStack calls them succeeded without a run."""

    def execute(run: dict[str, Any], job: dict[str, Any], arguments: dict[str, str], script: str) -> None:
        del script
        reason = run_job(cloud, job, {str(k): str(v) for k, v in arguments.items()})
        run["JobRunState"] = "FAILED" if reason else "SUCCEEDED"
        if reason:
            run["ErrorMessage"] = reason

    def is_spark_job(job: dict[str, Any]) -> bool:
        del job
        return False  # so that the branch that runs a script is taken

    def resolve_script(location: str) -> str:
        return location if location.endswith(".py") else f"{location}.py"

    glue._is_spark_job = is_spark_job
    glue._resolve_script = resolve_script
    glue._execute_subprocess = execute


def _run_glue_job(cloud: Cloud, role: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Start a job and wait for its end, as the optimised integration `glue:startJobRun.sync` does."""
    started = call(cloud, role, "glue", "startJobRun", arguments)
    ask = {"JobName": arguments["JobName"], "RunId": started["JobRunId"]}
    while True:
        run = dict(call(cloud, role, "glue", "getJobRun", ask)["JobRun"])
        if run["JobRunState"] == "SUCCEEDED":
            return run
        if run["JobRunState"] in ("FAILED", "STOPPED", "TIMEOUT", "ERROR"):
            raise TaskError("States.TaskFailed", json.dumps(run))
        time.sleep(0.2)


def glue_security_handlers() -> dict[str, dict[str, Callable[..., Any]]]:
    """Return the handler of AWS::Glue::SecurityConfiguration, which MiniStack's CloudFormation lacks."""

    def create(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        name = props.get("Name") or f"{stack_name}-{logical_id}"
        glue._create_security_configuration({**props, "Name": name})
        return name, {}

    def delete(physical_id: str, props: dict[str, Any]) -> None:
        del props
        glue._delete_security_configuration({"Name": physical_id})

    return {"AWS::Glue::SecurityConfiguration": {"create": create, "delete": delete}}


def secret_handlers() -> dict[str, dict[str, Any]]:
    """Return a handler whose Ref of a secret is its ARN, as on AWS: MiniStack's is the name, and IAM denies it."""
    original = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]

    def name_of(arn: str) -> str:
        return arn.rpartition(":secret:")[2].rpartition("-")[0] if ":secret:" in arn else arn

    def create(*given: Any) -> tuple[str, dict[str, str]]:
        _, attributes = original["create"](*given)
        return attributes["Arn"], attributes

    def update(physical_id: str, *given: Any, **named: Any) -> tuple[str, dict[str, str]]:
        _, attributes = original["update"](name_of(physical_id), *given, **named)
        return attributes["Arn"], attributes

    def delete(physical_id: str, props: dict[str, Any]) -> None:
        original["delete"](name_of(physical_id), props)

    handler = {**original, "create": create, "update": update, "delete": delete}
    return {"AWS::SecretsManager::Secret": handler}


def queue_source_handlers() -> dict[str, dict[str, Any]]:
    """Return a handler that takes numbers from parameters: MiniStack keeps text, and its poller stops."""
    original = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]

    def numbers(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: int(v) if isinstance(v, str) and v.isdigit() else numbers(v) for k, v in value.items()}
        return value

    def create(logical_id: str, props: dict[str, Any], *rest: Any) -> Any:
        return original["create"](logical_id, numbers(props), *rest)

    return {"AWS::Lambda::EventSourceMapping": {**original, "create": create}}


def capture_mail(mailbox: list[dict[str, str]]) -> None:
    """Keep what SNS would mail: MiniStack only logs e-mail subscriptions."""
    fanout = sns._fanout

    def capture(
        topic_arn: str, msg_id: str, message: str, subject: str, structure: str = "", *rest: Any, **more: Any
    ) -> None:
        topic = sns._topic_by_arn_any_scope(topic_arn)
        for subscription in (topic or {}).get("subscriptions", []):
            if subscription.get("protocol") == "email":
                body = json.loads(message)["email"] if structure == "json" and "email" in message else message
                mailbox.append({"topic": topic_arn, "subject": subject or "", "body": body})
        fanout(topic_arn, msg_id, message, subject, structure, *rest, **more)

    sns._fanout = capture


def serve_private_paths(routes: dict[str, Callable[..., Any]]) -> None:
    """Route paths under /_local/ (uploads, mailbox, reset) before AWS's own: they carry no AWS signature."""
    original = app._handle_post_body_shortcuts

    async def shortcuts(
        method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str
    ) -> Any:
        for prefix, handler in routes.items():
            if path.startswith(prefix):
                return await handler(method, path, headers, body, query)
        return await original(method, path, headers, body, query, request_id)

    app._handle_post_body_shortcuts = shortcuts


def require_trust(cloud: Cloud) -> None:
    """Refuse to start state machines whose role does not trust Step Functions (AWS does at creation)."""
    from ministack.services import iam

    start = stepfunctions._start_execution

    def start_trusted(data: dict[str, Any]) -> Any:
        machine = stepfunctions._state_machines.get(data.get("stateMachineArn", ""))
        if machine:
            role = iam._roles.get(machine["roleArn"].rsplit("/", 1)[-1])
            document = role["AssumeRolePolicyDocument"] if role else "{}"
            if not _trusts(document, PRINCIPAL, cloud.account, cloud.region):
                return (
                    400,
                    {"Content-Type": "application/json"},
                    json.dumps(
                        {
                            "__type": "AccessDeniedException",
                            "message": f"{machine['roleArn']} does not trust {PRINCIPAL}",
                        }
                    ).encode(),
                )
        return start(data)

    stepfunctions._start_execution = start_trusted
