"""Buckets tell EventBridge about uploads: no custom resource rewrites (or wipes) a bucket's notifications."""

from tests.template.conftest import ROOT, TEMPLATES, load_template


def test_uploads_are_announced_by_eventbridge_alone():
    root = load_template(ROOT / "template.yaml")["Resources"]
    announced = {
        name
        for name, body in root.items()
        if body["Type"] == "AWS::S3::Bucket" and "NotificationConfiguration" in body["Properties"]
    }
    assert announced == {"PersonalizeBucket", "SegmentImportBucket", "AudienceBucket"}
    for name in announced:
        notifications = root[name]["Properties"]["NotificationConfiguration"]
        assert notifications == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


def test_there_is_no_custom_resource():
    kinds = {body["Type"] for path in TEMPLATES for body in load_template(path)["Resources"].values()}
    assert not {kind for kind in kinds if kind.startswith("Custom::") or kind.endswith("::CustomResource")}
