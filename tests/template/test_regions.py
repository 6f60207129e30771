"""The Regions that a deployment accepts, and those the README lists, are those that AWS's own data names."""

import re

import boto3
import pytest
from cfnlint.helpers import REGIONS
from cfnlint.schema._exceptions import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.template.conftest import ROOT, TEMPLATES, load_template

# What only a part of the Regions has; botocore's endpoints know these services.
SERVICES = {
    "PersonalizeRunsHere": ["personalize"],
    "CustomerProfilesRunHere": ["personalize", "customer-profiles"],
}


def regions_of(services):
    session = boto3.Session()
    found = [set(session.get_available_regions(service)) for service in services]
    return sorted(set.intersection(*found))


def asserted(rule):
    template = load_template(ROOT / "template.yaml")
    listed, region = template["Rules"][rule]["Assertions"][0]["Assert"]["Fn::Contains"]
    assert region == {"Ref": "AWS::Region"}
    return listed


@pytest.mark.parametrize("rule", SERVICES)
def test_the_template_asserts_the_regions_of_botocore(rule):
    assert asserted(rule) == regions_of(SERVICES[rule])


def test_cloudformation_has_every_resource_type_in_every_accepted_region():
    """cfn-lint's copy of the CloudFormation registry judges: a type missing in a Region fails the stack (E3006)."""
    types = {r["Type"] for path in TEMPLATES for r in load_template(path)["Resources"].values()}
    own = {t for t in types if t.startswith("AWS::") and not t.startswith("AWS::Serverless::")}
    assert "AWS::CustomerProfiles::Domain" in own
    missing = []
    for region in asserted("CustomerProfilesRunHere"):
        assert region in REGIONS
        for kind in sorted(own):
            try:
                PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, kind)
            except ResourceNotFoundError:
                missing.append((region, kind))
    assert missing == []


def test_the_readme_lists_them():
    rows = re.findall(r"^\| ([^|]+) \| ((?:`[a-z0-9-]+`,? ?)+)\|$", (ROOT / "README.md").read_text(), re.M)
    listed = {title.strip(): re.findall(r"`([^`]+)`", regions) for title, regions in rows}
    assert listed == {
        "everything (the default)": asserted("CustomerProfilesRunHere"),
        "all but Customer Profiles": sorted(
            set(asserted("PersonalizeRunsHere")) - set(asserted("CustomerProfilesRunHere"))
        ),
    }
