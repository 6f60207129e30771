"""Templates and workflows as data, read once."""

import json
from pathlib import Path

import pytest
from cfnlint.decode import cfn_yaml

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted([ROOT / "template.yaml", *(ROOT / "nested").glob("*.yaml")])
WORKFLOWS = sorted((ROOT / "statemachines").glob("*.asl.json"))


def load_template(path):
    return cfn_yaml.load(str(path))


def load_workflow(path):
    return json.loads(path.read_text())


@pytest.fixture(params=TEMPLATES, ids=lambda p: p.stem)
def template(request):
    return request.param, load_template(request.param)


@pytest.fixture(params=WORKFLOWS, ids=lambda p: p.stem)
def workflow(request):
    return request.param, load_workflow(request.param)
