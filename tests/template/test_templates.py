"""Templates hold together: everything they name exists, and permissions are as small as they can be."""

import importlib.util
import json
import re
import sys

import pytest

from tests.template.conftest import ROOT, TEMPLATES, load_template

FUNCTIONS = ROOT / "functions"


def resources(template, kind):
    shared = template.get("Globals", {}).get("Function", {}) if kind == "AWS::Serverless::Function" else {}
    return {
        name: {**shared, **body.get("Properties", {})}
        for name, body in template["Resources"].items()
        if body["Type"] == kind
    }


def statements(value):
    """Every policy statement below a value."""
    if isinstance(value, dict):
        if "Effect" in value and ("Action" in value or "NotAction" in value):
            yield value
        for child in value.values():
            yield from statements(child)
    elif isinstance(value, list):
        for child in value:
            yield from statements(child)


def as_list(value):
    return value if isinstance(value, list) else [value]


def test_every_handler_is_there(template):
    path, body = template
    for name, properties in resources(body, "AWS::Serverless::Function").items():
        module, _, function = properties["Handler"].rpartition(".")
        file = FUNCTIONS / (module.replace(".", "/") + ".py")
        assert file.is_file(), f"{path.name} {name}: {file} is missing"
        spec = importlib.util.find_spec(module)
        assert spec is not None
        assert f"def {function}(" in file.read_text()


def test_every_function_is_used():
    used = set()
    for path in TEMPLATES:
        for properties in resources(load_template(path), "AWS::Serverless::Function").values():
            used.add(properties["Handler"].split(".")[0])
    there = {p.parent.name for p in FUNCTIONS.glob("*/handler.py")}
    assert used == there


def test_no_template_lets_a_function_deliver_to_stand_ins():
    """Only the embedded AWS may say that this machine is an ad platform."""
    for path in [*TEMPLATES, *ROOT.glob("samconfig*"), *(ROOT / "statemachines").glob("*")]:
        assert "AUDIENCES_STAND_INS" not in path.read_text(), path


def test_handlers_are_thin():
    for file in FUNCTIONS.glob("*/handler.py"):
        assert len(file.read_text().splitlines()) <= 60, f"{file} has more than 60 lines"


def test_every_function_is_the_one_asset_on_a_current_runtime(template):
    path, body = template
    for name, properties in resources(body, "AWS::Serverless::Function").items():
        if body["Resources"][name].get("Metadata", {}).get("BuildMethod") == "makefile":
            code = FUNCTIONS  # the one whose build makes the asset
        else:
            code = ROOT / "build/lambda-asset.zip"
        assert (path.parent / properties["CodeUri"]).resolve() == code, f"{path.name} {name}"
        assert properties["Runtime"] == "python3.13"
        assert properties["Architectures"] == ["arm64"]
        assert properties["Tracing"] == "Active"
        assert "LogGroup" in properties.get("LoggingConfig", {}), f"{path.name} {name} has no log group"


def test_exactly_one_function_makes_the_asset():
    makers = [
        name
        for path in TEMPLATES
        for name, body in load_template(path)["Resources"].items()
        if body.get("Metadata", {}).get("BuildMethod") == "makefile"
    ]
    assert makers == ["CollectRunFunction"]


def test_every_log_group_is_encrypted_and_expires(template):
    path, body = template
    for name, properties in resources(body, "AWS::Logs::LogGroup").items():
        assert "RetentionInDays" in properties, f"{path.name} {name}"
        assert "KmsKeyId" in properties, f"{path.name} {name}"


def test_every_queue_is_encrypted(template):
    path, body = template
    for name, properties in resources(body, "AWS::SQS::Queue").items():
        assert "KmsMasterKeyId" in properties, f"{path.name} {name}"


def test_every_workflow_file_is_there_and_every_substitution_is_given_and_used(template):
    path, body = template
    for name, properties in resources(body, "AWS::Serverless::StateMachine").items():
        file = (path.parent / properties["DefinitionUri"]).resolve()
        assert file.is_file(), f"{path.name} {name}: {file} is missing"
        wanted = set(re.findall(r"\$\{([A-Za-z0-9]+)\}", file.read_text()))
        given = set(properties.get("DefinitionSubstitutions", {}))
        assert wanted == given, f"{path.name} {name}: {wanted ^ given} do not match"
        assert properties.get("Tracing", {}).get("Enabled") is True
        assert properties.get("Logging", {}).get("Level") == "ERROR"
        assert properties["Logging"].get("IncludeExecutionData") is False, "state input may not enter logs"


def test_no_permission_is_wider_than_needed(template):
    path, body = template
    for kind in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine", "AWS::IAM::Role"):
        for name, properties in resources(body, kind).items():
            for statement in statements(properties):
                actions = as_list(statement["Action"])
                assert not any(a == "*" or a.endswith(":*") for a in actions), (
                    f"{path.name} {name}: {actions}"
                )


def test_every_star_has_its_reason_beside_it(template):
    path, _ = template
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        if re.search(r'Resource: \[?"\*"', line):
            near = lines[max(0, number - 14) : number + 1]  # a comment heads its statement
            start = max((i for i, x in enumerate(near) if "- Sid:" in x), default=0)
            assert any("#" in x for x in near[max(0, start - 3) :]), (
                f"{path.name}:{number + 1}: no reason for *"
            )


def test_arns_are_partition_region_and_account_aware(template):
    path, body = template
    text = path.read_text()
    assert "arn:aws:" not in re.sub(r"arn:aws:personalize:::recipe/\S+", "", text), path.name
    assert not re.search(r"\b(us|eu|ap)-[a-z]+-\d\b", json.dumps(body.get("Resources"), default=str)), (
        path.name
    )


def test_roles_that_touch_a_bucket_may_use_its_key(template):
    path, body = template
    for kind in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine", "AWS::IAM::Role"):
        for name, properties in resources(body, kind).items():
            actions = {
                a for s in statements(properties) for a in as_list(s["Action"]) if s["Effect"] == "Allow"
            }
            if actions & {"s3:GetObject", "s3:GetObjectVersion"}:
                assert "kms:Decrypt" in actions, f"{path.name} {name} reads objects and may not decrypt them"
            if "s3:PutObject" in actions:
                assert any(a.startswith("kms:GenerateDataKey") for a in actions), f"{path.name} {name}"


def test_every_rule_keeps_what_it_cannot_deliver(template):
    path, body = template
    for name, properties in resources(body, "AWS::Events::Rule").items():
        for target in properties["Targets"]:
            assert "DeadLetterConfig" in target, f"{path.name} {name}"


def test_every_function_started_by_a_rule_keeps_what_failed(template):
    path, body = template
    functions = resources(body, "AWS::Serverless::Function")
    for properties in resources(body, "AWS::Events::Rule").values():
        for target in properties["Targets"]:
            name = target["Arn"]["Fn::GetAtt"][0]
            if name not in functions:  # a queue, which keeps messages itself
                assert "RedrivePolicy" in resources(body, "AWS::SQS::Queue")[name], f"{path.name} {name}"
                continue
            function = functions[name]
            on_failure = function.get("EventInvokeConfig", {}).get("DestinationConfig", {})
            assert "DeadLetterQueue" in function or "OnFailure" in on_failure, f"{path.name} {target['Id']}"
    for name, properties in functions.items():
        assert not properties.get("Events"), f"{path.name} {name}: a rule of its own has a dead-letter queue"


def test_buckets_are_private_encrypted_versioned_and_tls_only():
    body = load_template(ROOT / "template.yaml")
    buckets = resources(body, "AWS::S3::Bucket")
    assert {"PersonalizeBucket", "SegmentImportBucket", "AudienceBucket"} <= set(buckets)
    for name, properties in buckets.items():
        assert all(properties["PublicAccessBlockConfiguration"].values()), name
        assert "BucketEncryption" in properties
        if name != "AccessLogBucket":
            assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
            encryption = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
            assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    policies = resources(body, "AWS::S3::BucketPolicy").values()
    denied = {
        p["Bucket"]["Ref"]
        for p in policies
        for s in statements(p)
        if s["Effect"] == "Deny" and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    assert denied == set(buckets)


def test_root_outputs_are_the_contract():
    outputs = set(load_template(ROOT / "template.yaml")["Outputs"])
    assert outputs >= {
        "PersonalizeBucketName",
        "SegmentImportBucket",
        "AudienceBucketName",
        "EventBusName",
        "NotificationTopicArn",
    }


def test_root_gives_each_nested_stack_exactly_its_parameters():
    body = load_template(ROOT / "template.yaml")
    nested = resources(body, "AWS::Serverless::Application")
    assert nested
    for name, properties in nested.items():
        child = load_template(ROOT / properties["Location"])
        given = set(properties.get("Parameters", {}))
        known = set(child.get("Parameters", {}))
        required = {p for p, v in child.get("Parameters", {}).items() if "Default" not in v}
        assert given <= known, f"{name}: {given - known} are unknown to {properties['Location']}"
        assert required <= given, f"{name}: {required - given} are missing"


def test_every_nested_template_is_deployed_by_the_root():
    body = load_template(ROOT / "template.yaml")
    used = {
        (ROOT / p["Location"]).resolve() for p in resources(body, "AWS::Serverless::Application").values()
    }
    assert used == {p.resolve() for p in (ROOT / "nested").glob("*.yaml")}


def test_templates_use_no_yaml_aliases():
    # CloudFormation does not read them:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
    for path in TEMPLATES:
        assert not re.search(r"(^|[\s\[{,])[&*][A-Za-z][\w-]*(\s|$)", path.read_text()), path.name


@pytest.fixture(autouse=True)
def _functions_on_path(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(FUNCTIONS), *sys.path])


WAITED_FOR = {"ExportEndpoints"}  # the workflow that started it catches its failure and says so


def test_somebody_hears_of_what_no_mail_can_tell(template):
    """A workflow that ran into its longest time, and an event that nobody could handle, record no failure."""
    path, body = template
    watched = [
        (alarm["MetricName"], json.dumps(alarm["Dimensions"]))
        for alarm in resources(body, "AWS::CloudWatch::Alarm").values()
        if alarm["AlarmActions"]
    ]
    machines = resources(body, "AWS::Serverless::StateMachine").keys() - WAITED_FOR
    wanted = [("ExecutionsTimedOut", name) for name in machines]
    wanted += [
        ("ApproximateNumberOfMessagesVisible", name)
        for name in resources(body, "AWS::SQS::Queue")
        if name.startswith("Un")  # UnhandledEvents, UndeliveredQueue: dead letters
    ]
    for metric, name in wanted:
        assert any(metric == found and name in where for found, where in watched), (path.name, metric, name)


def test_only_pinpoints_own_stacks_know_pinpoint():
    """The service ended: a default deployment must not depend on its integrations, actions or principal."""
    for path in TEMPLATES:
        text = path.read_text()
        if path.name.startswith("pinpoint-"):
            assert "mobiletargeting:" in text
            continue
        used = [ROOT / "statemachines" / name for name in re.findall(r"statemachines/([a-z.-]+\.json)", text)]
        for part in [text, *(machine.read_text() for machine in used)]:
            assert not re.search(r"mobiletargeting|pinpoint\.amazonaws|aws-sdk:pinpoint", part), path.name
        assert not any(
            body["Type"].startswith("AWS::Pinpoint") for body in load_template(path)["Resources"].values()
        )


def test_every_queue_is_reached_by_tls_only(template):
    path, body = template
    policies = resources(body, "AWS::SQS::QueuePolicy").values()
    for queue in resources(body, "AWS::SQS::Queue"):
        denied = [
            s
            for p in policies
            for s in statements(p)
            if s["Effect"] == "Deny" and queue in json.dumps(s["Resource"])
        ]
        assert any(s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for s in denied), (
            path.name,
            queue,
        )


def test_the_domains_name_is_short_however_long_the_stacks_is():
    """A domain has 64 characters at most, a stack 128: its name comes from the stack's id, not from its name."""
    body = load_template(ROOT / "template.yaml")
    given = body["Resources"]["CustomerProfilesImport"]["Properties"]["Parameters"]
    text, values = given["NewCustomerProfilesDomainName"]["Fn::Sub"]
    assert "AWS::StackName" not in json.dumps([text, values])
    assert len(text.replace("${Id}", "01234567")) <= 64


def test_the_readme_says_how_a_domain_becomes_visible():
    step = (ROOT / "README.md").read_text().split("### Step 4")[1].split("### Clean up")[0]
    assert "`CustomerProfilesDomainName`" in step
    assert "Enable" in step


def test_a_flow_is_made_after_the_bucket_lets_appflow_in():
    body = load_template(ROOT / "template.yaml")
    policy = body["Resources"]["AudienceBucketPolicy"]
    assert "appflow.amazonaws.com" in json.dumps(policy)
    assert "AudienceBucketPolicy" in as_list(body["Resources"]["SalesforceDelivery"]["DependsOn"])
