"""Runs against build/oracles/uid2: [[field, value], …] on stdin, UID2's answers (null: refused) on stdout."""

import importlib.util
import json
import sys
from pathlib import Path

path = Path(sys.argv[1]) / "uid2_client/input_util.py"
module = importlib.util.module_from_spec(importlib.util.spec_from_file_location("uid2_input", path))
module.__spec__.loader.exec_module(module)


def answer(field, value):
    if field == "email":
        return module.normalize_email_string(value)
    return value if module.is_phone_number_normalized(value) else None


json.dump([answer(field, value) for field, value in json.load(sys.stdin)], sys.stdout)
