"""Runs against build/oracles/facebook-business: [[field, value], …] on stdin, its answers (null: refused) on stdout."""

import importlib.util
import json
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])  # for pycountry
path = Path(sys.argv[1]) / "facebook_business/adobjects/serverside/normalize.py"
module = importlib.util.module_from_spec(importlib.util.spec_from_file_location("normalize", path))
module.__spec__.loader.exec_module(module)
NAMES = {
    "email": "em",
    "phone": "ph",
    "first_name": "fn",
    "last_name": "ln",
    "city": "ct",
    "state": "st",
    "zip": "zp",
    "country": "country",
}


def answer(field, value):
    try:
        return module.Normalize.normalize_field_skip_hashing(NAMES[field], value) or None
    except (TypeError, ValueError):
        return None


json.dump([answer(field, value) for field, value in json.load(sys.stdin)], sys.stdout)
