"""Runs against build/oracles/snap: [[field, value], …] on stdin, Snap's answers (null: refused) on stdout."""

import importlib.util
import json
import sys
from pathlib import Path

path = Path(sys.argv[1]) / "snap_business_sdk/capi_utils.py"
sys.modules["jellyfish"] = type(sys)("jellyfish")  # its soundex is for other fields than ours
module = importlib.util.module_from_spec(importlib.util.spec_from_file_location("snap_utils", path))
module.__spec__.loader.exec_module(module)
module.sha256 = str  # what is hashed, not the hash


def answer(field, value):
    normalise = module.norm_and_hash_phone_number if field == "phone" else module.norm_and_hash_string
    return normalise(value) or None


json.dump([answer(field, value) for field, value in json.load(sys.stdin)], sys.stdout)
